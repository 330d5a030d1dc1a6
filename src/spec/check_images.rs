//! Images: every series, mask, pair and input refers to something, and pairs have what a decomposition needs.

use super::diagnostic::{Diagnostic, suggestion};
use super::raw::*;
use super::study::Study;
use indexmap::IndexMap;

pub(super) fn check(study: &Study) -> Vec<Diagnostic> {
    let mut checker = Checker { study, problems: Vec::new() };
    if study.spec.data.simulate.is_some() {
        checker.check_simulation();
    }
    match &study.spec.data.images {
        Some(data) => {
            checker.check_data(data);
            if let Some(images) = &study.spec.images {
                checker.check_inputs(images, data);
            }
            if study.spec.data.external.is_some() {
                checker.error(
                    "spec/images",
                    "data/external",
                    "images of an external cohort are not read",
                    "take `images` or `external` away",
                );
            }
        }
        None if study.spec.images.is_some() && !study.is_in_doubt("data/images") => checker.error(
            "spec/images",
            "images",
            "there are no images to take model inputs from",
            "say where they lie: data: {images: {series: …, masks: …}}",
        ),
        None => {}
    }
    checker.problems
}

struct Checker<'a> {
    study: &'a Study,
    problems: Vec<Diagnostic>,
}

impl Checker<'_> {
    fn error(&mut self, code: &'static str, path: &str, message: impl Into<String>, help: impl Into<String>) {
        if self.study.is_in_doubt(path) {
            return;
        }
        let span = self.study.place(path);
        self.problems.push(Diagnostic::error(code, message, span).with_help(help));
    }

    fn require<T>(&mut self, what: &str, name: &str, path: &str, known: &IndexMap<String, T>) -> bool {
        let section = match what {
            "mask" => "data/images/masks",
            "series" => "data/images/series",
            _ => "data/images/dual_energy",
        };
        let is_in_doubt = self.study.is_in_doubt(&format!("{section}/{name}"));
        if is_in_doubt || known.contains_key(name) {
            return !is_in_doubt;
        }
        let help = suggestion(name, known.keys().map(String::as_str));
        self.error("spec/unknown-name", path, format!("there is no {what} `{name}`"), help);
        false
    }

    /// Simulated data are made in a folder of their own below the spec's, and are never passed off as collected.
    fn check_simulation(&mut self) {
        let path = std::path::Path::new(&self.study.spec.data.path);
        let plain = path.components().all(|part| matches!(part, std::path::Component::Normal(_)));
        let named = path.file_name().is_some_and(|name| name == "patients.csv");
        if !plain || !named || path.components().count() < 2 {
            self.error(
                "spec/simulate",
                "data/path",
                "simulated data are made in a folder of their own, beside the spec",
                "path: simulated/patients.csv",
            );
        }
        if self.study.typed("data/simulated") == Some(&super::tree::Value::Bool(false)) {
            self.error(
                "spec/simulate",
                "data/simulated",
                "these data are simulated, and every page says so",
                "take the line away, or `simulate` with it",
            );
        }
    }

    fn check_data(&mut self, data: &RawImageData) {
        let top = "data/images";
        if data.series.is_empty() {
            self.error(
                "spec/images",
                &format!("{top}/series"),
                "no series is named",
                "series: {kv_100: {path: …, format: dicom}}",
            );
        }
        let paths = data.series.iter().map(|(name, series)| (format!("{top}/series/{name}/path"), &series.path));
        let paths = paths.chain(data.masks.iter().map(|(name, mask)| (format!("{top}/masks/{name}/path"), &mask.path)));
        for (place, path) in paths.collect::<Vec<_>>() {
            self.check_path(path, &place);
        }
        for (name, series) in &data.series {
            if series.tube_potential.is_some() && series.format != RawImageFormat::Dicom {
                self.error(
                    "spec/images",
                    &format!("{top}/series/{name}/tube_potential"),
                    "only DICOM files state their tube potential",
                    "take `tube_potential` away; `effective_energy` is what the physics needs",
                );
            }
        }
        for (name, pair) in &data.dual_energy {
            self.check_pair(pair, data, &format!("{top}/dual_energy/{name}"));
        }
        for (name, measure) in &data.measure {
            let path = format!("{top}/measure/{name}");
            self.require("mask", measure.mask(), &format!("{path}/mask"), &data.masks);
            if let Some(pair) = measure.pair() {
                self.require("dual-energy pair", pair, &format!("{path}/pair"), &data.dual_energy);
            }
            if let Some(series) = measure.series() {
                self.require("series", series, &format!("{path}/series"), &data.series);
            }
        }
    }

    /// A pattern needs a column in braces: without one, every subject would have the same image.
    fn check_path(&mut self, path: &str, place: &str) {
        let opened = path.matches('{').count();
        if opened != path.matches('}').count() {
            self.error(
                "spec/path",
                place,
                "a brace is not closed in this path",
                "a column stands in braces: images/{subject}/ct",
            );
        } else if opened == 0 {
            self.error(
                "spec/path",
                place,
                "this path is the same for every subject",
                "name a column in braces: images/{subject}/ct",
            );
        }
    }

    fn check_pair(&mut self, pair: &RawEnergyPair, data: &RawImageData, path: &str) {
        let mut energies = Vec::new();
        for (key, name) in [("low", &pair.low), ("high", &pair.high)] {
            let place = format!("{path}/{key}");
            if !self.require("series", name, &place, &data.series) {
                continue;
            }
            match data.series[name].effective_energy {
                Some(energy) => energies.push(energy),
                None => self.error(
                    "spec/energy",
                    &place,
                    format!("the series `{name}` has no `effective_energy`"),
                    "give it in keV: the energy at which water and iodine attenuate as in this spectrum",
                ),
            }
        }
        if let [low, high] = energies[..]
            && low >= high
        {
            self.error(
                "spec/energy",
                path,
                format!("`low` is at {low} keV and `high` at {high} keV"),
                "two materials are told apart by two energies, the lower one first",
            );
        }
    }

    fn check_inputs(&mut self, images: &RawImages, data: &RawImageData) {
        self.require("mask", &images.mask, "images/mask", &data.masks);
        if images.slices.is_multiple_of(2) {
            self.error(
                "spec/slices",
                "images/slices",
                format!("{} slices have no slice in the middle", images.slices),
                "give an odd number",
            );
        }
        if images.inputs.is_empty() {
            self.error("spec/images", "images/inputs", "no input is named", "inputs: {ct: {series: …}}");
        }
        for (name, input) in &images.inputs {
            let path = format!("images/inputs/{name}");
            match (&input.series, &input.vmi) {
                (Some(series), None) => _ = self.require("series", series, &format!("{path}/series"), &data.series),
                (None, Some(vmi)) => {
                    let place = format!("{path}/vmi/pair");
                    self.require("dual-energy pair", &vmi.pair, &place, &data.dual_energy);
                }
                _ => self.error(
                    "spec/images",
                    &path,
                    "an input is a `series` or a `vmi`",
                    "ct_100: {series: kv_100}, or vmi_40: {vmi: {pair: venous, kev: 40}}",
                ),
            }
        }
    }
}
