//! `datapackage.json`: the release as a Data Package (version 2).

use serde_json::{Map, Value, json};

use crate::spec::{ColumnSpec, ColumnType, Publisher, TableSpec, Tables, Warnings};

/// The profile the file validates against.
const PROFILE: &str = "https://datapackage.org/profiles/2.0/datapackage.json";

/// The title of every release.
pub const TITLE: &str = "287(g) agreements and the immigrant population they reach";

/// SPDX identifier of the licence of a release's data. The program's is another (`Cargo.toml`).
pub const DATA_LICENSE: &str = "CC0-1.0";

/// A written table.
#[derive(Debug, Clone)]
pub struct WrittenTable {
    pub table: String,
    pub path: String,
    pub bytes: usize,
    pub sha256: String,
    pub rows: usize,
    /// The columns that are null in every row.
    pub empty_columns: Vec<String>,
}

/// The package's descriptor.
pub fn package(
    tables: &Tables,
    warnings: &Warnings,
    sources: &[&Publisher],
    release_id: &str,
    schema_version: u32,
    written: &[WrittenTable],
) -> Value {
    let source =
        |s: &&Publisher| json!({ "title": format!("{}: {}", s.publisher, s.title), "path": s.page_url });
    let resources: Vec<Value> =
        written.iter().filter_map(|file| Some(resource(tables.find(&file.table)?, warnings, file))).collect();
    json!({
        "$schema": PROFILE,
        "name": "coverage287",
        "id": release_id,
        "title": TITLE,
        "description": "Every 287(g) agreement on ICE's lists, cleaned, identified, placed and joined with ACS population. See dictionary.md.",
        "schema_version": schema_version,
        "program_version": env!("CARGO_PKG_VERSION"),
        "licenses": [{
            "name": DATA_LICENSE,
            "title": "Facts of the US government and tables of our own; no copyright is claimed",
            "path": "https://creativecommons.org/publicdomain/zero/1.0/"
        }],
        "sources": sources.iter().map(source).collect::<Vec<_>>(),
        "resources": resources,
    })
}

fn resource(table: &TableSpec, warnings: &Warnings, file: &WrittenTable) -> Value {
    let mut schema = Map::new();
    schema.insert("fields".into(), table.columns.iter().map(field).collect());
    schema.insert("primaryKey".into(), json!(table.key));
    if !table.foreign_keys.is_empty() {
        let keys = table.foreign_keys.iter().map(|fk| {
            let mut reference = json!({ "fields": fk.references });
            // A table that refers to itself does not name a resource.
            if fk.table != table.name {
                reference["resource"] = json!(fk.table);
            }
            json!({ "fields": fk.columns, "reference": reference })
        });
        schema.insert("foreignKeys".into(), keys.collect());
    }
    let texts: Map<String, Value> = table
        .warnings
        .iter()
        .filter_map(|name| Some((name.clone(), json!(warnings.warnings.get(name)?))))
        .collect();
    json!({
        "name": table.name,
        "type": "table",
        "path": file.path,
        "title": table.title,
        "description": table.description,
        "format": "parquet",
        "mediatype": "application/vnd.apache.parquet",
        "bytes": file.bytes,
        "hash": format!("sha256:{}", file.sha256),
        "rowCount": file.rows,
        "schema": schema,
        "warnings": texts,
    })
}

fn field(column: &ColumnSpec) -> Value {
    let kind = match column.kind {
        ColumnType::Text => "string",
        ColumnType::Integer => "integer",
        ColumnType::Number => "number",
        ColumnType::Boolean => "boolean",
        ColumnType::Date => "date",
    };
    let mut constraints = Map::new();
    constraints.insert("required".into(), json!(!column.null));
    if let Some(values) = &column.values {
        constraints.insert("enum".into(), json!(values));
    }
    json!({ "name": column.name, "type": kind, "description": column.text, "constraints": constraints })
}
