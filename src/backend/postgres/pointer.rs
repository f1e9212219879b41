//! What rusqlite passes to SQLite as a pointer: the one place of the backend that follows one.

use std::ffi::{CStr, c_void};

use rusqlite::ffi::sqlite3_destructor_type;
use rusqlite::types::Value;

/// The members of an array that was bound for `rarray`, `None` for another kind of pointer. Either way the pointer is given back.
pub(super) fn take_array(
    (pointer, kind, destructor): (*const c_void, &CStr, sqlite3_destructor_type),
) -> Option<Vec<Value>> {
    // SAFETY: rusqlite's `ToSql for Rc<Vec<Value>>` makes pointers of the kind "rarray", out of such an Rc, and its own virtual table
    // relies on the kind alone in the same way. The Rc is alive until the destructor below runs.
    let members = (kind == c"rarray" && !pointer.is_null()).then(|| unsafe { (*pointer.cast::<Vec<Value>>()).clone() });
    if let Some(destructor) = destructor {
        // SAFETY: whoever takes such a value calls its destructor once, as sqlite3_bind_pointer does, and does not use it again.
        unsafe { destructor(pointer.cast_mut()) };
    }
    members
}
