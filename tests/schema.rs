//! The public tables are what their TOML says, and what it said at the last release.

use std::collections::{BTreeMap, BTreeSet};

use arrow_array::Array;
use coverage287::publish::{arrow_schema, dictionary, read_table, write_table};
use coverage287::spec::{SpecFiles, Specs};
use coverage287::table::{TableSource, Value, Wanted};
use parquet::file::reader::{FileReader, SerializedFileReader};

use crate::support::{dry_run, four_lists, hold_only_their_words, program, rows, rows_that, with_four_lists};

/// Golden files are rewritten by `INSTA_UPDATE=always`.
#[test]
fn the_dictionary_is_golden() {
    let specs = Specs::load(&SpecFiles::default()).unwrap();
    let text = dictionary(&specs.tables, &specs.rules, &specs.warnings, &[]);
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
    for table in done.results.specs.tables.iter() {
        let whole = crate::support::table(&done, &table.name);
        let part = std::iter::once(Ok(whole.clone()));
        let bytes = write_table(table, part, &[("k".into(), "v".into())]).unwrap();
        let path = dir.path().join("table.parquet");
        std::fs::write(&path, bytes.pieces().collect::<Vec<_>>().concat()).unwrap();
        assert_eq!(
            rows(&read_table(table, &path, Wanted::default()).unwrap()),
            rows(&whole),
            "{}",
            table.name
        );
    }
}

