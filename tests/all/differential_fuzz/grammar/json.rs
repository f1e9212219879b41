//! JSON: documents, the functions over them, and their elements as rows.

use super::{Grammar, Kind};

const PATHS: [&str; 14] = [
    "$",
    "$.a",
    "$.b",
    "$.c",
    "$[0]",
    "$[1]",
    "$.a.b",
    "$.a[0]",
    "$.b[1]",
    "$.a[#-1]",
    "$[#-1]",
    "$.\"x y\"",
    "$.nothing",
    "$.a.b.c",
];

impl Grammar<'_> {
    /// The text of a document: as a literal needs it, without quotes of SQL.
    fn document(&mut self, depth: usize) -> String {
        match self.below(if depth == 0 { 7 } else { 12 }) {
            0 => (self.below(40) as i64 - 12).to_string(),
            1 => self.pick(&["1.5", "-0.25", "1e3", "3.0", "123456789.125"]).to_owned(),
            2 => self.pick(&["true", "false"]).to_owned(),
            3 => "null".to_owned(),
            4 => self.pick(&["9007199254740993", "-9223372036854775808", "0"]).to_owned(),
            5 | 6 => self.pick(&[r#""""#, r#""a""#, r#""12""#, r#""é\n""#, r#""x \"y\"""#, r#""Zz""#]).to_owned(),
            7 | 8 => {
                let elements: Vec<String> = (0..self.below(4)).map(|_| self.document(depth - 1)).collect();
                format!("[{}]", elements.join(self.pick(&[",", ", "])))
            }
            _ => {
                let mut names = vec!["a", "b", "c", "x y", "A"];
                let members: Vec<String> = (0..self.below(4))
                    .map(|_| {
                        let name = names.remove(self.below(names.len()));
                        format!("\"{name}\":{}", self.document(depth - 1))
                    })
                    .collect();
                format!("{{{}}}", members.join(self.pick(&[",", ", "])))
            }
        }
    }

    /// A document as an expression: a literal, a parameter, or made of a row.
    pub(super) fn json(&mut self, tables: &[usize]) -> String {
        match self.below(8) {
            0 => {
                let text = self.document(2);
                self.bind(sqlift::types::Value::Text(text))
            }
            1 => {
                let (one, other) = (self.json_value(tables), self.json_value(tables));
                format!("json_object('a', {one}, 'b', {other})")
            }
            2 => {
                let (one, other) = (self.json_value(tables), self.json_value(tables));
                format!("json_array({one}, {other})")
            }
            3 if self.chance(40) => {
                let table = self.pick(tables);
                match self.column_of_just(table, Kind::Text) {
                    Some(column) => format!("iif(json_valid({column}), {column}, '[]')"),
                    None => self.json(tables),
                }
            }
            3 if self.chance(50) => format!("json({})", self.json(tables)),
            _ => format!("'{}'", self.document(3)),
        }
    }

    /// What goes into a document. Blobs cannot.
    fn json_value(&mut self, tables: &[usize]) -> String {
        match self.below(5) {
            0 => format!("json('{}')", self.document(2)),
            1 => "NULL".to_owned(),
            _ => {
                let kind = self.pick(&[Kind::Integer, Kind::Real, Kind::Text]);
                let table = self.pick(tables);
                match self.below(3) {
                    0 => self.value_of(kind),
                    1 => self.bind_of(kind),
                    _ => self.column_of_just(table, kind).unwrap_or_else(|| "7".to_owned()),
                }
            }
        }
    }

    fn path(&mut self) -> String {
        let path = self.pick(&PATHS).to_owned();
        if self.chance(15) { self.bind(sqlift::types::Value::Text(path)) } else { format!("'{path}'") }
    }

    /// A function of a document; what it gives may be of any class.
    pub(super) fn json_expression(&mut self, tables: &[usize]) -> String {
        let (document, path) = (self.json(tables), self.path());
        match self.below(16) {
            0 | 1 => format!("json_extract({document}, {path})"),
            2 => format!("({document} -> {path})"),
            3 => format!("({document} ->> {path})"),
            4 => format!("({document} ->> {})", self.pick(&["'a'", "0", "-1", "'b'", "'x y'"])),
            5 => format!("json_type({document}, {path})"),
            6 => format!("json_array_length({document}, {path})"),
            7 => {
                let verb = self.pick(&["set", "insert", "replace"]);
                format!("json_{verb}({document}, {path}, {})", self.json_value(tables))
            }
            8 => format!("json_remove({document}, {path})"),
            9 => format!("json_patch({document}, {})", self.json(tables)),
            10 => format!("json_valid({document})"),
            11 => format!("json_quote({})", self.json_value(tables)),
            12 => format!("json_extract({document}, {path}, {})", self.path()),
            13 => format!("json_type({document})"),
            14 => format!("json_array(json_extract({document}, {path}), 1)"),
            _ => format!("json({document})"),
        }
    }

    /// Elements as rows, by themselves, beside a table or in an expression, and documents made of rows.
    pub(super) fn json_query(&mut self) -> String {
        let table = self.table();
        let name = self.tables[table].name.clone();
        let call = self.pick(&["json_each", "json_tree"]);
        let arguments = |grammar: &mut Self, tables: &[usize]| {
            let document = grammar.json(tables);
            if grammar.chance(30) { format!("{document}, {}", grammar.path()) } else { document }
        };
        let shown = self.pick(&[
            "j.key, j.value, j.type, j.atom, j.fullkey, j.path",
            "j.key, j.value, typeof(j.value)",
            "j.fullkey, j.type, quote(j.atom)",
            "j.*",
        ]);
        // Numbers of elements are SQLite's own.
        let shown = if shown == "j.*" { "key, value, type, path" } else { shown };
        let condition = match self.below(6) {
            0 => format!(" WHERE j.value > {}", self.value_of(Kind::Integer)),
            1 => format!(" WHERE j.value = {}", self.bind_of(Kind::Text)),
            2 => " WHERE j.atom IS NOT NULL".to_owned(),
            3 => format!(" WHERE j.type IN ({})", self.pick(&["'integer', 'real'", "'text'", "'object', 'array'"])),
            4 => format!(" WHERE j.key = {}", self.pick(&["'a'", "0", "'b'", "1"])),
            _ => String::new(),
        };
        match self.below(9) {
            0 => {
                let document = self.document(4);
                let path = if self.chance(30) { format!(", {}", self.path()) } else { String::new() };
                format!("SELECT {shown} FROM {call}('{document}'{path}) AS j{condition}")
            }
            1 => {
                format!("SELECT {name}.id, {shown} FROM {name}, {call}({}) AS j{condition}", arguments(self, &[table]))
            }
            2 => format!(
                "SELECT {name}.id, {shown} FROM {name} JOIN {call}({}) AS j ON j.key = {name}.id{condition}",
                arguments(self, &[table])
            ),
            3 => {
                let kind = self.kind();
                let value = self.expression(&[table], kind, 1);
                format!("SELECT id FROM {name} WHERE {value} IN (SELECT value FROM json_each({}))", self.json(&[table]))
            }
            4 => format!(
                "SELECT id, (SELECT count(*) FROM {call}({}) AS j{condition}) FROM {name}",
                arguments(self, &[table])
            ),
            5 => {
                let kind = self.pick(&[Kind::Integer, Kind::Text, Kind::Real]);
                let value = self.expression(&[table], kind, 1);
                format!(
                    "SELECT json_group_array(x ORDER BY id), json_group_object(id, x ORDER BY id) FROM (SELECT id, {value} AS x FROM {name})"
                )
            }
            6 => format!(
                "SELECT id, {} FROM {name} WHERE {} IS NOT NULL",
                self.json_expression(&[table]),
                self.json_expression(&[table])
            ),
            7 => {
                format!("SELECT j.type, count(*), max(j.key) FROM {call}({}) AS j GROUP BY j.type", self.json(&[table]))
            }
            _ => {
                let columns: Vec<String> = (0..1 + self.below(3)).map(|_| self.json_expression(&[table])).collect();
                format!("SELECT id, {} FROM {name}", columns.join(", "))
            }
        }
    }
}
