//! LIKE, GLOB and IN.

use super::ast::{Expr, ExprKind, InSet, LikeOperator};
use super::beside::Side;
use super::catalog::ColumnType;
use super::collation::is_collated_json;
use super::edits::Piece;
use super::glob::Glob;
use super::names::quote_literal;
use super::pass::{Pass, Result, peel, refuse};
use super::types::{Affinity, Class, Collation, Constant, Type, Typed};
use crate::syntax::Span;

impl Pass<'_> {
    #[allow(clippy::too_many_arguments)]
    pub fn like(
        &mut self,
        expr: &Expr,
        operator: LikeOperator,
        operator_span: Span,
        negated: bool,
        left: &Expr,
        right: &Expr,
        escape: Option<&Expr>,
    ) -> Result<Typed> {
        match operator {
            LikeOperator::Like | LikeOperator::Glob => {}
            LikeOperator::Regexp => {
                return refuse(
                    "REGEXP calls a function that SQLite does not have either: the program defines it",
                    operator_span,
                    "define sqlift_regexp in PostgreSQL and call it, or use LIKE or GLOB",
                );
            }
            LikeOperator::Match => return self.full_text_match(expr, operator_span, negated, left, right),
        }
        self.note(&super::rules::operators::LIKE, expr.span);
        let mut l = self.value(left)?;
        let mut r = self.value(right)?;
        let nullable = l.nullable || r.nullable;
        if l.ty == Type::Blob || r.ty == Type::Blob {
            return refuse("LIKE on a blob", expr.span, "cast the blob to text first: CAST(x AS TEXT)");
        }
        if l.placeholder.is_none() {
            self.as_text(left, &mut l)?;
        } else {
            self.parameter_of_column(left, super::catalog::ColumnType::Text);
            self.suffix(left, &mut l, "::text");
        }
        let pattern = r.constant.clone();
        if r.placeholder.is_some() {
            self.parameter_of_column(right, super::catalog::ColumnType::Text);
            if operator == LikeOperator::Glob {
                self.suffix(right, &mut r, "::text");
            }
        } else {
            self.as_text(right, &mut r)?;
        }
        let limit = self.options.longest_pattern;
        if let (LikeOperator::Glob, Some(Constant::Text(text)), None) = (operator, &pattern, limit)
            && let Some(glob) = Glob::of(text)
        {
            if l.class < Class::Unary {
                self.parenthesize(left, &mut l);
            }
            self.edits.replace(expr.span, [left.span.into(), glob.words(negated).into()]);
            return Ok(Typed::new(Type::Boolean).nullable(nullable).class(Class::Compare));
        }
        if operator == LikeOperator::Glob {
            let not = if negated { "NOT sqlift.glob(" } else { "sqlift.glob(" };
            let mut pieces: Vec<Piece> = vec![not.into()];
            pieces.extend(self.measured_pattern(right.span));
            pieces.extend([", ".into(), left.span.into(), ")".into()]);
            self.edits.replace(expr.span, pieces);
            let class = if negated { Class::Not } else { Class::Primary };
            return Ok(Typed::new(Type::Boolean).nullable(nullable).class(class));
        }
        if self.options.flags.case_sensitive_like && self.no_parameters.is_some() {
            return refuse(
                "LIKE in what the database keeps, while PRAGMA case_sensitive_like is ON",
                expr.span,
                "write GLOB, or set case_sensitive_like = OFF before this statement",
            );
        }
        let caseless = self.options.flags.case_sensitive_like
            || matches!(&pattern, Some(Constant::Text(text)) if !text.chars().any(char::is_alphabetic));
        // An index over a NOCASE column is one over its lower case, which finds the beginning of a pattern.
        let folds =
            !caseless && l.from_column && l.collation == Collation::NoCase && !escape.is_some_and(may_be_letter);
        let caseless = caseless || folds;
        if folds {
            self.fold_for(Collation::NoCase, left, &mut l);
            match &pattern {
                Some(Constant::Text(text)) => {
                    self.edits.replace_text(right.span, quote_literal(&text.to_ascii_lowercase()));
                }
                _ => self.fold_for(Collation::NoCase, right, &mut r),
            }
        } else if (!l.from_column || l.collation != r.collation) && !caseless {
            // ILIKE folds by the collation; "C" folds ASCII alone, as SQLite does.
            self.suffix(left, &mut l, " COLLATE \"C\"");
            self.edits.wrap(left.span, "(", ")");
        }
        for (operand, typed) in [(left, &mut l), (right, &mut r)] {
            if typed.class <= Class::Compare {
                self.parenthesize(operand, typed);
            }
        }
        let word = match (negated, caseless) {
            (false, true) => " LIKE ",
            (true, true) => " NOT LIKE ",
            (false, false) => " ILIKE ",
            (true, false) => " NOT ILIKE ",
        };
        let mut pieces: Vec<Piece> = vec![left.span.into(), word.into()];
        let measured = self.measured_pattern(right.span);
        match escape {
            Some(escape) => pieces.extend(self.escaped(right, pattern.as_ref(), measured, escape)?),
            None => pieces.extend(measured.into_iter().chain([" ESCAPE ''".into()])),
        }
        self.edits.replace(expr.span, pieces);
        Ok(Typed::new(Type::Boolean).class(Class::Compare).nullable(nullable))
    }

    /// A pattern, which is an error where it is longer than the program allows.
    pub fn measured_pattern(&self, pattern: Span) -> Vec<Piece> {
        match self.options.longest_pattern {
            Some(longest) => vec!["sqlift.pattern(".into(), pattern.into(), format!(", {longest})").into()],
            None => vec![pattern.into()],
        }
    }

    pub fn in_set(
        &mut self,
        expr: &Expr,
        negated: bool,
        operator_span: Span,
        operand: &Expr,
        set: &InSet,
    ) -> Result<Typed> {
        let _ = operator_span;
        if let (ExprKind::Row(members), InSet::Select { span, select }) = (&peel(operand).kind, set) {
            return self.row_in_query(operand, members, select, *span);
        }
        if let (ExprKind::Row(members), InSet::List { values, .. }) = (&peel(operand).kind, set)
            && !values.is_empty()
        {
            for value in values {
                match &peel(value).kind {
                    ExprKind::Row(row) if row.len() == members.len() => self.members(members, row)?,
                    _ => return super::pass::sqlite_error("row value misused", value.span, None),
                };
            }
            return Ok(Typed::new(Type::Boolean).class(Class::Compare));
        }
        let mut left = self.expr(operand)?;
        match set {
            InSet::List { values, .. } if values.is_empty() => {
                self.fired.rule(&super::rules::comparisons::EMPTY_LIST);
                self.edits.replace_text(expr.span, if negated { "true" } else { "false" });
                let constant = super::types::Constant::Integer(i64::from(negated));
                Ok(Typed::new(Type::Boolean).constant(constant).nullable(false))
            }
            InSet::List { values, .. } => {
                // The columns of the list do not convert it.
                left.placeholder = None;
                let mut nullable = left.nullable;
                let mut found = Vec::with_capacity(values.len());
                for value in values {
                    let mut right = self.expr(value)?;
                    // The left side's affinity alone counts for IN.
                    right.affinity = Affinity::None;
                    // So does its collation.
                    self.without_collation(value, &mut right);
                    right.collation = Collation::Binary;
                    right.explicit_collation = false;
                    nullable |= right.nullable;
                    found.push((value, right));
                }
                if left.ty == Type::Any
                    || found.iter().any(|(_, right)| right.ty == Type::Any)
                    || found.iter().any(|(_, right)| super::row_values::unlike_classes(&left, right))
                    || found.iter().any(|(_, right)| is_collated_json(&left, right))
                    || is_json_beside_others(&left, &found)
                    || left.ty == Type::Null
                        && found.windows(2).any(|two| super::row_values::unlike(&two[0].1, &two[1].1))
                {
                    let mut each: Vec<_> = found.iter_mut().map(|(value, right)| (*value, right)).collect();
                    self.compare_any_with_each(operand, &mut left, &mut each)?;
                    found.clear();
                }
                // A boolean is 0 or 1, and nothing else that is in the list.
                let is_truth = |right: &Typed| {
                    matches!(right.ty, Type::Boolean | Type::Null | Type::Unknown)
                        || matches!(right.constant, Some(Constant::Integer(0 | 1)))
                };
                if left.ty == Type::Boolean && !found.iter().all(|(_, right)| is_truth(right)) {
                    self.without_boolean(operand, &mut left);
                }
                // The list has one type: where one of its numbers is to be compared exactly, all of them are.
                let exactly = left.ty.is_number()
                    && found.iter().any(|(_, right)| super::exact_numbers::rounds(&left, right))
                    && found.iter().all(|(_, right)| right.ty.is_number() || right.ty == Type::Null);
                if exactly {
                    self.as_comparable(operand, &mut left);
                }
                for (value, mut right) in found {
                    match exactly && right.ty != Type::Null {
                        true => self.as_comparable(value, &mut right),
                        false => self
                            .by_side(Side::Same, |pass| pass.compare_plainly(operand, &mut left, value, &mut right))?,
                    }
                }
                if left.class <= Class::Compare {
                    self.parenthesize(operand, &mut left);
                }
                Ok(Typed::new(Type::Boolean).class(Class::Compare).nullable(nullable))
            }
            InSet::Select { span, select } => {
                self.no_subquery(expr.span)?;
                let columns = self.value_select(select)?;
                let typed = self.in_columns(operand, &mut left, &columns, *span)?;
                Ok(typed.unwrap_or_else(|| self.in_plainly(operand, &mut left, &columns)))
            }
            InSet::Table(name) => {
                let columns = self.table_columns(name)?;
                if let Some(typed) = self.in_columns(operand, &mut left, &columns, name.span)? {
                    return Ok(typed);
                }
                let only = columns.first().map_or("*".to_owned(), |(column, _)| super::names::identifier(column));
                self.edits.wrap(name.span, format!("(SELECT {only} FROM "), ")");
                Ok(self.in_plainly(operand, &mut left, &columns))
            }
            InSet::Function { span, name, arguments } => {
                let Some((pieces, columns)) = self.series(&super::names::fold(&name.name.text), *span, arguments)?
                else {
                    return refuse(
                        format!("IN {}(...) has no rule yet", name.name.text),
                        *span,
                        "bind the values one by one: IN (?, ?, ...)",
                    );
                };
                self.edits.replace(*span, pieces);
                let typed = self.in_columns(operand, &mut left, &columns, *span)?;
                Ok(typed.unwrap_or_else(|| self.in_plainly(operand, &mut left, &columns)))
            }
        }
    }

    /// `x IN` a query or table whose column is to be compared otherwise than PostgreSQL would; `None` where it would do so.
    fn in_columns(
        &mut self,
        operand: &Expr,
        left: &mut Typed,
        columns: &[(String, Typed)],
        span: Span,
    ) -> Result<Option<Typed>> {
        let [(_, column)] = columns else {
            return super::pass::sqlite_error(
                format!("sub-select returns {} columns - expected 1", columns.len()),
                span,
                None,
            );
        };
        let has_own_form = left.ty.is_number() || matches!(left.ty, Type::Boolean | Type::Text);
        if column.ty == Type::Json && has_own_form && !is_collated_json(left, column) {
            self.without_boolean(operand, left);
            return self.in_json(operand, left, column, span).map(Some);
        }
        let nullable = left.nullable || column.nullable;
        let Some(each) = self.in_column(operand, left, column, span, "e")? else { return Ok(None) };
        self.in_each(span, &[each]);
        match column.ty == Type::Any || left.ty == Type::Any {
            true => Ok(Some(self.in_plainly(operand, left, columns))),
            false => Ok(Some(Typed::new(Type::Boolean).class(Class::Compare).nullable(nullable))),
        }
    }

    /// A row `IN` a query.
    fn row_in_query(
        &mut self,
        operand: &Expr,
        members: &[Expr],
        select: &super::ast::Select,
        span: Span,
    ) -> Result<Typed> {
        let (mut row, columns) = self.row_and_query(members, select, operand.span)?;
        let nullable = row.iter().chain(columns.iter().map(|(_, column)| column)).any(|typed| typed.nullable);
        let mut each = Vec::with_capacity(members.len());
        for (number, ((member, left), (_, column))) in members.iter().zip(&mut row).zip(&columns).enumerate() {
            each.push(self.in_column(member, left, column, span, &format!("e{number}"))?);
        }
        if each.iter().any(Option::is_some) {
            let value = |(number, each): (usize, Option<String>)| each.unwrap_or(format!("e{number}"));
            let each: Vec<String> = each.into_iter().enumerate().map(value).collect();
            self.in_each(span, &each);
        }
        Ok(Typed::new(Type::Boolean).class(Class::Compare).nullable(nullable))
    }

    /// What each of a query's values becomes, where it is called `e`, to be compared with the left side of IN, which becomes what
    /// goes with it; `None` where PostgreSQL compares them as they are.
    fn in_column(
        &mut self,
        operand: &Expr,
        left: &mut Typed,
        column: &Typed,
        span: Span,
        e: &str,
    ) -> Result<Option<String>> {
        if let Some(ty) = super::comparison::compared_column(left, column) {
            self.parameter_compared(operand, ty, Side::Same);
        }
        if let (Type::Native(native), Type::Native(_) | Type::Text) | (Type::Text, Type::Native(native)) =
            (left.ty, column.ty)
            && left.ty != column.ty
            && native != ColumnType::Other
        {
            return self.in_texts(operand, left, column, e).map(Some);
        }
        if left.ty == Type::Boolean && column.ty != Type::Boolean {
            self.without_boolean(operand, left);
        }
        if [left.ty, column.ty].iter().any(|ty| matches!(ty, Type::Any | Type::Json)) {
            return self.in_any(operand, left, column, span, e).map(Some);
        }
        let text = |typed: &Typed| matches!(typed.ty, Type::Text | Type::Unknown);
        let collation = super::collation::deciding_collation(left, column);
        if text(left) && text(column) && left.collation != column.collation && collation == Collation::Binary {
            // Two columns' collations: PostgreSQL asks which.
            return Ok(Some(format!("{e} COLLATE \"C\"")));
        }
        if collation != Collation::Binary && text(left) && text(column) {
            let function = if collation == Collation::RTrim { "rtrim" } else { "lower" };
            self.fold_for(collation, operand, left);
            return Ok(Some(format!("{function}({e} COLLATE \"C\")")));
        }
        // Beside what has no affinity a REAL column makes reals of the integers.
        let makes_reals = |one: &Typed, other: &Typed| {
            one.ty == Type::Real && one.affinity == Affinity::Number && other.affinity == Affinity::None
        };
        let is_rounded = makes_reals(left, column) || makes_reals(column, left);
        if !is_rounded && super::exact_numbers::rounds(left, column) {
            self.widen(operand, left);
            self.call(operand, left, "sqlift.comparable");
            return Ok(Some(format!("sqlift.comparable({e})")));
        }
        // PostgreSQL makes text of a query's NULL, which then is not compared with another type.
        if column.ty == Type::Null {
            let null = match left.ty {
                Type::Integer => "NULL::bigint",
                Type::Real | Type::Numeric => "NULL::float8",
                Type::Blob => "NULL::bytea",
                _ => return Ok(None),
            };
            return Ok(Some(null.into()));
        }
        let same = left.ty == column.ty
            || left.ty.is_number() && column.ty.is_number()
            || [left.ty, column.ty].iter().any(|ty| matches!(ty, Type::Null | Type::Unknown));
        if same {
            return Ok(None);
        }
        let plain = |ty: Type| ty.is_number() || matches!(ty, Type::Text | Type::Blob);
        if !plain(left.ty) || !plain(column.ty) {
            return refuse(
                format!("IN compares {} with {}", left.ty.describe(), column.ty.describe()),
                span,
                "CAST one side to the type of the other",
            );
        }
        // Values of unlike classes: numeric affinity makes numbers of the other side's text, TEXT affinity text of its
        // numbers; what then is still of another class is never the same.
        let key = |own: &Typed, other: &Typed| match (own.ty, other.ty) {
            (Type::Text, number) if number.is_number() && other.affinity == Affinity::Number => "sqlift.number_key",
            (number, Type::Text)
                if number.is_number()
                    && matches!(own.affinity, Affinity::None | Affinity::Unclear)
                    && other.affinity == Affinity::Text =>
            {
                "sqlift.text_key"
            }
            _ => "sqlift.class_key",
        };
        let (own, other) = (key(left, column), key(column, left));
        if left.constant.is_some() && left.ty == Type::Text {
            self.suffix(operand, left, "::text");
        }
        self.widen(operand, left);
        self.call(operand, left, own);
        Ok(Some(format!("{other}({e})")))
    }

    /// Values of PostgreSQL's own types `IN` a query of others, or of text: as the text that they are to SQLite.
    fn in_texts(&mut self, operand: &Expr, left: &mut Typed, column: &Typed, e: &str) -> Result<String> {
        self.as_text(operand, left)?;
        self.edits.wrap(operand.span, "(", " COLLATE \"C\")");
        let (before, after) = match column.ty {
            Type::Native(native) => super::beside::as_text(native),
            _ => ("", ""),
        };
        Ok(format!("{before}{e}{after} COLLATE \"C\""))
    }

    /// The set, each of its rows as `values`, where its columns are called `e`, or `e0`, `e1` and so on.
    fn in_each(&mut self, set: Span, values: &[String]) {
        self.fired.rule(&super::rules::comparisons::DIFFERENT_CLASSES);
        let names = match values.len() {
            1 => "e".to_owned(),
            several => (0..several).map(|number| format!("e{number}")).collect::<Vec<_>>().join(", "),
        };
        self.edits.wrap(set, format!("(SELECT {} FROM ", values.join(", ")), format!(" AS sqlift_e({names}))"));
    }

    fn in_plainly(&mut self, operand: &Expr, left: &mut Typed, columns: &[(String, Typed)]) -> Typed {
        if left.class <= Class::Compare {
            self.parenthesize(operand, left);
        }
        let nullable = left.nullable || columns.iter().any(|(_, column)| column.nullable);
        Typed::new(Type::Boolean).class(Class::Compare).nullable(nullable)
    }

    /// `x IN (SELECT value FROM json_each(...))` of a number or a text: the elements that x can equal, in its type.
    pub fn in_json(&mut self, operand: &Expr, left: &mut Typed, column: &Typed, span: Span) -> Result<Typed> {
        let mut found = json_as_type_of(left, column, "e");
        if left.ty == Type::Text && left.collation != Collation::Binary {
            let fold = if left.collation == Collation::RTrim { "rtrim" } else { "lower" };
            found = format!("{fold}(({found}) COLLATE \"C\")");
            self.fold_for(left.collation, operand, left);
        }
        self.fired.rule(&super::rules::comparisons::DIFFERENT_CLASSES);
        // OFFSET 0 keeps the two steps apart: PostgreSQL would compute the element again wherever it is named.
        self.edits.wrap(
            span,
            format!("(SELECT k FROM (SELECT e, {found} AS k FROM (SELECT e FROM "),
            " AS sqlift_j(e) OFFSET 0) AS sqlift_j OFFSET 0) AS sqlift_j WHERE e IS NULL OR k IS NOT NULL)",
        );
        if left.class <= Class::Compare {
            self.parenthesize(operand, left);
        }
        Ok(Typed::new(Type::Boolean).class(Class::Compare))
    }
}

