//! The baseline table: columns, blocks, rows of counts, of means and of medians, P-values.

use super::cohorts::named_figures;
use super::fields::{Fields, Reader};
use super::model::*;
use super::several_numbers::how_to_write;
use super::tables::{items, share};
use super::test_statistics;
use super::tree::{Content, Entry, Node};

pub(super) fn baseline(node: &Node, reader: &mut Reader) -> Option<Baseline> {
    let mut fields = Fields::of(node, "a baseline table", reader)?;
    fields.get("kind");
    let mut table = Baseline {
        columns: Vec::new(),
        comparisons: Vec::new(),
        continuous_test: Vec::new(),
        categorical_test: Vec::new(),
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
            let mut group = ColumnGroup { name: entry.key.clone(), columns: Vec::new(), tests: Vec::new() };
            if let Content::Mapping(_) = entry.value.content {
                if let Some(mut fields) = Fields::of(&entry.value, "a group of p_columns", reader) {
                    group.columns = fields.names("columns", reader);
                    group.tests = fields.names("test", reader);
                    fields.finish("a group of p_columns", reader);
                }
            } else {
                group.columns = reader.names(&entry.value);
            }
            table.comparisons.push(group);
        }
    }
    if let Some(tests) = fields.get("stated_tests")
        && let Some(mut tests) = Fields::of(tests, "stated_tests", reader)
    {
        table.continuous_test = tests.names("continuous", reader);
        table.categorical_test = tests.names("categorical", reader);
        tests.finish("stated_tests", reader);
    }
    let ids: Vec<String> = table.columns.iter().map(|column| column.id.clone()).collect();
    let groups: Vec<String> = table.comparisons.iter().map(|group| group.name.clone()).collect();
    let blocks = blocks(&mut fields, &ids, reader);
    let base = percent_of(&mut fields, reader);
    let unit = fields.text("unit", reader);
    if let Some(rows) = fields.get("rows") {
        for item in items(rows, "rows", reader) {
            if let Some((mut row, section)) = baseline_row(item, &ids, &groups, reader) {
                let block = section.and_then(|name| blocks.iter().find(|block| block.name == name));
                inherit(&mut row, block, base.as_ref(), unit.as_ref());
                table.rows.push(row);
            }
        }
    }
    fields.finish("a baseline table", reader);
    Some(table)
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

/// What holds for all rows with the same `section:`.
struct Block {
    name: String,
    n: Vec<Named>,
    percent_of: Option<PercentOf>,
    tests: Vec<String>,
    unit: Option<String>,
}

/// `blocks: {laboratory: {n: {a: 50, b: 41}, percent_of: valid, test: fisher, unit: lesion}}`.
fn blocks(fields: &mut Fields<'_>, ids: &[String], reader: &mut Reader) -> Vec<Block> {
    let Some(blocks) = fields.get("blocks").and_then(|node| Fields::of(node, "blocks", reader)) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for entry in blocks.others() {
        let Some(mut block) = Fields::of(&entry.value, "a block", reader) else { continue };
        let n = by_column_figures(&mut block, "n", ids, reader);
        let percent_of = percent_of(&mut block, reader);
        let read = Block {
            name: entry.key.clone(),
            n,
            percent_of,
            tests: block.names("test", reader),
            unit: block.text("unit", reader),
        };
        block.finish("a block", reader);
        found.push(read);
    }
    found
}

fn inherit(row: &mut BaselineRow, block: Option<&Block>, base: Option<&PercentOf>, unit: Option<&String>) {
    if let Some(block) = block {
        for named in &block.n {
            if !row.n.iter().any(|own| own.name == named.name) {
                row.n.push(named.clone());
            }
        }
        if row.tests.is_empty() {
            row.tests.clone_from(&block.tests);
        }
        row.unit = row.unit.take().or_else(|| block.unit.clone());
    }
    row.unit = row.unit.take().or_else(|| unit.cloned()).filter(|unit| unit != "subject" && unit != "patient");
    if let RowBody::Categorical(body) = &mut row.body
        && body.percent_of == PercentOf::NotStated
        && let Some(stated) = block.and_then(|block| block.percent_of.as_ref()).or(base)
    {
        body.percent_of = stated.clone();
    }
}

/// `column`, `row`, `table`, `valid`, or `{row: stage, level: late}` for those in a level of an earlier row.
fn percent_of(fields: &mut Fields<'_>, reader: &mut Reader) -> Option<PercentOf> {
    let node = fields.get("percent_of")?;
    if let Content::Mapping(_) = node.content {
        let mut named = Fields::of(node, "percent_of", reader)?;
        let (row, level) = (named.text("row", reader), named.text("level", reader));
        named.finish("percent_of", reader);
        return Some(PercentOf::Level { row: row?, level: level? });
    }
    let choices = [("column", 0), ("row", 1), ("table", 2), ("valid", 3), ("weighted", 4), ("not_stated", 5)];
    Some(match fields.choice("percent_of", &choices, reader)? {
        0 => PercentOf::Column,
        1 => PercentOf::Row,
        2 => PercentOf::Table,
        3 => PercentOf::Valid,
        4 => PercentOf::Weighted,
        _ => PercentOf::NotStated,
    })
}

