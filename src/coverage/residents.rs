//! The residents that a place's or town's own police serves: those of the place or county subdivision, by county.
//!
//! A place in several counties is split by the shares given, or else by where its residents lived in the 2020
//! Census. If neither is known, it is taken to lie whole in the main county of its police. Each part records how.

use std::collections::{BTreeMap, HashMap};

use enum_map::EnumMap;
use typed_index_collections::TiVec;

use crate::census::{Area, AreaFigures, CountyFigures, Figures, Gap, Level, Measure};
use crate::identify::{Agencies, Agency};
use crate::reference::{PlaceShares, Reference, key, split_town_name};
use crate::words::Level as AgencyLevel;
use crate::words::{AgencyAt, CountyFips, Extent, FigureMethod, Kind, PartAt};

impl Part {
    /// 90 % margin of a measure, in persons.
    pub fn margin(&self, measure: Measure) -> Option<f64> {
        let (part, whole) = self.share;
        let moe = self.figures[measure].moe()?;
        self.people[measure].is_ok().then(|| moe * part as f64 / whole.max(1) as f64)
    }
}

/// How a share of a place was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShareMethod {
    /// The area lies in one county.
    Whole,
    /// The shares were given in a file.
    Given,
    /// The shares are the residents of the place's parts in the Census of 2020.
    Census,
    /// The place spans counties and no share was given: it is taken to lie in its main county.
    MainCounty,
}

impl ShareMethod {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Whole => "whole",
            Self::Given => "given",
            Self::Census => "census_2020",
            Self::MainCounty => "main_county",
        }
    }
}

/// The residents of a place or county subdivision in one county.
#[derive(Debug, Clone)]
pub struct Part {
    pub area: Area,
    /// Position of the county.
    pub county: u16,
    /// The people of the part, by measure.
    pub people: EnumMap<Measure, Result<i64, Gap>>,
    /// The figures of the whole area: margins are in proportion to the share.
    pub figures: CountyFigures,
    /// Part and whole of the share.
    pub share: (u64, u64),
    pub method: ShareMethod,
    /// The largest error that the rounding of a percentage causes in the foreign-born residents; unit: a
    /// hundred-thousandth of a person.
    pub rounding: i64,
    /// How the foreign-born residents were obtained; `None` if they are not known.
    pub foreign_born_method: Option<FigureMethod>,
    /// Whether the place may lie within a county subdivision, so that its residents may be the subdivision's too.
    pub is_within_subdivision: bool,
}

/// The area whose residents an agency polices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Home {
    /// The agency is not a place's or town's own police.
    None,
    Known(Area),
    /// The agency is a place's or town's own police, but its residents are not known.
    Unknown(Option<Area>, UnknownResidents),
}

/// Why the residents of a place or town are not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnknownResidents {
    /// No place and no single county subdivision has its name.
    NoArea,
    /// The input has no figure of its area.
    NoFigure,
    /// None of the vintage's counties is known to hold it.
    NoCounty,
}

impl UnknownResidents {
    /// The reason's word in the tables.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoArea => "no_area_of_its_name",
            Self::NoFigure => "no_figure_of_its_area",
            Self::NoCounty => "no_county_of_its_area",
        }
    }
}

/// The area of each agency, and the parts of each area.
#[derive(Debug)]
pub struct Homes {
    /// Areas by agency.
    pub homes: TiVec<AgencyAt, Home>,
    /// Parts by area and county.
    pub parts: TiVec<PartAt, Part>,
    parts_of: BTreeMap<Area, Vec<PartAt>>,
    /// Whether at least some places have figures of foreign-born residents.
    pub have_foreign_born: bool,
}

impl Homes {
    /// The value for a vintage without figures of places.
    pub fn none() -> Self {
        Self { homes: TiVec::new(), parts: TiVec::new(), parts_of: BTreeMap::new(), have_foreign_born: false }
    }

    /// Finds the area of each agency and splits it by county; `at` has the position of each county.
    pub fn find(
        agencies: &Agencies,
        reference: &Reference,
        figures: &Figures,
        shares: &PlaceShares,
        at: &BTreeMap<CountyFips, u16>,
    ) -> Self {
        let subdivisions = subdivisions(figures, reference);
        let finder = ResidentsFinder { reference, figures, shares, at, subdivisions };
        let homes: TiVec<AgencyAt, Home> =
            agencies.agencies.iter().map(|agency| finder.home(agency)).collect();
        let mut areas: BTreeMap<Area, &Agency> = BTreeMap::new();
        for (home, agency) in homes.iter().zip(&agencies.agencies) {
            if let Home::Known(area) = home {
                areas.entry(*area).or_insert(agency);
            }
        }
        // A place that is whole counties has their figure; that does not show that places have figures of their own.
        let is_of_places = |(area, _): (Area, &AreaFigures)| {
            let method = figures.method(area, Measure::ForeignBorn);
            method.is_some_and(|method| method != FigureMethod::SumOfCounties)
        };
        let have_foreign_born = figures.of_level(Level::Place).any(is_of_places);
        let mut all = Self { homes, have_foreign_born, ..Self::none() };
        for (area, agency) in areas {
            let parts = finder.parts(area, agency);
            let parts = parts.into_iter().map(|part| all.parts.push_and_get_key(part)).collect();
            all.parts_of.insert(area, parts);
        }
        all
    }

