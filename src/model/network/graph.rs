//! A network as a graph of operations and the tensors that they use. The same graph is trained, exported as ONNX, and
//! filled from files of weights; nothing else describes a network.

/// Where an operation finds its tensor in [`Graph::tensors`].
pub type TensorIndex = usize;
/// Where an operation finds its input in [`Graph::nodes`].
pub type NodeIndex = usize;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    pub kernel: usize,
    pub stride: usize,
    pub padding: usize,
}

impl Window {
    /// How many places the window takes along an axis of this length.
    pub fn places(&self, length: usize) -> usize {
        (length + 2 * self.padding).saturating_sub(self.kernel) / self.stride + 1
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operation {
    Input,
    /// Without bias: a normalisation follows.
    Convolution {
        weight: TensorIndex,
        window: Window,
        outputs: usize,
    },
    /// Batch normalisation.
    Normalisation {
        scale: TensorIndex,
        shift: TensorIndex,
        mean: TensorIndex,
        variance: TensorIndex,
    },
    /// max(0, x)
    Rectifier,
    MaximumPool {
        window: Window,
    },
    /// Of two inputs.
    Sum,
    /// Over the whole plane of each channel.
    GlobalAverage,
    Linear {
        weight: TensorIndex,
        bias: TensorIndex,
        outputs: usize,
    },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    pub operation: Operation,
    /// Always nodes before this one.
    pub inputs: Vec<NodeIndex>,
}

/// What a tensor is, and so how it is initialised and whether it is trained.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Kernel,
    LinearWeight,
    Bias,
    Scale,
    Shift,
    RunningMean,
    RunningVariance,
}

impl Role {
    pub fn is_trained(self) -> bool {
        !matches!(self, Role::RunningMean | Role::RunningVariance)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TensorShape {
    /// As torchvision names it: `layer1.0.conv1.weight`.
    pub name: String,
    pub shape: Vec<usize>,
    pub role: Role,
}

impl TensorShape {
    pub fn size(&self) -> usize {
        self.shape.iter().product()
    }
}

/// Nodes in an order in which they can be computed; the last is the logits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Graph {
    pub channels: usize,
    pub classes: usize,
    pub nodes: Vec<Node>,
    pub tensors: Vec<TensorShape>,
    /// The last maps before they are averaged.
    pub feature_maps: NodeIndex,
    /// The averages, which the classifier sees.
    pub pooled: NodeIndex,
}

impl Graph {
    pub fn logits(&self) -> NodeIndex {
        self.nodes.len() - 1
    }

    /// How many numbers are trained.
    pub fn parameters(&self) -> usize {
        self.tensors.iter().filter(|tensor| tensor.role.is_trained()).map(TensorShape::size).sum()
    }

    /// The length of the pooled features.
    pub fn features(&self) -> usize {
        self.tensors.iter().find(|tensor| tensor.role == Role::LinearWeight).map_or(0, |tensor| tensor.shape[1])
    }
}
