//! A bare ONNX file as a variant: a network evaluated within the protocol of the base's study. It takes the place of the base's
//! model: the same model input, the same outcome, and the same head on it.

use super::source::SourceError;
use crate::data::hash::sha256;
use crate::model::onnx::{InputShape, OnnxModel};
use crate::spec::Study;
use crate::spec::diagnostic::suggestion;
use crate::spec::raw::{RawHead, RawMachine, RawModel, RawOnnxScore};
use std::path::{Path, PathBuf};

/// A file, and the model input that it is evaluated on where the base's is not meant.
#[derive(Clone, Debug, PartialEq)]
pub struct Network {
    pub path: PathBuf,
    pub input: Option<String>,
    /// The model's name in the study: that of the file, which no other of these networks has.
    pub id: String,
}

impl Network {
    pub fn is_named_by(path: &Path) -> bool {
        path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("onnx"))
    }

    pub fn new(path: &Path, input: Option<&str>, others: &[Network]) -> Self {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let is_free = |id: &String| others.iter().all(|other| other.id != *id);
        let numbered = (2..).map(|number| format!("{name} #{number}"));
        let id = std::iter::once(name.clone()).chain(numbered).find(is_free).unwrap_or_default();
        Self { path: path.to_path_buf(), input: input.map(str::to_string), id }
    }

    /// The network as a model of the base's study.
    pub fn model(&self, study: &Study, study_path: &Path, base: Option<&str>) -> Result<RawModel, SourceError> {
        let base = base_model(study, study_path, base)?;
        let image = self.image(study, study_path, base)?;
        let bytes =
            std::fs::read(&self.path).map_err(|error| SourceError::Unreadable { path: self.path.clone(), error })?;
        let size = study.spec.images.as_ref().map_or((0, 0), |images| (images.slices, images.size));
        let shape = InputShape { channels: size.0, height: size.1, width: size.1 };
        // Paths of a spec start from its folder; this one was typed elsewhere.
        let path = std::fs::canonicalize(&self.path)
            .map_err(|error| SourceError::Unreadable { path: self.path.clone(), error })?;
        let folder = path.parent().unwrap_or(Path::new("."));
        OnnxModel::check(&bytes, folder, shape).map_err(|error| SourceError::NetworkDoesNotFit {
            path: self.path.clone(),
            image: image.clone(),
            why: error.to_string(),
        })?;
        let (head, machine) = match base {
            RawModel::Network { head, machine, .. } | RawModel::Onnx { head, machine, .. } => (*head, machine.clone()),
            _ => (RawHead::default(), RawMachine::default()),
        };
        let (score, positive_class) = match base {
            RawModel::Onnx { score, positive_class, .. } => (*score, *positive_class),
            _ => (RawOnnxScore::default(), 1),
        };
        Ok(RawModel::Onnx {
            label: self.id.clone(),
            outcome: base.outcome().to_string(),
            image,
            path: path.to_string_lossy().into_owned(),
            sha256: sha256(&bytes),
            head,
            machine,
            score,
            output: None,
            positive_class,
            features: None,
            feature_maps: None,
        })
    }

    fn image(&self, study: &Study, study_path: &Path, base: &RawModel) -> Result<String, SourceError> {
        let inputs: Vec<&str> =
            study.spec.images.iter().flat_map(|images| images.inputs.keys()).map(String::as_str).collect();
        let path = self.path.clone();
        match (&self.input, base, inputs.as_slice()) {
            (_, _, []) => Err(SourceError::StudyWithoutImages { path, study: study_path.to_path_buf() }),
            (Some(input), _, _) if inputs.contains(&input.as_str()) => Ok(input.clone()),
            (Some(input), _, _) => Err(SourceError::NoSuchInput {
                path,
                input: input.clone(),
                help: suggestion(input, inputs.iter().copied()),
            }),
            (None, RawModel::Network { image, .. } | RawModel::Onnx { image, .. }, _) => Ok(image.clone()),
            (None, _, [only]) => Ok((*only).to_string()),
            (None, _, _) => {
                Err(SourceError::WhichInput { path, inputs: inputs.into_iter().map(str::to_string).collect() })
            }
        }
    }
}

fn base_model<'a>(study: &'a Study, path: &Path, named: Option<&str>) -> Result<&'a RawModel, SourceError> {
    let models = &study.spec.models;
    match (named, models.len()) {
        (Some(name), _) => models.get(name).ok_or_else(|| SourceError::NoSuchModel {
            path: path.to_path_buf(),
            model: name.to_string(),
            help: suggestion(name, models.keys().map(String::as_str)),
        }),
        (None, 1) => Ok(&models[0]),
        (None, _) => {
            Err(SourceError::WhichModel { path: path.to_path_buf(), models: models.keys().cloned().collect() })
        }
    }
}
