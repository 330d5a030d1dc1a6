//! Baseline characteristics by the classes of an outcome, in each set, with the declared tests.

use super::{Context, EvaluateError};
use crate::data::VariableData;
use crate::results::{BaselineCell, BaselineRow, BaselineSet, BaselineTable, GroupSummary};
use crate::spec::raw::{RawCategoricalTest, RawContinuousTest, RawStatistic, RawSummary, RawVariable};
use crate::stats::baseline::chi_squared::{YatesCorrection, chi_squared};
use crate::stats::baseline::contingency::ContingencyTable;
use crate::stats::baseline::fisher_table::{FisherOptions, fisher_table};
use crate::stats::baseline::kruskal_wallis::kruskal_wallis;
use crate::stats::baseline::quantile::{QuantileType, quantiles};
use crate::stats::baseline::standardised_mean_difference as smd;
use crate::stats::baseline::student_t::student_t;
use crate::stats::baseline::welch_t::welch_t;
use crate::stats::baseline::wilcoxon::{WilcoxonMethod, wilcoxon_rank_sum};
use crate::stats::random::Seed;
use crate::stats::{Alternative, Estimate, StatsError, Test};

pub(super) fn evaluate(context: Context<'_>, statistic: &RawStatistic) -> Result<BaselineTable, EvaluateError> {
    let RawStatistic::BaselineTable { by, within, variables, continuous_test, categorical_test } = statistic else {
        return Err(EvaluateError::Other("not a baseline table".to_string()));
    };
    let mut sets = Vec::new();
    let mut members = Vec::new();
    for partition in within {
        let rows = context.rows(partition);
        let outcome = context.predictions.binary(by, &rows);
        let class = |event: bool| {
            let in_class = rows.iter().zip(&outcome).filter(move |(_, value)| **value == event);
            in_class.map(|(row, _)| *row).collect::<Vec<usize>>()
        };
        let classes = Classes { negative: class(false), positive: class(true) };
        sets.push(BaselineSet {
            partition: partition.clone(),
            negatives: classes.negative.len(),
            positives: classes.positive.len(),
        });
        members.push(classes);
    }
    let rows = variables
        .iter()
        .map(|name| {
            let variable = &context.study.spec.variables[name.as_str()];
            let data = &context.cohort.variables[name.as_str()];
            let cells = members
                .iter()
                .map(|classes| match data {
                    VariableData::Continuous(values) => continuous(variable, values, classes, *continuous_test),
                    VariableData::Levels(values) => {
                        levels(variable.levels.len(), values, classes, *categorical_test, context.seed.child(name))
                    }
                })
                .collect::<Result<Vec<_>, StatsError>>()?;
            Ok(BaselineRow { variable: name.clone(), cells })
        })
        .collect::<Result<Vec<_>, StatsError>>()?;
    Ok(BaselineTable { outcome: by.clone(), sets, rows })
}

/// Rows of the cohort by class.
struct Classes {
    negative: Vec<usize>,
    positive: Vec<usize>,
}

fn continuous(
    variable: &RawVariable,
    values: &[Option<f64>],
    classes: &Classes,
    declared: RawContinuousTest,
) -> Result<BaselineCell, StatsError> {
    let known = |rows: &[usize]| rows.iter().filter_map(|row| values[*row]).collect::<Vec<f64>>();
    let (negative, positive) = (known(&classes.negative), known(&classes.positive));
    let test = match (declared, variable.summary) {
        (RawContinuousTest::StudentT, _) => {
            student_t(&negative, &positive, Alternative::TwoSided, 0.95).map(|result| result.test)
        }
        (RawContinuousTest::WelchT, _) | (RawContinuousTest::BySummary, RawSummary::MeanSd) => {
            welch_t(&negative, &positive, Alternative::TwoSided, 0.95).map(|result| result.test)
        }
        (RawContinuousTest::Wilcoxon, _) | (RawContinuousTest::BySummary, RawSummary::MedianQuartiles) => {
            wilcoxon_rank_sum(&negative, &positive, WilcoxonMethod::default(), Alternative::TwoSided)
        }
        (RawContinuousTest::KruskalWallis, _) => kruskal_wallis(&[&negative, &positive]),
    };
    let summary = |known: &[f64], n: usize| summarise(variable.summary, known, n - known.len());
    Ok(with_test(
        BaselineCell {
            negative: summary(&negative, classes.negative.len())?,
            positive: summary(&positive, classes.positive.len())?,
            test: None,
            no_test_because: None,
            standardised_mean_difference: value_of(smd::continuous(&negative, &positive, 0.95)),
        },
        test,
    ))
}

