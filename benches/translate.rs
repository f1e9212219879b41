//! What translation costs, and what its result costs on the server.
//!
//! `sqlift temp-postgres -- cargo bench --features cli --bench translate`. Goals: a new statement of some 300 bytes at most
//! 25 µs, a known one at most 15 ns more than the look-up of its plan, and queries full of SQLite's functions at most 1.5
//! times what the same written by hand for PostgreSQL takes.
//!
//! `translate miss NAME TIMES` translates one statement so often and does nothing else, `translate hit session TIMES` asks a
//! session for what it knows, `translate hit look-up TIMES` a bare cache: for callgrind, whose counts do not depend on what else
//! the machine does.

#[path = "translate/json.rs"]
mod json;

use sqlift::Connection;
use sqlift::translate::{Catalog, Options, translate};
use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

const SQL: &str = "SELECT r.id, r.name, coalesce(s.state, 'none') AS state, count(*) FROM requests AS r /* all */ \
                   LEFT JOIN states s ON s.request_id = r.id AND s.\"kind\" = :kind WHERE r.created_at >= ? \
                   AND r.owner IN (?, ?, ?) AND r.title LIKE '%' || ?5 || '%' GROUP BY r.id, r.name \
                   ORDER BY r.created_at DESC LIMIT 50";

/// Statements of other kinds, of some 300 bytes too.
const OTHERS: &[(&str, &str)] = &[
    (
        "insert",
        "INSERT INTO requests (name, owner, title, created_at, updated_at, priority, body, active) \
         VALUES (:name, :owner, trim(:title), strftime('%Y-%m-%d %H:%M:%S', 'now'), datetime('now', '+1 day'), ifnull(:priority, 0), \
         json_object('a', :a, 'b', :b), 1) ON CONFLICT (name) DO UPDATE SET title = excluded.title, priority = priority + 1",
    ),
    (
        "update",
        "UPDATE requests SET title = upper(substr(:title, 1, 40)), updated_at = CURRENT_TIMESTAMP, priority = max(priority, :priority), \
         body = json_set(body, '$.seen', 1) WHERE id = :id AND active = 1 AND owner <> ?9 AND created_at BETWEEN ? AND ? \
         AND (title LIKE 'a%' OR title IS NOT NULL) AND priority & 3 == 1",
    ),
    (
        "dates",
        "SELECT strftime('%Y-%m', created_at) AS month, sum(priority) / count(*), julianday(max(created_at)) - julianday(min(created_at)) \
         FROM requests WHERE date(created_at) >= date('now', '-1 month', 'start of month') AND json_extract(body, '$.a') > 5 \
         AND title LIKE '%x%' ESCAPE '\\' GROUP BY month HAVING count(*) > 2 ORDER BY month",
    ),
    // A page of one table with indexes, which tell whether its rows come in their order.
    (
        "page",
        "SELECT id, name, owner, title, created_at, updated_at, priority, body FROM requests WHERE owner = :owner AND active = 1 \
         AND priority >= :priority AND title IS NOT NULL AND created_at >= '2024-01-01 00:00:00' AND created_at < '2025-01-01 00:00:00' \
         AND body IS NOT NULL ORDER BY priority DESC, title COLLATE NOCASE LIMIT 50 OFFSET :offset",
    ),
];

const ROUNDS: u32 = 1000;

/// The best of many rounds: what disturbs a round makes it longer, nothing makes it shorter.
fn best(rounds: u32, mut work: impl FnMut()) -> Duration {
    let mut round = || {
        let begin = Instant::now();
        for _ in 0..rounds {
            work();
        }
        begin.elapsed() / rounds
    };
    (0..30).map(|_| round()).min().unwrap_or_default()
}

fn show(name: &str, time: Duration, goal: &str) {
    println!("{name:<34} {time:>10.2?}   {goal}");
}

fn schema() -> String {
    let mut schema = String::from(
        "CREATE TABLE requests (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, owner INTEGER, title TEXT, created_at DATETIME NOT NULL, \
         updated_at DATETIME, priority INTEGER NOT NULL DEFAULT 0, body TEXT, active BOOLEAN NOT NULL DEFAULT 1);
         CREATE TABLE states (id INTEGER PRIMARY KEY, request_id INTEGER NOT NULL, kind TEXT NOT NULL, state TEXT, UNIQUE (request_id, kind));
         CREATE INDEX requests_owner ON requests (owner, active);
         CREATE INDEX requests_created ON requests (created_at DESC) WHERE active = 1;
         CREATE INDEX requests_title ON requests (title COLLATE NOCASE, created_at);",
    );
    for table in 0..30 {
        schema +=
            &format!("CREATE TABLE other{table} (id INTEGER PRIMARY KEY, a TEXT, b TEXT, c INTEGER, d REAL, e BLOB);");
    }
    schema
}

