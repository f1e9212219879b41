// What pragmas, limits, switches and statements tell, and the kinds of values that only rusqlite has names for.
use crate::support::Log;
use rusqlite::blob::ZeroBlob;
use rusqlite::config::DbConfig;
use rusqlite::fallible_iterator::FallibleIterator;
use rusqlite::limits::Limit;
use rusqlite::{Batch, Connection, Result, Row};

pub const CASES: &[(&str, fn(&mut Connection, &mut Log) -> Result<()>)] = &[
    ("pragmas of one value", pragmas_of_one_value),
    ("pragmas of many rows", pragmas_of_many_rows),
    ("the schema table's columns", schema_table),
    ("wrong pragmas", wrong_pragmas),
    ("a batch that cannot go on", invalid_batch),
    ("limits", limits),
    ("switches that are on", switches),
    ("expanded SQL", expanded_sql),
    ("which statements read only", read_only),
    ("EXPLAIN", explain),
    ("blobs of zeros", zero_blobs),
    ("versions", versions),
];

fn integer(row: &Row<'_>) -> Result<i64> {
    row.get(0)
}

fn pragmas_of_one_value(conn: &mut Connection, log: &mut Log) -> Result<()> {
    for name in ["user_version", "application_id", "foreign_keys", "recursive_triggers"] {
        log.result(name, conn.pragma_query_value(None, name, integer));
    }
    log.result("in main", conn.pragma_query_value(Some("main"), "user_version", integer));
    log.result("update", conn.pragma_update(None, "user_version", 17));
    log.result("updated", conn.pragma_query_value(None, "user_version", integer));
    log.result("by SQL", conn.query_row("PRAGMA user_version", [], integer));
    log.result("by function", conn.query_row("SELECT user_version FROM pragma_user_version", [], integer));
    log.result("update in main", conn.pragma_update(Some("main"), "application_id", -5));
    log.result("updated in main", conn.query_row("PRAGMA main.application_id", [], integer));
    log.result("foreign keys on", conn.pragma_update(None, "foreign_keys", "ON"));
    log.result("synchronous", conn.pragma_update(None, "synchronous", "NORMAL"));
    log.result(
        "busy timeout",
        conn.pragma_update_and_check(None, "busy_timeout", 250, integer),
    );
    for name in ["integrity_check", "quick_check"] {
        log.result(name, conn.pragma_query_value(None, name, |row| row.get::<_, String>(0)));
    }
    Ok(())
}

fn pragmas_of_many_rows(conn: &mut Connection, log: &mut Log) -> Result<()> {
    conn.execute_batch(
        "CREATE TABLE author (id INTEGER PRIMARY KEY, name VARCHAR(20) NOT NULL DEFAULT 'x');
         CREATE TABLE book (isbn TEXT PRIMARY KEY, author INTEGER REFERENCES author (id) ON DELETE CASCADE, price REAL);
         CREATE INDEX book_by_price ON book (price, author);",
    )?;
    let mut rows = Vec::new();
    for (pragma, about) in [
        ("table_info", "author"),
        ("table_info", "BOOK"),
        ("table_xinfo", "book"),
        ("table_info", "nowhere"),
        ("index_info", "book_by_price"),
        ("foreign_key_list", "book"),
    ] {
        rows.clear();
        log.result(pragma, conn.pragma(None, pragma, about, |row| {
            rows.push(format!("{row:?}"));
            Ok(())
        }));
        log.value(about, &rows);
    }
    rows.clear();
    log.result("databases", conn.pragma_query(None, "database_list", |row| {
        rows.push(row.get("name")?);
        Ok(())
    }));
    log.value("names", &rows);
    Ok(())
}

