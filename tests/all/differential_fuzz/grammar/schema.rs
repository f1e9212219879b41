//! Schemas: tables with their constraints, indexes, views and triggers.

use super::{Column, Grammar, Kind, Table, Temper};
use crate::support::Random;

impl<'r> Grammar<'r> {
    /// A schema of two or three tables, with what creates it.
    pub fn new(random: &'r mut Random, temper: Temper) -> (Grammar<'r>, Vec<String>) {
        let mut grammar = Grammar {
            random,
            temper,
            tables: Vec::new(),
            views: Vec::new(),
            parameters: Vec::new(),
            rows: 0,
            savepoints: Vec::new(),
            before: None,
            triggers_meet_keys: false,
            names: 0,
        };
        let mut script = Vec::new();
        for table in 0..2 + grammar.below(2) {
            grammar.create_table(table, &mut script);
        }
        for view in 0..2 {
            let mut sql = grammar.view_of_a_table(view);
            if script.iter().any(|sql| sql.starts_with("CREATE TEMP ")) {
                sql = sql.replacen("CREATE", "CREATE TEMP", 1);
            }
            script.push(sql);
            grammar.views.push(format!("v{view}"));
        }
        script.push("CREATE TABLE log (what TEXT, a, b)".to_owned());
        if temper == Temper::Rich {
            for view in 2..4 {
                let sql = grammar.view_of_views(view);
                script.push(sql);
                grammar.views.push(format!("v{view}"));
            }
            for trigger in 0..1 + grammar.below(4) {
                let sql = grammar.trigger(trigger);
                script.extend(sql);
            }
        }
        (grammar, script)
    }

