//! Cox models and concordance: what must hold whatever the data, and what a direct computation by the definition gives.

use proptest::prelude::*;
use vouch::stats::StatsError;
use vouch::stats::linear_algebra::Cholesky;
use vouch::stats::survival::concordance::{
    Concordance, ConcordanceInput, ConcordanceOptions, TimeWeight, concordance, concordance_influence,
};
use vouch::stats::survival::cox::{
    BaselineAt, CoxFit, CoxInput, CoxOptions, FirthCoxOptions, Ties, TimeTransform, cox, firth_cox,
};
use vouch::stats::survival::data::SurvivalData;
use vouch::stats::survival::log_rank::{LogRankWeight, log_rank};

/// Intervals at risk with a continuous and a coarse covariate.
#[derive(Clone, Debug)]
struct Sample {
    entry: Vec<f64>,
    time: Vec<f64>,
    event: Vec<bool>,
    fine: Vec<f64>,
    coarse: Vec<f64>,
    weight: Vec<f64>,
    stratum: Vec<usize>,
    offset: Vec<f64>,
}

/// Which of the optional columns a model takes.
#[derive(Clone, Copy, Debug)]
struct Uses {
    entry: bool,
    weight: bool,
    strata: bool,
    offset: bool,
}

const NOTHING: Uses = Uses { entry: false, weight: false, strata: false, offset: false };

impl Sample {
    fn take(&self, rows: &[usize]) -> Self {
        let pick = |values: &[f64]| rows.iter().map(|row| values[*row]).collect();
        Self {
            entry: pick(&self.entry),
            time: pick(&self.time),
            event: rows.iter().map(|row| self.event[*row]).collect(),
            fine: pick(&self.fine),
            coarse: pick(&self.coarse),
            weight: pick(&self.weight),
            stratum: rows.iter().map(|row| self.stratum[*row]).collect(),
            offset: pick(&self.offset),
        }
    }

    fn len(&self) -> usize {
        self.time.len()
    }

    fn columns(&self) -> [&[f64]; 2] {
        [&self.fine, &self.coarse]
    }

    fn input<'a>(&'a self, columns: &'a [&'a [f64]], uses: Uses) -> CoxInput<'a> {
        CoxInput {
            entry: uses.entry.then_some(self.entry.as_slice()),
            weight: uses.weight.then_some(self.weight.as_slice()),
            strata: uses.strata.then_some(self.stratum.as_slice()),
            offset: uses.offset.then_some(self.offset.as_slice()),
            ..CoxInput::new(&self.time, &self.event, columns)
        }
    }

    fn fit(&self, ties: Ties, uses: Uses) -> Result<CoxFit, StatsError> {
        cox(&self.input(&self.columns(), uses), &CoxOptions { ties, ..CoxOptions::default() })
    }

    /// The same subjects with times that all differ.
    fn untied(&self) -> Self {
        let time = self.time.iter().enumerate().map(|(row, time)| time + 0.01 * row as f64).collect();
        Self { time, ..self.clone() }
    }
}

fn samples() -> impl Strategy<Value = Sample> {
    let row = (0u8..4, 1u8..7, prop::bool::weighted(0.6), -2.0..2.0f64, 0u8..3, 1u8..4, 0usize..2, -1.0..1.0f64);
    prop::collection::vec(row, 6..28).prop_map(|rows| Sample {
        entry: rows.iter().map(|row| f64::from(row.0.min(row.1 - 1))).collect(),
        time: rows.iter().map(|row| f64::from(row.1)).collect(),
        event: rows.iter().map(|row| row.2).collect(),
        fine: rows.iter().map(|row| row.3).collect(),
        coarse: rows.iter().map(|row| f64::from(row.4)).collect(),
        weight: rows.iter().map(|row| 0.5 * f64::from(row.5)).collect(),
        stratum: rows.iter().map(|row| row.6).collect(),
        offset: rows.iter().map(|row| row.7).collect(),
    })
}

