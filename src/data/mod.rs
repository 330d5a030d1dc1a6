//! Tables: read, hashed, put into the order of their subjects, and turned into plain typed columns.
//!
//! polars reads files and evaluates expressions; beyond this folder and `cohort` nothing knows a data frame.

pub mod column;
mod column_types;
pub mod csv;
pub mod dates;
pub mod expression;
pub mod features;
pub mod hash;
pub mod image;
pub mod odd_text;
pub mod quoting;
pub mod sketch;
pub mod table;

pub use column::{OutcomeData, VariableData};
pub use expression::Expression;
pub use table::Table;

/// What polars would tell its own users on standard error, such as that a way of reading dates will change in its next version,
/// is nothing to those of this program.
pub fn silence_polars() {
    polars::error::set_warning_function(|_, _| {});
}
