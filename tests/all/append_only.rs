//! Append-only tables with the roles that production has, and chains of hashes over them, on both databases.

use sqlift::append_only::{Broken, Chain, Guard};
use sqlift::testing::TestDatabase;
use sqlift::{Backend, Connection, ErrorCode, params};

const TABLE: &str = "CREATE TABLE audit (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, actor TEXT NOT NULL, payload BLOB, weight REAL, at INTEGER,
    created_at DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP, prev_hash TEXT NOT NULL UNIQUE, hash TEXT NOT NULL UNIQUE)";

const COLUMNS: &[&str] = &["id", "actor", "payload", "weight", "at"];

/// The owner makes the table and guards it; the program gets a connection as a role of its own, which on SQLite is the owner.
struct Fixture {
    owner: Connection,
    program: Connection,
    url: String,
    _keep: (Option<TestDatabase>, Option<tempfile::TempDir>),
}

fn on_postgres() -> Fixture {
    let database = sqlift::testing::database();
    let owner = Connection::open_url(database.url()).unwrap();
    // Roles belong to the whole server, which other tests use too.
    let role = format!("app_{}", database.name());
    owner.execute_batch(TABLE).unwrap();
    owner.native().execute_batch(&format!("CREATE ROLE {role} LOGIN")).unwrap();
    Guard::new("audit").role(&role).apply(&owner).unwrap();
    let url = database.url().replacen("postgres@", &format!("{role}@"), 1);
    let program = Connection::open_url(&url).unwrap();
    Fixture { owner, program, url, _keep: (Some(database), None) }
}

fn on_sqlite() -> Fixture {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.db");
    let owner = Connection::open_sqlite(&path).unwrap();
    owner.execute_batch("PRAGMA journal_mode = WAL").unwrap();
    owner.execute_batch(TABLE).unwrap();
    Guard::new("audit").apply(&owner).unwrap();
    let program = Connection::open_sqlite(&path).unwrap();
    Fixture { owner, program, url: format!("sqlite:{}", path.display()), _keep: (None, Some(folder)) }
}

impl Drop for Fixture {
    fn drop(&mut self) {
        if let Some(database) = &self._keep.0 {
            let role = format!("app_{}", database.name());
            let _ = self.owner.native().execute_batch(&format!("DROP OWNED BY {role}; DROP ROLE {role}"));
        }
    }
}

fn both(test: impl Fn(&mut Fixture)) {
    for mut fixture in [on_sqlite(), on_postgres()] {
        eprintln!("on {}", fixture.program.backend());
        test(&mut fixture);
    }
}

fn append(conn: &mut Connection, id: &str) -> i64 {
    Chain::new("audit", COLUMNS).append(conn, params![id, "ada", [0u8, 255], 0.1, 7]).unwrap()
}

