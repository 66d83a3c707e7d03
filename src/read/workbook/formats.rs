//! The formats of cells, and which of them show a number as a date.

use std::collections::HashMap;
use std::fmt::Write;

use jiff::ToSpan;
use jiff::civil::date;

use super::SPREADSHEETML;
use super::attributes::number;
use super::encoding::text;
use super::xml::{Budget, Xml, damaged};
use crate::acquire::Refusal;
use crate::shown::quoted;

/// Cell formats of a workbook: a spreadsheet program allows 65,490.
const FORMATS: usize = 65_490;

/// The last day that a spreadsheet program knows, 9999-12-31, as a serial number.
const LAST_SERIAL: f64 = 2_958_466.0;

/// Cell formats of a workbook: whether each shows a date.
#[derive(Debug, Default)]
pub struct Formats {
    are_dates: Vec<bool>,
    /// Whether the workbook has a part with formats.
    are_known: bool,
}

impl Formats {
    /// Reads the part that holds the formats.
    ///
    /// # Errors
    /// A part that cannot be read, or too many formats.
    pub fn read(part: &str, bytes: &[u8], budget: &Budget) -> Result<Self, Refusal> {
        let source = text(part, bytes)?;
        let mut xml = Xml::new(part, &source, SPREADSHEETML, budget);
        if xml.root()?.name() != "styleSheet" {
            return Err(xml.damaged("is not a table of formats"));
        }
        let mut custom: HashMap<u64, bool> = HashMap::new();
        let mut formats: Vec<u64> = Vec::new();
        while let Some(tag) = xml.child()? {
            match tag.name() {
                "numFmts" => {
                    while let Some(format) = xml.child()? {
                        let [id, code] = format.attributes(["numFmtId", "formatCode"])?;
                        let said = id.unwrap_or_default();
                        let id = number(&said).ok_or_else(|| bad_number(part, &said))?;
                        custom.insert(id, code.is_some_and(|code| is_date_code(&code)));
                        xml.skip()?;
                    }
                }
                "cellXfs" => {
                    while let Some(format) = xml.child()? {
                        let id = format.attribute("numFmtId")?;
                        let id = id.map(|said| number(&said).ok_or_else(|| bad_number(part, &said)));
                        formats.push(id.transpose()?.unwrap_or(0));
                        if formats.len() > FORMATS {
                            let what = "its table of cell formats";
                            return Err(Refusal::TooLarge { what, limit: FORMATS as u64, unit: "formats" });
                        }
                        xml.skip()?;
                    }
                }
                _ => xml.skip()?,
            }
        }
        xml.finish()?;
        let is_date = |id: &u64| custom.get(id).copied().unwrap_or_else(|| is_date_id(*id));
        Ok(Self { are_dates: formats.iter().map(is_date).collect(), are_known: true })
    }

    /// Whether the format with this number shows a date; `None` where the workbook has no such format.
    pub fn is_date(&self, format: u64) -> Option<bool> {
        if !self.are_known {
            return Some(false);
        }
        self.are_dates.get(usize::try_from(format).ok()?).copied()
    }
}

fn bad_number(part: &str, said: &str) -> Refusal {
    damaged(part, format_args!("has a format with the number {}, which is none", quoted(said)))
}

/// Formats that every workbook has and that show dates or times (ECMA-376, part 1, 18.8.30).
fn is_date_id(id: u64) -> bool {
    matches!(id, 14..=22 | 27..=36 | 45..=47 | 50..=58)
}

/// Whether a format's code shows a date or a time: its first section has a letter of a date or time that is not
/// quoted, escaped, or part of a colour or condition.
fn is_date_code(code: &str) -> bool {
    let mut signs = code.chars();
    let mut may_be_clock = false;
    while let Some(sign) = signs.next() {
        match sign {
            '\\' | '_' | '*' => drop(signs.next()),
            '"' => drop(signs.by_ref().find(|c| *c == '"')),
            ';' => return false,
            '[' => {
                // [h], [mm] and the like count hours and minutes; anything else is a colour, a condition or a country.
                let inner: String = signs.by_ref().take_while(|c| *c != ']').collect();
                let inner = inner.to_ascii_lowercase();
                let counts = ['h', 'm', 's'].iter().any(|unit| inner.chars().all(|c| c == *unit));
                if counts && !inner.is_empty() {
                    return true;
                }
            }
            // An a alone shows no date, for "General" has one; "AM/PM" has an a before its m.
            'd' | 'm' | 'h' | 'y' | 's' | 'D' | 'M' | 'H' | 'Y' | 'S' => return true,
            'a' | 'A' => may_be_clock = true,
            '/' | 'p' | 'P' if may_be_clock => return true,
            _ => {}
        }
    }
    false
}

/// Writes the date that a serial number stands for, and the time where there is one: `YYYY-MM-DD` or
/// `YYYY-MM-DDTHH:MM:SS`. Day 60 of the calendar of 1900, which has a February 29, is the day before March 1.
/// Returns `false` where no spreadsheet program knows the day.
pub fn write_date(serial: f64, is_1904: bool, shown: &mut String) -> bool {
    if !(0.0..LAST_SERIAL).contains(&serial) {
        return false;
    }
    let millis = (serial * 86_400_000.0).round() as i64;
    let (days, millis) = (millis / 86_400_000, millis % 86_400_000);
    let first = match (is_1904, days) {
        (true, _) => date(1904, 1, 1),
        (false, ..60) => date(1899, 12, 31),
        (false, _) => date(1899, 12, 30),
    };
    let Ok(day) = first.checked_add(days.days()) else { return false };
    let seconds = millis / 1_000;
    let written = if seconds == 0 {
        write!(shown, "{day}")
    } else {
        write!(shown, "{day}T{:02}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60)
    };
    written.is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_dates_are_told_from_others() {
        for (code, is_date) in [
            ("m/d/yyyy", true),
            ("[$-409]mmmm d, yyyy;@", true),
            ("yyyy-mm-dd", true),
            ("h:mm AM/PM", true),
            ("[h]:mm:ss", true),
            ("[mm]", true),
            ("General", false),
            ("0.00", false),
            ("@", false),
            ("#,##0.00_);[Red](#,##0.00)", false),
            ("\"days\" 0", false),
            ("0\\d", false),
            ("[$\u{20bd}-46D] #,##0", false),
            ("0;yyyy", false),
            ("[>100]0", false),
        ] {
            assert_eq!(is_date_code(code), is_date, "{code}");
        }
    }

    #[test]
    fn serial_numbers_are_days() {
        let shown = |serial, is_1904| {
            let mut shown = String::new();
            write_date(serial, is_1904, &mut shown).then_some(shown)
        };
        for (serial, is_1904, expected) in [
            (42529.0, false, Some("2016-06-08")),
            (45714.5, false, Some("2025-02-26T12:00:00")),
            (44252.0, true, Some("2025-02-26")),
            (1.0, false, Some("1900-01-01")),
            (59.0, false, Some("1900-02-28")),
            (61.0, false, Some("1900-03-01")),
            (0.999_999_999, false, Some("1900-01-01")),
            (2_958_465.0, false, Some("9999-12-31")),
            (2_958_466.0, false, None),
            (-1.0, false, None),
            (f64::NAN, false, None),
        ] {
            assert_eq!(shown(serial, is_1904).as_deref(), expected, "{serial}");
        }
    }
}
