//! The tables that the program sees: schema, migrations, collations, keys, sequences.

use super::server::{Server, quoted};
use super::{Check, Finding, counted, some};
use sqlift::migrate::{self, Migrations, State};
use sqlift::{Connection, Result};
use std::path::Path;

/// The program's tables: what unqualified names can mean, but for the server's and sqlift's own.
pub(super) const TABLES: &str = "pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
    AND c.relkind IN ('r', 'p') AND c.relpersistence <> 't' \
    AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'sqlift') AND pg_catalog.pg_table_is_visible(c.oid)";

pub(super) fn schema(server: &Server) -> Result<Check> {
    let current: Option<String> = server.ask("SELECT pg_catalog.current_schema()::text")?;
    let wanted = server.config.schema.as_deref();
    let name = match (wanted, current) {
        (Some(wanted), current) if current.as_deref() != Some(wanted) => {
            let exists = "SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = ?)";
            return Ok(match server.conn.native().query_row(exists, [wanted], |row| row.get::<_, bool>(0))? {
                true => Check::error(
                    "schema",
                    format!("the role may not use schema {wanted}"),
                    format!("GRANT USAGE ON SCHEMA {} TO {}", quoted(wanted), quoted(&server.role)),
                ),
                false => Check::warning(
                    "schema",
                    format!("schema {wanted} does not exist; a program's first connection would create it"),
                    format!("if the name is right: CREATE SCHEMA {}", quoted(wanted)),
                ),
            });
        }
        (_, Some(current)) => current,
        (_, None) => {
            return Ok(Check::error(
                "schema",
                format!("no schema of search_path ({}) exists or may be used", server.setting("search_path")?),
                "name one in the URL (?schema=name), or GRANT USAGE ON SCHEMA public TO the role",
            ));
        }
    };
    let tables: i64 = server.ask(&format!("SELECT count(*) FROM {TABLES}"))?;
    Ok(Check::ok("schema", format!("{name}, {}", counted(tables as usize, "table"))))
}

/// The tables in which migrations are noted: sqlift's, hand-rolled ones, refinery's, sqlx'.
pub(super) const HISTORIES: [&str; 4] =
    ["sqlift_migrations", "schema_migrations", "refinery_schema_history", "_sqlx_migrations"];

/// Histories of migrations, and the newest version in each.
pub(super) fn migrations(server: &Server) -> Result<Check> {
    let mut found = Vec::new();
    for table in HISTORIES {
        let exists = "SELECT pg_catalog.to_regclass(?) IS NOT NULL";
        if server.conn.native().query_row(exists, [table], |row| row.get::<_, bool>(0))? {
            let newest: Option<String> = server.ask(&format!("SELECT max(version)::text FROM {table}"))?;
            found.push(format!("{table} at {}", newest.as_deref().unwrap_or("nothing")));
        }
    }
    if found.is_empty() {
        return Ok(Check::ok("migrations", "no history of migrations"));
    }
    let mut findings = unfinished(&server.conn)?;
    // An index that CREATE INDEX CONCURRENTLY left half-made slows writes and serves nobody.
    let invalid = server.texts(&format!(
        "SELECT pg_catalog.format('%I', i.relname) FROM pg_catalog.pg_index x JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid \
         JOIN ({TABLES}) ON c.oid = x.indrelid WHERE NOT x.indisvalid ORDER BY 1"
    ))?;
    if !invalid.is_empty() {
        findings.push(Finding::error(
            format!("{} not valid: {}", counted(invalid.len(), "index"), some(&invalid)),
            format!("DROP INDEX {}, and run the migration that makes it again", invalid.join(", ")),
        ));
    }
    Ok(Check::of("migrations", findings, found.join(", ")))
}

