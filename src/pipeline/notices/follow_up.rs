//! Times that the follow-up does not reach.

use super::warning;
use crate::cohort::Cohort;
use crate::results::Notice;
use crate::spec::raw::{RawOutcome, RawStatistic};
use crate::spec::study::Part;
use crate::spec::{PartitionName, Study};
use crate::split::Split;

/// A horizon after the last subject's follow-up: no risk by it can be predicted or judged.
pub(super) fn beyond(study: &Study, cohort: &Cohort, split: &Split) -> Vec<Notice> {
    let mut notices = Vec::new();
    for (id, statistic) in &study.spec.statistics {
        let RawStatistic::SurvivalPerformance { outcome, partitions, horizon, .. } = statistic else { continue };
        let Some(survival) = cohort.survival(outcome) else { continue };
        let last =
            |name: &PartitionName| split.rows(name).rows().iter().map(|row| survival.time[*row]).fold(0.0, f64::max);
        let unit = match study.spec.outcomes.get(outcome) {
            Some(RawOutcome::Survival { report_in, .. }) => crate::pipeline::unit_name(*report_in),
            _ => continue,
        };
        let judged = partitions.iter().filter_map(|name| PartitionName::parse(name));
        let mut short: Vec<(String, f64)> = Vec::new();
        for name in std::iter::once(PartitionName::of(Part::Training)).chain(judged) {
            let end = last(&name);
            if *horizon > end && !short.iter().any(|(known, _)| *known == name.id) {
                short.push((name.id, end));
            }
        }
        if !short.is_empty() {
            let ends: Vec<String> = short.iter().map(|(name, end)| format!("at {end:.1} in `{name}`")).collect();
            notices.push(warning(
                "analysis/horizon-beyond-follow-up",
                format!(
                    "The analysis `{id}` judges predictions at {horizon} {unit}, and follow-up ends {}: no risk by then can \
                     be predicted or judged.",
                    ends.join(", ")
                ),
            ));
        }
    }
    notices
}
