//! What LIMIT leaves over of rows that no ORDER BY tells apart, and what a program asks of the schema.

use super::{Grammar, Temper};

impl Grammar<'_> {
    /// Rows that tie go by the rowid, and groups are sorted. All columns are shown: SQLite reads an index that has all that it needs.
    pub(super) fn tied(&mut self) -> String {
        let table = self.table();
        let name = self.tables[table].name.clone();
        if !self.tables[table].has_rowid {
            return self.told(table);
        }
        let (limit, offset) = (self.below(6), self.pick(&["", "", " OFFSET 1", " OFFSET 3"]));
        let (modulus, descending) = (2 + self.below(4), self.pick(&["", " DESC"]));
        let column = self.plain_column(table);
        match self.below(6) {
            // Not of the columns of an index's expression alone: MIGRATION.md, "Order of rows".
            0 | 1 => format!("SELECT * FROM {name} ORDER BY abs(id % {modulus}){descending} LIMIT {limit}{offset}"),
            // An index of some rows has a column of the condition.
            2 if self.temper == Temper::Plain => {
                format!("SELECT * FROM {name} WHERE id % {modulus} = 1 LIMIT {limit}{offset}")
            }
            3 => format!(
                "SELECT * FROM {name} ORDER BY typeof({column}){descending}, length({column}) LIMIT {limit}{offset}"
            ),
            4 => format!("SELECT id % {modulus} AS k, count(*), sum(id) FROM {name} GROUP BY k LIMIT {limit}{offset}"),
            // An index that falls would be read as it is.
            5 if self.temper == Temper::Plain => {
                format!("SELECT {column}, count(*), max(id) FROM {name} GROUP BY {column} LIMIT {limit}{offset}")
            }
            _ => format!(
                "SELECT id % {modulus} FROM {name} {} SELECT id % 3 FROM {name} WHERE id < 9 LIMIT {limit}",
                self.pick(&["UNION", "EXCEPT", "INTERSECT"])
            ),
        }
    }

    /// What the pragmas say of a table.
    pub(super) fn told(&mut self, table: usize) -> String {
        let name = self.tables[table].name.clone();
        // What a PRIMARY KEY's index is called behind a UNIQUE that is declared ahead of it, and what an index has beside its key where
        // there is no rowid: MIGRATION.md, "What is told".
        let (shown, keys) = if self.tables[table].has_rowid { ("name", "") } else { ("origin", " WHERE c.\"key\"") };
        match self.below(5) {
            0 => format!("SELECT * FROM pragma_table_info('{name}')"),
            1 => format!("SELECT * FROM pragma_table_xinfo('{name}')"),
            2 => format!("SELECT {shown}, \"unique\", origin, partial FROM pragma_index_list('{name}')"),
            3 => format!(
                "SELECT i.{shown}, c.seqno, c.cid, c.name, c.\"desc\", c.coll, c.\"key\" FROM pragma_index_list('{name}') i, pragma_index_xinfo(i.name) c{keys}"
            ),
            _ => format!(
                "SELECT seq, \"table\", \"from\", \"to\", on_update, on_delete, match FROM pragma_foreign_key_list('{name}')"
            ),
        }
    }
}
