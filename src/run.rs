//! The whole job on one screen: from offered files to a published release.

use std::path::Path;

use jiff::civil::Date;
use sha2::{Digest, Sha256};
use tracing::{info, warn};

use crate::acquire::{Offered, digest, offered};
use crate::batches::Batches;
use crate::census::{self, Figures, Pairing, Request, figures};
use crate::check::{Outcome, block, checks};
use crate::coverage::{Benchmarks, Reaches, Unknown, Vintages, as_of, benchmarks, cube, judge, reaches};
use crate::error::Error;
use crate::frames::Frames;
use crate::fs;
use crate::identify::{Lexicon, agencies, agreements, links, mend_states, pending};
use crate::panel::{Panel, Reading, panel, read_all};
use crate::publish::{
    self, Counts, RunRecord, SCHEMA_VERSION, Unchanged, dictionary, encode, package, run_json,
};
use crate::read::Entry;
use crate::reference::{PlaceShares, Reference, Shapes};
use crate::report::{Summary, report, summary};
use crate::settings::{RunSettings, Stopwatch};
use crate::spec::{Specs, hex};
use crate::tables::{self, Made, Results, Tabled, large_tables, tables};

/// What a run did.
pub enum Ran {
    /// The current release is what this run would make.
    Nothing(Unchanged),
    Made(Box<Done>),
}

/// A release that was made.
pub struct Done {
    pub release_id: String,
    pub made: Made,
    pub summary: Summary,
    pub counts: Counts,
    pub checks: Vec<Outcome>,
    /// `None` for a dry run.
    pub published: Option<publish::Published>,
}

/// Runs the pipeline.
///
/// # Errors
/// Any of [`Error`]; the release before stays current.
pub fn run(settings: &RunSettings) -> Result<Ran, Error> {
    let mut watch = Stopwatch::start();
    let mut specs = Specs::load(&settings.files)?;
    if !settings.dry_run {
        publish::check_place(&settings.out)?;
    }
    let mut offered = offered(&settings.lists, &settings.files)?;
    digest(&mut offered, specs.agreements.bounds.file_bytes);
    info!(step = "acquire", files = offered.len(), "lists offered");
    let request = request_sha256(settings, &specs, &offered);
    // What could not be read may be read now.
    let is_readable = offered.iter().all(|file| file.content_sha256.is_some());
    if is_readable && let Some(unchanged) = unchanged(settings, &request) {
        return Ok(Ran::Nothing(unchanged));
    }
    watch.lap("acquire");

    let reading = Reading { specs: &specs, store: &settings.store, progress: &settings.progress };
    // What is needed after reading is made ready meanwhile.
    let facts = || {
        let reference = Reference::load(&settings.files)?;
        let lexicon = Lexicon::new(&specs.vocabulary, &reference);
        Ok::<_, Error>((reference, lexicon, Shapes::load(&settings.files)?))
    };
    let (facts, read) = rayon::join(facts, || read_all(&offered, &reading));
    let (reference, lexicon, shapes) = facts?;
    let (mut panel, new_entries) =
        panel(read, &specs, &reference.states, &reference.counties, settings.as_of);
    refuse(&panel, &specs)?;
    let request_of_figures = Request { paths: &settings.acs, is_sample: settings.acs_sample };
    let figures =
        figures(&request_of_figures, &settings.files, &specs.census, &reference.counties, &reference.states)?;
    let vintages = Vintages::pair(settings.acs_vintage, &panel, &figures)?;
    let shares = match &settings.place_shares {
        Some(path) => PlaceShares::read(path, &reference)?,
        None => PlaceShares::default(),
    };
    specs.rules = vintages.rules(specs.rules, &figures);
    specs.report.check(&specs.rules)?;
    // Wrong input leaves the output folder as it was: only now is it touched.
    let _lock = if settings.dry_run { None } else { Some(lock(settings)?) };
    keep(&new_entries, settings);
    let mut counts = Counts::of(&panel);
    info!(
        step = "normalise",
        lists = counts.files_offered,
        new = new_entries.len(),
        rows = counts.rows_kept,
        repairs = counts.repairs,
        "lists read"
    );
    watch.lap("read");

    mend_states(&mut panel, &lexicon, &reference);
    let agencies = agencies(&panel, &lexicon, &reference);
    let agreements = agreements(&panel, &agencies, specs.checks.confirm_lists);
    let pending = pending(&panel, &agencies);
    let links = links(&panel, &agencies, &agreements, &reference);
    info!(
        step = "identify",
        agencies = agencies.agencies.len(),
        agreements = agreements.agreements.len(),
        "bodies told apart"
    );
    watch.lap("identify");

    info!(step = "census", vintages = figures.len(), used = vintages.names(&figures), "figures read");
    let reaches = reaches(&agencies, &specs.rules, &reference, &figures, &vintages.used, &shares);
    say_unknown(&reaches);
    let cube =
        cube(&panel, &agencies, &specs.rules, &reaches, &figures, &vintages.of_list, &reference.states);
    info!(step = "coverage", cells = cube.len(), "coverage computed");
    watch.lap("coverage");

    let results =
        Results { specs, reference, panel, agencies, agreements, pending, links, figures, reaches, cube };
    let mut frames = tables(&results)?;
    let large = large_tables(&results)?;
    let benchmarks = ask(&results, &mut frames, &large)?;
    let summary = summary(&results, &Tabled { frames: &frames, large: &large }, &benchmarks)?;
    watch.lap("tables");

    let inputs_sha256 = inputs_sha256(settings, &results.panel, &results.figures, &shares);
    let release_id = release_id(&results.panel, &inputs_sha256, &results.specs.fingerprint);
    let metadata = metadata(&inputs_sha256, &results.specs.fingerprint);
    // The report reads what is being encoded.
    let tabled = Tabled { frames: &frames, large: &large };
    let (encoded, documents) = rayon::join(
        || encode(&results.specs.tables, &frames, &large, &metadata, &settings.progress),
        || report(&results, &tabled, &summary, &benchmarks, &shapes, &release_id),
    );
    let mut encoded = encoded?;
    drop(large);
    watch.lap("encode");
    let checks = checks(&results, &frames, &encoded.seen)?;
    say_failed(&checks);
    block(&checks)?;
    encoded.documents.extend(documents?);
    watch.lap("check");

    counts.found(&results);
    let publishing = Publishing {
        settings,
        results: &results,
        shares: &shares,
        release_id: &release_id,
        request_sha256: &request,
        inputs_sha256: &inputs_sha256,
        counts: &counts,
        checks: &checks,
    };
    let published = publishing.publish(encoded, &summary, watch)?;
    info!(step = "publish", release = release_id, "done");
    Ok(Ran::Made(Box::new(Done {
        release_id,
        made: Made { results, frames },
        summary,
        counts,
        checks,
        published,
    })))
}