    fn create_table(&mut self, table: usize, script: &mut Vec<String>) {
        let rich = self.temper == Temper::Rich;
        let name = format!("t{table}");
        let option = if rich { self.pick(&["", "", "", "WITHOUT ROWID", "STRICT", "AUTOINCREMENT"]) } else { "" };
        let autoincrement = if option == "AUTOINCREMENT" { " AUTOINCREMENT" } else { "" };
        let mut columns = vec![Column::plain("id", Kind::Integer)];
        let key = if autoincrement.is_empty() && self.chance(20) {
            self.pick(&["INTEGER NOT NULL UNIQUE", "INT PRIMARY KEY NOT NULL", "INTEGER NOT NULL UNIQUE, PRIMARY KEY"])
        } else {
            "INTEGER PRIMARY KEY"
        };
        // Of several columns: the constraint comes behind them.
        let (key, of_several) = match key.split_once(", ") {
            Some((key, _)) => (key, true),
            None => (key, false),
        };
        let mut declared = vec![format!("id {key}{autoincrement}")];
        for column in 0..3 + self.below(4) {
            let (kind, word) = if option == "STRICT" {
                self.pick(&[
                    (Kind::Integer, "INTEGER"),
                    (Kind::Integer, "INT"),
                    (Kind::Real, "REAL"),
                    (Kind::Text, "TEXT"),
                    (Kind::Text, "TEXT COLLATE NOCASE"),
                    (Kind::Text, "TEXT COLLATE RTRIM"),
                    (Kind::Blob, "BLOB"),
                    (Kind::Any, "ANY"),
                ])
            } else {
                self.pick(&[
                    (Kind::Integer, "INTEGER"),
                    (Kind::Integer, "BIGINT"),
                    (Kind::Real, "REAL"),
                    (Kind::Real, "DOUBLE"),
                    (Kind::Text, "TEXT"),
                    (Kind::Text, "VARCHAR(20)"),
                    (Kind::Text, "TEXT COLLATE NOCASE"),
                    (Kind::Text, "TEXT COLLATE RTRIM"),
                    (Kind::Blob, "BLOB"),
                    (Kind::Integer, "NUMERIC"),
                    (Kind::Real, "DECIMAL(10,2)"),
                    (Kind::Integer, "BOOLEAN"),
                    (Kind::Date, "DATETIME"),
                    (Kind::Date, "DATE"),
                    (Kind::Any, ""),
                    (Kind::Any, ""),
                ])
            };
            let name = format!("{}{column}", ["a", "b", "c", "d"][self.below(4)]);
            let rest = match self.below(8) {
                0 => format!(" DEFAULT {}", self.literal_of(kind)),
                1 => format!(" NOT NULL DEFAULT {}", self.value_of(kind)),
                2 => " UNIQUE".to_owned(),
                3 if rich => self.check(&name, kind),
                _ => String::new(),
            };
            let rest =
                if of_several && column == 0 { format!(" NOT NULL DEFAULT {}", self.value_of(kind)) } else { rest };
            declared.push(format!("{name} {word}{rest}"));
            columns.push(Column {
                collated: word.contains("COLLATE"),
                unique: rest == " UNIQUE",
                ..Column::plain(&name, kind)
            });
        }
        if rich && self.chance(30) {
            let (definition, kind) = self.generated(&columns);
            let word = match (kind, option) {
                (Kind::Integer, _) => "INTEGER",
                _ => "TEXT",
            };
            let stored = self.pick(&["STORED", "VIRTUAL", "STORED"]);
            declared.push(format!("g {word} GENERATED ALWAYS AS ({definition}) {stored}"));
            columns.push(Column { generated: true, ..Column::plain("g", kind) });
        }
        if rich && table > 0 && self.chance(60) {
            let parent = self.below(table);
            let delete = self.pick(&[
                "",
                " ON DELETE CASCADE",
                " ON DELETE SET NULL",
                " ON DELETE SET DEFAULT",
                " ON DELETE RESTRICT",
            ]);
            let update = self.pick(&["", " ON UPDATE CASCADE", " ON UPDATE SET NULL", " ON UPDATE NO ACTION"]);
            let deferred = self.pick(&["", "", " DEFERRABLE INITIALLY DEFERRED"]);
            columns.push(Column { refers: true, ..Column::plain("r", Kind::Integer) });
            match self.tables[parent].pair {
                Some(second) if option != "STRICT" => {
                    let second = self.tables[parent].columns[second].clone();
                    let word = match second.kind {
                        Kind::Integer => "INTEGER",
                        Kind::Real => "REAL",
                        _ => "TEXT",
                    };
                    declared.push("r INTEGER".to_owned());
                    declared.push(format!("s {word}"));
                    declared.push(format!(
                        "FOREIGN KEY (r, s) REFERENCES t{parent} (id, {}){}{update}{deferred}",
                        second.name,
                        delete.replace("DEFAULT", "NULL")
                    ));
                    let follows = Some((format!("t{parent}"), second.name));
                    columns.push(Column { follows, ..Column::plain("s", second.kind) });
                }
                _ => declared.push(format!("r INTEGER DEFAULT 1 REFERENCES t{parent}(id){delete}{update}{deferred}")),
            }
        }
        let is_rowid = key == "INTEGER PRIMARY KEY" && option != "WITHOUT ROWID";
        if of_several || option == "WITHOUT ROWID" && !key.contains("PRIMARY") {
            declared.push(format!("PRIMARY KEY ({}, id)", columns[1].name));
        }
        if rich && self.chance(25) {
            let [one, other] = [1 + self.below(3), 1 + self.below(3)];
            if one != other {
                declared.push(format!("UNIQUE ({}, {})", columns[one].name, columns[other].name));
            }
        }
        let may_pair = |column: &Column| {
            matches!(column.kind, Kind::Integer | Kind::Real | Kind::Text) && !column.collated && !column.generated
        };
        let pair = if rich && self.chance(30) { (1..4).find(|&column| may_pair(&columns[column])) } else { None };
        if let Some(pair) = pair {
            declared.push(format!("UNIQUE (id, {})", columns[pair].name));
        }
        let has_blind_key = declared.iter().any(|one| {
            one.contains("COLLATE") && one.ends_with(" UNIQUE")
                || one.starts_with("UNIQUE")
                || one.starts_with("PRIMARY")
        });
        let option = if option == "AUTOINCREMENT" { "" } else { option };
        let temporary = if !rich && self.chance(10) { "TEMP " } else { "" };
        script.push(format!("CREATE {temporary}TABLE {name} ({}) {option}", declared.join(", ")).trim_end().to_owned());
        self.tables.push(Table {
            name,
            columns,
            triggers: Vec::new(),
            has_rowid: is_rowid,
            has_blind_key,
            pair,
            has_booleans: declared.iter().any(|column| column.contains("BOOLEAN")),
        });
        let indexes = if rich { self.below(3) } else { self.below(2) };
        for number in 0..indexes {
            let sql = self.index(table, number);
            script.push(sql);
        }
    }

