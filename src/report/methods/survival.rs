//! The method of the performance of survival models, in words.

use super::methods_of;
use crate::report::build::names::{Names, group_sizes};
use crate::report::number;
use crate::results::SurvivalPerformance;

pub(super) fn performance(analysis: &SurvivalPerformance, names: &Names) -> String {
    let level = number::level(analysis.level);
    let unit = names.time_unit(&analysis.outcome);
    let rows = || analysis.rows.iter();
    let time = |value: f64| number::time(value, unit);
    let at = if analysis.weighted_at == analysis.horizon {
        String::new()
    } else {
        format!(" at {}, where there are subjects who are followed beyond it", time(analysis.weighted_at))
    };
    let auc_at = if at.is_empty() { format!(" at {}", time(analysis.horizon)) } else { at.clone() };
    let mut text = format!(
        "Predictions of “{}” are judged with {level} confidence intervals. Discrimination over the whole follow-up, whatever \
         the horizon: Harrell's C, and Uno's C (pairs weighted by the inverse square of the chance to be uncensored just \
         before the event, up to the last event of the set, without an earlier truncation){}.",
        names.outcome(&analysis.outcome),
        methods_of(rows().filter_map(|row| row.harrell_c.as_ref())),
    );
    if rows().any(|row| row.auc.is_some()) {
        text.push_str(&format!(
            " Discrimination by the horizon: the area under the time-dependent receiver operating characteristic curve, \
             cumulative cases against dynamic controls{auc_at}{}.",
            methods_of(rows().filter_map(|row| row.auc.as_ref()))
        ));
    }
    text.push_str(
        " Follow-up that ends for another reason than this event, as by a death that does not count as one, is censored there: \
         risks are those if nothing else ended it.",
    );
    let slopes = methods_of(rows().filter_map(|row| row.slope.as_ref()));
    if rows().any(|row| row.expected.is_some()) {
        let ratios = methods_of(rows().filter_map(|row| row.observed_expected_ratio.as_ref()));
        let follow_up = methods_of(rows().filter_map(|row| row.slope_follow_up.as_ref()));
        text.push_str(&format!(
            " Calibration: the Kaplan-Meier risk by {} over the mean predicted risk{ratios}; the coefficient of the linear \
             predictor in a Cox model of the set (slope){slopes}; over the whole follow-up, observed over expected events and \
             the slope by Poisson regression with the predicted cumulative hazard as offset{follow_up}; and the distance of \
             predicted risks from a smooth curve, a Cox model on the complementary log-log of the predicted risk ({}).",
            time(analysis.horizon),
            analysis.curve_says
        ));
        let brier = methods_of(rows().filter_map(|row| row.brier.as_ref()));
        text.push_str(&format!(
            " Overall error: the Brier score{brier}{auc_at}, scaled by that of the Kaplan-Meier risk. Net benefit counts those \
             at or above a threshold by their Kaplan-Meier risk by {}.",
            time(analysis.horizon)
        ));
        if rows().any(|row| !row.groups.is_empty()) {
            let groups = methods_of(rows().flat_map(|row| &row.groups).map(|group| &group.observed));
            let sizes = group_sizes(rows().map(|row| row.groups.as_slice()));
            text.push_str(&format!(" Observed risks are drawn in {sizes}{groups}."));
        }
    } else if rows().any(|row| row.slope.is_some()) {
        text.push_str(&format!(" The slope is the coefficient of the score in a Cox model of the set{slopes}."));
    }
    let resampled = rows().find_map(|row| row.resampled.as_ref()?.ici.as_ref());
    if let Some(interval) = resampled.and_then(|estimate| estimate.interval.as_ref()) {
        text.push_str(&format!(
            " Intervals of these distances and of the scaled Brier score: {}; the models are not refitted.",
            interval.method
        ));
    }
    if let Some(reference) = &analysis.reference {
        let difference =
            |row: &crate::results::SurvivalComparisonRow| row.harrell_c.clone().map(|facts| facts.difference);
        let differences: Vec<_> = analysis.comparisons.iter().filter_map(difference).collect();
        text.push_str(&format!(
            " Each model is compared with “{}” on the same subjects, two-sided{}.",
            names.model(reference),
            methods_of(&differences)
        ));
    }
    text
}
