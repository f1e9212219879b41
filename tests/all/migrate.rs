//! Migrations through the library, on both backends.

use crate::support::{self, both};
use sqlift::migrate::{self, Adopt, Error, ErrorKind, Event, Interrupted, Migrations, Options, State};
use sqlift::translate::{BlobColumns, TypeNames, TypePolicy};
use sqlift::{Backend, Connection};
use std::cell::RefCell;

fn set(files: &[(&str, &str)]) -> Migrations {
    Migrations::from_files(files).unwrap_or_else(|error| panic!("{error}"))
}

fn up(conn: &Connection, files: &[(&str, &str)]) -> Result<migrate::Report, Error> {
    migrate::up(conn, &set(files), &Options::default())
}

fn states(conn: &Connection, files: &[(&str, &str)]) -> Vec<(Option<i64>, State)> {
    let status = migrate::status(conn, &set(files), &Options::default()).unwrap();
    status.entries.iter().map(|entry| (entry.version, entry.state)).collect()
}

fn count(conn: &Connection, sql: &str) -> i64 {
    conn.query_row(sql, [], |row| row.get(0)).unwrap()
}

const TWO: &[(&str, &str)] = &[
    ("V1__person.sql", "CREATE TABLE person (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL);"),
    ("V1__person.down.sql", "DROP TABLE person"),
    ("V2__active.sqlite.sql", "ALTER TABLE person ADD COLUMN active BOOLEAN NOT NULL DEFAULT 1"),
    ("V2__active.postgres.sql", "ALTER TABLE person ADD COLUMN active boolean NOT NULL DEFAULT true"),
    ("V2__active.down.sql", "ALTER TABLE person DROP COLUMN active"),
    ("R__names.sql", "DROP VIEW IF EXISTS names; CREATE VIEW names AS SELECT name FROM person"),
];

#[test]
fn up_applies_what_is_missing_and_down_takes_it_back() {
    both(|conn| {
        let report = migrate::up(conn, &set(TWO), &Options { to: Some(1), ..Options::default() }).unwrap();
        assert_eq!((report.applied.len(), report.version), (1, Some(1)));
        let report = up(conn, TWO).unwrap();
        let suffix = if conn.backend() == Backend::Sqlite { "sqlite" } else { "postgres" };
        assert_eq!(report.applied, [format!("V2__active.{suffix}.sql"), "R__names.sql".to_owned()]);
        assert_eq!(up(conn, TWO).unwrap().applied.len(), 0);
        conn.execute("INSERT INTO person (name) VALUES ('Ada')", []).unwrap();
        assert_eq!(count(conn, "SELECT active FROM person"), 1);
        assert_eq!(count(conn, "SELECT count(*) FROM names"), 1);
        assert!(states(conn, TWO).iter().all(|(_, state)| *state == State::Applied));
        assert_eq!(migrate::current_version(conn).unwrap(), Some(2));
        // The view hangs on the table.
        conn.execute_batch("DROP VIEW names").unwrap();
        assert_eq!(migrate::down(conn, &set(TWO), 0, &Options::default()).unwrap().applied.len(), 2);
        assert!(!conn.table_exists(None, "person").unwrap());
        assert_eq!(migrate::current_version(conn).unwrap(), None);
    });
}

#[test]
fn a_repeatable_script_runs_again_when_its_text_changes() {
    both(|conn| {
        up(conn, TWO).unwrap();
        let mut changed = TWO.to_vec();
        changed[5].1 = "DROP VIEW IF EXISTS names; CREATE VIEW names AS SELECT id, name FROM person";
        assert_eq!(states(conn, &changed)[2], (None, State::Pending));
        assert_eq!(up(conn, &changed).unwrap().applied, ["R__names.sql"]);
        assert_eq!(up(conn, &changed).unwrap().applied.len(), 0);
        conn.prepare("SELECT id FROM names").unwrap();
    });
}

