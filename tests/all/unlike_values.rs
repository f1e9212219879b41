//! Values of unlike classes beside each other: dates and numbers, max() and lag() of several, compounds that are sorted by such.

use crate::untyped::Both;

const SCHEMA: &str = r#"
    CREATE TABLE s(id INTEGER PRIMARY KEY, i INT, t TEXT, r REAL, n NUMERIC, b BLOB, x, nc TEXT COLLATE NOCASE, d DATETIME, bo BOOLEAN, tm TIMESTAMP)
    INSERT INTO s VALUES(1,7,'a',1.5,2,x'01',3,'Ab','2024-01-01',1,'2024-01-01 00:00:00')
    INSERT INTO s VALUES(2,-3,'12',2.0,2.5,NULL,'q','aB','2024-02-02 10:00:00',0,NULL)
    INSERT INTO s VALUES(3,NULL,NULL,NULL,0,x'616263',2.5,NULL,NULL,NULL,'x')
    INSERT INTO s VALUES(4,0,'B',-0.5,NULL,x'',NULL,'c','2023-12-31',1,'y')
    "#;

#[test]
fn dates_are_compared_with_lists_of_numbers_too() {
    let mut both = Both::new();
    both.lines(SCHEMA);
    both.lines(
        r#"
        SELECT id FROM s WHERE d IN (7,'a',NULL)
        SELECT id FROM s WHERE d IN (7,'2023-12-31')
        SELECT id FROM s WHERE d NOT IN (7,'2023-12-31')
        SELECT id FROM s WHERE d IN (7,8.5,x'01','12')
        SELECT id FROM s WHERE d IN (?1,?2,'2024-01-01') ORDER BY 1 <- [5,"2023-12-31"]
        SELECT id FROM s WHERE d BETWEEN 1 AND 'm' ORDER BY 1
        SELECT id FROM s WHERE d BETWEEN '2024' AND 5 ORDER BY 1
        SELECT id FROM s WHERE d NOT BETWEEN 1 AND '2024-01-01' ORDER BY 1
        SELECT CASE d WHEN 7 THEN 'i' WHEN '2024-01-01' THEN 't' ELSE '?' END FROM s ORDER BY id
        SELECT id FROM s WHERE (d,id) > (5,1) ORDER BY 1
        SELECT id FROM s WHERE (d,id) = (5,1) ORDER BY 1
        SELECT id FROM s WHERE (d,id) < ('2024-01-01',5) ORDER BY 1
        SELECT id FROM s WHERE d > 5 ORDER BY 1
        SELECT id FROM s WHERE d < i ORDER BY 1
        SELECT id FROM s WHERE d IN (i, tm, '2024-01-01') ORDER BY 1
        "#,
    );
    both.end(&[]);
}

#[test]
fn the_largest_by_nocase_may_be_of_any_class() {
    let mut both = Both::new();
    both.lines(SCHEMA);
    both.lines(
        r#"
        SELECT max(nc,5), min(nc,'b'), max(5,nc), min(nc,5,r) FROM s ORDER BY id
        SELECT max(t COLLATE NOCASE,5), min(t COLLATE NOCASE,'b'), max(b,nc), max(x,nc), max(nc,x), typeof(max(nc,r)) FROM s ORDER BY id
        SELECT max(nc,'AB',5), min(nc,'AB',x'00'), max('AB',nc,7), min('AB',nc,NULL) FROM s ORDER BY id
        SELECT max(x COLLATE NOCASE,'Q'), min(x COLLATE NOCASE,'Q'), max('Q', x COLLATE NOCASE) FROM s ORDER BY id
        SELECT max(nc,?1), min(nc,?1) FROM s ORDER BY id <- ["AB"]
        SELECT max(nc,?1), min(nc,?1) FROM s ORDER BY id <- [5]
        SELECT max(nc,json_extract('{"a":5}','$.a')), min(nc,json_extract('{"a":"AB"}','$.a')) FROM s ORDER BY id
        SELECT id FROM s WHERE max(nc,5)='ab' ORDER BY 1
        SELECT id, lag(NULL,1,0) OVER (ORDER BY id), lead(NULL,1,'z') OVER (ORDER BY id) FROM s ORDER BY 1
        SELECT id, lag('{"a":"x"}'->>'a',1,0) OVER (ORDER BY id), lag(json_extract('{"a":'||id||'}','$.a'),1,0) OVER (ORDER BY id) FROM s ORDER BY 1
        SELECT id, lag(i,1,json_extract('{"a":"q"}','$.a')) OVER (ORDER BY id), lag(x,1,'k') OVER (ORDER BY id), lag(t,1,5) OVER (ORDER BY id) FROM s ORDER BY 1
        SELECT id, lag(i,1,NULL) OVER (ORDER BY id), lag(NULL,1,NULL) OVER (ORDER BY id), lag(i,1,?1) OVER (ORDER BY id) FROM s ORDER BY 1 <- ["w"]
        "#,
    );
    both.end(&[]);
}

