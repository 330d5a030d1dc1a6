//! Where the panels of a survival figure lie, with their time axis and the times of the table of numbers at risk: as many
//! columns as leave the numbers apart.

use super::canvas::{Rect, Style};
use super::key;
use super::panel::{self, Panel, Scale, Tick};
use crate::report::number;
use crate::report::theme::{self, size};
use crate::results::{Results, SurvivalAnalysis};

pub const CELL: Style = Style::new(size::SMALL);
pub const HEAD: Style = Style::new(size::SMALL).strong();
/// The widest that a group's label beside the risk table becomes before it is broken.
const LABEL_ROOM: f64 = 92.0;
/// The piece of a group's line beside its row of the risk table.
pub const MARK: f64 = 9.0;

/// The measures that all panels share.
pub struct Plan<'a> {
    pub survival: &'a SurvivalAnalysis,
    pub results: &'a Results,
    pub columns: usize,
    /// From the left edge of a column to its frame; the first column has the groups' labels in it.
    pub first_left: f64,
    pub other_left: f64,
    /// Between a frame and the next column: the last number at risk reaches into it.
    pub gap: f64,
    pub frame_width: f64,
    pub frame_height: f64,
    pub x: Scale,
    pub x_ticks: Vec<Tick>,
    /// Which of the risk table's times have a tick.
    pub times: Vec<usize>,
    /// The groups' labels as they stand beside the risk table.
    pub labels: Vec<Vec<String>>,
}

impl Plan<'_> {
    /// How high the table below a panel is, with its head.
    pub fn risk_table_height(&self) -> f64 {
        if self.times.is_empty() {
            return 0.0;
        }
        HEAD.line() + self.labels.iter().map(|lines| lines.len() as f64 * CELL.line() + 1.0).sum::<f64>()
    }

    /// A panel whose row of panels begins, below their heads, at `top`.
    pub fn panel(&self, index: usize, top: f64) -> Panel {
        let column = index % self.columns;
        let left = if column == 0 {
            self.first_left
        } else {
            let before = self.first_left + self.frame_width + self.gap;
            before + (column - 1) as f64 * (self.other_left + self.frame_width + self.gap) + self.other_left
        };
        let frame = Rect { left, top, width: self.frame_width, height: self.frame_height };
        Panel { frame, x: self.x, y: Scale::linear(0.0, 1.0) }
    }
}

/// Lays the panels out.
pub fn plan<'a>(survival: &'a SurvivalAnalysis, results: &'a Results) -> Plan<'a> {
    let x = time_scale(survival);
    let widest_count = survival
        .partitions
        .iter()
        .flat_map(|partition| partition.groups.iter().flat_map(|group| group.at_risk.iter()))
        .map(|&count| CELL.width(&number::count(count)))
        .fold(8.0, f64::max);
    let labels: Vec<Vec<String>> =
        survival.group_labels.iter().map(|label| CELL.wrap_to(label, LABEL_ROOM, 3)).collect();
    // The last tick's label is centred on the frame's edge, as the last number at risk is.
    let widest_tick =
        labelled(&survival.risk_table_times).iter().map(|tick| CELL.width(&tick.label)).fold(0.0, f64::max);
    let overhang = widest_count.max(widest_tick) / 2.0;
    let widest_label = labels.iter().flatten().map(|line| CELL.width(line)).fold(HEAD.width("No. at risk"), f64::max);
    let gutter = panel::left_room(&percent_ticks(), "%");
    let first_left = gutter.max(MARK + 4.0 + widest_label + widest_count / 2.0 + 5.0);
    let other_left = gutter.max(MARK + widest_count / 2.0 + 5.0);

    let gap = 8.0 + overhang;

    let panels = survival.partitions.len();
    let most = if panels == 3 { 3 } else { key::columns_for(panels) };
    let edge = overhang + 1.0;
    let frame_width = |columns: usize| {
        let gutters = first_left + (columns - 1) as f64 * (other_left + gap);
        (theme::FULL_WIDTH - gutters - edge) / columns as f64
    };
    // As many columns as leave room for the numbers at risk; fewer numbers where not even one column does.
    let held: Vec<usize> =
        (0..survival.risk_table_times.len()).filter(|&at| x.holds(survival.risk_table_times[at])).collect();
    let step = held.windows(2).map(|pair| survival.risk_table_times[pair[1]] - survival.risk_table_times[pair[0]]);
    let step = step.fold(f64::INFINITY, f64::min);
    let spacing = |columns: usize| step / (x.max - x.min) * frame_width(columns);
    let columns = (1..=most).rev().find(|&columns| spacing(columns) >= widest_count + 3.0).unwrap_or(1);
    let every = if step.is_finite() && step > 0.0 {
        ((widest_count + 3.0) / spacing(columns)).ceil().max(1.0) as usize
    } else {
        1
    };
    let times: Vec<usize> = held.into_iter().step_by(every).collect();
    let x_ticks = if times.is_empty() {
        panel::ticks(x, 5)
    } else {
        let times: Vec<f64> = times.iter().map(|&at| survival.risk_table_times[at]).collect();
        labelled(&times)
    };
    let frame_width = frame_width(columns).min(350.0);
    Plan {
        survival,
        results,
        columns,
        first_left,
        other_left,
        gap,
        frame_width,
        frame_height: (frame_width * 0.78).clamp(105.0, 185.0),
        x,
        x_ticks,
        times,
        labels,
    }
}

