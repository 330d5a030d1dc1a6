//! Facts that the paper states in words: under `assume:`, on the command line, and on a section about its rounding.

use super::diagnostic::Diagnostic;
use super::fields::{Fields, Reader};
use super::model::*;
use super::tables;
use super::tree::{self, Content, Node};
use crate::audit::arithmetic::Rounding;

/// `name=value` as if they stood under `assume:`.
pub(super) fn command_line(facts: &[String]) -> Result<Option<Node>, Vec<Diagnostic>> {
    if facts.is_empty() {
        return Ok(None);
    }
    let mut text = String::new();
    for fact in facts {
        let Some((name, value)) = fact.split_once('=') else {
            let help = Some("for instance --assume ties=none".to_string());
            let message = format!("--assume: `{fact}` is not NAME=VALUE");
            return Err(vec![Diagnostic { message, line: 1, column: 1, help }]);
        };
        text.push_str(&format!("{}: {}\n", name.trim(), value.trim()));
    }
    tree::read(&text).map(Some).map_err(|mut problem| {
        problem.message = format!("--assume: {}", problem.message);
        vec![problem]
    })
}

pub(super) fn assume(node: &Node, reader: &mut Reader) -> Assume {
    let mut assume = Assume::default();
    if let Some(mut fields) = Fields::of(node, "assume", reader) {
        assume.no_ties = fields.choice("ties", &[("none", true), ("possible", false)], reader).unwrap_or(false);
        assume.ci_method = tables::ci_method(&mut fields, reader);
        let averaged = fields.text("averaged", reader);
        assume.one_table = averaged.as_ref().is_some_and(|text| text == "no" || text == "false");
        assume.averaged = averaged.is_some() && !assume.one_table;
        assume.rounding = rounding(&mut fields, reader);
        assume.decimals = decimals(&mut fields, reader);
        assume.partial = fields.choice("source", &[("partial", true), ("complete", false)], reader).unwrap_or(false);
        fields.finish("assume", reader);
    }
    assume
}

fn rounding(fields: &mut Fields<'_>, reader: &mut Reader) -> Option<Rounding> {
    let modes = [
        ("half_up", Some(Rounding::HalfUp)),
        ("half_even", Some(Rounding::HalfEven)),
        ("half_down", Some(Rounding::HalfDown)),
        ("truncate", Some(Rounding::Truncate)),
        ("ceiling", Some(Rounding::Ceiling)),
        ("not_stated", None),
    ];
    fields.choice("rounding", &modes, reader).flatten()
}

/// The number of meaningful decimals; further ones are zeros that say nothing.
fn decimals(fields: &mut Fields<'_>, reader: &mut Reader) -> Option<u32> {
    let node = fields.get("decimals")?;
    let read = reader.text(node).and_then(|text| text.parse().ok()).filter(|&places| places <= 15);
    if read.is_none() {
        reader.problem(node, "`decimals` is a whole number up to 15".into(), None);
    }
    read
}

/// A section without what it says about its rounding, which the reader keeps while the section is read.
pub(super) fn with_rounding(node: &Node, assume: &Assume, reader: &mut Reader) -> Node {
    (reader.rounding, reader.decimals) = (assume.rounding, assume.decimals);
    let mut plain = node.clone();
    if let Content::Mapping(entries) = &mut plain.content
        && entries.iter().any(|entry| entry.key == "rounding" || entry.key == "decimals")
        && let Some(mut fields) = Fields::of(node, "the section", reader)
    {
        reader.rounding = rounding(&mut fields, reader).or(assume.rounding);
        reader.decimals = decimals(&mut fields, reader).or(assume.decimals);
        entries.retain(|entry| entry.key != "rounding" && entry.key != "decimals");
    }
    plain
}
