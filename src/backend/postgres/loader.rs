//! Reads the catalog: tables, columns, keys and triggers that unqualified names can mean, in one round trip; and a
//! fingerprint of them.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use tokio_postgres::{SimpleQueryMessage, SimpleQueryRow};

use super::catalogs::Fingerprint;
use super::own_triggers;
use crate::translate::ast::TriggerTime;
use crate::translate::catalog::{
    ActingKey, Catalog, Collation, Column, ColumnType, Function, Index, KeyAction, Table, Trigger, UniqueKey, Writes,
    strict_type,
};
use crate::translate::dates::of_term;
use crate::translate::hides_numeric_affinity;
use crate::translate::names::{fold, quote_identifier};
use crate::translate::own_conflict::{OWN_CONFLICTS, own_conflicts};
use crate::translate::own_fail::failing;
use crate::translate::session_trigger;
use crate::translate::trigger_order::{ACTIONS, known_as};

/// The tables of the schemas that bare names are looked for in, but for temporary ones.
const LASTING: &str = "n.nspname = ANY (pg_catalog.current_schemas(false)) AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'sqlift')
  AND n.oid <> pg_catalog.pg_my_temp_schema()";

/// Of several schemas the first has it, which takes longer to plan and to find than all else.
const FIRST: &str = "
  AND NOT EXISTS (
    SELECT FROM pg_catalog.pg_class o JOIN pg_catalog.pg_namespace m ON m.oid = o.relnamespace
    WHERE o.relname = c.relname AND o.oid <> c.oid
      AND pg_catalog.array_position(pg_catalog.current_schemas(false), m.nspname)
        < pg_catalog.array_position(pg_catalog.current_schemas(false), n.nspname))";

/// The session's own.
const TEMPORARY: &str = "n.oid = pg_catalog.pg_my_temp_schema()";

/// Several result sets, told apart by their first column; `$WHICH` chooses the tables.
///
/// `sqlift` is looked up as a row, not as a name: a backend remembers in a transaction that a name was not there, also behind
/// another connection's installing it.
const TABLES: &str = r"
SELECT 'column' AS what, c.oid, n.nspname, c.relname, c.relkind, a.attname,
       CASE WHEN t.typname = 'value' AND t.typnamespace = (SELECT s.oid FROM pg_catalog.pg_namespace s WHERE s.nspname = 'sqlift') THEN 'value' ELSE COALESCE(NULLIF(t.typbasetype, 0), t.oid)::pg_catalog.oid::pg_catalog.text END AS typid,
       a.attnotnull, a.attidentity <> '' AS identity,
       a.attgenerated <> '' AS generated, CASE WHEN a.attgenerated = '' THEN pg_catalog.pg_get_expr(d.adbin, d.adrelid) END AS written_default,
       COALESCE(pg_catalog.pg_get_expr(d.adbin, d.adrelid) SIMILAR TO '(nextval|sqlift.(free|next)_rowid)\(%', false) AS sequence, co.collname,
       pg_catalog.substring(e.description, '^named ([^\n]*)') AS shown, a.attnum,
       pg_catalog.substring(e.description, '(?:^|\n)declared (.*)$') AS declared, e.description = 'sqlite rowid' AS hidden,
       e.description ~ '(^|\n)autoincrement(\n|$)' AS autoincrement
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
LEFT JOIN pg_catalog.pg_collation co ON co.oid = a.attcollation
LEFT JOIN pg_catalog.pg_description e
  ON e.objoid = c.oid AND e.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass AND e.objsubid = a.attnum
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND $WHICH
ORDER BY c.oid, a.attnum;
SELECT 'key' AS what, x.indrelid, i.relname, x.indisprimary OR pg_catalog.obj_description(i.oid, 'pg_class') LIKE 'sqlite key p%', x.indpred IS NOT NULL AS partial, x.indnkeyatts, x.indkey,
       CASE WHEN x.indexprs IS NOT NULL THEN (
         SELECT pg_catalog.string_agg(pg_catalog.pg_get_indexdef(x.indexrelid, k, true), '; ' ORDER BY k)
         FROM pg_catalog.generate_series(1, x.indnkeyatts) k) END AS terms
