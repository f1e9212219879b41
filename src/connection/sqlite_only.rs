//! What only SQLite does: on SQLite rusqlite does it, on PostgreSQL it is refused.
//!
//! Refused means an error that says what to do instead, or, where rusqlite's signature has no room for one, a warning on stderr
//! once per program. Taking a hook away that PostgreSQL never had is no error.

/// Without something to install there is nothing to refuse.
#[cfg(feature = "hooks")]
fn refuse_some<T>(hook: Option<T>, what: &str, instead: &str) -> crate::Result<()> {
    match hook {
        Some(_) => Err(super::not_on_postgres(what, instead)),
        None => Ok(()),
    }
}

#[cfg(feature = "collation")]
mod collation {
    use crate::Name;
    use crate::Result;
    use crate::connection::{Connection, Inner, not_on_postgres};
    use std::cmp::Ordering;

    impl Connection {
        /// Makes a Rust comparison a collation; see rusqlite.
        ///
        /// # Errors
        /// What SQLite reports; on PostgreSQL always.
        pub fn create_collation<C, N: Name>(&self, collation_name: N, x_compare: C) -> Result<()>
        where
            C: Fn(&str, &str) -> Ordering + Send + 'static,
        {
            match &self.inner {
                Inner::Sqlite(conn) => conn.create_collation(collation_name, x_compare),
                Inner::Postgres(_) => {
                    Err(not_on_postgres("create_collation", "CREATE COLLATION makes one of the server's own"))
                }
            }
        }

        /// Takes a collation away that was made by [`create_collation`](Self::create_collation).
        ///
        /// # Errors
        /// What SQLite reports; on PostgreSQL always.
        pub fn remove_collation<N: Name>(&self, collation_name: N) -> Result<()> {
            match &self.inner {
                Inner::Sqlite(conn) => conn.remove_collation(collation_name),
                Inner::Postgres(_) => {
                    Err(not_on_postgres("remove_collation", "DROP COLLATION removes it for everybody"))
                }
            }
        }
    }
}

#[cfg(feature = "hooks")]
mod hooks {
    use super::{refuse_some, warn_once};
    use crate::Result;
    use crate::connection::{Connection, Inner};
    use crate::hooks::{Action, AuthContext, Authorization, Wal};
    use std::ffi::c_int;

    const TRIGGERS: &str = "a trigger with NOTIFY tells of changes there";

    impl Connection {
        /// Calls a function for each changed row; see rusqlite.
        ///
        /// # Errors
        /// What SQLite reports; on PostgreSQL any function.
        pub fn update_hook<F>(&self, hook: Option<F>) -> Result<()>
        where
            F: FnMut(Action, &str, &str, i64) + Send + 'static,
        {
            match &self.inner {
                Inner::Sqlite(conn) => conn.update_hook(hook),
                Inner::Postgres(_) => refuse_some(hook, "update_hook", TRIGGERS),
            }
        }

        /// Calls a function before each row changes; see rusqlite.
        ///
        /// # Errors
        /// What SQLite reports; on PostgreSQL any function.
        #[cfg(feature = "preupdate_hook")]
        pub fn preupdate_hook<F>(&self, hook: Option<F>) -> Result<()>
        where
            F: FnMut(Action, &str, &str, &crate::hooks::PreUpdateCase) + Send + 'static,
        {
            match &self.inner {
                Inner::Sqlite(conn) => conn.preupdate_hook(hook),
                Inner::Postgres(_) => refuse_some(hook, "preupdate_hook", TRIGGERS),
            }
        }

        /// Calls a function after each commit to the write-ahead log; on PostgreSQL never, with a warning.
        pub fn wal_hook(&self, hook: Option<fn(&Wal, c_int) -> Result<()>>) {
            match &self.inner {
                Inner::Sqlite(conn) => conn.wal_hook(hook),
                Inner::Postgres(_) => warn_once("wal_hook", hook.is_some()),
            }
        }

        /// Calls a function from time to time while statements run; see rusqlite.
        ///
        /// # Errors
        /// What SQLite reports; on PostgreSQL any function.
        pub fn progress_handler<F>(&self, num_ops: c_int, handler: Option<F>) -> Result<()>
        where
            F: FnMut() -> bool + Send + 'static,
        {
            match &self.inner {
                Inner::Sqlite(conn) => conn.progress_handler(num_ops, handler),
                Inner::Postgres(_) => {
                    let instead = "statement_timeout and get_interrupt_handle end statements there";
                    refuse_some(handler, "progress_handler", instead)
                }
            }
        }

        /// Asks a function what statements may do; see rusqlite.
        ///
        /// # Errors
        /// What SQLite reports; on PostgreSQL any function.
        pub fn authorizer<F>(&self, hook: Option<F>) -> Result<()>
        where
            F: for<'r> FnMut(AuthContext<'r>) -> Authorization + Send + 'static,
        {
            match &self.inner {
                Inner::Sqlite(conn) => conn.authorizer(hook),
                Inner::Postgres(_) => refuse_some(hook, "authorizer", "GRANT says there what a role may do"),
            }
        }
    }
}

/// For what rusqlite's signature leaves no way to refuse.
#[cfg(feature = "hooks")]
fn warn_once(what: &str, is_set: bool) {
    static WARNED: std::sync::Once = std::sync::Once::new();
    if is_set {
        WARNED
            .call_once(|| eprintln!("sqlift: {what} is not available on PostgreSQL; the function will not be called"));
    }
}

