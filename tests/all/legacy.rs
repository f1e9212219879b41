//! The legacy application: one set of sources on rusqlite and on sqlift prints the same, whatever database is underneath.
//!
//! The two programs are packages of their own, so cargo builds them here first; that is a matter of seconds when the rest
//! of the workspace is built, and nothing when they are.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The modules of the application that run on PostgreSQL.
const ON_POSTGRES: &str = "sources,access,sessions,workflow,audit,pipelines,marketplace,conferences";

/// The folder that holds both programs, up to date.
fn programs() -> &'static Path {
    static PROGRAMS: OnceLock<PathBuf> = OnceLock::new();
    PROGRAMS.get_or_init(|| {
        let test = std::env::current_exe().expect("a test knows its own file");
        // target/PROFILE/deps/all-HASH
        let folder = test.ancestors().nth(2).expect("cargo puts tests two folders down").to_path_buf();
        let profile = match folder.file_name().and_then(|name| name.to_str()) {
            Some("debug") | None => "dev",
            Some(name) => name,
        };
        let target = folder.parent().expect("a profile's folder lies in the target folder");
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()));
        // What cargo says to this test about its package: build scripts would see a change, and build again.
        for (name, _) in std::env::vars_os() {
            if name.to_str().is_some_and(|name| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_")) {
                cargo.env_remove(name);
            }
        }
        let status = cargo
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .args(["build", "--quiet", "--profile", profile, "--target-dir"])
            .arg(target)
            // This test's own features and development dependencies, so that nothing is built a second time.
            .args(["-p", "sqlift", "--features", "sqlift/cli", "--test", "all"])
            .args(["-p", "portal-on-rusqlite", "--bin", "portal-on-rusqlite"])
            .args(["-p", "portal-on-sqlift", "--bin", "portal-on-sqlift"])
            .args(["-p", "portal-ported", "--bin", "portal-ported"])
            .status()
            .expect("cargo runs");
        assert!(status.success(), "the legacy application does not build");
        folder
    })
}

