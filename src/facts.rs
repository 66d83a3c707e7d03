//! The facts that lists are joined with: loaded while the lists themselves are read.

use tracing::info;

use crate::census::{CensusError, Figures, Request, load};
use crate::identify::Lexicon;
use crate::reference::{Reference, Shapes};
use crate::settings::RunSettings;
use crate::spec::{SpecError, Specs};
use crate::stopwatch::timed;
use crate::words::RunStep;

/// Reference tables, and figures of the Census Bureau.
pub struct Facts<'a> {
    pub reference: Reference,
    pub shapes: Shapes,
    /// The words that names of agencies are made of.
    pub lexicon: Lexicon<'a>,
    /// The figures of every vintage, newest first; a refused file is reported after the refused lists.
    pub figures: Result<Vec<Figures>, CensusError>,
    /// Seconds that the reference tables and the figures took to load, each beside the reading of lists.
    pub seconds: [(RunStep, f64); 2],
}

impl<'a> Facts<'a> {
    /// Loads the reference tables and the figures.
    ///
    /// # Errors
    /// A reference table that is not what it should be.
    pub fn load(settings: &RunSettings, specs: &'a Specs) -> Result<Self, SpecError> {
        let (loaded, reference_seconds) = timed(|| {
            let reference = Reference::load(&settings.files)?;
            let lexicon = Lexicon::new(&specs.vocabulary, &reference);
            Ok::<_, SpecError>((reference, lexicon, Shapes::load(&settings.files)?))
        });
        let (reference, lexicon, shapes) = loaded?;
        let request = Request { paths: &settings.acs, is_sample: settings.acs_sample };
        let (figures, census_seconds) = timed(|| load(&request, &settings.files, &specs.census, &reference));
        let seconds = [(RunStep::Reference, reference_seconds), (RunStep::Census, census_seconds)];
        Ok(Self { reference, shapes, lexicon, figures, seconds })
    }

    /// Says in the log what the reference tables hold.
    pub fn log(&self) {
        let Reference { counties, places, fbi, .. } = &self.reference;
        info!(
            step = RunStep::Reference.as_str(),
            counties = counties.iter().count(),
            places = places.iter().count(),
            fbi_agencies = fbi.iter().count(),
            "reference tables loaded"
        );
    }
}