#[test]
fn the_programs_role_can_only_add() {
    both(|fixture| {
        let program = &mut fixture.program;
        assert_eq!((append(program, "a"), append(program, "b")), (1, 2));
        for sql in [
            "UPDATE audit SET actor = 'nobody'",
            "UPDATE audit SET actor = 'nobody' WHERE seq = 1",
            "DELETE FROM audit",
            "DELETE FROM audit WHERE seq = 2",
            "INSERT OR REPLACE INTO audit (seq, id, actor, prev_hash, hash) VALUES (1, 'x', 'nobody', 'x', 'x')",
            "REPLACE INTO audit (id, actor, prev_hash, hash) VALUES ('a', 'nobody', 'x', 'x')",
            "INSERT INTO audit (id, actor, prev_hash, hash) VALUES ('a', 'nobody', 'x', 'x') ON CONFLICT(id) DO UPDATE SET actor = 'x'",
        ] {
            let error = program.execute(sql, []).expect_err(sql);
            let expected: &[ErrorCode] = match program.backend() {
                Backend::Sqlite => &[ErrorCode::ConstraintViolation],
                Backend::Postgres => &[ErrorCode::PermissionDenied],
            };
            assert!(expected.contains(&error.sqlite_error_code().unwrap()), "{sql}: {error}");
            if program.backend() == Backend::Sqlite {
                assert!(error.to_string().contains("audit is append-only"), "{sql}: {error}");
            }
        }
        if let Some(postgres) = fixture.program.as_postgres() {
            for sql in [
                "TRUNCATE audit",
                "ALTER TABLE audit DISABLE TRIGGER ALL",
                "DROP TABLE audit",
                "DROP TRIGGER append_only ON audit",
            ] {
                let error = postgres.batch_execute(sql).expect_err(sql);
                assert_eq!(sqlift::postgres_error(&error).unwrap().sqlstate, "42501", "{sql}");
            }
        }
        // What the owner may do by its rights, the triggers refuse.
        for sql in ["UPDATE audit SET actor = 'nobody'", "DELETE FROM audit"] {
            let error = fixture.owner.execute(sql, []).expect_err(sql);
            assert!(error.to_string().contains("audit is append-only"), "{sql}: {error}");
        }
        if fixture.owner.backend() == Backend::Postgres {
            for sql in ["TRUNCATE audit", "SET session_replication_role = replica; DELETE FROM audit"] {
                let error = fixture.owner.native().execute_batch(sql).expect_err(sql);
                assert!(error.to_string().contains("audit is append-only"), "{sql}: {error}");
            }
        }
        let verified = Chain::new("audit", COLUMNS).verify(&fixture.program).unwrap();
        assert_eq!((verified.rows, verified.broken), (2, None));
    });
}

