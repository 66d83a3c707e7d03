//! Tables of statements: each text as it stood on the page, with its source. The program ships the known ones
//! (`data/statements/`), and a fetch keeps those it sees; neither records the time of a fetch. Every run reads the
//! texts anew.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tracing::warn;

use super::source::StatementSource;
use super::statement::{STATEMENT_BYTES, Statement};
use crate::exit::{EndsCommand, ExitCode};
use crate::mailboxes::withhold_mailboxes;
use crate::spec::{SpecError, SpecFiles, hex};

/// Folder of the shipped statements.
const SHIPPED: &str = "data/statements";
/// Most bytes of a table of statements, and most tables of a folder.
const BYTES: u64 = 1_000_000;
const FILES: usize = 10_000;

/// A row of a table of statements.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StatementRow {
    /// The text as printed.
    statement: String,
    /// When the page says it was updated; empty where it does not.
    page_updated: String,
    source_name: String,
    source_url: String,
}

/// A table of statements that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FactsError {
    /// Exit code 2.
    #[error("--statements {}: no such file or folder", .0.display())]
    NoSuchPath(PathBuf),
    /// Exit code 5.
    #[error(
        "{file}: cannot be read as a table of statements ({message}); its columns are statement, page_updated, source_name, source_url"
    )]
    Unreadable { file: String, message: String },
    #[error(transparent)]
    Spec(#[from] SpecError),
}

impl EndsCommand for FactsError {
    fn exit_code(&self) -> ExitCode {
        match self {
            Self::NoSuchPath(_) => ExitCode::USAGE,
            Self::Unreadable { .. } => ExitCode::INPUT,
            Self::Spec(error) => error.exit_code(),
        }
    }
}

/// All statements that the page is known to have made.
#[derive(Debug, Clone, Default)]
pub struct PageStatements {
    /// By id, each once.
    pub statements: Vec<Statement>,
}

impl PageStatements {
    /// Loads the shipped statements, those of the given files and folders, and those that stores of `fetch` keep. A
    /// kept table that is not as it was stored is skipped with a warning: no run believes it.
    ///
    /// # Errors
    /// [`FactsError`] where a shipped or given table cannot be used.
    pub fn load(given: &[PathBuf], kept: &[PathBuf], files: &SpecFiles) -> Result<Self, FactsError> {
        let mut rows = Vec::new();
        for file in files.names(SHIPPED, ".csv") {
            rows.extend(parse(&file, &files.bytes(&file)?)?);
        }
        for path in given {
            let tables = if path.is_dir() { tables_of(path)? } else { vec![path.clone()] };
            for table in tables {
                rows.extend(parse(&name_of(&table), &read(&table)?)?);
            }
        }
        for folder in kept.iter().filter(|folder| folder.is_dir()) {
            for table in tables_of(folder)? {
                let name = name_of(&table);
                let found = read(&table).and_then(|bytes| {
                    match name == format!("{}.csv", hex(&Sha256::digest(&bytes))) {
                        true => parse(&name, &bytes),
                        false => Err(FactsError::Unreadable {
                            file: name,
                            message: "it is not what was stored".into(),
                        }),
                    }
                });
                match found {
                    Ok(found) => rows.extend(found),
                    Err(error) => warn!("{}: passed over: {error}", table.display()),
                }
            }
        }
        Ok(Self::of(rows))
    }

    /// Keeps each statement once: where it was read twice, the page that was updated first counts.
    fn of(mut rows: Vec<StatementRow>) -> Self {
        rows.sort_by(|a, b| (a.page_updated.is_empty(), a).cmp(&(b.page_updated.is_empty(), b)));
        let mut by_id: BTreeMap<String, Statement> = BTreeMap::new();
        for row in rows {
            let updated = Some(row.page_updated.as_str()).filter(|updated| !updated.is_empty());
            let source = StatementSource { name: row.source_name, url: row.source_url };
            for statement in Statement::read(&row.statement, updated, &source) {
                by_id.entry(statement.id.clone()).or_insert(statement);
            }
        }
        Self { statements: by_id.into_values().collect() }
    }

    /// Whether no statement has this text.
    pub fn lacks(&self, text: &str) -> bool {
        self.statements.iter().all(|statement| statement.text != text.trim())
    }

    /// Adds the statements of texts.
    pub fn learn(&mut self, texts: &[String], updated: Option<&str>, source: &StatementSource) {
        self.statements.extend(texts.iter().flat_map(|text| Statement::read(text, updated, source)));
    }

    /// Returns the parts of a text that cannot be read, in words.
    pub fn unread(text: &str) -> Vec<String> {
        super::sentence::read(text).unread
    }

    /// Returns the latest day that texts speak for; a text that speaks for a month is left out.
    pub fn day_of(texts: &[String]) -> Option<jiff::civil::Date> {
        let stated = texts.iter().filter_map(|text| super::sentence::read(text).stated);
        stated.filter(|stated| stated.from == stated.until).map(|stated| stated.from).max()
    }

    /// Keeps the statements that speak for a day up to this one: no other could have been read then.
    pub fn as_of(mut self, day: Option<jiff::civil::Date>) -> Self {
        let is_known = |statement: &Statement| match (day, statement.stated) {
            (Some(day), Some(stated)) => stated.until <= day,
            (Some(_), None) => false,
            (None, _) => true,
        };
        self.statements.retain(is_known);
        self
    }

