//! What only one of the two databases has, and SQL that differs between them, written in one place.
//!
//! A program that runs on both asks [`Connection::supports`] before it uses what one of them lacks, and keeps the two texts of
//! a statement side by side with [`dialect_sql!`](crate::dialect_sql).

use crate::connection::Inner;
use crate::{Backend, Connection, Db, Result};

/// Something that not every database has.
///
/// # Examples
/// ```
/// use sqlift::{Connection, Feature};
///
/// let conn = Connection::open_sqlite(":memory:")?;
/// assert!(!conn.supports(Feature::RowSecurity)? && conn.supports(Feature::Attach)?);
/// # Ok::<(), sqlift::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Feature {
    /// Columns of type `jsonb` with the operators `@>` and `?`, and GIN indexes over them.
    Jsonb,
    /// Policies that say who sees which rows.
    RowSecurity,
    /// `GRANT` and `REVOKE`.
    Roles,
    /// `FOR UPDATE SKIP LOCKED`, for queues.
    SkipLocked,
    /// `LISTEN` and `NOTIFY`.
    Notify,
    /// `CREATE INDEX CONCURRENTLY`.
    ConcurrentIndex,
    /// `CREATE MATERIALIZED VIEW`.
    MaterializedView,
    /// Arrays, ranges and exclusion constraints over them.
    Ranges,
    /// `tsvector` and `tsquery`.
    TextSearch,
    /// `MERGE`, from PostgreSQL 15.
    Merge,
    /// `UNIQUE NULLS NOT DISTINCT`, from PostgreSQL 15.
    NullsNotDistinct,
    /// `JSON_TABLE`, from PostgreSQL 17.
    JsonTable,
    /// SQLite's full text search, where it was compiled in.
    Fts5,
    /// SQLite's R-trees, where they were compiled in.
    RTree,
    /// `ATTACH DATABASE`.
    Attach,
    /// The extension `ltree`: labels in a hierarchy.
    Ltree,
    /// The extension `pg_trgm`: similarity of texts, and indexes for LIKE '%x%'.
    Trigrams,
    /// Any other extension, by its name, where it was created in the database.
    Extension(&'static str),
}

