//! What was done, in words: a sentence for each method that was used in this comparison, and none for others.

use super::facts::{ComparisonResults, OutcomeKindFacts};
use super::measure::Measure;
use crate::report::number::{self, fixed};

pub(super) fn paragraphs(results: &ComparisonResults) -> Vec<String> {
    let mut paragraphs = vec![who(results), differences(results)];
    paragraphs.extend(bootstrap(results));
    paragraphs.extend(tables(results));
    paragraphs.extend([multiplicity(results), detectable(results)].into_iter().flatten());
    paragraphs
}

fn has(results: &ComparisonResults, measure: Measure) -> bool {
    results.variants.iter().any(|variant| variant.measure(measure).is_some())
}

fn is_binary(results: &ComparisonResults) -> bool {
    results.outcome_kind == OutcomeKindFacts::Binary
}

fn who(results: &ComparisonResults) -> String {
    let mut text =
        format!("Models were matched subject by subject, with the same outcome, on {}.", results.partition_in_words());
    let by_rule = results.base_threshold.iter().chain(results.variants.iter().filter_map(|v| v.threshold.as_ref()));
    if has(results, Measure::Sensitivity) && by_rule.into_iter().next().is_some() {
        text +=
            " Each model's scores become calls at its own threshold, which stands above with the rule that chose it.";
    }
    if let Some(horizon) = &results.horizon {
        text += &format!(
            " The time to the event was judged {}; subjects whose follow-up ended before it without the event, for whatever reason, are censored.",
            horizon.in_words()
        );
    }
    text
}

/// Which test and interval the difference of each measure has.
fn differences(results: &ComparisonResults) -> String {
    let mut sentences = Vec::new();
    let mut say = |is_used: bool, sentence: &str| {
        if is_used {
            sentences.push(sentence.to_string());
        }
    };
    let binary = is_binary(results);
    say(
        has(results, Measure::Auc),
        "AUCs are compared by the paired test of DeLong et al. (1988, doi:10.2307/2531595), whose standard error the interval has too.",
    );
    say(
        has(results, Measure::Sensitivity),
        "Sensitivity, specificity and accuracy are compared by McNemar's mid-P test (exact where no pair is discordant), their differences have Newcombe's interval for paired proportions (1998); the two are different methods, and a mark says where they disagree.",
    );
    say(
        binary && has(results, Measure::Brier),
        "Brier score and log loss are means of a loss per subject: the mean of the paired differences over its standard error, against the normal distribution.",
    );
    say(
        binary && has(results, Measure::NetBenefit),
        "The difference in net benefit is over its standard error by the delta method, from subjects whom one model alone acts on.",
    );
    say(
        has(results, Measure::Concordance),
        "C indices (Harrell) are compared over the whole follow-up by the infinitesimal jackknife of the pair.",
    );
    say(
        has(results, Measure::TimeDependentAuc),
        "The time-dependent AUC holds subjects with the event by the horizon against those free of it after the horizon, weighted by the inverse probability of censoring; the difference is tested by its influence function (Blanche et al. 2013, doi:10.1002/sim.5958).",
    );
    say(
        !binary && has(results, Measure::Brier),
        "Brier score and index of prediction accuracy (IPA) are weighted by the inverse probability of censoring; the IPA is one less the Brier score over that of the Kaplan-Meier risk. Net benefit takes the Kaplan-Meier risk of those acted on (Vickers et al. 2008, doi:10.1186/1472-6947-8-53). The calibration slope is the coefficient of the complementary log-log of the predicted risk in a Cox model; O/E is the Kaplan-Meier risk over the mean predicted one.",
    );
    sentences.join(" ")
}

