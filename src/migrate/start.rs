//! Migrating when a program starts, as its environment asks.

use super::history::{self, newest};
use super::set::Migrations;
use super::status::State;
use super::{Error, ErrorKind, Options, Report, Result, status, up};
use crate::{Connection, Db};

/// The variable that says what [`at_start`] does.
const VARIABLE: &str = "SQLIFT_MIGRATE";

/// For the start of a program: does what the variable `SQLIFT_MIGRATE` says.
///
/// | `SQLIFT_MIGRATE` | |
/// |---|---|
/// | `up`, or not set | applies what is missing, as [`up`] |
/// | `check` | applies nothing; refuses to start unless the database is at the newest version, for deployments that migrate in a step of their own |
/// | `off` | nothing |
///
/// # Errors
/// As [`up`]; another value of the variable; with `check` what is missing.
///
/// # Examples
/// ```
/// use sqlift::{Db, migrate};
///
/// let db = Db::open("sqlite::memory:")?;
/// migrate::at_start(&*db.get()?, &sqlift::embed_migrations!("sql/migrations")?)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn at_start(conn: &Connection, migrations: &Migrations) -> Result<Report> {
    let value = std::env::var(VARIABLE).unwrap_or_default();
    match value.trim().to_ascii_lowercase().as_str() {
        "" | "up" => up(conn, migrations, &Options::default()),
        "check" => check(conn, migrations),
        "off" => Ok(Report { version: current_version(conn)?, ..Report::default() }),
        _ => Err(Error::new(ErrorKind::Files, format!("{VARIABLE} is none of up, check and off"))
            .help(format!("unset it to apply what is missing, or write {VARIABLE}=check"))),
    }
}

fn check(conn: &Connection, migrations: &Migrations) -> Result<Report> {
    let status = status(conn, migrations, &Options::default())?;
    let Some(entry) = status.entries.iter().find(|entry| entry.state != State::Applied) else {
        return Ok(Report { version: status.version, ..Report::default() });
    };
    let of = history::database(conn);
    Err(Error::new(
        ErrorKind::OutOfOrder,
        format!("the {of} database is not at the newest version: a migration is {}", entry.state.word()),
    )
    .in_file(&entry.file)
    .help(format!("run sqlift migrate up, or start with {VARIABLE}=up")))
}

impl Connection {
    /// Brings the database to the newest version, or does what else `SQLIFT_MIGRATE` says; see [`at_start`].
    ///
    /// # Errors
    /// As [`at_start`]; the error becomes the facade's own with `?`.
    ///
    /// # Examples
    /// ```
    /// fn start() -> sqlift::Result<sqlift::Connection> {
    ///     let conn = sqlift::Connection::open_in_memory()?;
    ///     conn.migrate(&sqlift::embed_migrations!("sql/migrations")?)?;
    ///     Ok(conn)
    /// }
    /// assert_eq!(start()?.query_row("SELECT count(*) FROM sources", [], |row| row.get::<_, i64>(0))?, 0);
    /// # Ok::<(), sqlift::Error>(())
    /// ```
    pub fn migrate(&self, migrations: &Migrations) -> Result<Report> {
        at_start(self, migrations)
    }
}

impl Db {
    /// As [`Connection::migrate`], on a connection of the pool.
    ///
    /// # Errors
    /// As [`Db::get`] and [`at_start`].
    ///
    /// # Examples
    /// ```
    /// let db = sqlift::Db::open("sqlite::memory:")?;
    /// db.migrate(&sqlift::embed_migrations!("sql/migrations")?)?;
    /// # Ok::<(), sqlift::Error>(())
    /// ```
    pub fn migrate(&self, migrations: &Migrations) -> Result<Report> {
        at_start(&*self.get()?, migrations)
    }
}

/// The newest version that a database has; `None` when nothing was migrated.
///
/// # Errors
/// What the database reports.
///
/// # Examples
/// ```
/// let conn = sqlift::Connection::open_in_memory()?;
/// assert_eq!(sqlift::migrate::current_version(&conn)?, None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn current_version(conn: &Connection) -> Result<Option<i64>> {
    if !history::exists(conn)? {
        return Ok(None);
    }
    Ok(newest(&history::read(conn)?))
}
