//! The compat schema: what SQL alone cannot express, as functions in PostgreSQL's schema `sqlift` (decision D6).
//!
//! The scripts are idempotent (`CREATE OR REPLACE`) and run in order; installing [`VERSION`] again is a no-op.

/// Goes up with every change of a script. `SELECT sqlift.version()` tells what is installed.
pub const VERSION: i32 = 100;

/// (name, SQL), in the order to run them.
pub const SCRIPTS: &[(&str, &str)] = &[
    ("schema", include_str!("../../sql/postgres/compat/schema.sql")),
    ("temp_triggers", include_str!("../../sql/postgres/compat/temp_triggers.sql")),
    ("reals", include_str!("../../sql/postgres/compat/reals.sql")),
    ("numbers", include_str!("../../sql/postgres/compat/numbers.sql")),
    ("values", include_str!("../../sql/postgres/compat/values.sql")),
    ("keys", include_str!("../../sql/postgres/compat/keys.sql")),
    ("bound", include_str!("../../sql/postgres/compat/bound.sql")),
    ("rowid", include_str!("../../sql/postgres/compat/rowid.sql")),
    ("conflicts", include_str!("../../sql/postgres/compat/conflicts.sql")),
    ("functions", include_str!("../../sql/postgres/compat/functions.sql")),
    ("real_arithmetic", include_str!("../../sql/postgres/compat/real_arithmetic.sql")),
    ("aggregates", include_str!("../../sql/postgres/compat/aggregates.sql")),
    ("printf", include_str!("../../sql/postgres/compat/printf.sql")),
    ("dates", include_str!("../../sql/postgres/compat/dates.sql")),
    ("moments", include_str!("../../sql/postgres/compat/moments.sql")),
    ("beside", include_str!("../../sql/postgres/compat/beside.sql")),
    ("json5", include_str!("../../sql/postgres/compat/json5.sql")),
    ("jsonb", include_str!("../../sql/postgres/compat/jsonb.sql")),
    ("json", include_str!("../../sql/postgres/compat/json.sql")),
    ("json_paths", include_str!("../../sql/postgres/compat/json_paths.sql")),
    ("json_edits", include_str!("../../sql/postgres/compat/json_edits.sql")),
    ("json_elements", include_str!("../../sql/postgres/compat/json_elements.sql")),
    ("json_more", include_str!("../../sql/postgres/compat/json_more.sql")),
    ("untyped", include_str!("../../sql/postgres/compat/untyped.sql")),
    ("stored", include_str!("../../sql/postgres/compat/stored.sql")),
    ("fts_letters", include_str!("../../sql/postgres/compat/fts_letters.sql")),
    ("fts", include_str!("../../sql/postgres/compat/fts.sql")),
    ("catalog", include_str!("../../sql/postgres/compat/catalog.sql")),
    ("foreign_keys", include_str!("../../sql/postgres/compat/foreign_keys.sql")),
    ("key_actions", include_str!("../../sql/postgres/compat/key_actions.sql")),
    ("key_checks", include_str!("../../sql/postgres/compat/key_checks.sql")),
    ("plans", include_str!("../../sql/postgres/compat/plans.sql")),
    ("drops", include_str!("../../sql/postgres/compat/drops.sql")),
    ("version", include_str!("../../sql/postgres/compat/version.sql")),
];

#[cfg(test)]
mod tests {
    #[test]
    fn the_script_says_the_version() {
        let script = super::SCRIPTS.last().expect("there are scripts").1;
        assert!(script.contains(&format!("SELECT {} $f$", super::VERSION)));
    }
}
