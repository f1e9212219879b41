// Running statements: counts, row ids, scripts and errors.
use crate::support::Log;
use rusqlite::{Connection, Error, OptionalExtension, Result, Row, params};

pub const CASES: &[(&str, fn(&mut Connection, &mut Log) -> Result<()>)] = &[
    ("execute counts", execute_counts),
    ("row ids", row_ids),
    ("execute a query", execute_a_query),
    ("empty statements", empty_statements),
    ("scripts", scripts),
    ("one statement only", one_statement_only),
    ("query_row and its relatives", query_rows),
    ("exists and insert", exists_and_insert),
    ("wrong statements", wrong_statements),
    ("broken constraints", broken_constraints),
    ("errors matched by code", errors_by_code),
];

fn id(row: &Row<'_>) -> Result<i64> {
    row.get(0)
}

fn tags(conn: &Connection) -> Result<()> {
    conn.execute_batch("CREATE TABLE tag (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, uses INTEGER DEFAULT 0)")
}

fn execute_counts(conn: &mut Connection, log: &mut Log) -> Result<()> {
    log.value("changes at first", (conn.changes(), conn.total_changes(), conn.last_insert_rowid()));
    log.result("ddl at first", conn.execute("CREATE TABLE t (n INTEGER)", []));
    log.result("insert 3", conn.execute("INSERT INTO t VALUES (1), (2), (3)", []));
    log.result("ddl keeps the count", conn.execute("CREATE TABLE u (n INTEGER)", []));
    log.result("update 2", conn.execute("UPDATE t SET n = n + 10 WHERE n > ?1", [1]));
    log.result("update 0", conn.execute("UPDATE t SET n = 0 WHERE n > ?1", [100]));
    log.value("changes", conn.changes());
    log.result("delete 3", conn.execute("DELETE FROM t", ()));
    log.value("after", (conn.changes(), conn.total_changes()));
    log.result("insert select", conn.execute("INSERT INTO t SELECT 5 UNION ALL SELECT 6", []));
    log.result("a query keeps the count", conn.query_row("SELECT count(*) FROM t", [], id));
    log.value("after", conn.changes());
    Ok(())
}

fn row_ids(conn: &mut Connection, log: &mut Log) -> Result<()> {
    tags(conn)?;
    log.value("none", conn.last_insert_rowid());
    conn.execute("INSERT INTO tag (name) VALUES ('a')", [])?;
    log.value("first", conn.last_insert_rowid());
    conn.execute("INSERT INTO tag (name) VALUES ('b'), ('c')", [])?;
    log.value("the last of two", conn.last_insert_rowid());
    conn.execute("INSERT INTO tag (id, name) VALUES (77, 'd')", [])?;
    log.value("explicit", conn.last_insert_rowid());
    conn.execute("INSERT INTO tag (name) VALUES ('e')", [])?;
    log.value("after explicit", conn.last_insert_rowid());
    log.result("nothing", conn.execute("INSERT INTO tag (name) VALUES ('a') ON CONFLICT DO NOTHING", []));
    log.value("unchanged", conn.last_insert_rowid());
    log.result("ignored", conn.execute("INSERT OR IGNORE INTO tag (name) VALUES ('a')", []));
    log.value("unchanged", conn.last_insert_rowid());
    let upsert = "INSERT INTO tag (name) VALUES (?1) ON CONFLICT (name) DO UPDATE SET uses = uses + 1";
    log.result("updated", conn.execute(upsert, ["a"]));
    log.value("unchanged", conn.last_insert_rowid());
    log.result("inserted", conn.execute(upsert, ["f"]));
    // The number itself may be another one on PostgreSQL, whose identities count attempts.
    let new: i64 = conn.query_row("SELECT id FROM tag WHERE name = 'f'", [], id)?;
    log.value("new", (conn.last_insert_rowid() == new, new > 78));
    log.result("failed", conn.execute("INSERT INTO tag (name) VALUES ('a')", []));
    log.value("unchanged", conn.last_insert_rowid() == new);
    Ok(())
}

