//! `pipelines/fetch.toml`: where inputs are fetched from. Not part of what makes a release.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use url::Url;

use super::{SpecError, SpecFiles, hex};

const FILE: &str = "pipelines/fetch.toml";

/// Where inputs come from, and how they are asked for.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FetchSpec {
    pub web: WebSpec,
    #[serde(rename = "host")]
    pub hosts: Vec<HostSpec>,
    pub page: PageSpec,
    pub acs: AcsSpec,
    pub reference: ReferenceSpec,
}

/// How requests are made.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WebSpec {
    pub user_agent: String,
    pub pause_ms: u64,
    pub connect_seconds: u64,
    pub answer_seconds: u64,
    pub silent_seconds: u64,
    pub total_seconds: u64,
    pub redirects: usize,
    pub tries: u32,
    pub first_wait_ms: u64,
    pub longest_wait_seconds: u64,
    pub proxy: Option<String>,
}

/// A host that may be asked.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HostSpec {
    /// Its name, with its port where that is not the scheme's.
    pub name: String,
    /// Whether it may be asked without encryption, too.
    #[serde(default)]
    pub http: bool,
    /// Whether it may be asked at an address that is not public, too.
    #[serde(default)]
    pub private: bool,
}

/// The page that links to the lists.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct PageSpec {
    pub url: Url,
    /// The name under which the page's statements are published.
    pub name: String,
    pub bytes: u64,
    /// The most spreadsheets that a page may link to.
    pub most_lists: usize,
    /// The most candidates that are asked for though they do not say that they are spreadsheets.
    pub most_asked: usize,
    pub endings: Vec<String>,
    pub says_spreadsheet: Vec<String>,
    /// Words of a link that leads to what the heading above it names.
    pub says_list: Vec<String>,
    /// Endings of file names, and beginnings of paths, that no list has.
    pub other_endings: Vec<String>,
    pub other_paths: Vec<String>,
    pub passed_over: Vec<String>,
    /// Words in titles and headings of pages that keep a program out.
    pub walls: Vec<String>,
    #[serde(rename = "kind")]
    pub kinds: Vec<LinkKind>,
}

impl PageSpec {
    /// sha256, in hex, over this spec and the program, which decide what a link means.
    pub fn fingerprint(&self) -> String {
        let text = serde_json::to_string(self).expect("a spec is plain data");
        hex(&Sha256::digest(format!("{text}\n{}", env!("COVERAGE287_PROGRAM"))))
    }
}

/// A kind of link.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct LinkKind {
    pub name: String,
    /// A link with one of these words is of this kind.
    pub words: Vec<String>,
    /// Whether a page without such a link is an error; a missing link of another kind is reported once.
    pub required: bool,
}

/// ACS summary files.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AcsSpec {
    /// With `{year}` and `{table}`.
    pub url: String,
    /// Last years of vintages.
    pub years: Vec<i16>,
    pub tables: Vec<String>,
    /// How a file must begin.
    pub begins: String,
}

impl AcsSpec {
    /// The address of a table of a vintage.
    pub fn address(&self, year: i16, table: &str) -> Result<Url, SpecError> {
        let text = self.url.replace("{year}", &year.to_string()).replace("{table}", &table.to_lowercase());
        Url::parse(&text).map_err(|e| SpecError::says(FILE, format!("acs.url: {text}: {e}")))
    }
}

/// Files of codes.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReferenceSpec {
    pub bytes: u64,
    #[serde(rename = "file")]
    pub files: Vec<ReferenceFile>,
}

/// One file of codes.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReferenceFile {
    pub url: Url,
    /// How it must begin.
    pub begins: String,
}

impl FetchSpec {
    /// Reads the file and checks what it says.
    ///
    /// # Errors
    /// [`SpecError`].
    pub fn load(files: &SpecFiles) -> Result<Self, SpecError> {
        files.check_root()?;
        let spec: Self = files.toml(FILE)?;
        let says = |message: &str| Err(SpecError::says(FILE, message));
        if spec.web.tries == 0 {
            return says("web.tries must be at least 1");
        }
        if spec.page.kinds.is_empty() || spec.page.kinds.iter().any(|kind| kind.words.is_empty()) {
            return says("page.kind: at least one, each with words");
        }
        let page = &spec.page;
        let words = [
            &page.endings,
            &page.says_spreadsheet,
            &page.says_list,
            &page.other_endings,
            &page.other_paths,
            &page.passed_over,
            &page.walls,
        ];
        let words = words.into_iter().chain(page.kinds.iter().map(|kind| &kind.words)).flatten();
        let is_misspelled = |word: &String| word.is_empty() || *word != word.to_lowercase();
        if words.filter(|word| is_misspelled(word)).count() > 0 {
            return says("page: words, endings and paths are written in small letters, and none is empty");
        }
        spec.acs.address(2023, "B05002")?;
        Ok(spec)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_spec_loads_and_its_addresses_are_allowed() {
        let spec = FetchSpec::load(&SpecFiles::default()).unwrap();
        let acs = spec.acs.address(2023, "B05002").unwrap();
        assert!(acs.as_str().ends_with("/2023/table-based-SF/data/5YRData/acsdt5y2023-b05002.dat"), "{acs}");
        let addresses = spec.reference.files.iter().map(|file| &file.url).chain([&spec.page.url, &acs]);
        for address in addresses {
            let host = address.host_str().unwrap();
            assert!(
                spec.hosts.iter().any(|known| known.name == host && !known.http && !known.private),
                "{address}"
            );
            assert_eq!(address.scheme(), "https");
        }
    }
}
