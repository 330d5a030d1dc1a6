//! A shard: a folder with some of a study's units, computed wherever there was room. It can be merged with others, in
//! any order; what is missing is computed.

use super::{Key, UnitName};
use serde::{Deserialize, Serialize};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

pub const FILE_NAME: &str = "shard.json";
const SCHEMA: &str = "shard/1";

/// What is in a shard.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Shard {
    pub schema: String,
    pub study: String,
    pub partition: String,
    pub units: Vec<ShardUnit>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ShardUnit {
    pub name: String,
    /// The hash of the unit's key.
    pub key: String,
}

impl Shard {
    pub fn new<'a>(study: &str, partition: &str, units: impl Iterator<Item = (&'a UnitName, &'a Key)>) -> Self {
        Self {
            schema: SCHEMA.to_string(),
            study: study.to_string(),
            partition: partition.to_string(),
            units: units.map(|(name, key)| ShardUnit { name: name.to_string(), key: key.sha256.clone() }).collect(),
        }
    }

    pub fn read(folder: &Path) -> io::Result<Self> {
        let shard: Self = serde_json::from_slice(&fs::read(folder.join(FILE_NAME))?)?;
        if shard.schema == SCHEMA {
            Ok(shard)
        } else {
            Err(io::Error::other(format!("expected the layout {SCHEMA}, found {}", shard.schema)))
        }
    }

    /// Puts a finished folder in its place, where an earlier shard may be.
    pub fn finish(&self, partial: &Path, folder: &Path) -> io::Result<()> {
        fs::create_dir_all(partial)?;
        fs::write(partial.join(FILE_NAME), serde_json::to_string_pretty(self)? + "\n")?;
        let is_empty = fs::read_dir(folder).map_or(true, |mut entries| entries.next().is_none());
        if folder.exists() && !is_empty && Self::read(folder).is_err() {
            let message = format!("`{}` holds something else than a shard", folder.display());
            return Err(io::Error::other(message));
        }
        if folder.exists() {
            fs::remove_dir_all(folder)?;
        }
        fs::rename(partial, folder)
    }
}

/// The name of a shard's folder while it is made.
pub fn partial(folder: &Path) -> PathBuf {
    let name = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    folder.with_file_name(format!(".{name}.{}.partial", std::process::id()))
}
