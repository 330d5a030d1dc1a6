//! Regressions of all kinds as tables and forests show them: ratios of terms, each alone and all together.

use super::build::effects::{CONCORDANCE, RATIO};
use super::build::names::{Names, capitalised, distinct, list};
use super::number::{self, count, fixed};
use crate::results::{CoxAnalysis, CoxRow, FineGrayAnalysis, RegressionAnalysis, RegressionRow, SubdistributionRow};
use crate::stats::Estimate;

/// A regression, whatever its ratio is.
pub struct Effects<'a> {
    pub outcome: &'a str,
    pub partition: &'a str,
    pub level: f64,
    pub n: usize,
    pub events: usize,
    /// "HR"
    pub ratio: &'static str,
    /// "hazard ratio"
    pub ratio_in_words: &'static str,
    pub univariable: Vec<Effect<'a>>,
    pub multivariable: Vec<Effect<'a>>,
    /// What the P-value of a term is, and the head of its statistic.
    pub test: String,
    pub statistic: &'static str,
    /// A further column, one value per variable of the multivariable model.
    pub last: Option<LastColumn<'a>>,
    /// How it was fitted, for a note: "Ties: Efron".
    pub fitted: String,
    /// Sentences on the model as a whole and on what could not be fitted.
    pub notes: Vec<String>,
    pub abbreviations: Vec<(&'static str, &'static str)>,
    /// Why a term of the univariable models is not in the multivariable one.
    pub why_left_out: &'static str,
}

/// One coefficient.
#[derive(Clone, Copy)]
pub struct Effect<'a> {
    pub variable: &'a str,
    pub level: Option<&'a str>,
    pub reference: Option<&'a str>,
    pub per: Option<&'a str>,
    pub n: usize,
    pub events: usize,
    pub coefficient: f64,
    pub standard_error: f64,
    pub statistic: Option<f64>,
    pub ratio: &'a Estimate,
    pub p_value: f64,
    /// There is no finite estimate: none of the numbers is to be told.
    pub infinite: bool,
}

pub struct LastColumn<'a> {
    pub head: &'static str,
    pub footnote: String,
    /// By variable: what is printed, and the number for sorting.
    pub values: Vec<(&'a str, String, f64)>,
}

impl<'a> Effect<'a> {
    fn of_cox(row: &'a CoxRow, cox: &CoxAnalysis) -> Self {
        Self {
            variable: &row.variable,
            level: row.level.as_deref(),
            reference: row.reference.as_deref(),
            per: row.per.as_deref(),
            n: row.n,
            events: row.events,
            coefficient: row.coefficient,
            standard_error: row.standard_error,
            statistic: Some(row.wald),
            ratio: &row.hazard_ratio,
            p_value: row.p_value,
            infinite: cox.is_without_estimate(row),
        }
    }

    fn of_regression(row: &'a RegressionRow) -> Self {
        Self {
            variable: &row.variable,
            level: row.level.as_deref(),
            reference: row.reference.as_deref(),
            per: row.per.as_deref(),
            n: row.n,
            events: row.events,
            coefficient: row.coefficient,
            standard_error: row.standard_error,
            statistic: row.test.statistic,
            ratio: &row.odds_ratio,
            p_value: row.test.p_value,
            infinite: false,
        }
    }

    fn of_subdistribution(row: &'a SubdistributionRow) -> Self {
        Self {
            variable: &row.variable,
            level: row.level.as_deref(),
            reference: row.reference.as_deref(),
            per: row.per.as_deref(),
            n: row.n,
            events: row.events,
            coefficient: row.coefficient,
            standard_error: row.standard_error,
            statistic: row.test.statistic,
            ratio: &row.subdistribution_hazard_ratio,
            p_value: row.test.p_value,
            infinite: false,
        }
    }

    /// "Size: > 50 mm vs ≤ 20 mm", "Age, per 10 years"
    pub fn name(&self, label: &str) -> String {
        match (self.level, self.reference, self.per) {
            (Some(level), Some(reference), _) => format!("{label}: {level} vs {reference}"),
            (Some(level), None, _) => format!("{label}: {level}"),
            (None, _, Some(per)) => format!("{label}, {per}"),
            (None, _, None) => label.to_string(),
        }
    }
}

const NOT_IN_THE_MODEL: &str = "Not in the multivariable model.";

const LEFT_OUT_BY_SELECTION: &str = "Left out of the multivariable model by the selection.";

