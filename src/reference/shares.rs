//! Shares of places that span counties, from a file a researcher gives: `place_geoid,county_fips,population` (the
//! residents of the part, as a decennial census counts them) or `…,share` (0 to 1).

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::Counties;
use crate::spec::hex;
use crate::words::CountyFips;

/// Bytes of a file: all 32,000 places with all their counties have under 2 MB.
const MOST_BYTES: u64 = 50_000_000;

/// A share is kept in so many parts.
const PARTS: f64 = 1e9;

/// How far the shares of a place may sum from 1.
const TOLERANCE: f64 = 0.001;

/// Weights of the counties a place lies in, by place.
#[derive(Debug, Default)]
pub struct PlaceShares {
    shares: BTreeMap<String, Vec<(CountyFips, u64)>>,
    /// Of the file; `None` where none was given.
    pub sha256: Option<String>,
}

/// A file of shares that is not read. Exit code 5; a path that does not exist is 2.
#[derive(Debug, thiserror::Error)]
pub enum SharesError {
    #[error("--place-shares {0}: no such file")]
    NoSuchFile(String),
    #[error("{file}: {message}")]
    Refused { file: String, message: String },
}

#[derive(Deserialize)]
struct Row {
    place_geoid: String,
    county_fips: String,
    population: Option<u64>,
    share: Option<f64>,
}

impl PlaceShares {
    /// Reads a file of shares.
    ///
    /// # Errors
    /// [`SharesError`], with the line, the place and what was expected.
    pub fn read(path: &Path, counties: &Counties) -> Result<Self, SharesError> {
        let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let refused = |message: String| SharesError::Refused { file: file.clone(), message };
        if !path.is_file() {
            return Err(SharesError::NoSuchFile(path.display().to_string()));
        }
        let size = std::fs::metadata(path).map_err(|e| refused(e.to_string()))?.len();
        if size > MOST_BYTES {
            return Err(refused(format!("{size} bytes are more than the bound of {MOST_BYTES}")));
        }
        let bytes = std::fs::read(path).map_err(|e| refused(e.to_string()))?;
        let text = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&bytes);
        let mut reader = csv::Reader::from_reader(text);
        let mut shares: BTreeMap<String, Vec<(CountyFips, u64)>> = BTreeMap::new();
        for (row, line) in reader.deserialize::<Row>().zip(2..) {
            let row = row.map_err(|e| refused(format!("line {line}: {e}")))?;
            let geoid = row.place_geoid;
            let says = |message: &str| refused(format!("line {line}, place {geoid:?}: {message}"));
            if geoid.len() != 7 || !geoid.bytes().all(|b| b.is_ascii_digit()) {
                return Err(says("not the seven digits of a place: 2500135"));
            }
            let fips = CountyFips::new(&row.county_fips).filter(|fips| counties.get(*fips).is_some());
            let fips = fips.filter(|fips| fips.state_fips() == &geoid[..2]);
            let fips =
                fips.ok_or_else(|| says(&format!("{:?} is no county of its state", row.county_fips)))?;
            let weight = match (row.population, row.share) {
                (Some(population), None) if population < 1_000_000_000 => population,
                (None, Some(share)) if (0.0..=1.0).contains(&share) => (share * PARTS).round() as u64,
                _ => return Err(says("either population, a count, or share, 0 to 1, is expected")),
            };
            let known = shares.entry(geoid.clone()).or_default();
            if known.iter().any(|(county, _)| *county == fips) {
                return Err(says(&format!("county {fips} is there twice")));
            }
            known.push((fips, weight));
        }
        let by_share = reader.headers().is_ok_and(|header| header.iter().any(|name| name == "share"));
        for (geoid, weights) in &mut shares {
            weights.sort_unstable();
            let sum: u64 = weights.iter().map(|(_, weight)| weight).sum();
            if sum == 0 || (by_share && (sum as f64 / PARTS - 1.0).abs() > TOLERANCE) {
                let message = format!("place {geoid}: its shares do not sum to 1, or nobody lives there");
                return Err(refused(message));
            }
        }
        Ok(Self { shares, sha256: Some(hex(&Sha256::digest(&bytes))) })
    }

    /// Weights of the counties a place lies in.
    pub fn of(&self, place_geoid: &str) -> Option<&[(CountyFips, u64)]> {
        self.shares.get(place_geoid).map(Vec::as_slice)
    }
}
