//! Date functions over every kind of text, with every kind of format and modifier: PostgreSQL's fast ways, and the functions
//! behind them, answer as SQLite does.

use crate::support::{self, Random};
use sqlift::types::Value;
use sqlift::{Connection, params_from_iter};

const MODIFIERS: &[&str] = &[
    "",
    "'+1 day'",
    "'-7 days'",
    "'+36 hours', '-30 minutes'",
    "'+1.5 hours'",
    "'-0.25 seconds'",
    "'+1 month'",
    "'-13 months'",
    "'+1 year'",
    "'+2 days', '+1 month'",
    "'start of month'",
    "'start of month', '+1 month', '-1 day'",
    "'start of year', '+5 months', '+10 days', '+1 month'",
    "'start of day'",
    "'weekday 0'",
    "'weekday 3', '-7 days'",
    "'start of month', 'weekday 1'",
    "'+100 years'",
    "'subsec'",
    "'auto', 'subsec'",
    "'utc'",
    "'+0 seconds'",
    "'+1 month', 'floor'",
    "'+12:30'",
];

const FORMATS: &[&str] = &[
    "%Y-%m",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%dT%H:%M:%SZ",
    "%Y-%m-%dT%H:%M:%fZ",
    "%d.%m.%Y",
    "%H:%M",
    "%Y%m%d%H%M%S",
    "%s",
    "%j",
    "%w %u",
    "%W %U %V",
    "%G %g",
    "%e %k %l %I %p %P",
    "%d%d%j%S%S%m%M%Y%Y",
    "week %W \\ \"of\" %Y, 100%%",
    "%F %R %T",
    "%J",
    "%x",
    "",
];

fn calls(of: &str) -> Vec<String> {
    let mut calls = Vec::new();
    for modifiers in MODIFIERS {
        let arguments = if modifiers.is_empty() { of.to_owned() } else { format!("{of}, {modifiers}") };
        for function in ["date", "time", "datetime", "julianday", "unixepoch"] {
            calls.push(format!("{function}({arguments})"));
        }
        for format in FORMATS {
            calls.push(format!("strftime('{format}', {arguments})"));
        }
    }
    calls
}

