// What rusqlite's documentation shows, as programs whose results can be compared; rusqlite_examples/list.txt says which case is
// which example.
use crate::support::Log;
use rusqlite::fallible_iterator::FallibleIterator;
use rusqlite::fallible_streaming_iterator::FallibleStreamingIterator;
use rusqlite::types::{Null, Value};
use rusqlite::{
    Batch, CachedStatement, Connection, Error, Result, Row, Rows, Statement, TransactionBehavior, named_params, params,
    params_from_iter,
};
use std::collections::BTreeSet;
use std::rc::Rc;

pub const CASES: &[(&str, fn(&mut Connection, &mut Log) -> Result<()>)] = &[
    ("a first program", first_program),
    ("several rows from an array", several_rows_from_an_array),
    ("params! of a struct", params_of_a_struct),
    ("named_params! of a struct", named_params_of_a_struct),
    ("a script in a transaction", script_in_a_transaction),
    ("execute with an array", execute_with_an_array),
    ("execute with params!", execute_with_params),
    ("execute with names", execute_with_names),
    ("one value by query_row", one_value_by_query_row),
    ("one value by query_row_and_then", one_value_by_query_row_and_then),
    ("a statement that runs twice", statement_that_runs_twice),
    ("a cached statement", cached_statement),
    ("a batch statement by statement", batch_by_statement),
    ("every form of positional parameters", positional_forms),
    ("every form of named parameters", named_forms),
    ("no parameters", no_parameters),
    ("parameters from a set", parameters_from_a_set),
    ("parameters for a list of placeholders", parameters_for_a_list),
    ("one parameter in every form, and too few", one_parameter_and_too_few),
    ("REPLACE from tuples and params!", replace_from_tuples),
    ("a name that the statement does not have", unknown_name),
    ("rows in a loop", rows_in_a_loop),
    ("rows by each form of parameters", rows_by_each_form),
    ("query_map", query_map),
    ("query_map by name", query_map_by_name),
    ("query_and_then", query_and_then),
    ("query_and_then by name", query_and_then_by_name),
    ("Rows::map", rows_map),
    ("rows as a streaming iterator", streaming_rows),
    ("parameter_index", parameter_index),
    ("parameter_name", parameter_name),
    ("binding by name and number", binding_by_name_and_number),
    ("a transaction", transaction),
    ("a savepoint", savepoint),
    ("a savepoint in a transaction", savepoint_in_a_transaction),
    ("an unchecked transaction", unchecked_transaction),
    ("a behaviour for all transactions", behavior_for_all),
    ("Null", null),
    ("rarray", rarray),
    ("a struct that owns its statement", owned_statement),
    ("a struct that owns its rows", owned_rows),
];

fn text(row: &Row<'_>) -> Result<String> {
    row.get(0)
}

/// All rows of a query as text, noted.
fn note_rows(conn: &Connection, log: &mut Log, sql: &str) -> Result<()> {
    let mut stmt = conn.prepare(sql)?;
    let mut rows = stmt.query([])?;
    while let Some(row) = rows.next()? {
        log.value(sql, format!("{row:?}"));
    }
    Ok(())
}

#[derive(Debug)]
struct Person {
    id: i32,
    name: String,
    data: Option<Vec<u8>>,
}

fn first_program(conn: &mut Connection, log: &mut Log) -> Result<()> {
    let created =
        conn.execute("CREATE TABLE person (id INTEGER PRIMARY KEY, name TEXT NOT NULL, data BLOB)", ())?;
    log.value("created", created);
    let ada = Person { id: 0, name: "Ada".to_owned(), data: None };
    let grace = Person { id: 0, name: "Grace".to_owned(), data: Some(vec![0, 255]) };
    for person in [ada, grace] {
        let sql = "INSERT INTO person (name, data) VALUES (?1, ?2)";
        log.result("inserted", conn.execute(sql, (&person.name, &person.data)));
    }
    let mut stmt = conn.prepare("SELECT id, name, data FROM person")?;
    let people =
        stmt.query_map([], |row| Ok(Person { id: row.get(0)?, name: row.get(1)?, data: row.get(2)? }))?;
    for person in people {
        let Person { id, name, data } = person?;
        log.value("person", (id, name, data));
    }
    Ok(())
}

