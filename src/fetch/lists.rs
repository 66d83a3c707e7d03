//! Gets the lists that the page links to, and those that a person has saved. Only the bytes of a candidate are
//! believed.

use sha2::{Digest, Sha256};
use tracing::{info, warn};
use url::Url;

use super::found::{FetchOutcome, ListGot};
use super::job::Job;
use super::names::{as_text, as_workbook, list_name, safe_name};
use super::originals::{AddressMark, LISTS, REFUSED};
use super::pages::PageGot;
use super::walls::is_wall;
use super::web::{Answer, Got, Headers};
use super::{FetchError, Problem};
use crate::acquire::{Offered, Refusal, guard, kind_of};
use crate::fs::Incoming;
use crate::mailboxes::withhold_mailboxes;
use crate::page::{Links, PageLink, Strength};
use crate::read::{RawList, is_text_name, list_of, named_date};
use crate::spec::hex;

/// The findings about a file before it is kept.
struct Looked {
    /// Why it is not a workbook to trust, if so; the list must not be lost where only a parser gives up.
    refusal: Option<Refusal>,
    /// Whether it is text and not an archive.
    is_text: bool,
    /// The list that a run would read from it.
    list: Result<RawList, Refusal>,
}

impl Job<'_> {
    /// Gets the lists of the page.
    pub fn lists(&mut self) -> Result<(), FetchError> {
        let address = self.spec.page.url.clone();
        let Some(got) = self.page(&address)? else { return Ok(()) };
        let PageGot { links, title, table, mark } = got;
        info!(step = "page", links = links.seen, candidates = links.links.len(), "page read");
        let page_problem = |why: String| Problem::Page {
            address: address.to_string(),
            title: title.clone(),
            why,
            found: links.described(),
        };
        if links.links.is_empty() && table.is_none() && is_wall(&title, &self.spec.page.walls) {
            self.problem(Problem::Wall { address: address.to_string(), title, status: None });
            return Ok(());
        }
        let is_sure = |link: &&PageLink| link.strength == Strength::Spreadsheet;
        let most = self.spec.page.most_lists;
        if links.links.iter().filter(is_sure).count() > most {
            self.problem(page_problem(format!(
                "links to more than {most} spreadsheets, none of which was got"
            )));
            return Ok(());
        }
        let problems = self.fetched.problems.len();
        let mut outcomes: Vec<(String, FetchOutcome)> = Vec::new();
        outcomes.extend(table.map(|table| (table.kind.clone(), FetchOutcome::List(table))));
        let spec = self.spec;
        for kind in &spec.page.kinds {
            self.candidates(&links, &kind.name, &mut outcomes)?;
        }
        let mut wrong = self.say_kinds(outcomes)?;
        let strange = links.links.iter().filter(|link| link.kind.is_none()).count();
        if strange > 0 {
            let links = if strange == 1 { "a link to a spreadsheet" } else { "links to spreadsheets" };
            wrong.push(format!("has {links} of no known kind ({strange}), not got"));
        }
        if !wrong.is_empty() {
            self.problem(page_problem(wrong.join(", ")));
        } else if self.fetched.problems.len() == problems {
            // The mark lets the next fetch rely on an unchanged page: it is set only where the page and its lists are
            // in order.
            mark.map_or(Ok(()), |mark| self.originals.set_mark(&mark))?;
        }
        Ok(())
    }

    /// Asks for the candidates of a kind, the surest first.
    fn candidates(
        &mut self,
        links: &Links,
        kind: &str,
        outcomes: &mut Vec<(String, FetchOutcome)>,
    ) -> Result<(), FetchError> {
        let mut asked = 0;
        for link in links.links.iter().filter(|link| link.kind.as_deref() == Some(kind)) {
            let is_got = outcomes
                .iter()
                .any(|(_, outcome)| matches!(outcome, FetchOutcome::List(got) if got.kind == kind));
            // A candidate by the text around it alone is asked for only where no other gives the kind.
            if link.strength == Strength::Around && is_got {
                continue;
            }
            if link.strength != Strength::Spreadsheet {
                asked += 1;
                if asked > self.spec.page.most_asked {
                    warn!("more links may be {kind} lists than are asked for: {}", links.described());
                    break;
                }
            }
            let outcome = self.candidate(link)?;
            if let FetchOutcome::NoList(why) = &outcome {
                let said = format!("{}: is no list: {why}", link.address);
                info!(step = "page", "{}", withhold_mailboxes(&said));
            }
            outcomes.push((kind.to_owned(), outcome));
        }
        Ok(())
    }

    /// Asks for a candidate, and decides by its bytes what it is.
    fn candidate(&mut self, link: &PageLink) -> Result<FetchOutcome, FetchError> {
        let said = link.kind.clone().unwrap_or_default();
        let mark = self.originals.mark(&link.address);
        let known = self.originals.known(mark.as_ref());
        let is_stray = link.strength != Strength::Spreadsheet && mark.is_none() && !link.invites;
        let got = match self.try_get(&link.address, &known, self.specs.agreements.bounds.file_bytes)? {
            Err(error) => {
                return Ok(FetchOutcome::Failed { problem: self.web_problem(error), is_stray });
            }
            Ok(Answer::NotModified) => {
                self.fetched.unchanged += 1;
                // 304 answers an ETag or a date, which only a mark has.
                let mark = mark.expect("an answer of 304 needs a mark");
                return Ok(FetchOutcome::List(ListGot {
                    kind: mark.kind.map_or(said, |kind| kind.as_str().to_owned()),
                    rows: mark.rows,
                    is_new: false,
                    file_name: mark.stored.map(|(_, name)| name),
                    since: mark.since,
                }));
            }
            Ok(Answer::Got(got)) => *got,
        };
        let what = withhold_mailboxes(got.address.as_str()).into_owned();
        let looked = self.look(&got, false)?;
        if looked.refusal == Some(Refusal::WebPage) {
            return self.web_page(link, &what, &got, is_stray);
        }
        // A link that only its words make a candidate may lead to any file.
        if link.strength != Strength::Spreadsheet
            && let Some(refusal @ (Refusal::UnknownKind | Refusal::Empty)) = &looked.refusal
        {
            let kind = got.headers.content_type.as_deref().unwrap_or("no type");
            return Ok(FetchOutcome::NoList(format!("{what} gave {kind:?}: {refusal}")));
        }
        let name = self.name_of(link, &got, mark.as_ref(), &looked);
        // Another address may give the same file.
        let first_seen = self.originals.first_seen(&got.sha256);
        let is_new = first_seen.is_none();
        let since = first_seen.unwrap_or_else(|| self.now.to_string());
        let (kind, rows) = match &looked.list {
            Ok(list) => (list.layout.kind.as_str().to_owned(), Some(list.rows.len())),
            // The header is new to the program: a run says what to do about it.
            Err(_) => (said.clone(), None),
        };
        if kind != said {
            warn!("{what}: is a {kind} list, though its link {:?} says {said}", link.text);
        }
        Ok(match self.keep_list(&what, Some(link.address.clone()), name, got, &looked)? {
            Ok(file_name) => {
                FetchOutcome::List(ListGot { kind, rows, is_new, file_name: Some(file_name), since })
            }
            Err(problem) => FetchOutcome::Failed { problem: *problem, is_stray },
        })
    }

    /// Judges a web page that came instead of a list: the publisher keeps the program out or answers something else
    /// than it says, or the link leads to a page.
    fn web_page(
        &mut self,
        link: &PageLink,
        what: &str,
        got: &Got,
        is_stray: bool,
    ) -> Result<FetchOutcome, FetchError> {
        let page = self.read_page(got)?;
        if is_wall(&page.title, &self.spec.page.walls) {
            let problem = Problem::Wall { address: what.to_owned(), title: page.title, status: None };
            return Ok(FetchOutcome::Failed { problem, is_stray });
        }
        let titled = if page.title.is_empty() { String::new() } else { format!(", titled {:?}", page.title) };
        let kind = got.headers.content_type.as_deref();
        let says_page = kind.is_none_or(|kind| kind.to_lowercase().contains("html"));
        if link.strength != Strength::Spreadsheet && says_page {
            return Ok(FetchOutcome::NoList(format!("{what} gave a web page{titled}")));
        }
        let kind = kind.map(|kind| format!(" (of the type {kind:?}{titled})"));
        let why = format!("{}{}", Refusal::WebPage, kind.unwrap_or(titled));
        let problem = Problem::Refused { what: what.to_owned(), why, is_kept: false };
        Ok(FetchOutcome::Failed { problem, is_stray })
    }

    /// Returns the name a list is stored under. A name without a day stays as it is where the workbook says when it was
    /// saved: a run goes by that. Else the time of the fetch is added; but a list that the address gave before keeps
    /// its name, and so does a stored one where it is not remembered what the address gave.
    fn name_of(&self, link: &PageLink, got: &Got, mark: Option<&AddressMark>, looked: &Looked) -> String {
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

    /// Imports a file of an archive: a list, or a saved page.
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
        let got = self.as_got(&bytes, hex(&Sha256::digest(&bytes)))?;
        drop(bytes);
        let looked = self.look(&got, is_text_name(&offered.file_name))?;
        if is_page || looked.refusal == Some(Refusal::WebPage) {
            return self.import_page(&offered.file_name, got);
        }
        if let Err(problem) =
            self.keep_list(&offered.file_name, None, safe_name(&offered.file_name), got, &looked)?
        {
            self.problem(*problem);
        }
        Ok(())
    }

    /// Wraps bytes as if they had been received from the page's address.
    pub fn as_got(&self, bytes: &[u8], sha256: String) -> Result<Got, FetchError> {
        let mut incoming = Incoming::new(&self.originals.incoming()?)?;
        incoming.add(bytes)?;
        Ok(Got {
            incoming,
            sha256,
            bytes: bytes.len() as u64,
            is_sized: true,
            address: self.spec.page.url.clone(),
            headers: Headers::default(),
        })
    }

    /// Looks at a file as a run would.
    fn look(&self, got: &Got, is_named_text: bool) -> Result<Looked, FetchError> {
        let (layouts, source) = (&self.specs.layouts, &self.specs.agreements);
        let content = got.incoming.head(source.bounds.file_bytes)?;
        let list = list_of(&content, is_named_text, layouts, source);
        let is_text = kind_of(&content) == Err(Refusal::UnknownKind);
        let guarded = || std::panic::catch_unwind(|| guard(&content, &source.bounds).map(|_| ()));
        let refusal = match &list {
            Ok(_) => None,
            // It is not a workbook, or not of a form that is read.
            Err(refusal @ (Refusal::UnknownKind | Refusal::OtherForm { .. } | Refusal::Encrypted)) => {
                Some(refusal.clone())
            }
            Err(refusal) if is_text => Some(refusal.clone()),
            Err(_) => guarded().unwrap_or(Err(Refusal::GaveUp)).err(),
        };
        Ok(Looked { refusal, is_text, list })
    }

    /// Keeps a file that is a list; returns the name it is stored under, or why it is refused.
    fn keep_list(
        &mut self,
        what: &str,
        address: Option<Url>,
        file_name: String,
        got: Got,
        looked: &Looked,
    ) -> Result<Result<String, Box<Problem>>, FetchError> {
        // A workbook whose header is new, or whose sheet cannot be read, is still kept as a list: a run says what to
        // do.
        let refusal = looked.refusal.clone();
        let refused = |refusal: &Refusal, is_kept: bool| {
            Box::new(Problem::Refused { what: what.to_owned(), why: refusal.to_string(), is_kept })
        };
        if let Some(refusal @ (Refusal::WebPage | Refusal::Empty)) = &refusal {
            return Ok(Err(refused(refusal, false)));
        }
        let (folder, file_name) = match (&refusal, looked.is_text) {
            (Some(_), _) => (REFUSED, file_name),
            (None, true) => (LISTS, as_text(file_name)),
            (None, false) => (LISTS, as_workbook(file_name)),
        };
        let list = looked.list.as_ref().ok().map(|list| (list.layout.kind, list.rows.len()));
        self.keep(folder, address, file_name.clone(), got, list)?;
        Ok(refusal.map_or(Ok(file_name), |refusal| Err(refused(&refusal, true))))
    }
}
