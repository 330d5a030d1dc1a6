//! The paper's tables, redrawn from the typed file: rows and columns of printed numbers that know their leaves.

use super::small_tables;
use crate::audit::reported::{
    Baseline, Body, Comparisons, Figure, Performance, Regression, Reported, RowBody, Share, Survival,
};
use serde::Serialize;

/// A piece of a cell: a printed number, or what stands between.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Piece {
    Leaf(usize),
    Text(String),
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DrawnRow {
    pub head: String,
    pub cells: Vec<Vec<Piece>>,
}

/// A table as it is drawn.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DrawnTable {
    pub title: String,
    pub columns: Vec<String>,
    pub rows: Vec<DrawnRow>,
}

/// Every section that holds printed numbers.
pub fn draw(reported: &Reported) -> Vec<DrawnTable> {
    let mut tables = vec![cohorts(reported)];
    for section in &reported.sections {
        let title = section.label.clone().unwrap_or_else(|| section.name.clone());
        tables.extend(match &section.body {
            Body::Flow(steps) => Some(DrawnTable {
                title,
                columns: vec!["n".into(), "excluded".into()],
                rows: steps
                    .iter()
                    .map(|step| {
                        let mut excluded = Vec::new();
                        for named in &step.excluded {
                            excluded.push(Piece::Text(format!("{} ", named.name)));
                            excluded.push(Piece::Leaf(named.figure.leaf));
                            excluded.push(Piece::Text(" ".into()));
                        }
                        DrawnRow { head: step.name.clone(), cells: vec![vec![Piece::Leaf(step.n.leaf)], excluded] }
                    })
                    .collect(),
            }),
            Body::Counts(counts) => {
                let mut rows: Vec<DrawnRow> = counts
                    .items
                    .iter()
                    .map(|item| DrawnRow { head: item.name.clone(), cells: vec![share(&item.share)] })
                    .collect();
                if let Some(p) = &counts.p {
                    rows.push(DrawnRow { head: "P".into(), cells: vec![vec![Piece::Leaf(p.leaf)]] });
                }
                Some(DrawnTable { title, columns: vec!["share".into()], rows })
            }
            Body::Baseline(table) => Some(baseline(title, table)),
            Body::Performance(table) => Some(performance(title, table)),
            Body::Comparison(table) => Some(comparison(title, table)),
            Body::Regression(table) => Some(regression(title, table)),
            Body::Survival(table) => Some(survival(title, table)),
            Body::CrossTable(table) => Some(small_tables::cross_table(title, table)),
            Body::Paired(table) => Some(small_tables::paired(title, table)),
            Body::CutOffs(table) => Some(small_tables::cut_offs(title, table)),
            Body::Equation(table) => Some(small_tables::equation(title, table)),
            Body::Tally(table) => Some(small_tables::tally(title, table)),
            Body::Tests(items) => Some(small_tables::tests(title, items)),
            _ => None,
        });
    }
    tables.retain(|table| !table.rows.is_empty());
    tables
}

pub(super) fn one(figure: &Option<Figure>) -> Vec<Piece> {
    figure.iter().map(|figure| Piece::Leaf(figure.leaf)).collect()
}

pub(super) fn text(text: &str) -> Piece {
    Piece::Text(text.to_string())
}

fn share(share: &Share) -> Vec<Piece> {
    let mut pieces = one(&share.count);
    // "12/40 (30.0)" is one text with three numbers.
    let leaves = [&share.count, &share.of, &share.percent].map(|figure| figure.as_ref().map(|figure| figure.leaf));
    if let [Some(count), of, percent] = leaves
        && (of == Some(count) || percent == Some(count))
    {
        return pieces;
    }
    if let Some(of) = &share.of {
        pieces.extend([text("/"), Piece::Leaf(of.leaf)]);
    }
    if let Some(percent) = &share.percent {
        pieces.extend([text(" ("), Piece::Leaf(percent.leaf), text(")")]);
    }
    pieces
}

