//! The types of a recursive common table's columns.
//!
//! PostgreSQL takes them from the SELECTs that begin it, SQLite's rows have each their own: what the recursion goes on with decides
//! too. An integer that goes on as a real is a number by the row, unlike classes are a value of any, and a NULL is of the type that
//! comes behind it.

use super::ast::CommonTable;
use super::common_table::recursive_arms;
use super::pass::Pass;
use super::scope::CommonTableColumns;
use super::types::{Columns, Type, Typed, type_name};

/// An integer becomes a real, and that a value of any class; then nothing changes any more.
const ROUNDS: usize = 3;

impl Pass<'_> {
    /// The columns as all SELECTs have them, where the later ones read those of the first.
    pub fn settled(&self, name: &str, table: &CommonTable, first: &Columns) -> Columns {
        let mut columns = first.clone();
        if recursive_arms(&table.select, name) == 0 {
            return columns;
        }
        for _ in 0..ROUNDS {
            let mut scratch = self.scratch();
            scratch.common_tables.push(CommonTableColumns {
                name: name.to_owned(),
                columns: columns.clone(),
                printed: None,
                recursive: false,
                is_sorted: false,
            });
            // What is refused is refused where it is translated in earnest.
            let Ok(body) = scratch.subselect(&table.select) else { break };
            let mut changes = false;
            for ((_, seen), (_, all)) in columns.iter_mut().zip(&body) {
                if seen.ty != all.ty
                    && !matches!(seen.ty, Type::Unknown)
                    && !matches!(all.ty, Type::Null | Type::Unknown)
                {
                    changes = true;
                    let (by_row, from_column) = (all.by_row, all.ty == Type::Text);
                    *seen = Typed { ty: all.ty, by_row, from_column, column: None, int4: false, ..seen.clone() };
                }
            }
            if !changes {
                break;
            }
        }
        columns
    }

    /// Gives NULLs and integers of the first SELECT the type that the recursion goes on with.
    pub fn first_types(&mut self, first: &Columns, body: &Columns) {
        for ((_, typed), (_, all)) in first.iter().zip(body) {
            if !matches!((typed.ty, all.ty), (Type::Null, _) | (Type::Integer, Type::Numeric)) {
                continue;
            }
            let words = match all.ty {
                Type::Text => Some("text COLLATE \"C\""),
                Type::Native(native) => type_name(native),
                other => other.name(),
            };
            if let (Some(words), Some(arm), None) = (words, all.arms.first(), typed.placeholder) {
                self.edits.wrap(*arm, "(", format!(")::{words}"));
            }
        }
    }
}
