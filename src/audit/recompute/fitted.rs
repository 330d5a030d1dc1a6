//! The regressions of a study as one list, whatever analysis or model they belong to, and which of them a table prints.

use super::Context;
use crate::audit::reported::{Figure, Regression, RegressionModel};
use crate::results::{AnalysisOutcome, ModelFacts, Results, SelectionRegression};
use crate::stats::Estimate;

/// A regression of the study.
pub(super) struct Fitted<'a> {
    /// Of the analysis or the model.
    pub id: &'a str,
    outcome: &'a str,
    partition: &'a str,
    pub size: Option<Size>,
    pub terms: Vec<FittedTerm<'a>>,
}

/// What a regression was fitted on.
#[derive(Clone, Copy, PartialEq)]
pub(super) struct Size {
    pub n: usize,
    pub events: usize,
}

/// A coefficient with what the results say of it.
#[derive(Clone)]
pub(super) struct FittedTerm<'a> {
    pub variable: &'a str,
    pub level: Option<&'a str>,
    /// The step that the ratio is for.
    pub per: Option<&'a str>,
    /// Where the term is the groups of another analysis, its name.
    pub groups_of: Option<&'a str>,
    /// With the other terms of its model, not alone.
    pub joint: bool,
    pub ratio: Option<&'a Estimate>,
    pub coefficient: Option<f64>,
    pub standard_error: Option<f64>,
    pub p: Option<f64>,
    pub how: &'static str,
}

impl Fitted<'_> {
    pub fn has_joint_terms(&self) -> bool {
        self.terms.iter().any(|term| term.joint)
    }
}

/// The regressions that a table may print: those that its section names, else all of its kind in its set, of its outcome and of
/// its size, as far as one of them is of it.
pub(super) fn meant<'a>(context: &Context<'a>, section: &str, table: &Regression) -> Result<Vec<Fitted<'a>>, String> {
    let results = context.evidence.results.ok_or("it takes the results of the study, which are not at hand")?;
    let mut found = match table.model {
        Some(RegressionModel::Cox) => cox(results),
        Some(RegressionModel::Logistic) => logistic(results),
        _ => return Err("only Cox and logistic models are recomputed".to_string()),
    };
    if let Some(declared) = context.names.analysis(section) {
        found.retain(|fitted| fitted.id == declared);
    }
    if let Some(cohort) = &table.cohort {
        let parts = context.names.cohort(cohort)?;
        found.retain(|fitted| context.evidence.is_partition(fitted.partition, &parts));
    }
    if found.is_empty() {
        return Err("the study has no regression of this kind in this set".to_string());
    }
    if let Some(outcome) = &table.outcome {
        narrow(&mut found, |fitted| {
            let label = results.outcome(fitted.outcome).map(|facts| facts.label.as_str());
            fitted.outcome == outcome || label == Some(outcome)
        });
    }
    let is = |figure: &Option<Figure>, count: usize| {
        figure.as_ref().is_none_or(|figure| figure.integer() == Some(count as i128))
    };
    narrow(&mut found, |fitted| fitted.size.is_some_and(|size| is(&table.n, size.n) && is(&table.events, size.events)));
    Ok(found)
}

/// Keeps those of which it holds, unless it holds of none.
fn narrow(found: &mut Vec<Fitted<'_>>, holds: impl Fn(&Fitted<'_>) -> bool) {
    if found.iter().any(&holds) {
        found.retain(holds);
    }
}

