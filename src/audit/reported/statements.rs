//! What is said about the tables: comparisons of their figures, restatements, claims, dates.

use super::cohorts::named_figures;
use super::fields::{Fields, Reader};
use super::model::*;
use super::sections::list;
use super::tree::{Content, Node};
use super::{effects, performance, tables};

pub(super) fn comparison(node: &Node, reader: &mut Reader) -> Option<Comparisons> {
    let mut fields = Fields::of(node, "a comparison", reader)?;
    fields.get("kind");
    let mut comparisons = Comparisons {
        metric: fields.text("metric", reader),
        test: fields.text("test", reader),
        table: fields.text("table", reader),
        ci_method: tables::ci_method(&mut fields, reader),
        pairs: Vec::new(),
    };
    let reference = fields.text("reference", reader);
    if let Some(table) = fields.get("p") {
        // p: {cohort: {model: "0.011"}} against one reference model.
        let Some(first) = reference.clone() else {
            reader.problem(table, "`p` by cohort and model needs `reference:`, the model compared with".into(), None);
            return None;
        };
        if let Some(by_cohort) = Fields::of(table, "p", reader) {
            for cohort in by_cohort.others() {
                for named in named_figures(&cohort.value, reader) {
                    comparisons.pairs.push(Comparison {
                        first: first.clone(),
                        second: named.name,
                        cohort: Some(cohort.key.clone()),
                        second_cohort: None,
                        metric: None,
                        test: None,
                        difference: None,
                        standard_error: None,
                        z: None,
                        lower: None,
                        upper: None,
                        p: Some(named.figure),
                    });
                }
            }
        }
    }
    if let Some(pairs) = fields.get("pairs") {
        for item in list(pairs, "pairs", reader) {
            let Some(mut pair) = Fields::of(item, "a pair", reader) else { continue };
            let first = pair.text("first", reader).or_else(|| reference.clone());
            // One model in two samples: the second is the first.
            let second = pair.text("second", reader);
            let second = second.or_else(|| pair.get("second_cohort").and(first.clone()));
            let cohort = pair.text("cohort", reader);
            let limits = pair.get("ci").map(|ci| tables::limits(ci, reader)).unwrap_or_default();
            let read = Comparison {
                first: first.unwrap_or_default(),
                second: second.unwrap_or_default(),
                cohort,
                second_cohort: pair.text("second_cohort", reader),
                metric: pair.text("metric", reader),
                test: pair.text("test", reader),
                difference: pair.figure("difference", reader),
                standard_error: pair.figure("se", reader),
                z: pair.figure("z", reader),
                lower: limits.lower,
                upper: limits.upper,
                p: pair.figure("p", reader),
            };
            if read.first.is_empty() || read.second.is_empty() {
                reader.problem(item, "a pair needs `first` and `second`".into(), None);
            }
            comparisons.pairs.push(read);
            pair.finish("a pair", reader);
        }
    }
    fields.finish("a comparison", reader);
    Some(comparisons)
}

pub(super) fn restated(node: &Node, reader: &mut Reader) -> Option<Restated> {
    let mut fields = Fields::of(node, "a restatement", reader)?;
    let place = fields.text("at", reader);
    if let Some(of) = fields.get("of") {
        let pointer = reader.text(of)?;
        let value = fields.figure("value", reader);
        fields.finish("a restatement", reader);
        return value.map(|value| Restated { place, of: RestatedOf::Pointer { pointer, value } });
    }
    if fields.get("term").is_some() {
        let term = effects::term(node, true, reader)?;
        return Some(Restated { place, of: RestatedOf::Term(Box::new(term)) });
    }
    let row = performance::restated_row(node, reader)?;
    Some(Restated { place, of: RestatedOf::Metrics(Box::new(row)) })
}

