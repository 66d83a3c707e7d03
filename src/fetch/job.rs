//! Gets what was asked for, source by source.

use jiff::Timestamp;
use tracing::{info, warn};
use url::Url;

use super::names::safe_name;
use super::originals::{ACS, AddressMark, LISTS, Originals, REFERENCE, REFUSED, Sighting, Stored};
use super::walls::is_wall;
use super::web::{Answer, Got, Known, Web, WebError};
use super::{FetchError, KindFound, Problem};
use crate::acquire::Offered;
use crate::cli::FetchKind;
use crate::mailboxes::withhold_mailboxes;
use crate::page::{PageStatements, file_name};
use crate::spec::{FetchSpec, Specs};
use crate::stop::Stop;
use crate::words::ListKind;

/// The request to a fetch.
pub struct Asked<'a> {
    pub kinds: &'a [FetchKind],
    /// Earlier lists to import instead.
    pub import: &'a [Offered],
    /// Last years of the ACS vintages to get; those of the spec where it is empty.
    pub years: &'a [i16],
    /// When the fetch began.
    pub now: Timestamp,
    /// Statements that the page is known to have made.
    pub known: &'a PageStatements,
}

/// The outcome of a fetch.
#[derive(Debug, Default)]
pub struct Fetched {
    /// Files that were not in the store, by folder and name.
    pub new: Vec<(String, String)>,
    /// Files that were there already.
    pub unchanged: usize,
    pub requests: usize,
    pub problems: Vec<Problem>,
    /// Each kind of list as the page gave it.
    pub kinds: Vec<KindFound>,
}

/// Gets what is asked for into the store, whose lock the caller holds.
///
/// # Errors
/// The store cannot be written to, or the process is asked to stop. Problems with a source are in
/// [`Fetched::problems`].
pub fn fetch(
    asked: &Asked,
    spec: &FetchSpec,
    specs: &Specs,
    originals: &Originals,
    stop: &Stop,
) -> Result<Fetched, FetchError> {
    let web = Web::new(spec, stop).map_err(FetchError::Proxy)?;
    let mut job = Job {
        spec,
        specs,
        originals,
        web,
        now: asked.now,
        known: asked.known.clone(),
        fetched: Fetched::default(),
    };
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

/// A fetch while it is going on.
pub(super) struct Job<'a> {
    pub spec: &'a FetchSpec,
    pub specs: &'a Specs,
    pub originals: &'a Originals,
    pub web: Web,
    pub now: Timestamp,
    /// Statements that the page is known to have made.
    pub known: PageStatements,
    pub fetched: Fetched,
}

impl Job<'_> {
    pub fn refused(&mut self, what: String, why: String, is_kept: bool) {
        self.problem(Problem::Refused { what, why, is_kept });
    }

    /// Asks for an address. `None` if there is no answer; then the problem is noted.
    pub fn get(&mut self, address: &Url, known: &Known, limit: u64) -> Result<Option<Answer>, FetchError> {
        Ok(match self.try_get(address, known, limit)? {
            Ok(answer) => Some(answer),
            Err(error) => {
                let problem = self.web_problem(error);
                self.problem(problem);
                None
            }
        })
    }

    /// Asks for an address; the caller decides what to do where there is no answer.
    pub fn try_get(
        &mut self,
        address: &Url,
        known: &Known,
        limit: u64,
    ) -> Result<Result<Answer, WebError>, FetchError> {
        match self.web.get(address, known, limit, &self.originals.incoming()?) {
            Err(WebError::Write(error)) => Err(error.into()),
            Err(WebError::Stopped(stopped)) => Err(stopped.into()),
            answer => Ok(answer),
        }
    }

    /// Turns a failed request into a problem: no answer, or a page that keeps programs out.
    pub fn web_problem(&self, error: WebError) -> Problem {
        match error {
            WebError::Status { address, status, title, .. } if is_wall(&title, &self.spec.page.walls) => {
                Problem::Wall { address: address.to_string(), title: title.into(), status: Some(status) }
            }
            error => Problem::Web(error),
        }
    }

    /// Notes what went wrong.
    pub fn problem(&mut self, problem: Problem) {
        warn!("{}", withhold_mailboxes(&problem.to_string()));
        self.fetched.problems.push(problem);
    }

    /// Stores a file, then logs it; returns whether it is new. `list` is the kind of a list, and its number of rows.
    pub fn keep(
        &mut self,
        folder: &str,
        address: Option<Url>,
        file_name: String,
        got: Got,
        list: Option<(ListKind, usize)>,
    ) -> Result<bool, FetchError> {
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
            let (same, other): (Option<AddressMark>, _) = match self.originals.mark(&address) {
                Some(mark) if mark.sha256 == sha256 => (Some(mark), None),
                other => (None, other),
            };
            let time = |text: &str| text.parse::<Timestamp>().ok();
            if folder == LISTS
                && let Some((first, other)) = first_seen.zip(other)
                && time(&first) < time(&other.since)
            {
                let shown = withhold_mailboxes(address.as_str());
                warn!(
                    "{shown}: gives again the file that it gave before {}; the store keeps both files, and the workbooks' own \
                     time stamps decide which one counts for its day",
                    other.since
                );
            }
            let (kind, rows) = list.unzip();
            let since = same.map_or_else(|| self.now.to_string(), |mark| mark.since);
            let stored = Some((folder.to_owned(), file_name.clone()));
            self.originals.set_mark(&AddressMark {
                address,
                sha256,
                stored,
                headers,
                since,
                kind,
                rows,
                page: None,
            })?;
        }
        if is_new {
            info!(step = "fetch", folder, file_name, bytes, "new");
            self.fetched.new.push((folder.to_owned(), file_name));
        } else {
            self.fetched.unchanged += 1;
        }
        Ok(is_new)
    }

    /// Gets a file that is kept as it is.
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
        // A file of unstated length may have been cut at the end of a line.
        let before = self.originals.current_bytes(folder, &name).filter(|_| !got.is_sized);
        if let Some(before) = before.filter(|before| got.bytes < *before) {
            let why = format!(
                "may be cut short: it has {} bytes, the stored file has {before}, and the publisher did not say its length; if \
                 the new file is right, remove {folder}/current/{name} from the store and fetch again",
                got.bytes
            );
            self.refused(address.to_string(), why, false);
            return Ok(());
        }
        self.keep(folder, Some(address.clone()), name, got, None)?;
        Ok(())
    }
}
