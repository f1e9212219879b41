//! A statement's messages, as they leave.

use bytes::BytesMut;
use postgres_protocol::IsNull;
use postgres_protocol::message::frontend::{self, BindError};
use rusqlite::{Result, ffi};
use tokio_postgres::types::{self, ToSql as _, Type};

use super::bind::Parameter;
use super::plan::{Handle, Prepared};
use super::sqlstate::{failure, refused_value};
use crate::translate::Translation;
use crate::translate::store::Stored;

/// PostgreSQL's format codes: everything comes back binary.
const BINARY: i16 = 1;

/// Asks what the triggers of the statement ahead of it changed: one row of one bigint.
const TRIGGERS_CHANGED: &str = "SELECT sqlift.take_changes()";

/// Writes the statements of `before`, which take no parameters, then the prepared one with its parameters, then the question
/// what its triggers changed where it may run some, under one Sync.
/// One without a name is written whole, and asks for a description of its rows.
///
/// # Errors
/// A value that the type of its slot cannot hold, or more bytes than a message may have.
pub(super) fn write<'a>(
    out: &mut BytesMut,
    before: &[&str],
    prepared: &Prepared,
    translation: &Translation,
    parameters: impl Iterator<Item = Parameter<'a>> + Clone,
) -> Result<()> {
    for sql in before {
        plain(sql, out)?;
    }
    match &prepared.statement {
        Handle::Named { statement, name } => bind(name, parameters.zip(statement.params()), &translation.stored, out)?,
        Handle::Unnamed { parameters: types, .. } => {
            frontend::parse("", &translation.sql, types.iter().map(Type::oid), out).map_err(too_large)?;
            bind("", parameters.zip(types), &translation.stored, out)?;
            frontend::describe(b'P', "", out).map_err(too_large)?;
        }
    }
    frontend::execute("", 0, out).map_err(too_large)?;
    if translation.runs_triggers {
        plain(TRIGGERS_CHANGED, out)?;
    }
    frontend::sync(out);
    Ok(())
}

/// A statement without parameters.
fn plain(sql: &str, out: &mut BytesMut) -> Result<()> {
    frontend::parse("", sql, [], out).map_err(too_large)?;
    bind("", [], &Stored::default(), out)?;
    frontend::execute("", 0, out).map_err(too_large)
}

fn bind<'a, 'b, I>(name: &str, parameters: I, stored: &Stored, out: &mut BytesMut) -> Result<()>
where
    I: IntoIterator<Item = (Parameter<'a>, &'b Type)>,
    I::IntoIter: Clone,
{
    let parameters = parameters.into_iter();
    let all = parameters.clone();
    let formats = parameters.clone().map(|(parameter, target)| parameter.encode_format(target) as i16);
    let written = frontend::bind(
        "",
        name,
        formats,
        parameters,
        |(parameter, target), out| {
            Ok(match parameter.to_sql(target, out)? {
                types::IsNull::Yes => IsNull::Yes,
                types::IsNull::No => IsNull::No,
            })
        },
        [BINARY],
        out,
    );
    written.map_err(|error| match error {
        BindError::Conversion(error) => {
            let misfits = |number, context| {
                let mut sent = all
                    .clone()
                    .filter(|(parameter, _)| (parameter.slot.parameter, parameter.slot.context) == (number, context));
                sent.find_map(|(parameter, target)| parameter.misfit(target))
            };
            refused_value(&*error, stored.error(misfits))
        }
        BindError::Serialization(error) => too_large(error),
    })
}

fn too_large(error: std::io::Error) -> rusqlite::Error {
    failure(ffi::SQLITE_TOOBIG, format!("string or blob too big: the statement does not fit into a message ({error})"))
}
