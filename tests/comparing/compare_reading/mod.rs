//! Reading hand-built workbooks: the table is found wherever it stands, what its columns compute
//! is understood, and what breaks a column is named with its cell.

mod files;
mod mistakes;
mod sheets;
mod tables;
