//! The key of a unit: a hash over everything that its value depends on, each under a name, so that `vouch plan` can say
//! what has changed.
//!
//! A key begins with the name of its unit: two analyses that mention each other depend on the same entries of the spec.
//! A unit depends on the program, the numeric class, the inputs, who is analysed in which part, the sections of the spec
//! that are about all units (seed, data, cohort, outcomes, split, and every section not known here), and of models,
//! variables and statistics on those that it names, and on those that these name. Naming is by mention: a word anywhere in
//! the unit's own part of the spec. A kind of analysis that may look at models without naming them depends on all.

use super::{InputHashes, UnitName};
use crate::cohort::Cohort;
use crate::data::hash::sha256;
use crate::spec::Study;
use crate::spec::study::Part;
use crate::split::Split;
use indexmap::{IndexMap, IndexSet};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The code that this program was compiled from.
const CODE: &str = env!("VOUCH_CODE");

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnitKind {
    /// A model: its facts and its score of every subject.
    Fit,
    /// A declared analysis.
    Statistic,
    /// The pages of a report.
    Rendering,
}

impl UnitKind {
    pub fn id(self) -> &'static str {
        match self {
            UnitKind::Fit => "fit",
            UnitKind::Statistic => "statistic",
            UnitKind::Rendering => "rendering",
        }
    }
}

/// What a unit depends on, each with its hash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Key {
    pub parts: IndexMap<String, String>,
    /// Of the parts.
    pub sha256: String,
}

impl Key {
    pub fn new(parts: IndexMap<String, String>) -> Self {
        let mut text = String::from("vouch/unit/1\n");
        for (name, hash) in &parts {
            text += &format!("{}:{name}={hash}\n", name.len());
        }
        Self { sha256: sha256(text.as_bytes()), parts }
    }

    /// Of the pages that are made of these results by this program.
    pub fn of_rendering(results_json: &str) -> Self {
        let parts = [("program", CODE.to_string()), ("results", sha256(results_json.as_bytes()))];
        Self::new(parts.into_iter().map(|(name, hash)| (name.to_string(), hash)).collect())
    }

    /// The parts that another key of the same unit has otherwise.
    pub fn changed_since(&self, before: &Key) -> Vec<String> {
        let names: IndexSet<&String> = self.parts.keys().chain(before.parts.keys()).collect();
        names.into_iter().filter(|name| self.parts.get(*name) != before.parts.get(*name)).cloned().collect()
    }
}

/// Sections that no unit's value depends on: names and words, and the layout of the report.
const WORDS: [&str; 6] = ["schema", "id", "title", "description", "date", "report"];

/// Sections of which a unit depends on what it names.
const NAMED: [&str; 3] = ["models", "variables", "statistics"];

/// Kinds of analysis that look at no model but those they name.
const LOOK_AT_NAMED_MODELS: [&str; 3] = ["baseline_table", "kaplan_meier", "cox"];

/// Keys of a model whose words refer to nothing, though a file or a label may be called as another model is.
const NAME_NOTHING: [&str; 3] = ["label", "path", "sha256"];

/// The keys of all fits and statistics of a study.
pub fn keys(
    study: &Study,
    cohort: &Cohort,
    split: &Split,
    inputs: &InputHashes,
    numeric_class: &str,
) -> IndexMap<UnitName, Key> {
    let spec = match serde_json::to_value(&study.spec) {
        Ok(Value::Object(spec)) => spec,
        // A spec that has no JSON has no keys: its units are computed every time.
        _ => return IndexMap::new(),
    };
    let spec = Spec { sections: spec };
    let common = common(&spec, cohort, split, inputs, numeric_class);
    let mut keys = IndexMap::new();
    for id in spec.ids("models") {
        let mut parts = common.clone();
        parts.insert("unit".to_string(), format!("fit {id}"));
        spec.add_named(&mut parts, spec.closure(vec![Named::new("models", id)]));
        keys.insert(UnitName::new(UnitKind::Fit, id), Key::new(parts));
    }
    for id in spec.ids("statistics") {
        let mut roots = vec![Named::new("statistics", id)];
        if spec.looks_at_all_models(id) {
            roots.extend(spec.ids("models").map(|model| Named::new("models", model)));
        }
        let mut parts = common.clone();
        parts.insert("unit".to_string(), format!("statistic {id}"));
        spec.add_named(&mut parts, spec.closure(roots));
        keys.insert(UnitName::new(UnitKind::Statistic, id), Key::new(parts));
    }
    keys
}

