//! Files that are not what they should be: each is refused for what it is.

use crate::support::census::Vintage;
use crate::support::{BAY, assert_said, workbook};

use super::*;

/// Returns files: the name, the content, and the words of the refusal.
fn refusals(made: &Vintage) -> Vec<(&'static str, String, Vec<&'static str>)> {
    let csv = made.api_csv();
    let dat = made.summary_file();
    let header = "GEO_ID,B05002_001E,B05002_001M,B05002_013E,B05002_013M,NAME\n";
    let one = |row: &str| format!("{header}{row}\n");
    let without = |fips: &str| {
        let lines = csv.lines().filter(|line| !line.starts_with(&format!("0500000US{fips}")));
        lines.map(|line| format!("{line}\n")).collect::<String>()
    };
    vec![
        (
            "acs5-2023.html.json",
            "<html><head><title>Missing Key</title></head><body>A valid <em>key</em> must be included</body></html>"
                .into(),
            vec!["its key is missing or wrong", "api.census.gov/data/key_signup.html"],
        ),
        ("acs5-2023-page.csv", "\n <!DOCTYPE html><p>busy</p>".into(), vec!["is a web page"]),
        ("acs5-2023-error.json", "error: unknown variable 'B05002_099E'".into(), vec!["unknown variable"]),
        ("acs5-2023-empty.csv", String::new(), vec!["is empty"]),
        ("acs5-2023-object.json", "{\"a\": 1}".into(), vec!["is a JSON object"]),
        ("acs5-2023-cut.json", made.api()[..9_000].to_owned(), vec!["is not the JSON array of arrays"]),
        ("acs5-2023-cut.dat", dat[..dat.len() - 30].to_owned(), vec!["does not fit the header", "was it cut short?"]),
        ("b05002.csv", csv.clone(), vec!["does not say the vintage"]),
        ("acs-2021-or-2023.csv", csv.clone(), vec!["which one is the vintage?"]),
        (
            "acs5-2021.csv",
            csv.clone(),
            vec![
                "are no areas of vintage 2017-2021: 0500000US09110",
                "it holds the counties of the vintages that end in 2022 or later",
            ],
        ),
        ("acsdt5y2014.dat", dat.clone(), vec!["line 27 of table B05002, which in vintage 2010-2014 has 15"]),
        ("acs1-2023.csv", csv.clone(), vec!["1-year dataset 2023"]),
        (
            "acs5-2023-few.csv",
            without("12086"),
            vec!["1 of 3222 counties of vintage 2019-2023 are missing: 12086 Miami-Dade County"],
        ),
        (
            "acs5-2023-twice.csv",
            csv.clone() + csv.lines().nth(1).unwrap() + "\n",
            vec!["was on line 2 already"],
        ),
        (
            "acs5-2023-s0102.csv",
            "GEO_ID,NAME,S0102_C01_001E,S0102_C01_001M\n0500000US01001,\"Autauga County, Alabama\",1,1\n".into(),
            vec!["S0102, a subject table: counts mixed with percents", "use table B05002"],
        ),
        (
            "acs5-2023-dp02.json",
            r#"[["DP02_0094E","DP02_0094PE","state","county"],["1","0.1","01","001"]]"#.into(),
            vec!["DP02, a data profile"],
        ),
        (
            "acs5-2023-tracts.csv",
            "GEO_ID,B05002_001E,B05002_013E\n1400000US01001020100,5,1\n1400000US01001020200,5,1\n".into(),
            vec!["holds 2 rows and none of the nation, a state"],
        ),
        (
            "acs5-2023-tracts.json",
            r#"[["B05002_001E","B05002_013E","state","county","tract"],["5","1","01","001","020100"]]"#.into(),
            vec!["for areas of a level that is not read"],
        ),
        (
            "acs5-2023-nowhere.csv",
            "B05002_001E,B05002_013E\n5,1\n".into(),
            vec!["has no column that names areas"],
        ),
        (
            "acs5-2022-states.csv",
            made.only("0400000US").api_csv(),
            vec!["holds no counties of vintage 2018-2022"],
        ),
        (
            "acs5-2023-titles.csv",
            made.data_census_gov().replacen(
                "Estimate!!Total:!!Foreign-born:!!Not a U.S. citizen",
                "Estimate!!Total:!!Foreign-born:!!Naturalized U.S. citizen!!Latin America",
                1,
            ),
            vec!["line 2, column B05002_021E", "Not a U.S. citizen"],
        ),
        (
            "acs5-2023-text.csv",
            one("0500000US01001,many,1,1,1,\"Autauga County, Alabama\""),
            vec!["line 2, 0500000US01001, column B05002_001E: \"many\" is not a count of people"],
        ),
        (
            "acs5-2023-negative.csv",
            one("0500000US01001,10,1,-1,1,\"Autauga County, Alabama\""),
            vec!["column B05002_013E: \"-1\""],
        ),
        (
            "acs5-2023-half.csv",
            one("0500000US01001,10,1,1.5,1,\"Autauga County, Alabama\""),
            vec!["column B05002_013E: \"1.5\""],
        ),
        (
            "acs5-2023-huge.csv",
            one("0500000US01001,9223372036854775807,1,1,1,\"Autauga County, Alabama\""),
            vec!["column B05002_001E: \"9223372036854775807\""],
        ),
        (
            "acs5-2023-controlled.csv",
            one("0500000US01001,-555555555,1,1,1,\"Autauga County, Alabama\""),
            vec!["only a margin is controlled"],
        ),
        (
            "acs5-2023-more.csv",
            one("0500000US01001,10,1,11,1,\"Autauga County, Alabama\""),
            vec!["column B05002_013E: \"11\" is not at most population 10"],
        ),
        (
            "acs5-2023-sum.csv",
            "GEO_ID,B05002_001E,B05002_002E,B05002_013E\n0500000US01001,10,5,4\n".into(),
            vec!["line 2, 0500000US01001, column B05002_001E: \"10\" is not the sum of native 5 and foreign_born 4"],
        ),
        (
            "acs5-2023-citizens.csv",
            "GEO_ID,B05002_001E,B05002_013E,B05002_014E,B05002_021E\n0500000US01001,10,5,4,2\n".into(),
            vec!["column B05002_013E: \"5\" is not the sum of naturalized 4 and noncitizen 2"],
        ),
        (
            "acs5-2023-note.csv",
            "GEO_ID,B05002_001E,B05002_001EA,B05002_013E\n0500000US01001,10,N,1\n".into(),
            vec!["is not what its annotation \"N\" says"],
        ),
        (
            "acs5-2023-geo.csv",
            one("05000US01001,10,1,1,1,\"Autauga County, Alabama\""),
            vec!["column GEO_ID: \"05000US01001\" is not a GEO_ID"],
        ),
        (
            "acs5-2023-codes.csv",
            "GEO_ID,state,county,B05002_001E,B05002_013E\n0500000US01001,01,003,10,1\n".into(),
            vec!["is not the area of the row's codes"],
        ),
        (
            "acs5-2023-column-twice.csv",
            "GEO_ID,B05002_001E,B05002_001E,B05002_013E\n0500000US01001,10,10,1\n".into(),
            vec!["has the column B05002_001E twice"],
        ),
        (
            "acs5-2023-shown.csv",
            "\"Label (Grouping)\",\"Autauga County, Alabama!!Estimate\"\n\"Total:\",\"59,285\"\n".into(),
            vec!["as data.census.gov shows it"],
        ),
        (
            "acs5-2023-long.csv",
            "GEOID,NAME,variable,estimate,moe\n01001,\"Autauga County, Alabama\",B05002_001,5,1\n".into(),
            vec!["one row an area and variable"],
        ),
        ("acs5-2023-other.csv", "a,b\n1,2\n".into(), vec!["not an ACS file in a form that is known"]),
        ("acs5-2023-zip.csv", "PK\u{3}\u{4}rest".into(), vec!["unpack it"]),
        (
            "acs5-2023-slipped.csv",
            slipped(made),
            vec!["is named \"Autauga County, Alabama\", which is 01001", "slipped against each other?"],
        ),
    ]
}

