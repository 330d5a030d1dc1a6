//! Uno's C: concordance that does not depend on how the study censored.
//!
//! Estimand: the probability that, of two subjects of whom the first has the event first and by τ, the first has the
//! higher risk score (equal scores count one half).
//! Formula: Σ δ_i G(T_i-)⁻² 1{T_i <= τ} 1{j outlives T_i} (1{r_i > r_j} + ½ 1{r_i = r_j}) / the same sum without the
//! comparison of scores, with G the Kaplan-Meier curve of the time to censoring. Computed, with its standard error (by the
//! infinitesimal jackknife, G taken as known), by [`super::concordance`] in n log n time.
//!
//! Assumptions: censoring depends neither on the event time nor on the score; G(τ) well above zero.
//! Shapes: one score per subject, its [`Orientation`] declared; τ in the unit of the times.
//! Ties and missing values: a subject censored at t outlives an event at t; two events at one time are not compared; see
//! [`super::data`]. Row order: no effect on a single bit.
//!
//! Choices where packages differ ([`UnoOptions`]): the defaults are those of R's survival. scikit-survival takes G(T)
//! instead of G(T-) ([`CensoringSide::At`]), and events before τ only, not at τ. survAUC's `UnoC` counts equal scores as
//! not concordant and steps its censoring curve row by row within ties; that is not offered.
//!
//! Edge cases: no comparable pair is an error; so is a late or weighted row. Without τ, the last events may weigh without
//! bound where follow-up thins out: Uno et al. advise to choose τ.
//!
//! Source: Uno et al. 2011, doi:10.1002/sim.4154.
//! Oracle: R survival 3.5-3, `concordance(Surv(time, status) ~ score, timewt = "n/G2", ymax = tau)`; scikit-survival
//! 0.28.0, `concordance_index_ipcw(y, y, score, tau)`.

use super::censoring_weights::CensoringSide;
use super::concordance::{Concordance, ConcordanceInput, ConcordanceOptions, TimeWeight, concordance};
use super::data::SurvivalData;
use crate::stats::error::{StatsError, require_finite, require_same_length};
use crate::stats::estimate::Orientation;
use serde::{Deserialize, Serialize};

/// The limit of the comparison, coverage, and what packages decide differently.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct UnoOptions {
    /// Only events up to τ are compared. Default none: all events.
    pub tau: Option<f64>,
    /// An event exactly at τ is compared. Default true, as R's `ymax`; false as scikit-survival.
    pub event_at_tau: bool,
    /// Where G is taken for an event's weight. Default just before its time.
    pub censoring: CensoringSide,
    /// Coverage of the interval. Default 0.95.
    pub level: f64,
}

impl Default for UnoOptions {
    fn default() -> Self {
        Self { tau: None, event_at_tau: true, censoring: CensoringSide::default(), level: 0.95 }
    }
}

/// Uno's C of a score.
pub fn uno_concordance(
    data: &SurvivalData,
    score: &[f64],
    orientation: Orientation,
    options: &UnoOptions,
) -> Result<Concordance, StatsError> {
    data.check()?;
    if data.entry.is_some() || data.weight.is_some() {
        return Err(StatsError::Undefined { what: "Uno's C", why: "subjects enter late or are weighted" });
    }
    require_same_length("survival time", data.len(), "risk score", score.len())?;
    require_finite("risk score", score)?;
    let limit = match options.tau {
        Some(tau) if !(tau.is_finite() && tau > 0.0) => {
            return Err(StatsError::OutOfRange { what: "tau of Uno's C", value: tau, expected: "positive" });
        }
        Some(tau) if !options.event_at_tau => Some(tau.next_down()),
        tau => tau,
    };
    let risk: Vec<f64> = score.iter().map(|score| orientation.risk(*score)).collect();
    let time_weight = match options.censoring {
        CensoringSide::JustBefore => TimeWeight::InverseCensoringSquared,
        CensoringSide::At => TimeWeight::InverseCensoringSquaredAt,
    };
    let options = ConcordanceOptions { time_weight, limit, level: options.level };
    concordance(&ConcordanceInput::new(data.time, data.event, &risk), &options)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIME: [f64; 5] = [1.0, 2.0, 2.0, 3.0, 4.0];
    const EVENT: [bool; 5] = [true, true, false, true, false];
    const SCORE: [f64; 5] = [3.0, 1.0, 2.0, 2.0, 2.0];

    fn uno(options: &UnoOptions) -> Result<Concordance, StatsError> {
        uno_concordance(&SurvivalData::new(&TIME, &EVENT), &SCORE, Orientation::HigherIsRisk, options)
    }

    #[test]
    fn weighted_pairs_by_hand() {
        // G just before 1, 2, 3: 1, 1, 2/3. The event at 1 beats four; that at 2 loses to three (one censored at 2); that at
        // 3 ties with one, at weight 9/4. C = (4 + 9/8) / (4 + 3 + 9/4).
        let result = uno(&UnoOptions::default()).unwrap();
        assert!((result.c.value - 5.125 / 9.25).abs() < 1e-15);
        // G at 2 is 2/3 already: its three pairs weigh 9/4 too.
        let result = uno(&UnoOptions { censoring: CensoringSide::At, ..Default::default() }).unwrap();
        assert!((result.c.value - 5.125 / (4.0 + 6.75 + 2.25)).abs() < 1e-15);
    }

    #[test]
    fn tau_leaves_later_events_out() {
        let result = uno(&UnoOptions { tau: Some(3.0), event_at_tau: false, ..Default::default() }).unwrap();
        assert!((result.c.value - 4.0 / 7.0).abs() < 1e-15);
        assert_eq!(uno(&UnoOptions { tau: Some(3.0), ..Default::default() }), uno(&UnoOptions::default()));
        assert!(uno(&UnoOptions { tau: Some(0.5), ..Default::default() }).is_err());
        assert!(uno(&UnoOptions { tau: Some(f64::NAN), ..Default::default() }).is_err());
    }

    #[test]
    fn a_weight_without_bound_is_an_error() {
        // At the last time one event and one censoring: G is 0 there.
        let data = SurvivalData::new(&[1.0, 2.0, 2.0], &[true, true, false]);
        let options = UnoOptions { censoring: CensoringSide::At, ..Default::default() };
        let result = uno_concordance(&data, &[1.0, 2.0, 3.0], Orientation::HigherIsRisk, &options);
        assert!(matches!(result, Err(StatsError::Undefined { .. })));
    }
}