/// Texts that are dates, nearly are, or are not.
pub fn texts(random: &mut Random, count: usize) -> Vec<String> {
    let mut texts: Vec<String> = [
        "",
        " ",
        "x",
        "2024",
        "2024-01",
        "2024-1-1",
        "2024-02-29",
        "2023-02-29",
        "2100-02-29",
        "2000-02-29",
        "1900-02-29",
        "1970-01-01",
        "1969-12-31",
        "2069-12-31 23:59:59",
        "2070-01-01",
        "9999-12-31",
        "9999-12-31 23:59:59",
        "0000-01-01",
        "0001-01-01",
        "-0001-01-01",
        "2024-00-10",
        "2024-13-01",
        "2024-04-00",
        "2024-04-31",
        "2024-04-32",
        "2024-12-31",
        "2024-01-31 23:59:60",
        "2024-01-31 23:60:00",
        "2024-01-31 25:00:00",
        "2024-01-31T10:20:30",
        "2024-01-31T10:20:30Z",
        "2024-01-31 10:20:30.9996",
        "2023-01-30 02:01:28.6485",
        "2023-01-30 02:01:28.6485Z",
        "2023-01-30 02:01:28.6485 +00:00",
        "2023-01-30 02:01:28.6485+01:00",
        "2069-01-16T11:11:53.0455",
        "2024-01-31 10:20:00.0005",
        "2024-01-31 10:20:59.99949",
        "02:01:39.7865",
        "2024-01-31 10:20:30.123+02:00",
        "2024-01-31 10:20",
        " 2024-01-31",
        "2024-01-31 ",
        "2024-01-31 10:20:30 ",
        "2024-01-31  10:20:30",
        "2024-01-31\n",
        "12:30",
        "12:30:15.5",
        "2460000.5",
        "1e3",
        "-1",
        "1704067200",
        "2024-0a-01",
        "2024-01-0:",
        "2024-1:-01",
        "20 4-01-01",
        "2-24-01-01",
        "202--01-01",
        "2024--1-01",
        "2024-1--01",
        "2024-01-01 1:00:000",
        "2024-01-01 -1:00:00",
        "2024-01-01 10:0-:00",
        "2024-01-01 10:00:0:",
        "2024-01-01 10::0:00",
        "２024-01-01",
        "2024-01-0１",
        "2024-01-01é10:00:00",
        "yesterday",
        "infinity",
        "epoch",
        "2024-01-01 BC",
        "2024/01/01",
        "January 1",
        "20240101",
        "2024-02-30 23:30:00-14:00",
        "2024-03-01 00:30:00+14:00",
        "0000-01-01",
        "-202-01-01",
        "12:3-56-78",
        "1.2e-1",
        "2e-4-10-10",
        "2024-01-01\\",
        "2024-01-01 10:00:0\\",
        "202\u{301}-01-01 10:00:0",
        "2024-01-01\t10:00:00",
        "1970-01-01 00:00:00",
        "2024-01-01 00:00:000",
    ]
    .map(String::from)
    .to_vec();
    while texts.len() < count {
        let year = [1970, 2024, 2000, 2023, 2069, 1970 + random.below(100), random.below(10_000)][random.below(7)];
        let month = [1, 2, 12, random.below(13), 1 + random.below(12)][random.below(5)];
        let day = [1, 28, 29, 30, 31, 1 + random.below(28), random.below(33)][random.below(7)];
        let mut text = format!("{year:04}-{month:02}-{day:02}");
        if random.below(4) > 0 {
            let (hour, minute, second) = (random.below(24), random.below(60), random.below(60));
            text += &format!("{}{hour:02}:{minute:02}:{second:02}", if random.below(6) == 0 { "T" } else { " " });
            match random.below(16) {
                0 => text += &format!(".{:03}", random.below(1000)),
                1 => text += "Z",
                2 => text += "+01:30",
                3 => text.truncate(16),
                4 => text += "+00:00",
                5 => text += &format!(".{}Z", random.below(1_000_000)),
                6 => text += &format!(".{}+00:00", random.below(1_000_000_000)),
                7 => text += [".", "..5", ".5.5", "Z5", ".Z", "-00:00", " Z", ".5 Z", "z", "+00:00Z"][random.below(10)],
                _ => {}
            }
        }
        // A character of another kind, missing, or twice.
        if random.below(3) == 0 {
            let mut chars: Vec<char> = text.chars().collect();
            let at = random.below(chars.len());
            match random.below(3) {
                0 => chars[at] = "0123456789-: TZ.+/a;é"[..].chars().nth(random.below(21)).unwrap(),
                1 => drop(chars.remove(at)),
                _ => chars.insert(at, chars[at]),
            }
            text = chars.into_iter().collect();
        }
        // PostgreSQL refuses an hour 24.
        if !text.contains("24:") {
            texts.push(text);
        }
    }
    texts
}

