//! The figures of each vintage, put together from its files.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use tracing::info;

use super::acs_file::AcsFile;
use super::agree::{FailedSum, sum_that_fails, take};
use super::area::{Area, Level};
use super::bytes::sha256_of;
use super::read::{read, read_path};
use super::source::FigureSource;
use super::value::{AreaEstimates, Estimate};
use super::vintage_figures::{AreaFigures, Figures, Input};
use super::{CensusError, whole};
use crate::reference::{Counties, Reference, States};
use crate::spec::{CensusSource, ShippedFigures, SpecFiles};
use crate::words::{RunStep, Vintage};

/// The figures that a run asks for.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The given files; if there are none, the shipped ones are read.
    pub paths: &'a [PathBuf],
    /// Whether to take files that lack counties; the missing figures are null.
    pub is_sample: bool,
}

/// Returns the figures of every vintage of the given or shipped files, newest first. A place that is whole counties and
/// lacks figures of its own gets those of its counties.
///
/// # Errors
/// As [`figures`].
pub fn load(
    request: &Request,
    files: &SpecFiles,
    source: &CensusSource,
    reference: &Reference,
) -> Result<Vec<Figures>, CensusError> {
    let all = figures(request, files, source, &reference.counties, &reference.states)?;
    let completed = all.into_iter().map(|mut figures| {
        figures.complete_places(&reference.places, &reference.counties);
        figures
    });
    Ok(completed.collect())
}

/// Says in the log which vintages were read.
pub fn log(figures: &[Figures]) {
    let vintages: Vec<String> = figures.iter().map(|figures| figures.vintage.to_string()).collect();
    info!(step = RunStep::Census.as_str(), vintages = vintages.join(", "), "figures read");
}

/// Reads the given files, or the shipped ones if none are given, and puts the files of one vintage together. If given
/// files of a shipped vintage hold no counties, they get the shipped ones. Newest vintage first, 1-year ones last.
///
/// # Errors
/// [`CensusError`]: a file is refused, files do not agree, or a vintage lacks a county.
pub fn figures(
    request: &Request,
    files: &SpecFiles,
    source: &CensusSource,
    counties: &Counties,
    states: &States,
) -> Result<Vec<Figures>, CensusError> {
    // Sorted by name, so that the order of the arguments changes nothing.
    let mut paths: Vec<&PathBuf> = request.paths.iter().collect();
    paths.sort();
    paths.dedup();
    let read: Vec<_> = paths.par_iter().map(|path| read_path(path, source)).collect();
    let mut vintages: BTreeMap<Vintage, Vec<AcsFile>> = BTreeMap::new();
    for file in read {
        let file = file?;
        info!(
            step = "census",
            file = file.file_name,
            form = file.form.as_str(),
            vintage = %file.vintage,
            rows = file.rows.len(),
            passed_over = file.rows_passed_over,
            "read"
        );
        if file.vintage.is_one_year() && !request.is_sample {
            return Err(CensusError::Refused {
                message: format!("is of the 1-year dataset {}, which has no small counties", file.vintage),
                hint: Some(source.instead(file.vintage)),
                file: file.file_name,
            });
        }
        let same = vintages.values().flatten().find(|other: &&AcsFile| other.sha256 == file.sha256);
        match same.map(|other| (other.vintage == file.vintage, other.file_name.clone())) {
            // A file that is given twice counts once.
            Some((true, _)) => {}
            Some((false, other)) => {
                return Err(CensusError::Refused {
                    message: format!("is the same file as {other}, which says another vintage"),
                    hint: Some("of which year is it? the name says it".into()),
                    file: file.file_name,
                });
            }
            None => vintages.entry(file.vintage).or_default().push(file),
        }
    }
    let has_counties = |file: &AcsFile| file.rows.keys().any(|area| area.level() == Level::County);
    if paths.is_empty() {
        for file in read_shipped(files, source, |_| true)? {
            vintages.entry(file.vintage).or_default().push(file);
        }
    } else {
        for (vintage, given) in &mut vintages {
            if !given.iter().any(has_counties) {
                let shipped = read_shipped(files, source, |shipped| shipped == *vintage)?;
                given.extend(shipped.into_iter().filter(has_counties));
            }
        }
    }
    let mut all = Vec::with_capacity(vintages.len());
    for (vintage, files) in vintages {
        let mut figures = put_together(vintage, files)?;
        whole::check(&figures, request.is_sample, source, counties, states)?;
        figures.is_sample =
            request.is_sample && whole::check(&figures, false, source, counties, states).is_err();
        whole::say_gaps(&figures);
        all.push(figures);
    }
    // 1-year datasets, which have few areas, go last.
    all.sort_by_key(|figures| (figures.vintage.is_one_year(), std::cmp::Reverse(figures.vintage)));
    Ok(all)
}

