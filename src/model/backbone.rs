//! Networks on images, computed from their ONNX files: what every image model is built on.

use super::ModelError;
use super::network::{ImageStack, Order, Store, softmax, trained};
use super::onnx::{InputShape, LoadedModel, OnnxModel, Output, Runtime, start};
use crate::cohort::Cohort;
use crate::data::hash::sha256;
use crate::features::image::model_inputs;
use crate::results::{EpochFacts, NetworkFacts};
use crate::spec::raw::{RawModel, RawOnnxScore, RawOutcome, RawPretrainingImages, RawStart};
use crate::spec::study::Part;
use crate::spec::{Diagnostic, PartitionName, Study};
use crate::split::Split;
use crate::stats::linear_algebra::Matrix;
use crate::stats::random::Seed;
use indexmap::IndexMap;

/// A network and what it gave for every subject of the cohort.
#[derive(Clone, Debug)]
pub struct Backbone {
    pub facts: NetworkFacts,
    /// How it came to be, in a sentence.
    pub description: String,
    /// The probability of the event by the network's own last layer.
    pub probabilities: Vec<f64>,
    /// Subjects × pooled features, where the file gives them.
    pub features: Option<Matrix>,
    /// The last feature maps, where the file gives them.
    pub feature_maps: Option<Output>,
    /// How the log odds of the event change with each pooled feature, where the last layer is a plain linear one.
    pub contrast: Option<Vec<f64>>,
    /// The file itself.
    pub onnx: Vec<u8>,
}

/// What networks need beside the study.
pub struct NetworkInputs<'a> {
    /// By the name of the model input.
    pub images: &'a IndexMap<String, ImageStack>,
    /// Use only trained files that are there.
    pub no_training: bool,
    /// Tells people how far a training is: the model, then what happens.
    pub tell: &'a (dyn Fn(&str, &str) + Sync),
    /// Whether a network is asked for: a shard computes some.
    pub wants: &'a (dyn Fn(&str) -> bool + Sync),
}

/// The images of every model input that a network looks at.
pub fn images(study: &Study, cohort: &Cohort) -> Result<IndexMap<String, ImageStack>, Vec<Diagnostic>> {
    let mut stacks = IndexMap::new();
    for model in study.spec.models.values() {
        let (RawModel::Network { image, .. } | RawModel::Onnx { image, .. }) = model else { continue };
        if !stacks.contains_key(image) {
            let tensors = model_inputs(study, cohort, image)
                .map_err(|problems| crate::data::image::diagnostics(study, &problems))?;
            stacks.insert(image.clone(), ImageStack::from(&tensors));
        }
    }
    Ok(stacks)
}

/// The class of numbers that the networks of a study are of, with what computes them; `None` for a study without.
pub fn network_class(study: &Study) -> Result<Option<String>, Diagnostic> {
    let is_network = |model: &RawModel| matches!(model, RawModel::Network { .. } | RawModel::Onnx { .. });
    if !study.spec.models.values().any(is_network) {
        return Ok(None);
    }
    let settings = study.spec.networks.clone().unwrap_or_default();
    let runtime = start(settings.runtime).map_err(|error| {
        Diagnostic::error("model/runtime", error.to_string(), study.place("networks/runtime")).about_input()
    })?;
    Ok(Some(format!("{} ({})", runtime.numeric_class(), runtime.name())))
}

/// Of the trained networks that lie in the folder of a study, in the order of their models: what is kept of them was
/// computed with these very files.
pub fn trained_files_sha256(study: &Study) -> Option<String> {
    let folder = study.folder().join(study.spec.networks.as_ref()?.folder.as_ref()?);
    let mut text = String::new();
    for (id, model) in &study.spec.models {
        if let (RawModel::Network { .. }, Ok(bytes)) = (model, std::fs::read(folder.join(format!("{id}.onnx")))) {
            text.push_str(&format!("{id}={}\n", sha256(&bytes)));
        }
    }
    Some(sha256(text.as_bytes()))
}

