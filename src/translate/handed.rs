//! Parameters of a statement that the server runs again and again, or for itself: they are handed on as texts, in an array, behind the
//! values of the row.

use super::catalog::ColumnType;
use super::edits::Piece;
use super::types::{Type, type_name};
use super::{Slot, SlotContext, StorageClass};

/// Where such a statement finds its parameters.
#[derive(Debug, Clone, Copy)]
pub(crate) struct InRow<'c> {
    /// How many values stand ahead of them in the array `$1`.
    pub width: usize,
    /// The classes that are bound, by the parameters' numbers from 1, where they are known.
    pub classes: &'c [Option<StorageClass>],
    /// What is compared with integers is no integer: see [`chosen`].
    pub wide: bool,
}

impl InRow<'_> {
    /// The text of a parameter, `index` among those handed on; `None` where its type has no name.
    pub fn text(&self, slot: &Slot, index: usize) -> Option<String> {
        let name = match slot.context {
            context if is_compared_integer(context) && self.wide => "numeric",
            context if is_compared_integer(context) => "bigint",
            SlotContext::Value => match slot.binding().and_then(|at| *self.classes.get(at)?) {
                Some(StorageClass::Null) => return Some("NULL".to_owned()),
                // Before anything is bound the text is not run.
                class => class.and_then(|class| Type::from(class).name()).unwrap_or("text"),
            },
            context => name_of(context)?,
        };
        Some(format!("$1[{}]::{name}", self.width + index + 1))
    }
}

fn is_compared_integer(context: SlotContext) -> bool {
    matches!(context, SlotContext::Compared(ColumnType::SmallInt | ColumnType::Integer | ColumnType::BigInt))
}

/// The type that a parameter has whatever is bound to it.
fn name_of(context: SlotContext) -> Option<&'static str> {
    match context {
        SlotContext::Column(column) | SlotContext::Compared(column) | SlotContext::Beside(column, _) => {
            type_name(column)
        }
        SlotContext::Limit | SlotContext::Offset | SlotContext::Counter(_) | SlotContext::Setting(_) => Some("bigint"),
        SlotContext::Value | SlotContext::Array => None,
    }
}

/// Whether all of them can be handed on.
pub(crate) fn can_be_handed(parameters: &[Slot]) -> bool {
    let can = |slot: &Slot| slot.context == SlotContext::Value || name_of(slot.context).is_some();
    parameters.iter().all(can)
}

/// A parameter as a member of the array.
pub(crate) fn member(slot: &Slot) -> [Piece; 2] {
    let number = u32::try_from(slot.parameter).unwrap_or_default();
    let parameter = Piece::Parameter(number, slot.context);
    // The class that is bound declares those that have no cast.
    let name = name_of(slot.context).filter(|_| !is_compared_integer(slot.context));
    [parameter, name.map_or_else(|| "::text".into(), |name| format!("::{name}::text").into())]
}

/// Whether there are two texts, one for integers beside integers, which an index serves, and a wide one for what else may be bound.
pub(crate) fn has_two_texts(parameters: &[Slot]) -> bool {
    parameters.iter().any(|slot| is_compared_integer(slot.context))
}

/// The text for what is bound; both are expressions.
pub(crate) fn chosen(text: String, wide: Option<String>, parameters: &[Slot]) -> Vec<Piece> {
    let Some(wide) = wide else { return vec![text.into()] };
    let mut pieces: Vec<Piece> = vec!["CASE WHEN 'numeric'::pg_catalog.regtype IN (".into()];
    for (index, slot) in parameters.iter().filter(|slot| is_compared_integer(slot.context)).enumerate() {
        let number = u32::try_from(slot.parameter).unwrap_or_default();
        let opening = if index == 0 { "pg_catalog.pg_typeof(" } else { ", pg_catalog.pg_typeof(" };
        pieces.extend([opening.into(), Piece::Parameter(number, slot.context), ")".into()]);
    }
    pieces.push(format!(") THEN {wide} ELSE {text} END").into());
    pieces
}
