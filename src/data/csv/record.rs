//! The records of a CSV file, split where polars splits them: a quotation mark opens or closes wherever it stands.

use super::LayoutProblem;

/// One record: a line, or several where a field in quotation marks has line feeds.
#[derive(Clone, Debug)]
pub(super) struct Record<'a> {
    /// The line that it begins in, counted from one.
    pub line: usize,
    pub fields: usize,
    /// Without the end of its last line.
    pub text: &'a [u8],
}

#[derive(Clone, Debug)]
pub(super) struct Scanner<'a> {
    bytes: &'a [u8],
    separator: u8,
    at: usize,
    line: usize,
}

impl<'a> Scanner<'a> {
    pub fn new(bytes: &'a [u8], separator: u8) -> Self {
        Self { bytes, separator, at: 0, line: 1 }
    }

    /// The next record that is not a blank line; those are skipped by polars too.
    pub fn next_record(&mut self) -> Result<Option<Record<'a>>, LayoutProblem> {
        while self.at < self.bytes.len() {
            let record = self.take()?;
            let is_space = |byte: &u8| byte.is_ascii_whitespace() && *byte != self.separator;
            if !record.text.iter().all(is_space) {
                return Ok(Some(record));
            }
        }
        Ok(None)
    }

    fn take(&mut self) -> Result<Record<'a>, LayoutProblem> {
        let (first, line) = (self.at, self.line);
        let (mut fields, mut is_quoted, mut field_start, mut opened) = (1, false, first, line);
        while let Some(byte) = self.bytes.get(self.at) {
            match byte {
                b'"' => {
                    is_quoted = !is_quoted;
                    opened = self.line;
                }
                b'\n' if is_quoted => {
                    if self.bytes[field_start] != b'"' {
                        return Err(LayoutProblem::new(
                            format!("line {opened} has a quotation mark within a field"),
                            "put the whole field in quotation marks, and write each that belongs to it twice",
                        ));
                    }
                    self.line += 1;
                }
                b'\n' => {
                    self.line += 1;
                    self.at += 1;
                    return Ok(self.record(line, fields, first, self.at - 1));
                }
                byte if *byte == self.separator && !is_quoted => {
                    fields += 1;
                    field_start = self.at + 1;
                }
                _ => {}
            }
            self.at += 1;
        }
        if is_quoted {
            return Err(LayoutProblem::new(
                format!("a quotation mark of line {opened} is never closed"),
                "close it, or take it away",
            ));
        }
        Ok(self.record(line, fields, first, self.at))
    }

    fn record(&self, line: usize, fields: usize, first: usize, end: usize) -> Record<'a> {
        let text = &self.bytes[first..end];
        Record { line, fields, text: text.strip_suffix(b"\r").unwrap_or(text) }
    }
}

impl Record<'_> {
    /// How often a byte stands outside quotation marks.
    pub fn outside_quotes(&self, wanted: u8) -> usize {
        let mut is_quoted = false;
        let mut count = 0;
        for byte in self.text {
            is_quoted ^= *byte == b'"';
            count += usize::from(*byte == wanted && !is_quoted);
        }
        count
    }

    /// The fields without the quotation marks around them.
    pub fn texts(&self, separator: u8) -> Vec<String> {
        let mut is_quoted = false;
        let split = self.text.split(|byte| {
            is_quoted ^= *byte == b'"';
            *byte == separator && !is_quoted
        });
        let plain = |field: &[u8]| {
            let text = String::from_utf8_lossy(field).into_owned();
            match text.strip_prefix('"').and_then(|text| text.strip_suffix('"')) {
                Some(inner) => inner.replace("\"\"", "\""),
                None => text,
            }
        };
        split.map(plain).collect()
    }

    /// Whether a field is a number with a comma in it, such as 2,5.
    pub fn has_decimal_commas(&self, separator: u8) -> bool {
        separator != b',' && self.texts(separator).iter().any(|text| is_decimal_comma(text))
    }
}

/// "2,5", "-0,25"
pub fn is_decimal_comma(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let unsigned = text.trim().trim_start_matches(['-', '+']);
    unsigned.split_once(',').is_some_and(|(whole, decimals)| digits(whole) && digits(decimals))
}
