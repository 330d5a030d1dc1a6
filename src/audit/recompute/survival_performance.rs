//! How the models of a survival outcome perform, by the audit's keys: `harrell_c`, `auc_5y`, `oe_5y`, `slope_5y`.

use super::evidence::Evidence;
use super::interval::{Known, Limits, judge_limits};
use super::performance::same_level;
use super::rows::Rows;
use crate::audit::reported::{CiMethod, Figure, NetBenefit, PerformanceRow};
use crate::results::{AnalysisOutcome, FigurePart, Results, SurvivalPerformance, SurvivalPerformanceRow};
use crate::stats::Estimate;

/// A model in a set, and by which time a section says that the event is predicted.
#[derive(Clone, Copy)]
pub(super) struct Wanted<'w> {
    pub model: &'w str,
    pub parts: &'w [String],
    pub analysis: Option<&'w str>,
    pub horizon: Option<&'w str>,
}

/// The study's row of a model in a set, with the analysis that it is of.
struct Found<'a> {
    results: &'a Results,
    performance: &'a SurvivalPerformance,
    row: &'a SurvivalPerformanceRow,
}

fn find<'a>(evidence: &Evidence<'a>, wanted: Wanted<'_>) -> Option<Found<'a>> {
    let results = evidence.results?;
    evidence.analyses(wanted.analysis).find_map(|outcome| match outcome {
        AnalysisOutcome::SurvivalPerformance(performance) => {
            let is_row = |row: &&SurvivalPerformanceRow| {
                row.model == wanted.model && evidence.is_partition(&row.partition, wanted.parts)
            };
            let row = performance.rows.iter().find(is_row)?;
            Some(Found { results, performance, row })
        }
        _ => None,
    })
}

/// The estimate that a key means; an error where the study has the row and not the estimate.
pub(super) fn estimate(
    evidence: &Evidence<'_>,
    wanted: Wanted<'_>,
    key: &str,
) -> Option<Result<SurvivalEstimate, String>> {
    let found = find(evidence, wanted)?;
    Some(of_row(&found, wanted.horizon, key))
}

