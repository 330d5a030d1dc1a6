//! The logarithmic loss (mean negative log-likelihood) of predicted probabilities.
//!
//! Estimand: −E\[Y ln p + (1 − Y) ln(1 − p)\], in nats; 0 is perfect.
//! Interval: from the standard error of a mean; not clipped at 0.
//! Input: outcomes (`true` the event), probabilities in [0, 1]. Row order does not matter, bit for bit.
//! Edge case: a prediction of 0 for an event, or of 1 for another subject, makes the loss infinite, without interval:
//! nothing is clipped away. (Packages that clip, at 1e-15 for instance, report a number that the clip decides.)
//! Source: Good 1952, doi:10.1111/j.2517-6161.1952.tb00104.x. Oracle: the definition in R 4.2.2.

use super::check_probabilities;
use super::groups::Sorted;
use crate::stats::distribution::normal_critical;
use crate::stats::error::{StatsError, require_level};
use crate::stats::estimate::Estimate;

/// The mean loss per subject.
pub fn log_loss(outcome: &[bool], probability: &[f64], level: f64) -> Result<Estimate, StatsError> {
    check_probabilities(outcome, probability)?;
    require_level(level)?;
    let n = outcome.len() as f64;
    let rows = Sorted::new(outcome, probability);
    let losses: Vec<f64> = rows.pairs().map(|(y, p)| if y == 1.0 { -p.ln() } else { -(-p).ln_1p() }).collect();
    let mean = losses.iter().sum::<f64>() / n;
    if mean.is_infinite() {
        return Ok(Estimate::new(mean, outcome.len()));
    }
    let variance = losses.iter().map(|loss| (loss - mean) * (loss - mean)).sum::<f64>() / n;
    let error = (variance / n).sqrt();
    let half = normal_critical(level) * error;
    Ok(Estimate::new(mean, outcome.len()).with_standard_error(error).with_interval(
        mean - half,
        mean + half,
        level,
        "normal, standard error of the mean",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand() {
        // −(ln ½ + ln ¾)/2.
        let loss = log_loss(&[true, false], &[0.5, 0.25], 0.95).unwrap();
        assert!((loss.value + 0.5 * (0.5f64.ln() + 0.75f64.ln())).abs() < 1e-15);
    }

    #[test]
    fn certain_and_wrong_is_infinite_certain_and_right_is_zero() {
        assert_eq!(log_loss(&[true, false], &[0.0, 0.5], 0.95).unwrap().value, f64::INFINITY);
        assert_eq!(log_loss(&[true, false], &[1.0, 0.0], 0.95).unwrap().value, 0.0);
    }
}
