//! Where networks look: heat maps of chosen subjects, averages by outcome class, as pictures and arrays.

pub mod grad_cam;
pub mod overlay;

use super::backbone::Backbone;
use super::network::ImageStack;
use super::{Fitted, FittedModels, ModelError};
use crate::cohort::Cohort;
use crate::data::VariableData;
use crate::results::{ClassMaps, ExplanationFacts, FEWEST, NetworkMaps, PatientMap};
use crate::spec::raw::{RawExplain, RawModel};
use crate::spec::{PartitionName, Study};
use crate::split::Split;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use indexmap::IndexMap;
use overlay::{Grid, npy, picture};

/// What the report shows, and files beside it.
pub struct Explanation {
    pub facts: ExplanationFacts,
    pub files: Vec<ExplanationFile>,
}

pub struct ExplanationFile {
    /// Relative to the folder of the report.
    pub name: String,
    pub bytes: Vec<u8>,
    /// Shows a single subject.
    pub subject_level: bool,
}

/// What is explained: the images, the networks and the models on them.
pub struct Subjects<'a> {
    pub study: &'a Study,
    pub cohort: &'a Cohort,
    pub split: &'a Split,
    pub images: &'a IndexMap<String, ImageStack>,
    pub backbones: &'a IndexMap<String, Backbone>,
}

/// `None` for a study that asks for no explanation.
pub fn explain(subjects: &Subjects<'_>, fitted: &FittedModels) -> Result<Option<Explanation>, Vec<ModelError>> {
    let Some(wish) = &subjects.study.spec.explain else { return Ok(None) };
    let rows = PartitionName::parse(&wish.partition)
        .map(|partition| subjects.split.rows(&partition).rows().to_vec())
        .unwrap_or_default();
    let mut files = Vec::new();
    let mut maps = Vec::new();
    let mut problems = Vec::new();
    let find = |id: &String| fitted.models.iter().find(|model| model.facts.id == *id);
    let models: Vec<&Fitted> = wish.models.iter().filter_map(find).collect();
    let chosen = subjects.chosen(wish, &models, &rows);
    for model in models {
        let id = &model.facts.id;
        for network in networks_of(subjects.study, id) {
            match subjects.explain_one(wish, model, &network, fitted, (&rows, &chosen), &mut files) {
                Ok(found) => maps.push(found),
                Err(reason) => problems.push(ModelError::Fit { model: id.clone(), reason }),
            }
        }
    }
    let facts = ExplanationFacts { partition: wish.partition.clone(), by: wish.by.clone(), maps };
    if problems.is_empty() { Ok(Some(Explanation { facts, files })) } else { Err(problems) }
}

/// The networks whose features a model uses.
fn networks_of(study: &Study, model: &str) -> Vec<String> {
    let is_network =
        |name: &str| matches!(study.spec.models.get(name), Some(RawModel::Network { .. } | RawModel::Onnx { .. }));
    match study.spec.models.get(model) {
        Some(RawModel::Fusion { of, .. }) => of.iter().filter(|name| is_network(name)).cloned().collect(),
        _ => vec![model.to_string()],
    }
}

