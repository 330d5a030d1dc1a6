//! A batch through a graph, and gradients back through it.

use super::batch::Batch;
use super::convolution;
use super::graph::{Graph, NodeIndex, Operation};
use super::layers::{self, Moments};
use super::weights::Weights;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Normalised by the batch's own moments.
    Training,
    /// Normalised by the running moments.
    Evaluation,
}

/// What every node gave, with what the way back needs.
pub struct Trace {
    pub values: Vec<Batch>,
    moments: Vec<Option<Moments>>,
    places: Vec<Vec<u32>>,
}

impl Trace {
    pub fn logits(&self) -> &Batch {
        &self.values[self.values.len() - 1]
    }
}

pub fn forward(graph: &Graph, weights: &Weights, input: Batch, mode: Mode) -> Trace {
    let mut trace = Trace { values: Vec::with_capacity(graph.nodes.len()), moments: vec![], places: vec![] };
    let mut input = Some(input);
    for node in &graph.nodes {
        let of = |index: usize| &trace.values[node.inputs[index]];
        let tensor = |index: usize| weights.tensors[index].as_slice();
        let (mut moments, mut places) = (None, Vec::new());
        let value = match &node.operation {
            Operation::Input => input.take().unwrap_or_else(|| Batch::zeros(0, graph.channels, 0, 0)),
            Operation::Convolution { weight, window, outputs } => {
                convolution::forward(of(0), tensor(*weight), *window, *outputs)
            }
            Operation::Normalisation { scale, shift, mean, variance } => {
                let found = match mode {
                    Mode::Training => Moments::of(of(0)),
                    Mode::Evaluation => Moments::running(tensor(*mean), tensor(*variance)),
                };
                let value = layers::normalise(of(0), &found, tensor(*scale), tensor(*shift));
                moments = Some(found);
                value
            }
            Operation::Rectifier => layers::rectify(of(0)),
            Operation::MaximumPool { window } => {
                let pooled = layers::maximum_pool(of(0), *window);
                places = pooled.places;
                pooled.output
            }
            Operation::Sum => {
                let mut sum = of(0).clone();
                sum.values.iter_mut().zip(&of(1).values).for_each(|(left, right)| *left += right);
                sum
            }
            Operation::GlobalAverage => layers::global_average(of(0)),
            Operation::Linear { weight, bias, .. } => layers::linear(of(0), tensor(*weight), tensor(*bias)),
        };
        trace.values.push(value);
        trace.moments.push(moments);
        trace.places.push(places);
    }
    trace
}

/// Gradients of the loss in every tensor; those of running moments stay zero.
pub fn backward(graph: &Graph, weights: &Weights, trace: &Trace, of_logits: Batch) -> Vec<Vec<f32>> {
    let mut gradients: Vec<Vec<f32>> = graph.tensors.iter().map(|tensor| vec![0.0; tensor.size()]).collect();
    let mut above: Vec<Option<Batch>> = vec![None; graph.nodes.len()];
    above[graph.logits()] = Some(of_logits);
    for (index, node) in graph.nodes.iter().enumerate().rev() {
        let Some(gradient) = above[index].take() else { continue };
        let from = node.inputs.first().copied().unwrap_or(0);
        let input = &trace.values[from];
        match &node.operation {
            Operation::Input => {}
            Operation::Convolution { weight, window, .. } => {
                let result = convolution::backward(input, &weights.tensors[*weight], *window, &gradient, from != 0);
                gradients[*weight] = result.weight;
                if let Some(gradient) = result.input {
                    add(&mut above, from, gradient);
                }
            }
            Operation::Normalisation { scale, shift, .. } => {
                if let Some(moments) = &trace.moments[index] {
                    let result = layers::normalise_backward(input, moments, &weights.tensors[*scale], &gradient);
                    gradients[*scale] = result.scale;
                    gradients[*shift] = result.shift;
                    add(&mut above, from, result.input);
                }
            }
            Operation::Rectifier => add(&mut above, from, layers::rectify_backward(&trace.values[index], gradient)),
            Operation::MaximumPool { .. } => {
                add(&mut above, from, layers::maximum_pool_backward(input, &trace.places[index], &gradient));
            }
            Operation::Sum => {
                add(&mut above, node.inputs[1], gradient.clone());
                add(&mut above, from, gradient);
            }
            Operation::GlobalAverage => add(&mut above, from, layers::global_average_backward(input, &gradient)),
            Operation::Linear { weight, bias, .. } => {
                let result = layers::linear_backward(input, &weights.tensors[*weight], &gradient);
                gradients[*weight] = result.weight;
                gradients[*bias] = result.bias;
                add(&mut above, from, result.input);
            }
        }
    }
    gradients
}

/// A node that several others use collects what each passes back.
fn add(above: &mut [Option<Batch>], node: NodeIndex, gradient: Batch) {
    match &mut above[node] {
        Some(sum) => sum.values.iter_mut().zip(gradient.values).for_each(|(sum, value)| *sum += value),
        empty => *empty = Some(gradient),
    }
}

/// Moves the running moments of the weights towards those of a training batch.
pub fn update_running_moments(graph: &Graph, weights: &mut Weights, trace: &Trace) {
    for (node, moments) in graph.nodes.iter().zip(&trace.moments) {
        if let (Operation::Normalisation { mean, variance, .. }, Some(moments)) = (&node.operation, moments) {
            let mut running_mean = std::mem::take(&mut weights.tensors[*mean]);
            moments.update(&mut running_mean, &mut weights.tensors[*variance]);
            weights.tensors[*mean] = running_mean;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::architecture::Architecture;
    use super::super::graph::Window;
    use super::super::loss::cross_entropy;
    use super::*;
    use crate::stats::random::Seed;

    /// Every kind of operation, gradients held to differences of the loss.
    #[test]
    fn gradients_are_those_of_the_loss() {
        let architecture = Architecture {
            stem: Window { kernel: 3, stride: 1, padding: 1 },
            stem_pool: true,
            widths: vec![3, 4],
            blocks_per_stage: 1,
        };
        let graph = architecture.graph(2, 3);
        let seed = Seed::from_study(5);
        let weights = Weights::random(&graph, seed);
        let mut stream = seed.child("images").stream();
        let values = (0..4 * 2 * 8 * 8).map(|_| stream.unit() as f32 - 0.5).collect();
        let input = Batch { count: 4, channels: 2, height: 8, width: 8, values };
        let targets = [0, 2, 1, 2];
        let loss_of = |weights: &Weights| {
            cross_entropy(forward(&graph, weights, input.clone(), Mode::Training).logits(), &targets).value
        };
        let trace = forward(&graph, &weights, input.clone(), Mode::Training);
        let gradients = backward(&graph, &weights, &trace, cross_entropy(trace.logits(), &targets).gradient);
        for (index, tensor) in graph.tensors.iter().enumerate().filter(|(_, tensor)| tensor.role.is_trained()) {
            // Along the gradient itself the loss rises by its squared length: one number per tensor.
            let length: f64 = gradients[index].iter().map(|value| f64::from(*value).powi(2)).sum::<f64>().sqrt();
            let moved = |step: f64| {
                let mut weights = weights.clone();
                for (weight, gradient) in weights.tensors[index].iter_mut().zip(&gradients[index]) {
                    *weight += (step * f64::from(*gradient) / length) as f32;
                }
                loss_of(&weights)
            };
            let step = 2e-3;
            let slope = (moved(step) - moved(-step)) / (2.0 * step);
            assert!((slope - length).abs() < 0.02 * length.max(0.02), "{}: {slope} {length}", tensor.name);
        }
    }
}
