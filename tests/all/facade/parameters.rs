// Binding values: every form of parameters, every kind of placeholder, and what goes wrong.
use crate::support::Log;
use rusqlite::types::{Null, ToSqlOutput, Value};
use rusqlite::{Connection, Params, Result, Row, Statement, ToSql, named_params, params, params_from_iter};

pub const CASES: &[(&str, fn(&mut Connection, &mut Log) -> Result<()>)] = &[
    ("forms", forms),
    ("tuples", tuples),
    ("arrays", arrays),
    ("names", names),
    ("wrong counts", wrong_counts),
    ("wrong names", wrong_names),
    ("values stay bound", values_stay_bound),
    ("values bound before an error stay bound", bound_before_an_error),
    ("binding by hand", binding_by_hand),
    ("placeholders", placeholders),
    ("kinds of values", kinds_of_values),
    ("values of one's own", own_values),
    ("parameters passed on", passed_on),
    #[cfg(feature = "rusqlite-macros")]
    ("variables in the text", captured),
];

/// Variables of the program by their names in the text.
#[cfg(feature = "rusqlite-macros")]
fn captured(conn: &mut Connection, log: &mut Log) -> Result<()> {
    conn.execute_batch("CREATE TABLE person (name TEXT, age INTEGER, smart INTEGER)")?;
    for (name, age) in [("Lisa", 8), ("Bart", 10)] {
        let smart = age < 9;
        let mut stmt = rusqlite::prepare_and_bind!(conn, "INSERT INTO person VALUES ($name, @age, :smart);");
        log.result("inserted", stmt.raw_execute());
    }
    for age in [8, 10, 12] {
        let mut stmt = rusqlite::prepare_cached_and_bind!(conn, "SELECT name FROM person WHERE age = :age AND :age > 0");
        let mut rows = stmt.raw_query();
        log.result("found", rows.next().and_then(|row| row.map(|row| row.get::<_, String>(0)).transpose()));
    }
    let mut stmt = rusqlite::prepare_and_bind!(conn, "SELECT count(*) FROM person");
    log.result("none", stmt.raw_query().next().map(|row| row.map(|row| row.get::<_, i64>(0))));
    Ok(())
}

fn text(row: &Row<'_>) -> Result<String> {
    row.get(0)
}

fn forms(conn: &mut Connection, log: &mut Log) -> Result<()> {
    const SUM: &str = "SELECT CAST(?1 AS INTEGER) + CAST(?2 AS INTEGER)";
    let sum = |row: &Row<'_>| row.get::<_, i64>(0);
    let (one, two) = (1, 2);
    let dynamic: Vec<Box<dyn ToSql>> = vec![Box::new(1), Box::new("2")];
    log.result("none", conn.query_row("SELECT 3", [], sum));
    log.result("unit", conn.query_row("SELECT 3", (), sum));
    log.result("empty params!", conn.query_row("SELECT 3", params![], sum));
    log.result("empty named_params!", conn.query_row("SELECT 3", named_params! {}, sum));
    log.result("params!", conn.query_row(SUM, params![one, 2u8], sum));
    log.result("array", conn.query_row(SUM, [1, 2], sum));
    log.result("array of references", conn.query_row(SUM, [&one, &two], sum));
    log.result("reference to an array", conn.query_row(SUM, &[&one, &two], sum));
    log.result("dynamic array", conn.query_row(SUM, [&1 as &dyn ToSql, &2i8], sum));
    log.result("dynamic slice", conn.query_row(SUM, &[&1 as &dyn ToSql, &2i8][..], sum));
    log.result("array of strings", conn.query_row(SUM, ["1".to_string(), "2".to_string()], sum));
    log.result("tuple", conn.query_row(SUM, (1, "2"), sum));
    log.result("iterator", conn.query_row(SUM, params_from_iter([1, 2].iter()), sum));
    log.result("vector", conn.query_row(SUM, params_from_iter(vec![1, 2]), sum));
    log.result("boxes", conn.query_row(SUM, params_from_iter(&dynamic), sum));
    let borrowed: Vec<&dyn ToSql> = dynamic.iter().map(|value| value.as_ref()).collect();
    log.result("slice of a vector", conn.query_row(SUM, borrowed.as_slice(), sum));
    log.result("mapped iterator", conn.query_row(SUM, params_from_iter((1..=2).map(|n| n * 10)), sum));
    Ok(())
}

