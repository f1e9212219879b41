//! Triggers of both sides: when they start and, where PostgreSQL's is a translation, what they do.
//!
//! SQLite's has its statements in it and PostgreSQL's calls a function, in any language and of any other functions' making:
//! whether the two do the same cannot be told in general. So what is compared is what both say of themselves: the moment, the
//! event, its columns, rows or statements, whether there is a condition. A function that sqlift made of SQLite's trigger can be
//! made again of today's, and then every word counts.

use super::facts::{Fact, Key, What};
use crate::migrate::{Result, draft};
use crate::syntax::{TokenKind, tokens};
use crate::translate::ast::{CreateTrigger, Statement, StatementKind, TriggerEvent, TriggerTime};
use crate::translate::names::{identifier, trigger_function};
use crate::translate::parser::parse_statement;
use crate::translate::trigger_order::known_as;
use crate::translate::{BlobColumns, TypePolicy};
use crate::{Connection, Row};
use once_cell::sync::Lazy;
use regex::Regex;

/// Not those that stand for foreign keys or conflict clauses. `tgtype`'s bits: row 1, before 2, insert 4, delete 8, update 16,
/// truncate 32, instead 64.
pub(super) const POSTGRES: &str = "SELECT c.relname::text, t.tgname::text, t.tgtype::int8, \
    (SELECT pg_catalog.string_agg(a.attname, ', ' ORDER BY a.attname) FROM pg_catalog.pg_attribute a \
       WHERE a.attrelid = t.tgrelid AND a.attnum = ANY (t.tgattr::pg_catalog.int2[])), \
    t.tgqual IS NOT NULL, t.tgenabled = 'D', p.proname::text, p.prosrc \
    FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_proc p ON p.oid = t.tgfoid \
    JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
    WHERE NOT t.tgisinternal AND t.tgname !~ '^sqlift_(key|left|act|wait)_|^!sqlift_acts$' AND t.tgname <> '~sqlift_conflict' AND t.tgname !~ '$SESSION' AND $OWN ORDER BY t.tgname";

/// When a trigger starts, and what decides whether two of them can be the same.
#[derive(Debug, PartialEq, Eq, Clone, Copy)]
enum Condition {
    None,
    /// Words in what it does that may be one.
    Perhaps,
    /// The trigger's own.
    Certain,
}

/// The fact's value: the moment, and behind this what is not shown.
const BEHIND: char = '\0';

fn moment(moment: String, condition: Condition, changes_its_row: bool) -> Fact {
    let shown = if condition == Condition::Certain { format!("{moment} with a condition") } else { moment.clone() };
    let key = Key::table("", What::Table);
    Fact { shown, ..Fact::new(key, format!("{moment}{BEHIND}{condition:?}{BEHIND}{changes_its_row}")) }
}