/// Numbers by column; another name is a problem.
fn by_column_figures(fields: &mut Fields<'_>, name: &'static str, ids: &[String], reader: &mut Reader) -> Vec<Named> {
    match fields.get(name) {
        Some(node) => {
            by_column(node, ids, reader);
            named_figures(node, reader)
        }
        None => Vec::new(),
    }
}

/// One text for the first group of P-columns, or a text for each.
fn p_values(node: &Node, groups: &[String], reader: &mut Reader) -> Vec<Named> {
    if let Content::Scalar(_) = node.content {
        let name = groups.first().cloned().unwrap_or_default();
        return reader.figure(node).map(|figure| Named { name, figure }).into_iter().collect();
    }
    by_column(node, groups, reader);
    named_figures(node, reader)
}

/// The kinds of rows.
#[derive(Clone, Copy)]
enum Kind {
    Categorical,
    Spread(Spread),
    Summary,
    /// One summary alone, in a row of its own.
    Single(fn(&mut SummaryCell) -> &mut Option<Figure>),
}

const KINDS: &[(&str, Kind)] = &[
    ("categorical", Kind::Categorical),
    ("mean_sd", Kind::Spread(Spread::MeanSd)),
    ("mean_se", Kind::Spread(Spread::MeanSe)),
    ("median_range", Kind::Spread(Spread::MedianRange)),
    ("median_iqr", Kind::Spread(Spread::MedianIqr)),
    ("estimate_se", Kind::Spread(Spread::EstimateSe)),
    ("slope_se", Kind::Spread(Spread::EstimateSe)),
    ("summary", Kind::Summary),
    ("mean", Kind::Single(|cell| &mut cell.mean)),
    ("sd", Kind::Single(|cell| &mut cell.sd)),
    ("se", Kind::Single(|cell| &mut cell.se)),
    ("median", Kind::Single(|cell| &mut cell.median)),
    ("first_quartile", Kind::Single(|cell| &mut cell.first_quartile)),
    ("third_quartile", Kind::Single(|cell| &mut cell.third_quartile)),
    ("minimum", Kind::Single(|cell| &mut cell.minimum)),
    ("maximum", Kind::Single(|cell| &mut cell.maximum)),
    ("iqr_width", Kind::Single(|cell| &mut cell.iqr_width)),
    ("range_width", Kind::Single(|cell| &mut cell.range_width)),
];

fn baseline_row(
    node: &Node,
    ids: &[String],
    groups: &[String],
    reader: &mut Reader,
) -> Option<(BaselineRow, Option<String>)> {
    let mut fields = Fields::of(node, "a row", reader)?;
    let id = fields.text("id", reader).unwrap_or_default();
    let kind = fields.choice("type", KINDS, reader);
    let section = fields.text("section", reader);
    let spread_label = fields.text("spread_label", reader);
    let tests = fields.names("test", reader);
    let unit = fields.text("unit", reader);
    let variable = fields.text("variable", reader);
    let reference = fields.text("reference", reader);
    let n = by_column_figures(&mut fields, "n", ids, reader);
    let p = fields.get("p").map(|node| p_values(node, groups, reader)).unwrap_or_default();
    let standardised_differences = fields.any(&["smd", "standardised_difference"]);
    let standardised_differences =
        standardised_differences.map(|node| p_values(node, groups, reader)).unwrap_or_default();
    let statistic = test_statistics::statistic(&mut fields, reader);
    let mut level_p = Vec::new();
    if let Some(levels) = fields.get("level_p").and_then(|node| Fields::of(node, "level_p", reader)) {
        for entry in levels.others() {
            for named in p_values(&entry.value, groups, reader) {
                level_p.push(LevelP { level: entry.key.clone(), group: named.name, figure: named.figure });
            }
        }
    }
    let body = match kind {
        Some(Kind::Spread(spread)) => {
            let choices = [("integer", Values::Integer), ("real", Values::Real), ("binary", Values::Binary)];
            let values = fields.choice("values", &choices, reader).unwrap_or(Values::Real);
            let mut cells = Vec::new();
            if let Some(node) = fields.get("cells") {
                for entry in by_column(node, ids, reader) {
                    cells.extend(continuous_cell(entry, spread, reader));
                }
            }
            RowBody::Continuous(Continuous { spread, values, cells })
        }
        Some(Kind::Summary) => {
            let mut cells = Vec::new();
            if let Some(node) = fields.get("cells") {
                for entry in by_column(node, ids, reader) {
                    cells.extend(summary_cell(entry, reader));
                }
            }
            RowBody::Summary(cells)
        }
        Some(Kind::Single(place)) => {
            let mut cells = Vec::new();
            if let Some(node) = fields.get("cells") {
                for entry in by_column(node, ids, reader) {
                    let mut cell = SummaryCell { column: entry.key.clone(), ..SummaryCell::default() };
                    *place(&mut cell) = reader.figure(&entry.value);
                    cells.push(cell);
                }
            }
            RowBody::Summary(cells)
        }
        Some(Kind::Categorical) | None => RowBody::Categorical(categorical(&id, &mut fields, ids, reader)),
    };
    if kind.is_none() {
        let known: Vec<&str> = KINDS.iter().map(|(name, _)| *name).collect();
        reader.problem(node, "a row needs a `type`".into(), Some(known.join(", ")));
    }
    fields.finish("a row", reader);
    let row = BaselineRow {
        id,
        body,
        p,
        level_p,
        reference,
        tests,
        n,
        unit,
        variable,
        spread_label,
        standardised_differences,
        statistic,
    };
    Some((row, section))
}

