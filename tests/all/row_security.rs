//! Settings of a check-out, and policies of row-level security that read them, with a role that policies hold for.

use std::panic::{AssertUnwindSafe, catch_unwind};

use sqlift::testing::TestDatabase;
use sqlift::{Connection, Db, ErrorCode, Result};

struct Fixture {
    owner: Connection,
    db: Db,
    role: String,
    _database: TestDatabase,
}

/// Two tenants' orders, and a pool of one connection as the program's role.
fn fixture() -> Fixture {
    let database = sqlift::testing::database();
    let owner = Connection::open_url(database.url()).unwrap();
    let role = format!("app_{}", database.name());
    owner.execute_batch("CREATE TABLE orders (id INTEGER PRIMARY KEY, tenant TEXT NOT NULL, title TEXT)").unwrap();
    owner.execute_batch("INSERT INTO orders (tenant, title) VALUES ('red', 'a'), ('red', 'b'), ('blue', 'c')").unwrap();
    owner
        .native()
        .execute_batch(&format!(
            "CREATE ROLE {role} LOGIN; GRANT SELECT, INSERT, UPDATE, DELETE ON orders TO {role};
             ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
             CREATE POLICY own ON orders USING (tenant = current_setting('app.tenant', true))"
        ))
        .unwrap();
    let separator = if database.url().contains('?') { '&' } else { '?' };
    let url = database.url().replacen("postgres@", &format!("{role}@"), 1) + &format!("{separator}pool_max_size=1");
    Fixture { owner, db: Db::open(&url).unwrap(), role, _database: database }
}

impl Drop for Fixture {
    fn drop(&mut self) {
        let role = &self.role;
        let _ = self.owner.native().execute_batch(&format!("DROP OWNED BY {role}; DROP ROLE {role}"));
    }
}

fn titles(conn: &Connection) -> Vec<String> {
    let mut statement = conn.prepare("SELECT title FROM orders ORDER BY id").unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().collect::<Result<_>>().unwrap()
}

const NONE: [&str; 0] = [];

#[test]
fn a_tenant_sees_and_writes_its_own_rows() {
    let fixture = fixture();
    let db = &fixture.db;
    assert_eq!(titles(&db.get_with(&[("app.tenant", "red")]).unwrap()), ["a", "b"]);
    assert_eq!(titles(&db.get_with(&[("app.tenant", "blue")]).unwrap()), ["c"]);
    assert_eq!(titles(&db.get().unwrap()), NONE);
    assert_eq!(titles(&db.get_with(&[]).unwrap()), NONE);
    assert_eq!(titles(&db.get_with(&[("app.tenant", "it's")]).unwrap()), NONE);

    let mut conn = db.get_with(&[("app.tenant", "blue"), ("app.user", "7")]).unwrap();
    assert_eq!(conn.execute("UPDATE orders SET title = title || '!'", []), Ok(1));
    assert_eq!(conn.execute("DELETE FROM orders WHERE tenant = 'red'", []), Ok(0));
    assert!(conn.execute("INSERT INTO orders (tenant, title) VALUES ('red', 'x')", []).is_err());
    let tx = conn.transaction().unwrap();
    tx.execute("INSERT INTO orders (tenant, title) VALUES ('blue', 'd')", []).unwrap();
    tx.rollback().unwrap();
    // A transaction that is rolled back does not take the settings along.
    assert_eq!(titles(&conn), ["c!"]);
    drop(conn);
    assert_eq!(titles(&fixture.owner), ["a", "b", "c!"]);
}

