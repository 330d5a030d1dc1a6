//! Residual networks on images: their definition, their training, and the ONNX file that training writes.
//!
//! A [`graph::Graph`] says what a network is. [`training`] fits it, [`export`] writes it; whatever is evaluated is the file,
//! through [`super::onnx`].

pub mod architecture;
pub mod batch;
mod checkpoint;
mod convolution;
mod engine;
pub mod export;
#[cfg(feature = "gpu")]
pub mod gpu;
pub mod graph;
pub mod images;
mod layers;
mod loss;
mod optimiser;
mod passes;
mod store;
mod train;
pub mod training;
pub mod weights;

pub use batch::Batch;
pub use engine::gpu_name;
pub use images::ImageStack;
pub use loss::softmax;
pub(super) use store::Store;
pub(super) use train::{Order, trained};

#[cfg(test)]
pub(crate) mod tests;
