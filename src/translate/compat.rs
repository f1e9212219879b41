//! The compat schema: what SQL alone cannot express, as functions in PostgreSQL's schema `sqlift` (decision D6).
//!
//! The scripts are idempotent (`CREATE OR REPLACE`) and run in order; installing [`VERSION`] again is a no-op.

/// Goes up with every change of a script. `SELECT sqlift.version()` tells what is installed.
pub const VERSION: i32 = 8;

/// (name, SQL), in the order to run them.
pub const SCRIPTS: &[(&str, &str)] = &[
    ("schema", include_str!("../../sql/postgres/compat/schema.sql")),
    ("values", include_str!("../../sql/postgres/compat/values.sql")),
    ("rowid", include_str!("../../sql/postgres/compat/rowid.sql")),
    ("functions", include_str!("../../sql/postgres/compat/functions.sql")),
    ("dates", include_str!("../../sql/postgres/compat/dates.sql")),
    ("json", include_str!("../../sql/postgres/compat/json.sql")),
    ("catalog", include_str!("../../sql/postgres/compat/catalog.sql")),
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
