// What only SQLite can do or say, and what it says word for word.
use crate::support::Log;
use rusqlite::config::DbConfig;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Error, MAIN_DB, OpenFlags, Result};

pub const CASES: &[(&str, fn(&mut Connection, &mut Log) -> Result<()>)] = &[
    ("pragmas", pragmas),
    ("wrong pragmas", wrong_pragmas),
    ("text that is not UTF-8", not_utf8),
    ("text with NUL", text_with_nul),
    ("any value in any column", any_value_in_any_column),
    ("debug", debug),
    ("switches", switches),
    ("files", files),
    ("locked", locked),
    ("column metadata", column_metadata),
];

fn pragmas(conn: &mut Connection, log: &mut Log) -> Result<()> {
    conn.execute_batch("CREATE TABLE \"odd name\" (id INTEGER PRIMARY KEY, name TEXT)")?;
    let number = |row: &rusqlite::Row<'_>| row.get::<_, i64>(0);
    log.result("value", conn.pragma_query_value(None, "user_version", number));
    log.result("update", conn.pragma_update(None, "user_version", 17));
    log.result("updated", conn.pragma_query_value(Some("main"), "user_version", number));
    log.result(
        "update and check",
        conn.pragma_update_and_check(None, "journal_mode", "OFF", |row| row.get::<_, String>(0)),
    );
    let mut columns = Vec::new();
    log.result(
        "about",
        conn.pragma(None, "table_info", "odd name", |row| {
            columns.push(row.get::<_, String>(1)?);
            Ok(())
        }),
    );
    log.value("columns", columns);
    let mut databases = Vec::new();
    log.result(
        "query",
        conn.pragma_query(None, "database_list", |row| {
            databases.push(row.get::<_, String>("name")?);
            Ok(())
        }),
    );
    log.value("databases", databases);
    log.result("the closure's error", conn.pragma_query(None, "database_list", |_| Err(Error::InvalidQuery)));
    Ok(())
}

fn wrong_pragmas(conn: &mut Connection, log: &mut Log) -> Result<()> {
    for name in ["", "no pragma", "a;b", "1st", "$x"] {
        log.result(name, conn.pragma_query_value(None, name, |_| Ok(())));
    }
    log.result("unknown", conn.pragma_query_value(None, "unknown_pragma", |_| Ok(())));
    log.result("unknown schema", conn.pragma_query_value(Some("no schema\""), "user_version", |_| Ok(())));
    log.result("null", conn.pragma_update(None, "user_version", rusqlite::types::Null));
    log.result("blob", conn.pragma_update(None, "user_version", [1u8, 2]));
    log.result("real", conn.pragma_update(None, "user_version", 2.5));
    log.result("quotes", conn.pragma_update(None, "user_version", "it's"));
    Ok(())
}

fn not_utf8(conn: &mut Connection, log: &mut Log) -> Result<()> {
    let sql = "SELECT CAST(x'61ff' AS TEXT)";
    log.result("string", conn.query_row(sql, [], |row| row.get::<_, String>(0)));
    log.value("as it is", conn.query_row(sql, [], |row| Ok(row.get_ref(0)? == ValueRef::Text(&[0x61, 0xff])))?);
    Ok(())
}

fn text_with_nul(conn: &mut Connection, log: &mut Log) -> Result<()> {
    let back = |row: &rusqlite::Row<'_>| row.get::<_, String>(0);
    log.result("parameter", conn.query_row("SELECT ?1", ["a\0b"], back));
    log.result("statement", conn.prepare("SELECT '\0'").map(drop));
    Ok(())
}

fn any_value_in_any_column(conn: &mut Connection, log: &mut Log) -> Result<()> {
    conn.execute_batch("CREATE TABLE t (n INTEGER, s TEXT, untyped)")?;
    conn.execute("INSERT INTO t VALUES ('text', 5, x'00'), ('12', 1.5, '7')", [])?;
    let mut stmt = conn.prepare("SELECT * FROM t")?;
    let mut rows = stmt.query([])?;
    while let Some(row) = rows.next()? {
        log.value("row", row);
    }
    Ok(())
}

fn debug(conn: &mut Connection, log: &mut Log) -> Result<()> {
    log.value("connection", &conn);
    log.value("transaction", conn.unchecked_transaction()?);
    log.value("savepoint", conn.savepoint()?);
    log.value("parameters", rusqlite::params_from_iter([1]));
    Ok(())
}

fn switches(conn: &mut Connection, log: &mut Log) -> Result<()> {
    log.result("foreign keys", conn.db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_FKEY));
    log.result("off", conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_FKEY, false));
    log.result("handler", conn.busy_handler(Some(|_| false)));
    log.result("no handler", conn.busy_handler(None));
    Ok(())
}

fn files(_: &mut Connection, log: &mut Log) -> Result<()> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.db");
    let readonly = OpenFlags::SQLITE_OPEN_READ_ONLY;
    log.value(
        "missing",
        Connection::open_with_flags(&path, readonly).map(drop).map_err(|error| error.sqlite_error_code()),
    );
    let conn = Connection::open(&path)?;
    conn.execute_batch("CREATE TABLE t (n INTEGER)")?;
    log.value("path", conn.path().is_some_and(|path| path.ends_with("app.db")));
    drop(conn);
    let conn = Connection::open_with_flags(path.to_str().unwrap(), readonly)?;
    log.result("readonly", conn.is_readonly(MAIN_DB));
    log.result("write", conn.execute("INSERT INTO t VALUES (1)", []));
    let memory = Connection::open_in_memory_with_flags(OpenFlags::default())?;
    log.result("memory", memory.query_row("SELECT count(*) FROM sqlite_master", [], |row| row.get::<_, i64>(0)));
    log.value("unknown VFS", Connection::open_with_flags_and_vfs(&path, readonly, c"none").is_err());
    Ok(())
}

fn locked(_: &mut Connection, log: &mut Log) -> Result<()> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.db");
    let (mut one, two) = (Connection::open(&path)?, Connection::open(&path)?);
    two.busy_timeout(std::time::Duration::ZERO)?;
    let tx = one.transaction_with_behavior(rusqlite::TransactionBehavior::Exclusive)?;
    log.result("busy", two.execute_batch("CREATE TABLE t (n INTEGER)"));
    tx.commit()?;
    log.result("free", two.execute_batch("CREATE TABLE t (n INTEGER)"));
    Ok(())
}

fn column_metadata(conn: &mut Connection, log: &mut Log) -> Result<()> {
    conn.execute_batch("CREATE TABLE tag (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL)")?;
    log.result("id", conn.column_metadata(None, "tag", "id"));
    log.result("name", conn.column_metadata(Some("main"), "tag", "name"));
    log.result("missing", conn.column_metadata(None, "tag", "missing"));
    Ok(())
}
