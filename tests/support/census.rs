//! ACS files made on the spot, in every form in which the Bureau publishes figures.

use std::collections::BTreeMap;
use std::fmt::Write;

use coverage287::reference::{Regions, StateKind};
use coverage287::spec::SpecFiles;

/// An estimate and its margin; `None`: the estimate is controlled.
pub type Made = (i64, Option<i64>);

/// Figures of one area: total, native, foreign-born, naturalised, noncitizens.
#[derive(Debug, Clone, PartialEq)]
pub struct Area {
    pub name: String,
    pub figures: [Made; 5],
}

/// Figures of a vintage by GEO_ID.
#[derive(Debug, Clone)]
pub struct Vintage {
    pub year: u16,
    pub areas: BTreeMap<String, Area>,
}

/// Lines of table B05002, since the vintage of 2015, that count the same people as [`Area`].
const LINES: [u16; 5] = [1, 2, 13, 14, 21];

/// Returns numbers that look random and are always the same.
fn number(seed: &str, below: i64) -> i64 {
    let hash = seed.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    ((hash >> 11) % below.max(1) as u64) as i64
}

impl Area {
    fn made(code: &str, name: String) -> Self {
        let of = |what: &str, below: i64| number(&format!("{code} {what}"), below);
        let people = 800 + of("people", 400_000);
        // Some counties have no foreign-born residents in the sample.
        let born = if of("none", 12) == 0 { 0 } else { of("born", people / 3) };
        let naturalised = of("naturalised", born + 1);
        let margin = |what: &str, value: i64| (value, Some(5 + of(what, 900)));
        Self {
            name,
            figures: [
                (people, (of("controlled", 5) == 0).then_some(20 + of("m", 50))),
                margin("m native", people - born),
                margin("m born", born),
                margin("m naturalised", naturalised),
                margin("m noncitizen", born - naturalised),
            ],
        }
    }

    /// Returns the sum of areas, with margins of its own: a published row has smaller margins than the sum.
    fn sum<'a>(code: &str, name: String, areas: impl Iterator<Item = &'a Area>) -> Self {
        let mut figures = [(0, None); 5];
        for area in areas {
            for (sum, part) in figures.iter_mut().zip(&area.figures) {
                sum.0 += part.0;
            }
        }
        for (at, figure) in figures.iter_mut().enumerate().skip(1) {
            figure.1 = Some(100 + number(&format!("{code} {at}"), 400));
        }
        Self { name, figures }
    }
}

impl Vintage {
    /// Returns every county of a vintage, the states, Puerto Rico and the nation.
    pub fn whole(year: u16) -> Self {
        let Regions { states, counties } = Regions::load(&SpecFiles::default()).unwrap();
        let mut areas = BTreeMap::new();
        for county in counties.of_vintage(year) {
            let state = states.get(county.state).unwrap();
            if state.kind != StateKind::Territory || state.code.as_str() == "PR" {
                let name = format!("{}, {}", county.name, state.name);
                let seed = format!("{} {year}", county.fips);
                areas.insert(format!("0500000US{}", county.fips), Area::made(&seed, name));
            }
        }
        let of = |is_in: &dyn Fn(&str) -> bool, code: &str, name: &str| {
            let inside = areas.iter().filter(|(id, _)| is_in(&id[9..11])).map(|(_, area)| area);
            Area::sum(code, name.to_owned(), inside)
        };
        let mut wider = vec![("0100000US".to_owned(), of(&|fips| fips != "72", "us", "United States"))];
        for state in states.iter().filter(|s| s.kind != StateKind::Territory || s.code.as_str() == "PR") {
            let row = of(&|fips| fips == state.fips, &state.fips, &state.name);
            wider.push((format!("0400000US{}", state.fips), row));
        }
        areas.extend(wider);
        Self { year, areas }
    }

    /// Keeps only areas whose GEO_ID is of this summary level.
    pub fn only(&self, level: &str) -> Self {
        let areas = self.areas.iter().filter(|(id, _)| id.starts_with(level));
        Self { year: self.year, areas: areas.map(|(id, area)| (id.clone(), area.clone())).collect() }
    }

    /// Adds an area with these figures: people, foreign-born, noncitizens, each with its margin.
    pub fn with(mut self, id: &str, name: &str, [people, born, noncitizens]: [(i64, i64); 3]) -> Self {
        let some = |(value, margin): (i64, i64)| (value, Some(margin));
        let figures = [
            some(people),
            (people.0 - born.0, Some(9)),
            some(born),
            (born.0 - noncitizens.0, Some(9)),
            some(noncitizens),
        ];
        self.areas.insert(id.to_owned(), Area { name: name.to_owned(), figures });
        self
    }

