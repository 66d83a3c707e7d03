//! Table `claims`.

use super::claims::Judged;
use crate::spec::{Claim, Tables};
use crate::table::{Table, TableBuilder, TableError};

/// The claims with what was computed for each.
pub fn claims(tables: &Tables, judged: &[(&Claim, Judged)]) -> Result<Table, TableError> {
    let all = || judged.iter();
    TableBuilder::new(tables, "claims")?
        .text("claim_id", all().map(|(c, _)| Some(&c.claim_id)))
        .date("as_of_date", all().map(|(c, _)| Some(c.as_of_date)))
        .text("measure", all().map(|(c, _)| Some(c.definition.measure.as_str())))
        .text("geography", all().map(|(c, _)| Some(&c.definition.geography)))
        .text("rule", all().map(|(c, _)| c.definition.rule.as_ref()))
        .text("model_group", all().map(|(c, _)| Some(c.definition.model_group.as_str())))
        .text("printed_text", all().map(|(c, _)| Some(&c.text)))
        .number("printed_value", all().map(|(c, _)| Some(c.printed)))
        .number("computed_value", all().map(|(_, j)| j.computed))
        .text("verdict", all().map(|(_, j)| Some(j.verdict.as_str())))
        .text("verdict_recorded", all().map(|(c, _)| Some(c.verdict.as_str())))
        .text("definition", all().map(|(_, j)| Some(&j.definition)))
        .text("source_name", all().map(|(c, _)| Some(&c.source_name)))
        .text("source_url", all().map(|(c, _)| c.source_url.as_ref()))
        .text("source_url_missing_reason", all().map(|(c, _)| c.source_url_missing_reason.as_ref()))
        .text("source_date", all().map(|(c, _)| Some(&c.source_date)))
        .text("source_form", all().map(|(c, _)| Some(&c.source_form)))
        .text("note", all().map(|(c, _)| c.note.as_ref()))
        .sorted()
}
