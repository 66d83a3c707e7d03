//! One table, one Parquet file: schema from its TOML, zstd, sorted by key, with what a reader must know
//! in the file's own metadata.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use arrow_array::{
    Array, ArrayRef, BooleanArray, Date32Array, Float64Array, Int64Array, RecordBatch, StringArray,
};
use arrow_schema::{DataType, Field, Schema};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::metadata::{KeyValue, SortingColumn};
use parquet::file::properties::WriterProperties;
use polars::prelude::{Column, DataFrame, Int32Chunked, IntoSeries, NewChunkedArray};

use super::PublishError;
use crate::frames::FrameError;
use crate::spec::{ColumnSpec, ColumnType, TableSpec};

/// Level of compression, 1 to 22.
const ZSTD_LEVEL: i32 = 6;

/// The Arrow schema of a table; each field carries its description.
pub fn arrow_schema(table: &TableSpec) -> Schema {
    let field = |column: &ColumnSpec| {
        let kind = match column.kind {
            ColumnType::Text => DataType::Utf8,
            ColumnType::Integer => DataType::Int64,
            ColumnType::Number => DataType::Float64,
            ColumnType::Boolean => DataType::Boolean,
            ColumnType::Date => DataType::Date32,
        };
        let description = HashMap::from([("description".to_owned(), column.text.clone())]);
        Field::new(&column.name, kind, column.null).with_metadata(description)
    };
    Schema::new(table.columns.iter().map(field).collect::<Vec<_>>())
}

/// A table as the bytes of a Parquet file. `metadata` goes into the file's key-value metadata.
pub fn write_table(
    table: &TableSpec,
    frame: &DataFrame,
    metadata: &[(String, String)],
) -> Result<Vec<u8>, PublishError> {
    let schema = Arc::new(arrow_schema(table));
    let arrays = table.columns.iter().map(|spec| array(frame.column(&spec.name)?, spec.kind));
    let arrays = arrays.collect::<Result<Vec<_>, FrameError>>()?;
    let encoded = |source| PublishError::Encode { table: table.name.clone(), source };
    let batch = RecordBatch::try_new(schema.clone(), arrays).map_err(|e| encoded(e.into()))?;
    let position = |key: &String| table.columns.iter().position(|column| column.name == *key).unwrap_or(0);
    let sorting = table.key.iter().map(|key| SortingColumn {
        column_idx: position(key) as i32,
        descending: false,
        nulls_first: true,
    });
    let pairs = metadata.iter().map(|(key, value)| KeyValue::new(key.clone(), value.clone()));
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(ZSTD_LEVEL).map_err(encoded)?))
        .set_created_by(concat!("coverage287 ", env!("CARGO_PKG_VERSION")).to_owned())
        .set_sorting_columns(Some(sorting.collect()))
        .set_key_value_metadata(Some(pairs.collect()))
        .build();
    let mut writer = ArrowWriter::try_new(Vec::new(), schema, Some(properties)).map_err(encoded)?;
    writer.write(&batch).map_err(encoded)?;
    writer.into_inner().map_err(encoded)
}

fn array(column: &Column, kind: ColumnType) -> Result<ArrayRef, FrameError> {
    Ok(match kind {
        ColumnType::Text => Arc::new(column.str()?.iter().collect::<StringArray>()),
        ColumnType::Integer => Arc::new(column.i64()?.iter().collect::<Int64Array>()),
        ColumnType::Number => Arc::new(column.f64()?.iter().collect::<Float64Array>()),
        ColumnType::Boolean => Arc::new(column.bool()?.iter().collect::<BooleanArray>()),
        ColumnType::Date => Arc::new(column.date()?.physical().iter().collect::<Date32Array>()),
    })
}

/// Reads a table of a release back.
///
/// # Errors
/// [`PublishError::Unreadable`] where the file is missing, damaged or not of the table's schema.
pub fn read_table(table: &TableSpec, path: &Path) -> Result<DataFrame, PublishError> {
    let unreadable = |message: String| PublishError::Unreadable { path: path.to_owned(), message };
    let file = std::fs::File::open(path).map_err(|e| unreadable(e.to_string()))?;
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(|e| unreadable(e.to_string()))?;
    let expected = arrow_schema(table);
    if builder.schema().fields() != expected.fields() {
        return Err(unreadable(format!("its columns are not those of table {}", table.name)));
    }
    let rows = usize::try_from(builder.metadata().file_metadata().num_rows()).unwrap_or(0);
    let batches = builder.with_batch_size(rows.max(1)).build().map_err(|e| unreadable(e.to_string()))?;
    let mut frame: Option<DataFrame> = None;
    for batch in batches {
        let batch = batch.map_err(|e| unreadable(e.to_string()))?;
        let columns = table.columns.iter().zip(batch.columns()).map(|(spec, array)| column(spec, array));
        let columns = columns.collect::<Option<Vec<_>>>().ok_or_else(|| unreadable("odd column".into()))?;
        let next = DataFrame::new(batch.num_rows(), columns).map_err(FrameError::from)?;
        frame = Some(match frame {
            None => next,
            Some(frame) => frame.vstack(&next).map_err(FrameError::from)?,
        });
    }
    Ok(frame.map_or_else(|| empty(table), Ok)?)
}

fn empty(table: &TableSpec) -> Result<DataFrame, FrameError> {
    let columns = table
        .columns
        .iter()
        .map(|spec| Column::new_empty(spec.name.as_str().into(), &crate::frames::data_type(spec.kind)));
    Ok(DataFrame::new(0, columns.collect())?)
}

fn column(spec: &ColumnSpec, array: &dyn Array) -> Option<Column> {
    use polars::prelude::{BooleanChunked, Float64Chunked, Int64Chunked, StringChunked};
    let name = || spec.name.as_str().into();
    let any = array.as_any();
    let series = match spec.kind {
        ColumnType::Text => {
            StringChunked::from_iter_options(name(), any.downcast_ref::<StringArray>()?.iter()).into_series()
        }
        ColumnType::Integer => {
            Int64Chunked::from_iter_options(name(), any.downcast_ref::<Int64Array>()?.iter()).into_series()
        }
        ColumnType::Number => {
            Float64Chunked::from_iter_options(name(), any.downcast_ref::<Float64Array>()?.iter())
                .into_series()
        }
        ColumnType::Boolean => {
            BooleanChunked::from_iter_options(name(), any.downcast_ref::<BooleanArray>()?.iter())
                .into_series()
        }
        ColumnType::Date => {
            let days = any.downcast_ref::<Date32Array>()?.iter();
            Int32Chunked::from_iter_options(name(), days).into_date().into_series()
        }
    };
    Some(series.into())
}
