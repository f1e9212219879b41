//! Parameters by context (decision D7), values back (D8), and the counters that writes leave behind (D10).
//!
//! Each row runs on SQLite and on PostgreSQL; what PostgreSQL does not do the same it must refuse.

use crate::support;
use sqlift::types::{Type, Value, ValueRef};
use sqlift::{Connection, Error, ErrorCode, Result, Statement, params, params_from_iter};

/// One statement with what is bound to it.
struct Step {
    sql: &'static str,
    params: Vec<Value>,
    /// PostgreSQL refuses it with an error that says this.
    refused: Option<&'static str>,
}

/// `steps![ "sql" => [values]; refused "message", "sql" => [values]; ... ]`
macro_rules! steps {
    ($($(refused $says:literal,)? $sql:literal $(=> [$($value:expr),*])?);+ $(;)?) => {
        vec![$(Step {
            sql: $sql,
            params: vec![$($(Value::from($value)),*)?],
            refused: steps!(@ $($says)?),
        }),+]
    };
    (@) => { None };
    (@ $says:literal) => { Some($says) };
}

const NULL: Value = Value::Null;

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn shown(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Real(real) => format!("REAL {real:?}"),
        ValueRef::Text(text) => format!("TEXT {:?}", String::from_utf8_lossy(text)),
        other => format!("{other:?}"),
    }
}

/// Rows with their storage classes, or what the statement changed.
fn run(conn: &Connection, statement: &mut Statement<'_>, params: &[Value]) -> Result<String> {
    let columns = statement.column_count();
    if columns == 0 {
        let changes = statement.execute(params_from_iter(params))?;
        return Ok(format!("changes {changes}, rowid {}", conn.last_insert_rowid()));
    }
    let mut rows = statement.query(params_from_iter(params))?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        let values: Vec<String> = (0..columns).map(|index| row.get_ref(index).map(shown)).collect::<Result<_>>()?;
        all.push(values.join(" | "));
    }
    Ok(all.join("\n      "))
}

fn code(error: &Error) -> String {
    match error {
        Error::SqliteFailure(code, _) => format!("error {}", code.extended_code),
        Error::SqlInputError { error, .. } => format!("error {}", error.extended_code),
        other => format!("error {other:?}"),
    }
}

/// The steps in order on each database, on tables made by `setup`.
#[track_caller]
fn check(setup: &str, steps: &[Step]) {
    let outcomes = |conn: &Connection| -> Vec<Result<String>> {
        conn.execute_batch(setup).expect("the tables are made");
        steps.iter().map(|step| conn.prepare(step.sql).and_then(|mut s| run(conn, &mut s, &step.params))).collect()
    };
    let sqlite = outcomes(&support::sqlite());
    let postgres = support::on_postgres(|conn| outcomes(conn));
    let mut wrong = Vec::new();
    for ((step, sqlite), postgres) in steps.iter().zip(&sqlite).zip(&postgres) {
        let line = format!("{} {:?}", step.sql, step.params);
        let shown = |outcome: &Result<String>| match outcome {
            Ok(outcome) => outcome.clone(),
            Err(error) => format!("{} {error}", code(error)),
        };
        let fine = match (step.refused, sqlite, postgres) {
            (None, Ok(sqlite), Ok(postgres)) => sqlite == postgres,
            (None, Err(sqlite), Err(postgres)) => code(sqlite) == code(postgres),
            (Some(says), _, Err(error)) => error.to_string().contains(says),
            _ => false,
        };
        if !fine {
            let expected = step.refused.map_or_else(|| shown(sqlite), |says| format!("refused: {says}"));
            wrong.push(format!("{line}\n      {expected}\n  PostgreSQL\n      {}", shown(postgres)));
        }
    }
    assert!(wrong.is_empty(), "{} of {} differ\n{}", wrong.len(), steps.len(), wrong.join("\n"));
}

const LIFTED: &str = "CREATE TABLE v (id INTEGER PRIMARY KEY, i INTEGER, r REAL, t TEXT, b BLOB, n NUMERIC, f BOOLEAN, d DATETIME);
    INSERT INTO v VALUES (1, 10, 1.5, 'abc', x'00ff', 7, 1, '2024-02-29 12:00:00'), (2, 9, -2.0, '10', NULL, 2.5, 0, NULL)";

