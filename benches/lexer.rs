//! How long a new statement of some 300 bytes takes: its placeholders, all its tokens, its tree.
//!
//! `cargo bench --features cli --bench lexer`. Goals: placeholders at most 1 µs, the tree well under 10 µs.

use sqlift::syntax::{placeholders, rewrite, rewrite_native, tokens};
use sqlift::translate::parser::parse_statement;
use std::hint::black_box;
use std::time::{Duration, Instant};

const SQL: &str = "SELECT r.id, r.name, coalesce(s.state, 'none') AS state, count(*) FROM requests AS r /* all */ \
                   LEFT JOIN states s ON s.request_id = r.id AND s.\"kind\" = :kind WHERE r.created_at >= ? \
                   AND r.owner IN (?, ?, ?) AND r.title LIKE '%' || ?5 || '%' GROUP BY r.id, r.name \
                   ORDER BY r.created_at DESC LIMIT 50";

const ROUNDS: u32 = 2000;

fn measure<T>(name: &str, work: impl Fn(&str) -> T) {
    let round = || {
        let begin = Instant::now();
        for _ in 0..ROUNDS {
            black_box(work(black_box(SQL)));
        }
        begin.elapsed() / ROUNDS
    };
    // The best of many rounds: what disturbs a round makes it longer, nothing makes it shorter.
    let best = (0..50).map(|_| round()).min().unwrap_or(Duration::ZERO);
    println!("{name:<16} {best:>10.2?}");
}

fn main() {
    println!("{} bytes", SQL.len());
    measure("placeholders", placeholders);
    measure("rewrite", rewrite);
    measure("rewrite_native", rewrite_native);
    measure("tokens", |sql| tokens(sql).count());
    measure("parse_statement", parse_statement);
}