/// Adds what is computed from the tables themselves: claims and benchmarks.
fn ask(results: &Results, frames: &mut Frames, large: &[Batches]) -> Result<Benchmarks, Error> {
    let (specs, reference) = (&results.specs, &results.reference);
    let tabled = Tabled { frames, large };
    let newest = as_of(&tabled, Date::MAX)?.ok_or_else(|| Error::Usage("no list counts".into()))?;
    let (judged, benchmarks) = rayon::join(
        || judge(&specs.claims, &tabled, &specs.rules, &reference.states),
        || benchmarks(&specs.benchmarks, &specs.rules, &tabled, &newest, reference),
    );
    let (judged, benchmarks) = (judged?, benchmarks?);
    frames.insert("claims", tables::claims(&specs.tables, &judged)?);
    frames.insert("benchmarks", tables::benchmarks(specs, &benchmarks)?);
    frames.insert("benchmark_totals", tables::benchmark_totals(specs, &benchmarks)?);
    Ok(benchmarks)
}

/// Says where residents of places and towns are not known.
fn say_unknown(reaches: &Reaches) {
    let count = |why| reaches.vintages.iter().map(|vintage| vintage.homes.unknown(why)).sum::<usize>();
    let (nameless, without) = (count(Unknown::NoNames), count(Unknown::NoFigure));
    if nameless > 0 {
        warn!(agencies = nameless, "towns are not found: county subdivisions have no names in the input");
    }
    if without > 0 {
        warn!(agencies = without, "no figures of their places: place_weighted is a floor where they are");
    }
}

/// Keeps what was read for the next run. The store only saves time: a run goes on without it.
fn keep(new_entries: &[Entry], settings: &RunSettings) {
    if settings.dry_run {
        return;
    }
    if let Err(error) = settings.store.put(new_entries.iter()) {
        warn!("what was read is not kept for the next run: {error}");
    }
}

fn say_failed(checks: &[Outcome]) {
    let failed: Vec<_> = checks.iter().filter(|outcome| !outcome.passed).collect();
    for outcome in &failed {
        warn!(check = outcome.name, expected = outcome.expected, actual = outcome.actual, "check failed");
    }
    info!(step = "check", checks = checks.len(), failed = failed.len(), "tables checked");
}

/// Everything a release is put together from, once its tables are encoded and checked.
struct Publishing<'a> {
    settings: &'a RunSettings,
    results: &'a Results,
    shares: &'a PlaceShares,
    release_id: &'a str,
    request_sha256: &'a str,
    inputs_sha256: &'a str,
    counts: &'a Counts,
    checks: &'a [Outcome],
}