fn uses() -> impl Strategy<Value = Uses> {
    any::<[bool; 4]>().prop_map(|[entry, weight, strata, offset]| Uses { entry, weight, strata, offset })
}

fn permutation(length: usize, shift: usize) -> Vec<usize> {
    let mut rows: Vec<usize> = (0..length).rev().collect();
    rows.rotate_left(shift % length);
    rows
}

fn close(a: f64, b: f64, tolerance: f64) -> bool {
    (a - b).abs() <= tolerance * (1.0 + a.abs().max(b.abs()))
}

/// The log partial likelihood by its definition, event time by event time.
fn log_likelihood(sample: &Sample, ties: Ties, uses: Uses, beta: [f64; 2]) -> f64 {
    let predictor = |row: usize| {
        beta[0] * sample.fine[row] + beta[1] * sample.coarse[row] + if uses.offset { sample.offset[row] } else { 0.0 }
    };
    let weight = |row: usize| if uses.weight { sample.weight[row] } else { 1.0 };
    let mut sum = 0.0;
    for stratum in 0..2 {
        let rows: Vec<usize> =
            (0..sample.len()).filter(|row| !uses.strata || sample.stratum[*row] == stratum).collect();
        if !uses.strata && stratum == 1 {
            continue;
        }
        let mut times: Vec<f64> = rows.iter().filter(|row| sample.event[**row]).map(|row| sample.time[*row]).collect();
        times.sort_unstable_by(f64::total_cmp);
        times.dedup();
        for time in times {
            let at_risk: Vec<usize> = rows
                .iter()
                .copied()
                .filter(|row| sample.time[*row] >= time && (!uses.entry || sample.entry[*row] < time))
                .collect();
            let deaths: Vec<usize> =
                at_risk.iter().copied().filter(|row| sample.event[*row] && sample.time[*row] == time).collect();
            let risk = |rows: &[usize]| rows.iter().map(|row| weight(*row) * predictor(*row).exp()).sum::<f64>();
            let own: f64 = deaths.iter().map(|row| weight(*row) * predictor(*row)).sum();
            let count = deaths.len() as f64;
            let mean_weight = deaths.iter().map(|row| weight(*row)).sum::<f64>() / count;
            sum += match ties {
                Ties::Breslow => own - mean_weight * count * risk(&at_risk).ln(),
                Ties::Efron => {
                    let steps = (0..deaths.len()).map(|k| (risk(&at_risk) - k as f64 / count * risk(&deaths)).ln());
                    own - mean_weight * steps.sum::<f64>()
                }
                Ties::ExactPartial => {
                    // All subsets of the same size.
                    let risks: Vec<f64> = at_risk.iter().map(|row| predictor(*row).exp()).collect();
                    let mut subsets = vec![0.0; deaths.len() + 1];
                    subsets[0] = 1.0;
                    for risk in risks {
                        for size in (1..=deaths.len()).rev() {
                            subsets[size] += risk * subsets[size - 1];
                        }
                    }
                    own - subsets[deaths.len()].ln()
                }
                Ties::ExactMarginal => {
                    let risks: Vec<f64> = deaths.iter().map(|row| predictor(*row).exp()).collect();
                    let others: Vec<usize> = at_risk.iter().copied().filter(|row| !deaths.contains(row)).collect();
                    orders(&risks, risk(&others)).ln()
                }
            };
        }
    }
    sum
}

/// Σ over the orders in which the events may have come of the product of risk / risk of those left; `others` have none.
fn orders(risks: &[f64], others: f64) -> f64 {
    if risks.is_empty() {
        return 1.0;
    }
    let total = risks.iter().sum::<f64>() + others;
    (0..risks.len())
        .map(|first| {
            let mut rest = risks.to_vec();
            let risk = rest.remove(first);
            risk / total * orders(&rest, others)
        })
        .sum()
}

fn pair(fit: &CoxFit) -> [f64; 2] {
    [fit.coefficients[0].coefficient, fit.coefficients[1].coefficient]
}

