//! Cox regression of a survival outcome on declared terms, one at a time and together.

use super::clusters::clusters;
use super::cox_selection::select;
use super::entry::{entry_times, require_observed};
use super::terms::{self, Term, columns_of, complete_rows, named_columns, positions};
use super::{Context, EvaluateError, pick};
use crate::data::VariableData;
use crate::predictions::SurvivalColumns;
use crate::results::{CoxAnalysis, CoxDetails, CoxRow, ProportionalHazardsRow};
use crate::spec::raw::{RawCoxFit, RawStatistic, RawTies};
use crate::stats::survival::concordance::{ConcordanceInput, ConcordanceOptions, concordance};
use crate::stats::survival::cox::{
    CoxFit, CoxInput, CoxOptions, FirthCoxFit, FirthCoxOptions, Ties, TimeTransform, cox, firth_cox,
};
use crate::stats::{Estimate, StatsError};
use std::collections::BTreeSet;

/// Below so many clusters the sandwich tends to be too small (Cameron and Miller 2015, doi:10.3368/jhr.50.2.317).
const FEW_CLUSTERS: usize = 30;

pub(super) fn evaluate(context: Context<'_>, statistic: &RawStatistic) -> Result<CoxAnalysis, EvaluateError> {
    let RawStatistic::Cox { outcome, partition, terms, univariable, multivariable, ties, fit: declared, level } =
        statistic
    else {
        return Err(EvaluateError::Other("not a Cox regression".to_string()));
    };
    let mut terms = terms::terms(context, terms)?;
    let labels = Labels::new(context, declared)?;
    let entry = declared.entry.as_ref().map(|name| entry_times(context, outcome, name)).transpose()?;
    let rows: Vec<usize> = complete_rows(context, partition, &terms)
        .into_iter()
        .filter(|row| labels.known(*row) && entry.as_ref().is_none_or(|entry| entry[*row].is_some()))
        .collect();
    let robust = declared.robust || declared.cluster.is_some();
    let sample = Sample {
        survival: context.predictions.survival(outcome, &rows),
        strata: labels.strata.as_ref().map(|strata| pick(strata, &rows).into_iter().flatten().collect()),
        cluster: labels.cluster.as_ref().map(|cluster| pick(cluster, &rows).into_iter().flatten().collect()),
        entry: entry.map(|entry| pick(&entry, &rows).into_iter().flatten().collect()),
        rows,
        options: CoxOptions { ties: to_ties(*ties), level: *level, robust, ..CoxOptions::default() },
        firth: declared.firth,
    };
    if let (Some(entry), Some(name)) = (&sample.entry, &declared.entry) {
        require_observed(entry, &sample.survival.time, name, partition)?;
    }
    let within = |what: String| move |source| EvaluateError::Within { partition: partition.clone(), what, source };
    let mut analysis = CoxAnalysis {
        outcome: outcome.clone(),
        partition: partition.clone(),
        level: *level,
        n: sample.rows.len(),
        events: sample.survival.event.iter().filter(|event| **event).count(),
        ties: sample.options.ties.method().to_string(),
        univariable: Vec::new(),
        multivariable: Vec::new(),
        likelihood_ratio: None,
        concordance: None,
        proportional_hazards: Vec::new(),
        details: details(context, declared, sample.cluster.as_deref()),
    };
    if *univariable {
        for term in &terms {
            let alone = std::slice::from_ref(term);
            let fitted = sample.fit(alone).map_err(within(format!("the term `{}` alone", term.name)))?;
            analysis.univariable.extend(fitted.rows(alone));
            note_monotone(&mut analysis.details, &fitted, alone);
        }
    }
    if *multivariable {
        if let Some(selection) = &declared.selection {
            let columns = columns_of(&terms, &sample.rows);
            let slices: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
            let chosen = select(&sample.input(&slices), &terms, selection, &sample.options)
                .map_err(within("choice of terms".to_string()))?;
            analysis.details.selection = Some(chosen.says);
            analysis.details.steps = chosen.steps;
            let mut position = 0;
            terms.retain(|_| {
                position += 1;
                chosen.kept.contains(&(position - 1))
            });
            if terms.is_empty() {
                return Ok(analysis);
            }
        }
        let all = || within("all terms together".to_string());
        let fitted = sample.fit(&terms).map_err(all())?;
        analysis.multivariable = fitted.rows(&terms);
        note_monotone(&mut analysis.details, &fitted, &terms);
        match fitted {
            Fitted::Plain(fit) => {
                analysis.likelihood_ratio = Some(fit.likelihood_ratio.clone());
                let columns = columns_of(&terms, &sample.rows);
                let slices: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
                let risk = fit.linear_predictor(&slices)?;
                analysis.proportional_hazards = proportional_hazards(&terms, &sample.input(&slices), &fit)?;
                analysis.concordance = sample.concordance(&risk)?;
            }
            Fitted::Penalised(fit) => analysis.likelihood_ratio = Some(fit.likelihood_ratio.clone()),
        }
    }
    Ok(analysis)
}

