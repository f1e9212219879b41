//! INSERT from a compound SELECT whose arms are of unlike classes, and the classes of its arms behind IN, on both databases.

use crate::untyped::Both;

const SCHEMA: &str = r#"
    CREATE TABLE s(id INTEGER PRIMARY KEY, i INT, t TEXT, r REAL, n NUMERIC, b BLOB, x, d DATETIME, bo BOOLEAN)
    INSERT INTO s VALUES(1,7,'a',1.5,2,x'01',3,'2024-01-01',1)
    INSERT INTO s VALUES(2,-3,'12',2.0,2.5,NULL,'q','2024-02-02 10:00:00',0)
    INSERT INTO s VALUES(3,12,'7',12.0,12,NULL,'12','2024-02-02 10:00:00',0)
    "#;

#[test]
fn every_arm_may_be_of_its_own_class() {
    let mut both = Both::new();
    both.lines(SCHEMA);
    both.lines(
        r#"
        CREATE TABLE u(a TEXT, b INT)
        INSERT INTO u VALUES('1',10),('x',3),(NULL,NULL)
        CREATE TABLE w(s TEXT)
        CREATE TABLE any(a, b)
        CREATE TABLE p(a TEXT, b INT)
        INSERT INTO w(s) VALUES(5) UNION SELECT b FROM u
        INSERT INTO any SELECT ?1, ?2 UNION ALL SELECT b, a FROM u <- [1, "2"]
        INSERT INTO p SELECT ?1, ?2 UNION ALL SELECT b, 5 FROM u <- [1, "2"]
        INSERT INTO p SELECT ?1, ?2 UNION ALL SELECT ?3, ?4 <- ["a", 1, "b", 2]
        INSERT INTO p VALUES(?1, ?2) UNION ALL VALUES(?3, ?4), (5, '6') <- [1, 1, "b", 2]
        SELECT *, typeof(s) FROM w ORDER BY 1
        SELECT *, typeof(a), typeof(b) FROM any ORDER BY 1, 2
        SELECT *, typeof(a), typeof(b) FROM p ORDER BY 1, 2
        SELECT * FROM (SELECT x'02' UNION ALL VALUES(NULL)) ORDER BY 1
        SELECT * FROM (VALUES(NULL, 1) UNION ALL SELECT 2.5, NULL) ORDER BY 1
        CREATE TABLE nulls AS SELECT x'02' UNION ALL VALUES(NULL)
        SELECT typeof("x'02'") FROM nulls
        CREATE TABLE blobs(b BLOB)
        INSERT INTO blobs VALUES(NULL) UNION SELECT b FROM s
        INSERT INTO blobs VALUES(NULL),(x'05') UNION ALL SELECT ? <- [null]
        SELECT typeof(b) FROM blobs
        CREATE TABLE wi(a INT)
        INSERT INTO wi SELECT 5 EXCEPT SELECT ? <- ["5"]
        INSERT INTO wi SELECT ? UNION SELECT ? <- ["5",5]
        INSERT INTO wi VALUES('6') UNION SELECT 6
        INSERT INTO wi VALUES('7'),(7) INTERSECT SELECT 7
        SELECT a, typeof(a) FROM wi ORDER BY 1
        CREATE TABLE wd(d DATETIME)
        INSERT INTO wd SELECT t FROM s
        INSERT INTO wd SELECT * FROM (SELECT t FROM s)
        INSERT INTO wd SELECT d FROM s UNION ALL SELECT d FROM s
        INSERT INTO wd SELECT * FROM wd
        INSERT INTO wd SELECT t FROM s WHERE id=1 UNION ALL SELECT '2024-01-01'
        INSERT INTO wd SELECT ? UNION ALL SELECT ? <- ["2024-01-01","x"]
        INSERT INTO wd SELECT ? UNION ALL SELECT ? <- ["2024-01-01","5"]
        INSERT INTO wd SELECT ? UNION ALL SELECT ? <- ["2024-01-01",5]
        SELECT d, typeof(d) FROM wd ORDER BY 1
        INSERT INTO wd SELECT 5 UNION ALL SELECT 'x'
        INSERT INTO wd VALUES('2024-01-01') UNION ALL SELECT d FROM s
        INSERT INTO wd VALUES('2024-01-01') UNION ALL VALUES(?) <- ["5"]
        INSERT INTO wd VALUES('2024-01-01') UNION ALL VALUES(?) <- ["y"]
        CREATE TABLE wr(id INTEGER PRIMARY KEY, r REAL, n NUMERIC, bo BOOLEAN)
        INSERT INTO wr SELECT NULL, 5, 5.0, 1 UNION ALL SELECT 7, ?, ?, ? <- [1, 2, 0]
        INSERT INTO wr SELECT NULL, i, r, bo FROM s UNION ALL SELECT NULL, n, '5', 1 FROM s
        INSERT INTO wr VALUES(14, 1, '2', 1) UNION SELECT id+50, t, x, bo FROM s WHERE t<>'a' AND x<>'q' UNION ALL VALUES(90, '7', 5.5, ?) <- [0]
        SELECT *, typeof(r), typeof(n), typeof(bo) FROM wr ORDER BY 1
        "#,
    );
    both.end(&[("hold a number", 6)]);
}

