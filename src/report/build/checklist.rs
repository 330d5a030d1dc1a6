//! Reporting checklists as an appendix: for each item the parts of this report that speak to it. Nothing is ever ticked:
//! whether an item is met is for a person to say.

use crate::report::ReportError;
use crate::report::document::{Block, Checklist, ChecklistItem, Link, Table};
use crate::report::methods;
use crate::results::{self, AnalysisOutcome, AttritionKind, LayoutItem, ModelFacts, Results};
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

/// The sections and exhibits that a name stands for: "methods", "sets", or what `report: show` calls an item; behind "if"
/// stands what must have been done for them to speak to it.
fn links(evidence: &str, results: &Results, blocks: &[Block]) -> Vec<Link> {
    let (name, condition) = evidence.split_once(" if ").unwrap_or((evidence, ""));
    let speaks = |item: Option<&LayoutItem>| holds(condition, item, results);
    let link = |text: &str, anchor: &str| Link { text: text.to_string(), anchor: anchor.to_string() };
    let sections = blocks.iter().filter(|_| speaks(None)).filter_map(|block| match block {
        Block::Heading { id, text, .. } if id == name => Some(link(text, id)),
        Block::Table(table) if table.id == name => Some(link(&table.caption, &table.id)),
        _ => None,
    });
    let asked = |item: &&LayoutItem| serde_json::to_value(item.show).is_ok_and(|show| show == name);
    let exhibits = results.layout.iter().filter(asked).filter(|item| speaks(Some(item))).flat_map(|item| {
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

/// Whether what a guideline asks about was done, as the results tell.
fn holds(condition: &str, item: Option<&LayoutItem>, results: &Results) -> bool {
    let any_model = |has: &dyn Fn(&ModelFacts) -> bool| results.models.iter().any(has);
    match condition {
        "" => true,
        "a date is named in the criteria" => results.cohort.steps.iter().any(|step| names_a_year(&step.says)),
        "a date divides the sets" => results.partitions.iter().any(|partition| names_a_year(&partition.says)),
        "values were missing" => {
            results.cohort.missing_values.is_some()
                || !results.cohort.dropped_variables.is_empty()
                || results.cohort.steps.iter().any(|step| step.kind == AttritionKind::Missing && step.excluded > 0)
        }
        "the rule for missing values is told" => methods::tells_of_missing_values(results),
        "development and evaluation stand side by side" => {
            let partitions = item
                .and_then(|item| results.analysis(item.of.as_deref()?))
                .map(|analysis| partitions_of(&analysis.outcome));
            sets_apart(partitions.unwrap_or_default(), results)
        }
        "there are sets to evaluate in" => {
            results.partitions.iter().any(|partition| is_evaluation(&partition.id, results))
        }
        "features were scaled" => {
            any_model(&|model| model.description.contains("standardised") || !model.encodings.is_empty())
                || results.variables.iter().any(|variable| variable.transform.is_some())
        }
        "variables were selected" => any_model(&|model| model.selection.is_some()),
        "there are models" => !results.models.is_empty(),
        "a source is given" => results.study.data_source.is_some(),
        "there are images" => !results.study.images.is_empty(),
        // A condition that nobody has taught is never met: nothing is claimed.
        _ => false,
    }
}

#[cfg(test)]
const CONDITIONS: [&str; 11] = [
    "a date is named in the criteria",
    "a date divides the sets",
    "values were missing",
    "the rule for missing values is told",
    "development and evaluation stand side by side",
    "there are sets to evaluate in",
    "features were scaled",
    "variables were selected",
    "there are models",
    "a source is given",
    "there are images",
];

/// "Operated 1983 to 1993", "enrolled from 2020-01-01 on"
fn names_a_year(text: &str) -> bool {
    let numbers = text
        .split(|character: char| !character.is_ascii_digit())
        .filter_map(|word| if word.len() == 4 { word.parse::<u16>().ok() } else { None });
    numbers.into_iter().any(|number| (1900..2100).contains(&number))
}

/// The sets that an analysis puts side by side.
fn partitions_of(outcome: &AnalysisOutcome) -> Vec<&str> {
    match outcome {
        AnalysisOutcome::BaselineTable(table) => table.sets.iter().map(|set| set.partition.as_str()).collect(),
        AnalysisOutcome::Characteristics(table) => {
            table.partitions.iter().map(|column| column.partition.as_str()).collect()
        }
        AnalysisOutcome::SetComparison(table) => vec![&table.first, &table.second],
        _ => Vec::new(),
    }
}

/// The parts that a set is made of: itself, unless it is a union.
fn parts<'a>(id: &'a str, results: &'a Results) -> Vec<&'a str> {
    match results.partition(id) {
        Some(partition) if !partition.union_of.is_empty() => partition.union_of.iter().map(String::as_str).collect(),
        _ => vec![id],
    }
}

fn is_evaluation(id: &str, results: &Results) -> bool {
    let parts = parts(id, results);
    !parts.contains(&"training") && !["all", "primary"].contains(&id)
}

fn sets_apart(partitions: Vec<&str>, results: &Results) -> bool {
    let development = |id: &&str| parts(id, results).contains(&"training") && !(*id == "all");
    partitions.iter().any(development) && partitions.iter().any(|id| is_evaluation(id, results))
}

fn is_first_part(table: &Table, item: &LayoutItem) -> bool {
    !item.label.is_empty() && table.label == format!("{}a", item.label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_condition_of_the_guidelines_is_known() {
        for checklist in [results::Checklist::TripodAi, results::Checklist::Clear] {
            let items = guideline(checklist).unwrap().items;
            let evidence = items.iter().flat_map(|item| &item.evidence);
            for (_, condition) in evidence.filter_map(|text| text.split_once(" if ")) {
                assert!(CONDITIONS.contains(&condition), "{condition}");
            }
        }
    }

    #[test]
    fn a_year_is_told_from_other_numbers() {
        assert!(names_a_year("enrolled from 2020-01-01 on") && names_a_year("Operated 1983 to 1993"));
        assert!(
            !names_a_year("random 30% of the primary set")
                && !names_a_year("Aged below 18")
                && !names_a_year("id 12020")
        );
    }

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