fn execute_a_query(conn: &mut Connection, log: &mut Log) -> Result<()> {
    tags(conn)?;
    log.result("select", conn.execute("SELECT 1", []));
    log.result("select without rows", conn.execute("SELECT 1 WHERE 0", []));
    log.result("returning", conn.execute("INSERT INTO tag (name) VALUES ('a') RETURNING id", []));
    log.result("and yet it is there", conn.query_row("SELECT count(*) FROM tag", [], id));
    let returned = conn.query_row("INSERT INTO tag (name) VALUES ('b') RETURNING id, name", [], |row| {
        Ok((row.get::<_, i64>("id")?, row.get::<_, String>("name")?))
    });
    log.result("query_row gives it", returned);
    Ok(())
}

fn empty_statements(conn: &mut Connection, log: &mut Log) -> Result<()> {
    log.result("execute nothing", conn.execute("", []));
    log.result("execute a comment", conn.execute("-- nothing", []));
    log.result("batch of nothing", conn.execute_batch(""));
    log.result("batch of comments", conn.execute_batch(" ; -- nothing\n ; /* none */ "));
    log.result("prepare nothing", conn.prepare("").map(|stmt| (stmt.column_count(), stmt.parameter_count())));
    log.result("query nothing", conn.query_row("", [], id));
    Ok(())
}

fn scripts(conn: &mut Connection, log: &mut Log) -> Result<()> {
    let script = "CREATE TABLE t (n INTEGER, s TEXT);
        INSERT INTO t VALUES (1, 'a;b'); -- a comment; with a semicolon
        INSERT INTO t VALUES (2, 'it''s');
        SELECT * FROM t;
        INSERT INTO missing VALUES (3);
        INSERT INTO t VALUES (4, 'never')";
    log.result("stops at the error", conn.execute_batch(script));
    log.result(
        "what came before stays",
        conn.query_row("SELECT count(*), max(n) FROM t", [], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?))),
    );
    log.result("no last semicolon", conn.execute_batch("INSERT INTO t VALUES (5, NULL); DELETE FROM t WHERE n = 1"));
    log.result("left", conn.query_row("SELECT sum(n) FROM t", [], id));
    Ok(())
}

fn one_statement_only(conn: &mut Connection, log: &mut Log) -> Result<()> {
    log.result("two", conn.prepare("SELECT 1; SELECT 2").map(drop));
    log.result("executed two", conn.execute("CREATE TABLE a (n); CREATE TABLE b (n)", []));
    log.result("a semicolon behind", conn.query_row("SELECT 1;", [], id));
    log.result("blanks and comments behind", conn.query_row("SELECT 1; -- done\n ", [], id));
    Ok(())
}

#[derive(Debug)]
#[allow(dead_code)] // Read through Debug.
enum Mine {
    Database(Error),
    Odd(i64),
}

impl From<Error> for Mine {
    fn from(error: Error) -> Self {
        Mine::Database(error)
    }
}

fn query_rows(conn: &mut Connection, log: &mut Log) -> Result<()> {
    const TWO: &str = "SELECT 1 UNION ALL SELECT 2";
    log.result("first of two", conn.query_row(TWO, [], id));
    log.result("query_one of two", conn.query_one(TWO, [], id));
    log.result("query_one", conn.query_one("SELECT 5", [], id));
    log.result("none", conn.query_row("SELECT 1 WHERE 0", [], id));
    log.result("query_one of none", conn.query_one("SELECT 1 WHERE 0", [], id));
    log.result("optional", conn.query_row("SELECT 1 WHERE 0", [], id).optional());
    log.result("optional some", conn.query_row("SELECT 1", [], id).optional());
    log.result("the closure's error", conn.query_row("SELECT 1", [], |_| Err::<(), _>(Error::InvalidQuery)));
    let even = |row: &Row<'_>| match row.get::<_, i64>(0)? {
        n if n % 2 == 0 => Ok(n),
        n => Err(Mine::Odd(n)),
    };
    log.value("and_then", format!("{:?}", conn.query_row_and_then("SELECT 4", [], even)));
    log.value("and_then odd", format!("{:?}", conn.query_row_and_then("SELECT 5", [], even)));
    log.value("and_then none", format!("{:?}", conn.query_row_and_then("SELECT 5 WHERE 0", [], even)));
    Ok(())
}

