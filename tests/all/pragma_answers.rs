//! What PRAGMAs, their table functions and sqlite_master tell of tables, as SQLite tells it.

use crate::support::{on_postgres, sqlite};
use sqlift::types::Value;
use sqlift::{Connection, Error};

/// What a statement gives: its rows, or its code and message.
pub(crate) fn answer(conn: &Connection, sql: &str) -> String {
    let rows = || -> sqlift::Result<Vec<Vec<Value>>> {
        let mut statement = conn.prepare(sql)?;
        let columns = statement.column_count();
        let rows = statement.query_map([], |row| (0..columns).map(|column| row.get(column)).collect())?;
        rows.collect()
    };
    match rows() {
        Ok(rows) => format!("{rows:?}"),
        // SQLite tells the place of few errors.
        Err(Error::SqliteFailure(code, message)) => format!("{} {}", code.extended_code, message.unwrap_or_default()),
        Err(Error::SqlInputError { error, msg, .. }) => format!("{} {msg}", error.extended_code),
        Err(error) => format!("{error:?}"),
    }
}

/// Runs the statements on both databases, and compares what each gives.
#[track_caller]
pub(crate) fn same(statements: &[&str]) {
    let run = |conn: &Connection| statements.iter().map(|sql| answer(conn, sql)).collect::<Vec<_>>();
    let expected = run(&sqlite());
    let found = on_postgres(|conn| run(conn));
    for ((sql, expected), found) in statements.iter().zip(expected).zip(found) {
        assert_eq!(found, expected, "{sql}");
    }
}

#[test]
fn defaults_and_types_are_told_as_they_were_declared() {
    same(&[
        r#"CREATE TABLE t(a, c AS (a+1) VIRTUAL, "Dd" "weird type" DEFAULT (1 + 2 ), e [another text] DEFAULT "dq",
            f TEXT ( 10 ) DEFAULT abc, g REAL DEFAULT - 1.5, h DEFAULT (  datetime('now')), i DEFAULT NULL, j BOOLEAN DEFAULT TRUE,
            k DEFAULT x'0102', l INT DEFAULT +3, m DEFAULT ((1)), n TEXT NOT NULL DEFAULT 'it''s', o 'str' AS (a) STORED,
            p INTEGER DEFAULT /* c */ 5 NOT NULL, q TEXT DEFAULT 'two
lines \n and \\ more', r DATETIME DEFAULT CURRENT_TIMESTAMP, s REAL DEFAULT 1e3, "U u")"#,
        "PRAGMA table_info(t)",
        "PRAGMA table_xinfo('t')",
        "SELECT name, type, dflt_value FROM pragma_table_info('t')",
        "ALTER TABLE t ADD COLUMN z TEXT NOT NULL DEFAULT ('a' || 'b')",
        "SELECT name, type, dflt_value FROM pragma_table_info('t') WHERE cid > 16",
        // The defaults are what they were.
        "INSERT INTO t(a) VALUES (1)",
        "SELECT f, q, \"Dd\", e, z FROM t",
    ]);
}

#[test]
fn a_quoted_word_as_a_default_is_a_string_with_the_affinity_of_its_column() {
    same(&[
        r#"CREATE TABLE t(k INTEGER PRIMARY KEY, a INT NOT NULL DEFAULT "0", b REAL DEFAULT "1.5", c NUMERIC DEFAULT "2.0",
            d BOOLEAN DEFAULT "1", e TEXT DEFAULT "x", f DEFAULT "0", g INT DEFAULT [8], h VARCHAR(9) DEFAULT "12")"#,
        r#"ALTER TABLE t ADD COLUMN i INT NOT NULL DEFAULT "7""#,
        "ALTER TABLE t ADD COLUMN j REAL DEFAULT `9`",
        r#"ALTER TABLE t ADD COLUMN l INT DEFAULT " -5 ""#,
        "INSERT INTO t(k) VALUES (1)",
        "SELECT *, typeof(a), typeof(b), typeof(c), typeof(d), typeof(f), typeof(g), typeof(h), typeof(i), typeof(j), typeof(l) FROM t",
        "PRAGMA table_info(t)",
        r#"CREATE TABLE s(k INTEGER PRIMARY KEY, a INTEGER DEFAULT "5") STRICT"#,
        "INSERT INTO s DEFAULT VALUES",
        "SELECT a, typeof(a) FROM s",
    ]);
    on_postgres(|conn| {
        for sql in [
            r#"CREATE TABLE w(a INT DEFAULT "abc")"#,
            r#"CREATE TABLE w(a INT DEFAULT "1.5")"#,
            "CREATE TABLE w(a BLOB DEFAULT word)",
        ] {
            let error = conn.execute_batch(sql).expect_err(sql).to_string();
            assert!(error.contains("cannot store"), "{sql}: {error}");
        }
        let dated = conn.execute_batch(r#"CREATE TABLE w(a DATETIME DEFAULT "0")"#).expect_err("a number").to_string();
        assert!(dated.contains("SQLite keeps this as a number"), "{dated}");
    });
}