#[test]
fn values_without_a_column() {
    check(
        LIFTED,
        &steps![
            "SELECT ? < ?" => [10, 9];
            "SELECT ? < ?" => [text("10"), text("9")];
            "SELECT ? < ?" => [10, text("9")];
            "SELECT ? < ?" => [10.5, 11];
            "SELECT ? = ?" => [1, 1.0];
            "SELECT ? = ?" => [1, text("1")];
            "SELECT ? = ?" => [text("a"), vec![b'a']];
            "SELECT length(?)" => [vec![1u8, 2]];
            "SELECT length(?)" => [text("héé")];
            "SELECT length(?)" => [12345];
            "SELECT length(?)" => [1.5];
            "SELECT length(?)" => [NULL];
            "SELECT max(?, ?)" => [10, 9];
            "SELECT max(?, ?)" => [text("10"), text("9")];
            "SELECT min(?, ?)" => [10, 9.5];
            "SELECT max(?, ?)" => [10, NULL];
            "SELECT coalesce(?, 'x')" => [NULL];
            "SELECT coalesce(?, 'x')" => [text("y")];
            "SELECT coalesce(?, ?)" => [NULL, 5];
            "SELECT ifnull(?, ?)" => [NULL, 2.5];
            "SELECT nullif(?, ?)" => [5, 5];
            "SELECT nullif(?, ?)" => [5, 6];
            "SELECT typeof(?)" => [1];
            "SELECT typeof(?)" => [1.0];
            "SELECT typeof(?)" => [text("1")];
            "SELECT typeof(?)" => [vec![1u8]];
            "SELECT typeof(?)" => [NULL];
            "SELECT ?" => [true];
            "SELECT ?" => [i64::MIN];
            "SELECT ?" => [f64::MAX];
            "SELECT ?" => [f64::INFINITY];
            "SELECT ?" => [f64::NAN];
            "SELECT ?" => [-0.0];
            "SELECT ?" => [5e-324];
            "SELECT ?" => [text("")];
            "SELECT ?" => [Vec::<u8>::new()];
            "SELECT ? + ?" => [1, 2.5];
            "SELECT ? + ?" => [i64::MAX, 0];
            "SELECT ? / ?" => [7, 2];
            "SELECT ? / ?" => [7.0, 2];
            "SELECT ? / ?" => [7, 0];
            "SELECT ? % ?" => [-7, 3];
            "SELECT -?" => [5];
            "SELECT -?" => [2.5];
            "SELECT ? || ?" => [text("a"), text("b")];
            "SELECT ? || ?" => [1, text("b")];
            "SELECT ? || ?" => [1.5, NULL];
            "SELECT abs(?), abs(?)" => [-5, -2.5];
            "SELECT round(?), round(?, ?)" => [2.5, 2.567, 2];
            "SELECT upper(?)" => [text("aé")];
            "SELECT substr(?, ?, ?)" => [text("abcdef"), 2, 3];
            "SELECT substr(?, ?)" => [text("abcdef"), -2];
            "SELECT hex(?)" => [vec![255u8, 0]];
            "SELECT quote(?)" => [text("it's")];
            "SELECT CASE WHEN ? THEN 'yes' ELSE 'no' END" => [1];
            "SELECT CASE WHEN ? THEN 'yes' ELSE 'no' END" => [0];
            "SELECT CASE WHEN ? THEN 'yes' ELSE 'no' END" => [NULL];
            "SELECT CASE ? WHEN 1 THEN 'one' ELSE 'other' END" => [1];
            "SELECT iif(?, ?, ?)" => [1, text("a"), text("b")];
            "SELECT NOT ?" => [1];
            "SELECT ? AND ?" => [1, NULL];
            "SELECT ? IN (1, 2, 3)" => [2];
            "SELECT ? IN (?, ?)" => [2, 1, 2];
            "SELECT ? BETWEEN ? AND ?" => [5, 1, 10];
            "SELECT ? LIKE ?" => [text("Abc"), text("a%")];
            "SELECT ? GLOB ?" => [text("abc"), text("a*")];
            "SELECT ? IS ?" => [NULL, NULL];
            "SELECT ? IS NOT ?" => [1, NULL];
            "SELECT CAST(? AS INTEGER)" => [text("12abc")];
            "SELECT CAST(? AS INTEGER)" => [2.9];
            "SELECT CAST(? AS TEXT)" => [1.0];
            "SELECT CAST(? AS TEXT)" => [12];
            "SELECT CAST(? AS REAL)" => [text("1.5x")];
            "SELECT CAST(? AS BLOB)" => [text("a")];
            "SELECT CAST(? AS TEXT)" => [vec![b'a']];
            "VALUES (?, ?), (?, ?)" => [1, text("a"), 2, text("b")];
            "SELECT * FROM (VALUES (?), (?)) ORDER BY 1" => [2, 1];
            "SELECT ? AS x UNION ALL SELECT ? ORDER BY x" => [2, 1];
            "SELECT x + 1 FROM (SELECT ? AS x)" => [41];
            "WITH a(x) AS (SELECT ?) SELECT x FROM a" => [text("w")];
            "SELECT count(*) FROM v ORDER BY ?" => [1];
            "SELECT id FROM v ORDER BY CASE WHEN ? THEN i ELSE -i END" => [1];
            "SELECT id FROM v ORDER BY id LIMIT ?" => [1];
            "SELECT id FROM v ORDER BY id LIMIT ? OFFSET ?" => [1, 1];
            "SELECT id FROM v ORDER BY id LIMIT ?" => [-1];
            "SELECT strftime('%Y', ?)" => [text("2024-02-29")];
            "SELECT date(?, ?)" => [text("2024-02-29"), text("+1 day")];
            "SELECT datetime(?, 'unixepoch')" => [0];
            "SELECT json_extract(?, '$.a')" => [text("{\"a\": 1.5}")];
        ],
    );
}

