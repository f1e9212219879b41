//! All integration tests, in one binary.

mod config;
mod db;
mod facade;
mod legacy;
mod shell;
mod support;
mod temp_postgres;
