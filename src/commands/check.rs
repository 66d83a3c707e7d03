//! `coverage287 check DIR`: checks that a release is whole.

use std::path::Path;

use super::json;
use crate::check::{CheckError, Outcome, RELEASE_IS_WHOLE};
use crate::cli::Format;
use crate::error::Error;
use crate::publish::Release;
use crate::spec::{SpecFiles, Specs};
use crate::table::KeyCheck;

/// Checks hashes, schemas, keys and references of a release.
///
/// # Errors
/// [`CheckError::Blocked`] with everything that is wrong.
pub fn check(dir: &Path, files: &SpecFiles, format: Format) -> Result<String, Error> {
    let specs = Specs::load(files)?;
    let release = Release::open(dir)?;
    let mut wrong = release.damage()?;
    let names: Vec<&str> = specs.tables.iter().map(|table| table.name.as_str()).collect();
    let mut rows = 0;
    if wrong.is_empty() {
        let tables = release.table_set(&specs.tables, &names)?;
        for table in specs.tables.iter() {
            let mut check = KeyCheck::new(table, &tables)?;
            check.see(tables.get(&table.name)?)?;
            let found = check.finish();
            rows += found.rows;
            wrong.extend(
                found.wrong_keys(&table.name).map(|rows| format!("key not unique or not in order: {rows}")),
            );
            wrong.extend(found.unresolved.iter().map(|rows| format!("reference to no row: {rows}")));
        }
    }
    if !wrong.is_empty() {
        let outcome = |actual| Outcome {
            name: RELEASE_IS_WHOLE.into(),
            text: "hashes, schemas, keys and references of the release".into(),
            blocking: true,
            passed: false,
            expected: "as it was written".into(),
            actual,
            accepted: None,
            repeated: false,
        };
        return Err(CheckError::Blocked(wrong.into_iter().map(outcome).collect()).into());
    }
    Ok(match format {
        Format::Text | Format::Csv => {
            format!("{} is whole: {} tables, {rows} rows\n", release.dir.display(), names.len())
        }
        Format::Json => {
            json(&serde_json::json!({ "release": release.dir, "tables": names.len(), "rows": rows }))
        }
    })
}