FROM pg_catalog.pg_index x
JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid
JOIN pg_catalog.pg_class c ON c.oid = x.indrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE x.indisunique AND $WHICH
ORDER BY x.indrelid, 4 DESC, x.indexrelid;
SELECT 'dated' AS what, x.indrelid, i.relname, pg_catalog.pg_get_indexdef(x.indexrelid, k, true) AS term
FROM pg_catalog.pg_index x
JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid
JOIN pg_catalog.pg_class c ON c.oid = x.indrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
CROSS JOIN pg_catalog.generate_series(1, x.indnkeyatts) AS k
WHERE x.indexprs IS NOT NULL AND x.indpred IS NULL AND x.indisvalid AND x.indkey[k - 1] = 0 AND $WHICH
  AND pg_catalog.pg_get_indexdef(x.indexrelid, k, true) LIKE '%sqlift.fixed_%'
ORDER BY x.indexrelid, k;
SELECT 'trigger' AS what, t.tgrelid, t.tgname, pg_catalog.encode(t.tgargs, 'escape') AS arguments,
       $DOES,
       t.oid,
       pg_catalog.substring(pg_catalog.obj_description(t.oid, 'pg_trigger'), '^sqlite: (.*)$') AS written,
       p.prosrc LIKE '%sqlift.broken\_trigger(%' AS broken, t.tgtype, t.tgconstrrelid = t.tgrelid AS of_itself
FROM pg_catalog.pg_trigger t
JOIN pg_catalog.pg_proc p ON p.oid = t.tgfoid
JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE NOT t.tgisinternal AND t.tgname !~ '$SESSION' AND $WHICH
ORDER BY t.oid;
SELECT 'view' AS what, c.oid, pg_catalog.substring(pg_catalog.obj_description(c.oid, 'pg_class'), '^sqlite: (.*)$') AS written,
       EXISTS (SELECT FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'sqlift_broken') AS broken,
       COALESCE((SELECT pg_catalog.substring(pg_catalog.obj_description(r.oid, 'pg_rewrite'), '^made (\d+)$')
                 FROM pg_catalog.pg_rewrite r WHERE r.ev_class = c.oid AND r.rulename = '_RETURN'), c.oid::pg_catalog.text) AS made
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'v' AND $WHICH;
SELECT 'created' AS what, c.oid, pg_catalog.substr(d.description, 9) AS written
FROM pg_catalog.pg_description d
JOIN pg_catalog.pg_class c ON c.oid = d.objoid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE d.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objsubid = 0 AND c.relkind IN ('r', 'p')
  AND d.description LIKE 'sqlite: %' AND $WHICH;
SELECT 'index' AS what, x.indrelid, i.relname, pg_catalog.substring(pg_catalog.obj_description(i.oid, 'pg_class'), '^sqlite: (.*)$') AS written,
       i.oid
FROM pg_catalog.pg_index x
JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid
JOIN pg_catalog.pg_class c ON c.oid = x.indrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE k.conindid = i.oid) AND $WHICH
ORDER BY x.indexrelid;
SELECT 'referenced' AS what, k.confrelid, pg_catalog.bool_or(k.confrelid <> k.conrelid),
       pg_catalog.bool_or(k.confdeltype NOT IN ('a', 'r') OR k.confupdtype NOT IN ('a', 'r')),
       pg_catalog.bool_or(k.confrelid = k.conrelid AND k.confdeltype NOT IN ('a', 'r')), pg_catalog.bool_or(k.confdeltype = 'a' AND NOT k.condeferred),
       pg_catalog.bool_or(k.confrelid = k.conrelid AND k.condeferrable AND NOT k.condeferred)
FROM pg_catalog.pg_constraint k
WHERE k.contype = 'f'
GROUP BY k.confrelid;
SELECT 'acts' AS what, k.confrelid, k.conrelid, k.confdeltype::pg_catalog.text, k.confupdtype::pg_catalog.text,
       pg_catalog.array_to_string(k.conkey, ' '), pg_catalog.array_to_string(k.confkey, ' ')
