//! One polite connection: one request at a time, with a pause between two. A failure that may pass is tried again; an
//! answer that is too large, too slow, too far away or incomplete is rejected.

use std::io::Read;
use std::path::Path;
use std::time::{Duration, Instant};

use flate2::read::MultiGzDecoder;
use sha2::{Digest, Sha256};
use tracing::{debug, warn};
use ureq::http::{HeaderValue, Response, header};
use ureq::unversioned::resolver::DefaultResolver;
use ureq::unversioned::transport::DefaultConnector;
use ureq::{Agent, Body};
use url::Url;

use super::hosts::{Hosts, NotPublic, PublicOnly};
use crate::fs::{Incoming, WriteError};
use crate::mailboxes::withhold_mailboxes;
use crate::page::title_of;
use crate::spec::{FetchSpec, WebSpec, hex};
use crate::stop::{Stop, Stopped};

/// Bytes read from an answer at a time.
const AT_ONCE: usize = 64 * 1024;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum WebError {
    /// Exit code 4.
    #[error("{address}: was not requested: {why}")]
    NotAllowed { address: Url, why: String },
    /// Exit code 4.
    #[error("{address}: {why}, tried {tries} times")]
    Unreachable { address: Url, why: String, tries: u32 },
    /// Exit code 4.
    #[error(
        "{address}: answered {status}{}{}",
        if title.is_empty() { String::new() } else { format!(" with a page titled {title:?}") },
        wait.as_ref().map_or_else(String::new, |wait| format!(" and asks to wait {wait} s"))
    )]
    Status { address: Url, status: u16, title: Box<str>, wait: Option<u64> },
    /// Exit code 5.
    #[error("{address}: is larger than {limit} bytes{}", if *inflated { ", inflated" } else { "" })]
    TooLarge { address: Url, limit: u64, inflated: bool },
    #[error(transparent)]
    Write(#[from] WriteError),
    #[error(transparent)]
    Stopped(#[from] Stopped),
}

/// Headers of an earlier answer, for asking whether it still holds.
#[derive(Debug, Clone, Default)]
pub struct Known {
    pub etag: Option<String>,
    pub last_modified: Option<String>,
}

/// An answer.
#[derive(Debug)]
pub enum Answer {
    /// The earlier answer still holds.
    NotModified,
    Got(Box<Got>),
}

/// Bytes that were received completely.
#[derive(Debug)]
pub struct Got {
    pub incoming: Incoming,
    pub sha256: String,
    pub bytes: u64,
    /// Whether the answer said where it ends; one that did not may be incomplete.
    pub is_sized: bool,
    /// The address they came from, after redirects.
    pub address: Url,
    pub headers: Headers,
}

impl Got {
    /// Returns the headers for asking whether this still holds; none where the content may be incomplete.
    pub fn headers(&self) -> Headers {
        if self.is_sized { self.headers.clone() } else { Headers::default() }
    }
}

/// Headers that are kept.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Headers {
    pub etag: Option<String>,
    pub last_modified: Option<String>,
    pub content_type: Option<String>,
    pub content_disposition: Option<String>,
}

/// The connection.
#[derive(Debug)]
pub struct Web {
    agent: Agent,
    spec: WebSpec,
    hosts: Hosts,
    stop: Stop,
    last: Option<Instant>,
    /// Requests made.
    pub requests: usize,
}

/// One try.
enum Tried {
    Answer(Answer),
    /// To be tried again, after `wait` seconds if the publisher says so.
    Again {
        why: String,
        wait: Option<u64>,
        /// The status, and the title of the page that came with it.
        status: Option<(u16, Box<str>)>,
    },
}

impl Web {
    /// A connection that behaves as `spec` says.
    ///
    /// # Errors
    /// Why the proxy cannot be used, in words.
    pub fn new(spec: &FetchSpec, stop: &Stop) -> Result<Self, String> {
        let web = &spec.web;
        let hosts = Hosts(spec.hosts.clone());
        let proxy = web.proxy.as_deref().map(ureq::Proxy::new).transpose().map_err(|e| e.to_string())?;
        let at_proxy = proxy.as_ref().map(|proxy| (proxy.host().to_owned(), proxy.port()));
        let seconds = |seconds| Some(Duration::from_secs(seconds));
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .user_agent(web.user_agent.as_str())
            .proxy(proxy)
            .max_idle_connections(1)
            .max_idle_connections_per_host(1)
            .timeout_connect(seconds(web.connect_seconds))
            .timeout_resolve(seconds(web.connect_seconds))
            .timeout_recv_response(seconds(web.answer_seconds))
            .timeout_per_read(seconds(web.silent_seconds))
            .build();
        let resolver =
            PublicOnly { hosts: hosts.clone(), proxy: at_proxy, system: DefaultResolver::default() };
        let agent = Agent::with_parts(config, DefaultConnector::default(), resolver);
        Ok(Self { agent, spec: web.clone(), hosts, stop: stop.clone(), last: None, requests: 0 })
    }