fn common(
    spec: &Spec,
    cohort: &Cohort,
    split: &Split,
    inputs: &InputHashes,
    numeric_class: &str,
) -> IndexMap<String, String> {
    let mut parts = IndexMap::new();
    let mut add = |name: String, hash: String| _ = parts.insert(name, hash);
    add("program".to_string(), CODE.to_string());
    add("numeric class".to_string(), numeric_class.to_string());
    for (name, hash) in inputs {
        add(format!("input `{name}`"), hash.clone());
    }
    add("analysed subjects".to_string(), subjects(cohort, split));
    for (name, section) in &spec.sections {
        if !WORDS.contains(&name.as_str()) && !NAMED.contains(&name.as_str()) {
            let mut section = section.clone();
            if let (true, Some(data)) = (name == "data", section.as_object_mut()) {
                // Where a file lies and what it should hash to; what it holds is among the inputs.
                for place in ["path", "sha256", "content_sha256", "source", "simulated"] {
                    data.shift_remove(place);
                }
            }
            add(name.clone(), sha256(section.to_string().as_bytes()));
        }
    }
    parts
}

/// Who is analysed, in which part, and which predictors were dropped for their missing values.
fn subjects(cohort: &Cohort, split: &Split) -> String {
    let mut text = String::new();
    for (row, subject) in cohort.subjects.iter().enumerate() {
        let part: Part = split.part(row);
        text += &format!("{}:{subject}={}\n", subject.len(), part.id());
    }
    for dropped in &cohort.flow.dropped_variables {
        text += &format!("dropped {}\n", dropped.variable);
    }
    sha256(text.as_bytes())
}

/// The spec as it is written.
struct Spec {
    sections: Map<String, Value>,
}

/// An entry of a section that others can name.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Named {
    section: &'static str,
    id: String,
}

impl Named {
    fn new(section: &'static str, id: &str) -> Self {
        Self { section, id: id.to_string() }
    }
}

impl Spec {
    fn ids(&self, section: &str) -> impl Iterator<Item = &str> {
        self.sections
            .get(section)
            .and_then(Value::as_object)
            .into_iter()
            .flat_map(|entries| entries.keys().map(String::as_str))
    }

    fn entry(&self, named: &Named) -> Option<&Value> {
        self.sections.get(named.section)?.get(&named.id)
    }

    fn looks_at_all_models(&self, statistic: &str) -> bool {
        let Some(entry) = self.sections.get("statistics").and_then(|section| section.get(statistic)) else {
            return true;
        };
        let kind = entry.get("kind").and_then(Value::as_str).unwrap_or_default();
        !LOOK_AT_NAMED_MODELS.contains(&kind) && !entry.get("models").is_some_and(Value::is_array)
    }

    /// These entries, all that they mention, and so on.
    fn closure(&self, roots: Vec<Named>) -> IndexSet<Named> {
        let mut found: IndexSet<Named> = roots.into_iter().collect();
        let mut at = 0;
        while let Some(named) = found.get_index(at).cloned() {
            at += 1;
            let Some(entry) = self.entry(&named) else { continue };
            let mut words = IndexSet::new();
            match (named.section, entry) {
                ("models", Value::Object(keys)) => {
                    let naming = keys.iter().filter(|(key, _)| !NAME_NOTHING.contains(&key.as_str()));
                    naming.for_each(|(_, value)| collect_words(value, &mut words));
                }
                _ => collect_words(entry, &mut words),
            }
            for section in NAMED {
                // A variable is a column of the data; it uses no model and no analysis.
                if named.section == "variables" || (named.section == "models" && section == "statistics") {
                    continue;
                }
                for id in self.ids(section).filter(|id| mentions(&words, id)) {
                    found.insert(Named::new(section, id));
                }
            }
        }
        found
    }