FROM pg_catalog.pg_constraint k WHERE k.contype = 'f' AND (k.confdeltype NOT IN ('a', 'r') OR k.confupdtype NOT IN ('a', 'r'))
UNION ALL
SELECT 'acts', a.tgrelid, a.tgconstrrelid, pg_catalog.lower(pg_catalog.left(d.said[1], 1)), pg_catalog.lower(pg_catalog.left(d.said[2], 1)),
       k.tgattr::pg_catalog.text, a.tgattr::pg_catalog.text
FROM pg_catalog.pg_trigger a
JOIN pg_catalog.pg_trigger k ON k.tgrelid = a.tgconstrrelid AND k.tgname = 'sqlift_key_' || pg_catalog.right(a.tgname, 16)
CROSS JOIN LATERAL (SELECT pg_catalog.replace(pg_catalog.encode(a.tgargs, 'escape'), 'NO ACTION', 'a')) AS e(text)
CROSS JOIN LATERAL (SELECT pg_catalog.string_to_array(e.text, '\000')) AS d(said)
WHERE a.tgname LIKE 'sqlift\_act\_%';
SELECT 'deferrable' AS what WHERE EXISTS (SELECT FROM pg_catalog.pg_constraint WHERE condeferred OR condeferrable AND contype NOT IN ('f', 't'))";

/// The functions that programs make in the database, also for tables of the session's own; what a trigger calls or what gives
/// rows is not for expressions.
const FUNCTIONS: &str = r";
SELECT 'function' AS what, n.nspname, p.proname, p.pronargs - p.pronargdefaults AS fewest,
       CASE WHEN p.provariadic = 0 THEN p.pronargs END AS most, COALESCE(NULLIF(t.typbasetype, 0), t.oid)::pg_catalog.oid AS typid
FROM pg_catalog.pg_proc p
JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
JOIN pg_catalog.pg_type t ON t.oid = p.prorettype
WHERE p.prokind <> 'p' AND NOT p.proretset AND t.typtype <> 'p' AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'sqlift')
  AND (n.nspname = ANY (pg_catalog.current_schemas(false)) OR n.nspname = 'public')
ORDER BY pg_catalog.array_position(pg_catalog.current_schemas(false), n.nspname), p.oid";

/// Which server, database and schemas; what changes with every change of the schemas' tables; whether there are
/// temporary ones.
///
/// A row of PostgreSQL's catalog gets another xmin when it is changed, so that counting the rows and adding up their
/// hashes tells a change without reading what they say.
const FINGERPRINT: &str = r"
WITH tables AS MATERIALIZED (
  SELECT c.oid, c.xmin FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname = ANY (pg_catalog.current_schemas(false))
    AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'sqlift')
), parts(part, xmin) AS (
  SELECT oid::pg_catalog.text, xmin FROM tables
  UNION ALL SELECT a.attrelid || '.' || a.attnum, a.xmin FROM pg_catalog.pg_attribute a JOIN tables ON a.attrelid = tables.oid AND a.attnum > 0
  UNION ALL SELECT x.indexrelid || 'i', x.xmin FROM pg_catalog.pg_index x JOIN tables ON x.indrelid = tables.oid
  UNION ALL SELECT d.oid || 'd', d.xmin FROM pg_catalog.pg_attrdef d JOIN tables ON d.adrelid = tables.oid
  UNION ALL SELECT p.oid || 'f', p.xmin FROM pg_catalog.pg_proc p
    -- Thousands of functions are not the program's: their names are not looked at.
    WHERE CASE WHEN p.pronamespace = ANY (ARRAY(SELECT n.oid FROM pg_catalog.pg_namespace n
        WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'sqlift')
          AND (n.nspname = ANY (pg_catalog.current_schemas(false)) OR n.nspname = 'public')))
      THEN p.proname !~ '$SESSION' ELSE false END
  UNION ALL SELECT t.oid || 't', t.xmin FROM pg_catalog.pg_trigger t JOIN tables ON t.tgrelid = tables.oid WHERE t.tgname !~ '$SESSION'
)
SELECT 'fingerprint' AS what,
       pg_catalog.format('%s %s %s', pg_catalog.pg_postmaster_start_time(),
         (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()),
         pg_catalog.current_schemas(false)) AS place,
       pg_catalog.format('%s %s', pg_catalog.count(*), pg_catalog.sum(pg_catalog.hashtextextended(part || ' ' || xmin, 0))) AS digest,
       EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.relnamespace = pg_catalog.pg_my_temp_schema())
         OR COALESCE(pg_catalog.current_setting('sqlift.temp_triggers', true), '') <> '' AS has_temporary
