//! Residual networks (He et al. 2016, doi:10.1109/CVPR.2016.90), from a few thousand to eleven million parameters, as one
//! configurable definition with the tensor names of torchvision.

use super::graph::{Graph, Node, NodeIndex, Operation, Role, TensorIndex, TensorShape, Window};
use crate::spec::raw::RawArchitecture;

/// A stem, then stages of basic blocks, each stage but the first at half the resolution of the one before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Architecture {
    pub stem: Window,
    /// A 3 × 3 maximum pool with stride 2 after the stem.
    pub stem_pool: bool,
    /// Channels of each stage.
    pub widths: Vec<usize>,
    pub blocks_per_stage: usize,
}

impl Architecture {
    pub fn of(name: RawArchitecture) -> Self {
        let small_stem = |stride| Window { kernel: 3, stride, padding: 1 };
        match name {
            RawArchitecture::Tiny => {
                Self { stem: small_stem(2), stem_pool: false, widths: vec![4, 8], blocks_per_stage: 1 }
            }
            RawArchitecture::Small => {
                Self { stem: small_stem(2), stem_pool: false, widths: vec![16, 32, 64], blocks_per_stage: 1 }
            }
            RawArchitecture::Resnet18 => Self {
                stem: Window { kernel: 7, stride: 2, padding: 3 },
                stem_pool: true,
                widths: vec![64, 128, 256, 512],
                blocks_per_stage: 2,
            },
        }
    }

    /// The network for images of this many channels and this many classes.
    pub fn graph(&self, channels: usize, classes: usize) -> Graph {
        let mut builder =
            Builder { nodes: vec![Node { operation: Operation::Input, inputs: vec![] }], tensors: vec![] };
        let first = self.widths.first().copied().unwrap_or(1);
        let mut present = builder.convolve(0, "conv1", channels, first, self.stem);
        present = builder.normalise(present, "bn1", first);
        present = builder.push(Operation::Rectifier, vec![present]);
        if self.stem_pool {
            let window = Window { kernel: 3, stride: 2, padding: 1 };
            present = builder.push(Operation::MaximumPool { window }, vec![present]);
        }
        let mut inputs = first;
        for (stage, width) in self.widths.iter().enumerate() {
            for block in 0..self.blocks_per_stage {
                let stride = if stage > 0 && block == 0 { 2 } else { 1 };
                let name = format!("layer{}.{block}", stage + 1);
                present = builder.block(present, &name, inputs, *width, stride);
                inputs = *width;
            }
        }
        let feature_maps = present;
        let pooled = builder.push(Operation::GlobalAverage, vec![feature_maps]);
        let weight = builder.tensor("fc.weight", vec![classes, inputs], Role::LinearWeight);
        let bias = builder.tensor("fc.bias", vec![classes], Role::Bias);
        builder.push(Operation::Linear { weight, bias, outputs: classes }, vec![pooled]);
        Graph { channels, classes, nodes: builder.nodes, tensors: builder.tensors, feature_maps, pooled }
    }
}

struct Builder {
    nodes: Vec<Node>,
    tensors: Vec<TensorShape>,
}

impl Builder {
    fn push(&mut self, operation: Operation, inputs: Vec<NodeIndex>) -> NodeIndex {
        self.nodes.push(Node { operation, inputs });
        self.nodes.len() - 1
    }

    fn tensor(&mut self, name: &str, shape: Vec<usize>, role: Role) -> TensorIndex {
        self.tensors.push(TensorShape { name: name.to_string(), shape, role });
        self.tensors.len() - 1
    }

    fn convolve(&mut self, from: NodeIndex, name: &str, inputs: usize, outputs: usize, window: Window) -> NodeIndex {
        let shape = vec![outputs, inputs, window.kernel, window.kernel];
        let weight = self.tensor(&format!("{name}.weight"), shape, Role::Kernel);
        self.push(Operation::Convolution { weight, window, outputs }, vec![from])
    }

    fn normalise(&mut self, from: NodeIndex, name: &str, channels: usize) -> NodeIndex {
        let mut tensor = |part: &str, role| self.tensor(&format!("{name}.{part}"), vec![channels], role);
        let scale = tensor("weight", Role::Scale);
        let shift = tensor("bias", Role::Shift);
        let mean = tensor("running_mean", Role::RunningMean);
        let variance = tensor("running_var", Role::RunningVariance);
        self.push(Operation::Normalisation { scale, shift, mean, variance }, vec![from])
    }

    /// Two 3 × 3 convolutions beside the identity, or beside a 1 × 1 convolution where the shape changes.
    fn block(&mut self, from: NodeIndex, name: &str, inputs: usize, outputs: usize, stride: usize) -> NodeIndex {
        let window = |stride| Window { kernel: 3, stride, padding: 1 };
        let mut main = self.convolve(from, &format!("{name}.conv1"), inputs, outputs, window(stride));
        main = self.normalise(main, &format!("{name}.bn1"), outputs);
        main = self.push(Operation::Rectifier, vec![main]);
        main = self.convolve(main, &format!("{name}.conv2"), outputs, outputs, window(1));
        main = self.normalise(main, &format!("{name}.bn2"), outputs);
        let mut beside = from;
        if stride != 1 || inputs != outputs {
            let window = Window { kernel: 1, stride, padding: 0 };
            beside = self.convolve(from, &format!("{name}.downsample.0"), inputs, outputs, window);
            beside = self.normalise(beside, &format!("{name}.downsample.1"), outputs);
        }
        let sum = self.push(Operation::Sum, vec![main, beside]);
        self.push(Operation::Rectifier, vec![sum])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resnet18_has_the_parameters_of_torchvision() {
        // torchvision.models.resnet18: 11,689,512 parameters with 1000 classes and three channels.
        let graph = Architecture::of(RawArchitecture::Resnet18).graph(3, 1000);
        assert_eq!(graph.parameters(), 11_689_512);
        let names: Vec<&str> = graph.tensors.iter().map(|tensor| tensor.name.as_str()).collect();
        for name in ["conv1.weight", "layer2.0.downsample.1.running_var", "layer4.1.bn2.bias", "fc.weight"] {
            assert!(names.contains(&name), "{name}");
        }
        assert_eq!(graph.features(), 512);
    }

    #[test]
    fn the_small_network_is_small() {
        let parameters = Architecture::of(RawArchitecture::Small).graph(1, 2).parameters();
        assert!((50_000..300_000).contains(&parameters), "{parameters}");
    }
}
