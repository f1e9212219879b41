//! Comparisons by SQLite's rules of affinity and storage class, and expressions that bring several types together.

use crate::syntax::Span;

use super::ast::{BinaryOperator, Expr, ExprKind};
use super::catalog::ColumnType;
use super::edits::Piece;
use super::names::quote_literal;
use super::pass::{Pass, Result, peel, refuse};
use super::rules;
use super::types::{Affinity, Class, Collation, Constant, Type, Typed, number_in_text, real_to_text};

/// How two expressions compare, once their edits are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Compared {
    /// PostgreSQL's own operator answers the same.
    Plain,
    /// Values of different storage classes: never equal, `left_is_less` says the order.
    Never { left_is_less: bool },
    /// A number against text that may look like one.
    ByFunction,
    /// Integers against reals: PostgreSQL compares them as reals, which rounds integers beyond 2^53.
    Exactly,
    /// Equal where PostgreSQL finds them equal, but ordered by their classes: JSON values, and two parameters.
    ByClass,
}

/// COLLATE counts most, the left one first; then a column's own, BINARY too, again the left one first.
pub(crate) fn deciding_collation(l: &Typed, r: &Typed) -> Collation {
    if l.explicit_collation {
        l.collation
    } else if r.explicit_collation {
        r.collation
    } else if l.has_own_collation || l.collation != Collation::Binary {
        l.collation
    } else {
        r.collation
    }
}

