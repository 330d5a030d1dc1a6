//! The page stands alone, lets nothing in, and shows labels as text.

use super::document::{build, samples};
use crate::support::sample_results;
use sha2::{Digest, Sha256};
use vouch::report::document::Block;
use vouch::report::html::render;

fn between<'a>(text: &'a str, start: &str, end: &str) -> &'a str {
    let from = text.find(start).unwrap_or_else(|| panic!("no {start}")) + start.len();
    let length = text[from..].find(end).unwrap_or_else(|| panic!("no {end} after {start}"));
    &text[from..from + length]
}

fn decode(base64: &str) -> Vec<u8> {
    const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut bits = String::new();
    for character in base64.trim_end_matches('=').chars() {
        bits.push_str(&format!("{:06b}", ALPHABET.find(character).expect("a base64 digit")));
    }
    let octets = bits.as_bytes().chunks_exact(8);
    octets.map(|octet| u8::from_str_radix(std::str::from_utf8(octet).expect("digits"), 2).expect("an octet")).collect()
}

#[test]
fn the_policy_knows_the_style_and_the_script_by_their_hashes() {
    let page = render(&build(&sample_results::sample())).expect("renders");
    let policy = between(&page, "http-equiv=\"Content-Security-Policy\" content=\"", "\"");
    assert!(policy.starts_with("default-src 'none';"), "{policy}");
    assert!(!policy.contains("unsafe") && !policy.contains("http") && !policy.contains('*'), "{policy}");
    for (directive, tag) in [("style-src", "style"), ("script-src", "script")] {
        let hash = between(policy, &format!("{directive} 'sha256-"), "'");
        let content = between(&page, &format!("<{tag}>"), &format!("</{tag}>"));
        assert_eq!(decode(hash), Sha256::digest(content.as_bytes()).to_vec(), "{directive}");
    }
}

#[test]
fn nothing_is_fetched() {
    for (name, results) in samples() {
        let page = render(&build(&results)).expect("renders");
        for attribute in [" src=\"", " href=\"", " srcset=\"", " action=\"", " data=\"", "url("] {
            for part in page.split(attribute).skip(1) {
                let inside = part.starts_with('#') || part.starts_with("data:");
                assert!(inside, "{name}: {attribute}{}", part.chars().take(60).collect::<String>());
            }
        }
        assert!(!page.contains("@import") && !page.contains("<link"), "{name}");
        assert!(!page.contains(" style=\""), "{name}: the policy refuses style attributes");
    }
}

#[test]
fn a_label_with_markup_shows_as_text() {
    let page = render(&build(&sample_results::long_labels())).expect("renders");
    assert_eq!(page.matches("<script>").count(), 1, "only the page's own script");
    assert!(!page.contains("<b>bold</b>"));
    assert!(page.contains("&lt;script&gt;alert("), "the label is there, as text");
}

#[test]
fn every_exhibit_is_in_the_contents() {
    let document = build(&sample_results::sample());
    let page = render(&document).expect("renders");
    let contents = between(&page, "<nav", "</nav>");
    for block in &document.blocks {
        let id = match block {
            Block::Heading { id, .. } => id,
            Block::Table(table) => &table.id,
            Block::Figure(figure) => &figure.id,
            _ => continue,
        };
        assert!(contents.contains(&format!("href=\"#{id}\"")), "{id}");
        assert_eq!(page.matches(&format!(" id=\"{id}\"")).count(), 1, "{id}");
    }
}

/// A screen reader lists landmarks by name: a table and the box that scrolls it were two of one name, and the band over
/// simulated data stood outside of all.
#[test]
fn landmarks_have_names_of_their_own() {
    let page = render(&build(&sample_results::simulated())).expect("renders");
    assert!(!page.contains("role=\"region\""), "a box that scrolls is a group within its section");
    assert!(page.contains("<aside class=\"simulated\" aria-label="));
    let names: Vec<&str> =
        page.split("<section ").skip(1).map(|section| between(section, "aria-labelledby=\"", "\"")).collect();
    let mut distinct = names.clone();
    distinct.sort_unstable();
    distinct.dedup();
    assert_eq!(names.len(), distinct.len());
}

#[test]
fn simulated_data_say_so() {
    let page = |results| render(&build(&results)).expect("renders");
    assert!(page(sample_results::simulated()).contains("class=\"simulated\""));
    assert!(!page(sample_results::sample()).contains("class=\"simulated\""));
}

#[test]
fn the_same_results_give_the_same_bytes() {
    let results = sample_results::sample();
    assert_eq!(render(&build(&results)).expect("renders"), render(&build(&results)).expect("renders"));
}

/// Contrast ratio of WCAG 2.
fn contrast(a: &str, b: &str) -> f64 {
    let luminance = |hex: &str| {
        let channel = |at: usize| {
            let value = f64::from(u8::from_str_radix(&hex[at..at + 2], 16).expect("a hexadecimal colour")) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5) + 0.05
    };
    let (a, b) = (luminance(a), luminance(b));
    a.max(b) / a.min(b)
}

/// The page's own colours, in light, in dark as the reader prefers it, and in dark as the button sets it.
#[test]
fn the_pages_colours_contrast_as_wcag_aa_asks() {
    let page = render(&build(&sample_results::sample())).expect("renders");
    let blocks: Vec<&str> =
        page.split("--paper: ").skip(1).map(|rest| &rest[..rest.find('}').expect("a rule ends")]).collect();
    assert_eq!(blocks.len(), 3);
    for block in blocks {
        let paper = &block[..7];
        let colour = |name: &str| {
            let start = block.find(&format!("--{name}: ")).unwrap_or_else(|| panic!("no {name}")) + name.len() + 4;
            &block[start..start + 7]
        };
        for ink in ["text", "quiet", "link"] {
            for ground in [paper, colour("ground"), colour("hover"), colour("note-ground")] {
                assert!(contrast(colour(ink), ground) >= 4.5, "{ink} on {ground}");
            }
        }
        assert!(contrast(colour("warning"), colour("warning-ground")) >= 4.5);
        // The outline of what has the focus.
        assert!(contrast(colour("link"), paper) >= 3.0);
    }
    assert!(contrast("#ffffff", "#9a3412") >= 4.5, "the band over simulated data");
}
