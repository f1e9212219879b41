//! INSERT, UPDATE, DELETE and upserts.

use super::{Grammar, Kind};

impl Grammar<'_> {
    pub(super) fn insert(&mut self) -> String {
        let table = self.table();
        let names = self.given_names(table);
        let mut rows: Vec<String> = (0..1 + self.below(3)).map(|_| self.row(table)).collect();
        let or = self.pick(&["", "", "", "", "IGNORE", "IGNORE", "REPLACE", "REPLACE", "FAIL", "ABORT", "ROLLBACK"]);
        let or = self.or(table, or);
        if or.ends_with("REPLACE") && self.tables[table].columns.iter().any(|column| column.refers) {
            // A row in the way of a later one need not have a parent on SQLite.
            rows.truncate(1);
        }
        let rows = if self.chance(15) { self.rows_of_a_query(table) } else { format!("VALUES {}", rows.join(", ")) };
        let returning = if or.is_empty() || or.ends_with("ABORT") { self.returning(table) } else { String::new() };
        format!("INSERT{or} INTO {} ({}) {rows}{returning}", self.tables[table].name, names.join(", "))
    }

    /// Rows for a table from those of its own, under keys of their own.
    pub(super) fn rows_of_a_query(&mut self, table: usize) -> String {
        self.rows += 1000;
        let mut values = vec![format!("id + {}", self.rows)];
        for (kind, refers) in self.given_kinds(table) {
            values.push(if refers {
                "NULL".to_owned()
            } else if self.chance(50) {
                self.column_of(table, kind).unwrap_or_else(|| "NULL".to_owned())
            } else {
                self.value_of(kind)
            });
        }
        // Of two rows with the same key the order decides.
        format!("SELECT {} FROM t{table} WHERE id % 5 = {} AND id < 40 ORDER BY id", values.join(", "), self.below(5))
    }

    pub(super) fn returning(&mut self, table: usize) -> String {
        match self.below(6) {
            0 => " RETURNING *".to_owned(),
            1 => {
                // Columns alone: inside an expression SQLite shows an integral REAL as an INTEGER here.
                let kind = self.kind();
                format!(" RETURNING id, {}", self.column_of(table, kind).unwrap_or_else(|| "id".to_owned()))
            }
            _ => String::new(),
        }
    }

    pub(super) fn row(&mut self, table: usize) -> String {
        self.rows += 1;
        let mut values = vec![if self.chance(95) { self.rows } else { 1 + self.below(20) as i64 }.to_string()];
        let given = self.tables[table].columns[1..].iter().filter(|column| !column.generated);
        let follows: Vec<_> = given.map(|column| column.follows.clone()).collect();
        for ((kind, refers), follows) in self.given_kinds(table).into_iter().zip(follows) {
            if refers {
                values.push(self.reference());
                continue;
            }
            if let Some((parent, column)) = follows.filter(|_| self.random.below(10) > 0) {
                let key = values.last().map_or("NULL", String::as_str);
                values.push(format!("(SELECT {column} FROM {parent} WHERE id = {key})"));
                continue;
            }
            let value = if self.chance(15) { "NULL".to_owned() } else { self.value_of(kind) };
            values.push(if self.chance(20) { self.bind_of(kind) } else { value });
        }
        format!("({})", values.join(", "))
    }

    pub(super) fn upsert(&mut self) -> String {
        let table = self.table();
        let row = self.row(table);
        let name = self.tables[table].name.clone();
        let column = self.given(table);
        let column = &self.tables[table].columns[column];
        let (set, kind) = (column.name.clone(), column.kind);
        let value = match self.below(4) {
            0 => format!("excluded.{set}"),
            1 => set.clone(),
            2 => format!("coalesce({set}, excluded.{set})"),
            _ => self.value_of(kind),
        };
        let action = match self.below(5) {
            0 => "DO NOTHING".to_owned(),
            _ if self.fires_keys(table) => "DO NOTHING".to_owned(),
            1 => format!("DO UPDATE SET {set} = {value} WHERE {name}.id % 2 = {}", self.below(2)),
            2 => format!("DO UPDATE SET {set} = {value} WHERE excluded.{set} IS NOT {name}.{set}"),
            _ => format!("DO UPDATE SET {set} = {value}"),
        };
        let rows = if self.chance(20) { format!("{row}, {}", self.row(table)) } else { row };
        let target = if self.chance(10) && action == "DO NOTHING" { "" } else { " (id)" };
        let names = self.given_names(table).join(", ");
        format!("INSERT INTO {name} ({names}) VALUES {rows} ON CONFLICT{target} {action}{}", self.returning(table))
    }

    pub(super) fn update(&mut self) -> String {
        let table = self.table();
        let column = self.given(table);
        let (set, kind) = (self.tables[table].columns[column].name.clone(), self.tables[table].columns[column].kind);
        let value = if self.chance(60) { self.expression(&[table], kind, 2) } else { self.value_of(kind) };
        let condition = self.condition(&[table], 2);
        let name = self.tables[table].name.clone();
        if self.chance(15) {
            let or = self.pick(&["IGNORE", "REPLACE", "ABORT", "ROLLBACK"]);
            let or = self.or(table, or);
            return format!("UPDATE{or} {name} SET {set} = {} WHERE id % 9 = {}", self.value_of(kind), self.below(9));
        }
        let other = self.table();
        if self.chance(15) && other != table {
            // One row at most for each: of several SQLite leaves open which one counts.
            let from = format!("(SELECT id AS k, {} AS v FROM t{other}) AS f", self.expression(&[other], kind, 1));
            return format!("UPDATE {name} SET {set} = f.v FROM {from} WHERE f.k = {name}.id AND {condition}");
        }
        if self.chance(15) {
            let other = self.given(table);
            let (second, second_kind) =
                (self.tables[table].columns[other].name.clone(), self.tables[table].columns[other].kind);
            if second != set {
                let value_of_second = self.value_of(second_kind);
                return format!("UPDATE {name} SET ({set}, {second}) = ({value}, {value_of_second}) WHERE {condition}");
            }
        }
        format!("UPDATE {name} SET {set} = {value} WHERE {condition}{}", self.returning(table))
    }

    pub(super) fn delete(&mut self) -> String {
        let table = self.table();
        format!(
            "DELETE FROM t{table} WHERE id % 7 = {} AND {}{}",
            self.below(7),
            self.condition(&[table], 1),
            self.returning(table)
        )
    }

    /// ` OR action`, where the table's triggers see the same rows for it on both.
    fn or(&self, table: usize, action: &str) -> String {
        let triggers = &self.tables[table].triggers;
        let before = triggers.iter().any(|trigger| trigger.starts_with("BEFORE ") && !trigger.ends_with("DELETE"));
        // What a foreign key's action or a nested DELETE fires hears the outer clause on PostgreSQL alone.
        let nested = self.triggers_meet_keys
            && self.tables.iter().any(|table| {
                table.columns.iter().any(|column| column.refers)
                    || table.triggers.iter().any(|trigger| trigger.ends_with("DELETE"))
            });
        let apart = match action {
            // For a NULL that becomes the default, SQLite's BEFORE triggers see the NULL.
            "REPLACE" => before,
            // Where a trigger breaks a key, the row that fired it stays on SQLite.
            "FAIL" => before || self.triggers_meet_keys && !triggers.is_empty(),
            _ => false,
        };
        if action.is_empty() || apart || nested { String::new() } else { format!(" OR {action}") }
    }

    /// Whether a DO UPDATE may fire a trigger that writes to a table with keys: on SQLite a conflict clause of the trigger's then is
    /// no longer heard, on PostgreSQL it is.
    pub(super) fn fires_keys(&self, table: usize) -> bool {
        self.triggers_meet_keys && self.tables[table].triggers.iter().any(|trigger| trigger.ends_with("UPDATE"))
    }

    /// A column that a write may set, but the key.
    pub(super) fn given(&mut self, table: usize) -> usize {
        let given: Vec<usize> = (1..self.tables[table].columns.len())
            .filter(|&column| !self.tables[table].columns[column].generated)
            .collect();
        self.pick(&given)
    }

    pub(super) fn given_names(&self, table: usize) -> Vec<String> {
        let columns = self.tables[table].columns.iter().filter(|column| !column.generated);
        columns.map(|column| column.name.clone()).collect()
    }

    /// The kinds of the columns that take a value, but the key, and which are foreign keys.
    fn given_kinds(&self, table: usize) -> Vec<(Kind, bool)> {
        let columns = self.tables[table].columns[1..].iter().filter(|column| !column.generated);
        columns.map(|column| (column.kind, column.refers)).collect()
    }

    /// The value of a foreign key.
    fn reference(&mut self) -> String {
        if self.chance(40) { "NULL".to_owned() } else { (1 + self.below(self.rows as usize + 2)).to_string() }
    }

    /// What only a rich schema is asked for.
    pub(super) fn rich_write(&mut self) -> String {
        let table = self.table();
        let name = self.tables[table].name.clone();
        match self.below(7) {
            // A key that others refer to changes.
            0 => format!("UPDATE {name} SET id = id + {} WHERE id = {}", 10_000 + self.below(10_000), self.below(40)),
            1 => format!("DELETE FROM {name} WHERE id = {}", self.below(self.rows as usize + 2)),
            2 if !self.tables[table].has_blind_key && !self.fires_keys(table) => {
                let column = self.given(table);
                let column = self.tables[table].columns[column].name.clone();
                let row = self.row(table);
                let names = self.given_names(table).join(", ");
                let first = self.pick(&["DO NOTHING", "DO UPDATE SET id = excluded.id + 20000"]);
                format!(
                    "INSERT INTO {name} ({names}) VALUES {row} ON CONFLICT (id) {first} ON CONFLICT DO UPDATE SET {column} = excluded.{column}{}",
                    self.returning(table)
                )
            }
            3 => {
                let view = self.pick(&["v0", "v1"]);
                // What a value becomes in a view's column is the column's type on PostgreSQL, and nothing on SQLite.
                match self.below(3) {
                    0 => format!("INSERT INTO {view} (id, x) VALUES ({}, NULL)", self.below(99)),
                    1 => format!("UPDATE {view} SET id = id + 100 WHERE id < 5"),
                    _ => format!("DELETE FROM {view} WHERE id = {}", self.below(20)),
                }
            }
            4 => {
                let (column, other) = (self.given(table), self.table());
                let column = &self.tables[table].columns[column];
                let (set, kind) = (column.name.clone(), column.kind);
                let value = self.expression(&[other], kind, 1);
                format!(
                    "UPDATE {name} SET {set} = (SELECT {value} FROM t{other} WHERE t{other}.id = {name}.id + 1) WHERE id % 6 = {}",
                    self.below(6)
                )
            }
            5 => {
                let names = self.given_names(table).join(", ");
                let or = self.or(table, "IGNORE");
                let rows: Vec<String> = (0..2 + self.below(3)).map(|_| self.row(table)).collect();
                format!("INSERT{or} INTO {name} ({names}) VALUES {}", rows.join(", "))
            }
            _ => {
                let row = self.row(table);
                let names = self.given_names(table).join(", ");
                let verb = if self.or(table, "REPLACE").is_empty() { "INSERT" } else { "REPLACE" };
                format!("{verb} INTO {name} ({names}) VALUES {row}{}", self.returning(table))
            }
        }
    }
}