impl Pass<'_> {
    pub fn comparison(
        &mut self,
        expr: &Expr,
        operator: BinaryOperator,
        operator_span: Span,
        left: &Expr,
        right: &Expr,
    ) -> Result<Typed> {
        use BinaryOperator as Op;
        if let (ExprKind::Row(a), ExprKind::Row(b)) = (&peel(left).kind, &peel(right).kind) {
            return self.rows(expr, operator, operator_span, a, b);
        }
        if let (ExprKind::Row(members), ExprKind::Subquery(select)) = (&peel(left).kind, &peel(right).kind) {
            return self.row_with_subquery(operator, operator_span, members, select, right);
        }
        if let (ExprKind::Subquery(select), ExprKind::Row(members)) = (&peel(left).kind, &peel(right).kind) {
            return self.row_with_subquery(operator, operator_span, members, select, left);
        }
        let is = matches!(operator, Op::Is | Op::IsNot);
        if is && matches!(right.kind, ExprKind::Boolean(_)) {
            let mut typed = self.condition(left)?;
            if typed.class <= Class::Compare {
                self.parenthesize(left, &mut typed);
            }
            return Ok(Typed::new(Type::Boolean).class(Class::Compare).nullable(false));
        }
        if is && matches!(right.kind, ExprKind::Null) {
            let outer = self.mixed_at.replace(peel(left).span);
            let mut typed = self.expr(left)?;
            self.mixed_at = outer;
            self.null_tested(left, &mut typed);
            return Ok(Typed::new(Type::Boolean).class(Class::Compare).nullable(false));
        }
        let mut l = self.expr(left)?;
        let mut r = self.expr(right)?;
        let nullable = !is && (l.nullable || r.nullable);
        let is_ordered = !matches!(operator, Op::Equal | Op::NotEqual | Op::Is | Op::IsNot);
        let compared = match self.json_in_order(operator, left, &mut l, right, &mut r) {
            true => Compared::Plain,
            false => self.compare(left, &mut l, right, &mut r)?,
        };
        self.apply_collation(left, &mut l, right, &mut r, is_ordered)?;
        let result = Typed::new(Type::Boolean).nullable(nullable);
        match compared {
            Compared::Never { left_is_less } => {
                self.note(&rules::comparisons::DIFFERENT_CLASSES, expr.span);
                let (l, r) = (left.span, right.span);
                match operator {
                    Op::Is | Op::IsNot => {
                        let (before, after) = if operator == Op::Is { ("(", ")") } else { ("(NOT (", "))") };
                        self.edits.replace(
                            expr.span,
                            [
                                before.into(),
                                l.into(),
                                " IS NULL AND ".into(),
                                r.into(),
                                " IS NULL".into(),
                                after.into(),
                            ],
                        );
                    }
                    _ => {
                        let answer = match operator {
                            Op::Equal => false,
                            Op::NotEqual => true,
                            Op::Less | Op::LessEqual => left_is_less,
                            _ => !left_is_less,
                        };
                        let end = format!(" IS NOT NULL THEN {answer} END)");
                        self.edits.replace(
                            expr.span,
                            ["(CASE WHEN ".into(), l.into(), " IS NOT NULL AND ".into(), r.into(), end.into()],
                        );
                    }
                }
                return Ok(result);
            }
            Compared::ByFunction => {
                let test = match operator {
                    Op::Equal => " = 0)",
                    Op::NotEqual => " <> 0)",
                    Op::Less => " < 0)",
                    Op::LessEqual => " <= 0)",
                    Op::Greater => " > 0)",
                    Op::GreaterEqual => " >= 0)",
                    Op::Is => " IS NOT DISTINCT FROM 0)",
                    _ => " IS DISTINCT FROM 0)",
                };

                self.note(&rules::comparisons::NUMBER_WITH_TEXT, operator_span);
                let mut pieces: Vec<Piece> = vec![
                    "(sqlift.compare(".into(),
                    left.span.into(),
                    ", ".into(),
                    right.span.into(),
                    format!("){test}").into(),
                ];
                if is {
                    // One NULL is another value than any, two are the same.
                    let (l, r) = (left.span, right.span);
                    let [one, other] = match operator {
                        Op::Is => [" IS NULL AND ", " IS NULL) OR "],
                        _ => [" IS NOT NULL OR ", " IS NOT NULL) AND "],
                    };
                    pieces.splice(0..0, ["((".into(), l.into(), one.into(), r.into(), other.into()]);
                    pieces.push(")".into());
                }
                self.edits.replace(expr.span, pieces);
                return Ok(result);
            }
            Compared::ByClass => {
                let test = match operator {
                    Op::Less => " < 0)",
                    Op::LessEqual => " <= 0)",
                    Op::Greater => " > 0)",
                    Op::GreaterEqual => " >= 0)",
                    _ => "",
                };
                if !test.is_empty() {
                    self.fired.rule(&rules::comparisons::DIFFERENT_CLASSES);
                    self.edits.replace(
                        expr.span,
                        [
                            "(sqlift.class_order(".into(),
                            left.span.into(),
                            ", ".into(),
                            right.span.into(),
                            format!("){test}").into(),
                        ],
                    );
                    return Ok(result);
                }
            }
            Compared::Exactly => {
                self.note(&rules::comparisons::INTEGER_WITH_REAL, operator_span);
                self.by_row(&mut l);
                self.by_row(&mut r);
                self.exactly(expr, operator, (left, &l), (right, &r));
                return Ok(result);
            }
            Compared::Plain => {}
        }
        for (operand, typed) in [(left, &mut l), (right, &mut r)] {
            if typed.class <= Class::Compare {
                self.parenthesize(operand, typed);
            }
        }
        let written = self.source(operator_span);
        match operator {
            Op::Equal if written == "==" => self.respell(operator_span, "="),
            Op::Is | Op::IsNot => self.is_value(operator, operator_span),
            // PostgreSQL reads `!=-1` as one operator.
            Op::NotEqual if written == "!=" => self.respell(operator_span, "<>"),
            _ => {}
        }
        Ok(result.class(Class::Compare))
    }

    /// An integer beside a real, as exact numbers. Where the real is a column the comparison of reals stands ahead, for its index: it
    /// says yes wherever the exact one does.
    fn exactly(&mut self, expr: &Expr, operator: BinaryOperator, left: (&Expr, &Typed), right: (&Expr, &Typed)) {
        use BinaryOperator as Op;
        let (exact, ahead) = match operator {
            Op::Equal => ("=", Some("=")),
            Op::NotEqual => ("<>", None),
            Op::Is => ("IS NOT DISTINCT FROM", None),
            Op::IsNot => ("IS DISTINCT FROM", None),
            Op::Less => ("<", Some("<=")),
            Op::LessEqual => ("<=", Some("<=")),
            Op::Greater => (">", Some(">=")),
            _ => (">=", Some(">=")),
        };
        for (bound, typed) in [left, right] {
            if typed.ty == Type::Unknown {
                // Of most values that are bound it is known ahead of the rows that nothing is rounded.
                let sides = |before: &'static str, after: &'static str| -> Vec<Piece> {
                    let operator = format!("{after} {exact} {before}");
                    vec![before.into(), left.0.span.into(), operator.into(), right.0.span.into(), after.into()]
                };
                let mut pieces: Vec<Piece> =
                    vec!["(CASE WHEN sqlift.is_whole(".into(), bound.span.into(), ") THEN ".into()];
                pieces.extend(sides("(", ")"));
                pieces.push(" ELSE ".into());
                pieces.extend(sides("sqlift.comparable(", ")"));
                pieces.push(" END)".into());
                return self.edits.replace(expr.span, pieces);
            }
        }
        let plain = |typed: &Typed| typed.column.is_some() || typed.constant.is_some();
        let is_column = |typed: &Typed| typed.column.is_some() && typed.ty == Type::Real;
        let indexed = plain(left.1) && plain(right.1) && (is_column(left.1) || is_column(right.1));
        let comparable = |(operand, typed): (&Expr, &Typed)| -> [Piece; 3] {
            match typed.ty {
                Type::Integer => ["(".into(), operand.span.into(), ")".into()],
                _ => ["sqlift.comparable(".into(), operand.span.into(), ")".into()],
            }
        };
        let mut pieces: Vec<Piece> = vec!["(".into()];
        if let Some(ahead) = ahead.filter(|_| indexed) {
            pieces.extend([left.0.span.into(), format!(" {ahead} ").into(), right.0.span.into(), " AND ".into()]);
        }
        pieces.extend(comparable(left));
        pieces.push(format!(" {exact} ").into());
        pieces.extend(comparable(right));
        pieces.push(")".into());
        self.edits.replace(expr.span, pieces);
    }

    /// The same where an operand is compared several times.
    pub fn as_comparable(&mut self, operand: &Expr, typed: &mut Typed) {
        self.by_row(typed);
        if typed.ty != Type::Integer {
            self.call(operand, typed, "sqlift.comparable");
            typed.ty = Type::Numeric;
            typed.column = None;
        }
    }

    /// The operand of IS NULL: an untyped parameter needs a type, any one.
    pub fn null_tested(&mut self, operand: &Expr, typed: &mut Typed) {
        if typed.placeholder.is_some() {
            self.suffix(operand, typed, "::text");
        } else if typed.class <= Class::Compare {
            self.parenthesize(operand, typed);
        }
    }

    fn rows(
        &mut self,
        expr: &Expr,
        operator: BinaryOperator,
        operator_span: Span,
        a: &[Expr],
        b: &[Expr],
    ) -> Result<Typed> {
        if a.len() != b.len() {
            return super::pass::sqlite_error("row value misused", expr.span, None);
        }
        let nullable = self.members(a, b)?;
        self.row_operator(operator, operator_span);
        Ok(Typed::new(Type::Boolean).class(Class::Compare).nullable(nullable))
    }

    /// The members of two rows, one by one; says whether one may be NULL.
    pub fn members(&mut self, a: &[Expr], b: &[Expr]) -> Result<bool> {
        let mut nullable = false;
        for (left, right) in a.iter().zip(b) {
            let (mut l, mut r) = (self.expr(left)?, self.expr(right)?);
            nullable |= l.nullable || r.nullable;
            self.compare_plainly(left, &mut l, right, &mut r)?;
        }
        Ok(nullable)
    }

    /// A row beside a subquery, of which SQLite takes the first row.
    fn row_with_subquery(
        &mut self,
        operator: BinaryOperator,
        operator_span: Span,
        members: &[Expr],
        select: &super::ast::Select,
        subquery: &Expr,
    ) -> Result<Typed> {
        let mut found = Vec::new();
        for member in members {
            found.push(self.value(member)?);
        }
        let columns = self.value_select(select)?;
        if columns.len() != members.len() {
            return super::pass::sqlite_error(
                format!("sub-select returns {} columns - expected {}", columns.len(), members.len()),
                subquery.span,
                None,
            );
        }
        for (member, (typed, (_, column))) in members.iter().zip(found.iter().zip(&columns)) {
            let alike = typed.ty == column.ty
                || typed.ty.is_number() && column.ty.is_number()
                || [typed.ty, column.ty].iter().any(|ty| matches!(ty, Type::Null | Type::Unknown));
            if !alike || [typed, column].iter().any(|side| side.collation != Collation::Binary) {
                return refuse(
                    "a row is compared with a subquery's row of other types, or by NOCASE",
                    member.span,
                    "compare the columns one by one, joined with AND",
                );
            }
        }
        if select.limit.is_none() && !super::select::gives_one_row(select) {
            self.fired.rule(&rules::select::SCALAR_SUBQUERY);
            self.edits.wrap(select.span, "", " LIMIT 1");
        }
        self.row_operator(operator, operator_span);
        Ok(Typed::new(Type::Boolean).class(Class::Compare))
    }

    fn row_operator(&mut self, operator: BinaryOperator, operator_span: Span) {
        match operator {
            BinaryOperator::Is | BinaryOperator::IsNot => self.is_value(operator, operator_span),
            BinaryOperator::Equal => self.respell(operator_span, "="),
            BinaryOperator::NotEqual => self.respell(operator_span, "<>"),
            _ => {}
        }
    }

    fn is_value(&mut self, operator: BinaryOperator, operator_span: Span) {
        let is = operator == BinaryOperator::Is;
        self.respell(operator_span, if is { "IS NOT DISTINCT FROM" } else { "IS DISTINCT FROM" });
    }

    /// An operator that means the same in other words.
    pub fn respell(&mut self, operator: Span, words: &'static str) {
        if self.source(operator) != words {
            self.note(&rules::comparisons::IS_VALUE, operator);
            self.edits.replace_text(operator, words);
        }
    }

    /// Makes the edits after which PostgreSQL's own operator compares as SQLite does, or refuses.
    pub fn compare_plainly(&mut self, left: &Expr, l: &mut Typed, right: &Expr, r: &mut Typed) -> Result<()> {
        let (described_left, described_right) = (l.ty.describe(), r.ty.describe());
        match self.compare(left, l, right, r)? {
            Compared::Plain | Compared::ByClass => self.apply_collation(left, l, right, r, true),
            Compared::Exactly => {
                self.note(&rules::comparisons::INTEGER_WITH_REAL, right.span);
                self.as_comparable(left, l);
                self.as_comparable(right, r);
                Ok(())
            }
            _ => refuse(
                format!("{described_left} is compared with {described_right}"),
                right.span,
                "CAST one side to the type of the other",
            ),
        }
    }

    pub fn compare(&mut self, left: &Expr, l: &mut Typed, right: &Expr, r: &mut Typed) -> Result<Compared> {
        let is_open = |typed: &Typed| typed.placeholder.is_some() && typed.ty == Type::Unknown;
        if is_open(l) && is_open(r) {
            return Ok(Compared::ByClass);
        }
        if l.ty == Type::Any || r.ty == Type::Any {
            self.compare_any(left, l, right, r)?;
            return Ok(Compared::Plain);
        }
        if let Some(compared) = self.compare_dates(left, l, right, r)? {
            return Ok(compared);
        }
        for (operand, typed, other) in [(left, &*l, &*r), (right, &*r, &*l)] {
            if typed.placeholder.is_some()
                && let Some(column) = other.column
            {
                self.parameter_compared(operand, column);
                return Ok(Compared::Plain);
            }
        }
        if l.ty == Type::Null || r.ty == Type::Null {
            return Ok(Compared::Plain);
        }
        if l.ty == Type::Boolean && r.ty == Type::Boolean {
            return Ok(Compared::Plain);
        }
        let types = (l.ty, r.ty);
        for (operand, typed, other) in [(left, &mut *l, types.1), (right, &mut *r, types.0)] {
            if other == Type::Boolean
                && let Some(Constant::Integer(value @ (0 | 1))) = typed.constant
            {
                self.note(&rules::booleans::BOOLEAN_LITERAL, operand.span);
                self.edits.replace_text(operand.span, if value == 1 { "true" } else { "false" });
                typed.ty = Type::Boolean;
                return Ok(Compared::Plain);
            }
        }
        let truths = l.ty == Type::Boolean || r.ty == Type::Boolean;
        self.without_boolean(left, l);
        self.without_boolean(right, r);
        if self.json_by_affinity(left, l, right, r)? {
            return Ok(Compared::Plain);
        }
        if l.ty == Type::Json || r.ty == Type::Json {
            for (operand, typed) in [(left, l), (right, r)] {
                if typed.ty != Type::Json {
                    self.as_json(operand, typed);
                }
            }
            return Ok(Compared::ByClass);
        }
        if l.ty == Type::Unknown || r.ty == Type::Unknown {
            for (operand, typed) in [(left, &mut *l), (right, &mut *r)] {
                if matches!(typed.constant, Some(Constant::Text(_))) {
                    // An untyped literal would take the parameter's type; `'5' = ?` with 5 is false.
                    self.fired.rule(&rules::comparisons::LITERAL_AFFINITY);
                    self.suffix(operand, typed, "::text");
                }
            }
            return Ok(if rounds(l, r) { Compared::Exactly } else { Compared::Plain });
        }
        if l.ty.is_number() && r.ty.is_number() {
            for (operand, typed, other) in [(left, &*l, &*r), (right, &*r, &*l)] {
                // As float8 it would make a float8 of the column: beyond 2^53 no longer itself, and without its index.
                if matches!(typed.constant, Some(Constant::Real(_)))
                    && matches!(other.ty, Type::Numeric | Type::Integer)
                    && other.column.is_some()
                {
                    self.bare_number(operand);
                    return Ok(Compared::Plain);
                }
            }
            return Ok(if !truths && rounds(l, r) { Compared::Exactly } else { Compared::Plain });
        }
        match (l.ty, r.ty) {
            (Type::Text, Type::Text) | (Type::Blob, Type::Blob) => Ok(Compared::Plain),
            (Type::Text, _) if r.ty.is_number() => self.text_with_number(left, l, right, r, false),
            (_, Type::Text) if l.ty.is_number() => self.text_with_number(right, r, left, l, true),
            (Type::Blob, other) if other.is_number() || other == Type::Text => {
                Ok(Compared::Never { left_is_less: false })
            }
            (other, Type::Blob) if other.is_number() || other == Type::Text => {
                Ok(Compared::Never { left_is_less: true })
            }
            (Type::Native(native), Type::Text) => self.text_with_native(right, r, native),
            (Type::Text, Type::Native(native)) => self.text_with_native(left, l, native),
            (a, b) if a == b => Ok(Compared::Plain),
            (a, b) => refuse(
                format!("{} is compared with {}", a.describe(), b.describe()),
                right.span,
                "CAST one side to the type of the other",
            ),
        }
    }

    /// A column declared DATETIME or the like beside something else: numeric affinity turns the other side into a number
    /// where it looks like one, and any text is greater than any number.
    fn compare_dates(&mut self, left: &Expr, l: &mut Typed, right: &Expr, r: &mut Typed) -> Result<Option<Compared>> {
        let is_date = |typed: &Typed| typed.ty == Type::Text && typed.affinity == Affinity::Number;
        let (other, typed) = match (is_date(l), is_date(r)) {
            (true, false) => (right, r),
            (false, true) => (left, l),
            _ => return Ok(None),
        };
        if matches!(typed.ty, Type::Null | Type::Native(_) | Type::Json | Type::Blob)
            || self.never_a_number(other, typed)
        {
            return Ok(None);
        }
        self.without_boolean(other, typed);
        if let Some(Constant::Text(text)) = &typed.constant {
            let text = match number_in_text(text) {
                Some(Constant::Integer(value)) => format!("({value}::bigint)"),
                Some(Constant::Real(value)) => format!("('{value:?}'::float8)"),
                _ => return Ok(None),
            };
            self.fired.rule(&rules::comparisons::LITERAL_AFFINITY);
            self.edits.replace_text(other.span, text);
            return Ok(Some(Compared::ByFunction));
        }
        if typed.ty.is_number() {
            self.widen(other, typed);
            return Ok(Some(Compared::ByFunction));
        }
        // Text by the row, or a parameter: an index of the column still serves, and a number is an error.
        self.note(&rules::types::DATE_TEXT, other.span);
        self.call(other, typed, "sqlift.date_text");
        *typed = Typed { ty: Type::Text, placeholder: None, column: None, from_column: true, ..typed.clone() };
        Ok(Some(Compared::Plain))
    }

    /// Text that cannot look like a number: a date as the functions give it, or another DATETIME column.
    pub fn never_a_number(&self, expr: &Expr, typed: &Typed) -> bool {
        match &peel(expr).kind {
            ExprKind::CurrentTimestamp | ExprKind::CurrentDate | ExprKind::CurrentTime => true,
            ExprKind::Call(call) => {
                matches!(super::names::fold(&call.name.text).as_str(), "date" | "datetime" | "time")
            }
            _ => typed.ty == Type::Text && typed.affinity == Affinity::Number,
        }
    }

    fn text_with_number(
        &mut self,
        text: &Expr,
        t: &mut Typed,
        number: &Expr,
        n: &mut Typed,
        number_is_left: bool,
    ) -> Result<Compared> {
        if n.affinity == Affinity::Number {
            if let Some(Constant::Text(content)) = &t.constant {
                self.fired.rule(&rules::comparisons::LITERAL_AFFINITY);
                return Ok(match number_in_text(content) {
                    Some(Constant::Integer(value)) => {
                        self.edits.replace_text(text.span, parenthesized_if_negative(value.to_string()));
                        Compared::Plain
                    }
                    Some(Constant::Real(value)) => {
                        let number = match n.ty {
                            _ if value.is_infinite() => format!("'{value}'::float8"),
                            Type::Real => format!("'{value:?}'::float8"),
                            _ => parenthesized_if_negative(format!("{value:?}")),
                        };
                        self.edits.replace_text(text.span, number);
                        Compared::Plain
                    }
                    _ => Compared::Never { left_is_less: number_is_left },
                });
            }
            return Ok(Compared::ByFunction);
        }
        if t.affinity == Affinity::Number {
            return Ok(Compared::ByFunction);
        }
        if t.affinity == Affinity::Text {
            self.fired.rule(&rules::comparisons::LITERAL_AFFINITY);
            match n.constant.clone() {
                Some(Constant::Integer(value)) => self.edits.replace_text(number.span, format!("'{value}'")),
                Some(Constant::Real(value)) => {
                    self.edits.replace_text(number.span, quote_literal(&real_to_text(value)));
                }
                _ => self.as_text(number, n)?,
            }
            n.ty = Type::Text;
            n.class = Class::Primary;
            return Ok(Compared::Plain);
        }
        Ok(Compared::Never { left_is_less: number_is_left })
    }

    fn text_with_native(&mut self, text: &Expr, t: &mut Typed, native: ColumnType) -> Result<Compared> {
        if t.constant.is_none() {
            let Some(name) = type_name(native) else {
                return refuse(
                    "text is compared with a value of a PostgreSQL type",
                    text.span,
                    "CAST the column to TEXT",
                );
            };
            self.suffix(text, t, format!("::{name}"));
        }
        Ok(Compared::Plain)
    }

    /// NOCASE and RTRIM by functions; "C" where neither side brings a column's collation.
    pub fn apply_collation(
        &mut self,
        left: &Expr,
        l: &mut Typed,
        right: &Expr,
        r: &mut Typed,
        ordered: bool,
    ) -> Result<()> {
        let is_text = |typed: &Typed| matches!(typed.ty, Type::Text | Type::Unknown);
        if !is_text(l) || !is_text(r) {
            return Ok(());
        }
        match deciding_collation(l, r) {
            Collation::Binary if l.collation != r.collation => {
                // Two columns' collations: PostgreSQL asks which.
                self.fired.rule(&rules::comparisons::COLLATION);
                self.suffix(left, l, " COLLATE \"C\"");
                self.edits.wrap(left.span, "(", ")");
            }
            Collation::Binary => {
                if ordered && !l.from_column && !r.from_column {
                    let (operand, typed) = if l.ty == Type::Text { (left, l) } else { (right, r) };
                    if typed.ty == Type::Text && typed.placeholder.is_none() {
                        self.fired.rule(&rules::comparisons::COLLATION);
                        self.suffix(operand, typed, " COLLATE \"C\"");
                        self.edits.wrap(operand.span, "(", ")");
                    }
                }
            }
            other => {
                for (operand, typed) in [(left, l), (right, r)] {
                    self.fold_for(other, operand, typed);
                }
            }
        }
        Ok(())
    }

    /// The text as the collation sees it: lower case for NOCASE, no blanks at the end for RTRIM.
    pub fn fold_for(&mut self, collation: Collation, operand: &Expr, typed: &mut Typed) {
        let function = match collation {
            Collation::Binary => return,
            Collation::NoCase => "lower",
            Collation::RTrim => "rtrim",
        };
        if let (Type::Any, Some(function)) = (typed.ty, super::untyped::folding(collation)) {
            return self.call(operand, typed, function);
        }
        if !matches!(typed.ty, Type::Text | Type::Unknown) {
            return;
        }
        self.fired.rule(&rules::comparisons::COLLATION);
        // Said even of columns: two columns may have unlike collations, and an index on the same words is found.
        let before = if typed.placeholder.is_some() { "::text COLLATE \"C\"" } else { " COLLATE \"C\"" };
        self.suffix(operand, typed, before);
        self.call(operand, typed, function);
    }

    pub fn as_json(&mut self, operand: &Expr, typed: &mut Typed) {
        self.without_boolean(operand, typed);
        self.by_row(typed);
        if matches!(typed.constant, Some(Constant::Text(_))) || typed.ty == Type::Null {
            self.suffix(operand, typed, "::text");
        }
        self.widen(operand, typed);
        self.call(operand, typed, "sqlift.json_of");
        typed.ty = Type::Json;
        typed.column = None;
    }

    /// A decimal literal without the cast to float8, where a numeric column decides.
    pub fn bare_number(&mut self, operand: &Expr) {
        let plain: String = self.source(operand.span).chars().filter(|c| *c != '_').collect();
        self.edits.replace_text(operand.span, plain);
    }

    pub fn between(&mut self, expr: &Expr, negated: bool, operand: &Expr, low: &Expr, high: &Expr) -> Result<Typed> {
        let _ = (expr, negated);
        if let (ExprKind::Row(row), ExprKind::Row(from), ExprKind::Row(to)) =
            (&peel(operand).kind, &peel(low).kind, &peel(high).kind)
        {
            if row.len() != from.len() || row.len() != to.len() {
                return super::pass::sqlite_error("row value misused", operand.span, None);
            }
            for bound in [from, to] {
                self.members(row, bound)?;
            }
            return Ok(Typed::new(Type::Boolean).class(Class::Compare));
        }
        let mut x = self.expr(operand)?;
        let (mut from, mut to) = (self.expr(low)?, self.expr(high)?);
        let nullable = x.nullable || from.nullable || to.nullable;
        // Each bound converts it for its own comparison.
        x.placeholder = None;
        if [&x, &from, &to].iter().any(|typed| typed.ty == Type::Any) {
            self.compare_any_with_each(operand, &mut x, &mut [(low, &mut from), (high, &mut to)])?;
            return Ok(Typed::new(Type::Boolean).class(Class::Compare).nullable(nullable));
        }
        for (bound, mut typed) in [(low, from), (high, to)] {
            if x.ty == Type::Json || typed.ty == Type::Json {
                return refuse(
                    "BETWEEN over a JSON value",
                    bound.span,
                    "write x >= a AND x <= b, or CAST the value to INTEGER, REAL or TEXT",
                );
            }
            self.compare_plainly(operand, &mut x, bound, &mut typed)?;
            if typed.class <= Class::Compare {
                self.parenthesize(bound, &mut typed);
            }
        }
        if x.class <= Class::Compare {
            self.parenthesize(operand, &mut x);
        }
        Ok(Typed::new(Type::Boolean).class(Class::Compare).nullable(nullable))
    }
}

