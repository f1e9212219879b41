//! SQLite's functions: each is known or refused with a remedy, and answers on PostgreSQL as on SQLite, to the last digit.

use crate::support::{self, Random};
use sqlift::translate::{Catalog, Options, translate};
use sqlift::types::{Value, ValueRef};
use sqlift::{Connection, params_from_iter};

/// Rows with their storage classes, or that it failed.
fn answer(conn: &Connection, sql: &str, params: &[Value]) -> Result<Vec<String>, String> {
    let mut statement = conn.prepare(sql).map_err(|error| error.to_string())?;
    let columns = statement.column_count();
    let mut found = Vec::new();
    let mut rows = statement.query(params_from_iter(params)).map_err(|error| error.to_string())?;
    while let Some(row) = rows.next().map_err(|error| error.to_string())? {
        for index in 0..columns {
            found.push(match row.get_ref(index).map_err(|error| error.to_string())? {
                ValueRef::Real(real) => format!("REAL {real:?}"),
                ValueRef::Text(text) => format!("TEXT {:?}", String::from_utf8_lossy(text)),
                other => format!("{other:?}"),
            });
        }
    }
    Ok(found)
}

/// What PostgreSQL answers in another way than SQLite, a line each.
fn differences<'a>(
    sqlite: &Connection,
    postgres: &Connection,
    cases: impl Iterator<Item = (&'a str, Vec<Value>)>,
) -> String {
    let mut text = String::new();
    for (sql, params) in cases {
        let (expected, found) = (answer(sqlite, sql, &params), answer(postgres, sql, &params));
        match (&expected, &found) {
            (Ok(expected), Ok(found)) if expected == found => {}
            (Err(_), Err(_)) => {}
            _ => text += &format!("\n  {sql} {params:?}\n    SQLite     {expected:?}\n    PostgreSQL {found:?}"),
        }
    }
    text
}

#[track_caller]
fn same(cases: &[&str]) {
    support::on_postgres(|postgres| {
        let found = differences(&support::sqlite(), postgres, cases.iter().map(|sql| (*sql, Vec::new())));
        assert!(found.is_empty(), "{found}");
    });
}

#[test]
fn every_function_of_sqlite_is_known_or_refused_with_a_remedy() {
    let sqlite = support::sqlite();
    let mut list = sqlite.prepare("SELECT DISTINCT name, narg, type FROM pragma_function_list ORDER BY 1, 2").unwrap();
    let mut rows = list.query([]).unwrap();
    let (mut known, mut unknown) = (0, String::new());
    while let Some(row) = rows.next().unwrap() {
        let (name, narg, kind): (String, i64, String) = (row.get(0).unwrap(), row.get(1).unwrap(), row.get(2).unwrap());
        if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
            continue;
        }
        // -1 is any number of arguments, -3 at least one, and so on.
        let even = name.ends_with("_object");
        let count = if even {
            2
        } else if narg >= 0 {
            narg
        } else {
            if narg == -1 { 3 } else { (-narg).max(2) }
        };
        let arguments: Vec<&str> = (0..count).map(|index| if index % 2 == 0 { "'a'" } else { "1" }).collect();
        let is_window = kind == "w"
            && (name.contains('_') && !name.contains("group") && !name.contains("agg")
                || ["lag", "lead", "ntile", "rank"].contains(&name.as_str()));
        let sql = format!("SELECT {name}({}){}", arguments.join(", "), if is_window { " OVER ()" } else { "" });
        match translate(&sql, &Catalog::default(), &Options::default()) {
            Ok(_) => known += 1,
            Err(refusal) if refusal.help.is_some() && refusal.rule.is_none() => known += 1,
            Err(refusal) if name.starts_with("current_") => assert!(refusal.message.contains("syntax error"), "{sql}"),
            Err(refusal) => unknown += &format!("\n  {sql}: {}", refusal.message),
        }
    }
    assert!(unknown.is_empty() && known > 140, "{known} are known, not these:{unknown}");
}

#[test]
fn the_version_is_the_bundled_one() {
    same(&["SELECT sqlite_version(), sqlite_source_id()"]);
}

