//! Columns of FTS5 tables keep the storage class of what is stored in them.

use super::{on_both, same_steps};
use crate::support;

/// How most programs link their search table: the id of the row it was made of.
#[test]
fn a_column_keeps_the_class_of_what_is_stored() {
    const STEPS: &[&str] = &[
        "CREATE VIRTUAL TABLE s USING fts5(id, name, u UNINDEXED)",
        "INSERT INTO s VALUES (3, 'nginx', 7), (4.5, 'apache', x'0304'), ('5', 'NULLs', NULL), (NULL, 'é', 1.0)",
        "SELECT rowid, id, typeof(id), u, typeof(u) FROM s ORDER BY rowid",
        "SELECT max(id), min(id), sum(id), count(u) FROM s",
        "SELECT name FROM s WHERE id = '3'",
        "SELECT name FROM s WHERE id = 3",
        "SELECT name FROM s WHERE id = 5",
        "SELECT name FROM s WHERE id = '5'",
        "SELECT name FROM s WHERE id IN (3, '5') ORDER BY rowid",
        "SELECT name FROM s WHERE id BETWEEN 2 AND 4",
        "SELECT name FROM s WHERE u = 7 AND s MATCH 'nginx'",
        "SELECT name, u FROM s ORDER BY u, name",
        "SELECT name FROM s ORDER BY name COLLATE NOCASE",
        "SELECT name FROM s WHERE name = 'NGINX' COLLATE NOCASE",
        "SELECT name FROM s WHERE name LIKE 'NG%' OR name GLOB 'ap*' ORDER BY 1",
        "SELECT upper(name), length(name), substr(name, 1, 2), replace(name, 'n', 'm'), name || '!' FROM s ORDER BY rowid",
        "SELECT coalesce(u, 'none'), CASE WHEN u IS NULL THEN 'none' ELSE u END, id + 1, u * 2 FROM s ORDER BY rowid",
        "SELECT group_concat(name, ',') FROM (SELECT name FROM s ORDER BY rowid)",
        "SELECT id, count(*) FROM s GROUP BY id ORDER BY 1",
        // Indexed as SQLite's text of it.
        "SELECT rowid FROM s WHERE s MATCH '3'",
        "SELECT rowid FROM s WHERE s MATCH '4 5'",
        "SELECT rowid FROM s WHERE s MATCH '7'",
        "SELECT highlight(s, 0, '[', ']'), snippet(s, 0, '[', ']', '...', 5) FROM s WHERE s MATCH 'id:3'",
        "SELECT rowid, highlight(s, 0, '[', ']'), highlight(s, 2, '[', ']'), typeof(highlight(s, 2, '', '')) FROM s \
         WHERE s MATCH 'nginx OR apache OR nulls OR e' ORDER BY rowid",
        "CREATE TABLE p(id INTEGER PRIMARY KEY, t TEXT)",
        "INSERT INTO p VALUES (3, 'three'), (7, 'seven')",
        "SELECT p.t, s.name FROM p JOIN s ON s.id = p.id",
        "SELECT p.t FROM s JOIN p ON p.id = s.u WHERE s MATCH 'nginx' ORDER BY s.rank",
        "SELECT p.t FROM p WHERE p.id IN (SELECT u FROM s WHERE s MATCH 'nginx')",
        "SELECT p.t FROM p JOIN s ON p.rowid = s.rowid",
        "UPDATE s SET u = u + 1, name = name || ' server' WHERE id = 3",
        "SELECT u, typeof(u), name FROM s WHERE s MATCH 'server'",
        "INSERT INTO s SELECT id, t, id FROM p",
        "SELECT id, typeof(id), u, typeof(u) FROM s WHERE s MATCH 'three'",
        "INSERT OR REPLACE INTO s(rowid, id, name, u) VALUES (1, 2, 'again', x'00ff')",
        "SELECT *, typeof(u) FROM s WHERE rowid = 1",
        // A blob that is no text is no hindrance to the columns that are searched.
        "SELECT snippet(s, -1, '[', ']', '...', 5) FROM s WHERE s MATCH 'again'",
        "DELETE FROM s WHERE u = 8",
        "SELECT count(*) FROM s",
        "CREATE TABLE copy AS SELECT * FROM s",
        "SELECT typeof(id), typeof(u) FROM copy ORDER BY 1, 2",
        "CREATE VIEW v AS SELECT id, name FROM s",
        "SELECT name FROM v WHERE id = 7",
        "SELECT name FROM v WHERE id = '7'",
        "ALTER TABLE s RENAME TO s2",
        "SELECT id, u FROM s2 WHERE s2 MATCH 'seven'",
        "SELECT name FROM sqlite_master WHERE name IN ('s', 's2')",
        "DROP VIEW v",
        "DROP TABLE s2",
    ];
    same_steps(STEPS);
}

