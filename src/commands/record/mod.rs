//! `coverage287 record`: keeps the record of lists.

mod add;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::json;

use super::json as json_text;
use crate::acquire::{Offered, digest, offered, statements_beside};
use crate::cli::{Common, Format, RecordCommand};
use crate::error::Error;
use crate::panel::SHOWN_REFUSALS;
use crate::read::named_date;
use crate::record::{ComparedRecord, FOLDER, Record, check, csv_of_list, write_workbook};
use crate::spec::{SpecFiles, Specs};
use crate::table::CsvTexts;
use crate::text::{say, thousands};
use crate::words::ListKind;

pub use add::{AddError, AddPlan, Added, AddedList, add, plan};

/// The most rows, lists and cells of a kind that a page shows.
const SHOWN: usize = 20;

/// The most agreements that the first line of `record add` names.
const NAMED: usize = 3;

/// Runs a command on the record; the second value is the failure that is reported once the text is printed.
pub fn record(
    command: &RecordCommand,
    common: &Common,
    files: &SpecFiles,
    csv_texts: CsvTexts,
) -> Result<(String, Option<Error>), Error> {
    if let (RecordCommand::Add { paths }, Some(root)) = (command, &common.root) {
        // A mistyped path makes no folder.
        offered(paths, "record add")?;
        if !root.is_dir() {
            return Err(Error::Usage(format!("--root {}: no such folder", root.display())));
        }
        // The record is made even below a root that holds neither specs nor facts yet.
        crate::fs::make_dir(&root.join(FOLDER))?;
    }
    let specs = Specs::load(files)?;
    match command {
        RecordCommand::Add { paths } => {
            let Some(root) = &common.root else {
                return Err(Error::Usage(
                    "record add: needs --root DIR, the folder that holds the record: a checkout of the project (--root .), or a \
                     folder of your own"
                        .into(),
                ));
            };
            let record = Record::load(files, &specs.agreements)?;
            add_lists(&record, paths, root, common, files, &specs)
        }
        RecordCommand::Check { paths } => {
            let record = Record::load(files, &specs.agreements)?;
            Ok(check_lists(&record, &files_at(paths, &specs)?, common.format, &specs))
        }
        RecordCommand::Show { list, xlsx } => {
            let record = Record::load(files, &specs.agreements)?;
            let text = show_list(&record, list, xlsx.as_deref(), common.format, csv_texts, &specs)?;
            Ok((text, None))
        }
    }
}

/// Returns the files at paths, with the digests of their bytes.
fn files_at(paths: &[PathBuf], specs: &Specs) -> Result<Vec<Offered>, Error> {
    let mut files = offered(paths, "record")?;
    digest(&mut files, specs.agreements.bounds.file_bytes);
    Ok(files)
}

fn add_lists(
    record: &Record,
    paths: &[PathBuf],
    root: &Path,
    common: &Common,
    files: &SpecFiles,
    specs: &Specs,
) -> Result<(String, Option<Error>), Error> {
    let offered = files_at(paths, specs)?;
    let count = offered.len();
    let added = add(record, offered, &statements_beside(paths), root, files, specs)?;
    let named = added.refused.iter().any(|(_, _, is_named)| *is_named);
    let too_many = added.refused.len() > specs.agreements.refusals.allowed(count);
    let failure = (named || too_many).then(|| {
        let mut text = format!(
            "a run would refuse {} of {count} files; these files were not added",
            added.refused.len()
        );
        for (name, reason, _) in added.refused.iter().take(SHOWN_REFUSALS) {
            text.push_str(&format!("\n  {name}: {reason}"));
        }
        Error::NotRecorded(text)
    });
    let text = match common.format {
        Format::Json => json_text(&json!({
            "line": first_line(&added),
            "lists": added.lists.iter().map(line_of).collect::<Vec<_>>(),
            "already_recorded": added.known,
            "refused": added.refused.iter().map(|(name, reason, _)| json!({ "file_name": name, "reason": reason }))
                .collect::<Vec<_>>(),
        })),
        _ => added_page(&added),
    };
    Ok((text, failure))
}

fn line_of(list: &AddedList) -> serde_json::Value {
    let [came, went, changed, moved] = list.counts;
    json!({
        "list_id": list.list_id, "file_name": list.file_name, "list_kind": list.kind.as_str(), "list_date": list.date,
        "row_count": list.rows, "path": list.path, "against": list.against,
        "rows_came": came, "rows_went": went, "rows_changed": changed, "rows_moved": moved,
    })
}

