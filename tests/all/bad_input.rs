//! Bad input: what a program gets wrong has a clear error, on PostgreSQL the one rusqlite gives on SQLite, and the
//! connection goes on, also in the middle of a transaction.

use crate::support;
use sqlift::types::{ToSqlOutput, ValueRef};
use sqlift::{Backend, Connection, Db, Error, ErrorCode, Result, ToSql, named_params, params, params_from_iter};

/// What no error may show: bound values and passwords hold it.
const SECRET: &str = "hunter2";

/// One mistake.
struct Mistake {
    what: &'static str,
    run: fn(&Connection) -> Result<()>,
    /// What it is on SQLite, as [`kind`] says it.
    sqlite: &'static str,
    /// What it is on PostgreSQL where that differs.
    postgres: Option<&'static str>,
    /// What the message on PostgreSQL holds.
    says: &'static str,
}

/// `same`: the same kind of error on both databases.
fn same(what: &'static str, run: fn(&Connection) -> Result<()>, kind: &'static str, says: &'static str) -> Mistake {
    Mistake { what, run, sqlite: kind, postgres: None, says }
}

/// SQLite has another answer; why is in the comment beside the row.
fn apart(
    what: &'static str,
    run: fn(&Connection) -> Result<()>,
    sqlite: &'static str,
    postgres: &'static str,
    says: &'static str,
) -> Mistake {
    Mistake { what, run, sqlite, postgres: Some(postgres), says }
}

/// An error without its wording.
fn kind(result: &Result<()>) -> String {
    match result {
        Ok(()) => "fine".to_owned(),
        Err(Error::SqliteFailure(code, _)) => format!("{:?} {}", code.code, code.extended_code),
        Err(Error::SqlInputError { error, .. }) => format!("SQL {:?} {}", error.code, error.extended_code),
        Err(Error::ToSqlConversionFailure(_)) => "ToSqlConversionFailure".to_owned(),
        Err(other) => format!("{other:?}"),
    }
}

fn prepared(backend: Backend) -> (Option<sqlift::testing::TestDatabase>, Connection) {
    let (database, conn) = match backend {
        Backend::Sqlite => (None, support::sqlite()),
        _ => {
            let database = sqlift::testing::database();
            let conn = Connection::open_url(database.url()).expect("the server takes connections");
            (Some(database), conn)
        }
    };
    conn.execute_batch(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, n INTEGER); INSERT INTO t VALUES (1, 'one', 1)",
    )
    .expect("created");
    conn.native().execute_batch("CREATE TABLE small (s smallint, i int, b bigint)").expect("created");
    conn.execute_batch("INSERT INTO small VALUES (1, 1, 1)").expect("filled");
    (database, conn)
}

/// Each mistake by itself, then inside a transaction that goes on.
#[track_caller]
fn check(mistakes: &[Mistake]) {
    let mut wrong = Vec::new();
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let (_database, conn) = prepared(backend);
        for mistake in mistakes {
            let expected = match backend {
                Backend::Sqlite => mistake.sqlite,
                _ => mistake.postgres.unwrap_or(mistake.sqlite),
            };
            let alone = (mistake.run)(&conn);
            if let Err(complaint) = judge(&alone, expected, mistake.says, backend) {
                wrong.push(format!("{} on {backend:?}: {complaint}", mistake.what));
                continue;
            }
            if expected == "fine" {
                continue;
            }
            let inside: Result<Result<()>> = (|| {
                conn.execute_batch("BEGIN; DELETE FROM t WHERE id >= 100")?;
                conn.execute("INSERT INTO t VALUES (100, 'before', NULL)", [])?;
                let inside = (mistake.run)(&conn);
                conn.execute("INSERT INTO t VALUES (101, 'after', NULL)", [])?;
                conn.execute_batch("COMMIT")?;
                Ok(inside)
            })();
            match inside {
                Err(error) if conn.is_autocommit() => wrong.push(format!("{} on {backend:?}: {error}", mistake.what)),
                Err(error) => {
                    wrong.push(format!("{} on {backend:?}: the transaction does not go on: {error}", mistake.what));
                    conn.execute_batch("ROLLBACK").expect("rolls back");
                }
                Ok(inside) if kind(&inside) != expected => {
                    wrong.push(format!("{} on {backend:?}, in a transaction: {inside:?}", mistake.what));
                }
                Ok(_) => {}
            }
            let kept = conn.query_row("SELECT count(*) FROM t WHERE id >= 100", [], |row| row.get::<_, i64>(0));
            if kept != Ok(2) {
                wrong.push(format!("{} on {backend:?}: the transaction kept {kept:?} rows", mistake.what));
            }
        }
    }
    assert!(wrong.is_empty(), "{} differ\n{}", wrong.len(), wrong.join("\n"));
}