#[test]
fn values_that_meet_a_column() {
    check(
        LIFTED,
        &steps![
            "SELECT id FROM v WHERE i = ?" => [10];
            "SELECT id FROM v WHERE i = ?" => [text("10")];
            "SELECT id FROM v WHERE i = ?" => [10.0];
            "SELECT id FROM v WHERE i < ?" => [10];
            "SELECT id FROM v WHERE ? > i" => [10];
            "SELECT id FROM v WHERE i < ?" => [9.5];
            "SELECT id FROM v WHERE i <> ?" => [NULL];
            "SELECT id FROM v WHERE i IS ?" => [10];
            "SELECT id FROM v WHERE b IS ?" => [NULL];
            "SELECT id FROM v WHERE i IN (?, ?) ORDER BY id" => [9, 10];
            "SELECT id FROM v WHERE i BETWEEN ? AND ?" => [10, 11];
            "SELECT id FROM v WHERE t = ?" => [text("10")];
            "SELECT id FROM v WHERE t = ?" => [10];
            "SELECT id FROM v WHERE t = ?" => [10.0];
            "SELECT id FROM v WHERE t < ?" => [text("9")];
            "SELECT id FROM v WHERE t < ?" => [9];
            "SELECT id FROM v WHERE t LIKE ?" => [text("A%")];
            "SELECT id FROM v WHERE t LIKE ?" => [1];
            "SELECT id FROM v WHERE t LIKE ? || '%'" => [text("a")];
            "SELECT id FROM v WHERE r = ?" => [1.5];
            "SELECT id FROM v WHERE r = ?" => [text("1.5")];
            "SELECT id FROM v WHERE r < ?" => [1];
            "SELECT id FROM v WHERE b = ?" => [vec![0u8, 255]];
            "SELECT id FROM v WHERE b = ?" => [text("x")];
            "SELECT id FROM v WHERE n = ?" => [7];
            "SELECT id FROM v WHERE n > ?" => [2.25];
            "SELECT id FROM v WHERE f = ?" => [true];
            "SELECT id FROM v WHERE f = ?" => [0];
            "SELECT id FROM v WHERE d < ?" => [text("2025-01-01")];
            "SELECT id FROM v WHERE i + ? = 11" => [1];
            "SELECT id FROM v WHERE i * ? > 14.5" => [1.5];
            "SELECT id FROM v WHERE length(t) = ?" => [3];
            "SELECT id FROM v WHERE coalesce(i, ?) = ?" => [0, 10];
            "SELECT id FROM v WHERE upper(t) = upper(?)" => [text("aBc")];
            "SELECT i + ?, r * ?, t || ?, ? || t FROM v WHERE id = ?" => [1, 2, text("x"), 5, 1];
            "SELECT coalesce(b, ?) FROM v WHERE id = 2" => [vec![1u8]];
            "SELECT max(i, ?) FROM v ORDER BY id" => [9];
            "SELECT CASE WHEN i = ? THEN t ELSE ? END FROM v ORDER BY id" => [10, text("no")];
            "SELECT count(*) FROM v GROUP BY i % ? ORDER BY 1" => [2];
            "SELECT sum(i) FROM v HAVING sum(i) > ?" => [18];
            "SELECT id FROM v WHERE (i, t) = (?, ?)" => [10, text("abc")];
            "SELECT id FROM v WHERE i = (SELECT ?)" => [10];
            "SELECT id FROM v WHERE EXISTS (SELECT 1 WHERE v.i = ?)" => [10];
            // In two contexts at once.
            "SELECT ?1, id FROM v WHERE i = ?1" => [10];
            "SELECT id FROM v WHERE i = ?1 OR t = ?1 ORDER BY id" => [10];
            "SELECT id FROM v WHERE i = ?1 OR t = ?1 ORDER BY id" => [text("10")];
            "SELECT id FROM v WHERE ?1 IS NULL OR i = ?1 ORDER BY id" => [NULL];
            "SELECT id FROM v WHERE ?1 IS NULL OR i = ?1 ORDER BY id" => [10];
            "SELECT id FROM v WHERE (?1 = '' OR t = ?1) ORDER BY id" => [text("")];
            "SELECT id FROM v WHERE (?1 = '' OR t = ?1) ORDER BY id" => [text("abc")];
            "SELECT typeof(?1), id FROM v WHERE i < ?1 ORDER BY id" => [10];
            "SELECT length(?1), id FROM v WHERE t = ?1" => [text("abc")];
            "UPDATE v SET i = ?1, t = ?1 WHERE id = 2" => [12];
            "SELECT i, t FROM v WHERE id = 2";
            "UPDATE v SET i = :x, r = :x WHERE id = 2" => [3];
            "SELECT i, r FROM v WHERE id = 2";
            "UPDATE v SET i = i + ?1 WHERE i = ?1" => [3];
            "SELECT i FROM v ORDER BY id";
            // Writes.
            "INSERT INTO v (i, r, t, b, n, f, d) VALUES (?, ?, ?, ?, ?, ?, ?)" => [1, 2, 3, vec![4u8], 5, 1, text("2024-01-01")];
            "INSERT INTO v (i, r, t, b, n, f, d) VALUES (?, ?, ?, ?, ?, ?, ?)" => [text("1"), text("2"), 3.5, NULL, 5.5, 0, NULL];
            "INSERT INTO v (i, r, t, b, n, f, d) VALUES (?, ?, ?, ?, ?, ?, ?)" => [NULL, NULL, NULL, NULL, NULL, NULL, NULL];
            "INSERT INTO v (i, t) SELECT ?, ?" => [77, text("selected")];
            "INSERT INTO v (i, t) SELECT i + ?, ? FROM v WHERE id = ?" => [1, text("from"), 1];
            "INSERT INTO v (i, t) VALUES (? + 1, ? || '!'), (abs(?), upper(?))" => [1, text("a"), -2, text("b")];
            "INSERT INTO v (i) VALUES (coalesce(?, 5))" => [NULL];
            "INSERT INTO v (i) VALUES (CASE WHEN ? > 3 THEN ? ELSE 0 END)" => [4, 6];
            "SELECT * FROM v ORDER BY id";
            "UPDATE v SET t = ? WHERE id = 1" => [1e300];
            "UPDATE v SET t = coalesce(?, t) WHERE id = 2" => [NULL];
            "UPDATE v SET f = NOT f WHERE f = ?" => [1];
            "UPDATE v SET b = ? WHERE id = 1" => [Vec::<u8>::new()];
            "SELECT t, f, b FROM v ORDER BY id";
            "DELETE FROM v WHERE id > ? AND id < 0" => [2.5];
            "DELETE FROM v WHERE id > ?" => [2.0];
            "DELETE FROM v WHERE id = ?" => [text("2")];
            "SELECT id FROM v";
        ],
    );
}

