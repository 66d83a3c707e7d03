//! The whole way of the data on one screen: from offered files to a published release. What is done around it
//! (lock, record, what was there before) is in [`crate::job`].

use jiff::civil::Date;
use tracing::{info, warn};

use crate::acquire::{Offered, Refusal};
use crate::batches::Batches;
use crate::census::{CensusError, Figures, Request, figures};
use crate::check::{Against, Outcome, block, checks, mark_repeated, say_failed};
use crate::coverage::{Benchmarks, Reaches, Unknown, Vintages, as_of, benchmarks, cube, judge, reaches};
use crate::error::{Error, SHOWN_REFUSALS};
use crate::fingerprints::{inputs_sha256, release_id};
use crate::frames::Frames;
use crate::identify::{Lexicon, agencies, agreements, links, mend_states, pending};
use crate::page::PageStatements;
use crate::panel::{List, Panel, Reading, compare, panel, read_all};
use crate::publish::{self, Counts, Held, RunRecord, SCHEMA_VERSION, dictionary, encode, package, run_json};
use crate::record::Record;
use crate::reference::{PlaceShares, Reference, Shapes};
use crate::report::{Summary, report, summary};
use crate::settings::{RunSettings, Stopwatch};
use crate::spec::{CensusSource, Specs};
use crate::tables::{self, Made, Results, Tabled, large_tables, tables};
use crate::words::ListKind;

/// A release that was made.
pub struct Done {
    pub release_id: String,
    pub made: Made,
    pub summary: Summary,
    pub counts: Counts,
    pub checks: Vec<Outcome>,
    /// The day of the newest participating list.
    pub newest: Option<Date>,
    /// The day of the newest pending list.
    pub newest_pending: Option<Date>,
    /// `None` for a dry run.
    pub published: Option<publish::Published>,
}

/// What a run starts from.
pub struct Start<'a> {
    pub settings: &'a RunSettings,
    pub specs: Specs,
    /// The files, with the digests of their bytes.
    pub offered: &'a [Offered],
    /// Files among them, those that the record has as well included: how many of them may be refused is a share of these.
    pub file_count: usize,
    /// Where those of them are that need no file.
    pub record: &'a Record,
    /// What ICE's page said of its lists.
    pub statements: PageStatements,
    /// sha256 over all that decides what is published.
    pub request_sha256: &'a str,
    /// What there is beside the files to hold them against.
    pub against: &'a Against,
    /// The right to publish; `None` for a dry run.
    pub held: Option<&'a Held>,
}

/// Runs the pipeline.
///
/// # Errors
/// Any of [`Error`]; the release before stays current.
pub fn run(start: Start, watch: &mut Stopwatch) -> Result<Done, Error> {
    let Start { settings, mut specs, offered, file_count, record, statements, request_sha256, against, held } =
        start;
    let reading = Reading { specs: &specs, store: &settings.store, record, progress: &settings.progress };
    // What is needed after reading is made ready meanwhile.
    let facts = || {
        let reference = Reference::load(&settings.files)?;
        let lexicon = Lexicon::new(&specs.vocabulary, &reference);
        let figures = people(settings, &specs.census, &reference);
        Ok::<_, Error>((reference, lexicon, Shapes::load(&settings.files)?, figures))
    };
    let (facts, read) = rayon::join(facts, || read_all(offered, &reading));
    let (reference, lexicon, shapes, figures) = facts?;
    let new = read.new;
    let mut panel = panel(read, &specs, &reference.states, &reference.counties, &statements, settings.as_of);
    refuse(&panel, &specs, file_count)?;
    let figures = figures?;
    let vintages = Vintages::pair(settings.acs_vintage, &panel, &figures)?;
    let shares = match &settings.place_shares {
        Some(path) => PlaceShares::read(path, &reference)?,
        None => PlaceShares::default(),
    };
    specs.rules = vintages.rules(specs.rules, &figures);
    // Without figures of places the rules that need them are not shown.
    specs.report.state_rules.retain(|rule| specs.rules.find(rule).is_some());
    specs.report.check(&specs.rules)?;
    let mut counts = Counts::of(&panel);
    info!(
        step = "normalise",
        lists = counts.files_offered,
        new,
        rows = counts.rows_kept,
        repairs = counts.repairs,
        "lists read"
    );
    watch.lap("read")?;

    mend_states(&mut panel, &lexicon, &reference);
    let statements_sha256 = statements.sha256();
    let statements = compare(&statements, &panel, &reference.states, specs.checks.statement_days);
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
    watch.lap("identify")?;

    info!(step = "census", vintages = figures.len(), used = vintages.names(&figures), "figures read");
    let reaches = reaches(&agencies, &specs.rules, &reference, &figures, &vintages.used, &shares);
    say_unknown(&reaches);
    let cube = cube(&panel, &agencies, &specs.rules, &reaches, &figures, &vintages, &reference.states);
    info!(step = "coverage", cells = cube.len(), "coverage computed");
    watch.lap("coverage")?;

    let results = Results {
        specs,
        reference,
        panel,
        statements,
        agencies,
        agreements,
        pending,
        links,
        figures,
        reaches,
        cube,
    };
    let mut frames = tables(&results)?;
    let large = large_tables(&results)?;
    let benchmarks = ask(&results, &mut frames, &large)?;
    let summary = summary(&results, &Tabled { frames: &frames, large: &large }, &benchmarks)?;
    watch.lap("tables")?;

    let inputs_sha256 =
        inputs_sha256(settings, &results.panel, statements_sha256.as_deref(), &results.figures, &shares);
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
    watch.lap("encode")?;
    let mut checks = checks(&results, &frames, &encoded.seen, against)?;
    settings.accept.mark(&mut checks);
    mark_repeated(&mut checks, &results.specs.checks.checks, &against.failed_before);
    say_failed(&checks);
    block(&checks)?;
    encoded.documents.extend(documents?.into_iter().map(|(name, bytes)| (name, bytes.into())));
    watch.lap("check")?;

    counts.found(&results);
    let newest_of = |kind| results.panel.newest_of(kind, 0).list.map(List::day);
    let (newest, newest_pending) = (newest_of(ListKind::Participating), newest_of(ListKind::Pending));
    let publishing = Publishing {
        settings,
        results: &results,
        shares: &shares,
        release_id: &release_id,
        request_sha256,
        inputs_sha256: &inputs_sha256,
        counts: &counts,
        checks: &checks,
        newest,
        newest_pending,
        statements_sha256: statements_sha256.as_deref(),
        held,
    };
    let published = publishing.publish(encoded, &summary, watch)?;
    info!(step = "publish", release = release_id, "done");
    Ok(Done {
        release_id,
        made: Made { results, frames },
        summary,
        counts,
        checks,
        newest,
        newest_pending,
        published,
    })
}

