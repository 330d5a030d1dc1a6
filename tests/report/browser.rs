//! The page as a reader has it: sorted, filtered, pointed at, used by keyboard; on a phone and on a desk, light and dark.

use super::document::build;
use crate::support::browser::Browser;
use crate::support::program::skipped_without;
use crate::support::sample_results;
use vouch::report::html::render;
use vouch::results::{AnalysisOutcome, Checklist, Results};

fn page(results: &Results) -> String {
    render(&build(results)).expect("renders")
}

/// The samples that stretch a page most, with checklists.
fn pages() -> Vec<(&'static str, String)> {
    let samples = [
        ("simulated", sample_results::simulated()),
        ("forty models", sample_results::forty_models()),
        ("long labels", sample_results::long_labels()),
        ("no events", sample_results::no_events()),
        ("withheld", vouch::results::privacy::withhold(sample_results::sample(), 40)),
        ("much withheld", vouch::results::privacy::withhold(sample_results::sample(), 160)),
    ];
    let with_checklists = |(name, mut results): (&'static str, Results)| {
        results.presentation.checklists = vec![Checklist::TripodAi, Checklist::Clear];
        (name, page(&results))
    };
    samples.map(with_checklists).into()
}

/// Texts whose contrast with what lies behind them is below that of WCAG 2.2 AA, as they are drawn. What is translucent is
/// laid over what is behind it.
const FAINT: &str = r#"(() => {
  const rgba = (text) => { const n = (text.match(/[\d.]+/g) ?? []).map(Number); return n.length === 3 ? [...n, 1] : n; };
  const over = (top, below) => top.slice(0, 3).map((c, i) => c * top[3] + below[i] * (1 - top[3])).concat(1);
  const light = (c) => c.slice(0, 3).map((v) => v / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (e) => {
    const layers = [];
    for (let at = e; at; at = at.parentElement) layers.push(rgba(getComputedStyle(at).backgroundColor));
    return layers.reverse().filter((c) => c.length === 4).reduce((below, top) => over(top, below), [255, 255, 255, 1]);
  };
  const faint = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node; (node = walker.nextNode()); ) {
    const e = node.parentElement;
    if (!node.textContent.trim() || ["SCRIPT", "STYLE", "TITLE", "title", "OPTION"].includes(e.tagName)) continue;
    if (!e.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
    const style = getComputedStyle(e);
    const ground = behind(e instanceof SVGElement ? e.ownerSVGElement : e);
    const ink = over(rgba(e instanceof SVGElement ? style.fill : style.color), ground);
    const [a, b] = [light(ink) + 0.05, light(ground) + 0.05];
    const ratio = Math.max(a, b) / Math.min(a, b);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 600);
    if (ratio < (large ? 3 : 4.5)) faint.push(`${node.textContent.trim().slice(0, 40)}: ${ratio.toFixed(2)}`);
  }
  return faint;
})()"#;

/// Controls and regions that a screen reader could not name, and pictures without words.
const UNNAMED: &str = r#"[...document.querySelectorAll("button, input, select, a, summary, [role=button], [role=group], svg")]
  .filter((e) => e.checkVisibility() && !(e.getAttribute("aria-label") || e.getAttribute("aria-labelledby") || e.textContent.trim()
    || e.labels?.length)).map((e) => e.outerHTML.slice(0, 120))"#;

#[test]
fn every_page_is_quiet_and_fits_and_can_be_read() {
    let Some(mut browser) = Browser::start() else {
        return skipped_without("chromium");
    };
    for (name, page) in pages() {
        for (width, height) in [(390, 844), (1280, 900)] {
            for scheme in ["light", "dark"] {
                let place = format!("{name}, {width} wide, {scheme}");
                browser.window(width, height, scheme);
                browser.said.clear();
                browser.requests.clear();
                browser.open(&page);
                let strays: Vec<String> = browser
                    .requests
                    .iter()
                    .filter(|address| !address.starts_with("data:") && !address.ends_with("/page.html"))
                    .cloned()
                    .collect();
                assert!(strays.is_empty(), "{place}: {strays:?}");
                let too_wide = browser.value("document.documentElement.scrollWidth - innerWidth");
                assert!(too_wide.as_f64().unwrap() <= 0.0, "{place}: {too_wide} too wide");
                let faint = browser.value(FAINT);
                assert_eq!(faint.as_array().unwrap().len(), 0, "{place}: {faint}");
                let unnamed = browser.value(UNNAMED);
                assert_eq!(unnamed.as_array().unwrap().len(), 0, "{place}: {unnamed}");
                assert!(browser.said.is_empty(), "{place}: {:?}", browser.said);
            }
        }
    }
}