fn tuples(conn: &mut Connection, log: &mut Log) -> Result<()> {
    fn joined<P: Params>(conn: &Connection, count: usize, params: P) -> Result<String> {
        let list: Vec<String> = (1..=count).map(|n| format!("CAST(?{n} AS TEXT)")).collect();
        conn.query_row(&format!("SELECT {}", list.join(" || ' ' || ")), params, text)
    }
    log.result("1", joined(conn, 1, (1,)));
    log.result("2", joined(conn, 2, (1, "b")));
    log.result("3", joined(conn, 3, (1, "b", 3)));
    log.result("4", joined(conn, 4, (1, "b", 3, "d")));
    log.result("5", joined(conn, 5, (1, "b", 3, "d", 5)));
    log.result("6", joined(conn, 6, (1, "b", 3, "d", 5, "f")));
    log.result("7", joined(conn, 7, (1, "b", 3, "d", 5, "f", 7)));
    log.result("8", joined(conn, 8, (1, "b", 3, "d", 5, "f", 7, "h")));
    log.result("9", joined(conn, 9, (1, "b", 3, "d", 5, "f", 7, "h", 9)));
    log.result("10", joined(conn, 10, (1, "b", 3, "d", 5, "f", 7, "h", 9, "j")));
    log.result("11", joined(conn, 11, (1, "b", 3, "d", 5, "f", 7, "h", 9, "j", 11)));
    log.result("12", joined(conn, 12, (1, "b", 3, "d", 5, "f", 7, "h", 9, "j", 11, "l")));
    log.result("13", joined(conn, 13, (1, "b", 3, "d", 5, "f", 7, "h", 9, "j", 11, "l", 13)));
    log.result("14", joined(conn, 14, (1, "b", 3, "d", 5, "f", 7, "h", 9, "j", 11, "l", 13, "n")));
    log.result("15", joined(conn, 15, (1, "b", 3, "d", 5, "f", 7, "h", 9, "j", 11, "l", 13, "n", 15)));
    log.result("16", joined(conn, 16, (1, "b", 3, "d", 5, "f", 7, "h", 9, "j", 11, "l", 13, "n", 15, "p")));
    Ok(())
}

fn arrays(conn: &mut Connection, log: &mut Log) -> Result<()> {
    fn sum<P: Params>(conn: &Connection, count: usize, params: P) -> Result<i64> {
        let list = vec!["CAST(? AS INTEGER)"; count].join(" + ");
        conn.query_row(&format!("SELECT {list}"), params, |row| row.get(0))
    }
    log.result("1", sum(conn, 1, [1]));
    log.result("3", sum(conn, 3, [1; 3]));
    log.result("17", sum(conn, 17, [2; 17]));
    log.result("32", sum(conn, 32, [3; 32]));
    log.result("32 references", sum(conn, 32, &[&3; 32]));
    log.result("100 by iterator", sum(conn, 100, params_from_iter(0..100)));
    Ok(())
}

fn names(conn: &mut Connection, log: &mut Log) -> Result<()> {
    const SQL: &str =
        "SELECT CAST(:a AS TEXT) || '-' || CAST(@b AS TEXT) || '-' || CAST($c AS TEXT) || '-' || CAST(:a AS TEXT)";
    log.result("named_params!", conn.query_row(SQL, named_params! {":a": 1, "@b": "two", "$c": 3}, text));
    log.result("slice", conn.query_row(SQL, &[(":a", &1 as &dyn ToSql), ("@b", &"two"), ("$c", &3)][..], text));
    log.result("array", conn.query_row(SQL, &[(":a", "x"), ("@b", "y"), ("$c", "z")][..], text));
    log.result("array of references", conn.query_row(SQL, &[(":a", &1), ("@b", &2), ("$c", &3)], text));
    log.result("C names", conn.query_row(SQL, &[(c":a", &1), (c"@b", &2), (c"$c", &3)], text));
    log.result("numbers", conn.query_row(SQL, &[(3, &30), (1, &10), (2, &20)], text));
    log.result("by position", conn.query_row(SQL, [1, 2, 3], text));
    log.result(
        "some are enough",
        conn.query_row("SELECT CAST(:a AS TEXT), CAST(:b AS TEXT) IS NULL", &[(":a", &"x")], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, bool>(1)?))
        }),
    );
    let stmt = conn.prepare(SQL)?;
    log.value("count", stmt.parameter_count());
    log.value("names", (0..5).map(|n| stmt.parameter_name(n).map(str::to_owned)).collect::<Vec<_>>());
    for name in [":a", "@b", "$c", "a", "@a", ":A", ""] {
        log.result(name, stmt.parameter_index(name));
    }
    Ok(())
}

