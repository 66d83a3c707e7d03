//! Shares of places that span counties, from a file a researcher gives: `place_geoid,county_fips,population` (the
//! residents of the part, as a decennial census counts them) or `…,share` (0 to 1).

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::Reference;
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
    shares: BTreeMap<String, Weights>,
    /// `None` where no file was given.
    pub input: Option<ShareInput>,
}

/// The file that shares come from.
#[derive(Debug, Clone)]
pub struct ShareInput {
    pub file_name: String,
    pub sha256: String,
}

#[derive(Debug)]
struct Weights {
    by_share: bool,
    counties: Vec<(CountyFips, u64)>,
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
    pub fn read(path: &Path, reference: &Reference) -> Result<Self, SharesError> {
        let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let refused = |message: String| SharesError::Refused { file: file.clone(), message };
        if !path.is_file() {
            return Err(SharesError::NoSuchFile(path.display().to_string()));
        }
        let mut bytes = Vec::new();
        let opened = File::open(path).map_err(|e| refused(e.to_string()))?;
        opened.take(MOST_BYTES + 1).read_to_end(&mut bytes).map_err(|e| refused(e.to_string()))?;
        if bytes.len() as u64 > MOST_BYTES {
            return Err(refused(format!("has more bytes than the bound of {MOST_BYTES}")));
        }
        let text = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&bytes);
        let mut reader = csv::Reader::from_reader(text);
        let mut shares: BTreeMap<String, Weights> = BTreeMap::new();
        for (row, line) in reader.deserialize::<Row>().zip(2..) {
            let row = row.map_err(|e| refused(format!("line {line}: {e}")))?;
            let says =
                |message: String| refused(format!("line {line}, place {:?}: {message}", row.place_geoid));
            let place = reference.places.get(&row.place_geoid);
            let place = place.ok_or_else(|| says("no place has this code of seven digits".into()))?;
            let fips = CountyFips::new(&row.county_fips).filter(|fips| place.counties.contains(fips));
            let fips = fips.ok_or_else(|| {
                let counties: Vec<&str> = place.counties.iter().map(CountyFips::as_str).collect();
                let (name, counties) = (&place.name, counties.join(", "));
                says(format!("{:?} is no county of {name}, which lies in {counties}", row.county_fips))
            })?;
            let (weight, by_share) = match (row.population, row.share) {
                (Some(people), None) if people < 1_000_000_000 => (people, false),
                (None, Some(share)) if (0.0..=1.0).contains(&share) => ((share * PARTS).round() as u64, true),
                _ => return Err(says("either population, a count, or share, 0 to 1, is expected".into())),
            };
            let known =
                shares.entry(place.geoid.clone()).or_insert(Weights { by_share, counties: Vec::new() });
            if known.by_share != by_share {
                return Err(says("has population on one line and share on another".into()));
            }
            if known.counties.iter().any(|(county, _)| *county == fips) {
                return Err(says(format!("county {fips} is there twice")));
            }
            known.counties.push((fips, weight));
        }
        if shares.is_empty() {
            return Err(refused("holds no shares".into()));
        }
        for (geoid, weights) in &mut shares {
            let sum: u64 = weights.counties.iter().map(|(_, weight)| weight).sum();
            if sum == 0 {
                return Err(refused(format!("place {geoid}: nobody lives there")));
            }
            if weights.by_share && (sum as f64 / PARTS - 1.0).abs() > TOLERANCE {
                return Err(refused(format!("place {geoid}: its shares do not sum to 1")));
            }
            // A county in which nobody lives is not covered.
            weights.counties.retain(|(_, weight)| *weight > 0);
            weights.counties.sort_unstable();
        }
        let input = ShareInput { file_name: file, sha256: hex(&Sha256::digest(&bytes)) };
        Ok(Self { shares, input: Some(input) })
    }

    /// Weights of the counties a place lies in.
    pub fn of(&self, place_geoid: &str) -> Option<&[(CountyFips, u64)]> {
        self.shares.get(place_geoid).map(|weights| weights.counties.as_slice())
    }
}