#[test]
fn parameters_keep_their_class_and_names_their_letters() {
    on_both(|conn| {
        let mut log = support::Log::default();
        conn.execute_batch(
            "CREATE VIRTUAL TABLE Notes USING fts5(Title, \"Body\", note_id UNINDEXED, tokenize='porter')",
        )
        .unwrap();
        let mut insert = conn.prepare("INSERT INTO notes(title, body, note_id) VALUES (?1, ?2, ?3)").unwrap();
        insert.execute(("Running shoes", "in the park", 1_i64)).unwrap();
        insert.execute(("Cooking", "pasta", "1")).unwrap();
        insert.execute(("Painting", Option::<String>::None, 2.5)).unwrap();
        let mut statement = conn.prepare("SELECT * FROM notes WHERE notes MATCH 'run'").unwrap();
        log.value("names", statement.column_names());
        let id: i64 = statement.query_row([], |row| row.get("note_id")).unwrap();
        log.value("id", id);
        let mut by_id = conn.prepare("SELECT title FROM notes WHERE note_id = ?1").unwrap();
        log.value("by integer", by_id.query_row([1], |row| row.get::<_, String>(0)));
        log.value("by text", by_id.query_row(["1"], |row| row.get::<_, String>(0)));
        log.value("by real", by_id.query_row([2.5], |row| row.get::<_, String>(0)));
        log.value("info", super::rows(conn, "PRAGMA table_info(notes)"));
        log.value("deleted", conn.execute("DELETE FROM notes WHERE note_id = ?1", [1]));
        log.value("left", super::rows(conn, "SELECT title FROM notes ORDER BY rowid"));
        log
    });
}

#[test]
fn content_tables_give_and_take_values_of_every_class() {
    const STEPS: &[&str] = &[
        "CREATE TABLE mail(id INTEGER PRIMARY KEY, subject TEXT, sent INTEGER, raw BLOB, score REAL, anything)",
        "INSERT INTO mail VALUES (1, 'Hello', 1700000000, x'6869', 1.5, 'x'), (2, 'Re: Hello', NULL, x'00ff', 2, 3)",
        "CREATE VIRTUAL TABLE mf USING fts5(subject, sent, raw UNINDEXED, score UNINDEXED, anything, content='mail', content_rowid='id')",
        "INSERT INTO mf(mf) VALUES ('rebuild')",
        "SELECT rowid, *, typeof(raw), typeof(score) FROM mf WHERE mf MATCH 'hello' ORDER BY rowid",
        "SELECT rowid FROM mf WHERE mf MATCH '1700000000'",
        "SELECT rowid FROM mf WHERE mf MATCH 'anything:3'",
        "SELECT snippet(mf, -1, '[', ']', '...', 4) FROM mf WHERE mf MATCH 're'",
        "CREATE TRIGGER mail_ai AFTER INSERT ON mail BEGIN
           INSERT INTO mf(rowid, subject, sent, raw, score, anything) VALUES (new.id, new.subject, new.sent, new.raw, new.score, new.anything);
         END",
        "CREATE TRIGGER mail_ad AFTER DELETE ON mail BEGIN
           INSERT INTO mf(mf, rowid, subject, sent, raw, score, anything)
           VALUES ('delete', old.id, old.subject, old.sent, old.raw, old.score, old.anything);
         END",
        "CREATE TRIGGER mail_au AFTER UPDATE ON mail BEGIN
           INSERT INTO mf(mf, rowid, subject, sent, raw, score, anything)
           VALUES ('delete', old.id, old.subject, old.sent, old.raw, old.score, old.anything);
           INSERT INTO mf(rowid, subject, sent, raw, score, anything) VALUES (new.id, new.subject, new.sent, new.raw, new.score, new.anything);
         END",
        "INSERT INTO mail VALUES (4, 'New mail', 5, x'01ff', 0.25, 7)",
        "SELECT rowid, * FROM mf WHERE mf MATCH 'new AND 7'",
        "UPDATE mail SET subject = 'Old mail', anything = 'eight' WHERE id = 4",
        "SELECT rowid, * FROM mf WHERE mf MATCH 'old'",
        "SELECT rowid FROM mf WHERE mf MATCH 'new OR 7'",
        "DELETE FROM mail WHERE id = 4",
        "SELECT count(*) FROM mf WHERE mf MATCH 'mail'",
        "ALTER TABLE mf RENAME TO mf2",
        "SELECT rowid FROM mf2 WHERE mf2 MATCH 'hello' ORDER BY rowid",
        "CREATE VIRTUAL TABLE cl USING fts5(a, b UNINDEXED, content='')",
        "INSERT INTO cl(rowid, a, b) VALUES (1, 5, 6), (2, 'six', x'00')",
        "SELECT rowid, a, b, typeof(a) FROM cl WHERE cl MATCH '5 OR six' ORDER BY rowid",
    ];
    same_steps(STEPS);
}