fn several_rows_from_an_array(conn: &mut Connection, log: &mut Log) -> Result<()> {
    let create = "CREATE TABLE IF NOT EXISTS persons (id INTEGER PRIMARY KEY, name TEXT NOT NULL)";
    conn.execute(create, ())?;
    conn.execute(create, ())?;
    let names = ["Ada", "Grace", "Edsger"].map(|name| name.to_string());
    log.result("inserted", conn.execute("INSERT INTO persons (name) VALUES (?1), (?2), (?3)", names));
    let mut stmt = conn.prepare("SELECT id, name FROM persons")?;
    for person in stmt.query_map([], |row| Ok((row.get::<_, i32>(0)?, row.get::<_, String>(1)?)))? {
        log.result("person", person);
    }
    Ok(())
}

struct Aged {
    name: String,
    age_in_years: u8,
    data: Option<Vec<u8>>,
}

const AGED: &str = "CREATE TABLE person (name TEXT, age_in_years INTEGER, data BLOB)";

fn params_of_a_struct(conn: &mut Connection, log: &mut Log) -> Result<()> {
    conn.execute_batch(AGED)?;
    let person = Aged { name: "Ada".to_owned(), age_in_years: 36, data: Some(b"note".to_vec()) };
    conn.execute(
        "INSERT INTO person(name, age_in_years, data) VALUES (?1, ?2, ?3)",
        params![person.name, person.age_in_years, person.data],
    )?;
    note_rows(conn, log, "SELECT * FROM person")
}

fn named_params_of_a_struct(conn: &mut Connection, log: &mut Log) -> Result<()> {
    conn.execute_batch(AGED)?;
    let person = Aged { name: "Ada".to_owned(), age_in_years: 36, data: None };
    conn.execute(
        "INSERT INTO person (name, age_in_years, data) VALUES (:name, :age, :data)",
        named_params! { ":name": person.name, ":age": person.age_in_years, ":data": person.data },
    )?;
    note_rows(conn, log, "SELECT * FROM person")
}

fn script_in_a_transaction(conn: &mut Connection, log: &mut Log) -> Result<()> {
    conn.execute_batch("BEGIN; CREATE TABLE foo(x INTEGER); CREATE TABLE bar(y TEXT); COMMIT;")?;
    log.value("autocommit", conn.is_autocommit());
    log.result("foo", conn.execute("INSERT INTO foo VALUES (1)", []));
    log.result("bar", conn.execute("INSERT INTO bar VALUES ('a')", []));
    Ok(())
}

const FOO: &str = "CREATE TABLE foo (bar TEXT, qux INTEGER, quux REAL);
    INSERT INTO foo VALUES ('a', 1, 1.5), ('b', 1, 2.5), ('c', 2, 1.5);";

fn execute_with_an_array(conn: &mut Connection, log: &mut Log) -> Result<()> {
    let sql = "UPDATE foo SET bar = 'baz' WHERE qux = ?1";
    log.result("without the table", conn.execute(sql, [1i32]));
    conn.execute_batch(FOO)?;
    log.result("updated", conn.execute(sql, [1i32]));
    Ok(())
}

fn execute_with_params(conn: &mut Connection, log: &mut Log) -> Result<()> {
    conn.execute_batch(FOO)?;
    let sql = "UPDATE foo SET bar = 'baz' WHERE qux = ?1 AND quux = ?2";
    log.result("updated", conn.execute(sql, params![1i32, 1.5f64]));
    note_rows(conn, log, "SELECT * FROM foo ORDER BY bar")
}