fn judge(result: &Result<()>, expected: &str, says: &str, backend: Backend) -> std::result::Result<(), String> {
    let shown = result.as_ref().err().map(|error| format!("{error} {error:?}")).unwrap_or_default();
    let start: String = shown.chars().take(300).collect();
    if kind(result) != expected {
        return Err(format!("{} instead of {expected}: {start}", kind(result)));
    }
    if backend == Backend::Postgres && !shown.contains(says) {
        return Err(format!("does not say {says:?}: {start}"));
    }
    if shown.contains(SECRET) {
        return Err(format!("shows what was bound: {start}"));
    }
    Ok(())
}

/// Text of one's own bytes.
struct RawText(&'static [u8]);

impl ToSql for RawText {
    fn to_sql(&self) -> Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(ValueRef::Text(self.0)))
    }
}

fn done(_: usize) {}

const INSERT: &str = "INSERT INTO t (name, n) VALUES (?, ?)";
const NAMED: &str = "INSERT INTO t (name, n) VALUES (:name, :n)";

#[test]
fn parameters() {
    check(&[
        same("no parameters", |c| c.execute(INSERT, []).map(done), "InvalidParameterCount(0, 2)", "Got 0, needed 2"),
        same("too few", |c| c.execute(INSERT, [SECRET]).map(done), "InvalidParameterCount(1, 2)", "Got 1, needed 2"),
        same(
            "too many",
            |c| c.execute(INSERT, params![SECRET, 1, 2]).map(done),
            "InvalidParameterCount(3, 2)",
            "Got 3, needed 2",
        ),
        same(
            "too many by iterator",
            |c| c.execute(INSERT, params_from_iter([SECRET; 5])).map(done),
            "InvalidParameterCount(3, 2)",
            "needed 2",
        ),
        same(
            "an unknown name",
            |c| c.execute(NAMED, named_params! {":name": SECRET, ":nope": 1}).map(done),
            "InvalidParameterName(\":nope\")",
            ":nope",
        ),
        same(
            "a name without its prefix",
            |c| c.execute(NAMED, named_params! {"name": SECRET}).map(done),
            "InvalidParameterName(\"name\")",
            "name",
        ),
        same(
            "another prefix",
            |c| c.execute(NAMED, named_params! {"@name": SECRET}).map(done),
            "InvalidParameterName(\"@name\")",
            "@name",
        ),
        same("number 3 of 2", |c| c.prepare(INSERT)?.raw_bind_parameter(3, SECRET), "ParameterOutOfRange 25", "range"),
        same("number 0", |c| c.prepare(INSERT)?.raw_bind_parameter(0, SECRET), "ParameterOutOfRange 25", "range"),
        same(
            "what is left out is NULL",
            |c| c.execute(NAMED, named_params! {":n": 1}).map(done),
            "ConstraintViolation 1299",
            "NOT NULL constraint failed: t.name",
        ),
        same(
            "a column past the last",
            |c| c.query_row("SELECT id FROM t", [], |row| row.get::<_, i64>(1).map(drop)),
            "InvalidColumnIndex(1)",
            "1",
        ),
        same(
            "a column's name that is not there",
            |c| c.query_row("SELECT id FROM t", [], |row| row.get::<_, i64>("nope").map(drop)),
            "InvalidColumnName(\"nope\")",
            "nope",
        ),
        same(
            "another type",
            |c| c.query_row("SELECT name FROM t", [], |row| row.get::<_, i64>(0).map(drop)),
            "InvalidColumnType(0, \"name\", Text)",
            "name",
        ),
        same(
            "too large for the program's type",
            |c| c.query_row("SELECT 70000", [], |row| row.get::<_, i16>(0).map(drop)),
            "IntegralValueOutOfRange(0, 70000)",
            "70000",
        ),
        same(
            "no row",
            |c| c.query_row("SELECT id FROM t WHERE id = ?", [-1], |_| Ok(())),
            "QueryReturnedNoRows",
            "no rows",
        ),
    ]);
}