/// What stands around each of two values where a collation compares them and neither is to change; `None` where PostgreSQL's own
/// comparison is the same. `mixed` when the two had unlike collations, between which PostgreSQL does not choose.
pub(crate) fn folded(collation: Collation, mixed: bool, l: &Typed, r: &Typed) -> Option<(&'static str, &'static str)> {
    let is = |ty: Type| l.ty == ty || r.ty == ty;
    let is_text = |typed: &Typed| matches!(typed.ty, Type::Text | Type::Unknown | Type::Null);
    match collation {
        Collation::NoCase if is(Type::Any) => Some(("sqlift.nocase_value(", ")")),
        Collation::RTrim if is(Type::Any) => Some(("sqlift.rtrim_value(", ")")),
        _ if !is_text(l) || !is_text(r) => None,
        Collation::NoCase => Some(("lower((", ")::text COLLATE \"C\")")),
        Collation::RTrim => Some(("rtrim((", ")::text COLLATE \"C\")")),
        Collation::Binary => mixed.then_some(("((", ")::text COLLATE \"C\")")),
    }
}

/// Whether PostgreSQL would round one of two numbers before it compares them: integers become reals beside a real.
pub(crate) fn rounds(l: &Typed, r: &Typed) -> bool {
    // From here on not every integer is a real.
    const WHOLE: u64 = 1 << 53;
    let is_small = |typed: &Typed| match typed.constant {
        Some(Constant::Integer(value)) => value.unsigned_abs() <= WHOLE,
        Some(Constant::Real(value)) => value.abs() < WHOLE as f64,
        _ => typed.int4 || matches!(typed.column, Some(ColumnType::SmallInt | ColumnType::Integer)),
    };
    let is_mixed = |typed: &Typed| !typed.branches.is_empty();
    if let (Type::Unknown, Type::Real) | (Type::Real, Type::Unknown) = (l.ty, r.ty) {
        // An integer may be bound.
        return !is_small(l) && !is_small(r);
    }
    let unlike = match (l.ty == Type::Real, r.ty == Type::Real) {
        (true, true) => is_mixed(l) || is_mixed(r),
        (one, other) => one || other,
    };
    l.ty.is_number() && r.ty.is_number() && unlike && !is_small(l) && !is_small(r)
}

fn parenthesized_if_negative(number: String) -> String {
    if number.starts_with('-') { format!("({number})") } else { number }
}

/// The words that cast to a column's type.
pub(crate) fn type_name(column: ColumnType) -> Option<&'static str> {
    Some(match column {
        ColumnType::SmallInt => "smallint",
        ColumnType::Integer => "integer",
        ColumnType::BigInt => "bigint",
        ColumnType::Boolean => "boolean",
        ColumnType::Real => "real",
        ColumnType::Double => "float8",
        ColumnType::Numeric => "numeric",
        ColumnType::Text => "text",
        ColumnType::Bytea => "bytea",
        ColumnType::Date => "date",
        ColumnType::Time => "time",
        ColumnType::Timestamp => "timestamp",
        ColumnType::Timestamptz => "timestamptz",
        ColumnType::Interval => "interval",
        ColumnType::Uuid => "uuid",
        ColumnType::Json => "json",
        ColumnType::Jsonb => "jsonb",
        ColumnType::Any => "sqlift.value",
        ColumnType::Other => return None,
    })
}
