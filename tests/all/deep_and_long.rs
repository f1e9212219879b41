//! Deep and long statements: the lexer, the parser and the translator take time in proportion to the text, and no more stack than a
//! thread has.

use std::time::Duration;

use crate::support;
use rustix::time::{ClockId, clock_gettime};
use sqlift::syntax::{placeholders, rewrite, rewrite_native, statements, tokens};
use sqlift::translate::{Catalog, Options, Refusal, translate, translate_script};

const SCHEMA: &str = include_str!("../../fuzz/schema.sql");

/// Which this thread took of a processor: other processes do not show in it.
fn processor_time() -> Duration {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(now.tv_sec as u64, now.tv_nsec as u32)
}

/// Everything that looks at a text.
fn look_at(catalog: &Catalog, sql: &str) {
    let options = Options::default();
    assert_eq!(tokens(sql).map(|token| token.span.end).last(), Some(sql.len()));
    drop((placeholders(sql), rewrite(sql), rewrite_native(sql), statements(sql)));
    drop(translate(sql, catalog, &options));
    for statement in translate_script(sql, &mut catalog.clone(), &options) {
        assert!(sql.get(statement.span.start..statement.span.end).is_some());
    }
}

/// A statement whose middle stands as often as asked for: what is in front, the middle with `#` for its number, what is between
/// two, what is behind.
type Shape = (&'static str, &'static str, &'static str, &'static str);

fn statement((before, middle, between, behind): Shape, count: usize) -> String {
    let middles: Vec<String> = (0..count).map(|number| middle.replace('#', &number.to_string())).collect();
    [before, &middles.join(between), behind].concat()
}

