//! PRAGMAs as rows: what they list, which settings exist and what they answer. <https://sqlite.org/pragma.html>

use crate::translate::types::Type;

/// A setting of SQLite's files: reading answers, setting is accepted and does nothing, unless it would change results.
pub(crate) struct Setting {
    pub name: &'static str,
    /// SQL; empty when reading it gives no row.
    pub answer: &'static str,
    pub set: Set,
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

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Never {
    On,
    Off,
    Nothing,
}

const fn quiet(name: &'static str, answer: &'static str) -> Setting {
    Setting { name, answer, set: Set::Nothing, never: Never::Nothing }
}

const fn told(name: &'static str, answer: &'static str, set: Set) -> Setting {
    Setting { name, answer, set, never: Never::Nothing }
}

const fn only_off(name: &'static str) -> Setting {
    Setting { name, answer: "0", set: Set::Nothing, never: Never::On }
}

const fn only_on(name: &'static str) -> Setting {
    Setting { name, answer: "1", set: Set::Nothing, never: Never::Off }
}

pub(crate) const SETTINGS: &[Setting] = &[
    told("analysis_limit", "0", Set::Echo),
    quiet("auto_vacuum", "0"),
    quiet("automatic_index", "1"),
    quiet("cache_size", "-2000"),
    quiet("cache_spill", "1"),
    Setting { name: "case_sensitive_like", answer: "", set: Set::Nothing, never: Never::On },
    quiet("cell_size_check", "0"),
    quiet("checkpoint_fullfsync", "0"),
    only_off("count_changes"),
    quiet("default_cache_size", "-2000"),
    only_off("defer_foreign_keys"),
    only_off("empty_result_callbacks"),
    only_on("foreign_keys"),
    only_off("full_column_names"),
    quiet("fullfsync", "0"),
    told("hard_heap_limit", "0", Set::Echo),
    only_off("ignore_check_constraints"),
    told("journal_mode", "'wal'::text", Set::Answer),
    told("journal_size_limit", "-1", Set::Echo),
    only_off("legacy_alter_table"),
    told("locking_mode", "'normal'::text", Set::Answer),
    told("mmap_size", "0", Set::Answer),
    quiet("page_size", "8192"),
    only_off("query_only"),
    quiet("read_uncommitted", "0"),
    only_off("recursive_triggers"),
    only_off("reverse_unordered_selects"),
    told("secure_delete", "0", Set::Answer),
    only_on("short_column_names"),
    told("soft_heap_limit", "0", Set::Echo),
    quiet("synchronous", "2"),
    quiet("temp_store", "0"),
    told("threads", "0", Set::Answer),
    quiet("trusted_schema", "1"),
    told("wal_autocheckpoint", "1000", Set::Echo),
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
];

/// PRAGMAs of SQLite that stay refused, with what to do instead. Names that SQLite does not know do nothing there and here.
pub(crate) const REFUSED: &[(&str, &str)] = &[
    ("compile_options", "leave it out: it tells how SQLite was built"),
    ("function_list", "leave it out; MIGRATION.md lists the functions"),
    ("max_page_count", "leave it out: it limits SQLite's file"),
    ("module_list", "leave it out: it lists SQLite's virtual tables"),
    ("page_count", "ask for pg_database_size(current_database()) in a native statement"),
    ("pragma_list", "leave it out; MIGRATION.md lists the PRAGMAs"),
    ("temp_store_directory", "leave it out: the server chooses where temporary files are"),
];
