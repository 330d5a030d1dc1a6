//! Survival and incidence over time: which rates, points of the curve and numbers at risk of a group may be told.
//!
//! A rate at a time tells how many had the event by then. Of all that is told of a group (rates, median, points of the curve,
//! all its events) the numbers of events differ by nobody or by enough; the rates come first, the curve takes what is left. So
//! do the numbers at risk at the times of the table, and, where the events before such a time are told, the others who left.
//! Nothing is told of times when few are at risk. Of two sets one of which holds the other, the difference is a set as well.

use super::Rule;
use super::chain::{Chain, fits, offer};
use super::lattice::Lattice;
use crate::results::{CurveTallies, PartitionFacts, Tally};
use crate::stats::Estimate;

/// A point of a step curve.
pub(super) trait Point: Copy {
    fn time(&self) -> f64;

    /// The point of a rate that is told.
    fn at(time: f64, rate: &Estimate) -> Self;
}

/// What of a group is told.
#[derive(Clone, Debug, Default)]
pub(super) struct Told {
    pub rates: Vec<bool>,
    pub curve: Vec<bool>,
    pub at_risk: Vec<bool>,
    pub median: bool,
    pub restricted: bool,
}

/// A group in a set, by its counts.
#[derive(Clone, Debug, Default)]
pub(super) struct Counted {
    pub n: usize,
    pub events: usize,
    pub tallies: CurveTallies,
}

/// For each set, in order, what of each of its groups is told; `None` for a set that cannot be told, as a group of it is
/// small, or would be small in what is left beside smaller sets.
pub(super) fn choose(
    sets: &[(&str, Vec<Counted>)],
    partitions: &[PartitionFacts],
    rule: Rule,
) -> Vec<Option<Vec<Told>>> {
    let lattice = Lattice::of(sets.iter().map(|(id, _)| *id), partitions);
    let mut found: Vec<Option<Vec<Told>>> = vec![None; sets.len()];
    let groups = sets.iter().map(|(_, groups)| groups.len()).max().unwrap_or(0);
    let mut choices: Vec<Choice> = (0..groups).map(|_| Choice::new(lattice.regions, rule)).collect();
    for &at in &lattice.order {
        // A set that cannot be told takes those that hold it with it.
        if lattice.inner(at).any(|inner| found[inner].is_none()) {
            continue;
        }
        let count_of = |set: usize, group: usize| sets[set].1.get(group).cloned().unwrap_or_default();
        let fit = |group: usize| {
            lattice.views[at].iter().all(|view| {
                let total = |count: fn(&Counted) -> usize| {
                    let less: usize = view.less.iter().map(|&inner| count(&count_of(inner, group))).sum();
                    count(&count_of(at, group)).saturating_sub(less)
                };
                let (n, events) = (total(|counted| counted.n), total(|counted| counted.events));
                ![n, events, n.saturating_sub(events)].into_iter().any(|count| rule.is_small(count))
            })
        };
        if !(0..sets[at].1.len()).all(fit) {
            continue;
        }
        let told = (0..sets[at].1.len()).map(|group| {
            let own = count_of(at, group);
            let inner: Vec<Vec<(Counted, Told)>> = lattice.views[at]
                .iter()
                .map(|view| {
                    let shown = view
                        .less
                        .iter()
                        .filter_map(|&set| Some((count_of(set, group), found[set].as_ref()?.get(group)?.clone())));
                    shown.collect()
                })
                .collect();
            let views: Vec<(usize, &[(Counted, Told)])> =
                lattice.views[at].iter().map(|view| view.region).zip(inner.iter().map(Vec::as_slice)).collect();
            choices[group].of(&own, &views)
        });
        let told = told.collect();
        found[at] = Some(told);
    }
    found
}

/// What one group tells of each region: a set, or what is left of a set beside smaller ones.
struct Choice {
    rule: Rule,
    events: Vec<Chain>,
    left: Vec<Chain>,
    others: Vec<Chain>,
}

/// A region by its index, and the smaller sets beside which it is left.
type View<'a> = (usize, &'a [(Counted, Told)]);

impl Choice {
    fn new(regions: usize, rule: Rule) -> Self {
        let chains = || vec![Chain::to(0, rule); regions];
        Self { rule, events: chains(), left: chains(), others: chains() }
    }

