//! PRAGMAs as rows: what they list, which settings exist and what they answer. <https://sqlite.org/pragma.html>

use crate::translate::types::Type;

/// A setting of SQLite's files: reading answers, setting is accepted and does nothing, unless it would change results.
pub(crate) struct Setting {
    pub name: &'static str,
    /// SQL; empty when reading it gives no row.
    pub answer: &'static str,
    pub set: Set,
    /// Whether it answers with what was set.
    pub kept: Kept,
    /// What setting it must not be: that would change what statements do.
    pub never: Never,
}

/// What setting it answers.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Set {
    Nothing,
    /// As reading it does.
    Answer,
    /// The number that was set.
    Echo,
}

/// What is kept of the value that a setting is set to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kept {
    Nothing,
    Number,
    /// 0 or 1
    Flag,
    /// The place of the word, or the number as it is, when it is less than so many.
    Word(&'static [&'static str], i64),
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Never {
    On,
    Off,
    Nothing,
}

const fn quiet(name: &'static str, answer: &'static str) -> Setting {
    Setting { name, answer, set: Set::Nothing, kept: Kept::Nothing, never: Never::Nothing }
}

const fn told(name: &'static str, answer: &'static str, set: Set) -> Setting {
    Setting { name, answer, set, kept: Kept::Nothing, never: Never::Nothing }
}

const fn kept(name: &'static str, answer: &'static str, set: Set, kept: Kept) -> Setting {
    Setting { name, answer, set, kept, never: Never::Nothing }
}

const fn only_off(name: &'static str) -> Setting {
    Setting { name, answer: "0", set: Set::Nothing, kept: Kept::Nothing, never: Never::On }
}

const fn only_on(name: &'static str) -> Setting {
    Setting { name, answer: "1", set: Set::Nothing, kept: Kept::Nothing, never: Never::Off }
}

/// Of the settings that answer with what was set, the one that ends with the transaction.
pub(crate) const DEFER_FOREIGN_KEYS: &str = "defer_foreign_keys";

pub(crate) const SETTINGS: &[Setting] = &[
    kept("analysis_limit", "0", Set::Echo, Kept::Number),
    quiet("auto_vacuum", "0"),
    kept("automatic_index", "1", Set::Nothing, Kept::Flag),
    kept("cache_size", "-2000", Set::Nothing, Kept::Number),
    kept("cache_spill", "1", Set::Nothing, Kept::Number),
    kept("case_sensitive_like", "", Set::Nothing, Kept::Flag),
    kept("cell_size_check", "0", Set::Nothing, Kept::Flag),
    kept("checkpoint_fullfsync", "0", Set::Nothing, Kept::Flag),
    only_off("count_changes"),
    quiet("default_cache_size", "-2000"),
    kept(DEFER_FOREIGN_KEYS, "0", Set::Nothing, Kept::Flag),
    only_off("empty_result_callbacks"),
    // What `PRAGMA foreign_keys` sets: `backend::postgres::session::foreign_keys`.
    quiet("foreign_keys", "(pg_catalog.current_setting('sqlift.foreign_keys', true) IS DISTINCT FROM 'off')::int"),
    only_off("full_column_names"),
    kept("fullfsync", "0", Set::Nothing, Kept::Flag),
    kept("hard_heap_limit", "0", Set::Echo, Kept::Number),
    only_off("ignore_check_constraints"),
    told("journal_mode", "'wal'::text", Set::Answer),
    kept("journal_size_limit", "-1", Set::Echo, Kept::Number),
    kept("legacy_alter_table", "0", Set::Nothing, Kept::Flag),
    told("locking_mode", "'normal'::text", Set::Answer),
    kept("mmap_size", "0", Set::Echo, Kept::Number),
    quiet("page_size", "8192"),
    kept("query_only", "0", Set::Nothing, Kept::Flag),
    kept("read_uncommitted", "0", Set::Nothing, Kept::Flag),
    kept("recursive_triggers", "0", Set::Nothing, Kept::Flag),
    only_off("reverse_unordered_selects"),
    kept("secure_delete", "0", Set::Answer, Kept::Word(&["off", "on", "fast"], 3)),
    only_on("short_column_names"),
    kept("soft_heap_limit", "0", Set::Echo, Kept::Number),
    kept("synchronous", "2", Set::Nothing, Kept::Word(&["off", "normal", "full", "extra"], 4)),
    kept("temp_store", "0", Set::Nothing, Kept::Word(&["default", "file", "memory"], 3)),
    kept("threads", "0", Set::Echo, Kept::Number),
    kept("trusted_schema", "1", Set::Nothing, Kept::Flag),
    kept("wal_autocheckpoint", "1000", Set::Echo, Kept::Number),
    only_off("writable_schema"),
];

