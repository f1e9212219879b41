//! Random statements on SQLite and on PostgreSQL: the same rows, storage classes and change counts, or a refusal.
//!
//! A fixed seed and a fresh one, which is printed; what the fresh one finds fails the test, but for CI, where it is in the log.
//! `SQLIFT_FUZZ_SEED=n` repeats a run, `SQLIFT_FUZZ_STATEMENTS=n` makes it longer, `SQLIFT_FUZZ_SCHEMA=plain` or `rich` keeps to
//! one kind of schema, and `SQLIFT_FUZZ_EXAMPLES=1` prints a statement for each reason of a refusal
//! or an error.

mod grammar;

use std::collections::BTreeMap;
use std::io::Write;

use sqlift::types::Value;
use sqlift::{Connection, Error, ErrorCode, params_from_iter};

use crate::support::{Random, sqlite};
use grammar::{Grammar, Role, Statement, Temper};

/// Statements on one schema.
const ROUND: usize = 250;
const STATEMENTS: usize = 20_000;
/// In percent: where more is refused, a run says little.
const MOST_REFUSED: f64 = 10.0;
/// SQLITE_CONSTRAINT_UNIQUE
const UNIQUE: i32 = 2067;
/// SQLITE_CONSTRAINT_PRIMARYKEY
const PRIMARY_KEY: i32 = 1555;
/// SQLITE_CONSTRAINT_DATATYPE
const DATATYPE: i32 = 3091;
/// SQLITE_CONSTRAINT_FOREIGNKEY
const FOREIGN_KEY: i32 = 787;
/// SQLITE_CONSTRAINT_TRIGGER
const TRIGGER: i32 = 1811;
/// The server's serialization_failure, which is SQLITE_BUSY_SNAPSHOT.
const SERIALIZATION_FAILURE: &str = "40001";
/// SQLITE_BUSY_SNAPSHOT
const BUSY_SNAPSHOT: i32 = 517;

/// What a statement did.
#[derive(Debug, PartialEq)]
enum Outcome {
    Rows(Vec<String>, Vec<Vec<Value>>),
    /// How many rows, and what `changes()` and `last_insert_rowid()` say then.
    Changed(usize, u64, i64),
    Failed(Error),
}

fn run(conn: &Connection, statement: &Statement) -> Outcome {
    let run = || {
        if let Role::Schema(_) = statement.role {
            // SQLite's ALTER TABLE may say that it has columns.
            return conn.execute_batch(&statement.sql).map(|()| Outcome::Changed(0, 0, 0));
        }
        let mut stmt = conn.prepare(&statement.sql)?;
        if stmt.column_count() == 0 {
            let changed = stmt.execute(params_from_iter(&statement.parameters))?;
            let rowid = if statement.tells_rowid && changed > 0 { conn.last_insert_rowid() } else { 0 };
            return Ok(Outcome::Changed(changed, conn.changes(), rowid));
        }
        let names: Vec<String> = stmt.column_names().into_iter().map(str::to_owned).collect();
        let rows = stmt.query_map(params_from_iter(&statement.parameters), |row| {
            (0..names.len()).map(|column| row.get(column)).collect::<Result<Vec<Value>, _>>()
        })?;
        let mut rows = rows.collect::<Result<Vec<_>, _>>()?;
        // What is not ordered through, or has rows that tie, is compared in an order of ours.
        // Of values that are equal, 5 and 5.0, either may stand for all.
        if statement.shows_one_of_equals() {
            rows.iter_mut().flatten().for_each(as_integer);
        }
        if !statement.is_in_order() {
            rows.sort_by_cached_key(|row| format!("{row:?}").replace("Real(-0.0)", "Real(0.0)"));
        }
        Ok(Outcome::Rows(names, rows))
    };
    run().unwrap_or_else(Outcome::Failed)
}

/// A real without a fraction as an integer.
fn as_integer(value: &mut Value) {
    if let Value::Real(real) = *value
        && real.fract() == 0.0
        && real.abs() <= 9_007_199_254_740_992.0
    {
        *value = Value::Integer(real as i64);
    }
}

/// Reals may differ in what the order of a sum's terms changes.
fn same(one: &Outcome, other: &Outcome) -> bool {
    let same_value = |pair: (&Value, &Value)| match pair {
        (Value::Real(a), Value::Real(b)) => a == b || (a - b).abs() <= 1e-12 * a.abs().max(b.abs()),
        (a, b) => a == b,
    };
    match (one, other) {
        (Outcome::Rows(names, one), Outcome::Rows(other_names, other)) => {
            names == other_names
                && one.len() == other.len()
                && one
                    .iter()
                    .zip(other)
                    .all(|(one, other)| one.len() == other.len() && one.iter().zip(other).all(same_value))
        }
        _ => one == other,
    }
}