/// Returns one line that says what was added, fit for the subject of a commit.
fn first_line(added: &Added) -> String {
    let of_kind =
        |kind: ListKind| added.lists.iter().filter(move |list| list.kind == kind && list.follows_record);
    let newest =
        of_kind(ListKind::Participating).next_back().or_else(|| of_kind(ListKind::Pending).next_back());
    let Some(newest) = newest else {
        return match added.lists.as_slice() {
            [] if added.known.is_empty() => {
                format!(
                    "nothing added: none of the {} files is a list that a run would take",
                    added.refused.len()
                )
            }
            [] => format!("nothing to add: {}", lists_are(added.known.len())),
            [list] => format!("an earlier list: {} of {}", list.file_name, list.date),
            lists => format!("{} earlier lists", lists.len()),
        };
    };
    let what = match newest.kind {
        ListKind::Participating => "agreements",
        ListKind::Pending => "pending",
    };
    // The changes of several lists are added up: each has those since the list before it.
    let run = of_kind(newest.kind).filter(|list| list.against.is_some());
    let mut came: BTreeMap<&str, i64> = BTreeMap::new();
    for list in run {
        list.came.iter().for_each(|row| *came.entry(row).or_default() += 1);
        list.went.iter().for_each(|row| *came.entry(row).or_default() -= 1);
    }
    let plus: i64 = came.values().filter(|n| **n > 0).sum();
    let minus: i64 = came.values().filter(|n| **n < 0).sum::<i64>().abs();
    let with = |wanted: fn(i64) -> bool, word: &'static str| {
        let rows = came.iter().filter(move |(_, count)| wanted(**count));
        rows.map(move |(row, _)| format!("{row} {word}"))
    };
    let names: Vec<String> = with(|n| n > 0, "came").chain(with(|n| n < 0, "went")).take(NAMED).collect();
    let more = if plus + minus > names.len() as i64 { "; …" } else { "" };
    let named =
        if names.is_empty() { newest.file_name.clone() } else { format!("{}{more}", names.join("; ")) };
    format!("+{plus} −{minus} {what}: {named}")
}

fn lists_are(count: usize) -> String {
    match count {
        1 => "the list is in the record already".to_owned(),
        count => format!("all {} lists are in the record already", thousands(count as i64)),
    }
}

fn added_page(added: &Added) -> String {
    let mut out = format!("{}\n", first_line(added));
    if !added.lists.is_empty() {
        out.push('\n');
    }
    for list in added.lists.iter().take(SHOWN) {
        let [came, went, changed, moved] = list.counts;
        let kind = list.kind.as_str();
        say(&mut out, format_args!("{kind} list of {}: {}, {} rows", list.date, list.file_name, list.rows));
        match &list.against {
            None => say(&mut out, format_args!("  the first of its kind: written whole")),
            Some(before) => {
                let changes = format!("{came} rows came, {went} went, {changed} changed, {moved} moved");
                say(&mut out, format_args!("  against {before}: {changes}"));
                for (mark, rows) in [('+', &list.came), ('−', &list.went)] {
                    for row in rows.iter().take(SHOWN) {
                        say(&mut out, format_args!("  {mark} {row}"));
                    }
                    if rows.len() > SHOWN {
                        say(&mut out, format_args!("  {mark} and {} more", rows.len() - SHOWN));
                    }
                }
            }
        }
        if let Some(note) = &list.note {
            say(&mut out, format_args!("  a run does not use this list for its day: {note}"));
        }
        say(&mut out, format_args!("  {}", list.path));
    }
    if added.lists.len() > SHOWN {
        say(&mut out, format_args!("and {} lists more", added.lists.len() - SHOWN));
    }
    if !added.known.is_empty() && !added.lists.is_empty() {
        say(&mut out, format_args!("already in the record: {} lists", added.known.len()));
    }
    for (name, reason, _) in added.refused.iter().take(SHOWN) {
        say(&mut out, format_args!("not added: {name}: {reason}"));
    }
    out
}

