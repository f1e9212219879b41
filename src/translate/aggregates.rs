//! Aggregates and window functions.

use super::ast::{Call, Expr};
use super::catalog::ColumnType;
use super::edits::Piece;
use super::pass::{Pass, Result, refuse, sqlite_error};
use super::rules::functions::{Function, Gives};
use super::types::{Class, Constant, Type, Typed};
use crate::syntax::Span;

impl Pass<'_> {
    pub fn aggregate(&mut self, expr: &Expr, call: &Call, name: &str) -> Result<Typed> {
        if call.star || call.arguments.is_empty() {
            if !call.star && name == "count" {
                self.edits.wrap(call.name.span, "", "(*");
                // `count()`: the parenthesis that was there closes it.
                let open = Span { start: call.name.span.end, end: self.open_parenthesis(call.name.span.end) };
                self.edits.delete(open);
            }
            return Ok(Typed::new(Type::Integer).nullable(false));
        }
        let argument = &call.arguments[0];
        match name {
            "count" => {
                let mut typed = self.expr(argument)?;
                if call.distinct && typed.collation != super::types::Collation::Binary {
                    let collation = typed.collation;
                    self.fold_for(collation, argument, &mut typed);
                }
                Ok(Typed::new(Type::Integer).nullable(false))
            }
            "sum" | "total" | "avg" => {
                let mut typed = self.value(argument)?;
                if self.sum_of_days(expr, call, name) {
                    return Ok(Typed::new(Type::Real).nullable(name != "total"));
                }
                self.by_row(&mut typed);
                if typed.ty == Type::Any {
                    self.fired.rule(&super::rules::types::UNTYPED_VALUES);
                }
                if call.distinct && matches!(typed.ty, Type::Text | Type::Blob | Type::Json | Type::Any) {
                    return self.distinct_texts(expr, call, name, typed);
                }
                if typed.ty == Type::Null {
                    self.suffix(argument, &mut typed, "::bigint");
                    typed.ty = Type::Integer;
                }
                if typed.ty == Type::Text && super::dates::gives_digits(argument) {
                    self.digits_as_integer(argument, &mut typed);
                }
                if typed.ty == Type::Json && name == "sum" && call.over.is_none() && !call.distinct {
                    return Ok(self.json_sum(expr, call));
                }
                if typed.ty == Type::Json && name == "sum" {
                    // Integers stay so: the scale of numeric tells.
                    self.call(argument, &mut typed, "sqlift.json_addend");
                    typed.ty = Type::Numeric;
                    typed.by_row = true;
                } else if matches!(typed.ty, Type::Text | Type::Any) {
                    if typed.constant.is_some() {
                        self.suffix(argument, &mut typed, "::text");
                    }
                    self.call(argument, &mut typed, "sqlift.addend");
                    typed.ty = Type::Numeric;
                    typed.by_row = true;
                } else if matches!(typed.ty, Type::Text | Type::Blob | Type::Json | Type::Any) {
                    // A sum over anything but integers is a real.
                    self.call(argument, &mut typed, "sqlift.to_real");
                    typed.ty = Type::Real;
                }
                // For a parameter the text is translated once more when its class is known.
                let is_open = typed.ty == Type::Unknown && !typed.from_column;
                if typed.ty == Type::Unknown {
                    // Integers or reals: the value's own type tells.
                    typed.ty = Type::Numeric;
                }
                if name == "sum" && typed.ty == Type::Numeric && !is_open && self.is_moving(call) {
                    // SQLite's sum stays a real once it has seen one, also when that has left the frame.
                    return refuse(
                        "sum() of integers and reals over a frame that leaves rows behind",
                        expr.span,
                        "CAST the argument to INTEGER or REAL",
                    );
                }
                let ty = match (name, typed.ty) {
                    ("sum", Type::Integer) => {
                        self.edits.wrap(expr.span, "(", ")::bigint");
                        Type::Integer
                    }
                    // PostgreSQL's average of integers has too few digits for a real: SQLite divides the exact sum.
                    ("avg", Type::Integer) => {
                        self.edits.wrap(argument.span, "(", ") * 1e20");
                        self.edits.wrap(expr.span, "(", " * 1e-20)::float8");
                        Type::Real
                    }
                    ("total", Type::Integer) => {
                        self.edits.replace_text(call.name.span, "sum");
                        self.edits.wrap(expr.span, "coalesce((", ")::float8, 0)");
                        Type::Real
                    }
                    (_, ty) => {
                        // SQLite keeps what each addition of reals rounds away.
                        if ty == Type::Null {
                            self.suffix(argument, &mut typed, "::float8");
                        }
                        self.edits.replace_text(call.name.span, format!("sqlift.{name}"));
                        if name == "sum" && ty == Type::Numeric { Type::Numeric } else { Type::Real }
                    }
                };
                let by_row = ty == Type::Numeric && typed.by_row;
                let mut typed = Typed::new(ty).nullable(name != "total");
                typed.by_row = by_row;
                Ok(typed)
            }
            "min" | "max" => {
                let mut typed = self.value(argument)?;
                self.by_row(&mut typed);
                match typed.ty {
                    Type::Any | Type::Json if typed.collation != super::types::Collation::Binary => {
                        return super::untyped::no_collation(argument.span);
                    }
                    Type::Any | Type::Json => {
                        self.as_any(argument, &mut typed)?;
                        self.edits.replace_text(call.name.span, format!("sqlift.{name}"));
                        return Ok(Typed::new(Type::Any));
                    }
                    // Of an integer and a real that are equal SQLite keeps the first.
                    Type::Numeric if typed.by_row => {
                        self.edits.replace_text(call.name.span, format!("sqlift.{name}"));
                    }
                    Type::Blob => self.first_value(expr, call, super::types::Collation::Binary)?,
                    Type::Native(ColumnType::Uuid) => self.as_text(argument, &mut typed)?,
                    Type::Native(ColumnType::Json | ColumnType::Jsonb) => {
                        self.as_text(argument, &mut typed)?;
                        self.suffix(argument, &mut typed, " COLLATE \"C\"");
                    }
                    Type::Text if typed.collation != super::types::Collation::Binary => {
                        self.first_value(expr, call, typed.collation)?;
                    }
                    Type::Text if !typed.from_column => self.suffix(argument, &mut typed, "::text COLLATE \"C\""),
                    Type::Unknown if self.is_of_parameters(argument, &typed) => self.by_bytes(argument, &mut typed),
                    _ => {}
                }
                // What a function gives has neither affinity nor collation, be it a column's value; COLLATE inside is heard outside.
                if !typed.explicit_collation {
                    typed.collation = super::types::Collation::Binary;
                }
                Ok(Typed {
                    class: Class::Primary,
                    affinity: super::types::Affinity::None,
                    constant: None,
                    column: None,
                    placeholder: None,
                    has_own_collation: false,
                    ..typed
                }
                .nullable(true))
            }
            _ => {
                // group_concat and string_agg
                let mut typed = self.value(argument)?;
                if call.distinct && typed.collation != super::types::Collation::Binary {
                    return refuse(
                        format!("{name}(DISTINCT x) of a NOCASE column"),
                        expr.span,
                        "aggregate over a subquery with GROUP BY, and choose the spelling with min(x)",
                    );
                }
                if call.distinct && typed.ty == Type::Any {
                    return refuse(
                        format!("{name}(DISTINCT x) of a value of any type: 1 and '1' are two values with one text"),
                        expr.span,
                        "CAST the argument to TEXT, or aggregate over a subquery with DISTINCT",
                    );
                }
                self.as_text(argument, &mut typed)?;
                if call.distinct {
                    if call.arguments.len() > 1 {
                        return sqlite_error("DISTINCT aggregates must have exactly one argument", expr.span, None);
                    }
                    self.edits.replace_text(call.name.span, "sqlift.distinct_list");
                    self.edits.replace_text(Span { start: call.name.span.end, end: argument.span.start }, "(");
                    return Ok(Typed::new(Type::Text));
                }
                self.edits.replace_text(call.name.span, "string_agg");
                match call.arguments.get(1) {
                    Some(separator) => {
                        let mut separated = self.value(separator)?;
                        self.as_text(separator, &mut separated)?;
                    }
                    None => self.edits.wrap(argument.span, "", ", ','"),
                }
                let mut result = Typed::new(Type::Text);
                result.from_column = typed.from_column;
                Ok(result)
            }
        }
    }

    /// sum(DISTINCT x) and its like over text: SQLite tells the texts apart, not their numbers.
    fn distinct_texts(&mut self, expr: &Expr, call: &Call, name: &str, typed: Typed) -> Result<Typed> {
        if typed.ty != Type::Text || typed.collation != super::types::Collation::Binary {
            return refuse(
                format!("{name}(DISTINCT x) of {}, or by NOCASE", typed.ty.describe()),
                expr.span,
                "CAST the argument to INTEGER or REAL",
            );
        }
        let (before, ty) = match name {
            "sum" => ("(SELECT sum(sqlift.addend(e)) FROM unnest(array_agg(DISTINCT ", Type::Numeric),
            "avg" => ("(SELECT avg(sqlift.to_real(e)) FROM unnest(array_agg(DISTINCT ", Type::Real),
            _ => ("(SELECT coalesce(sum(sqlift.to_real(e)), 0) FROM unnest(array_agg(DISTINCT ", Type::Real),
        };
        let mut pieces: Vec<Piece> = vec![before.into(), call.arguments[0].span.into(), ")".into()];
        if let Some(filter) = &call.filter {
            pieces.extend([" FILTER (WHERE ".into(), filter.span.into(), ")".into()]);
        }
        pieces.push(") AS sqlift_e(e))".into());
        self.edits.replace(expr.span, pieces);
        let mut result = Typed::new(ty).nullable(name != "total");
        result.by_row = ty == Type::Numeric;
        Ok(result)
    }

    pub fn open_parenthesis(&self, from: usize) -> usize {
        self.sql[from..].find('(').map_or(from, |at| from + at + 1)
    }

    pub fn window_function(&mut self, expr: &Expr, call: &Call, function: &Function) -> Result<Typed> {
        if call.over.is_none() {
            return sqlite_error(format!("misuse of window function {}()", call.name.text), expr.span, None);
        }
        let mut first: Option<Typed> = None;
        for (index, argument) in call.arguments.iter().enumerate() {
            let mut typed = self.value(argument)?;
            self.by_row(&mut typed);
            // A default that is NULL has the value's type.
            if typed.ty == Type::Null && index != 2 || matches!(typed.constant, Some(Constant::Text(_))) {
                self.suffix(argument, &mut typed, "::text");
            }
            if index > 0 && function.name != "nth_value" && index == 2 {
                // lag's and lead's default must have the type of the value.
                if let Some(found) = &mut first {
                    let plain = |typed: &Typed| {
                        typed.ty.is_number() || matches!(typed.ty, Type::Text | Type::Blob | Type::Json)
                    };
                    let is_plain = plain(found) || found.ty == Type::Null;
                    if found.ty != typed.ty && is_plain && (plain(&typed) || typed.ty == Type::Any) {
                        self.as_any(&call.arguments[0], found)?;
                    }
                    if found.ty == Type::Any {
                        self.as_any(argument, &mut typed)?;
                    }
                    // PostgreSQL 13 takes no small integer beside a large one.
                    self.widen(&call.arguments[0], found);
                    self.widen(argument, &mut typed);
                    if found.ty != typed.ty && !matches!(typed.ty, Type::Null | Type::Unknown) {
                        return refuse(
                            format!("{}() with a default of another type", function.name),
                            argument.span,
                            "give a default of the column's type",
                        );
                    }
                }
            } else if index == 1 || matches!(function.name, "ntile") {
                self.suffix(argument, &mut typed, "::integer");
            }
            first.get_or_insert(typed);
        }
        let ty = match function.gives {
            Gives::Type(ty) => ty,
            Gives::Argument => first.as_ref().map_or(Type::Unknown, |typed| typed.ty),
        };
        let ranks = matches!(function.gives, Gives::Type(_));
        let mut typed = Typed::new(ty).nullable(!ranks);
        typed.by_row = ty == Type::Numeric && first.as_ref().is_some_and(|first| first.by_row);
        typed.int4 = function.name == "ntile" || (!ranks && first.is_some_and(|first| first.int4));
        Ok(typed)
    }
}
