//! Baseline characteristics by the classes of an outcome, in each set, with the declared tests.

use super::{Context, EvaluateError};
use crate::data::VariableData;
use crate::results::{BaselineCell, BaselineRow, BaselineSet, BaselineTable, GroupSummary, SetComparison};
use crate::spec::raw::{
    RawCategoricalTest, RawContinuousTest, RawSetComparison, RawStatistic, RawSummary, RawVariable, RawVariableKind,
};
use crate::stats::baseline::chi_squared::{YatesCorrection, chi_squared};
use crate::stats::baseline::contingency::ContingencyTable;
use crate::stats::baseline::fisher_table::{FisherOptions, fisher_table};
use crate::stats::baseline::kruskal_wallis::kruskal_wallis;
use crate::stats::baseline::quantile::{QuantileType, quantiles};
use crate::stats::baseline::standardised_mean_difference as smd;
use crate::stats::baseline::student_t::student_t;
use crate::stats::baseline::trend::cochran_armitage;
use crate::stats::baseline::welch_t::welch_t;
use crate::stats::baseline::wilcoxon::{WilcoxonMethod, wilcoxon_rank_sum};
use crate::stats::random::Seed;
use crate::stats::{Alternative, Estimate, StatsError, Test};

pub(super) fn evaluate(context: Context<'_>, statistic: &RawStatistic) -> Result<BaselineTable, EvaluateError> {
    let RawStatistic::BaselineTable { by, within, variables, continuous_test, categorical_test, overall, differences } =
        statistic
    else {
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
    let plan = Plan {
        context,
        continuous_test: *continuous_test,
        categorical_test: *categorical_test,
        overall: *overall,
        differences: *differences,
    };
    let rows = variables.iter().map(|name| plan.row(name, &members)).collect::<Result<Vec<_>, StatsError>>()?;
    Ok(BaselineTable { outcome: by.clone(), sets, rows })
}

/// The same table with the subjects of two partitions as its groups.
pub(super) fn compare_sets(context: Context<'_>, declared: &RawSetComparison) -> Result<SetComparison, EvaluateError> {
    let [first, second] = &declared.partitions;
    let groups = [Classes { negative: context.rows(first), positive: context.rows(second) }];
    let plan = Plan {
        context,
        continuous_test: declared.continuous_test,
        categorical_test: declared.categorical_test,
        overall: false,
        differences: declared.differences,
    };
    let variables = declared.variables.iter().map(|name| plan.row(name, &groups));
    let outcomes = declared.outcomes.iter().map(|outcome| -> Result<BaselineRow, StatsError> {
        let values: Vec<Option<usize>> =
            context.cohort.binary(outcome).iter().map(|event| Some(usize::from(*event))).collect();
        let cells = groups.iter().map(|classes| plan.levels(outcome, 2, false, &values, classes));
        Ok(BaselineRow { variable: outcome.clone(), cells: cells.collect::<Result<Vec<_>, StatsError>>()? })
    });
    Ok(SetComparison {
        first: first.clone(),
        second: second.clone(),
        n_first: groups[0].negative.len(),
        n_second: groups[0].positive.len(),
        rows: variables.collect::<Result<Vec<_>, StatsError>>()?,
        outcomes: outcomes.collect::<Result<Vec<_>, StatsError>>()?,
    })
}

/// How the variables of a table are described and compared.
struct Plan<'a> {
    context: Context<'a>,
    continuous_test: RawContinuousTest,
    categorical_test: RawCategoricalTest,
    overall: bool,
    differences: bool,
}