#[cfg(any(feature = "backup", feature = "serialize"))]
const DUMP: &str = "pg_dump and pg_restore copy databases there";

#[cfg(feature = "backup")]
mod backup {
    use super::DUMP;
    use crate::Name;
    use crate::Result;
    use crate::backup::Progress;
    use crate::connection::{Connection, Inner, not_on_postgres};
    use std::path::Path;

    impl Connection {
        /// Copies the database into a file; see rusqlite.
        ///
        /// # Errors
        /// What SQLite reports; on PostgreSQL always.
        pub fn backup<N: Name, P: AsRef<Path>>(
            &self,
            name: N,
            dst_path: P,
            progress: Option<fn(Progress)>,
        ) -> Result<()> {
            match &self.inner {
                Inner::Sqlite(conn) => conn.backup(name, dst_path, progress),
                Inner::Postgres(_) => Err(not_on_postgres("backup", DUMP)),
            }
        }

        /// Replaces the database by that of a file; see rusqlite.
        ///
        /// # Errors
        /// What SQLite reports; on PostgreSQL always.
        pub fn restore<N: Name, P: AsRef<Path>, F: Fn(Progress)>(
            &mut self,
            name: N,
            src_path: P,
            progress: Option<F>,
        ) -> Result<()> {
            match &mut self.inner {
                Inner::Sqlite(conn) => conn.restore(name, src_path, progress),
                Inner::Postgres(_) => Err(not_on_postgres("restore", DUMP)),
            }
        }
    }
}

#[cfg(feature = "serialize")]
mod serialize {
    use super::DUMP;
    use crate::Name;
    use crate::Result;
    use crate::connection::{Connection, Inner, not_on_postgres};
    use crate::serialize::{Data, OwnedData};

    impl Connection {
        /// The database as bytes; see rusqlite.
        ///
        /// # Errors
        /// What SQLite reports; on PostgreSQL always.
        pub fn serialize<N: Name>(&self, schema: N) -> Result<Data<'_>> {
            match &self.inner {
                Inner::Sqlite(conn) => conn.serialize(schema),
                Inner::Postgres(_) => Err(not_on_postgres("serialize", DUMP)),
            }
        }

        /// Replaces the database by bytes that a reader gives; see rusqlite.
        ///
        /// # Errors
        /// What SQLite and the reader report; on PostgreSQL always.
        pub fn deserialize_read_exact<N: Name, R: std::io::Read>(
            &mut self,
            schema: N,
            read: R,
            sz: usize,
            read_only: bool,
        ) -> Result<()> {
            match &mut self.inner {
                Inner::Sqlite(conn) => conn.deserialize_read_exact(schema, read, sz, read_only),
                Inner::Postgres(_) => Err(not_on_postgres("deserialize", DUMP)),
            }
        }

        /// Replaces the database by bytes of the program; see rusqlite.
        ///
        /// # Errors
        /// What SQLite reports; on PostgreSQL always.
        pub fn deserialize_bytes<N: Name>(&mut self, schema: N, data: &'static [u8]) -> Result<()> {
            match &mut self.inner {
                Inner::Sqlite(conn) => conn.deserialize_bytes(schema, data),
                Inner::Postgres(_) => Err(not_on_postgres("deserialize", DUMP)),
            }
        }

        /// Replaces the database by bytes; see rusqlite.
        ///
        /// # Errors
        /// What SQLite reports; on PostgreSQL always.
        pub fn deserialize<N: Name>(&mut self, schema: N, data: OwnedData, read_only: bool) -> Result<()> {
            match &mut self.inner {
                Inner::Sqlite(conn) => conn.deserialize(schema, data, read_only),
                Inner::Postgres(_) => Err(not_on_postgres("deserialize", DUMP)),
            }
        }
    }
}

#[cfg(feature = "blob")]
mod blob {
    use crate::Name;
    use crate::Result;
    use crate::blob::Blob;
    use crate::connection::{Connection, Inner, not_on_postgres};

    impl Connection {
        /// Opens one value for reading and writing in pieces; see rusqlite.
        ///
        /// # Errors
        /// What SQLite reports; on PostgreSQL always.
        pub fn blob_open<D: Name, N: Name>(
            &self,
            db: D,
            table: N,
            column: N,
            row_id: i64,
            read_only: bool,
        ) -> Result<Blob<'_>> {
            match &self.inner {
                Inner::Sqlite(conn) => conn.blob_open(db, table, column, row_id, read_only),
                Inner::Postgres(_) => Err(not_on_postgres("blob_open", "substr(column, from, length) reads a piece")),
            }
        }
    }
}

#[cfg(feature = "vtab")]
mod vtab {
    use crate::Name;
    use crate::Result;
    use crate::connection::{Connection, Inner, not_on_postgres};
    use crate::vtab::{Module, VTab};

    impl Connection {
        /// Makes a virtual table module known; see rusqlite.
        ///
        /// # Errors
        /// What SQLite reports; on PostgreSQL always.
        pub fn create_module<'vtab, T: VTab<'vtab>, M: Name>(
            &self,
            module_name: M,
            module: &'static Module<'vtab, T>,
            aux: Option<T::Aux>,
        ) -> Result<()> {
            match &self.inner {
                Inner::Sqlite(conn) => conn.create_module(module_name, module, aux),
                Inner::Postgres(_) => Err(not_on_postgres(
                    "create_module",
                    "a foreign data wrapper or a function returning rows does that there",
                )),
            }
        }
    }
}
