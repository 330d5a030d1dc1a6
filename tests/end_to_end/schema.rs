//! The committed schema is that of the program, and every shipped study fits it.

use crate::support::program::{Folder, repository, vouch};

#[test]
fn the_committed_schema_is_fresh() {
    let folder = Folder::new();
    let committed = std::fs::read_to_string(repository().join("schema/study.schema.json")).unwrap();
    let printed = vouch(&folder.path, &["schema"]).stdout;
    assert!(printed == committed, "stale: `cargo run --release -- schema > schema/study.schema.json`");
    assert!(committed.contains("http://json-schema.org/draft-07/schema#"));
}

#[test]
fn the_committed_schema_of_declarations_is_fresh() {
    let folder = Folder::new();
    let committed = std::fs::read_to_string(repository().join("schema/compare.schema.json")).unwrap();
    let printed = vouch(&folder.path, &["schema", "compare"]).stdout;
    assert!(printed == committed, "stale: `cargo run --release -- schema compare > schema/compare.schema.json`");
}

#[test]
fn every_shipped_study_fits_the_schema() {
    let schema: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(repository().join("schema/study.schema.json")).unwrap()).unwrap();
    let validator = jsonschema::draft7::new(&schema).unwrap();
    let mut studies = 0;
    for entry in std::fs::read_dir(repository().join("studies")).unwrap().flatten() {
        let path = entry.path().join("study.yaml");
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        let value = vouch::spec::tree::parse(&text).unwrap().to_json();
        let errors: Vec<String> = validator.iter_errors(&value).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{}: {errors:?}", path.display());
        studies += 1;
    }
    assert!(studies >= 1);
}

#[test]
fn the_schema_refuses_what_the_program_refuses() {
    let schema: serde_json::Value = vouch::spec::schema();
    let validator = jsonschema::draft7::new(&schema).unwrap();
    let study = super::small_study::STUDY;
    for (from, to) in [
        ("title:", "titel:"),
        ("seed: 11", "seed: eleven"),
        ("kind: logistic", "kind: logistc"),
        ("fraction: 0.25", "fraction: 25"),
    ] {
        let text = study.replacen(from, to, 1);
        let tree = vouch::spec::tree::parse(&text).unwrap();
        assert!(!validator.is_valid(&tree.to_json()), "{to}");
        assert!(!vouch::spec::shape::check(&tree, &schema).problems.is_empty(), "{to}");
    }
    let tree = vouch::spec::tree::parse(study).unwrap();
    assert!(validator.is_valid(&tree.to_json()));
}

#[test]
fn every_kind_of_analysis_and_every_key_of_it_is_described() {
    let schema = vouch::spec::schema();
    let definition = |value: &serde_json::Value| {
        let name = value["$ref"].as_str().and_then(|name| name.rsplit('/').next()).map(str::to_string);
        name.map_or(serde_json::Value::Null, |name| schema["definitions"][name.as_str()].clone())
    };
    let kinds = schema["definitions"]["RawStatistic"]["oneOf"].as_array().unwrap();
    assert!(kinds.len() >= 16);
    for kind in kinds {
        let name = &kind["properties"]["kind"]["const"];
        assert!(kind["description"].is_string(), "{name} has no description");
        for (key, property) in kind["properties"].as_object().unwrap() {
            let said = property["description"].is_string() || definition(property)["description"].is_string();
            assert!(said || key == "kind", "`{key}` of {name} has no description");
        }
    }
}
