//! `vouch doctor`: what this machine has to offer, and what a run would use.

use super::Exit;
use super::output::print;
use crate::model::network::gpu_name;
use crate::model::onnx::{Backend, LIBRARY_VARIABLE, find_library, start};
use crate::pipeline::NUMERIC_CLASS;
use crate::spec::raw::RawRuntime;
use std::fmt::Write;

pub fn doctor() -> Exit {
    let mut healthy = true;
    let mut text = String::new();
    let mut line = |name: &str, value: String| _ = writeln!(text, "{}", format!("{name:<22} {value}").trim_end());
    line("program", format!("{} {}", env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION")));
    line("threads", rayon::current_num_threads().to_string());
    line("numeric class", NUMERIC_CLASS.to_string());
    line("", String::new());
    line("Networks", String::new());
    line("  built-in back end", format!("tract {}", crate::model::library_version("tract-onnx")));
    let library = find_library();
    match &library {
        Some(path) => line("  ONNX Runtime library", path.display().to_string()),
        None => line(
            "  ONNX Runtime library",
            format!("none: not in {LIBRARY_VARIABLE}, beside the program, or in a Python package `onnxruntime`"),
        ),
    }
    match start(RawRuntime::Auto) {
        Ok(runtime) => {
            line("  runtime: auto", runtime.name());
            line("  providers", runtime.providers().join(", "));
            line("  numeric class", runtime.numeric_class());
            if runtime.backend == Backend::BuiltIn {
                line("  device: cuda", "needs the ONNX Runtime library".to_string());
            } else if !runtime.providers().contains(&"CUDA") {
                line("  device: cuda", "the library has no CUDA provider".to_string());
            }
        }
        Err(error) => {
            healthy = false;
            line("  runtime: auto", format!("{error}"));
        }
    }
    line("  train_on: cpu", "on all threads".to_string());
    line("  train_on: gpu", gpu_name().unwrap_or_else(|error| error.to_string()));
    print(&text, if healthy { Exit::Fine } else { Exit::Input })
}
