//! Writes a list as a file of the record: whole, or as what changed against another list.

use std::collections::BTreeMap;
use std::fmt::Write;

use sha2::{Digest, Sha256};

use super::changes::{RecordCells, changes};
use super::digest::{cells_digest, row_digest};
use super::form::{cell_line, escape, mark, named_cell, unmark};
use super::parse::{FIRST_LINE, NAMED_BY, SLOT_NAMES, said};
use super::slots::{ENDING, SLOTS, folder, order_of};
use crate::read::{RawList, cell_slot};
use crate::shown::visible;
use crate::spec::{Field, hex};

/// The start of an archive's address; the time, a slash and the page's own address follow.
const ARCHIVE: &str = "https://web.archive.org/web/";

/// How many characters of a workbook's name the name of its file keeps.
const NAME_CHARS: usize = 80;

/// A list to be written, or the list that another is written against.
pub struct RecordSheet<'a> {
    pub file_name: &'a str,
    pub sha256: &'a str,
    pub list_id: &'a str,
    pub list: &'a RawList,
}

/// The list that another is written against.
pub struct Before<'a> {
    pub sheet: RecordSheet<'a>,
    /// The prefix that `\p` stands for in its file.
    pub links: Option<&'a str>,
    /// The digest of its cells.
    pub cells: &'a str,
}

/// A file of the record, and what it says came, went, changed and moved.
#[derive(Debug)]
pub struct WrittenList {
    /// The file's path below the project.
    pub path: String,
    pub text: String,
    /// The prefix of links and the digest of cells in its head: a list that is written against it needs them.
    pub links: Option<String>,
    pub cells: String,
    pub counts: [usize; 4],
    /// Rows that came and rows that went, by agency, state and model.
    pub came: Vec<String>,
    pub went: Vec<String>,
}

/// The prefix of most links of a list that was taken from an archive.
fn links_prefix(list: &RawList) -> Option<String> {
    let mut used = vec![false; list.texts.len()];
    for id in list.rows.iter().flat_map(|row| row.slots).flatten() {
        used[id.get() as usize - 1] = true;
    }
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for (text, _) in list.texts.iter().zip(used).filter(|(_, used)| *used) {
        let Some(rest) = text.strip_prefix(ARCHIVE) else { continue };
        let Some((time, _)) = rest.split_once('/') else { continue };
        *counts.entry(&text[..ARCHIVE.len() + time.len() + 1]).or_default() += 1;
    }
    let most = counts.into_iter().max_by_key(|(prefix, count)| (*count, std::cmp::Reverse(*prefix)));
    most.map(|(prefix, _)| prefix.to_owned())
}

/// Rows with marked cells.
fn marked(list: &RawList, prefix: Option<&str>) -> Vec<RecordCells> {
    let row = |row: &crate::read::RawRow| row.slots.map(|id| id.map(|id| mark(list.texts.get(id), prefix)));
    list.rows.iter().map(row).collect()
}

/// Writes a list.
pub fn written(sheet: &RecordSheet, before: Option<&Before>) -> WrittenList {
    let list = sheet.list;
    let prefix = links_prefix(list);
    let new = marked(list, prefix.as_deref());
    let old = before.map_or_else(Vec::new, |before| marked(before.sheet.list, before.links));
    let old_numbers: Vec<u32> =
        before.iter().flat_map(|before| before.sheet.list.rows.iter().map(|row| row.row_number)).collect();
    let number = |at: usize| list.rows[at].row_number;
    let found = changes(&old, &new);

    let fields = &list.layout.fields;
    let mut lines: Vec<String> = Vec::new();
    let cells_of = |cells: &RecordCells, fields: &[Field], with_links: bool| -> String {
        let order = order_of(fields);
        let count = if with_links { order.len() } else { fields.len() };
        let line =
            order[..count].iter().map(|slot| cells[*slot].as_deref().map_or_else(String::new, cell_line));
        let line = line.map(|cell| format!("\t{cell}")).collect::<String>();
        line.trim_end_matches('\t').to_owned()
    };
    let named = |cells_of_row: &RecordCells| -> String {
        NAMED_BY.map(|field| named_cell(cells_of_row[cell_slot(field)].as_deref())).join("\t")
    };
    for at in &found.came {
        lines.push(format!("+ {}{}", number(*at), cells_of(&new[*at], fields, true)));
    }
    for at in &found.went {
        let fields = before.map_or(&[][..], |before| &before.sheet.list.layout.fields);
        lines.push(format!("- {}{}", old_numbers[*at], cells_of(&old[*at], fields, false)));
    }
    let mut changed = 0;
    for (at, old_at) in &found.stayed {
        let (was, is) = (&old[*old_at], &new[*at]);
        let slots = (0..SLOTS).filter(|slot| was[*slot] != is[*slot]);
        let cells = slots.map(|slot| {
            let (was, is) = (named_cell(was[slot].as_deref()), named_cell(is[slot].as_deref()));
            format!("\t{}\t{was}\t{is}", SLOT_NAMES[slot])
        });
        let cells = cells.collect::<String>();
        if !cells.is_empty() {
            changed += 1;
            lines.push(format!("~ {}\t{}{cells}", number(*at), named(is)));
        }
    }
    for (at, old_at) in &found.moved {
        lines.push(format!("> {} from {}\t{}", number(*at), old_numbers[*old_at], named(&new[*at])));
    }
    let counts = [found.came.len(), found.went.len(), changed, found.moved.len()];

    let digests = list.rows.iter().zip(&new).map(|(row, cells)| {
        let cells: [Option<&str>; SLOTS] = std::array::from_fn(|slot| cells[slot].as_deref());
        (row.row_number, row_digest(&cells))
    });
    let cells = cells_digest(digests);
    let mut text = head(sheet, before, prefix.as_deref(), &cells);
    let mut say = |line: String| writeln!(text, "{line}").expect("writing to a string does not fail");
    say(format!("changes: {}", said(counts)));
    lines.into_iter().for_each(&mut say);
    let sum = hex(&Sha256::digest(&text));
    writeln!(text, "sum: {sum}").expect("writing to a string does not fail");
    WrittenList {
        path: format!("{}/{}-{}{ENDING}", folder(list.layout.kind), stem(sheet.file_name), sheet.list_id),
        text,
        links: prefix,
        cells,
        counts,
        came: found.came.iter().map(|at| in_words(&new[*at])).collect(),
        went: found.went.iter().map(|at| in_words(&old[*at])).collect(),
    }
}

