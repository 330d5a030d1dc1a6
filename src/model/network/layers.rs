//! Batch normalisation, pooling, the rectifier and the classifier, forward and backward.

use super::batch::Batch;
use super::graph::Window;
use rayon::prelude::*;

/// Added to the variance before its root.
pub const EPSILON: f32 = 1e-5;
/// The share of a batch's moments in the running ones.
const MOMENTUM: f32 = 0.1;

/// Mean and 1/√(variance + ε) per channel, with which a batch was normalised.
#[derive(Clone, Debug, PartialEq)]
pub struct Moments {
    pub mean: Vec<f32>,
    pub inverse_deviation: Vec<f32>,
    /// Of the batch, with n − 1; for the running variance.
    pub variance: Vec<f32>,
}

impl Moments {
    /// Of a batch.
    pub fn of(input: &Batch) -> Self {
        let n = (input.count * input.plane_size()) as f64;
        let channel = |channel: usize| {
            let planes =
                || (0..input.count).flat_map(|index| input.plane(index, channel)).map(|value| f64::from(*value));
            let mean = planes().sum::<f64>() / n;
            let squares: f64 = planes().map(|value| (value - mean) * (value - mean)).sum();
            (mean as f32, squares)
        };
        let sums: Vec<(f32, f64)> = (0..input.channels).into_par_iter().map(channel).collect();
        Self {
            mean: sums.iter().map(|(mean, _)| *mean).collect(),
            inverse_deviation: sums.iter().map(|(_, squares)| inverse_root((squares / n) as f32)).collect(),
            variance: sums.iter().map(|(_, squares)| (squares / (n - 1.0).max(1.0)) as f32).collect(),
        }
    }

    /// From the running moments.
    pub fn running(mean: &[f32], variance: &[f32]) -> Self {
        Self {
            mean: mean.to_vec(),
            inverse_deviation: variance.iter().map(|variance| inverse_root(*variance)).collect(),
            variance: variance.to_vec(),
        }
    }

    /// Moves the running moments towards these.
    pub fn update(&self, running_mean: &mut [f32], running_variance: &mut [f32]) {
        let pairs = running_mean.iter_mut().zip(&self.mean).chain(running_variance.iter_mut().zip(&self.variance));
        for (running, present) in pairs {
            *running += MOMENTUM * (present - *running);
        }
    }
}

fn inverse_root(variance: f32) -> f32 {
    1.0 / (variance + EPSILON).sqrt()
}

pub fn normalise(input: &Batch, moments: &Moments, scale: &[f32], shift: &[f32]) -> Batch {
    let mut output = input.zeros_like();
    let (size, plane) = (input.item_size(), input.plane_size());
    output.values.par_chunks_mut(size).enumerate().for_each(|(index, item)| {
        for (channel, out) in item.chunks_exact_mut(plane).enumerate() {
            let factor = scale[channel] * moments.inverse_deviation[channel];
            let constant = shift[channel] - factor * moments.mean[channel];
            for (out, value) in out.iter_mut().zip(input.plane(index, channel)) {
                *out = factor * value + constant;
            }
        }
    });
    output
}

pub struct NormalisationGradient {
    pub scale: Vec<f32>,
    pub shift: Vec<f32>,
    pub input: Batch,
}

/// Through the moments of the batch as well.
pub fn normalise_backward(input: &Batch, moments: &Moments, scale: &[f32], above: &Batch) -> NormalisationGradient {
    let n = (input.count * input.plane_size()) as f32;
    // Per channel: the sum of the gradient, and that of the gradient times the normalised value.
    let sums: Vec<(f32, f32)> = (0..input.channels)
        .into_par_iter()
        .map(|channel| {
            let (mean, inverse) = (moments.mean[channel], moments.inverse_deviation[channel]);
            let (mut plain, mut weighted) = (0f64, 0f64);
            for index in 0..input.count {
                for (gradient, value) in above.plane(index, channel).iter().zip(input.plane(index, channel)) {
                    plain += f64::from(*gradient);
                    weighted += f64::from(*gradient * (value - mean) * inverse);
                }
            }
            (plain as f32, weighted as f32)
        })
        .collect();
    let mut gradient = input.zeros_like();
    let (size, plane) = (input.item_size(), input.plane_size());
    gradient.values.par_chunks_mut(size).enumerate().for_each(|(index, item)| {
        for (channel, out) in item.chunks_exact_mut(plane).enumerate() {
            let (mean, inverse) = (moments.mean[channel], moments.inverse_deviation[channel]);
            let (plain, weighted) = sums[channel];
            let factor = scale[channel] * inverse;
            let pairs = above.plane(index, channel).iter().zip(input.plane(index, channel));
            for (out, (above, value)) in out.iter_mut().zip(pairs) {
                *out = factor * (above - plain / n - (value - mean) * inverse * weighted / n);
            }
        }
    });
    NormalisationGradient {
        scale: sums.iter().map(|(_, weighted)| *weighted).collect(),
        shift: sums.iter().map(|(plain, _)| *plain).collect(),
        input: gradient,
    }
}