    /// sha256 over all statements, in hex; `None` where there are none.
    pub fn sha256(&self) -> Option<String> {
        let lines = self.statements.iter().map(|s| {
            format!("{} {} {} {}", s.id, s.updated.as_deref().unwrap_or("-"), s.source.name, s.source.url)
        });
        let lines: Vec<String> = lines.collect();
        (!lines.is_empty()).then(|| hex(&Sha256::digest(lines.join("\n"))))
    }
}

/// Tables of statements in a folder, sorted.
fn tables_of(folder: &Path) -> Result<Vec<PathBuf>, FactsError> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let is_table = |path: &PathBuf| {
        let name = name_of(path);
        name.ends_with(".csv") && !name.starts_with('.') && path.is_file()
    };
    let mut tables: Vec<PathBuf> = entries.filter(is_table).take(FILES + 1).collect();
    if tables.len() > FILES {
        let message = format!("the folder holds more than {FILES} tables");
        return Err(FactsError::Unreadable { file: folder.display().to_string(), message });
    }
    tables.sort();
    Ok(tables)
}

fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// The bytes of a regular file, up to the bound.
fn read(path: &Path) -> Result<Vec<u8>, FactsError> {
    let unreadable = |message: String| FactsError::Unreadable { file: name_of(path), message };
    // Opening a pipe would wait for a writer for ever.
    let metadata = std::fs::metadata(path).map_err(|_| FactsError::NoSuchPath(path.to_owned()))?;
    if !metadata.is_file() {
        return Err(unreadable("it is no regular file".into()));
    }
    let file = std::fs::File::open(path).map_err(|error| unreadable(error.to_string()))?;
    let mut bytes = Vec::new();
    file.take(BYTES + 1).read_to_end(&mut bytes).map_err(|error| unreadable(error.to_string()))?;
    if bytes.len() as u64 > BYTES {
        return Err(unreadable(format!("it has more than {BYTES} bytes")));
    }
    Ok(bytes)
}

fn parse(file: &str, bytes: &[u8]) -> Result<Vec<StatementRow>, FactsError> {
    let mut rows = Vec::new();
    for (row, line) in csv::Reader::from_reader(bytes).deserialize::<StatementRow>().zip(2..) {
        let unreadable = |message: String| FactsError::Unreadable { file: file.to_owned(), message };
        let row = row.map_err(|error| unreadable(error.to_string()))?;
        if row.statement.len() > STATEMENT_BYTES {
            return Err(unreadable(format!("row {line}: a statement of more than {STATEMENT_BYTES} bytes")));
        }
        let withheld = |text: &str| withhold_mailboxes(text).into_owned();
        rows.push(StatementRow {
            statement: withheld(&row.statement),
            page_updated: withheld(&row.page_updated),
            source_name: withheld(&row.source_name),
            source_url: withheld(&row.source_url),
        });
    }
    Ok(rows)
}

/// Writes a page's statements as a table; `None` where there are none.
pub fn table_of(texts: &[String], updated: Option<&str>, source: &StatementSource) -> Option<Vec<u8>> {
    if texts.is_empty() {
        return None;
    }
    let mut writer = csv::Writer::from_writer(Vec::new());
    for text in texts {
        let row = StatementRow {
            statement: text.trim().to_owned(),
            page_updated: updated.unwrap_or_default().to_owned(),
            source_name: source.name.clone(),
            source_url: source.url.clone(),
        };
        writer.serialize(row).expect("a row of texts is always CSV");
    }
    writer.into_inner().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_read_twice_is_one_and_the_first_update_counts() {
        let source = |name: &str| StatementSource { name: name.into(), url: "https://www.ice.gov/".into() };
        let text =
            ["As of May 1, 2026, ICE has signed 5 agreements and has 3 pending applications.".to_owned()];
        let table = |updated, name| parse("x", &table_of(&text, updated, &source(name)).unwrap()).unwrap();
        let rows = [
            table(None, "c"),
            table(Some("2026-05-02T00:00:00Z"), "b"),
            table(Some("2026-05-01T00:00:00Z"), "a"),
        ];
        let all = PageStatements::of(rows.concat());
        assert_eq!(all.statements.len(), 2, "one of each kind");
        assert!(all.statements.iter().all(|statement| statement.source.name == "a"));
        let again = PageStatements::of([rows[2].clone(), rows[0].clone(), rows[1].clone()].concat());
        assert_eq!(all.sha256(), again.sha256());
        assert!(all.clone().as_of("2026-04-30".parse().ok()).statements.is_empty());
        assert_eq!(all.as_of("2026-05-01".parse().ok()).statements.len(), 2);
    }

    #[test]
    fn what_is_no_table_of_statements_is_refused() {
        for bytes in ["a,b\n1,2\n", "statement,page_updated,source_name,source_url\n\"x\n"] {
            assert!(parse("x.csv", bytes.as_bytes()).is_err(), "{bytes}");
        }
        let long = format!(
            "statement,page_updated,source_name,source_url\n{},,,\n",
            "x".repeat(STATEMENT_BYTES + 1)
        );
        let error = parse("x.csv", long.as_bytes()).unwrap_err().to_string();
        assert!(error.contains("row 2"), "{error}");
    }

    #[test]
    fn the_shipped_statements_are_read_whole() {
        let shipped = PageStatements::load(&[], &[], &SpecFiles::default()).unwrap();
        assert!(shipped.statements.len() >= 9);
        for statement in &shipped.statements {
            assert!(statement.unread.is_empty() && statement.stated.is_some(), "{statement:?}");
        }
    }
}