fn cox(results: &Results) -> Vec<Fitted<'_>> {
    let mut found = Vec::new();
    for analysis in &results.analyses {
        let AnalysisOutcome::Cox(cox) = &analysis.outcome else { continue };
        let columns = [(true, &cox.multivariable), (false, &cox.univariable)];
        let terms = columns.into_iter().flat_map(|(joint, rows)| {
            rows.iter().map(move |row| FittedTerm {
                variable: &row.variable,
                level: row.level.as_deref(),
                per: row.per.as_deref(),
                groups_of: row.groups_of.as_deref(),
                joint,
                ratio: Some(&row.hazard_ratio),
                coefficient: Some(row.coefficient),
                standard_error: Some(row.standard_error),
                p: Some(row.p_value),
                how: "",
            })
        });
        found.push(Fitted {
            id: &analysis.id,
            outcome: &cox.outcome,
            partition: &cox.partition,
            size: Some(Size { n: cox.n, events: cox.events }),
            terms: terms.collect(),
        });
    }
    for model in &results.models {
        let own = model.cox.iter().flat_map(|cox| &cox.terms).map(|term| FittedTerm {
            variable: &term.variable,
            level: term.level.as_deref(),
            per: None,
            groups_of: None,
            joint: true,
            ratio: Some(&term.hazard_ratio),
            coefficient: Some(term.coefficient),
            standard_error: Some(term.standard_error),
            p: Some(term.p_value),
            how: "",
        });
        let terms = own.chain(selected(model, SelectionRegression::Cox)).collect();
        let size = model.cox.as_ref().map(|cox| Size { n: cox.n, events: cox.events });
        found.extend(of_model(model, size, terms));
    }
    found
}

fn logistic(results: &Results) -> Vec<Fitted<'_>> {
    let mut found = Vec::new();
    for analysis in &results.analyses {
        let AnalysisOutcome::Regression(logistic) = &analysis.outcome else { continue };
        let columns = [(true, &logistic.multivariable), (false, &logistic.univariable)];
        let terms = columns.into_iter().flat_map(|(joint, rows)| {
            rows.iter().map(move |row| FittedTerm {
                variable: &row.variable,
                level: row.level.as_deref(),
                per: row.per.as_deref(),
                groups_of: None,
                joint,
                ratio: Some(&row.odds_ratio),
                coefficient: Some(row.coefficient),
                standard_error: Some(row.standard_error),
                p: Some(row.test.p_value),
                how: "",
            })
        });
        found.push(Fitted {
            id: &analysis.id,
            outcome: &logistic.outcome,
            partition: &logistic.partition,
            size: Some(Size { n: logistic.n, events: logistic.events }),
            terms: terms.collect(),
        });
    }
    for model in results.models.iter().filter(|model| model.cox.is_none()) {
        let mut terms: Vec<FittedTerm<'_>> = selected(model, SelectionRegression::Logistic).collect();
        let more = model.coefficients.iter().filter(|term| {
            let same = |other: &FittedTerm<'_>| other.variable == term.variable && other.level == term.level.as_deref();
            !terms.iter().any(|other| other.joint && same(other))
        });
        let more: Vec<FittedTerm<'_>> = more
            .map(|term| FittedTerm {
                variable: &term.variable,
                level: term.level.as_deref(),
                per: None,
                groups_of: None,
                joint: true,
                ratio: term.ratio.as_ref(),
                coefficient: Some(term.coefficient),
                standard_error: None,
                p: None,
                how: "",
            })
            .collect();
        terms.extend(more);
        found.extend(of_model(model, None, terms));
    }
    found
}

/// Models are fitted on the training part.
fn of_model<'a>(model: &'a ModelFacts, size: Option<Size>, terms: Vec<FittedTerm<'a>>) -> Option<Fitted<'a>> {
    (!terms.is_empty()).then_some(Fitted { id: &model.id, outcome: &model.outcome, partition: "training", size, terms })
}

/// The chosen predictors together, and each that was looked at alone.
fn selected(model: &ModelFacts, regression: SelectionRegression) -> impl Iterator<Item = FittedTerm<'_>> {
    let selection = model.selection.iter().filter(move |selection| selection.regression == regression);
    selection.flat_map(|selection| {
        let together = selection.multivariable.iter().map(|term| FittedTerm {
            variable: &term.variable,
            level: term.level.as_deref(),
            per: None,
            groups_of: None,
            joint: true,
            ratio: Some(&term.ratio),
            coefficient: Some(term.coefficient),
            standard_error: Some(term.standard_error),
            p: Some(term.p_value),
            how: "",
        });
        let alone = selection.screen.iter().flat_map(|row| {
            row.terms.iter().map(|term| FittedTerm {
                variable: &row.variable,
                level: term.level.as_deref(),
                per: None,
                groups_of: None,
                joint: false,
                ratio: Some(&term.ratio),
                coefficient: Some(term.ratio.value.ln()),
                standard_error: None,
                p: Some(row.p_value),
                how: "alone in the model, on the training part",
            })
        });
        together.chain(alone)
    })
}
