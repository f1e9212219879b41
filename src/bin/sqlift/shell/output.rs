//! How rows are written: `.mode list|column|table|csv|json|line`.

use super::value;
use sqlift::types::{Value, ValueRef};
use sqlift::{Error, Rows};
use std::io::{self, Write};
use unicode_width::UnicodeWidthStr;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    List,
    Column,
    Table,
    Csv,
    Json,
    Line,
}

impl Mode {
    pub const ALL: &[(&str, Mode)] = &[
        ("list", Mode::List),
        ("column", Mode::Column),
        ("table", Mode::Table),
        ("csv", Mode::Csv),
        ("json", Mode::Json),
        ("line", Mode::Line),
    ];
}

#[derive(Debug, Clone, Copy)]
pub struct Style {
    pub mode: Mode,
    pub headers: bool,
}

impl Style {
    pub fn for_people() -> Style {
        Style { mode: Mode::Column, headers: true }
    }

    /// As sqlite3 has it: fields with `|` between them, nothing else.
    pub fn for_scripts() -> Style {
        Style { mode: Mode::List, headers: false }
    }
}

/// Aligned modes look at this many rows for the widths, so that a long result needs no memory.
const LOOKED_AT: usize = 1_000;

/// Writes a result. The outer error is the database's, the inner one the output's.
pub fn rows(
    out: &mut impl Write,
    style: &Style,
    columns: &[String],
    rows: &mut Rows<'_>,
) -> Result<io::Result<()>, Error> {
    let mut written = 0;
    if matches!(style.mode, Mode::Column | Mode::Table) {
        return aligned(out, style, columns, rows);
    }
    let mut row = Vec::with_capacity(columns.len());
    let mut head = if style.headers && matches!(style.mode, Mode::List | Mode::Csv) {
        let names = columns.iter().map(|name| if style.mode == Mode::Csv { csv_text(name) } else { name.clone() });
        writeln!(out, "{}", names.collect::<Vec<_>>().join(separator(style.mode)))
    } else {
        Ok(())
    };
    while head.is_ok() {
        let Some(current) = rows.next()? else { break };
        row.clear();
        for column in 0..columns.len() {
            row.push(Value::try_from(current.get_ref(column)?).unwrap_or_else(|_| {
                // Text that is not UTF-8: shown as far as it can be.
                Value::Text(String::from_utf8_lossy(bytes_of(current.get_ref(column))).into_owned())
            }));
        }
        head = one(out, style.mode, columns, &row, written);
        written += 1;
    }
    let ended = match style.mode {
        Mode::Json if head.is_ok() && written > 0 => writeln!(out, "]"),
        Mode::Json if head.is_ok() => writeln!(out, "[]"),
        _ => Ok(()),
    };
    Ok(head.and(ended))
}

fn bytes_of<'a>(value: Result<ValueRef<'a>, Error>) -> &'a [u8] {
    match value {
        Ok(ValueRef::Text(bytes)) => bytes,
        _ => &[],
    }
}

fn separator(mode: Mode) -> &'static str {
    if mode == Mode::Csv { "," } else { "|" }
}

fn one(out: &mut impl Write, mode: Mode, columns: &[String], row: &[Value], written: usize) -> io::Result<()> {
    match mode {
        Mode::Json => {
            write!(out, "{}{{", if written == 0 { "[" } else { ",\n" })?;
            for (number, (name, value)) in columns.iter().zip(row).enumerate() {
                let comma = if number == 0 { "" } else { "," };
                let name = serde_json::Value::from(name.as_str());
                write!(out, "{comma}{name}:{}", value::to_json(value.into()))?;
            }
            write!(out, "}}")
        }
        Mode::Line => {
            if written > 0 {
                writeln!(out)?;
            }
            let width = columns.iter().map(|name| plain(name).width()).max().unwrap_or(0);
            for (name, value) in columns.iter().zip(row) {
                let name = plain(name);
                writeln!(out, "{}{name} = {}", " ".repeat(width - name.width()), cell(value))?;
            }
            Ok(())
        }
        Mode::Csv => {
            let fields: Vec<String> = row.iter().map(csv).collect();
            // A lone empty field would be an empty line, which readers skip.
            writeln!(out, "{}", fields.join(","))
        }
        Mode::List | Mode::Column | Mode::Table => {
            writeln!(out, "{}", row.iter().map(cell).collect::<Vec<_>>().join("|"))
        }
    }
}

/// NULL is an empty field, empty text a quoted one.
fn csv(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Text(text) => csv_text(text),
        other => cell(other),
    }
}

