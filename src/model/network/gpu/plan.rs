//! A graph as the kernels that a GPU runs one after the other, with the buffers between them.

use super::device::Device;
use crate::model::network::engine::EngineError;
use crate::model::network::graph::{Graph, Node, NodeIndex, Operation, Window};
use std::collections::HashMap;
use std::sync::Arc;

/// One kernel on its buffers.
pub struct Step {
    pub pipeline: wgpu::ComputePipeline,
    pub bindings: wgpu::BindGroup,
    pub groups: [u32; 3],
}

pub type Plan = Arc<Vec<Step>>;

#[derive(Clone)]
pub struct Training {
    pub forward: Plan,
    /// Back through the graph, and one step of Adam.
    pub backward: Plan,
}

/// Everything that lies on the device.
pub struct Buffers {
    /// All tensors of the graph behind each other, the gradients in them, and Adam's two means of these.
    pub parameters: wgpu::Buffer,
    slopes: wgpu::Buffer,
    pub first: wgpu::Buffer,
    pub second: wgpu::Buffer,
    /// Per node: its output, and the gradient in it.
    values: Vec<wgpu::Buffer>,
    above: Vec<wgpu::Buffer>,
    /// Moments of a normalisation, or the places that a pool chose.
    aside: Vec<wgpu::Buffer>,
    /// Parts of sums over a whole batch: of a convolution over its places, of a normalisation over its planes.
    parts: wgpu::Buffer,
    /// Per side of a window: see [`window`].
    windows: HashMap<usize, wgpu::Buffer>,
}

impl Buffers {
    pub fn input(&self) -> &wgpu::Buffer {
        &self.values[0]
    }

    pub fn logits(&self) -> &wgpu::Buffer {
        &self.values[self.values.len() - 1]
    }

    pub fn above_logits(&self) -> &wgpu::Buffer {
        &self.above[self.above.len() - 1]
    }
}

/// The plans for batches of each size, made when first asked for.
pub struct Plans {
    pub classes: usize,
    pub buffers: Buffers,
    graph: Graph,
    /// Where each tensor begins among the parameters.
    offsets: Vec<usize>,
    shapes: Vec<Shape>,
    pipelines: HashMap<&'static str, wgpu::ComputePipeline>,
    rates: wgpu::Buffer,
    training: HashMap<usize, Training>,
    evaluation: HashMap<usize, Plan>,
}

/// The output of a node for one image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Shape {
    channels: usize,
    height: usize,
    width: usize,
}

impl Shape {
    fn size(self) -> usize {
        self.channels * self.height * self.width
    }
}

/// What geometry.wgsl declares, in its order.
#[derive(Clone, Copy, Default)]
struct Geometry {
    count: usize,
    channels: usize,
    height: usize,
    width: usize,
    outputs: usize,
    out_height: usize,
    out_width: usize,
    kernel: usize,
    stride: usize,
    padding: usize,
    accumulate: usize,
    parts: usize,
    tensor: usize,
    second: usize,
    mean: usize,
    variance: usize,
}

impl Geometry {
    fn words(&self) -> [u32; 16] {
        [
            self.count,
            self.channels,
            self.height,
            self.width,
            self.outputs,
            self.out_height,
            self.out_width,
            self.kernel,
            self.stride,
            self.padding,
            self.accumulate,
            self.parts,
            self.tensor,
            self.second,
            self.mean,
            self.variance,
        ]
        .map(|word| word as u32)
    }

    /// Tiles of the output's `rows` × `columns`, for each part.
    fn tiles(&self, rows: usize, columns: usize) -> [u32; 3] {
        [columns.div_ceil(64) as u32, rows.div_ceil(64) as u32, self.parts as u32]
    }
}

/// One thread per element.
fn element_wise(numbers: usize) -> [u32; 3] {
    workgroups(numbers.div_ceil(256))
}

/// As many workgroups in a shape that every device takes.
fn workgroups(number: usize) -> [u32; 3] {
    const MOST: usize = 65_535;
    let rows = number.div_ceil(MOST).max(1);
    [number.div_ceil(rows).max(1) as u32, rows as u32, 1]
}

