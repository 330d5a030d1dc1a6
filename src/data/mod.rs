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
pub mod sketch;
pub mod table;

pub use column::{OutcomeData, VariableData};
pub use expression::Expression;
pub use table::Table;
