//! A program as it was written for rusqlite: nothing in it knows of PostgreSQL.
//!
//! ```sh
//! cargo run --example legacy                                        # SQLite: tasks.db
//! sqlift temp-postgres -- cargo run --example legacy                # PostgreSQL
//! DATABASE_URL=postgres://me@localhost/portal cargo run --example legacy
//! ```

// In a program of its own this line is in Cargo.toml: rusqlite = { package = "sqlift", version = "0.1" }
use sqlift as rusqlite;

use rusqlite::{Connection, ErrorCode, OptionalExtension, Result, named_params, params};

struct Task {
    id: i64,
    title: String,
    due: Option<String>,
    done: bool,
}

fn create_tables(conn: &Connection) -> Result<()> {
    conn.execute_batch(
        "CREATE TABLE IF NOT EXISTS task (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            title TEXT NOT NULL UNIQUE,
            due DATE,
            done BOOLEAN NOT NULL DEFAULT 0,
            created_at DATETIME DEFAULT CURRENT_TIMESTAMP
        );
        DELETE FROM task;",
    )
}

fn add(conn: &Connection, title: &str, due: Option<&str>) -> Result<bool> {
    let sql = "INSERT INTO task (title, due) VALUES (?1, date(?2))";
    match conn.execute(sql, params![title, due]) {
        Ok(_) => Ok(true),
        // "UNIQUE constraint failed: task.title"
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) => {
            println!("  not added: {error}");
            Ok(false)
        }
        Err(error) => Err(error),
    }
}

fn open_tasks(conn: &Connection) -> Result<Vec<Task>> {
    let mut stmt = conn.prepare_cached("SELECT id, title, due, done FROM task WHERE done = 0 ORDER BY due, title")?;
    let tasks = stmt.query_map([], |row| {
        Ok(Task { id: row.get("id")?, title: row.get("title")?, due: row.get("due")?, done: row.get("done")? })
    })?;
    tasks.collect()
}

fn main() -> Result<()> {
    let mut conn = Connection::open("tasks.db")?;
    create_tables(&conn)?;

    let tx = conn.transaction()?;
    add(&tx, "write the report", Some("2026-03-01"))?;
    add(&tx, "call Ada", None)?;
    // The failed statement undoes only itself; the transaction goes on.
    add(&tx, "call Ada", None)?;
    add(&tx, "plan the move", Some("2026-02-10"))?;
    tx.commit()?;

    let done =
        conn.execute("UPDATE task SET done = 1 WHERE title LIKE :like AND NOT done", named_params! {":like": "plan%"})?;
    println!("{done} done");

    for task in open_tasks(&conn)? {
        // A statement while others are read is nothing special.
        let later: i64 = conn.query_row("SELECT count(*) FROM task WHERE id > ?", [task.id], |row| row.get(0))?;
        println!(
            "{} (due {}, done {}), {later} after it",
            task.title,
            task.due.as_deref().unwrap_or("never"),
            task.done
        );
    }
    let later: Option<String> = conn
        .query_row(
            "SELECT strftime('%Y/%m', due, '+3 months') FROM task WHERE due IS NOT NULL AND NOT done",
            [],
            |row| row.get(0),
        )
        .optional()?;
    println!("three months after the first: {}", later.unwrap_or_default());
    Ok(())
}
