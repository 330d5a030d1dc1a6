//! What the program prints. Whoever reads it may stop early (`vouch schema | head -1`), as with any tool; a disk may be full.

use super::Exit;
use std::io::{ErrorKind, Write};

/// Writes a line for people to stderr; where nobody can read it there is nobody to tell.
macro_rules! tell {
    ($($words:tt)*) => {{
        use std::io::Write;
        _ = writeln!(std::io::stderr(), $($words)*);
    }};
}

pub(super) use tell;

/// Writes a text to stdout; `then` is the exit code, unless the text cannot be written. A reader who went away has had
/// enough of it, which is no failure.
#[must_use]
pub(super) fn print(text: &str, then: Exit) -> Exit {
    let mut stdout = std::io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Ok(()) => then,
        Err(error) if error.kind() == ErrorKind::BrokenPipe => then,
        Err(error) => {
            tell!("The output cannot be written: {error}");
            Exit::Unexpected
        }
    }
}

/// The same of one line.
#[must_use]
pub(super) fn print_line(line: impl std::fmt::Display, then: Exit) -> Exit {
    print(&format!("{line}\n"), then)
}
