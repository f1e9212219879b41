//! What the translator makes of conditions on days, of sums of julian days and of indexes over date functions.

use crate::dates::{fill, rows, texts};
use crate::support::{self, Random};
use sqlift::Connection;
use sqlift::types::Value;

/// What leaves rows out by their text leaves out none that the condition lets through.
#[test]
fn ranges_of_days() {
    let seed = support::seed();
    println!("SQLIFT_TEST_SEED={seed}");
    let count = support::number("SQLIFT_TEST_TEXTS").unwrap_or(600) as usize;
    let mut random = Random::new(seed);
    let mut found = texts(&mut random, count);
    // Days around the bounds, with zones, and days that no month has.
    for _ in 0..count {
        let (month, day) = (1 + random.below(3), 1 + random.below(32));
        let zone = ["", "", "Z", "+14:59", "-14:59", "-01:00"][random.below(6)];
        let time = ["", " 00:00:00", " 23:59:59", " 00:10", "T12:00:00.5"][random.below(5)];
        let zone = if time.is_empty() { "" } else { zone };
        found.push(format!("{}-{month:02}-{day:02}{time}{zone}", [2023, 2024][random.below(2)]));
    }
    support::on_postgres(|postgres| {
        let sqlite = support::sqlite();
        for conn in [&sqlite, &*postgres] {
            fill(conn, &found);
        }
        let bounds = [
            "2024-02-01",
            "2024-02-29",
            "2024-03-01",
            "2023-03-02",
            "2024-01-04",
            "2024",
            "2024-02",
            "2024-02-30",
            "2024-13-01",
            "2024-02-20 10:00:00",
            "",
            "x",
            "0005-01-01",
            "9995-01-01",
            "2000-01-01",
            "-4713-11-24",
            "1970-01-01",
        ];
        let calls = [
            "date(at)",
            "datetime(at)",
            "strftime('%Y-%m-%d', at)",
            "strftime('%Y-%m', at)",
            "strftime('%Y', at)",
            "strftime('%Y%m', at)",
        ];
        for call in calls {
            for (index, from) in bounds.iter().enumerate() {
                let to = bounds[(index + 1) % bounds.len()];
                let conditions = [
                    format!("{call} BETWEEN '{from}' AND '{to}'"),
                    format!("{call} BETWEEN '{to}' AND '{from}'"),
                    format!("{call} >= '{from}' AND ({call} < '{to}')"),
                    format!("'{from}' > {call}"),
                    format!("{call} = '{from}' AND id > 3"),
                    format!("NOT ({call} >= '{from}')"),
                    format!("{call} > date('{from}', '-1 day')"),
                ];
                for condition in conditions {
                    let sql = format!("SELECT id FROM t WHERE {condition} ORDER BY id");
                    assert_eq!(rows(postgres, &sql, &[]), rows(&sqlite, &sql, &[]), "{sql}");
                }
                let bound = [Value::Text((*from).to_owned()), Value::Text(to.to_owned())];
                for condition in ["{} BETWEEN ? AND ?", "{} <= ? AND {} >= ?", "{} = ? OR {} = ?"] {
                    let sql = format!("SELECT id FROM t WHERE {} ORDER BY id", condition.replace("{}", call));
                    assert_eq!(rows(postgres, &sql, &bound), rows(&sqlite, &sql, &bound), "{sql} {bound:?}");
                }
            }
            // A number is less than any text, and a blob greater, whatever day their digits may be.
            let others = [Value::Null, Value::Integer(2024), Value::Real(2024.5), Value::Blob(b"2024-02-01".to_vec())];
            for bound in &others {
                for sign in [">=", "<", "="] {
                    let sql = format!("SELECT id FROM t WHERE {call} {sign} ? ORDER BY id");
                    let bound = std::slice::from_ref(bound);
                    assert_eq!(rows(postgres, &sql, bound), rows(&sqlite, &sql, bound), "{sql} {bound:?}");
                }
            }
        }
        for conn in [&sqlite, &*postgres] {
            conn.execute("UPDATE t SET at = at || '' WHERE date(at) > '2024-02-10'", []).unwrap();
        }
        let changes = |conn: &Connection| {
            conn.execute("DELETE FROM t WHERE date(at) BETWEEN ? AND ?", ["2023-02-01", "2024-02-10"]).unwrap()
        };
        assert_eq!(changes(postgres), changes(&sqlite));
    });
}

