//! What a folder of kept units need not hold any more. Every change of a study leaves the units of before behind; they are
//! worth keeping for a while, since changes are taken back, and not for ever.

use super::Key;
use super::store::Store;
use std::collections::HashSet;
use std::fs;
use std::io;
use std::path::Path;
use std::time::{Duration, SystemTime};

/// What was removed, and what is still there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pruned {
    pub removed: usize,
    pub removed_bytes: u64,
    pub kept: usize,
    pub kept_bytes: u64,
}

/// A file under a name of its own is of a write that goes on, or of one that was killed.
const LONGEST_WRITE: Duration = Duration::from_secs(24 * 60 * 60);

impl Store {
    /// Removes units that are none of `current` and that no run used for as long as `unused`, and what was remembered of their
    /// names.
    pub fn prune<'a>(&self, current: impl Iterator<Item = &'a Key>, unused: Duration) -> io::Result<Pruned> {
        let mut pruned = Pruned::default();
        let Some(folder) = self.folder() else { return Ok(pruned) };
        let current: HashSet<&str> = current.map(|key| key.sha256.as_str()).collect();
        for entry in files(&folder.join("units"))? {
            let name = entry.file_name().to_string_lossy().into_owned();
            let is_partial = name.ends_with(".partial");
            let bytes = entry.metadata()?.len();
            let age = age(&entry)?;
            if if is_partial { age > LONGEST_WRITE } else { age >= unused && !current.contains(name.as_str()) } {
                fs::remove_file(entry.path())?;
                pruned.removed += 1;
                pruned.removed_bytes += bytes;
            } else {
                pruned.kept += 1;
                pruned.kept_bytes += bytes;
            }
        }
        for entry in files(&folder.join("latest"))? {
            let key = fs::read(entry.path()).ok().and_then(|bytes| serde_json::from_slice::<Key>(&bytes).ok());
            let is_kept = key.is_some_and(|key| folder.join("units").join(&key.sha256).exists());
            if !is_kept && age(&entry)? >= unused {
                fs::remove_file(entry.path())?;
            }
        }
        Ok(pruned)
    }
}

/// Since a file was last of use. A clock that was set back makes no file old.
fn age(entry: &fs::DirEntry) -> io::Result<Duration> {
    Ok(SystemTime::now().duration_since(entry.metadata()?.modified()?).unwrap_or_default())
}

/// The files of a folder, none where it is not there.
fn files(folder: &Path) -> io::Result<Vec<fs::DirEntry>> {
    match fs::read_dir(folder) {
        Ok(entries) => {
            let entries: Vec<fs::DirEntry> = entries.collect::<io::Result<_>>()?;
            Ok(entries.into_iter().filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file())).collect())
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}
