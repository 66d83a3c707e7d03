//! Which dataset a file is of: the Bureau writes it in the file's name and nowhere else.

use super::CensusError;
use crate::words::Vintage;

/// The vintage that a file's name says: `acs5-2023-b05002.json`, `ACSDT5Y2024.B05002-Data.csv`,
/// `acsdt1y2018-b05003.dat`, `acs_2019-2023.csv`. A year beside no word of the ACS is taken where it is the only one.
///
/// # Errors
/// [`CensusError::Refused`] where the name says none, or several.
pub fn of_name(file: &str) -> Result<Vintage, CensusError> {
    let name = file.to_lowercase();
    let parts = parts(&name);
    let year =
        |part: &str| part.parse::<u16>().ok().filter(|year| part.len() == 4 && (2005..2100).contains(year));
    let years: Vec<(usize, u16)> =
        parts.iter().enumerate().filter_map(|(at, part)| Some((at, year(part)?))).collect();
    // The word of the dataset with the number of its years: acs5, acsdt5y, acs_1yr.
    let dataset = parts.iter().position(|part| part.starts_with("acs"));
    let length = |at: usize| {
        let next = parts[at + 1..].iter().find(|part| part.chars().all(char::is_alphanumeric))?;
        matches!(*next, "1" | "5").then_some(*next)
    };
    let alone = |number: &str| {
        parts.windows(2).any(|pair| pair[0] == number && (pair[1] == "y" || pair[1].starts_with("yr")))
            || name.contains(&format!("{number}-year"))
    };
    let is_one_year =
        dataset.and_then(length).map_or_else(|| alone("1") && !alone("5"), |years| years == "1");
    // First and last year of five: 2019-2023.
    let span = years.windows(2).find(|pair| pair[0].0 + 2 == pair[1].0 && pair[0].1 + 4 == pair[1].1);
    // Right after the dataset's number: a date of download may follow.
    let numbered = dataset.filter(|dataset| length(*dataset).is_some());
    let after = numbered.and_then(|dataset| years.iter().find(|(at, _)| *at > dataset && *at <= dataset + 6));
    let mut distinct: Vec<u16> = years.iter().map(|(_, year)| *year).collect();
    distinct.sort_unstable();
    distinct.dedup();
    let last = match (span, after, distinct.as_slice()) {
        (Some([_, (_, last)]), ..) => Some(*last),
        (_, Some((_, year)), _) => Some(*year),
        (_, _, [only]) => Some(*only),
        _ => None,
    };
    let vintage = last.and_then(|last| match is_one_year {
        true => Vintage::one_year(last),
        false => Vintage::five_years(last),
    });
    vintage.ok_or_else(|| CensusError::Refused {
        file: file.to_owned(),
        message: if distinct.len() > 1 {
            format!("its name has the years {distinct:?}: which one is the vintage?")
        } else {
            "its name does not say the vintage".into()
        },
        hint: Some("name it after the last year of the dataset, as acs5-2023-b05002-counties.json".into()),
    })
}

/// Runs of digits, runs of letters, and what is between them, each character by itself.
fn parts(name: &str) -> Vec<&str> {
    let class = |c: char| {
        if c.is_ascii_digit() {
            0
        } else if c.is_alphabetic() {
            1
        } else {
            2
        }
    };
    let mut parts = Vec::new();
    let mut start = 0;
    let mut before = None;
    for (at, c) in name.char_indices() {
        let now = class(c);
        if before.is_some_and(|before| before != now || now == 2) {
            parts.push(&name[start..at]);
            start = at;
        }
        before = Some(now);
    }
    parts.push(&name[start..]);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_the_vintage() {
        for (name, expected) in [
            ("acs5-2023-b05002-counties.api.json", "2019-2023"),
            ("acsdt5y2024-b05001.excerpt.dat", "2020-2024"),
            ("ACSDT5Y2024.B05001-Data.csv", "2020-2024"),
            ("acs5-2019-2023-b05002-counties.csv", "2019-2023"),
            ("acs5-2023-b05002-2025-06-06.json", "2019-2023"),
            ("acs_5yr_2021.json", "2017-2021"),
            ("2014_b05002.csv", "2010-2014"),
            ("B05002_2019_2023.csv", "2019-2023"),
            ("acs1-2018-b05003-states.api.csv", "2018"),
            ("ACSDT1Y2022.B05001-Data.csv", "2022"),
            ("acs-1-year-2022.csv", "2022"),
            ("acs2022_1yr_B05001.csv", "2022"),
        ] {
            assert_eq!(of_name(name).unwrap().to_string(), expected, "{name}");
        }
        for name in
            ["b05002.json", "figures-2021-2023.csv", "acs-2021-or-2023.csv", "acs5-1990.json", "", "acs"]
        {
            assert!(of_name(name).is_err(), "{name}");
        }
    }
}
