//! Census API pulls: a JSON array of arrays, header first, columns in any order.

use std::collections::{BTreeMap, HashMap};

use super::{CensusError, CountyFigures, Figures, MOST_PEOPLE, Measure, sha256, vintage_of_name};
use crate::spec::CensusSource;
use crate::words::CountyFips;

/// Values the Bureau puts where there is no figure; this one means the estimate is controlled, MOE 0.
const CONTROLLED: i64 = -555_555_555;

/// Reads a pull of table B05002 for all counties.
pub fn read(file: &str, bytes: &[u8], source: &CensusSource) -> Result<Figures, CensusError> {
    let rows: Vec<Vec<serde_json::Value>> = serde_json::from_slice(bytes)
        .map_err(|e| CensusError::refused(file, format!("is not a JSON array of arrays: {e}")))?;
    let Some((header, rows)) = rows.split_first() else {
        return Err(CensusError::refused(file, "holds no rows"));
    };
    let at: HashMap<&str, usize> =
        header.iter().enumerate().filter_map(|(at, name)| Some((name.as_str()?, at))).collect();
    let column = |name: &str| {
        at.get(name).copied().ok_or_else(|| CensusError::Refused {
            file: file.to_owned(),
            message: format!("has no column {name}"),
            hint: Some("ask the API for=county:* with get=NAME and B05002's estimates".into()),
        })
    };
    let (state_at, county_at) = (column("state")?, column("county")?);
    let mut columns = Vec::new();
    for concept in &source.concepts {
        let Some(measure) = Measure::find(&concept.name) else { continue };
        // Population and foreign-born must be there; what else the pull has is taken too.
        let estimate = match measure {
            Measure::Noncitizen => at.get(concept.estimate.as_str()).copied(),
            _ => Some(column(&concept.estimate)?),
        };
        columns.push((measure, estimate, at.get(concept.margin.as_str()).copied()));
    }
    let mut counties = BTreeMap::new();
    for (row, line) in rows.iter().zip(2..) {
        let code = |at: usize| row.get(at).and_then(|v| v.as_str()).unwrap_or_default();
        let text = format!("{}{}", code(state_at), code(county_at));
        let bad = |at: usize, value: String, expected| CensusError::BadValue {
            file: file.to_owned(),
            line,
            column: header.get(at).and_then(|v| v.as_str()).unwrap_or_default().to_owned(),
            value,
            expected,
        };
        let fips = CountyFips::new(&text).ok_or_else(|| bad(county_at, text.clone(), "a county's code"))?;
        let number = |at: Option<usize>| -> Result<Option<i64>, CensusError> {
            let Some(at) = at else { return Ok(None) };
            let value = row.get(at).unwrap_or(&serde_json::Value::Null);
            let parsed = match value {
                serde_json::Value::Null => return Ok(None),
                serde_json::Value::Number(number) => {
                    number.as_i64().or_else(|| number.as_f64().filter(|f| f.fract() == 0.0).map(|f| f as i64))
                }
                serde_json::Value::String(text) => text.trim_end_matches(".0").parse().ok(),
                _ => None,
            };
            parsed.map(Some).ok_or_else(|| bad(at, value.to_string(), "a whole number"))
        };
        let mut figures = CountyFigures::default();
        for (measure, estimate, margin) in &columns {
            let value = number(*estimate)?.filter(|value| (0..=MOST_PEOPLE).contains(value));
            let moe = match number(*margin)? {
                Some(CONTROLLED) => Some(0),
                other => other.filter(|moe| (0..=MOST_PEOPLE).contains(moe)),
            };
            if value.is_none() && *measure != Measure::Noncitizen {
                let at = estimate.unwrap_or_default();
                let value = row.get(at).map_or_else(String::new, ToString::to_string);
                return Err(bad(at, value, "an estimate"));
            }
            figures[*measure as usize] = super::Estimate { value, moe };
        }
        if counties.insert(fips, figures).is_some() {
            return Err(bad(county_at, text, "a county that was not there before"));
        }
    }
    let figures = Figures {
        vintage: vintage_of_name(file)?,
        file_name: file.to_owned(),
        sha256: sha256(bytes),
        counties,
    };
    Ok(figures)
}
