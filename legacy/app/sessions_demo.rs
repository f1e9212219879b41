//! What the sessions module shows of itself: made-up users who log in, and a report.

use rusqlite::Connection;

use super::{HOUR, Login, add_user, authenticate, log_in, revoke_all};
use crate::db::{self, NOW, Result};
use crate::random::Random;
use crate::report::Report;

pub fn seed(conn: &mut Connection, rows: i64, report: &mut Report) -> Result<()> {
    let mut random = Random::new(3);
    let users = (rows / 10).max(10);
    let (mut added, mut taken) = (0, 0);
    for n in 0..users {
        // Logins differ by case only now and then: they are different users.
        let login = if n % 17 == 16 { format!("USER{:04}", n - 1) } else { format!("user{n:04}") };
        let name = random.chance(75).then(|| format!("Användare {n}"));
        match add_user(conn, &login, name.as_deref(), &format!("secret{n}"))? {
            Some(_) => added += 1,
            None => taken += 1,
        }
        if n % 20 == 0 && add_user(conn, &login, None, "again")?.is_none() {
            taken += 1;
        }
    }
    let (mut welcome, mut wrong, mut locked, mut unknown, mut tokens) = (0, 0, 0, 0, Vec::new());
    for n in 0..rows {
        let user = random.below(users + 5);
        // Every eleventh user always forgets the password.
        let password = if user % 11 == 3 { "forgotten".to_string() } else { format!("secret{user}") };
        let client = random.pick(&[Some("Firefox"), Some("curl/8"), None]);
        let now = NOW - 40 * HOUR + n * 60;
        match log_in(conn, &format!("user{user:04}"), &password, *client, now, &mut random)? {
            Login::Welcome(token) => {
                welcome += 1;
                tokens.push((token, now));
            }
            Login::WrongPassword { failures } => wrong += failures,
            Login::Locked => locked += 1,
            Login::Unknown => unknown += 1,
        }
    }
    let mut alive = 0;
    for (token, started) in tokens.iter().step_by(4) {
        let now = started + random.below(12) * HOUR;
        alive += i64::from(authenticate(conn, token, now)?.is_some());
    }
    let mut revoked = 0;
    for user in (0..users).step_by(13) {
        revoked += revoke_all(conn, &format!("user{user:04}"), NOW - 3 * HOUR)?;
    }
    report.fact("users added, taken", format!("{added}, {taken}"))?;
    report.fact("welcome, failures, locked out, unknown", format!("{welcome}, {wrong}, {locked}, {unknown}"))?;
    report.fact("seen alive, revoked", format!("{alive}, {revoked}"))?;
    report.fact("unknown token", format!("{:?}", authenticate(conn, "no such token", NOW)?))?;
    report.fact("user with sessions is kept", deletion_is_refused(conn)?)?;
    report.fact("users: an update is stamped", db::update_is_stamped(conn, "users", "id")?)
}

fn deletion_is_refused(conn: &Connection) -> Result<bool> {
    let busy: i64 = conn.query_row("SELECT MIN(user_id) FROM login_sessions", [], |row| row.get(0))?;
    match conn.execute("DELETE FROM users WHERE id = ?1", [busy]) {
        Err(error) if db::is_foreign_key_violation(&error) => Ok(true),
        Err(error) => Err(error.into()),
        Ok(_) => Ok(false),
    }
}

pub fn report(conn: &Connection, report: &mut Report) -> Result<()> {
    report.section("busiest users")?;
    let mut stmt = conn.prepare(
        "SELECT u.login, u.display_name, u.locked, COUNT(s.token) AS sessions, SUM(s.seen) AS seen, MAX(s.expires_at) AS until
         FROM users u LEFT JOIN login_sessions s ON s.user_id = u.id AND s.revoked_at IS NULL
         GROUP BY u.id, u.login, u.display_name, u.locked
         ORDER BY sessions DESC, u.login LIMIT ?1 OFFSET ?2",
    )?;
    let mut rows = stmt.query([30, 2])?;
    while let Some(row) = rows.next()? {
        let (login, name): (String, Option<String>) = (row.get("login")?, row.get("display_name")?);
        let (locked, sessions): (bool, i64) = (row.get("locked")?, row.get("sessions")?);
        let (seen, until): (Option<i64>, Option<i64>) = (row.get("seen")?, row.get("until")?);
        report.row(&format!("{login} {name:?} locked {locked} sessions {sessions} seen {seen:?} until {until:?}"))?;
    }

    report.section("sessions by client")?;
    let mut stmt = conn.prepare(
        "SELECT client, COUNT(*), AVG(seen), SUM(CASE WHEN revoked_at IS NOT NULL THEN 1 ELSE 0 END)
         FROM login_sessions GROUP BY client ORDER BY client",
    )?;
    let clients = stmt.query_map([], |row| {
        Ok((row.get::<_, Option<String>>(0)?, row.get::<_, i64>(1)?, row.get::<_, f64>(2)?, row.get::<_, i64>(3)?))
    })?;
    for client in clients {
        let (client, sessions, seen, revoked) = client?;
        report.row(&format!("{:8} {sessions:6} {seen:.4} {revoked:5}", client.as_deref().unwrap_or("unknown")))?;
    }

    report.section("locked users")?;
    let mut stmt = conn.prepare("SELECT login, failures FROM users WHERE locked = ?1 ORDER BY login")?;
    for user in stmt.query_map([true], |row| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?)))? {
        let (login, failures) = user?;
        report.row(&format!("{login} after {failures} failures"))?;
    }

    report.section("all of sessions")?;
    report.digest(
        conn,
        "users",
        "SELECT login, display_name, password_hash, locked, failures FROM users ORDER BY login",
    )?;
    report.digest(
        conn,
        "sessions",
        "SELECT s.token, u.login, s.client, s.started_at, s.expires_at, s.revoked_at, s.seen
         FROM login_sessions s, users u WHERE u.id = s.user_id ORDER BY s.client DESC, s.token",
    )?;
    report.timestamps(conn, &["users", "login_sessions"])
}
