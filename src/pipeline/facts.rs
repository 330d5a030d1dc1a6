//! What the results say of the study itself: its columns, outcomes, parts, and the layout of its report.

use crate::cohort::Cohort;
use crate::data::{Expression, OutcomeData};
use crate::results::{
    DerivedColumn, ExternalCohort, LayoutItem, OutcomeFacts, OutcomeKind, PartitionFacts, PartitionOutcome,
    VariableFacts, VariableKind,
};
use crate::spec::raw::{RawCutoff, RawOutcome, RawVariable, RawVariableKind, TimeUnit};
use crate::spec::study::Part;
use crate::spec::{PartitionName, Study};
use crate::split::Split;
use crate::stats::survival::data::SurvivalData;
use crate::stats::survival::follow_up::median_follow_up;
use crate::stats::survival::kaplan_meier::KaplanMeierOptions;

pub(super) fn external_cohort(study: &Study, cohort: &Cohort) -> Option<ExternalCohort> {
    let declared = study.spec.data.external.as_ref()?;
    Some(ExternalCohort {
        label: external_label(study),
        data_source: declared.source.clone(),
        flow: cohort.external_flow.clone()?,
    })
}

fn external_label(study: &Study) -> String {
    let label = study.spec.data.external.as_ref().and_then(|external| external.label.clone());
    label.unwrap_or_else(|| "External cohort".to_string())
}

/// The columns that the study computes, of either file, with the labels of what is read from each.
pub(super) fn derived(study: &Study) -> Vec<DerivedColumn> {
    let spec = &study.spec;
    let column = |(name, expression): (&String, &String), external: bool| {
        let variables = spec.variables.iter().filter(|(id, _)| study.variable_column(id) == name.as_str());
        let variables = variables.map(|(id, variable)| variable.label.clone().unwrap_or_else(|| id.clone()));
        let outcomes = spec.outcomes.values().filter_map(|outcome| match outcome {
            RawOutcome::Binary { label, positive, .. } => reads(positive, name).then(|| label.clone()),
            RawOutcome::Survival { label, time, event, .. } => {
                (time == name || reads(time, name) || reads(event, name)).then(|| label.clone())
            }
        });
        DerivedColumn {
            name: name.clone(),
            expression: expression.clone(),
            of: variables.chain(outcomes).collect(),
            external,
        }
    };
    let external = spec.data.external.iter().flat_map(|external| &external.derive);
    let own = spec.cohort.derive.iter().map(|entry| column(entry, false));
    own.chain(external.map(|entry| column(entry, true))).collect()
}

fn reads(expression: &str, column: &str) -> bool {
    Expression::columns_of(expression).iter().any(|name| name == column)
}

pub(super) fn variables(study: &Study, cohort: &Cohort) -> Vec<VariableFacts> {
    let facts = |(name, variable): (&String, &RawVariable)| VariableFacts {
        name: name.clone(),
        label: variable.label.clone().unwrap_or_else(|| name.clone()),
        unit: variable.unit.clone(),
        kind: match variable.kind {
            RawVariableKind::Continuous => VariableKind::Continuous,
            RawVariableKind::Categorical => VariableKind::Categorical,
            RawVariableKind::Ordinal => VariableKind::Ordinal,
        },
        levels: variable.levels.values().cloned().collect(),
        transform: variable.entry_in_words(),
        missing: Some(cohort.variables.get(name.as_str()).map_or(0, |data| data.missing())),
    };
    study.spec.variables.iter().map(facts).collect()
}

pub(super) fn outcomes(study: &Study) -> Vec<OutcomeFacts> {
    let facts = |(id, outcome): (&String, &RawOutcome)| match outcome {
        RawOutcome::Binary { label, positive, names } => OutcomeFacts {
            id: id.clone(),
            label: label.clone(),
            kind: OutcomeKind::Binary,
            definition: positive.clone(),
            negative_label: Some(names.as_ref().map_or("No".to_string(), |names| names.negative.clone())),
            positive_label: Some(names.as_ref().map_or("Yes".to_string(), |names| names.positive.clone())),
            time_unit: None,
        },
        RawOutcome::Survival { label, event, time, censor_at, report_in, .. } => OutcomeFacts {
            id: id.clone(),
            label: label.clone(),
            kind: OutcomeKind::Survival,
            definition: match censor_at {
                Some(end) => {
                    format!("time {time}; event {event}; follow-up ends at {} {}", end.time, unit_name(end.unit))
                }
                None => format!("time {time}; event {event}"),
            },
            negative_label: None,
            positive_label: None,
            time_unit: Some(unit_name(*report_in).to_string()),
        },
    };
    study.spec.outcomes.iter().map(facts).collect()
}

pub fn unit_name(unit: TimeUnit) -> &'static str {
    match unit {
        TimeUnit::Days => "days",
        TimeUnit::Weeks => "weeks",
        TimeUnit::Months => "months",
        TimeUnit::Years => "years",
    }
}

