//! RETURNING passes on whole reals as SQLite stores them: as integers.

use crate::untyped::Both;

#[test]
fn a_whole_real_that_an_expression_passes_on_is_an_integer() {
    let mut both = Both::new();
    both.lines(
        r#"
        CREATE TABLE q(id INTEGER PRIMARY KEY, r REAL, s TEXT, i INT, n NUMERIC, u, f FLOAT)
        INSERT INTO q(r, i) VALUES(2.0, 1) RETURNING r, (r), +r, coalesce(r, 1), max(r, 1), CASE WHEN 1 THEN r END, iif(1, r, 2)
        INSERT INTO q(r) VALUES(2) RETURNING ifnull(r, 0), min(r, 9), nullif(r, 0), nullif(r, 2), r + 0, abs(r), round(r), -r, r / 2
        INSERT INTO q(r) VALUES(2.5) RETURNING coalesce(r, 1), max(r, 1), CASE WHEN 1 THEN r END
        INSERT INTO q(r) VALUES(2.0) RETURNING typeof(coalesce(r, 1)), coalesce(r, 0) || '', coalesce(r, 1) / 4, coalesce(r, 1) = 2, json_array(coalesce(r, 1))
        INSERT INTO q(r) VALUES(2.0) RETURNING coalesce(NULL, 5.0), max(5.0, 1), coalesce(CAST(r AS REAL), 1), coalesce(r * 1.0, 1), (SELECT r)
        INSERT INTO q(r, s, i, n, u, f) VALUES(2.0, 'a', 1, 3, 4, 5.0) RETURNING CASE WHEN r > 1 THEN r ELSE 'x' END, coalesce(s, r), coalesce(r, 'none'), max(r, n), max(r, u), max(r, s), coalesce(max(r, f), 0)
        INSERT INTO q(r) VALUES(NULL), (1e15), (3e20), (-0.0), (140737488355327), (140737488355328), (-140737488355328), (-140737488355329), (0.1), (1e-300) RETURNING coalesce(r, 7), max(r, 0), CASE WHEN 1 THEN r END, coalesce(r, 7.0)
        INSERT INTO q(r) VALUES(?) RETURNING coalesce(r, ?), max(r, ?), ifnull(?, r) <- [2.0, 1.5, 1, null]
        INSERT INTO q(r) VALUES(?) RETURNING coalesce(r, ?), max(r, ?), ifnull(?, r) <- [2, 1.5, 9.5, "x"]
        UPDATE q SET r = 9 WHERE id = 1 RETURNING coalesce(r, 1), min(r, 100)
        UPDATE q SET i = 9 WHERE id = 1 RETURNING coalesce(r, 1), min(r, 100)
        UPDATE OR REPLACE q SET r = 8 WHERE id = 1 RETURNING coalesce(r, 1), min(r, 100)
        INSERT INTO q(id, r) VALUES(2, 7.0) ON CONFLICT(id) DO UPDATE SET r = excluded.r RETURNING r, coalesce(r, 0), typeof(coalesce(r, 0))
        REPLACE INTO q(id, r) VALUES(2, 3) RETURNING ifnull(r, 0)
        DELETE FROM q WHERE id = 2 RETURNING r, ifnull(r, 0), max(r, 1), CASE WHEN r THEN r END
        SELECT r, coalesce(r, 0), max(r, 1) FROM q ORDER BY id LIMIT 3
        CREATE TABLE k(a TEXT PRIMARY KEY, r REAL) WITHOUT ROWID
        INSERT INTO k VALUES('a', 2.0) RETURNING r, coalesce(r, 1)
        CREATE TABLE st(r REAL, i INT) STRICT
        INSERT INTO st VALUES(2.0, 1) RETURNING r, coalesce(r, 1), max(r, i)
        CREATE TRIGGER tb BEFORE INSERT ON q BEGIN SELECT 1; END
        INSERT INTO q(r) VALUES(2.0), (3.5) RETURNING r, coalesce(r, 1), max(r, 1)
        "#,
    );
    both.end(&[]);
}
