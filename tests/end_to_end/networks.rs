//! A small study on made-up images: networks trained, kept, loaded, fused, explained; files that do not fit.

use crate::support::program::{Folder, Outcome, command, repository, skipped_without, vouch};
use sha2::{Digest, Sha256};
use std::fmt::Write;
use std::path::Path;

const SIDE: usize = 24;
const PATIENTS: usize = 80;

fn png(path: &Path, pixels: &[u8]) {
    let file = std::fs::File::create(path).unwrap();
    let mut encoder = png::Encoder::new(file, SIDE as u32, SIDE as u32);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.write_header().unwrap().write_image_data(pixels).unwrap();
}

/// Noise in a disc; the disc of the sick is brighter on the average, with much overlap.
fn study(networks: &str, models: &str) -> Folder {
    let folder = Folder::new();
    std::fs::create_dir_all(folder.path.join("images")).unwrap();
    let mut table = String::from("subject,entered,marker,site,sick\n");
    let mut state = 7u64;
    let mut next = |bound: u64| {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 33) % bound
    };
    for number in 0..PATIENTS {
        let sick = next(2) == 1;
        let subject = format!("Q{:03}", (number * 37) % 101);
        let marker = 100 + next(100) + if sick { 40 } else { 0 };
        let site = ["head", "tail"][next(2) as usize];
        writeln!(table, "{subject},{},{marker},{site},{}", 2010 + number / 8, u8::from(sick)).unwrap();
        let mut pixels = Vec::new();
        let mut mask = Vec::new();
        for place in 0..SIDE * SIDE {
            let (row, column) = ((place / SIDE) as i64 - 12, (place % SIDE) as i64 - 12);
            let inside = row * row + column * column < 40;
            let bright = if inside && sick { 60 } else { 0 };
            pixels.push((60 + next(80) + bright) as u8);
            mask.push(if inside { 255 } else { 0 });
        }
        png(&folder.path.join(format!("images/{subject}.png")), &pixels);
        png(&folder.path.join(format!("images/{subject}-mask.png")), &mask);
    }
    folder.write("patients.csv", &table);
    folder.write("study.yaml", &spec(networks, models));
    folder
}

fn spec(networks: &str, models: &str) -> String {
    format!(
        r#"schema: study/1
id: images
title: A small study of images
seed: 5
data:
  path: patients.csv
  id: subject
  simulated: true
  images:
    series: {{photo: {{path: "images/{{subject}}.png", format: png}}}}
    masks: {{disc: {{path: "images/{{subject}}-mask.png", format: png}}}}
images:
  mask: disc
  margin_mm: 2
  size: 16
  window: {{centre: 128, width: 256}}
  inputs: {{photo: {{series: photo}}}}
variables:
  marker: {{label: Marker, kind: continuous}}
  site: {{label: Site, kind: categorical, levels: {{head: Head, tail: Tail}}}}
outcomes:
  sick: {{kind: binary, label: Disease, positive: sick = 1}}
split:
  temporal: {{by: entered, test_from: 2017}}
  validation: {{fraction: 0.25, stratify: sick}}
networks: {networks}
models:
  clinical: {{kind: logistic, label: Clinical, outcome: sick, predictors: [marker]}}
{models}
statistics:
  performance:
    kind: performance
    outcome: sick
    partitions: [training, validation, test]
    threshold: {{rule: youden}}
    metrics: [accuracy]
{EXPLAIN}report:
  show:
    - {{item: performance_table, of: performance, caption: Performance}}
    - {{item: learning_figure, caption: Learning}}
    - {{item: heat_map_figure, caption: Single subjects}}
    - {{item: feature_map_figure, caption: Averages}}
"#
    )
}

const EXPLAIN: &str = "explain: {models: [softmax, fused], partition: test, by: site, show_patients: true}\n";

const MODELS: &str = r#"  softmax: {kind: network, label: Network, outcome: sick, image: photo, architecture: tiny, training: {epochs: 6, batch: 8, learning_rate: 3e-3}}
  machine: {kind: network, label: Machine, outcome: sick, image: photo, architecture: tiny, head: svm, start: {from: rotations, on: all, epochs: 2}, training: {epochs: 3, batch: 8, learning_rate: 3e-3}}
  fused: {kind: fusion, label: Fused, outcome: sick, of: [softmax, machine, clinical]}"#;

