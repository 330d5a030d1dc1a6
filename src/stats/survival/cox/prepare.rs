//! The rows of a Cox model, checked, in one order (`row_order`), centred and scaled (`design`): what every part of the family
//! works on.
//!
//! Blocks: only the times of events matter to a partial likelihood. A block holds the rows that join the risk set at one
//! event time when time is walked backwards: those whose own time is at or after it, and before the next event time.

use super::CoxInput;
use super::design::DesignSums;
use super::row_order::SortedRows;
use crate::stats::error::{StatsError, require_finite, require_same_length};
use std::ops::Range;

/// Stands for a block that does not exist: the row never joins, or never leaves.
pub(super) const NEVER: u32 = u32::MAX;

/// A group of blocks ends when it has so many rows; these are still in the cache when they are looked at again.
const TOGETHER: usize = 256;

/// The rows that join the risk set at one event time.
#[derive(Clone, Debug)]
pub(super) struct Block {
    rows: Range<u32>,
    deaths: Range<u32>,
    pub time: f64,
}

impl Block {
    #[inline]
    pub fn rows(&self) -> Range<usize> {
        self.rows.start as usize..self.rows.end as usize
    }

    /// The rows whose event is at this time: a part of `rows`.
    #[inline]
    pub fn deaths(&self) -> Range<usize> {
        self.deaths.start as usize..self.deaths.end as usize
    }
}

#[derive(Clone, Debug)]
pub(super) struct Stratum {
    pub label: usize,
    /// All rows, also those that leave before the first event.
    pub rows: Range<usize>,
    /// From the last event time to the first.
    pub blocks: Range<usize>,
    pub groups: Range<usize>,
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
    pub source: Vec<u32>,
    /// Centred and scaled covariates, by rows.
    pub design: Vec<f64>,
    /// What each column was divided by.
    pub scale: Vec<f64>,
    /// The greatest value of each column less its least, centred and scaled.
    pub range: Vec<f64>,
    pub time: Vec<f64>,
    pub entry: Option<Vec<f64>>,
    pub event: Vec<bool>,
    pub weight: Vec<f64>,
    pub offset: Vec<f64>,
    pub blocks: Vec<Block>,
    /// Blocks of one stratum that follow each other and are worked on together.
    pub groups: Vec<Range<usize>>,
    pub strata: Vec<Stratum>,
    pub truncation: Option<Truncation>,
    pub sums: DesignSums,
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
        (self.strata[stratum].rows.start..self.blocks[block].rows().end)
            .filter(move |row| self.has_not_left(*row, block))
    }

    /// Whether a row that has joined is still at risk at the time of `block`.
    pub fn has_not_left(&self, row: usize, block: usize) -> bool {
        self.truncation.as_ref().is_none_or(|truncation| truncation.leaves[row] as usize > block)
    }

    /// The rows that join in some blocks of one stratum.
    pub fn rows_of(&self, blocks: &Range<usize>) -> Range<usize> {
        self.blocks[blocks.start].rows().start..self.blocks[blocks.end - 1].rows().end
    }

    pub fn unit_weights(&self) -> bool {
        self.weight.iter().all(|weight| *weight == 1.0)
    }

    pub fn new(input: &CoxInput) -> Result<Self, StatsError> {
        check(input)?;
        let columns = input.covariates.len();
        let SortedRows { source, time, one_time } = SortedRows::new(input)?;
        let gather = |values: &[f64]| source.iter().map(|row| values[*row as usize]).collect::<Vec<f64>>();
        let rows = source.len();
        let weight = input.weight.map_or_else(|| vec![1.0; rows], gather);
        let mut prepared = Self {
            columns,
            time,
            entry: input.entry.map(|entry| source.iter().map(|row| one_time.of(entry[*row as usize])).collect()),
            event: source.iter().map(|row| input.event[*row as usize]).collect(),
            sums: DesignSums::default(),
            weight,
            offset: input.offset.map_or_else(|| vec![0.0; rows], gather),
            scale: Vec::new(),
            range: Vec::new(),
            blocks: Vec::new(),
            groups: Vec::new(),
            strata: Vec::new(),
            truncation: None,
            events: 0,
            source,
            design: Vec::new(),
        };
        prepared.events = prepared.event.iter().filter(|event| **event).count();
        if prepared.events == 0 {
            return Err(StatsError::NoEvents);
        }
        prepared.find_blocks(input.strata);
        prepared.find_leavers();
        prepared.fill_design(input)?;
        Ok(prepared)
    }

    fn find_blocks(&mut self, strata: Option<&[usize]>) {
        let label = |row: usize| strata.map_or(0, |strata| strata[self.source[row] as usize]);
        let mut start = 0;
        while start < self.len() {
            let stratum = label(start);
            let mut end = start;
            let (first_block, first_group) = (self.blocks.len(), self.groups.len());
            let mut group = first_block;
            let mut joined = start;
            while end < self.len() && label(end) == stratum {
                // One time: rows with the event stand before those without.
                let tied = end;
                while end < self.len() && label(end) == stratum && self.time[end] == self.time[tied] {
                    end += 1;
                }
                let deaths = self.event[tied..end].iter().filter(|event| **event).count();
                if deaths > 0 {
                    self.blocks.push(Block {
                        rows: joined as u32..end as u32,
                        deaths: tied as u32..(tied + deaths) as u32,
                        time: self.time[tied],
                    });
                    joined = end;
                    if end - self.blocks[group].rows().start >= TOGETHER {
                        self.groups.push(group..self.blocks.len());
                        group = self.blocks.len();
                    }
                }
            }
            if group < self.blocks.len() {
                self.groups.push(group..self.blocks.len());
            }
            self.strata.push(Stratum {
                label: stratum,
                rows: start..end,
                blocks: first_block..self.blocks.len(),
                groups: first_group..self.groups.len(),
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
