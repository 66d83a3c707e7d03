//! Recognises the form of a file by its first bytes; a file of no known form is refused with an explanation.

use super::CensusError;
use crate::shown::shown;
use crate::spec::CensusSource;

/// The forms of ACS files: the Bureau's three, and the project's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AcsForm {
    /// Table-based summary file: pipes, `GEO_ID|B05002_E001|B05002_M001…`.
    SummaryFile,
    /// Census API: an array of arrays.
    Api,
    /// data.census.gov, or an API pull saved as CSV.
    Csv,
    /// The project's own form: `county_fips,population,foreign_born`.
    Tidy,
}

impl AcsForm {
    /// The name of the form in words.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SummaryFile => "table-based summary file",
            Self::Api => "Census API, array of arrays",
            Self::Csv => "CSV of data.census.gov or the Census API",
            Self::Tidy => "tidy county figures",
        }
    }
}

/// Returns the form of a file that begins with `head`; the error explains what the file is instead.
pub fn form(file: &str, head: &[u8], spec: &CensusSource) -> Result<AcsForm, CensusError> {
    let refused = |message: &str, hint: &str| CensusError::Refused {
        file: file.to_owned(),
        message: message.to_owned(),
        hint: Some(hint.to_owned()),
    };
    let text = head.trim_ascii_start();
    let says = |words: &str| {
        let head = String::from_utf8_lossy(text).to_lowercase();
        words.split('|').any(|word| head.contains(word))
    };
    let shown = || shown(&String::from_utf8_lossy(text.split(|b| *b == b'\n').next().unwrap_or_default()));
    match text {
        [] => Err(refused(
            "is empty",
            "the Census API answers so where it has no such areas; download it again",
        )),
        [b'[', ..] => Ok(AcsForm::Api),
        [b'<', ..] if says("missing key|invalid key|valid <em>key</em> must|valid key must") => Err(refused(
            "is the page by which the Census API says that its key is missing or wrong, not data",
            "get a key at https://api.census.gov/data/key_signup.html and add &key=YOUR_KEY to the address",
        )),
        [b'<', ..] => {
            Err(refused("is a web page, not data", "download the file itself; open it to see what it says"))
        }
        [b'{', ..] => Err(refused(
            "is a JSON object, not the array of arrays of the Census API",
            "ask the API for its plain answer, without a converter",
        )),
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => Err(refused(
            "is UTF-16, as a spreadsheet saves it",
            "use the file as the Bureau gives it out, or save it as UTF-8",
        )),
        [b'P', b'K', 3 | 5, ..] => Err(refused(
            "is a zip archive or a workbook",
            "unpack it and give its -Data.csv, or the .dat file",
        )),
        [0x1F, 0x8B, ..] => Err(refused("is compressed (gzip)", "unpack it first")),
        _ if text.starts_with(b"error:") => Err(CensusError::Refused {
            file: file.to_owned(),
            message: format!("is an error message of the Census API: {}", shown()),
            hint: Some("ask for variables and areas that the dataset has".into()),
        }),
        _ if text.contains(&0) => Err(refused("is no text", "give a file in one of the Bureau's forms")),
        _ => {
            let line = text.split(|b| matches!(b, b'\n' | b'\r')).next().unwrap_or_default();
            if line.contains(&b'|') {
                Ok(AcsForm::SummaryFile)
            } else if line.contains(&b',') {
                Ok(AcsForm::Csv)
            } else if line.contains(&b';') || line.contains(&b'\t') {
                Err(refused(
                    "has its cells between semicolons or tabs, as a spreadsheet saves them",
                    "use the file as the Bureau gives it out, or save it with commas",
                ))
            } else {
                let hint = format!("use {}", spec.concepts.mixed.instead);
                Err(refused(
                    &format!("is not an ACS file in a form that is known: it begins {:?}", shown()),
                    &hint,
                ))
            }
        }
    }
}
