//! Columns by NOCASE and RTRIM: where they are compared, grouped, joined and put in order.

use super::{Grammar, Kind};

impl Grammar<'_> {
    /// A column by a collation and its table, if there is one.
    fn collated_column(&mut self) -> Option<(usize, String)> {
        let columns: Vec<(usize, String)> = self
            .tables
            .iter()
            .enumerate()
            .flat_map(|(number, table)| table.columns.iter().map(move |column| (number, column)))
            .filter(|(_, column)| column.collated)
            .map(|(number, column)| (number, column.name.clone()))
            .collect();
        if columns.is_empty() { None } else { Some(columns[self.below(columns.len())].clone()) }
    }

    /// Of spellings that are the same, any may come back: they are shown alike.
    pub(super) fn collated(&mut self) -> String {
        let Some((table, column)) = self.collated_column() else {
            return self.scalar_query();
        };
        let name = self.tables[table].name.clone();
        let other = self.table();
        let text = self.column_of_just(other, Kind::Text).unwrap_or_else(|| format!("{}.id", self.tables[other].name));
        let other_column = text.rsplit('.').next().unwrap_or_default().to_owned();
        let other = self.tables[other].name.clone();
        let operator = self.pick(&["=", "<>", "<", ">=", "IS", "IS NOT"]);
        let value = self.value_of(Kind::Text);
        let collation = self.pick(&["NOCASE", "RTRIM", "BINARY"]);
        match self.below(16) {
            0 => format!(
                "SELECT a.id, b.id FROM {name} a JOIN {other} b ON a.{column} {operator} b.{other_column} WHERE a.id < 30 AND b.id < 30"
            ),
            1 => format!("SELECT a.id, b.id FROM {other} a LEFT JOIN {name} b ON a.{other_column} = b.{column}"),
            2 => format!("SELECT rtrim(lower({column})), count(*), min(id), max(id) FROM {name} GROUP BY {column}"),
            3 => format!(
                "SELECT count(DISTINCT {column}), count({column}), rtrim(lower(min({column}))), rtrim(lower(max({column}))) FROM {name}"
            ),
            4 => format!("SELECT count(*) FROM (SELECT DISTINCT {column} FROM {name})"),
            5 => format!(
                "SELECT id, row_number() OVER (ORDER BY {column}, id), rank() OVER (ORDER BY {column}), count(*) OVER (PARTITION BY {column}) FROM {name}"
            ),
            6 => format!("SELECT id FROM {name} WHERE {column} IN (SELECT {other_column} FROM {other})"),
            7 => format!("SELECT id FROM {other} WHERE {other_column} IN (SELECT {column} FROM {name})"),
            8 => format!("SELECT id, {column} IN ({value}, 'B', 'a  '), {column} BETWEEN 'a' AND 'ABD' FROM {name}"),
            9 => {
                let word = self.pick(&["UNION", "INTERSECT", "EXCEPT"]);
                format!(
                    "SELECT count(*) FROM (SELECT {column} AS x FROM {name} {word} SELECT {other_column} FROM {other})"
                )
            }
            10 => format!("SELECT id FROM {name} WHERE {column} COLLATE {collation} {operator} {value}"),
            11 => format!(
                "SELECT id, CASE {column} WHEN {value} THEN 1 WHEN 'A' THEN 2 END, nullif({column}, {value}) IS NULL, max({column}, 'b') {operator} 'B' FROM {name}"
            ),
            12 => format!("SELECT id, row_number() OVER (ORDER BY {column} COLLATE {collation} DESC, id) FROM {name}"),
            13 => format!("SELECT id FROM {name} WHERE ({column}, id) {operator} ({value}, 12)"),
            14 => {
                let bound = self.bind_any();
                format!("SELECT id FROM {name} WHERE {column} {operator} {bound}")
            }
            _ => format!(
                "SELECT id, {value} {operator} {column}, {column} || '' {operator} {value}, ({column}) {operator} {value} FROM {name}"
            ),
        }
    }
}
