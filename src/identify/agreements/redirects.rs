//! Retired agreement ids: those of names that are another agency's, and of rows whose state was printed wrong.
//!
//! An agreement id is its agency's id and the model. One case has no redirect: a list added later shows that two names
//! taken for one agency are two, and the agency to which the agency id leads never had the model, because all rows of
//! that model are the other agency's. The agency id within the agreement id still resolves.

use std::collections::{BTreeMap, BTreeSet};

use crate::identify::agencies::agency::Agencies;
use crate::identify::agencies::ids::mint;
use crate::identify::agreements::follow::Agreements;
use crate::panel::Panel;
use crate::words::{AgreementAt, RedirectReason};

/// A retired agreement id that some release may have carried, and the agreement to which it leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgreementRedirect {
    pub old_id: String,
    /// Position of the agreement.
    pub agreement: AgreementAt,
    pub reason: RedirectReason,
    pub evidence: String,
}

/// Returns every retired id, sorted; one hop each.
pub fn agreement_redirects(
    panel: &Panel,
    agencies: &Agencies,
    agreements: &Agreements,
) -> Vec<AgreementRedirect> {
    let live: BTreeSet<&str> = agreements.agreements.iter().map(|agreement| agreement.id.as_str()).collect();
    let mut redirects: BTreeMap<String, AgreementRedirect> = BTreeMap::new();
    let mut add = |old_id: String, agreement: AgreementAt, reason: RedirectReason, evidence: String| {
        if !live.contains(old_id.as_str()) {
            let redirect = AgreementRedirect { old_id: old_id.clone(), agreement, reason, evidence };
            redirects.entry(old_id).or_insert(redirect);
        }
    };
    for (at, agreement) in agreements.agreements.iter_enumerated() {
        for redirect in &agencies.agencies[agreement.agency].redirects {
            let old_id = format!("{}-{}", redirect.old_id, agreement.model);
            add(old_id, at, redirect.reason, redirect.evidence.clone());
        }
    }
    // Some rows of a name went to another state's agency, while the name stayed with the other rows.
    let mut moved: BTreeMap<String, AgreementAt> = BTreeMap::new();
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
            RedirectReason::StateCorrected,
            "its rows were printed under a wrong state; see repairs".to_owned(),
        );
    }
    redirects.into_values().collect()
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use jiff::ToSpan;
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;
    use crate::identify::{Lexicon, agencies, agreements, repair_states};
    use crate::panel::made::{self, MadeRow};
    use crate::read::Text;
    use crate::reference::Reference;
    use crate::spec::{SpecFiles, Vocabulary};
    use crate::words::{ListKind, Model};

    static FACTS: LazyLock<(Vocabulary, Reference)> = LazyLock::new(|| {
        let files = SpecFiles::default();
        let vocabulary = files.toml("pipelines/agreements/vocabulary.toml").unwrap();
        (vocabulary, Reference::load(&files).unwrap())
    });
    static LEXICON: LazyLock<Lexicon> = LazyLock::new(|| Lexicon::new(&FACTS.0, &FACTS.1));

    /// Names under right and wrong states, some of which one rule or another joins to one agency.
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

    /// A list: its day, whether it is pending, and its rows (name, model, day signed).
    type Day = (i64, bool, Vec<(usize, usize, i64)>);
    type Days = Vec<Day>;

    fn days() -> impl Strategy<Value = Days> {
        let row = (0..NAMES.len(), 0_usize..3, 0_i64..3);
        let list = (0_i64..12, prop::bool::weighted(0.2), prop::collection::vec(row, 1..9));
        prop::collection::vec(list, 2..7)
    }

    /// State and agency as printed, and the model.
    type Row = (Text, Text, Model);

    /// The ids of a release.
    struct Ids {
        /// Every id that resolves, and the live id to which it leads.
        resolving: BTreeMap<String, String>,
        /// Rows on participating lists, by agreement id.
        rows: BTreeMap<String, BTreeSet<Row>>,
        /// The agencies that a row is taken for, by row.
        agencies: BTreeMap<Row, BTreeSet<String>>,
    }

    impl Ids {
        fn live(&self) -> impl Iterator<Item = &str> {
            self.resolving.iter().filter(|(old, live)| old == live).map(|(_, live)| live.as_str())
        }
    }

    /// Returns the ids of a release of these days.
    fn ids(days: &[&Day]) -> Ids {
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
        let panel = repair_states(made::panel(&lists), &LEXICON, &FACTS.1);
        let agencies = agencies(&panel, &LEXICON, &FACTS.1);
        let agreements = agreements(&panel, &agencies, 2);
        let mut resolving = BTreeMap::new();
        let mut add = |old_id: &str, id: &str| {
            let before = resolving.insert(old_id.to_owned(), id.to_owned());
            assert_eq!(before, None, "{old_id} is live, or gives way twice");
        };
        for agency in &agencies.agencies {
            add(&agency.id, &agency.id);
            agency.redirects.iter().for_each(|redirect| add(&redirect.old_id, &agency.id));
        }
        agreements.agreements.iter().for_each(|agreement| add(&agreement.id, &agreement.id));
        for redirect in agreement_redirects(&panel, &agencies, &agreements) {
            add(&redirect.old_id, &agreements.agreements[redirect.agreement].id);
        }
        let mut made = Ids { resolving, rows: BTreeMap::new(), agencies: BTreeMap::new() };
        let participating = panel.lists.iter().filter(|list| list.kind == Some(ListKind::Participating));
        for row in participating.flat_map(|list| &list.rows).map(|(_, row)| *row) {
            let (listing, Some(at)) = (&panel.listings[row], agreements.of_row[row]) else { continue };
            let agreement = &agreements.agreements[at];
            let printed = &listing.printed;
            let (state, name) = (printed.state.clone().unwrap(), printed.agency.clone().unwrap());
            let row = (state, name, listing.model.unwrap());
            made.rows.entry(agreement.id.clone()).or_default().insert(row.clone());
            let agency = &agencies.agencies[agreement.agency].id;
            made.agencies.entry(row).or_default().insert(agency.clone());
        }
        made
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(512))]

        /// Whatever list is added, even an older one, every agency id published before is an id or a redirect. So is
        /// every agreement id, unless its agency turned out to be two and all its rows are the other's.
        #[test]
        fn every_id_resolves_after_any_list_is_added(days in days(), added in 0_usize..7) {
            let added = added % days.len();
            let before: Vec<_> = days.iter().enumerate().filter(|(at, _)| *at != added).map(|(_, day)| day).collect();
            let all: Vec<_> = days.iter().collect();
            let (before, after) = (ids(&before), ids(&all));
            for id in before.live() {
                let agency = after.resolving.get(&id[..AGENCY_ID_LENGTH]);
                prop_assert!(agency.is_some(), "the agency of {} is gone", id);
                if !after.resolving.contains_key(id) {
                    for row in &before.rows[id] {
                        let others = after.agencies.get(row).is_some_and(|agencies| !agencies.contains(agency.unwrap()));
                        prop_assert!(others, "{} is gone, and {:?} is not another's", id, row);
                    }
                }
            }
        }

        /// The order in which lists are offered changes nothing: lists are taken in date order.
        #[test]
        fn bodies_do_not_depend_on_the_order_of_rows(days in days()) {
            let turned: Days =
                days.iter().map(|(day, pending, rows)| (*day, *pending, rows.iter().rev().copied().collect())).collect();
            let (all, turned): (Vec<_>, Vec<_>) = (days.iter().collect(), turned.iter().collect());
            let (all, turned) = (ids(&all), ids(&turned));
            prop_assert!(all.resolving.keys().eq(turned.resolving.keys()));
            let groups = |ids: Ids| ids.rows.into_values().collect::<BTreeSet<_>>();
            prop_assert_eq!(groups(all), groups(turned));
        }
    }
}
