//! How to cite a release, for people and for archives: `CITATION.cff` (Citation File Format 1.2.0), `citation.bib`
//! (BibTeX) and `zenodo.json` (the metadata of a deposit).
//!
//! A release is named by its id. The program and the tables' schema have versions of their own.

use jiff::civil::Date;
use serde_json::json;

use super::SCHEMA_VERSION;
use super::package::{DATA_LICENSE, TITLE};

const AUTHORS: &str = "The coverage287 developers";
const REPOSITORY: &str = env!("CARGO_PKG_REPOSITORY");
const PROGRAM_VERSION: &str = env!("CARGO_PKG_VERSION");
const MESSAGE: &str = "Cite the release id, and with a figure of coverage its rule, models and date.";

/// The release that is to be cited.
pub struct Cited<'a> {
    pub release_id: &'a str,
    /// The day of its newest participating list, or pending one where it has no other.
    pub newest: Option<Date>,
}

impl Cited<'_> {
    /// Returns the files: name and text.
    pub fn files(&self) -> [(&'static str, String); 3] {
        [("CITATION.cff", self.cff()), ("citation.bib", self.bibtex()), ("zenodo.json", self.deposit())]
    }

    fn about(&self) -> String {
        let lists = match self.newest {
            Some(day) => format!("ICE's lists to {day}"),
            None => "ICE's lists".to_owned(),
        };
        format!("287(g) agreements on {lists}, with the people that they reach")
    }

    fn versions(&self) -> String {
        format!("made by coverage287 {PROGRAM_VERSION}, schema {SCHEMA_VERSION}")
    }

    fn cff(&self) -> String {
        let Self { release_id, .. } = self;
        let released = self.newest.map_or_else(String::new, |day| format!("date-released: {day}\n"));
        format!(
            "cff-version: 1.2.0\nmessage: \"{MESSAGE}\"\ntype: dataset\ntitle: \"{TITLE}\"\nabstract: \"{}; {}.\"\n\
             version: \"{release_id}\"\n{released}license: {DATA_LICENSE}\nrepository-code: \"{REPOSITORY}\"\n\
             authors:\n  - name: \"{AUTHORS}\"\n",
            self.about(),
            self.versions(),
        )
    }

    fn bibtex(&self) -> String {
        let Self { release_id, .. } = self;
        let year = self.newest.map_or_else(String::new, |day| format!("  year = {{{}}},\n", day.year()));
        format!(
            "@misc{{coverage287-{release_id},\n  author = {{{{{AUTHORS}}}}},\n  title = {{{{{TITLE}}}}},\n{year}  \
             howpublished = {{\\url{{{REPOSITORY}}}}},\n  note = {{Dataset, release {release_id}: {}; {}}}\n}}\n",
            self.about(),
            self.versions(),
        )
    }

    fn deposit(&self) -> String {
        let mut metadata = json!({
            "upload_type": "dataset",
            "title": TITLE,
            "description": format!("{}; {}. Every column is explained in dictionary.md. {MESSAGE}", self.about(), self.versions()),
            "creators": [{ "name": AUTHORS }],
            "license": DATA_LICENSE.to_lowercase(),
            "access_right": "open",
            "version": self.release_id,
            "keywords": ["287(g)", "immigration enforcement", "ICE", "American Community Survey"],
            "related_identifiers": [{ "identifier": REPOSITORY, "relation": "isCompiledBy", "resource_type": "software" }],
        });
        if let Some(day) = self.newest {
            metadata["publication_date"] = json!(day.to_string());
        }
        let text = serde_json::to_string_pretty(&json!({ "metadata": metadata }));
        text.unwrap_or_default() + "\n"
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn each_form_names_the_release_and_the_licence() {
        let cited = Cited { release_id: "2025-06-06-0123abcd", newest: Some(date(2025, 6, 6)) };
        for (name, text) in cited.files() {
            assert!(text.contains("2025-06-06-0123abcd"), "{name}: {text}");
            assert!(text.contains(PROGRAM_VERSION), "{name}: {text}");
            assert!(text.contains("lists to 2025-06-06"), "{name}: {text}");
        }
        let [(_, cff), _, (_, deposit)] = cited.files();
        assert!(cff.contains("\ntype: dataset\n") && cff.contains("\nlicense: CC0-1.0\n"), "{cff}");
        let deposit: serde_json::Value = serde_json::from_str(&deposit).unwrap();
        assert_eq!(deposit["metadata"]["license"], "cc0-1.0");
        assert_eq!(deposit["metadata"]["publication_date"], "2025-06-06");
    }

    #[test]
    fn a_release_without_a_list_has_no_day() {
        let [(_, cff), (_, bibtex), (_, deposit)] =
            Cited { release_id: "none-0123abcd", newest: None }.files();
        assert!(
            !cff.contains("date-released")
                && !bibtex.contains("year")
                && !deposit.contains("publication_date")
        );
    }
}