#[test]
fn indexes_by_a_collation_are_told_by_their_column() {
    same(&[
        r#"CREATE TABLE n(x TEXT COLLATE NOCASE UNIQUE, y TEXT, "Zz" TEXT, u, UNIQUE(x, y))"#,
        r#"CREATE INDEX ni ON n(y COLLATE NOCASE, "Zz" DESC, y COLLATE RTRIM)"#,
        "CREATE INDEX nl ON n(lower(y), x)",
        "CREATE INDEX nu ON n(u COLLATE NOCASE) WHERE y > 'a'",
        "PRAGMA index_list(n)",
        "PRAGMA index_info(ni)",
        "PRAGMA index_xinfo(ni)",
        "PRAGMA index_xinfo(nl)",
        "PRAGMA index_xinfo(nu)",
        "PRAGMA index_xinfo(sqlite_autoindex_n_1)",
        "PRAGMA index_info(sqlite_autoindex_n_2)",
        "SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY name",
        "SELECT m.name, i.name FROM sqlite_master m, pragma_index_info(m.name) i WHERE m.type = 'index' ORDER BY 1, i.seqno",
    ]);
}

#[test]
fn foreign_keys_are_told_also_while_they_wait() {
    same(&[
        r#"CREATE TABLE pa(Id INTEGER PRIMARY KEY, "Bb" TEXT UNIQUE, q)"#,
        r#"CREATE TABLE ch(a INT REFERENCES pa, B INT REFERENCES pa(Id) ON DELETE CASCADE, c TEXT,
            FOREIGN KEY(c) REFERENCES pa("Bb") ON UPDATE SET NULL)"#,
        "PRAGMA foreign_key_list(ch)",
        "CREATE TABLE two(a INTEGER, b INTEGER, own INTEGER, PRIMARY KEY(a, b)) WITHOUT ROWID",
        "CREATE TABLE of_two(x INTEGER, y INTEGER, FOREIGN KEY(x, y) REFERENCES two)",
        "PRAGMA foreign_key_list(of_two)",
        "CREATE TABLE waits(d INTEGER REFERENCES missing(xx) ON DELETE SET NULL, e INTEGER REFERENCES missing, f INTEGER REFERENCES pa(q))",
        "PRAGMA foreign_key_list(waits)",
        "CREATE TABLE missing(xx INTEGER PRIMARY KEY)",
        "SELECT \"from\", \"to\", \"table\", on_delete FROM pragma_foreign_key_list('waits') ORDER BY 1",
        "DROP TABLE missing",
        "SELECT \"from\", \"to\", \"table\", on_delete FROM pragma_foreign_key_list('waits') ORDER BY 1",
    ]);
}

#[test]
fn settings_answer_with_what_was_set() {
    same(&[
        "PRAGMA synchronous = NORMAL",
        "PRAGMA synchronous",
        "PRAGMA synchronous = 0",
        "SELECT * FROM pragma_synchronous",
        "PRAGMA temp_store = MEMORY",
        "PRAGMA temp_store",
        "PRAGMA cache_size = -64000",
        "PRAGMA cache_size",
        "PRAGMA read_uncommitted = yes",
        "PRAGMA read_uncommitted",
        "PRAGMA automatic_index = OFF",
        "PRAGMA automatic_index",
        "PRAGMA cache_spill = 0",
        "PRAGMA cache_spill",
        "PRAGMA trusted_schema = 0",
        "SELECT trusted_schema, cache_size FROM pragma_trusted_schema, pragma_cache_size",
        "PRAGMA wal_autocheckpoint = 50",
        "PRAGMA wal_autocheckpoint",
        "PRAGMA journal_size_limit = 1000",
        "PRAGMA threads = 4",
        "PRAGMA threads",
        "PRAGMA secure_delete = FAST",
        "PRAGMA secure_delete",
        // A roll-back does not take it back.
        "BEGIN",
        "PRAGMA cache_size = 77",
        "ROLLBACK",
        "PRAGMA cache_size",
    ]);
}

