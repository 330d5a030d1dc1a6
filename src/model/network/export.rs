//! Writes a network as ONNX: the file that is evaluated, and that can be handed on.
//!
//! Input `image` (batch × channels × rows × columns); outputs `logits` (batch × classes), `pooled` (batch × features) and
//! `feature_maps` (batch × features × rows × columns). The initialisers have the names of torchvision.

use super::graph::{Graph, NodeIndex, Operation};
use super::layers::EPSILON;
use super::weights::Weights;
use prost::Message;
use tract_onnx::pb::{
    AttributeProto, GraphProto, ModelProto, NodeProto, OperatorSetIdProto, StringStringEntryProto, TensorProto,
    TensorShapeProto, TypeProto, ValueInfoProto, attribute_proto::AttributeType, tensor_proto::DataType,
    tensor_shape_proto::Dimension, tensor_shape_proto::dimension::Value, type_proto,
};

/// The names of input and outputs.
pub const IMAGE: &str = "image";
pub const LOGITS: &str = "logits";
pub const POOLED: &str = "pooled";
pub const FEATURE_MAPS: &str = "feature_maps";

const OPERATOR_SET: i64 = 17;
const FORMAT_VERSION: i64 = 8;

/// The bytes of the file; `entries` become its `metadata_props`, in this order.
pub fn to_onnx(graph: &Graph, weights: &Weights, size: usize, entries: &[(String, String)]) -> Vec<u8> {
    let mut nodes = Vec::new();
    for (index, node) in graph.nodes.iter().enumerate() {
        let from: Vec<String> = node.inputs.iter().map(|input| value_name(graph, *input)).collect();
        let with = |tensors: &[usize]| {
            let names = tensors.iter().map(|tensor| graph.tensors[*tensor].name.clone());
            from.iter().cloned().chain(names).collect::<Vec<_>>()
        };
        let out = value_name(graph, index);
        match &node.operation {
            Operation::Input => {}
            Operation::Convolution { weight, window, .. } => nodes.push(operator(
                "Conv",
                with(&[*weight]),
                out,
                vec![
                    integers("kernel_shape", &[window.kernel; 2]),
                    integers("strides", &[window.stride; 2]),
                    integers("pads", &[window.padding; 4]),
                ],
            )),
            Operation::Normalisation { scale, shift, mean, variance } => nodes.push(operator(
                "BatchNormalization",
                with(&[*scale, *shift, *mean, *variance]),
                out,
                vec![float("epsilon", EPSILON)],
            )),
            Operation::Rectifier => nodes.push(operator("Relu", from, out, vec![])),
            Operation::MaximumPool { window } => nodes.push(operator(
                "MaxPool",
                from,
                out,
                vec![
                    integers("kernel_shape", &[window.kernel; 2]),
                    integers("strides", &[window.stride; 2]),
                    integers("pads", &[window.padding; 4]),
                ],
            )),
            Operation::Sum => nodes.push(operator("Add", from, out, vec![])),
            Operation::GlobalAverage => {
                let planes = format!("{out}_planes");
                nodes.push(operator("GlobalAveragePool", from, planes.clone(), vec![]));
                nodes.push(operator("Flatten", vec![planes], out, vec![integer("axis", 1)]));
            }
            Operation::Linear { weight, bias, .. } => {
                nodes.push(operator("Gemm", with(&[*weight, *bias]), out, vec![integer("transB", 1)]));
            }
        }
    }
    let features = graph.features() as i64;
    let side = side_of(graph, graph.feature_maps, size) as i64;
    let channels = graph.channels as i64;
    let proto = GraphProto {
        node: nodes,
        name: "network".to_string(),
        initializer: graph
            .tensors
            .iter()
            .zip(&weights.tensors)
            .map(|(tensor, values)| initialiser(tensor, values))
            .collect(),
        input: vec![value_info(IMAGE, &[channels, size as i64, size as i64])],
        output: vec![
            value_info(LOGITS, &[graph.classes as i64]),
            value_info(POOLED, &[features]),
            value_info(FEATURE_MAPS, &[features, side, side]),
        ],
        ..GraphProto::default()
    };
    ModelProto {
        ir_version: FORMAT_VERSION,
        opset_import: vec![OperatorSetIdProto { domain: String::new(), version: OPERATOR_SET }],
        producer_name: env!("CARGO_PKG_NAME").to_string(),
        producer_version: env!("CARGO_PKG_VERSION").to_string(),
        graph: Some(proto),
        metadata_props: entries
            .iter()
            .map(|(key, value)| StringStringEntryProto { key: key.clone(), value: value.clone() })
            .collect(),
        ..ModelProto::default()
    }
    .encode_to_vec()
}

