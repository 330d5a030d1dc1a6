//! The sums over risk sets, by one walk from the last event time to the first.
//!
//! Rows join as time falls and, with left truncation, leave before their entry. Risks are held relative to a reference
//! that is raised when a much greater one joins, so that no `exp` overflows and no risk set is lost to underflow, however
//! large the offsets are. A row that leaves is subtracted; when what remains is less than 1e-4 of the greatest sum since
//! the last rebuild, the sums are built anew from the rows at risk, so that no digits are lost to cancellation.

use super::prepare::Prepared;
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
    /// The same over the rows whose event is at this time.
    pub tied_total: f64,
    pub tied_sums: &'a [f64],
    pub reference: f64,
}

/// `predict` writes the linear predictors of some sorted rows into `risk`, and they are turned into relative risks, each
/// relative to the reference of its own block, zero for a row that is never at risk; `reference` gets the reference of every
/// block. Rows are predicted just before they join, while their covariates are about to be read anyway; those that join
/// after no event time keep what `risk` had.
/// `add` adds a multiple of a row's `width` features to sums.
pub(super) fn risk_sweep(
    data: &Prepared,
    width: usize,
    mut predict: impl FnMut(Range<usize>, &mut [f64]),
    add: impl Fn(usize, f64, &mut [f64]),
    risk: &mut [f64],
    reference: &mut [f64],
    mut visit: impl FnMut(&RiskSet),
) {
    let mut sums = vec![0.0; width];
    let mut tied_sums = vec![0.0; width];
    // A row leaves by what it is, not by its risk relative to a level at which it may have vanished.
    let mut predictor = Vec::new();
    if data.truncation.is_some() {
        predict(0..data.len(), risk);
        predictor.extend_from_slice(risk);
    }
    let mut leaver = 0;
    for stratum in &data.strata {
        sums.fill(0.0);
        let (mut total, mut peak) = (0.0, 0.0);
        let mut level = f64::NEG_INFINITY;
        for index in stratum.blocks.clone() {
            let block = &data.blocks[index];
            if data.truncation.is_none() {
                predict(block.rows.clone(), risk);
            }
            if let Some(truncation) = &data.truncation {
                for row in block.rows.clone().filter(|row| !truncation.joins_at_all(*row)) {
                    risk[row] = f64::NEG_INFINITY;
                }
            }
            let top = risk[block.rows.clone()].iter().fold(f64::NEG_INFINITY, |top, value| top.max(*value));
            if top > level + SLACK {
                let raised = whole_level(top);
                let factor = rescale(level, raised);
                total *= factor;
                peak *= factor;
                sums.iter_mut().for_each(|sum| *sum *= factor);
                level = raised;
            }
            for row in block.rows.clone() {
                let relative = data.weight[row] * (risk[row] - level).exp();
                risk[row] = relative;
                total += relative;
                add(row, relative, &mut sums);
            }
            reference[index] = level;
            peak = f64::max(peak, total);
            if let Some(truncation) = &data.truncation {
                while let Some(row) = truncation.leavers.get(leaver).map(|row| *row as usize) {
                    if truncation.leaves[row] as usize > index {
                        break;
                    }
                    leaver += 1;
                    let relative = data.weight[row] * (predictor[row] - level).exp();
                    total -= relative;
                    add(row, -relative, &mut sums);
                }
                if total < CANCELLED * peak {
                    let remain =
                        |row: &usize| truncation.leaves[*row] as usize > index && truncation.joins_at_all(*row);
                    let at_risk = || (stratum.rows.start..block.rows.end).filter(remain);
                    level = whole_level(at_risk().map(|row| predictor[row]).fold(f64::NEG_INFINITY, f64::max));
                    total = 0.0;
                    sums.fill(0.0);
                    for row in at_risk() {
                        let relative = data.weight[row] * (predictor[row] - level).exp();
                        total += relative;
                        add(row, relative, &mut sums);
                        if row >= block.rows.start {
                            risk[row] = relative;
                        }
                    }
                    peak = total;
                    reference[index] = level;
                }
            }
            tied_sums.fill(0.0);
            let mut tied_total = 0.0;
            for row in block.deaths.clone() {
                tied_total += risk[row];
                add(row, risk[row], &mut tied_sums);
            }
            visit(&RiskSet {
                block: index,
                deaths: block.deaths.clone(),
                total,
                sums: &sums,
                tied_total,
                tied_sums: &tied_sums,
                reference: level,
            });
        }
    }
}

/// The least multiple of ln 2 that is not below `top`: two such levels differ by a power of two, so that a change of level
/// rounds nothing.
fn whole_level(top: f64) -> f64 {
    (top / LN_2).ceil() * LN_2
}

/// What a quantity relative to exp(`from`) is multiplied by to be relative to exp(`to`): a power of two.
pub(super) fn rescale(from: f64, to: f64) -> f64 {
    if from == to { 1.0 } else { ((from - to) / LN_2).round().exp2() }
}

/// Adds multiples of the covariates.
pub(super) fn covariates<const P: usize>(data: &Prepared) -> impl Fn(usize, f64, &mut [f64]) + '_ {
    let p = if P == 0 { data.columns } else { P };
    move |row, factor, sums| {
        for (sum, value) in sums[..p].iter_mut().zip(&data.design[row * p..row * p + p]) {
            *sum += factor * value;
        }
    }
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
