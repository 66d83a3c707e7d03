//! The pipeline on one screen: from offered files to a published release.
//!
//! Each step is one line, in the order of [`RunStep`]. A step gives its result and changes nothing that it was given.
//! The work around the pipeline (the lock, the record of the run, the previous release) is in [`crate::job`].

use crate::acquire::Offered;
use crate::assess::assess;
use crate::census;
use crate::check::{Baseline, checked};
use crate::coverage::{Plan, coverage, plan};
use crate::error::Error;
use crate::facts::Facts;
use crate::fingerprints::Fingerprints;
use crate::identify::identify;
use crate::normalise::normalise;
use crate::page::PageStatements;
use crate::panel::{Reading, build, date_lists, read_all};
use crate::publish::{PublishPermit, encode};
use crate::publishing::{Publishing, RunOutput};
use crate::record::Record;
use crate::report::report;
use crate::settings::RunSettings;
use crate::spec::Specs;
use crate::stopwatch::{Stopwatch, timed};
use crate::tables::{Results, tables};
use crate::words::RunStep;

/// The inputs of the pipeline.
pub struct Start<'a> {
    pub settings: &'a RunSettings,
    pub specs: Specs,
    /// The files, with the digests of their bytes.
    pub offered: &'a [Offered],
    /// How many of them were given as files, even if the record has them too: refusals are a share of these.
    pub file_count: usize,
    /// The lists that need no file.
    pub record: &'a Record,
    /// The statements of ICE's page about its lists.
    pub statements: PageStatements,
    /// sha256 over all that decides what is published.
    pub request_sha256: &'a str,
    /// The baseline that the checks compare the run with.
    pub baseline: &'a Baseline,
    /// The permit to publish; `None` for a dry run.
    pub permit: Option<&'a PublishPermit>,
}

/// Runs the pipeline.
///
/// # Errors
/// Any of [`Error`]; the previous release stays current.
pub fn run(start: Start, stopwatch: &mut Stopwatch) -> Result<RunOutput, Error> {
    let Start { settings, specs, statements, baseline, permit, request_sha256, .. } = start;
    let reading = Reading::new(&specs, &settings.store, start.record, &settings.progress);
    let (facts, read) = rayon::join(|| Facts::load(settings, &specs), || read_all(start.offered, &reading));
    let facts = facts?;
    facts.log();
    let Facts { reference, shapes, lexicon, figures, seconds: [reference_lap, census_lap] } = facts;
    stopwatch.beside(reference_lap);
    read.log();
    stopwatch.lap(RunStep::Read)?;

    let dated = date_lists(read, &specs, &reference.states, &statements, settings.as_of);
    let (states, counties) = (&reference.states, &reference.counties);
    let listings = normalise(&dated.rows, &dated.first_days, &specs.vocabulary, states, counties);
    let panel = build(dated, listings).without_refused(&specs.agreements.refusals, start.file_count)?;
    stopwatch.lap(RunStep::Normalise)?;

    let identified = identify(panel, &lexicon, &reference, specs.checks.confirm_lists);
    stopwatch.lap(RunStep::Identify)?;

    let figures = figures?;
    census::log(&figures);
    stopwatch.beside(census_lap);

    let (pairing, shares) = (settings.acs_vintage, settings.place_shares.as_deref());
    let plan = plan(specs, pairing, shares, &identified.panel, &figures, &reference)?;
    stopwatch.lap(RunStep::Plan)?;

    let coverage = coverage(&identified, &plan, &figures, &reference);
    stopwatch.lap(RunStep::Coverage)?;

    let Plan { specs, shares, .. } = plan;
    let results = Results::new(specs, reference, identified, figures, coverage, &statements);
    let tables = tables(&results)?;
    stopwatch.lap(RunStep::Tables)?;

    let assessed = assess(&results.specs, &results.reference, &tables)?;
    let tables = tables.with(assessed.tables);
    stopwatch.lap(RunStep::Assess)?;

    let fingerprints = Fingerprints::new(settings, &results, &statements, &shares);
    let metadata = fingerprints.metadata();
    let (encoded, (reported, report_seconds)) = rayon::join(
        || encode(&results.specs.tables, &tables, &metadata, &settings.progress),
        || timed(|| report(&results, &tables, &assessed.benchmarks, &shapes, &fingerprints.release_id)),
    );
    let (encoded, reported) = (encoded?, reported?);
    encoded.log();
    stopwatch.lap(RunStep::Encode)?;
    reported.log();
    stopwatch.beside((RunStep::Report, report_seconds));

    let checks = checked(&results, &tables, &encoded.keys, baseline, &settings.accept)?;
    let small = tables.into_small();
    stopwatch.lap(RunStep::Check)?;

    let publishing =
        Publishing { settings, results, small, shares, fingerprints, checks, request_sha256, permit };
    publishing.publish(encoded, reported, stopwatch)
}
