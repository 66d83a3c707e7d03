//! A server on loopback that plays the publisher: answers by path, each written byte by byte, so that it can be
//! as wrong as real ones are.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// The answer at a path.
#[derive(Clone)]
pub enum Play {
    /// Status, headers and body, with the length that the body has.
    Answer(u16, Vec<(String, String)>, Vec<u8>),
    /// A file with `ETag`; a client that knows it gets 304.
    File(Vec<u8>),
    /// A file without a validator such as `ETag`.
    Plain(Vec<u8>),
    /// A header with another length than the body has.
    WrongLength(Vec<u8>, usize),
    /// A byte at a time, with a pause after each.
    Drip(Vec<u8>, Duration),
    /// An answer without end.
    Endless,
    /// Closes without an answer.
    Closes,
    /// The head and some bytes, then silence: an answer that never goes on.
    Silent(Vec<u8>),
    /// No answer, not even a head.
    Mute,
    /// A body without a stated length, which ends with the connection.
    Unsized(Vec<u8>),
    /// A body in chunks, without a stated length.
    Chunked(Vec<u8>),
    /// The first of these, then the next; the last stays for ever.
    Then(Vec<Play>),
}

impl Play {
    /// Makes a web page.
    pub fn page(html: impl Into<String>) -> Self {
        Self::File(html.into().into_bytes())
    }

    /// Makes a redirect.
    pub fn redirect(to: impl Into<String>) -> Self {
        Self::Answer(302, vec![("Location".into(), to.into())], Vec::new())
    }

    /// Makes a status with one header.
    pub fn status(status: u16, header: (&str, &str)) -> Self {
        Self::Answer(status, vec![(header.0.into(), header.1.into())], b"<html>sorry</html>".to_vec())
    }
}

/// A request that was received.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Headers by their names in lower case.
    pub headers: HashMap<String, String>,
    pub status: u16,
}

/// The server; it ends with the process.
pub struct Publisher {
    pub port: u16,
    plays: Arc<Mutex<HashMap<String, Play>>>,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Publisher {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let plays = Arc::new(Mutex::new(HashMap::new()));
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (of_server, log) = (Arc::clone(&plays), Arc::clone(&asked));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (plays, log) = (Arc::clone(&of_server), Arc::clone(&log));
                std::thread::spawn(move || serve(stream, &plays, &log));
            }
        });
        Self { port, plays, asked }
    }

    pub fn play(&self, path: &str, play: Play) {
        self.plays.lock().unwrap().insert(path.to_owned(), play);
    }

    pub fn address(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// Returns the requests since the last call.
    pub fn asked(&self) -> Vec<Asked> {
        std::mem::take(&mut self.asked.lock().unwrap())
    }

    /// Plays the page with these links, by their paths.
    pub fn page_with(&self, links: &[&str]) {
        let links: Vec<String> =
            links.iter().map(|link| format!("<li><a href=\"{link}\">list</a></li>")).collect();
        self.play(
            "/287g",
            Play::page(format!("<!DOCTYPE html><html><body><ul>{}</ul></body></html>", links.join(""))),
        );
    }

    /// Makes a `--root` whose fetch.toml has this server as publisher; `change` edits it.
    pub fn root(&self, dir: &Path, change: impl FnOnce(String) -> String) -> PathBuf {
        let root = dir.join("root");
        let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("pipelines/fetch.toml");
        let mut text = std::fs::read_to_string(shipped).unwrap();
        for (from, to) in [
            ("pause_ms = 500", "pause_ms = 0"),
            ("connect_seconds = 20", "connect_seconds = 2"),
            ("answer_seconds = 30", "answer_seconds = 1"),
            ("total_seconds = 300", "total_seconds = 4"),
            ("silent_seconds = 20", "silent_seconds = 1"),
            ("first_wait_ms = 2_000", "first_wait_ms = 20"),
            ("longest_wait_seconds = 120", "longest_wait_seconds = 1"),
            (
                "[[host]]\nname = \"www.ice.gov\"",
                &format!("[[host]]\nname = \"127.0.0.1:{}\"\nhttp = true\nprivate = true", self.port),
            ),
            ("https://www.ice.gov/identify-and-arrest/287g", &self.address("/287g")),
            ("https://www2.census.gov", &self.address("")),
        ] {
            assert!(text.contains(from), "{from}");
            text = text.replace(from, to);
        }
        std::fs::create_dir_all(root.join("pipelines")).unwrap();
        std::fs::write(root.join("pipelines/fetch.toml"), change(text)).unwrap();
        root
    }
}

/// A proxy on loopback that opens tunnels, all of them to one publisher.
pub struct Proxy {
    pub port: u16,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    /// Starts a proxy that leads to the publisher at a port, whatever host it is asked for.
    pub fn start(publisher: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&asked);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let log = Arc::clone(&log);
                std::thread::spawn(move || tunnel(stream, publisher, &log));
            }
        });
        Self { port, asked }
    }

    /// Returns the hosts and ports that it was asked for.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

