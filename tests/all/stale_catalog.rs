//! Another process changes the tables, and this one has not heard of it: what its statements then give is SQLite's answer to
//! the tables as they are now, without an error in between.

use std::io::{BufRead, BufReader, Lines, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use sqlift::types::Value;
use sqlift::{Connection, Error, Statement};

use crate::support;

/// What a statement gave: its columns and rows, or the error's extended code and text.
type Answer = Result<(Vec<String>, Vec<Vec<Value>>), (i32, String)>;

fn run(statement: &mut Statement<'_>, parameters: &[Value]) -> Result<Vec<Vec<Value>>, Error> {
    let mut rows = statement.query(sqlift::params_from_iter(parameters))?;
    let mut values = Vec::new();
    while let Some(row) = rows.next()? {
        values.push((0..row.as_ref().column_count()).map(|index| row.get(index)).collect::<Result<_, _>>()?);
    }
    Ok(values)
}

fn told(error: &Error) -> (i32, String) {
    let (code, text) = match error {
        Error::SqliteFailure(code, Some(text)) => (code, text),
        Error::SqlInputError { error, msg, .. } => (error, msg),
        other => panic!("{other:?}"),
    };
    (code.extended_code, text.lines().next().unwrap_or_default().to_owned())
}

fn answer(conn: &Connection, sql: &str, parameters: &[Value]) -> Answer {
    let mut statement = conn.prepare(sql).map_err(|error| told(&error))?;
    let rows = run(&mut statement, parameters).map_err(|error| told(&error))?;
    Ok((statement.column_names().into_iter().map(str::to_owned).collect(), rows))
}

/// Another process on the same database.
struct Other {
    shell: Child,
    requests: ChildStdin,
    replies: Lines<BufReader<ChildStdout>>,
}

impl Other {
    fn new(url: &str) -> Other {
        let mut shell = Command::new(env!("CARGO_BIN_EXE_sqlift"))
            .args(["shell", "--json", url])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("starts");
        let requests = shell.stdin.take().expect("piped");
        let replies = BufReader::new(shell.stdout.take().expect("piped")).lines();
        Other { shell, requests, replies }
    }

    fn run(&mut self, sql: &str) {
        writeln!(self.requests, "{{\"script\": {sql:?}}}").expect("writes");
        let reply = self.replies.next().expect("a reply").expect("reads");
        assert_eq!(reply, r#"{"ok":true}"#, "{sql}");
    }
}

impl Drop for Other {
    fn drop(&mut self) {
        let _ = self.shell.kill();
        let _ = self.shell.wait();
    }
}

/// One database: a connection here that hears of nothing, and another process.
struct Pair {
    here: Connection,
    other: Other,
}

impl Pair {
    fn new(url: &str) -> Pair {
        let here = Connection::open_url(url).expect("opens");
        if here.backend() == sqlift::Backend::Sqlite {
            here.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(())).expect("a log");
        } else {
            here.native().execute_batch("UNLISTEN *").expect("hears nothing");
        }
        Pair { here, other: Other::new(url) }
    }

    /// SQLite knows the tables as they are now: of some changes (a table of more columns) it does not find out by itself.
    fn settle(&self) {
        if self.here.backend() == sqlift::Backend::Sqlite {
            self.look();
        }
    }

    /// The tables as they are now are what this side knows, and it will not look by itself for two seconds.
    fn look(&self) {
        answer(&self.here, "SELECT nothing_of_this", &[]).expect_err("which makes it look");
    }
}

fn on_both(what: &str, test: impl Fn(&mut Pair) -> Vec<Answer>) {
    let folder = tempfile::tempdir().expect("a folder");
    let expected = test(&mut Pair::new(&format!("sqlite:{}", folder.path().join("x.db").display())));
    let database = sqlift::testing::database();
    let found = test(&mut Pair::new(database.url()));
    assert!(!expected.is_empty() && expected.len() == found.len());
    for (index, (found, expected)) in found.iter().zip(&expected).enumerate() {
        assert_eq!(found, expected, "{what}: answer {index}");
    }
}

/// The table t before, what the other process does, and what is asked then, each of a change of its own.
struct Case {
    before: &'static str,
    change: &'static str,
    asked: &'static [(&'static str, &'static [i64])],
}

const T: &str = "CREATE TABLE t(id INTEGER PRIMARY KEY, c INT); INSERT INTO t VALUES (1, 5), (2, 7)";

const CASES: &[Case] = &[
    Case { before: T, change: "ALTER TABLE t ADD COLUMN n", asked: &[("SELECT * FROM t ORDER BY id", &[])] },
    Case { before: T, change: "ALTER TABLE t ADD COLUMN n NUMERIC", asked: &[("SELECT * FROM t ORDER BY id", &[])] },
    Case { before: T, change: "ALTER TABLE t ADD COLUMN n TEXT", asked: &[("SELECT * FROM t ORDER BY id", &[])] },
    Case {
        before: T,
        change: "ALTER TABLE t ADD COLUMN n",
        asked: &[
            ("INSERT INTO t SELECT id + 10, c, 'x' FROM t", &[]),
            ("SELECT n, typeof(n) FROM t WHERE id > ?", &[1]),
        ],
    },
    Case {
        before: "CREATE TABLE t(id INTEGER PRIMARY KEY, c INT, d); INSERT INTO t VALUES (1, 5, 'x')",
        change: "ALTER TABLE t DROP COLUMN d",
        asked: &[("SELECT * FROM t", &[]), ("SELECT d FROM t", &[])],
    },
    Case {
        before: "CREATE TABLE t(id INTEGER PRIMARY KEY, c INT, d TEXT); INSERT INTO t VALUES (1, 5, 'x')",
        change: "ALTER TABLE t DROP COLUMN c",
        asked: &[("SELECT t.* FROM t WHERE id = ?", &[1]), ("INSERT INTO t VALUES (2, 'y')", &[])],
    },
    Case { before: T, change: "ALTER TABLE t RENAME COLUMN c TO d", asked: &[("SELECT * FROM t WHERE id < ?", &[5])] },
    Case {
        before: T,
        change: "ALTER TABLE t RENAME COLUMN c TO d",
        asked: &[("UPDATE t SET d = d + 1", &[]), ("SELECT c FROM t", &[]), ("SELECT d FROM t", &[])],
    },
    Case {
        before: T,
        change: "DROP TABLE t; CREATE TABLE t(id INTEGER PRIMARY KEY, c TEXT); INSERT INTO t VALUES (1, '2')",
        asked: &[("SELECT * FROM t WHERE c = 2", &[])],
    },
    Case {
        before: T,
        change: "DROP TABLE t; CREATE TABLE t(id INTEGER PRIMARY KEY, c)",
        asked: &[("INSERT INTO t(c) VALUES ('007')", &[]), ("SELECT c, typeof(c) FROM t", &[])],
    },
    Case {
        before: T,
        change: "DROP TABLE t; CREATE TABLE t(id INTEGER PRIMARY KEY, c)",
        asked: &[("INSERT INTO t(c) VALUES (?)", &[7]), ("SELECT c, typeof(c) FROM t", &[])],
    },
    Case {
        before: T,
        change: "DROP TABLE t; CREATE TABLE t(id INTEGER PRIMARY KEY, c DATETIME); INSERT INTO t VALUES (1, '2024-01-01')",
        asked: &[("SELECT c + 1 FROM t", &[])],
    },
    Case {
        before: T,
        change: "DROP TABLE t; CREATE TABLE t(id INTEGER PRIMARY KEY, c BLOB); INSERT INTO t VALUES (1, x'4142')",
        asked: &[("SELECT c * 2 FROM t", &[]), ("SELECT max(c), sum(id) FROM t", &[])],
    },
    Case {
        before: "CREATE TABLE t(id INT PRIMARY KEY, c INT); INSERT INTO t VALUES (9, 1)",
        change: "DROP TABLE t; CREATE TABLE t(id INTEGER PRIMARY KEY, c INT); INSERT INTO t VALUES (10, 1)",
        asked: &[("SELECT rowid FROM t", &[])],
    },
    Case {
        before: T,
        change: "DROP TABLE t; CREATE TABLE t(id INTEGER PRIMARY KEY, c INT NOT NULL ON CONFLICT IGNORE)",
        asked: &[("INSERT INTO t(c) VALUES (?), (NULL)", &[7]), ("SELECT c FROM t", &[])],
    },
    Case {
        before: T,
        change: "ALTER TABLE t RENAME TO u; CREATE VIEW t AS SELECT c AS a, id FROM u",
        asked: &[("SELECT * FROM t ORDER BY id", &[]), ("DELETE FROM t", &[])],
    },
    Case {
        before: "CREATE TABLE u(id INTEGER PRIMARY KEY, c INT); INSERT INTO u VALUES (1, 2); CREATE VIEW t AS SELECT * FROM u",
        change: "DROP VIEW t; ALTER TABLE u ADD COLUMN d; CREATE VIEW t AS SELECT * FROM u",
        asked: &[("SELECT * FROM t WHERE id = ?", &[1])],
    },
    Case {
        before: "CREATE TABLE u(id INTEGER PRIMARY KEY, c INT); INSERT INTO u VALUES (1, 2); CREATE VIEW t AS SELECT * FROM u",
        change: "DROP VIEW t",
        asked: &[("SELECT * FROM t", &[])],
    },
    Case {
        before: "CREATE TABLE u(id INTEGER PRIMARY KEY, c INT); INSERT INTO u VALUES (1, 2); CREATE VIEW t AS SELECT * FROM u",
        change: "DROP VIEW t; CREATE TABLE t(a, b)",
        asked: &[("INSERT INTO t VALUES ('x', 2.5)", &[]), ("SELECT * FROM t", &[])],
    },
];

fn values(parameters: &[i64]) -> Vec<Value> {
    parameters.iter().copied().map(Value::Integer).collect()
}

impl Case {
    fn begin(&self, pair: &mut Pair) {
        pair.other.run(self.before);
        pair.look();
    }
}

#[test]
fn statements_made_for_older_tables_are_made_anew() {
    for case in CASES {
        on_both(case.change, |pair| {
            case.begin(pair);
            // Translated and run against the old tables, as far as they take it.
            for (sql, parameters) in case.asked.iter().filter(|(sql, _)| sql.starts_with("SELECT")) {
                let _ = answer(&pair.here, sql, &values(parameters));
            }
            pair.look();
            pair.other.run(case.change);
            pair.settle();
            case.asked.iter().map(|(sql, parameters)| answer(&pair.here, sql, &values(parameters))).collect()
        });
    }
}

#[test]
fn prepared_statements_go_over_to_the_new_tables() {
    for case in CASES {
        on_both(case.change, |pair| {
            case.begin(pair);
            let Pair { here, other } = pair;
            let mut held: Vec<_> =
                case.asked.iter().map(|(sql, parameters)| (here.prepare(sql).ok(), values(parameters))).collect();
            other.run(case.change);
            let answers = held.iter_mut().filter_map(|(statement, parameters)| {
                let rows = run(statement.as_mut()?, parameters).map_err(|error| told(&error));
                Some(rows.map(|rows| (Vec::new(), rows)))
            });
            let mut answers: Vec<Answer> = answers.collect();
            answers.push(Ok(Default::default()));
            answers
        });
    }
}

#[test]
fn a_transaction_that_has_seen_nothing_yet_takes_the_new_tables() {
    for begin in ["BEGIN", "BEGIN IMMEDIATE", "SAVEPOINT s"] {
        for case in CASES {
            on_both(case.change, |pair| {
                case.begin(pair);
                if begin == "BEGIN" {
                    pair.here.execute_batch(begin).expect("begins");
                }
                pair.other.run(case.change);
                if begin != "BEGIN" {
                    pair.here.execute_batch(begin).expect("begins");
                }
                pair.settle();
                let mut answers: Vec<_> =
                    case.asked.iter().map(|(sql, parameters)| answer(&pair.here, sql, &values(parameters))).collect();
                pair.here.execute_batch("COMMIT").expect("commits");
                answers.push(answer(&pair.here, "SELECT count(*) FROM t", &[]));
                answers
            });
        }
    }
}

/// SQLite shows such a transaction the old tables, which PostgreSQL does not have any more: where that is in the way, it is told to
/// begin again.
#[test]
fn a_transaction_with_an_older_snapshot_is_told_so() {
    for (index, case) in CASES[..2].iter().enumerate() {
        for isolation in ["serializable", "read-committed"] {
            let database = sqlift::testing::database();
            let mut pair = Pair::new(&support::with(database.url(), &format!("isolation={isolation}")));
            pair.other.run("CREATE TABLE s(a); INSERT INTO s VALUES (1)");
            case.begin(&mut pair);
            pair.here.execute_batch("BEGIN; INSERT INTO s VALUES (2)").expect("a snapshot");
            pair.other.run(case.change);
            let (sql, parameters) = case.asked[0];
            let found = answer(&pair.here, sql, &values(parameters));
            match (isolation, index) {
                // Columns of this type are read by name.
                ("serializable", 0) => {
                    assert_eq!(found, Err((517, "database is locked".to_owned())), "{}", case.change);
                    let counted = answer(&pair.here, "SELECT count(*) > 1 FROM s", &[]).expect("it goes on").1;
                    assert_eq!(counted, [[Value::Integer(1)]]);
                    pair.here.execute_batch("COMMIT").expect("it wrote");
                }
                _ => {
                    assert_eq!(found.expect("as of now").0, ["id", "c", "n"]);
                    pair.here.execute_batch("ROLLBACK").expect("ends");
                }
            }
            assert_eq!(answer(&pair.here, sql, &values(parameters)).expect("as of now").0, ["id", "c", "n"]);
        }
    }
}
