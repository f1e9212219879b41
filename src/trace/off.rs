//! Nothing: what `run` does, without the feature that asks for it.

use crate::backend::postgres;

#[derive(Default)]
pub(crate) struct Tracing;

#[derive(Default)]
pub(crate) struct Run;

impl Tracing {
    #[inline(always)]
    pub fn is_on(&self) -> bool {
        false
    }

    #[inline(always)]
    pub fn begin(&self, _: &mut Run, _: &postgres::Statement) {}

    #[inline(always)]
    pub fn row(&self, _: &Run, _: &postgres::Statement) {}

    #[inline(always)]
    pub fn end(&self, _: &mut Run, _: &postgres::Statement, _: bool) {}
}
