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
    matches: "date, time, datetime, julianday, unixepoch, strftime with modifiers: PostgreSQL's own functions where the value has the usual form, else sqlift.f(...)",
    why: "PostgreSQL has none of them; date('x') would be a cast",
    source: "https://sqlite.org/lang_datefunc.html",
    fidelity: Exact,
    help: "",
    examples: &[
        (
            "SELECT date(name) FROM t",
            "SELECT (CASE WHEN sqlift.has_moment(name) THEN left(name, 10) WHEN sqlift.has_long_moment(name) THEN left(sqlift.short_moment(name), 10) WHEN name IS NOT NULL THEN sqlift.date(name) END) FROM t",
        ),
        (
            "SELECT datetime('now', '-7 days')",
            "SELECT to_char(((statement_timestamp() AT TIME ZONE 'UTC') - interval '7 days'), 'YYYY-MM-DD HH24:MI:SS')",
        ),
        ("SELECT date(name, ?) FROM t", "SELECT sqlift.date(name, sqlift.to_text($1)) FROM t"),
        ("SELECT datetime(?, 'unixepoch')", "SELECT sqlift.datetime(sqlift.to_text($1), 'unixepoch')"),
    ],
};