/// The parts that the split makes, then the unions that analyses ask for, in the order of their first mention.
pub fn partition_names(study: &Study) -> Vec<PartitionName> {
    let mut names: Vec<PartitionName> = study.parts().into_iter().map(PartitionName::of).collect();
    for statistic in study.spec.statistics.values() {
        for name in statistic.partitions().into_iter().filter_map(PartitionName::parse) {
            if !names.iter().any(|known| known.id == name.id) {
                names.push(name);
            }
        }
    }
    names
}

pub fn partitions(study: &Study, cohort: &Cohort, split: &Split) -> Vec<PartitionFacts> {
    partition_names(study)
        .into_iter()
        .map(|name| {
            let rows = split.rows(&name).rows().to_vec();
            // "all" and "primary" may name parts that this split does not make.
            let parts: Vec<Part> = name.parts.iter().copied().filter(|part| study.parts().contains(part)).collect();
            let made = PartitionName { id: name.id.clone(), parts };
            PartitionFacts {
                id: name.id.clone(),
                label: name.label(),
                says: says(study, &made),
                n: rows.len(),
                outcomes: cohort.outcomes.iter().map(|(id, data)| partition_outcome(cohort, id, data, &rows)).collect(),
                union_of: match made.parts.as_slice() {
                    [_] => Vec::new(),
                    parts => parts.iter().map(|part| part.id().to_string()).collect(),
                },
            }
        })
        .collect()
}

fn partition_outcome(cohort: &Cohort, id: &str, data: &OutcomeData, rows: &[usize]) -> PartitionOutcome {
    let count = |event: &[bool]| rows.iter().filter(|row| event[**row]).count();
    match data {
        OutcomeData::Binary(values) => {
            PartitionOutcome { outcome: id.to_string(), events: count(values), median_follow_up: None }
        }
        OutcomeData::Survival { time, event } => {
            let times: Vec<f64> = rows.iter().map(|row| time[*row]).collect();
            // Competing events share their time, and whichever came first ended the follow-up.
            let together = cohort.outcomes.values().filter_map(|other| match other {
                OutcomeData::Survival { time: same, event } if same == time => Some(event),
                _ => None,
            });
            let together: Vec<&Vec<bool>> = together.collect();
            let ended: Vec<bool> = rows.iter().map(|row| together.iter().any(|event| event[*row])).collect();
            let follow_up = median_follow_up(&SurvivalData::new(&times, &ended), &KaplanMeierOptions::default());
            PartitionOutcome { outcome: id.to_string(), events: count(event), median_follow_up: follow_up.ok() }
        }
    }
}

fn says(study: &Study, name: &PartitionName) -> String {
    let split = &study.spec.split;
    let cutoff = split.temporal.as_ref().map(|temporal| {
        let value = match &temporal.test_from {
            RawCutoff::Number(number) => number.to_string(),
            RawCutoff::Date(text) => text.clone(),
        };
        (temporal.by.clone(), value)
    });
    let share = split.validation.as_ref().map(|validation| {
        let stratified = if validation.stratify.is_some() { ", stratified by outcome" } else { "" };
        (100.0 * validation.fraction, stratified)
    });
    match (name.parts.as_slice(), cutoff, share) {
        ([Part::External], ..) => format!("{}, from a file of its own", external_label(study)),
        ([Part::Test], Some((by, value)), _) => format!("{by} from {value} on"),
        ([Part::Validation], _, Some((percent, stratified))) => {
            format!("random {percent:.0}% of the primary set{stratified}")
        }
        ([Part::Training], Some((by, value)), None) => format!("{by} before {value}"),
        ([Part::Training], _, Some((percent, _))) => format!("the other {:.0}% of the primary set", 100.0 - percent),
        ([Part::Training], None, None) => "the whole cohort".to_string(),
        (parts, ..) => parts.iter().map(|part| part.id()).collect::<Vec<_>>().join(" and "),
    }
}

pub(super) fn layout(study: &Study) -> Vec<LayoutItem> {
    let declared: Vec<&String> = study.spec.report.show.iter().filter_map(|item| item.label.as_ref()).collect();
    let (mut tables, mut figures) = (0, 0);
    let items = study.spec.report.show.iter().map(|item| {
        let (word, count) = if item.item.is_figure() { ("Figure", &mut figures) } else { ("Table", &mut tables) };
        let label = item.label.clone().unwrap_or_else(|| {
            loop {
                *count += 1;
                let label = format!("{word} {count}");
                // No number twice, where the study numbers some of its items itself.
                if !declared.contains(&&label) {
                    break label;
                }
            }
        });
        LayoutItem { show: item.item, label, of: item.of.clone(), caption: item.caption.clone() }
    });
    items.collect()
}
