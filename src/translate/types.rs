//! What is known of an expression before it runs: its type on PostgreSQL, its affinity on SQLite, whether it may be NULL.

use super::catalog::ColumnType;
use super::column_name::ColumnName;
use crate::syntax::Span;

/// What a value is, by itself. <https://sqlite.org/datatype3.html#storage_classes_and_datatypes>
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StorageClass {
    Null,
    Integer,
    Real,
    Text,
    Blob,
}

/// The type of an expression's PostgreSQL text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Type {
    Null,
    Integer,
    Real,
    /// PostgreSQL's numeric: SQLite's NUMERIC columns, and results that are INTEGER or REAL by value.
    Numeric,
    Text,
    Blob,
    /// A PostgreSQL boolean, where SQLite has 0 and 1.
    Boolean,
    /// jsonb that stands for a value whose class only the row knows: json_extract, `->>`
    Json,
    /// `sqlift.value`: a value of any storage class, which only the row knows: columns without a declared type.
    Any,
    /// A PostgreSQL type without a counterpart (uuid, date, timestamp, jsonb column, ...)
    Native(ColumnType),
    /// A parameter's: the class of the value bound, where [`super::Options::parameter_classes`] does not tell it.
    Unknown,
}

impl Type {
    pub fn is_number(self) -> bool {
        matches!(self, Type::Integer | Type::Real | Type::Numeric)
    }

    /// The words that cast to it, where it is a class of SQLite's.
    pub fn name(self) -> Option<&'static str> {
        Some(match self {
            Type::Integer => "bigint",
            Type::Real => "double precision",
            Type::Numeric => "numeric",
            Type::Boolean => "boolean",
            Type::Blob => "bytea",
            Type::Text => "text",
            Type::Json => "jsonb",
            Type::Any => "sqlift.value",
            Type::Null | Type::Native(_) | Type::Unknown => return None,
        })
    }

    /// The words for messages.
    pub fn describe(self) -> &'static str {
        match self {
            Type::Null => "NULL",
            Type::Integer => "an integer",
            Type::Real => "a real",
            Type::Numeric => "a number",
            Type::Text => "text",
            Type::Blob => "a blob",
            Type::Boolean => "a boolean",
            Type::Json => "a JSON value",
            Type::Any => "a value of any type",
            Type::Native(_) => "a value of a PostgreSQL type",
            Type::Unknown => "a parameter",
        }
    }
}

impl From<StorageClass> for Type {
    fn from(class: StorageClass) -> Self {
        match class {
            StorageClass::Null => Type::Null,
            StorageClass::Integer => Type::Integer,
            StorageClass::Real => Type::Real,
            StorageClass::Text => Type::Text,
            StorageClass::Blob => Type::Blob,
        }
    }
}

impl From<ColumnType> for Type {
    fn from(column: ColumnType) -> Self {
        match column {
            ColumnType::SmallInt | ColumnType::Integer | ColumnType::BigInt => Type::Integer,
            ColumnType::Real | ColumnType::Double => Type::Real,
            ColumnType::Numeric => Type::Numeric,
            ColumnType::Text => Type::Text,
            ColumnType::Bytea => Type::Blob,
            ColumnType::Boolean => Type::Boolean,
            ColumnType::Any => Type::Any,
            other => Type::Native(other),
        }
    }
}

/// What SQLite converts the other side of a comparison to. <https://sqlite.org/datatype3.html#affinity>
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Affinity {
    None,
    /// Of a column without a type: nothing is converted, and the other side's TEXT affinity does not reach it.
    Blob,
    /// Of a view's column without a type: as `Blob`, or as `None` where the view has an expression there.
    Unclear,
    Text,
    Number,
}

/// How tightly the text of an expression holds together, loosest first, as PostgreSQL and SQLite both have it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Class {
    Or,
    And,
    Not,
    /// Comparisons, IS, IN, LIKE, BETWEEN: never next to each other without parentheses.
    Compare,
    /// `& | << >>`
    Bits,
    Add,
    Multiply,
    /// `||`, `->`: above multiplication in SQLite, below addition in PostgreSQL.
    Concat,
    Unary,
    Primary,
}

/// A value known from the text.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Constant {
    Integer(i64),
    Real(f64),
    Text(String),
}

pub(crate) use super::catalog::Collation;

/// A branch of an expression that is an integer or a real by the row, before it was brought to a common type.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Branch {
    pub span: Span,
    pub ty: Type,
}

