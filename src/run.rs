//! The whole job on one screen: from offered files to a published release.

use std::path::Path;

use sha2::{Digest, Sha256};
use tracing::{info, warn};

use crate::acquire::offered;
use crate::census::{Figures, figures};
use crate::check::{Outcome, block, checks};
use crate::coverage::{cube, judge, reaches};
use crate::error::Error;
use crate::frames::Frames;
use crate::fs;
use crate::identify::{agencies, agreements, pending};
use crate::panel::{Panel, panel};
use crate::publish::{self, Counts, RunRecord, SCHEMA_VERSION, dictionary, encode, package, run_json};
use crate::reference::Reference;
use crate::settings::RunSettings;
use crate::spec::{Specs, hex};
use crate::tables::{self, Results, tables};

/// What a run did.
pub struct Done {
    pub release_id: String,
    pub frames: Frames,
    pub counts: Counts,
    pub checks: Vec<Outcome>,
    /// `None` for a dry run.
    pub published: Option<publish::Published>,
    pub specs: Specs,
    pub reference: Reference,
}

/// Runs the pipeline.
///
/// # Errors
/// Any of [`Error`]; the release before stays current.
pub fn run(settings: &RunSettings) -> Result<Done, Error> {
    let specs = Specs::load(&settings.files)?;
    let reference = Reference::load(&settings.files)?;
    let offered = offered(&settings.lists, &settings.files)?;
    info!(step = "acquire", files = offered.len(), "lists offered");
    let panel = panel(&offered, &specs, &reference, settings.as_of);
    refuse(&panel, &specs)?;
    let figures =
        figures(&settings.acs, &settings.files, &specs.census, &reference.counties, &reference.states)?;
    // Wrong input leaves the output folder as it was: only now is it touched.
    let _lock = if settings.dry_run { None } else { Some(lock(settings)?) };
    let mut counts = Counts::of(&panel);
    info!(
        step = "normalise",
        lists = counts.files_offered,
        rows = counts.rows_kept,
        repairs = counts.repairs,
        "lists read"
    );

    let agencies = agencies(&panel, &specs.vocabulary, &reference);
    let agreements = agreements(&panel, &agencies, specs.checks.confirm_lists);
    let pending = pending(&panel, &agencies);
    info!(
        step = "identify",
        agencies = agencies.agencies.len(),
        agreements = agreements.agreements.len(),
        "bodies told apart"
    );

    let newest = figures.first().ok_or_else(|| Error::Usage("no county figures".into()))?;
    info!(step = "census", vintage = newest.vintage, counties = newest.counties.len(), "county figures read");

    let reaches = reaches(&agencies, &specs.rules, &reference.counties, newest);
    let cube = cube(&panel, &agencies, &specs.rules, &reaches, newest, &reference.states);
    info!(step = "coverage", cells = cube.cells.len(), "coverage computed");

    let results = Results {
        specs: &specs,
        reference: &reference,
        panel: &panel,
        agencies: &agencies,
        agreements: &agreements,
        pending: &pending,
        figures: &figures,
        reaches: &reaches,
        cube: &cube,
    };
    let mut frames = tables(&results)?;
    let judged = judge(&specs.claims, &frames, &specs.rules, &reference.states)?;
    frames.insert("claims", tables::claims(&specs.tables, &judged)?);

    let checks = checks(&results, &frames)?;
    for failed in checks.iter().filter(|outcome| !outcome.passed) {
        warn!(check = failed.name, expected = failed.expected, actual = failed.actual, "check failed");
    }
    block(&checks)?;

    counts.agencies = agencies.agencies.len();
    counts.agencies_without_county = crate::check::unplaced(&results);
    counts.agreements = agreements.agreements.len();
    counts.pending = pending.len();
    counts.coverage_cells = cube.cells.len();
    let (release_id, published) = release(settings, &results, &frames, &counts, &checks)?;
    info!(step = "publish", release = release_id, "done");
    Ok(Done { release_id, frames, counts, checks, published, specs, reference })
}

