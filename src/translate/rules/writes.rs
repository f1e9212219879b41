//! INSERT, UPDATE, DELETE.

use super::Rule;
use crate::translate::Fidelity::{Differs, Exact};

pub(crate) static RULES: &[&Rule] = &[
    &ROWID_RETURN,
    &EXPLICIT_ID,
    &OR_IGNORE,
    &OR_ROLLBACK,
    &OR_REPLACE,
    &ROW_BY_ROW,
    &KEY_ORDER,
    &RETURNING_READS,
    &UPSERT_READS,
    &UPSERT_NAMES,
    &ASSIGNMENT,
];

pub(crate) static ROWID_RETURN: Rule = Rule {
    id: "last-insert-rowid",
    matches: "INSERT: RETURNING the integer key, hidden from the caller",
    why: "lastval() tells the ids of triggers and burned values too",
    source: "https://sqlite.org/c3ref/last_insert_rowid.html",
    fidelity: Exact,
    help: "",
    examples: &[
        ("INSERT INTO t(name) VALUES (?)", "INSERT INTO t(name) VALUES ($1) RETURNING id"),
        ("INSERT INTO t(name) VALUES ('a') RETURNING name", "INSERT INTO t(name) VALUES ('a') RETURNING name, id"),
        ("INSERT INTO keyed(k, v) VALUES (?, ?)", "INSERT INTO keyed(k, v) VALUES ($1, $2)"),
    ],
};

pub(crate) static EXPLICIT_ID: Rule = Rule {
    id: "explicit-id",
    matches: "an INSERT that gives the integer key: NULL means the next one, others advance the identity",
    why: "SQLite's next id is one more than the largest; an identity does not look at the table",
    source: "https://sqlite.org/autoinc.html",
    fidelity: Exact,
    help: "",
    examples: &[
        (
            "INSERT INTO t(id, name) VALUES (NULL, 'a')",
            "INSERT INTO t(id, name) VALUES (DEFAULT, 'a') RETURNING sqlift.seen_rowid('t', 'id', id)",
        ),
        (
            "INSERT INTO t(id, name) VALUES (7, 'a')",
            "INSERT INTO t(id, name) VALUES (7, 'a') RETURNING sqlift.seen_rowid('t', 'id', id)",
        ),
        (
            "INSERT INTO t(id, name) VALUES (?, 'a')",
            "INSERT INTO t(id, name) VALUES (coalesce($1::bigint, sqlift.next_rowid('t', 'id')), 'a') RETURNING sqlift.seen_rowid('t', 'id', id)",
        ),
    ],
};

pub(crate) static OR_IGNORE: Rule = Rule {
    id: "insert-or-ignore",
    matches: "INSERT OR IGNORE: ON CONFLICT DO NOTHING",
    why: "PostgreSQL has no conflict clause in front",
    source: "https://sqlite.org/lang_conflict.html",
    fidelity: Differs,
    help: "a skipped row uses up an id",
    examples: &[(
        "INSERT OR IGNORE INTO keyed(k) VALUES ('a')",
        "INSERT INTO keyed(k) VALUES ('a') ON CONFLICT DO NOTHING",
    )],
};

pub(crate) static OR_ROLLBACK: Rule = Rule {
    id: "insert-or-rollback",
    matches: "INSERT OR ROLLBACK, UPDATE OR ROLLBACK: without it; the session rolls the transaction back when a UNIQUE, NOT NULL or CHECK fails",
    why: "PostgreSQL has no conflict clause in front",
    source: "https://sqlite.org/lang_conflict.html",
    fidelity: Exact,
    help: "",
    examples: &[
        ("INSERT OR ROLLBACK INTO keyed(k) VALUES ('a')", "INSERT INTO keyed(k) VALUES ('a')"),
        ("UPDATE OR ROLLBACK t SET n = 1", "UPDATE t SET n = 1"),
    ],
};