fn categorical(id: &str, fields: &mut Fields<'_>, ids: &[String], reader: &mut Reader) -> Categorical {
    let ordered = fields.flag("ordered", reader);
    let overlapping = fields.choice("overlapping", &[("true", true), ("false", false)], reader);
    let percent_of = percent_of(fields, reader).unwrap_or(PercentOf::NotStated);
    let missing_levels = fields.names("missing_levels", reader);
    let more_levels = fields.flag("more_levels", reader);
    let mut levels = Vec::new();
    let mut read_level = |name: &str, node: &Node, reader: &mut Reader| {
        let cells = by_column(node, ids, reader)
            .into_iter()
            .map(|cell| LevelCell { column: cell.key.clone(), share: share(&cell.value, reader) })
            .collect();
        levels.push(Level { name: name.to_string(), cells });
    };
    if let Some(entries) = fields.get("levels").and_then(|node| Fields::of(node, "levels", reader)) {
        entries.others().into_iter().for_each(|entry| read_level(&entry.key, &entry.value, reader));
    }
    if let Some(node) = fields.get("cells") {
        read_level(id, node, reader);
    }
    Categorical { levels, ordered, overlapping, percent_of, missing_levels, more_levels }
}

fn summary_cell(entry: &Entry, reader: &mut Reader) -> Option<SummaryCell> {
    let mut fields = Fields::of(&entry.value, "a cell", reader)?;
    let cell = SummaryCell {
        column: entry.key.clone(),
        n: fields.figure("n", reader),
        mean: fields.figure("mean", reader),
        sd: fields.figure("sd", reader),
        se: fields.figure("se", reader),
        median: fields.figure("median", reader),
        first_quartile: fields.figure("first_quartile", reader),
        third_quartile: fields.figure("third_quartile", reader),
        minimum: fields.figure("minimum", reader),
        maximum: fields.figure("maximum", reader),
        iqr_width: fields.figure("iqr_width", reader),
        range_width: fields.figure("range_width", reader),
    };
    fields.finish("a cell", reader);
    Some(cell)
}

fn continuous_cell(entry: &Entry, spread: Spread, reader: &mut Reader) -> Option<ContinuousCell> {
    let of_two = matches!(spread, Spread::MeanSd | Spread::MeanSe | Spread::EstimateSe);
    let wanted = if of_two { 2 } else { 3 };
    match &entry.value.content {
        // "mean SD (n)": a number of subjects for each cell.
        Content::Sequence(items) if items.len() == wanted + 1 => {
            let mut figures: Vec<Figure> = items.iter().filter_map(|item| reader.figure(item)).collect();
            let n = figures.pop();
            let mut figures = figures.into_iter();
            let centre = figures.next()?;
            Some(ContinuousCell { column: entry.key.clone(), centre, spread: figures.collect(), n })
        }
        // A single case has a mean and no SD.
        Content::Sequence(items) if of_two && items.len() == 1 => {
            let centre = reader.figure(&items[0])?;
            Some(ContinuousCell { column: entry.key.clone(), centre, spread: Vec::new(), n: None })
        }
        Content::Sequence(items) if items.len() == wanted => {
            let mut figures = items.iter().filter_map(|item| reader.figure(item));
            let centre = figures.next()?;
            Some(ContinuousCell { column: entry.key.clone(), centre, spread: figures.collect(), n: None })
        }
        Content::Mapping(_) => {
            let mut fields = Fields::of(&entry.value, "a cell", reader)?;
            let centre = fields.any(&["mean", "median", "estimate"]).and_then(|node| reader.figure(node));
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
            let help = how_to_write(&entry.value);
            reader.problem(&entry.value, format!("expected {shape}"), help);
            None
        }
    }
}