impl Subjects<'_> {
    fn explain_one(
        &self,
        wish: &RawExplain,
        model: &Fitted,
        network: &str,
        fitted: &FittedModels,
        (rows, chosen): (&[usize], &[(String, usize)]),
        files: &mut Vec<ExplanationFile>,
    ) -> Result<NetworkMaps, String> {
        let backbone = self.backbones.get(network).ok_or_else(|| format!("`{network}` was not computed"))?;
        let maps = backbone.feature_maps.as_ref().ok_or_else(|| {
            format!("the network `{network}` gives no feature maps; name its output with `feature_maps:`")
        })?;
        let [channels, height, width] = maps.shape[..] else {
            return Err(format!("the feature maps of `{network}` have {} axes, 3 are needed", maps.shape.len()));
        };
        let places = height * width;
        let heat_of = |row: usize| -> Result<Vec<f64>, String> {
            let gradient = self.gradient(model, network, backbone, fitted, row)?;
            if gradient.len() != channels {
                return Err(format!("`{network}` has {channels} feature maps and {} pooled features", gradient.len()));
            }
            Ok(grad_cam::heat_map(maps.item(row), &gradient, places))
        };
        let heats: Vec<Vec<f64>> = rows.iter().map(|row| heat_of(*row)).collect::<Result<_, _>>()?;
        let outcome = self.cohort.binary(&model.facts.outcome);
        let name =
            if model.facts.id == network { network.to_string() } else { format!("{}-{network}", model.facts.id) };
        let mut classes = Vec::new();
        for positive in [false, true] {
            let members: Vec<usize> = (0..rows.len()).filter(|index| outcome[rows[*index]] == positive).collect();
            if members.len() < FEWEST {
                continue;
            }
            let n = members.len() as f64;
            let mean = |value: &dyn Fn(usize, usize) -> f64| -> Vec<f64> {
                (0..places)
                    .map(|place| tidy(members.iter().map(|index| value(*index, place)).sum::<f64>() / n))
                    .collect()
            };
            let activation = mean(&|index, place| {
                let planes = maps.item(rows[index]).chunks_exact(places);
                planes.map(|plane| f64::from(plane[place])).sum::<f64>() / channels as f64
            });
            let heat = mean(&|index, place| heats[index][place]);
            let class = if positive { "with" } else { "without" };
            for (kind, values) in [("activation", &activation), ("heat", &heat)] {
                files.push(ExplanationFile {
                    name: format!("explain/{name}-mean-{kind}-{class}.npy"),
                    bytes: npy(&[height, width], values.iter().copied()),
                    subject_level: false,
                });
            }
            classes.push(ClassMaps { positive, n: members.len(), activation, heat });
        }
        let mut patients = Vec::new();
        for (level, index) in chosen {
            let row = rows[*index];
            let heat = &heats[*index];
            let image = self.middle(network, row)?;
            let side = self.side(network);
            let image = Grid { values: &image, rows: side, columns: side };
            let hottest = heat.iter().copied().fold(0.0, f64::max);
            let grid = Grid { values: heat, rows: height, columns: width };
            let plain = picture(image, None).map_err(|error| error.to_string())?;
            let over = picture(image, Some((grid, hottest))).map_err(|error| error.to_string())?;
            let file = format!("explain/{name}-{}", file_name(level));
            files.push(ExplanationFile { name: format!("{file}.png"), bytes: over.clone(), subject_level: true });
            files.push(ExplanationFile {
                name: format!("{file}.npy"),
                bytes: npy(&[height, width], heat.iter().copied()),
                subject_level: true,
            });
            if wish.show_patients {
                patients.push(PatientMap {
                    level: level.clone(),
                    positive: outcome[row],
                    predicted: tidy(model.scores[row]),
                    image: STANDARD.encode(plain),
                    overlay: STANDARD.encode(over),
                });
            }
        }
        Ok(NetworkMaps {
            model: model.facts.id.clone(),
            network: network.to_string(),
            rows: height,
            columns: width,
            classes,
            patients,
        })
    }

    /// How the model's probability changes with each pooled feature of the network.
    fn gradient(
        &self,
        model: &Fitted,
        network: &str,
        backbone: &Backbone,
        fitted: &FittedModels,
        row: usize,
    ) -> Result<Vec<f64>, String> {
        if let Some(head) = fitted.heads.get(&model.facts.id) {
            let block = head.blocks.iter().find(|block| block.network == network);
            let block = block.ok_or_else(|| format!("`{network}` has no features in it"))?;
            return Ok(head.gradient(row)[block.columns.clone()].to_vec());
        }
        let contrast = backbone.contrast.as_ref().ok_or_else(|| {
            format!("the last layer of `{network}` is not one that can be read; use `head: svm` to explain it")
        })?;
        Ok(grad_cam::softmax_gradient(model.scores[row], contrast))
    }

    /// From each level the subject with the highest mean score, by position in `rows`; the first of equals. The same subjects
    /// for all models, so that their maps can be compared.
    fn chosen(&self, wish: &RawExplain, models: &[&Fitted], rows: &[usize]) -> Vec<(String, usize)> {
        let mean =
            |index: usize| models.iter().map(|model| model.scores[rows[index]]).sum::<f64>() / models.len() as f64;
        let highest =
            |members: Vec<usize>| members.into_iter().rev().max_by(|left, right| mean(*left).total_cmp(&mean(*right)));
        let levels = wish.by.as_ref().and_then(|name| {
            let variable = self.study.spec.variables.get(name)?;
            match self.cohort.variables.get(name.as_str())? {
                VariableData::Levels(values) => Some((variable.levels.values().cloned().collect::<Vec<_>>(), values)),
                VariableData::Continuous(_) => None,
            }
        });
        let Some((labels, values)) = levels else {
            return highest((0..rows.len()).collect())
                .map(|index| ("Highest score".to_string(), index))
                .into_iter()
                .collect();
        };
        let of_level = |(level, label): (usize, String)| {
            let members = (0..rows.len()).filter(|index| values[rows[*index]] == Some(level)).collect();
            highest(members).map(|index| (label, index))
        };
        labels.into_iter().enumerate().filter_map(of_level).collect()
    }

    fn stack(&self, network: &str) -> Option<&ImageStack> {
        self.images.get(&self.backbones.get(network)?.facts.image)
    }

    fn side(&self, network: &str) -> usize {
        self.stack(network).map_or(0, |stack| stack.size)
    }

    /// The middle channel of a subject's image.
    fn middle(&self, network: &str, row: usize) -> Result<Vec<f64>, String> {
        let stack = self.stack(network).ok_or_else(|| format!("`{network}` has no images"))?;
        let batch = stack.batch(&[(row, stack.centre())]);
        Ok(batch.plane(0, stack.channels / 2).iter().map(|value| f64::from(*value)).collect())
    }
}

/// Six decimals are more than a picture needs.
fn tidy(value: f64) -> f64 {
    (value * 1e6).round() / 1e6
}

/// "head-neck" of "Head / neck".
fn file_name(label: &str) -> String {
    let words = label.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_ascii_lowercase).collect::<Vec<_>>().join("-")
}
