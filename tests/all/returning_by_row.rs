//! Writes of one row after the other: RETURNING, and upserts for any of several keys.

use crate::pragma_answers::same;
use crate::support;

#[test]
fn returning_tells_rows_that_are_written_one_after_the_other() {
    same(&[
        "CREATE TABLE k(id INTEGER PRIMARY KEY AUTOINCREMENT, n TEXT UNIQUE NOT NULL, m INTEGER UNIQUE, changed INTEGER)",
        "INSERT INTO k(n,m,changed) VALUES('a',1,1),('b',2,2)
            ON CONFLICT DO UPDATE SET changed=changed+excluded.changed RETURNING id, n, changed, changed*2.0 AS d, rowid",
        "INSERT INTO k(n,m,changed) VALUES('a',5,1),('c',2,2),('d',9,9)
            ON CONFLICT DO UPDATE SET changed=changed+excluded.changed RETURNING n, m, changed",
        "INSERT INTO k(n,m,changed) VALUES('a',5,1),('e',10,2)
            ON CONFLICT DO UPDATE SET changed=9 WHERE changed > 100 RETURNING n, m, 'x' AS x",
        // One key twice.
        "INSERT INTO k(n,changed) VALUES('a',1),('a',1),('q',9)
            ON CONFLICT(n) DO UPDATE SET changed=changed+excluded.changed RETURNING n, changed",
        "INSERT OR IGNORE INTO k(n,changed) VALUES('a',1),(NULL,1),('r',9) RETURNING n, changed",
        "INSERT OR REPLACE INTO k(n,changed) VALUES('a',1),('a',2),('r',9) RETURNING n, m, changed",
        "SELECT n, m, changed FROM k ORDER BY n",
        // Values of all kinds come back as they are.
        r#"CREATE TABLE u(a, b REAL, c BLOB, d NUMERIC, e BOOLEAN, f TEXT COLLATE NOCASE UNIQUE, "Gg" DATE, PRIMARY KEY(a))"#,
        r#"INSERT INTO u VALUES(1,1.5,x'0102',3,1,'A''b\',NULL),('x',0.1,NULL,2.5,0,'a"c,(','2024-01-01')
            ON CONFLICT DO UPDATE SET b=b+excluded.b RETURNING *, typeof(a), typeof(d)"#,
        r#"INSERT INTO u VALUES(1,1.5,x'0102',3,1,'q',NULL),('y',0.1,NULL,2.5,0,'A"C,(','2024-01-01')
            ON CONFLICT DO UPDATE SET b=b+excluded.b RETURNING *, typeof(a), typeof(d), rowid"#,
        // As the rows are ahead of AFTER triggers.
        "CREATE TABLE t(id INTEGER PRIMARY KEY, p INTEGER, v TEXT)",
        "CREATE TRIGGER y AFTER INSERT ON t BEGIN UPDATE t SET v = NEW.v || '!', p = (SELECT count(*) FROM t); END",
        "INSERT INTO t(v) VALUES('a'),('b') RETURNING *",
        "INSERT INTO t AS u(v) VALUES('c'),('d') RETURNING id, upper(v) AS \"p\", v || id",
        "SELECT * FROM t ORDER BY id",
    ]);
}

#[test]
fn a_counter_of_a_returning_write_is_sqlites() {
    let run = |conn: &sqlift::Connection| {
        conn.execute_batch("CREATE TABLE k(id INTEGER PRIMARY KEY AUTOINCREMENT, n TEXT UNIQUE, m INTEGER UNIQUE)")
            .unwrap();
        let sql = "INSERT INTO k(n, m) VALUES (?1, 1), (?2, 2) ON CONFLICT DO UPDATE SET n = n || '+' RETURNING n, ?3";
        let mut statement = conn.prepare(sql).unwrap();
        let mut seen = Vec::new();
        for (one, two) in [("a", "b"), ("a", "c"), ("d", "e")] {
            let read = |row: &sqlift::Row<'_>| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?));
            let rows: Vec<_> = statement.query_map((one, two, 7), read).unwrap().map(Result::unwrap).collect();
            seen.push((rows, conn.changes(), conn.last_insert_rowid()));
        }
        (seen, conn.total_changes())
    };
    assert_eq!(support::on_postgres(|conn| run(conn)), run(&support::sqlite()));
}

