//! The rows of a Cox model, checked, put in one order, centred and scaled: what every part of the family works on.
//!
//! Order: by stratum, then by time from the last to the first, then by a hash of all that a row holds (event, covariates,
//! weight, offset, entry) and, where hashes are equal, by those values. That is a total order on contents, so the rows'
//! order in the input changes no bit of a result; rows that still tie are identical.
//!
//! Blocks: only the times of events matter to a partial likelihood. A block holds the rows that join the risk set at one
//! event time when time is walked backwards: those whose own time is at or after it, and before the next event time.
//!
//! Centring and scaling: within each stratum a column is moved so that its mean among the subjects with events is zero,
//! and over all strata divided by its mean absolute deviation. A partial likelihood does not change when a covariate
//! is shifted within a stratum, so only rounding is at stake: the sums stay small, and a year near 2000 or a
//! concentration of 1e-9 does as well as any other column. The offset is moved likewise.

use super::CoxInput;
use super::one_time::{OneTime, from_ordered_bits, ordered_bits};
use crate::stats::error::{StatsError, require_finite, require_same_length};
use std::cmp::Ordering;
use std::ops::Range;

/// Stands for a block that does not exist: the row never joins, or never leaves.
pub(super) const NEVER: u32 = u32::MAX;

/// The rows that join the risk set at one event time.
#[derive(Clone, Debug)]
pub(super) struct Block {
    pub rows: Range<usize>,
    /// The rows whose event is at this time: a part of `rows`.
    pub deaths: Range<usize>,
    pub time: f64,
}

#[derive(Clone, Debug)]
pub(super) struct Stratum {
    pub label: usize,
    /// All rows, also those that leave before the first event.
    pub rows: Range<usize>,
    /// From the last event time to the first.
    pub blocks: Range<usize>,
    /// What was subtracted from each column, and from the offset.
    pub centre: Vec<f64>,
    pub offset_centre: f64,
}

/// When the rows leave the risk sets again, with left truncation.
#[derive(Clone, Debug)]
pub(super) struct Truncation {
    /// For each row the block in which it joins.
    pub joins: Vec<u32>,
    /// For each row the block before which it leaves: that of the latest event time at or before its entry.
    pub leaves: Vec<u32>,
    /// All rows that join and leave, in the order in which they leave.
    pub leavers: Vec<u32>,
}

impl Truncation {
    /// Whether a row is at risk at any event time at all.
    pub fn joins_at_all(&self, row: usize) -> bool {
        self.leaves[row] > self.joins[row]
    }
}

#[derive(Clone, Debug)]
pub(super) struct Prepared {
    pub columns: usize,
    /// Position in the input of each sorted row.
    pub source: Vec<usize>,
    /// Centred and scaled covariates, by rows.
    pub design: Vec<f64>,
    /// What each column was divided by.
    pub scale: Vec<f64>,
    pub time: Vec<f64>,
    pub entry: Option<Vec<f64>>,
    pub event: Vec<bool>,
    pub weight: Vec<f64>,
    pub offset: Vec<f64>,
    pub blocks: Vec<Block>,
    pub strata: Vec<Stratum>,
    pub truncation: Option<Truncation>,
    /// Weighted means of the input columns; zero for a column that holds nothing but -1, 0 and 1.
    pub means: Vec<f64>,
    pub events: usize,
}

impl Prepared {
    pub fn row(&self, row: usize) -> &[f64] {
        &self.design[row * self.columns..(row + 1) * self.columns]
    }

    pub fn len(&self) -> usize {
        self.time.len()
    }

    /// The sorted rows at risk at the time of `block`.
    pub fn at_risk(&self, block: usize) -> impl Iterator<Item = usize> {
        let stratum = self.strata.partition_point(|stratum| stratum.blocks.end <= block);
        (self.strata[stratum].rows.start..self.blocks[block].rows.end).filter(move |row| {
            self.truncation.as_ref().is_none_or(|truncation| truncation.leaves[*row] as usize > block)
        })
    }

    pub fn unit_weights(&self) -> bool {
        self.weight.iter().all(|weight| *weight == 1.0)
    }

