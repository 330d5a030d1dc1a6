//! Who was analysed: the attrition in words, then the sets with their events.

use super::names::{Names, interval_methods, list};
use super::table::{TableBuilder, number, text};
use crate::report::document::{Align, Block, Cell, Table};
use crate::report::number::{self, Style, count, count_percent};
use crate::results::{AttritionKind, CohortFlow, OutcomeFacts, OutcomeKind, PartitionFacts, Results};

pub fn blocks(results: &Results) -> Vec<Block> {
    let mut blocks = Vec::new();
    if let Some(source) = &results.study.data_source {
        blocks.push(Block::Paragraph { text: source.clone() });
    }
    blocks.push(Block::Paragraph { text: attrition(&results.cohort, results) });
    if let Some(external) = &results.external {
        let label = external.label.trim_end_matches('.');
        if let Some(source) = &external.data_source {
            blocks.push(Block::Paragraph { text: format!("External validation cohort: {label}. {source}") });
        }
        let text = attrition(&external.flow, results).replacen("Of", &format!("{label}: of"), 1);
        blocks.push(Block::Paragraph { text });
    }
    if !results.partitions.is_empty() {
        blocks.push(Block::Table(sets(results)));
    }
    blocks
}

fn attrition(cohort: &CohortFlow, results: &Results) -> String {
    let steps: Vec<String> = cohort
        .steps
        .iter()
        .map(|step| {
            let says = step.says.trim_end_matches('.');
            let excluded = count(step.excluded);
            match step.kind {
                AttritionKind::Inclusion => format!("{excluded} did not meet “{says}”"),
                AttritionKind::Exclusion => format!("{excluded} met the exclusion “{says}”"),
                AttritionKind::Missing => format!("{excluded} left for a missing value (“{says}”)"),
            }
        })
        .collect();
    let mut text = match cohort.read {
        Some(read) => format!("Of {} subjects read, {} were analysed", count(read), count(cohort.analysed)),
        None => format!(
            "Of the subjects read, {} were analysed; how many were read, and why some left, is withheld",
            count(cohort.analysed)
        ),
    };
    if !steps.is_empty() {
        text.push_str(&format!(": {}", list(&steps)));
    }
    text.push('.');
    for dropped in &cohort.dropped_variables {
        let names = Names { results };
        let name = names.variable(&dropped.variable);
        text.push_str(&match (dropped.missing, dropped.n) {
            (Some(missing), Some(n)) => format!(
                " The variable “{name}” was dropped: {} of {} values ({}%) are missing.",
                count(missing),
                count(n),
                number::percent(missing as f64 / n.max(1) as f64)
            ),
            _ => format!(" The variable “{name}” was dropped for its missing values; how many is withheld."),
        });
    }
    text
}

fn sets(results: &Results) -> Table {
    let mut table = TableBuilder::new("sets", "", "Sets and their events");
    table.column("Set", Align::Left);
    table.column("n", Align::Decimal);
    let mut binary = Vec::new();
    let mut survival = Vec::new();
    for outcome in &results.outcomes {
        match outcome.kind {
            OutcomeKind::Binary => binary.push(outcome),
            OutcomeKind::Survival => survival.push(outcome),
        }
    }
    for outcome in &binary {
        table.column(format!("{}, n (%)", outcome.label), Align::Decimal);
    }
    for outcome in &survival {
        table.column(format!("{}: events, n (%)", outcome.label), Align::Decimal);
        let follow_up = follow_ups(results, outcome);
        if let Some(first) = follow_up.iter().find_map(|estimate| estimate.interval.as_ref()) {
            let unit = outcome.time_unit.as_deref().unwrap_or("time units");
            let head = format!("Median follow-up, {unit} ({} CI)", number::level(first.level));
            let column = table.column(head, Align::Decimal);
            let methods = interval_methods(follow_up.iter().filter_map(|estimate| estimate.interval.as_ref()));
            table.footnote(
                column,
                format!(
                    "Reverse Kaplan-Meier: the median time to censoring. Interval: {}; n, all subjects of the set.",
                    list(&methods)
                ),
            );
            table.abbreviation("CI", "confidence interval");
            if follow_up.iter().any(|estimate| is_open(estimate)) {
                table.abbreviation("NR", "not reached");
            }
        }
    }
    table.column("Who is in it", Align::Left);

    // Without a split the training part is the whole cohort: one row bears both names.
    let same = |a: &PartitionFacts, b: &PartitionFacts| (a.n, &a.says, &a.outcomes) == (b.n, &b.says, &b.outcomes);
    let mut rows: Vec<(Vec<&str>, &PartitionFacts)> = Vec::new();
    for partition in &results.partitions {
        match rows.last_mut().filter(|(_, last)| partition.union_of.is_empty() && same(last, partition)) {
            Some((labels, _)) => labels.push(&partition.label),
            None => rows.push((vec![&partition.label], partition)),
        }
    }
    for (labels, partition) in rows {
        let mut cells = vec![text(labels.join(", ")), number(count(partition.n), partition.n as f64)];
        for outcome in &binary {
            cells.push(events(partition, outcome));
        }
        for outcome in &survival {
            cells.push(events(partition, outcome));
            if follow_ups(results, outcome).iter().any(|estimate| estimate.interval.is_some()) {
                let follow_up = of(partition, outcome).and_then(|facts| facts.median_follow_up.as_ref());
                cells.push(follow_up.map_or_else(Cell::default, |estimate| {
                    number(number::open_ended(Style::decimals(1).estimate(estimate)), estimate.value)
                }));
            }
        }
        let says = if partition.union_of.is_empty() {
            partition.says.clone()
        } else {
            let names = Names { results };
            let parts: Vec<&str> = partition.union_of.iter().map(|id| names.partition(id)).collect();
            format!("{} together", list(&parts))
        };
        cells.push(text(says));
        table.row(0, cells);
    }
    table.finish()
}

/// The curve, or its band, does not come down to the half.
fn is_open(estimate: &crate::stats::Estimate) -> bool {
    let limits = estimate.interval.iter().flat_map(|interval| [interval.lower, interval.upper]);
    std::iter::once(estimate.value).chain(limits).any(f64::is_infinite)
}

fn of<'a>(partition: &'a PartitionFacts, outcome: &OutcomeFacts) -> Option<&'a crate::results::PartitionOutcome> {
    partition.outcomes.iter().find(|facts| facts.outcome == outcome.id)
}

fn events(partition: &PartitionFacts, outcome: &OutcomeFacts) -> Cell {
    of(partition, outcome)
        .map_or_else(Cell::default, |facts| number(count_percent(facts.events, partition.n), facts.events as f64))
}

fn follow_ups<'a>(results: &'a Results, outcome: &OutcomeFacts) -> Vec<&'a crate::stats::Estimate> {
    let facts = results.partitions.iter().filter_map(|partition| of(partition, outcome));
    facts.filter_map(|facts| facts.median_follow_up.as_ref()).collect()
}
