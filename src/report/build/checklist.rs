//! Reporting checklists as an appendix: for each item the parts of this report that speak to it. Nothing is ever ticked:
//! whether an item is met is for a person to say.

use crate::report::ReportError;
use crate::report::document::{Block, Checklist, ChecklistItem, Link, Table};
use crate::results::{self, LayoutItem, Results};
use serde::Deserialize;

const TRIPOD_AI: &str = include_str!("../../../templates/checklists/tripod_ai.yaml");
const CLEAR: &str = include_str!("../../../templates/checklists/clear.yaml");

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Guideline {
    title: String,
    source: String,
    items: Vec<Item>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Item {
    number: String,
    section: String,
    topic: String,
    #[serde(default)]
    evidence: Vec<String>,
    #[serde(default)]
    left: Option<String>,
}

fn guideline(checklist: results::Checklist) -> Result<Guideline, ReportError> {
    let text = match checklist {
        results::Checklist::TripodAi => TRIPOD_AI,
        results::Checklist::Clear => CLEAR,
    };
    serde_yaml::from_str(text).map_err(|error| ReportError::Checklist(error.to_string()))
}

/// The checklists that the study asks for, with links to blocks that are there.
pub fn blocks(results: &Results, blocks: &[Block]) -> Result<Vec<Block>, ReportError> {
    let fill = |checklist: &results::Checklist| {
        let guideline = guideline(*checklist)?;
        let items = guideline.items.into_iter().map(|item| ChecklistItem {
            evidence: item.evidence.iter().flat_map(|name| links(name, results, blocks)).collect(),
            number: item.number,
            section: item.section,
            topic: item.topic,
            left: item.left,
        });
        Ok(Block::Checklist(Checklist {
            id: format!("checklist-{}", guideline.title.to_lowercase().replace('+', "-")),
            title: guideline.title,
            source: guideline.source,
            items: items.collect(),
        }))
    };
    results.presentation.checklists.iter().map(fill).collect()
}

/// The sections and exhibits that a name stands for: "methods", "sets", or what `report: show` calls an item.
fn links(name: &str, results: &Results, blocks: &[Block]) -> Vec<Link> {
    let link = |text: &str, anchor: &str| Link { text: text.to_string(), anchor: anchor.to_string() };
    let sections = blocks.iter().filter_map(|block| match block {
        Block::Heading { id, text, .. } if id == name => Some(link(text, id)),
        Block::Table(table) if table.id == name => Some(link(&table.caption, &table.id)),
        _ => None,
    });
    let asked = |item: &&LayoutItem| serde_json::to_value(item.show).is_ok_and(|show| show == name);
    let exhibits = results.layout.iter().filter(asked).flat_map(|item| {
        blocks.iter().find_map(|block| match block {
            // Of several tables of an item, told apart by letters, the first has the item's anchor.
            Block::Table(table) if table.label == item.label || is_first_part(table, item) => {
                Some(link(&item.label, &table.id))
            }
            Block::Figure(figure) if figure.label == item.label => Some(link(&figure.label, &figure.id)),
            _ => None,
        })
    });
    sections.chain(exhibits).collect()
}

fn is_first_part(table: &Table, item: &LayoutItem) -> bool {
    !item.label.is_empty() && table.label == format!("{}a", item.label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_item_of_both_guidelines_is_there_once() {
        let numbers = |checklist| -> Vec<String> {
            guideline(checklist).unwrap().items.into_iter().map(|item| item.number).collect()
        };
        let tripod = numbers(results::Checklist::TripodAi);
        assert_eq!(tripod.len(), 52);
        let whole = |number: &String| number.trim_end_matches(char::is_alphabetic).parse::<u32>().unwrap();
        let mut items: Vec<u32> = tripod.iter().map(whole).collect();
        items.dedup();
        assert_eq!(items, (1..=27).collect::<Vec<_>>());
        let clear = numbers(results::Checklist::Clear);
        assert_eq!(clear, (1..=58).map(|number| number.to_string()).collect::<Vec<_>>());
    }
}