/// Where a program's `portal.db` goes.
enum Database<'a> {
    File(&'a Path),
    Postgres(&'a str),
}

/// Runs a program and gives what it prints.
#[track_caller]
fn portal(program: &str, database: &Database<'_>, args: &[&str]) -> String {
    let mut command = Command::new(programs().join(program));
    command.env_remove("DATABASE_URL").env_remove("DATABASE_PROVIDER");
    match database {
        Database::File(path) => command.arg("--db").arg(path),
        Database::Postgres(url) => command.env("DATABASE_URL", url).args(["--db", "portal.db"]),
    };
    let output = command.args(args).output().expect("the program was built");
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{program} {args:?}: {err}\nafter: {}", out.lines().last().unwrap_or_default());
    out.into_owned()
}

#[track_caller]
fn same(expected: &str, found: &str) {
    assert!(expected.contains("rows reported: "), "nothing was reported: {expected}");
    for (number, (expected, found)) in expected.lines().zip(found.lines()).enumerate() {
        assert_eq!(expected, found, "line {}", number + 1);
    }
    assert_eq!(expected.lines().count(), found.lines().count());
}

#[test]
fn all_modules_print_the_same_on_sqlite() {
    let dir = tempfile::tempdir().unwrap();
    let args = ["--rows", "200", "run"];
    let expected = portal("portal-on-rusqlite", &Database::File(&dir.path().join("a.db")), &args);
    let found = portal("portal-on-sqlift", &Database::File(&dir.path().join("b.db")), &args);
    same(&expected, &found);
}

#[test]
fn its_modules_print_the_same_on_postgres() {
    let (dir, database) = (tempfile::tempdir().unwrap(), sqlift::testing::database());
    let args = ["--modules", ON_POSTGRES, "--rows", "400", "run"];
    let expected = portal("portal-on-rusqlite", &Database::File(&dir.path().join("a.db")), &args);
    let found = portal("portal-on-sqlift", &Database::Postgres(database.url()), &args);
    same(&expected, &found);
}

/// A module that was ported to PostgreSQL's own SQL prints what it printed, on both databases.
#[test]
fn a_ported_module_prints_the_same_on_both() {
    let (dir, database) = (tempfile::tempdir().unwrap(), sqlift::testing::database());
    let args = ["--modules", "sources,sessions,audit", "--rows", "400", "run"];
    let expected = portal("portal-on-rusqlite", &Database::File(&dir.path().join("a.db")), &args);
    for database in [Database::File(&dir.path().join("b.db")), Database::Postgres(database.url())] {
        same(&expected, &portal("portal-ported", &database, &args));
    }
}

/// What uses PostgreSQL's own features prints what its fallback prints: on SQLite, and for a role that may not create `ltree`.
#[test]
fn features_and_their_fallbacks_print_the_same() {
    let (dir, with, without) = (tempfile::tempdir().unwrap(), sqlift::testing::database(), sqlift::testing::database());
    let admin = sqlift::Connection::open_url(without.url()).unwrap();
    let role = format!("app_{}", without.name());
    admin
        .native()
        .execute_batch(&format!("CREATE ROLE {role} LOGIN; GRANT CREATE ON SCHEMA public TO {role}"))
        .unwrap();
    let as_role = without.url().replacen("postgres@", &format!("{role}@"), 1);
    let mut printed = Vec::new();
    for database in
        [Database::File(&dir.path().join("a.db")), Database::Postgres(with.url()), Database::Postgres(&as_role)]
    {
        portal("portal-ported", &database, &["--modules", "marketplace", "--rows", "200", "seed"]);
        printed.push(portal("portal-ported", &database, &["features"]));
    }
    assert!(
        printed[0].contains("below region.north: SRC-2 SRC-3\n") && printed[0].contains("offers in red: SKU"),
        "{}",
        printed[0]
    );
    assert!(printed.iter().all(|text| *text == printed[0]), "{printed:?}");
    assert_eq!(sqlift::Db::open(&as_role).unwrap().supports(sqlift::Feature::Ltree), Ok(false));
    admin.native().execute_batch(&format!("DROP OWNED BY {role}; DROP ROLE {role}")).unwrap();
}

/// On PostgreSQL's own types, BOOLEAN, TIMESTAMPTZ, JSONB and UUID, as `sql/migrations/postgres` declares them.
#[test]
fn its_modules_print_the_same_on_native_types() {
    let (dir, database) = (tempfile::tempdir().unwrap(), sqlift::testing::database());
    migrated(database.url());
    let args = ["--modules", ON_POSTGRES, "--rows", "400", "run"];
    let expected = portal("portal-on-rusqlite", &Database::File(&dir.path().join("a.db")), &args);
    let found = portal("portal-on-sqlift", &Database::Postgres(database.url()), &args);
    same(&expected, &found);
    let conn = sqlift::Connection::open_url(database.url()).unwrap();
    let sql = "SELECT string_agg(DISTINCT data_type, ', ' ORDER BY data_type) FROM information_schema.columns \
               WHERE table_schema = 'public' AND table_name <> 'sqlift_migrations' AND data_type NOT IN ('bigint', 'text')";
    let types: String = conn.native().query_row(sql, [], |row| row.get(0)).unwrap();
    let expected = "boolean, bytea, character varying, date, double precision, jsonb, timestamp with time zone, uuid";
    assert_eq!(types, expected, "the program's tables are the migrations' still");
}

/// The same program on the set of SQLite's migrations: on both databases its own upgrade finds nothing to do.
#[test]
fn the_set_for_sqlite_is_the_programs_own_schema() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("b.db");
    migrated(&format!("sqlite:{}", file.display()));
    let args = ["--rows", "200", "run"];
    let expected = portal("portal-on-rusqlite", &Database::File(&dir.path().join("a.db")), &args);
    same(&expected, &portal("portal-on-rusqlite", &Database::File(&file), &args));
}

/// Brings a database to the newest version of `sql/migrations`.
#[track_caller]
fn migrated(url: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("sql/migrations");
    let conn = sqlift::Connection::open_url(url).unwrap();
    let migrations = sqlift::migrate::Migrations::from_folder(folder).unwrap();
    sqlift::migrate::up(&conn, &migrations, &Default::default()).unwrap();
}

/// Every command is a process of its own, as an operator runs them: what one wrote the next finds.
#[test]
fn commands_in_sequence_print_the_same_on_postgres() {
    let (dir, database) = (tempfile::tempdir().unwrap(), sqlift::testing::database());
    let (csv, file) = (dir.path().join("items.csv"), dir.path().join("a.db"));
    let csv = csv.to_str().unwrap();
    portal("portal-on-rusqlite", &Database::File(&file), &["make-csv", csv]);
    for command in [&["seed"][..], &["import", csv], &["import", csv], &["expire"], &["report"], &["report"]] {
        let args = [&["--modules", ON_POSTGRES, "--rows", "100"], command].concat();
        let expected = portal("portal-on-rusqlite", &Database::File(&file), &args);
        let found = portal("portal-on-sqlift", &Database::Postgres(database.url()), &args);
        same(&expected, &found);
    }
}

#[test]
fn the_two_manifests_differ_in_one_dependency_line() {
    let manifest = |name: &str| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("legacy").join(name).join("Cargo.toml");
        std::fs::read_to_string(path).unwrap().replace("portal-on-sqlift", "portal-on-rusqlite")
    };
    let (before, after) = (manifest("on_rusqlite"), manifest("on_sqlift"));
    let changed: Vec<_> = before.lines().zip(after.lines()).filter(|(before, after)| before != after).collect();
    assert_eq!(before.lines().count(), after.lines().count());
    assert!(
        matches!(changed[..], [(before, after)] if before.starts_with("rusqlite = ") && after.starts_with("rusqlite = "))
    );
}
