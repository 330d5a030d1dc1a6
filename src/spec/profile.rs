//! Other settings of the same study, by name: `profiles: {full: {images: {size: 224}}}` and `--profile full`.
//!
//! A profile is laid over the tree of the spec before anything else looks at it, so that what it says is checked like the
//! rest and keeps its place in the file.

use super::diagnostic::{Diagnostic, Span, suggestion};
use super::tree::{Entry, Node, Value};

const KEY: &str = "profiles";

/// A spec without its profiles, or with one laid over it.
pub struct Profiled {
    pub tree: Node,
    /// The profiles that there are.
    pub names: Vec<String>,
    pub problems: Vec<Diagnostic>,
}

/// Takes the profiles out of a spec, and lays the one that is asked for over the rest.
pub fn take(mut tree: Node, asked: Option<&str>) -> Profiled {
    let mut problems = Vec::new();
    let profiles = match &mut tree.value {
        Value::Mapping(entries) => {
            let at = entries.iter().position(|entry| entry.key == KEY);
            at.map(|at| entries.remove(at))
        }
        _ => None,
    };
    let entries = match profiles.map(|entry| entry.value) {
        None => Vec::new(),
        Some(Node { value: Value::Mapping(entries), .. }) => entries,
        Some(other) => {
            let message = format!("`{KEY}` is {}, and should be a mapping of names to settings", other.kind());
            problems.push(Diagnostic::error("spec/profiles", message, other.span));
            Vec::new()
        }
    };
    for Entry { key, key_span, value } in &entries {
        if !key.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-') || key.is_empty() {
            let message = format!("the profile `{key}` has a name that is not of letters, digits and hyphens");
            problems.push(Diagnostic::error("spec/profiles", message, *key_span));
        }
        match &value.value {
            Value::Mapping(inner) => problems.extend(
                inner
                    .iter()
                    .filter(|entry| entry.key == KEY)
                    .map(|entry| Diagnostic::error("spec/profiles", "a profile holds no profiles", entry.key_span)),
            ),
            _ => {
                let message = format!("the profile `{key}` is {}, and should be a mapping of settings", value.kind());
                problems.push(Diagnostic::error("spec/profiles", message, value.span));
            }
        }
    }
    let names: Vec<String> = entries.iter().map(|entry| entry.key.clone()).collect();
    if let Some(asked) = asked {
        match entries.into_iter().find(|entry| entry.key == asked) {
            Some(profile) => lay_over(&mut tree, profile),
            None => {
                let message = format!("this spec has no profile `{asked}`");
                let help = match names.is_empty() {
                    true => format!("a spec names its profiles under `{KEY}`"),
                    false => suggestion(asked, names.iter().map(String::as_str)),
                };
                problems.push(Diagnostic::error("spec/profile", message, Span::default()).with_help(help));
            }
        }
    }
    Profiled { tree, names, problems }
}

/// The study under a profile has a name of its own, so that its report and its networks do not take the place of others.
fn lay_over(tree: &mut Node, profile: Entry) {
    let names_itself = profile.value.entry("id").is_some();
    merge(tree, profile.value);
    if !names_itself
        && let Value::Mapping(entries) = &mut tree.value
        && let Some(id) = entries.iter_mut().find(|entry| entry.key == "id")
        && let Value::Text(id) = &mut id.value.value
    {
        *id = format!("{id}-{}", profile.key);
    }
}

/// Mappings are merged key by key, nothing (`~`) takes a key away, and everything else takes the place of what was there.
fn merge(under: &mut Node, over: Node) {
    match (&mut under.value, over) {
        (Value::Mapping(entries), Node { value: Value::Mapping(changes), .. }) => {
            for change in changes {
                let known = entries.iter().position(|entry| entry.key == change.key);
                match (known, &change.value.value) {
                    (Some(at), Value::Null) => _ = entries.remove(at),
                    (Some(at), _) => merge(&mut entries[at].value, change.value),
                    (None, _) => entries.push(change),
                }
            }
        }
        (_, over) => *under = over,
    }
}

#[cfg(test)]
mod tests {
    use super::super::tree::parse;
    use super::*;

    const SPEC: &str = "id: s\nimages: {size: 64, margin: 5}\nmodels:\n  a: {kind: network, start: {from: rotations, epochs: 3}}\nprofiles:\n  full:\n    images: {size: 224}\n    models: {a: {start: {from: random, epochs: ~}}}\n";

    #[test]
    fn a_profile_changes_what_it_names_and_nothing_else() {
        let whole = take(parse(SPEC).unwrap(), Some("full"));
        assert!(whole.problems.is_empty(), "{:?}", whole.problems);
        let expected = serde_json::json!({
            "id": "s-full",
            "images": {"size": 224, "margin": 5},
            "models": {"a": {"kind": "network", "start": {"from": "random"}}},
        });
        assert_eq!(whole.tree.to_json(), expected);
        // What is wrong with it is shown where it was typed.
        let span = whole.tree.span_at("images/size");
        assert_eq!(&SPEC[span.start..span.end], "224");
    }

    #[test]
    fn without_a_profile_the_spec_is_as_if_it_had_none() {
        let plain = take(parse(SPEC).unwrap(), None);
        assert_eq!(plain.names, ["full"]);
        assert_eq!(plain.tree.to_json()["images"]["size"], 64);
        assert!(plain.tree.entry(KEY).is_none() && plain.problems.is_empty());
    }

    #[test]
    fn an_unknown_profile_is_an_error_with_the_nearest_name() {
        let unknown = take(parse(SPEC).unwrap(), Some("ful"));
        assert_eq!(unknown.problems[0].help.as_deref(), Some("did you mean `full`?"));
        let wrong = take(parse("id: s\nprofiles: {a b: 3}\n").unwrap(), None);
        assert_eq!(wrong.problems.len(), 2, "{:?}", wrong.problems);
    }
}