#[test]
fn what_is_cut_at_the_edge_of_a_phone_says_that_it_goes_on() {
    let Some(mut browser) = Browser::start() else {
        return skipped_without("chromium");
    };
    let cue = "document.querySelector('#table-2 .more').checkVisibility()";
    let figure = "document.querySelector('#figure-2 .more').checkVisibility()";
    browser.window(390, 844, "light");
    browser.open(&page(&sample_results::sample()));
    assert!(browser.truth(cue) && browser.truth(figure));
    browser.window(1280, 900, "light");
    browser.open(&page(&sample_results::sample()));
    assert!(!browser.truth(figure), "no figure is cut on a desk");
}

/// On a phone the note in a drawing was cut at the edge, and the names in the key of the curves were scrolled away from
/// their numbers.
#[test]
fn notes_and_names_of_a_drawing_stay_in_sight_on_a_phone() {
    let Some(mut browser) = Browser::start() else {
        return skipped_without("chromium");
    };
    browser.window(390, 844, "light");
    browser.open(&page(&sample_results::sample()));
    let note = "[...document.querySelectorAll('#figure-2 .drawing ~ p.below')].find((p) => p.textContent.includes('Dashed diagonal'))";
    assert!(browser.truth(&format!("{note}.checkVisibility() && {note}.scrollWidth <= innerWidth")));
    assert!(browser.text(&format!("{note}.textContent")).contains("thresholds. Dashed"), "lines are joined by a blank");
    assert_eq!(browser.text("getComputedStyle(document.querySelector('#figure-2 .note')).visibility"), "hidden");
    let left = "document.querySelector('#figure-2 .stays text').getBoundingClientRect().left";
    let before = browser.value(left).as_f64().unwrap();
    let scrolled = format!(
        "new Promise((done) => {{ document.querySelector('#figure-2 .drawing').scrollLeft = 150; setTimeout(() => done({left}), 200); }})"
    );
    let after = browser.value(&scrolled).as_f64().unwrap();
    assert!((before - after).abs() < 1.0, "from {before} to {after}");
    browser.click("#figure-2 button[data-do=svg]");
    let svg = browser.downloaded("figure-2.svg");
    assert!(svg.contains("<g class=\"stays\">") && !svg.contains("behind"), "the file is as it was drawn");

    browser.window(1280, 900, "light");
    browser.open(&page(&sample_results::sample()));
    assert!(browser.truth(&format!("!{note}.checkVisibility()")), "on a desk the drawing has it");
}

/// WCAG 2.2, target size: 24 by 24 pixels.
#[test]
fn marks_of_footnotes_and_heads_that_sort_can_be_touched() {
    let Some(mut browser) = Browser::start() else {
        return skipped_without("chromium");
    };
    browser.window(390, 844, "light");
    browser.open(&page(&sample_results::sample()));
    let small = "[...document.querySelectorAll('sup a, .head[role=button]')].filter((e) => e.checkVisibility()) \
                 .flatMap((e) => [...e.getClientRects()].slice(0, 1).map((r) => [e.textContent, r.width, r.height])) \
                 .filter(([text, width, height]) => height < 23.5 || (text.length < 3 && width < 23.5))";
    let small = browser.value(small);
    assert_eq!(small.as_array().unwrap().len(), 0, "{small}");
}

