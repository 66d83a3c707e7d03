//! Facts that a researcher can review and change without a compiler: `pipelines/*.toml`.
//!
//! [`Specs::load`] reads and cross-checks them all; what it returns is valid, and nothing after it
//! parses TOML again.

mod benchmarks;
mod census;
mod checks;
mod claims;
mod fetch;
mod layouts;
mod load;
mod report;
mod rules;
mod shipped;
mod sources;
mod tables;
mod vocabulary;
mod warnings;

pub use benchmarks::{Benchmark, BenchmarkLevel, Only, Order};
pub use census::{
    AcsTable, CensusSource, ConceptLines, Concepts, FigureBounds, Reliability, ShippedFigures, TableAreas,
    TableLayout,
};
pub use checks::{CheckSpec, Checks};
pub use claims::{Claim, ClaimDefinition, ClaimMeasure};
pub use fetch::{AcsSpec, FetchSpec, HostSpec, LinkKind, PageSpec, ReferenceFile, ReferenceSpec, WebSpec};
pub use layouts::{Field, Layout, Layouts};
pub use load::{SpecError, SpecFiles, hex, parse};
pub use report::ReportSpec;
pub use rules::{ReachSpec, Rule, Rules, Territory};
pub use sources::{AgreementSource, Bounds, Publisher, Refusals, Sense};
pub use tables::{ColumnSpec, ColumnType, ForeignKey, TableSpec, Tables};
pub use vocabulary::{KindPhrases, StateBodies, Vocabulary};
pub use warnings::Warnings;

/// Every spec of the program.
#[derive(Debug)]
pub struct Specs {
    pub agreements: AgreementSource,
    pub census: CensusSource,
    pub layouts: Layouts,
    pub vocabulary: Vocabulary,
    pub checks: Checks,
    pub rules: Rules,
    pub benchmarks: Vec<Benchmark>,
    pub report: ReportSpec,
    pub claims: Vec<Claim>,
    pub warnings: Warnings,
    pub tables: Tables,
    /// sha256 over all spec and reference files, in hex.
    pub fingerprint: String,
}

impl Specs {
    /// Reads every spec and checks the specs that name each other.
    pub fn load(files: &SpecFiles) -> Result<Self, SpecError> {
        files.check_root()?;
        let rules = rules::load(files)?;
        let benchmarks = benchmarks::load(files)?;
        let warnings: Warnings = files.toml("pipelines/coverage/warnings.toml")?;
        Ok(Self {
            agreements: files.toml("pipelines/agreements/source.toml")?,
            census: census::load(files)?,
            layouts: layouts::load(files)?,
            vocabulary: files.toml("pipelines/agreements/vocabulary.toml")?,
            report: report::load(files, &rules, &benchmarks)?,
            benchmarks,
            checks: checks::load(files)?,
            claims: claims::load(files, &rules)?,
            tables: tables::load(files, &warnings)?,
            rules,
            warnings,
            fingerprint: files.fingerprint()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_specs_load() {
        let specs = Specs::load(&SpecFiles::default()).unwrap();
        assert!(specs.layouts.layouts.len() >= 7);
        assert!(specs.tables.iter().count() >= 15);
        assert_eq!(specs.rules.rules.first().map(|r| r.name.as_str()), Some("sheriff"));
    }
}
