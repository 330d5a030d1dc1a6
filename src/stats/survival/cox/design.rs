//! The covariates of a Cox model by sorted rows, centred and scaled.
//!
//! Within each stratum a column is moved so that its mean among the subjects with events is about zero, and over all
//! strata divided by about its mean absolute deviation. A partial likelihood does not change when a covariate is shifted
//! within a stratum, so only rounding is at stake: the sums stay small, and a year near 2000 or a concentration of 1e-9
//! does as well as any other column. The offset is moved likewise. As only rounding is at stake, some thousand rows tell
//! centre and scale well enough, and the scale is a power of two, so that dividing by it rounds nothing.

use super::CoxInput;
use super::columns::{add_scaled, with_columns};
use super::prepare::{NEVER, Prepared, Stratum};
use crate::stats::error::{SQUARABLE, StatsError, UNSQUARABLE};

/// Centres and scales are those of about so many rows, spread evenly over the sorted ones.
const SAMPLE: usize = 2048;

/// No scale is below this part of a column's range: a sample may miss the few rows in which a column varies.
const NARROWEST: f64 = 1e-6;

/// Sums over the rows of the design.
#[derive(Clone, Debug, Default)]
pub(super) struct DesignSums {
    /// Weighted means of the input columns; zero for a column that holds nothing but -1, 0 and 1.
    pub means: Vec<f64>,
    /// Σ w x over the events, x centred and scaled.
    pub events: Vec<f64>,
    /// Σ w · offset over the events, the offsets centred.
    pub event_offsets: f64,
}

impl Prepared {
    /// Fills the design, once rows, strata and blocks are known, and centres the offsets.
    pub(super) fn fill_design(&mut self, input: &CoxInput) -> Result<(), StatsError> {
        for s in 0..self.strata.len() {
            let (centre, offset) = self.centre_of(&self.strata[s], input.covariates);
            let stratum = &mut self.strata[s];
            (stratum.centre, stratum.offset_centre) = (centre, offset);
            self.offset[stratum.rows.clone()].iter_mut().for_each(|value| *value -= offset);
        }
        (self.scale, self.range) = self.scales(input)?;
        self.design = self.by_sorted_rows(input);
        self.sums = with_columns!(self.columns, sums(self));
        for (mean, values) in self.sums.means.iter_mut().zip(input.covariates) {
            if is_indicator(values, input.weight) {
                *mean = 0.0;
            }
        }
        Ok(())
    }

    /// Each column's mean among some of the events of a stratum, its value exactly where it has but one; and the offset's.
    fn centre_of(&self, stratum: &Stratum, covariates: &[&[f64]]) -> (Vec<f64>, f64) {
        let blocks = &self.blocks[stratum.blocks.clone()];
        let Some(first) = blocks.first().map(|block| block.deaths().start) else {
            return (vec![0.0; self.columns], 0.0);
        };
        let (every, of_each) = (blocks.len().div_ceil(SAMPLE), SAMPLE.div_ceil(blocks.len()));
        let events = blocks.iter().step_by(every).map(|block| block.deaths());
        let sample: Vec<usize> =
            events.flat_map(|deaths| deaths.clone().step_by(deaths.len().div_ceil(of_each))).collect();
        let mean = |value: &dyn Fn(usize) -> f64| {
            let first = value(first);
            first + sample.iter().map(|row| (value(*row) - first) / sample.len() as f64).sum::<f64>()
        };
        let centre = covariates.iter().map(|column| mean(&|row| column[self.source[row] as usize] + 0.0)).collect();
        (centre, mean(&|row| self.offset[row]))
    }

    /// Of each column about the mean absolute deviation from its centre, among some of the rows that join a risk set; and the
    /// column's range, so scaled.
    fn scales(&self, input: &CoxInput) -> Result<(Vec<f64>, Vec<f64>), StatsError> {
        let every = self.len().div_ceil(SAMPLE);
        let mut deviation = vec![0.0; self.columns];
        let mut counted = 0.0;
        for stratum in &self.strata {
            let joined = self.blocks[stratum.blocks.clone()].last().map_or(0, |block| block.rows().end);
            for row in (stratum.rows.start.next_multiple_of(every)..joined).step_by(every) {
                counted += 1.0;
                for ((sum, column), centre) in deviation.iter_mut().zip(input.covariates).zip(&stratum.centre) {
                    *sum += (column[self.source[row] as usize] - centre).abs();
                }
            }
        }
        let scale = |(column, (sum, values)): (usize, (f64, &&[f64]))| {
            let range = range(values, input.weight);
            if range == 0.0 {
                return Err(StatsError::Collinear { column });
            }
            // Where the sample is empty, 0 / 0, the range alone counts.
            let scale = (sum / counted).max(NARROWEST * range);
            if !SQUARABLE.contains(&scale) {
                return Err(UNSQUARABLE);
            }
            let scale = power_of_two(scale);
            Ok((scale, range / scale))
        };
        deviation.into_iter().zip(input.covariates).enumerate().map(scale).collect()
    }