#[test]
fn the_last_arm_converts_values_of_all() {
    let mut both = Both::new();
    both.lines(SCHEMA);
    both.lines(
        r#"
        SELECT id FROM s WHERE i IN (SELECT CAST(i AS TEXT) FROM s UNION SELECT bo FROM s)
        SELECT id FROM s WHERE i IN (SELECT CAST(i AS TEXT) FROM s UNION ALL SELECT bo FROM s)
        SELECT id FROM s WHERE i IN (SELECT t FROM s UNION ALL SELECT i+100 FROM s)
        SELECT id FROM s WHERE i IN (SELECT t FROM s UNION SELECT i+100 FROM s)
        SELECT id FROM s WHERE i IN (SELECT i+100 FROM s UNION SELECT t FROM s)
        SELECT id FROM s WHERE i IN (SELECT i+100 FROM s UNION ALL SELECT t FROM s)
        SELECT id FROM s WHERE i IN (SELECT x FROM s)
        SELECT id FROM s WHERE t IN (SELECT x FROM s)
        SELECT id FROM s WHERE t IN (SELECT i FROM s)
        SELECT id FROM s WHERE t IN (SELECT t FROM s UNION ALL SELECT i FROM s)
        SELECT id FROM s WHERE t IN (SELECT i FROM s UNION ALL SELECT t FROM s)
        SELECT id FROM s WHERE t IN (SELECT i FROM s UNION ALL SELECT 'zz')
        SELECT id FROM s WHERE t IN (SELECT i FROM s UNION SELECT 'zz')
        SELECT id FROM s WHERE t IN (SELECT 'zz' UNION ALL SELECT i FROM s)
        SELECT id FROM s WHERE t IN (SELECT 'zz' UNION ALL SELECT i+0 FROM s)
        SELECT id FROM s WHERE t IN (SELECT CASE WHEN i>0 THEN i ELSE t END FROM s)
        SELECT id FROM s WHERE t IN (SELECT CASE WHEN i>0 THEN i ELSE t END FROM s UNION ALL SELECT r FROM s)
        SELECT id FROM s WHERE i IN (SELECT CASE WHEN i>0 THEN t ELSE i END FROM s UNION ALL SELECT r FROM s)
        SELECT id FROM s WHERE i+0 IN (SELECT t FROM s UNION ALL SELECT i+100 FROM s)
        SELECT id FROM s WHERE i+0 IN (SELECT t FROM s UNION ALL SELECT bo FROM s)
        SELECT id FROM s WHERE i+0 IN (SELECT bo FROM s UNION ALL SELECT t FROM s)
        SELECT id FROM s WHERE x IN (SELECT t FROM s UNION ALL SELECT bo FROM s)
        SELECT id FROM s WHERE x IN (SELECT bo FROM s UNION ALL SELECT t FROM s)
        SELECT id FROM s WHERE x IN (SELECT i FROM s)
        SELECT id FROM s WHERE x IN (SELECT t FROM s)
        SELECT id FROM s WHERE t IN (SELECT bo FROM s UNION ALL SELECT x FROM s)
        SELECT id FROM s WHERE t IN (SELECT x FROM s UNION ALL SELECT i FROM s)
        SELECT id FROM s WHERE t IN (SELECT x FROM s UNION ALL SELECT i FROM s UNION ALL SELECT 'k')
        SELECT id FROM s WHERE (i,1) IN (SELECT CAST(i AS TEXT),1 FROM s UNION SELECT bo,1 FROM s)
        SELECT id FROM s WHERE i = (SELECT CAST(i AS TEXT) FROM s s2 WHERE s2.id=s.id UNION ALL SELECT bo FROM s LIMIT 1)
        SELECT id FROM s WHERE t = (SELECT i FROM s s2 WHERE s2.t=s.i UNION ALL SELECT r FROM s)
        SELECT id FROM s WHERE '12' IN (SELECT i FROM s)
        SELECT id FROM s WHERE '12' IN (SELECT t FROM s UNION ALL SELECT i FROM s)
        SELECT id FROM s WHERE '12' IN (SELECT i FROM s UNION ALL SELECT t FROM s)
        SELECT id FROM s WHERE ?1 IN (SELECT i FROM s UNION ALL SELECT 'zz') <- ["12"]
        SELECT id FROM s WHERE ?1 IN (SELECT 'zz' UNION ALL SELECT i FROM s) <- ["12"]
        SELECT id FROM s WHERE '-3' IN (SELECT i FROM s UNION ALL SELECT t FROM s)
        SELECT id FROM s WHERE '-3' IN (SELECT t FROM s UNION ALL SELECT i FROM s)
        SELECT id FROM s WHERE t IN (SELECT i FROM s UNION ALL SELECT t FROM s)
        SELECT id FROM s WHERE -3 IN (SELECT i FROM s UNION ALL SELECT t FROM s)
        SELECT id FROM s WHERE x IN (SELECT i FROM s UNION ALL SELECT t FROM s)
        SELECT id FROM s WHERE ?1 IN (SELECT i FROM s UNION ALL SELECT t FROM s) <- ["-3"]
        SELECT id FROM s WHERE ?1 IN (SELECT i FROM s UNION ALL SELECT t FROM s) <- [-3]
        SELECT '-3' = (SELECT i FROM s WHERE id=2 UNION ALL SELECT t FROM s WHERE id=9)
        SELECT '-3' = (SELECT i FROM s WHERE id=2 UNION ALL SELECT t FROM s WHERE id=1 LIMIT 1)
        SELECT -3 = (SELECT i FROM s WHERE id=2 UNION ALL SELECT t FROM s WHERE id=1 LIMIT 1)
        SELECT '-3' = c FROM (SELECT i AS c FROM s WHERE id=2 UNION ALL SELECT t FROM s WHERE id=1)
        SELECT '12' = c FROM (SELECT t AS c FROM s WHERE id=2 UNION ALL SELECT i FROM s WHERE id=3)
        SELECT 12 = c FROM (SELECT t AS c FROM s WHERE id=2 UNION ALL SELECT i FROM s WHERE id=3)
        SELECT 'a' < (SELECT i FROM s WHERE id=2 UNION ALL SELECT t FROM s WHERE id=1 LIMIT 1)
        SELECT (SELECT i FROM s WHERE id=2 UNION ALL SELECT t FROM s WHERE id=1 LIMIT 1) BETWEEN '-4' AND '-2'
        "#,
    );
    both.end(&[]);
}
