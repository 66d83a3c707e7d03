//! Rows of a frame as texts, for commands that print them.

use polars::prelude::*;

use crate::frames::FrameError;

/// A row as (column, value); null is an empty text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Row(Vec<(String, String)>);

impl Row {
    /// Whether two rows have a column and differ in it.
    pub fn differs(&self, other: &Self, column: &str) -> bool {
        let of = |row: &Self| row.0.iter().find(|(name, _)| name == column).map(|(_, value)| value.clone());
        of(self).zip(of(other)).is_some_and(|(a, b)| a != b)
    }

    /// The value of a column; empty where it is null or there is none.
    pub fn get(&self, column: &str) -> &str {
        self.0.iter().find(|(name, _)| name == column).map_or("", |(_, value)| value)
    }
}

impl serde::Serialize for Row {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (column, value) in &self.0 {
            map.serialize_entry(column, &(!value.is_empty()).then_some(value))?;
        }
        map.end()
    }
}

/// All rows of a frame.
pub fn rows(frame: &DataFrame) -> Result<Vec<Row>, FrameError> {
    let row = |at: usize| -> Result<Row, FrameError> {
        let cell = |column: &Column| -> Result<(String, String), FrameError> {
            let value = match column.get(at)? {
                AnyValue::Null => String::new(),
                AnyValue::String(text) => text.to_owned(),
                AnyValue::StringOwned(text) => text.to_string(),
                AnyValue::Date(days) => {
                    crate::words::from_epoch_days(days).map_or_else(String::new, |d| d.to_string())
                }
                other => other.to_string(),
            };
            Ok((column.name().to_string(), value))
        };
        frame.columns().iter().map(cell).collect::<Result<_, _>>().map(Row)
    };
    (0..frame.height()).map(row).collect()
}
