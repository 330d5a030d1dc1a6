//! The layout `reported/1`: every number that a paper prints, as it prints it.
//!
//! A file is a mapping. `schema`, `source`, `assume` and `cohorts` have fixed names; every other key is a section under
//! the paper's own name ("table_2"), and its `kind` says what it is: flow, cohorts, counts, baseline, performance,
//! readers, comparison, regression, survival, survival_performance, cross_table, paired, cutoffs, equation, tally, restated,
//! claims, dates, or facts (kept, not checked). A section named after its kind needs no `kind`. `at`, `note` and `label` may stand on any
//! mapping, `rounding` and `decimals` on any section.
//!
//! Reading is in two steps: [`tree`] keeps every scalar with its line and column; the section readers give it meaning,
//! and collect everything that is wrong instead of stopping at the first problem.

mod assume;
mod baseline;
mod cohorts;
pub mod diagnostic;
mod effects;
pub mod fields;
pub mod matching;
mod method;
pub mod metric;
pub mod model;
mod performance;
mod sections;
mod several_numbers;
mod skeleton;
mod small_tables;
mod statements;
mod survival;
mod survival_model;
mod survival_performance;
mod tables;
mod tables_model;
mod test_statistics;
pub mod tree;

pub use diagnostic::Diagnostic;
pub use model::*;
pub use sections::{parse, parse_assuming};
pub use skeleton::skeleton;