/// The figures of one file, whether or not it holds every county.
#[derive(Debug)]
pub struct Inspected {
    pub figures: Figures,
    pub rows_passed_over: u64,
    /// Why a run does not take the file by itself; `None` if it does.
    pub lacks: Option<String>,
}

/// Reads one file by itself; counties may be missing.
///
/// # Errors
/// [`CensusError`].
pub fn inspect(
    path: &Path,
    source: &CensusSource,
    counties: &Counties,
    states: &States,
) -> Result<Inspected, CensusError> {
    inspected(vec![read_path(path, source)?], source, counties, states)
}

/// Reads the shipped figures, each vintage put together, newest first.
///
/// # Errors
/// [`CensusError`].
pub fn inspect_shipped(
    files: &SpecFiles,
    source: &CensusSource,
    counties: &Counties,
    states: &States,
) -> Result<Vec<Inspected>, CensusError> {
    let mut vintages: BTreeMap<std::cmp::Reverse<Vintage>, Vec<AcsFile>> = BTreeMap::new();
    for file in read_shipped(files, source, |_| true)? {
        vintages.entry(std::cmp::Reverse(file.vintage)).or_default().push(file);
    }
    vintages.into_values().map(|files| inspected(files, source, counties, states)).collect()
}

/// Inspects the files of one vintage; there is at least one.
fn inspected(
    files: Vec<AcsFile>,
    source: &CensusSource,
    counties: &Counties,
    states: &States,
) -> Result<Inspected, CensusError> {
    let rows_passed_over = files.iter().map(|file| file.rows_passed_over).sum();
    let vintage = files[0].vintage;
    let mut figures = put_together(vintage, files)?;
    whole::check(&figures, true, source, counties, states)?;
    let refusal = whole::check(&figures, false, source, counties, states).err();
    let lacks = match (figures.vintage.is_one_year(), refusal) {
        (true, _) => Some("it is of a 1-year dataset".to_owned()),
        (false, Some(CensusError::Refused { message, .. })) => Some(message),
        (false, other) => other.map(|error| error.to_string()),
    };
    figures.is_sample = lacks.is_some();
    Ok(Inspected { figures, rows_passed_over, lacks })
}

/// Reads the shipped files of the wanted vintages.
fn read_shipped(
    files: &SpecFiles,
    source: &CensusSource,
    is_wanted: impl Fn(Vintage) -> bool,
) -> Result<Vec<AcsFile>, CensusError> {
    let wanted: Vec<&ShippedFigures> =
        source.shipped.iter().filter(|shipped| is_wanted(shipped.vintage)).collect();
    let read = |shipped: &&ShippedFigures| {
        let bytes = files.bytes(&format!("data/{}", shipped.file))?;
        let size = bytes.len() as u64;
        let mut file = read(shipped.name(), bytes.as_slice(), size, Some(shipped.vintage), source)?;
        if let Some(table) = &shipped.table {
            for source in &mut file.sources {
                source.table.clone_from(table);
            }
        }
        Ok(file)
    };
    wanted.par_iter().map(read).collect()
}