/// Sums of julian days are SQLite's to the last bit.
#[test]
fn sums_of_julian_days() {
    let seed = support::seed();
    println!("SQLIFT_TEST_SEED={seed}");
    let mut random = Random::new(seed);
    support::on_postgres(|postgres| {
        let sqlite = support::sqlite();
        for conn in [&sqlite, &*postgres] {
            conn.execute_batch("CREATE TABLE s(id INTEGER PRIMARY KEY, a TEXT, b TEXT, g INTEGER)").unwrap();
        }
        let mut some = |count: usize, years: usize| {
            let mut moment = || {
                let (year, month, day) = (2000 + random.below(years), 1 + random.below(12), 1 + random.below(28));
                let (hour, minute, second) = (random.below(24), random.below(60), random.below(60));
                let fraction = ["", "", ".123", ".9996", "Z", "+05:30"][random.below(6)];
                format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}{fraction}")
            };
            (0..count).map(|index| (moment(), moment(), index % 7)).collect::<Vec<_>>()
        };
        for (count, years) in [(1, 1), (2, 2), (300, 3), (300, 7000)] {
            let rows_of = some(count, years);
            for conn in [&sqlite, &*postgres] {
                conn.execute_batch("DELETE FROM s; INSERT INTO s(a, b, g) VALUES (NULL, '2024-01-01', 9), ('x', 'y', 8), ('12:30', '-4000-05-05', 10)").unwrap();
                let mut insert = conn.prepare("INSERT INTO s(a, b, g) VALUES (?, ?, ?)").unwrap();
                for (a, b, g) in &rows_of {
                    insert.execute((a, b, *g as i64)).unwrap();
                }
            }
            let arguments = [
                "julianday(a)",
                "julianday(b) - julianday(a)",
                "(julianday(a)) - julianday(a)",
                "julianday(a, '+1 month')",
                "julianday('2024-01-01') - julianday(a)",
                "julianday(g)",
                "julianday(g, 'unixepoch')",
                "julianday(a) - julianday(b) - julianday(a)",
                "(julianday(a) - julianday(b)) * 24",
                "julianday(a || '')",
            ];
            for argument in arguments {
                let aggregates: Vec<String> = ["sum", "total", "avg"]
                    .iter()
                    .flat_map(|name| {
                        [
                            format!("{name}({argument})"),
                            format!("{name}({argument}) FILTER (WHERE g < 3)"),
                            format!("typeof({name}({argument}))"),
                        ]
                    })
                    .collect();
                let aggregates = aggregates.join(", ");
                for sql in [
                    format!("SELECT {aggregates} FROM s"),
                    format!("SELECT {aggregates} FROM s WHERE id < 0"),
                    format!("SELECT g, {aggregates} FROM s GROUP BY g ORDER BY g"),
                    format!("SELECT g FROM s GROUP BY g HAVING avg({argument}) > 0 ORDER BY avg({argument}), g"),
                ] {
                    assert_eq!(rows(postgres, &sql, &[]), rows(&sqlite, &sql, &[]), "{count} rows: {sql}");
                }
            }
        }
        let now = "SELECT avg(julianday('now') - julianday(a)) BETWEEN 0.0 AND 1e5 FROM s WHERE a < '2024'";
        assert_eq!(rows(postgres, now, &[]), vec![vec![Value::Integer(1)]]);
        // No sum of integers holds this one.
        postgres.execute("INSERT INTO s(a) VALUES ('0.3')", []).unwrap();
        let error = postgres.query_row("SELECT avg(julianday(a)) FROM s", [], |row| row.get::<_, f64>(0)).unwrap_err();
        assert!(error.to_string().contains("a sum of days before 4701 B.C."), "{error}");
        sqlite.execute("INSERT INTO s(a) VALUES ('0.3')", []).unwrap();
        let sql = "SELECT avg(julianday(a) + 0.0) FROM s";
        assert_eq!(rows(postgres, sql, &[]), rows(&sqlite, sql, &[]));
    });
}