/// Reads the Census Bureau's figures of every vintage.
fn people(
    settings: &RunSettings,
    source: &CensusSource,
    reference: &Reference,
) -> Result<Vec<Figures>, CensusError> {
    let request = Request { paths: &settings.acs, is_sample: settings.acs_sample };
    let mut all = figures(&request, &settings.files, source, &reference.counties, &reference.states)?;
    for of_vintage in &mut all {
        of_vintage.complete_places(&reference.places, &reference.counties);
    }
    Ok(all)
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
    let without = count(Unknown::NoFigure);
    if without > 0 {
        warn!(agencies = without, "no figures of their places: place_weighted is a floor where they are");
    }
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
    newest: Option<Date>,
    newest_pending: Option<Date>,
    statements_sha256: Option<&'a str>,
    held: Option<&'a Held>,
}

impl Publishing<'_> {
    /// Adds the documents and puts all in place; `None` for a dry run.
    fn publish(
        &self,
        encoded: publish::Encoded,
        summary: &Summary,
        watch: &mut Stopwatch,
    ) -> Result<Option<publish::Published>, Error> {
        let specs = &self.results.specs;
        let publish::Encoded { mut files, written, documents, .. } = encoded;
        let sources = [&specs.agreements.source, &specs.census.source];
        let package =
            package(&specs.tables, &specs.warnings, &sources, self.release_id, SCHEMA_VERSION, &written);
        let dictionary = dictionary(&specs.tables, &specs.rules, &specs.warnings);
        files.push(("datapackage.json".into(), json_text(&package).into()));
        files.push(("dictionary.md".into(), dictionary.into_bytes().into()));
        files.push((publish::SUMMARY_JSON.into(), json_text(summary).into()));
        files.extend(documents);
        let Some(held) = self.held else { return Ok(None) };
        let documents: Vec<_> =
            files[written.len()..].iter().map(|(name, bytes)| (name.clone(), bytes.sha256())).collect();
        watch.lap("documents")?;
        let before = self.settings.place.run_of(self.release_id);
        let accepted = before.and_then(|run| run["accepted"].as_array().cloned()).unwrap_or_default();
        let record = RunRecord {
            release_id: self.release_id,
            request_sha256: self.request_sha256,
            run_id: &self.settings.watched.run_id,
            started: &self.settings.watched.started,
            newest: self.newest,
            newest_pending: self.newest_pending,
            statements_sha256: self.statements_sha256,
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
            accepted_before: &accepted,
            steps: watch.laps(),
            peak_memory_bytes: watch.peak_memory_bytes(),
        };
        let run = json_text(&run_json(&record));
        let published = self.settings.place.publish(held, self.release_id, &files, &run)?;
        watch.done("publish");
        Ok(Some(published))
    }
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
fn refuse(panel: &Panel, specs: &Specs, file_count: usize) -> Result<(), Error> {
    let offered = if file_count == 0 { panel.lists.len() } else { file_count };
    let refused: Vec<_> = panel.refused().collect();
    for (list, _) in refused.iter().take(SHOWN_REFUSALS) {
        warn!(file = list.file_name, "refused: {}", list.reason.as_deref().unwrap_or_default());
    }
    if refused.len() > SHOWN_REFUSALS {
        warn!(files = refused.len() - SHOWN_REFUSALS, "refused as well; `coverage287 lists` says why");
    }
    // One that was named, or that the store holds as another: neither can be done without.
    let named =
        refused.iter().any(|(list, refusal)| list.is_named || matches!(refusal, Refusal::NotAsStored));
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

fn json_text(value: &impl serde::Serialize) -> Vec<u8> {
    let mut text = serde_json::to_vec_pretty(value).expect("plain data is always JSON");
    text.push(b'\n');
    text
}
