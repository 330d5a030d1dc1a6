//! Paired comparisons of AUCs: difference, standard error, z, interval, P.

use super::Context;
use super::interval::{Known, Limits, judge_limits};
use super::rows::Rows;
use crate::audit::reported::{Comparison, Comparisons, Figure};
use crate::results::{Agreement, AnalysisOutcome, FigurePart};
use crate::stats::comparison::delong::paired_delong;

/// The comparison of one pair, first less second.
struct Pair {
    difference: f64,
    standard_error: Option<f64>,
    z: Option<f64>,
    p: f64,
    /// Adjusted for the number of comparisons, with the words for how.
    adjusted: Option<(f64, String)>,
    interval: Option<Known>,
}

pub(super) fn table(context: &Context<'_>, section: &str, table: &Comparisons, rows: &mut Rows<'_>) {
    for printed in &table.pairs {
        let cohort = printed.cohort.as_deref().unwrap_or_default();
        let mut row = rows.begin(cohort, &format!("{} against {}", printed.first, printed.second), "AUC");
        match pair(context, section, table, printed) {
            Ok(pair) => {
                let mut says = Vec::new();
                // A paper may print the second less the first.
                let sign =
                    if agrees(&printed.difference, pair.difference) || !agrees(&printed.difference, -pair.difference) {
                        1.0
                    } else {
                        says.push("printed as second less first".to_string());
                        -1.0
                    };
                row.number(FigurePart::Value, &printed.difference, sign * pair.difference);
                match pair.standard_error {
                    Some(error) => row.number(FigurePart::Spread, &printed.standard_error, error),
                    None => row.unknown(FigurePart::Spread, &printed.standard_error),
                }
                match pair.z {
                    Some(z) if agrees(&printed.z, z.abs()) => row.number(FigurePart::Statistic, &printed.z, z.abs()),
                    Some(z) => row.number(FigurePart::Statistic, &printed.z, sign * z),
                    None => row.unknown(FigurePart::Statistic, &printed.z),
                }
                if printed.lower.is_some() {
                    let known: Vec<Known> = pair
                        .interval
                        .iter()
                        .map(|known| {
                            if sign > 0.0 {
                                known.clone()
                            } else {
                                Known { lower: -known.upper, upper: -known.lower, ..known.clone() }
                            }
                        })
                        .collect();
                    let limits =
                        Limits { lower: &printed.lower, upper: &printed.upper, declared: table.ci_method, factor: 1.0 };
                    judge_limits(&limits, sign * pair.difference, &known, &mut row);
                }
                let p = printed.p.as_ref().and_then(|figure| figure.number.as_ref());
                match (&pair.adjusted, p) {
                    (Some((adjusted, how)), Some(p))
                        if super::agreement::judge(p, pair.p) == Agreement::Disagrees
                            && super::agreement::judge(p, *adjusted) != Agreement::Disagrees =>
                    {
                        row.number(FigurePart::PValue, &printed.p, *adjusted);
                        says.push(how.clone());
                    }
                    _ => row.number(FigurePart::PValue, &printed.p, pair.p),
                }
                if !says.is_empty() {
                    row.says(says.join("; "));
                }
            }
            Err(why) => {
                row.says(why);
                for (part, figure) in [
                    (FigurePart::Value, &printed.difference),
                    (FigurePart::Spread, &printed.standard_error),
                    (FigurePart::Statistic, &printed.z),
                    (FigurePart::Lower, &printed.lower),
                    (FigurePart::Upper, &printed.upper),
                    (FigurePart::PValue, &printed.p),
                ] {
                    row.unknown(part, figure);
                }
            }
        }
        rows.push(row);
    }
}

fn agrees(figure: &Option<Figure>, value: f64) -> bool {
    let printed = figure.as_ref().and_then(|figure| figure.number.as_ref());
    printed.is_none_or(|printed| super::agreement::judge(printed, value) != Agreement::Disagrees)
}

