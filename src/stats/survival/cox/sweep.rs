//! The sums over risk sets, by one walk from the last event time to the first.
//!
//! Rows join as time falls and, with left truncation, leave before their entry. Risks are held relative to a reference
//! that is raised when a much greater one joins, so that no `exp` overflows and no risk set is lost to underflow, however
//! large the offsets are. A row that leaves is subtracted; when what remains is less than 1e-4 of the greatest sum since
//! the last rebuild, the sums are built anew from the rows at risk, so that no digits are lost to cancellation.

use super::columns::add_scaled;
use super::prepare::{Prepared, Stratum};
use std::f64::consts::LN_2;
use std::ops::Range;

/// A linear predictor may exceed the reference by this much before the sums are rescaled: exp(50) is far from overflow.
const SLACK: f64 = 50.0;

/// Sums that fell below this part of their peak by subtraction are built anew.
const CANCELLED: f64 = 1e-4;

/// The sums at one event time.
pub(super) struct RiskSet<'a> {
    /// Index of the block.
    pub block: usize,
    pub deaths: Range<usize>,
    /// Σ r over the rows at risk, r = weight · exp(linear predictor − `reference`).
    pub total: f64,
    /// Σ r f over the rows at risk, for every feature f.
    pub sums: &'a [f64],
    /// The same over the rows whose event is at this time; zero where that is one row, as no formula needs it then.
    pub tied_total: f64,
    pub tied_sums: &'a [f64],
    pub reference: f64,
}

/// `predict` writes the linear predictors of some sorted rows into `risk`, and they are turned into relative risks, each
/// relative to the reference of its own block, zero for a row that is never at risk; `reference` gets the reference of every
/// block. Rows are predicted just before they join, while their covariates are about to be read anyway; those that join
/// after no event time keep what `risk` had.
/// `add` adds a multiple of a row's `width` features to sums.
#[inline]
pub(super) fn risk_sweep(
    data: &Prepared,
    width: usize,
    mut predict: impl FnMut(Range<usize>, &mut [f64]),
    add: impl Fn(usize, f64, &mut [f64]),
    risk: &mut [f64],
    reference: &mut [f64],
    mut visit: impl FnMut(&RiskSet),
) {
    let mut tied_sums = vec![0.0; width];
    // A row leaves by what it is, not by its risk relative to a level at which it may have vanished.
    let mut predictor = Vec::new();
    if data.truncation.is_some() {
        predict(0..data.len(), risk);
        predictor.extend_from_slice(risk);
    }
    let mut leaver = 0;
    for stratum in &data.strata {
        let mut at_risk = AtRisk::new(width);
        for group in data.groups[stratum.groups.clone()].iter().cloned() {
            let rows = data.rows_of(&group);
            match &data.truncation {
                None => predict(rows.clone(), risk),
                Some(truncation) => {
                    for row in rows.clone().filter(|row| !truncation.joins_at_all(*row)) {
                        risk[row] = f64::NEG_INFINITY;
                    }
                }
            }
            // With left truncation the level may also change when the sums are built anew.
            let one_level = data.truncation.is_none() && !at_risk.must_rise(&risk[rows.clone()]);
            if one_level {
                at_risk.relative(&data.weight[rows.clone()], &mut risk[rows]);
            }
            for index in group {
                let block = &data.blocks[index];
                if !one_level {
                    let predicted = &mut risk[block.rows()];
                    at_risk.rise(predicted);
                    at_risk.relative(&data.weight[block.rows()], predicted);
                }
                for row in block.rows() {
                    at_risk.total += risk[row];
                    add(row, risk[row], &mut at_risk.sums);
                }
                if let Some(truncation) = &data.truncation {
                    at_risk.peak = f64::max(at_risk.peak, at_risk.total);
                    while let Some(row) = truncation.leavers.get(leaver).map(|row| *row as usize) {
                        if truncation.leaves[row] as usize > index {
                            break;
                        }
                        leaver += 1;
                        let relative = data.weight[row] * (predictor[row] - at_risk.level).exp();
                        at_risk.total -= relative;
                        add(row, -relative, &mut at_risk.sums);
                    }
                    if at_risk.total < CANCELLED * at_risk.peak {
                        at_risk.rebuild(data, stratum, index, &predictor, &add, risk);
                    }
                }
                reference[index] = at_risk.level;
                let deaths = block.deaths();
                let tied = if deaths.len() > 1 { deaths.clone() } else { 0..0 };
                let mut tied_total = 0.0;
                for row in tied.clone() {
                    tied_total += risk[row];
                    add(row, risk[row], &mut tied_sums);
                }
                visit(&RiskSet {
                    block: index,
                    deaths,
                    total: at_risk.total,
                    sums: &at_risk.sums,
                    tied_total,
                    tied_sums: &tied_sums,
                    reference: at_risk.level,
                });
                if !tied.is_empty() {
                    tied_sums.fill(0.0);
                }
            }
        }
    }
}

