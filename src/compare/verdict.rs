//! The verdict: a sentence that follows from the declared rule and the numbers, and from nothing else.

use super::CompareError;
use super::declaration::{Claim, Declaration, Rule};
use super::facts::{VariantFacts, VerdictFacts};
use super::measure::Measure;
use crate::report::number::{Style, fixed, level, p_equals};
use crate::stats::Estimate;
use crate::stats::comparison::non_inferiority::{Direction, NonInferiority, non_inferiority};
use crate::stats::multiplicity::adjust;

/// The rule, as it is printed before the verdict.
pub fn rule_in_words(rule: &Rule, declaration: &Declaration, family: &[Measure]) -> String {
    let measure = rule.measure.label();
    let alpha = alpha_in_words(declaration);
    match rule.claim {
        Claim::Superior => {
            let better = match rule.measure.direction() {
                Some(Direction::LowerIsBetter) => "lower",
                _ => "higher",
            };
            let adjusted = match declaration.adjust_in_words() {
                Some(method) => format!(
                    "the two-sided P, adjusted by {method} over the declared family ({}, every variant), is below {alpha}",
                    list(family)
                ),
                None => format!("the two-sided P is below {alpha}"),
            };
            format!("A variant is better than the base when its {measure} is {better} and {adjusted}.")
        }
        Claim::NonInferior => {
            let margin = shortest(rule.margin.unwrap_or(f64::NAN));
            let adjusted = match declaration.adjust_in_words() {
                Some(method) => format!(", adjusted by {method} over the variants,"),
                None => String::new(),
            };
            format!(
                "A variant is not inferior to the base when the one-sided P{adjusted} of a loss in {measure} of {margin} or more is below {}.",
                shortest(one_sided_alpha(declaration))
            )
        }
    }
}

/// Gives every variant its verdict.
pub fn judge(variants: &mut [VariantFacts], rule: &Rule, declaration: &Declaration) -> Result<(), CompareError> {
    match rule.claim {
        Claim::Superior => {
            for variant in variants {
                variant.verdict = Some(superior(variant, rule.measure, declaration));
            }
            Ok(())
        }
        Claim::NonInferior => not_inferior(variants, rule, declaration),
    }
}

fn superior(variant: &VariantFacts, measure: Measure, declaration: &Declaration) -> VerdictFacts {
    let label = &variant.source.label;
    let Some(row) = variant.measure(measure) else { return undecided(label, measure) };
    let p_value = row.adjusted_p_value.or(row.test.as_ref().map(|test| test.p_value));
    let Some(p_value) = p_value else { return undecided(label, measure) };
    let gain = match measure.direction() {
        Some(Direction::LowerIsBetter) => -row.difference.value,
        _ => row.difference.value,
    };
    let significant = p_value < 1.0 - declaration.level;
    let numbers = format!(
        "difference in {} {}, {}{}",
        measure.label(),
        estimate(&row.difference),
        if row.adjusted_p_value.is_some() { "adjusted " } else { "" },
        p_equals(p_value)
    );
    let sentence = if significant && gain > 0.0 {
        format!("{label} is better than the base: {numbers}.")
    } else if significant {
        format!("{label} is not better than the base; it is worse: {numbers}.")
    } else {
        let detectable = row.detectable.map(|smallest| {
            format!(
                " A true difference of {} would have been found with a probability of {}.",
                fixed(smallest, 3),
                level(declaration.power)
            )
        });
        format!("{label} is not shown to be better than the base: {numbers}.{}", detectable.unwrap_or_default())
    };
    VerdictFacts { holds: significant && gain > 0.0, sentence }
}

fn not_inferior(variants: &mut [VariantFacts], rule: &Rule, declaration: &Declaration) -> Result<(), CompareError> {
    let margin = rule.margin.unwrap_or(f64::NAN);
    let direction = rule.measure.direction().unwrap_or(Direction::HigherIsBetter);
    let alpha = one_sided_alpha(declaration);
    let tests: Vec<Option<NonInferiority>> = variants
        .iter()
        .map(|variant| {
            let row = variant.measure(rule.measure)?;
            // By the standard error alone: the P-values of several variants are adjusted together.
            let difference = Estimate { interval: None, ..row.difference.clone() };
            non_inferiority(&difference, margin, direction, 1.0 - alpha).ok()
        })
        .collect();
    let raw: Vec<f64> =
        tests.iter().flatten().filter_map(|found| found.test.as_ref()).map(|test| test.p_value).collect();
    let adjusted = match declaration.multiplicity() {
        None => raw,
        Some(method) => adjust(&raw, method).map_err(|source| CompareError::Measure {
            measure: "adjustment".to_string(),
            model: "the variants".to_string(),
            source,
        })?,
    };
    let mut adjusted = adjusted.into_iter();
    for (variant, test) in variants.iter_mut().zip(tests) {
        let label = variant.source.label.clone();
        let Some(test) = test else {
            variant.verdict = Some(undecided(&label, rule.measure));
            continue;
        };
        let p_value = adjusted.next().unwrap_or(1.0);
        let holds = p_value < alpha;
        let row = variant.measure(rule.measure).map(|row| estimate(&row.difference)).unwrap_or_default();
        let word = if declaration.multiplicity().is_some() { "adjusted " } else { "" };
        let numbers = format!(
            "difference in {} {row}, margin {}, one-sided {word}{}",
            rule.measure.label(),
            shortest(margin),
            p_equals(p_value)
        );
        let sentence = if holds {
            format!("{label} is not inferior to the base: {numbers}.")
        } else {
            format!("{label} is not shown to be non-inferior to the base: {numbers}.")
        };
        variant.non_inferiority = Some(test);
        variant.verdict = Some(VerdictFacts { holds, sentence });
    }
    Ok(())
}

fn undecided(label: &str, measure: Measure) -> VerdictFacts {
    let sentence =
        format!("{label}: the rule cannot be applied, as the difference in {} has no test here.", measure.label());
    VerdictFacts { holds: false, sentence }
}

fn one_sided_alpha(declaration: &Declaration) -> f64 {
    (1.0 - declaration.level) / 2.0
}

fn alpha_in_words(declaration: &Declaration) -> String {
    shortest(1.0 - declaration.level)
}

/// At most six decimals, none needless.
pub(super) fn shortest(value: f64) -> String {
    let text = format!("{value:.6}");
    text.trim_end_matches('0').trim_end_matches('.').to_string()
}

fn list(family: &[Measure]) -> String {
    family.iter().map(|measure| measure.label()).collect::<Vec<_>>().join(", ")
}

/// "0.012 (95% CI −0.004 to 0.028)"
fn estimate(difference: &Estimate) -> String {
    let style = Style::decimals(3).apart_from_zero(difference);
    let value = style.value(difference.value);
    match &difference.interval {
        Some(interval) => {
            let (lower, upper) = (style.value(interval.lower), style.value(interval.upper));
            format!("{value} ({} CI {lower} to {upper})", level(interval.level))
        }
        None => value,
    }
}