/// What a PRAGMA is asked about.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum About {
    /// A table or an index; without one it gives nothing.
    Named,
    /// One table, or all.
    Optional,
    All,
}

pub(crate) struct Listing {
    pub name: &'static str,
    pub about: About,
    pub columns: &'static [(&'static str, Type)],
}

use Type::{Integer, Text};

/// PRAGMAs that give rows: `sqlift.pragma_*` has them. Each is a table-valued function as well.
pub(crate) const LISTINGS: &[Listing] = &[
    Listing {
        name: "table_info",
        about: About::Named,
        columns: &[
            ("cid", Integer),
            ("name", Text),
            ("type", Text),
            ("notnull", Integer),
            ("dflt_value", Text),
            ("pk", Integer),
        ],
    },
    Listing {
        name: "table_xinfo",
        about: About::Named,
        columns: &[
            ("cid", Integer),
            ("name", Text),
            ("type", Text),
            ("notnull", Integer),
            ("dflt_value", Text),
            ("pk", Integer),
            ("hidden", Integer),
        ],
    },
    Listing {
        name: "table_list",
        about: About::Optional,
        columns: &[
            ("schema", Text),
            ("name", Text),
            ("type", Text),
            ("ncol", Integer),
            ("wr", Integer),
            ("strict", Integer),
        ],
    },
    Listing {
        name: "index_list",
        about: About::Named,
        columns: &[("seq", Integer), ("name", Text), ("unique", Integer), ("origin", Text), ("partial", Integer)],
    },
    Listing {
        name: "index_info",
        about: About::Named,
        columns: &[("seqno", Integer), ("cid", Integer), ("name", Text)],
    },
    Listing {
        name: "index_xinfo",
        about: About::Named,
        columns: &[
            ("seqno", Integer),
            ("cid", Integer),
            ("name", Text),
            ("desc", Integer),
            ("coll", Text),
            ("key", Integer),
        ],
    },
    Listing {
        name: "foreign_key_list",
        about: About::Named,
        columns: &[
            ("id", Integer),
            ("seq", Integer),
            ("table", Text),
            ("from", Text),
            ("to", Text),
            ("on_update", Text),
            ("on_delete", Text),
            ("match", Text),
        ],
    },
    Listing {
        name: "foreign_key_check",
        about: About::Optional,
        columns: &[("table", Text), ("rowid", Integer), ("parent", Text), ("fkid", Integer)],
    },
    Listing { name: "database_list", about: About::All, columns: &[("seq", Integer), ("name", Text), ("file", Text)] },
    Listing { name: "collation_list", about: About::All, columns: &[("seq", Integer), ("name", Text)] },
    Listing { name: "compile_options", about: About::All, columns: &[("compile_options", Text)] },
    Listing { name: "module_list", about: About::All, columns: &[("name", Text)] },
];

/// Those that are neither settings nor listings.
pub(crate) const OTHERS: &[&str] = &[
    "application_id",
    "busy_timeout",
    "data_version",
    "encoding",
    "freelist_count",
    "function_list",
    "incremental_vacuum",
    "integrity_check",
    "optimize",
    "page_count",
    "pragma_list",
    "quick_check",
    "schema_version",
    "shrink_memory",
    "user_version",
    "wal_checkpoint",
];

/// PRAGMAs of SQLite that stay refused, with what to do instead. Names that SQLite does not know do nothing there and here.
pub(crate) const REFUSED: &[(&str, &str)] = &[
    ("max_page_count", "leave it out: it limits SQLite's file"),
    ("temp_store_directory", "leave it out: the server chooses where temporary files are"),
];
