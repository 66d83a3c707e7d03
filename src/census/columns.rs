//! The meaning of a file's columns: areas, and lines of the Bureau's tables as estimate, margin or annotation.

use std::collections::{BTreeMap, BTreeSet};

use super::CensusError;
use super::area::{Area, GeoId, Level, geo_id};
use super::cells::RowCells;
use super::source::{FigureSource, Rank};
use crate::reference::key;
use crate::spec::{AcsTable, CensusSource, TableAreas, TableLayout};
use crate::words::{Concept, FigureMethod, Vintage};

/// The columns of one line of a table.
#[derive(Debug, Clone, Copy, Default)]
pub struct LineColumns {
    pub estimate: Option<usize>,
    pub margin: Option<usize>,
    pub estimate_note: Option<usize>,
    pub margin_note: Option<usize>,
    /// The percentage of the residents, to two decimals; only in the tidy form.
    pub percent: Option<usize>,
    /// The residents of whom it is the percentage.
    pub percent_of: Option<usize>,
}

impl LineColumns {
    fn part(&mut self, part: ColumnPart) -> &mut Option<usize> {
        match part {
            ColumnPart::Estimate => &mut self.estimate,
            ColumnPart::Margin => &mut self.margin,
            ColumnPart::EstimateNote => &mut self.estimate_note,
            ColumnPart::MarginNote => &mut self.margin_note,
            ColumnPart::Percent => &mut self.percent,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ColumnPart {
    Estimate,
    Margin,
    EstimateNote,
    MarginNote,
    Percent,
}

/// The meaning of a file's columns.
#[derive(Debug)]
pub struct AcsColumns {
    pub header: Vec<String>,
    pub name: Option<usize>,
    /// The sources of each concept, best first, with the columns of their lines.
    pub sources: Vec<(FigureSource, Vec<LineColumns>)>,
    /// Whether the file has the project's own tidy form.
    pub is_tidy: bool,
    area: AreaColumns,
    /// The title of each column of estimates or margins in the Bureau's metadata.
    titles: Vec<(usize, ColumnPart, String)>,
}

#[derive(Debug, Default)]
struct AreaColumns {
    geo_id: Option<usize>,
    nation: Option<usize>,
    state: Option<usize>,
    county: Option<usize>,
    subdivision: Option<usize>,
    place: Option<usize>,
    county_fips: Option<usize>,
    /// A GEO_ID under another name.
    ucgid: Option<usize>,
    /// Codes of levels that are not kept.
    other: Vec<usize>,
}

/// A cell that is not the code of an area: its column, and the expected value in words.
pub type BadCode = (usize, &'static str);

/// Reads `B05002_E001` (summary file) or `B05002_001E`, `_001M`, `_001EA`, `_001MA` (API, data.census.gov).
fn line_of(name: &str) -> Option<(&str, u16, ColumnPart)> {
    let (table, rest) = name.split_once('_')?;
    let number = |digits: &str| digits.parse::<u16>().ok().filter(|_| digits.len() == 3);
    if let Some(digits) = rest.strip_prefix('E') {
        return Some((table, number(digits)?, ColumnPart::Estimate));
    }
    if let Some(digits) = rest.strip_prefix('M') {
        return Some((table, number(digits)?, ColumnPart::Margin));
    }
    let (digits, part) = rest.split_at_checked(3)?;
    let part = match part {
        "E" => ColumnPart::Estimate,
        "M" => ColumnPart::Margin,
        "EA" => ColumnPart::EstimateNote,
        "MA" => ColumnPart::MarginNote,
        _ => return None,
    };
    Some((table, number(digits)?, part))
}

/// The table of a column: letters, then digits, before the first underscore.
fn table_of(name: &str) -> Option<&str> {
    let (table, _) = name.split_once('_')?;
    let letters = table.bytes().take_while(u8::is_ascii_uppercase).count();
    let digits = table[letters..].bytes().take_while(u8::is_ascii_digit).count();
    ((1..=2).contains(&letters) && (2..=6).contains(&digits)).then_some(table)
}

/// Reads a column name of the tidy form: a measure, its margin, or its percentage of the residents.
fn tidy_column(name: &str) -> Option<(Concept, ColumnPart)> {
    let ending = |ending: &str, part| name.strip_suffix(ending).map(|name| (name, part));
    let ended = ending("_moe", ColumnPart::Margin).or_else(|| ending("_percent", ColumnPart::Percent));
    let (name, part) = ended.unwrap_or((name, ColumnPart::Estimate));
    Some((Concept::ALL.iter().copied().find(|concept| concept.as_str() == name)?, part))
}

impl AcsColumns {
    /// Reads a header.
    ///
    /// # Errors
    /// [`CensusError::Refused`] if the columns belong to no table that is read, or to another vintage.
    pub fn new(
        file: &str,
        header: Vec<String>,
        vintage: Vintage,
        spec: &CensusSource,
    ) -> Result<Self, CensusError> {
        let mut columns = Self {
            name: None,
            sources: Vec::new(),
            is_tidy: false,
            area: AreaColumns::default(),
            titles: Vec::new(),
            header,
        };
        let header = columns.header.clone();
        let mut lines: BTreeMap<(&str, u16), LineColumns> = BTreeMap::new();
        let mut tidy: BTreeMap<Concept, LineColumns> = BTreeMap::new();
        let mut tables: BTreeSet<&str> = BTreeSet::new();
        let twice = |name: &str| CensusError::refused(file, format!("has the column {name} twice"));
        for (at, name) in header.iter().enumerate() {
            if let Some(table) = table_of(name) {
                tables.insert(table);
            }
            let slot = if let Some((table, line, part)) = line_of(name) {
                lines.entry((table, line)).or_default().part(part)
            } else if let Some((concept, part)) = tidy_column(name) {
                tidy.entry(concept).or_default().part(part)
            } else {
                match columns.slot(name, at, spec) {
                    Some(slot) => slot,
                    None => continue,
                }
            };
            // `get=NAME,group(B05002)` has NAME and GEO_ID twice.
            let is_again = matches!(name.to_ascii_uppercase().as_str(), "NAME" | "GEO_ID");
            if slot.is_some() && !is_again {
                return Err(twice(name));
            }
            slot.get_or_insert(at);
        }
        columns.area.geo_id = columns.area.geo_id.or(columns.area.ucgid);
        if columns.header.iter().any(|name| name.eq_ignore_ascii_case("popgroup")) {
            return Err(CensusError::Refused {
                file: file.to_owned(),
                message: "is of one population group (POPGROUP), not of everybody".into(),
                hint: Some(spec.instead(vintage)),
            });
        }
        let known = tables.iter().any(|table| spec.concepts.table(table).is_some());
        if known {
            columns.take_tables(file, &lines, vintage, spec)?;
        } else if columns.names_tidy_areas() && tables.is_empty() && !tidy.is_empty() {
            columns.take_tidy(file, &tidy)?;
        } else {
            return Err(not_read(file, &header, &tables, vintage, spec));
        }
        if columns.sources.is_empty() {
            let message = "has no estimate of residents, foreign-born or noncitizens".to_owned();
            return Err(CensusError::Refused {
                file: file.to_owned(),
                message,
                hint: Some(spec.instead(vintage)),
            });
        }
        columns.check_areas(file, vintage, spec)?;
        Ok(columns)
    }

    /// Returns the slot for the position of a column that is not a line of a table.
    fn slot(&mut self, name: &str, at: usize, spec: &CensusSource) -> Option<&mut Option<usize>> {
        let area = &mut self.area;
        // Some programs write other characters between words: county_subdivision, county.subdivision.
        let words = name.to_ascii_lowercase().replace(['_', '.'], " ");
        Some(match words.as_str() {
            "geo id" => &mut area.geo_id,
            "ucgid" => &mut area.ucgid,
            "name" => &mut self.name,
            "us" => &mut area.nation,
            "state" => &mut area.state,
            "county" => &mut area.county,
            "county subdivision" => &mut area.subdivision,
            "place" => &mut area.place,
            "county fips" => &mut area.county_fips,
            other => {
                let is_level = spec.geography.other_columns.iter().any(|column| column == other);
                if is_level || other.contains("or part") {
                    area.other.push(at);
                }
                return None;
            }
        })
    }

    fn take_tables(
        &mut self,
        file: &str,
        lines: &BTreeMap<(&str, u16), LineColumns>,
        vintage: Vintage,
        spec: &CensusSource,
    ) -> Result<(), CensusError> {
        let mut found: Vec<(FigureSource, Vec<LineColumns>)> = Vec::new();
        for (rank, table) in spec.concepts.tables.iter().enumerate() {
            let own: BTreeMap<u16, LineColumns> = lines
                .iter()
                .filter(|((name, _), _)| *name == table.name)
                .map(|((_, n), c)| (*n, *c))
                .collect();
            if own.is_empty() {
                continue;
            }
            let layout = layout_of(file, table, &own, vintage, spec)?;
            for concept in &layout.concepts {
                let columns: Vec<LineColumns> =
                    concept.lines().filter_map(|(line, _)| own.get(&line).copied()).collect();
                let is_whole = columns.len() == concept.lines().count()
                    && columns.iter().all(|columns| columns.estimate.is_some());
                if !is_whole {
                    continue;
                }
                for ((_, title), columns) in concept.lines().zip(&columns) {
                    let titled =
                        [(columns.estimate, ColumnPart::Estimate), (columns.margin, ColumnPart::Margin)];
                    let titled = titled.into_iter().filter_map(|(at, part)| Some((at?, part)));
                    self.titles.extend(titled.map(|(at, part)| (at, part, title.to_owned())));
                }
                let source = FigureSource {
                    concept: concept.name,
                    rank: Rank { method: concept.method(), table: rank },
                    table: table.name.clone(),
                    lines: concept.lines().map(|(line, _)| line).collect(),
                    areas: table.areas,
                };
                found.push((source, columns));
            }
        }
        found.sort_by(|a, b| a.0.cmp(&b.0));
        self.sources = found;
        Ok(())
    }

    fn take_tidy(&mut self, file: &str, tidy: &BTreeMap<Concept, LineColumns>) -> Result<(), CensusError> {
        self.is_tidy = true;
        let residents = tidy.get(&Concept::Population).and_then(|columns| columns.estimate);
        for (concept, columns) in tidy {
            let (method, columns) = match (columns.estimate, columns.percent, residents) {
                (Some(_), Some(_), _) => {
                    let message = format!("has both {concept} and {concept}_percent");
                    return Err(CensusError::refused(file, message));
                }
                (Some(_), None, _) => (FigureMethod::Line, *columns),
                (None, Some(_), Some(_)) => {
                    (FigureMethod::PercentOfPopulation, LineColumns { percent_of: residents, ..*columns })
                }
                (None, Some(_), None) => {
                    let message = format!("has {concept}_percent, and no population that it is of");
                    return Err(CensusError::refused(file, message));
                }
                _ => continue,
            };
            let source = FigureSource {
                concept: *concept,
                rank: Rank { method, table: usize::MAX },
                table: "tidy".into(),
                lines: Vec::new(),
                areas: TableAreas::All,
            };
            self.sources.push((source, vec![columns]));
        }
        Ok(())
    }

    /// Whether the file has one of the columns by which the tidy form names areas.
    fn names_tidy_areas(&self) -> bool {
        self.area.county_fips.is_some() || self.area.geo_id.is_some()
    }

    fn check_areas(&self, file: &str, vintage: Vintage, spec: &CensusSource) -> Result<(), CensusError> {
        let area = &self.area;
        let names_areas =
            [area.geo_id, area.nation, area.state, area.county_fips].iter().any(Option::is_some);
        let message = if !names_areas {
            "has no column that names areas and says their level: GEO_ID (0500000US01001; a GEOID, 01001, does not), \
             or the codes us, state, county, county subdivision, place"
        } else if area.geo_id.is_none() && !area.other.is_empty() {
            "is for areas of a level that is not read: nation, states, counties, county subdivisions and places are"
        } else {
            return Ok(());
        };
        let hint = Some(spec.instead(vintage));
        Err(CensusError::Refused { file: file.to_owned(), message: message.into(), hint })
    }

    /// Whether rows begin with the GEO_ID, and no other column names their area.
    pub fn opens_with_geo_id(&self) -> bool {
        let area = &self.area;
        area.geo_id == Some(0) && [area.nation, area.state, area.county_fips].iter().all(Option::is_none)
    }

    /// The area of a row; `Ok(None)` if its level is not kept.
    pub fn area_of(&self, cells: &dyn RowCells) -> Result<Option<Area>, BadCode> {
        let columns = &self.area;
        if let Some(at) = columns.county_fips {
            let text = cells.text(at).unwrap_or_default();
            return Area::new(Level::County, &text).map(Some).ok_or((at, "the five digits of a county"));
        }
        let by_id = match columns.geo_id {
            None => None,
            Some(at) => match geo_id(&cells.text(at).unwrap_or_default()) {
                Some(GeoId::Area(area)) => Some((at, area)),
                Some(GeoId::Other) => return Ok(None),
                None => return Err((at, "a GEO_ID such as 0500000US01001")),
            },
        };
        let by_codes = self.area_of_codes(cells)?;
        match (by_id, by_codes) {
            (Some((at, area)), Some(other)) if area != other => Err((at, "the area of the row's codes")),
            (Some((_, area)), _) | (None, Some(area)) => Ok(Some(area)),
            (None, None) => Ok(None),
        }
    }

    fn area_of_codes(&self, cells: &dyn RowCells) -> Result<Option<Area>, BadCode> {
        let columns = &self.area;
        let text = |at: Option<usize>| at.and_then(|at| Some((at, cells.text(at)?)));
        let filled = |at: Option<usize>| text(at).filter(|(_, text)| !text.is_empty());
        if columns.other.iter().any(|at| filled(Some(*at)).is_some()) {
            return Ok(None);
        }
        // Spreadsheets drop leading zeros; they can be restored, since all codes of such a column have one width.
        let code = |at: Option<usize>, width: usize, expected| match filled(at) {
            None => Ok(None),
            Some((_, text))
                if (1..=width).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit()) =>
            {
                Ok(Some(format!("{text:0>width$}")))
            }
            Some((at, _)) => Err((at, expected)),
        };
        let state = code(columns.state, 2, "the two digits of a state")?;
        let county = code(columns.county, 3, "the three digits of a county")?;
        let subdivision = code(columns.subdivision, 5, "the five digits of a county subdivision")?;
        let place = code(columns.place, 5, "the five digits of a place")?;
        let is_nation = filled(columns.nation).is_some_and(|(_, text)| text == "1");
        let found = match (state, county, subdivision, place) {
            (Some(s), Some(c), Some(d), None) => Area::new(Level::Subdivision, &format!("{s}{c}{d}")),
            (Some(s), None, None, Some(p)) => Area::new(Level::Place, &format!("{s}{p}")),
            (Some(s), Some(c), None, None) => Area::new(Level::County, &format!("{s}{c}")),
            (Some(s), None, None, None) => Area::new(Level::State, &s),
            (None, None, None, None) if is_nation => Some(Area::NATION),
            // A place within a county is only a part of the place.
            _ => None,
        };
        Ok(found)
    }

    /// Whether a row holds the titles, which data.census.gov writes below the names.
    pub fn are_titles(&self, cells: &dyn RowCells) -> bool {
        let opens = |text: &str| text.starts_with("Estimate!!") || text.starts_with("Margin of Error!!");
        self.titles.iter().any(|(at, ..)| cells.text(*at).is_some_and(|text| opens(&text)))
    }

    /// Checks the titles of the lines that are read; an error is the column and the expected title.
    pub fn check_titles(&self, cells: &dyn RowCells) -> Result<(), (usize, String)> {
        for (at, part, title) in &self.titles {
            let printed = cells.text(*at).unwrap_or_default();
            let expected = match part {
                ColumnPart::Margin => format!("Margin of Error!!{title}"),
                _ => format!("Estimate!!{title}"),
            };
            let folded = |title: &str| title.split("!!").map(key).collect::<Vec<_>>();
            if folded(&printed) != folded(&expected) {
                return Err((*at, expected));
            }
        }
        Ok(())
    }
}

/// Returns the layout of a table in the vintage, if the lines fit it.
fn layout_of<'t>(
    file: &str,
    table: &'t AcsTable,
    lines: &BTreeMap<u16, LineColumns>,
    vintage: Vintage,
    spec: &CensusSource,
) -> Result<&'t TableLayout, CensusError> {
    let refused = |message: String| CensusError::Refused {
        file: file.to_owned(),
        message,
        hint: Some(format!("is it of another year than its name says? {}", spec.instead(vintage))),
    };
    let name = &table.name;
    let layout = table.layout(vintage).ok_or_else(|| {
        refused(format!("holds table {name}, whose lines of vintage {vintage} are not known"))
    })?;
    let last = lines.keys().next_back().copied().unwrap_or_default();
    if last > layout.line_count {
        let count = layout.line_count;
        return Err(refused(format!(
            "has line {last} of table {name}, which in vintage {vintage} has {count}"
        )));
    }
    let is_all_of = |count: u16| last == count && lines.len() == usize::from(count);
    let other = table.layouts.iter().find(|other| {
        other.line_count != layout.line_count && other.line_count > 1 && is_all_of(other.line_count)
    });
    if let Some(other) = other {
        let (had, has) = (other.line_count, layout.line_count);
        return Err(refused(format!(
            "has {had} lines of table {name}, which in vintage {vintage} has {has}"
        )));
    }
    Ok(layout)
}

/// Says why a file with these columns is not read, and what to use instead.
fn not_read(
    file: &str,
    header: &[String],
    tables: &BTreeSet<&str>,
    vintage: Vintage,
    spec: &CensusSource,
) -> CensusError {
    let concepts = &spec.concepts;
    let has = |name: &str| header.iter().any(|column| column.eq_ignore_ascii_case(name));
    let kind_of = |table: &&str| {
        let letters: String = table.chars().take_while(char::is_ascii_uppercase).collect();
        Some(((*table).to_owned(), concepts.mixed.kinds.get(&letters)?))
    };
    let message = if let Some((table, kind)) = tables.iter().find_map(kind_of) {
        format!("holds table {table}, {kind}: counts mixed with percents")
    } else if header.first().is_some_and(|name| name.starts_with("GEO.id")) {
        if header.iter().any(|name| name.starts_with("HC0")) {
            "is a download of American FactFinder of a table that mixes counts with percents (a subject table \
             or a data profile)"
                .to_owned()
        } else {
            "is a download of American FactFinder, whose columns do not say what they are".to_owned()
        }
    } else if has("line_number") || has("Column Name") {
        "describes what the lines of tables mean and holds no figures".to_owned()
    } else if has("Label (Grouping)") {
        "is a table as data.census.gov shows it, areas side by side, not its data".to_owned()
    } else if has("variable") && has("estimate") {
        "has one row an area and variable, not one row an area".to_owned()
    } else if let Some(table) = tables.first() {
        format!("holds table {table}; tables read are {}", concepts.names())
    } else {
        "is not an ACS file in a form that is known".to_owned()
    };
    let hint = Some(format!("use {}: {}", concepts.mixed.instead, spec.instead(vintage)));
    CensusError::Refused { file: file.to_owned(), message, hint }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_name_lines_in_two_ways() {
        assert_eq!(line_of("B05002_E001"), Some(("B05002", 1, ColumnPart::Estimate)));
        assert_eq!(line_of("B05001PR_M006"), Some(("B05001PR", 6, ColumnPart::Margin)));
        assert_eq!(line_of("B05002_021E"), Some(("B05002", 21, ColumnPart::Estimate)));
        assert_eq!(line_of("B05003_001MA"), Some(("B05003", 1, ColumnPart::MarginNote)));
        for other in
            ["S0102_C01_001E", "DP02_0001PE", "B05002_1E", "NAME", "B05002_001PE", "B05002_é01E", "_"]
        {
            assert_eq!(line_of(other), None, "{other}");
        }
        assert_eq!(table_of("S0102_C01_001E"), Some("S0102"));
        assert_eq!(table_of("DP02_0001PE"), Some("DP02"));
        for other in ["GEO_ID", "county_fips", "HC01_EST_VC01X", "_x"] {
            assert!(!matches!(table_of(other), Some(table) if table.starts_with('B')), "{other}");
        }
    }
}
