//! `vouch schema`

use super::Exit;
use super::output::{print_line, tell};
use clap::ValueEnum;

#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Layout {
    /// study.yaml
    Study,
    /// A declaration for `vouch compare`
    Compare,
}

pub fn schema(of: Layout) -> Exit {
    let schema = match of {
        Layout::Study => crate::spec::schema(),
        Layout::Compare => crate::compare::declaration::schema(),
    };
    match serde_json::to_string_pretty(&schema) {
        Ok(text) => print_line(text, Exit::Fine),
        Err(error) => {
            tell!("The schema cannot be printed: {error}");
            Exit::Unexpected
        }
    }
}
