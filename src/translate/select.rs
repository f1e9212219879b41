//! SELECT: scopes, FROM, result columns and their names, ORDER BY, LIMIT, common tables.

use crate::syntax::Span;

use super::ast::*;
use super::names::{fold, quote_identifier};
use super::pass::{Pass, Result, peel, refuse, sqlite_error};
use super::rules;
use super::scope::{Alias, Scope};
use super::types::{Class, Collation, Type, Typed};

/// Result columns: SQLite's names and what is known of them.
pub(crate) type Columns = Vec<(String, Typed)>;

/// Where a SELECT stands: what its result columns must be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Place<'a> {
    /// The caller reads the rows.
    Top,
    /// Another query reads them by name.
    Inner,
    /// They are values of an expression: EXISTS, IN, a scalar subquery.
    Value,
    /// They are assigned to these columns.
    Assigned(&'a [super::insert::Target]),
}

/// Whether an aggregate without GROUP BY or a FROM-less SELECT makes it exactly one row.
pub(crate) fn gives_one_row(select: &Select) -> bool {
    if !select.body.compounds.is_empty() {
        return false;
    }
    let SelectCoreKind::Select(core) = &select.body.first.kind else { return true };
    core.group_by.is_empty()
        && (core.from.is_none()
            || core.columns.iter().any(|column| match &column.kind {
                ResultColumnKind::Expr { expr, .. } => has_aggregate(expr),
                _ => false,
            }))
}

/// Whether it is or may hold min or max, whose row the bare columns come from.
fn has_extreme(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Call(call) => {
            matches!(fold(&call.name.text).as_str(), "min" | "max") || call.arguments.iter().any(has_extreme)
        }
        ExprKind::Column { .. } | ExprKind::Integer | ExprKind::Float | ExprKind::String(_) | ExprKind::Null => false,
        // What is not looked into counts as one.
        _ => true,
    }
}

