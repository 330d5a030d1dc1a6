//! What computes networks: the ONNX Runtime library where one is found or asked for, else the built-in back end (tract).
//!
//! A process has one back end. Both give the same outputs within rounding of 32-bit floats, not bit for bit, so a result
//! names the one that it is from.

use super::vector_instructions::vector_instructions;
use crate::spec::raw::{RawDevice, RawRuntime};
use ort::environment::Environment;
use ort::ep::{CUDA, ExecutionProvider, ExecutionProviderDispatch, TensorRT};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};

/// Names the library file to use.
pub const LIBRARY_VARIABLE: &str = "ORT_DYLIB_PATH";

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Backend {
    BuiltIn,
    /// The library's file.
    OnnxRuntime(PathBuf),
}

/// The back end of this process.
#[derive(Clone, Debug)]
pub struct Runtime {
    pub backend: Backend,
    pub environment: Environment,
}

#[derive(Clone, Debug, thiserror::Error)]
pub enum RuntimeError {
    #[error(
        "the ONNX Runtime library was not found: set {LIBRARY_VARIABLE} to its file, put it beside the program, or install \
         the Python package `onnxruntime`; `runtime: built_in` needs none"
    )]
    NotFound,
    #[error("the ONNX Runtime library `{library}` cannot be used: {reason}")]
    Unusable { library: String, reason: String },
    #[error("this process already computes networks by {0}; it cannot change")]
    Decided(String),
    #[error("the back end for networks cannot be started: {0}")]
    Start(String),
}

impl Runtime {
    /// "tract 0.23.9" or "ONNX Runtime 1.24.1".
    pub fn name(&self) -> String {
        match &self.backend {
            Backend::BuiltIn => format!("tract {}", crate::model::library_version("tract-onnx")),
            Backend::OnnxRuntime(library) => match version_in_name(library).or_else(version_in_build) {
                Some(version) => format!("ONNX Runtime {version}"),
                None => "ONNX Runtime".to_string(),
            },
        }
    }

    /// Results of one class agree bit for bit. Another back end, or another kind of processor, is another class.
    pub fn numeric_class(&self) -> String {
        let back_end = match self.backend {
            Backend::BuiltIn => "tract",
            Backend::OnnxRuntime(_) => "onnxruntime",
        };
        format!("networks-{back_end}-f32/1 on {}", vector_instructions())
    }

    /// The execution providers of the library that this program can ask for.
    pub fn providers(&self) -> Vec<&'static str> {
        let mut providers = vec!["CPU"];
        if matches!(self.backend, Backend::OnnxRuntime(_)) {
            if CUDA::is_available().unwrap_or(false) {
                providers.push("CUDA");
            }
            if TensorRT::is_available().unwrap_or(false) {
                providers.push("TensorRT");
            }
        }
        providers
    }
}

static STARTED: Mutex<Option<Runtime>> = Mutex::new(None);

/// Starts the back end that is wished for, or gives the one that runs already.
pub fn start(wish: RawRuntime) -> Result<Runtime, RuntimeError> {
    let mut started = STARTED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(runtime) = &*started {
        let fits = match wish {
            RawRuntime::Auto => true,
            RawRuntime::BuiltIn => runtime.backend == Backend::BuiltIn,
            RawRuntime::OnnxRuntime => runtime.backend != Backend::BuiltIn,
        };
        return if fits { Ok(runtime.clone()) } else { Err(RuntimeError::Decided(runtime.name())) };
    }
    let library = if wish == RawRuntime::BuiltIn { None } else { find_library() };
    let (backend, builder) = match (wish, library) {
        (RawRuntime::OnnxRuntime, None) => return Err(RuntimeError::NotFound),
        (RawRuntime::BuiltIn, _) | (RawRuntime::Auto, None) => {
            // Must come before any other call, or the library would be looked for.
            ort::set_api(ort_tract::api());
            (Backend::BuiltIn, ort::init())
        }
        (_, Some(library)) => {
            let builder = ort::init_from(&library).map_err(|error| RuntimeError::Unusable {
                library: library.display().to_string(),
                reason: error.to_string(),
            })?;
            (Backend::OnnxRuntime(library), builder)
        }
    };
    let environment = builder
        .with_name("vouch")
        .with_telemetry(false)
        .build()
        .map_err(|error| RuntimeError::Start(error.to_string()))?;
    let runtime = Runtime { backend, environment };
    *started = Some(runtime.clone());
    Ok(runtime)
}

/// What a device asks of the library, the most capable first; the rest of a network falls back to the CPU.
pub fn providers_for(device: RawDevice) -> Vec<ExecutionProviderDispatch> {
    // Whole 32-bit floats: the library's default on recent cards is products of 19 bits.
    let cuda = || CUDA::default().with_tf32(false).build().error_on_failure();
    match device {
        RawDevice::Cpu => Vec::new(),
        RawDevice::Cuda => vec![cuda()],
        RawDevice::Tensorrt => vec![TensorRT::default().build().error_on_failure(), cuda()],
    }
}

/// The library's file: by the variable, beside the program, or in a Python package.
pub fn find_library() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os(LIBRARY_VARIABLE).filter(|named| !named.is_empty()) {
        return Some(PathBuf::from(named));
    }
    let beside = std::env::current_exe().ok().and_then(|program| Some(program.parent()?.to_path_buf()));
    beside.as_deref().and_then(library_in).or_else(|| library_in(&beside?.join("lib"))).or_else(library_of_python)
}

/// The library in a folder, whichever version its name carries.
fn library_in(folder: &Path) -> Option<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir(folder)
        .ok()?
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| {
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            name.starts_with("libonnxruntime.so")
                || (name.starts_with("libonnxruntime.") && name.ends_with(".dylib"))
                || name == "onnxruntime.dll"
        })
        .collect();
    found.sort();
    found.pop()
}

/// Asks Python where its package is; the package itself is not loaded.
fn library_of_python() -> Option<PathBuf> {
    // The folder that the program runs in is not searched.
    const QUESTION: &str = "import sys; sys.path = [path for path in sys.path if path]; import importlib.util as u; \
                            s = u.find_spec('onnxruntime'); print(s.origin if s else '')";
    ["python3", "python"].into_iter().find_map(|python| {
        let answer = Command::new(python).args(["-c", QUESTION]).stderr(Stdio::null()).output().ok()?;
        let package = PathBuf::from(String::from_utf8(answer.stdout).ok()?.trim());
        library_in(&package.parent()?.join("capi"))
    })
}

/// "1.24.1" of `libonnxruntime.so.1.24.1`.
fn version_in_name(library: &Path) -> Option<String> {
    let real = library.canonicalize().unwrap_or_else(|_| library.to_path_buf());
    let name = real.file_name()?.to_string_lossy().into_owned();
    let start = name.find(|character: char| character.is_ascii_digit())?;
    let version = name[start..].trim_end_matches(".dylib").to_string();
    version.contains('.').then_some(version)
}

fn version_in_build() -> Option<String> {
    let information = ort::info();
    let tag = information.split("git-branch=rel-").nth(1)?;
    Some(tag.split(|character: char| !(character.is_ascii_digit() || character == '.')).next()?.to_string())
}