pub(super) fn of_postgres(row: &Row<'_>, facts: &mut Vec<Fact>) -> crate::Result<()> {
    let (table, name, bits): (String, String, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
    let (columns, function, source): (Option<String>, String, String) = (row.get(3)?, row.get(6)?, row.get(7)?);
    let time = match bits & (2 | 64) {
        2 => "BEFORE",
        0 => "AFTER",
        _ => "INSTEAD OF",
    };
    let of = columns.map_or(String::new(), |columns| format!(" OF {}", columns.to_ascii_lowercase()));
    let update = format!("UPDATE{of}");
    let events: Vec<&str> = [(4, "INSERT"), (8, "DELETE"), (16, update.as_str()), (32, "TRUNCATE")]
        .into_iter()
        .filter_map(|(bit, event)| (bits & bit != 0).then_some(event))
        .collect();
    let level = if bits & 1 == 1 { "ROW" } else { "STATEMENT" };
    let disabled = if row.get(5)? { ", disabled" } else { "" };
    let condition = match row.get(4)? {
        true => Condition::Certain,
        false => perhaps(&source),
    };
    let name = known_as(&name).0.to_ascii_lowercase();
    facts.push(Fact {
        key: Key::table(&table, What::Trigger(name.clone())),
        ..moment(
            format!("{time} {} FOR EACH {level}{disabled}", events.join(" OR ")),
            condition,
            time == "BEFORE" && assigns_to_new(&source),
        )
    });
    if function == trigger_function(&name) {
        let shown = source.split_whitespace().collect::<Vec<_>>().join(" ");
        facts.push(Fact { shown, ..Fact::new(Key::table(&table, What::TriggerBody(name)), source) });
    }
    Ok(())
}

/// `sql` is the trigger's text, as `sqlite_master` has it.
pub(super) fn of_sqlite(table: &str, name: &str, sql: &str, facts: &mut Vec<Fact>) {
    let name = name.to_ascii_lowercase();
    let Some((trigger, body)) = parsed(sql) else { return };
    let time = match trigger.time {
        None | Some(TriggerTime::Before) => "BEFORE",
        Some(TriggerTime::After) => "AFTER",
        Some(TriggerTime::InsteadOf) => "INSTEAD OF",
    };
    let event = match &trigger.event {
        TriggerEvent::Insert => "INSERT".to_owned(),
        TriggerEvent::Delete => "DELETE".to_owned(),
        TriggerEvent::Update { of } if of.is_empty() => "UPDATE".to_owned(),
        TriggerEvent::Update { of } => {
            let mut columns: Vec<String> = of.iter().map(|name| name.text.to_ascii_lowercase()).collect();
            columns.sort();
            format!("UPDATE OF {}", columns.join(", "))
        }
    };
    let condition = if trigger.when.is_some() { Condition::Certain } else { perhaps(&body) };
    let own = |statement: &Statement| match &statement.kind {
        StatementKind::Update(update) => update.table.name.text.eq_ignore_ascii_case(&trigger.table.text),
        _ => false,
    };
    let changes_its_row = time == "AFTER" && trigger.body.iter().any(own);
    facts.push(Fact {
        key: Key::table(table, What::Trigger(name.clone())),
        ..moment(format!("{time} {event} FOR EACH ROW"), condition, changes_its_row)
    });
    facts.push(Fact { shown: body, ..Fact::new(Key::table(table, What::TriggerBody(name)), sql) });
}

/// The trigger, and its text from WHEN or BEGIN on, in one line.
fn parsed(sql: &str) -> Option<(CreateTrigger, String)> {
    let statement = parse_statement(sql).ok()?;
    let StatementKind::CreateTrigger(trigger) = statement.kind else { return None };
    let from =
        trigger.when.as_ref().map_or_else(|| trigger.body.first().map(|first| first.span), |when| Some(when.span));
    let words = sql[from?.start..statement.span.end].split_whitespace().collect::<Vec<_>>().join(" ");
    Some((*trigger, words))
}

fn perhaps(text: &str) -> Condition {
    let is_one = |word: &str| ["if", "case", "when", "where"].iter().any(|known| word.eq_ignore_ascii_case(known));
    let mut words = tokens(text).filter(|token| token.kind == TokenKind::Word);
    if words.any(|token| is_one(token.span.text(text))) { Condition::Perhaps } else { Condition::None }
}

/// `NEW.column := ...` as a statement of PL/pgSQL.
fn assigns_to_new(source: &str) -> bool {
    static ASSIGNMENT: Lazy<Regex> = Lazy::new(|| {
        Regex::new(r#"(?-u)(^|;|\b(begin|then|else|loop))[ \t\r\n]*new[ \t]*[.][ \t]*["a-z0-9_]+[ \t]*:?="#)
            .expect("it is one")
    });
    ASSIGNMENT.is_match(&source.to_ascii_lowercase())
}

/// Whether two triggers start at the same moments, as far as can be told.
///
/// What SQLite can only do behind an UPDATE, by another one of the row, PostgreSQL does ahead of it, by assigning to NEW.
pub(super) fn same(sqlite: &str, postgres: &str) -> bool {
    let parts = |text: &str| -> Vec<String> { text.split(BEHIND).map(str::to_owned).collect() };
    let (ours, theirs) = (parts(sqlite), parts(postgres));
    let ([ours, condition, row], [theirs, other_condition, other_row]) = (ours.as_slice(), theirs.as_slice()) else {
        return sqlite == postgres;
    };
    let ahead = |moment: &str| moment.replacen("AFTER", "BEFORE", 1);
    // PostgreSQL's INSTEAD OF takes no columns: what it calls looks for itself.
    let instead = ours.starts_with("INSTEAD OF UPDATE OF ") && theirs == "INSTEAD OF UPDATE FOR EACH ROW";
    let same_moment = ours == theirs || instead || row == "true" && other_row == "true" && ahead(ours) == *theirs;
    let (none, certain) = (format!("{:?}", Condition::None), format!("{:?}", Condition::Certain));
    let one_alone = |one: &String, other: &String| *one == certain && *other == none;
    same_moment && !one_alone(condition, other_condition) && !one_alone(other_condition, condition)
}

/// What SQLite's triggers do, in the words of PostgreSQL's that sqlift made; the others' are left out.
///
/// What is made again knows the server's tables, a draft those of the SQLite schema alone: either translation is SQLite's trigger.
pub(super) fn bodies(
    sqlite: &Connection,
    postgres: &Connection,
    ours: &mut Vec<Fact>,
    theirs: &mut Vec<Fact>,
) -> Result<()> {
    let drafts = Lazy::new(|| drafts(sqlite).unwrap_or_default());
    postgres.execute_batch("BEGIN")?;
    ours.retain_mut(|fact| {
        let What::TriggerBody(name) = &fact.key.what else { return true };
        let Some(other) = theirs.iter().find(|other| other.key == fact.key) else { return false };
        match made_again(postgres, name, &fact.value) {
            Some(source) if source != other.value && is_in_a_draft(&drafts, name, &other.value) => {
                fact.value.clone_from(&other.value);
            }
            Some(source) => fact.value = source,
            // Its moment is all that can be compared.
            None => {
                theirs.retain(|other| other.key != fact.key);
                return false;
            }
        }
        true
    });
    theirs.retain(|fact| {
        !matches!(fact.key.what, What::TriggerBody(_)) || ours.iter().any(|other| other.key == fact.key)
    });
    Ok(postgres.execute_batch("ROLLBACK")?)
}

fn made_again(postgres: &Connection, name: &str, sql: &str) -> Option<String> {
    postgres.execute_batch(&format!("DROP TRIGGER \"{}\"", name.replace('"', "\"\""))).ok()?;
    postgres.execute_batch(sql).ok()?;
    let source = "SELECT prosrc FROM pg_catalog.pg_proc WHERE proname = ? AND pronamespace = pg_catalog.current_schema()::regnamespace";
    postgres.native().query_row(source, [trigger_function(name)], |row| row.get(0)).ok()
}

/// What `migrate draft` makes of the SQLite schema, by each policy of types.
fn drafts(sqlite: &Connection) -> Result<Vec<String>> {
    let mut statement = sqlite.prepare(
        "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND tbl_name <> 'sqlift_migrations' \
         AND tbl_name NOT IN (SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'shadow') ORDER BY rowid",
    )?;
    let statements: Vec<String> = statement.query_map([], |row| row.get(0))?.collect::<crate::Result<_>>()?;
    let script = statements.join(";\n");
    [TypePolicy::NATIVE, TypePolicy::FAITHFUL]
        .into_iter()
        .flat_map(|types| [types, TypePolicy { blobs: BlobColumns::Any, ..types }])
        .map(|types| Ok(draft("", &script, types)?.sql))
        .collect()
}

/// Whether a draft makes the trigger's function of that source.
fn is_in_a_draft(drafts: &[String], name: &str, source: &str) -> bool {
    let function = identifier(&trigger_function(name));
    let made = format!("FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $sqlift${source}$sqlift$");
    drafts.iter().any(|draft| draft.contains(&made))
}
