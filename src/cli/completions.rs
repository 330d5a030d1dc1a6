//! `vouch completions SHELL`

use super::{Arguments, Exit};
use clap::CommandFactory;
use clap_complete::Shell;

pub fn completions(shell: Shell) -> Exit {
    clap_complete::generate(shell, &mut Arguments::command(), "vouch", &mut std::io::stdout());
    Exit::Fine
}