    /// The centred and scaled covariates by sorted rows. The columns are read once from top to bottom, and each row is written
    /// whole to its place: the other way round every value would miss the cache.
    fn by_sorted_rows(&self, input: &CoxInput) -> Vec<f64> {
        let columns = self.columns;
        let inverse: Vec<f64> = self.scale.iter().map(|scale| 1.0 / scale).collect();
        let mut place = vec![NEVER; input.time.len()];
        for (at, row) in self.source.iter().enumerate() {
            place[*row as usize] = at as u32;
        }
        let mut stratum_of = Vec::new();
        if self.strata.len() > 1 {
            for (index, stratum) in self.strata.iter().enumerate() {
                stratum_of.resize(stratum.rows.end, index);
            }
        }
        let mut design = vec![0.0; self.len() * columns];
        for (row, place) in place.into_iter().enumerate().filter(|(_, place)| *place != NEVER) {
            let stratum = &self.strata[stratum_of.get(place as usize).copied().unwrap_or(0)];
            let values = &mut design[place as usize * columns..(place as usize + 1) * columns];
            for (((value, column), centre), inverse) in
                values.iter_mut().zip(input.covariates).zip(&stratum.centre).zip(&inverse)
            {
                *value = (column[row] + 0.0 - centre) * inverse;
            }
        }
        design
    }
}

fn sums<const P: usize>(data: &Prepared) -> DesignSums {
    let columns = data.columns;
    let mut total = 0.0;
    let mut sums = DesignSums { means: vec![0.0; columns], events: vec![0.0; columns], event_offsets: 0.0 };
    for stratum in &data.strata {
        let (mut weights, mut centred) = (0.0, vec![0.0; columns]);
        for row in stratum.rows.clone() {
            let weight = data.weight[row];
            let event = if data.event[row] { weight } else { 0.0 };
            sums.event_offsets += event * data.offset[row];
            add_scaled::<P>(&mut sums.events, event, data.row(row));
            add_scaled::<P>(&mut centred, weight, data.row(row));
            weights += weight;
        }
        total += weights;
        for j in 0..columns {
            sums.means[j] += weights * stratum.centre[j] + data.scale[j] * centred[j];
        }
    }
    sums.means.iter_mut().for_each(|mean| *mean /= total);
    sums
}

/// The greatest value of a column less its least, among the rows of positive weight.
fn range(column: &[f64], weight: Option<&[f64]>) -> f64 {
    let widen = |(least, greatest): (f64, f64), value: f64| {
        (if value < least { value } else { least }, if value > greatest { value } else { greatest })
    };
    let nothing = (f64::INFINITY, f64::NEG_INFINITY);
    let (least, greatest) = match weight {
        None => column.iter().fold(nothing, |limits, value| widen(limits, *value)),
        Some(weight) => {
            let counted = column.iter().zip(weight).filter(|(_, weight)| **weight > 0.0);
            counted.fold(nothing, |limits, (value, _)| widen(limits, *value))
        }
    };
    greatest - least
}

/// Whether a column holds nothing but -1, 0 and 1 in rows of positive weight.
fn is_indicator(column: &[f64], weight: Option<&[f64]>) -> bool {
    let indicates = |value: f64| value == 0.0 || value.abs() == 1.0;
    column.iter().enumerate().all(|(row, value)| indicates(*value) || weight.is_some_and(|weight| weight[row] == 0.0))
}

/// The power of two at or below a positive number, but none whose inverse is not finite.
fn power_of_two(value: f64) -> f64 {
    let exponent_only = f64::from_bits(value.to_bits() & (0x7ff << 52));
    exponent_only.max(f64::MIN_POSITIVE)
}

#[cfg(test)]
mod tests {
    use super::super::{CoxOptions, cox};
    use super::*;

    #[test]
    fn a_column_that_varies_in_a_row_outside_the_sample_is_fitted_all_the_same() {
        // One of 9,999 subjects is exposed and is the k-th to die, all being events: θ / (θ + m) with m others at risk for the
        // first k times, so that the score is zero where θ Σ 1 / (θ + m) = 1.
        let n = 9_999;
        let time: Vec<f64> = (1..=n).map(f64::from).collect();
        let events = vec![true; n as usize];
        for exposed in [4_998, 4_999, 5_000] {
            let column: Vec<f64> = (0..n).map(|row| if row == exposed { 2000.5 } else { 2000.0 }).collect();
            let columns: [&[f64]; 1] = [&column];
            let fit = cox(&CoxInput::new(&time, &events, &columns), &CoxOptions::default()).unwrap();
            let ratio = (fit.coefficients[0].coefficient * 0.5).exp();
            let expected: f64 = (0..=exposed).map(|time| ratio / (ratio + f64::from(n - time - 1))).sum();
            assert!((expected - 1.0).abs() < 1e-9, "{expected}");
        }
    }

    #[test]
    fn a_scale_is_the_power_of_two_below() {
        for (value, power) in
            [(1.0, 1.0), (7.9, 4.0), (0.3, 0.25), (5e-324, f64::MIN_POSITIVE), (f64::MAX, 2f64.powi(1023))]
        {
            assert_eq!(power_of_two(value), power);
            assert!((1.0 / power_of_two(value)).is_finite());
        }
    }
}