const GEOMETRY: &str = include_str!("kernels/geometry.wgsl");

macro_rules! kernels {
    ($($name:literal: $($part:literal)*;)*) => {
        const KERNELS: &[(&str, &[&str])] = &[$(($name, &[$(include_str!(concat!("kernels/", $part, ".wgsl"))),*])),*];
    };
}

// Each kernel with the texts that it is made of, after the geometry.
kernels! {
    "convolution": "convolution" "window" "pixel" "product";
    "convolution_input": "convolution_input" "window" "give" "product";
    "convolution_weight": "convolution_weight" "window" "pixel" "product";
    "add_parts": "add_parts" "element";
    "moments": "total" "moments";
    "batch_moments": "batch_moments" "element";
    "running_moments": "running_moments" "element";
    "normalise": "normalise" "element";
    "normalise_slopes": "total" "normalise_slopes";
    "batch_slopes": "batch_slopes" "element";
    "normalise_input": "normalise_input" "give" "element";
    "rectify": "rectify" "element";
    "rectify_input": "rectify_input" "give" "element";
    "sum": "sum" "element";
    "pass_on": "pass_on" "give" "element";
    "maximum_pool": "maximum_pool" "element";
    "maximum_pool_input": "maximum_pool_input" "give" "element";
    "average": "total" "average";
    "average_input": "average_input" "give" "element";
    "linear": "linear" "element";
    "linear_slopes": "linear_slopes" "element";
    "linear_input": "linear_input" "give" "element";
}

const ADAM: &[&str] = &[include_str!("kernels/adam.wgsl"), include_str!("kernels/element.wgsl")];

impl Plans {
    pub fn new(
        device: &Device,
        graph: &Graph,
        batch: usize,
        size: usize,
        rates: &wgpu::Buffer,
    ) -> Result<Self, EngineError> {
        let shapes = shapes(graph, size);
        let offsets: Vec<usize> = graph
            .tensors
            .iter()
            .scan(0, |next, tensor| {
                let here = *next;
                *next += tensor.size();
                Some(here)
            })
            .collect();
        let numbers: usize = graph.tensors.iter().map(|tensor| tensor.size()).sum();
        let each = |of: &dyn Fn(&Node, Shape) -> usize| -> Result<Vec<wgpu::Buffer>, EngineError> {
            graph.nodes.iter().zip(&shapes).map(|(node, shape)| device.buffer(of(node, *shape))).collect()
        };
        let parts = graph.nodes.iter().zip(&shapes).map(|(node, shape)| match node.operation {
            Operation::Convolution { .. } => parts_of(graph, node) * kernel_size(graph, node),
            Operation::Normalisation { .. } => 2 * batch * shape.channels,
            _ => 0,
        });
        let mut windows = HashMap::new();
        let channels = shapes.iter().map(|shape| shape.channels).max().unwrap_or(0);
        for node in &graph.nodes {
            if let Operation::Convolution { window: Window { kernel, .. }, .. } = node.operation
                && !windows.contains_key(&kernel)
            {
                let buffer = device.buffer(channels * kernel * kernel)?;
                device.write_words(&buffer, &window(channels, kernel));
                windows.insert(kernel, buffer);
            }
        }
        let buffers = Buffers {
            parameters: device.buffer(numbers)?,
            slopes: device.buffer(numbers)?,
            first: device.buffer(numbers)?,
            second: device.buffer(numbers)?,
            values: each(&|_, shape| batch * shape.size())?,
            above: each(&|_, shape| batch * shape.size())?,
            aside: each(&|node, shape| match node.operation {
                Operation::Normalisation { .. } => 2 * shape.channels,
                Operation::MaximumPool { .. } => batch * shape.size(),
                _ => 0,
            })?,
            parts: device.buffer(parts.max().unwrap_or(0))?,
            windows,
        };
        let mut pipelines: HashMap<&'static str, wgpu::ComputePipeline> = KERNELS
            .iter()
            .map(|(name, texts)| (*name, compile(device, name, &[&[GEOMETRY], *texts].concat())))
            .collect();
        pipelines.insert("adam", compile(device, "adam", ADAM));
        device.check()?;
        Ok(Self {
            classes: graph.classes,
            buffers,
            graph: graph.clone(),
            offsets,
            shapes,
            pipelines,
            rates: rates.clone(),
            training: HashMap::new(),
            evaluation: HashMap::new(),
        })
    }