#[test]
fn tables_sort_filter_copy_and_download() {
    let Some(mut browser) = Browser::start() else {
        return skipped_without("chromium");
    };
    browser.window(1280, 900, "light");
    browser.open(&page(&sample_results::sample()));
    let names = "[...document.querySelectorAll('#table-2 tbody')[2].rows].slice(1).map((row) => row.cells[0].textContent).join('|')";
    let declared = browser.text(names);
    let auc = "#table-2 tr.heads th:nth-child(2) .head";
    browser.click(auc);
    let aucs = "[...document.querySelectorAll('#table-2 tbody')[2].rows].slice(1).map((row) => Number(row.cells[1].dataset.n))";
    let ascending: Vec<f64> = serde_json::from_value(browser.value(aucs)).unwrap();
    assert!(ascending.len() == 5 && ascending.windows(2).all(|pair| pair[0] <= pair[1]), "{ascending:?}");
    assert_eq!(browser.text("document.querySelector('#table-2 th[aria-sort]').ariaSort"), "ascending");
    // By keyboard: once more turns it round, and again restores the study's own order.
    browser.value(&format!("document.querySelector({auc:?}).focus()"));
    browser.press("Enter");
    let descending: Vec<f64> = serde_json::from_value(browser.value(aucs)).unwrap();
    assert!(descending.windows(2).all(|pair| pair[0] >= pair[1]), "{descending:?}");
    browser.press(" ");
    assert_eq!(browser.text(names), declared);

    browser.value("document.querySelector('#table-2 input[type=search]').focus()");
    browser.call("Input.insertText", serde_json::json!({"text": "forest"}));
    let seen = "[...document.querySelectorAll('#table-2 tbody tr:not(.section)')].filter((row) => row.checkVisibility()).map((row) => row.cells[0].textContent)";
    assert_eq!(browser.value(seen), serde_json::json!(vec!["Random forest"; 4]));

    browser.click("#table-2 button[data-do=copy]");
    let copied =
        browser.text("new Promise((done) => setTimeout(async () => done(await navigator.clipboard.readText()), 200))");
    let line = copied.lines().find(|line| line.starts_with("Random forest")).unwrap_or_else(|| panic!("{copied}"));
    assert_eq!(line.split('\t').count(), 8, "{line}");
    assert!(line.starts_with("Random forest\t0.812 ("), "{line}");

    browser.click("#table-1 button[data-do=csv]");
    let csv = browser.downloaded("table-1.csv");
    assert!(csv.starts_with('\u{feff}') && csv.contains("\r\n\"Age, years, mean ± SD\","), "{csv}");
    browser.click("#figure-2 button[data-do=svg]");
    let svg = browser.downloaded("figure-2.svg");
    assert!(svg.starts_with("<svg") && svg.contains("polyline"), "{}", &svg[..200]);
    assert!(browser.said.is_empty(), "{:?}", browser.said);
}

#[test]
fn figures_are_read_by_pointer_and_by_keyboard() {
    let Some(mut browser) = Browser::start() else {
        return skipped_without("chromium");
    };
    browser.window(1280, 900, "dark");
    browser.open(&page(&sample_results::sample()));
    let readout = "document.querySelector('#figure-2 .readout').textContent";
    browser.point("#figure-2 .panel polyline", 0.5, 0.5, false);
    let pointed = browser.text(readout);
    assert!(pointed.contains("Training set") && pointed.contains("Random forest 0."), "{pointed}");
    browser.value("document.querySelector('#figure-2 .drawing').focus()");
    browser.press("ArrowRight");
    let first = browser.text(readout);
    browser.press("ArrowRight");
    assert_ne!(first, browser.text(readout));
    browser.press("ArrowDown");
    assert!(browser.text(readout).contains("Validation set"));

    // Estimates of a forest plot are read one after the other.
    let estimate = "document.querySelector('#figure-6 .readout').textContent";
    browser.value("document.querySelector('#figure-6 .drawing').focus()");
    browser.press("ArrowRight");
    let first = browser.text(estimate);
    assert!(first.starts_with("Age") && first.contains('('), "{first}");
    browser.press("ArrowDown");
    assert_ne!(first, browser.text(estimate));

    // A curve that is switched off is neither drawn nor read.
    browser.click("#figure-2 .curves summary");
    let forest = "[...document.querySelectorAll('#figure-2 .curves label')].find((label) => label.textContent === 'Random forest')";
    browser.value(&format!("{forest}.click()"));
    let drawn = "[...document.querySelectorAll('#figure-2 .curve')].filter((curve) => curve.dataset.label === 'Random forest' && getComputedStyle(curve).display !== 'none').length";
    assert_eq!(browser.value(drawn), serde_json::json!(0));
    browser.value("document.querySelector('#figure-2 .drawing').focus()");
    browser.press("ArrowLeft");
    let without = browser.text(readout);
    assert!(!without.contains("Random forest") && without.contains("Logistic"), "{without}");
    browser.value(&format!("{forest}.click()"));
    assert_eq!(browser.value(drawn), serde_json::json!(4));
    assert!(browser.said.is_empty(), "{:?}", browser.said);
}