const LONG: &[Shape] = &[
    ("SELECT '", "abcdefgh", "", "'"),
    ("SELECT '", "''", "", "'"),
    ("SELECT '", "é", "", ""),
    ("SELECT \"", "abcdefgh", "", "\""),
    ("SELECT [", "abcdefgh", "", ""),
    ("SELECT x'", "00ff", "", "'"),
    ("SELECT x'", "00ff", "", ""),
    ("SELECT ", "123456789", "", ""),
    ("SELECT 1e", "123456789", "", ""),
    ("SELECT 0x", "123456789", "", ""),
    ("SELECT 1 /* ", "comment", "", "*/"),
    ("SELECT 1 /* ", "/*", "", "*/"),
    ("SELECT 1 /* ", "/*", "", ""),
    ("SELECT 1 ", "/* one */", "", ""),
    ("SELECT 1 ", "/* /* */", "", ""),
    ("SELECT 1 ", "-- one\n", "", ""),
    ("", ";", "", ""),
    ("", " ", "", "SELECT 1"),
    ("", "\0", "", ""),
    ("SELECT ", "\u{feff}", "", ""),
    ("SELECT ", "\u{1F600}", ", ", ""),
    ("SELECT ", "é#", ", ", ""),
    ("", "(", "", ""),
    ("SELECT ", "(", "", ""),
    ("SELECT ", ")", "", ""),
    ("SELECT ", "-", " ", "1"),
    ("SELECT ", "~", "", "1"),
    ("SELECT ", "NOT ", "", "1"),
    ("SELECT ", "?", ", ", ""),
    ("SELECT ", "?#", ", ", ""),
    ("SELECT ", ":name#", ", ", ""),
    ("SELECT ", ":name", ", ", ""),
    ("SELECT ", "$$", "", ""),
    ("SELECT $", "a::", "", ""),
    ("SELECT $a(", "b", "", ""),
    ("SELECT ", "#", " + ", ""),
    ("SELECT ", "'a'", " || ", ""),
    ("SELECT id FROM t WHERE ", "n = #", " OR ", ""),
    ("SELECT id FROM t WHERE ", "n = #", " AND ", ""),
    ("SELECT id FROM t WHERE n IN (", "#", ", ", ")"),
    ("SELECT id FROM t WHERE n IN (", "?", ", ", ")"),
    ("SELECT id FROM t WHERE name IN (", "'name#'", ", ", ")"),
    ("SELECT id FROM t WHERE name IN (", "#", ", ", ")"),
    ("SELECT id FROM t WHERE anything IN (", "#", ", ", ")"),
    ("SELECT id FROM t WHERE (id, n) IN (VALUES ", "(#, ?)", ", ", ")"),
    ("SELECT id FROM t WHERE n NOT IN (", "?1", ", ", ")"),
    ("VALUES ", "(#, 'a', NULL)", ", ", ""),
    ("VALUES ", "(#, 'a', 1.5), (1.5, 1, x'00')", ", ", ""),
    ("SELECT * FROM (VALUES ", "(#, 'a')", ", ", ")"),
    ("WITH c(x, y) AS (VALUES ", "(#, 'a')", ", ", ") SELECT * FROM c"),
    ("INSERT INTO t(name, n) VALUES ", "('a', #)", ", ", ""),
    ("INSERT INTO t(name, n, anything) VALUES ", "(?, ?, ?)", ", ", ""),
    ("INSERT INTO t(id, name, n) VALUES ", "(#, 'a', 1.5)", ", ", " RETURNING id"),
    ("INSERT OR IGNORE INTO t(id, name) VALUES ", "(#, 'a')", ", ", ""),
    ("INSERT OR REPLACE INTO t(id, name) VALUES ", "(#, 'a')", ", ", ""),
    ("REPLACE INTO t(id, name, n) VALUES ", "(#, 'a', ?)", ", ", ""),
    (
        "INSERT INTO t(id, name) VALUES ",
        "(#, 'a')",
        ", ",
        " ON CONFLICT(id) DO UPDATE SET name = excluded.name || t.name",
    ),
    ("INSERT INTO t(id, name) VALUES (1, 'a') ", "ON CONFLICT(id) DO UPDATE SET name = excluded.name", " ", ""),
    ("INSERT INTO u(id, name) VALUES ", "(NULL, 'a')", ", ", ""),
    ("INSERT INTO w VALUES ", "('#', #)", ", ", ""),
    ("UPDATE t SET ", "n = #", ", ", ""),
    ("UPDATE t SET (", "n", ", ", ") = (1)"),
    ("SELECT ", "n", ", ", " FROM t"),
    ("SELECT ", "n AS n#", ", ", " FROM t"),
    ("SELECT ", "t.*", ", ", " FROM t"),
    ("SELECT ", "*", ", ", " FROM t"),
    ("SELECT ", "max(n, #)", ", ", " FROM t"),
    ("SELECT ", "sum(n) OVER (ORDER BY #)", ", ", " FROM t"),
    ("SELECT ", "sum(n) FILTER (WHERE n > #)", ", ", " FROM t"),
    ("SELECT ", "date('now', '+# days')", ", ", ""),
    ("SELECT ", "(SELECT n FROM t WHERE id = #)", ", ", ""),
    ("SELECT count(*) FROM t GROUP BY ", "n + #", ", ", ""),
    ("SELECT n FROM t ORDER BY ", "n + #", ", ", ""),
    ("SELECT DISTINCT n FROM t ORDER BY ", "n", ", ", ""),
    ("SELECT count(*), ", "n", ", ", " FROM t GROUP BY name"),
    ("SELECT n FROM t WINDOW ", "w# AS (ORDER BY n)", ", ", ""),
    ("SELECT n FROM t ", "t#", ", ", ""),
    ("SELECT 1 FROM ", "t AS a#", ", ", ""),
    ("SELECT 1 FROM ", "t AS a#", " JOIN ", ""),
    ("SELECT 1 FROM ", "t AS a#", " NATURAL JOIN ", ""),
    ("SELECT 1 FROM t ", "JOIN u AS u# ON u#.t_id = t.id", " ", ""),
    ("SELECT 1 FROM t ", "JOIN t AS u# USING (id)", " ", ""),
    ("SELECT 1 FROM ", "seen AS s#", ", ", ""),
    ("SELECT 1 FROM ", "(SELECT #)", ", ", ""),
    ("", "SELECT #", " UNION ALL ", ""),
    ("", "SELECT n, name FROM t", " UNION ", " ORDER BY 1"),
    ("", "VALUES (#)", " UNION ALL ", ""),
    ("", "SELECT #;", "\n", ""),
    ("", "INSERT INTO t(n) VALUES (#);", "\n", ""),
    ("WITH ", "c# AS (SELECT #)", ", ", " SELECT 1"),
    ("SELECT CASE ", "WHEN n = # THEN #", " ", " END FROM t"),
    ("SELECT CASE n ", "WHEN # THEN '#'", " ", " END FROM t"),
    ("SELECT CASE anything ", "WHEN # THEN '#'", " ", " END FROM t"),
    ("SELECT coalesce(", "n", ", ", ") FROM t"),
    ("SELECT coalesce(", "#", ", ", ", anything) FROM t"),
    ("SELECT max(", "#", ", ", ")"),
    ("SELECT min(", "name", ", ", ") FROM t"),
    ("SELECT concat(", "name", ", ", ") FROM t"),
    ("SELECT json_object(", "'a#', #", ", ", ")"),
    ("SELECT json_array(", "#", ", ", ")"),
    ("SELECT json_extract(doc, ", "'$.a#'", ", ", ") FROM t"),
    ("SELECT json_extract(doc, '$", ".a#", "", "') FROM t"),
    ("SELECT json_extract(doc, '$", "[#]", "", "') FROM t"),
    ("SELECT printf('", "%d", "", "', 1)"),
    ("SELECT printf('%d', ", "#", ", ", ")"),
    ("SELECT strftime('", "%Y", "", "', created_at) FROM t"),
    ("SELECT date(day, ", "'+1 day'", ", ", ") FROM t"),
    ("SELECT name LIKE '", "%_", "", "' FROM t"),
    ("SELECT name GLOB '", "*[a-z]", "", "' FROM t"),
    ("SELECT name GLOB '", "[", "", "' FROM t"),
    ("CREATE TABLE made(", "c# INTEGER DEFAULT #", ", ", ")"),
    ("CREATE TABLE made(a, ", "CHECK (a > #)", ", ", ")"),
    ("CREATE TABLE made(a, ", "UNIQUE (a)", ", ", ")"),
    ("CREATE TABLE made(a ", "NOT NULL", " ", ")"),
    ("CREATE TABLE made(a ", "TYPE", " ", ")"),
    ("CREATE TABLE made(a, ", "FOREIGN KEY (a) REFERENCES t(id)", ", ", ")"),
    ("CREATE INDEX made ON t(", "n", ", ", ")"),
    ("CREATE VIEW made AS SELECT ", "n AS n#", ", ", " FROM t"),
    ("CREATE TRIGGER made AFTER INSERT ON t BEGIN ", "UPDATE t SET n = # WHERE id = NEW.id;", " ", " END"),
    ("CREATE TRIGGER made AFTER UPDATE OF ", "n", ", ", " ON t BEGIN SELECT 1; END"),
    ("PRAGMA table_info(", "a", "", ")"),
    ("DELETE FROM t WHERE id IN (", "?", ",", ") RETURNING *"),
    ("BEGIN; ", "SAVEPOINT s#;", " ", ""),
    ("/* sqlift: native */ SELECT ", "$a$ ; $a$", ", ", ""),
    ("/* sqlift: native */ SELECT ", "$a#$", " ", ""),
    ("/* sqlift: native */ SELECT ", "/*", " ", ""),
    ("SELECT ", "1 COLLATE NOCASE", " + ", ""),
    ("SELECT ", "name COLLATE", " ", " FROM t"),
    ("SELECT ", "doc -> '$.a'", " -> ", " FROM t"),
    ("SELECT 1 ", "NOT NULL", " ", ""),
    ("SELECT 1 ", "BETWEEN 1 AND 1", " ", ""),
    ("SELECT ", "1 BETWEEN ", "", "1"),
    ("SELECT 1 ", "IS", " ", " 1"),
];

