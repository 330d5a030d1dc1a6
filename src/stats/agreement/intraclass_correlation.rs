//! Intraclass correlation of several raters: the six forms of Shrout and Fleiss.
//!
//! Estimand: the share of variance that lies between subjects. From a two-way layout of n subjects by k raters, mean
//! squares between subjects MSR, between raters MSC, residual MSE, and within subjects MSW:
//! - (1,1) each subject has raters of its own: (MSR − MSW)/(MSR + (k − 1)MSW);
//! - (2,1) raters are a sample, agreement: (MSR − MSE)/(MSR + (k − 1)MSE + k(MSC − MSE)/n);
//! - (3,1) these raters only, consistency: (MSR − MSE)/(MSR + (k − 1)MSE);
//! - (·,k) the same for the mean of the k ratings.
//!
//! Test: F = MSR/MSW on n − 1 and n(k − 1) for form 1, MSR/MSE on n − 1 and (n − 1)(k − 1) for the others; one-sided.
//! Intervals: from that F for forms 1 and 3; for form 2 Shrout and Fleiss's approximation with Satterthwaite's degrees of
//! freedom. A lower limit may be far below zero for means of ratings; it is not cut, because the form itself has no bound.
//! Assumptions: additive effects, normal and of equal variance; no missing rating.
//! Shapes: one slice per rater, one entry per subject. Row order changes at most the last bits.
//! Edge cases: at least two subjects and two raters; `Undefined` where the error mean square is zero (perfect agreement has
//! no finite F) or nothing varies.
//! Sources: Shrout and Fleiss 1979 (doi:10.1037/0033-2909.86.2.420); McGraw and Wong 1996 (doi:10.1037/1082-989X.1.1.30).
//! Oracle: psych 2.2.9 `ICC(lmer = FALSE)`.

use crate::stats::distribution::{f_quantile, f_upper};
use crate::stats::error::{StatsError, require_finite, require_level, require_same_length};
use crate::stats::estimate::{Alternative, Estimate, NullDistribution, Test};
use serde::{Deserialize, Serialize};

/// Which design and reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IntraclassForm {
    /// (1,1): raters nested in subjects, one rating.
    OneWaySingle,
    /// (2,1): random raters, absolute agreement, one rating.
    RandomSingle,
    /// (3,1): fixed raters, consistency, one rating.
    FixedSingle,
    /// (1,k): raters nested in subjects, mean of the ratings.
    OneWayMean,
    /// (2,k): random raters, absolute agreement, mean of the ratings.
    RandomMean,
    /// (3,k): fixed raters, consistency, mean of the ratings.
    FixedMean,
}

/// An intraclass correlation with its test.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IntraclassCorrelation {
    /// Which one.
    pub form: IntraclassForm,
    /// The correlation with its interval.
    pub estimate: Estimate,
    /// The F test of no variance between subjects.
    pub test: Test,
}

struct MeanSquares {
    n: f64,
    k: f64,
    subjects: f64,
    raters: f64,
    residual: f64,
    within: f64,
}

