//! PRAGMA statements from names and values.
//!
//! Builds the statement's text as rusqlite does; on PostgreSQL the translator answers it.

use crate::connection::misuse;
use crate::types::{ToSql, ToSqlOutput, ValueRef};
use crate::{Connection, Result, Row};

impl Connection {
    /// Asks a pragma that answers with one row.
    ///
    /// # Errors
    /// An invalid name is `SQLITE_MISUSE`; otherwise as [`query_row`](Self::query_row).
    ///
    /// # Examples
    /// ```
    /// let conn = sqlift::Connection::open_in_memory()?;
    /// assert_eq!(conn.pragma_query_value(None, "user_version", |row| row.get::<_, i64>(0))?, 0);
    /// # Ok::<(), sqlift::Error>(())
    /// ```
    pub fn pragma_query_value<T, F>(&self, schema_name: Option<&str>, pragma_name: &str, f: F) -> Result<T>
    where
        F: FnOnce(&Row<'_>) -> Result<T>,
    {
        self.query_row(&pragma(schema_name, pragma_name)?, [], f)
    }

    /// Asks a pragma and calls `f` for each row.
    ///
    /// # Errors
    /// As [`pragma_query_value`](Self::pragma_query_value), and what `f` returns.
    ///
    /// # Examples
    /// ```
    /// let conn = sqlift::Connection::open_in_memory()?;
    /// let mut names = Vec::new();
    /// conn.pragma_query(None, "database_list", |row| {
    ///     names.push(row.get::<_, String>("name")?);
    ///     Ok(())
    /// })?;
    /// assert_eq!(names, ["main"]);
    /// # Ok::<(), sqlift::Error>(())
    /// ```
    pub fn pragma_query<F>(&self, schema_name: Option<&str>, pragma_name: &str, f: F) -> Result<()>
    where
        F: FnMut(&Row<'_>) -> Result<()>,
    {
        self.for_each_row(&pragma(schema_name, pragma_name)?, f)
    }

    /// Asks a pragma about something and calls `f` for each row: `PRAGMA table_info(t)`.
    ///
    /// # Errors
    /// As [`pragma_query`](Self::pragma_query); a NULL or BLOB value is `SQLITE_MISUSE`.
    ///
    /// # Examples
    /// ```
    /// let conn = sqlift::Connection::open_in_memory()?;
    /// conn.execute_batch("CREATE TABLE tag (id INTEGER PRIMARY KEY, name TEXT)")?;
    /// let mut columns = Vec::new();
    /// conn.pragma(None, "table_info", "tag", |row| {
    ///     columns.push(row.get::<_, String>("name")?);
    ///     Ok(())
    /// })?;
    /// assert_eq!(columns, ["id", "name"]);
    /// # Ok::<(), sqlift::Error>(())
    /// ```
    pub fn pragma<F, V>(&self, schema_name: Option<&str>, pragma_name: &str, pragma_value: V, f: F) -> Result<()>
    where
        F: FnMut(&Row<'_>) -> Result<()>,
        V: ToSql,
    {
        self.for_each_row(&format!("{}({})", pragma(schema_name, pragma_name)?, literal(&pragma_value)?), f)
    }

    /// Sets a pragma.
    ///
    /// # Errors
    /// As [`pragma`](Self::pragma).
    ///
    /// # Examples
    /// ```
    /// let conn = sqlift::Connection::open_in_memory()?;
    /// conn.pragma_update(None, "user_version", 7)?;
    /// assert_eq!(conn.pragma_query_value(None, "user_version", |row| row.get::<_, i64>(0))?, 7);
    /// # Ok::<(), sqlift::Error>(())
    /// ```
    pub fn pragma_update<V>(&self, schema_name: Option<&str>, pragma_name: &str, pragma_value: V) -> Result<()>
    where
        V: ToSql,
    {
        self.execute_batch(&assignment(schema_name, pragma_name, &pragma_value)?)
    }

    /// Sets a pragma that answers with its new value.
    ///
    /// # Errors
    /// As [`pragma`](Self::pragma) and [`query_row`](Self::query_row).
    ///
    /// # Examples
    /// ```
    /// let conn = sqlift::Connection::open_in_memory()?;
    /// let mode: String = conn.pragma_update_and_check(None, "journal_mode", "OFF", |row| row.get(0))?;
    /// assert_eq!(mode, "off");
    /// # Ok::<(), sqlift::Error>(())
    /// ```
    pub fn pragma_update_and_check<F, T, V>(
        &self,
        schema_name: Option<&str>,
        pragma_name: &str,
        pragma_value: V,
        f: F,
    ) -> Result<T>
    where
        F: FnOnce(&Row<'_>) -> Result<T>,
        V: ToSql,
    {
        self.query_row(&assignment(schema_name, pragma_name, &pragma_value)?, [], f)
    }

    fn for_each_row<F>(&self, sql: &str, mut f: F) -> Result<()>
    where
        F: FnMut(&Row<'_>) -> Result<()>,
    {
        let mut stmt = self.prepare(sql)?;
        let mut rows = stmt.query([])?;
        while let Some(row) = rows.next()? {
            f(row)?;
        }
        Ok(())
    }
}

fn assignment(schema_name: Option<&str>, pragma_name: &str, value: &dyn ToSql) -> Result<String> {
    Ok(format!("{}={}", pragma(schema_name, pragma_name)?, literal(value)?))
}

/// `PRAGMA schema.name`. A pragma's name cannot be quoted, so it must be plain.
fn pragma(schema_name: Option<&str>, pragma_name: &str) -> Result<String> {
    if pragma_name.is_empty() || !is_plain(pragma_name) {
        return Err(misuse(format!("Invalid pragma \"{pragma_name}\"")));
    }
    let schema = schema_name.map(|name| quote_unless_plain(name) + ".").unwrap_or_default();
    Ok(format!("PRAGMA {schema}{pragma_name}"))
}

/// A pragma's value, which cannot be a parameter.
fn literal(value: &dyn ToSql) -> Result<String> {
    let output = value.to_sql()?;
    let value = match &output {
        ToSqlOutput::Borrowed(value) => *value,
        ToSqlOutput::Owned(value) => ValueRef::from(value),
        _ => return Err(misuse(format!("Unsupported value \"{output:?}\""))),
    };
    match value {
        ValueRef::Integer(integer) => Ok(integer.to_string()),
        ValueRef::Real(real) => Ok(real.to_string()),
        ValueRef::Text(text) => Ok(quote(std::str::from_utf8(text)?, '\'')),
        ValueRef::Null | ValueRef::Blob(_) => Err(misuse(format!("Unsupported value \"{value:?}\""))),
    }
}

/// A name for use in SQL: as it is when nothing in it needs quotes.
pub(crate) fn quote_unless_plain(name: &str) -> String {
    if is_plain(name) { name.to_owned() } else { quote(name, '"') }
}

fn quote(text: &str, quote: char) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push(quote);
    for character in text.chars() {
        if character == quote {
            quoted.push(quote);
        }
        quoted.push(character);
    }
    quoted.push(quote);
    quoted
}

/// Only letters, digits, `_`, `$` and what is not ASCII, not starting with a digit or `$`.
// The empty name counts as plain, as in rusqlite: `SAVEPOINT ` without a name is then SQLite's syntax error.
fn is_plain(name: &str) -> bool {
    name.chars().enumerate().all(|(index, character)| {
        character.is_ascii_alphabetic()
            || character == '_'
            || !character.is_ascii()
            || (index > 0 && (character.is_ascii_digit() || character == '$'))
    })
}
