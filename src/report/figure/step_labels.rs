//! What is written among the curves of a panel of step curves: the test's P in a free corner, and each group's name beside its
//! curve where it has room and can be taken for no other's.

use super::canvas::{Rect, Style};
use super::key;
use super::panel::Panel;
use super::step_curves::{MANY, StepGroup, StepPanel};
use super::step_plan::percent_ticks;
use crate::report::theme::size;

pub const LABEL: Style = Style::new(size::LABEL);
/// Between a name and the band that it belongs to: as little as will do.
const OFF: [f64; 2] = [2.0, 5.0];
/// Between a name and anything else.
const FAR: f64 = 6.0;
/// A name may take so much of the panel's width.
const WIDEST: f64 = 0.6;

/// A text and the box that it fills.
#[derive(Clone, Debug, PartialEq)]
pub struct Inscription {
    pub text: String,
    pub place: Rect,
}

/// What a panel has room for.
pub struct Inscriptions {
    pub test: Option<Inscription>,
    /// One name per group with subjects; `None` where not all of them have room.
    pub names: Option<Vec<Inscription>>,
}

/// Finds the places of a panel's texts.
pub fn place(panel: &Panel, curves: &StepPanel) -> Inscriptions {
    let areas: Vec<Vec<Rect>> = curves.groups.iter().map(|group| covered(panel, group)).collect();
    let all = areas.concat();
    let test = curves.test.clone().and_then(|text| {
        let place = key::free_corner(&panel.frame, LABEL.width(&text), LABEL.size, &all)?;
        Some(Inscription { text, place })
    });
    if curves.groups.len() > MANY {
        return Inscriptions { test, names: None };
    }
    let mut taken: Vec<Rect> = test.iter().map(|test| test.place).collect();
    let mut names = Vec::new();
    let Rect { left, width, .. } = panel.frame;
    let grid: Vec<Rect> = percent_ticks(panel.y.max)
        .iter()
        .map(|tick| Rect { left, top: panel.y(tick.value), width, height: 0.0 })
        .collect();
    for (index, group) in curves.groups.iter().enumerate().filter(|(index, _)| !areas[*index].is_empty()) {
        let others: Vec<Rect> =
            areas.iter().enumerate().filter(|(other, _)| *other != index).flat_map(|(_, area)| area).copied().collect();
        let is_free = |place: &Rect| {
            let around = inflated(place, FAR);
            !others.iter().chain(&taken).any(|other| around.meets(other))
        };
        let off_the_grid = |place: &Rect| is_free(place) && !grid.iter().any(|line| place.meets(line));
        let own = &areas[index];
        let found =
            beside(panel, &group.label, own, off_the_grid).or_else(|| beside(panel, &group.label, own, is_free));
        let Some(place) = found else { return Inscriptions { test, names: None } };
        taken.push(place);
        names.push(Inscription { text: group.label.clone(), place });
    }
    Inscriptions { test, names: Some(names) }
}

/// The first free place above the curve, else below it, from its end backwards; a little further off where that helps.
fn beside(panel: &Panel, name: &str, own: &[Rect], is_free: impl Fn(&Rect) -> bool) -> Option<Rect> {
    let frame = &panel.frame;
    let (width, height) = (LABEL.width(name), LABEL.size);
    if width > WIDEST * frame.width {
        return None;
    }
    let end = own.iter().map(Rect::right).fold(frame.left, f64::max).min(frame.right());
    let steps = 24;
    let lefts = (0..steps).map(|step| end - width - f64::from(step) * frame.width / f64::from(steps));
    let at = |left: f64, above: bool, off: f64| {
        let below_name = own.iter().filter(|area| area.left < left + width && area.right() > left);
        let top = if above {
            below_name.map(|area| area.top).fold(f64::INFINITY, f64::min) - off - height
        } else {
            below_name.map(Rect::bottom).fold(f64::NEG_INFINITY, f64::max) + off
        };
        Rect { left, top, width, height }
    };
    let inside = |place: &Rect| {
        place.left > frame.left + 2.0
            && place.top >= frame.top
            && place.bottom() < frame.bottom() - 2.0
            && place.right() <= frame.right() + 1e-9
    };
    let lefts: Vec<f64> = lefts.collect();
    [true, false]
        .into_iter()
        .flat_map(|above| OFF.map(|off| (above, off)))
        .flat_map(|(above, off)| lefts.iter().map(move |&left| at(left, above, off)))
        .find(|place| inside(place) && is_free(place))
}

fn inflated(rect: &Rect, by: f64) -> Rect {
    Rect { left: rect.left - by, top: rect.top - by, width: rect.width + 2.0 * by, height: rect.height + 2.0 * by }
}

/// What a curve, its band and its marks cover, stretch by stretch.
fn covered(panel: &Panel, group: &StepGroup) -> Vec<Rect> {
    let ends = group.points.iter().skip(1).map(|point| point.time).chain(group.points.last().map(|point| point.time));
    group
        .points
        .iter()
        .zip(ends)
        .filter(|(point, _)| point.time <= panel.x.max)
        .map(|(point, end)| {
            let within = |value: f64| panel.y(value.min(panel.y.max));
            let top = within(point.upper.max(point.value)) - 2.1;
            let bottom = within(point.lower.min(point.value)) + 2.1;
            let left = panel.x(point.time);
            Rect { left, top, width: panel.x(end.min(panel.x.max)) - left, height: bottom - top }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::panel::Scale;
    use super::super::step_curves::StepPoint;
    use super::*;

    fn group(label: &str, value: f64) -> StepGroup {
        let point = |time| StepPoint { time, value, lower: value - 0.02, upper: value + 0.02 };
        StepGroup { points: vec![point(0.0), point(5.0)], ..StepGroup::named(label) }
    }

    fn placed(groups: Vec<StepGroup>) -> Option<Vec<Inscription>> {
        let frame = Rect { left: 0.0, top: 0.0, width: 200.0, height: 100.0 };
        let panel = Panel { frame, x: Scale::linear(0.0, 5.0), y: Scale::linear(0.0, 1.0) };
        place(&panel, &StepPanel { groups, ..StepPanel::default() }).names
    }

    #[test]
    fn names_stand_beside_their_own_curves() {
        let names = placed(vec![group("Low", 0.7), group("High", 0.3)]).unwrap();
        for (name, curve) in names.iter().zip([30.0, 70.0]) {
            let middle = name.place.top + name.place.height / 2.0;
            assert!((middle - curve).abs() < 18.0, "{name:?} is far from its curve at {curve} points");
            assert!((middle - curve).abs() > 7.0, "{name:?} lies on its curve at {curve} points");
        }
    }

    #[test]
    fn where_curves_lie_close_there_are_no_names() {
        assert!(placed(vec![group("Low", 0.52), group("Middle", 0.5), group("High", 0.48)]).is_none());
        assert!(placed(vec![group("A name that is far too long for a panel of this width", 0.5)]).is_none());
    }

    #[test]
    fn a_group_without_subjects_needs_no_name() {
        let mut empty = group("None", 0.5);
        empty.points.clear();
        assert_eq!(placed(vec![group("Low", 0.7), empty]).unwrap().len(), 1);
    }
}
