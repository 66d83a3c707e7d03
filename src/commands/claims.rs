//! `coverage287 claims`: published figures beside ours, computed again from the tables of a release.

use super::json;
use crate::assess::{claims_table, judge};
use crate::cli::{ClaimsArgs, Format};
use crate::error::Error;
use crate::publish::Release;
use crate::reference::Regions;
use crate::spec::{SpecFiles, Specs};
use crate::table::{CsvTexts, Table, csv_of};
use crate::text::say;
use crate::words::Verdict;

#[derive(serde::Serialize)]
struct ClaimAnswer {
    claim_id: String,
    as_of_date: String,
    printed_text: String,
    printed_value: f64,
    computed_value: Option<f64>,
    verdict: String,
    verdict_recorded: String,
    definition: String,
    source_name: String,
    source_form: String,
    note: Option<String>,
}

impl ClaimAnswer {
    fn is_checked(&self) -> bool {
        self.verdict != Verdict::NotCheckable.as_str()
    }

    /// Whether the verdict differs from the recorded one; a claim whose lists are missing has no verdict.
    fn is_unlike(&self) -> bool {
        self.is_checked() && self.verdict != self.verdict_recorded
    }
}

/// Returns the claims of the specs with their verdicts on a release and, where they are to hold strictly, the error if
/// one is not as recorded.
pub fn claims(
    args: &ClaimsArgs,
    files: &SpecFiles,
    format: Format,
    csv_texts: CsvTexts,
) -> Result<(String, Option<Error>), Error> {
    let specs = Specs::load(files)?;
    let Regions { states, .. } = Regions::load(files)?;
    let release = Release::open(&args.release.release)?;
    let judged = judge(&specs.claims, &release.tables(&specs.tables), &specs.rules, &states)?;
    let table = claims_table(&specs.tables, &judged)?;
    let lines = lines(&table)?;
    let text = match format {
        Format::Csv => csv_of(&table, csv_texts)?,
        Format::Json => json(&lines),
        Format::Text => page(&lines),
    };
    let unlike = lines.iter().filter(|line| args.strict && line.is_unlike());
    let unlike: Vec<String> = unlike
        .map(|line| {
            let (id, verdict, recorded) = (&line.claim_id, &line.verdict, &line.verdict_recorded);
            let computed = line.computed_value.unwrap_or_default();
            format!("{id}: {verdict}, recorded {recorded}; printed {}, found {computed}", line.printed_value)
        })
        .collect();
    if args.strict && !lines.iter().any(ClaimAnswer::is_checked) {
        let none = "none can be checked: the release has no list of their days".to_owned();
        return Ok((text, Some(Error::Claims(vec![none]))));
    }
    Ok((text, (!unlike.is_empty()).then_some(Error::Claims(unlike))))
}

fn lines(claims: &Table) -> Result<Vec<ClaimAnswer>, Error> {
    let text = |name: &str| -> Result<Vec<String>, Error> {
        Ok(claims.texts(name)?.iter().map(|t| t.unwrap_or_default().to_owned()).collect())
    };
    let days = claims.dates("as_of_date")?;
    let (ids, printed, verdicts, recorded) =
        (text("claim_id")?, text("printed_text")?, text("verdict")?, text("verdict_recorded")?);
    let (definitions, sources, forms) = (text("definition")?, text("source_name")?, text("source_form")?);
    let notes = claims.texts("note")?;
    let (values, computed) = (claims.numbers("printed_value")?, claims.numbers("computed_value")?);
    let line = |row: usize| {
        Ok(ClaimAnswer {
            claim_id: ids[row].clone(),
            as_of_date: days[row].map_or_else(String::new, |d| d.to_string()),
            printed_text: printed[row].clone(),
            printed_value: values[row].unwrap_or_default(),
            computed_value: computed[row],
            verdict: verdicts[row].clone(),
            verdict_recorded: recorded[row].clone(),
            definition: definitions[row].clone(),
            source_name: sources[row].clone(),
            source_form: forms[row].clone(),
            note: notes[row].map(str::to_owned),
        })
    };
    (0..claims.row_count()).map(line).collect()
}

fn page(lines: &[ClaimAnswer]) -> String {
    let mut out = String::new();
    for line in lines {
        let found =
            line.computed_value.map_or_else(|| "-".to_owned(), |v| ((v * 10.0).round() / 10.0).to_string());
        let verdict = line.verdict.replace('_', " ");
        let recorded = match line.is_unlike() {
            true => format!(" (recorded: {})", line.verdict_recorded.replace('_', " ")),
            false => String::new(),
        };
        say(&mut out, format_args!("{}: {verdict}{recorded}", line.claim_id));
        let (date, text, printed) = (&line.as_of_date, &line.printed_text, line.printed_value);
        say(&mut out, format_args!("    {date}: {text}; printed {printed}, found {found}"));
        say(&mut out, format_args!("    {}", line.definition));
        say(&mut out, format_args!("    {} ({})", line.source_name, line.source_form));
        if let Some(note) = &line.note {
            say(&mut out, format_args!("    {note}"));
        }
    }
    let checked = lines.iter().filter(|line| line.is_checked()).count();
    let unlike = lines.iter().filter(|line| line.is_unlike()).count();
    say(
        &mut out,
        format_args!(
            "\n{checked} of {} claims can be checked with the lists of the release; {unlike} have another verdict than recorded",
            lines.len()
        ),
    );
    out
}
