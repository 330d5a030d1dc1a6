//! `vouch shard STUDY` computes some of the units of a study, `vouch merge STUDY SHARD…` makes the report of them.

use super::output::{print_line, tell};
use super::progress::Bar;
use super::run::write_report;
use super::{Exit, StudyArguments, explain_models, load, reject};
use crate::cache::partition::Partition;
use crate::cache::shard::{FILE_NAME, Shard, partial};
use crate::cache::{Store, UnitKind};
use crate::pipeline::{self, Prepared};
use crate::provenance::output;
use clap::{Args, ValueEnum};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub struct ShardArguments {
    #[command(flatten)]
    study: StudyArguments,
    /// Which kind of unit to compute
    #[arg(long, value_enum)]
    units: Units,
    /// Which of them: hash:3/16 is the third of sixteen parts
    #[arg(long, default_value = "hash:1/1")]
    partition: Partition,
    /// The folder of the shard; it holds scores of subjects
    #[arg(long)]
    out: PathBuf,
    /// Shards whose units are used instead of being computed
    #[arg(long, value_name = "SHARD", num_args = 1..)]
    from: Vec<PathBuf>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Units {
    /// Fits of models
    Fits,
    /// Declared analyses
    Statistics,
}

#[derive(Debug, Args)]
pub struct MergeArguments {
    #[command(flatten)]
    study: StudyArguments,
    /// The shards
    shards: Vec<PathBuf>,
    /// The folder of the report [default: reports/<id>]
    #[arg(long)]
    out: Option<PathBuf>,
}

pub fn shard(arguments: &ShardArguments) -> Exit {
    let prepared = match prepare(&arguments.study, &arguments.from) {
        Ok(prepared) => prepared,
        Err(exit) => return exit,
    };
    let being_made = partial(&arguments.out);
    let store = Store::at(being_made.clone()).reading_also(arguments.from.iter().cloned());
    let kind = match arguments.units {
        Units::Fits => UnitKind::Fit,
        Units::Statistics => UnitKind::Statistic,
    };
    let partition = arguments.partition;
    let units = prepared.units(&store).only(|name| match (kind, name.kind) {
        (UnitKind::Fit, UnitKind::Fit) | (UnitKind::Statistic, UnitKind::Statistic) => partition.holds(name),
        // Analyses look at the scores of models: those are taken from other shards, or computed here.
        (_, other) => other == UnitKind::Fit && kind == UnitKind::Statistic,
    });
    let bar = Bar::new();
    let computed = pipeline::compute_units(&prepared, &units, &bar);
    bar.finish();
    match computed {
        Ok(computed) => {
            for problem in &computed.not_fitted {
                tell!("warning: {problem}.");
            }
        }
        Err(problems) => {
            _ = std::fs::remove_dir_all(&being_made);
            return explain_models(&prepared.study, &problems);
        }
    }
    let wanted = units.names().filter(|(name, _)| name.kind == kind && partition.holds(name));
    let shard = Shard::new(&prepared.study.spec.id, &partition.to_string(), wanted);
    match shard.finish(&being_made, &arguments.out) {
        Ok(()) => print_line(arguments.out.display(), Exit::Fine),
        Err(error) => {
            tell!("The shard cannot be written: {error}");
            _ = std::fs::remove_dir_all(&being_made);
            Exit::Unexpected
        }
    }
}

pub fn merge(arguments: &MergeArguments) -> Exit {
    let prepared = match prepare(&arguments.study, &arguments.shards) {
        Ok(prepared) => prepared,
        Err(exit) => return exit,
    };
    let folder = arguments.out.clone().unwrap_or_else(|| pipeline::default_output(&prepared.study));
    if let Err(error) = output::check(&folder) {
        tell!("{error}");
        return Exit::Invalid;
    }
    let store = Store::none().reading_also(arguments.shards.iter().cloned());
    let missing = {
        let units = prepared.units(&store);
        units.names().filter(|(_, key)| !store.holds(key)).map(|(name, _)| name.to_string()).collect::<Vec<_>>()
    };
    if !missing.is_empty() {
        tell!("note: in no shard, or computed from something else, so computed now: {}", missing.join(", "));
    }
    write_report(&prepared, &store, &folder)
}

fn prepare(study: &StudyArguments, shards: &[PathBuf]) -> Result<Prepared, Exit> {
    for folder in shards {
        if let Err(error) = Shard::read(folder) {
            tell!("`{}` is not a shard: {FILE_NAME}: {error}", folder.display());
            return Err(Exit::Input);
        }
    }
    let study = load(study)?;
    super::prepare(study).map_err(|rejected| reject(&rejected))
}
