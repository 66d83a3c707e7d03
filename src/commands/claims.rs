//! `coverage287 claims`: figures in print against ours.

use std::fmt::Write;

use super::json;
use crate::cli::{Format, ReleaseArgs};
use crate::error::Error;
use crate::frames::{date_of, texts};
use crate::publish::Release;
use crate::spec::{SpecFiles, Specs};

#[derive(serde::Serialize)]
struct Line {
    claim_id: String,
    as_of_date: String,
    printed_text: String,
    printed_value: f64,
    computed_value: Option<f64>,
    verdict: String,
    definition: String,
    source_name: String,
    source_form: String,
    note: Option<String>,
}

/// The claims of a release with their verdicts.
pub fn claims(args: &ReleaseArgs, files: &SpecFiles, format: Format) -> Result<String, Error> {
    let specs = Specs::load(files)?;
    let frames = Release::open(&args.release)?.frames(&specs.tables, &["claims"])?;
    let claims = frames.get("claims")?;
    let text = |name: &str| -> Result<Vec<String>, Error> {
        Ok(texts(claims, name)?.iter().map(|t| t.unwrap_or_default().to_owned()).collect())
    };
    let (ids, printed, verdicts) = (text("claim_id")?, text("printed_text")?, text("verdict")?);
    let (definitions, sources, forms) = (text("definition")?, text("source_name")?, text("source_form")?);
    let notes = texts(claims, "note")?;
    let number =
        |name: &str| Ok::<_, Error>(claims.column(name).map_err(crate::frames::FrameError::from)?.clone());
    let (values, computed) = (number("printed_value")?, number("computed_value")?);
    let at = |column: &polars::prelude::Column, row: usize| column.f64().ok().and_then(|c| c.get(row));
    let mut lines = Vec::new();
    for row in 0..claims.height() {
        lines.push(Line {
            claim_id: ids[row].clone(),
            as_of_date: date_of(claims, "as_of_date", row)?.map_or_else(String::new, |d| d.to_string()),
            printed_text: printed[row].clone(),
            printed_value: at(&values, row).unwrap_or_default(),
            computed_value: at(&computed, row),
            verdict: verdicts[row].clone(),
            definition: definitions[row].clone(),
            source_name: sources[row].clone(),
            source_form: forms[row].clone(),
            note: notes[row].map(str::to_owned),
        });
    }
    if format == Format::Json {
        return Ok(json(&lines));
    }
    let mut out = String::new();
    for line in &lines {
        let found =
            line.computed_value.map_or_else(|| "-".to_owned(), |v| ((v * 10.0).round() / 10.0).to_string());
        let verdict = line.verdict.replace('_', " ");
        let note = line.note.as_ref().map_or_else(String::new, |note| format!("\n    {note}"));
        let (id, date, text, printed) =
            (&line.claim_id, &line.as_of_date, &line.printed_text, line.printed_value);
        let (definition, source, form) = (&line.definition, &line.source_name, &line.source_form);
        writeln!(
            out,
            "{id}: {verdict}\n    {date}: {text}; printed {printed}, found {found}\n    {definition}\n    {source} ({form}){note}"
        )
        .expect("writing to a string does not fail");
    }
    Ok(out)
}