/// Puts the files of one vintage together. Two figures of one area must be equal; the one of the better table is kept.
fn put_together(vintage: Vintage, mut files: Vec<AcsFile>) -> Result<Figures, CensusError> {
    files.sort_by(|a, b| (&a.file_name, &a.sha256).cmp(&(&b.file_name, &b.sha256)));
    let mut sources: Vec<FigureSource> = files.iter().flat_map(|file| &file.sources).cloned().collect();
    sources.sort();
    sources.dedup();
    let mut areas: BTreeMap<Area, AreaFigures> = BTreeMap::new();
    for file in &files {
        let positions: Vec<u16> = file
            .sources
            .iter()
            .map(|source| sources.binary_search(source).expect("every file's sources are among all") as u16)
            .collect();
        for (area, row) in &file.rows {
            let known = areas
                .entry(*area)
                .or_insert_with(|| AreaFigures { name: None, estimates: AreaEstimates::default() });
            if known.name.is_none() {
                known.name.clone_from(&row.name);
            }
            for (concept, estimate) in &row.estimates {
                let source = positions.get(usize::from(estimate.source)).copied().unwrap_or_default();
                let estimate = Estimate { source, ..*estimate };
                let known = &mut known.estimates[concept];
                take(known, &estimate, |at| &sources[at].rank).map_err(|clash| CensusError::Refused {
                    file: file.file_name.clone(),
                    message: format!(
                        "line {}, {area}: {}{concept} {} of vintage {vintage} is not {}, table {}",
                        row.line,
                        if clash.is_margin { "margin of " } else { "" },
                        clash.new,
                        clash.expected(),
                        sources[usize::from(clash.source)].table
                    ),
                    hint: Some("are both files of the year their names say?".into()),
                })?;
            }
            if let Some(FailedSum { concept, value, expected }) = sum_that_fails(&known.estimates) {
                return Err(CensusError::Refused {
                    file: file.file_name.clone(),
                    message: format!(
                        "line {}, {area}: with the other files of vintage {vintage} {concept} {value} is not {expected}",
                        row.line
                    ),
                    hint: Some("are all files of the year their names say?".into()),
                });
            }
        }
    }
    let inputs = files.into_iter().map(|file| Input {
        file_name: file.file_name,
        sha256: file.sha256,
        form: file.form.as_str(),
    });
    Ok(Figures { vintage, inputs: inputs.collect(), sources, areas, is_sample: false })
}

/// Returns one line for each shipped and each given file, by which a run sees whether a file has changed.
pub fn digests(paths: &[PathBuf], files: &SpecFiles, source: &CensusSource) -> Vec<String> {
    // The run that follows reports a shipped file that cannot be read.
    let of_shipped = |shipped: &ShippedFigures| {
        let bytes = files.bytes(&format!("data/{}", shipped.file)).unwrap_or_default();
        format!("acs {} {}", shipped.file, sha256_of(bytes.as_slice()).unwrap_or_default())
    };
    let mut digests: Vec<String> = source.shipped.par_iter().map(of_shipped).collect();
    let digest = |path: &&PathBuf| {
        // Reading a pipe would block.
        let file = path.is_file().then(|| std::fs::File::open(path).ok()).flatten();
        let size = file.as_ref().and_then(|file| file.metadata().ok()).map_or(u64::MAX, |file| file.len());
        let file = file.filter(|_| size <= source.bounds.file_bytes);
        let sha256 = file.and_then(|file| sha256_of(file).ok()).unwrap_or_default();
        format!("acs {:?} {sha256}", path.file_name())
    };
    let mut paths: Vec<&PathBuf> = paths.iter().collect();
    paths.sort();
    paths.dedup();
    digests.extend(paths.par_iter().map(digest).collect::<Vec<_>>());
    digests
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::census::Pairing;

    fn of_year(last: u16) -> Figures {
        let vintage = Vintage::five_years(last).unwrap();
        Figures { vintage, inputs: Vec::new(), sources: Vec::new(), areas: BTreeMap::new(), is_sample: false }
    }

    #[test]
    fn a_list_goes_with_the_vintage_asked_for() {
        let figures = [of_year(2024), of_year(2022), of_year(2021)];
        let days = [date(2020, 5, 1), date(2021, 5, 1), date(2023, 5, 1), date(2026, 5, 1)];
        let of = |pairing: &str| pairing.parse::<Pairing>().unwrap().of_days(&figures, &days);
        assert_eq!(of("newest").unwrap(), [0, 0, 0, 0]);
        assert_eq!(of("2018-2022").unwrap(), [1, 1, 1, 1]);
        assert_eq!(of("2021").unwrap(), [2, 2, 2, 2]);
        assert_eq!(of("paired").unwrap(), [2, 2, 1, 0]);
        assert!(of("2015-2019").unwrap_err().to_string().contains("2020-2024, 2018-2022, 2017-2021"));
        for wrong in ["oldest", "2019-2022", "1999", ""] {
            assert!(wrong.parse::<Pairing>().is_err(), "{wrong}");
        }
    }
}
