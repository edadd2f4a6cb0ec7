//! Arrow's C data and stream interfaces: three structures that every library with Arrow tables knows.
//!
//! Written by hand, the one place with `unsafe`: what is needed is the handing over of five kinds of
//! buffers, in a format that never changes. Whoever takes a structure frees it by its `release`, which
//! drops what `private_data` owns; arrays share their column's buffers, and keep them alive.

#![allow(unsafe_code)]

use std::collections::VecDeque;
use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::ptr;
use std::sync::Arc;

use super::{Batch, Buffer, Column, Field};

/// Values may be undefined.
const NULLABLE: i64 = 2;

/// A type: of a column, or of all of them.
#[repr(C)]
pub struct Schema {
    format: *const c_char,
    name: *const c_char,
    metadata: *const c_char,
    flags: i64,
    n_children: i64,
    children: *mut *mut Schema,
    dictionary: *mut Schema,
    release: Option<unsafe extern "C" fn(*mut Schema)>,
    private_data: *mut c_void,
}

/// Values: of a column, or of all of them.
#[repr(C)]
struct Array {
    length: i64,
    null_count: i64,
    offset: i64,
    n_buffers: i64,
    n_children: i64,
    buffers: *mut *const c_void,
    children: *mut *mut Array,
    dictionary: *mut Array,
    release: Option<unsafe extern "C" fn(*mut Array)>,
    private_data: *mut c_void,
}

/// Batches of rows, one after the other.
#[repr(C)]
pub struct Stream {
    get_schema: Option<unsafe extern "C" fn(*mut Stream, *mut Schema) -> c_int>,
    get_next: Option<unsafe extern "C" fn(*mut Stream, *mut Array) -> c_int>,
    get_last_error: Option<unsafe extern "C" fn(*mut Stream) -> *const c_char>,
    release: Option<unsafe extern "C" fn(*mut Stream)>,
    private_data: *mut c_void,
}

/// What a schema points to.
struct OwnedSchema {
    name: CString,
    metadata: Option<Vec<u8>>,
    children: Vec<*mut Schema>,
}

/// What an array points to.
struct OwnedArray {
    buffers: Vec<*const c_void>,
    children: Vec<*mut Array>,
    _column: Option<Arc<Column>>,
}

/// What a stream has left.
struct OwnedStream {
    fields: Vec<Field>,
    metadata: Option<(String, String)>,
    batches: VecDeque<Arc<Batch>>,
}

// What they point to is owned by them and shared with nobody but through `Arc`.
unsafe impl Send for Schema {}
unsafe impl Send for Stream {}

impl Buffer {
    fn pointer(&self) -> *const c_void {
        match self {
            Buffer::Bits(values) | Buffer::Text(values) => values.as_ptr().cast(),
            Buffer::Counts(values) => values.as_ptr().cast(),
            Buffer::Numbers(values) => values.as_ptr().cast(),
            Buffer::Offsets(values) => values.as_ptr().cast(),
        }
    }
}

impl Schema {
    /// The type of rows with these columns, and a text with its key that tells about them.
    pub fn of(fields: &[Field], metadata: Option<&(String, String)>) -> Self {
        let child = |field: &Field| {
            let schema = Schema::new(field.format, &field.name, NULLABLE, None, Vec::new());
            Box::into_raw(Box::new(schema))
        };
        Schema::new(c"+s", "", 0, metadata.map(encoded), fields.iter().map(child).collect())
    }

    fn new(
        format: &'static CStr,
        name: &str,
        flags: i64,
        metadata: Option<Vec<u8>>,
        children: Vec<*mut Schema>,
    ) -> Self {
        // No name of a column has a zero in it.
        let name = CString::new(name).unwrap_or_default();
        let mut owned = Box::new(OwnedSchema { name, metadata, children });
        Schema {
            format: format.as_ptr(),
            name: owned.name.as_ptr(),
            metadata: owned.metadata.as_ref().map_or(ptr::null(), |bytes| bytes.as_ptr().cast()),
            flags,
            n_children: owned.children.len() as i64,
            children: owned.children.as_mut_ptr(),
            dictionary: ptr::null_mut(),
            release: Some(release_schema),
            private_data: Box::into_raw(owned).cast(),
        }
    }
}

/// One key with its text, as Arrow encodes them.
fn encoded((key, text): &(String, String)) -> Vec<u8> {
    let mut bytes = 1_i32.to_ne_bytes().to_vec();
    for one in [key, text] {
        bytes.extend((one.len() as i32).to_ne_bytes());
        bytes.extend(one.as_bytes());
    }
    bytes
}