fn details(context: Context<'_>, declared: &RawCoxFit, cluster: Option<&[usize]>) -> CoxDetails {
    let clustered = |name: &str| {
        let declared = context.study.spec.variables.get(name);
        let label = declared.and_then(|variable| variable.label.as_deref()).unwrap_or(name);
        let count = cluster.unwrap_or_default().iter().collect::<BTreeSet<_>>().len();
        let few = if count < FEW_CLUSTERS { "; with so few the errors tend to be too small" } else { "" };
        format!("robust (sandwich), clustered by {label} ({count} clusters{few})")
    };
    CoxDetails {
        strata: declared.strata.clone(),
        entry: declared.entry.clone(),
        variance: match (&declared.cluster, declared.robust) {
            (Some(cluster), _) => Some(clustered(cluster)),
            (None, true) => Some("robust (sandwich)".to_string()),
            (None, false) => None,
        },
        estimation: declared.firth.then(|| "Firth's penalised partial likelihood".to_string()),
        ..CoxDetails::default()
    }
}

/// Keeps the names of terms whose coefficient runs off to infinity.
fn note_monotone(details: &mut CoxDetails, fitted: &Fitted, terms: &[Term]) {
    let Fitted::Plain(fit) = fitted else { return };
    for (term, column) in fit.monotone.iter().filter_map(|column| named_columns(terms).nth(*column)) {
        let name = match &column.level {
            Some(level) => format!("`{}` ({level})", term.name),
            None => format!("`{}`", term.name),
        };
        if !details.monotone.contains(&name) {
            details.monotone.push(name);
        }
    }
}

/// Strata and clusters of every subject of the cohort.
struct Labels {
    strata: Option<Vec<Option<usize>>>,
    cluster: Option<Vec<Option<usize>>>,
}

impl Labels {
    fn new(context: Context<'_>, declared: &RawCoxFit) -> Result<Self, EvaluateError> {
        let mut strata: Option<Vec<Option<usize>>> = None;
        for name in &declared.strata {
            let Some(VariableData::Levels(levels)) = context.cohort.variables.get(name.as_str()) else {
                return Err(EvaluateError::Other(format!("`{name}` has no levels")));
            };
            let count = context.study.spec.variables[name.as_str()].levels.len();
            // Each combination of levels is a stratum.
            strata = Some(match strata {
                None => levels.clone(),
                Some(known) => {
                    known.iter().zip(levels).map(|(known, level)| Some((*known)? * count + (*level)?)).collect()
                }
            });
        }
        let cluster = declared.cluster.as_ref().map(|name| clusters(context, name)).transpose()?;
        Ok(Self { strata, cluster })
    }

    fn known(&self, row: usize) -> bool {
        [&self.strata, &self.cluster].into_iter().flatten().all(|labels| labels[row].is_some())
    }
}

/// The subjects of the analysis and how models are fitted on them.
struct Sample {
    rows: Vec<usize>,
    survival: SurvivalColumns,
    entry: Option<Vec<f64>>,
    strata: Option<Vec<usize>>,
    cluster: Option<Vec<usize>>,
    options: CoxOptions,
    firth: bool,
}

