//! The sets as cohorts, the attrition as flow, the shares of events.

use super::yaml::Mapping;
use super::{cohort, main_outcome, slug};
use crate::report::number::{self, Style};
use crate::results::{AttritionKind, OutcomeKind, PartitionFacts, Results};
use serde_json::{Value, json};

pub fn add(results: &Results, file: &mut Mapping) {
    let mut cohorts = Mapping::default();
    let mut shares = Mapping::default();
    let mut follow_up = Mapping::default();
    for partition in &results.partitions {
        if main_outcome(results).is_none() {
            cohorts.add(&partition.id, described(results, partition, None));
        }
        for facts in &partition.outcomes {
            let Some(outcome) = results.outcome(&facts.outcome) else { continue };
            let name = cohort(results, &partition.id, &outcome.id);
            let mut share = Mapping::default();
            share.add("cohort", json!(name));
            if outcome.kind == OutcomeKind::Binary {
                cohorts.add(&name, described(results, partition, Some((&outcome.id, facts.events))));
                share.add("class", json!("positive"));
            }
            share.add("count", json!(number::count(facts.events)));
            if partition.n > 0 {
                share.add("percent", json!(number::percent(facts.events as f64 / partition.n as f64)));
            }
            shares.add(&format!("{}, {}", partition.id, outcome.id), share.into_value());
            if let Some(estimate) = &facts.median_follow_up {
                let text = number::open_ended(Style::decimals(1).estimate(estimate));
                follow_up.add(&format!("{}, {}", partition.id, outcome.id), json!(text));
            }
        }
    }
    file.add("cohorts", cohorts.into_value());
    file.add("flow", flow(results));
    if !shares.is_empty() {
        let mut section = Mapping::default();
        section.add("kind", json!("counts"));
        section.add("label", json!("Sets and their events"));
        if let Value::Object(entries) = shares.into_value() {
            entries.into_iter().for_each(|(name, share)| section.add(&name, share));
        }
        file.add("events", section.into_value());
    }
    if !follow_up.is_empty() {
        let section = json!({"kind": "facts", "label": "Median follow-up", "sets": follow_up.into_value()});
        file.add("follow_up", section);
    }
}

/// n, events and parts of a set.
fn described(results: &Results, partition: &PartitionFacts, events: Option<(&str, usize)>) -> Value {
    let mut entry = Mapping::default();
    entry.add("n", json!(number::count(partition.n)));
    if let Some((_, events)) = events {
        entry.add("positive", json!(number::count(events)));
    }
    if !partition.union_of.is_empty() {
        let name = |part: &String| events.map_or(part.clone(), |(outcome, _)| cohort(results, part, outcome));
        entry.add("parts", json!(partition.union_of.iter().map(name).collect::<Vec<_>>()));
    }
    entry.into_value()
}

/// From the rows that were read to those that are analysed, one step per criterion.
fn flow(results: &Results) -> Value {
    let mut flow = Mapping::default();
    if let Some(read) = results.cohort.read {
        flow.add("read", json!({"n": number::count(read)}));
    }
    let mut before = "read".to_string();
    for step in &results.cohort.steps {
        let name = format!("after_{}", slug(&step.id));
        let word = match step.kind {
            AttritionKind::Inclusion => "not_included",
            AttritionKind::Exclusion => "excluded",
            AttritionKind::Missing => "missing",
        };
        let mut excluded = Mapping::default();
        excluded.add(word, json!(number::count(step.excluded)));
        let entry = json!({"n": number::count(step.remaining), "from": before, "excluded": excluded.into_value()});
        flow.add(&name, entry);
        before = name;
    }
    flow.into_value()
}
