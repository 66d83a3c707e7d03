//! `pipelines/*/tables/*.toml`: the public tables. The Arrow schema, the dictionary, the data package
//! and the checks of keys and references all come from here.

use std::collections::HashMap;

use arrow_schema::{DataType, Field};
use serde::Deserialize;

use super::{SpecError, SpecFiles, Warnings};

/// Folders of table specs, in the order in which the tables are shown.
const FOLDERS: &[&str] =
    &["pipelines/agreements/tables", "pipelines/census/tables", "pipelines/coverage/tables"];

/// The public tables.
#[derive(Debug)]
pub struct Tables(Vec<TableSpec>);

/// One public table.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TableSpec {
    pub name: String,
    pub title: String,
    pub description: String,
    /// Columns that are unique together and never null; the table is sorted by them.
    pub key: Vec<String>,
    /// Names of warnings a reader must know.
    pub warnings: Vec<String>,
    pub columns: Vec<ColumnSpec>,
    #[serde(default, rename = "foreign_key")]
    pub foreign_keys: Vec<ForeignKey>,
}

/// One column.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ColumnSpec {
    pub name: String,
    #[serde(rename = "type")]
    pub kind: ColumnType,
    pub null: bool,
    /// Its meaning, with its unit.
    pub text: String,
    /// The words it may hold, where the set is closed.
    pub values: Option<Vec<String>>,
}

/// Types of public columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnType {
    /// UTF-8.
    Text,
    /// 64-bit, signed.
    Integer,
    /// 64-bit float.
    Number,
    Boolean,
    /// Days since 1970-01-01, 32-bit.
    Date,
}

/// Columns that point to a row of another table; a row with a null in them points nowhere.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ForeignKey {
    pub columns: Vec<String>,
    pub table: String,
    pub references: Vec<String>,
}

impl Tables {
    pub fn iter(&self) -> impl Iterator<Item = &TableSpec> {
        self.0.iter()
    }

    pub fn find(&self, name: &str) -> Option<&TableSpec> {
        self.0.iter().find(|table| table.name == name)
    }
}

impl ColumnType {
    /// The Arrow type of a column.
    pub fn data_type(self) -> DataType {
        match self {
            Self::Text => DataType::Utf8,
            Self::Integer => DataType::Int64,
            Self::Number => DataType::Float64,
            Self::Boolean => DataType::Boolean,
            Self::Date => DataType::Date32,
        }
    }
}

impl ColumnSpec {
    /// The Arrow field of a column, with its description.
    pub fn field(&self) -> Field {
        let description = HashMap::from([("description".to_owned(), self.text.clone())]);
        Field::new(&self.name, self.kind.data_type(), self.null).with_metadata(description)
    }
}

impl TableSpec {
    pub fn column(&self, name: &str) -> Option<&ColumnSpec> {
        self.columns.iter().find(|column| column.name == name)
    }
}

pub(super) fn load(files: &SpecFiles, warnings: &Warnings) -> Result<Tables, SpecError> {
    let mut tables = Vec::new();
    for folder in FOLDERS {
        for file in files.names(folder, ".toml") {
            tables.push((file.clone(), files.toml::<TableSpec>(&file)?));
        }
    }
    for (file, table) in &tables {
        let says = |message: String| Err(SpecError::says(file, message));
        for key in &table.key {
            match table.column(key) {
                None => return says(format!("key column {key:?} is not a column")),
                Some(column) if column.null => return says(format!("key column {key:?} may be null")),
                Some(_) => {}
            }
        }
        if let Some(name) = table.warnings.iter().find(|name| !warnings.warnings.contains_key(*name)) {
            return says(format!("warning {name:?} is not in pipelines/coverage/warnings.toml"));
        }
        for fk in &table.foreign_keys {
            let target = tables.iter().map(|(_, t)| t).find(|t| t.name == fk.table);
            let known = target.is_some_and(|t| fk.references.iter().all(|c| t.column(c).is_some()));
            if !known || fk.columns.iter().any(|c| table.column(c).is_none()) {
                return says(format!(
                    "foreign key to {} names a table or column that is not there",
                    fk.table
                ));
            }
        }
    }
    Ok(Tables(tables.into_iter().map(|(_, table)| table).collect()))
}
