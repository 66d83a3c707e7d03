//! What is asked for, source by source.

use std::path::Path;

use jiff::Timestamp;
use tracing::{info, warn};
use url::Url;

use super::originals::{ACS, LISTS, Mark, MarkedLinks, Originals, REFERENCE, REFUSED, Sighting, Stored};
use super::page::{Link, Links, file_name, links};
use super::web::{Answer, Got, Headers, Known, Web, WebError};
use super::{FetchError, Problem};
use crate::acquire::{Offered, Refusal, guard};
use crate::cli::FetchKind;
use crate::fs::Incoming;
use crate::normalise::withhold_mailboxes;
use crate::read::named_date;
use crate::spec::{Bounds, FetchSpec, Specs, hex};
use crate::stop::Stop;
use sha2::{Digest, Sha256};

/// Characters of a file name that is stored.
const NAME_CHARS: usize = 120;

/// What a fetch is to get.
pub struct Asked<'a> {
    pub kinds: &'a [FetchKind],
    /// Earlier lists to take in instead.
    pub import: &'a [Offered],
    /// Last years of ACS vintages; none: those of the spec.
    pub years: &'a [i16],
    /// When the fetch began.
    pub now: Timestamp,
}

/// What a fetch did.
#[derive(Debug, Default)]
pub struct Fetched {
    /// Files that were not in the store, by folder and name.
    pub new: Vec<(String, String)>,
    /// Files that were there already.
    pub unchanged: usize,
    pub requests: usize,
    pub problems: Vec<Problem>,
}

/// Gets what is asked for into the store, whose lock the caller holds.
///
/// # Errors
/// Where the store cannot be written to, or the process is asked to stop. What is wrong with a source is in
/// [`Fetched::problems`].
pub fn fetch(
    asked: &Asked,
    spec: &FetchSpec,
    specs: &Specs,
    originals: &Originals,
    stop: &Stop,
) -> Result<Fetched, FetchError> {
    let web = Web::new(spec, stop).map_err(FetchError::Proxy)?;
    let bounds = &specs.agreements.bounds;
    let mut job = Job { spec, bounds, originals, web, now: asked.now, fetched: Fetched::default() };
    for offered in asked.import {
        stop.check("an import")?;
        job.import(offered)?;
    }
    let kinds = if asked.import.is_empty() { asked.kinds } else { &[] };
    for kind in kinds {
        match kind {
            FetchKind::Lists => job.lists()?,
            FetchKind::Acs => {
                let years = if asked.years.is_empty() { &spec.acs.years } else { asked.years };
                for (year, table) in
                    years.iter().flat_map(|year| spec.acs.tables.iter().map(move |t| (year, t)))
                {
                    let address = spec.acs.address(*year, table)?;
                    job.file(ACS, &address, &spec.acs.begins, specs.census.bounds.file_bytes)?;
                }
            }
            FetchKind::Reference => {
                for file in &spec.reference.files {
                    job.file(REFERENCE, &file.url, &file.begins, spec.reference.bytes)?;
                }
            }
        }
    }
    job.fetched.requests = job.web.requests;
    Ok(job.fetched)
}

struct Job<'a> {
    spec: &'a FetchSpec,
    bounds: &'a Bounds,
    originals: &'a Originals,
    web: Web,
    now: Timestamp,
    fetched: Fetched,
}

