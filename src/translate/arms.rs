//! The affinity of a compound SELECT's columns, as the query that reads it in FROM sees them.
//!
//! The first arm that has an affinity says which. TEXT that another arm's value may be a number beside, and a number's that another
//! arm's may be text beside, is none at all. REAL makes reals of the other arms' integers when they are read.

use super::ast::{BinaryOperator, Expr, ExprKind, SelectBody, SelectCoreKind, UnaryOperator};
use super::pass::{Pass, peel};
use super::rules::types::{StoredAs, affinity_of};
use super::scope::Meaning;
use super::select::Place;
use super::types::{Affinity, Columns, Type, Typed, type_name};
use crate::syntax::Span;

/// The classes of which SQLite takes a value to be, before it runs.
type Classes = u8;
const NUMBER: Classes = 1;
const TEXT: Classes = 2;
const BLOB: Classes = 4;

/// What the arms so far say of a column.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Arms {
    /// Of the first arm that has one.
    affinity: Affinity,
    is_real: bool,
    /// The first arm is a CAST: what is read stays as it is.
    pub is_cast: bool,
    /// The first arm is a column without an alias.
    pub is_unnamed: bool,
    /// Of the arms that do not decide.
    others: Classes,
    all: Classes,
}

impl Arms {
    pub fn and(self, later: Arms) -> Arms {
        let all = self.all | later.all;
        match self.affinity {
            Affinity::None => {
                let (is_cast, is_unnamed) = (self.is_cast, self.is_unnamed);
                Arms { is_cast, is_unnamed, others: self.all | later.others, all, ..later }
            }
            _ => Arms { others: self.others | later.all, all, ..self },
        }
    }

    pub fn unnamed(self, is_unnamed: bool) -> Arms {
        Arms { is_unnamed, ..self }
    }

    /// Of a column whose affinity has its own mind about what is stored.
    pub fn stored(self) -> Arms {
        Arms { is_cast: false, ..self }
    }

    pub fn affinity(self) -> Affinity {
        match self.affinity {
            Affinity::Text if self.others & NUMBER != 0 => Affinity::Blob,
            Affinity::Number if self.others & TEXT != 0 => Affinity::Blob,
            affinity => affinity,
        }
    }

    /// Whether what is read becomes a real.
    pub fn makes_reals(self) -> bool {
        self.is_real && !self.is_cast && self.affinity() == Affinity::Number
    }
}

/// What rows of VALUES say: any class, and no affinity.
pub(crate) const UNKNOWN: Arms = Arms {
    affinity: Affinity::None,
    is_real: false,
    is_cast: false,
    is_unnamed: false,
    others: NUMBER | TEXT | BLOB,
    all: NUMBER | TEXT | BLOB,
};

/// What a column says by itself.
pub(crate) fn of_column(typed: &Typed) -> Arms {
    let affinity = effective(typed);
    let classes = classes_of(affinity);
    let is_real = affinity == Affinity::Number && typed.ty == Type::Real;
    let others = if affinity == Affinity::None { classes } else { 0 };
    Arms { affinity, is_real, is_cast: false, is_unnamed: false, others, all: classes }
}

/// The last arm's, which is no other's.
fn alone(kinds: Arms, typed: &Typed) -> Arms {
    Arms { affinity: effective(typed), others: 0, ..kinds }
}

pub(crate) fn arms_of(typed: &Typed) -> Arms {
    typed.kinds.unwrap_or_else(|| of_column(typed))
}

/// A column's affinity, that of a blob's told from none.
fn effective(typed: &Typed) -> Affinity {
    match typed.affinity {
        Affinity::None if typed.ty == Type::Blob && typed.column.is_some() => Affinity::Blob,
        Affinity::Unclear => Affinity::Blob,
        affinity => affinity,
    }
}

fn classes_of(affinity: Affinity) -> Classes {
    match affinity {
        Affinity::Number => NUMBER | BLOB,
        Affinity::Text => TEXT | BLOB,
        Affinity::None | Affinity::Blob | Affinity::Unclear => NUMBER | TEXT | BLOB,
    }
}

/// The NULLs that PostgreSQL takes for texts, with the places of their columns: of columns whose first two arms are NULL, and of VALUES.
pub(crate) fn text_nulls(first: &Columns, others: &[Columns], body: &SelectBody) -> Vec<(usize, Span)> {
    let mut found = Vec::new();
    let cores = std::iter::once(&body.first).chain(body.compounds.iter().map(|part| &part.core));
    let arms = std::iter::once(first).chain(others);
    for (index, (core, columns)) in cores.zip(arms).enumerate() {
        let is_values = matches!(core.kind, SelectCoreKind::Values(_));
        for (at, (_, typed)) in columns.iter().enumerate().filter(|(_, (_, typed))| typed.ty == Type::Null) {
            let is_second = index == 0 && others.first().is_some_and(|second| second[at].1.ty == Type::Null);
            if is_values || is_second {
                found.extend(typed.arms.iter().map(|span| (at, *span)));
            }
        }
    }
    found
}

