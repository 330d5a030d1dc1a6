//! V109: two readings of the same subjects, from discordant and concordant counts.

use super::Rule;
use super::retyping::sum_retyped;
use super::support::{z_of_p, z_span};
use crate::audit::finding::{Finding, Sink, Verdict};
use crate::audit::reported::{Body, Figure, PairedItem, Reported};
use crate::audit::solver::table_tests::mcnemar_tests;
use crate::audit::statement::{Formula, Input, ReadAs, Relation, Statement, Target};

const CODE: &str = "V109";

pub const RULE: Rule = Rule {
    code: CODE,
    name: "paired-counts",
    checks: "that what both, only one and neither of two readings find adds up to its totals, and that the P-value is that of \
             one of McNemar's tests of the two discordant counts",
    why: "The counts partition the same subjects. McNemar's statistic uses the discordant counts alone; with and without \
          correction, exact and mid-P are all tried.",
    example: "11 discordant in all, but 8 found by the first only and 5 by the second only",
    silent: "when a count is not printed; for sums below n (a reading may be missing); for a P-value unless McNemar's test is stated and none of its variants comes near",
    strongest: Verdict::Impossible,
    run,
};

fn run(reported: &Reported, sink: &mut Sink) {
    for section in &reported.sections {
        if let Body::Paired(paired) = &section.body {
            for item in &paired.items {
                let key = format!("{}/{}", section.name, item.name);
                let sums: [(&str, &Option<Figure>, Vec<&Option<Figure>>); 6] = [
                    ("discordant", &item.discordant, vec![&item.only_first, &item.only_second]),
                    ("concordant", &item.concordant, vec![&item.both, &item.neither]),
                    ("first", &item.first, vec![&item.both, &item.only_first]),
                    ("second", &item.second, vec![&item.both, &item.only_second]),
                    ("n", &item.n, vec![&item.both, &item.only_first, &item.only_second, &item.neither]),
                    ("n_of_two", &item.n, vec![&item.concordant, &item.discordant]),
                ];
                for (what, total, parts) in sums {
                    sum(&format!("{key}/{what}"), total, &parts, sink);
                }
                p_value(item, &key, sink);
            }
        }
    }
}

fn sum(key: &str, total: &Option<Figure>, parts: &[&Option<Figure>], sink: &mut Sink) {
    let Some((total, printed)) = total.as_ref().and_then(|figure| Some((figure, figure.integer()?))) else { return };
    let figures: Vec<&Figure> = parts.iter().filter_map(|part| part.as_ref()).collect();
    let read: Option<Vec<(usize, i128)>> =
        parts.iter().map(|part| part.as_ref().and_then(|figure| Some((figure.leaf, figure.integer()?)))).collect();
    let Some(read) = read else { return };
    let added: i128 = read.iter().map(|(_, k)| k).sum();
    let parts: Vec<usize> = read.iter().map(|(leaf, _)| *leaf).collect();
    let leaves: Vec<usize> = parts.iter().copied().chain([total.leaf]).collect();
    if added == printed {
        sink.pass(CODE, leaves, format!("the counts add up to {printed}"));
    } else if added < printed && key.contains("/n") {
        sink.undecidable(CODE, leaves, format!("the counts add up to {added} of {printed}: is a reading missing?"));
    } else {
        let message = format!("the counts add up to {added}, printed is {printed}");
        sink.finding(
            Finding::new(CODE, Verdict::Impossible, key, leaves, message)
                .assuming("each subject has both readings")
                .supposing(sum_retyped(total, &figures))
                .stating(Statement::Sum { total: total.leaf, parts, at_most: false }),
        );
    }
}

fn p_value(item: &PairedItem, key: &str, sink: &mut Sink) {
    let Some(p) = &item.p else { return };
    let counts = (item.only_first.as_ref(), item.only_second.as_ref());
    let (Some(first), Some(second)) = counts else {
        sink.undecidable(CODE, vec![p.leaf], "the two discordant counts are not printed");
        return;
    };
    let leaves = vec![p.leaf, first.leaf, second.leaf];
    let (Some(b), Some(c), Some(z)) = (first.integer(), second.integer(), z_span(p)) else {
        sink.undecidable(CODE, leaves, "a number cannot be read");
        return;
    };
    let tests = mcnemar_tests(b, c);
    let (low, high) = p.number.as_ref().map_or((0.0, 1.0), |printed| printed.widest());
    if let Some(test) = tests.iter().find(|test| test.p >= low - 1e-9 && test.p <= high + 1e-9) {
        sink.pass(CODE, leaves, format!("{} gives {:.4}", test.name, test.p));
        return;
    }
    let zs = tests.iter().map(|test| z_of_p(test.p));
    let (least, most) = zs.fold((f64::INFINITY, 0.0_f64), |(a, b), z| (a.min(z), b.max(z)));
    let stated = item.test.as_deref().is_some_and(|test| test.contains("mcnemar"));
    if stated && (z.1 < least / 1.1 - 0.05 || z.0 > most * 1.1 + 0.05) {
        let (smallest, largest) =
            tests.iter().fold((1.0_f64, 0.0_f64), |(low, high), test| (low.min(test.p), high.max(test.p)));
        let message = format!(
            "McNemar's tests of {b} and {c} discordant pairs give P of {smallest:.3} to {largest:.3}, printed is {}",
            p.text
        );
        sink.finding(
            Finding::new(CODE, Verdict::Inconsistent, &format!("{key}/p"), leaves, message)
                .assuming("the P-value is of McNemar's test of these subjects, as stated")
                .stating(Statement::NoValue {
                    formula: Formula::McNemar,
                    inputs: vec![Input::Count { leaf: first.leaf }, Input::Count { leaf: second.leaf }],
                    relation: Relation::Equal,
                    target: Target::Leaf { leaf: p.leaf, unit: 1.0, read_as: ReadAs::ZOfP },
                    factor: 1.05,
                    step: 0.025,
                }),
        );
    } else {
        sink.undecidable(CODE, leaves, "no variant of McNemar's test gives it, or another test is meant");
    }
}
