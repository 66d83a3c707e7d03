//! Why an agreement ended: it was removed, another agency of the same county or institution took its place under the
//! same paper, or its row was an error.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::iter::successors;

use jiff::civil::Date;
use typed_index_collections::TiSlice;

use super::agreement::{PrintedRun, Spell};
use crate::identify::agencies::agency::{Agencies, Agency};
use crate::identify::agreements::agreement::{Agreement, End};
use crate::panel::{List, Panel};
use crate::words::{AgencyAt, AgreementAt, EndKind, Level, Model, SampleAt, StateCode, Status};

/// A successor may be listed beside an agreement up to so many days before the agreement's last list.
const OVERLAP_DAYS: i32 = 31;

/// If more agreements of a state and model than this begin on one list, none of them is compared.
const MANY: usize = 400;

/// Lists that may lie between the last list with an agreement and the first with its successor.
const LISTS_BETWEEN: u32 = 1;

/// The evidence that two successive agreements share.
enum SharedEvidence {
    /// The signing date, or the agreement's file.
    Paper(String),
    /// The words of the institution.
    Institution,
}

/// Settles the end of every agreement that has ended.
pub fn succeed(
    all: &mut TiSlice<AgreementAt, Agreement>,
    panel: &Panel,
    agencies: &Agencies,
    samples: &TiSlice<SampleAt, &List>,
) {
    let finder = SuccessorFinder::new(all, panel, agencies, samples);
    let ended = all.iter_enumerated().filter(|(_, agreement)| agreement.status == Status::Ended);
    let ends: Vec<(AgreementAt, End)> = ended.map(|(at, _)| (at, finder.end(at))).collect();
    // Two agreements that took each other's place have both been removed in the end.
    let successor: BTreeMap<AgreementAt, AgreementAt> =
        ends.iter().filter_map(|(at, end)| Some((*at, end.successor?))).collect();
    for (at, end) in ends {
        let goes_round = {
            let mut next = end.successor;
            let mut steps = 0;
            while let Some(now) = next.filter(|now| *now != at && steps <= successor.len()) {
                (next, steps) = (successor.get(&now).copied(), steps + 1);
            }
            next.is_some()
        };
        let agreement = &mut all[at];
        if goes_round {
            let last = &samples[agreement.last_spell().samples.1].file_name;
            let evidence = format!("last in {last}; what took its place was itself followed by it");
            agreement.end =
                Some(End { kind: EndKind::Removed, successor: None, meant_model: None, evidence });
            continue;
        }
        if end.successor.is_some() {
            agreement.status = Status::Succeeded;
        }
        agreement.end = Some(end);
    }
}

struct SuccessorFinder<'a> {
    all: &'a TiSlice<AgreementAt, Agreement>,
    panel: &'a Panel,
    agencies: &'a TiSlice<AgencyAt, Agency>,
    samples: &'a TiSlice<SampleAt, &'a List>,
    /// The agreements of each agency.
    of_agency: HashMap<AgencyAt, Vec<AgreementAt>>,
    /// Agreements by state, model and the list on which one of their spells begins.
    comes_on: HashMap<(Option<StateCode>, Model, SampleAt), Vec<AgreementAt>>,
}

impl<'a> SuccessorFinder<'a> {
    fn new(
        all: &'a TiSlice<AgreementAt, Agreement>,
        panel: &'a Panel,
        agencies: &'a Agencies,
        samples: &'a TiSlice<SampleAt, &'a List>,
    ) -> Self {
        let agencies = agencies.agencies.as_slice();
        let mut of_agency: HashMap<AgencyAt, Vec<AgreementAt>> = HashMap::new();
        let mut comes_on: HashMap<_, Vec<AgreementAt>> = HashMap::new();
        for (at, agreement) in all.iter_enumerated() {
            of_agency.entry(agreement.agency).or_default().push(at);
            let state = agencies[agreement.agency].state;
            for spell in &agreement.spells {
                comes_on.entry((state, agreement.model, spell.samples.0)).or_default().push(at);
            }
        }
        Self { all, panel, agencies, samples, of_agency, comes_on }
    }