    fn check(&mut self, name: &str, kind: Kind) -> String {
        let condition = match kind {
            Kind::Integer => self.pick(&["# < 25", "# IS NULL OR # > -8", "# <> 7", "# BETWEEN -10 AND 1000000"]),
            Kind::Real => self.pick(&["# < 1000", "# IS NULL OR # <> 1.5"]),
            Kind::Text => self.pick(&["length(#) < 4", "# <> 'Zz'", "# NOT LIKE '%b%'"]),
            Kind::Blob => "length(#) < 3",
            Kind::Date => self.pick(&["# < '2024-02-01'", "date(#) IS NOT NULL", "# IS NULL OR length(#) >= 10"]),
            Kind::Any => self.pick(&["# IS NOT 3", "typeof(#) <> 'real'"]),
        };
        format!(" CHECK ({})", condition.replace('#', name))
    }

    /// What a generated column is computed from, and its kind.
    fn generated(&mut self, columns: &[Column]) -> (String, Kind) {
        let column = &columns[1 + self.below(columns.len() - 1)];
        let name = &column.name;
        match column.kind {
            Kind::Integer => {
                let of = self.pick(&["coalesce(#, 0) % 100", "# / 2", "# > 3", "-(# % 1000)"]);
                (of.replace('#', name), Kind::Integer)
            }
            Kind::Real => (format!("{name} > 1.0"), Kind::Integer),
            Kind::Text => {
                let of = self.pick(&["upper(#)", "# || 'x'", "coalesce(#, 'none')", "substr(#, 2)"]);
                (of.replace('#', name), Kind::Text)
            }
            Kind::Blob => (format!("length({name})"), Kind::Integer),
            Kind::Date => (format!("substr({name}, 1, 7)"), Kind::Text),
            Kind::Any => (format!("typeof({name})"), Kind::Text),
        }
    }

    /// CREATE INDEX on a table, which is called by its number.
    pub(super) fn index(&mut self, table: usize, number: usize) -> String {
        let columns = self.tables[table].columns.len();
        let column = self.below(columns);
        let column = &self.tables[table].columns[column];
        let (name, kind) = (column.name.clone(), column.kind);
        let term = if self.temper == Temper::Plain {
            name.clone()
        } else {
            match (self.below(6), kind) {
                (0, Kind::Integer) => format!("{name} + 1"),
                (0, Kind::Text) => format!("lower({name})"),
                (1, Kind::Text) => format!("{name} COLLATE NOCASE"),
                (2, _) => format!("{name} DESC"),
                // A column that comes twice would be a foreign key's parent to SQLite, of any two columns of it.
                (3, _) if name != "id" => format!("{name}, id DESC"),
                _ => name.clone(),
            }
        };
        let unique = if self.temper == Temper::Rich && self.chance(25) { "UNIQUE " } else { "" };
        let condition = match self.below(4) {
            0 if self.temper == Temper::Rich => {
                self.pick(&[" WHERE # IS NOT NULL", " WHERE id > 10", " WHERE # IS NULL"]).replace('#', &name)
            }
            _ => String::new(),
        };
        if !unique.is_empty() {
            self.tables[table].has_blind_key = true;
        }
        let table = &self.tables[table].name;
        format!("CREATE {unique}INDEX {table}_index{number} ON {table} ({term}){condition}")
    }

    /// An expression without parameters, which views and triggers do not take.
    pub(super) fn literal_expression(&mut self, tables: &[usize], kind: Kind, depth: usize) -> String {
        let kept = std::mem::take(&mut self.parameters);
        loop {
            let sql = self.expression(tables, kind, depth);
            if self.parameters.is_empty() {
                self.parameters = kept;
                return sql;
            }
            self.parameters.clear();
        }
    }

