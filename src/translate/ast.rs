//! The tree of one SQLite statement.
//!
//! Every node carries the half-open byte range of the caller's text it was read from, so that rewrites are
//! edits on spans and every note points at what the caller wrote. Names keep their span and their unquoted text.
//! The tree has no opinion about PostgreSQL and no types; `resolve` adds those.

// A statement is read once and then only walked; boxes would cost every walker more than they save here.
#![allow(clippy::large_enum_variant)]

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use crate::syntax::Span;

/// A name as written (`span`) and as meant (`text`: quotes removed, doubled quotes undone, case kept).
#[derive(Debug, Clone, PartialEq)]
pub struct Name {
    pub span: Span,
    pub text: Text,
    /// How it was quoted; `"x"` may turn out to be a string.
    pub quote: Quote,
}

/// A name's text. The names of a statement share one copy of it: a statement has dozens, and an allocation for each costs more than
/// the rest of parsing.
#[derive(Clone)]
pub struct Text {
    of: Arc<str>,
    start: u32,
    end: u32,
}

impl Text {
    /// The part `span` of `of`.
    pub(crate) fn part(of: &Arc<str>, span: Span) -> Text {
        match (u32::try_from(span.start), u32::try_from(span.end)) {
            (Ok(start), Ok(end)) => Text { of: Arc::clone(of), start, end },
            // Far into a statement that is longer than SQLite takes.
            _ => span.text(of).into(),
        }
    }

    pub fn as_str(&self) -> &str {
        self
    }
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        &self.of[self.start as usize..self.end as usize]
    }
}

impl std::convert::From<&str> for Text {
    fn from(text: &str) -> Self {
        let end = u32::try_from(text.len()).expect("no name has 4 GiB");
        Text { of: text.into(), start: 0, end }
    }
}

