//! `vouch plan STUDY`: the units of a study, what is kept of them, what a run would compute, and why.

use super::output::{print, print_line, tell};
use super::{Exit, StudyArguments, load, prepare, reject};
use crate::cache::prune::Pruned;
use crate::cache::{Key, Store, UnitKind, UnitName};
use crate::spec::raw::RawModel;
use clap::{Args, ValueEnum};
use std::fmt::Write;
use std::num::NonZeroUsize;
use std::time::Duration;

#[derive(Debug, Args)]
pub struct PlanArguments {
    #[command(flatten)]
    study: StudyArguments,
    /// Print a workflow that computes the units in parallel and merges them, instead of the list
    #[arg(long, value_enum)]
    emit: Option<Emit>,
    /// Into how many parts the workflow divides the fits, and the analyses
    #[arg(long, default_value = "8", requires = "emit")]
    shards: NonZeroUsize,
    /// Remove kept units that this study does not need as it stands, and that no run used for DAYS days [30]
    #[arg(long, value_name = "DAYS", num_args = 0..=1, default_missing_value = "30", conflicts_with = "emit")]
    prune: Option<u64>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Emit {
    /// A Snakefile for Snakemake 9
    Snakemake,
}

pub fn plan(arguments: &PlanArguments) -> Exit {
    let study = match load(&arguments.study) {
        Ok(study) => study,
        Err(exit) => return exit,
    };
    let prepared = match prepare(study) {
        Ok(prepared) => prepared,
        Err(rejected) => return reject(&rejected),
    };
    if let Some(Emit::Snakemake) = arguments.emit {
        return print(&super::snakefile::of(&prepared.study, &arguments.study.study, arguments.shards), Exit::Fine);
    }
    let store = Store::beside(&prepared.study);
    let units = prepared.units(&store);
    let listed: Vec<Listed> = units
        .names()
        .map(|(name, key)| {
            let model = prepared.study.spec.models.get(name.id.as_str()).filter(|_| name.kind == UnitKind::Fit);
            Listed::of(name, key, model, &store)
        })
        .collect();
    let printed = print(&in_words(&listed), Exit::Fine);
    let Some(days) = arguments.prune else { return printed };
    let unused = Duration::from_secs(days.saturating_mul(24 * 60 * 60));
    match store.prune(units.names().map(|(_, key)| key), unused) {
        Ok(pruned) => print_line(pruned_in_words(&pruned), printed),
        Err(error) => {
            tell!("The kept units of `{}` cannot be pruned: {error}", arguments.study.study.display());
            Exit::Unexpected
        }
    }
}

struct Listed {
    name: String,
    kept: bool,
    /// Why it would be computed.
    why: String,
}

impl Listed {
    fn of(name: &UnitName, key: &Key, model: Option<&RawModel>, store: &Store) -> Self {
        let kept = store.holds(key);
        let on_networks = model.is_some_and(|model| ["network", "onnx", "fusion"].contains(&model.kind()));
        let why = match store.latest(name) {
            _ if kept => String::new(),
            _ if on_networks => "every time, from networks: those are kept as ONNX files".to_string(),
            None => "not computed before".to_string(),
            Some(before) => match key.changed_since(&before).as_slice() {
                [] => "was kept, and is gone or damaged".to_string(),
                changed => format!("changed: {}", changed.join(", ")),
            },
        };
        Self { name: name.to_string(), kept, why }
    }
}

fn pruned_in_words(pruned: &Pruned) -> String {
    let megabytes = |bytes: u64| format!("{:.1} MB", bytes as f64 / 1e6);
    format!(
        "removed {} kept units ({}), {} are still there ({})",
        pruned.removed,
        megabytes(pruned.removed_bytes),
        pruned.kept,
        megabytes(pruned.kept_bytes)
    )
}

fn in_words(units: &[Listed]) -> String {
    let mut text = String::new();
    let widest = units.iter().map(|unit| unit.name.chars().count()).max().unwrap_or(0);
    for unit in units {
        let state = if unit.kept { "kept" } else { "to compute" };
        _ = writeln!(text, "{}", format!("{:<widest$}  {state:<10}  {}", unit.name, unit.why).trim_end());
    }
    let kept = units.iter().filter(|unit| unit.kept).count();
    _ = writeln!(text, "{} units: {kept} kept, {} to compute", units.len(), units.len() - kept);
    text
}
