//! A variant against a published baseline: the same subjects, scored by either, and what the data say of the difference.
//!
//! Everything that can be chosen after looking is declared before it, in a `compare/1` file: the measure that decides, the
//! family of hypotheses, the margin, and the rule from which the verdict follows. Without a declared rule there are
//! numbers and no verdict. A difference is always that of the variant less the base.

mod argument;
pub mod arrange;
pub mod calibration;
pub mod declaration;
mod difference;
pub mod facts;
pub mod measure;
mod methods;
pub mod mismatch;
mod net_benefit;
pub mod network;
mod part;
pub mod report;
mod scored;
pub mod source;
pub mod subgroup;
pub mod summary;
mod threshold;
pub mod verdict;

use crate::data::OutcomeData;
use crate::pipeline::NUMERIC_CLASS;
use crate::results::{Notice, NoticeLevel};
use crate::spec::raw::RawBootstrapInterval;
use crate::stats::StatsError;
use crate::stats::multiplicity::{MultiplicityMethod, adjust};
use crate::stats::planning::detectable_difference::detectable_difference;
use crate::stats::reclassification::integrated_discrimination::integrated_discrimination;
use crate::stats::reclassification::net_reclassification::{categorical_nri, continuous_nri};
use arrange::{Arranged, Subjects};
use declaration::{Declaration, DeclaredFile};
use facts::{
    BootstrapFacts, ComparisonResults, DeclarationFacts, FamilyFacts, MeasureRow, OutcomeKindFacts, ProgramFacts,
    ReclassificationFacts, SCHEMA, VariantFacts,
};
use measure::Measure;
use rayon::prelude::*;
use source::Source;

