//! Every combination of variables, and what a program under them opens.

use super::{PASSWORD, Vars, look_up, shown};
use sqlift::config::Config;

#[track_caller]
fn check_vars(rows: &[(Vars, &str)]) {
    for (vars, expected) in rows {
        let text = shown(Config::from_vars(&look_up(vars)));
        assert!(
            text == *expected || (expected.ends_with("...") && text.starts_with(expected.trim_end_matches('.'))),
            "{vars:?}: {text}"
        );
    }
}

#[test]
fn environments() {
    let here = std::env::current_dir().unwrap();
    let refusal = |variable: &str, file: &str, why: &str| {
        format!(
            "SQLite is refused in production ({variable}): {file}, since DATABASE_URL {why}\n  help: set DATABASE_URL=postgres://user@host/database, or SQLIFT_ALLOW_SQLITE=1 if this SQLite database is meant"
        )
    };
    let dev = format!("./dev.db (that is {})", here.join("dev.db").display());
    check_vars(&[
        (&[], "sqlite:./dev.db"),
        (&[("DATABASE_URL", "")], "sqlite:./dev.db"),
        (&[("DATABASE_URL", "  "), ("DATABASE_PROVIDER", "")], "sqlite:./dev.db"),
        (&[("DATABASE_PROVIDER", "sqlite")], "sqlite:./dev.db"),
        (&[("DATABASE_URL", "app.db")], "sqlite:app.db"),
        (&[("DATABASE_URL", "sqlite:///app.db"), ("DATABASE_PROVIDER", "SQLite")], "sqlite:app.db"),
        (&[("DATABASE_URL", "postgres://app:hunter2@db/portal")], "postgresql://app@db:5432/portal"),
        (
            &[("DATABASE_URL", "postgres://app@db/portal"), ("DATABASE_PROVIDER", "postgres")],
            "postgresql://app@db:5432/portal",
        ),
        (
            &[("DATABASE_URL", "postgres://app@db/portal"), ("DATABASE_PROVIDER", "PostgreSQL")],
            "postgresql://app@db:5432/portal",
        ),
        (&[("DATABASE_URL", "host=db user=app"), ("DATABASE_PROVIDER", "pg")], "postgresql://app@db:5432/app"),
        (
            &[("DATABASE_URL", "postgres://app@db/portal"), ("PGPASSWORD", PASSWORD), ("PGPORT", "7")],
            "postgresql://app@db:7/portal",
        ),
        // Assembled.
        (&[("DATABASE_PROVIDER", "postgres"), ("POSTGRES_HOST", "db")], "postgresql://postgres@db:5432/postgres"),
        (
            &[
                ("DATABASE_PROVIDER", "postgres"),
                ("POSTGRES_HOST", "db"),
                ("POSTGRES_PORT", "7"),
                ("POSTGRES_USER", "app"),
                ("POSTGRES_PASSWORD", "hunter2/@:%"),
                ("POSTGRES_DB", "por tal"),
            ],
            "postgresql://app@db:7/por%20tal",
        ),
        (&[("DATABASE_PROVIDER", "pg"), ("PGHOST", "db"), ("PGUSER", "app")], "postgresql://app@db:5432/app"),
        (&[("POSTGRES_HOST", "db")], "sqlite:./dev.db"),
        // Refused.
        (
            &[("DATABASE_PROVIDER", "postgres")],
            "DATABASE_PROVIDER=postgres, but nothing says which server\n  help: set DATABASE_URL=postgres://user@host/database, or POSTGRES_HOST...",
        ),
        (
            &[("DATABASE_PROVIDER", "mysql")],
            "DATABASE_PROVIDER=mysql is not a database that is known\n  help: set DATABASE_PROVIDER to sqlite or postgres...",
        ),
        (&[("DATABASE_PROVIDER", "postgres://app:hunter2@db")], "DATABASE_PROVIDER does not hold a database's kind..."),
        (
            &[("DATABASE_PROVIDER", "postgres"), ("DATABASE_URL", "app.db")],
            "DATABASE_PROVIDER=postgres contradicts DATABASE_URL, which names a SQLite database\n  help: change or unset DATABASE_PROVIDER or DATABASE_URL",
        ),
        (
            &[("DATABASE_PROVIDER", "sqlite"), ("DATABASE_URL", "postgres://app:hunter2@db")],
            "DATABASE_PROVIDER=sqlite contradicts DATABASE_URL, which names a PostgreSQL database...",
        ),
        (&[("DATABASE_URL", "mysql://app:hunter2@db")], "DATABASE_URL: mysql://app:***@db is not..."),
        (
            &[("DATABASE_URL", "postgres://app:hunter2@db?x=1")],
            "DATABASE_URL: x is not a parameter of a connection string...",
        ),
        (&[("DATABASE_URL", "app\u{fffd}.db")], "DATABASE_URL is not UTF-8..."),
        (
            &[("DATABASE_PROVIDER", "pg"), ("POSTGRES_HOST", "db"), ("POSTGRES_PORT", PASSWORD)],
            "POSTGRES_HOST, POSTGRES_PORT: the port is not a number...",
        ),
        // Production.
        (&[("APP_ENV", "production")], &refusal("APP_ENV=production", &dev, "is not set")),
        (
            &[("ENVIRONMENT", "Prod"), ("DATABASE_URL", "sqlite:////data/app.db")],
            &refusal("ENVIRONMENT=Prod", "/data/app.db", "names it"),
        ),
        (
            &[("SQLIFT_ENV", "prod"), ("DATABASE_URL", "sqlite::memory:")],
            &refusal("SQLIFT_ENV=prod", "memory", "names it"),
        ),
        (
            &[("APP_ENV", "production"), ("SQLIFT_ALLOW_SQLITE", "0")],
            &refusal("APP_ENV=production", &dev, "is not set"),
        ),
        (&[("APP_ENV", "production"), ("SQLIFT_ALLOW_SQLITE", "1")], "sqlite:./dev.db"),
        (
            &[("APP_ENV", "production"), ("SQLIFT_ALLOW_SQLITE", PASSWORD)],
            "SQLIFT_ALLOW_SQLITE is neither on nor off\n  help: set SQLIFT_ALLOW_SQLITE=1 or unset it",
        ),
        (&[("APP_ENV", "production"), ("DATABASE_URL", "postgres://app@db")], "postgresql://app@db:5432/app"),
        (&[("APP_ENV", "staging")], "sqlite:./dev.db"),
    ]);
}

