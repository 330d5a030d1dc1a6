//! The numbers of a network: initial values, and files of weights with the names of torchvision.

use super::graph::{Graph, Role};
use crate::stats::random::{Seed, Stream};
use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};

/// One vector per entry of [`Graph::tensors`].
#[derive(Clone, Debug, PartialEq)]
pub struct Weights {
    pub tensors: Vec<Vec<f32>>,
}

/// A tensor of a file.
pub struct Named {
    pub shape: Vec<usize>,
    pub values: Vec<f32>,
}

/// Why a file of weights does not fit a network.
#[derive(Debug, thiserror::Error)]
pub enum WeightsError {
    #[error("it is not a safetensors file: {0}")]
    NotSafetensors(String),
    #[error("it has no tensor `{0}`")]
    Missing(String),
    #[error("its tensor `{name}` has shape {found:?}; the network needs {needed:?}")]
    Shape { name: String, found: Vec<usize>, needed: Vec<usize> },
    #[error("its tensor `{name}` is {found}; 32-bit floats are needed")]
    Type { name: String, found: String },
    #[error("its tensor `{0}` holds a number that is not finite")]
    NotFinite(String),
}

impl Weights {
    /// Kernels by He et al. (2015, doi:10.1109/ICCV.2015.123) over the outputs, as torchvision does; the classifier uniform
    /// within ±1/√inputs; scales 1, shifts 0.
    pub fn random(graph: &Graph, seed: Seed) -> Self {
        let tensors = graph.tensors.iter().map(|tensor| {
            let mut stream = seed.child(&tensor.name).stream();
            let size = tensor.size();
            match tensor.role {
                Role::Kernel => {
                    let fan_out = tensor.shape[0] * tensor.shape[2] * tensor.shape[3];
                    let deviation = (2.0 / fan_out as f64).sqrt();
                    (0..size).map(|_| (deviation * standard_normal(&mut stream)) as f32).collect()
                }
                Role::LinearWeight => uniform(&mut stream, size, tensor.shape[1]),
                Role::Bias => uniform(&mut stream, size, graph.features()),
                Role::Scale | Role::RunningVariance => vec![1.0; size],
                Role::Shift | Role::RunningMean => vec![0.0; size],
            }
        });
        Self { tensors: tensors.collect() }
    }

    /// These weights with a classifier of `graph` in the place of their own.
    pub fn with_new_classifier(&self, graph: &Graph, seed: Seed) -> Self {
        let fresh = Self::random(graph, seed);
        let pairs = graph.tensors.iter().zip(self.tensors.iter().zip(fresh.tensors));
        let tensors = pairs.map(|(tensor, (old, new))| match tensor.role {
            Role::LinearWeight | Role::Bias => new,
            _ => old.clone(),
        });
        Self { tensors: tensors.collect() }
    }

    /// From a safetensors file with the names of torchvision.
    pub fn from_safetensors(graph: &Graph, bytes: &[u8], seed: Seed) -> Result<Self, WeightsError> {
        let file = SafeTensors::deserialize(bytes).map_err(|error| WeightsError::NotSafetensors(error.to_string()))?;
        Self::from_named(graph, seed, |name| match file.tensor(name) {
            Ok(view) => Ok(Some(Named { shape: view.shape().to_vec(), values: numbers(name, &view)? })),
            Err(_) => Ok(None),
        })
    }

    /// From tensors by their names in torchvision. The classifier may be of other classes or absent: it is then drawn anew.
    /// A first convolution of three channels is spread evenly where the images have another number.
    pub fn from_named(
        graph: &Graph,
        seed: Seed,
        find: impl Fn(&str) -> Result<Option<Named>, WeightsError>,
    ) -> Result<Self, WeightsError> {
        let mut weights = Self::random(graph, seed);
        for (tensor, values) in graph.tensors.iter().zip(&mut weights.tensors) {
            let is_classifier = matches!(tensor.role, Role::LinearWeight | Role::Bias);
            let Some(found) = find(&tensor.name)? else {
                if is_classifier {
                    continue;
                }
                return Err(WeightsError::Missing(tensor.name.clone()));
            };
            if is_classifier && found.shape != tensor.shape {
                continue;
            }
            *values = match (found.shape.as_slice(), tensor.shape.as_slice()) {
                (shape, needed) if shape == needed => found.values,
                ([outputs, 3, height, width], [o, channels, h, w]) if [outputs, height, width] == [o, h, w] => {
                    spread_colours(&found.values, *outputs, height * width, *channels)
                }
                (shape, needed) => {
                    return Err(WeightsError::Shape {
                        name: tensor.name.clone(),
                        found: shape.to_vec(),
                        needed: needed.to_vec(),
                    });
                }
            };
        }
        Ok(weights)
    }

