//! Statements without the blanks that SQLite's lexer does not need mean what they mean with them, on both databases.

use crate::differential;
use crate::support;
use sqlift::Connection;
use sqlift::Error;
use sqlift::syntax::{TokenKind, tokens};
use sqlift::types::Value;

const SCHEMA: &str = "
    CREATE TABLE t(id INTEGER PRIMARY KEY, name TEXT, n INTEGER, m INTEGER, score REAL, flag BOOLEAN NOT NULL, data BLOB);
    CREATE TABLE keyed(k TEXT PRIMARY KEY, v TEXT, n INTEGER) WITHOUT ROWID;
    CREATE TABLE plain(a TEXT, b INTEGER);
    CREATE TABLE dated(id INTEGER PRIMARY KEY, at DATETIME);
    CREATE VIEW v AS SELECT id FROM t;
    CREATE TABLE pair(id INTEGER PRIMARY KEY, a, b);
    CREATE TABLE nc(id INTEGER PRIMARY KEY, name TEXT COLLATE NOCASE);
    CREATE TABLE stamped(id INTEGER PRIMARY KEY, at TEXT, day TEXT, name TEXT);
    INSERT INTO t VALUES (1, 'ada', 3, 4, 1.5, 1, x'00ff'), (2, 'Bob', -7, NULL, -0.5, 0, NULL), (3, '12', 5, 2, 2.0, 1, x'');
    INSERT INTO keyed VALUES ('a', '1', 1), ('b', 'two', NULL), ('1', NULL, 5);
    INSERT INTO plain VALUES ('x', 1), ('7', 7), (NULL, -1);
    INSERT INTO dated VALUES (1, '2024-01-01 10:00:00'), (2, '1999-12-31');
    INSERT INTO pair VALUES (1, 1, '1'), (2, 'x', 2.5), (3, NULL, x'01');
    INSERT INTO nc VALUES (1, 'A'), (2, 'b');
    INSERT INTO stamped VALUES (1, '2024-01-01 10:00:00', '2024-01-01', 's');
    CREATE TABLE ax(a INTEGER, ax INTEGER, u INTEGER, e INTEGER);
    CREATE TABLE axx(a INTEGER);
    INSERT INTO ax VALUES (1, 100, 6, 2), (5, 7, 3, 4);
    INSERT INTO axx VALUES (555);
";

/// The schema's names; a word of SQL's is not among them.
const NAMES: [&str; 21] = [
    "t", "id", "name", "n", "m", "score", "flag", "data", "keyed", "k", "v", "plain", "a", "b", "pair", "nc", "ax",
    "x", "u", "e", "q",
];