    pub fn new(input: &CoxInput) -> Result<Self, StatsError> {
        check(input)?;
        let columns = input.covariates.len();
        let SortedRows { source, time, one_time } = SortedRows::new(input)?;
        let gather = |values: &[f64]| source.iter().map(|row| values[*row]).collect::<Vec<f64>>();
        let rows = source.len();
        let design = by_sorted_rows(input.covariates, &source, input.time.len());
        let weight = input.weight.map_or_else(|| vec![1.0; rows], gather);
        let mut prepared = Self {
            columns,
            time,
            entry: input.entry.map(|entry| source.iter().map(|row| one_time.of(entry[*row])).collect()),
            event: source.iter().map(|row| input.event[*row]).collect(),
            means: Vec::new(),
            weight,
            offset: input.offset.map_or_else(|| vec![0.0; rows], gather),
            scale: Vec::new(),
            blocks: Vec::new(),
            strata: Vec::new(),
            truncation: None,
            events: 0,
            source,
            design,
        };
        prepared.events = prepared.event.iter().filter(|event| **event).count();
        if prepared.events == 0 {
            return Err(StatsError::NoEvents);
        }
        prepared.find_blocks(input.strata);
        prepared.find_leavers();
        prepared.centre_and_scale()?;
        Ok(prepared)
    }

    fn find_blocks(&mut self, strata: Option<&[usize]>) {
        let label = |row: usize| strata.map_or(0, |strata| strata[self.source[row]]);
        let mut start = 0;
        while start < self.len() {
            let stratum = label(start);
            let mut end = start;
            let first_block = self.blocks.len();
            let mut joined = start;
            while end < self.len() && label(end) == stratum {
                // One time: rows with the event stand before those without.
                let tied = end;
                while end < self.len() && label(end) == stratum && self.time[end] == self.time[tied] {
                    end += 1;
                }
                let deaths = self.event[tied..end].iter().filter(|event| **event).count();
                if deaths > 0 {
                    self.blocks.push(Block { rows: joined..end, deaths: tied..tied + deaths, time: self.time[tied] });
                    joined = end;
                }
            }
            self.strata.push(Stratum {
                label: stratum,
                rows: start..end,
                blocks: first_block..self.blocks.len(),
                centre: Vec::new(),
                offset_centre: 0.0,
            });
            start = end;
        }
    }

    fn find_leavers(&mut self) {
        let Some(entry) = &self.entry else { return };
        let mut leaves = vec![NEVER; self.len()];
        let mut joins = vec![NEVER; self.len()];
        for stratum in &self.strata {
            let blocks = &self.blocks[stratum.blocks.clone()];
            // Times fall from block to block.
            let first_at_or_before = |time: f64| {
                let position = blocks.partition_point(|block| block.time > time);
                if position < blocks.len() { (stratum.blocks.start + position) as u32 } else { NEVER }
            };
            for row in stratum.rows.clone() {
                joins[row] = first_at_or_before(self.time[row]);
                leaves[row] = first_at_or_before(entry[row]);
            }
        }
        let mut leavers: Vec<u32> = (0..self.len() as u32)
            .filter(|row| leaves[*row as usize] != NEVER && leaves[*row as usize] > joins[*row as usize])
            .collect();
        leavers.sort_by_key(|row| leaves[*row as usize]);
        self.truncation = Some(Truncation { joins, leaves, leavers });
    }

    /// Three passes over the rows: what the centres rest on, what the scales rest on, and the change itself.
    fn centre_and_scale(&mut self) -> Result<(), StatsError> {
        let columns = self.columns;
        let mut sums = ColumnSums::new(columns);
        for s in 0..self.strata.len() {
            let stratum = self.strata[s].clone();
            self.strata[s].centre = self.centre_of(&stratum, &mut sums);
            let deaths = || self.blocks[stratum.blocks.clone()].iter().flat_map(|block| block.deaths.clone());
            let offsets: f64 = deaths().map(|row| self.offset[row]).sum();
            let count = deaths().count() as f64;
            let offset_centre = if count == 0.0 { 0.0 } else { offsets / count };
            self.offset[stratum.rows].iter_mut().for_each(|offset| *offset -= offset_centre);
            self.strata[s].offset_centre = offset_centre;
        }
        self.means = sums.means();
        let mut deviation = vec![0.0; columns];
        let mut counted = 0.0;
        for stratum in &self.strata {
            let joined = stratum.rows.start..self.last_joined(stratum);
            counted += joined.len() as f64;
            for row in self.design[joined.start * columns..joined.end * columns].chunks_exact(columns.max(1)) {
                for ((sum, value), centre) in deviation.iter_mut().zip(row).zip(&stratum.centre) {
                    *sum += (value - centre).abs();
                }
            }
        }
        self.scale = deviation.iter().map(|sum| sum / counted).collect();
        for (column, scale) in self.scale.iter().enumerate() {
            if *scale == 0.0 {
                return Err(StatsError::Collinear { column });
            }
            if !scale.is_finite() {
                return Err(StatsError::Undefined { what: "a covariate's spread", why: "its values are too large" });
            }
        }
        for stratum in &self.strata {
            let rows = stratum.rows.start * columns..stratum.rows.end * columns;
            for row in self.design[rows].chunks_exact_mut(columns.max(1)) {
                for ((value, centre), scale) in row.iter_mut().zip(&stratum.centre).zip(&self.scale) {
                    *value = (*value - centre) / scale;
                }
            }
        }
        Ok(())
    }

