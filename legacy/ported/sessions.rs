//! Users and their login sessions, ported: PostgreSQL's own SQL where that answers, the legacy module on SQLite.
//!
//! A function has the signature it had, so that nothing that calls it changes. `conn.as_postgres()` is the fork: behind it
//! placeholders are `$1`, rows are the `postgres` crate's, and the session and the transaction are the caller's.

#[allow(clippy::duplicate_mod, reason = "it calls the functions of the module that it is part of")]
#[path = "../app/sessions_demo.rs"]
mod demo;
#[allow(
    dead_code,
    unused_imports,
    clippy::duplicate_mod,
    reason = "what is ported is still there for SQLite; its demonstration is ours"
)]
#[path = "../app/sessions.rs"]
mod unported;

use rusqlite::{Connection, Postgres, Result, postgres_error};

use crate::random::Random;

pub use demo::{report, seed};
pub use unported::{HOUR, Login, MIGRATIONS};

use unported::hash_password;

pub fn add_user(conn: &Connection, login: &str, name: Option<&str>, password: &str) -> Result<Option<i64>> {
    let Some(postgres) = conn.as_postgres() else { return unported::add_user(conn, login, name, password) };
    let row = postgres.query_opt(
        "INSERT INTO users (login, display_name, password_hash) VALUES ($1, $2, $3)
         ON CONFLICT (login) DO NOTHING RETURNING id",
        &[&login, &name, &hash_password(password, login)],
    )?;
    Ok(row.map(|row| row.get(0)))
}

/// Checks the password and opens a session; the fifth wrong password in a row locks the user.
///
/// The row lock makes two log-ins of one user wait for each other instead of failing at commit.
pub fn log_in(
    conn: &mut Connection,
    login: &str,
    password: &str,
    client: Option<&str>,
    now: i64,
    random: &mut Random,
) -> Result<Login> {
    if conn.as_postgres().is_none() {
        return unported::log_in(conn, login, password, client, now, random);
    }
    let tx = conn.transaction()?;
    let postgres = tx.as_postgres().expect("the transaction is on the connection that was asked");
    let outcome = open_session(postgres, login, password, client, now, random)?;
    tx.commit()?;
    Ok(outcome)
}

fn open_session(
    postgres: Postgres<'_>,
    login: &str,
    password: &str,
    client: Option<&str>,
    now: i64,
    random: &mut Random,
) -> Result<Login> {
    let found = "SELECT id, password_hash, locked <> 0 FROM users WHERE login = $1 FOR UPDATE";
    let Some(user) = postgres.query_opt(found, &[&login])? else { return Ok(Login::Unknown) };
    let (id, stored, locked): (i64, Vec<u8>, bool) = (user.get(0), user.get(1), user.get(2));
    if locked {
        postgres.execute("UPDATE users SET failures = failures + 1 WHERE id = $1", &[&id])?;
        return Ok(Login::Locked);
    }
    if stored != hash_password(password, login) {
        let row = postgres.query_one(
            "UPDATE users SET failures = failures + 1, locked = greatest(locked, (failures + 1 >= 5)::int)
             WHERE id = $1 RETURNING failures",
            &[&id],
        )?;
        return Ok(Login::WrongPassword { failures: row.get(0) });
    }
    postgres.execute("UPDATE users SET failures = 0 WHERE id = $1 AND failures <> 0", &[&id])?;
    loop {
        let token = format!("tok-{:04x}", random.below(0x4000));
        let opened = postgres.execute(
            "INSERT INTO login_sessions (token, user_id, client, started_at, expires_at) VALUES ($1, $2, $3, $4, $5)",
            &[&token, &id, &client, &now, &(now + 8 * HOUR)],
        );
        match opened {
            Ok(_) => return Ok(Login::Welcome(token)),
            // A token that is taken: the transaction goes on, as it did on SQLite.
            Err(error) if postgres_error(&error).is_some_and(|server| server.sqlstate == "23505") => {}
            Err(error) => return Err(error),
        }
    }
}

/// The user behind a token, if the session is alive; being seen makes it last longer.
pub fn authenticate(conn: &Connection, token: &str, now: i64) -> Result<Option<String>> {
    let Some(postgres) = conn.as_postgres() else { return unported::authenticate(conn, token, now) };
    // One statement where SQLite needed two.
    let row = postgres.query_opt(
        "UPDATE login_sessions s SET seen = seen + 1, expires_at = $2 + 28800
         FROM users u
         WHERE s.token = $1 AND s.revoked_at IS NULL AND s.expires_at > $2 AND u.id = s.user_id
         RETURNING u.login",
        &[&token, &now],
    )?;
    Ok(row.map(|row| row.get(0)))
}

pub fn revoke_all(conn: &Connection, login: &str, now: i64) -> Result<usize> {
    let Some(postgres) = conn.as_postgres() else { return unported::revoke_all(conn, login, now) };
    let revoked = postgres.execute(
        "UPDATE login_sessions s SET revoked_at = $2 FROM users u
         WHERE u.login = $1 AND s.user_id = u.id AND s.revoked_at IS NULL",
        &[&login, &now],
    )?;
    Ok(usize::try_from(revoked).expect("a count of rows fits"))
}

/// Deletes sessions that ended before `now`, and unlocks users that have none left, unless they insisted too often.
pub fn expire(conn: &Connection, now: i64) -> Result<(u64, usize)> {
    let Some(postgres) = conn.as_postgres() else { return unported::expire(conn, now) };
    let tx = conn.unchecked_transaction()?;
    let deleted =
        postgres.execute("DELETE FROM login_sessions WHERE expires_at <= $1 OR revoked_at <= $1 - 3600", &[&now])?;
    let unlocked = postgres.execute(
        "UPDATE users u SET locked = 0, failures = 0
         WHERE locked = 1 AND failures < 10 AND NOT EXISTS (SELECT FROM login_sessions s WHERE s.user_id = u.id)",
        &[],
    )?;
    tx.commit()?;
    Ok((deleted, usize::try_from(unlocked).expect("a count of rows fits")))
}
