//! Expressions: literals, names, operators other than comparisons; each visit records edits and says what it found.

use super::SlotContext;
use super::ast::{BinaryOperator, Expr, ExprKind, Name, UnaryOperator};
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
        if self.is_grouped(expr) {
            self.open_grouping(false);
            let typed = self.any_expr(expr);
            self.open_grouping(true);
            let mut typed = typed?;
            // Each time in the same words as in GROUP BY.
            self.by_row(&mut typed);
            return Ok(typed);
        }
        self.any_expr(expr)
    }

    fn any_expr(&mut self, expr: &Expr) -> Result<Typed> {
        if let Some(at) = self.json_members.iter().position(|span| *span == expr.span) {
            self.json_members.swap_remove(at);
            return self.json_member_or_null(expr);
        }
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
                self.fired.rule(&rules::operators::LITERALS);
                let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
                self.edits.replace_text(expr.span, format!("'\\x{hex}'::bytea"));
                Ok(Typed::new(Type::Blob).nullable(false))
            }
            ExprKind::Boolean(value) => self.boolean(*value, expr.span),
            ExprKind::CurrentTimestamp => self.current(expr, NOW),
            ExprKind::CurrentDate => self.current(expr, TODAY),
            ExprKind::CurrentTime => self.current(expr, TIME_OF_DAY),
            ExprKind::Placeholder(number) => self.placeholder(expr, *number),
            ExprKind::Column { schema, table, column } => self.column(expr, schema.as_deref(), table.as_ref(), column),
            ExprKind::Unary { operator, operand } => self.unary(expr, *operator, operand),
            ExprKind::Binary { operator: BinaryOperator::Equal, operator_span, left, right }
                if self.is_full_text_match(left) =>
            {
                self.full_text_match(expr, *operator_span, false, left, right)
            }
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
                let outer = self.mixed_at.replace(peel(operand).span);
                let mut typed = self.expr(operand)?;
                self.mixed_at = outer;
                self.null_tested(operand, &mut typed);
                let word = if *negated { " IS NOT NULL" } else { " IS NULL" };
                if !self.source(expr.span).to_ascii_uppercase().ends_with(word) {
                    self.note(&rules::comparisons::IS_VALUE, expr.span);
                }
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
                self.no_subquery(expr.span)?;
                self.value_select(select)?;
                let class = if self.source(expr.span).starts_with(['n', 'N']) { Class::Not } else { Class::Primary };
                Ok(Typed::new(Type::Boolean).nullable(false).class(class))
            }
            ExprKind::Subquery(select) => self.scalar_subquery(expr, select),
            ExprKind::Row(_) => super::pass::sqlite_error("row value misused", expr.span, None),
            ExprKind::Parenthesized(inner) => {
                let typed = self.expr(inner)?;
                // The server needs them where they stand; what is inside may need none.
                Ok(Typed { class: Class::Primary, ..typed })
            }
            ExprKind::Raise { action, message } => self.raise(expr, *action, message.as_deref()),
        }
    }

    fn current(&mut self, expr: &Expr, text: &'static str) -> Result<Typed> {
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
            self.fired.rule(&rules::operators::LITERALS);
            self.edits.replace_text(expr.span, format!("{plain}::float8"));
            return Ok(Typed::new(Type::Real).constant(Constant::Real(plain.parse().unwrap_or(f64::INFINITY))));
        };
        let mut typed = Typed::new(Type::Integer).constant(Constant::Integer(value));
        if hex.is_some() || plain.len() != written.len() {
            self.fired.rule(&rules::operators::LITERALS);
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
        self.fired.rule(&rules::operators::LITERALS);
        let is_lost =
            || plain.split(['e', 'E']).next().is_some_and(|digits| digits.contains(|c| matches!(c, '1'..='9')));
        let text = match value {
            f64::INFINITY => "'Infinity'::float8".to_owned(),
            0.0 if is_lost() => {
                self.fired.rule(&rules::operators::RANGE_OF_REALS);
                "0.0::float8".to_owned()
            }
            _ => format!("{plain}::float8"),
        };
        self.edits.replace_text(expr.span, text);
        Ok(Typed::new(Type::Real).constant(Constant::Real(value)))
    }

    fn placeholder(&mut self, expr: &Expr, number: u32) -> Result<Typed> {
        if let Some(place) = self.no_parameters {
            let message = match place {
                "views" => "parameters are not allowed in views".to_owned(),
                "trigger bodies" => "trigger cannot use variables".to_owned(),
                place => format!("parameters prohibited in {place}"),
            };
            return super::pass::sqlite_error(message, expr.span, None);
        }
        self.fired.rule(&rules::select::PLACEHOLDERS);
        self.edits.replace(expr.span, [Piece::Parameter(number, SlotContext::Value)]);
        let classes = &self.options.parameter_classes;
        let class = (number as usize).checked_sub(1).and_then(|index| *classes.get(index)?);
        let mut typed = Typed::new(class.map_or(Type::Unknown, Type::from));
        typed.placeholder = Some(number);
        Ok(typed)
    }

    fn column(&mut self, expr: &Expr, schema: Option<&Name>, table: Option<&Name>, column: &Name) -> Result<Typed> {
        if let Some(schema) = schema {
            self.own_schema(schema)?;
        }
        let found = match self.lookup(table, column, expr.span) {
            Ok(found) => found,
            Err(error) => {
                if let Some(boolean) = self.unknown_boolean(table, column) {
                    return Ok(boolean);
                }
                return Err(error);
            }
        };
        match found {
            Meaning::Rank => self.full_text_rank(expr, table),
            Meaning::Text => {
                if self.is_made_of_twins(&column.text) {
                    return refuse(
                        format!("\"{}\" is a column's name of SQLite's making, or a string", column.text),
                        expr.span,
                        "give the column an alias; write strings in single quotes",
                    );
                }
                self.fired.rule(&rules::select::NAMES);
                self.edits.replace_text(expr.span, quote_literal(&column.text));
                Ok(Typed::new(Type::Text).constant(Constant::Text(column.text.to_string())))
            }
            Meaning::Alias(alias, ungrouped) => {
                self.note(&rules::select::ALIAS_IN_EXPRESSION, expr.span);
                let piece = if ungrouped { Piece::Plain(alias.expr) } else { alias.expr.into() };
                self.edits.replace(expr.span, ["(".into(), piece, ")".into()]);
                Ok(alias.typed.as_result())
            }
            Meaning::Column { source, name, typed, qualify, pick } => {
                if !name.eq_ignore_ascii_case(&column.text) {
                    self.fired.rule(&rules::select::ROWID);
                }
                match table {
                    _ if let Some(pieces) = self.in_place_of(&name) => self.edits.replace(expr.span, pieces),
                    Some(table) if schema.is_none() => {
                        self.rename_printed(table, &source);
                        self.rename(column, &name);
                    }
                    None if !qualify => self.rename(column, &name),
                    _ => self.edits.replace_text(expr.span, format!("{source}.{}", identifier(&name))),
                }
                if !typed.has_own_collation && typed.collation != Collation::Binary {
                    // Of `excluded`, which has none on SQLite.
                    let mut typed = Typed { class: Class::Primary, ..typed };
                    self.without_collation(expr, &mut typed);
                    return Ok(Typed { collation: Collation::Binary, ..typed });
                }
                if typed.ty == Type::Null && typed.kinds.is_none() {
                    // A query's NULL is text to PostgreSQL, outside of the query.
                    self.edits.replace_text(expr.span, "NULL");
                    return Ok(Typed { class: Class::Primary, ..typed });
                }
                if let Some(order) = pick {
                    self.pick(expr.span, order);
                    return Ok(Typed { class: Class::Primary, ..typed }.nullable(true));
                }
                Ok(self.as_stored(expr, Typed { class: Class::Primary, ..typed }))
            }
        }
    }

    /// As [`Pass::rename`], for a name that is already spelled for PostgreSQL.
    fn rename_printed(&mut self, name: &Name, printed: &str) {
        let written = self.source(name.span);
        if written != printed && !(name.quote == super::ast::Quote::None && written.eq_ignore_ascii_case(printed)) {
            self.fired.rule(&rules::select::NAMES);
            self.edits.replace_text(name.span, printed.to_owned());
        }
    }

    /// `main.` and `temp.` mean this database; others are attached files.
    pub fn own_schema(&self, schema: &Name) -> Result<()> {
        if schema.text.eq_ignore_ascii_case("main") || schema.is_temp() {
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
                Ok(Typed { affinity: Affinity::None, column: None, placeholder: None, ..typed })
            }
            UnaryOperator::Minus => {
                if peel(operand).kind == ExprKind::Integer && self.source(operand.span) == "9223372036854775808" {
                    self.edits.replace_text(expr.span, "(-9223372036854775807 - 1)");
                    return Ok(Typed::new(Type::Integer).constant(Constant::Integer(i64::MIN)));
                }
                let value = self.value(operand)?;
                if value.ty == Type::Any {
                    self.edits.replace(expr.span, ["sqlift.negated(".into(), operand.span.into(), ")".into()]);
                    return Ok(Typed { by_row: true, ..Typed::new(Type::Numeric).nullable(value.nullable) });
                }
                let mut typed = self.as_number(operand, value)?;
                let constant = match typed.constant.take() {
                    Some(Constant::Integer(i64::MIN)) => return Ok(self.real_literal(expr, -(i64::MIN as f64))),
                    Some(Constant::Integer(value)) => value.checked_neg().map(Constant::Integer),
                    Some(Constant::Real(value)) => Some(Constant::Real(-value)),
                    _ => None,
                };
                if typed.ty == Type::Real && !matches!(peel(operand).kind, ExprKind::Float) {
                    // Of what is no literal SQLite takes the difference to 0, which is never -0.0.
                    if typed.class <= Class::Add {
                        self.parenthesize(operand, &mut typed);
                    }
                    self.edits.replace(expr.span, ["(0 - ".into(), operand.span.into(), ")".into()]);
                    return Ok(Typed { branches: typed.branches, ..Typed::new(Type::Real).nullable(typed.nullable) });
                }
                if typed.ty == Type::Numeric && constant.is_none() {
                    // Of the smallest integer it is a real.
                    self.edits.replace(expr.span, ["sqlift.subtract(0, ".into(), operand.span.into(), ")".into()]);
                    return Ok(Typed { by_row: true, ..Typed::new(Type::Numeric).nullable(typed.nullable) });
                }
                // PostgreSQL would read `%-` as one operator.
                let before = self.sql.as_bytes()[..expr.span.start].last();
                if before.is_some_and(|byte| b"%&|<>=~^@#!*/+".contains(byte)) {
                    self.edits.wrap(expr.span, " ", "");
                }
                // `- -4` must not become a comment.
                if typed.class <= Class::Unary {
                    self.parenthesize(operand, &mut typed);
                }
                if let Some(Constant::Integer(value)) = constant {
                    typed.int4 = i32::try_from(value).is_ok();
                }
                Ok(Typed {
                    class: Class::Unary,
                    constant,
                    affinity: Affinity::None,
                    column: None,
                    placeholder: None,
                    collation: Collation::Binary,
                    has_own_collation: false,
                    ..typed
                })
            }
            UnaryOperator::BitNot => {
                let mut typed = self.whole_number(operand)?;
                if typed.class < Class::Primary {
                    self.parenthesize(operand, &mut typed);
                }
                // PostgreSQL's ~ binds looser than +.
                self.fired.rule(&rules::operators::PRECEDENCE);
                self.edits.wrap(expr.span, "(", ")");
                Ok(Typed::new(Type::Integer).nullable(typed.nullable))
            }
        }
    }

    fn collate(&mut self, expr: &Expr, operand: &Expr, collation: &Name) -> Result<Typed> {
        let mut typed = self.value(operand)?;
        let collation = collation_named(collation)?;
        if collation != typed.collation {
            self.without_collation(operand, &mut typed);
        }
        typed.collation = collation;
        typed.explicit_collation = true;
        typed.placeholder = None;
        // Comparisons and ORDER BY apply it; PostgreSQL has no collation of that name.
        self.edits.replace(expr.span, [operand.span.into()]);
        typed.column = typed.column.filter(|_| typed.collation != Collation::RTrim);
        Ok(typed)
    }

    /// A scalar subquery: SQLite takes the first row of several.
    /// SQLite takes the first row of a query that stands for a value or a row of values.
    pub fn first_row(&mut self, select: &super::ast::Select, at: crate::syntax::Span) {
        if select.limit.is_none() && !super::select::gives_one_row(select) {
            self.note(&rules::select::SCALAR_SUBQUERY, at);
            self.edits.wrap(select.span, "", " LIMIT 1");
        }
    }

    fn scalar_subquery(&mut self, expr: &Expr, select: &super::ast::Select) -> Result<Typed> {
        self.no_subquery(expr.span)?;
        self.read_in_order.push(select.span);
        let columns = self.value_select(select)?;
        let [(_, typed)] = columns.as_slice() else {
            return super::pass::sqlite_error(
                format!("sub-select returns {} columns - expected 1", columns.len()),
                expr.span,
                None,
            );
        };
        self.first_row(select, expr.span);
        self.only_null(expr, typed);
        let mut typed = typed.clone();
        self.without_collation(expr, &mut typed);
        Ok(Typed {
            collation: Collation::Binary,
            explicit_collation: false,
            has_own_collation: false,
            ..typed.as_result().nullable(true)
        })
    }
}

impl Pass<'_> {
    /// # Errors
    /// SQLite's, of a subquery in what the schema keeps with each row.
    pub fn no_subquery(&self, at: crate::syntax::Span) -> Result<()> {
        match self.no_parameters {
            Some(
                place @ ("index expressions"
                | "partial index WHERE clauses"
                | "CHECK constraints"
                | "generated columns"),
            ) => super::pass::sqlite_error(format!("subqueries prohibited in {place}"), at, None),
            _ => Ok(()),
        }
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