/// Returns figures with the names of counties moved down by one row.
fn slipped(made: &Vintage) -> String {
    let mut moved = made.only("0500000US");
    let names: Vec<String> = moved.areas.values().map(|area| area.name.clone()).collect();
    for (area, name) in moved.areas.values_mut().skip(1).zip(names) {
        area.name = name;
    }
    moved.api_csv()
}

#[test]
fn bad_files_are_refused_with_place_and_remedy() {
    let dir = tempfile::tempdir().unwrap();
    let made = Vintage::whole(2023);
    let lists = dir.path().join("participatingAgencies07012025.xlsx");
    workbook(&lists, &[BAY]);
    for (name, content, says) in refusals(&made) {
        let path = write(dir.path(), name, &content);
        let (code, message) = fails(&["--lists", text(&lists), "--acs", text(&path)]);
        assert_eq!(code, 5, "{name}: {message}");
        assert!(message.contains(name), "{name}: {message}");
        for part in says {
            assert!(message.contains(part), "{name}: {part} is not in {message}");
        }
    }
    assert_eq!(fails(&["--acs", text(&dir.path().join("nowhere.dat"))]).0, 2);
    assert_eq!(fails(&["--acs-vintage", "2019-2022"]).0, 2);
    let (code, message) = fails(&["--acs-vintage", "2018-2022"]);
    assert_eq!(code, 2);
    assert_said!(message);
}