fn execute_with_names(conn: &mut Connection, log: &mut Log) -> Result<()> {
    conn.execute_batch("CREATE TABLE test (name TEXT)")?;
    log.result("inserted", conn.execute("INSERT INTO test (name) VALUES (:name)", &[(":name", "one")]));
    note_rows(conn, log, "SELECT name FROM test")
}

const PREFERENCES: &str = "CREATE TABLE preferences (name TEXT, value TEXT)";
const LOCALE: &str = "SELECT value FROM preferences WHERE name='locale'";

fn one_value_by_query_row(conn: &mut Connection, log: &mut Log) -> Result<()> {
    log.result("no table", conn.query_row(LOCALE, [], text));
    conn.execute_batch(PREFERENCES)?;
    log.result("no row", conn.query_row(LOCALE, [], text));
    conn.execute_batch("INSERT INTO preferences VALUES ('locale', 'de_DE'), ('locale', 'en_US')")?;
    log.result("the first row", conn.query_row(LOCALE, [], text));
    Ok(())
}

fn one_value_by_query_row_and_then(conn: &mut Connection, log: &mut Log) -> Result<()> {
    conn.execute_batch(PREFERENCES)?;
    log.result("no row", conn.query_row_and_then(LOCALE, [], text));
    conn.execute_batch("INSERT INTO preferences VALUES ('locale', 'de_DE')")?;
    log.result("a row", conn.query_row_and_then(LOCALE, [], text));
    Ok(())
}

const PEOPLE: &str = "CREATE TABLE People (id INTEGER PRIMARY KEY, name TEXT)";

fn statement_that_runs_twice(conn: &mut Connection, log: &mut Log) -> Result<()> {
    conn.execute_batch(PEOPLE)?;
    let mut stmt = conn.prepare("INSERT INTO People (name) VALUES (?1)")?;
    log.result("first", stmt.execute(["Joe Smith"]));
    log.result("second", stmt.execute(["Bob Jones"]));
    note_rows(conn, log, "SELECT * FROM people")
}

fn cached_statement(conn: &mut Connection, log: &mut Log) -> Result<()> {
    conn.execute_batch(PEOPLE)?;
    for name in ["Joe Smith", "Bob Jones"] {
        let mut stmt = conn.prepare_cached("INSERT INTO People (name) VALUES (?1)")?;
        log.result(name, stmt.execute([name]));
    }
    note_rows(conn, log, "SELECT * FROM people")
}

fn batch_by_statement(conn: &mut Connection, log: &mut Log) -> Result<()> {
    let mut batch = Batch::new(conn, "CREATE TABLE tbl1 (col TEXT);\n CREATE TABLE tbl2 (col TEXT);\n ");
    let mut count = 0;
    while let Some(mut stmt) = batch.next()? {
        log.result("executed", stmt.execute([]));
        count += 1;
    }
    log.value("statements", count);
    for table in ["tbl1", "tbl2", "tbl3"] {
        log.result(table, conn.table_exists(None, table));
    }
    Ok(())
}

fn positional_forms(conn: &mut Connection, log: &mut Log) -> Result<()> {
    conn.execute_batch("CREATE TABLE test (a TEXT, b TEXT)")?;
    let mut stmt = conn.prepare("INSERT INTO test (a, b) VALUES (?1, ?2)")?;
    log.result("tuple", stmt.execute((0, "foobar")));
    log.result("params!", stmt.execute(params![1i32, "blah"]));
    log.result("array of values", stmt.execute([2i32, 3i32]));
    log.result("array of references", stmt.execute(["foo", "bar"]));
    log.result("slice of references", stmt.execute(&[&2i32, &3i32]));
    log.result("slice of unsized", stmt.execute(&["foo", "bar"]));
    note_rows(conn, log, "SELECT a, b FROM test")
}