#[derive(Debug, thiserror::Error)]
pub enum CompareError {
    #[error(transparent)]
    Source(#[from] source::SourceError),
    #[error(transparent)]
    Arrange(#[from] arrange::ArrangeError),
    #[error("{0}")]
    Declaration(String),
    #[error("{measure} of {model}: {source}")]
    Measure { measure: String, model: String, source: StatsError },
}

/// Compares every variant with the base.
pub fn compare(
    base: &Source,
    variants: &[Source],
    declared: Option<&DeclaredFile>,
) -> Result<ComparisonResults, CompareError> {
    let by_default = Declaration::default();
    let declaration = declared.map_or(&by_default, |file| &file.declaration);
    let arranged = Arranged::new(base, variants, declaration)?;
    let measures = measure::of(declaration, &arranged);
    let family = family(declaration, &arranged, &measures)?;
    let mut results = Vec::new();
    let mut absent: Vec<Notice> = Vec::new();
    for (index, variant) in arranged.variants.iter().enumerate() {
        let rows = measures
            .par_iter()
            .map(|measure| difference::row(*measure, &arranged, variant, declaration))
            .collect::<Result<Vec<Result<MeasureRow, String>>, _>>()?;
        let undefined = measures.iter().zip(&rows).filter_map(|(measure, row)| Some((measure, row.as_ref().err()?)));
        absent.extend(undefined.map(|(measure, why)| Notice {
            code: "compare/undefined".to_string(),
            level: NoticeLevel::Note,
            message: format!("{} is not compared for {}: {why}.", measure.label(), variant.label),
        }));
        let (calibration, (net_benefit, reclassification)) = rayon::join(
            || calibration::pair(&arranged, variant, declaration.level),
            || {
                let net_benefit = net_benefit::rows(&arranged, variant, declaration);
                (net_benefit, reclassification(&arranged, variant, declaration))
            },
        );
        results.push(VariantFacts {
            source: variants[index].facts(),
            threshold: variant.threshold.clone(),
            measures: rows.into_iter().flatten().collect(),
            calibration,
            net_benefit: net_benefit?,
            reclassification: reclassification?,
            subgroups: subgroup::rows(&arranged, variant, declaration),
            non_inferiority: None,
            verdict: None,
        });
    }
    adjust_family(&mut results, &family, declaration)?;
    let rule = declaration.verdict.as_ref().map(|rule| verdict::rule_in_words(rule, declaration, &family));
    if let Some(rule) = &declaration.verdict {
        verdict::judge(&mut results, rule, declaration)?;
    }
    Ok(ComparisonResults {
        schema: SCHEMA.to_string(),
        program: ProgramFacts {
            name: env!("CARGO_PKG_NAME").to_string(),
            version: env!("CARGO_PKG_VERSION").to_string(),
            numeric_class: NUMERIC_CLASS.to_string(),
        },
        title: declaration.title.clone().unwrap_or_else(|| {
            let labels: Vec<&str> = variants.iter().map(|variant| variant.label.as_str()).collect();
            format!("{} against {}", labels.join(", "), base.label)
        }),
        description: declaration.description.clone(),
        date: declaration.date.clone(),
        simulated: declaration.simulated || base.simulated || variants.iter().any(|variant| variant.simulated),
        declaration: declared.map(|file| DeclarationFacts {
            name: file.name.clone(),
            sha256: file.sha256.clone(),
            text: file.text.clone(),
        }),
        base: base.facts(),
        base_threshold: arranged.base.threshold.clone(),
        outcome: arranged.outcome.clone(),
        outcome_label: base.outcome_label.clone().filter(|_| base.predicts.as_ref() == Some(&arranged.outcome)),
        outcome_kind: match arranged.subjects.outcome {
            OutcomeData::Binary(_) => OutcomeKindFacts::Binary,
            OutcomeData::Survival { .. } => OutcomeKindFacts::Survival,
        },
        partition: arranged.partition.clone(),
        horizon: arranged.horizon.clone(),
        n: arranged.subjects.n(),
        events: arranged.subjects.events(),
        level: declaration.level,
        power: declaration.power,
        bootstrap: bootstrap(declaration, &arranged),
        family: FamilyFacts {
            measures: family,
            adjustment: declaration.adjust_in_words(),
            hypotheses: results.iter().map(VariantFacts::hypotheses).sum(),
        },
        rule,
        variants: results,
        notices: {
            let networks = variants.iter().filter_map(Source::note);
            let networks = networks.map(|text| Notice {
                code: "compare/network".to_string(),
                level: NoticeLevel::Note,
                message: text.clone(),
            });
            arranged.notices.iter().cloned().chain(networks).chain(absent).collect()
        },
    })
}

fn bootstrap(declaration: &Declaration, arranged: &Arranged) -> Option<BootstrapFacts> {
    let declared = declaration.bootstrap.as_ref()?;
    let interval = match declared.interval {
        RawBootstrapInterval::Basic => "basic",
        RawBootstrapInterval::Bca => "bias-corrected and accelerated",
        RawBootstrapInterval::Percentile => "percentile",
    };
    Some(BootstrapFacts {
        replicates: declared.replicates,
        interval: interval.to_string(),
        stratified: declared.stratified && arranged.binary().is_some(),
    })
}

/// The measures whose P-values are adjusted together.
fn family(declaration: &Declaration, arranged: &Arranged, measures: &[Measure]) -> Result<Vec<Measure>, CompareError> {
    let family = match &declaration.family {
        Some(family) => family.clone(),
        None => vec![declaration.verdict.as_ref().map_or_else(|| arranged.first_measure(), |rule| rule.measure)],
    };
    for measure in family.iter().chain(declaration.verdict.as_ref().map(|rule| &rule.measure)) {
        if !measures.contains(measure) {
            return Err(CompareError::Declaration(format!(
                "`{}` cannot be compared here: {}",
                measure.id(),
                measure.needs()
            )));
        }
    }
    if let Some(rule) = declaration.verdict.as_ref().filter(|rule| !family.contains(&rule.measure)) {
        return Err(CompareError::Declaration(format!(
            "the verdict rests on `{}`, which is not in the declared family: add it there",
            rule.measure.id()
        )));
    }
    Ok(family)
}

/// Adjusts the P-values of the family over its measures and all variants.
fn adjust_family(
    variants: &mut [VariantFacts],
    family: &[Measure],
    declaration: &Declaration,
) -> Result<(), CompareError> {
    let mut rows: Vec<&mut MeasureRow> = variants
        .iter_mut()
        .flat_map(|variant| variant.measures.iter_mut())
        .filter(|row| family.contains(&row.measure))
        .collect();
    for row in &mut rows {
        row.in_family = true;
        row.detectable = row
            .difference
            .standard_error
            .and_then(|error| detectable_difference(error, declaration.level, declaration.power).ok());
    }
    let Some(method) = declaration.multiplicity() else { return Ok(()) };
    let tested: Vec<f64> = rows.iter().filter_map(|row| row.test.as_ref()).map(|test| test.p_value).collect();
    let adjusted = adjusted(&tested, method)?;
    for (row, adjusted) in rows.iter_mut().filter(|row| row.test.is_some()).zip(adjusted) {
        row.adjusted_p_value = Some(adjusted);
    }
    Ok(())
}

fn adjusted(p_values: &[f64], method: MultiplicityMethod) -> Result<Vec<f64>, CompareError> {
    adjust(p_values, method).map_err(|source| CompareError::Measure {
        measure: "adjustment".to_string(),
        model: "the family".to_string(),
        source,
    })
}

fn reclassification(
    arranged: &Arranged,
    variant: &arrange::Scores,
    declaration: &Declaration,
) -> Result<Option<ReclassificationFacts>, CompareError> {
    let Some(pair) = arranged.probabilities(variant) else { return Ok(None) };
    let failed = |source| CompareError::Measure {
        measure: "Reclassification".to_string(),
        model: variant.label.clone(),
        source,
    };
    let level = declaration.level;
    let cuts = &declaration.reclassify_at;
    Ok(Some(ReclassificationFacts {
        cut_points: cuts.clone(),
        categorical: if cuts.is_empty() {
            None
        } else {
            Some(categorical_nri(pair.outcome, pair.base, pair.variant, cuts, level).map_err(failed)?)
        },
        continuous: continuous_nri(pair.outcome, pair.base, pair.variant, level).map_err(failed)?,
        integrated: integrated_discrimination(pair.outcome, pair.base, pair.variant, level).map_err(failed)?,
    }))
}

impl Subjects {
    pub fn n(&self) -> usize {
        match &self.outcome {
            OutcomeData::Binary(values) => values.len(),
            OutcomeData::Survival { time, .. } => time.len(),
        }
    }

    pub fn events(&self) -> usize {
        match &self.outcome {
            OutcomeData::Binary(event) | OutcomeData::Survival { event, .. } => {
                event.iter().filter(|event| **event).count()
            }
        }
    }
}
