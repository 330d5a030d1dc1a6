//! The libraries with a part in the numbers, with the versions that this program was built with.

use crate::results::Library;

const LOCK: &str = include_str!("../../Cargo.lock");

const PARTS: [(&str, &str); 8] = [
    ("polars", "tables and expressions"),
    ("linfa-logistic", "logistic regression"),
    ("linfa-svm", "support vector machine"),
    ("smartcore", "classification trees of the random forest"),
    ("libm", "elementary functions"),
    ("rand_xoshiro", "random numbers"),
    ("plotters", "figures"),
    ("typst", "PDF"),
];

pub fn used() -> Vec<Library> {
    PARTS
        .into_iter()
        .map(|(name, part)| Library { name: name.to_string(), version: version_of(name), part: part.to_string() })
        .collect()
}

fn version_of(name: &str) -> String {
    let mut lines = LOCK.lines();
    let found = lines.any(|line| line == format!("name = \"{name}\""));
    let version = if found { lines.next() } else { None };
    version.and_then(|line| line.split('"').nth(1)).unwrap_or("unknown").to_string()
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_library_has_a_version() {
        assert!(super::used().iter().all(|library| library.version != "unknown"));
    }
}