/// Who has a feature.
enum Has {
    /// PostgreSQL from this major version.
    Postgres(i64),
    /// PostgreSQL with this extension created.
    Extension(&'static str),
    Sqlite,
    /// SQLite compiled with this option.
    SqliteWith(&'static str),
}

impl Feature {
    fn has(self) -> Has {
        match self {
            Feature::Jsonb
            | Feature::RowSecurity
            | Feature::Roles
            | Feature::SkipLocked
            | Feature::Notify
            | Feature::ConcurrentIndex
            | Feature::MaterializedView
            | Feature::Ranges
            | Feature::TextSearch => Has::Postgres(0),
            Feature::Merge | Feature::NullsNotDistinct => Has::Postgres(15),
            Feature::JsonTable => Has::Postgres(17),
            Feature::Ltree => Has::Extension("ltree"),
            Feature::Trigrams => Has::Extension("pg_trgm"),
            Feature::Extension(name) => Has::Extension(name),
            Feature::Attach => Has::Sqlite,
            Feature::Fts5 => Has::SqliteWith("ENABLE_FTS5"),
            Feature::RTree => Has::SqliteWith("ENABLE_RTREE"),
        }
    }
}

impl Connection {
    /// Whether this database has a feature now. An extension counts once it was created in the database; a newer server counts at once.
    ///
    /// Extensions are asked for with a query, everything else is known.
    ///
    /// # Errors
    /// What the database says to the query.
    pub fn supports(&self, feature: Feature) -> Result<bool> {
        match (&self.inner, feature.has()) {
            (Inner::Postgres(session), Has::Postgres(from)) => {
                let major = session.server_version().split(['.', ' ']).next().and_then(|major| major.parse().ok());
                Ok(major.unwrap_or(0_i64) >= from)
            }
            (Inner::Postgres(_), Has::Extension(name)) => {
                let sql = "SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_extension WHERE extname = ?)";
                self.native().query_row(sql, [name], |row| row.get(0))
            }
            (Inner::Sqlite(_), Has::Sqlite) => Ok(true),
            (Inner::Sqlite(sqlite), Has::SqliteWith(option)) => {
                sqlite.query_row("SELECT sqlite_compileoption_used(?1)", [option], |row| row.get(0))
            }
            _ => Ok(false),
        }
    }

    /// Creates the extension of a feature where the server has it and the role may, and says whether it is there now.
    ///
    /// Since PostgreSQL 13 whoever may create schemas in a database may create trusted extensions, `ltree` and `pg_trgm` among them.
    /// For a migration: `if conn.enable(Feature::Ltree)? { ... } else { ... }`.
    ///
    /// # Errors
    /// What the database says, but for a missing extension or right, which is `false`.
    ///
    /// # Examples
    /// ```
    /// use sqlift::{Connection, Feature};
    /// assert!(!Connection::open_sqlite(":memory:")?.enable(Feature::Ltree)?);
    /// # Ok::<(), sqlift::Error>(())
    /// ```
    pub fn enable(&self, feature: Feature) -> Result<bool> {
        let (Inner::Postgres(_), Has::Extension(name)) = (&self.inner, feature.has()) else {
            return self.supports(feature);
        };
        if self.supports(feature)? {
            return Ok(true);
        }
        let quoted = name.replace('"', "\"\"");
        match self.native().execute_batch(&format!("CREATE EXTENSION IF NOT EXISTS \"{quoted}\"")) {
            Ok(()) => Ok(true),
            Err(error) => match crate::postgres_error(&error) {
                // No such extension on this machine, in two spellings; no right.
                Some(report) if matches!(report.sqlstate.as_str(), "0A000" | "58P01" | "22023" | "42501") => Ok(false),
                _ => Err(error),
            },
        }
    }
}

impl Db {
    /// Whether the database has a feature now; see [`Connection::supports`].
    ///
    /// # Errors
    /// As [`Db::get`] and [`Connection::supports`].
    pub fn supports(&self, feature: Feature) -> Result<bool> {
        self.get()?.supports(feature)
    }
}

/// A statement's two texts; made by [`dialect_sql!`](crate::dialect_sql).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DialectSql {
    sqlite: &'static str,
    postgres: &'static str,
}

impl DialectSql {
    #[doc(hidden)]
    pub const fn __new(sqlite: &'static str, postgres: &'static str) -> DialectSql {
        DialectSql { sqlite, postgres }
    }

    /// The text for this connection's database.
    pub fn on(&self, conn: &Connection) -> &'static str {
        self.text(conn.backend())
    }

    /// The text for a database. PostgreSQL's begins with `/* sqlift: native */`, so that it is not translated.
    pub const fn text(&self, backend: Backend) -> &'static str {
        match backend {
            Backend::Sqlite => self.sqlite,
            Backend::Postgres => self.postgres,
        }
    }
}

/// One statement in two dialects: SQLite's text, and PostgreSQL's own, which is not translated.
///
/// Texts are literals or `include_str!("file.sql")`. Placeholders are SQLite's in both (`?1`, `:name`); in PostgreSQL's text `??`
/// is the operator `?`.
///
/// # Examples
/// ```
/// use sqlift::{Connection, DialectSql, dialect_sql};
///
/// const RED: DialectSql = dialect_sql! {
///     sqlite: "SELECT count(*) FROM offer WHERE json_extract(payload, '$.colour') = ?1",
///     postgres: "SELECT count(*) FROM offer WHERE payload::jsonb @> jsonb_build_object('colour', ?1::text)",
/// };
///
/// let conn = Connection::open_sqlite(":memory:")?;
/// conn.execute_batch(r#"CREATE TABLE offer (payload TEXT); INSERT INTO offer VALUES ('{"colour": "red"}')"#)?;
/// assert_eq!(conn.query_row(RED.on(&conn), ["red"], |row| row.get::<_, i64>(0))?, 1);
/// # Ok::<(), sqlift::Error>(())
/// ```
#[macro_export]
macro_rules! dialect_sql {
    (sqlite: $sqlite:expr, postgres: $postgres:expr $(,)?) => {
        $crate::DialectSql::__new($sqlite, ::core::concat!("/* sqlift: native */ ", $postgres))
    };
}
