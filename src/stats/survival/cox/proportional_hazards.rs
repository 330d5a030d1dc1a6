//! Test of proportional hazards: does a coefficient change with a function g of time?
//!
//! Estimand: θ in hazard(t | x) = hazard₀(t) exp(xᵀβ + g(t) xᵀθ); the null hypothesis is θ = 0, for one term or for all.
//! Formula: the score test of the extended model at (β̂, 0): u = Σ g(t) (x − x̄) over the events, its variance
//! Σ g² V − (Σ g V) (Σ V)⁻¹ (Σ g V) with V the covariance of x in each risk set, a χ² statistic with one degree of freedom
//! per column of the term. It uses V at each time, where the older test of Grambsch and Therneau (1994) put the mean of V.
//! Shapes: `terms` groups columns that are tested together (the indicators of one factor).
//! Ties: as in the fit, which must be by Efron or Breslow.
//! Edge cases: log transform with an event at time 0, and all events at one time: errors.
//! Source: Grambsch and Therneau 1994 (doi:10.1093/biomet/81.3.515); Therneau 2019, the score test in survival 3.0.
//! Oracle: R survival 3.5-3 `cox.zph`.

use super::fit::chi_squared;
use super::likelihood::time_weighted_information;
use super::prepare::Prepared;
use super::residuals::PreparedFit;
use super::score_parts::ScoreParts;
use super::{CoxFit, CoxInput};
use crate::stats::error::StatsError;
use crate::stats::estimate::Test;
use crate::stats::linear_algebra::{Cholesky, Matrix, dot};
use serde::{Deserialize, Serialize};

/// The function of time with which a coefficient may change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimeTransform {
    /// 1 − S(t−), S the Kaplan-Meier curve of all rows.
    #[default]
    KaplanMeier,
    Identity,
    /// Rank among the times of all rows, events or not; ties share their mean rank.
    Rank,
    Log,
}

/// One test per term and one of all terms together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProportionalHazardsTest {
    pub transform: TimeTransform,
    pub terms: Vec<Test>,
    pub global: Test,
}

impl CoxFit {
    /// Tests each group of columns in `terms` (each column alone where it is `None`) on the data of the fit.
    pub fn proportional_hazards_test(
        &self,
        input: &CoxInput,
        transform: TimeTransform,
        terms: Option<&[Vec<usize>]>,
    ) -> Result<ProportionalHazardsTest, StatsError> {
        const WHAT: &str = "the test of proportional hazards";
        let ties = self
            .tie_terms()
            .ok_or(StatsError::Undefined { what: WHAT, why: "an exact likelihood has no risk-set covariances" })?;
        let PreparedFit { data, beta } = self.prepare(input)?;
        let p = data.columns;
        if p == 0 {
            return Err(StatsError::Undefined { what: WHAT, why: "the model has no covariate" });
        }
        let singles: Vec<Vec<usize>> = (0..p).map(|j| vec![j]).collect();
        let terms = terms.unwrap_or(&singles);
        if let Some(column) = terms.iter().flatten().find(|column| **column >= p) {
            let expected = "a column of the fit";
            return Err(StatsError::OutOfRange { what: "column of a term", value: *column as f64, expected });
        }
        let times = transformed_times(&data, transform)?;
        let parts = ScoreParts::new(&data, ties, &beta)?;
        let mut gradient = vec![0.0; p];
        for (index, block) in data.blocks.iter().enumerate() {
            for row in block.deaths() {
                for (j, sum) in gradient.iter_mut().enumerate() {
                    let residual = data.design[row * p + j] - parts.means[index * p + j];
                    *sum += data.weight[row] * times[index] * residual;
                }
            }
        }
        let squares: Vec<f64> = times.iter().map(|time| time * time).collect();
        let plain = Cholesky::new(&time_weighted_information(&data, ties, &beta, &vec![1.0; times.len()]), 0.0)?;
        let mixed = time_weighted_information(&data, ties, &beta, &times);
        let mut variance = time_weighted_information(&data, ties, &beta, &squares);
        for b in 0..p {
            let solved = plain.solve(&mixed.column(b));
            for a in 0..p {
                variance.add(a, b, -dot(mixed.row(a), &solved));
            }
        }
        let test = |columns: &[usize]| -> Result<Test, StatsError> {
            let mut part = Matrix::zeros(columns.len(), columns.len());
            for (a, row) in columns.iter().enumerate() {
                for (b, column) in columns.iter().enumerate() {
                    part.set(a, b, variance.get(*row, *column));
                }
            }
            let part_of_gradient: Vec<f64> = columns.iter().map(|column| gradient[*column]).collect();
            let factor = Cholesky::new(&part, 1e-12)
                .map_err(|_| StatsError::Undefined { what: WHAT, why: "its variance is singular" })?;
            let statistic = dot(&part_of_gradient, &factor.solve(&part_of_gradient));
            Ok(chi_squared(statistic, columns.len(), "score test of proportional hazards"))
        };
        let tested: Vec<usize> = terms.iter().flatten().copied().collect();
        Ok(ProportionalHazardsTest {
            transform,
            terms: terms.iter().map(|columns| test(columns)).collect::<Result<_, _>>()?,
            global: test(&tested)?,
        })
    }
}