/// Indexes hold no 'now', and what they serve answers as before.
#[test]
fn indexed_dates_answer_the_same() {
    let found = texts(&mut Random::new(23), 300);
    support::on_postgres(|postgres| {
        let sqlite = support::sqlite();
        let sqls = [
            "SELECT id FROM t WHERE date(at) = '2024-01-31' ORDER BY id",
            "SELECT id FROM t WHERE date(at) >= ? AND date(at) < '2024-12-31' ORDER BY id",
            "SELECT strftime('%Y-%m', at), count(*) FROM t GROUP BY strftime('%Y-%m', at) ORDER BY 1",
            // The time of 'now' is another one a moment later.
            "SELECT id, date(at), date(t.at, 'start of month'), time(at) FROM t WHERE id < 1000 ORDER BY date(at), id",
            "SELECT u.id FROM t u WHERE strftime('%Y-%m', u.at) = '2024-01' ORDER BY u.id",
        ];
        for conn in [&sqlite, &*postgres] {
            fill(conn, &found);
            conn.execute_batch(
                "CREATE INDEX t_day ON t(date(at)); CREATE INDEX t_month ON t(strftime('%Y-%m', at), id); CREATE INDEX t_first ON t(date(at, 'start of month'))",
            )
            .unwrap();
            conn.execute("INSERT INTO t(id, at) VALUES (1000, 'now')", []).unwrap_err();
        }
        let compare = |what: &str| {
            for sql in sqls {
                let bound = [Value::Text("2000-01-01".to_owned())];
                let bound = &bound[..usize::from(sql.contains('?'))];
                assert_eq!(rows(postgres, sql, bound), rows(&sqlite, sql, bound), "{what}: {sql}");
            }
        };
        compare("indexed");
        for conn in [&sqlite, &*postgres] {
            conn.execute_batch(
                "DROP INDEX t_day; DROP INDEX t_month; DROP INDEX t_first; INSERT INTO t(id, at) VALUES (1000, 'now')",
            )
            .unwrap();
        }
        compare("without");
    });
}

/// What indexes hold, what a query asks of a row and what it asks of many is the same form.
#[test]
fn the_usual_form_is_one() {
    let seed = support::seed();
    println!("SQLIFT_TEST_SEED={seed}");
    let mut random = Random::new(seed);
    let mut found = texts(&mut random, 4000);
    // Every character in every place.
    for form in ["2024-02-29", "2023-02-28 23:59:59", "2024-02-29 10:20"] {
        for at in 0..form.len() {
            for sign in "0123456789-: .TZ/;é".chars() {
                found.push(format!("{}{sign}{}", &form[..at], &form[at + 1..]));
                found.push(format!("{}{sign}{}", &form[..at], &form[at..]));
            }
        }
    }
    found.retain(|text| !text.contains(" 24:") && !text.contains("T24:"));
    support::on_postgres(|postgres| {
        fill(postgres, &found);
        let sql = "SELECT at FROM t WHERE at IS NOT NULL AND (sqlift.is_moment(at) <> sqlift.has_moment(at)
                       OR sqlift.is_moment(at) <> sqlift.has_moment_in_many(at)
                       OR sqlift.is_moment(at) <> sqlift.has_moment_in_all(at)
                       OR sqlift.has_long_moment(at) AND sqlift.datetime(at) IS DISTINCT FROM sqlift.datetime(sqlift.short_moment(at))
                       OR sqlift.has_long_moment(at) AND NOT sqlift.is_moment(sqlift.short_moment(at)))";
        let native = postgres.native();
        let mut statement = native.prepare(sql).unwrap();
        let wrong: Vec<String> = statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        assert!(wrong.is_empty(), "{wrong:?}");
        let count = "SELECT count(*) FILTER (WHERE sqlift.is_moment(at)) > 100 AND count(*) FILTER (WHERE sqlift.has_long_moment(at)) > 100 FROM t";
        assert!(native.query_row(count, [], |row| row.get::<_, bool>(0)).unwrap());
    });
}