#[test]
fn null_everywhere() {
    check(
        LIFTED,
        &steps![
            "SELECT ?" => [NULL];
            "SELECT ? IS NULL, ? IS NOT NULL, ? ISNULL" => [NULL, NULL, NULL];
            "SELECT ? = 1, ? < 'a', ? || 'x', ? + 1, NOT ?" => [NULL, NULL, NULL, NULL, NULL];
            "SELECT -?, +?, ~?" => [NULL, NULL, NULL];
            "SELECT max(?, ?), min(?, ?)" => [NULL, NULL, NULL, NULL];
            "SELECT max(?, 'x'), min('x', ?)" => [NULL, NULL];
            "SELECT max(?, 1.5), abs(?)" => [NULL, NULL];
            "SELECT ? AND 0, ? OR 1, ? AND 1" => [NULL, NULL, NULL];
            "SELECT ? IN (1), ? IN (NULL), 1 IN (?), ? NOT IN (1)" => [NULL, NULL, NULL, NULL];
            "SELECT ? BETWEEN 1 AND 2, 1 BETWEEN ? AND 2" => [NULL, NULL];
            "SELECT ? LIKE 'a', 'a' LIKE ?, ? GLOB 'a'" => [NULL, NULL, NULL];
            "SELECT length(?), upper(?), abs(?), round(?), hex(?), trim(?)" => [NULL, NULL, NULL, NULL, NULL, NULL];
            "SELECT max(?, 1), min(1, ?), coalesce(?, 1), nullif(?, 1)" => [NULL, NULL, NULL, NULL];
            "SELECT ifnull(?, 'x'), coalesce(?, ?, 'y')" => [NULL, NULL, NULL];
            "SELECT substr(?, 1), substr('abc', ?), replace('a', ?, 'b'), instr('a', ?)" => [NULL, NULL, NULL, NULL];
            "SELECT CAST(? AS INTEGER), CAST(? AS TEXT), CAST(? AS REAL), typeof(?)" => [NULL, NULL, NULL, NULL];
            "SELECT quote(?), date(?), strftime('%Y', ?), json_extract(?, '$')" => [NULL, NULL, NULL, NULL];
            "SELECT id FROM v WHERE id = ? OR i > ? OR t LIKE ? OR b = ?" => [NULL, NULL, NULL, NULL];
            "SELECT count(?), sum(i) FROM v" => [NULL];
            "SELECT total(?), sum(?), avg(?) FROM v" => [NULL, NULL, NULL];
            "SELECT id FROM v WHERE ?" => [NULL];
            "SELECT id FROM v ORDER BY ?, id" => [NULL];
            "VALUES (?), (1)" => [NULL];
            "VALUES (1), (?)" => [NULL];
            "VALUES (?), ('x')" => [NULL];
            "SELECT ? UNION ALL SELECT 1" => [NULL];
            "SELECT ? UNION SELECT 'x' ORDER BY 1" => [NULL];
            "SELECT x IS NULL FROM (SELECT ? AS x)" => [NULL];
            "SELECT x FROM (SELECT ? AS x UNION ALL SELECT i FROM v) ORDER BY x" => [NULL];
            "UPDATE v SET i = ?, r = ?, t = ?, b = ?, n = ?, f = ?, d = ?" => [NULL, NULL, NULL, NULL, NULL, NULL, NULL];
            "SELECT * FROM v ORDER BY id";
            "SELECT sum(i), total(i), avg(i), max(i), min(t), count(i), group_concat(t) FROM v";
            "INSERT INTO v (id, i) VALUES (?, 1)" => [NULL];
            "SELECT id, i FROM v ORDER BY id";
        ],
    );
}

