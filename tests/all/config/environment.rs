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
        (
            &[
                ("DATABASE_PROVIDER", "postgres"),
                ("POSTGRES_HOST", "db"),
                ("POSTGRES_PASSWORD_FILE", "/run/secrets/db"),
            ],
            "postgresql://postgres@db:5432/postgres?password_file=%2Frun%2Fsecrets%2Fdb",
        ),
        (
            &[("DATABASE_URL", "postgres://app@db?password_file=/run/pw"), ("PGPASSWORD", PASSWORD)],
            "postgresql://app@db:5432/app?password_file=%2Frun%2Fpw",
        ),
        (
            &[
                ("DATABASE_PROVIDER", "pg"),
                ("POSTGRES_HOST", "db"),
                ("POSTGRES_PASSWORD", PASSWORD),
                ("POSTGRES_PASSWORD_FILE", "/pw"),
            ],
            "both a password and a password file are given\n  help: leave one of password and password_file out",
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
    let line = text.lines().find(|line| line.contains("sqlift: DATABASE_URL selects")).unwrap();
    let version = format!("PostgreSQL {}", server_version(url));
    for part in [
        version.as_str(),
        " as postgres",
        "on a Unix socket",
        "no migrations",
        "app.db is not used (SQLIFT_QUIET=1 turns this line off)",
    ] {
        assert!(line.contains(part), "{part}: {line}");
    }

    let text = run(&[("DATABASE_URL", &secret), ("SQLIFT_SCHEMA_PER_FILE", "1"), ("SQLIFT_QUIET", "1")]);
    assert!(text.contains("app.db: PostgreSQL") && text.contains("log.db: PostgreSQL"), "{text}");
    assert!(!text.contains("sqlift:"), "{text}");
    assert!(text.contains("each its own: true"), "{text}");

    let text = run(&[("DATABASE_URL", &secret), ("DATABASE_PROVIDER", "sqlite")]);
    assert!(text.contains("DATABASE_PROVIDER=sqlite contradicts DATABASE_URL"), "{text}");
}

fn server_version(url: &str) -> String {
    let conn = sqlift::Connection::open_url(url).unwrap();
    conn.server_version().unwrap().split(' ').next().unwrap().to_owned()
}

/// Runs an ignored test in a process of its own, under these variables alone; gives all that it printed.
fn in_a_process(name: &str, folder: &std::path::Path, vars: Vars) -> String {
    let mut command = std::process::Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", &format!("config::environment::{name}"), "--ignored", "--nocapture"]);
    for variable in ["DATABASE_URL", "DATABASE_PROVIDER", "APP_ENV", "ENVIRONMENT", "SQLIFT_ENV"] {
        command.env_remove(variable);
    }
    let output = command.envs(vars.iter().copied()).current_dir(folder).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{text}");
    text
}

/// What `Db::from_env` says on standard error, and what it refuses.
#[test]
fn a_program_that_takes_its_database_from_the_environment() {
    let database = sqlift::testing::database();
    let folder = tempfile::tempdir().unwrap();
    let run = |vars: Vars| in_a_process("program_with_db_from_env", folder.path(), vars);
    let dev = folder.path().canonicalize().unwrap().join("dev.db");
    let quiet = "(SQLIFT_QUIET=1 turns this line off)";

    let text = run(&[]);
    let line = format!(
        "sqlift: DATABASE_URL is not set, so this is SQLite {}, ./dev.db (that is {}), no migrations {quiet}",
        sqlift::version(),
        dev.display()
    );
    assert!(text.contains(&line) && text.contains("opened SQLite"), "{text}");
    assert_eq!(text.matches("sqlift: ").count(), 1, "{text}");
    assert!(!run(&[("SQLIFT_QUIET", "1")]).contains("sqlift: "));
    assert!(run(&[("SQLIFT_QUIET", "perhaps")]).contains("SQLIFT_QUIET is neither on nor off"));

    let conn = sqlift::Connection::open_url(database.url()).unwrap();
    conn.execute_batch(
        "CREATE TABLE schema_migrations (version INTEGER PRIMARY KEY); INSERT INTO schema_migrations VALUES (11), (12)",
    )
    .unwrap();
    let text = run(&[("DATABASE_URL", database.url())]);
    assert!(text.contains("sqlift: DATABASE_URL selects PostgreSQL ") && text.contains("opened PostgreSQL"), "{text}");
    assert!(text.contains(&format!(", on a Unix socket, migrations at 12 {quiet}")), "{text}");

    // Where the database cannot be opened the line says all the same who chose it.
    let text = run(&[("DATABASE_URL", "postgres://app:hunter2@127.0.0.1:1/portal")]);
    assert!(
        text.contains(&format!("sqlift: DATABASE_URL selects PostgreSQL 127.0.0.1:1/portal as app {quiet}")),
        "{text}"
    );
    assert!(text.contains("Connection refused") && !text.contains(PASSWORD), "{text}");

    let text = run(&[("APP_ENV", "production")]);
    assert!(text.contains("SQLite is refused in production (APP_ENV=production): ./dev.db (that is "), "{text}");
    let text = run(&[("REFUSE", "1")]);
    assert!(text.contains("SQLite is refused, since the program called refuse_sqlite(): ./dev.db (that is "), "{text}");
    assert!(
        text.contains("since DATABASE_URL is not set\n  help: set DATABASE_URL=postgres://user@host/database"),
        "{text}"
    );
    assert!(
        text.contains("app.db refused: SQLite is refused, since the program called refuse_sqlite(): app.db"),
        "{text}"
    );
    assert!(text.contains("a cache of its own is opened"), "{text}");
}

