//! Every rule's examples, and tables of what a translation tells the session.

use super::catalog::{Catalog, ColumnType, Function};
use super::{Kind, Options, RowidReturn, SlotContext, Translation, TypePolicy, offline, rules, translate};

/// `t` with a boolean column as a native table has it, `stamped` with a moment and a day, `keyed` without an integer key and `plain` with a hidden one.
fn catalog() -> Catalog {
    let mut catalog = Catalog::default();
    for sql in [
        "CREATE TABLE t(id INTEGER PRIMARY KEY, name TEXT, n INTEGER, m INTEGER, score REAL, flag BOOLEAN NOT NULL, data BLOB)",
        "CREATE TABLE keyed(k TEXT PRIMARY KEY, v TEXT, n INTEGER) WITHOUT ROWID",
        "CREATE TABLE plain(a TEXT, b INTEGER)",
        "CREATE TABLE dated(id INTEGER PRIMARY KEY, at DATETIME)",
        "CREATE VIEW v AS SELECT id FROM t",
        "CREATE TABLE pair(id INTEGER PRIMARY KEY, a, b)",
        "CREATE TABLE nc(id INTEGER PRIMARY KEY, name TEXT COLLATE NOCASE)",
        "CREATE TABLE stamped(id INTEGER PRIMARY KEY, at TEXT, day TEXT, name TEXT)",
        "CREATE TABLE watched(id INTEGER PRIMARY KEY, n INTEGER)",
    ] {
        offline::apply(&mut catalog, sql);
    }
    let slug = Function {
        name: "slug".to_owned(),
        schema: "public".to_owned(),
        arguments: (1, Some(1)),
        returns: ColumnType::Text,
    };
    catalog.functions.insert("slug".to_owned(), vec![slug]);
    let t = catalog.table_mut("t").expect("made above");
    t.columns.iter_mut().find(|column| column.name == "flag").expect("made above").data_type = ColumnType::Boolean;
    let stamped = catalog.table_mut("stamped").expect("made above");
    (stamped.columns[1].data_type, stamped.columns[2].data_type) = (ColumnType::Timestamptz, ColumnType::Date);
    catalog
}

/// With a trigger that numbers the rows which are deleted from `watched`, for the rules that need one.
fn catalog_of(rule: &str) -> Catalog {
    let mut catalog = catalog();
    if rule == "key-order" {
        let trigger = "CREATE TRIGGER x AFTER DELETE ON watched BEGIN INSERT INTO plain VALUES ('gone', OLD.id); END";
        offline::apply(&mut catalog, trigger);
    }
    catalog
}

#[track_caller]
fn translated(sql: &str) -> Translation {
    match translate(sql, &catalog(), &Options::default()) {
        Ok(translation) => translation,
        Err(refusal) => panic!("{sql}: {} at {:?}", refusal.message, &sql[refusal.span.start..refusal.span.end]),
    }
}

/// What no row of the statement can see needs no look at what is written.
#[test]
fn plain_writes_stay_one_statement() {
    for sql in [
        "INSERT INTO keyed(k, n) VALUES (?, ?)",
        "INSERT INTO keyed(k, n) VALUES ('a', 1) ON CONFLICT(k) DO UPDATE SET n = (SELECT max(n) + 1 FROM keyed)",
        "INSERT INTO keyed(k, n) VALUES ('a', 1), ('b', 2) ON CONFLICT(k) DO UPDATE SET n = excluded.n + keyed.n",
        "INSERT INTO keyed(k, n) VALUES ('a', 1), ('b', 2) ON CONFLICT(k) DO UPDATE SET n = (SELECT max(a) FROM pair)",
        "INSERT INTO keyed(k, n) SELECT name, id FROM nc WHERE true ON CONFLICT(k) DO UPDATE SET n = excluded.n",
        "UPDATE keyed SET n = n + ? WHERE k > ?",
        "UPDATE keyed SET n = (SELECT max(n) FROM keyed) WHERE n > 1",
        "UPDATE keyed SET n = (SELECT max(pair.a) FROM pair WHERE pair.b = keyed.n)",
        "UPDATE watched SET n = n + ?",
        "DELETE FROM keyed WHERE n = ? RETURNING k",
    ] {
        let translation = translated(sql);
        let looks = ["sqlift.write_", "sqlift.seen", "sqlift_new"].iter().any(|word| translation.sql.contains(word));
        assert!(!looks, "{}", translation.sql);
    }
}

