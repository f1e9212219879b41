//! The differential table: statements and call sequences on SQLite (through rusqlite itself) and on PostgreSQL.
//!
//! Compared are rows with their storage classes, column names, change counts, row ids, and errors by their codes.
//! A case is a sequence on a fresh database; each of its statements is one entry of the table.

use crate::support;
use sqlift::types::{Value, ValueRef};
use sqlift::{Connection, Error, params_from_iter};

/// One statement with its parameters.
struct Step {
    sql: &'static str,
    params: Vec<Value>,
}

struct Case {
    name: &'static str,
    /// Whether row ids are compared: a table without an integer key has none on PostgreSQL, and a failed insert uses
    /// one up there.
    rowids: bool,
    steps: Vec<Step>,
}

/// `case!("name"; "sql"; "sql" => [1, "x".to_owned()]; ...)`
macro_rules! case {
    ($name:literal; $($sql:literal $(=> [$($value:expr),*])?);+ $(;)?) => {
        Case { name: $name, rowids: true, steps: vec![$(Step { sql: $sql, params: vec![$($(Value::from($value)),*)?] }),+] }
    };
}

/// What one statement gave, in words that can be compared.
fn outcome(conn: &Connection, sql: &str, params: &[Value], rowids: bool) -> String {
    answer(conn, sql, params, rowids).unwrap_or_else(|error| failure(&error))
}

/// Rows with names and storage classes, or the counters.
pub fn answer(conn: &Connection, sql: &str, params: &[Value], rowids: bool) -> Result<String, Error> {
    let mut statement = conn.prepare(sql)?;
    if statement.column_count() == 0 {
        let changes = statement.execute(params_from_iter(params))?;
        let rowid = if rowids { conn.last_insert_rowid() } else { 0 };
        return Ok(format!("changes {changes}, rowid {rowid}"));
    }
    let names = statement.column_names().join(", ");
    let columns = statement.column_count();
    let mut rows = statement.query(params_from_iter(params))?;
    let mut text = format!("({names})");
    while let Some(row) = rows.next()? {
        let values: Vec<String> = (0..columns).map(|index| row.get_ref(index).map(shown)).collect::<Result<_, _>>()?;
        text += &format!("\n      {}", values.join(" | "));
    }
    Ok(text)
}

/// Each statement over the schema gives the same rows in the same order on both databases, with names and storage classes.
pub fn same_answers(schema: &str, statements: &[&str]) {
    let sqlite = support::sqlite();
    sqlite.execute_batch(schema).expect("the schema is common ground");
    support::on_postgres(|postgres| {
        postgres.execute_batch(schema).expect("the schema is common ground");
        let mut wrong = String::new();
        for sql in statements {
            let expected = answer(&sqlite, sql, &[], false).expect(sql);
            match answer(postgres, sql, &[], false) {
                Ok(found) if found == expected => {}
                found => wrong += &format!("\n{sql}\n  SQLite     {expected}\n  PostgreSQL {found:?}"),
            }
        }
        assert!(wrong.is_empty(), "{wrong}");
    });
}

/// The storage class and the value.
fn shown(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Real(real) => format!("REAL {real:?}"),
        ValueRef::Text(text) => format!("TEXT {:?}", String::from_utf8_lossy(text)),
        other => format!("{other:?}"),
    }
}

/// Codes; and the messages that programs look into.
fn failure(error: &Error) -> String {
    match error {
        Error::SqliteFailure(code, Some(message)) if message.contains("constraint failed") => {
            format!("error {} {message}", code.extended_code)
        }
        Error::SqliteFailure(code, message) => {
            let known = message
                .as_deref()
                .filter(|message| message.starts_with("no such table") || message.contains("transaction"));
            format!("error {} {}", code.extended_code, known.unwrap_or_default())
        }
        Error::SqlInputError { error, msg, offset, .. } => format!("error {} {msg} at {offset}", error.extended_code),
        other => format!("error {other:?}"),
    }
}

const PEOPLE: &str = "CREATE TABLE people (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, \
    age INTEGER CHECK (age >= 0), score REAL, photo BLOB, active BOOLEAN NOT NULL DEFAULT 1)";

/// The table `people` with four rows, ahead of the steps.
fn people(name: &'static str, steps: Vec<Step>) -> Case {
    let mut all = vec![
        Step { sql: PEOPLE, params: vec![] },
        Step {
            sql: "INSERT INTO people (name, age, score, photo, active) VALUES ('ada', 36, 9.5, x'00ff', 1), ('Bob', NULL, 2.0, NULL, 0), \
                  ('cy', 7, NULL, x'', 1), ('Éva', 51, -0.5, NULL, 0)",
            params: vec![],
        },
    ];
    all.extend(steps);
    Case { name, rowids: true, steps: all }
}