#[test]
fn an_id_that_numbers_itself_is_no_key_of_an_upsert() {
    let run = |conn: &sqlift::Connection| {
        conn.execute_batch(
            "CREATE TABLE k(id INTEGER PRIMARY KEY AUTOINCREMENT, n TEXT UNIQUE NOT NULL, ts INTEGER);
             CREATE TABLE g(git INTEGER NOT NULL, name TEXT UNIQUE NOT NULL, ts INTEGER, PRIMARY KEY(git, name))",
        )
        .unwrap();
        let id = |name: &str, ts: i64| -> i64 {
            let sql = "INSERT INTO k(n, ts) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET ts = excluded.ts RETURNING id";
            conn.query_row(sql, (name, ts), |row| row.get(0)).unwrap()
        };
        let ids = [id("a", 1), id("b", 2), id("a", 3)];
        let upsert = "INSERT INTO k(n, ts) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET ts = excluded.ts WHERE ts < ?3";
        let changed = [("a", 4, 3), ("a", 5, 9)].map(|values| conn.execute(upsert, values).unwrap());
        let upsert = "INSERT INTO g VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET ts = excluded.ts WHERE ts < ?4";
        let also = [(1, "a", 1, 9), (1, "a", 2, 9), (2, "a", 3, 9), (2, "a", 4, 1)]
            .map(|values| conn.execute(upsert, values).unwrap());
        let text = |sql: &str| conn.query_row(sql, [], |row| row.get::<_, String>(0)).unwrap();
        let rows =
            text("SELECT group_concat(n || ts, ' ' ORDER BY n) FROM k") + &text("SELECT git || name || ts FROM g");
        (ids, changed, also, rows)
    };
    let expected = run(&support::sqlite());
    assert_eq!(expected.0[0], expected.0[2]);
    support::on_postgres(|conn| {
        let found = run(conn);
        // The ids that PostgreSQL's upserts use up are told in MIGRATION.md.
        assert_eq!((found.0[0] == found.0[2], found.1, found.2, found.3), (true, expected.1, expected.2, expected.3));
    });
}

#[test]
fn of_the_rowid_and_its_column_the_last_one_counts() {
    same(&[
        "CREATE TABLE docs(id INTEGER PRIMARY KEY, title TEXT)",
        "INSERT INTO docs(rowid,id,title) VALUES(1,2,'x'),(3,4,'y')",
        "INSERT INTO docs(id,title,oid) SELECT id, title, id+10 FROM docs",
        "INSERT INTO docs(rowid,_rowid_,id,title) VALUES(1,2,7,'xx')",
        "INSERT INTO docs(rowid,id,title) VALUES(50,7,'dup')",
        "INSERT INTO docs(rowid,id,title) VALUES(50,7,'dup') ON CONFLICT(id) DO UPDATE SET title=excluded.title RETURNING id, title",
        "SELECT * FROM docs ORDER BY id",
        // A column of that name is a column.
        "CREATE TABLE own(id INTEGER PRIMARY KEY, rowid TEXT)",
        "INSERT INTO own(rowid,id) VALUES('a',9)",
        "SELECT * FROM own",
    ]);
}

