//! Networks, fusion and heat maps: every image, model and part that they name is there and fits.

use super::diagnostic::{Diagnostic, suggestion};
use super::raw::*;
use super::study::{PartitionName, Study};

pub(super) fn check(study: &Study) -> Vec<Diagnostic> {
    let mut checker = Checker { study, problems: Vec::new() };
    checker.check_processor();
    for (id, model) in &study.spec.models {
        checker.check_model(id, model);
    }
    if let Some(explain) = &study.spec.explain {
        checker.check_explain(explain);
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

    fn check_processor(&mut self) {
        let asked = self.study.spec.networks.as_ref().is_some_and(|networks| networks.train_on == RawProcessor::Gpu);
        if asked && cfg!(not(feature = "gpu")) {
            self.error(
                "spec/processor",
                "networks/train_on",
                "this program was built without training on a GPU",
                "build it with `--features gpu`, or use `train_on: cpu`",
            );
        }
    }

    fn check_model(&mut self, id: &str, model: &RawModel) {
        let path = format!("models/{id}");
        match model {
            RawModel::Network { image, start, training, machine, .. } => {
                self.check_image(image, &format!("{path}/image"));
                self.check_machine(machine, &format!("{path}/machine"));
                self.check_rate(training.learning_rate, &format!("{path}/training/learning_rate"));
                if let RawStart::Rotations { learning_rate, .. } = start {
                    self.check_rate(*learning_rate, &format!("{path}/start/learning_rate"));
                }
                if let RawStart::Safetensors { sha256, .. } | RawStart::Onnx { sha256, .. } = start {
                    self.check_hash(sha256, &format!("{path}/start/sha256"));
                }
            }
            RawModel::Onnx { image, sha256, machine, score, positive_class, .. } => {
                self.check_image(image, &format!("{path}/image"));
                self.check_hash(sha256, &format!("{path}/sha256"));
                self.check_machine(machine, &format!("{path}/machine"));
                if *score == RawOnnxScore::Logistic && *positive_class != 1 {
                    self.error(
                        "spec/positive-class",
                        &format!("{path}/positive_class"),
                        "one logit has no classes to choose from",
                        "take `positive_class` away, or use `score: softmax`",
                    );
                }
            }
            RawModel::Fusion { of, machine, outcome, .. } => {
                self.check_machine(machine, &format!("{path}/machine"));
                self.check_parts(id, of, outcome, &path);
            }
            _ => {}
        }
    }

    fn check_parts(&mut self, id: &str, of: &[String], outcome: &str, path: &str) {
        let models = &self.study.spec.models;
        let mut networks = 0;
        for (index, name) in of.iter().enumerate() {
            let place = format!("{path}/of/{index}");
            if of[..index].contains(name) {
                self.error("spec/twice", &place, format!("`{name}` stands here a second time"), "name it once");
            }
            match models.get(name) {
                _ if self.study.is_in_doubt(&format!("models/{name}")) => networks += 1,
                None => {
                    let help = suggestion(name, models.keys().map(String::as_str));
                    self.error("spec/unknown-name", &place, format!("there is no model `{name}`"), help);
                }
                Some(RawModel::Network { .. } | RawModel::Onnx { .. }) => networks += 1,
                Some(other) if other.predictors().is_empty() => self.error(
                    "spec/fusion",
                    &place,
                    format!("`{name}` has neither pooled features nor predictors"),
                    "name networks, and models with `predictors`",
                ),
                Some(_) => {}
            }
            if self.study.certain_model(name).is_some_and(|other| other.outcome() != outcome) {
                self.error(
                    "spec/model-outcome",
                    &place,
                    format!("`{name}` predicts another outcome than `{id}`"),
                    "features that were learnt for one outcome are fused for the same one",
                );
            }
        }
        if networks == 0 {
            self.error(
                "spec/fusion",
                &format!("{path}/of"),
                "no network is fused",
                "name at least one model of kind network or onnx",
            );
        }
    }

    fn check_image(&mut self, image: &str, path: &str) {
        let known: Vec<&str> =
            self.study.spec.images.iter().flat_map(|images| images.inputs.keys()).map(String::as_str).collect();
        if self.study.is_in_doubt(&format!("images/inputs/{image}")) {
            return;
        }
        if known.is_empty() {
            self.error(
                "spec/images",
                path,
                format!("there are no model inputs to take `{image}` from"),
                "declare them: images: {mask: …, window: …, inputs: {…}}",
            );
        } else if !known.contains(&image) {
            let help = suggestion(image, known);
            self.error("spec/unknown-name", path, format!("there is no model input `{image}`"), help);
        }
    }

    fn check_machine(&mut self, machine: &RawMachine, path: &str) {
        for (key, value) in [("cost", Some(machine.cost)), ("gamma", machine.gamma)] {
            if value.is_some_and(|value| value.is_nan() || value <= 0.0) {
                self.error("spec/range", &format!("{path}/{key}"), format!("`{key}` must be above 0"), "");
            }
        }
    }

    fn check_rate(&mut self, rate: f64, path: &str) {
        if rate.is_nan() || rate <= 0.0 {
            self.error("spec/range", path, "a learning rate must be above 0", "learning_rate: 1e-4");
        }
    }

    fn check_hash(&mut self, hash: &str, path: &str) {
        if hash.len() != 64 || !hash.chars().all(|digit| digit.is_ascii_hexdigit()) {
            self.error("spec/hash", path, "a SHA-256 is 64 hexadecimal digits", "sha256sum prints it");
        }
    }

    fn check_explain(&mut self, explain: &RawExplain) {
        let models = &self.study.spec.models;
        for (index, name) in explain.models.iter().enumerate() {
            let place = format!("explain/models/{index}");
            match models.get(name) {
                _ if self.study.is_in_doubt(&format!("models/{name}")) => {}
                None => {
                    let help = suggestion(name, models.keys().map(String::as_str));
                    self.error("spec/unknown-name", &place, format!("there is no model `{name}`"), help);
                }
                Some(RawModel::Network { .. } | RawModel::Onnx { .. } | RawModel::Fusion { .. }) => {}
                Some(other) => self.error(
                    "spec/explain",
                    &place,
                    format!("`{name}` is of kind {} and looks at no image", other.kind()),
                    "name models of kind network, onnx or fusion",
                ),
            }
        }
        match PartitionName::parse(&explain.partition) {
            Some(_) if self.study.is_in_doubt("split") => {}
            Some(partition) if partition.parts.iter().all(|part| self.study.parts().contains(part)) => {}
            _ => self.error(
                "spec/partition",
                "explain/partition",
                format!("`{}` is not a partition of this study", explain.partition),
                "training, validation, test, or sums of them",
            ),
        }
        let variables = &self.study.spec.variables;
        if let Some(name) = &explain.by {
            match variables.get(name) {
                _ if self.study.is_in_doubt(&format!("variables/{name}")) => {}
                None => {
                    let help = suggestion(name, variables.keys().map(String::as_str));
                    self.error("spec/unknown-name", "explain/by", format!("there is no variable `{name}`"), help);
                }
                Some(variable) if variable.kind == RawVariableKind::Continuous => {
                    self.error("spec/explain", "explain/by", format!("`{name}` is continuous"), "name one with levels");
                }
                Some(_) => {}
            }
        }
    }
}
