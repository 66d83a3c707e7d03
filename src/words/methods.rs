//! The rules by which something was decided, as the tables record them.

use std::fmt;

use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};

words! {
    /// How the counties of an agency were found (`agencies.county_method`).
    CountyMethod {
        /// The name says the county.
        AgencyName = "agency_name",
        /// An agency of a state has no county of its own.
        StateBody = "state_body",
        /// The county cell of most rows.
        CountyCell = "county_cell",
        /// The county of its place.
        CensusPlace = "census_place",
        /// The county of its entry in the FBI's list.
        FbiList = "fbi_list",
        /// The county of its place, where the cell has another.
        PlaceOverCell = "place_over_cell",
        /// The county of its entry in the FBI's list, where the cell has another.
        FbiOverCell = "fbi_over_cell",
        /// The planning region of its town.
        ConnecticutTown = "connecticut_town",
        /// The county of its town or township.
        CensusTown = "census_town",
        /// A city that is governed as one with its county.
        CityCounty = "city_county",
        /// All of a territory.
        Territory = "territory",
        /// A reviewed decision.
        Reviewed = "reviewed",
        NotFound = "not_found",
    }
}

words! {
    /// How the share of an old county's people was found (`county_crosswalk.share_method`).
    CrosswalkMethod {
        /// All of it passed to one county.
        Whole = "whole",
        /// By the people of the counties that it was split into.
        Successors = "successors",
        /// By the people of its towns.
        Towns = "towns",
    }
}

words! {
    /// The powers of a state's agency to enforce criminal law (`agencies.police_powers`).
    PolicePowers {
        /// It may enforce all criminal laws in the whole state.
        General = "general",
        /// It may enforce the laws on its subject.
        Limited = "limited",
        None = "none",
    }
}

words! {
    /// How the FBI's identifier of an agency was found (`agencies.ori_method`).
    OriMethod {
        /// By name, kind and county.
        FbiName = "fbi_name",
        /// By a name that is near.
        FbiNameNear = "fbi_name_near",
        /// By the words of a state agency's name.
        FbiStateName = "fbi_state_name",
        /// By the number that the county's other identifiers share.
        CountyNumber = "county_number",
        /// By a reviewed decision.
        Reviewed = "reviewed",
    }
}

words! {
    /// The relation of an identifier of the FBI's list to an agency (`agency_oris.ori_relation`).
    OriRelation {
        /// The agency's own (`agencies.ori`).
        Own = "own",
        /// A unit of it, such as a troop or a post.
        Unit = "unit",
        /// One of several of which one may be its own.
        Candidate = "candidate",
    }
}

words! {
    /// Why a printed name is an agency's (`agency_names.name_method`).
    NameMethod {
        /// It is its only name.
        Alone = "alone",
        Reviewed = "reviewed",
        SameWords = "same_words",
        /// Only one agency can have the role: the sheriff of a county.
        SameRole = "same_role",
        OneEdit = "one_edit",
        /// It took the place of the other name on the lists.
        Renamed = "renamed",
    }
}

words! {
    /// Why an id leads to another (`agency_redirects.reason`, `agreement_redirects.reason`).
    RedirectReason {
        Reviewed = "reviewed",
        SameWords = "same_words",
        SameRole = "same_role",
        OneEdit = "one_edit",
        Renamed = "renamed",
        /// The rows were printed under a wrong state.
        StateCorrected = "state_corrected",
    }
}

words! {
    /// The change to a printed address that gave a link (`repairs.repair_rule`).
    LinkRule {
        EdgeSpaces = "edge_spaces",
        /// A browser's view of a page's source is not the page.
        ViewSource = "view_source",
        MissingScheme = "missing_scheme",
        /// The target is taken out of the address of a browser extension.
        BrowserExtension = "browser_extension",
        /// The target is taken out of the wrapping of a mail program.
        OutlookLink = "outlook_link",
        /// The target is taken out of the wrapping of a mail filter.
        MailFilterLink = "mail_filter_link",
        WrappedLink = "wrapped_link",
        /// The target is taken out of the address of a web archive.
        ArchiveLink = "archive_link",
        MissingSlash = "missing_slash",
        /// Two addresses in one cell: neither is taken.
        TwoAddresses = "two_addresses",
        TrailingSpace = "trailing_space",
        /// The address holds a mailbox, and nothing of it is kept.
        MailboxWithheld = "mailbox_withheld",
        Encoded = "encoded",
        /// Agreements are not published on its host.
        OtherHost = "other_host",
        NotAWebAddress = "not_a_web_address",
    }
}

impl From<NameMethod> for RedirectReason {
    /// The rule that joined two names is the reason why the id of one leads to that of the other.
    fn from(method: NameMethod) -> Self {
        match method {
            // Names of the same words that no other rule joined are one name.
            NameMethod::Alone | NameMethod::SameWords => Self::SameWords,
            NameMethod::Reviewed => Self::Reviewed,
            NameMethod::SameRole => Self::SameRole,
            NameMethod::OneEdit => Self::OneEdit,
            NameMethod::Renamed => Self::Renamed,
        }
    }
}