const WALD: &str = "Wald test of the coefficient against 0: (β/SE)², χ² with 1 df; two-sided.";

impl<'a> Effects<'a> {
    pub fn of_cox(cox: &'a CoxAnalysis, names: &Names<'a>) -> Self {
        let mut overall = Vec::new();
        if let Some(test) = &cox.likelihood_ratio {
            overall.push(format!("{} test against no predictor: {}", capitalised(&test.method), number::test(test)));
        }
        if let Some(concordance) = &cox.concordance {
            overall.push(format!("concordance {}", with_method(concordance)));
        }
        if let Some(global) = cox.proportional_hazards.iter().find(|row| row.term == "global") {
            overall.push(format!("global test of proportional hazards: {}", number::test(&global.test)));
        }
        let mut abbreviations = vec![("β", "coefficient, the logarithm of the hazard ratio")];
        let mut last = None;
        if !cox.multivariable.is_empty() && !cox.proportional_hazards.is_empty() {
            let methods = distinct(cox.proportional_hazards.iter().map(|row| row.test.method.as_ref()));
            let tests = cox.proportional_hazards.iter();
            last = Some(LastColumn {
                head: "P, PH",
                footnote: format!("Test of proportional hazards: {}; one test per variable.", list(&methods)),
                values: tests
                    .map(|row| (row.term.as_str(), number::p_value(row.test.p_value), row.test.p_value))
                    .collect(),
            });
            abbreviations.push(("PH", "proportional hazards"));
        }
        Self {
            outcome: &cox.outcome,
            partition: &cox.partition,
            level: cox.level,
            n: cox.n,
            events: cox.events,
            ratio: "HR",
            ratio_in_words: "hazard ratio",
            univariable: cox.univariable.iter().map(|row| Effect::of_cox(row, cox)).collect(),
            multivariable: cox.multivariable.iter().map(|row| Effect::of_cox(row, cox)).collect(),
            test: if cox.details.estimation.is_some() {
                "Penalised likelihood-ratio test of the coefficient against 0, two-sided; Wald: (β/SE)².".to_string()
            } else {
                WALD.to_string()
            },
            statistic: "Wald",
            last,
            fitted: cox_fitted(cox, names),
            notes: cox_notes(cox, names, overall),
            abbreviations,
            why_left_out: if cox.details.selection.is_some() { LEFT_OUT_BY_SELECTION } else { NOT_IN_THE_MODEL },
        }
    }

    pub fn of_regression(regression: &'a RegressionAnalysis, names: &Names<'a>) -> Self {
        let mut overall = Vec::new();
        if let Some(test) = &regression.likelihood_ratio {
            overall.push(format!("{} test against no predictor: {}", capitalised(&test.method), number::test(test)));
        }
        if let Some(auc) = &regression.apparent_auc {
            overall.push(format!("AUC on the same subjects, which is apparent: {}", with_method(auc)));
        }
        let mut notes = model_note(overall, !regression.multivariable.is_empty());
        notes.extend(not_estimated(regression, names));
        let rows = || regression.univariable.iter().chain(&regression.multivariable);
        let tests = distinct(rows().map(|row| row.test.method.as_ref()));
        let (statistic, test) = if tests == ["Wald"] {
            ("Wald", WALD.to_string())
        } else {
            ("χ²", format!("{} test of the coefficient against 0; two-sided.", capitalised(&list(&tests))))
        };
        let mut abbreviations = vec![("β", "coefficient, the logarithm of the odds ratio")];
        let mut last = None;
        if !regression.variance_inflation.is_empty() {
            let several = regression.variance_inflation.iter().any(|row| row.inflation.columns > 1);
            let generalised = if several {
                " Of a variable with several columns it is the generalised factor to the power of 1/(2 × columns), squared."
            } else {
                ""
            };
            last = Some(LastColumn {
                head: "VIF",
                footnote: format!(
                    "By how much the other variables widen the variance of the coefficient; from its covariance.{generalised}"
                ),
                values: regression
                    .variance_inflation
                    .iter()
                    .map(|row| {
                        let factor = row.inflation.scaled * row.inflation.scaled;
                        (row.variable.as_str(), fixed(factor, 2), factor)
                    })
                    .collect(),
            });
            abbreviations.push(("VIF", "variance inflation factor"));
        }
        if regression.apparent_auc.is_some() {
            abbreviations.push(("AUC", "area under the receiver operating characteristic curve"));
        }
        Self {
            outcome: &regression.outcome,
            partition: &regression.partition,
            level: regression.level,
            n: regression.n,
            events: regression.events,
            ratio: "OR",
            ratio_in_words: "odds ratio",
            univariable: regression.univariable.iter().map(Effect::of_regression).collect(),
            multivariable: regression.multivariable.iter().map(Effect::of_regression).collect(),
            test,
            statistic,
            last,
            fitted: format!("Estimation: {}", regression.estimation),
            notes,
            abbreviations,
            why_left_out: NOT_IN_THE_MODEL,
        }
    }

