//! The sections that are tables of counts and metrics: counts, baseline, performance and readers.

use super::fields::{Fields, Reader};
use super::metric::Metric;
use super::model::*;
use super::sections::{metric, named_figures};
use super::tree::{Content, Entry, Node};

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
            reader.problem(node, "an interval is a list of two: [\"lower\", \"upper\"]".into(), None);
            Limits::default()
        }
    }
}

pub(super) fn ci_method(fields: &mut Fields<'_>, reader: &mut Reader) -> Option<CiMethod> {
    fields.choice(
        "ci_method",
        &[
            ("not_stated", CiMethod::NotStated),
            ("wald", CiMethod::Wald),
            ("wilson", CiMethod::Wilson),
            ("clopper_pearson", CiMethod::ClopperPearson),
            ("exact", CiMethod::ClopperPearson),
            ("agresti_coull", CiMethod::AgrestiCoull),
            ("delong", CiMethod::DeLong),
            ("hanley_mcneil", CiMethod::HanleyMcNeil),
            ("bootstrap", CiMethod::Bootstrap),
            ("profile", CiMethod::Profile),
            ("other", CiMethod::Other),
        ],
        reader,
    )
}

/// `[12, "34.3"]`, `12`, `"34.3%"`, `"12 (34.3)"`, `"12/35 (34.3%)"`, or `{count: 12, of: 35, percent: "34.3"}`.
fn share(node: &Node, reader: &mut Reader) -> Share {
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

pub(super) fn baseline(node: &Node, reader: &mut Reader) -> Option<Baseline> {
    let mut fields = Fields::of(node, "a baseline table", reader)?;
    fields.get("kind");
    let mut table = Baseline {
        columns: Vec::new(),
        comparisons: Vec::new(),
        continuous_test: None,
        categorical_test: None,
        rows: Vec::new(),
    };
    if let Some(columns) = fields.get("columns") {
        for item in items(columns, "columns", reader) {
            let Some(mut column) = Fields::of(item, "a column", reader) else { continue };
            let id = column.text("id", reader);
            let read = Column {
                id: id.clone().unwrap_or_default(),
                cohort: column.text("cohort", reader),
                group: column.text("group", reader),
                n: column.figure("n", reader),
                sum_of: column.names("sum_of", reader),
            };
            column.finish("a column", reader);
            if id.is_none() {
                reader.problem(item, "a column needs an `id`".into(), None);
            }
            table.columns.push(read);
        }
    }
    if let Some(groups) = fields.get("p_columns")
        && let Some(groups) = Fields::of(groups, "p_columns", reader)
    {
        for entry in groups.others() {
            table.comparisons.push(ColumnGroup { name: entry.key.clone(), columns: reader.names(&entry.value) });
        }
    }
    if let Some(tests) = fields.get("stated_tests")
        && let Some(mut tests) = Fields::of(tests, "stated_tests", reader)
    {
        table.continuous_test = tests.text("continuous", reader);
        table.categorical_test = tests.text("categorical", reader);
        tests.finish("stated_tests", reader);
    }
    let ids: Vec<String> = table.columns.iter().map(|column| column.id.clone()).collect();
    let groups: Vec<String> = table.comparisons.iter().map(|group| group.name.clone()).collect();
    if let Some(rows) = fields.get("rows") {
        for item in items(rows, "rows", reader) {
            if let Some(row) = baseline_row(item, &ids, &groups, reader) {
                table.rows.push(row);
            }
        }
    }
    fields.finish("a baseline table", reader);
    Some(table)
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

/// The entries of a mapping by column; other names are a problem.
fn by_column<'a>(node: &'a Node, ids: &[String], reader: &mut Reader) -> Vec<&'a Entry> {
    let Some(fields) = Fields::of(node, "the cells of a row", reader) else { return Vec::new() };
    let known: Vec<&str> = ids.iter().map(String::as_str).collect();
    let mut found = Vec::new();
    for entry in fields.others() {
        if ids.contains(&entry.key) {
            found.push(entry);
        } else {
            super::fields::unknown(entry, "the cells (columns)", &known, reader);
        }
    }
    found
}

