//! Users and their login sessions: logging in, expiry, revocation.

#[path = "sessions_demo.rs"]
mod demo;

use rusqlite::{Connection, ErrorCode, OptionalExtension, named_params, params};

use crate::db;
use crate::random::{Fnv, Random};

pub use demo::{report, seed};

pub const MIGRATIONS: &[&str] = &[
    "CREATE TABLE IF NOT EXISTS users (
         id            INTEGER PRIMARY KEY AUTOINCREMENT,
         login         TEXT NOT NULL UNIQUE,
         display_name  TEXT,
         password_hash BLOB NOT NULL,
         locked        BOOLEAN NOT NULL DEFAULT 0,
         failures      INTEGER NOT NULL DEFAULT 0,
         created_at    DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
         updated_at    DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP
     );
     CREATE TRIGGER IF NOT EXISTS users_touch AFTER UPDATE ON users FOR EACH ROW
     BEGIN
         UPDATE users SET updated_at = CURRENT_TIMESTAMP WHERE id = NEW.id;
     END;",
    "CREATE TABLE IF NOT EXISTS login_sessions (
         token         TEXT NOT NULL PRIMARY KEY,
         user_id       INTEGER NOT NULL REFERENCES users (id),
         client        TEXT,
         started_at    INTEGER NOT NULL,
         expires_at    INTEGER NOT NULL,
         revoked_at    INTEGER,
         seen          INTEGER NOT NULL DEFAULT 0,
         created_at    DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
         updated_at    DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
         CHECK (expires_at > started_at)
     );
     CREATE INDEX IF NOT EXISTS login_sessions_user ON login_sessions (user_id);
     CREATE INDEX IF NOT EXISTS login_sessions_live ON login_sessions (expires_at) WHERE revoked_at IS NULL;
     CREATE TRIGGER IF NOT EXISTS login_sessions_touch AFTER UPDATE ON login_sessions FOR EACH ROW
     BEGIN
         UPDATE login_sessions SET updated_at = CURRENT_TIMESTAMP WHERE token = NEW.token;
     END;",
];

pub const HOUR: i64 = 3600;

/// Good enough for a demonstration; a real portal has a real password hash.
pub fn hash_password(password: &str, salt: &str) -> Vec<u8> {
    let mut hash = Fnv::new();
    hash.write_all(&[salt.as_bytes(), &[0], password.as_bytes()]);
    let mut bytes = hash.finish().to_be_bytes().to_vec();
    bytes.extend([0, b'$', 0xff]);
    bytes
}

pub fn add_user(conn: &Connection, login: &str, name: Option<&str>, password: &str) -> rusqlite::Result<Option<i64>> {
    let id = conn.query_row(
        "INSERT INTO users (login, display_name, password_hash) VALUES (?1, ?2, ?3) RETURNING id",
        params![login, name, hash_password(password, login)],
        |row| row.get(0),
    );
    match id {
        Ok(id) => Ok(Some(id)),
        Err(rusqlite::Error::SqliteFailure(error, _)) if error.code == ErrorCode::ConstraintViolation => Ok(None),
        Err(error) => Err(error),
    }
}

#[derive(Debug, PartialEq)]
pub enum Login {
    Welcome(String),
    WrongPassword { failures: i64 },
    Locked,
    Unknown,
}

/// Checks the password and opens a session; the fifth wrong password in a row locks the user.
pub fn log_in(
    conn: &mut Connection,
    login: &str,
    password: &str,
    client: Option<&str>,
    now: i64,
    random: &mut Random,
) -> rusqlite::Result<Login> {
    let tx = conn.transaction()?;
    let user = tx
        .query_row("SELECT id, password_hash, locked FROM users WHERE login = :login", &[(":login", login)], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, Vec<u8>>(1)?, row.get::<_, bool>(2)?))
        })
        .optional()?;
    let Some((user_id, stored, locked)) = user else { return Ok(Login::Unknown) };
    if locked {
        tx.execute("UPDATE users SET failures = failures + 1 WHERE id = ?1", [user_id])?;
        tx.commit()?;
        return Ok(Login::Locked);
    }
    if stored != hash_password(password, login) {
        let failures: i64 = tx.query_row(
            "UPDATE users SET failures = failures + 1, locked = CASE WHEN failures + 1 >= 5 THEN 1 ELSE locked END
             WHERE id = ?1 RETURNING failures",
            [user_id],
            |row| row.get(0),
        )?;
        tx.commit()?;
        return Ok(Login::WrongPassword { failures });
    }
    tx.execute("UPDATE users SET failures = 0 WHERE id = ? AND failures <> 0", [user_id])?;
    // Tokens are short in the demonstration so that they collide now and then; a collision is tried again.
    let token = loop {
        let token = format!("tok-{:04x}", random.below(0x4000));
        let mut insert = tx.prepare_cached(
            "INSERT INTO login_sessions (token, user_id, client, started_at, expires_at) VALUES (?1, ?2, ?3, ?4, ?4 + ?5)",
        )?;
        match insert.execute(params![token, user_id, client, now, 8 * HOUR]) {
            Ok(_) => break token,
            Err(error) if db::is_unique_violation(&error) => continue,
            Err(error) => return Err(error),
        }
    };
    tx.commit()?;
    Ok(Login::Welcome(token))
}

/// The user behind a token, if the session is alive; being seen makes it last longer.
pub fn authenticate(conn: &Connection, token: &str, now: i64) -> rusqlite::Result<Option<String>> {
    let seen = conn
        .prepare_cached(
            "UPDATE login_sessions SET seen = seen + 1, expires_at = ?2 + 28800
             WHERE token = ?1 AND revoked_at IS NULL AND expires_at > ?2",
        )?
        .execute(params![token, now])?;
    if seen == 0 {
        return Ok(None);
    }
    conn.query_row(
        "SELECT u.login FROM users u JOIN login_sessions s ON s.user_id = u.id WHERE s.token = ?",
        [token],
        |row| row.get(0),
    )
    .optional()
}

pub fn revoke_all(conn: &Connection, login: &str, now: i64) -> rusqlite::Result<usize> {
    conn.execute(
        "UPDATE login_sessions SET revoked_at = :now
         WHERE revoked_at IS NULL AND user_id IN (SELECT id FROM users WHERE login = :login)",
        named_params! { ":now": now, ":login": login },
    )
}

/// Deletes sessions that ended before `now`, and unlocks users that have none left, unless they insisted too often.
pub fn expire(conn: &Connection, now: i64) -> rusqlite::Result<(u64, usize)> {
    let tx = conn.unchecked_transaction()?;
    tx.execute("DELETE FROM login_sessions WHERE expires_at <= ?1 OR revoked_at <= ?1 - 3600", [now])?;
    let deleted = tx.changes();
    let unlocked = tx.execute(
        "UPDATE users SET locked = 0, failures = 0
         WHERE locked = 1 AND failures < 10 AND NOT EXISTS (SELECT 1 FROM login_sessions s WHERE s.user_id = users.id)",
        [],
    )?;
    tx.commit()?;
    Ok((deleted, unlocked))
}