    /// The parts that an agency polices.
    pub fn parts_of(&self, agency: AgencyAt) -> impl Iterator<Item = PartAt> {
        let area = match self.homes.get(agency) {
            Some(Home::Known(area)) => self.parts_of.get(area),
            _ => None,
        };
        area.into_iter().flatten().copied()
    }

    /// How many agencies have no residents for this reason.
    pub fn unknown(&self, why: UnknownResidents) -> usize {
        self.homes.iter().filter(|home| matches!(home, Home::Unknown(_, reason) if *reason == why)).count()
    }

    /// Whether an agency polices residents whose number is not known.
    pub fn is_unknown(&self, agency: AgencyAt) -> bool {
        matches!(self.homes.get(agency), Some(Home::Unknown(..)))
            || (matches!(self.homes.get(agency), Some(Home::Known(_)))
                && self.parts_of(agency).next().is_none())
    }
}

/// A county subdivision that has figures and may have police.
#[derive(Debug)]
struct Subdivision {
    area: Area,
    /// `town`, `charter township`.
    what: &'static str,
}

/// Subdivisions by county and key of the name without its legal kind.
type Subdivisions = HashMap<(CountyFips, String), Vec<Subdivision>>;

fn subdivisions(figures: &Figures, reference: &Reference) -> Subdivisions {
    let mut found = Subdivisions::new();
    for (area, figures) in figures.of_level(Level::Subdivision) {
        let code = area.code();
        // A place that is its own subdivision is found as a place.
        let place = reference.places.get(&format!("{}{}", &code[..2], &code[5..]));
        if place.is_some_and(|place| place.is_alone) {
            continue;
        }
        // "Abington township, Montgomery County, Pennsylvania", with semicolons in some years; most files lack names.
        let printed = figures.name.as_deref().and_then(|name| name.split([',', ';']).next());
        let name = printed.or_else(|| reference.towns.get(&code).map(|town| town.name.as_str()));
        if let (Some(county), Some((name, what))) =
            (CountyFips::new(&code[..5]), name.and_then(split_town_name))
        {
            found.entry((county, key(name))).or_default().push(Subdivision { area, what });
        }
    }
    found
}

struct ResidentsFinder<'a> {
    reference: &'a Reference,
    figures: &'a Figures,
    shares: &'a PlaceShares,
    at: &'a BTreeMap<CountyFips, u16>,
    subdivisions: Subdivisions,
}

