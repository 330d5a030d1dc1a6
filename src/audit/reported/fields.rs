//! Reading a mapping field by field: what was asked for is what is known, the rest is reported with the nearest name.

use super::diagnostic::Diagnostic;
use super::model::{Figure, Leaf, Role};
use super::several_numbers::{as_list, how_to_write};
use super::tree::{Content, Entry, Node, Scalar};
use crate::audit::arithmetic::{Printed, Rounding};

/// Collects leaves and problems while a file is read.
#[derive(Debug, Default)]
pub struct Reader {
    pub leaves: Vec<Leaf>,
    pub diagnostics: Vec<Diagnostic>,
    /// What the paper says about the rounding of the section that is being read.
    pub rounding: Option<Rounding>,
    pub decimals: Option<u32>,
}

impl Reader {
    pub fn problem(&mut self, node: &Node, message: String, help: Option<String>) {
        let place = node.position;
        self.diagnostics.push(Diagnostic { message, line: place.line, column: place.column, help });
    }

    /// Registers every scalar under `node`, as a label until something reads it as a figure.
    pub fn register(&mut self, node: &Node) {
        match &node.content {
            Content::Scalar(scalar) => self.leaves.push(Leaf {
                path: node.path.clone(),
                line: node.position.line,
                column: node.position.column,
                text: scalar.text.clone(),
                role: Role::Label,
                rounding: None,
                decimals: None,
            }),
            Content::Sequence(items) => items.iter().for_each(|item| self.register(item)),
            Content::Mapping(entries) => entries.iter().for_each(|entry| self.register(&entry.value)),
        }
    }

    /// Marks everything under `node` as kept but not checked.
    pub fn fact(&mut self, node: &Node) {
        match &node.content {
            Content::Scalar(scalar) => {
                if let Some(leaf) = self.leaves.get_mut(scalar.leaf) {
                    leaf.role = Role::Fact;
                }
                self.require_precision(node, scalar);
            }
            Content::Sequence(items) => items.iter().for_each(|item| self.fact(item)),
            Content::Mapping(entries) => entries.iter().for_each(|entry| self.fact(&entry.value)),
        }
    }

    /// A printed number. A list or mapping in its place is a problem; a text that is no number is kept as unreadable.
    pub fn figure(&mut self, node: &Node) -> Option<Figure> {
        let Content::Scalar(scalar) = &node.content else {
            self.problem(node, "expected one printed number here".into(), None);
            return None;
        };
        self.require_precision(node, scalar);
        if let Some(list) = as_list(&scalar.text) {
            let spread = scalar.text.contains('±');
            if spread || list.matches(',').count() == 2 {
                let list =
                    if spread { format!("{list}, or in a table of performance {{value: …, sd: …}}") } else { list };
                self.problem(node, format!("\"{}\" holds several numbers", scalar.text), Some(format!("write {list}")));
                return None;
            }
        }
        if let Some(leaf) = self.leaves.get_mut(scalar.leaf) {
            leaf.role = Role::Figure;
            (leaf.rounding, leaf.decimals) = (self.rounding, self.decimals);
        }
        Some(Figure { leaf: scalar.leaf, number: self.number(&scalar.text), text: scalar.text.clone() })
    }

    fn number(&self, text: &str) -> Option<Printed> {
        let mut number = Printed::parse(text)?;
        (number.rounding, number.meaningful) = (self.rounding, self.decimals);
        Some(number)
    }

    /// Figures from one text such as "33/61 (54.1%)": they share its leaf.
    pub fn figure_within(&mut self, node: &Node, part: &str) -> Option<Figure> {
        let whole = self.figure(node)?;
        Some(Figure { leaf: whole.leaf, number: self.number(part), text: part.to_string() })
    }

    pub fn text(&mut self, node: &Node) -> Option<String> {
        match &node.content {
            Content::Scalar(scalar) => Some(scalar.text.clone()),
            _ => {
                self.problem(node, "expected one word or number here".into(), None);
                None
            }
        }
    }

    /// One name or a list of names.
    pub fn names(&mut self, node: &Node) -> Vec<String> {
        match &node.content {
            Content::Sequence(items) => items.iter().filter_map(|item| self.text(item)).collect(),
            _ => self.text(node).into_iter().collect(),
        }
    }

    /// An unquoted number must be one that every YAML program reads back with the same digits.
    fn require_precision(&mut self, node: &Node, scalar: &Scalar) {
        if !scalar.bare_number {
            return;
        }
        let text = scalar.text.as_str();
        let kept = match text.parse::<i128>() {
            Ok(whole) => whole.to_string() == text,
            Err(_) => text.parse::<f64>().is_ok_and(|value| value.to_string() == text),
        };
        if !kept {
            let message = format!("{text} without quotes is read as a number and loses its printed digits");
            self.problem(node, message, Some(format!("write \"{text}\"")));
        }
    }
}

/// The entries of a mapping, and which of them were asked for.
pub struct Fields<'a> {
    node: &'a Node,
    entries: &'a [Entry],
    known: Vec<&'static str>,
}