#[test]
fn create_table_as_takes_parameters() {
    let run = |conn: &sqlift::Connection| {
        conn.execute_batch("CREATE TABLE k(n TEXT, ts INTEGER); INSERT INTO k VALUES('a',1),('b',2),('c',3)").unwrap();
        conn.execute(
            "CREATE TEMP TABLE t AS SELECT n, ts, 3-?2 AS p FROM k WHERE ts > ?1 ORDER BY n LIMIT ?3",
            (1, -5.25, 2),
        )
        .unwrap();
        let values = ("it's", -1, None::<i64>, vec![0u8, 255], 0.1 + 0.2, i64::MIN);
        conn.execute("CREATE TABLE u AS SELECT ?1 AS a, 3-?2 AS b, ?3 AS c, ?4 AS d, ?5 AS e, ?6 AS f", values)
            .unwrap();
        let read = |sql: &str| -> Vec<String> {
            let mut statement = conn.prepare(sql).unwrap();
            let width = statement.column_count();
            let text = |row: &sqlift::Row<'_>| {
                (0..width).map(|at| Ok(format!("{:?}", row.get_ref(at)?))).collect::<sqlift::Result<Vec<_>>>()
            };
            statement.query_map([], text).unwrap().map(|row| row.unwrap().join(" ")).collect()
        };
        [
            read("SELECT n, ts, p FROM t ORDER BY n"),
            read("SELECT * FROM u"),
            read("SELECT name, type FROM pragma_table_info('u')"),
        ]
    };
    assert_eq!(support::on_postgres(|conn| run(conn)), run(&support::sqlite()));
    same(&["CREATE TABLE c(a CHECK(a > ?1))"]);
}

#[test]
fn returning_of_rows_whose_triggers_see_each_others() {
    same(&[
        "CREATE TABLE t(id INTEGER PRIMARY KEY, n INT, v TEXT, g AS (n*2))",
        "CREATE TABLE l(id INTEGER PRIMARY KEY, m)",
        "CREATE TABLE names(n INTEGER PRIMARY KEY, s TEXT)",
        "INSERT INTO names VALUES(1,'one'),(2,'two'),(12,'twelve')",
        "INSERT INTO t(n,v) VALUES(1,'a'),(2,'b'),(3,'c')",
        "CREATE TRIGGER u AFTER UPDATE ON t BEGIN INSERT INTO l(m) VALUES('u'||NEW.id||':'||(SELECT sum(n) FROM t)); END",
        "CREATE TRIGGER d AFTER DELETE ON t BEGIN INSERT INTO l(m) VALUES('d'||OLD.id||':'||(SELECT count(*) FROM t)); END",
        "CREATE TRIGGER i AFTER INSERT ON t BEGIN INSERT INTO l(m) VALUES('i'||NEW.id||':'||(SELECT count(*) FROM t)); END",
        "UPDATE t SET n=n+10 RETURNING id, n, v, g",
        "UPDATE t SET n=n-10 WHERE id<3 RETURNING *",
        "UPDATE t AS x SET v=v||'!' RETURNING id AS key, upper(v) up, rowid, n*2.0, typeof(g)",
        // A subquery that reads what nothing of it changes.
        "UPDATE t SET v=v||'?' RETURNING id, (SELECT s FROM names WHERE names.n=t.n) AS s",
        "INSERT INTO t(n,v) VALUES(1,'x'),(2,'y') RETURNING id, (SELECT s FROM names WHERE names.n=t.n) AS s",
        "INSERT INTO t(n,v) VALUES(1,'x'),(2,'y') RETURNING id, (SELECT 1)",
        "DELETE FROM t WHERE id>5 RETURNING *, g+1",
        "DELETE FROM t WHERE v LIKE 'x%' RETURNING id, (SELECT s FROM names WHERE n=t.n)",
        "INSERT INTO t(id,n,v) VALUES(18,5,'p'),(19,6,'q') RETURNING id, (SELECT count(*) FROM t), (SELECT sum(n) FROM t b WHERE b.n<=t.n)",
        "UPDATE t SET n=n+1 WHERE id>2 RETURNING id, (SELECT sum(n) FROM t)",
        "DELETE FROM t WHERE v IN ('p', 'q') RETURNING id, (SELECT count(*) FROM t)",
        "SELECT m FROM l ORDER BY id",
        "SELECT * FROM t ORDER BY id",
        // Triggers that change and delete rows that are yet to come.
        "CREATE TABLE o(id INTEGER PRIMARY KEY, p INTEGER, v TEXT)",
        "CREATE TRIGGER ou AFTER UPDATE OF v ON o BEGIN UPDATE o SET v = NEW.v || '+', p = p + 1 WHERE p = NEW.id; END",
        "CREATE TRIGGER od AFTER DELETE ON o BEGIN DELETE FROM o WHERE p = OLD.id; END",
        "INSERT INTO o VALUES(1,2,'a'),(2,2,'b'),(3,4,'c'),(4,1,'d'),(5,3,'e')",
        "UPDATE o SET v = 'x' RETURNING id, p, v",
        "UPDATE o SET v = 'y' || id WHERE id > 2 RETURNING *",
        "SELECT * FROM o ORDER BY id",
        "DELETE FROM o WHERE id <> 2 RETURNING id, p, v",
        "SELECT * FROM o ORDER BY id",
    ]);
    support::on_postgres(|conn| {
        let schema =
            "CREATE TABLE t(id INTEGER PRIMARY KEY); CREATE TABLE l(m); CREATE TRIGGER d AFTER DELETE ON t BEGIN
            INSERT INTO l SELECT count(*) FROM t; END";
        conn.execute_batch(schema).unwrap();
        let error = conn.prepare("DELETE FROM t RETURNING (SELECT count(*) FROM l)").unwrap_err().to_string();
        assert!(error.contains("which reads what they change\n  help: "), "{error}");
    });
}