fn with_interval(estimate: &Option<Figure>, lower: &Option<Figure>, upper: &Option<Figure>) -> Vec<Piece> {
    let mut pieces = one(estimate);
    if let (Some(lower), Some(upper)) = (lower, upper) {
        pieces.extend([text(" ("), Piece::Leaf(lower.leaf), text(" to "), Piece::Leaf(upper.leaf), text(")")]);
    }
    pieces
}

fn cohorts(reported: &Reported) -> DrawnTable {
    let rows = reported
        .cohorts
        .iter()
        .map(|cohort| DrawnRow {
            head: cohort.name.clone(),
            cells: vec![one(&cohort.n), one(&cohort.positive), one(&cohort.negative)],
        })
        .collect();
    DrawnTable { title: "Cohorts".into(), columns: vec!["n".into(), "with the event".into(), "without".into()], rows }
}

fn baseline(title: String, table: &Baseline) -> DrawnTable {
    let mut columns: Vec<String> = table.columns.iter().map(|column| column.id.clone()).collect();
    columns.extend(table.comparisons.iter().map(|group| format!("P {}", group.name)));
    let with_differences = table.rows.iter().any(|row| !row.standardised_differences.is_empty());
    let with_statistics = table.rows.iter().any(|row| row.statistic.is_some());
    columns.extend(with_differences.then(|| "SMD".to_string()));
    columns.extend(with_statistics.then(|| "statistic (df)".to_string()));
    let mut rows =
        vec![DrawnRow { head: "n".into(), cells: table.columns.iter().map(|column| one(&column.n)).collect() }];
    for row in &table.rows {
        let p = |cells: &mut Vec<Vec<Piece>>| {
            for group in &table.comparisons {
                let found = row.p.iter().filter(|named| named.name == group.name);
                cells.push(found.map(|named| Piece::Leaf(named.figure.leaf)).collect());
            }
            if with_differences {
                cells.push(row.standardised_differences.iter().map(|named| Piece::Leaf(named.figure.leaf)).collect());
            }
            if with_statistics {
                cells.push(row.statistic.as_ref().map(small_tables::statistic).unwrap_or_default());
            }
        };
        match &row.body {
            RowBody::Categorical(body) => {
                let mut head = vec![Vec::new(); table.columns.len()];
                p(&mut head);
                let beside = |level: &str, group: &str| -> Vec<Piece> {
                    let found = row.level_p.iter().filter(|p| p.level == level && p.group == group);
                    found.map(|p| Piece::Leaf(p.figure.leaf)).collect()
                };
                rows.push(DrawnRow { head: row.id.clone(), cells: head });
                for level in &body.levels {
                    let cell =
                        |id: &str| level.cells.iter().find(|cell| cell.column == id).map(|cell| share(&cell.share));
                    let mut cells: Vec<Vec<Piece>> =
                        table.columns.iter().map(|column| cell(&column.id).unwrap_or_default()).collect();
                    cells.extend(table.comparisons.iter().map(|group| beside(&level.name, &group.name)));
                    rows.push(DrawnRow { head: format!("– {}", level.name), cells });
                }
            }
            RowBody::Summary(body) => {
                let cell = |id: &str| body.iter().find(|cell| cell.column == id).map(small_tables::summary);
                let mut cells: Vec<Vec<Piece>> =
                    table.columns.iter().map(|column| cell(&column.id).unwrap_or_default()).collect();
                p(&mut cells);
                rows.push(DrawnRow { head: row.id.clone(), cells });
            }
            RowBody::Continuous(body) => {
                let cell = |id: &str| {
                    let Some(cell) = body.cells.iter().find(|cell| cell.column == id) else { return Vec::new() };
                    let mut pieces = vec![Piece::Leaf(cell.centre.leaf), text(" (")];
                    for (index, figure) in cell.spread.iter().enumerate() {
                        if index > 0 {
                            pieces.push(text(" to "));
                        }
                        pieces.push(Piece::Leaf(figure.leaf));
                    }
                    pieces.push(text(")"));
                    pieces
                };
                let mut cells: Vec<Vec<Piece>> = table.columns.iter().map(|column| cell(&column.id)).collect();
                p(&mut cells);
                rows.push(DrawnRow { head: row.id.clone(), cells });
            }
        }
    }
    DrawnTable { title, columns, rows }
}