    /// Gets the content of an address, at most `limit` bytes, into a file at `into` that has no name yet. Where an
    /// earlier answer is `known`, gets it only if that no longer holds.
    pub fn get(&mut self, address: &Url, known: &Known, limit: u64, into: &Path) -> Result<Answer, WebError> {
        let mut wait = Duration::from_millis(self.spec.first_wait_ms);
        let longest = Duration::from_secs(self.spec.longest_wait_seconds);
        let until = Instant::now() + Duration::from_secs(self.spec.total_seconds);
        for tries in 1.. {
            let (why, asked, status) = match self.follow(address, known, limit, into, until)? {
                Tried::Answer(answer) => return Ok(answer),
                Tried::Again { why, wait, status } => (why, wait, status),
            };
            let is_too_long = asked.is_some_and(|asked| Duration::from_secs(asked) > longest);
            let pause = asked.map_or(wait, Duration::from_secs).min(longest);
            if tries == self.spec.tries || is_too_long || Instant::now() + pause >= until {
                return Err(match status {
                    Some((status, title)) => {
                        WebError::Status { address: address.clone(), status, title, wait: asked }
                    }
                    None => WebError::Unreachable { address: address.clone(), why, tries },
                });
            }
            let address = withhold_mailboxes(address.as_str());
            warn!(%address, seconds = pause.as_secs_f64(), "asked again later: {why}");
            self.sleep(pause)?;
            wait = (wait * 2).min(longest);
        }
        unreachable!("the tries end the loop")
    }

    /// Makes one try, through all redirects.
    fn follow(
        &mut self,
        address: &Url,
        known: &Known,
        limit: u64,
        into: &Path,
        until: Instant,
    ) -> Result<Tried, WebError> {
        let mut at = address.clone();
        for _ in 0..=self.spec.redirects {
            if let Some(why) = self.hosts.refused(&at) {
                return Err(WebError::NotAllowed { address: at, why });
            }
            let response = match self.ask(&at, known, until)? {
                Ok(response) => response,
                Err(error) => return failed(at, &error),
            };
            let status = response.status().as_u16();
            match status {
                200 => return self.receive(at, response, limit, into),
                304 if known.etag.is_some() || known.last_modified.is_some() => {
                    return Ok(Tried::Answer(Answer::NotModified));
                }
                301 | 302 | 303 | 307 | 308 => {
                    let target = text(&response, header::LOCATION).and_then(|to| at.join(&to).ok());
                    let Some(target) = target else {
                        return Err(WebError::NotAllowed { address: at, why: "redirects to nowhere".into() });
                    };
                    debug!(%at, %target, "redirected");
                    at = target;
                }
                408 | 425 | 429 | 500 | 502 | 503 | 504 => {
                    let (why, wait) = (format!("answered {status}"), retry_after(&response));
                    return Ok(Tried::Again { why, wait, status: Some((status, title(response))) });
                }
                _ => {
                    let title = title(response);
                    return Err(WebError::Status { address: at, status, title, wait: None });
                }
            }
        }
        let why = format!("redirects more than {} times", self.spec.redirects);
        Err(WebError::NotAllowed { address: address.clone(), why })
    }

    fn ask(
        &mut self,
        at: &Url,
        known: &Known,
        until: Instant,
    ) -> Result<Result<Response<Body>, ureq::Error>, WebError> {
        if let Some(last) = self.last {
            self.sleep(Duration::from_millis(self.spec.pause_ms).saturating_sub(last.elapsed()))?;
        }
        self.stop.check("before a request")?;
        self.requests += 1;
        let left = until.saturating_duration_since(Instant::now()).max(Duration::from_millis(1));
        let request = self.agent.get(at.as_str()).header(header::ACCEPT_ENCODING, "gzip");
        let mut request = request.config().timeout_global(Some(left)).build();
        let is_header = |text: &&String| HeaderValue::from_str(text).is_ok();
        if let Some(etag) = known.etag.as_ref().filter(is_header) {
            request = request.header(header::IF_NONE_MATCH, etag);
        }
        if let Some(modified) = known.last_modified.as_ref().filter(is_header) {
            request = request.header(header::IF_MODIFIED_SINCE, modified);
        }
        let answer = request.call();
        self.last = Some(Instant::now());
        Ok(answer)
    }

