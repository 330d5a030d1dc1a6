//! Whether an analysis has what it was declared for. A report on one that has not says so at its top, and the run's exit code
//! does too.

use super::{AnalysisOutcome, RegressionAnalysis, SurvivalPerformance, SurvivalPerformanceRow};

impl AnalysisOutcome {
    /// Why it has no result, or what of its main part is not there and why; empty where it has what it should.
    pub fn lacks(&self) -> Vec<String> {
        match self {
            Self::NotComputed { why, .. } => vec![why.clone()],
            Self::Regression(regression) => of_regression(regression),
            Self::SurvivalPerformance(performance) => of_survival(performance),
            Self::Performance(performance) => {
                let none = !performance.rows.is_empty() && performance.rows.iter().all(|row| row.auc.is_none());
                nowhere(none, "no set has both classes of the outcome, and no model has an AUC")
            }
            Self::Comparison(comparison) => nowhere(comparison.rows.is_empty(), "no two models could be compared"),
            Self::MetricComparison(comparison) => {
                nowhere(comparison.rows.is_empty(), "no two models could be compared")
            }
            Self::Calibration(calibration) => {
                nowhere(calibration.rows.is_empty(), "no model predicts a probability of its outcome")
            }
            Self::Subgroups(subgroups) => {
                let none = subgroups.rows.iter().all(|row| row.auc.is_none());
                nowhere(none, "no level of any variable has both classes of the outcome")
            }
            Self::Agreement(agreement) => {
                let none = agreement
                    .rows
                    .iter()
                    .all(|row| row.pairs.is_empty() && row.all.is_none() && row.intraclass.is_empty());
                nowhere(none, "no measure of agreement is defined")
            }
            Self::BaselineTable(_)
            | Self::SetComparison(_)
            | Self::PartitionComparison(_)
            | Self::Reclassification(_)
            | Self::Optimism(_)
            | Self::Planning(_)
            | Self::CumulativeIncidence(_)
            | Self::FineGray(_)
            | Self::KaplanMeier(_)
            | Self::Cox(_)
            | Self::Characteristics(_) => Vec::new(),
        }
    }
}

fn nowhere(lacking: bool, what: &str) -> Vec<String> {
    if lacking { vec![what.to_string()] } else { Vec::new() }
}

/// The model of all terms, or, where none was asked for, every model of a term alone.
fn of_regression(regression: &RegressionAnalysis) -> Vec<String> {
    let together = regression.not_estimated.iter().filter(|missing| missing.variable.is_none());
    let mut found: Vec<String> =
        together.map(|missing| format!("all terms together have no estimate, because {}", missing.why)).collect();
    if found.is_empty() && regression.univariable.is_empty() && regression.multivariable.is_empty() {
        found.extend(regression.not_estimated.iter().take(1).map(|missing| missing.why.clone()));
    }
    found
}

/// A measure that no set and no model has, of those that could have it.
fn of_survival(performance: &SurvivalPerformance) -> Vec<String> {
    type Row = SurvivalPerformanceRow;
    let main: [(&str, &str, fn(&Row) -> bool); 4] = [
        ("Harrell's C", "a C", |row| row.harrell_c.is_some()),
        ("AUC", "an AUC", |row| row.auc.is_some()),
        ("Risk", "a predicted risk", |row| row.expected.is_some() || row.observed_expected_follow_up.is_some()),
        ("Brier score", "a Brier score", |row| row.brier.is_some()),
    ];
    let mut found = Vec::new();
    for (measure, named, is_there) in main {
        let reasons: Vec<&str> = performance
            .rows
            .iter()
            .filter(|row| !is_there(row))
            .filter_map(|row| row.undefined.iter().find(|undefined| undefined.measure == measure))
            // A score out of the data predicts no risk, and none is missing.
            .filter(|undefined| undefined.why != GIVES_NO_RISK)
            .map(|undefined| undefined.why.as_str())
            .collect();
        let has = performance.rows.iter().any(is_there);
        if let Some(why) = reasons.first().filter(|_| !has) {
            found.push(format!("no model has {named} in any set, because {why}"));
        }
    }
    found
}

/// Why a score out of the data has no risk by a time.
pub const GIVES_NO_RISK: &str = "the model gives no risk by a time";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::{NotEstimated, Undefined};

    fn regression(not_estimated: Vec<NotEstimated>) -> AnalysisOutcome {
        AnalysisOutcome::Regression(RegressionAnalysis {
            outcome: "y".to_string(),
            partition: "all".to_string(),
            level: 0.95,
            n: 10,
            events: 5,
            estimation: "maximum likelihood".to_string(),
            univariable: Vec::new(),
            multivariable: Vec::new(),
            likelihood_ratio: None,
            apparent_auc: None,
            variance_inflation: Vec::new(),
            not_estimated,
        })
    }

    #[test]
    fn a_regression_without_its_multivariable_model_lacks_its_main_part() {
        let missing = |variable: Option<&str>| NotEstimated {
            variable: variable.map(str::to_string),
            why: "`ecog` separates the classes".to_string(),
        };
        assert_eq!(regression(vec![missing(None)]).lacks().len(), 1);
        assert_eq!(regression(vec![missing(Some("ecog")), missing(Some("age"))]).lacks().len(), 1);
        assert!(regression(Vec::new()).lacks().is_empty());
    }

    #[test]
    fn a_horizon_that_no_follow_up_reaches_leaves_the_main_part_out() {
        let row = |why: &str| SurvivalPerformanceRow {
            model: "m".to_string(),
            partition: "test".to_string(),
            n: 10,
            events: 5,
            harrell_c: Some(crate::stats::Estimate::new(0.7, 10)),
            auc: Some(crate::stats::Estimate::new(0.7, 10)),
            undefined: vec![Undefined { measure: "Risk".to_string(), why: why.to_string() }],
            ..SurvivalPerformanceRow::default()
        };
        let performance = |rows| {
            AnalysisOutcome::SurvivalPerformance(SurvivalPerformance {
                outcome: "os".to_string(),
                level: 0.95,
                horizon: 50.0,
                weighted_at: 50.0,
                curve_says: String::new(),
                rows,
                reference: None,
                comparisons: Vec::new(),
            })
        };
        let short = "the follow-up of the training part ends at 19.00, before the horizon";
        assert!(performance(vec![row(short)]).lacks()[0].contains("19.00"));
        assert!(performance(vec![row(GIVES_NO_RISK)]).lacks().is_empty(), "a score is not asked for a risk");
    }
}
