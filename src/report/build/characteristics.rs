//! Characteristics of the subjects of each set, side by side.

use super::anchor;
use super::names::Names;
use super::table::{TableBuilder, absent, marked, number, text};
use crate::report::document::{Align, Cell, Table};
use crate::report::number::{self, count_percent, fixed};
use crate::results::{Characteristics, CharacteristicsRow, Description, LayoutItem};

pub fn table(analysis: &Characteristics, item: &LayoutItem, names: &Names) -> Table {
    let mut table = TableBuilder::new(&anchor(&item.label), &item.label, &item.caption);
    table.column("Characteristic", Align::Left);
    for column in &analysis.partitions {
        let head = format!("{} (n = {})", names.partition(&column.partition), number::count(column.n));
        table.column(head, Align::Decimal);
    }
    for row in &analysis.rows {
        add_row(&mut table, row, names);
    }
    table.note("Variables as they were measured, before they are encoded for models; percentages of the known values.");
    if analysis.rows.iter().flat_map(|row| &row.cells).any(|cell| matches!(cell, Description::MeanSd { .. })) {
        table.abbreviation("SD", "standard deviation");
    }
    table.finish()
}

fn add_row(table: &mut TableBuilder, row: &CharacteristicsRow, names: &Names) {
    let label = names.variable_with_unit(&row.variable);
    let head = match row.cells.iter().find_map(measure) {
        Some(measure) => text(format!("{label}, {measure}")),
        None => text(label),
    };
    let levels = row.cells.iter().filter_map(|cell| match cell {
        Description::Counts { counts, .. } => Some(counts.len()),
        _ => None,
    });
    match levels.max() {
        Some(levels) => {
            table.row(0, vec![head]);
            let labels = names.variable_facts(&row.variable).map(|facts| facts.levels.clone()).unwrap_or_default();
            for level in 0..levels {
                let label = labels.get(level).cloned().unwrap_or_else(|| format!("Level {}", level + 1));
                let cells = row.cells.iter().map(|cell| level_cell(cell, level));
                table.row(1, std::iter::once(text(label)).chain(cells).collect());
            }
        }
        None => {
            let decimals = decimals(&row.cells);
            let cells = row.cells.iter().map(|cell| description_cell(cell, decimals));
            table.row(0, std::iter::once(head).chain(cells).collect());
        }
    }
    if row.cells.iter().any(|cell| missing(cell) > 0) {
        let cells = row.cells.iter().map(|cell| number(number::count(missing(cell)), missing(cell) as f64));
        table.row(1, std::iter::once(text("Missing")).chain(cells).collect());
    }
}

fn measure(cell: &Description) -> Option<&'static str> {
    match cell {
        Description::MeanSd { .. } => Some("mean (SD)"),
        Description::MedianQuartiles { .. } => Some("median (quartiles)"),
        Description::MedianRange { .. } => Some("median (range)"),
        Description::Counts { .. } => Some("n (%)"),
        Description::Empty { .. } => None,
    }
}

fn level_cell(cell: &Description, level: usize) -> Cell {
    match cell {
        Description::Counts { n, counts, .. } => {
            let count = counts.get(level).copied().unwrap_or(0);
            number(count_percent(count, *n), count as f64)
        }
        _ => absent("No subject has a value."),
    }
}

fn description_cell(cell: &Description, decimals: usize) -> Cell {
    let range = |middle: f64, lower: f64, upper: f64| {
        let print = |value: f64| fixed(value, decimals);
        let join = if lower < 0.0 { number::Join::To } else { number::Join::Dash };
        number(format!("{} ({})", print(middle), join.range(&print(lower), &print(upper))), middle)
    };
    match cell {
        Description::MeanSd { mean, sd: Some(sd), .. } => {
            number(format!("{} ({})", fixed(*mean, decimals), fixed(*sd, decimals)), *mean)
        }
        Description::MeanSd { mean, sd: None, .. } => number(fixed(*mean, decimals), *mean),
        Description::MedianQuartiles { median, lower_quartile, upper_quartile, .. } => {
            range(*median, *lower_quartile, *upper_quartile)
        }
        Description::MedianRange { median, smallest: Some(smallest), largest: Some(largest), .. } => {
            range(*median, *smallest, *largest)
        }
        Description::MedianRange { median, .. } => {
            let cell = number(fixed(*median, decimals), *median);
            marked(cell, "The range is withheld: its ends are values of single subjects.")
        }
        Description::Counts { n, .. } => number(number::count(*n), *n as f64),
        Description::Empty { .. } => absent("No subject has a value."),
    }
}

/// The same for all sets: none where all values are whole numbers, else one, or two where they are small.
fn decimals(cells: &[Description]) -> usize {
    let values = |cell: &Description| match cell {
        Description::MedianQuartiles { median, lower_quartile, upper_quartile, .. } => {
            vec![*median, *lower_quartile, *upper_quartile]
        }
        Description::MedianRange { median, smallest, largest, .. } => {
            std::iter::once(*median).chain(*smallest).chain(*largest).collect()
        }
        Description::MeanSd { mean, sd, .. } => vec![*mean, sd.unwrap_or(0.0)],
        _ => Vec::new(),
    };
    let values: Vec<f64> = cells.iter().flat_map(values).collect();
    if values.iter().all(|value| value.fract() == 0.0) {
        return 0;
    }
    if values.iter().all(|value| value.abs() < 1.0) { 2 } else { 1 }
}

fn missing(cell: &Description) -> usize {
    match cell {
        Description::MeanSd { missing, .. }
        | Description::MedianQuartiles { missing, .. }
        | Description::MedianRange { missing, .. }
        | Description::Counts { missing, .. }
        | Description::Empty { missing } => *missing,
    }
}
