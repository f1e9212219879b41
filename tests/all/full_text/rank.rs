//! `rank` of a full text table, read through subqueries and beside tables that have a column of that name.

use crate::pragma_answers::same;

#[test]
fn rank_of_a_subquery_is_called_rank_there() {
    same(&[
        "CREATE VIRTUAL TABLE f USING fts5(a, b)",
        "INSERT INTO f VALUES('apple pie', 'x'), ('apple', 'y'), ('pear', 'z')",
        "CREATE TABLE o(id INTEGER PRIMARY KEY, n TEXT, rank INT)",
        "INSERT INTO o VALUES(1, 'x', 5), (2, 'y', 6), (3, 'z', 7)",
        "WITH q AS (SELECT rowid, rank FROM f WHERE f MATCH 'apple') SELECT o.n FROM q JOIN o ON o.id = q.rowid ORDER BY q.rank",
        "WITH q AS (SELECT rowid, rank FROM f WHERE f MATCH 'apple') SELECT m FROM q JOIN (SELECT id, n AS m FROM o) ON id = q.rowid ORDER BY rank",
        "SELECT o.n FROM o WHERE EXISTS (SELECT 1 FROM (SELECT rowid, rank FROM f WHERE f MATCH 'apple') s WHERE s.rowid = o.id AND s.rank < 0)",
        "SELECT o.n FROM o WHERE EXISTS (SELECT 1 FROM (SELECT rowid, rank FROM f WHERE f MATCH 'apple') s WHERE s.rowid = o.id AND rank < 0)",
        "SELECT rank < 0 FROM (SELECT f.rank FROM f WHERE f MATCH 'apple')",
        "SELECT rank FROM (SELECT rank, a FROM f)",
        "SELECT rowid, rank FROM (SELECT rowid, rank FROM f WHERE f MATCH 'apple' UNION SELECT 1, 2) ORDER BY rowid, rank > 0",
        "SELECT s.a, s.rank < 0 FROM (SELECT a, b, rank FROM f WHERE f MATCH 'apple' ORDER BY rank) s",
        "WITH q AS (SELECT rowid AS id, RANK FROM f WHERE f MATCH 'apple'), z AS (SELECT id, q.rank AS sc FROM q) SELECT id, sc < 0 FROM z ORDER BY sc",
        "CREATE VIEW v AS SELECT rowid, rank, a FROM f WHERE f MATCH 'apple'",
        "SELECT o.n, v.rank < 0 FROM v JOIN o ON o.id = v.rowid ORDER BY v.rank",
        "CREATE TABLE kept AS SELECT rowid, rank FROM f WHERE f MATCH 'apple'",
        "SELECT rank < 0 FROM kept",
    ]);
}

#[test]
fn rank_is_the_full_text_tables_before_that_of_a_query_around() {
    same(&[
        "CREATE VIRTUAL TABLE f USING fts5(a, b)",
        "INSERT INTO f VALUES('apple pie', 'x'), ('apple', 'y'), ('pear', 'z')",
        "CREATE TABLE o(id INTEGER PRIMARY KEY, n TEXT, rank INT)",
        "INSERT INTO o VALUES(1, 'x', 5), (2, 'y', 6), (3, 'z', 7)",
        "SELECT n, (SELECT rank < 0 FROM f WHERE f MATCH 'apple' AND f.rowid = o.id) FROM o",
        "SELECT n, rank FROM o WHERE id IN (SELECT rowid FROM f WHERE f MATCH 'apple' AND rank < 0)",
        "SELECT n, rank FROM o JOIN (SELECT rowid AS r FROM f WHERE f MATCH 'apple') s ON s.r = o.id ORDER BY rank DESC",
        "SELECT o.rank, f.rank < 0 FROM f, o WHERE f MATCH 'apple' AND o.id = f.rowid ORDER BY 1",
        "SELECT rank FROM f, o WHERE f MATCH 'apple'",
        // The name of a result, and in an expression the column.
        "SELECT a, bm25(f) * -1 > 0 AS rank FROM f WHERE f MATCH 'apple' ORDER BY rank, a",
        "SELECT a, bm25(f) * -1 > 0 AS rank FROM f WHERE f MATCH 'apple' ORDER BY -rank",
        "UPDATE o SET rank = 1 WHERE id IN (SELECT rowid FROM f WHERE f MATCH 'apple' ORDER BY rank LIMIT 1)",
        "SELECT * FROM o ORDER BY id",
    ]);
}

/// Rows were written in another order than their rowids say, and several have the same rank.
#[test]
fn rows_of_equal_rank_come_by_the_rowid() {
    same(&[
        "CREATE VIRTUAL TABLE f USING fts5(a, b UNINDEXED)",
        "INSERT INTO f VALUES('hello one', 1), ('hello two', 2), ('two hello', 3), ('hello', 4), ('hello hello x', 5), ('bye', 6), ('hello six', 7)",
        "UPDATE f SET a = 'hello uno' WHERE rowid = 1",
        "UPDATE f SET b = 9 WHERE rowid = 3",
        "DELETE FROM f WHERE rowid = 2",
        "INSERT INTO f(rowid, a, b) VALUES(2, 'hello anew', 2)",
        "SELECT rowid FROM f WHERE f MATCH 'hello' ORDER BY rank LIMIT 4",
        "SELECT rowid FROM f WHERE f MATCH 'hello' ORDER BY rank DESC LIMIT 4",
        "SELECT rowid FROM f WHERE f MATCH 'hello' ORDER BY bm25(f) LIMIT 4",
        "SELECT rowid FROM f WHERE f MATCH 'hello' ORDER BY bm25(f) DESC",
        "SELECT rowid FROM f('hello') ORDER BY rank LIMIT 3",
        "SELECT snippet(f, 0, '[', ']', '', 3) FROM f WHERE f MATCH 'hello' ORDER BY rank LIMIT 5",
        "SELECT rowid FROM f LIMIT 3",
        "SELECT a FROM f WHERE b > 1 LIMIT 2",
        "SELECT rowid FROM (SELECT rowid, rank FROM f WHERE f MATCH 'hello' ORDER BY rank LIMIT 3)",
        "SELECT DISTINCT a FROM f WHERE f MATCH 'hello' LIMIT 3",
    ]);
}
