//! Inference beside ONNX Runtime in Python: the same library, the same file, the same images, one after another on one
//! thread. Both begin with the bytes of the file and end with all outputs of all images; starting Python is not timed.

use std::path::PathBuf;
use std::process::Command;
use std::time::Instant;
use vouch::model::network::architecture::Architecture;
use vouch::model::network::export::{FEATURE_MAPS, LOGITS, POOLED, to_onnx};
use vouch::model::network::{ImageStack, weights::Weights};
use vouch::model::onnx::{Backend, InputShape, LoadedModel, OnnxModel, start};
use vouch::spec::raw::{RawArchitecture, RawDevice, RawRuntime};
use vouch::stats::random::Seed;

/// What the script printed: seconds, and the sum of all logits.
struct Peer {
    seconds: f64,
    logits: f64,
}

pub fn run(small: bool) {
    let python = std::env::var("VOUCH_PYTHON").unwrap_or_else(|_| "python3".to_string());
    let imports = Command::new(&python).args(["-c", "import numpy, onnxruntime"]).output();
    if imports.map_or(true, |run| !run.status.success()) {
        println!("skipped: {python} with the packages numpy and onnxruntime is not there (VOUCH_PYTHON names another)");
        return;
    }
    let runtime = match start(RawRuntime::Auto) {
        Ok(runtime) if matches!(runtime.backend, Backend::OnnxRuntime(_)) => runtime,
        _ => {
            println!("skipped: the ONNX Runtime library is not found (ORT_DYLIB_PATH names it)");
            return;
        }
    };
    println!("\n{:<44} {:>12} {:>12} {:>8}", "inference, one thread", "Python, s", "Vouch, s", "ratio");
    let one_thread = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a pool of one thread");
    for (name, architecture, size, count) in [
        ("small residual network", RawArchitecture::Small, 96, if small { 32 } else { 512 }),
        ("ResNet-18", RawArchitecture::Resnet18, 224, if small { 4 } else { 32 }),
    ] {
        let graph = Architecture::of(architecture).graph(1, 2);
        let bytes = to_onnx(&graph, &Weights::random(&graph, Seed::from_study(1)), size, &[]);
        let mut stream = Seed::from_study(2).stream();
        let pixels = (0..count * size * size).map(|_| stream.unit() as f32).collect();
        let images = ImageStack { channels: 1, size, border: 0, wide: pixels, preparation: String::new() };
        let folder = std::env::temp_dir();
        let file = folder.join(format!("vouch-peers-{}.onnx", std::process::id()));
        let raw = folder.join(format!("vouch-peers-{}.f32", std::process::id()));
        let values: Vec<u8> = images.wide.iter().flat_map(|value| value.to_le_bytes()).collect();
        std::fs::write(&file, &bytes).and_then(|()| std::fs::write(&raw, values)).expect("temporary files");
        let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("benches/peers/inference.py");
        let output = Command::new(&python).arg(script).args([&file, &raw]).arg(size.to_string()).output();
        let peer = parse(&output.expect("the script runs").stdout);

        let shape = InputShape { channels: 1, height: size, width: size };
        let all = || {
            let model = OnnxModel::check(&bytes, &folder, shape).expect("a file of our own");
            let loaded = LoadedModel::new(&model, &runtime, RawDevice::Cpu);
            loaded.run(&images, &[LOGITS, POOLED, FEATURE_MAPS]).expect("it runs")
        };
        let mut seconds = f64::INFINITY;
        let mut logits = 0.0;
        for _ in 0..3 {
            let begin = Instant::now();
            let outputs = one_thread.install(all);
            seconds = seconds.min(begin.elapsed().as_secs_f64());
            logits = outputs[0].values.iter().map(|value| f64::from(*value)).sum();
        }
        let scale = peer.logits.abs().max(1.0);
        assert!((logits - peer.logits).abs() < 1e-4 * scale, "{name}: {logits} here, {} in Python", peer.logits);
        let task = format!("{name}, {size} x {size}, {count} images");
        println!("{task:<44} {:>12.3} {seconds:>12.3} {:>8.2}", peer.seconds, seconds / peer.seconds);
        for path in [file, raw] {
            _ = std::fs::remove_file(path);
        }
    }
}

fn parse(printed: &[u8]) -> Peer {
    let text = String::from_utf8_lossy(printed);
    let mut numbers = text.split_whitespace().map(|word| word.parse::<f64>().expect("a number"));
    Peer { seconds: numbers.next().expect("seconds"), logits: numbers.next().expect("logits") }
}