fn has_aggregate(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Call(call) => {
            call.over.is_none()
                && (super::calls::is_aggregate(&call.name.text, call.arguments.len())
                    || call.arguments.iter().any(has_aggregate))
        }
        ExprKind::Parenthesized(inner) | ExprKind::Unary { operand: inner, .. } => has_aggregate(inner),
        ExprKind::Cast { operand, .. } | ExprKind::Collate { operand, .. } => has_aggregate(operand),
        ExprKind::NullTest { operand, .. } => has_aggregate(operand),
        ExprKind::Binary { left, right, .. } => has_aggregate(left) || has_aggregate(right),
        ExprKind::Case { operand, branches, otherwise } => {
            operand.as_deref().is_some_and(has_aggregate)
                || branches.iter().any(|(when, then)| has_aggregate(when) || has_aggregate(then))
                || otherwise.as_deref().is_some_and(has_aggregate)
        }
        _ => false,
    }
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
            self.with(with)?;
        }
        let compound = !select.body.compounds.is_empty();
        let result = self.body(select, place, compound);
        self.common_tables.truncate(common_tables);
        result
    }

    fn body(&mut self, select: &Select, place: Place<'_>, compound: bool) -> Result<Columns> {
        let inner = if compound && place == Place::Top { Place::Inner } else { place };
        let simple_order = if compound { None } else { Some(select.order_by.as_slice()) };
        let mut columns = self.core(&select.body.first, inner, simple_order, compound)?;
        let mut intersect_after_other = None;
        for (index, part) in select.body.compounds.iter().enumerate() {
            let more = self.core(&part.core, inner, None, true)?;
            if more.len() != columns.len() {
                let words = self.source(part.span).to_uppercase();
                return sqlite_error(
                    format!("SELECTs to the left and right of {words} do not have the same number of result columns"),
                    part.span,
                    None,
                );
            }
            if part.operator != CompoundOperator::UnionAll
                && columns.iter().chain(&more).any(|(_, typed)| typed.collation != Collation::Binary)
            {
                return refuse("a NOCASE column in a compound SELECT", part.span, "use UNION ALL, or lower(column)");
            }
            for ((_, left), (_, right)) in columns.iter_mut().zip(&more) {
                merge(left, right, part.span)?;
            }
            // PostgreSQL binds INTERSECT tighter; SQLite goes from left to right.
            if part.operator == CompoundOperator::Intersect && index > 0 {
                intersect_after_other = Some(index);
            }
        }
        if let Some(index) = intersect_after_other {
            let start = select.body.first.span.start;
            let end = select.body.compounds[index - 1].core.span.end;
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
            let ordered = self.compound_order(&select.order_by, &columns);
            self.scopes.pop();
            ordered?;
        }
        if let Some(limit) = &select.limit {
            self.limit(limit)?;
        }
        Ok(columns)
    }

    pub fn core(
        &mut self,
        core: &SelectCore,
        place: Place<'_>,
        order_by: Option<&[OrderTerm]>,
        compound: bool,
    ) -> Result<Columns> {
        match &core.kind {
            SelectCoreKind::Values(rows) => self.values(rows, place),
            SelectCoreKind::Select(simple) => {
                self.scopes.push(Scope::default());
                let result = self.simple(simple, place, order_by.unwrap_or(&[]), compound);
                self.scopes.pop();
                result
            }
        }
    }

    fn values(&mut self, rows: &[ValuesRow], place: Place<'_>) -> Result<Columns> {
        let width = rows.first().map_or(0, |row| row.values.len());
        let mut columns: Columns = Vec::new();
        // No column is in sight in VALUES of an INSERT; in a subquery the outer ones are.
        for row in rows {
            if row.values.len() != width {
                return sqlite_error("all VALUES must have the same number of terms", row.span, None);
            }
            for (index, value) in row.values.iter().enumerate() {
                let typed = match place {
                    Place::Assigned(targets) => self.assign(value, &targets[index])?,
                    _ => {
                        let mut typed = self.value(value)?;
                        self.widen(value, &mut typed);
                        typed
                    }
                };
                match columns.get_mut(index) {
                    None => columns.push((format!("column{}", index + 1), typed.as_result())),
                    Some((_, left)) if !matches!(place, Place::Assigned(_)) => merge(left, &typed, value.span)?,
                    Some(_) => {}
                }
            }
        }
        Ok(columns)
    }

    fn simple(
        &mut self,
        simple: &SimpleSelect,
        place: Place<'_>,
        order_by: &[OrderTerm],
        compound: bool,
    ) -> Result<Columns> {
        if let Some(from) = &simple.from {
            let sources = self.from(from)?;
            self.scope().sources = sources;
        }
        // A subquery's column must keep its name.
        let bare = if place == Place::Inner { Vec::new() } else { self.bare_columns(simple) };
        let outer = std::mem::replace(&mut self.ordered_by, asked_for(simple, order_by));
        let columns = self.result_columns(&simple.columns, place, compound);
        self.ordered_by = outer;
        let columns = columns?;
        for span in bare {
            self.note(&rules::select::BARE_COLUMN, span);
            self.edits.wrap(span, "(array_agg(", "))[1]");
        }
        if simple.distinct == Some(Distinct::Distinct)
            && columns.iter().any(|(_, typed)| typed.collation != Collation::Binary)
        {
            return refuse(
                "DISTINCT over a NOCASE column",
                simple.columns.first().map_or(Span::default(), |column| column.span),
                "GROUP BY lower(column), and choose the spelling with min(column)",
            );
        }
        if let Some(condition) = &simple.where_clause {
            self.condition(condition)?;
        }
        for term in &simple.group_by {
            if let ExprKind::Integer = term.kind {
                let typed = self.ordinal(term, &columns)?;
                nocase_group(&typed, term)?;
                continue;
            }
            let is_alias = self.alias_of(term).is_some() && !self.names_a_column(term);
            if is_alias {
                if let Some(alias) = self.alias_of(term) {
                    nocase_group(&alias.typed, term)?;
                }
                if let ExprKind::Column { column, .. } = &term.kind {
                    let folded = fold(&column.text);
                    self.rename(column, &folded);
                }
                continue;
            }
            let mut typed = self.expr(term)?;
            if typed.collation != Collation::Binary {
                self.fold_for(typed.collation, term, &mut typed);
            }
        }
        if let Some(having) = &simple.having {
            self.condition(having)?;
        }
        for window in &simple.windows {
            self.declare(&window.name);
            self.window(&window.window)?;
        }
        for term in order_by {
            self.order_term(term, Some(&columns))?;
        }
        Ok(columns)
    }

    /// Plain result columns beside an aggregate that GROUP BY does not name.
    fn bare_columns(&self, simple: &SimpleSelect) -> Vec<Span> {
        let exprs = || {
            simple.columns.iter().filter_map(|column| match &column.kind {
                ResultColumnKind::Expr { expr, .. } => Some(expr),
                _ => None,
            })
        };
        let aggregates = !simple.group_by.is_empty() || exprs().any(has_aggregate);
        if simple.having.is_some() || !aggregates || exprs().any(has_extreme) {
            return Vec::new();
        }
        let Some(scope) = self.scopes.last() else { return Vec::new() };
        let own = |expr: &Expr| match &peel(expr).kind {
            ExprKind::Column { table, column, .. } => scope.sources.iter().find_map(|source| {
                let named = table.as_ref().is_none_or(|table| source.name.eq_ignore_ascii_case(&table.text));
                let found = source.column(&column.text).filter(|_| named && !source.by_name_only)?;
                Some((source.name.clone(), found.name.clone(), source.rowid.as_ref() == Some(&found.name)))
            }),
            _ => None,
        };
        let mut keys = Vec::new();
        for term in &simple.group_by {
            match own(term) {
                // A table's key determines its other columns, which PostgreSQL knows.
                Some((_, _, true)) | None => return Vec::new(),
                Some((source, column, _)) => keys.push((source, column)),
            }
        }
        exprs()
            .filter(|expr| own(expr).is_some_and(|(source, column, _)| !keys.contains(&(source, column))))
            .map(|expr| expr.span)
            .collect()
    }

    pub fn scope(&mut self) -> &mut Scope {
        self.scopes.last_mut().expect("a scope was pushed")
    }

    fn names_a_column(&self, expr: &Expr) -> bool {
        let ExprKind::Column { column, .. } = &expr.kind else { return false };
        self.scopes.last().is_some_and(|scope| scope.sources.iter().any(|source| source.column(&column.text).is_some()))
    }

    /// Visits the result columns, gives their names, and fills in the aliases.
    pub fn result_columns(&mut self, result: &[ResultColumn], place: Place<'_>, compound: bool) -> Result<Columns> {
        let mut columns: Columns = Vec::new();
        for column in result {
            match &column.kind {
                ResultColumnKind::Star | ResultColumnKind::TableStar(_) => self.star(column, place, &mut columns)?,
                ResultColumnKind::Expr { expr, alias } => {
                    let typed = match place {
                        Place::Assigned(targets) if columns.len() < targets.len() => {
                            if compound {
                                let mut typed = self.value(expr)?;
                                let target = &targets[columns.len()];
                                if typed.placeholder.is_some()
                                    && let Some(name) = super::comparison::type_name(target.data_type)
                                {
                                    self.parameter_of_column(expr, target.data_type);
                                    self.suffix(expr, &mut typed, &format!("::{name}"));
                                    typed.ty = Type::from(target.data_type);
                                }
                                typed
                            } else {
                                self.assign(expr, &targets[columns.len()])?
                            }
                        }
                        Place::Assigned(_) => self.expr(expr)?,
                        Place::Top => {
                            let number = (columns.len() + 1).to_string();
                            let asked = |name: &str| self.ordered_by.iter().any(|term| term == name);
                            let free = !asked("*")
                                && !asked(&number)
                                && alias.as_ref().is_none_or(|alias| !asked(&fold(&alias.text)));
                            self.mixed_at = free.then(|| peel(expr).span);
                            self.expr(expr)?
                        }
                        Place::Inner | Place::Value => {
                            let mut typed = self.value(expr)?;
                            self.widen(expr, &mut typed);
                            if typed.ty == Type::Text && typed.constant.is_some() {
                                self.suffix(expr, &mut typed, "::text");
                            }
                            typed
                        }
                    };
                    let name = self.result_name(expr, alias.as_ref(), &typed);
                    if let Some(alias) = alias {
                        self.declare_alias(alias);
                        let alias = Alias { name: fold(&alias.text), expr: expr.span, typed: typed.clone() };
                        self.scope().aliases.push(alias);
                    } else if place == Place::Inner
                        && !matches!(peel(expr).kind, ExprKind::Column { .. })
                        && !name.is_empty()
                    {
                        self.edits.wrap(column.span, "", format!(" AS {}", quote_identifier(&fold(&name))));
                    }
                    let shown = if place == Place::Inner { Some(name.as_str().into()) } else { typed.shown.clone() };
                    columns.push((name, Typed { shown, ..typed }));
                }
            }
        }
        Ok(columns)
    }

    /// An alias stands with or without AS; `'text'` is taken for a name.
    fn declare_alias(&mut self, alias: &Name) {
        let folded = fold(&alias.text);
        self.rename(alias, &folded);
    }

    /// SQLite's name of a result column: the alias, the column's own name, or the text as written.
    fn result_name(&self, expr: &Expr, alias: Option<&Name>, typed: &Typed) -> String {
        if let Some(alias) = alias {
            return alias.text.clone();
        }
        match &peel(expr).kind {
            ExprKind::Column { .. } if typed.shown.is_some() => typed.shown.as_deref().unwrap_or_default().to_owned(),
            ExprKind::Column { table, column, .. } if typed.constant.is_none() => {
                // rowid is called by its column's name.
                match self.lookup(table.as_ref(), column, expr.span) {
                    Ok(super::scope::Meaning::Column { name, .. }) if !name.eq_ignore_ascii_case(&column.text) => name,
                    _ => column.text.clone(),
                }
            }
            _ => self.source(expr.span).to_owned(),
        }
    }

    fn star(&mut self, column: &ResultColumn, place: Place<'_>, columns: &mut Columns) -> Result<()> {
        let sources = self.scopes.last().map(|scope| scope.sources.clone()).unwrap_or_default();
        let table = match &column.kind {
            ResultColumnKind::TableStar(table) => Some(table),
            _ => None,
        };
        let chosen: Vec<_> = sources
            .iter()
            .filter(|source| table.is_none_or(|table| source.name.eq_ignore_ascii_case(&table.text)))
            .collect();
        if chosen.is_empty() {
            return match table {
                Some(table) => {
                    sqlite_error(format!("no such table: {}", table.text), column.span, Some("no-such-table"))
                }
                None => sqlite_error("no tables specified", column.span, None),
            };
        }
        let expand = table.is_none() && chosen.iter().any(|source| source.columns.iter().any(|column| column.merged));
        let mut text = Vec::new();
        for source in &chosen {
            for offered in source.columns.iter().filter(|offered| table.is_some() || !offered.merged) {
                text.push(format!("{}.{}", source.printed, super::names::identifier(&offered.name)));
                if let Place::Assigned(targets) = place
                    && let Some(target) = targets.get(columns.len())
                    && !target.takes(&offered.typed)
                {
                    return refuse(
                        format!(
                            "{} is {}, but column {} is not",
                            offered.name,
                            offered.typed.ty.describe(),
                            target.name
                        ),
                        column.span,
                        "name the columns instead of *, and CAST this one",
                    );
                }
                let shown = offered.typed.shown.as_deref().filter(|_| place == Place::Top);
                columns.push((
                    shown.unwrap_or(&offered.name).to_owned(),
                    Typed { class: Class::Primary, ..offered.typed.clone() },
                ));
            }
        }
        if let Some(table) = table {
            let printed = chosen[0].name.clone();
            self.rename(table, &printed);
        }
        if expand {
            // PostgreSQL moves the columns of USING to the front.
            self.note(&rules::select::STAR_WITH_USING, column.span);
            self.edits.replace_text(column.span, text.join(", "));
        }
        Ok(())
    }
}