/// Minus the second differences of a function of two coefficients.
fn information(function: impl Fn([f64; 2]) -> f64, at: [f64; 2]) -> [[f64; 2]; 2] {
    let h = 1e-3;
    let f = |a: f64, b: f64| function([at[0] + a * h, at[1] + b * h]);
    let own = |a: f64, b: f64| {
        // Fourth order.
        -(-f(2.0 * a, 2.0 * b) + 16.0 * f(a, b) - 30.0 * f(0.0, 0.0) + 16.0 * f(-a, -b) - f(-2.0 * a, -2.0 * b))
            / (12.0 * h * h)
    };
    let (first, second) = (own(1.0, 0.0), own(0.0, 1.0));
    let mixed = 0.5 * (own(1.0, 1.0) - first - second);
    [[first, mixed], [mixed, second]]
}

fn slope(function: impl Fn([f64; 2]) -> f64, at: [f64; 2], column: usize) -> f64 {
    let h = 1e-4;
    let f = |k: f64| {
        let mut beta = at;
        beta[column] += k * h;
        function(beta)
    };
    (8.0 * (f(1.0) - f(-1.0)) - (f(2.0) - f(-2.0))) / (12.0 * h)
}

/// The only errors that these samples can justify.
fn is_justified(error: &StatsError) -> bool {
    matches!(error, StatsError::NoEvents | StatsError::Collinear { .. })
}

/// A fit whose estimates exist and are not so far out that differences lose their digits.
fn regular(fit: Result<CoxFit, StatsError>) -> Option<CoxFit> {
    if let Err(error) = &fit {
        assert!(is_justified(error), "{error}");
    }
    fit.ok().filter(|fit| {
        fit.monotone.is_empty() && fit.coefficients.iter().all(|c| c.coefficient.abs() < 6.0 && c.standard_error < 6.0)
    })
}

fn check_definition(sample: &Sample, ties: Ties, uses: Uses) -> Result<(), TestCaseError> {
    let Some(fit) = regular(sample.fit(ties, uses)) else { return Ok(()) };
    let function = |beta: [f64; 2]| log_likelihood(sample, ties, uses, beta);
    let beta = pair(&fit);
    prop_assert!(close(fit.log_likelihood, function(beta), 1e-11), "{} {}", fit.log_likelihood, function(beta));
    prop_assert!(close(fit.log_likelihood_null, function([0.0; 2]), 1e-11));
    for column in 0..2 {
        prop_assert!(slope(function, beta, column).abs() < 1e-6, "slope {}", slope(function, beta, column));
    }
    let numeric = information(function, beta);
    let inverse = Cholesky::new(&fit.covariance, 0.0).unwrap().inverse();
    for (a, row) in numeric.iter().enumerate() {
        for (b, value) in row.iter().enumerate() {
            prop_assert!(close(*value, inverse.get(a, b), 2e-5), "{value} {}", inverse.get(a, b));
        }
    }
    Ok(())
}

/// Concordance by comparing all pairs.
fn concordance_by_pairs(sample: &Sample, uses: Uses) -> [f64; 5] {
    let weight = |row: usize| if uses.weight { sample.weight[row] } else { 1.0 };
    let mut counts = [0.0; 5];
    for i in 0..sample.len() {
        for j in 0..sample.len() {
            let apart = uses.strata && sample.stratum[i] != sample.stratum[j];
            let late = uses.entry && sample.entry[j] >= sample.time[i];
            if i == j || apart || late || !sample.event[i] {
                continue;
            }
            let product = weight(i) * weight(j);
            let (mine, other) = (sample.coarse[i], sample.coarse[j]);
            if sample.time[j] == sample.time[i] && sample.event[j] {
                // Both ways round.
                counts[if mine == other { 4 } else { 3 }] += 0.5 * product;
            } else if sample.time[j] >= sample.time[i] {
                counts[if mine > other {
                    0
                } else if mine < other {
                    1
                } else {
                    2
                }] += product;
            }
        }
    }
    counts
}

