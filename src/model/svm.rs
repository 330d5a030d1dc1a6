//! Support vector machine with a radial kernel on standardised predictors.

use super::machine::{Machine, Settings};
use super::{Data, Fitted, ModelError};
use crate::results::ModelFacts;
use crate::stats::Orientation;
use crate::stats::random::Seed;
use rayon::prelude::*;

pub(super) fn fit(
    data: &Data<'_>,
    mut facts: ModelFacts,
    settings: &Settings,
    seed: Seed,
) -> Result<Fitted, ModelError> {
    let design = data.encoder.standardised(data.cohort, &data.everyone());
    let machine = Machine::fit(&design, data.training, data.outcome, settings, seed)
        .map_err(|reason| ModelError::Fit { model: facts.id.clone(), reason })?;
    facts.settings = machine.settings(settings);
    facts.description = machine.description(settings, "standardised predictors");
    let scores = (0..design.rows()).into_par_iter().map(|row| machine.probability(design.row(row))).collect();
    Ok(Fitted { facts, orientation: Orientation::HigherIsRisk, scores, baseline: None, log_odds: Vec::new() })
}
