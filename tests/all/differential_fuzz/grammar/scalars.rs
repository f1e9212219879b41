//! Dates with their modifiers, printf and the other functions that take many kinds of arguments.

use super::{Grammar, Kind};

impl Grammar<'_> {
    /// A point in time, as SQLite's date functions take it.
    fn time_value(&mut self, table: usize) -> String {
        match self.below(8) {
            0 => self.pick(&["2460000.5", "1700000000", "0", "-1.5", "2440587.5"]).to_owned(),
            1 => self.pick(&["'x'", "NULL", "''", "'12'", "'2024-13-01'", "'2024-02-30'", "'2023-02-29'"]).to_owned(),
            2 => {
                let kind = self.kind();
                self.column_of(table, kind).unwrap_or_else(|| "id".to_owned())
            }
            3 => {
                let text = self.pick(&["2024-01-31", "2000-02-29 23:59:59", "x", "12:30"]);
                self.bind(sqlift::types::Value::Text(text.to_owned()))
            }
            _ => self
                .pick(&[
                    "'2024-01-31'",
                    "'2024-02-29 12:34:56.789'",
                    "'12:00'",
                    "'2024-01-31T10:00Z'",
                    "'2024-01-31 10:00:01+02:00'",
                    "'1969-12-31 23:59:59'",
                    "'0001-01-01'",
                    "'9999-12-31 23:59:59.999'",
                    "'2024-03-31 24:00:00'",
                    "'  2024-01-31'",
                    "'2024-12-30'",
                ])
                .to_owned(),
        }
    }

    fn modifiers(&mut self) -> String {
        let count = self.pick(&[0, 1, 1, 2, 3]);
        let modifiers: Vec<String> = (0..count)
            .map(|_| match self.below(8) {
                0 => format!(
                    "'{}{} {}'",
                    self.pick(&["", "+", "-"]),
                    self.below(40),
                    self.pick(&["days", "day", "months", "years", "hours", "minutes", "seconds"])
                ),
                1 => format!(
                    "'{}{} {}'",
                    self.pick(&["+", "-"]),
                    self.pick(&["1.5", "0.25", "10.999"]),
                    self.pick(&["days", "months", "years", "hours", "seconds"])
                ),
                2 => format!("'weekday {}'", self.below(8)),
                3 => format!(
                    "'{}{}'",
                    self.pick(&["+", "-"]),
                    self.pick(&["01:30", "23:59:59", "00:00:00.5", "0001-02-03", "0000-11-30 12:00"])
                ),
                4 => {
                    let text = self.pick(&["+1 day", "-2 months", "start of month", "x"]);
                    self.bind(sqlift::types::Value::Text(text.to_owned()))
                }
                5 => format!("{} || ' days'", self.below(9)),
                _ => self
                    .pick(&[
                        "'start of month'",
                        "'start of year'",
                        "'start of day'",
                        "'unixepoch'",
                        "'julianday'",
                        "'auto'",
                        "'utc'",
                        "'subsec'",
                        "'ceiling'",
                        "'floor'",
                        "'START OF MONTH'",
                        "'weekday x'",
                        "NULL",
                    ])
                    .to_owned(),
            })
            .collect();
        modifiers.into_iter().map(|modifier| format!(", {modifier}")).collect()
    }

    pub(super) fn date_expression(&mut self, table: usize) -> String {
        let time = self.time_value(table);
        let modifiers = self.modifiers();
        match self.below(8) {
            0..4 => format!("{}({time}{modifiers})", self.pick(&["date", "time", "datetime"])),
            4 => format!("julianday({time}{modifiers})"),
            5 => format!("unixepoch({time}{modifiers})"),
            6 => format!("timediff({time}, {})", self.time_value(table)),
            _ => {
                let format = self.pick(&[
                    "%Y-%m-%d",
                    "%H:%M:%S",
                    "%f",
                    "%j|%u|%w",
                    "%s",
                    "%J",
                    "%G-W%V",
                    "%U|%W",
                    "%I:%M %p %P",
                    "%e|%k|%l",
                    "%F %T",
                    "%R%%",
                    "%d.%m.%Y",
                    "%Q",
                    "",
                ]);
                format!("strftime('{format}', {time}{modifiers})")
            }
        }
    }

    fn printf(&mut self, tables: &[usize]) -> String {
        let count = 1 + self.below(3);
        let pieces: Vec<&str> = (0..count)
            .map(|_| {
                self.pick(&[
                    "%d", "%5d|", "%-5d|", "%05d", "%+d", "% d", "%x", "%X", "%#x", "%o", "%c", "%s", "%10s|",
                    "%-10s|", "%.2s|", "%q", "%Q", "%w", "%e", "%g", "%G", "%.3f", "%,d", "%%", "%i", "%u", "%10.4f|",
                    "%-8.1e|", "%5.1s|", "%5%", "%ld", "%.10g", "%!.15g", "%+.2f",
                ])
            })
            .collect();
        let arguments: Vec<String> = (0..count + self.below(2) - usize::from(self.chance(15) && count > 0))
            .map(|_| if self.chance(20) { self.bind_any() } else { self.any(tables, 1) })
            .collect();
        let call = self.pick(&["printf", "format"]);
        let arguments: String = arguments.into_iter().map(|argument| format!(", {argument}")).collect();
        format!("{call}('{}'{arguments})", pieces.join("-"))
    }

    /// A function of any arguments.
    pub(super) fn scalar(&mut self, table: usize) -> String {
        let tables = &[table];
        let text = |grammar: &mut Self| grammar.expression(tables, Kind::Text, 1);
        let any = |grammar: &mut Self| if grammar.chance(20) { grammar.bind_any() } else { grammar.any(tables, 1) };
        let integer = |grammar: &mut Self| grammar.expression(tables, Kind::Integer, 1);
        match self.below(24) {
            0..5 => self.date_expression(table),
            5..8 => self.printf(tables),
            8 => format!("substr({}, {}, {})", any(self), integer(self), integer(self)),
            9 => format!("substr({}, {})", any(self), integer(self)),
            10 => format!("instr({}, {})", any(self), any(self)),
            11 => format!("replace({}, {}, {})", any(self), text(self), any(self)),
            12 => format!(
                "{}({}, {})",
                self.pick(&["trim", "ltrim", "rtrim"]),
                text(self),
                self.pick(&["'a'", "' a'", "'é'", "''", "NULL"])
            ),
            13 => format!(
                "{}({})",
                self.pick(&["length", "octet_length", "hex", "quote", "typeof", "upper", "lower", "unicode"]),
                any(self)
            ),
            14 => format!("char({}, {})", self.pick(&["65", "233", "97"]), 33 + self.below(90)),
            15 => format!("iif({}, {}, {})", self.condition(tables, 1), any(self), any(self)),
            16 => format!("{}({}, {}, {})", self.pick(&["max", "min", "coalesce"]), any(self), any(self), any(self)),
            17 => format!(
                "CAST({} AS {})",
                any(self),
                self.pick(&["INTEGER", "REAL", "TEXT", "BLOB", "NUMERIC", "VARCHAR(3)", "FLOAT"])
            ),
            18 => format!("round({}, {})", any(self), self.pick(&["0", "1", "2", "-1", "NULL"])),
            19 => format!("{}({})", self.pick(&["abs", "sign", "round"]), any(self)),
            20 => format!("concat_ws({}, {}, {})", self.pick(&["','", "''", "NULL"]), any(self), any(self)),
            21 => format!("concat({}, {})", any(self), any(self)),
            22 => format!("unhex({})", self.pick(&["'6162'", "'6'", "'zz'", "'61 62'", "NULL", "''"])),
            _ => format!("({} {} {})", any(self), self.pick(&["+", "-", "*", "/", "%", "||", "&", "|"]), any(self)),
        }
    }

    pub(super) fn scalar_query(&mut self) -> String {
        let table = self.table();
        let name = self.tables[table].name.clone();
        let columns: Vec<String> = (0..1 + self.below(3)).map(|_| self.scalar(table)).collect();
        let columns = columns.join(", ");
        match self.below(4) {
            0 => format!(
                "SELECT id FROM {name} WHERE {} {} {}",
                self.scalar(table),
                self.pick(&["=", "<", ">=", "IS", "IS NOT"]),
                self.any(&[table], 1)
            ),
            1 => format!("SELECT {} AS k, count(*) FROM {name} GROUP BY 1", self.scalar(table)),
            _ => format!("SELECT id, {columns} FROM {name}"),
        }
    }
}
