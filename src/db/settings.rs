//! Settings that belong to one check-out: who the user is, for row-level security.

use super::{Db, PooledConnection};
use crate::config::ConfigError;
use crate::connection::Inner;
use crate::{Error, Result};

impl Db {
    /// Takes a connection out of the pool with custom settings, which it keeps until it goes back: `app.user`, `app.tenant`.
    ///
    /// On PostgreSQL policies of row-level security read them:
    ///
    /// ```sql
    /// ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
    /// CREATE POLICY own ON orders USING (tenant = current_setting('app.tenant', true));
    /// ```
    ///
    /// When the connection goes back, also while a panic unwinds, they are reset; the next user finds them empty, and a policy
    /// like this one then shows no row. Policies hold for roles that do not own the table, are no superuser and have no
    /// BYPASSRLS (`FORCE ROW LEVEL SECURITY` includes the owner); `sqlift doctor` tells.
    ///
    /// SQLite has no row-level security, so settings are refused there rather than passed over; with feature `functions` they are
    /// what the SQL function `current_setting(name, missing_ok)` gives, for views that filter.
    ///
    /// # Errors
    /// As [`Db::get`]; a name that is not of the form `prefix.name`; SQLite without feature `functions`.
    ///
    /// # Examples
    /// ```no_run
    /// # fn run(db: &sqlift::Db, tenant: &str) -> sqlift::Result<Vec<String>> {
    /// let conn = db.get_with(&[("app.tenant", tenant)])?;
    /// let mut statement = conn.prepare("SELECT title FROM orders")?; // this tenant's alone
    /// statement.query_map([], |row| row.get(0))?.collect()
    /// # }
    /// ```
    pub fn get_with(&self, settings: &[(&str, &str)]) -> Result<PooledConnection> {
        settings.iter().try_for_each(|(name, value)| check(name, value))?;
        #[cfg_attr(not(feature = "functions"), expect(unused_mut))]
        let mut conn = self.get()?;
        #[cfg(feature = "functions")]
        conn.note_settings();
        match &conn.inner {
            Inner::Postgres(session) => session.give_settings(settings)?,
            Inner::Sqlite(sqlite) => on_sqlite(sqlite, settings)?,
        }
        Ok(conn)
    }
}

/// PostgreSQL's own settings have no prefix: they are none of these, and `role` or `search_path` would be a way around rights.
fn check(name: &str, value: &str) -> Result<()> {
    let is_word = |word: &str| {
        word.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && word.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    let fits =
        name.split_once('.').is_some_and(|(prefix, rest)| is_word(prefix) && is_word(rest) && prefix != "sqlift");
    if !fits || name.len() > 63 {
        return Err(ConfigError::new(format!("{name} cannot be a setting of a check-out"))
            .help("a name of your own with a prefix, of letters, digits and _: app.user")
            .into());
    }
    // The value is somebody's name: it is not repeated.
    if value.contains('\0') {
        return Err(ConfigError::new(format!("the value of {name} holds a NUL character"))
            .help("PostgreSQL keeps settings as text, which has none")
            .into());
    }
    Ok(())
}

#[cfg(not(feature = "functions"))]
fn on_sqlite(_: &rusqlite::Connection, settings: &[(&str, &str)]) -> Result<()> {
    match settings {
        [] => Ok(()),
        [(name, _), ..] => Err(Error::SqliteFailure(
            crate::ffi::Error::new(crate::ffi::SQLITE_ERROR),
            Some(format!(
                "{name} cannot be set on SQLite, which has no row-level security that would read it\n  \
                 help: use Db::get there and filter in the statement, or turn on sqlift's feature functions for current_setting() in views"
            )),
        )),
    }
}

/// The function stands for PostgreSQL's of the same name until the connection goes back.
#[cfg(feature = "functions")]
fn on_sqlite(sqlite: &rusqlite::Connection, settings: &[(&str, &str)]) -> Result<()> {
    use rusqlite::functions::FunctionFlags;
    let settings: Vec<(String, String)> =
        settings.iter().map(|(name, value)| (name.to_ascii_lowercase(), (*value).to_owned())).collect();
    let look_up = move |context: &rusqlite::functions::Context<'_>| {
        let name: String = context.get(0)?;
        let found =
            settings.iter().find(|(known, _)| *known == name.to_ascii_lowercase()).map(|(_, value)| value.clone());
        match (found, context.get::<bool>(1)?) {
            (None, false) => {
                Err(Error::UserFunctionError(format!("unrecognized configuration parameter \"{name}\"").into()))
            }
            (found, _) => Ok(found),
        }
    };
    sqlite.create_scalar_function("current_setting", 2, FunctionFlags::SQLITE_UTF8, look_up)
}

/// Takes the settings back: views that read them then see none.
#[cfg(feature = "functions")]
pub(super) fn take_back(sqlite: &rusqlite::Connection) -> bool {
    on_sqlite(sqlite, &[]).is_ok()
}