/// How long the longer text is, in bytes.
const LENGTH: u64 = 48_000;

/// Texts eight times as long take about eight times as long; with time in its square it would be 64 times.
const LONGER: usize = 8;
const RATIO: f64 = 24.0;

/// A shape that seems too slow is measured again, so often: whatever else the machine does may slow down one run, not all of them.
const RUNS: usize = 6;

/// `SQLIFT_TEST_BYTES=1000000` looks at longer ones, in a release build.
#[test]
fn time_grows_with_the_length() {
    let catalog = Catalog::from_script(SCHEMA, &Options::default()).expect("the schema is SQLite's");
    let length = support::number("SQLIFT_TEST_BYTES").unwrap_or(LENGTH) as usize;
    let mut wrong = Vec::new();
    for &shape in LONG {
        let count = length / LONGER * 1000 / statement(shape, 1000).len();
        let texts = [count, count * LONGER].map(|count| statement(shape, count));
        let mut best = [Duration::MAX; 2];
        let ratio = |best: [Duration; 2]| best[1].as_secs_f64() / best[0].as_secs_f64();
        for _ in 0..RUNS {
            // The short one is quick to measure, and its time must not be too long by chance.
            for of in [0, 0, 0, 1] {
                let start = processor_time();
                look_at(&catalog, &texts[of]);
                best[of] = best[of].min(processor_time() - start);
            }
            if ratio(best) <= RATIO {
                break;
            }
        }
        let ([small, large], [of_small, of_large], ratio) = (texts.map(|sql| sql.len()), best, ratio(best));
        println!("{ratio:6.1} {of_small:10.1?} {of_large:10.1?} {shape:?}");
        if ratio > RATIO {
            wrong.push(format!("{ratio:.1} for {small} and {large} bytes, {of_small:?} and {of_large:?}: {shape:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What nests, around a value: what opens, what closes.
const DEEP: &[(&str, &str)] = &[
    ("(", ")"),
    ("-", ""),
    ("- ", ""),
    ("+", ""),
    ("~", ""),
    ("NOT ", ""),
    ("NOT (", ")"),
    ("abs(", ")"),
    ("coalesce(NULL, ", ")"),
    ("max(1, ", ")"),
    ("json_array(", ")"),
    ("(SELECT ", ")"),
    ("(SELECT 1 WHERE ", ")"),
    ("(SELECT 1 FROM t WHERE n = ", ")"),
    ("(SELECT max(n) FROM t GROUP BY ", ")"),
    ("(SELECT n FROM t ORDER BY ", ")"),
    ("(VALUES (", "))"),
    ("(SELECT 1 UNION SELECT ", ")"),
    ("(SELECT * FROM (SELECT ", "))"),
    ("(WITH x AS (SELECT ", ") SELECT * FROM x)"),
    ("EXISTS (SELECT ", ")"),
    ("NOT EXISTS (SELECT 1 WHERE ", ")"),
    ("1 IN (", ")"),
    ("1 IN (SELECT ", ")"),
    ("1 NOT IN (2, ", ")"),
    ("(1, 2) = (1, ", ")"),
    ("CASE WHEN 1 THEN ", " END"),
    ("CASE WHEN ", " THEN 1 END"),
    ("CASE ", " WHEN 1 THEN 1 END"),
    ("CASE 1 WHEN 1 THEN 1 ELSE ", " END"),
    ("CAST(", " AS TEXT)"),
    ("1 BETWEEN 1 AND ", ""),
    ("1 BETWEEN ", " AND 1"),
    ("'a' LIKE (", ")"),
    ("'a' GLOB (", ")"),
    ("1 + (", ")"),
    ("(", " || 'a')"),
    ("(", " IS NULL)"),
    ("(", " = ?)"),
    ("(", " COLLATE NOCASE)"),
    ("sum(", ") OVER ()"),
    ("sum(1) OVER (ORDER BY ", ")"),
    ("sum(1) FILTER (WHERE ", ")"),
    ("count(DISTINCT ", ")"),
];

/// Whole statements around what [`DEEP`] gives.
const AROUND: &[(&str, &str)] = &[
    ("SELECT ", ""),
    ("SELECT id FROM t WHERE ", ""),
    ("SELECT id FROM t ORDER BY ", ""),
    ("UPDATE t SET n = ", ""),
    ("INSERT INTO t(anything) VALUES (", ")"),
    ("DELETE FROM t WHERE ", " RETURNING id"),
    ("CREATE VIEW deep AS SELECT ", ""),
    ("CREATE TRIGGER deep AFTER INSERT ON t BEGIN UPDATE t SET n = ", "; END"),
    ("CREATE TABLE deep(a INTEGER CHECK (", "))"),
    ("CREATE INDEX deep ON t(", ")"),
];

/// A test's thread has 2 MiB of stack, and the test is not optimised. What SQLite takes is not refused for its depth.
#[test]
fn a_threads_stack_is_enough_for_deep_statements() {
    let catalog = Catalog::from_script(SCHEMA, &Options::default()).expect("the schema is SQLite's");
    let sqlite = support::sqlite();
    sqlite.execute_batch(SCHEMA).expect("the schema is SQLite's");
    let mut refused = Vec::new();
    for (before, behind) in AROUND {
        for (open, close) in DEEP {
            for depth in [48, 95, if *before == "SELECT " { 900 } else { 300 }] {
                let deep = [before, open.repeat(depth).as_str(), "1", &close.repeat(depth), behind].concat();
                println!("{depth} {before}{open}");
                look_at(&catalog, &deep);
                let limit =
                    |refusal: &Refusal| refusal.message == "Recursion limit" || refusal.message.contains("too large");
                if let Err(refusal) = translate(&deep, &catalog, &Options::default())
                    && limit(&refusal)
                    // What a view or a trigger says SQLite looks at when it is used, and refuses then.
                    && !before.starts_with("CREATE VIEW")
                    && !before.starts_with("CREATE TRIGGER")
                    && sqlite.prepare(&deep).is_ok()
                {
                    refused.push(format!("{depth} times {before}{open}: {}", refusal.message));
                }
            }
        }
    }
    assert!(refused.is_empty(), "SQLite takes\n{}", refused.join("\n"));
}

/// Each view is looked at through the ones below it.
#[test]
fn views_over_views_over_views() {
    let options = Options::default();
    let mut script = SCHEMA.to_owned();
    script += "CREATE VIEW v0 AS SELECT id, n + 1 AS m FROM t;";
    for view in 1..100 {
        script += &format!("CREATE VIEW v{view} AS SELECT id, m + 1 AS m FROM v{};", view - 1);
    }
    let catalog = Catalog::from_script(&script, &options).expect("the schema is SQLite's");
    look_at(&catalog, "SELECT * FROM v99 WHERE m = 1");
    assert!(translate("SELECT * FROM v99 WHERE m = 1", &catalog, &options).is_ok());
}