    fn of(&mut self, own: &Counted, views: &[View<'_>]) -> Told {
        let totals = |count: fn(&Counted) -> usize| counts(views, |_| true, own, count);
        for (chains, totals) in [
            (&mut self.events, totals(|counted| counted.events)),
            (&mut self.left, totals(|counted| counted.n)),
            (&mut self.others, totals(|counted| counted.n.saturating_sub(counted.events))),
        ] {
            totals.into_iter().for_each(|(region, total)| chains[region].tell(total));
        }
        let minimum = self.rule.minimum;
        let enough = |tally: &Tally| tally.at_risk >= minimum;
        let tallies = &own.tallies;
        let rates = tallies.rates.iter().enumerate().map(|(at, tally)| {
            let found =
                counts(views, |told| is_told(&told.rates, at), own, |counted| events(&counted.tallies.rates, at));
            enough(tally) && offer(&mut self.events, &found)
        });
        let rates: Vec<bool> = rates.collect();
        let median = match (tallies.median, views.first()) {
            (Some(tally), Some((region, _))) => offer(&mut self.events, &[(*region, tally.events)]),
            _ => false,
        };
        let restricted = tallies.restricted.is_some() && {
            let by = |counted: &Counted| counted.tallies.restricted.map_or(0, |tally| tally.events);
            offer(&mut self.events, &counts(views, |told| told.restricted, own, by))
        };
        let curve_end = tallies.curve.iter().take_while(|tally| enough(tally)).count();
        let curve = (0..curve_end).map(|at| {
            let found =
                counts(views, |told| is_told(&told.curve, at), own, |counted| events(&counted.tallies.curve, at));
            offer(&mut self.events, &found)
        });
        let curve: Vec<bool> = curve.collect();
        let risk_end = tallies.ticks.iter().take_while(|tally| enough(tally)).count();
        let at_risk = (0..risk_end).map(|at| self.number_at_risk(at, own, views)).collect();
        Told { rates, curve, at_risk, median, restricted }
    }

    fn number_at_risk(&mut self, at: usize, own: &Counted, views: &[View<'_>]) -> bool {
        let there = |told: &Told| is_told(&told.at_risk, at);
        let left = |counted: &Counted| {
            counted.n.saturating_sub(counted.tallies.ticks.get(at).map_or(counted.n, |tally| tally.at_risk))
        };
        let gone = counts(views, there, own, left);
        let without =
            counts(views, there, own, |counted| left(counted).saturating_sub(events(&counted.tallies.ticks, at)));
        let happened = counts(views, there, own, |counted| events(&counted.tallies.ticks, at));
        // Where the events before are told, so are those who left without.
        let follows: Vec<(usize, usize)> = happened
            .iter()
            .zip(without)
            .filter(|((region, happened), _)| self.events[*region].is_told(*happened))
            .map(|(_, without)| without)
            .collect();
        fits(&self.others, &follows) && offer(&mut self.left, &gone) && offer(&mut self.others, &follows)
    }
}

fn is_told(told: &[bool], at: usize) -> bool {
    told.get(at).copied().unwrap_or(false)
}

fn events(tallies: &[Tally], at: usize) -> usize {
    tallies.get(at).map_or(0, |tally| tally.events)
}

/// A count in each region, where the smaller sets beside which it is left tell their own.
fn counts(
    views: &[View<'_>],
    tells: impl Fn(&Told) -> bool,
    own: &Counted,
    count: impl Fn(&Counted) -> usize,
) -> Vec<(usize, usize)> {
    views
        .iter()
        .filter(|(_, inner)| inner.iter().all(|(_, told)| tells(told)))
        .map(|(region, inner)| {
            let less: usize = inner.iter().map(|(counted, _)| count(counted)).sum();
            (*region, count(own).saturating_sub(less))
        })
        .collect()
}

/// What is told of one group over time.
pub(super) struct OverTime<'a, P> {
    /// At the times of the risk table.
    pub at_risk: &'a mut Vec<Option<usize>>,
    pub curve: &'a mut Vec<P>,
    pub censored_at: &'a mut Vec<f64>,
    /// At the times of the rates.
    pub rates: &'a mut [Option<Estimate>],
}

impl<P: Point> OverTime<'_, P> {
    /// Takes away what is not told.
    pub fn keep(self, told: &Told, rate_times: &[f64]) {
        for (_, rate) in self.rates.iter_mut().enumerate().filter(|(at, _)| !is_told(&told.rates, *at)) {
            *rate = None;
        }
        for (at, count) in self.at_risk.iter_mut().enumerate() {
            *count = count.filter(|_| is_told(&told.at_risk, at));
        }
        while self.at_risk.last().is_some_and(Option::is_none) {
            self.at_risk.pop();
        }
        let mut at = 0;
        self.curve.retain(|_| {
            at += 1;
            is_told(&told.curve, at - 1)
        });
        // The curve goes through the rates of the table beside it.
        let rates =
            rate_times.iter().zip(self.rates.iter()).filter_map(|(time, rate)| Some(P::at(*time, rate.as_ref()?)));
        let apart: Vec<P> = rates.filter(|rate| !self.curve.iter().any(|point| point.time() == rate.time())).collect();
        self.curve.extend(apart);
        self.curve.sort_by(|one, other| one.time().total_cmp(&other.time()));
        // A censoring mark says that at least one left: it stands at the next point that is kept.
        let times: Vec<f64> = self.curve.iter().map(Point::time).collect();
        let mut marks: Vec<f64> =
            self.censored_at.iter().filter_map(|time| times.iter().find(|kept| *kept >= time).copied()).collect();
        marks.dedup();
        *self.censored_at = marks;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: Rule = Rule { minimum: 5 };

    fn tallies(counts: &[(usize, usize)]) -> Vec<Tally> {
        counts.iter().map(|&(events, at_risk)| Tally { events, at_risk }).collect()
    }

    /// 40 subjects, one event a month for 14 months, nobody censored before the end.
    fn group(rates: &[usize]) -> Counted {
        let at = |month: usize| (month.min(14), 40 - month.saturating_sub(1).min(14));
        Counted {
            n: 40,
            events: 14,
            tallies: CurveTallies {
                curve: tallies(&(0..=20).map(at).collect::<Vec<_>>()),
                rates: tallies(&rates.iter().map(|&month| at(month)).collect::<Vec<_>>()),
                ticks: tallies(&[(0, 40), (3, 37), (7, 33), (14, 26), (14, 8), (14, 2)]),
                ..CurveTallies::default()
            },
        }
    }

    fn alone(counted: Counted) -> Told {
        choose(&[("test", vec![counted])], &[], RULE).remove(0).unwrap().remove(0)
    }

    fn places(told: &[bool]) -> Vec<usize> {
        (0..told.len()).filter(|&at| told[at]).collect()
    }

    #[test]
    fn a_rate_of_two_deaths_in_forty_is_not_told() {
        let told = alone(group(&[2, 6, 8, 12, 20]));
        // After 2, 8 (two from 6) and 12 (two until the end of 14) months fewer than five are told apart.
        assert_eq!(places(&told.rates), [1, 4]);
    }

    #[test]
    fn the_curve_has_no_step_of_few_events_and_reaches_its_end() {
        let told = alone(group(&[]));
        assert_eq!(places(&told.curve), [0, 5, 14, 15, 16, 17, 18, 19, 20], "ten events are four from fourteen");
        let told = alone(group(&[7]));
        assert_eq!(places(&told.curve), [0, 7, 14, 15, 16, 17, 18, 19, 20], "the rate has the choice");
    }

    #[test]
    fn numbers_at_risk_do_not_fall_by_few() {
        // 37 is three from 40, 2 are few. By the time of 33 and of 8 enough have left; without the event nobody or 18 have.
        assert_eq!(places(&alone(group(&[])).at_risk), [0, 2, 3, 4]);
        // 7 have left, 5 with the event, which is told: 2 without.
        let mut counted = group(&[5]);
        counted.tallies.ticks = tallies(&[(0, 40), (5, 33)]);
        assert_eq!(places(&alone(counted).at_risk), [0]);
    }

    #[test]
    fn what_is_left_of_a_larger_set_is_not_small_either() {
        let part = |id: &str, union_of: &[&str]| PartitionFacts {
            id: id.to_string(),
            label: id.to_string(),
            says: String::new(),
            n: 0,
            outcomes: Vec::new(),
            union_of: union_of.iter().map(|part| part.to_string()).collect(),
        };
        let partitions = [part("training", &[]), part("test", &[]), part("all", &["training", "test"])];
        let larger = |n: usize, by_6: usize| Counted {
            n,
            events: 30,
            tallies: CurveTallies { rates: tallies(&[(by_6, 70)]), ..CurveTallies::default() },
        };
        let rates = |all: Counted| {
            let found = choose(&[("all", vec![all]), ("test", vec![group(&[6])])], &partitions, RULE);
            assert!(found[1].as_ref().unwrap()[0].rates[0]);
            found[0].as_ref().map(|groups| groups[0].rates[0])
        };
        assert_eq!(rates(larger(90, 15)), Some(true));
        assert_eq!(rates(larger(90, 9)), Some(false), "three of the training part by six months");
        assert_eq!(rates(larger(43, 15)), None, "the training part has three subjects");
    }
}
