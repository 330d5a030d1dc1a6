//! What the exit code of the program says.

use std::process::ExitCode;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// All went well.
    Fine = 0,
    /// Something unexpected happened: a bug, or the system failed.
    Unexpected = 1,
    /// The command, the spec, or the data that the spec describes, are not valid.
    Invalid = 2,
    /// An audit has findings at or above `--fail-on`.
    Findings = 3,
    /// A report could not be reproduced.
    NotReproduced = 4,
    /// An input is missing or is not the declared one.
    Input = 5,
    /// The report was written, but a model could not be fitted or an analysis has no result.
    Incomplete = 6,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit as u8)
    }
}

pub const HELP: &str = "\
Exit codes:
  0  fine
  1  unexpected: a bug, or the system failed
  2  the command, the spec, or the data it describes, are not valid
  3  an audit has findings at or above --fail-on
  4  a report was not reproduced
  5  an input is missing or is not the declared one
  6  incomplete: the report was written, but a model could not be fitted or an analysis has no result";