macro_rules! with_people {
    ($name:literal; $($sql:literal $(=> [$($value:expr),*])?);+ $(;)?) => {
        people($name, vec![$(Step { sql: $sql, params: vec![$($(Value::from($value)),*)?] }),+])
    };
}

impl Case {
    fn without_rowids(self) -> Case {
        Case { rowids: false, ..self }
    }
}

fn cases() -> Vec<Case> {
    vec![
        case!("literals keep their storage class";
            "SELECT 1, -1, 9223372036854775807, 2.5, 1e3, 'text', NULL, x'00ff'";
            "SELECT 'it''s', '', x'', 0.0";
            "SELECT TRUE, FALSE";
            "VALUES (1, 'a'), (2, 'b')";
        ),
        case!("bound values come back as they went";
            "SELECT ?" => [1];
            "SELECT ?" => [2.5];
            "SELECT ?" => ["text".to_owned()];
            "SELECT ?" => [vec![0u8, 255]];
            "SELECT ?" => [Value::Null];
            "SELECT ?1, ?2, ?1" => [1, "a".to_owned()];
            "SELECT ?" => [i64::MAX];
            "SELECT ?" => [i64::MIN];
            "SELECT ?" => ["naïve 😀".to_owned()];
        ),
        case!("untyped parameters follow what is bound";
            "SELECT ? < ?" => [10, 9];
            "SELECT ? < ?" => ["10".to_owned(), "9".to_owned()];
            "SELECT length(?)" => [vec![1u8, 2]];
            "SELECT length(?)" => ["héé".to_owned()];
            "SELECT coalesce(?, 'x')" => [Value::Null];
            "SELECT coalesce(?, 'x')" => [7];
            "SELECT max(?, ?)" => [10, 9];
            "SELECT min(?, ?)" => [10, 9];
            "SELECT ? + 1" => [3_000_000_000i64];
            "SELECT ? + ?" => [1, 2];
            "SELECT ? * 1.5" => [2];
            "SELECT ? IS NULL" => [Value::Null];
            "SELECT ? || 'x'" => ["a".to_owned()];
            "SELECT CASE WHEN ? THEN 'yes' ELSE 'no' END" => [1];
        ),
        case!("placeholder numbers are SQLite's";
            "SELECT ?2, ?1" => ["a".to_owned(), "b".to_owned()];
            "SELECT ?2, ?" => [1, 2, 3];
            "SELECT :a, :b, :a" => [1, 2];
            "SELECT @a, $a, :a" => [1, 2, 3];
            "SELECT '?', \"a?b\", ? FROM (SELECT 1 AS \"a?b\") -- ?" => [1];
            "SELECT /* ? */ ?" => [5];
            "SELECT ?, ?" => [1];
            "SELECT ?" => [1, 2];
        ),
        case!("arithmetic";
            "SELECT 7 / 2, -7 / 2, 7 % 3, -7 % 3, 7.0 / 2";
            "SELECT 1 / 0, 1 % 0, 1.0 / 0";
            "SELECT 2 + 3 * 4, (2 + 3) * 4, - - 4";
            "SELECT 3000000 * 3000000";
            "SELECT 1 << 4, 255 >> 4, 6 & 3, 6 | 3, ~5";
            "SELECT 0.1 + 0.2, 1e10 * 1e10, 5 / 2.0";
            "SELECT abs(-5), abs(-2.5), round(2.567, 2), round(2.5)";
        ),
        case!("comparison and logic";
            "SELECT 1 = 1, 1 == 2, 1 != 2, 1 <> 1, 2 >= 2";
            "SELECT NULL = NULL, NULL IS NULL, 1 IS NOT NULL, 1 IS 1, NULL IS 1";
            "SELECT 1 AND 0, 1 OR 0, NOT 1, NOT 0, NULL AND 0, NULL OR 1";
            "SELECT 'a' < 'b', 'a' < 'B', 'a' = 'A'";
            "SELECT 2 BETWEEN 1 AND 3, 2 IN (1, 2), 2 NOT IN (3), 5 IN ()";
            "SELECT 'abc' LIKE 'A%', 'abc' LIKE 'a_c', 'a%c' LIKE 'a\\%c', 'a%c' LIKE 'a\\%c' ESCAPE '\\'";
        ),
        case!("text functions";
            "SELECT upper('aé'), lower('AÉ'), length('héé'), trim('  a '), ltrim('xxa', 'x'), rtrim('axx', 'x')";
            "SELECT substr('hello', 2, 3), substr('hello', -3), substr('hello', 2), replace('aaa', 'a', 'b'), instr('hello', 'l')";
            "SELECT 'a' || 'b', 'a' || 1, 1 || 2, 'a' || NULL";
            "SELECT ifnull(NULL, 5), nullif(1, 1), nullif(1, 2), iif(1, 'y', 'n')";
            "SELECT hex(x'00ff'), quote('it''s'), typeof(1), typeof(1.5), typeof('a'), typeof(NULL), typeof(x'00')";
        ),
        with_people!("rows and their classes";
            "SELECT * FROM people ORDER BY id";
            "SELECT id, name FROM people WHERE id = 1";
            "SELECT ID, Name FROM people WHERE id = 2";
            "SELECT name AS Who, age + 1 FROM people WHERE id = 1";
            "SELECT count(*) FROM people";
            "SELECT count(*), count(age), sum(age), avg(age), min(age), max(age), total(score) FROM people";
            "SELECT sum(score), min(name), max(score) FROM people";
            "SELECT sum(age), count(*) FROM people WHERE id > 100";
            "SELECT name FROM people WHERE id = 100";
        ),
        with_people!("where";
            "SELECT name FROM people WHERE age = ?" => [36];
            "SELECT name FROM people WHERE age = ?" => ["36".to_owned()];
            "SELECT name FROM people WHERE name = ?" => ["ada".to_owned()];
            "SELECT name FROM people WHERE name = 'ADA'";
            "SELECT name FROM people WHERE age IS NULL";
            "SELECT name FROM people WHERE active ORDER BY id";
            "SELECT name FROM people WHERE active = 1 ORDER BY id";
            "SELECT name FROM people WHERE NOT active ORDER BY id";
            "SELECT name FROM people WHERE active = ? ORDER BY id" => [0];
            "SELECT name FROM people WHERE age > ? AND score < ?" => [10, 9.75];
            "SELECT name FROM people WHERE id IN (?, ?) ORDER BY id" => [1, 3];
            "SELECT name FROM people WHERE age BETWEEN ? AND ? ORDER BY id" => [1, 40];
            "SELECT name FROM people WHERE name LIKE ? ORDER BY id" => ["%A%".to_owned()];
            "SELECT name FROM people WHERE photo = ?" => [vec![0u8, 255]];
            "SELECT name FROM people WHERE (?1 IS NULL OR name = ?1) ORDER BY id" => ["cy".to_owned()];
            "SELECT name FROM people WHERE (?1 IS NULL OR name = ?1) ORDER BY id" => [Value::Null];
            "SELECT name FROM people WHERE score > 2 ORDER BY id";
            "SELECT name FROM people WHERE age <> 36 ORDER BY id";
        ),
        with_people!("order, limit, distinct, group";
            "SELECT name FROM people ORDER BY age, name";
            "SELECT name FROM people ORDER BY age DESC, name";
            "SELECT name FROM people ORDER BY name";
            "SELECT name FROM people ORDER BY score LIMIT 2";
            "SELECT name FROM people ORDER BY id LIMIT ? OFFSET ?" => [2, 1];
            "SELECT name FROM people ORDER BY id LIMIT 1, 2";
            "SELECT name FROM people ORDER BY id LIMIT -1";
            "SELECT DISTINCT active FROM people ORDER BY active";
            "SELECT active, count(*) AS n, sum(age) FROM people GROUP BY active ORDER BY active";
            "SELECT name, count(*), age FROM people WHERE id = 1";
            "SELECT score, name, count(*) AS n FROM people GROUP BY score ORDER BY score";
            "SELECT active, count(*) FROM people GROUP BY active HAVING count(*) > 1 ORDER BY 1";
            "SELECT name, CASE WHEN age IS NULL THEN 'unknown' WHEN age < 18 THEN 'child' ELSE 'adult' END AS kind FROM people ORDER BY id";
            "SELECT group_concat(name, '; ') FROM (SELECT name FROM people ORDER BY id)";
        ),
        with_people!("subqueries and joins";
            "CREATE TABLE pet (id INTEGER PRIMARY KEY, owner INTEGER REFERENCES people(id), name TEXT)";
            "INSERT INTO pet (owner, name) VALUES (1, 'rex'), (1, 'tom'), (3, 'kit'), (NULL, 'stray')";
            "SELECT p.name, q.name FROM people p JOIN pet q ON q.owner = p.id ORDER BY q.id";
            "SELECT p.name, q.name FROM people AS p LEFT JOIN pet AS q ON q.owner = p.id ORDER BY p.id, q.id";
            "SELECT name, (SELECT count(*) FROM pet WHERE owner = people.id) AS pets FROM people ORDER BY id";
            "SELECT name FROM people WHERE EXISTS (SELECT 1 FROM pet WHERE owner = people.id) ORDER BY id";
            "SELECT name FROM people WHERE id NOT IN (SELECT owner FROM pet WHERE owner IS NOT NULL) ORDER BY id";
            "SELECT EXISTS (SELECT 1 FROM pet WHERE name = 'rex'), EXISTS (SELECT 1 FROM pet WHERE name = 'no')";
            "WITH old AS (SELECT id, name FROM people WHERE age > 30) SELECT name FROM old ORDER BY id";
            "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 5) SELECT sum(x) FROM n";
            "SELECT name FROM people UNION SELECT name FROM pet ORDER BY name";
            "SELECT x.n FROM (SELECT count(*) AS n FROM pet) x";
            "SELECT people.name, pet.name FROM people, pet WHERE pet.owner = people.id ORDER BY pet.id";
            "INSERT INTO pet (owner, name) VALUES (99, 'nobody''s')";
            "DELETE FROM people WHERE id = 1";
        ),
        with_people!("insert, its row ids and counts";
            "INSERT INTO people (name) VALUES ('new')";
            "INSERT INTO people (name, age) VALUES (?, ?)" => ["p".to_owned(), 5];
            "INSERT INTO people (id, name) VALUES (100, 'explicit')";
            "INSERT INTO people (name) VALUES ('after explicit')";
            "INSERT INTO people (id, name) VALUES (NULL, 'null id')";
            "INSERT INTO people (name) VALUES ('x1'), ('x2'), ('x3')";
            "INSERT INTO people (name, age) SELECT name || '!', age FROM people WHERE id <= 2";
            "SELECT id, name FROM people ORDER BY id";
            "UPDATE people SET age = 1 WHERE id < 3";
            "UPDATE people SET age = age + 1, score = ? WHERE name = ?" => [1.5, "ada".to_owned()];
            "UPDATE people SET name = 'nobody' WHERE id = 1000";
            "DELETE FROM people WHERE id > 4";
            "SELECT id, age, score FROM people ORDER BY id";
            "DELETE FROM people";
        ),
        with_people!("returning";
            "INSERT INTO people (name) VALUES ('r') RETURNING id, name, active";
            "UPDATE people SET age = 9 WHERE name = 'r' RETURNING age";
            "DELETE FROM people WHERE name = 'r' RETURNING *";
        ),
        with_people!("upserts";
            "INSERT INTO people (name, age) VALUES ('ada', 40) ON CONFLICT(name) DO UPDATE SET age = excluded.age";
            "SELECT id, age FROM people WHERE name = 'ada'";
            "INSERT INTO people (name, age) VALUES ('ada', 41) ON CONFLICT(name) DO NOTHING";
            "INSERT INTO people (name, age) VALUES ('ada', 42) ON CONFLICT DO NOTHING";
            "INSERT OR IGNORE INTO people (name, age) VALUES ('ada', 43)";
            "INSERT OR IGNORE INTO people (name, age) VALUES ('zoe', 1)";
            "INSERT INTO people (name, age) VALUES (?, ?) ON CONFLICT(name) DO UPDATE SET age = age + excluded.age" => ["ada".to_owned(), 2];
            "SELECT name, age FROM people ORDER BY id";
        ),
        with_people!("constraints have SQLite's codes and messages";
            "INSERT INTO people (name) VALUES ('ada')";
            "INSERT INTO people (id, name) VALUES (1, 'other')";
            "INSERT INTO people (name) VALUES (NULL)";
            "INSERT INTO people (name, age) VALUES ('neg', ?)" => [-1];
            "UPDATE people SET name = 'Bob' WHERE id = 1";
            "SELECT count(*) FROM people";
        ),
        with_people!("mistakes in statements";
            "SELECT * FROM nowhere";
            "INSERT INTO nowhere VALUES (1)";
            "SELECT nope FROM people";
            "SELECT name FROM people WHERE nope = 1";
            "UPDATE people SET nope = 1";
            "INSERT INTO people (nope) VALUES (1)";
            "SELEC 1";
            "SELECT 1 FROM";
            "SELECT (1";
            "SELECT nosuchfunction(1)";
            "SELECT 1; SELECT 2";
            "CREATE TABLE people (id INTEGER)";
            "CREATE TABLE \"People\" (id INTEGER)";
            "CREATE VIEW people AS SELECT 1";
            "CREATE TABLE other (a INTEGER, A TEXT)";
            "ALTER TABLE people ADD COLUMN Name TEXT";
            "CREATE INDEX by_age ON people (age)";
            "CREATE INDEX by_age ON people (age)";
            "CREATE UNIQUE INDEX by_age ON people (age)";
            "CREATE INDEX people ON people (age)";
            "SELECT count(*) FROM people";
        ),
        with_people!("expressions of several classes";
            "SELECT coalesce(age, 'none'), ifnull(score, 'none') FROM people ORDER BY id";
            "SELECT id, coalesce(age, 'none') AS shown FROM people ORDER BY id DESC";
            "SELECT CASE WHEN age > 40 THEN 'old' WHEN age > 8 THEN age ELSE score END FROM people ORDER BY id";
            "SELECT iif(age IS NULL, 'none', score) FROM people ORDER BY id";
            "SELECT ifnull(1, 'x'), ifnull(2.0, 'x'), ifnull(1e300, 'x'), ifnull(-2.5, 'x'), ifnull(1e16, 'x'), ifnull('a\"b', 1)";
            "SELECT coalesce(?, 'x')" => [2.0];
            "SELECT coalesce(?, 'x')" => ["text".to_owned()];
            "SELECT coalesce(name, ?) FROM people ORDER BY id" => [5];
            "SELECT coalesce(age, 'none') IS NULL FROM people ORDER BY id";
            "INSERT INTO people (name, age) VALUES ('dd', 1) RETURNING coalesce(score, 'none'), id";
        ),
        with_people!("the connection's counters inside SQL";
            "SELECT last_insert_rowid(), changes(), total_changes()";
            "CREATE TABLE pet (id INTEGER PRIMARY KEY, owner INTEGER, name TEXT)";
            "INSERT INTO people (name) VALUES ('eve')";
            "INSERT INTO pet (owner, name) VALUES (last_insert_rowid(), ?)" => ["rex".to_owned()];
            "SELECT name FROM people WHERE id = last_insert_rowid() + 4";
            "UPDATE people SET age = 3 WHERE id < 3";
            "SELECT changes() AS n, typeof(changes())";
            "INSERT INTO pet (owner, name) SELECT changes(), name FROM people ORDER BY id";
            "SELECT * FROM pet ORDER BY id";
        ),
        with_people!("INSERT OR ROLLBACK";
            "BEGIN";
            "DELETE FROM people WHERE id = 2";
            "INSERT OR ROLLBACK INTO people (name) VALUES ('ada')";
            "COMMIT";
            "SELECT count(*) FROM people";
            "INSERT OR ROLLBACK INTO people (name) VALUES ('ada')";
            "INSERT OR ROLLBACK INTO people (name, age) VALUES ('no', -1)";
            "BEGIN";
            "INSERT OR ROLLBACK INTO people (name) VALUES (?)" => ["fine".to_owned()];
            "COMMIT";
            "SELECT name FROM people ORDER BY id";
        ).without_rowids(),
        case!("names keep their spelling";
            "CREATE TABLE track (TrackId INTEGER PRIMARY KEY, Name VARCHAR(20) NOT NULL, UnitPrice NUMERIC, plain TEXT UNIQUE, Code TEXT UNIQUE)";
            "INSERT INTO Track (TrackId, Name, UnitPrice, Code) VALUES (1, 'a', 1.5, 'c')";
            "SELECT trackid, name, unitprice, PLAIN FROM track";
            "SELECT * FROM Track";
            "SELECT t.name, t.* FROM track t";
            "SELECT name FROM (SELECT Name FROM track)";
            "SELECT X FROM (SELECT name AS x FROM track)";
            "SELECT rowid FROM track";
            "PRAGMA table_info(track)";
            "INSERT INTO track (name, code) VALUES ('b', 'c')";
            "INSERT INTO track (name) VALUES (NULL)";
        ).without_rowids(),
        with_people!("a failed statement undoes only itself";
            "BEGIN";
            "INSERT INTO people (name) VALUES ('in tx')";
            "INSERT INTO people (name) VALUES ('ada')";
            "INSERT INTO people (name) VALUES ('still in tx')";
            "INSERT INTO people (name) VALUES ('fine'), ('ada')";
            "COMMIT";
            "SELECT name FROM people ORDER BY id";
        )
        .without_rowids(),
        with_people!("transactions and savepoints";
            "COMMIT";
            "ROLLBACK";
            "BEGIN";
            "BEGIN";
            "DELETE FROM people";
            "ROLLBACK";
            "SELECT count(*) FROM people";
            "SAVEPOINT one";
            "DELETE FROM people WHERE id = 1";
            "SAVEPOINT Two";
            "DELETE FROM people WHERE id = 2";
            "ROLLBACK TO two";
            "SELECT count(*) FROM people";
            "RELEASE ONE";
            "SELECT count(*) FROM people";
            "RELEASE one";
            "BEGIN IMMEDIATE";
            "UPDATE people SET age = 1";
            "END";
            "SELECT sum(age) FROM people";
        ),
        with_people!("schema changes between statements";
            "ALTER TABLE people ADD COLUMN city TEXT";
            "SELECT id, city FROM people WHERE id = 1";
            "UPDATE people SET city = 'Paris' WHERE id = 1";
            "SELECT city FROM people WHERE city = 'Paris'";
            "CREATE INDEX people_city ON people (city)";
            "CREATE INDEX IF NOT EXISTS people_city ON people (city)";
            "CREATE TABLE IF NOT EXISTS people (id INTEGER)";
            "CREATE VIEW grown AS SELECT name FROM people WHERE age > 18";
            "SELECT name FROM grown ORDER BY name";
            "DROP VIEW grown";
            "ALTER TABLE people RENAME TO persons";
            "SELECT count(*) FROM persons";
            "SELECT count(*) FROM people";
            "DROP TABLE IF EXISTS nothing";
            "DROP TABLE persons";
            "DROP TABLE persons";
        ),
        case!("triggers and defaults";
            "CREATE TABLE note (id INTEGER PRIMARY KEY, body TEXT, seen INTEGER DEFAULT 0, updates INTEGER NOT NULL DEFAULT 0, \
             created_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP)";
            "CREATE TABLE log (id INTEGER PRIMARY KEY, what TEXT)";
            "CREATE TRIGGER note_updates AFTER UPDATE ON note BEGIN UPDATE note SET updates = OLD.updates + 1 WHERE id = NEW.id; END";
            "CREATE TRIGGER note_log AFTER INSERT ON note WHEN NEW.body IS NOT NULL BEGIN INSERT INTO log (what) VALUES ('new ' || NEW.body); END";
            "INSERT INTO note (body) VALUES ('a')";
            "INSERT INTO note (body) VALUES (NULL)";
            "INSERT INTO note (body) VALUES ('b')";
            "UPDATE note SET body = 'c' WHERE id = 1";
            "UPDATE note SET body = 'd'";
            "SELECT id, body, seen, updates, length(created_at), typeof(created_at) FROM note ORDER BY id";
            "SELECT * FROM log ORDER BY id";
            "CREATE TRIGGER no_delete BEFORE DELETE ON log BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END";
            "DELETE FROM log";
            "DROP TRIGGER no_delete";
            "DELETE FROM log";
        ),
        case!("keys of several columns, text keys";
            "CREATE TABLE grade (student TEXT, course TEXT, points INTEGER, PRIMARY KEY (student, course))";
            "INSERT INTO grade VALUES ('a', 'x', 1), ('a', 'y', 2), ('b', 'x', 3)";
            "INSERT INTO grade VALUES ('a', 'x', 9)";
            "INSERT INTO grade VALUES ('a', 'x', 9) ON CONFLICT(student, course) DO UPDATE SET points = points + excluded.points";
            "SELECT * FROM grade ORDER BY student, course";
            "SELECT student, sum(points) AS total FROM grade GROUP BY student ORDER BY total DESC";
            "CREATE TABLE setting (key TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID";
            "INSERT INTO setting VALUES ('k', 'v')";
            "SELECT \"key\", `value` FROM setting";
            "SELECT [key] FROM setting WHERE \"key\" = 'k'";
            "UPDATE setting SET value = NULL WHERE key = 'k'";
            "SELECT value, value IS NULL FROM setting";
        )
        .without_rowids(),
        case!("values meet columns by affinity";
            "CREATE TABLE v (i INTEGER, t TEXT, r REAL, b BLOB)";
            "INSERT INTO v VALUES (?, ?, ?, ?)" => ["12".to_owned(), 5, 3, vec![1u8]];
            "INSERT INTO v VALUES (?, ?, ?, ?)" => [3.0, 2.5, "1.5".to_owned(), Value::Null];
            "INSERT INTO v (t) VALUES (?)" => [1e300];
            "INSERT INTO v (t) VALUES (?)" => [1.0 / 3.0];
            "SELECT * FROM v";
        )
        .without_rowids(),
        case!("the joined column of RIGHT and FULL JOIN";
            "CREATE TABLE l(id INTEGER PRIMARY KEY, v TEXT)";
            "CREATE TABLE r(id INTEGER PRIMARY KEY, w TEXT)";
            "CREATE TABLE o(id INTEGER PRIMARY KEY, x TEXT)";
            "INSERT INTO l VALUES (1, 'a'), (2, 'b')";
            "INSERT INTO r VALUES (3, 'y'), (2, 'z')";
            "INSERT INTO o VALUES (4, 'q')";
            "SELECT * FROM l RIGHT JOIN r USING (id) ORDER BY 1";
            "SELECT * FROM l FULL JOIN r USING (id) ORDER BY 1";
            "SELECT * FROM l NATURAL FULL JOIN r ORDER BY 1";
            "SELECT l.* FROM l FULL JOIN r USING (id) ORDER BY 1";
            "SELECT r.* FROM l FULL JOIN r USING (id) ORDER BY 1, 2";
            "SELECT id, l.id, r.id FROM l FULL JOIN r USING (id) ORDER BY 1";
            "SELECT * FROM l FULL JOIN r USING (id) FULL JOIN o USING (id) ORDER BY 1";
            "CREATE VIEW v AS SELECT * FROM l FULL JOIN r USING (id)";
            "SELECT * FROM v ORDER BY 1"),
        case!("a minus sign behind an operator";
            "SELECT 5%-3, 7&-3, 7|-3, 7<-3, 7<>-3, 7*-3, 7/-3, 7+-3, -7%-2, 1";
            "SELECT n%-n, n%-(2) FROM (SELECT 3 AS n)"),
        case!("common tables that read later ones";
            "WITH a AS (SELECT * FROM b), b AS (SELECT 1 AS q) SELECT * FROM a";
            "WITH a AS (SELECT * FROM b JOIN c), c AS (SELECT ?1 AS z), b AS (SELECT ?2 AS q) SELECT * FROM a" => [1, "x".to_owned()];
            "WITH a AS (SELECT ? AS x FROM b), b AS (SELECT ? AS y) SELECT x, y FROM a, b" => [1, "x".to_owned()];
            "WITH a AS (SELECT 1 AS q), b AS (SELECT q FROM a) SELECT * FROM b"),
        case!("ids chosen in a trigger's body move the numbering";
            "CREATE TABLE a(id INTEGER PRIMARY KEY, v)";
            "CREATE TABLE l(id INTEGER PRIMARY KEY, m)";
            "CREATE TABLE au(id INTEGER PRIMARY KEY AUTOINCREMENT, m)";
            "CREATE TABLE h(x)";
            "CREATE TRIGGER tr AFTER INSERT ON a BEGIN INSERT INTO l(id, m) VALUES (NEW.id, 'x'); INSERT INTO au SELECT NEW.id + 10, 1; \
             INSERT INTO h(rowid, x) VALUES (NEW.id + 20, 1); INSERT INTO l(m) VALUES (NULL); END";
            "INSERT INTO a(v) VALUES ('p')";
            "INSERT INTO a(id, v) VALUES (7, 'q')";
            "INSERT OR IGNORE INTO l(m) VALUES ('plain')";
            "INSERT INTO au(m) VALUES ('plain')";
            "INSERT INTO h(x) VALUES ('plain')";
            "SELECT * FROM l ORDER BY id";
            "SELECT * FROM au ORDER BY id";
            "SELECT rowid, * FROM h ORDER BY 1";
            "SELECT * FROM sqlite_sequence";
            "CREATE VIEW w AS SELECT id, m FROM l";
            "CREATE TRIGGER tw INSTEAD OF INSERT ON w BEGIN INSERT OR REPLACE INTO l VALUES (NEW.id, NEW.m); END";
            "INSERT INTO w VALUES (500, 'x')";
            "INSERT INTO l(m) VALUES ('after')";
            "SELECT * FROM l ORDER BY id"),
        case!("a column of dates whose default is a number keeps numbers";
            "CREATE TABLE d(id INTEGER PRIMARY KEY, a TIMESTAMP DEFAULT (strftime('%s', 'now')), b DATETIME DEFAULT (unixepoch()), \
             c DATE DEFAULT '12', e STRING DEFAULT -5, f DATETIME DEFAULT (julianday('now')), g DATETIME DEFAULT (datetime('now')), \
             h TIMESTAMP DEFAULT CURRENT_TIMESTAMP, i TIMESTAMP NOT NULL DEFAULT 0, j DATE DEFAULT '2024-01-02')";
            "INSERT INTO d(id) VALUES (1)";
            "SELECT typeof(a), typeof(b), c, typeof(c), e, typeof(e), typeof(f), typeof(g), typeof(h), i, j FROM d";
            "INSERT INTO d(id, a, b, i) VALUES (2, 1700000000, 5.5, ?)" => ["1700000001".to_owned()];
            "SELECT a, b, i FROM d WHERE a = 1700000000 AND i > 5";
            "ALTER TABLE d ADD COLUMN k DATETIME DEFAULT 7";
            "SELECT id, k, typeof(k) FROM d ORDER BY id"),
        case!("tables WITHOUT ROWID give no rowid";
            "CREATE TABLE r(a)";
            "CREATE TABLE w(a INTEGER PRIMARY KEY, b) WITHOUT ROWID";
            "INSERT INTO r VALUES ('x')";
            "INSERT INTO w VALUES (5, 'x')";
            "SELECT last_insert_rowid()"),
        case!("a parameter's NULL is the default in OR REPLACE";
            "CREATE TABLE v (i INTEGER PRIMARY KEY, n INTEGER NOT NULL DEFAULT 7, t TEXT NOT NULL DEFAULT 'x', b BLOB NOT NULL DEFAULT x'00')";
            "INSERT OR REPLACE INTO v VALUES (?, ?, ?, ?)" => [1, Value::Null, Value::Null, Value::Null];
            "INSERT OR REPLACE INTO v VALUES (?, ?, ?, ?)" => [1, "12".to_owned(), 5, vec![1u8]];
            "REPLACE INTO v (n, t) VALUES (?, ?), (?, ?)" => [Value::Null, "a".to_owned(), 3.0, Value::Null];
            "UPDATE OR REPLACE v SET n = ?, t = ? WHERE i = 1" => [Value::Null, 2.5];
            "UPDATE OR REPLACE v SET n = ?, b = ? WHERE i = 2" => [9, Value::Null];
            "SELECT * FROM v ORDER BY i";
        ),
        case!("rows of one statement that meet each other inside a transaction";
            "CREATE TABLE met (id INTEGER PRIMARY KEY, a TEXT UNIQUE)";
            "BEGIN";
            "INSERT INTO met VALUES (1, 'a'), (2, 'a')";
            "INSERT INTO met SELECT 1, 'a' UNION ALL SELECT 2, 'a'";
            "INSERT INTO met VALUES (1, 'a'), (2, 'b')";
            "UPDATE met SET a = 'c'";
            "INSERT INTO met VALUES (5, 'x'), (6, 'x') ON CONFLICT (id) DO NOTHING";
            "INSERT OR FAIL INTO met VALUES (7, 'x'), (8, 'x')";
            "INSERT INTO met VALUES (7, 'y')";
            "SELECT * FROM met ORDER BY id";
            "CREATE TABLE made (id INTEGER PRIMARY KEY, a TEXT UNIQUE)";
            "INSERT INTO made VALUES (1, 'a'), (2, 'a')";
            "COMMIT";
            "SELECT * FROM met ORDER BY id";
        )
        .without_rowids(),
    ]
}

#[test]
fn statements_give_the_same_on_both_databases() {
    let (mut steps, mut differences) = (0, Vec::new());
    for case in cases() {
        let sqlite = support::sqlite();
        let expected: Vec<String> =
            case.steps.iter().map(|step| outcome(&sqlite, step.sql, &step.params, case.rowids)).collect();
        let found: Vec<String> = support::on_postgres(|postgres| {
            case.steps.iter().map(|step| outcome(postgres, step.sql, &step.params, case.rowids)).collect()
        });
        for (index, (expected, found)) in expected.iter().zip(&found).enumerate() {
            steps += 1;
            if expected != found {
                let sql = case.steps[index].sql;
                differences.push(format!("{}: {sql}\n    SQLite      {expected}\n    PostgreSQL  {found}", case.name));
            }
        }
    }
    assert!(steps >= 150, "only {steps} statements");
    assert!(differences.is_empty(), "{} of {steps} differ:\n\n{}", differences.len(), differences.join("\n\n"));
}