/// Files that run without a transaction and did not get to their end.
pub(super) fn unfinished(conn: &Connection) -> Result<Vec<Finding>> {
    if !conn.table_exists(None, "sqlift_migrations")? {
        return Ok(Vec::new());
    }
    let sql = "SELECT file || ' (' || state || ')' FROM sqlift_migrations WHERE state <> 'applied' ORDER BY id";
    let files: Vec<String> = conn.native().prepare(sql)?.query_map([], |row| row.get(0))?.collect::<Result<_>>()?;
    Ok(match files.is_empty() {
        true => Vec::new(),
        false => vec![Finding::error(
            format!("not at their end: {}", some(&files)),
            "unless somebody is migrating just now, run sqlift migrate up, which finishes or explains",
        )],
    })
}

/// How the files of a folder stand to what was applied.
pub(super) fn against_files(conn: &Connection, folder: &Path) -> Check {
    let status = Migrations::from_folder(folder)
        .and_then(|migrations| migrate::status(conn, &migrations, &migrate::Options::default()));
    let status = match status {
        Ok(status) => status,
        Err(error) => {
            let text = error.to_string();
            let (what, help) = text.split_once("\n  help: ").unwrap_or((&text, "sqlift migrate status tells more"));
            return Check::error("migrations", what.split_whitespace().collect::<Vec<_>>().join(" "), help);
        }
    };
    let of = |state: State| -> Vec<String> {
        status.entries.iter().filter(|entry| entry.state == state).map(|entry| entry.file.clone()).collect()
    };
    let mut findings = Vec::new();
    for (state, remedy) in [
        (State::Pending, "run sqlift migrate up"),
        (State::OutOfOrder, "number them after the newest, or run sqlift migrate up --out-of-order"),
        (State::Changed, "put the applied text back, and write the change as a new migration"),
        (State::Missing, "deploy the release that has the files, or look which one was applied by mistake"),
        (State::Running, "unless somebody is migrating just now, run sqlift migrate up, which finishes or explains"),
        (State::Failed, "run sqlift migrate up, which finishes or explains"),
    ] {
        let files = of(state);
        if !files.is_empty() {
            let what = format!("{}: {}", state.word(), some(&files));
            findings.push(if state == State::Pending {
                Finding::warning(what, remedy)
            } else {
                Finding::error(what, remedy)
            });
        }
    }
    let version = status.version.map_or("none".to_owned(), |version| version.to_string());
    Check::of("migrations", findings, format!("at {version}, as the files say"))
}

pub(super) fn collation(server: &Server) -> Result<Check> {
    // The database's own collation is what columns with the collation "default" have.
    let provider = match server.version {
        150_000.. => "datlocprovider::text",
        _ => "'c'",
    };
    let database = format!(
        "SELECT CASE WHEN {provider} IN ('c', 'b') THEN datcollate ELSE 'ICU' END FROM pg_catalog.pg_database \
         WHERE datname = pg_catalog.current_database()"
    );
    let database: String = server.ask(&database)?;
    // By bytes, as SQLite's BINARY: C and, in UTF-8, the C locales with UTF-8.
    let by_bytes = |name: &str| {
        let name = name.to_ascii_lowercase().replace('-', "");
        matches!(name.as_str(), "c" | "posix" | "c.utf8" | "pg_c_utf8" | "ucs_basic" | "sqlift_nocase")
    };
    let columns = server.rows(
        &format!(
            "SELECT pg_catalog.format('%I.%I', c.relname, a.attname), co.collname::text, coalesce(co.collcollate::text, '') \
             FROM {TABLES} JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped \
             JOIN pg_catalog.pg_collation co ON co.oid = a.attcollation ORDER BY c.relname, a.attnum"
        ),
        |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?)),
    )?;
    let total = columns.len();
    let others: Vec<String> = columns
        .into_iter()
        .filter(|(_, name, locale)| match name.as_str() {
            "default" => !by_bytes(&database),
            _ => !by_bytes(name) && !by_bytes(locale),
        })
        .map(|(column, name, _)| match name.as_str() {
            "default" => format!("{column} ({database})"),
            _ => format!("{column} ({name})"),
        })
        .collect();
    let mut findings = Vec::new();
    if !others.is_empty() {
        findings.push(Finding::warning(
            format!(
                "{} sort and compare by a language's rules, where SQLite goes by bytes: {}",
                counted(others.len(), "text column"),
                some(&others)
            ),
            "ALTER TABLE ... ALTER COLUMN ... TYPE text COLLATE \"C\", unless that order is wanted",
        ));
    }
    if server.version >= 150_000 {
        let outdated = "SELECT datcollversion IS DISTINCT FROM pg_catalog.pg_database_collation_actual_version(oid) \
                        FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database() AND datcollversion IS NOT NULL \
                        UNION ALL SELECT false LIMIT 1";
        if server.ask(outdated)? {
            let name = quoted(&server.config.dbname);
            findings.push(Finding::error(
                "the system's collation changed since the database was made: indexes on text may be in the wrong order",
                format!("REINDEX DATABASE {name}, then ALTER DATABASE {name} REFRESH COLLATION VERSION"),
            ));
        }
    }
    Ok(Check::of("collation", findings, format!("{} go by bytes, as on SQLite", counted(total, "text column"))))
}