/// An estimate with intervals that are as usual for it as the study's own.
pub(super) struct SurvivalEstimate {
    pub estimate: Estimate,
    /// Standard errors of the logarithm, and what they are of.
    pub log_errors: Vec<(f64, &'static str)>,
}

/// Over the whole follow-up, whatever the horizon.
const WITHOUT_TIME: [&str; 5] = ["harrell_c", "c_index", "dxy", "in_the_large", "slope_overall"];

/// The time at the end of a key, or else the section's, must be that of the study.
fn check_time(found: &Found<'_>, horizon: Option<&str>, stem: &str, time: Option<Time>) -> Result<(), String> {
    let Found { results, performance, .. } = found;
    let unit = results.outcome(&performance.outcome).and_then(|outcome| outcome.time_unit.as_deref());
    let of_section = || match horizon {
        Some(text) if !WITHOUT_TIME.contains(&stem) => read_horizon(text).map(Some),
        _ => Ok(None),
    };
    let time = match time {
        Some(time) => Some(time),
        None => of_section()?,
    };
    let Some(Time { number, letter }) = time else { return Ok(()) };
    let at = |time: f64| (time - number).abs() < 1e-9;
    if unit.is_some_and(|unit| unit.starts_with(letter)) && (at(performance.horizon) || at(performance.weighted_at)) {
        return Ok(());
    }
    Err(format!(
        "the study predicts the event by {} {}, not by {number} {}",
        performance.horizon,
        unit.unwrap_or_default(),
        match letter {
            'y' => "years",
            'm' => "months",
            _ => "days",
        }
    ))
}

/// "5 years"
fn read_horizon(text: &str) -> Result<Time, String> {
    let (number, unit) = text.trim().split_once(' ').unwrap_or((text, ""));
    let letter = unit.trim().chars().next().filter(|letter| "ymd".contains(*letter));
    number
        .parse()
        .ok()
        .zip(letter)
        .map(|(number, letter)| Time { number, letter })
        .ok_or_else(|| format!("the horizon `{text}` is no number of years, months or days"))
}

fn of_row(found: &Found<'_>, horizon: Option<&str>, key: &str) -> Result<SurvivalEstimate, String> {
    let row = found.row;
    let Key { stem, time } = split(key);
    check_time(found, horizon, stem, time)?;
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
    let estimate = estimate.ok_or_else(|| why().unwrap_or_else(|| "it is not defined in this set".to_string()))?;
    let mut log_errors = Vec::new();
    if stem == "oe" {
        if row.events > 0 {
            log_errors.push(((row.events as f64).sqrt().recip(), "log normal, Poisson events"));
        }
        let greenwood = row.observed.as_ref().and_then(|observed| Some(observed.standard_error? / observed.value));
        log_errors.extend(greenwood.map(|error| (error, "log normal, Greenwood")));
    }
    Ok(SurvivalEstimate { estimate, log_errors })
}

/// Events, risks and net benefit beside the metrics of a row.
pub(super) fn beside(
    evidence: &Evidence<'_>,
    wanted: &Result<Wanted<'_>, String>,
    printed: &PerformanceRow,
    level: f64,
    rows: &mut Rows<'_>,
) {
    let cohort = printed.cohort.as_deref().unwrap_or_default();
    let found = wanted.clone().and_then(|wanted| {
        let found = find(evidence, wanted).ok_or("no result of the study is of this model in this set")?;
        check_time(&found, wanted.horizon, "net_benefit", None)?;
        Ok(found)
    });
    let figures = &printed.survival;
    let mut row = rows.begin(cohort, &printed.model, "events");
    match &found {
        Ok(found) => row.count(FigurePart::Count, &figures.events, found.row.events),
        Err(why) => {
            row.unknown(FigurePart::Count, &figures.events);
            row.says(why.clone());
        }
    }
    rows.push(row);
    let of_row = found.as_ref().ok().map(|found| found.row);
    // What counts events is not a risk.
    let is_risk = |figure: &Option<Figure>| figure.as_ref().and_then(Figure::value).is_none_or(|value| value <= 1.0);
    for (quantity, figure, value) in [
        ("observed", &figures.observed, of_row.and_then(|row| Some(row.observed.as_ref()?.value))),
        ("expected", &figures.expected, of_row.and_then(|row| row.expected)),
        ("null Brier score", &figures.null_brier, of_row.and_then(|row| row.null_brier)),
    ] {
        let mut row = rows.begin(cohort, &printed.model, quantity);
        match (&found, value) {
            (Ok(_), Some(value)) if is_risk(figure) => row.number(FigurePart::Value, figure, value),
            (Ok(_), _) => {
                row.unknown(FigurePart::Value, figure);
                row.says("no result of the study is this number");
            }
            (Err(why), _) => {
                row.unknown(FigurePart::Value, figure);
                row.says(why.clone());
            }
        }
        rows.push(row);
    }
    for point in &figures.net_benefit {
        net_benefit(&found, printed, point, level, rows);
    }
}

fn net_benefit(
    found: &Result<Found<'_>, String>,
    printed: &PerformanceRow,
    point: &NetBenefit,
    level: f64,
    rows: &mut Rows<'_>,
) {
    let cohort = printed.cohort.as_deref().unwrap_or_default();
    let mut row = rows.begin(cohort, &printed.model, &format!("net benefit at {}", point.threshold));
    let mut beside = rows.begin(cohort, "treat all", &format!("net benefit at {}", point.threshold));
    let mut nobody = rows.begin(cohort, "treat none", &format!("net benefit at {}", point.threshold));
    nobody.number(FigurePart::Value, &point.treat_none, 0.0);
    let at = read_threshold(&point.threshold);
    let same = |threshold: f64| at.is_some_and(|at| (threshold - at).abs() < 1e-9);
    let known = found.as_ref().map_err(String::clone).and_then(|found| {
        let known = found.row.net_benefit.iter().find(|known| same(known.threshold));
        known.ok_or_else(|| format!("the study has no net benefit at {}", point.threshold))
    });
    match known {
        Ok(known) => {
            row.number(FigurePart::Value, &point.model, known.net_benefit.value);
            if point.lower.is_some() || point.upper.is_some() {
                let own = known.net_benefit.interval.iter().filter(|own| same_level(own.level, level));
                let intervals: Vec<Known> = own.map(Known::of_result).collect();
                let limits =
                    Limits { lower: &point.lower, upper: &point.upper, declared: None::<CiMethod>, factor: 1.0 };
                judge_limits(&limits, known.net_benefit.value, &intervals, &mut row);
            }
            row.count(FigurePart::Count, &point.treated, known.acted_on);
            beside.number(FigurePart::Value, &point.treat_all, known.treat_all);
        }
        Err(why) => {
            for (part, figure) in [
                (FigurePart::Value, &point.model),
                (FigurePart::Lower, &point.lower),
                (FigurePart::Upper, &point.upper),
                (FigurePart::Count, &point.treated),
            ] {
                row.unknown(part, figure);
            }
            row.says(why.clone());
            beside.unknown(FigurePart::Value, &point.treat_all);
            beside.says(why);
        }
    }
    rows.push(row);
    rows.push(beside);
    rows.push(nobody);
}

/// "0.23", "23%" or "23"
fn read_threshold(text: &str) -> Option<f64> {
    let value: f64 = text.trim_end_matches('%').trim().parse().ok()?;
    Some(if text.ends_with('%') || value > 1.0 { value / 100.0 } else { value })
}

/// A time with the first letter of its unit.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Time {
    number: f64,
    letter: char,
}

/// A key with the time at its end: "auc_5y" is the AUC at 5 years.
struct Key<'k> {
    stem: &'k str,
    time: Option<Time>,
}

fn split(key: &str) -> Key<'_> {
    let timed = key.rsplit_once('_').and_then(|(stem, time)| {
        let letter = time.chars().next_back().filter(|letter| "ymd".contains(*letter))?;
        let number = time.trim_end_matches(letter).parse().ok()?;
        Some(Key { stem, time: Some(Time { number, letter }) })
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
            (stem, time.map(|Time { number, letter }| (number, letter)))
        };
        assert_eq!(read("auc_5y"), ("auc", Some((5.0, 'y'))));
        assert_eq!(read("oe_24m"), ("oe", Some((24.0, 'm'))));
        assert_eq!(read("in_the_large"), ("in_the_large", None));
        assert_eq!(read("scaled_brier"), ("scaled_brier", None));
    }

    #[test]
    fn the_time_of_a_section_and_the_threshold_of_a_net_benefit() {
        assert_eq!(read_horizon("5 years"), Ok(Time { number: 5.0, letter: 'y' }));
        assert_eq!(read_horizon("24 months"), Ok(Time { number: 24.0, letter: 'm' }));
        assert!(read_horizon("five years").is_err() && read_horizon("5").is_err());
        assert_eq!(read_threshold("0.23"), Some(0.23));
        assert_eq!(read_threshold("23 %"), Some(0.23));
        assert_eq!(read_threshold("23"), Some(0.23));
    }
}
