//! Schema statements and writes: scripts that run on SQLite and on PostgreSQL and must give the same, statement by statement.

use crate::differential::answer;
use crate::support;
use sqlift::translate::offline;
use sqlift::translate::{Catalog, Options, TypePolicy, translate};
use sqlift::{Connection, Error};

/// Runs a script's statements (one per line, `--` lines aside) and notes what each gave.
fn run(conn: &Connection, script: &str, rowids: bool) -> Vec<String> {
    let lines = script.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("--"));
    lines
        .map(|sql| format!("{sql}\n      {}", answer(conn, sql, &[], rowids).unwrap_or_else(|error| told(&error))))
        .collect()
}

/// Codes and messages; where in the text it was, SQLite tells of few errors.
fn told(error: &Error) -> String {
    match error {
        Error::SqliteFailure(code, message) => {
            format!("error {} {}", code.extended_code, message.as_deref().unwrap_or_default())
        }
        Error::SqlInputError { error, msg, .. } => format!("error {} {msg}", error.extended_code),
        other => format!("error {other:?}"),
    }
}

/// The differences between what SQLite and PostgreSQL gave.
fn differences(name: &str, sqlite: &[String], postgres: &[String]) -> Vec<String> {
    let pairs = sqlite.iter().zip(postgres).filter(|(expected, found)| expected != found);
    pairs.map(|(expected, found)| format!("{name}: {expected}\n    PostgreSQL\n    {found}")).collect()
}

/// A schema that programs have, in native types; the statements are the program's old ones.
const NATIVE_TABLES: &[&str] = &[
    "CREATE TABLE account(id INTEGER PRIMARY KEY AUTOINCREMENT, name VARCHAR(40) NOT NULL UNIQUE, \
     active BOOLEAN NOT NULL DEFAULT 1 CHECK (active IN (0, 1)), gone BOOL DEFAULT FALSE, \
     created_at DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP, born DATE, settings JSON NOT NULL DEFAULT '{}', token UUID, \
     balance DECIMAL(10, 2) DEFAULT 0, CHECK (length(name) > 0))",
    "CREATE TABLE visit(id INTEGER PRIMARY KEY, account INTEGER NOT NULL REFERENCES account(id) ON DELETE CASCADE, \
     at TIMESTAMP, ok BOOLEAN, day DATE DEFAULT (date('now')))",
    "CREATE INDEX account_active ON account(active, created_at DESC) WHERE gone = 0",
    "CREATE UNIQUE INDEX account_token ON account(token)",
    "ALTER TABLE account ADD COLUMN admin BOOLEAN NOT NULL DEFAULT 0",
];

const NATIVE_STATEMENTS: &str = "
    INSERT INTO account(name, created_at, born, settings, token, balance) VALUES ('ada', '2024-01-02 03:04:05', '1815-12-10', '{\"a\":1}', '01234567-89ab-cdef-0123-456789abcdef', 12.5)
    INSERT INTO account(name, active, gone) VALUES ('bob', 0, 1)
    INSERT INTO account(name) VALUES ('')
    INSERT INTO visit(account, at, ok, day) VALUES (1, '2024-05-06 07:08:09', 1, '2024-05-06'), (2, NULL, 0, NULL)
    SELECT id, name, active, gone, born, token, CAST(balance AS REAL), admin FROM account ORDER BY id
    SELECT name FROM account WHERE active = 1 AND gone = 0
    SELECT name FROM account WHERE created_at < '2024-02-01'
    SELECT created_at FROM account WHERE id = 1
    SELECT json_extract(settings, '$.a') FROM account ORDER BY id
    UPDATE account SET active = 1, gone = 0 WHERE id = 2
    SELECT count(*) FROM account WHERE active
    SELECT sum(active), max(created_at) > '2024-01-01' FROM account
    SELECT at, ok, day FROM visit ORDER BY id
    DELETE FROM account WHERE id = 1
    SELECT count(*) FROM visit
";