fn csv_text(text: &str) -> String {
    if text.is_empty() || text.contains(['"', ',', '\n', '\r']) || text.starts_with(' ') || text.ends_with(' ') {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

/// A value as people read it: NULL shows.
fn cell(value: &Value) -> String {
    match value {
        Value::Null => "NULL".into(),
        Value::Integer(integer) => integer.to_string(),
        Value::Real(real) if real.is_finite() => format!("{real:?}"),
        Value::Real(real) if real.is_nan() => "NaN".into(),
        Value::Real(real) => if *real > 0.0 { "Inf" } else { "-Inf" }.into(),
        Value::Text(text) => text.clone(),
        Value::Blob(bytes) => format!("x'{}'", value::hex(bytes)),
    }
}

/// Text in one line that does nothing to a terminal.
pub fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => plain.push_str("\\n"),
            '\r' => plain.push_str("\\r"),
            '\t' => plain.push(' '),
            c if c.is_control() => plain.extend(c.escape_unicode()),
            c => plain.push(c),
        }
    }
    plain
}

fn aligned(
    out: &mut impl Write,
    style: &Style,
    columns: &[String],
    rows: &mut Rows<'_>,
) -> Result<io::Result<()>, Error> {
    let names: Vec<String> = columns.iter().map(|name| plain(name)).collect();
    let mut widths: Vec<usize> = names.iter().map(|name| if style.headers { name.width() } else { 0 }).collect();
    let mut numeric = vec![None; columns.len()];
    let mut first = Vec::new();
    while first.len() < LOOKED_AT {
        let Some(cells) = next(rows, columns.len())? else { break };
        for (column, (cell, is_number)) in cells.iter().enumerate() {
            widths[column] = widths[column].max(cell.width());
            if let Some(is_number) = is_number {
                numeric[column] = Some(numeric[column].unwrap_or(true) && *is_number);
            }
        }
        first.push(cells);
    }
    if first.is_empty() {
        return Ok(Ok(()));
    }
    let right: Vec<bool> = numeric.into_iter().map(|numeric| numeric == Some(true)).collect();
    let grid = Grid { table: style.mode == Mode::Table, widths, right };
    let mut result = grid.rule(out);
    if style.headers {
        result = result.and_then(|()| grid.line(out, names.iter().map(String::as_str))).and_then(|()| grid.under(out));
    }
    for cells in first {
        result = result.and_then(|()| grid.line(out, cells.iter().map(|(cell, _)| cell.as_str())));
    }
    while result.is_ok() {
        let Some(cells) = next(rows, columns.len())? else { break };
        result = grid.line(out, cells.iter().map(|(cell, _)| cell.as_str()));
    }
    Ok(result.and_then(|()| grid.rule(out)))
}

/// A row's cells, each with whether it is a number (`None` for NULL).
type Cells = Vec<(String, Option<bool>)>;

fn next(rows: &mut Rows<'_>, count: usize) -> Result<Option<Cells>, Error> {
    let Some(row) = rows.next()? else { return Ok(None) };
    (0..count)
        .map(|column| {
            let value = row.get_ref(column)?;
            Ok(match value {
                ValueRef::Null => (cell(&Value::Null), None),
                ValueRef::Text(bytes) => (plain(&String::from_utf8_lossy(bytes)), Some(false)),
                ValueRef::Blob(bytes) => (format!("x'{}'", value::hex(bytes)), Some(false)),
                ValueRef::Integer(integer) => (integer.to_string(), Some(true)),
                ValueRef::Real(real) => (cell(&Value::Real(real)), Some(true)),
            })
        })
        .collect::<Result<Cells, Error>>()
        .map(Some)
}

/// The lines of an aligned result.
struct Grid {
    table: bool,
    widths: Vec<usize>,
    right: Vec<bool>,
}

impl Grid {
    fn line<'a>(&self, out: &mut impl Write, cells: impl Iterator<Item = &'a str>) -> io::Result<()> {
        let mut line = String::new();
        for (column, cell) in cells.enumerate() {
            let blanks = " ".repeat(self.widths[column].saturating_sub(cell.width()));
            line.push_str(match (self.table, column) {
                (true, 0) => "| ",
                (true, _) => " | ",
                (false, 0) => "",
                (false, _) => "  ",
            });
            if self.right[column] {
                line.push_str(&blanks);
            }
            line.push_str(cell);
            if !self.right[column] {
                line.push_str(&blanks);
            }
        }
        let line = if self.table { format!("{line} |") } else { line.trim_end().to_owned() };
        writeln!(out, "{line}")
    }

    /// Above and below a table.
    fn rule(&self, out: &mut impl Write) -> io::Result<()> {
        if !self.table {
            return Ok(());
        }
        let dashes: Vec<String> = self.widths.iter().map(|width| "-".repeat(width + 2)).collect();
        writeln!(out, "+{}+", dashes.join("+"))
    }

    /// Below the names.
    fn under(&self, out: &mut impl Write) -> io::Result<()> {
        if self.table {
            return self.rule(out);
        }
        let dashes: Vec<String> = self.widths.iter().map(|width| "-".repeat(*width)).collect();
        writeln!(out, "{}", dashes.join("  "))
    }
}
