//! An agreement, its stretches on the lists and what changed.

use jiff::civil::Date;

use crate::identify::names::sightings::Cite;
use crate::read::Text;
use crate::words::{AgencyAt, AgreementAt, EndKind, EventKind, Model, RowAt, SampleAt, Status};

/// An agreement.
#[derive(Debug)]
pub struct Agreement {
    pub id: String,
    /// Position among the agencies.
    pub agency: AgencyAt,
    pub model: Model,
    /// The rows that lists print of it, in the order of the lists.
    pub lines: Vec<PrintedRun>,
    pub spells: Vec<Spell>,
    pub events: Vec<Event>,
    pub first_signed: Option<Date>,
    pub moa_url: Option<Text>,
    pub addendum_url: Option<Text>,
    pub status: Status,
    /// Why it ended, where it has.
    pub end: Option<End>,
}

impl Agreement {
    /// Returns the open spell, or else the last one.
    pub fn last_spell(&self) -> &Spell {
        self.spells.last().expect("an agreement is made from at least one listing")
    }
}

/// The end of an agreement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct End {
    pub kind: EndKind,
    /// Position of the agreement that took its place.
    pub successor: Option<AgreementAt>,
    /// The model whose row it was meant to be, where the row was an error.
    pub meant_model: Option<Model>,
    pub evidence: String,
}

/// The row that consecutive lists print of an agreement, as long as it stays the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PrintedRun {
    /// Positions of the first and last such list among the participating lists that count.
    pub samples: (SampleAt, SampleAt),
    /// The distinct row.
    pub row: RowAt,
    /// Where the first such list prints it.
    pub cite: Cite,
    pub signed: Option<Date>,
}

/// An unbroken stretch on the lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spell {
    pub began_after: Option<Date>,
    pub began_by: Date,
    pub last_listed: Date,
    pub ended_after: Option<Date>,
    pub ended_by: Option<Date>,
    pub signed_date: Option<Date>,
    pub list_count: usize,
    /// Positions of its first and last list among the participating lists.
    pub samples: (SampleAt, SampleAt),
}

/// The days of a spell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SpellDays {
    pub began_by: Date,
    /// Day of the first list without it; `None` if it is still listed.
    pub ended_by: Option<Date>,
}

impl From<&Spell> for SpellDays {
    fn from(spell: &Spell) -> Self {
        Self { began_by: spell.began_by, ended_by: spell.ended_by }
    }
}

/// A change from one list to the next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    pub list_id: String,
    pub date: Date,
    pub event: EventKind,
    pub old_value: Option<String>,
    pub new_value: Option<String>,
    /// Number on the sheet of the row that shows it; `None` where the change is that the row is missing.
    pub row_number: Option<u32>,
}
