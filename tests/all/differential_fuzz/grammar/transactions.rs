//! Transactions, savepoints and changes of the schema in the middle of a program.

use super::{Change, Column, Grammar, Kind};

impl Grammar<'_> {
    /// BEGIN, SAVEPOINT and their like, as they fit, and now and then as they do not.
    pub(super) fn control(&mut self) -> String {
        if self.chance(5) {
            return self.pick(&["COMMIT", "ROLLBACK", "RELEASE nobody", "ROLLBACK TO nobody"]).to_owned();
        }
        if self.before.is_none() {
            self.before = Some(self.tables.clone());
            return match self.below(4) {
                0 => {
                    self.savepoints.push(("outer_one".to_owned(), self.tables.clone()));
                    "SAVEPOINT outer_one".to_owned()
                }
                1 => "BEGIN IMMEDIATE".to_owned(),
                _ => "BEGIN".to_owned(),
            };
        }
        match self.below(7) {
            0 | 1 if self.savepoints.len() < 4 => {
                self.names += 1;
                // Names may stand twice: the newest counts.
                let name = format!("s{}", self.names % 3);
                self.savepoints.push((name.clone(), self.tables.clone()));
                format!("SAVEPOINT {name}")
            }
            2 | 3 if !self.savepoints.is_empty() => {
                let at = self.below(self.savepoints.len());
                format!("ROLLBACK TO {}", self.savepoints[at].0)
            }
            4 if !self.savepoints.is_empty() => {
                let at = self.below(self.savepoints.len());
                format!("RELEASE {}", self.savepoints[at].0)
            }
            5 => "ROLLBACK".to_owned(),
            _ => "COMMIT".to_owned(),
        }
    }

    /// Tells the grammar where the transaction stands, as SQLite sees it, behind a statement.
    pub fn controlled(&mut self, sql: &str, worked: bool, in_transaction: bool) {
        if !in_transaction {
            let committed = sql == "COMMIT" || sql.starts_with("RELEASE");
            if let Some(tables) = self.before.take().filter(|_| !committed) {
                self.tables = tables;
            }
            self.savepoints.clear();
        } else if let (true, Some((verb, name))) = (worked, sql.rsplit_once(' ')) {
            let newest = self.savepoints.iter().rposition(|(savepoint, _)| savepoint == name);
            match (verb, newest) {
                ("ROLLBACK TO", Some(at)) => {
                    self.savepoints.truncate(at + 1);
                    self.tables = self.savepoints[at].1.clone();
                }
                ("RELEASE", Some(at)) => self.savepoints.truncate(at),
                _ => {}
            }
        }
    }

    /// A change of the schema.
    pub(super) fn alter(&mut self) -> (String, Change) {
        let table = self.table();
        let name = self.tables[table].name.clone();
        self.names += 1;
        let fresh = format!("n{}", self.names);
        match self.below(7) {
            0 | 1 => {
                let kind = self.pick(&[Kind::Integer, Kind::Text, Kind::Real]);
                let word = match kind {
                    Kind::Integer => "INTEGER",
                    Kind::Real => "REAL",
                    _ => "TEXT",
                };
                let default = if self.chance(50) { format!(" DEFAULT {}", self.value_of(kind)) } else { String::new() };
                let sql = format!("ALTER TABLE {name} ADD COLUMN {fresh} {word}{default}");
                (sql, Change::Added(table, Column::plain(&fresh, kind)))
            }
            2 => {
                let column = self.given(table);
                let old = self.tables[table].columns[column].name.clone();
                (format!("ALTER TABLE {name} RENAME COLUMN {old} TO {fresh}"), Change::Renamed(table, column, fresh))
            }
            3 => {
                let added = self.tables[table].columns.iter().rposition(|column| column.name.starts_with('n'));
                match added {
                    Some(column) => {
                        let old = &self.tables[table].columns[column].name;
                        (format!("ALTER TABLE {name} DROP COLUMN {old}"), Change::Dropped(table, column))
                    }
                    None => (format!("DROP INDEX IF EXISTS {name}_index0"), Change::Nothing),
                }
            }
            4 => (format!("DROP INDEX IF EXISTS {name}_index1"), Change::Nothing),
            5 => {
                // These two names are dropped ahead of the next schema.
                let other = if name.starts_with('t') { format!("r{table}") } else { format!("t{table}") };
                (format!("ALTER TABLE {name} RENAME TO {other}"), Change::Called(table, other))
            }
            _ => (self.index(table, self.names), Change::Nothing),
        }
    }

    /// A change of the schema was taken.
    pub fn altered(&mut self, change: &Change) {
        match change {
            Change::Nothing => {}
            Change::Added(table, column) => self.tables[*table].columns.push(column.clone()),
            Change::Renamed(table, column, name) => self.tables[*table].columns[*column].name.clone_from(name),
            Change::Called(table, name) => self.tables[*table].name.clone_from(name),
            Change::Dropped(table, column) => drop(self.tables[*table].columns.remove(*column)),
        }
    }
}