/// Reals of every size and kind.
fn real(random: &mut Random) -> f64 {
    let big = |random: &mut Random| random.below(1 << 30) as f64 * (1u64 << 30) as f64 + random.below(1 << 30) as f64;
    let unit = big(random) / (1u64 << 60) as f64;
    let value = match random.below(9) {
        0 => f64::from_bits(((random.below(2046) as u64) << 52) | (big(random) as u64 & ((1 << 52) - 1))),
        1 => unit,
        2 => (unit * 1e8).round() / 10f64.powi(random.below(8) as i32),
        3 => (9.0 + unit) * 10f64.powi(random.below(40) as i32 - 20),
        4 => big(random),
        5 => unit * 10f64.powi(random.below(600) as i32 - 300),
        6 => 0.1 * random.below(1000) as f64,
        7 => 1.0 / (1 + random.below(10_000)) as f64,
        _ => 1e15 + random.below(1000) as f64 * 0.125,
    };
    if random.below(2) == 0 { value } else { -value }
}

#[test]
fn reals_have_sqlites_digits() {
    const AT_ONCE: usize = 50;
    let formats = [
        "%f", "%.2f", "%e", "%g", "%!g", "%!.15g", "%.17g", "%.0f", "%+.3e", "%,.2f", "%012.4f", "%-12.1f|", "%#g",
        "%!.20f",
    ];
    let mut random = Random::new(20_261_121);
    support::on_postgres(|postgres| {
        let sqlite = support::sqlite();
        for round in 0..60 {
            let values: Vec<Value> = (0..AT_ONCE).map(|_| Value::Real(real(&mut random))).collect();
            let columns: Vec<String> = (1..=AT_ONCE)
                .map(|slot| match round % 3 {
                    0 => format!("?{slot} || ''"),
                    1 => format!("round(?{slot}, {})", slot % 9),
                    _ => format!("printf('{}', ?{slot})", formats[slot % formats.len()]),
                })
                .collect();
            let sql = format!("SELECT {}", columns.join(", "));
            let (expected, found) = (answer(&sqlite, &sql, &values).unwrap(), answer(postgres, &sql, &values).unwrap());
            for (((expected, found), value), column) in expected.iter().zip(&found).zip(&values).zip(&columns) {
                assert_eq!(found, expected, "{column} of {value:?}");
            }
        }
    });
}

#[test]
fn sums_of_reals_are_sqlites() {
    let mut random = Random::new(7);
    support::on_postgres(|postgres| {
        let sqlite = support::sqlite();
        for round in 0..80 {
            let values: Vec<String> = (0..1 + random.below(30))
                .map(|_| match round % 3 {
                    0 => format!("({:?})", (real(&mut random) * 100.0).round().clamp(-1e12, 1e12) / 100.0),
                    1 => format!("({})", random.below(2_000_000) as i64 - 1_000_000),
                    _ => format!("({:e})", real(&mut random).clamp(-1e200, 1e200)),
                })
                .collect();
            let sql = format!("SELECT sum(column1), avg(column1), total(column1) FROM (VALUES {})", values.join(", "));
            assert_eq!(answer(postgres, &sql, &[]), answer(&sqlite, &sql, &[]), "{sql}");
        }
        let windows = "SELECT sum(column1) OVER (ORDER BY column1 ROWS 2 PRECEDING), avg(column1) OVER (ORDER BY column1) \
                       FROM (VALUES (0.1), (0.2), (0.7), (1e9), (-1e9), (0.3))";
        assert_eq!(answer(postgres, windows, &[]), answer(&sqlite, windows, &[]));
        let numbers = "CREATE TABLE price(amount DECIMAL(10, 2), n NUMERIC); \
                       INSERT INTO price VALUES (0.1, 1), (0.2, 2), (0.7, 4), (100.01, 9007199254740993)";
        for conn in [&sqlite, &*postgres] {
            conn.execute_batch(numbers).unwrap();
        }
        let sql = "SELECT sum(amount), avg(amount), total(amount), sum(n), avg(n), total(n) FROM price";
        assert_eq!(answer(postgres, sql, &[]), answer(&sqlite, sql, &[]));
    });
}