    pub fn of_fine_gray(analysis: &'a FineGrayAnalysis, names: &Names<'a>) -> Self {
        let overall =
            analysis.wald.as_ref().map(|test| format!("Wald test against no predictor: {}", number::test(test)));
        let competing: Vec<&str> = analysis.competing.iter().map(|outcome| names.outcome(outcome)).collect();
        Self {
            outcome: &analysis.outcome,
            partition: &analysis.partition,
            level: analysis.level,
            n: analysis.n,
            events: analysis.events,
            ratio: "SHR",
            ratio_in_words: "subdistribution hazard ratio",
            univariable: analysis.univariable.iter().map(Effect::of_subdistribution).collect(),
            multivariable: analysis.multivariable.iter().map(Effect::of_subdistribution).collect(),
            test:
                "Wald test of the coefficient against 0 with the sandwich variance: (β/SE)², χ² with 1 df; two-sided."
                    .to_string(),
            statistic: "Wald",
            last: None,
            fitted: format!("Competing: {} ({} events)", list(&competing), count(analysis.competing_events)),
            notes: model_note(overall.into_iter().collect(), !analysis.multivariable.is_empty()),
            abbreviations: vec![("β", "coefficient, the logarithm of the subdistribution hazard ratio")],
            why_left_out: NOT_IN_THE_MODEL,
        }
    }

    pub fn all(&self) -> impl Iterator<Item = &Effect<'a>> + Clone {
        self.univariable.iter().chain(&self.multivariable)
    }

    /// "HR (95% CI)"
    pub fn ratio_head(&self) -> String {
        format!("{} ({} CI)", self.ratio, number::level(self.level))
    }

    /// "n = 871, 402 events. Ties: Efron."
    pub fn basis(&self) -> String {
        format!("n = {}, {} events. {}.", count(self.n), count(self.events), self.fitted)
    }
}

/// The models of a regression that have no estimate, with the reason.
pub fn not_estimated(regression: &RegressionAnalysis, names: &Names) -> Vec<String> {
    let told = |missing: &crate::results::NotEstimated| {
        let what = match &missing.variable {
            Some(variable) => format!("“{}” alone", names.variable(variable)),
            None => "All terms together".to_string(),
        };
        format!("{what}: no estimate; {}.", missing.why)
    };
    regression.not_estimated.iter().map(told).collect()
}

/// "Ties: Efron; strata: Grade; variance: robust (sandwich)"
fn cox_fitted(cox: &CoxAnalysis, names: &Names) -> String {
    let details = &cox.details;
    let mut parts = vec![format!("Ties: {}", cox.ties)];
    if !details.strata.is_empty() {
        let strata: Vec<&str> = details.strata.iter().map(|name| names.variable(name)).collect();
        parts.push(format!("strata: {}", list(&strata)));
    }
    parts.extend(details.entry.iter().map(|entry| format!("under observation from: {}", names.variable(entry))));
    parts.extend(details.variance.iter().map(|variance| format!("variance: {variance}")));
    parts.extend(details.estimation.iter().map(|estimation| format!("estimation: {estimation}")));
    parts.join("; ")
}

fn cox_notes(cox: &CoxAnalysis, names: &Names, overall: Vec<String>) -> Vec<String> {
    let details = &cox.details;
    let mut notes = model_note(overall, !cox.multivariable.is_empty());
    if let Some(selection) = &details.selection {
        let steps: Vec<String> = details
            .steps
            .iter()
            .map(|step| match &step.term {
                Some(term) => format!("{} {} ({})", step.action, names.term(term), fixed(step.value, 1)),
                None => format!("{} ({})", step.action, fixed(step.value, 1)),
            })
            .collect();
        let kept = if cox.multivariable.is_empty() { "; no term was kept" } else { "" };
        notes.push(format!("Terms of the multivariable model: {selection}: {}{kept}.", steps.join(", ")));
    }
    if !details.monotone.is_empty() {
        notes.push(format!(
            "The likelihood is monotone in {}: there is no finite estimate. Firth's penalised likelihood would have one.",
            list(&details.monotone)
        ));
    }
    notes
}

