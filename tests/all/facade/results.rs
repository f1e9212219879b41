// Rows and their values: iterating, converting, nesting, and what goes wrong.
use crate::support::Log;
use rusqlite::fallible_iterator::FallibleIterator;
use rusqlite::fallible_streaming_iterator::FallibleStreamingIterator;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, Type, Value, ValueRef};
use rusqlite::{AndThenRows, Connection, Error, MappedRows, Result, Row, RowIndex, Rows, Statement};

pub const CASES: &[(&str, fn(&mut Connection, &mut Log) -> Result<()>)] = &[
    ("next", next),
    ("iterators", iterators),
    ("iterators that fail", iterators_that_fail),
    ("nested statements", nested_statements),
    ("interleaved results", interleaved_results),
    ("results dropped half-read", dropped_half_read),
    ("columns by number and name", columns_by_number_and_name),
    ("values of another type", values_of_another_type),
    ("values of one's own", own_values),
    ("values as they are", values_as_they_are),
    ("rows as tuples", rows_as_tuples),
    ("a row's statement", a_rows_statement),
    ("rows passed on", rows_passed_on),
];

const ROWS: &str = "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT, score REAL, data BLOB);
    INSERT INTO t VALUES (1, 'one', 1.5, x'01'), (2, 'two', 2.5, x'0202'), (3, NULL, NULL, NULL);";

fn id(row: &Row<'_>) -> Result<i64> {
    row.get(0)
}

fn next(conn: &mut Connection, log: &mut Log) -> Result<()> {
    conn.execute_batch(ROWS)?;
    let mut stmt = conn.prepare("SELECT id, name FROM t ORDER BY id")?;
    let mut rows = stmt.query([])?;
    while let Some(row) = rows.next()? {
        log.value("row", (row.get::<_, i64>(0)?, row.get::<_, Option<String>>(1)?));
    }
    log.value("after the end", rows.next()?.is_none());
    log.value("no statement any more", rows.as_ref().is_none());
    drop(rows);
    let mut again = stmt.query([])?;
    log.value("the statement runs again", again.next()?.map(id).transpose()?);
    log.value("its statement", again.as_ref().map(|stmt| stmt.column_count()));
    let mut moved = again;
    log.value("a moved result goes on", moved.next()?.map(id).transpose()?);
    Ok(())
}

fn iterators(conn: &mut Connection, log: &mut Log) -> Result<()> {
    conn.execute_batch(ROWS)?;
    let mut stmt = conn.prepare("SELECT id FROM t WHERE id >= ?1 ORDER BY id")?;
    log.result("query_map", stmt.query_map([1], id)?.collect::<Result<Vec<i64>>>());
    log.result("query_map again", stmt.query_map([3], id)?.collect::<Result<Vec<i64>>>());
    log.result("query_and_then", stmt.query_and_then([2], id)?.collect::<Result<Vec<i64>>>());
    log.result("mapped", stmt.query([2])?.mapped(id).collect::<Result<Vec<i64>>>());
    log.result("and_then", stmt.query([2])?.and_then(id).collect::<Result<Vec<i64>>>());
    log.result("map", stmt.query([2])?.map(id).collect::<Vec<i64>>());
    log.value("filter_map", stmt.query_map([1], id)?.filter_map(Result::ok).filter(|id| id % 2 == 1).count());
    let mut streaming = stmt.query([2])?;
    log.value("get before the first", streaming.get().is_none());
    streaming.advance()?;
    log.value("get", streaming.get().map(id).transpose()?);
    log.value("get again", streaming.get().map(id).transpose()?);
    log.result("count of the rest", streaming.count());
    Ok(())
}

