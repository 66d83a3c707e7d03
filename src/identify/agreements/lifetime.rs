//! How long each agreement stayed on the lists, as a survival model takes it: an interval, with the reason where its end
//! was not seen.

use jiff::civil::Date;
use typed_index_collections::TiVec;

use crate::identify::agreements::agreement::Agreement;
use crate::identify::agreements::follow::Agreements;
use crate::words::{AgreementAt, CensorReason, EndKind, Status};

/// The life of an agreement. Unit: days.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Lifetime {
    /// Its age when it came under observation: 0 where its begin was seen, and its age since signing where the first list
    /// has it already. `None` where that is not known.
    pub entry: Option<i32>,
    /// The shortest life that the lists allow.
    pub lower: Option<i32>,
    /// The longest life that the lists allow; `None` where no end was seen.
    pub upper: Option<i32>,
    /// Why no end was seen; `None`: the agreement was removed.
    pub censored: Option<CensorReason>,
}

/// The days between which something began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Begin {
    after: Option<Date>,
    by: Date,
}

/// Returns the life of every agreement. One that lists printed under a wrong name or model has none: its days belong to
/// the agreement that was meant.
pub fn lifetimes(agreements: &Agreements) -> TiVec<AgreementAt, Lifetime> {
    let all = &agreements.agreements;
    let mut begins: TiVec<AgreementAt, Option<Begin>> = all.iter().map(begin).collect();
    for at in all.keys().filter(|at| is_misprint(&all[*at])) {
        let meant = agreements.counts_for(at);
        let own = begins[at];
        let is_meant = |other: &Agreement| other.agency == meant.agency && other.model == meant.model;
        if let Some((target, _)) = all.iter_enumerated().find(|(other, a)| *other != at && is_meant(a)) {
            begins[target] = begins[target].into_iter().chain(own).min_by_key(|begin| begin.by);
        }
    }
    all.iter().zip(begins).map(|(agreement, begin)| lifetime(agreement, begin)).collect()
}

fn begin(agreement: &Agreement) -> Option<Begin> {
    agreement.spells.first().map(|spell| Begin { after: spell.began_after, by: spell.began_by })
}

fn is_misprint(agreement: &Agreement) -> bool {
    let kind = agreement.end.as_ref().map(|end| end.kind);
    matches!(kind, Some(EndKind::Relabelled | EndKind::StateCorrected | EndKind::ListingError))
}

fn lifetime(agreement: &Agreement, begin: Option<Begin>) -> Lifetime {
    if is_misprint(agreement) {
        return Lifetime { censored: Some(CensorReason::Misprint), ..Lifetime::default() };
    }
    let censored = match agreement.status {
        Status::Active => Some(CensorReason::StillListed),
        Status::Unconfirmed => Some(CensorReason::Unconfirmed),
        Status::Succeeded => Some(CensorReason::Succeeded),
        Status::Ended => None,
    };
    let last = agreement.last_spell();
    let ended = last.ended_by.filter(|_| censored.is_none());
    let days = |from: Date, until: Date| (until - from).get_days();
    match begin {
        // It lived already when the first list was made: its age runs from its signature.
        Some(Begin { after: None, by }) => {
            let signed = agreement.first_signed.filter(|signed| *signed <= by);
            Lifetime {
                entry: signed.map(|signed| days(signed, by)),
                lower: signed.map(|signed| days(signed, last.last_listed)),
                upper: signed.zip(ended).map(|(signed, ended)| days(signed, ended)),
                censored,
            }
        }
        Some(Begin { after: Some(after), by }) => Lifetime {
            entry: Some(0),
            lower: Some(days(by, last.last_listed)),
            upper: ended.map(|ended| days(after, ended)),
            censored,
        },
        None => Lifetime { censored, ..Lifetime::default() },
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::identify::{End, Spell};
    use crate::words::Model;

    const DAYS: [Date; 4] = [date(2025, 3, 1), date(2025, 3, 11), date(2025, 3, 31), date(2025, 5, 10)];

    /// An agreement of the agency at this position, on the lists from one up to another.
    fn agreement(agency: usize, model: Model, from: usize, until: Option<usize>) -> Agreement {
        let last = until.map_or(3, |until| until - 1);
        Agreement {
            id: format!("{agency}-{model}"),
            agency: agency.into(),
            model,
            lines: Vec::new(),
            spells: vec![Spell {
                began_after: from.checked_sub(1).map(|before| DAYS[before]),
                began_by: DAYS[from],
                last_listed: DAYS[last],
                ended_after: until.map(|_| DAYS[last]),
                ended_by: until.map(|until| DAYS[until]),
                signed_date: None,
                list_count: 1,
                samples: (from.into(), last.into()),
            }],
            events: Vec::new(),
            first_signed: None,
            moa_url: None,
            addendum_url: None,
            status: if until.is_some() { Status::Ended } else { Status::Active },
            end: None,
        }
    }

    fn end(kind: EndKind, successor: Option<usize>) -> Option<End> {
        let successor = successor.map(Into::into);
        Some(End { kind, successor, meant_model: None, evidence: String::new() })
    }

    fn all(agreements: Vec<Agreement>) -> Agreements {
        Agreements { agreements: agreements.into(), of_row: TiVec::new() }
    }

    #[test]
    fn lives_are_intervals() {
        let ended = Agreement { end: end(EndKind::Removed, None), ..agreement(0, Model::Tfm, 1, Some(3)) };
        let listed = agreement(1, Model::Tfm, 2, None);
        let first = Agreement { first_signed: Some(date(2025, 1, 10)), ..agreement(2, Model::Tfm, 0, None) };
        let undated = agreement(3, Model::Tfm, 0, Some(2));
        let undated = Agreement { end: end(EndKind::Removed, None), ..undated };
        let missing = Agreement { status: Status::Unconfirmed, ..agreement(4, Model::Tfm, 1, Some(3)) };
        let lives = lifetimes(&all(vec![ended, listed, first, undated, missing])).raw;
        let life = |entry, lower, upper, censored| Lifetime { entry, lower, upper, censored };
        assert_eq!(
            lives,
            [
                // Listed on March 11 and 31, and neither on March 1 nor on May 10.
                life(Some(0), Some(20), Some(70), None),
                life(Some(0), Some(40), None, Some(CensorReason::StillListed)),
                life(Some(50), Some(120), None, Some(CensorReason::StillListed)),
                life(None, None, None, None),
                life(Some(0), Some(20), None, Some(CensorReason::Unconfirmed)),
            ]
        );
    }

    #[test]
    fn days_under_a_wrong_name_belong_to_the_agreement_that_was_meant() {
        let misprint = Agreement {
            end: end(EndKind::Relabelled, Some(1)),
            status: Status::Succeeded,
            ..agreement(0, Model::Tfm, 1, Some(2))
        };
        let lives = lifetimes(&all(vec![misprint, agreement(1, Model::Tfm, 2, None)])).raw;
        assert_eq!(lives[0], Lifetime { censored: Some(CensorReason::Misprint), ..Lifetime::default() });
        // It was there from March 11 on, and not from March 31 on.
        assert_eq!((lives[1].entry, lives[1].lower), (Some(0), Some(60)));
    }
}
