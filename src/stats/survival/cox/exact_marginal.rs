//! The exact marginal likelihood: tied events did follow each other, in an order that the data do not tell.
//!
//! A time with events D and others at risk S contributes the sum over all orders of D of the partial likelihoods, which
//! is the chance that all of D come before the first of S:
//!
//!   L = ∫₀^∞ Π_D (1 − e^(−r u)) S e^(−S u) du,   S the summed risk of the others
//!
//! (Kalbfleisch and Prentice 1973, doi:10.1093/biomet/60.2.267; DeLong, Guirguis and So 1994,
//! doi:10.1093/biomet/81.3.607). With u = e^v the integrand is log-concave and analytic in v, and falls off
//! double-exponentially to the right and exponentially to the left, so that the trapezoidal rule converges
//! geometrically; nodes are taken until the integrand is e^−40 of its greatest value. Gradient and information come from
//! the same nodes. A time at which all at risk have the event contributes 1.
//!
//! Weights other than 1 have no meaning here and are an error.

use super::likelihood::{Evaluation, Hazards, linear_predictors};
use super::prepare::Prepared;
use super::sweep::{RiskSet, add_products, product_width, risk_sweep};
use crate::stats::error::StatsError;

/// What lies further below the greatest value than this does not count.
const NEGLIGIBLE: f64 = 40.0;

pub(super) fn evaluate(data: &Prepared, beta: &[f64], hazards: &mut Hazards) -> Result<Evaluation, StatsError> {
    if !data.unit_weights() {
        return Err(StatsError::Undefined {
            what: "an exact marginal likelihood",
            why: "it has no meaning for weights other than 1",
        });
    }
    let p = data.columns;
    linear_predictors(data, beta, &mut hazards.risk);
    let add = |row: usize, factor: f64, sums: &mut [f64]| add_products(data, row, factor, sums);
    let mut evaluation = Evaluation::zero(p);
    // The sweep needs the risks while it makes them, so each time's own are handed over from the predictors.
    let predictor = hazards.risk.clone();
    risk_sweep(
        data,
        product_width(p),
        |_, _| (),
        add,
        &mut hazards.risk,
        &mut hazards.reference,
        |set| {
            if set.deaths.len() == 1 {
                add_single_event(&mut evaluation, data, set, &predictor);
            } else if let Some(others) = Others::of(data, set, &predictor) {
                let log_risks: Vec<f64> = set.deaths.clone().map(|row| predictor[row] - others.level).collect();
                let rows: Vec<&[f64]> = set.deaths.clone().map(|row| data.row(row)).collect();
                add_time(&mut evaluation, &log_risks, &rows, &others);
            }
        },
    );
    Ok(evaluation)
}

/// One event: the ordinary partial likelihood. The sums of `set` are those of [`add_products`].
pub(super) fn add_single_event(evaluation: &mut Evaluation, data: &Prepared, set: &RiskSet, predictor: &[f64]) {
    let p = data.columns;
    let row = set.deaths.start;
    evaluation.log_likelihood += predictor[row] - set.reference - set.total.ln();
    let mut at = p;
    for a in 0..p {
        let mean = set.sums[a] / set.total;
        evaluation.score[a] += data.row(row)[a] - mean;
        evaluation.raw_diagonal[a] += set.sums[at] / set.total;
        for b in a..p {
            let value = set.sums[at] / set.total - mean * set.sums[b] / set.total;
            evaluation.information.add(a, b, value);
            if b != a {
                evaluation.information.add(b, a, value);
            }
            at += 1;
        }
    }
}

/// ln(1 − e^−z) of ln z, also where z itself is too small for a number.
fn log_chance(log_z: f64) -> f64 {
    if log_z < -40.0 { log_z } else { (-(-log_z.exp()).exp_m1()).ln() }
}

/// z / (e^z − 1): 1 at zero, 0 far out.
fn share(z: f64) -> f64 {
    if z == 0.0 {
        1.0
    } else if z > 700.0 {
        0.0
    } else {
        z / z.exp_m1()
    }
}

/// −z times the derivative of [`share`], written so that neither end loses digits: share·(z/(1 − e^−z) − 1).
fn share_loss(z: f64) -> f64 {
    if z < 1e-5 {
        0.5 * z * (1.0 - z / 3.0)
    } else if z > 700.0 {
        0.0
    } else {
        share(z) * (z / -(-z).exp_m1() - 1.0)
    }
}