/// One prepared statement, run with values of one class after the other.
#[test]
fn classes_change_between_runs() {
    let values = || {
        vec![
            Value::Integer(7),
            text("7"),
            NULL,
            Value::Blob(vec![55]),
            Value::Real(7.0),
            Value::Real(7.5),
            Value::Integer(8),
        ]
    };
    const STATEMENTS: &[&str] = &[
        "SELECT ?",
        "SELECT typeof(?1), ?1",
        "SELECT ? IS NULL",
        "SELECT length(?)",
        "SELECT ?1 = ?1",
        "SELECT id FROM v WHERE i = ?",
        "SELECT id FROM v WHERE t = ?",
        "SELECT id FROM v WHERE i = ?1 OR ?1 IS NULL ORDER BY id",
        "INSERT INTO v (t) VALUES (?)",
        "INSERT INTO v (r) VALUES (?)",
        "INSERT INTO v (i) VALUES (?)",
        "INSERT INTO v (b) VALUES (?)",
        "UPDATE v SET t = ? WHERE id = 1",
    ];
    const REFUSED: usize = 20;
    let outcomes = |conn: &Connection| -> Vec<(String, String)> {
        conn.execute_batch(LIFTED).expect("the table is made");
        let mut outcomes = Vec::new();
        for sql in STATEMENTS {
            let mut statement = conn.prepare(sql).expect(sql);
            // Twice around, so that each class is met again.
            for value in values().into_iter().chain(values()) {
                let outcome = match run(conn, &mut statement, std::slice::from_ref(&value)) {
                    // A refused insert uses a number up.
                    Ok(changes) if statement.column_count() == 0 => {
                        changes.split(',').next().unwrap_or_default().to_owned()
                    }
                    Ok(rows) => rows,
                    Err(error) => format!("{} {error}", code(&error)),
                };
                outcomes.push((format!("{sql} {value:?}"), outcome));
            }
        }
        outcomes
    };
    let sqlite = outcomes(&support::sqlite());
    let postgres = support::on_postgres(|conn| outcomes(conn));
    let (mut refused, mut wrong) = (0, Vec::new());
    for ((what, sqlite), (_, postgres)) in sqlite.iter().zip(&postgres) {
        if (postgres.starts_with("error 3091 cannot store ") && postgres.contains("\n  help: "))
            || postgres.starts_with("error 20 datatype mismatch: this ")
        {
            refused += 1;
        } else if sqlite != postgres {
            wrong.push(format!("{what}: {sqlite}\n    {postgres}"));
        }
    }
    assert!(wrong.is_empty(), "{} differ\n{}", wrong.len(), wrong.join("\n"));
    // A BLOB is stored in no other column, and nothing else in a BLOB column; a fraction in no integer column.
    assert_eq!(refused, REFUSED);
}

#[test]
fn counters() {
    check(
        "CREATE TABLE a (id INTEGER PRIMARY KEY, name TEXT UNIQUE, n INTEGER DEFAULT 0);
         CREATE TABLE audit (id INTEGER PRIMARY KEY AUTOINCREMENT, what TEXT);
         INSERT INTO audit (id, what) VALUES (1000, 'first');
         CREATE TRIGGER a_insert AFTER INSERT ON a BEGIN INSERT INTO audit (what) VALUES ('+' || NEW.name); INSERT INTO audit (what) VALUES ('again'); END;
         CREATE TRIGGER a_update AFTER UPDATE ON a BEGIN INSERT INTO audit (what) VALUES ('~' || NEW.name); END;
         CREATE TRIGGER a_delete AFTER DELETE ON a BEGIN DELETE FROM audit WHERE what = '+' || OLD.name; END;
         CREATE TABLE c (id INTEGER PRIMARY KEY, a INTEGER REFERENCES a (id) ON DELETE CASCADE)",
        &steps![
            "INSERT INTO a (name) VALUES ('one')";
            "INSERT INTO a (name) VALUES (?)" => [text("two")];
            "INSERT INTO a (id, name) VALUES (77, 'explicit')";
            "INSERT INTO a (name) VALUES ('after explicit')";
            "INSERT INTO a (id, name) VALUES (?, 'lower')" => [50];
            "INSERT INTO a (name) VALUES ('goes on')";
            "INSERT INTO a (name) VALUES ('m1'), ('m2'), ('m3')";
            "INSERT INTO a (name) VALUES ('one') ON CONFLICT DO NOTHING";
            "INSERT OR IGNORE INTO a (name) VALUES ('two')";
            "INSERT INTO a (name) VALUES ('one') ON CONFLICT (name) DO UPDATE SET n = n + 1";
            // A number of its own: the attempts before used some up.
            "INSERT INTO a (id, name) VALUES (200, 'upserted new') ON CONFLICT (name) DO UPDATE SET n = n + 1";
            "INSERT INTO a (id, name) SELECT id + 1000, name || ' copy' FROM a WHERE id < 3 ORDER BY id";
            "INSERT INTO a (name) SELECT name || ' again' FROM a WHERE id = -1";
            "UPDATE a SET n = 1 WHERE id < 3";
            "UPDATE a SET n = 1 WHERE id = -1";
            "INSERT INTO c (a) VALUES (1), (1), (2)";
            "DELETE FROM a WHERE id = 1";
            "SELECT count(*) FROM c";
            "DELETE FROM a WHERE id = -1";
            "CREATE TABLE later (id INTEGER PRIMARY KEY)";
            "INSERT INTO later DEFAULT VALUES";
            "INSERT INTO later VALUES (NULL)";
            "INSERT INTO later VALUES (9223372036854775806)";
            "INSERT INTO later VALUES (-5)";
            "SELECT count(*) FROM later";
            "SELECT what FROM audit ORDER BY id";
        ],
    );
}

