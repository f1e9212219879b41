//! What one translation carries through its passes: the text, the catalog, scopes, edits, notes.

use std::borrow::Cow;
use std::collections::HashSet;

use crate::syntax::Span;

use super::ast::{Expr, ExprKind, Name};
use super::beside::Side;
use super::catalog::{Catalog, ColumnType};
use super::edits::{Edits, Piece};
use super::names;
use super::rules::{self, Fired, Rule};
use super::scope::{CommonTableColumns, Scope};
use super::types::{Class, Type, Typed};
use super::{Fidelity, Note, Options, Refusal, SlotContext};

pub(crate) type Result<T, E = Refusal> = std::result::Result<T, E>;

pub(crate) struct Pass<'a> {
    pub sql: &'a str,
    pub catalog: &'a Catalog,
    pub options: &'a Options,
    pub edits: Edits,
    /// Innermost last.
    pub scopes: Vec<Scope>,
    /// Common tables in sight, innermost last.
    pub common_tables: Vec<CommonTableColumns>,
    pub notes: Vec<Note>,
    /// Which of them are there: a statement may have thousands.
    noted: HashSet<(&'static str, Span)>,
    pub fired: Fired,
    /// Where SQL text is printed without parameters (DEFAULT, trigger bodies), they are refused.
    pub no_parameters: Option<&'static str>,
    /// Subqueries and such that need a name get `sqlift_1`, `sqlift_2`, ...
    pub generated_names: usize,
    pub in_trigger: bool,
    /// The statement is about what no other session sees: triggers of others stay as they are.
    pub session_only: bool,
    /// In a trigger's body, after an INSERT that may choose ids: what moves the table's numbering past them.
    pub chosen_ids: Option<String>,
    pub counters: super::trigger_body::Counters,
    /// Statements that follow a CREATE or ALTER: comments that keep what SQLite's catalog would tell.
    pub afterwards: Vec<String>,
    /// The names that this statement gave to unnamed CHECKs.
    pub check_names: HashSet<String>,
    /// One row is written after the other: the statement failed as a whole, or is what a trigger's body does when it has.
    pub row_by_row: bool,
    /// The SQLSTATEs on which the statement runs row by row.
    pub row_by_row_on: &'static [&'static str],
    /// A trigger may stop the statement at a row, and what it did before stays.
    pub stops: bool,
    /// The statement became a SELECT that writes rows.
    pub writes_rows: bool,
    /// The statement stops where a constraint with ON CONFLICT FAIL is broken.
    pub fails_by_own: bool,
    /// A conflict clause was there.
    pub resolves_conflicts: bool,
    /// A conflict clause on a table whose constraints have their own.
    pub says_otherwise: bool,
    /// A trigger's RAISE(IGNORE).
    pub ignores_rows: bool,
    /// Where a trigger's RAISEs stand, which have no value but must run.
    pub raises: Vec<Span>,
    /// `OR ROLLBACK` was there.
    pub rolls_back: bool,
    /// See [`super::Translation::catch_up_identity`].
    pub catch_up_identity: Option<String>,
    /// What a PRAGMA sets.
    pub sets: Option<super::Set>,
    /// A write of several rows: `last_insert_rowid()` changes with each on SQLite.
    pub several_rows: bool,
    /// The expression whose value alone counts, so that its branches may be of unlike types.
    pub mixed_at: Option<Span>,
    /// The operators of the comparison that is looked at.
    pub side: Side,
    /// Expressions one of which is a member of JSON, each of which becomes one.
    pub json_members: Vec<Span>,
    /// The result columns are grouped by, or DISTINCT; these keep to one type.
    pub grouped_results: bool,
    /// What full text tables are asked in the SELECTs around.
    pub asked: Vec<super::fts::Asked>,
    /// Those of them in FROM whose text lies elsewhere.
    pub contents: Vec<super::fts_content::Reading>,
    /// Calls of strftime('%s', ...), and what gives the integer without its digits.
    pub integer_forms: Vec<(Span, Vec<Piece>)>,
    /// A document of JSON is read.
    pub reads_json: bool,
    /// It computes with reals.
    pub computes_reals: bool,
    /// What reads documents of JSON counts the bytes of SQLite's binary JSON, or gives them.
    pub sized_json: bool,
    /// Where the values of a write go.
    pub stored: super::store::Stored,
    pub views: super::views::Views,
    pub generated: super::table::GeneratedColumns,
    /// Queries whose rows something else reads as they come.
    pub read_in_order: Vec<Span>,
    /// Of a common table that reads itself: where its SELECTs begin, and the first of those that read it.
    pub recursion_at: Option<(usize, usize)>,
    /// Columns of RETURNING whose value an expression passes on.
    pub passed_on: Vec<Span>,
    /// RETURNING gives rows that are deleted.
    pub returns_deleted: bool,
    /// Queries whose rows show in what is written in which order they came.
    pub written_in_order: Vec<Span>,
}