fn named_forms(conn: &mut Connection, log: &mut Log) -> Result<()> {
    conn.execute_batch("CREATE TABLE test (key TEXT, value TEXT)")?;
    let mut stmt = conn.prepare("INSERT INTO test (key, value) VALUES (:key, :val)")?;
    log.result("named_params!", stmt.execute(named_params! { ":key": "one", ":val": 2 }));
    log.result("strings", stmt.execute(&[(":key", "three"), (":val", "four")]));
    log.result("references", stmt.execute(&[(":key", &100), (":val", &200)]));
    note_rows(conn, log, "SELECT key, value FROM test")
}

fn no_parameters(conn: &mut Connection, log: &mut Log) -> Result<()> {
    conn.execute_batch("CREATE TABLE users (id INTEGER); INSERT INTO users VALUES (1), (2)")?;
    log.result("unit", conn.execute("DELETE FROM users", ()));
    log.result("empty array", conn.execute("DELETE FROM users", []));
    conn.execute_batch("INSERT INTO users VALUES (3)")?;
    log.result("of a statement", conn.prepare("DELETE FROM users")?.execute([]));
    Ok(())
}

fn parameters_from_a_set(conn: &mut Connection, log: &mut Log) -> Result<()> {
    conn.execute_batch("CREATE TABLE users (id TEXT PRIMARY KEY, name TEXT)")?;
    conn.execute_batch("INSERT INTO users VALUES ('a', 'Ada'), ('b', 'Bob'), ('c', 'Cy'), ('d', 'Di')")?;
    let wanted: BTreeSet<String> = ["d", "a", "x"].map(String::from).into();
    let mut stmt = conn.prepare("SELECT name FROM users WHERE id IN (?1, ?2, ?3) ORDER BY id")?;
    for name in stmt.query_map(params_from_iter(wanted.iter()), text)? {
        log.result("user", name);
    }
    Ok(())
}

fn parameters_for_a_list(conn: &mut Connection, log: &mut Log) -> Result<()> {
    conn.execute_batch("CREATE TABLE user (name TEXT, is_active BOOLEAN)")?;
    conn.execute_batch("INSERT INTO user VALUES ('Ada', 1), ('Bob', 0), ('Cy', 1)")?;
    for names in [&["Bob"][..], &["Bob", "Ada"], &["Bob", "Di", "Cy"]] {
        let places = vec!["?"; names.len()].join(",");
        let sql = format!("SELECT 1 FROM user WHERE is_active AND name IN ({places}) LIMIT 1");
        log.result(&places, conn.prepare(&sql)?.exists(params_from_iter(names)));
    }
    Ok(())
}

fn one_parameter_and_too_few(conn: &mut Connection, log: &mut Log) -> Result<()> {
    conn.execute_batch(FOO)?;
    let mut stmt = conn.prepare("UPDATE foo SET quux = 0 WHERE qux = ?1")?;
    log.result("array", stmt.execute([2i32]));
    log.result("params!", stmt.execute(params![1i32]));
    log.result("reference to an array", stmt.execute(&[&2i32]));
    log.result("tuple", stmt.execute((2i32,)));
    let mut stmt = conn.prepare("UPDATE foo SET bar = ?1 WHERE qux = ?2")?;
    log.result("too few", stmt.execute([2i32]));
    log.result("too many", stmt.execute([2i32, 1, 1]));
    note_rows(conn, log, "SELECT * FROM foo ORDER BY bar")
}

fn replace_from_tuples(conn: &mut Connection, log: &mut Log) -> Result<()> {
    conn.execute_batch("CREATE TABLE files(path TEXT PRIMARY KEY, hash BLOB, data BLOB)")?;
    let query = "INSERT OR REPLACE INTO files(path, hash, data) VALUES (?1, ?2, ?3)";
    for (path, data) in [("foo/bar.txt", &b"one"[..]), ("foo/baz.txt", b"two"), ("foo/bar.txt", b"three")] {
        let mut stmt = conn.prepare_cached(query)?;
        let hash = [data.len() as u8; 32];
        log.result("tuple", stmt.execute((path, hash, data)));
        log.result("params!", stmt.execute(params![path, hash, data]));
    }
    note_rows(conn, log, "SELECT * FROM files ORDER BY path")
}

