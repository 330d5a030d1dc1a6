//! One theme for all figures: colours by their part, type sizes, strokes.
//!
//! A figure carries the light colours as plain attributes, so that it is right in the PDF and as a file of its own;
//! each coloured element also carries a class (`fill-text`, `stroke-series-1`), through which [`stylesheet`] lets a page
//! map the same figure to a dark theme. The series colours stay apart for readers with protanopia, deuteranopia and
//! tritanopia, and have a contrast of at least 3 : 1 with the paper (tests below); every series has a dash pattern or
//! marker of its own besides.

/// A colour, named by what it is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ink {
    /// What the figure is drawn on.
    Paper,
    /// Titles, labels, numbers.
    Text,
    /// Second-rank text: axis numbers, notes.
    Muted,
    /// Axis lines, ticks, box outlines.
    Axis,
    /// Lines to read values by.
    Grid,
    /// The ground of boxes and header bands.
    Soft,
    /// One of many series that are not pointed out.
    Quiet,
    /// A series; the colours repeat from [`SERIES`] on, the dash patterns do not repeat with them.
    Series(usize),
}

struct Pair {
    light: &'static str,
    dark: &'static str,
}

/// How many series have a colour of their own.
pub const SERIES: usize = 7;

const SERIES_COLOURS: [Pair; SERIES] = [
    Pair { light: "#1769C8", dark: "#4F86FF" },
    Pair { light: "#B03A05", dark: "#F2850D" },
    Pair { light: "#11645F", dark: "#6BDAC9" },
    Pair { light: "#6B1FA0", dark: "#B76C9C" },
    Pair { light: "#C47A00", dark: "#FFE14D" },
    Pair { light: "#6A92D6", dark: "#A3ABFA" },
    Pair { light: "#1A1C48", dark: "#FFFFFF" },
];

/// Dash patterns in points, on and off in turn; empty for a solid line.
const DASHES: [&[f64]; SERIES] =
    [&[], &[6.0, 1.8], &[2.2, 1.3], &[8.0, 1.5, 1.5, 1.5], &[11.0, 2.2], &[4.0, 1.3], &[7.0, 1.4, 1.4, 1.4, 1.4, 1.4]];

impl Ink {
    fn pair(self) -> &'static Pair {
        match self {
            Ink::Paper => &Pair { light: "#FFFFFF", dark: "#14171A" },
            Ink::Text => &Pair { light: "#16191D", dark: "#ECEFF2" },
            Ink::Muted => &Pair { light: "#545B64", dark: "#A9B1BA" },
            Ink::Axis => &Pair { light: "#6D747D", dark: "#8B939C" },
            Ink::Grid => &Pair { light: "#E3E6EA", dark: "#2C3238" },
            Ink::Soft => &Pair { light: "#F3F5F7", dark: "#1F2429" },
            Ink::Quiet => &Pair { light: "#BCC2C9", dark: "#4B535C" },
            Ink::Series(index) => &SERIES_COLOURS[index % SERIES],
        }
    }

    /// The colour on white paper.
    pub fn light(self) -> &'static str {
        self.pair().light
    }

    /// The colour on a dark page.
    pub fn dark(self) -> &'static str {
        self.pair().dark
    }

    /// The part of the class and of the custom property that names this colour: "text", "series-1".
    pub fn name(self) -> String {
        match self {
            Ink::Paper => "paper".to_string(),
            Ink::Text => "text".to_string(),
            Ink::Muted => "muted".to_string(),
            Ink::Axis => "axis".to_string(),
            Ink::Grid => "grid".to_string(),
            Ink::Soft => "soft".to_string(),
            Ink::Quiet => "quiet".to_string(),
            Ink::Series(index) => format!("series-{}", index % SERIES + 1),
        }
    }

    fn all() -> Vec<Ink> {
        let named = [Ink::Paper, Ink::Text, Ink::Muted, Ink::Axis, Ink::Grid, Ink::Soft, Ink::Quiet];
        named.into_iter().chain((0..SERIES).map(Ink::Series)).collect()
    }
}

/// The dash pattern of a series: beyond [`SERIES`] the colours come round again with the patterns shifted.
pub fn dash(series: usize) -> &'static [f64] {
    DASHES[(series + series / SERIES) % SERIES]
}

/// Which of the two colours of each ink a page shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Dark on white.
    Light,
    /// Light on near black.
    Dark,
}

/// The custom properties of a mode, `--figure-text: #16191D; …`: declarations to put into a rule of the page.
pub fn properties(mode: Mode) -> String {
    let colour = |ink: Ink| if mode == Mode::Light { ink.light() } else { ink.dark() };
    Ink::all().into_iter().map(|ink| format!("--figure-{}: {};\n", ink.name(), colour(ink))).collect()
}

