//! Writes whose subqueries read the table that they write.

use super::{Grammar, Kind};

impl Grammar<'_> {
    pub(super) fn own_write(&mut self) -> String {
        let table = self.table();
        let name = self.tables[table].name.clone();
        let column = self.given(table);
        let column = self.tables[table].columns[column].clone();
        let set = &column.name;
        // A foreign key takes an id, or nothing.
        let kind = if column.refers { Kind::Integer } else { column.kind };
        let modulus = 2 + self.below(6);
        let rows = format!("id % {modulus} = {}", self.below(modulus));
        match self.below(9) {
            // SQLite computes row after row, by the rowid; a table without one keeps the order of its key.
            0..4 if self.tables[table].has_rowid => {
                let value = self.of_own_rows(&name, set, kind);
                format!("UPDATE {name} SET {set} = {value} WHERE {rows}")
            }
            4 => {
                let value = self.of_own_rows(&name, set, kind);
                let id = self.below(60);
                format!(
                    "UPDATE {name} SET {set} = {value} WHERE id = {id} RETURNING id, (SELECT count({set}) FROM {name})"
                )
            }
            5 => format!("DELETE FROM {name} WHERE {rows} AND id > (SELECT avg(id) FROM {name} WHERE id < 100)"),
            6 => format!(
                "DELETE FROM {name} WHERE {rows} AND EXISTS (SELECT 1 FROM {name} o WHERE o.{set} IS {name}.{set} AND o.id < {name}.id){}",
                self.returning(table)
            ),
            7 => {
                self.rows += 2;
                let (first, second) = (self.rows - 1, self.rows);
                let value = self.pick(&["max", "min"]);
                format!(
                    "INSERT INTO {name} (id, {set}) VALUES ({first}, (SELECT {value}({set}) FROM {name})), ({second}, (SELECT {set} FROM {name} WHERE id = {first}))"
                )
            }
            _ => {
                self.rows += 1000;
                let (first, far) = (self.rows, 1 + self.below(3));
                format!(
                    "INSERT INTO {name} (id, {set}) SELECT id + {first}, {set} FROM {name} o WHERE id < 40 AND {rows} AND NOT EXISTS (SELECT 1 FROM {name} n WHERE n.id = o.id + {far}) ORDER BY id"
                )
            }
        }
    }

    /// What the rows ahead of a row, or all that are like it, tell of a column.
    fn of_own_rows(&mut self, name: &str, set: &str, kind: Kind) -> String {
        let which = self.pick(&["o.id < #.id", "o.id = #.id - 1", "o.id <> #.id AND o.id < 50", "o.id % 3 = #.id % 3"]);
        let which = which.replace('#', name);
        let value = match kind {
            Kind::Integer => self.pick(&["count(*)", "coalesce(max(o.#), 0) % 20 + 1", "count(o.#)", "sum(o.id) % 25"]),
            Kind::Real => self.pick(&["max(o.#)", "count(o.#) / 4.0"]),
            Kind::Text => self.pick(&["substr(max(o.#), 1, 2) || 'x'", "count(o.#) || ''", "max(upper(o.#))"]),
            _ => self.pick(&["max(o.#)", "min(o.#)"]),
        };
        format!("(SELECT {} FROM {name} o WHERE {which})", value.replace('#', set))
    }
}