fn unknown_name(conn: &mut Connection, log: &mut Log) -> Result<()> {
    conn.execute_batch("CREATE TABLE test (key TEXT, value TEXT)")?;
    let mut stmt = conn.prepare("INSERT INTO test (key, value) VALUES (:key, :value)")?;
    log.result("named_params!", stmt.execute(named_params! { ":key": "one", ":val": 2 }));
    log.result("strings", stmt.execute(&[(":key", "three"), (":val", "four")]));
    log.result("right", stmt.execute(&[(":key", &100), (":value", &200)]));
    note_rows(conn, log, "SELECT * FROM test")
}

const NAMES: &str = "CREATE TABLE people (id TEXT PRIMARY KEY, name TEXT);
    INSERT INTO people VALUES ('one', 'Ada'), ('two', 'Bob'), ('three', NULL);";

fn rows_in_a_loop(conn: &mut Connection, log: &mut Log) -> Result<()> {
    conn.execute_batch(NAMES)?;
    let mut stmt = conn.prepare("SELECT name FROM people ORDER BY id")?;
    let mut rows = stmt.query([])?;
    let mut names: Vec<Option<String>> = Vec::new();
    while let Some(row) = rows.next()? {
        names.push(row.get(0)?);
    }
    log.value("names", names);
    Ok(())
}

fn rows_by_each_form(conn: &mut Connection, log: &mut Log) -> Result<()> {
    conn.execute_batch("CREATE TABLE test (name TEXT, value INTEGER); INSERT INTO test VALUES ('one', 1), ('two', 2)")?;
    let mut note = |what: &str, rows: &mut Rows<'_>| -> Result<()> {
        while let Some(row) = rows.next()? {
            log.value(what, (row.get::<_, String>("name")?, row.get::<_, i64>("value")?));
        }
        Ok(())
    };
    let mut stmt = conn.prepare("SELECT * FROM test where name = ?1")?;
    note("params!", &mut stmt.query(params!["two"])?)?;
    note("array", &mut stmt.query(["one"])?)?;
    let mut stmt = conn.prepare("SELECT * FROM test where name = :name")?;
    note("named array", &mut stmt.query(&[(":name", "one")])?)?;
    note("named_params!", &mut stmt.query(named_params! { ":name": "two" })?)
}

fn query_map(conn: &mut Connection, log: &mut Log) -> Result<()> {
    conn.execute_batch(NAMES)?;
    let mut stmt = conn.prepare("SELECT name FROM people WHERE name IS NOT NULL ORDER BY name DESC")?;
    let mut names = Vec::new();
    for name in stmt.query_map([], text)? {
        names.push(name?);
    }
    log.value("names", names);
    Ok(())
}

fn query_map_by_name(conn: &mut Connection, log: &mut Log) -> Result<()> {
    conn.execute_batch(NAMES)?;
    let mut stmt = conn.prepare("SELECT name FROM people WHERE id = :id")?;
    for id in ["one", "three", "none"] {
        let names = stmt.query_map(&[(":id", &id)], |row| row.get::<_, Option<String>>(0))?;
        log.value(id, names.collect::<Result<Vec<_>>>()?);
    }
    Ok(())
}

fn query_and_then(conn: &mut Connection, log: &mut Log) -> Result<()> {
    conn.execute_batch(NAMES)?;
    let mut stmt = conn.prepare("SELECT name FROM people WHERE id = ?1")?;
    for id in ["one", "three"] {
        for name in stmt.query_and_then([id], |row| row.get::<_, String>(0))? {
            log.result(id, name);
        }
    }
    Ok(())
}

