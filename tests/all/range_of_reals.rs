//! Reals that leave their range: 0.0 and infinities on both databases, for which PostgreSQL's operators have an error.

use crate::pragma_answers::same;
use crate::support::{on_postgres, sqlite};
use sqlift::Connection;
use sqlift::params;

#[test]
fn literals_nearer_to_zero_than_any_real_are_zero() {
    same(&[
        "SELECT 1e-400, -1e-400, 1e-400 * 5, 0e-400, 0.0e5, 2e-324, 2.4e-324, 2.5e-324, 5e-324, round(1e-400, 2)",
        "CREATE TABLE r(r REAL, n NUMERIC, u)",
        "INSERT INTO r VALUES(1e-400, 1e-400, 1e-400), ('1e-400', '1e-400', '1e-400')",
        "SELECT r, n, u, typeof(n), typeof(u) FROM r WHERE r = 1e-400",
        "SELECT '1e-400' + 0, '-1e-400' + 0, CAST('1e-400' AS REAL)",
    ]);
}

#[test]
fn reading_and_writing_keep_to_ieee() {
    same(&[
        "CREATE TABLE r(id INTEGER PRIMARY KEY, r REAL, n NUMERIC, u, i INT)",
        "INSERT INTO r VALUES(1,1e-200,1e-200,1e-200,1),(2,5,5,5,5),(3,-1e-200,-1e-200,'-1e-200',2),(4,1e200,1e200,1e200,3),
            (5,NULL,NULL,NULL,NULL),(6,0.0,0,0,0),(7,5e-324,5e-324,5e-324,7)",
        "SELECT id, r*r, r*r*i, r/1e200, r*1e-200, i/r, r/0, r/i FROM r ORDER BY id",
        "SELECT id, r*0.5, r/2, r*0.4, r*0.6, r/3, r*1.5 FROM r ORDER BY id",
        "SELECT id, n*n, n*r, u*u, u*r, n/u, u/n, n*i, u-u, u+u FROM r WHERE id <> 4 ORDER BY id",
        "SELECT id, r+r, r-r, r*1e200+1e308, 1e308*r+1e308*r, 1e308*10-1e308*10 FROM r ORDER BY id",
        "SELECT sum(r*r*1e-300), max(r*1e-300), count(*), total(r*1e-300) FROM r",
        "SELECT id FROM r WHERE r*r = 0 ORDER BY id",
        "SELECT id FROM r WHERE r*r > 1 ORDER BY r*r DESC, id",
        "WITH RECURSIVE d(x, k) AS (SELECT 1.0, 0 UNION ALL SELECT x*1e-100, k+1 FROM d WHERE k < 6) SELECT * FROM d",
        "UPDATE r SET r = r*r, n = n*n, u = u*u WHERE id IN (1, 3)",
        "SELECT * FROM r ORDER BY id",
        "INSERT INTO r(id, r) VALUES(20, 1e-300*1e-300) RETURNING id, r, r*1e-10",
        "INSERT INTO r(id, r) SELECT id+100, r*1e-320 FROM r WHERE id < 4",
        "INSERT INTO r(id, r) VALUES(2, 3) ON CONFLICT(id) DO UPDATE SET r = r.r*excluded.r*1e-300*1e-300",
        "SELECT id, r FROM r ORDER BY id",
        "BEGIN",
        "INSERT OR IGNORE INTO r(id, r) VALUES(20, 1e-300*1e-300), (21, 1e-300*1e-300)",
        "INSERT OR REPLACE INTO r(id, r) VALUES(20, 1e-300*1e-300), (22, 1e300*1e300)",
        "UPDATE OR IGNORE r SET r = r*1e-300*1e-300",
        "DELETE FROM r WHERE r*1e-300*1e-300 > 1 RETURNING id",
        "SELECT id, r FROM r ORDER BY id",
        "COMMIT",
        "SELECT count(*) FROM r",
    ]);
}

#[test]
fn triggers_keep_to_ieee() {
    same(&[
        "CREATE TABLE s(id INTEGER PRIMARY KEY, score REAL, n NUMERIC)",
        "CREATE TABLE log(a REAL, b, c)",
        "CREATE TRIGGER su AFTER UPDATE OF score ON s BEGIN
            INSERT INTO log VALUES(NEW.score*NEW.score, NEW.score/1e300, NEW.n*NEW.score);
            UPDATE s SET n = NEW.score*1e-300 WHERE id = NEW.id; END",
        "INSERT INTO s VALUES(1, 1, 1), (2, 2, 2)",
        "UPDATE s SET score = 1e-200",
        "UPDATE s SET score = score*score",
        "SELECT * FROM log",
        "SELECT * FROM s",
        "CREATE TRIGGER si BEFORE INSERT ON s WHEN NEW.score*NEW.score < 1e-300 BEGIN SELECT RAISE(ABORT, 'small'); END",
        "INSERT INTO s VALUES(5, 1e-200, 1)",
        "INSERT INTO s VALUES(5, 2, 1)",
        "SELECT count(*) FROM s",
    ]);
}

