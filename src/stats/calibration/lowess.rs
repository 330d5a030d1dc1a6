//! Lowess: a locally weighted straight line, robust iterations optional.
//!
//! Estimand: the mean of y as a smooth function of x.
//!
//! Method (Cleveland 1979, 1981): at a point x₀ the nearest ⌊f n⌋ (at least 2) points are weighted by
//! (1 − (|x − x₀|/h)³)³, h the distance of the farthest of them (weight 1 within 0.001 h, 0 beyond 0.999 h), and a
//! weighted line is fitted; where the weighted spread of x is below 0.001 of its range, a weighted mean. The line is
//! fitted at points at least `delta` apart and joined straight between them. Each robust iteration multiplies the
//! weights by the bisquare (1 − (r/6m)²)² of the residuals r, m their median absolute value.
//!
//! Input: as many x as y, finite. Output: by ascending x, ties in x have one value. Row order does not matter, bit for bit.
//! Cost: n per fitted point, of which there are at most about range/delta.
//! Edge cases: one point is returned as it is; when all x are equal the value is the mean of y over the window.
//!
//! Source: Cleveland 1979, doi:10.1080/01621459.1979.10481038; Cleveland 1981, doi:10.2307/2683591.
//! Oracle: R 4.2.2 `lowess`, by way of rms 6.5-0 `val.prob`.

use crate::stats::error::{StatsError, require_finite, require_same_length};

/// How the curve is fitted.
#[derive(Clone, Debug, PartialEq)]
pub struct LowessOptions {
    /// Share of the points in each window; 2/3.
    pub span: f64,
    /// Robust iterations; 3 (calibration curves of a 0/1 outcome want 0).
    pub iterations: usize,
    /// Least distance of fitted points, as a share of the range of x; 0.01.
    pub delta: f64,
}

impl Default for LowessOptions {
    fn default() -> Self {
        Self { span: 2.0 / 3.0, iterations: 3, delta: 0.01 }
    }
}

/// A curve, by ascending x; x may repeat, with the same y.
#[derive(Clone, Debug, PartialEq)]
pub struct SmoothCurve {
    /// Ascending.
    pub x: Vec<f64>,
    /// Smoothed.
    pub y: Vec<f64>,
}

/// Smooths y over x.
pub fn lowess(x: &[f64], y: &[f64], options: &LowessOptions) -> Result<SmoothCurve, StatsError> {
    require_same_length("x", x.len(), "y", y.len())?;
    if x.is_empty() {
        return Err(StatsError::Empty { what: "x" });
    }
    require_finite("x", x)?;
    require_finite("y", y)?;
    if !(options.span > 0.0 && options.span <= 1.0) {
        return Err(StatsError::OutOfRange { what: "span", value: options.span, expected: "above 0 and at most 1" });
    }
    if !(options.delta >= 0.0 && options.delta.is_finite()) {
        return Err(StatsError::OutOfRange { what: "delta", value: options.delta, expected: "zero or positive" });
    }
    let mut rows: Vec<(f64, f64)> = x.iter().copied().zip(y.iter().copied()).collect();
    rows.sort_unstable_by(|left, right| left.0.total_cmp(&right.0).then(left.1.total_cmp(&right.1)));
    let (x, y): (Vec<f64>, Vec<f64>) = rows.into_iter().unzip();
    let n = x.len();
    if n == 1 {
        return Ok(SmoothCurve { x, y });
    }
    let range = x[n - 1] - x[0];
    let window = ((options.span * n as f64 + 1e-7) as usize).clamp(2, n);
    let mut smoother =
        Smoother { x: &x, y: &y, range, window, delta: options.delta * range, robustness: None, weights: vec![0.0; n] };
    let mut fitted = smoother.curve();
    for _ in 0..options.iterations {
        let residuals: Vec<f64> = y.iter().zip(&fitted).map(|(y, fitted)| y - fitted).collect();
        match robustness(&residuals) {
            Some(weights) => smoother.robustness = Some(weights),
            None => break,
        }
        fitted = smoother.curve();
    }
    Ok(SmoothCurve { x, y: fitted })
}

struct Smoother<'a> {
    x: &'a [f64],
    y: &'a [f64],
    range: f64,
    window: usize,
    delta: f64,
    robustness: Option<Vec<f64>>,
    /// Scratch: weights of the present window.
    weights: Vec<f64>,
}