impl<'a> Pass<'a> {
    pub fn new(sql: &'a str, catalog: &'a Catalog, options: &'a Options) -> Self {
        Pass {
            sql,
            catalog,
            options,
            edits: Edits::new(),
            scopes: Vec::new(),
            common_tables: Vec::new(),
            notes: Vec::new(),
            noted: HashSet::new(),
            fired: Fired::default(),
            no_parameters: None,
            generated_names: 0,
            in_trigger: false,
            session_only: false,
            chosen_ids: None,
            counters: super::trigger_body::Counters::default(),
            afterwards: Vec::new(),
            check_names: HashSet::new(),
            row_by_row: options.row_by_row,
            row_by_row_on: &[],
            stops: false,
            writes_rows: false,
            fails_by_own: false,
            resolves_conflicts: false,
            says_otherwise: false,
            ignores_rows: false,
            raises: Vec::new(),
            rolls_back: false,
            catch_up_identity: None,
            sets: None,
            several_rows: false,
            mixed_at: None,
            side: Side::Any,
            json_members: Vec::new(),
            grouped_results: false,
            asked: Vec::new(),
            contents: Vec::new(),
            integer_forms: Vec::new(),
            reads_json: false,
            computes_reals: false,
            sized_json: false,
            stored: super::store::Stored::default(),
            views: super::views::Views::default(),
            generated: super::table::GeneratedColumns::default(),
            read_in_order: Vec::new(),
            recursion_at: None,
            passed_on: Vec::new(),
            returns_deleted: false,
            written_in_order: Vec::new(),
        }
    }

