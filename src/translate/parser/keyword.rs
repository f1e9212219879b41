//! SQLite's keywords, and which of them may also be names.

/// Declares [`Keyword`] and its texts. `name` marks SQLite's `%fallback ID` list: a name wherever the keyword itself does
/// not fit.
macro_rules! keywords {
    ($($letter:literal: $($name:ident $text:literal $($also:ident)?),+;)+) => {
        /// A keyword of SQLite, or [`Keyword::None`].
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum Keyword {
            None,
            $($($name,)+)+
        }

        /// The keyword that `word` is, in any case.
        pub(super) fn keyword(word: &str) -> Keyword {
            let bytes = word.as_bytes();
            // No keyword is longer, and a name often ends in what no keyword has.
            if !(2..=17).contains(&bytes.len()) || !bytes[bytes.len() - 1].is_ascii_alphabetic() {
                return Keyword::None;
            }
            let candidates: &[(&str, Keyword)] = match bytes.first().map(u8::to_ascii_uppercase) {
                $(Some($letter) => &[$(($text, Keyword::$name)),+],)+
                _ => return Keyword::None,
            };
            candidates
                .iter()
                .find(|(text, _)| text.len() == bytes.len() && text.as_bytes().eq_ignore_ascii_case(bytes))
                .map_or(Keyword::None, |&(_, keyword)| keyword)
        }

        impl Keyword {
            /// May it be read as a name where it does not fit as a keyword?
            pub(super) fn falls_back(self) -> bool {
                match self {
                    Keyword::None => true,
                    $($(Keyword::$name => keywords!(@fallback $($also)?),)+)+
                }
            }
        }
    };
    (@fallback name) => { true };
    (@fallback) => { false };
}

keywords! {
    b'A': Abort "ABORT" name, Action "ACTION" name, Add "ADD", After "AFTER" name, All "ALL", Alter "ALTER", Always "ALWAYS" name,
        Analyze "ANALYZE" name, And "AND", As "AS", Asc "ASC" name, Attach "ATTACH" name, Autoincrement "AUTOINCREMENT";
    b'B': Before "BEFORE" name, Begin "BEGIN" name, Between "BETWEEN", By "BY" name;
    b'C': Cascade "CASCADE" name, Case "CASE", Cast "CAST" name, Check "CHECK", Collate "COLLATE", Column "COLUMN" name,
        Commit "COMMIT", Conflict "CONFLICT" name, Constraint "CONSTRAINT", Create "CREATE", Cross "CROSS",
        Current "CURRENT" name, CurrentDate "CURRENT_DATE" name, CurrentTime "CURRENT_TIME" name,
        CurrentTimestamp "CURRENT_TIMESTAMP" name;
    b'D': Database "DATABASE" name, Default "DEFAULT", Deferrable "DEFERRABLE", Deferred "DEFERRED" name, Delete "DELETE",
        Desc "DESC" name, Detach "DETACH" name, Distinct "DISTINCT", Do "DO" name, Drop "DROP";
    b'E': Each "EACH" name, Else "ELSE", End "END" name, Escape "ESCAPE", Except "EXCEPT", Exclude "EXCLUDE" name,
        Exclusive "EXCLUSIVE" name, Exists "EXISTS", Explain "EXPLAIN" name;
    b'F': Fail "FAIL" name, Filter "FILTER", First "FIRST" name, Following "FOLLOWING" name, For "FOR" name, Foreign "FOREIGN",
        From "FROM", Full "FULL";
    b'G': Generated "GENERATED" name, Glob "GLOB" name, Group "GROUP", Groups "GROUPS" name;
    b'H': Having "HAVING";
    b'I': If "IF" name, Ignore "IGNORE" name, Immediate "IMMEDIATE" name, In "IN", Index "INDEX", Indexed "INDEXED",
        Initially "INITIALLY" name, Inner "INNER", Insert "INSERT", Instead "INSTEAD" name, Intersect "INTERSECT",
        Into "INTO", Is "IS", Isnull "ISNULL";
    b'J': Join "JOIN";
    b'K': Key "KEY" name;
    b'L': Last "LAST" name, Left "LEFT", Like "LIKE" name, Limit "LIMIT";
    b'M': Match "MATCH" name, Materialized "MATERIALIZED" name;
    b'N': Natural "NATURAL", No "NO" name, Not "NOT", Nothing "NOTHING", Notnull "NOTNULL", Null "NULL", Nulls "NULLS" name;
    b'O': Of "OF" name, Offset "OFFSET" name, On "ON", Or "OR", Order "ORDER", Others "OTHERS" name, Outer "OUTER", Over "OVER";
    b'P': Partition "PARTITION" name, Plan "PLAN" name, Pragma "PRAGMA" name, Preceding "PRECEDING" name, Primary "PRIMARY";
    b'Q': Query "QUERY" name;
    b'R': Raise "RAISE" name, Range "RANGE" name, Recursive "RECURSIVE" name, References "REFERENCES", Regexp "REGEXP" name,
        Reindex "REINDEX" name, Release "RELEASE" name, Rename "RENAME" name, Replace "REPLACE" name, Restrict "RESTRICT" name,
        Returning "RETURNING", Right "RIGHT", Rollback "ROLLBACK" name, Row "ROW" name, Rows "ROWS" name;
    b'S': Savepoint "SAVEPOINT" name, Select "SELECT", Set "SET";
    b'T': Table "TABLE", Temp "TEMP" name, Temporary "TEMPORARY" name, Then "THEN", Ties "TIES" name, To "TO",
        Transaction "TRANSACTION", Trigger "TRIGGER" name;
    b'U': Unbounded "UNBOUNDED" name, Union "UNION", Unique "UNIQUE", Update "UPDATE", Using "USING";
    b'V': Vacuum "VACUUM" name, Values "VALUES", View "VIEW" name, Virtual "VIRTUAL" name;
    b'W': When "WHEN", Where "WHERE", Window "WINDOW", With "WITH" name, Without "WITHOUT" name;
}

impl Keyword {
    /// `LEFT`, `NATURAL` and the like: names, but never a bare alias.
    pub(super) fn is_join(self) -> bool {
        use Keyword::*;
        matches!(self, Cross | Full | Inner | Left | Natural | Outer | Right)
    }
}