impl Smoother<'_> {
    fn curve(&mut self) -> Vec<f64> {
        let n = self.x.len();
        let mut fitted = vec![0.0; n];
        let mut left = 0;
        // The last point that has its value, and the next that is to be fitted.
        let mut last: Option<usize> = None;
        let mut at = 0;
        loop {
            while left + self.window < n && self.x[at] - self.x[left] > self.x[left + self.window] - self.x[at] {
                left += 1;
            }
            fitted[at] = self.fit(at, left).unwrap_or(self.y[at]);
            if let Some(last) = last {
                let step = self.x[at] - self.x[last];
                for between in last + 1..at {
                    let part = (self.x[between] - self.x[last]) / step;
                    fitted[between] = part * fitted[at] + (1.0 - part) * fitted[last];
                }
            }
            let mut done = at;
            let reach = self.x[done] + self.delta;
            let mut next = done + 1;
            while next < n && self.x[next] <= reach {
                if self.x[next] == self.x[done] {
                    fitted[next] = fitted[done];
                    done = next;
                }
                next += 1;
            }
            if done + 1 >= n {
                return fitted;
            }
            at = (done + 1).max(next - 1);
            last = Some(done);
        }
    }

    /// The weighted line at x\[at\] through the window from `left` on, and the points tied with its right end.
    fn fit(&mut self, at: usize, left: usize) -> Option<f64> {
        let x0 = self.x[at];
        let right = left + self.window - 1;
        let reach = (x0 - self.x[left]).max(self.x[right] - x0);
        let (near, far) = (0.001 * reach, 0.999 * reach);
        let mut end = left;
        let mut total = 0.0;
        while end < self.x.len() {
            let distance = (self.x[end] - x0).abs();
            let mut weight = 0.0;
            if distance <= far {
                weight = if distance <= near { 1.0 } else { (1.0 - (distance / reach).powi(3)).powi(3) };
                if let Some(robustness) = &self.robustness {
                    weight *= robustness[end];
                }
            } else if self.x[end] > x0 {
                break;
            }
            self.weights[end] = weight;
            total += weight;
            end += 1;
        }
        if total <= 0.0 {
            return None;
        }
        let weights = &mut self.weights[left..end];
        let (x, y) = (&self.x[left..end], &self.y[left..end]);
        weights.iter_mut().for_each(|weight| *weight /= total);
        if reach > 0.0 {
            let mean: f64 = weights.iter().zip(x).map(|(w, x)| w * x).sum();
            let spread: f64 = weights.iter().zip(x).map(|(w, x)| w * (x - mean) * (x - mean)).sum();
            if spread.sqrt() > 0.001 * self.range {
                let slope = (x0 - mean) / spread;
                weights.iter_mut().zip(x).for_each(|(w, x)| *w *= slope * (x - mean) + 1.0);
            }
        }
        Some(weights.iter().zip(y).map(|(w, y)| w * y).sum())
    }
}

/// Bisquare weights of the residuals; `None` when the fit is as good as exact.
fn robustness(residuals: &[f64]) -> Option<Vec<f64>> {
    let n = residuals.len();
    let absolute: Vec<f64> = residuals.iter().map(|residual| residual.abs()).collect();
    let scale = absolute.iter().sum::<f64>() / n as f64;
    let mut sorted = absolute.clone();
    sorted.sort_unstable_by(f64::total_cmp);
    // Six times the median absolute residual.
    let limit = 3.0 * (sorted[n / 2] + sorted[(n - 1) / 2]);
    if limit < 1e-7 * scale {
        return None;
    }
    let weight = |residual: &f64| {
        if *residual <= 0.001 * limit {
            1.0
        } else if *residual <= 0.999 * limit {
            (1.0 - (residual / limit).powi(2)).powi(2)
        } else {
            0.0
        }
    };
    Some(absolute.iter().map(weight).collect())
}

impl SmoothCurve {
    /// The curve at `x`, straight between its points, level beyond its ends.
    pub fn at(&self, x: f64) -> f64 {
        let above = self.x.partition_point(|point| *point < x);
        if above == 0 {
            return self.y.first().copied().unwrap_or(f64::NAN);
        }
        let Some(right) = self.x.get(above) else {
            return self.y[above - 1];
        };
        if *right == x {
            return self.y[above];
        }
        let part = (x - self.x[above - 1]) / (right - self.x[above - 1]);
        self.y[above - 1] + part * (self.y[above] - self.y[above - 1])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_straight_line_is_kept() {
        let x: Vec<f64> = (0..50).map(|i| f64::from(i * i)).collect();
        let y: Vec<f64> = x.iter().map(|x| 3.0 - 0.25 * x).collect();
        let curve = lowess(&x, &y, &LowessOptions::default()).unwrap();
        assert!(curve.y.iter().zip(&y).all(|(fitted, y)| (fitted - y).abs() < 1e-9));
    }

    #[test]
    fn three_points_by_hand() {
        // x = 0, 1, 3; span 1, delta 0, no robust iteration. At 1: h = 2; weights (1 − 1/8)³ = 343/512 at distance 1, 1 at
        // 0, and 0 at distance 2 (beyond 0.999 h). Two points: the line passes through (1, 4). At 0: h = 3, weights
        // 1 and (26/27)³ for x = 0 and 1: passes through (0, 1).
        let options = LowessOptions { span: 1.0, iterations: 0, delta: 0.0 };
        let curve = lowess(&[3.0, 0.0, 1.0], &[2.0, 1.0, 4.0], &options).unwrap();
        assert!((curve.y[0] - 1.0).abs() < 1e-14 && (curve.y[1] - 4.0).abs() < 1e-14);
    }

    #[test]
    fn equal_x_gives_the_mean_and_one_point_itself() {
        let options = LowessOptions { span: 1.0, iterations: 0, delta: 0.01 };
        let curve = lowess(&[2.0; 4], &[0.0, 1.0, 1.0, 0.0], &options).unwrap();
        assert_eq!(curve.y, vec![0.5; 4]);
        assert_eq!(lowess(&[2.0], &[7.0], &options).unwrap().y, vec![7.0]);
    }

    #[test]
    fn the_curve_between_and_beyond_its_points() {
        let curve = SmoothCurve { x: vec![0.0, 1.0], y: vec![0.0, 2.0] };
        assert_eq!((curve.at(0.25), curve.at(-1.0), curve.at(5.0), curve.at(1.0)), (0.5, 0.0, 2.0, 2.0));
    }
}
