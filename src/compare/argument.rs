//! What the command line names: a path, and perhaps one of its models.

use std::path::PathBuf;

/// `PATH` or `PATH@MODEL`.
pub(super) struct Argument {
    pub path: PathBuf,
    pub model: Option<String>,
}

impl Argument {
    pub fn parse(text: &str) -> Self {
        let whole = PathBuf::from(text);
        match text.rsplit_once('@') {
            Some((path, model)) if !whole.exists() && !path.is_empty() => {
                Self { path: PathBuf::from(path), model: Some(model.to_string()) }
            }
            _ => Self { path: whole, model: None },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_stands_behind_the_last_at_sign() {
        let parsed = Argument::parse("no/such@place/report@forest");
        assert_eq!((parsed.path.to_str().unwrap(), parsed.model.as_deref()), ("no/such@place/report", Some("forest")));
        assert!(Argument::parse("plain.csv").model.is_none());
    }
}