fn statements() -> impl Iterator<Item = (&'static str, &'static str)> {
    std::iter::once(("select", SQL)).chain(OTHERS.iter().copied())
}

fn catalog() -> Catalog {
    Catalog::from_script(&schema(), &Options::default()).expect("the schema is SQLite's")
}

fn miss(name: &str, times: u32) {
    let (catalog, options) = (catalog(), Options::default());
    let (_, sql) = statements().find(|(known, _)| *known == name).expect("a statement of this bench");
    for _ in 0..times {
        let _ = black_box(translate(black_box(sql), &catalog, &options));
    }
}

fn translating() {
    let (catalog, options) = (catalog(), Options::default());
    for (name, sql) in statements() {
        translate(sql, &catalog, &options).unwrap_or_else(|refusal| panic!("{name}: {}", refusal.message));
        let miss = best(ROUNDS, || {
            let _ = black_box(translate(black_box(sql), &catalog, &options));
        });
        show(&format!("miss, {name}, {} bytes", sql.len()), miss, "at most 25 µs");
    }
}

/// Statements that a session knows, and a bare cache of their texts.
fn known(conn: &Connection) -> (Vec<String>, hashlink::LruCache<Box<str>, Arc<usize>>) {
    let texts: Vec<String> = (0..64).map(|number| format!("{SQL} OFFSET {number}")).collect();
    let mut bare = hashlink::LruCache::new(256);
    for (number, sql) in texts.iter().enumerate() {
        bare.insert(sql.as_str().into(), Arc::new(number));
        conn.translate(sql).expect("translates");
    }
    (texts, bare)
}

fn hit(conn: &Connection, name: &str, times: usize) {
    let (texts, mut bare) = known(conn);
    for sql in texts.iter().cycle().take(times) {
        match name {
            "session" => drop(black_box(conn.translate(black_box(sql)))),
            "look-up" => drop(black_box(bare.get(black_box(sql.as_str())).map(Arc::clone))),
            _ => panic!("hit session, or hit look-up"),
        }
    }
}

fn knowing(conn: &Connection) {
    let (texts, mut bare) = known(conn);
    let mut next = 0;
    let mut each = |work: &mut dyn FnMut(&str)| {
        best(ROUNDS * 100, || {
            next = (next + 1) % texts.len();
            work(&texts[next]);
        })
    };
    let look_up = each(&mut |sql| drop(black_box(bare.get(black_box(sql)).map(Arc::clone))));
    let hit = each(&mut |sql| drop(black_box(conn.translate(black_box(sql)))));
    show("look-up of a plan by its text", look_up, "");
    show("hit", hit, &format!("{:.0} ns more; at most 15", hit.as_nanos() as f64 - look_up.as_nanos() as f64));
}