    pub fn to_safetensors(&self, graph: &Graph) -> Result<Vec<u8>, WeightsError> {
        let bytes: Vec<Vec<u8>> =
            self.tensors.iter().map(|values| values.iter().flat_map(|value| value.to_le_bytes()).collect()).collect();
        let views: Result<Vec<_>, _> = graph
            .tensors
            .iter()
            .zip(&bytes)
            .map(|(tensor, bytes)| {
                Ok((tensor.name.as_str(), TensorView::new(Dtype::F32, tensor.shape.clone(), bytes)?))
            })
            .collect();
        views
            .and_then(|views| safetensors::serialize(views, None))
            .map_err(|error| WeightsError::NotSafetensors(error.to_string()))
    }
}

fn numbers(name: &str, view: &TensorView<'_>) -> Result<Vec<f32>, WeightsError> {
    if view.dtype() != Dtype::F32 {
        return Err(WeightsError::Type { name: name.to_string(), found: format!("{:?}", view.dtype()) });
    }
    let values: Vec<f32> =
        view.data().chunks_exact(4).map(|bytes| f32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])).collect();
    if values.iter().all(|value| value.is_finite()) {
        Ok(values)
    } else {
        Err(WeightsError::NotFinite(name.to_string()))
    }
}

/// Sums over three colours, spread evenly over `channels`: a grey image in every channel then gives what it gave in colour.
fn spread_colours(values: &[f32], outputs: usize, plane: usize, channels: usize) -> Vec<f32> {
    let mut result = Vec::with_capacity(outputs * channels * plane);
    for kernel in values.chunks_exact(3 * plane) {
        for _ in 0..channels {
            let sum = |place: usize| kernel[place] + kernel[plane + place] + kernel[2 * plane + place];
            result.extend((0..plane).map(|place| sum(place) / channels as f32));
        }
    }
    result
}

fn uniform(stream: &mut Stream, size: usize, inputs: usize) -> Vec<f32> {
    let bound = 1.0 / (inputs as f64).sqrt();
    (0..size).map(|_| (bound * (2.0 * stream.unit() - 1.0)) as f32).collect()
}

/// Box and Muller.
fn standard_normal(stream: &mut Stream) -> f64 {
    let radius = (-2.0 * libm::log(1.0 - stream.unit())).sqrt();
    radius * libm::cos(std::f64::consts::TAU * stream.unit())
}

#[cfg(test)]
mod tests {
    use super::super::architecture::Architecture;
    use super::*;
    use crate::spec::raw::RawArchitecture;

    #[test]
    fn a_file_of_weights_comes_back_and_a_wrong_one_is_named() {
        let graph = Architecture::of(RawArchitecture::Tiny).graph(1, 2);
        let weights = Weights::random(&graph, Seed::from_study(3));
        let bytes = weights.to_safetensors(&graph).unwrap();
        assert_eq!(Weights::from_safetensors(&graph, &bytes, Seed::from_study(4)).unwrap(), weights);
        let wider = Architecture::of(RawArchitecture::Small).graph(1, 2);
        let error = Weights::from_safetensors(&wider, &bytes, Seed::from_study(4)).unwrap_err();
        assert!(error.to_string().contains("conv1.weight"), "{error}");
        assert!(matches!(
            Weights::from_safetensors(&graph, b"no file", Seed::from_study(4)),
            Err(WeightsError::NotSafetensors(_))
        ));
    }

    #[test]
    fn three_colours_become_one_channel() {
        let colour = Architecture::of(RawArchitecture::Tiny).graph(3, 1000);
        let grey = Architecture::of(RawArchitecture::Tiny).graph(1, 2);
        let weights = Weights::random(&colour, Seed::from_study(3));
        let bytes = weights.to_safetensors(&colour).unwrap();
        let loaded = Weights::from_safetensors(&grey, &bytes, Seed::from_study(4)).unwrap();
        let sum = weights.tensors[0][0] + weights.tensors[0][9] + weights.tensors[0][18];
        assert_eq!(loaded.tensors[0][0], sum);
    }
}