fn value_name(graph: &Graph, node: NodeIndex) -> String {
    if node == 0 {
        IMAGE.to_string()
    } else if node == graph.logits() {
        LOGITS.to_string()
    } else if node == graph.pooled {
        POOLED.to_string()
    } else if node == graph.feature_maps {
        FEATURE_MAPS.to_string()
    } else {
        format!("value_{node}")
    }
}

/// Rows and columns of what a node gives for square images of this size.
fn side_of(graph: &Graph, node: NodeIndex, size: usize) -> usize {
    match &graph.nodes[node].operation {
        Operation::Input => size,
        Operation::Convolution { window, .. } | Operation::MaximumPool { window } => {
            window.places(side_of(graph, graph.nodes[node].inputs[0], size))
        }
        Operation::GlobalAverage | Operation::Linear { .. } => 1,
        Operation::Normalisation { .. } | Operation::Rectifier | Operation::Sum => {
            side_of(graph, graph.nodes[node].inputs[0], size)
        }
    }
}

fn operator(kind: &str, input: Vec<String>, output: String, attribute: Vec<AttributeProto>) -> NodeProto {
    NodeProto {
        name: format!("make_{output}"),
        op_type: kind.to_string(),
        input,
        output: vec![output],
        attribute,
        ..NodeProto::default()
    }
}

fn integers(name: &str, values: &[usize]) -> AttributeProto {
    AttributeProto {
        name: name.to_string(),
        r#type: AttributeType::Ints as i32,
        ints: values.iter().map(|value| *value as i64).collect(),
        ..AttributeProto::default()
    }
}

fn integer(name: &str, value: i64) -> AttributeProto {
    AttributeProto { name: name.to_string(), r#type: AttributeType::Int as i32, i: value, ..AttributeProto::default() }
}

fn float(name: &str, value: f32) -> AttributeProto {
    AttributeProto {
        name: name.to_string(),
        r#type: AttributeType::Float as i32,
        f: value,
        ..AttributeProto::default()
    }
}

fn initialiser(tensor: &super::graph::TensorShape, values: &[f32]) -> TensorProto {
    TensorProto {
        name: tensor.name.clone(),
        dims: tensor.shape.iter().map(|length| *length as i64).collect(),
        data_type: DataType::Float as i32,
        raw_data: values.iter().flat_map(|value| value.to_le_bytes()).collect(),
        ..TensorProto::default()
    }
}

/// A value whose first axis is the batch.
fn value_info(name: &str, shape: &[i64]) -> ValueInfoProto {
    let fixed = shape.iter().map(|length| Dimension { value: Some(Value::DimValue(*length)), ..Dimension::default() });
    let batch = Dimension { value: Some(Value::DimParam("batch".to_string())), ..Dimension::default() };
    let tensor = type_proto::Tensor {
        elem_type: DataType::Float as i32,
        shape: Some(TensorShapeProto { dim: std::iter::once(batch).chain(fixed).collect() }),
    };
    ValueInfoProto {
        name: name.to_string(),
        r#type: Some(TypeProto { value: Some(type_proto::Value::TensorType(tensor)), ..TypeProto::default() }),
        ..ValueInfoProto::default()
    }
}