    fn view_of_a_table(&mut self, view: usize) -> String {
        let table = self.table();
        let (x, y) = (self.kind(), self.kind());
        let (x, y) = (self.literal_expression(&[table], x, 2), self.literal_expression(&[table], y, 2));
        format!("CREATE VIEW v{view} AS SELECT id, {x} AS x, {y} AS y FROM t{table}")
    }

    /// A view over views, by itself, joined or aggregated.
    fn view_of_views(&mut self, view: usize) -> String {
        let (one, other) = (self.pick(&["v0", "v1"]), self.pick(&["v0", "v1"]));
        let body = match self.below(4) {
            0 => format!("SELECT id, y AS x, x AS y FROM {one} WHERE x IS NOT NULL"),
            1 => format!("SELECT a.id, a.x, b.y FROM {one} a JOIN {other} b ON a.id = b.id"),
            2 => format!("SELECT id % 5 AS id, count(*) AS x, count(x) AS y FROM {one} GROUP BY id % 5"),
            _ => format!("SELECT id, x, (SELECT count(*) FROM {other} b WHERE b.id < a.id) AS y FROM {one} a"),
        };
        format!("CREATE VIEW v{view} AS {body}")
    }

    // ---- triggers

    /// A trigger, if this table has none for the same event: which of two comes first SQLite leaves open.
    fn trigger(&mut self, number: usize) -> Option<String> {
        if self.chance(20) {
            return Some(self.trigger_of_a_view(number));
        }
        let table = self.table();
        let timing = self.pick(&["BEFORE", "AFTER", "AFTER"]);
        let event = self.pick(&["INSERT", "UPDATE", "DELETE"]);
        let taken = format!("{timing} {event}");
        if self.tables[table].triggers.contains(&taken) {
            return None;
        }
        self.tables[table].triggers.push(taken);
        let of = match event {
            "UPDATE" if self.chance(40) => {
                let column = self.given(table);
                format!(" OF {}", self.tables[table].columns[column].name)
            }
            _ => String::new(),
        };
        let when = if self.chance(40) { format!(" WHEN {}", self.row_condition(table, event)) } else { String::new() };
        let each = self.pick(&["", " FOR EACH ROW"]);
        let steps: Vec<String> =
            (0..1 + self.below(3)).map(|_| format!("{};", self.step(table, timing, event, number))).collect();
        Some(format!(
            "CREATE TRIGGER tr{number} {timing} {event}{of} ON t{table}{each}{when} BEGIN {} END",
            steps.join(" ")
        ))
    }

    fn trigger_of_a_view(&mut self, number: usize) -> String {
        let view = self.pick(&["v0", "v1"]);
        let event = self.pick(&["INSERT", "UPDATE", "DELETE"]);
        let row = if event == "DELETE" { "OLD" } else { "NEW" };
        format!(
            "CREATE TRIGGER tr{number} INSTEAD OF {event} ON {view} BEGIN INSERT INTO log VALUES ('{view}', {row}.id, {row}.x); END"
        )
    }

    /// A column of the row that fires a trigger.
    fn of_row(&mut self, table: usize, event: &str, kind: Option<Kind>) -> String {
        let row = match event {
            "INSERT" => "NEW",
            "DELETE" => "OLD",
            _ => self.pick(&["NEW", "OLD"]),
        };
        let fitting: Vec<String> = self.tables[table]
            .columns
            .iter()
            // The value of a generated column is not there yet before the write.
            .filter(|column| !column.generated && kind.is_none_or(|kind| column.kind == kind))
            .map(|column| column.name.clone())
            .collect();
        format!(
            "{row}.{}",
            if fitting.is_empty() { "id".to_owned() } else { fitting[self.below(fitting.len())].clone() }
        )
    }

    fn row_condition(&mut self, table: usize, event: &str) -> String {
        match self.below(4) {
            3 if event == "INSERT" => {
                format!("(SELECT count(*) FROM t{} WHERE id < NEW.id) > {}", self.table(), self.below(5))
            }
            0 => format!("{} > {}", self.of_row(table, event, Some(Kind::Integer)), self.below(10)),
            1 => format!("{} IS NOT NULL", self.of_row(table, event, None)),
            _ if event == "UPDATE" => {
                let column = self.given(table);
                let name = &self.tables[table].columns[column].name;
                format!("NEW.{name} IS NOT OLD.{name}")
            }
            _ => format!("{} % 3 = 1", self.of_row(table, event, Some(Kind::Integer))),
        }
    }

