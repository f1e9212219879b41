//! The machine mode: one JSON request and one JSON reply a line. Errors are replies and never end it.

use super::connect::Connected;
use super::value::{self, Parameter};
use crate::Failure;
use serde_json::{Map, Value as Json, json};
use sqlift::{Backend, Error, Statement, ffi};
use std::io::{BufRead, Write};
use std::process::ExitCode;

/// Answers requests until the input ends.
pub fn run(mut connected: Connected, mut input: impl BufRead, mut output: impl Write) -> Result<ExitCode, Failure> {
    let mut line = Vec::new();
    while input.read_until(b'\n', &mut line)? > 0 {
        let reply = answer(&mut connected, &line).unwrap_or_else(Problem::reply);
        let mut reply = serde_json::to_vec(&reply)?;
        reply.push(b'\n');
        output.write_all(&reply)?;
        output.flush()?;
        line.clear();
    }
    Ok(ExitCode::SUCCESS)
}

/// Why a request failed.
enum Problem {
    /// It is no request.
    Malformed(String),
    Database(Error),
}

impl From<Error> for Problem {
    fn from(error: Error) -> Problem {
        Problem::Database(error)
    }
}

impl From<String> for Problem {
    fn from(message: String) -> Problem {
        Problem::Malformed(message)
    }
}

impl Problem {
    fn reply(self) -> Json {
        let error = match self {
            Problem::Malformed(message) => return failure(ffi::SQLITE_ERROR, &message, None, None),
            Problem::Database(error) => error,
        };
        let extended = error.sqlite_error().map_or(ffi::SQLITE_ERROR, |error| error.extended_code);
        failure(extended, &super::message(&error), super::sqlstate(&error), super::offset(&error))
    }
}

fn failure(extended: i32, message: &str, sqlstate: Option<String>, offset: Option<usize>) -> Json {
    // The lower byte of an extended result code is the primary one.
    let code = extended & 0xff;
    json!({"error": {
        "code": code, "extended_code": extended, "message": message, "sqlstate": sqlstate, "offset": offset,
    }})
}

const REQUESTS: &[&str] = &["sql", "script", "native", "open", "translate"];

fn answer(connected: &mut Connected, line: &[u8]) -> Result<Json, Problem> {
    let line = std::str::from_utf8(line).map_err(|_| "malformed request: the line is not UTF-8".to_owned())?;
    let request = serde_json::from_str(line).map_err(|error| format!("malformed request: {error}"))?;
    value::check_integers(line)?;
    let Json::Object(request) = request else { return Err("malformed request: not an object".to_owned().into()) };
    if let Some(unknown) = request.keys().find(|key| *key != "params" && !REQUESTS.contains(&key.as_str())) {
        return Err(format!("malformed request: \"{unknown}\" is not known").into());
    }
    let mut asked = REQUESTS.iter().filter_map(|kind| Some((*kind, request.get(*kind)?)));
    let (Some((kind, text)), None) = (asked.next(), asked.next()) else {
        return Err(format!("malformed request: one of {} is needed", REQUESTS.join(", ")).into());
    };
    let Some(text) = text.as_str() else { return Err(format!("malformed request: \"{kind}\" is not a string").into()) };
    let parameters = Parameters::read(request.get("params"))?;
    if !matches!(kind, "sql" | "native") && !matches!(parameters, Parameters::None) {
        return Err(format!("malformed request: \"{kind}\" takes no params").into());
    }

    let conn = &connected.conn;
    match kind {
        "sql" => run_statement(connected, conn.prepare(text)?, &parameters),
        "native" => match conn.native().prepare(text) {
            Err(error) if matches!(parameters, Parameters::None) && is_script(connected, text, &error) => {
                conn.native().execute_batch(text)?;
                Ok(json!({"ok": true}))
            }
            statement => run_statement(connected, statement?, &parameters),
        },
        "script" => {
            conn.execute_batch(text)?;
            Ok(json!({"ok": true}))
        }
        "open" => {
            let opened = if text == ":memory:" { connected.open_in_memory()? } else { Connected::open(text)? };
            if opened.backend() != connected.backend() {
                return Err("open stays on the database of the shell's URL".to_owned().into());
            }
            *connected = opened;
            Ok(json!({"ok": true}))
        }
        _ => translate(connected, text),
    }
}