    /// A pass that knows the same names, for a look at what a text means: its edits are thrown away.
    pub fn scratch(&self) -> Pass<'a> {
        let mut scratch = Pass::new(self.sql, self.catalog, self.options);
        scratch.common_tables.clone_from(&self.common_tables);
        scratch.scopes.clone_from(&self.scopes);
        scratch.asked.clone_from(&self.asked);
        scratch.no_parameters = self.no_parameters;
        scratch.in_trigger = self.in_trigger;
        scratch.row_by_row = self.row_by_row;
        scratch.recursion_at = self.recursion_at;
        scratch.passed_on.clone_from(&self.passed_on);
        scratch.counters.clone_from(&self.counters);
        scratch.views.clone_from(&self.views);
        scratch
    }

    pub fn source(&self, span: Span) -> &'a str {
        &self.sql[span.start..span.end]
    }

    /// A rule fires; where it is not exact, that is told with its place.
    pub fn note(&mut self, rule: &'static Rule, span: Span) {
        self.fired.rule(rule);
        let help = match rule.fidelity {
            Fidelity::Exact => return,
            Fidelity::Differs | Fidelity::Refused => rule.help.to_owned(),
        };
        if self.noted.insert((rule.id, span)) {
            self.notes.push(Note { rule: rule.id, span, fidelity: rule.fidelity, help });
        }
    }

    pub fn generated_name(&mut self) -> String {
        self.generated_names += 1;
        format!("sqlift_{}", self.generated_names)
    }

    // ---- edits in the words of expressions

    /// Puts `after` behind an expression that binds tighter than anything, with parentheses where it needs them.
    pub fn suffix(&mut self, expr: &Expr, typed: &mut Typed, after: impl Into<Cow<'static, str>>) {
        if typed.class == Class::Primary {
            self.edits.wrap(expr.span, "", after);
        } else {
            self.edits.wrap(expr.span, "(", format!("){}", after.into()));
        }
        typed.class = Class::Primary;
    }

    pub fn call(&mut self, expr: &Expr, typed: &mut Typed, function: &'static str) {
        self.edits.call(expr.span, function);
        typed.class = Class::Primary;
    }

    pub fn parenthesize(&mut self, expr: &Expr, typed: &mut Typed) {
        self.fired.rule(&rules::operators::PRECEDENCE);
        self.edits.wrap(expr.span, "(", ")");
        typed.class = Class::Primary;
    }

    /// The expression with no PostgreSQL boolean: those become 0 and 1.
    pub fn value(&mut self, expr: &Expr) -> Result<Typed> {
        let mut typed = self.expr(expr)?;
        self.without_boolean(expr, &mut typed);
        Ok(typed)
    }

    pub fn without_boolean(&mut self, expr: &Expr, typed: &mut Typed) {
        if typed.ty == Type::Boolean {
            self.fired.rule(&rules::booleans::BOOLEAN_AS_NUMBER);
            self.suffix(expr, typed, "::int::bigint");
            typed.ty = Type::Integer;
            typed.int4 = false;
            typed.column = None;
        }
    }

    /// 64-bit arithmetic where PostgreSQL would take 32.
    pub fn widen(&mut self, expr: &Expr, typed: &mut Typed) {
        if typed.int4 {
            self.fired.rule(&rules::operators::WIDE_INTEGERS);
            self.suffix(expr, typed, "::bigint");
            typed.int4 = false;
        }
    }

    /// An integer or a real by the row keeps its class: a numeric, whose scale tells.
    pub fn by_row(&mut self, typed: &mut Typed) {
        for branch in std::mem::take(&mut typed.branches) {
            if matches!(branch.ty, Type::Real | Type::Unknown) {
                self.fired.rule(&rules::operators::INTEGER_OR_REAL);
                self.edits.wrap(branch.span, "sqlift.by_row(", ")");
            }
            typed.ty = Type::Numeric;
            typed.by_row = true;
            typed.column = None;
            typed.placeholder = None;
        }
    }

    /// The expression as text, as SQLite prints values.
    pub fn as_text(&mut self, expr: &Expr, typed: &mut Typed) -> Result<()> {
        self.without_boolean(expr, typed);
        self.by_row(typed);
        typed.was_blob = typed.ty == Type::Blob;
        // Its text has the database's collation.
        typed.from_column &= !matches!(typed.ty, Type::Native(_));
        match typed.ty {
            Type::Text => {}
            Type::Null => {}
            Type::Integer => self.suffix(expr, typed, "::text"),
            // A document of PostgreSQL's is its text; only a value out of one loses its quotes.
            // A cast of a date hears the session's DateStyle, so that nothing kept may hold it.
            Type::Native(ColumnType::Date) if self.must_stay() => self.call(expr, typed, "sqlift.to_text"),
            Type::Native(
                ColumnType::Uuid | ColumnType::Date | ColumnType::Time | ColumnType::Json | ColumnType::Jsonb,
            ) => self.suffix(expr, typed, "::text"),
            Type::Json if self.json_as(expr, "text", "") => typed.class = Class::Primary,
            _ => self.call(expr, typed, "sqlift.to_text"),
        }
        typed.ty = Type::Text;
        typed.column = None;
        Ok(())
    }

    /// The expression as a condition: what is no PostgreSQL boolean is true when it is a number other than zero.
    pub fn condition(&mut self, expr: &Expr) -> Result<Typed> {
        let mut typed = self.expr(expr)?;
        self.as_condition(expr, &mut typed)?;
        Ok(typed)
    }

    pub fn as_condition(&mut self, expr: &Expr, typed: &mut Typed) -> Result<()> {
        use super::types::Constant;
        if typed.ty == Type::Boolean {
            return Ok(());
        }
        self.note(&rules::booleans::NUMBER_AS_CONDITION, expr.span);
        match (typed.ty, &typed.constant) {
            (Type::Integer, Some(Constant::Integer(value))) => {
                let word = if *value == 0 { "false" } else { "true" };
                self.edits.replace_text(expr.span, word);
                typed.class = Class::Primary;
            }
            (Type::Null, _) => {
                if self.raises_within(expr.span) {
                    self.edits.wrap(expr.span, "(", ")::boolean");
                } else {
                    self.edits.replace_text(expr.span, "NULL::boolean");
                }
                typed.class = Class::Primary;
            }
            (Type::Integer | Type::Real | Type::Numeric, _) => {
                let class = typed.class;
                if class >= Class::Add {
                    self.edits.wrap(expr.span, "(", " <> 0)");
                } else {
                    self.edits.wrap(expr.span, "((", ") <> 0)");
                }
                typed.class = Class::Primary;
            }
            _ => self.call(expr, typed, "sqlift.truth"),
        }
        typed.ty = Type::Boolean;
        typed.constant = None;
        typed.column = None;
        Ok(())
    }

    /// Gives a plain placeholder the context of a column.
    pub fn parameter_of_column(&mut self, expr: &Expr, column: ColumnType) {
        self.parameter(expr, SlotContext::Column(column));
    }

    /// Gives a plain placeholder the context of a comparison with a column.
    pub fn parameter_compared(&mut self, expr: &Expr, column: ColumnType, side: Side) {
        let context = match Type::from(column) {
            Type::Integer | Type::Real | Type::Numeric | Type::Boolean | Type::Text | Type::Blob => {
                SlotContext::Compared(column)
            }
            _ => SlotContext::Beside(column, side),
        };
        self.parameter(expr, context);
    }

    /// Gives a plain placeholder its context.
    pub fn parameter(&mut self, expr: &Expr, context: SlotContext) {
        if let ExprKind::Placeholder(number) = peel(expr).kind {
            self.edits.replace(expr.span, [Piece::Parameter(number, context)]);
        }
    }

    /// A name that stays where it stands, spelled for PostgreSQL.
    pub fn rename(&mut self, name: &Name, to: &str) {
        let written = self.source(name.span);
        if written == to && !names::needs_quotes(to) {
            return;
        }
        // An unquoted word folds to lower case on PostgreSQL as well.
        if name.quote == super::ast::Quote::None && written.eq_ignore_ascii_case(to) && !names::needs_quotes(to) {
            return;
        }
        self.fired.rule(&rules::select::NAMES);
        self.edits.replace_text(name.span, names::identifier(to));
    }

    /// A new name (of a table, column, alias, ...): folded to lower case.
    pub fn declare(&mut self, name: &Name) -> String {
        let folded = names::fold(&name.text);
        self.rename(name, &folded);
        folded
    }
}

/// The expression inside its parentheses.
pub(crate) fn peel(expr: &Expr) -> &Expr {
    let mut expr = expr;
    while let ExprKind::Parenthesized(inner) = &expr.kind {
        expr = inner;
    }
    expr
}

/// Whether it is made of numbers and parameters alone: known before any row is, so that it may stand there twice.
pub(crate) fn is_known_ahead(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Integer | ExprKind::Float | ExprKind::Placeholder(_) => true,
        ExprKind::Unary { .. } | ExprKind::Binary { .. } | ExprKind::Parenthesized(_) => {
            expr.children().into_iter().all(is_known_ahead)
        }
        _ => false,
    }
}

pub(crate) fn refuse<T>(message: impl Into<String>, span: Span, help: impl Into<String>) -> Result<T> {
    Err(Refusal { message: message.into(), span, help: Some(help.into()), rule: None })
}

/// What SQLite itself refuses, in its words; `rule` tells the session that a stale catalog may be the reason.
pub(crate) fn sqlite_error<T>(message: impl Into<String>, span: Span, rule: Option<&'static str>) -> Result<T> {
    Err(Refusal { message: message.into(), span, help: None, rule })
}