impl Pass<'_> {
    /// What an arm's expression says of its column.
    pub fn arm_kinds(&self, expr: &Expr, typed: &Typed) -> Arms {
        if let (ExprKind::Column { .. }, Some(own)) = (&peel(expr).kind, typed.kinds) {
            return own;
        }
        let cast = match &peel(expr).kind {
            ExprKind::Cast { type_name, .. } => Some(affinity_of(&type_name.name)),
            _ => None,
        };
        let affinity = match cast {
            Some(StoredAs::Blob) => Affinity::Blob,
            _ => effective(typed),
        };
        let is_real =
            affinity == Affinity::Number && typed.ty == Type::Real && cast.is_none_or(|it| it == StoredAs::Real);
        let all = self.classes(expr, Some(typed));
        let others = if affinity == Affinity::None { all } else { 0 };
        Arms { affinity, is_real, is_cast: cast.is_some(), is_unnamed: false, others, all }
    }

    fn classes(&self, expr: &Expr, typed: Option<&Typed>) -> Classes {
        match &expr.kind {
            ExprKind::Parenthesized(operand)
            | ExprKind::Collate { operand, .. }
            | ExprKind::Unary { operator: UnaryOperator::Plus, operand } => {
                // The sign takes the affinity away, of which the classes are.
                let typed = typed.filter(|_| !matches!(expr.kind, ExprKind::Unary { .. }));
                self.classes(operand, typed)
            }
            ExprKind::Null => 0,
            ExprKind::String(_) => TEXT,
            ExprKind::Blob(_) => BLOB,
            ExprKind::Binary { operator: BinaryOperator::Concat, .. } => TEXT | BLOB,
            ExprKind::Binary { operator: BinaryOperator::JsonArrow | BinaryOperator::JsonArrowText, .. }
            | ExprKind::Like { negated: false, .. }
            | ExprKind::Placeholder(_)
            | ExprKind::CurrentDate
            | ExprKind::CurrentTime
            | ExprKind::CurrentTimestamp
            | ExprKind::Call(_) => NUMBER | TEXT | BLOB,
            ExprKind::Cast { type_name, .. } => match affinity_of(&type_name.name) {
                StoredAs::Integer | StoredAs::Real | StoredAs::Numeric => NUMBER | BLOB,
                StoredAs::Text => TEXT | BLOB,
                StoredAs::Blob => NUMBER | TEXT | BLOB,
            },
            ExprKind::Column { table, column, .. } => match typed {
                Some(typed) if typed.constant.is_some() => TEXT,
                Some(typed) => classes_of(typed.affinity),
                None => match self.lookup(table.as_ref(), column, expr.span) {
                    Ok(Meaning::Column { typed, .. }) => classes_of(typed.affinity),
                    Ok(Meaning::Text) => TEXT,
                    _ => NUMBER | TEXT | BLOB,
                },
            },
            ExprKind::Subquery(_) => typed.map_or(NUMBER | TEXT | BLOB, |typed| classes_of(typed.affinity)),
            ExprKind::Case { branches, otherwise, .. } => {
                let results = branches.iter().map(|(_, then)| then).chain(otherwise.as_deref());
                results.fold(0, |all, result| all | self.classes(result, None))
            }
            _ => NUMBER,
        }
    }

    /// What the arms of a compound SELECT say of its columns, where another query reads them. Their integers become reals where
    /// reading makes such of them.
    pub fn arms(&mut self, first: &mut Columns, others: &mut [Columns], place: Place<'_>) -> Vec<Arms> {
        let Some(last) = others.last() else { return Vec::new() };
        match place {
            // A query as a value, or behind IN, is compared by its last arm's.
            Place::Value => return last.iter().map(|(_, typed)| alone(arms_of(typed), typed)).collect(),
            Place::Inner | Place::Declared => {}
            Place::Top | Place::Returned | Place::Assigned(_) => return Vec::new(),
        }
        let mut all = Vec::with_capacity(first.len());
        for (at, (_, typed)) in first.iter_mut().enumerate() {
            let kinds = others.iter().fold(arms_of(typed), |kinds, arm| kinds.and(arms_of(&arm[at].1)));
            if kinds.makes_reals() {
                self.make_reals(typed);
                others.iter_mut().for_each(|arm| self.make_reals(&mut arm[at].1));
            }
            all.push(kinds);
        }
        all
    }

    /// Gives a column's NULLs the type of the arms behind it, or of the column that all are assigned to.
    pub fn nulls_as(&mut self, nulls: Vec<(usize, Span)>, columns: &Columns, place: Place<'_>) {
        for (at, span) in nulls {
            let ty = columns[at].1.ty;
            let name = match place {
                Place::Assigned(targets) if ty == Type::Null => {
                    targets.get(at).and_then(|target| type_name(target.data_type))
                }
                _ => match ty {
                    Type::Native(native) => type_name(native),
                    _ => ty.name().filter(|_| ty != Type::Text),
                },
            };
            if let Some(name) = name {
                self.edits.wrap(span, "(", format!(")::{name}"));
            }
        }
    }

    pub fn make_reals(&mut self, arm: &mut Typed) {
        if !matches!(arm.ty, Type::Integer | Type::Numeric) || arm.arms.is_empty() {
            return;
        }
        for span in &arm.arms {
            self.edits.wrap(*span, "(", ")::float8");
        }
        arm.ty = Type::Real;
        (arm.int4, arm.by_row, arm.column) = (false, false, None);
        arm.branches.iter_mut().for_each(|branch| branch.ty = Type::Real);
    }
}
