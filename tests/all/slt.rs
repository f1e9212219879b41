//! `sqlift slt`: what it counts, on both databases.

use std::process::Command;

const RECORDS: &str = "\
statement ok
CREATE TABLE t(a INTEGER, b TEXT)

statement ok
INSERT INTO t VALUES (1, 'x'), (2, 'y')

statement error
INSERT INTO nosuch VALUES (1)

# Compared as sorted.
query IT rowsort
SELECT a, b FROM t ORDER BY a DESC
----
1
x
2
y

skipif sqlite
statement error
SELECT 1

query I nosort
SELECT count(*) FROM t
----
3

satement ok
SELECT 1

statement maybe
SELECT 1

query
SELECT 1

query X nosort
SELECT 1
----
1
";

#[test]
fn records_pass_fail_or_are_none() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("records.test");
    std::fs::write(&file, RECORDS).unwrap();
    let database = sqlift::testing::database();
    for url in ["sqlite::memory:", database.url()] {
        let run = Command::new(env!("CARGO_BIN_EXE_sqlift")).args(["slt", "--url", url]).arg(&file).output().unwrap();
        let said = String::from_utf8(run.stdout).unwrap();
        let places: Vec<_> =
            said.lines().filter_map(|line| line.strip_prefix(&format!("{}:", file.display()))).collect();
        let expected = [
            "23: differs",
            "28: no kind of record: satement",
            "31: a statement is 'ok' or 'error'",
            "34: a query says the types of its columns in letters T, I and R",
            "37: a query says the types of its columns in letters T, I and R",
        ];
        assert_eq!(places, expected, "{said}");
        assert!(said.ends_with("4 passed, 5 failed\n"), "{said}");
        assert_eq!(run.status.code(), Some(1));
    }
}
