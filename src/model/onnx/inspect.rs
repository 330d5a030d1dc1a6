//! Reads an ONNX file before a back end sees it, and says in plain words why it cannot be used.

use crate::data::hash::sha256;
use prost::Message;
use std::path::{Component, Path, PathBuf};
use tract_onnx::pb::{
    ModelProto, TensorProto, TypeProto, ValueInfoProto, tensor_proto::DataType, tensor_shape_proto::dimension::Value,
    type_proto,
};

/// Operator sets of the standard domain that both back ends know.
const OPERATOR_SETS: std::ops::RangeInclusive<i64> = 7..=23;

/// A network that has passed every check that can be made without running it.
#[derive(Clone, Debug)]
pub struct OnnxModel {
    /// The file, with external data taken in.
    pub bytes: Vec<u8>,
    /// Of the file as it lies on the disk.
    pub sha256: String,
    pub input: String,
    /// The batch axis has a fixed length of one.
    pub single: bool,
    pub outputs: Vec<String>,
    /// `metadata_props`
    pub entries: Vec<(String, String)>,
    proto: ModelProto,
}

/// What the images are that a network will be given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InputShape {
    pub channels: usize,
    pub height: usize,
    pub width: usize,
}

#[derive(Debug, thiserror::Error)]
pub enum OnnxError {
    #[error("it cannot be read: {0}")]
    Unreadable(String),
    #[error("its SHA-256 is {found}, the spec declares {declared}")]
    OtherFile { declared: String, found: String },
    #[error("it is not an ONNX file: {0}")]
    NotOnnx(String),
    #[error(
        "it uses operator set {found} of ONNX; sets {} to {} are supported: export it again with one of them",
        OPERATOR_SETS.start(), OPERATOR_SETS.end()
    )]
    OperatorSet { found: i64 },
    #[error("its operator `{operator}` is of the domain `{domain}`, which is not a part of ONNX")]
    ForeignOperator { operator: String, domain: String },
    #[error("it has {} inputs ({}); a network of one image input is needed", .0.len(), .0.join(", "))]
    Inputs(Vec<String>),
    #[error("its {what} `{name}` is {found}; 32-bit floats are needed: convert the network to float32")]
    Type { what: &'static str, name: String, found: String },
    #[error("its input `{name}` has shape [{found}]; the images are [batch, {}, {}, {}]", .needed.channels, .needed.height, .needed.width)]
    Shape { name: String, found: String, needed: InputShape },
    #[error(
        "its input `{name}` has shape [{found}]: besides the batch, {axes} may vary; export it with fixed channels, rows and columns"
    )]
    DynamicAxes { name: String, found: String, axes: String },
    #[error("it has no output `{name}`; its outputs are {}", .outputs.join(", "))]
    Output { name: String, outputs: Vec<String> },
    #[error(
        "the data of `{tensor}` lie in `{location}`, outside the folder of the file; external data must lie beside it"
    )]
    ExternalOutside { tensor: String, location: String },
    #[error("the data of `{tensor}` in `{location}` cannot be used: {reason}")]
    External { tensor: String, location: String, reason: String },
}

impl OnnxError {
    /// The file is missing or is not the declared one.
    pub fn is_about_input(&self) -> bool {
        matches!(self, OnnxError::Unreadable(_) | OnnxError::OtherFile { .. })
    }
}

impl OnnxModel {
    /// The bytes of a file with the declared hash.
    pub fn require_file(path: &Path, declared: &str) -> Result<Vec<u8>, OnnxError> {
        let bytes = std::fs::read(path).map_err(|error| OnnxError::Unreadable(error.to_string()))?;
        let found = sha256(&bytes);
        if !declared.eq_ignore_ascii_case(&found) {
            return Err(OnnxError::OtherFile { declared: declared.to_string(), found });
        }
        Ok(bytes)
    }

    /// Reads and checks a file. `declared` is the hash that the spec gives.
    pub fn read(path: &Path, declared: &str, needed: InputShape) -> Result<Self, OnnxError> {
        let bytes = Self::require_file(path, declared)?;
        Self::check(&bytes, path.parent().unwrap_or(Path::new(".")), needed)
    }

