//! SIGNED: a printed date becomes a day.
//!
//! A date cell is printed as `YYYY-MM-DD`; ICE also types dates as text, with and without all slashes.
//! A date outside the life of the programme is not believed.

use std::ops::RangeInclusive;

use jiff::civil::{Date, date};

use super::Clean;
use crate::words::{MONTHS, Model};

/// The first 287(g) agreement (Florida) was signed in July 2002.
const FIRST_AGREEMENT: Date = date(2002, 7, 1);
/// Agreements are listed after they are signed; a list can be dated at most this many days early.
const DAYS_AHEAD: i32 = 31;
/// An agreement is nearly always listed within this many days after it was signed.
const LISTED_WITHIN: i32 = 60;
/// ICE renewed none of its task force agreements after 2012 and signed the next ones after the order of January 20, 2025
/// (Executive Order 14159): no agreement of that model was signed in between.
const WITHOUT_TASK_FORCES: RangeInclusive<Date> = date(2013, 1, 1)..=date(2025, 1, 19);
/// Day 0 of a workbook's day numbers (1900 epoch, after its leap-year error).
const WORKBOOK_EPOCH: Date = date(1899, 12, 30);
const WEEKDAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/// Reads a cleaned SIGNED text of an agreement of a model. The first list that prints it is dated `list_date`.
pub fn signed_date(text: &str, list_date: Date, model: Option<Model>) -> Clean<Date> {
    let Some(parsed) = parse(text) else {
        return Clean::unknown("date_unreadable", "not a date in any form known");
    };
    let latest = list_date.saturating_add(jiff::Span::new().days(DAYS_AHEAD));
    let had_no_model = |day: &Date| model == Some(Model::Tfm) && WITHOUT_TASK_FORCES.contains(day);
    let plausible = |day: &Date| (FIRST_AGREEMENT..=latest).contains(day) && !had_no_model(day);
    let day = match parsed.year_month_day {
        Some(day) if plausible(&day) => day,
        Some(day) => {
            // One digit of the year is wrong, and only one plausible year is that near.
            let years: Vec<Date> = (FIRST_AGREEMENT.year()..=latest.year())
                .filter(|year| digits_apart(*year, day.year()) == 1)
                .filter_map(|year| Date::new(year, day.month(), day.day()).ok())
                .filter(plausible)
                .collect();
            // Of several years, the one shortly before the list that first prints the date is taken.
            let shortly = |day: &&Date| (0..=LISTED_WITHIN).contains(&(list_date - **day).get_days());
            let mut recent = years.iter().filter(shortly);
            let (first, last) = (WITHOUT_TASK_FORCES.start(), WITHOUT_TASK_FORCES.end());
            let no_model = format!("no task force agreement was signed from {first} to {last}");
            return match (years.as_slice(), recent.next(), recent.next()) {
                ([only], _, _) | (_, Some(only), None) if had_no_model(&day) => Clean::fixed(
                    *only,
                    "date_without_model",
                    format_args!("{no_model}; first on the list of {list_date}"),
                ),
                ([only], _, _) | (_, Some(only), None) => {
                    Clean::fixed(*only, "date_year_digit", format_args!("first on the list of {list_date}"))
                }
                _ if had_no_model(&day) => Clean::unknown("date_implausible", no_model),
                _ => Clean::unknown(
                    "date_implausible",
                    format_args!("{day} is outside {FIRST_AGREEMENT} to {latest}, 31 days after the list"),
                ),
            };
        }
        None => return Clean::unknown("date_unreadable", "no such day, or more than one reading"),
    };
    match parsed.rule {
        None => Clean::same(day),
        Some(rule) => Clean::fixed(day, rule, "the only reading of its digits"),
    }
}