/// (what, SQLite's SQL, the same by hand for PostgreSQL)
///
/// By hand a date is read with a cast to timestamp, as text that is none must not pass for one: `substr(at, 1, 7)` would count
/// 'unknown' as a month, where strftime() gives NULL and the cast an error. A cast of every row costs 160 ns, and telling that
/// none will fail some 220 ns, which is what the queries over two columns pay twice.
const QUERIES: &[(&str, &str, &str)] = &[
    (
        "strftime month",
        "SELECT strftime('%Y-%m', at), count(*) FROM event GROUP BY 1",
        "SELECT to_char(at::timestamp, 'YYYY-MM'), count(*) FROM event GROUP BY 1",
    ),
    (
        "date()",
        "SELECT date(at), count(*) FROM event GROUP BY 1",
        "SELECT to_char(at::timestamp, 'YYYY-MM-DD'), count(*) FROM event GROUP BY 1",
    ),
    (
        "date arithmetic",
        "SELECT max(datetime(at, '+1 day')) FROM event",
        "SELECT max(to_char(at::timestamp + interval '1 day', 'YYYY-MM-DD HH24:MI:SS') COLLATE \"C\") FROM event",
    ),
    (
        "strftime epoch",
        "SELECT sum(strftime('%s', at)) FROM event",
        "SELECT sum(extract(epoch FROM at::timestamp)::bigint) FROM event",
    ),
    ("julianday", "SELECT avg(julianday(at)) FROM event", "SELECT avg(extract(julian FROM at::timestamp)) FROM event"),
    (
        "date range",
        "SELECT count(*) FROM event WHERE date(at) BETWEEN '2024-02-01' AND '2024-02-20'",
        "SELECT count(*) FROM event WHERE at::timestamp::date BETWEEN '2024-02-01' AND '2024-02-20'",
    ),
    (
        "start of month",
        "SELECT date(at, 'start of month'), count(*) FROM event GROUP BY 1",
        "SELECT to_char(date_trunc('month', at::timestamp), 'YYYY-MM-DD'), count(*) FROM event GROUP BY 1",
    ),
    (
        "months later",
        "SELECT max(datetime(at, '+1 month')) FROM event",
        "SELECT max(to_char(at::timestamp + interval '1 month', 'YYYY-MM-DD HH24:MI:SS') COLLATE \"C\") FROM event",
    ),
    (
        "day of the year",
        "SELECT max(strftime('%j', at)) FROM event",
        "SELECT max(to_char(at::timestamp, 'DDD') COLLATE \"C\") FROM event",
    ),
    (
        "seconds since 1970",
        "SELECT max(datetime(seconds, 'unixepoch')) FROM event",
        "SELECT max(to_char(to_timestamp(seconds) AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS') COLLATE \"C\") FROM event",
    ),
    (
        "the last days",
        "SELECT count(*) FROM event WHERE at >= datetime('now', '-7 days')",
        "SELECT count(*) FROM event WHERE at >= to_char(statement_timestamp() AT TIME ZONE 'UTC' - interval '7 days', 'YYYY-MM-DD HH24:MI:SS')",
    ),
    (
        "days since",
        "SELECT count(*) FROM event WHERE date(at) >= date('now', '-7 days')",
        "SELECT count(*) FROM event WHERE at::timestamp::date >= (statement_timestamp() AT TIME ZONE 'UTC')::date - 7",
    ),
    (
        "one month",
        "SELECT count(*) FROM event WHERE strftime('%Y-%m', until) = '2024-03'",
        "SELECT count(*) FROM event WHERE date_trunc('month', until::timestamp) = '2024-03-01'",
    ),
    (
        "weekday",
        "SELECT strftime('%w', at), count(*) FROM event GROUP BY 1",
        "SELECT extract(dow FROM at::timestamp)::text, count(*) FROM event GROUP BY 1",
    ),
    (
        "unixepoch()",
        "SELECT max(unixepoch(at)) FROM event",
        "SELECT max(extract(epoch FROM at::timestamp)::bigint) FROM event",
    ),
    (
        "hour as a number",
        "SELECT CAST(strftime('%H', at) AS INTEGER), count(*) FROM event GROUP BY 1",
        "SELECT extract(hour FROM at::timestamp)::int, count(*) FROM event GROUP BY 1",
    ),
    (
        "days between",
        "SELECT max(julianday(until) - julianday(at)) FROM event",
        "SELECT max(extract(epoch FROM until::timestamp - at::timestamp) / 86400) FROM event",
    ),
    (
        "average of days",
        "SELECT avg(julianday(until) - julianday(at)) FROM event",
        "SELECT avg(extract(epoch FROM until::timestamp - at::timestamp) / 86400) FROM event",
    ),
    ("time()", "SELECT max(time(at)) FROM event", "SELECT max(at::timestamp::time::text COLLATE \"C\") FROM event"),
    (
        "local time",
        "SELECT max(datetime(at, 'localtime')) FROM event",
        "SELECT max(to_char(at::timestamp AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/Berlin', 'YYYY-MM-DD HH24:MI:SS') COLLATE \"C\") FROM event",
    ),
    (
        "LIKE infix",
        "SELECT count(*) FROM event WHERE title LIKE '%7a%'",
        "SELECT count(*) FROM event WHERE title ILIKE '%7a%'",
    ),
    (
        "LIKE prefix",
        "SELECT count(*) FROM event WHERE title LIKE 'title 12%'",
        "SELECT count(*) FROM event WHERE title ILIKE 'title 12%'",
    ),
    (
        "GLOB",
        "SELECT count(*) FROM event WHERE title GLOB 'title *7a*'",
        "SELECT count(*) FROM event WHERE title ~ '^title .*7a'",
    ),
    (
        "text functions",
        "SELECT sum(length(upper(substr(title, 2, 5)))), sum(instr(title, 'a')) FROM event",
        "SELECT sum(length(upper(substr(title, 2, 5)))), sum(strpos(title, 'a')) FROM event",
    ),
    (
        "arithmetic",
        "SELECT sum(n / 3), sum(n % 7), max(round(x, 1)) FROM event WHERE n > 10",
        "SELECT sum(n / 3), sum(n % 7), max(round(x::numeric, 1)) FROM event WHERE n > 10",
    ),
    (
        "printf",
        "SELECT max(printf('%05d', n)) FROM event",
        "SELECT max(to_char(n, 'FM00000') COLLATE \"C\") FROM event",
    ),
    (
        "chain of text functions",
        "SELECT max(upper(trim(replace(title, 'title', ' x ')))), max(lower(substr(title, instr(title, ' ') + 1))) FROM event",
        "SELECT max(upper(btrim(replace(title, 'title', ' x '))) COLLATE \"C\"), max(lower(substr(title, strpos(title, ' ') + 1)) COLLATE \"C\") FROM event",
    ),
    (
        "substr behind instr",
        "SELECT count(*) FROM event WHERE substr(title, instr(title, ' ') + 1, 2) = '12'",
        "SELECT count(*) FROM event WHERE substr(title, strpos(title, ' ') + 1, 2) = '12'",
    ),
    (
        "substr before instr",
        "SELECT max(substr(title, 1, instr(title, ' ') - 1)) FROM event",
        "SELECT max(substr(title, 1, strpos(title, ' ') - 1) COLLATE \"C\") FROM event",
    ),
    (
        "coalesce of a chain",
        "SELECT sum(length(coalesce(nullif(trim(title), ''), body, '-'))) FROM event",
        "SELECT sum(length(coalesce(nullif(btrim(title), ''), body, '-'))) FROM event",
    ),
    (
        "group_concat",
        "SELECT n % 100, group_concat(title, ', ') FROM event GROUP BY 1",
        "SELECT n % 100, string_agg(title, ', ') FROM event GROUP BY 1",
    ),
    ("round", "SELECT max(round(x / 7, 2)) FROM event", "SELECT max(round((x / 7)::numeric, 2)) FROM event"),
    (
        "seconds between",
        "SELECT max(strftime('%s', until) - strftime('%s', at)) FROM event",
        "SELECT max(extract(epoch FROM until::timestamp)::bigint - extract(epoch FROM at::timestamp)::bigint) FROM event",
    ),
    (
        "local time of seconds",
        "SELECT max(datetime(seconds, 'unixepoch', 'localtime')) FROM event",
        "SELECT max(to_char(to_timestamp(seconds) AT TIME ZONE 'Europe/Berlin', 'YYYY-MM-DD HH24:MI:SS') COLLATE \"C\") FROM event",
    ),
    (
        "text of some days",
        "SELECT count(*) FROM event WHERE at BETWEEN '2024-01-02' AND '2024-01-09 12:00'",
        "SELECT count(*) FROM event WHERE at BETWEEN '2024-01-02' AND '2024-01-09 12:00'",
    ),
    (
        "LIKE by NOCASE",
        "SELECT count(*) FROM event WHERE mail LIKE 'user12%'",
        "SELECT count(*) FROM event WHERE mail ILIKE 'user12%'",
    ),
    (
        "equal by NOCASE",
        "SELECT count(*) FROM event WHERE mail = 'user12@example.org'",
        "SELECT count(*) FROM event WHERE lower(mail) = lower('user12@example.org')",
    ),
    (
        "iif, coalesce, CASE",
        "SELECT sum(iif(n > 5, 1, 0)), sum(ifnull(n, 0)) FROM event",
        "SELECT sum(CASE WHEN n > 5 THEN 1 ELSE 0 END), sum(coalesce(n, 0)) FROM event",
    ),
];