/// With blanks where they may stand, so that the test takes them away.
const STATEMENTS: &[&str] = &[
    "SELECT a 'x' FROM ax",
    "SELECT a \"X y\" FROM ax \"Q r\" WHERE \"Q r\" . a > 0",
    "SELECT a x FROM ax x",
    "SELECT * , a FROM ax",
    "SELECT ax . * , a FROM ax",
    "SELECT + a x , - a , ~ a , - - a , + - a , ~ ~ a , - ~ a FROM ax",
    "SELECT CAST ( a AS TEXT ) x , CAST ( a AS REAL ) q FROM ax",
    "SELECT x'00' FROM ax",
    "SELECT x'00' x , 'a' x , 1 x , 1. x , .5 x , 1e3 x , 0x10 x FROM ax",
    "SELECT 5 % - 3 , 5 & - 3 , 5 | - 3 , 5 || - 3 , 5 || + 3 , 5 < - 3 , 5 > - 3 , 5 = - 3 , 5 == - 3 , 5 <> - 3 , 5 != - 3 , 5 << - 3 , 5 >> - 3 , 5 * - 3 , 5 / - 3 , 5 + - 3 , 5 - - 3",
    "SELECT a % - e , a & - e , a | - e , a || - e , a <= - e , a >= - e , a != - e , a * - e , a - - e , a % ~ e , a = ~ e , a != ~ e , a < ~ e , a * + e , a != + e FROM ax",
    "SELECT u & '5' , u & \"e\" , u & 'x' , e || 'x' , 'x' || 'y' 'z' FROM ax",
    "SELECT a FROM ax WHERE a = ? AND ax > ? OR ax = ?",
    "SELECT a FROM ax WHERE a BETWEEN ? AND ? ORDER BY a LIMIT ? OFFSET ?",
    "SELECT ? x , ? IS NULL , ? IN ( 1 , 2 ) , ? , CASE ? WHEN ? THEN ? ELSE ? END FROM ax",
    "SELECT ?1 + ?2 , ?1 - ?2 , ?1 || ?2 , ? % ? , - ? , ~ ? , NOT ? , ?1 AND ?2 , ?1 IS NOT ?2 , ?1 NOTNULL",
    "SELECT a FROM ax WHERE NOT a = 5 AND a IS NOT NULL",
    "SELECT DISTINCT a FROM ax ORDER BY a DESC , ax ASC",
    "SELECT count ( * ) n FROM ax GROUP BY a HAVING a > 0 ORDER BY a",
    "SELECT CASE a WHEN 1 THEN ax ELSE e END FROM ax",
    "WITH q AS ( SELECT a FROM ax ) SELECT a FROM q x",
    "SELECT a FROM ax WHERE a BETWEEN a AND ax AND ax IN ( 7 , 100 ) AND a LIKE '1' ESCAPE '\\'",
    "SELECT ax . a FROM ax JOIN axx ON ax . a < axx . a",
    "SELECT t . n FROM t LEFT JOIN keyed ON t . n = keyed . n WHERE t . n IS keyed . n",
    "SELECT n FROM t NATURAL JOIN keyed",
    "SELECT n FROM t CROSS JOIN keyed USING ( n )",
    "SELECT n FROM t WHERE EXISTS ( SELECT a FROM ax WHERE a = n ) OR n IN ( SELECT a FROM ax )",
    "SELECT a FROM ax UNION ALL SELECT n FROM t UNION SELECT b FROM plain ORDER BY 1",
    "SELECT a , b FROM plain WHERE a COLLATE NOCASE = 'X' OR b ISNULL",
    "UPDATE ax SET a = a + 1 , ax = ? WHERE a > 0",
    "UPDATE ax SET a = n FROM t WHERE t . id = ax . a RETURNING ax . a x",
    "INSERT INTO ax ( a ) VALUES ( 7 ) RETURNING a x , *",
    "INSERT INTO keyed ( k , v ) VALUES ( 'a' , 'z' ) ON CONFLICT ( k ) DO UPDATE SET v = excluded . v WHERE v = '1' RETURNING v",
    "INSERT OR REPLACE INTO keyed ( k , n ) SELECT name , n FROM t",
    "INSERT INTO ax SELECT a , ax , u , e FROM ax WHERE a = 1 RETURNING a",
    "DELETE FROM ax WHERE a = 5 RETURNING a",
    "CREATE TABLE q ( a INT , b TEXT DEFAULT 'x' NOT NULL , x REAL DEFAULT - 1 CHECK ( x < 5 ) , UNIQUE ( a , b ) )",
    "CREATE INDEX q ON ax ( a DESC , ax ) WHERE a > 0",
    "CREATE VIEW q AS SELECT a x , ax FROM ax",
    "CREATE TRIGGER q AFTER INSERT ON ax WHEN new . a > 0 BEGIN UPDATE ax SET e = new . a WHERE a = new . a ; END",
    "ALTER TABLE ax RENAME TO q",
    "ALTER TABLE ax RENAME COLUMN e TO b",
    "ALTER TABLE ax ADD COLUMN b TEXT DEFAULT 'x'",
    "DROP TABLE axx",
    "SELECT DISTINCT ( a ) FROM ax ORDER BY ax",
    "SELECT DISTINCT /* both */ a FROM ax ORDER BY ax DESC",
    "SELECT count ( DISTINCT a ) x , group_concat ( DISTINCT a ) q , total ( a ) FROM ax",
    "SELECT a FROM ( SELECT a FROM ax ) x WHERE a NOT IN ( 7 , 8 ) AND a NOT BETWEEN 8 AND 9 AND a NOT LIKE 'x' LIMIT 1 , 2",
    "SELECT a FROM ax WHERE a IS NOT DISTINCT FROM 5 OR a GLOB '1*' OR a IS ax",
    "SELECT v FROM keyed WHERE v > 1 AND k = 1 AND n = '5' ORDER BY v COLLATE NOCASE DESC NULLS LAST",
    "SELECT score , score / 2 , score || 'x' , n / 2 , n % 2 , n * score , score = 2 FROM t ORDER BY id",
    "SELECT date ( at , '+1 day' ) x , strftime ( '%Y' , at ) q FROM dated ORDER BY id",
    "WITH RECURSIVE q ( x ) AS ( VALUES ( 1 ) UNION ALL SELECT x + 1 FROM q WHERE x < 3 ) SELECT x FROM q",
    "SELECT a , sum ( e ) OVER q FROM ax WINDOW q AS ( ORDER BY a )",
    "VALUES ( 1 , 'x' ) , ( 2 , x'00' )",
    "INSERT INTO plain DEFAULT VALUES RETURNING a , b",
    "INSERT OR IGNORE INTO t ( id , flag ) VALUES ( 1 , 0 ) , ( 9 , 1 ) RETURNING id x",
    "REPLACE INTO keyed ( k ) VALUES ( 'a' )",
    "UPDATE OR IGNORE keyed SET k = 'a' WHERE k > 'a'",
    "UPDATE pair SET ( a , b ) = ( 1 , 2 ) WHERE id = 1 RETURNING a , b",
    "SELECT sum ( a ) OVER ( PARTITION BY ax ORDER BY a ROWS BETWEEN 1 PRECEDING AND CURRENT ROW ) x FROM ax ORDER BY a",
    "SELECT max ( a , e ) x , min ( a ) FILTER ( WHERE a > 0 ) q FROM ax",
    "SELECT data -> '$' , '[1,2]' -> 1 , '[1,2]' ->> - 1 , '{\"a\":1}' ->> 'a' FROM t WHERE data IS NULL",
];

