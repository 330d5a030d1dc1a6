//! From a checked spec to results: the one place that walks the house from left to right.

mod clusters;
mod competing;
mod facts;
mod follow_up;
mod notices;

pub use facts::{partition_names, partitions, unit_name};
pub use notices::{constant, foreseen};

use crate::audit::recompute::{Evidence, recompute};
use crate::cache::{InputHashes, Store, UnitKind, Units};
use crate::cohort::{Cohort, External};
use crate::data::image::ReadingImages;
use crate::data::{Table, hash};
use crate::evaluate::{Context, evaluate};
use crate::model::explain::{Explanation, ExplanationFile, Subjects, explain};
use crate::model::network::ImageStack;
use crate::model::{
    Backbone, FittedModels, ModelError, NetworkInputs, backbones, check_files, fit_all, images, network_class,
    trained_files_sha256,
};
use crate::predictions::Predictions;
use crate::provenance::libraries;
use crate::results::{
    Analysis, ExplanationFacts, InputFile, MissingRule, ModelFacts, ModelNotFitted, Notice, Presentation, Program,
    Published, Results, SCHEMA, StudyFacts, forget_tallies, privacy,
};
use crate::spec::raw::{RawMissingCases, RawStatistic};
use crate::spec::{Diagnostic, Study};
use crate::split::Split;
use crate::stats::random::Seed;
use indexmap::IndexMap;
use std::path::Path;

/// Results are equal bit for bit within a class.
pub const NUMERIC_CLASS: &str = "cpu-f64-portable/1";

/// A study with its cohort and split: all that is known before anything is fitted.
pub struct Prepared {
    pub study: Study,
    pub cohort: Cohort,
    pub split: Split,
    pub input: InputFile,
    pub file_sha256: String,
    /// The file of the external cohort.
    pub external: Option<ReadFile>,
    pub notices: Vec<Notice>,
    /// The images of every model input, by its name.
    pub images: IndexMap<String, ImageStack>,
    /// [`NUMERIC_CLASS`], and that of the networks where there are any.
    pub numeric_class: String,
    /// Use only trained networks that are there.
    pub no_training: bool,
}

/// A table that was read, as a result file and a manifest name it.
#[derive(Clone, Debug)]
pub struct ReadFile {
    pub input: InputFile,
    pub file_sha256: String,
}

impl ReadFile {
    fn of(path: &Path, table: &Table) -> Self {
        let input = InputFile {
            name: path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default(),
            content_sha256: table.content_sha256.clone(),
            rows: Some(table.frame.height()),
            columns: table.frame.width(),
        };
        Self { input, file_sha256: table.file_sha256.clone() }
    }
}

/// What a run has made.
pub struct Computed {
    pub results: Results,
    pub predictions: Predictions,
    /// The networks, by their names in the spec.
    pub networks: IndexMap<String, Backbone>,
    /// Heat maps and arrays, for the folder of the report.
    pub files: Vec<ExplanationFile>,
}

/// Told when a stage begins and when one of its parts is done; shows people how far a run is.
pub trait Progress: Sync {
    fn stage(&self, name: &str, parts: usize);
    fn part_done(&self, name: &str);
    /// What a long part is at.
    fn detail(&self, name: &str, text: &str);
}

/// The reading of images as a stage.
struct ReadingStage<'a>(&'a dyn Progress);

impl ReadingImages for ReadingStage<'_> {
    fn begins(&self, subjects: usize) {
        self.0.stage("reading images", subjects);
    }

    fn one_subject_read(&self) {
        self.0.part_done("");
    }
}

