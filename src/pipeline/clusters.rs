//! Rows of which it is not known what they belong to: an analysis that rests on clusters has no result with them, so they are
//! told before anything is fitted.

use crate::cohort::Cohort;
use crate::data::quoting;
use crate::data::table::rows_in_words;
use crate::spec::raw::RawStatistic;
use crate::spec::{Diagnostic, PartitionName, Study};
use crate::split::Split;

pub(super) fn without_value(study: &Study, cohort: &Cohort, split: &Split) -> Vec<Diagnostic> {
    let mut problems: Vec<Diagnostic> = Vec::new();
    for (id, statistic) in &study.spec.statistics {
        let (RawStatistic::Performance { cluster: Some(name), .. }
        | RawStatistic::Comparison { cluster: Some(name), .. }) = statistic
        else {
            continue;
        };
        let Some(data) = cohort.variables.get(name) else { continue };
        let partitions = statistic.partitions().into_iter().filter_map(PartitionName::parse);
        let mut rows: Vec<usize> = partitions.flat_map(|name| split.rows(&name).rows().to_vec()).collect();
        rows.retain(|row| data.is_missing(*row));
        let mut file_rows: Vec<usize> = rows.into_iter().map(|row| cohort.file_rows[row]).collect();
        file_rows.sort_unstable();
        file_rows.dedup();
        if !file_rows.is_empty() {
            let message = format!(
                "`{name}` is missing in {}, so it is not known what these rows belong to",
                rows_in_words(&file_rows)
            );
            let null = format!("{} IS NULL", quoting::column_name(study.variable_column(name)));
            let null = quoting::yaml_text(&null);
            problems.push(
                Diagnostic::error("data/cluster-missing", message, study.place(&format!("statistics/{id}/cluster")))
                    .with_help(format!(
                        "exclude them, under `cohort: exclude`: {{id: unknown_{name}, says: …, where: {null}}}"
                    )),
            );
        }
    }
    problems
}