fn performance(title: String, table: &Performance) -> DrawnTable {
    let mut columns: Vec<String> = Vec::new();
    for cell in table.rows.iter().flat_map(|row| &row.metrics) {
        if !columns.contains(&cell.key) {
            columns.push(cell.key.clone());
        }
    }
    let rows = table
        .rows
        .iter()
        .map(|row| DrawnRow {
            head: format!("{}, {}", row.model, row.cohort.as_deref().unwrap_or("–")),
            cells: columns
                .iter()
                .map(|key| {
                    row.metrics.iter().find(|cell| cell.key == *key).map_or_else(Vec::new, |cell| {
                        if cell.share.count.is_some() {
                            share(&cell.share)
                        } else {
                            with_interval(&cell.estimate, &cell.lower, &cell.upper)
                        }
                    })
                })
                .collect(),
        })
        .collect();
    DrawnTable { title, columns, rows }
}

fn comparison(title: String, table: &Comparisons) -> DrawnTable {
    let rows = table
        .pairs
        .iter()
        .map(|pair| DrawnRow {
            head: format!("{} against {}, {}", pair.first, pair.second, pair.cohort.as_deref().unwrap_or("–")),
            cells: vec![with_interval(&pair.difference, &pair.lower, &pair.upper), one(&pair.p)],
        })
        .collect();
    DrawnTable { title, columns: vec!["difference".into(), "P".into()], rows }
}

fn regression(title: String, table: &Regression) -> DrawnTable {
    let rows = table
        .terms
        .iter()
        .map(|term| DrawnRow {
            head: term.id.clone(),
            cells: vec![
                one(&term.beta),
                one(&term.standard_error),
                one(if term.wald.is_some() { &term.wald } else { &term.z }),
                with_interval(&term.ratio, &term.lower, &term.upper),
                one(&term.p),
            ],
        })
        .collect();
    let columns = ["coefficient", "SE", "Wald or z", "ratio", "P"].map(String::from).to_vec();
    DrawnTable { title, columns, rows }
}

fn survival(title: String, table: &Survival) -> DrawnTable {
    let mut columns: Vec<String> = ["n", "events", "median"].map(String::from).to_vec();
    columns.extend(table.times.iter().map(|time| format!("time {}", time.text)));
    let mut rows: Vec<DrawnRow> = table
        .groups
        .iter()
        .map(|group| {
            let mut cells = vec![
                one(&group.n),
                one(&group.events),
                with_interval(&group.median, &group.median_lower, &group.median_upper),
            ];
            cells.extend(
                group.rates.iter().map(|rate| with_interval(&Some(rate.estimate.clone()), &rate.lower, &rate.upper)),
            );
            DrawnRow { head: group.name.clone(), cells }
        })
        .collect();
    for ratio in table.ratios.iter().filter(|ratio| ratio.value.is_some()) {
        let mut cells = vec![with_interval(&ratio.value, &ratio.lower, &ratio.upper)];
        cells.extend(ratio.p.iter().map(|p| vec![Piece::Leaf(p.leaf)]));
        let head = match (&ratio.of, &ratio.against) {
            (Some(of), Some(against)) => format!("hazard ratio, {of} against {against}"),
            _ => "hazard ratio".to_string(),
        };
        rows.push(DrawnRow { head, cells });
    }
    if let Some(p) = &table.p {
        rows.push(DrawnRow { head: "P".into(), cells: vec![vec![Piece::Leaf(p.leaf)]] });
    }
    DrawnTable { title, columns, rows }
}
