//! The models, each as far as it differs from those before it; and what was estimated on the training part.

use super::setting_text;
use crate::report::build::names::{Names, capitalised, list};
use crate::report::document::Definition;
use crate::results::{AnalysisOutcome, ModelFacts, Results};

/// "Model parameters and thresholds were fitted on the training set alone; every other set was only predicted."; nothing
/// where nothing was fitted.
pub fn fitted(results: &Results, names: &Names) -> Option<String> {
    let models = &results.models;
    let steps = [
        ("selection", models.iter().any(|model| model.selection.is_some())),
        ("scaling", models.iter().any(|model| model.description.contains("standardised"))),
        ("imputation", models.iter().any(|model| !model.imputed.is_empty())),
        ("encoding", models.iter().any(|model| !model.encodings.is_empty())),
        ("model parameters", models.iter().any(is_fitted)),
        ("thresholds", results.analyses.iter().any(|analysis| chooses_thresholds(&analysis.outcome))),
    ];
    let fitted: Vec<&str> = steps.into_iter().filter(|(_, done)| *done).map(|(what, _)| what).collect();
    if fitted.is_empty() {
        return None;
    }
    let verb = if fitted == ["selection"] || fitted == ["scaling"] { "was" } else { "were" };
    let others: Vec<&str> = names
        .results
        .partitions
        .iter()
        .filter(|part| part.union_of.is_empty() && !["training", "all", "primary"].contains(&part.id.as_str()))
        .map(|part| part.id.as_str())
        .collect();
    let on = format!("{} {verb} fitted on {}", capitalised(&list(&fitted)), names.set("training"));
    Some(match stopped(models, names) {
        Some(stopped) => {
            let untouched: Vec<String> =
                others.iter().filter(|id| **id != VALIDATION).map(|id| names.set(id)).collect();
            let untouched = match untouched.as_slice() {
                [] => String::new(),
                [only] => format!(" {} was only predicted.", capitalised(only)),
                several => format!(" {} were only predicted.", capitalised(&list(several))),
            };
            format!("{on}. {stopped}{untouched}")
        }
        None if others.is_empty() => format!("{on} alone."),
        None => format!("{on} alone; every other set was only predicted."),
    })
}

const VALIDATION: &str = "validation";

/// Networks that were trained until the loss on the validation set fell no more: that set had a part in them.
fn stopped(models: &[ModelFacts], names: &Names) -> Option<String> {
    let is_stopped = |model: &&ModelFacts| {
        model
            .network
            .as_ref()
            .is_some_and(|network| network.history.iter().any(|epoch| epoch.validation_loss.is_some()))
    };
    let networks: Vec<&ModelFacts> = models.iter().filter(is_stopped).collect();
    let is_of_them = |model: &&ModelFacts| {
        model.network.is_none() && model.networks.iter().any(|name| networks.iter().any(|network| network.id == *name))
    };
    let quoted =
        |models: &[&ModelFacts]| list(&models.iter().map(|model| format!("“{}”", model.label)).collect::<Vec<_>>());
    let made: Vec<&ModelFacts> = models.iter().filter(is_of_them).collect();
    let made = match made.as_slice() {
        [] => String::new(),
        [only] => format!(", and in “{}”, which is made of them", only.label),
        several => format!(", and in {}, which are made of them", quoted(several)),
    };
    (!networks.is_empty()).then(|| {
        format!(
            "The loss on {0} ended the training of {1}: {0} had a part in {2}{made}, and what is found there is not \
             independent of the fit.",
            names.set(VALIDATION),
            quoted(&networks),
            if networks.len() == 1 { "it" } else { "them" },
        )
    })
}

/// Its numbers come of this study's subjects, and not from elsewhere.
fn is_fitted(model: &ModelFacts) -> bool {
    model.kind != "scores" && !model.description.contains("othing is fitted")
}

fn chooses_thresholds(outcome: &AnalysisOutcome) -> bool {
    let AnalysisOutcome::Performance(performance) = outcome else { return false };
    performance.thresholds.iter().any(|threshold| !Names::is_declared(threshold))
}

pub fn entries(results: &Results) -> Vec<Definition> {
    let told = |at: usize| entry(&results.models[at], &results.models[..at], results);
    (0..results.models.len()).map(told).collect()
}

fn entry(model: &ModelFacts, before: &[ModelFacts], results: &Results) -> Definition {
    let names = Names { results };
    let mut text = description(model, before).trim_end_matches('.').to_string() + ".";
    let settings: Vec<String> =
        model.settings.iter().filter_map(|setting| setting_text(setting, &model.description)).collect();
    if !settings.is_empty() {
        text.push_str(&format!(" Settings: {}.", settings.join(", ")));
    }
    if let Some(selection) = &model.selection {
        text.push_str(&format!(" Selection: {}.", selection.says.trim_end_matches('.')));
    }
    if !model.predictors.is_empty() {
        let predictors: Vec<String> = model.predictors.iter().map(|name| names.predictor(name)).collect();
        text.push_str(&format!(" Predictors: {}.", predictors.join(", ")));
    }
    if let Some(network) = &model.network {
        let hash: String = network.sha256.chars().take(12).collect();
        text.push_str(&format!(" ONNX file {hash}…, computed by {}.", network.runtime));
    }
    if !model.gives_probability && model.cox.is_none() {
        text.push_str(" Its score is not a probability.");
    }
    Definition { term: model.label.clone(), text }
}

/// A network that is made as one before it on another image is told by that one's name and the image.
fn description(model: &ModelFacts, before: &[ModelFacts]) -> String {
    let Some(network) = &model.network else { return model.description.clone() };
    let sentences = |model: &ModelFacts, image: &str| -> Vec<String> {
        let general = model.description.replace(&format!("“{image}”"), "“image”");
        general.trim_end_matches('.').split(". ").map(str::to_string).collect()
    };
    let own = sentences(model, &network.image);
    for earlier in before {
        let Some(other) = &earlier.network else { continue };
        let shared = sentences(earlier, &other.image).iter().zip(&own).take_while(|(one, other)| one == other).count();
        if shared == 0 || other.image == network.image {
            continue;
        }
        let mut text = vec![format!("Made as “{}”, but on the image “{}”", earlier.label, network.image)];
        text.extend(
            own.iter().skip(shared).map(|sentence| sentence.replace("“image”", &format!("“{}”", network.image))),
        );
        return text.join(". ");
    }
    model.description.clone()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::NetworkFacts;

    fn network(label: &str, image: &str, head: &str) -> ModelFacts {
        ModelFacts {
            id: label.to_string(),
            label: label.to_string(),
            kind: "network".to_string(),
            outcome: "y".to_string(),
            description: format!("Residual network on the image “{image}”, by Adam. Evaluated from the file. {head}."),
            gives_probability: true,
            network: Some(NetworkFacts {
                image: image.to_string(),
                architecture: String::new(),
                parameters: Some(10),
                features: None,
                sha256: "0".repeat(64),
                runtime: "tract".to_string(),
                best_epoch: None,
                history: Vec::new(),
            }),
            ..ModelFacts::default()
        }
    }

    #[test]
    fn a_network_made_as_another_is_not_described_again() {
        let first = network("DLR 100", "ct_100", "Head one");
        let same = network("DLR 150", "ct_150", "Head one");
        let other = network("DLR 40", "vmi", "Head two");
        assert_eq!(description(&first, &[]), first.description);
        let before = [first];
        assert_eq!(description(&same, &before), "Made as “DLR 100”, but on the image “ct_150”");
        assert_eq!(description(&other, &before), "Made as “DLR 100”, but on the image “vmi”. Head two");
    }
}
