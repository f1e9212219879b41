//! SELECT over windows of groups, stars over joins, nested subqueries, values of mixed classes.

use super::{Grammar, Kind, Temper};

impl Grammar<'_> {
    /// A column of any kind that no collation compares, with its table's name.
    pub(super) fn plain_column(&mut self, table: usize) -> String {
        let kind = self.kind();
        match self.column_of(table, kind) {
            Some(column) if !self.says_collated(&column) => column,
            _ => format!("{}.id", self.tables[table].name),
        }
    }

    pub(super) fn further_query(&mut self) -> String {
        match self.below(21) {
            20 if self.temper == Temper::Rich => self.of_what_was_made(),
            0..4 => self.windows_of_groups(),
            4..8 => self.starred(),
            8..12 => self.nested(),
            12..16 => self.mixed(),
            _ => self.aggregated(),
        }
    }

    fn windows_of_groups(&mut self) -> String {
        let table = self.table();
        let name = self.tables[table].name.clone();
        let (one, two) = (self.plain_column(table), self.plain_column(table));
        let descending = self.pick(&["", " DESC", " NULLS LAST", " DESC NULLS FIRST"]);
        let modulus = 2 + self.below(4);
        match self.below(9) {
            0 => format!(
                "SELECT id % {modulus} AS k, count(*), sum(count(*)) OVER (ORDER BY id % {modulus}), rank() OVER (ORDER BY count({one}) DESC) FROM {name} GROUP BY id % {modulus}"
            ),
            1 => format!(
                "SELECT id, rank() OVER (PARTITION BY id % {modulus} ORDER BY {one}{descending}), dense_rank() OVER (ORDER BY {two}{descending}, {one}), count(*) OVER (ORDER BY {one}) FROM {name}"
            ),
            2 => {
                let value = self.any(&[table], 1);
                format!(
                    "SELECT * FROM (SELECT id, {value} AS x, row_number() OVER (PARTITION BY {one} ORDER BY {two}{descending}, id) AS n FROM {name}) WHERE n <= {modulus} ORDER BY n, id"
                )
            }
            3 => {
                let (low, high) = (
                    self.pick(&["UNBOUNDED PRECEDING", "2 PRECEDING", "0.5 PRECEDING", "CURRENT ROW", "1 FOLLOWING"]),
                    self.pick(&["3 FOLLOWING", "1.5 FOLLOWING", "UNBOUNDED FOLLOWING", "4 FOLLOWING"]),
                );
                format!(
                    "SELECT id, count(*) OVER (ORDER BY {one}{descending} RANGE BETWEEN {low} AND {high}), sum(id) OVER (ORDER BY {one} RANGE BETWEEN {low} AND {high}) FROM {name}"
                )
            }
            4 => format!(
                "SELECT id, row_number() OVER w, count({one}) OVER (w ROWS 2 PRECEDING), max(id) OVER p FROM {name} WINDOW p AS (PARTITION BY {two}), w AS (p ORDER BY id{})",
                self.pick(&["", " DESC"])
            ),
            5 => format!("SELECT id FROM {name} ORDER BY row_number() OVER (ORDER BY {one}{descending}, id DESC), id"),
            6 => format!(
                "SELECT id, lag({one}, 1, {two}) OVER (ORDER BY id), lead({one}, {modulus}, 'none') OVER (ORDER BY id) IS {two} FROM {name}"
            ),
            7 => format!(
                "SELECT id % {modulus}, max({one}), row_number() OVER (ORDER BY max({one}){descending}, id % {modulus}) FROM {name} GROUP BY 1 HAVING count(*) > 1"
            ),
            // Of empty texts SQLite's own sum is wrong there.
            _ => format!(
                "SELECT id, group_concat('.' || {one}, ',') OVER (PARTITION BY id % {modulus} ORDER BY id ROWS BETWEEN 1 PRECEDING AND CURRENT ROW), count(*) FILTER (WHERE {two} IS NOT NULL) OVER (ORDER BY id GROUPS 1 PRECEDING) FROM {name}"
            ),
        }
    }

    /// `*` over joins, and the names that it gives.
    fn starred(&mut self) -> String {
        let (table, other) = (self.table(), self.table());
        let (name, second) = (self.tables[table].name.clone(), self.tables[other].name.clone());
        let join = self.pick(&["JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN", "INNER JOIN"]);
        let condition = self.condition(&[table], 1);
        match self.below(8) {
            0 => format!("SELECT * FROM {name} a {join} {second} b USING (id)"),
            1 => format!("SELECT b.*, a.* FROM {name} a {join} {second} b ON a.id = b.id + {}", self.below(3)),
            2 if table != other => {
                format!("SELECT * FROM {name} NATURAL {join} (SELECT id, id % 2 AS odd FROM {second})")
            }
            3 => format!("SELECT *, id + 1, * FROM {name} WHERE {condition}"),
            4 => format!(
                "SELECT * FROM {name} a {join} {second} b USING (id) LEFT JOIN {name} c USING (id) WHERE a.id < 20 OR b.id < 9"
            ),
            5 => format!(
                "SELECT * FROM (SELECT * FROM {name} WHERE {condition}) AS q, (SELECT count(*) AS n FROM {second})"
            ),
            6 => {
                let view = self.pick(&["v0", "v1"]);
                format!("SELECT {name}.*, {view}.id FROM {name} {join} {view} ON {view}.id = {name}.id AND {condition}")
            }
            _ => format!(
                "WITH q AS (SELECT * FROM {name} WHERE {condition}) SELECT q.* FROM q WHERE EXISTS (SELECT * FROM {second} b WHERE b.id = q.id)"
            ),
        }
    }

    /// Subqueries in subqueries, with aggregates of rows outside.
    fn nested(&mut self) -> String {
        let (table, other) = (self.table(), self.table());
        let (name, second) = (self.tables[table].name.clone(), self.tables[other].name.clone());
        let (one, two) = (self.plain_column(table).replace(&format!("{name}."), "a."), self.plain_column(other));
        let two = two.replace(&format!("{second}."), "b.");
        let operator = self.pick(&["=", "<>", "<", ">=", "IS", "IS NOT"]);
        let bound = self.bind_any();
        match self.below(9) {
            0 => format!(
                "SELECT a.id, (SELECT count(*) FROM {second} b WHERE b.id < a.id AND {two} {operator} {one}) AS n FROM {name} a WHERE a.id < 25 ORDER BY n DESC, a.id"
            ),
            1 => format!(
                "SELECT a.id FROM {name} a WHERE {one} {operator} (SELECT max({two}) FROM {second} b WHERE b.id > a.id) OR {one} IN (SELECT {two} FROM {second} b ORDER BY b.id LIMIT 3)"
            ),
            2 => format!(
                "SELECT k, count(*) FROM (SELECT a.id % 3 AS k, (SELECT min(b.id) FROM {second} b WHERE b.id > a.id) AS m FROM {name} a) WHERE m IS NOT NULL GROUP BY k HAVING count(*) > (SELECT count(*) FROM {second}) / 9"
            ),
            3 => format!(
                "SELECT a.id, EXISTS (SELECT 1 FROM {second} b WHERE b.id = a.id UNION ALL SELECT 1 WHERE a.id % 4 = 0), {one} {operator} {bound} FROM {name} a"
            ),
            4 => format!(
                "WITH w(x) AS (SELECT b.id FROM {second} b WHERE {two} {operator} {bound}) SELECT a.id, a.id IN w, a.id NOT IN (SELECT x + 1 FROM w) FROM {name} a"
            ),
            5 => format!(
                "SELECT a.id, (SELECT group_concat(x, '|') FROM (SELECT b.id AS x FROM {second} b WHERE b.id BETWEEN a.id AND a.id + 3 ORDER BY b.id)) FROM {name} a WHERE a.id < 30"
            ),
            6 => format!(
                "SELECT (SELECT count(*) FROM {second} b WHERE b.id IN (SELECT c.id FROM {name} c WHERE c.id > a.id AND c.id < a.id + 5)), a.id FROM {name} a WHERE a.id < 15"
            ),
            7 => format!(
                "SELECT a.id FROM {name} a WHERE ({one}, a.id) {operator} (SELECT {two}, b.id FROM {second} b WHERE b.id >= a.id ORDER BY b.id LIMIT 1)"
            ),
            _ => format!(
                "SELECT a.id, {bound} {operator} {one}, coalesce({bound}, {one}), {one} IN ({bound}, 1, 'a') FROM {name} a WHERE {one} IS NOT {bound} OR {bound} IS NULL"
            ),
        }
    }

    /// Values of several classes in one expression.
    fn mixed(&mut self) -> String {
        let table = self.table();
        let name = self.tables[table].name.clone();
        let (first, second) = (self.kind(), self.kind());
        let (one, two) = (self.expression(&[table], first, 1), self.expression(&[table], second, 1));
        let condition = self.condition(&[table], 1);
        let value = match self.below(6) {
            0 => format!("CASE WHEN {condition} THEN {one} ELSE {two} END"),
            1 => format!("coalesce({one}, {two})"),
            2 => format!("iif({condition}, {one}, {two})"),
            3 => format!("CASE id % 3 WHEN 0 THEN {one} WHEN 1 THEN {two} END"),
            4 => format!("ifnull(nullif({one}, {two}), {two})"),
            _ => format!("max({one}, {two})"),
        };
        if self.says_collated(&value) {
            return self.collated();
        }
        let operator = self.pick(&["=", "<>", "<", ">=", "IS", "IS NOT"]);
        let other = self.any(&[table], 0);
        match self.below(7) {
            0 => format!("SELECT id, {value}, typeof({value}) FROM {name}"),
            1 => format!("SELECT {value} AS x, id FROM {name} ORDER BY x, id"),
            2 => format!("SELECT id FROM {name} WHERE {value} {operator} {other}"),
            3 => format!("SELECT {value} AS x, count(*) FROM {name} GROUP BY x"),
            4 => format!("SELECT count(DISTINCT {value}), min({value}), max({value}) FROM {name}"),
            5 => format!("SELECT id, {value} || '', quote({value}), length({value}) FROM {name}"),
            _ => format!("SELECT id, {value} + 1, ({value}) IN ({other}, 'a', 2), CAST({value} AS TEXT) FROM {name}"),
        }
    }

    fn aggregated(&mut self) -> String {
        let (table, other) = (self.table(), self.table());
        let (name, second) = (self.tables[table].name.clone(), self.tables[other].name.clone());
        let text = self.expression(&[table], Kind::Text, 1);
        let integer = self.expression(&[table], Kind::Integer, 1);
        let column = self.plain_column(table);
        let modulus = 1 + self.below(5);
        match self.below(7) {
            0 => format!(
                "SELECT id % {modulus}, sum({text}), avg({text}), total({text}) FROM {name} GROUP BY id % {modulus}"
            ),
            1 => format!(
                "SELECT sum(({integer}) % 1000), avg(({integer}) % 1000), total(({integer}) % 1000), typeof(sum(({integer}) % 1000)) FROM {name}"
            ),
            2 => format!(
                "SELECT id % {modulus} AS k, count(*) AS n FROM {name} GROUP BY k ORDER BY n DESC, k LIMIT {}",
                1 + self.below(4)
            ),
            3 => format!(
                "SELECT min({column}), max({column}), count(DISTINCT {column}) FROM {name} WHERE id > {} HAVING count(*) > 0",
                self.below(30)
            ),
            4 => format!(
                "SELECT a.id % {modulus}, count(b.id), max(b.id), count(DISTINCT a.id) FROM {name} a LEFT JOIN {second} b ON b.id % 7 = a.id % 7 AND b.id < 30 WHERE a.id < 30 GROUP BY a.id % {modulus} HAVING count(b.id) >= (SELECT count(*) FROM {second}) / 20"
            ),
            5 => format!(
                "SELECT group_concat(DISTINCT id % {modulus}) IS NOT NULL, count(*) FILTER (WHERE {column} IS NULL), sum(id) FILTER (WHERE {column} IS NOT NULL) FROM {name}"
            ),
            _ => format!(
                "SELECT id % {modulus}, {column} IS NULL, count(*), sum(id % 10) FROM {name} GROUP BY id % {modulus}, {column} IS NULL HAVING min({column}) IS NOT NULL OR count(*) > 2"
            ),
        }
    }
}
