//! Functions written in Rust: SQLite calls them, PostgreSQL must have one of its own.

use super::{Connection, Inner, not_on_postgres};
use crate::Name;
use crate::Result;
use crate::functions::{Aggregate, Context, FunctionFlags, SqlFnOutput};
use std::ffi::c_int;
use std::panic::{RefUnwindSafe, UnwindSafe};

impl Connection {
    /// Makes a Rust function callable from SQL; see rusqlite.
    ///
    /// # Errors
    /// What SQLite reports. PostgreSQL cannot call back into the program: there a function of this name and number of
    /// arguments must exist already, and the call then only checks that.
    pub fn create_scalar_function<F, N: Name, T>(
        &self,
        fn_name: N,
        n_arg: c_int,
        flags: FunctionFlags,
        x_func: F,
    ) -> Result<()>
    where
        F: Fn(&Context<'_>) -> Result<T> + Send + 'static,
        T: SqlFnOutput,
    {
        match &self.inner {
            Inner::Sqlite(conn) => conn.create_scalar_function(fn_name, n_arg, flags, x_func),
            Inner::Postgres(_) => self.expect_function(fn_name, n_arg),
        }
    }

    /// Makes a Rust aggregate callable from SQL; see rusqlite.
    ///
    /// # Errors
    /// As [`create_scalar_function`](Self::create_scalar_function).
    pub fn create_aggregate_function<A, D, N: Name, T>(
        &self,
        fn_name: N,
        n_arg: c_int,
        flags: FunctionFlags,
        aggr: D,
    ) -> Result<()>
    where
        A: RefUnwindSafe + UnwindSafe,
        D: Aggregate<A, T> + 'static,
        T: SqlFnOutput,
    {
        match &self.inner {
            Inner::Sqlite(conn) => conn.create_aggregate_function(fn_name, n_arg, flags, aggr),
            Inner::Postgres(_) => self.expect_function(fn_name, n_arg),
        }
    }

    /// Makes a Rust window function callable from SQL; see rusqlite.
    ///
    /// # Errors
    /// As [`create_scalar_function`](Self::create_scalar_function).
    #[cfg(feature = "window")]
    pub fn create_window_function<A, N: Name, W, T>(
        &self,
        fn_name: N,
        n_arg: c_int,
        flags: FunctionFlags,
        aggr: W,
    ) -> Result<()>
    where
        A: RefUnwindSafe + UnwindSafe,
        W: crate::functions::WindowAggregate<A, T> + 'static,
        T: SqlFnOutput,
    {
        match &self.inner {
            Inner::Sqlite(conn) => conn.create_window_function(fn_name, n_arg, flags, aggr),
            Inner::Postgres(_) => self.expect_function(fn_name, n_arg),
        }
    }

    /// Takes a function away that was made by one of the above.
    ///
    /// # Errors
    /// What SQLite reports; on PostgreSQL always, since the function there belongs to the database.
    pub fn remove_function<N: Name>(&self, fn_name: N, n_arg: c_int) -> Result<()> {
        match &self.inner {
            Inner::Sqlite(conn) => conn.remove_function(fn_name, n_arg),
            Inner::Postgres(_) => Err(not_on_postgres("remove_function", "DROP FUNCTION removes it for everybody")),
        }
    }

    fn expect_function<N: Name>(&self, fn_name: N, n_arg: c_int) -> Result<()> {
        let name = super::info::text(&fn_name)?;
        let sql = "SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_proc p
            WHERE lower(p.proname) = lower(?1) AND pg_catalog.pg_function_is_visible(p.oid)
            AND (p.pronargs = ?2::int OR p.provariadic <> 0 OR ?2::int < 0))";
        if self.native().query_row(sql, (&name, n_arg), |row| row.get(0))? {
            return Ok(());
        }
        let arguments = if n_arg < 0 { "any number of arguments".to_owned() } else { format!("{n_arg} argument(s)") };
        let what = format!("the function {name} with {arguments}, written in Rust,");
        let instead = "write it in SQL or plpgsql with CREATE FUNCTION, in a migration such as sql/migrations/postgres/R__functions.sql; \
                       this call then passes";
        Err(not_on_postgres(&what, instead))
    }
}