impl Job<'_> {
    fn refused(&mut self, what: String, why: String, is_kept: bool) {
        self.fetched.problems.push(Problem::Refused { what, why, is_kept });
    }

    /// Asks for an address. `None` if there is no answer; then the problem is noted.
    fn get(&mut self, address: &Url, known: &Known, limit: u64) -> Result<Option<Answer>, FetchError> {
        match self.web.get(address, known, limit, &self.originals.incoming()?) {
            Ok(answer) => Ok(Some(answer)),
            Err(WebError::Write(error)) => Err(error.into()),
            Err(WebError::Stopped(stopped)) => Err(stopped.into()),
            Err(error) => {
                warn!("{error}");
                self.fetched.problems.push(Problem::Web(error));
                Ok(None)
            }
        }
    }

    /// The lists that the page links to.
    fn lists(&mut self) -> Result<(), FetchError> {
        let address = self.spec.page.url.clone();
        let Some(links) = self.page(&address)? else { return Ok(()) };
        info!(step = "page", links = links.seen, spreadsheets = links.links.len(), "page read");
        let most = self.spec.page.most_lists;
        if links.links.len() > most {
            let why = format!("links to more than {most} spreadsheets, none of which was got");
            let found = links.described();
            self.fetched.problems.push(Problem::Page { address: address.to_string(), why, found });
            return Ok(());
        }
        for link in links.links.iter().filter(|link| link.kind.is_some()) {
            self.list(link)?;
        }
        let missing = links.missing(&self.spec.page);
        let strange = links.links.iter().filter(|link| link.kind.is_none()).count();
        let mut wrong: Vec<String> =
            missing.iter().map(|kind| format!("has no link to a {kind} list")).collect();
        if strange > 0 {
            wrong.push(format!("has {strange} links to spreadsheets of no known kind, which were not got"));
        }
        if !wrong.is_empty() {
            let problem = Problem::Page {
                address: address.to_string(),
                why: wrong.join(", "),
                found: links.described(),
            };
            warn!("{problem}");
            self.fetched.problems.push(problem);
        }
        Ok(())
    }

    /// The links of the page: as they were, if neither the page has changed nor what its links are told by.
    fn page(&mut self, address: &Url) -> Result<Option<Links>, FetchError> {
        let told_by = self.spec.page.fingerprint();
        let mark = self.originals.mark(address);
        let before =
            mark.as_ref().and_then(|mark| mark.links.clone()).filter(|links| links.told_by == told_by);
        let known = self.originals.known(mark.as_ref().filter(|_| before.is_some()));
        let got = match self.get(address, &known, self.spec.page.bytes)? {
            None => return Ok(None),
            Some(Answer::NotModified) => return Ok(before.map(|before| before.links)),
            Some(Answer::Got(got)) => got,
        };
        let html = got.incoming.head(got.bytes)?;
        let links = links(&String::from_utf8_lossy(&html), &got.address, &self.spec.page);
        // Only a page that is as it should be may answer for itself the next time.
        if links.missing(&self.spec.page).is_empty() {
            self.originals.set_mark(&Mark {
                address: address.clone(),
                sha256: got.sha256.clone(),
                stored: None,
                headers: got.headers(),
                since: self.now.to_string(),
                links: Some(MarkedLinks { links: links.clone(), told_by }),
            })?;
        }
        Ok(Some(links))
    }

    /// A list.
    fn list(&mut self, link: &Link) -> Result<(), FetchError> {
        let mark = self.originals.mark(&link.address);
        let known = self.originals.known(mark.as_ref());
        let got = match self.get(&link.address, &known, self.bounds.file_bytes)? {
            None => return Ok(()),
            Some(Answer::NotModified) => {
                self.fetched.unchanged += 1;
                return Ok(());
            }
            Some(Answer::Got(got)) => *got,
        };
        let name = self.name_of(link, &got, mark.as_ref());
        let what = got.address.to_string();
        self.keep_list(&what, Some(link.address.clone()), name, got)
    }

    /// What a list is stored as. A name without a day gets the time it was got; unless that is what the address gave
    /// before, or nobody remembers what it gave and the content is there: then it has a name.
    fn name_of(&self, link: &Link, got: &Got, mark: Option<&Mark>) -> String {
        let name = list_name(link, got);
        if named_date(&name).is_ok() {
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

    /// A file of an archive.
    fn import(&mut self, offered: &Offered) -> Result<(), FetchError> {
        let limit = self.bounds.file_bytes;
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
        self.keep_list(&offered.file_name, None, safe_name(&offered.file_name), got)
    }

    /// Keeps a list, if it is one.
    fn keep_list(
        &mut self,
        what: &str,
        address: Option<Url>,
        file_name: String,
        got: Got,
    ) -> Result<(), FetchError> {
        let content = got.incoming.head(self.bounds.file_bytes)?;
        // A parser that gives up must not take the list with it: it is kept apart.
        let looked_at = std::panic::catch_unwind(|| guard(&content, self.bounds).map(|_| ()));
        let refusal = looked_at.unwrap_or(Err(Refusal::GaveUp)).err();
        drop(content);
        if let Some(refusal @ (Refusal::WebPage | Refusal::Empty)) = refusal {
            warn!("{what}: {refusal}");
            self.refused(what.to_owned(), refusal.to_string(), false);
            return Ok(());
        }
        let (folder, file_name) =
            if refusal.is_some() { (REFUSED, file_name) } else { (LISTS, as_workbook(file_name)) };
        self.keep(folder, address, file_name, got)?;
        if let Some(refusal) = refusal {
            warn!("{what}: {refusal}");
            self.refused(what.to_owned(), refusal.to_string(), true);
        }
        Ok(())
    }

    /// Stores what was got, and then says so.
    fn keep(
        &mut self,
        folder: &str,
        address: Option<Url>,
        file_name: String,
        got: Got,
    ) -> Result<(), FetchError> {
        let headers = got.headers();
        let Got { incoming, sha256, bytes, headers: said, .. } = got;
        let sighting = Sighting {
            address: address.clone(),
            file_name: file_name.clone(),
            first_seen: self.now.to_string(),
            headers: said,
        };
        let Stored { is_new, first_seen } =
            self.originals.put(incoming, folder, (&sha256, bytes), sighting)?;
        if folder == ACS || folder == REFERENCE {
            self.originals.point(folder, &sha256, &file_name)?;
        }
        if let Some(address) = address.filter(|_| folder != REFUSED) {
            let (same, other): (Option<Mark>, _) = match self.originals.mark(&address) {
                Some(mark) if mark.sha256 == sha256 => (Some(mark), None),
                other => (None, other),
            };
            let time = |text: &str| text.parse::<Timestamp>().ok();
            if folder == LISTS
                && let Some((first, other)) = first_seen.zip(other)
                && time(&first) < time(&other.since)
            {
                warn!(
                    "{address}: gives again what it gave before {}; both stay, and which one counts for its day goes \
                     by the workbooks' own time stamps",
                    other.since
                );
            }
            let since = same.map_or_else(|| self.now.to_string(), |mark| mark.since);
            let stored = Some((folder.to_owned(), file_name.clone()));
            self.originals.set_mark(&Mark { address, sha256, stored, headers, since, links: None })?;
        }
        if is_new {
            info!(step = "fetch", folder, file_name, bytes, "new");
            self.fetched.new.push((folder.to_owned(), file_name));
        } else {
            self.fetched.unchanged += 1;
        }
        Ok(())
    }

    /// A file that is kept as it is.
    fn file(&mut self, folder: &str, address: &Url, begins: &str, limit: u64) -> Result<(), FetchError> {
        let mark = self.originals.mark(address);
        let known = self.originals.known(mark.as_ref());
        let got = match self.get(address, &known, limit)? {
            None => return Ok(()),
            Some(Answer::NotModified) => {
                if let Some((sha256, name)) = mark.and_then(|mark| Some((mark.sha256, mark.stored?.1))) {
                    self.originals.point(folder, &sha256, &name)?;
                }
                self.fetched.unchanged += 1;
                return Ok(());
            }
            Some(Answer::Got(got)) => *got,
        };
        let head = got.incoming.head(begins.len() as u64 + 3)?;
        let head = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&head);
        if !head.starts_with(begins.as_bytes()) {
            let page = if head.trim_ascii_start().starts_with(b"<") { ": it is a web page" } else { "" };
            self.refused(address.to_string(), format!("does not begin with {begins:?}{page}"), false);
            return Ok(());
        }
        if !got.incoming.ends_with(b"\n")? {
            self.refused(address.to_string(), "breaks off within a line".to_owned(), false);
            return Ok(());
        }
        let name = safe_name(&file_name(address));
        // Of a length that nobody said it may have been cut where a line ends.
        let before = self.originals.current_bytes(folder, &name).filter(|_| !got.is_sized);
        if let Some(before) = before.filter(|before| got.bytes < *before) {
            let why = format!(
                "may be cut short: it has {} bytes where there are {before}, and nobody said how many it has; if it \
                 is meant to be shorter, remove {folder}/current/{name} from the store",
                got.bytes
            );
            self.refused(address.to_string(), why, false);
            return Ok(());
        }
        self.keep(folder, Some(address.clone()), name, got)
    }
}