/// Each result is IEEE 754's, at the ends of the range too: what rounds to the smallest real or to the largest is one.
#[test]
fn bound_reals_round_as_ieee_rounds() {
    let mut seed = 0x9E37_79B9_7F4A_7C15_u64;
    let mut next = || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        seed >> 11
    };
    let mut pairs = vec![
        (f64::MAX, 1.0 + f64::EPSILON),
        (f64::MAX, 1.0),
        (f64::MAX, f64::MAX),
        (-f64::MAX, f64::MAX),
        (f64::MAX, 9.979_201_547_673_598e291),
        (f64::MAX, 9.979_201_547_673_6e291),
        (5e-324, 0.5),
        (5e-324, 0.500_000_000_000_1),
        (-5e-324, 0.5),
        (5e-324, 2.0),
        (1e-162, 1e-162),
        (2.0_f64.powi(-537), 2.0_f64.powi(-538)),
        (2.0_f64.powi(-537), 2.0_f64.powi(-537)),
        (f64::MIN_POSITIVE, f64::MAX),
        (f64::INFINITY, 0.0),
        (f64::INFINITY, f64::INFINITY),
        (f64::INFINITY, 1e-300),
        (1.5, f64::NEG_INFINITY),
        (0.0, 5e-324),
    ];
    // Products and quotients near both ends.
    for end in [-1075, -1074, 1023, 1024] {
        for _ in 0..40 {
            let part = |bits: u64| 1.0 + (bits % (1 << 20)) as f64 / f64::from(1 << 20);
            let (x, y) = (part(next()), part(next()));
            let power = -(next() as i32 % 500);
            let power = if end > 0 { -power } else { power };
            let other = end - power;
            pairs.push((x * 2.0_f64.powi(power), y * 2.0_f64.powi(other.clamp(-1022, 1023))));
        }
    }
    let number = |real: f64| (!real.is_nan()).then_some(real);
    on_postgres(|conn| {
        let mut all = conn.prepare("SELECT ?1 * ?2, ?1 + ?2, ?1 - ?2, ?1 / ?2, ?2 / (1 / ?1)").unwrap();
        for (a, b) in pairs {
            let found: Vec<Option<f64>> =
                all.query_row(params![a, b], |row| (0..5).map(|column| row.get(column)).collect()).unwrap();
            let inverse = if a == 0.0 { f64::NAN } else { 1.0 / a };
            let quotient = |a: f64, b: f64| number(a / b).filter(|_| b != 0.0);
            let last = number(inverse).and_then(|inverse| quotient(b, inverse));
            let expected = vec![number(a * b), number(a + b), number(a - b), quotient(a, b), last];
            let bits = |reals: &[Option<f64>]| reals.iter().map(|real| real.map(f64::to_bits)).collect::<Vec<_>>();
            assert_eq!(bits(&found), bits(&expected), "{a:e} {b:e}: {found:?}, expected {expected:?}");
        }
    });
}

/// What the database computes by itself cannot run again: it fails, with a remedy.
#[test]
fn what_the_database_keeps_is_refused() {
    on_postgres(|conn| {
        conn.execute_batch(
            "CREATE TABLE s(score REAL); INSERT INTO s VALUES(1e-200);
             CREATE VIEW v AS SELECT score*score AS q FROM s;
             CREATE TABLE c(r REAL CHECK(r*r >= 0)); CREATE TABLE g(r REAL, q REAL AS (r*r) STORED);",
        )
        .unwrap();
        let read = conn.query_row("SELECT q FROM v", [], |_| Ok(())).unwrap_err().to_string();
        let written = ["INSERT INTO c VALUES(1e-200)", "INSERT INTO g(r) VALUES(1e-200)"]
            .map(|sql| conn.execute(sql, []).unwrap_err().to_string());
        for error in [&read, &written[0], &written[1]] {
            assert!(error.contains("a real that the database computes") && error.contains("help: "), "{error}");
        }
    });
}

/// Integers that leave 64 bits keep their error where reals stand beside them.
#[test]
fn integers_keep_their_error() {
    let run = |conn: &Connection| {
        conn.execute_batch("CREATE TABLE i(i INT, r REAL); INSERT INTO i VALUES(9223372036854775807, 1e-200)").unwrap();
        conn.query_row("SELECT i * 3, r * r FROM i", [], |row| row.get::<_, f64>(1)).map_err(|error| error.to_string())
    };
    assert_eq!(on_postgres(|conn| run(conn)), Err("integer overflow".into()));
    assert_eq!(run(&sqlite()), Ok(0.0));
}
