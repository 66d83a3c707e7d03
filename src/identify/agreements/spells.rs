//! Unbroken stretches of an agreement on the lists, with both ends as intervals.

use jiff::civil::Date;

use crate::identify::agreements::agreement::PrintedRun;
use crate::identify::agreements::agreement::Spell;

/// Cuts the printed rows of an agreement into spells. `days` are the days of all lists.
pub fn spells(lines: &[PrintedRun], days: &[Date]) -> Vec<Spell> {
    let mut spells = Vec::new();
    for run in lines.chunk_by(|a, b| b.samples.0 == a.samples.1 + 1) {
        let (Some(first), Some(newest)) = (run.first(), run.last()) else { continue };
        let (first, last) = (first.samples.0, newest.samples.1);
        let without = days.get(last as usize + 1);
        let day = |sample: u32| days[sample as usize];
        spells.push(Spell {
            began_after: first.checked_sub(1).map(day),
            began_by: day(first),
            last_listed: day(last),
            ended_after: without.map(|_| day(last)),
            ended_by: without.copied(),
            signed_date: newest.signed,
            list_count: (last - first + 1) as usize,
            samples: (first, last),
        });
    }
    spells.shrink_to_fit();
    spells
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::identify::Cite;

    fn line(first: u32, last: u32, signed: Option<Date>) -> PrintedRun {
        PrintedRun { samples: (first, last), row: 0, cite: Cite { list: first, row_number: 2 }, signed }
    }

    #[test]
    fn a_gap_makes_two_spells() {
        let days: Vec<_> = (1..=6).map(|day| date(2025, 7, day)).collect();
        let signed = Some(date(2025, 3, 1));
        let spells = spells(&[line(0, 1, signed), line(2, 2, None), line(4, 4, signed)], &days);
        assert_eq!(spells.len(), 2);
        assert_eq!((spells[0].began_after, spells[0].began_by), (None, days[0]));
        assert_eq!((spells[0].ended_after, spells[0].ended_by), (Some(days[2]), Some(days[3])));
        assert_eq!((spells[0].signed_date, spells[0].list_count), (None, 3));
        assert_eq!((spells[1].began_after, spells[1].began_by), (Some(days[3]), days[4]));
        assert_eq!((spells[1].ended_by, spells[1].list_count), (Some(days[5]), 1));
    }

    #[test]
    fn what_is_on_the_last_list_has_no_end() {
        let days = [date(2025, 7, 1), date(2025, 7, 2)];
        let spells = spells(&[line(1, 1, None)], &days);
        assert_eq!((spells[0].ended_after, spells[0].ended_by, spells[0].signed_date), (None, None, None));
    }
}