fn bootstrap(results: &ComparisonResults) -> Option<String> {
    let bootstrap = results.bootstrap.as_ref()?;
    let stratified = if bootstrap.stratified { ", with the event and without it apart" } else { "" };
    let rows = results.variants.iter().flat_map(|variant| &variant.measures);
    let mut tested: Vec<String> = rows
        .filter(|row| row.measure.needs_bootstrap(!is_binary(results)))
        .map(|row| row.measure.in_a_sentence())
        .collect();
    tested.sort_unstable();
    tested.dedup();
    let tests = if tested.is_empty() {
        String::new()
    } else {
        format!(
            " No formula has the error of the difference in {}: its interval and its test take the standard deviation of the replicates and the normal distribution.",
            tested.join(", ")
        )
    };
    Some(format!(
        "The bootstrap draws subjects with the scores of both models{stratified}, {} times; models and thresholds stay as they are. Its own intervals are of the {} kind.{tests}",
        number::count(bootstrap.replicates),
        bootstrap.interval
    ))
}

fn tables(results: &ComparisonResults) -> Option<String> {
    let mut sentences = Vec::new();
    if results.variants.iter().any(|variant| variant.reclassification.is_some()) {
        sentences.push(
            "Net reclassification improvement and integrated discrimination improvement have the standard errors and tests of Pencina et al. (2008, doi:10.1002/sim.2929; continuous: 2011, doi:10.1002/sim.4085).",
        );
    }
    if results.variants.iter().any(|variant| !variant.subgroups.is_empty()) {
        sentences.push("Differences in subgroups have the method of the whole; Cochran's Q compares them.");
    }
    (!sentences.is_empty()).then(|| sentences.join(" "))
}

fn multiplicity(results: &ComparisonResults) -> Option<String> {
    let family = &results.family;
    let measures: Vec<&str> = family.measures.iter().map(|measure| measure.label()).collect();
    Some(match (&family.adjustment, &results.declaration) {
        (Some(method), _) if family.hypotheses > 1 => format!(
            "P-values are adjusted by {method} over {} hypotheses ({}, every variant){}.",
            family.hypotheses,
            measures.join(", "),
            if results.declaration.is_some() { "" } else { "; nothing was declared beforehand" }
        ),
        (Some(_), _) => {
            format!("One hypothesis ({}) is in the family, so that its P is not adjusted.", measures.join(", "))
        }
        (None, _) => "P-values are not adjusted for the number of comparisons.".to_string(),
    })
}

fn detectable(results: &ComparisonResults) -> Option<String> {
    let rows = results.variants.iter().flat_map(|variant| &variant.measures);
    rows.into_iter().any(|row| row.detectable.is_some()).then(|| {
        format!(
            "The smallest detectable difference is the true difference at which a two-sided test at level {} would have had a power of {} with the standard error found here; it is not computed from the difference found.",
            fixed(1.0 - results.level, 3).trim_end_matches('0'),
            number::level(results.power)
        )
    })
}

/// What the intervals of the calibration table rest on.
pub(super) struct CalibrationMethods {
    pub intercept: &'static str,
    pub slope: &'static str,
    pub ratio: &'static str,
    pub distance: &'static str,
}

pub(super) fn of_calibration(results: &ComparisonResults) -> CalibrationMethods {
    if is_binary(results) {
        CalibrationMethods {
            intercept: "Logistic model with the logit of the prediction as offset; Wald interval.",
            slope: "Of the logit of the prediction in a logistic model; Wald interval.",
            ratio: "Interval on the logarithm, binomial.",
            distance: "Mean distance of the predictions from a lowess curve; 0 is perfect.",
        }
    } else {
        CalibrationMethods {
            intercept: "",
            slope: "Of the complementary log-log of the predicted risk in a Cox model; Wald interval.",
            ratio: "Kaplan-Meier risk over mean predicted risk; interval on the logarithm, Poisson.",
            distance: "Mean distance of the predicted risks from a smooth curve, a Cox model on a restricted cubic spline; 0 is perfect.",
        }
    }
}

pub(super) fn of_net_benefit(results: &ComparisonResults) -> &'static str {
    match (is_binary(results), results.bootstrap.is_some()) {
        (true, _) => "Interval: delta method, paired.",
        (false, true) => "Interval: normal, standard error by the paired bootstrap.",
        (false, false) => "No formula for its error: declare a bootstrap.",
    }
}
