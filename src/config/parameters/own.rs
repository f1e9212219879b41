//! sqlift's own parameters.

use std::time::Duration;

use super::{AppliesTo, Parameter, ROW, boolean, milliseconds, one_of, path, seconds, shown_path, text, whole, word};
use crate::config::types::{BlobColumns, Immediate, Isolation, Pooler, Savepoints};

const ISOLATIONS: &[(&str, Isolation)] = &[
    ("serializable", Isolation::Serializable),
    ("repeatable-read", Isolation::RepeatableRead),
    ("read-committed", Isolation::ReadCommitted),
];

const SAVEPOINTS: &[(&str, Savepoints)] =
    &[("auto", Savepoints::Auto), ("always", Savepoints::Always), ("never", Savepoints::Never)];

const IMMEDIATES: &[(&str, Immediate)] = &[("lock", Immediate::Lock), ("plain", Immediate::Plain)];

const BLOB_COLUMNS: &[(&str, BlobColumns)] = &[("bytes", BlobColumns::Bytes), ("any", BlobColumns::Any)];

const POOLERS: &[(&str, Pooler)] =
    &[("none", Pooler::None), ("session", Pooler::Session), ("transaction", Pooler::Transaction)];

pub(super) const ROWS: &[Parameter] = &[
    Parameter {
        name: "schema",
        aliases: &["currentschema", "searchpath"],
        default: "the server's search_path",
        meaning: "The schema that unqualified names mean, created when it is missing",
        read: |draft, value| {
            if value.contains(',') {
                return Err("one schema's name; for a longer search_path use options=-c search_path=...".to_owned());
            }
            if value.len() > 63 {
                return Err("at most 63 bytes long, PostgreSQL's limit for names".to_owned());
            }
            draft.config.schema = text(value);
            Ok(())
        },
        show: |config| config.schema.clone(),
        ..ROW
    },
    Parameter {
        name: "isolation",
        default: "serializable",
        meaning: "The isolation of transactions: serializable (as SQLite), repeatable-read, read-committed",
        read: |draft, value| one_of(ISOLATIONS, value, &mut draft.config.isolation),
        show: |config| word(ISOLATIONS, config.isolation, Isolation::Serializable),
        ..ROW
    },
    Parameter {
        name: "savepoints",
        default: "auto",
        meaning: "Whether a failed statement in a transaction undoes only itself: auto (where work could be lost), always, never",
        read: |draft, value| one_of(SAVEPOINTS, value, &mut draft.config.savepoints),
        show: |config| word(SAVEPOINTS, config.savepoints, Savepoints::Auto),
        ..ROW
    },
    Parameter {
        name: "timezone",
        default: "the process's: TZ, else /etc/localtime",
        meaning: "The time zone of 'localtime' and 'utc' in date functions, such as Europe/Berlin",
        read: |draft, value| {
            draft.config.timezone = text(value);
            Ok(())
        },
        show: |config| config.timezone.clone(),
        ..ROW
    },
    Parameter {
        name: "immediate",
        default: "lock",
        meaning: "How BEGIN IMMEDIATE begins: lock (no other writer beside it, as on SQLite), plain (as any transaction)",
        read: |draft, value| one_of(IMMEDIATES, value, &mut draft.config.immediate),
        show: |config| word(IMMEDIATES, config.immediate, Immediate::Lock),
        ..ROW
    },
    Parameter {
        name: "blob_columns",
        variable: Some("SQLIFT_BLOB_COLUMNS"),
        default: "bytes",
        meaning: "What a column declared BLOB keeps in the tables that are made: bytes (bytea), any (values of every class, as on SQLite)",
        read: |draft, value| one_of(BLOB_COLUMNS, value, &mut draft.config.blob_columns),
        show: |config| word(BLOB_COLUMNS, config.blob_columns, BlobColumns::Bytes),
        ..ROW
    },
    Parameter {
        name: "pooler",
        default: "none",
        meaning: "What stands before the server: none, session, transaction (PgBouncer with pool_mode = transaction)",
        read: |draft, value| one_of(POOLERS, value, &mut draft.config.pooler),
        show: |config| word(POOLERS, config.pooler, Pooler::None),
        ..ROW
    },
    Parameter {
        name: "pgbouncer",
        default: "false",
        meaning: "true is pooler=transaction, as Prisma writes it",
        read: |draft, value| {
            let mut is_there = false;
            boolean(value, &mut is_there)?;
            if is_there {
                draft.config.pooler = Pooler::Transaction;
            }
            Ok(())
        },
        ..ROW
    },
    Parameter {
        name: "statement_cache",
        aliases: &["statementcachesize", "statementcachecapacity"],
        default: "256",
        meaning: "How many prepared statements a session keeps",
        read: |draft, value| {
            draft.config.statement_cache = whole(value)? as usize;
            Ok(())
        },
        show: |config| (config.statement_cache != 256).then(|| config.statement_cache.to_string()),
        ..ROW
    },
    Parameter {
        name: "busy_timeout",
        default: "5000",
        applies_to: AppliesTo::Both,
        meaning: "Milliseconds to wait for another connection's lock",
        read: |draft, value| {
            draft.config.busy_timeout = milliseconds(value)?;
            Ok(())
        },
        show: |config| {
            let count = config.busy_timeout.as_millis();
            (count != 5000).then(|| count.to_string())
        },
        ..ROW
    },
    Parameter {
        name: "busy_poll",
        variable: Some("SQLIFT_BUSY_POLL"),
        default: "100",
        meaning: "Microseconds, at most 1000, to look for an answer again and again before sleeping, which spares waking up where the server is near; 0 sleeps at once",
        read: |draft, value| match whole(value) {
            Ok(count @ 0..=1000) => {
                draft.config.busy_poll = Duration::from_micros(count.into());
                Ok(())
            }
            _ => Err("a whole number of microseconds from 0 to 1000".to_owned()),
        },
        show: |config| {
            let count = config.busy_poll.as_micros();
            (count != 100).then(|| count.to_string())
        },
        ..ROW
    },
    Parameter {
        name: "statement_timeout",
        default: "the server's",
        meaning: "Milliseconds that the server lets a statement run; 0 is without limit",
        read: |draft, value| {
            draft.config.statement_timeout = Some(milliseconds(value)?);
            Ok(())
        },
        show: |config| config.statement_timeout.map(|timeout| timeout.as_millis().to_string()),
        ..ROW
    },
    Parameter {
        name: "idle_in_transaction_timeout",
        aliases: &["idleintransactionsessiontimeout"],
        default: "the server's",
        meaning: "Milliseconds that the server lets a transaction wait for its next statement, before it ends the session; 0 is without limit",
        read: |draft, value| {
            draft.config.idle_in_transaction_timeout = Some(milliseconds(value)?);
            Ok(())
        },
        show: |config| config.idle_in_transaction_timeout.map(|timeout| timeout.as_millis().to_string()),
        ..ROW
    },
    Parameter {
        name: "password_file",
        default: "none",
        meaning: "A file that holds the role's password and nothing else, read for every new connection; a Db notices when it changes",
        read: |draft, value| {
            draft.config.password_file = path(value);
            Ok(())
        },
        show: |config| shown_path(&config.password_file),
        ..ROW
    },
    Parameter {
        name: "pool_max_size",
        aliases: &["maximumpoolsize", "maxpoolsize", "connectionlimit"],
        default: "10, or 1 for SQLite in memory",
        applies_to: AppliesTo::Both,
        meaning: "The most connections that a Db keeps",
        read: |draft, value| match whole(value) {
            Ok(size @ 1..) => {
                draft.config.pool_max_size = size;
                Ok(())
            }
            _ => Err("a whole number from 1".to_owned()),
        },
        show: |config| (config.pool_max_size != 10).then(|| config.pool_max_size.to_string()),
        ..ROW
    },
    Parameter {
        name: "pool_timeout",
        default: "30",
        applies_to: AppliesTo::Both,
        meaning: "Seconds that a Db waits for a free connection, fractions allowed",
        read: |draft, value| {
            draft.config.pool_timeout = seconds(value)?;
            Ok(())
        },
        show: |config| {
            let count = config.pool_timeout.as_secs_f64();
            (count != 30.0).then(|| count.to_string())
        },
        ..ROW
    },
];