pub fn rows(conn: &Connection, sql: &str, parameters: &[Value]) -> Vec<Vec<Value>> {
    let mut statement = conn.prepare(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
    let columns = statement.column_count();
    let rows = statement
        .query_map(params_from_iter(parameters), |row| (0..columns).map(|column| row.get(column)).collect())
        .and_then(Iterator::collect);
    rows.unwrap_or_else(|error| panic!("{sql}: {error}"))
}

/// Each expression for each row of a table, on both databases.
fn compare(sqlite: &Connection, postgres: &Connection, expressions: &[String], table: &str) {
    let mut wrong = String::new();
    for some in expressions.chunks(12) {
        let sql = format!("SELECT at || '', {} FROM {table} ORDER BY id", some.join(", "));
        let (expected, found) = (rows(sqlite, &sql, &[]), rows(postgres, &sql, &[]));
        assert_eq!(expected.len(), found.len());
        for (expected, found) in expected.iter().zip(&found) {
            for (index, expression) in some.iter().enumerate() {
                if expected[index + 1] != found[index + 1] && wrong.len() < 4000 {
                    wrong += &format!(
                        "\n{expression} of {:?}: SQLite {:?}, PostgreSQL {:?}",
                        expected[0],
                        expected[index + 1],
                        found[index + 1]
                    );
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

pub fn fill(conn: &Connection, texts: &[String]) {
    conn.execute_batch("CREATE TABLE t(id INTEGER PRIMARY KEY, at TEXT); INSERT INTO t(at) VALUES (NULL)").unwrap();
    for some in texts.chunks(200) {
        let slots = vec!["(?)"; some.len()].join(", ");
        conn.execute(&format!("INSERT INTO t(at) VALUES {slots}"), params_from_iter(some)).unwrap();
    }
}

#[test]
fn texts_of_every_form() {
    let seed = support::seed();
    println!("SQLIFT_TEST_SEED={seed}");
    let count = support::number("SQLIFT_TEST_TEXTS").unwrap_or(400) as usize;
    let mut found = texts(&mut Random::new(20_261_121), count);
    found.extend(texts(&mut Random::new(seed), count));
    support::on_postgres(|postgres| {
        let sqlite = support::sqlite();
        fill(&sqlite, &found);
        fill(postgres, &found);
        compare(&sqlite, postgres, &calls("at"), "t");
        let others = [
            "date(at || '')",
            "datetime(date(at, '+1 day'), '-1 second')",
            "strftime('%Y', coalesce(at, '2024-01-01'))",
            "CAST(strftime('%m', at) AS INTEGER)",
            "strftime('%s', at) + 1",
            "strftime('%s', at, '+1 month') / 86400",
            "CAST(strftime('%Y', at) AS NUMERIC)",
            "-strftime('%j', at)",
            "date(at) BETWEEN '2000-01-01' AND '2024-02-28'",
            "CASE WHEN datetime(at) > '2024' THEN julianday(date(at)) - julianday(at) END",
        ];
        compare(&sqlite, postgres, &others.map(String::from), "t");
        for sql in [
            "SELECT strftime('%Y-%m', at) AS month, count(*), max(at), julianday(max(date(at))) - julianday(min(date(at))) FROM t GROUP BY month ORDER BY month",
            "SELECT sum(strftime('%s', at)), avg(strftime('%Y', at)), total(strftime('%d', at)), typeof(sum(strftime('%j', at))) FROM t",
            "SELECT date(at, 'start of month'), count(*) FROM t GROUP BY date(at, 'start of month') HAVING count(*) > 1 ORDER BY 1",
            "SELECT count(*) FROM t WHERE date(at) >= '2024-01-01' AND date(at) < date('2024-01-01', '+1 year')",
            "SELECT date(max(at)), strftime('%Y', min(at)), date(max(at), '+1 month') FROM t WHERE at LIKE '____-__-__'",
            "SELECT datetime(at, '+1 day'), count(*) FROM t GROUP BY datetime(at, '+1 day') ORDER BY 1",
            "SELECT strftime('%s', at) + 1, CAST(strftime('%s', at) AS INTEGER), count(*) FROM t GROUP BY strftime('%s', at) ORDER BY 1",
            "SELECT d, date(d, '+1 month') FROM (SELECT DISTINCT date(at) AS d FROM t) ORDER BY d",
            "SELECT id, date(at) AS d FROM t WHERE strftime('%d', d) = '31' ORDER BY id",
        ] {
            assert_eq!(rows(postgres, sql, &[]), rows(&sqlite, sql, &[]), "{sql}");
        }
    });
}

/// A modifier that is bound is for the function of the compat schema, whatever the text.
#[test]
fn the_functions_behind_answer_the_same() {
    let found: Vec<String> = texts(&mut Random::new(7), 250);
    support::on_postgres(|postgres| {
        let sqlite = support::sqlite();
        fill(&sqlite, &found);
        fill(postgres, &found);
        for modifiers in MODIFIERS.iter().filter(|modifiers| !modifiers.is_empty()) {
            let bound: Vec<Value> =
                modifiers.split(", ").map(|modifier| Value::Text(modifier.trim_matches('\'').to_owned())).collect();
            let numbered: String = (1..=bound.len()).map(|slot| format!(", ?{slot}")).collect();
            let calls: Vec<String> = ["date", "time", "datetime", "julianday"]
                .iter()
                .map(|function| format!("{function}(at{numbered})"))
                .chain(["%F %T", "%j %w %W", "%s"].iter().map(|format| format!("strftime('{format}', at{numbered})")))
                .collect();
            let sql = format!("SELECT at, {} FROM t ORDER BY id", calls.join(", "));
            for (expected, found) in rows(&sqlite, &sql, &bound).iter().zip(&rows(postgres, &sql, &bound)) {
                assert_eq!(found, expected, "{modifiers}");
            }
        }
    });
}

#[test]
fn native_dates_and_seconds() {
    support::on_postgres(|postgres| {
        let sqlite = support::sqlite();
        let mut random = Random::new(3);
        let mut values = Vec::new();
        for _ in 0..150 {
            let (year, day) = (1 + random.below(9998), 1 + random.below(28));
            let second = random.below(60);
            let fraction = ["", "", ".5", ".123456", ".9996"][random.below(5)];
            values.push(format!("{year:04}-{:02}-{day:02} 23:59:{second:02}{fraction}", 1 + random.below(12)));
        }
        sqlite.execute_batch("CREATE TABLE n(id INTEGER PRIMARY KEY, at TEXT, plain TEXT, day TEXT)").unwrap();
        postgres
            .native()
            .execute_batch("CREATE TABLE n(id bigint PRIMARY KEY, at timestamptz, plain timestamp, day date)")
            .unwrap();
        sqlite.execute("INSERT INTO n(id) VALUES (0)", []).unwrap();
        postgres.execute("INSERT INTO n(id) VALUES (0)", []).unwrap();
        for (index, value) in values.iter().enumerate() {
            let sql = format!("INSERT INTO n VALUES ({}, '{value}', '{value}', '{}')", index + 1, &value[..10]);
            sqlite.execute(&sql, []).unwrap();
            postgres.execute(&sql, []).unwrap();
        }
        for column in ["at", "plain", "day"] {
            let calls: Vec<String> = calls(column).into_iter().filter(|call| !call.contains("floor")).collect();
            compare(&sqlite, postgres, &calls, "n");
        }
        let seconds = [
            0,
            1,
            -1,
            86_399,
            1_704_067_200,
            253_402_300_799,
            253_402_300_800,
            -62_135_596_800,
            -62_167_219_200,
            -62_167_219_201,
            218_000_000_001,
            -27_000_000_001,
            2_460_000,
            i64::MAX,
            i64::MIN,
            210_866_760_000,
        ];
        for conn in [&sqlite, &*postgres] {
            conn.execute_batch("CREATE TABLE s(id INTEGER PRIMARY KEY, at INTEGER); INSERT INTO s(at) VALUES (NULL)")
                .unwrap();
            for second in seconds {
                conn.execute("INSERT INTO s(at) VALUES (?)", [second]).unwrap();
            }
        }
        for _ in 0..60 {
            let second = random.below(1 << 31) as i64;
            for conn in [&sqlite, &*postgres] {
                conn.execute("INSERT INTO s(at) VALUES (?)", [second]).unwrap();
            }
        }
        compare(&sqlite, postgres, &calls("at, 'unixepoch'"), "s");
        compare(
            &sqlite,
            postgres,
            &["date(at)".into(), "date(at, 'auto')".into(), "datetime(at / 2, 'unixepoch')".into()],
            "s",
        );
    });
}

#[test]
fn now_and_local_time_are_the_same_on_both_ways() {
    let server = sqlift::testing::database();
    for zone in ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata"] {
        let conn = Connection::open_url(&support::with(server.url(), &format!("timezone={zone}"))).unwrap();
        conn.execute_batch("DROP TABLE IF EXISTS t").unwrap();
        fill(&conn, &texts(&mut Random::new(11), 250));
        // What is bound goes the long way.
        let same = |call: &str, modifier: &str, table: &str| {
            let long = call.replace(&format!("'{modifier}'"), "?1");
            assert_ne!(call, long);
            let sql = format!("SELECT {call}, {long} FROM {table}");
            for row in rows(&conn, &sql, &[Value::Text(modifier.to_owned())]) {
                assert_eq!(row[0], row[1], "{sql} in {zone}");
            }
        };
        for format in ["%Y-%m-%d %H:%M:%S", "%s", "%W %j %w"] {
            same(&format!("strftime('{format}', at, 'localtime')"), "localtime", "t");
            same(&format!("strftime('{format}', at, 'localtime', '+1 month')"), "localtime", "t");
            same(&format!("strftime('{format}', 'now', 'localtime')"), "localtime", "(SELECT 1)");
        }
        for modifier in MODIFIERS.iter().filter(|modifier| !modifier.is_empty() && !modifier.contains(',')) {
            let modifier = modifier.trim_matches('\'');
            for function in ["date", "time", "datetime", "julianday"] {
                same(&format!("{function}('now', '{modifier}')"), modifier, "(SELECT 1)");
                same(&format!("{function}('now', 'localtime', '{modifier}')"), modifier, "(SELECT 1)");
                same(&format!("{function}('now', 'utc', '{modifier}')"), modifier, "(SELECT 1)");
            }
            same(&format!("strftime('%s %f', 'now', '{modifier}')"), modifier, "(SELECT 1)");
        }
    }
}

/// A literal is looked at when a statement is translated, any other text when it runs: by the same form.
#[test]
fn iso_forms_are_the_same_before_and_while_it_runs() {
    support::on_postgres(|conn| {
        conn.native().execute_batch("CREATE TABLE n(id bigint PRIMARY KEY, at timestamp)").unwrap();
        let mut found = texts(&mut Random::new(13), 600);
        found.extend(
            ["12:30Z", "12:30\t+01:00", "2024-01-01\u{b}Z", "2024-01-01\u{a0}Z", "2024-01-01 12:30:00.", "٢٠٢٤-01-01"]
                .map(String::from),
        );
        for text in found {
            let known = conn.translate(&format!("UPDATE n SET at = '{text}'")).is_ok();
            let sql = format!("SELECT sqlift.iso_text('{text}')");
            let at_run = conn.native().query_row(&sql, [], |row| row.get::<_, String>(0)).is_ok();
            assert_eq!(known, at_run, "{text:?}");
        }
    });
}

/// What SQLite takes for deterministic may be kept: it is computed once, and 'now' in a row is refused.
#[test]
fn generated_columns_and_indexes_hold_dates() {
    let found = texts(&mut Random::new(17), 200);
    support::on_postgres(|postgres| {
        let sqlite = support::sqlite();
        for conn in [&sqlite, &*postgres] {
            conn.execute_batch(
                "CREATE TABLE g(id INTEGER PRIMARY KEY, at TEXT, day TEXT GENERATED ALWAYS AS (date(at)) STORED,
                     month TEXT GENERATED ALWAYS AS (strftime('%m/%Y', at)) STORED, week TEXT GENERATED ALWAYS AS (strftime('%W', at)) STORED,
                     number REAL GENERATED ALWAYS AS (julianday(at)) STORED, later TEXT GENERATED ALWAYS AS (datetime(at, '+1 month')) STORED);
                 CREATE INDEX g_day ON g(date(at)); CREATE INDEX g_number ON g(julianday(at)); CREATE INDEX g_year ON g(strftime('%Y', at));",
            )
            .unwrap();
            for text in &found {
                conn.execute("INSERT INTO g(at) VALUES (?)", [text]).unwrap();
            }
            let error = conn.execute("INSERT INTO g(at) VALUES ('now')", []).unwrap_err().to_string();
            assert!(error.contains("non-deterministic use of date()"), "{error}");
        }
        for sql in [
            "SELECT * FROM g ORDER BY id",
            "SELECT id FROM g WHERE date(at) = '2024-02-29' OR strftime('%Y', at) = '2000' ORDER BY id",
        ] {
            assert_eq!(rows(postgres, sql, &[]), rows(&sqlite, sql, &[]), "{sql}");
        }
        let constants: Vec<String> = ["'2024-01-31'", "'2024-01-31 10:20:30.5'", "'x'", "2460000.5", "NULL"]
            .iter()
            .flat_map(|of| calls(of))
            .collect();
        for some in constants.chunks(20) {
            let sql = format!("SELECT {}", some.join(", "));
            assert_eq!(rows(postgres, &sql, &[]), rows(&sqlite, &sql, &[]), "{sql}");
        }
    });
}
