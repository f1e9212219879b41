//! SELECT: scopes, FROM, result columns and their names, ORDER BY, LIMIT, common tables.

use crate::syntax::Span;

use super::assign::Target;
use super::ast::*;
use super::bare::{aggregates, holds_window};
use super::catalog::ColumnType;
use super::compound::arm;
use super::edits::Piece;
use super::implied_order::{self, SortKey};
use super::names::{fold, quote_identifier};
use super::pass::{Pass, Result, peel, refuse, sqlite_error};
use super::rules;
use super::scope::{Alias, Scope, Source, is_rowid_name};
use super::types::{Class, Collation, Columns, Type, Typed};

/// Where a SELECT stands: what its result columns must be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Place<'a> {
    /// The caller reads the rows.
    Top,
    /// The caller reads the row that a write gives back.
    Returned,
    /// Another query reads them by name, as they are called there.
    Inner,
    /// They are read by name, each called as in its table: of a view, of CREATE TABLE AS, of a compound's arms.
    Declared,
    /// They are values of an expression: EXISTS, IN, a scalar subquery.
    Value,
    /// They are assigned to these columns.
    Assigned(&'a [Target]),
}

impl Place<'_> {
    /// Whether another query reads the columns.
    pub fn is_read(self) -> bool {
        matches!(self, Place::Inner | Place::Declared)
    }
}

/// Whether the order of a query's rows is seen: somebody reads them as they come, or LIMIT leaves some out.
fn shows_order(select: &Select, place: Place<'_>) -> bool {
    let is_compound = !select.body.compounds.is_empty();
    select.order_by.is_empty()
        && (matches!(place, Place::Top | Place::Assigned(_)) || select.limit.is_some() && !is_compound)
}

/// What decides about a SELECT's order.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Tail<'a> {
    order_by: &'a [OrderTerm],
    /// There is none, and somebody sees in which order the rows come.
    shows_order: bool,
    takes: Taken,
}

/// Which of a query's rows are taken.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Taken {
    #[default]
    All,
    /// By LIMIT.
    First,
    /// The first one, as a value.
    One,
    /// All, and they are written in their order.
    Written,
}

/// Whether an aggregate without GROUP BY or a FROM-less SELECT makes it exactly one row.
pub(crate) fn gives_one_row(select: &Select) -> bool {
    if !select.body.compounds.is_empty() {
        return false;
    }
    let SelectCoreKind::Select(core) = &select.body.first.kind else { return true };
    core.group_by.is_empty() && (core.from.is_none() || aggregates(core))
}