#[test]
fn a_failed_file_leaves_the_database_as_it_was_and_says_where() {
    let files = &[
        ("V1__a.sql", "CREATE TABLE a (n INTEGER)"),
        ("V2__b.sql", "CREATE TABLE b (n INTEGER);\nINSERT INTO a VALUES (1);\n\n  INSERT INTO nowhere VALUES (2);\n"),
    ];
    both(|conn| {
        let error = up(conn, files).unwrap_err();
        assert_eq!(
            (error.kind(), error.file(), error.line()),
            (ErrorKind::Failed, Some("V2__b.sql"), Some(4)),
            "{error}"
        );
        assert_eq!(error.statement(), Some("INSERT INTO nowhere VALUES (2)"));
        let text = error.to_string();
        assert!(text.starts_with("no such table: nowhere"), "{text}");
        assert!(
            text.contains(
                "\n  --> V2__b.sql:4:15\n   |    INSERT INTO nowhere VALUES (2);\n   |                ^^^^^^^\n"
            ),
            "{text}"
        );
        assert!(text.contains("help: the database is as it was before this file"), "{text}");
        assert!(!conn.table_exists(None, "b").unwrap());
        assert_eq!(count(conn, "SELECT count(*) FROM a"), 0);
        assert_eq!(migrate::current_version(conn).unwrap(), Some(1));
        assert!(conn.is_autocommit());
        let corrected = [files[0], ("V2__b.sql", "CREATE TABLE b (n INTEGER)")];
        assert_eq!(up(conn, &corrected).unwrap().version, Some(2));
    });
}

#[test]
fn postgres_own_errors_point_into_the_file() {
    crate::support::on_postgres(|conn| {
        for (sql, said, line, mark) in [
            (
                "CREATE TABLE t (n int);\nALTER TABLE t ADD COLUMN m itn",
                "type \"itn\" does not exist (42704)",
                2,
                "itn",
            ),
            ("SELECT 'ä';\nSELECT 'ä', nope FROM pg_class", "column \"nope\" does not exist (42703)", 2, "nope"),
            (
                "CREATE TABLE t (n int,\n  m int REFERENCES nowhere (id))",
                "relation \"nowhere\" does not exist (42P01)",
                2,
                "nowhere",
            ),
            (
                "CREATE TABLE t (n int PRIMARY KEY AUTOINCREMENT)",
                "syntax error at or near \"AUTOINCREMENT\" (42601)",
                1,
                "AUTOINCREMENT",
            ),
            ("SELECT a.attname ? 'x' FROM pg_attribute a", "operator does not exist: name ? unknown (42883)", 1, "?"),
        ] {
            let error = up(conn, &[("V1__t.postgres.sql", sql), ("V1__t.sqlite.sql", "SELECT 1")]).unwrap_err();
            let text = error.to_string();
            assert_eq!((error.message(), error.line()), (said, Some(line)), "{text}");
            let lines: Vec<&str> = text.lines().collect();
            let caret = lines.iter().position(|line| line.contains('^')).unwrap();
            let at = lines[caret].chars().position(|c| c == '^').unwrap();
            let under: String = lines[caret - 1].chars().skip(at).take(mark.len()).collect();
            assert_eq!(under, mark, "{text}");
        }
    });
}

#[test]
fn what_must_not_be_applied_is_refused() {
    both(|conn| {
        up(conn, TWO).unwrap();
        let refused = |files: &[(&str, &str)], kind: ErrorKind, said: &str| {
            let error = up(conn, files).unwrap_err();
            assert_eq!(error.kind(), kind, "{error}");
            assert!(error.to_string().contains(said), "{error}");
            assert!(error.remedy().is_some(), "{error}");
        };
        let mut changed = TWO.to_vec();
        changed[0].1 = "CREATE TABLE person (id INTEGER PRIMARY KEY)";
        refused(&changed, ErrorKind::Diverged, "version 1 has another text");
        assert_eq!(states(conn, &changed)[0].1, State::Changed);
        refused(&TWO[2..], ErrorKind::Missing, "version 1 (person) was applied");
        let with_zero = [TWO, &[("V0__late.sql", "CREATE TABLE late (n INTEGER)")]].concat();
        refused(&with_zero, ErrorKind::OutOfOrder, "version 0 was not applied, and version 2 was");
        assert_eq!(states(conn, &with_zero)[0], (Some(0), State::OutOfOrder));

        let allow = Options { out_of_order: true, accept_changed: true, ignore_missing: true, ..Options::default() };
        let report = migrate::up(conn, &set(&with_zero), &allow).unwrap();
        assert_eq!(report.applied, ["V0__late.sql"]);
        migrate::up(conn, &set(&changed), &allow).unwrap();
        assert_eq!(states(conn, &changed)[1].1, State::Applied);
        // refinery's U says by itself that it may come late.
        let late = [
            &changed[..],
            &[("V0__late.sql", "CREATE TABLE late (n INTEGER)"), ("U3__x.sql", "SELECT 1"), ("V5__y.sql", "SELECT 1")],
        ];
        up(conn, &late.concat()).unwrap();
        let later = [&late.concat()[..], &[("U4__z.sql", "SELECT 1")]].concat();
        assert_eq!(up(conn, &later).unwrap().applied, ["U4__z.sql"]);
    });
}

