//! Cox regression of a survival outcome on declared terms, one at a time and together.

use super::groups::groups;
use super::{Context, EvaluateError, pick};
use crate::data::VariableData;
use crate::results::{CoxAnalysis, CoxRow, ProportionalHazardsRow};
use crate::spec::raw::{RawDetailedTerm, RawStatistic, RawTerm, RawTies};
use crate::stats::StatsError;
use crate::stats::survival::concordance::{ConcordanceInput, ConcordanceOptions, concordance};

use crate::stats::survival::cox::{CoxFit, CoxInput, CoxOptions, Ties, TimeTransform, cox};

/// A term of the model: one column for a continuous variable, one per level but the first for the others.
struct Term {
    name: String,
    per: Option<String>,
    reference: Option<String>,
    columns: Vec<TermColumn>,
}

struct TermColumn {
    level: Option<String>,
    /// One per subject of the cohort.
    values: Vec<Option<f64>>,
}

pub(super) fn evaluate(context: Context<'_>, statistic: &RawStatistic) -> Result<CoxAnalysis, EvaluateError> {
    let RawStatistic::Cox { outcome, partition, terms, univariable, multivariable, ties, level } = statistic else {
        return Err(EvaluateError::Other("not a Cox regression".to_string()));
    };
    let terms = terms.iter().map(|declared| term(context, declared)).collect::<Result<Vec<_>, _>>()?;
    let options = CoxOptions { ties: to_ties(*ties), level: *level, ..CoxOptions::default() };
    // One set of rows for all models, so that they can be compared: those without a missing term.
    let rows: Vec<usize> = context
        .rows(partition)
        .into_iter()
        .filter(|row| terms.iter().flat_map(|term| &term.columns).all(|column| column.values[*row].is_some()))
        .collect();
    let survival = context.predictions.survival(outcome, &rows);
    let within = |what: String| move |source| EvaluateError::Within { partition: partition.clone(), what, source };
    let mut analysis = CoxAnalysis {
        outcome: outcome.clone(),
        partition: partition.clone(),
        level: *level,
        n: rows.len(),
        events: survival.event.iter().filter(|event| **event).count(),
        ties: options.ties.method().to_string(),
        univariable: Vec::new(),
        multivariable: Vec::new(),
        likelihood_ratio: None,
        concordance: None,
        proportional_hazards: Vec::new(),
    };
    if *univariable {
        for term in &terms {
            let alone = std::slice::from_ref(term);
            let fit = fit(alone, &rows, &survival.time, &survival.event, &options)
                .map_err(within(format!("the term `{}` alone", term.name)))?;
            analysis.univariable.extend(cox_rows(alone, &fit));
        }
    }
    if *multivariable {
        let fit = fit(&terms, &rows, &survival.time, &survival.event, &options)
            .map_err(within("all terms together".to_string()))?;
        analysis.multivariable = cox_rows(&terms, &fit);
        analysis.likelihood_ratio = Some(fit.likelihood_ratio.clone());
        let columns = term_columns(&terms, &rows);
        let slices: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        let risk = fit.linear_predictor(&slices)?;
        let input = CoxInput::new(&survival.time, &survival.event, &slices);
        analysis.proportional_hazards = proportional_hazards(&terms, &input, &fit)?;
        analysis.concordance = concordance_of(&survival.time, &survival.event, &risk, *level)?;
    }
    Ok(analysis)
}

fn term_columns(terms: &[Term], rows: &[usize]) -> Vec<Vec<f64>> {
    let columns = terms.iter().flat_map(|term| &term.columns);
    columns.map(|column| pick(&column.values, rows).into_iter().flatten().collect()).collect()
}

fn fit(
    terms: &[Term],
    rows: &[usize],
    time: &[f64],
    event: &[bool],
    options: &CoxOptions,
) -> Result<CoxFit, StatsError> {
    let columns = term_columns(terms, rows);
    let slices: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    cox(&CoxInput::new(time, event, &slices), options)
}

fn cox_rows(terms: &[Term], fit: &CoxFit) -> Vec<CoxRow> {
    let columns = terms.iter().flat_map(|term| term.columns.iter().map(move |column| (term, column)));
    columns
        .zip(&fit.coefficients)
        .map(|((term, column), coefficient)| CoxRow {
            variable: term.name.clone(),
            level: column.level.clone(),
            reference: term.reference.clone(),
            per: term.per.clone(),
            n: fit.n,
            events: fit.events,
            coefficient: coefficient.coefficient,
            standard_error: coefficient.standard_error,
            wald: coefficient.wald,
            hazard_ratio: coefficient.hazard_ratio.clone(),
            p_value: coefficient.p_value,
        })
        .collect()
}