/// What is wrong with the files of networks and weights that a study names.
pub fn check_files(study: &Study) -> Vec<Diagnostic> {
    let Some(images) = &study.spec.images else { return Vec::new() };
    let shape = InputShape { channels: images.slices, height: images.size, width: images.size };
    let mut problems = Vec::new();
    for (id, model) in &study.spec.models {
        let (path, place, error) = match model {
            RawModel::Onnx { path, sha256, output, features, feature_maps, .. } => {
                let checked = OnnxModel::read(&study.folder().join(path), sha256, shape).and_then(|file| {
                    let named = [output, features, feature_maps];
                    named.into_iter().flatten().try_for_each(|name| file.require_output(name))
                });
                (path, format!("models/{id}/path"), checked.err())
            }
            RawModel::Network {
                start: RawStart::Safetensors { path, sha256 } | RawStart::Onnx { path, sha256 },
                ..
            } => {
                let read = OnnxModel::require_file(&study.folder().join(path), sha256);
                (path, format!("models/{id}/start/path"), read.err())
            }
            _ => continue,
        };
        if let Some(error) = error {
            let is_about_input = error.is_about_input();
            let problem =
                Diagnostic::error("model/file", format!("`{path}` cannot be used: {error}"), study.place(&place));
            problems.push(if is_about_input { problem.about_input() } else { problem });
        }
    }
    problems
}

/// The networks of a study, in its order; each is trained on all threads before the next.
pub fn backbones(
    study: &Study,
    cohort: &Cohort,
    split: &Split,
    inputs: &NetworkInputs<'_>,
    seed: Seed,
) -> Result<IndexMap<String, Backbone>, Vec<ModelError>> {
    let mut found = IndexMap::new();
    let mut problems = Vec::new();
    let settings = study.spec.networks.clone().unwrap_or_default();
    let mut runtime = None;
    for (id, model) in &study.spec.models {
        let (RawModel::Network { image, .. } | RawModel::Onnx { image, .. }) = model else { continue };
        if !(inputs.wants)(id) {
            continue;
        }
        let fails = |reason: String| ModelError::Fit { model: id.clone(), reason };
        let Some(stack) = inputs.images.get(image) else {
            problems.push(fails(format!("there are no images `{image}`")));
            continue;
        };
        if runtime.is_none() {
            match start(settings.runtime) {
                Ok(started) => runtime = Some(started),
                Err(error) => return Err(vec![fails(error.to_string())]),
            }
        }
        let Some(runtime) = &runtime else { continue };
        let context = Context { study, cohort, split, runtime, inputs, id, stack };
        match context.backbone(model, seed.child(id)) {
            Ok(backbone) => _ = found.insert(id.clone(), backbone),
            Err(reason) => problems.push(fails(reason)),
        }
    }
    if problems.is_empty() { Ok(found) } else { Err(problems) }
}

struct Context<'a> {
    study: &'a Study,
    cohort: &'a Cohort,
    split: &'a Split,
    runtime: &'a Runtime,
    inputs: &'a NetworkInputs<'a>,
    id: &'a str,
    stack: &'a ImageStack,
}

/// A file, and the names of the outputs that are asked of it.
struct Source {
    model: OnnxModel,
    score: RawOnnxScore,
    positive_class: usize,
    output: String,
    features: Option<String>,
    feature_maps: Option<String>,
    facts: NetworkFacts,
    description: String,
}

