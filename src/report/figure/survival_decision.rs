//! Decision curves of survival models: as those of models of a binary outcome, with net benefit by a horizon.

use super::{Drawing, FigureError, decision};
use crate::results::{
    CalibrationAnalysis, CalibrationRow, NetBenefitFacts, Results, SurvivalDecisionPoint, SurvivalPerformance,
};

pub fn draw(performance: &SurvivalPerformance, results: &Results) -> Result<Drawing, FigureError> {
    let rows = performance.rows.iter().filter(|row| !row.decision_curve.is_empty());
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
                decision_curve: row.decision_curve.iter().map(point).collect(),
                ..CalibrationRow::default()
            })
            .collect(),
    };
    decision::draw(&curves, results)
}

fn point(point: &SurvivalDecisionPoint) -> NetBenefitFacts {
    NetBenefitFacts { threshold: point.threshold, net_benefit: point.net_benefit, treat_all: point.treat_all }
}
