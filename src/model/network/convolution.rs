//! Two-dimensional convolution by unfolded windows and matrix products, forward and backward.
//!
//! Sums have one order whatever the number of threads: images are shared out in a fixed number of groups, each group
//! adds up its own images, and the groups are added in their order.

use super::batch::Batch;
use super::graph::Window;
use ndarray::linalg::general_mat_mul;
use ndarray::{ArrayView2, ArrayViewMut2};
use rayon::prelude::*;

/// Into how many parts the images of a batch are divided for sums.
const GROUPS: usize = 8;

/// The geometry of one convolution of images of one size.
#[derive(Clone, Copy, Debug)]
struct Plan {
    channels: usize,
    height: usize,
    width: usize,
    out_height: usize,
    out_width: usize,
    window: Window,
}

impl Plan {
    fn new(input: &Batch, window: Window) -> Self {
        Self {
            channels: input.channels,
            height: input.height,
            width: input.width,
            out_height: window.places(input.height),
            out_width: window.places(input.width),
            window,
        }
    }

    /// Rows of the unfolded image: numbers under one window.
    fn rows(&self) -> usize {
        self.channels * self.window.kernel * self.window.kernel
    }

    /// Columns of the unfolded image: places of the window.
    fn places(&self) -> usize {
        self.out_height * self.out_width
    }

    /// The places along a row of the output whose window column `offset` lies inside the image.
    fn inside(&self, offset: usize) -> std::ops::Range<usize> {
        let Window { stride, padding, .. } = self.window;
        let first = padding.saturating_sub(offset).div_ceil(stride);
        let last = (self.width + padding).saturating_sub(offset).div_ceil(stride).min(self.out_width);
        first..last.max(first)
    }

    /// Calls with each stretch of an unfolded row that lies inside the image: where it begins in the unfolded row, where
    /// in the image, and its length; neighbours in the image are `stride` apart.
    fn stretches(&self, row: usize, mut with: impl FnMut(usize, usize, usize)) {
        let Window { kernel, stride, padding } = self.window;
        let (channel, down, right) = (row / (kernel * kernel), row / kernel % kernel, row % kernel);
        let inside = self.inside(right);
        if inside.is_empty() {
            return;
        }
        for place in 0..self.out_height {
            let Some(y) = (place * stride + down).checked_sub(padding).filter(|y| *y < self.height) else { continue };
            let x = inside.start * stride + right - padding;
            let from = (channel * self.height + y) * self.width + x;
            with(place * self.out_width + inside.start, from, inside.len());
        }
    }

    fn unfold(&self, image: &[f32], unfolded: &mut [f32]) {
        let (places, stride) = (self.places(), self.window.stride);
        for (row, values) in unfolded.chunks_exact_mut(places).enumerate() {
            values.fill(0.0);
            self.stretches(row, |to, from, length| {
                if stride == 1 {
                    values[to..to + length].copy_from_slice(&image[from..from + length]);
                } else {
                    for (value, pixel) in values[to..to + length].iter_mut().zip(image[from..].iter().step_by(stride)) {
                        *value = *pixel;
                    }
                }
            });
        }
    }

    /// The transpose of [`Plan::unfold`]: every number is added where it was taken from.
    fn fold(&self, unfolded: &[f32], image: &mut [f32]) {
        let (places, stride) = (self.places(), self.window.stride);
        for (row, values) in unfolded.chunks_exact(places).enumerate() {
            self.stretches(row, |to, from, length| {
                for (value, pixel) in values[to..to + length].iter().zip(image[from..].iter_mut().step_by(stride)) {
                    *pixel += *value;
                }
            });
        }
    }
}

fn matrix(values: &[f32], rows: usize, columns: usize) -> ArrayView2<'_, f32> {
    // Every caller passes as many numbers as rows times columns; anything else gives an empty matrix.
    ArrayView2::from_shape((rows, columns), values).unwrap_or_else(|_| ArrayView2::from(&[[]; 0]))
}

/// `into = beta · into + left · right`
fn product(left: &ArrayView2<f32>, right: &ArrayView2<f32>, beta: f32, into: &mut [f32]) {
    let shape = (left.nrows(), right.ncols());
    if let Ok(mut into) = ArrayViewMut2::from_shape(shape, into) {
        general_mat_mul(1.0, left, right, beta, &mut into);
    }
}

/// `weight` is outputs × channels × kernel × kernel.
pub fn forward(input: &Batch, weight: &[f32], window: Window, outputs: usize) -> Batch {
    let plan = Plan::new(input, window);
    let mut output = Batch::zeros(input.count, outputs, plan.out_height, plan.out_width);
    let weight = matrix(weight, outputs, plan.rows());
    let size = output.item_size();
    output.values.par_chunks_mut(size).enumerate().for_each_init(
        || vec![0.0; plan.rows() * plan.places()],
        |unfolded, (index, out)| {
            plan.unfold(input.item(index), unfolded);
            product(&weight, &matrix(unfolded, plan.rows(), plan.places()), 0.0, out);
        },
    );
    output
}

