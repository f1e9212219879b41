//! All integration tests, in one binary.

mod config;
mod temp_postgres;
