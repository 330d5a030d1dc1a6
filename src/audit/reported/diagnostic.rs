//! What is wrong with a `reported/1` file: where, and what to type instead.

use serde::Serialize;

/// One problem of the input file. Lines and columns count from one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    pub message: String,
    pub line: usize,
    pub column: usize,
    /// The fix, where one is known.
    pub help: Option<String>,
}