fn concordance_of(sample: &Sample, uses: Uses, time_weight: TimeWeight) -> Result<Concordance, StatsError> {
    let input = concordance_input(sample, uses);
    concordance(&input, &ConcordanceOptions { time_weight, ..ConcordanceOptions::default() })
}

fn concordance_input(sample: &Sample, uses: Uses) -> ConcordanceInput<'_> {
    ConcordanceInput {
        entry: uses.entry.then_some(sample.entry.as_slice()),
        weight: uses.weight.then_some(sample.weight.as_slice()),
        strata: uses.strata.then_some(sample.stratum.as_slice()),
        ..ConcordanceInput::new(&sample.time, &sample.event, &sample.coarse)
    }
}

#[test]
fn a_likelihood_that_still_rises_when_its_curvature_is_gone_is_monotone() {
    // The event and one of those at risk differ by 0.0004: coefficients of ten thousands separate them, and at a hundredth of
    // that nothing is left of the curvature.
    let fine = [-0.03437260784161479, 0.0, -1.6311474374107593, 0.0, -0.034768026796790676, 0.0];
    let coarse = [0.0, 1.0, 1.0, 0.0, 0.0, 0.0];
    let event = [true, false, false, false, false, false];
    let columns: [&[f64]; 2] = [&fine, &coarse];
    let input = CoxInput { strata: Some(&[1, 0, 1, 0, 1, 0]), ..CoxInput::new(&[1.0; 6], &event, &columns) };
    let fit = cox(&input, &CoxOptions::default()).unwrap();
    assert!(!fit.monotone.is_empty());
    assert!(fit.log_likelihood > -1e-6);
}

