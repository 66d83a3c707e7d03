//! Reads the programme's page, and copies of it that a person has saved. It keeps the page's statements, and the list
//! where the page is the list itself, as until February 2025.

use jiff::Timestamp;
use sha2::{Digest, Sha256};
use tracing::{info, warn};
use url::Url;

use super::FetchError;
use super::found::ListGot;
use super::job::Job;
use super::names::safe_name;
use super::originals::{AddressMark, LISTS, MarkedPage, PAGES, STATEMENTS};
use super::web::{Answer, Got};
use crate::page::{Links, Page, PageStatements, StatementSource, page_text, read_page, table_of};
use crate::read::{list_of, named_date};
use crate::spec::hex;
use crate::words::ListKind;

/// The content of the page, as far as it was got.
pub struct PageGot {
    pub links: Links,
    pub title: String,
    /// The list that the page itself is; `None` where it is not one.
    pub table: Option<ListGot>,
    /// The mark by which it is remembered, once its lists are got.
    pub mark: Option<AddressMark>,
}

impl Job<'_> {
    /// Gets the page; takes the remembered one if neither it nor the rules that classify its links have changed.
    pub fn page(&mut self, address: &Url) -> Result<Option<PageGot>, FetchError> {
        let told_by = self.spec.page.fingerprint();
        let mark = self.originals.mark(address);
        let before = mark.as_ref().and_then(|mark| mark.page.clone()).filter(|page| page.told_by == told_by);
        let known = self.originals.known(mark.as_ref().filter(|_| before.is_some()));
        let got = match self.get(address, &known, self.spec.page.bytes)? {
            None => return Ok(None),
            Some(Answer::NotModified) => {
                let table = mark.and_then(|mark| {
                    let kind = mark.kind?.as_str().to_owned();
                    self.fetched.unchanged += 1;
                    Some(ListGot { kind, rows: None, is_new: false, file_name: None, since: mark.since })
                });
                return Ok(before.map(|before| PageGot {
                    links: before.links,
                    title: before.title,
                    table,
                    mark: None,
                }));
            }
            Some(Answer::Got(got)) => *got,
        };
        let (sha256, headers) = (got.sha256.clone(), got.headers());
        let page = self.read_page(&got)?;
        // A capture of the page is evidence for its list's day, so its name has the time it was got.
        let name = format!("page-{}.html", self.now.strftime("%Y%m%d%H%M%S"));
        let (table, kind) = self.keep_page(&page, &name, Some(address), got)?;
        let same = mark.filter(|mark| mark.sha256 == sha256).map(|mark| mark.since);
        let mark = AddressMark {
            address: address.clone(),
            sha256,
            stored: None,
            headers,
            since: same.unwrap_or_else(|| self.now.to_string()),
            kind,
            rows: None,
            page: Some(MarkedPage { title: page.title.clone(), links: page.links.clone(), told_by }),
        };
        let Page { title, links, .. } = page;
        Ok(Some(PageGot { links, title, table, mark: Some(mark) }))
    }

    pub fn read_page(&self, got: &Got) -> Result<Page, FetchError> {
        let html = got.incoming.head(got.bytes.min(self.spec.page.bytes))?;
        let text = page_text(&html, got.headers.content_type.as_deref());
        Ok(read_page(&text, &got.address, &self.spec.page, &self.specs.layouts))
    }

    /// Keeps a page's statements, its list where it is a list itself, and the page as evidence.
    fn keep_page(
        &mut self,
        page: &Page,
        name: &str,
        address: Option<&Url>,
        got: Got,
    ) -> Result<(Option<ListGot>, Option<ListKind>), FetchError> {
        let table = page.table.as_ref().map(|table| {
            let bytes = table.tidy();
            // The table must pass like any list.
            (list_of(&bytes, true, &self.specs.layouts, &self.specs.agreements), bytes)
        });
        let new = self.new_statements(page);
        // The page is kept first: it is the evidence for what is kept from it.
        if table.is_some() || !new.is_empty() {
            self.keep(PAGES, None, safe_name(name), got, None)?;
        }
        self.keep_statements(page, &new)?;
        if let Some((Err(refusal), _)) = &table {
            self.refused(name.to_owned(), refusal.to_string(), false);
        }
        let Some((Ok(list), bytes)) = table else { return Ok((None, None)) };
        let kind = list.layout.kind;
        let stem = if kind == ListKind::Participating { "ParticipatingEntities" } else { "pendingAgencies" };
        // A fetched page has the time that it gives, or else the present; a saved copy has the time of its name first.
        let now = || self.now.strftime("%Y%m%d%H%M%S").to_string();
        let time = match address {
            Some(_) => Some(time_said(page).unwrap_or_else(now)),
            None => time_named(name).or_else(|| time_said(page)),
        };
        let Some(time) = time else {
            let why =
                "is a list, and says no day: name the file by the time it was saved, yyyymmddhhmmss.html";
            self.refused(name.to_owned(), why.to_owned(), false);
            return Ok((None, None));
        };
        let sha256 = hex(&Sha256::digest(&bytes));
        let first_seen = self.originals.first_seen(&sha256);
        // A table that is stored already keeps the name of the day it was first seen. But each page that a person has
        // saved is evidence for its own day.
        let there = self.originals.names(LISTS, &sha256).into_iter().next().filter(|_| address.is_some());
        let file_name = there.unwrap_or_else(|| format!("{stem}-{time}.csv"));
        let tidy = self.as_got(&bytes, sha256)?;
        let rows = list.rows.len();
        let is_new = self.keep(LISTS, None, file_name.clone(), tidy, Some((kind, rows)))?;
        let got = ListGot {
            kind: kind.as_str().to_owned(),
            rows: Some(rows),
            is_new,
            file_name: Some(file_name),
            since: first_seen.unwrap_or_else(|| self.now.to_string()),
        };
        Ok((Some(got), Some(kind)))
    }

    fn source(&self) -> StatementSource {
        StatementSource { name: self.spec.page.name.clone(), url: self.spec.page.url.to_string() }
    }

    /// The statements of a page that are not known yet.
    fn new_statements(&self, page: &Page) -> Vec<String> {
        page.statements.iter().filter(|text| self.known.lacks(text)).cloned().collect()
    }

    /// Keeps the new statements of a page.
    fn keep_statements(&mut self, page: &Page, new: &[String]) -> Result<(), FetchError> {
        let (source, updated) = (self.source(), page.updated.as_deref());
        let Some(table) = table_of(new, updated, &source) else { return Ok(()) };
        let (name, is_new) = self.originals.put_statements(&table)?;
        self.known.learn(new, updated, &source);
        if is_new {
            info!(step = "page", file_name = name, statements = new.len(), "what the page says is new");
            self.fetched.new.push((STATEMENTS.to_owned(), name));
        }
        for text in new {
            for why in PageStatements::unread(text) {
                warn!("a statement of the page is kept as text, for {why}: {text:?}");
            }
        }
        Ok(())
    }

    /// Imports a saved page: the list that it is, and its statements.
    pub fn import_page(&mut self, name: &str, got: Got) -> Result<(), FetchError> {
        let page = self.read_page(&got)?;
        if page.table.is_none() && page.statements.is_empty() {
            let titled =
                if page.title.is_empty() { String::new() } else { format!(" titled {:?}", page.title) };
            let why = format!(
                "is a web page{titled} that holds neither a list nor a statement (\"As of …\") of one"
            );
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

/// The time in a file's name, as archives write it (`yyyymmddhhmmss`, UTC).
fn time_named(name: &str) -> Option<String> {
    let named = named_date(name).ok()?;
    let day = named.date?;
    Some(if named.is_capture { named.digits } else { format!("{}000000", day.strftime("%Y%m%d")) })
}

/// The time that a page gives, in the same form: when it was updated, else the day that its statements speak for.
fn time_said(page: &Page) -> Option<String> {
    if let Some(updated) = page.updated.as_deref().and_then(|updated| updated.parse::<Timestamp>().ok()) {
        return Some(updated.strftime("%Y%m%d%H%M%S").to_string());
    }
    PageStatements::day_of(&page.statements).map(|day| format!("{}000000", day.strftime("%Y%m%d")))
}