FROM parts";

/// Asks for the tables that all who see these schemas share, of which there may be only one. For [`catalog`].
pub(crate) fn query(one_schema: bool) -> String {
    let which = if one_schema { LASTING.to_owned() } else { format!("{LASTING}{FIRST}") };
    of_all(&TABLES.replace("$WHICH", &which)) + FUNCTIONS
}

/// Asks for the session's own temporary tables, and its triggers on others. For [`catalog`].
pub(crate) fn temporary_query() -> String {
    of_all(&TABLES.replace("$WHICH", TEMPORARY))
        + FUNCTIONS
        + ";"
        + &own_triggers::QUERY.replace("$LASTING", &format!("{LASTING}{FIRST}")).replace("$DOES", DOES)
}

/// What [`add_trigger`] reads of a trigger `t` and its function `p`, from its fifth column on.
pub(super) const DOES: &str = r"t.tgtype & 64 <> 0 AND t.tgtype & 4 <> 0 AS takes_insert,
       t.tgtype & 64 <> 0 AND t.tgtype & 16 <> 0 AS takes_update, t.tgtype & 64 <> 0 AND t.tgtype & 8 <> 0 AS takes_delete,
       t.tgtype & 8 <> 0 AS on_delete, p.prosrc LIKE '%SL001%' AS ignores, p.prosrc LIKE '%sqlift.count_changes(%' AS writes";

/// Leaves out what is of one session alone, on tables of all.
fn of_all(query: &str) -> String {
    query.replace("$SESSION", session_trigger::STORED).replace("$DOES", DOES)
}

/// For [`fingerprint`]. Another query may follow it: then both see the same state.
pub(crate) fn fingerprint_query() -> &'static str {
    static QUERY: LazyLock<String> = LazyLock::new(|| of_all(FINGERPRINT));
    &QUERY
}

/// The fingerprint out of an answer to [`fingerprint_query`].
pub(crate) fn fingerprint(messages: &[SimpleQueryMessage]) -> Fingerprint {
    let row = messages.iter().find_map(|message| match message {
        SimpleQueryMessage::Row(row) if row.get(0) == Some("fingerprint") => Some(row),
        _ => None,
    });
    let text = |index: usize| row.and_then(|row| row.get(index)).unwrap_or_default();
    Fingerprint {
        place: text(1).to_owned(),
        digest: text(2).to_owned(),
        rows: text(2).split(' ').next().and_then(|rows| rows.parse().ok()).unwrap_or_default(),
        has_temporary: text(3) == "t",
    }
}

/// A table as `LOCK TABLE` names it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct LockableTable {
    pub oid: u32,
    pub name: String,
}

/// The newest table, index or other relation of the database: another one tells that something was made.
pub(crate) const NEWEST_RELATION: &str = "SELECT pg_catalog.max(oid) AS newest FROM pg_catalog.pg_class";

/// The tables that the role may change, newest first; temporary ones are nobody else's. A table that it may only insert into
/// cannot be locked by it (PostgreSQL's LOCK wants UPDATE, DELETE or TRUNCATE): there serializable transactions must do, which
/// find two that both read the end and append.
const LOCKABLE: &str = r"
SELECT pg_catalog.format('%I.%I', n.nspname, c.relname), c.oid
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't'
  AND c.relnamespace = ANY (ARRAY(SELECT s.oid FROM pg_catalog.pg_namespace s
    WHERE s.nspname = ANY (pg_catalog.current_schemas(false)) AND s.nspname NOT IN ('pg_catalog', 'information_schema', 'sqlift')))
  AND pg_catalog.pg_table_is_visible(c.oid) AND pg_catalog.has_table_privilege(c.oid, 'UPDATE, DELETE, TRUNCATE')
