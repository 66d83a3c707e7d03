//! `data/laws/`: state laws that require, limit or forbid agreements, and why agreements ended, each with the source that
//! was read.

use jiff::civil::{Date, date};
use serde::Deserialize;

use super::states::States;
use super::table::rows;
use crate::spec::{SpecError, SpecFiles};
use crate::words::{EndReason, LawEffect, Model, SourceForm, StateCode};

const LAWS: &str = "data/laws/state_laws.csv";
const ENDS: &str = "data/laws/end_reasons.csv";

/// The laws and reasons that were read.
#[derive(Debug, Default)]
pub struct Laws {
    /// By state, in the order of the file.
    pub laws: Vec<StateLaw>,
    pub end_reasons: Vec<ReviewedEnd>,
}

/// A state's law, or order, on agreements.
#[derive(Debug)]
pub struct StateLaw {
    pub state: StateCode,
    pub effect: LawEffect,
    /// Whom it binds; `None` where the source does not say.
    pub scope: Option<String>,
    /// Its name or section; `None` where the source does not say.
    pub citation: Option<String>,
    pub signed: Option<SourceDate>,
    pub in_force: Option<SourceDate>,
    /// Its content, in our words.
    pub says: String,
    pub source: LawSource,
}

/// Why an agency's agreements ended.
#[derive(Debug)]
pub struct ReviewedEnd {
    pub state: StateCode,
    /// The agency's name as published.
    pub agency_name: String,
    /// `None`: all of its agreements.
    pub model: Option<Model>,
    pub reason: EndReason,
    pub day: Option<SourceDate>,
    /// The account that the source gives, in our words.
    pub says: String,
    pub source: LawSource,
}

/// Where a fact was read.
#[derive(Debug)]
pub struct LawSource {
    pub name: String,
    /// One address with its scheme, or why there is none.
    pub url: Result<String, String>,
    pub form: SourceForm,
}

/// A date as a source gives it: a day, a month or a year.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceDate {
    /// `2026-02-17`, `2026-02` or `2026`.
    pub text: String,
    /// Its first day.
    pub first: Date,
    pub is_day: bool,
}

impl SourceDate {
    /// Reads a day, a month or a year; `None` where it is none of them.
    pub fn of(text: &str) -> Option<Self> {
        let parts: Vec<&str> = text.split('-').collect();
        let has_forms = parts
            .iter()
            .zip([4, 2, 2])
            .all(|(part, digits)| part.len() == digits && part.bytes().all(|digit| digit.is_ascii_digit()));
        let number = |at: usize| parts.get(at).map_or(Some(1), |part| part.parse::<i8>().ok());
        let year = parts.first().and_then(|year| year.parse().ok())?;
        let first = Date::new(year, number(1)?, number(2)?).ok()?;
        (has_forms && parts.len() <= 3 && first >= date(1996, 9, 30)).then(|| Self {
            text: text.to_owned(),
            first,
            is_day: parts.len() == 3,
        })
    }

    /// The day, where the source gives one.
    pub fn day(&self) -> Option<Date> {
        self.is_day.then_some(self.first)
    }
}

#[derive(Deserialize)]
struct LawRow {
    state_code: String,
    effect: String,
    scope: String,
    citation: String,
    signed_date: String,
    in_force_date: String,
    what_it_says: String,
    source_name: String,
    source_url: String,
    source_url_missing_reason: String,
    source_form: String,
}

#[derive(Deserialize)]
struct EndRow {
    state_code: String,
    agency_name: String,
    model: String,
    reason: String,
    reason_date: String,
    what_it_says: String,
    source_name: String,
    source_url: String,
    source_url_missing_reason: String,
    source_form: String,
}

