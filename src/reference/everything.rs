//! Every reference table, loaded together.

use super::changes::{self, CountyChanges};
use super::connecticut::{self, ConnecticutTowns};
use super::counties::{self, Counties};
use super::crosswalk::{self, Crosswalk};
use super::fbi::{self, FbiAgencies};
use super::laws::{self, Laws};
use super::place_counties::{self, PlaceCounties};
use super::places::{self, Places};
use super::residents::{self, CountyResidents};
use super::state_agencies::{self, StateAgencies};
use super::states::{self, States};
use super::towns::{self, Towns};
use crate::spec::{SpecError, SpecFiles};

/// Every reference table.
#[derive(Debug)]
pub struct Reference {
    pub states: States,
    pub counties: Counties,
    pub places: Places,
    pub place_counties: PlaceCounties,
    pub towns: Towns,
    pub fbi: FbiAgencies,
    pub crosswalk: Crosswalk,
    pub changes: CountyChanges,
    pub connecticut: ConnecticutTowns,
    pub residents: CountyResidents,
    pub laws: Laws,
    pub state_agencies: StateAgencies,
}

/// The part of the reference that cleans values.
#[derive(Debug)]
pub struct Regions {
    pub states: States,
    pub counties: Counties,
}

impl Regions {
    /// Loads only states and counties, a small part of the whole.
    pub fn load(files: &SpecFiles) -> Result<Self, SpecError> {
        let states = states::load(files)?;
        Ok(Self { counties: counties::load(files, &states)?, states })
    }
}

impl Reference {
    pub fn load(files: &SpecFiles) -> Result<Self, SpecError> {
        let Regions { states, counties } = Regions::load(files)?;
        let connecticut = connecticut::load(files, &counties)?;
        let place_counties = place_counties::load(files, &counties)?;
        let changes = changes::load(files, &counties)?;
        let (places, (fbi, towns)) = rayon::join(
            || places::load(files, &counties, &connecticut, &place_counties),
            || rayon::join(|| fbi::load(files, &counties, &connecticut), || towns::load(files, &counties)),
        );
        let crosswalk = crosswalk::load(files, &states, &counties)?;
        let fbi = fbi?;
        Ok(Self {
            places: places?,
            place_counties,
            towns: towns?,
            state_agencies: state_agencies::load(files, &states, &fbi)?,
            fbi,
            crosswalk,
            changes,
            connecticut,
            residents: residents::load(files)?,
            laws: laws::load(files, &states)?,
            states,
            counties,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::StateKind;

    #[test]
    fn the_shipped_tables_load() {
        let reference = Reference::load(&SpecFiles::default()).unwrap();
        assert_eq!(reference.states.iter().filter(|s| s.kind != StateKind::Territory).count(), 51);
        assert_eq!(reference.counties.of_vintage(2023).count(), 3_235);
        assert_eq!(reference.counties.of_vintage(2021).count(), 3_234);
        assert!(reference.places.iter().count() > 32_000);
    }
}