pub(super) fn claim(node: &Node, reader: &mut Reader) -> Option<Claim> {
    let mut fields = Fields::of(node, "a claim", reader)?;
    let kind = fields.choice(
        "kind",
        &[
            ("greater", ClaimKind::Greater),
            ("lower", ClaimKind::Lower),
            ("maximum", ClaimKind::Maximum),
            ("significantly_better", ClaimKind::SignificantlyBetter),
            ("no_significant_difference", ClaimKind::NoSignificantDifference),
            ("spread_is_iqr", ClaimKind::SpreadIsIqr),
            ("independent_predictor", ClaimKind::IndependentPredictor),
            ("selected_below", ClaimKind::SelectedBelow),
            ("more", ClaimKind::More),
            ("ratio_of", ClaimKind::RatioOf),
            ("difference_of", ClaimKind::DifferenceOf),
        ],
        reader,
    );
    let leaf = fields.get("kind").and_then(|node| match &node.content {
        Content::Scalar(scalar) => Some(scalar.leaf),
        _ => None,
    });
    let except = match fields.get("except") {
        Some(items) => list(items, "except", reader).into_iter().filter_map(|item| exception(item, reader)).collect(),
        None => Vec::new(),
    };
    let mut cohorts = fields.names("cohort", reader);
    cohorts.extend(fields.names("cohorts", reader));
    let claim = Claim {
        id: fields.text("id", reader).unwrap_or_default(),
        kind: kind.unwrap_or(ClaimKind::Greater),
        leaf: leaf.unwrap_or(0),
        metric: fields.text("metric", reader),
        subjects: fields.names("models", reader),
        than: fields.names("than", reader),
        cohorts,
        except,
        variables: fields.names("variables", reader),
        p: fields.figure("p", reader),
        of: fields.names("of", reader),
        value: fields.figure("value", reader),
        table: fields.text("table", reader),
    };
    fields.fact("metrics", reader);
    fields.fact("between", reader);
    fields.finish("a claim", reader);
    if leaf.is_none() {
        reader.problem(node, "a claim needs a `kind`".into(), None);
    }
    (kind.is_some() && leaf.is_some()).then_some(claim)
}

fn exception(node: &Node, reader: &mut Reader) -> Option<ClaimException> {
    let mut fields = Fields::of(node, "an exception", reader)?;
    let model = fields.text("model", reader);
    let cohort = fields.text("cohort", reader);
    fields.finish("an exception", reader);
    model.map(|model| ClaimException { model, cohort })
}

pub(super) fn date(node: &Node, reader: &mut Reader) -> Option<DateEntry> {
    let mut fields = Fields::of(node, "a date", reader)?;
    let name = fields.text("id", reader);
    let place = fields.text("at", reader);
    let cohort = fields.text("cohort", reader);
    let mut leaves = Vec::new();
    let mut day = |node: Option<&Node>, reader: &mut Reader| {
        let figure = reader.figure(node?)?;
        leaves.push(figure.leaf);
        Some(figure.text)
    };
    let span = day(fields.get("span"), reader);
    let cut_off = day(fields.get("cut_off"), reader);
    let before = day(fields.get("before"), reader);
    let after = day(fields.get("after"), reader);
    fields.finish("a date", reader);
    let span = match (span, cut_off, before, after, cohort) {
        (Some(text), None, None, None, _) => text
            .split_once('/')
            .and_then(|(from, to)| Some(DateSpan::Span { from: Day::parse(from)?, to: Day::parse(to)? })),
        (None, Some(text), None, None, _) => Day::parse(&text).map(DateSpan::CutOff),
        (None, None, Some(text), None, Some(cohort)) => Day::parse(&text).map(|day| DateSpan::Before { cohort, day }),
        (None, None, None, Some(text), Some(cohort)) => Day::parse(&text).map(|day| DateSpan::After { cohort, day }),
        _ => {
            let help =
                "write `span: \"2016-08/2020-10\"`, `cut_off: \"2020-01-01\"`, or `cohort:` with `before:` or `after:`";
            reader.problem(node, "a date says one thing".into(), Some(help.into()));
            return None;
        }
    };
    Some(DateEntry { name: name.unwrap_or_default(), place, leaves, span: span.unwrap_or(DateSpan::Unreadable) })
}
