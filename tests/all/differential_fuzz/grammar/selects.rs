//! SELECT in forms that programs use less often.

use super::{Grammar, Kind};

impl Grammar<'_> {
    pub(super) fn wide_query(&mut self) -> String {
        let (table, other) = (self.table(), self.table());
        let (name, second) = (self.tables[table].name.clone(), self.tables[other].name.clone());
        let kind = self.kind();
        let value = self.expression(&[table], kind, 1);
        match self.below(20) {
            0 if table != other => {
                let join = self.pick(&["NATURAL JOIN", "NATURAL LEFT JOIN"]);
                let (one, two) = (self.any(&[table], 0), self.any(&[other], 0));
                format!("SELECT {one}, {two} FROM {name} {join} {second}")
            }
            1 => {
                let join = self.pick(&["FULL JOIN", "LEFT JOIN", "RIGHT JOIN", "JOIN"]);
                let shown = self.pick(&["id", "CAST(id AS TEXT)", "-id"]);
                format!(
                    "SELECT {shown}, a.n, b.n FROM (SELECT id, id % 3 AS n FROM {name}) a {join} (SELECT id, count(*) AS n FROM {second} GROUP BY id) b USING (id) ORDER BY id"
                )
            }
            2 => {
                let (join, last) = (self.pick(&["JOIN", "LEFT JOIN"]), self.pick(&["JOIN", "LEFT JOIN", "CROSS JOIN"]));
                let on = if last == "CROSS JOIN" { "" } else { " ON c.id = b.id + 1" };
                format!(
                    "SELECT a.id, b.id, c.id FROM {name} a {join} {second} b ON b.id = a.id + {} {last} {name} c{on} WHERE a.id < 12 AND c.id < 20",
                    self.below(3)
                )
            }
            3 => {
                // The row that has the largest id.
                let extreme = self.pick(&["max(id)", "min(id)"]);
                let column = self.column_of(table, kind).unwrap_or_else(|| format!("{name}.id"));
                format!("SELECT {extreme}, {column}, count(*) FROM {name} GROUP BY id % {}", 1 + self.below(4))
            }
            4 => {
                let key = self.any(&[table], 1);
                if self.says_collated(&key) {
                    return self.collated();
                }
                format!(
                    "SELECT {key}, id % 2, count(*), sum(id) FROM {name} GROUP BY 1, 2 HAVING sum(id) > {}",
                    self.below(9)
                )
            }
            5 => format!(
                "SELECT total(id), avg(id), sum(DISTINCT id % 5), string_agg({value}, '|' ORDER BY id DESC), count({value}) FROM {name}"
            ),
            6 => format!("SELECT count(*), max(id) FROM {name} HAVING count(*) > {}", self.below(12)),
            7 => {
                let call = match self.below(7) {
                    0 => format!("nth_value({value}, {})", 1 + self.below(3)),
                    1 => format!("last_value({value})"),
                    2 => "cume_dist()".to_owned(),
                    3 => "percent_rank()".to_owned(),
                    4 => "dense_rank()".to_owned(),
                    5 => format!("lag(id, {}, -1)", self.below(3)),
                    _ => format!("lead(id * 2, {}, id)", self.below(3)),
                };
                let frame = match call.as_bytes()[0] {
                    b'n' => self.pick(&[
                        "",
                        " ROWS BETWEEN 2 PRECEDING AND CURRENT ROW",
                        " ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING",
                    ]),
                    _ => "",
                };
                format!(
                    "SELECT id, {call} OVER (w ORDER BY id DESC{frame}) FROM {name} WINDOW w AS (PARTITION BY id % {})",
                    1 + self.below(3)
                )
            }
            8 => {
                let (order, limit) =
                    (self.pick(&["id DESC", "id % 3, id", "-id"]), self.pick(&["4", "2 + 1", "-1", "3 OFFSET 1"]));
                format!("SELECT id, {value} FROM (SELECT * FROM {name} ORDER BY {order} LIMIT {limit}) AS {name}")
            }
            9 if self.tables[table].has_rowid => {
                let rowid = self.pick(&["rowid", "oid", "_rowid_"]);
                format!("SELECT {rowid}, {value} FROM {name} WHERE {rowid} > {} ORDER BY {rowid}", self.below(20))
            }
            10 => {
                let (one, two) = (self.value_of(kind), self.value_of(kind));
                let operator = self.pick(&["UNION ALL", "UNION", "EXCEPT"]);
                if self.says_collated(&value) {
                    return self.collated();
                }
                format!("VALUES (1, {one}), (2, {two}) {operator} SELECT id, {value} FROM {name} WHERE id < 9")
            }
            11 => {
                let operator = self.pick(&[">", "<=", "="]);
                format!(
                    "SELECT id FROM {name} WHERE id {operator} (SELECT avg(id) FROM {second}) OR id IN (VALUES (1), (3), ({}))",
                    self.below(30)
                )
            }
            12 => format!(
                "SELECT id, {value} FROM {name} ORDER BY (SELECT count(*) FROM {second} WHERE {second}.id < {name}.id), id LIMIT {}",
                1 + self.below(9)
            ),
            13 => {
                let not = self.pick(&["", "NOT "]);
                format!(
                    "SELECT id, {value} FROM {name} WHERE {not}EXISTS (SELECT * FROM {second} o WHERE o.id = {name}.id + 1)"
                )
            }
            14 => {
                let condition = self.condition(&[table], 1);
                format!(
                    "SELECT sum(CASE WHEN {condition} THEN id ELSE -id END), max(id) FILTER (WHERE id % 2 = 0), group_concat(id ORDER BY id DESC) FROM {name} GROUP BY id % 2"
                )
            }
            17..20 => {
                let (one, two) = (self.any(&[table], 1), self.any(&[table], 2));
                let column = self.column_of(table, kind).unwrap_or_else(|| "id".to_owned());
                let bare = column.rsplit('.').next().unwrap_or_default();
                let collation = if self.chance(20) { self.pick(&[" COLLATE NOCASE", " COLLATE RTRIM"]) } else { "" };
                let first = match self.below(5) {
                    0 => two.clone(),
                    1 => column.clone(),
                    2 => format!("+{bare}"),
                    _ => bare.to_owned(),
                };
                let (descending, nulls) =
                    (self.pick(&["", " DESC"]), self.pick(&["", "", " NULLS LAST", " NULLS FIRST"]));
                let word = self.pick(&["TEXT", "INTEGER", "BLOB", "REAL"]);
                format!(
                    "SELECT {one}, CAST({bare} AS {word}), {two} FROM {name} ORDER BY {first}{collation}{descending}{nulls}, id{}",
                    self.pick(&["", " DESC"])
                )
            }
            15 => {
                let columns: Vec<String> = (0..2).map(|_| self.any(&[table], 1)).collect();
                let columns = columns.join(", ");
                if self.says_collated(&columns) {
                    return self.collated();
                }
                format!("SELECT DISTINCT {columns} FROM {name} ORDER BY 2, 1")
            }
            _ => {
                let column = self.column_of_just(table, Kind::Date).unwrap_or_else(|| "'2024-01-31'".to_owned());
                let value = self.value_of(Kind::Date);
                let operator = self.pick(&["<", ">=", "=", "IS NOT"]);
                match self.below(4) {
                    0 => format!("SELECT id, {column} FROM {name} WHERE {column} {operator} {value}"),
                    1 => format!("SELECT id FROM {name} WHERE date({column}) {operator} date({value})"),
                    2 => format!("SELECT strftime('%Y-%m', {column}), count(*), max({column}) FROM {name} GROUP BY 1"),
                    _ => format!(
                        "SELECT id, julianday({column}) - julianday({value}), {column} BETWEEN {value} AND '2024-12-31', unixepoch({column}) FROM {name}"
                    ),
                }
            }
        }
    }
}