    pub fn training(&mut self, device: &Device, count: usize) -> Result<Training, EngineError> {
        if let Some(found) = self.training.get(&count) {
            return Ok(found.clone());
        }
        let made = Training {
            forward: Arc::new(self.forward(device, count, true)),
            backward: Arc::new(self.backward(device, count)),
        };
        device.check()?;
        self.training.insert(count, made.clone());
        Ok(made)
    }

    pub fn evaluation(&mut self, device: &Device, count: usize) -> Result<Plan, EngineError> {
        if let Some(found) = self.evaluation.get(&count) {
            return Ok(found.clone());
        }
        let made = Arc::new(self.forward(device, count, false));
        device.check()?;
        self.evaluation.insert(count, made.clone());
        Ok(made)
    }

    /// From the input of a node to its output.
    fn geometry(&self, index: NodeIndex, count: usize) -> Geometry {
        let node = &self.graph.nodes[index];
        let (from, to) = (self.shapes[node.inputs.first().copied().unwrap_or(0)], self.shapes[index]);
        let mut geometry = Geometry {
            count,
            channels: from.channels,
            height: from.height,
            width: from.width,
            outputs: to.channels,
            out_height: to.height,
            out_width: to.width,
            parts: 1,
            ..Geometry::default()
        };
        let mut take = |window: Window| {
            (geometry.kernel, geometry.stride, geometry.padding) = (window.kernel, window.stride, window.padding);
        };
        match node.operation {
            Operation::Convolution { weight, window, .. } => {
                take(window);
                geometry.tensor = self.offsets[weight];
            }
            Operation::MaximumPool { window } => take(window),
            Operation::Normalisation { scale, shift, mean, variance } => {
                geometry.tensor = self.offsets[scale];
                geometry.second = self.offsets[shift];
                geometry.mean = self.offsets[mean];
                geometry.variance = self.offsets[variance];
            }
            Operation::Linear { weight, bias, .. } => {
                geometry.tensor = self.offsets[weight];
                geometry.second = self.offsets[bias];
            }
            _ => {}
        }
        geometry
    }

    fn step(
        &self,
        device: &Device,
        kernel: &'static str,
        geometry: &Geometry,
        buffers: &[&wgpu::Buffer],
        groups: [u32; 3],
    ) -> Step {
        let uniform = device.uniform(16);
        device.write_words(&uniform, &geometry.words());
        self.bound(device, kernel, &uniform, buffers, groups)
    }

