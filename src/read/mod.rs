//! Step "read": rows as printed.
//!
//! A workbook (`.xlsx`, `.ods`) or a list as CSV becomes a [`RawList`]: its layout, and every row that has a value,
//! with every cell as text. Nothing is cleaned. Blank rows are skipped and counted. The reading of a file is kept by
//! the file's content ([`Store`]), so that the next run reads only new files.

mod assemble;
mod csv;
mod list_date;
mod ods;
mod raw;
mod store;
mod workbook;

use workbook::{Budget, Package, PackageForm};

use assemble::{Assembler, ROWS_ABOVE};
pub use assemble::{as_headers, unknown_header};
pub use list_date::{Edition, FIRST_DAY, LAST_DAY, ListDate, NamedDate, Settled, named_date};
pub use raw::{Pool, RawList, RawRow, Sizes, TextId, Texts, cell_slot, link_slot};
pub use store::{Entry, Store};

use sha2::{Digest, Sha256};

use crate::acquire::{Offered, OfferedContent, Refusal, guard, kind_of, list_id};
use crate::spec::{AgreementSource, Layouts, Specs, hex};

/// Text shared by the many rows that print it; it takes one machine word, for every row has many.
pub type Text = arcstr::ArcStr;

/// An offered file, and the result of reading it.
#[derive(Debug)]
pub struct ReadFile {
    /// First 12 hex digits of the sha256 over file name and content.
    pub list_id: String,
    pub file_name: String,
    /// sha256 of the workbook's bytes.
    pub sha256: String,
    pub is_named: bool,
    /// Whether the record has it.
    pub is_recorded: bool,
    pub list: Result<RawList, Refusal>,
    /// The entry for the store, where it has none yet.
    pub to_store: Option<Entry>,
}

/// Reads one file, or takes an earlier reading from the store. A problem with the file affects no other file.
pub fn read(offered: &Offered, specs: &Specs, store: &Store) -> ReadFile {
    let Specs { layouts, agreements: source, .. } = specs;
    let is_as_stored = |content: &str| offered.stored_as.as_ref().is_none_or(|stored| stored == content);
    let known = offered
        .content_sha256
        .as_ref()
        .and_then(|content| Some((content.clone(), store.get(content, layouts, &source.bounds)?)));
    let mut to_store = None;
    let (sha256, list) = match known {
        Some((content, list)) if is_as_stored(&content) => (content, Ok(list)),
        Some((content, _)) => (content, Err(Refusal::NotAsStored)),
        None => {
            let bytes = offered.bytes(source.bounds.file_bytes);
            let content = hex(&Sha256::digest(bytes.as_deref().unwrap_or_default()));
            // The bytes decide how they are read; the name decides the message where they are not a list.
            let is_text = is_text_name(&offered.file_name);
            let list = match bytes {
                Ok(_) if !is_as_stored(&content) => Err(Refusal::NotAsStored),
                // A stored file can be read, or it is not what was stored.
                Err(Refusal::Unreadable { .. }) if offered.stored_as.is_some() => Err(Refusal::NotAsStored),
                bytes => bytes.and_then(|bytes| list_of(&bytes, is_text, layouts, source)),
            };
            to_store = list.as_ref().ok().and_then(|list| store.entry(&content, list));
            (content, list)
        }
    };
    ReadFile { to_store, ..ReadFile::new(offered, sha256, list) }
}

impl ReadFile {
    /// A file with its list, or the reason why it is not one. `sha256` is that of the workbook's bytes.
    pub fn new(offered: &Offered, sha256: String, list: Result<RawList, Refusal>) -> Self {
        Self {
            list_id: list_id(&offered.file_name, &sha256),
            file_name: offered.file_name.clone(),
            is_named: offered.is_named,
            is_recorded: matches!(offered.content, OfferedContent::Recorded(_)),
            sha256,
            list,
            to_store: None,
        }
    }
}

/// Endings of lists as text.
const TEXT_ENDINGS: [&str; 4] = [".csv", ".tsv", ".tab", ".txt"];

/// Whether a file's name says that it is text.
pub fn is_text_name(file_name: &str) -> bool {
    let name = file_name.to_lowercase();
    TEXT_ENDINGS.iter().any(|ending| name.ends_with(ending))
}

/// Reads bytes as a list: a workbook, or text. `is_text` is what the file's name says.
///
/// # Errors
/// The reason why they are not a list.
pub fn list_of(
    bytes: &[u8],
    is_text: bool,
    layouts: &Layouts,
    source: &AgreementSource,
) -> Result<RawList, Refusal> {
    // A parser that panics on one file must not stop the others.
    let read = std::panic::catch_unwind(|| {
        match kind_of(bytes) {
            Err(Refusal::UnknownKind) => match csv::read(bytes, layouts, &source.bounds) {
                // A file that is not named as text is a list only where it has a list's header: then a row may be bad.
                Err(refusal) if !is_text && !matches!(refusal, Refusal::BadRow { .. }) => {
                    Err(Refusal::UnknownKind)
                }
                read => read,
            },
            Err(refusal) => Err(refusal),
            Ok(()) => workbook_of(bytes, layouts, source),
        }
    });
    read.unwrap_or(Err(Refusal::GaveUp)).map(RawList::without_mailboxes)
}

fn workbook_of(bytes: &[u8], layouts: &Layouts, source: &AgreementSource) -> Result<RawList, Refusal> {
    let inflated = guard(bytes, &source.bounds)?;
    let budget = Budget::new();
    let package = Package::open(&inflated, &budget)?;
    let list = match package.form()? {
        PackageForm::Xlsx(name) => workbook::read(&package, &name, layouts, &source.bounds),
        PackageForm::Ods => ods::read(&package, layouts, &source.bounds),
        PackageForm::Xlsb => Err(Refusal::OtherForm { form: "a binary .xlsb workbook" }),
        PackageForm::Other => Err(Refusal::UnknownKind),
    }?;
    let sizes = Sizes {
        file_bytes: bytes.len() as u64,
        zip_entries: inflated.entries.len(),
        inflated_bytes: inflated.bytes,
        inflation: inflated.inflation,
        ..list.sizes
    };
    Ok(RawList { sizes, ..list })
}
