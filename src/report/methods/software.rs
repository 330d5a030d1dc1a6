//! What computed the study and what chance had a part in: of the libraries in the program, those whose code this study used.

use crate::report::build::names::list;
use crate::results::{Library, ModelFacts, Results};
use serde_json::Value;

pub fn sentence(results: &Results) -> String {
    let used = results.program.libraries.iter().filter(|library| has_a_part(library, results));
    let libraries: Vec<String> =
        used.map(|library| format!("{} {} ({})", library.name, library.version, library.part)).collect();
    let with = if libraries.is_empty() { String::new() } else { format!(" with {}", list(&libraries)) };
    let chance = if is_random(results) {
        format!(" Random numbers come from the seed {}; no", results.study.seed)
    } else {
        " No random number has a part in it, and no".to_string()
    };
    format!(
        "Everything was computed by {} {}{with}.{chance} result depends on the clock, the machine's name, the number of \
         threads or the order of rows.",
        results.program.name, results.program.version
    )
}

/// A library that is not known here is named rather than kept quiet about.
fn has_a_part(library: &Library, results: &Results) -> bool {
    let any = |has: &dyn Fn(&ModelFacts) -> bool| results.models.iter().any(has);
    match library.name.as_str() {
        // These are named where a model's description says by what it was fitted.
        name @ ("linfa-logistic" | "linfa-svm" | "smartcore") => any(&|model| model.description.contains(name)),
        "matrixmultiply" => any(&is_trained_network),
        "tract-onnx" => any(&|model| model.network.as_ref().is_some_and(|facts| facts.runtime.contains("tract"))),
        "rand_xoshiro" => is_random(results),
        "plotters" => results.layout.iter().any(|item| item.show.is_figure()),
        _ => true,
    }
}

fn is_trained_network(model: &ModelFacts) -> bool {
    model.network.as_ref().is_some_and(|facts| facts.parameters.is_some())
}

/// Data, split, fits or intervals come of random numbers.
fn is_random(results: &Results) -> bool {
    let chance_in = |model: &ModelFacts| {
        model.kind == "forest" || is_trained_network(model) || model.description.contains("cross-fitted")
    };
    results.study.simulated
        || results.partitions.iter().any(|part| part.says.contains("random"))
        || results.models.iter().any(chance_in)
        || results.analyses.iter().any(|analysis| serde_json::to_value(analysis).is_ok_and(|tree| is_resampled(&tree)))
}

/// A method that names resampling, or a number of replicates, anywhere in an analysis.
fn is_resampled(tree: &Value) -> bool {
    let resampling = |text: &str| {
        ["bootstrap", "resampl", "permut", "replicate", "Monte Carlo"].iter().any(|word| text.contains(word))
    };
    match tree {
        Value::String(text) => resampling(text),
        Value::Array(items) => items.iter().any(is_resampled),
        Value::Object(entries) => entries.iter().any(|(key, value)| match value {
            Value::Number(_) => key == "replicates",
            value => is_resampled(value),
        }),
        _ => false,
    }
}