/// Reads the data, selects the cohort, divides it.
pub fn prepare(study: Study, progress: &dyn Progress) -> Result<Prepared, Box<Rejected>> {
    match prepare_parts(&study, progress) {
        Ok(Parts { cohort, split, file: ReadFile { input, file_sha256 }, external }) => {
            let mut notices = notices::before_the_run(&study, &cohort, &split);
            notices.extend(competing::notices(&study, &cohort));
            notices.extend(competing::censored(&study));
            notices.extend(follow_up::notices(&study, &cohort, &split));
            let mut problems = check_files(&study);
            problems.extend(clusters::without_value(&study, &cohort, &split));
            problems.extend(competing::without_event(&study, &cohort));
            problems.extend(follow_up::beyond(&study, &cohort, &split));
            let images = images(&study, &cohort).unwrap_or_else(|more| {
                problems.extend(more);
                IndexMap::new()
            });
            if !problems.is_empty() {
                return Err(Box::new(Rejected { study, diagnostics: problems }));
            }
            notices.extend(notices::looked_at_everybody(&study));
            let numeric_class = match network_class(&study) {
                Ok(None) => NUMERIC_CLASS.to_string(),
                Ok(Some(class)) => format!("{NUMERIC_CLASS} + {class}"),
                Err(problem) => return Err(Box::new(Rejected { study, diagnostics: vec![problem] })),
            };
            Ok(Prepared {
                study,
                cohort,
                split,
                input,
                file_sha256,
                external,
                notices,
                images,
                numeric_class,
                no_training: false,
            })
        }
        Err(diagnostics) => Err(Box::new(Rejected { study, diagnostics })),
    }
}

/// A study whose data do not fit it.
#[derive(Debug)]
pub struct Rejected {
    pub study: Study,
    pub diagnostics: Vec<Diagnostic>,
}

/// What is wrong with the data of a study whose spec has problems of its own, so that all are reported at once.
pub fn problems_of_data(draft: &Study, progress: &dyn Progress) -> Vec<Diagnostic> {
    // Data are not made for a spec that does not hold.
    if draft.spec.data.simulate.is_some() && !draft.data_path().exists() {
        return Vec::new();
    }
    let selected = Table::load(draft).and_then(|table| Cohort::select(draft, table, &ReadingStage(progress)));
    let mut problems = selected.err().unwrap_or_default();
    problems.extend(external(draft).err().unwrap_or_default());
    problems.retain(|problem| !draft.may_follow_from_doubts(problem));
    problems
}

/// All that is known before anything is fitted.
struct Parts {
    cohort: Cohort,
    split: Split,
    file: ReadFile,
    external: Option<ReadFile>,
}

/// The external cohort and its file; `None` where the study declares none.
fn external(study: &Study) -> Result<Option<(External, ReadFile)>, Vec<Diagnostic>> {
    let (Some(source), Some(declared)) = (study.external_source(), &study.spec.data.external) else { return Ok(None) };
    let table = Table::load_from(study, &source)?;
    let file = ReadFile::of(&source.path, &table);
    Ok(Some((External::select(study, declared, table)?, file)))
}

fn prepare_parts(study: &Study, progress: &dyn Progress) -> Result<Parts, Vec<Diagnostic>> {
    let read = crate::simulate::ensure(study).and_then(|()| Table::load(study)).and_then(|table| {
        let file = ReadFile::of(&study.data_path(), &table);
        Ok((Cohort::select(study, table, &ReadingStage(progress))?, file))
    });
    // What is wrong with either file is reported at once.
    let (cohort, file, more) = match (read, external(study)) {
        (Ok((cohort, file)), Ok(more)) => (cohort, file, more),
        (first, second) => return Err([first.err(), second.err()].into_iter().flatten().flatten().collect()),
    };
    let (cohort, external) = match more {
        Some((external, file)) => (cohort.with_external(study, external), Some(file)),
        None => (cohort, None),
    };
    let split = Split::make(study, &cohort, Seed::from_study(study.spec.seed).child("split"))?;
    Ok(Parts { cohort, split, file, external })
}

