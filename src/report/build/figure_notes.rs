//! What a figure's marks are: methods of its intervals, where thresholds were chosen, abbreviations. They stand below the
//! drawing, as the notes of a table do.

use super::names::{Names, distinct, interval_methods, list};
use crate::report::number;
use crate::results::{AnalysisOutcome, LayoutItem, Results, Show};
use crate::stats::Interval;

const AUC: &str = "AUC, area under the receiver operating characteristic curve; CI, confidence interval.";

/// Sentences; none for a figure that needs no more than it draws.
pub fn of(results: &Results, item: &LayoutItem) -> Vec<String> {
    let names = Names { results };
    let analysis = item.of.as_deref().and_then(|id| results.analysis(id)).map(|analysis| &analysis.outcome);
    let mut notes = match (item.show, analysis) {
        (Show::RocFigure, Some(AnalysisOutcome::Performance(performance))) => {
            let intervals = performance.rows.iter().filter_map(|row| row.auc.as_ref()?.interval.as_ref());
            let rules = performance.thresholds.iter();
            let rules: Vec<String> = rules.map(|facts| names.rule(facts)).collect();
            let rules = distinct(rules.iter().map(String::as_str));
            let thresholds =
                if rules.is_empty() { String::new() } else { format!("Thresholds: {}.", rules.join("; ")) };
            vec![by_method("Intervals of the AUC", intervals, "all subjects of the set"), thresholds, AUC.to_string()]
        }
        (Show::SurvivalFigure, Some(AnalysisOutcome::KaplanMeier(survival))) => {
            let groups = || survival.partitions.iter().flat_map(|partition| &partition.groups);
            let rates =
                groups().flat_map(|group| group.rates.iter().flatten()).filter_map(|rate| rate.interval.as_ref());
            let medians = groups().filter_map(|group| group.median.as_ref()?.interval.as_ref());
            let level = number::level(survival.level);
            let methods = interval_methods(rates);
            let methods = if methods.is_empty() { interval_methods(medians) } else { methods };
            let by = if methods.is_empty() { String::new() } else { format!(" ({})", list(&methods)) };
            let tests =
                survival.partitions.iter().filter_map(|partition| Some(partition.log_rank.as_ref()?.method.as_ref()));
            let tests = distinct(tests);
            let test = if tests.is_empty() { String::new() } else { format!("P: {} test.", list(&tests)) };
            vec![
                format!("Groups: {}.", survival.grouped_by.trim_end_matches('.')),
                format!(
                    "Kaplan-Meier curves with pointwise {level} confidence bands{by}; short upright strokes: censored."
                ),
                test,
            ]
        }
        (Show::CoxForestFigure, Some(AnalysisOutcome::Cox(cox))) => {
            let rows = || cox.univariable.iter().chain(&cox.multivariable);
            let intervals = rows().filter_map(|row| row.hazard_ratio.interval.as_ref());
            vec![
                by_method("Intervals", intervals, "all subjects of the model"),
                "P: Wald test, two-sided.".to_string(),
                "CI, confidence interval; HR, hazard ratio.".to_string(),
            ]
        }
        (Show::CalibrationFigure, Some(AnalysisOutcome::Calibration(calibration))) => {
            let groups = || calibration.rows.iter().flat_map(|row| &row.groups);
            let intervals = groups().filter_map(|group| group.observed.interval.as_ref());
            let weak = calibration.rows.iter().flat_map(|row| [&row.intercept, &row.slope]).flatten();
            vec![
                by_method("Intervals of the observed proportions", intervals, "the subjects of the group"),
                by_method(
                    "Of intercept and slope",
                    weak.filter_map(|estimate| estimate.interval.as_ref()),
                    "all subjects of the set",
                ),
            ]
        }
        (Show::SurvivalCalibrationFigure, Some(AnalysisOutcome::SurvivalPerformance(performance))) => {
            let groups = performance.rows.iter().flat_map(|row| &row.groups);
            let curves = performance.rows.iter().flat_map(|row| &row.curve);
            vec![
                format!("Smooth curve: {}.", performance.curve_says),
                by_method(
                    "Its band",
                    curves.filter_map(|point| point.observed.interval.as_ref()),
                    "all subjects of the set",
                ),
                by_method(
                    "Intervals of the groups",
                    groups.filter_map(|group| group.observed.interval.as_ref()),
                    "the subjects of the group",
                ),
                "ICI, integrated calibration index; O/E, observed over expected.".to_string(),
            ]
        }
        (Show::ThresholdExplorer, Some(AnalysisOutcome::Performance(_))) => vec![
            "Counts over round thresholds, which are no subject’s score; between two of them curves are straight."
                .to_string(),
        ],
        _ => Vec::new(),
    };
    let is_curve = matches!(
        item.show,
        Show::RocFigure
            | Show::SurvivalFigure
            | Show::DecisionFigure
            | Show::SurvivalDecisionFigure
            | Show::ThresholdExplorer
    );
    if let Some(minimum) = results.presentation.minimum_cell {
        let few = format!("from 1 to {} subjects", minimum.saturating_sub(1));
        if item.show == Show::ScoreDistributionFigure {
            notes.push(format!("Steps in which a class has {few} are joined with their neighbours."));
        } else if is_curve {
            notes.push(format!(
                "Drawn through points between which no class has {few}; the points between are withheld."
            ));
        }
    }
    notes.retain(|note| !note.is_empty());
    notes
}

/// "Intervals: DeLong; n, all subjects of the set."; nothing where there is no interval.
fn by_method<'a>(what: &str, intervals: impl Iterator<Item = &'a Interval>, n: &str) -> String {
    let methods = interval_methods(intervals);
    if methods.is_empty() { String::new() } else { format!("{what}: {}; n, {n}.", list(&methods)) }
}
