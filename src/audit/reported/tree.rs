//! The YAML text as a tree whose every scalar knows its line, its column, its text as typed, and whether it was quoted.

use super::diagnostic::Diagnostic;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::Spanned;

/// A position in the file, counting from one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Position {
    pub line: usize,
    pub column: usize,
}

/// A node of the file.
#[derive(Clone, Debug)]
pub struct Node {
    pub position: Position,
    /// JSON pointer (RFC 6901).
    pub path: String,
    pub content: Content,
}

#[derive(Clone, Debug)]
pub enum Content {
    Scalar(Scalar),
    Sequence(Vec<Node>),
    Mapping(Vec<Entry>),
}

#[derive(Clone, Debug)]
pub struct Scalar {
    /// Exactly as typed, without quotes.
    pub text: String,
    pub quoted: bool,
    /// Unquoted and read by YAML as a number.
    pub bare_number: bool,
    /// Number of the leaf in the order of the file.
    pub leaf: usize,
}

#[derive(Clone, Debug)]
pub struct Entry {
    pub key: String,
    pub position: Position,
    pub value: Node,
}

/// What the YAML library hands over, before the source text is looked up.
enum Raw {
    Text(String),
    /// `yes`, `no`, `on`, `true` …: the word as it stands.
    Boolean,
    Number,
    Null,
    Sequence(Vec<Spanned<Raw>>),
    Mapping(Vec<(Spanned<String>, Spanned<Raw>)>),
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RawVisitor)
    }
}

struct RawVisitor;