#[test]
fn text_that_is_not_text() {
    const REFUSED: &str = "ToSqlConversionFailure";
    const BAD_SQL: &str = "SQL Unknown 1";
    check(&[
        // SQLite stores any bytes as text; PostgreSQL's text has no NUL and is UTF-8.
        apart(
            "NUL for a column",
            |c| c.execute("UPDATE t SET name = ? WHERE id = -1", ["hunter2\0"]).map(done),
            "fine",
            REFUSED,
            "parameter 1: text with a NUL character cannot be stored on PostgreSQL; bind it as a blob",
        ),
        apart(
            "NUL in a comparison",
            |c| c.query_row("SELECT count(*) FROM t WHERE n = ? AND name = ?", params![1, "hunter2\0"], |_| Ok(())),
            "fine",
            REFUSED,
            "parameter 2: text with a NUL character",
        ),
        apart("NUL alone", |c| c.query_row("SELECT ?", ["\0"], |_| Ok(())), "fine", REFUSED, "NUL"),
        apart(
            "NUL by name",
            |c| c.execute("UPDATE t SET name = :name WHERE id = -1", named_params! {":name": "hunter2\0"}).map(done),
            "fine",
            REFUSED,
            "parameter 1: text with a NUL character",
        ),
        apart(
            "not UTF-8 for a column",
            |c| c.execute("UPDATE t SET name = ? WHERE id = -1", [RawText(b"hunter2\xff")]).map(done),
            "fine",
            REFUSED,
            "parameter 1: text that is not UTF-8 cannot be stored on PostgreSQL; bind it as a blob",
        ),
        apart(
            "not UTF-8 alone",
            |c| c.query_row("SELECT ?", [RawText(b"hunter2\xc3")], |_| Ok(())),
            "fine",
            REFUSED,
            "parameter 1: text that is not UTF-8",
        ),
        // SQLite reads SQL up to the first NUL and ignores the rest; that is refused rather than followed.
        apart("NUL in the SQL", |c| c.query_row("SELECT 1 \0", [], |_| Ok(())), "fine", BAD_SQL, "unrecognized token"),
        apart("NUL in a batch", |c| c.execute_batch("SELECT 1; \0 SELECT 1"), "fine", BAD_SQL, "unrecognized token"),
        same(
            "NUL in a literal",
            |c| c.execute("DELETE FROM t WHERE name = 'a\0b'", []).map(done),
            BAD_SQL,
            "unrecognized",
        ),
        same("NUL in a name", |c| c.execute("DELETE FROM \"t\0\"", []).map(done), BAD_SQL, "unrecognized token"),
        same("NUL in a savepoint's name", |c| c.execute_batch("SAVEPOINT \"a\0b\""), BAD_SQL, "unrecognized token"),
        apart("char(0)", |c| c.query_row("SELECT char(0)", [], |_| Ok(())), "fine", "TypeMismatch 20", "NUL"),
        apart(
            "a blob as text",
            |c| c.query_row("SELECT CAST(? AS TEXT)", [b"hunter2\xff"], |_| Ok(())),
            "fine",
            "TypeMismatch 20",
            "not UTF-8",
        ),
    ]);
}

