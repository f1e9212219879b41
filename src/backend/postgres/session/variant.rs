//! A statement's variants: one for each vector of bound classes, translated for these where the text leaves them open.

use std::sync::Arc;

use rusqlite::types::Type as Class;
use rusqlite::{Result, ffi};
use tokio_postgres::types::Type;

use super::Session;
use super::pooler::{type_is_new, undeclared_pooler};
use super::refused::refused;
use crate::backend::postgres::bind::{Binding, array_of, declared_type, is_sent_as_itself, is_stray};
use crate::backend::postgres::plan::{Plan, Prepared, class_in};
use crate::backend::postgres::sqlstate::{failure, other_types};
use crate::backend::postgres::waiting::Waiting;
use crate::translate::{self, Slot, SlotContext, StorageClass, Translation};

/// How many names of statements may be taken behind a pooler before that is an error.
const MAX_NAMES_TAKEN: usize = 100;

impl Session {
    /// Prepares the statement for the classes that are bound.
    pub(in crate::backend::postgres) fn prepare_variant(
        &self,
        plan: &Arc<Plan>,
        bindings: &[Binding],
    ) -> Result<Arc<Prepared>> {
        if let Some(prepared) = plan.variant(bindings) {
            return Ok(prepared);
        }
        self.make_room()?;
        let known = self.known_classes(plan, bindings);
        let translation = match &known {
            Some(classes) => self.translation_for(plan, classes)?,
            None => Arc::clone(&plan.translation),
        };
        if translation.needs_compat {
            self.install_compat()?;
        }
        // A NULL may stand for a value of any type, which the server finds from what is around it; where it cannot, the
        // types are tried in turn. The first error is the one to show.
        let mut null_types = [Type::TEXT, Type::INT8, Type::FLOAT8, Type::BYTEA].into_iter();
        let mut null_type = Type::UNKNOWN;
        let mut first_error = None;
        let mut names_taken = 0;
        let mut waiting = Waiting::new(self.busy_timeout(), self.busy_handler());
        loop {
            let types: Vec<Type> = translation
                .slots
                .iter()
                .map(|slot| declared_type(slot, declared_class(slot, bindings, known.as_deref()), &null_type))
                .collect();
            self.open_transaction_first()?;
            self.tap.watch_parse();
            let failure = match self.run(self.client.prepare_typed(&translation.sql, &types)) {
                Ok(statement) => {
                    let unseen = || failure(ffi::SQLITE_INTERNAL, "the statement's name was not seen on its way");
                    let name = self.tap.prepared_name(&translation.sql).ok_or_else(unseen)?;
                    let is_doubtful = !plan.native && Prepared::are_others(statement.columns(), &translation);
                    let prepared = match self.is_pooled() {
                        true => self.described(statement, name, plan, &translation, bindings)?,
                        false => Prepared::new(statement, name, plan, &translation, bindings)?,
                    };
                    if is_doubtful && self.has_changed_since(plan)? {
                        return Err(other_types());
                    }
                    return Ok(plan.add_variant(prepared));
                }
                Err(failure) => failure,
            };
            // Undetermined, ambiguous, not unique, no such operator; and what comes of a type that does not fit.
            let state = failure.sqlstate().unwrap_or_default().to_owned();
            let about_a_type = match failure.sqlstate() {
                Some("42P18" | "42P08" | "42725" | "42804" | "42883") => true,
                Some("22P02") => first_error.is_some(),
                _ => false,
            };
            let error = self.recover_statement(failure, Some((&plan.sql, &translation)));
            match state.as_str() {
                // A name that another program has left there; the next one is another.
                "42P05" if self.is_pooled() && names_taken < MAX_NAMES_TAKEN => {
                    names_taken += 1;
                    continue;
                }
                // Looking at a statement takes its tables' locks as well.
                "55P03" if self.busy_handler().is_some() && waiting.wait() => continue,
                "26000" if self.is_pooled() => return Err(type_is_new()),
                "42P05" => return Err(undeclared_pooler()),
                _ => {}
            }
            let was_tried = types.contains(&null_type) || types.contains(&array_of(&null_type));
            match null_types.next().filter(|_| about_a_type && was_tried) {
                Some(next) => {
                    null_type = next;
                    first_error.get_or_insert(error);
                }
                None => return Err(first_error.unwrap_or(error)),
            }
        }
    }

    /// The classes of the parameters that decide what the text becomes, by their numbers from 1; `None` where each stands where a
    /// column gives its type, or beside what decides nothing.
    ///
    /// A parameter beside a column of text or blobs counts where any such value is not of its column's class.
    fn known_classes(&self, plan: &Plan, bindings: &[Binding]) -> Option<Vec<Option<Class>>> {
        if plan.native || bindings.is_empty() {
            return None;
        }
        let slots = &plan.translation.slots;
        let strays = |slot: &&Slot| is_stray(slot, class_in(slot, bindings));
        let is_value = |slot: &&Slot| slot.context == SlotContext::Value;
        let has_stray = slots.iter().any(|slot| strays(&slot));
        if !has_stray && plan.has_known_types() {
            return None;
        }
        let beside = slots.iter().filter(|slot| has_stray && is_sent_as_itself(slot));
        let mut classes = vec![None; plan.translation.parameter_count];
        for slot in slots.iter().filter(is_value).chain(slots.iter().filter(strays)).chain(beside) {
            if let Some(index) = slot.binding() {
                classes[index].get_or_insert(class_in(slot, bindings));
            }
        }
        Some(classes)
    }

    /// The statement's translation for the classes that are bound.
    fn translation_for(&self, plan: &Plan, classes: &[Option<Class>]) -> Result<Arc<Translation>> {
        let options = translate::Options {
            parameter_classes: classes.iter().map(|class| class.map(storage_class)).collect(),
            ..plan.again.options(self.options_now().into_owned())
        };
        let key = format!("{}\0{options:?}", plan.sql);
        let translated =
            self.snapshot()?.translation(&key, |catalog| translate::translate(&plan.sql, catalog, &options));
        translated.map_err(|refusal| refused(refusal, &plan.sql))
    }
}

/// The class that declares a slot's type: the one that the text was translated for.
fn declared_class(slot: &Slot, bindings: &[Binding], known: Option<&[Option<Class>]>) -> Class {
    let translated_for = slot.binding().filter(|_| slot.context == SlotContext::Value);
    translated_for.and_then(|index| *known?.get(index)?).unwrap_or_else(|| class_in(slot, bindings))
}

fn storage_class(class: Class) -> StorageClass {
    match class {
        Class::Null => StorageClass::Null,
        Class::Integer => StorageClass::Integer,
        Class::Real => StorageClass::Real,
        Class::Text => StorageClass::Text,
        Class::Blob => StorageClass::Blob,
    }
}
