//! Called from inside an async program: the calls block, as rusqlite's do, so they belong on a thread that may.
//!
//! ```sh
//! sqlift temp-postgres -- cargo run --example async_inside
//! ```

use sqlift::{Db, Result};

#[tokio::main]
async fn main() -> Result<()> {
    let db = Db::from_env()?;
    db.execute_batch(
        "CREATE TABLE IF NOT EXISTS visit (id INTEGER PRIMARY KEY, path TEXT NOT NULL);
         DELETE FROM visit;",
    )?;

    let tasks: Vec<_> = ["/", "/report", "/"]
        .into_iter()
        .map(|path| {
            let db = db.clone();
            tokio::task::spawn_blocking(move || db.execute("INSERT INTO visit (path) VALUES (?1)", [path]))
        })
        .collect();
    for task in tasks {
        task.await.expect("a task does not panic")?;
    }

    // A short statement may also run right here: no runtime is started inside the runtime.
    let count: i64 = db.query_row("SELECT count(*) FROM visit WHERE path = ?1", ["/"], |row| row.get(0))?;
    println!("{count} visits of /, on {}", db.backend());
    Ok(())
}