#[test]
fn integers_out_of_range() {
    const MISMATCH: &str = "ConstraintViolation 3091";
    const COMPARED: &str = "SELECT count(*) FROM small WHERE s = ?";
    const LIFTED: &str = "UPDATE t SET n = ? WHERE id = 1";
    const ADDED: &str = "UPDATE t SET n = n + ? WHERE id = 1";
    check(&[
        // SQLite's columns take any value; a column of a native PostgreSQL type, and a lifted integer column, do not.
        apart("smallint", |c| c.execute("UPDATE small SET s = ?", [70_000]).map(done), "fine", MISMATCH, "smallint"),
        apart(
            "smallint from SQL",
            |c| c.execute("UPDATE small SET s = 70000", []).map(done),
            "fine",
            MISMATCH,
            "smallint",
        ),
        apart(
            "smallint of a new row",
            |c| c.execute("INSERT INTO small (s) VALUES (?)", [-32_769]).map(done),
            "fine",
            MISMATCH,
            "smallint",
        ),
        apart("int", |c| c.execute("UPDATE small SET i = ?", [1_i64 << 31]).map(done), "fine", MISMATCH, "integer"),
        apart("int from SQL", |c| c.execute("UPDATE small SET i = 1 << 31", []).map(done), "fine", MISMATCH, "integer"),
        // No row has it.
        same("smallint compared", |c| c.query_row(COMPARED, [70_000], |_| Ok(())), "fine", ""),
        same("smallint in range", |c| c.execute("UPDATE small SET s = ?", [-32_768]).map(done), "fine", ""),
        same(
            "arithmetic is in 64 bits",
            |c| {
                c.query_row("SELECT s * s * s FROM small", [], |row| {
                    assert_eq!(row.get::<_, i64>(0)?, -35_184_372_088_832);
                    Ok(())
                })
            },
            "fine",
            "",
        ),
        apart("a large REAL", |c| c.execute(LIFTED, [1e19]).map(done), "fine", MISMATCH, "REAL"),
        apart("a fraction", |c| c.execute(LIFTED, [1.5]).map(done), "fine", MISMATCH, "REAL"),
        apart("text", |c| c.execute(LIFTED, [SECRET]).map(done), "fine", MISMATCH, "TEXT"),
        apart("20 digits", |c| c.execute(LIFTED, ["99999999999999999999"]).map(done), "fine", MISMATCH, "REAL"),
        apart("a blob", |c| c.execute(LIFTED, [SECRET.as_bytes()]).map(done), "fine", MISMATCH, "BLOB"),
        same("the largest", |c| c.execute(LIFTED, [i64::MAX]).map(done), "fine", ""),
        // SQLite goes on in REAL.
        apart("a sum", |c| c.execute(ADDED, [1]).map(done), "fine", "Unknown 1", "integer overflow"),
        same(
            "text for the key",
            |c| c.execute("UPDATE t SET id = ?", [SECRET]).map(done),
            "TypeMismatch 20",
            "datatype mismatch",
        ),
        same(
            "text compared with the key",
            |c| c.query_row("SELECT count(*) FROM t WHERE id = ?", [SECRET], |_| Ok(())),
            "fine",
            "",
        ),
        same("abs", |c| c.query_row("SELECT abs(?)", [i64::MIN], |_| Ok(())), "Unknown 1", "integer overflow"),
    ]);
}