    /// A statement of a trigger's body. It touches no row that the firing statement is yet to come to.
    fn step(&mut self, table: usize, timing: &str, event: &str, number: usize) -> String {
        let id = if event == "DELETE" { "OLD.id" } else { "NEW.id" };
        let other = self.table();
        match self.below(10) {
            0 if event != "DELETE" => {
                let condition = self.row_condition(table, event);
                let action = self.pick(&["IGNORE", "ABORT, 'stop'", "ABORT, 'stop'"]);
                let action = if timing == "AFTER" { "ABORT, 'after'" } else { action };
                format!("SELECT RAISE({action}) WHERE {condition} AND {id} % 4 = 0")
            }
            1 if other != table => {
                self.triggers_meet_keys = true;
                let column = self.given(other);
                let (name, kind) = {
                    let column = &self.tables[other].columns[column];
                    (column.name.clone(), column.kind)
                };
                let value = self.value_in_a_trigger(other, column, kind, id);
                format!("UPDATE OR IGNORE t{other} SET {name} = {value} WHERE id = {id}")
            }
            2 if other != table => format!("DELETE FROM t{other} WHERE id = {id} AND id % 3 = 0"),
            3 if other != table => {
                self.triggers_meet_keys = true;
                match self.tables[other].columns.iter().any(|column| column.refers) {
                    true => format!("INSERT OR IGNORE INTO t{other} (id, r) VALUES ({id} + 5000, {id})"),
                    false => format!("INSERT OR IGNORE INTO t{other} (id) VALUES ({id} + 5000)"),
                }
            }
            4 if other != table => self.keyed_step(other, id),
            // Of an UPDATE's and a DELETE's rows any may come first.
            5 if event == "INSERT" => {
                let a = self.of_row(table, event, None);
                let count = match self.below(3) {
                    0 => format!("(SELECT count(*) FROM t{table})"),
                    1 => format!("(SELECT max(id) FROM t{table} WHERE id < {id})"),
                    _ => format!("EXISTS (SELECT 1 FROM t{other} WHERE id = {id} + 1)"),
                };
                format!("INSERT INTO log SELECT 'tr{number}', {a}, {count}")
            }
            _ => {
                let (a, b) = (self.of_row(table, event, None), self.of_row(table, event, None));
                format!("INSERT INTO log VALUES ('tr{number}', {a}, {b})")
            }
        }
    }

    /// What several rows' triggers write to a column. In a key the first of them would count, and which one that is, is left open.
    fn value_in_a_trigger(&mut self, table: usize, column: usize, kind: Kind, id: &str) -> String {
        match self.tables[table].columns[column] {
            Column { refers: true, .. } => id.to_owned(),
            Column { unique: true, .. } => "NULL".to_owned(),
            _ => self.value_of(kind),
        }
    }

    /// A statement of a trigger's body that meets keys in a way of its own.
    fn keyed_step(&mut self, other: usize, id: &str) -> String {
        self.triggers_meet_keys = true;
        let column = self.given(other);
        let (name, kind) = (self.tables[other].columns[column].name.clone(), self.tables[other].columns[column].kind);
        let value = self.value_in_a_trigger(other, column, kind, id);
        match self.below(5) {
            0 => format!("INSERT OR REPLACE INTO t{other} (id, {name}) VALUES ({id} + 7000, {value})"),
            1 => format!("UPDATE OR REPLACE t{other} SET {name} = {value} WHERE id = {id}"),
            2 => format!(
                "INSERT INTO t{other} (id, {name}) VALUES ({id} + 7000, {value}) ON CONFLICT (id) DO UPDATE SET {name} = excluded.{name}"
            ),
            3 => format!(
                "INSERT INTO t{other} (id, {name}) SELECT id + 8000, {value} FROM t{other} WHERE id = {id} AND true ON CONFLICT DO NOTHING"
            ),
            _ => format!("INSERT OR ABORT INTO t{other} (id, {name}) VALUES ({id} + 9000, {value})"),
        }
    }
}