fn run(folder: &Folder, cache: &str, arguments: &[&str]) -> Outcome {
    let output = command(&folder.path).env("VOUCH_CACHE", folder.path.join(cache)).args(arguments).output().unwrap();
    let outcome = Outcome {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    };
    assert!(!outcome.stderr.contains("panicked at"), "{}", outcome.stderr);
    outcome
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A score column of the subject-level file, in the order of subjects.
fn scores(folder: &Folder, file: &str, model: &str) -> Vec<f64> {
    use polars_io::SerReader;
    let file = std::fs::File::open(folder.path.join(file)).unwrap();
    let frame = polars_io::prelude::ParquetReader::new(file).finish().unwrap();
    let column = frame.column(&format!("score_{model}")).unwrap().f64().unwrap().clone();
    column.iter().map(Option::unwrap).collect()
}

fn furthest(left: &[f64], right: &[f64]) -> f64 {
    left.iter().zip(right).map(|(left, right)| (left - right).abs()).fold(0.0, f64::max)
}

#[cfg(feature = "gpu")]
/// The epochs' losses that the results keep of a network.
fn losses(results: &str, model: &str) -> Vec<f64> {
    let results: serde_json::Value = serde_json::from_str(results).unwrap();
    let models = results["models"].as_array().unwrap();
    let model = models.iter().find(|entry| entry["id"] == model).unwrap();
    let history = model["network"]["history"].as_array().unwrap();
    history.iter().map(|epoch| epoch["training_loss"].as_f64().unwrap()).collect()
}

#[cfg(feature = "gpu")]
#[test]
fn a_network_is_trained_on_a_gpu_as_on_the_cpu_and_the_report_names_it() {
    let model = "  net: {kind: network, label: Network, outcome: sick, image: photo, architecture: tiny, training: {epochs: 3, batch: 8, learning_rate: 3e-3}}";
    let trained = |networks: &str| {
        let folder = study(networks, model);
        let text = folder.read_text("study.yaml").replace(EXPLAIN, "");
        folder.write("study.yaml", text.split("    - {item: heat_map_figure").next().unwrap());
        folder
    };
    let folder = trained("{runtime: built_in, train_on: gpu}");
    let doctor = run(&folder, "cache", &["doctor"]);
    if doctor.stdout.contains("no GPU can train") {
        return skipped_without("a Vulkan device");
    }
    let outcome = run(&folder, "cache", &["run", ".", "--out", "report"]);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    let device = doctor.stdout.lines().find_map(|line| line.trim().strip_prefix("train_on: gpu")).unwrap().trim();
    assert!(folder.read_text("report/report.html").contains(&format!("trained on {device}")), "{device}");
    let cpu = trained("{runtime: built_in}");
    let outcome = run(&cpu, "cache", &["run", ".", "--out", "report"]);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    let [here, there] = [&folder, &cpu].map(|folder| losses(&folder.read_text("report/results.json"), "net"));
    let furthest = furthest(&here, &there);
    assert!(here.len() == 3 && furthest < 1e-3, "{here:?} {there:?}");
}

#[test]
fn networks_are_trained_kept_and_give_the_same_at_any_number_of_threads() {
    let folder = study("{runtime: built_in, folder: trained}", MODELS);
    let first = run(&folder, "cache", &["run", ".", "--out", "one", "--threads", "1"]);
    assert_eq!(first.code, 0, "{}", first.stderr);
    assert!(first.stderr.contains("softmax: training"), "{}", first.stderr);
    assert!(first.stderr.contains("looked at the images of the validation and test part"), "{}", first.stderr);
    let results = folder.read_text("one/results.json");
    for text in ["networks-tract-f32", "best_epoch", "\"explanation\""] {
        assert!(results.contains(text), "{text}");
    }

    // The same subjects in every row of heat maps, so that the rows can be compared.
    let found: serde_json::Value = serde_json::from_str(&results).unwrap();
    let maps = found["explanation"]["maps"].as_array().unwrap();
    assert!(maps.len() > 1);
    for map in maps {
        for (patient, first) in map["patients"].as_array().unwrap().iter().zip(maps[0]["patients"].as_array().unwrap())
        {
            assert_eq!((&patient["level"], &patient["positive"]), (&first["level"], &first["positive"]));
            assert_eq!(patient["image"], first["image"], "another subject of {}", patient["level"]);
        }
    }
    // The validation part ended the training: it is no set that was only predicted, and the report says so.
    let page = folder.read_text("one/report.html");
    assert!(page.contains("The loss on the validation set ended the training of “Network” and “Machine”"));
    assert!(page.contains("The test set was only predicted") && !page.contains("every other set was only predicted"));
    let notices = found["notices"].as_array().unwrap();
    let notice =
        |code: &str| notices.iter().find(|notice| notice["code"] == code).map(|notice| notice["message"].to_string());
    assert!(notice("performance/stopped-by-validation").unwrap().contains("`softmax` and `machine` (and `fused`"));
    assert!(notice("performance/apparent").unwrap().contains("Judge them by the test part."));

    // What is there is used, and nothing moves.
    let again = run(&folder, "cache", &["run", ".", "--out", "two", "--no-training"]);
    assert_eq!(again.code, 0, "{}", again.stderr);
    assert!(again.stderr.contains("softmax: taken from a file of the same training"), "{}", again.stderr);
    for file in ["results.json", "report.html", "report.pdf", "predictions.parquet"] {
        assert!(folder.read(&format!("one/{file}")) == folder.read(&format!("two/{file}")), "{file}");
    }

    // Trained once more, on other threads: the same files.
    let kept = folder.read("trained/machine.onnx");
    std::fs::remove_dir_all(folder.path.join("trained")).unwrap();
    let third = run(&folder, "other-cache", &["run", ".", "--no-cache", "--out", "three", "--threads", "3"]);
    assert_eq!(third.code, 0, "{}", third.stderr);
    assert!(folder.read("trained/machine.onnx") == kept);
    assert!(folder.read("one/results.json") == folder.read("three/results.json"));

    // Pictures and arrays of subjects are marked, averages are not.
    let manifest: serde_json::Value = serde_json::from_str(&folder.read_text("one/manifest.json")).unwrap();
    let level = |name: &str| {
        let outputs = manifest["outputs"].as_array().unwrap();
        let entry = outputs.iter().find(|entry| entry["name"] == name).unwrap_or_else(|| panic!("{name}: {outputs:?}"));
        entry["subject_level"] == true
    };
    assert!(level("explain/softmax-head.png") && level("explain/fused-machine-tail.npy"));
    assert!(!level("explain/softmax-mean-heat-with.npy"));
}

#[test]
fn without_training_nothing_is_trained() {
    let folder = study("{runtime: built_in, folder: trained}", MODELS);
    let outcome = run(&folder, "cache", &["run", ".", "--no-training"]);
    assert_eq!(outcome.code, 2);
    assert!(outcome.stderr.contains("`softmax`") && outcome.stderr.contains("no trained file"), "{}", outcome.stderr);
    std::fs::create_dir_all(folder.path.join("trained")).unwrap();
    std::fs::write(folder.path.join("trained/softmax.onnx"), "another").unwrap();
    let outcome = run(&folder, "cache", &["run", ".", "--no-training"]);
    assert!(outcome.stderr.contains("of other data, settings or program"), "{}", outcome.stderr);
}

#[test]
fn a_network_that_is_handed_on_gives_the_same_scores() {
    let folder = study("{runtime: built_in, folder: trained}", MODELS);
    assert_eq!(run(&folder, "cache", &["run", ".", "--out", "one"]).code, 0);
    let hash = sha256(&folder.read("trained/softmax.onnx"));
    let models = format!(
        "{MODELS}\n  theirs: {{kind: onnx, label: Theirs, outcome: sick, image: photo, path: trained/softmax.onnx, sha256: \"{hash}\", output: logits}}"
    );
    folder.write("study.yaml", &spec("{runtime: built_in, folder: trained}", &models));
    let outcome = run(&folder, "cache", &["run", ".", "--out", "two"]);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    let file = "two/predictions.parquet";
    assert_eq!(scores(&folder, file, "theirs"), scores(&folder, file, "softmax"));
}

#[test]
fn a_bare_network_is_compared_within_the_protocol_of_the_base() {
    let folder = study("{runtime: built_in, folder: trained}", MODELS);
    assert_eq!(run(&folder, "cache", &["run", ".", "--out", "report"]).code, 0);
    std::fs::copy(folder.path.join("trained/softmax.onnx"), folder.path.join("theirs.onnx")).unwrap();
    let compare = |arguments: &[&str]| {
        let arguments: Vec<&str> = ["compare"].iter().chain(arguments).chain(&["--format", "json"]).copied().collect();
        let outcome = run(&folder, "cache", &arguments);
        (serde_json::from_str::<serde_json::Value>(&outcome.stdout).ok(), outcome)
    };
    // In the place of the very same network nothing differs; the file is named with its hash, and how it was used.
    let (found, outcome) = compare(&[".@softmax", "theirs.onnx"]);
    let found = found.unwrap_or_else(|| panic!("{}", outcome.stderr));
    let variant = &found["variants"][0];
    assert_eq!(variant["measures"][0]["difference"]["value"], 0.0);
    assert_eq!(
        (variant["source"]["kind"].as_str(), variant["source"]["name"].as_str()),
        (Some("network"), Some("theirs.onnx"))
    );
    assert_eq!(variant["source"]["sha256"], sha256(&folder.read("theirs.onnx")));
    assert!(
        outcome.stderr.contains("evaluated on the model input `photo`, by its own last layer"),
        "{}",
        outcome.stderr
    );
    // With the head of the model whose place it takes, which is fitted on the training part only.
    let (found, outcome) = compare(&[".@machine", "theirs.onnx", "trained/machine.onnx"]);
    let found = found.unwrap_or_else(|| panic!("{}", outcome.stderr));
    let brier = |variant: usize| {
        let measures = found["variants"][variant]["measures"].as_array().unwrap();
        measures.iter().find(|row| row["measure"] == "brier").unwrap()["difference"]["value"].as_f64().unwrap()
    };
    // The folds of its probabilities are drawn for each model.
    assert!(brier(1).abs() < 1e-4 && brier(0).abs() > brier(1).abs(), "{} {}", brier(0), brier(1));
    assert_eq!(found["variants"][1]["measures"][0]["difference"]["value"].as_f64(), Some(0.0));
    // Against a model without images, on the one model input that there is.
    let (found, outcome) = compare(&[".@clinical", "theirs.onnx@photo"]);
    assert!(found.is_some() && outcome.stderr.contains("`photo`"), "{}", outcome.stderr);
    assert!(!outcome.stderr.contains("machine: "), "a network that is not compared is left alone: {}", outcome.stderr);

    let refused = |arguments: &[&str], words: &str| {
        let (_, outcome) = compare(arguments);
        assert!([2, 5].contains(&outcome.code), "{arguments:?}: {}", outcome.stderr);
        assert!(outcome.stderr.contains(words), "{arguments:?}: {}", outcome.stderr);
    };
    folder.write("text.onnx", "this is no network");
    refused(&[".@softmax", "text.onnx"], "cannot be evaluated on the model input `photo`: it is not an ONNX file");
    refused(&[".@softmax", "theirs.onnx@foto"], "did you mean `photo`?");
    refused(&[".@softmax", "absent.onnx"], "`absent.onnx` cannot be read");
    refused(&[".", "theirs.onnx"], "has several models");
    refused(&[".@sofmax", "theirs.onnx"], "did you mean `softmax`?");
    refused(&["report@softmax", "theirs.onnx"], "name the baseline's study first");
    refused(&["theirs.onnx", ".@softmax"], "name the baseline's study first");
}

/// The shipped networks, as somebody would who has only their files and the study.
#[test]
fn a_shipped_network_is_compared_within_its_study() {
    let shipped = repository().join("studies/pdac-lnm-dect");
    let folder = Folder::new();
    std::fs::create_dir(folder.path.join("study")).unwrap();
    for name in ["study.yaml", "reported.yaml"] {
        std::fs::copy(shipped.join(name), folder.path.join("study").join(name)).unwrap();
    }
    let network = shipped.join("networks/dlr_150.onnx");
    let arguments = ["compare", "study@clinical", &format!("{}@ct_150", network.display()), "--format", "json"];
    let outcome = run(&folder, "cache", &arguments);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    let found: serde_json::Value = serde_json::from_str(&outcome.stdout).unwrap();
    assert_eq!((found["n"].as_u64(), found["events"].as_u64()), (Some(35), Some(16)), "the test part of the paper");
    let variant = &found["variants"][0]["source"];
    assert_eq!((variant["kind"].as_str(), variant["label"].as_str()), (Some("network"), Some("dlr_150.onnx")));
    assert_eq!(variant["sha256"], sha256(&std::fs::read(&network).unwrap()));
    // The study's own networks are not asked for, and so are not trained.
    assert!(!outcome.stderr.contains("dlr_100"), "{}", outcome.stderr);
}

/// The ONNX Runtime library and the built-in back end agree within 1e-4 on the same files.
#[test]
fn both_back_ends_agree() {
    let folder = study("{runtime: built_in, folder: trained}", MODELS);
    if vouch(&folder.path, &["doctor"]).stdout.contains("ONNX Runtime library none") {
        return skipped_without("the Python package onnxruntime");
    }
    assert_eq!(run(&folder, "cache", &["run", ".", "--out", "one"]).code, 0);
    folder.write("study.yaml", &spec("{runtime: onnx_runtime, folder: trained}", MODELS));
    let outcome = run(&folder, "cache", &["run", ".", "--out", "two", "--no-training"]);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    assert!(folder.read_text("two/results.json").contains("networks-onnxruntime-f32"));
    for model in ["softmax", "machine", "fused"] {
        let [one, two] = ["one", "two"].map(|run| scores(&folder, &format!("{run}/predictions.parquet"), model));
        assert!(furthest(&one, &two) < 1e-4, "{model}: {}", furthest(&one, &two));
    }
}

#[test]
fn files_that_do_not_fit_are_all_named_before_anything_runs() {
    let folder = study("{}", "");
    folder.write("text.onnx", "this is no network");
    let hash = sha256(&folder.read("text.onnx"));
    let zeros = format!("\"{}\"", "0".repeat(64));
    let models = format!(
        r#"  text: {{kind: onnx, label: Text, outcome: sick, image: photo, path: text.onnx, sha256: "{hash}"}}
  other: {{kind: onnx, label: Other, outcome: sick, image: photo, path: text.onnx, sha256: {zeros}}}
  absent: {{kind: onnx, label: Absent, outcome: sick, image: photo, path: absent.onnx, sha256: {zeros}}}"#
    );
    folder.write("study.yaml", &spec("{}", &models).replace(EXPLAIN, ""));
    let outcome = vouch(&folder.path, &["check", "."]);
    assert_eq!(outcome.code, 5, "{}", outcome.stderr);
    for text in ["`text.onnx` cannot be used: it is not an ONNX file", "its SHA-256 is", "`absent.onnx`", "3 problems"]
    {
        assert!(outcome.stderr.contains(text), "{text}: {}", outcome.stderr);
    }
}

#[test]
fn names_that_do_not_fit_are_all_named() {
    let models = r#"  one: {kind: network, label: One, outcome: sick, image: foto}
  two: {kind: fusion, label: Two, outcome: sick, of: [clinical, three]}"#;
    let folder = study("{}", models);
    let outcome = vouch(&folder.path, &["check", "."]);
    assert_eq!(outcome.code, 2);
    for text in ["no model input `foto`", "no model `three`", "no network is fused", "no model `softmax`"] {
        assert!(outcome.stderr.contains(text), "{text}: {}", outcome.stderr);
    }
}

#[test]
fn the_doctor_says_what_there_is() {
    let folder = Folder::new();
    let outcome = vouch(&folder.path, &["doctor"]);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    for text in ["built-in back end", "tract 0.", "ONNX Runtime library", "providers", "threads"] {
        assert!(outcome.stdout.contains(text), "{text}: {}", outcome.stdout);
    }
    let broken = command(&folder.path).env("ORT_DYLIB_PATH", "/nowhere/lib.so").arg("doctor").output().unwrap();
    assert_eq!(broken.status.code(), Some(5));
}