#[test]
fn hostile_files_end_in_an_error() {
    let dir = tempfile::tempdir().unwrap();
    let deep = "[".repeat(200_000);
    let wide = format!("[[{}\"state\"]]", "\"a\",".repeat(200_000));
    let long_line = format!("GEO_ID|B05002_E001|B05002_E013\n{}", "1".repeat(3_000_000));
    let quoted = format!("GEO_ID,B05002_001E\n\"{}", "x".repeat(3_000_000));
    let nul = "GEO_ID\0,B05002_001E\n".to_owned();
    let mut refusals = String::new();
    for (name, content) in [
        ("acs5-2023-deep.json", deep),
        ("acs5-2023-wide.json", wide),
        ("acs5-2023-line.dat", long_line),
        ("acs5-2023-quoted.csv", quoted),
        ("acs5-2023-nul.csv", nul),
        ("acs5-2023-bar.dat", "|".repeat(100_000)),
        ("acs5-2023-commas.csv", ",".repeat(100_000)),
        ("acs5-2023-lone.csv", "GEO_ID,B05002_001E,B05002_013E".into()),
        ("acs5-2023-bom.csv", "\u{feff}".into()),
    ] {
        let path = write(dir.path(), name, &content);
        let (code, message) = fails(&["--acs", text(&path)]);
        assert_eq!(code, 5, "{name}: {message}");
        assert!(message.len() < 3_000, "{name}: {} bytes", message.len());
        refusals.push_str(&message);
    }
    // Each is refused for what it is.
    insta::with_settings!({ snapshot_path => "../golden", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("hostile_census", refusals);
    });
}

/// A small file of each form, changed at random: what comes is figures or an error, and figures are counts.
#[test]
fn changed_files_never_panic_nor_give_nonsense() {
    use coverage287::census::inspect;
    use coverage287::reference::Regions;
    use coverage287::spec::{SpecFiles, Specs};
    use proptest::prelude::*;

    let files = SpecFiles::default();
    let specs = Specs::load(&files).unwrap();
    let regions = Regions::load(&files).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let mut small = with_places();
    let few = ["0100000US", "0400000US01", "0500000US0100", "0600000US", "1600000US"];
    small.areas.retain(|id, _| few.iter().any(|prefix| id.starts_with(prefix)));
    let forms = [
        ("acsdt5y2023.dat", small.summary_file()),
        ("acs5-2023-download.csv", small.data_census_gov()),
        ("acs5-2023.json", small.api()),
        ("acs5-2023.csv", small.api_csv()),
    ];
    let pieces = [
        "-555555555",
        "*****",
        "null",
        "\"",
        "|",
        ",",
        "\n",
        "\r",
        "[",
        "]",
        "US",
        "é",
        "-",
        "1e9",
        "99999999999999999999",
        "GEO_ID",
        "B05002_E001",
        "!!",
        "\u{feff}",
        "\0",
    ];
    let read = |name: &str, bytes: &[u8]| {
        let path = dir.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        inspect(&path, &specs.census, &regions.counties, &regions.states)
    };
    for (name, text) in &forms {
        assert!(read(name, text.as_bytes()).is_ok(), "{name}");
    }
    let change = (0_usize..4, any::<prop::sample::Index>(), 0_usize..12, 0..pieces.len());
    let config = ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() };
    proptest!(config, |(form in 0..forms.len(), changes in prop::collection::vec(change, 1..4))| {
        let (name, text) = &forms[form];
        let mut bytes = text.clone().into_bytes();
        for (how, at, length, piece) in changes {
            let at = at.index(bytes.len().max(1)).min(bytes.len());
            let end = (at + length).min(bytes.len());
            match how {
                0 => drop(bytes.drain(at..end)),
                1 => bytes.truncate(at),
                2 => drop(bytes.splice(at..at, pieces[piece].bytes()).count()),
                _ => bytes[at..end].iter_mut().for_each(|byte| *byte ^= 1 << (length % 8)),
            }
        }
        match read(name, &bytes) {
            Err(error) => prop_assert!(error.to_string().chars().count() < 2_000),
            Ok(inspected) => {
                for figures in inspected.figures.areas.values() {
                    for estimate in figures.estimates.values() {
                        prop_assert!(estimate.value.is_err() || (0..=1_000_000_000).contains(&estimate.value.unwrap()));
                        prop_assert!(estimate.moe_squared.is_err() || estimate.moe_squared.unwrap() >= 0);
                    }
                }
            }
        }
    });
}

