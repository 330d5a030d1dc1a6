//! The sums over the weighted risk sets of a Fine-Gray model: log-likelihood, score, information, residuals.

use super::CensoringTies;
use super::sample::{Kind, Sample};
use crate::stats::linear_algebra::{Matrix, dot};

/// The sums over risk sets at one β. `exp` is exp(zβ - the largest zβ): the shift drops out of all that is returned.
pub(super) struct Sums {
    exp: Vec<f64>,
    pub shift: f64,
    /// S₀ and E at each distinct time (of use where there are events).
    total: Vec<f64>,
    mean: Matrix,
    pub log_likelihood: f64,
    /// Σ d/S₀ up to and with each distinct time.
    pub hazard: Vec<f64>,
    /// Σ G d/S₀ over all later distinct times.
    later: Vec<f64>,
}

impl Sums {
    pub fn of(sample: &Sample, beta: &[f64]) -> Self {
        let (p, steps) = (sample.columns(), sample.time.len());
        let predictor: Vec<f64> = (0..sample.len()).map(|subject| dot(sample.z.row(subject), beta)).collect();
        let shift = predictor.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let exp: Vec<f64> = predictor.iter().map(|predictor| (predictor - shift).exp()).collect();
        let mut total = vec![0.0; steps];
        let mut mean = Matrix::zeros(steps, p);
        // Those at risk in the ordinary sense, from the last time to the first.
        let (mut sum, mut sums) = (0.0, vec![0.0; p]);
        let mut subject = sample.len();
        for step in (0..steps).rev() {
            while subject > 0 && sample.step[subject - 1] == step {
                subject -= 1;
                sum += exp[subject];
                add_scaled(&mut sums, exp[subject], sample.z.row(subject));
            }
            total[step] = sum;
            mean.row_mut(step).copy_from_slice(&sums);
        }
        // Those with a competing event before, from the first time to the last.
        let (mut sum, mut sums) = (0.0, vec![0.0; p]);
        let mut subject = 0;
        for step in 0..steps {
            while subject < sample.len() && sample.step[subject] < step {
                if sample.kind[subject] == Kind::Competing {
                    let weight = exp[subject] / sample.uncensored[sample.step[subject]];
                    sum += weight;
                    add_scaled(&mut sums, weight, sample.z.row(subject));
                }
                subject += 1;
            }
            total[step] += sample.uncensored[step] * sum;
            add_scaled(mean.row_mut(step), sample.uncensored[step], &sums);
            let total = total[step];
            mean.row_mut(step).iter_mut().for_each(|mean| *mean /= total);
        }
        let increment = |step: usize| if sample.events[step] > 0.0 { sample.events[step] / total[step] } else { 0.0 };
        let mut hazard = Vec::with_capacity(steps);
        let mut sum = 0.0;
        for step in 0..steps {
            sum += increment(step);
            hazard.push(sum);
        }
        let mut later = vec![0.0; steps];
        let mut sum = 0.0;
        for step in (0..steps).rev() {
            later[step] = sum;
            sum += sample.uncensored[step] * increment(step);
        }
        let mut log_likelihood = 0.0;
        for subject in sample.is_kind(Kind::Event) {
            log_likelihood += predictor[subject] - shift - total[sample.step[subject]].ln();
        }
        Self { exp, shift, total, mean, log_likelihood, hazard, later }
    }

    pub fn score(&self, sample: &Sample) -> Vec<f64> {
        let mut score = vec![0.0; sample.columns()];
        for subject in sample.is_kind(Kind::Event) {
            add_scaled(&mut score, 1.0, sample.z.row(subject));
            add_scaled(&mut score, -1.0, self.mean.row(sample.step[subject]));
        }
        score
    }

    /// Λ₀ weighted by w over all times: what a subject's exp(zβ) is multiplied with in its expected events.
    fn exposure(&self, sample: &Sample, subject: usize) -> f64 {
        let step = sample.step[subject];
        match sample.kind[subject] {
            Kind::Competing => self.hazard[step] + self.later[step] / sample.uncensored[step],
            _ => self.hazard[step],
        }
    }

    pub fn information(&self, sample: &Sample) -> Matrix {
        let p = sample.columns();
        let mut information = Matrix::zeros(p, p);
        for subject in 0..sample.len() {
            add_outer(&mut information, self.exp[subject] * self.exposure(sample, subject), sample.z.row(subject));
        }
        for (step, events) in sample.events.iter().enumerate().filter(|(_, events)| **events > 0.0) {
            add_outer(&mut information, -events, self.mean.row(step));
        }
        information
    }