#[test]
fn names_and_syntax() {
    check(&[
        same(
            "unknown table",
            |c| c.execute("UPDATE nowhere SET a = ?", [SECRET]).map(done),
            "Unknown 1",
            "no such table: nowhere",
        ),
        same(
            "unknown table in a SELECT",
            |c| c.query_row("SELECT 1 FROM nowhere", [], |_| Ok(())),
            "Unknown 1",
            "no such table: nowhere",
        ),
        // SQLite says "no such column", without a place.
        same("unknown column", |c| c.execute("UPDATE t SET nope = ?", [SECRET]).map(done), "Unknown 1", "nope"),
        same(
            "unknown column of INSERT",
            |c| c.execute("INSERT INTO t (nope) VALUES (?)", [SECRET]).map(done),
            "Unknown 1",
            "table t has no column named nope",
        ),
        same(
            "unknown qualified",
            |c| c.query_row("SELECT x.id FROM t", [], |_| Ok(())),
            "SQL Unknown 1",
            "no such column: x.id",
        ),
        same(
            "ambiguous",
            |c| c.query_row("SELECT id FROM t AS a, t AS b", [], |_| Ok(())),
            "SQL Unknown 1",
            "ambiguous column name: id",
        ),
        same(
            "unknown function",
            |c| c.query_row("SELECT nope(?)", [SECRET], |_| Ok(())),
            "SQL Unknown 1",
            "no such function: nope",
        ),
        same(
            "wrong arguments",
            |c| c.query_row("SELECT length(1, 2)", [], |_| Ok(())),
            "SQL Unknown 1",
            "wrong number of arguments to function length()",
        ),
        same(
            "wrong number of values",
            |c| c.execute("INSERT INTO t (id, name) VALUES (?)", [SECRET]).map(done),
            "Unknown 1",
            "1 values for 2 columns",
        ),
        same(
            "wrong number of values for the table",
            |c| c.execute("INSERT INTO t VALUES (?)", [SECRET]).map(done),
            "Unknown 1",
            "table t has 3 columns but 1 values were supplied",
        ),
        same(
            "a word too much",
            |c| c.execute("DELETE FROM t WHERE WHERE id = 1", []).map(done),
            "SQL Unknown 1",
            "near \"WHERE\": syntax error",
        ),
        same(
            "a string that does not end",
            |c| c.execute("DELETE FROM t WHERE name = 'x", []).map(done),
            "SQL Unknown 1",
            "unrecognized token",
        ),
        same("half a statement", |c| c.execute("DELETE FROM t WHERE", []).map(done), "Unknown 1", "incomplete input"),
        same(
            "two statements",
            |c| c.execute("DELETE FROM t WHERE id = -1; SELECT 1", []).map(done),
            "MultipleStatement",
            "ultiple",
        ),
        same("nothing", |c| c.execute("", []).map(done), "ApiMisuse 21", "bad parameter or other API misuse"),
        same("blanks", |c| c.execute(" \n\t ", []).map(done), "ApiMisuse 21", "misuse"),
        same("a comment", |c| c.execute("-- nothing", []).map(done), "ApiMisuse 21", "misuse"),
        same("a semicolon", |c| c.execute(";", []).map(done), "ApiMisuse 21", "misuse"),
        same("no row of nothing", |c| c.query_row("", [], |_| Ok(())), "ApiMisuse 21", "misuse"),
        same(
            "parameters of nothing",
            |c| c.execute("", [SECRET]).map(done),
            "InvalidParameterCount(1, 0)",
            "Got 1, needed 0",
        ),
        same("an empty batch", |c| c.execute_batch(" ; -- nothing"), "fine", ""),
        same("rows of execute", |c| c.execute("SELECT id FROM t", []).map(done), "ExecuteReturnedResults", "ecute"),
        same(
            "a table twice",
            |c| c.execute("CREATE TABLE t (id INTEGER)", []).map(done),
            "SQL Unknown 1",
            "table t already exists",
        ),
        same(
            "a column twice",
            |c| c.execute("CREATE TABLE u (a INTEGER, a TEXT)", []).map(done),
            "Unknown 1",
            "duplicate column name: a",
        ),
        same("no such savepoint", |c| c.execute_batch("RELEASE nowhere"), "Unknown 1", "no such savepoint: nowhere"),
        same(
            "the second statement of a batch",
            |c| c.execute_batch("SELECT 1; SELECT nope FROM t; SELECT 2"),
            "SQL Unknown 1",
            "nope",
        ),
    ]);
}

