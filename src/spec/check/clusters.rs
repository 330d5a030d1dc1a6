//! Whether what an analysis declares has a counterpart for rows that come in clusters.

use super::Checker;
use crate::spec::raw::*;

impl Checker<'_> {
    /// `declared`: the analysis of performance.
    pub(super) fn check_clustered_performance(&mut self, declared: &RawStatistic, path: &str) {
        let RawStatistic::Performance { cluster: Some(variable), auc_interval, metrics, interval, .. } = declared
        else {
            return;
        };
        self.require_name("variable", variable, &format!("{path}/cluster"), self.study.spec.variables.keys());
        if *auc_interval != RawAucInterval::Delong {
            self.error(
                "spec/cluster",
                &format!("{path}/auc_interval"),
                "this interval takes every row for a subject of its own",
                "auc_interval: delong, which rests on clusters, or no `cluster`",
            );
        }
        if !metrics.is_empty() && *interval != RawProportionInterval::Bootstrap {
            self.error(
                "spec/cluster",
                &format!("{path}/interval"),
                "intervals of proportions take every row for a subject of its own",
                "interval: bootstrap, which draws clusters, or no `cluster`",
            );
        }
    }

    /// `cluster`: the variable of a comparison of AUCs.
    pub(super) fn check_clustered_comparison(&mut self, cluster: Option<&String>, test: RawAucTest, path: &str) {
        let Some(variable) = cluster else { return };
        self.require_name("variable", variable, &format!("{path}/cluster"), self.study.spec.variables.keys());
        if test == RawAucTest::Bootstrap {
            self.error(
                "spec/cluster",
                &format!("{path}/test"),
                "the bootstrap test draws rows, not clusters",
                "test: delong, or no `cluster`",
            );
        }
    }
}