impl PartialEq for Text {
    fn eq(&self, other: &Text) -> bool {
        **self == **other
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quote {
    None,
    Double,
    Backtick,
    Bracket,
    /// `'x'` where SQLite takes a string for a name, e.g. `AS 'the id'`.
    Single,
}

/// `schema.name`
#[derive(Debug, Clone, PartialEq)]
pub struct QualifiedName {
    pub span: Span,
    pub schema: Option<Name>,
    pub name: Name,
}

impl Name {
    /// Whether it is the name of the session's own database.
    pub fn is_temp(&self) -> bool {
        self.text.eq_ignore_ascii_case("temp")
    }
}

impl QualifiedName {
    /// Whether it says `temp.`.
    pub fn is_temp(&self) -> bool {
        self.schema.as_ref().is_some_and(Name::is_temp)
    }

    /// As SQLite's messages show it: without quotes.
    pub fn shown(&self) -> String {
        match &self.schema {
            Some(schema) => format!("{}.{}", schema.text, self.name.text),
            None => self.name.text.to_string(),
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    pub span: Span,
    pub kind: StatementKind,
}

#[derive(Debug, Clone, PartialEq)]
pub enum StatementKind {
    /// `EXPLAIN` or `EXPLAIN QUERY PLAN`
    Explain {
        query_plan: bool,
        inner: Box<Statement>,
    },
    Select(Box<Select>),
    Insert(Box<Insert>),
    Update(Box<Update>),
    Delete(Box<Delete>),
    CreateTable(Box<CreateTable>),
    CreateVirtualTable(Box<CreateVirtualTable>),
    CreateIndex(Box<CreateIndex>),
    CreateView(Box<CreateView>),
    CreateTrigger(Box<CreateTrigger>),
    AlterTable(Box<AlterTable>),
    Drop(Drop),
    Begin {
        behavior: Option<BeginBehavior>,
    },
    Commit,
    /// `ROLLBACK [TO name]`
    Rollback {
        to: Option<Name>,
    },
    Savepoint {
        name: Name,
    },
    Release {
        name: Name,
    },
    Pragma(Pragma),
    Analyze {
        name: Option<QualifiedName>,
    },
    Reindex {
        name: Option<QualifiedName>,
    },
    Vacuum {
        schema: Option<Name>,
        into: Option<Expr>,
    },
    Attach {
        file: Expr,
        schema: Expr,
        key: Option<Expr>,
    },
    Detach {
        schema: Expr,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BeginBehavior {
    Deferred,
    Immediate,
    Exclusive,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Pragma {
    pub name: QualifiedName,
    /// `= value` or `(value)`; a bare word is an [`ExprKind::Column`].
    pub value: Option<PragmaValue>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct PragmaValue {
    pub span: Span,
    /// `true` for `PRAGMA x(value)`, `false` for `PRAGMA x = value`
    pub call: bool,
    pub value: Expr,
}

// ---- queries

#[derive(Debug, Clone, PartialEq)]
pub struct Select {
    pub span: Span,
    pub with: Option<With>,
    pub body: SelectBody,
    pub order_by: Vec<OrderTerm>,
    pub limit: Option<Limit>,
}

/// One `SELECT` or `VALUES`, and what is combined with it, left to right (SQLite gives all operators one precedence).
#[derive(Debug, Clone, PartialEq)]
pub struct SelectBody {
    pub first: SelectCore,
    pub compounds: Vec<Compound>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Compound {
    /// The operator's words, e.g. `UNION ALL`
    pub span: Span,
    pub operator: CompoundOperator,
    pub core: SelectCore,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CompoundOperator {
    Union,
    UnionAll,
    Except,
    Intersect,
}

#[derive(Debug, Clone, PartialEq)]
pub struct SelectCore {
    pub span: Span,
    pub kind: SelectCoreKind,
}

#[derive(Debug, Clone, PartialEq)]
pub enum SelectCoreKind {
    Select(Box<SimpleSelect>),
    Values(Vec<ValuesRow>),
}

/// `(a, b)` of `VALUES`
#[derive(Debug, Clone, PartialEq)]
pub struct ValuesRow {
    pub span: Span,
    pub values: Vec<Expr>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct SimpleSelect {
    pub distinct: Option<Distinct>,
    pub columns: Vec<ResultColumn>,
    pub from: Option<From>,
    pub where_clause: Option<Expr>,
    pub group_by: Vec<Expr>,
    pub having: Option<Expr>,
    pub windows: Vec<NamedWindow>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Distinct {
    Distinct,
    All,
}

#[derive(Debug, Clone, PartialEq)]
pub struct ResultColumn {
    pub span: Span,
    pub kind: ResultColumnKind,
}

#[derive(Debug, Clone, PartialEq)]
pub enum ResultColumnKind {
    Star,
    TableStar(Name),
    Expr { expr: Expr, alias: Option<Name> },
}

/// A join tree, left to right.
#[derive(Debug, Clone, PartialEq)]
pub struct From {
    pub span: Span,
    pub first: TableRef,
    pub joins: Vec<Join>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Join {
    /// Comma or the operator's words, e.g. `NATURAL LEFT OUTER JOIN`
    pub operator_span: Span,
    pub operator: JoinOperator,
    pub table: TableRef,
    pub constraint: Option<JoinConstraint>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JoinOperator {
    pub natural: bool,
    pub kind: JoinKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JoinKind {
    Comma,
    /// `JOIN` and `INNER JOIN`
    Inner,
    Cross,
    Left,
    Right,
    Full,
}

#[derive(Debug, Clone, PartialEq)]
pub enum JoinConstraint {
    On(Expr),
    Using(Vec<Name>),
}

#[derive(Debug, Clone, PartialEq)]
pub struct TableRef {
    pub span: Span,
    pub kind: TableRefKind,
    pub alias: Option<Name>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum TableRefKind {
    Table {
        name: QualifiedName,
        indexed: Option<Indexed>,
    },
    /// `json_each(...)`, `pragma_table_info('t')`
    Function {
        name: QualifiedName,
        arguments: Vec<Expr>,
    },
    Subquery(Box<Select>),
    /// `(a JOIN b ON ...)`
    Join(Box<From>),
}

/// `INDEXED BY name` (`Some`) or `NOT INDEXED` (`None`)
#[derive(Debug, Clone, PartialEq)]
pub struct Indexed {
    pub span: Span,
    pub by: Option<Name>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct With {
    pub span: Span,
    pub recursive: bool,
    pub tables: Vec<CommonTable>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct CommonTable {
    pub span: Span,
    pub name: Name,
    pub columns: Vec<Name>,
    pub materialized: Option<bool>,
    pub select: Box<Select>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct OrderTerm {
    pub span: Span,
    pub expr: Expr,
    pub order: Option<SortOrder>,
    pub nulls: Option<NullOrder>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SortOrder {
    Asc,
    Desc,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NullOrder {
    First,
    Last,
}

/// `LIMIT limit [OFFSET offset]` or `LIMIT offset, limit` (`comma`)
#[derive(Debug, Clone, PartialEq)]
pub struct Limit {
    pub span: Span,
    pub limit: Expr,
    pub offset: Option<Expr>,
    pub comma: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub struct NamedWindow {
    pub span: Span,
    pub name: Name,
    pub window: Window,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Window {
    pub span: Span,
    pub base: Option<Name>,
    pub partition_by: Vec<Expr>,
    pub order_by: Vec<OrderTerm>,
    pub frame: Option<Frame>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Frame {
    pub span: Span,
    pub mode: FrameMode,
    pub start: FrameBound,
    pub end: Option<FrameBound>,
    pub exclude: Option<FrameExclude>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FrameMode {
    Rows,
    Range,
    Groups,
}

#[derive(Debug, Clone, PartialEq)]
pub enum FrameBound {
    UnboundedPreceding,
    Preceding(Box<Expr>),
    CurrentRow,
    Following(Box<Expr>),
    UnboundedFollowing,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FrameExclude {
    NoOthers,
    CurrentRow,
    Group,
    Ties,
}

// ---- writes

/// `OR ROLLBACK | ABORT | FAIL | IGNORE | REPLACE`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConflictAction {
    Rollback,
    Abort,
    Fail,
    Ignore,
    Replace,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Insert {
    pub with: Option<With>,
    /// `INSERT`, `INSERT OR x` or `REPLACE`
    pub verb: Span,
    pub or: Option<ConflictAction>,
    pub table: QualifiedName,
    pub alias: Option<Name>,
    pub columns: Vec<Name>,
    pub source: InsertSource,
    pub upserts: Vec<Upsert>,
    pub returning: Option<Returning>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum InsertSource {
    DefaultValues(Span),
    Select(Box<Select>),
}

#[derive(Debug, Clone, PartialEq)]
pub struct Upsert {
    pub span: Span,
    /// The conflict target's terms, empty when there is none.
    pub target: Vec<IndexTerm>,
    pub target_where: Option<Expr>,
    pub action: UpsertAction,
}

#[derive(Debug, Clone, PartialEq)]
pub enum UpsertAction {
    Nothing,
    Update { set: Vec<Assignment>, where_clause: Option<Expr> },
}

#[derive(Debug, Clone, PartialEq)]
pub struct Assignment {
    pub span: Span,
    /// One name, or several for `(a, b) = ...`
    pub columns: Vec<Name>,
    pub row: bool,
    pub value: Expr,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Returning {
    pub span: Span,
    pub columns: Vec<ResultColumn>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Update {
    pub with: Option<With>,
    pub verb: Span,
    pub or: Option<ConflictAction>,
    pub table: QualifiedName,
    pub alias: Option<Name>,
    pub indexed: Option<Indexed>,
    pub set: Vec<Assignment>,
    pub from: Option<From>,
    pub where_clause: Option<Expr>,
    pub returning: Option<Returning>,
    pub order_by: Vec<OrderTerm>,
    pub limit: Option<Limit>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Delete {
    pub with: Option<With>,
    pub verb: Span,
    pub table: QualifiedName,
    pub alias: Option<Name>,
    pub indexed: Option<Indexed>,
    pub where_clause: Option<Expr>,
    pub returning: Option<Returning>,
    pub order_by: Vec<OrderTerm>,
    pub limit: Option<Limit>,
}

// ---- expressions

#[derive(Debug, Clone, PartialEq)]
pub struct Expr {
    /// Without parentheses around it; those are [`ExprKind::Parenthesized`].
    pub span: Span,
    pub kind: ExprKind,
}

#[derive(Debug, Clone, PartialEq)]
pub enum ExprKind {
    Null,
    Integer,
    Float,
    String(String),
    Blob(Vec<u8>),
    /// `TRUE` / `FALSE`, unless a column of that name is meant
    Boolean(bool),
    CurrentTime,
    CurrentDate,
    CurrentTimestamp,
    /// A placeholder; its number as SQLite counts, from 1.
    Placeholder(u32),
    /// `[schema.][table.]column`; a `"quoted"` one without qualifiers may be a string.
    Column {
        schema: Option<Box<Name>>,
        table: Option<Name>,
        column: Name,
    },
    Unary {
        operator: UnaryOperator,
        operand: Box<Expr>,
    },
    Binary {
        operator: BinaryOperator,
        operator_span: Span,
        left: Box<Expr>,
        right: Box<Expr>,
    },
    /// `x ISNULL`, `x NOTNULL`, `x NOT NULL`; `IS NULL` is a Binary with Null at the right.
    NullTest {
        operand: Box<Expr>,
        negated: bool,
        operator_span: Span,
    },
    Like {
        operator: LikeOperator,
        operator_span: Span,
        negated: bool,
        left: Box<Expr>,
        right: Box<Expr>,
        escape: Option<Box<Expr>>,
    },
    Between {
        negated: bool,
        operand: Box<Expr>,
        low: Box<Expr>,
        high: Box<Expr>,
    },
    In {
        negated: bool,
        operator_span: Span,
        operand: Box<Expr>,
        set: Box<InSet>,
    },
    Collate {
        operand: Box<Expr>,
        collation: Name,
    },
    Cast {
        operand: Box<Expr>,
        type_name: TypeName,
    },
    Case {
        operand: Option<Box<Expr>>,
        branches: Vec<(Expr, Expr)>,
        otherwise: Option<Box<Expr>>,
    },
    Call(Box<Call>),
    Exists {
        negated: bool,
        select: Box<Select>,
    },
    Subquery(Box<Select>),
    /// `(a, b)`: a row value
    Row(Vec<Expr>),
    Parenthesized(Box<Expr>),
    /// `RAISE(ABORT, 'message')` in a trigger
    Raise {
        action: Option<ConflictAction>,
        message: Option<Box<Expr>>,
    },
}

impl Expr {
    /// The expressions directly inside, those of subqueries and windows left out.
    pub fn children(&self) -> Vec<&Expr> {
        match &self.kind {
            ExprKind::Unary { operand, .. }
            | ExprKind::NullTest { operand, .. }
            | ExprKind::Collate { operand, .. }
            | ExprKind::Cast { operand, .. } => vec![operand],
            ExprKind::Parenthesized(inner) => vec![inner],
            ExprKind::Binary { left, right, .. } => vec![left, right],
            ExprKind::Like { left, right, escape, .. } => {
                [left, right].into_iter().chain(escape).map(|inner| &**inner).collect()
            }
            ExprKind::Between { operand, low, high, .. } => vec![operand, low, high],
            ExprKind::In { operand, set, .. } => {
                let values = match &**set {
                    InSet::List { values, .. } => values.as_slice(),
                    InSet::Function { arguments, .. } => arguments.as_slice(),
                    InSet::Select { .. } | InSet::Table(_) => &[],
                };
                std::iter::once(&**operand).chain(values).collect()
            }
            ExprKind::Case { operand, branches, otherwise } => {
                let branches = branches.iter().flat_map(|(when, then)| [when, then]);
                operand.as_deref().into_iter().chain(branches).chain(otherwise.as_deref()).collect()
            }
            ExprKind::Call(call) => call.arguments.iter().chain(&call.filter).collect(),
            ExprKind::Row(members) => members.iter().collect(),
            _ => Vec::new(),
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub enum InSet {
    List { span: Span, values: Vec<Expr> },
    Select { span: Span, select: Box<Select> },
    Table(QualifiedName),
    Function { span: Span, name: QualifiedName, arguments: Vec<Expr> },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnaryOperator {
    Plus,
    Minus,
    BitNot,
    Not,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BinaryOperator {
    Or,
    And,
    /// `=` and `==`
    Equal,
    /// `<>` and `!=`
    NotEqual,
    /// `IS` and `IS NOT DISTINCT FROM`
    Is,
    /// `IS NOT` and `IS DISTINCT FROM`
    IsNot,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    BitAnd,
    BitOr,
    ShiftLeft,
    ShiftRight,
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
    Concat,
    /// `->`
    JsonArrow,
    /// `->>`
    JsonArrowText,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LikeOperator {
    Like,
    Glob,
    Regexp,
    Match,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    pub name: Name,
    /// `count(*)`
    pub star: bool,
    pub distinct: bool,
    pub arguments: Vec<Expr>,
    /// ORDER BY inside an aggregate
    pub order_by: Vec<OrderTerm>,
    pub filter: Option<Expr>,
    pub over: Option<Over>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Over {
    Name(Name),
    Window(Window),
}

/// A declared type: `VARCHAR(20)`, `UNSIGNED BIG INT`
#[derive(Debug, Clone, PartialEq)]
pub struct TypeName {
    pub span: Span,
    /// The words, joined by one blank, case kept, without the size.
    pub name: String,
    /// What stands between the parentheses, e.g. `["10", "2"]`
    pub size: Vec<String>,
}

// ---- schema

#[derive(Debug, Clone, PartialEq)]
pub struct CreateTable {
    pub temporary: bool,
    pub if_not_exists: bool,
    pub name: QualifiedName,
    pub body: CreateTableBody,
}

#[derive(Debug, Clone, PartialEq)]
pub enum CreateTableBody {
    Columns {
        span: Span,
        columns: Vec<ColumnDefinition>,
        constraints: Vec<TableConstraint>,
        without_rowid: bool,
        strict: bool,
    },
    AsSelect(Box<Select>),
}

#[derive(Debug, Clone, PartialEq)]
pub struct ColumnDefinition {
    pub span: Span,
    pub name: Name,
    pub type_name: Option<TypeName>,
    pub constraints: Vec<ColumnConstraint>,
}

impl ColumnDefinition {
    /// What DEFAULT says.
    pub fn default_value(&self) -> Option<&Expr> {
        self.constraints.iter().find_map(|constraint| match &constraint.kind {
            ColumnConstraintKind::Default { value } => Some(value),
            _ => None,
        })
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct ColumnConstraint {
    pub span: Span,
    pub name: Option<Name>,
    pub kind: ColumnConstraintKind,
}

#[derive(Debug, Clone, PartialEq)]
pub enum ColumnConstraintKind {
    PrimaryKey {
        order: Option<SortOrder>,
        on_conflict: Option<ConflictAction>,
        autoincrement: bool,
    },
    NotNull {
        on_conflict: Option<ConflictAction>,
    },
    /// The word `NULL`, which SQLite takes and ignores
    Null,
    Unique {
        on_conflict: Option<ConflictAction>,
    },
    Check {
        expr: Expr,
    },
    /// `DEFAULT literal`, `DEFAULT -1`, `DEFAULT (expr)` (then Parenthesized); a bare word is a Column
    Default {
        value: Expr,
    },
    Collate {
        collation: Name,
    },
    References(ForeignKeyClause),
    Generated {
        expr: Expr,
        stored: bool,
    },
}

#[derive(Debug, Clone, PartialEq)]
pub struct ForeignKeyClause {
    pub span: Span,
    pub table: Name,
    pub columns: Vec<Name>,
    pub on_delete: Option<ForeignKeyAction>,
    pub on_update: Option<ForeignKeyAction>,
    /// `MATCH name`, which SQLite takes and ignores
    pub match_name: Option<Name>,
    pub deferrable: Option<Deferrable>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ForeignKeyAction {
    SetNull,
    SetDefault,
    Cascade,
    Restrict,
    NoAction,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deferrable {
    /// `false` for NOT DEFERRABLE
    pub deferrable: bool,
    pub initially_deferred: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub struct TableConstraint {
    pub span: Span,
    pub name: Option<Name>,
    pub kind: TableConstraintKind,
}

#[derive(Debug, Clone, PartialEq)]
pub enum TableConstraintKind {
    PrimaryKey { columns: Vec<IndexTerm>, autoincrement: bool, on_conflict: Option<ConflictAction> },
    Unique { columns: Vec<IndexTerm>, on_conflict: Option<ConflictAction> },
    Check { expr: Expr },
    ForeignKey { columns: Vec<Name>, references: ForeignKeyClause },
}

/// A term of an index or a key: a column or an expression, perhaps `COLLATE x` (then the expr is a Collate).
#[derive(Debug, Clone, PartialEq)]
pub struct IndexTerm {
    pub span: Span,
    pub expr: Expr,
    pub order: Option<SortOrder>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct CreateVirtualTable {
    pub if_not_exists: bool,
    pub name: QualifiedName,
    pub module: Name,
    /// The arguments' texts, trimmed.
    pub arguments: Vec<(Span, String)>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct CreateIndex {
    pub unique: bool,
    pub if_not_exists: bool,
    pub name: QualifiedName,
    pub table: Name,
    pub terms: Vec<IndexTerm>,
    pub where_clause: Option<Expr>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct CreateView {
    pub temporary: bool,
    pub if_not_exists: bool,
    pub name: QualifiedName,
    pub columns: Vec<Name>,
    pub select: Box<Select>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct CreateTrigger {
    pub temporary: bool,
    pub if_not_exists: bool,
    pub name: QualifiedName,
    pub time: Option<TriggerTime>,
    pub event: TriggerEvent,
    pub table: Name,
    pub for_each_row: bool,
    pub when: Option<Expr>,
    pub body: Vec<Statement>,
}

impl CreateTrigger {
    /// Whether it is this session's alone: it says TEMP, or puts `temp.` in front of the name.
    pub fn is_temporary(&self) -> bool {
        self.temporary || self.name.is_temp()
    }
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum TriggerTime {
    #[default]
    Before,
    After,
    InsteadOf,
}

#[derive(Debug, Clone, PartialEq)]
pub enum TriggerEvent {
    Delete,
    Insert,
    /// `UPDATE [OF a, b]`
    Update {
        of: Vec<Name>,
    },
}

#[derive(Debug, Clone, PartialEq)]
pub struct AlterTable {
    pub table: QualifiedName,
    pub action: AlterAction,
}

#[derive(Debug, Clone, PartialEq)]
pub enum AlterAction {
    RenameTo(Name),
    RenameColumn {
        from: Name,
        to: Name,
    },
    AddColumn(Box<ColumnDefinition>),
    DropColumn(Name),
    /// `ADD [CONSTRAINT name] CHECK (expr)`
    AddCheck {
        name: Option<Name>,
        expr: Expr,
    },
    DropConstraint(Name),
    /// `ALTER COLUMN name SET NOT NULL`
    SetNotNull(Name),
    /// `ALTER COLUMN name DROP NOT NULL`
    DropNotNull(Name),
}

#[derive(Debug, Clone, PartialEq)]
pub struct Drop {
    pub object: DropObject,
    pub if_exists: bool,
    pub name: QualifiedName,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DropObject {
    Table,
    Index,
    View,
    Trigger,
}