fn summarise(kind: RawSummary, values: &[f64], missing: usize) -> Result<GroupSummary, StatsError> {
    let n = values.len();
    if n == 0 {
        return Ok(GroupSummary::Empty { missing });
    }
    Ok(match kind {
        RawSummary::MeanSd => {
            let mean = values.iter().sum::<f64>() / n as f64;
            let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
            let sd = (n > 1).then(|| (squares / (n - 1) as f64).sqrt());
            GroupSummary::MeanSd { n, missing, mean, sd }
        }
        RawSummary::MedianQuartiles => match quantiles(values, &[0.25, 0.5, 0.75], QuantileType::Type7)?.as_slice() {
            [lower_quartile, median, upper_quartile] => GroupSummary::MedianQuartiles {
                n,
                missing,
                median: *median,
                lower_quartile: *lower_quartile,
                upper_quartile: *upper_quartile,
            },
            _ => GroupSummary::Empty { missing },
        },
    })
}

fn levels(
    count: usize,
    values: &[Option<usize>],
    classes: &Classes,
    declared: RawCategoricalTest,
    seed: Seed,
) -> Result<BaselineCell, StatsError> {
    let counts = |rows: &[usize]| {
        let mut counts = vec![0usize; count];
        for level in rows.iter().filter_map(|row| values[*row]) {
            counts[level] += 1;
        }
        counts
    };
    let (negative, positive) = (counts(&classes.negative), counts(&classes.positive));
    let summary = |counts: &[usize], total: usize| {
        let n = counts.iter().sum::<usize>();
        GroupSummary::Counts { n, missing: total - n, counts: counts.to_vec() }
    };
    let cell = BaselineCell {
        negative: summary(&negative, classes.negative.len()),
        positive: summary(&positive, classes.positive.len()),
        test: None,
        no_test_because: None,
        standardised_mean_difference: value_of(
            by_class(&negative, &positive).and_then(|table| smd::categorical(&table, 0.95)),
        ),
    };
    Ok(with_test(cell, level_test(&negative, &positive, declared, seed)))
}

/// Levels that nobody has are no part of the table that is tested.
fn level_test(
    negative: &[usize],
    positive: &[usize],
    declared: RawCategoricalTest,
    seed: Seed,
) -> Result<Test, StatsError> {
    let table = by_class(negative, positive)?.without_empty();
    let pearson = |correction| chi_squared(&table, correction);
    let exact = || fisher_table(&table, &FisherOptions { seed, ..FisherOptions::default() }).map(|result| result.test);
    match declared {
        RawCategoricalTest::ChiSquared => pearson(YatesCorrection::Without).map(|result| result.test),
        RawCategoricalTest::ChiSquaredYates => pearson(YatesCorrection::With).map(|result| result.test),
        RawCategoricalTest::Fisher => exact(),
        RawCategoricalTest::BySize => match pearson(YatesCorrection::Without)? {
            result if result.smallest_expected < 5.0 => exact(),
            result => Ok(result.test),
        },
    }
}

/// Two rows, the classes; one column per level.
fn by_class(negative: &[usize], positive: &[usize]) -> Result<ContingencyTable, StatsError> {
    let counts = negative.iter().chain(positive).map(|count| *count as u64).collect();
    ContingencyTable::new(2, negative.len(), counts)
}

/// A difference that is not defined (no spread, an empty class) is left out of the table.
fn value_of(difference: Result<Estimate, StatsError>) -> Option<f64> {
    difference.ok().map(|estimate| estimate.value).filter(|value| value.is_finite())
}

fn with_test(mut cell: BaselineCell, test: Result<Test, StatsError>) -> BaselineCell {
    match test {
        Ok(test) => cell.test = Some(test),
        Err(error) => cell.no_test_because = Some(error.to_string()),
    }
    cell
}
