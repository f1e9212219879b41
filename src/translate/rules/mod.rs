//! The differences between the dialects as rows: what matches, what it becomes, why, and who says so.
//!
//! Code in the passes carries the rows out and names them in notes; tests run every row's examples.

pub(crate) mod booleans;
pub(crate) mod comparisons;
pub(crate) mod dates;
mod fired;
pub(crate) mod functions;
pub(crate) mod operators;
pub(crate) mod pragmas;
pub(crate) mod rowids;
pub(crate) mod schema;
pub(crate) mod select;
pub(crate) mod types;
pub(crate) mod writes;

pub use fired::Fired;

use super::Fidelity;

/// One difference.
#[derive(Debug)]
pub struct Rule {
    pub id: &'static str,
    /// What it matches and what that becomes, in words.
    pub matches: &'static str,
    pub why: &'static str,
    pub source: &'static str,
    pub fidelity: Fidelity,
    /// What remains different, or what to do instead; empty for exact rules.
    pub help: &'static str,
    /// (SQLite, PostgreSQL) over the schema of the rules' tests.
    pub examples: &'static [(&'static str, &'static str)],
}

/// Every rule, by topic.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    [
        select::RULES,
        booleans::RULES,
        comparisons::RULES,
        operators::RULES,
        types::RULES,
        dates::RULES,
        writes::RULES,
        schema::RULES,
        rowids::RULES,
    ]
    .into_iter()
    .flatten()
    .copied()
}