/// The backend's own SQL may come as a script, of which nothing has run when it cannot be prepared as one statement.
fn is_script(connected: &Connected, text: &str, error: &Error) -> bool {
    match connected.backend() {
        Backend::Sqlite => sqlift::syntax::statements(text).is_ok_and(|found| found.len() > 1),
        Backend::Postgres => matches!(error, Error::MultipleStatement),
    }
}

fn translate(connected: &Connected, sql: &str) -> Result<Json, Problem> {
    // SQLite gets the text as it is.
    let Some(translation) = connected.conn.translate(sql)? else {
        let count = connected.conn.prepare(sql)?.parameter_count();
        return Ok(json!({"sql": sql, "slots": (1..=count).collect::<Vec<_>>(), "rules": [], "notes": []}));
    };
    let slots: Vec<usize> = translation.slots.iter().map(|slot| slot.parameter).collect();
    let note = |note: &sqlift::translate::Note| {
        let fidelity = format!("{:?}", note.fidelity).to_lowercase();
        json!({"rule": note.rule, "fidelity": fidelity, "help": note.help})
    };
    let notes: Vec<Json> = translation.notes.iter().map(note).collect();
    let rules: Vec<&str> = translation.fired.ids().collect();
    Ok(json!({"sql": translation.sql, "slots": slots, "rules": rules, "notes": notes}))
}

enum Parameters {
    None,
    Numbered(Vec<Parameter>),
    Named(Vec<(String, Parameter)>),
}

impl Parameters {
    fn read(json: Option<&Json>) -> Result<Parameters, String> {
        match json {
            None | Some(Json::Null) => Ok(Parameters::None),
            Some(Json::Array(values)) => {
                values.iter().map(value::parameter).collect::<Result<_, _>>().map(Parameters::Numbered)
            }
            Some(Json::Object(values)) => {
                let pair = |(name, json): (&String, &Json)| Ok((name.clone(), value::parameter(json)?));
                values.iter().map(pair).collect::<Result<_, _>>().map(Parameters::Named)
            }
            Some(other) => Err(format!("malformed request: params {other} is neither an array nor an object")),
        }
    }
}

fn run_statement(
    connected: &Connected,
    mut statement: Statement<'_>,
    parameters: &Parameters,
) -> Result<Json, Problem> {
    bind(&mut statement, parameters)?;
    let columns: Vec<String> = statement.column_names().into_iter().map(str::to_owned).collect();
    let writes = !statement.readonly();
    let mut reply = Map::new();
    if columns.is_empty() {
        statement.raw_execute()?;
    } else {
        let mut rows = statement.raw_query();
        let mut read = Vec::new();
        while let Some(row) = rows.next()? {
            let values: sqlift::Result<Vec<Json>> =
                (0..columns.len()).map(|column| row.get_ref(column).map(value::to_json)).collect();
            read.push(Json::Array(values?));
        }
        reply.insert("columns".into(), json!(columns));
        reply.insert("rows".into(), Json::Array(read));
    }
    if columns.is_empty() || writes {
        reply.insert("changes".into(), json!(connected.conn.changes()));
        reply.insert("last_insert_rowid".into(), json!(connected.conn.last_insert_rowid()));
    }
    Ok(Json::Object(reply))
}

/// Gives every parameter of the statement its value. Values under names that it does not have are left out, as
/// programs pass one object to several statements; a parameter without a value is an error.
fn bind(statement: &mut Statement<'_>, parameters: &Parameters) -> Result<(), Problem> {
    let count = statement.parameter_count();
    match parameters {
        Parameters::Numbered(values) if values.len() == count => {
            for (number, value) in (1..).zip(values) {
                statement.raw_bind_parameter(number, value)?;
            }
        }
        Parameters::Named(values) => {
            for number in 1..=count {
                let name = statement.parameter_name(number).map(str::to_owned);
                let value = values.iter().find(|(known, _)| Some(known) == name.as_ref());
                let Some((_, value)) = value else {
                    let name = name.unwrap_or_else(|| format!("number {number}, which has no name"));
                    return Err(format!("no value for parameter {name}").into());
                };
                statement.raw_bind_parameter(number, value)?;
            }
        }
        Parameters::None if count == 0 => {}
        Parameters::None => return Err(Error::InvalidParameterCount(0, count).into()),
        Parameters::Numbered(values) => return Err(Error::InvalidParameterCount(values.len(), count).into()),
    }
    Ok(())
}