impl Plan<'_> {
    fn row(&self, name: &str, groups: &[Classes]) -> Result<BaselineRow, StatsError> {
        let variable = &self.context.study.spec.variables[name];
        let cells = groups.iter().map(|classes| match &self.context.cohort.variables[name] {
            VariableData::Continuous(values) => self.continuous(variable, values, classes),
            VariableData::Levels(values) => {
                let ordinal = variable.kind == RawVariableKind::Ordinal;
                self.levels(name, variable.levels.len(), ordinal, values, classes)
            }
        });
        Ok(BaselineRow { variable: name.to_string(), cells: cells.collect::<Result<Vec<_>, _>>()? })
    }

    fn continuous(
        &self,
        variable: &RawVariable,
        values: &[Option<f64>],
        classes: &Classes,
    ) -> Result<BaselineCell, StatsError> {
        let known = |rows: &[usize]| rows.iter().filter_map(|row| values[*row]).collect::<Vec<f64>>();
        let (negative, positive) = (known(&classes.negative), known(&classes.positive));
        let test = match (self.continuous_test, variable.summary) {
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
        let all = classes.all();
        let cell = BaselineCell {
            negative: summary(&negative, classes.negative.len())?,
            positive: summary(&positive, classes.positive.len())?,
            test: None,
            no_test_because: None,
            standardised_mean_difference: self.difference(|| smd::continuous(&negative, &positive, 0.95)),
            overall: if self.overall { Some(summary(&known(&all), all.len())?) } else { None },
        };
        Ok(with_test(cell, test))
    }

    fn levels(
        &self,
        name: &str,
        count: usize,
        ordinal: bool,
        values: &[Option<usize>],
        classes: &Classes,
    ) -> Result<BaselineCell, StatsError> {
        let counts = |rows: &[usize]| {
            let mut counts = vec![0usize; count];
            for level in rows.iter().filter_map(|row| values[*row]) {
                counts[level] += 1;
            }
            counts
        };
        let (negative, positive) = (counts(&classes.negative), counts(&classes.positive));
        let summary = |counts: Vec<usize>, total: usize| {
            let n = counts.iter().sum::<usize>();
            GroupSummary::Counts { n, missing: total - n, counts }
        };
        let all = classes.all();
        let difference = || by_class(&negative, &positive).and_then(|table| smd::categorical(&table, 0.95));
        let cell = BaselineCell {
            negative: summary(negative.clone(), classes.negative.len()),
            positive: summary(positive.clone(), classes.positive.len()),
            test: None,
            no_test_because: None,
            standardised_mean_difference: self.difference(difference),
            overall: self.overall.then(|| summary(counts(&all), all.len())),
        };
        let test = if ordinal && self.categorical_test == RawCategoricalTest::Trend {
            trend(&negative, &positive)
        } else {
            level_test(&negative, &positive, self.categorical_test, self.context.seed.child(name))
        };
        Ok(with_test(cell, test))
    }

    /// A difference that is not defined (no spread, an empty class) is left out of the table.
    fn difference(&self, difference: impl FnOnce() -> Result<Estimate, StatsError>) -> Option<f64> {
        let difference = self.differences.then(difference)?;
        difference.ok().map(|estimate| estimate.value).filter(|value| value.is_finite())
    }
}

/// Rows of the cohort by class.
struct Classes {
    negative: Vec<usize>,
    positive: Vec<usize>,
}

impl Classes {
    fn all(&self) -> Vec<usize> {
        self.negative.iter().chain(&self.positive).copied().collect()
    }
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

/// Levels that nobody has are no part of the table that is tested.
fn level_test(
    negative: &[usize],
    positive: &[usize],
    declared: RawCategoricalTest,
    seed: Seed,
) -> Result<Test, StatsError> {
    let table = by_class(negative, positive)?.without_empty();
    let pearson = |correction| chi_squared(&table, correction).map(|result| result.test);
    match declared {
        RawCategoricalTest::ChiSquared => pearson(YatesCorrection::Without),
        RawCategoricalTest::ChiSquaredYates => pearson(YatesCorrection::With),
        RawCategoricalTest::Fisher => exact(&table, seed),
        RawCategoricalTest::BySize | RawCategoricalTest::Trend => test_by_size(&table, seed),
    }
}

/// Pearson's test without correction, or the exact one where an expected count is below 5.
pub(super) fn test_by_size(table: &ContingencyTable, seed: Seed) -> Result<Test, StatsError> {
    match chi_squared(table, YatesCorrection::Without)? {
        result if result.smallest_expected < 5.0 => exact(table, seed),
        result => Ok(result.test),
    }
}

fn exact(table: &ContingencyTable, seed: Seed) -> Result<Test, StatsError> {
    fisher_table(table, &FisherOptions { seed, ..FisherOptions::default() }).map(|result| result.test)
}

/// Two rows, the classes; one column per level.
fn by_class(negative: &[usize], positive: &[usize]) -> Result<ContingencyTable, StatsError> {
    let counts = negative.iter().chain(positive).map(|count| *count as u64).collect();
    ContingencyTable::new(2, negative.len(), counts)
}

/// Over the levels in their order.
fn trend(negative: &[usize], positive: &[usize]) -> Result<Test, StatsError> {
    let events: Vec<u64> = positive.iter().map(|count| *count as u64).collect();
    let totals: Vec<u64> = negative.iter().zip(positive).map(|(without, with)| (without + with) as u64).collect();
    let scores: Vec<f64> = (0..totals.len()).map(|level| level as f64).collect();
    cochran_armitage(&events, &totals, &scores)
}

fn with_test(mut cell: BaselineCell, test: Result<Test, StatsError>) -> BaselineCell {
    match test {
        Ok(test) => cell.test = Some(test),
        Err(error) => cell.no_test_because = Some(error.to_string()),
    }
    cell
}