impl<'a> Fields<'a> {
    /// `None`, with a problem noted, when `node` is no mapping.
    pub fn of(node: &'a Node, what: &str, reader: &mut Reader) -> Option<Self> {
        match &node.content {
            Content::Mapping(entries) => Some(Self { node, entries, known: vec!["at", "note", "label"] }),
            _ => {
                let help = how_to_write(node);
                reader.problem(node, format!("{what} must be a mapping (name: value)"), help);
                None
            }
        }
    }

    pub fn node(&self) -> &'a Node {
        self.node
    }

    pub fn get(&mut self, name: &'static str) -> Option<&'a Node> {
        self.known.push(name);
        self.entries.iter().find(|entry| entry.key == name).map(|entry| &entry.value)
    }

    /// The first of several spellings.
    pub fn any(&mut self, names: &[&'static str]) -> Option<&'a Node> {
        names.iter().fold(None, |found, name| {
            let here = self.get(name);
            found.or(here)
        })
    }

    pub fn figure(&mut self, name: &'static str, reader: &mut Reader) -> Option<Figure> {
        self.get(name).and_then(|node| reader.figure(node))
    }

    pub fn text(&mut self, name: &'static str, reader: &mut Reader) -> Option<String> {
        self.get(name).and_then(|node| reader.text(node))
    }

    pub fn names(&mut self, name: &'static str, reader: &mut Reader) -> Vec<String> {
        self.get(name).map(|node| reader.names(node)).unwrap_or_default()
    }

    /// A free-form part: kept, not checked.
    pub fn fact(&mut self, name: &'static str, reader: &mut Reader) {
        if let Some(node) = self.get(name) {
            reader.fact(node);
        }
    }

    /// One of a fixed set of words.
    pub fn choice<T: Copy>(
        &mut self,
        name: &'static str,
        choices: &[(&'static str, T)],
        reader: &mut Reader,
    ) -> Option<T> {
        let node = self.get(name)?;
        choice(node, name, choices, reader)
    }

    /// As [`Self::choice`], for an entry whose name is not known beforehand.
    pub fn choice_of<T: Copy>(
        &mut self,
        entry: &Entry,
        choices: &[(&'static str, T)],
        reader: &mut Reader,
    ) -> Option<T> {
        choice(&entry.value, &entry.key, choices, reader)
    }

    /// `true` or `false`; false when absent.
    pub fn flag(&mut self, name: &'static str, reader: &mut Reader) -> bool {
        self.choice(name, &[("true", true), ("false", false)], reader).unwrap_or(false)
    }

    /// The entries that nobody asked for by name.
    pub fn others(&self) -> Vec<&'a Entry> {
        self.entries.iter().filter(|entry| !self.known.contains(&entry.key.as_str())).collect()
    }

    /// Every key that was not asked for is a problem.
    pub fn finish(self, what: &str, reader: &mut Reader) {
        for entry in self.others() {
            unknown(entry, what, &self.known, reader);
        }
    }

    pub fn known(&self) -> &[&'static str] {
        &self.known
    }
}

fn choice<T: Copy>(node: &Node, name: &str, choices: &[(&'static str, T)], reader: &mut Reader) -> Option<T> {
    let typed = reader.text(node)?;
    // YAML's other words for a truth value.
    let word = match typed.as_str() {
        "yes" | "on" | "True" | "TRUE" => "true",
        "no" | "off" | "False" | "FALSE" => "false",
        other => other,
    };
    if let Some((_, value)) = choices.iter().find(|(known, _)| *known == typed || *known == word) {
        return Some(*value);
    }
    let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
    let help = match nearest(&typed, words.iter().copied()) {
        Some(word) => format!("did you mean `{word}`? Known: {}", words.join(", ")),
        None => format!("known: {}", words.join(", ")),
    };
    reader.problem(node, format!("`{name}: {typed}` is not known"), Some(help));
    None
}

/// Names that papers use, and the keys that are meant by them.
const OTHER_NAMES: [(&str, &str); 8] = [
    ("rr", "ratio"),
    ("irr", "ratio"),
    ("shr", "hr"),
    ("aor", "or"),
    ("ahr", "hr"),
    ("b", "beta"),
    ("coef", "beta"),
    ("events", "positive"),
];

/// Notes an unknown key, with the nearest known one.
pub fn unknown(entry: &Entry, what: &str, known: &[&str], reader: &mut Reader) {
    let typed = entry.key.to_lowercase();
    let meant = OTHER_NAMES.iter().find(|(name, key)| *name == typed && known.contains(key)).map(|(_, key)| *key);
    let help = match meant.or_else(|| nearest(&entry.key, known.iter().copied())) {
        Some(name) => Some(format!("did you mean `{name}`?")),
        None => {
            let mut names: Vec<&str> = known.to_vec();
            names.sort_unstable();
            names.dedup();
            Some(format!("known here: {}", names.join(", ")))
        }
    };
    reader.diagnostics.push(Diagnostic {
        message: format!("unknown key `{}` in {what}", entry.key),
        line: entry.position.line,
        column: entry.position.column,
        help,
    });
}

/// The most similar name, if one is similar enough to be meant.
pub fn nearest<'n>(typed: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    names
        .map(|name| (strsim::jaro_winkler(&typed.to_lowercase(), name), name))
        .filter(|(similarity, _)| *similarity >= 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0).then_with(|| b.1.cmp(a.1)))
        .map(|(_, name)| name)
}
