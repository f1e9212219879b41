//! One statement on one connection of the pool, which may turn out to be lost.

use super::PooledConnection;
use crate::backend::postgres::Bindings;
use crate::{Connection, Error, Params, Result, Statement};

/// What a statement's placeholders are to be bound to.
pub(super) enum Values<P> {
    Params(P),
    /// They were bound on a connection that was lost.
    Bound(Bindings),
}

/// Runs a statement once. The error and the values come back when the connection was lost before the server ran anything.
pub(super) fn attempt<T, P: Params>(
    conn: &PooledConnection,
    sql: &str,
    values: Values<P>,
    run: &mut impl FnMut(&mut Statement<'_>) -> Result<T>,
) -> Result<Result<T>, (Error, Values<P>)> {
    let mut statement = match prepare(conn, sql) {
        Ok(statement) => statement,
        Err(error) if conn.is_lost() => return Err((error, values)),
        Err(error) => return Ok(Err(error)),
    };
    match values {
        Values::Bound(bindings) => statement.put_bindings(bindings),
        Values::Params(params) => {
            if let Err(error) = params.__bind_in(&mut statement) {
                return Ok(Err(error));
            }
        }
    }
    match run(&mut statement) {
        Err(error) if conn.nothing_ran() => match statement.take_bindings() {
            Some(bindings) => Err((error, Values::Bound(bindings))),
            None => Ok(Err(error)),
        },
        result => Ok(result),
    }
}

#[cfg(feature = "cache")]
fn prepare<'conn>(conn: &'conn Connection, sql: &str) -> Result<crate::CachedStatement<'conn>> {
    conn.prepare_cached(sql)
}

#[cfg(not(feature = "cache"))]
fn prepare<'conn>(conn: &'conn Connection, sql: &str) -> Result<Box<Statement<'conn>>> {
    conn.prepare(sql).map(Box::new)
}
