//! Agreement of raters: κ of levels, intraclass correlation of numbers.

use super::{Context, EvaluateError};
use crate::data::VariableData;
use crate::results::{AgreementAnalysis, AgreementRow, AllAgreement, PairAgreement};
use crate::spec::raw::{RawAgreement, RawIntraclassForm, RawKappaWeights};
use crate::stats::StatsError;
use crate::stats::agreement::cohen_kappa::{KappaWeights, cohen_kappa};
use crate::stats::agreement::fleiss_kappa::fleiss_kappa;
use crate::stats::agreement::intraclass_correlation::{IntraclassForm, intraclass_correlation};
use crate::stats::baseline::contingency::ContingencyTable;

/// The ratings of all raters, each a column over the cohort.
enum Ratings<'a> {
    Levels { count: usize, columns: Vec<&'a [Option<usize>]> },
    Numbers(Vec<&'a [Option<f64>]>),
}

pub(super) fn evaluate(context: Context<'_>, declared: &RawAgreement) -> Result<AgreementAnalysis, EvaluateError> {
    let ratings = ratings(context, declared)?;
    let rows = declared
        .partitions
        .iter()
        .map(|partition| {
            within(context, declared, &ratings, partition).map_err(|source| EvaluateError::Within {
                partition: partition.clone(),
                what: "agreement".to_string(),
                source,
            })
        })
        .collect::<Result<Vec<_>, _>>()?;
    let weights = match declared.weights {
        RawKappaWeights::Unweighted => "every disagreement counts fully",
        RawKappaWeights::Linear => "a disagreement counts by the distance of the levels",
        RawKappaWeights::Quadratic => "a disagreement counts by the squared distance of the levels",
    };
    Ok(AgreementAnalysis {
        ratings: declared.ratings.clone(),
        level: declared.level,
        weights: matches!(ratings, Ratings::Levels { .. }).then(|| weights.to_string()),
        rows,
    })
}

fn ratings<'a>(context: Context<'a>, declared: &RawAgreement) -> Result<Ratings<'a>, EvaluateError> {
    let (mut levels, mut numbers, mut count) = (Vec::new(), Vec::new(), 0);
    for name in &declared.ratings {
        match context.cohort.variables.get(name.as_str()) {
            Some(VariableData::Levels(values)) => {
                count = count.max(context.study.spec.variables[name.as_str()].levels.len());
                levels.push(values.as_slice());
            }
            Some(VariableData::Continuous(values)) => numbers.push(values.as_slice()),
            None => return Err(EvaluateError::Other(format!("there is no variable `{name}`"))),
        }
    }
    match (levels.is_empty(), numbers.is_empty()) {
        (false, true) => Ok(Ratings::Levels { count, columns: levels }),
        (true, false) => Ok(Ratings::Numbers(numbers)),
        _ => Err(EvaluateError::Other("the ratings are not all of one kind".to_string())),
    }
}

fn within(
    context: Context<'_>,
    declared: &RawAgreement,
    ratings: &Ratings<'_>,
    partition: &str,
) -> Result<AgreementRow, StatsError> {
    let everyone = context.rows(partition);
    let rated = |row: &usize| match ratings {
        Ratings::Levels { columns, .. } => columns.iter().all(|column| column[*row].is_some()),
        Ratings::Numbers(columns) => columns.iter().all(|column| column[*row].is_some()),
    };
    let rows: Vec<usize> = everyone.iter().copied().filter(rated).collect();
    let mut found = AgreementRow {
        partition: partition.to_string(),
        n: rows.len(),
        missing: everyone.len() - rows.len(),
        pairs: Vec::new(),
        all: None,
        intraclass: Vec::new(),
        not_defined: Vec::new(),
    };
    match ratings {
        Ratings::Levels { count, columns } => {
            let columns: Vec<Vec<usize>> =
                columns.iter().map(|column| rows.iter().filter_map(|row| column[*row]).collect()).collect();
            of_levels(declared, *count, &columns, &mut found)?;
        }
        Ratings::Numbers(columns) => {
            let columns: Vec<Vec<f64>> =
                columns.iter().map(|column| rows.iter().filter_map(|row| column[*row]).collect()).collect();
            let raters: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
            for form in &declared.forms {
                match intraclass_correlation(&raters, to_form(*form), declared.level) {
                    Ok(correlation) => found.intraclass.push(correlation),
                    Err(error) => found.not_defined.push(not_defined("the intraclass correlation", error)?),
                }
            }
        }
    }
    Ok(found)
}

fn of_levels(
    declared: &RawAgreement,
    count: usize,
    columns: &[Vec<usize>],
    found: &mut AgreementRow,
) -> Result<(), StatsError> {
    let names = &declared.ratings;
    for first in 0..columns.len() {
        for second in first + 1..columns.len() {
            let kappa = ContingencyTable::from_categories(&columns[first], count, &columns[second], count)
                .and_then(|table| cohen_kappa(&table, to_weights(declared.weights), declared.level));
            match kappa {
                Ok(kappa) => found.pairs.push(PairAgreement {
                    first: names[first].clone(),
                    second: names[second].clone(),
                    kappa: kappa.estimate,
                    observed_agreement: kappa.observed_agreement,
                    expected_agreement: kappa.expected_agreement,
                    test: kappa.test,
                }),
                Err(error) => {
                    let what = format!("Cohen's κ of `{}` and `{}`", names[first], names[second]);
                    found.not_defined.push(not_defined(&what, error)?);
                }
            }
        }
    }
    if columns.len() > 2 {
        let mut counts = vec![0u64; found.n * count];
        for column in columns {
            for (subject, level) in column.iter().enumerate() {
                counts[subject * count + level] += 1;
            }
        }
        match ContingencyTable::new(found.n, count, counts).and_then(|table| fleiss_kappa(&table, declared.level)) {
            Ok(kappa) => {
                found.all = Some(AllAgreement {
                    kappa: kappa.estimate,
                    observed_agreement: kappa.observed_agreement,
                    expected_agreement: kappa.expected_agreement,
                    test: kappa.test,
                });
            }
            Err(error) => found.not_defined.push(not_defined("Fleiss' κ", error)?),
        }
    }
    Ok(())
}

/// Where raters give everyone one level, or too few subjects are rated, a measure is not defined; anything else is an error.
fn not_defined(what: &str, error: StatsError) -> Result<String, StatsError> {
    match error {
        StatsError::Undefined { .. } | StatsError::TooFew { .. } | StatsError::Empty { .. } => {
            Ok(format!("{what}: {error}"))
        }
        error => Err(error),
    }
}

fn to_weights(weights: RawKappaWeights) -> KappaWeights {
    match weights {
        RawKappaWeights::Unweighted => KappaWeights::Unweighted,
        RawKappaWeights::Linear => KappaWeights::Linear,
        RawKappaWeights::Quadratic => KappaWeights::Quadratic,
    }
}

fn to_form(form: RawIntraclassForm) -> IntraclassForm {
    match form {
        RawIntraclassForm::OneWaySingle => IntraclassForm::OneWaySingle,
        RawIntraclassForm::RandomSingle => IntraclassForm::RandomSingle,
        RawIntraclassForm::FixedSingle => IntraclassForm::FixedSingle,
        RawIntraclassForm::OneWayMean => IntraclassForm::OneWayMean,
        RawIntraclassForm::RandomMean => IntraclassForm::RandomMean,
        RawIntraclassForm::FixedMean => IntraclassForm::FixedMean,
    }
}