#[test]
fn returning_under_a_conflict_clause() {
    let run = |conn: &sqlift::Connection| {
        conn.execute_batch("CREATE TABLE k(id INTEGER PRIMARY KEY, a UNIQUE, b NOT NULL, c INT CHECK(c<10));").unwrap();
        let rows = |sql: &str| -> String {
            let mut statement = conn.prepare(sql).unwrap();
            let read = |row: &sqlift::Row<'_>| Ok(format!("{:?} {:?}", row.get_ref(0)?, row.get_ref(1)?));
            let rows = statement.query_map([], read).and_then(|rows| rows.collect::<sqlift::Result<Vec<_>>>());
            format!("{rows:?} {}", conn.changes())
        };
        let read = "SELECT a, b, c FROM k ORDER BY a";
        [
            rows("INSERT OR FAIL INTO k(a,b,c) VALUES(1,1,1),(2,2,2) RETURNING a, c"),
            rows("INSERT OR FAIL INTO k(a,b,c) VALUES(3,1,1),(4,2,20),(5,1,1) RETURNING a, c"),
            rows("INSERT OR FAIL INTO k(a,b,c) VALUES(6,1,1),(1,2,3),(7,1,1) RETURNING a, c"),
            rows("INSERT OR FAIL INTO k(a,b,c) VALUES(8,1,1),(9,NULL,3),(10,1,1) RETURNING a, c"),
            rows(read),
            rows("UPDATE OR IGNORE k SET a=a+1 RETURNING a, c"),
            rows("UPDATE OR IGNORE k SET b=NULL WHERE a>1 RETURNING a, c"),
            rows("UPDATE OR IGNORE k SET c=c+8 RETURNING c, a"),
            rows("UPDATE OR FAIL k SET c=c+a-5 RETURNING a, c"),
            rows(read),
            rows("UPDATE OR REPLACE k SET a=5 RETURNING a, c"),
            rows("UPDATE OR REPLACE k SET b=NULL RETURNING a, c"),
            rows(read),
        ]
    };
    assert_eq!(support::on_postgres(|conn| run(conn)), run(&support::sqlite()));
}
