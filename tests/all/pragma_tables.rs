//! PRAGMAs as tables, and what a program asks to learn what there is.

use crate::pragma_answers::same;

#[test]
fn a_pragma_takes_its_argument_from_a_condition() {
    same(&[
        "CREATE TABLE K(id INTEGER PRIMARY KEY, n TEXT UNIQUE, ts INTEGER)",
        "CREATE INDEX k_ts ON k(ts, n)",
        "SELECT name FROM pragma_table_info WHERE arg = 'k'",
        "SELECT name, pk FROM pragma_table_info AS t WHERE t.arg = 'K' AND pk = 0 ORDER BY name",
        "SELECT count(*) > 0 FROM pragma_table_info WHERE ('k' = arg) AND name = 'ts'",
        "SELECT name FROM pragma_index_list WHERE arg = 'k' ORDER BY name",
        "SELECT i.name, x.name FROM sqlite_master i JOIN pragma_index_info x ON x.arg = i.name WHERE i.type='index' ORDER BY 1, 2",
        "SELECT m.name, t.name FROM sqlite_master m, pragma_table_info t WHERE t.arg = m.name AND m.type = 'table' ORDER BY 2",
        // Without it there is nothing to tell.
        "SELECT * FROM pragma_table_info",
        "SELECT count(*) FROM pragma_index_info WHERE name = 'n'",
        "SELECT name FROM pragma_table_info WHERE arg = 'missing'",
    ]);
}

#[test]
fn programs_learn_what_there_is() {
    same(&[
        "SELECT count(*) > 0 FROM pragma_module_list WHERE name='fts5'",
        "SELECT count(*) > 0 FROM pragma_function_list WHERE name='upper'",
        "SELECT DISTINCT name, type, narg FROM pragma_function_list WHERE name IN ('upper', 'json_extract', 'replace', 'sum') ORDER BY 1, 3",
        "SELECT count(*) FROM pragma_function_list WHERE name='frobnicate'",
        "SELECT name FROM pragma_collation_list ORDER BY name",
        "SELECT count(*) FROM pragma_compile_options WHERE compile_options = 'ENABLE_FTS5'",
        "SELECT count(*) > 0 FROM pragma_pragma_list WHERE name = 'user_version'",
        "PRAGMA user_version='0x10'",
        "PRAGMA user_version",
        "PRAGMA user_version=0x7fffffff",
        "PRAGMA user_version",
        "PRAGMA user_version='abc'",
        "PRAGMA user_version",
        "PRAGMA user_version=4294967296",
        "PRAGMA user_version",
        "PRAGMA user_version=-1",
        "PRAGMA user_version",
    ]);
}

#[test]
fn collations_of_indexes_and_what_keys_say_of_null() {
    same(&[
        "CREATE TABLE t0 (id INTEGER NOT NULL UNIQUE, b0 TEXT COLLATE RTRIM, b1 TEXT COLLATE NOCASE, b2 TEXT, x, PRIMARY KEY (b2, id))",
        "CREATE INDEX i0 ON t0 (b0 COLLATE NOCASE)",
        "CREATE INDEX i1 ON t0 (b1 COLLATE RTRIM)",
        "CREATE INDEX i2 ON t0 (b2 COLLATE NOCASE)",
        "CREATE INDEX i3 ON t0 (b0 COLLATE BINARY)",
        "CREATE INDEX i4 ON t0 (x COLLATE NOCASE)",
        "CREATE INDEX i5 ON t0 (b1)",
        "CREATE INDEX i6 ON t0 (lower(b1), lower(b2), b0 || 'x')",
        "SELECT i.name, c.* FROM pragma_index_list('t0') i, pragma_index_xinfo(i.name) c WHERE i.origin = 'c' ORDER BY 1, 2",
        "SELECT * FROM pragma_table_info('t0')",
        "CREATE TABLE t1 (id INTEGER NOT NULL UNIQUE, b0 DECIMAL(10,2) NOT NULL DEFAULT 0.0, b1 TEXT CHECK (b1 IN ('a', 'b')) NOT NULL,
         c INTEGER, d DECIMAL(10,2), \"e f\" VARCHAR(3) NOT NULL, PRIMARY KEY (b0, id, c, d, \"e f\", b1))",
        "SELECT * FROM pragma_table_info('t1')",
    ]);
}
