//! Expressions and conditions over the columns of tables.

use super::{Column, Grammar, Kind};

impl Grammar<'_> {
    pub(super) fn kind(&mut self) -> Kind {
        self.pick(&[
            Kind::Integer,
            Kind::Integer,
            Kind::Text,
            Kind::Text,
            Kind::Real,
            Kind::Blob,
            Kind::Any,
            Kind::Date,
        ])
    }

    pub(super) fn any(&mut self, tables: &[usize], depth: usize) -> String {
        let kind = self.kind();
        self.expression(tables, kind, depth)
    }

    /// A column of that kind, with its table's name.
    pub(super) fn column_of(&mut self, table: usize, kind: Kind) -> Option<String> {
        // A column without a type stands anywhere.
        let any = self.chance(20);
        self.column_fitting(table, |column| column.kind == kind || any && column.kind == Kind::Any)
    }

    /// As [`column_of`](Self::column_of), but none without a type.
    pub(super) fn column_of_just(&mut self, table: usize, kind: Kind) -> Option<String> {
        self.column_fitting(table, |column| column.kind == kind)
    }

    fn column_fitting(&mut self, table: usize, fits: impl Fn(&Column) -> bool) -> Option<String> {
        let fitting: Vec<String> = self.tables[table]
            .columns
            .iter()
            .filter(|column| fits(column))
            .map(|column| format!("{}.{}", self.tables[table].name, column.name))
            .collect();
        if fitting.is_empty() { None } else { Some(fitting[self.below(fitting.len())].clone()) }
    }

    pub(super) fn condition(&mut self, tables: &[usize], depth: usize) -> String {
        if depth == 0 || self.chance(20) {
            let column = self.any(tables, 0);
            return format!("{column} IS {}NULL", self.pick(&["", "NOT "]));
        }
        match self.below(11) {
            9 | 10 => self.wide_condition(tables, depth - 1),
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

    pub(super) fn expression(&mut self, tables: &[usize], kind: Kind, depth: usize) -> String {
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
        if self.chance(10) {
            return self.wide_expression(tables, kind, depth - 1);
        }
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
                // `--1` would begin a comment.
                _ => format!("- {}", of(self, kind)),
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
            (_, Kind::Date) => match self.below(5) {
                0 => format!("date({}, '{} days')", of(self, kind), self.below(60)),
                1 => format!("datetime({})", of(self, kind)),
                2 => format!("substr({}, 1, 10)", of(self, kind)),
                3 => format!("strftime('%Y-%m', {})", of(self, kind)),
                _ => format!("{}({}, {})", self.pick(&["max", "min"]), of(self, kind), of(self, kind)),
            },
            (_, Kind::Blob) => format!("CAST({} AS BLOB)", of(self, Kind::Text)),
        }
    }
}
