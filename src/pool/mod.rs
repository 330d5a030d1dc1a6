//! Results of one study at several sites, put together without a row of any of them: each site runs the same spec on its
//! own data and hands out its `results.json`.
//!
//! AUCs and C indices are pooled on the logit scale, hazard ratios and observed-to-expected ratios on the log scale,
//! calibration intercepts and slopes as they are, by a random-effects model (`stats/meta_analysis/random_effects.rs`).

pub mod collect;
pub mod facts;
pub mod report;
pub mod summary;

use crate::results::Results;
use crate::stats::meta_analysis::random_effects::random_effects;
use crate::stats::{Estimate, Interval};
use collect::{Collected, Quantity};
use facts::{PooledFacts, PooledResults, PooledRow, SCHEMA, SiteFacts, SiteRow};
use indexmap::IndexMap;

/// A site with the results of its run.
#[derive(Clone, Debug)]
pub struct Site {
    pub label: String,
    pub results: Results,
}

#[derive(Debug, thiserror::Error)]
pub enum PoolError {
    #[error("pooling needs the results of two sites at least, found {0}")]
    TooFew(usize),
    #[error("the sites did not run the same spec, so their numbers are not of the same thing: {}", .0.join("; "))]
    OtherSpec(Vec<String>),
    #[error("two sites are called `{0}`: name them apart, as NAME=PATH")]
    SameLabel(String),
    #[error("the results hold nothing that can be pooled: no AUC, C index, hazard ratio or calibration")]
    Nothing,
}

/// Pools every quantity that two sites at least have.
pub fn pool(sites: &[Site], level: f64) -> Result<PooledResults, PoolError> {
    if sites.len() < 2 {
        return Err(PoolError::TooFew(sites.len()));
    }
    for (at, site) in sites.iter().enumerate() {
        if sites[..at].iter().any(|other| other.label == site.label) {
            return Err(PoolError::SameLabel(site.label.clone()));
        }
    }
    let first = &sites[0];
    let other: Vec<String> = sites
        .iter()
        .filter(|site| site.results.study.spec_sha256 != first.results.study.spec_sha256)
        .map(|site| format!("{} ran another than {}", site.label, first.label))
        .collect();
    if !other.is_empty() {
        return Err(PoolError::OtherSpec(other));
    }
    let collected: Vec<IndexMap<Vec<String>, Collected>> =
        sites.iter().map(|site| collect::estimates(&site.results)).collect();
    let mut paths: Vec<&Vec<String>> = Vec::new();
    for path in collected.iter().flat_map(IndexMap::keys) {
        if !paths.contains(&path) {
            paths.push(path);
        }
    }
    if paths.is_empty() {
        return Err(PoolError::Nothing);
    }
    let rows = paths.into_iter().map(|path| row(path, sites, &collected, level)).collect();
    let study = &first.results.study;
    Ok(PooledResults {
        schema: SCHEMA.to_string(),
        program: format!("{} {}", env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION")),
        study: study.id.clone(),
        title: study.title.clone(),
        date: study.date.clone(),
        simulated: sites.iter().any(|site| site.results.study.simulated),
        spec_sha256: study.spec_sha256.clone(),
        level,
        sites: sites.iter().map(site_facts).collect(),
        rows,
    })
}

fn site_facts(site: &Site) -> SiteFacts {
    SiteFacts {
        label: site.label.clone(),
        analysed: site.results.cohort.analysed,
        program: format!("{} {}", site.results.program.name, site.results.program.version),
        numeric_class: site.results.program.numeric_class.clone(),
        inputs: site.results.inputs.iter().map(|input| input.content_sha256.clone()).collect(),
    }
}

fn row(path: &[String], sites: &[Site], collected: &[IndexMap<Vec<String>, Collected>], level: f64) -> PooledRow {
    let found: Vec<Option<&Collected>> = collected.iter().map(|of_site| of_site.get(path)).collect();
    let quantity = found.iter().flatten().next().map_or(Quantity::Slope, |collected| collected.quantity);
    let scale = quantity.scale();
    let mut rows: Vec<SiteRow> = Vec::new();
    let (mut values, mut errors, mut used) = (Vec::new(), Vec::new(), Vec::new());
    for (at, (site, collected)) in sites.iter().zip(&found).enumerate() {
        let estimate = collected.map(|collected| collected.estimate.clone());
        let why_not = match estimate.as_ref().map(|estimate| scale.estimate(&quantity.for_pooling(estimate))) {
            None => Some("not in its results".to_string()),
            Some(Err(error)) => Some(error.to_string()),
            Some(Ok(transformed)) => {
                values.push(transformed.value);
                errors.push(transformed.standard_error);
                used.push(at);
                None
            }
        };
        rows.push(SiteRow { site: site.label.clone(), estimate, weight: None, why_not });
    }
    let pooled = random_effects(&values, &errors, level);
    let why_not = pooled.as_ref().err().map(ToString::to_string);
    let pooled = pooled.ok().map(|found| {
        for (at, weight) in used.iter().zip(&found.weights) {
            rows[*at].weight = Some(*weight);
        }
        let back = |interval: &Interval| Interval {
            lower: scale.back(interval.lower),
            upper: scale.back(interval.upper),
            level: interval.level,
            method: interval.method.clone(),
        };
        let mut mean = Estimate::new(scale.back(found.mean.value), found.sites);
        mean.interval = found.mean.interval.as_ref().map(back);
        PooledFacts {
            mean,
            prediction: found.prediction.as_ref().map(back),
            tau: found.tau_squared.sqrt(),
            i_squared: found.i_squared,
            on_scale: found,
        }
    });
    PooledRow { path: path.to_vec(), quantity, scale, sites: rows, pooled, why_not }
}
