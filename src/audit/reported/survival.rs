//! The survival table: groups, rates at times, medians, hazard ratios.

use super::fields::{Fields, Reader};
use super::model::*;
use super::tables::{items, limits};
use super::tree::{Content, Node};

pub(super) fn survival(node: &Node, reader: &mut Reader) -> Option<Survival> {
    let mut fields = Fields::of(node, "a survival section", reader)?;
    fields.get("kind");
    let mut survival = Survival {
        cohort: fields.text("cohort", reader),
        times: Vec::new(),
        groups: Vec::new(),
        p: fields.figure("p", reader),
        test: fields.text("test", reader),
        ratios: Vec::new(),
        median_follow_up: None,
        rates_are: fields
            .choice(
                "rates_are",
                &[
                    ("survival", RatesAre::Survival),
                    ("cumulative_incidence", RatesAre::CumulativeIncidence),
                    ("conditional", RatesAre::Conditional),
                    ("relative", RatesAre::Relative),
                ],
                reader,
            )
            .unwrap_or(RatesAre::Survival),
        time_unit: fields.text("time_unit", reader),
        median_unit: fields.text("median_unit", reader),
        follow_up_unit: None,
        ci_level: fields.figure("ci_level", reader),
        ci_method: fields.choice("ci_method", &RateMethod::WORDS, reader).unwrap_or(RateMethod::NotStated),
    };
    for free in ["outcome", "facts", "other", "grouped_by", "unit"] {
        fields.fact(free, reader);
    }
    // One, or a list: several contrasts, unadjusted and adjusted.
    match fields.get("hr") {
        Some(Node { content: Content::Sequence(items), .. })
            if items.iter().all(|item| !matches!(item.content, Content::Scalar(_))) =>
        {
            survival.ratios.extend(items.iter().filter_map(|item| hazard_ratio(item, reader)));
        }
        Some(node) => survival.ratios.extend(hazard_ratio(node, reader)),
        None => {}
    }
    if let Some(node) = fields.get("times") {
        for item in items(node, "times", reader) {
            survival.times.extend(reader.figure(item));
        }
    }
    if let Some(node) = fields.get("groups")
        && let Some(groups) = Fields::of(node, "groups", reader)
    {
        for entry in groups.others() {
            let Some(mut group) = Fields::of(&entry.value, "a group", reader) else { continue };
            let median = group.get("median");
            let mut read = SurvivalGroup {
                name: entry.key.clone(),
                n: group.figure("n", reader),
                events: group.figure("events", reader),
                rates: Vec::new(),
                at_risk: Vec::new(),
                median: None,
                median_lower: None,
                median_upper: None,
                parts: group.names("parts", reader),
            };
            if let Some(node) = median {
                match &node.content {
                    Content::Sequence(items) if items.len() == 3 => {
                        read.median = reader.figure(&items[0]);
                        read.median_lower = reader.figure(&items[1]);
                        read.median_upper = reader.figure(&items[2]);
                    }
                    _ => read.median = reader.figure(node),
                }
            }
            if let Some(node) = group.get("rates") {
                for item in items(node, "rates", reader) {
                    read.rates.extend(survival_rate(item, reader));
                }
            }
            if let Some(node) = group.get("at_risk") {
                for item in items(node, "at_risk", reader) {
                    read.at_risk.extend(reader.figure(item));
                }
            }
            group.finish("a group", reader);
            survival.groups.push(read);
        }
    }
    if let Some(node) = fields.get("follow_up")
        && let Some(mut follow_up) = Fields::of(node, "follow_up", reader)
    {
        survival.median_follow_up = follow_up.figure("median", reader);
        survival.follow_up_unit = follow_up.text("unit", reader);
        for free in ["iqr", "range"] {
            follow_up.fact(free, reader);
        }
        follow_up.finish("follow_up", reader);
    }
    fields.finish("a survival section", reader);
    Some(survival)
}

/// `{value: "2.1", ci: ["1.3", "3.4"], p: "0.002", of: high, against: low, adjusted: false}`, or a list of three.
fn hazard_ratio(node: &Node, reader: &mut Reader) -> Option<HazardRatio> {
    let mut read = HazardRatio::default();
    if let Content::Sequence(_) = node.content {
        let three = survival_rate(node, reader)?;
        (read.value, read.lower, read.upper) = (Some(three.estimate), three.lower, three.upper);
        return Some(read);
    }
    let mut fields = Fields::of(node, "hr", reader)?;
    read.value = fields.figure("value", reader);
    if let Some(node) = fields.get("ci") {
        let limits = limits(node, reader);
        (read.lower, read.upper) = (limits.lower, limits.upper);
    }
    read.p = fields.figure("p", reader);
    read.of = fields.text("of", reader);
    read.against = fields.text("against", reader);
    read.adjusted = fields.choice("adjusted", &[("true", true), ("false", false)], reader);
    for free in ["adjusted_for", "facts"] {
        fields.fact(free, reader);
    }
    fields.finish("hr", reader);
    Some(read)
}

/// `"84.2"`, or `["84.2", "78.0", "89.1"]` with its interval.
fn survival_rate(node: &Node, reader: &mut Reader) -> Option<SurvivalRate> {
    match &node.content {
        Content::Sequence(items) if items.len() == 3 => {
            let [estimate, lower, upper] = [0, 1, 2].map(|at| reader.figure(&items[at]));
            Some(SurvivalRate { estimate: estimate?, lower, upper })
        }
        Content::Sequence(_) => {
            reader.problem(node, "expected one number, or [\"estimate\", \"lower\", \"upper\"]".into(), None);
            None
        }
        _ => Some(SurvivalRate { estimate: reader.figure(node)?, lower: None, upper: None }),
    }
}