/// What the session's server has taken of a processor, however busy the machine is; where that is not to be seen, the time
/// that passes.
struct Clock {
    server: i64,
    begin: Instant,
}

impl Clock {
    fn now(&self) -> Duration {
        let path = format!("/proc/{}/schedstat", self.server);
        if std::fs::exists(&path).unwrap_or(false) {
            // Counted when the process falls asleep.
            std::thread::sleep(Duration::from_millis(3));
        }
        let taken = std::fs::read_to_string(path).ok().and_then(|text| text.split(' ').next()?.parse().ok());
        taken.map_or_else(|| self.begin.elapsed(), Duration::from_nanos)
    }
}

fn running(conn: &Connection) {
    conn.execute_batch(
        "CREATE TABLE event (id INTEGER PRIMARY KEY, at TEXT, body TEXT, title TEXT, n INTEGER, x REAL, nested TEXT, spaced TEXT, until TEXT, mail TEXT COLLATE NOCASE, seconds INTEGER, levels TEXT);
         WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 20000)
         INSERT INTO event SELECT i, datetime('2024-01-01', '+' || i || ' minutes'), json_object('n', i, 'tag', iif(i % 3, 'red', 'blue'), 'list', json_array(i, 2, 3)),
           'title ' || i || 'a', i, i * 1.5,
           json_object('id', i, 'o', json_object('s', iif(i % 3, 'x', 'y'), 't', 'title ' || i), 'a', json_array(json_object('b', i, 'c', 'one'), json_object('b', 2, 'c', 'two')),
             'note', 'some text with blanks, commas: and so on', 'at', datetime('2024-01-01', '+' || i || ' minutes'), 'x', 1.5, 'flag', json('true')),
           '{\"n\": ' || i || ', \"tag\": \"' || iif(i % 3, 'red', 'blue') || '\", \"list\": [' || i || ', 2, 3]}', datetime('2024-01-01', '+' || (i * 97) || ' minutes'), 'User' || i || '@example.org', 1700000000 + i * 600,
           json_object('id', i, 'name', 'n', 'parent', json_object('id', i + 1, 'name', 'p')) FROM c;",
    )
    .expect("creates");
    conn.native().execute_batch("VACUUM ANALYZE event").expect("analyses");
    conn.native().execute_batch(json::BY_HAND).expect("creates");
    // What other processes take of it would not be counted.
    conn.native().execute_batch("SET max_parallel_workers_per_gather = 0").expect("sets");
    let mut process = conn.native().prepare("SELECT pg_backend_pid()").expect("prepares");
    let clock = Clock { server: process.query_row([], |row| row.get(0)).expect("tells"), begin: Instant::now() };
    let mut above = 0;
    for (name, sqlite, postgres) in QUERIES.iter().chain(json::QUERIES) {
        let run = |statement: &mut sqlift::Statement<'_>| {
            let mut rows = statement.query([]).expect("runs");
            while rows.next().unwrap_or_else(|error| panic!("{name}: {error}")).is_some() {}
        };
        let by_hand = json::with_jsonb(postgres).into_iter().chain([(*postgres).to_owned()]);
        let mut statements = vec![conn.prepare(sqlite).unwrap_or_else(|error| panic!("{name}: {error}"))];
        for sql in by_hand {
            statements.push(conn.native().prepare(&sql).unwrap_or_else(|error| panic!("{name}: {error}")));
        }
        // By turns, so that what disturbs one disturbs the others.
        let mut times = vec![Duration::MAX; statements.len()];
        for _ in 0..7 {
            for (statement, time) in statements.iter_mut().zip(&mut times) {
                let begin = clock.now();
                run(statement);
                *time = (*time).min(clock.now().saturating_sub(begin));
            }
        }
        let (ours, theirs) = (times[0], times[1]);
        let ratio = |other: Duration| ours.as_secs_f64() / other.as_secs_f64();
        let is_above = ratio(theirs) > 1.5;
        above += u32::from(is_above);
        println!(
            "{name:<24} {ours:>10.2?} {theirs:>10.2?} by hand {:>6.2}{}{}",
            ratio(theirs),
            times.get(2).map_or(String::new(), |json| format!("   with json {:>6.2}", ratio(*json))),
            if is_above { "  above 1.5" } else { "" }
        );
    }
    println!("{above} of {} above 1.5", QUERIES.len() + json::QUERIES.len());
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let job = match arguments.as_slice() {
        [job @ ("miss" | "hit"), name, times] => Some((*job, *name, times.parse().expect("a number of times"))),
        _ => None,
    };
    if let Some(("miss", name, times)) = job {
        return miss(name, times);
    }
    if job.is_none() {
        translating();
    }
    let Ok(url) = std::env::var("DATABASE_URL") else {
        println!("DATABASE_URL is not set: nothing was run on PostgreSQL");
        return;
    };
    let conn = Connection::open_url(&url).expect("the server takes connections");
    conn.execute_batch(&schema()).expect("creates");
    if let Some(("hit", name, times)) = job {
        return hit(&conn, name, times as usize);
    }
    knowing(&conn);
    running(&conn);
}