/// The days that the file name of a link spells: `02272026`, `022726`, `2026-02-27`, `02.27.26`.
pub fn dates_in_file_name(url: &str) -> Vec<Date> {
    let name = url.rsplit('/').next().unwrap_or_default();
    let runs: Vec<(usize, &str)> = name
        .split(|c: char| !c.is_ascii_digit())
        .filter(|run| !run.is_empty())
        .map(|run| (run.as_ptr() as usize - name.as_ptr() as usize, run))
        .collect();
    let four = |year: &str| if year.len() == 2 { format!("20{year}") } else { year.to_owned() };
    let whole = runs.iter().flat_map(|(_, run)| match run.len() {
        8 => vec![ymd(&run[4..], &run[..2], &run[2..4]), ymd(&run[..4], &run[4..6], &run[6..])],
        6 => vec![ymd(&four(&run[4..]), &run[..2], &run[2..4])],
        _ => Vec::new(),
    });
    let separated = runs.windows(3).filter_map(|three| {
        let [(a, first), (b, second), (c, third)] = three else { return None };
        let beside = a + first.len() + 1 == *b && b + second.len() + 1 == *c;
        match (beside, first.len(), third.len()) {
            (true, 4, 1..=2) => ymd(first, second, third),
            (true, 1..=2, 2 | 4) => ymd(&four(third), first, second),
            _ => None,
        }
    });
    let all = whole.flatten().chain(separated);
    all.filter(|day| *day >= FIRST_AGREEMENT && day.year() < 2100).collect()
}

struct ParsedDate {
    /// `None` where the form is known and the digits are not one day.
    year_month_day: Option<Date>,
    rule: Option<&'static str>,
}

fn parse(text: &str) -> Option<ParsedDate> {
    let parsed = |year_month_day, rule| Some(ParsedDate { year_month_day, rule });
    let (text, has_more) = without_time(text);
    let mut numbers: Vec<&str> =
        text.split(['/', '-', '.', ' ', ',']).filter(|part| !part.is_empty()).collect();
    if numbers.first().is_some_and(|word| is_word(word, &WEEKDAYS).is_some()) {
        numbers.remove(0);
    }
    let read = parse_parts(&numbers)?;
    parsed(read.year_month_day, read.rule.or(has_more.then_some("date_with_time")))
}

/// Cuts off a time of day, or a mark, after the day; also returns whether there was one.
fn without_time(text: &str) -> (&str, bool) {
    let plain = text.trim_end_matches(['*', ' ', ';']);
    let day = match plain.split_once([' ', 'T']) {
        Some((day, time)) if time.contains(':') && time.starts_with(|c: char| c.is_ascii_digit()) => day,
        // A number of days as a program shows it.
        _ => plain.strip_suffix(".0").filter(|days| days.len() == 5).unwrap_or(plain),
    };
    (day, day.len() < text.len())
}

/// Returns the position of the month or weekday that a word is or abbreviates.
fn is_word(word: &str, words: &[&str]) -> Option<usize> {
    let lower = word.to_lowercase();
    words.iter().position(|full| lower.len() >= 3 && full.starts_with(&lower))
}

fn parse_parts(numbers: &[&str]) -> Option<ParsedDate> {
    let all_digits = |parts: &[&str]| parts.iter().all(|p| p.bytes().all(|b| b.is_ascii_digit()));
    let parsed = |year_month_day, rule| Some(ParsedDate { year_month_day, rule });
    match numbers {
        [year, month, day] if year.len() == 4 && all_digits(numbers) => parsed(ymd(year, month, day), None),
        [month, day, year] if year.len() == 4 && all_digits(numbers) => match ymd(year, month, day) {
            Some(read) => parsed(Some(read), Some("date_as_text")),
            // No month is over 12: the day comes first.
            None => parsed(ymd(year, day, month), Some("date_day_first")),
        },
        [month, day, year] if year.len() == 2 && month.len() <= 2 && all_digits(numbers) => {
            parsed(ymd(&format!("20{year}"), month, day), Some("date_two_digit_year"))
        }
        [first, second, year] if matches!(year.len(), 2 | 4) && all_digits(&[year]) => {
            let year = if year.len() == 2 { format!("20{year}") } else { (*year).to_owned() };
            let (month, day) = match (is_word(first, &MONTHS), is_word(second, &MONTHS)) {
                (Some(month), None) => (month, second),
                (None, Some(month)) => (month, first),
                _ => return None,
            };
            let day = ["st", "nd", "rd", "th"].iter().find_map(|th| day.strip_suffix(th)).unwrap_or(day);
            parsed(ymd(&year, &(month + 1).to_string(), day), Some("date_in_words"))
        }
        // Five digits that end in a year are no number of days.
        [days] if days.len() == 5 && all_digits(numbers) && !days[1..].starts_with("20") => {
            let span = jiff::Span::new().days(days.parse::<i32>().ok()?);
            parsed(WORKBOOK_EPOCH.checked_add(span).ok(), Some("date_day_number"))
        }
        [whole] if whole.len() == 8 && all_digits(numbers) && missing_separators(numbers).is_none() => {
            parsed(ymd(&whole[..4], &whole[4..6], &whole[6..]), Some("date_missing_separator"))
        }
        [_] | [_, _] if all_digits(numbers) => {
            parsed(missing_separators(numbers), Some("date_missing_separator"))
        }
        _ => None,
    }
}