#[test]
#[ignore = "run by a_program_that_takes_its_database_from_the_environment, in a process of its own"]
fn program_with_db_from_env() {
    let refuse = std::env::var_os("REFUSE").is_some();
    if refuse {
        sqlift::config::refuse_sqlite();
    }
    match sqlift::Db::from_env() {
        Ok(db) => println!("opened {}", db.backend()),
        Err(error) => println!("{error}"),
    }
    if refuse {
        println!("app.db refused: {}", sqlift::Connection::open("app.db").unwrap_err());
        sqlift::Connection::open_sqlite("cache.db").unwrap();
        sqlift::Connection::open("sqlite:cache.db").unwrap();
        println!("a cache of its own is opened");
    }
}

/// Everything that a program can print of a run, good and bad, with a password that the server really asks for.
#[test]
fn no_text_of_a_whole_run_holds_the_password() {
    let server = sqlift::testing::TempPostgres::options()
        .tcp()
        .hba("host all postgres all trust\nhost all app all scram-sha-256\n")
        .start()
        .unwrap();
    let admin = sqlift::Connection::open_url(server.url()).unwrap();
    let sql = format!("CREATE ROLE app LOGIN PASSWORD '{PASSWORD}'; GRANT CREATE ON SCHEMA public TO app");
    admin.native().execute_batch(&sql).unwrap();
    let url = server.url().replacen("postgres@", &format!("app:{PASSWORD}@"), 1);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("password");
    std::fs::write(&file, format!("{PASSWORD}\n")).unwrap();
    let by_file = server.url().replacen("postgres@", "app@", 1) + &format!("?password_file={}", file.display());
    for url in [&url, &by_file] {
        let text = in_a_process("program_that_prints_all_it_sees", folder.path(), &[("DATABASE_URL", url)]);
        assert!(text.contains("selects PostgreSQL") && text.contains(" as app, without TLS"), "{text}");
        assert!(text.contains("all was printed"), "{text}");
        assert!(!text.contains(PASSWORD), "the password shows: {text}");
    }
    std::fs::write(&file, "wrong\n").unwrap();
    let text = in_a_process("program_that_prints_all_it_sees", folder.path(), &[("DATABASE_URL", &by_file)]);
    assert!(text.contains("password authentication failed") && !text.contains("wrong"), "{text}");
    for (content, expected) in [("", "is empty"), ("a\nb", "holds more than one line")] {
        std::fs::write(&file, content).unwrap();
        let error = sqlift::Connection::open_url(&by_file).unwrap_err().to_string();
        assert!(error.contains(expected) && error.contains("help: let it hold the role's password"), "{error}");
    }
    std::fs::remove_file(&file).unwrap();
    assert!(sqlift::Connection::open_url(&by_file).unwrap_err().to_string().contains("cannot be read"));
}

#[test]
#[ignore = "run by no_text_of_a_whole_run_holds_the_password, in a process of its own"]
fn program_that_prints_all_it_sees() {
    use sqlift::{Connection, Db};
    let error = |what: sqlift::Error| {
        println!("{what} {what:?} {what:#?}");
        if let Some(report) = sqlift::postgres_error(&what) {
            println!("{report:?} {report:#?} {}", report.message);
        }
    };
    let config = Config::from_env().unwrap();
    println!("{config} {config:?} {config:#?}");
    let db = match Db::from_env() {
        Ok(db) => db,
        Err(failed) => return error(failed),
    };
    println!("{db:?} {:?}", db.config());
    let conn = db.get().unwrap();
    println!("{conn:?} {:?} {:?}", conn.path(), conn.prepare("SELECT ?1").unwrap());
    conn.execute_batch("CREATE TABLE IF NOT EXISTS tag (name TEXT UNIQUE)").unwrap();
    let _ = conn.execute("DELETE FROM tag", []);
    conn.execute("INSERT INTO tag VALUES ('red')", []).unwrap();
    for sql in ["INSERT INTO tag VALUES ('red')", "SELECT nothing FROM tag", "SELEC", "ATTACH 'a' AS b", "SELECT 1/"] {
        error(conn.execute_batch(sql).unwrap_err());
    }
    error(conn.native().execute_batch("SELECT pg_sleep").unwrap_err());
    error(conn.native().execute_batch("CREATE ROLE other").unwrap_err());
    let url = std::env::var("DATABASE_URL").unwrap();
    let separator = if url.contains('?') { '&' } else { '?' };
    for wrong in ["dbname=not_there", "sslmode=verify-full", "port=1", "nonsense=1", "isolation=x", "sslcert=x"] {
        error(Connection::open_url(&format!("{url}{separator}{wrong}")).unwrap_err());
    }
    println!("all was printed");
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