ORDER BY $FIRST c.oid DESC";

/// Of a table that somebody changes, or has rows of locked.
const IS_WRITTEN: &str = r"
  c.oid IN (SELECT l.relation FROM pg_catalog.pg_locks l
    WHERE l.locktype = 'relation' AND l.granted AND l.mode NOT IN ('AccessShareLock', 'SIReadLock')
      AND l.database = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database())) DESC,";

/// Asks for the tables to lock against other writers, in the order to lock them in. For [`lockable`].
pub(crate) fn lockable_query(written_first: bool) -> String {
    format!("{NEWEST_RELATION}; {}", LOCKABLE.replace("$FIRST", if written_first { IS_WRITTEN } else { "" }))
}

/// The newest relation, and the tables, out of an answer to [`lockable_query`].
pub(crate) fn lockable(messages: &[SimpleQueryMessage]) -> (Option<String>, Vec<LockableTable>) {
    let table = |message: &SimpleQueryMessage| match message {
        SimpleQueryMessage::Row(row) if row.len() == 2 => {
            Some(LockableTable { oid: row.get(1)?.parse().ok()?, name: row.get(0)?.to_owned() })
        }
        _ => None,
    };
    (newest_relation(messages), messages.iter().filter_map(table).collect())
}

/// The answer to [`NEWEST_RELATION`] among others.
pub(crate) fn newest_relation(messages: &[SimpleQueryMessage]) -> Option<String> {
    messages.iter().find_map(|message| match message {
        SimpleQueryMessage::Row(row) if row.len() == 1 => row.get(0).map(str::to_owned),
        _ => None,
    })
}

