//! Images through the program: a simulated cohort, what is measured on it, and files that are broken in every way.

use crate::support::program::{Folder, skipped_without, vouch};
use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

const SPEC: &str = r#"schema: study/1
id: imaged
title: A study of images
seed: 3
data:
  simulate: {kind: pdac_dect, seed: 4, patients: 40}
  path: simulated/patients.csv
  id: subject
  images:
    series:
      kv_100: {path: "simulated/images/{subject}/kv100", format: dicom, tube_potential: 100, effective_energy: 65}
      kv_150: {path: "simulated/images/{subject}/kv150", format: dicom, tube_potential: 150, effective_energy: 100}
    masks:
      tumour: {path: "simulated/images/{subject}/regions.nii.gz", format: nifti, label: 1}
      around: {path: "simulated/images/{subject}/regions.nii.gz", format: nifti, label: 4}
    dual_energy: {venous: {low: kv_100, high: kv_150}}
    measure:
      fat: {of: series, series: kv_100, mask: around, statistic: percentile_10}
      density: {of: electron_density, pair: venous, mask: around}
      spread: {of: series, series: kv_100, mask: around, statistic: standard_deviation}
      iodine: {of: iodine, pair: venous, mask: around}
      contrast: {of: texture, series: kv_100, mask: around, feature: contrast, bins: {by: width, width: 25, from: -1000}}
images:
  mask: tumour
  window: {centre: 40, width: 400}
  inputs: {ct_100: {series: kv_100}, vmi_40: {vmi: {pair: venous, kev: 40}}}
cohort:
  exclude:
    - {id: unscanned, says: No dual-energy CT, where: dual_energy_ct = 'no' OR images_archived = 'no'}
    - {id: treated, says: Treated before, where: systemic_therapy = 'yes'}
    - {id: incomplete, says: Incomplete, where: ca19_9_ku_l IS NULL}
    - {id: lost, says: Lost, where: months_without_contact > 6}
variables:
  fat: {label: Fat around the tumour, unit: HU, kind: continuous}
  density: {label: Density around the tumour, kind: continuous}
  spread: {label: Spread around the tumour, kind: continuous}
  iodine: {label: Iodine around the tumour, unit: mg/ml, kind: continuous}
outcomes:
  lnm: {kind: binary, label: Metastasis, positive: lnm = 1}
split:
  temporal: {by: enrolled, test_from: "2019-01-01"}
models:
  around: {kind: logistic, label: Around the tumour, outcome: lnm, predictors: [fat, density, spread, iodine]}
statistics:
  performance: {kind: performance, outcome: lnm, partitions: [test], threshold: {rule: youden}, metrics: [accuracy]}
report:
  show: [{item: performance_table, of: performance, caption: Performance}]
"#;

fn study_with(replacements: &[(&str, &str)]) -> Folder {
    let folder = Folder::new();
    let mut spec = SPEC.to_string();
    for (from, to) in replacements {
        assert!(spec.contains(from), "the spec has no {from:?}");
        spec = spec.replacen(from, to, 1);
    }
    folder.write("study.yaml", &spec);
    folder
}

/// A study on files that are no longer tied to their recipe, so that they can be broken.
fn loose_study(replacements: &[(&str, &str)]) -> Folder {
    let mut all = vec![("  simulate: {kind: pdac_dect, seed: 4, patients: 40}\n", "")];
    all.extend_from_slice(replacements);
    let folder = study_with(&all);
    let made = vouch(&folder.path, &["simulate", "pdac-dect", "--out", "simulated", "--seed", "4", "--patients", "40"]);
    assert_eq!(made.code, 0, "{}", made.stderr);
    folder
}

/// Patients with images, by their folders, and their rows in the table counted from one.
fn imaged(folder: &Folder) -> Vec<(PathBuf, usize)> {
    let table = folder.read_text("simulated/patients.csv");
    let subjects = table.lines().skip(1).map(|line| line.split(',').next().unwrap().to_string());
    let folders =
        subjects.enumerate().map(|(row, subject)| (folder.path.join("simulated/images").join(subject), row + 1));
    folders.filter(|(path, _)| path.exists()).collect()
}

fn compressed(path: &Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    flate2::read::GzDecoder::new(fs::File::open(path).unwrap()).read_to_end(&mut bytes).unwrap();
    bytes
}