#[test]
fn functions_of_text_and_blobs() {
    same(&[
        "SELECT substr(x'010203', 2, 1), substr(x'0102', -1), substr(x'', 1), substr(x'0102030405', -2, -2)",
        "SELECT substr(x, instr(x, ' ') + 1), substr(x, 1, instr(x, ' ') - 1), substr(x, instr(x, ' '), 2), substr(x, instr(x, 'z'), 3),
            substr(x, 1, instr(x, 'z') - 5), substr(x, 1, instr(x, 'o')), substr(x, instr(x, y) - 1, 2), substr(y, 1, instr(x, ' ') - 1),
            substr(x, 0, instr(x, ' ') - 1), substr(x, 1, instr(x, y) - 1), substr(x, 2, instr(x, 'z') - 1), substr(x, instr(y, 'z') + 2)
         FROM (SELECT 'two words' AS x, ' ' AS y UNION ALL SELECT NULL, 'a' UNION ALL SELECT 'word', NULL UNION ALL SELECT '', '')",
        "SELECT instr(x'010203', x'02'), instr('abc', 'c'), instr(x'616263', 'c')",
        "SELECT unhex('41 42', ' '), unhex('4 1', ' '), unhex('41-42'), unhex('')",
        r"SELECT unistr('a\u00e9\\b\+01F600'), unistr_quote('it''s'), unistr_quote(char(10, 65)), unistr_quote(1.5)",
        "SELECT soundex('Robert'), soundex('Rupert'), soundex('Tymczak'), soundex(''), soundex(NULL), soundex('1a2b')",
        "SELECT like('a%', 'ABC'), like('a!%', 'a%', '!'), glob('a*', 'abc')",
        "SELECT quote(9e999), quote(-9e999), quote(0.1), quote(x'00ff'), quote('it''s'), quote(NULL)",
        "SELECT nullif(12345, 1.7), nullif(2, 2.0), typeof(nullif(1, 1.5))",
        "SELECT sum('12'), sum('1.5'), sum('x'), sum(x'3132'), sign(x'31'), abs(x'3132ff')",
        "SELECT subtype(json('[1]')), subtype('x'), subtype(NULL), subtype(json_array(1) -> 0)",
        "SELECT char(), concat(1, NULL, 'a'), concat_ws('-', 1, NULL, 2.5), iif(1, 'a'), if(0, 'a', 'b')",
    ]);
}

#[test]
fn printf_has_every_conversion() {
    same(&[
        "SELECT printf('%y'), printf('a%y b'), printf('%'), printf('a%5'), printf(''), printf(), printf(NULL)",
        "SELECT printf('%05d', 1e300), printf('%d', '1e300'), printf('%u', -1), printf('%d', NULL), printf('%i', -9223372036854775808)",
        "SELECT printf('%#x %#o %#X %p', 255, 8, 255, 255), printf('%+d % d', 5, 5), printf('%r %r %r %r', 1, 2, 13, -21)",
        "SELECT printf('%,d %,.2f', -1234567, 1234567.891), printf('%010,d', 5), printf('%#010x', 255), printf('%-5d|%5d|%05d', 42, 42, -42)",
        "SELECT printf('%s|%5s|%-5s|%.2s|%!5s|%5c|%.3c', NULL, 'é', 'é', 'abc', 'é', 'é', 'x'), printf('%*d|%-*d|%.*f', 5, 1, 5, 1, 2, 1.239)",
        "SELECT printf('%q %Q %w', 'it''s', 'it''s', 'a\"b'), printf('%q %Q', NULL, NULL), printf('%5%|%-5%|'), printf('a%nb')",
        "SELECT format('%d of %s', 2, 3.5), printf('%e %E %G %g', 12345.678, 1e-7, 1e-10, 100000), printf('%f', 9e999)",
    ]);
}

#[test]
fn dates_with_every_modifier() {
    same(&[
        "SELECT date(0, 'start of month', '+1 month'), date(2460000.5), julianday('2024-02-29 12:00'), datetime(2460000)",
        "SELECT date('2024-01-31', '+1 month'), date('2024-01-31', '+1 month', 'floor'), date('2024-01-31', '+1 month', 'ceiling')",
        "SELECT datetime('2024-01-31', '+0001-02-03 04:05'), date('2024-03-31', '-0000-01-00'), datetime('2024-01-31', '-02:30:15.5', 'subsec')",
        "SELECT date('2024-02-30'), date('2024-02-30', 'subsec'), date('2023-02-31', 'start of month'), date('2024-13-01'), date('')",
        "SELECT unixepoch('2024-01-01 00:00:00.5', 'subsec'), typeof(unixepoch(1.5, 'unixepoch', 'subsec')), unixepoch('1960-01-01')",
        "SELECT date(1704067200, 'auto'), date(2460000.5, 'auto'), date(2460000.5, 'julianday'), date('2024-01-01', 'julianday')",
        "SELECT date('2024-05-05', 'weekday 0'), date('2024-05-05', 'weekday 3'), date('2024-05-05', 'weekday 7'), date('2024-05-05', '+2 weeks')",
        "SELECT timediff('2024-03-15', '2024-01-01'), timediff('2023-02-28', '2024-02-29 12:30'), timediff('x', 'now'), timediff('9999-12-31', 5000), timediff('-4000-01-01', '9000-01-01')",
        "SELECT strftime('%d %e %f %F %G %g %H %I %j %J %k %l %m %M %p %P %R %s %S %T %u %U %V %w %W %Y %%', '2024-12-30 17:05:09.123')",
        "SELECT strftime('%x', '2024-01-01'), time('12:30:15.678', '+1.5 hours'), time('10:20', 'subsec'), datetime('2024-01-31T10:20:30Z', 'utc')",
        "SELECT date('2024-01-01', '+1day'), date('2024-01-01', '+1e1 days'), date('2024-01-01', '+200000 months'), date('9999-12-31', '+1 day')",
    ]);
}