/// The catalog out of the answers to [`query`] and [`temporary_query`].
pub(crate) fn catalog(messages: &[SimpleQueryMessage]) -> Catalog {
    let mut tables: HashMap<String, Loaded> = HashMap::new();
    let mut functions: HashMap<String, Vec<Function>> = HashMap::new();
    let mut has_deferrable = false;
    let mut has_pending_keys = false;
    let mut autoincrement = false;
    for message in messages {
        let SimpleQueryMessage::Row(row) = message else { continue };
        let text = |index: usize| row.get(index).unwrap_or_default();
        match text(0) {
            "deferrable" => has_deferrable = true,
            "column" => {
                autoincrement |= text(17) == "t";
                add_column(&mut tables, row);
            }
            "key" => {
                if let Some(loaded) = tables.get_mut(text(1)) {
                    let key = UniqueKey {
                        name: text(2).to_owned(),
                        columns: loaded.key_columns(text(5), text(6)).unwrap_or_default(),
                        is_primary: text(3) == "t",
                        is_partial: text(4) == "t",
                        folded: row.get(7).and_then(|terms| loaded.folded_columns(terms)).unwrap_or_default(),
                    };
                    loaded.table.unique_keys.push(key);
                }
            }
            "dated" => {
                if let (Some(loaded), Some(call)) = (tables.get_mut(text(1)), of_term(text(3))) {
                    loaded.table.dated.push((text(2).to_owned(), call));
                }
            }
            // A foreign key that waits for its parent, or is kept by triggers.
            "trigger" if text(2).starts_with("sqlift_key_") => has_pending_keys = true,
            "trigger" if is_of_keys(text(2)) => {
                if let Some(loaded) = tables.get_mut(text(1)) {
                    let is_of_children = text(2).starts_with("sqlift_left_");
                    loaded.table.is_referenced |= is_of_children;
                    loaded.table.keys_wait |= is_of_children && text(14) == "t" || text(2) == "sqlift_wait_begins";
                    if text(2) == ACTIONS {
                        let moment: u16 = text(13).parse().unwrap_or_default();
                        loaded.table.watched =
                            Writes { insert: false, delete: moment & 8 != 0, update: moment & 16 != 0 };
                    }
                }
            }
            "trigger" if text(2) == OWN_CONFLICTS => {
                if let Some(loaded) = tables.get_mut(text(1)) {
                    let rules = text(3).split("\\000").filter(|rule| !rule.is_empty());
                    loaded.table.own_conflicts = own_conflicts(rules, |number| loaded.column(number));
                }
            }
            "trigger" => {
                if let Some(loaded) = tables.get_mut(text(1)) {
                    add_trigger(&mut loaded.table, row, known_as(text(2)).0, false);
                }
            }
            "view" => {
                if let Some(loaded) = tables.get_mut(text(1)) {
                    loaded.table.made = text(4).parse().unwrap_or_default();
                    match text(3) {
                        "t" => loaded.table.broken = Some(text(2).to_owned()),
                        _ => loaded.table.view_text = row.get(2).map(str::to_owned),
                    }
                }
            }
            "created" => {
                if let Some(loaded) = tables.get_mut(text(1)) {
                    loaded.table.created = row.get(2).map(str::to_owned);
                    loaded.obey_options(text(2));
                }
            }
            "index" => {
                if let Some(loaded) = tables.get_mut(text(1)) {
                    let index = Index {
                        name: text(2).to_owned(),
                        created: row.get(3).map(str::to_owned),
                        made: text(4).parse().unwrap_or_default(),
                    };
                    loaded.table.indexes.push(index);
                }
            }
            "referenced" => {
                if let Some(loaded) = tables.get_mut(text(1)) {
                    loaded.table.is_referenced |= text(2) == "t";
                    loaded.table.has_key_actions = text(3) == "t";
                    loaded.table.acts_on_itself = text(4) == "t";
                    loaded.table.is_held = text(5) == "t";
                    loaded.table.keys_wait |= text(6) == "t";
                }
            }
            "acts" => {
                if let Some((child, own)) =
                    tables.get(text(2)).map(|child| (fold(&child.table.name), child.columns(text(5))))
                    && let Some(loaded) = tables.get_mut(text(1))
                {
                    let other = loaded.columns(text(6));
                    let (on_delete, on_update) = (KeyAction::of(text(3), true), KeyAction::of(text(4), false));
                    loaded.table.acting_keys.push(ActingKey { child, own, other, on_delete, on_update });
                }
            }
            "function" => functions.entry(text(2).to_ascii_lowercase()).or_default().push(Function {
                name: text(2).to_owned(),
                schema: text(1).to_owned(),
                arguments: (text(3).parse().unwrap_or(0), text(4).parse().ok()),
                returns: column_type(text(5)),
            }),
            _ => {}
        }
    }
    let mut tables: Vec<Table> = tables.into_values().map(Loaded::finished).collect();
    if autoincrement {
        tables.push(crate::translate::catalog::sqlite_sequence());
    }
    // The last one of a name stays: a temporary table hides others, and "t" is what a bare name means where there is "T".
    tables.sort_by_key(|table| (table.schema.starts_with("pg_temp"), table.name == table.name.to_ascii_lowercase()));
    let has_key_actions = tables.iter().any(|table| table.has_key_actions);
    let tables = tables.into_iter().map(|table| (table.name.to_ascii_lowercase(), Arc::new(table))).collect();
    let mut catalog = Catalog { tables, functions, has_deferrable, has_pending_keys, has_key_actions };
    own_triggers::add_to(&mut catalog, messages);
    catalog
}

/// Adds a trigger of that name on SQLite, which is this session's alone or not.
pub(super) fn add_trigger(table: &mut Table, row: &SimpleQueryRow, name: &str, is_of_session: bool) {
    let text = |index: usize| row.get(index).unwrap_or_default();
    let moment: u16 = text(13).parse().unwrap_or_default();
    let is = |bit: u16| moment & bit != 0;
    table.triggers.push(Trigger {
        name: name.to_owned(),
        stored: text(2).to_owned(),
        // The bits of tgtype: before 2, insert 4, delete 8, update 16, instead 64.
        time: match (is(2), is(64)) {
            (_, true) => TriggerTime::InsteadOf,
            (true, _) => TriggerTime::Before,
            _ => TriggerTime::After,
        },
        events: Writes { insert: is(4), delete: is(8), update: is(16) },
        created: row.get(11).map(str::to_owned),
        is_broken: text(12) == "t",
        is_of_session,
        made: text(10).parse().unwrap_or_default(),
    });
    table.takes.insert |= text(4) == "t";
    table.takes.update |= text(5) == "t";
    table.takes.delete |= text(6) == "t";
    table.runs_on_delete |= text(7) == "t";
    table.leaves_rows_out |= text(8) == "t";
    table.triggers_write |= text(9) == "t";
}

