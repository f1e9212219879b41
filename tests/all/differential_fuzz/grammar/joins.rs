//! Joins of every kind, compounds of several arms, common tables, rows as values, parameters anywhere.

use super::{Grammar, Kind};

impl Grammar<'_> {
    pub(super) fn combined(&mut self) -> String {
        let (table, other) = (self.table(), self.table());
        let (name, second) = (self.tables[table].name.clone(), self.tables[other].name.clone());
        let kind = self.kind();
        let operator = self.pick(&["=", "<>", "<", ">=", "IS", "IS NOT"]);
        match self.below(15) {
            0 | 1 => self.arms(kind),
            2 => format!(
                "WITH RECURSIVE w(id, depth, path) AS (SELECT id, 0, '/' || id FROM {name} WHERE id < 4 UNION ALL \
                 SELECT x.id, depth + 1, path || '/' || x.id FROM {name} x JOIN w ON x.id = w.id * 2 + depth % 2 WHERE depth < 5) \
                 SELECT id, depth, path, row_number() OVER (ORDER BY depth, id) FROM w"
            ),
            3 => {
                let order = self.pick(&["", " ORDER BY 1", " ORDER BY 1 DESC"]);
                format!(
                    "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 20{order} LIMIT {}) SELECT n, count(*) FROM c GROUP BY n",
                    self.below(9)
                )
            }
            4 => {
                let hint = self.pick(&["", "MATERIALIZED ", "NOT MATERIALIZED "]);
                let value = self.expression(&[table], kind, 2);
                let condition = self.condition(&[table], 1);
                format!(
                    "WITH a AS {hint}(SELECT id, {value} AS x FROM {name} WHERE {condition}), b(k, n) AS (SELECT id % 4, count(*) FROM a GROUP BY 1) \
                     SELECT b.k, b.n, (SELECT count(*) FROM a WHERE a.id % 4 = b.k AND a.x IS NULL) FROM b"
                )
            }
            5 => {
                let rows: Vec<String> = (1..2 + self.below(4))
                    .map(|number| {
                        let kind = self.kind();
                        format!("({number}, {})", self.value_of(kind))
                    })
                    .collect();
                format!(
                    "SELECT column1, column2, typeof(column2) FROM (VALUES {}) WHERE column2 {operator} {}",
                    rows.join(", "),
                    self.value_of(kind)
                )
            }
            6 => {
                let (value, low, high) = (self.expression(&[table], kind, 1), self.value_of(kind), self.value_of(kind));
                format!("SELECT id, ({value}, id) BETWEEN ({low}, 3) AND ({high}, 30) FROM {name}")
            }
            7 => {
                let value = self.expression(&[table], kind, 1);
                format!(
                    "SELECT id FROM {name} WHERE {value} IS NOT NULL AND ({value}, id % 3) IN (VALUES ({}, 1), ({}, 2))",
                    self.value_of(kind),
                    self.value_of(kind)
                )
            }
            8 if table != other => {
                let join = self.pick(&["LEFT JOIN", "RIGHT JOIN", "FULL JOIN", "JOIN"]);
                let on = match self.below(3) {
                    0 => " USING (id)".to_owned(),
                    _ => format!(" ON {name}.id = {second}.id + {}", self.below(3)),
                };
                let (one, two) = (self.any(&[table], 1), self.any(&[other], 1));
                format!("SELECT {name}.id, {second}.id, {one}, {two} FROM {name} {join} {second}{on}")
            }
            9 => {
                let value = self.any(&[table], 2);
                let (limit, offset) =
                    (self.bind(sqlift::types::Value::Integer(5)), self.bind(sqlift::types::Value::Integer(2)));
                format!("SELECT id, {value} FROM {name} ORDER BY id % 3, id DESC LIMIT {limit} OFFSET {offset}")
            }
            10 => {
                let value = self.column_of(other, kind).unwrap_or_else(|| format!("{second}.id"));
                let condition = if table == other { "true".to_owned() } else { format!("{second}.id >= {name}.id") };
                format!(
                    "SELECT {name}.id, (SELECT {value} FROM {second} WHERE {condition} ORDER BY {second}.id LIMIT 1) FROM {name}"
                )
            }
            11 => {
                let (value, separator) = (self.expression(&[table], kind, 1), self.pick(&["', '", "''", "NULL"]));
                format!(
                    "SELECT id % 4, group_concat({value}, {separator} ORDER BY id), total(id), avg(id), count(DISTINCT {value}) FROM {name} GROUP BY id % 4 HAVING count({value}) > {}",
                    self.below(2)
                )
            }
            12 => {
                let column = self.column_of(table, kind).unwrap_or_else(|| "id".to_owned());
                format!("SELECT id FROM {name} WHERE {column} {operator} {}", self.bind_any())
            }
            13 => {
                let column = self.column_of(table, kind).unwrap_or_else(|| "id".to_owned());
                let values = [self.bind_any(), self.bind_any(), self.literal_of(kind)];
                format!(
                    "SELECT id, {column} IN ({}), {column} BETWEEN {} AND {} FROM {name}",
                    values.join(", "),
                    values[0],
                    values[1]
                )
            }
            _ => {
                let (one, two) = (self.bind_any(), self.bind_any());
                let column = self.column_of(table, kind).unwrap_or_else(|| "id".to_owned());
                match self.below(4) {
                    0 => format!(
                        "SELECT id, {one} {operator} {two}, coalesce({one}, {column}), typeof({two}) FROM {name}"
                    ),
                    1 => format!("SELECT id, CASE {one} WHEN {column} THEN {two} ELSE {column} END FROM {name}"),
                    2 => format!("SELECT {one} AS k, count(*), max({two}) FROM {name} GROUP BY 1"),
                    _ => format!("SELECT id, {column} || {one}, {one} + {two}, max({column}, {two}) FROM {name}"),
                }
            }
        }
    }

    /// Two to four arms, whole rows in order, and some of them.
    fn arms(&mut self, kind: Kind) -> String {
        let mut sql = String::new();
        for number in 0..2 + self.below(3) {
            if number > 0 {
                sql += self.pick(&[" UNION ", " UNION ALL ", " EXCEPT ", " INTERSECT "]);
            }
            let table = self.table();
            let (value, condition) = (self.expression(&[table], kind, 1), self.condition(&[table], 1));
            let name = &self.tables[table].name;
            sql += &format!("SELECT {value} AS x, id % 5 AS k FROM {name} WHERE {condition}");
        }
        if self.says_collated(&sql) {
            return self.collated();
        }
        sql += self.pick(&[
            " ORDER BY k, x",
            " ORDER BY 2 DESC, 1",
            " ORDER BY x DESC NULLS FIRST, k",
            " ORDER BY 1 NULLS LAST, 2",
        ]);
        match self.below(3) {
            0 => sql,
            1 => format!("{sql} LIMIT {}", self.below(8)),
            _ => format!(
                "SELECT count(*), max(k), count(x) FROM ({sql} LIMIT {} OFFSET {})",
                1 + self.below(8),
                self.below(4)
            ),
        }
    }
}
