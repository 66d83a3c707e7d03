//! How much of each county its reaching agencies police, read back from `county_coverage`.

use std::collections::HashMap;

use jiff::civil::Date;

use crate::table::{TableError, TableSource};
use crate::words::{CountyFips, Extent, ModelGroup};

/// How much of a county its reaching agencies police.
#[derive(Debug, Clone, PartialEq)]
pub struct Policed {
    /// Part if every agency that reaches the county polices only part of it.
    pub extent: Extent,
    /// If the extent is part: share of the county's residents in the places and towns whose police reach it, 0 to 1.
    pub part: Option<f64>,
    /// Why the share is not known, or is a floor.
    pub reason: Option<String>,
}

/// By county.
pub(super) type PolicedCounties = HashMap<CountyFips, Policed>;

/// The counties reached on a day, by rule and model group.
pub(super) struct PolicedOn(HashMap<(String, ModelGroup), PolicedCounties>);

impl PolicedOn {
    pub(super) fn load(tables: &dyn TableSource, day: Date) -> Result<Self, TableError> {
        let columns = [
            "county_fips",
            "rule",
            "model_group",
            "from_date",
            "until_date",
            "policed_extent",
            "covered_part",
            "covered_part_reason",
        ];
        let table = tables.columns("county_coverage", &columns)?;
        let (counties, rules) = (table.texts("county_fips")?, table.texts("rule")?);
        let (groups, extents) = (table.texts("model_group")?, table.texts("policed_extent")?);
        let (parts, reasons) = (table.numbers("covered_part")?, table.texts("covered_part_reason")?);
        let (from, until) = (table.dates("from_date")?, table.dates("until_date")?);
        let mut all: HashMap<(String, ModelGroup), PolicedCounties> = HashMap::new();
        for row in 0..table.row_count() {
            let holds =
                from[row].is_some_and(|from| from <= day) && until[row].is_none_or(|until| until >= day);
            let group = groups[row].and_then(ModelGroup::find);
            let county = counties[row].and_then(CountyFips::new);
            if let (true, Some(county), Some(rule), Some(group)) = (holds, county, rules[row], group) {
                let is_part = extents[row] == Some(Extent::Part.as_str());
                let policed = Policed {
                    extent: if is_part { Extent::Part } else { Extent::Whole },
                    part: parts[row],
                    reason: reasons[row].map(str::to_owned),
                };
                all.entry((rule.to_owned(), group)).or_default().insert(county, policed);
            }
        }
        Ok(Self(all))
    }

    pub(super) fn of(&self, rule: &str, group: ModelGroup) -> Option<&PolicedCounties> {
        self.0.get(&(rule.to_owned(), group))
    }
}
