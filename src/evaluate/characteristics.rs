//! Characteristics of the subjects of each partition, side by side, without tests: the groups were not made by chance, and
//! a test would say nothing of what matters, how far a model has to travel.

use super::{Context, EvaluateError};
use crate::data::VariableData;
use crate::results::{Characteristics, CharacteristicsColumn, CharacteristicsRow, Description};
use crate::spec::raw::{RawDescription, RawStatistic, RawSummary};
use crate::stats::StatsError;
use crate::stats::baseline::quantile::{QuantileType, quantiles};

pub(super) fn evaluate(context: Context<'_>, statistic: &RawStatistic) -> Result<Characteristics, EvaluateError> {
    let RawStatistic::Characteristics { partitions, variables, continuous } = statistic else {
        return Err(EvaluateError::Other("not a table of characteristics".to_string()));
    };
    let members: Vec<Vec<usize>> = partitions.iter().map(|partition| context.rows(partition)).collect();
    let mut rows = Vec::new();
    for name in variables {
        let declared = &context.study.spec.variables[name.as_str()];
        match &context.cohort.variables[name.as_str()] {
            VariableData::Continuous(values) => {
                let own = match declared.summary {
                    RawSummary::MeanSd => RawDescription::MeanSd,
                    RawSummary::MedianQuartiles => RawDescription::MedianQuartiles,
                };
                let kinds = if continuous.is_empty() { vec![own] } else { continuous.clone() };
                for kind in kinds {
                    let cells = members.iter().map(|rows| describe(kind, values, rows)).collect::<Result<_, _>>()?;
                    rows.push(CharacteristicsRow { variable: name.clone(), cells });
                }
            }
            VariableData::Levels(values) => {
                let cells = members.iter().map(|rows| count(declared.levels.len(), values, rows)).collect();
                rows.push(CharacteristicsRow { variable: name.clone(), cells });
            }
        }
    }
    let columns = partitions.iter().zip(&members);
    let columns =
        columns.map(|(partition, rows)| CharacteristicsColumn { partition: partition.clone(), n: rows.len() });
    Ok(Characteristics { partitions: columns.collect(), rows })
}

fn describe(kind: RawDescription, values: &[Option<f64>], rows: &[usize]) -> Result<Description, StatsError> {
    let known: Vec<f64> = rows.iter().filter_map(|row| values[*row]).collect();
    let (n, missing) = (known.len(), rows.len() - known.len());
    if n == 0 {
        return Ok(Description::Empty { missing });
    }
    let at = |probabilities: [f64; 3]| quantiles(&known, &probabilities, QuantileType::Type7);
    Ok(match kind {
        RawDescription::MeanSd => {
            let mean = known.iter().sum::<f64>() / n as f64;
            let squares: f64 = known.iter().map(|value| (value - mean).powi(2)).sum();
            Description::MeanSd { n, missing, mean, sd: (n > 1).then(|| (squares / (n - 1) as f64).sqrt()) }
        }
        RawDescription::MedianQuartiles => match at([0.25, 0.5, 0.75])?.as_slice() {
            [lower_quartile, median, upper_quartile] => Description::MedianQuartiles {
                n,
                missing,
                median: *median,
                lower_quartile: *lower_quartile,
                upper_quartile: *upper_quartile,
            },
            _ => Description::Empty { missing },
        },
        RawDescription::MedianRange => match at([0.0, 0.5, 1.0])?.as_slice() {
            [smallest, median, largest] => {
                let (smallest, largest) = (Some(*smallest), Some(*largest));
                Description::MedianRange { n, missing, median: *median, smallest, largest }
            }
            _ => Description::Empty { missing },
        },
    })
}

fn count(levels: usize, values: &[Option<usize>], rows: &[usize]) -> Description {
    let mut counts = vec![0usize; levels];
    for level in rows.iter().filter_map(|row| values[*row]) {
        counts[level] += 1;
    }
    let n: usize = counts.iter().sum();
    Description::Counts { n, missing: rows.len() - n, counts }
}
