//! A printed row becomes a [`Listing`]; what changed on the way becomes repairs.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;
use std::sync::Arc;

use jiff::civil::Date;
use rayon::prelude::*;
use typed_index_collections::{TiSlice, TiVec};

use super::{Clean, Repair, agency_type, clean, county, model, signed_date, state};
use crate::addresses::link;
use crate::mailboxes::withhold_mailboxes;
use crate::read::{Text, TextId, cell_slot, link_slot};
use crate::reference::{Counties, States};
use crate::spec::{Field, Vocabulary};
use crate::words::{AgencyType, CountyFips, LinkRule, Model, RowAt, StateCode};

/// One distinct row, clean, with what is printed beside it.
#[derive(Debug, Clone)]
pub struct Listing {
    pub state: Option<StateCode>,
    /// The state in its cell, where that is another one.
    pub state_named: Option<StateCode>,
    pub agency_name: Option<Text>,
    pub agency_type: Option<AgencyType>,
    pub model: Option<Model>,
    pub signed_date: Option<Date>,
    /// The county this row names.
    pub county: Option<CountyFips>,
    pub moa_url: Option<Text>,
    pub addendum_url: Option<Text>,
    pub printed: Printed,
    /// The repairs on the way, at most one for each column and step. Rows with the same change share one value.
    pub repairs: Vec<Arc<Repair>>,
}

/// A row's cells as printed, mailboxes withheld.
#[derive(Debug, Clone, Default)]
pub struct Printed {
    pub state: Option<Text>,
    pub agency: Option<Text>,
    pub agency_type: Option<Text>,
    pub county: Option<Text>,
    pub model: Option<Text>,
    pub signed: Option<Text>,
    pub moa: Option<Text>,
    pub moa_link: Option<Text>,
    pub addendum: Option<Text>,
    pub addendum_link: Option<Text>,
}

/// The fields of a row in their order, then the links behind MOA and ADDENDUM, as numbers of texts; the first is 1.
pub type Slots = [Option<TextId>; Field::COUNT + 2];

/// Distinct rows as printed.
#[derive(Debug, Default)]
pub struct RawTexts {
    pub texts: Vec<Text>,
    pub rows: TiVec<RowAt, Slots>,
}

/// The printed name of a field's column.
pub fn column(field: Field) -> &'static str {
    match field {
        Field::State => "STATE",
        Field::Agency => "LAW ENFORCEMENT AGENCY",
        Field::Type => "TYPE",
        Field::County => "COUNTY",
        Field::Model => "SUPPORT TYPE",
        Field::Signed => "SIGNED",
        Field::Moa => "MOA",
        Field::Addendum => "ADDENDUM",
    }
}

/// One thread cleans this many rows at a time; it reads each of their distinct values once.
const ROWS_AT_A_TIME: usize = 4_096;

/// Cleans distinct rows. `first_days` are the days of the first lists that print them: each signing date is compared
/// with that day.
pub fn normalise(
    raw: &RawTexts,
    first_days: &TiSlice<RowAt, Date>,
    vocabulary: &Vocabulary,
    states: &States,
    counties: &Counties,
) -> TiVec<RowAt, Listing> {
    let chunks = raw.rows.raw.par_chunks(ROWS_AT_A_TIME).zip(first_days.raw.par_chunks(ROWS_AT_A_TIME));
    let cleaned = chunks.map(|(rows, days)| {
        let mut cleaner = Cleaner {
            vocabulary,
            states,
            counties,
            texts: &raw.texts,
            seen: Seen::default(),
            repairs: Vec::new(),
        };
        rows.iter().zip(days).map(|(row, day)| cleaner.row(row, *day)).collect()
    });
    let cleaned: Vec<Vec<Listing>> = cleaned.collect();
    // Moves chunk by chunk: each chunk is gone once it is moved.
    let mut all = Vec::with_capacity(raw.rows.len());
    cleaned.into_iter().for_each(|mut chunk| all.append(&mut chunk));
    all.into()
}

/// The reading of each distinct printed value.
#[derive(Default)]
struct Seen {
    texts: HashMap<Text, (Text, Clean<Text>)>,
    states: HashMap<Text, Clean<StateCode>>,
    types: HashMap<Text, Clean<AgencyType>>,
    counties: HashMap<(StateCode, Text), Clean<CountyFips>>,
    models: HashMap<Text, Clean<Model>>,
    /// `None` for a text that is no address.
    links: HashMap<Text, Option<CellAddress>>,
    repairs: SharedTexts,
}

/// An address in a cell, its texts shared by every row that prints it.
#[derive(Clone)]
struct CellAddress {
    printed: Text,
    url: Option<Text>,
    rules: Vec<LinkRule>,
}

/// Repairs, each distinct one kept once.
#[derive(Default)]
struct SharedTexts(HashSet<Arc<Repair>>);