fn compress(path: &Path, bytes: &[u8]) {
    let mut encoder = flate2::write::GzEncoder::new(fs::File::create(path).unwrap(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap();
}

/// Replaces bytes that occur once.
fn patch(path: &Path, from: &[u8], to: &[u8]) {
    let mut bytes = fs::read(path).unwrap();
    let at = bytes.windows(from.len()).position(|window| window == from).expect("the bytes are in the file");
    bytes[at..at + to.len()].copy_from_slice(to);
    fs::write(path, bytes).unwrap();
}

/// One fault per patient; the row of each with the words that must name it.
fn break_images(folder: &Folder) -> Vec<(usize, &'static str)> {
    let patients = imaged(folder);
    let mut broken = Vec::new();
    let mut next = patients.iter();
    let mut damage = |words: &'static str, with: &dyn Fn(&Path)| {
        let (path, row) = next.next().unwrap();
        with(path);
        broken.push((*row, words));
    };
    damage("the 2nd of its 5 files", &|path| {
        let file = path.join("kv100/002.dcm");
        let bytes = fs::read(&file).unwrap();
        fs::write(&file, &bytes[..bytes.len() - 5000]).unwrap();
    });
    damage("slices are missing", &|path| fs::remove_file(path.join("kv150/003.dcm")).unwrap());
    damage("lies elsewhere", &|path| {
        let file = path.join("regions.nii.gz");
        let mut bytes = compressed(&file);
        bytes[280 + 12..280 + 16].copy_from_slice(&99f32.to_le_bytes());
        compress(&file, &bytes);
    });
    damage("the region is empty", &|path| {
        let file = path.join("regions.nii.gz");
        let mut bytes = compressed(&file);
        bytes[352..].fill(0);
        compress(&file, &bytes);
    });
    damage("different tube potentials: 100, 150 kV", &|path| {
        fs::copy(path.join("kv150/004.dcm"), path.join("kv100/004.dcm")).unwrap();
    });
    damage("the modality is MR", &|path| {
        patch(&path.join("kv100/001.dcm"), b"\x08\0\x60\0CS\x02\0CT", b"\x08\0\x60\0CS\x02\0MR");
    });
    damage("the 1st of its 5 files is no DICOM file", &|path| fs::write(path.join("kv150/001.dcm"), "hello").unwrap());
    damage("the folder has no DICOM file", &|path| {
        fs::remove_dir_all(path.join("kv100")).unwrap();
        fs::create_dir(path.join("kv100")).unwrap();
    });
    damage("the file or folder is missing", &|path| fs::remove_file(path.join("regions.nii.gz")).unwrap());
    damage("there is no image", &|path| fs::remove_dir_all(path).unwrap());
    broken
}

#[test]
fn broken_images_are_named_by_row_all_at_once_and_never_by_name() {
    let folder = loose_study(&[]);
    let broken = break_images(&folder);
    let outcome = vouch(&folder.path, &["check", "."]);
    assert!([2, 5].contains(&outcome.code), "{}", outcome.stderr);
    for (row, words) in &broken {
        let line = outcome.stderr.lines().find(|line| line.contains(words));
        let line = line.unwrap_or_else(|| panic!("no line says {words:?}:\n{}", outcome.stderr));
        assert!(line.contains(&format!("row {row}:")), "row {row} in {line}");
    }
    assert!(!outcome.stderr.contains("SIM0"), "an identifier: {}", outcome.stderr);
    assert!(outcome.stderr.contains("on_problem: exclude"), "{}", outcome.stderr);
}

/// A NIfTI series of 32-bit numbers on the grid of a patient's regions.
fn float_series(patient: &Path, values: impl Fn(usize) -> f32) {
    let mut bytes = compressed(&patient.join("regions.nii.gz"));
    let voxels = bytes.len() - 352;
    bytes[70..72].copy_from_slice(&16i16.to_le_bytes());
    bytes[72..74].copy_from_slice(&32i16.to_le_bytes());
    bytes.truncate(352);
    (0..voxels).for_each(|voxel| bytes.extend(values(voxel).to_le_bytes()));
    compress(&patient.join("map.nii.gz"), &bytes);
}

#[test]
fn a_nifti_series_lies_on_the_grid_of_the_dicom_one_and_has_numbers_only() {
    let folder = loose_study(&[(
        "    series:\n",
        "    series:\n      map: {path: \"simulated/images/{subject}/map.nii.gz\", format: nifti}\n",
    )]);
    let patients = imaged(&folder);
    patients.iter().for_each(|(patient, _)| float_series(patient, |voxel| voxel as f32 / 100.0));
    let outcome = vouch(&folder.path, &["check", "."]);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    float_series(&patients[3].0, |voxel| if voxel == 77 { f32::NAN } else { 0.0 });
    let map = patients[5].0.join("map.nii.gz");
    let bytes = compressed(&map);
    compress(&map, &bytes[..bytes.len() - 100]);
    let outcome = vouch(&folder.path, &["check", "."]);
    assert_eq!(outcome.code, 2, "{}", outcome.stderr);
    let nan = format!("series `map` in row {}: voxels are not a number (1)", patients[3].1);
    let cut = format!("series `map` in row {}: the file is truncated", patients[5].1);
    assert!(outcome.stderr.contains(&nan) && outcome.stderr.contains(&cut), "{}", outcome.stderr);
}

#[test]
fn slices_are_put_in_order_by_their_place_and_not_by_their_names() {
    let folder = loose_study(&[]);
    let before = vouch(&folder.path, &["check", "."]);
    for (patient, _) in imaged(&folder) {
        let series = patient.join("kv150");
        for (from, to) in [("001.dcm", "x.dcm"), ("004.dcm", "001.dcm"), ("x.dcm", "004.dcm")] {
            fs::rename(series.join(from), series.join(to)).unwrap();
        }
    }
    let after = vouch(&folder.path, &["check", "."]);
    assert!(before.stdout.contains("images: 40 subjects"), "{}{}", before.stdout, before.stderr);
    assert_eq!(before.stdout, after.stdout);
}

#[test]
fn the_spec_can_let_them_leave_and_the_flow_counts_them() {
    let folder = loose_study(&[("    measure:\n", "    on_problem: exclude\n    measure:\n")]);
    let broken = break_images(&folder);
    let outcome = vouch(&folder.path, &["check", "."]);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    let line = outcome.stdout.lines().find(|line| line.contains("Images cannot be used")).unwrap();
    assert!(line.contains(&format!("-{}", broken.len())) && line.contains(" 30 "), "{line}");
}

#[test]
fn names_that_images_refer_to_are_checked_with_their_places() {
    for (from, to, code, help) in [
        ("{series: kv_100}, vmi", "{series: kv_10}, vmi", "spec/unknown-name", "did you mean `kv_100`?"),
        ("mask: around}", "mask: arround}", "spec/unknown-name", "did you mean `around`?"),
        ("pair: venous, kev: 40", "pair: venus, kev: 40", "spec/unknown-name", "did you mean `venous`?"),
        (", effective_energy: 65", "", "spec/energy", "keV"),
        ("kev: 40}}}", "kev: 20}}}", "spec/range", ""),
        ("{low: kv_100, high: kv_150}", "{low: kv_150, high: kv_100}", "spec/energy", "the lower one first"),
        ("images/{subject}/kv100", "images/{subjct}/kv100", "data/unknown-column", "did you mean `subject`?"),
        ("images/{subject}/kv100", "images/all/kv100", "spec/path", "braces"),
        ("path: simulated/patients.csv", "path: patients.csv", "spec/simulate", "path: simulated/patients.csv"),
        ("  id: subject\n", "  id: subject\n  simulated: false\n", "spec/simulate", "every page says so"),
    ] {
        let folder = study_with(&[(from, to)]);
        let outcome = vouch(&folder.path, &["check", "."]);
        assert_eq!(outcome.code, 2, "{to}: {}", outcome.stderr);
        assert!(outcome.stderr.contains(code) && outcome.stderr.contains(help), "{to}: {}", outcome.stderr);
    }
}

#[test]
fn a_simulation_is_the_same_at_any_number_of_threads_and_replaces_only_its_own() {
    let folder = Folder::new();
    let make = |out: &str, threads: &str| {
        let arguments = ["simulate", "pdac-dect", "--out", out, "--seed", "9", "--patients", "12"];
        let mut command = crate::support::program::command(&folder.path);
        let status = command.args(arguments).env("RAYON_NUM_THREADS", threads).output().unwrap().status;
        status.code().unwrap()
    };
    assert_eq!((make("one", "1"), make("two", "2")), (0, 0));
    assert_eq!(folder.read("one/simulated.json"), folder.read("two/simulated.json"));
    assert_eq!(folder.read("one/patients.csv"), folder.read("two/patients.csv"));
    assert_eq!(make("one", "2"), 0, "an earlier simulation is replaced");
    folder.write("mine/data.csv", "a\n1\n");
    assert_eq!(make("mine", "2"), 2);
    assert_eq!(folder.read_text("mine/data.csv"), "a\n1\n");
}

#[test]
fn data_beside_the_stamp_of_a_simulation_are_simulated_whatever_the_spec_says() {
    let folder = loose_study(&[]);
    let outcome = vouch(&folder.path, &["run", ".", "--out", "report"]);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    let results = vouch::results::Results::from_json(&folder.read_text("report/results.json")).unwrap();
    assert!(results.study.simulated);
    assert!(!folder.read_text("report/results.json").contains("SIM0"));
}

/// The AUC of a model on the tissue around the tumour, where the signs are planted, with its interval, in the test part.
fn auc_around(signal: bool) -> (f64, f64, f64) {
    let recipe = format!("patients: 160, signal: {signal}}}");
    let folder = study_with(&[("patients: 40}", &recipe)]);
    let outcome = vouch(&folder.path, &["run", ".", "--out", "report"]);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    let results = vouch::results::Results::from_json(&folder.read_text("report/results.json")).unwrap();
    let vouch::results::AnalysisOutcome::Performance(performance) = &results.analysis("performance").unwrap().outcome
    else {
        panic!("no performance");
    };
    let auc = performance.rows[0].auc.as_ref().unwrap();
    let interval = auc.interval.as_ref().unwrap();
    (auc.value, interval.lower, interval.upper)
}

#[test]
fn without_a_signal_the_auc_is_that_of_chance_and_with_it_above() {
    let (value, lower, upper) = auc_around(false);
    assert!(lower < 0.5 && upper > 0.5, "without signal: {value} ({lower} to {upper})");
    let (value, lower, upper) = auc_around(true);
    assert!(lower > 0.5, "with signal: {value} ({lower} to {upper})");
}

#[test]
fn other_programs_read_the_simulated_files() {
    let folder = Folder::new();
    let made = vouch(&folder.path, &["simulate", "pdac-dect", "--out", "made", "--seed", "1", "--patients", "12"]);
    assert_eq!(made.code, 0, "{}", made.stderr);
    let script = r#"
import glob, numpy, pydicom, nibabel
patient = sorted(glob.glob("made/images/*"))[0]
files = [pydicom.dcmread(name) for name in sorted(glob.glob(patient + "/kv100/*.dcm"))]
assert len(files) == 5 and files[0].SOPClassUID == pydicom.uid.CTImageStorage and files[0].KVP == 100
assert len({file.SOPInstanceUID for file in files}) == 5 and len({file.SeriesInstanceUID for file in files}) == 1
values = files[2].pixel_array * float(files[2].RescaleSlope) + float(files[2].RescaleIntercept)
assert -200 < values.mean() < 200, values.mean()
labels = nibabel.load(patient + "/regions.nii.gz")
data = numpy.asarray(labels.dataobj)
assert set(numpy.unique(data)) == {0, 1, 2, 3, 4}, numpy.unique(data)
# The first voxel of both lies in the same place: x and y have the other sign in DICOM.
place = labels.affine @ [0, 0, 0, 1]
assert numpy.allclose(place[:3] * [-1, -1, 1], [float(x) for x in files[0].ImagePositionPatient], atol=1e-3)
# Columns first in NIfTI, rows first in DICOM: the aorta is the brightest region in both.
aorta = values[data[:, :, 2].T == 3].mean(); tumour = values[data[:, :, 2].T == 1].mean()
assert aorta > tumour + 50, (aorta, tumour)
print("read")
"#;
    let python = std::env::var("VOUCH_PYTHON").unwrap_or_else(|_| "python3".to_string());
    let output = std::process::Command::new(python).arg("-c").arg(script).current_dir(&folder.path).output();
    match output {
        Ok(output) if output.status.success() => assert!(String::from_utf8_lossy(&output.stdout).contains("read")),
        Ok(output) if String::from_utf8_lossy(&output.stderr).contains("ModuleNotFoundError") => {
            skipped_without("pydicom with nibabel");
        }
        Ok(output) => panic!("{}", String::from_utf8_lossy(&output.stderr)),
        Err(_) => skipped_without("python3"),
    }
}
