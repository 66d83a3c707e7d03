//! `coverage287 schema`: the data dictionary.

use super::json;
use crate::cli::Format;
use crate::error::Error;
use crate::publish::{dictionary, package};
use crate::spec::{SpecFiles, Specs};

/// Returns the dictionary as text, or as the schemas of a data package.
pub fn schema(files: &SpecFiles, format: Format) -> Result<String, Error> {
    let specs = Specs::load(files)?;
    Ok(match format {
        Format::Text | Format::Csv => dictionary(&specs.tables, &specs.rules, &specs.warnings, &[]),
        Format::Json => {
            let empty = |table: &crate::spec::TableSpec| crate::publish::WrittenTable {
                table: table.name.clone(),
                path: format!("{}.parquet", table.name),
                bytes: 0,
                sha256: String::new(),
                rows: 0,
                empty_columns: Vec::new(),
            };
            let written: Vec<_> = specs.tables.iter().map(empty).collect();
            let sources = [&specs.agreements.source, &specs.census.source];
            let version = crate::publish::SCHEMA_VERSION;
            let mut package = package(&specs.tables, &specs.warnings, &sources, "schema", version, &written);
            for resource in package["resources"].as_array_mut().into_iter().flatten() {
                for of_a_release in ["bytes", "hash", "rowCount"] {
                    resource.as_object_mut().map(|fields| fields.remove(of_a_release));
                }
            }
            json(&package)
        }
    })
}
