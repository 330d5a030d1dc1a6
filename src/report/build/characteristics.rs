//! Characteristics of the subjects of each set, side by side.

use super::anchor;
use super::names::Names;
use super::table::{TableBuilder, absent, marked, number, text};
use crate::report::document::{Align, Cell, Table};
use crate::report::number::{self, count_percent, decimals_for_spread, fixed};
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

/// The same for all sets, by the rule of the baseline table: none where all medians and their ranges are whole numbers, else
/// by the smallest spread.
pub(in crate::report) fn decimals(cells: &[Description]) -> usize {
    let mut spread = f64::INFINITY;
    let mut whole = true;
    let mut add = |values: &[f64], width: f64| {
        whole &= values.iter().all(|value| value.fract() == 0.0);
        if width > 0.0 {
            spread = spread.min(width);
        }
    };
    for cell in cells {
        match cell {
            Description::MedianQuartiles { median, lower_quartile, upper_quartile, .. } => {
                add(&[*median, *lower_quartile, *upper_quartile], upper_quartile - lower_quartile);
            }
            Description::MedianRange { median, smallest: Some(smallest), largest: Some(largest), .. } => {
                add(&[*median, *smallest, *largest], largest - smallest);
            }
            Description::MedianRange { median, .. } => add(&[*median], 0.0),
            Description::MeanSd { mean, sd, .. } => add(&[*mean, sd.unwrap_or(0.0)], sd.unwrap_or(0.0)),
            Description::Counts { .. } | Description::Empty { .. } => {}
        }
    }
    if whole { 0 } else { decimals_for_spread(spread) }
}

pub(in crate::report) fn missing(cell: &Description) -> usize {
    match cell {
        Description::MeanSd { missing, .. }
        | Description::MedianQuartiles { missing, .. }
        | Description::MedianRange { missing, .. }
        | Description::Counts { missing, .. }
        | Description::Empty { missing } => *missing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Weight loss beside weeks of survival in the lung cohort: "975.0 (588.0–1150.0)" stood beside "975 (594–1150)".
    #[test]
    fn decimals_follow_the_spread_as_in_the_baseline_table() {
        let quartiles = |median: f64, lower_quartile: f64, upper_quartile: f64| Description::MedianQuartiles {
            n: 10,
            missing: 0,
            median,
            lower_quartile,
            upper_quartile,
        };
        assert_eq!(decimals(&[quartiles(975.0, 588.0, 1150.5), quartiles(970.0, 600.0, 1100.0)]), 0);
        assert_eq!(decimals(&[quartiles(5.0, 2.0, 9.0), quartiles(6.0, 3.0, 8.0)]), 0);
        assert_eq!(decimals(&[quartiles(5.5, 2.0, 9.0)]), 1);
        assert_eq!(decimals(&[quartiles(0.31, 0.22, 0.4)]), 2);
    }
}