    /// Checks the bytes of a file whose external data, if any, lie in `folder`.
    pub fn check(bytes: &[u8], folder: &Path, needed: InputShape) -> Result<Self, OnnxError> {
        let mut proto = ModelProto::decode(bytes).map_err(|error| OnnxError::NotOnnx(error.to_string()))?;
        let not_onnx = |reason: &str| OnnxError::NotOnnx(reason.to_string());
        let operator_set = proto
            .opset_import
            .iter()
            .find(|set| is_standard(&set.domain))
            .ok_or_else(|| not_onnx("it names no operator set"))?
            .version;
        if !OPERATOR_SETS.contains(&operator_set) {
            return Err(OnnxError::OperatorSet { found: operator_set });
        }
        let graph = proto.graph.as_mut().ok_or_else(|| not_onnx("it holds no graph"))?;
        if let Some(node) = graph.node.iter().find(|node| !is_standard(&node.domain)) {
            return Err(OnnxError::ForeignOperator { operator: node.op_type.clone(), domain: node.domain.clone() });
        }
        let mut has_external = false;
        for tensor in &mut graph.initializer {
            let kind = DataType::try_from(tensor.data_type).unwrap_or(DataType::Undefined);
            if matches!(kind, DataType::Float16 | DataType::Bfloat16) {
                return Err(OnnxError::Type { what: "tensor", name: tensor.name.clone(), found: type_name(kind) });
            }
            has_external |= take_in(tensor, folder)?;
        }
        let constants: Vec<&str> = graph.initializer.iter().map(|tensor| tensor.name.as_str()).collect();
        let inputs: Vec<&ValueInfoProto> =
            graph.input.iter().filter(|input| !constants.contains(&input.name.as_str())).collect();
        let [input] = inputs.as_slice() else {
            return Err(OnnxError::Inputs(inputs.iter().map(|input| input.name.clone()).collect()));
        };
        let single = check_input(input, needed)?;
        let model = Self {
            sha256: sha256(bytes),
            input: input.name.clone(),
            single,
            outputs: graph.output.iter().map(|output| output.name.clone()).collect(),
            entries: proto.metadata_props.iter().map(|entry| (entry.key.clone(), entry.value.clone())).collect(),
            bytes: if has_external { proto.encode_to_vec() } else { bytes.to_vec() },
            proto,
        };
        Ok(model)
    }

    pub fn entry(&self, key: &str) -> Option<&str> {
        self.entries.iter().find(|(known, _)| known == key).map(|(_, value)| value.as_str())
    }

    pub fn require_output(&self, name: &str) -> Result<(), OnnxError> {
        if self.outputs.iter().any(|output| output == name) {
            return Ok(());
        }
        Err(OnnxError::Output { name: name.to_string(), outputs: self.outputs.clone() })
    }

    /// An initialiser in 32-bit floats, with its shape.
    pub fn initialiser(&self, name: &str) -> Option<NamedTensor> {
        self.proto.graph.as_ref()?.initializer.iter().find(|tensor| tensor.name == name).and_then(numbers)
    }

    /// All initialisers of a file in 32-bit floats.
    pub fn tensors(bytes: &[u8]) -> Result<Vec<NamedTensor>, OnnxError> {
        let proto = ModelProto::decode(bytes).map_err(|error| OnnxError::NotOnnx(error.to_string()))?;
        let graph = proto.graph.ok_or_else(|| OnnxError::NotOnnx("it holds no graph".to_string()))?;
        Ok(graph.initializer.iter().filter_map(numbers).collect())
    }
}

/// An initialiser of a file.
#[derive(Clone, Debug, PartialEq)]
pub struct NamedTensor {
    pub name: String,
    pub shape: Vec<usize>,
    pub values: Vec<f32>,
}

