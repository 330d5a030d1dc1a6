//! Survival by group, a section per set; the intervals of the rates as facts.

use super::yaml::Mapping;
use super::{Page, cohort, or_absent};
use crate::report::build::survival::{MEDIAN, RATE, shortest};
use crate::report::number;
use crate::results::{GroupSurvival, PartitionSurvival, SurvivalAnalysis};
use serde_json::{Value, json};

pub fn add(page: &Page<'_>, analysis: &SurvivalAnalysis, file: &mut Mapping) {
    let mut intervals = Mapping::default();
    for partition in &analysis.partitions {
        let set = page.names.partition(&partition.partition);
        let mut section = page.begin("survival", set);
        section.add("cohort", json!(cohort(page.results, &partition.partition, &analysis.outcome)));
        section.add("outcome", json!(analysis.outcome));
        section.add("grouped_by", json!(analysis.grouped_by));
        section.add("times", json!(analysis.rate_times.iter().map(|time| shortest(*time)).collect::<Vec<_>>()));
        section.add("groups", groups(partition));
        if let Some(test) = &partition.log_rank {
            section.add("p", json!(number::p_value(test.p_value)));
            section.add("test", json!(number::test(test)));
        }
        file.add(&page.section(&super::slug(&partition.partition)), section.into_value());
        for group in &partition.groups {
            for (time, rate) in analysis.rate_times.iter().zip(&group.rates) {
                if let Some(interval) = rate.as_ref().and_then(|rate| rate.interval.as_ref()) {
                    let name = format!("{}, {}, {}", partition.partition, group.label, shortest(*time));
                    intervals.add(&name, json!(RATE.interval(interval)));
                }
            }
        }
    }
    if !intervals.is_empty() {
        let mut section = page.begin("facts", "intervals of the rates");
        section.add("intervals", intervals.into_value());
        file.add(&page.section("intervals"), section.into_value());
    }
}

fn groups(partition: &PartitionSurvival) -> Value {
    let mut groups = Mapping::default();
    partition.groups.iter().for_each(|group| groups.add(&group.label, described(group)));
    groups.into_value()
}

fn described(group: &GroupSurvival) -> Value {
    let mut entry = Mapping::default();
    entry.add("n", json!(number::count(group.n)));
    entry.add("events", json!(number::count(group.events)));
    if group.n > 0 {
        let text = |value: f64| number::open_ended(MEDIAN.value(value));
        entry.add(
            "median",
            match &group.median {
                Some(median) => match &median.interval {
                    Some(interval) => json!([text(median.value), text(interval.lower), text(interval.upper)]),
                    None => json!(text(median.value)),
                },
                None => json!("NR"),
            },
        );
    }
    let rates = group.rates.iter().map(|rate| or_absent(rate.as_ref().map(|rate| RATE.value(rate.value))));
    entry.add("rates", json!(rates.collect::<Vec<_>>()));
    entry.into_value()
}
