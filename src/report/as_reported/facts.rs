//! An item for which the audit has no kind of section: its tables, word for word.

use super::Page;
use super::yaml::Mapping;
use crate::report::build::tables_of;
use crate::report::document::{Cell, Row, Table};
use serde_json::{Value, json};

pub fn add(page: &Page<'_>, file: &mut Mapping) {
    for table in tables_of(page.results, page.item) {
        let mut section = page.begin("facts", "");
        section.add("columns", json!(table.columns.iter().map(|column| column.head.as_str()).collect::<Vec<_>>()));
        section.add("rows", rows(&table));
        file.add(&page.section(""), section.into_value());
    }
}

fn rows(table: &Table) -> Value {
    let texts = |cells: &[Cell]| cells.iter().map(|cell| cell.text.clone()).collect::<Vec<_>>();
    let rows = table.rows.iter().map(|row| match row {
        Row::Section { text } => json!([text]),
        Row::Cells { cells, .. } => json!(texts(cells)),
    });
    json!(rows.collect::<Vec<_>>())
}
