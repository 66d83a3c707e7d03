//! `coverage287 lists`: what each list is and what it counts for, before anything is made of it.

use std::fmt::Write;

use super::json;
use crate::acquire::{digest, statements_beside};
use crate::cli::{Common, Format, ListsArgs};
use crate::error::Error;
use crate::page::PageStatements;
use crate::panel::{List, Panel, Reading, panel, read_all};
use crate::read::Store;
use crate::reference::Regions;
use crate::settings::{ListSelection, progress};
use crate::spec::{SpecFiles, Specs};
use crate::text::{TextTable, say, thousands};
use crate::words::ListKind;

#[derive(serde::Serialize)]
struct ListAnswer<'a> {
    list_id: &'a str,
    file_name: &'a str,
    list_kind: Option<&'static str>,
    list_date: Option<String>,
    list_date_method: Option<&'static str>,
    edition: Option<&'a str>,
    list_status: &'static str,
    same_rows_as_list_id: Option<&'a str>,
    row_count: usize,
    blank_row_count: u32,
    reason: Option<&'a str>,
}

/// Reads and cleans the lists and says what became of each.
pub fn lists(args: &ListsArgs, common: &Common, files: &SpecFiles) -> Result<String, Error> {
    let specs = Specs::load(files)?;
    let chosen = ListSelection::new(&args.lists);
    let (mut offered, record) = (chosen.files()?, chosen.record(files, &specs)?);
    digest(&mut offered, specs.agreements.bounds.file_bytes);
    let offered = record.with(offered);
    let reading =
        Reading { specs: &specs, store: &Store::none(), record: &record, progress: &progress(common) };
    let (regions, read) = rayon::join(|| Regions::load(files), || read_all(&offered, &reading));
    let Regions { states, counties } = regions?;
    let kept = statements_beside(&chosen.paths);
    let statements = PageStatements::load(&args.statements, &kept, files)?.as_of(args.as_of);
    let panel = panel(read, &specs, &states, &counties, &statements, args.as_of);
    fn line<'a>(panel: &'a Panel, list: &'a List) -> ListAnswer<'a> {
        let date = list.date.as_ref();
        ListAnswer {
            list_id: &list.list_id,
            file_name: &list.file_name,
            list_kind: list.kind.as_ref().map(ListKind::as_str),
            list_date: date.map(|date| date.date.to_string()),
            list_date_method: date.map(|date| date.method.as_str()),
            edition: date.map(|date| date.edition.name.as_str()),
            list_status: list.status.as_str(),
            same_rows_as_list_id: list.same_rows_as.map(|at| panel.lists[at].list_id.as_str()),
            row_count: list.row_count,
            blank_row_count: list.blank_rows,
            reason: list.reason.as_deref(),
        }
    }
    let lines: Vec<ListAnswer> = panel.lists.iter().map(|list| line(&panel, list)).collect();
    if common.format == Format::Json {
        return Ok(json(&lines));
    }
    let mut out = String::new();
    let mut table =
        TextTable::new(5, &["date", "by", "kind", "edition", "status", "rows", "  file"]).ending_in_words();
    for line in &lines {
        table.row(vec![
            line.list_date.clone().unwrap_or_else(|| "no date".into()),
            line.list_date_method.unwrap_or_default().to_owned(),
            line.list_kind.unwrap_or("unread").to_owned(),
            line.edition.unwrap_or_default().to_owned(),
            line.list_status.to_owned(),
            thousands(line.row_count as i64),
            format!("  {}", line.file_name),
        ]);
    }
    out.push_str(&table.render(0));
    for line in lines.iter().filter(|line| line.reason.is_some()) {
        let reason = line.reason.unwrap_or_default();
        writeln!(out, "{} {}: {reason}", line.list_status, line.file_name).expect("a string takes all");
    }
    let rows: usize = lines.iter().map(|line| line.row_count).sum();
    let refused = panel.refused().count();
    say(&mut out, format_args!("{} lists, {} rows, {refused} refused", lines.len(), thousands(rows as i64)));
    Ok(out)
}
