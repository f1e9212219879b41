//! Writes that PostgreSQL's own clauses cannot express: one row after the other, as SQLite does them.
//!
//! The rows are computed first, each becomes an array of text, and `sqlift.write_row` runs the write of one row:
//! `WITH sqlift_new(a, b) AS (...) SELECT w.changed, w.rowid FROM sqlift_new, LATERAL sqlift.write_row(...) AS w`.

use std::borrow::Cow;
use std::sync::Arc;

use super::ast::*;
use super::catalog::{Table, UniqueKey};
use super::conflict_target::{hidden_key, remaining_keys};
use super::edits::Piece;
use super::effects::may_read_written;
use super::handed::{InRow, can_be_handed, chosen, has_two_texts, member};
use super::insert::{Target, list};
use super::names::{identifier, quote_literal};
use super::pass::{Pass, Result, refuse, sqlite_error};
use super::rules;
use super::scope::{Scope, Source};

use super::types::{Columns, type_name};
use crate::syntax::{Span, TokenKind, tokens};

/// What `sqlift.write_row` does with the statements of one row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// All of them; the last one counts.
    Each,
    /// All of them, or none where a trigger leaves the row of the last one out.
    Whole,
    /// The first one, until the rows that are in its way are gone; behind it stands the table.
    Replace,
    /// The first one, with the second one behind its BEFORE triggers, which look at the rows that it deletes; then the table.
    Late,
    /// Pairs of them, one for each key that a conflict clause is for: the first one of the first pair whose key is free, or the
    /// second one of the first whose key is taken. The last one stands alone, for a row that breaks a key without a clause.
    First,
    /// The first one, which may break a constraint of the table, which stands behind it: then the row is left out.
    Ignore,
    /// The first one; the row that breaks a constraint of the table behind it, or of those behind that, and further rows are left out.
    Fail,
    /// The only one; the row whose trigger raises FAIL and further rows are left out.
    Stop,
}

impl Mode {
    /// For REPLACE: first the rows that are in the way, then the new one.
    fn replacing(table: &Table) -> Mode {
        if table.leaves_rows_out { Mode::Whole } else { Mode::Each }
    }

    fn word(self) -> &'static str {
        match self {
            Mode::Each => "'each'",
            Mode::Whole => "'whole'",
            Mode::Replace => "'replace'",
            Mode::Late => "'late'",
            Mode::First => "'first'",
            Mode::Ignore => "'ignore'",
            Mode::Fail => "'fail'",
            Mode::Stop => "'stop'",
        }
    }
}

/// The statements of one row; `$1` is the array of its values, of which those of the parameters come last.
pub(crate) struct RowWrite {
    pub mode: Mode,
    pub statements: Vec<String>,
    /// The same where there are two texts, see [`chosen`].
    pub wide: Option<Vec<String>>,
    pub parameters: Vec<super::Slot>,
}

impl RowWrite {
    /// Statements without parameters of their own.
    pub fn of(mode: Mode, statements: Vec<String>) -> RowWrite {
        RowWrite { mode, statements, wide: None, parameters: Vec::new() }
    }
}

/// The rows to write: their columns, and what gives the values.
pub(crate) struct NewRows<'a> {
    pub columns: &'a [String],
    pub source: Vec<Piece>,
}

/// What RETURNING asks of the rows that are written.
pub(crate) struct Returned {
    /// The result columns.
    list: Span,
    /// Where they stand: the rows that were written, in FROM.
    rows: String,
}

/// The `index`th value of the row as a column's type.
fn value(index: usize, data_type: super::catalog::ColumnType) -> String {
    format!("$1[{}]::{}", index + 1, type_name(data_type).unwrap_or("text"))
}

