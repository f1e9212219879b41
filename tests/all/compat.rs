//! The functions that sqlift installs in PostgreSQL: once, also by many at a time, over older ones, and with a clear word where they may not.

use crate::support;
use sqlift::translate::compat::{SCRIPTS, VERSION};
use sqlift::{Connection, Error};

/// A statement that needs the functions.
const NEEDS: &str = "SELECT printf('%05.1f', 2.25), json_extract('[1]', '$[0]')";

#[test]
fn many_first_connections_install_once() {
    let database = sqlift::testing::database();
    let answers: Vec<Result<String, Error>> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..12)
            .map(|_| {
                scope
                    .spawn(|| Connection::open_url(database.url())?.query_row(NEEDS, [], |row| row.get::<_, String>(0)))
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().expect("no panic")).collect()
    });
    for answer in answers {
        assert_eq!(answer.expect("every connection finds the functions"), "002.3");
    }
    let conn = Connection::open_url(database.url()).unwrap();
    let version: i32 = conn.native().query_row("SELECT sqlift.version()", [], |row| row.get(0)).unwrap();
    assert_eq!(version, VERSION);
}

#[test]
fn an_older_version_is_brought_up_to_date_and_the_same_one_again_changes_nothing() {
    let database = sqlift::testing::database();
    let conn = Connection::open_url(database.url()).unwrap();
    let native = conn.native();
    for (_, script) in SCRIPTS {
        native.execute_batch(script).unwrap();
    }
    native
        .execute_batch(
            "CREATE OR REPLACE FUNCTION sqlift.version() RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 1';
             CREATE OR REPLACE FUNCTION sqlift.hex(x text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT 'old' $$;
             CREATE TABLE kept(a text DEFAULT sqlift.hex('a'::text), b text GENERATED ALWAYS AS (sqlift.hex('b'::text)) STORED);
             INSERT INTO sqlift.setting VALUES ('app', 'user_version', 7)",
        )
        .unwrap();
    let fresh = Connection::open_url(database.url()).unwrap();
    let text: String = fresh.query_row("SELECT hex('a')", [], |row| row.get(0)).unwrap();
    assert_eq!(text, "61");
    let count = |sql: &str| native.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(count("SELECT sqlift.version()::bigint"), i64::from(VERSION));
    assert_eq!(count("SELECT value FROM sqlift.setting WHERE schema_name = 'app'"), 7);
    let functions =
        "SELECT count(*) FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = 'sqlift'";
    let before = count(functions);
    for (name, script) in SCRIPTS {
        native.execute_batch(script).unwrap_or_else(|error| panic!("{name}: {error}"));
    }
    assert_eq!(count(functions), before);
}

#[test]
fn a_role_without_the_right_is_told_what_an_administrator_runs() {
    let database = sqlift::testing::database();
    let conn = Connection::open_url(database.url()).unwrap();
    let name: String = conn.native().query_row("SELECT current_database()", [], |row| row.get(0)).unwrap();
    conn.native()
        .execute_batch(&format!(
            "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'sqlift_guest') THEN CREATE ROLE sqlift_guest LOGIN PASSWORD 'guest'; END IF; END $$;
             REVOKE CREATE ON DATABASE \"{name}\" FROM PUBLIC, sqlift_guest"
        ))
        .unwrap();
    conn.native().execute_batch("DROP SCHEMA IF EXISTS sqlift CASCADE").unwrap();
    let (scheme, rest) = database.url().split_once("://").unwrap();
    let (_, place) = rest.split_once('@').unwrap();
    let guest = Connection::open_url(&format!("{scheme}://sqlift_guest:guest@{place}")).unwrap();
    // What needs none of the functions runs.
    assert_eq!(guest.query_row("SELECT 1 + 1", [], |row| row.get::<_, i64>(0)).unwrap(), 2);
    let error = guest.query_row(NEEDS, [], |row| row.get::<_, String>(0)).unwrap_err().to_string();
    assert!(error.contains("role sqlift_guest may not install") && error.contains("sqlift install URL"), "{error}");
    conn.query_row(NEEDS, [], |row| row.get::<_, String>(0)).unwrap();
    assert_eq!(guest.query_row(NEEDS, [], |row| row.get::<_, String>(0)).unwrap(), "002.3");
}

#[test]
fn scripts_keep_to_what_postgresql_13_knows() {
    // Words of later versions, which the server of the tests would take.
    let newer = [
        "BEGIN ATOMIC",
        "MERGE INTO",
        "multirange",
        "json_table",
        "json_value(",
        "json_query(",
        "json_exists(",
        "json_scalar(",
        "json_serialize(",
        "IS JSON",
        "jsonb_path_exists_tz",
        "date_bin",
        "string_to_table",
        "regexp_count",
        "regexp_instr",
        "regexp_like",
        "regexp_substr",
        "unistr(",
        "bit_count",
        "xid8",
        "any_value",
        "NULLS NOT DISTINCT",
        "SECURITY INVOKER",
        "security_invoker",
        "trim_array",
        "array_sample",
        "array_shuffle",
        "random_normal",
        "pg_input_is_valid",
        "1_000",
        "0x",
        "STORAGE ",
        "COMPRESSION",
        "SEARCH DEPTH",
        "SEARCH BREADTH",
        "CYCLE ",
        "GROUP BY DISTINCT",
        "OUT OF",
        "COLUMNS (",
        "ERROR ON ERROR",
        "WITHOUT OVERLAPS",
        "uuidv7",
        "casefold(",
        "crc32",
        "reverse(",
        "array_sort",
        "array_reverse",
        "RETURNING OLD",
        "RETURNING NEW",
        "VIRTUAL",
    ];
    let mut found = String::new();
    for (name, script) in SCRIPTS {
        for (number, line) in script.lines().enumerate() {
            let code = line.split("--").next().unwrap_or_default();
            for word in newer {
                // Names of our own in the schema may look like those.
                let at = code.find(word);
                if at.is_some_and(|at| {
                    !code[..at].ends_with("sqlift.") && !code[..at].ends_with('\'') && !in_literal(code, at)
                }) {
                    found += &format!("\n{name}.sql:{}: {word}", number + 1);
                }
            }
        }
    }
    assert!(found.is_empty(), "newer than PostgreSQL 13:{found}");
}

/// Whether the place is inside quotes of its line.
fn in_literal(line: &str, at: usize) -> bool {
    line[..at].matches('\'').count() % 2 == 1
}

#[test]
fn installing_needs_no_superuser() {
    support::on_postgres(|conn| {
        let native = conn.native();
        let name: String = native.query_row("SELECT current_database()", [], |row| row.get(0)).unwrap();
        native
            .execute_batch(&format!(
                "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'sqlift_owner') THEN CREATE ROLE sqlift_owner; END IF; END $$;
                 DROP SCHEMA IF EXISTS sqlift CASCADE;
                 GRANT CREATE ON DATABASE \"{name}\" TO sqlift_owner; SET ROLE sqlift_owner"
            ))
            .unwrap();
        for (name, script) in SCRIPTS {
            native.execute_batch(script).unwrap_or_else(|error| panic!("{name}: {error}"));
        }
        native.execute_batch("RESET ROLE").unwrap();
    });
}

/// What SQLite keeps in the file's header is written by who may write the tables; a file that is opened to read only has SQLite's
/// refusal of every write.
#[test]
fn a_role_that_may_only_read_does_not_set_the_header() {
    let database = sqlift::testing::database();
    let admin = Connection::open_url(database.url()).unwrap();
    let name: String = admin.native().query_row("SELECT current_database()", [], |row| row.get(0)).unwrap();
    let (reader, writer) = (format!("{name}_r"), format!("{name}_w"));
    admin.execute_batch("PRAGMA user_version = 3; PRAGMA application_id = 9").unwrap();
    // As an older sqlift left it.
    admin
        .native()
        .execute_batch(
            "DROP TRIGGER may_write ON sqlift.setting;
             CREATE OR REPLACE FUNCTION sqlift.version() RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 60'",
        )
        .unwrap();
    let admin = Connection::open_url(database.url()).unwrap();
    assert_eq!(admin.query_row("PRAGMA user_version", [], |row| row.get::<_, i64>(0)).unwrap(), 3, "kept");
    let roles = |schema: &str, table: &str| {
        format!(
            "GRANT USAGE ON SCHEMA {schema} TO \"{reader}\", \"{writer}\";
             GRANT SELECT ON {table} TO \"{reader}\"; GRANT SELECT, INSERT ON {table} TO \"{writer}\""
        )
    };
    admin
        .native()
        .execute_batch(&format!(
            "CREATE ROLE \"{reader}\" LOGIN PASSWORD 'guest'; CREATE ROLE \"{writer}\" LOGIN PASSWORD 'guest';
             REVOKE CREATE ON SCHEMA public FROM PUBLIC"
        ))
        .unwrap();
    let (scheme, rest) = database.url().split_once("://").unwrap();
    let (_, place) = rest.split_once('@').unwrap();
    for schema in ["public", "app"] {
        let parameter = if schema == "app" { "schema=app" } else { "schema=public" };
        Connection::open_url(&support::with(database.url(), parameter))
            .and_then(|owner| owner.execute_batch("CREATE TABLE t(id INTEGER PRIMARY KEY); PRAGMA user_version = 3"))
            .unwrap();
        admin.native().execute_batch(&roles(schema, &format!("{schema}.t"))).unwrap();
        let open = |role: &str| {
            Connection::open_url(&support::with(&format!("{scheme}://{role}:guest@{place}"), parameter)).unwrap()
        };
        let (reader, writer) = (open(&reader), open(&writer));
        let version =
            |conn: &Connection| conn.query_row("PRAGMA user_version", [], |row| row.get::<_, i64>(0)).unwrap();
        let code = |sql: &str| reader.execute_batch(sql).expect_err(sql).sqlite_extended_error_code();
        let refused = code("UPDATE t SET id = 1");
        assert_eq!(refused, Some(3), "SQLITE_PERM");
        for sql in ["PRAGMA user_version = 4", "PRAGMA application_id = 4"] {
            assert_eq!(code(sql), refused, "{sql}");
        }
        let text = reader.execute_batch("BEGIN; PRAGMA user_version = 4").unwrap_err().to_string();
        assert_eq!(text, format!("access permission denied: permission denied for schema {schema}"));
        assert_eq!(version(&reader), 3, "the transaction goes on");
        reader.execute_batch("COMMIT").unwrap();
        let native = format!("UPDATE sqlift.setting SET value = 5 WHERE schema_name = '{schema}'");
        reader.native().execute_batch(&native).unwrap_err();
        writer.execute_batch("PRAGMA user_version = 7").unwrap();
        assert_eq!((version(&reader), version(&writer)), (7, 7));
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("x.db");
    rusqlite::Connection::open(&file).and_then(|conn| conn.execute_batch("PRAGMA user_version = 3")).unwrap();
    let flags = sqlift::OpenFlags::SQLITE_OPEN_READ_ONLY;
    for sql in ["PRAGMA user_version = 4", "CREATE TABLE other(a)"] {
        let code = |conn: &Connection| conn.execute_batch(sql).expect_err(sql).sqlite_extended_error_code();
        assert_eq!(code(&Connection::open_with_flags(&file, flags).unwrap()), Some(8), "SQLITE_READONLY");
        assert_eq!(code(&Connection::open_with_flags(database.url(), flags).unwrap()), Some(8), "{sql}");
    }
}