fn exists_and_insert(conn: &mut Connection, log: &mut Log) -> Result<()> {
    tags(conn)?;
    let mut insert = conn.prepare("INSERT INTO tag (name) SELECT ?1 WHERE ?1 <> ''")?;
    log.result("one", insert.insert(["a"]));
    log.result("none", insert.insert([""]));
    log.result("another", insert.insert(["b"]));
    log.result("two", conn.prepare("INSERT INTO tag (name) VALUES ('x'), ('y')")?.insert([]));
    let mut exists = conn.prepare("SELECT id FROM tag WHERE name = ?")?;
    log.result("there", exists.exists(["a"]));
    log.result("not there", exists.exists(["z"]));
    log.result("there again", exists.exists(["b"]));
    Ok(())
}

fn wrong_statements(conn: &mut Connection, log: &mut Log) -> Result<()> {
    tags(conn)?;
    for sql in [
        "SELEC 1",
        "SELECT * FROM missing",
        "SELECT missing FROM tag",
        "INSERT INTO missing VALUES (1)",
        "INSERT INTO tag (missing) VALUES (1)",
        "UPDATE missing SET n = 1",
        "DELETE FROM missing",
        "DROP TABLE missing",
        "CREATE TABLE tag (n)",
        "SELECT missing_function(1)",
        "INSERT INTO tag VALUES (1)",
        "SELECT 'open",
        "SELECT (1",
    ] {
        log.result(sql, conn.prepare(sql).map(drop));
    }
    log.result("usable afterwards", conn.query_row("SELECT count(*) FROM tag", [], id));
    Ok(())
}

fn broken_constraints(conn: &mut Connection, log: &mut Log) -> Result<()> {
    conn.execute_batch(
        "CREATE TABLE parent (id INTEGER PRIMARY KEY, code TEXT UNIQUE, n INTEGER CHECK (n > 0));
         CREATE TABLE child (parent INTEGER NOT NULL REFERENCES parent (id), a INTEGER, b INTEGER, PRIMARY KEY (a, b));
         INSERT INTO parent VALUES (1, 'x', 1);
         INSERT INTO child VALUES (1, 1, 1);",
    )?;
    for sql in [
        "INSERT INTO parent VALUES (1, 'y', 1)",
        "INSERT INTO parent VALUES (2, 'x', 1)",
        "INSERT INTO parent VALUES (2, 'y', 0)",
        "INSERT INTO child VALUES (NULL, 2, 2)",
        "INSERT INTO child VALUES (1, 1, 1)",
        "INSERT INTO child VALUES (99, 2, 2)",
        "DELETE FROM parent WHERE id = 1",
        "UPDATE child SET parent = 99",
        "INSERT INTO parent VALUES (5, 'ok', 5), (1, 'twice', 5)",
    ] {
        log.result(sql, conn.execute(sql, []));
    }
    let left = conn.query_row("SELECT (SELECT count(*) FROM parent), (SELECT count(*) FROM child)", [], |row| {
        Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?))
    });
    log.result("nothing happened", left);
    Ok(())
}

// How legacy code looks at errors: by variant, by code, by extended code, by message.
fn errors_by_code(conn: &mut Connection, log: &mut Log) -> Result<()> {
    tags(conn)?;
    conn.execute("INSERT INTO tag (name) VALUES (?1)", params!["a"])?;
    let error = conn.execute("INSERT INTO tag (name) VALUES (?1)", params!["a"]).unwrap_err();
    match &error {
        Error::SqliteFailure(code, Some(message))
            if code.code == rusqlite::ErrorCode::ConstraintViolation
                && message.starts_with("UNIQUE constraint failed") =>
        {
            log.value("message", message);
        }
        other => log.value("something else", other),
    }
    log.value("sqlite_error", error.sqlite_error());
    log.value("code", error.sqlite_error_code());
    log.value("unique", error.sqlite_extended_error_code() == Some(rusqlite::ffi::SQLITE_CONSTRAINT_UNIQUE));
    log.value("display", error.to_string());
    Ok(())
}
