//! `vouch bundle REPORT` and `vouch unbundle ARCHIVE`: a report as one file, and back.

use super::Exit;
use super::output::{print_line, tell};
use crate::provenance::bundle::{self, BundleError};
use crate::provenance::manifest::ManifestError;
use crate::provenance::output;
use clap::Args;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub struct BundleArguments {
    /// The folder of a report
    report: PathBuf,
    /// The archive [default: the folder's name with .tar.gz, in the current folder]
    #[arg(long)]
    out: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct UnbundleArguments {
    /// An archive that `vouch bundle` wrote
    archive: PathBuf,
    /// The folder for the report
    #[arg(long)]
    out: PathBuf,
}

pub fn bundle(arguments: &BundleArguments) -> Exit {
    let packed = match bundle::pack(&arguments.report) {
        Ok(packed) => packed,
        Err(error) => return refuse(&error),
    };
    let path = arguments.out.clone().unwrap_or_else(|| {
        let name = arguments.report.canonicalize().unwrap_or_else(|_| arguments.report.clone());
        let name = name.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        PathBuf::from(format!("{name}.tar.gz"))
    });
    match std::fs::write(&path, packed) {
        Ok(()) => print_line(path.display(), Exit::Fine),
        Err(error) => {
            tell!("`{}` cannot be written: {error}", path.display());
            Exit::Unexpected
        }
    }
}

pub fn unbundle(arguments: &UnbundleArguments) -> Exit {
    if let Err(error) = output::check(&arguments.out) {
        tell!("{error}");
        return Exit::Invalid;
    }
    let bytes = match std::fs::read(&arguments.archive) {
        Ok(bytes) => bytes,
        Err(error) => {
            tell!("`{}` cannot be read: {error}", arguments.archive.display());
            return Exit::Input;
        }
    };
    let files = match bundle::unpack(&bytes) {
        Ok(files) => files,
        Err(error) => return refuse(&error),
    };
    match output::write(&arguments.out, &files) {
        Ok(()) => print_line(arguments.out.display(), Exit::Fine),
        Err(error) => {
            tell!("{error}");
            Exit::Unexpected
        }
    }
}

fn refuse(error: &BundleError) -> Exit {
    tell!("{error}");
    match error {
        BundleError::Manifest(ManifestError::Unreadable { .. }) | BundleError::Missing { .. } => Exit::Input,
        BundleError::Edited { .. } => Exit::NotReproduced,
        _ => Exit::Invalid,
    }
}