    /// Returns the rows in an order that no form promises.
    fn shuffled(&self) -> Vec<(&String, &Area)> {
        let mut rows: Vec<_> = self.areas.iter().collect();
        rows.sort_by_key(|(id, _)| number(id, i64::MAX));
        rows
    }

    /// Returns the value of a line of table B05002; lines that count others are 1, which the program passes over.
    fn line(area: &Area, line: u16) -> Made {
        LINES.iter().position(|known| *known == line).map_or((1, Some(1)), |at| area.figures[at])
    }

    /// Returns the table-based summary file, with rows of other levels between.
    pub fn summary_file(&self) -> String {
        let mut text = String::from("GEO_ID");
        for line in 1..=27 {
            write!(text, "|B05002_E{line:03}|B05002_M{line:03}").unwrap();
        }
        text.push('\n');
        for (at, (id, area)) in self.shuffled().into_iter().enumerate() {
            text.push_str(id);
            for line in 1..=27 {
                let (value, margin) = Self::line(area, line);
                write!(text, "|{value}|{}", margin.unwrap_or(-555_555_555)).unwrap();
            }
            text.push('\n');
            if at % 50 == 0 {
                writeln!(text, "1400000US{at:011}{}", "|7|7".repeat(27)).unwrap();
                writeln!(text, "0400001US{:02}{}", at % 97, "|7|7".repeat(27)).unwrap();
            }
        }
        text
    }

    /// Makes data.census.gov's form: a byte order mark, titles below the names, every cell quoted, a comma at the end.
    pub fn data_census_gov(&self) -> String {
        let titles = [
            (1, "Total:"),
            (2, "Total:!!Native:"),
            (13, "Total:!!Foreign-born:"),
            (14, "Total:!!Foreign-born:!!Naturalized U.S. citizen"),
            (21, "Total:!!Foreign-born:!!Not a U.S. citizen"),
        ];
        let mut text = String::from("\u{feff}\"GEO_ID\",\"NAME\",");
        for (line, _) in titles {
            write!(text, "\"B05002_{line:03}E\",\"B05002_{line:03}M\",").unwrap();
        }
        text.push_str("\n\"Geography\",\"Geographic Area Name\",");
        for (_, title) in titles {
            write!(text, "\"Estimate!!{title}\",\"Margin of Error!!{title}\",").unwrap();
        }
        text.push('\n');
        for (id, area) in self.shuffled() {
            write!(text, "\"{id}\",\"{}\",", area.name).unwrap();
            for (value, margin) in area.figures {
                let margin = margin.map_or_else(|| "*****".to_owned(), |margin| margin.to_string());
                write!(text, "\"{value}\",\"{margin}\",").unwrap();
            }
            text.push('\n');
        }
        text
    }

    /// Returns the answers of the Census API: one level at a time, columns in an order of their own.
    pub fn api(&self) -> String {
        let mut rows = vec![serde_json::json!([
            "county",
            "B05002_021M",
            "B05002_021E",
            "NAME",
            "B05002_013E",
            "B05002_001M",
            "state",
            "B05002_013M",
            "B05002_001E"
        ])];
        for (id, area) in self.shuffled().into_iter().filter(|(id, _)| id.starts_with("0500000US")) {
            let [people, _, born, _, noncitizens] = area.figures;
            let margin = |made: Made| made.1.unwrap_or(-555_555_555).to_string();
            rows.push(serde_json::json!([
                &id[11..],
                margin(noncitizens),
                noncitizens.0,
                area.name,
                born.0.to_string(),
                margin(people),
                &id[9..11],
                margin(born),
                format!("{}.0", people.0)
            ]));
        }
        let rows: Vec<String> = rows.iter().map(ToString::to_string).collect();
        format!("[{}]", rows.join(",\n"))
    }

    /// Returns an API pull of the group saved as CSV: annotations beside the figures.
    pub fn api_csv(&self) -> String {
        let mut text = String::from("GEO_ID");
        for line in LINES {
            write!(text, ",B05002_{line:03}E,B05002_{line:03}M").unwrap();
        }
        text.push_str(",NAME");
        for line in LINES {
            write!(text, ",B05002_{line:03}EA,B05002_{line:03}MA").unwrap();
        }
        text.push('\n');
        for (id, area) in self.shuffled() {
            text.push_str(id);
            for (value, margin) in area.figures {
                write!(text, ",{value},{}", margin.unwrap_or(-555_555_555)).unwrap();
            }
            write!(text, ",\"{}\"", area.name).unwrap();
            for (_, margin) in area.figures {
                text.push_str(if margin.is_some() { ",null,null" } else { ",null,*****" });
            }
            text.push('\n');
        }
        text
    }
}
