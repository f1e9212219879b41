//! What the role may do: too much, too little, and what it could do to tables that only grow.

use super::schema::{self, TABLES};
use super::server::{Server, quoted};
use super::{Check, Finding, counted, some};
use sqlift::Result;

const SCHEMAS: &str = "pg_catalog.pg_namespace n WHERE n.nspname = ANY (pg_catalog.current_schemas(false))";

/// Rights that a program's role should not have.
pub(super) fn role(server: &Server) -> Result<Check> {
    let name = quoted(&server.role);
    let mut findings = Vec::new();
    if server.ask("SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user")? {
        findings.push(Finding::warning(
            format!("{name} is a superuser: no right, no row-level security and no append-only table holds for it"),
            "create a role of the program's own: CREATE ROLE app LOGIN, and grant it what it needs",
        ));
        return Ok(Check::of("role", findings, ""));
    }
    for (column, word, why) in [
        ("rolcreaterole", "CREATEROLE", "it may make roles with more rights"),
        ("rolcreatedb", "CREATEDB", "it may make databases"),
        ("rolreplication", "REPLICATION", "it may copy the whole server"),
        ("rolbypassrls", "BYPASSRLS", "row-level security does not hold for it"),
    ] {
        if server.ask(&format!("SELECT {column} FROM pg_catalog.pg_roles WHERE rolname = current_user"))? {
            findings.push(Finding::warning(format!("{name} has {word}: {why}"), format!("ALTER ROLE {name} NO{word}")));
        }
    }
    let creatable = server.texts(&format!(
        "SELECT pg_catalog.format('%I', n.nspname) FROM {SCHEMAS} AND pg_catalog.has_schema_privilege(n.oid, 'CREATE') ORDER BY 1"
    ))?;
    if !creatable.is_empty() {
        findings.push(Finding::warning(
            format!("{name} may create objects in {}", creatable.join(", ")),
            format!(
                "let another role run the migrations: REVOKE CREATE ON SCHEMA {} FROM {name}, PUBLIC",
                creatable.join(", ")
            ),
        ));
    }
    let owned = server.texts(&format!(
        "SELECT pg_catalog.format('%I', c.relname) FROM {TABLES} AND pg_catalog.pg_has_role(c.relowner, 'USAGE') ORDER BY 1"
    ))?;
    if !owned.is_empty() {
        findings.push(Finding::warning(
            format!("{name} owns {}, so that it may drop or alter them: {}", counted(owned.len(), "table"), some(&owned)),
            format!("let another role own them (ALTER TABLE ... OWNER TO ...), and GRANT SELECT, INSERT, UPDATE, DELETE TO {name}"),
        ));
    }
    Ok(Check::of("role", findings, format!("{name}, no rights beyond its tables")))
}

/// Rights that a program's role lacks.
pub(super) fn rights(server: &Server) -> Result<Check> {
    let name = quoted(&server.role);
    let mut findings = Vec::new();
    // The history of migrations is the business of whoever migrates.
    let guarded: Vec<String> =
        guarded_tables(server)?.into_iter().chain(schema::HISTORIES.map(str::to_owned)).collect();
    for (right, needed) in [("SELECT", true), ("INSERT", true), ("UPDATE", false), ("DELETE", false)] {
        let lacking: Vec<String> = server
            .texts(&format!(
                "SELECT pg_catalog.format('%I', c.relname) FROM {TABLES} \
                 AND NOT pg_catalog.has_table_privilege(c.oid, '{right}') AND NOT pg_catalog.has_any_column_privilege(c.oid, '{}') ORDER BY 1",
                if right == "DELETE" { "SELECT" } else { right }
            ))?
            .into_iter()
            .filter(|table| right == "SELECT" || !guarded.contains(table))
            .collect();
        if !lacking.is_empty() {
            let status = if needed { Finding::error } else { Finding::warning };
            findings.push(status(
                format!("no {right} on {}", some(&lacking)),
                format!("if the program needs it: GRANT {right} ON {} TO {name}", lacking.join(", ")),
            ));
        }
    }
    // An identity column needs no right of its own, a serial column does.
    let numbers = server.texts(&format!(
        "SELECT d.objid::pg_catalog.regclass::text FROM {TABLES} JOIN pg_catalog.pg_depend d ON d.refobjid = c.oid AND d.deptype = 'a' \
         AND d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refclassid = d.classid AND d.refobjsubid > 0 \
         JOIN pg_catalog.pg_sequence s ON s.seqrelid = d.objid \
         WHERE pg_catalog.has_table_privilege(c.oid, 'INSERT') AND NOT pg_catalog.has_sequence_privilege(d.objid, 'USAGE') ORDER BY 1"
    ))?;
    if !numbers.is_empty() {
        findings.push(Finding::error(
            format!("no USAGE on {}: inserts that number themselves fail", some(&numbers)),
            format!("GRANT USAGE ON SEQUENCE {} TO {name}", numbers.join(", ")),
        ));
    }
    Ok(Check::of("rights", findings, "reads and writes every table it sees"))
}

/// Tables with a trigger that refuses changes, as `sqlift::append_only` and RAISE(ABORT, '... append-only') make them.
const GUARDS: &str = "pg_catalog.pg_trigger t JOIN pg_catalog.pg_proc p ON p.oid = t.tgfoid \
    WHERE NOT t.tgisinternal AND t.tgname !~ '^\\[[0-9]+[.][0-9a-f]{12}\\[' AND p.prosrc ILIKE '%append-only%'";

fn guarded_tables(server: &Server) -> Result<Vec<String>> {
    server.texts(&format!(
        "SELECT pg_catalog.format('%I', c.relname) FROM {TABLES} AND c.oid IN (SELECT t.tgrelid FROM {GUARDS}) ORDER BY 1"
    ))
}

pub(super) fn append_only(server: &Server) -> Result<Check> {
    let tables = guarded_tables(server)?;
    let name = quoted(&server.role);
    let mut findings = Vec::new();
    for table in &tables {
        let oid = format!("'{}'::pg_catalog.regclass", table.replace('\'', "''"));
        let switched_off: bool = server
            .ask(&format!("SELECT EXISTS (SELECT 1 FROM {GUARDS} AND t.tgrelid = {oid} AND t.tgenabled = 'D')"))?;
        if switched_off {
            findings.push(Finding::error(
                format!("the triggers that keep {table} append-only are switched off"),
                format!("ALTER TABLE {table} ENABLE TRIGGER ALL, and look who changed rows meanwhile"),
            ));
        }
        let mut rights = Vec::new();
        for right in ["UPDATE", "DELETE", "TRUNCATE"] {
            let any_column = if right == "UPDATE" {
                format!(" OR pg_catalog.has_any_column_privilege({oid}, 'UPDATE')")
            } else {
                String::new()
            };
            if server.ask(&format!("SELECT pg_catalog.has_table_privilege({oid}, '{right}'){any_column}"))? {
                rights.push(right);
            }
        }
        if !rights.is_empty() {
            let rights = rights.join(", ");
            findings.push(Finding::error(
                format!("{name} has {rights} on {table}, which is append-only: triggers alone stand between"),
                format!("REVOKE {rights} ON {table} FROM {name}, PUBLIC; a superuser or the table's owner keeps every right, so use another role"),
            ));
        }
    }
    let all_is_well = match tables.len() {
        0 => "no append-only table".to_owned(),
        _ => format!("{name} may only read and insert: {}", some(&tables)),
    };
    Ok(Check::of("append_only", findings, all_is_well))
}