fn term(context: Context<'_>, declared: &RawTerm) -> Result<Term, EvaluateError> {
    let (name, per) = match declared {
        RawTerm::Variable(name) => (name, None),
        RawTerm::Detailed(RawDetailedTerm { variable: Some(name), per, .. }) => (name, *per),
        RawTerm::Detailed(RawDetailedTerm { groups_of: Some(id), .. }) => return group_term(context, id),
        RawTerm::Detailed(_) => return Err(EvaluateError::Other("a term without a variable".to_string())),
    };
    let variable = &context.study.spec.variables[name.as_str()];
    Ok(match &context.cohort.variables[name.as_str()] {
        VariableData::Continuous(values) => {
            let step = per.unwrap_or(1.0);
            let unit = variable.unit.as_deref().unwrap_or_default();
            Term {
                name: name.clone(),
                per: Some(format!("per {step} {unit}").trim_end().to_string()),
                reference: None,
                columns: vec![TermColumn {
                    level: None,
                    values: values.iter().map(|value| value.map(|value| value / step)).collect(),
                }],
            }
        }
        VariableData::Levels(values) => {
            let labels: Vec<String> = variable.levels.values().cloned().collect();
            indicators(context, name, &labels, values)
        }
    })
}

fn group_term(context: Context<'_>, id: &str) -> Result<Term, EvaluateError> {
    let Some(RawStatistic::KaplanMeier { groups: declared, .. }) = context.study.spec.statistics.get(id) else {
        return Err(EvaluateError::Other(format!("there is no Kaplan-Meier analysis `{id}`")));
    };
    let groups = groups(context, declared)?;
    let mut term = indicators(context, id, &groups.labels, &groups.of);
    if let Some(first) = groups.says.get(..1) {
        // In a table the groups stand under what makes them.
        term.name = format!("{}{}", first.to_uppercase(), &groups.says[1..]);
    }
    Ok(term)
}

/// One indicator per level but the first; a level that no subject of the cohort has is left out.
fn indicators(context: Context<'_>, name: &str, labels: &[String], values: &[Option<usize>]) -> Term {
    let columns = labels
        .iter()
        .enumerate()
        .skip(1)
        .filter(|(level, _)| values.contains(&Some(*level)))
        .map(|(level, label)| TermColumn {
            level: Some(label.clone()),
            values: (0..context.cohort.n())
                .map(|row| values[row].map(|value| f64::from(u8::from(value == level))))
                .collect(),
        })
        .collect();
    Term { name: name.to_string(), per: None, reference: labels.first().cloned(), columns }
}

/// One test per term and one of all together; none where the data are too few for it.
fn proportional_hazards(
    terms: &[Term],
    input: &CoxInput<'_>,
    fit: &CoxFit,
) -> Result<Vec<ProportionalHazardsRow>, StatsError> {
    let mut next = 0;
    let columns: Vec<Vec<usize>> = terms
        .iter()
        .map(|term| {
            let first = next;
            next += term.columns.len();
            (first..next).collect()
        })
        .collect();
    let tests = match fit.proportional_hazards_test(input, TimeTransform::KaplanMeier, Some(&columns)) {
        Ok(tests) => tests,
        Err(StatsError::Undefined { .. } | StatsError::TooFew { .. } | StatsError::Collinear { .. }) => {
            return Ok(Vec::new());
        }
        Err(error) => return Err(error),
    };
    let names = terms.iter().map(|term| term.name.clone());
    let mut rows: Vec<ProportionalHazardsRow> =
        names.zip(tests.terms).map(|(term, test)| ProportionalHazardsRow { term, test }).collect();
    rows.push(ProportionalHazardsRow { term: "global".to_string(), test: tests.global });
    Ok(rows)
}

fn concordance_of(
    time: &[f64],
    event: &[bool],
    risk: &[f64],
    level: f64,
) -> Result<Option<crate::stats::Estimate>, StatsError> {
    let options = ConcordanceOptions { level, ..ConcordanceOptions::default() };
    match concordance(&ConcordanceInput::new(time, event, risk), &options) {
        Ok(result) => Ok(Some(result.c)),
        Err(StatsError::Undefined { .. } | StatsError::NoEvents) => Ok(None),
        Err(error) => Err(error),
    }
}

fn to_ties(ties: RawTies) -> Ties {
    match ties {
        RawTies::Efron => Ties::Efron,
        RawTies::Breslow => Ties::Breslow,
        RawTies::Exact => Ties::ExactPartial,
    }
}