fn repeated(part: &str, times: usize, between: &str) -> String {
    vec![part; times].join(between)
}

fn parameters_of(conn: &Connection, count: usize) -> Result<()> {
    let sql = format!("SELECT count(*) FROM t WHERE id IN ({})", repeated("?", count, ","));
    conn.query_row(&sql, params_from_iter(0..count), |_| Ok(()))
}

fn native_parameters_of(conn: &Connection, count: usize) -> Result<()> {
    let sql = format!("SELECT count(*) FROM t WHERE id IN ({})", repeated("?", count, ","));
    conn.native().query_row(&sql, params_from_iter(0..count), |_| Ok(()))
}

fn table_of(columns: usize) -> String {
    let columns: Vec<String> = (0..columns).map(|n| format!("c{n} INTEGER")).collect();
    format!("CREATE TABLE wide_{} ({})", columns.len(), columns.join(", "))
}

fn list_of(conn: &Connection, results: usize) -> Result<()> {
    one_of(conn, &repeated("1", results, ", "))
}

fn one_of(conn: &Connection, expression: &str) -> Result<()> {
    conn.query_row(&format!("SELECT {expression}"), [], |_| Ok(()))
}

fn nested(conn: &Connection, open: &str, times: usize, close: &str) -> Result<()> {
    one_of(conn, &format!("{}1{}", open.repeat(times), close.repeat(times)))
}

#[test]
fn too_much() {
    const BAD_SQL: &str = "SQL Unknown 1";
    check(&[
        same(
            "5 MB of literal",
            |c| {
                c.query_row(&format!("SELECT length('{}')", "x".repeat(5 << 20)), [], |row| {
                    assert_eq!(row.get::<_, i64>(0)?, 5 << 20);
                    Ok(())
                })
            },
            "fine",
            "",
        ),
        same(
            "5 MB of comment",
            |c| c.query_row(&format!("SELECT 1 /* {} */", "x".repeat(5 << 20)), [], |_| Ok(())),
            "fine",
            "",
        ),
        same(
            "an error in 5 MB",
            |c| c.query_row(&format!("SELECT nope /* {} */ FROM t", "x".repeat(5 << 20)), [], |_| Ok(())),
            "SQL Unknown 1",
            "no such column: nope",
        ),
        same(
            "5 MB bound",
            |c| {
                c.query_row("SELECT length(?)", ["x".repeat(5 << 20)], |row| {
                    assert_eq!(row.get::<_, i64>(0)?, 5 << 20);
                    Ok(())
                })
            },
            "fine",
            "",
        ),
        same("5,000 parameters", |c| parameters_of(c, 5_000), "fine", ""),
        same("32,767 parameters", |c| parameters_of(c, 32_767), BAD_SQL, "too many SQL variables"),
        same("65,536 parameters", |c| parameters_of(c, 65_536), BAD_SQL, "too many SQL variables"),
        same("number 99999", |c| c.query_row("SELECT ?99999", [1], |_| Ok(())), BAD_SQL, "between ?1 and ?32766"),
        same("65,536 native ones", |c| native_parameters_of(c, 65_536), BAD_SQL, "too many SQL variables"),
        apart(
            "1,700 columns",
            |c| c.execute(&table_of(1_700), []).map(done),
            "fine",
            "TooBig 18",
            "at most 1600 columns",
        ),
        same(
            "2,001 columns",
            |c| c.execute(&table_of(2_001), []).map(done),
            "Unknown 1",
            "too many columns on wide_2001",
        ),
        apart("1,700 results", |c| list_of(c, 1_700), "fine", "TooBig 18", "at most 1664"),
        same("2,001 results", |c| list_of(c, 2_001), "Unknown 1", "too many columns in result set"),
        same("50 parentheses", |c| nested(c, "(", 50, ")"), "fine", ""),
        same("5,000 parentheses", |c| nested(c, "(", 5_000, ")"), "Unknown 1", "Recursion limit"),
        same("5,000 times NOT", |c| nested(c, "NOT ", 5_000, ""), "Unknown 1", "Recursion limit"),
        same("5,000 calls", |c| nested(c, "abs(", 5_000, ")"), "Unknown 1", "Recursion limit"),
        same("600 subqueries", |c| nested(c, "(SELECT ", 600, ")"), "Unknown 1", "Expression tree is too large"),
        same("100,000 open parentheses", |c| nested(c, "(", 100_000, ""), "Unknown 1", "Recursion limit"),
        same(
            "a sum of 5,000",
            |c| one_of(c, &repeated("1", 5_000, " + ")),
            "Unknown 1",
            "Expression tree is too large",
        ),
        same("600 SELECTs", |c| one_of(c, &repeated("1", 600, " UNION ALL SELECT ")), "Unknown 1", "too many terms"),
    ]);
}

