//! Unbroken stretches of an agreement on the lists, with both ends as intervals.

use jiff::civil::Date;

use super::Spell;

/// Cuts the positions of the lists that print an agreement into spells.
///
/// `listed` are ascending positions in `days`, each with the signing date printed there.
pub fn spells(listed: &[(usize, Option<Date>)], days: &[Date]) -> Vec<Spell> {
    let mut spells = Vec::new();
    for run in listed.chunk_by(|a, b| b.0 == a.0 + 1) {
        let (Some((first, _)), Some((last, signed_date))) = (run.first(), run.last()) else { continue };
        let without = days.get(last + 1);
        spells.push(Spell {
            began_after: first.checked_sub(1).map(|before| days[before]),
            began_by: days[*first],
            last_listed: days[*last],
            ended_after: without.map(|_| days[*last]),
            ended_by: without.copied(),
            signed_date: *signed_date,
            list_count: run.len(),
        });
    }
    spells
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_gap_makes_two_spells() {
        let days: Vec<_> = (1..=5).map(|day| date(2025, 7, day)).collect();
        let signed = Some(date(2025, 3, 1));
        let spells = spells(&[(0, signed), (1, signed), (3, signed)], &days);
        assert_eq!(spells.len(), 2);
        assert_eq!((spells[0].began_after, spells[0].began_by), (None, days[0]));
        assert_eq!((spells[0].ended_after, spells[0].ended_by), (Some(days[1]), Some(days[2])));
        assert_eq!((spells[1].began_after, spells[1].began_by), (Some(days[2]), days[3]));
        assert_eq!((spells[1].ended_by, spells[1].list_count), (Some(days[4]), 1));
    }

    #[test]
    fn what_is_on_the_last_list_has_no_end() {
        let days = [date(2025, 7, 1), date(2025, 7, 2)];
        let spells = spells(&[(1, None)], &days);
        assert_eq!((spells[0].ended_after, spells[0].ended_by, spells[0].signed_date), (None, None, None));
    }
}