#[test]
fn native_tables_serve_the_old_statements() {
    let sqlite = support::sqlite();
    for sql in NATIVE_TABLES {
        sqlite.execute_batch(sql).expect("SQLite takes the schema");
    }
    let expected = run(&sqlite, NATIVE_STATEMENTS, true);
    let found = support::on_postgres(|postgres| {
        let options = Options { types: TypePolicy::NATIVE, ..Options::default() };
        let mut catalog = Catalog::default();
        for sql in NATIVE_TABLES {
            let translation = translate(sql, &catalog, &options).expect(sql);
            offline::apply_as(&mut catalog, sql, options.types);
            postgres.native().execute_batch(&translation.sql).expect(&translation.sql);
        }
        run(postgres, NATIVE_STATEMENTS, false)
    });
    let expected = expected.into_iter().map(|text| text.split(", rowid").next().unwrap_or_default().to_owned());
    let found = found.into_iter().map(|text| text.split(", rowid").next().unwrap_or_default().to_owned());
    let wrong = differences("native", &expected.collect::<Vec<_>>(), &found.collect::<Vec<_>>());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// (name, whether row ids are compared, statements)
const SCRIPTS: &[(&str, bool, &str)] = &[
    (
        "OR REPLACE writes the default for NULL",
        false,
        "
        CREATE TABLE t(id INTEGER PRIMARY KEY, n INTEGER NOT NULL DEFAULT 7, s TEXT NOT NULL DEFAULT 'it''s', x REAL NOT NULL DEFAULT 1, b BLOB NOT NULL DEFAULT x'01', u TEXT DEFAULT 'u', w TEXT NOT NULL)
        INSERT OR REPLACE INTO t VALUES (1, NULL, NULL, NULL, NULL, NULL, 'w')
        SELECT *, typeof(n), typeof(s), typeof(x), typeof(b) FROM t
        INSERT OR REPLACE INTO t(id, n, w) VALUES (1, nullif(1, 1), 'a'), (2, 5, 'b'), (3, NULL, 'c'), (3, NULL, 'd')
        REPLACE INTO t(id, n, s, w) VALUES (4, NULL, NULL, 'e') RETURNING id, n, s
        REPLACE INTO t(n, s) VALUES (NULL, NULL)
        REPLACE INTO t(n, w) VALUES (NULL, NULL)
        INSERT INTO t(id, n, w) VALUES (5, NULL, 'f')
        INSERT OR IGNORE INTO t(id, n, w) VALUES (5, NULL, 'f'), (6, 1, 'g')
        CREATE TABLE s(a INTEGER, b INTEGER, c TEXT, d REAL, e BLOB, f TEXT, g TEXT)
        INSERT INTO s VALUES (2, NULL, 'x', NULL, NULL, NULL, 'h'), (10, 3, NULL, 2.5, x'02', 'v', 'i')
        REPLACE INTO t SELECT * FROM s
        REPLACE INTO t(id, n, w) SELECT 11, NULL, 'j' UNION ALL SELECT 12, a, 'k' FROM s ORDER BY 1
        SELECT * FROM t ORDER BY id
        UPDATE OR REPLACE t SET n = NULL, x = nullif(x, 1.0) WHERE id < 10
        UPDATE OR REPLACE t SET w = NULL
        UPDATE OR REPLACE t SET (n, s) = (NULL, 'row') WHERE id = 10
        UPDATE OR REPLACE t SET id = 111, s = NULL WHERE id = 11
        UPDATE t SET n = NULL
        SELECT * FROM t ORDER BY id
        CREATE TABLE k(a TEXT NOT NULL DEFAULT 'key' UNIQUE, b INTEGER NOT NULL DEFAULT (1 + 2))
        REPLACE INTO k VALUES ('key', 1), (NULL, 2)
        SELECT * FROM k
        REPLACE INTO k VALUES (NULL, NULL)
        REPLACE INTO k VALUES (NULL, 8), (NULL, 9), ('other', NULL)
        UPDATE OR REPLACE k SET a = NULL WHERE a = 'other'
        SELECT * FROM k
        CREATE TRIGGER tr AFTER INSERT ON s BEGIN REPLACE INTO k VALUES (new.c, new.a); END
        INSERT INTO s(a, c) VALUES (20, NULL), (21, 'other')
        SELECT * FROM k ORDER BY a
        ",
    ),
    (
        "views outlive what they read",
        false,
        "
        CREATE TABLE t(a INTEGER, b TEXT)
        INSERT INTO t VALUES (1,'x'),(2,'y')
        CREATE VIEW v AS SELECT a, b FROM t WHERE a > 1
        CREATE VIEW w AS SELECT a FROM v
        CREATE VIEW x AS SELECT a FROM w
        DROP VIEW v
        SELECT * FROM x
        SELECT name, type FROM sqlite_master ORDER BY name
        DROP VIEW v
        DROP VIEW IF EXISTS v
        CREATE VIEW v AS SELECT 7 AS a, 8 AS c
        SELECT * FROM x
        DROP VIEW w
        SELECT * FROM x
        CREATE VIEW w AS SELECT c AS a, a AS z FROM v
        SELECT * FROM x
        SELECT sql FROM sqlite_master WHERE name = 'x'
        DROP TABLE t
        CREATE VIEW y AS SELECT * FROM t
        SELECT * FROM y
        INSERT INTO y VALUES (1, 2)
        CREATE TABLE t(a INTEGER, c TEXT)
        INSERT INTO t VALUES (5, 'f')
        SELECT * FROM y
        DROP VIEW x
        DROP VIEW w
        DROP TABLE t
        DROP VIEW y
        DROP VIEW v
        SELECT count(*) FROM sqlite_master
        ",
    ),
    (
        "a view's triggers survive its being broken",
        false,
        "
        CREATE TABLE t(a INTEGER, b TEXT)
        CREATE VIEW v AS SELECT a FROM t
        CREATE VIEW w AS SELECT a FROM v
        CREATE TRIGGER wi INSTEAD OF INSERT ON w BEGIN INSERT INTO t(a) VALUES (NEW.a); END
        DROP VIEW v
        INSERT INTO w(a) VALUES (4)
        CREATE VIEW v AS SELECT a + 1 AS a FROM t
        INSERT INTO w(a) VALUES (4)
        SELECT * FROM w
        DROP TABLE w
        DROP VIEW t
        ALTER TABLE w RENAME TO ww
        ALTER TABLE t RENAME TO w
        ",
    ),
    (
        "conflict clauses go row by row",
        false,
        "
        CREATE TABLE kv(k TEXT PRIMARY KEY, v TEXT, n INTEGER)
        INSERT INTO kv VALUES ('a','one',1),('b','two',2)
        UPDATE OR IGNORE kv SET k = 'b' WHERE k = 'a'
        SELECT * FROM kv ORDER BY k
        UPDATE OR REPLACE kv SET k = 'b' WHERE k = 'a'
        SELECT * FROM kv ORDER BY k
        UPDATE OR ABORT kv SET n = 5
        UPDATE OR ROLLBACK kv SET n = 6
        UPDATE OR FAIL kv SET n = 7
        INSERT OR IGNORE INTO kv VALUES ('b','x',1),('c','y',2),('c','z',3)
        INSERT OR REPLACE INTO kv VALUES ('d','1',1),('d','2',2),('e','3',3)
        SELECT * FROM kv ORDER BY k
        INSERT INTO kv(k,n) VALUES ('f',1),('f',2),('g',3) ON CONFLICT(k) DO UPDATE SET n = n + excluded.n, v = 'dup'
        INSERT INTO kv(k,n) VALUES ('f',1),('f',2),('h',3) ON CONFLICT DO UPDATE SET n = n + excluded.n WHERE n < 100
        SELECT * FROM kv ORDER BY k
        REPLACE INTO kv(k) SELECT k FROM kv WHERE n > 2
        SELECT * FROM kv ORDER BY k
        ",
    ),
    (
        "foreign keys wait for their parents",
        false,
        "
        CREATE TABLE c(id INTEGER PRIMARY KEY, p INTEGER REFERENCES nosuch(id), q TEXT)
        INSERT INTO c VALUES (1, NULL, 'a')
        UPDATE c SET q = 'b'
        UPDATE c SET p = 1
        DELETE FROM c WHERE id = 5
        CREATE TABLE nosuch(id INTEGER PRIMARY KEY)
        INSERT INTO c VALUES (1, NULL, 'a')
        INSERT INTO c VALUES (2, 5, 'a')
        INSERT INTO nosuch VALUES (5)
        INSERT INTO c VALUES (2, 5, 'a')
        DROP TABLE nosuch
        DELETE FROM c WHERE p = 5
        DROP TABLE nosuch
        DELETE FROM c
        SELECT name, type FROM sqlite_master
        UPDATE c SET q = 'z'
        CREATE TABLE p(id INTEGER)
        CREATE TABLE k(p INTEGER REFERENCES p(id))
        INSERT INTO k VALUES (NULL)
        UPDATE c SET q = 'y'
        CREATE UNIQUE INDEX px ON p(id)
        INSERT INTO k VALUES (NULL)
        INSERT INTO k VALUES (8)
        CREATE TABLE a(id INTEGER PRIMARY KEY, b_id INTEGER REFERENCES b(id))
        CREATE TABLE b(id INTEGER PRIMARY KEY, a_id INTEGER, FOREIGN KEY (a_id) REFERENCES a(id) ON DELETE CASCADE)
        INSERT INTO a VALUES (1, NULL), (2, NULL)
        INSERT INTO b VALUES (1, 1)
        INSERT INTO a VALUES (3, 1)
        INSERT INTO a VALUES (4, 9)
        DELETE FROM a WHERE id = 1
        DELETE FROM a WHERE id = 3
        DELETE FROM a WHERE id = 1
        SELECT count(*) FROM b
        CREATE TABLE new_a(id INTEGER PRIMARY KEY, b_id TEXT)
        INSERT INTO new_a SELECT id, b_id FROM a
        DROP TABLE a
        ALTER TABLE new_a RENAME TO a
        INSERT INTO b VALUES (5, 2)
        INSERT INTO b VALUES (6, 7)
        PRAGMA foreign_key_list(b)
        ",
    ),
    (
        "RAISE in triggers",
        false,
        "
        CREATE TABLE t(a INTEGER, b TEXT)
        CREATE TRIGGER tr BEFORE INSERT ON t WHEN NEW.a < 0 BEGIN SELECT RAISE(IGNORE); END
        INSERT INTO t VALUES (-1, 'x'), (1, 'y')
        SELECT * FROM t
        INSERT INTO t VALUES (-5, 'x')
        CREATE TRIGGER tr3 BEFORE DELETE ON t BEGIN SELECT RAISE(ROLLBACK, 'no'); END
        BEGIN
        INSERT INTO t VALUES (5,'z')
        DELETE FROM t
        COMMIT
        DELETE FROM t
        SELECT * FROM t
        ALTER TABLE t ADD COLUMN m INTEGER NOT NULL
        ALTER TABLE t ADD COLUMN m INTEGER UNIQUE
        ALTER TABLE t ADD COLUMN m INTEGER NOT NULL DEFAULT 3
        CREATE TABLE op(k TEXT PRIMARY KEY ON CONFLICT ABORT, v TEXT NOT NULL ON CONFLICT ABORT, w INTEGER, UNIQUE (w) ON CONFLICT ABORT)
        INSERT INTO op VALUES ('a','b', 1)
        INSERT INTO op VALUES ('a','b', 2)
        INSERT INTO op VALUES ('b','b', 1)
        INSERT INTO op VALUES ('c', NULL, 3)
        DELETE FROM op LIMIT 1
        ",
    ),
    (
        "several unique keys",
        false,
        "
        CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT UNIQUE, b TEXT NOT NULL, c INTEGER CHECK (c > 0), d INTEGER DEFAULT 9, UNIQUE(b, c))
        INSERT INTO t(id,a,b,c) VALUES (1,'a','b',1),(2,'aa','bb',2),(3,'aaa','bbb',3)
        INSERT OR IGNORE INTO t(a,b,c) VALUES ('x', NULL, 1)
        INSERT OR IGNORE INTO t(id,a,b,c) VALUES (4,'x', 'q', 1), (5,'y', NULL, 2), (6,'z', 'z', -1), (7,'w','w', 7)
        SELECT * FROM t ORDER BY id
        INSERT INTO t(a,b,c) VALUES ('a','b',1) ON CONFLICT(a) DO UPDATE SET d = 10 ON CONFLICT(b, c) DO UPDATE SET d = 11
        INSERT INTO t(a,b,c) VALUES ('new','b',1) ON CONFLICT(a) DO UPDATE SET d = 10 ON CONFLICT(b, c) DO UPDATE SET d = 11
        INSERT INTO t(a,b,c) VALUES ('aa','new',1) ON CONFLICT(a) DO NOTHING ON CONFLICT DO UPDATE SET d = 12
        INSERT INTO t(a,b,c) VALUES ('new2','bb',2) ON CONFLICT(a) DO NOTHING ON CONFLICT DO UPDATE SET d = 12
        INSERT INTO t(id,a,b,c) VALUES (3, 'n3','n3',2) ON CONFLICT DO UPDATE SET d = 13, b = excluded.b
        SELECT * FROM t ORDER BY id
        UPDATE OR IGNORE t SET b = NULL WHERE id < 3
        UPDATE OR IGNORE t SET c = c - 1
        SELECT * FROM t ORDER BY id
        UPDATE OR REPLACE t SET id = 2 WHERE id IN (1, 2, 3)
        SELECT * FROM t ORDER BY id
        UPDATE OR IGNORE t SET id = id - 1
        UPDATE OR IGNORE t SET a = 'q', b = (SELECT 'zz') WHERE id > 1
        SELECT * FROM t ORDER BY id
        INSERT OR REPLACE INTO t(id,a,b,c) VALUES (1,'q','r',3)
        INSERT OR REPLACE INTO t(id,a,b,c) SELECT id+1, a, b, c FROM t
        SELECT * FROM t ORDER BY id
        UPDATE OR REPLACE t SET a = 'same'
        SELECT * FROM t ORDER BY id
        ",
    ),
    (
        "OR FAIL keeps the rows ahead of the failing one",
        false,
        "
        CREATE TABLE t(a INTEGER UNIQUE, b INTEGER NOT NULL)
        INSERT OR FAIL INTO t VALUES (1,1),(2,2),(1,3),(4,4)
        SELECT changes()
        SELECT * FROM t ORDER BY a
        INSERT OR FAIL INTO t SELECT a + 10, b FROM t UNION ALL SELECT 1, 1
        UPDATE OR FAIL t SET a = 100 - b
        UPDATE OR FAIL t SET b = NULL WHERE a > 98
        BEGIN
        INSERT OR FAIL INTO t VALUES (71,1),(72,NULL),(73,3),(74,4)
        COMMIT
        SELECT * FROM t ORDER BY a
        ",
    ),
    (
        "conflict clauses in triggers",
        false,
        "
        CREATE TABLE t(a INTEGER, b INTEGER)
        CREATE UNIQUE INDEX ta ON t(a)
        CREATE TABLE log(x TEXT)
        CREATE TRIGGER tr AFTER INSERT ON log BEGIN UPDATE OR IGNORE t SET a = 1; UPDATE OR REPLACE t SET a = 2 WHERE b = 3; INSERT OR IGNORE INTO t VALUES (5,5); INSERT OR REPLACE INTO t VALUES (5,6); END
        INSERT INTO t VALUES (1,1),(2,2),(3,3)
        INSERT INTO log VALUES ('x')
        SELECT * FROM t ORDER BY b
        INSERT INTO log VALUES ('x')
        SELECT * FROM t ORDER BY b
        SELECT changes()
        ",
    ),
];

