//! Function calls: those that the table in `rules::functions` describes, and those with a shape of their own.

use super::ast::{Call, Expr, Over};
use super::edits::Piece;
use super::names::fold;
use super::pass::{Pass, Result, refuse, sqlite_error};
use super::rules::functions::{self, Form, Function, Gives, Take};
use super::types::{Affinity, Class, Collation, Constant, Type, Typed};
use super::untyped::folding;
use super::{Counter, SlotContext};
use crate::syntax::Span;

/// Whether a call of that name and number of arguments is an aggregate (min and max are, with one argument).
pub(crate) fn is_aggregate(name: &str, arguments: usize) -> bool {
    functions::find(name, arguments).is_some_and(|function| function.aggregate)
}

impl Pass<'_> {
    pub fn call_expr(&mut self, expr: &Expr, call: &Call) -> Result<Typed> {
        let name = fold(&call.name.text);
        let count = call.arguments.len();
        if let Some(typed) = self.full_text_function(expr, call, &name)? {
            return Ok(typed);
        }
        let Some(function) = functions::find(&name, count) else {
            if functions::exists(&name) {
                return sqlite_error(
                    format!("wrong number of arguments to function {}()", call.name.text),
                    expr.span,
                    None,
                );
            }
            if let Some((_, why, help)) = functions::REFUSED.iter().find(|(refused, _, _)| *refused == name) {
                return refuse(format!("{name}() {why}"), expr.span, *help);
            }
            return self.own_function(call, &name);
        };
        if (call.over.is_some() || call.filter.is_some()) && !function.aggregate && !function.window {
            let name = &call.name.text;
            let message = match call.over {
                Some(_) => format!("{name}() may not be used as a window function"),
                None => format!("FILTER may not be used with non-aggregate {name}()"),
            };
            return sqlite_error(message, expr.span, None);
        }
        if self.must_stay()
            && let Some(place) = self.no_parameters
            && ["random", "randomblob", "changes", "total_changes", "last_insert_rowid"].contains(&name.as_str())
        {
            return sqlite_error(format!("non-deterministic functions prohibited in {place}"), expr.span, None);
        }
        self.note_function(function, expr.span);
        let (before, fired) = (self.edits.count(), self.fired);
        let typed = if function.aggregate && call.over.is_none() {
            self.outer_aggregate(call, expr.span)?;
            let open = self.close_grouping();
            let typed = self.called(expr, call, function, &name);
            self.in_rows_order(call);
            self.open_grouping(open);
            typed
        } else {
            self.called(expr, call, function, &name)
        };
        // Of edits to an argument a rule may have told already.
        let (own, told) = (function.is_rewritten(), self.fired != fired);
        if self.edits.since(before).any(|span| match call.arguments.iter().any(|argument| argument.span == span) {
            true => !told,
            false => own && (span == expr.span || span == call.name.span),
        }) {
            self.fired.function(function);
        }
        typed
    }

    /// A function that the database has, as a program has its own in SQLite.
    fn own_function(&mut self, call: &Call, name: &str) -> Result<Typed> {
        let known = self.catalog.functions.get(name).map(Vec::as_slice).unwrap_or_default();
        let Some(function) = known.iter().find(|function| function.takes(call.arguments.len())) else {
            if !known.is_empty() {
                let message = format!("wrong number of arguments to function {}()", call.name.text);
                return sqlite_error(message, call.name.span, Some("no-such-function"));
            }
            return Err(super::Refusal {
                message: format!("no such function: {}", call.name.text),
                span: call.name.span,
                help: Some(
                    "if the program defines it, make the same function in PostgreSQL with CREATE FUNCTION".into(),
                ),
                rule: Some("no-such-function"),
            });
        };
        self.note(&super::rules::select::OWN_FUNCTION, call.name.span);
        if let Some(filter) = &call.filter {
            self.condition(filter)?;
        }
        if let Some(Over::Window(window)) = &call.over {
            self.window(window)?;
        }
        for argument in &call.arguments {
            if self.argument(argument, Take::Value)?.ty == Type::Any {
                return refuse(
                    format!("{}() of a value of any type", call.name.text),
                    argument.span,
                    "CAST the argument to the type that the function takes",
                );
            }
        }
        let qualified =
            format!("{}.{}", super::names::identifier(&function.schema), super::names::identifier(&function.name));
        self.edits.replace_text(call.name.span, qualified);
        let mut typed = Typed::new(function.returns.into());
        if typed.ty == Type::Integer {
            typed.column = Some(function.returns);
        }
        Ok(typed)
    }

    fn called(&mut self, expr: &Expr, call: &Call, function: &'static Function, name: &str) -> Result<Typed> {
        if let Some(filter) = &call.filter {
            self.condition(filter)?;
        }
        match &call.over {
            Some(Over::Window(window)) => self.window(window)?,
            Some(Over::Name(name)) => {
                let folded = fold(&name.text);
                self.rename(name, &folded);
            }
            None => {}
        }
        for term in &call.order_by {
            self.order_term(term, None)?;
        }
        self.rename_function(call, function);
        match function.form {
            Form::Template(_) => self.by_table(expr, call, function),
            Form::Coalesce => self.coalesce(expr, call),
            Form::NullIf => self.null_if(expr, call),
            Form::If => self.iif(expr, call),
            Form::Extreme(greatest) => self.extreme(expr, call, greatest),
            Form::Aggregate => self.aggregate(expr, call, name),
            Form::Window => self.window_function(expr, call, function),
            Form::TypeOf => self.type_of(expr, call),
            Form::Date => self.date_function(expr, call, name),
            Form::Identity => self.identity(expr, call),
            Form::Counter(counter) => self.counter(expr, counter),
            Form::JsonExtract => self.json_extract(expr, call),
            Form::JsonBuild => self.json_build(expr, call, name),
            Form::JsonGroup => self.json_group(expr, call, name),
            Form::Subtype => self.subtype(expr, call),
            Form::Part => self.part(expr, call, name),
            Form::Printf => self.printf(expr, call),
        }
    }

    fn note_function(&mut self, function: &'static Function, span: Span) {
        if function.fidelity == super::Fidelity::Differs {
            let help = function.why.to_owned();
            self.notes.push(super::Note { rule: function.name, span, fidelity: function.fidelity, help });
        }
    }

    /// A `"quoted"` function name folds as others do.
    fn rename_function(&mut self, call: &Call, function: &Function) {
        if call.name.quote != super::ast::Quote::None {
            self.edits.replace_text(call.name.span, function.name);
        }
    }

    fn by_table(&mut self, expr: &Expr, call: &Call, function: &Function) -> Result<Typed> {
        let mut nullable = function.may_give_null;
        let mut types = Vec::new();
        for (index, argument) in call.arguments.iter().enumerate() {
            let take = function.takes.get(index).or(function.takes.last()).copied().unwrap_or(Take::Value);
            let typed = self.argument(argument, take)?;
            nullable |= typed.nullable;
            if take == Take::Number && typed.ty == Type::Unknown && matches!(function.gives, Gives::Argument) {
                // A NULL's type would be the server's choice, which is a real.
                self.edits.wrap(argument.span, "", " + 0");
            }
            types.push(typed);
        }
        if let Form::Template(mut template) = function.form {
            if function.name == "replace"
                && types[2].nullable
                && !matches!(&types[1].constant, Some(Constant::Text(text)) if !text.is_empty())
            {
                template = "sqlift.replace({0}, {1}, {2})";
            }
            if function.name == "like" && self.options.flags.case_sensitive_like {
                return refuse("like() while PRAGMA case_sensitive_like is ON", expr.span, "write x LIKE y");
            }
            if matches!(function.name, "like" | "glob")
                && let Some(longest) = self.options.longest_pattern
            {
                self.edits.wrap(call.arguments[0].span, "sqlift.pattern(", format!(", {longest})"));
            }
            let pieces = fill(template, &call.arguments.iter().map(|argument| argument.span).collect::<Vec<_>>());
            self.edits.replace(expr.span, pieces);
        }
        let ty = match function.gives {
            Gives::Type(ty) => ty,
            Gives::Argument => types.first().map_or(Type::Unknown, |typed| typed.ty),
        };
        if ty == Type::Text {
            for (argument, typed) in call.arguments.iter().zip(&mut types) {
                self.without_collation(argument, typed);
            }
        }
        let mut typed = Typed::new(ty).nullable(nullable);
        typed.by_row = ty == Type::Numeric && types.iter().any(|typed| typed.by_row);
        typed.int4 =
            function.int4 || matches!(function.gives, Gives::Argument) && types.first().is_some_and(|it| it.int4);
        typed.from_column = types.iter().any(|typed| typed.from_column);
        typed.hear_collation(&types);
        Ok(typed)
    }

    fn argument(&mut self, argument: &Expr, take: Take) -> Result<Typed> {
        match take {
            Take::Value => {
                let mut typed = self.value(argument)?;
                if matches!(typed.constant, Some(Constant::Text(_))) || typed.ty == Type::Null {
                    self.suffix(argument, &mut typed, "::text");
                }
                self.by_row(&mut typed);
                if matches!(typed.ty, Type::Native(_)) {
                    // A date or uuid is text to SQLite.
                    self.as_text(argument, &mut typed)?;
                }
                self.widen(argument, &mut typed);
                Ok(typed)
            }
            Take::Text => {
                let mut typed = self.value(argument)?;
                if typed.ty == Type::Null {
                    self.suffix(argument, &mut typed, "::text");
                }
                self.as_text(argument, &mut typed)?;
                Ok(typed)
            }
            Take::Number => {
                let mut typed = self.value(argument)?;
                if matches!(typed.ty, Type::Text | Type::Blob) {
                    // A number in text is a real here.
                    if typed.constant.is_some() {
                        self.suffix(argument, &mut typed, "::text");
                    }
                    self.call(argument, &mut typed, "sqlift.to_real");
                    return Ok(Typed { ty: Type::Real, column: None, constant: None, ..typed });
                }
                if matches!(typed.ty, Type::Any | Type::Json) {
                    self.call(argument, &mut typed, "sqlift.abs");
                    let number = Typed { ty: Type::Numeric, by_row: true, affinity: Affinity::None, ..typed };
                    return Ok(number);
                }
                self.by_row(&mut typed);
                let mut typed = self.as_number(argument, typed)?;
                if typed.ty == Type::Numeric {
                    // Its smallest integer has no other sign.
                    self.call(argument, &mut typed, "sqlift.abs");
                }
                Ok(typed)
            }
            Take::Json => self.json_text(argument),
            Take::JsonBytes => self.json_bytes(argument),
            Take::JsonOrNot => self.json_candidate(argument),
            Take::Integer => self.whole_number(argument),
            Take::Real => {
                let mut typed = self.number(argument)?;
                if typed.ty != Type::Real {
                    self.suffix(argument, &mut typed, "::float8");
                }
                Ok(typed)
            }
        }
    }

    /// The largest or smallest of several texts by NOCASE or RTRIM, as it is spelled: max() keeps the first of those that are
    /// the same, min() the last.
    fn extreme_spelling(&mut self, expr: &Expr, arguments: &[(&Expr, bool)], key: &[Piece], greatest: bool) {
        let mut pieces: Vec<Piece> = vec!["(CASE WHEN true".into()];
        for (argument, _) in arguments.iter().filter(|(_, nullable)| *nullable) {
            pieces.extend([" AND (".into(), argument.span.into(), ") IS NOT NULL".into()]);
        }
        pieces.push(" THEN (SELECT sqlift_e.x FROM (VALUES ".into());
        for (index, (argument, _)) in arguments.iter().enumerate() {
            let comma = if index > 0 { ", " } else { "" };
            pieces.extend([format!("{comma}({index}, ").into(), argument.span.into(), ")".into()]);
        }
        pieces.push(") AS sqlift_e(n, x) ORDER BY ".into());
        pieces.extend_from_slice(key);
        pieces.push(if greatest { " DESC, n LIMIT 1) END)" } else { ", n DESC LIMIT 1) END)" }.into());
        self.edits.replace(expr.span, pieces);
    }

    /// `max(X, Y, ...)`, `min(X, Y, ...)`: NULL when any argument is; GREATEST skips NULLs.
    fn extreme(&mut self, expr: &Expr, call: &Call, greatest: bool) -> Result<Typed> {
        // jsonb has another order.
        self.mixed_at = self.mixed_at.filter(|span| *span != expr.span);
        let arguments: Vec<&Expr> = call.arguments.iter().collect();
        let mut found = Vec::new();
        // The first one's that has one; a column's own counts, BINARY too.
        let mut decided = None;
        for argument in &arguments {
            let mut typed = self.value(argument)?;
            let has_one = typed.explicit_collation || typed.has_own_collation || typed.collation != Collation::Binary;
            if decided.is_none() && has_one && matches!(typed.ty, Type::Text | Type::Any) {
                decided = Some(typed.collation);
            }
            if arguments.len() > 2 && self.is_of_parameters(argument, &typed) {
                self.by_bytes(argument, &mut typed);
            }
            if typed.ty == Type::Text && !typed.from_column {
                let words = if typed.constant.is_some() { "::text COLLATE \"C\"" } else { " COLLATE \"C\"" };
                self.suffix(argument, &mut typed, words);
            }
            found.push(typed);
        }
        let collation = decided.unwrap_or(Collation::Binary);
        // A collation tells texts apart, of values of any class too.
        let folds_any = collation != Collation::Binary
            && found.iter().any(|typed| !matches!(typed.ty, Type::Text | Type::Null | Type::Unknown));
        for (argument, typed) in arguments.iter().zip(&mut found) {
            if collation == Collation::Binary && typed.collation != Collation::Binary && typed.ty == Type::Text {
                self.suffix(argument, typed, " COLLATE \"C\"");
            }
        }
        let nullable: Vec<bool> = found.iter().map(|typed| typed.nullable).collect();
        if folds_any || found.iter().any(|typed| typed.ty == Type::Json) {
            // Numbers before text, which jsonb has the other way around.
            for (argument, typed) in arguments.iter().zip(&mut found) {
                self.as_any(argument, typed)?;
            }
        }
        let typed = self.unify_typed(&arguments, found, expr.span)?;
        if typed.ty == Type::Null {
            self.only_null(expr, &typed);
            return Ok(typed);
        }
        let any = nullable.iter().any(|nullable| *nullable);
        let mut arguments: Vec<(&Expr, bool)> = arguments.into_iter().zip(nullable).collect();
        // Of 5 and 5.0 SQLite's min() takes the last one, LEAST the first.
        if !greatest && !folds_any && (!typed.branches.is_empty() || typed.ty == Type::Any) {
            arguments.reverse();
        }
        if let [(a, _), (b, _)] = arguments.as_slice()
            && !folds_any
            && (collation != Collation::Binary || typed.ty == Type::Unknown && typed.branches.is_empty())
        {
            // Text goes by its bytes, which GREATEST leaves to the database.
            let test = if greatest { " < 0 THEN " } else { " >= 0 THEN " };
            let [left, right] = [a, b].map(|side| super::bare::folded(collation, vec![side.span.into()]));
            let mut pieces: Vec<Piece> = vec!["(CASE WHEN sqlift.class_order(".into()];
            pieces.extend(left);
            pieces.push(", ".into());
            pieces.extend(right);
            pieces.push(")".into());
            pieces.extend([test.into(), b.span.into(), " WHEN (".into(), b.span.into(), ") IS NOT NULL THEN ".into()]);
            pieces.extend([a.span.into(), " END)".into()]);
            self.edits.replace(expr.span, pieces);
            return Ok(typed.nullable(true));
        }
        if let (true, Some(function)) = (folds_any, folding(collation)) {
            self.extreme_spelling(expr, &arguments, &[format!("{function}(sqlift_e.x)").into()], greatest);
            return Ok(typed.nullable(any));
        }
        if collation != Collation::Binary {
            let key = super::bare::folded(collation, vec!["sqlift_e.x".into()]);
            self.extreme_spelling(expr, &arguments, &key, greatest);
            return Ok(typed.nullable(any));
        }
        let mut pieces: Vec<Piece> = Vec::new();
        if any {
            pieces.push("(CASE WHEN ".into());
            let mut first = true;
            for (argument, _) in arguments.iter().filter(|(_, nullable)| *nullable) {
                if !first {
                    pieces.push(" OR ".into());
                }
                first = false;
                pieces.extend(["(".into(), argument.span.into(), ") IS NULL".into()]);
            }
            pieces.push(" THEN NULL ELSE ".into());
        }
        pieces.push(if greatest { "GREATEST(".into() } else { "LEAST(".into() });
        for (index, (argument, _)) in arguments.iter().enumerate() {
            if index > 0 {
                pieces.push(", ".into());
            }
            pieces.push(argument.span.into());
        }
        pieces.push(if any { ") END)".into() } else { ")".into() });
        self.edits.replace(expr.span, pieces);
        Ok(typed.nullable(any))
    }

    fn type_of(&mut self, expr: &Expr, call: &Call) -> Result<Typed> {
        let argument = &call.arguments[0];
        let mut typed = self.value(argument)?;
        self.by_row(&mut typed);
        let class = match typed.ty {
            Type::Integer => "integer",
            Type::Real => "real",
            Type::Text => "text",
            Type::Blob => "blob",
            Type::Native(_) => "text",
            Type::Null => {
                self.edits.replace_text(expr.span, "'null'");
                return Ok(Typed::new(Type::Text).nullable(false));
            }
            Type::Numeric | Type::Json | Type::Any | Type::Unknown | Type::Boolean => {
                self.edits.replace(expr.span, ["sqlift.typeof(".into(), argument.span.into(), ")".into()]);
                return Ok(Typed::new(Type::Text).nullable(false));
            }
        };
        if typed.constant.is_some() {
            self.suffix(argument, &mut typed, "::text");
        }
        self.edits.replace(
            expr.span,
            ["(CASE WHEN (".into(), argument.span.into(), format!(") IS NULL THEN 'null' ELSE '{class}' END)").into()],
        );
        Ok(Typed::new(Type::Text).nullable(false))
    }

    /// last_insert_rowid() and its like: a parameter that the session fills in.
    fn counter(&mut self, expr: &Expr, counter: Counter) -> Result<Typed> {
        let call = counter.call();
        if self.in_trigger && counter != Counter::BusyTimeout {
            if counter == Counter::LastInsertRowid && self.several_rows {
                return refuse(SEVERAL_IDS, expr.span, "write the rows one by one");
            }
            return self.body_counter(expr, counter);
        }
        if self.no_parameters.is_some() {
            return refuse(
                format!("{call} here is known to the connection alone"),
                expr.span,
                "keep the number in the program and bind it",
            );
        }
        if counter == Counter::LastInsertRowid && self.several_rows {
            return refuse(SEVERAL_IDS, expr.span, "keep the id in the program and bind it");
        }
        self.edits.replace(expr.span, [Piece::Parameter(0, SlotContext::Counter(counter))]);
        Ok(Typed::new(Type::Integer).nullable(false))
    }

    /// likely(x), unlikely(x), likelihood(x, p)
    fn identity(&mut self, expr: &Expr, call: &Call) -> Result<Typed> {
        let mut typed = self.expr(&call.arguments[0])?;
        if typed.class != Class::Primary {
            self.parenthesize(&call.arguments[0], &mut typed);
        }
        self.edits.replace(expr.span, [call.arguments[0].span.into()]);
        // A function's value has no affinity, nor a column's collation.
        let collation = if typed.explicit_collation { typed.collation } else { Collation::Binary };
        Ok(Typed { affinity: Affinity::None, collation, has_own_collation: false, ..typed })
    }
}

const SEVERAL_IDS: &str = "last_insert_rowid() in an INSERT of several rows changes with every row on SQLite";

/// The pieces of a template such as `strpos({0}, {1})`; `{*}` stands for all arguments.
fn fill(template: &'static str, arguments: &[Span]) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut rest = template;
    while let Some(open) = rest.find('{') {
        let close = open + rest[open..].find('}').expect("a template closes its braces");
        pieces.push(rest[..open].into());
        match &rest[open + 1..close] {
            "*" => {
                for (index, argument) in arguments.iter().enumerate() {
                    if index > 0 {
                        pieces.push(", ".into());
                    }
                    pieces.push((*argument).into());
                }
            }
            number => {
                let index: usize = number.parse().expect("a template numbers its arguments");
                pieces.push(arguments[index].into());
            }
        }
        rest = &rest[close + 1..];
    }
    pieces.push(rest.into());
    pieces
}
