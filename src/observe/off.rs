//! Nothing: what [`on`](super) does, without the features that ask for it.

use crate::{Backend, Error, Statement};

// Nothing to keep and nothing to drop: what remains of a call is what it was called around.
const _: () = {
    assert!(size_of::<Text>() == 0 && size_of::<Watch>() == 0 && size_of::<Site>() == 0);
    assert!(!std::mem::needs_drop::<Text>() && !std::mem::needs_drop::<Watch>() && !std::mem::needs_drop::<Site>());
};

/// A statement's text, which nobody asks for.
pub(crate) struct Text;

impl Text {
    #[inline(always)]
    pub fn of(_: &str) -> Text {
        Text
    }

    #[inline(always)]
    pub fn again(&self) -> Text {
        Text
    }
}

/// Watches a statement while it runs.
pub(crate) struct Watch;

impl Watch {
    #[inline(always)]
    pub fn of(_: &Statement<'_>) -> Watch {
        Watch
    }

    #[inline(always)]
    pub fn script(_: Backend, _: &str) -> Watch {
        Watch
    }

    #[inline(always)]
    pub fn time<T>(&mut self, run: impl FnOnce() -> T) -> T {
        run()
    }

    #[inline(always)]
    pub fn row(&mut self) {}

    #[inline(always)]
    pub fn changed(&mut self, _: usize) {}

    #[inline(always)]
    pub fn failed(&mut self, _: &Error) {}
}

/// Keeps the call site of a shortcut.
pub(crate) struct Site;

#[inline(always)]
pub(crate) fn site() -> Site {
    Site
}

#[inline(always)]
pub(crate) fn refused(_: Backend, _: &Error) {}

#[inline(always)]
pub(crate) fn retried(_: &'static str) {}

#[inline(always)]
pub(crate) fn translated(_: &'static str) {}

#[inline(always)]
pub(crate) fn pool_opened(_: u32) {}

#[inline(always)]
pub(crate) fn pool_closed(_: u32) {}

#[inline(always)]
pub(crate) fn pool_checked_out() {}

#[inline(always)]
pub(crate) fn pool_waited(_: std::time::Duration, _: bool) {}
