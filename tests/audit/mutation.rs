//! One typing error at a time in honest studies: how often does each rule notice? `cargo test -- --nocapture recall` prints
//! the table; `VOUCH_MUTATIONS` sets how many errors are tried (400 unless it does).

use super::study_maker::study;
use std::collections::BTreeMap;
use vouch::audit::{Replay, Verdict, audit, parse, replay};
use vouch::stats::random::Seed;

/// A digit changed, two digits exchanged, or a digit dropped.
fn mistype(text: &str, draw: u64) -> Option<String> {
    let digits: Vec<usize> = text.char_indices().filter(|(_, c)| c.is_ascii_digit()).map(|(place, _)| place).collect();
    let place = *digits.get((draw / 8) as usize % digits.len().max(1))?;
    let mut bytes = text.as_bytes().to_vec();
    match draw % 3 {
        0 => bytes[place] = b'0' + (bytes[place] - b'0' + 1 + ((draw >> 20) % 9) as u8) % 10,
        1 => {
            let next = *digits.iter().find(|&&other| other > place)?;
            bytes.swap(place, next);
        }
        _ if digits.len() > 2 => {
            bytes.remove(place);
        }
        _ => return None,
    }
    let typed = String::from_utf8(bytes).ok()?;
    (typed != text && !typed.starts_with('.') && !typed.ends_with('.')).then_some(typed)
}

#[test]
fn recall_of_single_typing_errors() {
    let wanted: usize = std::env::var("VOUCH_MUTATIONS").ok().and_then(|text| text.parse().ok()).unwrap_or(400);
    let mut stream = Seed::from_study(9).child("mutation").stream();
    // By kind of figure: tried and noticed; by rule: noticed.
    let mut kinds: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    let mut rules: BTreeMap<&str, usize> = BTreeMap::new();
    let mut replays: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    let (mut tried, mut number) = (0_usize, 0_u64);
    while tried < wanted {
        number += 1;
        let text = study(1_000_000 + number);
        let Ok(reported) = parse(&text, "study.yaml") else { continue };
        let figures: Vec<_> =
            reported.leaves.iter().filter(|l| l.role == vouch::audit::reported::Role::Figure).collect();
        for _ in 0..4 {
            let leaf = figures[stream.below(figures.len() as u64) as usize];
            let Some(typed) = mistype(&leaf.text, stream.next_u64()) else { continue };
            let changed = replace(&text, leaf.line, leaf.column, &leaf.text, &typed);
            let Ok(mutated) = parse(&changed, "study.yaml") else { continue };
            let audit = audit(&mutated);
            let found: Vec<&str> =
                audit.findings.iter().filter(|f| f.verdict <= Verdict::Implausible).map(|f| f.rule).collect();
            let kind = leaf.path.split('/').nth(1).unwrap_or_default().to_string();
            let tally = kinds.entry(kind).or_default();
            tally.0 += 1;
            tally.1 += usize::from(!found.is_empty());
            for rule in found {
                *rules.entry(rule).or_default() += 1;
            }
            // What the rules find, the plain second checker must not refute.
            for finding in &audit.findings {
                let outcome = match replay(finding, &mutated) {
                    Replay::Confirmed(_) => "confirmed",
                    Replay::NotReplayable(_) => "not replayable",
                    Replay::Refuted(says) => panic!("refuted: {says}\n{} as {typed}\n{finding:#?}", leaf.text),
                };
                *replays.entry((finding.rule, outcome)).or_default() += 1;
            }
            tried += 1;
        }
    }
    println!("single typing errors noticed, by section:");
    for (kind, (tried, noticed)) in &kinds {
        println!("  {kind:<12} {noticed:>5} of {tried:>5}  {:>5.1} %", 100.0 * *noticed as f64 / *tried as f64);
    }
    println!("by rule: {rules:?}");
    println!("by the second checker: {replays:?}");
    let noticed: usize = kinds.values().map(|tally| tally.1).sum();
    // Most figures are free to be other figures; but a checker that notices nothing would pass every other test.
    assert!(10 * noticed > tried, "{noticed} of {tried}");
}

/// The figure at a line and column, which may stand in quotes, replaced.
fn replace(text: &str, line: usize, column: usize, from: &str, to: &str) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_string).collect();
    let found = &mut lines[line - 1];
    let offset = found.char_indices().nth(column - 1).map_or(0, |(offset, _)| offset);
    if let Some(place) = found[offset..].find(from) {
        found.replace_range(offset + place..offset + place + from.len(), to);
    }
    lines.join("\n") + "\n"
}
