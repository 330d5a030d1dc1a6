//! The tables of a comparison beside that of its measures: calibration, net benefit, reclassification, subgroups.

use super::{DIFFERENCE, Page, SAME_CALLS};
use crate::compare::facts::{
    CalibrationFacts, NetBenefitRow, OutcomeKindFacts, ReclassificationFacts, SubgroupFacts, VariantFacts,
};
use crate::compare::methods;
use crate::compare::verdict::shortest;
use crate::report::build::table::{absent, number, text};
use crate::report::document::{Align, Block, Cell, NoticeText};
use crate::report::number::{self, Join, Style, fixed};
use crate::stats::Estimate;
use crate::stats::reclassification::net_reclassification::Improvement;

const CAUTION: &str = "Net reclassification and integrated discrimination improvement are not proper scoring rules: a noisy or miscalibrated model can gain in them (Hilden and Gerds 2014, doi:10.1002/sim.5804; Pepe et al. 2015, doi:10.1007/s12561-014-9118-0). They are shown because papers print them; no verdict rests on them.";

impl Page<'_> {
    pub(super) fn calibration(&mut self) {
        let results = self.results;
        let pairs: Vec<_> =
            results.variants.iter().filter_map(|v| v.calibration.as_ref().map(|pair| (v, pair))).collect();
        let Some((_, first)) = pairs.first() else { return };
        self.heading("calibration", "Calibration");
        let by = results.horizon.as_ref().map(|horizon| format!(", risks {}", horizon.in_words()));
        let mut table = self.table(&format!("Calibration of the models{}", by.unwrap_or_default()));
        let level = self.level();
        table.column("Model", Align::Left);
        // Risks by a horizon have no intercept.
        let is_binary = results.outcome_kind == OutcomeKindFacts::Binary;
        let methods = methods::of_calibration(results);
        let columns =
            [("Intercept", "0", methods.intercept), ("Slope", "1", methods.slope), ("O/E", "1", methods.ratio)];
        for (head, ideal, method) in columns.into_iter().skip(usize::from(!is_binary)) {
            let column = table.column(format!("{head} ({level} CI)"), Align::Decimal);
            table.footnote(column, format!("{ideal} where calibration is perfect. {method}"));
        }
        let column = table.column("ICI", Align::Decimal);
        table.footnote(column, methods.distance);
        let mut add = |label: &str, facts: &CalibrationFacts| {
            let style = Style::decimals(3).joined(Join::To);
            let estimate = |estimate: &Option<Estimate>| match estimate {
                Some(estimate) => number(style.estimate(estimate), estimate.value),
                None => absent("Not defined for these predictions."),
            };
            let distance = match facts.integrated_calibration_index {
                Some(value) => number(fixed(value, 3), value),
                None => absent("Not defined for these predictions."),
            };
            let mut cells = vec![text(label)];
            if is_binary {
                cells.push(estimate(&facts.in_the_large));
            }
            cells.extend([estimate(&facts.slope), estimate(&facts.observed_expected_ratio), distance]);
            table.row(0, cells);
        };
        add(&results.base.label, &first.base);
        for (variant, pair) in &pairs {
            add(&variant.source.label, &pair.variant);
        }
        table.abbreviation(
            "O/E",
            if is_binary { "observed over expected events" } else { "observed over expected risk" },
        );
        table.abbreviation("ICI", "integrated calibration index");
        table.abbreviation("CI", "confidence interval");
        let table = table.finish();
        self.push(table);
    }

    pub(super) fn net_benefit(&mut self) {
        let results = self.results;
        if results.variants.iter().all(|variant| variant.net_benefit.is_empty()) {
            return;
        }
        self.heading("net-benefit", "Net benefit");
        let by = results.horizon.as_ref().map(|horizon| format!(", risks {}", horizon.in_words()));
        let mut table = self.table(&format!("Net benefit of acting on the predictions{}", by.unwrap_or_default()));
        let threshold = table.column("Threshold", Align::Left);
        table.footnote(threshold, "The predicted probability from which on subjects are acted on.");
        table.column("Act on everybody", Align::Decimal);
        table.column("Base", Align::Decimal);
        table.column("Variant", Align::Decimal);
        let column = table.column(format!("Difference ({} CI)", self.level()), Align::Decimal);
        table.footnote(
            column,
            format!("Variant less base, in events acted on per subject. {}", methods::of_net_benefit(results)),
        );
        // As in the table of measures, where one of these stands too.
        let style = Style::decimals(3).joined(Join::To);
        for variant in &results.variants {
            table.section(variant.source.label.clone());
            for row in &variant.net_benefit {
                let NetBenefitRow { threshold, treat_all, base, variant, difference } = row;
                table.row(
                    0,
                    vec![
                        text(format!("{}%", shortest(100.0 * threshold))),
                        number(fixed(*treat_all, 3), *treat_all),
                        number(fixed(*base, 3), *base),
                        number(fixed(*variant, 3), *variant),
                        match difference.standard_error {
                            Some(0.0) => absent(SAME_CALLS),
                            _ => number(style.estimate(difference), difference.value),
                        },
                    ],
                );
            }
        }
        table.abbreviation("CI", "confidence interval");
        let table = table.finish();
        self.push(table);
    }

    pub(super) fn reclassification(&mut self) {
        let results = self.results;
        let found: Vec<(&VariantFacts, &ReclassificationFacts)> =
            results.variants.iter().filter_map(|v| v.reclassification.as_ref().map(|facts| (v, facts))).collect();
        if found.is_empty() {
            return;
        }
        self.heading("reclassification", "Reclassification");
        self.blocks.push(Block::Notices { entries: vec![NoticeText { warning: true, text: CAUTION.to_string() }] });
        let mut table = self.table("Reclassification by the variants");
        table.column("Improvement", Align::Left);
        let level = self.level();
        const METHOD: &str = "Normal intervals and tests, by the standard errors of Pencina et al.";
        for head in ["Among events", "Among others", "Sum"] {
            let column = table.column(format!("{head} ({level} CI)"), Align::Decimal);
            table.footnote(column, METHOD);
        }
        table.column("P", Align::Decimal);
        let style = Style::decimals(3).joined(Join::To);
        let cell =
            |improvement: &Improvement| number(style.estimate(&improvement.estimate), improvement.estimate.value);
        let row = |name: Cell, events: &Improvement, others: &Improvement, sum: &Improvement| {
            let p = sum
                .test
                .as_ref()
                .map_or_else(|| absent("Nothing varies."), |test| number(number::p_value(test.p_value), test.p_value));
            vec![name, cell(events), cell(others), cell(sum), p]
        };
        for (variant, facts) in found {
            table.section(variant.source.label.clone());
            if let Some(categorical) = &facts.categorical {
                let found = &categorical.reclassification;
                let cuts: Vec<String> =
                    facts.cut_points.iter().map(|cut| format!("{}%", shortest(100.0 * cut))).collect();
                let name = text(format!("NRI, categories cut at {}", cuts.join(", ")));
                table.row(0, row(name, &found.events, &found.others, &found.nri));
            }
            let found = &facts.continuous;
            table.row(0, row(text("NRI, continuous"), &found.events, &found.others, &found.nri));
            let found = &facts.integrated;
            table.row(0, row(text("IDI"), &found.events, &found.others, &found.idi));
        }
        table.abbreviation("NRI", "net reclassification improvement");
        table.abbreviation("IDI", "integrated discrimination improvement");
        table.abbreviation("CI", "confidence interval");
        let table = table.finish();
        self.push(table);
    }

    pub(super) fn subgroups(&mut self) {
        let results = self.results;
        if results.variants.iter().all(|variant| variant.subgroups.is_empty()) {
            return;
        }
        self.heading("subgroups", "Subgroups");
        self.paragraph("Subgroups are looked at to find where a difference might not hold; no verdict rests on them.");
        let mut table = self.table("Differences within subgroups");
        table.column("Subgroup", Align::Left);
        table.column("n", Align::Decimal);
        table.column("Events", Align::Decimal);
        let difference = table.column(format!("Difference ({} CI)", self.level()), Align::Decimal);
        table.footnote(difference, DIFFERENCE);
        let p = table.column("P for interaction", Align::Decimal);
        table.footnote(p, "Cochran's Q over the levels: that the difference is the same in all.");
        let style = Style::decimals(3).joined(Join::To);
        for variant in &results.variants {
            for subgroup in &variant.subgroups {
                let SubgroupFacts { label, measure, levels, interaction, .. } = subgroup;
                table.section(format!(
                    "{}, {}: difference in {}",
                    variant.source.label,
                    label,
                    measure.in_a_sentence()
                ));
                for (at, level) in levels.iter().enumerate() {
                    let difference = match (&level.difference, &level.why_not) {
                        (Some(difference), _) => number(style.estimate(difference), difference.value),
                        (None, why) => absent(&format!("{}.", why.as_deref().unwrap_or("Not computed"))),
                    };
                    let test = match interaction {
                        Some(test) if at == 0 => number(number::p_value(test.p_value), test.p_value),
                        _ => Cell::default(),
                    };
                    table.row(
                        0,
                        vec![
                            text(level.level.clone()),
                            number(number::count(level.n), level.n as f64),
                            number(number::count(level.events), level.events as f64),
                            difference,
                            test,
                        ],
                    );
                }
            }
        }
        table.abbreviation("CI", "confidence interval");
        let table = table.finish();
        self.push(table);
    }
}
