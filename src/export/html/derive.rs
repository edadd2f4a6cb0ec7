//! stub
use crate::circuit::{AtPoint, Derivatives};
use crate::error::Result;
/// stub
pub fn derivatives(_: &Derivatives, _: Option<&AtPoint>) -> Result<String> {
    Ok(String::new())
}
