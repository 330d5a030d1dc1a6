//! `vouch lock STUDY`, and what `vouch run --sealed` holds a study to.

use super::output::{print_line, tell};
use super::{Exit, StudyArguments, load, prepare, reject};
use crate::pipeline::Prepared;
use crate::provenance::lock::{Lock, LockError};
use std::path::Path;

pub fn lock(arguments: &StudyArguments) -> Exit {
    let study = match load(arguments) {
        Ok(study) => study,
        Err(exit) => return exit,
    };
    let prepared = match prepare(study) {
        Ok(prepared) => prepared,
        Err(rejected) => return reject(&rejected),
    };
    let path = Lock::path(Path::new(&prepared.study.source.name));
    let written = Lock::of(&prepared)
        .and_then(|lock| lock.to_json())
        .map_err(std::io::Error::from)
        .and_then(|text| std::fs::write(&path, text));
    match written {
        Ok(()) => print_line(path.display(), Exit::Fine),
        Err(error) => {
            tell!("`{}` cannot be written: {error}", path.display());
            Exit::Unexpected
        }
    }
}

/// Says what is not as it was locked.
pub(super) fn hold(prepared: &Prepared) -> Result<(), Exit> {
    let refuse = |message: String| {
        tell!("{message}");
        Exit::Input
    };
    let spec = Path::new(&prepared.study.source.name);
    let locked = Lock::read(spec).map_err(|error| match error {
        LockError::Layout { .. } => {
            tell!("{error}");
            Exit::Invalid
        }
        error => refuse(format!("A sealed run needs its lock; {error}.")),
    })?;
    let now = Lock::of(prepared).map_err(|error| {
        tell!("{error}");
        Exit::Unexpected
    })?;
    let broken = locked.broken(&now);
    if broken.is_empty() {
        return Ok(());
    }
    for broken in &broken {
        tell!("{broken}");
    }
    Err(refuse(format!(
        "The study is not as `{}` sealed it; nothing was run. If the change is meant, lock it again with `vouch lock`.",
        Lock::path(spec).display()
    )))
}