impl Array {
    fn of_batch(batch: &Batch) -> Self {
        let child = |column: &Arc<Column>| Box::into_raw(Box::new(Array::of_column(column)));
        let children = batch.columns.iter().map(child).collect();
        // Rows themselves are never undefined.
        Array::new((batch.rows, 0), vec![ptr::null()], children, None)
    }

    fn of_column(column: &Arc<Column>) -> Self {
        let validity = column.validity.as_ref().map_or(ptr::null(), Buffer::pointer);
        let values = column.values.iter().map(Buffer::pointer);
        let buffers = std::iter::once(validity).chain(values).collect();
        Array::new((column.rows, column.undefined), buffers, Vec::new(), Some(Arc::clone(column)))
    }

    fn new(
        (rows, undefined): (usize, usize),
        buffers: Vec<*const c_void>,
        children: Vec<*mut Array>,
        column: Option<Arc<Column>>,
    ) -> Self {
        let mut owned = Box::new(OwnedArray { buffers, children, _column: column });
        Array {
            length: rows as i64,
            null_count: undefined as i64,
            offset: 0,
            n_buffers: owned.buffers.len() as i64,
            n_children: owned.children.len() as i64,
            buffers: owned.buffers.as_mut_ptr(),
            children: owned.children.as_mut_ptr(),
            dictionary: ptr::null_mut(),
            release: Some(release_array),
            private_data: Box::into_raw(owned).cast(),
        }
    }
}

/// What says that there are no more.
const EMPTY: Array = Array {
    length: 0,
    null_count: 0,
    offset: 0,
    n_buffers: 0,
    n_children: 0,
    buffers: ptr::null_mut(),
    children: ptr::null_mut(),
    dictionary: ptr::null_mut(),
    release: None,
    private_data: ptr::null_mut(),
};

impl Stream {
    /// The rows of all `batches`, which have the columns `fields`.
    pub fn new(
        fields: Vec<Field>,
        metadata: Option<(String, String)>,
        batches: VecDeque<Arc<Batch>>,
    ) -> Self {
        let owned = Box::new(OwnedStream { fields, metadata, batches });
        Stream {
            get_schema: Some(get_schema),
            get_next: Some(get_next),
            get_last_error: Some(get_last_error),
            release: Some(release_stream),
            private_data: Box::into_raw(owned).cast(),
        }
    }
}

impl Drop for Schema {
    fn drop(&mut self) {
        if let Some(release) = self.release {
            // SAFETY: it was not released, so that what it points to is there.
            unsafe { release(self) }
        }
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        // Nobody took it.
        if let Some(release) = self.release {
            // SAFETY: as above.
            unsafe { release(self) }
        }
    }
}

/// SAFETY: `schema` is one of ours and was not released.
unsafe extern "C" fn release_schema(schema: *mut Schema) {
    unsafe {
        let owned = Box::from_raw((*schema).private_data.cast::<OwnedSchema>());
        for child in owned.children {
            // Its own drop releases it, unless somebody moved it out.
            drop(Box::from_raw(child));
        }
        (*schema).release = None;
    }
}

/// SAFETY: `array` is one of ours and was not released.
unsafe extern "C" fn release_array(array: *mut Array) {
    unsafe {
        let owned = Box::from_raw((*array).private_data.cast::<OwnedArray>());
        for child in owned.children {
            if let Some(release) = (*child).release {
                release(child);
            }
            drop(Box::from_raw(child));
        }
        (*array).release = None;
    }
}

/// SAFETY: `stream` is one of ours and was not released; `out` may be written to.
unsafe extern "C" fn get_schema(stream: *mut Stream, out: *mut Schema) -> c_int {
    unsafe {
        let owned = &*(*stream).private_data.cast::<OwnedStream>();
        ptr::write(out, Schema::of(&owned.fields, owned.metadata.as_ref()));
    }
    0
}

/// SAFETY: as that of [`get_schema`].
unsafe extern "C" fn get_next(stream: *mut Stream, out: *mut Array) -> c_int {
    unsafe {
        let owned = &mut *(*stream).private_data.cast::<OwnedStream>();
        let next = owned.batches.pop_front();
        ptr::write(out, next.map_or(EMPTY, |batch| Array::of_batch(&batch)));
    }
    0
}

/// Nothing here fails.
unsafe extern "C" fn get_last_error(_: *mut Stream) -> *const c_char {
    ptr::null()
}

/// SAFETY: `stream` is one of ours and was not released.
unsafe extern "C" fn release_stream(stream: *mut Stream) {
    unsafe {
        drop(Box::from_raw((*stream).private_data.cast::<OwnedStream>()));
        (*stream).release = None;
    }
}
