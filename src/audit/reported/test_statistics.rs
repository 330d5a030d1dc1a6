//! A test's statistic with its degrees of freedom, in a row of a table or in a sentence.

use super::fields::{Fields, Reader};
use super::model::*;
use super::sections::list;
use super::tree::{Content, Node};

/// The statistics that a P-value follows from.
const NAMES: [(&[&str], StatisticKind); 4] = [
    (&["t"], StatisticKind::T),
    (&["chi_squared", "chi2"], StatisticKind::ChiSquared),
    (&["f"], StatisticKind::F),
    (&["z"], StatisticKind::Z),
];

/// `t: "2.31", df: 98`, `chi_squared: "5.20", df: 2`, `f: "4.10", df: [2, 147]`, `z: "1.97"`.
pub(super) fn statistic(fields: &mut Fields<'_>, reader: &mut Reader) -> Option<TestStatistic> {
    let mut read = None;
    for (names, kind) in NAMES {
        let names: Vec<&'static str> = names.to_vec();
        if let Some(value) = fields.any(&names).and_then(|node| reader.figure(node)) {
            read = read.or(Some(TestStatistic { kind, value, degrees: Vec::new() }));
        }
    }
    let degrees = match fields.get("df") {
        Some(Node { content: Content::Sequence(items), .. }) => {
            items.iter().filter_map(|item| reader.figure(item)).collect()
        }
        Some(node) => reader.figure(node).into_iter().collect(),
        None => Vec::new(),
    };
    let mut statistic = read?;
    statistic.degrees = degrees;
    Some(statistic)
}

/// The section of tests in the text: a list of statistics with their P-values.
pub(super) fn tests(node: &Node, reader: &mut Reader) -> Vec<TestItem> {
    let mut found = Vec::new();
    for item in list(node, "items", reader) {
        let Some(mut fields) = Fields::of(item, "a test", reader) else { continue };
        let name = fields.text("id", reader).unwrap_or_default();
        let statistic = statistic(&mut fields, reader);
        let p = fields.figure("p", reader);
        let tails = fields.choice("tails", &[("one", Tails::One), ("two", Tails::Two)], reader);
        let corrected = fields.flag("corrected", reader);
        for free in ["test", "facts"] {
            fields.fact(free, reader);
        }
        fields.finish("a test", reader);
        match statistic {
            Some(statistic) => found.push(TestItem { name, statistic, p, tails, corrected }),
            None => reader.problem(
                item,
                "a test needs its statistic".into(),
                Some("`t`, `chi_squared`, `f` or `z`, with `df` and `p`".into()),
            ),
        }
    }
    found
}