/// From zero to the last time of the risk table, and beyond it by less than one of its steps where curves go on.
fn time_scale(survival: &SurvivalAnalysis) -> Scale {
    let groups = survival.partitions.iter().flat_map(|partition| &partition.groups);
    let end = groups.filter_map(|group| group.curve.last()).map(|point| point.time).fold(0.0, f64::max);
    let max = match survival.risk_table_times.as_slice() {
        [.., before, last] => end.min(last + 0.999 * (last - before).max(0.0)).max(*last),
        [last] => end.max(*last),
        [] => end,
    };
    Scale::linear(0.0, if max > 0.0 && max.is_finite() { max } else { 1.0 })
}

/// Ticks with as many decimals as the times need.
fn labelled(times: &[f64]) -> Vec<Tick> {
    let whole = |value: f64| (value - value.round()).abs() < 1e-9;
    let decimals = (0..3).find(|&places| times.iter().all(|time| whole(time * 10_f64.powi(places))));
    let decimals = decimals.unwrap_or(3) as usize;
    times.iter().map(|&value| Tick { value, label: number::fixed(value, decimals) }).collect()
}

/// Ticks of a survival axis.
pub fn percent_ticks() -> Vec<Tick> {
    [0, 25, 50, 75, 100].map(|percent| Tick { value: f64::from(percent) / 100.0, label: percent.to_string() }).to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::{CurvePoint, GroupSurvival, PartitionSurvival};

    fn survival(end: f64, risk_table_times: Vec<f64>) -> SurvivalAnalysis {
        let point = |time| CurvePoint { time, survival: 1.0, lower: 1.0, upper: 1.0 };
        let group = GroupSurvival {
            label: "All".to_string(),
            n: 1,
            events: 0,
            median: None,
            rates: Vec::new(),
            at_risk: Vec::new(),
            curve: vec![point(0.0), point(end)],
            censored_at: Vec::new(),
        };
        SurvivalAnalysis {
            outcome: "os".to_string(),
            level: 0.95,
            grouped_by: "nothing".to_string(),
            group_labels: vec!["All".to_string()],
            rate_times: Vec::new(),
            risk_table_times,
            entry: None,
            partitions: vec![PartitionSurvival {
                partition: "all".to_string(),
                groups: vec![group],
                log_rank: None,
                comparisons: Default::default(),
            }],
        }
    }

    #[test]
    fn the_axis_ends_with_the_curves_but_less_than_a_step_after_the_table() {
        let end = |curve, times| time_scale(&survival(curve, times)).max;
        assert_eq!(end(3.0, vec![0.0, 2.0, 4.0]), 4.0);
        assert_eq!(end(5.5, vec![0.0, 2.0, 4.0]), 5.5);
        assert!((end(19.0, vec![0.0, 2.0, 4.0]) - 5.998).abs() < 1e-12);
        assert_eq!(end(7.0, vec![5.0]), 7.0);
        assert_eq!(end(0.0, Vec::new()), 1.0);
    }

    #[test]
    fn times_have_the_decimals_that_they_need() {
        let labels = |times: &[f64]| -> Vec<String> { labelled(times).into_iter().map(|tick| tick.label).collect() };
        assert_eq!(labels(&[0.0, 5.0, 10.0]), ["0", "5", "10"]);
        assert_eq!(labels(&[0.0, 0.3, 0.7]), ["0.0", "0.3", "0.7"]);
    }
}
