//! Expressions one of which will be the result: CASE, coalesce and their like need one type on PostgreSQL.

use super::ast::{Call, Expr};
use super::beside::Side;
use super::catalog::ColumnType;
use super::collation::{deciding_collation, is_collated_json, ways_differ};
use super::comparison::Compared;
use super::edits::Piece;
use super::pass::{Pass, Result, refuse, sqlite_error};
use super::rules;
use super::types::{Affinity, Branch, Class, Collation, Type, Typed};
use crate::syntax::Span;

impl Pass<'_> {
    pub fn case(
        &mut self,
        expr: &Expr,
        operand: Option<&Expr>,
        branches: &[(Expr, Expr)],
        otherwise: Option<&Expr>,
    ) -> Result<Typed> {
        let mut apart: Vec<[Piece; 5]> = Vec::new();
        match operand {
            Some(operand) => {
                let mut x = self.expr(operand)?;
                // Each column converts it for its own comparison.
                x.placeholder = None;
                let never = x.ty == Type::Null;
                let mut whens = Vec::with_capacity(branches.len());
                for (when, _) in branches {
                    whens.push((when, self.expr(when)?));
                }
                if x.ty == Type::Any
                    || whens.iter().any(|(_, typed)| typed.ty == Type::Any)
                    || whens.iter().any(|(_, typed)| super::row_values::unlike_classes(&x, typed))
                    || whens.iter().any(|(_, typed)| is_collated_json(&x, typed))
                    || x.ty == Type::Json
                        && whens.iter().any(|(_, typed)| matches!(typed.affinity, Affinity::Number | Affinity::Text))
                    || x.affinity == Affinity::None
                        && whens.windows(2).any(|two| super::row_values::unlike(&two[0].1, &two[1].1))
                {
                    let mut each: Vec<_> = whens.iter_mut().map(|(when, typed)| (*when, typed)).collect();
                    self.compare_any_with_each(operand, &mut x, &mut each)?;
                    whens.clear();
                }
                let is_mixed = |typed: &Typed| {
                    typed.collation != x.collation && deciding_collation(&x, typed) == Collation::Binary
                };
                if ways_differ(&x, whens.iter().map(|(_, typed)| typed))
                    || x.ty == Type::Text && whens.iter().any(|(_, typed)| typed.ty == Type::Text && is_mixed(typed))
                {
                    // PostgreSQL would not hear what is said of the operand's collation.
                    for (when, mut typed) in std::mem::take(&mut whens) {
                        apart.push(self.compared_apart((operand, &mut x), " = ", (when, &mut typed))?);
                    }
                }
                for (when, mut typed) in whens {
                    if never {
                        // NULL equals nothing, but is text to PostgreSQL.
                        self.as_text(when, &mut typed)?;
                    }
                    self.by_side(Side::Same, |pass| pass.compare_plainly(operand, &mut x, when, &mut typed))?;
                }
            }
            None => {
                for (when, _) in branches {
                    self.condition(when)?;
                }
            }
        }
        let results: Vec<&Expr> = branches.iter().map(|(_, then)| then).chain(otherwise).collect();
        let mut typed = self.unify(&results, expr.span)?;
        if !apart.is_empty() {
            let mut pieces: Vec<Piece> = vec!["(CASE".into()];
            for (condition, (_, then)) in apart.into_iter().zip(branches) {
                pieces.push(" WHEN ".into());
                pieces.extend(condition);
                pieces.extend([" THEN ".into(), then.span.into()]);
            }
            if let Some(otherwise) = otherwise {
                pieces.extend([" ELSE ".into(), otherwise.span.into()]);
            }
            pieces.push(" END)".into());
            self.edits.replace(expr.span, pieces);
        }
        typed.nullable |= otherwise.is_none();
        self.only_null(expr, &typed);
        Ok(typed)
    }

    pub fn coalesce(&mut self, expr: &Expr, call: &Call) -> Result<Typed> {
        let arguments: Vec<&Expr> = call.arguments.iter().collect();
        if !self.source(call.name.span).eq_ignore_ascii_case("coalesce") {
            self.edits.replace_text(call.name.span, "coalesce");
        }
        let mut found = Vec::new();
        for argument in &arguments {
            found.push(self.expr(argument)?);
        }
        let nullable = found.iter().all(|typed| typed.nullable);
        let typed = self.unify_typed(&arguments, found, expr.span)?.nullable(nullable);
        self.only_null(expr, &typed);
        Ok(typed)
    }

    /// What is NULL for every row is the word alone: of an expression PostgreSQL would make a text.
    pub fn only_null(&mut self, expr: &Expr, typed: &Typed) {
        if typed.ty == Type::Null && !self.raises_within(expr.span) {
            self.edits.replace_text(expr.span, "NULL");
        }
    }

    pub fn null_if(&mut self, expr: &Expr, call: &Call) -> Result<Typed> {
        let [a, b] = call.arguments.as_slice() else {
            return sqlite_error("wrong number of arguments", expr.span, None);
        };
        let (mut l, mut r) = (self.value(a)?, self.value(b)?);
        self.raising_as(r.ty, a, &mut l);
        if l.ty == Type::Null {
            self.only_null(expr, &l);
            return Ok(Typed::new(Type::Null));
        }
        let explicit = [&l, &r].into_iter().find(|typed| typed.explicit_collation).map(|typed| typed.collation);
        // The first one's that has one: of a function's arguments COLLATE counts no more than a column.
        let has_one =
            |typed: &Typed| typed.explicit_collation || typed.has_own_collation || typed.collation != Collation::Binary;
        let collation = if has_one(&l) { l.collation } else { r.collation };
        let mixed = l.collation != r.collation || l.collation != Collation::Binary && l.from_column;
        for typed in [&mut l, &mut r] {
            // One value is compared and may be the result: it keeps its own class beside a column, and its own case.
            typed.placeholder = None;
            (typed.collation, typed.explicit_collation, typed.has_own_collation) = (Collation::Binary, false, false);
            // Values are compared as they are here, without an affinity.
            typed.affinity = Affinity::None;
        }
        // NULLIF would bring the result to the type of both.
        let unlike = l.ty != r.ty || !l.branches.is_empty() || !r.branches.is_empty();
        if collation != Collation::Binary && (l.ty == Type::Json || r.ty == Type::Json) {
            self.as_any(a, &mut l)?;
            self.as_any(b, &mut r)?;
        }
        match self.by_side(Side::Same, |pass| pass.compare(a, &mut l, b, &mut r))? {
            Compared::Plain | Compared::ByClass => {
                let fold = super::collation::folded(collation, mixed, &l, &r);
                if fold.is_some() || unlike {
                    let (before, after) = fold.unwrap_or(("(", ")"));
                    let (a, b) = (a.span, b.span);
                    // The result has no column's collation.
                    let end = if mixed && l.ty == Type::Text { ") COLLATE \"C\" END)" } else { ") END)" };
                    self.edits.replace(
                        expr.span,
                        [
                            format!("(CASE WHEN {before}").into(),
                            a.into(),
                            format!("{after} = {before}").into(),
                            b.into(),
                            format!("{after} THEN NULL ELSE (").into(),
                            a.into(),
                            end.into(),
                        ],
                    );
                }
            }
            Compared::Exactly => {
                self.by_row(&mut l);
                self.by_row(&mut r);
                let (a, b) = (a.span, b.span);
                self.edits.replace(
                    expr.span,
                    [
                        "(CASE WHEN sqlift.comparable(".into(),
                        a.into(),
                        ") = sqlift.comparable(".into(),
                        b.into(),
                        ") THEN NULL ELSE ".into(),
                        a.into(),
                        " END)".into(),
                    ],
                );
            }
            // Values of unlike classes are never the same.
            _ => {
                self.parenthesize(a, &mut l);
                self.edits.replace(expr.span, [a.span.into()]);
            }
        }
        let result = Typed { class: Class::Primary, constant: None, column: None, placeholder: None, ..l };
        let collation = explicit.unwrap_or(Collation::Binary);
        Ok(Typed { collation, explicit_collation: explicit.is_some(), ..result }.nullable(true))
    }

    pub fn iif(&mut self, expr: &Expr, call: &Call) -> Result<Typed> {
        let pairs = call.arguments.len() / 2;
        let mut pieces: Vec<Piece> = vec!["(CASE".into()];
        let mut results = Vec::new();
        for pair in 0..pairs {
            self.condition(&call.arguments[pair * 2])?;
            results.push(&call.arguments[pair * 2 + 1]);
            pieces.extend([
                " WHEN ".into(),
                call.arguments[pair * 2].span.into(),
                " THEN ".into(),
                call.arguments[pair * 2 + 1].span.into(),
            ]);
        }
        let mut nullable = true;
        if call.arguments.len() % 2 == 1
            && let Some(otherwise) = call.arguments.last()
        {
            results.push(otherwise);
            pieces.extend([" ELSE ".into(), otherwise.span.into()]);
            nullable = false;
        }
        pieces.push(" END)".into());
        let typed = self.unify(&results, expr.span)?;
        self.edits.replace(expr.span, pieces);
        self.only_null(expr, &typed);
        let nullable = nullable || typed.nullable;
        Ok(typed.nullable(nullable))
    }

    /// RAISE and a parameter that is bound to NULL have no class, but to PostgreSQL a type: here that of the other results, whatever
    /// else the parameter stands beside.
    fn null_as(&mut self, ty: Type, exprs: &[&Expr], found: &mut [Typed]) {
        let Some(cast) = ty.name().filter(|_| !matches!(ty, Type::Json | Type::Any)) else { return };
        for (expr, typed) in exprs.iter().zip(found) {
            if typed.ty != Type::Null {
                continue;
            }
            if typed.placeholder.take().is_some() {
                self.edits.replace_text(expr.span, format!("NULL::{cast}"));
            } else if self.raises_within(expr.span) {
                typed.class = Class::Or;
                self.suffix(expr, typed, format!("::{cast}"));
            } else {
                continue;
            }
            // Where the others become integers or reals by the row, it has to follow.
            typed.ty = ty;
        }
    }

    /// Visits expressions one of which will be the result, and brings them to one type.
    pub fn unify(&mut self, exprs: &[&Expr], span: Span) -> Result<Typed> {
        let mut found = Vec::with_capacity(exprs.len());
        for expr in exprs {
            found.push(self.expr(expr)?);
        }
        self.unify_typed(exprs, found, span)
    }

    pub fn unify_typed(&mut self, exprs: &[&Expr], mut found: Vec<Typed>, span: Span) -> Result<Typed> {
        if found.iter().any(|typed| typed.ty == Type::Any) {
            let nullable = found.iter().any(|typed| typed.nullable);
            for (expr, typed) in exprs.iter().zip(&mut found) {
                self.as_any(expr, typed)?;
            }
            return Ok(Typed::new(Type::Any).nullable(nullable));
        }
        for (expr, typed) in exprs.iter().zip(&mut found) {
            self.without_collation(expr, typed);
        }
        let meaningful = |typed: &&Typed| typed.ty != Type::Null;
        let all_boolean = found.iter().filter(meaningful).all(|typed| typed.ty == Type::Boolean);
        if !all_boolean {
            for (expr, typed) in exprs.iter().zip(&mut found) {
                self.without_boolean(expr, typed);
            }
        }
        let natives = |typed: &Typed| matches!(typed.ty, Type::Native(native) if native != ColumnType::Other);
        let first_native = found.iter().find(|typed| natives(typed)).map(|typed| typed.ty);
        let has_texts = |typed: &Typed| typed.ty == Type::Text || natives(typed) && Some(typed.ty) != first_native;
        if first_native.is_some() && found.iter().any(has_texts) {
            // A date, a document or a uuid of PostgreSQL's is text to SQLite.
            for (expr, typed) in exprs.iter().zip(&mut found) {
                if natives(typed) {
                    self.as_text(expr, typed)?;
                }
            }
        }
        let nullable = found.iter().any(|typed| typed.nullable);
        if found.iter().any(|typed| typed.ty == Type::Unknown) {
            for (expr, typed) in exprs.iter().zip(&mut found) {
                self.widen(expr, typed);
            }
        }
        let int4 = found.iter().filter(meaningful).all(|typed| typed.int4 || typed.ty != Type::Integer)
            && found.iter().any(|typed| typed.int4);
        let mut known = found.iter().filter(|typed| !matches!(typed.ty, Type::Null | Type::Unknown));
        let Some(first) = known.next().map(|typed| typed.ty) else {
            let parameters = found.iter().filter(|typed| typed.ty == Type::Unknown).count();
            if parameters > 1 && self.mixed_at == Some(span) {
                self.note(&rules::select::MIXED_TYPES, span);
                for (expr, typed) in exprs.iter().zip(&mut found) {
                    self.as_any(expr, typed)?;
                }
                return Ok(Typed::new(Type::Any).nullable(nullable));
            }
            return Ok(Typed::new(if parameters > 0 { Type::Unknown } else { Type::Null }));
        };
        let has = |ty: Type| found.iter().any(|typed| typed.ty == ty);
        let all_numbers =
            found.iter().all(|typed| typed.ty.is_number() || matches!(typed.ty, Type::Null | Type::Unknown));
        let unlike = (!all_numbers || has(Type::Unknown))
            && found.iter().any(|typed| !matches!(typed.ty, Type::Null) && typed.ty != first);
        let plain = |typed: &Typed| {
            typed.ty.is_number()
                || matches!(typed.ty, Type::Text | Type::Blob | Type::Null | Type::Unknown | Type::Json)
        };
        // A parameter beside text takes its type, but in a result, where its own class shows.
        let unlike_classes = !has(Type::Json)
            && known.clone().any(|typed| typed.ty != first && !(typed.ty.is_number() && first.is_number()));
        let mixed = unlike && self.mixed_at == Some(span) || unlike_classes;
        if mixed && found.iter().all(plain) {
            self.note(&rules::select::MIXED_TYPES, span);
            for (expr, typed) in exprs.iter().zip(&mut found) {
                self.as_any(expr, typed)?;
            }
            return Ok(Typed::new(Type::Any).nullable(nullable));
        }
        let ty = if has(Type::Json) {
            for (expr, typed) in exprs.iter().zip(&mut found) {
                if typed.ty != Type::Json && typed.ty != Type::Null {
                    self.as_json(expr, typed);
                }
            }
            Type::Json
        } else if all_numbers {
            if has(Type::Real) {
                Type::Real
            } else if has(Type::Unknown) {
                Type::Unknown
            } else if has(Type::Numeric) {
                Type::Numeric
            } else {
                Type::Integer
            }
        } else if known.all(|typed| typed.ty == first) {
            if has(Type::Unknown) {
                for (expr, typed) in exprs.iter().zip(&mut found) {
                    // An untyped literal would take the parameter's type.
                    if matches!(typed.constant, Some(super::types::Constant::Text(_))) {
                        self.suffix(expr, typed, "::text");
                    }
                }
            }
            first
        } else {
            let other = found.iter().find(|typed| !matches!(typed.ty, Type::Null | Type::Unknown) && typed.ty != first);
            let other = other.map_or("another type", |typed| typed.ty.describe());
            return refuse(
                format!("this is {} or {other}, by the row", first.describe()),
                span,
                "PostgreSQL needs one type: CAST the others to TEXT, or give a value of the same type",
            );
        };
        self.null_as(ty, exprs, &mut found);
        let mut typed = Typed::new(ty).nullable(nullable);
        let like = |other: &Typed| other.ty == ty && other.branches.is_empty();
        if ty == Type::Numeric {
            typed.by_row = found.iter().any(|typed| typed.by_row);
        } else if all_numbers && !found.iter().filter(meaningful).all(like) {
            for (expr, other) in exprs.iter().zip(&found).filter(|(_, typed)| typed.ty != Type::Null) {
                match other.branches.as_slice() {
                    [] => typed.branches.push(Branch { span: expr.span, ty: other.ty }),
                    inner => typed.branches.extend(inner),
                }
            }
        }
        typed.int4 = int4 && ty == Type::Integer;
        typed.from_column = found.iter().any(|typed| typed.from_column);
        typed.hear_collation(&found);
        Ok(typed)
    }
}