/// A migration runs the text; running it again, and guarding a guarded table, changes nothing.
#[test]
fn the_text_for_a_migration_does_the_same() {
    both(|fixture| {
        let role = fixture.url.split(['/', '@']).nth(2).unwrap_or("app").to_owned();
        let guard = match fixture.owner.backend() {
            Backend::Sqlite => Guard::new("audit").unique(&["seq"]).unique(&["id"]),
            Backend::Postgres => Guard::new("audit").role(&role),
        };
        let sql = guard.sql(fixture.owner.backend()).unwrap();
        fixture.owner.native().execute_batch(&sql).unwrap();
        guard.apply(&fixture.owner).unwrap();
        append(&mut fixture.program, "a");
        assert!(fixture.program.execute("DELETE FROM audit", []).is_err());
    });
    assert!(Guard::new("").sql(Backend::Sqlite).is_err());
    let odd = Guard::new("it's \"odd\"").role("a b").sql(Backend::Postgres).unwrap();
    assert!(odd.contains(r#"ON "it's ""odd""" TO "a b";"#), "{odd}");
    let conn = Connection::open_sqlite(":memory:").unwrap();
    conn.execute_batch(
        "CREATE TABLE \"it's \"\"odd\"\"\" (n INTEGER PRIMARY KEY); INSERT INTO \"it's \"\"odd\"\"\" VALUES (1)",
    )
    .unwrap();
    Guard::new("it's \"odd\"").apply(&conn).unwrap();
    let error = conn.execute("DELETE FROM \"it's \"\"odd\"\"\"", []).unwrap_err().to_string();
    assert!(error.contains("it's \"odd\" is append-only"), "{error}");
}

/// What a chain is there for: whoever gets around the guards is seen.
#[test]
fn a_changed_or_missing_row_is_found() {
    let cases: &[(&str, u64, Option<Broken>)] = &[
        ("SELECT 1", 5, None),
        ("UPDATE audit SET actor = 'nobody' WHERE seq = 3", 2, Some(Broken::Changed { key: 3 })),
    ];
    let more: &[(&str, u64)] = &[
        ("UPDATE audit SET payload = NULL WHERE seq = 3", 2),
        ("UPDATE audit SET weight = 0.2 WHERE seq = 3", 2),
        ("DELETE FROM audit WHERE seq = 3", 2),
        ("UPDATE audit SET hash = 'x' WHERE seq = 3", 2),
        ("UPDATE audit SET prev_hash = 'x' WHERE seq = 3", 2),
        ("UPDATE audit SET seq = 30 WHERE seq = 3", 2),
        ("DELETE FROM audit WHERE seq = 1", 0),
        // The last rows: nothing is broken, but the head is another one.
        ("DELETE FROM audit WHERE seq = 5", 4),
    ];
    for (sql, rows, broken) in cases.iter().cloned().chain(more.iter().map(|(sql, rows)| (*sql, *rows, None))) {
        both(|fixture| {
            for id in ["a", "b", "c", "d", "e"] {
                append(&mut fixture.program, id);
            }
            let chain = Chain::new("audit", COLUMNS);
            let before = chain.verify(&fixture.program).unwrap();
            assert_eq!((before.rows, &before.broken, before.head.len()), (5, &None, 64));
            match fixture.owner.backend() {
                Backend::Sqlite => {
                    let names = "SELECT 'DROP TRIGGER ' || quote(name) FROM sqlite_schema WHERE type = 'trigger'";
                    let drops: Vec<String> = fixture
                        .owner
                        .prepare(names)
                        .unwrap()
                        .query_map([], |row| row.get(0))
                        .unwrap()
                        .map(|sql| sql.unwrap())
                        .collect();
                    assert_eq!(drops.len(), 3);
                    drops.iter().for_each(|sql| fixture.owner.execute_batch(sql).unwrap());
                }
                Backend::Postgres => {
                    fixture.owner.native().execute_batch("ALTER TABLE audit DISABLE TRIGGER ALL").unwrap();
                }
            }
            fixture.owner.execute_batch(sql).unwrap();
            let after = chain.verify(&fixture.program).unwrap();
            assert_eq!(after.rows, rows, "{sql}");
            if let Some(broken) = &broken {
                assert_eq!(after.broken.as_ref(), Some(broken), "{sql}");
            }
            assert_eq!(after.broken.is_none() && after.head == before.head, sql == "SELECT 1", "{sql}");
        });
    }
}

#[test]
fn both_databases_make_the_same_chain() {
    let heads: Vec<String> = [on_sqlite(), on_postgres()]
        .iter_mut()
        .map(|fixture| {
            let chain = Chain::new("audit", COLUMNS);
            let values: &[&[&dyn sqlift::ToSql]] = &[
                params!["a", "Zoë Ångström", [0u8, 1, 255], 0.1, 7],
                params!["b", "", None::<Vec<u8>>, f64::MAX, i64::MIN],
                params!["c", "x", Vec::<u8>::new(), -0.0, None::<i64>],
            ];
            values.iter().for_each(|values| {
                chain.append(&mut fixture.program, *values).unwrap();
            });
            let verified = chain.verify(&fixture.program).unwrap();
            assert_eq!((verified.rows, verified.broken), (3, None));
            verified.head
        })
        .collect();
    assert_eq!(heads[0], heads[1]);
}

#[test]
fn appenders_wait_for_each_other() {
    both(|fixture| {
        std::thread::scope(|scope| {
            for thread in 0..4 {
                let url = &fixture.url;
                scope.spawn(move || {
                    let mut conn = Connection::open_url(url).unwrap();
                    for number in 0..10 {
                        append(&mut conn, &format!("{thread}-{number}"));
                    }
                });
            }
        });
        let verified = Chain::new("audit", COLUMNS).verify(&fixture.program).unwrap();
        assert_eq!((verified.rows, verified.broken), (40, None));
    });
}

#[test]
fn what_a_column_does_not_keep_is_not_appended() {
    both(|fixture| {
        let chain = Chain::new("audit", &["id", "actor", "at"]);
        // A transaction of the program's own goes on after it.
        let mut conn = Connection::open_url(&fixture.url).unwrap();
        let tx = conn.transaction().unwrap();
        assert_eq!(chain.append_in(&tx, params!["a", "ada", 1]), Ok(1));
        let error = chain.append_in(&tx, params!["b", "ada", "7"]).unwrap_err();
        assert!(error.to_string().starts_with("at of audit gives back another value than it is given"), "{error}");
        assert!(chain.append_in(&tx, params!["c", "ada"]).is_err());
        assert!(chain.append_in(&tx, params!["a", "ada", 2]).is_err());
        assert!(chain.append_in(&tx, params!["d", "ada", 3]).is_ok());
        tx.commit().unwrap();
        let verified = chain.verify(&fixture.program).unwrap();
        assert_eq!((verified.rows, verified.broken), (2, None));
    });
}

/// The portal's own audit table, with its triggers and heads, under a role that only adds: its way of appending works, and
/// the chain fits it.
#[test]
fn the_portals_audit_trail() {
    let source = include_str!("../../legacy/app/audit.rs");
    let (_, text) = source.split_once("MIGRATIONS: &[&str] = &[\"").unwrap();
    let (schema, _) = text.split_once("\"];").unwrap();
    let database = sqlift::testing::database();
    let role = format!("app_{}", database.name());
    let owner = Connection::open_url(database.url()).unwrap();
    owner.execute_batch(schema).unwrap();
    owner
        .native()
        .execute_batch(&format!("CREATE ROLE {role} LOGIN; GRANT SELECT, INSERT, UPDATE ON audit_heads TO {role}"))
        .unwrap();
    Guard::new("audit_events").role(&role).apply(&owner).unwrap();
    let mut program = Connection::open_url(&database.url().replacen("postgres@", &format!("{role}@"), 1)).unwrap();

    // As legacy/app does it: IMMEDIATE, although the role may not lock the table that it only adds to.
    let tx = program.transaction_with_behavior(sqlift::TransactionBehavior::Immediate).unwrap();
    let insert = "INSERT INTO audit_events (id, actor, action, happened_at, prev_hash, hash) VALUES (?1, 'amir', 'login', 7, '', ?1)";
    assert_eq!(tx.execute(insert, ["a"]), Ok(1));
    tx.commit().unwrap();
    for sql in ["UPDATE audit_events SET actor = 'nobody' WHERE seq = 1", "DELETE FROM audit_events WHERE seq > 0"] {
        assert_eq!(program.execute(sql, []).unwrap_err().sqlite_error_code(), Some(ErrorCode::PermissionDenied));
        assert!(owner.execute(sql, []).unwrap_err().to_string().contains("append-only"));
    }
    owner.native().execute_batch("ALTER TABLE audit_events DISABLE TRIGGER ALL; DELETE FROM audit_events; DELETE FROM audit_heads; ALTER TABLE audit_events ENABLE TRIGGER ALL").unwrap();
    let chain = Chain::new("audit_events", &["id", "actor", "action", "subject", "payload", "happened_at"]).linked_by(
        "seq",
        "prev_hash",
        "hash",
    );
    for id in ["a", "b", "c"] {
        chain.append(&mut program, params![id, "amir", "login", None::<String>, [0u8, 1], 7]).unwrap();
    }
    let verified = chain.verify(&program).unwrap();
    assert_eq!((verified.rows, verified.broken), (3, None));
    let heads = "SELECT events FROM audit_heads WHERE actor = 'amir'";
    assert_eq!(program.query_row(heads, [], |row| row.get::<_, i64>(0)), Ok(3));
    drop(program);
    owner.native().execute_batch(&format!("DROP OWNED BY {role}; DROP ROLE {role}")).unwrap();
}

#[test]
fn the_command_prints_a_migration() {
    let run = |arguments: &[&str]| {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_sqlift"))
            .arg("append-only")
            .args(arguments)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    assert_eq!(
        run(&["--for", "postgres", "--role", "app", "audit"]),
        Guard::new("audit").role("app").sql(Backend::Postgres).unwrap()
    );
    assert_eq!(
        run(&["--for", "sqlite", "--unique", "seq", "--unique", "a,b", "audit"]),
        Guard::new("audit").unique(&["seq"]).unique(&["a", "b"]).sql(Backend::Sqlite).unwrap()
    );
}
