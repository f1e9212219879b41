//! substr() and instr(): PostgreSQL's own functions where their numbers mean the same to both.

use super::ast::{BinaryOperator, Call, Expr, ExprKind, UnaryOperator};
use super::edits::Piece;
use super::names::fold;
use super::pass::{Pass, Result, peel};
use super::types::{Type, Typed};

/// What is known of a number before the statement runs.
enum Number<'e> {
    Written(i64),
    /// `instr(x, y) + 1`: that call, which gives no number below 0, and what is added.
    Found(&'e Expr, i64),
}

/// SQLite's longest text; PostgreSQL's sums stay far from overflowing.
const FAR: i64 = 1_000_000_000;

impl Pass<'_> {
    /// substr and instr: bytes of blobs, characters of everything else.
    pub(super) fn part(&mut self, expr: &Expr, call: &Call, name: &str) -> Result<Typed> {
        let is_instr = name == "instr";
        let subjects = if is_instr { 2 } else { 1 };
        let mut found = Vec::new();
        for argument in &call.arguments[..subjects] {
            found.push(self.value(argument)?);
        }
        let bytes = found.iter().all(|typed| typed.ty == Type::Blob);
        let any = found.iter().any(|typed| typed.ty == Type::Any);
        if any {
            for (argument, typed) in call.arguments.iter().zip(&mut found) {
                self.as_any(argument, typed)?;
            }
        } else if !bytes {
            for (argument, typed) in call.arguments.iter().zip(&mut found) {
                if typed.ty == Type::Unknown {
                    // SQLite would count the bytes of a blob.
                    self.call(argument, typed, "sqlift.no_blob");
                    typed.ty = Type::Text;
                    typed.placeholder = None;
                }
                if typed.ty == Type::Null {
                    self.suffix(argument, typed, "::text");
                }
                self.as_text(argument, typed)?;
                self.without_collation(argument, typed);
            }
        }
        if !is_instr
            && !bytes
            && !any
            && let Some(mut cut) = self.cut(expr, call, &found[0])?
        {
            cut.hear_collation(&found);
            return Ok(cut);
        }
        // A part of an empty blob is NULL.
        let mut nullable = found.iter().any(|typed| typed.nullable) || !is_instr && (bytes || any);
        let from_column = found.iter().any(|typed| typed.from_column);
        let function = match (is_instr, bytes || any) {
            (true, true) => "sqlift.instr(",
            (true, false) => "strpos(",
            (false, _) => "sqlift.substr(",
        };
        let mut pieces: Vec<Piece> = vec![function.into()];
        for (index, argument) in call.arguments.iter().enumerate() {
            if index >= subjects {
                nullable |= self.whole_number(argument)?.nullable;
            }
            if index > 0 {
                pieces.push(", ".into());
            }
            pieces.push(argument.span.into());
        }
        pieces.push(")".into());
        self.edits.replace(expr.span, pieces);
        let ty = match (is_instr, bytes) {
            (true, _) => Type::Integer,
            (false, _) if any => Type::Any,
            (false, true) => Type::Blob,
            (false, false) => Type::Text,
        };
        let mut typed = Typed::new(ty).nullable(nullable);
        typed.int4 = is_instr && !bytes && !any;
        typed.from_column = from_column;
        typed.hear_collation(&found);
        Ok(typed)
    }

    /// substr of text, where its numbers mean the same to PostgreSQL's own functions.
    fn cut(&mut self, expr: &Expr, call: &Call, subject: &Typed) -> Result<Option<Typed>> {
        let numbers: Option<Vec<Number>> =
            call.arguments[1..].iter().map(|argument| self.number_ahead(argument)).collect();
        let is_far = |number: i64| !(0..FAR).contains(&number);
        let mut nullable = subject.nullable;
        match numbers.as_deref() {
            // From the front PostgreSQL's own does the same.
            Some([Number::Written(from)]) if !is_far(*from) => {}
            Some([Number::Written(from), Number::Written(count)]) if !is_far(*from) && !is_far(*count) => {}
            Some([Number::Written(from)]) if (-FAR..0).contains(from) => {
                let rest = format!(", {})", -from);
                self.edits.replace(expr.span, ["right(".into(), call.arguments[0].span.into(), rest.into()]);
            }
            Some([Number::Found(instr, add)] | [Number::Found(instr, add), Number::Written(0..FAR)])
                if !is_far(*add) && self.is_found_in_text(instr) =>
            {
                nullable |= self.value(instr)?.nullable;
            }
            Some([Number::Written(1), Number::Found(instr, add)])
                if (-FAR..FAR).contains(add) && self.is_found_in_text(instr) && self.is_null_with(instr, call) =>
            {
                self.value(instr)?;
                if *add < 0 {
                    // SQLite counts backwards, and nothing stands there.
                    self.edits.wrap(call.arguments[2].span, "GREATEST(", ", 0)");
                }
            }
            _ => return Ok(None),
        }
        let mut typed = Typed::new(Type::Text).nullable(nullable);
        typed.from_column = subject.from_column;
        Ok(Some(typed))
    }

    /// A number as the text has it, or the place that instr() finds with such a number added.
    fn number_ahead<'e>(&self, expr: &'e Expr) -> Option<Number<'e>> {
        let is_instr = |expr: &Expr| matches!(&expr.kind, ExprKind::Call(call) if fold(&call.name.text) == "instr");
        match &peel(expr).kind {
            ExprKind::Binary {
                operator: operator @ (BinaryOperator::Add | BinaryOperator::Subtract),
                left,
                right,
                ..
            } if is_instr(left) => {
                let added = self.written_number(right).filter(|number| *number >= 0)?;
                Some(Number::Found(left, if *operator == BinaryOperator::Add { added } else { -added }))
            }
            ExprKind::Call(_) if is_instr(peel(expr)) => Some(Number::Found(peel(expr), 0)),
            _ => self.written_number(expr).map(Number::Written),
        }
    }

    /// An integer as the text has it.
    fn written_number(&self, expr: &Expr) -> Option<i64> {
        match &peel(expr).kind {
            ExprKind::Integer => self.source(peel(expr).span).parse().ok(),
            ExprKind::Unary { operator: UnaryOperator::Minus, operand } if operand.kind == ExprKind::Integer => {
                self.source(operand.span).parse::<i64>().ok().map(|number| -number)
            }
            _ => None,
        }
    }

    /// Whether a call of instr() becomes PostgreSQL's strpos().
    fn is_found_in_text(&self, instr: &Expr) -> bool {
        self.scratch().value(instr).is_ok_and(|typed| typed.ty == Type::Integer && typed.int4)
    }

    /// Whether a call of instr() gives NULL where the text that is cut is NULL, and nowhere else.
    fn is_null_with(&self, instr: &Expr, cut: &Call) -> bool {
        let ExprKind::Call(call) = &instr.kind else { return false };
        let [text, sought] = call.arguments.as_slice() else { return false };
        matches!(sought.kind, ExprKind::String(_)) && self.words(text.span) == self.words(cut.arguments[0].span)
    }
}
