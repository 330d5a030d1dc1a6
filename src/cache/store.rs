//! A folder of kept units: one file per key, with the hash of what it holds. A file appears whole or not at all, so that
//! runs at the same time do not harm each other; one whose content is not what its hash says is removed.

use super::{Key, UnitName};
use crate::data::hash::sha256;
use crate::spec::Study;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

/// The folder beside the spec.
pub const FOLDER: &str = ".vouch-cache";

const MAGIC: &str = "vouch-cache/1";

static NEXT: AtomicUsize = AtomicUsize::new(0);

/// Where units are kept, and where else they are looked for.
#[derive(Clone, Debug, Default)]
pub struct Store {
    folder: Option<PathBuf>,
    also: Vec<PathBuf>,
}

impl Store {
    /// Nothing is kept and nothing is found.
    pub fn none() -> Self {
        Self::default()
    }

    /// Beside the study's spec, with the data: what is kept holds scores of subjects.
    pub fn beside(study: &Study) -> Self {
        let folder = Path::new(&study.source.name).parent().map(Path::to_path_buf).unwrap_or_default();
        Self::at(folder.join(FOLDER))
    }

    pub fn at(folder: PathBuf) -> Self {
        Self { folder: Some(folder), also: Vec::new() }
    }

    /// Looks in these folders as well, and does not write to them.
    pub fn reading_also(mut self, folders: impl IntoIterator<Item = PathBuf>) -> Self {
        self.also.extend(folders);
        self
    }

    pub fn keeps(&self) -> bool {
        self.folder.is_some()
    }

    pub(super) fn folder(&self) -> Option<&Path> {
        self.folder.as_deref()
    }

    pub fn get(&self, key: &Key) -> Option<Vec<u8>> {
        let path = |folder: &Path| folder.join("units").join(&key.sha256);
        if let Some(own) = self.folder.as_deref().map(path)
            && let Some(payload) = read(&own)
        {
            mark_as_used(&own);
            return Some(payload);
        }
        self.also.iter().find_map(|folder| read(&path(folder)))
    }

    /// Whether a whole entry is there.
    pub fn holds(&self, key: &Key) -> bool {
        self.get(key).is_some()
    }

    /// Keeps a unit. A folder that cannot be written is no reason to stop: the unit is then computed again next time.
    pub fn put(&self, name: &UnitName, key: &Key, payload: &[u8]) {
        let Some(folder) = &self.folder else { return };
        let mut bytes = format!("{MAGIC} {}\n", sha256(payload)).into_bytes();
        bytes.extend_from_slice(payload);
        let kept = prepare(folder)
            .and_then(|()| write_whole(&folder.join("units").join(&key.sha256), &bytes))
            .and_then(|()| write_whole(&latest_path(folder, name), &serde_json::to_vec(key)?));
        _ = kept;
    }

    /// The key under which a unit of this name was last kept.
    pub fn latest(&self, name: &UnitName) -> Option<Key> {
        self.folder.iter().chain(&self.also).find_map(|folder| {
            let bytes = fs::read(latest_path(folder, name)).ok()?;
            serde_json::from_slice(&bytes).ok()
        })
    }
}

fn latest_path(folder: &Path, name: &UnitName) -> PathBuf {
    folder.join("latest").join(sha256(name.to_string().as_bytes()))
}

/// The content of an entry that is what its hash says.
fn read(path: &Path) -> Option<Vec<u8>> {
    let bytes = fs::read(path).ok()?;
    let payload = payload(&bytes);
    if payload.is_none() {
        _ = fs::remove_file(path);
    }
    payload.map(<[u8]>::to_vec)
}

/// The time of a file is when it was last of use, to the day.
fn mark_as_used(path: &Path) {
    const DAY: Duration = Duration::from_secs(24 * 60 * 60);
    let now = SystemTime::now();
    let is_old = |used: SystemTime| now.duration_since(used).is_ok_and(|age| age > DAY);
    // That it cannot be written changes no result: the unit is then taken for older than it is.
    if fs::metadata(path).and_then(|facts| facts.modified()).is_ok_and(is_old) {
        _ = fs::File::options().write(true).open(path).and_then(|file| file.set_modified(now));
    }
}

fn payload(bytes: &[u8]) -> Option<&[u8]> {
    let end = bytes.iter().position(|byte| *byte == b'\n')?;
    let head = std::str::from_utf8(&bytes[..end]).ok()?;
    let hash = head.strip_prefix(MAGIC)?.strip_prefix(' ')?;
    let payload = &bytes[end + 1..];
    (sha256(payload) == hash).then_some(payload)
}

