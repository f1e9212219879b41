//! All integration tests, in one binary.

mod append_only;
mod as_postgres;
mod bad_input;
mod big_values;
mod both_macro;
mod catalog;
mod collations;
mod compared;
mod compat;
mod config;
mod db;
mod differential;
mod differential_fuzz;
mod docs;
mod doctor;
mod errors;
mod facade;
mod faults;
mod features;
mod full_text;
mod functions;
mod init;
mod isolation;
mod legacy;
mod life_cycle;
mod migrate;
mod migrate_check;
#[cfg(unix)]
mod migrate_cli;
#[cfg(any(feature = "tracing", feature = "metrics"))]
mod observe;
mod parser;
mod placeholders;
mod plans;
mod pooler;
mod postgres;
mod row_security;
mod schema;
mod shell;
mod support;
mod surface;
mod temp_postgres;
mod transactions;
mod translate_command;
mod translate_regressions;
mod types;
