//! New sheets in the user's own workbook: every part of it that need not change is the same bytes, the
//! lists change by adding only, and what is there by the name or the place of our sheets stays.

mod derived;
mod excel;
mod program;
mod programs;
mod source;

mod again;
mod copies;
mod in_place;
mod kinds;
mod lists;
mod marks;
mod odd;
mod refused;
