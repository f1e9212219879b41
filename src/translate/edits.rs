//! Rewrites as edits on spans of the caller's text, and the applier that makes the PostgreSQL text of them.
//!
//! Two edits exist: put text around a span, or put pieces in its place; a piece may be a span of the caller's text, so
//! moved text keeps the edits made inside it. Spans nest; of edits on one span the later one is the outer one.
//! What no edit touches leaves byte for byte. Knows nothing of SQL but where two tokens need a blank, see [`seam`].

use std::borrow::Cow;
use std::collections::HashMap;

use crate::syntax::Span;

use super::handed::InRow;
use super::{OffsetMap, Slot, SlotContext, seam};

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Piece {
    Text(Cow<'static, str>),
    Source(Span),
    /// As `Source`, with the columns as they are where [`Edits::pick`] takes them from one row of a group.
    Plain(Span),
    /// A parameter by SQLite's number; becomes a dense `$n`.
    Parameter(u32, SlotContext),
}

impl From<&'static str> for Piece {
    fn from(text: &'static str) -> Self {
        Piece::Text(text.into())
    }
}

impl From<String> for Piece {
    fn from(text: String) -> Self {
        Piece::Text(text.into())
    }
}

impl From<Span> for Piece {
    fn from(span: Span) -> Self {
        Piece::Source(span)
    }
}

#[derive(Debug, Clone)]
enum Change {
    Wrap(Cow<'static, str>, Cow<'static, str>),
    /// `name(`, the span, `)`
    Call(&'static str),
    Replace(Vec<Piece>),
    /// Text behind all else on its span, and not where the span is copied to.
    Name(String),
    /// As `Replace`, and not there inside a [`Piece::Plain`].
    Pick(Vec<Piece>),
}

/// The order of a [`Change::Name`]: outside of all that is done to its span's value.
const NAMED: usize = usize::MAX - 1;

#[derive(Debug, Clone)]
struct Edit {
    span: Span,
    order: usize,
    change: Change,
}

#[derive(Debug, Default)]
pub(crate) struct Edits {
    list: Vec<Edit>,
}

/// Text with parameters numbered and a way back to the source.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Rendered {
    pub text: String,
    pub slots: Vec<Slot>,
    pub offsets: OffsetMap,
}

impl Edits {
    pub fn new() -> Edits {
        // As many as a statement of some length has.
        Edits { list: Vec::with_capacity(32) }
    }

    pub fn wrap(&mut self, span: Span, before: impl Into<Cow<'static, str>>, after: impl Into<Cow<'static, str>>) {
        self.push(span, Change::Wrap(before.into(), after.into()));
    }

    /// Makes the span the argument of a function.
    pub fn call(&mut self, span: Span, function: &'static str) {
        self.push(span, Change::Call(function));
    }

    pub fn replace(&mut self, span: Span, pieces: impl IntoIterator<Item = Piece>) {
        self.push(span, Change::Replace(pieces.into_iter().collect()));
    }

    /// Puts ` AS name` behind a result column.
    pub fn name(&mut self, span: Span, name: impl Into<String>) {
        self.list.push(Edit { span, order: NAMED, change: Change::Name(name.into()) });
    }

    /// Puts pieces behind a span, whatever else is still to be done to it.
    pub fn append(&mut self, span: Span, pieces: impl IntoIterator<Item = Piece>) {
        let pieces = std::iter::once(span.into()).chain(pieces).collect();
        self.list.push(Edit { span, order: usize::MAX, change: Change::Replace(pieces) });
    }

    /// Puts pieces in a column's place wherever it stands for one row of a group.
    pub fn pick(&mut self, span: Span, pieces: Vec<Piece>) {
        self.push(span, Change::Pick(pieces));
    }

    pub fn replace_text(&mut self, span: Span, text: impl Into<Cow<'static, str>>) {
        self.push(span, Change::Replace(vec![Piece::Text(text.into())]));
    }

    pub fn delete(&mut self, span: Span) {
        self.push(span, Change::Replace(Vec::new()));
    }

    /// How many there are, for [`Edits::since`].
    pub fn count(&self) -> usize {
        self.list.len()
    }

    /// The spans of those made since there were so many.
    pub fn since(&self, count: usize) -> impl Iterator<Item = Span> {
        self.list[count..].iter().map(|edit| edit.span)
    }