/// What a convolution passes back.
pub struct Gradient {
    pub weight: Vec<f32>,
    /// `None` where nothing before the convolution is trained.
    pub input: Option<Batch>,
}

pub fn backward(input: &Batch, weight: &[f32], window: Window, output: &Batch, to_input: bool) -> Gradient {
    let plan = Plan::new(input, window);
    let (rows, places, outputs) = (plan.rows(), plan.places(), output.channels);
    let weight_view = matrix(weight, outputs, rows);
    let images = input.count.div_ceil(GROUPS).max(1);
    let mut input_gradient = if to_input { input.zeros_like() } else { Batch::zeros(0, 0, 0, 0) };
    let mut image_groups: Vec<&mut [f32]> =
        input_gradient.values.chunks_mut((images * input.item_size()).max(1)).collect();
    image_groups.resize_with(input.count.div_ceil(images), Default::default);
    let weights: Vec<Vec<f32>> = image_groups
        .into_par_iter()
        .enumerate()
        .map(|(group, gradients)| {
            let mut total = vec![0.0; outputs * rows];
            let mut unfolded = vec![0.0; rows * places];
            for index in group * images..((group + 1) * images).min(input.count) {
                let above = matrix(output.item(index), outputs, places);
                plan.unfold(input.item(index), &mut unfolded);
                product(&above, &matrix(&unfolded, rows, places).t(), 1.0, &mut total);
                if to_input {
                    product(&weight_view.t(), &above, 0.0, &mut unfolded);
                    let start = (index - group * images) * input.item_size();
                    plan.fold(&unfolded, &mut gradients[start..start + input.item_size()]);
                }
            }
            total
        })
        .collect();
    Gradient { weight: add_in_order(weights, weight.len()), input: to_input.then_some(input_gradient) }
}

fn add_in_order(parts: Vec<Vec<f32>>, length: usize) -> Vec<f32> {
    let mut parts = parts.into_iter();
    let mut total = parts.next().unwrap_or_else(|| vec![0.0; length]);
    for part in parts {
        for (sum, value) in total.iter_mut().zip(part) {
            *sum += value;
        }
    }
    total
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_over_a_ramp_by_hand() {
        // 3 × 3 ramp 1..9, a 2 × 2 kernel [[1, 0], [0, −1]], no padding: x(i, j) − x(i + 1, j + 1) = −4 everywhere.
        let input = Batch { count: 1, channels: 1, height: 3, width: 3, values: (1..=9).map(|v| v as f32).collect() };
        let window = Window { kernel: 2, stride: 1, padding: 0 };
        assert_eq!(forward(&input, &[1.0, 0.0, 0.0, -1.0], window, 1).values, [-4.0; 4]);
    }

    #[test]
    fn padding_and_stride_by_hand() {
        // A kernel of ones of width 3 with padding 1 and stride 2 over 1..9: sums of the corners' neighbourhoods.
        let input = Batch { count: 1, channels: 1, height: 3, width: 3, values: (1..=9).map(|v| v as f32).collect() };
        let window = Window { kernel: 3, stride: 2, padding: 1 };
        // Upper left: 1 + 2 + 4 + 5; upper right: 2 + 3 + 5 + 6; lower left: 4 + 5 + 7 + 8; lower right: 5 + 6 + 8 + 9.
        assert_eq!(forward(&input, &[1.0; 9], window, 1).values, [12.0, 16.0, 24.0, 28.0]);
    }

    #[test]
    fn folding_is_the_transpose_of_unfolding() {
        let input = Batch {
            count: 1,
            channels: 2,
            height: 5,
            width: 4,
            values: (0..40).map(|v| ((v * 7 % 11) as f32) - 5.0).collect(),
        };
        for window in [
            Window { kernel: 3, stride: 1, padding: 1 },
            Window { kernel: 3, stride: 2, padding: 1 },
            Window { kernel: 1, stride: 2, padding: 0 },
            Window { kernel: 7, stride: 2, padding: 3 },
        ] {
            let plan = Plan::new(&input, window);
            let mut unfolded = vec![0.0; plan.rows() * plan.places()];
            plan.unfold(&input.values, &mut unfolded);
            let other: Vec<f32> = (0..unfolded.len()).map(|v| ((v * 5 % 13) as f32) - 6.0).collect();
            let mut folded = vec![0.0; input.values.len()];
            plan.fold(&other, &mut folded);
            // ⟨unfold x, y⟩ = ⟨x, fold y⟩; whole numbers, so exactly.
            let left: f32 = unfolded.iter().zip(&other).map(|(x, y)| x * y).sum();
            let right: f32 = input.values.iter().zip(&folded).map(|(x, y)| x * y).sum();
            assert_eq!(left, right, "{window:?}");
        }
    }
}
