//! Random schemas, data and statements of SQLite's SQL.
//!
//! Types are mixed as SQLite allows. Left out is what two runs on SQLite alone could answer differently: rows without an order under
//! LIMIT, functions of time and chance, and sums of reals, whose last digit depends on the order of the rows.

use crate::support::Random;
use sqlift::types::Value;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    Integer,
    Real,
    Text,
    Blob,
    /// Of a column without a type.
    Any,
}

pub struct Column {
    pub name: String,
    pub kind: Kind,
    pub nocase: bool,
}

pub struct Table {
    pub name: String,
    pub columns: Vec<Column>,
}

pub struct Statement {
    pub sql: String,
    pub parameters: Vec<Value>,
}

impl Statement {
    /// One of several equal values is in the result, which DISTINCT, GROUP BY, UNION and their like leave open.
    pub fn shows_one_of_equals(&self) -> bool {
        let words = ["DISTINCT", "GROUP BY", "UNION ", "INTERSECT", "EXCEPT", "min(", "max(", "LIMIT"];
        words.iter().any(|word| self.sql.contains(word))
    }
}

/// Makes statements over a schema of its own making.
pub struct Grammar<'r> {
    random: &'r mut Random,
    pub tables: Vec<Table>,
    parameters: Vec<Value>,
    /// Rows inserted so far, for keys of their own.
    rows: i64,
}

impl<'r> Grammar<'r> {
    /// A schema of two or three tables, with what creates it.
    pub fn new(random: &'r mut Random) -> (Grammar<'r>, Vec<String>) {
        let mut grammar = Grammar { random, tables: Vec::new(), parameters: Vec::new(), rows: 0 };
        let mut script = Vec::new();
        for table in 0..2 + grammar.below(2) {
            let name = format!("t{table}");
            let mut columns = vec![Column { name: "id".to_owned(), kind: Kind::Integer, nocase: false }];
            let mut declared = vec!["id INTEGER PRIMARY KEY".to_owned()];
            for column in 0..3 + grammar.below(4) {
                let (kind, word) = grammar.pick(&[
                    (Kind::Integer, "INTEGER"),
                    (Kind::Integer, "BIGINT"),
                    (Kind::Real, "REAL"),
                    (Kind::Real, "DOUBLE"),
                    (Kind::Text, "TEXT"),
                    (Kind::Text, "VARCHAR(20)"),
                    (Kind::Text, "TEXT COLLATE NOCASE"),
                    (Kind::Blob, "BLOB"),
                    (Kind::Any, ""),
                    (Kind::Any, ""),
                ]);
                let name = format!("{}{column}", ["a", "b", "c", "d"][grammar.below(4)]);
                let rest = match grammar.below(8) {
                    0 => format!(" DEFAULT {}", grammar.literal_of(kind)),
                    1 => format!(" NOT NULL DEFAULT {}", grammar.value_of(kind)),
                    2 => " UNIQUE".to_owned(),
                    _ => String::new(),
                };
                declared.push(format!("{name} {word}{rest}"));
                columns.push(Column { name, kind, nocase: word.ends_with("NOCASE") });
            }
            script.push(format!("CREATE TABLE {name} ({})", declared.join(", ")));
            if grammar.below(2) == 0 {
                let column = &columns[grammar.below(columns.len())].name;
                script.push(format!("CREATE INDEX {name}_index ON {name} ({column})"));
            }
            grammar.tables.push(Table { name, columns });
        }
        for view in 0..2 {
            let table = grammar.table();
            let (x, y) = (grammar.kind(), grammar.kind());
            let literal = |grammar: &mut Self, kind| loop {
                // A view takes no parameters, and `--1` begins a comment.
                grammar.parameters.clear();
                let sql = grammar.expression(&[table], kind, 2);
                if grammar.parameters.is_empty() && !sql.contains("--") {
                    return sql;
                }
            };
            let (x, y) = (literal(&mut grammar, x), literal(&mut grammar, y));
            script.push(format!("CREATE VIEW v{view} AS SELECT id, {x} AS x, {y} AS y FROM t{table}"));
        }
        (grammar, script)
    }

