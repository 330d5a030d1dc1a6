//! What must hold for every survival data set.

use proptest::prelude::*;
use vouch::stats::Orientation;
use vouch::stats::survival::SurvivalData;
use vouch::stats::survival::aalen_johansen::{AalenJohansenOptions, aalen_johansen, cumulative_incidence};
use vouch::stats::survival::brier_survival::{BrierOptions, brier_survival};
use vouch::stats::survival::competing_risks::CompetingRisksData;
use vouch::stats::survival::fine_gray::{FineGrayOptions, fine_gray};
use vouch::stats::survival::gray::gray;
use vouch::stats::survival::kaplan_meier::{KaplanMeierOptions, SurvivalInterval, kaplan_meier};
use vouch::stats::survival::log_rank::{LogRankWeight, log_rank, log_rank_trend};
use vouch::stats::survival::nelson_aalen::{NelsonAalenOptions, nelson_aalen};
use vouch::stats::survival::restricted_mean::restricted_mean;
use vouch::stats::survival::survival_calibration::{RatioInterval, observed_expected_survival};
use vouch::stats::survival::time_dependent_auc::{TimeDependentAucOptions, time_dependent_auc};
use vouch::stats::survival::uno_concordance::{UnoOptions, uno_concordance};

/// A subject: time (with many ties), cause (0 censored), group, stratum, weight and score.
#[derive(Clone, Debug)]
struct Subject {
    time: f64,
    cause: usize,
    group: usize,
    stratum: usize,
    weight: f64,
    score: f64,
}

fn subject() -> impl Strategy<Value = Subject> {
    let time = prop_oneof![(0u32..12).prop_map(f64::from), 0.0..12.0f64];
    (time, 0..3usize, 0..3usize, 0..2usize, 0..4u32, (0u32..8).prop_map(f64::from)).prop_map(
        |(time, cause, group, stratum, weight, score)| Subject {
            time,
            cause,
            group,
            stratum,
            weight: f64::from(weight),
            score,
        },
    )
}

fn subjects() -> impl Strategy<Value = Vec<Subject>> {
    prop::collection::vec(subject(), 1..60)
}

/// The same subjects in two orders.
fn two_orders() -> impl Strategy<Value = (Vec<Subject>, Vec<Subject>)> {
    subjects().prop_flat_map(|subjects| (Just(subjects.clone()), Just(subjects).prop_shuffle()))
}

struct Columns {
    time: Vec<f64>,
    event: Vec<bool>,
    cause: Vec<usize>,
    group: Vec<usize>,
    stratum: Vec<usize>,
    weight: Vec<f64>,
    score: Vec<f64>,
}

impl Columns {
    fn of(subjects: &[Subject]) -> Self {
        Self {
            time: subjects.iter().map(|subject| subject.time).collect(),
            event: subjects.iter().map(|subject| subject.cause > 0).collect(),
            cause: subjects.iter().map(|subject| subject.cause).collect(),
            group: subjects.iter().map(|subject| subject.group).collect(),
            stratum: subjects.iter().map(|subject| subject.stratum).collect(),
            weight: subjects.iter().map(|subject| subject.weight).collect(),
            score: subjects.iter().map(|subject| subject.score).collect(),
        }
    }

    fn data(&self) -> SurvivalData<'_> {
        SurvivalData::new(&self.time, &self.event)
    }

    fn risks(&self) -> CompetingRisksData<'_> {
        CompetingRisksData::new(&self.time, &self.cause, 2)
    }
}

const WEIGHTS: [LogRankWeight; 5] = [
    LogRankWeight::LogRank,
    LogRankWeight::FlemingHarrington { rho: 1.0, gamma: 0.5 },
    LogRankWeight::Gehan,
    LogRankWeight::TaroneWare,
    LogRankWeight::PetoPeto,
];

fn close(left: f64, right: f64, tolerance: f64) -> bool {
    (left - right).abs() <= tolerance * right.abs().max(1.0)
}

