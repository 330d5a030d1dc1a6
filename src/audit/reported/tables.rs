//! What several sections have in common: intervals, shares, lists; and the section of counts.

use super::fields::{Fields, Reader};
use super::metric::Metric;
use super::model::*;
use super::several_numbers::how_to_write;
use super::tree::{Content, Node};

/// The two limits of an interval.
#[derive(Default)]
pub(super) struct Limits {
    pub lower: Option<Figure>,
    pub upper: Option<Figure>,
}

/// `["0.91", "0.94"]`.
pub(super) fn limits(node: &Node, reader: &mut Reader) -> Limits {
    match &node.content {
        Content::Sequence(items) if items.len() == 2 => {
            Limits { lower: reader.figure(&items[0]), upper: reader.figure(&items[1]) }
        }
        _ => {
            let help = how_to_write(node);
            reader.problem(node, "an interval is a list of two: [\"lower\", \"upper\"]".into(), help);
            Limits::default()
        }
    }
}

pub(super) fn ci_method(fields: &mut Fields<'_>, reader: &mut Reader) -> Option<CiMethod> {
    fields.choice("ci_method", &CiMethod::WORDS, reader)
}

/// `ci_method: wilson` for all, or `{auc: delong, sens: wilson}`.
pub(super) fn ci_methods(fields: &mut Fields<'_>, reader: &mut Reader) -> (Option<CiMethod>, Vec<(Metric, CiMethod)>) {
    let Some(Content::Mapping(_)) = fields.get("ci_method").map(|node| &node.content) else {
        return (ci_method(fields, reader), Vec::new());
    };
    let mut methods = Vec::new();
    if let Some(mut by_metric) = fields.get("ci_method").and_then(|node| Fields::of(node, "ci_method", reader)) {
        for entry in by_metric.others() {
            let found = super::sections::metric(entry, &[], reader);
            let method = by_metric.choice_of(entry, &CiMethod::WORDS, reader);
            methods.extend(found.zip(method));
        }
    }
    (None, methods)
}

pub(super) fn scale(fields: &mut Fields<'_>, name: &'static str, reader: &mut Reader) -> Option<Scale> {
    fields.choice(name, &[("percent", Scale::Percent), ("proportion", Scale::Proportion)], reader)
}

/// `[12, "34.3"]`, `12`, `"34.3%"`, `"12 (34.3)"`, `"12/35 (34.3%)"`, or `{count: 12, of: 35, percent: "34.3"}`.
pub(super) fn share(node: &Node, reader: &mut Reader) -> Share {
    match &node.content {
        Content::Sequence(items) => match items.as_slice() {
            [count, percent] => Share { count: reader.figure(count), of: None, percent: reader.figure(percent) },
            [count, of, percent] => {
                Share { count: reader.figure(count), of: reader.figure(of), percent: reader.figure(percent) }
            }
            _ => {
                reader.problem(node, "a cell is [count, \"percent\"] or [count, of, \"percent\"]".into(), None);
                Share::default()
            }
        },
        Content::Mapping(_) => {
            let Some(mut fields) = Fields::of(node, "a cell", reader) else { return Share::default() };
            let share = Share {
                count: fields.figure("count", reader),
                of: fields.figure("of", reader),
                percent: fields.figure("percent", reader),
            };
            fields.finish("a cell", reader);
            share
        }
        Content::Scalar(scalar) => {
            let text = scalar.text.clone();
            if let Some((before, after)) = text.split_once('(') {
                let percent = reader.figure_within(node, after.trim_end().trim_end_matches(')'));
                let (count, of) = before.split_once('/').map_or((before, None), |(count, of)| (count, Some(of)));
                return Share {
                    count: reader.figure_within(node, count.trim()),
                    of: of.and_then(|of| reader.figure_within(node, of.trim())),
                    percent,
                };
            }
            if let Some((count, of)) = text.split_once('/') {
                return Share {
                    count: reader.figure_within(node, count.trim()),
                    of: reader.figure_within(node, of.trim()),
                    percent: None,
                };
            }
            let figure = reader.figure(node);
            match figure {
                Some(figure) if figure.number.as_ref().is_some_and(|n| n.percent_sign || n.scale > 0) => {
                    Share { count: None, of: None, percent: Some(figure) }
                }
                count => Share { count, of: None, percent: None },
            }
        }
    }
}

pub(super) fn counts(node: &Node, reader: &mut Reader) -> Option<Counts> {
    let mut fields = Fields::of(node, "a section of counts", reader)?;
    fields.get("kind");
    let p = fields.figure("p", reader);
    let test = fields.text("stated_test", reader);
    let mut items = Vec::new();
    for entry in fields.others() {
        let mut item = CountItem { name: entry.key.clone(), share: Share::default(), cohort: None, class: None };
        if let Content::Mapping(_) = entry.value.content {
            let Some(mut fields) = Fields::of(&entry.value, "a count", reader) else { continue };
            item.share = Share {
                count: fields.figure("count", reader),
                of: fields.figure("of", reader),
                percent: fields.figure("percent", reader),
            };
            item.cohort = fields.text("cohort", reader);
            item.class = fields.text("class", reader);
            fields.finish("a count", reader);
        } else {
            item.share = share(&entry.value, reader);
        }
        items.push(item);
    }
    Some(Counts { items, p, test })
}

/// The items of a list; a problem when it is none.
pub(super) fn items<'a>(node: &'a Node, what: &str, reader: &mut Reader) -> Vec<&'a Node> {
    match &node.content {
        Content::Sequence(items) => items.iter().collect(),
        _ => {
            reader.problem(node, format!("`{what}` must be a list"), None);
            Vec::new()
        }
    }
}
