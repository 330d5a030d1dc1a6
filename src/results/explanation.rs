//! Where networks look when they score.

use serde::{Deserialize, Serialize};

/// Heat maps (Grad-CAM) and mean feature maps of the models that a study explains.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExplanationFacts {
    pub partition: String,
    /// The variable whose levels the drawn subjects are from.
    pub by: Option<String>,
    /// One entry per model and network in it.
    pub maps: Vec<NetworkMaps>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NetworkMaps {
    /// The model whose probability is explained.
    pub model: String,
    /// The network in it whose feature maps these are.
    pub network: String,
    pub rows: usize,
    pub columns: usize,
    /// Averages by outcome; a class of fewer than [`FEWEST`] subjects has none.
    pub classes: Vec<ClassMaps>,
    /// Single subjects, where the spec allows to show them; else empty.
    pub patients: Vec<PatientMap>,
}

/// An average of fewer subjects would show single ones.
pub const FEWEST: usize = 3;

/// Averages over the subjects of an outcome class, rows × columns.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClassMaps {
    pub positive: bool,
    pub n: usize,
    /// The mean over all feature maps of the network.
    pub activation: Vec<f64>,
    /// The mean heat map.
    pub heat: Vec<f64>,
}

/// One subject's heat map over its image.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PatientMap {
    /// The level of [`ExplanationFacts::by`] that the subject is from.
    pub level: String,
    pub positive: bool,
    /// The predicted probability.
    pub predicted: f64,
    /// PNG in base64: the image, and the image under its heat map.
    pub image: String,
    pub overlay: String,
}
