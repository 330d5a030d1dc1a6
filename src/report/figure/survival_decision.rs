//! Decision curves of survival models: as those of models of a binary outcome, with net benefit by a horizon.

use super::{Drawing, FigureError, decision};
use crate::results::{
    CalibrationAnalysis, CalibrationRow, FEWEST_ACTED_ON, NetBenefitFacts, Results, SurvivalDecisionPoint,
    SurvivalPerformance,
};

pub fn draw(performance: &SurvivalPerformance, results: &Results) -> Result<Drawing, FigureError> {
    let rows = performance.rows.iter().filter(|row| drawn(&row.decision_curve).next().is_some());
    let curves = CalibrationAnalysis {
        outcome: performance.outcome.clone(),
        level: performance.level,
        rows: rows
            .map(|row| CalibrationRow {
                model: row.model.clone(),
                partition: row.partition.clone(),
                n: row.n,
                events: row.events,
                brier: row.brier.clone(),
                decision_curve: drawn(&row.decision_curve).map(point).collect(),
                ..CalibrationRow::default()
            })
            .collect(),
    };
    decision::draw(&curves, results)
}

/// As far as the curves of binary outcomes go.
fn drawn(curve: &[SurvivalDecisionPoint]) -> impl Iterator<Item = &SurvivalDecisionPoint> {
    curve.iter().take_while(|point| point.acted_on >= FEWEST_ACTED_ON)
}

fn point(point: &SurvivalDecisionPoint) -> NetBenefitFacts {
    NetBenefitFacts { threshold: point.threshold, net_benefit: point.net_benefit, treat_all: point.treat_all }
}