/// Whether a trigger looks at the children of rows, carries out what foreign keys say, or puts off when they are looked at.
fn is_of_keys(trigger: &str) -> bool {
    let parts = ["sqlift_left_", "sqlift_act_", "sqlift_wait_"];
    trigger == ACTIONS || parts.iter().any(|part| trigger.starts_with(part))
}

struct Loaded {
    table: Table,
    /// PostgreSQL's numbers of the columns, which keep those of dropped ones.
    numbers: Vec<String>,
    /// The declared types that PostgreSQL's do not tell.
    declared: Vec<Option<String>>,
    /// Which of the columns is the hidden rowid.
    hidden: Option<usize>,
}

impl Loaded {
    fn finished(self) -> Table {
        let mut table = self.table;
        if let Some(at) = self.hidden {
            let column = Column { is_rowid: true, ..table.columns.remove(at) };
            table.unique_keys.retain(|key| key.is_primary || key.columns != [column.name.as_str()]);
            table.hidden_at = at;
            table.hidden_rowid = Some(column);
        }
        keep_rowid(&mut table);
        table.failing = failing(table.created.as_deref(), &table.unique_keys, &table.indexes);
        table
    }

    /// What stands behind the last parenthesis of CREATE TABLE.
    fn obey_options(&mut self, created: &str) {
        let words = |text: &str| text.to_ascii_lowercase();
        let behind = words(created.rsplit(')').next().unwrap_or_default());
        let is_word = |letter: char| letter.is_alphanumeric() || letter == '_';
        if behind.len() < created.len() && behind.split(|letter| !is_word(letter)).any(|word| word == "strict") {
            self.make_strict();
        }
        let behind = behind.rsplit('\'').next().unwrap_or_default();
        let without = behind
            .split("without")
            .skip(1)
            .any(|rest| rest.trim_start() != rest && rest.trim_start().starts_with("rowid"));
        if without && words(created.get(..12).unwrap_or_default()) == "create table" {
            self.table.columns.iter_mut().for_each(|column| column.is_rowid = false);
        }
    }

    fn make_strict(&mut self) {
        for (column, declared) in self.table.columns.iter_mut().zip(&self.declared) {
            column.strict = match (declared, column.data_type) {
                (Some(declared), _) => strict_type(declared),
                (None, ColumnType::BigInt) => Some("INTEGER"),
                (None, ColumnType::Double) => Some("REAL"),
                (None, ColumnType::Text) => Some("TEXT"),
                (None, ColumnType::Bytea) => Some("BLOB"),
                (None, _) => None,
            };
        }
    }

    fn columns(&self, numbers: &str) -> Vec<String> {
        numbers.split(' ').filter_map(|number| self.column(number)).collect()
    }

    fn column(&self, number: &str) -> Option<String> {
        let at = self.numbers.iter().position(|known| known == number)?;
        Some(self.table.columns[at].name.clone())
    }

    /// The columns of a key over columns, some of them by a collation; `None` for any other.
    fn folded_columns(&self, terms: &str) -> Option<Vec<(String, Collation)>> {
        let term = |term: &str| {
            self.table.columns.iter().find_map(|column| {
                // The server quotes fewer of its words than statements do.
                let names = [column.name.clone(), quote_identifier(&column.name)];
                let collations = [Collation::Binary, Collation::NoCase, Collation::RTrim];
                let is_it = |collation: &Collation| names.iter().any(|name| term == collation.folded(name));
                Some((column.name.clone(), collations.into_iter().find(is_it)?))
            })
        };
        terms.split("; ").map(term).collect()
    }

