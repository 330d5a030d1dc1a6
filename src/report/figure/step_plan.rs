//! Where the panels of a figure of step curves lie, with their time axis and the times of the table of numbers at risk: as
//! many columns as leave the numbers apart.

use super::canvas::{Rect, Style};
use super::key;
use super::panel::{self, Panel, Scale, Tick};
use super::step_curves::{MANY, StepCurves};
use crate::report::number;
use crate::report::theme::{self, size};

pub const CELL: Style = Style::new(size::SMALL);
pub const HEAD: Style = Style::new(size::SMALL).strong();
/// The widest that a group's label beside the risk table becomes before it is broken.
const LABEL_ROOM: f64 = 92.0;
/// The piece of a group's line beside its row of the risk table: long enough for its dashes.
pub const MARK: f64 = 16.0;

/// The measures that all panels share.
pub struct Plan<'a> {
    pub curves: &'a StepCurves,
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
        Panel { frame, x: self.x, y: Scale::linear(0.0, self.curves.top) }
    }
}

/// Lays the panels out.
pub fn plan(curves: &StepCurves) -> Plan<'_> {
    let x = time_scale(curves);
    let widest_count = curves
        .panels
        .iter()
        .flat_map(|panel| panel.groups.iter().flat_map(|group| group.at_risk.iter().flatten()))
        .map(|&count| CELL.width(&number::count(count)))
        .fold(8.0, f64::max);
    let labels: Vec<Vec<String>> = match numbered(curves) {
        true => (1..=curves.group_labels.len()).map(|number| vec![number.to_string()]).collect(),
        false => curves.group_labels.iter().map(|label| CELL.wrap_to(label, LABEL_ROOM, 3)).collect(),
    };
    // The last tick's label is centred on the frame's edge, as the last number at risk is.
    let widest_tick = labelled(&curves.times).iter().map(|tick| CELL.width(&tick.label)).fold(0.0, f64::max);
    let overhang = widest_count.max(widest_tick) / 2.0;
    let widest_label = labels.iter().flatten().map(|line| CELL.width(line)).fold(HEAD.width("No. at risk"), f64::max);
    let gutter = panel::left_room(&percent_ticks(curves.top), "%");
    let first_left = gutter.max(MARK + 4.0 + widest_label + widest_count / 2.0 + 5.0);
    let other_left = gutter.max(MARK + widest_count / 2.0 + 5.0);

    let gap = 8.0 + overhang;

    let panels = curves.panels.len();
    // Many curves need a wide panel.
    let most = match panels {
        _ if curves.group_labels.len() > MANY => 1,
        3 => 3,
        panels => key::columns_for(panels),
    };
    let edge = overhang + 1.0;
    let frame_width = |columns: usize| {
        let gutters = first_left + (columns - 1) as f64 * (other_left + gap);
        (theme::FULL_WIDTH - gutters - edge) / columns as f64
    };
    // As many columns as leave room for the numbers at risk; fewer numbers where not even one column does.
    let held: Vec<usize> = (0..curves.times.len()).filter(|&at| x.holds(curves.times[at])).collect();
    let step = held.windows(2).map(|pair| curves.times[pair[1]] - curves.times[pair[0]]);
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
        let times: Vec<f64> = times.iter().map(|&at| curves.times[at]).collect();
        labelled(&times)
    };
    let frame_width = frame_width(columns).min(350.0);
    Plan {
        curves,
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

/// Many groups whose names would each take several lines beside the risk table are numbered there, and named in the key.
pub fn numbered(curves: &StepCurves) -> bool {
    let is_long = |label: &String| CELL.width(label) > LABEL_ROOM;
    curves.group_labels.len() > MANY && curves.group_labels.iter().any(is_long)
}

/// From zero to the last time of the risk table, and beyond it by less than one of its steps where curves go on.
fn time_scale(curves: &StepCurves) -> Scale {
    let groups = curves.panels.iter().flat_map(|panel| &panel.groups);
    let end = groups.filter_map(|group| group.points.last()).map(|point| point.time).fold(0.0, f64::max);
    // Where few at risk are withheld, the axis ends with what is told.
    let told = curves.panels.iter().flat_map(|panel| &panel.groups).map(|group| group.at_risk.len()).max().unwrap_or(0);
    let times = if told > 0 { &curves.times[..told.min(curves.times.len())] } else { curves.times.as_slice() };
    let max = match times {
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

/// Ticks of an axis from 0 to `top`, in percent.
pub fn percent_ticks(top: f64) -> Vec<Tick> {
    let percents: Vec<f64> = if top >= 1.0 {
        vec![0.0, 25.0, 50.0, 75.0, 100.0]
    } else {
        panel::ticks(Scale::linear(0.0, 100.0 * top), 5).into_iter().map(|tick| tick.value).collect()
    };
    let decimals = usize::from(percents.iter().any(|percent| (percent - percent.round()).abs() > 1e-9));
    let tick = |percent: f64| Tick { value: percent / 100.0, label: number::fixed(percent, decimals) };
    percents.into_iter().map(tick).collect()
}

#[cfg(test)]
mod tests {
    use super::super::step_curves::{StepGroup, StepPanel, StepPoint};
    use super::*;

    fn curves(end: f64, times: Vec<f64>) -> StepCurves {
        let point = |time| StepPoint { time, value: 1.0, lower: 1.0, upper: 1.0 };
        let group = StepGroup { points: vec![point(0.0), point(end)], ..StepGroup::named("All") };
        StepCurves {
            group_labels: vec!["All".to_string()],
            times,
            panels: vec![StepPanel { groups: vec![group], ..StepPanel::default() }],
            ..StepCurves::default()
        }
    }

    #[test]
    fn the_axis_ends_with_the_curves_but_less_than_a_step_after_the_table() {
        let end = |curve, times| time_scale(&curves(curve, times)).max;
        assert_eq!(end(3.0, vec![0.0, 2.0, 4.0]), 4.0);
        assert_eq!(end(5.5, vec![0.0, 2.0, 4.0]), 5.5);
        assert!((end(19.0, vec![0.0, 2.0, 4.0]) - 5.998).abs() < 1e-12);
        assert_eq!(end(7.0, vec![5.0]), 7.0);
        assert_eq!(end(0.0, Vec::new()), 1.0);
    }

    #[test]
    fn the_axis_of_an_incidence_is_in_percent() {
        let labels = |top: f64| -> Vec<String> { percent_ticks(top).into_iter().map(|tick| tick.label).collect() };
        assert_eq!(labels(1.0), ["0", "25", "50", "75", "100"]);
        assert_eq!(labels(0.6).first().map(String::as_str), Some("0"));
        assert!(labels(0.6).iter().all(|label| label.parse::<f64>().is_ok_and(|percent| percent <= 60.0)));
        assert!(percent_ticks(0.6).iter().all(|tick| tick.value <= 0.6 + 1e-9));
    }

    #[test]
    fn times_have_the_decimals_that_they_need() {
        let labels = |times: &[f64]| -> Vec<String> { labelled(times).into_iter().map(|tick| tick.label).collect() };
        assert_eq!(labels(&[0.0, 5.0, 10.0]), ["0", "5", "10"]);
        assert_eq!(labels(&[0.0, 0.3, 0.7]), ["0.0", "0.3", "0.7"]);
    }
}