    fn end(&self, at: AgreementAt) -> End {
        let gone = &self.all[at];
        let agency = &self.agencies[gone.agency];
        let mut found: Vec<((bool, u32, bool), AgreementAt, SharedEvidence)> = Vec::new();
        for other in self.coming(agency, gone).into_iter().filter(|other| *other != at) {
            let come = &self.all[other];
            let Some(shared) = self.takes_over(gone, come) else { continue };
            // Among agreements under the same paper, one of the same institution is nearer.
            let is_other = !self.are_one_institution(gone, come);
            // Among agreements that came after it, the earliest is nearest.
            let last = gone.last_spell().samples.1;
            let first = come.spells.iter().map(|spell| spell.samples.0).filter(|first| *first > last).min();
            let gap = first.map_or(0, |first| first.lists_since(last));
            found.push(((matches!(shared, SharedEvidence::Institution), gap, is_other), other, shared));
        }
        found.sort_by_key(|(rank, other, _)| (*rank, *other));
        // If several are equally strong, none can be chosen.
        let strongest = found.first().map(|(rank, ..)| *rank);
        let is_alone = found.iter().filter(|(rank, ..)| Some(*rank) == strongest).count() == 1;
        let last = &self.samples[gone.last_spell().samples.1].file_name;
        if let Some((_, successor, shared)) = found.into_iter().next().filter(|_| is_alone) {
            let come = &self.all[successor];
            let name = &self.agencies[come.agency].name;
            let says = match shared {
                SharedEvidence::Paper(paper) => paper,
                SharedEvidence::Institution => "both names are of one institution".to_owned(),
            };
            let evidence = format!("last in {last}; {name} came as it left: {says}");
            return End {
                kind: EndKind::Relabelled,
                successor: Some(successor),
                meant_model: None,
                evidence,
            };
        }
        if let Some((meant, evidence)) = self.was_an_error(gone) {
            return End { kind: EndKind::ListingError, successor: None, meant_model: Some(meant), evidence };
        }
        let evidence = match self.switched_to(gone) {
            Some(switch) => format!("last in {last}; {switch}"),
            None => format!("last in {last}; no other agreement took its place"),
        };
        End { kind: EndKind::Removed, successor: None, meant_model: None, evidence }
    }

    /// Returns the agreements with a spell that begins about when another agreement's last spell ends.
    fn coming(&self, agency: &Agency, gone: &Agreement) -> BTreeSet<AgreementAt> {
        let last = gone.last_spell().samples.1;
        let day = |sample: SampleAt| self.samples[sample].day();
        let mut coming = BTreeSet::new();
        let later = successors(Some(last.after()), |at| Some(at.after())).take(1 + LISTS_BETWEEN as usize);
        let ahead = later.filter(|on| self.samples.get(*on).is_some());
        let beside = successors(Some(last), |at| at.before())
            .take_while(|on| (day(last) - day(*on)).get_days() <= OVERLAP_DAYS);
        for on in ahead.chain(beside) {
            let here = self.comes_on.get(&(agency.state, gone.model, on));
            coming.extend(here.filter(|here| here.len() <= MANY).into_iter().flatten().copied());
        }
        coming
    }

    /// Returns what two agreements share, if one came as the other left and both can be of one county or institution.
    fn takes_over(&self, gone: &Agreement, come: &Agreement) -> Option<SharedEvidence> {
        let last = gone.last_spell().samples.1;
        let day = |sample: SampleAt| self.samples[sample].day();
        let comes = |first: SampleAt| {
            first.lists_since(last) <= 1 + LISTS_BETWEEN
                && (day(last) - day(first)).get_days() <= OVERLAP_DAYS
        };
        let stays = |spell: &&Spell| comes(spell.samples.0) && spell.samples.1 > last;
        come.spells.iter().find(stays)?;
        if !self.are_kindred(gone, come) {
            return None;
        }
        let signed = |agreement: &Agreement| -> BTreeSet<Date> {
            agreement.lines.iter().filter_map(|line| line.signed).collect()
        };
        // A state's agencies may sign on one day, each for itself.
        let is_state = self.agency(gone).location.level.is_statewide();
        let may_share_a_day = !is_state || self.are_one_institution(gone, come);
        if let Some(date) = signed(gone).intersection(&signed(come)).next().filter(|_| may_share_a_day) {
            return Some(SharedEvidence::Paper(format!("both are signed {date}")));
        }
        let (ours, theirs) = (self.files(gone), self.files(come));
        if let Some(url) = ours.intersection(&theirs).next() {
            return Some(SharedEvidence::Paper(format!("both link to {url}")));
        }
        self.are_one_institution(gone, come).then_some(SharedEvidence::Institution)
    }