    /// The columns of a key by their numbers; `None` for a key over expressions, whose number is 0.
    fn key_columns(&self, count: &str, numbers: &str) -> Option<Vec<String>> {
        // What INCLUDE adds is no part of the key.
        numbers.split(' ').take(count.parse().ok()?).map(|number| self.column(number)).collect()
    }
}

fn add_column(tables: &mut HashMap<String, Loaded>, row: &SimpleQueryRow) {
    let text = |index: usize| row.get(index).unwrap_or_default();
    let yes = |index: usize| text(index) == "t";
    let loaded = tables.entry(text(1).to_owned()).or_insert_with(|| Loaded {
        table: Table {
            name: text(3).to_owned(),
            schema: text(2).to_owned(),
            made: text(1).parse().unwrap_or_default(),
            is_view: matches!(text(4), "v" | "m"),
            ..Table::default()
        },
        numbers: Vec::new(),
        declared: Vec::new(),
        hidden: None,
    });
    loaded.numbers.push(text(14).to_owned());
    let data_type = column_type(text(6));
    let is_integer = matches!(data_type, ColumnType::SmallInt | ColumnType::Integer | ColumnType::BigInt);
    if yes(16) {
        loaded.hidden = Some(loaded.table.columns.len());
    }
    loaded.declared.push(row.get(15).map(str::to_owned));
    loaded.table.columns.push(Column {
        strict: None,
        name: text(5).to_owned(),
        // A column that was renamed natively keeps its old comment.
        shown: row.get(13).filter(|shown| shown.eq_ignore_ascii_case(text(5)) && *shown != text(5)).map(str::to_owned),
        data_type,
        not_null: yes(7),
        is_identity: yes(8) || yes(11),
        is_generated: yes(9),
        // Of the declared types INTEGER alone is: INT PRIMARY KEY is a key beside the rowid.
        is_rowid: is_integer && row.get(15).is_none_or(|declared| declared.eq_ignore_ascii_case("integer")),
        default: row.get(10).map(str::to_owned),
        collation: match text(12) {
            "sqlift_nocase" => Collation::NoCase,
            "sqlift_rtrim" => Collation::RTrim,
            _ => Collation::Binary,
        },
        numeric_affinity: row.get(15).is_some_and(|declared| hides_numeric_affinity(declared, data_type)),
    });
}

/// Of the columns that may be SQLite's rowid, the one that is the whole primary key; none beside a hidden one.
fn keep_rowid(table: &mut Table) {
    let key = table.unique_keys.iter().find(|key| key.is_primary).filter(|_| table.hidden_rowid.is_none());
    for column in &mut table.columns {
        column.is_rowid &= key.is_some_and(|key| key.columns == [column.name.as_str()]);
    }
}

/// `value` stands for `sqlift.value`, whose number is another one in each database.
fn column_type(oid: &str) -> ColumnType {
    use tokio_postgres::types::Type;
    if oid == "value" {
        return ColumnType::Any;
    }
    let known = oid.parse().ok().and_then(Type::from_oid);
    match known {
        Some(Type::INT2) => ColumnType::SmallInt,
        Some(Type::INT4) => ColumnType::Integer,
        Some(Type::INT8) => ColumnType::BigInt,
        Some(Type::BOOL) => ColumnType::Boolean,
        Some(Type::FLOAT4) => ColumnType::Real,
        Some(Type::FLOAT8) => ColumnType::Double,
        Some(Type::NUMERIC) => ColumnType::Numeric,
        Some(Type::TEXT | Type::VARCHAR | Type::BPCHAR | Type::NAME) => ColumnType::Text,
        Some(Type::BYTEA) => ColumnType::Bytea,
        Some(Type::DATE) => ColumnType::Date,
        Some(Type::TIME) => ColumnType::Time,
        Some(Type::TIMESTAMP) => ColumnType::Timestamp,
        Some(Type::TIMESTAMPTZ) => ColumnType::Timestamptz,
        Some(Type::INTERVAL) => ColumnType::Interval,
        Some(Type::UUID) => ColumnType::Uuid,
        Some(Type::JSON) => ColumnType::Json,
        Some(Type::JSONB) => ColumnType::Jsonb,
        _ => ColumnType::Other,
    }
}