pub(super) fn load(files: &SpecFiles, states: &States) -> Result<Laws, SpecError> {
    let mut laws = Vec::new();
    for (row, line) in rows::<LawRow>(files, LAWS)?.into_iter().zip(2..) {
        let read = Reader { file: LAWS, line, states };
        laws.push(StateLaw {
            state: read.state(&row.state_code)?,
            effect: read.word("effect", &row.effect)?,
            scope: given(row.scope),
            citation: given(row.citation),
            signed: read.date("signed_date", &row.signed_date)?,
            in_force: read.date("in_force_date", &row.in_force_date)?,
            says: read.says(row.what_it_says)?,
            source: read.source(
                row.source_name,
                &row.source_url,
                row.source_url_missing_reason,
                &row.source_form,
            )?,
        });
    }
    laws.sort_by_key(|law| law.state);
    let mut end_reasons = Vec::new();
    for (row, line) in rows::<EndRow>(files, ENDS)?.into_iter().zip(2..) {
        let read = Reader { file: ENDS, line, states };
        let reason = read.word("reason", &row.reason)?;
        if reason == EndReason::NotKnown {
            return Err(read.wrong("reason: a row without a reason is left out"));
        }
        end_reasons.push(ReviewedEnd {
            state: read.state(&row.state_code)?,
            agency_name: row.agency_name,
            model: given(row.model).map(|model| read.word("model", &model)).transpose()?,
            reason,
            day: read.date("reason_date", &row.reason_date)?,
            says: read.says(row.what_it_says)?,
            source: read.source(
                row.source_name,
                &row.source_url,
                row.source_url_missing_reason,
                &row.source_form,
            )?,
        });
    }
    Ok(Laws { laws, end_reasons })
}

fn given(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

/// Reads the cells of a row.
struct Reader<'a> {
    file: &'static str,
    line: usize,
    states: &'a States,
}

impl Reader<'_> {
    fn wrong(&self, message: impl std::fmt::Display) -> SpecError {
        SpecError::says(self.file, format!("line {}: {message}", self.line))
    }

    fn state(&self, code: &str) -> Result<StateCode, SpecError> {
        let state = StateCode::new(code).filter(|code| self.states.get(*code).is_some());
        state.ok_or_else(|| self.wrong(format_args!("state_code {code:?}: no state")))
    }

    fn word<T: std::str::FromStr>(&self, column: &str, text: &str) -> Result<T, SpecError> {
        text.parse().map_err(|_| self.wrong(format_args!("{column} {text:?}: not one of its words")))
    }

    fn date(&self, column: &str, text: &str) -> Result<Option<SourceDate>, SpecError> {
        if text.is_empty() {
            return Ok(None);
        }
        let wrong = || self.wrong(format_args!("{column} {text:?}: no day, month or year since 1996"));
        SourceDate::of(text).map(Some).ok_or_else(wrong)
    }

    fn says(&self, text: String) -> Result<String, SpecError> {
        match text.is_empty() || text.chars().any(char::is_control) {
            true => Err(self.wrong("what_it_says: one line of text")),
            false => Ok(text),
        }
    }

    fn source(&self, name: String, url: &str, missing: String, form: &str) -> Result<LawSource, SpecError> {
        if name.is_empty() {
            return Err(self.wrong("source_name: is empty"));
        }
        let is_address = url::Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
        let url = match (url.is_empty(), missing.is_empty()) {
            (false, true) if is_address && !url.contains(char::is_whitespace) => Ok(url.to_owned()),
            (true, false) => Err(missing),
            _ => {
                let message = "source_url: one address that begins with http, or source_url_missing_reason";
                return Err(self.wrong(message));
            }
        };
        Ok(LawSource { name, url, form: self.word("source_form", form)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_as_exact_as_the_source() {
        for (text, first, is_day) in [
            ("2026-02-17", date(2026, 2, 17), true),
            ("2026-02", date(2026, 2, 1), false),
            ("2018", date(2018, 1, 1), false),
        ] {
            let found = SourceDate::of(text).unwrap();
            assert_eq!((found.first, found.is_day, found.text.as_str()), (first, is_day, text));
        }
        for text in ["", "2026-2", "2026-02-30", "February 2026", "26", "1986", "2026-02-17-01", "2026-02-"] {
            assert_eq!(SourceDate::of(text), None, "{text}");
        }
    }
}
