//! Times that cannot be what the spec says: a unit that makes lives of follow-up, a horizon that nobody reaches.

use super::notices::warning;
use super::unit_name;
use crate::cohort::Cohort;
use crate::results::Notice;
use crate::spec::raw::{RawOutcome, RawStatistic};
use crate::spec::{Diagnostic, PartitionName, Study};
use crate::split::Split;
use crate::stats::baseline::quantile::{QuantileType, quantiles};

/// No cohort is followed for longer in the middle; days that were declared as months are.
const LONGEST_MEDIAN_YEARS: f64 = 60.0;

/// Outcomes whose unit makes their follow-up implausible.
pub(super) fn notices(study: &Study, cohort: &Cohort) -> Vec<Notice> {
    let mut notices = Vec::new();
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

/// Horizons that lie beyond the follow-up of everybody who is judged by them.
pub(super) fn beyond(study: &Study, cohort: &Cohort, split: &Split) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    for (id, statistic) in &study.spec.statistics {
        let RawStatistic::SurvivalPerformance { outcome, horizon, weighted_at, .. } = statistic else { continue };
        let Some(data) = cohort.survival(outcome) else { continue };
        let rows = statistic.partitions().into_iter().filter_map(PartitionName::parse);
        let rows = rows.flat_map(|name| split.rows(&name).rows().to_vec());
        let longest = rows.map(|row| data.time[row]).fold(0.0, f64::max);
        let unit = match study.spec.outcomes.get(outcome) {
            Some(RawOutcome::Survival { report_in, .. }) => unit_name(*report_in),
            _ => "",
        };
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
