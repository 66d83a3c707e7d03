//! What each rule takes of each agency and model: positions of counties.

use std::collections::BTreeMap;

use crate::census::Figures;
use crate::identify::{Agencies, Agency};
use crate::reference::{Counties, County};
use crate::spec::{Rules, Territory};
use crate::words::{CountyFips, Model, StateCode};

/// Counties of the vintage in the order of their codes, and what is reached among them.
#[derive(Debug)]
pub struct Reaches {
    /// The counties of the vintage, island areas included.
    pub counties: Vec<(CountyFips, StateCode)>,
    /// By rule, agency and model: ascending positions in `counties`.
    reached: Vec<Vec<[Box<[u16]>; 3]>>,
    /// By rule and agency: the models under which a local body without a known county would cover one.
    would_reach: Vec<Vec<[bool; 3]>>,
}

impl Reaches {
    /// Positions of the counties that an agency's agreement covers under a rule.
    pub fn of(&self, rule: usize, agency: u32, model: Model) -> &[u16] {
        &self.reached[rule][agency as usize][model as usize]
    }

    /// Whether an agency's agreement would cover a county under a rule, were its county known.
    pub fn would_reach(&self, rule: usize, agency: u32, model: Model) -> bool {
        self.would_reach[rule][agency as usize][model as usize]
    }
}

/// Works out what every rule takes of every agency and model.
pub fn reaches(agencies: &Agencies, rules: &Rules, counties: &Counties, figures: &Figures) -> Reaches {
    let of_vintage: Vec<&County> = counties.of_vintage(figures.year()).collect();
    let at: BTreeMap<CountyFips, u16> =
        of_vintage.iter().enumerate().map(|(at, county)| (county.fips, at as u16)).collect();
    let mut in_state: BTreeMap<StateCode, Vec<u16>> = BTreeMap::new();
    for (at, county) in of_vintage.iter().enumerate() {
        in_state.entry(county.state).or_default().push(at as u16);
    }
    let reached = rules.rules.iter().map(|rule| {
        let reaches = rules.reaches(rule);
        let taken = |agency: &Agency, model: Model| {
            let location = &agency.location;
            let mut taken: Vec<u16> = Vec::new();
            for reach in &reaches {
                if !reach.takes_agency(location.kind, location.level) || !reach.takes_model(model) {
                    continue;
                }
                match reach.territory {
                    Territory::Counties if reach.takes_extent(location.extent) => {
                        taken.extend(location.counties.iter().filter_map(|fips| at.get(fips)));
                    }
                    Territory::Counties => {}
                    Territory::State => {
                        taken.extend(
                            agency.state.and_then(|state| in_state.get(&state)).into_iter().flatten(),
                        );
                    }
                }
            }
            taken.sort_unstable();
            taken.dedup();
            taken.into_boxed_slice()
        };
        let of_models = |agency| [Model::Jem, Model::Wso, Model::Tfm].map(|model| taken(agency, model));
        agencies.agencies.iter().map(of_models).collect()
    });
    let reached = reached.collect();
    let would_reach = rules.rules.iter().map(|rule| {
        let reaches = rules.reaches(rule);
        let would = |agency: &Agency, model: Model| {
            let location = &agency.location;
            let is_lost = !location.level.is_statewide() && location.counties.is_empty();
            is_lost
                && reaches.iter().any(|reach| {
                    reach.territory == Territory::Counties
                        && reach.takes_agency(location.kind, location.level)
                        && reach.takes_model(model)
                        && reach.takes_extent(location.extent)
                })
        };
        let of_models = |agency| [Model::Jem, Model::Wso, Model::Tfm].map(|model| would(agency, model));
        agencies.agencies.iter().map(of_models).collect()
    });
    let would_reach = would_reach.collect();
    Reaches {
        counties: of_vintage.iter().map(|county| (county.fips, county.state)).collect(),
        reached,
        would_reach,
    }
}