#[test]
fn examples_of_rules_hold() {
    let mut wrong = String::new();
    let functions = rules::functions::EXAMPLES.iter().map(|example| ("functions", example));
    let rules = rules::all().flat_map(|rule| rule.examples.iter().map(|example| (rule.id, example)));
    for (id, (sqlite, postgres)) in rules.chain(functions) {
        match translate(sqlite, &catalog_of(id), &Options::default()) {
            // What keeps SQLite's own text is the same for all.
            // Of indexes that are made behind it the example tells nothing.
            Ok(translation) if translation.sql.split(";\nCOMMENT ON").next() == Some(postgres) => {}
            Ok(translation) if without_comments(&translation.sql) == **postgres => {}
            Ok(translation) => {
                wrong += &format!("{id}: {sqlite}\n   wanted {postgres}\n   got    {}\n", translation.sql)
            }
            Err(refusal) => wrong += &format!("{id}: {sqlite}\n   refused: {}\n", refusal.message),
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

fn without_comments(sql: &str) -> String {
    let statements = sql.split(";\n").filter(|statement| !statement.starts_with("COMMENT ON"));
    statements.collect::<Vec<_>>().join(";\n")
}

/// Where the text differs a rule says so, and each rule by its own examples.
#[test]
fn examples_of_rules_fire_them() {
    let options = |id: &str| Options {
        types: if id == "native-types" { TypePolicy::NATIVE } else { TypePolicy::FAITHFUL },
        in_memory: id == "ids-in-memory",
        ..Options::default()
    };
    let further = [
        ("trigger", "CREATE TRIGGER x AFTER DELETE ON t BEGIN DELETE FROM keyed; END"),
        ("temporary-trigger", "CREATE TEMP TRIGGER x AFTER DELETE ON t BEGIN DELETE FROM keyed; END"),
        ("broken-trigger", "CREATE TRIGGER x AFTER DELETE ON t BEGIN DELETE FROM missing; END"),
        ("ids-in-memory", "CREATE TABLE x(id INTEGER PRIMARY KEY)"),
        ("sqlite-sequence", "SELECT seq FROM sqlite_sequence"),
        ("sqlite-schema", "SELECT name FROM sqlite_master"),
        ("pragma-setting", "PRAGMA synchronous = OFF"),
        ("foreign-keys-off", "PRAGMA foreign_keys = OFF"),
        ("kept-text", "CREATE TABLE x(id INTEGER PRIMARY KEY)"),
        ("native-types", "CREATE TABLE x(at DATETIME)"),
        ("indexed-by", "SELECT id FROM t NOT INDEXED"),
        ("star-with-using", "SELECT * FROM t JOIN keyed USING (n)"),
    ];
    // Where the rule ends and another one begins.
    let of_others = [
        "SELECT id FROM t WHERE flag = 2",
        "SELECT 2 * 3 || 4",
        "SELECT id FROM dated WHERE at > 1704067200",
        "INSERT INTO keyed(k, v) VALUES (?, ?)",
    ];
    let mut catalog = catalog();
    // As the compat schema has it.
    offline::apply(&mut catalog, "CREATE VIEW sequences AS SELECT name, n AS seq FROM t");
    let mut view = catalog.table("sequences").expect("made above").clone();
    (view.name, view.schema) = ("sqlite_sequence".to_owned(), "sqlift".to_owned());
    catalog.tables.insert(view.name.clone(), view.into());
    let mut wrong = String::new();
    for rule in rules::all() {
        let further = further.iter().filter(|(id, _)| *id == rule.id).map(|(_, sqlite)| (*sqlite, ""));
        let mut fires = false;
        for (sqlite, postgres) in rule.examples.iter().copied().chain(further) {
            let watched = (rule.id == "key-order").then(|| catalog_of(rule.id));
            let translation = translate(sqlite, watched.as_ref().unwrap_or(&catalog), &options(rule.id)).expect(sqlite);
            let fired = translation.fired;
            let changes = sqlite != postgres || !translation.prelude.is_empty();
            let own = fired.ids().any(|id| id == rule.id);
            fires |= own;
            if (changes != own && !of_others.contains(&sqlite)) || changes == fired.is_empty() {
                wrong += &format!("{}: {sqlite}\n   fired {:?}\n", rule.id, fired.ids().collect::<Vec<_>>());
            }
        }
        if !fires {
            wrong += &format!("{}: by no example\n", rule.id);
        }
    }
    assert!(
        rules::functions::FUNCTIONS.is_sorted_by_key(|function| function.name),
        "they are looked up by their first letter"
    );
    for (sqlite, postgres) in rules::functions::EXAMPLES {
        let fired = translated(sqlite).fired;
        if (sqlite == postgres) != fired.is_empty() {
            wrong += &format!("functions: {sqlite}\n   fired {:?}\n", fired.ids().collect::<Vec<_>>());
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn native_types_with_their_defaults() {
    let options = Options { types: TypePolicy::NATIVE, ..Options::default() };
    for (sqlite, postgres) in [
        (
            "CREATE TABLE x(a BOOLEAN NOT NULL DEFAULT 0 CHECK (a IN (0, 1)), b BOOL DEFAULT TRUE, c BOOLEAN DEFAULT '1')",
            "CREATE TABLE x(a boolean NOT NULL DEFAULT false CONSTRAINT \"a IN (0, 1)\" CHECK (a IN (false, true)), b boolean DEFAULT TRUE, c boolean DEFAULT true)",
        ),
        (
            "CREATE TABLE x(a DATETIME DEFAULT CURRENT_TIMESTAMP, b TIMESTAMP DEFAULT (datetime('now')), c DATE DEFAULT '2024-01-31', d DATE DEFAULT (date()))",
            "CREATE TABLE x(a timestamptz DEFAULT date_trunc('second', statement_timestamp()), b timestamptz DEFAULT date_trunc('second', statement_timestamp()), c date DEFAULT '2024-01-31', d date DEFAULT ((statement_timestamp() AT TIME ZONE 'UTC')::date))",
        ),
        (
            "CREATE TABLE x(a JSON NOT NULL DEFAULT '[]', b UUID, c DECIMAL(10,2) DEFAULT 0, d VARCHAR(9) DEFAULT 'x', e TEXT DEFAULT CURRENT_TIMESTAMP)",
            "CREATE TABLE x(a jsonb NOT NULL DEFAULT '[]', b uuid, c numeric(10, 2) DEFAULT 0, d text COLLATE \"C\" DEFAULT 'x', e text COLLATE \"C\" DEFAULT to_char(statement_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS'))",
        ),
        (
            "ALTER TABLE t ADD COLUMN gone BOOLEAN NOT NULL DEFAULT 0",
            "ALTER TABLE t ADD COLUMN gone boolean NOT NULL DEFAULT false",
        ),
    ] {
        let translation = translate(sqlite, &catalog(), &options).expect(sqlite);
        assert_eq!(translation.sql.split(";\nCOMMENT ON").next(), Some(postgres));
    }
    for wrong in ["CREATE TABLE x(a BOOLEAN DEFAULT 'no')", "CREATE TABLE x(a DATETIME DEFAULT 0)"] {
        assert!(translate(wrong, &catalog(), &options).is_err(), "{wrong}");
    }
}

#[test]
fn parameters_have_contexts() {
    use ColumnType::{BigInt, Text};
    let column = |column| SlotContext::Column(column);
    let compared = |column| SlotContext::Compared(column);
    let value = SlotContext::Value;
    for (sql, slots) in [
        ("SELECT id FROM t WHERE name = ?", vec![(1, compared(Text))]),
        ("SELECT id FROM t WHERE n BETWEEN ? AND ?", vec![(1, compared(BigInt)), (2, compared(BigInt))]),
        ("SELECT id FROM t WHERE n IN (?, ?)", vec![(1, compared(BigInt)), (2, compared(BigInt))]),
        ("SELECT id FROM t WHERE name LIKE ?", vec![(1, column(Text))]),
        ("UPDATE t SET name = ?2 WHERE id = ?1", vec![(2, column(Text)), (1, compared(BigInt))]),
        ("INSERT INTO t(n, name) VALUES (?, ?)", vec![(1, column(BigInt)), (2, column(Text))]),
        ("SELECT id FROM t LIMIT ? OFFSET ?", vec![(1, SlotContext::Limit), (2, SlotContext::Offset)]),
        ("SELECT ? < ?", vec![(1, value), (2, value)]),
        ("SELECT length(?)", vec![(1, value)]),
        ("SELECT coalesce(?, 'x')", vec![(1, value)]),
        ("SELECT max(?, ?)", vec![(1, value), (2, value)]),
        ("SELECT id FROM t ORDER BY ?", vec![(1, value)]),
        ("SELECT :a FROM t WHERE n = :a", vec![(1, value), (1, compared(BigInt))]),
        ("SELECT id FROM t WHERE +n = ?", vec![(1, value)]),
    ] {
        let found: Vec<_> = translated(sql).slots.iter().map(|slot| (slot.parameter, slot.context)).collect();
        assert_eq!(found, slots, "{sql}");
    }
}

#[test]
fn result_columns_have_sqlites_names() {
    for (sql, names) in [
        ("SELECT count(*), n+1, name AS Who, Name, ?1 FROM t", vec!["count(*)", "n+1", "Who", "name", "?1"]),
        ("SELECT *, 1 FROM keyed", vec!["k", "v", "n", "1"]),
        ("SELECT a.k, b.* FROM keyed a, keyed b", vec!["k", "k", "v", "n"]),
        ("INSERT INTO t(name) VALUES ('x') RETURNING id, upper(name)", vec!["id", "upper(name)"]),
    ] {
        assert_eq!(translated(sql).column_names.as_deref().unwrap_or_default(), names, "{sql}");
    }
}

#[test]
fn kinds_are_told() {
    let write = |insert, returns_rows| Kind::Write { insert, returns_rows };
    for (sql, kind, rowid) in [
        ("", Kind::Empty, RowidReturn::None),
        ("-- nothing", Kind::Empty, RowidReturn::None),
        ("WITH x AS (SELECT 1) SELECT * FROM x", Kind::Read, RowidReturn::None),
        ("DELETE FROM t", write(false, false), RowidReturn::None),
        ("INSERT INTO t(n) VALUES (1)", write(true, false), RowidReturn::LastColumn),
        (
            "INSERT INTO t(id) VALUES (1) ON CONFLICT(id) DO UPDATE SET n = 1",
            write(true, false),
            RowidReturn::LastColumnIfInserted,
        ),
        ("INSERT INTO keyed(k) VALUES ('a') RETURNING k", write(true, true), RowidReturn::None),
        ("SAVEPOINT One", Kind::Savepoint("one".into()), RowidReturn::None),
        ("ROLLBACK TO one", Kind::RollbackTo("one".into()), RowidReturn::None),
        ("BEGIN IMMEDIATE", Kind::Begin(super::ast::BeginBehavior::Immediate), RowidReturn::None),
        ("PRAGMA synchronous = OFF", Kind::Other, RowidReturn::None),
        ("CREATE TABLE x(a INT)", Kind::Schema, RowidReturn::None),
    ] {
        let translation = translated(sql);
        assert_eq!((translation.kind, translation.rowid), (kind, rowid), "{sql}");
    }
}

#[test]
fn what_is_not_understood_is_refused_with_its_place() {
    for (sql, place, message) in [
        ("SELECT id FROM nosuch", "nosuch", "no such table: nosuch"),
        ("SELECT nosuch FROM t", "nosuch", "no such column: nosuch"),
        ("SELECT frob(1)", "frob", "no such function: frob"),
        ("SELECT FROM t", "FROM", "near \"FROM\": syntax error"),
        ("UPDATE t SET n = 'abc'", "'abc'", "cannot store TEXT value in INTEGER column t.n"),
        ("SELECT sum(DISTINCT a) FROM pair", "sum(DISTINCT a)", "sum(DISTINCT x) of a value of any type, or by NOCASE"),
        (
            "INSERT INTO t(n) VALUES (1), (last_insert_rowid())",
            "last_insert_rowid()",
            "last_insert_rowid() in an INSERT of several rows changes with every row on SQLite",
        ),
        ("CREATE TABLE T(a INT)", "T", "table T already exists"),
        ("CREATE VIEW t AS SELECT 1", "t", "table t already exists"),
        ("CREATE TABLE x(a INT, A TEXT)", "A", "duplicate column name: A"),
        ("ATTACH 'x.db' AS y", "'x.db'", "ATTACH DATABASE has no counterpart on PostgreSQL"),
        ("INSERT INTO t VALUES (1)", "(1)", "table t has 7 columns but 1 values were supplied"),
        ("DELETE FROM v", "v", "cannot modify v because it is a view"),
    ] {
        let refusal = translate(sql, &catalog(), &Options::default()).expect_err(sql);
        assert_eq!((&sql[refusal.span.start..refusal.span.end], refusal.message.as_str()), (place, message), "{sql}");
    }
}

#[test]
fn positions_lead_back() {
    let sql = "SELECT /* c */ id FROM t WHERE n == 1 AND name = 5";
    let translation = translated(sql);
    let at = translation.sql.find("name").expect("is kept");
    assert_eq!(translation.offsets.to_source(at), sql.find("name").expect("is there"));
    assert!(translation.sql.contains("/* c */"));
}

#[test]
fn a_trigger_becomes_a_function_that_does_not_start_itself_again() {
    let translation = translated(
        "CREATE TRIGGER touch AFTER UPDATE ON t WHEN OLD.n IS NOT NEW.n BEGIN UPDATE t SET name = 'x' WHERE id = NEW.id; \
         SELECT RAISE(ABORT, 'no') WHERE NEW.n < 0; END",
    );
    let [function] = translation.prelude.as_slice() else { panic!("one function") };
    for part in [
        "CREATE OR REPLACE FUNCTION sqlift_trigger_touch() RETURNS trigger LANGUAGE plpgsql",
        "IF pg_catalog.current_setting('sqlift.running_touch', true) = 'on' AND pg_catalog.current_setting('sqlift.recursive_triggers', true) IS DISTINCT FROM 'on' THEN RETURN NULL; END IF;",
        "IF OLD.n IS DISTINCT FROM NEW.n THEN\nIF sqlift_or = 'replace' THEN\n",
        "ELSE\nUPDATE t SET name = 'x' WHERE id = NEW.id;\nGET DIAGNOSTICS sqlift_changes = ROW_COUNT;",
        "PERFORM sqlift.count_changes(sqlift_changes);",
        "PERFORM sqlift_q.* FROM (SELECT sqlift.raise_abort('no') WHERE NEW.n < 0) AS sqlift_q;",
    ] {
        assert!(function.contains(part), "{part}\nin\n{function}");
    }
    let trigger = "CREATE TRIGGER touch AFTER UPDATE ON t FOR EACH ROW EXECUTE FUNCTION sqlift_trigger_touch()";
    assert_eq!(translation.sql.split(";\n").next(), Some(trigger));
}

#[test]
fn translation_is_deterministic_and_keeps_what_no_rule_touches() {
    let sql = "SELECT  t.id ,\n  name -- who\nFROM t\tWHERE (n+1)*2 > m ORDER BY id";
    let once = translated(sql);
    assert_eq!(once.sql, sql);
    assert_eq!(once, translated(sql));
}

#[test]
fn what_follows_a_statement_is_at_its_end() {
    let sql = "ALTER TABLE t ADD COLUMN gone BOOLEAN NOT NULL DEFAULT 0";
    let translation = translated(sql);
    assert!(translation.sql.len() > sql.len(), "{}", translation.sql);
    assert_eq!(translation.offsets.to_source(translation.sql.len()), sql.len());
}