impl Pass<'_> {
    /// The columns whose values travel as text; refused where a type has no such form.
    pub fn travel_as_text(&self, targets: &[Target], verb: Span) -> Result<()> {
        match targets.iter().find(|target| type_name(target.data_type).is_none()) {
            Some(target) => refuse(
                format!(
                    "{} with a value for column {}, whose type is PostgreSQL's own",
                    self.source(verb),
                    target.name
                ),
                verb,
                "write the row in a native statement",
            ),
            None => Ok(()),
        }
    }

    /// INSERT of one row, with what goes ahead of it.
    pub fn insert_of_row(
        &mut self,
        insert: &Insert,
        table: &Table,
        targets: &[Target],
        known_as: &str,
        hidden: &str,
    ) -> Result<RowWrite> {
        let mut write = self.insert_texts(insert, table, targets, (known_as, hidden), false)?;
        if has_two_texts(&write.parameters) {
            write.wide = Some(self.insert_texts(insert, table, targets, (known_as, hidden), true)?.statements);
        }
        Ok(write)
    }

    fn insert_texts(
        &mut self,
        insert: &Insert,
        table: &Table,
        targets: &[Target],
        (known_as, hidden): (&str, &str),
        wide: bool,
    ) -> Result<RowWrite> {
        self.travel_as_text(targets, insert.verb)?;
        let row = written_row(&insert.returning, &identifier(known_as));
        let given = format!("{hidden}{row}");
        let alias = if known_as == table.name { String::new() } else { format!(" AS {}", identifier(known_as)) };
        let columns = list(targets.iter().map(|target| target.name.as_str()));
        let values: Vec<String> =
            targets.iter().enumerate().map(|(index, target)| value(index, target.data_type)).collect();
        let name = identifier(&table.name);
        let head = format!("INSERT INTO {name}{alias}({columns}) VALUES ({})", values.join(", "));
        let mut parameters = Vec::new();
        if insert.or == Some(ConflictAction::Replace) {
            let mut statements = Vec::new();
            let place = |column: &str| targets.iter().position(|target| target.name == column);
            let Some(meets) = keys_met(table, targets) else {
                let statements = vec![format!("{head} RETURNING {given}"), name];
                return Ok(RowWrite::of(Mode::Replace, statements));
            };
            let conditions: Vec<String> = meets
                .iter()
                .map(|key| key_condition(key, |column| place(column).map(|at| value(at, targets[at].data_type))))
                .collect();
            if !conditions.is_empty() {
                let matched = quietly(table, any_of(&conditions));
                // What refers to the row in the way refers to the new one when this statement ends.
                if table.acts_on_itself && table.is_held && !table.leaves_rows_out && !table.runs_on_delete {
                    let statement = format!(
                        "WITH sqlift_old AS (DELETE FROM {name} WHERE {matched} RETURNING 1) INSERT INTO {name}{alias}({columns}) \
                         SELECT {} WHERE (SELECT count(*) FROM sqlift_old) >= 0 RETURNING {given}",
                        values.join(", ")
                    );
                    return Ok(RowWrite::of(Mode::Each, vec![statement]));
                }
                statements.push(format!("DELETE FROM {name} WHERE {matched} RETURNING NULL::bigint"));
                if self.reads_replaced(insert, table) {
                    statements.splice(0..0, [format!("{head} RETURNING {given}")]);
                    statements.push(name);
                    return Ok(RowWrite::of(Mode::Late, statements));
                }
            }
            statements.push(format!("{head} RETURNING {given}"));
            return Ok(RowWrite::of(Mode::replacing(table), statements));
        }
        if insert.or == Some(ConflictAction::Ignore) {
            let statements = vec![format!("{head} ON CONFLICT DO NOTHING RETURNING {given}"), name];
            return Ok(RowWrite::of(Mode::Ignore, statements));
        }
        if insert.or == Some(ConflictAction::Fail) && self.row_by_row {
            let mut statements = vec![format!("{head} RETURNING {given}")];
            statements.extend(self.failing_in(table));
            return Ok(RowWrite::of(Mode::Fail, statements));
        }
        if self.is_stopping() {
            let statements = vec![format!("{head} RETURNING {hidden}")];
            return Ok(RowWrite::of(Mode::Stop, statements));
        }
        let mut statements = Vec::new();
        let mut seen: Vec<Vec<String>> = Vec::new();
        let mut pair = |target: &str, upsert: &Upsert, action: &str| {
            statements.push(format!("{head} {target} DO NOTHING RETURNING {given}"));
            statements.push(match upsert.action {
                UpsertAction::Update { .. } => {
                    format!("{head} {target} {action} RETURNING CASE WHEN xmax = 0 THEN {hidden} END{row}")
                }
                UpsertAction::Nothing => String::new(),
            });
        };
        for upsert in &insert.upserts {
            let action = self.upsert_action(upsert, (targets.len(), wide), &mut parameters)?;
            match (upsert.target.is_empty(), &upsert.action) {
                (true, UpsertAction::Update { .. }) => {
                    for key in remaining_keys(table, targets, &seen) {
                        let columns = key.index_terms().join(", ");
                        pair(&format!("ON CONFLICT ({columns})"), upsert, &action);
                    }
                }
                _ => {
                    let target = Span { start: upsert.span.start, end: do_at(self.sql, upsert) };
                    let target = self.edits.render(self.sql, target).text;
                    pair(target.trim_end(), upsert, &action);
                }
            }
            seen.extend(plain_target(upsert));
        }
        statements.push(format!("{head} RETURNING {given}"));
        Ok(RowWrite { mode: Mode::First, statements, wide: None, parameters })
    }

    /// What RETURNING, if there is one, asks of the rows that are written one after the other, and its columns.
    pub fn returned_rows(
        &mut self,
        returning: &Option<Returning>,
        table: &Arc<Table>,
        known_as: &str,
    ) -> Result<(Option<Returned>, Columns)> {
        let Some(returning) = returning else { return Ok((None, Columns::new())) };
        let (returned, columns) = self.returned_by_row(returning, table, known_as)?;
        Ok((Some(returned), columns))
    }

    fn returned_by_row(
        &mut self,
        returning: &Returning,
        table: &Arc<Table>,
        known_as: &str,
    ) -> Result<(Returned, Columns)> {
        let reads_rows = self.reads_own_rows(returning, table);
        if !reads_rows && may_read_written(self.catalog, table, self.source(returning.span)) {
            let words =
                "a subquery in RETURNING of rows that are written one after the other, which reads what they change";
            return refuse(words, returning.span, "ask for the rows afterwards");
        }
        // There it would be the new row's.
        self.several_rows = true;
        let columns = self.returning(returning, Source::of_table(known_as, table), true)?;
        let (first, last) = (returning.columns.first(), returning.columns.last());
        let list = Span {
            start: first.map_or(returning.span.start, |column| column.span.start),
            end: last.map_or(returning.span.end, |column| column.span.end),
        };
        let row = format!("sqlift_w.sqlift_written::{}.{}", identifier(&table.schema), identifier(&table.name));
        let known_as = identifier(known_as);
        // The rows are written as they are asked for.
        if reads_rows {
            self.returning_reads(returning, table, (&known_as, &row), |_| Default::default())?;
        }
        let rows = format!(
            ") AS sqlift_w(sqlift_written, sqlift_changed, sqlift_rowid), \
             LATERAL (SELECT ({row}).*) AS {known_as} WHERE sqlift_w.sqlift_changed > 0"
        );
        Ok((Returned { list, rows }, columns))
    }

    /// `DO ...`, its parameters behind the row's values.
    fn upsert_action(
        &mut self,
        upsert: &Upsert,
        (width, wide): (usize, bool),
        parameters: &mut Vec<super::Slot>,
    ) -> Result<String> {
        let span = Span { start: do_at(self.sql, upsert), end: upsert.span.end };
        let row = InRow { width, classes: &self.options.parameter_classes, wide };
        let rendered = self.edits.render_in_row(self.sql, span, row, parameters);
        match can_be_handed(parameters) {
            true => Ok(rendered.text),
            false => refuse("an array in this DO UPDATE", span, "write the rows one by one"),
        }
    }

    /// The whole statement on `table` in place of `span`.
    pub fn write_rows(
        &mut self,
        table: &Table,
        span: Span,
        with: Option<&With>,
        rows: NewRows<'_>,
        write: &RowWrite,
        returned: Option<&Returned>,
    ) {
        self.writes_rows = true;
        let mut pieces: Vec<Piece> = match with {
            Some(with) => vec![with.span.into(), ", ".into()],
            None => vec!["WITH ".into()],
        };
        let names: Vec<String> = rows.columns.iter().map(|column| identifier(column)).collect();
        pieces.push(format!("sqlift_new({}) AS MATERIALIZED (", names.join(", ")).into());
        pieces.extend(rows.source);
        let values: Vec<String> = names.iter().map(|name| format!("sqlift_new.{name}::text")).collect();
        pieces.push(") ".into());
        // The names of RETURNING are the table's alone.
        pieces.extend(returned.into_iter().flat_map(|returned| {
            ["SELECT ".into(), returned.list.into(), ", sqlift_w.sqlift_changed, sqlift_w.sqlift_rowid FROM (".into()]
        }));
        let given = |row: &str| match returned {
            Some(_) => format!("{row}.written, {row}.changed, {row}.rowid"),
            None => format!("{row}.changed, {row}.rowid"),
        };
        // No rows, ahead of them and behind them. What a trigger's body writes ends with the statement that fires it.
        let waits = table.keys_wait && !self.in_trigger;
        let name = quote_literal(&identifier(&table.name));
        let wait = |begins: bool| format!("SELECT {} FROM sqlift.rows_wait({name}, {begins}) AS k", given("k"));
        if waits {
            pieces.push(format!("{} UNION ALL ", wait(true)).into());
        }
        pieces.push(format!("SELECT {} FROM sqlift_new, LATERAL sqlift.write_row(", given("w")).into());
        let array = |statements: &[String]| {
            let literals: Vec<String> = statements.iter().map(|statement| quote_literal(statement)).collect();
            format!("ARRAY[{}]", literals.join(", "))
        };
        let wide = write.wide.as_deref().map(array);
        pieces.extend(chosen(array(&write.statements), wide, &write.parameters));
        pieces.push(format!(", {}, ARRAY[{}", write.mode.word(), values.join(", ")).into());
        for slot in &write.parameters {
            pieces.push(", ".into());
            pieces.extend(member(slot));
        }
        // Of columns by several collations: `write_row` would not know by which to compare.
        pieces.push("]::text[] COLLATE \"C\") AS w".into());
        if waits {
            pieces.push(format!(" UNION ALL {}", wait(false)).into());
        }
        pieces.extend(returned.map(|returned| returned.rows.clone().into()));
        self.edits.replace(span, pieces);
    }

    /// UPDATE OR IGNORE, OR REPLACE and OR FAIL.
    pub fn update_row_by_row(
        &mut self,
        update: &Update,
        table: &Arc<Table>,
        source: &Source,
        span: Span,
        action: ConflictAction,
        rows_move: bool,
    ) -> Result<Columns> {
        let words = self.source(update.verb).to_owned();
        if update.from.is_some() {
            return refuse(format!("{words} with FROM"), update.verb, "write the values as subqueries");
        }
        self.note(&rules::writes::ROW_BY_ROW, update.verb);
        let mut set: Vec<(Target, Span)> = Vec::new();
        let mut by_rowid = rows_move;
        for assignment in &update.set {
            let values: Vec<&Expr> = match (&assignment.value.kind, assignment.columns.len()) {
                (_, 1) if !assignment.row => vec![&assignment.value],
                (ExprKind::Row(values), width) if values.len() == width => values.iter().collect(),
                (ExprKind::Parenthesized(inner), 1) => vec![inner],
                (ExprKind::Subquery(_), _) => {
                    return refuse(
                        format!("{words} of several columns from one subquery"),
                        assignment.span,
                        "use a subquery for each column",
                    );
                }
                _ => return sqlite_error("row value misused", assignment.span, None),
            };
            for (name, value) in assignment.columns.iter().zip(values) {
                let mut target = self.target_column(table, name, true)?;
                target.identity_of = None;
                target.cast = true;
                let moves = table.rowid_column().is_some_and(|key| key.name == target.name);
                let fixed = matches!(super::pass::peel(value).kind, ExprKind::Integer | ExprKind::Placeholder(_));
                if moves && action == ConflictAction::Replace && !fixed {
                    // A row that took the place of another is met again, and moves on.
                    return refuse(
                        format!("{words} that computes the integer key"),
                        value.span,
                        "delete the rows that are in the way first, then UPDATE",
                    );
                }
                by_rowid |= moves;
                self.assign(value, &target)?;
                set.retain(|(other, _)| other.name != target.name);
                set.push((target, value.span));
            }
        }
        if let Some(condition) = &update.where_clause {
            self.condition(condition)?;
        }
        // The key columns that are not set keep the row's own values.
        let mut targets: Vec<Target> = set.iter().map(|(target, _)| target.clone()).collect();
        let mut met = Vec::new();
        let mut is_blind = false;
        for key in &table.unique_keys {
            let is_set = |column: &str| set.iter().any(|(target, _)| target.name == column);
            let terms = key.terms();
            if key.is_partial || terms.is_empty() || is_computed(table, key) {
                is_blind = true;
                continue;
            }
            if !terms.iter().any(|(column, _)| is_set(column)) {
                continue;
            }
            for column in terms.iter().filter_map(|(column, _)| table.column(column)) {
                if !targets.iter().any(|target| target.name == column.name) {
                    targets.push(Target::of(table, column));
                }
            }
            met.push(key);
        }
        self.travel_as_text(&targets, update.verb)?;
        let name = identifier(&table.name);
        let key = table.rowid_column().filter(|_| by_rowid).map(|key| identifier(&key.name));
        let here = match &key {
            Some(key) => format!("{key} = $1[{}]::bigint", targets.len() + 1),
            None => format!("ctid = $1[{}]::tid", targets.len() + 1),
        };
        let assigned: Vec<String> = set
            .iter()
            .enumerate()
            .map(|(index, (target, _))| format!("{} = {}", identifier(&target.name), value(index, target.data_type)))
            .collect();
        let mut statements = Vec::new();
        let is_blind = is_blind && action == ConflictAction::Replace;
        if action == ConflictAction::Replace && !met.is_empty() && !is_blind {
            let conditions: Vec<String> = met
                .iter()
                .map(|key| {
                    key_condition(key, |column| {
                        let at = targets.iter().position(|target| target.name == column)?;
                        Some(value(at, targets[at].data_type))
                    })
                })
                .collect();
            // Only where the row itself still is there: an earlier one may have replaced it.
            statements.push(format!(
                "DELETE FROM {name} WHERE {} RETURNING NULL::bigint",
                quietly(
                    table,
                    format!("({}) AND NOT {here} AND EXISTS (SELECT FROM {name} WHERE {here})", any_of(&conditions))
                )
            ));
        }
        let row = written_row(&update.returning, &name);
        statements.push(format!("UPDATE {name} SET {} WHERE {here} RETURNING NULL::bigint{row}", assigned.join(", ")));
        let mode = match action {
            ConflictAction::Ignore => Mode::Ignore,
            ConflictAction::Fail => Mode::Fail,
            _ if is_blind => Mode::Replace,
            _ if self.is_stopping() => Mode::Stop,
            _ => Mode::replacing(table),
        };
        match mode {
            Mode::Fail => statements.extend(self.failing_in(table)),
            Mode::Ignore | Mode::Replace => statements.push(name.clone()),
            _ => {}
        }
        let mut columns: Vec<String> = targets.iter().map(|target| target.name.clone()).collect();
        columns.push("sqlift_row".to_owned());
        let mut rows: Vec<Piece> = vec!["SELECT ".into()];
        for (index, target) in targets.iter().enumerate() {
            match set.get(index) {
                Some((Target { default: Some(default), .. }, value)) if action == ConflictAction::Replace => {
                    rows.extend(["coalesce(".into(), (*value).into(), format!(", {default})").into()]);
                }
                Some((_, value)) => rows.push((*value).into()),
                None => rows.push(format!("{}.{}", source.printed, identifier(&target.name)).into()),
            }
            rows.push(", ".into());
        }
        let alias = if *source.name == *table.name { String::new() } else { format!(" AS {}", source.printed) };
        let row = key.as_deref().unwrap_or("ctid");
        rows.push(format!("{}.{row} FROM {name}{alias}", source.printed).into());
        if let Some(condition) = &update.where_clause {
            rows.extend([" WHERE ".into(), condition.span.into()]);
        }
        if let Some(key) = table.rowid_column() {
            rows.push(format!(" ORDER BY {}.{}", source.printed, identifier(&key.name)).into());
        }
        let write = RowWrite::of(mode, statements);
        let (returned, given) = self.returned_rows(&update.returning, table, &source.name)?;
        let rows = NewRows { columns: &columns, source: rows };
        self.write_rows(table, span, update.with.as_ref(), rows, &write, returned.as_ref());
        Ok(given)
    }

    /// Several conflict clauses, or one for any of several keys: PostgreSQL takes one with one key.
    pub fn needs_row_by_row(&self, insert: &Insert, table: &Table, targets: &[Target]) -> bool {
        let whole = |upsert: &Upsert| upsert.target.is_empty() && matches!(upsert.action, UpsertAction::Update { .. });
        insert.upserts.len() > 1
            || insert.upserts.first().is_some_and(whole) && remaining_keys(table, targets, &[]).len() > 1
    }

    /// The scope of an upsert's condition and assignments is made by the caller; this visits them.
    pub fn upsert_set(&mut self, upsert: &Upsert, table: &Table, scope: Scope) -> Result<()> {
        let UpsertAction::Update { set, where_clause } = &upsert.action else { return Ok(()) };
        self.heard_by_name(set, table)?;
        self.scopes.push(scope);
        let result = self.assignments(set, table).and_then(|()| match where_clause {
            Some(condition) => self.condition(condition).map(|_| ()),
            None => Ok(()),
        });
        self.scopes.pop();
        result
    }
}