/// A row as a person calls it: `Bay County Sheriff's Office, FLORIDA (Task Force Model)`.
fn in_words(cells: &RecordCells) -> String {
    let text = |field: Field| {
        let text = cells[cell_slot(field)].as_deref().map_or("", |marked| unmark(marked).1);
        visible(&text.split_whitespace().collect::<Vec<_>>().join(" ")).into_owned()
    };
    format!("{}, {} ({})", text(Field::Agency), text(Field::State), text(Field::Model))
}

/// The lines above the changes.
fn head(sheet: &RecordSheet, before: Option<&Before>, prefix: Option<&str>, cells: &str) -> String {
    let RecordSheet { file_name, sha256, list_id, list } = sheet;
    let mut text = format!("{FIRST_LINE}\n");
    let mut say = |name: &str, value: &str| {
        writeln!(text, "{name}: {value}").expect("writing to a string does not fail");
    };
    say("file", &escape(file_name));
    say("sha256", sha256);
    say("list", list_id);
    if let Some(saved) = &list.saved {
        say("saved", &escape(saved));
    }
    say("header", &list.printed_columns.iter().map(|header| escape(header)).collect::<Vec<_>>().join("\t"));
    say(
        "fields",
        &list.layout.fields.iter().map(|field| SLOT_NAMES[cell_slot(*field)]).collect::<Vec<_>>().join(" "),
    );
    if let Some(prefix) = prefix {
        say("links", &escape(prefix));
    }
    say("rows", &ranges(list.rows.iter().map(|row| row.row_number)));
    say("cells", cells);
    for (name, count) in [
        ("blank rows", list.blank_rows),
        ("lost links", list.lost_links),
        ("stray cells", list.stray_cells),
        ("stray rows", list.stray_rows),
    ] {
        if count > 0 {
            say(name, &count.to_string());
        }
    }
    for aside in &list.aside {
        say("aside", &escape(aside));
    }
    if let Some(Before { sheet, cells, .. }) = before {
        say("after", &format!("{} {} {cells}", escape(sheet.file_name), sheet.list_id));
    }
    text
}

/// Numbers as runs: `2-650 652`.
fn ranges(numbers: impl Iterator<Item = u32>) -> String {
    let mut runs: Vec<(u32, u32)> = Vec::new();
    for number in numbers {
        match runs.last_mut() {
            Some((_, last)) if *last + 1 == number => *last = number,
            _ => runs.push((number, number)),
        }
    }
    if runs.is_empty() {
        return "none".to_owned();
    }
    let run = |(first, last): (u32, u32)| {
        if first == last { first.to_string() } else { format!("{first}-{last}") }
    };
    runs.into_iter().map(run).collect::<Vec<_>>().join(" ")
}

/// A workbook's name without its ending, in characters that every system allows in a name.
fn stem(file_name: &str) -> String {
    let stem = file_name.rsplit_once('.').map_or(file_name, |(stem, _)| stem);
    let plain = |c: char| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' };
    stem.chars().take(NAME_CHARS).map(plain).collect()
}