impl Context<'_> {
    fn backbone(&self, model: &RawModel, seed: Seed) -> Result<Backbone, String> {
        let source = match model {
            RawModel::Onnx { .. } => self.loaded(model)?,
            _ => self.trained(model, seed)?,
        };
        let mut names = vec![source.output.as_str()];
        names.extend(source.features.as_deref());
        names.extend(source.feature_maps.as_deref());
        for name in &names {
            source.model.require_output(name).map_err(|error| error.to_string())?;
        }
        let device = self.study.spec.networks.clone().unwrap_or_default().device;
        let loaded = LoadedModel::new(&source.model, self.runtime, device);
        let mut outputs = loaded.run(self.stack, &names).map_err(|error| error.to_string())?.into_iter();
        let logits = outputs.next().ok_or("the cohort has no subjects")?;
        let probabilities = probabilities(&logits, &source)?;
        let features = if source.features.is_some() { outputs.next() } else { None };
        let feature_maps = if source.feature_maps.is_some() { outputs.next() } else { None };
        let features = match features {
            Some(output) => Some(matrix(&output)?),
            None => None,
        };
        let mut facts = source.facts;
        facts.features = features.as_ref().map(Matrix::columns);
        Ok(Backbone {
            contrast: contrast(&source.model, source.positive_class),
            facts,
            description: source.description,
            probabilities,
            features,
            feature_maps,
            onnx: source.model.bytes,
        })
    }

    fn shape(&self) -> InputShape {
        InputShape { channels: self.stack.channels, height: self.stack.size, width: self.stack.size }
    }

    fn loaded(&self, model: &RawModel) -> Result<Source, String> {
        let RawModel::Onnx { image, path, sha256, score, output, positive_class, features, feature_maps, .. } = model
        else {
            return Err("it is no ONNX model".to_string());
        };
        let file = OnnxModel::read(&self.study.folder().join(path), sha256, self.shape())
            .map_err(|error| format!("`{path}`: {error}"))?;
        let has = |name: &str| file.outputs.iter().any(|output| output == name);
        let named = |given: &Option<String>, own: &str| given.clone().or_else(|| has(own).then(|| own.to_string()));
        let output = output.clone().or_else(|| file.outputs.first().cloned()).ok_or("it has no output")?;
        let description =
            format!("Network from an ONNX file, evaluated on the image “{image}” as it is; nothing is fitted.");
        Ok(Source {
            features: named(features, super::network::export::POOLED),
            feature_maps: named(feature_maps, super::network::export::FEATURE_MAPS),
            score: *score,
            positive_class: *positive_class,
            output,
            facts: NetworkFacts {
                image: image.clone(),
                architecture: "as in its ONNX file".to_string(),
                parameters: None,
                features: None,
                sha256: file.sha256.clone(),
                runtime: self.runtime.name(),
                best_epoch: None,
                history: Vec::<EpochFacts>::new(),
            },
            description,
            model: file,
        })
    }

    fn trained(&self, model: &RawModel, seed: Seed) -> Result<Source, String> {
        let RawModel::Network { image, outcome, architecture, start, training, .. } = model else {
            return Err("it is no network".to_string());
        };
        let everybody = matches!(start, RawStart::Rotations { on: RawPretrainingImages::All, .. });
        let training_rows = self.split.training();
        let unlabelled_rows = self.split.unlabelled(everybody);
        let validation_rows = self.split.rows(&PartitionName::of(Part::Validation));
        let settings = self.study.spec.networks.clone().unwrap_or_default();
        let store = Store::new(settings.folder.map(|folder| self.study.folder().join(folder)));
        let order = Order {
            id: self.id,
            architecture: *architecture,
            start,
            training,
            images: self.stack,
            outcome: self.cohort.binary(outcome),
            training_rows: &training_rows,
            validation_rows: (!validation_rows.rows().is_empty()).then_some(&validation_rows),
            unlabelled_rows: &unlabelled_rows,
            study_seed: self.study.spec.seed,
            seed,
            folder: self.study.folder(),
            entries: self.entries(image, outcome),
            processor: settings.train_on,
            no_training: self.inputs.no_training,
        };
        let network =
            trained(&order, &store, &|text| (self.inputs.tell)(self.id, text)).map_err(|error| error.to_string())?;
        let description =
            training_words(model, &network.graph, validation_rows.rows().len(), network.trained_on.as_deref());
        Ok(Source {
            score: RawOnnxScore::Softmax,
            positive_class: 1,
            output: super::network::export::LOGITS.to_string(),
            features: Some(super::network::export::POOLED.to_string()),
            feature_maps: Some(super::network::export::FEATURE_MAPS.to_string()),
            facts: NetworkFacts {
                image: image.clone(),
                architecture: architecture_words(*architecture).to_string(),
                parameters: Some(network.graph.parameters()),
                features: None,
                sha256: network.model.sha256.clone(),
                runtime: self.runtime.name(),
                best_epoch: network.best_epoch,
                history: network.history,
            },
            description,
            model: network.model,
        })
    }

    /// What the file says of its input and classes.
    fn entries(&self, image: &str, outcome: &str) -> Vec<(String, String)> {
        let mut entries = vec![
            ("vouch.study".to_string(), self.study.spec.id.clone()),
            ("vouch.input".to_string(), image.to_string()),
            ("vouch.preparation".to_string(), self.stack.preparation.clone()),
        ];
        if let Some(outcome) = self.study.spec.outcomes.get(outcome) {
            let (negative, positive) = match outcome {
                RawOutcome::Binary { names: Some(names), .. } => (names.negative.clone(), names.positive.clone()),
                _ => ("no".to_string(), "yes".to_string()),
            };
            entries.push(("vouch.classes".to_string(), format!("0: {negative}; 1: {positive}")));
        }
        entries.push((
            "vouch.score_orientation".to_string(),
            "a higher probability of class 1 means more risk".to_string(),
        ));
        entries
    }
}