/// The folder says what it is: to git that it is not to be committed, to backup programs that it can be made again.
///
/// Units are kept from many threads at once. What the others look for is made last: who sees it finds all of the rest.
fn prepare(folder: &Path) -> io::Result<()> {
    if folder.join("latest").is_dir() {
        return Ok(());
    }
    fs::create_dir_all(folder)?;
    only_for_the_owner(folder)?;
    write_whole(&folder.join(".gitignore"), b"*\n")?;
    write_whole(
        &folder.join("CACHEDIR.TAG"),
        b"Signature: 8a477f597d28d172789f06886806bc55\n# Units of studies that Vouch has computed. They hold scores of subjects: keep the folder\n# where the data are kept. It may be deleted at any time.\n",
    )?;
    fs::create_dir_all(folder.join("units"))?;
    fs::create_dir_all(folder.join("latest"))
}

#[cfg(unix)]
fn only_for_the_owner(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700))
}

#[cfg(not(unix))]
fn only_for_the_owner(_folder: &Path) -> io::Result<()> {
    Ok(())
}

/// Under a name of its own first, then in its place.
fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let partial = path.with_file_name(format!(".{}.{number}.partial", std::process::id()));
    let written = fs::write(&partial, bytes).and_then(|()| fs::rename(&partial, path));
    if written.is_err() {
        _ = fs::remove_file(&partial);
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::UnitKind;

    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            let folder = std::env::temp_dir().join(format!("vouch-store-{}-{name}", std::process::id()));
            _ = fs::remove_dir_all(&folder);
            Self(folder)
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            _ = fs::remove_dir_all(&self.0);
        }
    }

    fn key(text: &str) -> Key {
        Key::new([("part".to_string(), text.to_string())].into_iter().collect())
    }

    fn name() -> UnitName {
        UnitName::new(UnitKind::Fit, "m")
    }

    #[test]
    fn what_was_put_is_there_and_nothing_else() {
        let folder = Folder::new("put");
        let store = Store::at(folder.0.clone());
        assert!(store.get(&key("a")).is_none());
        store.put(&name(), &key("a"), b"value");
        assert_eq!(store.get(&key("a")).unwrap(), b"value");
        assert!(store.get(&key("b")).is_none());
        assert_eq!(store.latest(&name()), Some(key("a")));
        assert_eq!(fs::read_to_string(folder.0.join(".gitignore")).unwrap(), "*\n");
    }

    #[test]
    fn a_corrupted_entry_is_noticed_and_removed() {
        let folder = Folder::new("corrupted");
        let store = Store::at(folder.0.clone());
        let path = folder.0.join("units").join(&key("a").sha256);
        store.put(&name(), &key("a"), b"value");
        let whole = fs::read(&path).unwrap();
        for broken in [whole[..whole.len() - 1].to_vec(), b"vouch-cache/1".to_vec(), Vec::new(), {
            let mut changed = whole.clone();
            *changed.last_mut().unwrap() ^= 1;
            changed
        }] {
            fs::write(&path, &broken).unwrap();
            assert!(store.get(&key("a")).is_none());
            assert!(!path.exists());
        }
    }

    #[test]
    fn what_is_needed_or_was_of_use_lately_is_not_pruned() {
        let folder = Folder::new("pruned");
        let store = Store::at(folder.0.clone());
        let path = |text: &str| folder.0.join("units").join(&key(text).sha256);
        let age = |text: &str, days: u64| {
            let then = SystemTime::now() - Duration::from_secs(days * 24 * 60 * 60);
            fs::File::options().write(true).open(path(text)).unwrap().set_modified(then).unwrap();
        };
        for text in ["current", "old", "of use", "young"] {
            store.put(&name(), &key(text), b"22");
        }
        ["current", "old", "of use"].into_iter().for_each(|text| age(text, 40));
        assert!(store.get(&key("of use")).is_some());
        let unused = Duration::from_secs(30 * 24 * 60 * 60);
        let pruned = store.prune([key("current")].iter(), unused).unwrap();
        assert_eq!((pruned.removed, pruned.removed_bytes > 0, pruned.kept), (1, true, 3));
        assert!(!path("old").exists() && path("of use").exists());
        assert_eq!(store.latest(&name()), Some(key("young")));
        // Whatever its age, down to what is needed now.
        assert_eq!(store.prune([key("current")].iter(), Duration::ZERO).unwrap().removed, 2);
        assert!(path("current").exists() && store.latest(&name()).is_none());
        assert_eq!(Store::at(folder.0.join("nowhere")).prune([].iter(), unused).unwrap().removed, 0);
    }

    #[test]
    fn other_folders_are_read_and_not_written() {
        let (folder, other) = (Folder::new("own"), Folder::new("other"));
        Store::at(other.0.clone()).put(&name(), &key("a"), b"value");
        let store = Store::at(folder.0.clone()).reading_also([other.0.clone()]);
        assert_eq!(store.get(&key("a")).unwrap(), b"value");
        store.put(&name(), &key("b"), b"new");
        assert!(!other.0.join("units").join(&key("b").sha256).exists());
    }

    #[test]
    fn a_folder_that_cannot_be_written_keeps_nothing() {
        let store = Store::at(PathBuf::from("/proc/nowhere"));
        store.put(&name(), &key("a"), b"value");
        assert!(store.get(&key("a")).is_none());
        Store::none().put(&name(), &key("a"), b"value");
    }
}
