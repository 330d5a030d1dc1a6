//! Held-out sets that are too small for any judgement of a model, which their point estimates do not tell.

use super::held_out::{models_in, named, parts};
use super::warning;
use crate::cohort::Cohort;
use crate::results::Notice;
use crate::spec::raw::RawStatistic;
use crate::spec::study::Part;
use crate::spec::{PartitionName, Study};
use crate::split::Split;

/// Fewer with the outcome, or fewer without it, and nothing can be said. An external validation should have 100 of either
/// (Vergouwe 2005, doi:10.1016/j.jclinepi.2004.06.017; of events Collins 2016, doi:10.1002/sim.6787); a tenth of that is the
/// floor. With 10 of either, the 95% interval of an AUC of 0.75 reaches 0.22 to either side (Hanley and McNeil 1982).
const FEWEST: usize = 10;

/// How many subjects of a set have an outcome; how many do not, where that counts as well.
pub(super) struct Counts {
    with: usize,
    without: Option<usize>,
}

impl Counts {
    /// Of survival only events count: who has none is merely censored.
    pub(super) fn of(cohort: &Cohort, outcome: &str, rows: &[usize]) -> Self {
        let event = cohort.events(outcome);
        let with = rows.iter().filter(|row| event[**row]).count();
        Self { with, without: cohort.survival(outcome).is_none().then(|| rows.len() - with) }
    }

    pub(super) fn are_too_few(&self) -> bool {
        self.smallest() < FEWEST
    }

    fn smallest(&self) -> usize {
        self.without.map_or(self.with, |without| without.min(self.with))
    }
}

/// The analysis judges models by the subjects of its sets; one that makes groups of scores does not.
fn judges(statistic: &RawStatistic) -> bool {
    matches!(
        statistic,
        RawStatistic::Performance { .. }
            | RawStatistic::SurvivalPerformance { .. }
            | RawStatistic::Calibration { .. }
            | RawStatistic::Comparison { .. }
            | RawStatistic::MetricComparison(_)
            | RawStatistic::PartitionComparison(_)
            | RawStatistic::Subgroups(_)
            | RawStatistic::Reclassification(_)
    )
}

/// Each set without training subjects that judges models, with the outcome that it is too small for.
pub(super) fn notices(study: &Study, cohort: &Cohort, split: &Split) -> Vec<Notice> {
    let mut judged: Vec<(PartitionName, &str)> = Vec::new();
    for statistic in study.spec.statistics.values().filter(|statistic| judges(statistic)) {
        let models = models_in(study, statistic);
        for name in named(statistic).filter(|name| !parts(study, name).contains(&Part::Training)) {
            for model in models.iter().filter_map(|model| study.spec.models.get(model)) {
                if !judged.iter().any(|(known, outcome)| *known == name && *outcome == model.outcome()) {
                    judged.push((name.clone(), model.outcome()));
                }
            }
        }
    }
    let minimum = study.spec.report.privacy.minimum_cell;
    let too_small = judged.into_iter().filter_map(|(name, outcome)| {
        let counts = Counts::of(cohort, outcome, split.rows(&name).rows());
        let told = minimum.is_none_or(|minimum| counts.smallest() >= minimum);
        counts.are_too_few().then(|| warning("performance/small-part", message(&name.id, outcome, &counts, told)))
    });
    too_small.collect()
}

/// `told`: the counts themselves may be.
fn message(set: &str, outcome: &str, Counts { with, without }: &Counts, told: bool) -> String {
    let subjects = if *with == 1 { "subject" } else { "subjects" };
    let events = if *with == 1 { "event" } else { "events" };
    let found = match without {
        Some(_) if !told => format!("fewer than {FEWEST} subjects with `{outcome}`, or fewer than {FEWEST} without"),
        None if !told => format!("fewer than {FEWEST} events of `{outcome}`"),
        Some(without) => format!("{with} {subjects} with `{outcome}`, {without} without"),
        None => format!("{with} {events} of `{outcome}`"),
    };
    let of_either = if without.is_some() { " of either" } else { "" };
    format!("In `{set}`: {found}. No judgement of a model can rest on a set with fewer than {FEWEST}{of_either}.")
}
