//! `vouch check STUDY`: all problems at once, or a dry run with counts.

use super::output::{print, tell};
use super::{Exit, StudyArguments, load, prepare, reject};
use crate::pipeline::{self, Prepared};
use crate::results::{AttritionKind, CohortFlow, NoticeLevel};
use crate::spec::raw::{RawModel, RawOutcome, RawStatistic};
use std::fmt::Write;

pub fn check(arguments: &StudyArguments) -> Exit {
    let study = match load(arguments) {
        Ok(study) => study,
        Err(exit) => return exit,
    };
    // Without a profile all of them are looked at, so that none is found wrong only when it is wanted.
    if study.profiles.used.is_none() {
        for name in study.profiles.names.clone() {
            let profiled = StudyArguments { profile: Some(name.clone()), ..arguments.clone() };
            if let Err(exit) = load(&profiled) {
                tell!("This is so under `--profile {name}`.");
                return exit;
            }
        }
    }
    match prepare(study) {
        Ok(prepared) => {
            let printed = print(&dry_run(&prepared), Exit::Fine);
            let Prepared { study, cohort, split, notices, .. } = &prepared;
            for notice in notices.iter().chain(&pipeline::foreseen(study, cohort, split)) {
                let word = if notice.level == NoticeLevel::Warning { "warning" } else { "note" };
                tell!("{word}: {}", notice.message);
            }
            printed
        }
        Err(rejected) => reject(&rejected),
    }
}

/// What a run would do, without doing it.
fn dry_run(prepared: &Prepared) -> String {
    let Prepared { study, cohort, split, input, external, .. } = prepared;
    let spec = &study.spec;
    let mut text = String::new();
    let mut line = |words: String| _ = writeln!(text, "{words}");
    line(format!("{}: {}", spec.id, spec.title));
    if study.profiles.used.is_none() && !study.profiles.names.is_empty() {
        line(format!("  with --profile also: {}", study.profiles.names.join(", ")));
    }
    line(String::new());
    line("Data".to_string());
    for input in std::iter::once(input).chain(external.as_ref().map(|file| &file.input)).chain(&cohort.further_inputs) {
        line(format!("  {}: {}", input.name, input.size(|count| count.to_string())));
        line(format!("  content_sha256: {}", input.content_sha256));
    }
    line(String::new());
    line("Cohort".to_string());
    attrition(&cohort.flow, &mut line);
    for dropped in &cohort.flow.dropped_variables {
        if let (Some(missing), Some(n)) = (dropped.missing, dropped.n) {
            line(format!("  the predictor `{}` is dropped: missing in {missing} of {n}", dropped.variable));
        }
    }
    if let Some(flow) = &cohort.external_flow {
        line(String::new());
        line("External cohort".to_string());
        attrition(flow, &mut line);
    }
    line(String::new());
    line("Partitions".to_string());
    for partition in pipeline::partitions(study, cohort, split) {
        let outcomes: Vec<String> = partition
            .outcomes
            .iter()
            .map(|outcome| match &spec.outcomes[outcome.outcome.as_str()] {
                RawOutcome::Binary { .. } => {
                    format!("{} {} with, {} without", outcome.outcome, outcome.events, partition.n - outcome.events)
                }
                RawOutcome::Survival { .. } => format!("{} {} events", outcome.outcome, outcome.events),
            })
            .collect();
        line(format!("  {:<16} n = {:<6} {}  ({})", partition.id, partition.n, outcomes.join("; "), partition.says));
    }
    line(String::new());
    line("Models, fitted on the training part".to_string());
    for (id, model) in &spec.models {
        let constant = pipeline::constant(study, cohort, split, model);
        let mut predictors = cohort.kept(model.predictors());
        predictors.retain(|name| !constant.contains(name));
        let uses = match model {
            RawModel::Network { image, .. } => format!("trained on the image {image}"),
            RawModel::Onnx { image, path, .. } => format!("{path} on the image {image}"),
            RawModel::Fusion { of, .. } => of.join(", "),
            _ if predictors.is_empty() => "given in the data".to_string(),
            _ => predictors.join(", "),
        };
        let selected = if model.selection().is_some() { ", selected from" } else { "" };
        line(format!("  {id} ({}{selected}): {uses}", model.kind()));
        for name in &predictors {
            if let Some(words) = spec.variables.get(name).and_then(|variable| variable.entry_in_words()) {
                line(format!("    {name}: {words}"));
            }
        }
    }
    line(String::new());
    line("Statistics".to_string());
    for (id, statistic) in &spec.statistics {
        let by = match statistic {
            RawStatistic::SurvivalPerformance { outcome, horizon, .. } => match spec.outcomes.get(outcome) {
                Some(RawOutcome::Survival { report_in, .. }) => {
                    format!("; by {}", crate::report::number::time(*horizon, pipeline::unit_name(*report_in)))
                }
                _ => String::new(),
            },
            _ => String::new(),
        };
        line(format!("  {id} ({}): {}{by}", statistic.kind(), statistic.partitions().join(", ")));
    }
    let used = |kind: &String| spec.statistics.values().any(|statistic| statistic.kind() == kind.as_str());
    let unused: Vec<String> = crate::spec::statistic_kinds().into_iter().filter(|kind| !used(kind)).collect();
    if !unused.is_empty() {
        line(format!("  also available: {}", unused.join(", ")));
    }
    line(String::new());
    line("Report".to_string());
    for item in &spec.report.show {
        let of = item.of.as_ref().map(|of| format!(" of {of}")).unwrap_or_default();
        let name = serde_json::to_value(item.item).ok().and_then(|value| value.as_str().map(str::to_string));
        line(format!("  {}{of}", name.unwrap_or_default()));
    }
    text
}

fn attrition(flow: &CohortFlow, line: &mut impl FnMut(String)) {
    if let Some(read) = flow.read {
        line(format!("  {read:>7}           read"));
    }
    for step in &flow.steps {
        let word = match step.kind {
            AttritionKind::Inclusion => "not included:",
            AttritionKind::Exclusion => "excluded:",
            AttritionKind::Missing => "missing:",
        };
        line(format!("  {:>7}  {:>+7}  {word} {}", step.remaining, -(step.excluded as i64), step.says));
    }
}