fn iterators_that_fail(conn: &mut Connection, log: &mut Log) -> Result<()> {
    conn.execute_batch(ROWS)?;
    let mut stmt = conn.prepare("SELECT name FROM t ORDER BY id")?;
    let names = |row: &Row<'_>| row.get::<_, String>(0);
    log.result("stops at the first", stmt.query_map([], names)?.collect::<Result<Vec<_>>>());
    let all: Vec<String> =
        stmt.query_map([], names)?.map(|name| name.unwrap_or_else(|error| error.to_string())).collect();
    log.value("goes on behind it", all);
    let parsed = stmt.query_and_then([], |row| -> std::result::Result<usize, Box<dyn std::error::Error>> {
        Ok(row.get::<_, String>(0)?.len())
    })?;
    log.value("errors of another type", parsed.map(|r| r.map_err(|error| error.to_string())).collect::<Vec<_>>());
    Ok(())
}

fn nested_statements(conn: &mut Connection, log: &mut Log) -> Result<()> {
    conn.execute_batch(ROWS)?;
    conn.execute_batch("CREATE TABLE seen (id INTEGER, name TEXT)")?;
    let mut outer = conn.prepare("SELECT id, name FROM t ORDER BY id")?;
    let mut rows = outer.query([])?;
    while let Some(row) = rows.next()? {
        let id: i64 = row.get(0)?;
        let lower: i64 = conn.query_row("SELECT count(*) FROM t WHERE id < ?1", [id], |row| row.get(0))?;
        conn.execute("INSERT INTO seen VALUES (?1, ?2)", (id, row.get::<_, Option<String>>(1)?))?;
        log.value("row", (id, lower, conn.changes(), row.get::<_, i64>("id")?));
    }
    drop(rows);
    log.result(
        "all were written",
        conn.query_row("SELECT count(*), count(name) FROM seen", [], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?))
        }),
    );
    Ok(())
}

fn interleaved_results(conn: &mut Connection, log: &mut Log) -> Result<()> {
    conn.execute_batch(ROWS)?;
    let mut up = conn.prepare("SELECT id FROM t ORDER BY id")?;
    let mut down = conn.prepare("SELECT id FROM t ORDER BY id DESC")?;
    let (mut ups, mut downs) = (up.query([])?, down.query([])?);
    while let (Some(a), Some(b)) = (ups.next()?, downs.next()?) {
        log.value("pair", (id(a)?, id(b)?));
    }
    Ok(())
}

fn dropped_half_read(conn: &mut Connection, log: &mut Log) -> Result<()> {
    conn.execute_batch(ROWS)?;
    let mut stmt = conn.prepare("SELECT id FROM t ORDER BY id")?;
    log.value("first", stmt.query([])?.next()?.map(id).transpose()?);
    log.value("first again", stmt.query([])?.next()?.map(id).transpose()?);
    log.value("nth", stmt.query_map([], id)?.nth(1).transpose()?);
    log.value("not even begun", stmt.query([]).is_ok());
    log.result("usable afterwards", conn.execute("DELETE FROM t", []));
    log.value("busy", conn.is_busy());
    Ok(())
}

fn columns_by_number_and_name(conn: &mut Connection, log: &mut Log) -> Result<()> {
    let mut stmt = conn.prepare("SELECT 1 AS a, 2 AS B, 3 AS a, 4 AS \"with blank\"")?;
    log.value("names", stmt.column_names());
    log.value("count", stmt.column_count());
    log.result("name", stmt.column_name(3).map(str::to_owned));
    log.result("no such name", stmt.column_name(4).map(str::to_owned));
    log.result("index", stmt.column_index("b"));
    log.result("no such index", stmt.column_index("c"));
    stmt.query_row([], |row| {
        for name in ["a", "A", "b", "B", "with blank", "c", "", "with_blank"] {
            log.result(name, row.get::<_, i64>(name));
        }
        for number in [0, 1, 2, 3, 4, usize::MAX] {
            log.result("by number", row.get::<_, i64>(number));
        }
        log.result("get_ref by name", row.get_ref("B"));
        log.result("get_ref of none", row.get_ref("nope"));
        log.result("get_ref beyond", row.get_ref(9));
        log.value("unwrapped", (row.get_unwrap::<_, i64>(0), row.get_ref_unwrap("a")));
        Ok(())
    })
}