proptest! {
    #![proptest_config(super::cases(128))]

    #[test]
    fn without_censoring_kaplan_meier_is_one_minus_the_distribution_function(subjects in subjects()) {
        let columns = Columns::of(&subjects);
        let data = SurvivalData { event: &vec![true; subjects.len()], ..columns.data() };
        let curve = kaplan_meier(&data, &KaplanMeierOptions::default()).unwrap();
        for step in &curve.steps {
            let after = columns.time.iter().filter(|time| **time > step.time).count() as f64;
            let n = subjects.len() as f64;
            prop_assert!(close(step.survival, after / n, 1e-13));
            // Greenwood's is then the binomial variance.
            if let Some(error) = step.standard_error {
                prop_assert!(close(error, (after / n * (1.0 - after / n) / n).sqrt(), 1e-12));
            }
        }
    }

    #[test]
    fn the_curve_falls_and_its_limits_hold_it(subjects in subjects(), level in 0.5..0.999f64) {
        let columns = Columns::of(&subjects);
        use SurvivalInterval::{Arcsine, Log, LogLog, Logit, Plain};
        for interval in [Plain, Log, LogLog, Logit, Arcsine] {
            let curve = kaplan_meier(&columns.data(), &KaplanMeierOptions { level, interval }).unwrap();
            let mut before = 1.0;
            for step in &curve.steps {
                prop_assert!((0.0..=before).contains(&step.survival));
                before = step.survival;
                if let (Some(lower), Some(upper)) = (step.lower, step.upper) {
                    prop_assert!(0.0 <= lower && upper <= 1.0);
                    prop_assert!(lower <= step.survival * (1.0 + 1e-12) && step.survival <= upper * (1.0 + 1e-12));
                }
            }
        }
    }

    #[test]
    fn a_whole_weight_is_that_many_copies(subjects in subjects()) {
        prop_assume!(subjects.iter().any(|subject| subject.weight > 0.0));
        let columns = Columns::of(&subjects);
        let copies: Vec<Subject> = subjects
            .iter()
            .flat_map(|subject| std::iter::repeat_n(subject.clone(), subject.weight as usize))
            .collect();
        let copied = Columns::of(&copies);
        let weighted = columns.data().with_weight(&columns.weight);
        let options = KaplanMeierOptions::default();
        let (left, right) = (kaplan_meier(&weighted, &options).unwrap(), kaplan_meier(&copied.data(), &options).unwrap());
        prop_assert_eq!(left.steps, right.steps);
        let test = |data: &SurvivalData, columns: &Columns| {
            let strata = Some(columns.stratum.as_slice());
            log_rank(data, &columns.group, 3, LogRankWeight::Gehan, strata)
        };
        prop_assert_eq!(test(&weighted, &columns), test(&copied.data(), &copied));
    }

    #[test]
    fn the_order_of_rows_leaves_every_bit_alone((left, right) in two_orders()) {
        let (left, right) = (Columns::of(&left), Columns::of(&right));
        let options = KaplanMeierOptions::default();
        // Weights that are not whole: sums of them round.
        let odd = |columns: &Columns| columns.weight.iter().map(|weight| 0.1 + 0.7 * weight).collect::<Vec<f64>>();
        let (odd_left, odd_right) = (odd(&left), odd(&right));
        let weighted = kaplan_meier(&left.data().with_weight(&odd_left), &options).unwrap();
        prop_assert_eq!(weighted, kaplan_meier(&right.data().with_weight(&odd_right), &options).unwrap());
        let orientation = Orientation::HigherIsRisk;
        prop_assert_eq!(
            uno_concordance(&left.data(), &left.score, orientation, &UnoOptions::default()),
            uno_concordance(&right.data(), &right.score, orientation, &UnoOptions::default())
        );
        let auc = |columns: &Columns| {
            let options = TimeDependentAucOptions::default();
            time_dependent_auc(&columns.data(), &columns.score, orientation, &[4.0, 6.5], &options)
        };
        prop_assert_eq!(auc(&left), auc(&right));
        let risk = |columns: &Columns| columns.score.iter().map(|score| (score + 0.1) / 9.0).collect::<Vec<f64>>();
        let brier = |columns: &Columns| brier_survival(&columns.data(), &risk(columns), 5.0, &BrierOptions::default());
        prop_assert_eq!(brier(&left), brier(&right));
        let ratio = |columns: &Columns| {
            observed_expected_survival(&columns.data(), &risk(columns), 3.0, 0.95, RatioInterval::KaplanMeier)
        };
        prop_assert_eq!(ratio(&left), ratio(&right));
        for weight in WEIGHTS {
            prop_assert_eq!(
                log_rank(&left.data(), &left.group, 3, weight, Some(&left.stratum)),
                log_rank(&right.data(), &right.group, 3, weight, Some(&right.stratum))
            );
        }
        prop_assert_eq!(
            gray(&left.risks(), 1, &left.group, 3, 0.5, Some(&left.stratum)),
            gray(&right.risks(), 1, &right.group, 3, 0.5, Some(&right.stratum))
        );
        let covariate = |columns: &Columns| columns.weight.clone();
        let fit = |columns: &Columns| {
            fine_gray(&columns.risks(), 1, &[&columns.score, &covariate(columns)], &FineGrayOptions::default())
        };
        // A separated column is found at the same step in both.
        prop_assert_eq!(fit(&left), fit(&right));
    }

    #[test]
    fn log_rank_does_not_change_under_a_monotone_map_of_time(subjects in subjects()) {
        let columns = Columns::of(&subjects);
        // Times on a grid, so that no two come closer than rounding in the map.
        let grid: Vec<f64> = columns.time.iter().map(|time| (time * 4.0).round()).collect();
        let mapped: Vec<f64> = grid.iter().map(|time| time * time + 3.0 * time).collect();
        for weight in WEIGHTS {
            let test = |time: &[f64]| {
                let data = SurvivalData { time, ..columns.data() };
                log_rank(&data, &columns.group, 3, weight, Some(&columns.stratum))
            };
            prop_assert_eq!(test(&grid), test(&mapped));
        }
        let tiny: Vec<f64> = grid.iter().map(|time| time * 1e-12).collect();
        let data = SurvivalData { time: &tiny, ..columns.data() };
        let plain = SurvivalData { time: &grid, ..columns.data() };
        let test = |data: &SurvivalData| log_rank(data, &columns.group, 3, LogRankWeight::LogRank, None);
        prop_assert_eq!(test(&data), test(&plain));
    }

    #[test]
    fn two_groups_swapped_are_the_same_test_with_the_trend_turned(subjects in subjects()) {
        let columns = Columns::of(&subjects);
        let group: Vec<usize> = columns.group.iter().map(|group| group % 2).collect();
        let swapped: Vec<usize> = group.iter().map(|group| 1 - group).collect();
        for weight in WEIGHTS {
            let test = |group: &[usize]| log_rank(&columns.data(), group, 2, weight, None);
            let trend = |group: &[usize]| log_rank_trend(&columns.data(), group, &[0.0, 1.0], weight, None);
            let (Ok(left), Ok(right)) = (test(&group), test(&swapped)) else {
                prop_assert_eq!(test(&group), test(&swapped));
                continue;
            };
            let (chi, other) = (left.test.statistic.unwrap(), right.test.statistic.unwrap());
            prop_assert!(close(chi, other, 1e-9), "{} {}", chi, other);
            let (z, turned) = (trend(&group).unwrap().statistic.unwrap(), trend(&swapped).unwrap().statistic.unwrap());
            prop_assert!(close(z, -turned, 1e-9) && close(z * z, chi, 1e-9));
            prop_assert!((left.groups[0].observed - left.groups[0].expected
                + (left.groups[1].observed - left.groups[1].expected)).abs() < 1e-9 * (1.0 + left.groups[0].expected));
        }
    }

    #[test]
    fn causes_and_survival_add_up_to_one(subjects in subjects()) {
        let columns = Columns::of(&subjects);
        let curves = aalen_johansen(&columns.risks(), &AalenJohansenOptions::default()).unwrap();
        let survival = kaplan_meier(&columns.data(), &KaplanMeierOptions::default()).unwrap();
        for (index, step) in survival.steps.iter().enumerate() {
            let sum = curves[0].steps[index].incidence + curves[1].steps[index].incidence + step.survival;
            prop_assert!(close(sum, 1.0, 1e-12));
        }
        let cause: Vec<usize> = columns.event.iter().map(|event| usize::from(*event)).collect();
        let alone = CompetingRisksData::new(&columns.time, &cause, 1);
        let alone = cumulative_incidence(&alone, 1, &AalenJohansenOptions::default()).unwrap();
        for (step, other) in alone.steps.iter().zip(&survival.steps) {
            prop_assert!(close(step.incidence, 1.0 - other.survival, 1e-12));
            let error = other.standard_error.unwrap_or(0.0);
            prop_assert!((step.standard_error * step.standard_error - error * error).abs() < 1e-12);
        }
    }

    #[test]
    fn the_hazard_is_at_least_minus_the_log_of_survival_less_rounding(subjects in subjects()) {
        let columns = Columns::of(&subjects);
        let hazard = nelson_aalen(&columns.data(), &NelsonAalenOptions::default()).unwrap();
        let survival = kaplan_meier(&columns.data(), &KaplanMeierOptions::default()).unwrap();
        for (step, other) in hazard.steps.iter().zip(&survival.steps) {
            prop_assert!((-step.cumulative_hazard).exp() >= other.survival - 1e-13);
        }
    }

    #[test]
    fn the_restricted_mean_lies_between_zero_and_tau(subjects in subjects(), fraction in 0.01..1.0f64) {
        let columns = Columns::of(&subjects);
        let tau = fraction * columns.time.iter().copied().fold(0.0, f64::max);
        prop_assume!(tau > 0.0);
        let result = restricted_mean(&columns.data(), tau, 0.95).unwrap();
        prop_assert!((0.0..=tau * (1.0 + 1e-14)).contains(&result.mean.value));
        prop_assert!(close(result.mean.value + result.lost.value, tau, 1e-14));
    }

    #[test]
    fn auc_and_concordance_turn_with_the_score(subjects in subjects()) {
        let columns = Columns::of(&subjects);
        let options = TimeDependentAucOptions::default();
        let auc = |orientation| time_dependent_auc(&columns.data(), &columns.score, orientation, &[5.0], &options);
        if let (Ok(high), Ok(low)) = (auc(Orientation::HigherIsRisk), auc(Orientation::LowerIsRisk)) {
            prop_assert!(close(high[0].auc.value, 1.0 - low[0].auc.value, 1e-12));
            prop_assert!((0.0..=1.0 + 1e-12).contains(&high[0].auc.value));
        }
        let uno = |score: &[f64]| {
            uno_concordance(&columns.data(), score, Orientation::HigherIsRisk, &UnoOptions::default())
        };
        let cubed: Vec<f64> = columns.score.iter().map(|score| score * score * score - 5.0).collect();
        prop_assert_eq!(uno(&columns.score), uno(&cubed));
    }

    #[test]
    fn data_without_a_single_event(subjects in subjects()) {
        let columns = Columns::of(&subjects);
        let data = SurvivalData { event: &vec![false; subjects.len()], ..columns.data() };
        let curve = kaplan_meier(&data, &KaplanMeierOptions::default()).unwrap();
        prop_assert!(curve.steps.iter().all(|step| step.survival == 1.0 && step.standard_error == Some(0.0)));
        prop_assert_eq!(curve.median().value, f64::INFINITY);
        prop_assert!(log_rank(&data, &columns.group, 3, LogRankWeight::LogRank, None).is_err());
        prop_assert!(uno_concordance(&data, &columns.score, Orientation::HigherIsRisk, &UnoOptions::default()).is_err());
    }
}