/// The JSON value `e` of the expression `json` in the type of `left`, a number or a text; NULL when that cannot equal it.
pub fn json_as_type_of(left: &Typed, json: &Typed, e: &str) -> String {
    let (function, own_class) = match left.ty {
        Type::Integer => ("sqlift.json_integer", "="),
        Type::Numeric => ("sqlift.json_number", "="),
        Type::Real => ("sqlift.json_as_real", "="),
        _ => ("sqlift.to_text", "<>"),
    };
    // Numeric affinity makes numbers of texts, TEXT affinity texts of an expression's numbers; else each class is by itself.
    let converts = match left.affinity {
        Affinity::Number => true,
        Affinity::Text => json.affinity == Affinity::None,
        _ => false,
    };
    match converts {
        true => format!("{function}({e})"),
        false => format!("CASE WHEN pg_catalog.jsonb_typeof({e}) {own_class} 'number' THEN {function}({e}) END"),
    }
}

/// Whether an ESCAPE could name a letter, which would not survive in a pattern of another case.
fn may_be_letter(escape: &Expr) -> bool {
    !matches!(&peel(escape).kind, ExprKind::String(text) if !text.chars().any(|c| c.is_ascii_alphabetic()))
}

/// Whether one list has JSON values and others that PostgreSQL would not bring to one type with them.
fn is_json_beside_others(left: &Typed, list: &[(&Expr, Typed)]) -> bool {
    let is = |ty: Type| list.iter().any(|(_, right)| right.ty == ty);
    let has_others =
        || list.iter().any(|(_, right)| !matches!(right.ty, Type::Json | Type::Null | Type::Unknown | Type::Any));
    left.ty != Type::Json && left.affinity == Affinity::None && is(Type::Json) && has_others()
}