    /// What was last put in the span's place.
    pub fn replacement(&self, span: Span) -> Option<&[Piece]> {
        self.list.iter().rev().find_map(|edit| match &edit.change {
            Change::Replace(pieces) if edit.span == span => Some(pieces.as_slice()),
            _ => None,
        })
    }

    fn push(&mut self, span: Span, change: Change) {
        let order = self.list.len();
        self.list.push(Edit { span, order, change });
    }

    /// The text of `span` with all edits inside it applied.
    pub fn render(&mut self, sql: &str, span: Span) -> Rendered {
        self.apply(sql, span, None, Vec::new())
    }

    /// The same of a small part, in time that does not grow with how often it is asked for.
    pub fn render_part(&self, sql: &str, span: Span) -> String {
        let inside = |edit: &&Edit| span.start <= edit.span.start && edit.span.end <= span.end;
        let list = self.list.iter().filter(inside).cloned().collect();
        Edits { list }.render(sql, span).text
    }

    /// The same for a text that finds its parameters in the array `$1`. `slots` collects them over several texts.
    pub fn render_in_row(&mut self, sql: &str, span: Span, row: InRow<'_>, slots: &mut Vec<Slot>) -> Rendered {
        let rendered = self.apply(sql, span, Some(row), std::mem::take(slots));
        slots.clone_from(&rendered.slots);
        rendered
    }

    fn apply(&mut self, sql: &str, span: Span, row: Option<InRow<'_>>, slots: Vec<Slot>) -> Rendered {
        self.list.sort_by(|a, b| {
            (a.span.start, std::cmp::Reverse(a.span.end), std::cmp::Reverse(a.order)).cmp(&(
                b.span.start,
                std::cmp::Reverse(b.span.end),
                std::cmp::Reverse(b.order),
            ))
        });
        let slot_of = slots.iter().enumerate().map(|(index, slot)| (*slot, index)).collect();
        let out = Rendered { slots, ..Rendered::default() };
        let mut applier = Applier { sql, edits: &self.list, out, slot_of, plain: false, row, source_end: None };
        applier.out.text.reserve((span.end - span.start) * 2);
        applier.out.offsets.segments.reserve(self.list.len() * 3);
        applier.region(span, usize::MAX);
        applier.out
    }
}

struct Applier<'a> {
    sql: &'a str,
    edits: &'a [Edit],
    out: Rendered,
    /// Where in `out.slots` one stands: a statement may have thousands.
    slot_of: HashMap<Slot, usize>,
    /// Inside a [`Piece::Plain`].
    plain: bool,
    /// Parameters stand in an array.
    row: Option<InRow<'a>>,
    /// Where the source ends that was written last, with nothing behind it yet.
    source_end: Option<usize>,
}