/// The statement with each blank taken out that two tokens do not need, its names between the quotes.
fn dense(sql: &str, quotes: Option<(&str, &str)>) -> String {
    let written = |text: &str| match quotes {
        Some((open, close)) if NAMES.contains(&text) => format!("{open}{text}{close}"),
        _ => text.to_owned(),
    };
    let mut out = String::new();
    let mut before = String::new();
    for token in tokens(sql).filter(|token| !token.kind.is_trivia()) {
        let text = token.span.text(sql);
        let text = if token.kind == TokenKind::Word { written(text) } else { text.to_owned() };
        let pair = format!("{before}{text}");
        let ends: Vec<usize> = tokens(&pair).map(|token| token.span.end).collect();
        if !before.is_empty() && ends != [before.len(), pair.len()] {
            out.push(' ');
        }
        out += &text;
        before = text;
    }
    out
}

/// What the statement gives and is undone again; names only where both forms have the same.
fn outcome(conn: &Connection, sql: &str) -> (String, String) {
    conn.execute_batch("BEGIN").expect("a transaction");
    let count = conn.prepare(sql).map_or(0, |statement| statement.parameter_count());
    let params: Vec<Value> = (0..count as i64).map(|index| Value::Integer(index % 3 + 1)).collect();
    let answer = differential::answer(conn, sql, &params, false);
    let answer = answer.unwrap_or_else(|error: Error| format!("error {:?}", error.sqlite_extended_error_code()));
    if !conn.is_autocommit() {
        conn.execute_batch("ROLLBACK").expect("the end");
    }
    match answer.split_once('\n') {
        Some((names, rows)) => (names.to_owned(), rows.to_owned()),
        None => (String::new(), answer),
    }
}

/// Whether a transaction that is rolled back undoes it.
fn is_undone(sql: &str) -> bool {
    let first = sql.split_whitespace().next().unwrap_or_default().to_ascii_uppercase();
    ["SELECT", "VALUES", "WITH", "INSERT", "REPLACE", "UPDATE", "DELETE", "CREATE", "ALTER", "DROP"]
        .contains(&first.as_str())
}

#[test]
fn blanks_that_sqlite_does_not_need() {
    let sqlite = support::sqlite();
    sqlite.execute_batch(SCHEMA).expect("the schema");
    let examples: Vec<&str> = sqlift::translate::rules::all()
        .flat_map(|rule| rule.examples.iter().map(|(sqlite, _)| *sqlite))
        .filter(|sql| is_undone(sql))
        .collect();
    let mut compared = 0;
    support::on_postgres(|postgres| {
        postgres.execute_batch(SCHEMA).expect("the schema");
        let mut wrong = String::new();
        for (own, sql) in STATEMENTS.iter().map(|sql| (true, sql)).chain(examples.iter().map(|sql| (false, sql))) {
            let (names, rows) = outcome(&sqlite, sql);
            assert!(!own || !rows.starts_with("error"), "{sql}: {rows}");
            let wanted = outcome(postgres, sql);
            // Chance, and the hour.
            if rows.starts_with("error") || wanted != outcome(postgres, sql) {
                continue;
            }
            assert!(!own || wanted.1 == rows, "{sql}\n  SQLite     {rows}\n  PostgreSQL {}", wanted.1);
            for quotes in [None, Some(("\"", "\"")), Some(("[", "]")), Some(("`", "`"))] {
                let form = dense(sql, quotes);
                let expected = outcome(&sqlite, &form);
                // A word that is no name in this place.
                if expected.1 != rows {
                    assert!(quotes.is_some(), "{sql} is not {form}");
                    continue;
                }
                compared += 1;
                let found = outcome(postgres, &form);
                if found.1 != wanted.1 || (expected.0 == names && found.0 != wanted.0) {
                    let told = postgres.translate(&form).map(|told| told.map(|told| told.sql.clone()));
                    wrong += &format!("\n{form}\n  wanted {wanted:?}\n  found  {found:?}\n  {told:?}");
                }
            }
        }
        assert!(wrong.is_empty(), "{wrong}");
        assert!(compared > 4 * STATEMENTS.len(), "{compared} forms alone");
    });
}

