//! Lists: what the page links to, or is itself, or what a person has saved. A candidate is believed by its bytes; what
//! the page says of its list in words is kept beside it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tracing::{info, warn};
use url::Url;

use super::job::Job;
use super::names::{as_workbook, list_name, safe_name};
use super::originals::{LISTS, Mark, MarkedPage, PAGES, REFUSED};
use super::web::{Answer, Got, Headers, WebError};
use super::{FetchError, Problem};
use crate::acquire::{Offered, Refusal, guard};
use crate::fs::Incoming;
use crate::page::{Link, Links, Page, PageStatements, Source, Strength, read_page, table_of};
use crate::read::{RawList, list_of, named_date};
use crate::spec::hex;
use crate::words::ListKind;

/// Where the store remembers what the page gave of each kind.
const KINDS: &str = "kinds.json";

/// What the page gave of a kind of list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KindState {
    /// A file that the address did not give before.
    New,
    /// The file that it gave before.
    SameFile,
    /// A list with a header and no rows.
    HeaderOnly,
    /// No link to one, and no table.
    NotLinked,
    /// Links that gave no list.
    NoList,
}

/// What the page gave of a kind of list, and since when it has been so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KindFound {
    /// As `pipelines/fetch.toml` calls it.
    pub kind: String,
    pub state: KindState,
    /// When it was first found so, RFC 3339.
    pub since: String,
    /// The file that the page gave last, and when it first gave it.
    pub file_name: Option<String>,
    pub file_since: Option<String>,
}

impl KindFound {
    /// What is to be said of it, if anything is.
    pub fn said(&self) -> Option<String> {
        let Self { kind, state, since, file_name, file_since } = self;
        let day = |time: &str| time.get(..10).unwrap_or(time).to_owned();
        let what = match state {
            KindState::New => return None,
            KindState::SameFile => {
                let since = file_since.as_deref().map(day)?;
                return Some(format!("the {kind} list is the same file since {since}"));
            }
            KindState::HeaderOnly => "has a header and no rows",
            KindState::NotLinked => "is not linked",
            KindState::NoList => "is linked, but no link gives a list",
        };
        let last =
            file_name.as_ref().map_or_else(String::new, |name| format!("; the last one got is {name}"));
        Some(format!("the {kind} list {what} since {}{last}", day(since)))
    }

    /// Whether a person should hear of it, once.
    fn is_odd(&self) -> bool {
        !matches!(self.state, KindState::New | KindState::SameFile)
    }
}

/// A file as it was looked at before it is kept.
struct Looked {
    /// Why it is no workbook to be trusted, if it is not; a parser that gives up must not take the list with it.
    refusal: Option<Refusal>,
    /// What a run would read of it.
    list: Result<RawList, Refusal>,
}

/// What came of one candidate.
enum Outcome {
    /// A list: of which kind, of how many rows, whether its file is new to the address.
    List { kind: String, rows: usize, is_new: bool, file_name: String, since: String },
    /// No list, and why; said where nothing else gives the kind.
    NoList(String),
    /// A problem that has been noted.
    Failed,
}

/// What the page gave, as far as it was got.
struct PageGot {
    links: Links,
    title: String,
    headings: Vec<String>,
    /// The list that the page is: `None` where it is none.
    table: Option<Outcome>,
    /// What it is remembered by, once its lists are got.
    mark: Option<Mark>,
}