    /// The end of the rows of a stratum that are at risk at some event time.
    fn last_joined(&self, stratum: &Stratum) -> usize {
        self.blocks[stratum.blocks.clone()].last().map_or(stratum.rows.start, |block| block.rows.end)
    }

    /// Each column's mean among the events of a stratum; its value exactly where it has but one. Adds the rows to `sums`.
    fn centre_of(&self, stratum: &Stratum, sums: &mut ColumnSums) -> Vec<f64> {
        let columns = self.columns;
        let deaths: usize = self.blocks[stratum.blocks.clone()].iter().map(|block| block.deaths.len()).sum();
        let last = self.last_joined(stratum);
        let first = self.row(stratum.rows.start).to_vec();
        let mut constant = vec![true; columns];
        let mut centre = vec![0.0; columns];
        for row in stratum.rows.clone() {
            let values = self.row(row);
            sums.add(values, self.weight[row]);
            if row < last {
                for ((constant, value), first) in constant.iter_mut().zip(values).zip(&first) {
                    *constant &= value == first;
                }
            }
            // All events of a stratum are in its blocks.
            if self.event[row] {
                centre.iter_mut().zip(values).for_each(|(sum, value)| *sum += value / deaths as f64);
            }
        }
        for j in (0..columns).filter(|j| deaths > 0 && constant[*j]) {
            centre[j] = first[j];
        }
        centre
    }
}

/// Behind the weighted means of the columns.
struct ColumnSums {
    total: f64,
    sums: Vec<f64>,
    /// Whether a column holds nothing but -1, 0 and 1.
    indicator: Vec<bool>,
}

impl ColumnSums {
    fn new(columns: usize) -> Self {
        Self { total: 0.0, sums: vec![0.0; columns], indicator: vec![true; columns] }
    }

    fn add(&mut self, values: &[f64], weight: f64) {
        self.total += weight;
        for ((sum, indicator), value) in self.sums.iter_mut().zip(&mut self.indicator).zip(values) {
            *sum += weight * value;
            *indicator &= *value == 0.0 || value.abs() == 1.0;
        }
    }

    /// Zero for an indicator.
    fn means(self) -> Vec<f64> {
        let mean = |(sum, indicator)| if indicator { 0.0 } else { sum / self.total };
        self.sums.into_iter().zip(self.indicator).map(mean).collect()
    }
}

fn check(input: &CoxInput) -> Result<(), StatsError> {
    let rows = input.time.len();
    if rows == 0 {
        return Err(StatsError::Empty { what: "survival time" });
    }
    if rows >= u32::MAX as usize {
        return Err(StatsError::OutOfRange { what: "number of rows", value: rows as f64, expected: "below 2^32" });
    }
    require_same_length("survival time", rows, "event", input.event.len())?;
    require_finite("survival time", input.time)?;
    for column in input.covariates {
        require_same_length("survival time", rows, "covariate", column.len())?;
        require_finite("covariate", column)?;
    }
    if let Some(entry) = input.entry {
        require_same_length("survival time", rows, "entry time", entry.len())?;
        require_finite("entry time", entry)?;
        if let Some(index) = entry.iter().zip(input.time).position(|(entry, time)| entry >= time) {
            let expected = "below the survival time of the same row";
            return Err(StatsError::InvalidAt { what: "entry time", index, expected });
        }
    }
    if let Some(weight) = input.weight {
        require_same_length("survival time", rows, "weight", weight.len())?;
        require_finite("weight", weight)?;
        if let Some(index) = weight.iter().position(|weight| *weight < 0.0) {
            return Err(StatsError::InvalidAt { what: "weight", index, expected: "zero or positive" });
        }
    }
    if let Some(strata) = input.strata {
        require_same_length("survival time", rows, "stratum", strata.len())?;
    }
    if let Some(cluster) = input.cluster {
        require_same_length("survival time", rows, "cluster", cluster.len())?;
    }
    if let Some(offset) = input.offset {
        require_same_length("survival time", rows, "offset", offset.len())?;
        require_finite("offset", offset)?;
    }
    Ok(())
}

/// Positions in the input in the order of the sorted rows, and their times.
struct SortedRows {
    source: Vec<usize>,
    time: Vec<f64>,
    one_time: OneTime,
}