#[test]
fn changes_and_total_changes() {
    support::both(|conn| {
        conn.execute_batch(
            "CREATE TABLE a (id INTEGER PRIMARY KEY, n INTEGER); CREATE TABLE log (n INTEGER);
             CREATE TRIGGER a_insert AFTER INSERT ON a BEGIN INSERT INTO log VALUES (NEW.n); INSERT INTO log VALUES (0); END",
        )
        .unwrap();
        let start = conn.total_changes();
        assert_eq!(conn.execute("INSERT INTO a (n) VALUES (1), (2)", []), Ok(2));
        assert_eq!(conn.changes(), 2);
        // A trigger's changes are in the total alone.
        let total = 6;
        assert_eq!(conn.total_changes() - start, total);
        assert_eq!(conn.query_row("SELECT n FROM a", [], |row| row.get(0)), Ok(1));
        assert_eq!((conn.changes(), conn.total_changes() - start), (2, total), "reading changes nothing");
        assert_eq!(conn.execute("CREATE TABLE later (n INTEGER)", []), Ok(2), "the last write's count");
        assert!(conn.execute("INSERT INTO a (id) VALUES (1)", []).is_err());
        assert_eq!(conn.changes(), 0);
        conn.execute_batch("BEGIN; UPDATE a SET n = 5; ROLLBACK").unwrap();
        assert_eq!((conn.changes(), conn.total_changes() - start), (2, total + 2), "a rollback does not count back");
        assert_eq!(conn.execute("DELETE FROM a", []), Ok(2));
        let mut returning = conn.prepare("INSERT INTO a (n) VALUES (7), (8) RETURNING id, n").unwrap();
        let rows: Vec<(i64, i64)> =
            returning.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().collect::<Result<_>>().unwrap();
        drop(returning);
        assert_eq!((rows.len(), conn.changes(), conn.last_insert_rowid()), (2, 2, rows[1].0));
        assert_eq!(conn.prepare("INSERT INTO a (n) VALUES (?)").unwrap().insert([9]), Ok(rows[1].0 + 1));
        let two = conn.prepare("INSERT INTO a (n) VALUES (1), (2)").unwrap().insert([]);
        assert_eq!(two, Err(Error::StatementChangedRows(2)));
    });
}

fn native_table(conn: &Connection) {
    conn.native()
        .execute_batch(
            "CREATE TABLE x (id int GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, flag boolean, at timestamptz, plain timestamp, \
             day date, time time, price numeric(10, 2), whole numeric(20, 0), free numeric, key uuid, body jsonb, raw json, \
             small smallint, num int, big bigint, ratio real, wide double precision, note text, short varchar(3), \
             fixed char(4), bytes bytea, span interval)",
        )
        .expect("the table is made");
}