/// SQLite takes it for a blank.
#[test]
fn a_byte_order_mark_ahead_of_a_statement() {
    support::both(|conn| {
        assert_eq!(conn.query_row("\u{feff}SELECT 1", [], |row| row.get::<_, i64>(0)), Ok(1));
        assert_eq!(conn.query_row("\u{feff} -- one\n SELECT ?", [7], |row| row.get::<_, i64>(0)), Ok(7));
    });
}

#[test]
fn a_table_in_parentheses_is_a_table() {
    let mut both = crate::untyped::Both::new();
    both.lines(
        r#"
        CREATE TABLE u(a TEXT, b INT)
        CREATE TABLE w(s TEXT)
        INSERT INTO u VALUES('1',10),('x',3),(NULL,NULL)
        INSERT INTO w VALUES('3')
        SELECT (a)x FROM(u)tx
        SELECT tx.a FROM (u) AS tx
        SELECT tx.a FROM ((u)) AS tx
        SELECT * FROM (u) tx, (u) ty
        SELECT * FROM (u AS q) tx
        SELECT q.a FROM (u AS q) tx
        SELECT q.a FROM w, (u AS q)
        SELECT u.a FROM w, (u AS q)
        SELECT q.a FROM (u AS q)
        SELECT * FROM w LEFT JOIN (u) z ON z.b=w.s
        SELECT * FROM w LEFT JOIN (u) z
        SELECT z.a FROM ((SELECT a FROM u)) z
        SELECT z.value FROM (json_each('[1,2]')) z
        SELECT * FROM (main.u) tx JOIN (w) y ON y.s=tx.b
        SELECT * FROM (u NOT INDEXED) tx
        SELECT 2 IS (TRUE), 2 IS TRUE COLLATE NOCASE, 2 IS +TRUE
        SELECT 2 IS NOT (FALSE)
        WITH q(true) AS (SELECT 5) SELECT true, true IS TRUE, true IS NOT false FROM q
        WITH q AS (SELECT 5 AS true) SELECT true, 1 IS true, 5 IS true FROM q
        SELECT TRUE AS true, FALSE AS x
        SELECT z.true FROM (SELECT 7 AS true) z WHERE true
        CREATE TABLE dd(true INT, e INT DEFAULT true, f INT DEFAULT (true), g INT DEFAULT (false+1))
        INSERT INTO dd(true) VALUES(5)
        INSERT INTO dd(true) VALUES(true)
        SELECT * FROM dd WHERE true > 1
        CREATE TRIGGER dt AFTER INSERT ON dd WHEN new.true IS TRUE BEGIN UPDATE dd SET e=true+1 WHERE true=new.true AND true; END
        INSERT INTO dd(true) VALUES(9)
        SELECT * FROM dd
        INSERT INTO dd(true, e) SELECT true, false FROM dd WHERE true=9 RETURNING true, false, e
        SELECT (SELECT true FROM u LIMIT 1) FROM dd ORDER BY 1
        SELECT count(*) FROM dd GROUP BY true HAVING true>5
        SELECT true, row_number() OVER (ORDER BY true DESC) FROM dd ORDER BY true
        SELECT CASE true WHEN 5 THEN 'a' ELSE true END FROM dd
        SELECT true IN (5,9) FROM dd WHERE true BETWEEN 5 AND 9
        CREATE INDEX di ON dd(e) WHERE true
        UPDATE dd SET (e,f)=(true,false) WHERE true=5
        SELECT * FROM dd
        SELECT json_object('a',true) FROM dd
        SELECT dd.true, [true], "true" FROM dd
        SELECT [true], "true" FROM u
        SELECT EXISTS(SELECT 1 FROM u WHERE true) FROM dd
        SELECT * FROM (u)
        SELECT * FROM ((SELECT a FROM u))
        SELECT q.a FROM ((SELECT a FROM u) AS q)
        SELECT u.a FROM (u) JOIN (w) ON w.s=u.b
        SELECT w.s FROM (u) LEFT JOIN (w AS k) ON w.s=u.b
        "#,
    );
    both.end(&[]);
}
