//! Parses, dispatches, exits; nothing else.

mod portable_math;

use clap::Parser;
use std::io::Write;
use std::process::ExitCode;
use vouch::cli;

fn main() -> ExitCode {
    let arguments = cli::Arguments::parse();
    if let Some(threads) = arguments.threads() {
        // SAFETY: no other thread has been started yet. polars reads its thread count from here and nowhere else.
        unsafe { std::env::set_var("POLARS_MAX_THREADS", threads.to_string()) };
        if let Err(error) = rayon::ThreadPoolBuilder::new().num_threads(threads.get()).build_global() {
            _ = writeln!(std::io::stderr(), "{error}");
        }
    }
    cli::run(arguments).into()
}