#[derive(Default)]
struct Report {
    ran: usize,
    /// Of these, how many failed on both, with which message, and one of them.
    failed: BTreeMap<String, (usize, String)>,
    /// How many were refused for which reason, and one of them.
    refused: BTreeMap<String, (usize, String)>,
    differences: Vec<String>,
}

/// The two databases and what was done to them since the schema was made.
struct Pair<'a> {
    sqlite: Connection,
    postgres: &'a Connection,
    schema: Vec<String>,
    script: Vec<String>,
}

/// What became of a statement on both.
enum Verdict {
    Same,
    /// The two may have gone apart, in a way that is known.
    Apart,
    Differs,
    Refused(String),
}

impl Pair<'_> {
    fn new<'a>(postgres: &'a Connection, script: Vec<String>) -> Pair<'a> {
        // Also what a schema before this one had.
        for view in ["v3", "v2", "v1", "v0"] {
            postgres.execute_batch(&format!("DROP VIEW IF EXISTS {view}")).expect("nothing refers to it");
        }
        for name in ["made", "t2", "r2", "t1", "r1", "t0", "r0", "log"] {
            postgres.execute_batch(&format!("DROP TABLE IF EXISTS {name}")).expect("nothing refers to it");
        }
        let mut pair = Pair { sqlite: sqlite(), postgres, schema: Vec::new(), script: Vec::new() };
        for sql in script {
            pair.create(sql);
        }
        // What `changes()` and `last_insert_rowid()` say from here on has been set on both.
        pair.create("INSERT INTO log VALUES ('begins', 1, 2)".to_owned());
        pair
    }

    /// One statement of the schema; where PostgreSQL refuses one, both go without, or have a simpler view.
    fn create(&mut self, sql: String) {
        let refused = match self.postgres.execute_batch(&sql) {
            Ok(()) => {
                self.sqlite.execute_batch(&sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
                self.schema.push(sql);
                return;
            }
            Err(refused) => refused,
        };
        if let Some((head, _)) = sql.split_once(" AS ").filter(|(head, _)| head.contains(" VIEW ")) {
            self.create(format!("{head} AS SELECT id, id AS x, NULL AS y FROM t0"));
        } else if sql.contains(" TABLE ") {
            panic!("{sql}: {refused}");
        }
    }

    /// Runs a statement on both.
    fn run(&self, statement: &Statement) -> (Outcome, Outcome, Verdict) {
        if let Role::Control = statement.role {
            let (expected, found) = (run(&self.sqlite, statement), run(self.postgres, statement));
            let verdict = match (&expected, &found) {
                (Outcome::Failed(expected), Outcome::Failed(found)) if same_code(expected, found) => Verdict::Same,
                (Outcome::Changed(..), Outcome::Changed(..)) => Verdict::Same,
                (Outcome::Changed(..), Outcome::Failed(error))
                    if extended_code(error) == Some(FOREIGN_KEY) && self.lacks_a_parent() =>
                {
                    Verdict::Apart
                }
                _ => Verdict::Differs,
            };
            return (expected, found, verdict);
        }
        self.sqlite.execute_batch("SAVEPOINT one").expect("a savepoint can be set");
        let mut expected = run(&self.sqlite, statement);
        if let Outcome::Failed(error) = &expected
            && undoes_less(error)
            && !(extended_code(error) == Some(DATATYPE) && statement.sql.contains(" OR FAIL "))
            && !self.sqlite.is_autocommit()
        {
            // SQLite keeps the rows that were written before the one that failed, or was not read.
            self.sqlite.execute_batch("ROLLBACK TO one").expect("the savepoint is there");
        }
        let found = run(self.postgres, statement);
        // OR ROLLBACK ends the transaction, and the savepoint with it.
        let kept = !self.sqlite.is_autocommit();
        // A value that its column cannot keep breaks a constraint, which most of SQLite's tables do not have.
        let refused = |error: &Error| {
            error.sqlite_error_code() != Some(ErrorCode::ConstraintViolation) || extended_code(error) == Some(DATATYPE)
        };
        if let (Outcome::Rows(..) | Outcome::Changed(..), Outcome::Failed(error)) = (&expected, &found)
            && refused(error)
            && !(statement.only_reads() && error.to_string() == "integer overflow")
        {
            // Refused, so it must not have happened on either.
            if kept {
                self.sqlite.execute_batch("ROLLBACK TO one; RELEASE one").expect("the savepoint is there");
            }
            let reason = error.to_string().lines().next().unwrap_or_default().to_owned();
            return (expected, found, Verdict::Refused(shape(&reason)));
        }
        if let (Outcome::Failed(_), Outcome::Failed(error)) = (&expected, &found)
            && kept
            && refused(error)
        {
            // As a whole; under OR FAIL SQLite keeps rows.
            self.sqlite.execute_batch("ROLLBACK TO one").expect("the savepoint is there");
        }
        if kept && let Err(error) = self.sqlite.execute_batch("RELEASE one") {
            // Outside a transaction this is the end of one: a deferred foreign key is broken.
            self.sqlite.execute_batch("ROLLBACK TO one; RELEASE one").expect("the savepoint is there");
            expected = Outcome::Failed(error);
        }
        // OR ROLLBACK ends the transaction for a constraint, and not for what is refused, raised or a foreign key's.
        let rolls_back_alone =
            || statement.sql.contains(" OR ROLLBACK ") && self.sqlite.is_autocommit() != self.postgres.is_autocommit();
        let verdict = match (&expected, &found) {
            // SQLite fails as well: the messages have tests of their own.
            (Outcome::Failed(_), Outcome::Failed(error))
                if refused(error) && error.sqlite_error_code() != Some(ErrorCode::DatabaseBusy) =>
            {
                if rolls_back_alone() { Verdict::Apart } else { Verdict::Same }
            }
            // What a long transaction anywhere on the server lets PostgreSQL see, as below; it holds until the transaction ends.
            (Outcome::Failed(_), Outcome::Failed(error))
                if sqlift::postgres_error(error).is_some_and(|server| server.sqlstate == SERIALIZATION_FAILURE) =>
            {
                Verdict::Apart
            }
            // AFTER triggers run behind each row on SQLite, behind the last one on PostgreSQL, and foreign keys are looked at in
            // another order: another row may fail first.
            (Outcome::Failed(expected), Outcome::Failed(found))
                if [expected, found]
                    .into_iter()
                    .any(|error| matches!(extended_code(error), Some(TRIGGER | FOREIGN_KEY))) =>
            {
                if rolls_back_alone() {
                    Verdict::Apart
                } else {
                    Verdict::Same
                }
            }
            (Outcome::Failed(expected), Outcome::Failed(found)) if same_code(expected, found) => Verdict::Same,
            // Rows that pass each other's keys do so in the order of the rows, which PostgreSQL leaves open: an error
            // of SQLite's kind, on one of the two.
            (Outcome::Failed(error), Outcome::Changed(..) | Outcome::Rows(..))
            | (Outcome::Changed(..) | Outcome::Rows(..), Outcome::Failed(error))
                if statement.sql.starts_with("UPDATE") && extended_code(error) == Some(UNIQUE) =>
            {
                Verdict::Apart
            }
            // A trigger's body names a column that is gone: SQLite looks whenever the statement is prepared, PostgreSQL when it fires.
            (Outcome::Failed(error), Outcome::Changed(..) | Outcome::Rows(..))
                if error.to_string().starts_with("no such column: ")
                    && self
                        .script
                        .iter()
                        .any(|sql| sql.contains(" DROP COLUMN ") || sql.contains(" RENAME COLUMN ")) =>
            {
                Verdict::Apart
            }
            // SQLite itself now and then keeps a row without a parent. A deferred key that is set to a default which is the
            // deleted key is looked at again when the transaction ends.
            (Outcome::Changed(..) | Outcome::Rows(..), Outcome::Failed(error))
                if extended_code(error) == Some(FOREIGN_KEY)
                    && (self.lacks_a_parent() && (self.sqlite.is_autocommit() || !self.says("DEFERRED"))
                        || self.says("SET DEFAULT") && self.says("DEFERRED")) =>
            {
                Verdict::Apart
            }
            // Of several keys that a row breaks SQLite names the newest, PostgreSQL the oldest.
            (Outcome::Failed(expected), Outcome::Failed(found))
                if [expected, found].iter().all(|error| matches!(extended_code(error), Some(UNIQUE | PRIMARY_KEY))) =>
            {
                Verdict::Same
            }
            // Of two rows that fail each in its own way, either may come first.
            (Outcome::Failed(expected), Outcome::Failed(found))
                if statement.sql.starts_with("UPDATE")
                    && [expected, found]
                        .iter()
                        .all(|error| error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation)) =>
            {
                Verdict::Same
            }
            (Outcome::Failed(expected), Outcome::Failed(found))
                if [expected, found].into_iter().any(|error| error.to_string() == "integer overflow") =>
            {
                Verdict::Same
            }
            // What one need not compute to know the answer, the other may overflow on.
            (Outcome::Failed(error), Outcome::Changed(..)) | (Outcome::Changed(..), Outcome::Failed(error))
                if error.to_string() == "integer overflow" =>
            {
                Verdict::Apart
            }
            (Outcome::Failed(error), Outcome::Rows(..)) | (Outcome::Rows(..), Outcome::Failed(error))
                if error.to_string() == "integer overflow" =>
            {
                Verdict::Same
            }
            _ if same(&expected, &found) => Verdict::Same,
            _ => Verdict::Differs,
        };
        (expected, found, verdict)
    }

    /// Whether these words are in the schema.
    fn says(&self, words: &str) -> bool {
        self.schema.iter().any(|sql| sql.contains(words))
    }

    /// Whether SQLite keeps a row whose foreign key has no parent.
    fn lacks_a_parent(&self) -> bool {
        self.sqlite.query_row("PRAGMA foreign_key_check", [], |_| Ok(())).is_ok()
    }

    /// What is in a table of one and not of the other.
    fn apart(&self, grammar: &Grammar<'_>) -> Option<(Verdict, String)> {
        // The order in which triggers ran is the heap's behind RETURNING, FROM, WITH and parameters in SET: MIGRATION.md, "Order of rows".
        let is_by_heap = |sql: &String| {
            let words = [" RETURNING ", "WITH ", "?"];
            !sql.starts_with("INSERT") && words.iter().any(|word| sql.contains(word))
                || sql.starts_with("UPDATE") && sql.contains(" FROM ")
        };
        let in_order = !self.script.iter().any(is_by_heap) && !self.says("WITHOUT ROWID");
        for all in grammar.everything() {
            if !in_order && all.is_in_order() {
                continue;
            }
            let (expected, found) = (run(&self.sqlite, &all), run(self.postgres, &all));
            if !same(&expected, &found) {
                let verdict = match &found {
                    // A long transaction anywhere on the server lets PostgreSQL see conflicts with transactions that have ended.
                    Outcome::Failed(error) if extended_code(error) == Some(BUSY_SNAPSHOT) => {
                        Verdict::Refused(error.to_string())
                    }
                    _ => Verdict::Differs,
                };
                return Some((verdict, format!("{}\n  SQLite     {expected:?}\n  PostgreSQL {found:?}", all.sql)));
            }
        }
        let (expected, found) = (self.sqlite.is_autocommit(), self.postgres.is_autocommit());
        let transactions = || format!("in a transaction: SQLite {}, PostgreSQL {}", !expected, !found);
        (expected != found).then(|| (Verdict::Differs, transactions()))
    }

    fn history(&self) -> String {
        [self.schema.as_slice(), &self.script].concat().join("; ")
    }
}

