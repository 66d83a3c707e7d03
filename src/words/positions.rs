//! Positions of things in the results of a run. Each thing has a type of its own for its positions, so that an agency
//! cannot be looked up among the agreements.

/// Declares types of positions, each for one thing.
macro_rules! positions {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub struct $name(u32);

        impl From<usize> for $name {
            fn from(at: usize) -> Self {
                Self(u32::try_from(at).expect("inputs are bounded far below 2^32 of anything"))
            }
        }

        impl From<$name> for usize {
            fn from(at: $name) -> Self {
                at.0 as Self
            }
        }
    )*};
}

positions! {
    /// A distinct row among those of all lists.
    RowAt,
    /// A list among all lists.
    ListAt,
    /// A list among those of its kind, participating or pending, that tell what was listed on a day.
    SampleAt,
    /// A way in which lists print the name of an agency.
    SpellingAt,
    /// An agency among all agencies.
    AgencyAt,
    /// An agreement among all agreements.
    AgreementAt,
    /// A part of a place or town among the parts of a vintage.
    PartAt,
    /// Covered people among those of a cube; the first by default.
    #[derive(Default)]
    CoveredAt,
}

impl SampleAt {
    /// The number of lists from an earlier one to this one: 1 for the next, 0 for a list that is no earlier.
    pub fn lists_since(self, earlier: Self) -> u32 {
        self.0.saturating_sub(earlier.0)
    }

    /// The list after this one; after the last there is none at that position.
    pub fn after(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    /// The list before; `None` for the first.
    pub fn before(self) -> Option<Self> {
        self.0.checked_sub(1).map(Self)
    }
}