/// Statements on databases in memory, where ids are SQLite's exactly.
const IN_MEMORY: &[(&str, &str)] = &[
    (
        "tables without an integer key",
        "
        CREATE TABLE t(a TEXT, b INTEGER)
        INSERT INTO t VALUES ('x', 1),('y',2)
        SELECT last_insert_rowid(), changes()
        SELECT rowid, * FROM t
        SELECT oid, _rowid_, t.rowid FROM t WHERE rowid = 2
        SELECT * FROM t
        SELECT t.* FROM t
        SELECT *, 1 FROM t a JOIN t b USING (b)
        SELECT * FROM t NATURAL JOIN t t2
        SELECT * FROM t NATURAL LEFT JOIN t t2
        SELECT count(*) FROM t
        INSERT INTO t SELECT * FROM t
        SELECT rowid, a FROM t ORDER BY rowid
        DELETE FROM t WHERE rowid > 2
        INSERT INTO t DEFAULT VALUES
        SELECT last_insert_rowid()
        UPDATE t SET b = rowid * 10
        SELECT * FROM t ORDER BY rowid
        INSERT INTO t(rowid, a) VALUES (50, 'fifty')
        INSERT INTO t(a) VALUES ('next')
        SELECT rowid, a FROM t ORDER BY rowid
        INSERT INTO t(rowid, a) VALUES (50, 'again')
        UPDATE t SET rowid = 99 WHERE rowid = 1
        INSERT INTO t(a) VALUES ('hundred')
        SELECT rowid, a FROM t ORDER BY rowid
        INSERT INTO t(a) VALUES ('r') RETURNING *
        INSERT INTO t(a) VALUES ('r') RETURNING rowid, *
        UPDATE t SET b = 1 WHERE rowid = 2 RETURNING *
        DELETE FROM t WHERE rowid = 2 RETURNING *
        INSERT OR REPLACE INTO t VALUES ('rep', 5)
        SELECT 1 WHERE 'x' IN (SELECT a FROM t)
        CREATE VIEW v AS SELECT * FROM t
        SELECT * FROM v WHERE b IS NULL
        PRAGMA table_info(t)
        PRAGMA table_xinfo(t)
        PRAGMA index_list(t)
        CREATE TABLE c AS SELECT * FROM t
        SELECT rowid, * FROM c
        INSERT INTO c VALUES ('z', 9)
        SELECT last_insert_rowid() > 0
        CREATE TABLE w(a TEXT PRIMARY KEY) WITHOUT ROWID
        INSERT INTO w VALUES ('q')
        SELECT last_insert_rowid() > 0
        CREATE TABLE one(x INTEGER)
        INSERT INTO one VALUES (1),(2)
        SELECT 1 IN one, 5 IN one
        CREATE TABLE own(rowid TEXT, b INTEGER)
        INSERT INTO own VALUES ('u', 1)
        SELECT rowid, oid, _rowid_ FROM own
        SELECT * FROM own
        CREATE TABLE tx(k TEXT PRIMARY KEY, v TEXT)
        INSERT INTO tx VALUES ('a','b') ON CONFLICT(k) DO UPDATE SET v = excluded.v
        SELECT last_insert_rowid()
        INSERT INTO tx VALUES ('a','c') ON CONFLICT(k) DO UPDATE SET v = excluded.v
        INSERT INTO tx VALUES ('b','c') ON CONFLICT DO NOTHING
        SELECT last_insert_rowid()
        SELECT rowid, * FROM tx
        CREATE TRIGGER tr AFTER INSERT ON tx BEGIN UPDATE tx SET v = NEW.rowid WHERE rowid = NEW.rowid; END
        INSERT INTO tx VALUES ('c','d')
        SELECT * FROM tx
        ALTER TABLE tx ADD COLUMN z INTEGER DEFAULT 4
        SELECT * FROM tx
        INSERT INTO tx VALUES ('e','f',7)
        ALTER TABLE tx RENAME TO ty
        SELECT * FROM ty ORDER BY k LIMIT 1
        CREATE TEMP TABLE tt(a TEXT)
        INSERT INTO tt VALUES ('m')
        SELECT rowid, * FROM tt
        ",
    ),
    (
        "AUTOINCREMENT",
        "
        CREATE TABLE d(id INTEGER PRIMARY KEY AUTOINCREMENT, s TEXT UNIQUE)
        SELECT * FROM sqlite_sequence
        INSERT INTO d(s) VALUES ('a'),('b')
        SELECT * FROM sqlite_sequence
        SELECT seq FROM sqlite_sequence WHERE name='d'
        INSERT INTO d(id, s) VALUES (10, 'c')
        SELECT seq FROM sqlite_sequence WHERE name='d'
        DELETE FROM d WHERE id = 10
        INSERT INTO d(s) VALUES ('e')
        SELECT * FROM d ORDER BY id
        DELETE FROM d
        DELETE FROM sqlite_sequence WHERE name = 'd'
        INSERT INTO d(s) VALUES ('f')
        SELECT * FROM d
        UPDATE sqlite_sequence SET seq = 100 WHERE name = 'd'
        INSERT INTO d(s) VALUES ('g')
        SELECT * FROM d ORDER BY id
        SELECT name, seq FROM sqlite_sequence
        CREATE TABLE e(id INTEGER PRIMARY KEY AUTOINCREMENT)
        INSERT INTO e DEFAULT VALUES
        UPDATE sqlite_sequence SET seq = 0
        INSERT INTO e DEFAULT VALUES
        SELECT * FROM e ORDER BY id
        DROP TABLE e
        SELECT name FROM sqlite_sequence
        SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'
        ",
    ),
    (
        "ids are used again",
        "
        CREATE TABLE d(id INTEGER PRIMARY KEY, s TEXT NOT NULL)
        INSERT INTO d(s) VALUES ('a'),('b'),('c')
        DELETE FROM d WHERE id = 3
        INSERT INTO d(s) VALUES ('re')
        SELECT * FROM d ORDER BY id
        INSERT INTO d(s) VALUES (NULL)
        INSERT INTO d(s) VALUES ('next')
        SELECT * FROM d ORDER BY id
        INSERT INTO d(id, s) VALUES (NULL, 'n'), (20, 't'), (NULL, 'u')
        SELECT * FROM d ORDER BY id
        INSERT OR IGNORE INTO d(id, s) VALUES (20, 'dup'), (NULL, 'v')
        INSERT INTO d(s) SELECT s FROM d
        SELECT * FROM d ORDER BY id
        UPDATE d SET id = 100 WHERE id = 1
        INSERT INTO d(s) VALUES ('101')
        SELECT max(id) FROM d
        BEGIN
        INSERT INTO d(s) VALUES ('102')
        ROLLBACK
        INSERT INTO d(s) VALUES ('102')
        SELECT last_insert_rowid()
        DELETE FROM d
        INSERT INTO d(s) VALUES ('first')
        SELECT * FROM d
        ALTER TABLE d RENAME COLUMN id TO idd
        ALTER TABLE d RENAME TO dd
        INSERT INTO dd(s) VALUES ('second')
        SELECT * FROM dd
        PRAGMA table_info(dd)
        ",
    ),
];