    /// η + ψ of each subject.
    pub fn residuals(&self, sample: &Sample) -> Matrix {
        let (p, steps) = (sample.columns(), sample.time.len());
        // Σ E d/S₀ up to each time, and Σ G E d/S₀ after it.
        let (mut before, mut after) = (Matrix::zeros(steps, p), Matrix::zeros(steps, p));
        let increment = |step: usize| sample.events[step] / self.total[step];
        let mut sums = vec![0.0; p];
        for step in 0..steps {
            if sample.events[step] > 0.0 {
                add_scaled(&mut sums, increment(step), self.mean.row(step));
            }
            before.row_mut(step).copy_from_slice(&sums);
        }
        sums.fill(0.0);
        for step in (0..steps).rev() {
            after.row_mut(step).copy_from_slice(&sums);
            if sample.events[step] > 0.0 {
                add_scaled(&mut sums, sample.uncensored[step] * increment(step), self.mean.row(step));
            }
        }
        let pull = self.pull_of_censoring(sample, &after);
        let mut residuals = Matrix::zeros(sample.len(), p);
        for subject in 0..sample.len() {
            let (step, kind, exp) = (sample.step[subject], sample.kind[subject], self.exp[subject]);
            let row = residuals.row_mut(subject);
            add_scaled(row, -exp * self.exposure(sample, subject), sample.z.row(subject));
            add_scaled(row, exp, before.row(step));
            match kind {
                Kind::Event => {
                    add_scaled(row, 1.0, sample.z.row(subject));
                    add_scaled(row, -1.0, self.mean.row(step));
                }
                Kind::Competing => add_scaled(row, exp / sample.uncensored[step], after.row(step)),
                Kind::Censored => add_scaled(row, 1.0, pull.at.row(step)),
            }
            // At risk of censoring at the subject's own time, too?
            match (kind, sample.ties) {
                (Kind::Censored, _) | (_, CensoringTies::Together) => add_scaled(row, -1.0, pull.until.row(step + 1)),
                (_, CensoringTies::EventsFirst) => add_scaled(row, -1.0, pull.until.row(step)),
            }
        }
        residuals
    }

    /// q(u) / π(u) at each distinct time u, and its sums over the hazard of censoring before each. q(u) is made of those
    /// whose competing event came before u, over the event times from u on.
    fn pull_of_censoring(&self, sample: &Sample, after: &Matrix) -> Pull {
        let (p, steps) = (sample.columns(), sample.time.len());
        let mut pull = Pull { at: Matrix::zeros(steps, p), until: Matrix::zeros(steps + 1, p) };
        // Σ of w exp(zβ) and of z w exp(zβ) over those with a competing event before u.
        let (mut sum, mut sums) = (0.0, vec![0.0; p]);
        let mut until = vec![0.0; p];
        let mut subject = 0;
        for step in 0..steps {
            if sample.censored[step] > 0.0 {
                let own = sample.uncensored[step] * sample.events[step] / self.total[step];
                let at = pull.at.row_mut(step);
                add_scaled(at, (self.later[step] + own) / sample.at_risk[step], &sums);
                add_scaled(at, -sum / sample.at_risk[step], after.row(step));
                add_scaled(at, -sum * own / sample.at_risk[step], self.mean.row(step));
                add_scaled(&mut until, sample.censored[step] / sample.at_risk[step], at);
            }
            pull.until.row_mut(step + 1).copy_from_slice(&until);
            while subject < sample.len() && sample.step[subject] == step {
                if sample.kind[subject] == Kind::Competing {
                    let weight = self.exp[subject] / sample.uncensored[step];
                    sum += weight;
                    add_scaled(&mut sums, weight, sample.z.row(subject));
                }
                subject += 1;
            }
        }
        pull
    }
}

struct Pull {
    at: Matrix,
    until: Matrix,
}

fn add_scaled(sum: &mut [f64], factor: f64, values: &[f64]) {
    for (sum, value) in sum.iter_mut().zip(values) {
        *sum += factor * value;
    }
}

pub(super) fn add_outer(sum: &mut Matrix, factor: f64, values: &[f64]) {
    for (i, left) in values.iter().enumerate() {
        for (j, right) in values.iter().enumerate() {
            sum.add(i, j, factor * left * right);
        }
    }
}
