//! Progress for people: a bar on a terminal, nothing elsewhere.

use super::output::tell;
use crate::pipeline::Progress;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal;

pub struct Bar {
    bar: ProgressBar,
}

impl Bar {
    pub fn new() -> Self {
        let bar = ProgressBar::new(0);
        if !std::io::stderr().is_terminal() {
            bar.set_draw_target(ProgressDrawTarget::hidden());
        }
        if let Ok(style) = ProgressStyle::with_template("{prefix:>12} [{bar:30}] {pos}/{len} {msg}") {
            bar.set_style(style.progress_chars("=> "));
        }
        Self { bar }
    }

    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

impl Progress for Bar {
    fn stage(&self, name: &str, parts: usize) {
        self.bar.set_prefix(name.to_string());
        self.bar.set_message(String::new());
        self.bar.set_length(parts as u64);
        self.bar.set_position(0);
        self.bar.tick();
    }

    fn part_done(&self, name: &str) {
        self.bar.set_message(name.to_string());
        self.bar.inc(1);
    }

    fn detail(&self, name: &str, text: &str) {
        let line = format!("{name}: {text}");
        if self.bar.is_hidden() {
            tell!("{line}");
        } else {
            self.bar.set_message(line);
            self.bar.tick();
        }
    }
}