fn check_lists(
    record: &Record,
    offered: &[Offered],
    format: Format,
    specs: &Specs,
) -> (String, Option<Error>) {
    let ComparedRecord { recorded, compared, different, not_recorded, refused } =
        check(record, offered, specs);
    let failure = (!different.is_empty()).then(|| {
        let mut text =
            format!("{} of {compared} recorded lists differ from their workbooks", different.len());
        for list in different.iter().take(SHOWN) {
            text.push_str(&format!("\n  {}: {}", list.path, list.file_name));
            list.differences.iter().take(SHOWN).for_each(|line| text.push_str(&format!("\n    {line}")));
            if list.differences.len() > SHOWN {
                text.push_str(&format!("\n    and {} more", list.differences.len() - SHOWN));
            }
        }
        Error::NotAsRecorded(text)
    });
    if format == Format::Json {
        let text = json_text(&json!({
            "recorded": recorded, "compared": compared, "not_recorded": not_recorded,
            "refused": refused.iter().map(|(name, reason)| json!({ "file_name": name, "reason": reason }))
                .collect::<Vec<_>>(),
            "different": different.iter().map(|list| json!({
                "file_name": list.file_name, "path": list.path, "differences": list.differences,
            })).collect::<Vec<_>>(),
        }));
        return (text, failure);
    }
    let mut out = String::new();
    let kinds = [ListKind::Participating, ListKind::Pending].map(|kind| {
        format!("{} {}", record.lists().iter().filter(|list| list.kind() == kind).count(), kind.as_str())
    });
    let rows: usize = record.lists().iter().map(|list| list.row_count()).sum();
    say(
        &mut out,
        format_args!(
            "{} lists ({}), {} rows: every sum is right",
            thousands(recorded as i64),
            kinds.join(", "),
            thousands(rows as i64)
        ),
    );
    let own = record.lists().iter().filter(|list| !list.path.starts_with(FOLDER)).count();
    if own > 0 && own < recorded {
        say(&mut out, format_args!("{own} lie below --root; the others are those that the program ships"));
    }
    if !offered.is_empty() {
        let same = compared - different.len();
        say(&mut out, format_args!("lists that equal their workbooks cell by cell: {same}"));
        let without = recorded - compared;
        if without > 0 {
            say(&mut out, format_args!("{without} have no workbook among these files"));
        }
    }
    let mut listed = |what: &str, names: &[String]| {
        for name in names.iter().take(SHOWN) {
            say(&mut out, format_args!("{what}: {name}"));
        }
        if names.len() > SHOWN {
            say(&mut out, format_args!("{what}: {} more", names.len() - SHOWN));
        }
    };
    listed("not in the record (record add)", &not_recorded);
    listed("no list", &refused.iter().map(|(name, reason)| format!("{name}: {reason}")).collect::<Vec<_>>());
    (out, failure)
}

fn show_list(
    record: &Record,
    wanted: &str,
    xlsx: Option<&Path>,
    format: Format,
    csv_texts: CsvTexts,
    specs: &Specs,
) -> Result<String, Error> {
    let found: Vec<usize> = (0..record.lists().len())
        .filter(|at| {
            let head = &record.lists()[*at].head;
            let stem = head.file_name.rsplit_once('.').map_or(&*head.file_name, |(stem, _)| stem);
            head.list_id == wanted || head.file_name == wanted || stem == wanted
        })
        .collect();
    let at = match found[..] {
        [at] => at,
        [] => return Err(Error::Usage(format!("{wanted:?} is not in the record{}", near(record, wanted)))),
        _ => {
            let ids: Vec<&str> = found.iter().map(|at| record.lists()[*at].head.list_id.as_str()).collect();
            return Err(Error::Usage(format!("{wanted:?} are {} lists: {}", ids.len(), ids.join(", "))));
        }
    };
    let list = record
        .list(at, &specs.layouts)
        .map_err(|refusal| Error::NotRecorded(format!("{}: {refusal}", record.lists()[at].path)))?;
    if let Some(path) = xlsx {
        write_workbook(&list, path)?;
        return Ok(format!("{}: {} rows\n", path.display(), list.rows.len()));
    }
    if format == Format::Json {
        return Err(Error::Usage("record show: prints CSV; --xlsx FILE writes a workbook".into()));
    }
    Ok(csv_of_list(&list, csv_texts)?)
}

/// Names the lists whose names say the day that a person asked for, or hold the text that was typed.
fn near(record: &Record, wanted: &str) -> String {
    let is_near = |name: &str| {
        name.to_lowercase().contains(&wanted.to_lowercase())
            || named_date(name).is_ok_and(|named| named.date.is_some_and(|day| day.to_string() == wanted))
    };
    let names = record.lists().iter().map(|list| list.head.file_name.as_str()).filter(|name| is_near(name));
    let names: Vec<&str> = names.take(SHOWN).collect();
    if names.is_empty() { String::new() } else { format!("; there are {}", names.join(", ")) }
}