fn architecture_words(architecture: crate::spec::raw::RawArchitecture) -> &'static str {
    use crate::spec::raw::RawArchitecture::{Resnet18, Small, Tiny};
    match architecture {
        Tiny => "residual network with 2 stages of one block (4 and 8 channels)",
        Small => "residual network with 3 stages of one block (16, 32 and 64 channels)",
        Resnet18 => "ResNet-18",
    }
}

/// "Residual network … (77,954 parameters) on the image …, from random weights, trained by Adam …".
fn training_words(
    model: &RawModel,
    graph: &super::network::graph::Graph,
    validation: usize,
    trained_on: Option<&str>,
) -> String {
    let RawModel::Network { image, architecture, start, training, .. } = model else { return String::new() };
    let words = architecture_words(*architecture);
    let mut letters = words.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase()).into_iter();
    let name: String = first.chain(letters).collect();
    let start = match start {
        RawStart::Random => "from random weights".to_string(),
        RawStart::Rotations { on, epochs, .. } => format!(
            "from self-supervised pretraining ({epochs} epochs of telling by how many quarter turns an image of {} was rotated)",
            match on {
                RawPretrainingImages::Training => "the training part",
                RawPretrainingImages::All => "any part",
            }
        ),
        RawStart::Safetensors { .. } | RawStart::Onnx { .. } => "from given weights".to_string(),
    };
    let varied: Vec<&str> = [
        (training.horizontal_flip, "horizontal flips"),
        (training.vertical_flip, "vertical flips"),
        (training.random_crop, "random crops of the region of interest"),
    ]
    .into_iter()
    .filter_map(|(used, words)| used.then_some(words))
    .collect();
    let varied = if varied.is_empty() { String::new() } else { format!(", images varied by {}", varied.join(", ")) };
    let stop = if validation > 0 {
        format!(
            "at most {} epochs, stopped when the loss of the validation part, which has no other part in it, had not fallen for {}",
            training.epochs, training.patience
        )
    } else {
        format!("{} epochs", training.epochs)
    };
    let place = trained_on.map_or(String::new(), |device| format!(" on {device}"));
    format!(
        "{name} ({} parameters) on the image “{image}”, {start}, trained{place} by Adam (learning rate {}, {} images per step) on the cross-entropy{varied}; {stop}. Evaluated from the exported ONNX file",
        graph.parameters(),
        training.learning_rate,
        training.batch
    )
}

fn probabilities(logits: &Output, source: &Source) -> Result<Vec<f64>, String> {
    let classes = logits.item_size();
    let class = match source.score {
        RawOnnxScore::Logistic => 0,
        _ if classes == 1 && source.score == RawOnnxScore::Probability => 0,
        _ => source.positive_class,
    };
    let needed = if source.score == RawOnnxScore::Logistic { 1..=1 } else { class + 1..=usize::MAX };
    if !needed.contains(&classes) || (source.score == RawOnnxScore::Softmax && classes < 2) {
        return Err(format!(
            "its output `{}` holds {classes} numbers per image, which is not what `score` and `positive_class` say",
            source.output
        ));
    }
    let count = logits.values.len() / classes.max(1);
    let probability = |index: usize| {
        let item = logits.item(index);
        match source.score {
            RawOnnxScore::Softmax => softmax(item)[class],
            RawOnnxScore::Logistic => 1.0 / (1.0 + libm::exp(-f64::from(item[0]))),
            RawOnnxScore::Probability => f64::from(item[class]),
        }
    };
    let values: Vec<f64> = (0..count).map(probability).collect();
    if values.iter().all(|value| (0.0..=1.0).contains(value)) {
        Ok(values)
    } else {
        Err(format!("its output `{}` is no probability", source.output))
    }
}

fn matrix(output: &Output) -> Result<Matrix, String> {
    let columns = output.item_size();
    let values = output.values.iter().map(|value| f64::from(*value)).collect();
    Matrix::from_rows(output.values.len() / columns.max(1), columns, values).map_err(|error| error.to_string())
}

/// The weights of the event's logit less those of the other, from a classifier with the names of torchvision.
fn contrast(model: &OnnxModel, positive: usize) -> Option<Vec<f64>> {
    let weight = model.initialiser("fc.weight")?;
    let [2, features] = weight.shape[..] else { return None };
    let row = |class: usize| weight.values[class * features..(class + 1) * features].iter();
    let sign = if positive == 1 { 1.0 } else { -1.0 };
    Some(row(1).zip(row(0)).map(|(one, zero)| sign * f64::from(one - zero)).collect())
}
