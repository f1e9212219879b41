//! Writes that meet keys, name rows of other tables, or tell what they wrote.

use super::{Grammar, Kind};

impl Grammar<'_> {
    /// Several ON CONFLICT clauses over the keys that the table has.
    fn clauses(&mut self, table: usize) -> String {
        let name = self.tables[table].name.clone();
        let quiet = self.fires_keys(table);
        let mut targets: Vec<String> = self.tables[table]
            .columns
            .iter()
            .filter(|column| column.unique)
            .map(|column| column.name.clone())
            .collect();
        let at = self.below(targets.len() + 1);
        targets.insert(at, "id".to_owned());
        let mut clauses = String::new();
        for target in targets {
            if self.chance(20) {
                continue;
            }
            let column = self.given(table);
            let column = self.tables[table].columns[column].name.clone();
            clauses += &match self.below(4) {
                0 => format!(" ON CONFLICT ({target}) DO NOTHING"),
                _ if quiet => format!(" ON CONFLICT ({target}) DO NOTHING"),
                1 => format!(
                    " ON CONFLICT ({target}) DO UPDATE SET {column} = excluded.{column} WHERE {name}.id % 3 <> 0"
                ),
                2 => format!(
                    " ON CONFLICT ({target}) DO UPDATE SET {column} = coalesce({name}.{column}, excluded.{column})"
                ),
                _ => format!(" ON CONFLICT ({target}) DO UPDATE SET {column} = excluded.{column}"),
            };
        }
        if clauses.is_empty() || self.chance(15) {
            clauses += " ON CONFLICT DO NOTHING";
        }
        clauses
    }

    /// RETURNING with expressions. Inside of these SQLite shows an integral REAL as an INTEGER, so none stands there.
    pub(super) fn returning_expressions(&mut self, table: usize) -> String {
        let kind = self.pick(&[Kind::Integer, Kind::Text]);
        let sql = self.expression(&[table], kind, 2);
        let name = &self.tables[table].name;
        let mut reals =
            self.tables[table].columns.iter().filter(|column| matches!(column.kind, Kind::Real | Kind::Any));
        let sql = if reals.any(|column| sql.contains(&format!("{name}.{}", column.name))) {
            "id * 2".to_owned()
        } else {
            sql
        };
        let other = self.table();
        match self.below(3) {
            0 if other != table => {
                format!(" RETURNING id AS k, {sql} AS \"a value\", (SELECT count(*) FROM t{other} AS o WHERE o.id < 9)")
            }
            1 => format!(" RETURNING *, {sql}"),
            _ => format!(" RETURNING {sql}, id"),
        }
    }

    /// What the plain statements leave out.
    pub(super) fn wide_write(&mut self) -> String {
        let (table, other) = (self.table(), self.table());
        let (name, second) = (self.tables[table].name.clone(), self.tables[other].name.clone());
        let names = self.given_names(table).join(", ");
        let column = self.given(table);
        let (set, kind) = (self.tables[table].columns[column].name.clone(), self.tables[table].columns[column].kind);
        match self.below(10) {
            0 | 1 => {
                let row = self.row(table);
                let clauses = self.clauses(table);
                format!("INSERT INTO {name} ({names}) VALUES {row}{clauses}{}", self.returning(table))
            }
            2 => {
                let rows = self.rows_of_a_query(table).replace(" ORDER BY id", "");
                // Without ORDER BY any of the rows may come first, and where several have one key that is the one that stays:
                // where there are keys it is one row.
                let rows = match rows.split_once(" WHERE ") {
                    Some((head, condition)) if self.tables[table].has_keys() => {
                        format!("{head} WHERE id = (SELECT min(id) FROM t{table} WHERE {condition})")
                    }
                    _ => rows,
                };
                let clauses = self.clauses(table);
                format!("INSERT INTO {name} ({names}) {rows}{clauses}")
            }
            3 => {
                let row = self.row(table);
                format!("INSERT INTO {name} ({names}) VALUES {row}{}", self.returning_expressions(table))
            }
            4 => {
                let value = self.expression(&[table], kind, 1);
                let condition = self.condition(&[table], 1);
                format!(
                    "UPDATE {name} SET {set} = {value} WHERE id % 8 = {} AND {condition}{}",
                    self.below(8),
                    self.returning_expressions(table)
                )
            }
            5 if table != other => {
                let value = self.expression(&[table, other], kind, 1);
                let condition = self.condition(&[table, other], 1);
                format!(
                    "UPDATE {name} SET {set} = {value} FROM {second} WHERE {second}.id = {name}.id + {} AND {condition}",
                    self.below(3)
                )
            }
            6 if table != other => {
                let value = self.expression(&[other], kind, 1);
                let column = self.given(table);
                let (set_too, kind_too) =
                    (self.tables[table].columns[column].name.clone(), self.tables[table].columns[column].kind);
                if set_too == set {
                    return self.update();
                }
                let value_too = self.expression(&[other], kind_too, 1);
                format!(
                    "UPDATE {name} SET ({set}, {set_too}) = (SELECT {value}, {value_too} FROM {second} WHERE {second}.id = {name}.id) WHERE id % 5 = {}",
                    self.below(5)
                )
            }
            7 => {
                let condition = self.condition(&[other], 1);
                format!(
                    "WITH w(k) AS (SELECT id FROM {second} WHERE {condition} AND id % 6 = {}) DELETE FROM {name} WHERE id IN (SELECT k FROM w)",
                    self.below(6)
                )
            }
            8 => {
                self.rows += 100;
                let (first, least, value) = (self.rows, self.below(4), self.value_of(kind));
                format!(
                    "INSERT INTO {name} (id, {set}) SELECT key + {first}, {value} FROM json_each('[1,2,3]') WHERE value > {least}"
                )
            }
            _ => {
                let value = self.bind_any();
                match self.below(3) {
                    0 => format!("UPDATE {name} SET {set} = {value} WHERE id % 9 = {}", self.below(9)),
                    1 => format!("DELETE FROM {name} WHERE {set} = {value} AND id % 4 = 0{}", self.returning(table)),
                    _ => format!(
                        "UPDATE {name} SET {set} = coalesce({value}, {set}) WHERE {set} IS {}{}",
                        self.bind_any(),
                        self.returning(table)
                    ),
                }
            }
        }
    }
}
