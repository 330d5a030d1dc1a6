//! Files that fit, and files that do not.

use super::{InputShape, LoadedModel, OnnxError, OnnxModel, start};
use crate::model::network::export::{FEATURE_MAPS, LOGITS, POOLED, to_onnx};
use crate::model::network::tests::{SIZE, made_up, some_network, values_of};
use crate::spec::raw::{RawArchitecture, RawDevice, RawRuntime};
use prost::Message;
use std::path::Path;
use tract_onnx::pb::{ModelProto, StringStringEntryProto, tensor_shape_proto::dimension::Value, type_proto};

const SHAPE: InputShape = InputShape { channels: 1, height: SIZE, width: SIZE };

fn tiny() -> Vec<u8> {
    let (graph, weights) = some_network(RawArchitecture::Tiny);
    to_onnx(&graph, &weights, SIZE, &[("vouch.key".to_string(), "k".to_string())])
}

fn changed(change: impl FnOnce(&mut ModelProto)) -> Result<OnnxModel, OnnxError> {
    let mut proto = ModelProto::decode(tiny().as_slice()).unwrap();
    change(&mut proto);
    OnnxModel::check(&proto.encode_to_vec(), Path::new("."), SHAPE)
}

fn axes(proto: &mut ModelProto) -> &mut Vec<tract_onnx::pb::tensor_shape_proto::Dimension> {
    let kind = proto.graph.as_mut().unwrap().input[0].r#type.as_mut().unwrap();
    let Some(type_proto::Value::TensorType(tensor)) = &mut kind.value else { panic!("no tensor") };
    &mut tensor.shape.as_mut().unwrap().dim
}

#[test]
fn what_is_written_gives_what_was_trained() {
    let runtime = start(RawRuntime::BuiltIn).unwrap();
    for architecture in [RawArchitecture::Tiny, RawArchitecture::Small, RawArchitecture::Resnet18] {
        let (graph, weights) = some_network(architecture);
        let (images, _) = made_up(3);
        let model = OnnxModel::check(&to_onnx(&graph, &weights, SIZE, &[]), Path::new("."), SHAPE).unwrap();
        let outputs =
            LoadedModel::new(&model, &runtime, RawDevice::Cpu).run(&images, &[LOGITS, POOLED, FEATURE_MAPS]).unwrap();
        for row in 0..3 {
            let values = values_of(&graph, &weights, &images, row);
            for (output, node) in outputs.iter().zip([graph.logits(), graph.pooled, graph.feature_maps]) {
                assert_eq!(output.item_size(), values[node].len());
                for (file, own) in output.item(row).iter().zip(&values[node]) {
                    assert!((file - own).abs() < 1e-4 * own.abs().max(1.0), "{architecture:?}: {file} {own}");
                }
            }
        }
    }
}

#[test]
fn metadata_and_tensors_are_read_back() {
    let model = OnnxModel::check(&tiny(), Path::new("."), SHAPE).unwrap();
    assert_eq!(model.entry("vouch.key"), Some("k"));
    assert_eq!(model.initialiser("fc.weight").unwrap().shape, [2, 8]);
    assert!(!model.single);
}

#[test]
fn text_is_no_onnx_file() {
    assert!(matches!(OnnxModel::check(b"not a network", Path::new("."), SHAPE), Err(OnnxError::NotOnnx(_))));
    assert!(matches!(OnnxModel::check(b"", Path::new("."), SHAPE), Err(OnnxError::NotOnnx(_))));
}

#[test]
fn another_input_shape_is_named() {
    let other = InputShape { channels: 3, ..SHAPE };
    let error = OnnxModel::check(&tiny(), Path::new("."), other).unwrap_err().to_string();
    assert!(error.contains("[?, 1, 16, 16]") && error.contains("[batch, 3, 16, 16]"), "{error}");
}

#[test]
fn axes_beside_the_batch_must_be_fixed() {
    let error = changed(|proto| axes(proto)[2].value = Some(Value::DimParam("rows".to_string()))).unwrap_err();
    assert!(error.to_string().contains("besides the batch, rows may vary"), "{error}");
}

#[test]
fn a_fixed_batch_of_several_does_not_fit() {
    assert!(matches!(changed(|proto| axes(proto)[0].value = Some(Value::DimValue(4))), Err(OnnxError::Shape { .. })));
    assert!(changed(|proto| axes(proto)[0].value = Some(Value::DimValue(1))).unwrap().single);
}

#[test]
fn half_precision_is_refused() {
    let error = changed(|proto| proto.graph.as_mut().unwrap().initializer[0].data_type = 10).unwrap_err();
    assert!(error.to_string().contains("float16") && error.to_string().contains("conv1.weight"), "{error}");
}

#[test]
fn unknown_operators_and_sets_are_named() {
    let error = changed(|proto| proto.opset_import[0].version = 99).unwrap_err();
    assert!(matches!(error, OnnxError::OperatorSet { found: 99 }));
    let error = changed(|proto| proto.graph.as_mut().unwrap().node[0].domain = "com.example".to_string()).unwrap_err();
    assert!(matches!(error, OnnxError::ForeignOperator { .. }));
}

#[test]
fn an_operator_that_the_back_end_lacks_is_an_error() {
    let model = changed(|proto| proto.graph.as_mut().unwrap().node[0].op_type = "Invented".to_string()).unwrap();
    let runtime = start(RawRuntime::BuiltIn).unwrap();
    let (images, _) = made_up(1);
    let error = LoadedModel::new(&model, &runtime, RawDevice::Cpu).run(&images, &[LOGITS]).unwrap_err();
    assert!(error.to_string().contains("tract"), "{error}");
}

fn external(location: &str) -> impl FnOnce(&mut ModelProto) {
    let location = location.to_string();
    move |proto| {
        let tensor = &mut proto.graph.as_mut().unwrap().initializer[0];
        tensor.raw_data.clear();
        tensor.data_location = Some(1);
        tensor.external_data = vec![StringStringEntryProto { key: "location".to_string(), value: location }];
    }
}

#[test]
fn external_data_must_lie_beside_the_file() {
    for location in ["../weights.bin", "/etc/hostname", "a/../../b"] {
        assert!(matches!(changed(external(location)), Err(OnnxError::ExternalOutside { .. })), "{location}");
    }
    assert!(matches!(changed(external("absent.bin")), Err(OnnxError::External { .. })));
}

#[test]
fn external_data_beside_the_file_are_taken_in() {
    let folder = std::env::temp_dir().join(format!("vouch-external-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let whole = OnnxModel::check(&tiny(), &folder, SHAPE).unwrap().initialiser("conv1.weight").unwrap();
    let bytes: Vec<u8> = whole.values.iter().flat_map(|value| value.to_le_bytes()).collect();
    std::fs::write(folder.join("weights.bin"), bytes).unwrap();
    let mut proto = ModelProto::decode(tiny().as_slice()).unwrap();
    external("weights.bin")(&mut proto);
    let model = OnnxModel::check(&proto.encode_to_vec(), &folder, SHAPE).unwrap();
    assert_eq!(model.initialiser("conv1.weight").unwrap(), whole);
    std::fs::remove_dir_all(folder).unwrap();
}