impl Prepared {
    /// The units that this study consists of, kept in a store.
    pub fn units<'a>(&self, store: &'a Store) -> Units<'a> {
        let files = inputs(self).into_iter();
        let mut inputs: InputHashes = files.map(|file| (file.input.name, file.input.content_sha256)).collect();
        if let Some(hash) = trained_files_sha256(&self.study) {
            inputs.insert("trained networks".to_string(), hash);
        }
        Units::new(&self.study, &self.cohort, &self.split, &inputs, &self.numeric_class, store)
    }
}

/// Fits, predicts, evaluates; what the store holds already is taken from there.
pub fn compute(prepared: &Prepared, store: &Store, progress: &dyn Progress) -> Result<Computed, Vec<ModelError>> {
    let ComputedUnits { models, not_fitted, predictions, analyses, networks, explanation } =
        compute_units(prepared, &prepared.units(store), progress)?;
    let (explained, files) = explanation.map_or((None, Vec::new()), |found| (Some(found.facts), found.files));
    let mut results = assemble(prepared, models, &not_fitted, analyses, explained);
    results.published = published(&prepared.study, &results, &predictions);
    Ok(Computed { results, predictions, networks, files })
}

/// What the units of a study, or some of them, have come to.
pub struct ComputedUnits {
    pub models: Vec<ModelFacts>,
    /// Models without a fit; the analyses go on without them.
    pub not_fitted: Vec<ModelError>,
    pub predictions: Predictions,
    pub analyses: Vec<Analysis>,
    /// The networks, by their names in the spec.
    pub networks: IndexMap<String, Backbone>,
    pub explanation: Option<Explanation>,
}

/// Fits the models and computes the analyses among these units.
pub fn compute_units(
    prepared: &Prepared,
    units: &Units<'_>,
    progress: &dyn Progress,
) -> Result<ComputedUnits, Vec<ModelError>> {
    let Prepared { study, cohort, split, .. } = prepared;
    let seed = Seed::from_study(study.spec.seed);
    progress.stage("fitting", study.spec.models.len());
    let inputs = NetworkInputs {
        images: &prepared.images,
        no_training: prepared.no_training,
        tell: &|model, text| progress.detail(model, text),
        wants: &|model| units.wants(UnitKind::Fit, model),
    };
    let networks = backbones(study, cohort, split, &inputs, seed.child("models"))?;
    let fitted = fit_all(study, cohort, split, &networks, seed.child("models"), units, &|id| progress.part_done(id));
    let subjects = Subjects { study, cohort, split, images: &prepared.images, backbones: &networks };
    let explanation = explain(&subjects, &fitted)?;
    let FittedModels { models, not_fitted, .. } = fitted;
    let mut predictions = Predictions::new(study, cohort, split, &models);
    predictions.add_risk_times(horizons(study));
    progress.stage("evaluating", study.spec.statistics.len());
    let context = Context { study, cohort, predictions: &predictions, split, seed: seed.child("statistics") };
    let analyses = evaluate(context, units, &|id| progress.part_done(id));
    let models = models.into_iter().map(|model| model.facts).collect();
    Ok(ComputedUnits { models, not_fitted, predictions, analyses, networks, explanation })
}

/// The times by which models of survival are judged.
fn horizons(study: &Study) -> Vec<f64> {
    let of = |statistic: &RawStatistic| match statistic {
        RawStatistic::SurvivalPerformance { horizon, weighted_at, .. } => {
            vec![*horizon, weighted_at.unwrap_or(*horizon)]
        }
        _ => Vec::new(),
    };
    study.spec.statistics.values().flat_map(of).collect()
}

/// The printed numbers that the study names, each beside its recomputed value.
fn published(study: &Study, results: &Results, predictions: &Predictions) -> Option<Published> {
    let file = study.published.as_ref()?;
    // Scores could tell what was withheld from the results.
    let scores = study.spec.report.privacy.minimum_cell.is_none().then(|| predictions.score_table());
    let evidence = Evidence { results: Some(results), scores: scores.as_ref() };
    Some(recompute(&file.reported, &evidence, hash::sha256(file.text.as_bytes())))
}