pub(crate) static OR_REPLACE: Rule = Rule {
    id: "insert-or-replace",
    matches: "INSERT OR REPLACE and REPLACE INTO: the rows in the way are deleted, then the new ones inserted",
    why: "SQLite deletes the rows that any unique key meets, so columns that are not given get their defaults",
    source: "https://sqlite.org/lang_conflict.html",
    fidelity: Differs,
    help: "DELETE triggers fire for the replaced rows, which they do not on SQLite",
    examples: &[(
        "REPLACE INTO keyed(k, v) VALUES (?, 'x')",
        "WITH sqlift_new(k, v) AS (VALUES ($1::text, 'x'::text)), sqlift_old AS (DELETE FROM keyed USING sqlift_new WHERE keyed.k = sqlift_new.k RETURNING 1) INSERT INTO keyed(k, v) SELECT k, v FROM sqlift_new WHERE (SELECT count(*) FROM sqlift_old) >= 0",
    )],
};

pub(crate) static ROW_BY_ROW: Rule = Rule {
    id: "row-by-row",
    matches: "UPDATE OR IGNORE, UPDATE OR REPLACE, several ON CONFLICT clauses, several rows whose triggers see what the others did, an UPDATE whose subqueries read the rows ahead, and what fails in one statement (two new rows with one key, rows that break NOT NULL or CHECK): one row after the other",
    why: "each row sees what the rows before it did; PostgreSQL's clauses look at the table as it was",
    source: "https://sqlite.org/lang_conflict.html",
    fidelity: Exact,
    help: "",
    examples: &[(
        "UPDATE OR IGNORE keyed SET k = 'b' WHERE n = 1",
        "WITH sqlift_new(k, sqlift_row) AS MATERIALIZED (SELECT 'b'::text, keyed.ctid FROM keyed WHERE n = 1) SELECT w.changed, w.rowid FROM sqlift_new, LATERAL sqlift.write_row(ARRAY['UPDATE keyed SET k = $1[1]::text WHERE ctid = $1[2]::tid RETURNING NULL::bigint', 'keyed'], 'ignore', ARRAY[sqlift_new.k::text, sqlift_new.sqlift_row::text]::text[] COLLATE \"C\") AS w",
    )],
};

pub(crate) static KEY_ORDER: Rule = Rule {
    id: "key-order",
    matches: "UPDATE and DELETE of several rows whose triggers show in which order the rows come (ids that are given, OR IGNORE, upserts, \
              the last value), and UPDATE of a unique key that fails: by the rowid, where the rows lie otherwise",
    why: "SQLite visits rows by the rowid, PostgreSQL as they lie in the heap, where updates move them",
    source: "https://sqlite.org/lang_createtrigger.html",
    fidelity: Exact,
    help: "",
    examples: &[(
        "DELETE FROM watched WHERE n = ?",
        "WITH sqlift_new(sqlift_rows, sqlift_in_order) AS MATERIALIZED (SELECT array_agg(q.k ORDER BY q.k), bool_and(q.follows) IS NOT FALSE FROM (SELECT watched.id AS k, watched.ctid > lag(watched.ctid) OVER (ORDER BY watched.id) AS follows FROM watched WHERE n = $1) AS q), sqlift_done AS (DELETE FROM watched WHERE (n = $1) AND (SELECT sqlift_in_order FROM sqlift_new) RETURNING 1) SELECT count(*), NULL::bigint FROM sqlift_done UNION ALL SELECT w.changed, w.rowid FROM sqlift_new, LATERAL sqlift.write_in_order('DELETE FROM watched WHERE watched.id = ANY ($1[1]::bigint[])', ARRAY[sqlift_new.sqlift_rows::text]::text[] COLLATE \"C\") AS w WHERE NOT sqlift_new.sqlift_in_order",
    )],
};