#[test]
fn a_connection_that_only_queries_writes_nothing() {
    same(&[
        "CREATE TABLE t(a INTEGER)",
        "CREATE INDEX ti ON t(a)",
        "CREATE VIEW tv AS SELECT a FROM t",
        "CREATE TRIGGER tt AFTER DELETE ON t BEGIN SELECT 1; END",
        "INSERT INTO t VALUES (1)",
        "PRAGMA query_only = ON",
        // What there is nothing to do for.
        "CREATE TABLE IF NOT EXISTS t(b)",
        "CREATE TABLE IF NOT EXISTS main.T(b)",
        "CREATE TABLE IF NOT EXISTS tv(b)",
        "CREATE INDEX IF NOT EXISTS ti ON t(a)",
        "CREATE VIEW IF NOT EXISTS tv AS SELECT 1",
        "CREATE TRIGGER IF NOT EXISTS tt AFTER DELETE ON t BEGIN SELECT 2; END",
        "DROP TABLE IF EXISTS z",
        "DROP VIEW IF EXISTS z",
        "DROP INDEX IF EXISTS z",
        "DROP TRIGGER IF EXISTS z",
        "CREATE TABLE IF NOT EXISTS z(b)",
        "CREATE TEMP TABLE IF NOT EXISTS t(b)",
        "CREATE INDEX IF NOT EXISTS z ON t(a)",
        "CREATE VIEW IF NOT EXISTS z AS SELECT 1",
        "CREATE TRIGGER IF NOT EXISTS z AFTER DELETE ON t BEGIN SELECT 2; END",
        "DROP INDEX IF EXISTS ti",
        "DROP VIEW IF EXISTS tv",
        "DROP TRIGGER IF EXISTS tt",
        "DROP TABLE IF EXISTS t",
        "SELECT type, name FROM sqlite_master ORDER BY name",
        "PRAGMA query_only",
        "INSERT INTO t VALUES (2)",
        "INSERT INTO t VALUES (2) RETURNING a",
        "WITH n AS (SELECT 2) INSERT INTO t SELECT * FROM n",
        "UPDATE t SET a = 3",
        "DELETE FROM t",
        "CREATE TABLE z(a)",
        "CREATE TEMP TABLE z(a)",
        "CREATE VIEW v AS SELECT 1",
        "ALTER TABLE t ADD COLUMN b",
        "DROP TABLE t",
        "PRAGMA user_version = 3",
        "VACUUM",
        "ANALYZE",
        "BEGIN IMMEDIATE",
        "BEGIN",
        "INSERT INTO t VALUES (2)",
        "SELECT * FROM t",
        "COMMIT",
        "PRAGMA journal_mode = memory",
        "PRAGMA user_version",
        "PRAGMA query_only(0)",
        // Also in the middle of a transaction.
        "BEGIN",
        "INSERT INTO t VALUES (4)",
        "PRAGMA query_only = yes",
        "INSERT INTO t VALUES (5)",
        "COMMIT",
        "PRAGMA query_only = 'off'",
        "INSERT INTO t VALUES (6)",
        "SELECT * FROM t",
    ]);
}

#[test]
fn numbers_may_be_written_as_text() {
    for value in
        ["\"4\"", "'5'", "-1", "2147483647", "2147483648", "4294967296", "'abc'", "'12x'", "1.9", "0x10", "abc"]
    {
        let set = format!("PRAGMA user_version = {value}");
        same(&[&set, "PRAGMA user_version", "PRAGMA application_id = 7", &set, "PRAGMA application_id"]);
    }
}

#[test]
fn programs_that_ask_for_full_text_search_find_it() {
    same(&[
        "SELECT sqlite_compileoption_used('ENABLE_FTS5'), sqlite_compileoption_used('sqlite_Enable_fts5'), \
         sqlite_compileoption_used('THREADSAFE'), sqlite_compileoption_used('threadsafe=1'), \
         sqlite_compileoption_used('THREADSAFE=7'), sqlite_compileoption_used('ENABLE_FTS'), sqlite_compileoption_used(NULL)",
        "SELECT count(*) FROM pragma_compile_options WHERE compile_options = 'ENABLE_FTS5'",
        "SELECT compile_options FROM pragma_compile_options() WHERE compile_options LIKE 'SOUND%'",
    ]);
    on_postgres(|conn| assert!(answer(conn, "PRAGMA compile_options").contains("ENABLE_FTS5")));
}