impl SortedRows {
    fn new(input: &CoxInput) -> Result<Self, StatsError> {
        let rank = stratum_ranks(input.strata);
        // Stratum, time from the last on, row: one integer, as a sort of integers is several times faster than one of records.
        let mut keys: Vec<u128> = Vec::with_capacity(input.time.len());
        keys.extend(
            (0..input.time.len()).filter(|row| input.weight.is_none_or(|weight| weight[*row] > 0.0)).map(|row| {
                u128::from(rank(row)) << 96 | u128::from(!ordered_bits(input.time[row])) << 32 | row as u128
            }),
        );
        if keys.is_empty() {
            return Err(StatsError::Empty { what: "rows of positive weight" });
        }
        keys.sort_unstable();
        let time_of = |key: u128| from_ordered_bits(!((key >> 32) as u64));
        let one_time = match (input.strata, input.entry) {
            (None, None) => OneTime::of_sorted(keys.iter().rev().map(|key| time_of(*key))),
            _ => OneTime::new(input.time, input.entry),
        };
        let mut walk = one_time.walk();
        let time: Vec<f64> = keys.iter().map(|key| walk.of(time_of(*key))).collect();
        let tied = |at: usize| time[at] == time[at - 1] && keys[at] >> 96 == keys[at - 1] >> 96;
        let hashes = if (1..keys.len()).any(tied) { hashes(input) } else { Vec::new() };
        let mut source: Vec<usize> = Vec::with_capacity(keys.len());
        let mut alike: Vec<(bool, u64, usize)> = Vec::new();
        let mut start = 0;
        while start < keys.len() {
            let end = (start + 1..keys.len()).find(|at| !tied(*at)).unwrap_or(keys.len());
            let rows = keys[start..end].iter().map(|key| (key & u128::from(u32::MAX)) as usize);
            if end - start == 1 {
                source.extend(rows);
            } else {
                alike.clear();
                alike.extend(rows.map(|row| (!input.event[row], hashes[row], row)));
                alike.sort_unstable_by(|a, b| {
                    (a.0, a.1).cmp(&(b.0, b.1)).then_with(|| compare(values(input, a.2), values(input, b.2)))
                });
                source.extend(alike.iter().map(|(_, _, row)| *row));
            }
            start = end;
        }
        Ok(Self { source, time, one_time })
    }
}

/// The covariates by rows, in the order of `source`. The columns are read once from top to bottom, and each row is written
/// whole to its place: the other way round every value would miss the cache.
fn by_sorted_rows(covariates: &[&[f64]], source: &[usize], rows: usize) -> Vec<f64> {
    let columns = covariates.len();
    let mut place = vec![NEVER; rows];
    for (at, row) in source.iter().enumerate() {
        place[*row] = at as u32;
    }
    let mut design = vec![0.0; source.len() * columns];
    for (row, place) in place.into_iter().enumerate().filter(|(_, place)| *place != NEVER) {
        let start = place as usize * columns;
        for (value, column) in design[start..start + columns].iter_mut().zip(covariates) {
            *value = column[row] + 0.0;
        }
    }
    design
}

/// All that a row holds but its time and its event.
fn values<'a>(input: &'a CoxInput, row: usize) -> impl Iterator<Item = f64> + 'a {
    let others = [input.weight, input.offset, input.entry].into_iter().flatten();
    input.covariates.iter().copied().chain(others).map(move |column| column[row] + 0.0)
}

/// Of each row; only spread the rows, and decide nothing alone. Column by column, as they lie in memory.
fn hashes(input: &CoxInput) -> Vec<u64> {
    let mut hashes = vec![0x9e37_79b9_7f4a_7c15u64; input.time.len()];
    let others = [input.weight, input.offset, input.entry].into_iter().flatten();
    for column in input.covariates.iter().copied().chain(others) {
        for (hash, value) in hashes.iter_mut().zip(column) {
            *hash = (hash.rotate_left(23) ^ (value + 0.0).to_bits()).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        }
    }
    hashes.iter_mut().for_each(|hash| *hash = (*hash ^ (*hash >> 31)).wrapping_mul(0x94d0_49bb_1331_11eb));
    hashes
}

/// Strata numbered from zero in the order of their labels.
fn stratum_ranks(strata: Option<&[usize]>) -> impl Fn(usize) -> u32 {
    let labels = strata.map(|strata| {
        let mut labels = strata.to_vec();
        labels.sort_unstable();
        labels.dedup();
        labels
    });
    move |row| match (strata, &labels) {
        (Some(strata), Some(labels)) => labels.partition_point(|label| *label < strata[row]) as u32,
        _ => 0,
    }
}

fn compare(left: impl Iterator<Item = f64>, right: impl Iterator<Item = f64>) -> Ordering {
    left.zip(right).map(|(a, b)| a.total_cmp(&b)).find(|ordering| ordering.is_ne()).unwrap_or(Ordering::Equal)
}