#[test]
fn sets_that_do_not_fit_together() {
    for (files, kind, said) in [
        (&[("V1__a.sqlite.sql", "")][..], ErrorKind::OneDialect, "version 1 exists for SQLite only"),
        (&[("postgres/V1__a.sql", "")], ErrorKind::OneDialect, "version 1 exists for PostgreSQL only"),
        (&[("R__a.postgres.sql", "")], ErrorKind::OneDialect, "repeatable script a exists for PostgreSQL only"),
        (&[("V1__a.sql", ""), ("V1__b.sql", "")], ErrorKind::Files, "version 1 exists twice"),
        (&[("V1__a.sql", ""), ("1_b.sql", "")], ErrorKind::Files, "version 1 exists twice"),
        (&[("sqlite/V1__a.sql", ""), ("postgres/V1__b.sql", "")], ErrorKind::Files, "another migration on SQLite"),
        (&[("sqlite/V1__a.postgres.sql", "")], ErrorKind::Files, "PostgreSQL's by its end, and not by its folder"),
        (&[("V1__a.sql", ""), ("V1__a.sqlite.sql", ""), ("V1__a.postgres.sql", "")], ErrorKind::Files, "never used"),
        (&[("V1__a.sql", ""), ("V2__b.down.sql", "")], ErrorKind::Files, "version 2, which does not exist"),
        (&[("init.sql", "")], ErrorKind::Files, "cannot be read"),
    ] {
        let error = Migrations::from_files(files).unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.to_string().contains(said) && error.remedy().is_some(), "{error}");
    }
    // A shared file, with a file of its own for one of the two; Flyway's undo; sqlx's pairs.
    let migrations = set(&[
        ("V1__a.sql", "SELECT 1"),
        ("V1__a.postgres.sql", "SELECT 2"),
        ("U1__a.sql", "SELECT 3"),
        ("20240101120000_users.up.sql", "SELECT 1"),
        ("20240101120000_users.down.sql", "SELECT 1"),
    ]);
    assert_eq!(migrations.versions().collect::<Vec<_>>(), [1, 20_240_101_120_000]);
}

