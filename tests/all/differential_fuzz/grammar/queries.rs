//! SELECT in its forms.

use super::{Grammar, Kind, Temper};

impl Grammar<'_> {
    /// Whether a column by NOCASE or RTRIM is in the text.
    pub(super) fn says_collated(&self, sql: &str) -> bool {
        self.tables.iter().any(|table| {
            let mut columns = table.columns.iter().filter(|column| column.collated);
            columns.any(|column| sql.contains(&format!("{}.{}", table.name, column.name)))
        })
    }

    pub(super) fn query(&mut self) -> String {
        if self.temper == Temper::Rich && self.chance(25) {
            return self.rich_query();
        }
        if self.chance(6) {
            return self.tied();
        }
        if self.chance(2) {
            let table = self.table();
            return self.told(table);
        }
        if self.chance(20) {
            return self.further_query();
        }
        if self.chance(35) {
            return match self.below(8) {
                6 | 7 => self.wide_query(),
                0 | 1 => self.json_query(),
                2 | 3 => self.scalar_query(),
                4 => self.collated(),
                _ => self.combined(),
            };
        }
        match self.below(14) {
            10 => self.correlated(),
            11 => self.of_a_view(),
            12 => self.recursive(),
            13 => self.of_a_subquery(),
            0 => self.grouped(),
            1 => self.compound(),
            2 => self.joined(),
            3 => {
                let table = self.table();
                let inner = self.plain(&[table], 1);
                // Which of a group's spellings comes back, SQLite leaves open.
                let lower = "CASE typeof(x) WHEN 'text' THEN rtrim(lower(x)) ELSE x END";
                let shown = if self.says_collated(&inner) { lower } else { "x" };
                format!("WITH c(x) AS ({inner}) SELECT {shown}, count(*) FROM c GROUP BY x")
            }
            4 => self.windowed(),
            5 => {
                let table = self.table();
                let (inner, kind) = (self.table(), self.kind());
                let value = self.expression(&[table], kind, 1);
                let within = self.expression(&[inner], kind, 1);
                let condition = self.condition(&[inner], 1);
                let name = &self.tables[inner].name;
                format!(
                    "SELECT id, {value} IN (SELECT {within} FROM {name} WHERE {condition}) FROM {}",
                    self.tables[table].name
                )
            }
            _ => {
                let table = self.table();
                let columns = 1 + self.below(3);
                self.plain(&[table], columns)
            }
        }
    }

    /// EXISTS, IN and a scalar subquery that read the row outside.
    pub(super) fn correlated(&mut self) -> String {
        let (table, inner) = (self.table(), self.table());
        if table == inner {
            return self.plain(&[table], 2);
        }
        // Each row outside looks at each inside: these are to stay few.
        let condition = format!("t{inner}.id < 12 AND {}", self.condition(&[inner, table], 1));
        let value = match self.below(4) {
            0 => format!("EXISTS (SELECT 1 FROM t{inner} WHERE {condition})"),
            1 => format!("(SELECT count(*) FROM t{inner} WHERE {condition})"),
            2 => {
                format!("(SELECT max({}) FROM t{inner} WHERE {condition})", self.expression(&[inner], Kind::Integer, 1))
            }
            _ => {
                let kind = self.kind();
                let (left, right) = (self.expression(&[table], kind, 1), self.expression(&[inner], kind, 1));
                format!("{left} NOT IN (SELECT {right} FROM t{inner} WHERE {condition})")
            }
        };
        match self.below(2) {
            0 => format!("SELECT t{table}.id, {value} FROM t{table} WHERE t{table}.id < 20"),
            _ => format!("SELECT t{table}.id FROM t{table} WHERE t{table}.id < 20 AND {value}"),
        }
    }

    pub(super) fn of_a_view(&mut self) -> String {
        let view = self.pick(&["v0", "v1"]);
        let kind = self.kind();
        let operator = self.pick(&["=", "<>", "<", ">=", "IS", "IS NOT"]);
        match self.below(4) {
            0 => format!("SELECT * FROM {view} WHERE x {operator} {}", self.value_of(kind)),
            1 => format!(
                "SELECT x, count(*), min(id) FROM {view} GROUP BY id % 3, x IS NULL HAVING count(*) > {}",
                self.below(3)
            )
            .replace("SELECT x,", "SELECT id % 3, x IS NULL,"),
            2 => format!("SELECT a.id, b.id FROM {view} a JOIN {view} b ON a.x {operator} b.y WHERE a.id = b.id + 1"),
            _ => format!("SELECT id, x, typeof(x), y, quote(y) FROM {view} WHERE x {operator} {}", self.bind_of(kind)),
        }
    }

    pub(super) fn recursive(&mut self) -> String {
        let limit = 2 + self.below(12);
        let step = self.pick(&["n + 1", "n + 2", "n * 2 + 1", "n + 1.5"]);
        let union = self.pick(&["UNION", "UNION ALL"]);
        let start = self.pick(&["0", "1"]);
        let table = self.table();
        match self.below(2) {
            0 => format!("WITH RECURSIVE c(n) AS (SELECT {start} {union} SELECT {step} FROM c WHERE n < {limit}) SELECT n, typeof(n) FROM c")
                .replace("n + 1.5", "n + 3"),
            _ => format!(
                "WITH RECURSIVE c(n, s) AS (SELECT id, quote(id) FROM t{table} WHERE id < 4 {union} SELECT n + 1, s || '/' || n FROM c WHERE n < {limit}) \
                 SELECT c.n, c.s, t{table}.id FROM c LEFT JOIN t{table} ON t{table}.id = c.n"
            ),
        }
    }

    pub(super) fn of_a_subquery(&mut self) -> String {
        let (one, other) = (self.table(), self.table());
        // Of one kind: what affinity a column of a compound has is up to SQLite's plan, which may look into its arms.
        let kind = self.kind();
        let second = kind;
        let operator = self.pick(&["UNION ALL", "UNION ALL", "UNION"]);
        let arms = [one, other].map(|table| {
            let (x, y) = (self.expression(&[table], kind, 2), self.expression(&[table], second, 1));
            (table, x, y, self.condition(&[table], 1))
        });
        // A column or a CAST has one, an expression none.
        let has_affinity = |sql: &str| {
            let is_column =
                sql.strip_prefix(['t', 'r']).is_some_and(|rest| rest.contains('.') && !rest.contains([' ', '(']));
            (is_column || sql.starts_with("CAST("))
                .then(|| sql.rsplit([' ', '.']).next().unwrap_or_default().to_owned())
        };
        let unlike = has_affinity(&arms[0].1) != has_affinity(&arms[1].1)
            || has_affinity(&arms[0].2) != has_affinity(&arms[1].2);
        let plus = if unlike { "+" } else { "" };
        let arms = arms.map(|(table, x, y, condition)| {
            format!("SELECT id, {plus}{x} AS x, {plus}{y} AS y FROM t{table} WHERE {condition}")
        });
        let from = format!("({} {operator} {}) AS q", arms[0], arms[1]);
        if self.says_collated(&from) {
            // So it is with the collation.
            return self.plain(&[one], 2);
        }
        let operator = self.pick(&["=", "<>", "<", ">=", "IS", "IS NOT"]);
        match self.below(5) {
            0 => format!("SELECT x, y FROM {from} WHERE x {operator} y ORDER BY x, y DESC"),
            1 if !self.says_collated(&from) => {
                format!("SELECT min(x), max(x), count(DISTINCT x), count(y) FROM {from}")
            }
            2 => format!("SELECT id, x IN (SELECT y FROM {from}) FROM t0, (SELECT {} AS x)", self.value_of(kind)),
            3 => {
                format!("SELECT id, CASE x WHEN y THEN 'same' WHEN {} THEN 'this' END FROM {from}", self.value_of(kind))
            }
            _ => format!(
                "SELECT x, coalesce(y, x IS NULL), id + 1 FROM {from} WHERE x BETWEEN {} AND {}",
                self.value_of(kind),
                self.value_of(kind)
            )
            .replace("coalesce(y, x IS NULL)", "y IS x"),
        }
    }

    pub(super) fn plain(&mut self, tables: &[usize], columns: usize) -> String {
        let values: Vec<String> = (0..columns)
            .map(|_| {
                let kind = self.kind();
                self.expression(tables, kind, 3)
            })
            .collect();
        let from: Vec<String> = tables.iter().map(|&table| self.tables[table].name.clone()).collect();
        let distinct = if self.chance(15) { "DISTINCT " } else { "" };
        let mut sql = format!("SELECT {distinct}{} FROM {}", values.join(", "), from.join(", "));
        if self.chance(60) {
            sql += &format!(" WHERE {}", self.condition(tables, 2));
        }
        if self.chance(30) {
            let order: Vec<String> = (1..=columns)
                .map(|column| format!("{column}{}", self.pick(&["", " DESC", " NULLS LAST", " ASC"])))
                .collect();
            sql += &format!(" ORDER BY {}", order.join(", "));
            // Spellings that are the same to a collation tie: any of them may be among the first.
            if self.chance(40) && !self.says_collated(&sql) {
                sql += &format!(" LIMIT {}", self.below(6));
            }
        }
        sql
    }

    pub(super) fn joined(&mut self) -> String {
        let (left, right) = (self.table(), self.table());
        if left == right {
            return self.plain(&[left], 2);
        }
        let kind = self.kind();
        let (one, other) = (self.column_of(left, kind), self.column_of(right, kind));
        let (one, other) =
            (one.unwrap_or_else(|| format!("t{left}.id")), other.unwrap_or_else(|| format!("t{right}.id")));
        let join = self.pick(&["JOIN", "LEFT JOIN", "CROSS JOIN"]);
        let value = self.expression(&[left, right], kind, 2);
        let condition = self.condition(&[left, right], 2);
        format!(
            "SELECT t{left}.id, t{right}.id, {value} FROM t{left} {join} t{right} ON {one} = {other} WHERE {condition}"
        )
    }

    pub(super) fn grouped(&mut self) -> String {
        let table = self.table();
        let kind = self.kind();
        let key = self.column_of(table, kind).unwrap_or_else(|| "id % 3".to_owned());
        let aggregate = self.aggregate(table);
        let having = if self.chance(30) { format!(" HAVING count(*) > {}", self.below(3)) } else { String::new() };
        // Which of a group's spellings comes back, SQLite leaves open.
        let shown = if self.says_collated(&key) { format!("rtrim(lower({key}))") } else { key.clone() };
        format!("SELECT {shown}, {aggregate}, count(*) FROM t{table} GROUP BY {key}{having}")
    }

    pub(super) fn aggregate(&mut self, table: usize) -> String {
        let tables = &[table];
        match self.below(8) {
            0 => format!("count({})", self.any(tables, 1)),
            1 => format!("sum({})", self.expression(tables, Kind::Integer, 1)),
            2 => format!("min({})", self.any(tables, 1)),
            3 => format!("max({})", self.any(tables, 1)),
            4 => format!("count(DISTINCT {})", self.any(tables, 1)),
            5 => format!("sum(CASE WHEN {} THEN 1 ELSE 0 END)", self.condition(tables, 1)),
            6 => format!("max(length({}))", self.expression(tables, Kind::Text, 1)),
            _ => format!("count(*) FILTER (WHERE {})", self.condition(tables, 1)),
        }
    }

    pub(super) fn compound(&mut self) -> String {
        let kind = self.kind();
        let operator = self.pick(&["UNION", "UNION ALL", "EXCEPT", "INTERSECT"]);
        let (one, other) = (self.table(), self.table());
        let (left, right) = (self.expression(&[one], kind, 1), self.expression(&[other], kind, 1));
        if self.says_collated(&left) || self.says_collated(&right) {
            // Which of the spellings that are the same comes back is left open.
            return self.plain(&[one], 2);
        }
        let order = if self.chance(30) {
            self.pick(&[" ORDER BY 1", " ORDER BY 1 DESC", " ORDER BY 1 NULLS LAST"])
        } else {
            ""
        };
        format!("SELECT {left} FROM t{one} {operator} SELECT {right} FROM t{other}{order}")
    }

    /// What the statements above leave out: row values, compounds in subqueries, what the session knows.
    fn rich_query(&mut self) -> String {
        let (table, other) = (self.table(), self.table());
        let kind = self.kind();
        match self.below(7) {
            0 => {
                let second = self.kind();
                let left = (self.expression(&[table], kind, 1), self.expression(&[table], second, 1));
                let right = (self.expression(&[table], kind, 1), self.expression(&[table], second, 1));
                let operator = self.pick(&["=", "<>", "<", "<=", ">", "IS", "IS NOT"]);
                format!("SELECT id, ({}, {}) {operator} ({}, {}) FROM t{table}", left.0, left.1, right.0, right.1)
            }
            1 => {
                let (value, within) = (self.expression(&[table], kind, 1), self.expression(&[other], kind, 1));
                // Of a row with a NULL SQLite's plan may say that it is there.
                format!(
                    "SELECT id FROM t{table} WHERE {value} IS NOT NULL AND ({value}, id) IN (SELECT {within}, id FROM t{other})"
                )
            }
            2 => {
                let operator = self.pick(&["UNION", "UNION ALL", "EXCEPT", "INTERSECT"]);
                let (value, one, two) = (
                    self.expression(&[table], kind, 1),
                    self.expression(&[table], kind, 1),
                    self.expression(&[other], kind, 1),
                );
                if self.says_collated(&one) || self.says_collated(&two) {
                    return self.plain(&[table], 2);
                }
                format!(
                    "SELECT id, {value} IN (SELECT {one} FROM t{table} {operator} SELECT {two} FROM t{other}) FROM t{table}"
                )
            }
            3 => {
                let view = self.pick(&["v2", "v3"]);
                format!("SELECT id, x, y FROM {view} WHERE id {} {}", self.pick(&["<", "=", ">"]), self.below(30))
            }
            4 => {
                let (one, two) = (self.condition(&[table], 1), self.condition(&[table], 1));
                format!(
                    "SELECT count(*) FILTER (WHERE {one}), max(id) FILTER (WHERE {two}), count(DISTINCT id % 7) FROM t{table}"
                )
            }
            5 => {
                let condition = self.condition(&[table], 2);
                format!(
                    "SELECT a.id, (SELECT count(*) FROM t{other} b WHERE b.id < a.id AND EXISTS (SELECT 1 FROM t{other} c WHERE c.id = b.id + 1)) \
                     FROM (SELECT id FROM t{table} WHERE {condition}) a WHERE a.id < 15"
                )
            }
            _ => self.framed(table),
        }
    }
}
