//! Literals and parameters.

use super::{Grammar, Kind};
use sqlift::types::Value;

impl Grammar<'_> {
    pub(super) fn literal_of(&mut self, kind: Kind) -> String {
        if self.chance(10) { "NULL".to_owned() } else { self.value_of(kind) }
    }

    pub(super) fn value_of(&mut self, kind: Kind) -> String {
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
                    "''",
                    "'a'",
                    "'A'",
                    "'abc'",
                    "'12'",
                    "' 7 '",
                    "'1.5x'",
                    "'é'",
                    "'b%_'",
                    "'it''s'",
                    "'Zz'",
                    "'0'",
                    "'-3'",
                    "'a '",
                    "'ABC  '",
                    r#"'{"a":1,"b":[2,null]}'"#,
                    r#"'[1,2.5,"x"]'"#,
                ])
                .to_owned(),
            Kind::Date => self
                .pick(&[
                    "'2024-01-31'",
                    "'2024-02-29 12:34:56'",
                    "'1999-12-31 23:59:59.5'",
                    "'2024-01-31 00:00:00'",
                    "'2024-12-30T08:15'",
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

    pub(super) fn bind_of(&mut self, kind: Kind) -> String {
        if !self.parameters.is_empty() && self.chance(10) {
            // One that is there already, of whatever class.
            return format!("?{}", 1 + self.below(self.parameters.len()));
        }
        let value = match kind {
            _ if self.chance(10) => Value::Null,
            Kind::Integer => Value::Integer(self.pick(&[0, 1, -1, 7, 1 << 40, (1 << 53) + 1, i64::MAX])),
            Kind::Real => Value::Real(self.pick(&[0.0, 1.5, -2.25, 1e10])),
            Kind::Text => Value::Text(self.pick(&["", "a", "ABC", "12", "é"]).to_owned()),
            Kind::Date => Value::Text(self.pick(&["2024-01-31", "2000-02-29 00:00:01", "2023-06-15"]).to_owned()),
            Kind::Blob => Value::Blob(self.pick(&[&[][..], &[0], b"abc"]).to_vec()),
            Kind::Any => {
                // An integer and a real of two parameters are one type to `ifnull(?1, ?2)`.
                let kind = self.pick(&[Kind::Integer, Kind::Text]);
                return self.bind_of(kind);
            }
        };
        self.bind(value)
    }

    /// A parameter with that value.
    pub(super) fn bind(&mut self, value: Value) -> String {
        self.parameters.push(value);
        format!("?{}", self.parameters.len())
    }

    /// A parameter of any class, and of values that lie at the ends.
    pub(super) fn bind_any(&mut self) -> String {
        let value = match self.below(6) {
            0 => Value::Null,
            1 => Value::Integer(self.pick(&[0, 1, -1, 7, 12, i64::MAX, i64::MIN])),
            2 => Value::Real(self.pick(&[0.0, -0.5, 1.5, 12.0, 7.0, 1e300])),
            3 | 4 => Value::Text(self.pick(&["", "a", "A", "12", " 7 ", "1.5", "7.0", "abc "]).to_owned()),
            _ => Value::Blob(self.pick(&[&[][..], b"a", b"12"]).to_vec()),
        };
        self.bind(value)
    }
}