impl Applier<'_> {
    /// Writes `span`; edits on exactly this span apply when they were made before `below`.
    fn region(&mut self, span: Span, below: usize) {
        let edits = self.edits;
        let mut position = span.start;
        let mut next = edits.partition_point(|edit| edit.span.start < span.start);
        while let Some(edit) = edits.get(next) {
            if edit.span.start >= span.end {
                break;
            }
            next += 1;
            if edit.span.start < position || edit.span.end > span.end || (edit.span == span && edit.order >= below) {
                continue;
            }
            self.source(Span { start: position, end: edit.span.start });
            self.edit(edit);
            position = edit.span.end;
        }
        self.source(Span { start: position, end: span.end });
    }

    fn edit(&mut self, edit: &Edit) {
        match &edit.change {
            Change::Wrap(before, after) => {
                self.text(before, edit.span.start);
                self.region(edit.span, edit.order);
                self.text(after, edit.span.end);
            }
            Change::Call(function) => {
                self.text(function, edit.span.start);
                self.text("(", edit.span.start);
                self.region(edit.span, edit.order);
                self.text(")", edit.span.end);
            }
            Change::Name(name) => {
                self.region(edit.span, edit.order);
                self.text(name, edit.span.end);
            }
            Change::Pick(_) if self.plain => self.region(edit.span, edit.order),
            Change::Replace(pieces) | Change::Pick(pieces) => {
                // Texts that follow one another may be parts of a word.
                let mut behind_text = false;
                for piece in pieces {
                    let is_text = matches!(piece, Piece::Text(_));
                    match piece {
                        Piece::Text(text) if behind_text => self.put(text, edit.span.start),
                        Piece::Text(text) => self.text(text, edit.span.start),
                        Piece::Source(span) => {
                            self.region(*span, if *span == edit.span { edit.order } else { usize::MAX })
                        }
                        Piece::Plain(span) => {
                            let outer = std::mem::replace(&mut self.plain, true);
                            self.region(*span, NAMED);
                            self.plain = outer;
                        }
                        Piece::Parameter(number, context) => {
                            let slot = Slot { parameter: *number as usize, context: *context };
                            let slots = &mut self.out.slots;
                            let index = *self.slot_of.entry(slot).or_insert_with(|| {
                                slots.push(slot);
                                slots.len() - 1
                            });
                            let handed = self.row.and_then(|row| row.text(&slot, index));
                            let text = handed.unwrap_or_else(|| format!("${}", index + 1));
                            self.text(&text, edit.span.start);
                        }
                    }
                    behind_text = is_text;
                }
            }
        }
    }

    fn source(&mut self, span: Span) {
        if span.start < span.end {
            // What follows in the source as well is as the caller wrote it.
            if self.source_end != Some(span.start) {
                self.keep_apart(self.sql.as_bytes()[span.start]);
            }
            self.out.offsets.segments.push((self.out.text.len(), span.start, true));
            self.out.text.push_str(&self.sql[span.start..span.end]);
            self.source_end = Some(span.end);
        }
    }

    fn text(&mut self, text: &str, from: usize) {
        if let Some(first) = text.as_bytes().first() {
            self.keep_apart(*first);
            self.put(text, from);
        }
    }

    /// Text that may go on with the word before it.
    fn put(&mut self, text: &str, from: usize) {
        if !text.is_empty() {
            // What stands behind text of the same place belongs to it.
            if !matches!(self.out.offsets.segments.last(), Some((_, last, false)) if *last == from) {
                self.out.offsets.segments.push((self.out.text.len(), from, false));
            }
            self.out.text.push_str(text);
            self.source_end = None;
        }
    }

    /// Makes what is written and what begins with `next` two tokens.
    #[inline]
    fn keep_apart(&mut self, next: u8) {
        if seam::needs_blank(&self.out.text, next) {
            self.out.text.push(' ');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(start: usize, end: usize) -> Span {
        Span { start, end }
    }

    #[test]
    fn edits_nest_and_move() {
        let sql = "SELECT a IS b";
        let mut edits = Edits::default();
        edits.wrap(at(7, 8), "f(", ")");
        edits.replace(at(7, 13), [at(12, 13).into(), " = ".into(), at(7, 8).into()]);
        edits.wrap(at(7, 13), "(", ")");
        let rendered = edits.render(sql, at(0, sql.len()));
        assert_eq!(rendered.text, "SELECT (b = f(a))");
        assert_eq!(rendered.offsets.to_source(0), 0);
        assert_eq!(rendered.offsets.to_source(8), 12);
    }

    #[test]
    fn later_edits_on_one_span_are_outer() {
        let mut edits = Edits::default();
        edits.wrap(at(0, 1), "1(", ")1");
        edits.wrap(at(0, 1), "2(", ")2");
        assert_eq!(edits.render("x", at(0, 1)).text, "2(1(x)1)2");
        edits.replace_text(at(0, 1), "y");
        assert_eq!(edits.render("x", at(0, 1)).text, "y");
    }

    #[test]
    fn tokens_stay_apart() {
        let sql = "SELECT a[x]FROM[t]";
        let mut edits = Edits::default();
        edits.replace_text(at(8, 11), "x");
        edits.replace_text(at(15, 18), "t");
        let rendered = edits.render(sql, at(0, sql.len()));
        assert_eq!(rendered.text, "SELECT a x FROM t");
        assert_eq!([9, 11, 16].map(|at| rendered.offsets.to_source(at)), [8, 11, 15]);
    }

    #[test]
    fn a_parameter_in_two_contexts_becomes_two() {
        let mut edits = Edits::default();
        let column = SlotContext::Column(crate::translate::catalog::ColumnType::Text);
        edits.replace(at(0, 1), [Piece::Parameter(1, SlotContext::Value)]);
        edits.replace(at(2, 3), [Piece::Parameter(1, column)]);
        edits.replace(at(4, 5), [Piece::Parameter(1, SlotContext::Value)]);
        assert_eq!(edits.render("? ? ?", at(0, 5)).text, "$1 $2 $1");
    }
}