fn pair(context: &Context<'_>, section: &str, table: &Comparisons, printed: &Comparison) -> Result<Pair, String> {
    if printed.second_cohort.is_some() {
        return Err("comparisons of two samples are not recomputed".to_string());
    }
    let test = printed.test.as_deref().or(table.test.as_deref());
    let metric = printed.metric.as_deref().or(table.metric.as_deref()).unwrap_or("auc");
    if test.is_none()
        && let Some(found) = of_survival(context, section, printed, metric)?
    {
        return Ok(found);
    }
    if metric != "auc" {
        return Err(format!("the study compares no `{metric}` of these two"));
    }
    let paired = test.is_none_or(|test| test.to_lowercase().contains("delong"));
    if !paired {
        return Err(format!("the stated test `{}` is not DeLong's", test.unwrap_or_default()));
    }
    let parts = context.names.cohort(printed.cohort.as_deref().ok_or("the pair names no cohort")?)?;
    let (first, second) = (context.names.model(&printed.first)?, context.names.model(&printed.second)?);
    for comparison in context.evidence.comparisons(context.names.analysis(section)) {
        for row in comparison.rows.iter().filter(|row| context.evidence.is_partition(&row.partition, &parts)) {
            let sign = match (
                comparison.reference == first && row.model == second,
                comparison.reference == second && row.model == first,
            ) {
                (true, _) => -1.0,
                (_, true) => 1.0,
                _ => continue,
            };
            let interval = row.difference.interval.as_ref().map(|interval| {
                let (lower, upper) = (sign * interval.lower, sign * interval.upper);
                Known { lower: lower.min(upper), upper: lower.max(upper), ..Known::of_result(interval) }
            });
            let how = comparison.adjustment.clone().unwrap_or_default();
            return Ok(Pair {
                difference: sign * row.difference.value,
                standard_error: row.difference.standard_error,
                z: row.test.statistic.map(|z| sign * z),
                p: row.test.p_value,
                adjusted: row.adjusted_p_value.map(|p| (p, how)),
                interval,
            });
        }
    }
    if context.evidence.scores.is_none() {
        return Err("the study does not compare these two".to_string());
    }
    let a = context.evidence.sample(&first, &parts, context.names.outcome())?;
    let b = context.evidence.sample(&second, &parts, context.names.outcome())?;
    let compared = paired_delong(&a.outcome, &a.score, a.orientation, &b.score, b.orientation, 0.95)
        .map_err(|error| error.to_string())?;
    Ok(Pair {
        difference: compared.difference.value,
        standard_error: compared.difference.standard_error,
        z: compared.test.statistic,
        p: compared.test.p_value,
        adjusted: None,
        interval: compared.difference.interval.as_ref().map(Known::of_result),
    })
}

/// Two survival models, of which the study compares one with its reference.
fn of_survival(
    context: &Context<'_>,
    section: &str,
    printed: &Comparison,
    metric: &str,
) -> Result<Option<Pair>, String> {
    let parts = context.names.cohort(printed.cohort.as_deref().ok_or("the pair names no cohort")?)?;
    let (first, second) = (context.names.model(&printed.first)?, context.names.model(&printed.second)?);
    for outcome in context.evidence.analyses(context.names.analysis(section)) {
        let AnalysisOutcome::SurvivalPerformance(analysis) = outcome else { continue };
        let Some(reference) = &analysis.reference else { continue };
        for row in analysis.comparisons.iter().filter(|row| context.evidence.is_partition(&row.partition, &parts)) {
            let sign = match (*reference == first && row.model == second, *reference == second && row.model == first) {
                (true, _) => -1.0,
                (_, true) => 1.0,
                _ => continue,
            };
            let facts = match metric {
                "harrell_c" | "c_index" => &row.harrell_c,
                "uno_c" => &row.uno_c,
                "auc" => &row.auc,
                _ => continue,
            };
            let Some(facts) = facts else { continue };
            let interval = facts.difference.interval.as_ref().map(|interval| {
                let (lower, upper) = (sign * interval.lower, sign * interval.upper);
                Known { lower: lower.min(upper), upper: lower.max(upper), ..Known::of_result(interval) }
            });
            let test = facts.test.as_ref();
            return Ok(Some(Pair {
                difference: sign * facts.difference.value,
                standard_error: facts.difference.standard_error,
                z: test.and_then(|test| test.statistic).map(|z| sign * z),
                // Two scores that rank all alike do not differ.
                p: test.map_or(1.0, |test| test.p_value),
                adjusted: None,
                interval,
            }));
        }
    }
    Ok(None)
}