impl Job<'_> {
    /// The lists of the page.
    pub fn lists(&mut self) -> Result<(), FetchError> {
        let address = self.spec.page.url.clone();
        let Some(got) = self.page(&address)? else { return Ok(()) };
        let PageGot { links, title, headings, table, mark } = got;
        info!(step = "page", links = links.seen, candidates = links.links.len(), "page read");
        let is_sure = |link: &&Link| link.strength == Strength::Spreadsheet;
        let (most, sheets) = (self.spec.page.most_lists, links.links.iter().filter(is_sure).count());
        let page_problem = |why: String| Problem::Page {
            address: address.to_string(),
            title: title.clone(),
            why,
            found: links.described(),
        };
        if sheets > most {
            self.problem(page_problem(format!(
                "links to more than {most} spreadsheets, none of which was got"
            )));
            return Ok(());
        }
        let problems = self.fetched.problems.len();
        let mut outcomes: Vec<(Option<String>, Outcome)> = Vec::new();
        outcomes.extend(table.map(|table| (None, table)));
        let mut asked = 0;
        for link in links.links.iter().filter(|link| link.kind.is_some()) {
            let is_of = |(_, outcome): &(_, Outcome)| matches!(outcome, Outcome::List { kind, .. } if Some(kind) == link.kind.as_ref());
            // What only the text around it says is asked for only where nothing else gives the kind.
            if link.strength == Strength::Around && outcomes.iter().any(is_of) {
                continue;
            }
            if link.strength != Strength::Spreadsheet {
                asked += 1;
                if asked > self.spec.page.most_asked {
                    warn!(
                        "{address}: links to more that may be lists than are asked for: {}",
                        links.described()
                    );
                    break;
                }
            }
            let outcome = self.candidate(link)?;
            if let Outcome::NoList(why) = &outcome {
                info!(step = "page", "{}: is no list: {why}", link.address);
            }
            outcomes.push((link.kind.clone(), outcome));
        }
        let mut wrong = self.say_kinds(&outcomes)?;
        let strange = links.links.iter().filter(|link| link.kind.is_none()).count();
        if strange > 0 {
            wrong.push(format!("has {strange} links to spreadsheets of no known kind, which were not got"));
        }
        if wrong.is_empty() {
            // Only a page that is as it should be, and whose lists were got, may answer for itself the next time.
            if self.fetched.problems.len() == problems {
                mark.map_or(Ok(()), |mark| self.originals.set_mark(&mark))?;
            }
        } else if links.links.is_empty() && is_wall(&title, &headings, &self.spec.page.walls) {
            self.problem(Problem::Wall { address: address.to_string(), title, status: None });
        } else {
            self.problem(page_problem(wrong.join(", ")));
        }
        Ok(())
    }

    /// Says, of each kind, what the page gave, remembers it, and returns what is wrong with that.
    fn say_kinds(&mut self, outcomes: &[(Option<String>, Outcome)]) -> Result<Vec<String>, FetchError> {
        let before: Vec<KindFound> = self.originals.record(KINDS).unwrap_or_default();
        let mut wrong = Vec::new();
        let mut all = Vec::new();
        for spec in &self.spec.page.kinds {
            let before = before.iter().find(|found| found.kind == spec.name);
            let lists = || {
                outcomes.iter().filter_map(|(_, outcome)| match outcome {
                    Outcome::List { kind, rows, is_new, file_name, since } if *kind == spec.name => {
                        Some((*rows, *is_new, file_name, since))
                    }
                    _ => None,
                })
            };
            let tried: Vec<&str> = outcomes
                .iter()
                .filter_map(|(kind, outcome)| match outcome {
                    Outcome::NoList(why) if kind.as_ref() == Some(&spec.name) => Some(why.as_str()),
                    _ => None,
                })
                .collect();
            let has_failed = outcomes.iter().any(|(kind, outcome)| {
                kind.as_ref() == Some(&spec.name) && matches!(outcome, Outcome::Failed)
            });
            // Of several the one with the most rows says how the kind stands.
            let list = lists().max_by_key(|(rows, is_new, _, _)| (*rows, *is_new));
            let state = match list {
                Some((0, _, _, _)) => KindState::HeaderOnly,
                Some(_) if lists().any(|(_, is_new, _, _)| is_new) => KindState::New,
                Some(_) => KindState::SameFile,
                None if tried.is_empty() && !has_failed => KindState::NotLinked,
                None => KindState::NoList,
            };
            if list.is_none() && spec.required && !has_failed {
                let why = match tried.as_slice() {
                    [] => format!("has no link to a {} list", spec.name),
                    tried => format!("has no {} list behind its links ({})", spec.name, tried.join("; ")),
                };
                wrong.push(why);
            }
            let now = self.now.to_string();
            let since =
                before.filter(|before| before.state == state).map_or(now, |before| before.since.clone());
            let found = KindFound {
                kind: spec.name.clone(),
                state,
                since,
                file_name: list
                    .map(|list| list.2.clone())
                    .or_else(|| before.and_then(|b| b.file_name.clone())),
                file_since: list
                    .map(|list| list.3.clone())
                    .or_else(|| before.and_then(|b| b.file_since.clone())),
            };
            // Once: as long as it stays so, the next fetch says it without alarm.
            if let Some(said) = found.said().filter(|_| !spec.required) {
                match found.is_odd() && before.is_none_or(|before| before.state != state) {
                    true => warn!("{said}"),
                    false => info!(step = "page", "{said}"),
                }
            }
            all.push(found);
        }
        if all != before {
            self.originals.set_record(KINDS, &all)?;
        }
        self.fetched.kinds = all;
        Ok(wrong)
    }

    /// The page: as it was, if neither it has changed nor what its links are told by.
    fn page(&mut self, address: &Url) -> Result<Option<PageGot>, FetchError> {
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
                        let (kind, file_name) = (kind.as_str().to_owned(), String::new());
                        Outcome::List { kind, rows: 1, is_new: false, file_name, since }
                    });
                return Ok(before.map(|before| PageGot {
                    links: before.links,
                    title: String::new(),
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
            page: Some(MarkedPage { links: page.links.clone(), told_by, is_list: table.is_some() }),
        };
        let Page { title, headings, links, .. } = page;
        Ok(Some(PageGot { links, title, headings, table, mark: Some(mark) }))
    }

    fn read_page(&self, got: &Got) -> Result<Page, FetchError> {
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
        let list = match table {
            Some((Ok(list), bytes)) => Some((list, bytes)),
            Some((Err(refusal), _)) => {
                self.refused(name.to_owned(), refusal.to_string(), false);
                None
            }
            None => None,
        };
        let Some((list, bytes)) = list else {
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
        let outcome =
            Outcome::List { kind: kind.as_str().to_owned(), rows: list.rows.len(), is_new, file_name, since };
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
            self.fetched.new.push((super::STATEMENTS.to_owned(), name));
        }
        for text in &new {
            for statement in self.known.unread(text, updated, &source) {
                warn!("the page says {text:?}, of which {statement}: it is kept as text");
            }
        }
        Ok(true)
    }

    /// A candidate: asked for, and believed by its bytes.
    fn candidate(&mut self, link: &Link) -> Result<Outcome, FetchError> {
        let said = link.kind.clone().unwrap_or_default();
        let mark = self.originals.mark(&link.address);
        let known = self.originals.known(mark.as_ref());
        let got = match self.try_get(&link.address, &known, self.specs.agreements.bounds.file_bytes)? {
            // A link of which only its words, or those around it, say that it is a list may lead anywhere.
            Err(error @ WebError::NotAllowed { .. }) if link.strength != Strength::Spreadsheet => {
                return Ok(Outcome::NoList(error.to_string()));
            }
            Err(error) if link.strength == Strength::Around => return Ok(Outcome::NoList(error.to_string())),
            Err(error) => {
                self.web_problem(error);
                return Ok(Outcome::Failed);
            }
            Ok(Answer::NotModified) => {
                self.fetched.unchanged += 1;
                let mark = mark.expect("who knows nothing is not told that it has not changed");
                return Ok(Outcome::List {
                    kind: mark.kind.map_or(said, |kind| kind.as_str().to_owned()),
                    rows: mark.rows.unwrap_or(1),
                    is_new: false,
                    file_name: mark.stored.map(|(_, name)| name).unwrap_or_default(),
                    since: mark.since,
                });
            }
            Ok(Answer::Got(got)) => *got,
        };
        let what = got.address.to_string();
        let looked = self.look(&got, false)?;
        if looked.refusal == Some(Refusal::WebPage) {
            return self.web_page(link, &what, &got);
        }
        let name = self.name_of(link, &got, mark.as_ref(), &looked);
        let is_same = mark.as_ref().is_some_and(|mark| mark.sha256 == got.sha256);
        let since = mark.filter(|_| is_same).map_or_else(|| self.now.to_string(), |mark| mark.since);
        let (kind, rows) = match &looked.list {
            Ok(list) => (list.layout.kind.as_str().to_owned(), list.rows.len()),
            // A header that is new to the program: a run says what to do about it.
            Err(_) => (said.clone(), 1),
        };
        if kind != said {
            warn!("{what}: is a {kind} list, though its link {:?} says {said}", link.text);
        }
        match self.keep_list(&what, Some(link.address.clone()), name, got, &looked)? {
            Some(file_name) => Ok(Outcome::List { kind, rows, is_new: !is_same, file_name, since }),
            None => Ok(Outcome::Failed),
        }
    }

    /// A web page where a list should be: the publisher keeps the program out, answers something else than it says, or the
    /// link leads to a page.
    fn web_page(&mut self, link: &Link, what: &str, got: &Got) -> Result<Outcome, FetchError> {
        let page = self.read_page(got)?;
        if is_wall(&page.title, &page.headings, &self.spec.page.walls) {
            self.problem(Problem::Wall { address: what.to_owned(), title: page.title, status: None });
            return Ok(Outcome::Failed);
        }
        let titled =
            if page.title.is_empty() { String::new() } else { format!(", titled {:?}", page.title.trim()) };
        let says_page =
            got.headers.content_type.as_deref().is_none_or(|kind| kind.to_lowercase().contains("html"));
        if link.strength != Strength::Spreadsheet && says_page {
            return Ok(Outcome::NoList(format!("{what} gave a web page{titled}")));
        }
        let kind = got.headers.content_type.as_deref().map(|kind| format!(" (of the type {kind:?}{titled})"));
        self.refused(what.to_owned(), format!("{}{}", Refusal::WebPage, kind.unwrap_or(titled)), false);
        Ok(Outcome::Failed)
    }

    /// What a list is stored as. A name without a day stays as it is where the workbook says when it was saved: a run
    /// goes by that. Else it gets the time it was got; unless that is what the address gave before, or nobody remembers
    /// what it gave and the content is there: then it has a name.
    fn name_of(&self, link: &Link, got: &Got, mark: Option<&Mark>, looked: &Looked) -> String {
        let name = list_name(link, got);
        let is_stamped = looked.list.as_ref().is_ok_and(|list| list.saved().is_some());
        if named_date(&name).is_ok() || is_stamped {
            return name;
        }
        let same = mark.filter(|mark| mark.sha256 == got.sha256).and_then(|mark| mark.stored.clone());
        let (stem, ending) = name.rsplit_once('.').unwrap_or((&name, "xlsx"));
        let is_of_it = |there: &String| there.starts_with(stem);
        let there = [LISTS, REFUSED].iter().flat_map(|folder| self.originals.names(folder, &got.sha256));
        let there = there.filter(is_of_it).find(|_| mark.is_none());
        same.map(|(_, name)| name)
            .or(there)
            .unwrap_or_else(|| format!("{stem}-{}.{ending}", self.now.strftime("%Y%m%d%H%M%S")))
    }

    /// A file of an archive: a list, or a page that was saved.
    pub fn import(&mut self, offered: &Offered) -> Result<(), FetchError> {
        let is_page =
            [".html", ".htm"].iter().any(|ending| offered.file_name.to_lowercase().ends_with(ending));
        let limit = if is_page { self.spec.page.bytes } else { self.specs.agreements.bounds.file_bytes };
        let bytes = match offered.bytes(limit) {
            Ok(bytes) => bytes,
            Err(refusal) => {
                self.refused(offered.file_name.clone(), refusal.to_string(), false);
                return Ok(());
            }
        };
        let mut incoming = Incoming::new(&self.originals.incoming()?)?;
        incoming.add(&bytes)?;
        let got = Got {
            incoming,
            sha256: hex(&Sha256::digest(&bytes)),
            bytes: bytes.len() as u64,
            is_sized: true,
            address: self.spec.page.url.clone(),
            headers: Headers::default(),
        };
        drop(bytes);
        let is_tidy = offered.file_name.to_lowercase().ends_with(".csv") && offered.workbook_sha256.is_none();
        let looked = self.look(&got, is_tidy)?;
        if looked.refusal == Some(Refusal::WebPage) {
            return self.import_page(&offered.file_name, got);
        }
        self.keep_list(&offered.file_name, None, safe_name(&offered.file_name), got, &looked)?;
        Ok(())
    }

    /// Looks at a file as a run would.
    fn look(&self, got: &Got, is_tidy: bool) -> Result<Looked, FetchError> {
        let (layouts, source) = (&self.specs.layouts, &self.specs.agreements);
        let content = got.incoming.head(source.bounds.file_bytes)?;
        let list = list_of(&content, is_tidy, layouts, source);
        let guarded = || std::panic::catch_unwind(|| guard(&content, &source.bounds).map(|_| ()));
        let refusal = match &list {
            Ok(_) => None,
            Err(refusal) if is_tidy => Some(refusal.clone()),
            Err(_) => guarded().unwrap_or(Err(Refusal::GaveUp)).err(),
        };
        Ok(Looked { refusal, list })
    }

    /// A page that was saved: the list that it is, and what it says.
    fn import_page(&mut self, name: &str, got: Got) -> Result<(), FetchError> {
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

    /// Keeps a list, if it is one; returns what it is stored as.
    fn keep_list(
        &mut self,
        what: &str,
        address: Option<Url>,
        file_name: String,
        got: Got,
        looked: &Looked,
    ) -> Result<Option<String>, FetchError> {
        // A workbook whose header is new, or whose sheet cannot be read, is kept as a list all the same: a run says what is
        // to be done.
        let refusal = looked.refusal.clone();
        if let Some(refusal @ (Refusal::WebPage | Refusal::Empty)) = refusal {
            self.refused(what.to_owned(), refusal.to_string(), false);
            return Ok(None);
        }
        let is_tidy = file_name.to_lowercase().ends_with(".csv") && address.is_none();
        let (folder, file_name) = match (&refusal, is_tidy) {
            (Some(_), _) => (REFUSED, file_name),
            (None, true) => (LISTS, file_name),
            (None, false) => (LISTS, as_workbook(file_name)),
        };
        let list = looked.list.as_ref().ok().map(|list| (list.layout.kind, list.rows.len()));
        self.keep(folder, address, file_name.clone(), got, list)?;
        if let Some(refusal) = refusal {
            self.refused(what.to_owned(), refusal.to_string(), true);
            return Ok(None);
        }
        Ok(Some(file_name))
    }
}

/// Whether a page is one that keeps programs out, by its title and first headings.
pub(super) fn is_wall(title: &str, headings: &[String], walls: &[String]) -> bool {
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