    /// One statement: a query more often than not.
    pub fn statement(&mut self) -> Statement {
        self.parameters.clear();
        let sql = match self.below(10) {
            0 | 1 => self.insert(),
            2 => self.update(),
            3 if self.below(3) == 0 => self.delete(),
            3 => self.upsert(),
            _ => self.query(),
        };
        Statement { sql, parameters: std::mem::take(&mut self.parameters) }
    }

    fn below(&mut self, limit: usize) -> usize {
        self.random.below(limit)
    }

    fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.random.below(choices.len())]
    }

    fn chance(&mut self, percent: usize) -> bool {
        self.random.below(100) < percent
    }

    fn table(&mut self) -> usize {
        self.random.below(self.tables.len())
    }

    // ---- writes

    fn insert(&mut self) -> String {
        let table = self.table();
        let names: Vec<String> = self.tables[table].columns.iter().map(|column| column.name.clone()).collect();
        let rows: Vec<String> = (0..1 + self.below(3)).map(|_| self.row(table)).collect();
        let or = self.pick(&[
            "",
            "",
            "",
            "",
            " OR IGNORE",
            " OR IGNORE",
            " OR REPLACE",
            " OR REPLACE",
            " OR FAIL",
            " OR ABORT",
        ]);
        let rows = if self.chance(15) { self.rows_of_a_query(table) } else { format!("VALUES {}", rows.join(", ")) };
        let returning = if or.is_empty() || or.ends_with("ABORT") { self.returning(table) } else { String::new() };
        format!("INSERT{or} INTO {} ({}) {rows}{returning}", self.tables[table].name, names.join(", "))
    }

    /// Rows for a table from those of its own, under keys of their own.
    fn rows_of_a_query(&mut self, table: usize) -> String {
        self.rows += 1000;
        let kinds: Vec<Kind> = self.tables[table].columns[1..].iter().map(|column| column.kind).collect();
        let mut values = vec![format!("id + {}", self.rows)];
        for kind in kinds {
            values.push(if self.chance(50) {
                self.column_of(table, kind).unwrap_or_else(|| "NULL".to_owned())
            } else {
                self.value_of(kind)
            });
        }
        format!("SELECT {} FROM t{table} WHERE id % 5 = {} AND id < 40", values.join(", "), self.below(5))
    }

    fn returning(&mut self, table: usize) -> String {
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

    fn row(&mut self, table: usize) -> String {
        let kinds: Vec<Kind> = self.tables[table].columns[1..].iter().map(|column| column.kind).collect();
        self.rows += 1;
        let mut values = vec![if self.chance(95) { self.rows } else { 1 + self.below(20) as i64 }.to_string()];
        for kind in kinds {
            let value = if self.chance(15) { "NULL".to_owned() } else { self.value_of(kind) };
            values.push(if self.chance(20) { self.bind_of(kind) } else { value });
        }
        format!("({})", values.join(", "))
    }

    fn upsert(&mut self) -> String {
        let table = self.table();
        let row = self.row(table);
        let (name, columns) = (self.tables[table].name.clone(), self.tables[table].columns.len());
        let column = 1 + self.below(columns - 1);
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
            1 => format!("DO UPDATE SET {set} = {value} WHERE {name}.id % 2 = {}", self.below(2)),
            2 => format!("DO UPDATE SET {set} = {value} WHERE excluded.{set} IS NOT {name}.{set}"),
            _ => format!("DO UPDATE SET {set} = {value}"),
        };
        let rows = if self.chance(20) { format!("{row}, {}", self.row(table)) } else { row };
        let target = if self.chance(10) && action == "DO NOTHING" { "" } else { " (id)" };
        format!("INSERT INTO {name} VALUES {rows} ON CONFLICT{target} {action}{}", self.returning(table))
    }

    fn update(&mut self) -> String {
        let table = self.table();
        let columns = self.tables[table].columns.len();
        let column = 1 + self.below(columns - 1);
        let (set, kind) = (self.tables[table].columns[column].name.clone(), self.tables[table].columns[column].kind);
        let value = if self.chance(60) { self.expression(&[table], kind, 2) } else { self.value_of(kind) };
        let condition = self.condition(&[table], 2);
        let name = self.tables[table].name.clone();
        if self.chance(15) {
            let or = self.pick(&["IGNORE", "REPLACE", "ABORT"]);
            return format!(
                "UPDATE OR {or} {name} SET {set} = {} WHERE id % 9 = {}",
                self.value_of(kind),
                self.below(9)
            );
        }
        let other = self.table();
        if self.chance(15) && other != table {
            // One row at most for each: of several SQLite leaves open which one counts.
            let from = format!("(SELECT id AS k, {} AS v FROM t{other}) AS f", self.expression(&[other], kind, 1));
            return format!("UPDATE {name} SET {set} = f.v FROM {from} WHERE f.k = {name}.id AND {condition}");
        }
        if self.chance(15) {
            let other = 1 + self.below(columns - 1);
            let (second, second_kind) =
                (self.tables[table].columns[other].name.clone(), self.tables[table].columns[other].kind);
            if second != set {
                let value_of_second = self.value_of(second_kind);
                return format!("UPDATE {name} SET ({set}, {second}) = ({value}, {value_of_second}) WHERE {condition}");
            }
        }
        format!("UPDATE {name} SET {set} = {value} WHERE {condition}{}", self.returning(table))
    }

    fn delete(&mut self) -> String {
        let table = self.table();
        format!(
            "DELETE FROM t{table} WHERE id % 7 = {} AND {}{}",
            self.below(7),
            self.condition(&[table], 1),
            self.returning(table)
        )
    }

    // ---- queries

    /// Whether a NOCASE column is in the text.
    fn says_nocase(&self, sql: &str) -> bool {
        self.tables.iter().any(|table| {
            let mut columns = table.columns.iter().filter(|column| column.nocase);
            columns.any(|column| sql.contains(&format!("{}.{}", table.name, column.name)))
        })
    }

    fn query(&mut self) -> String {
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
                let shown = if self.says_nocase(&inner) { "lower(x)" } else { "x" };
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
    fn correlated(&mut self) -> String {
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

    fn of_a_view(&mut self) -> String {
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

    fn recursive(&mut self) -> String {
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

    fn of_a_subquery(&mut self) -> String {
        let (one, other) = (self.table(), self.table());
        // Of one kind: what affinity a column of a compound has is up to SQLite's plan, which may look into its arms.
        let kind = self.kind();
        let second = kind;
        let operator = self.pick(&["UNION ALL", "UNION ALL", "UNION"]);
        let arms = [one, other].map(|table| {
            let (x, y) = (self.expression(&[table], kind, 2), self.expression(&[table], second, 1));
            format!("SELECT id, {x} AS x, {y} AS y FROM t{table} WHERE {}", self.condition(&[table], 1))
        });
        let from = format!("({} {operator} {}) AS q", arms[0], arms[1]);
        if self.says_nocase(&from) {
            // So it is with the collation.
            return self.plain(&[one], 2);
        }
        let operator = self.pick(&["=", "<>", "<", ">=", "IS", "IS NOT"]);
        match self.below(5) {
            0 => format!("SELECT x, y FROM {from} WHERE x {operator} y ORDER BY x, y DESC"),
            1 if !self.says_nocase(&from) => format!("SELECT min(x), max(x), count(DISTINCT x), count(y) FROM {from}"),
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

    fn plain(&mut self, tables: &[usize], columns: usize) -> String {
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
            // Spellings that are the same by NOCASE tie: any of them may be among the first.
            if self.chance(40) && !self.says_nocase(&sql) {
                sql += &format!(" LIMIT {}", self.below(6));
            }
        }
        sql
    }

    fn joined(&mut self) -> String {
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

    fn grouped(&mut self) -> String {
        let table = self.table();
        let kind = self.kind();
        let key = self.column_of(table, kind).unwrap_or_else(|| "id % 3".to_owned());
        let aggregate = self.aggregate(table);
        let having = if self.chance(30) { format!(" HAVING count(*) > {}", self.below(3)) } else { String::new() };
        format!("SELECT {key}, {aggregate}, count(*) FROM t{table} GROUP BY {key}{having}")
    }

    fn aggregate(&mut self, table: usize) -> String {
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

    fn windowed(&mut self) -> String {
        let table = self.table();
        let call = match self.below(9) {
            4 => "rank()".to_owned(),
            5 => format!("lead({}, {})", self.any(&[table], 1), 1 + self.below(3)),
            6 => format!("first_value({})", self.any(&[table], 1)),
            7 => "ntile(3)".to_owned(),
            8 => format!("max({})", self.expression(&[table], Kind::Integer, 1)),
            0 => "row_number()".to_owned(),
            1 => format!("sum({})", self.expression(&[table], Kind::Integer, 1)),
            2 => format!("lag({})", self.any(&[table], 1)),
            _ => "count(*)".to_owned(),
        };
        let partition =
            if self.chance(40) { format!("PARTITION BY {} ", self.any(&[table], 1)) } else { String::new() };
        let frame = match call.split('(').next() {
            // A sum over rows that leave its frame stays a REAL on SQLite once there was one in it.
            Some("sum") => self.pick(&["", " ROWS UNBOUNDED PRECEDING"]),
            Some("count" | "max" | "first_value") => self.pick(&[
                "",
                "",
                " ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING",
                " ROWS UNBOUNDED PRECEDING",
                " ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING",
            ]),
            _ => "",
        };
        let descending = self.pick(&["", " DESC"]);
        format!("SELECT id, {call} OVER ({partition}ORDER BY id{descending}{frame}) FROM t{table}")
    }

    fn compound(&mut self) -> String {
        let kind = self.kind();
        let operator = self.pick(&["UNION", "UNION ALL", "EXCEPT", "INTERSECT"]);
        let (one, other) = (self.table(), self.table());
        let (left, right) = (self.expression(&[one], kind, 1), self.expression(&[other], kind, 1));
        let order = if self.chance(30) {
            self.pick(&[" ORDER BY 1", " ORDER BY 1 DESC", " ORDER BY 1 NULLS LAST"])
        } else {
            ""
        };
        format!("SELECT {left} FROM t{one} {operator} SELECT {right} FROM t{other}{order}")
    }

    // ---- expressions

    fn kind(&mut self) -> Kind {
        self.pick(&[Kind::Integer, Kind::Integer, Kind::Text, Kind::Text, Kind::Real, Kind::Blob, Kind::Any])
    }

    fn any(&mut self, tables: &[usize], depth: usize) -> String {
        let kind = self.kind();
        self.expression(tables, kind, depth)
    }

    /// A column of that kind, with its table's name.
    fn column_of(&mut self, table: usize, kind: Kind) -> Option<String> {
        // A column without a type stands anywhere.
        let any = self.chance(20);
        let fitting: Vec<String> = self.tables[table]
            .columns
            .iter()
            .filter(|column| column.kind == kind || any && column.kind == Kind::Any)
            .map(|column| format!("{}.{}", self.tables[table].name, column.name))
            .collect();
        if fitting.is_empty() { None } else { Some(fitting[self.below(fitting.len())].clone()) }
    }

    fn condition(&mut self, tables: &[usize], depth: usize) -> String {
        if depth == 0 || self.chance(20) {
            let column = self.any(tables, 0);
            return format!("{column} IS {}NULL", self.pick(&["", "NOT "]));
        }
        match self.below(9) {
            0 => format!("({} AND {})", self.condition(tables, depth - 1), self.condition(tables, depth - 1)),
            1 => format!("({} OR {})", self.condition(tables, depth - 1), self.condition(tables, depth - 1)),
            2 => format!("NOT {}", self.condition(tables, depth - 1)),
            3 => {
                let text = self.expression(tables, Kind::Text, depth - 1);
                format!(
                    "{text} {} {}",
                    self.pick(&["LIKE", "NOT LIKE", "GLOB"]),
                    self.pick(&["'%a%'", "'A_'", "'*b*'", "'é%'", "''"])
                )
            }
            4 => {
                let kind = self.kind();
                let (low, high) = (self.value_of(kind), self.value_of(kind));
                format!("{} BETWEEN {low} AND {high}", self.expression(tables, kind, depth - 1))
            }
            5 => {
                let kind = self.kind();
                let values: Vec<String> = (0..self.below(4)).map(|_| self.literal_of(kind)).collect();
                format!("{} IN ({})", self.expression(tables, kind, depth - 1), values.join(", "))
            }
            // A number as a condition.
            6 => self.expression(tables, Kind::Integer, depth - 1),
            _ => {
                let kind = self.kind();
                // Now and then values of unlike kinds meet.
                let other = if self.chance(15) { self.kind() } else { kind };
                let operator = self.pick(&["=", "==", "<>", "<", "<=", ">", ">=", "IS", "IS NOT"]);
                let (left, right) =
                    (self.expression(tables, kind, depth - 1), self.expression(tables, other, depth - 1));
                format!("{left} {operator} {right}")
            }
        }
    }

    fn expression(&mut self, tables: &[usize], kind: Kind, depth: usize) -> String {
        if depth == 0 || self.chance(25) {
            let table = self.pick(tables);
            return match self.below(10) {
                0 | 1 => self.value_of(kind),
                2 => self.bind_of(kind),
                3 => "NULL".to_owned(),
                _ => self.column_of(table, kind).unwrap_or_else(|| self.value_of(kind)),
            };
        }
        let of = |grammar: &mut Self, kind| grammar.expression(tables, kind, depth - 1);
        let shared = self.below(10);
        match (shared, kind) {
            (0, _) => {
                let condition = self.condition(tables, depth - 1);
                let (yes, no) = (of(self, kind), of(self, kind));
                format!("CASE WHEN {condition} THEN {yes} ELSE {no} END")
            }
            (1, _) => format!("coalesce({}, {})", of(self, kind), of(self, kind)),
            (2, _) => format!("nullif({}, {})", of(self, kind), of(self, kind)),
            (_, Kind::Integer) => match self.below(11) {
                0 => format!("({} {} {})", of(self, kind), self.pick(&["+", "-", "*"]), of(self, kind)),
                1 => format!("({} {} {})", of(self, kind), self.pick(&["/", "%"]), of(self, kind)),
                2 => format!("({} {} {})", of(self, kind), self.pick(&["&", "|", "<<", ">>"]), self.below(70)),
                3 => format!("length({})", of(self, Kind::Text)),
                // `abs(?)` of a bound NULL is a REAL there, which shows beside integers.
                4 => format!("abs({} + 0)", of(self, kind)),
                5 => format!("CAST({} AS INTEGER)", self.any(tables, depth - 1)),
                6 => format!("instr({}, 'a')", of(self, Kind::Text)),
                7 => format!("({})", self.condition(tables, depth - 1)),
                8 => format!("unicode({})", of(self, Kind::Text)),
                9 => format!("max({}, {})", of(self, kind), of(self, kind)),
                _ => format!("-{}", of(self, kind)),
            },
            (_, Kind::Real) => match self.below(5) {
                0 => format!("({} {} {})", of(self, kind), self.pick(&["+", "-", "*", "/"]), of(self, kind)),
                1 => format!("round({}, {})", of(self, kind), self.below(4)),
                2 => format!("({} * 1.0)", of(self, Kind::Integer)),
                3 => format!("abs({})", of(self, kind)),
                _ => format!("CAST({} AS REAL)", of(self, Kind::Integer)),
            },
            (_, Kind::Text) => match self.below(11) {
                0 => format!("({} || {})", of(self, kind), self.any(tables, depth - 1)),
                1 => format!("{}({})", self.pick(&["upper", "lower", "trim", "ltrim", "rtrim"]), of(self, kind)),
                2 => format!(
                    "substr({}, {}, {})",
                    of(self, kind),
                    self.pick(&["1", "2", "0", "-2", "9"]),
                    self.pick(&["1", "3", "-1", "99"])
                ),
                3 => format!("replace({}, 'a', 'bb')", of(self, kind)),
                4 => format!("CAST({} AS TEXT)", of(self, Kind::Integer)),
                5 => format!("typeof({})", self.any(tables, depth - 1)),
                6 => format!("quote({})", self.any(tables, depth - 1)),
                7 => format!("hex({})", self.any(tables, depth - 1)),
                8 => format!("printf('%d|%s|%5.2f', {}, {}, 1.5)", of(self, Kind::Integer), of(self, kind)),
                9 => format!("date('2024-01-31', '{} days')", self.below(60)),
                _ => format!("min({}, {})", of(self, kind), of(self, kind)),
            },
            (_, Kind::Any) => {
                format!("{}({}, {})", self.pick(&["max", "min", "ifnull"]), of(self, kind), of(self, kind))
            }
            (_, Kind::Blob) => format!("CAST({} AS BLOB)", of(self, Kind::Text)),
        }
    }

    // ---- values

    fn literal_of(&mut self, kind: Kind) -> String {
        if self.chance(10) { "NULL".to_owned() } else { self.value_of(kind) }
    }

    fn value_of(&mut self, kind: Kind) -> String {
        match kind {
            Kind::Integer => match self.below(12) {
                0 => self
                    .pick(&[
                        "9223372036854775807",
                        "-9223372036854775808",
                        "4294967296",
                        "0x1F",
                        "2147483648",
                        "9007199254740993",
                    ])
                    .to_owned(),
                _ => (self.below(40) as i64 - 12).to_string(),
            },
            Kind::Real => self
                .pick(&[
                    "0.0",
                    "1.5",
                    "-2.25",
                    "1e3",
                    "0.1",
                    "3.0",
                    "123456789.125",
                    "1e-7",
                    "-0.5",
                    "9007199254740992.0",
                ])
                .to_owned(),
            Kind::Text => self
                .pick(&[
                    "''", "'a'", "'A'", "'abc'", "'12'", "' 7 '", "'1.5x'", "'é'", "'b%_'", "'it''s'", "'Zz'", "'0'",
                    "'-3'",
                ])
                .to_owned(),
            Kind::Blob => self.pick(&["x''", "x'00'", "x'61'", "x'ff00'", "x'616263'"]).to_owned(),
            // Bytes that are text, which most expressions ask for.
            Kind::Any => match self.below(4) {
                0 => self.pick(&["x''", "x'61'", "x'3132'"]).to_owned(),
                1 => self.value_of(Kind::Integer),
                2 => self.value_of(Kind::Real),
                _ => self.value_of(Kind::Text),
            },
        }
    }

    fn bind_of(&mut self, kind: Kind) -> String {
        let value = match kind {
            _ if self.chance(10) => Value::Null,
            Kind::Integer => Value::Integer(self.pick(&[0, 1, -1, 7, 1 << 40, (1 << 53) + 1, i64::MAX])),
            Kind::Real => Value::Real(self.pick(&[0.0, 1.5, -2.25, 1e10])),
            Kind::Text => Value::Text(self.pick(&["", "a", "ABC", "12", "é"]).to_owned()),
            Kind::Blob => Value::Blob(self.pick(&[&[][..], &[0], b"abc"]).to_vec()),
            Kind::Any => {
                // An integer and a real of two parameters are one type to `ifnull(?1, ?2)`.
                let kind = self.pick(&[Kind::Integer, Kind::Text]);
                return self.bind_of(kind);
            }
        };
        self.parameters.push(value);
        format!("?{}", self.parameters.len())
    }
}