fn mean_squares(ratings: &[&[f64]]) -> Result<MeanSquares, StatsError> {
    let [first, rest @ ..] = ratings else { return Err(StatsError::Empty { what: "ratings" }) };
    if rest.is_empty() {
        return Err(StatsError::TooFew { what: "the number of raters", needed: 2, found: 1 });
    }
    if first.len() < 2 {
        return Err(StatsError::TooFew { what: "the number of subjects", needed: 2, found: first.len() });
    }
    for rater in ratings {
        require_same_length("first rater", first.len(), "further rater", rater.len())?;
        require_finite("ratings", rater)?;
    }
    let (n, k) = (first.len() as f64, ratings.len() as f64);
    let sum = |values: &mut dyn Iterator<Item = f64>| values.fold(0.0, |sum, value| sum + value);
    let square = |value: f64| value * value;
    let of_rater: Vec<f64> = ratings.iter().map(|rater| sum(&mut rater.iter().map(|value| value / n))).collect();
    let of_subject: Vec<f64> =
        (0..first.len()).map(|subject| sum(&mut ratings.iter().map(|rater| rater[subject])) / k).collect();
    let grand = sum(&mut of_rater.iter().copied()) / k;
    let cells = |effect: &dyn Fn(usize, usize) -> f64| {
        sum(&mut ratings.iter().enumerate().flat_map(|(rater, values)| {
            values.iter().enumerate().map(move |(subject, value)| square(value - effect(rater, subject)))
        }))
    };
    let within = cells(&|_, subject| of_subject[subject]);
    let residual = cells(&|rater, subject| of_subject[subject] + of_rater[rater] - grand);
    Ok(MeanSquares {
        n,
        k,
        subjects: k * sum(&mut of_subject.iter().map(|mean| square(mean - grand))) / (n - 1.0),
        raters: n * sum(&mut of_rater.iter().map(|mean| square(mean - grand))) / (k - 1.0),
        residual: residual / ((n - 1.0) * (k - 1.0)),
        within: within / (n * (k - 1.0)),
    })
}

/// One form of the intraclass correlation; `ratings` holds one slice per rater.
pub fn intraclass_correlation(
    ratings: &[&[f64]],
    form: IntraclassForm,
    level: f64,
) -> Result<IntraclassCorrelation, StatsError> {
    require_level(level)?;
    let squares = mean_squares(ratings)?;
    let one_way = matches!(form, IntraclassForm::OneWaySingle | IntraclassForm::OneWayMean);
    let of_mean = matches!(form, IntraclassForm::OneWayMean | IntraclassForm::RandomMean | IntraclassForm::FixedMean);
    let MeanSquares { n, k, subjects, .. } = squares;
    let error = if one_way { squares.within } else { squares.residual };
    // Rounding leaves a trace of 1e-30 or so where agreement is perfect.
    if subjects <= 0.0 || error <= 1e-25 * subjects {
        return Err(StatsError::Undefined { what: "the intraclass correlation", why: "its error variance is zero" });
    }
    let df_error = if one_way { n * (k - 1.0) } else { (n - 1.0) * (k - 1.0) };
    let f = subjects / error;
    let single = if matches!(form, IntraclassForm::RandomSingle | IntraclassForm::RandomMean) {
        random_raters(&squares, level)
    } else {
        let tail = 0.5 * (1.0 - level);
        // 1/F quantile of the lower tail with the degrees of freedom exchanged is the upper tail's.
        let low = f * f_quantile(tail, df_error, n - 1.0);
        let high = f / f_quantile(tail, n - 1.0, df_error);
        Limits {
            value: (f - 1.0) / (f + k - 1.0),
            lower: (low - 1.0) / (low + k - 1.0),
            upper: (high - 1.0) / (high + k - 1.0),
        }
    };
    // Spearman and Brown: from one rating to the mean of k.
    let step_up = |value: f64| {
        let reliability = 1.0 + (k - 1.0) * value;
        match of_mean {
            false => value,
            // Below -1/(k - 1) a mean of k has no variance left: the least there is.
            true if reliability <= 0.0 => f64::NEG_INFINITY,
            true => k * value / reliability,
        }
    };
    if step_up(single.value) == f64::NEG_INFINITY {
        return Err(StatsError::Undefined {
            what: "the intraclass correlation",
            why: "the variance of a mean rating is not positive",
        });
    }
    Ok(IntraclassCorrelation {
        form,
        estimate: Estimate::new(step_up(single.value), n as usize).with_interval(
            step_up(single.lower),
            step_up(single.upper),
            level,
            "Shrout and Fleiss",
        ),
        test: Test {
            statistic: Some(f),
            distribution: NullDistribution::F { df_numerator: n - 1.0, df_denominator: df_error },
            p_value: f_upper(f, n - 1.0, df_error),
            alternative: Alternative::Greater,
            method: "F test of variance between subjects".into(),
        },
    })
}