impl SharedTexts {
    fn share(&mut self, repair: Repair) -> Arc<Repair> {
        if let Some(known) = self.0.get(&repair) {
            return Arc::clone(known);
        }
        let shared = Arc::new(repair);
        self.0.insert(Arc::clone(&shared));
        shared
    }
}

struct Cleaner<'a> {
    vocabulary: &'a Vocabulary,
    states: &'a States,
    counties: &'a Counties,
    texts: &'a [Text],
    seen: Seen,
    /// Repairs of the row at hand.
    repairs: Vec<Repair>,
}

impl Cleaner<'_> {
    fn row(&mut self, row: &Slots, first_day: Date) -> Listing {
        let (state_printed, state_text) = self.text(row, Field::State);
        let state =
            self.value(Field::State, state_text, |c| &mut c.seen.states, |c, text| state(text, c.states));
        let (agency_printed, agency_name) = self.text(row, Field::Agency);
        let (type_printed, type_text) = self.text(row, Field::Type);
        let agency_type = self.value(
            Field::Type,
            type_text,
            |c| &mut c.seen.types,
            |c, text| agency_type(text, c.vocabulary),
        );
        let (county_printed, county_text) = self.text(row, Field::County);
        let county = self.county(state, county_text);
        let (model_printed, model_text) = self.text(row, Field::Model);
        let model =
            self.value(Field::Model, model_text, |c| &mut c.seen.models, |c, text| model(text, c.vocabulary));
        let (signed_printed, signed_text) = self.text(row, Field::Signed);
        let signed_date = signed_text.and_then(|text| {
            let clean = signed_date(&text, first_day, model);
            self.record(Field::Signed, "date", &text, &clean, Date::to_string);
            clean.value
        });
        let moa = self.link(row, Field::Moa);
        let addendum = self.link(row, Field::Addendum);
        Listing {
            state,
            state_named: None,
            agency_name,
            agency_type,
            model,
            signed_date,
            county,
            moa_url: moa.url,
            addendum_url: addendum.url,
            printed: Printed {
                state: state_printed,
                agency: agency_printed,
                agency_type: type_printed,
                county: county_printed,
                model: model_printed,
                signed: signed_printed,
                moa: moa.text,
                moa_link: moa.link,
                addendum: addendum.text,
                addendum_link: addendum.link,
            },
            repairs: self.repairs.drain(..).map(|repair| self.seen.repairs.share(repair)).collect(),
        }
    }

    /// The cell as printed, mailboxes withheld, and its cleaned text.
    fn text(&mut self, row: &Slots, field: Field) -> (Option<Text>, Option<Text>) {
        let Some(raw) = row[cell_slot(field)].map(|id| &self.texts[id.get() as usize - 1]) else {
            return (None, None);
        };
        let vocabulary = self.vocabulary;
        let (printed, clean) = self.seen.texts.entry(raw.clone()).or_insert_with(|| {
            let printed: Text = match withhold_mailboxes(raw) {
                std::borrow::Cow::Borrowed(_) => raw.clone(),
                std::borrow::Cow::Owned(text) => text.into(),
            };
            let clean = clean(&printed, vocabulary);
            let value = clean.value.map(|text| if *text == **raw { raw.clone() } else { text.into() });
            (printed, Clean { value, fix: clean.fix })
        });
        let (printed, clean) = (printed.clone(), clean.clone());
        self.record(field, "text", &printed, &clean, |text| text.to_string());
        (Some(printed), clean.value)
    }

    /// Reads a cleaned text as a typed value, once per distinct text.
    fn value<T: Copy + ToString>(
        &mut self,
        field: Field,
        text: Option<Text>,
        seen: fn(&mut Self) -> &mut HashMap<Text, Clean<T>>,
        read: impl Fn(&Self, &str) -> Clean<T>,
    ) -> Option<T> {
        let text = text?;
        let clean = match seen(self).get(&text) {
            Some(clean) => clean.clone(),
            None => {
                let clean = read(self, &text);
                seen(self).insert(text.clone(), clean.clone());
                clean
            }
        };
        let step = match field {
            Field::State => "state",
            Field::Type => "type",
            _ => "model",
        };
        self.record(field, step, &text, &clean, T::to_string);
        clean.value
    }

    fn county(&mut self, state: Option<StateCode>, text: Option<Text>) -> Option<CountyFips> {
        // Without a state a county name means nothing; the state's own repair says why it is null.
        let (state, text) = (state?, text?);
        let counties = self.counties;
        let clean =
            remember(&mut self.seen.counties, (state, text.clone()), || county(&text, state, counties));
        let name = |fips: &CountyFips| counties.get(*fips).map_or_else(String::new, |c| c.name.clone());
        let value = clean.value.as_ref().map(name);
        self.record(Field::County, "county", &text, &Clean { value, fix: clean.fix }, String::clone);
        clean.value
    }

    fn link(&mut self, row: &Slots, field: Field) -> PrintedLink {
        let mut found = PrintedLink::default();
        let vocabulary = self.vocabulary;
        // The link behind the cell takes precedence over an address typed into it.
        for (slot, is_link) in [(link_slot(field), true), (cell_slot(field), false)] {
            let Some(raw) = row[slot].map(|id| &self.texts[id.get() as usize - 1]) else { continue };
            let read = remember(&mut self.seen.links, raw.clone(), || {
                link(raw, &vocabulary.agreement_hosts).map(|address| CellAddress {
                    printed: address.printed.into(),
                    url: address.url.map(Text::from),
                    rules: address.rules,
                })
            });
            let shown = match read {
                Some(CellAddress { printed, url, rules }) => {
                    let last = self.repairs.last_mut().filter(|r| r.is_of(column(field), "link"));
                    if let Some(last) = last {
                        // A value has one repair for each step: the link and the text of a cell are one value.
                        if found.url.is_none() {
                            last.rule = format!("{}+{}", last.rule, joined(&rules));
                            last.value = url.as_deref().map(str::to_owned);
                        }
                    } else if !rules.is_empty() && found.url.is_none() {
                        let withheld = rules.contains(&LinkRule::MailboxWithheld);
                        self.repairs.push(Repair {
                            column: column(field),
                            step: "link",
                            value_printed: (!withheld).then(|| printed.clone()),
                            value: url.as_deref().map(str::to_owned),
                            evidence: rules.contains(&LinkRule::OtherHost).then(|| {
                                let hosts = vocabulary.agreement_hosts.join(" and ");
                                format!(
                                    "agreements are published on {hosts}; this address is on another host"
                                )
                            }),
                            rule: joined(&rules),
                        });
                    }
                    if found.url.is_none() {
                        found.url = url;
                    }
                    printed
                }
                None => match withhold_mailboxes(raw) {
                    std::borrow::Cow::Borrowed(_) => raw.clone(),
                    std::borrow::Cow::Owned(text) => text.into(),
                },
            };
            *(if is_link { &mut found.link } else { &mut found.text }) = Some(shown);
        }
        self.record_lost_link(field, &found);
        found
    }

    /// Records a cell that says something, has no link and does not say that one is to come.
    fn record_lost_link(&mut self, field: Field, found: &PrintedLink) {
        let has_repair = self.repairs.last().is_some_and(|r| r.is_of(column(field), "link"));
        if let Some(link) = found.link.as_ref().filter(|_| found.url.is_none() && !has_repair) {
            self.repairs.push(Repair {
                column: column(field),
                step: "link",
                value_printed: Some(link.clone()),
                value: None,
                rule: "link_unreadable".to_owned(),
                evidence: Some("what lies behind the cell is no address".to_owned()),
            });
            return;
        }
        let Some(text) = found.text.as_ref().filter(|_| found.url.is_none() && found.link.is_none()) else {
            return;
        };
        let words = text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
        let (rule, evidence) = if words.is_empty() || words.ends_with("pending") || looks_withheld(&words) {
            return;
        } else if self.vocabulary.unlinked_texts.contains(&words) {
            ("link_lost", "the cell announces a link and has none")
        } else {
            ("link_text_unknown", "the cell says neither a link nor that one is pending")
        };
        if self.repairs.last().is_some_and(|r| r.is_of(column(field), "link")) {
            return;
        }
        self.repairs.push(Repair {
            column: column(field),
            step: "link",
            value_printed: Some(text.clone()),
            value: None,
            rule: rule.to_owned(),
            evidence: Some(evidence.to_owned()),
        });
    }

    fn record<T>(
        &mut self,
        field: Field,
        step: &'static str,
        printed: &Text,
        clean: &Clean<T>,
        show: impl Fn(&T) -> String,
    ) {
        if let Some(fix) = &clean.fix {
            self.repairs.push(Repair {
                column: column(field),
                step,
                value_printed: Some(printed.clone()),
                value: clean.value.as_ref().map(show),
                rule: fix.rule.clone(),
                evidence: fix.evidence.clone(),
            });
        }
    }
}

#[derive(Default)]
struct PrintedLink {
    text: Option<Text>,
    link: Option<Text>,
    url: Option<Text>,
}

fn looks_withheld(words: &str) -> bool {
    words.contains(crate::mailboxes::WITHHELD)
}

fn remember<K: Eq + Hash, V: Clone>(seen: &mut HashMap<K, V>, key: K, read: impl FnOnce() -> V) -> V {
    seen.entry(key).or_insert_with(read).clone()
}

/// Joins rules as a repair names them.
fn joined(rules: &[LinkRule]) -> String {
    rules.iter().map(LinkRule::as_str).collect::<Vec<_>>().join("+")
}