#[test]
fn scripts_give_the_same_on_both_databases() {
    let mut wrong = Vec::new();
    for (name, rowids, script) in SCRIPTS {
        let expected = run(&support::sqlite(), script, *rowids);
        let found = support::on_postgres(|postgres| run(postgres, script, *rowids));
        wrong.extend(differences(name, &expected, &found));
    }
    assert!(wrong.is_empty(), "{} differ\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn a_database_in_memory_numbers_its_rows_as_sqlite_does() {
    let database = sqlift::testing::database();
    let sqlift::config::Config::Postgres(config) = sqlift::config::Config::from_url(database.url()).expect("a URL")
    else {
        panic!("not PostgreSQL")
    };
    let mut wrong = Vec::new();
    for (name, script) in IN_MEMORY {
        let expected = run(&support::sqlite(), script, true);
        let postgres = Connection::open_postgres_in_memory(&config).expect("opens");
        wrong.extend(differences(name, &expected, &run(&postgres, script, true)));
    }
    assert!(wrong.is_empty(), "{} differ\n{}", wrong.len(), wrong.join("\n"));
}

/// sqlite_sequence where several sessions write: over PostgreSQL's sequences.
const SEQUENCES: &str = "
    CREATE TABLE d(id INTEGER PRIMARY KEY AUTOINCREMENT, s TEXT)
    SELECT * FROM sqlite_sequence
    INSERT INTO d(s) VALUES ('a'),('b')
    INSERT INTO d(id, s) VALUES (10, 'c')
    SELECT seq FROM sqlite_sequence WHERE name='d'
    DELETE FROM d
    DELETE FROM sqlite_sequence WHERE name = 'd'
    INSERT INTO d(s) VALUES ('f')
    UPDATE sqlite_sequence SET seq = 100 WHERE name = 'd'
    INSERT INTO d(s) VALUES ('g')
    UPDATE d SET id = 200 WHERE id = 1
    INSERT INTO d(s) VALUES ('h')
    SELECT * FROM d ORDER BY id
    SELECT name, seq FROM sqlite_sequence
    DROP TABLE d
    CREATE TABLE plain(a TEXT, b INTEGER)
    INSERT INTO plain VALUES ('x', 1), ('y', 2)
    SELECT rowid, * FROM plain ORDER BY rowid
    INSERT INTO plain(rowid, a) VALUES (2, 'again')
    SELECT * FROM plain NATURAL JOIN plain p2
    PRAGMA table_xinfo(plain)
    PRAGMA index_list(plain)
";

#[test]
fn sequences_and_hidden_rowids_on_a_shared_schema() {
    let expected = run(&support::sqlite(), SEQUENCES, true);
    let found = support::on_postgres(|postgres| run(postgres, SEQUENCES, true));
    let wrong = differences("sequences", &expected, &found);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A CHECK of ALTER TABLE ADD COLUMN sees the new column and the old ones.
#[test]
fn added_columns_are_checked() {
    support::both(|conn| {
        conn.execute_batch(
            "CREATE TABLE c(id INTEGER PRIMARY KEY); INSERT INTO c VALUES (1);
             ALTER TABLE c ADD COLUMN n INTEGER CHECK (n > 0);
             ALTER TABLE c ADD COLUMN s TEXT DEFAULT 'a' CHECK (length(s) > 0 AND id > 0);
             INSERT INTO c(id, n) VALUES (2, 1);",
        )
        .unwrap();
        for (sql, check) in [
            ("INSERT INTO c VALUES (3, 0, 'b')", "n > 0"),
            ("INSERT INTO c VALUES (3, 1, '')", "length(s) > 0 AND id > 0"),
        ] {
            let error = conn.execute(sql, []).unwrap_err();
            assert_eq!(error.to_string(), format!("CHECK constraint failed: {check}"));
        }
        let rows: Vec<(i64, Option<i64>, String)> = conn
            .prepare("SELECT id, n, s FROM c ORDER BY id")
            .unwrap()
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
            .unwrap()
            .collect::<sqlift::Result<_>>()
            .unwrap();
        assert_eq!(rows, [(1, None, "a".to_owned()), (2, Some(1), "a".to_owned())]);
    });
}

/// PostgreSQL would write through a simple view as soon as some trigger makes it look writable.
#[test]
fn a_view_takes_what_its_triggers_take() {
    support::both(|conn| {
        conn.execute_batch(
            "CREATE TABLE base(id INTEGER PRIMARY KEY, a); CREATE VIEW v AS SELECT id, a FROM base;
             CREATE TRIGGER vi INSTEAD OF INSERT ON v BEGIN INSERT INTO base(a) VALUES (NEW.a); END;
             INSERT INTO v(a) VALUES ('x'), ('y');",
        )
        .unwrap();
        let refused = |sql: &str| {
            let error = conn.execute(sql, []).unwrap_err().to_string();
            assert!(error.contains("cannot modify v because it is a view"), "{sql}: {error}");
        };
        refused("DELETE FROM v WHERE id = 1");
        refused("UPDATE v SET a = 'changed'");
        conn.execute_batch(
            "CREATE TRIGGER vu INSTEAD OF UPDATE ON v BEGIN UPDATE base SET a = NEW.a || '!' WHERE id = NEW.id; END;
             UPDATE v SET a = 'changed' WHERE id = 2; DROP TRIGGER vi;",
        )
        .unwrap();
        refused("DELETE FROM v");
        refused("INSERT INTO v(a) VALUES ('z')");
        refused("REPLACE INTO v(a) VALUES ('z')");
        let texts: Vec<String> = conn
            .prepare("SELECT a FROM base ORDER BY id")
            .unwrap()
            .query_map([], |row| row.get(0))
            .unwrap()
            .collect::<sqlift::Result<_>>()
            .unwrap();
        assert_eq!(texts, ["x", "changed!"]);
    });
}

/// SQLite reads a view's text each time, so that its `*` is what the tables have today.
#[test]
fn views_over_stars_follow_their_tables() {
    support::both(|conn| {
        conn.execute_batch(
            "CREATE TABLE st(a); CREATE TABLE oth(x, y); INSERT INTO oth VALUES (8, 9);
             CREATE VIEW plain AS SELECT * FROM st; CREATE VIEW over AS SELECT *, 1 AS one FROM plain;
             CREATE VIEW middle AS SELECT * FROM st, oth; CREATE VIEW last AS SELECT oth.*, st.* FROM st, oth;
             CREATE VIEW counted AS SELECT count(*) AS n FROM st; CREATE VIEW listed(p, q) AS SELECT * FROM oth;
             CREATE TRIGGER tp INSTEAD OF INSERT ON plain BEGIN INSERT INTO st(a) VALUES (NEW.a); END;
             ALTER TABLE st ADD COLUMN d DEFAULT 'new'; INSERT INTO st VALUES (1, 2);",
        )
        .unwrap();
        let row =
            |view: &str| answer(conn, &format!("SELECT * FROM {view}"), &[], false).unwrap().replace("\n      ", " ");
        assert_eq!(row("plain"), "(a, d) Integer(1) | Integer(2)");
        assert_eq!(row("over"), "(a, d, one) Integer(1) | Integer(2) | Integer(1)");
        assert_eq!(row("middle"), "(a, d, x, y) Integer(1) | Integer(2) | Integer(8) | Integer(9)");
        assert_eq!(row("last"), "(x, y, a, d) Integer(8) | Integer(9) | Integer(1) | Integer(2)");
        assert_eq!(row("counted"), "(n) Integer(1)");
        assert_eq!(row("listed"), "(p, q) Integer(8) | Integer(9)");
        conn.execute_batch("DROP TRIGGER tp; ALTER TABLE st RENAME COLUMN a TO b; ALTER TABLE oth ADD COLUMN z")
            .unwrap();
        assert_eq!(row("over"), "(b, d, one) Integer(1) | Integer(2) | Integer(1)");
        assert_eq!(row("last"), "(x, y, z, b, d) Integer(8) | Integer(9) | Null | Integer(1) | Integer(2)");
    });
}