#[test]
fn compounds_are_sorted_by_values_of_any_class() {
    let mut both = Both::new();
    both.lines(SCHEMA);
    both.lines(
        r#"
        SELECT nc FROM s UNION ALL SELECT r FROM s ORDER BY 1
        SELECT t COLLATE NOCASE FROM s UNION ALL SELECT r FROM s ORDER BY 1 DESC
        SELECT t AS z FROM s UNION ALL SELECT r FROM s ORDER BY z COLLATE NOCASE
        SELECT t AS z FROM s UNION ALL SELECT json_extract('{"a":"Aa"}','$.a') ORDER BY z
        SELECT t AS z FROM s UNION ALL SELECT json_extract('{"a":"Aa"}','$.a') ORDER BY z COLLATE NOCASE
        SELECT json_extract('{"a":1}','$.a') UNION ALL SELECT i+? FROM s ORDER BY 1 <- [2]
        SELECT json_extract('{"a":"k"}','$.a') AS k, id FROM s UNION ALL SELECT json_extract('{"a":2}','$.a'), 5 UNION ALL SELECT json_extract('{"a":[1]}','$.a'), 6 ORDER BY k DESC, id
        SELECT value FROM json_each('[3,"a",1.5,null,"B"]') UNION ALL SELECT value FROM json_each('["c",2]') ORDER BY 1
        SELECT value FROM json_each('[3,"a",1.5,null,"B"]') UNION SELECT value FROM json_each('["c",2]') ORDER BY 1
        SELECT value FROM json_each('[3,"a",1.5,null,"B"]') UNION ALL SELECT value FROM json_each('["c",2]') ORDER BY value COLLATE NOCASE DESC
        "#,
    );
    both.end(&[]);
}

#[test]
fn what_is_kept_may_be_a_cast_to_a_blob() {
    let mut both = Both::new();
    both.lines(SCHEMA);
    both.lines(
        r#"
        SELECT (i,t)=(7,'a')||'' FROM s
        SELECT (i,t) FROM s
        SELECT (1,2)+1
        CREATE TABLE g1(id INTEGER PRIMARY KEY, t TEXT, i INT, r REAL, g AS (CAST(t AS BLOB)), h AS (CAST(i AS BLOB)), k AS (CAST(r AS BLOB)))
        INSERT INTO g1(t,i,r) VALUES('aé',5,2.0),(NULL,NULL,NULL)
        SELECT * FROM g1 ORDER BY 1
        CREATE INDEX g1i ON g1(CAST(t AS BLOB))
        SELECT id FROM g1 WHERE CAST(t AS BLOB)=x'61c3a9'
        SELECT 1 LIMIT (SELECT NULL)
        SELECT id FROM s LIMIT (SELECT i FROM s WHERE id=3)
        INSERT INTO g1(t) SELECT t FROM s LIMIT (SELECT i FROM s WHERE id=3)
        "#,
    );
    both.end(&[]);
}