    fn bound(
        &self,
        device: &Device,
        kernel: &'static str,
        uniform: &wgpu::Buffer,
        buffers: &[&wgpu::Buffer],
        groups: [u32; 3],
    ) -> Step {
        let pipeline = self.pipelines[kernel].clone();
        let entries: Vec<wgpu::BindGroupEntry<'_>> = std::iter::once(&uniform)
            .chain(buffers)
            .enumerate()
            .map(|(binding, buffer)| wgpu::BindGroupEntry {
                binding: binding as u32,
                resource: buffer.as_entire_binding(),
            })
            .collect();
        let bindings = device.handle.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some(kernel),
            layout: &pipeline.get_bind_group_layout(0),
            entries: &entries,
        });
        Step { pipeline, bindings, groups }
    }

    fn forward(&self, device: &Device, count: usize, training: bool) -> Vec<Step> {
        let Buffers { parameters, values, aside, parts, windows, .. } = &self.buffers;
        let mut steps = Vec::new();
        for (index, node) in self.graph.nodes.iter().enumerate() {
            let geometry = self.geometry(index, count);
            let of = |input: usize| &values[node.inputs[input]];
            let (output, numbers) = (&values[index], count * self.shapes[index].size());
            let step =
                |kernel, buffers: &[&wgpu::Buffer], groups| self.step(device, kernel, &geometry, buffers, groups);
            match &node.operation {
                Operation::Input => {}
                Operation::Convolution { window, .. } => {
                    let places = geometry.out_height * geometry.out_width;
                    let groups = geometry.tiles(geometry.outputs, count * places);
                    let buffers = [parameters, of(0), &windows[&window.kernel], output];
                    steps.push(step("convolution", &buffers, groups));
                }
                Operation::Normalisation { .. } => {
                    let channels = geometry.channels;
                    if training {
                        steps.push(step("moments", &[of(0), parts], [channels as u32, count as u32, 1]));
                        let buffers = [parts, parameters, &aside[index]];
                        steps.push(step("batch_moments", &buffers, element_wise(channels)));
                    } else {
                        let buffers = [parameters, &aside[index]];
                        steps.push(step("running_moments", &buffers, element_wise(channels)));
                    }
                    let buffers = [of(0), parameters, &aside[index], output];
                    steps.push(step("normalise", &buffers, element_wise(numbers)));
                }
                Operation::Rectifier => steps.push(step("rectify", &[of(0), output], element_wise(numbers))),
                Operation::MaximumPool { .. } => {
                    steps.push(step("maximum_pool", &[of(0), output, &aside[index]], element_wise(numbers)));
                }
                Operation::Sum => steps.push(step("sum", &[of(0), of(1), output], element_wise(numbers))),
                Operation::GlobalAverage => steps.push(step("average", &[of(0), output], workgroups(numbers))),
                Operation::Linear { .. } => {
                    steps.push(step("linear", &[parameters, of(0), output], element_wise(numbers)));
                }
            }
        }
        steps
    }

    fn backward(&self, device: &Device, count: usize) -> Vec<Step> {
        let Buffers { parameters, slopes, first, second, values, above, aside, parts, windows } = &self.buffers;
        let mut steps = Vec::new();
        // Nodes whose gradient has something in it already: what comes from another user is added.
        let mut begun = vec![false; self.graph.nodes.len()];
        for (index, node) in self.graph.nodes.iter().enumerate().rev() {
            let mut geometry = self.geometry(index, count);
            let from = node.inputs.first().copied().unwrap_or(0);
            let mut add = |node: NodeIndex| usize::from(std::mem::replace(&mut begun[node], true));
            let (input, gradient, here) = (&values[from], &above[from], &above[index]);
            let numbers = count * self.shapes[from].size();
            let mut step = |kernel, geometry: &Geometry, buffers: &[&wgpu::Buffer], groups| {
                steps.push(self.step(device, kernel, geometry, buffers, groups));
            };
            match &node.operation {
                Operation::Input => {}
                Operation::Convolution { window, .. } => {
                    let window = &windows[&window.kernel];
                    let rows = geometry.channels * geometry.kernel * geometry.kernel;
                    let split = Geometry { parts: parts_of(&self.graph, node), ..geometry };
                    let groups = split.tiles(split.outputs, rows);
                    step("convolution_weight", &split, &[here, input, window, parts], groups);
                    step("add_parts", &split, &[parts, slopes], element_wise(split.outputs * rows));
                    // Nothing before the input is trained.
                    if from != 0 {
                        geometry.accumulate = add(from);
                        let groups = geometry.tiles(geometry.channels, count * geometry.height * geometry.width);
                        step("convolution_input", &geometry, &[parameters, here, window, gradient], groups);
                    }
                }
                Operation::Normalisation { .. } => {
                    let planes = [geometry.channels as u32, count as u32, 1];
                    step("normalise_slopes", &geometry, &[input, here, &aside[index], parts], planes);
                    step("batch_slopes", &geometry, &[parts, slopes], element_wise(geometry.channels));
                    geometry.accumulate = add(from);
                    let buffers = [input, here, &aside[index], slopes, parameters, gradient];
                    step("normalise_input", &geometry, &buffers, element_wise(numbers));
                }
                Operation::Rectifier => {
                    geometry.accumulate = add(from);
                    step("rectify_input", &geometry, &[&values[index], here, gradient], element_wise(numbers));
                }
                Operation::MaximumPool { .. } => {
                    geometry.accumulate = add(from);
                    step("maximum_pool_input", &geometry, &[here, &aside[index], gradient], element_wise(numbers));
                }
                Operation::Sum => {
                    for input in &node.inputs {
                        geometry.accumulate = add(*input);
                        step("pass_on", &geometry, &[here, &above[*input]], element_wise(numbers));
                    }
                }
                Operation::GlobalAverage => {
                    geometry.accumulate = add(from);
                    step("average_input", &geometry, &[here, gradient], element_wise(numbers));
                }
                Operation::Linear { .. } => {
                    let weights = element_wise(geometry.outputs * geometry.channels);
                    step("linear_slopes", &geometry, &[input, here, slopes], weights);
                    geometry.accumulate = add(from);
                    step("linear_input", &geometry, &[parameters, here, gradient], element_wise(numbers));
                }
            }
        }
        let numbers = self.graph.tensors.iter().map(|tensor| tensor.size()).sum();
        let buffers = [slopes, parameters, first, second];
        steps.push(self.bound(device, "adam", &self.rates, &buffers, element_wise(numbers)));
        steps
    }
}

