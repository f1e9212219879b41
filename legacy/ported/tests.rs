//! The program's own tests, as legacy suites are: a database in memory each, nothing known of PostgreSQL.
//!
//! `cargo test -p portal-ported` runs them on SQLite, `sqlift temp-postgres -- cargo test -p portal-ported` on PostgreSQL.

use rusqlite::{Connection, Result};

use crate::audit::{self, Event};
use crate::db;
use crate::random::Random;
use crate::sessions::{self, Login};
use crate::types::Uuid;

const NOW: i64 = db::NOW;

fn portal() -> Connection {
    let mut conn = Connection::open_in_memory().unwrap();
    db::upgrade(&mut conn, "sessions", sessions::MIGRATIONS).unwrap();
    db::upgrade(&mut conn, "audit", audit::MIGRATIONS).unwrap();
    sessions::add_user(&conn, "amir", Some("Amir"), "secret").unwrap().expect("the login is free");
    conn
}

fn token(conn: &mut Connection) -> String {
    match sessions::log_in(conn, "amir", "secret", None, NOW, &mut Random::new(1)).unwrap() {
        Login::Welcome(token) => token,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_login_is_taken_once() {
    let conn = portal();
    assert_eq!(sessions::add_user(&conn, "amir", None, "again").unwrap(), None);
    assert_eq!(db::count(&conn, "users").unwrap(), 1);
}

#[test]
fn the_fifth_wrong_password_locks() {
    let mut conn = portal();
    let mut random = Random::new(2);
    for failures in 1..=5 {
        let login = sessions::log_in(&mut conn, "amir", "wrong", None, NOW, &mut random).unwrap();
        assert_eq!(login, Login::WrongPassword { failures });
    }
    assert_eq!(sessions::log_in(&mut conn, "amir", "secret", None, NOW, &mut random).unwrap(), Login::Locked);
    assert_eq!(sessions::log_in(&mut conn, "nobody", "secret", None, NOW, &mut random).unwrap(), Login::Unknown);
    assert_eq!(sessions::expire(&conn, NOW).unwrap(), (0, 1), "without sessions the user is unlocked");
}

#[test]
fn sessions_end() {
    let mut conn = portal();
    let token = token(&mut conn);
    assert_eq!(sessions::authenticate(&conn, &token, NOW + 60).unwrap().as_deref(), Some("amir"));
    assert_eq!(sessions::revoke_all(&conn, "amir", NOW + 120).unwrap(), 1);
    assert_eq!(sessions::authenticate(&conn, &token, NOW + 180).unwrap(), None);
    assert_eq!(sessions::expire(&conn, NOW + sessions::HOUR).unwrap().0, 0);
    assert_eq!(sessions::expire(&conn, NOW + 2 * sessions::HOUR).unwrap().0, 1);
}

/// Logs everybody out and notes it in the trail, in the caller's transaction: the first is ported, the second is not.
fn lock_out(conn: &Connection, login: &str) -> Result<usize> {
    let revoked = sessions::revoke_all(conn, login, NOW)?;
    conn.execute(
        "INSERT INTO audit_events (id, actor, action, subject, happened_at, prev_hash, hash) VALUES (?1, 'root', ?2, ?3, ?4, '', ?1)",
        (format!("lock-out-{login}"), "logout", login, NOW),
    )?;
    Ok(revoked)
}

#[test]
fn one_transaction_spans_the_ported_and_the_unported_module() {
    let mut conn = portal();
    let token = token(&mut conn);
    let alive = |conn: &Connection| sessions::authenticate(conn, &token, NOW).unwrap().is_some();

    let tx = conn.transaction().unwrap();
    assert_eq!(lock_out(&tx, "amir").unwrap(), 1);
    assert!(!alive(&tx));
    tx.rollback().unwrap();
    assert!(alive(&conn), "the ported module's work is undone");
    assert_eq!(db::count(&conn, "audit_events").unwrap(), 0, "and so is the unported one's");

    // The event exists, so the unported half fails; dropping the transaction undoes the ported half.
    lock_out(&conn, "nobody").unwrap();
    let tx = conn.transaction().unwrap();
    sessions::revoke_all(&tx, "amir", NOW).unwrap();
    lock_out(&tx, "nobody").unwrap_err();
    drop(tx);
    assert!(alive(&conn));

    let tx = conn.transaction().unwrap();
    lock_out(&tx, "amir").unwrap();
    tx.commit().unwrap();
    assert!(!alive(&conn));
    assert_eq!(db::count(&conn, "audit_events").unwrap(), 2);
}

#[test]
fn the_trail_is_append_only() {
    let mut conn = portal();
    let event = Event {
        id: Uuid::generate(&mut Random::new(4)),
        actor: "amir".to_string(),
        action: "login".to_string(),
        subject: None,
        payload: Some(vec![0, 255]),
        happened_at: NOW,
    };
    audit::append(&mut conn, &[event]).unwrap();
    conn.execute("UPDATE audit_events SET actor = 'root'", []).unwrap_err();
    conn.execute("DELETE FROM audit_events", []).unwrap_err();
    assert_eq!(audit::verify(&conn).unwrap(), (1, None));
}