fn schema_table(conn: &mut Connection, log: &mut Log) -> Result<()> {
    for table in ["sqlite_master", "sqlite_schema"] {
        let mut rows = Vec::new();
        log.result(table, conn.pragma(None, "table_info", table, |row| {
            rows.push(format!("{row:?}"));
            Ok(())
        }));
        log.value("columns", rows);
        log.result("exists", conn.table_exists(None, table));
        for column in ["type", "SQL", "rootpage", "nope"] {
            log.result(column, conn.column_exists(Some("main"), table, column));
            log.result("metadata", conn.column_metadata(None, table, column));
        }
    }
    let mut stmt = conn.prepare("SELECT name FROM pragma_table_info(?1)")?;
    let names = stmt.query_map(["sqlite_master"], |row| row.get::<_, String>(0))?;
    log.result("by function", names.collect::<Result<Vec<_>>>());
    Ok(())
}

fn wrong_pragmas(conn: &mut Connection, log: &mut Log) -> Result<()> {
    for name in ["", "no pragma", "a;b", "1st"] {
        log.result(name, conn.pragma_query_value(None, name, integer));
    }
    log.result("unknown", conn.pragma_query_value(None, "unknown_pragma", integer));
    log.result("unknown, updated", conn.pragma_update(None, "unknown_pragma", 1));
    log.result("null", conn.pragma_update(None, "user_version", rusqlite::types::Null));
    log.result("blob", conn.pragma_update(None, "user_version", [1u8, 2]));
    Ok(())
}

fn invalid_batch(conn: &mut Connection, log: &mut Log) -> Result<()> {
    for sql in ["SELECT 1; SELEC 2; SELECT 3", "PRAGMA test1; PRAGMA test2=?; PRAGMA test3", "SELECT 1; SELECT 'x"] {
        let mut batch = Batch::new(conn, sql);
        log.value("first", batch.next()?.is_some());
        log.result("second", batch.next().map(|stmt| stmt.is_some()));
        log.result("second again", batch.next().map(|stmt| stmt.is_some()));
        log.result("all", Batch::new(conn, sql).count());
    }
    log.result("empty", Batch::new(conn, " ; -- nothing\n;;").count());
    Ok(())
}

fn limits(conn: &mut Connection, log: &mut Log) -> Result<()> {
    log.result("variables", conn.limit(Limit::SQLITE_LIMIT_VARIABLE_NUMBER));
    let old = conn.limit(Limit::SQLITE_LIMIT_VARIABLE_NUMBER)?;
    log.result("the same again", conn.set_limit(Limit::SQLITE_LIMIT_VARIABLE_NUMBER, old));
    log.result("more than there can be", conn.set_limit(Limit::SQLITE_LIMIT_VARIABLE_NUMBER, i32::MAX));
    log.result("after that", conn.limit(Limit::SQLITE_LIMIT_VARIABLE_NUMBER));
    log.value("negative", conn.set_limit(Limit::SQLITE_LIMIT_LENGTH, -1).is_err());
    Ok(())
}

fn switches(conn: &mut Connection, log: &mut Log) -> Result<()> {
    for switch in [
        DbConfig::SQLITE_DBCONFIG_ENABLE_FKEY,
        DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER,
        DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW,
    ] {
        log.result("is", conn.db_config(switch));
        log.result("set", conn.set_db_config(switch, true));
    }
    Ok(())
}

fn expanded_sql(conn: &mut Connection, log: &mut Log) -> Result<()> {
    conn.execute_batch("CREATE TABLE t (a INTEGER, b TEXT)")?;
    let mut stmt = conn.prepare("SELECT ?1, :name, ?, \"a\" == '?' /* ? */ FROM t WHERE b = :name")?;
    log.value("unbound", stmt.expanded_sql());
    stmt.raw_bind_parameter(1, "it's")?;
    stmt.raw_bind_parameter(":name", -5)?;
    stmt.raw_bind_parameter(3, 1.5)?;
    log.value("bound", stmt.expanded_sql());
    stmt.raw_bind_parameter(1, [0u8, 255])?;
    stmt.raw_bind_parameter(3, 1e300)?;
    log.value("bound anew", stmt.expanded_sql());
    stmt.clear_bindings();
    log.value("cleared", stmt.expanded_sql());
    log.value("without parameters", conn.prepare("INSERT INTO t VALUES (1, 'é')")?.expanded_sql());
    Ok(())
}

