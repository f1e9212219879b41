//! Brings expressions of both databases to one form.
//!
//! A default is computed on its own database. A CHECK or an index of SQLite's is translated, made on PostgreSQL's tables inside a
//! transaction that is rolled back, and read as the server prints it: then two texts that mean the same are the same.

use super::facts::{Fact, Key, What};
use super::types::{Class, class};
use super::{full_text, postgres, sqlite, triggers};
use crate::migrate::Result;
use crate::types::Value;
use crate::{Connection, OptionalExtension};

/// The facts of both sides, comparable.
pub(super) fn both(
    sqlite: &Connection,
    postgres: &Connection,
    mut ours: Vec<Fact>,
    mut theirs: Vec<Fact>,
) -> Result<(Vec<Fact>, Vec<Fact>)> {
    let declared: Vec<(Key, String)> = types(&ours);
    let native: Vec<(Key, String)> = types(&theirs);
    let column_type = |known: &[(Key, String)], key: &Key| {
        let wanted = Key { what: What::Type, ..key.clone() };
        known.iter().find(|(key, _)| *key == wanted).map(|(_, ty)| ty.clone())
    };
    for fact in ours.iter_mut().filter(|fact| fact.key.what == What::Default) {
        let class = column_type(&declared, &fact.key).map_or(Class::Any, |declared| class(&declared));
        fact.value = default(sqlite, sqlite, &fact.value, None, class)?;
    }
    for fact in theirs.iter_mut().filter(|fact| fact.key.what == What::Default) {
        let ty = column_type(&native, &fact.key);
        let class = column_type(&declared, &fact.key).map_or(Class::Any, |declared| class(&declared));
        fact.value = default(postgres, sqlite, &fact.value, ty.as_deref(), class)?;
    }
    as_postgres_prints(postgres, &mut ours)?;
    // What a type of PostgreSQL says already need not be said again.
    ours.retain(|fact| {
        let What::Check(condition) = &fact.origin().what else { return true };
        let Some((column, kind)) = sqlite::implied_by_type(condition) else { return true };
        let key = Key { column: Some(column), ..fact.key.clone() };
        !column_type(&native, &key).is_some_and(|ty| ty.starts_with(kind))
            || theirs.iter().any(|other| other.key == fact.key)
    });
    triggers::bodies(sqlite, postgres, &mut ours, &mut theirs)?;
    Ok((ours, theirs))
}

fn types(facts: &[Fact]) -> Vec<(Key, String)> {
    facts.iter().filter(|fact| fact.key.what == What::Type).map(|fact| (fact.key.clone(), fact.value.clone())).collect()
}

/// What a default gives: a value, or a word for what is another each time.
fn default(conn: &Connection, clock: &Connection, text: &str, ty: Option<&str>, class: Class) -> Result<String> {
    // A column without a type: what its value is made of.
    let (text, ty) = match text.strip_prefix("sqlift.value_of(").and_then(|text| text.strip_suffix(')')) {
        Some(inner) => (inner, None),
        None => (text, ty),
    };
    let sql = match ty {
        Some(ty) => format!("SELECT ({text})::{ty}"),
        None => format!("SELECT {text}"),
    };
    let compute = || conn.native().query_row(&sql, [], |row| row.get::<_, Value>(0));
    let (Ok(first), Ok(second)) = (compute(), compute()) else {
        // Not to be computed alone (a bare word, which SQLite takes for text): then by its text.
        return Ok(text.trim_matches(['\'', '"']).to_owned());
    };
    let (first, second) = (stored(class, first), stored(class, second));
    if let Some(word) = time_word(clock, &first)? {
        return Ok(word);
    }
    if first != second {
        return Ok("a random value".to_owned());
    }
    Ok(match (class, first) {
        (_, Value::Null) => "NULL".to_owned(),
        (Class::Real | Class::Numeric, Value::Integer(number)) => format!("{:?}", number as f64),
        (_, Value::Integer(number)) => number.to_string(),
        (_, Value::Real(number)) => format!("{number:?}"),
        (Class::Real | Class::Numeric | Class::Integer | Class::Boolean, Value::Text(text)) => text,
        (Class::Text | Class::Json, Value::Text(text)) if text.starts_with(['{', '[']) => minified(clock, &text)?,
        (_, Value::Text(text)) => format!("'{text}'"),
        (_, Value::Blob(bytes)) => format!("x'{}'", crate::migrate::script::hex(&bytes)),
    })
}

/// What a column keeps of a value, by its affinity: the text `'12'` is 12 in an INTEGER column, 12 is `'12'` in a TEXT column.
fn stored(class: Class, value: Value) -> Value {
    let is_number =
        |text: &str| text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E'));
    let number = match (class, value) {
        (Class::Text, Value::Integer(number)) => return Value::Text(number.to_string()),
        (Class::Integer | Class::Boolean | Class::Real | Class::Numeric, Value::Text(text)) => {
            match (text.parse(), text.parse()) {
                (Ok(number), _) => Value::Integer(number),
                (_, Ok(number)) if is_number(&text) => Value::Real(number),
                _ => Value::Text(text),
            }
        }
        (_, value) => value,
    };
    match (class, number) {
        (Class::Integer | Class::Boolean, Value::Real(number)) if number == (number as i64) as f64 => {
            Value::Integer(number as i64)
        }
        (_, value) => value,
    }
}