struct Limits {
    value: f64,
    lower: f64,
    upper: f64,
}

fn random_raters(squares: &MeanSquares, level: f64) -> Limits {
    let MeanSquares { n, k, subjects, raters, residual, .. } = *squares;
    let value = (subjects - residual) / (subjects + (k - 1.0) * residual + k * (raters - residual) / n);
    let ratio = raters / residual;
    let scaled = n * (1.0 + (k - 1.0) * value) - k * value;
    let numerator = (k - 1.0) * (n - 1.0) * (k * value * ratio + scaled) * (k * value * ratio + scaled);
    let denominator = (n - 1.0) * (k * value * ratio) * (k * value * ratio) + scaled * scaled;
    let df = numerator / denominator;
    let tail = 0.5 * (1.0 - level);
    let upper_f = 1.0 / f_quantile(tail, df, n - 1.0);
    let lower_f = 1.0 / f_quantile(tail, n - 1.0, df);
    let rest = k * raters + (k * n - k - n) * residual;
    Limits {
        value,
        lower: n * (subjects - upper_f * residual) / (upper_f * rest + n * subjects),
        upper: n * (lower_f * subjects - residual) / (rest + n * lower_f * subjects),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand() {
        // Two raters, three subjects: (1, 2), (3, 3), (5, 7). Subject means 1.5, 3, 6, grand 3.5, rater means 3 and 4.
        // MSR = 2(4 + 0.25 + 6.25)/2 = 10.5; MSC = 3(0.25 + 0.25) = 1.5; residuals 0, ½, −½ twice: MSE = 1/2; MSW = 2.5/3.
        let ratings: [&[f64]; 2] = [&[1.0, 3.0, 5.0], &[2.0, 3.0, 7.0]];
        let value = |form| intraclass_correlation(&ratings, form, 0.95).unwrap().estimate.value;
        let within = 2.5 / 3.0;
        assert!((value(IntraclassForm::OneWaySingle) - (10.5 - within) / (10.5 + within)).abs() < 1e-14);
        assert!((value(IntraclassForm::FixedSingle) - 10.0 / 11.0).abs() < 1e-14);
        assert!((value(IntraclassForm::RandomSingle) - 10.0 / (11.0 + 2.0 / 3.0)).abs() < 1e-14);
        assert!((value(IntraclassForm::FixedMean) - 10.0 / 10.5).abs() < 1e-14);
    }

    #[test]
    fn no_limit_of_a_mean_passes_the_pole_of_spearman_and_brown() {
        // The single rating's lower limit is below -1/(k - 1) = -1: stepped up it would be 5.99.
        let form = IntraclassForm::RandomMean;
        let interval = intraclass_correlation(&[&[6.0, 0.0, 0.0], &[4.0, 2.0, 1.0]], form, 0.95)
            .unwrap()
            .estimate
            .interval
            .unwrap();
        assert!(interval.lower == f64::NEG_INFINITY && interval.upper < 1.0);
        assert!(intraclass_correlation(&[&[5.0, 2.0], &[3.0, 1.0], &[2.0, 5.0]], form, 0.95).is_err());
    }

    #[test]
    fn refusals() {
        let form = IntraclassForm::RandomSingle;
        assert!(matches!(
            intraclass_correlation(&[&[1.0, 2.0, 3.0], &[1.0, 2.0, 3.0]], form, 0.95),
            Err(StatsError::Undefined { .. })
        ));
        assert!(intraclass_correlation(&[&[1.0, 2.0]], form, 0.95).is_err());
        assert!(intraclass_correlation(&[&[1.0], &[2.0]], form, 0.95).is_err());
        assert!(intraclass_correlation(&[&[1.0, f64::NAN], &[2.0, 1.0]], form, 0.95).is_err());
    }
}