fn baseline_row(node: &Node, ids: &[String], groups: &[String], reader: &mut Reader) -> Option<BaselineRow> {
    let mut fields = Fields::of(node, "a row", reader)?;
    let id = fields.text("id", reader).unwrap_or_default();
    let spread = fields.choice(
        "type",
        &[
            ("categorical", None),
            ("mean_sd", Some(Spread::MeanSd)),
            ("mean_se", Some(Spread::MeanSe)),
            ("median_range", Some(Spread::MedianRange)),
            ("median_iqr", Some(Spread::MedianIqr)),
        ],
        reader,
    );
    fields.fact("section", reader);
    let spread_label = fields.text("spread_label", reader);
    let test = fields.text("test", reader);
    let n = match fields.get("n") {
        Some(node) => {
            by_column(node, ids, reader);
            named_figures(node, reader)
        }
        None => Vec::new(),
    };
    let p = match fields.get("p") {
        Some(node) => match node.content {
            Content::Scalar(_) => {
                let name = groups.first().cloned().unwrap_or_default();
                reader.figure(node).map(|figure| Named { name, figure }).into_iter().collect()
            }
            _ => {
                by_column(node, groups, reader);
                named_figures(node, reader)
            }
        },
        None => Vec::new(),
    };
    let body = match spread.flatten() {
        Some(spread) => {
            let mut cells = Vec::new();
            if let Some(node) = fields.get("cells") {
                for entry in by_column(node, ids, reader) {
                    cells.extend(continuous_cell(entry, spread, reader));
                }
            }
            RowBody::Continuous(Continuous { spread, cells })
        }
        None => {
            let ordered = fields.choice("ordered", &[("true", true), ("false", false)], reader).unwrap_or(false);
            let overlapping = fields.choice("overlapping", &[("true", true), ("false", false)], reader);
            let percent_of = fields.choice(
                "percent_of",
                &[("column", PercentOf::Column), ("row", PercentOf::Row), ("table", PercentOf::Table)],
                reader,
            );
            let missing_levels = fields.names("missing_levels", reader);
            let mut levels = Vec::new();
            let mut read_level = |name: &str, node: &Node, reader: &mut Reader| {
                let cells = by_column(node, ids, reader)
                    .into_iter()
                    .map(|cell| LevelCell { column: cell.key.clone(), share: share(&cell.value, reader) })
                    .collect();
                levels.push(Level { name: name.to_string(), cells });
            };
            if let Some(node) = fields.get("levels")
                && let Some(entries) = Fields::of(node, "levels", reader)
            {
                entries.others().into_iter().for_each(|entry| read_level(&entry.key, &entry.value, reader));
            }
            if let Some(node) = fields.get("cells") {
                read_level(&id, node, reader);
            }
            let percent_of = percent_of.unwrap_or(PercentOf::NotStated);
            RowBody::Categorical(Categorical { levels, ordered, overlapping, percent_of, missing_levels })
        }
    };
    if spread.is_none() {
        reader.problem(
            node,
            "a row needs a `type`".into(),
            Some("categorical, mean_sd, mean_se, median_range or median_iqr".into()),
        );
    }
    fields.finish("a row", reader);
    Some(BaselineRow { id, body, p, test, n, spread_label })
}

fn continuous_cell(entry: &Entry, spread: Spread, reader: &mut Reader) -> Option<ContinuousCell> {
    let wanted = if matches!(spread, Spread::MeanSd | Spread::MeanSe) { 2 } else { 3 };
    match &entry.value.content {
        Content::Sequence(items) if items.len() == wanted => {
            let mut figures = items.iter().filter_map(|item| reader.figure(item));
            let centre = figures.next()?;
            Some(ContinuousCell { column: entry.key.clone(), centre, spread: figures.collect(), n: None })
        }
        Content::Mapping(_) => {
            let mut fields = Fields::of(&entry.value, "a cell", reader)?;
            let centre = fields.any(&["mean", "median"]).and_then(|node| reader.figure(node));
            let mut spread = Vec::new();
            for name in ["sd", "se", "lower", "upper"] {
                spread.extend(fields.figure(name, reader));
            }
            let n = fields.figure("n", reader);
            fields.finish("a cell", reader);
            centre.map(|centre| ContinuousCell { column: entry.key.clone(), centre, spread, n })
        }
        _ => {
            let shape = if wanted == 2 { "[\"mean\", \"sd\"]" } else { "[\"median\", \"lower\", \"upper\"]" };
            reader.problem(&entry.value, format!("expected {shape}"), None);
            None
        }
    }
}

pub(super) fn performance(node: &Node, readers: bool, reader: &mut Reader) -> Option<Performance> {
    let mut fields = Fields::of(node, "a performance table", reader)?;
    fields.get("kind");
    let ci_level = fields.figure("ci_level", reader);
    let ci_method = ci_method(&mut fields, reader);
    let averaged = fields.text("averaged", reader);
    for free in ["metrics", "threshold", "facts"] {
        fields.fact(free, reader);
    }
    let averaged = averaged.is_some_and(|text| text != "no" && text != "false");
    let mut table = Performance { rows: Vec::new(), ci_level, ci_method, readers };
    if let Some(models) = fields.any(&["models", "readers"])
        && let Some(models) = Fields::of(models, "models", reader)
    {
        for model in models.others() {
            model_rows(model, averaged, &mut table.rows, reader);
        }
    }
    if let Some(rows) = fields.get("rows") {
        for item in items(rows, "rows", reader) {
            let mut row = empty_row(String::new(), averaged);
            let Some(mut fields) = Fields::of(item, "a row", reader) else { continue };
            row.model = fields.any(&["model", "reader"]).and_then(|node| reader.text(node)).unwrap_or_default();
            row.cohort = fields.text("cohort", reader);
            fields.fact("aid", reader);
            row_fields(&mut row, &mut fields, reader);
            table.rows.push(row);
        }
    }
    fields.finish("a performance table", reader);
    Some(table)
}