fn compile(device: &Device, name: &str, texts: &[&str]) -> wgpu::ComputePipeline {
    let source = wgpu::ShaderSource::Wgsl(texts.concat().into());
    let module = device.handle.create_shader_module(wgpu::ShaderModuleDescriptor { label: Some(name), source });
    device.handle.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
        label: Some(name),
        layout: None,
        module: &module,
        entry_point: None,
        compilation_options: wgpu::PipelineCompilationOptions::default(),
        cache: None,
    })
}

fn shapes(graph: &Graph, size: usize) -> Vec<Shape> {
    let mut shapes: Vec<Shape> = Vec::with_capacity(graph.nodes.len());
    for node in &graph.nodes {
        let from = node.inputs.first().map(|input| shapes[*input]);
        let from = from.unwrap_or(Shape { channels: graph.channels, height: size, width: size });
        let places = |window: &Window, channels| Shape {
            channels,
            height: window.places(from.height),
            width: window.places(from.width),
        };
        shapes.push(match &node.operation {
            Operation::Convolution { window, outputs, .. } => places(window, *outputs),
            Operation::MaximumPool { window } => places(window, from.channels),
            Operation::GlobalAverage => Shape { height: 1, width: 1, ..from },
            Operation::Linear { outputs, .. } => Shape { channels: *outputs, ..from },
            Operation::Input | Operation::Normalisation { .. } | Operation::Rectifier | Operation::Sum => from,
        });
    }
    shapes
}

/// Channel, row and column, in 16, 8 and 8 bits, of every number of a kernel in the order in which it is kept.
fn window(channels: usize, side: usize) -> Vec<u32> {
    let places = (0..channels * side * side).map(|index| (index / (side * side), index / side % side, index % side));
    places.map(|(channel, down, right)| (channel as u32) << 16 | (down as u32) << 8 | right as u32).collect()
}

/// Numbers of a convolution's kernel; none for another node.
fn kernel_size(graph: &Graph, node: &Node) -> usize {
    match node.operation {
        Operation::Convolution { weight, .. } => graph.tensors[weight].size(),
        _ => 0,
    }
}

/// Into how many parts the sum for a kernel's gradient is divided, so that a small kernel still occupies a device.
fn parts_of(graph: &Graph, node: &Node) -> usize {
    const WORKGROUPS: usize = 512;
    let Operation::Convolution { outputs, .. } = node.operation else { return 0 };
    let tiles = outputs.div_ceil(64) * (kernel_size(graph, node) / outputs.max(1)).div_ceil(64);
    (WORKGROUPS / tiles.max(1)).clamp(1, 128)
}
