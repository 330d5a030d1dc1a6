//! What a figure's marks are: methods of its intervals, where thresholds were chosen, abbreviations. They stand below the
//! drawing, as the notes of a table do.

use super::names::{Names, distinct, group_sizes, interval_methods, list};
use crate::report::effects::not_estimated;
use crate::report::{figure, number};
use crate::results::{AnalysisOutcome, CalibrationGroup, LayoutItem, Results, Show};
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
            let methods = interval_methods(rates);
            let methods = if methods.is_empty() { interval_methods(medians) } else { methods };
            let tests =
                survival.partitions.iter().filter_map(|partition| Some(partition.log_rank.as_ref()?.method.as_ref()));
            vec![
                format!("Groups: {}.", survival.grouped_by.trim_end_matches('.')),
                step_curves_note("Kaplan-Meier curves", survival.group_labels.len(), survival.level, &methods),
                by_test(distinct(tests)),
            ]
        }
        (Show::IncidenceFigure, Some(AnalysisOutcome::CumulativeIncidence(incidence))) => {
            let groups = || incidence.partitions.iter().flat_map(|partition| &partition.groups);
            let intervals = groups().flat_map(|group| group.rates.iter().flatten());
            let methods = interval_methods(intervals.filter_map(|rate| rate.interval.as_ref()));
            let competing: Vec<&str> = incidence.competing.iter().map(|outcome| names.outcome(outcome)).collect();
            let tests = incidence.partitions.iter().filter_map(|partition| Some(partition.gray.as_ref()?.method.as_ref()));
            vec![
                format!("Groups: {}.", incidence.grouped_by.trim_end_matches('.')),
                step_curves_note("Cumulative incidence (Aalen-Johansen)", incidence.group_labels.len(), incidence.level, &methods),
                format!("Competing events: {}.", list(&competing)),
                by_test(distinct(tests)),
            ]
        }
        (Show::CoxForestFigure, Some(AnalysisOutcome::Cox(cox))) => {
            let rows = || cox.univariable.iter().chain(&cox.multivariable);
            let intervals = rows().filter_map(|row| row.hazard_ratio.interval.as_ref());
            vec![
                by_method("Intervals", intervals, "all subjects of the model"),
                which_models(cox.univariable.is_empty(), cox.multivariable.is_empty()),
                "P: Wald test, two-sided.".to_string(),
                "CI, confidence interval; HR, hazard ratio.".to_string(),
            ]
        }
        (Show::RegressionForestFigure, Some(AnalysisOutcome::Regression(regression))) => {
            let rows = || regression.univariable.iter().chain(&regression.multivariable);
            let intervals = rows().filter_map(|row| row.odds_ratio.interval.as_ref());
            let tests = distinct(rows().map(|row| row.test.method.as_ref()));
            let mut notes = vec![
                by_method("Intervals", intervals, "all subjects of the model"),
                which_models(regression.univariable.is_empty(), regression.multivariable.is_empty()),
            ];
            notes.extend(not_estimated(regression, &names));
            notes.push(by_test(tests));
            notes.push("CI, confidence interval; OR, odds ratio.".to_string());
            notes
        }
        (Show::FineGrayForestFigure, Some(AnalysisOutcome::FineGray(fine_gray))) => {
            let rows = || fine_gray.univariable.iter().chain(&fine_gray.multivariable);
            let intervals = rows().filter_map(|row| row.subdistribution_hazard_ratio.interval.as_ref());
            vec![
                by_method("Intervals", intervals, "all subjects of the model"),
                which_models(fine_gray.univariable.is_empty(), fine_gray.multivariable.is_empty()),
                "P: Wald test with the sandwich variance, two-sided.".to_string(),
                "CI, confidence interval; SHR, subdistribution hazard ratio.".to_string(),
            ]
        }
        (Show::ScoreDistributionFigure, Some(AnalysisOutcome::Performance(_))) => vec![
            "Upwards, the share (%) of those with the outcome in each step of the score; downwards, of those without; a step is \
             about a twentieth of the axis, and each row of panels has a scale of its own."
                .to_string(),
        ],
        (Show::CalibrationFigure, Some(AnalysisOutcome::Calibration(calibration))) => {
            let groups = || calibration.rows.iter().flat_map(|row| &row.groups);
            let intervals = groups().filter_map(|group| group.observed.interval.as_ref());
            let weak = calibration.rows.iter().flat_map(|row| [&row.intercept, &row.slope]).flatten();
            vec![
                groups_note(calibration.rows.iter().map(|row| row.groups.as_slice())),
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
                groups_note(performance.rows.iter().map(|row| row.groups.as_slice())),
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
            | Show::IncidenceFigure
            | Show::DecisionFigure
            | Show::SurvivalDecisionFigure
            | Show::ThresholdExplorer
    );
    if let Some(minimum) = results.presentation.minimum_cell {
        let few = format!("from 1 to {} subjects", minimum.saturating_sub(1));
        if item.show == Show::ScoreDistributionFigure {
            notes.push(format!("Steps in which a class has {few} are joined with their neighbours."));
        } else if matches!(item.show, Show::SurvivalFigure | Show::IncidenceFigure) {
            notes.push(format!(
                "Between two points that are told nobody had the event, or no fewer than {minimum} had it: straight lines \
                 join them. Numbers at risk that tell of fewer are left out, and curves end where fewer are at risk."
            ));
        } else if is_curve {
            notes.push(format!(
                "Drawn through points between which no class has {few}; the points between are withheld."
            ));
        }
    }
    notes.retain(|note| !note.is_empty());
    notes
}

/// "Points: 5 groups of predicted risk of 12 subjects each."
fn groups_note<'a>(rows: impl Iterator<Item = &'a [CalibrationGroup]> + Clone) -> String {
    if rows.clone().all(<[CalibrationGroup]>::is_empty) {
        return String::new();
    }
    format!("Points: {}.", group_sizes(rows))
}

/// Which models a forest plot shows, where it does not show both kinds.
fn which_models(no_univariable: bool, no_multivariable: bool) -> String {
    match (no_univariable, no_multivariable) {
        (false, true) => "Each variable alone in a model (univariable).".to_string(),
        (true, false) => "All variables in one model (multivariable).".to_string(),
        _ => String::new(),
    }
}

/// What step curves are, and whether bands are drawn around them; n is that of each group, which stands at time 0 of the table.
fn step_curves_note(curves: &str, groups: usize, level: f64, methods: &[&str]) -> String {
    let by = if methods.is_empty() { String::new() } else { format!(" ({})", list(methods)) };
    let bands = if groups > figure::MANY {
        "; confidence bands of so many groups would lie over each other and are left out".to_string()
    } else {
        format!(" with pointwise {} confidence bands{by}; n, the subjects of the group", number::level(level))
    };
    format!("{curves}{bands}; short upright strokes: censored.")
}

/// "P: log-rank test."
fn by_test(tests: Vec<&str>) -> String {
    if tests.is_empty() {
        return String::new();
    }
    let noun = if tests.iter().all(|test| test.contains("test")) { "" } else { " test" };
    format!("P: {}{noun}.", list(&tests).replace("Gray", "Gray’s"))
}

/// "Intervals: DeLong; n, all subjects of the set."; nothing where there is no interval.
fn by_method<'a>(what: &str, intervals: impl Iterator<Item = &'a Interval>, n: &str) -> String {
    let methods = interval_methods(intervals);
    if methods.is_empty() { String::new() } else { format!("{what}: {}; n, {n}.", list(&methods)) }
}