proptest! {
    #![proptest_config(super::cases(128))]

    #[test]
    fn efron_and_breslow_are_their_definitions(sample in samples(), uses in uses()) {
        check_definition(&sample, Ties::Efron, uses)?;
        check_definition(&sample, Ties::Breslow, uses)?;
    }

    #[test]
    fn the_exact_likelihoods_are_their_definitions(sample in samples(), uses in uses()) {
        let uses = Uses { weight: false, ..uses };
        check_definition(&sample, Ties::ExactPartial, uses)?;
        // All orders of up to seven tied events.
        let few = sample.take(&(0..sample.len().min(14)).collect::<Vec<_>>());
        let most = (1..7).map(|time| (0..few.len()).filter(|row| few.event[*row] && few.time[*row] == f64::from(time)).count());
        if most.max().unwrap_or(0) <= 7 {
            check_definition(&few, Ties::ExactMarginal, uses)?;
        }
    }

    #[test]
    fn without_ties_all_likelihoods_are_one(sample in samples(), uses in uses()) {
        let (sample, uses) = (sample.untied(), Uses { weight: false, ..uses });
        if let Some(efron) = regular(sample.fit(Ties::Efron, uses)) {
            for ties in [Ties::Breslow, Ties::ExactPartial, Ties::ExactMarginal] {
                let other = sample.fit(ties, uses).unwrap();
                prop_assert!(close(efron.log_likelihood, other.log_likelihood, 1e-12));
                for (a, b) in pair(&efron).iter().zip(pair(&other)) {
                    prop_assert!(close(*a, b, 1e-9), "{ties:?} {a} {b}");
                }
            }
        }
    }

    #[test]
    fn the_order_of_rows_changes_no_bit(sample in samples(), uses in uses(), shift in 0usize..30) {
        let rows = permutation(sample.len(), shift);
        let shuffled = sample.take(&rows);
        for ties in [Ties::Efron, Ties::Breslow, Ties::ExactPartial, Ties::ExactMarginal] {
            let uses = Uses { weight: uses.weight && matches!(ties, Ties::Efron | Ties::Breslow), ..uses };
            prop_assert_eq!(sample.fit(ties, uses), shuffled.fit(ties, uses));
        }
        let robust = |sample: &Sample| {
            cox(&sample.input(&sample.columns(), uses), &CoxOptions { robust: true, ..CoxOptions::default() })
        };
        prop_assert_eq!(robust(&sample), robust(&shuffled));
        prop_assert_eq!(
            concordance_of(&sample, uses, TimeWeight::Pairs),
            concordance_of(&shuffled, uses, TimeWeight::Pairs)
        );
        let firth = |sample: &Sample| firth_cox(&sample.input(&sample.columns(), uses), &FirthCoxOptions::default());
        prop_assert_eq!(firth(&sample), firth(&shuffled));
        let (columns, shuffled_columns) = (sample.columns(), shuffled.columns());
        let (input, shuffled_input) = (sample.input(&columns, uses), shuffled.input(&shuffled_columns, uses));
        if let Ok(fit) = sample.fit(Ties::Efron, uses) {
            prop_assert_eq!(
                fit.baseline_hazard(&input, BaselineAt::Means),
                fit.baseline_hazard(&shuffled_input, BaselineAt::Means)
            );
            let test = |input| fit.proportional_hazards_test(input, TimeTransform::KaplanMeier, None);
            prop_assert_eq!(test(&input), test(&shuffled_input));
            if let Ok(ours) = fit.residuals(&input) {
                let theirs = fit.residuals(&shuffled_input).unwrap();
                for (at, row) in rows.iter().enumerate() {
                    prop_assert_eq!(ours.martingale[*row], theirs.martingale[at]);
                    prop_assert_eq!(ours.dfbeta.row(*row), theirs.dfbeta.row(at));
                }
            }
        }
    }

    #[test]
    fn shift_and_scale_of_a_covariate_only_rescale_its_coefficient(sample in samples(), uses in uses()) {
        if let Some(fit) = regular(sample.fit(Ties::Efron, uses)) {
            for (shift, scale) in [(1e6, 1.0), (0.0, 1e-8), (0.0, 1e8), (-3.0, -2.0)] {
                let fine = sample.fine.iter().map(|value| value * scale + shift).collect();
                let other = Sample { fine, ..sample.clone() }.fit(Ties::Efron, uses).unwrap();
                prop_assert!(close(fit.log_likelihood, other.log_likelihood, 1e-9));
                prop_assert!(close(pair(&fit)[0], pair(&other)[0] * scale, 1e-7));
                prop_assert!(close(pair(&fit)[1], pair(&other)[1], 1e-7));
                let errors = [&fit, &other].map(|fit| fit.coefficients[0].standard_error);
                prop_assert!(close(errors[0], errors[1] * scale.abs(), 1e-7));
            }
        }
    }

    #[test]
    fn a_row_cut_in_two_intervals_is_the_same_row(sample in samples(), uses in uses()) {
        let mut cut = sample.take(&(0..sample.len()).chain(0..sample.len()).collect::<Vec<_>>());
        let mut kept = Vec::new();
        for row in 0..sample.len() {
            let middle = sample.entry[row] + 1.0;
            kept.push(row);
            if middle < sample.time[row] {
                cut.time[row] = middle;
                cut.event[row] = false;
                cut.entry[sample.len() + row] = middle;
                kept.push(sample.len() + row);
            }
        }
        let cut = cut.take(&kept);
        let uses = Uses { entry: true, ..uses };
        if let Some(fit) = regular(sample.fit(Ties::Efron, uses)) {
            let other = cut.fit(Ties::Efron, uses).unwrap();
            prop_assert!(close(fit.log_likelihood, other.log_likelihood, 1e-11));
            for (a, b) in pair(&fit).iter().zip(pair(&other)) {
                prop_assert!(close(*a, b, 1e-8));
            }
        }
    }

    #[test]
    fn a_weight_of_two_is_a_row_twice_and_of_zero_no_row(sample in samples(), uses in uses()) {
        let doubled: Vec<usize> = (0..sample.len()).flat_map(|row| vec![row; row % 3]).collect();
        let weight = (0..sample.len()).map(|row| (row % 3) as f64).collect();
        let weighted = Sample { weight, ..sample.clone() };
        let weighted = weighted.fit(Ties::Breslow, Uses { weight: true, ..uses });
        let replicated = sample.take(&doubled).fit(Ties::Breslow, Uses { weight: false, ..uses });
        if let (Some(weighted), Some(replicated)) = (regular(weighted), regular(replicated)) {
            prop_assert!(close(weighted.log_likelihood, replicated.log_likelihood, 1e-11));
            for (a, b) in pair(&weighted).iter().zip(pair(&replicated)) {
                prop_assert!(close(*a, b, 1e-8));
            }
        }
    }

    #[test]
    fn residuals_sum_to_what_they_must(sample in samples(), uses in uses()) {
        for ties in [Ties::Efron, Ties::Breslow] {
            let Some(fit) = regular(sample.fit(ties, uses)) else { continue };
            let columns = sample.columns();
            let residuals = fit.residuals(&sample.input(&columns, uses)).unwrap();
            let weight = |row: usize| if uses.weight { sample.weight[row] } else { 1.0 };
            let total: f64 = residuals.rows.iter().zip(&residuals.martingale).map(|(row, m)| weight(*row) * m).sum();
            prop_assert!(total.abs() < 1e-10, "martingale {total}");
            for column in 0..2 {
                let total: f64 =
                    residuals.rows.iter().enumerate().map(|(at, row)| weight(*row) * residuals.score.get(at, column)).sum();
                prop_assert!(total.abs() < 1e-5, "score {total}");
            }
            // The cumulative hazard of the baseline, moved to a row's covariates, is that row's expected number of events.
            if !uses.entry && !uses.offset && !uses.strata {
                let baseline = fit.baseline_hazard(&sample.input(&columns, uses), BaselineAt::Means).unwrap();
                let predictor = fit.linear_predictor(&columns).unwrap();
                for row in (0..sample.len()).filter(|row| !sample.event[*row]) {
                    let expected = baseline.strata[0].at(sample.time[row]) * predictor[row].exp();
                    prop_assert!(close(expected, residuals.expected[row], 1e-9));
                }
            }
        }
    }

    #[test]
    fn the_score_test_of_a_group_is_the_log_rank_test(sample in samples(), strata in any::<bool>()) {
        let sample = sample.untied();
        let group: Vec<usize> = sample.coarse.iter().map(|value| usize::from(*value > 0.0)).collect();
        let indicator: Vec<f64> = group.iter().map(|group| *group as f64).collect();
        let columns = [indicator.as_slice()];
        let input = sample.input(&columns, Uses { strata, ..NOTHING });
        let data = SurvivalData::new(&sample.time, &sample.event);
        let strata = strata.then_some(sample.stratum.as_slice());
        let test = log_rank(&data, &group, 2, LogRankWeight::LogRank, strata);
        if let (Ok(fit), Ok(test)) = (cox(&input, &CoxOptions::default()), test) {
            prop_assert!(close(fit.score.statistic.unwrap(), test.test.statistic.unwrap(), 1e-10));
        }
    }

    #[test]
    fn concordance_is_a_count_of_pairs(sample in samples(), uses in uses()) {
        let counts = concordance_by_pairs(&sample, uses);
        match concordance_of(&sample, uses, TimeWeight::Pairs) {
            Err(error) => {
                let undefined = matches!(error, StatsError::Undefined { .. });
                prop_assert!(undefined);
                prop_assert_eq!(counts[0] + counts[1] + counts[2], 0.0);
            }
            Ok(ours) => {
                // Sums of multiples of a quarter: exact.
                prop_assert_eq!(
                    [ours.concordant, ours.discordant, ours.tied_risk, ours.tied_time, ours.tied_both],
                    counts
                );
                let c = (counts[0] + 0.5 * counts[2]) / (counts[0] + counts[1] + counts[2]);
                prop_assert!(close(ours.c.value, c, 1e-14));
            }
        }
    }

    #[test]
    fn influence_is_the_derivative_with_respect_to_the_weight(sample in samples(), uses in uses()) {
        let uses = Uses { weight: true, ..uses };
        let options = ConcordanceOptions::default();
        if let Ok(ours) = concordance_influence(&concordance_input(&sample, uses), &options) {
            for row in 0..sample.len() {
                let moved = |change: f64| {
                    let mut sample = sample.clone();
                    sample.weight[row] += change;
                    concordance_of(&sample, uses, TimeWeight::Pairs).unwrap().c.value
                };
                let derivative = (moved(1e-4) - moved(-1e-4)) / 2e-4;
                prop_assert!((ours.influence[row] - sample.weight[row] * derivative).abs() < 1e-6);
            }
            let variance: f64 = ours.influence.iter().map(|pull| pull * pull).sum();
            prop_assert!(close(ours.concordance.c.standard_error.unwrap(), variance.sqrt(), 1e-12));
        }
    }

    #[test]
    fn the_reversed_score_has_the_complementary_concordance(sample in samples(), uses in uses()) {
        let uses = Uses { entry: false, ..uses };
        let reversed = Sample { coarse: sample.coarse.iter().map(|value| -value).collect(), ..sample.clone() };
        for time_weight in [
            TimeWeight::Pairs,
            TimeWeight::Survival,
            TimeWeight::SurvivalOverCensoring,
            TimeWeight::InverseCensoringSquared,
            TimeWeight::InverseAtRisk,
        ] {
            if let Ok(ours) = concordance_of(&sample, uses, time_weight) {
                let other = concordance_of(&reversed, uses, time_weight).unwrap();
                prop_assert!(close(ours.c.value, 1.0 - other.c.value, 1e-12));
                prop_assert!((0.0..=1.0).contains(&ours.c.value));
            }
        }
    }

    #[test]
    fn firth_maximises_the_penalised_likelihood(sample in samples(), uses in uses(), efron in any::<bool>()) {
        let ties = if efron { Ties::Efron } else { Ties::Breslow };
        let columns = sample.columns();
        let input = sample.input(&columns, uses);
        let fit = firth_cox(&input, &FirthCoxOptions { ties, ..FirthCoxOptions::default() });
        let usable = |fit: &vouch::stats::survival::cox::FirthCoxFit| {
            fit.coefficients.iter().all(|c| c.coefficient.abs() < 4.0 && c.standard_error < 4.0)
        };
        if let Err(error) = &fit {
            prop_assert!(is_justified(error), "{error}");
        }
        if let Some(fit) = fit.ok().filter(usable) {
            let likelihood = |beta| log_likelihood(&sample, ties, uses, beta);
            let penalised = |beta: [f64; 2]| {
                let [[a, b], [_, d]] = information(likelihood, beta);
                likelihood(beta) + 0.5 * (a * d - b * b).ln()
            };
            let beta = [fit.coefficients[0].coefficient, fit.coefficients[1].coefficient];
            prop_assert!(close(penalised(beta), fit.penalised_log_likelihood, 1e-5));
            prop_assert!(close(penalised([0.0; 2]), fit.penalised_log_likelihood_null, 1e-5));
            // The penalty's own rounding, divided by the distance of the differences.
            for column in 0..2 {
                let h = 0.05;
                let f = |k: f64| {
                    let mut beta = beta;
                    beta[column] += k * h;
                    penalised(beta)
                };
                let slope = (45.0 * (f(1.0) - f(-1.0)) - 9.0 * (f(2.0) - f(-2.0)) + (f(3.0) - f(-3.0))) / (60.0 * h);
                prop_assert!(slope.abs() < 1e-3, "slope {slope}");
            }
            for c in &fit.coefficients {
                prop_assert!(c.interval.lower < c.coefficient && c.coefficient < c.interval.upper);
                let excludes = c.interval.lower > 0.0 || c.interval.upper < 0.0;
                prop_assert!(excludes == (c.test.p_value < 0.05) || (c.test.p_value - 0.05).abs() < 1e-6);
            }
        }
    }
}
