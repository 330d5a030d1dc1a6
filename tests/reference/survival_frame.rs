//! The reference's survival data sets, with the derived columns that its set-up lines declare.

use super::support::{csv, floats};
use serde_json::Value;
use std::collections::BTreeMap;
use vouch::stats::survival::SurvivalData;

/// The columns of one case; derived columns are added under their R name.
pub struct Frame {
    columns: BTreeMap<String, Vec<String>>,
    derived: BTreeMap<String, Vec<f64>>,
}

/// Columns that make a [`SurvivalData`].
#[derive(Clone)]
pub struct Times {
    pub entry: Option<Vec<f64>>,
    pub time: Vec<f64>,
    pub event: Vec<bool>,
}

impl Times {
    pub fn data(&self) -> SurvivalData<'_> {
        SurvivalData { entry: self.entry.as_deref(), time: &self.time, event: &self.event, weight: None }
    }

    pub fn rows(&self, keep: &[usize]) -> Self {
        Self {
            entry: self.entry.as_ref().map(|entry| keep.iter().map(|row| entry[*row]).collect()),
            time: keep.iter().map(|row| self.time[*row]).collect(),
            event: keep.iter().map(|row| self.event[*row]).collect(),
        }
    }
}

impl Frame {
    /// The columns of a file as they are.
    pub fn read(file: &str) -> Self {
        Frame { columns: csv(file), derived: BTreeMap::new() }
    }

    /// Runs the set-up lines of a case, each of which must be one that is known here.
    pub fn of(case: &Value) -> Self {
        let file = case["data"][0].as_str().unwrap();
        let mut frame = Self::read(file);
        for line in case["setup"].as_array().unwrap() {
            frame.run(line.as_str().unwrap(), case);
        }
        frame
    }

    fn run(&mut self, line: &str, case: &Value) {
        match line {
            "d <- subset(d, !is.na(ph.ecog))" => self.keep(|frame, row| !frame.columns["ph.ecog"][row].is_empty()),
            "d$np <- as.integer(d$nodes > 0)" => self.derive("np", |frame| frame.value("nodes > 0")),
            "d <- subset(d, dtime > 0); d$a0 <- d$age; d$a1 <- d$age + d$dtime / 365.25" => {
                self.keep(|frame, row| frame.columns["dtime"][row] != "0");
                self.derive("a0", |frame| frame.value("age"));
                self.derive("a1", |frame| {
                    let (age, time) = (frame.value("age"), frame.value("dtime"));
                    age.iter().zip(time).map(|(age, time)| age + time / 365.25).collect()
                });
            }
            // The groups' order is taken from the reference's own labels.
            "d$size <- factor(d$size, levels = c('<=20', '20-50', '>50'))" => {}
            _ if line == format!("d <- rd('{}')", case["data"][0].as_str().unwrap()) => {}
            // Of the discrimination topic: the declared columns say the same.
            _ if line.starts_with("tm <- d$") || line.starts_with("lp2 <- with(d, ") => {}
            _ => panic!("unknown set-up line: {line}"),
        }
    }

    pub fn len(&self) -> usize {
        self.columns.values().next().unwrap().len()
    }

    fn keep(&mut self, wanted: impl Fn(&Self, usize) -> bool) {
        let rows: Vec<usize> = (0..self.len()).filter(|row| wanted(self, *row)).collect();
        for column in self.columns.values_mut() {
            *column = rows.iter().map(|row| column[*row].clone()).collect();
        }
    }

    fn derive(&mut self, name: &str, values: impl Fn(&Self) -> Vec<f64>) {
        let values = values(self);
        self.derived.insert(name.to_string(), values);
    }

    /// `column`, `-column`, `column == 2`, `column > 0`, `column %% 4`.
    pub fn value(&self, expression: &str) -> Vec<f64> {
        let expression = expression.trim();
        let operation = |operator: &str, apply: fn(f64, f64) -> f64| {
            let (left, right) = expression.split_once(operator)?;
            let right: f64 = right.trim().parse().ok()?;
            Some(self.value(left).into_iter().map(|left| apply(left, right)).collect())
        };
        operation("==", |left, right| f64::from(left == right))
            .or_else(|| operation(">", |left, right| f64::from(left > right)))
            .or_else(|| operation("%%", |left, right| left % right))
            .unwrap_or_else(|| match expression.strip_prefix('-') {
                Some(column) => self.value(column).into_iter().map(|value| -value).collect(),
                None => self.derived.get(expression).cloned().unwrap_or_else(|| floats(&self.columns[expression])),
            })
    }

    /// A factor's label of each row.
    pub fn labels(&self, column: &str) -> Vec<String> {
        match self.derived.get(column) {
            Some(values) => values.iter().map(f64::to_string).collect(),
            None => self.columns[column].clone(),
        }
    }

    pub fn times(&self, time: &str, event: &str) -> Times {
        let time = self.value(time);
        // R's Surv takes a status of 1 and 2 as censored and event.
        let status = self.value(event);
        let event_code = if status.contains(&2.0) { 2.0 } else { 1.0 };
        Times { entry: None, time, event: status.iter().map(|status| *status == event_code).collect() }
    }

    /// `Surv(time, status)` or `Surv(start, stop, status)`.
    pub fn surv(&self, surv: &str) -> Times {
        let inner = surv.trim_start_matches("Surv(").trim_end_matches(')');
        let parts: Vec<&str> = inner.split(',').collect();
        match parts[..] {
            [time, status] => self.times(time, status),
            [start, stop, status] => Times { entry: Some(self.value(start)), ..self.times(stop, status) },
            _ => panic!("{surv}"),
        }
    }
}
