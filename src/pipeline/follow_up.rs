//! Times that cannot be what the spec says: a unit that makes lives of follow-up, a horizon that nobody reaches.

use super::notices::warning;
use super::unit_name;
use crate::cohort::Cohort;
use crate::results::Notice;
use crate::spec::raw::{RawOutcome, RawStatistic};
use crate::spec::study::Part;
use crate::spec::{Diagnostic, PartitionName, Study};
use crate::split::Split;
use crate::stats::baseline::quantile::{QuantileType, quantiles};

/// No cohort is followed for longer in the middle; days that were declared as months are.
const LONGEST_MEDIAN_YEARS: f64 = 60.0;

/// Outcomes whose unit makes their follow-up implausible, and horizons that some sets are not followed to.
pub(super) fn notices(study: &Study, cohort: &Cohort, split: &Split) -> Vec<Notice> {
    let mut notices = short_of_horizons(study, cohort, split);
    for (id, outcome) in &study.spec.outcomes {
        let (RawOutcome::Survival { unit, report_in, .. }, Some(data)) = (outcome, cohort.survival(id)) else {
            continue;
        };
        let Some(median) =
            quantiles(data.time, &[0.5], QuantileType::Type7).ok().and_then(|found| found.first().copied())
        else {
            continue;
        };
        let years = median * report_in.days() / 365.25;
        if years > LONGEST_MEDIAN_YEARS {
            let declared = unit_name(*unit);
            notices.push(warning(
                "data/time-unit",
                format!(
                    "Half of the times of `{id}` are above {years:.0} years, as they are declared in {declared}: is `unit: {declared}` their unit?"
                ),
            ));
        }
    }
    notices
}

/// The last time at which anybody of a set is followed.
fn last(cohort: &Cohort, split: &Split, outcome: &str, set: &PartitionName) -> f64 {
    let Some(data) = cohort.survival(outcome) else { return 0.0 };
    split.rows(set).rows().iter().map(|row| data.time[*row]).fold(0.0, f64::max)
}

fn unit_of(study: &Study, outcome: &str) -> &'static str {
    match study.spec.outcomes.get(outcome) {
        Some(RawOutcome::Survival { report_in, .. }) => unit_name(*report_in),
        _ => "",
    }
}

/// Horizons that only some sets are followed to: in the others, and where the training part is one of them anywhere, no risk
/// by then can be predicted or judged.
fn short_of_horizons(study: &Study, cohort: &Cohort, split: &Split) -> Vec<Notice> {
    let mut notices = Vec::new();
    for (id, statistic) in &study.spec.statistics {
        let RawStatistic::SurvivalPerformance { outcome, partitions, horizon, .. } = statistic else { continue };
        let judged = partitions.iter().filter_map(|name| PartitionName::parse(name));
        let mut short: Vec<(String, f64)> = Vec::new();
        for set in std::iter::once(PartitionName::of(Part::Training)).chain(judged) {
            let end = last(cohort, split, outcome, &set);
            if *horizon > end && !short.iter().any(|(known, _)| *known == set.id) {
                short.push((set.id, end));
            }
        }
        if !short.is_empty() {
            let ends: Vec<String> = short.iter().map(|(name, end)| format!("at {end:.1} in `{name}`")).collect();
            notices.push(warning(
                "analysis/horizon-beyond-follow-up",
                format!(
                    "The analysis `{id}` judges predictions at {horizon} {}, and follow-up ends {}: no risk by then can be \
                     predicted or judged.",
                    unit_of(study, outcome),
                    ends.join(", ")
                ),
            ));
        }
    }
    notices
}

/// Horizons that lie beyond the follow-up of everybody who is judged by them.
pub(super) fn beyond(study: &Study, cohort: &Cohort, split: &Split) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    for (id, statistic) in &study.spec.statistics {
        let RawStatistic::SurvivalPerformance { outcome, horizon, weighted_at, .. } = statistic else { continue };
        if cohort.survival(outcome).is_none() {
            continue;
        }
        let sets = statistic.partitions().into_iter().filter_map(PartitionName::parse);
        let longest = sets.map(|set| last(cohort, split, outcome, &set)).fold(0.0, f64::max);
        let unit = unit_of(study, outcome);
        for (key, time) in [("horizon", Some(*horizon)), ("weighted_at", *weighted_at)] {
            let Some(time) = time.filter(|time| *time > longest) else { continue };
            let message = format!(
                "nobody is followed for {time} {unit}: the longest follow-up of `{outcome}` there is {longest:.1} {unit}"
            );
            problems.push(
                Diagnostic::error("data/horizon", message, study.place(&format!("statistics/{id}/{key}")))
                    .with_help("choose a time within follow-up; it is in the unit of `report_in`"),
            );
        }
    }
    problems
}
