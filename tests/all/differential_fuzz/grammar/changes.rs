//! Writes behind WITH, of several columns at once, of rows that meet each other's keys; tables made of queries.

use super::{Change, Grammar};

impl Grammar<'_> {
    pub(super) fn further_write(&mut self) -> String {
        let (table, other) = (self.table(), self.table());
        let (name, second) = (self.tables[table].name.clone(), self.tables[other].name.clone());
        let column = self.given(table);
        let (set, kind) = (self.tables[table].columns[column].name.clone(), self.tables[table].columns[column].kind);
        let refers = self.tables[table].columns[column].refers;
        let value = if refers { "NULL".to_owned() } else { self.value_of(kind) };
        match self.below(10) {
            0 => {
                self.rows += 100;
                format!(
                    "WITH w(k) AS (SELECT id FROM {second} WHERE id % 7 = {} AND id < 60) INSERT INTO {name} (id, {set}) SELECT k + {}, {value} FROM w ORDER BY k",
                    self.below(7),
                    self.rows
                )
            }
            1 if table != other => {
                let from = self.expression(&[other], kind, 1);
                format!(
                    "WITH w AS (SELECT id AS k, {from} AS v FROM {second} WHERE id % 3 = 1) UPDATE {name} SET {set} = w.v FROM w WHERE w.k = {name}.id AND w.v IS NOT NULL{}",
                    self.returning(table)
                )
            }
            2 => format!(
                "DELETE FROM {name} WHERE id % 5 = {} AND NOT EXISTS (SELECT 1 FROM {second} o WHERE o.id = {name}.id + 1){}",
                self.below(5),
                self.returning(table)
            ),
            3 => {
                let third = self.given(table);
                let third = &self.tables[table].columns[third];
                if third.name == set || third.kind != kind || third.refers || refers {
                    return self.update();
                }
                let third = third.name.clone();
                format!("UPDATE {name} SET {set} = {third}, {third} = {set} WHERE id % 6 = {}", self.below(6))
            }
            4 => {
                let value = self.expression(&[table], kind, 1).replace(&format!("{name}."), "o.");
                format!("UPDATE {name} AS o SET {set} = {value} WHERE o.id % 9 = {}", self.below(9))
            }
            5 if !self.fires_keys(table) => {
                // The second row meets the first.
                self.rows += 1;
                let key = self.rows;
                let other = if refers { "NULL".to_owned() } else { self.value_of(kind) };
                let action = self.pick(&[
                    "DO UPDATE SET # = excluded.#",
                    "DO UPDATE SET # = coalesce(excluded.#, #)",
                    "DO NOTHING",
                    "DO UPDATE SET # = excluded.# WHERE # IS NULL",
                ]);
                format!(
                    "INSERT INTO {name} (id, {set}) VALUES ({key}, {value}), ({key}, {other}) ON CONFLICT (id) {}{}",
                    action.replace('#', &set).replace(
                        &format!("coalesce(excluded.{set}, {set})"),
                        &format!("coalesce(excluded.{set}, {name}.{set})")
                    ),
                    self.returning(table)
                )
            }
            6 => {
                let (one, two) = (self.below(40), self.below(40));
                format!(
                    "UPDATE {name} SET id = CASE id WHEN {one} THEN {} ELSE {} END WHERE id IN ({one}, {two})",
                    30_000 + self.rows,
                    40_000 + self.rows
                )
            }
            7 => {
                self.rows += 100;
                let (first, operator) = (self.rows, self.pick(&["UNION", "UNION ALL", "EXCEPT"]));
                format!(
                    "INSERT INTO {name} (id, {set}) SELECT id + {first}, {value} FROM {name} WHERE id = {} {operator} SELECT {}, {value} ORDER BY 1",
                    self.below(20),
                    first + 90
                )
            }
            8 => {
                let limit = 1 + self.below(3);
                format!(
                    "DELETE FROM {name} WHERE id IN (SELECT id FROM {name} WHERE {} ORDER BY id DESC LIMIT {limit}){}",
                    self.condition(&[table], 1),
                    self.returning(table)
                )
            }
            _ => {
                let condition = self.condition(&[table], 1);
                let value = self.bind_any();
                format!(
                    "UPDATE {name} SET {set} = CASE WHEN {condition} THEN {value} ELSE {set} END WHERE id % 7 = {} AND {value} IS NOT NULL",
                    self.below(7)
                )
            }
        }
    }

    /// A table made of a query, which goes and comes.
    pub(super) fn made(&mut self) -> (String, Change) {
        if self.chance(40) {
            return ("DROP TABLE IF EXISTS made".to_owned(), Change::Nothing);
        }
        let table = self.table();
        if self.tables[table].has_booleans {
            return ("DROP TABLE IF EXISTS made".to_owned(), Change::Nothing);
        }
        let (one, two) = (self.kind(), self.kind());
        let (one, two) = (self.literal_expression(&[table], one, 1), self.literal_expression(&[table], two, 1));
        let name = self.tables[table].name.clone();
        let sql = match self.below(3) {
            0 => format!("SELECT *, 1 AS x, {one} AS y FROM {name} WHERE id < 40"),
            1 => format!("SELECT id % 4 AS id, count(*) AS x, max({two}) AS y FROM {name} GROUP BY 1"),
            _ => format!("SELECT id, {one} AS x, {two} AS y FROM {name} WHERE id % 3 = 1"),
        };
        (format!("CREATE TABLE IF NOT EXISTS made AS {sql}"), Change::Nothing)
    }

    /// Reads the table that [`made`](Self::made) makes, which is not there now and then.
    pub(super) fn of_what_was_made(&mut self) -> String {
        let kind = self.kind();
        let operator = self.pick(&["=", "<>", "<", ">=", "IS", "IS NOT"]);
        match self.below(4) {
            0 => "SELECT * FROM made".to_owned(),
            1 => format!("SELECT id, x, typeof(x), y, quote(y) FROM made WHERE y {operator} {}", self.value_of(kind)),
            2 => format!("SELECT id, y, y || '', x FROM made WHERE x {operator} {}", self.bind_any()),
            _ => "SELECT a.id, b.id FROM made a JOIN made b ON a.y = b.x".to_owned(),
        }
    }
}
