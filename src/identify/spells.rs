//! Unbroken stretches of an agreement on the lists, with both ends as intervals.

use jiff::civil::Date;

use super::Spell;
use super::agreements::Line;

/// Cuts what lists print of an agreement into spells. `days` are those of all lists.
pub fn spells(lines: &[Line], days: &[Date]) -> Vec<Spell> {
    let mut spells = Vec::new();
    for run in lines.chunk_by(|a, b| b.sample == a.sample + 1) {
        let (Some(first), Some(last)) = (run.first(), run.last()) else { continue };
        let without = days.get(last.sample as usize + 1);
        let day = |sample: u32| days[sample as usize];
        spells.push(Spell {
            began_after: first.sample.checked_sub(1).map(day),
            began_by: day(first.sample),
            last_listed: day(last.sample),
            ended_after: without.map(|_| day(last.sample)),
            ended_by: without.copied(),
            signed_date: last.signed,
            list_count: run.len(),
            samples: (first.sample, last.sample),
        });
    }
    spells
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::identify::Cite;

    fn line(sample: u32, signed: Option<Date>) -> Line {
        Line { sample, row: 0, cite: Cite { list: sample, row_number: 2 }, signed }
    }

    #[test]
    fn a_gap_makes_two_spells() {
        let days: Vec<_> = (1..=5).map(|day| date(2025, 7, day)).collect();
        let signed = Some(date(2025, 3, 1));
        let spells = spells(&[line(0, signed), line(1, signed), line(3, signed)], &days);
        assert_eq!(spells.len(), 2);
        assert_eq!((spells[0].began_after, spells[0].began_by), (None, days[0]));
        assert_eq!((spells[0].ended_after, spells[0].ended_by), (Some(days[1]), Some(days[2])));
        assert_eq!((spells[1].began_after, spells[1].began_by), (Some(days[2]), days[3]));
        assert_eq!((spells[1].ended_by, spells[1].list_count), (Some(days[4]), 1));
    }

    #[test]
    fn what_is_on_the_last_list_has_no_end() {
        let days = [date(2025, 7, 1), date(2025, 7, 2)];
        let spells = spells(&[line(1, None)], &days);
        assert_eq!((spells[0].ended_after, spells[0].ended_by, spells[0].signed_date), (None, None, None));
    }
}
