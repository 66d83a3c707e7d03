//! Events of an agreement and outcomes of an application, as the tables record them.

use std::fmt;

use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};

words! {
    /// A change from one list to the next (`agreement_events.event`).
    EventKind {
        Listed = "listed",
        ReDated = "re_dated",
        ReSigned = "re_signed",
        Unlisted = "unlisted",
        Relisted = "relisted",
        Ended = "ended",
        Renamed = "renamed",
        Relabelled = "relabelled",
        StateCorrected = "state_corrected",
        Relinked = "relinked",
    }
}

impl From<EndKind> for EventKind {
    /// The event of an agreement that another one succeeds.
    fn from(end: EndKind) -> Self {
        match end {
            EndKind::Renamed => Self::Renamed,
            EndKind::Relabelled => Self::Relabelled,
            EndKind::StateCorrected => Self::StateCorrected,
            EndKind::Removed | EndKind::ListingError => Self::Ended,
        }
    }
}

words! {
    /// The outcome of an application (`pending.outcome`).
    PendingOutcome {
        Participating = "participating",
        StillPending = "still_pending",
        LeftPending = "left_pending",
        Unobserved = "unobserved",
        Renewal = "renewal",
    }
}

words! {
    /// Why the end of an agreement was not seen (`agreements.censor_reason`).
    CensorReason {
        StillListed = "still_listed",
        /// Missing from the newest lists only.
        Unconfirmed = "unconfirmed",
        /// It goes on under another agreement's id.
        Succeeded = "succeeded",
        /// The lists printed it by mistake: it is no agreement.
        Misprint = "misprint",
    }
}

words! {
    /// The effect of a state's law on agreements (`state_laws.effect`).
    LawEffect {
        Requires = "requires", Allows = "allows", Limits = "limits", Forbids = "forbids",
        /// It bears on agreements in another way.
        Other = "other",
    }
}

words! {
    /// Why an agreement ended, according to a source that was read (`ends.end_reason`).
    EndReason {
        StateLaw = "state_law",
        /// An order of the state's governor or attorney general.
        StateOrder = "state_order",
        CourtOrder = "court_order",
        AgencyDecision = "agency_decision",
        IceDecision = "ice_decision",
        /// No source was read that says it.
        NotKnown = "not_known",
    }
}

words! {
    /// How a source was read (`state_laws.source_form`, `ends.source_form`).
    SourceForm {
        /// The text of the law.
        Statute = "statute",
        /// The text of an order, directive or opinion of a state's office.
        Order = "order",
        /// A bill, or the legislature's page on it.
        Bill = "bill",
        /// A publication of the agency, the governor or ICE.
        Original = "original",
        Article = "article",
        /// A part of an article.
        Excerpt = "excerpt",
    }
}

words! {
    /// The length of the periods of a panel (`coverage287 panel --every`).
    PeriodLength { Month = "month", Quarter = "quarter", Year = "year" }
}

words! {
    /// A check of `pipelines/agreements/checks.toml`; totals of the shipped counties have names of their own.
    Check {
        RowsAreConserved = "rows_are_conserved",
        ListsAreWhole = "lists_are_whole",
        RowsDoNotDrop = "rows_do_not_drop",
        DeparturesAreFew = "departures_are_few",
        NewListsAreUnderstood = "new_lists_are_understood",
        RowsAreNotSetAside = "rows_are_not_set_aside",
        HeadersAreKnown = "headers_are_known",
        NewestListIsRead = "newest_list_is_read",
        NewListsAreRead = "new_lists_are_read",
        DaysHaveCome = "days_have_come",
        ListAgreesWithPage = "list_agrees_with_page",
        ListIsNearPage = "list_is_near_page",
        PendingListIsRecent = "pending_list_is_recent",
        SourceIsFresh = "source_is_fresh",
        NewestListStays = "newest_list_stays",
        ListsAreStillThere = "lists_are_still_there",
        KeysAreUnique = "keys_are_unique",
        ReferencesResolve = "references_resolve",
        AgenciesInTheirState = "agencies_in_their_state",
        AgenciesInOneState = "agencies_in_one_state",
        CountyAndMunicipalAgenciesArePlaced = "county_and_municipal_agencies_are_placed",
        DecisionsAreExplained = "decisions_are_explained",
        LocalAgenciesArePlaced = "local_agencies_are_placed",
        StatesAreKnown = "states_are_known",
        ModelsAreKnown = "models_are_known",
        SignedDatesAreKnown = "signed_dates_are_known",
        RulesNest = "rules_nest",
        SharesAtMostOne = "shares_at_most_one",
        ClaimsAsRecorded = "claims_as_recorded",
        CountiesOfTheVintage = "counties_of_the_vintage",
        CountiesSumToTheirState = "counties_sum_to_their_state",
    }
}

words! {
    /// Why an agreement ended.
    EndKind {
        Removed = "removed", ListingError = "listing_error", Renamed = "renamed",
        Relabelled = "relabelled", StateCorrected = "state_corrected",
    }
}