#[test]
fn a_setting_never_reaches_the_next_user() {
    let fixture = fixture();
    let db = &fixture.db;
    type Use = fn(&Db);
    let uses: &[(&str, Use)] = &[
        ("returned", |db| drop(db.get_with(&[("app.tenant", "red"), ("App.User", "7")]).unwrap())),
        ("in a transaction", |db| {
            let conn = db.get_with(&[("app.tenant", "red")]).unwrap();
            conn.execute_batch("BEGIN; INSERT INTO orders (tenant, title) VALUES ('red', 'x')").unwrap();
        }),
        ("after a failure", |db| {
            let conn = db.get_with(&[("app.tenant", "red")]).unwrap();
            conn.execute_batch("BEGIN").unwrap();
            assert!(
                conn.execute_batch("SELECT nothing").is_err() && conn.native().execute_batch("SELECT 1/0").is_err()
            );
        }),
        ("after a panic", |db| {
            let panicked = catch_unwind(AssertUnwindSafe(|| {
                let conn = db.get_with(&[("app.tenant", "red")]).unwrap();
                let mut statement = conn.prepare("SELECT title FROM orders").unwrap();
                let mut rows = statement.query([]).unwrap();
                rows.next().unwrap();
                panic!("in the middle of a result");
            }));
            assert!(panicked.is_err());
        }),
        ("set again by hand", |db| {
            let conn = db.get_with(&[("app.tenant", "red")]).unwrap();
            conn.native().execute_batch("SET app.tenant = 'red'; SET app.other = 'red'").unwrap();
        }),
        ("with a half-read result", |db| {
            let conn = db.get_with(&[("app.tenant", "red")]).unwrap();
            let mut statement = conn.prepare("SELECT title FROM orders").unwrap();
            statement.query([]).unwrap().next().unwrap();
        }),
    ];
    for (what, use_it) in uses {
        use_it(db);
        let conn = db.get().unwrap();
        assert_eq!(titles(&conn), NONE, "{what}");
        for name in ["app.tenant", "app.user", "app.other"] {
            let sql = "SELECT coalesce(current_setting(?, true), '')";
            let value: String = conn.native().query_row(sql, [name], |row| row.get(0)).unwrap();
            assert_eq!(value, "", "{what}: {name}");
        }
    }
    // The session is lost while it has settings: the one that takes its place has none.
    let conn = db.get_with(&[("app.tenant", "red")]).unwrap();
    fixture
        .owner
        .native()
        .execute_batch(&format!(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{}'",
            fixture.role
        ))
        .unwrap();
    crate::support::until("its sessions have ended", || {
        let sql = "SELECT count(*) FROM pg_stat_activity WHERE usename = ?";
        fixture.owner.native().query_row(sql, [&fixture.role], |row| row.get::<_, i64>(0)).unwrap() == 0
    });
    drop(conn);
    assert_eq!(titles(&db.get().unwrap()), NONE);
}

#[test]
fn names_that_are_refused() {
    let fixture = fixture();
    for name in ["role", "search_path", "app", "app.", ".user", "app.a-b", "app.a.b", "sqlift.running", "a'.b", ""] {
        let error = fixture.db.get_with(&[(name, "hunter2")]).unwrap_err();
        assert!(
            error.to_string().contains("cannot be a setting of a check-out\n  help: a name of your own"),
            "{name}: {error}"
        );
    }
    let error = fixture.db.get_with(&[("app.user", "hunter2\0")]).unwrap_err().to_string();
    assert!(error.contains("holds a NUL character") && !error.contains("hunter2"), "{error}");
    assert_eq!(fixture.db.pool_state().in_use, 0);
}

#[cfg(not(feature = "functions"))]
#[test]
fn sqlite_says_that_nothing_would_read_it() {
    let db = Db::open("sqlite::memory:").unwrap();
    let error = db.get_with(&[("app.user", "7")]).unwrap_err();
    assert_eq!(error.sqlite_error_code(), Some(ErrorCode::Unknown));
    assert!(error.to_string().contains("SQLite, which has no row-level security"), "{error}");
    assert!(db.get_with(&[]).is_ok());
}

#[cfg(feature = "functions")]
#[test]
fn sqlite_has_current_setting_for_views() {
    let db = Db::open("sqlite::memory:").unwrap();
    db.execute_batch(
        "CREATE TABLE orders (id INTEGER PRIMARY KEY, tenant TEXT, title TEXT);
         INSERT INTO orders (tenant, title) VALUES ('red', 'a'), ('blue', 'b')",
    )
    .unwrap();
    let view = "CREATE VIEW own AS SELECT * FROM orders WHERE tenant = current_setting('app.tenant', 1)";
    let own = |conn: &Connection| -> Vec<String> {
        conn.prepare("SELECT title FROM own")
            .unwrap()
            .query_map([], |row| row.get(0))
            .unwrap()
            .collect::<Result<_>>()
            .unwrap()
    };
    let conn = db.get_with(&[("app.tenant", "red")]).unwrap();
    conn.execute_batch(view).unwrap();
    assert_eq!(own(&conn), ["a"]);
    let error =
        conn.query_row("SELECT current_setting('app.other', 0)", [], |row| row.get::<_, String>(0)).unwrap_err();
    assert_eq!(error.sqlite_error_code(), Some(ErrorCode::Unknown));
    drop(conn);
    assert_eq!(own(&db.get().unwrap()), NONE);
    assert_eq!(own(&db.get_with(&[("app.tenant", "blue")]).unwrap()), ["b"]);
}
