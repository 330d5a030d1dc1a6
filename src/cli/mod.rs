//! The command line: one file per verb. Data go to stdout, words for people to stderr.

mod audit;
mod audit_data;
mod bundle;
mod check;
mod compare;
mod completions;
mod defaults;
mod doctor;
mod exit;
mod lock;
mod new;
mod output;
mod plan;
mod pool;
mod progress;
mod report;
mod run;
mod schema;
mod shard;
mod simulate;
mod snakefile;
mod verify;

pub use exit::Exit;

use output::tell;
use progress::Bar;

use crate::model::ModelError;
use crate::pipeline::{self, Prepared, Rejected};
use crate::spec::{Diagnostic, Severity, Source, SpecError, Study};
use clap::{Args, Parser, Subcommand};
use std::io::IsTerminal;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

/// Re-run a clinical prediction-model study from its spec.
#[derive(Debug, Parser)]
#[command(name = "vouch", version, about, after_help = exit::HELP, propagate_version = true)]
pub struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Print a first draft of a study from the columns of its table
    New(new::NewArguments),
    /// Check a spec against its data, and say what a run would do
    Check(StudyArguments),
    /// Run a study and write its report
    Run(run::RunArguments),
    /// List the units of a study: what is kept, what a run would compute, and why
    Plan(plan::PlanArguments),
    /// Compute some of the units of a study, here or on another machine
    Shard(shard::ShardArguments),
    /// Make the report of a study from its shards
    Merge(shard::MergeArguments),
    /// Record the spec and inputs of a study in study.lock, for `run --sealed`
    Lock(StudyArguments),
    /// Run the study of a report again: is it identical, or what differs?
    Verify(verify::VerifyArguments),
    /// Put a report into one archive, without rows of subjects
    Bundle(bundle::BundleArguments),
    /// Unpack an archive that `bundle` wrote, and check it
    Unbundle(bundle::UnbundleArguments),
    /// Compare variants with a baseline on the same subjects
    Compare(compare::CompareArguments),
    /// Put the results of one study at several sites together
    Pool(pool::PoolArguments),
    /// Do the numbers that a paper reports hold?
    Audit(audit::AuditArguments),
    /// Render a report again from its results.json, without the data
    Report(report::ReportArguments),
    /// Make a simulated cohort: table, DICOM and NIfTI files
    Simulate(simulate::SimulateArguments),
    /// Print what this machine has for networks: libraries, versions, devices
    Doctor,
    /// Print the JSON Schema (draft-07) of study.yaml, or of another file
    Schema {
        #[arg(value_enum, default_value_t = schema::Layout::Study)]
        of: schema::Layout,
    },
    /// Print completions for a shell
    Completions { shell: clap_complete::Shell },
}

impl Arguments {
    /// The threads that were asked for, which must be known before the first is started.
    pub fn threads(&self) -> Option<NonZeroUsize> {
        match &self.verb {
            Verb::Run(arguments) => arguments.threads,
            _ => None,
        }
    }
}

pub fn run(arguments: Arguments) -> Exit {
    crate::data::silence_polars();
    match arguments.verb {
        Verb::New(arguments) => new::new(&arguments),
        Verb::Check(study) => check::check(&study),
        Verb::Run(arguments) => run::run(&arguments),
        Verb::Plan(arguments) => plan::plan(&arguments),
        Verb::Shard(arguments) => shard::shard(&arguments),
        Verb::Merge(arguments) => shard::merge(&arguments),
        Verb::Lock(study) => lock::lock(&study),
        Verb::Bundle(arguments) => bundle::bundle(&arguments),
        Verb::Unbundle(arguments) => bundle::unbundle(&arguments),
        Verb::Pool(arguments) => pool::pool(&arguments),
        Verb::Compare(arguments) => compare::compare(&arguments),
        Verb::Verify(arguments) => verify::verify(&arguments),
        Verb::Report(arguments) => report::report(&arguments),
        Verb::Doctor => doctor::doctor(),
        Verb::Audit(arguments) => audit::audit(&arguments),
        Verb::Simulate(arguments) => simulate::simulate(&arguments),
        Verb::Schema { of } => schema::schema(of),
        Verb::Completions { shell } => completions::completions(shell),
    }
}