/// The names and numbers of result columns that ORDER BY asks for; `*` for all of them.
fn asked_for(simple: &SimpleSelect, order_by: &[OrderTerm]) -> Vec<String> {
    if simple.distinct == Some(Distinct::Distinct) || !simple.group_by.is_empty() {
        return vec!["*".to_owned()];
    }
    let terms = order_by.iter().filter_map(|term| match &peel(super::order::peel_collate(&term.expr)).kind {
        ExprKind::Column { table: None, column, .. } => Some(fold(&column.text)),
        ExprKind::Integer => Some("*".to_owned()),
        _ => None,
    });
    terms.collect()
}

/// GROUP BY an alias or a number takes the column as it is.
fn nocase_group(typed: &Typed, term: &Expr) -> Result<()> {
    if typed.collation == Collation::Binary {
        return Ok(());
    }
    refuse(
        "GROUP BY names a NOCASE result column by its alias or number",
        term.span,
        "repeat the expression in GROUP BY",
    )
}

/// The type of a column that comes from two arms of a compound SELECT or two rows of VALUES.
fn merge(left: &mut Typed, right: &Typed, span: Span) -> Result<()> {
    left.nullable |= right.nullable;
    left.int4 &= right.int4;
    left.constant = None;
    left.placeholder = None;
    if left.column != right.column {
        left.column = None;
    }
    let both = (left.ty, right.ty);
    left.ty = match both {
        (a, b) if a == b => a,
        (Type::Null, b) => b,
        (a, Type::Null) => a,
        // An integer next to a real parameter becomes one; other classes are an error of the server's.
        (Type::Unknown, Type::Integer | Type::Numeric) | (Type::Integer | Type::Numeric, Type::Unknown) => {
            Type::Unknown
        }
        (Type::Unknown, b) => b,
        (a, Type::Unknown) => a,
        (Type::Real, Type::Integer) | (Type::Integer, Type::Real) => {
            return refuse(
                "one column is an integer in one row and a real in another",
                span,
                "PostgreSQL makes all of them reals: write the integer as CAST(x AS REAL)",
            );
        }
        (a, b) if a.is_number() && b.is_number() => {
            if a == Type::Real || b == Type::Real {
                Type::Real
            } else {
                Type::Numeric
            }
        }
        (a, b) => {
            return refuse(
                format!("one column is {} in one row and {} in another", a.describe(), b.describe()),
                span,
                "CAST both to the same type",
            );
        }
    };
    Ok(())
}
