//! sqlift
mod backend;
pub mod config;
pub mod syntax;
pub mod translate;