/// Whether SQLite may keep rows of a statement that fails so: a value in a STRICT table, an overflow under a conflict clause, and what
/// only the program that reads the rows calls an error.
fn undoes_less(error: &Error) -> bool {
    extended_code(error) == Some(DATATYPE) || error.sqlite_error_code() != Some(ErrorCode::ConstraintViolation)
}

/// The same of SQLite's error codes, the extended ones.
fn same_code(one: &Error, other: &Error) -> bool {
    extended_code(one) == extended_code(other)
}

fn extended_code(error: &Error) -> Option<i32> {
    error.sqlite_error().map(|error| error.extended_code)
}

impl Report {
    /// One schema and the statements on it.
    fn round(&mut self, random: &mut Random, postgres: &Connection, temper: Temper) {
        let (mut grammar, script) = Grammar::new(random, temper);
        let mut pair = Pair::new(postgres, script);
        for number in 1..=ROUND {
            let statement = grammar.statement();
            self.ran += 1;
            let (expected, found, verdict) = pair.run(&statement);
            match verdict {
                Verdict::Same => {}
                Verdict::Apart => break,
                Verdict::Refused(reason) => {
                    let example = || (0, format!("{} {:?}", statement.sql, statement.parameters));
                    self.refused.entry(reason).or_insert_with(example).0 += 1;
                    continue;
                }
                Verdict::Differs => {
                    self.differences.push(format!(
                        "{}\n  with {:?}\n  SQLite     {expected:?}\n  PostgreSQL {found:?}\n  after {}",
                        statement.sql,
                        statement.parameters,
                        pair.history()
                    ));
                    break;
                }
            }
            if let Outcome::Failed(error) = &expected {
                let example = || (0, format!("{} {:?}", statement.sql, statement.parameters));
                self.failed.entry(shape(&error.to_string())).or_insert_with(example).0 += 1;
            }
            match &statement.role {
                Role::Plain => grammar.controlled("", true, !pair.sqlite.is_autocommit()),
                Role::Control => {
                    let worked = !matches!(expected, Outcome::Failed(_));
                    grammar.controlled(&statement.sql, worked, !pair.sqlite.is_autocommit());
                }
                Role::Schema(change) if !matches!(expected, Outcome::Failed(_)) => grammar.altered(change),
                Role::Schema(_) => {}
            }
            if !statement.only_reads() {
                pair.script.push(format!("{} {:?}", statement.sql, statement.parameters));
            }
            if number % 10 == 0
                && let Some((verdict, difference)) = pair.apart(&grammar)
            {
                match verdict {
                    Verdict::Refused(reason) => self.refused.entry(reason).or_insert_with(|| (0, difference)).0 += 1,
                    _ => self.differences.push(format!("{difference}\nafter {}", pair.history())),
                }
                break;
            }
        }
        if !postgres.is_autocommit() {
            postgres.execute_batch("ROLLBACK").expect("there is a transaction");
        }
    }
}