#[test]
fn what_would_be_taken_for_something_else_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let made = Vintage::whole(2023);
    let csv = made.api_csv();
    let guam = csv.clone()
        + "0500000US66010,100,1,80,1,20,1,10,1,10,1,Guam,null,null,null,null,null,null,null,null,null,null\n";
    let mac = csv.replace("Doña Ana", "Do–a Ana");
    let double = csv.replace("Doña Ana", "DoÃ±a Ana");
    for (name, content, says) in [
        ("acs5-2023-guam.csv", guam, "1 codes are no areas of vintage 2019-2023: 0500000US66010"),
        ("acs5-2023-mac.csv", mac, "0500000US35013 is named \"Do–a Ana County, New Mexico\""),
        ("acs5-2023-double.csv", double, "its letters were read in another encoding"),
        (
            "acs5-2023-metro.json",
            r#"[["B05002_001E","B05002_013E","state","metropolitan statistical area/micropolitan statistical area (or part)"],
            ["5","1","11","47900"]]"#
                .to_owned(),
            "a level that is not read",
        ),
        (
            "acs5-2023-wide.csv",
            "GEOID,NAME,B05002_001E,B05002_013E\n01001,\"Autauga County, Alabama\",5,1\n".to_owned(),
            "a GEOID, 01001, does not",
        ),
        ("acs5-2023-nowhere.csv", csv.clone() + &csv.lines().nth(1).unwrap().replacen("US", "US99", 1),
            "column GEO_ID: \"0500000US99"),
        ("acs3-2013.csv", csv.clone(), "3-year dataset"),
        ("acs5-2023-semicolons.csv", "GEO_ID;B05002_001E\n0500000US01001;5\n".to_owned(), "semicolons or tabs"),
    ] {
        let path = write(dir.path(), name, &content);
        let (code, message) = fails(&["--acs", text(&path)]);
        assert_eq!(code, 5, "{name}: {message}");
        assert!(message.contains(says), "{name}: {message}");
    }
    // The message names an address that the year does have.
    let old = write(dir.path(), "acs5-2013.csv", "GEO_ID,B05002_001E,B05002_013E\n0500000US01001,5,1\n");
    let (_, message) = fails(&["--acs", text(&old)]);
    assert_said!(message);
}

