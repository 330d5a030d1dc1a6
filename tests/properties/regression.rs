//! Logistic models and their relatives: what must hold whatever the data.

use proptest::prelude::*;
use vouch::stats::StatsError;
use vouch::stats::regression::firth::{FirthOptions, firth_logistic};
use vouch::stats::regression::logistic::{
    LogisticFit, LogisticInput, LogisticInterval, LogisticOptions, inverse_logit, logistic,
};
use vouch::stats::regression::platt;
use vouch::stats::regression::selection::{Candidate, Criterion, Direction, Start, StepwiseOptions, stepwise};
use vouch::stats::regression::variance_inflation::vif;

#[test]
fn a_profile_does_not_creep_towards_its_constraint() {
    // Closing the last of a gap to the constraint lowers the likelihood, which was taken for a step too long: 1,000
    // iterations at a hundredth of their length.
    let outcome = [true, false, true, true, true, false, true, true, true, true, false, true];
    let x = [
        0.8782265207411937,
        -2.5651508761734623,
        -1.203982499174558,
        -0.7022354179001359,
        -1.6026512838764626,
        0.8549987653140825,
        2.751902700949,
        -1.9172138434878598,
        1.924110193900225,
        2.9456771349839084,
        -1.6721584111776489,
        2.6260550033678873,
    ];
    let fit = firth_logistic(&LogisticInput::new(&outcome, &[&x]), &FirthOptions::default()).unwrap();
    let slope = &fit.coefficients[0];
    assert!(slope.interval.lower < 0.0 && slope.coefficient > 0.0 && slope.interval.upper.is_finite());
}

#[test]
fn an_offset_far_from_the_outcomes_is_no_obstacle() {
    // Each fitted probability starts at 0 or 1 to within rounding. The intercept must undo the common part.
    let outcome = [false, true, false, true, true, false];
    let small = [0.3, 0.1, -0.4, 0.9, 0.2, -0.7];
    let far: Vec<f64> = small.iter().map(|value| value + 400.0).collect();
    let fit = |offset: &[f64]| {
        let input = LogisticInput { outcome: &outcome, covariates: &[], weight: None, offset: Some(offset) };
        logistic(&input, &LogisticOptions::default()).unwrap()
    };
    let (near, far) = (fit(&small), fit(&far));
    assert!((near.intercept.coefficient - 400.0 - far.intercept.coefficient).abs() < 1e-9);
    assert!((near.log_likelihood - far.log_likelihood).abs() < 1e-10);
}

/// Subjects with a continuous, a coarse (tied) column and an outcome.
#[derive(Clone, Debug)]
struct Sample {
    outcome: Vec<bool>,
    fine: Vec<f64>,
    coarse: Vec<f64>,
}

impl Sample {
    fn take(&self, rows: &[usize]) -> Self {
        let pick = |values: &[f64]| rows.iter().map(|row| values[*row]).collect();
        let outcome = rows.iter().map(|row| self.outcome[*row]).collect();
        Self { outcome, fine: pick(&self.fine), coarse: pick(&self.coarse) }
    }

    fn fit(&self) -> Result<LogisticFit, StatsError> {
        let columns: [&[f64]; 2] = [&self.fine, &self.coarse];
        logistic(&LogisticInput::new(&self.outcome, &columns), &LogisticOptions::default())
    }
}

fn samples() -> impl Strategy<Value = Sample> {
    prop::collection::vec((any::<bool>(), -3.0..3.0f64, 0u8..4), 12..60).prop_map(|rows| Sample {
        outcome: rows.iter().map(|row| row.0).collect(),
        fine: rows.iter().map(|row| row.1).collect(),
        coarse: rows.iter().map(|row| f64::from(row.2)).collect(),
    })
}

fn shuffled(length: usize, keys: &[u64]) -> Vec<usize> {
    let mut rows: Vec<usize> = (0..length).collect();
    rows.sort_by_key(|row| keys[*row % keys.len()].wrapping_mul(*row as u64 + 1));
    rows
}

fn close(left: f64, right: f64, tolerance: f64) -> bool {
    (left - right).abs() <= tolerance * left.abs().max(right.abs()).max(1.0)
}

