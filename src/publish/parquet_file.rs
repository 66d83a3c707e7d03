//! One table, one Parquet file: schema from its TOML, zstd, sorted by key, with what a reader must know
//! in the file's own metadata.

use std::path::Path;
use std::sync::Arc;

use arrow_array::StringArray;
use arrow_schema::{ArrowError, Schema};
use parquet::arrow::arrow_reader::{ArrowPredicateFn, ParquetRecordBatchReaderBuilder, RowFilter};
use parquet::arrow::{ArrowWriter, ProjectionMask};
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::metadata::{KeyValue, SortingColumn};
use parquet::file::properties::{EnabledStatistics, WriterProperties};

use super::PublishError;
use super::content::FileContent;
use crate::spec::{ColumnSpec, TableSpec};
use crate::table::{Table, TableError, Wanted, concatenated};

/// Level of compression, 1 to 22.
const ZSTD_LEVEL: i32 = 3;

/// The most bytes of a column's distinct values that are written once, for a million rows.
const DICTIONARY_BYTES: usize = 16 << 20;

/// How many rows of a table are read at a time.
const ROWS_AT_A_TIME: usize = 65_536;

/// The Arrow schema of a table; each field carries its description.
pub fn arrow_schema(table: &TableSpec) -> Schema {
    Schema::new(table.columns.iter().map(ColumnSpec::field).collect::<Vec<_>>())
}

/// Writes a table, its parts in the order of its key, as the bytes of a Parquet file. `metadata` goes into the file's
/// key-value metadata.
///
/// # Errors
/// A part cannot be made or encoded.
pub fn write_table(
    table: &TableSpec,
    parts: impl Iterator<Item = Result<Table, TableError>>,
    metadata: &[(String, String)],
) -> Result<FileContent, PublishError> {
    let encoded = |source| PublishError::Encode { table: table.name.clone(), source };
    let position = |key: &String| table.columns.iter().position(|column| column.name == *key).unwrap_or(0);
    let sorting = table.key.iter().map(|key| SortingColumn {
        column_idx: position(key) as i32,
        descending: false,
        nulls_first: true,
    });
    let pairs = metadata.iter().map(|(key, value)| KeyValue::new(key.clone(), value.clone()));
    // A table of up to a million rows is one row group: least and greatest values would not let a reader skip anything.
    let properties = WriterProperties::builder()
        .set_statistics_enabled(EnabledStatistics::None)
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(ZSTD_LEVEL).map_err(encoded)?))
        // Beyond this limit every value is written out in full, although few are distinct.
        .set_dictionary_page_size_limit(DICTIONARY_BYTES)
        .set_created_by(concat!("coverage287 ", env!("CARGO_PKG_VERSION")).to_owned())
        .set_sorting_columns(Some(sorting.collect()))
        .set_key_value_metadata(Some(pairs.collect()))
        .build();
    let schema = Arc::new(arrow_schema(table));
    let mut writer =
        ArrowWriter::try_new(FileContent::default(), schema, Some(properties)).map_err(encoded)?;
    for part in parts {
        writer.write(part?.batch()).map_err(encoded)?;
    }
    writer.into_inner().map_err(encoded)
}

/// Reads back the wanted part of a table of a release.
///
/// # Errors
/// [`PublishError::Unreadable`] where the file is missing, damaged or not of the table's schema.
pub fn read_table(table: &TableSpec, path: &Path, wanted: Wanted) -> Result<Table, PublishError> {
    let unreadable = |message: String| PublishError::Unreadable { path: path.to_owned(), message };
    let file = std::fs::File::open(path).map_err(|e| unreadable(e.to_string()))?;
    let mut builder =
        ParquetRecordBatchReaderBuilder::try_new(file).map_err(|e| unreadable(e.to_string()))?;
    let expected = arrow_schema(table);
    if builder.schema().fields() != expected.fields() {
        return Err(unreadable(format!("its columns are not those of table {}", table.name)));
    }
    if let Some((column, value)) = wanted.only {
        let at = expected.index_of(column).map_err(|e| unreadable(e.to_string()))?;
        let (mask, value) = (ProjectionMask::leaves(builder.parquet_schema(), [at]), value.to_owned());
        let is_it = ArrowPredicateFn::new(mask, move |batch| {
            let texts = batch.column(0).as_any().downcast_ref::<StringArray>();
            let texts = texts.ok_or_else(|| ArrowError::CastError("not a text column".into()))?;
            Ok(texts.iter().map(|text| Some(text == Some(value.as_str()))).collect())
        });
        builder = builder.with_row_filter(RowFilter::new(vec![Box::new(is_it)]));
    }
    if wanted.columns.is_some() {
        let names = wanted.specs(table)?.into_iter().map(|spec| spec.name.as_str());
        let mask = ProjectionMask::columns(builder.parquet_schema(), names);
        builder = builder.with_projection(mask);
    }
    let batches = builder.with_batch_size(ROWS_AT_A_TIME).build().map_err(|e| unreadable(e.to_string()))?;
    let parts = batches.map(|batch| batch.map(Table::new)).collect::<Result<Vec<_>, _>>();
    Ok(concatenated(table, wanted, parts.map_err(|e| unreadable(e.to_string()))?)?)
}

/// Reads some columns of a table, as far as the file has them: a release of another version of the program may lack
/// some.
///
/// # Errors
/// [`PublishError::Unreadable`] where the file is missing or damaged.
pub fn read_columns(table: &TableSpec, path: &Path, columns: &[&str]) -> Result<Table, PublishError> {
    let unreadable = |message: String| PublishError::Unreadable { path: path.to_owned(), message };
    let file = std::fs::File::open(path).map_err(|e| unreadable(e.to_string()))?;
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(|e| unreadable(e.to_string()))?;
    let expected = arrow_schema(table);
    let is_there = |name: &str| {
        let field = expected.field_with_name(name).ok();
        let there = builder.schema().field_with_name(name).ok();
        field.zip(there).is_some_and(|(field, there)| field.data_type() == there.data_type())
    };
    // In the order of the file, as a projection gives them.
    let names: Vec<String> = builder
        .schema()
        .fields()
        .iter()
        .map(|field| field.name().clone())
        .filter(|name| columns.contains(&name.as_str()) && is_there(name))
        .collect();
    let found = |name: &String| table.columns.iter().find(|column| column.name == *name).cloned();
    let of_file = TableSpec { columns: names.iter().filter_map(found).collect(), ..table.clone() };
    let mask = ProjectionMask::columns(builder.parquet_schema(), names.iter().map(String::as_str));
    let batches = builder.with_projection(mask).with_batch_size(ROWS_AT_A_TIME).build();
    let batches = batches.map_err(|e| unreadable(e.to_string()))?;
    let parts = batches.map(|batch| batch.map(Table::new)).collect::<Result<Vec<_>, _>>();
    Ok(concatenated(&of_file, Wanted::default(), parts.map_err(|e| unreadable(e.to_string()))?)?)
}