/// Behind the id that the write of a row gives back: the row itself, for RETURNING.
pub(crate) fn written_row(returning: &Option<Returning>, printed: &str) -> String {
    returning.as_ref().map_or(String::new(), |_| format!(", ({printed}.*)::text"))
}

/// Whether a generated column is in the key, whose value only the server computes.
pub(crate) fn is_computed(table: &Table, key: &UniqueKey) -> bool {
    key.terms().iter().any(|(name, _)| table.column(name).is_some_and(|column| column.is_generated))
}

/// The unique keys that a row with these columns can meet; `None` where the row tells too little of one: a key of some rows, over an
/// expression or a generated column, or left to a default.
pub(crate) fn keys_met<'t>(table: &'t Table, targets: &[Target]) -> Option<Vec<Cow<'t, UniqueKey>>> {
    let mut met: Vec<_> = hidden_key(table, targets).map(Cow::Owned).into_iter().collect();
    for key in &table.unique_keys {
        let terms = key.terms();
        if key.is_partial || terms.is_empty() || is_computed(table, key) {
            return None;
        }
        let mut missing =
            terms.iter().filter(|(name, _)| !targets.iter().any(|target| target.name == **name)).peekable();
        if missing.peek().is_none() {
            met.push(Cow::Borrowed(key));
            continue;
        }
        let is_harmless = |(name, _): &(&str, _)| {
            table.column(name).is_some_and(|column| column.is_identity || column.default.is_none() && !column.not_null)
        };
        if !missing.any(is_harmless) {
            return None;
        }
    }
    Some(met)
}