#[test]
fn names_of_keys_are_free() {
    same(&[
        "CREATE TABLE a(x INTEGER, y, CONSTRAINT u UNIQUE(x), CONSTRAINT u CHECK(y <> 3))",
        "CREATE TABLE b(x INTEGER, CONSTRAINT u UNIQUE(x))",
        "CREATE TABLE c(x INTEGER CONSTRAINT u UNIQUE, y TEXT CONSTRAINT u PRIMARY KEY)",
        "CREATE TABLE u(x INTEGER, y INTEGER, CONSTRAINT u PRIMARY KEY(x, y))",
        "CREATE INDEX i ON u(y)",
        "INSERT INTO a VALUES (1, 3)",
        "INSERT INTO b VALUES (1), (1)",
        "INSERT INTO c VALUES (1, 'a'), (2, 'a')",
        "INSERT INTO u VALUES (1, 1), (1, 1)",
        "PRAGMA index_list(b)",
        "SELECT name, sql FROM sqlite_master ORDER BY 1",
    ]);
}

#[test]
fn text_in_double_quotes_that_ends_in_a_number() {
    same(&[
        "CREATE TABLE q(a TEXT, n TEXT)",
        r#"INSERT INTO q VALUES ("2024-05-01 10:00:00+00:00", "1:2")"#,
        "CREATE TABLE s(s STRING)",
        "INSERT INTO s VALUES ('abc')",
        r#"UPDATE s SET s = json_extract('{"a":"x"}', '$.a')"#,
        "SELECT s, typeof(s) FROM s",
    ]);
}

#[test]
fn types_of_sqlites_own_are_told_in_capitals() {
    same(&[
        "CREATE TABLE t(a integer, b text, c real, d blob, e int, f any, g Varchar(5), h bigint, i \"text\")",
        "PRAGMA table_info(t)",
    ]);
}

#[test]
fn integer_keys_say_not_null_where_their_text_does() {
    same(&[
        "CREATE TABLE a(id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, n TEXT NOT NULL)",
        "CREATE TABLE b(id INTEGER NOT NULL PRIMARY KEY, n TEXT)",
        "CREATE TABLE c(\"Id\" INTEGER NOT NULL, n TEXT, PRIMARY KEY(\"Id\"))",
        "CREATE TABLE d(id INTEGER PRIMARY KEY, n TEXT NOT NULL)",
        "CREATE TABLE e(n TEXT NOT NULL, id INTEGER, PRIMARY KEY(id))",
        "PRAGMA table_info(a)",
        "PRAGMA table_info(b)",
        "PRAGMA table_info(c)",
        "PRAGMA table_info(d)",
        "PRAGMA table_info(e)",
    ]);
}

#[test]
fn virtual_tables_have_no_page() {
    same(&[
        "CREATE TABLE docs(id INTEGER PRIMARY KEY, title TEXT)",
        "CREATE VIRTUAL TABLE found USING fts5(title, content=[docs], content_rowid=[id])",
        "CREATE VIEW v AS SELECT 1",
        "SELECT name FROM sqlite_master WHERE rootpage = 0",
        "INSERT INTO docs VALUES (1, 'a dog')",
        "INSERT INTO found(found) VALUES ('rebuild')",
        "SELECT rowid, title FROM found WHERE found MATCH 'dog'",
    ]);
}

#[test]
fn pages_are_those_of_the_tables() {
    same(&[
        "PRAGMA page_count",
        "CREATE TABLE t(a TEXT PRIMARY KEY)",
        "INSERT INTO t VALUES ('x')",
        "SELECT page_count > 0, page_count * page_size < 200000 FROM pragma_page_count(), pragma_page_size()",
    ]);
}

/// NOT NULL of a key's column is told by its text, in which texts, comments and names may hold these words.
#[test]
fn not_null_of_keys_is_what_their_text_says() {
    let tables = [
        "t1(a TEXT DEFAULT 'NOT NULL' PRIMARY KEY, b)",
        "t2(a TEXT DEFAULT ', a NOT NULL' PRIMARY KEY, b)",
        "t3(a TEXT /* NOT NULL */ PRIMARY KEY, \"b'c\" TEXT NOT NULL, d TEXT NOT NULL DEFAULT 'x''y')",
        "t4(a TEXT -- NOT NULL\n PRIMARY KEY, b)",
        "t5(\"NOT NULL\" TEXT PRIMARY KEY, [it's] TEXT, `x` INT NOT NULL)",
        "t6(\"a\" TEXT NOT  NULL PRIMARY KEY, b)",
        "t7(a TEXT PRIMARY KEY /* x */ NOT NULL, b DEFAULT ')')",
        "t8(a TEXT, b TEXT DEFAULT 'STRICT)', PRIMARY KEY(b, a))",
        "t9(a TEXT, b TEXT, PRIMARY KEY(b, a)) WITHOUT ROWID",
    ];
    for table in tables {
        let name = &table[..2];
        same(&[&format!("CREATE TABLE {table}"), &format!("PRAGMA table_info({name})")]);
    }
}
