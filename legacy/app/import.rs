//! The import of delivered items from a CSV file, and the file itself, made deterministically for tests and demos.

use rusqlite::Connection;

use crate::db::{Error, Result};
use crate::report::Report;
use crate::sources::{self, Delivery, Item};

pub const CSV_ROWS: i64 = 10_000;
const HEADER: &str = "source,external_id,title,amount,quantity,received_on,urgent";

pub fn make_csv() -> String {
    let mut text = format!("{HEADER}\n");
    for n in 0..CSV_ROWS {
        text.push_str(&sources::csv_line(n));
        text.push('\n');
    }
    text
}

/// Imports in transactions of 1,000 rows; rows that the database refuses are counted, not fatal.
pub fn import_csv(conn: &mut Connection, text: &str, report: &mut Report) -> Result<()> {
    let mut lines = text.lines();
    if lines.next() != Some(HEADER) {
        return Err(Error::BadInput(format!("the first line must be: {HEADER}")));
    }
    let lines: Vec<&str> = lines.collect();
    let (mut stored, mut duplicates, mut negative, mut missing) = (0, 0, 0, 0);
    for chunk in lines.chunks(1000) {
        let tx = conn.transaction()?;
        for line in chunk {
            let fields = split(line);
            let [source_code, external_id, title, amount, quantity, received_on, urgent] = fields.as_slice() else {
                return Err(Error::BadInput(format!("7 fields expected: {line}")));
            };
            let item = Item {
                source_code,
                external_id,
                title,
                amount: optional(amount)?,
                quantity: optional(quantity)?,
                received_on,
                urgent: urgent == "1",
            };
            match sources::deliver(&tx, &item)? {
                Delivery::Stored => stored += 1,
                Delivery::Duplicate => duplicates += 1,
                Delivery::Rejected("no quantity") => missing += 1,
                Delivery::Rejected(_) => negative += 1,
            }
        }
        tx.commit()?;
    }
    report.fact(
        "imported, duplicates, negative, without quantity",
        format!("{stored}, {duplicates}, {negative}, {missing} of {}", lines.len()),
    )
}

fn optional<T: std::str::FromStr>(field: &str) -> Result<Option<T>> {
    if field.is_empty() {
        return Ok(None);
    }
    field.parse().map(Some).map_err(|_| Error::BadInput(format!("not a number: {field}")))
}

/// Splits a line at its commas; a field may stand in double quotes, in which `""` is one quote.
fn split(line: &str) -> Vec<String> {
    let (mut fields, mut field, mut quoted) = (Vec::new(), String::new(), false);
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                field.push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => fields.push(std::mem::take(&mut field)),
            c => field.push(c),
        }
    }
    fields.push(field);
    fields
}
