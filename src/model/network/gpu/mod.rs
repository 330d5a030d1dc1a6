//! Training on a GPU, by compute shaders through Vulkan: any maker's card, and Mesa's software device in the tests.
//!
//! The same graph, the same loss and the same steps of Adam as on the CPU, in the same order; sums have one order on one
//! device, so that a training repeats itself there. Another device rounds otherwise, and its weights differ in the end, as
//! they do between any two libraries: what is evaluated is the ONNX file that was written.

mod device;
mod plan;
#[cfg(test)]
mod tests;

pub use device::{Device, found};

use super::batch::Batch;
use super::engine::{Engine, EngineError};
use super::graph::Graph;
use super::loss::cross_entropy;
use super::optimiser::{Adam, BETA_1, BETA_2, EPSILON};
use super::weights::Weights;
use plan::{Plan, Plans};

/// A network on a GPU, with its optimiser.
pub struct Gpu {
    device: Device,
    plans: Plans,
    /// Lengths of the tensors, which lie behind each other in one buffer.
    sizes: Vec<usize>,
    optimiser: Adam,
    rates: wgpu::Buffer,
}

impl Gpu {
    /// `batch` is the largest number of images of a step, `size` their height and width.
    pub fn new(
        device: Device,
        graph: &Graph,
        batch: usize,
        size: usize,
        weights: &Weights,
        optimiser: Adam,
    ) -> Result<Self, EngineError> {
        let rates = device.uniform(8);
        let plans = Plans::new(&device, graph, batch, size, &rates)?;
        device.write(&plans.buffers.parameters, &weights.tensors.concat());
        device.write(&plans.buffers.first, &optimiser.first.concat());
        device.write(&plans.buffers.second, &optimiser.second.concat());
        device.check()?;
        let sizes = weights.tensors.iter().map(Vec::len).collect();
        Ok(Self { device, plans, sizes, optimiser, rates })
    }

    fn tensors(&self, buffer: &wgpu::Buffer) -> Result<Vec<Vec<f32>>, EngineError> {
        let values = self.device.read(buffer, self.sizes.iter().sum())?;
        let mut rest = values.as_slice();
        let mut tensors = Vec::with_capacity(self.sizes.len());
        for size in &self.sizes {
            let (tensor, after) = rest.split_at(*size);
            tensors.push(tensor.to_vec());
            rest = after;
        }
        Ok(tensors)
    }

    /// Runs a plan on a batch and reads its logits.
    fn forward(&mut self, batch: &Batch, plan: &Plan) -> Result<Batch, EngineError> {
        self.device.write(self.plans.buffers.input(), &batch.values);
        self.device.run(plan);
        let classes = self.plans.classes;
        let values = self.device.read(self.plans.buffers.logits(), batch.count * classes)?;
        Ok(Batch { count: batch.count, channels: classes, height: 1, width: 1, values })
    }
}

impl Engine for Gpu {
    fn step(&mut self, batch: Batch, targets: &[usize]) -> Result<f64, EngineError> {
        let steps = self.plans.training(&self.device, batch.count)?;
        let logits = self.forward(&batch, &steps.forward)?;
        let loss = cross_entropy(&logits, targets);
        self.device.write(self.plans.buffers.above_logits(), &loss.gradient.values);
        let rates = self.optimiser.next_rates();
        let size: usize = self.sizes.iter().sum();
        let words = [rates.rate, rates.root, BETA_1 as f32, BETA_2 as f32, EPSILON].map(f32::to_bits);
        self.device.write_words(&self.rates, &[words.as_slice(), &[size as u32]].concat());
        self.device.run(&steps.backward);
        self.device.check()?;
        Ok(loss.value)
    }

    fn logits(&mut self, batch: Batch) -> Result<Batch, EngineError> {
        let plan = self.plans.evaluation(&self.device, batch.count)?;
        self.forward(&batch, &plan)
    }

    fn weights(&mut self) -> Result<Weights, EngineError> {
        Ok(Weights { tensors: self.tensors(&self.plans.buffers.parameters)? })
    }

    fn state(&mut self) -> Result<(Weights, Adam), EngineError> {
        self.optimiser.first = self.tensors(&self.plans.buffers.first)?;
        self.optimiser.second = self.tensors(&self.plans.buffers.second)?;
        Ok((self.weights()?, self.optimiser.clone()))
    }
}