/// What is bound to a native column and how it comes back; `Err`: it is refused.
#[test]
fn native_columns() {
    type Outcome = std::result::Result<Value, ()>;
    let rows: Vec<(&str, Value, Outcome)> = vec![
        ("flag", Value::Integer(1), Ok(Value::Integer(1))),
        ("flag", Value::Integer(0), Ok(Value::Integer(0))),
        ("flag", Value::Real(1.0), Ok(Value::Integer(1))),
        ("flag", text("true"), Ok(Value::Integer(1))),
        ("flag", text("f"), Ok(Value::Integer(0))),
        ("flag", Value::Integer(-1), Err(())),
        ("flag", Value::Real(0.5), Err(())),
        ("flag", Value::Blob(vec![1]), Err(())),
        ("at", text("2024-02-29 12:30:00"), Ok(text("2024-02-29 12:30:00"))),
        ("at", text("2024-02-29T12:30:00Z"), Ok(text("2024-02-29 12:30:00"))),
        ("at", text("2024-02-29 12:30:00.123"), Ok(text("2024-02-29 12:30:00.123"))),
        ("at", text("2024-02-29 12:30:00+02:00"), Ok(text("2024-02-29 10:30:00"))),
        ("at", Value::Integer(86_400), Ok(text("1970-01-02 00:00:00"))),
        ("at", Value::Integer(-1), Ok(text("1969-12-31 23:59:59"))),
        ("at", Value::Integer(i64::MAX), Err(())),
        ("at", Value::Real(1.5), Err(())),
        ("plain", text("2024-02-29 12:30"), Ok(text("2024-02-29 12:30:00"))),
        ("plain", Value::Integer(0), Ok(text("1970-01-01 00:00:00"))),
        ("day", text("2024-02-29"), Ok(text("2024-02-29"))),
        ("day", text("2023-02-29"), Err(())),
        ("day", Value::Integer(0), Err(())),
        ("time", text("12:30"), Ok(text("12:30:00"))),
        ("price", Value::Real(12.5), Ok(Value::Real(12.5))),
        ("price", Value::Integer(3), Ok(Value::Real(3.0))),
        ("price", text("0.10"), Ok(Value::Real(0.1))),
        ("price", Value::Integer(1_000_000_000), Err(())),
        ("whole", Value::Integer(i64::MAX), Ok(Value::Integer(i64::MAX))),
        ("whole", Value::Real((1_i64 << 60) as f64), Ok(Value::Integer(1 << 60))),
        ("free", text("9223372036854775808"), Ok(Value::Real(9_223_372_036_854_775_808.0))),
        ("free", Value::Integer(7), Ok(Value::Integer(7))),
        ("free", Value::Real(7.25), Ok(Value::Real(7.25))),
        ("free", Value::Real(0.1), Ok(Value::Real(0.1))),
        ("key", text("00112233-4455-6677-8899-AABBCCDDEEFF"), Ok(text("00112233-4455-6677-8899-aabbccddeeff"))),
        ("key", Value::Blob((0..16).collect()), Ok(text("00010203-0405-0607-0809-0a0b0c0d0e0f"))),
        ("key", Value::Integer(1), Err(())),
        ("body", text("{\"b\": 1, \"a\": [true, null]}"), Ok(text("{\"a\": [true, null], \"b\": 1}"))),
        ("body", Value::Integer(5), Ok(text("5"))),
        ("body", text("nonsense"), Err(())),
        ("body", Value::Blob(b"{}".to_vec()), Err(())),
        ("raw", text("{\"b\":1}"), Ok(text("{\"b\":1}"))),
        ("small", Value::Integer(-32_768), Ok(Value::Integer(-32_768))),
        ("small", Value::Integer(32_768), Err(())),
        ("small", Value::Real(5.0), Ok(Value::Integer(5))),
        ("small", text("12"), Ok(Value::Integer(12))),
        ("small", text("12.5"), Err(())),
        ("num", Value::Integer(i64::from(i32::MAX)), Ok(Value::Integer(i64::from(i32::MAX)))),
        ("num", Value::Integer(i64::from(i32::MAX) + 1), Err(())),
        ("big", Value::Real(1e18), Ok(Value::Integer(1_000_000_000_000_000_000))),
        ("big", Value::Real(1e19), Err(())),
        ("big", Value::Real(9_223_372_036_854_775_808.0), Err(())),
        ("ratio", Value::Real(0.1), Ok(Value::Real(0.1))),
        ("ratio", Value::Integer(3), Ok(Value::Real(3.0))),
        ("wide", Value::Real(1.0 / 3.0), Ok(Value::Real(1.0 / 3.0))),
        ("wide", Value::Real(f64::INFINITY), Ok(Value::Real(f64::INFINITY))),
        ("wide", Value::Real(f64::NAN), Ok(NULL)),
        ("wide", Value::Integer(1 << 53), Ok(Value::Real(9_007_199_254_740_992.0))),
        ("wide", text("1e3"), Ok(Value::Real(1000.0))),
        ("note", Value::Integer(5), Ok(text("5"))),
        ("note", Value::Real(5.0), Ok(text("5.0"))),
        ("note", Value::Blob(vec![65]), Err(())),
        ("short", text("abc"), Ok(text("abc"))),
        ("short", text("abcd"), Err(())),
        ("fixed", text("ab"), Ok(text("ab  "))),
        ("bytes", Value::Blob(vec![0, 255]), Ok(Value::Blob(vec![0, 255]))),
        ("bytes", Value::Blob(vec![]), Ok(Value::Blob(vec![]))),
        ("bytes", text("a"), Err(())),
        ("bytes", Value::Integer(1), Err(())),
        ("span", text("1 day 02:03:04"), Ok(text("1 day 02:03:04"))),
    ];
    support::on_postgres(|conn| {
        native_table(conn);
        let mut wrong = Vec::new();
        for (column, value, expected) in rows {
            let back = conn.execute(&format!("INSERT INTO x ({column}) VALUES (?)"), [&value]).and_then(|_| {
                let sql = format!("SELECT {column} FROM x WHERE id = ?");
                conn.query_row(&sql, [conn.last_insert_rowid()], |row| row.get::<_, Value>(0))
            });
            let same = match (&expected, &back) {
                (Ok(expected), Ok(back)) => expected == back,
                (Err(()), Err(error)) => {
                    let code = error.sqlite_error_code();
                    matches!(code, Some(ErrorCode::TypeMismatch | ErrorCode::Unknown | ErrorCode::ConstraintViolation))
                }
                _ => false,
            };
            if !same {
                wrong.push(format!("{column} {value:?}: {back:?}, expected {expected:?}"));
            }
            // NULL is NULL in every column, and what a column gives can be bound to it again.
            if let Ok(back) = back
                && back != NULL
            {
                let again = conn.execute(&format!("UPDATE x SET {column} = ?1 WHERE {column} = ?1"), [&back]);
                // json has no equality, and a numeric beyond 64 bits is only near the REAL it comes back as.
                let exact = column != "raw" && back != Value::Real(9_223_372_036_854_775_808.0);
                if exact && !matches!(again, Ok(changed) if changed > 0) {
                    wrong.push(format!("{column} {back:?} again: {again:?}"));
                }
            }
            let null = conn.execute(&format!("UPDATE x SET {column} = ?"), [NULL]);
            if null.is_err() {
                wrong.push(format!("{column} NULL: {null:?}"));
            }
        }
        assert!(wrong.is_empty(), "{} differ\n{}", wrong.len(), wrong.join("\n"));
    });
}