/// What a list is called: by its address, else by the header that names it, else by its kind.
fn list_name(link: &Link, got: &Got) -> String {
    let has_ending = |name: &String| Path::new(name).extension().is_some_and(|ending| ending.len() <= 5);
    let by_header = got.headers.content_disposition.as_deref().and_then(|header| {
        let (_, name) = header.split_once("filename=")?;
        Some(name.split(';').next()?.trim().trim_matches('"').to_owned())
    });
    let name = [Some(file_name(&link.address)), by_header].into_iter().flatten().find(has_ending);
    let kind = link.kind.as_deref().unwrap_or("list");
    safe_name(&name.unwrap_or_else(|| format!("{kind}Agencies.xlsx")))
}

/// The name with an ending by which a run knows a workbook.
fn as_workbook(name: String) -> String {
    let is_known = ["xlsx", "xlsm"].iter().any(|ending| name.to_lowercase().ends_with(&format!(".{ending}")));
    if is_known { name } else { format!("{name}.xlsx") }
}

/// A name that is one on every disk, and carries no mailbox.
fn safe_name(name: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || " ._-()".contains(c);
    let name: String = withhold_mailboxes(name).chars().map(|c| if is_plain(c) { c } else { '_' }).collect();
    let from = name.len().saturating_sub(NAME_CHARS);
    match name[from..].trim_start_matches(['.', '~', ' ']).trim_end() {
        "" => "list.xlsx".to_owned(),
        rest => rest.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_safe() {
        for (name, expected) in [
            ("participatingAgencies06062025am copy.xlsx", "participatingAgencies06062025am copy.xlsx"),
            ("../../etc/passwd", "_.._etc_passwd"),
            ("a/b\\c\u{0}d.xlsx", "a_b_c_d.xlsx"),
            (".hidden.xlsx", "hidden.xlsx"),
            ("~$lock.xlsx", "__lock.xlsx"),
            ("", "list.xlsx"),
        ] {
            assert_eq!(safe_name(name), expected, "{name}");
        }
        assert_eq!(safe_name(&format!("{}06062025.xlsx", "x".repeat(500))).len(), NAME_CHARS);
    }
}
