//! Large results and values: bounded memory, or a clear refusal.

use std::process::Command;

use crate::support::{on_postgres, resident_kib};
use sqlift::{ErrorCode, params_from_iter};

const MILLION: &str =
    "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 1000000) SELECT i, i * 2 FROM n";

/// Memory is measured in a process that does nothing else.
#[test]
fn memory_stays_bounded() {
    for name in [
        "a_write_inside_a_loop_over_a_million_rows",
        "two_large_results_in_turn",
        "a_blob_of_100_megabytes",
        "a_large_result_makes_room_without_filling_memory",
    ] {
        let output = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", &format!("big_values::{name}"), "--ignored", "--nocapture"])
            .output()
            .unwrap();
        let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
        assert!(output.status.success() && said.contains("1 passed"), "{said}");
        print!("{said}");
    }
}

#[test]
#[ignore = "run by memory_stays_bounded, in a process of its own"]
fn a_write_inside_a_loop_over_a_million_rows() {
    on_postgres(|conn| {
        conn.execute_batch("CREATE TABLE seen (n INTEGER)").unwrap();
        let before = resident_kib();
        for in_transaction in [false, true] {
            if in_transaction {
                conn.execute_batch("BEGIN").unwrap();
            }
            let mut statement = conn.prepare(MILLION).unwrap();
            let mut rows = statement.query([]).unwrap();
            let (mut count, mut most) = (0_i64, 0);
            while let Some(row) = rows.next().unwrap() {
                count += 1;
                assert_eq!(row.get::<_, i64>(1), Ok(count * 2));
                if count % 250_000 == 7 {
                    conn.execute("INSERT INTO seen VALUES (?)", [count]).unwrap();
                    most = most.max(resident_kib() - before);
                }
            }
            assert_eq!(count, 1_000_000);
            println!("a million rows made room within {most} KiB");
            assert!(most < 60 * 1024, "{most} KiB");
            drop(rows);
            drop(statement);
            if in_transaction {
                conn.execute_batch("COMMIT").unwrap();
            }
        }
        assert_eq!(conn.query_row("SELECT count(*) FROM seen", [], |row| row.get::<_, i64>(0)), Ok(8));
    });
}

#[test]
#[ignore = "run by memory_stays_bounded, in a process of its own"]
fn two_large_results_in_turn() {
    on_postgres(|conn| {
        let before = resident_kib();
        let (mut first, mut second) = (conn.prepare(MILLION).unwrap(), conn.prepare(MILLION).unwrap());
        let (mut one, mut two) = (first.query([]).unwrap(), second.query([]).unwrap());
        for expected in 1..=300_000_i64 {
            for rows in [&mut one, &mut two] {
                assert_eq!(rows.next().unwrap().unwrap().get::<_, i64>(0), Ok(expected));
            }
        }
        let grown = resident_kib() - before;
        println!("two results in turn: {grown} KiB");
        assert!(grown < 80 * 1024, "{grown} KiB");
    });
}

#[test]
#[ignore = "run by memory_stays_bounded, in a process of its own"]
fn a_blob_of_100_megabytes() {
    on_postgres(|conn| {
        conn.execute_batch("CREATE TABLE b (id INTEGER PRIMARY KEY, data BLOB)").unwrap();
        let before = resident_kib();
        let blob = vec![0xab_u8; 100 << 20];
        conn.execute("INSERT INTO b (data) VALUES (?)", [&blob]).unwrap();
        let back: Vec<u8> = conn.query_row("SELECT data FROM b", [], |row| row.get(0)).unwrap();
        assert!(back == blob);
        drop((back, blob));
        let length: i64 = conn.query_row("SELECT length(data) FROM b", [], |row| row.get(0)).unwrap();
        assert_eq!(length, 100 << 20);
        // A few copies at its time, none kept for ever but the statement's own.
        let kept = resident_kib() - before;
        println!("after a blob of 100 MiB: {kept} KiB are kept");
        assert!(kept < 450 * 1024, "{kept} KiB");
    });
}