#[test]
fn a_folder_is_read_as_it_lies() {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in [
        ("V1__a.sql", "CREATE TABLE a (n INTEGER)"),
        ("sqlite/V2__b.sql", "CREATE TABLE b (n INTEGER)"),
        ("postgres/V2__b.sql", "CREATE TABLE b (n bigint)"),
        ("README.md", "not a migration"),
        (".hidden.sql", "not a migration"),
    ] {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    assert_eq!(Migrations::from_folder(folder.path()).unwrap().versions().collect::<Vec<_>>(), [1, 2]);
    std::fs::create_dir(folder.path().join("old")).unwrap();
    let error = Migrations::from_folder(folder.path()).unwrap_err();
    assert!(error.to_string().contains("old is a folder for neither database"), "{error}");
    let error = Migrations::from_folder(folder.path().join("old")).unwrap_err();
    assert!(error.to_string().contains("holds no migrations"), "{error}");
    let error = Migrations::from_folder(folder.path().join("nowhere")).unwrap_err();
    assert!(error.to_string().contains("cannot be read"), "{error}");
}

#[test]
fn a_table_is_rebuilt_with_foreign_keys_off() {
    let rebuild = "-- no-foreign-keys
        CREATE TABLE new (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
        INSERT INTO new SELECT id, name FROM parent; DROP TABLE parent; ALTER TABLE new RENAME TO parent;";
    let first = "CREATE TABLE parent (id INTEGER PRIMARY KEY, name TEXT);
        CREATE TABLE child (parent INTEGER NOT NULL REFERENCES parent (id) ON DELETE CASCADE);
        INSERT INTO parent VALUES (1, 'a'); INSERT INTO child VALUES (1);";
    let conn = crate::support::sqlite();
    conn.execute_batch("PRAGMA foreign_keys = ON").unwrap();
    let files = [("V1__a.sql", first), ("V2__b.sql", rebuild)];
    up(&conn, &files).unwrap();
    assert_eq!(count(&conn, "SELECT count(*) FROM child"), 1);
    assert_eq!(count(&conn, "PRAGMA foreign_keys"), 1);
    let orphans = [&files[..], &[("V3__c.sql", "-- no-foreign-keys\nDELETE FROM parent")]].concat();
    let error = up(&conn, &orphans).unwrap_err();
    assert!(error.to_string().contains("leaves rows in child that break a foreign key"), "{error}");
    assert_eq!((count(&conn, "SELECT count(*) FROM parent"), count(&conn, "PRAGMA foreign_keys")), (1, 1));
}

#[test]
fn without_a_transaction_it_goes_on_where_it_failed() {
    both(|conn| {
        let text =
            |last: &str| format!("-- no-transaction\nCREATE TABLE a (n INTEGER);\nINSERT INTO a VALUES (1);\n{last};");
        let (broken, corrected) = (text("INSERT INTO b VALUES (1)"), text("INSERT INTO a VALUES (2)"));
        let error = up(conn, &[("V1__a.sql", &broken)]).unwrap_err();
        assert_eq!(error.line(), Some(4), "{error}");
        assert!(error.to_string().contains("2 of its 3 statements are done"), "{error}");
        assert_eq!(states(conn, &[("V1__a.sql", &broken)]), [(Some(1), State::Failed)]);
        let other = corrected.replace("VALUES (1)", "VALUES (7)");
        assert_eq!(up(conn, &[("V1__a.sql", &other)]).unwrap_err().kind(), ErrorKind::Diverged);
        assert_eq!(up(conn, &[("V1__a.sql", &corrected)]).unwrap().version, Some(1));
        assert_eq!(count(conn, "SELECT count(*) FROM a"), 2);
        assert_eq!(up(conn, &[("V1__a.sql", &corrected)]).unwrap().applied.len(), 0);
    });
}

/// What a process leaves that was killed while the second statement ran.
fn killed_at_the_second(conn: &Connection, files: &[(&str, &str)]) {
    let mut with_error = files.to_vec();
    let text = files[0].1.replace("-- second", "SELECT nothing FROM nowhere; -- second");
    with_error[0].1 = &text;
    up(conn, &with_error).unwrap_err();
    conn.execute("UPDATE sqlift_migrations SET state = 'running'", []).unwrap();
}

#[test]
fn a_killed_file_without_a_transaction_is_finished_or_explained() {
    both(|conn| {
        let harmless = [(
            "V1__a.sql",
            "-- no-transaction\nCREATE TABLE a (n INTEGER); -- second\nCREATE TABLE IF NOT EXISTS b (n INTEGER)",
        )];
        killed_at_the_second(conn, &harmless);
        assert_eq!(states(conn, &harmless), [(Some(1), State::Running)]);
        assert_eq!(up(conn, &harmless).unwrap().version, Some(1));
    });
    both(|conn| {
        let harmful =
            [("V1__a.sql", "-- no-transaction\nCREATE TABLE a (n INTEGER); -- second\nINSERT INTO a VALUES (1)")];
        killed_at_the_second(conn, &harmful);
        let error = up(conn, &harmful).unwrap_err();
        assert_eq!((error.kind(), error.line()), (ErrorKind::Interrupted, Some(3)), "{error}");
        assert!(error.to_string().contains("statement 2 of 2 of this file: it may have run or not"), "{error}");
        let done = Options { interrupted: Interrupted::Done, ..Options::default() };
        assert_eq!(migrate::up(conn, &set(&harmful), &done).unwrap().version, Some(1));
        assert_eq!(count(conn, "SELECT count(*) FROM a"), 0);
    });
}

#[test]
fn an_invalid_index_is_built_anew() {
    crate::support::on_postgres(|conn| {
        let index = "-- no-transaction\nCREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS a_n ON a (n);";
        let files = [
            ("V1__a.sql", "CREATE TABLE a (n INTEGER)"),
            ("V2__i.postgres.sql", index),
            ("V2__i.sqlite.sql", "SELECT 1"),
        ];
        up(conn, &files[..1]).unwrap();
        conn.execute("INSERT INTO a VALUES (1), (1)", []).unwrap();
        let error = up(conn, &files).unwrap_err();
        assert!(error.to_string().starts_with("could not create unique index \"a_n\" (23505)"), "{error}");
        let valid = "SELECT indisvalid FROM pg_index WHERE indexrelid = 'a_n'::regclass";
        let is_valid = || conn.native().query_row(valid, [], |row| row.get::<_, bool>(0)).unwrap();
        assert!(!is_valid(), "PostgreSQL leaves the index behind");
        conn.execute("DELETE FROM a", []).unwrap();
        let told = RefCell::new(Vec::new());
        let progress = |event: &Event<'_>| told.borrow_mut().push(format!("{event:?}"));
        let options = Options { progress: Some(&progress), ..Options::default() };
        assert_eq!(migrate::up(conn, &set(&files), &options).unwrap().version, Some(2));
        assert!(is_valid());
        assert!(told.borrow().iter().any(|event| event.contains("Repaired")), "{told:?}");
    });
}

#[test]
fn a_plan_changes_nothing() {
    both(|conn| {
        let planned = migrate::plan(conn, &set(TWO), &Options::default()).unwrap();
        let versions: Vec<_> = planned.iter().map(|file| (file.version, file.statements.len())).collect();
        assert_eq!(versions, [(Some(1), 1), (Some(2), 1), (None, 2)]);
        assert!(!conn.table_exists(None, "sqlift_migrations").unwrap());
    });
}

/// Another program's transaction, which keeps readers of the history out as well, ends once somebody is told to wait for it.
#[test]
fn a_program_that_writes_is_waited_for() {
    let files = &TWO[..2];
    let dir = tempfile::tempdir().unwrap();
    let database = sqlift::testing::database();
    let of_sqlite = format!("sqlite:{}?busy_timeout=0", dir.path().join("app.db").display());
    let of_postgres = support::with(database.url(), "busy_timeout=500");
    for url in [of_sqlite, of_postgres] {
        let (other, conn) = (Connection::open_url(&url).unwrap(), Connection::open_url(&url).unwrap());
        let nothing = migrate::up(&other, &set(&[]), &Options::default()).unwrap();
        assert_eq!(nothing.version, None);
        for what in ["to apply it", "to find nothing left to do", "to take it back"] {
            other.execute_batch("BEGIN EXCLUSIVE").unwrap();
            if other.backend() == Backend::Postgres {
                let keep_out = "LOCK TABLE sqlift_migrations IN ACCESS EXCLUSIVE MODE";
                other.native().execute_batch(keep_out).unwrap();
            }
            let waited = RefCell::new(0);
            let progress = |event: &Event<'_>| {
                if matches!(event, Event::Waiting { .. }) {
                    *waited.borrow_mut() += 1;
                    other.execute_batch("COMMIT").unwrap();
                }
            };
            let options = Options { progress: Some(&progress), ..Options::default() };
            let run = if what == "to take it back" {
                migrate::down(&conn, &set(files), 0, &options)
            } else {
                migrate::up(&conn, &set(files), &options)
            };
            let report = run.unwrap_or_else(|error| panic!("{url} {what}: {error}"));
            let version = (what != "to take it back").then_some(1);
            assert_eq!((report.version, *waited.borrow()), (version, 1), "{url} {what}");
        }
    }
}

#[test]
fn an_open_transaction_is_refused() {
    both(|conn| {
        conn.execute_batch("BEGIN").unwrap();
        assert!(up(conn, TWO).unwrap_err().to_string().contains("a transaction is open"));
    });
}

#[test]
fn another_tools_history_is_taken_over() {
    const FILES: &[(&str, &str)] = &[
        ("V1__a.sql", "CREATE TABLE a (n INTEGER)"),
        ("V2__b.sql", "CREATE TABLE b (n INTEGER)"),
        ("V3__c.sql", "CREATE TABLE c (n INTEGER)"),
    ];
    for (history, from) in [
        ("CREATE TABLE schema_migrations (version INTEGER PRIMARY KEY); INSERT INTO schema_migrations VALUES (1), (2)", "schema_migrations"),
        ("CREATE TABLE schema_migrations (version TEXT); INSERT INTO schema_migrations VALUES ('001'), ('2')", "schema_migrations"),
        ("CREATE TABLE schema_migrations (id INTEGER PRIMARY KEY, filename TEXT, at TEXT);
          INSERT INTO schema_migrations VALUES (7, 'V1__a.sql', ''), (8, 'V2__b.sql', '')", "schema_migrations"),
        ("CREATE TABLE schema_migrations (name TEXT); INSERT INTO schema_migrations VALUES ('a'), ('b')", "schema_migrations"),
        ("CREATE TABLE schema_migrations (version BIGINT, dirty BOOLEAN); INSERT INTO schema_migrations VALUES (2, 0)", "schema_migrations"),
        ("CREATE TABLE refinery_schema_history (version INTEGER PRIMARY KEY, name TEXT, applied_on TEXT, checksum TEXT);
          INSERT INTO refinery_schema_history VALUES (1, 'a', '', '9103518711856541194'), (2, 'b', '', '1')", "refinery_schema_history"),
        ("CREATE TABLE _sqlx_migrations (version BIGINT PRIMARY KEY, description TEXT NOT NULL, installed_on TEXT, success BOOLEAN NOT NULL,
            checksum BLOB NOT NULL, execution_time BIGINT NOT NULL);
          INSERT INTO _sqlx_migrations VALUES (1, 'a', '', 1,
            x'b9f896fa83ee8256812abe616f0dd27d13ce4e4766ee6b241890449d085615c3b34b6487f3858b5dccf9b0e1ac49ec50', 1), (2, 'b', '', 1, x'00', 1)", "_sqlx_migrations"),
    ] {
        both(|conn| adopts(conn, history, from, FILES));
    }
}

#[track_caller]
fn adopts(conn: &Connection, history: &str, from: &str, files: &[(&str, &str)]) {
    // Where versions 1 and 2 would run again, they would fail.
    conn.execute_batch("CREATE TABLE a (n INTEGER); CREATE TABLE b (n INTEGER)").unwrap();
    conn.execute_batch(history).unwrap();
    let status = migrate::status(conn, &set(files), &Options::default()).unwrap();
    assert_eq!((status.version, status.adopts.as_deref()), (Some(2), Some(from)), "{history}");
    let report = up(conn, files).unwrap_or_else(|error| panic!("{history}: {error}"));
    assert_eq!(report.adopted, Some((from.to_owned(), 2)), "{history}");
    // Where the other tool keeps checksums, that of version 1 is right and that of version 2 is not.
    let keeps = from != "schema_migrations";
    let warned: Vec<&str> = report.warnings.iter().filter_map(|warning| warning.split_whitespace().next()).collect();
    assert_eq!(warned, if keeps { &["V2__b.sql"][..] } else { &[] }, "{history}");
    assert_eq!((report.applied.as_slice(), report.version), (&["V3__c.sql".to_owned()][..], Some(3)), "{history}");
    assert_eq!(up(conn, files).unwrap().applied.len(), 0);
}

#[test]
fn a_history_that_is_not_beyond_doubt_is_asked_about() {
    let files = &[("V1__a.sql", "CREATE TABLE a (n INTEGER)"), ("V2__b.sql", "CREATE TABLE b (n INTEGER)")];
    let refused = |conn: &Connection, said: &str| {
        let error = up(conn, files).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Adoption, "{error}");
        assert!(error.to_string().contains(said) && error.remedy().is_some(), "{error}");
        assert!(!conn.table_exists(None, "sqlift_migrations").unwrap(), "{error}");
    };
    let conn = crate::support::sqlite();
    conn.execute_batch("CREATE TABLE a (n INTEGER); PRAGMA user_version = 1").unwrap();
    refused(&conn, "PRAGMA user_version is 1");
    let adopt = |adopt| Options { adopt, ..Options::default() };
    let report = migrate::up(&conn, &set(files), &adopt(Adopt::UserVersion)).unwrap();
    assert_eq!((report.adopted, report.applied.len()), (Some(("PRAGMA user_version".to_owned(), 1)), 1));

    both(|conn| {
        let refused = |said: &str| {
            let error = up(conn, &[("V1__a.sql", "SELECT 1")]).unwrap_err();
            assert!(error.kind() == ErrorKind::Adoption && error.to_string().contains(said), "{error}");
        };
        conn.execute_batch(
            "CREATE TABLE schema_migrations (version INTEGER); INSERT INTO schema_migrations VALUES (9)",
        )
        .unwrap();
        refused("says that version 9 was applied, and there is no file for it");
        conn.execute_batch("UPDATE schema_migrations SET version = NULL").unwrap();
        refused("holds what is neither a version nor the name of a migration");
        conn.execute_batch("DROP TABLE schema_migrations; CREATE TABLE schema_migrations (what TEXT)").unwrap();
        refused("of an unknown kind");
        let baseline = Options { adopt: Adopt::Baseline(1), ..Options::default() };
        let report =
            migrate::up(conn, &set(&[("V1__a.sql", "nonsense"), ("V2__b.sql", "SELECT 1")]), &baseline).unwrap();
        assert_eq!(report.applied, ["V2__b.sql"]);
    });
    let conn = crate::support::sqlite();
    conn.execute_batch(
        "CREATE TABLE _sqlx_migrations (version BIGINT, success BOOLEAN, checksum BLOB); INSERT INTO _sqlx_migrations VALUES (1, 0, x'00')",
    )
    .unwrap();
    refused(&conn, "version 1 failed half-way");
}

#[test]
fn a_draft_is_a_migration_that_gives_the_same_schema() {
    let schema = "CREATE TABLE item (id INTEGER PRIMARY KEY, owner INTEGER REFERENCES owner (id), note TEXT);
        -- who
        CREATE TABLE owner (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL COLLATE NOCASE UNIQUE, active BOOLEAN NOT NULL DEFAULT 1,
            data JSON DEFAULT '{}', token UUID, made_at DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP);
        CREATE INDEX owner_made ON owner (made_at DESC) WHERE active;
        CREATE VIEW actives AS SELECT id, name FROM owner WHERE active = 1;
        CREATE TRIGGER owner_guard BEFORE DELETE ON owner BEGIN SELECT RAISE(ABORT, 'stays'); END;
        INSERT INTO owner (name, active) VALUES ('Ada', 0);";
    let schema = &format!("{schema}\nCREATE TABLE file (key BLOB PRIMARY KEY, content BLOB DEFAULT '') WITHOUT ROWID;");
    let any = |types| TypePolicy { blobs: BlobColumns::Any, ..types };
    for types in [TypePolicy::NATIVE, TypePolicy::FAITHFUL, any(TypePolicy::NATIVE), any(TypePolicy::FAITHFUL)] {
        let schema =
            if types.blobs == BlobColumns::Any { schema.as_str() } else { &schema.replace(" DEFAULT '')", ")") };
        let draft = migrate::draft("schema.sql", schema, types).unwrap();
        assert!(draft.refused.is_empty(), "{:?}", draft.refused);
        let at = |table: &str| draft.sql.find(&format!("CREATE TABLE {table}")).unwrap();
        assert!(at("owner") < at("item") && !draft.sql.contains("pend_foreign_key"), "{}", draft.sql);
        let kind = if types.names == TypeNames::Native { "boolean" } else { "bigint" };
        assert!(draft.sql.contains(&format!("active {kind} NOT NULL")), "{}", draft.sql);
        // SQLite does not mind the order of the tables.
        let migrations = set(&[("V1__a.sqlite.sql", schema), ("V1__a.postgres.sql", &draft.sql)]);
        crate::support::on_postgres(|conn| {
            let found = migrate::check(&migrations, &crate::support::sqlite(), conn).unwrap();
            assert!(found.is_empty(), "{found:#?}");
            assert_eq!(count(conn, "SELECT count(*) FROM owner WHERE NOT active"), 1);
        });
    }
    let draft = migrate::draft(
        "schema.sql",
        "CREATE TABLE a (n INTEGER);\nCREATE VIRTUAL TABLE f USING rtree(id, low, high)",
        TypePolicy::NATIVE,
    );
    let draft = draft.unwrap();
    assert!(
        draft
            .sql
            .contains("-- Not translated: the virtual table module rtree is SQLite's\n--     CREATE VIRTUAL TABLE f"),
        "{}",
        draft.sql
    );
    assert_eq!((draft.refused[0].kind(), draft.refused[0].line()), (ErrorKind::Refused, Some(2)));
}

#[test]
fn a_draft_of_tables_in_a_circle_says_so() {
    let schema = "CREATE TABLE a (id INTEGER PRIMARY KEY, b INTEGER REFERENCES b (id));
        CREATE TABLE b (id INTEGER PRIMARY KEY, a INTEGER REFERENCES a (id));";
    let draft = migrate::draft("schema.sql", schema, TypePolicy::NATIVE).unwrap();
    assert!(draft.sql.contains("--     CREATE TABLE a") && draft.sql.contains("\nCREATE TABLE b"), "{}", draft.sql);
    assert!(draft.refused[0].remedy().unwrap().contains("ADD FOREIGN KEY"), "{:?}", draft.refused);
}

#[test]
fn a_program_migrates_when_it_starts() {
    let migrations = sqlift::embed_migrations!("sql/migrations").unwrap();
    both(|conn| {
        assert_eq!(conn.migrate(&migrations).unwrap().applied.len(), 11);
        assert_eq!(conn.migrate(&migrations).unwrap().applied.len(), 0);
    });
}

/// Words that PostgreSQL 13 does not know, keywords in capitals as our SQL has them, in what migrations and sqlift's own functions are made of.
#[test]
fn the_projects_sql_is_postgresql_13() {
    const NEWER: &[(&str, u32)] = &[
        ("NULLS NOT DISTINCT", 15),
        ("MERGE INTO", 15),
        ("security_invoker", 15),
        ("JSON_TABLE", 17),
        ("JSON_OBJECT(", 16),
        ("JSON_ARRAY(", 16),
        ("JSON_SCALAR", 17),
        ("IS JSON", 16),
        ("ANY_VALUE(", 16),
        ("date_bin(", 14),
        ("CREATE OR REPLACE TRIGGER", 14),
        ("BEGIN ATOMIC", 14),
        ("string_to_table(", 14),
        ("trim_array(", 14),
        ("bit_count(", 14),
        ("unistr(", 14),
        ("regexp_count(", 15),
        ("regexp_instr(", 15),
        ("regexp_like(", 15),
        ("regexp_substr(", 15),
        ("range_agg(", 14),
        ("COMPRESSION ", 14),
        (") VIRTUAL", 18),
        ("uuidv7(", 18),
        ("RETURNING OLD", 18),
        ("random_normal(", 16),
        ("array_sample(", 16),
        ("array_shuffle(", 16),
        ("erf(", 16),
        ("WITHOUT OVERLAPS", 18),
        ("date_add(", 16),
        ("date_subtract(", 16),
        ("pg_input_is_valid", 16),
        ("to_bin(", 17),
        ("to_oct(", 17),
        ("casefold(", 18),
    ];
    for folder in ["sql/migrations/postgres", "sql/postgres/compat"] {
        for entry in std::fs::read_dir(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).unwrap() {
            let path = entry.unwrap().path();
            let text = std::fs::read_to_string(&path).unwrap();
            for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("--")) {
                for (word, version) in NEWER {
                    // A function of sqlift's own may have the name, or a text.
                    let own = line.contains(&format!("'{word}"))
                        || line.contains(&format!("sqlift.{word}"))
                        || line.contains(&format!("_{word}"));
                    assert!(own || !line.contains(word), "{}:{}: {word} needs {version}", path.display(), number + 1);
                }
            }
        }
    }
}
