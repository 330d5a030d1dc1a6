//! From the features of networks to scores: the network's own last layer, a support vector machine, or a machine on the
//! features of several networks beside clinical predictors.

use super::backbone::Backbone;
use super::machine::{Machine, Settings};
use super::{Fitted, ModelError, setting};
use crate::cohort::Cohort;
use crate::features::Encoder;
use crate::features::scale::Scaler;
use crate::results::{ModelFacts, Setting};
use crate::spec::Study;
use crate::spec::raw::{RawHead, RawMachine, RawModel};
use crate::split::TrainingRows;
use crate::stats::Orientation;
use crate::stats::linear_algebra::Matrix;
use crate::stats::random::Seed;
use indexmap::IndexMap;
use rayon::prelude::*;

/// Columns of a head's design that are one network's pooled features.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeatureBlock {
    pub network: String,
    pub columns: std::ops::Range<usize>,
}

/// A fitted machine with its scaler: everything between pooled features and the probability.
#[derive(Clone, Debug)]
pub struct Head {
    pub blocks: Vec<FeatureBlock>,
    scaler: Scaler,
    machine: Machine,
    /// A standardised row for every subject.
    design: Matrix,
    columns: usize,
}

impl Head {
    fn fit(
        values: &Matrix,
        blocks: Vec<FeatureBlock>,
        training: &TrainingRows,
        outcome: &[bool],
        settings: &Settings,
        seed: Seed,
    ) -> Result<Self, String> {
        let scaler = Scaler::fit(values, training);
        if scaler.columns().is_empty() {
            return Err("every feature is constant in the training part".to_string());
        }
        let design = scaler.apply(values);
        let machine = Machine::fit(&design, training, outcome, settings, seed)?;
        Ok(Self { blocks, scaler, machine, design, columns: values.columns() })
    }

    fn probabilities(&self) -> Vec<f64> {
        (0..self.design.rows()).into_par_iter().map(|row| self.machine.probability(self.design.row(row))).collect()
    }

    /// How the probability of a subject changes with each column as it came in; through scaler, machine and Platt scaling.
    pub fn gradient(&self, subject: usize) -> Vec<f64> {
        let scaled = self.machine.gradient(self.design.row(subject));
        let mut gradient = vec![0.0; self.columns];
        for (slope, column) in scaled.into_iter().zip(self.scaler.columns()) {
            gradient[column.source] = slope / column.standard_deviation;
        }
        gradient
    }
}

/// A model and, where it has one, the machine behind its scores.
pub(super) struct Headed {
    pub fitted: Fitted,
    pub head: Option<Head>,
}

/// What heads are fitted on.
pub(super) struct Ground<'a> {
    pub study: &'a Study,
    pub cohort: &'a Cohort,
    pub training: &'a TrainingRows,
    pub backbones: &'a IndexMap<String, Backbone>,
}

fn machine_settings(machine: &RawMachine) -> Settings {
    Settings { cost: machine.cost, gamma: machine.gamma, folds: machine.folds }
}

