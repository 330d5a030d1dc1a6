//! Fine-Gray regression on declared terms, one at a time and together.

use super::competing::{Competing, competing};
use super::terms::{self, Term, columns_of, complete_rows, named_columns};
use super::{Context, EvaluateError};
use crate::results::{FineGrayAnalysis, SubdistributionRow};
use crate::spec::raw::RawFineGray;
use crate::stats::estimate::NullDistribution;
use crate::stats::survival::fine_gray::{FineGray, FineGrayOptions, fine_gray};
use crate::stats::{Alternative, StatsError, Test};

pub(super) fn evaluate(context: Context<'_>, declared: &RawFineGray) -> Result<FineGrayAnalysis, EvaluateError> {
    let RawFineGray { outcome, partition, level, .. } = declared;
    let terms = terms::terms(context, &declared.terms)?;
    let rows = complete_rows(context, partition, &terms);
    let sample = competing(context, outcome, &declared.competing, &rows)?;
    let within = |what: String| move |source| EvaluateError::Within { partition: partition.clone(), what, source };
    let mut analysis = FineGrayAnalysis {
        outcome: outcome.clone(),
        competing: declared.competing.clone(),
        partition: partition.clone(),
        level: *level,
        n: rows.len(),
        events: sample.cause.iter().filter(|cause| **cause == 1).count(),
        competing_events: sample.cause.iter().filter(|cause| **cause > 1).count(),
        univariable: Vec::new(),
        multivariable: Vec::new(),
        wald: None,
    };
    if declared.univariable {
        for term in &terms {
            let alone = std::slice::from_ref(term);
            let fit = fit(alone, &rows, &sample, *level).map_err(within(format!("the term `{}` alone", term.name)))?;
            analysis.univariable.extend(rows_of(alone, &fit));
        }
    }
    if declared.multivariable {
        let fit = fit(&terms, &rows, &sample, *level).map_err(within("all terms together".to_string()))?;
        analysis.multivariable = rows_of(&terms, &fit);
        analysis.wald = Some(fit.wald);
    }
    Ok(analysis)
}

fn fit(terms: &[Term], rows: &[usize], sample: &Competing, level: f64) -> Result<FineGray, StatsError> {
    let columns = columns_of(terms, rows);
    let slices: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    fine_gray(&sample.data(), 1, &slices, &FineGrayOptions { level, ..FineGrayOptions::default() })
}

fn rows_of(terms: &[Term], fit: &FineGray) -> Vec<SubdistributionRow> {
    named_columns(terms)
        .zip(&fit.coefficients)
        .map(|((term, column), coefficient)| SubdistributionRow {
            variable: term.name.clone(),
            level: column.level.clone(),
            reference: term.reference.clone(),
            per: term.per.clone(),
            n: fit.n,
            events: fit.events,
            coefficient: coefficient.coefficient,
            standard_error: coefficient.standard_error,
            subdistribution_hazard_ratio: coefficient.subdistribution_hazard_ratio.clone(),
            test: Test {
                statistic: Some(coefficient.z * coefficient.z),
                distribution: NullDistribution::ChiSquared { df: 1.0 },
                p_value: coefficient.p_value,
                alternative: Alternative::TwoSided,
                method: "Wald, sandwich variance".into(),
            },
        })
        .collect()
}