#[test]
#[ignore = "run by memory_stays_bounded, in a process of its own"]
fn a_large_result_makes_room_without_filling_memory() {
    on_postgres(|conn| {
        conn.execute_batch("CREATE TABLE seen (id INTEGER)").expect("created");
        let before = resident_kib();
        let mut statement =
            conn.native().prepare("SELECT i, repeat('x', 200) FROM generate_series(1, 400000) AS i").expect("prepares");
        let mut rows = statement.query([]).expect("runs");
        let mut count = 0_i64;
        while let Some(row) = rows.next().expect("goes on") {
            count += 1;
            if count == 10 {
                conn.execute("INSERT INTO seen VALUES (?)", [count]).expect("80 MB of rows make room");
                let grown = resident_kib() - before;
                assert!(grown < 60 * 1024, "{grown} KiB");
            }
            assert_eq!(row.get_ref(1).expect("a text").as_str().expect("a text").len(), 200);
        }
        assert_eq!(count, 400_000);
    });
}

#[test]
fn more_than_postgresql_takes_is_refused_clearly() {
    on_postgres(|conn| {
        let columns = |count: usize| {
            let names: Vec<String> = (0..count).map(|column| format!("c{column} INTEGER")).collect();
            format!("CREATE TABLE w{count} ({})", names.join(", "))
        };
        conn.execute_batch(&columns(1_600)).unwrap();
        conn.execute("INSERT INTO w1600 (c0, c1599) VALUES (3, 4)", []).unwrap();
        let sum: i64 = conn
            .query_row("SELECT * FROM w1600", [], |row| {
                (0..1_600).map(|column| row.get::<_, Option<i64>>(column).map(Option::unwrap_or_default)).sum()
            })
            .unwrap();
        assert_eq!(sum, 7);
        // A row has to fit into a page.
        let ones = vec!["1"; 1_600].join(", ");
        let error = conn.execute(&format!("INSERT INTO w1600 VALUES ({ones})"), []).unwrap_err();
        assert_eq!(error.sqlite_error_code(), Some(ErrorCode::TooBig), "{error}");
        assert!(error.to_string().contains("row is too big"), "{error}");
        let error = conn.execute_batch(&columns(1_601)).unwrap_err();
        assert_eq!(error.sqlite_error_code(), Some(ErrorCode::TooBig), "{error}");
        assert!(error.to_string().contains("1600") || error.to_string().contains("columns"), "{error}");

        let values = |count: usize| format!("SELECT count(*) FROM (VALUES {}) AS v", vec!["(?)"; count].join(", "));
        // Not shown whole: the text is.
        let brief = |error: sqlift::Error| error.to_string().chars().take(60).collect::<String>();
        let counted = |sql: &str, count: usize| {
            conn.query_row(sql, params_from_iter(std::iter::repeat_n("x", count)), |row| row.get::<_, i64>(0))
        };
        assert_eq!(counted(&values(32_766), 32_766).map_err(brief), Ok(32_766), "as many as SQLite takes");
        let error = counted(&values(32_767), 32_767).map_err(brief).unwrap_err();
        assert!(error.contains("too many SQL variables"), "{error}");
        assert_eq!(conn.query_row("SELECT 7", [], |row| row.get::<_, i64>(0)), Ok(7));
    });
}

#[test]
fn text_with_nul() {
    on_postgres(|conn| {
        conn.execute_batch("CREATE TABLE t (a TEXT, b BLOB)").unwrap();
        let error = conn.execute("INSERT INTO t (a) VALUES (?)", ["a\0b"]).unwrap_err();
        assert!(error.to_string().contains("NUL") && error.to_string().contains("parameter 1"), "{error}");
        let error = conn.execute("INSERT INTO t (a) VALUES (char(97, 0, 98))", []).unwrap_err();
        assert!(error.to_string().contains("NUL"), "{error}");
        conn.execute("INSERT INTO t (b) VALUES (?)", [b"a\0b".as_slice()]).unwrap();
        assert_eq!(conn.query_row("SELECT b FROM t", [], |row| row.get::<_, Vec<u8>>(0)), Ok(b"a\0b".to_vec()));
    });
}