/// Encodes the tables and their documents and puts them in place.
fn release(
    settings: &RunSettings,
    results: &Results,
    frames: &Frames,
    counts: &Counts,
    checks: &[Outcome],
) -> Result<(String, Option<publish::Published>), Error> {
    let specs = results.specs;
    let inputs_sha256 = inputs_sha256(results.panel, results.figures);
    let id = release_id(results.panel, &inputs_sha256, &specs.fingerprint);
    let metadata = [
        ("coverage287.schema_version".to_owned(), SCHEMA_VERSION.to_string()),
        ("coverage287.program_version".to_owned(), env!("CARGO_PKG_VERSION").to_owned()),
        ("coverage287.inputs_sha256".to_owned(), inputs_sha256.clone()),
        ("coverage287.specs_sha256".to_owned(), specs.fingerprint.clone()),
    ];
    let (mut files, written) = encode(&specs.tables, frames, &metadata)?;
    let sources = [&specs.agreements.source, &specs.census.source];
    let package = package(&specs.tables, &specs.warnings, &sources, &id, SCHEMA_VERSION, &written);
    files.push(("datapackage.json".into(), json_text(&package)));
    files.push((
        "dictionary.md".into(),
        dictionary(&specs.tables, &specs.rules, &specs.warnings).into_bytes(),
    ));
    if settings.dry_run {
        return Ok((id, None));
    }
    let documents: Vec<_> = files[written.len()..]
        .iter()
        .map(|(name, bytes)| (name.clone(), hex(&Sha256::digest(bytes))))
        .collect();
    let record = RunRecord {
        release_id: &id,
        started: &settings.started,
        inputs_sha256: &inputs_sha256,
        specs_sha256: &specs.fingerprint,
        panel: results.panel,
        figures: results.figures,
        written: &written,
        documents: &documents,
        counts,
        checks,
    };
    let published = publish::publish(&settings.out, &id, &files, &json_text(&run_json(&record)))?;
    Ok((id, Some(published)))
}

/// Stops the run where a named list was refused, too many were, or none is left.
fn refuse(panel: &Panel, specs: &Specs) -> Result<(), Error> {
    let offered = panel.lists.len();
    for (list, _) in panel.refused() {
        warn!(file = list.file_name, "refused: {}", list.reason.as_deref().unwrap_or_default());
    }
    let refused: Vec<_> = panel.refused().collect();
    let named = refused.iter().any(|(list, _)| list.is_named);
    let too_many = refused.len() > specs.agreements.refusals.allowed(offered);
    let none_left = panel.as_of_lists().is_empty();
    if named || too_many || (none_left && !refused.is_empty()) {
        let files = refused
            .iter()
            .map(|(list, _)| (list.file_name.clone(), list.reason.clone().unwrap_or_default()))
            .collect();
        return Err(Error::Refused { files, offered });
    }
    if none_left {
        return Err(Error::Usage("none of the lists is a participating list of a day that counts".into()));
    }
    Ok(())
}

fn lock(settings: &RunSettings) -> Result<fs::Lock, Error> {
    fs::make_dir(&settings.out)?;
    let path = settings.out.join(".lock");
    let holder = format!("process {}, started {}", std::process::id(), settings.started);
    let step = std::time::Duration::from_millis(200);
    let mut waited = std::time::Duration::ZERO;
    loop {
        match fs::lock(&path, &holder) {
            Err(fs::LockError::Held { .. }) if waited < settings.wait => {
                std::thread::sleep(step);
                waited += step;
            }
            taken => return Ok(taken?),
        }
    }
}

fn inputs_sha256(panel: &Panel, figures: &[Figures]) -> String {
    let lists = panel.lists.iter().map(|list| format!("list {} {}", list.file_name, list.content_sha256));
    let acs = figures.iter().map(|f| format!("acs {} {}", f.file_name, f.sha256));
    let mut inputs: Vec<String> = lists.chain(acs).collect();
    inputs.sort();
    hex(&Sha256::digest(inputs.join("\n")))
}

/// The newest list's date and 8 hex digits over inputs, specs and program version.
fn release_id(panel: &Panel, inputs_sha256: &str, specs_sha256: &str) -> String {
    let newest = panel.kept().map(|(_, list)| list.day()).max().unwrap_or_default();
    let digest = Sha256::digest(format!("{inputs_sha256}\n{specs_sha256}\n{}", env!("CARGO_PKG_VERSION")));
    format!("{newest}-{}", &hex(&digest)[..8])
}

fn json_text(value: &serde_json::Value) -> Vec<u8> {
    let mut text = serde_json::to_vec_pretty(value).expect("a JSON value is always text");
    text.push(b'\n');
    text
}

/// The one line that opens a release's agreements.
pub fn open_line(dir: &Path) -> String {
    format!(
        "python3 -c \"import polars as pl; print(pl.read_parquet('{}/agreements.parquet'))\"",
        dir.display()
    )
}