/// Sums over the rows at risk that do not have the event at this time.
struct Others {
    /// Risks are relative to exp of this.
    level: f64,
    total: f64,
    sums: Vec<f64>,
}

impl Others {
    /// `None` where there are none.
    fn of(data: &Prepared, set: &RiskSet, predictor: &[f64]) -> Option<Self> {
        if set.tied_total <= 0.5 * set.total {
            let sums = set.sums.iter().zip(set.tied_sums).map(|(all, tied)| all - tied).collect();
            return Some(Self { level: set.reference, total: set.total - set.tied_total, sums });
        }
        // A small difference of large sums: added anew, so that "none" is exactly none, and on a level of their own.
        let rows = || data.at_risk(set.block).filter(|row| !set.deaths.contains(row));
        let level = rows().map(|row| predictor[row]).fold(f64::NEG_INFINITY, f64::max);
        let mut others = Self { level, total: 0.0, sums: vec![0.0; set.sums.len()] };
        for row in rows() {
            let risk = (predictor[row] - level).exp();
            others.total += risk;
            add_products(data, row, risk, &mut others.sums);
        }
        (others.total > 0.0).then_some(others)
    }
}

fn add_time(evaluation: &mut Evaluation, log_risks: &[f64], rows: &[&[f64]], set: &Others) {
    let others = set.total;
    let p = rows[0].len();
    let log_integrand =
        |v: f64| log_risks.iter().map(|risk| log_chance(risk + v)).sum::<f64>() + others.ln() + v - others * v.exp();
    let slope = |v: f64| log_risks.iter().map(|risk| share((risk + v).exp())).sum::<f64>() + 1.0 - others * v.exp();
    let mode = decreasing_root(slope, (1.0 / others).ln(), ((rows.len() as f64 + 1.0) / others).ln());
    let top = log_integrand(mode);
    let step = f64::min(0.2, 0.5 / (1.0 + rows.len() as f64).sqrt());
    let mut nodes = vec![mode];
    for direction in [-step, step] {
        let mut v = mode + direction;
        while log_integrand(v) > top - NEGLIGIBLE {
            nodes.push(v);
            v += direction;
        }
    }
    let pairs = p * (p + 1) / 2;
    let mut total = 0.0;
    let mut first = vec![0.0; p];
    // Σ weight (∂² + g gᵀ), upper triangle by rows.
    let mut second = vec![0.0; pairs];
    for v in nodes {
        let u = v.exp();
        let weight = (log_integrand(v) - top).exp();
        let mut gradient = vec![0.0; p];
        let mut curvature = vec![0.0; pairs];
        let rest = 1.0 / others - u;
        for (risk, row) in log_risks.iter().zip(rows) {
            let z = (risk + v).exp();
            let (share, loss) = (share(z), share_loss(z));
            let mut at = 0;
            for a in 0..p {
                gradient[a] += share * row[a];
                for b in a..p {
                    curvature[at] -= loss * row[a] * row[b];
                    at += 1;
                }
            }
        }
        let mut at = 0;
        for (sum, other) in gradient.iter_mut().zip(&set.sums) {
            *sum += rest * other;
        }
        for a in 0..p {
            let sum_a = set.sums[a];
            for b in a..p {
                let sum_b = set.sums[b];
                curvature[at] += rest * set.sums[p + at] - sum_a / others * (sum_b / others);
                second[at] += weight * (curvature[at] + gradient[a] * gradient[b]);
                at += 1;
            }
            first[a] += weight * gradient[a];
        }
        total += weight;
    }
    evaluation.log_likelihood += top + (total * step).ln();
    let mut at = 0;
    for a in 0..p {
        evaluation.score[a] += first[a] / total;
        evaluation.raw_diagonal[a] +=
            rows.len() as f64 * set.sums[p + at] / others + rows.iter().map(|row| row[a] * row[a]).sum::<f64>();
        for b in a..p {
            let value = first[a] / total * (first[b] / total) - second[at] / total;
            evaluation.information.add(a, b, value);
            if b != a {
                evaluation.information.add(b, a, value);
            }
            at += 1;
        }
    }
}

/// The root of a decreasing function between `low` (where it is not negative) and `high` (where it is not positive).
fn decreasing_root(function: impl Fn(f64) -> f64, mut low: f64, mut high: f64) -> f64 {
    for _ in 0..50 {
        let middle = 0.5 * (low + high);
        if function(middle) > 0.0 {
            low = middle
        } else {
            high = middle
        }
        if high - low < 1e-3 {
            break;
        }
    }
    0.5 * (low + high)
}