    /// Receives the content, inflated where it is compressed; bytes are counted before and after.
    fn receive(
        &mut self,
        address: Url,
        response: Response<Body>,
        limit: u64,
        into: &Path,
    ) -> Result<Tried, WebError> {
        let headers = Headers {
            etag: text(&response, header::ETAG),
            last_modified: text(&response, header::LAST_MODIFIED),
            content_type: text(&response, header::CONTENT_TYPE),
            content_disposition: any_text(&response, header::CONTENT_DISPOSITION),
        };
        let too_large = |inflated| WebError::TooLarge { address: address.clone(), limit, inflated };
        let length: Option<u64> =
            text(&response, header::CONTENT_LENGTH).and_then(|length| length.parse().ok());
        if length.is_some_and(|length| length > limit) {
            return Err(too_large(false));
        }
        let is_chunked =
            text(&response, header::TRANSFER_ENCODING).is_some_and(|how| how.contains("chunked"));
        let encoding = text(&response, header::CONTENT_ENCODING).unwrap_or_default().to_lowercase();
        let body = response.into_body().into_with_config().limit(u64::MAX).reader();
        let mut body: Box<dyn Read> = match encoding.as_str() {
            "" | "identity" => Box::new(body),
            "gzip" | "x-gzip" => Box::new(MultiGzDecoder::new(Bounded { inner: body, left: limit })),
            other => {
                let why = format!("comes in the encoding {other:?}, which was not asked for");
                return Err(WebError::Unreachable { address, why, tries: 1 });
            }
        };
        let is_inflated = !matches!(encoding.as_str(), "" | "identity");
        let mut incoming = Incoming::new(into)?;
        let (mut hash, mut bytes) = (Sha256::new(), 0_u64);
        let mut some = vec![0; AT_ONCE];
        loop {
            self.stop.check("in an answer")?;
            let count = match body.read(&mut some) {
                Ok(0) => break,
                Ok(count) => count,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(error) if error.kind() == std::io::ErrorKind::FileTooLarge => {
                    return Err(too_large(false));
                }
                Err(error) => {
                    let why = format!("broke off after {bytes} bytes ({error})");
                    return Ok(Tried::Again { why, wait: None, status: None });
                }
            };
            bytes += count as u64;
            if bytes > limit {
                return Err(too_large(is_inflated));
            }
            hash.update(&some[..count]);
            incoming.add(&some[..count])?;
        }
        if let Some(length) = length.filter(|length| !is_inflated && *length != bytes) {
            let why = format!("broke off after {bytes} of {length} bytes");
            return Ok(Tried::Again { why, wait: None, status: None });
        }
        let sha256 = hex(&hash.finalize());
        let is_sized = length.is_some() || is_inflated || is_chunked;
        let got = Got { incoming, sha256, bytes, is_sized, address, headers };
        Ok(Tried::Answer(Answer::Got(Box::new(got))))
    }

    /// Sleeps, and wakes up when the process is asked to stop.
    fn sleep(&self, time: Duration) -> Result<(), Stopped> {
        let until = Instant::now() + time;
        loop {
            self.stop.check("in a wait")?;
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(());
            }
            std::thread::sleep(left.min(Duration::from_millis(100)));
        }
    }
}

/// A reader that fails with `FileTooLarge` after `left` bytes.
struct Bounded<R> {
    inner: R,
    left: u64,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let count = self.inner.read(into)?;
        self.left = self.left.checked_sub(count as u64).ok_or(std::io::ErrorKind::FileTooLarge)?;
        Ok(count)
    }
}

/// Decides whether a failed request is tried again.
fn failed(address: Url, error: &ureq::Error) -> Result<Tried, WebError> {
    match error {
        // A refusal by the resolver is final.
        ureq::Error::Other(other) if other.is::<NotPublic>() => {
            Err(WebError::NotAllowed { address, why: other.to_string() })
        }
        error => Ok(Tried::Again { why: error.to_string(), wait: None, status: None }),
    }
}

fn text(response: &Response<Body>, name: header::HeaderName) -> Option<String> {
    Some(response.headers().get(name)?.to_str().ok()?.trim().to_owned())
}

/// Decodes a header's bytes as UTF-8, or else as Windows-1252.
fn any_text(response: &Response<Body>, name: header::HeaderName) -> Option<String> {
    let bytes = response.headers().get(name)?.as_bytes();
    let text = std::str::from_utf8(bytes).map_or_else(
        |_| encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned(),
        str::to_owned,
    );
    Some(text.trim().to_owned())
}

/// Bytes of an error page that are looked at.
const ERROR_PAGE: u64 = 64 * 1024;

/// Returns the title of the page that comes with an error; empty where there is none, or the page does not arrive.
fn title(response: Response<Body>) -> Box<str> {
    let mut page = Vec::new();
    let body = response.into_body().into_with_config().limit(u64::MAX).reader();
    // A page that breaks off still has its title at its head.
    drop(body.take(ERROR_PAGE).read_to_end(&mut page));
    let title = title_of(&String::from_utf8_lossy(&page));
    withhold_mailboxes(title.trim()).into()
}

/// Seconds that the publisher asks to wait: a number, or the time from the answer's own date to a given one.
fn retry_after(response: &Response<Body>) -> Option<u64> {
    let after = text(response, header::RETRY_AFTER)?;
    if let Ok(seconds) = after.parse() {
        return Some(seconds);
    }
    let date = |text: &str| jiff::fmt::rfc2822::parse(text).ok();
    let (then, now) = (date(&after)?, date(&text(response, header::DATE)?)?);
    u64::try_from(then.timestamp().as_second() - now.timestamp().as_second()).ok()
}