#[test]
fn servers_that_do_not_let_one_in() {
    let server = sqlift::testing::TempPostgres::options()
        .hba("local all postgres trust\nlocal all all scram-sha-256\n")
        .start()
        .expect("a server");
    let admin = Connection::open_url(server.url()).expect("trusted");
    admin
        .native()
        .execute_batch("CREATE ROLE app LOGIN PASSWORD 'hunter2' CONNECTION LIMIT 1; CREATE TABLE t (a int)")
        .expect("the role is made");
    let url = |parameters: &str| format!("{}&{parameters}", server.url());
    for (parameters, code, says) in [
        ("user=app&password=hunter2wrong", ErrorCode::CannotOpen, "password authentication failed for user \"app\""),
        ("user=app", ErrorCode::CannotOpen, "password"),
        ("user=nobody&password=hunter2", ErrorCode::CannotOpen, "nobody"),
        ("dbname=not_there", ErrorCode::CannotOpen, "database \"not_there\" does not exist"),
        ("port=1", ErrorCode::CannotOpen, "connect"),
    ] {
        for error in [
            Connection::open_url(&url(parameters)).map(drop).expect_err(parameters),
            Db::open(&url(parameters)).map(drop).expect_err(parameters),
        ] {
            assert_eq!(error.sqlite_error_code(), Some(code), "{parameters}: {error}");
            assert!(error.to_string().contains(says), "{parameters}: {error}");
            assert!(!format!("{error} {error:?}").contains(SECRET), "{error}");
        }
    }

    let conn = Connection::open_url(&url("user=app&password=hunter2")).expect("the right password");
    let error = Connection::open_url(&url("user=app&password=hunter2")).map(drop).expect_err("one connection only");
    assert_eq!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy), "{error}");
    assert!(error.to_string().contains("too many connections") && !error.to_string().contains(SECRET), "{error}");
    assert!(!conn.path().unwrap_or_default().contains(SECRET) && !format!("{conn:?}").contains(SECRET));

    // What the role may not do is said, and the transaction goes on.
    conn.execute_batch("BEGIN").expect("begins");
    let error = conn.execute("UPDATE t SET a = ?", [1]).expect_err("no right");
    assert_eq!(error.sqlite_error_code(), Some(ErrorCode::PermissionDenied), "{error}");
    assert!(error.to_string().contains("permission denied for table t"), "{error}");
    assert_eq!(conn.query_row("SELECT 1", [], |row| row.get::<_, i64>(0)), Ok(1));
    conn.execute_batch("COMMIT").expect("commits");

    // A server that is down, behind a connection and a pool that were fine.
    let db = Db::open(&format!("{}&pool_max_size=1&pool_timeout=1", server.url())).expect("a pool");
    let held = db.get().expect("a connection");
    let error = db.execute("SELECT 1", []).expect_err("exhausted");
    assert_eq!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy), "{error}");
    drop(held);
    server.kill_server().expect("killed");
    let error = conn.query_row("SELECT 1", [], |_| Ok(())).expect_err("down");
    assert_eq!(error.sqlite_error_code(), Some(ErrorCode::SystemIoFailure), "{error}");
    let error = db.execute("CREATE TABLE u (a INTEGER)", []).expect_err("down");
    assert_eq!(error.sqlite_error_code(), Some(ErrorCode::CannotOpen), "{error}");
    server.restart().expect("starts again");
    db.execute("CREATE TABLE u (a INTEGER)", []).expect("the pool goes on");
}

