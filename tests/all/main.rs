//! All integration tests, in one binary.

mod append_only;
mod as_postgres;
mod bad_input;
mod catalog;
mod compared;
mod config;
mod db;
mod differential;
mod docs;
mod doctor;
mod facade;
mod faults;
mod legacy;
mod migrate;
mod parser;
mod placeholders;
mod postgres;
mod row_security;
mod schema;
mod shell;
mod support;
mod surface;
mod temp_postgres;
mod transactions;
mod translate_regressions;
mod types;
