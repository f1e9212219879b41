//! UPDATE OF hears the names behind SET.

use super::{refused, same};

#[test]
fn update_of_hears_no_generated_column() {
    same(&[
        "CREATE TABLE t(id INTEGER PRIMARY KEY, a INTEGER, b INTEGER GENERATED ALWAYS AS (a * 2))",
        "CREATE TABLE logged(x)",
        "CREATE TRIGGER b AFTER UPDATE OF b ON t BEGIN INSERT INTO logged VALUES ('b'); END",
        "CREATE TRIGGER a AFTER UPDATE OF b, a ON t BEGIN INSERT INTO logged VALUES ('a'); END",
        "INSERT INTO t(id, a) VALUES (1, 1)",
        "UPDATE t SET a = 3",
        "UPDATE t SET id = 3",
        "SELECT * FROM logged",
    ]);
}

#[test]
fn update_of_rowid_hears_it_where_no_column_is_it() {
    same(&[
        "CREATE TABLE t(a)",
        "CREATE TABLE k(id INTEGER PRIMARY KEY, a)",
        "CREATE TABLE logged(x)",
        "CREATE TRIGGER t AFTER UPDATE OF rowid ON t BEGIN INSERT INTO logged VALUES ('t'); END",
        "CREATE TRIGGER k AFTER UPDATE OF rowid ON k BEGIN INSERT INTO logged VALUES ('k'); END",
        "INSERT INTO t VALUES (1)",
        "INSERT INTO k VALUES (1, 1)",
        "UPDATE t SET rowid = 7",
        "UPDATE t SET a = 7",
        "UPDATE k SET id = 7, a = 8",
        "SELECT * FROM logged",
        "SELECT rowid, a FROM t",
    ]);
}

#[test]
fn the_key_by_another_name_than_the_triggers_is_refused() {
    let key = "CREATE TABLE t(id INTEGER PRIMARY KEY, a INTEGER);
        CREATE TRIGGER u AFTER UPDATE OF id ON t BEGIN SELECT 1; END";
    refused(key, "UPDATE t SET rowid = 2", "rowid", &["trigger u", "write SET id"]);
    refused(key, "UPDATE t SET a = 1, oid = 2", "oid", &["trigger u"]);
    let upsert = "INSERT INTO t VALUES (1, 1) ON CONFLICT(id) DO UPDATE SET rowid = 8";
    refused(key, upsert, "rowid", &["trigger u"]);
    let alias = "CREATE TABLE t(id INTEGER PRIMARY KEY, a INTEGER);
        CREATE TRIGGER u AFTER UPDATE OF rowid ON t BEGIN SELECT 1; END";
    refused(alias, "UPDATE t SET rowid = 2", "rowid", &["trigger u"]);
}
