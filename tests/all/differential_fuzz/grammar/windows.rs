//! Window functions and their frames.

use super::{Grammar, Kind};

impl Grammar<'_> {
    pub(super) fn windowed(&mut self) -> String {
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

    /// Frames of every kind. What is computed over one does not depend on the order of rows that tie.
    pub(super) fn framed(&mut self, table: usize) -> String {
        let call = match self.below(6) {
            0 => format!("count({})", self.any(&[table], 1)),
            1 => format!("max({})", self.expression(&[table], Kind::Integer, 1)),
            2 => format!("min({})", self.expression(&[table], Kind::Integer, 1)),
            3 => format!("count(*) FILTER (WHERE {})", self.condition(&[table], 1)),
            4 => "sum(id)".to_owned(),
            _ => "group_concat(id % 3)".to_owned(),
        };
        let unit = self.pick(&["ROWS", "RANGE", "GROUPS"]);
        let bounds = self.pick(&[
            "UNBOUNDED PRECEDING AND CURRENT ROW",
            "CURRENT ROW AND UNBOUNDED FOLLOWING",
            "UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING",
            "2 PRECEDING AND 1 FOLLOWING",
            "3 PRECEDING AND 1 PRECEDING",
            "1 FOLLOWING AND 2 FOLLOWING",
            "CURRENT ROW AND 1 FOLLOWING",
            "1 PRECEDING AND UNBOUNDED FOLLOWING",
        ]);
        let exclude =
            self.pick(&["", "", " EXCLUDE NO OTHERS", " EXCLUDE CURRENT ROW", " EXCLUDE GROUP", " EXCLUDE TIES"]);
        // Rows that tie would be in an order that is left open.
        let order =
            if unit == "ROWS" || call.starts_with("group") { "id" } else { self.pick(&["id", "id / 3", "id % 4"]) };
        let partition = self.pick(&["", "", "PARTITION BY id % 3 "]);
        let descending = self.pick(&["", " DESC"]);
        let window = format!("{partition}ORDER BY {order}{descending} {unit} BETWEEN {bounds}{exclude}");
        match self.below(3) {
            0 => format!(
                "SELECT id, {call} OVER w, row_number() OVER (ORDER BY id) FROM t{table} WINDOW w AS ({window})"
            ),
            _ => format!("SELECT id, {call} OVER ({window}) FROM t{table}"),
        }
    }
}
