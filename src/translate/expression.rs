//! Expressions: literals, names, operators other than comparisons; each visit records edits and says what it found.

use super::SlotContext;
use super::ast::{BinaryOperator, Expr, ExprKind, InSet, LikeOperator, Name, UnaryOperator};
use super::edits::Piece;
use super::names::{identifier, quote_literal};
use super::pass::{Pass, Result, peel, refuse};
use super::rules;
use super::scope::Meaning;
use super::types::{Affinity, Class, Collation, Constant, Type, Typed};

/// `CURRENT_TIMESTAMP` in SQLite's 19 characters.
pub(crate) const NOW: &str = "to_char(statement_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS')";
pub(crate) const TODAY: &str = "to_char(statement_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD')";
pub(crate) const TIME_OF_DAY: &str = "to_char(statement_timestamp() AT TIME ZONE 'UTC', 'HH24:MI:SS')";

impl Pass<'_> {
    pub fn expr(&mut self, expr: &Expr) -> Result<Typed> {
        match &expr.kind {
            ExprKind::Null => Ok(Typed::new(Type::Null)),
            ExprKind::Integer => self.integer(expr),
            ExprKind::Float => self.float(expr),
            ExprKind::String(text) => {
                if text.contains('\0') {
                    return refuse("PostgreSQL's text cannot hold NUL", expr.span, "keep such values in a BLOB column");
                }
                let mut typed = Typed::new(Type::Text).constant(Constant::Text(text.clone()));
                typed.class = Class::Primary;
                Ok(typed)
            }
            ExprKind::Blob(bytes) => {
                let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
                self.edits.replace_text(expr.span, format!("'\\x{hex}'::bytea"));
                Ok(Typed::new(Type::Blob).nullable(false))
            }
            ExprKind::Boolean(value) => Ok(Typed {
                ty: Type::Boolean,
                ..Typed::new(Type::Boolean).constant(Constant::Integer(i64::from(*value)))
            }),
            ExprKind::CurrentTimestamp => self.current(expr, NOW),
            ExprKind::CurrentDate => self.current(expr, TODAY),
            ExprKind::CurrentTime => self.current(expr, TIME_OF_DAY),
            ExprKind::Placeholder(number) => self.placeholder(expr, *number),
            ExprKind::Column { schema, table, column } => self.column(expr, schema.as_ref(), table.as_ref(), column),
            ExprKind::Unary { operator, operand } => self.unary(expr, *operator, operand),
            ExprKind::Binary { operator, operator_span, left, right } => match operator {
                BinaryOperator::And | BinaryOperator::Or => {
                    let class = if *operator == BinaryOperator::And { Class::And } else { Class::Or };
                    let mut nullable = false;
                    for operand in [left, right] {
                        let mut typed = self.condition(operand)?;
                        nullable |= typed.nullable;
                        if typed.class < class {
                            self.parenthesize(operand, &mut typed);
                        }
                    }
                    Ok(Typed::new(Type::Boolean).class(class).nullable(nullable))
                }
                BinaryOperator::Equal
                | BinaryOperator::NotEqual
                | BinaryOperator::Is
                | BinaryOperator::IsNot
                | BinaryOperator::Less
                | BinaryOperator::LessEqual
                | BinaryOperator::Greater
                | BinaryOperator::GreaterEqual => self.comparison(expr, *operator, *operator_span, left, right),
                BinaryOperator::Concat => self.concat(left, right),
                BinaryOperator::JsonArrow | BinaryOperator::JsonArrowText => {
                    self.json_arrow(expr, *operator, left, right)
                }
                _ => self.arithmetic(expr, *operator, *operator_span, left, right),
            },
            ExprKind::NullTest { operand, negated, .. } => {
                let mut typed = self.expr(operand)?;
                self.null_tested(operand, &mut typed);
                let word = if *negated { " IS NOT NULL" } else { " IS NULL" };
                self.edits.replace(expr.span, [operand.span.into(), word.into()]);
                Ok(Typed::new(Type::Boolean).class(Class::Compare).nullable(false))
            }
            ExprKind::Like { operator, operator_span, negated, left, right, escape } => {
                self.like(expr, *operator, *operator_span, *negated, left, right, escape.as_deref())
            }
            ExprKind::Between { negated, operand, low, high } => self.between(expr, *negated, operand, low, high),
            ExprKind::In { negated, operand, set, operator_span } => {
                self.in_set(expr, *negated, *operator_span, operand, set)
            }
            ExprKind::Collate { operand, collation } => self.collate(expr, operand, collation),
            ExprKind::Cast { operand, type_name } => self.cast(expr, operand, type_name),
            ExprKind::Case { operand, branches, otherwise } => {
                self.case(expr, operand.as_deref(), branches, otherwise.as_deref())
            }
            ExprKind::Call(call) => self.call_expr(expr, call),
            ExprKind::Exists { select, .. } => {
                self.value_select(select)?;
                let class = if self.source(expr.span).starts_with(['n', 'N']) { Class::Not } else { Class::Primary };
                Ok(Typed::new(Type::Boolean).nullable(false).class(class))
            }
            ExprKind::Subquery(select) => self.scalar_subquery(expr, select),
            ExprKind::Row(_) => {
                refuse("a row value here has no rule yet", expr.span, "compare the columns one by one, joined with AND")
            }
            ExprKind::Parenthesized(inner) => {
                let typed = self.expr(inner)?;
                // The server needs them where they stand; what is inside may need none.
                Ok(Typed { class: Class::Primary, ..typed })
            }
            ExprKind::Raise { action, message } => self.raise(expr, *action, message.as_deref()),
        }
    }

    fn current(&mut self, expr: &Expr, text: &str) -> Result<Typed> {
        self.note(&rules::dates::CURRENT_TEXT, expr.span);
        self.edits.replace_text(expr.span, text);
        Ok(Typed::new(Type::Text).nullable(false))
    }

    fn integer(&mut self, expr: &Expr) -> Result<Typed> {
        let written = self.source(expr.span);
        let plain: String = written.chars().filter(|c| *c != '_').collect();
        let hex = plain.strip_prefix("0x").or_else(|| plain.strip_prefix("0X"));
        let value = match hex {
            Some(digits) => match u64::from_str_radix(digits, 16) {
                Ok(value) => Some(value as i64),
                Err(_) => return super::pass::sqlite_error(format!("hex literal too big: {written}"), expr.span, None),
            },
            None => plain.parse::<i64>().ok(),
        };
        let Some(value) = value else {
            self.edits.replace_text(expr.span, format!("{plain}::float8"));
            return Ok(Typed::new(Type::Real).constant(Constant::Real(plain.parse().unwrap_or(f64::INFINITY))));
        };
        let mut typed = Typed::new(Type::Integer).constant(Constant::Integer(value));
        if hex.is_some() || plain.len() != written.len() {
            if value == i64::MIN {
                self.edits.replace_text(expr.span, "(-9223372036854775807 - 1)");
            } else if value < 0 {
                self.edits.replace_text(expr.span, format!("({value})"));
            } else {
                self.edits.replace_text(expr.span, value.to_string());
            }
        }
        typed.int4 = i32::try_from(value).is_ok();
        Ok(typed)
    }

    fn float(&mut self, expr: &Expr) -> Result<Typed> {
        let plain: String = self.source(expr.span).chars().filter(|c| *c != '_').collect();
        let value: f64 = plain.parse().unwrap_or(f64::NAN);
        let text = if value.is_infinite() { "'Infinity'::float8".to_owned() } else { format!("{plain}::float8") };
        self.edits.replace_text(expr.span, text);
        Ok(Typed::new(Type::Real).constant(Constant::Real(value)))
    }

    fn placeholder(&mut self, expr: &Expr, number: u32) -> Result<Typed> {
        if let Some(place) = self.no_parameters {
            return super::pass::sqlite_error(format!("parameters prohibited in {place}"), expr.span, None);
        }
        let written = self.source(expr.span);
        let named = !written.starts_with('?') || written.len() > 1;
        self.parameters.entry(number).or_insert(None);
        if named {
            self.parameters.insert(number, Some(written.to_owned()));
        }
        self.edits.replace(expr.span, [Piece::Parameter(number, SlotContext::Value)]);
        let mut typed = Typed::new(Type::Unknown);
        typed.placeholder = Some(number);
        Ok(typed)
    }

    fn column(&mut self, expr: &Expr, schema: Option<&Name>, table: Option<&Name>, column: &Name) -> Result<Typed> {
        if let Some(schema) = schema {
            self.own_schema(schema)?;
        }
        match self.lookup(table, column, expr.span)? {
            Meaning::Text => {
                // In a subquery with two columns of one name, SQLite calls the second "name:1".
                if column.text.rsplit_once(':').is_some_and(|(_, number)| number.parse::<u32>().is_ok()) {
                    return refuse(
                        format!("\"{}\" is a column's name of SQLite's making, or a string", column.text),
                        expr.span,
                        "give the column an alias; write strings in single quotes",
                    );
                }
                self.edits.replace_text(expr.span, quote_literal(&column.text));
                Ok(Typed::new(Type::Text).constant(Constant::Text(column.text.clone())))
            }
            Meaning::Alias(alias) => {
                self.note(&rules::select::ALIAS_IN_EXPRESSION, expr.span);
                self.edits.replace(expr.span, ["(".into(), alias.expr.into(), ")".into()]);
                Ok(alias.typed.as_result())
            }
            Meaning::Column { source, name, typed, qualify } => {
                let written = identifier(&name);
                match table {
                    Some(table) if schema.is_none() => {
                        self.rename_printed(table, &source);
                        self.rename(column, &name);
                    }
                    Some(_) => self.edits.replace_text(expr.span, format!("{source}.{written}")),
                    None if qualify => self.edits.replace_text(expr.span, format!("{source}.{written}")),
                    None => self.rename(column, &name),
                }
                Ok(Typed { class: Class::Primary, ..typed })
            }
        }
    }

    /// As [`Pass::rename`], for a name that is already spelled for PostgreSQL.
    fn rename_printed(&mut self, name: &Name, printed: &str) {
        let written = self.source(name.span);
        if written != printed && !(name.quote == super::ast::Quote::None && written.eq_ignore_ascii_case(printed)) {
            self.edits.replace_text(name.span, printed);
        }
    }

    /// `main.` and `temp.` mean this database; others are attached files.
    pub fn own_schema(&self, schema: &Name) -> Result<()> {
        if schema.text.eq_ignore_ascii_case("main") || schema.text.eq_ignore_ascii_case("temp") {
            return Ok(());
        }
        refuse(
            format!("no database {} is attached on PostgreSQL", schema.text),
            schema.span,
            "copy that file's tables into this database and leave the prefix away",
        )
    }

    fn unary(&mut self, expr: &Expr, operator: UnaryOperator, operand: &Expr) -> Result<Typed> {
        match operator {
            UnaryOperator::Not => {
                let mut typed = self.condition(operand)?;
                if typed.class < Class::Not {
                    self.parenthesize(operand, &mut typed);
                }
                Ok(Typed::new(Type::Boolean).class(Class::Not).nullable(typed.nullable))
            }
            UnaryOperator::Plus => {
                let typed = self.expr(operand)?;
                // `+x` takes the affinity away and does nothing else; PostgreSQL has it for numbers alone.
                self.edits.replace(expr.span, [operand.span.into()]);
                Ok(Typed { affinity: Affinity::None, column: None, ..typed })
            }
            UnaryOperator::Minus => {
                if peel(operand).kind == ExprKind::Integer && self.source(operand.span) == "9223372036854775808" {
                    self.edits.replace_text(expr.span, "(-9223372036854775807 - 1)");
                    return Ok(Typed::new(Type::Integer).constant(Constant::Integer(i64::MIN)));
                }
                let mut typed = self.number(operand)?;
                let constant = match typed.constant.take() {
                    Some(Constant::Integer(value)) => value.checked_neg().map(Constant::Integer),
                    Some(Constant::Real(value)) => Some(Constant::Real(-value)),
                    _ => None,
                };
                // `- -4` must not become a comment.
                if typed.class <= Class::Unary {
                    self.parenthesize(operand, &mut typed);
                }
                Ok(Typed {
                    class: Class::Unary,
                    constant,
                    affinity: Affinity::None,
                    column: None,
                    collation: Collation::Binary,
                    ..typed
                })
            }
            UnaryOperator::BitNot => {
                let mut typed = self.whole_number(operand)?;
                if typed.class < Class::Primary {
                    self.parenthesize(operand, &mut typed);
                }
                // PostgreSQL's ~ binds looser than +.
                self.edits.wrap(expr.span, "(", ")");
                Ok(Typed::new(Type::Integer).nullable(typed.nullable))
            }
        }
    }

    /// The expression as a number: text gives its numeric prefix.
    pub fn number(&mut self, expr: &Expr) -> Result<Typed> {
        let mut typed = self.value(expr)?;
        match typed.ty {
            Type::Text | Type::Json | Type::Blob => {
                self.note(&rules::operators::TEXT_IN_ARITHMETIC, expr.span);
                self.call(expr, &mut typed, "sqlift.to_number");
                typed = Typed { ty: Type::Numeric, column: None, constant: None, affinity: Affinity::None, ..typed };
            }
            Type::Null => {
                self.suffix(expr, &mut typed, "::bigint");
                typed.ty = Type::Integer;
            }
            Type::Native(_) => {
                return refuse(
                    format!("arithmetic on {}", typed.ty.describe()),
                    expr.span,
                    "convert it first, with julianday(x) or unixepoch(x)",
                );
            }
            _ => {}
        }
        Ok(typed)
    }

    /// The expression as a 64-bit integer.
    fn whole_number(&mut self, expr: &Expr) -> Result<Typed> {
        let mut typed = self.number(expr)?;
        self.widen(expr, &mut typed);
        if matches!(typed.ty, Type::Real | Type::Numeric | Type::Unknown) {
            self.call(expr, &mut typed, "sqlift.to_integer");
        }
        Ok(Typed { ty: Type::Integer, column: None, ..typed })
    }

    fn arithmetic(
        &mut self,
        expr: &Expr,
        operator: BinaryOperator,
        operator_span: crate::syntax::Span,
        left: &Expr,
        right: &Expr,
    ) -> Result<Typed> {
        use BinaryOperator as Op;
        if matches!(operator, Op::BitAnd | Op::BitOr | Op::ShiftLeft | Op::ShiftRight) {
            let mut l = self.whole_number(left)?;
            let mut r = self.whole_number(right)?;
            let nullable = l.nullable || r.nullable;
            if matches!(operator, Op::ShiftLeft | Op::ShiftRight) {
                let function = if operator == Op::ShiftLeft { "sqlift.shift_left(" } else { "sqlift.shift_right(" };
                self.edits.replace(
                    expr.span,
                    [function.into(), left.span.into(), ", ".into(), right.span.into(), ")".into()],
                );
                return Ok(Typed::new(Type::Integer).nullable(nullable));
            }
            for (operand, typed) in [(left, &mut l), (right, &mut r)] {
                if typed.class <= Class::Bits || typed.class == Class::Concat {
                    self.parenthesize(operand, typed);
                }
            }
            return Ok(Typed::new(Type::Integer).nullable(nullable).class(Class::Bits));
        }
        let mut l = self.number(left)?;
        let mut r = self.number(right)?;
        let class = if matches!(operator, Op::Add | Op::Subtract) { Class::Add } else { Class::Multiply };
        let known = |typed: &Typed| !matches!(typed.ty, Type::Unknown);
        let ty = match (l.ty, r.ty) {
            (Type::Unknown, _) | (_, Type::Unknown) => Type::Unknown,
            (Type::Real, _) | (_, Type::Real) => Type::Real,
            (Type::Numeric, _) | (_, Type::Numeric) => Type::Numeric,
            _ => Type::Integer,
        };
        if l.int4 && r.int4 {
            self.widen(left, &mut l);
        }
        // An unknown parameter next to a 32-bit literal is 64 bits wide, since integers are declared so.
        let mut nullable = l.nullable || r.nullable || !known(&l) || !known(&r);
        if l.class < class || l.class == Class::Concat {
            self.parenthesize(left, &mut l);
        }
        if r.class <= class || r.class == Class::Concat {
            self.parenthesize(right, &mut r);
        }
        match operator {
            Op::Divide | Op::Modulo => {
                let zero_free = matches!(&r.constant, Some(Constant::Integer(n)) if *n != 0)
                    || matches!(&r.constant, Some(Constant::Real(n)) if *n != 0.0);
                let native = match operator {
                    Op::Divide => ty != Type::Numeric && ty != Type::Unknown,
                    _ => ty == Type::Integer,
                };
                if !native {
                    let function = if operator == Op::Divide { "sqlift.divide(" } else { "sqlift.modulo(" };
                    self.edits.replace(
                        expr.span,
                        [function.into(), left.span.into(), ", ".into(), right.span.into(), ")".into()],
                    );
                    return Ok(Typed::new(ty));
                }
                if !zero_free {
                    self.note(&rules::operators::DIVISION_BY_ZERO, operator_span);
                    self.edits.wrap(right.span, "NULLIF(", ", 0)");
                    nullable = true;
                }
                Ok(Typed::new(ty).class(class).nullable(nullable))
            }
            _ => Ok(Typed::new(ty).class(class).nullable(nullable)),
        }
    }

    fn concat(&mut self, left: &Expr, right: &Expr) -> Result<Typed> {
        let mut nullable = false;
        let mut from_column = false;
        let mut collation = Collation::Binary;
        for (operand, is_right) in [(left, false), (right, true)] {
            let mut typed = self.value(operand)?;
            if collation == Collation::Binary && typed.explicit_collation {
                collation = typed.collation;
            }
            if typed.ty == Type::Null {
                self.suffix(operand, &mut typed, "::text");
            }
            nullable |= typed.nullable;
            from_column |= typed.from_column;
            self.as_text(operand, &mut typed)?;
            let lower = typed.class < Class::Concat || (is_right && typed.class == Class::Concat);
            if lower {
                self.parenthesize(operand, &mut typed);
            }
        }
        let mut typed = Typed::new(Type::Text).class(Class::Concat).nullable(nullable);
        typed.from_column = from_column;
        typed.explicit_collation = collation != Collation::Binary;
        typed.collation = collation;
        Ok(typed)
    }

    #[allow(clippy::too_many_arguments)]
    fn like(
        &mut self,
        expr: &Expr,
        operator: LikeOperator,
        operator_span: crate::syntax::Span,
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
            LikeOperator::Match => {
                return refuse(
                    "MATCH needs a full text table",
                    operator_span,
                    "use LIKE, or PostgreSQL's own text search in a native statement",
                );
            }
        }
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
        if operator == LikeOperator::Glob {
            let not = if negated { "NOT sqlift.glob(" } else { "sqlift.glob(" };
            self.edits.replace(expr.span, [not.into(), right.span.into(), ", ".into(), left.span.into(), ")".into()]);
            let class = if negated { Class::Not } else { Class::Primary };
            return Ok(Typed::new(Type::Boolean).nullable(nullable).class(class));
        }
        let caseless = matches!(&pattern, Some(Constant::Text(text)) if !text.chars().any(char::is_alphabetic));
        if !l.from_column && !caseless {
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
        let mut pieces: Vec<Piece> = vec![left.span.into(), word.into(), right.span.into()];
        match escape {
            Some(escape) => {
                let typed = self.expr(escape)?;
                if typed.placeholder.is_some() {
                    self.parameter_of_column(escape, super::catalog::ColumnType::Text);
                }
                pieces.extend([" ESCAPE ".into(), escape.span.into()]);
            }
            None => pieces.push(" ESCAPE ''".into()),
        }
        self.edits.replace(expr.span, pieces);
        Ok(Typed::new(Type::Boolean).class(Class::Compare).nullable(nullable))
    }

    fn collate(&mut self, expr: &Expr, operand: &Expr, collation: &Name) -> Result<Typed> {
        let mut typed = self.value(operand)?;
        typed.collation = collation_named(collation)?;
        typed.explicit_collation = true;
        // Comparisons and ORDER BY apply it; PostgreSQL has no collation of that name.
        self.edits.replace(expr.span, [operand.span.into()]);
        typed.column = typed.column.filter(|_| typed.collation != Collation::RTrim);
        Ok(typed)
    }

    /// A scalar subquery: SQLite takes the first row of several.
    fn scalar_subquery(&mut self, expr: &Expr, select: &super::ast::Select) -> Result<Typed> {
        let columns = self.value_select(select)?;
        let [(_, typed)] = columns.as_slice() else {
            return super::pass::sqlite_error(
                format!("sub-select returns {} columns - expected 1", columns.len()),
                expr.span,
                None,
            );
        };
        if select.limit.is_none() && !super::select::gives_one_row(select) {
            self.note(&rules::select::SCALAR_SUBQUERY, expr.span);
            self.edits.wrap(select.span, "", " LIMIT 1");
        }
        Ok(typed.as_result().nullable(true))
    }

    fn in_set(
        &mut self,
        expr: &Expr,
        negated: bool,
        operator_span: crate::syntax::Span,
        operand: &Expr,
        set: &InSet,
    ) -> Result<Typed> {
        let _ = operator_span;
        if let (ExprKind::Row(members), InSet::Select { select, .. }) = (&peel(operand).kind, set) {
            let mut nullable = false;
            for member in members {
                nullable |= self.value(member)?.nullable;
            }
            let columns = self.value_select(select)?;
            nullable |= columns.iter().any(|(_, typed)| typed.nullable);
            return Ok(Typed::new(Type::Boolean).class(Class::Compare).nullable(nullable));
        }
        let mut left = self.expr(operand)?;
        match set {
            InSet::List { values, .. } if values.is_empty() => {
                self.edits.replace_text(expr.span, if negated { "true" } else { "false" });
                return Ok(Typed::new(Type::Boolean).nullable(false));
            }
            InSet::List { values, .. } => {
                let mut nullable = left.nullable;
                for value in values {
                    let mut right = self.expr(value)?;
                    // The left side's affinity alone counts for IN.
                    right.affinity = Affinity::None;
                    nullable |= right.nullable;
                    self.compare_plainly(operand, &mut left, value, &mut right)?;
                }
                if left.class <= Class::Compare {
                    self.parenthesize(operand, &mut left);
                }
                Ok(Typed::new(Type::Boolean).class(Class::Compare).nullable(nullable))
            }
            InSet::Select { span, select } => {
                let columns = self.value_select(select)?;
                self.in_columns(operand, &mut left, &columns, *span)
            }
            InSet::Table(name) => {
                let columns = self.table_columns(name)?;
                let typed = self.in_columns(operand, &mut left, &columns, name.span)?;
                self.edits.wrap(name.span, "(SELECT * FROM ", ")");
                Ok(typed)
            }
            InSet::Function { span, name, .. } => refuse(
                format!("IN {}(...) has no rule yet", name.name.text),
                *span,
                "bind the values one by one: IN (?, ?, ...)",
            ),
        }
    }

    fn in_columns(
        &mut self,
        operand: &Expr,
        left: &mut Typed,
        columns: &[(String, Typed)],
        span: crate::syntax::Span,
    ) -> Result<Typed> {
        let [(_, column)] = columns else {
            return super::pass::sqlite_error(
                format!("sub-select returns {} columns - expected 1", columns.len()),
                span,
                None,
            );
        };
        if let (Some(_), Some(ty)) = (left.placeholder, column.column) {
            self.parameter_of_column(operand, ty);
        }
        if left.ty == Type::Boolean && column.ty != Type::Boolean {
            self.without_boolean(operand, left);
        }
        if left.collation != super::types::Collation::Binary {
            return refuse(
                "a NOCASE value IN a subquery",
                span,
                "compare lower(x) with lower(y) in an EXISTS subquery",
            );
        }
        if column.ty == Type::Json {
            return self.in_json(operand, left, span);
        }
        let same = left.ty == column.ty
            || left.ty.is_number() && column.ty.is_number()
            || [left.ty, column.ty].iter().any(|ty| matches!(ty, Type::Null | Type::Unknown));
        if !same {
            return refuse(
                format!("IN compares {} with {}", left.ty.describe(), column.ty.describe()),
                span,
                "CAST one side to the type of the other",
            );
        }
        if left.class <= Class::Compare {
            self.parenthesize(operand, left);
        }
        Ok(Typed::new(Type::Boolean).class(Class::Compare).nullable(left.nullable || column.nullable))
    }
}

