//! TRUE and FALSE without quotes are columns where there are such, on both databases.

use crate::untyped::Both;

#[test]
fn true_and_false_are_columns_where_there_are_such() {
    let mut both = Both::new();
    both.lines(
        r#"
        CREATE TABLE u(a TEXT, b INT)
        INSERT INTO u VALUES('1',10),('x',3),(NULL,NULL)
        CREATE TABLE false(false INT, x INT)
        INSERT INTO false VALUES(1,2)
        SELECT false, false.false FROM false
        UPDATE false SET false=false+1
        SELECT * FROM false
        SELECT count(*) FROM false GROUP BY false
        SELECT x FROM false ORDER BY false
        SELECT x FROM false WHERE false
        SELECT x FROM false WHERE false = 2
        CREATE TABLE tt(true INT, y INT)
        INSERT INTO tt VALUES(0,1)
        SELECT true, tt.true, y FROM tt WHERE NOT true
        SELECT y FROM tt WHERE y IS TRUE
        SELECT true IS TRUE FROM tt
        INSERT INTO tt(true,y) VALUES(5,true)
        UPDATE tt SET y=true WHERE true=5
        SELECT * FROM tt
        SELECT max(true) AS true FROM tt ORDER BY true
        SELECT 3 AS true ORDER BY true
        SELECT y AS true FROM tt WHERE true
        DELETE FROM tt WHERE true=5
        SELECT * FROM tt
        CREATE INDEX ix1 ON tt(true)
        CREATE TABLE cc(true INT CHECK(true>5), false AS (true+1))
        INSERT INTO cc(true) VALUES(4)
        INSERT INTO cc(true) VALUES(7)
        SELECT *, true, false FROM cc
        CREATE VIEW vf AS SELECT true, false FROM cc
        SELECT true FROM u
        SELECT true FROM u WHERE b IS TRUE
        SELECT true FROM (SELECT 5 AS true)
        SELECT z.true FROM (SELECT 5 AS true) z
        ALTER TABLE tt RENAME COLUMN true TO truth
        SELECT true, truth FROM tt
        "#,
    );
    both.end(&[]);
}