fn query_and_then_by_name(conn: &mut Connection, log: &mut Log) -> Result<()> {
    fn checked(name: String) -> Result<String> {
        if name == "Bob" { Err(Error::InvalidQuery) } else { Ok(name) }
    }
    conn.execute_batch(NAMES)?;
    let mut stmt = conn.prepare("SELECT name FROM people WHERE id = :id")?;
    for id in ["one", "two"] {
        for name in stmt.query_and_then(&[(":id", id)], |row| checked(row.get(0)?))? {
            log.result(id, name);
        }
    }
    Ok(())
}

fn rows_map(conn: &mut Connection, log: &mut Log) -> Result<()> {
    fn numbers(stmt: &mut Statement<'_>) -> Result<Vec<i64>> {
        stmt.query([])?.map(|row| row.get(0)).collect()
    }
    log.result("numbers", numbers(&mut conn.prepare("SELECT 3 UNION ALL SELECT 1 UNION ALL SELECT 2")?));
    log.result("no numbers", numbers(&mut conn.prepare("SELECT 'x'")?));
    Ok(())
}

fn streaming_rows(conn: &mut Connection, log: &mut Log) -> Result<()> {
    let mut stmt = conn.prepare("SELECT 1 AS n UNION ALL SELECT 2")?;
    let mut rows = stmt.query([])?;
    while let Some(row) = rows.next()? {
        log.result("by Rows::next", row.get::<_, i64>("n"));
    }
    drop(rows);
    let mut rows = stmt.query([])?;
    loop {
        FallibleStreamingIterator::advance(&mut rows)?;
        match FallibleStreamingIterator::get(&rows) {
            Some(row) => log.result("by the trait", row.get::<_, i64>("n")),
            None => return Ok(()),
        }
    }
}

const BY_NAME: &str = "SELECT * FROM test WHERE name = :example";

fn parameter_index(conn: &mut Connection, log: &mut Log) -> Result<()> {
    conn.execute_batch("CREATE TABLE test (name TEXT)")?;
    let stmt = conn.prepare(BY_NAME)?;
    log.result(":example", stmt.parameter_index(":example"));
    log.result("example", stmt.parameter_index("example"));
    Ok(())
}

fn parameter_name(conn: &mut Connection, log: &mut Log) -> Result<()> {
    conn.execute_batch("CREATE TABLE test (name TEXT)")?;
    let stmt = conn.prepare(BY_NAME)?;
    log.value("names", (0..3).map(|number| stmt.parameter_name(number)).collect::<Vec<_>>());
    Ok(())
}

fn binding_by_name_and_number(conn: &mut Connection, log: &mut Log) -> Result<()> {
    conn.execute_batch("CREATE TABLE test (name TEXT, value INTEGER)")?;
    conn.execute_batch("INSERT INTO test VALUES ('foo', 99), ('foo', 101), ('bar', 102)")?;
    let mut stmt = conn.prepare("SELECT * FROM test WHERE name = :name AND value > ?2")?;
    stmt.raw_bind_parameter(c":name", "foo")?;
    stmt.raw_bind_parameter(2, 100)?;
    let mut rows = stmt.raw_query();
    while let Some(row) = rows.next()? {
        log.result("value", row.get::<_, i64>(1));
    }
    Ok(())
}

const COUNTED: &str = "CREATE TABLE counted (n INTEGER NOT NULL)";

/// Two steps, of which the second may fail.
fn both_steps(conn: &Connection, second: Option<i64>) -> Result<()> {
    conn.execute("INSERT INTO counted VALUES (1)", [])?;
    conn.execute("INSERT INTO counted VALUES (?1)", [second])?;
    Ok(())
}

fn count(conn: &Connection) -> Result<i64> {
    conn.query_row("SELECT count(*) FROM counted", [], |row| row.get(0))
}

fn transaction(conn: &mut Connection, log: &mut Log) -> Result<()> {
    fn run(conn: &mut Connection, second: Option<i64>) -> Result<()> {
        let tx = conn.transaction()?;
        both_steps(&tx, second)?;
        tx.commit()
    }
    conn.execute_batch(COUNTED)?;
    for second in [None, Some(2)] {
        log.result("ran", run(conn, second));
        log.result("left", count(conn));
    }
    Ok(())
}

