//! The pages of a PDF as they look, against committed hashes.
//!
//! Renderers differ from version to version in the last pixels, so a hash of pixels would say nothing. What is kept of a page
//! is how dark each of 8 × 12 fields of it is, in ten steps: a text that moves by some lines, a table that loses a column, a
//! figure that stays white or a font that is not found changes several of them, another way to smooth a letter none.
//! After a wanted change: `VOUCH_WRITE_PAGE_HASHES=1 cargo test --release -- pages_look`, and look at the pages.

use super::document::build;
use crate::support::program::skipped_without;
use crate::support::sample_results;
use std::fmt::Write;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use vouch::report::pdf::render;
use vouch::results::Results;

const COLUMNS: usize = 8;
const ROWS: usize = 12;

/// Darkness at which a field has the highest step; text is some tenth.
const DARKEST: f64 = 0.25;

/// So many steps in all may fields of a page differ, and none by more than one.
const TOLERANCE: u32 = 12;

#[test]
fn pages_look_as_they_did_when_a_person_looked_at_them() {
    let samples: [(&str, Results); 3] = [
        ("sample", sample_results::sample()),
        ("simulated", sample_results::simulated()),
        ("forty-models", sample_results::forty_models()),
    ];
    let mut found = String::new();
    for (name, results) in samples {
        let Some(pages) = pages(&render(&build(&results)).expect("renders")) else {
            return skipped_without("pdftoppm");
        };
        for (at, page) in pages.iter().enumerate() {
            writeln!(found, "{name} {} {}", at + 1, page.hash()).expect("writing to a string succeeds");
        }
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/report/page_hashes.txt");
    if std::env::var_os("VOUCH_WRITE_PAGE_HASHES").is_some() {
        std::fs::write(path, found).expect("the folder can be written");
        return;
    }
    let committed = std::fs::read_to_string(path).expect("the hashes are there");
    assert_eq!(found.lines().count(), committed.lines().count(), "another number of pages");
    let unlike: Vec<String> = committed
        .lines()
        .zip(found.lines())
        .filter(|(then, now)| !alike(then, now))
        .map(|(then, now)| format!("then {then}\nnow  {now}"))
        .collect();
    assert!(unlike.is_empty(), "{} pages look otherwise:\n{}", unlike.len(), unlike.join("\n"));
}

fn alike(then: &str, now: &str) -> bool {
    let steps = |line: &str| line.rsplit(' ').next().unwrap_or_default().bytes().collect::<Vec<u8>>();
    let differences = || steps(then).into_iter().zip(steps(now)).map(|(then, now)| u32::from(then.abs_diff(now)));
    then.len() == now.len() && differences().all(|steps| steps <= 1) && differences().sum::<u32>() <= TOLERANCE
}

#[test]
fn a_page_that_lost_a_line_is_not_alike_and_one_that_is_smoothed_otherwise_is() {
    let page = |dark: f64, rows: usize| {
        let (width, height) = (160, 240);
        let pixel = |at: usize| if at / width < rows { 255 - (dark * 255.0) as u8 } else { 255 };
        Page { width, height, grey: (0..width * height).map(pixel).collect() }.hash()
    };
    assert!(alike(&format!("a 1 {}", page(0.1, 200)), &format!("a 1 {}", page(0.105, 200))));
    assert!(!alike(&format!("a 1 {}", page(0.1, 200)), &format!("a 1 {}", page(0.1, 180))));
}

/// One rendered page: 255 is white.
struct Page {
    width: usize,
    height: usize,
    grey: Vec<u8>,
}

impl Page {
    /// One digit for each field, from the top left on, by lines.
    fn hash(&self) -> String {
        let mut sums = [0.0; COLUMNS * ROWS];
        let mut counts = [0.0; COLUMNS * ROWS];
        for (at, grey) in self.grey.iter().enumerate() {
            let (x, y) = (at % self.width, at / self.width);
            let field = y * ROWS / self.height * COLUMNS + x * COLUMNS / self.width;
            sums[field] += 1.0 - f64::from(*grey) / 255.0;
            counts[field] += 1.0;
        }
        let step = |(sum, count): (f64, f64)| (9.0 * (sum / count / DARKEST).min(1.0)).round() as u8;
        sums.into_iter().zip(counts).map(|field| char::from(b'0' + step(field))).collect()
    }

    /// A binary PGM: "P5", width, height, 255, the pixels.
    fn of_pgm(bytes: &[u8]) -> Option<Self> {
        let mut fields = bytes.splitn(4, u8::is_ascii_whitespace);
        let number = |field: &[u8]| std::str::from_utf8(field).ok()?.parse::<usize>().ok();
        let (magic, width, height) = (fields.next()?, number(fields.next()?)?, number(fields.next()?)?);
        let (_, grey) = fields.next()?.split_at_checked(4)?;
        (magic == b"P5" && grey.len() == width * height).then(|| Self { width, height, grey: grey.to_vec() })
    }
}

/// `None` where poppler's pdftoppm is not installed.
fn pages(pdf: &[u8]) -> Option<Vec<Page>> {
    static FOLDERS: AtomicUsize = AtomicUsize::new(0);
    let name = format!("vouch-pages-{}-{}", std::process::id(), FOLDERS.fetch_add(1, Ordering::Relaxed));
    let folder = std::env::temp_dir().join(name);
    std::fs::create_dir_all(&folder).expect("a temporary folder can be made");
    let path = folder.join("report.pdf");
    std::fs::write(&path, pdf).expect("the temporary folder can be written");
    let rendered = Command::new("pdftoppm").args(["-gray", "-r", "40"]).arg(&path).arg(folder.join("page")).status();
    assert!(rendered.ok()?.success(), "pdftoppm failed");
    let mut files: Vec<_> = std::fs::read_dir(&folder)
        .expect("the folder is there")
        .map(|entry| entry.expect("it can be read").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "pgm"))
        .collect();
    // Their numbers have as many digits as the last one's.
    files.sort();
    let page = |path: &std::path::PathBuf| Page::of_pgm(&std::fs::read(path).expect("it can be read")).expect("a PGM");
    let pages = files.iter().map(page).collect();
    std::fs::remove_dir_all(&folder).expect("the folder is ours");
    Some(pages)
}
