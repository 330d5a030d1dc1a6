//! The program as it is used: its verbs, its exit codes, its files.

mod against_glm;
mod asah_study;
mod audit_verb;
mod audit_with_data;
mod bad_input;
mod breast_rfs;
mod bundle;
mod cache;
mod compare;
mod encoding;
mod external_cohort;
mod features_table;
mod images;
mod networks;
mod output_folder;
mod pool;
mod privacy;
mod report_verb;
mod reproducible;
mod ro_crate;
mod schema;
mod shards;
mod small_study;
mod statistics;
mod survival_statistics;
mod verify;