impl Sample {
    fn input<'a>(&'a self, columns: &'a [&'a [f64]]) -> CoxInput<'a> {
        let mut input = CoxInput::new(&self.survival.time, &self.survival.event, columns);
        input.entry = self.entry.as_deref();
        input.strata = self.strata.as_deref();
        input.cluster = self.cluster.as_deref();
        input
    }

    fn fit(&self, terms: &[Term]) -> Result<Fitted, StatsError> {
        let columns = columns_of(terms, &self.rows);
        let slices: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        if self.firth {
            let CoxOptions { ties, level, .. } = self.options;
            let options = FirthCoxOptions { ties, level, ..FirthCoxOptions::default() };
            return firth_cox(&self.input(&slices), &options).map(|fit| Fitted::Penalised(Box::new(fit)));
        }
        cox(&self.input(&slices), &self.options).map(|fit| Fitted::Plain(Box::new(fit)))
    }

    fn concordance(&self, risk: &[f64]) -> Result<Option<Estimate>, StatsError> {
        let options = ConcordanceOptions { level: self.options.level, ..ConcordanceOptions::default() };
        let mut input = ConcordanceInput::new(&self.survival.time, &self.survival.event, risk);
        input.entry = self.entry.as_deref();
        input.strata = self.strata.as_deref();
        input.cluster = self.cluster.as_deref();
        match concordance(&input, &options) {
            Ok(result) => Ok(Some(result.c)),
            Err(StatsError::Undefined { .. } | StatsError::NoEvents) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// A model by either way of estimation.
enum Fitted {
    Plain(Box<CoxFit>),
    Penalised(Box<FirthCoxFit>),
}

impl Fitted {
    fn rows(&self, terms: &[Term]) -> Vec<CoxRow> {
        match self {
            Fitted::Plain(fit) => {
                let numbers = fit.coefficients.iter().map(|coefficient| Numbers {
                    coefficient: coefficient.coefficient,
                    standard_error: coefficient.robust_standard_error.unwrap_or(coefficient.standard_error),
                    wald: coefficient.wald,
                    hazard_ratio: &coefficient.hazard_ratio,
                    p_value: coefficient.p_value,
                });
                cox_rows(terms, fit.n, fit.events, numbers)
            }
            Fitted::Penalised(fit) => {
                let numbers = fit.coefficients.iter().map(|coefficient| Numbers {
                    coefficient: coefficient.coefficient,
                    standard_error: coefficient.standard_error,
                    wald: (coefficient.coefficient / coefficient.standard_error).powi(2),
                    hazard_ratio: &coefficient.hazard_ratio,
                    p_value: coefficient.test.p_value,
                });
                cox_rows(terms, fit.n, fit.events, numbers)
            }
        }
    }
}

/// What either way of estimation says of one column.
struct Numbers<'a> {
    coefficient: f64,
    standard_error: f64,
    wald: f64,
    hazard_ratio: &'a Estimate,
    p_value: f64,
}

fn cox_rows<'a>(terms: &[Term], n: usize, events: usize, numbers: impl Iterator<Item = Numbers<'a>>) -> Vec<CoxRow> {
    named_columns(terms)
        .zip(numbers)
        .map(|((term, column), numbers)| CoxRow {
            variable: term.name.clone(),
            groups_of: term.groups_of.clone(),
            level: column.level.clone(),
            reference: term.reference.clone(),
            per: term.per.clone(),
            n,
            events,
            coefficient: numbers.coefficient,
            standard_error: numbers.standard_error,
            wald: numbers.wald,
            hazard_ratio: numbers.hazard_ratio.clone(),
            p_value: numbers.p_value,
        })
        .collect()
}

/// One test per term and one of all together; none where the data are too few for it.
fn proportional_hazards(
    terms: &[Term],
    input: &CoxInput<'_>,
    fit: &CoxFit,
) -> Result<Vec<ProportionalHazardsRow>, StatsError> {
    let tests = match fit.proportional_hazards_test(input, TimeTransform::KaplanMeier, Some(&positions(terms))) {
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

fn to_ties(ties: RawTies) -> Ties {
    match ties {
        RawTies::Efron => Ties::Efron,
        RawTies::Breslow => Ties::Breslow,
        RawTies::Exact => Ties::ExactPartial,
        RawTies::ExactMarginal => Ties::ExactMarginal,
    }
}