impl Pass<'_> {
    /// `x IN (SELECT value FROM json_each(...))`: the elements that x can equal, in its type.
    fn in_json(&mut self, operand: &Expr, left: &mut Typed, span: crate::syntax::Span) -> Result<Typed> {
        let function = match left.ty {
            Type::Integer => "sqlift.json_integer(e)",
            Type::Real | Type::Numeric => "sqlift.json_number(e)",
            Type::Text => "sqlift.to_text(e)",
            _ => {
                return refuse(
                    format!("IN compares {} with a JSON value", left.ty.describe()),
                    span,
                    "CAST one side to the type of the other",
                );
            }
        };
        let written = self.source(span);
        if !(written.starts_with('(') && written.ends_with(')')) {
            return refuse(
                "IN over a JSON value here",
                span,
                "write IN (SELECT CAST(value AS TEXT) FROM json_each(...))",
            );
        }
        self.edits.wrap(
            span,
            format!("(SELECT {function} FROM "),
            format!(" AS sqlift_j(e) WHERE e IS NULL OR {function} IS NOT NULL)"),
        );
        if left.class <= Class::Compare {
            self.parenthesize(operand, left);
        }
        Ok(Typed::new(Type::Boolean).class(Class::Compare))
    }
}

pub(crate) fn collation_named(collation: &Name) -> Result<Collation> {
    match collation.text.to_ascii_uppercase().as_str() {
        "BINARY" => Ok(Collation::Binary),
        "NOCASE" => Ok(Collation::NoCase),
        "RTRIM" => Ok(Collation::RTrim),
        _ => super::pass::sqlite_error(format!("no such collation sequence: {}", collation.text), collation.span, None),
    }
}