impl<'de> Visitor<'de> for RawVisitor {
    type Value = Raw;

    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("a value, a list or a mapping")
    }

    fn visit_bool<E>(self, _: bool) -> Result<Raw, E> {
        Ok(Raw::Boolean)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Raw, E> {
        Ok(Raw::Number)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Raw, E> {
        Ok(Raw::Number)
    }

    fn visit_i128<E>(self, _: i128) -> Result<Raw, E> {
        Ok(Raw::Number)
    }

    fn visit_u128<E>(self, _: u128) -> Result<Raw, E> {
        Ok(Raw::Number)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Raw, E> {
        Ok(Raw::Number)
    }

    fn visit_str<E>(self, value: &str) -> Result<Raw, E> {
        Ok(Raw::Text(value.to_string()))
    }

    fn visit_unit<E>(self) -> Result<Raw, E> {
        Ok(Raw::Null)
    }

    fn visit_none<E>(self) -> Result<Raw, E> {
        Ok(Raw::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Raw, D::Error> {
        deserializer.deserialize_any(RawVisitor)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Raw, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element::<Spanned<Raw>>()? {
            items.push(item);
        }
        Ok(Raw::Sequence(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Raw, A::Error> {
        let mut entries = Vec::new();
        while let Some(key) = access.next_key::<Spanned<String>>()? {
            entries.push((key, access.next_value::<Spanned<Raw>>()?));
        }
        Ok(Raw::Mapping(entries))
    }
}

/// Reads the YAML. The only errors here are those of YAML itself.
pub fn read(text: &str) -> Result<Node, Diagnostic> {
    let raw: Spanned<Raw> = serde_saphyr::from_str(text).map_err(|error| {
        let (line, column) = error.location().map_or((1, 1), |place| (place.line() as usize, place.column() as usize));
        let rendered = error.to_string();
        let first = rendered.lines().next().unwrap_or_default();
        let first = first.strip_prefix(&format!("error: line {line} column {column}: ")).unwrap_or(first);
        Diagnostic { message: format!("not readable as YAML: {}", in_words(first)), line, column, help: None }
    })?;
    let mut leaves = 0;
    Ok(convert(text, raw, String::new(), &mut leaves))
}

/// What the parser says, without what it says to programmers.
fn in_words(says: &str) -> String {
    if says.contains("Depth") {
        "nested too deeply".to_string()
    } else if says.contains("recursive") {
        "an alias that contains itself".to_string()
    } else if says.contains("budget breached") {
        "larger than any paper's tables".to_string()
    } else {
        says.split(", set ").next().unwrap_or(says).to_string()
    }
}

fn convert(source: &str, raw: Spanned<Raw>, path: String, leaves: &mut usize) -> Node {
    let position = Position { line: raw.referenced.line() as usize, column: raw.referenced.column() as usize };
    let span = raw.defined.span();
    let typed = span.byte_offset().zip(span.byte_len()).and_then(|(offset, length)| {
        let (offset, length) = (usize::try_from(offset).ok()?, usize::try_from(length).ok()?);
        source.get(offset..offset + length)
    });
    let content = match raw.value {
        Raw::Sequence(items) => Content::Sequence(
            items
                .into_iter()
                .enumerate()
                .map(|(index, item)| convert(source, item, format!("{path}/{index}"), leaves))
                .collect(),
        ),
        Raw::Mapping(entries) => Content::Mapping(
            entries
                .into_iter()
                .map(|(key, value)| {
                    let escaped = key.value.replace('~', "~0").replace('/', "~1");
                    let place =
                        Position { line: key.referenced.line() as usize, column: key.referenced.column() as usize };
                    let value = convert(source, value, format!("{path}/{escaped}"), leaves);
                    Entry { key: key.value, position: place, value }
                })
                .collect(),
        ),
        scalar => {
            let typed = typed.unwrap_or_default().trim();
            let quoted = typed.starts_with(['"', '\'']);
            let (text, bare_number) = match scalar {
                Raw::Text(text) => (text, false),
                Raw::Boolean => (typed.to_string(), false),
                Raw::Number => (typed.to_string(), true),
                _ => (String::new(), false),
            };
            let leaf = *leaves;
            *leaves += 1;
            Content::Scalar(Scalar { text, quoted, bare_number, leaf })
        }
    };
    Node { position, path, content }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_yes_and_no_stay_words() {
        let tree = read("a: no\nb: [yes, on, true]\n").expect("valid");
        let Content::Mapping(entries) = tree.content else { panic!("mapping") };
        let Content::Scalar(no) = &entries[0].value.content else { panic!("scalar") };
        assert_eq!((no.text.as_str(), no.bare_number), ("no", false));
        let Content::Sequence(items) = &entries[1].value.content else { panic!("list") };
        let words = items.iter().map(|item| match &item.content {
            Content::Scalar(scalar) => scalar.text.as_str(),
            _ => panic!("scalar"),
        });
        assert_eq!(words.collect::<Vec<_>>(), ["yes", "on", "true"]);
    }

    #[test]
    fn what_the_parser_says_to_programmers_is_left_out() {
        let problem = read("a: {b: 1, b: 2}\n").unwrap_err();
        assert_eq!(problem.message, "not readable as YAML: duplicate mapping key: b");
        assert_eq!(read("a: &x [*x]\n").unwrap_err().message, "not readable as YAML: an alias that contains itself");
    }

    #[test]
    fn scalars_keep_their_text_and_place() {
        let tree = read("a: \"0.90\"\nb: [é, 0.90, 12]\n").expect("valid");
        let Content::Mapping(entries) = tree.content else { panic!("mapping") };
        let Content::Scalar(first) = &entries[0].value.content else { panic!("scalar") };
        assert_eq!((first.text.as_str(), first.quoted, first.bare_number), ("0.90", true, false));
        let Content::Sequence(items) = &entries[1].value.content else { panic!("list") };
        let Content::Scalar(bare) = &items[1].content else { panic!("scalar") };
        assert_eq!((bare.text.as_str(), bare.bare_number), ("0.90", true));
        assert_eq!(items[1].position, Position { line: 2, column: 8 });
        assert_eq!(items[1].path, "/b/1");
    }

    #[test]
    fn broken_yaml_has_a_place() {
        let error = read("a: [1, 2\nb: 3\n").expect_err("broken");
        assert!(error.line >= 1 && error.message.starts_with("not readable as YAML"));
    }
}
