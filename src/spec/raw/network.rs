//! Networks: their size, where their weights start, how they are trained, and what computes them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What holds for all networks of a study.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RawNetworks {
    pub runtime: RawRuntime,
    pub device: RawDevice,
    pub train_on: RawProcessor,
    /// A folder beside the spec for the trained networks, as ONNX files that are used again while data and settings are the
    /// same. Without it they lie in the user's cache folder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub folder: Option<String>,
}

/// What computes the outputs of networks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawRuntime {
    /// The ONNX Runtime library where one is found, else the built-in back end.
    #[default]
    Auto,
    /// The built-in back end, which is the same on every machine.
    BuiltIn,
    /// The ONNX Runtime library; an error where none is found.
    OnnxRuntime,
}

/// Where the ONNX Runtime library computes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawDevice {
    #[default]
    Cpu,
    Cuda,
    Tensorrt,
}

/// What trains networks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawProcessor {
    /// All threads of the processor; the same weights at any number of them.
    #[default]
    Cpu,
    /// The most capable device that Vulkan finds; an error where there is none. Its weights are not those of the CPU.
    Gpu,
}

/// A residual network.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawArchitecture {
    /// Two stages of 4 and 8 channels; for trials.
    Tiny,
    /// Three stages of 16, 32 and 64 channels, one block each.
    #[default]
    Small,
    /// ResNet-18.
    Resnet18,
}

/// The weights that training starts from.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "from", rename_all = "snake_case", deny_unknown_fields)]
pub enum RawStart {
    #[default]
    Random,
    /// Self-supervised: the network first learns by how many quarter turns an image was rotated.
    Rotations {
        /// Whose images are looked at; no outcome is.
        #[serde(default)]
        on: RawPretrainingImages,
        #[serde(default = "default_pretraining_epochs")]
        #[schemars(range(min = 1, max = 10000))]
        epochs: usize,
        #[serde(default = "default_pretraining_rate")]
        learning_rate: f64,
    },
    /// A file with the tensor names of torchvision.
    Safetensors {
        path: String,
        /// SHA-256 of the file.
        sha256: String,
    },
    /// An ONNX file whose initialisers have the names of torchvision, such as one that an earlier study trained.
    Onnx {
        path: String,
        /// SHA-256 of the file.
        sha256: String,
    },
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawPretrainingImages {
    #[default]
    Training,
    /// Also those of the validation and test part, which the report then says.
    All,
}

/// Adam on the cross-entropy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RawTraining {
    #[schemars(range(min = 1, max = 10000))]
    pub epochs: usize,
    /// Images per step.
    #[schemars(range(min = 2, max = 4096))]
    pub batch: usize,
    pub learning_rate: f64,
    /// Training stops when the loss on the validation part has not fallen for this many epochs, and goes back to its
    /// lowest. Without a validation part all epochs are used.
    #[schemars(range(min = 1))]
    pub patience: usize,
    pub horizontal_flip: bool,
    pub vertical_flip: bool,
    /// Random crops within the border that the images are kept with.
    pub random_crop: bool,
}

impl Default for RawTraining {
    fn default() -> Self {
        Self {
            epochs: 60,
            batch: 16,
            learning_rate: 1e-4,
            patience: 15,
            horizontal_flip: true,
            vertical_flip: true,
            random_crop: true,
        }
    }
}

/// What turns the features of a network into a probability.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawHead {
    /// The network's own last layer.
    #[default]
    Softmax,
    /// A support vector machine with a radial kernel on the pooled features.
    Svm,
}

/// A support vector machine with a radial kernel; probabilities by Platt scaling.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RawMachine {
    /// C, the price of a margin violation.
    pub cost: f64,
    /// γ of exp(−γ‖x − y‖²); one over the number of columns when not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gamma: Option<f64>,
    /// Folds of the cross-fitting behind the Platt scaling.
    #[schemars(range(min = 2, max = 20))]
    pub folds: usize,
}

impl Default for RawMachine {
    fn default() -> Self {
        Self { cost: super::model::default_cost(), gamma: None, folds: super::model::default_folds() }
    }
}

/// Which number of an ONNX network's output is the score.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawOnnxScore {
    /// Two or more logits, of which one class is the event: its softmax.
    #[default]
    Softmax,
    /// One logit: its logistic function.
    Logistic,
    /// Probabilities already.
    Probability,
}

fn default_pretraining_epochs() -> usize {
    30
}

fn default_pretraining_rate() -> f64 {
    1e-3
}

/// Where a network looks when it scores patients.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawExplain {
    /// Networks, or models with a support vector machine on the features of networks.
    pub models: Vec<String>,
    /// The part that is looked at.
    pub partition: String,
    /// A categorical variable: from each of its levels, the subject with the highest score is drawn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// The report may show images of single subjects. Without this it shows averages only; the images and arrays of
    /// subjects lie in the output folder, marked as subject-level.
    #[serde(default)]
    pub show_patients: bool,
}