pub(crate) static RETURNING_READS: Rule = Rule {
    id: "returning-reads",
    matches: "RETURNING (SELECT ... FROM the written table): sqlift.seen('SELECT ...'), which sees the rows that are written so far",
    why: "on PostgreSQL a subquery there sees the table as it was ahead of the statement",
    source: "https://sqlite.org/lang_returning.html",
    fidelity: Exact,
    help: "",
    examples: &[(
        "DELETE FROM keyed WHERE n = 1 RETURNING (SELECT count(*) FROM keyed)",
        "DELETE FROM keyed WHERE n = 1 RETURNING (sqlift.seen('SELECT ARRAY[(SELECT count(*) FROM keyed)] FROM (SELECT ($2).*) AS keyed', ARRAY[]::text[], keyed.*, ARRAY[CASE WHEN false THEN ((SELECT count(*) FROM keyed)) END]))",
    )],
};

pub(crate) static UPSERT_READS: Rule = Rule {
    id: "upsert-reads",
    matches: "DO UPDATE SET x = (SELECT ... FROM the written table) of several rows: sqlift.seen_once('SELECT ...'), which sees the rows \
              that are written when the first key is taken; row by row where it depends on the row",
    why: "on PostgreSQL a subquery there sees the table as it was ahead of the statement",
    source: "https://sqlite.org/lang_upsert.html",
    fidelity: Exact,
    help: "",
    examples: &[(
        "INSERT INTO keyed(k, n) VALUES ('a', 1), ('b', 2) ON CONFLICT(k) DO UPDATE SET n = (SELECT max(n) FROM keyed)",
        "INSERT INTO keyed(k, n) VALUES ('a', 1), ('b', 2) ON CONFLICT(k) DO UPDATE SET n = (SELECT sqlift.seen_once('0', 'SELECT ARRAY[(SELECT max(n) FROM keyed)]', ARRAY[]::text[], ARRAY[CASE WHEN false THEN ((SELECT max(n) FROM keyed)) END]))",
    )],
};

pub(crate) static UPSERT_NAMES: Rule = Rule {
    id: "upsert-names",
    matches: "bare columns in DO UPDATE get the table's name; a missing target becomes the only unique key",
    why: "they are ambiguous between the table and excluded on PostgreSQL",
    source: "https://sqlite.org/lang_upsert.html",
    fidelity: Exact,
    help: "",
    examples: &[
        (
            "INSERT INTO keyed(k, n) VALUES (?, 1) ON CONFLICT(k) DO UPDATE SET n = n + excluded.n",
            "INSERT INTO keyed(k, n) VALUES ($1, 1) ON CONFLICT(k) DO UPDATE SET n = keyed.n + excluded.n",
        ),
        (
            "INSERT INTO keyed(k, v) VALUES (?, ?) ON CONFLICT DO UPDATE SET v = excluded.v",
            "INSERT INTO keyed(k, v) VALUES ($1, $2) ON CONFLICT (k) DO UPDATE SET v = excluded.v",
        ),
    ],
};

pub(crate) static ASSIGNMENT: Rule = Rule {
    id: "assignment",
    matches: "a value assigned to a column of another type: as the column's affinity converts it, or an error",
    why: "PostgreSQL rounds 3.7 for an integer column without a word; SQLite keeps it",
    source: "https://sqlite.org/datatype3.html#type_affinity",
    fidelity: Exact,
    help: "",
    examples: &[
        ("UPDATE t SET n = 1, m = 2, n = 3", "UPDATE t SET m = 2, n = 3"),
        ("UPDATE t SET name = 5", "UPDATE t SET name = '5'"),
        ("UPDATE t SET n = '5'", "UPDATE t SET n = 5"),
        ("UPDATE t SET n = score", "UPDATE t SET n = sqlift.store_integer(score, 'INTEGER column t.n')"),
        ("UPDATE t SET score = 1", "UPDATE t SET score = 1"),
        ("UPDATE t SET name = n", "UPDATE t SET name = n::text"),
    ],
};