/// Which study is meant.
#[derive(Clone, Debug, Args)]
struct StudyArguments {
    /// A study folder or a YAML file
    study: PathBuf,
    /// One of the `profiles` of the spec, laid over it
    #[arg(long, value_name = "NAME")]
    profile: Option<String>,
}

/// Reads a spec, or says what is wrong with it.
fn load(arguments: &StudyArguments) -> Result<Study, Exit> {
    let StudyArguments { study, profile } = arguments;
    crate::spec::load(study, profile.as_deref()).map_err(|error| load_error(study, error))
}

fn load_error(study: &Path, error: SpecError) -> Exit {
    match error {
        SpecError::Unreadable { path, error } => {
            tell!("The spec `{}` cannot be read: {error}", path.display());
            if study.is_dir() {
                tell!("A study folder holds a study.yaml.");
            }
            Exit::Input
        }
        SpecError::Table { path } => refuse_table(&path, "the spec, a YAML file").err().unwrap_or(Exit::Invalid),
        SpecError::Invalid(invalid) => {
            let mut diagnostics = invalid.diagnostics;
            diagnostics
                .extend(invalid.draft.iter().flat_map(|draft| with_bar(|bar| pipeline::problems_of_data(draft, bar))));
            explain(&invalid.source, &diagnostics)
        }
    }
}

/// Reads the data, selects the cohort, divides it, while a bar tells how far that is.
fn prepare(study: Study) -> Result<Prepared, Box<Rejected>> {
    with_bar(|bar| pipeline::prepare(study, bar))
}

fn with_bar<T>(work: impl FnOnce(&Bar) -> T) -> T {
    let bar = Bar::new();
    let made = work(&bar);
    bar.finish();
    made
}

/// A table in the place of something else: its rows are not to be read out.
fn refuse_table(path: &Path, meant: &str) -> Result<(), Exit> {
    if !crate::spec::is_table(path) {
        return Ok(());
    }
    tell!("`{}` is a table: name {meant}.", path.display());
    Err(Exit::Invalid)
}

fn reject(rejected: &Rejected) -> Exit {
    explain(&rejected.study.source, &rejected.diagnostics)
}

/// Prints all problems, and gives the exit code they amount to.
fn explain(source: &Source, diagnostics: &[Diagnostic]) -> Exit {
    draw(source, diagnostics);
    let errors = diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error).count();
    let problems = if errors == 1 { "1 problem".to_string() } else { format!("{errors} problems") };
    tell!("{problems} in {}; nothing was run.", source.name);
    if diagnostics.iter().any(|diagnostic| diagnostic.is_about_input) { Exit::Input } else { Exit::Invalid }
}

/// Models that cannot be fitted, each at its place in the spec.
fn explain_models(study: &Study, problems: &[ModelError]) -> Exit {
    let diagnostics: Vec<Diagnostic> = problems.iter().map(|problem| problem.diagnostic(study)).collect();
    draw(&study.source, &diagnostics);
    tell!("No report was written.");
    Exit::Invalid
}

fn draw(source: &Source, diagnostics: &[Diagnostic]) {
    let drawn = source.render(diagnostics, colour(), width());
    tell!("{}", drawn.strip_suffix('\n').unwrap_or(&drawn));
}

/// Colours on a terminal, unless NO_COLOR is set.
fn colour() -> bool {
    colour_on(std::io::stderr().is_terminal())
}

fn colour_on(terminal: bool) -> bool {
    terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

fn width() -> usize {
    std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok()).unwrap_or(100)
}
