//! Networks as ONNX files: checked, loaded, run.

mod inspect;
mod runtime;
mod session;
mod vector_instructions;

pub use inspect::{InputShape, OnnxError, OnnxModel};
pub use runtime::{Backend, LIBRARY_VARIABLE, Runtime, RuntimeError, find_library, start};
pub use session::{LoadedModel, Output, SessionError};

#[cfg(test)]
mod tests;