fn empty_row(model: String, averaged: bool) -> PerformanceRow {
    PerformanceRow { model, cohort: None, metrics: Vec::new(), averaged, n: None, positive: None, negative: None }
}

/// A model's entries are cohorts with metrics.
fn model_rows(model: &Entry, averaged: bool, rows: &mut Vec<PerformanceRow>, reader: &mut Reader) {
    let Some(mut fields) = Fields::of(&model.value, "a model", reader) else { return };
    for free in ["inputs", "threshold", "facts"] {
        fields.fact(free, reader);
    }
    let averaged = averaged || fields.text("averaged", reader).is_some();
    for entry in fields.others() {
        let mut row = empty_row(model.key.clone(), averaged);
        row.cohort = Some(entry.key.clone());
        if let Content::Mapping(_) = entry.value.content {
            if let Some(mut fields) = Fields::of(&entry.value, "a row of metrics", reader) {
                row_fields(&mut row, &mut fields, reader);
                rows.push(row);
            }
        } else {
            metric(entry, fields.known(), reader);
        }
    }
}

fn row_fields(row: &mut PerformanceRow, fields: &mut Fields<'_>, reader: &mut Reader) {
    row.n = fields.figure("n", reader);
    row.positive = fields.figure("positive", reader);
    row.negative = fields.figure("negative", reader);
    row.averaged |= fields.text("averaged", reader).is_some();
    for free in ["threshold", "facts", "other", "unit"] {
        fields.fact(free, reader);
    }
    for entry in fields.others() {
        if let Some(metric) = metric(entry, fields.known(), reader) {
            row.metrics.push(metric_cell(metric, entry, reader));
        }
    }
}

/// A restated row names its model and cohort beside its metrics.
pub(super) fn restated_row(node: &Node, reader: &mut Reader) -> Option<PerformanceRow> {
    let mut fields = Fields::of(node, "a restatement", reader)?;
    let mut row = empty_row(String::new(), false);
    row.model = fields.text("model", reader).unwrap_or_default();
    row.cohort = fields.text("cohort", reader);
    fields.text("table", reader);
    row_fields(&mut row, &mut fields, reader);
    Some(row)
}

fn metric_cell(metric: Metric, entry: &Entry, reader: &mut Reader) -> MetricCell {
    let mut cell = MetricCell {
        metric,
        key: entry.key.clone(),
        estimate: None,
        lower: None,
        upper: None,
        standard_error: None,
        share: Share::default(),
        ci_level: None,
        ci_method: None,
    };
    match &entry.value.content {
        Content::Scalar(scalar) => {
            if scalar.text.contains('(') || scalar.text.contains('/') {
                cell.share = share(&entry.value, reader);
                cell.estimate = cell.share.percent.clone();
            } else {
                cell.estimate = reader.figure(&entry.value);
            }
        }
        Content::Sequence(items) if matches!(items.len(), 1 | 3) => {
            cell.estimate = reader.figure(&items[0]);
            if items.len() == 3 {
                cell.lower = reader.figure(&items[1]);
                cell.upper = reader.figure(&items[2]);
            }
        }
        Content::Sequence(_) => {
            let help = "[\"estimate\", \"lower\", \"upper\"], or a mapping {value, ci, count, of, percent, se}";
            reader.problem(&entry.value, format!("`{}` has an unexpected shape", entry.key), Some(help.into()));
        }
        Content::Mapping(_) => {
            if let Some(mut fields) = Fields::of(&entry.value, "a metric", reader) {
                cell.estimate = fields.figure("value", reader);
                if let Some(node) = fields.get("ci") {
                    let read = limits(node, reader);
                    cell.lower = read.lower;
                    cell.upper = read.upper;
                }
                cell.standard_error = fields.figure("se", reader);
                cell.share = Share {
                    count: fields.figure("count", reader),
                    of: fields.figure("of", reader),
                    percent: fields.figure("percent", reader),
                };
                cell.estimate = cell.estimate.or_else(|| cell.share.percent.clone());
                cell.ci_level = fields.figure("ci_level", reader);
                cell.ci_method = ci_method(&mut fields, reader);
                fields.finish("a metric", reader);
            }
        }
    }
    cell
}