/// JSON without blanks, as jsonb loses them.
fn minified(clock: &Connection, text: &str) -> Result<String> {
    let json: Option<String> = clock.query_row("SELECT json(?)", [text], |row| row.get(0)).optional().ok().flatten();
    Ok(format!("'{}'", json.unwrap_or_else(|| text.to_owned())))
}

/// Whether a value is the present moment, in one of the forms that defaults have.
fn time_word(clock: &Connection, value: &Value) -> Result<Option<String>> {
    let near =
        |sql: &str| clock.query_row(sql, [value], |row| row.get::<_, Option<bool>>(0)).map(Option::unwrap_or_default);
    let forms: &[(&str, &str)] = match value {
        Value::Text(text) if text.len() >= 19 => {
            &[("the current time", "SELECT abs(julianday(?1) - julianday('now')) < 0.002")]
        }
        Value::Text(text) if text.len() == 10 => &[
            ("the current date", "SELECT ?1 = date('now')"),
            ("the current time in seconds", "SELECT abs(CAST(?1 AS INTEGER) - unixepoch('now')) < 120"),
        ],
        Value::Text(text) if text.len() >= 8 && text.contains(':') => &[(
            "the current time of day",
            "SELECT abs(julianday('2000-01-01 ' || ?1) - julianday('2000-01-01 ' || time('now'))) < 0.002",
        )],
        Value::Integer(_) => &[
            ("the current time in seconds", "SELECT abs(?1 - unixepoch('now')) < 120"),
            ("the current time in milliseconds", "SELECT abs(?1 / 1000 - unixepoch('now')) < 120"),
        ],
        Value::Real(_) => &[("the current Julian day", "SELECT abs(?1 - julianday('now')) < 0.002")],
        _ => &[],
    };
    for (word, sql) in forms {
        if near(sql)? {
            return Ok(Some((*word).to_owned()));
        }
    }
    Ok(None)
}

/// Checks, indexes and full text tables of SQLite's as PostgreSQL prints them.
fn as_postgres_prints(postgres: &Connection, facts: &mut [Fact]) -> Result<()> {
    postgres.execute_batch("BEGIN")?;
    let printed = facts.iter_mut().try_for_each(|fact| {
        let printed = match &fact.key.what {
            What::Check(condition) => printed_check(postgres, &fact.key.table, condition),
            What::Index(_) => printed_index(postgres, &fact.key.table, &fact.value),
            // Over expressions, or columns that compare without regard to case.
            What::Unique(terms) if terms.starts_with('(') => printed_index(postgres, &fact.key.table, terms),
            What::FullText => full_text::printed(postgres, &fact.value),
            _ => return Ok(()),
        };
        // What has no translation is compared by its text, and shows as a difference where that is another.
        let Some(printed) = printed else { return Ok(()) };
        let what = match &fact.key.what {
            What::Check(_) => What::Check(printed.clone()),
            What::Unique(_) => What::Unique(printed.clone()),
            other => other.clone(),
        };
        let key = Key { what, ..fact.key.clone() };
        fact.read_as = Some(std::mem::replace(&mut fact.key, key));
        fact.value = printed;
        Ok(())
    });
    postgres.execute_batch("ROLLBACK")?;
    printed
}

const SCRATCH: &str = "sqlift_check_scratch";

fn printed_check(postgres: &Connection, table: &str, condition: &str) -> Option<String> {
    let quoted = quoted(table);
    postgres.execute_batch(&format!("ALTER TABLE {quoted} ADD CONSTRAINT {SCRATCH} CHECK ({condition})")).ok()?;
    let sql = "SELECT pg_catalog.pg_get_constraintdef(oid) FROM pg_catalog.pg_constraint WHERE conname = ?";
    let printed = postgres.native().query_row(sql, [SCRATCH], |row| row.get::<_, String>(0)).ok();
    // By SQLite's SQL, so that the text that is kept of the table forgets it too.
    postgres.execute_batch(&format!("ALTER TABLE {quoted} DROP CONSTRAINT {SCRATCH}")).ok()?;
    printed.map(|text| text.strip_prefix("CHECK ").unwrap_or(&text).to_owned())
}

fn printed_index(postgres: &Connection, table: &str, parts: &str) -> Option<String> {
    let (unique, parts) = match parts.strip_prefix("unique ") {
        Some(parts) => ("unique ", parts),
        None => ("", parts),
    };
    postgres.execute_batch(&format!("CREATE {unique}INDEX {SCRATCH} ON {} {parts}", quoted(table))).ok()?;
    let sql = "SELECT pg_catalog.pg_get_indexdef(oid) FROM pg_catalog.pg_class WHERE relname = ? AND relkind = 'i'";
    let printed = postgres.native().query_row(sql, [SCRATCH], |row| row.get::<_, String>(0)).ok();
    postgres.native().execute_batch(&format!("DROP INDEX {SCRATCH}")).ok()?;
    printed.map(|text| format!("{unique}{}", postgres::definition(&text)))
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