/// Paths are bytes to SQLite: what rusqlite says to them.
#[cfg(unix)]
#[test]
fn paths() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    let folder = tempfile::tempdir().expect("a folder");
    for name in [&b"a\0b.db"[..], b"no/such/folder.db", b"", b"caf\xe9.db"] {
        let path = folder.path().join(OsStr::from_bytes(name));
        let expected = sqlift::rusqlite::Connection::open(&path).map(drop);
        assert_eq!(Connection::open_sqlite(&path).map(drop), expected, "{}", path.display());
    }
}

/// PostgreSQL would cut them to 63 bytes, and take a second table for the first. An index has a name beside its own.
#[test]
fn names_that_postgres_would_cut_are_refused() {
    let (long, fits) = ("n".repeat(64), "f".repeat(63));
    support::on_postgres(|conn| {
        conn.execute_batch(&format!(
            "CREATE TABLE {fits}({fits} TEXT DEFAULT '{long}'); CREATE INDEX i ON {fits}({fits})"
        ))
        .unwrap();
        for sql in [
            format!("CREATE TABLE {long}(a)"),
            format!("CREATE TABLE t(\"{long}\")"),
            format!("CREATE UNIQUE INDEX IF NOT EXISTS i ON {long}({fits})"),
            format!("CREATE VIEW v AS SELECT 1 AS [{long}]"),
            format!("ALTER TABLE {fits} RENAME TO {long}"),
            format!("DROP TABLE IF EXISTS {long}"),
        ] {
            let error = conn.prepare(&sql).map(|_| ()).unwrap_err();
            assert!(error.to_string().contains("PostgreSQL keeps 63"), "{sql}: {error}");
        }
        let name = |sql: &str| conn.prepare(sql).unwrap().column_name(0).unwrap().to_owned();
        assert_eq!(name(&format!("SELECT 1 AS {long}")), long);
    });
}

/// What is made out of names stays within 63 bytes too, and apart.
#[test]
fn long_names_of_triggers_and_keys_stay_apart() {
    // A second trigger gets a number of five bytes in front.
    let table = "t".repeat(56);
    support::both(|conn| {
        conn.execute_batch(&format!(
            "CREATE TABLE {table}(a TEXT COLLATE NOCASE UNIQUE, b TEXT COLLATE NOCASE UNIQUE); CREATE TABLE log(word TEXT);
             CREATE TRIGGER {table}_a AFTER INSERT ON {table} BEGIN INSERT INTO log VALUES ('a'); END;
             CREATE TRIGGER {table}_b AFTER INSERT ON {table} BEGIN INSERT INTO log VALUES ('b'); END;
             INSERT INTO {table} VALUES ('x', 'y');"
        ))
        .unwrap();
        assert!(conn.execute(&format!("INSERT INTO {table} VALUES ('X', 'z')"), []).is_err());
        assert!(conn.execute(&format!("INSERT INTO {table} VALUES ('z', 'Y')"), []).is_err());
        let words: String = conn
            .query_row("SELECT group_concat(word, '') FROM (SELECT word FROM log ORDER BY word)", [], |row| row.get(0))
            .unwrap();
        assert_eq!(words, "ab");
    });
    let refused = support::on_postgres(|conn| {
        conn.execute_batch("CREATE TABLE t(a); CREATE TRIGGER a AFTER INSERT ON t BEGIN SELECT 1; END").unwrap();
        let longer = format!("CREATE TRIGGER {} AFTER INSERT ON t BEGIN SELECT 1; END", "b".repeat(59));
        conn.execute_batch(&longer).unwrap_err().to_string()
    });
    assert!(refused.contains("at most 58 bytes"), "{refused}");
}
