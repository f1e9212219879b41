//! Tables that only grow: audit trails, ledgers, event logs.
//!
//! [`Guard`] keeps rows as they were written: on PostgreSQL the program's role gets INSERT and SELECT alone, and triggers stop
//! whoever has more rights; on SQLite, which has no roles, triggers refuse changes. [`Chain`] shows a change that was made all
//! the same, by an owner or in the file: each row holds a hash of its values and of the row before it.
//!
//! ```
//! use sqlift::append_only::{Chain, Guard};
//! use sqlift::{Connection, params};
//!
//! let mut conn = Connection::open_in_memory()?;
//! conn.execute_batch(
//!     "CREATE TABLE audit (
//!          seq INTEGER PRIMARY KEY AUTOINCREMENT, actor TEXT NOT NULL, action TEXT NOT NULL,
//!          prev_hash TEXT NOT NULL UNIQUE, hash TEXT NOT NULL UNIQUE
//!      )",
//! )?;
//! Guard::new("audit").apply(&conn)?;
//! let chain = Chain::new("audit", &["actor", "action"]);
//! chain.append(&mut conn, params!["ada", "login"])?;
//! chain.append(&mut conn, params!["ada", "logout"])?;
//!
//! let error = conn.execute("UPDATE audit SET actor = 'nobody'", []).unwrap_err();
//! assert!(error.to_string().contains("audit is append-only"));
//! let verified = chain.verify(&conn)?;
//! assert_eq!((verified.rows, verified.broken), (2, None));
//! # Ok::<(), sqlift::Error>(())
//! ```

mod chain;

pub use chain::{Broken, Chain, Verified};

use crate::config::{Backend, ConfigError};
use crate::{Connection, Result};

/// Makes a table append-only: rows can be inserted and read, never changed or removed.
///
/// # Examples
/// ```
/// use sqlift::Backend;
/// use sqlift::append_only::Guard;
///
/// let guard = Guard::new("audit").role("app");
/// assert!(guard.sql(Backend::Postgres)?.contains(r#"GRANT SELECT, INSERT ON "audit" TO "app""#));
/// assert!(guard.sql(Backend::Sqlite)?.contains("RAISE(ABORT, 'audit is append-only')"));
/// # Ok::<(), sqlift::config::ConfigError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Guard {
    table: String,
    roles: Vec<String>,
    keys: Vec<Vec<String>>,
}

impl Guard {
    /// A guard for the table of this name, as unqualified names mean it.
    pub fn new(table: &str) -> Guard {
        Guard { table: table.to_owned(), roles: Vec::new(), keys: Vec::new() }
    }

    /// The program's role on PostgreSQL: it gets INSERT and SELECT on the table, and loses every other right. May be called again.
    pub fn role(mut self, role: &str) -> Guard {
        self.roles.push(role.to_owned());
        self
    }

    /// Columns that are unique together, so that SQLite's `INSERT OR REPLACE` cannot take a row's place.
    ///
    /// [`apply`](Self::apply) finds primary keys and unique indexes by itself; [`sql`](Self::sql) knows only what it is told.
    pub fn unique(mut self, columns: &[&str]) -> Guard {
        self.keys.push(columns.iter().map(|&column| column.to_owned()).collect());
        self
    }

    /// The statements, for a migration, in the backend's own SQL. Running them again changes nothing.
    ///
    /// # Errors
    /// No table or role, or a name with a NUL character.
    pub fn sql(&self, backend: Backend) -> Result<String, ConfigError> {
        for name in std::iter::once(&self.table).chain(&self.roles).chain(self.keys.iter().flatten()) {
            if name.is_empty() || name.contains('\0') {
                return Err(ConfigError::new("an append-only table needs names of tables, columns and roles")
                    .help("no empty names, and none with a NUL character"));
            }
        }
        Ok(match backend {
            Backend::Sqlite => self.on_sqlite(),
            Backend::Postgres => self.on_postgres(),
        })
    }