/// Some columns of some rows are the same from every source: the tables of a run, made or held, or a file.
#[test]
fn what_is_wanted_of_a_table_is_the_same_from_everywhere() {
    let done = dry_run(four_lists());
    let dir = tempfile::tempdir().unwrap();
    for table in done.results.specs.tables.iter() {
        let whole = crate::support::table(&done, &table.name);
        let path = dir.path().join("table.parquet");
        let bytes = write_table(table, std::iter::once(Ok(whole.clone())), &[]).unwrap();
        std::fs::write(&path, bytes.pieces().collect::<Vec<_>>().concat()).unwrap();
        let names: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
        let (first, last) = (names[0], names[names.len() - 1]);
        // Each text column of the key that has a value is a filter; a value is a part of a large table, or is not.
        let texts = table.key.iter().filter_map(|name| {
            let value = whole.texts(name).ok()?.into_iter().flatten().last()?.to_owned();
            Some((name.as_str(), value))
        });
        let texts: Vec<(&str, String)> = texts.collect();
        let filters = texts.iter().map(|(name, value)| Some((*name, value.as_str()))).chain([None]);
        for only in filters {
            // The columns are asked for in another order than the table's, in which they come.
            let columns = [last, first];
            let wanted = Wanted { columns: Some(&columns), only };
            let is_wanted =
                |row: &BTreeMap<String, String>| only.is_none_or(|(column, value)| row[column] == value);
            let mut expected = rows_that(&whole, is_wanted);
            expected.iter_mut().for_each(|row| row.retain(|name, _| name == first || name == last));
            let (made, read) = (done.read(&table.name, wanted), read_table(table, &path, wanted));
            let made = made.unwrap();
            assert_eq!(made.names(), [first, last], "{}: {only:?}", table.name);
            assert_eq!(rows(&made), expected, "{}: {only:?}", table.name);
            assert_eq!(rows(&read.unwrap()), expected, "{}: {only:?}", table.name);
        }
        let wanted = Wanted { columns: Some(&["no_such_column"]), only: None };
        assert!(done.read(&table.name, wanted).is_err(), "{}", table.name);
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

/// The default release, table by table: how many rows, and a digest of each column. Every change of data shows here,
/// wanted or not.
#[test]
fn the_default_release_has_this_data() {
    use sha2::{Digest, Sha256};
    let done = dry_run(&[]);
    let mut text = String::new();
    for spec in done.results.specs.tables.iter() {
        let table = done.table(&spec.name).unwrap();
        text.push_str(&format!("{} {} rows\n", spec.name, table.row_count()));
        let mut digests: Vec<Sha256> = spec.columns.iter().map(|_| Sha256::new()).collect();
        for at in 0..table.row_count() {
            for ((_, value), digest) in table.row(at).zip(&mut digests) {
                // A null is no empty text.
                let text = if value == Value::Null { "\u{0}".to_owned() } else { value.to_string() };
                digest.update(text);
                digest.update("\u{1f}");
            }
        }
        for (column, digest) in spec.columns.iter().zip(digests) {
            let digest = coverage287::spec::hex(&digest.finalize());
            text.push_str(&format!("  {} {}\n", column.name, &digest[..12]));
        }
    }
    insta::with_settings!({ snapshot_path => "golden", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("default_release", text);
    });
}

/// The dictionary of a release begins with the columns that are null in all its rows, and names no other.
#[test]
fn the_dictionary_says_which_columns_have_no_value() {
    let dir = tempfile::tempdir().unwrap();
    program().args(["--out", dir.path().to_str().unwrap()]).args(with_four_lists()).assert().success();
    let release = dir.path().join("current");
    let text = std::fs::read_to_string(release.join("dictionary.md")).unwrap();
    let section = text.split("## Without a value in this release").nth(1).unwrap();
    let section = section.split("\n## ").next().unwrap();
    let said: BTreeSet<&str> =
        section.lines().filter_map(|line| line.strip_prefix("- `")?.split('`').next()).collect();
    let specs = Specs::load(&SpecFiles::default()).unwrap();
    let mut without = BTreeSet::new();
    for spec in specs.tables.iter() {
        let path = release.join(format!("{}.parquet", spec.name));
        let table = read_table(spec, &path, Wanted::default()).unwrap();
        let columns = table.batch().schema_ref().fields().iter().zip(table.batch().columns());
        for (field, column) in columns {
            if table.row_count() > 0 && column.null_count() == table.row_count() {
                without.insert(format!("{}.{}", spec.name, field.name()));
            }
        }
    }
    assert!(without.contains("place_parts.part_noncitizen"), "{without:?}");
    let said: BTreeSet<String> =
        said.into_iter().filter(|name| name.contains('.')).map(str::to_owned).collect();
    assert_eq!(said, without);
}

/// Closed sets of words are the same in the program and in the tables' TOML.
#[test]
fn the_program_and_the_specs_know_the_same_words() {
    use coverage287::words::*;
    macro_rules! closed_sets {
        ($($table:literal, $column:literal, $words:ident;)*) => {
            [$(($table, $column, $words::ALL.iter().map(|word| word.to_string()).collect::<BTreeSet<String>>())),*]
        };
    }
    let sets = closed_sets! {
        "agencies", "agency_kind", Kind;
        "agencies", "agency_level", Level;
        "agencies", "county_method", CountyMethod;
        "agencies", "ori_method", OriMethod;
        "agencies", "ori_reason", OriReason;
        "agencies", "police_powers", PolicePowers;
        "agency_counties", "extent", Extent;
        "agency_names", "name_method", NameMethod;
        "agency_oris", "ori_relation", OriRelation;
        "agency_redirects", "reason", RedirectReason;
        "agreement_events", "event", EventKind;
        "agreement_links", "link_verdict", LinkVerdict;
        "agreement_redirects", "reason", RedirectReason;
        "agreements", "agreement_status", Status;
        "agreements", "censor_reason", CensorReason;
        "agreements", "end_kind", EndKind;
        "agreements", "model", Model;
        "claims", "model_group", ModelGroup;
        "claims", "verdict", Verdict;
        "acs_figures", "concept", Concept;
        "acs_figures", "estimate_method", FigureMethod;
        "acs_figures", "estimate_reliability", Reliability;
        "county_coverage", "covered_part_reason", PartReason;
        "county_crosswalk", "share_method", CrosswalkMethod;
        "ends", "end_reason", EndReason;
        "ends", "source_form", SourceForm;
        "listings", "agency_type", AgencyType;
        "lists", "list_kind", ListKind;
        "lists", "list_status", ListStatus;
        "newest_lists", "list_state", ListState;
        "pending", "outcome", PendingOutcome;
        "state_laws", "effect", LawEffect;
        "state_laws", "source_form", SourceForm;
    };
    let specs = Specs::load(&SpecFiles::default()).unwrap();
    for (table, column, words) in sets {
        let spec = specs.tables.find(table).unwrap().column(column).unwrap();
        let known: BTreeSet<String> = spec.values.iter().flatten().cloned().collect();
        assert_eq!(known, words, "{table}.{column}");
    }
    let checks: BTreeSet<Check> = specs.checks.checks.iter().filter_map(|spec| spec.check).collect();
    assert_eq!(checks, Check::ALL.iter().copied().collect(), "checks.toml");
}
