//! PRAGMAs of a connection that change what statements mean or may do.

use std::borrow::Cow;

use super::Session;
use crate::translate::rules::pragmas::SETTINGS;
use crate::translate::{Flags, Options};

impl Session {
    /// Does what a PRAGMA has set, by its place in [`SETTINGS`]; most settings do nothing. As on SQLite, statements that are
    /// prepared already go by it too.
    pub(in crate::backend::postgres) fn obey_setting(&self, place: u8, number: i64) {
        let is_on = number != 0;
        let mut flags = self.flags.get();
        match SETTINGS[usize::from(place)].name {
            "query_only" => return self.query_only.set(is_on),
            "case_sensitive_like" => flags.case_sensitive_like = is_on,
            "recursive_triggers" => flags.recursive_triggers = is_on,
            "legacy_alter_table" => flags.legacy_alter_table = is_on,
            _ => return,
        }
        self.set_flags(flags);
    }

    /// All are off for the next user of the connection.
    pub(super) fn forget_flags(&self) {
        self.query_only.set(false);
        self.set_flags(Flags::default());
    }

    fn set_flags(&self, flags: Flags) {
        if self.flags.replace(flags) != flags {
            self.forget_plans();
        }
    }

    /// How statements are translated as of now: the session's own options, unless something else was set.
    pub(super) fn options_now(&self) -> Cow<'_, Options> {
        let (longest_pattern, flags) = (self.limits.longest_pattern(), self.flags.get());
        if longest_pattern.is_none() && flags == Flags::default() {
            return Cow::Borrowed(&self.options);
        }
        let foreign_keys_off = flags.legacy_alter_table && self.foreign_keys_off.get();
        Cow::Owned(Options { longest_pattern, flags: Flags { foreign_keys_off, ..flags }, ..self.options.clone() })
    }
}