fn tunnel(mut client: TcpStream, publisher: u16, log: &Mutex<Vec<String>>) -> Option<()> {
    let mut reader = BufReader::new(client.try_clone().ok()?);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let to = line.strip_prefix("CONNECT ")?.split(' ').next()?;
    log.lock().unwrap().push(to.to_owned());
    while !line.trim().is_empty() {
        line.clear();
        reader.read_line(&mut line).ok()?;
    }
    let mut server = TcpStream::connect(("127.0.0.1", publisher)).ok()?;
    client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").ok()?;
    let mut answers = (server.try_clone().ok()?, client.try_clone().ok()?);
    std::thread::spawn(move || std::io::copy(&mut answers.0, &mut answers.1));
    std::io::copy(&mut reader, &mut server).ok()?;
    server.shutdown(std::net::Shutdown::Write).ok()
}

fn serve(stream: TcpStream, plays: &Mutex<HashMap<String, Play>>, log: &Mutex<Vec<Asked>>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut stream = stream;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 {
            return;
        }
        let path = line.split(' ').nth(1).unwrap_or_default().to_owned();
        let mut headers = HashMap::new();
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).unwrap_or(0) == 0 || line.trim().is_empty() {
                break;
            }
            if let Some((name, value)) = line.trim().split_once(':') {
                headers.insert(name.to_lowercase(), value.trim().to_owned());
            }
        }
        let play = next(&mut plays.lock().unwrap(), &path);
        let play = play.unwrap_or(Play::Answer(404, Vec::new(), b"<html>not found</html>".to_vec()));
        let etag = |body: &[u8]| {
            use sha2::{Digest, Sha256};
            format!("\"{}\"", &coverage287::spec::hex(&Sha256::digest(body))[..16])
        };
        let (status, extra, body) = match &play {
            Play::Answer(status, headers, body) => (*status, headers.clone(), body.clone()),
            Play::File(body) if headers.get("if-none-match") == Some(&etag(body)) => {
                (304, Vec::new(), Vec::new())
            }
            Play::File(body) => (200, vec![("ETag".to_owned(), etag(body))], body.clone()),
            Play::Plain(body) | Play::WrongLength(body, _) | Play::Drip(body, _) | Play::Chunked(body) => {
                (200, Vec::new(), body.clone())
            }
            Play::Endless => (200, Vec::new(), Vec::new()),
            Play::Unsized(body) | Play::Silent(body) => {
                (200, vec![("ETag".to_owned(), "\"x\"".to_owned())], body.clone())
            }
            Play::Closes | Play::Mute | Play::Then(_) => (0, Vec::new(), Vec::new()),
        };
        log.lock().unwrap().push(Asked { headers, status });
        let mut head = format!("HTTP/1.1 {status} X\r\n");
        extra.iter().for_each(|(name, value)| head.push_str(&format!("{name}: {value}\r\n")));
        let sent = match &play {
            Play::Closes | Play::Then(_) => return,
            Play::Mute => {
                std::thread::sleep(Duration::from_secs(20));
                return;
            }
            Play::Silent(body) => {
                let head = format!("{head}Content-Length: {}\r\n\r\n", body.len() + 1);
                stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body)).ok();
                std::thread::sleep(Duration::from_secs(20));
                return;
            }
            Play::Unsized(body) => {
                let head = format!("{head}Connection: close\r\n\r\n");
                stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body)).ok();
                return;
            }
            Play::Chunked(body) => {
                let mut sent = format!("{head}Transfer-Encoding: chunked\r\n\r\n").into_bytes();
                for chunk in body.chunks(1_000) {
                    sent.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
                    sent.extend_from_slice(chunk);
                    sent.extend_from_slice(b"\r\n");
                }
                sent.extend_from_slice(b"0\r\n\r\n");
                stream.write_all(&sent)
            }
            Play::Endless => {
                // Bounded, so that a client that takes it all ends too.
                let some = vec![b'x'; 1 << 16];
                let head = format!("{head}\r\n");
                stream
                    .write_all(head.as_bytes())
                    .and_then(|()| (0..10_000).try_for_each(|_| stream.write_all(&some)))
                    .ok();
                return;
            }
            Play::WrongLength(body, length) => {
                let head = format!("{head}Content-Length: {length}\r\n\r\n");
                stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body)).ok();
                return;
            }
            Play::Drip(body, pause) => {
                let head = format!("{head}Content-Length: {}\r\n\r\n", body.len());
                let drip = |stream: &mut TcpStream, byte: &u8| {
                    std::thread::sleep(*pause);
                    stream.write_all(&[*byte]).and_then(|()| stream.flush())
                };
                stream.write_all(head.as_bytes()).ok();
                body.iter().try_for_each(|byte| drip(&mut stream, byte)).ok();
                return;
            }
            _ if status == 304 => stream.write_all(format!("{head}\r\n").as_bytes()),
            _ => {
                let head = format!("{head}Content-Length: {}\r\n\r\n", body.len());
                stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body))
            }
        };
        if sent.is_err() {
            return;
        }
    }
}

/// Returns the answer at a path now; of several, each is given once, and the last stays.
fn next(plays: &mut HashMap<String, Play>, path: &str) -> Option<Play> {
    let play = plays.get_mut(path)?;
    match play {
        Play::Then(list) if list.len() > 1 => Some(list.remove(0)),
        Play::Then(list) => list.first().cloned(),
        one => Some(one.clone()),
    }
}
