//! The subjects of a Fine-Gray model in their order of time, with the censoring curve at each distinct time.

use super::CensoringTies;
use crate::stats::error::StatsError;
use crate::stats::linear_algebra::Matrix;
use crate::stats::survival::competing_risks::CompetingRisksData;
use crate::stats::survival::data::{tie_tolerance, time_key};

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Event,
    Competing,
    Censored,
}

/// The subjects in an order of time, kind and covariates, which the rows' order has no part in.
pub(super) struct Sample {
    /// Covariates by subject, each centred and scaled to standard deviation 1.
    pub z: Matrix,
    pub mean: Vec<f64>,
    pub scale: Vec<f64>,
    pub range: Vec<f64>,
    pub kind: Vec<Kind>,
    /// For each subject its distinct time.
    pub step: Vec<usize>,
    pub time: Vec<f64>,
    /// By distinct time: events of the cause, censorings, those at risk of censoring, and G just before.
    pub events: Vec<f64>,
    pub censored: Vec<f64>,
    pub at_risk: Vec<f64>,
    pub uncensored: Vec<f64>,
    pub ties: CensoringTies,
}

impl Sample {
    pub fn new(
        data: &CompetingRisksData,
        cause: usize,
        covariates: &[&[f64]],
        ties: CensoringTies,
    ) -> Result<Self, StatsError> {
        let kind_of = |row: usize| match data.cause[row] {
            0 => Kind::Censored,
            other if other == cause => Kind::Event,
            _ => Kind::Competing,
        };
        let mut order: Vec<usize> = (0..data.time.len()).collect();
        order.sort_unstable_by(|left, right| {
            let key = |row: usize| (time_key(data.time[row], false), kind_of(row));
            let by_covariates = || {
                let differing =
                    covariates.iter().map(|column| (column[*left] + 0.0).total_cmp(&(column[*right] + 0.0)));
                differing.fold(std::cmp::Ordering::Equal, std::cmp::Ordering::then)
            };
            key(*left).cmp(&key(*right)).then_with(by_covariates)
        });
        let mut z = Matrix::zeros(order.len(), covariates.len());
        let (mut mean, mut scale, mut range) = (Vec::new(), Vec::new(), Vec::new());
        for (column, values) in covariates.iter().enumerate() {
            let standard = Standard::of(values);
            if standard.deviation <= 1e-12 * standard.mean.abs() {
                return Err(StatsError::Collinear { column });
            }
            for (subject, row) in order.iter().enumerate() {
                z.set(subject, column, (values[*row] - standard.mean) / standard.deviation);
            }
            mean.push(standard.mean);
            scale.push(standard.deviation);
            range.push(standard.range / standard.deviation);
        }
        let tolerance = tie_tolerance(&[data.time]);
        let mut sample = Self {
            z,
            mean,
            scale,
            range,
            kind: order.iter().map(|row| kind_of(*row)).collect(),
            step: Vec::with_capacity(order.len()),
            time: Vec::new(),
            events: Vec::new(),
            censored: Vec::new(),
            at_risk: Vec::new(),
            uncensored: Vec::new(),
            ties,
        };
        sample.count_by_time(&order, data.time, tolerance);
        Ok(sample)
    }

    fn count_by_time(&mut self, order: &[usize], time: &[f64], tolerance: f64) {
        let (mut left, mut uncensored) = (order.len() as f64, 1.0);
        for tied in order.chunk_by(|earlier, later| time[*later] - time[*earlier] <= tolerance) {
            let start = self.step.len();
            self.step.extend(std::iter::repeat_n(self.time.len(), tied.len()));
            let kinds = &self.kind[start..start + tied.len()];
            let count = |wanted: Kind| kinds.iter().filter(|kind| **kind == wanted).count() as f64;
            let (events, competing, censored) = (count(Kind::Event), count(Kind::Competing), count(Kind::Censored));
            let at_risk = match self.ties {
                CensoringTies::Together => left,
                CensoringTies::EventsFirst => left - events - competing,
            };
            self.time.push(time[tied[0]]);
            self.events.push(events);
            self.censored.push(censored);
            self.at_risk.push(at_risk);
            self.uncensored.push(uncensored);
            if censored > 0.0 {
                uncensored *= (at_risk - censored) / at_risk;
            }
            left -= events + competing + censored;
        }
    }

    pub fn len(&self) -> usize {
        self.kind.len()
    }

    pub fn columns(&self) -> usize {
        self.scale.len()
    }

    pub fn is_kind(&self, kind: Kind) -> impl Iterator<Item = usize> {
        (0..self.len()).filter(move |subject| self.kind[*subject] == kind)
    }
}

struct Standard {
    mean: f64,
    deviation: f64,
    range: f64,
}

impl Standard {
    /// From sorted values, so that the row order does not show.
    fn of(values: &[f64]) -> Self {
        let mut sorted = values.to_vec();
        sorted.sort_unstable_by(f64::total_cmp);
        let n = sorted.len() as f64;
        let mean = sorted.iter().sum::<f64>() / n;
        let deviation = (sorted.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / n).sqrt();
        Self { mean, deviation, range: sorted[sorted.len() - 1] - sorted[0] }
    }
}
