//! The document as one HTML file that needs nothing else: style, script, fonts and figures are in it, and its own
//! Content-Security-Policy lets nothing in from outside.

use super::document::{Block, Document};
use super::theme::{self, Mode};
use super::{ReportError, font};
use crate::results::Paper;
use sha2::{Digest, Sha256};
use tera::{Context, Tera};

const PAGE: &str = include_str!("../../templates/report.html");
const STYLE: &str = include_str!("../../templates/report.css");
const SCRIPT: &str = concat!(include_str!("../../templates/report.js"), include_str!("../../templates/explorer.js"));

/// The page.
pub fn render(document: &Document) -> Result<String, ReportError> {
    let style = style(document.paper);
    let policy = format!(
        "default-src 'none'; style-src '{}'; script-src '{}'; img-src data:; font-src data:; base-uri 'none'; form-action 'none'",
        fingerprint(&style),
        fingerprint(SCRIPT)
    );
    let mut context = Context::from_serialize(&view(document)?).map_err(failure)?;
    context.insert("policy", &policy);
    context.insert("style", &style);
    context.insert("script", SCRIPT);
    let mut tera = Tera::default();
    // The name's ending turns escaping on.
    tera.add_raw_template("report.html", PAGE).map_err(failure)?;
    tera.render("report.html", &context).map_err(failure)
}

/// The document as the template reads it. What a slider reads is JSON in the page; `<` is written so that no label can end
/// the element around it.
fn view(document: &Document) -> Result<serde_json::Value, ReportError> {
    let failure = |error: serde_json::Error| ReportError::Html(error.to_string());
    let mut tree = serde_json::to_value(document).map_err(failure)?;
    let blocks = tree.get_mut("blocks").and_then(serde_json::Value::as_array_mut);
    for (block, view) in document.blocks.iter().zip(blocks.into_iter().flatten()) {
        let (Block::Figure(figure), Some(view)) = (block, view.as_object_mut()) else { continue };
        view.remove("explorer");
        if let Some(explorer) = &figure.explorer {
            let json = serde_json::to_string(explorer).map_err(failure)?.replace('<', "\\u003c");
            view.insert("explorer_json".to_string(), json.into());
        }
    }
    Ok(tree)
}

fn failure(error: tera::Error) -> ReportError {
    let mut message = error.to_string();
    let mut source = std::error::Error::source(&error);
    while let Some(cause) = source {
        message.push_str(&format!(": {cause}"));
        source = cause.source();
    }
    ReportError::Html(message)
}

/// The style sheet: fonts, then the figures' colours in both modes, then the page's own rules.
fn style(paper: Paper) -> String {
    let face = |weight: u16, bytes: &[u8]| {
        format!(
            "@font-face{{font-family:Inter;font-weight:{weight};src:url(data:font/otf;base64,{}) format('opentype')}}\n",
            base64(bytes)
        )
    };
    let light = theme::properties(Mode::Light);
    let dark = theme::properties(Mode::Dark);
    [
        face(400, font::REGULAR),
        face(600, font::SEMI_BOLD),
        format!(":root{{{light}}}\n"),
        format!("@media screen and (prefers-color-scheme:dark){{:root:not([data-theme=light]){{{dark}}}}}\n"),
        format!("@media screen{{:root[data-theme=dark]{{{dark}}}}}\n"),
        theme::stylesheet(),
        match paper {
            Paper::A4 => STYLE.to_string(),
            Paper::UsLetter => STYLE.replace("size: A4", "size: letter"),
        },
    ]
    .concat()
}

/// The source expression by which a Content-Security-Policy knows an inline style or script.
fn fingerprint(text: &str) -> String {
    format!("sha256-{}", base64(&Sha256::digest(text.as_bytes())))
}

fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let byte = |at: usize| u32::from(chunk.get(at).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for sextet in 0..4 {
            if sextet <= chunk.len() {
                let at = (bits >> (18 - 6 * sextet)) & 0x3f;
                text.push(char::from(ALPHABET[at as usize]));
            } else {
                text.push('=');
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_of_the_standard() {
        // RFC 4648, section 10.
        let encoded = ["", "f", "fo", "foo", "foob", "fooba", "foobar"].map(|text| base64(text.as_bytes()));
        assert_eq!(encoded, ["", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"]);
    }
}
