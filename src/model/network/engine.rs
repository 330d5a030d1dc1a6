//! What carries out the steps of training: the CPU, or a GPU.

use super::batch::Batch;
use super::graph::Graph;
use super::loss::cross_entropy;
use super::optimiser::Adam;
use super::passes::{Mode, backward, forward, update_running_moments};
use super::weights::Weights;
use crate::spec::raw::RawProcessor;

/// Holds the weights and the optimiser of one training while it runs.
pub trait Engine {
    /// One step of Adam; the mean loss of the batch before it.
    fn step(&mut self, batch: Batch, targets: &[usize]) -> Result<f64, EngineError>;

    /// What the network says of images, normalised by its running moments.
    fn logits(&mut self, batch: Batch) -> Result<Batch, EngineError>;

    fn weights(&mut self) -> Result<Weights, EngineError>;

    /// The weights and the optimiser as they stand.
    fn state(&mut self) -> Result<(Weights, Adam), EngineError>;
}

#[derive(Clone, Debug, thiserror::Error, PartialEq)]
#[error("no GPU can train networks: {0}")]
pub struct EngineError(pub String);

#[cfg(not(feature = "gpu"))]
const WITHOUT_GPU: &str = "this program was built without its feature `gpu`";

/// `batch` is the largest number of images of a step, `size` their height and width.
pub fn start<'a>(
    processor: RawProcessor,
    graph: &'a Graph,
    batch: usize,
    size: usize,
    weights: Weights,
    optimiser: Adam,
) -> Result<Box<dyn Engine + 'a>, EngineError> {
    match processor {
        RawProcessor::Cpu => Ok(Box::new(Cpu::new(graph, weights, optimiser))),
        #[cfg(feature = "gpu")]
        RawProcessor::Gpu => {
            let device = super::gpu::found()?;
            Ok(Box::new(super::gpu::Gpu::new(device, graph, batch, size, &weights, optimiser)?))
        }
        #[cfg(not(feature = "gpu"))]
        RawProcessor::Gpu => {
            _ = (batch, size);
            Err(EngineError(WITHOUT_GPU.to_string()))
        }
    }
}

/// The GPU that would train a network.
pub fn gpu_name() -> Result<String, EngineError> {
    #[cfg(feature = "gpu")]
    return super::gpu::found().map(|device| device.name);
    #[cfg(not(feature = "gpu"))]
    return Err(EngineError(WITHOUT_GPU.to_string()));
}

/// The training of this program on the processor's cores.
pub struct Cpu<'a> {
    graph: &'a Graph,
    weights: Weights,
    optimiser: Adam,
}

impl<'a> Cpu<'a> {
    pub fn new(graph: &'a Graph, weights: Weights, optimiser: Adam) -> Self {
        Self { graph, weights, optimiser }
    }
}

impl Engine for Cpu<'_> {
    fn step(&mut self, batch: Batch, targets: &[usize]) -> Result<f64, EngineError> {
        let trace = forward(self.graph, &self.weights, batch, Mode::Training);
        let loss = cross_entropy(trace.logits(), targets);
        let gradients = backward(self.graph, &self.weights, &trace, loss.gradient);
        update_running_moments(self.graph, &mut self.weights, &trace);
        self.optimiser.step(self.graph, &mut self.weights, &gradients);
        Ok(loss.value)
    }

    fn logits(&mut self, batch: Batch) -> Result<Batch, EngineError> {
        let mut trace = forward(self.graph, &self.weights, batch, Mode::Evaluation);
        Ok(trace.values.pop().unwrap_or_else(|| Batch::zeros(0, 0, 0, 0)))
    }

    fn weights(&mut self) -> Result<Weights, EngineError> {
        Ok(self.weights.clone())
    }

    fn state(&mut self) -> Result<(Weights, Adam), EngineError> {
        Ok((self.weights.clone(), self.optimiser.clone()))
    }
}
