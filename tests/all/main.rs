//! All integration tests, in one binary.

mod config;
mod legacy;
mod temp_postgres;
