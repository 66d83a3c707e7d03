//! Shares of places that span counties, from a researcher's file: `place_geoid,county_fips,population` (the residents
//! of the part, as a decennial census counts them) or `…,share` (0 to 1).

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use sha2::{Digest, Sha256};

use super::everything::Reference;
use crate::exit::{EndsCommand, ExitCode};
use crate::shown::{plain, shown};
use crate::spec::hex;
use crate::words::CountyFips;

/// Bound on the bytes of a file: all 32,000 places with all their counties have under 2 MB.
const MOST_BYTES: u64 = 50_000_000;

/// The number of parts in which a share is kept.
const PARTS: f64 = 1e9;

/// How far the sum of a place's shares may be from 1.
const TOLERANCE: f64 = 0.001;

/// Weights of the counties of each place.
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

/// The reason why a file of shares is not read. Exit code 5; 2 for a path that does not exist.
#[derive(Debug, thiserror::Error)]
pub enum SharesError {
    #[error("--place-shares {0}: no such file")]
    NoSuchFile(String),
    #[error("{file}: {message}")]
    Refused { file: String, message: String },
}

impl EndsCommand for SharesError {
    fn exit_code(&self) -> ExitCode {
        match self {
            Self::NoSuchFile(_) => ExitCode::USAGE,
            Self::Refused { .. } => ExitCode::INPUT,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Refused { .. } => Some(
                "columns are place_geoid,county_fips,population (residents of the part) or …,share (0 to 1)"
                    .into(),
            ),
            Self::NoSuchFile(_) => None,
        }
    }
}

impl PlaceShares {
    /// Checks that a path is a file.
    ///
    /// # Errors
    /// [`SharesError::NoSuchFile`].
    pub fn check_path(path: &Path) -> Result<(), SharesError> {
        if path.is_file() { Ok(()) } else { Err(SharesError::NoSuchFile(path.display().to_string())) }
    }

    /// Reads a file of shares.
    ///
    /// # Errors
    /// [`SharesError`], with the line, the place and what was expected.
    pub fn read(path: &Path, reference: &Reference) -> Result<Self, SharesError> {
        let file = plain(&path.file_name().unwrap_or_default().to_string_lossy());
        let refused = |message: String| SharesError::Refused { file: file.clone(), message };
        Self::check_path(path)?;
        let mut bytes = Vec::new();
        let opened = File::open(path).map_err(|e| refused(e.to_string()))?;
        opened.take(MOST_BYTES + 1).read_to_end(&mut bytes).map_err(|e| refused(e.to_string()))?;
        if bytes.len() as u64 > MOST_BYTES {
            return Err(refused(format!("has more bytes than the bound of {MOST_BYTES}")));
        }
        let text = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&bytes);
        let damaged = |e: csv::Error| refused(format!("cannot be read: {e}"));
        let mut reader = csv::Reader::from_reader(text);
        let header = reader.byte_headers().map_err(damaged)?.clone();
        let column = |name: &str| header.iter().position(|column| column == name.as_bytes());
        let needed = |name: &str| column(name).ok_or_else(|| refused(format!("has no column {name}")));
        let (geoid_at, fips_at) = (needed("place_geoid")?, needed("county_fips")?);
        let (people_at, share_at) = (column("population"), column("share"));
        let mut shares: BTreeMap<String, Weights> = BTreeMap::new();
        for record in reader.byte_records() {
            let record = record.map_err(damaged)?;
            let line = record.position().map_or(0, csv::Position::line);
            let cell = |at: usize| String::from_utf8_lossy(&record[at]).trim().to_owned();
            let geoid = cell(geoid_at);
            let says =
                |message: String| refused(format!("line {line}, place {:?}: {message}", shown(&geoid)));
            let place = reference.places.get(&geoid);
            let place = place.ok_or_else(|| says("no place has this code of seven digits".into()))?;
            let fips = cell(fips_at);
            let lies_in = |fips: &CountyFips| {
                let is_nowhere = place.counties.is_empty() && fips.state_fips() == &geoid[..2];
                let is_there = is_nowhere && reference.counties.get(*fips).is_some();
                place.counties.contains(fips) || place.empty_counties.contains(fips) || is_there
            };
            let county = CountyFips::new(&fips).filter(lies_in).ok_or_else(|| {
                let counties: Vec<&str> = place.counties.iter().map(CountyFips::as_str).collect();
                let (name, counties) = (&place.name, counties.join(", "));
                says(format!(
                    "county_fips {:?} is no county of {name}, which lies in {counties}",
                    shown(&fips)
                ))
            })?;
            let filled = |at: Option<usize>| at.map(cell).filter(|text| !text.is_empty());
            let (weight, by_share) = match (filled(people_at), filled(share_at)) {
                (Some(people), None) => {
                    let weight = people.parse().ok().filter(|people| *people < 1_000_000_000_u64);
                    let weight = weight.ok_or_else(|| {
                        says(format!("population {:?} is not a count of people", shown(&people)))
                    })?;
                    (weight, false)
                }
                (None, Some(share)) => {
                    let weight = share.parse().ok().filter(|share| (0.0..=1.0).contains(share));
                    let weight: f64 = weight
                        .ok_or_else(|| says(format!("share {:?} is not from 0 to 1", shown(&share))))?;
                    ((weight * PARTS).round() as u64, true)
                }
                _ => return Err(says("either population or share is expected".into())),
            };
            // No rule places an agency in a county where only an uninhabited part of its place lies.
            if weight > 0 && place.empty_counties.contains(&county) {
                let why = "the part of the place there had no residents in the Census of 2020: leave the line out, or give 0";
                return Err(says(format!("county {county}: {why}")));
            }
            let known = shares.entry(geoid.clone()).or_insert(Weights { by_share, counties: Vec::new() });
            if known.by_share != by_share {
                return Err(says("has population on one line and share on another".into()));
            }
            if known.counties.iter().any(|(other, _)| *other == county) {
                return Err(says(format!("county {county} is there twice")));
            }
            known.counties.push((county, weight));
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
            let of_place = reference.places.get(geoid).map_or(&[][..], |place| place.counties.as_slice());
            let has = |county: &&CountyFips| weights.counties.iter().any(|(known, _)| known == *county);
            // A file of counts may lack a part unnoticed; shares that sum to 1 cannot.
            if let Some(lacking) = of_place.iter().find(|county| !weights.by_share && !has(county)) {
                let message = format!(
                    "place {geoid}: it lies in {lacking} too; give every county, 0 where nobody lives"
                );
                return Err(refused(message));
            }
            // A county in which nobody lives is not covered.
            weights.counties.retain(|(_, weight)| *weight > 0);
            weights.counties.sort_unstable();
        }
        let input = ShareInput { file_name: file, sha256: hex(&Sha256::digest(&bytes)) };
        Ok(Self { shares, input: Some(input) })
    }

    /// Weights of the counties in which a place lies.
    pub fn of(&self, place_geoid: &str) -> Option<&[(CountyFips, u64)]> {
        self.shares.get(place_geoid).map(|weights| weights.counties.as_slice())
    }
}
