//! How the models of a survival outcome perform, by the audit's keys: `harrell_c`, `auc_5y`, `oe_5y`, `slope_5y`.

use super::evidence::Evidence;
use crate::results::{AnalysisOutcome, Results, SurvivalPerformance, SurvivalPerformanceRow};
use crate::stats::Estimate;

/// The estimate that a key means, for a model in a set; an error where the study has the row and not the estimate.
pub(super) fn estimate(
    evidence: &Evidence<'_>,
    model: &str,
    parts: &[String],
    analysis: Option<&str>,
    key: &str,
) -> Option<Result<Estimate, String>> {
    let results = evidence.results?;
    evidence.analyses(analysis).find_map(|outcome| match outcome {
        AnalysisOutcome::SurvivalPerformance(performance) => {
            let is_row =
                |row: &&SurvivalPerformanceRow| row.model == model && evidence.is_partition(&row.partition, parts);
            let row = performance.rows.iter().find(is_row)?;
            Some(of_row(results, performance, row, key))
        }
        _ => None,
    })
}

fn of_row(
    results: &Results,
    performance: &SurvivalPerformance,
    row: &SurvivalPerformanceRow,
    key: &str,
) -> Result<Estimate, String> {
    let unit = results.outcome(&performance.outcome).and_then(|outcome| outcome.time_unit.as_deref());
    let Key { stem, time } = split(key);
    let at = |time: f64| (time - performance.horizon).abs() < 1e-9 || (time - performance.weighted_at).abs() < 1e-9;
    if let Some((number, letter)) = time
        && !(unit.is_some_and(|unit| unit.starts_with(letter)) && at(number))
    {
        return Err(format!("the study predicts the event by {}, not by the time of `{key}`", performance.horizon));
    }
    let plain = |value: f64| Estimate::new(value, row.n);
    let resampled = row.resampled.as_ref();
    let distance = row.calibration_distance;
    let estimate = match stem {
        "harrell_c" | "c_index" => row.harrell_c.clone(),
        "uno_c" => row.uno_c.clone(),
        "auc" | "auc_t" => row.auc.clone(),
        "oe" => row.observed_expected_ratio.clone(),
        "slope" | "calibration_slope" => row.slope.clone(),
        "in_the_large" => row.observed_expected_follow_up.clone(),
        "slope_overall" => row.slope_follow_up.clone(),
        "ici" => resampled.and_then(|facts| facts.ici.clone()).or(distance.map(|distance| plain(distance.ici))),
        "e50" => resampled.and_then(|facts| facts.e50.clone()).or(distance.map(|distance| plain(distance.e50))),
        "e90" => resampled.and_then(|facts| facts.e90.clone()).or(distance.map(|distance| plain(distance.e90))),
        "emax" => distance.map(|distance| plain(distance.e_max)),
        "brier" => row.brier.clone(),
        "ipa" | "scaled_brier" => {
            resampled.and_then(|facts| facts.scaled_brier.clone()).or(row.scaled_brier.map(plain))
        }
        "dxy" => row.harrell_c.as_ref().map(|c| plain(2.0 * c.value - 1.0)),
        _ => return Err(format!("no result of the study is a `{key}`")),
    };
    let why = || {
        row.undefined.iter().find(|undefined| undefined.measure.contains(stem)).map(|undefined| undefined.why.clone())
    };
    estimate.ok_or_else(|| why().unwrap_or_else(|| "it is not defined in this set".to_string()))
}

/// A key with the time at its end: "auc_5y" is the AUC at 5 years.
struct Key<'k> {
    stem: &'k str,
    time: Option<(f64, char)>,
}

fn split(key: &str) -> Key<'_> {
    let timed = key.rsplit_once('_').and_then(|(stem, time)| {
        let letter = time.chars().next_back().filter(|letter| "ymd".contains(*letter))?;
        Some(Key { stem, time: Some((time.trim_end_matches(letter).parse().ok()?, letter)) })
    });
    timed.unwrap_or(Key { stem: key, time: None })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_at_the_end_of_a_key() {
        let read = |key| {
            let Key { stem, time } = split(key);
            (stem, time)
        };
        assert_eq!(read("auc_5y"), ("auc", Some((5.0, 'y'))));
        assert_eq!(read("oe_24m"), ("oe", Some((24.0, 'm'))));
        assert_eq!(read("in_the_large"), ("in_the_large", None));
        assert_eq!(read("scaled_brier"), ("scaled_brier", None));
    }
}
