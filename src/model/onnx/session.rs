//! A checked network in the back end of this process, and images through it.

use super::inspect::OnnxModel;
use super::runtime::{Backend, Runtime, providers_for};
use crate::model::network::{Batch, ImageStack};
use crate::spec::raw::RawDevice;
use ort::session::Session;
use ort::value::Tensor;
use rayon::prelude::*;

/// A network that is loaded.
pub struct LoadedModel<'a> {
    model: &'a OnnxModel,
    runtime: &'a Runtime,
    device: RawDevice,
}

#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    #[error("the back end ({backend}) cannot load it: {reason}")]
    Load { backend: String, reason: String },
    #[error("the back end ({backend}) failed on it: {reason}")]
    Run { backend: String, reason: String },
    #[error("its output `{name}` holds {found} numbers per image, {needed} are needed")]
    Size { name: String, found: usize, needed: String },
    #[error("its output `{name}` is not finite for the subject in row {row} of the cohort")]
    NotFinite { name: String, row: usize },
}

/// One output for every image.
#[derive(Clone, Debug, PartialEq)]
pub struct Output {
    /// Without the batch axis.
    pub shape: Vec<usize>,
    /// Images × the product of `shape`.
    pub values: Vec<f32>,
}

impl Output {
    pub fn item_size(&self) -> usize {
        self.shape.iter().product()
    }

    pub fn item(&self, index: usize) -> &[f32] {
        &self.values[index * self.item_size()..(index + 1) * self.item_size()]
    }
}

impl<'a> LoadedModel<'a> {
    pub fn new(model: &'a OnnxModel, runtime: &'a Runtime, device: RawDevice) -> Self {
        Self { model, runtime, device }
    }

    /// The outputs of these names for every image of the stack, as it is. Images go through one at a time, so that a
    /// subject's numbers do not depend on who else is in the cohort.
    pub fn run(&self, images: &ImageStack, outputs: &[&str]) -> Result<Vec<Output>, SessionError> {
        let count = images.count();
        let share = count.div_ceil(rayon::current_num_threads().max(1)).max(1);
        let parts: Vec<usize> = (0..count).step_by(share).collect();
        let results: Result<Vec<Vec<Vec<(Vec<usize>, Vec<f32>)>>>, SessionError> = parts
            .into_par_iter()
            .map(|first| {
                let mut session = self.open()?;
                let rows = first..(first + share).min(count);
                rows.map(|row| self.run_one(&mut session, images.batch(&[(row, images.centre())]), outputs, row))
                    .collect()
            })
            .collect();
        let mut collected: Vec<Output> = Vec::new();
        for (row, item) in results?.into_iter().flatten().enumerate() {
            for (index, (shape, values)) in item.into_iter().enumerate() {
                if row == 0 {
                    collected.push(Output { shape, values });
                } else {
                    collected[index].values.extend(values);
                }
            }
        }
        Ok(collected)
    }

    fn open(&self) -> Result<Session, SessionError> {
        let fails = |reason: String| SessionError::Load { backend: self.runtime.name(), reason };
        let mut builder = Session::builder(&self.runtime.environment).map_err(|error| fails(error.to_string()))?;
        if matches!(self.runtime.backend, Backend::OnnxRuntime(_)) {
            builder = builder.with_intra_threads(1).map_err(|error| fails(error.to_string()))?;
            builder = builder
                .with_execution_providers(providers_for(self.device))
                .map_err(|error| fails(format!("the device {:?} cannot be used: {error}", self.device)))?;
        }
        builder.commit_from_memory(&self.model.bytes).map_err(|error| fails(first_line(&error.to_string())))
    }

    fn run_one(
        &self,
        session: &mut Session,
        image: Batch,
        outputs: &[&str],
        row: usize,
    ) -> Result<Vec<(Vec<usize>, Vec<f32>)>, SessionError> {
        let fails = |reason: String| SessionError::Run { backend: self.runtime.name(), reason: first_line(&reason) };
        let shape = [1, image.channels, image.height, image.width];
        let tensor = Tensor::from_array((shape, image.values)).map_err(|error| fails(error.to_string()))?;
        let results =
            session.run(vec![(self.model.input.as_str(), tensor)]).map_err(|error| fails(error.to_string()))?;
        let one = |name: &&str| {
            let value = results.get(name).ok_or_else(|| fails(format!("it gave no output `{name}`")))?;
            let (shape, values) = value.try_extract_tensor::<f32>().map_err(|error| fails(error.to_string()))?;
            if values.iter().any(|value| !value.is_finite()) {
                return Err(SessionError::NotFinite { name: name.to_string(), row: row + 1 });
            }
            let shape = shape.iter().skip(1).map(|length| (*length).max(0) as usize).collect();
            Ok((shape, values.to_vec()))
        };
        outputs.iter().map(one).collect()
    }
}

/// The rest of a back end's message is a trace for its authors.
fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().trim().to_string()
}
