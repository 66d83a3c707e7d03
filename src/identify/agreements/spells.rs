//! Unbroken stretches of an agreement on the lists, with both ends as intervals.

use jiff::civil::Date;
use typed_index_collections::TiSlice;

use crate::identify::agreements::agreement::{PrintedRun, Spell};
use crate::words::SampleAt;

/// Cuts the printed rows of an agreement into spells. `days` are the days of all lists.
pub fn spells(lines: &[PrintedRun], days: &TiSlice<SampleAt, Date>) -> Vec<Spell> {
    let mut spells = Vec::new();
    for run in lines.chunk_by(|a, b| b.samples.0 == a.samples.1.after()) {
        let (Some(first), Some(newest)) = (run.first(), run.last()) else { continue };
        let (first, last) = (first.samples.0, newest.samples.1);
        let without = days.get(last.after());
        let day = |sample: SampleAt| days[sample];
        spells.push(Spell {
            began_after: last_day_before(day(first), days),
            began_by: day(first),
            last_listed: day(last),
            ended_after: without.map(|_| day(last)),
            ended_by: without.copied(),
            signed_date: newest.signed,
            list_count: last.lists_since(first) as usize + 1,
            samples: (first, last),
        });
    }
    spells.shrink_to_fit();
    spells
}

/// The last day with a list before a day. An earlier edition of the same day is none: the begin is an interval of days,
/// as in the tables that count one list a day.
fn last_day_before(by: Date, days: &TiSlice<SampleAt, Date>) -> Option<Date> {
    let before = days.raw.partition_point(|day| *day < by);
    before.checked_sub(1).map(|at| days.raw[at])
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use typed_index_collections::TiVec;

    use super::*;
    use crate::identify::Cite;

    fn line(first: usize, last: usize, signed: Option<Date>) -> PrintedRun {
        let cite = Cite { list: first.into(), row_number: 2 };
        PrintedRun { samples: (first.into(), last.into()), row: 0.into(), cite, signed }
    }

    #[test]
    fn a_gap_makes_two_spells() {
        let days: TiVec<SampleAt, _> = (1..=6).map(|day| date(2025, 7, day)).collect();
        let signed = Some(date(2025, 3, 1));
        let spells = spells(&[line(0, 1, signed), line(2, 2, None), line(4, 4, signed)], &days);
        assert_eq!(spells.len(), 2);
        assert_eq!((spells[0].began_after, spells[0].began_by), (None, days.raw[0]));
        assert_eq!((spells[0].ended_after, spells[0].ended_by), (Some(days.raw[2]), Some(days.raw[3])));
        assert_eq!((spells[0].signed_date, spells[0].list_count), (None, 3));
        assert_eq!((spells[1].began_after, spells[1].began_by), (Some(days.raw[3]), days.raw[4]));
        assert_eq!((spells[1].ended_by, spells[1].list_count), (Some(days.raw[5]), 1));
    }

    #[test]
    fn an_earlier_edition_of_the_day_is_not_the_day_before() {
        let days = TiVec::from([1, 2, 2, 2].map(|day| date(2025, 7, day)).to_vec());
        let of = |first: usize| spells(&[line(first, 3, None)], &days)[0].clone();
        for (first, after) in [(0, None), (1, Some(1)), (2, Some(1)), (3, Some(1))] {
            assert_eq!(of(first).began_after, after.map(|day| date(2025, 7, day)), "{first}");
            assert_eq!(of(first).began_by, days.raw[first]);
        }
    }

    #[test]
    fn what_is_on_the_last_list_has_no_end() {
        let days = TiVec::from(vec![date(2025, 7, 1), date(2025, 7, 2)]);
        let spells = spells(&[line(1, 1, None)], &days);
        assert_eq!((spells[0].ended_after, spells[0].ended_by, spells[0].signed_date), (None, None, None));
    }
}
