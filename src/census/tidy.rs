//! The tidy form of county figures: `county_fips, name, population, foreign_born` and, where they are
//! known, `noncitizen` and each measure's `_moe`. `data/census/` is in this form.

use std::collections::BTreeMap;

use super::{CensusError, CountyFigures, Estimate, Figures, MOST_PEOPLE, Measure, sha256};
use crate::words::CountyFips;

/// Reads tidy figures of `vintage`.
pub fn read(file: &str, bytes: &[u8], vintage: &str) -> Result<Figures, CensusError> {
    let mut reader = csv::Reader::from_reader(bytes);
    let damaged = |e: csv::Error| CensusError::refused(file, e.to_string());
    let header = reader.headers().map_err(damaged)?.clone();
    let column = |name: &str| header.iter().position(|column| column == name);
    let fips_at =
        column("county_fips").ok_or_else(|| CensusError::refused(file, "has no column county_fips"))?;
    let columns = Measure::ALL.map(|m| (column(m.as_str()), column(&format!("{}_moe", m.as_str()))));
    for (measure, (estimate, _)) in Measure::ALL.iter().zip(&columns) {
        if estimate.is_none() && *measure != Measure::Noncitizen {
            return Err(CensusError::refused(file, format!("has no column {}", measure.as_str())));
        }
    }
    let mut counties = BTreeMap::new();
    for (record, line) in reader.records().zip(2..) {
        let record = record.map_err(damaged)?;
        let bad = |at: usize, expected| CensusError::BadValue {
            file: file.to_owned(),
            line,
            column: header.get(at).unwrap_or_default().to_owned(),
            value: record.get(at).unwrap_or_default().to_owned(),
            expected,
        };
        let fips = record.get(fips_at).and_then(CountyFips::new);
        let fips = fips.ok_or_else(|| bad(fips_at, "a county's code"))?;
        let number = |at: Option<usize>| match at.map(|at| (at, record.get(at).unwrap_or_default())) {
            None | Some((_, "")) => Ok(None),
            Some((at, text)) => match text.parse::<i64>() {
                Ok(number) if (0..=MOST_PEOPLE).contains(&number) => Ok(Some(number)),
                _ => Err(bad(at, "a count of people")),
            },
        };
        let mut figures = CountyFigures::default();
        for (at, (estimate, margin)) in columns.iter().enumerate() {
            figures[at] = Estimate { value: number(*estimate)?, moe: number(*margin)? };
            if figures[at].value.is_none() && at != Measure::Noncitizen as usize {
                return Err(bad(estimate.unwrap_or_default(), "a count of people"));
            }
        }
        if counties.insert(fips, figures).is_some() {
            return Err(bad(fips_at, "a county that was not there before"));
        }
    }
    Ok(Figures { vintage: vintage.to_owned(), file_name: file.to_owned(), sha256: sha256(bytes), counties })
}