/// The running sums over the rows at risk, relative to exp(`level`).
struct AtRisk {
    total: f64,
    sums: Vec<f64>,
    /// The greatest total since the sums were last built.
    peak: f64,
    level: f64,
}

impl AtRisk {
    fn new(width: usize) -> Self {
        Self { total: 0.0, sums: vec![0.0; width], peak: 0.0, level: f64::NEG_INFINITY }
    }

    /// Whether the level is too low for one of these linear predictors.
    fn must_rise(&self, predicted: &[f64]) -> bool {
        greatest(predicted) > self.level + SLACK
    }

    fn rise(&mut self, predicted: &[f64]) {
        if self.must_rise(predicted) {
            let raised = whole_level(greatest(predicted));
            let factor = rescale(self.level, raised);
            self.total *= factor;
            self.peak *= factor;
            self.sums.iter_mut().for_each(|sum| *sum *= factor);
            self.level = raised;
        }
    }

    /// Turns linear predictors into weighted relative risks.
    fn relative(&self, weight: &[f64], predicted: &mut [f64]) {
        for (value, weight) in predicted.iter_mut().zip(weight) {
            *value = weight * (*value - self.level).exp();
        }
    }

    /// Sums anew over the rows at risk at the time of the block of this `index`.
    fn rebuild(
        &mut self,
        data: &Prepared,
        stratum: &Stratum,
        index: usize,
        predictor: &[f64],
        add: impl Fn(usize, f64, &mut [f64]),
        risk: &mut [f64],
    ) {
        let block = &data.blocks[index];
        let at_risk = || (stratum.rows.start..block.rows().end).filter(|row| data.has_not_left(*row, index));
        self.level = whole_level(at_risk().map(|row| predictor[row]).fold(f64::NEG_INFINITY, f64::max));
        self.total = 0.0;
        self.sums.fill(0.0);
        for row in at_risk() {
            let relative = data.weight[row] * (predictor[row] - self.level).exp();
            self.total += relative;
            add(row, relative, &mut self.sums);
            if row >= block.rows().start {
                risk[row] = relative;
            }
        }
        self.peak = self.total;
    }
}

fn greatest(values: &[f64]) -> f64 {
    values.iter().fold(f64::NEG_INFINITY, |top, value| if *value > top { *value } else { top })
}

/// Zero where that will do, as it nearly always does; or the least multiple of ln 2 that is not below `top`. Two such levels
/// differ by a power of two, so that a change of level rounds nothing.
fn whole_level(top: f64) -> f64 {
    if top.abs() < SLACK { 0.0 } else { (top / LN_2).ceil() * LN_2 }
}

/// What a quantity relative to exp(`from`) is multiplied by to be relative to exp(`to`): a power of two.
pub(super) fn rescale(from: f64, to: f64) -> f64 {
    if from == to { 1.0 } else { ((from - to) / LN_2).round().exp2() }
}

/// Adds multiples of the covariates; `P` is their number, or 0.
pub(super) fn covariates<const P: usize>(data: &Prepared) -> impl Fn(usize, f64, &mut [f64]) + '_ {
    let p = if P == 0 { data.columns } else { P };
    move |row, factor, sums| add_scaled::<P>(sums, factor, &data.design[row * p..row * p + p])
}

/// Numbers that [`add_products`] adds.
pub(super) fn product_width(columns: usize) -> usize {
    columns + columns * (columns + 1) / 2
}

/// Adds a multiple of the covariates followed by their products, upper triangle by rows.
pub(super) fn add_products(data: &Prepared, row: usize, factor: f64, sums: &mut [f64]) {
    let values = data.row(row);
    let (first, mut second) = sums.split_at_mut(values.len());
    for (a, left) in values.iter().enumerate() {
        let scaled = factor * left;
        first[a] += scaled;
        let (own, rest) = second.split_at_mut(values.len() - a);
        for (sum, right) in own.iter_mut().zip(&values[a..]) {
            *sum += scaled * right;
        }
        second = rest;
    }
}