/// Hostile and damaged files that an earlier version accepted, or crashed on.
#[test]
fn what_once_went_wrong_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let made = Vintage::whole(2022);
    let mut few_names = made.clone();
    // Two counties have swapped names: their sum is still the state's.
    let (one, other) = ("0500000US01001", "0500000US01003");
    let name = few_names.areas[one].name.clone();
    few_names.areas.get_mut(other).unwrap().name = name;
    let header = "GEO_ID,NAME,B05002_001E,B05002_001M,B05002_013E,B05002_013M,\n";
    let odd_name =
        |name: &str| format!("GEO_ID,NAME,B05002_001E,B05002_013E\n0500000US01001,\"{name}\",5,1\n");
    for (file, content, says) in [
        (
            "acs5-2022-names.csv",
            few_names.api_csv(),
            "0500000US01003 is named \"Autauga County, Alabama\", which is 01001",
        ),
        (
            "acs5-2022-slip.csv",
            format!("{header}0500000US01001,\"Autauga County, Alabama\",,59285,120,1529,300\n"),
            "line 2 does not fit",
        ),
        (
            "acs5-2022-quote.csv",
            format!("{header}0500000US01001,\"Autauga County, Alabama,\"59285,2120,1529,300,\n"),
            "line 2 does not fit",
        ),
        (
            "acs5-2022-group.csv",
            "GEO_ID,POPGROUP,B05002_001E,B05002_013E\n0500000US01001,4018,5,1\n".to_owned(),
            "one population group",
        ),
        (
            "acs5-2022-sign.csv",
            "GEO_ID,B05002_001E,B05002_001M,B05002_013E\n0500000US01001,50,555555555,1\n".to_owned(),
            "column B05002_001M: \"555555555\"",
        ),
        ("acs5-2022-escape.csv", odd_name("Autauga\u{1b}[31m County"), "is not the name of an area"),
        ("acs5-2022-mail.csv", odd_name("jane.doe@example.org"), "is not the name of an area"),
        ("acs5-2022-bidi.csv", odd_name("Autauga\u{202e} County"), "is not the name of an area"),
        ("acs5-2022-long.csv", odd_name(&"A".repeat(900_000)), "is not the name of an area"),
        (
            "acs5-2022-header.csv",
            format!("GEO_ID,B05{}_x\n0500000US01001,5\n", "9".repeat(500_000)),
            "use table B05002",
        ),
        (
            "acs5-2022-string.json",
            format!("[[\"GEO_ID\",\"B05002_001E\"],\"{}\"]", "x".repeat(500_000)),
            "array of arrays",
        ),
    ] {
        let path = write(dir.path(), file, &content);
        let (code, message) = fails(&["--acs", text(&path)]);
        assert_eq!(code, 5, "{file}: {message}");
        assert!(message.contains(says), "{file}: {message}");
        assert!(message.len() < 2_500 && !message.contains('\u{1b}'), "{file}: {} bytes", message.len());
    }
    for (name, is_read) in [
        ("Autauga County, Alaska", false),
        ("Autauga County; Alaska", false),
        ("Baldwin County, Alabama", false),
        ("Baldwin, AL", false),
        ("Autauga County, AL", true),
        ("Autauga County; Alabama", true),
        ("County 01001", true),
        ("", true),
        ("AUTAUGA COUNTY", true),
    ] {
        let path = write(dir.path(), "acs5-2022-one.csv", &odd_name(name));
        assert_eq!(inspect(&[text(&path)]).1 == 0, is_read, "{name}");
    }
    let municipio = odd_name("Municipio de A\u{f1}asco, Puerto Rico").replace("01001", "72011");
    assert_eq!(inspect(&[text(&write(dir.path(), "acs5-2022-pr.csv", &municipio))]).1, 0);
}

/// A log that cannot be written is no failure.
#[cfg(target_os = "linux")]
#[test]
fn a_full_log_changes_no_outcome() {
    let full = || std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let run = |arguments: &[&str]| {
        let mut command = std::process::Command::new(assert_cmd::cargo::cargo_bin("coverage287"));
        let status =
            command.args(arguments).stdout(std::process::Stdio::null()).stderr(full()).status().unwrap();
        status.code().unwrap()
    };
    assert_eq!(run(&["census", "nowhere.dat"]), 2);
    assert_eq!(run(&["run", "--dry-run"]), 0);
    assert_eq!(run(&["--log-format", "json", "run", "--dry-run"]), 0);
}

/// The program does not wait for a pipe.
#[cfg(unix)]
#[test]
fn pipes_and_folders_are_no_files() {
    let dir = tempfile::tempdir().unwrap();
    let pipe = dir.path().join("acs5-2023.dat");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    for arguments in [["--acs", text(&pipe)], ["--place-shares", text(&pipe)], ["--acs", text(dir.path())]] {
        let (code, message) = fails(&arguments);
        assert_eq!(code, 2, "{message}");
    }
    assert_said!(fails(&["--acs", text(dir.path())]).1);
}
