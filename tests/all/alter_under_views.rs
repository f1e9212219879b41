//! ALTER TABLE under views that name what it changes.

use sqlift::Connection;

use crate::support::{self, Log};

#[test]
fn a_column_that_a_view_names_cannot_be_dropped() {
    let run = |conn: &mut Connection| {
        let mut log = Log::default();
        conn.execute_batch(
            "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b INTEGER, \"C d\" TEXT, e TEXT, f TEXT);
             CREATE VIEW first AS SELECT id, a FROM t WHERE e <> 'x';
             CREATE VIEW other (x) AS SELECT sum(s.\"C d\") FROM t AS s JOIN first USING (id);
             CREATE VIEW qualified AS SELECT 1 AS one FROM t WHERE EXISTS (SELECT 1 FROM first WHERE first.id = t.b)",
        )
        .unwrap();
        for column in ["a", "e", "\"C d\"", "b", "nope", "f", "f"] {
            let sql = format!("ALTER TABLE t DROP COLUMN {column}");
            let result = conn.execute_batch(&sql);
            // Word by word: programs look for it.
            log.value(&sql, result.map_err(|error| error.to_string()));
            log.result("it is there", conn.prepare("SELECT * FROM t").map(|statement| statement.column_count()));
            log.result("and the views", conn.execute_batch("SELECT * FROM first, other, qualified"));
        }
        log
    };
    support::portably_same(run);
}