proptest! {
    #![proptest_config(super::cases(128))]

    #[test]
    fn row_order_does_not_matter_bit_for_bit(sample in samples(), keys in prop::collection::vec(any::<u64>(), 60)) {
        let turned = sample.take(&shuffled(sample.outcome.len(), &keys));
        prop_assert_eq!(sample.fit(), turned.fit());
        let columns: [&[f64]; 2] = [&sample.fine, &sample.coarse];
        let turned_columns: [&[f64]; 2] = [&turned.fine, &turned.coarse];
        let options = FirthOptions { interval: LogisticInterval::Wald, ..FirthOptions::default() };
        prop_assert_eq!(
            firth_logistic(&LogisticInput::new(&sample.outcome, &columns), &options),
            firth_logistic(&LogisticInput::new(&turned.outcome, &turned_columns), &options)
        );
        prop_assert_eq!(platt::fit(&sample.fine, &sample.outcome), platt::fit(&turned.fine, &turned.outcome));
        prop_assert_eq!(vif(&columns), vif(&turned_columns));
    }

    #[test]
    fn the_number_of_threads_does_not_matter_bit_for_bit(sample in samples()) {
        // More rows than one block of the sums.
        let many: Vec<usize> = (0..10_000).map(|i| i % sample.outcome.len()).collect();
        let large = sample.take(&many);
        let single = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
        prop_assert_eq!(single.install(|| large.fit()), large.fit());
    }

    #[test]
    fn the_score_is_zero_at_the_estimate(sample in samples()) {
        if let Ok(fit) = sample.fit() {
            let residual = |row: usize| {
                f64::from(u8::from(sample.outcome[row])) - fit.probability(&[sample.fine[row], sample.coarse[row]])
            };
            let rows = 0..sample.outcome.len();
            prop_assert!(rows.clone().map(residual).sum::<f64>().abs() < 1e-9);
            prop_assert!(rows.map(|row| residual(row) * sample.fine[row]).sum::<f64>().abs() < 1e-9);
        }
    }

    #[test]
    fn swapping_the_outcome_changes_the_sign(sample in samples()) {
        let swapped = Sample { outcome: sample.outcome.iter().map(|event| !event).collect(), ..sample.clone() };
        if let (Ok(fit), Ok(other)) = (sample.fit(), swapped.fit()) {
            prop_assert!(close(fit.intercept.coefficient, -other.intercept.coefficient, 1e-9));
            for (a, b) in fit.coefficients.iter().zip(&other.coefficients) {
                prop_assert!(close(a.coefficient, -b.coefficient, 1e-9));
                prop_assert!(close(a.standard_error, b.standard_error, 1e-9));
            }
            prop_assert!(close(fit.deviance, other.deviance, 1e-12));
        }
    }

    #[test]
    fn units_move_the_coefficient_and_nothing_else(sample in samples(), scale in 1e-6..1e6f64, shift in -1e3..1e3f64) {
        let moved = Sample { fine: sample.fine.iter().map(|x| scale * x + shift).collect(), ..sample.clone() };
        if let (Ok(fit), Ok(other)) = (sample.fit(), moved.fit()) {
            let (a, b) = (&fit.coefficients[0], &other.coefficients[0]);
            // A shift a million times the spread costs that many digits of the column itself.
            prop_assert!((a.z - b.z).abs() < 1e-6 && (a.p_value - b.p_value).abs() < 1e-6);
            prop_assert!(close(fit.deviance, other.deviance, 1e-7));
        }
    }

    #[test]
    fn separation_by_one_column_is_what_its_values_say(rows in prop::collection::vec((any::<bool>(), 0i8..6), 2..14)) {
        let outcome: Vec<bool> = rows.iter().map(|row| row.0).collect();
        let x: Vec<f64> = rows.iter().map(|row| f64::from(row.1)).collect();
        let of = |event: bool| rows.iter().filter(move |row| row.0 == event).map(|row| row.1);
        let result = logistic(&LogisticInput::new(&outcome, &[&x]), &LogisticOptions::default());
        match (of(true).min(), of(true).max(), of(false).min(), of(false).max()) {
            (Some(least_event), Some(most_event), Some(least_other), Some(most_other)) => {
                let constant = least_event.min(least_other) == most_event.max(most_other);
                if constant {
                    prop_assert_eq!(result.err(), Some(StatsError::Collinear { column: 0 }));
                } else if most_other <= least_event || most_event <= least_other {
                    prop_assert_eq!(result.err(), Some(StatsError::Separated { column: 0 }));
                } else {
                    prop_assert!(result.is_ok(), "{:?}", result.err());
                }
            }
            _ => prop_assert!(matches!(result, Err(StatsError::OneClass { .. })), "{:?}", result),
        }
    }

    #[test]
    fn profile_limits_enclose_the_estimate_and_fall_by_the_critical_value(sample in samples()) {
        let columns: [&[f64]; 2] = [&sample.fine, &sample.coarse];
        let input = LogisticInput::new(&sample.outcome, &columns);
        let options = LogisticOptions { interval: LogisticInterval::Profile, ..LogisticOptions::default() };
        if let Ok(fit) = logistic(&input, &options) {
            let slope = &fit.coefficients[0];
            prop_assert!(slope.interval.lower < slope.coefficient && slope.coefficient < slope.interval.upper);
            // The limit as an offset: the other coefficients are free, and the deviance is 3.84 above the least.
            let offset: Vec<f64> = sample.fine.iter().map(|x| x * slope.interval.upper).collect();
            let rest = LogisticInput {
                outcome: &sample.outcome, covariates: &columns[1..], weight: None, offset: Some(&offset),
            };
            let constrained = logistic(&rest, &LogisticOptions::default()).unwrap();
            prop_assert!((constrained.deviance - fit.deviance - 3.841_458_820_694_124).abs() < 1e-6);
        }
    }

    #[test]
    fn firth_is_finite_where_maximum_likelihood_is_not(sample in samples()) {
        let columns: [&[f64]; 1] = [&sample.fine];
        let input = LogisticInput::new(&sample.outcome, &columns);
        match (firth_logistic(&input, &FirthOptions::default()), logistic(&input, &LogisticOptions::default())) {
            (Ok(firth), Ok(_) | Err(StatsError::Separated { .. })) => {
                let slope = &firth.coefficients[0];
                prop_assert!(slope.interval.lower < slope.coefficient && slope.coefficient < slope.interval.upper);
                prop_assert!(slope.interval.lower.is_finite() && slope.interval.upper.is_finite());
            }
            (Err(firth), Err(plain)) => prop_assert_eq!(firth, plain),
            (firth, plain) => prop_assert!(false, "{:?} against {:?}", firth, plain),
        }
    }

    #[test]
    fn platt_is_monotone_and_inside_the_targets(sample in samples()) {
        let scaling = platt::fit(&sample.fine, &sample.outcome).unwrap();
        let mut sorted = sample.fine.clone();
        sorted.sort_by(f64::total_cmp);
        let fitted: Vec<f64> = sorted.iter().map(|f| scaling.probability(*f)).collect();
        let rising = fitted.windows(2).all(|pair| pair[0] <= pair[1]);
        let falling = fitted.windows(2).all(|pair| pair[0] >= pair[1]);
        prop_assert!(rising || falling);
        prop_assert!(fitted.iter().all(|p| *p > 0.0 && *p < 1.0));
        // The mean fitted probability is the mean target.
        let events = sample.outcome.iter().filter(|event| **event).count() as f64;
        let others = sample.outcome.len() as f64 - events;
        let targets = events * (events + 1.0) / (events + 2.0) + others / (others + 2.0);
        prop_assert!((fitted.iter().sum::<f64>() - targets).abs() < 1e-8);
    }

    #[test]
    fn each_step_lowers_the_criterion_and_no_other_step_would(sample in samples()) {
        let (fine, coarse): ([&[f64]; 1], [&[f64]; 1]) = ([&sample.fine], [&sample.coarse]);
        let candidates = [Candidate { columns: &fine }, Candidate { columns: &coarse }];
        for (direction, start) in [(Direction::Both, Start::Null), (Direction::Both, Start::Full)] {
            let options = StepwiseOptions { direction, start, criterion: Criterion::Aic, ..StepwiseOptions::default() };
            if let Ok(result) = stepwise(&sample.outcome, &candidates, &options) {
                prop_assert!(result.trace.windows(2).all(|pair| pair[1].aic < pair[0].aic));
                prop_assert_eq!(result.trace.last().map(|step| step.aic), Some(result.fit.aic));
            }
        }
    }

    #[test]
    fn inverse_logit_mirrors(x in -800.0..800.0f64) {
        prop_assert!((inverse_logit(x) + inverse_logit(-x) - 1.0).abs() < 1e-15);
        prop_assert!((0.0..=1.0).contains(&inverse_logit(x)));
    }
}