/// A message without what is particular to its statement.
fn shape(message: &str) -> String {
    message
        .split_whitespace()
        .map(|word| if word.contains(|c: char| c.is_ascii_digit() || c == '"') { "_" } else { word })
        .collect::<Vec<_>>()
        .join(" ")
}

/// The most frequent ones first.
fn print_reasons(reasons: &BTreeMap<String, (usize, String)>, with_examples: bool) {
    let mut reasons: Vec<_> = reasons.iter().collect();
    reasons.sort_by_key(|(_, (count, _))| std::cmp::Reverse(*count));
    for (reason, (count, example)) in reasons.iter().take(if with_examples { usize::MAX } else { 25 }) {
        println!("  {count:5} {reason}");
        if with_examples {
            println!("        {example}");
        }
    }
}

#[test]
fn statements_mean_the_same_or_are_refused() {
    let number = |name: &str| std::env::var(name).ok().map(|text| text.parse::<u64>().expect(name));
    let statements = number("SQLIFT_FUZZ_STATEMENTS").map_or(STATEMENTS, |count| count as usize);
    let fresh = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("it is after 1970").as_secs();
    let seeds = number("SQLIFT_FUZZ_SEED").map_or_else(|| vec![2024, fresh], |seed| vec![seed]);
    let database = sqlift::testing::database();
    let postgres = Connection::open_url(database.url()).expect("the server takes connections");
    assert!(postgres.server_version().is_some());
    let mut wrong = Vec::new();
    for seed in seeds {
        let (mut random, mut report) = (Random::new(seed), Report::default());
        let tempers = match std::env::var("SQLIFT_FUZZ_SCHEMA").as_deref() {
            Ok("plain") => [Temper::Plain; 2],
            Ok("rich") => [Temper::Rich; 2],
            _ => [Temper::Plain, Temper::Rich],
        };
        for temper in tempers.into_iter().cycle() {
            if report.ran >= statements || report.differences.len() >= 20 {
                break;
            }
            report.round(&mut random, &postgres, temper);
        }
        let sum = |reasons: &BTreeMap<_, (usize, _)>| reasons.values().map(|(count, _)| count).sum::<usize>();
        let refused = sum(&report.refused);
        let share = |count: usize| 100.0 * count as f64 / report.ran as f64;
        println!(
            "seed {seed}: {} statements, {:.1} % failed on both, {:.1} % refused, {} differences",
            report.ran,
            share(sum(&report.failed)),
            share(refused),
            report.differences.len()
        );
        let with_examples = std::env::var_os("SQLIFT_FUZZ_EXAMPLES").is_some();
        print_reasons(&report.refused, with_examples);
        if with_examples {
            println!("failed on both:");
            print_reasons(&report.failed, true);
        }
        let found = format!("SQLIFT_FUZZ_SEED={seed}:\n{}", report.differences.join("\n\n"));
        // What a fresh seed finds there is news about the code, not about the change that CI looks at; it is in the log.
        if seed == fresh && std::env::var_os("CI").is_some() && !report.differences.is_empty() {
            writeln!(std::io::stderr(), "a difference that no rule knows: {found}").expect("stderr takes text");
            continue;
        }
        if !report.differences.is_empty() {
            wrong.push(found);
        }
        assert!(share(refused) < MOST_REFUSED, "{refused} of {} statements are refused", report.ran);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}