impl Publishing<'_> {
    /// Adds the documents and puts all in place; `None` for a dry run.
    fn publish(
        &self,
        encoded: publish::Encoded,
        summary: &Summary,
        mut watch: Stopwatch,
    ) -> Result<Option<publish::Published>, Error> {
        let specs = &self.results.specs;
        let publish::Encoded { mut files, written, documents, .. } = encoded;
        let sources = [&specs.agreements.source, &specs.census.source];
        let package =
            package(&specs.tables, &specs.warnings, &sources, self.release_id, SCHEMA_VERSION, &written);
        let dictionary = dictionary(&specs.tables, &specs.rules, &specs.warnings);
        files.push(("datapackage.json".into(), json_text(&package)));
        files.push(("dictionary.md".into(), dictionary.into_bytes()));
        files.push((publish::SUMMARY_JSON.into(), json_text(summary)));
        files.extend(documents);
        if self.settings.dry_run {
            return Ok(None);
        }
        let documents: Vec<_> = files[written.len()..]
            .iter()
            .map(|(name, bytes)| (name.clone(), hex(&Sha256::digest(bytes))))
            .collect();
        watch.lap("documents");
        let record = RunRecord {
            release_id: self.release_id,
            request_sha256: self.request_sha256,
            started: &self.settings.started,
            inputs_sha256: self.inputs_sha256,
            specs_sha256: &specs.fingerprint,
            panel: &self.results.panel,
            figures: &self.results.figures,
            pairing: self.settings.acs_vintage,
            shares: self.shares,
            written: &written,
            documents: &documents,
            counts: self.counts,
            checks: self.checks,
            steps: watch.laps(),
            peak_memory_bytes: watch.peak_memory_bytes(),
        };
        let out = &self.settings.out;
        Ok(Some(publish::publish(out, self.release_id, &files, &json_text(&run_json(&record)))?))
    }
}

/// The current release, if the same request has made it and it is whole.
fn unchanged(settings: &RunSettings, request_sha256: &str) -> Option<Unchanged> {
    if settings.dry_run || settings.rebuild {
        return None;
    }
    let unchanged = publish::Unchanged::of(&settings.out, request_sha256)?;
    for (file, reason) in &unchanged.refused {
        warn!(file, "refused: {reason}");
    }
    info!(step = "publish", release = unchanged.release_id, "nothing new");
    Some(unchanged)
}

/// sha256 over all that decides what a run publishes, before any of it is read.
fn request_sha256(settings: &RunSettings, specs: &Specs, offered: &[Offered]) -> String {
    let lists = offered.iter().map(|file| {
        let content = file.content_sha256.as_deref().unwrap_or("unreadable");
        let workbook = file.workbook_sha256.as_deref().unwrap_or_default();
        format!("list {} {} {content} {workbook}", file.file_name, file.is_named)
    });
    let mut all: Vec<String> = lists.collect();
    all.extend(census::digests(&settings.acs, &settings.files, &specs.census));
    all.extend(asked_of_figures(settings));
    all.extend(census::digests(settings.place_shares.as_slice(), &settings.files, &specs.census));
    all.push(format!("as of {:?}", settings.as_of));
    all.push(format!("specs {}", specs.fingerprint));
    all.push(format!("program {} {}", env!("CARGO_PKG_VERSION"), env!("COVERAGE287_PROGRAM")));
    hex(&Sha256::digest(all.join("\n")))
}

/// What every Parquet file says of the run it comes from.
fn metadata(inputs_sha256: &str, specs_sha256: &str) -> [(String, String); 4] {
    [
        ("coverage287.schema_version".to_owned(), SCHEMA_VERSION.to_string()),
        ("coverage287.program_version".to_owned(), env!("CARGO_PKG_VERSION").to_owned()),
        ("coverage287.inputs_sha256".to_owned(), inputs_sha256.to_owned()),
        ("coverage287.specs_sha256".to_owned(), specs_sha256.to_owned()),
    ]
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

/// What was asked of the figures beside their files, where it is not what is done by default.
fn asked_of_figures(settings: &RunSettings) -> Vec<String> {
    let mut asked = Vec::new();
    if settings.acs_vintage != Pairing::Newest {
        asked.push(format!("acs vintage {}", settings.acs_vintage));
    }
    if settings.acs_sample {
        asked.push("acs sample".to_owned());
    }
    asked
}

fn inputs_sha256(settings: &RunSettings, panel: &Panel, figures: &[Figures], shares: &PlaceShares) -> String {
    let lists = panel.lists.iter().map(|list| format!("list {} {}", list.file_name, list.content_sha256));
    let acs = figures.iter().flat_map(|f| &f.inputs).map(|f| format!("acs {} {}", f.file_name, f.sha256));
    let mut inputs: Vec<String> = lists.chain(acs).collect();
    inputs.extend(shares.input.iter().map(|input| format!("place shares {}", input.sha256)));
    inputs.extend(asked_of_figures(settings));
    inputs.sort();
    hex(&Sha256::digest(inputs.join("\n")))
}

/// The newest list's date and 8 hex digits over inputs, specs and program version.
fn release_id(panel: &Panel, inputs_sha256: &str, specs_sha256: &str) -> String {
    let newest = panel.kept().map(|(_, list)| list.day()).max().unwrap_or_default();
    let digest = Sha256::digest(format!("{inputs_sha256}\n{specs_sha256}\n{}", env!("CARGO_PKG_VERSION")));
    format!("{newest}-{}", &hex(&digest)[..8])
}

fn json_text(value: &impl serde::Serialize) -> Vec<u8> {
    let mut text = serde_json::to_vec_pretty(value).expect("plain data is always JSON");
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
