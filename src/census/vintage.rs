//! Reads a file's vintage from its name: the Bureau writes it nowhere else.

use super::CensusError;
use crate::words::Vintage;

/// Returns the vintage that a file's name says: `acs5-2023-b05002.json`, `ACSDT5Y2024.B05002-Data.csv`,
/// `acsdt1y2018-b05003.dat`, `acs_2019-2023.csv`, `b05002_2019_to_2023.csv`. A span of five years decides first, then
/// the year right after the word of the dataset, then the only year in the name. Years of full dates do not count.
///
/// # Errors
/// [`CensusError::Refused`] if the name says no vintage, several, or one of a dataset that is not read.
pub fn of_name(file: &str) -> Result<Vintage, CensusError> {
    let name = file.to_lowercase();
    let parts = parts(&name);
    let years = years(&parts);
    let refused = |message: String| CensusError::Refused {
        file: file.to_owned(),
        message,
        hint: Some("name it after the last year of the dataset, as acs5-2023-b05002-counties.json".into()),
    };
    if let Some(vintage) = short(&parts) {
        return Ok(vintage);
    }
    let (length, dataset_end) = dataset(&parts);
    if let Some(years @ (3 | 1)) = length
        && let Some(reason) = not_read(years, &name)
    {
        return Err(refused(reason));
    }
    let mut spans: Vec<u16> = spans(&parts, &years);
    spans.dedup();
    // acs5-2023-b05002-2025: the year right after the dataset.
    let after = dataset_end.and_then(|end| years.iter().find(|(at, _)| *at > end && *at <= end + 2));
    let mut distinct: Vec<u16> = years.iter().map(|(_, year)| *year).collect();
    distinct.sort_unstable();
    distinct.dedup();
    let last = match (spans.as_slice(), after, distinct.as_slice()) {
        ([span], ..) => *span,
        ([], Some((_, year)), _) => *year,
        ([], None, [only]) => *only,
        ([], None, []) => return Err(refused("its name does not say the vintage".into())),
        _ => return Err(refused(format!("its name has the years {distinct:?}: which one is the vintage?"))),
    };
    let vintage = if length == Some(1) { Vintage::one_year(last) } else { Vintage::five_years(last) };
    vintage.ok_or_else(|| refused(format!("there is no dataset of {last}")))
}

/// The vintage of a name as American FactFinder wrote it: `ACS_15_5YR_B05002`.
fn short(parts: &[&str]) -> Option<Vintage> {
    let parts: Vec<&&str> = parts.iter().filter(|part| !matches!(**part, "_" | "-" | " ")).collect();
    let acs = parts.iter().position(|part| **part == "acs")?;
    let (year, length, word) = (parts.get(acs + 1)?, parts.get(acs + 2)?, parts.get(acs + 3)?);
    let is_short = year.len() == 2 && **length == "5" && word.starts_with('y');
    Vintage::five_years(2_000 + year.parse::<u16>().ok().filter(|_| is_short)?)
}

/// Returns how many years the dataset spans by the name (1, 3 or 5), and the part of the name at which the dataset
/// ends: `acs5`, `acsdt5y`, `acs_1yr`, `1-year`.
fn dataset(parts: &[&str]) -> (Option<u16>, Option<usize>) {
    let number = |part: &str| matches!(part, "1" | "3" | "5").then(|| part.parse().unwrap_or(5));
    let is_word = |part: &str| part.chars().all(char::is_alphabetic);
    if let Some(acs) = parts.iter().position(|part| part.starts_with("acs")) {
        let digit =
            parts.iter().enumerate().skip(acs + 1).take(2).find_map(|(at, part)| Some((at, number(part)?)));
        if let Some((at, years)) = digit {
            // acsdt5y2024: the `y` belongs to the dataset.
            let letter = parts.get(at + 1).is_some_and(|part| is_word(part) && part.starts_with('y'));
            return (Some(years), Some(at + usize::from(letter)));
        }
    }
    let of_years = |at: usize| {
        let years = number(parts[at])?;
        let next = parts.get(at + 1)?;
        let next = if *next == "-" || *next == "_" { parts.get(at + 2)? } else { next };
        (*next == "y" || next.starts_with("yr") || next.starts_with("year")).then_some(years)
    };
    ((0..parts.len()).find_map(of_years), None)
}

/// Says why a dataset that spans `years` years is not read; the only refused 1-year dataset is that of 2020.
fn not_read(years: u16, name: &str) -> Option<String> {
    match years {
        3 => Some("is of a 3-year dataset, which has only areas of 20,000 residents and more".into()),
        _ => name.contains("2020").then(|| "there is no standard 1-year dataset of 2020".into()),
    }
}

/// Years with their positions among the parts, without the years of full dates (2025-06-06, 20250606).
fn years(parts: &[&str]) -> Vec<(usize, u16)> {
    let is_two = |at: usize| parts.get(at).is_some_and(|part| part.len() == 2 && part.parse::<u16>().is_ok());
    let is_day = |at: usize| is_two(at + 2) && is_two(at + 4);
    let year =
        |part: &str| part.parse::<u16>().ok().filter(|year| part.len() == 4 && (2005..2100).contains(year));
    let all = parts.iter().enumerate().filter_map(|(at, part)| Some((at, year(part)?)));
    all.filter(|(at, _)| !is_day(*at)).collect()
}

/// Last years of five-year spans: 2019-2023, 2019_2023, 2019_to_2023, 2019-23.
fn spans(parts: &[&str], years: &[(usize, u16)]) -> Vec<u16> {
    let joins = |from: usize, to: usize| {
        parts[from + 1..to].iter().all(|part| matches!(*part, "-" | "_" | " " | "." | "to" | "\u{2013}"))
    };
    let of = |(at, first): &(usize, u16)| {
        let last = first + 4;
        let full = years.iter().find(|(to, year)| *to > *at && *year == last && joins(*at, *to));
        let short = format!("{:02}", last % 100);
        let is_short = parts.get(at + 1) == Some(&"-") && parts.get(at + 2) == Some(&short.as_str());
        (full.is_some() || is_short).then_some(last)
    };
    years.iter().filter_map(of).collect()
}

/// Splits a name into runs of digits, runs of letters, and single other characters.
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
            ("acs5_b05002_2015_to_2019.csv", "2015-2019"),
            ("b05002_2019-23.csv", "2019-2023"),
            ("b05002_2015-19.csv", "2015-2019"),
            ("acs5-2021-pulled-2024.json", "2017-2021"),
            ("acs5_2023_b05002_20250606.json", "2019-2023"),
            ("Geos 2023.csv", "2019-2023"),
            ("ACS_15_5YR_B05002_with_ann.csv", "2011-2015"),
            ("acs23_5yr.csv", "2019-2023"),
        ] {
            assert_eq!(of_name(name).unwrap().to_string(), expected, "{name}");
        }
        for name in [
            "b05002.json",
            "figures-2021-2023.csv",
            "acs-2021-or-2023.csv",
            "acs_2017-2021_and_2019-2023.csv",
            "productDownload_2025-02-01T101010.csv",
            "ACSDT3Y2013.B05002-Data.csv",
            "acs3-2013-b05002.csv",
            "acs-3yr-2012.csv",
            "acs1-2020-b05002.csv",
            "acs5-1990.json",
            "",
            "acs",
        ] {
            assert!(of_name(name).is_err(), "{name}");
        }
    }
}
