//! All integration tests, in one binary.

mod temp_postgres;