/// The rules by which a page colours a figure from the custom properties of [`properties`]; they win over the
/// figure's own attributes.
pub fn stylesheet() -> String {
    Ink::all()
        .into_iter()
        .map(|ink| {
            let name = ink.name();
            format!(
                ".fill-{name}, .fill-{name} > * {{ fill: var(--figure-{name}); }}\n\
                 .stroke-{name}, .stroke-{name} > * {{ stroke: var(--figure-{name}); }}\n"
            )
        })
        .collect()
}

/// The family that figures name, then what a viewer falls back to.
pub const FONT_FAMILY: &str = "Inter, 'Helvetica Neue', Helvetica, Arial, sans-serif";

/// The widest figure, in points: 170 mm, two columns of a journal.
pub const FULL_WIDTH: f64 = 482.0;

/// The highest figure that a page has room for, under its caption.
pub const FULL_HEIGHT: f64 = 650.0;

/// Type sizes, in points.
pub mod size {
    /// A panel's title.
    pub const TITLE: f64 = 8.5;
    /// Names of axes, heads of columns, text of boxes.
    pub const LABEL: f64 = 7.5;
    /// Numbers at ticks, cells of tables in figures, notes.
    pub const SMALL: f64 = 7.0;
}

/// Stroke widths, in points.
pub mod stroke {
    /// Lines to read values by.
    pub const GRID: f64 = 0.4;
    /// Axes and their ticks.
    pub const AXIS: f64 = 0.6;
    /// Boxes and the arrows between them.
    pub const OUTLINE: f64 = 0.7;
    /// Confidence intervals.
    pub const INTERVAL: f64 = 0.9;
    /// Series.
    pub const CURVE: f64 = 1.2;
}

/// The length of a tick, in points.
pub const TICK: f64 = 3.0;

#[cfg(test)]
mod tests {
    use super::*;

    fn linear(hex: &str) -> [f64; 3] {
        [1, 3, 5].map(|at| {
            let value = f64::from(u8::from_str_radix(&hex[at..at + 2], 16).unwrap()) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        })
    }

    /// Contrast ratio of WCAG 2.
    fn contrast(a: &str, b: &str) -> f64 {
        let luminance = |hex| {
            let [red, green, blue] = linear(hex);
            0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05
        };
        let (a, b) = (luminance(a), luminance(b));
        a.max(b) / a.min(b)
    }

    #[test]
    fn text_and_series_stand_out_from_the_paper() {
        for (colour, paper) in [(Ink::light as fn(Ink) -> &'static str, "#FFFFFF"), (Ink::dark, "#14171A")] {
            for ink in [Ink::Text, Ink::Muted] {
                assert!(contrast(colour(ink), paper) >= 4.5, "{ink:?}");
                assert!(contrast(colour(ink), colour(Ink::Soft)) >= 4.5, "{ink:?} in a box");
            }
            for ink in (0..SERIES).map(Ink::Series).chain([Ink::Axis]) {
                assert!(contrast(colour(ink), paper) >= 2.95, "{ink:?}");
            }
        }
    }

    /// Complete dichromacy by the matrices of Machado, Oliveira and Fernandes (2009, doi:10.1109/TVCG.2009.113);
    /// distance in the Oklab space, where 0.02 is about the least that can be seen side by side.
    #[test]
    fn series_stay_apart_for_colour_blind_readers() {
        let identity = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
        let protanopia =
            [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]];
        let deuteranopia =
            [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]];
        let tritanopia =
            [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]];
        let times =
            |matrix: [[f64; 3]; 3], c: [f64; 3]| matrix.map(|row| row[0] * c[0] + row[1] * c[1] + row[2] * c[2]);
        for vision in [identity, protanopia, deuteranopia, tritanopia] {
            let seen = |hex: &str| {
                let cones = times(
                    [
                        [0.4122214708, 0.5363325363, 0.0514459929],
                        [0.2119034982, 0.6806995451, 0.1073969566],
                        [0.0883024619, 0.2817188376, 0.6299787005],
                    ],
                    times(vision, linear(hex)).map(|value| value.clamp(0.0, 1.0)),
                );
                times(
                    [
                        [0.2104542553, 0.7936177850, -0.0040720468],
                        [1.9779984951, -2.4285922050, 0.4505937099],
                        [0.0259040371, 0.7827717662, -0.8086757660],
                    ],
                    cones.map(f64::cbrt),
                )
            };
            for colour in [Ink::light, Ink::dark] {
                for first in 0..SERIES {
                    for second in first + 1..SERIES {
                        let (a, b) = (seen(colour(Ink::Series(first))), seen(colour(Ink::Series(second))));
                        let distance = a.iter().zip(&b).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt();
                        assert!(distance > 0.07, "series {first} and {second}: {distance}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_series_is_known_by_colour_and_dash() {
        let looks: Vec<_> = (0..SERIES * SERIES).map(|series| (Ink::Series(series).light(), dash(series))).collect();
        for (at, look) in looks.iter().enumerate() {
            assert!(!looks[..at].contains(look), "series {at}");
        }
    }
}