/// What the passes know of an expression.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Typed {
    pub ty: Type,
    pub affinity: Affinity,
    pub nullable: bool,
    pub class: Class,
    /// PostgreSQL would compute in 32 bits.
    pub int4: bool,
    /// A column of this type, plainly.
    pub column: Option<ColumnType>,
    pub constant: Option<Constant>,
    /// Text that was a blob.
    pub was_blob: bool,
    /// A plain placeholder.
    pub placeholder: Option<u32>,
    pub collation: Collation,
    /// Of a compound SELECT whose arms have several, the first arm's: outside of it the column has that one.
    pub first_collation: Option<Collation>,
    /// By COLLATE, which counts more than a column's own.
    pub explicit_collation: bool,
    /// Integers and reals by the row, which PostgreSQL makes reals unless [`Pass::by_row`] is asked.
    ///
    /// [`Pass::by_row`]: super::pass::Pass::by_row
    pub branches: Vec<Branch>,
    /// The arms of a compound SELECT, or the rows of VALUES, that it comes from; empty where that is not known.
    pub arms: Vec<Span>,
    /// What they say of its affinity; none of a column that is no arm's.
    pub kinds: Option<super::arms::Arms>,
    /// A numeric whose scale tells integers (0) from reals, so that arithmetic must too.
    pub by_row: bool,
    /// A plain column, or a CAST of one: its collation decides, BINARY too.
    pub has_own_collation: bool,
    /// Text whose collation is a column's, so "C" in lifted tables.
    pub from_column: bool,
    /// Text that never looks like a number: of a column declared DATETIME or the like.
    pub never_a_number: bool,
    /// A plain column, whose name SQLite gives to a result: [`ColumnName::shown`].
    pub shown: Option<ColumnName>,
}

/// Result columns: SQLite's names and what is known of them.
pub(crate) type Columns = Vec<(String, Typed)>;

impl Typed {
    pub fn new(ty: Type) -> Typed {
        Typed {
            ty,
            affinity: Affinity::None,
            nullable: true,
            class: Class::Primary,
            int4: false,
            column: None,
            constant: None,
            was_blob: false,
            placeholder: None,
            collation: Collation::Binary,
            first_collation: None,
            explicit_collation: false,
            branches: Vec::new(),
            arms: Vec::new(),
            kinds: None,
            by_row: false,
            has_own_collation: false,
            from_column: false,
            never_a_number: false,
            shown: None,
        }
    }

    pub fn class(mut self, class: Class) -> Typed {
        self.class = class;
        self
    }

    pub fn nullable(mut self, nullable: bool) -> Typed {
        self.nullable = nullable;
        self
    }

    pub fn constant(mut self, constant: Constant) -> Typed {
        self.constant = Some(constant);
        self.nullable = false;
        self
    }

    /// The type that a parameter beside it becomes on SQLite: of a column that has an affinity, or is PostgreSQL's own.
    pub fn converts_to(&self) -> Option<ColumnType> {
        let is_kept = matches!(self.ty, Type::Blob | Type::Native(_))
            || !matches!(self.affinity, Affinity::None | Affinity::Blob);
        self.column.filter(|_| is_kept)
    }

    /// COLLATE inside of arguments is heard outside of the call.
    pub fn hear_collation(&mut self, arguments: &[Typed]) {
        if let Some(explicit) = arguments.iter().find(|typed| typed.explicit_collation) {
            (self.collation, self.explicit_collation) = (explicit.collation, true);
        }
    }

    /// As seen through a subquery or view: the value, not how it was written.
    pub fn as_result(&self) -> Typed {
        Typed {
            class: Class::Primary,
            constant: None,
            placeholder: None,
            int4: false,
            branches: Vec::new(),
            arms: Vec::new(),
            kinds: None,
            ..self.clone()
        }
    }

    /// As a column of what a subquery, common table or view gives: it has a collation of its own, which counts no more than a table's.
    pub fn as_column(&self) -> Typed {
        let collation = self.first_collation.unwrap_or(self.collation);
        let typed = Typed { collation, first_collation: None, ..self.as_result() };
        Typed { explicit_collation: false, has_own_collation: true, ..typed }
    }
}