    fn files(&self, agreement: &Agreement) -> BTreeSet<&'a str> {
        let url = |line: &PrintedRun| self.panel.listing(line.row).moa_url.as_deref();
        agreement.lines.iter().filter_map(url).collect()
    }

    fn agency(&self, agreement: &Agreement) -> &Agency {
        &self.agencies[agreement.agency]
    }

    /// Whether the agencies of both are the state's, or serve a county in common.
    fn are_kindred(&self, a: &Agreement, b: &Agreement) -> bool {
        let (ours, theirs) = (&self.agency(a).location, &self.agency(b).location);
        if ours.level.is_statewide() || theirs.level.is_statewide() {
            return ours.level == theirs.level;
        }
        // A town's police succeeds neither its county's sheriff nor another town's police.
        let numbers = |agreement: &Agreement| self.agency(agreement).numbers.as_slice();
        let is_county = |level: Level| matches!(level, Level::County | Level::Regional);
        let shares = || ours.counties.iter().any(|county| theirs.counties.contains(county));
        match (ours.level, theirs.level) {
            (x, y) if is_county(x) && is_county(y) => {
                shares() && (x == Level::County || numbers(a) == numbers(b))
            }
            (x, y) if x != y => false,
            (Level::Campus, _) => self.are_one_institution(a, b),
            (Level::Subcounty, _) => {
                let (a, b) = (numbers(a), numbers(b));
                shares()
                    && a == b
                    && (!a.is_empty()
                        || (ours.place_geoid.is_some() && ours.place_geoid == theirs.place_geoid))
            }
            _ => ours.place_geoid.is_some() && ours.place_geoid == theirs.place_geoid,
        }
    }

    /// Whether all words of one agency's name, except those for its kind, are in the other's; for a campus, whether
    /// these words are the same.
    fn are_one_institution(&self, a: &Agreement, b: &Agreement) -> bool {
        let (ours, theirs) = (self.agency(a), self.agency(b));
        if !matches!(ours.location.level, Level::Campus | Level::State) {
            return false;
        }
        let words = |agency: &Agency| -> BTreeSet<String> {
            let words = agency.name.split(|c: char| !c.is_alphanumeric()).map(str::to_lowercase);
            let plain = ["police", "department", "board", "of", "trustees", "the", "and", "district", ""];
            words.filter(|word| !plain.contains(&word.as_str())).collect()
        };
        let is_campus = ours.location.level == Level::Campus;
        let (ours, theirs) = (words(ours), words(theirs));
        if is_campus {
            // The University of Florida is not that of West Florida.
            return ours == theirs;
        }
        let (fewer, more) = if ours.len() <= theirs.len() { (&ours, &theirs) } else { (&theirs, &ours) };
        fewer.len() > 1 && fewer.is_subset(more)
    }

    /// Returns evidence that the agency switched models: it came in another model about when it left this one.
    fn switched_to(&self, gone: &Agreement) -> Option<String> {
        let day = |sample: SampleAt| self.samples[sample].day();
        let last = day(gone.last_spell().samples.1);
        let others = Model::ALL.iter().filter(|model| **model != gone.model);
        let other = others.filter_map(|model| self.of_agency(gone, *model)).find(|other| {
            other.spells.first().is_some_and(|spell| {
                let is_later = gone.spells.first().is_some_and(|first| spell.samples.0 > first.samples.0);
                is_later
                    && (day(spell.samples.0) - last).get_days().abs() <= OVERLAP_DAYS
                    && spell.samples.1 > gone.last_spell().samples.1
            })
        })?;
        let cite = other.lines.first()?.cite.text(self.panel);
        Some(format!("its agency has {} from {cite} on: it switched models", other.model))
    }

    /// The agreement of the same agency in another model.
    fn of_agency(&self, gone: &Agreement, model: Model) -> Option<&'a Agreement> {
        let of_agency = self.of_agency.get(&gone.agency)?;
        of_agency.iter().map(|at| &self.all[*at]).find(|other| other.model == model)
    }

    /// Returns evidence that the row was printed under the wrong model: on the list after, the agency has another
    /// model, under the same signing date, that it did not have before.
    fn was_an_error(&self, gone: &Agreement) -> Option<(Model, String)> {
        let (last, signed) = (gone.last_spell().samples.1, gone.last_spell().signed_date?);
        let others = Model::ALL.iter().filter(|model| **model != gone.model);
        // The row is between two lists with the other model under the same signature, and never beside it.
        let first = gone.spells.first()?.samples.0;
        let mid = others.clone().filter_map(|model| self.of_agency(gone, *model)).find(|other| {
            let gap =
                other.spells.windows(2).any(|pair| pair[0].samples.1 < first && last < pair[1].samples.0);
            gap && gone.spells.len() == 1 && other.lines.iter().any(|line| line.signed == Some(signed))
        });
        if let Some(other) = mid {
            let at = other.lines.iter().find(|line| line.samples.0 > last)?.cite.text(self.panel);
            let evidence = format!(
                "the same signature, {signed}, is {} on the lists before and from {at} on: the model was wrong",
                other.model
            );
            return Some((other.model, evidence));
        }
        let other = others.filter_map(|model| self.of_agency(gone, *model)).find(|other| {
            let came = other
                .spells
                .first()
                .is_some_and(|spell| (1..=1 + LISTS_BETWEEN).contains(&spell.samples.0.lists_since(last)));
            came && other.lines.first().is_some_and(|line| line.signed == Some(signed))
        })?;
        let cite = other.lines.first()?.cite.text(self.panel);
        let evidence =
            format!("the same signature, {signed}, is {} from {cite} on: the model was wrong", other.model);
        Some((other.model, evidence))
    }
}
