//! LIMIT and OFFSET of whatever gives an integer, on both databases.

use crate::untyped::Both;

#[test]
fn what_gives_an_integer_counts_rows() {
    let mut both = Both::new();
    both.lines(
        r#"
        CREATE TABLE u(a TEXT, b INT)
        CREATE TABLE w(s TEXT)
        INSERT INTO u VALUES('1',10),('x',3),(NULL,NULL)
        SELECT 1 LIMIT json_extract('{"n":2}','$.n')
        SELECT 1 LIMIT (SELECT '2')
        SELECT 1 LIMIT coalesce(?,9) <- ["5"]
        SELECT 1 LIMIT ?1+0 <- ["5"]
        SELECT 1 LIMIT '1'||'0'
        SELECT 1 LIMIT 'a'||'0'
        SELECT 1 LIMIT 2.0
        SELECT 1 LIMIT 2.5
        SELECT 1 LIMIT 1 OFFSET json_extract('{"n":0}','$.n')
        SELECT 1 LIMIT (SELECT b FROM u)
        SELECT 1 LIMIT (SELECT a FROM u)
        SELECT 1 LIMIT NULL
        SELECT 1 LIMIT max(1,?) <- ["5"]
        SELECT 1 LIMIT CASE WHEN ?1 THEN ?1 ELSE 5 END <- [1]
        SELECT 1 LIMIT iif(?1 IS NULL,-1,?1) <- [null]
        SELECT 1 LIMIT iif(?1 IS NULL,-1,?1) <- ["3"]
        SELECT 1 LIMIT ifnull(?1,-1) <- ["3"]
        SELECT 1 LIMIT ifnull(?1,-1) <- ["x"]
        SELECT 1 LIMIT min(?1,10) <- [3.0]
        SELECT 1 LIMIT x'31'
        SELECT 1 LIMIT '1 '
        SELECT 1 LIMIT '1.0'
        SELECT 1 LIMIT 'abc'
        SELECT 1 LIMIT 2.5
        SELECT 1 LIMIT '2.0'
        SELECT 1 LIMIT 1 OFFSET '0'||''
        SELECT 1 LIMIT 1e300*1e10
        SELECT 1 LIMIT (SELECT '2.5')
        SELECT 1 LIMIT (SELECT 2.0)
        SELECT 1 LIMIT x'31'||''
        SELECT 1 LIMIT ?1||'' <- ["1"]
        SELECT 1 LIMIT ?1*1.0 <- ["1"]
        SELECT 1 LIMIT ?1/2 <- [3]
        SELECT 1 LIMIT ?1/2 <- [3.0]
        SELECT 1 LIMIT ?1/2 <- [4.0]
        SELECT b FROM u ORDER BY 1 LIMIT coalesce(?1,-1) OFFSET coalesce(?2,0) <- ["2",null]
        SELECT b FROM u ORDER BY 1 LIMIT coalesce(?1,-1) OFFSET coalesce(?2,0) <- [null,"1"]
        SELECT b FROM u ORDER BY 1 LIMIT (SELECT count(*) FROM u)/2
        SELECT b FROM u ORDER BY 1 LIMIT (SELECT json_array_length('[1,2]'))
        SELECT b FROM u ORDER BY 1 LIMIT '{"n":2}'->>'n'
        SELECT b FROM u ORDER BY 1 LIMIT '{"n":"2"}'->'n'
        SELECT b FROM u ORDER BY 1 LIMIT json_extract('{"n":null}','$.n')
        SELECT b FROM u ORDER BY 1 LIMIT json_extract('{"n":true}','$.n')
        SELECT b FROM u ORDER BY 1 LIMIT json_extract('{"n":[1]}','$.n')
        SELECT b FROM u ORDER BY 1 LIMIT max('1','2')
        SELECT b FROM u ORDER BY 1 LIMIT round(1.5)
        SELECT b FROM u ORDER BY 1 LIMIT (SELECT b FROM u WHERE b=3)
        SELECT b FROM u ORDER BY 1 LIMIT abs(-1)
        SELECT b FROM u ORDER BY 1 LIMIT cast('2' as text)
        SELECT b FROM u ORDER BY 1 LIMIT cast('2' as blob)
        SELECT b FROM u ORDER BY 1 LIMIT true
        SELECT b FROM u ORDER BY 1 LIMIT 1=1
        SELECT b FROM u ORDER BY 1 LIMIT length('ab') OFFSET length('a')
        SELECT b FROM u ORDER BY 1 LIMIT -json_extract('{"n":1}','$.n')
        INSERT INTO w SELECT b FROM u ORDER BY 1 LIMIT json_extract('{"n":2}','$.n')
        INSERT INTO w SELECT b FROM u ORDER BY 1 LIMIT json_extract('{"n":2.5}','$.n')
        INSERT INTO w SELECT b FROM u ORDER BY 1 LIMIT coalesce(?,null) <- [null]
        CREATE VIEW lv AS SELECT b FROM u ORDER BY 1 LIMIT (SELECT '2')
        SELECT * FROM lv
        SELECT b, (SELECT b FROM u u2 ORDER BY 1 LIMIT 1 OFFSET (SELECT '1')) FROM u
        "#,
    );
    both.end(&[]);
}
