//! Columns of PostgreSQL's own types are one text to the program, wherever they stand.

use crate::support;
use sqlift::types::Value;

#[test]
fn a_column_is_the_same_text_in_results_and_in_expressions() {
    support::on_postgres(|conn| {
        conn.native()
            .execute_batch(
                "CREATE TABLE n(id bigint PRIMARY KEY, ts timestamptz, t timestamp, d date, j jsonb, k json, u uuid);
                 INSERT INTO n VALUES
                     (1, '2024-05-05 10:00:00.5+00', '2024-05-05 10:00:00.12', '2024-05-05', '\"str\"', '\"str\"', '00000000-0000-0000-0000-00000000000a'),
                     (2, '2024-05-05 10:00:00+00', '2024-05-05 00:00:00', '0099-01-01', '{\"a\":\"b\"}', '[1, 2]', NULL),
                     (3, '2024-05-05 10:00:00.000100+00', '2024-05-05 10:00:10.1005', NULL, '5', 'null', NULL),
                     (4, '2024-05-05 10:00:00.100+00', '2024-05-05 10:20:00.000001', NULL, 'true', '\"q\\\"\"', NULL);",
            )
            .unwrap();
        for column in ["ts", "t", "d", "j", "k", "u"] {
            for (expression, of) in [
                ("@ || ''", "plain"),
                ("CAST(@ AS TEXT)", "plain"),
                ("coalesce(CAST(@ AS TEXT), '')", "or empty"),
                ("substr(@, 1)", "plain"),
                ("trim(@)", "plain"),
                ("replace(@, 'never there', '')", "plain"),
                ("quote(@)", "quoted"),
                ("length(@)", "length"),
                ("(SELECT group_concat(@) FROM n AS o WHERE o.id = n.id)", "plain"),
                ("printf('%s', @)", "or empty"),
                ("@ LIKE '%\"'", "ends with a quote"),
            ] {
                let sql = format!("SELECT {column}, {} FROM n ORDER BY id", expression.replace('@', column));
                let mut statement = conn.prepare(&sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
                let rows: Vec<(Option<String>, Value)> = statement
                    .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
                    .unwrap()
                    .collect::<sqlift::Result<_>>()
                    .unwrap_or_else(|error| panic!("{sql}: {error}"));
                for (text, found) in rows {
                    let expected = match (of, text) {
                        ("or empty", text) => Value::Text(text.unwrap_or_default()),
                        ("quoted", None) => Value::Text("NULL".to_owned()),
                        (_, None) => Value::Null,
                        ("quoted", Some(text)) => Value::Text(format!("'{}'", text.replace('\'', "''"))),
                        ("length", Some(text)) => Value::Integer(text.chars().count() as i64),
                        ("ends with a quote", Some(text)) => Value::Integer(text.ends_with('"').into()),
                        (_, Some(text)) => Value::Text(text),
                    };
                    assert_eq!(found, expected, "{sql}");
                }
            }
        }
        let valid: i64 = conn.query_row("SELECT sum(json_valid(j)) FROM n", [], |row| row.get(0)).unwrap();
        assert_eq!(valid, 4);
    });
}

#[test]
fn what_only_postgresql_takes_for_a_moment_is_refused() {
    support::on_postgres(|conn| {
        conn.native()
            .execute_batch("CREATE TABLE m(id bigint PRIMARY KEY, ts timestamptz, t timestamp, d date, h time); INSERT INTO m VALUES (1)")
            .unwrap();
        for column in ["ts", "t", "d", "h"] {
            for text in [
                "now",
                "today",
                "tomorrow",
                "epoch",
                "05/06/2024",
                "May 6 2024",
                "20240506",
                "2024-5-6",
                "allballs",
                "noon",
                "",
            ] {
                let done = conn.execute(&format!("UPDATE m SET {column} = ?1"), [text]);
                assert!(done.is_err(), "{column}: {text}");
                // As the text that the column is to SQLite, which is NULL here.
                let sql = format!("SELECT count(*) FROM m WHERE {column} < ?1");
                assert_eq!(conn.query_row(&sql, [text], |row| row.get(0)), Ok(0), "{column}: {text}");
            }
        }
        assert!(conn.execute("UPDATE m SET d = ?1", ["2024-05-05 10:00:00"]).is_err(), "a date keeps no time");
        for (column, text, kept) in [
            ("ts", "2024-05-05", "2024-05-05 00:00:00"),
            ("ts", "2024-05-05 10:00", "2024-05-05 10:00:00"),
            ("ts", "2024-05-05T10:00:00Z", "2024-05-05 10:00:00"),
            ("ts", "2024-05-05 10:00:00.25+02:00", "2024-05-05 08:00:00.250"),
            ("ts", "infinity", "infinity"),
            ("t", "2024-05-05 10:00:00.000001", "2024-05-05 10:00:00.000001"),
            ("d", "2024-05-05", "2024-05-05"),
            ("d", "-infinity", "-infinity"),
            ("h", "10:00", "10:00:00"),
            ("h", "10:00:00.5", "10:00:00.500"),
        ] {
            conn.execute(&format!("UPDATE m SET {column} = ?1"), [text])
                .unwrap_or_else(|error| panic!("{column} {text}: {error}"));
            let found: String = conn
                .query_row(&format!("SELECT {column} FROM m WHERE {column} = ?1"), [text], |row| row.get(0))
                .unwrap();
            assert_eq!(found, kept, "{column}");
        }
    });
}