fn wrong_counts(conn: &mut Connection, log: &mut Log) -> Result<()> {
    const TWO: &str = "SELECT CAST(?1 AS TEXT) || CAST(?2 AS TEXT)";
    log.result("none", conn.query_row(TWO, [], text));
    log.result("unit", conn.query_row(TWO, (), text));
    log.result("one", conn.query_row(TWO, [1], text));
    log.result("one in a tuple", conn.query_row(TWO, (1,), text));
    log.result("one by params!", conn.query_row(TWO, params![1], text));
    log.result("three", conn.query_row(TWO, [1, 2, 3], text));
    log.result("three in a tuple", conn.query_row(TWO, (1, 2, 3), text));
    log.result("five by params!", conn.query_row(TWO, params![1, 2, 3, 4, 5], text));
    log.result("five by iterator", conn.query_row(TWO, params_from_iter(1..=5), text));
    log.result("some where none", conn.query_row("SELECT 'x'", [1], text));
    log.result("gaps count", conn.query_row("SELECT CAST(?5 AS TEXT)", [1], text));
    log.result("execute", conn.execute("CREATE TABLE t (n INTEGER)", [1]));
    log.result(
        "in the middle",
        conn.prepare("SELECT ?").map(|mut stmt| stmt.query([1, 2]).map(drop)).map(|r| r.is_err()),
    );
    Ok(())
}

fn wrong_names(conn: &mut Connection, log: &mut Log) -> Result<()> {
    log.result("unknown", conn.query_row("SELECT CAST(:a AS TEXT)", &[(":b", &1)], text));
    log.result("no prefix", conn.query_row("SELECT CAST(:a AS TEXT)", &[("a", &1)], text));
    log.result("C name", conn.query_row("SELECT CAST(:a AS TEXT)", &[(c":b", &1)], text));
    let mut stmt = conn.prepare("SELECT CAST(?1 AS TEXT)")?;
    log.result("number too large", stmt.raw_bind_parameter(2, 1));
    log.result("number 0", stmt.raw_bind_parameter(0, 1));
    log.result("unknown by hand", stmt.raw_bind_parameter(":x", 1));
    log.result("usable afterwards", stmt.query_row(["x"], text));
    Ok(())
}

fn values_stay_bound(conn: &mut Connection, log: &mut Log) -> Result<()> {
    let mut stmt = conn.prepare("SELECT coalesce(CAST(:a AS TEXT), '-') || coalesce(CAST(:b AS TEXT), '-')")?;
    log.result("unbound is NULL", stmt.query_row(&[] as &[(&str, &dyn ToSql)], text));
    log.result("both", stmt.query_row(named_params! {":a": "x", ":b": "y"}, text));
    log.result("only the first is new", stmt.query_row(&[(":a", &"z")], text));
    log.result("none is new", stmt.query_row(named_params! {}, text));
    stmt.clear_bindings();
    log.result("cleared", stmt.query_row(named_params! {}, text));
    Ok(())
}

fn bound_before_an_error(conn: &mut Connection, log: &mut Log) -> Result<()> {
    let mut stmt = conn.prepare("SELECT coalesce(CAST(?1 AS TEXT), '-') || coalesce(CAST(?2 AS TEXT), '-')")?;
    log.result("one too few", stmt.query(params!["x"]).map(drop));
    log.value("the one was bound", text(stmt.raw_query().next()?.unwrap())?);
    log.result("one too many", stmt.query(params!["a", "b", "c"]).map(drop));
    log.value("two were bound", text(stmt.raw_query().next()?.unwrap())?);
    log.result("a tuple is counted first", stmt.query(("p",)).map(drop));
    log.value("nothing was bound", text(stmt.raw_query().next()?.unwrap())?);
    let failing: &[&dyn ToSql] = &[&"new", &u64::MAX];
    log.result("a value that does not convert", stmt.query(failing).map(drop));
    log.value("the one before was bound", text(stmt.raw_query().next()?.unwrap())?);
    Ok(())
}

fn binding_by_hand(conn: &mut Connection, log: &mut Log) -> Result<()> {
    conn.execute_batch("CREATE TABLE t (a TEXT, b INTEGER)")?;
    let mut insert = conn.prepare("INSERT INTO t VALUES (?1, :b)")?;
    insert.raw_bind_parameter(1, "x")?;
    insert.raw_bind_parameter(":b", 5)?;
    log.result("run", insert.raw_execute());
    insert.raw_bind_parameter(c":b", 6)?;
    log.result("run again", insert.raw_execute());
    let mut stmt = conn.prepare("SELECT a, b FROM t WHERE b >= ? ORDER BY b")?;
    stmt.raw_bind_parameter(1, 5)?;
    let mut rows = stmt.raw_query();
    while let Some(row) = rows.next()? {
        log.value("row", (row.get::<_, String>(0)?, row.get::<_, i64>(1)?));
    }
    Ok(())
}

