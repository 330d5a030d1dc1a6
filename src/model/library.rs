//! The versions of the libraries that this program was built with.

const LOCK: &str = include_str!("../../Cargo.lock");

/// "0.23.9"; "unknown" for a library that is not in the program.
pub fn library_version(name: &str) -> String {
    let mut lines = LOCK.lines();
    let found = lines.any(|line| line == format!("name = \"{name}\""));
    let version = if found { lines.next() } else { None };
    version.and_then(|line| line.split('"').nth(1)).unwrap_or("unknown").to_string()
}