fn values_of_another_type(conn: &mut Connection, log: &mut Log) -> Result<()> {
    conn.execute_batch(ROWS)?;
    conn.query_row("SELECT id, name, score, data, NULL AS gone, 300 AS n, -1 AS minus FROM t WHERE id = 1", [], |row| {
        log.result("text as integer", row.get::<_, i64>("name"));
        log.result("blob as text", row.get::<_, String>("data"));
        log.result("real as integer", row.get::<_, i64>("score"));
        log.result("integer as real", row.get::<_, f64>("id"));
        log.result("integer as text", row.get::<_, String>("id"));
        log.result("text as blob", row.get::<_, Vec<u8>>("name"));
        log.result("null as integer", row.get::<_, i64>("gone"));
        log.result("null as option", row.get::<_, Option<i64>>("gone"));
        log.result("text as option of integer", row.get::<_, Option<i64>>("name"));
        log.result("too large for u8", row.get::<_, u8>("n"));
        log.result("too small for u32", row.get::<_, u32>("minus"));
        log.result("too small for u64", row.get::<_, u64>("minus"));
        log.result("too small for usize", row.get::<_, usize>("minus"));
        log.result("i16", row.get::<_, i16>("n"));
        log.result("bool", row.get::<_, bool>("minus"));
        log.result("text as bool", row.get::<_, bool>("name"));
        log.result("array of another size", row.get::<_, [u8; 2]>("data"));
        log.result("array", row.get::<_, [u8; 1]>("data"));
        log.result("boxed text", row.get::<_, Box<str>>("name"));
        log.result("value", row.get::<_, Value>("score"));
        Ok(())
    })
}

#[derive(Debug)]
#[allow(dead_code)] // Read through Debug.
struct Colour(String);

impl FromSql for Colour {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        match value.as_str()? {
            "" => Err(FromSqlError::other(std::fmt::Error)),
            "?" => Err(FromSqlError::OutOfRange(5)),
            "!" => Err(FromSqlError::InvalidBlobSize { expected_size: 1, blob_size: 2 }),
            name => Ok(Colour(name.to_owned())),
        }
    }
}

fn own_values(conn: &mut Connection, log: &mut Log) -> Result<()> {
    for sql in ["SELECT 'red'", "SELECT ''", "SELECT '?'", "SELECT '!'", "SELECT 5", "SELECT NULL"] {
        log.result(sql, conn.query_row(sql, [], |row| row.get::<_, Colour>(0)));
    }
    let source = conn.query_row("SELECT ''", [], |row| row.get::<_, Colour>(0)).unwrap_err();
    log.value("with its source", matches!(source, Error::FromSqlConversionFailure(0, Type::Text, _)));
    Ok(())
}

fn values_as_they_are(conn: &mut Connection, log: &mut Log) -> Result<()> {
    conn.execute_batch(ROWS)?;
    let mut stmt = conn.prepare("SELECT id, name, score, data FROM t ORDER BY id")?;
    let mut rows = stmt.query([])?;
    while let Some(row) = rows.next()? {
        let classes: Vec<Type> = (0..4).map(|column| row.get_ref_unwrap(column).data_type()).collect();
        log.value("storage classes", classes);
        log.value("integer", row.get_ref(0)?.as_i64());
        log.value("text", row.get_ref("name")?.as_str_or_null());
        log.value("real", row.get_ref("score")?.as_f64_or_null());
        log.value("blob", row.get_ref("data")?.as_blob_or_null());
        log.value("debug", row);
    }
    Ok(())
}

