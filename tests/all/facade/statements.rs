// Prepared statements, kept statements, scripts as statements, and what they and the connection tell of themselves.
use crate::support::Log;
use rusqlite::fallible_iterator::FallibleIterator;
use rusqlite::{Batch, CachedStatement, Connection, PrepFlags, Result, StatementStatus, params};
use std::time::Duration;

pub const CASES: &[(&str, fn(&mut Connection, &mut Log) -> Result<()>)] = &[
    ("kept statements", kept),
    ("kept statements after a change", kept_after_a_change),
    ("several at a time", several_at_a_time),
    ("batches", batches),
    ("about statements", about_statements),
    ("about tables", about_tables),
    ("about the connection", about_the_connection),
    ("closing", closing),
    ("across threads", across_threads),
];

fn kept(conn: &mut Connection, log: &mut Log) -> Result<()> {
    const SQL: &str = "SELECT coalesce(CAST(?1 AS TEXT), '-')";
    let first = |stmt: &mut CachedStatement<'_>| -> Result<String> {
        let mut rows = stmt.raw_query();
        rows.next()?.unwrap().get(0)
    };
    for text in ["a", "b"] {
        let mut stmt = conn.prepare_cached(SQL)?;
        log.result("bindings are gone", first(&mut stmt));
        log.result("run", stmt.query_row([text], |row| row.get::<_, String>(0)));
    }
    log.result("blanks do not count", first(&mut conn.prepare_cached("  SELECT coalesce(CAST(?1 AS TEXT), '-') ")?));
    {
        let mut one = conn.prepare_cached(SQL)?;
        let mut two = conn.prepare_cached(SQL)?;
        one.raw_bind_parameter(1, "x")?;
        two.raw_bind_parameter(1, "y")?;
        log.value("the same twice", (first(&mut one)?, first(&mut two)?));
    }
    conn.prepare_cached(SQL)?.discard();
    log.result("after discard", first(&mut conn.prepare_cached(SQL)?));
    conn.flush_prepared_statement_cache();
    log.result("after flush", first(&mut conn.prepare_cached(SQL)?));
    conn.set_prepared_statement_cache_capacity(0);
    log.result("without a cache", first(&mut conn.prepare_cached(SQL)?));
    conn.set_prepared_statement_cache_capacity(2);
    for n in 0..5 {
        log.result("small", conn.prepare_cached(&format!("SELECT {n}"))?.query_row([], |row| row.get::<_, i64>(0)));
    }
    log.result("wrong", conn.prepare_cached("SELEC 1").map(drop));
    log.result("empty", conn.prepare_cached("").map(|stmt| stmt.column_count()));
    Ok(())
}

fn kept_after_a_change(conn: &mut Connection, log: &mut Log) -> Result<()> {
    conn.execute_batch("CREATE TABLE t (a INTEGER); INSERT INTO t VALUES (1)")?;
    let columns = |conn: &Connection| -> Result<usize> {
        let mut stmt = conn.prepare_cached("SELECT * FROM t")?;
        stmt.query_row([], |row| Ok(row.as_ref().column_count()))
    };
    log.result("before", columns(conn));
    conn.execute_batch("ALTER TABLE t ADD COLUMN b TEXT")?;
    log.result("after", columns(conn));
    conn.execute_batch("DROP TABLE t")?;
    log.result("gone", columns(conn));
    Ok(())
}

fn several_at_a_time(conn: &mut Connection, log: &mut Log) -> Result<()> {
    conn.execute_batch("CREATE TABLE t (n INTEGER)")?;
    let mut insert = conn.prepare("INSERT INTO t VALUES (?)")?;
    let mut count = conn.prepare("SELECT count(*) FROM t")?;
    let mut delete = conn.prepare("DELETE FROM t WHERE n = ?")?;
    for n in 0..3 {
        log.value("insert", insert.execute([n])?);
        log.value("count", count.query_row([], |row| row.get::<_, i64>(0))?);
    }
    log.value("delete", delete.execute([1])?);
    log.value("count", count.query_row([], |row| row.get::<_, i64>(0))?);
    log.result("finalize", insert.finalize());
    Ok(())
}

fn batches(conn: &mut Connection, log: &mut Log) -> Result<()> {
    let script = "CREATE TABLE t (n INTEGER); ; INSERT INTO t VALUES (1); -- done\n SELECT n, 'a;b' FROM t; ";
    let mut batch = Batch::new(conn, script);
    while let Some(mut stmt) = batch.next()? {
        log.value("columns", stmt.column_names());
        if stmt.column_count() == 0 {
            stmt.execute([])?;
        } else {
            log.value("row", stmt.query_row([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?)))?);
        }
    }
    log.value("at the end", batch.next()?.is_none());
    let mut wrong = Batch::new(conn, "SELECT 1; SELECT * FROM missing; SELECT 2");
    log.value("first", wrong.next()?.is_some());
    log.result("second", wrong.next().map(|stmt| stmt.is_some()));
    Ok(())
}

