//! A subscriber that collects what it is told.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use super::{connections, name};

type Fields = BTreeMap<String, String>;

#[derive(Clone, Default)]
struct Collected {
    open: Arc<Mutex<BTreeMap<u64, Fields>>>,
    spans: Arc<Mutex<Vec<Fields>>>,
    slow: Arc<Mutex<Vec<Fields>>>,
    next: Arc<AtomicU64>,
}

struct Writer<'f>(&'f mut Fields);

impl Visit for Writer<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        self.0.insert(field.name().to_owned(), format!("{value:?}").trim_matches('"').to_owned());
    }
    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name().to_owned(), value.to_owned());
    }
}

impl Subscriber for Collected {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("sqlift")
    }
    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let id = self.next.fetch_add(1, Ordering::Relaxed) + 1;
        let mut fields = Fields::new();
        span.record(&mut Writer(&mut fields));
        self.open.lock().unwrap().insert(id, fields);
        Id::from_u64(id)
    }
    fn record(&self, span: &Id, values: &Record<'_>) {
        values.record(&mut Writer(self.open.lock().unwrap().get_mut(&span.into_u64()).unwrap()));
    }
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, event: &Event<'_>) {
        let mut fields = Fields::new();
        event.record(&mut Writer(&mut fields));
        self.slow.lock().unwrap().push(fields);
    }
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
    fn try_close(&self, id: Id) -> bool {
        if let Some(fields) = self.open.lock().unwrap().remove(&id.into_u64()) {
            self.spans.lock().unwrap().push(fields);
        }
        true
    }
}

impl Collected {
    fn of(run: impl FnOnce()) -> (Vec<Fields>, Vec<Fields>) {
        let collected = Collected::default();
        tracing::subscriber::with_default(collected.clone(), run);
        (std::mem::take(&mut collected.spans.lock().unwrap()), std::mem::take(&mut collected.slow.lock().unwrap()))
    }
}

/// One test, since thresholds and values are the process' own.
#[test]
fn spans_and_slow_statements() {
    let (database, connections) = connections();
    for conn in &connections {
        let backend = name(conn.backend());
        conn.execute_batch("CREATE TABLE tag (id INTEGER PRIMARY KEY, name TEXT UNIQUE)").unwrap();
        let line = line!() + 3;
        let (spans, slow) = Collected::of(|| {
            // Two lines below, as the test says.
            conn.execute("INSERT INTO tag (name) VALUES (?1), ('hunter2')", ["secret"]).unwrap();
            conn.query_row("SELECT name FROM tag WHERE id == 1", [], |row| row.get::<_, String>(0)).unwrap();
            let mut statement = conn.prepare("SELECT name FROM tag").unwrap();
            assert_eq!(statement.query_map([], |row| row.get::<_, String>(0)).unwrap().count(), 2);
            assert!(conn.execute("INSERT INTO tag (name) VALUES ('hunter2')", []).is_err());
            conn.execute("INSERT OR IGNORE INTO tag (name) VALUES ('hunter2')", []).unwrap();
            let _ = conn.prepare_cached("SELECT 'never run'").unwrap().query([]).unwrap();
        });
        assert_eq!(slow, Vec::<Fields>::new());
        let field = |index: usize, name: &str| spans[index].get(name).map(String::as_str);
        let all: Vec<_> = spans.iter().map(|span| span["sql"].as_str()).collect();
        assert_eq!(
            all,
            [
                "INSERT INTO tag (name) VALUES (?), (?)",
                "SELECT name FROM tag WHERE id == ?",
                "SELECT name FROM tag",
                "INSERT INTO tag (name) VALUES (?)",
                "INSERT OR IGNORE INTO tag (name) VALUES (?)",
                "SELECT ?",
            ]
        );
        assert!(
            spans.iter().all(|span| span["backend"] == backend && span["file"].ends_with("traced.rs")),
            "{spans:?}"
        );
        assert_eq!((field(0, "changes"), field(0, "line")), (Some("2"), Some(line.to_string().as_str())));
        assert_eq!((field(1, "rows"), field(2, "rows")), (Some("1"), Some("2")));
        assert_eq!(field(3, "error"), Some("ConstraintViolation"));
        assert_eq!(field(5, "microseconds"), None, "a statement that never ran");
        // The exact ones too.
        let rules: Vec<_> = spans.iter().map(|span| span["rules"].as_str()).collect();
        let on_postgres = [
            "placeholders,last-insert-rowid",
            "is-value",
            "",
            "last-insert-rowid",
            "last-insert-rowid,insert-or-ignore",
            "",
        ];
        assert_eq!(rules, if backend == "postgresql" { on_postgres } else { [""; 6] });
        assert!(spans[0]["microseconds"].parse::<u64>().unwrap() < 5_000_000);
        let text = format!("{spans:?}");
        assert!(!text.contains("secret") && !text.contains("hunter2"), "{text}");

        // Nobody listens: nothing is told.
        conn.execute("DELETE FROM tag WHERE name = 'x'", []).unwrap();

        sqlift::observe::set_slow_statement(Some(Duration::ZERO));
        let (_, slow) = Collected::of(|| drop(conn.execute("UPDATE tag SET name = 'x' WHERE name = ?", ["secret"])));
        sqlift::observe::set_slow_statement(None);
        assert_eq!(slow.len(), 1);
        assert_eq!(slow[0]["sql"], "UPDATE tag SET name = ? WHERE name = ?");
        assert_eq!((slow[0]["message"].as_str(), slow[0]["changes"].as_str()), ("slow statement", "1"));
        assert!(!format!("{slow:?}").contains("secret"));

        sqlift::observe::show_values(true);
        let (spans, _) = Collected::of(|| drop(conn.execute("DELETE FROM tag WHERE name = ?", ["secret"])));
        sqlift::observe::show_values(false);
        assert!(spans[0]["values"].contains("'secret'"), "{spans:?}");
    }

    // A shortcut of the pool counts as called from the program.
    let db = sqlift::Db::open(database.url()).unwrap();
    let line = line!() + 1;
    let (spans, _) = Collected::of(|| drop(db.execute("DELETE FROM tag", [])));
    assert!(spans[0]["file"].ends_with("traced.rs"), "{spans:?}");
    assert_eq!(spans[0]["line"], line.to_string());
}
