//! Agreement ids that gave way: of names that are another body's, and of rows whose state was printed wrong.
//!
//! An agreement id is its agency's id and the model. One case is left without a redirect: a list added later shows
//! that two names which were taken for one body are two, and the body that keeps the id never had the model. The
//! agency id in it still resolves.

use std::collections::BTreeMap;

use super::agencies::mint;
use super::{Agencies, Agreements};
use crate::panel::Panel;

/// An agreement id that some release may have carried, and the one that stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgreementRedirect {
    pub old_id: String,
    /// Position of the agreement.
    pub agreement: u32,
    pub reason: &'static str,
    pub evidence: String,
}

/// Every id that gave way, sorted; one hop.
pub fn agreement_redirects(
    panel: &Panel,
    agencies: &Agencies,
    agreements: &Agreements,
) -> Vec<AgreementRedirect> {
    let live: BTreeMap<&str, u32> =
        agreements.agreements.iter().zip(0..).map(|(agreement, at)| (agreement.id.as_str(), at)).collect();
    let mut redirects: BTreeMap<String, AgreementRedirect> = BTreeMap::new();
    let mut add = |old_id: String, agreement: u32, reason: &'static str, evidence: String| {
        if !live.contains_key(old_id.as_str()) {
            let redirect = AgreementRedirect { old_id: old_id.clone(), agreement, reason, evidence };
            redirects.entry(old_id).or_insert(redirect);
        }
    };
    for (at, agreement) in (0..).zip(&agreements.agreements) {
        for redirect in &agencies.agencies[agreement.agency as usize].redirects {
            let old_id = format!("{}-{}", redirect.old_id, agreement.model);
            add(old_id, at, redirect.reason, redirect.evidence.clone());
        }
    }
    // Rows of one name went to another state's body while the name stayed with others.
    let mut moved: BTreeMap<String, u32> = BTreeMap::new();
    for (listing, agreement) in panel.listings.iter().zip(&agreements.of_row) {
        let (Some(state), Some(name), Some(model)) =
            (listing.state_named, &listing.agency_name, listing.model)
        else {
            continue;
        };
        if let Some(at) = agreement {
            let lowest = moved.entry(format!("{}-{model}", mint(Some(state), name))).or_insert(*at);
            *lowest = (*lowest).min(*at);
        }
    }
    for (old_id, at) in moved {
        add(
            old_id,
            at,
            "state_corrected",
            "its rows were printed under a wrong state; see repairs".to_owned(),
        );
    }
    redirects.into_values().collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::sync::LazyLock;

    use jiff::ToSpan;
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;
    use crate::identify::{Lexicon, agencies, agreements, mend_states};
    use crate::panel::made::{self, MadeRow};
    use crate::reference::Reference;
    use crate::spec::{SpecFiles, Vocabulary};
    use crate::words::{ListKind, Model};

    static FACTS: LazyLock<(Vocabulary, Reference)> = LazyLock::new(|| {
        let files = SpecFiles::default();
        let vocabulary = files.toml("pipelines/agreements/vocabulary.toml").unwrap();
        (vocabulary, Reference::load(&files).unwrap())
    });
    static LEXICON: LazyLock<Lexicon> = LazyLock::new(|| Lexicon::new(&FACTS.0, &FACTS.1));

    /// Names of which some are one body's by one rule or another, under right and wrong states.
    const NAMES: [(&str, &str); 16] = [
        ("FL", "Bay County Sheriff's Office"),
        ("FL", "Bay County Sheriff's Department"),
        ("FL", "Okaloosa County Sheriff's Office"),
        ("FL", "Okaloosa County Corrections"),
        ("FL", "Okaloosa County Board of County Commissioners"),
        ("FL", "Okaloosa County Board of County Commissioners/ Department of Corrections"),
        ("FL", "City of Melbourne Police Department"),
        ("FL", "Melbourne Police Department"),
        ("FL", "Melbourne Beach Police Department"),
        ("FL", "Macro Island Police Department"),
        ("FL", "Marco Island Police Department"),
        ("MA", "Crow Wing County Sheriff's Office"),
        ("MN", "Crow Wing County Sheriff's Office"),
        ("TX", "Ellis County Sheriff's Office"),
        ("KS", "Ellis County Sheriff's Office"),
        ("LA", "Louisiana State Patrol"),
    ];

    /// A state's code, a hyphen and ten hex digits.
    const AGENCY_ID_LENGTH: usize = 13;

    /// What is on the lists of some days: day, kind, (name, model, day signed).
    type Day = (i64, bool, Vec<(usize, usize, i64)>);
    type Days = Vec<Day>;

    fn days() -> impl Strategy<Value = Days> {
        let row = (0..NAMES.len(), 0_usize..3, 0_i64..3);
        let list = (0_i64..12, prop::bool::weighted(0.2), prop::collection::vec(row, 1..9));
        prop::collection::vec(list, 2..7)
    }

    /// Ids that a release of these days carries, and those that resolve in it.
    fn ids(days: &[&Day]) -> (BTreeSet<String>, BTreeSet<String>) {
        let mut lists: Vec<_> = days
            .iter()
            .map(|(day, pending, rows)| {
                let kind = if *pending { ListKind::Pending } else { ListKind::Participating };
                let row = |(name, model, signed): &(usize, usize, i64)| MadeRow {
                    state: NAMES[*name].0,
                    agency: NAMES[*name].1.to_owned(),
                    model: Model::ALL[*model],
                    signed: (!pending).then(|| date(2025, 3, 1) + signed.days()),
                    file: None,
                };
                (kind, date(2025, 6, 1) + day.days(), rows.iter().map(row).collect())
            })
            .collect();
        lists.sort_by_key(|(kind, day, _)| (*day, *kind));
        let mut panel = made::panel(&lists);
        mend_states(&mut panel, &LEXICON, &FACTS.1);
        let agencies = agencies(&panel, &LEXICON, &FACTS.1);
        let agreements = agreements(&panel, &agencies, 2);
        let live: BTreeSet<String> = agencies
            .agencies
            .iter()
            .map(|agency| agency.id.clone())
            .chain(agreements.agreements.iter().map(|agreement| agreement.id.clone()))
            .collect();
        let mut resolving = live.clone();
        for redirect in agencies.agencies.iter().flat_map(|agency| &agency.redirects) {
            assert!(
                resolving.insert(redirect.old_id.clone()),
                "{} is live, or gives way twice",
                redirect.old_id
            );
        }
        for redirect in agreement_redirects(&panel, &agencies, &agreements) {
            assert!(
                resolving.insert(redirect.old_id.clone()),
                "{} is live, or gives way twice",
                redirect.old_id
            );
        }
        (live, resolving)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(512))]

        /// Whatever list is added, an older one too, every agency id published before is an id or a redirect; and
        /// so is every agreement id, unless its agency stands and was seen to be two.
        #[test]
        fn every_id_resolves_after_any_list_is_added(days in days(), added in 0_usize..7) {
            let added = added % days.len();
            let before: Vec<_> = days.iter().enumerate().filter(|(at, _)| *at != added).map(|(_, day)| day).collect();
            let all: Vec<_> = days.iter().collect();
            let (published, _) = ids(&before);
            let (live, resolving) = ids(&all);
            for id in &published {
                let agency = id.get(..AGENCY_ID_LENGTH).unwrap_or(id);
                prop_assert!(resolving.contains(agency), "{} is gone", agency);
                prop_assert!(resolving.contains(id) || live.contains(agency), "{} is gone", id);
            }
        }

        /// The order in which lists are offered changes nothing: lists are taken in date order.
        #[test]
        fn bodies_do_not_depend_on_the_order_of_rows(days in days()) {
            let turned: Days =
                days.iter().map(|(day, pending, rows)| (*day, *pending, rows.iter().rev().copied().collect())).collect();
            let (all, turned): (Vec<_>, Vec<_>) = (days.iter().collect(), turned.iter().collect());
            prop_assert_eq!(ids(&all).1, ids(&turned).1);
        }
    }
}
