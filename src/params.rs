//! What a statement's placeholders are bound to, in every form rusqlite takes.
//!
//! rusqlite's own `Params` and `BindIndex` are sealed and speak of `rusqlite::Statement`, so the same traits are declared here,
//! with the same implementations, over [`Statement`].

use crate::{Error, Result, Statement, ToSql};
use std::ffi::CStr;

mod sealed {
    pub trait Sealed {}
}
use sealed::Sealed;

/// Values that can be bound to all placeholders of a statement.
///
/// Implemented for `[]` and `()` (none), tuples of up to 16 values, arrays of up to 32 values of one type, [`params!`](crate::params)
/// and `&[&dyn ToSql]`, [`params_from_iter`], and for names: [`named_params!`](crate::named_params), `&[(name, value)]`.
/// Placeholders that a named form leaves out keep what they were bound to, at first NULL.
///
/// # Errors
/// A statement given the wrong number of values fails with [`Error::InvalidParameterCount`] (given, needed), an unknown name with
/// [`Error::InvalidParameterName`].
///
/// # Examples
/// ```
/// use sqlift::{Connection, named_params, params};
///
/// let conn = Connection::open_in_memory()?;
/// let sum = |row: &sqlift::Row<'_>| row.get::<_, i64>(0);
/// assert_eq!(conn.query_row("SELECT ?1 + ?2", (1, 2), sum)?, 3);
/// assert_eq!(conn.query_row("SELECT ?1 + ?2", [1, 2], sum)?, 3);
/// assert_eq!(conn.query_row("SELECT ?1 + ?2", params![1, 2], sum)?, 3);
/// assert_eq!(conn.query_row("SELECT :a + :b", &[(":a", &1), (":b", &2)], sum)?, 3);
/// assert_eq!(conn.query_row("SELECT :a + :b", named_params! {":a": 1, ":b": 2}, sum)?, 3);
/// # Ok::<(), sqlift::Error>(())
/// ```
pub trait Params: Sealed {
    // The way between this trait and `Statement`; not for callers.
    #[doc(hidden)]
    fn __bind_in(self, stmt: &mut Statement<'_>) -> Result<()>;
}

// The only implementation for an empty array, so that `conn.execute(sql, [])` needs no type annotation.
impl Sealed for [&(dyn ToSql + Send + Sync); 0] {}
impl Params for [&(dyn ToSql + Send + Sync); 0] {
    #[inline]
    fn __bind_in(self, stmt: &mut Statement<'_>) -> Result<()> {
        ensure_parameter_count(stmt, 0)
    }
}

impl Sealed for () {}
impl Params for () {
    #[inline]
    fn __bind_in(self, stmt: &mut Statement<'_>) -> Result<()> {
        ensure_parameter_count(stmt, 0)
    }
}

impl Sealed for &[&dyn ToSql] {}
impl Params for &[&dyn ToSql] {
    #[inline]
    fn __bind_in(self, stmt: &mut Statement<'_>) -> Result<()> {
        bind_in_order(stmt, self)
    }
}

impl<S: BindIndex, T: ToSql> Sealed for &[(S, T)] {}
impl<S: BindIndex, T: ToSql> Params for &[(S, T)] {
    #[inline]
    fn __bind_in(self, stmt: &mut Statement<'_>) -> Result<()> {
        bind_by_name(stmt, self)
    }
}

macro_rules! tuple_params {
    ($($count:literal: $($field:tt $type:ident),+;)+) => {$(
        impl<$($type: ToSql),+> Sealed for ($($type,)+) {}
        impl<$($type: ToSql),+> Params for ($($type,)+) {
            fn __bind_in(self, stmt: &mut Statement<'_>) -> Result<()> {
                ensure_parameter_count(stmt, $count)?;
                $(stmt.bind_parameter($field + 1, &self.$field)?;)+
                Ok(())
            }
        }
    )+};
}

tuple_params! {
    1: 0 A;
    2: 0 A, 1 B;
    3: 0 A, 1 B, 2 C;
    4: 0 A, 1 B, 2 C, 3 D;
    5: 0 A, 1 B, 2 C, 3 D, 4 E;
    6: 0 A, 1 B, 2 C, 3 D, 4 E, 5 F;
    7: 0 A, 1 B, 2 C, 3 D, 4 E, 5 F, 6 G;
    8: 0 A, 1 B, 2 C, 3 D, 4 E, 5 F, 6 G, 7 H;
    9: 0 A, 1 B, 2 C, 3 D, 4 E, 5 F, 6 G, 7 H, 8 I;
    10: 0 A, 1 B, 2 C, 3 D, 4 E, 5 F, 6 G, 7 H, 8 I, 9 J;
    11: 0 A, 1 B, 2 C, 3 D, 4 E, 5 F, 6 G, 7 H, 8 I, 9 J, 10 K;
    12: 0 A, 1 B, 2 C, 3 D, 4 E, 5 F, 6 G, 7 H, 8 I, 9 J, 10 K, 11 L;
    13: 0 A, 1 B, 2 C, 3 D, 4 E, 5 F, 6 G, 7 H, 8 I, 9 J, 10 K, 11 L, 12 M;
    14: 0 A, 1 B, 2 C, 3 D, 4 E, 5 F, 6 G, 7 H, 8 I, 9 J, 10 K, 11 L, 12 M, 13 N;
    15: 0 A, 1 B, 2 C, 3 D, 4 E, 5 F, 6 G, 7 H, 8 I, 9 J, 10 K, 11 L, 12 M, 13 N, 14 O;
    16: 0 A, 1 B, 2 C, 3 D, 4 E, 5 F, 6 G, 7 H, 8 I, 9 J, 10 K, 11 L, 12 M, 13 N, 14 O, 15 P;
}

// Arrays by length rather than `const N: usize`: that would overlap with the empty array above.
macro_rules! array_params {
    ($($count:literal)+) => {$(
        impl<T: ToSql> Sealed for [T; $count] {}
        impl<T: ToSql> Params for [T; $count] {
            #[inline]
            fn __bind_in(self, stmt: &mut Statement<'_>) -> Result<()> {
                bind_in_order(stmt, &self)
            }
        }
        impl<T: ToSql + ?Sized> Sealed for &[&T; $count] {}
        impl<T: ToSql + ?Sized> Params for &[&T; $count] {
            fn __bind_in(self, stmt: &mut Statement<'_>) -> Result<()> {
                bind_in_order(stmt, self)
            }
        }
        impl<S: BindIndex, T: ToSql + ?Sized> Sealed for &[(S, &T); $count] {}
        impl<S: BindIndex, T: ToSql + ?Sized> Params for &[(S, &T); $count] {
            fn __bind_in(self, stmt: &mut Statement<'_>) -> Result<()> {
                bind_by_name(stmt, self)
            }
        }
    )+};
}

array_params!(1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32);

/// The items of an iterator as parameters; made by [`params_from_iter`].
#[derive(Clone, Debug)]
pub struct ParamsFromIter<I>(I);

/// Binds the items of an iterator, in order.
///
/// # Errors
/// Too few or too many items fail when the statement is run, with [`Error::InvalidParameterCount`]; of too many, only one past the
/// needed number is taken from the iterator.
///
/// # Examples
/// ```
/// use sqlift::{Connection, params_from_iter};
///
/// let conn = Connection::open_in_memory()?;
/// let ids = vec![3, 4, 5];
/// let sql = format!("SELECT max({})", vec!["?"; ids.len()].join(", "));
/// assert_eq!(conn.query_row(&sql, params_from_iter(&ids), |row| row.get::<_, i64>(0))?, 5);
/// # Ok::<(), sqlift::Error>(())
/// ```
#[inline]
pub fn params_from_iter<I>(iter: I) -> ParamsFromIter<I>
where
    I: IntoIterator,
    I::Item: ToSql,
{
    ParamsFromIter(iter)
}

impl<I> Sealed for ParamsFromIter<I>
where
    I: IntoIterator,
    I::Item: ToSql,
{
}
impl<I> Params for ParamsFromIter<I>
where
    I: IntoIterator,
    I::Item: ToSql,
{
    #[inline]
    fn __bind_in(self, stmt: &mut Statement<'_>) -> Result<()> {
        bind_in_order(stmt, self.0)
    }
}

/// Names one placeholder: its number from 1, or its name with the prefix character (`":id"`, `c":id"`).
///
/// # Errors
/// An unknown name is [`Error::InvalidParameterName`]. Numbers are checked when the value is bound.
///
/// # Examples
/// ```
/// let conn = sqlift::Connection::open_in_memory()?;
/// let mut stmt = conn.prepare("SELECT ?1, :name")?;
/// stmt.raw_bind_parameter(1, 5)?;
/// stmt.raw_bind_parameter(":name", "x")?;
/// assert!(stmt.raw_bind_parameter(":other", "x").is_err());
/// # Ok::<(), sqlift::Error>(())
/// ```
pub trait BindIndex: Sealed {
    /// The placeholder's number in this statement.
    fn idx(&self, stmt: &Statement<'_>) -> Result<usize>;
}

impl Sealed for usize {}
impl BindIndex for usize {
    #[inline]
    fn idx(&self, _: &Statement<'_>) -> Result<usize> {
        Ok(*self)
    }
}

impl Sealed for &str {}
impl BindIndex for &str {
    #[inline]
    fn idx(&self, stmt: &Statement<'_>) -> Result<usize> {
        stmt.parameter_index(self)?.ok_or_else(|| Error::InvalidParameterName((*self).to_owned()))
    }
}

impl Sealed for &CStr {}
impl BindIndex for &CStr {
    #[inline]
    fn idx(&self, stmt: &Statement<'_>) -> Result<usize> {
        let unknown = || Error::InvalidParameterName(self.to_string_lossy().into_owned());
        let name = self.to_str().map_err(|_| unknown())?;
        stmt.parameter_index(name)?.ok_or_else(unknown)
    }
}

#[inline]
fn ensure_parameter_count(stmt: &Statement<'_>, given: usize) -> Result<()> {
    let needed = stmt.parameter_count();
    if given == needed { Ok(()) } else { Err(Error::InvalidParameterCount(given, needed)) }
}

/// Binds one value after the other. As in rusqlite, what fits is bound before a wrong count is reported.
#[inline]
fn bind_in_order<I>(stmt: &mut Statement<'_>, values: I) -> Result<()>
where
    I: IntoIterator,
    I::Item: ToSql,
{
    let needed = stmt.parameter_count();
    let mut given = 0;
    for value in values {
        given += 1;
        if given > needed {
            break;
        }
        stmt.bind_parameter(given, &value)?;
    }
    if given == needed { Ok(()) } else { Err(Error::InvalidParameterCount(given, needed)) }
}

#[inline]
fn bind_by_name<S: BindIndex, T: ToSql>(stmt: &mut Statement<'_>, values: &[(S, T)]) -> Result<()> {
    for (name, value) in values {
        let number = name.idx(stmt)?;
        stmt.bind_parameter(number, value)?;
    }
    Ok(())
}
