//! Cross-tables, paired readings, cut-offs, equations and tallies, redrawn.

use super::tables::{DrawnRow, DrawnTable, Piece, one, text};
use crate::audit::reported::{
    CrossTable, CutOffs, Equation, Figure, Named, Paired, StatisticKind, SummaryCell, Tally, TestItem, TestStatistic,
};

fn named(cells: &[Named], name: &str) -> Vec<Piece> {
    cells.iter().filter(|cell| cell.name == name).map(|cell| Piece::Leaf(cell.figure.leaf)).collect()
}

/// A row with a single figure, if it is printed.
fn single(rows: &mut Vec<DrawnRow>, head: &str, figure: &Option<Figure>) {
    if figure.is_some() {
        rows.push(DrawnRow { head: head.into(), cells: vec![one(figure)] });
    }
}

/// `t 2.31 (98)`.
pub(super) fn statistic(statistic: &TestStatistic) -> Vec<Piece> {
    let name = match statistic.kind {
        StatisticKind::T => "t ",
        StatisticKind::ChiSquared => "chi-squared ",
        StatisticKind::F => "F ",
        StatisticKind::Z => "z ",
    };
    let mut pieces = vec![text(name), Piece::Leaf(statistic.value.leaf)];
    for (index, figure) in statistic.degrees.iter().enumerate() {
        pieces.push(text(if index == 0 { " (" } else { ", " }));
        pieces.push(Piece::Leaf(figure.leaf));
    }
    if !statistic.degrees.is_empty() {
        pieces.push(text(")"));
    }
    pieces
}

pub(super) fn tests(title: String, items: &[TestItem]) -> DrawnTable {
    let row =
        |item: &TestItem| DrawnRow { head: item.name.clone(), cells: vec![statistic(&item.statistic), one(&item.p)] };
    DrawnTable { title, columns: vec!["statistic (df)".into(), "P".into()], rows: items.iter().map(row).collect() }
}

pub(super) fn cross_table(title: String, table: &CrossTable) -> DrawnTable {
    let mut columns = table.columns.clone();
    columns.push("total".into());
    let mut rows: Vec<DrawnRow> = table
        .rows
        .iter()
        .map(|row| {
            let mut cells: Vec<Vec<Piece>> = table.columns.iter().map(|name| named(&row.cells, name)).collect();
            cells.push(one(&row.total));
            DrawnRow { head: row.name.clone(), cells }
        })
        .collect();
    let mut totals: Vec<Vec<Piece>> = table.columns.iter().map(|name| named(&table.column_totals, name)).collect();
    totals.push(one(&table.n));
    rows.push(DrawnRow { head: "total".into(), cells: totals });
    for (head, figure) in [
        ("agreement", &table.agreement),
        ("kappa", &table.kappa),
        ("weighted kappa", &table.weighted_kappa),
        ("P", &table.p),
    ] {
        single(&mut rows, head, figure);
    }
    DrawnTable { title, columns, rows }
}

pub(super) fn paired(title: String, table: &Paired) -> DrawnTable {
    let columns =
        ["both", "only first", "only second", "neither", "concordant", "discordant", "first", "second", "n", "P"];
    let rows = table.items.iter().map(|item| DrawnRow {
        head: item.name.clone(),
        cells: [
            &item.both,
            &item.only_first,
            &item.only_second,
            &item.neither,
            &item.concordant,
            &item.discordant,
            &item.first,
            &item.second,
            &item.n,
            &item.p,
        ]
        .map(one)
        .to_vec(),
    });
    DrawnTable { title, columns: columns.map(String::from).to_vec(), rows: rows.collect() }
}

pub(super) fn cut_offs(title: String, table: &CutOffs) -> DrawnTable {
    let mut rows: Vec<DrawnRow> = table
        .rows
        .iter()
        .map(|row| DrawnRow { head: row.name.clone(), cells: vec![one(&row.n), one(&row.events), one(&row.rate)] })
        .collect();
    rows.push(DrawnRow { head: "all".into(), cells: vec![one(&table.n), one(&table.events)] });
    DrawnTable { title, columns: ["n", "events", "rate"].map(String::from).to_vec(), rows }
}

pub(super) fn equation(title: String, equation: &Equation) -> DrawnTable {
    let mut columns = vec!["coefficient".to_string()];
    columns.extend((1..=equation.examples.len()).map(|number| format!("example {number}")));
    let mut rows = vec![DrawnRow { head: "intercept".into(), cells: vec![one(&equation.intercept)] }];
    single(&mut rows, "baseline survival", &equation.baseline_survival);
    for term in &equation.terms {
        let mut cells = vec![vec![Piece::Leaf(term.figure.leaf)]];
        cells.extend(equation.examples.iter().map(|example| named(&example.values, &term.name)));
        rows.push(DrawnRow { head: term.name.clone(), cells });
    }
    let results: [(&str, fn(&crate::audit::reported::Example) -> &Option<Figure>); 2] =
        [("linear predictor", |e| &e.linear_predictor), ("probability", |e| &e.probability)];
    for (head, pick) in results {
        let mut cells = vec![Vec::new()];
        cells.extend(equation.examples.iter().map(|example| one(pick(example))));
        rows.push(DrawnRow { head: head.into(), cells });
    }
    DrawnTable { title, columns, rows }
}

pub(super) fn tally(title: String, tally: &Tally) -> DrawnTable {
    let row = |prefix: &str, named: &Named| DrawnRow {
        head: format!("{prefix} {}", named.name),
        cells: vec![vec![Piece::Leaf(named.figure.leaf)]],
    };
    let mut rows: Vec<DrawnRow> = tally.markers.iter().map(|named| row("with", named)).collect();
    rows.extend(tally.by_number.iter().map(|named| row("number of markers:", named)));
    single(&mut rows, "n", &tally.n);
    DrawnTable { title, columns: vec!["subjects".into()], rows }
}

/// The summaries of one cell, each under its short name.
pub(super) fn summary(cell: &SummaryCell) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for (name, figure) in [
        ("n", &cell.n),
        ("mean", &cell.mean),
        ("SD", &cell.sd),
        ("SE", &cell.se),
        ("median", &cell.median),
        ("Q1", &cell.first_quartile),
        ("Q3", &cell.third_quartile),
        ("min", &cell.minimum),
        ("max", &cell.maximum),
        ("IQR", &cell.iqr_width),
        ("range", &cell.range_width),
    ] {
        if let Some(figure) = figure {
            let gap = if pieces.is_empty() { "" } else { ", " };
            pieces.extend([text(&format!("{gap}{name} ")), Piece::Leaf(figure.leaf)]);
        }
    }
    pieces
}