/// Cuts `05/082025`, `7/72025`, `0508/2025` or `05082025` into a day, if there is only one way to do so.
fn missing_separators(parts: &[&str]) -> Option<Date> {
    let last = parts.last()?;
    let (before, year) = last.split_at_checked(last.len().checked_sub(4)?)?;
    let parts: Vec<&str> = match parts {
        [first, _] if before.is_empty() => vec![first],
        [first, _] => vec![first, before],
        _ => vec![before],
    };
    match parts.as_slice() {
        [month, day] => ymd(year, month, day),
        // Two digits can be a month alone.
        [digits] if digits.len() > 2 => {
            let cuts = (1..digits.len()).filter_map(|at| ymd(year, &digits[..at], &digits[at..]));
            let mut days: Vec<_> = cuts.collect();
            days.dedup();
            <[Date; 1]>::try_from(days).ok().map(|[only]| only)
        }
        _ => None,
    }
}

fn ymd(year: &str, month: &str, day: &str) -> Option<Date> {
    if month.len() > 2 || day.len() > 2 {
        return None;
    }
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
}

/// Counts the typing errors between two years; two neighbouring digits exchanged are one.
fn digits_apart(a: i16, b: i16) -> usize {
    strsim::osa_distance(&format!("{a:04}"), &format!("{b:04}"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn dates_are_read() {
        let list = date(2025, 7, 8);
        for (printed, day, rule) in [
            ("2025-05-08", Some(date(2025, 5, 8)), None),
            ("2020-06-09", Some(date(2020, 6, 9)), None),
            ("05/08/2025", Some(date(2025, 5, 8)), Some("date_as_text")),
            ("05/082025", Some(date(2025, 5, 8)), Some("date_missing_separator")),
            ("7/72025", Some(date(2025, 7, 7)), Some("date_missing_separator")),
            ("05082025", Some(date(2025, 5, 8)), Some("date_missing_separator")),
            ("112025", None, Some("date_unreadable")),
            ("11/2025", None, Some("date_unreadable")),
            ("20250508", Some(date(2025, 5, 8)), Some("date_missing_separator")),
            ("2025-05-08 00:00:00", Some(date(2025, 5, 8)), Some("date_with_time")),
            ("05/08/2025 12:30", Some(date(2025, 5, 8)), Some("date_as_text")),
            ("5/8/2025*", Some(date(2025, 5, 8)), Some("date_as_text")),
            ("45785.0", Some(date(2025, 5, 8)), Some("date_day_number")),
            ("42025", None, Some("date_unreadable")),
            ("8-May-25", Some(date(2025, 5, 8)), Some("date_in_words")),
            ("May 8th, 2025", Some(date(2025, 5, 8)), Some("date_in_words")),
            ("Thursday, May 8, 2025", Some(date(2025, 5, 8)), Some("date_in_words")),
            ("Sept 8 2024", Some(date(2024, 9, 8)), Some("date_in_words")),
            ("Decision 5 2025", None, Some("date_unreadable")),
            ("31/5/2025", Some(date(2025, 5, 31)), Some("date_day_first")),
            ("6/31/2025", None, Some("date_unreadable")),
            ("2205-07-07", Some(date(2025, 7, 7)), Some("date_year_digit")),
            ("1112025", None, Some("date_unreadable")),
            ("5/8/25", Some(date(2025, 5, 8)), Some("date_two_digit_year")),
            ("May 8, 2025", Some(date(2025, 5, 8)), Some("date_in_words")),
            ("45785", Some(date(2025, 5, 8)), Some("date_day_number")),
            ("2025-05-08T13:30:00", Some(date(2025, 5, 8)), Some("date_with_time")),
            ("5025-07-07", Some(date(2025, 7, 7)), Some("date_year_digit")),
            ("1925-07-07", None, Some("date_implausible")),
            ("2035-07-07", Some(date(2025, 7, 7)), Some("date_year_digit")),
            ("2026-06-30", Some(date(2025, 6, 30)), Some("date_year_digit")),
            ("2026-12-30", None, Some("date_implausible")),
            ("2025-13-01", None, Some("date_unreadable")),
            ("pending", None, Some("date_unreadable")),
        ] {
            let clean = signed_date(printed, list, Some(Model::Jem));
            assert_eq!(clean.value, day, "{printed}");
            assert_eq!(clean.fix.map(|fix| fix.rule).as_deref(), rule, "{printed}");
        }
    }

    /// A date in the years without task forces is a typing error of the year, or not known. Other models had agreements
    /// then, and there were task forces before.
    #[test]
    fn no_task_force_was_signed_while_there_were_none() {
        let list = date(2026, 3, 20);
        for (printed, model, day) in [
            ("2016-03-19", Model::Tfm, Some(date(2026, 3, 19))),
            ("2016-03-19", Model::Jem, Some(date(2016, 3, 19))),
            ("2016-03-19", Model::Wso, Some(date(2016, 3, 19))),
            ("2025-01-10", Model::Tfm, None),
            ("2016-09-19", Model::Tfm, None),
            ("2025-01-30", Model::Tfm, Some(date(2025, 1, 30))),
            ("2012-03-19", Model::Tfm, Some(date(2012, 3, 19))),
        ] {
            let clean = signed_date(printed, list, Some(model));
            assert_eq!(clean.value, day, "{printed} {model}");
            assert_eq!(clean.fix.is_some(), day != printed.parse().ok(), "{printed} {model}");
        }
        let clean = signed_date("2016-03-19", list, Some(Model::Tfm));
        let evidence = clean.fix.unwrap().evidence.unwrap();
        assert!(
            evidence.contains("2013-01-01 to 2025-01-19") && evidence.contains("2026-03-20"),
            "{evidence}"
        );
    }

    #[test]
    fn file_names_spell_days() {
        let day = date(2026, 2, 7);
        for name in [
            "XCoFL_TFM_MOA_02072026.pdf",
            "X-020726.pdf",
            "287gX2026-02-07.pdf",
            "X_02.07.26.pdf",
            "X 2-7-2026.pdf",
        ] {
            let url = format!("https://www.ice.gov/doclib/287gMOA/{name}");
            assert_eq!(dates_in_file_name(&url), [day], "{name}");
        }
        for name in ["287gJEM_X.pdf", "X_13322026.pdf", "X1.2.3.4.pdf", "99999999.pdf"] {
            assert_eq!(dates_in_file_name(name), [], "{name}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in any::<String>(), digits in "[0-9/ .,T-]{0,14}") {
            for text in [text, digits] {
                let clean = signed_date(&text, date(2025, 7, 8), Some(Model::Tfm));
                prop_assert!(clean.value.is_some() || clean.fix.is_some());
            }
        }

        #[test]
        fn a_date_cell_reads_as_itself(days in 11_869..20_300_i32) {
            let day = crate::words::from_epoch_days(days).unwrap();
            prop_assert_eq!(signed_date(&day.to_string(), date(2025, 8, 1), None), Clean::same(day));
        }
    }
}