impl Pass<'_> {
    /// A SELECT inside an expression.
    pub fn value_select(&mut self, select: &Select) -> Result<Columns> {
        self.select(select, Place::Value)
    }

    /// A SELECT inside something else.
    pub fn subselect(&mut self, select: &Select) -> Result<Columns> {
        self.select(select, Place::Inner)
    }

    pub fn select(&mut self, select: &Select, place: Place<'_>) -> Result<Columns> {
        let common_tables = self.common_tables.len();
        if let Some(with) = &select.with {
            let is_seen = shows_order(select, place) || self.is_read_in_order(select);
            self.common_table_in_order(with, select, is_seen, self.taken(select, place));
            self.with(with, Some(select))?;
        }
        let compound = !select.body.compounds.is_empty();
        let result = self.body(select, place, compound);
        self.common_tables.truncate(common_tables);
        result
    }

    fn taken(&self, select: &Select, place: Place<'_>) -> Taken {
        match &select.limit {
            Some(_) => Taken::First,
            None if self.written_in_order.contains(&select.span) => Taken::Written,
            None if place == Place::Value && self.is_read_in_order(select) => Taken::One,
            None => Taken::All,
        }
    }

    fn body(&mut self, select: &Select, place: Place<'_>, compound: bool) -> Result<Columns> {
        let inner = if compound && place == Place::Top { Place::Declared } else { place };
        let sorts = shows_order(select, place) || select.order_by.is_empty() && self.is_read_in_order(select);
        let tail = match compound {
            true => Tail::default(),
            false => Tail { order_by: &select.order_by, shows_order: sorts, takes: self.taken(select, place) },
        };
        let mut columns = self.core(&select.body.first, inner, tail, compound)?;
        if !compound && place.is_read() {
            self.read_rows(&select.body.first, &mut columns);
        }
        let mut arms = Vec::new();
        for part in &select.body.compounds {
            let mut more = self.core(&part.core, inner, Tail::default(), true)?;
            if place.is_read() {
                self.read_rows(&part.core, &mut more);
            }
            if more.len() != columns.len() {
                let words = self.source(part.span).to_uppercase();
                return sqlite_error(
                    format!("SELECTs to the left and right of {words} do not have the same number of result columns"),
                    part.span,
                    None,
                );
            }
            arms.push(more);
        }
        let kinds = self.arms(&mut columns, &mut arms, place);
        let nulls = super::arms::text_nulls(&columns, &arms, &select.body);
        let mut left_first = Vec::new();
        for (index, (part, more)) in select.body.compounds.iter().zip(arms).enumerate() {
            self.merge_arms(&mut columns, more, part, select.body.first.span.start)?;
            // PostgreSQL binds INTERSECT tighter; SQLite goes from left to right.
            if part.operator == CompoundOperator::Intersect && index > 0 {
                left_first.push(index);
            }
        }
        self.nulls_as(nulls, &columns, place);
        for ((_, typed), kinds) in columns.iter_mut().zip(kinds) {
            (typed.affinity, typed.kinds) = (kinds.affinity(), Some(kinds));
        }
        for index in left_first {
            let start = select.body.first.span.start;
            let end = select.body.compounds[index - 1].core.span.end;
            self.note(&rules::select::COMPOUND, Span { start, end });
            self.edits.wrap(Span { start, end }, "(", ")");
        }
        if compound {
            let scope = Scope {
                aliases: columns
                    .iter()
                    .map(|(name, typed)| Alias {
                        name: name.clone(),
                        expr: select.body.first.span,
                        typed: typed.clone(),
                    })
                    .collect(),
                ..Scope::default()
            };
            self.scopes.push(scope);
            let ordered = self.compound_order(select, &mut columns);
            self.scopes.pop();
            ordered?;
            if sorts {
                self.sort_set(select, &columns);
            }
        }
        if let Some(limit) = &select.limit {
            self.limit(limit)?;
        }
        Ok(columns)
    }

    pub fn core(&mut self, core: &SelectCore, place: Place<'_>, tail: Tail<'_>, compound: bool) -> Result<Columns> {
        match &core.kind {
            SelectCoreKind::Values(rows) => match place {
                // Beside other arms PostgreSQL does not see the columns that they are for.
                Place::Assigned(targets) if compound => {
                    let cast = |target: &Target| Target { cast: true, ..target.clone() };
                    let targets: Vec<Target> = targets.iter().map(cast).collect();
                    self.values(rows, Place::Assigned(&targets))
                }
                _ => self.values(rows, place),
            },
            SelectCoreKind::Select(simple) => {
                self.scopes.push(Scope::default());
                let result = self.simple(simple, core.span, place, tail, compound);
                if let Some(Scope { from: Some(from), more_sources, .. }) = self.scopes.pop()
                    && !more_sources.is_empty()
                {
                    self.edits.append(from, more_sources);
                }
                result
            }
        }
    }

    fn simple(
        &mut self,
        simple: &SimpleSelect,
        span: Span,
        place: Place<'_>,
        Tail { order_by, shows_order, takes }: Tail<'_>,
        compound: bool,
    ) -> Result<Columns> {
        let with_arguments = self.with_pragma_arguments(simple);
        let simple = with_arguments.as_ref().unwrap_or(simple);
        let (asked, contents) = (self.asked.len(), self.contents.len());
        if let Some(from) = &simple.from {
            if from.joins.iter().any(|join| join.constraint.is_some()) {
                self.scope().coming_aliases = aliases(&simple.columns);
            }
            self.read_in_order(simple, from, shows_order, takes);
            let mut sources = self.from(from)?;
            self.number_sorted_rows(simple, from, &mut sources);
            self.json_marks(simple, from, &mut sources);
            self.scope().sources = sources;
            let is_listed = simple.columns.iter().all(|column| matches!(column.kind, ResultColumnKind::Expr { .. }));
            self.scope().from = is_listed.then_some(from.span);
        }
        if let Some(condition) = &simple.where_clause {
            self.full_text_queries(condition)?;
        }
        self.read_contents(contents)?;
        self.scope().takes_aggregates = true;
        let regrouped = !self.grouping(simple, order_by)? && self.distinct_grouping(simple, span, order_by)?;
        self.open_grouping(true);
        self.scope().moving_windows = super::order::moving_windows(&simple.windows);
        self.scope().distinct = simple.distinct == Some(Distinct::Distinct);
        let grouped = simple.distinct == Some(Distinct::Distinct) || !simple.group_by.is_empty();
        let outer = std::mem::replace(&mut self.grouped_results, grouped);
        let columns = self.result_columns(&simple.columns, place, compound);
        self.grouped_results = outer;
        let columns = columns?;
        self.open_grouping(false);
        self.scope().takes_aggregates = false;
        if let Some(from) = &simple.from {
            self.late_conditions(from)?;
        }
        if simple.distinct == Some(Distinct::Distinct)
            && columns
                .iter()
                .any(|(_, typed)| typed.collation != Collation::Binary && matches!(typed.ty, Type::Any | Type::Json))
        {
            return super::untyped::no_collation(span);
        }
        if simple.distinct == Some(Distinct::Distinct)
            && !regrouped
            && columns.iter().any(|(_, typed)| typed.collation != Collation::Binary && typed.ty == Type::Text)
        {
            return refuse(
                "DISTINCT over a NOCASE column beside aggregates",
                simple.columns.first().map_or(Span::default(), |column| column.span),
                "aggregate in a subquery, and GROUP BY the column outside",
            );
        }
        if let Some(condition) = &simple.where_clause {
            self.where_clause(condition)?;
        }
        self.scope().takes_aggregates = true;
        self.guard_stars(simple);
        let mut keys = Vec::new();
        for (index, term) in simple.group_by.iter().enumerate() {
            keys.push(self.group_by(term, index + 1, simple, &columns)?);
        }
        // Rows come in the order of windows.
        let is_grouped = simple.distinct.is_none() && !simple.columns.iter().any(holds_window);
        let is_ordered = is_grouped && (shows_order || !order_by.is_empty());
        let come_by = if is_ordered { self.terms_of_single_rows(simple, span) } else { None };
        if shows_order && is_grouped {
            self.sort_groups(span, &keys, come_by.as_deref());
        }
        if takes != Taken::All && order_by.is_empty() {
            match simple.distinct {
                Some(Distinct::Distinct) => self.rows_first_met(simple, &columns, span, takes, regrouped),
                _ => self.rows_that_come_first(simple, span, takes),
            }
        }
        self.open_grouping(true);
        if let Some(having) = &simple.having {
            if simple.group_by.is_empty() && !aggregates(simple) {
                return sqlite_error("HAVING clause on a non-aggregate query", having.span, None);
            }
            self.condition(having)?;
        }
        for window in &simple.windows {
            self.declare(&window.name);
            self.window(&window.window)?;
        }
        for (index, term) in order_by.iter().enumerate() {
            self.order_term(term, Some((index + 1, &columns)))?;
        }
        if is_grouped {
            self.groups_that_tie(simple, order_by, &keys, come_by.as_deref());
        }
        self.rows_that_tie(simple, order_by, &columns, span);
        if regrouped {
            self.met_rows_that_tie(simple, order_by, &columns, span);
        }
        self.asked.truncate(asked);
        Ok(columns)
    }

    /// Where `*` became a list, a column that somebody added must not be missed: the server analyses the statement again
    /// when the table has changed, and then refuses the two rows of unlike lengths. It never runs them.
    fn guard_stars(&mut self, simple: &SimpleSelect) {
        if self.no_parameters.is_some() || self.in_trigger {
            return;
        }
        let Some(from) = &simple.from else { return };
        let listed = |source: &&Source| {
            // Nobody adds a column to a full text table.
            // Nor is a list complete that shows values of any class.
            let any = source.columns().any(|column| column.typed.ty == Type::Any);
            (source.rowid().is_some() && source.hidden_at.is_some() || any && source.is_table)
                && source.full_text.is_none()
                && simple.columns.iter().any(|column| match &column.kind {
                    ResultColumnKind::Star => true,
                    ResultColumnKind::TableStar(table) => source.name.eq_ignore_ascii_case(&table.text),
                    ResultColumnKind::Expr { .. } => false,
                })
        };
        let sources = self.scopes.last().map_or(&[][..], |scope| &scope.sources);
        let guards: Vec<String> = sources
            .iter()
            .filter(listed)
            .map(|source| {
                let mut names: Vec<_> = source.columns().map(|column| column.name).collect();
                if let (Some(at), Some(rowid)) = (source.hidden_at, source.rowid()) {
                    names.insert(at.min(names.len()), rowid);
                }
                let columns: Vec<String> = names
                    .into_iter()
                    .map(|name| format!("{}.{}", source.printed, super::names::identifier(&name)))
                    .collect();
                format!("(true OR EXISTS (VALUES ({}.*), ({})))", source.printed, columns.join(", "))
            })
            .collect();
        if guards.is_empty() {
            return;
        }
        let guards = guards.join(" AND ");
        match &simple.where_clause {
            Some(condition) => self.edits.wrap(condition.span, "(", format!(") AND {guards}")),
            None => self.edits.wrap(from.span, "", format!(" WHERE {guards}")),
        }
    }

    /// One term of GROUP BY. Gives how its groups are sorted.
    fn group_by(
        &mut self,
        term: &Expr,
        count: usize,
        simple: &SimpleSelect,
        columns: &Columns,
    ) -> Result<Option<SortKey>> {
        let (term, collation) = self.bare_term(term, columns, count, "GROUP")?;
        let (typed, named) = if term.kind == ExprKind::Integer {
            let typed = self.ordinal(term, columns, count, "GROUP")?;
            let typed = Typed { collation: collation.unwrap_or(typed.collation), ..typed };
            (typed, self.numbered(simple, term).map(|expr| expr.span))
        } else if let Some(alias) = self.alias_of(term).filter(|_| !self.names_a_column(term)) {
            let (typed, span) = (alias.typed.clone(), alias.expr);
            if let Some(twin) = self.twin_result(term, columns) {
                self.note(&rules::select::TWIN_NAMES, term.span);
                self.edits.replace_text(term.span, (twin + 1).to_string());
            } else if let ExprKind::Column { column, .. } = &term.kind {
                let folded = fold(&column.text);
                self.rename(column, &folded);
            }
            (typed, Some(span))
        } else {
            let mut typed = self.expr(term)?;
            self.by_row(&mut typed);
            if typed.collation != Collation::Binary {
                self.fold_for(typed.collation, term, &mut typed);
            }
            let key = match typed.collation {
                Collation::Binary => self.sorting_key(term, simple, columns),
                _ => term.span.into(),
            };
            let sorted = implied_order::sorted(key, Some(term.span), &typed);
            let is_constant = self.constant_term(term, &typed);
            return Ok(if is_constant { Some(SortKey::default()) } else { sorted });
        };
        if typed.collation != Collation::Binary && matches!(typed.ty, Type::Any | Type::Json) {
            return super::untyped::no_collation(term.span);
        }
        if typed.collation != Collation::Binary && typed.ty == Type::Text {
            let Some(span) = named else {
                return refuse("GROUP BY the number of a NOCASE column of *", term.span, "name the column");
            };
            self.edits.replace(term.span, super::bare::folded(typed.collation, vec![Piece::Plain(span)]));
        }
        Ok(implied_order::sorted(term.span.into(), named, &typed))
    }

    pub fn scope(&mut self) -> &mut Scope {
        self.scopes.last_mut().expect("a scope was pushed")
    }

    pub fn names_a_column(&self, expr: &Expr) -> bool {
        let ExprKind::Column { column, .. } = &expr.kind else { return false };
        self.scopes.last().is_some_and(|scope| scope.sources.iter().any(|source| source.column(&column.text).is_some()))
    }

    /// Visits the result columns, gives their names, and fills in the aliases.
    pub fn result_columns(&mut self, result: &[ResultColumn], place: Place<'_>, compound: bool) -> Result<Columns> {
        let mut columns: Columns = Vec::new();
        // One result column does not see another's alias.
        let mut aliases = Vec::new();
        for column in result {
            match &column.kind {
                ResultColumnKind::Star | ResultColumnKind::TableStar(_) => {
                    let first = columns.len();
                    self.star(column, place, &mut columns)?;
                    self.scope().starred.push(first..columns.len());
                }
                ResultColumnKind::Expr { expr, alias } => {
                    self.scope().results.push(vec![expr.span.into()]);
                    let typed = match place {
                        Place::Assigned(targets) if targets.get(columns.len()).is_some_and(|target| target.as_is) => {
                            self.inner_value(expr)?
                        }
                        Place::Assigned(targets) if columns.len() < targets.len() => {
                            if compound {
                                let mut typed = self.value(expr)?;
                                let target = &targets[columns.len()];
                                // An id that is to come.
                                let is_missing = target.cast && typed.ty == Type::Null;
                                if (typed.placeholder.is_some() || is_missing)
                                    && target.data_type != ColumnType::Any
                                    && let Some(name) = super::types::type_name(target.data_type)
                                {
                                    if !is_missing {
                                        self.parameter_of_column(expr, target.data_type);
                                    }
                                    self.suffix(expr, &mut typed, format!("::{name}"));
                                    typed.ty = Type::from(target.data_type);
                                }
                                if target.data_type == ColumnType::Numeric
                                    && matches!(typed.ty, Type::Real | Type::Numeric)
                                {
                                    self.by_row(&mut typed);
                                    self.call(expr, &mut typed, "sqlift.exact_number");
                                    typed = Typed { ty: Type::Numeric, constant: None, branches: Vec::new(), ..typed };
                                }
                                if target.data_type == ColumnType::Any && typed.ty != Type::Null {
                                    self.assign_any(expr, &mut typed, target)?;
                                }
                                typed
                            } else {
                                let mut typed = self.assign(expr, &targets[columns.len()])?;
                                if self.scope().distinct {
                                    self.sort_by_bytes(expr, &mut typed);
                                }
                                typed
                            }
                        }
                        Place::Assigned(_) => self.expr(expr)?,
                        Place::Top | Place::Returned => {
                            self.mixed_at = (!self.grouped_results).then(|| peel(expr).span);
                            if place == Place::Returned {
                                self.pass_on(expr);
                            }
                            let mut typed = self.expr(expr)?;
                            self.by_row(&mut typed);
                            if self.scope().distinct {
                                self.sort_by_bytes(expr, &mut typed);
                            }
                            if place == Place::Returned && typed.ty == Type::Any {
                                self.fired.rule(&rules::types::UNTYPED_VALUES);
                                self.edits.wrap(expr.span, super::untyped::SHOWN, ")");
                            }
                            typed
                        }
                        Place::Inner | Place::Declared | Place::Value => self.inner_value(expr)?,
                    };
                    let mut name = self.result_name(expr, alias.as_ref(), &typed);
                    let mut is_renamed = false;
                    if let (ExprKind::Column { column: written, .. }, None) = (&peel(expr).kind, alias)
                        && place == Place::Inner
                        && (name.eq_ignore_ascii_case(&written.text) || is_rowid_name(&written.text))
                    {
                        // What reads a subquery sees its names as they are written there.
                        is_renamed = !name.eq_ignore_ascii_case(&written.text);
                        name = written.text.to_string();
                    }
                    if let Some(alias) = alias {
                        self.declare_alias(alias);
                        aliases.push(Alias { name: fold(&alias.text), expr: expr.span, typed: typed.clone() });
                    } else if place.is_read()
                        && (!matches!(peel(expr).kind, ExprKind::Column { .. })
                            || typed.ty == Type::Null
                            || is_renamed
                            || self.is_computed(expr))
                        && !name.is_empty()
                    {
                        self.edits.name(column.span, format!(" AS {}", quote_identifier(&fold(&name))));
                    }
                    let shown = if place.is_read() { Some(name.as_str().into()) } else { typed.shown.clone() };
                    let typed = match compound {
                        true => {
                            let is_unnamed = alias.is_none() && matches!(peel(expr).kind, ExprKind::Column { .. });
                            let kinds = self.arm_kinds(expr, &typed).unnamed(is_unnamed);
                            Typed { kinds: Some(kinds), ..arm(typed, expr.span) }
                        }
                        false => typed,
                    };
                    columns.push((name, Typed { shown, ..typed }));
                }
            }
        }
        self.scope().aliases = aliases;
        Ok(columns)
    }

    /// What another query reads.
    fn inner_value(&mut self, expr: &Expr) -> Result<Typed> {
        let mut typed = self.value(expr)?;
        self.by_row(&mut typed);
        self.widen(expr, &mut typed);
        self.sort_by_bytes(expr, &mut typed);
        self.raising_is_text(expr, &mut typed);
        Ok(typed)
    }

    /// Text of no column, which the query outside reads as one: these sort by their bytes.
    pub fn sort_by_bytes(&mut self, expr: &Expr, typed: &mut Typed) {
        if typed.ty == Type::Text && !typed.from_column {
            self.fired.rule(&rules::comparisons::COLLATION);
            let cast = if typed.constant.is_some() { "::text" } else { "" };
            self.suffix(expr, typed, format!("{cast} COLLATE \"C\""));
            typed.from_column = true;
        } else if self.is_of_parameters(expr, typed) {
            self.by_bytes(expr, typed);
        }
    }

    /// Whether it is of the class that is bound, and not a column, which has been looked after where it comes from.
    pub fn is_of_parameters(&self, expr: &Expr, typed: &Typed) -> bool {
        let is_column = matches!(peel(expr).kind, ExprKind::Column { .. }) && self.alias_of(peel(expr)).is_none();
        typed.ty == Type::Unknown && !typed.from_column && !is_column
    }

    /// A value of the class that is bound: only of text there is a collation to choose.
    pub fn by_bytes(&mut self, expr: &Expr, typed: &mut Typed) {
        self.note(&rules::comparisons::COLLATION, expr.span);
        self.edits.wrap(expr.span, "sqlift.by_bytes(sqlift.unwrapped(sqlift.wrapped(", ")))");
        typed.class = Class::Primary;
        typed.placeholder = None;
    }

    /// An alias stands with or without AS; `'text'` is taken for a name.
    fn declare_alias(&mut self, alias: &Name) {
        let folded = fold(&alias.text);
        self.rename(alias, &folded);
    }

    /// SQLite's name of a result column: the alias, the column's own name, or the text as written.
    fn result_name(&self, expr: &Expr, alias: Option<&Name>, typed: &Typed) -> String {
        if let Some(alias) = alias {
            return alias.text.to_string();
        }
        match &peel(expr).kind {
            ExprKind::Column { .. } if typed.shown.is_some() => {
                typed.shown.as_ref().map_or("", |name| name.shown()).to_owned()
            }
            ExprKind::Column { table, column, .. } if typed.constant.is_none() => {
                // rowid is called by its column's name.
                match self.lookup(table.as_ref(), column, expr.span) {
                    Ok(super::scope::Meaning::Column { name, .. }) if !name.eq_ignore_ascii_case(&column.text) => {
                        name.to_string()
                    }
                    _ => column.text.to_string(),
                }
            }
            _ => self.source(expr.span).to_owned(),
        }
    }
}

/// The names after AS, in lower case.
fn aliases(columns: &[ResultColumn]) -> Vec<String> {
    let alias = |column: &ResultColumn| match &column.kind {
        ResultColumnKind::Expr { alias: Some(alias), .. } => Some(fold(&alias.text)),
        _ => None,
    };
    columns.iter().filter_map(alias).collect()
}
