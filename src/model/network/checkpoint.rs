//! The state of a training, so that one that was broken off goes on where it stopped and ends with the same weights.

use super::graph::Graph;
use super::optimiser::Adam;
use super::training::{Best, State};
use super::weights::Weights;
use crate::results::EpochFacts;
use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::io;
use std::path::Path;

/// The entry of the file's header with everything that is no tensor.
const ENTRY: &str = "state";

#[derive(Serialize, Deserialize)]
struct Header {
    learning_rate: f64,
    steps: u64,
    best: Option<(usize, f64)>,
    history: Vec<EpochFacts>,
}

/// Writes the state beside its place and then renames it.
pub fn save(path: &Path, graph: &Graph, state: &State) -> io::Result<()> {
    let header = Header {
        learning_rate: state.optimiser.learning_rate,
        steps: state.optimiser.steps,
        best: state.best.as_ref().map(|best| (best.epoch, best.loss)),
        history: state.history.clone(),
    };
    let mut groups = vec![
        ("weights", &state.weights.tensors),
        ("first", &state.optimiser.first),
        ("second", &state.optimiser.second),
    ];
    if let Some(best) = &state.best {
        groups.push(("best", &best.weights.tensors));
    }
    let mut tensors = Vec::new();
    for (group, values) in groups {
        for (tensor, values) in graph.tensors.iter().zip(values) {
            let mut bytes = vec![0; 4 * values.len()];
            for (four, value) in bytes.chunks_exact_mut(4).zip(values) {
                four.copy_from_slice(&value.to_le_bytes());
            }
            tensors.push((format!("{group}/{}", tensor.name), tensor.shape.clone(), bytes));
        }
    }
    let views: Result<Vec<_>, _> = tensors
        .iter()
        .map(|(name, shape, bytes)| Ok((name.as_str(), TensorView::new(Dtype::F32, shape.clone(), bytes)?)))
        .collect();
    let entries = HashMap::from([(ENTRY.to_string(), serde_json::to_string(&header)?)]);
    let bytes = views
        .and_then(|views| safetensors::serialize(views, Some(entries)))
        .map_err(|error| io::Error::other(error.to_string()))?;
    write_whole(path, &bytes)
}

/// The state in a file; `None` where there is none that fits the network.
pub fn load(path: &Path, graph: &Graph) -> Option<State> {
    let bytes = std::fs::read(path).ok()?;
    let (_, metadata) = SafeTensors::read_metadata(&bytes).ok()?;
    let header: Header = serde_json::from_str(metadata.metadata().as_ref()?.get(ENTRY)?).ok()?;
    let file = SafeTensors::deserialize(&bytes).ok()?;
    let group = |group: &str| -> Option<Vec<Vec<f32>>> {
        let tensors = graph.tensors.iter().map(|tensor| {
            let view = file.tensor(&format!("{group}/{}", tensor.name)).ok()?;
            let fits = view.shape() == tensor.shape && view.dtype() == Dtype::F32;
            let numbers =
                view.data().chunks_exact(4).map(|word| f32::from_le_bytes([word[0], word[1], word[2], word[3]]));
            fits.then(|| numbers.collect())
        });
        tensors.collect()
    };
    let best = match header.best {
        Some((epoch, loss)) => Some(Best { epoch, loss, weights: Weights { tensors: group("best")? } }),
        None => None,
    };
    Some(State {
        weights: Weights { tensors: group("weights")? },
        optimiser: Adam {
            learning_rate: header.learning_rate,
            steps: header.steps,
            first: group("first")?,
            second: group("second")?,
        },
        best,
        history: header.history,
    })
}

/// A file that is there is whole.
pub fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let beside = path.with_extension(format!("{}.partial", std::process::id()));
    std::fs::write(&beside, bytes)?;
    std::fs::rename(&beside, path)
}
