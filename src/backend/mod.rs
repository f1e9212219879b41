//! The databases spoken to.

pub(crate) mod postgres;