/// What a program sees that opens its SQLite file with these variables: run as a process of its own, since both the
/// environment and the memory of opened files belong to one.
#[test]
fn a_program_under_database_url() {
    let database = sqlift::testing::database();
    let folder = tempfile::tempdir().unwrap();
    let url = database.url();
    let separator = if url.contains('?') { '&' } else { '?' };
    let secret = format!("{url}{separator}password={PASSWORD}");
    let report = |variable: &str| format!("sqlift: {variable} selects PostgreSQL ");

    let run = |vars: Vars| {
        let output = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "config::environment::program_that_opens_its_file", "--ignored", "--nocapture"])
            .env_remove("DATABASE_URL")
            .env_remove("DATABASE_PROVIDER")
            .envs(vars.iter().copied())
            .env("PROGRAM_FOLDER", folder.path())
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
        assert!(!text.contains(PASSWORD), "{text}");
        text
    };

    let text = run(&[]);
    assert!(text.contains("app.db: SQLite") && text.contains("log.db: SQLite"), "{text}");
    assert!(!text.contains("sqlift:"), "{text}");

    let text = run(&[("DATABASE_URL", &secret)]);
    assert!(text.contains("app.db: PostgreSQL"), "{text}");
    assert!(text.contains("log.db is a second SQLite file") && text.contains("SQLIFT_SCHEMA_PER_FILE=1"), "{text}");
    assert!(text.contains("sqlite:side.db: SQLite") && text.contains(":memory:: PostgreSQL"), "{text}");
    assert_eq!(text.matches(&report("DATABASE_URL")).count(), 1, "{text}");

    let text = run(&[("DATABASE_URL", &secret), ("SQLIFT_SCHEMA_PER_FILE", "1"), ("SQLIFT_QUIET", "1")]);
    assert!(text.contains("app.db: PostgreSQL") && text.contains("log.db: PostgreSQL"), "{text}");
    assert!(!text.contains("sqlift:"), "{text}");
    assert!(text.contains("each its own: true"), "{text}");

    let text = run(&[("DATABASE_URL", &secret), ("DATABASE_PROVIDER", "sqlite")]);
    assert!(text.contains("DATABASE_PROVIDER=sqlite contradicts DATABASE_URL"), "{text}");
}

#[test]
#[ignore = "run by a_program_under_database_url, in a process of its own"]
fn program_that_opens_its_file() {
    use sqlift::Connection;
    let folder = std::path::PathBuf::from(std::env::var_os("PROGRAM_FOLDER").unwrap());
    let mut opened = Vec::new();
    for name in ["app.db", "app.db", "log.db"] {
        match Connection::open(folder.join(name)) {
            Ok(conn) => {
                println!("{name}: {}", conn.backend());
                opened.push(conn);
            }
            Err(error) => println!("{error}"),
        }
    }
    if let [app, again, log] = &opened[..] {
        app.execute_batch("CREATE TABLE only_here (n INTEGER)").unwrap();
        let sees = |conn: &Connection| {
            conn.query_row("SELECT count(*) FROM only_here", [], |row| row.get::<_, i64>(0)).is_ok()
        };
        println!("each its own: {}", sees(again) && !sees(log));
    }
    let side = format!("sqlite:{}", folder.join("side.db").display());
    match Connection::open(&side) {
        Ok(conn) => println!("sqlite:side.db: {}", conn.backend()),
        Err(error) => println!("{error}"),
    }
    match Connection::open(":memory:") {
        Ok(conn) => println!(":memory:: {}", conn.backend()),
        Err(error) => println!("{error}"),
    }
}
