//! Patterns, formats and numbers that a statement's text gives become PostgreSQL's own operators and functions: for thousands of
//! generated ones the answers are SQLite's, and those of the same values bound or read from columns.

use crate::support::{self, Random};
use sqlift::types::{Value, ValueRef};
use sqlift::{Connection, params_from_iter};

const LETTERS: &[&str] = &[
    "a", "b", "c", "z", "A", "C", "0", "5", "9", "-", "]", "[", "^", "*", "?", "\\", "%", "_", "'", "\"", "é", "É",
    "ß", "日", "😀", " ", "\n", "\t", ".", "$", "(", "{", "|", "+", ":", "=", "\u{a0}", "\u{7f}",
];

const SYNTAX: &[&str] = &["*", "?", "[", "]", "^", "-", "[^", "[a-", "]*", "[]", "*a", "a*"];

fn text(random: &mut Random, longest: usize) -> String {
    (0..random.below(longest + 1)).map(|_| LETTERS[random.below(LETTERS.len())]).collect()
}

/// Half of it letters that mean something in GLOB.
fn pattern(random: &mut Random) -> String {
    let part = |random: &mut Random| match random.below(2) {
        0 => SYNTAX[random.below(SYNTAX.len())],
        _ => LETTERS[random.below(LETTERS.len())],
    };
    (0..1 + random.below(6)).map(|_| part(random)).collect()
}

/// Reals near, on and beside the half of some decimal place, of every size.
fn real(random: &mut Random) -> f64 {
    let places = random.below(10) as i32;
    let whole = random.below(1 << 20) as f64;
    let value = match random.below(8) {
        0 => (whole + 0.5) / 10f64.powi(places),
        1 => whole / 10f64.powi(places),
        2 => whole / 4096.0,
        3 => whole * 1e5 + 0.5 / 10f64.powi(places),
        4 => f64::from_bits(((whole + 0.5) / 10f64.powi(places)).to_bits() + random.below(3) as u64 - 1),
        5 => whole * 10f64.powi(random.below(40) as i32 - 20),
        6 => (whole + 0.5) * 10f64.powi(random.below(24) as i32 - 12),
        _ => [
            0.0,
            0.5,
            0.05,
            0.49999999999999994,
            2.675,
            1.005,
            1e11,
            99999999999.95,
            4503599627370497.5,
            1e300,
            5e-324,
            f64::INFINITY,
        ][random.below(12)],
    };
    if random.below(3) == 0 { -value } else { value }
}

fn integer(random: &mut Random) -> i64 {
    match random.below(4) {
        0 => random.below(200_001) as i64 - 100_000,
        1 => [0, 1, -1, 7, i64::MAX, i64::MIN, i64::MIN + 1, 4_294_967_296][random.below(8)],
        2 => 10i64.pow(random.below(19) as u32) - random.below(2) as i64,
        _ => random.below(20) as i64 - 10,
    }
}

/// Both databases with the same rows.
fn compare(seed: u64, rows: usize, test: impl FnOnce(&mut Random, &dyn Fn(&[String]))) {
    let mut random = Random::new(seed);
    let mut values = vec![Value::Null; 3];
    for _ in 1..rows {
        values.push(Value::Text(text(&mut random, 7)));
        values.push(Value::Integer(integer(&mut random)));
        values.push(Value::Real(real(&mut random)));
    }
    support::on_postgres(|postgres| {
        // NUMERIC has no infinity before 14, and an expression that is an integer or a real by the row is refused for it.
        let finite = support::is_before(postgres, 14);
        let bound = |value: &Value| match value {
            Value::Real(real) if finite && real.is_infinite() => Value::Real(1e300_f64.copysign(*real)),
            value => value.clone(),
        };
        let sqlite = support::sqlite();
        for conn in [&sqlite, &*postgres] {
            conn.execute_batch("CREATE TABLE v(id INTEGER PRIMARY KEY, s TEXT, n INTEGER, x REAL)").unwrap();
            let transaction = conn.unchecked_transaction().unwrap();
            for row in values.chunks(3) {
                conn.execute("INSERT INTO v(s, n, x) VALUES (?, ?, ?)", params_from_iter(row.iter().map(bound)))
                    .unwrap();
            }
            transaction.commit().unwrap();
        }
        let same = |expressions: &[String]| {
            let sql = format!("SELECT s, n, x, {} FROM v ORDER BY id", expressions.join(", "));
            let (expected, found) = (answer(&sqlite, &sql), answer(postgres, &sql));
            for (expected, found) in expected.iter().zip(&found) {
                for (index, expression) in expressions.iter().enumerate() {
                    assert_eq!(found[3 + index], expected[3 + index], "{expression} with {:?}", &expected[..3]);
                }
            }
            assert_eq!(found.len(), expected.len());
        };
        test(&mut random, &same);
    });
}

