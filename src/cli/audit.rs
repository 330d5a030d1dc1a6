//! `vouch audit FILE`: do the numbers that a paper reports hold?

use super::output::{print, print_line, tell};
use super::{Exit, audit_data, colour_on, refuse_table};
use crate::audit::{self, Audit, Diagnostic, Replay, Reported, Verdict};
use clap::{Args, ValueEnum};
use std::io::IsTerminal;
use std::path::PathBuf;

#[derive(Debug, Args)]
#[command(group(clap::ArgGroup::new("data").args(["results", "predictions"]).multiple(true)))]
pub struct AuditArguments {
    /// The printed numbers, in the layout reported/1
    #[arg(required_unless_present_any = ["list", "explain", "new"])]
    file: Option<PathBuf>,
    /// Set every printed number beside the one of these results (a results.json, or the folder that holds it)
    #[arg(long, value_name = "RESULTS")]
    pub(super) results: Option<PathBuf>,
    /// Set every printed number beside the one that these scores give (CSV or Parquet; see docs/audit.md)
    #[arg(long, value_name = "FILE")]
    pub(super) predictions: Option<PathBuf>,
    /// What the data call the paper's names, where the file itself does not say it under `match:`
    #[arg(long, value_name = "FILE", requires = "data")]
    pub(super) map: Option<PathBuf>,
    /// How to print the result
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Exit with 3 when there is a finding of this verdict or a worse one, or a number that disagrees with the data
    #[arg(long, value_enum, default_value_t = FailOn::Impossible)]
    fail_on: FailOn,
    /// Check one finding again, by its id, with a second, plain checker
    #[arg(long, value_name = "FINDING")]
    replay: Option<String>,
    /// Run these rules only, by code or name; may be given several times
    #[arg(long, value_name = "RULE")]
    only: Vec<String>,
    /// A fact that the paper states in words and the file does not: ties=none, ci_method=delong, rounding=half_up, ...
    #[arg(long, value_name = "FACT=VALUE")]
    assume: Vec<String>,
    /// List the rules
    #[arg(long)]
    list: bool,
    /// Explain one rule, by its code or name
    #[arg(long, value_name = "RULE")]
    explain: Option<String>,
    /// Print a commented skeleton to type a paper's numbers into
    #[arg(long)]
    new: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    Text,
    Json,
    Sarif,
    Junit,
    Html,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum FailOn {
    Impossible,
    Inconsistent,
    Implausible,
    Cosmetic,
    Never,
}

pub fn audit(arguments: &AuditArguments) -> Exit {
    if arguments.list {
        return list();
    }
    if let Some(rule) = &arguments.explain {
        return explain(rule);
    }
    let Some(file) = arguments.file.as_ref().filter(|_| !arguments.new) else {
        return print(&audit::skeleton(), Exit::Fine);
    };
    if let Err(exit) = refuse_table(file, "the file with the printed numbers (see `vouch audit --new`)") {
        return exit;
    }
    let text = match std::fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) => {
            tell!("`{}` cannot be read: {error}", file.display());
            return Exit::Input;
        }
    };
    let name = file.display().to_string();
    let mut reported = match audit::parse_assuming(&text, &name, &arguments.assume) {
        Ok(reported) => reported,
        Err(problems) => return refuse(&name, &text, &problems),
    };
    let mut only = Vec::new();
    for rule in &arguments.only {
        match audit::find_rule(rule) {
            Some(found) => only.push(found.code),
            None => return no_such_rule(rule),
        }
    }
    let mut audit = audit::audit_with(&reported, &|rule| only.is_empty() || only.contains(&rule.code));
    if let Some(id) = &arguments.replay {
        return replay(&audit, &reported, id);
    }
    match audit_data::recompute(arguments, &mut reported, &text) {
        Ok(recomputed) => audit.recomputed = recomputed,
        Err(exit) => return exit,
    }
    let printed = match arguments.format {
        Format::Text => audit::render_text(&audit, colour_on(std::io::stdout().is_terminal())),
        Format::Json => audit::render_json(&audit),
        Format::Sarif => audit::render_sarif(&audit),
        Format::Junit => audit::render_junit(&audit),
        Format::Html => audit::render_html(&audit),
    };
    print(&printed, if fails(&audit, arguments.fail_on) { Exit::Findings } else { Exit::Fine })
}

/// Verdicts are ordered from the worst.
fn fails(audit: &Audit, fail_on: FailOn) -> bool {
    let limit = match fail_on {
        FailOn::Impossible => Verdict::Impossible,
        FailOn::Inconsistent => Verdict::Inconsistent,
        FailOn::Implausible => Verdict::Implausible,
        FailOn::Cosmetic => Verdict::Cosmetic,
        FailOn::Never => return false,
    };
    let disagrees = audit.recomputed.as_ref().is_some_and(audit_data::fails);
    disagrees || audit.findings.iter().any(|finding| finding.verdict <= limit)
}

fn list() -> Exit {
    let lines = audit::list_rules().iter().map(|rule| format!("{}  {:<24} {}\n", rule.code, rule.name, rule.checks));
    print(&lines.collect::<String>(), Exit::Fine)
}

fn explain(rule: &str) -> Exit {
    match audit::explain(rule) {
        Some(text) => print(&text, Exit::Fine),
        None => no_such_rule(rule),
    }
}

fn no_such_rule(rule: &str) -> Exit {
    let names = audit::list_rules().iter().flat_map(|rule| [rule.code, rule.name]);
    tell!("There is no rule `{rule}`.");
    if let Some(name) = crate::spec::diagnostic::nearest(rule, names) {
        tell!("Did you mean `{name}`? `vouch audit --list` has them all.");
    }
    Exit::Invalid
}

fn replay(audit: &Audit, reported: &Reported, id: &str) -> Exit {
    let Some(finding) = audit.findings.iter().find(|finding| finding.id == id) else {
        tell!("There is no finding `{id}`.");
        let ids = audit.findings.iter().map(|finding| finding.id.as_str());
        if let Some(nearest) = crate::spec::diagnostic::nearest(id, ids) {
            tell!("Did you mean `{nearest}`?");
        }
        return Exit::Invalid;
    };
    match audit::replay(finding, reported) {
        Replay::Confirmed(says) => print_line(format!("confirmed: {says}"), Exit::Fine),
        Replay::Refuted(says) => {
            tell!("The two checkers disagree: this is a bug in Vouch, please report it.");
            print_line(format!("refuted: {says}"), Exit::Unexpected)
        }
        Replay::NotReplayable(why) => print_line(format!("not replayable: {why}"), Exit::Fine),
    }
}

/// All problems of the file, each with the line it stands in.
pub(super) fn refuse(name: &str, text: &str, problems: &[Diagnostic]) -> Exit {
    for problem in problems {
        tell!("error: {}", problem.message);
        tell!("  --> {name}:{}:{}", problem.line, problem.column);
        let line = text.lines().nth(problem.line.saturating_sub(1));
        if let Some(line) = line.filter(|_| crate::spec::diagnostic::has_keys(text)) {
            tell!("   | {line}");
            tell!("   | {}^", " ".repeat(problem.column.saturating_sub(1)));
        }
        if let Some(help) = &problem.help {
            tell!("   = help: {help}");
        }
        tell!();
    }
    let count = if problems.len() == 1 { "1 problem".to_string() } else { format!("{} problems", problems.len()) };
    tell!("{count} in {name}; nothing was audited.");
    Exit::Invalid
}
