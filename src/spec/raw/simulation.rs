//! Data that are simulated rather than collected.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Data that are made on first use, in the folder of `path`: the same for the same recipe. Every page says so.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawSimulation {
    pub kind: RawSimulationKind,
    pub seed: u64,
    /// How many patients are analysed; more are screened.
    #[serde(default = "default_patients")]
    #[schemars(range(min = 12, max = 20000))]
    pub patients: usize,
    /// Without it nothing but survival has to do with the status by pathology, and a model can only find chance.
    #[serde(default = "default_signal")]
    pub signal: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawSimulationKind {
    /// Dual-energy CT of pancreatic cancer with node metastasis and survival.
    PdacDect,
}

fn default_patients() -> usize {
    148
}

fn default_signal() -> bool {
    true
}

impl RawSimulation {
    /// The recipe in words that tell it from others.
    pub fn words(&self) -> String {
        let Self { kind, seed, patients, signal } = self;
        let kind = match kind {
            RawSimulationKind::PdacDect => "pdac_dect",
        };
        format!("{kind}, seed {seed}, {patients} patients, signal {signal}")
    }
}