fn assemble(
    prepared: &Prepared,
    models: Vec<ModelFacts>,
    not_fitted: &[ModelError],
    analyses: Vec<Analysis>,
    explanation: Option<ExplanationFacts>,
) -> Results {
    let Prepared { study, cohort, split, notices, .. } = prepared;
    let spec = &study.spec;
    let not_fitted: Vec<ModelNotFitted> = not_fitted
        .iter()
        .map(|error| ModelNotFitted {
            id: error.model().to_string(),
            label: spec.models.get(error.model()).map_or("", |model| model.label()).to_string(),
            why: error.reason(),
        })
        .collect();
    // What is missing from the report comes before what is to be known of the rest.
    let mut notices: Vec<Notice> = not_fitted.iter().map(notices::of_model).chain(notices.iter().cloned()).collect();
    let partitions = partitions(study, cohort, split);
    let minimum = spec.report.privacy.minimum_cell;
    notices.extend(models.iter().filter_map(|model| notices::of_cox_model(model, minimum)));
    notices.extend(analyses.iter().flat_map(|analysis| notices::of_analysis(analysis, &partitions, minimum)));
    let mut results = Results {
        schema: SCHEMA.to_string(),
        program: Program {
            name: env!("CARGO_PKG_NAME").to_string(),
            version: env!("CARGO_PKG_VERSION").to_string(),
            numeric_class: prepared.numeric_class.clone(),
            libraries: libraries::used(),
        },
        study: StudyFacts {
            id: spec.id.clone(),
            title: spec.title.clone(),
            description: spec.description.clone(),
            date: spec.date.clone(),
            seed: spec.seed,
            simulated: crate::simulate::is_simulated(study),
            spec_sha256: study.canonical_json().map(|text| hash::sha256(text.as_bytes())).unwrap_or_default(),
            data_source: spec.data.source.clone(),
            images: {
                let data = spec.data.images.iter().flat_map(crate::data::image::facts);
                data.chain(crate::features::image::facts(study)).collect()
            },
            derived: facts::derived(study),
            missing: Some(MissingRule {
                drop_above: spec.cohort.missing.drop_variables_above,
                imputed: spec.cohort.missing.cases == RawMissingCases::Impute,
            }),
        },
        inputs: inputs(prepared).into_iter().map(|file| file.input).collect(),
        cohort: cohort.flow.clone(),
        external: facts::external_cohort(study, cohort),
        variables: facts::variables(study, cohort),
        outcomes: facts::outcomes(study),
        partitions,
        models,
        not_fitted,
        analyses,
        notices,
        explanation,
        published: None,
        layout: facts::layout(study),
        presentation: Presentation {
            paper: spec.report.paper,
            checklists: spec.report.checklists.clone(),
            minimum_cell: spec.report.privacy.minimum_cell,
        },
    };
    match minimum {
        Some(minimum) => privacy::withhold(results, minimum),
        None => {
            forget_tallies(&mut results.analyses);
            results
        }
    }
}

/// The tables, and the images when there are any.
pub fn inputs(prepared: &Prepared) -> Vec<ReadFile> {
    let table = ReadFile { input: prepared.input.clone(), file_sha256: prepared.file_sha256.clone() };
    let mut external = prepared.external.clone();
    if let Some(file) = external.as_mut().filter(|file| file.input.name == table.input.name) {
        // Two files of one name in two folders.
        file.input.name = format!("external {}", file.input.name);
    }
    // What lies in many files is known by its content.
    let further = prepared.cohort.further_inputs.iter();
    let further = further.map(|input| ReadFile { file_sha256: input.content_sha256.clone(), input: input.clone() });
    std::iter::once(table).chain(external).chain(further).collect()
}

/// A study's folder within `reports` is named after the study.
pub fn default_output(study: &Study) -> std::path::PathBuf {
    Path::new("reports").join(&study.spec.id)
}
