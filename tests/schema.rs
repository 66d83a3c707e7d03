//! The public tables are what their TOML says, and what it said at the last release.

use std::collections::BTreeMap;

use coverage287::frames::{TableSource, Wanted, texts};
use coverage287::publish::{arrow_schema, dictionary, read_table, write_table};
use coverage287::spec::{SpecFiles, Specs};
use parquet::file::reader::{FileReader, SerializedFileReader};
use polars::prelude::{IntoLazy, col, lit};

use crate::support::{dry_run, four_lists, hold_only_their_words, program};

/// Golden files are rewritten by `INSTA_UPDATE=always`.
#[test]
fn the_dictionary_is_golden() {
    let specs = Specs::load(&SpecFiles::default()).unwrap();
    let text = dictionary(&specs.tables, &specs.rules, &specs.warnings);
    insta::with_settings!({ snapshot_path => "golden", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("dictionary", text);
    });
}

#[test]
fn arrow_schemas_are_golden() {
    let specs = Specs::load(&SpecFiles::default()).unwrap();
    let mut text = String::new();
    for table in specs.tables.iter() {
        text.push_str(&format!("{} ({})\n", table.name, table.key.join(", ")));
        for field in arrow_schema(table).fields() {
            let null = if field.is_nullable() { " null" } else { "" };
            text.push_str(&format!("  {} {}{null}\n", field.name(), field.data_type()));
        }
    }
    insta::with_settings!({ snapshot_path => "golden", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("schemas", text);
    });
}

#[test]
fn every_table_is_written_and_read_back() {
    let done = dry_run(four_lists());
    let dir = tempfile::tempdir().unwrap();
    for table in done.made.results.specs.tables.iter() {
        let frame = &crate::support::table(&done, &table.name);
        let bytes = write_table(table, frame, &[("k".into(), "v".into())]).unwrap();
        let path = dir.path().join("table.parquet");
        std::fs::write(&path, bytes.pieces().collect::<Vec<_>>().concat()).unwrap();
        assert!(read_table(table, &path, Wanted::default()).unwrap().equals_missing(frame), "{}", table.name);
    }
}

/// Some columns of some rows are the same whoever is asked: the tables of a run, made or held, or a file.
#[test]
fn what_is_wanted_of_a_table_is_the_same_from_everywhere() {
    let done = dry_run(four_lists());
    let dir = tempfile::tempdir().unwrap();
    for table in done.made.results.specs.tables.iter() {
        let whole = crate::support::table(&done, &table.name);
        let path = dir.path().join("table.parquet");
        let bytes = write_table(table, &whole, &[]).unwrap();
        std::fs::write(&path, bytes.pieces().collect::<Vec<_>>().concat()).unwrap();
        let names: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
        let (first, last) = (names[0], names[names.len() - 1]);
        // By every text column of its key that has a value, in turn; each is a part of a large table, or is not.
        let texts = table.key.iter().filter_map(|name| {
            let value = texts(&whole, name).ok()?.into_iter().flatten().last()?.to_owned();
            Some((name.as_str(), value))
        });
        let texts: Vec<(&str, String)> = texts.collect();
        let filters = texts.iter().map(|(name, value)| Some((*name, value.as_str()))).chain([None]);
        for only in filters {
            // In another order than the table's, in which they come.
            let columns = [last, first];
            let wanted = Wanted { columns: Some(&columns), only };
            let mut expected = whole.clone().lazy();
            if let Some((column, value)) = only {
                expected = expected.filter(col(column).eq(lit(value)));
            }
            let expected = expected.select([col(first), col(last)]).collect().unwrap();
            let (made, read) = (done.made.read(&table.name, wanted), read_table(table, &path, wanted));
            assert!(made.unwrap().equals_missing(&expected), "{}: {only:?}", table.name);
            assert!(read.unwrap().equals_missing(&expected), "{}: {only:?}", table.name);
        }
        let wanted = Wanted { columns: Some(&["no_such_column"]), only: None };
        assert!(done.made.read(&table.name, wanted).is_err(), "{}", table.name);
        assert!(read_table(table, &path, wanted).is_err(), "{}", table.name);
    }
}

/// Closed sets are closed: no column holds a word that its spec does not list.
#[test]
fn columns_hold_only_the_words_they_may() {
    hold_only_their_words(&dry_run(&[]));
}

/// No column name means two things: where two tables share one, they describe it alike or it is a key.
#[test]
fn a_column_name_has_one_type() {
    let specs = Specs::load(&SpecFiles::default()).unwrap();
    let mut types = BTreeMap::new();
    for table in specs.tables.iter() {
        for column in &table.columns {
            let known = types.entry(column.name.clone()).or_insert(column.kind);
            assert_eq!(*known, column.kind, "{}.{}", table.name, column.name);
            assert!(column.text.len() > 3, "{}.{} has no description", table.name, column.name);
        }
    }
}

#[test]
fn files_say_what_they_were_made_from() {
    let dir = tempfile::tempdir().unwrap();
    program().args(["--out", dir.path().to_str().unwrap()]).assert().success();
    let file = std::fs::File::open(dir.path().join("current/agreements.parquet")).unwrap();
    let reader = SerializedFileReader::new(file).unwrap();
    let metadata = reader.metadata().file_metadata();
    let pairs: BTreeMap<_, _> =
        metadata.key_value_metadata().unwrap().iter().map(|kv| (kv.key.clone(), kv.value.clone())).collect();
    assert_eq!(pairs["coverage287.schema_version"].as_deref(), Some("1"));
    assert_eq!(pairs["coverage287.inputs_sha256"].as_ref().unwrap().len(), 64);
    assert_eq!(pairs["coverage287.program_version"].as_deref(), Some(env!("CARGO_PKG_VERSION")));
    assert_eq!(metadata.created_by(), Some(concat!("coverage287 ", env!("CARGO_PKG_VERSION"))));
}
