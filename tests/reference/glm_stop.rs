//! Where R's `glm` stops.
//!
//! `glm` ends its iterations when the deviance changes by less than 1e-8 of itself, and reports the standard errors of the
//! iterate before. Its numbers therefore differ from those at the maximum, in small samples in the fourth digit. To hold our
//! converged estimates to `glm`'s to full precision, the same iterations are run here twice, to `glm`'s stop and to
//! convergence: what lies between the two is what `glm` left undone, and is added to ours before comparing.

/// One run of iteratively reweighted least squares.
pub struct Run {
    pub coefficients: Vec<f64>,
    /// By rows.
    pub covariance: Vec<Vec<f64>>,
    pub iterations: usize,
}

/// Iterations after which a run ends in any case: many more than any of the models needs.
const MOST: usize = 25;

/// `columns` without the intercept; stops when the deviance changes by less than `epsilon`, relatively; 0 never stops early.
pub fn irls(outcome: &[bool], columns: &[&[f64]], offset: Option<&[f64]>, epsilon: f64) -> Run {
    let n = outcome.len();
    let ones = vec![1.0; n];
    let design: Vec<&[f64]> = std::iter::once(ones.as_slice()).chain(columns.iter().copied()).collect();
    let offset = |row: usize| offset.map_or(0.0, |offset| offset[row]);
    let label = |row: usize| if outcome[row] { 1.0 } else { 0.0 };
    let deviance = |eta: &[f64]| -> f64 {
        (0..n).map(|row| 2.0 * (if outcome[row] { -eta[row] } else { eta[row] }).exp().ln_1p()).sum()
    };
    // mustart: (y + 1/2) / 2.
    let mut eta: Vec<f64> = (0..n).map(|row| if outcome[row] { 3f64.ln() } else { -(3f64.ln()) }).collect();
    let mut last = deviance(&eta);
    for iterations in 1..=MOST {
        let probability: Vec<f64> = eta.iter().map(|eta| 1.0 / (1.0 + (-eta).exp())).collect();
        let weight: Vec<f64> = probability.iter().map(|p| p * (1.0 - p)).collect();
        let working: Vec<f64> =
            (0..n).map(|row| eta[row] - offset(row) + (label(row) - probability[row]) / weight[row]).collect();
        let (coefficients, covariance) = least_squares(&design, &working, &weight);
        eta = (0..n)
            .map(|row| offset(row) + design.iter().zip(&coefficients).map(|(column, b)| column[row] * b).sum::<f64>())
            .collect();
        let now = deviance(&eta);
        if (now - last).abs() / (now.abs() + 0.1) < epsilon || iterations == MOST {
            return Run { coefficients, covariance, iterations };
        }
        last = now;
    }
    unreachable!("the last iteration returns")
}

/// Weighted least squares by modified Gram-Schmidt: coefficients and the inverse of X'WX.
fn least_squares(design: &[&[f64]], response: &[f64], weight: &[f64]) -> (Vec<f64>, Vec<Vec<f64>>) {
    let width = design.len();
    let scaled = |values: &[f64]| values.iter().zip(weight).map(|(v, w)| v * w.sqrt()).collect::<Vec<f64>>();
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let mut basis: Vec<Vec<f64>> = design.iter().map(|column| scaled(column)).collect();
    let mut rest = scaled(response);
    let mut r = vec![vec![0.0; width]; width];
    let mut image = vec![0.0; width];
    for j in 0..width {
        r[j][j] = dot(&basis[j], &basis[j]).sqrt();
        let unit: Vec<f64> = basis[j].iter().map(|v| v / r[j][j]).collect();
        for k in j + 1..width {
            r[j][k] = dot(&unit, &basis[k]);
            let share = r[j][k];
            basis[k].iter_mut().zip(&unit).for_each(|(v, u)| *v -= share * u);
        }
        image[j] = dot(&unit, &rest);
        let share = image[j];
        rest.iter_mut().zip(&unit).for_each(|(v, u)| *v -= share * u);
    }
    // R⁻¹, by back substitution on the unit vectors.
    let unit_solution = |column: usize| {
        let mut solution = vec![0.0; width];
        for row in (0..=column).rev() {
            let known: f64 = (row + 1..=column).map(|k| r[row][k] * solution[k]).sum();
            solution[row] = (if row == column { 1.0 } else { 0.0 } - known) / r[row][row];
        }
        solution
    };
    let columns: Vec<Vec<f64>> = (0..width).map(unit_solution).collect();
    let inverse: Vec<Vec<f64>> = (0..width).map(|row| columns.iter().map(|column| column[row]).collect()).collect();
    let coefficients = (0..width).map(|i| dot(&inverse[i], &image)).collect();
    let covariance = (0..width).map(|i| (0..width).map(|j| dot(&inverse[i], &inverse[j])).collect()).collect();
    (coefficients, covariance)
}
