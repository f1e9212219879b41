//! Random small schemas whose tables refer to each other and to themselves, with triggers that log: what foreign keys do, and when.

use crate::pragma_answers::answer;
use crate::support::{Random, number, on_postgres, sqlite};

const ACTIONS: [&str; 6] = ["", "CASCADE", "SET NULL", "SET DEFAULT", "NO ACTION", "RESTRICT"];
const DUMP: &str = "SELECT group_concat(m, ' ' ORDER BY i) FROM log";

/// `SQLIFT_TEST_SEED` is the first schema's seed.
#[test]
fn keys_beside_triggers_act_as_on_sqlite() {
    let first = number("SQLIFT_TEST_SEED").unwrap_or(1000);
    for seed in first..first + 16 {
        let statements = schema_and_writes(&mut Random::new(seed));
        let sqlite = sqlite();
        on_postgres(|conn| {
            for (at, sql) in statements.iter().enumerate() {
                let (expected, found) = (told(&answer(&sqlite, sql)), told(&answer(conn, sql)));
                assert_eq!(found, expected, "seed {seed}, the last of\n{};", statements[..=at].join(";\n"));
            }
        });
    }
}

/// Which key of several fails is told by the extended code, which PostgreSQL's error does not tell for sure.
fn told(answer: &str) -> String {
    answer.replace("1811 FOREIGN KEY", "787 FOREIGN KEY")
}

/// A table's columns that are keys, as (name, parent).
type Keys = Vec<(String, usize)>;

fn schema_and_writes(random: &mut Random) -> Vec<String> {
    let mut statements = vec!["CREATE TABLE log(i INTEGER PRIMARY KEY, m)".to_owned()];
    let mut tables: Vec<Keys> = Vec::new();
    for at in 0..2 + random.below(3) {
        let count = if at == 0 { random.below(2) } else { 1 + random.below(2) };
        let mut keys = Keys::new();
        let mut columns = String::new();
        for place in 0..count {
            let parent = random.below(at + 1);
            let data_type = ["INTEGER", "INTEGER", "", "TEXT"][random.below(4)];
            // SQLite looks at a RESTRICT of the table to itself row by row.
            let actions = if parent == at { &ACTIONS[..5] } else { &ACTIONS[..] };
            let (on_delete, on_update) = (actions[random.below(actions.len())], actions[random.below(actions.len())]);
            columns += &format!(", r{place} {data_type} DEFAULT 9 REFERENCES {}(id)", name(parent));
            for (event, action) in [("DELETE", on_delete), ("UPDATE", on_update)] {
                if !action.is_empty() {
                    columns += &format!(" ON {event} {action}");
                }
            }
            if random.below(5) == 0 {
                columns += " DEFERRABLE INITIALLY DEFERRED";
            }
            keys.push((format!("r{place}"), parent));
        }
        statements.push(format!("CREATE TABLE {}(id INTEGER PRIMARY KEY, n INT{columns})", name(at)));
        tables.push(keys);
    }
    let triggers = triggers(random, &tables);
    let (early, late) = triggers.split_at(if random.below(2) == 0 { triggers.len() } else { triggers.len() / 2 });
    statements.extend_from_slice(early);
    for (at, keys) in tables.iter().enumerate() {
        for id in 1..4 + random.below(3) {
            let mut values = format!("{id}, {}", random.below(9));
            for (_, parent) in keys {
                let known = if *parent == at { id } else { 3 };
                let value =
                    if random.below(6) == 0 { "NULL".to_owned() } else { (1 + random.below(known)).to_string() };
                values += &format!(", {value}");
            }
            statements.push(format!("INSERT INTO {} VALUES({values})", name(at)));
        }
    }
    for round in 0..6 {
        if round == 2 {
            statements.extend_from_slice(late);
        }
        if random.below(6) == 0 {
            statements.push("BEGIN".to_owned());
            statements.extend([write(random, &tables), write(random, &tables)]);
            // Where COMMIT fails for a deferred key.
            statements.extend(["COMMIT".to_owned(), "ROLLBACK".to_owned()]);
        } else {
            statements.push(write(random, &tables));
        }
        statements.extend((0..tables.len()).map(|at| format!("SELECT * FROM {} ORDER BY id", name(at))));
        statements.push(DUMP.to_owned());
    }
    statements
}

fn name(table: usize) -> &'static str {
    ["a", "b", "c", "d"][table]
}

fn triggers(random: &mut Random, tables: &[Keys]) -> Vec<String> {
    let mut triggers = Vec::new();
    for (at, keys) in tables.iter().enumerate() {
        for (event, row) in [("DELETE", "OLD"), ("UPDATE", "NEW"), ("INSERT", "NEW")] {
            if random.below(3) == 0 || event == "INSERT" && random.below(2) == 0 {
                continue;
            }
            // Names on either side of those of PostgreSQL's keys and of sqlift's.
            let called = ["a", "Z", "sqm", "x"][random.below(4)];
            let time = if random.below(5) == 0 { "BEFORE" } else { "AFTER" };
            let values: String = keys.iter().map(|(key, _)| format!(" || ',' || coalesce({row}.{key}, '-')")).collect();
            let seen = match random.below(3) {
                0 => format!(" || ':' || (SELECT count(*) FROM {})", name(random.below(tables.len()))),
                _ => String::new(),
            };
            let (table, number) = (name(at), triggers.len());
            triggers.push(format!(
                "CREATE TRIGGER {called}{number} {time} {event} ON {table} BEGIN \
                 INSERT INTO log(m) VALUES('{table}{}' || {row}.id{values}{seen}); END",
                event[..1].to_lowercase()
            ));
        }
    }
    triggers
}

fn write(random: &mut Random, tables: &[Keys]) -> String {
    let at = random.below(tables.len());
    let (table, id) = (name(at), 1 + random.below(5));
    match random.below(10) {
        0..=2 => format!("DELETE FROM {table} WHERE id = {id}"),
        3 => format!("DELETE FROM {table} WHERE id <= {id}"),
        4 => format!("DELETE FROM {table}"),
        5..=7 => format!("UPDATE {table} SET id = id + {} WHERE id = {id}", 20 + random.below(9)),
        8 => format!("REPLACE INTO {table}(id, n) VALUES({id}, 7)"),
        _ => match tables[at].first() {
            Some((key, _)) => format!("UPDATE {table} SET {key} = {} WHERE id = {id}", 1 + random.below(5)),
            None => format!("UPDATE {table} SET n = n + 1 WHERE id = {id}"),
        },
    }
}