pub(super) fn primary_keys(server: &Server) -> Result<Check> {
    let without = server.texts(&format!(
        "SELECT pg_catalog.format('%I', c.relname) FROM {TABLES} AND NOT c.relispartition AND NOT EXISTS \
         (SELECT 1 FROM pg_catalog.pg_index x WHERE x.indrelid = c.oid AND x.indisprimary) ORDER BY 1"
    ))?;
    Ok(match without.len() {
        0 => Check::ok("primary_keys", "every table has one"),
        count => Check::warning(
            "primary_keys",
            format!("{} without a primary key: {}", counted(count, "table"), some(&without)),
            "add one (ALTER TABLE ... ADD COLUMN id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY): without it rows cannot be told apart, \
             logical replication takes no updates, and last_insert_rowid stays as it was",
        ),
    })
}

pub(super) fn sequences(server: &Server) -> Result<Check> {
    struct Owned {
        table: String,
        column: String,
        sequence: String,
        readable: bool,
    }
    let owned = server.rows(
        &format!(
            "SELECT pg_catalog.format('%I.%I', n.nspname, c.relname), pg_catalog.format('%I', a.attname), \
                    d.objid::pg_catalog.regclass::text, \
                    pg_catalog.has_column_privilege(c.oid, a.attnum, 'SELECT') AND pg_catalog.has_sequence_privilege(d.objid, 'SELECT') \
             FROM {TABLES} JOIN pg_catalog.pg_depend d ON d.refobjid = c.oid AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i') \
                  AND d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refclassid = d.classid \
             JOIN pg_catalog.pg_sequence s ON s.seqrelid = d.objid AND s.seqincrement > 0 \
             JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = d.refobjsubid ORDER BY 1, 2"
        ),
        |row| Ok(Owned { table: row.get(0)?, column: row.get(1)?, sequence: row.get(2)?, readable: row.get(3)? }),
    )?;
    let (mut findings, mut unread) = (Vec::new(), 0);
    for Owned { table, column, sequence, readable } in &owned {
        if !readable {
            unread += 1;
            continue;
        }
        // The next number against the largest that is there already.
        let sql = format!(
            "SELECT (SELECT max({column})::bigint FROM {table}), \
             (SELECT CASE WHEN is_called THEN last_value + 1 ELSE last_value END FROM {sequence})"
        );
        let (largest, next): (Option<i64>, i64) =
            server.conn.native().query_row(&sql, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
        if let Some(largest) = largest.filter(|largest| *largest >= next) {
            findings.push(Finding::error(
                format!("{table}.{column}: the next number is {next}, but {largest} is there already"),
                format!("SELECT setval('{}', {largest})", sequence.replace('\'', "''")),
            ));
        }
    }
    let mut all_is_well = format!("{} ahead of their columns", counted(owned.len() - unread, "sequence"));
    if unread > 0 {
        all_is_well += &format!("; {} that the role may not read", counted(unread, "other"));
    }
    Ok(Check::of("sequences", findings, all_is_well))
}