impl ResidentsFinder<'_> {
    /// The place whose police the agency is, or else the county subdivision with its town's name in its county.
    fn home(&self, agency: &Agency) -> Home {
        let location = &agency.location;
        if location.level != AgencyLevel::Municipal || location.kind != Kind::Police {
            return Home::None;
        }
        let place = location.place_geoid.as_deref().and_then(|geoid| Area::new(Level::Place, geoid));
        // A place that is its own county subdivision may have its figures there.
        let own = location.cousub_geoid.as_deref().and_then(|geoid| Area::new(Level::Subdivision, geoid));
        let own = own.filter(|_| location.counties.len() == 1);
        // A city of Connecticut is the town of the same name; the figures may be the town's.
        let by_name = || {
            let name = agency.location.town.as_deref()?;
            let is_city = self.reference.connecticut.is_city(agency.state?, name);
            (place.is_none() || is_city).then(|| self.subdivision(agency)).flatten()
        };
        let town = by_name();
        let found = place.or(own).or(town);
        let candidates = [place, own, town];
        match candidates.into_iter().flatten().find(|area| self.is_known(*area)) {
            Some(area) if self.parts(area, agency).is_empty() => {
                Home::Unknown(Some(area), UnknownResidents::NoCounty)
            }
            Some(area) => Home::Known(area),
            None if found.is_some() => Home::Unknown(found, UnknownResidents::NoFigure),
            None => Home::Unknown(None, UnknownResidents::NoArea),
        }
    }

    fn is_known(&self, area: Area) -> bool {
        self.figures.of(area)[Measure::Population].value.is_ok()
    }

    /// The subdivision with the town's name in its county; if the name says its legal kind, only one of that kind.
    fn subdivision(&self, agency: &Agency) -> Option<Area> {
        let town = agency.location.town.as_deref()?;
        // "Kansas City" is a whole name; "chester township" ends with its legal kind.
        let said = split_town_name(town);
        let named = self.named(agency, town).or_else(|| self.named(agency, said?.0));
        let found: Vec<&Subdivision> = named?.collect();
        let is_said = |what: &str| said.is_none_or(|(_, said)| what == said || what.ends_with(said));
        let fits: Vec<_> = found.iter().filter(|subdivision| is_said(subdivision.what)).collect();
        match fits.as_slice() {
            [only] => Some(only.area),
            _ => None,
        }
    }

    /// Subdivisions of a name in the counties of an agency; `None` where there are none.
    fn named(&self, agency: &Agency, name: &str) -> Option<impl Iterator<Item = &Subdivision>> {
        let year = self.figures.vintage.last();
        let counties = &agency.location.counties;
        let then =
            counties.iter().flat_map(|county| self.reference.then(*county, Extent::Part, Some(name), year));
        let found = then.filter_map(|then| self.subdivisions.get(&(then.county, key(name)))).flatten();
        let found: Vec<&Subdivision> = found.collect();
        (!found.is_empty()).then(|| found.into_iter())
    }

    /// The parts of an area by county.
    fn parts(&self, area: Area, agency: &Agency) -> Vec<Part> {
        let figures = self.figures.of(area);
        let half_width = self.figures.half_width(area, Measure::ForeignBorn).unwrap_or(0.0);
        let half_width = (half_width * 100_000.0).round() as i64;
        let year = self.figures.vintage.last();
        let reference = self.reference;
        if area.level() == Level::Subdivision {
            let county = CountyFips::new(&area.code()[..5]).and_then(|county| self.at.get(&county));
            let part = |county: &u16| Part {
                area,
                county: *county,
                people: figures.map(|_, estimate| estimate.value),
                figures,
                share: (1, 1),
                method: ShareMethod::Whole,
                rounding: half_width,
                foreign_born_method: self.figures.method(area, Measure::ForeignBorn),
                is_within_subdivision: false,
            };
            return county.map(part).into_iter().collect();
        }
        let place = reference.places.get(&area.code());
        let counties = place.map_or(agency.location.counties.as_slice(), |place| place.counties.as_slice());
        let given = self.shares.of(&area.code());
        let counted = reference.place_counties.of_vintage(&area.code(), year, &reference.counties);
        let (weights, method) = match (given, counties) {
            (Some(given), _) => (given.to_vec(), ShareMethod::Given),
            (None, _) if counted.len() > 1 => (counted, ShareMethod::Census),
            (None, [only]) => (vec![(*only, 1)], ShareMethod::Whole),
            (None, several) => {
                // The agency's main county: more sources speak of the agency than of the place.
                let own = agency.location.counties.first().filter(|county| several.contains(county));
                let main = own.copied().or_else(|| reference.residents.most(several));
                (main.map(|county| (county, 1)).into_iter().collect(), ShareMethod::MainCounty)
            }
        };
        let town = place.map(|place| place.base_name());
        let then = |county: CountyFips| {
            let then = reference.then(county, Extent::Part, town, year);
            then.first().and_then(|then| self.at.get(&then.county)).copied()
        };
        // Today's counties that were one county in the vintage are one part.
        let mut by_county: BTreeMap<u16, u64> = BTreeMap::new();
        for (county, weight) in weights {
            if let Some(at) = then(county) {
                *by_county.entry(at).or_default() += weight;
            }
        }
        let weights: Vec<u64> = by_county.values().copied().collect();
        let whole: u64 = weights.iter().sum();
        let split = figures.map(|_, estimate| estimate.value.map(|people| split(people, &weights)));
        by_county
            .into_iter()
            .enumerate()
            .map(|(at, (county, weight))| Part {
                area,
                county,
                people: EnumMap::from_fn(|measure| match &split[measure] {
                    Ok(all) => Ok(all[at]),
                    Err(gap) => Err(*gap),
                }),
                figures,
                share: (weight, whole),
                method,
                rounding: (i128::from(half_width) * i128::from(weight) / i128::from(whole.max(1))) as i64,
                foreign_born_method: self.figures.method(area, Measure::ForeignBorn),
                is_within_subdivision: place.is_none_or(|place| !place.is_alone),
            })
            .collect()
    }
}

/// Splits people by weights into whole persons with the same sum; persons left over by rounding go where most
/// was cut off, earlier ones first.
fn split(people: i64, weights: &[u64]) -> Vec<i64> {
    let whole: i128 = weights.iter().map(|weight| i128::from(*weight)).sum::<i128>().max(1);
    let mut shares: Vec<(i128, i128)> = weights
        .iter()
        .map(|weight| i128::from(people) * i128::from(*weight))
        .map(|product| (product / whole, product % whole))
        .collect();
    let left = i128::from(people) - shares.iter().map(|(share, _)| share).sum::<i128>();
    let mut order: Vec<usize> = (0..shares.len()).collect();
    order.sort_by_key(|at| (std::cmp::Reverse(shares[*at].1), *at));
    for at in order.into_iter().take(usize::try_from(left).unwrap_or_default()) {
        shares[at].0 += 1;
    }
    // No part is larger than the whole, which fits.
    shares.into_iter().map(|(share, _)| i64::try_from(share).unwrap_or(i64::MAX)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_sum_to_the_whole() {
        assert_eq!(split(100, &[1, 1, 1]), [34, 33, 33]);
        assert_eq!(split(7, &[70, 20, 10]), [5, 1, 1]);
        assert_eq!(split(5, &[3]), [5]);
        assert_eq!(split(0, &[1, 2]), [0, 0]);
        assert_eq!(split(1_000_000_000, &[999_999_999, 1]).iter().sum::<i64>(), 1_000_000_000);
    }
}