fn numbers(tensor: &TensorProto) -> Option<NamedTensor> {
    if tensor.data_type != DataType::Float as i32 {
        return None;
    }
    let words = tensor.raw_data.chunks_exact(4);
    let values: Vec<f32> = if tensor.raw_data.is_empty() {
        tensor.float_data.clone()
    } else {
        words.map(|word| f32::from_le_bytes([word[0], word[1], word[2], word[3]])).collect()
    };
    let shape: Vec<usize> = tensor.dims.iter().map(|length| (*length).max(0) as usize).collect();
    let fits = shape.iter().product::<usize>() == values.len();
    fits.then(|| NamedTensor { name: tensor.name.clone(), shape, values })
}

fn is_standard(domain: &str) -> bool {
    domain.is_empty() || domain == "ai.onnx"
}

fn type_name(kind: DataType) -> String {
    kind.as_str_name().to_lowercase()
}

/// Whether the batch is fixed at one; an error where the input does not take the images.
fn check_input(input: &ValueInfoProto, needed: InputShape) -> Result<bool, OnnxError> {
    let name = input.name.clone();
    let Some(TypeProto { value: Some(type_proto::Value::TensorType(tensor)), .. }) = &input.r#type else {
        return Err(OnnxError::Type { what: "input", name, found: "no tensor".to_string() });
    };
    let kind = DataType::try_from(tensor.elem_type).unwrap_or(DataType::Undefined);
    if kind != DataType::Float {
        return Err(OnnxError::Type { what: "input", name, found: type_name(kind) });
    }
    let axes: Vec<Option<i64>> = tensor
        .shape
        .iter()
        .flat_map(|shape| &shape.dim)
        .map(|axis| match &axis.value {
            Some(Value::DimValue(length)) if *length > 0 => Some(*length),
            _ => None,
        })
        .collect();
    let found = axes
        .iter()
        .map(|axis| axis.map_or("?".to_string(), |length| length.to_string()))
        .collect::<Vec<_>>()
        .join(", ");
    let [batch, rest @ ..] = axes.as_slice() else { return Err(OnnxError::Shape { name, found, needed }) };
    let [_, _, _] = rest else { return Err(OnnxError::Shape { name, found, needed }) };
    let free: Vec<&str> = rest
        .iter()
        .zip(["channels", "rows", "columns"])
        .filter(|(axis, _)| axis.is_none())
        .map(|(_, name)| name)
        .collect();
    if !free.is_empty() {
        return Err(OnnxError::DynamicAxes { name, found, axes: free.join(" and ") });
    }
    let wanted = [needed.channels, needed.height, needed.width].map(|length| Some(length as i64));
    let fits = rest == wanted && batch.is_none_or(|batch| batch == 1);
    if fits { Ok(*batch == Some(1)) } else { Err(OnnxError::Shape { name, found, needed }) }
}

/// Takes the data of a tensor that lie in another file into the tensor; whether they did.
fn take_in(tensor: &mut TensorProto, folder: &Path) -> Result<bool, OnnxError> {
    if tensor.data_location.unwrap_or(0) != 1 {
        return Ok(false);
    }
    let entry = |key: &str| tensor.external_data.iter().find(|entry| entry.key == key).map(|entry| entry.value.clone());
    let location = entry("location").unwrap_or_default();
    let name = tensor.name.clone();
    let outside = || OnnxError::ExternalOutside { tensor: name.clone(), location: location.clone() };
    let fails = |reason: String| OnnxError::External { tensor: name.clone(), location: location.clone(), reason };
    let relative = PathBuf::from(&location);
    if !relative.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir)) {
        return Err(outside());
    }
    // A link may lead outside as well.
    let path = folder.join(&relative).canonicalize().map_err(|error| fails(error.to_string()))?;
    let folder = folder.canonicalize().map_err(|error| fails(error.to_string()))?;
    if !path.starts_with(&folder) {
        return Err(outside());
    }
    let bytes = std::fs::read(&path).map_err(|error| fails(error.to_string()))?;
    let number = |key: &str| entry(key).and_then(|text| text.parse::<usize>().ok());
    let start = number("offset").unwrap_or(0);
    let end = number("length").map_or(bytes.len(), |length| start.saturating_add(length));
    let part = bytes.get(start..end).ok_or_else(|| fails("the file is shorter than it should be".to_string()))?;
    tensor.raw_data = part.to_vec();
    tensor.data_location = None;
    tensor.external_data.clear();
    Ok(true)
}