    fn add_named(&self, parts: &mut IndexMap<String, String>, mut named: IndexSet<Named>) {
        named.sort_by(|left, right| (left.section, &left.id).cmp(&(right.section, &right.id)));
        for named in named {
            if let Some(entry) = self.entry(&named) {
                let section = named.section.trim_end_matches('s');
                parts.insert(format!("{section} `{}`", named.id), sha256(entry.to_string().as_bytes()));
            }
        }
    }
}

/// Whole texts, and the words in them: an SQL expression names variables too.
fn collect_words(value: &Value, words: &mut IndexSet<String>) {
    match value {
        Value::String(text) => {
            words.insert(text.clone());
            let word = |character: char| !(character.is_alphanumeric() || character == '_' || character == '-');
            words.extend(text.split(word).filter(|word| !word.is_empty()).map(str::to_string));
        }
        Value::Array(entries) => entries.iter().for_each(|entry| collect_words(entry, words)),
        Value::Object(entries) => {
            for (key, entry) in entries {
                words.insert(key.clone());
                collect_words(entry, words);
            }
        }
        _ => {}
    }
}

fn mentions(words: &IndexSet<String>, id: &str) -> bool {
    words.contains(id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn spec() -> Spec {
        let spec = json!({
            "seed": 1,
            "variables": {"age": {}, "size": {}, "er": {}},
            "models": {
                "a": {"kind": "logistic", "predictors": ["age"]},
                "b": {"kind": "scores", "from": "CASE WHEN size > 3 THEN 1 ELSE 0 END"},
                "both": {"kind": "fusion", "of": ["a", "b"]},
                "theirs": {"kind": "onnx", "label": "like b", "path": "files/a.onnx", "image": "photo"}
            },
            "statistics": {
                "all": {"kind": "performance"},
                "some": {"kind": "performance", "models": ["a"]},
                "by_risk": {"kind": "kaplan_meier", "groups": {"model": "b", "of": "some"}},
                "unheard_of": {"kind": "new_kind", "model": "a"}
            }
        });
        match spec {
            Value::Object(sections) => Spec { sections },
            _ => unreachable!("an object"),
        }
    }

    fn named(spec: &Spec, section: &'static str, id: &str) -> Vec<String> {
        let mut roots = vec![Named::new(section, id)];
        if section == "statistics" && spec.looks_at_all_models(id) {
            roots.extend(spec.ids("models").map(|model| Named::new("models", model)));
        }
        let mut parts = IndexMap::new();
        spec.add_named(&mut parts, spec.closure(roots));
        parts.into_keys().collect()
    }

    #[test]
    fn a_fit_depends_on_what_it_names() {
        let spec = spec();
        assert_eq!(named(&spec, "models", "a"), ["model `a`", "variable `age`"]);
        assert_eq!(named(&spec, "models", "b"), ["model `b`", "variable `size`"]);
        let both = ["model `a`", "model `b`", "model `both`", "variable `age`", "variable `size`"];
        assert_eq!(named(&spec, "models", "both"), both);
        // The file of another model of that name is not that model.
        assert_eq!(named(&spec, "models", "theirs"), ["model `theirs`"]);
    }

    #[test]
    fn an_analysis_that_names_no_model_depends_on_all() {
        let spec = spec();
        assert_eq!(named(&spec, "statistics", "some"), ["model `a`", "statistic `some`", "variable `age`"]);
        assert_eq!(named(&spec, "statistics", "all").len(), 7);
        assert_eq!(named(&spec, "statistics", "unheard_of").len(), 7);
        let by_risk = named(&spec, "statistics", "by_risk");
        assert!(by_risk.contains(&"statistic `some`".to_string()) && !by_risk.contains(&"model `both`".to_string()));
    }

    #[test]
    fn a_key_tells_what_has_changed() {
        let key = |pairs: &[(&str, &str)]| {
            Key::new(pairs.iter().map(|(name, hash)| ((*name).to_string(), (*hash).to_string())).collect())
        };
        let (before, now) = (key(&[("seed", "1"), ("split", "x")]), key(&[("seed", "2"), ("cohort", "y")]));
        assert_eq!(now.changed_since(&before), ["seed", "cohort", "split"]);
        assert_ne!(before.sha256, now.sha256);
        // Lengths keep names and hashes apart.
        assert_ne!(key(&[("a", "b=c")]).sha256, key(&[("a=b", "c")]).sha256);
    }
}