fn model_note(overall: Vec<String>, multivariable: bool) -> Vec<String> {
    if overall.is_empty() {
        return Vec::new();
    }
    let model = if multivariable { "Multivariable model. " } else { "" };
    vec![format!("{model}{}.", capitalised(&overall.join("; ")))]
}

/// "0.731 (95% CI 0.70–0.76; infinitesimal jackknife)"
fn with_method(estimate: &Estimate) -> String {
    let interval = estimate.interval.as_ref().map_or(String::new(), |interval| {
        let limits = CONCORDANCE.interval(interval);
        format!(" ({} CI {limits}; {})", number::level(interval.level), interval.method)
    });
    format!("{}{interval}", CONCORDANCE.value(estimate.value))
}

/// "0.81 (0.70–0.94)"; what two decimals cannot show, as after separation, is bounded: "2.10 (< 0.01 to > 999)".
pub fn ratio_text(ratio: &Estimate) -> String {
    let bounded = |value: f64| !(0.005..999.5).contains(&value);
    let decimals = ratio_decimals(ratio);
    let text = |value: f64| bounded_ratio(value, decimals);
    match &ratio.interval {
        None => text(ratio.value),
        Some(interval) => {
            let bounded = bounded(interval.lower) || bounded(interval.upper);
            let join = if bounded { number::Join::To } else { number::Join::Dash };
            format!("{} ({})", text(ratio.value), join.range(&text(interval.lower), &text(interval.upper)))
        }
    }
}

/// Two decimals, or as many more as keep the limits apart: per single calorie the interval would else be 1.00–1.00.
pub fn ratio_decimals(ratio: &Estimate) -> usize {
    match &ratio.interval {
        Some(interval) => decimals_that_show(interval.upper - interval.lower),
        None => ratio_decimals_alone(ratio.value),
    }
}

/// The same of a ratio without an interval: its distance from 1 is to be seen.
pub fn ratio_decimals_alone(ratio: f64) -> usize {
    decimals_that_show(ratio - 1.0)
}

/// The fewest decimals in which a distance is at least two units of the last place; a distance of zero needs no more.
fn decimals_that_show(distance: f64) -> usize {
    let enough = |decimals: &usize| distance.abs() * 10_f64.powi(*decimals as i32) >= 2.0;
    if distance == 0.0 {
        RATIO.decimals
    } else {
        (RATIO.decimals..MOST_RATIO_DECIMALS).find(enough).unwrap_or(MOST_RATIO_DECIMALS)
    }
}

const MOST_RATIO_DECIMALS: usize = 6;

/// "0.81", "< 0.01" or "> 999"
pub fn bounded_ratio(value: f64, decimals: usize) -> String {
    if value < 0.005 {
        format!("<{}0.01", number::NARROW_SPACE)
    } else if value >= 999.5 {
        format!(">{}999", number::NARROW_SPACE)
    } else {
        fixed(value, decimals)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_two_decimals_cannot_show_is_bounded() {
        let narrow = |text: &str| text.replace('_', "\u{202f}");
        let ratio =
            |value, lower, upper| ratio_text(&Estimate::new(value, 10).with_interval(lower, upper, 0.95, "Wald"));
        assert_eq!(ratio(0.81, 0.7, 0.94), "0.81 (0.70–0.94)");
        assert_eq!(ratio(2.1, 0.0004, 9_200.0), narrow("2.10 (<_0.01 to >_999)"));
        assert_eq!(ratio(f64::INFINITY, 1.0, f64::INFINITY), narrow(">_999 (1.00 to >_999)"));
    }

    #[test]
    fn an_interval_close_to_one_is_not_printed_as_one() {
        let ratio =
            |value, lower, upper| ratio_text(&Estimate::new(value, 10).with_interval(lower, upper, 0.95, "Wald"));
        assert_eq!(ratio(0.999_686, 0.999_512, 0.999_86), "0.9997 (0.9995–0.9999)");
        assert_eq!(ratio(1.0, 1.0, 1.0), "1.00 (1.00–1.00)");
        assert_eq!(bounded_ratio(0.999_686, ratio_decimals_alone(0.999_686)), "0.9997");
        assert_eq!(bounded_ratio(1.5, ratio_decimals_alone(1.5)), "1.50");
    }
}
