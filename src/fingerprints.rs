//! The fingerprints of a run: of what was asked for, of what was read, and the id of the release it makes.

use sha2::{Digest, Sha256};

use crate::acquire::{Offered, OfferedContent};
use crate::census::{self, Figures, Pairing};
use crate::page::PageStatements;
use crate::panel::Panel;
use crate::publish::SCHEMA_VERSION;
use crate::record::Record;
use crate::reference::PlaceShares;
use crate::settings::RunSettings;
use crate::spec::{Specs, hex};
use crate::tables::Results;

/// sha256 over all that decides what a run publishes, before any of it is read.
pub fn request_sha256(
    settings: &RunSettings,
    specs: &Specs,
    offered: &[Offered],
    record: &Record,
    statements: &PageStatements,
) -> String {
    let lists = offered.iter().map(|file| {
        let content = file.content_sha256.as_deref().unwrap_or("unreadable");
        let recorded = match file.content {
            OfferedContent::Recorded(at) => &record.lists()[at].head.sum,
            OfferedContent::File(_) | OfferedContent::Bytes(_) => "",
        };
        format!("list {} {} {content} {recorded}", file.file_name, file.is_named)
    });
    let mut all: Vec<String> = lists.collect();
    all.extend(statements.sha256().map(|sha256| format!("statements {sha256}")));
    all.extend(census::digests(&settings.acs, &settings.files, &specs.census));
    all.extend(asked_of_figures(settings));
    all.extend(census::digests(settings.place_shares.as_slice(), &settings.files, &specs.census));
    all.push(format!("as of {:?}", settings.as_of));
    all.push(format!("specs {}", specs.fingerprint));
    all.push(format!("program {} {}", env!("CARGO_PKG_VERSION"), env!("COVERAGE287_PROGRAM")));
    hex(&Sha256::digest(all.join("\n")))
}

/// The options for the figures, beside their files, that differ from the default.
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

/// The fingerprints of a release.
pub struct Fingerprints {
    /// The newest list's date and 8 hex digits over inputs, specs and program version.
    pub release_id: String,
    /// sha256 over everything that was read.
    pub inputs_sha256: String,
    pub specs_sha256: String,
    /// sha256 over the known statements of ICE's page.
    pub statements_sha256: Option<String>,
}

impl Fingerprints {
    /// The fingerprints of what was read for a release.
    pub fn new(
        settings: &RunSettings,
        results: &Results,
        statements: &PageStatements,
        shares: &PlaceShares,
    ) -> Self {
        let (panel, specs_sha256) = (&results.panel, results.specs.fingerprint.clone());
        let statements_sha256 = statements.sha256();
        let inputs_sha256 =
            inputs_sha256(settings, panel, statements_sha256.as_deref(), &results.figures, shares);
        let release_id = release_id(panel, &inputs_sha256, &specs_sha256);
        Self { release_id, inputs_sha256, specs_sha256, statements_sha256 }
    }

    /// The metadata of every Parquet file: the run it comes from.
    pub fn metadata(&self) -> [(String, String); 4] {
        [
            ("coverage287.schema_version".to_owned(), SCHEMA_VERSION.to_string()),
            ("coverage287.program_version".to_owned(), env!("CARGO_PKG_VERSION").to_owned()),
            ("coverage287.inputs_sha256".to_owned(), self.inputs_sha256.clone()),
            ("coverage287.specs_sha256".to_owned(), self.specs_sha256.clone()),
        ]
    }
}

/// sha256 over everything that was read; a list counts by the sha256 of its workbook, whether that or the record was
/// read.
fn inputs_sha256(
    settings: &RunSettings,
    panel: &Panel,
    statements_sha256: Option<&str>,
    figures: &[Figures],
    shares: &PlaceShares,
) -> String {
    let lists = panel.lists.iter().map(|list| format!("list {} {}", list.file_name, list.sha256));
    let acs = figures.iter().flat_map(|f| &f.inputs).map(|f| format!("acs {} {}", f.file_name, f.sha256));
    let mut inputs: Vec<String> = lists.chain(acs).collect();
    inputs.extend(statements_sha256.map(|sha256| format!("statements {sha256}")));
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
