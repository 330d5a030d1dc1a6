//! Loess of one variable: a locally weighted quadratic, interpolated between a few points.
//!
//! Estimand: the mean of y as a smooth function of x.
//!
//! Method (Cleveland, Grosse and Shyu 1992), with the defaults of R's `loess(y ~ x)`: at a point x₀ the ⌊span · n⌋
//! nearest points are weighted by (1 − (|x − x₀|/h)³)³, h the distance of the farthest of them, and a weighted quadratic
//! is fitted. It is fitted at the ends of the data (widened by 0.5% of their range) and at the medians at which the data
//! are halved again and again, until a cell holds at most ⌊n · span · 0.2⌋ points; tied medians move to the nearest
//! place between distinct values. Between these points the curve is the cubic with the values and slopes of the fits.
//! No robust iteration.
//!
//! Input: as many x as y, finite. Output: by ascending x, at the data. Row order does not matter, bit for bit.
//! Cost: n per fitted point, of which there are about 1 / (0.2 span) to twice that, whatever n.
//! Edge cases: where the window holds too few distinct x for a quadratic, a line or a mean is fitted (R takes a
//! pseudo-inverse there, and warns); when the whole window has one x, its mean (R stops).
//!
//! Source: Cleveland, Grosse and Shyu 1992, in Chambers and Hastie, Statistical Models in S, ch. 8; Cleveland and Grosse
//! 1991, doi:10.1007/BF01890836.
//! Oracle: R's documented example, `predict(loess(dist ~ speed, cars))`.

use super::lowess::SmoothCurve;
use crate::stats::error::{StatsError, require_finite, require_same_length};
use crate::stats::linear_algebra::{Cholesky, Matrix};

/// How the curve is fitted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LoessOptions {
    /// Share of the points in each window; 0.75.
    pub span: f64,
}

impl Default for LoessOptions {
    fn default() -> Self {
        Self { span: 0.75 }
    }
}

/// Points that a cell may hold, as a share of the window.
const CELL: f64 = 0.2;

/// Smooths y over x.
pub fn loess(x: &[f64], y: &[f64], options: &LoessOptions) -> Result<SmoothCurve, StatsError> {
    let curve = LoessCurve::fit(x, y, options)?;
    let mut x = x.to_vec();
    x.sort_unstable_by(f64::total_cmp);
    let y = x.iter().map(|x| curve.at(*x)).collect();
    Ok(SmoothCurve { x, y })
}

/// The fitted curve.
#[derive(Clone, Debug, PartialEq)]
pub struct LoessCurve {
    /// Where the quadratics were fitted, ascending.
    vertices: Vec<Vertex>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Vertex {
    x: f64,
    value: f64,
    slope: f64,
}

impl LoessCurve {
    /// Fits the quadratics.
    pub fn fit(x: &[f64], y: &[f64], options: &LoessOptions) -> Result<Self, StatsError> {
        require_same_length("x", x.len(), "y", y.len())?;
        if x.is_empty() {
            return Err(StatsError::Empty { what: "x" });
        }
        require_finite("x", x)?;
        require_finite("y", y)?;
        if !(options.span > 0.0 && options.span <= 1.0) {
            let expected = "above 0 and at most 1";
            return Err(StatsError::OutOfRange { what: "span", value: options.span, expected });
        }
        let mut rows: Vec<(f64, f64)> = x.iter().copied().zip(y.iter().copied()).collect();
        rows.sort_unstable_by(|left, right| left.0.total_cmp(&right.0).then(left.1.total_cmp(&right.1)));
        let (x, y): (Vec<f64>, Vec<f64>) = rows.into_iter().unzip();
        let window = ((x.len() as f64 * options.span + 1e-5) as usize).clamp(1, x.len());
        let most = (x.len() as f64 * options.span * CELL) as usize;
        let vertices =
            vertex_places(&x, most).into_iter().map(|place| local_quadratic(&x, &y, window, place)).collect();
        Ok(Self { vertices })
    }

