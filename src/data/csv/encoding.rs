//! Whether the bytes are a text that can be read.

use super::{LayoutProblem, SAVE_AS_UTF8};

pub(super) fn check(bytes: &[u8]) -> Result<(), LayoutProblem> {
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"\xd0\xcf\x11\xe0") {
        return Err(LayoutProblem::new("it is a workbook of a spreadsheet, or an archive, and no text", SAVE_AS_UTF8));
    }
    let head = &bytes[..bytes.len().min(1000)];
    let zeros = head.iter().filter(|byte| **byte == 0).count();
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") || (zeros > 0 && zeros * 3 >= head.len()) {
        return Err(LayoutProblem::new("it is written in UTF-16", SAVE_AS_UTF8));
    }
    if zeros > 0 {
        return Err(LayoutProblem::new("it is no text: it has bytes of zero", SAVE_AS_UTF8));
    }
    match std::str::from_utf8(bytes) {
        Ok(_) => Ok(()),
        Err(error) => {
            let line = bytes[..error.valid_up_to()].iter().filter(|byte| **byte == b'\n').count() + 1;
            let help = format!(
                "it may be Latin-1 or Windows-1252: {SAVE_AS_UTF8}, or convert it: iconv -f WINDOWS-1252 -t UTF-8"
            );
            Err(LayoutProblem::new(format!("line {line} is not UTF-8"), help))
        }
    }
}