fn about_statements(conn: &mut Connection, log: &mut Log) -> Result<()> {
    conn.execute_batch("CREATE TABLE t (a INTEGER, b TEXT)")?;
    for sql in [
        "SELECT a, b FROM t",
        "INSERT INTO t VALUES (1, 'x')",
        "UPDATE t SET a = 2",
        "DELETE FROM t",
        "CREATE TABLE u (n INTEGER)",
    ] {
        let stmt = conn.prepare(sql)?;
        log.value(sql, (stmt.readonly(), stmt.is_explain(), stmt.column_count(), stmt.column_names().len()));
    }
    log.value("star", conn.prepare("SELECT * FROM t")?.column_names());
    log.value("expressions", conn.prepare("SELECT a + 1, t.b, b || 'x', NULL FROM t")?.column_names());
    log.value("aggregates", conn.prepare("SELECT count(*), max(a) AS top FROM t")?.column_names());
    let mut stmt = conn.prepare_with_flags("SELECT a FROM t", PrepFlags::default())?;
    log.value("with flags", stmt.query_map([], |row| row.get::<_, i64>(0))?.count());
    log.value("sorts", stmt.get_status(StatementStatus::Sort));
    log.value("sorts, and set back", stmt.reset_status(StatementStatus::Sort));
    Ok(())
}

fn about_tables(conn: &mut Connection, log: &mut Log) -> Result<()> {
    conn.execute_batch("CREATE TABLE tag (id INTEGER PRIMARY KEY, name TEXT); CREATE VIEW v AS SELECT 1 AS n")?;
    for table in ["tag", "TAG", "v", "missing", ""] {
        log.result(table, conn.table_exists(None, table));
    }
    log.result("in main", conn.table_exists(Some("main"), "tag"));
    log.result("in temp", conn.table_exists(Some("temp"), "tag"));
    log.result("elsewhere", conn.table_exists(Some("elsewhere"), "tag"));
    log.result("C name", conn.table_exists(Some(rusqlite::MAIN_DB), c"tag"));
    for column in ["id", "NAME", "missing"] {
        log.result(column, conn.column_exists(None, "tag", column));
    }
    log.result("column of none", conn.column_exists(None, "missing", "id"));
    Ok(())
}

fn about_the_connection(conn: &mut Connection, log: &mut Log) -> Result<()> {
    log.value("path", conn.path().is_some());
    log.result("main", conn.db_name(0));
    log.result("temp", conn.db_name(1));
    log.result("none", conn.db_name(99));
    log.result("readonly", conn.is_readonly("main"));
    log.result(
        "readonly of none",
        conn.is_readonly("missing").is_err().then_some(()).ok_or(rusqlite::Error::InvalidQuery),
    );
    log.result("busy_timeout", conn.busy_timeout(Duration::from_millis(250)));
    log.result("busy_timeout 0", conn.busy_timeout(Duration::ZERO));
    log.result("cache_flush", conn.cache_flush());
    log.result("release_memory", conn.release_memory());
    log.value("interrupted", conn.is_interrupted());
    conn.get_interrupt_handle().interrupt();
    log.result("an interrupt of nothing", conn.query_row("SELECT 1", [], |row| row.get::<_, i64>(0)));
    Ok(())
}

fn closing(conn: &mut Connection, log: &mut Log) -> Result<()> {
    let own = std::mem::replace(conn, Connection::open_in_memory()?);
    own.execute_batch("CREATE TABLE t (n INTEGER)")?;
    own.prepare_cached("SELECT n FROM t")?.query_map([], |row| row.get::<_, i64>(0))?.for_each(drop);
    log.result("close", own.close().map_err(|(_, error)| error));
    Ok(())
}

fn across_threads(conn: &mut Connection, log: &mut Log) -> Result<()> {
    conn.execute_batch("CREATE TABLE t (n INTEGER)")?;
    let own = std::mem::replace(conn, Connection::open_in_memory()?);
    let own = std::thread::spawn(move || {
        own.execute("INSERT INTO t VALUES (?1)", params![5]).unwrap();
        own
    })
    .join()
    .unwrap();
    log.result("there", own.query_row("SELECT n FROM t", [], |row| row.get::<_, i64>(0)));
    *conn = own;
    Ok(())
}