pub fn rectify(input: &Batch) -> Batch {
    let mut output = input.clone();
    output.values.par_chunks_mut(1 << 14).for_each(|part| part.iter_mut().for_each(|value| *value = value.max(0.0)));
    output
}

/// `output` is that of the rectifier.
pub fn rectify_backward(output: &Batch, mut above: Batch) -> Batch {
    for (gradient, value) in above.values.iter_mut().zip(&output.values) {
        if *value <= 0.0 {
            *gradient = 0.0;
        }
    }
    above
}

/// The pooled maps, and for each of their numbers the place in its plane that it was taken from.
pub struct Pooled {
    pub output: Batch,
    pub places: Vec<u32>,
}

/// The first of equal maxima counts.
pub fn maximum_pool(input: &Batch, window: Window) -> Pooled {
    let (height, width) = (window.places(input.height), window.places(input.width));
    let mut output = Batch::zeros(input.count, input.channels, height, width);
    let mut places = vec![0u32; output.values.len()];
    let plane = height * width;
    let jobs = output.values.par_chunks_mut(plane).zip(places.par_chunks_mut(plane)).enumerate();
    jobs.for_each(|(index, (out, places))| {
        let image = input.plane(index / input.channels, index % input.channels);
        for place in 0..plane {
            let (top, left) = (place / width * window.stride, place % width * window.stride);
            let mut best = (f32::NEG_INFINITY, 0usize);
            for y in (top..top + window.kernel).filter_map(|y| y.checked_sub(window.padding)) {
                for x in (left..left + window.kernel).filter_map(|x| x.checked_sub(window.padding)) {
                    if y < input.height && x < input.width && image[y * input.width + x] > best.0 {
                        best = (image[y * input.width + x], y * input.width + x);
                    }
                }
            }
            out[place] = best.0;
            places[place] = best.1 as u32;
        }
    });
    Pooled { output, places }
}

pub fn maximum_pool_backward(input: &Batch, places: &[u32], above: &Batch) -> Batch {
    let mut gradient = input.zeros_like();
    let (plane, above_plane) = (input.plane_size(), above.plane_size());
    gradient.values.par_chunks_mut(plane).enumerate().for_each(|(index, out)| {
        let range = index * above_plane..(index + 1) * above_plane;
        for (place, value) in places[range.clone()].iter().zip(&above.values[range]) {
            out[*place as usize] += value;
        }
    });
    gradient
}

pub fn global_average(input: &Batch) -> Batch {
    let mut output = Batch::zeros(input.count, input.channels, 1, 1);
    let n = input.plane_size() as f64;
    for (out, plane) in output.values.iter_mut().zip(input.values.chunks_exact(input.plane_size())) {
        *out = (plane.iter().map(|value| f64::from(*value)).sum::<f64>() / n) as f32;
    }
    output
}

pub fn global_average_backward(input: &Batch, above: &Batch) -> Batch {
    let mut gradient = input.zeros_like();
    let n = input.plane_size() as f32;
    for (plane, above) in gradient.values.chunks_exact_mut(input.plane_size()).zip(&above.values) {
        plane.fill(above / n);
    }
    gradient
}

/// `weight` is outputs × inputs.
pub fn linear(input: &Batch, weight: &[f32], bias: &[f32]) -> Batch {
    let mut output = Batch::zeros(input.count, bias.len(), 1, 1);
    for index in 0..input.count {
        for (class, row) in weight.chunks_exact(input.channels).enumerate() {
            let sum: f32 = row.iter().zip(input.item(index)).map(|(weight, value)| weight * value).sum();
            output.values[index * bias.len() + class] = sum + bias[class];
        }
    }
    output
}

pub struct LinearGradient {
    pub weight: Vec<f32>,
    pub bias: Vec<f32>,
    pub input: Batch,
}

pub fn linear_backward(input: &Batch, weight: &[f32], above: &Batch) -> LinearGradient {
    let mut gradient =
        LinearGradient { weight: vec![0.0; weight.len()], bias: vec![0.0; above.channels], input: input.zeros_like() };
    let n = input.channels;
    for index in 0..input.count {
        for (class, above) in above.item(index).iter().enumerate() {
            gradient.bias[class] += above;
            for feature in 0..n {
                gradient.weight[class * n + feature] += above * input.values[index * n + feature];
                gradient.input.values[index * n + feature] += above * weight[class * n + feature];
            }
        }
    }
    gradient
}