    /// The curve at `x`; beyond its ends, the line of the outermost fit.
    pub fn at(&self, x: f64) -> f64 {
        let right = self.vertices.partition_point(|vertex| vertex.x < x);
        if right == 0 || right == self.vertices.len() {
            let end = self.vertices[right.min(self.vertices.len() - 1)];
            return end.value + end.slope * (x - end.x);
        }
        let (left, right) = (self.vertices[right - 1], self.vertices[right]);
        let width = right.x - left.x;
        let h = (x - left.x) / width;
        let rest = 1.0 - h;
        rest * rest * (1.0 + 2.0 * h) * left.value
            + h * h * (3.0 - 2.0 * h) * right.value
            + (h * rest * rest * left.slope - h * h * rest * right.slope) * width
    }
}

/// The ends and the cuts, ascending; `x` is sorted.
fn vertex_places(x: &[f64], most: usize) -> Vec<f64> {
    let (least, greatest) = (x[0], x[x.len() - 1]);
    let margin = 0.005 * (greatest - least).max(1e-10 * least.abs().max(greatest.abs()) + 1e-30);
    let (low, high) = (least - margin, greatest + margin);
    let mut places = vec![low, high];
    let mut cells = vec![Cell { first: 0, last: x.len() - 1, low, high }];
    while let Some(cell) = cells.pop() {
        if cell.last - cell.first < most.max(1) {
            continue;
        }
        let at = median_between_ties(x, cell.first, cell.last);
        let cut = x[at];
        if cut == cell.low || cut == cell.high {
            continue;
        }
        places.push(cut);
        cells.push(Cell { first: cell.first, last: at, low: cell.low, high: cut });
        if at < cell.last {
            cells.push(Cell { first: at + 1, last: cell.last, low: cut, high: cell.high });
        }
    }
    places.sort_unstable_by(f64::total_cmp);
    places.dedup();
    places
}

struct Cell {
    first: usize,
    last: usize,
    low: f64,
    high: f64,
}

/// The position nearest to the (lower) median of `first..=last` whose successor is a different value, right before left;
/// the median itself where there is none.
fn median_between_ties(x: &[f64], first: usize, last: usize) -> usize {
    // Positions counted from one decide which of two middle points is the median.
    let middle = (first + last + 2) / 2 - 1;
    for distance in 0..=(last - first) {
        let (right, left) = (middle + distance, middle.checked_sub(distance));
        // The search ends where either side leaves the cell.
        if right >= last {
            return middle;
        }
        if x[right] != x[right + 1] {
            return right;
        }
        match left.filter(|left| *left >= first) {
            Some(left) if x[left] != x[left + 1] => return left,
            Some(_) => {}
            None => return middle,
        }
    }
    middle
}

/// Value and slope at `place` of the weighted quadratic through the `window` nearest points.
fn local_quadratic(x: &[f64], y: &[f64], window: usize, place: f64) -> Vertex {
    let mut first = 0;
    while first + window < x.len() && place - x[first] > x[first + window] - place {
        first += 1;
    }
    let points = first..first + window;
    let reach = (place - x[first]).abs().max((x[first + window - 1] - place).abs());
    if x[first] == x[first + window - 1] {
        let value = y[points].iter().sum::<f64>() / window as f64;
        return Vertex { x: place, value, slope: 0.0 };
    }
    // Normal equations in u = (x − place)/reach, which lies in [−1, 1].
    let mut powers = [0.0; 5];
    let mut products = [0.0; 3];
    for row in points {
        let u = (x[row] - place) / reach;
        let weight = (1.0 - u.abs().powi(3)).max(0.0).powi(3);
        let mut term = weight;
        for (degree, power) in powers.iter_mut().enumerate() {
            *power += term;
            if let Some(product) = products.get_mut(degree) {
                *product += term * y[row];
            }
            term *= u;
        }
    }
    let solved = (1..=3).rev().find_map(|size| {
        let mut system = Matrix::zeros(size, size);
        for i in 0..size {
            for j in 0..size {
                system.set(i, j, powers[i + j]);
            }
        }
        // The square of the square root of machine precision: fewer distinct points than coefficients.
        Some(Cholesky::new(&system, 1e-13).ok()?.solve(&products[..size]))
    });
    let coefficients = solved.unwrap_or_default();
    Vertex {
        x: place,
        value: coefficients.first().copied().unwrap_or(0.0),
        slope: coefficients.get(1).map_or(0.0, |slope| slope / reach),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quadratic_is_kept() {
        let x: Vec<f64> = (0..200).map(|i| f64::from(i % 97) / 10.0).collect();
        let y: Vec<f64> = x.iter().map(|x| 1.0 - 2.0 * x + 0.3 * x * x).collect();
        let curve = LoessCurve::fit(&x, &y, &LoessOptions::default()).unwrap();
        assert!(curve.vertices.len() > 4);
        for (x, y) in x.iter().zip(&y) {
            assert!((curve.at(*x) - y).abs() < 1e-9, "{x}");
        }
    }

    #[test]
    fn the_documented_example_of_r() {
        // predict(loess(dist ~ speed, cars), data.frame(speed = 5:16)), as R's documentation prints it.
        let speed: [f64; 50] = [
            4.0, 4.0, 7.0, 7.0, 8.0, 9.0, 10.0, 10.0, 10.0, 11.0, 11.0, 12.0, 12.0, 12.0, 12.0, 13.0, 13.0, 13.0, 13.0,
            14.0, 14.0, 14.0, 14.0, 15.0, 15.0, 15.0, 16.0, 16.0, 17.0, 17.0, 17.0, 18.0, 18.0, 18.0, 18.0, 19.0, 19.0,
            19.0, 20.0, 20.0, 20.0, 20.0, 20.0, 22.0, 23.0, 24.0, 24.0, 24.0, 24.0, 25.0,
        ];
        let distance: [f64; 50] = [
            2.0, 10.0, 4.0, 22.0, 16.0, 10.0, 18.0, 26.0, 34.0, 17.0, 28.0, 14.0, 20.0, 24.0, 28.0, 26.0, 34.0, 34.0,
            46.0, 26.0, 36.0, 60.0, 80.0, 20.0, 26.0, 54.0, 32.0, 40.0, 32.0, 40.0, 50.0, 42.0, 56.0, 76.0, 84.0, 36.0,
            46.0, 68.0, 32.0, 48.0, 52.0, 56.0, 64.0, 66.0, 54.0, 70.0, 92.0, 93.0, 120.0, 85.0,
        ];
        let printed = [
            7.797353, 10.002308, 12.499786, 15.281082, 18.446568, 21.865315, 25.517015, 29.350386, 33.230660,
            37.167935, 41.205226, 45.055736,
        ];
        let curve = LoessCurve::fit(&speed, &distance, &LoessOptions::default()).unwrap();
        for (speed, printed) in (5..17).zip(printed) {
            let ours = curve.at(f64::from(speed));
            assert!((ours - printed).abs() < 1e-6, "{speed}: {ours} {printed}");
        }
    }

    #[test]
    fn few_distinct_values_and_one_point() {
        let curve = loess(&[1.0; 6], &[0.0, 1.0, 1.0, 0.0, 1.0, 0.0], &LoessOptions { span: 1.0 }).unwrap();
        assert!(curve.y.iter().all(|y| (y - 0.5).abs() < 1e-12));
        let curve = loess(&[1.0, 1.0, 2.0, 2.0], &[0.0, 1.0, 1.0, 1.0], &LoessOptions { span: 1.0 }).unwrap();
        assert!(curve.y.iter().all(|y| y.is_finite()));
        assert_eq!(loess(&[3.0], &[7.0], &LoessOptions::default()).unwrap().y, vec![7.0]);
    }

    #[test]
    fn bad_input_is_an_error() {
        assert!(loess(&[], &[], &LoessOptions::default()).is_err());
        assert!(loess(&[1.0, 2.0], &[1.0, f64::NAN], &LoessOptions::default()).is_err());
        assert!(loess(&[1.0, 2.0], &[1.0, 2.0], &LoessOptions { span: 0.0 }).is_err());
    }
}