#[test]
fn local_time_is_the_zone_of_the_url() {
    let server = sqlift::testing::database();
    let zone = |zone: &str| {
        let separator = if server.url().contains('?') { '&' } else { '?' };
        let conn = Connection::open_url(&format!("{}{separator}timezone={zone}", server.url())).unwrap();
        answer(
            &conn,
            "SELECT datetime('2024-07-01 12:00', 'localtime'), datetime('2024-01-01 12:00', 'utc'), datetime('2060-07-01 12:00', 'localtime')",
            &[],
        )
    };
    // SQLite, with TZ set to the same zones.
    let texts = |texts: [&str; 3]| Ok(texts.map(|text| format!("TEXT {text:?}")).to_vec());
    assert_eq!(zone("Europe/Berlin"), texts(["2024-07-01 14:00:00", "2024-01-01 11:00:00", "2060-07-01 14:00:00"]));
    assert_eq!(zone("America/New_York"), texts(["2024-07-01 08:00:00", "2024-01-01 17:00:00", "2060-07-01 08:00:00"]));
    assert!(zone("Nowhere/Land").is_err());
    // SQLite goes on with what it remembers of other moments.
    let separator = if server.url().contains('?') { '&' } else { '?' };
    let conn = Connection::open_url(&format!("{}{separator}timezone=Europe/Berlin", server.url())).unwrap();
    for time in ["5373485", "0", "'-4713-11-24 12:30:00'"] {
        let error = answer(&conn, &format!("SELECT datetime({time}, 'utc', '+1 day')"), &[]).unwrap_err();
        assert!(error.to_string().contains("behind 'utc' of a time that is none"), "{error}");
    }
    assert_eq!(answer(&conn, "SELECT datetime(5373485, 'utc')", &[]), Ok(vec!["Null".to_owned()]));
}

#[test]
fn json_of_every_kind() {
    same(&[
        r#"SELECT * FROM json_tree('{"a":[1,{"b":2.50}],"e f":null}')"#,
        r#"SELECT * FROM json_tree('{"x":0,"a":[1,[2,3]]}', '$.a[1]')"#,
        r#"SELECT * FROM json_each('{"x":0,"a":[10,[2],"s",true,null]}', '$.a')"#,
        r#"SELECT json_extract('{"a":1,"a":2}', '$.a'), json_extract('1e3', '$'), typeof(json_extract('1e3', '$')), '[1,2]' -> -1"#,
        r#"SELECT json_patch('{"a":1,"b":{"c":1,"d":2}}', '{"a":null,"b":{"c":9},"e":[1]}'), json_patch('1', '{"a":{"b":null}}'), json_patch('{}', NULL)"#,
        r#"SELECT json_pretty('{"a":[1,{}],"b":[]}'), json_pretty('[1]', '  ')"#,
        r#"SELECT json_array_insert('[1,2,3]', '$[1]', 9), json_array_insert('[1]', '$[1]', 9), json_array_insert('{"a":[1]}', '$.a[#]', json('[7]'))"#,
        r#"SELECT json_array(json_extract('{"a":[1]}', '$.a'), json_extract('{"a":"x"}', '$.a'), 1.50, json_extract('1.50', '$'))"#,
        r#"SELECT json_group_array(value), json_group_object(key, value) FROM json_each('[[1],{"a":2},"x",1.50]')"#,
        "SELECT json_group_array(DISTINCT column1) FROM (VALUES (2), (1), (2))",
        "SELECT json_group_object(column1, column2) FROM (VALUES ('b', 1), (NULL, 2), ('a', NULL))",
        r#"SELECT hex(jsonb('{"a":[1,2.5,"x\n",true,null]}')), json(jsonb('{"a":[1,2]}')), jsonb_array(1, 'a', NULL), typeof(jsonb('1'))"#,
        r#"SELECT json_extract(jsonb('{"a":[1,2]}'), '$.a[1]'), json_valid(jsonb('[1]'), 4), json_valid('[1', 1), json_valid(NULL), json_array(jsonb('[1]'))"#,
        r#"SELECT json_error_position('[1]'), json_remove('[1,2]', '$[0]'), json_type('[1.5]', '$[0]'), json_quote('a"b')"#,
        r#"SELECT json_array(9e999, 0.1, 1e300, 'é"'), json_object('a', 1, 'b', json('[1]'))"#,
    ]);
}