/// What a database holds that an earlier version made: columns of text.
#[test]
fn a_table_of_an_earlier_version_goes_on_with_its_text() {
    support::on_postgres(|conn| {
        conn.execute_batch("CREATE TABLE docs(id INTEGER PRIMARY KEY, body TEXT, n INTEGER); INSERT INTO docs VALUES (1, 'rust book', 5)")
            .unwrap();
        for (name, marker) in [
            ("ft", ""),
            ("outside", ", \"sqlift_fts_of:id:docs\" boolean GENERATED ALWAYS AS (NULL::boolean) STORED"),
            ("nowhere", ", sqlift_fts_nowhere boolean GENERATED ALWAYS AS (NULL::boolean) STORED"),
        ] {
            conn.native()
                .execute_batch(&format!(
                    "CREATE TABLE {name} (body text COLLATE \"C\", n text COLLATE \"C\", rowid bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, \
                       sqlift_fts_unicode61 text[] GENERATED ALWAYS AS (sqlift.fts_row('unicode61', body, NULL::text)) STORED{marker}); \
                     COMMENT ON COLUMN {name}.rowid IS 'sqlite rowid'; COMMENT ON COLUMN {name}.n IS 'declared '; \
                     CREATE INDEX {name}_sqlift_fts_index ON {name} USING gin (sqlift.fts_lexemes(sqlift_fts_unicode61))"
                ))
                .unwrap();
        }
        let rows = |sql: &str| super::rows(conn, sql).unwrap();
        conn.execute_batch(
            "INSERT INTO ft VALUES ('rust book', 5), ('other', 6);
             INSERT INTO outside(outside) VALUES ('rebuild');
             INSERT INTO nowhere(rowid, body, n) VALUES (9, 'rust', 1)",
        )
        .unwrap();
        assert_eq!(
            rows("SELECT rowid, n, typeof(n) FROM ft WHERE ft MATCH 'rust'"),
            ["Integer(1)", "Text([53])", "Text([116, 101, 120, 116])"]
        );
        assert_eq!(rows("SELECT snippet(ft, -1, '<', '>', '', 3) FROM ft('book')").len(), 1);
        assert_eq!(rows("SELECT n FROM outside WHERE outside MATCH 'book'"), ["Integer(5)"]);
        assert_eq!(rows("SELECT rowid, n FROM nowhere WHERE nowhere MATCH 'rust'"), ["Integer(9)", "Null"]);
        // Made anew it keeps classes.
        conn.execute_batch(
            "DROP TABLE ft; CREATE VIRTUAL TABLE ft USING fts5(body, n UNINDEXED); INSERT INTO ft VALUES ('rust', 5)",
        )
        .unwrap();
        assert_eq!(rows("SELECT n FROM ft WHERE ft MATCH 'rust'"), ["Integer(5)"]);
    });
}

/// `ORDER BY rank` of programs that leave the MATCH out where nothing is searched for, a MATCH in a join's condition, and what
/// a call takes.
#[test]
fn ranks_and_marks_with_the_match_elsewhere_or_nowhere() {
    const STEPS: &[&str] = &[
        "CREATE TABLE docs(id INTEGER PRIMARY KEY, title TEXT)",
        "INSERT INTO docs VALUES (1, 'Guide'), (2, 'Reference'), (3, 'Index')",
        "CREATE VIRTUAL TABLE df USING fts5(title, body)",
        "INSERT INTO df(rowid, title, body) VALUES (1, 'Guide', 'reading the docs docs'), (2, 'Reference', 'docs of all functions: the docs'), (3, 'Index', NULL)",
        "SELECT title, rank FROM df ORDER BY rank, title LIMIT 2",
        "SELECT *, rank IS NULL FROM df WHERE rowid = 1",
        "SELECT rowid, highlight(df, 0, '[', ']'), highlight(df, 1, '[', ']') FROM df ORDER BY rowid",
        "SELECT snippet(df, -1, '[', ']', '…', 2), snippet(df, 1, '[', ']', '…', 2) FROM df WHERE rowid < 3 ORDER BY rowid",
        "SELECT highlight(df, 7, '[', ']'), highlight(df, -1, '[', ']') FROM df WHERE df MATCH 'docs' ORDER BY rowid",
        "SELECT highlight(df, 1, NULL, ']'), snippet(df, 1, '[', NULL, NULL, 2) FROM df WHERE df MATCH 'docs' ORDER BY rowid",
        "SELECT d.title, round(f.rank, 6) FROM docs d JOIN df f ON f.rowid = d.id AND f.df MATCH 'docs' ORDER BY f.rank",
        "SELECT d.title, round(f.rank, 6) FROM docs d LEFT JOIN df f ON f.rowid = d.id AND f.df MATCH 'docs' ORDER BY d.id",
        "SELECT min(rank) < 0, max(rowid), count(*) FROM df WHERE df MATCH 'docs'",
        "SELECT rowid, round(rank, 6) FROM df('docs OR guide', 'bm25(5.0, 1.0)') ORDER BY rank",
        "SELECT rowid FROM df WHERE df MATCH NULL",
        "INSERT INTO df(df) VALUES ('rebuild')",
        "SELECT rowid FROM df WHERE df MATCH 'index'",
        "CREATE INDEX ix ON df(title)",
        "CREATE TRIGGER tr AFTER INSERT ON df BEGIN SELECT 1; END",
    ];
    same_steps(STEPS);
}

