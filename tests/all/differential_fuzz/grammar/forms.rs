//! Operators and functions beside the everyday ones.

use super::{Grammar, Kind};

impl Grammar<'_> {
    pub(super) fn wide_condition(&mut self, tables: &[usize], depth: usize) -> String {
        let kind = self.kind();
        let value = self.expression(tables, kind, depth);
        match self.below(11) {
            0 => {
                let other = if self.chance(20) { self.kind() } else { kind };
                let not = self.pick(&["", "NOT "]);
                format!("{value} IS {not}DISTINCT FROM {}", self.expression(tables, other, depth))
            }
            1 => format!("{value} IS {}", self.pick(&["TRUE", "FALSE", "NOT TRUE", "NOT FALSE"])),
            2 => format!("{value} {}", self.pick(&["ISNULL", "NOTNULL", "NOT NULL"])),
            3 => {
                let text = self.expression(tables, Kind::Text, depth);
                format!("{text} LIKE {} ESCAPE '\\'", self.pick(&[r"'b\%%'", r"'%\_'", r"'a\\'", r"'%A%'"]))
            }
            4 => {
                let (text, pattern) =
                    (self.expression(tables, Kind::Text, depth), self.expression(tables, Kind::Text, 0));
                format!("{text} {} {pattern}", self.pick(&["LIKE", "NOT LIKE", "GLOB"]))
            }
            5 => {
                let text = self.expression(tables, Kind::Text, depth);
                format!("{text} GLOB {}", self.pick(&["'[a-c]*'", "'[^a]?'", "'*[0-9]'", "'[]a]'", "'a?c'"]))
            }
            6 => {
                let (low, high) = (self.expression(tables, kind, 0), self.expression(tables, kind, 0));
                format!("{value} NOT BETWEEN {low} AND {high}")
            }
            7 => {
                let members: Vec<String> = (0..1 + self.below(3)).map(|_| self.expression(tables, kind, 0)).collect();
                format!("{value} {}IN ({})", self.pick(&["", "NOT "]), members.join(", "))
            }
            8 => format!("EXISTS (SELECT 1 WHERE {})", self.condition(tables, depth)),
            9 => {
                let (collation, operator) =
                    (self.pick(&["NOCASE", "RTRIM", "BINARY"]), self.pick(&["=", "<", ">=", "<>"]));
                let text = self.expression(tables, Kind::Text, depth);
                format!("{text} {operator} {} COLLATE {collation}", self.value_of(Kind::Text))
            }
            _ => {
                let condition = self.condition(tables, depth);
                format!("{}({condition})", self.pick(&["likely", "unlikely"]))
            }
        }
    }

    pub(super) fn wide_expression(&mut self, tables: &[usize], kind: Kind, depth: usize) -> String {
        let of = |grammar: &mut Self, kind| grammar.expression(tables, kind, depth);
        match (self.below(6), kind) {
            (0, _) => {
                let (key, second) = (self.kind(), self.kind());
                let second = if self.chance(80) { key } else { second };
                let operand = of(self, key);
                format!(
                    "CASE {operand} WHEN {} THEN {} WHEN {} THEN {} ELSE {} END",
                    of(self, key),
                    of(self, kind),
                    of(self, second),
                    of(self, kind),
                    of(self, kind)
                )
            }
            (1, _) => {
                let condition = self.condition(tables, depth);
                format!("CASE WHEN {condition} THEN {} END", of(self, kind))
            }
            (2, _) => {
                let (condition, second) = (self.condition(tables, depth), self.condition(tables, depth));
                format!("iif({condition}, {}, {second}, {}, {})", of(self, kind), of(self, kind), of(self, kind))
            }
            (3, _) => format!("ifnull({}, {})", of(self, kind), of(self, kind)),
            (_, Kind::Integer) => match self.below(5) {
                0 => format!("~{}", of(self, kind)),
                1 => format!("+{}", of(self, kind)),
                2 => format!("octet_length({})", of(self, Kind::Text)),
                3 => format!("sign({})", of(self, kind)),
                _ => format!("({} IS {})", of(self, kind), of(self, kind)),
            },
            (_, Kind::Real) => format!("CAST({} AS NUMERIC)", of(self, kind)),
            (_, Kind::Text) => match self.below(3) {
                0 => format!("substring({}, {})", of(self, kind), self.pick(&["2", "-1", "0"])),
                1 => format!("concat({}, {})", of(self, kind), of(self, Kind::Integer)),
                _ => format!("concat_ws('-', {}, {})", of(self, kind), of(self, Kind::Integer)),
            },
            (_, Kind::Date) => format!("strftime('%Y-%m-%d', {})", of(self, kind)),
            (_, Kind::Any | Kind::Blob) => format!("coalesce({}, {})", of(self, kind), of(self, kind)),
        }
    }
}