/// g of each block's time, moved to mean zero over the events and scaled to be at most 1 (neither changes the test).
fn transformed_times(data: &Prepared, transform: TimeTransform) -> Result<Vec<f64>, StatsError> {
    let mut values = match transform {
        TimeTransform::Identity => data.blocks.iter().map(|block| block.time).collect(),
        TimeTransform::Log => {
            if data.blocks.iter().any(|block| block.time <= 0.0) {
                return Err(StatsError::Undefined {
                    what: "the logarithm of time",
                    why: "an event is at time 0 or before",
                });
            }
            data.blocks.iter().map(|block| block.time.ln()).collect()
        }
        TimeTransform::Rank => mean_ranks(data),
        TimeTransform::KaplanMeier => survival_lost_before(data),
    };
    let deaths = |index: usize| data.blocks[index].deaths().len() as f64;
    let mean = values.iter().enumerate().map(|(index, value)| deaths(index) * value).sum::<f64>() / data.events as f64;
    values.iter_mut().for_each(|value: &mut f64| *value -= mean);
    let greatest = values.iter().fold(0.0, |greatest: f64, value| greatest.max(value.abs()));
    let spread = data.blocks.iter().any(|block| block.time != data.blocks[0].time);
    if !spread || greatest == 0.0 {
        return Err(StatsError::Undefined { what: "a change with time", why: "all events are at one time" });
    }
    values.iter_mut().for_each(|value| *value /= greatest);
    Ok(values)
}

/// Blocks in the order of their times, over all strata.
fn by_time(data: &Prepared) -> Vec<usize> {
    let mut order: Vec<usize> = (0..data.blocks.len()).collect();
    order.sort_by(|a, b| data.blocks[*a].time.total_cmp(&data.blocks[*b].time));
    order
}

/// Of each event time among the times of all rows.
fn mean_ranks(data: &Prepared) -> Vec<f64> {
    let mut times = data.time.clone();
    times.sort_unstable_by(f64::total_cmp);
    let rank = |time: f64| {
        let before = times.partition_point(|other| *other < time);
        let through = times.partition_point(|other| *other <= time);
        0.5 * (before + 1 + through) as f64
    };
    data.blocks.iter().map(|block| rank(block.time)).collect()
}

/// 1 − S(t−) of the unweighted Kaplan-Meier curve of all rows, whatever their stratum.
fn survival_lost_before(data: &Prepared) -> Vec<f64> {
    let sorted = |values: &[f64]| {
        let mut values = values.to_vec();
        values.sort_unstable_by(f64::total_cmp);
        values
    };
    let times = sorted(&data.time);
    let entries = data.entry.as_deref().map(sorted);
    let mut lost = vec![0.0; data.blocks.len()];
    let mut survival = 1.0;
    for tied in by_time(data).chunk_by(|a, b| data.blocks[*a].time == data.blocks[*b].time) {
        let time = data.blocks[tied[0]].time;
        let left = times.partition_point(|other| *other < time);
        let entered = entries.as_ref().map_or(times.len(), |entries| entries.partition_point(|entry| *entry < time));
        let deaths: usize = tied.iter().map(|block| data.blocks[*block].deaths().len()).sum();
        for block in tied {
            lost[*block] = 1.0 - survival;
        }
        survival *= 1.0 - deaths as f64 / (entered - left) as f64;
    }
    lost
}
