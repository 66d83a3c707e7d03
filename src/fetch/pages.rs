//! Pages: the programme's own, and copies that a person has saved. What a page says of its list is kept, and where it is
//! the list itself, as until February 2025, that list.

use jiff::Timestamp;
use sha2::{Digest, Sha256};
use tracing::{info, warn};
use url::Url;

use super::FetchError;
use super::job::Job;
use super::kinds::Outcome;
use super::names::safe_name;
use super::originals::{LISTS, Mark, MarkedPage, PAGES, STATEMENTS};
use super::web::{Answer, Got, Headers};
use crate::acquire::Refusal;
use crate::fs::Incoming;
use crate::page::{Links, Page, PageStatements, Source, read_page, table_of};
use crate::read::{list_of, named_date};
use crate::spec::hex;
use crate::words::ListKind;

/// What the page gave, as far as it was got.
pub struct PageGot {
    pub links: Links,
    pub title: String,
    pub headings: Vec<String>,
    /// The list that the page is: `None` where it is none.
    pub table: Option<Outcome>,
    /// What it is remembered by, once its lists are got.
    pub mark: Option<Mark>,
}

impl Job<'_> {
    /// The page: as it was, if neither it has changed nor what its links are told by.
    pub fn page(&mut self, address: &Url) -> Result<Option<PageGot>, FetchError> {
        let told_by = self.spec.page.fingerprint();
        let mark = self.originals.mark(address);
        let before = mark.as_ref().and_then(|mark| mark.page.clone()).filter(|page| page.told_by == told_by);
        let known = self.originals.known(mark.as_ref().filter(|_| before.is_some()));
        let got = match self.get(address, &known, self.spec.page.bytes)? {
            None => return Ok(None),
            Some(Answer::NotModified) => {
                let list = mark.as_ref().and_then(|mark| Some((mark.kind?, mark.since.clone())));
                let table =
                    list.filter(|_| before.as_ref().is_some_and(|page| page.is_list)).map(|(kind, since)| {
                        self.fetched.unchanged += 1;
                        let kind = kind.as_str().to_owned();
                        Outcome::List { kind, rows: 1, is_new: false, file_name: None, since }
                    });
                return Ok(before.map(|before| PageGot {
                    links: before.links,
                    title: before.title,
                    headings: Vec::new(),
                    table,
                    mark: None,
                }));
            }
            Some(Answer::Got(got)) => *got,
        };
        let (sha256, headers) = (got.sha256.clone(), got.headers());
        let page = self.read_page(&got)?;
        // A capture of the page is evidence for its list's day: the day it was got, where the name is not known yet.
        let name = format!("page-{}.html", self.now.strftime("%Y%m%d%H%M%S"));
        let (table, kind) = self.keep_page(&page, &name, Some(address), got)?;
        let same = mark.filter(|mark| mark.sha256 == sha256).map(|mark| mark.since);
        let mark = Mark {
            address: address.clone(),
            sha256,
            stored: None,
            headers,
            since: same.unwrap_or_else(|| self.now.to_string()),
            kind,
            rows: None,
            page: Some(MarkedPage {
                title: page.title.clone(),
                links: page.links.clone(),
                told_by,
                is_list: table.is_some(),
            }),
        };
        let Page { title, headings, links, .. } = page;
        Ok(Some(PageGot { links, title, headings, table, mark: Some(mark) }))
    }

    pub fn read_page(&self, got: &Got) -> Result<Page, FetchError> {
        let html = got.incoming.head(got.bytes.min(self.spec.page.bytes))?;
        Ok(read_page(&String::from_utf8_lossy(&html), &got.address, &self.spec.page, &self.specs.layouts))
    }

    /// Keeps what a page says of its list and, where it is a list itself, that list; and then the page, as evidence.
    fn keep_page(
        &mut self,
        page: &Page,
        name: &str,
        address: Option<&Url>,
        got: Got,
    ) -> Result<(Option<Outcome>, Option<ListKind>), FetchError> {
        let is_said = self.keep_statements(page)?;
        let table = page.table.as_ref().map(|table| {
            let bytes = table.tidy();
            // It must pass as any list does.
            (list_of(&bytes, true, &self.specs.layouts, &self.specs.agreements), bytes)
        });
        if let Some((Err(refusal), _)) = &table {
            self.refused(name.to_owned(), refusal.to_string(), false);
        }
        let Some((Ok(list), bytes)) = table else {
            if is_said {
                self.keep(PAGES, None, safe_name(name), got, None)?;
            }
            return Ok((None, None));
        };
        let kind = list.layout.kind;
        let stem = if kind == ListKind::Participating { "ParticipatingEntities" } else { "pendingAgencies" };
        let Some(time) = page_time(page, name) else {
            let why =
                "is a list, and says no day: name the file by the time it was saved, yyyymmddhhmmss.html";
            self.refused(name.to_owned(), why.to_owned(), false);
            return Ok((None, None));
        };
        self.keep(PAGES, None, safe_name(name), got, None)?;
        let sha256 = hex(&Sha256::digest(&bytes));
        // A table that is there as it is, is there under the name of the day it was first seen; but a person who has
        // saved pages of several days has that many witnesses.
        let there = self.originals.names(LISTS, &sha256).into_iter().next().filter(|_| address.is_some());
        let file_name = there.unwrap_or_else(|| format!("{stem}-{time}.csv"));
        let mut incoming = Incoming::new(&self.originals.incoming()?)?;
        incoming.add(&bytes)?;
        let tidy = Got {
            incoming,
            sha256,
            bytes: bytes.len() as u64,
            is_sized: true,
            address: self.spec.page.url.clone(),
            headers: Headers::default(),
        };
        let is_new = self.keep(LISTS, None, file_name.clone(), tidy, Some((kind, list.rows.len())))?;
        let since = self.now.to_string();
        let outcome = Outcome::List {
            kind: kind.as_str().to_owned(),
            rows: list.rows.len(),
            is_new,
            file_name: Some(file_name),
            since,
        };
        Ok((Some(outcome), Some(kind)))
    }

    /// Keeps what a page says that it is not known to have said; whether there was any.
    fn keep_statements(&mut self, page: &Page) -> Result<bool, FetchError> {
        let source = Source { name: self.spec.page.name.clone(), url: self.spec.page.url.to_string() };
        let updated = page.updated.as_deref();
        let new: Vec<String> =
            page.statements.iter().filter(|text| self.known.lacks(text, updated, &source)).cloned().collect();
        let Some(table) = table_of(&new, updated, &source) else { return Ok(false) };
        let (name, is_new) = self.originals.put_statements(&table)?;
        self.known.learn(&new, updated, &source);
        if is_new {
            info!(step = "page", file_name = name, statements = new.len(), "what the page says is new");
            self.fetched.new.push((STATEMENTS.to_owned(), name));
        }
        for text in &new {
            for statement in self.known.unread(text, updated, &source) {
                warn!("the page says {text:?}, of which {statement}: it is kept as text");
            }
        }
        Ok(true)
    }

    /// A page that was saved: the list that it is, and what it says.
    pub fn import_page(&mut self, name: &str, got: Got) -> Result<(), FetchError> {
        let page = self.read_page(&got)?;
        if page.table.is_none() && page.statements.is_empty() {
            let titled = if page.title.is_empty() {
                String::new()
            } else {
                format!(" (it is titled {:?})", page.title)
            };
            let why = format!("{}{titled}; it holds neither a list nor a statement of one", Refusal::WebPage);
            self.refused(name.to_owned(), why, false);
            return Ok(());
        }
        let new = self.fetched.new.len();
        let problems = self.fetched.problems.len();
        self.keep_page(&page, name, None, got)?;
        if self.fetched.new.len() == new && self.fetched.problems.len() == problems && page.table.is_none() {
            self.fetched.unchanged += 1;
        }
        Ok(())
    }
}

/// Whether a page is one that keeps programs out, by its title and first headings.
pub fn is_wall(title: &str, headings: &[String], walls: &[String]) -> bool {
    let texts: Vec<String> =
        std::iter::once(title).chain(headings.iter().map(String::as_str)).map(str::to_lowercase).collect();
    walls.iter().any(|wall| texts.iter().any(|text| text.contains(wall.as_str())))
}

/// The time a page speaks for, as archives write it (`yyyymmddhhmmss`, UTC): in its name, else when it was updated, else
/// the day of which its statements speak.
fn page_time(page: &Page, name: &str) -> Option<String> {
    if let Ok(named) = named_date(name)
        && let Some(day) = named.date
    {
        return Some(if named.is_capture {
            named.digits
        } else {
            format!("{}000000", day.strftime("%Y%m%d"))
        });
    }
    if let Some(updated) = page.updated.as_deref().and_then(|updated| updated.parse::<Timestamp>().ok()) {
        return Some(updated.strftime("%Y%m%d%H%M%S").to_string());
    }
    PageStatements::day_of(&page.statements).map(|day| format!("{}000000", day.strftime("%Y%m%d")))
}