    /// Guards the table, in one transaction. On PostgreSQL that takes the table's owner.
    ///
    /// # Errors
    /// What the database says: no such table, no such role, no right to do this.
    pub fn apply(&self, conn: &Connection) -> Result<()> {
        let mut guard = self.clone();
        if let Some(sqlite) = conn.as_sqlite() {
            guard.keys.extend(unique_keys(sqlite, &self.table)?);
        }
        let sql = guard.sql(conn.backend())?;
        match conn.is_autocommit() {
            false => conn.native().execute_batch(&sql),
            true => {
                let transaction = conn.unchecked_transaction()?;
                transaction.native().execute_batch(&sql)?;
                transaction.commit()
            }
        }
    }

    fn on_postgres(&self) -> String {
        let table = identifier(&self.table);
        // ENABLE ALWAYS: session_replication_role would switch ordinary triggers off.
        let mut sql = format!(
            "CREATE OR REPLACE FUNCTION sqlift_append_only() RETURNS trigger LANGUAGE plpgsql AS $sqlift$\n\
             BEGIN\n    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'raise_exception';\nEND $sqlift$;\n\
             DROP TRIGGER IF EXISTS append_only ON {table};\n\
             DROP TRIGGER IF EXISTS append_only_truncate ON {table};\n\
             CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION sqlift_append_only();\n\
             CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION sqlift_append_only();\n\
             ALTER TABLE {table} ENABLE ALWAYS TRIGGER append_only;\n\
             ALTER TABLE {table} ENABLE ALWAYS TRIGGER append_only_truncate;\n\
             REVOKE UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER ON {table} FROM PUBLIC;\n"
        );
        for role in &self.roles {
            let role = identifier(role);
            sql += &format!("REVOKE ALL ON {table} FROM {role};\nGRANT SELECT, INSERT ON {table} TO {role};\n");
        }
        sql
    }

    fn on_sqlite(&self) -> String {
        let (table, text) = (identifier(&self.table), self.table.replace('\'', "''"));
        let trigger = |suffix: &str, event: &str| {
            format!(
                "CREATE TRIGGER IF NOT EXISTS {} BEFORE {event}\nBEGIN\n    SELECT RAISE(ABORT, '{text} is append-only');\nEND;\n",
                identifier(&format!("{}_append_only_{suffix}", self.table))
            )
        };
        let mut sql = trigger("update", &format!("UPDATE ON {table}"));
        sql += &trigger("delete", &format!("DELETE ON {table}"));
        // REPLACE removes rows without a DELETE trigger (sqlite.org/lang_conflict.html), so it must not get that far.
        if !self.keys.is_empty() {
            let taken = self.keys.iter().map(|key| {
                let same = key.iter().map(|column| format!("{0} = NEW.{0}", identifier(column)));
                format!("EXISTS (SELECT 1 FROM {table} WHERE {})", same.collect::<Vec<_>>().join(" AND "))
            });
            let taken = taken.collect::<Vec<_>>().join("\n    OR ");
            sql += &trigger("replace", &format!("INSERT ON {table}\nWHEN {taken}"));
        }
        sql
    }
}

/// The primary key and the unique indexes, but for those on expressions.
fn unique_keys(conn: &rusqlite::Connection, table: &str) -> Result<Vec<Vec<String>>> {
    let mut keys = Vec::new();
    let texts = |sql: &str, name: &str| -> Result<Vec<Option<String>>> {
        conn.prepare(sql)?.query_map([name], |row| row.get(0))?.collect()
    };
    let primary = "SELECT name FROM pragma_table_info(?1) WHERE pk > 0 ORDER BY pk";
    keys.push(texts(primary, table)?);
    for index in texts("SELECT name FROM pragma_index_list(?1) WHERE \"unique\" = 1 ORDER BY seq", table)? {
        keys.push(texts("SELECT name FROM pragma_index_info(?1) ORDER BY seqno", &index.unwrap_or_default())?);
    }
    let mut keys: Vec<Vec<String>> = keys.into_iter().filter_map(|key| key.into_iter().collect()).collect();
    keys.retain(|key| !key.is_empty());
    keys.sort();
    keys.dedup();
    Ok(keys)
}

fn identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
