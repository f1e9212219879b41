//! Dates and times.

use super::Rule;
use crate::translate::Fidelity::Exact;

pub(crate) static RULES: &[&Rule] = &[&CURRENT_TEXT, &DATE_FUNCTIONS];

pub(crate) static CURRENT_TEXT: Rule = Rule {
    id: "current-timestamp",
    matches: "CURRENT_TIMESTAMP, CURRENT_DATE, CURRENT_TIME, datetime('now'): text of UTC",
    why: "SQLite's are text without zone and fraction, the same within a statement",
    source: "https://sqlite.org/lang_createtable.html#the_default_clause",
    fidelity: Exact,
    help: "",
    examples: &[("SELECT date('now')", "SELECT to_char(statement_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD')")],
};

pub(crate) static DATE_FUNCTIONS: Rule = Rule {
    id: "date-functions",
    matches: "date, time, datetime, julianday, unixepoch, strftime with modifiers: sqlift.f(...)",
    why: "PostgreSQL has none of them; date('x') would be a cast",
    source: "https://sqlite.org/lang_datefunc.html",
    fidelity: Exact,
    help: "",
    examples: &[
        ("SELECT date(name, '-1 day') FROM t", "SELECT sqlift.date(name, '-1 day') FROM t"),
        ("SELECT strftime('%Y', name) FROM t", "SELECT sqlift.strftime('%Y', name) FROM t"),
        ("SELECT datetime(?, 'unixepoch')", "SELECT sqlift.datetime(sqlift.to_text($1), 'unixepoch')"),
    ],
};
