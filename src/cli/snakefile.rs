//! A Snakefile that computes the units of a study in parallel, on one machine or on a cluster by a plugin of Snakemake, and
//! merges them into the report. Nothing of a scheduler is ours.

use crate::spec::Study;
use crate::spec::raw::RawModel;
use std::num::NonZeroUsize;
use std::path::Path;

const TEMPLATE: &str = r#"# The study @ID@ under Snakemake 9: fits, then analyses, each in @SHARDS@ parts, then the report.
#
#   snakemake --cores all
#   snakemake --executor slurm --jobs @SHARDS@        (with snakemake-executor-plugin-slurm)
#
# Where the program or the report lie elsewhere: --config vouch=PATH report=FOLDER shards=FOLDER
# The shards hold scores of subjects: keep them where the data are kept.

VOUCH = config.get("vouch", "vouch")
STUDY = @STUDY@
REPORT = config.get("report", @REPORT@)
SHARDS = config.get("shards", @FOLDER@)
PARTS = range(1, @SHARDS@ + 1)


localrules:
    all,


rule all:
    input:
        f"{REPORT}/results.json",


rule fits:
    output:
        directory(f"{SHARDS}/fits-{{part}}"),
    threads: 1
    resources:
        mem_mb=4000,
        runtime=240,@GPU@
    shell:
        "{VOUCH} shard {STUDY:q}@PROFILE@ --units fits --partition hash:{wildcards.part}/@SHARDS@ --out {output:q}"


rule statistics:
    input:
        expand(f"{SHARDS}/fits-{{part}}", part=PARTS),
    output:
        directory(f"{SHARDS}/statistics-{{part}}"),
    threads: 1
    resources:
        mem_mb=4000,
        runtime=240,
    shell:
        "{VOUCH} shard {STUDY:q}@PROFILE@ --units statistics --partition hash:{wildcards.part}/@SHARDS@ --out {output:q} --from {input:q}"


rule merge:
    input:
        expand(f"{SHARDS}/fits-{{part}}", part=PARTS),
        expand(f"{SHARDS}/statistics-{{part}}", part=PARTS),
    output:
        f"{REPORT}/results.json",
    resources:
        mem_mb=4000,
        runtime=60,
    shell:
        "{VOUCH} merge {STUDY:q}@PROFILE@ {input:q} --out {REPORT:q}"
"#;

/// `path` is the study as it was named: the workflow is run from the same folder.
pub(super) fn of(study: &Study, path: &Path, shards: NonZeroUsize) -> String {
    let id = &study.spec.id;
    let gpu = if study.spec.models.values().any(fits_on_a_gpu) { "\n        gpu=1," } else { "" };
    let profile = study.profiles.used.as_ref().map(|name| format!(" --profile {name}")).unwrap_or_default();
    TEMPLATE
        .replace("@ID@", id)
        .replace("@STUDY@", &quoted(&path.display().to_string()))
        .replace("@PROFILE@", &profile)
        .replace("@REPORT@", &quoted(&format!("reports/{id}")))
        .replace("@FOLDER@", &quoted(&format!("shards/{id}")))
        .replace("@SHARDS@", &shards.to_string())
        .replace("@GPU@", gpu)
}

/// Networks can be trained on a GPU; what is fitted here now is not.
fn fits_on_a_gpu(model: &RawModel) -> bool {
    model.kind() == "network"
}

/// A Python string.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