fn answer(conn: &Connection, sql: &str) -> Vec<Vec<String>> {
    let mut statement = conn.prepare(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
    let count = statement.column_count();
    let value = |value: ValueRef<'_>| match value {
        ValueRef::Text(text) => format!("{:?}", String::from_utf8_lossy(text)),
        ValueRef::Real(real) => format!("{real:?}"),
        other => format!("{other:?}"),
    };
    let rows = statement.query_map([], |row| (0..count).map(|index| row.get_ref(index).map(value)).collect());
    rows.and_then(Iterator::collect).unwrap_or_else(|error| panic!("{sql}: {error}"))
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

#[test]
fn glob_by_written_patterns_and_those_of_a_row() {
    compare(1, 150, |random, same| {
        for _ in 0..60 {
            let patterns = (0..20).map(|_| quoted(&pattern(random)));
            let expressions = patterns.flat_map(|pattern| {
                [
                    format!("s GLOB {pattern}"),
                    format!("s NOT GLOB {pattern} AND n > 0"),
                    format!("glob({pattern} || '', s)"),
                ]
            });
            same(&expressions.collect::<Vec<_>>());
        }
        same(
            &[
                "n GLOB '1*[0-5]'",
                "x GLOB '*.5'",
                "'a[b' GLOB s",
                "s || n GLOB '*[0-9]'",
                "s GLOB NULL",
                "NULL GLOB 'a*'",
            ]
            .map(str::to_owned),
        );
        let long = "[a-z]*".repeat(40) + &"x?".repeat(200);
        same(&[format!("s GLOB {}", quoted(&long)), format!("{} GLOB {}", quoted(&"ax".repeat(500)), quoted(&long))]);
    });
}

#[test]
fn parts_of_text_by_written_numbers_and_those_of_a_row() {
    compare(2, 200, |random, same| {
        let far = [i64::MAX, i64::MIN + 1, 1 << 30, 1 << 31, 1 << 40, -(1 << 31), 2_000_000_000];
        for _ in 0..25 {
            let mut number = || match random.below(6) {
                0 => far[random.below(far.len())],
                _ => random.below(17) as i64 - 8,
            };
            let expressions = (0..15).flat_map(|_| {
                let (from, count) = (number(), number());
                [
                    format!("substr(s, {from}, {count})"),
                    format!("substr(s, {from})"),
                    format!("substr(s, {from} + n * 0, {count} + n * 0)"),
                    format!("substr(s, {from} + n * 0)"),
                    format!("substr(n, {from}, {count})"),
                ]
            });
            same(&expressions.collect::<Vec<_>>());
        }
        same(
            &[
                "length(s)",
                "upper(s)",
                "lower(s)",
                "instr(s, 'a')",
                "instr(s, substr(s, 2))",
                "length(upper(substr(s, 2, 5)))",
                "substr(s, n, 2)",
                "substr(s, NULL, 2)",
                "substr(s, 1, NULL)",
            ]
            .map(str::to_owned),
        );
    });
}

#[test]
fn round_by_written_digits_and_those_of_a_row() {
    compare(3, 3000, |_, same| {
        for digits in -1..=12 {
            same(&[
                format!("round(x, {digits})"),
                format!("round(x, {digits} + n * 0)"),
                format!("round(n, {digits})"),
            ]);
        }
        same(
            &[
                "round(x)",
                "round(x, 40)",
                "round(x, NULL)",
                "round(iif(abs(x) < 1e200, x, 0) * 3, 2)",
                "round(iif(abs(x) > 1e-200, x, 0) / 7, 3)",
            ]
            .map(str::to_owned),
        );
    });
}

#[test]
fn printf_by_written_formats_and_those_of_a_row() {
    compare(4, 1200, |random, same| {
        let numbers = [
            "%d", "%i", "%5d", "%-5d", "%05d", "%012d", "%+d", "%,d", "%.4d", "%x", "%X", "%02x", "%08X", "%6x", "%o",
            "%u", "% d", "%-05d", "%s", "%20s", "%q", "%Q",
        ];
        for formats in numbers.chunks(6) {
            same(&formats.iter().map(|format| format!("printf('{format}', n)")).collect::<Vec<_>>());
            // A format of the row takes the other way.
            same(&formats.iter().map(|format| format!("printf(iif(id > 0, '{format}', ''), n)")).collect::<Vec<_>>());
        }
        for digits in 0..=10 {
            same(&[
                format!("printf('%.{digits}f', x)"),
                format!("printf('%14.{digits}f|', x)"),
                format!("printf('%-14.{digits}f|', x)"),
                format!("printf('%.{digits}f', n)"),
                format!("printf('%012.{digits}f', iif(abs(x) < 1e300, x, 1))"),
                format!("printf('%.{digits}f', iif(abs(x) BETWEEN 1e-200 AND 1e200, x, 0) * 0.37)"),
            ]);
        }
        let texts = ["%s", "%5s|", "%-5s|", "%q", "%Q", "%w", "%!5s|", "%!.2s", "%-7Q|", "%9q"];
        same(&texts.map(|format| format!("printf('{format}', s)")));
        same(
            &["%f", "%d|%f", "%e|%g", "%s"]
                .map(|format| format!("printf('{format}', {})", if format.contains('|') { "x, x" } else { "x" })),
        );
        let parts = ["%d", "%s", "%.2f", "%05d", "a%%b", " é'", "%-8s", "%x", "%.1e", "%Q"];
        for _ in 0..30 {
            let chosen: Vec<&str> = (0..1 + random.below(5)).map(|_| parts[random.below(parts.len())]).collect();
            let arguments: Vec<&str> = chosen
                .iter()
                .filter(|part| !part.contains(['b', 'é']))
                .map(|_| ["n", "s", "x", "12", "'t'", "2.5", "NULL"][random.below(7)])
                .collect();
            let format = quoted(&chosen.concat());
            let list = arguments.iter().map(|argument| format!(", {argument}")).collect::<String>();
            same(&[format!("printf({format}{list})"), format!("format({format}{list}, 7)")]);
        }
    });
}