fn placeholders(conn: &mut Connection, log: &mut Log) -> Result<()> {
    for (sql, count) in [
        ("SELECT CAST(? AS TEXT) || CAST(? AS TEXT)", 2),
        ("SELECT CAST(?2 AS TEXT) || CAST(?1 AS TEXT)", 2),
        ("SELECT CAST(?2 AS TEXT) || CAST(? AS TEXT)", 3),
        ("SELECT CAST(? AS TEXT) || CAST(?1 AS TEXT)", 1),
        ("SELECT CAST(:a AS TEXT) || CAST(? AS TEXT) || CAST(:a AS TEXT)", 2),
        ("SELECT CAST(?3 AS TEXT) || CAST(:a AS TEXT) || CAST(? AS TEXT)", 5),
        ("SELECT '?' || CAST(?1 AS TEXT) || ':a' -- ?2\n || '@b' /* $c */", 1),
        ("SELECT CAST(?001 AS TEXT)", 1),
    ] {
        let mut stmt = conn.prepare(sql)?;
        log.value(sql, stmt.parameter_count());
        let values: Vec<String> = (1..=count).map(|n| format!("<{n}>")).collect();
        log.result(sql, stmt.query_row(params_from_iter(values), text));
    }
    log.result("too large a number", conn.prepare("SELECT ?40000").map(drop));
    log.result("?0", conn.prepare("SELECT ?0").map(drop));
    Ok(())
}

fn kinds_of_values(conn: &mut Connection, log: &mut Log) -> Result<()> {
    conn.execute_batch("CREATE TABLE t (i INTEGER, r REAL, s TEXT, b BLOB)")?;
    let mut insert = conn.prepare("INSERT INTO t VALUES (?1, ?2, ?3, ?4)")?;
    insert.execute(params![i64::MIN, -0.5f64, "", Vec::<u8>::new()])?;
    insert.execute(params![u32::MAX, 1.5f32, String::from("größer"), [0u8, 255]])?;
    insert.execute(params![true, 1e300, "a'b", &b"xyz"[..]])?;
    insert.execute(params![None::<i64>, Null, Option::<&str>::None, Value::Null])?;
    insert.execute(params![Some(7i8), Some(2.0), Some("s"), Some(vec![1u8])])?;
    insert.execute(params![Value::Integer(8), Value::Real(8.5), Value::Text("v".into()), Value::Blob(vec![8])])?;
    insert.execute(params![9i16, std::rc::Rc::new(9.5), std::sync::Arc::<str>::from("arc"), Box::new([9u8])])?;
    insert.execute(params![10u64, 10.0, std::borrow::Cow::Borrowed("cow"), b"ref"])?;
    insert.execute(params![11usize, f64::INFINITY, 'c'.to_string(), None::<Vec<u8>>])?;
    log.result("too large", insert.execute(params![u64::MAX, 0.0, "", [0u8]]));
    let mut stmt = conn.prepare("SELECT i, r, s, b FROM t")?;
    let mut rows = stmt.query([])?;
    while let Some(row) = rows.next()? {
        let values: [Value; 4] = [row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?];
        log.value("row", values);
    }
    Ok(())
}

struct Colour(&'static str);

impl ToSql for Colour {
    fn to_sql(&self) -> Result<ToSqlOutput<'_>> {
        if self.0.is_empty() {
            return Err(rusqlite::Error::ToSqlConversionFailure("no colour".into()));
        }
        Ok(ToSqlOutput::from(self.0.to_uppercase()))
    }
}

fn own_values(conn: &mut Connection, log: &mut Log) -> Result<()> {
    log.result("converted", conn.query_row("SELECT CAST(?1 AS TEXT)", [Colour("red")], text));
    log.value(
        "refused",
        conn.query_row("SELECT CAST(?1 AS TEXT)", [Colour("")], text).map_err(|error| error.to_string()),
    );
    Ok(())
}

// Helpers of legacy code that take whatever parameters there are.
fn passed_on(conn: &mut Connection, log: &mut Log) -> Result<()> {
    fn first<P: Params>(stmt: &mut Statement<'_>, params: P) -> Result<Option<String>> {
        let mut rows = stmt.query(params)?;
        rows.next()?.map(text).transpose()
    }
    fn dynamic(conn: &Connection, sql: &str, params: &[&dyn ToSql]) -> Result<String> {
        conn.query_row(sql, params, text)
    }
    log.result("generic", first(&mut conn.prepare("SELECT CAST(? AS TEXT)")?, ["x"]));
    log.result("none", first(&mut conn.prepare("SELECT 'x' WHERE 0")?, []));
    log.result("dynamic", dynamic(conn, "SELECT CAST(? AS TEXT)", &[&5]));
    log.result("dynamic none", dynamic(conn, "SELECT 'x'", &[]));
    Ok(())
}
