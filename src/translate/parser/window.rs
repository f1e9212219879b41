//! Windows and their frames.

use super::{Keyword, Parsed, Parser, TokenKind};
use crate::translate::ast::*;

impl Parser<'_> {
    pub(super) fn named_window(&mut self) -> Parsed<NamedWindow> {
        let start = self.start();
        let name = self.name()?;
        self.expect_keyword(Keyword::As)?;
        let window = self.window()?;
        Ok(NamedWindow { span: self.span_from(start), name, window })
    }

    /// `( ... )` of a window; its span includes the parentheses.
    pub(super) fn window(&mut self) -> Parsed<Window> {
        let start = self.expect(TokenKind::LeftParen)?.start;
        self.enter()?;
        let begins_clause =
            matches!(self.token().keyword, Keyword::Partition | Keyword::Range | Keyword::Rows | Keyword::Groups);
        let base = (!begins_clause && self.token().is_name()).then(|| self.take_name());
        let partition_by = match self.eat_keyword(Keyword::Partition) {
            Some(_) => {
                self.expect_keyword(Keyword::By)?;
                self.some_expressions()?
            }
            None => Vec::new(),
        };
        let order_by = self.order_by()?;
        self.check_order_by(&partition_by, &order_by)?;
        let frame = self.frame()?;
        self.leave();
        self.expect(TokenKind::RightParen)?;
        Ok(Window { span: self.span_from(start), base, partition_by, order_by, frame })
    }

    fn frame(&mut self) -> Parsed<Option<Frame>> {
        let at = self.start();
        let mode = match self.token().keyword {
            Keyword::Rows => FrameMode::Rows,
            Keyword::Range => FrameMode::Range,
            Keyword::Groups => FrameMode::Groups,
            _ => return Ok(None),
        };
        self.advance();
        let between = self.eat_keyword(Keyword::Between).is_some();
        let start = self.frame_bound(true)?;
        let end = match between {
            true => {
                self.expect_keyword(Keyword::And)?;
                Some(self.frame_bound(false)?)
            }
            false => None,
        };
        let exclude = match self.eat_keyword(Keyword::Exclude) {
            Some(_) => Some(self.frame_exclude()?),
            None => None,
        };
        let span = self.span_from(at);
        if !frame_is_ordered(&start, end.as_ref()) {
            return self.invalid(span, "unsupported frame specification");
        }
        Ok(Some(Frame { span, mode, start, end, exclude }))
    }

    fn frame_bound(&mut self, is_start: bool) -> Parsed<FrameBound> {
        if self.eat_keyword(Keyword::Unbounded).is_some() {
            let (keyword, bound) = match is_start {
                true => (Keyword::Preceding, FrameBound::UnboundedPreceding),
                false => (Keyword::Following, FrameBound::UnboundedFollowing),
            };
            self.expect_keyword(keyword)?;
            return Ok(bound);
        }
        if self.eat_keyword(Keyword::Current).is_some() {
            self.expect_keyword(Keyword::Row)?;
            return Ok(FrameBound::CurrentRow);
        }
        let expr = Box::new(self.expression()?);
        if self.eat_keyword(Keyword::Preceding).is_some() {
            return Ok(FrameBound::Preceding(expr));
        }
        self.expect_keyword(Keyword::Following)?;
        Ok(FrameBound::Following(expr))
    }

    fn frame_exclude(&mut self) -> Parsed<FrameExclude> {
        let (exclude, second) = match self.token().keyword {
            Keyword::No => (FrameExclude::NoOthers, Some(Keyword::Others)),
            Keyword::Current => (FrameExclude::CurrentRow, Some(Keyword::Row)),
            Keyword::Group => (FrameExclude::Group, None),
            Keyword::Ties => (FrameExclude::Ties, None),
            _ => return Err(self.unexpected()),
        };
        self.advance();
        if let Some(second) = second {
            self.expect_keyword(second)?;
        }
        Ok(exclude)
    }
}

/// A frame that would end before it begins is refused when it is parsed.
fn frame_is_ordered(start: &FrameBound, end: Option<&FrameBound>) -> bool {
    let backwards = match start {
        FrameBound::CurrentRow => matches!(end, Some(FrameBound::Preceding(_))),
        FrameBound::Following(_) => matches!(end, None | Some(FrameBound::Preceding(_) | FrameBound::CurrentRow)),
        _ => false,
    };
    !backwards
}
