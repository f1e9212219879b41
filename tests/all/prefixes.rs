//! `main.` and `temp.` before names of tables, on both databases.

use crate::support;

#[test]
fn prefixes_tell_lasting_from_temporary_tables() {
    support::both(|conn| {
        conn.execute_batch(
            "CREATE TABLE lasting(a); CREATE TEMP TABLE passing(a); INSERT INTO main.lasting VALUES (1);
             INSERT INTO temp.passing VALUES (2);",
        )
        .unwrap();
        let names = |sql: &str| -> Vec<String> {
            let mut statement = conn.prepare(sql).unwrap();
            statement.query_map([], |row| row.get(0)).unwrap().collect::<sqlift::Result<_>>().unwrap()
        };
        for of_temp in ["temp.sqlite_master", "temp.sqlite_schema", "sqlite_temp_master"] {
            assert_eq!(names(&format!("SELECT name FROM {of_temp}")), ["passing"], "{of_temp}");
        }
        for of_main in ["sqlite_master", "main.sqlite_master", "main.sqlite_schema"] {
            assert_eq!(names(&format!("SELECT name FROM {of_main}")), ["lasting"], "{of_main}");
        }
        let error = conn.execute("DELETE FROM temp.lasting", []).unwrap_err().to_string();
        assert!(error.contains("no such table: temp.lasting"), "{error}");
        conn.execute("DELETE FROM main.lasting", []).unwrap();
    });
}

/// SQLite would read or drop the lasting one, PostgreSQL's bare name is the temporary one.
#[test]
fn a_lasting_table_behind_a_temporary_one_is_refused() {
    support::on_postgres(|conn| {
        conn.execute_batch(
            "CREATE TABLE t(a); INSERT INTO t VALUES (1); CREATE TEMP TABLE t(a); CREATE TEMP TABLE only(a); CREATE TABLE lasting(a)",
        )
        .unwrap();
        for sql in [
            "CREATE TABLE only(a TEXT COLLATE NOCASE UNIQUE)",
            "CREATE TABLE IF NOT EXISTS only(a)",
            "CREATE TABLE main.only AS SELECT 1 AS a",
            "CREATE VIEW only AS SELECT 1 AS a",
            "ALTER TABLE lasting RENAME TO only",
            "SELECT * FROM main.t",
            "INSERT INTO main.t VALUES (2)",
            "UPDATE main.t SET a = 3",
            "DELETE FROM main.t",
            "DROP TABLE main.t",
            "ALTER TABLE main.t RENAME TO u",
            "PRAGMA main.table_info(t)",
        ] {
            let error = conn.prepare(sql).map(|_| ()).unwrap_err().to_string();
            assert!(error.contains("temporary table"), "{sql}: {error}");
        }
        conn.execute("INSERT INTO t VALUES (5)", []).unwrap();
        conn.execute("DROP TABLE temp.t", []).unwrap();
        assert_eq!(conn.query_row("SELECT a FROM main.t", [], |row| row.get::<_, i64>(0)), Ok(1));
    });
}

/// `CREATE TABLE temp.t` is CREATE TEMP TABLE.
#[test]
fn temp_before_a_new_name_makes_it_temporary() {
    let run = |conn: &mut sqlift::Connection| {
        let mut log = support::Log::default();
        for sql in [
            "CREATE TABLE temp.t(a INTEGER PRIMARY KEY, b TEXT UNIQUE, CHECK (b <> ''))",
            "CREATE TABLE IF NOT EXISTS temp.u AS SELECT 1 AS x, 'y' AS y",
            "CREATE TABLE temp.untyped(a, b)",
            "CREATE VIEW temp.v AS SELECT 1 AS one",
            "CREATE TEMP TABLE temp.both(a)",
            "CREATE TEMP TABLE main.neither(a)",
            "CREATE TEMP VIEW main.neither AS SELECT 1",
            "CREATE TABLE temp.t(a)",
            "CREATE TABLE IF NOT EXISTS temp.t(a)",
            "CREATE VIEW main.w AS SELECT 2 AS two",
            "CREATE VIEW IF NOT EXISTS temp.w AS SELECT 3 AS three",
            "INSERT INTO temp.t(b) VALUES ('b'), ('c')",
            "INSERT INTO t(b) VALUES ('b')",
            "INSERT INTO temp.untyped VALUES (1, x'00')",
        ] {
            log.result(sql, conn.execute(sql, []));
        }
        for sql in [
            "SELECT name FROM sqlite_master ORDER BY name",
            "SELECT name FROM sqlite_temp_master WHERE type <> 'index' ORDER BY name",
            "SELECT a || b FROM temp.t",
            "SELECT typeof(b) FROM untyped",
            "SELECT x || y FROM temp.u",
            "SELECT 'v' || one FROM temp.v",
            "SELECT 'w' || three FROM w",
        ] {
            let rows: sqlift::Result<Vec<String>> =
                conn.prepare(sql).and_then(|mut rows| rows.query_map([], |row| row.get(0))?.collect());
            log.result(sql, rows);
        }
        log
    };
    support::portably_same(run);
}
