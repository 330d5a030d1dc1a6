//! Adam (Kingma and Ba 2015, arXiv:1412.6980), with bias correction and without weight decay.

use super::graph::Graph;
use super::weights::Weights;

pub const BETA_1: f64 = 0.9;
pub const BETA_2: f64 = 0.999;
pub const EPSILON: f32 = 1e-8;

#[derive(Clone, Debug, PartialEq)]
pub struct Adam {
    pub learning_rate: f64,
    pub steps: u64,
    /// Running means of the gradients and of their squares, one vector per tensor.
    pub first: Vec<Vec<f32>>,
    pub second: Vec<Vec<f32>>,
}

/// What the bias correction makes of a step.
pub struct Rates {
    /// The learning rate with the correction of the mean.
    pub rate: f32,
    /// The root of the correction of the squares.
    pub root: f32,
}

impl Adam {
    pub fn new(graph: &Graph, learning_rate: f64) -> Self {
        let zeros: Vec<Vec<f32>> = graph.tensors.iter().map(|tensor| vec![0.0; tensor.size()]).collect();
        Self { learning_rate, steps: 0, first: zeros.clone(), second: zeros }
    }

    /// Counts a step, and gives its rates.
    pub fn next_rates(&mut self) -> Rates {
        self.steps += 1;
        let correction = |beta: f64| 1.0 - libm::pow(beta, self.steps as f64);
        Rates { rate: (self.learning_rate / correction(BETA_1)) as f32, root: correction(BETA_2).sqrt() as f32 }
    }

    pub fn step(&mut self, graph: &Graph, weights: &mut Weights, gradients: &[Vec<f32>]) {
        let Rates { rate, root } = self.next_rates();
        let (beta_1, beta_2) = (BETA_1 as f32, BETA_2 as f32);
        for (index, tensor) in graph.tensors.iter().enumerate() {
            if !tensor.role.is_trained() {
                continue;
            }
            let moments = self.first[index].iter_mut().zip(&mut self.second[index]);
            for ((weight, gradient), (first, second)) in
                weights.tensors[index].iter_mut().zip(&gradients[index]).zip(moments)
            {
                *first = beta_1 * *first + (1.0 - beta_1) * gradient;
                *second = beta_2 * *second + (1.0 - beta_2) * gradient * gradient;
                *weight -= rate * *first / (second.sqrt() / root + EPSILON);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::architecture::Architecture;
    use super::*;
    use crate::spec::raw::RawArchitecture;
    use crate::stats::random::Seed;

    #[test]
    fn the_first_step_has_the_length_of_the_learning_rate() {
        // After bias correction the first step is −rate · g/(|g| + ε): the sign of the gradient times the rate.
        let graph = Architecture::of(RawArchitecture::Tiny).graph(1, 2);
        let mut weights = Weights::random(&graph, Seed::from_study(1));
        let before = weights.clone();
        let gradients: Vec<Vec<f32>> = graph.tensors.iter().map(|tensor| vec![-0.3; tensor.size()]).collect();
        Adam::new(&graph, 1e-3).step(&graph, &mut weights, &gradients);
        for (tensor, (after, before)) in graph.tensors.iter().zip(weights.tensors.iter().zip(&before.tensors)) {
            let expected = if tensor.role.is_trained() { 1e-3 } else { 0.0 };
            for (after, before) in after.iter().zip(before) {
                assert!((after - before - expected).abs() < 1e-6, "{}", tensor.name);
            }
        }
    }
}
