//! What of a spec could not be read, and so is claimed nothing about: a problem that is told once is not told again as its
//! own consequences.

/// Stands for an entry of a list that was left out, and has no position in it.
pub(super) const LEFT_OUT: &str = "~";

/// Places such as `models/forest/trees`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Doubts(Vec<String>);

impl Doubts {
    pub(super) fn new(places: Vec<String>) -> Self {
        Self(places)
    }

    pub(in crate::spec) fn with(mut self, places: Vec<String>) -> Self {
        self.0.extend(places);
        self
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What stands at this place, above it or below it could not be read.
    pub fn about(&self, path: &str) -> bool {
        self.0.iter().any(|doubt| is_within(doubt, path) || is_within(path, doubt))
    }

    pub fn places(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// The names that are declared directly below a place, in a way that could not be read.
    pub fn left_out(&self, section: &str) -> Vec<&str> {
        let below = |doubt: &'_ String| doubt.len() > section.len() && is_within(doubt, section);
        let names = self.0.iter().filter(|doubt| below(doubt)).map(|doubt| &doubt[section.len() + 1..]);
        names.filter(|name| !name.contains('/')).collect()
    }
}

/// The place `inner` is `outer`, or stands below it.
fn is_within(inner: &str, outer: &str) -> bool {
    inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_doubt_is_about_its_place_and_what_stands_above_and_below_it() {
        let doubts = Doubts::new(vec!["models/a/trees".to_string(), "models/b".to_string()]);
        for path in ["models", "models/a", "models/a/trees", "models/a/trees/0", "models/b/kind"] {
            assert!(doubts.about(path), "{path}");
        }
        for path in ["models/a/label", "models/ab", "model", "variables"] {
            assert!(!doubts.about(path), "{path}");
        }
        assert_eq!(doubts.left_out("models"), ["b"]);
    }
}
