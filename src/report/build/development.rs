//! How large a study must be, and how much of a model's performance is optimism.

use super::anchor;
use super::names::{Names, capitalised};
use super::table::{TableBuilder, number, text};
use crate::report::document::{Align, Table};
use crate::report::number::{self, fixed, percent};
use crate::results::{LayoutItem, OptimismAnalysis, OptimismMeasures, PlanningAnalysis};

pub fn optimism(analysis: &OptimismAnalysis, item: &LayoutItem, names: &Names) -> Table {
    let mut table = TableBuilder::new(&anchor(&item.label), &item.label, &item.caption);
    table.column("Model and measure", Align::Left);
    for head in ["Apparent", "Optimism", "Corrected"] {
        table.column(head, Align::Decimal);
    }
    for row in &analysis.rows {
        table.section(format!(
            "{} (n = {}; {} with the outcome)",
            names.model(&row.model),
            number::count(row.n),
            number::count(row.events)
        ));
        for (name, measure) in row.measures.named() {
            let cells =
                [measure.apparent, measure.optimism, measure.corrected].map(|value| number(fixed(value, 3), value));
            table.row(0, std::iter::once(text(name)).chain(cells).collect());
        }
    }
    table.note(format!(
        "{}; each repeats the whole development, choice of predictors included (Harrell). \
         Corrected: apparent less optimism. A corrected slope below 1 is the shrinkage that the coefficients need.",
        capitalised(&samples(analysis, names))
    ));
    table.note("No formula gives an interval of a corrected measure: the samples serve to estimate the optimism.");
    if analysis.rows.iter().any(|row| matches!(row.measures, OptimismMeasures::Binary(_))) {
        table.note(
            "Calibration intercept and slope are of one recalibration, in which both are free: the intercept is not that of \
             calibration in the large, with the slope held at 1.",
        );
        table.abbreviation("AUC", "area under the receiver operating characteristic curve");
    }
    table.finish()
}

/// "100 bootstrap samples of the training set", with how many could be used of each model where some could not.
pub(in crate::report) fn samples(analysis: &OptimismAnalysis, names: &Names) -> String {
    let asked = format!("{} bootstrap samples of {}", number::count(analysis.replicates), names.set("training"));
    let failed: Vec<String> = analysis
        .rows
        .iter()
        .filter(|row| row.measures.failed() > 0)
        .map(|row| {
            format!(
                "{} of {} for {} ({} could not be fitted)",
                number::count(row.measures.replicates()),
                number::count(analysis.replicates),
                names.model(&row.model),
                number::count(row.measures.failed())
            )
        })
        .collect();
    if failed.is_empty() {
        return asked;
    }
    format!(
        "{asked}, of which could be used: {}; samples on which a model cannot be fitted, as where predictors separate the \
         classes, are those on which it is worst, so that the correction is optimistic without them",
        failed.join(", ")
    )
}

pub fn planning(analysis: &PlanningAnalysis, item: &LayoutItem, names: &Names) -> Table {
    let mut table = TableBuilder::new(&anchor(&item.label), &item.label, &item.caption);
    let level = number::level(analysis.level);
    table.column("Question", Align::Left);
    table.column("Subjects needed", Align::Decimal);
    table.column("With the outcome", Align::Decimal);
    table.column("With the study's own n", Align::Left);
    let whole = |value: u64| number(number::count(usize::try_from(value).unwrap_or(usize::MAX)), value as f64);
    let share = analysis.prevalence;
    if !analysis.auc_precision.is_empty() {
        table.section(format!("Precision of an AUC ({level} confidence interval)"));
        for row in &analysis.auc_precision {
            table.row(
                0,
                vec![
                    text(format!("AUC {}, interval no wider than {}", fixed(row.auc, 2), fixed(row.width, 3))),
                    whole(row.size.n),
                    whole(row.size.events),
                    text(format!("width {}", fixed(row.width_here, 3))),
                ],
            );
        }
    }
    if !analysis.development.is_empty() {
        table.section("Development of a model (Riley's criteria)");
        for row in &analysis.development {
            let size = &row.size;
            table.row(
                0,
                vec![
                    text(format!(
                        "{} candidate parameters, Cox-Snell R² {}",
                        row.parameters,
                        fixed(row.cox_snell_r_squared, 3)
                    )),
                    whole(size.n),
                    number(fixed(size.events.ceil(), 0), size.events),
                    text(format!(
                        "{} events per parameter; {} are needed",
                        fixed(analysis.events as f64 / f64::from(row.parameters.max(1)), 1),
                        // Of the events that are printed beside it.
                        fixed(size.events.ceil() / f64::from(row.parameters.max(1)), 1)
                    )),
                ],
            );
            for (criterion, n) in [
                (format!("Shrinkage of {} or less", number::level(1.0 - row.shrinkage)), size.for_shrinkage),
                ("Optimism in Nagelkerke's R² of 0.05 or less".to_string(), size.for_optimism),
                ("Overall risk within 0.05".to_string(), size.for_overall_risk),
            ] {
                table.row(1, vec![text(criterion), whole(n)]);
            }
        }
    }
    if !analysis.detectable_difference.is_empty() {
        table.section(format!("Difference of two AUCs on the same subjects (two-sided at {level})"));
        for row in &analysis.detectable_difference {
            let found = &row.detectable;
            let (first, second) = (names.model(&row.first), names.model(&row.second));
            let power = format!("{first} against {second}, power {}", number::level(found.power));
            let here = text(format!("smallest detectable {}", fixed(found.smallest, 3)));
            match &found.asked {
                Some(asked) => {
                    let question = format!("{power}, difference {}", fixed(asked.difference, 3));
                    let events = (asked.n as f64 * share).ceil();
                    table.row(0, vec![text(question), whole(asked.n), number(fixed(events, 0), events), here]);
                }
                None => table.row(0, vec![text(power), text(number::ABSENT), text(number::ABSENT), here]),
            }
        }
    }
    let origin = if analysis.prevalence_is_observed { "as observed" } else { "as anticipated" };
    table.note(format!(
        "{}: {}% of subjects with the outcome, {origin}; the study has {} subjects in {}, {} with the outcome.",
        names.outcome(&analysis.outcome),
        percent(share),
        number::count(analysis.n),
        names.set(&analysis.partition),
        number::count(analysis.events)
    ));
    table.note(
        "Standard error of an AUC: Newcombe 2006. Development: Riley et al. 2019 and 2020. A detectable difference rests on \
         the standard error of the difference in this study, not on the difference that was observed.",
    );
    table.abbreviation("AUC", "area under the receiver operating characteristic curve");
    table.finish()
}
