//! Runs the program in a folder of its own.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicUsize, Ordering};

static NEXT: AtomicUsize = AtomicUsize::new(0);

pub fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A folder that is removed when the test is over.
pub struct Folder {
    pub path: PathBuf,
}

impl Folder {
    pub fn new() -> Self {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("vouch-test-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self { path }
    }

    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }

    pub fn read(&self, name: &str) -> Vec<u8> {
        let path = self.path.join(name);
        std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    pub fn read_text(&self, name: &str) -> String {
        String::from_utf8(self.read(name)).unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        _ = std::fs::remove_dir_all(&self.path);
    }
}

pub struct Outcome {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

pub fn command(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vouch"));
    command.current_dir(folder).env("NO_COLOR", "1").env("COLUMNS", "120");
    command
}

/// Runs `vouch` with these arguments in that folder. A panic of the program is never an acceptable outcome.
pub fn vouch(folder: &Path, arguments: &[&str]) -> Outcome {
    let Output { status, stdout, stderr } = command(folder).args(arguments).output().unwrap();
    let outcome = Outcome {
        code: status.code().unwrap_or(-1),
        stdout: String::from_utf8_lossy(&stdout).into_owned(),
        stderr: String::from_utf8_lossy(&stderr).into_owned(),
    };
    assert!(!outcome.stderr.contains("panicked at"), "{}", outcome.stderr);
    outcome
}

/// Says that a test skips because a tool is absent. Where VOUCH_REQUIRE_TOOLS is set, as in CI, that is a failure.
pub fn skipped_without(tool: &str) {
    assert!(std::env::var_os("VOUCH_REQUIRE_TOOLS").is_none(), "{tool} is needed here and is not installed");
    eprintln!("skipped: {tool} is not installed");
}
