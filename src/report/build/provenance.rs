//! What the results were made from and by: enough to make them again.

use super::definition;
use crate::report::document::Block;
use crate::report::number::count;
use crate::results::Results;

pub fn blocks(results: &Results) -> Vec<Block> {
    let program = &results.program;
    let study = &results.study;
    let mut entries = vec![
        definition("Program", format!("{} {}", program.name, program.version)),
        definition("Results format", results.schema.as_str()),
        definition("Numeric class", program.numeric_class.as_str()),
        definition("Seed", study.seed.to_string()),
        definition("Study spec, SHA-256", study.spec_sha256.as_str()),
    ];
    for input in &results.inputs {
        entries.push(definition(
            format!("Input “{}”", input.name),
            format!("{}; content SHA-256 {}", input.size(count), input.content_sha256),
        ));
    }
    let libraries: Vec<String> =
        program.libraries.iter().map(|library| format!("{} {}", library.name, library.version)).collect();
    if !libraries.is_empty() {
        entries.push(definition("Libraries", libraries.join(", ")));
    }
    vec![
        Block::Paragraph {
            text:
                "The same spec, data and program version give the same results, bit for bit, within one numeric class."
                    .to_string(),
        },
        Block::Definitions { entries },
    ]
}
