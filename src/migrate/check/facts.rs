//! What a schema holds, as small facts that can be compared one by one.

/// A fact and what it says.
#[derive(Debug, Clone)]
pub(super) struct Fact {
    pub key: Key,
    /// As it was read, where `key` has been brought to a common form since.
    pub read_as: Option<Key>,
    /// What is compared.
    pub value: String,
    /// What people see.
    pub shown: String,
}

impl Fact {
    pub fn new(key: Key, value: impl Into<String>) -> Fact {
        let value = value.into();
        Fact { key, read_as: None, shown: value.clone(), value }
    }

    /// The key under which it was read.
    pub fn origin(&self) -> &Key {
        self.read_as.as_ref().unwrap_or(&self.key)
    }
}

/// What a fact is about; names in lower case.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Key {
    pub table: String,
    pub column: Option<String>,
    pub what: What,
}

impl Key {
    pub fn table(table: &str, what: What) -> Key {
        Key { table: table.to_ascii_lowercase(), column: None, what }
    }

    pub fn column(table: &str, column: &str, what: What) -> Key {
        Key { table: table.to_ascii_lowercase(), column: Some(column.to_ascii_lowercase()), what }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum What {
    Table,
    View,
    /// A table for full text search: its columns, tokenizer and index.
    FullText,
    Column,
    Type,
    NotNull,
    Default,
    Collation,
    Generated,
    /// A key that the database numbers by itself.
    Numbered,
    ColumnOrder,
    PrimaryKey,
    /// The columns.
    Unique(String),
    /// The name.
    Index(String),
    /// The columns.
    ForeignKey(String),
    /// The condition.
    Check(String),
    /// The name; when it starts.
    Trigger(String),
    /// The name; what it does.
    TriggerBody(String),
}

impl What {
    /// For people.
    pub fn words(&self) -> String {
        match self {
            What::Table => "table".into(),
            What::View => "view".into(),
            What::FullText => "full text search".into(),
            What::Column => "column".into(),
            What::Type => "type".into(),
            What::NotNull => "NOT NULL".into(),
            What::Default => "default".into(),
            What::Collation => "collation".into(),
            What::Generated => "generated column".into(),
            What::Numbered => "numbered by the database".into(),
            What::ColumnOrder => "order of columns".into(),
            What::PrimaryKey => "primary key".into(),
            What::Unique(terms) if terms.starts_with('(') => format!("unique key {terms}"),
            What::Unique(columns) => format!("unique key ({columns})"),
            What::Index(name) => format!("index {name}"),
            What::ForeignKey(columns) => format!("foreign key ({columns})"),
            What::Check(_) => "check".into(),
            What::Trigger(name) => format!("trigger {name}"),
            What::TriggerBody(name) => format!("what trigger {name} does"),
        }
    }
}