#[test]
fn one_slider_moves_curve_matrix_and_net_benefit() {
    let Some(mut browser) = Browser::start() else {
        return skipped_without("chromium");
    };
    browser.window(1280, 900, "light");
    browser.open(&page(&sample_results::sample()));
    let state = "(() => { const box = document.querySelector('#figure-s4 .explorer'); \
                 const cells = [...box.querySelectorAll('.confusion td')].map((cell) => Number(cell.textContent)); \
                 const points = [...box.querySelectorAll('.point')].map((point) => [Number(point.getAttribute('cx')), Number(point.getAttribute('cy'))]); \
                 return {threshold: Number(box.querySelector('output').textContent), cells, points}; })()";
    browser.value("document.querySelector('#figure-s4 input[type=range]').focus()");
    let before = browser.value(state);
    assert_eq!(before["threshold"], serde_json::json!(0.442), "it starts at the study's own threshold");
    for _ in 0..20 {
        browser.press("ArrowRight");
    }
    let after = browser.value(state);
    assert_eq!(after["threshold"], serde_json::json!(0.64));
    for at in 0..2 {
        assert_ne!(before["points"][at], after["points"][at], "both points have moved");
    }
    // The last set is the union: 1201 subjects, 560 with the outcome. Of the score the share 1 − t^g is above t.
    let cell = |at: usize| after["cells"][at].as_f64().unwrap();
    assert_eq!((cell(2), cell(5), cell(8)), (560.0, 641.0, 1201.0));
    let auc = 0.742 - 0.017 * 3.0;
    let g: f64 = auc / (1.0 - auc);
    assert_eq!(cell(0), (560.0 * (1.0 - 0.64_f64.powf(g))).round());
    assert_eq!(cell(3), (641.0 * (1.0 - 0.64_f64.powf(1.0 / g))).round());
    assert_eq!(cell(0) + cell(1), cell(2));

    // The study's threshold is 0.442, and the round one beside it is another: its counts are those of the table.
    let home = "[...document.querySelectorAll('#figure-s4 .explorer button')].find((button) => button.textContent.includes('study’s'))";
    browser.value(&format!("{home}.click()"));
    let at_home = browser.value(state);
    assert_eq!(at_home["threshold"], serde_json::json!(0.442));
    let results = sample_results::sample();
    let AnalysisOutcome::Performance(performance) = &results.analysis("performance").unwrap().outcome else { panic!() };
    let printed = performance.rows.iter().find(|row| row.model == "model_1" && row.partition == "validation+test");
    let counts = printed.unwrap().confusion.unwrap();
    let shown = |at: usize| at_home["cells"][at].as_u64().unwrap();
    let expected = [counts.true_positives, counts.false_negatives, counts.false_positives, counts.true_negatives];
    assert_eq!([shown(0), shown(1), shown(3), shown(4)], expected);
    assert_ne!(expected[0] as f64, (560.0 * (1.0 - 0.44_f64.powf(g))).round(), "else the test could not fail");
    assert_eq!(browser.text(&format!("{home}.ariaPressed")), "true");

    // A model whose score is no probability has no net benefit, and says so.
    browser.value("(() => { const select = document.querySelector('#figure-s4 select'); select.value = 2; select.dispatchEvent(new Event('change')); })()");
    assert!(browser.truth("document.querySelector('#figure-s4 .plots .none') !== null"));
    assert_eq!(browser.value("document.querySelectorAll('#figure-s4 .point').length"), serde_json::json!(1));
    assert!(browser.said.is_empty(), "{:?}", browser.said);
}

#[test]
fn links_lead_below_what_sticks_and_print_leaves_tools_out() {
    let Some(mut browser) = Browser::start() else {
        return skipped_without("chromium");
    };
    for (width, height) in [(390, 844), (1280, 900)] {
        browser.window(width, height, "light");
        browser.open(&page(&sample_results::simulated()));
        let address = format!("file://{}#table-2", browser.folder.path.join("page.html").display());
        browser.value(&format!("location.href = {address:?}"));
        let uncovered = "new Promise((done) => setTimeout(() => { const r = document.querySelector('#table-2 h3').getBoundingClientRect(); \
                         const top = document.elementFromPoint(r.left + r.width / 2, r.top + 4); \
                         done(r.top >= 0 && r.top < innerHeight && document.querySelector('#table-2').contains(top)); }, 300))";
        assert!(browser.truth(uncovered), "{width} wide");
    }
    browser.medium("print", "dark");
    for (selector, shown) in [
        (".tools", false),
        ("nav", false),
        (".explorer", false),
        ("#table-2 table", true),
        ("#figure-2 svg", true),
        (".simulated", true),
    ] {
        let visible = browser.truth(&format!("document.querySelector({selector:?}).checkVisibility()"));
        assert_eq!(visible, shown, "{selector}");
    }
    let ground = browser.text("getComputedStyle(document.body).color");
    assert_eq!(ground, "rgb(22, 25, 29)", "paper is white however dark the screen");
}
