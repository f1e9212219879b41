//! Two lists of facts side by side.

use super::facts::{Fact, Key, What};
use super::{Difference, Origins, Side, triggers, types};
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn compare(sqlite: &[Fact], postgres: &[Fact], origins: &Origins) -> Vec<Difference> {
    let index =
        |facts: &[Fact]| -> BTreeMap<Key, Fact> { facts.iter().map(|fact| (fact.key.clone(), fact.clone())).collect() };
    let (ours, theirs) = (index(sqlite), index(postgres));
    let keys: BTreeSet<&Key> = ours.keys().chain(theirs.keys()).collect();
    let mut differences = Vec::new();
    for key in keys {
        let (sqlite, postgres) = (ours.get(key), theirs.get(key));
        let same = match (sqlite, postgres) {
            (Some(sqlite), Some(postgres)) => same(key, sqlite, postgres),
            _ => false,
        };
        if same || is_told_elsewhere(key, &ours, &theirs) {
            continue;
        }
        let (sqlite_file, postgres_file) = origins.files(sqlite, postgres);
        let shown = |fact: Option<&Fact>| fact.map(|fact| fact.shown.clone());
        differences.push(Difference {
            table: key.table.clone(),
            column: key.column.clone(),
            what: key.what.words(),
            sqlite: Side { value: shown(sqlite), file: sqlite_file },
            postgres: Side { value: shown(postgres), file: postgres_file },
        });
    }
    differences
}

fn same(key: &Key, sqlite: &Fact, postgres: &Fact) -> bool {
    match key.what {
        What::Trigger(_) => triggers::same(&sqlite.value, &postgres.value),
        What::Type => types::fits(&sqlite.value, &postgres.value),
        // A method of PostgreSQL's own (gin) has no counterpart; that there is an index on both sides is what can be told.
        What::Index(_) if !postgres.value.trim_start_matches("unique ").starts_with('(') => true,
        _ => sqlite.value == postgres.value,
    }
}

/// Whether a difference only follows from another: all of a missing table, all of a missing column, all of a table that only
/// one side made for full text search.
fn is_told_elsewhere(key: &Key, ours: &BTreeMap<Key, Fact>, theirs: &BTreeMap<Key, Fact>) -> bool {
    let both = |key: &Key| ours.contains_key(key) && theirs.contains_key(key);
    let either = |key: &Key| ours.contains_key(key) || theirs.contains_key(key);
    let table = Key { table: key.table.clone(), column: None, what: What::Table };
    if key.what != What::Table && either(&table) && !both(&table) {
        return true;
    }
    let searched = Key { what: What::FullText, ..table };
    if !matches!(key.what, What::Table | What::FullText) && either(&searched) {
        return true;
    }
    if key.what == What::ColumnOrder {
        // Where a column is missing the order differs for certain.
        let columns = |facts: &BTreeMap<Key, Fact>| -> BTreeSet<Option<String>> {
            facts
                .keys()
                .filter(|known| known.table == key.table && known.what == What::Column)
                .map(|known| known.column.clone())
                .collect()
        };
        return columns(ours) != columns(theirs);
    }
    let column = Key { what: What::Column, ..key.clone() };
    key.column.is_some() && key.what != What::Column && !both(&column)
}