fn savepoint(conn: &mut Connection, log: &mut Log) -> Result<()> {
    fn run(conn: &mut Connection, second: Option<i64>) -> Result<()> {
        let sp = conn.savepoint()?;
        both_steps(&sp, second)?;
        sp.commit()
    }
    conn.execute_batch(COUNTED)?;
    for second in [None, Some(2)] {
        log.result("ran", run(conn, second));
        log.value("autocommit", conn.is_autocommit());
        log.result("left", count(conn));
    }
    Ok(())
}

fn savepoint_in_a_transaction(conn: &mut Connection, log: &mut Log) -> Result<()> {
    conn.execute_batch(COUNTED)?;
    let mut tx = conn.transaction()?;
    for second in [None, Some(2)] {
        let sp = tx.savepoint()?;
        if both_steps(&sp, second).is_ok() {
            sp.commit()?;
        }
    }
    tx.commit()?;
    log.result("left", count(conn));
    Ok(())
}

fn unchecked_transaction(conn: &mut Connection, log: &mut Log) -> Result<()> {
    fn run(conn: &Connection, second: Option<i64>) -> Result<()> {
        let tx = conn.unchecked_transaction()?;
        both_steps(&tx, second)?;
        tx.commit()
    }
    conn.execute_batch(COUNTED)?;
    for second in [None, Some(2)] {
        log.result("ran", run(conn, second));
        log.result("left", count(conn));
    }
    Ok(())
}

fn behavior_for_all(conn: &mut Connection, log: &mut Log) -> Result<()> {
    conn.execute_batch(COUNTED)?;
    conn.set_transaction_behavior(TransactionBehavior::Immediate);
    let tx = conn.transaction()?;
    both_steps(&tx, Some(2))?;
    log.result("committed", tx.commit());
    log.result("left", count(conn));
    Ok(())
}

fn null(conn: &mut Connection, log: &mut Log) -> Result<()> {
    conn.execute_batch(PEOPLE)?;
    log.result("inserted", conn.execute("INSERT INTO people (name) VALUES (?1)", [Null]));
    note_rows(conn, log, "SELECT id, name FROM people")
}

fn rarray(conn: &mut Connection, log: &mut Log) -> Result<()> {
    rusqlite::vtab::array::load_module(conn)?;
    let values = Rc::new([1i64, 2, 3, 4].into_iter().map(Value::from).collect::<Vec<Value>>());
    let mut stmt = conn.prepare("SELECT value from rarray(?1);")?;
    for value in stmt.query_map([values], |row| row.get::<_, i64>(0))? {
        log.result("value", value);
    }
    Ok(())
}

fn owned_statement(conn: &mut Connection, log: &mut Log) -> Result<()> {
    struct Owner<'conn> {
        statement: CachedStatement<'conn>,
    }
    let mut owner = Owner { statement: conn.prepare_cached("SELECT 1")? };
    for _ in 0..2 {
        let mut rows = owner.statement.query([])?;
        while let Some(row) = rows.next()? {
            log.result("row", row.get::<_, i64>(0));
        }
    }
    Ok(())
}

fn owned_rows(conn: &mut Connection, log: &mut Log) -> Result<()> {
    struct Owner<'stmt> {
        rows: Rows<'stmt>,
    }
    let mut statement = conn.prepare_cached("SELECT 1 UNION ALL SELECT 2")?;
    let owner = Owner { rows: statement.query([])? };
    // Moved in the middle of its rows.
    let mut boxed = Box::new(owner);
    log.value("first", boxed.rows.next()?.map(|row| row.get::<_, i64>(0)));
    let Owner { mut rows } = *boxed;
    log.value("second", rows.next()?.map(|row| row.get::<_, i64>(0)));
    log.value("end", rows.next()?.is_none());
    Ok(())
}
