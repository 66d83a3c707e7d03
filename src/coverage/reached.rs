//! The counties and parts of counties that an agency reaches by the models it holds.

use std::collections::BTreeSet;

use super::basis::VintageBasis;
use super::reach::polices_residents;
use super::residents::Home;
use crate::words::{AgencyAt, Model, PartAt};

/// A set of models as bits.
pub type Models = u8;

pub fn bit(model: Model) -> Models {
    1 << model as u8
}

/// The counties and parts that an agency reaches by some models under a rule: positions, each once.
#[derive(Default)]
pub struct AgencyReach {
    /// Agreements that the rule takes.
    pub agreements: u32,
    /// Counties, once for each agreement that reaches them.
    pub by_agreement: Vec<u16>,
    /// Counties in which the rule counts all residents.
    pub whole: Vec<u16>,
    /// Counties reached, as a whole or in part.
    pub counties: Vec<u16>,
    /// The counties among these that the agency polices as a whole.
    pub entire: Vec<u16>,
    /// Places and towns of the agency in the counties that it polices in part.
    pub parts: Vec<PartAt>,
    /// Counties in which its residents are not known, whether the rule counts it there or not.
    pub unknown: Vec<u16>,
    /// Counties in which it has no residents.
    pub residentless: Vec<u16>,
    /// The counties of an unplaced agency; `None` if it is placed.
    pub lost: Option<Vec<u16>>,
}

impl AgencyReach {
    pub fn gather(map: &VintageBasis, rule: usize, agency: AgencyAt, models: Models) -> Self {
        let reaches = map.reaches;
        let mut all = Self::default();
        for model in Model::ALL.iter().copied().filter(|model| models & bit(*model) != 0) {
            let reach = reaches.of(rule, agency, model);
            all.agreements += u32::from(reach.is_taken());
            let counties = reaches.counties_of(rule, agency, model);
            if let Some(counties) = reaches.unplaced(rule, agency, model) {
                all.lost.get_or_insert_default().extend(counties);
            }
            all.by_agreement.extend_from_slice(&counties);
            all.counties.extend(counties);
            all.whole.extend(reach.whole.iter().copied());
            all.entire.extend(reach.whole.iter().filter(|county| !reach.in_part.contains(county)));
        }
        for counties in [&mut all.whole, &mut all.counties, &mut all.entire] {
            counties.sort_unstable();
            counties.dedup();
        }
        all.split_parts(map, agency);
        // If the agency's residents in a county are not known, those of other agencies are not all that are reached.
        let is_beside = |county: &u16| !all.counties.contains(county);
        let beside: BTreeSet<u16> = all.lost.iter().flatten().copied().filter(is_beside).collect();
        all.unknown.extend(beside);
        all
    }

    /// Finds the agency's residents in the counties that it polices in part.
    fn split_parts(&mut self, map: &VintageBasis, agency: AgencyAt) {
        let Some(homes) = map.homes else { return };
        for county in self.counties.iter().filter(|county| !self.entire.contains(county)) {
            let is_there = |part: &PartAt| homes.parts[*part].county == *county;
            let parts: Vec<PartAt> = homes.parts_of(agency).filter(is_there).collect();
            match homes.homes.get(agency) {
                Some(Home::Known(_)) if !parts.is_empty() => self.parts.extend(parts),
                Some(Home::None) if !polices_residents(&map.agencies.agencies[agency]) => {
                    self.residentless.push(*county);
                }
                _ => self.unknown.push(*county),
            }
        }
    }
}