impl Ground<'_> {
    /// A network with its own last layer or with a machine.
    pub fn network(&self, mut facts: ModelFacts, model: &RawModel, seed: Seed) -> Result<Headed, ModelError> {
        let (RawModel::Network { head, machine, .. } | RawModel::Onnx { head, machine, .. }) = model else {
            return Err(fails(&facts, "it is no network"));
        };
        let backbone = self.backbones.get(&facts.id).ok_or_else(|| fails(&facts, "its network was not computed"))?;
        facts.network = Some(backbone.facts.clone());
        facts.networks = vec![facts.id.clone()];
        if *head == RawHead::Softmax {
            facts.description = format!(
                "{}; the probability is the softmax of its logits.",
                backbone.description.trim_end_matches('.')
            );
            let scores = backbone.probabilities.clone();
            return Ok(Headed {
                fitted: Fitted {
                    facts,
                    orientation: Orientation::HigherIsRisk,
                    scores,
                    baseline: None,
                    log_odds: Vec::new(),
                },
                head: None,
            });
        }
        let features = self.features(&facts, &facts.id)?;
        let columns = features.columns();
        let blocks = vec![FeatureBlock { network: facts.id.clone(), columns: 0..columns }];
        let what = format!("its {columns} pooled features, standardised");
        let description = backbone.description.clone();
        self.headed(facts, features.clone(), blocks, machine, seed, &description, &what)
    }

    /// Features of networks beside the predictors of the other models that are named.
    pub fn fusion(
        &self,
        mut facts: ModelFacts,
        model: &RawModel,
        others: &[Fitted],
        seed: Seed,
    ) -> Result<Headed, ModelError> {
        let RawModel::Fusion { of, machine, .. } = model else { return Err(fails(&facts, "it is no fusion")) };
        let mut columns: Vec<Vec<f64>> = Vec::new();
        let mut blocks = Vec::new();
        let mut parts = Vec::new();
        for name in of {
            if self.backbones.contains_key(name) {
                facts.networks.push(name.clone());
                let features = self.features(&facts, name)?;
                blocks.push(FeatureBlock {
                    network: name.clone(),
                    columns: columns.len()..columns.len() + features.columns(),
                });
                columns.extend((0..features.columns()).map(|column| features.column(column)));
                parts.push(format!("the {} pooled features of “{}”", features.columns(), self.label(name)));
                continue;
            }
            let other = others.iter().find(|other| other.facts.id == *name).ok_or_else(|| {
                fails(&facts, &format!("`{name}`, on whose predictors it rests, could not be fitted"))
            })?;
            let encoder = Encoder::fit(self.study, self.cohort, self.training, &other.facts.predictors)
                .map_err(|source| ModelError::Features { model: facts.id.clone(), source })?;
            let everyone: Vec<usize> = (0..self.cohort.n()).collect();
            columns.extend(encoder.columns_of(self.cohort, &everyone));
            parts.push(format!("the predictors of “{}”", self.label(name)));
            for predictor in &other.facts.predictors {
                if !facts.predictors.contains(predictor) {
                    facts.predictors.push(predictor.clone());
                }
            }
            facts.imputed.extend(encoder.imputed(self.study, self.cohort));
        }
        let slices: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        let values = Matrix::from_columns(&slices).map_err(|error| fails(&facts, &error.to_string()))?;
        let what = format!("{}, side by side and standardised", parts.join(" and "));
        self.headed(facts, values, blocks, machine, seed, "", &what)
    }

    #[allow(clippy::too_many_arguments, reason = "what a head is fitted on, and how its features came about in words")]
    fn headed(
        &self,
        mut facts: ModelFacts,
        values: Matrix,
        blocks: Vec<FeatureBlock>,
        machine: &RawMachine,
        seed: Seed,
        before: &str,
        what: &str,
    ) -> Result<Headed, ModelError> {
        let settings = machine_settings(machine);
        let outcome = self.cohort.binary(&facts.outcome);
        let head = Head::fit(&values, blocks, self.training, outcome, &settings, seed)
            .map_err(|reason| fails(&facts, &reason))?;
        let mut listed: Vec<Setting> = head.machine.settings(&settings);
        listed.push(setting("columns", head.design.columns()));
        facts.settings.extend(listed);
        let sentence = head.machine.description(&settings, what);
        facts.description =
            if before.is_empty() { sentence } else { format!("{}. {sentence}", before.trim_end_matches('.')) };
        let scores = head.probabilities();
        Ok(Headed {
            fitted: Fitted {
                facts,
                orientation: Orientation::HigherIsRisk,
                scores,
                baseline: None,
                log_odds: Vec::new(),
            },
            head: Some(head),
        })
    }

    fn features(&self, facts: &ModelFacts, network: &str) -> Result<&Matrix, ModelError> {
        self.backbones.get(network).and_then(|backbone| backbone.features.as_ref()).ok_or_else(|| {
            fails(facts, &format!("the network `{network}` gives no pooled features; name its output with `features:`"))
        })
    }

    fn label(&self, model: &str) -> &str {
        self.study.spec.models.get(model).map_or("", RawModel::label)
    }
}

fn fails(facts: &ModelFacts, reason: &str) -> ModelError {
    ModelError::Fit { model: facts.id.clone(), reason: reason.to_string() }
}
