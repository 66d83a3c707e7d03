//! Reads a JSON array of arrays row by row; each row is held only while it is read.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, SeqAccess, Visitor};

use super::CensusError;
use crate::shown::shown;

/// Bound on the cells of a row: the API gives at most 50 variables and a table at most a few hundred lines.
const MOST_CELLS: usize = 5_000;

/// One row, each cell as text; `None` for `null`.
pub type DocumentCells<'a> = Vec<Option<Cow<'a, str>>>;

/// Passes each row to `each` with its number, from 1; the header is a row too.
pub fn rows(
    file: &str,
    text: &[u8],
    mut each: impl FnMut(u64, &DocumentCells) -> Result<(), CensusError>,
) -> Result<(), CensusError> {
    // Otherwise errors would name its odd parts one by one.
    if std::str::from_utf8(text).is_err() {
        return Err(CensusError::Refused {
            file: file.to_owned(),
            message: "is not UTF-8, in which the Census API answers".into(),
            hint: Some("was it saved by another program? download it again".into()),
        });
    }
    let mut stopped = None;
    let mut json = serde_json::Deserializer::from_slice(text);
    let rows = RowsVisitor { each: &mut each, stopped: &mut stopped };
    let read = rows.deserialize(&mut json).and_then(|()| json.end());
    match (stopped, read) {
        (Some(error), _) => Err(error),
        (None, Err(error)) => Err(CensusError::Refused {
            file: file.to_owned(),
            message: format!(
                "is not the JSON array of arrays of the Census API: {}",
                shown(&error.to_string())
            ),
            hint: Some("was it cut short, or changed by a program? download it again".into()),
        }),
        (None, Ok(())) => Ok(()),
    }
}

struct RowsVisitor<'f, F> {
    each: &'f mut F,
    stopped: &'f mut Option<CensusError>,
}

impl<'de, F: FnMut(u64, &DocumentCells<'de>) -> Result<(), CensusError>> DeserializeSeed<'de>
    for RowsVisitor<'_, F>
{
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de, F: FnMut(u64, &DocumentCells<'de>) -> Result<(), CensusError>> Visitor<'de> for RowsVisitor<'_, F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("an array of rows")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut rows: A) -> Result<(), A::Error> {
        let mut number = 0;
        let mut cells = DocumentCells::new();
        while rows.next_element_seed(RowVisitor(&mut cells))?.is_some() {
            number += 1;
            if let Err(error) = (self.each)(number, &cells) {
                *self.stopped = Some(error);
                return Err(A::Error::custom("a row was refused"));
            }
        }
        Ok(())
    }
}

/// Reads a row into cells that are reused for the next one.
struct RowVisitor<'c, 'de>(&'c mut DocumentCells<'de>);

impl<'de> DeserializeSeed<'de> for RowVisitor<'_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for RowVisitor<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a row: an array of texts, numbers and nulls")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut row: A) -> Result<(), A::Error> {
        self.0.clear();
        while let Some(DocumentCell(cell)) = row.next_element()? {
            if self.0.len() >= MOST_CELLS {
                return Err(A::Error::custom(format!("a row has more than {MOST_CELLS} cells")));
            }
            self.0.push(cell);
        }
        Ok(())
    }
}

/// A cell as text.
struct DocumentCell<'a>(Option<Cow<'a, str>>);

impl<'de> serde::Deserialize<'de> for DocumentCell<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(CellVisitor).map(Self)
    }
}

struct CellVisitor;

impl<'de> Visitor<'de> for CellVisitor {
    type Value = Option<Cow<'de, str>>;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a text, a number or null")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Some(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Some(Cow::Owned(text.to_owned())))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Some(Cow::Owned(number.to_string())))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Some(Cow::Owned(number.to_string())))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Self::Value, E> {
        Ok(Some(Cow::Owned(number.to_string())))
    }
}