/// `temp.` in front of the name: nobody else sees the table.
#[test]
fn a_temporary_table_is_the_sessions_own() {
    const STEPS: &[&str] = &[
        "CREATE VIRTUAL TABLE lasting USING fts5(x)",
        "CREATE VIRTUAL TABLE temp.passing USING fts5(x)",
        "INSERT INTO passing VALUES ('a word')",
        "SELECT x, rank < 0 FROM passing WHERE passing MATCH 'word'",
        "SELECT name FROM main.sqlite_master WHERE name IN ('lasting', 'passing')",
        "SELECT name FROM sqlite_temp_master WHERE name IN ('lasting', 'passing')",
        "DROP TABLE passing",
    ];
    same_steps(STEPS);
}

#[test]
fn rebuild_finds_the_tokens_anew() {
    support::on_postgres(|conn| {
        conn.execute_batch(
            "CREATE VIRTUAL TABLE ft USING fts5(body, n UNINDEXED); INSERT INTO ft VALUES ('мой', 1), ('plain', 2)",
        )
        .unwrap();
        // As an earlier version found them.
        conn.native()
            .execute_batch(
                "ALTER TABLE ft ADD COLUMN held text[]; UPDATE ft SET held = sqlift_fts_unicode61; ALTER TABLE ft DROP COLUMN sqlift_fts_unicode61; \
                 ALTER TABLE ft RENAME COLUMN held TO sqlift_fts_unicode61; UPDATE ft SET sqlift_fts_unicode61 = '{мои,NULL,NULL}' WHERE rowid = 1",
            )
            .unwrap();
        let sql = "INSERT INTO ft(ft) VALUES ('rebuild')";
        assert_eq!(conn.execute(sql, []).unwrap(), 1, "the one row that differs");
    });
}

#[test]
fn a_table_is_known_without_a_database() {
    use sqlift::translate::{Catalog, Options, translate};
    let options = Options::default();
    let script = "CREATE TABLE docs(id INTEGER PRIMARY KEY, title TEXT);
        CREATE VIRTUAL TABLE ft USING fts5(Title, docs_id UNINDEXED, tokenize = 'porter');
        CREATE VIRTUAL TABLE outside USING fts5(title, content='docs', content_rowid='id');
        CREATE VIEW found AS SELECT title FROM ft;
        CREATE TRIGGER docs_ai AFTER INSERT ON docs BEGIN INSERT INTO outside(rowid, title) VALUES (new.id, new.title); END";
    let offline = Catalog::from_script(script, &options).unwrap();
    let statements = [
        "SELECT rowid, * FROM ft WHERE ft MATCH 'x' ORDER BY rank",
        "SELECT title, snippet(ft, -1, '<', '>', '', 5) FROM ft WHERE docs_id = 3 AND title MATCH ?",
        "SELECT d.title FROM docs AS d JOIN outside ON outside.rowid = d.id WHERE outside MATCH ?",
        "INSERT INTO outside(outside, rowid, title) VALUES ('delete', 1, 'x')",
        "INSERT OR REPLACE INTO ft(rowid, title) VALUES (1, ?)",
        "DELETE FROM ft WHERE rowid = 5",
        "SELECT * FROM found WHERE title = 'x'",
        "DROP TABLE ft",
    ];
    let told = |catalog: &Catalog, sql: &str| translate(sql, catalog, &options).map(|found| found.sql).unwrap();
    let sqlite = support::sqlite();
    sqlite.execute_batch(script).unwrap();
    let of_database = sqlite.catalog(&options).unwrap();
    support::on_postgres(|conn| {
        conn.execute_batch(script).unwrap();
        let live = conn.catalog(&options).unwrap();
        for sql in statements {
            let expected = told(&live, sql);
            assert_eq!(told(&offline, sql), expected, "{sql}");
            assert_eq!(told(&of_database, sql), expected, "{sql}");
        }
    });
    // What SQLite keeps of it beside the table is nothing that PostgreSQL has.
    assert!(of_database.table("ft_data").is_none() && of_database.table("ft").is_some());
}