const PRAGMA_SCHEMA: &str = "CREATE TABLE a(id INTEGER PRIMARY KEY, name TEXT NOT NULL DEFAULT 'x', n INT DEFAULT -5, d DATETIME DEFAULT CURRENT_TIMESTAMP, UNIQUE(name, n));
CREATE TABLE b(k TEXT PRIMARY KEY, aid INTEGER REFERENCES a(id) ON DELETE CASCADE, v VARCHAR(20) UNIQUE, g INTEGER GENERATED ALWAYS AS (aid * 2) STORED);
CREATE TABLE c(x INTEGER, y INTEGER, PRIMARY KEY(x, y)) WITHOUT ROWID;
CREATE TABLE \"MixedCase\"(\"Col A\" TEXT);
CREATE INDEX ib ON b(aid, v DESC);
CREATE UNIQUE INDEX Ua ON a(n) WHERE n > 0;
CREATE VIEW Seen AS SELECT id, name FROM a;
CREATE TRIGGER Tr AFTER INSERT ON b BEGIN UPDATE a SET n = 1 WHERE id = NEW.aid; END;";

#[test]
fn catalogs_have_sqlites_shape() {
    support::on_postgres(|postgres| {
        let sqlite = support::sqlite();
        for conn in [&sqlite, &*postgres] {
            conn.execute_batch(PRAGMA_SCHEMA).unwrap();
        }
        let mut cases: Vec<String> = Vec::new();
        for pragma in ["table_info", "table_xinfo", "index_list", "foreign_key_list", "foreign_key_check", "table_list"]
        {
            for table in ["a", "b", "c", "MixedCase", "seen", "nosuch"] {
                cases.push(format!("PRAGMA {pragma}({table})"));
                cases.push(format!("SELECT * FROM pragma_{pragma}('{table}')"));
            }
        }
        for index in ["ib", "ua", "sqlite_autoindex_a_1", "sqlite_autoindex_b_2", "nosuch"] {
            cases.push(format!("PRAGMA index_info({index})"));
            cases.push(format!("SELECT * FROM pragma_index_xinfo('{index}')"));
        }
        cases.extend(
            [
                "SELECT type, name, tbl_name, sql FROM sqlite_master",
                "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'MixedCase'",
                "SELECT m.name, p.name FROM sqlite_master m JOIN pragma_table_info(m.name) p WHERE m.type = 'table' ORDER BY m.name, p.cid",
                "SELECT il.name, ii.name FROM pragma_index_list('a') il, pragma_index_info(il.name) ii ORDER BY 1, 2",
                "SELECT name FROM pragma_table_info('a', 'main')",
                "SELECT * FROM pragma_database_list",
                "PRAGMA collation_list",
                "PRAGMA foreign_key_check",
                "PRAGMA user_version = 7",
                "SELECT user_version FROM pragma_user_version",
                "PRAGMA integrity_check",
                "PRAGMA of_no_meaning = 1",
                "PRAGMA analysis_limit = 400",
                "PRAGMA secure_delete = ON",
                "PRAGMA encoding = 'UTF-8'",
                "PRAGMA legacy_alter_table = OFF",
                "PRAGMA read_uncommitted",
            ]
            .map(str::to_owned),
        );
        let found = differences(&sqlite, postgres, cases.iter().map(|sql| (sql.as_str(), Vec::new())));
        assert!(found.is_empty(), "{found}");
        // Columns have their names where there are no rows as well.
        for sql in ["PRAGMA foreign_key_check", "PRAGMA optimize", "PRAGMA table_info(a)", "PRAGMA index_list(c)"] {
            let names = |conn: &Connection| -> Vec<String> {
                conn.prepare(sql).unwrap().column_names().iter().map(|name| (*name).to_owned()).collect()
            };
            assert_eq!(names(postgres), names(&sqlite), "{sql}");
        }
    });
}

#[test]
fn pragmas_that_would_change_results_are_refused() {
    support::on_postgres(|conn| {
        for sql in [
            "PRAGMA ignore_check_constraints = 1",
            "PRAGMA writable_schema = ON",
            "PRAGMA max_page_count = 100",
            "PRAGMA encoding = 'UTF-16'",
        ] {
            let error = conn.execute_batch(sql).expect_err(sql).to_string();
            assert!(error.contains("help:"), "{sql}: {error}");
        }
    });
}