/// The words that cast to a column's type.
pub(crate) fn type_name(column: ColumnType) -> Option<&'static str> {
    Some(match column {
        ColumnType::SmallInt => "smallint",
        ColumnType::Integer => "integer",
        ColumnType::BigInt => "bigint",
        ColumnType::Boolean => "boolean",
        ColumnType::Real => "real",
        ColumnType::Double => "float8",
        ColumnType::Numeric => "numeric",
        ColumnType::Text => "text",
        ColumnType::Bytea => "bytea",
        ColumnType::Date => "date",
        ColumnType::Time => "time",
        ColumnType::Timestamp => "timestamp",
        ColumnType::Timestamptz => "timestamptz",
        ColumnType::Interval => "interval",
        ColumnType::Uuid => "uuid",
        ColumnType::Json => "json",
        ColumnType::Jsonb => "jsonb",
        ColumnType::Any => "sqlift.value",
        ColumnType::Other => return None,
    })
}

/// What SQLite's `isspace` takes.
pub(crate) const SPACES: [char; 6] = [' ', '\t', '\n', '\r', '\x0b', '\x0c'];

/// SQLite's reading of text as a number, whole text only: blanks around it, an integer or a real.
pub(crate) fn number_in_text(text: &str) -> Option<Constant> {
    let text = text.trim_matches(SPACES);
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if !digits.starts_with(|c: char| c.is_ascii_digit() || c == '.')
        || !digits.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'e' | b'E' | b'+' | b'-'))
    {
        return None;
    }
    if let Ok(integer) = text.parse::<i64>() {
        return Some(Constant::Integer(integer));
    }
    text.parse::<f64>().ok().map(|real| {
        // SQLite keeps a real without a fraction as an integer where it fits.
        if real.fract() == 0.0 && real.abs() < 9.0e18 { Constant::Integer(real as i64) } else { Constant::Real(real) }
    })
}

/// A real as the integer of the same value, as SQLite's integer affinity converts it.
pub(crate) fn integral(real: f64) -> Option<i64> {
    // The largest real below 2^63; SQLite converts none beyond it.
    const LARGEST: f64 = 9_223_372_036_854_774_784.0;
    let truncated = real as i64;
    (truncated as f64 == real && real.abs() <= LARGEST).then_some(truncated)
}

/// A real as SQLite turns it into text: 15 significant digits where they tell the number, else 17; always a point.
pub(crate) fn real_to_text(real: f64) -> String {
    if real.is_infinite() {
        return if real > 0.0 { "Inf".into() } else { "-Inf".into() };
    }
    // SQLite prints no sign of a zero.
    let real = real + 0.0;
    let short = format!("{real:.14e}");
    let scientific = if short.parse() == Ok(real) { short } else { format!("{real:.16e}") };
    let (mantissa, exponent) = scientific.split_once('e').expect("the e format has an e");
    let exponent: i32 = exponent.parse().expect("the exponent is a number");
    let (sign, mantissa) = mantissa.strip_prefix('-').map_or(("", mantissa), |positive| ("-", positive));
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    let digits = digits.trim_end_matches('0');
    if real != 0.0 && !(-4..17).contains(&exponent) {
        let (first, rest) = digits.split_at(1);
        let rest = if rest.is_empty() { "0" } else { rest };
        let exponent_sign = if exponent < 0 { '-' } else { '+' };
        return format!("{sign}{first}.{rest}e{exponent_sign}{:02}", exponent.abs());
    }
    if exponent < 0 {
        return format!("{sign}0.{}{digits}", "0".repeat(exponent.unsigned_abs() as usize - 1));
    }
    let whole = exponent as usize + 1;
    let padded = format!("{digits:0<whole$}");
    let (before, after) = padded.split_at(whole);
    format!("{sign}{before}.{}", if after.is_empty() { "0" } else { after })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reals_become_text_as_in_sqlite() {
        for (real, text) in [
            (2.0, "2.0"),
            (0.0, "0.0"),
            (0.1, "0.1"),
            (0.1 + 0.2, "0.30000000000000004"),
            (1e16, "10000000000000000.0"),
            (1e17, "1.0e+17"),
            (123456.789, "123456.789"),
            (1e-4, "0.0001"),
            (1e-5, "1.0e-05"),
            (-0.5, "-0.5"),
        ] {
            assert_eq!(real_to_text(real), text);
        }
    }

    #[test]
    fn text_is_a_number_only_as_a_whole() {
        assert_eq!(number_in_text(" 12 "), Some(Constant::Integer(12)));
        assert_eq!(number_in_text("1e2"), Some(Constant::Integer(100)));
        assert_eq!(number_in_text("1.5"), Some(Constant::Real(1.5)));
        for text in ["", "abc", "12abc", "0x10", "inf", "-"] {
            assert_eq!(number_in_text(text), None, "{text}");
        }
    }
}