fn read_only(conn: &mut Connection, log: &mut Log) -> Result<()> {
    conn.execute_batch("CREATE TABLE t (a INTEGER, b TEXT); CREATE VIEW v AS SELECT a FROM t; CREATE INDEX known ON t (b);
         CREATE TABLE other (a INTEGER, b TEXT)")?;
    for sql in [
        "SELECT a FROM t",
        "SELECT a FROM v",
        "SELECT max(a), changes(), last_insert_rowid() FROM t",
        "SELECT 1 UNION SELECT a FROM t ORDER BY 1 LIMIT 1",
        "VALUES (1)",
        "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 3) SELECT x FROM c",
        "INSERT INTO t DEFAULT VALUES",
        "INSERT INTO t SELECT a, b FROM t",
        "INSERT OR IGNORE INTO t VALUES (1, 'x')",
        "INSERT INTO t SELECT a, b FROM t WHERE 0",
        "UPDATE t SET a = 1 WHERE 0",
        "UPDATE t SET a = 1 RETURNING a",
        "UPDATE t SET a = v.a FROM v WHERE v.a = t.a",
        "WITH x AS (SELECT 1) UPDATE t SET a = 1",
        "WITH x AS (SELECT 1) DELETE FROM t",
        "DELETE FROM t WHERE a IN (SELECT 1)",
        "CREATE TABLE u (n INTEGER)",
        "CREATE TABLE IF NOT EXISTS t (n INTEGER)",
        "CREATE TABLE u AS SELECT a FROM t",
        "CREATE TEMP TABLE u (n INTEGER)",
        "CREATE UNIQUE INDEX j ON t (b)",
        "CREATE INDEX IF NOT EXISTS known ON t (b)",
        "CREATE VIEW w AS SELECT b FROM t",
        "CREATE VIEW IF NOT EXISTS v AS SELECT b FROM t",
        "CREATE TRIGGER g AFTER INSERT ON t BEGIN DELETE FROM t; END",
        "DROP TABLE IF EXISTS missing",
        "DROP INDEX IF EXISTS missing",
        "DROP INDEX known",
        "DROP VIEW IF EXISTS missing",
        "DROP VIEW v",
        "DROP TRIGGER IF EXISTS missing",
        "ALTER TABLE t ADD COLUMN c TEXT",
        "ALTER TABLE t RENAME TO u",
        "ALTER TABLE t RENAME COLUMN a TO c",
        "ALTER TABLE other DROP COLUMN b",
        "ANALYZE",
        "ANALYZE t",
        "REINDEX",
        "VACUUM",
        "BEGIN DEFERRED",
        "END",
        "ROLLBACK TO s",
        "PRAGMA user_version = 5",
        "PRAGMA user_version(5)",
        "PRAGMA application_id",
        "PRAGMA application_id = 5",
        "PRAGMA foreign_keys",
        "PRAGMA foreign_keys = ON",
        "PRAGMA busy_timeout",
        "PRAGMA busy_timeout = 100",
        "PRAGMA journal_mode",
        "PRAGMA journal_mode = WAL",
        "PRAGMA synchronous",
        "PRAGMA synchronous = NORMAL",
        "PRAGMA cache_size = 100",
        "PRAGMA temp_store = MEMORY",
        "PRAGMA table_info(t)",
        "PRAGMA table_list",
        "PRAGMA index_list('t')",
        "PRAGMA foreign_key_list(t)",
        "PRAGMA foreign_key_check",
        "PRAGMA integrity_check",
        "PRAGMA quick_check",
        "PRAGMA wal_checkpoint",
        "PRAGMA optimize",
        "PRAGMA encoding",
        "PRAGMA page_size",
        "PRAGMA database_list",
        "PRAGMA unheard_of",
        "PRAGMA main.user_version = 5",
        "PRAGMA schema_version",
        "PRAGMA data_version",
        "PRAGMA recursive_triggers",
        "PRAGMA defer_foreign_keys",
        "PRAGMA locking_mode",
        "PRAGMA auto_vacuum",
        "PRAGMA journal_size_limit",
        "PRAGMA mmap_size = 0",
        "PRAGMA secure_delete",
        "PRAGMA wal_autocheckpoint = 100",
        "PRAGMA incremental_vacuum",
        "PRAGMA shrink_memory",
        "PRAGMA collation_list",
        "SELECT name FROM sqlite_master",
        "SELECT name FROM pragma_table_info('t')",
        "WITH x AS (SELECT 1) SELECT * FROM x",
        "WITH x AS (SELECT 1) INSERT INTO t (a) SELECT * FROM x",
        "REPLACE INTO t VALUES (1, 'x')",
        "INSERT INTO t VALUES (1, 'x') RETURNING a",
        "BEGIN",
        "BEGIN IMMEDIATE",
        "BEGIN EXCLUSIVE TRANSACTION",
        "COMMIT",
        "ROLLBACK",
        "SAVEPOINT s",
        "RELEASE s",
        "PRAGMA user_version",
        "DROP TABLE t",
        "CREATE INDEX i ON t (a)",
        "EXPLAIN SELECT a FROM t",
        "EXPLAIN INSERT INTO t VALUES (1, 'x')",
        "EXPLAIN DELETE FROM t",
        "-- first\nEXPLAIN SELECT 1",
        "/* ? */ explain /* ? */ UPDATE t SET a = 1",
        "EXPLAIN WITH x AS (SELECT 1) INSERT INTO t (a) SELECT * FROM x",
        "EXPLAIN WITH x AS (SELECT 1) SELECT * FROM x",
        "",
    ] {
        let stmt = conn.prepare(sql)?;
        log.value(sql, (stmt.readonly(), stmt.is_explain()));
    }
    Ok(())
}

/// Its rows are each database's own; that there are some is not.
fn explain(conn: &mut Connection, log: &mut Log) -> Result<()> {
    conn.execute_batch("CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT)")?;
    for sql in [
        "EXPLAIN SELECT * FROM t WHERE b = ?1",
        "EXPLAIN SELECT ?1",
        "EXPLAIN SELECT ?1 || 'x' FROM t WHERE a = ?1",
        "EXPLAIN INSERT INTO t (b) VALUES (?1)",
        "EXPLAIN UPDATE t SET b = ?1 WHERE b > ?1",
        "EXPLAIN DELETE FROM t WHERE b IN (?1, 'x')",
    ] {
        let mut stmt = conn.prepare(sql)?;
        log.value(sql, stmt.column_count() > 0);
        log.value("is one", stmt.is_explain());
        log.result("text", stmt.query(["x"])?.next().map(|row| row.is_some()));
        log.result("integer", stmt.query([5])?.next().map(|row| row.is_some()));
        log.result("null", stmt.query([None::<i64>])?.next().map(|row| row.is_some()));
        log.result("executed", stmt.execute(["x"]));
    }
    log.result("changed nothing", conn.query_row("SELECT count(*) FROM t", [], integer));
    Ok(())
}

fn zero_blobs(conn: &mut Connection, log: &mut Log) -> Result<()> {
    conn.execute_batch("CREATE TABLE t (a INTEGER PRIMARY KEY, b BLOB)")?;
    for length in [0, 1, 64] {
        log.result("inserted", conn.execute("INSERT INTO t (b) VALUES (?1)", [ZeroBlob(length)]));
        let sql = "SELECT b FROM t WHERE a = ?1";
        log.result("read", conn.query_row(sql, [conn.last_insert_rowid()], |row| row.get::<_, Vec<u8>>(0)));
    }
    log.result("by SQL", conn.query_row("SELECT length(zeroblob(10))", [], integer));
    Ok(())
}

fn versions(conn: &mut Connection, log: &mut Log) -> Result<()> {
    log.value("of the library", (rusqlite::version(), rusqlite::version_number()));
    log.result("by SQL", conn.query_row("SELECT sqlite_version()", [], |row| row.get::<_, String>(0)));
    Ok(())
}
