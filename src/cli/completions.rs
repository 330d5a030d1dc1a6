//! `vouch completions SHELL`

use super::output::print;
use super::{Arguments, Exit};
use clap::CommandFactory;
use clap_complete::Shell;

pub fn completions(shell: Shell) -> Exit {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "vouch", &mut script);
    print(&String::from_utf8_lossy(&script), Exit::Fine)
}