fn rows_as_tuples(conn: &mut Connection, log: &mut Log) -> Result<()> {
    conn.execute_batch(ROWS)?;
    let pair: (i64, String) = conn.query_row("SELECT id, name FROM t WHERE id = 2", [], |row| row.try_into())?;
    log.value("pair", pair);
    let mut stmt = conn.prepare("SELECT id, name, score FROM t ORDER BY id")?;
    let all = stmt.query_map([], |row| <(i64, Option<String>, Option<f64>)>::try_from(row))?;
    log.result("all", all.collect::<Result<Vec<_>>>());
    let many = conn.query_row("SELECT 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16", [], |row| {
        <(i8, i8, i8, i8, i8, i8, i8, i8, i8, i8, i8, i8, i8, i8, i8, i8)>::try_from(row)
    })?;
    log.value("sixteen", (many.0, many.15));
    log.result("too many", conn.query_row("SELECT 1", [], |row| <(i64, i64)>::try_from(row)));
    log.result("another type", conn.query_row("SELECT 1, 'x'", [], |row| <(i64, i64)>::try_from(row)));
    log.result("none", conn.query_row("SELECT 1", [], |row| <()>::try_from(row)));
    Ok(())
}

fn a_rows_statement(conn: &mut Connection, log: &mut Log) -> Result<()> {
    fn as_map(row: &Row<'_>) -> Result<Vec<(String, Value)>> {
        let stmt: &Statement<'_> = row.as_ref();
        stmt.column_names().into_iter().map(|name| Ok((name.to_owned(), row.get(name)?))).collect()
    }
    log.result("columns", conn.query_row("SELECT 1 AS a, 'x' AS b", [], as_map));
    conn.query_row("SELECT CAST(?1 AS TEXT) AS c", ["x"], |row| {
        log.value("parameters", row.as_ref().parameter_count());
        log.result("column", row.as_ref().column_index("C"));
        Ok(())
    })?;
    let mut stmt = conn.prepare("SELECT 1 AS one")?;
    let rows = stmt.query([])?;
    let names: Vec<String> = rows.as_ref().unwrap().column_names().iter().map(|name| name.to_string()).collect();
    log.value("before the first row", names);
    Ok(())
}

// The shapes in which legacy code hands rows around.
fn rows_passed_on(conn: &mut Connection, log: &mut Log) -> Result<()> {
    fn get<I: RowIndex, T: FromSql>(row: &Row<'_>, column: I) -> Result<T> {
        row.get(column)
    }
    fn sum(mut rows: Rows<'_>) -> Result<i64> {
        let mut sum = 0;
        while let Some(row) = rows.next()? {
            sum += get::<_, i64>(row, "id")?;
        }
        Ok(sum)
    }
    fn mapped<'a>(stmt: &'a mut Statement<'_>) -> Result<MappedRows<'a, fn(&Row<'_>) -> Result<i64>>> {
        stmt.query_map([], id as fn(&Row<'_>) -> Result<i64>)
    }
    fn and_then<'a>(stmt: &'a mut Statement<'_>) -> Result<AndThenRows<'a, fn(&Row<'_>) -> Result<i64>>> {
        stmt.query_and_then([], id as fn(&Row<'_>) -> Result<i64>)
    }
    fn ids<'a>(stmt: &'a mut Statement<'_>) -> Result<impl Iterator<Item = Result<i64>> + 'a> {
        stmt.query_map([], |row| row.get("id"))
    }
    struct Reader<'conn> {
        stmt: Statement<'conn>,
    }
    impl Reader<'_> {
        fn read(&mut self, id: i64) -> Result<Option<String>> {
            self.stmt.query_row([id], |row| row.get(1))
        }
    }
    conn.execute_batch(ROWS)?;
    let mut stmt = conn.prepare("SELECT id FROM t")?;
    log.result("rows", sum(stmt.query([])?));
    log.value("mapped", mapped(&mut stmt)?.count());
    log.value("and_then", and_then(&mut stmt)?.count());
    log.value("ids", ids(&mut stmt)?.count());
    let mut reader = Reader { stmt: conn.prepare("SELECT id, name FROM t WHERE id = ?")? };
    log.result("reader", reader.read(2));
    log.result("reader again", reader.read(3));
    log.result("reader of none", reader.read(9));
    Ok(())
}