/// Expressions whose type is the parameter's reach native columns as the parameter itself does.
#[test]
fn native_columns_take_expressions_over_parameters() {
    support::on_postgres(|conn| {
        native_table(conn);
        for (column, value) in [
            ("day", "2024-02-29"),
            ("at", "2024-02-29 12:30:00"),
            ("plain", "2024-02-29 12:30:00"),
            ("time", "12:30:00"),
            ("key", "00112233-4455-6677-8899-aabbccddeeff"),
            ("body", "{\"a\": 1}"),
        ] {
            for (expression, given, expected) in [
                ("nullif(?, '')", value, text(value)),
                ("nullif(?, '')", "", NULL),
                ("coalesce(nullif(?, 'x'), NULL)", value, text(value)),
                ("CASE WHEN 1 THEN nullif(?, '') END", value, text(value)),
            ] {
                let sql = format!("INSERT INTO x ({column}) VALUES ({expression}) RETURNING {column}");
                let back = conn.query_row(&sql, [given], |row| row.get::<_, Value>(0));
                assert_eq!(back, Ok(expected), "{column} {expression}");
            }
        }
    });
}

#[test]
fn native_values_as_the_program_asks() {
    support::on_postgres(|conn| {
        let sql = "SELECT true AS flag, 12.30::numeric(10, 2) AS price, '00010203-0405-0607-0809-0a0b0c0d0e0f'::uuid AS key, \
                   timestamptz '1970-01-02 00:00:00Z' AS at, '{\"a\": 1}'::jsonb AS body, 5::smallint AS small, 'x'::char(3) AS fixed, \
                   date '2024-02-29' AS day, NULL::uuid AS nothing";
        conn.native()
            .query_row(sql, [], |row| {
                assert!(row.get::<_, bool>("flag")?);
                assert_eq!(row.get::<_, i64>("flag")?, 1);
                assert_eq!(row.get::<_, f64>("price")?, 12.3);
                assert_eq!(row.get::<_, String>("price")?, "12.30");
                assert_eq!(row.get::<_, [u8; 16]>("key")?[15], 15);
                assert_eq!(row.get::<_, String>("key")?, "00010203-0405-0607-0809-0a0b0c0d0e0f");
                assert_eq!(row.get::<_, i64>("at")?, 86_400);
                assert_eq!(row.get::<_, String>("at")?, "1970-01-02 00:00:00");
                assert_eq!(row.get::<_, String>("body")?, "{\"a\": 1}");
                assert_eq!(row.get::<_, u8>("small")?, 5);
                assert_eq!(row.get::<_, String>("fixed")?, "x  ");
                assert_eq!(row.get::<_, String>("day")?, "2024-02-29");
                assert_eq!(row.get::<_, Option<String>>("nothing")?, None);
                assert_eq!(row.get::<_, Option<[u8; 16]>>("nothing")?, None);
                // Of what no representation fits, the first one's class is told.
                assert_eq!(row.get::<_, i64>("day"), Err(Error::InvalidColumnType(7, "day".into(), Type::Text)));
                assert!(row.get::<_, String>("nothing").is_err());
                Ok(())
            })
            .expect("each is given as asked");
        conn.execute("CREATE TABLE t (a INTEGER)", params![]).expect("goes on");
    });
}