/// The target's columns, when it has no expressions.
pub(crate) fn plain_target(upsert: &Upsert) -> Option<Vec<String>> {
    upsert.target.iter().map(|term| super::table::conflict_term(term).map(|(column, _)| column)).collect()
}

/// Where a conflict clause's `DO` stands.
fn do_at(sql: &str, upsert: &Upsert) -> usize {
    let after = upsert
        .target_where
        .as_ref()
        .map(|condition| condition.span.end)
        .or_else(|| upsert.target.last().map(|term| term.span.end))
        .unwrap_or(upsert.span.start);
    let rest = &sql[after..upsert.span.end];
    let found =
        tokens(rest).find(|token| token.kind == TokenKind::Word && token.span.text(rest).eq_ignore_ascii_case("do"));
    found.map_or(after, |token| after + token.span.start)
}

/// `a = x AND lower(b COLLATE "C") = lower(y COLLATE "C")` over a unique key.
pub(crate) fn key_condition(key: &UniqueKey, value_of: impl Fn(&str) -> Option<String>) -> String {
    let equal = key.terms().into_iter().filter_map(|(column, collation)| {
        let value = collation.folded(&value_of(column)?);
        Some(format!("{} = {value}", collation.folded(&identifier(column))))
    });
    equal.collect::<Vec<_>>().join(" AND ")
}

/// The condition of a DELETE of REPLACE's, for which SQLite runs no triggers unless recursive_triggers is on; those of rows that go by
/// a foreign key's action do run.
pub(crate) fn quietly(table: &Table, condition: String) -> String {
    if !table.runs_on_delete {
        return condition;
    }
    let name = identifier(&table.name);
    let row = match table.rowid_column().filter(|_| table.has_key_actions) {
        Some(key) => format!(", {name}.{}::text", identifier(&key.name)),
        None => String::new(),
    };
    format!("({condition}) AND sqlift.replacing({}{row})", quote_literal(&name))
}

pub(crate) fn any_of(conditions: &[String]) -> String {
    match conditions {
        [only] => only.clone(),
        several => several.iter().map(|condition| format!("({condition})")).collect::<Vec<_>>().join(" OR "),
    }
}
