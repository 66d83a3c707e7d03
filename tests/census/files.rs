//! Files of the Bureau in every form: read, put together, told apart.

use crate::support::census::Vintage;
use crate::support::{assert_said, cell, program, shared, table};
use coverage287::table::Table;
use std::collections::BTreeMap;
use std::path::PathBuf;

use super::*;

#[test]
#[ignore = "needs the real inputs of ../shared"]
fn every_real_file_is_read_or_refused_for_its_reason() {
    let shared = shared();
    for (name, expected) in [
        ("acs5-2023-b05002-counties.api.json", Ok(("2019-2023", [0, 0, 3_222, 0, 0], true))),
        ("acsdt5y2024-b05001.excerpt.dat", Ok(("2020-2024", [0, 0, 99, 0, 0], false))),
        ("ACSDT5Y2024.B05001-Data.csv", Ok(("2020-2024", [0, 1, 0, 0, 248], false))),
        ("ACSDT5Y2024.B05002-Data.csv", Ok(("2020-2024", [0, 1, 0, 0, 248], false))),
        ("acs1-2018-b05003-states.api.csv", Ok(("2018", [0, 52, 0, 0, 0], false))),
        ("acsdt5y2024-b11001.head.dat", Err("table B11001")),
        ("aff-2015-s0102-counties.latin1.csv", Err("mixes counts with percents")),
        ("column-metadata-2019-b050xx.csv", Err("what the lines of tables mean")),
        ("column-metadata-2024-b050xx.csv", Err("what the lines of tables mean")),
    ] {
        let path = shared.join("census").join(name);
        let (files, code) = inspect(&[text(&path)]);
        let file = &files[0];
        match expected {
            Ok((vintage, rows, is_whole)) => {
                let held: Vec<u64> = file["row_counts"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|row| row[1].as_u64().unwrap())
                    .collect();
                assert_eq!(
                    (file["acs_vintage"].as_str(), held.as_slice()),
                    (Some(vintage), &rows[..]),
                    "{name}"
                );
                assert_eq!((file["is_whole"].as_bool(), code), (Some(is_whole), 0), "{name}");
                assert_eq!(file["sums_that_fail"].as_array().unwrap().len(), 0, "{name}");
            }
            Err(reason) => {
                assert!(file["reason"].as_str().unwrap().contains(reason), "{name}: {file}");
                assert!(file["hint"].as_str().unwrap().contains("use table B05002"), "{name}: {file}");
                assert_eq!(code, 5, "{name}");
            }
        }
    }
}

#[test]
#[ignore = "needs the real inputs of ../shared"]
fn the_extract_of_99_counties_is_no_nation_but_a_sample() {
    let shared = shared();
    let path = shared.join("census/acsdt5y2024-b05001.excerpt.dat");
    let (code, message) = fails(&["--acs", text(&path)]);
    assert_eq!(code, 5);
    assert_said!(message);
    assert_said!(message);

    let (files, _) = inspect(&["--geo", "51600,0500000US09190", text(&path)]);
    let of = |geo: &str, concept: &str| {
        let line = figure(&files[0], geo, concept);
        (line["estimate"].as_i64().unwrap(), line["estimate_moe"].as_f64().unwrap())
    };
    assert_eq!(of("0500000US51600", "noncitizen"), (3_634, 598.0));
    assert_eq!(of("0500000US09190", "noncitizen"), (72_843, 3_208.0));
    // The population is controlled, the foreign-born are a sum of lines: 4,026 ± 532 and 3,634 ± 598.
    assert_eq!(of("0500000US51600", "population"), (25_026, 0.0));
    assert_eq!(of("0500000US51600", "foreign_born"), (7_660, (532_f64.powi(2) + 598_f64.powi(2)).sqrt()));

    let done = run_with(&[], std::slice::from_ref(&path), |settings| settings.acs_sample = true);
    let counties = table(&done, "counties");
    let row = |fips: &str| {
        let codes = counties.texts("county_fips").unwrap();
        codes.iter().position(|code| *code == Some(fips)).unwrap()
    };
    let fairfax = row("51600");
    let shown =
        ["noncitizen", "noncitizen_moe", "foreign_born_moe", "noncitizen_reliability", "missing_reason"];
    assert_eq!(shown.map(|name| cell(&counties, name, fairfax)), ["3634", "598", "800", "high", ""]);
    let miami = row("12086");
    assert_eq!(
        cell(&counties, "missing_reason", miami),
        "population: not_in_input; foreign_born: not_in_input; noncitizen: not_in_input"
    );
    assert_eq!(cell(&counties, "missing_reason", row("66010")), "not_in_acs");

    // The test reads line by line, in its own way: the total is the sum of lines 2 to 6 of all 99.
    let raw = std::fs::read_to_string(&path).unwrap();
    let header: Vec<&str> = raw.lines().next().unwrap().split('|').collect();
    let mut rows = 0;
    for line in raw.lines().skip(1) {
        let values: BTreeMap<&str, i64> = header
            .iter()
            .copied()
            .zip(line.split('|'))
            .skip(1)
            .map(|(c, v)| (c, v.parse().unwrap()))
            .collect();
        let sum: i64 = (2..=6).map(|n| values[format!("B05001_E{n:03}").as_str()]).sum();
        assert_eq!(values["B05001_E001"], sum, "{line}");
        let fips = &line[9..14];
        assert_eq!(cell(&counties, "population", row(fips)), values["B05001_E001"].to_string());
        assert_eq!(cell(&counties, "noncitizen", row(fips)), values["B05001_E006"].to_string());
        rows += 1;
    }
    assert_eq!(rows, 99);
}

#[test]
fn every_form_gives_the_same_counties() {
    let dir = tempfile::tempdir().unwrap();
    let made = Vintage::whole(2022);
    let counties = made.only("0500000US");
    let forms = [
        ("acsdt5y2022-b05002.dat", made.summary_file()),
        ("ACSDT5Y2022.B05002-Data.csv", made.data_census_gov()),
        ("acs5-2022-b05002-counties.api.json", made.api()),
        ("acs5-2022-b05002.api.csv", made.api_csv()),
        ("acs5-2022-windows.csv", made.api_csv().replace('\n', "\r\n")),
        ("acs5-2022-counties.csv", counties.api_csv()),
    ];
    let mut first: Option<Table> = None;
    for (name, text) in forms {
        let path = write(dir.path(), name, &text);
        let done = run_with(&[], &[path], |_| {});
        let found = table(&done, "counties");
        let expected = first.get_or_insert_with(|| found.clone());
        assert!(found == *expected, "{name}");
    }
    let first = first.unwrap();
    for (row, fips) in first.texts("county_fips").unwrap().into_iter().enumerate() {
        let Some(area) = made.areas.get(&format!("0500000US{}", fips.unwrap())) else { continue };
        assert_eq!(cell(&first, "foreign_born", row), area.figures[2].0.to_string());
        assert_eq!(cell(&first, "foreign_born_moe", row), area.figures[2].1.unwrap().to_string());
        assert_eq!(cell(&first, "population_moe", row), area.figures[0].1.unwrap_or(0).to_string());
    }
}

#[test]
fn files_of_one_vintage_are_put_together_in_any_order() {
    let dir = tempfile::tempdir().unwrap();
    let made = Vintage::whole(2022);
    let parts = [
        write(dir.path(), "acs5-2022-counties.csv", &made.only("0500000US").api_csv()),
        write(dir.path(), "acs5-2022-states.csv", &made.only("0400000US").data_census_gov()),
        write(dir.path(), "acsdt5y2022-nation.dat", &made.only("0100000US").summary_file()),
    ];
    let whole = [write(dir.path(), "acsdt5y2022-b05002.dat", &made.summary_file())];
    let reversed: Vec<PathBuf> = parts.iter().rev().cloned().collect();
    let of = |paths: &[PathBuf]| {
        let done = run_with(&[], paths, |_| {});
        (table(&done, "coverage"), done.release_id)
    };
    let (one, id) = of(&parts);
    let (other, reversed_id) = of(&reversed);
    assert!(one == other && one == of(&whole).0);
    assert_eq!(id, reversed_id);

    // A figure differs between the two files.
    let mut wrong = made.only("0400000US");
    wrong.areas.get_mut("0400000US12").unwrap().figures[2].0 += 1;
    wrong.areas.get_mut("0400000US12").unwrap().figures[0].0 += 1;
    wrong.areas.get_mut("0400000US12").unwrap().figures[4].0 += 1;
    let wrong_states = write(dir.path(), "acs5-2022-other.csv", &wrong.api_csv());
    let (code, message) = fails(&["--acs", text(&whole[0]), "--acs", text(&wrong_states)]);
    assert_eq!(code, 5);
    assert_said!(message);
    // Alone, the file agrees with nothing: the counties do not sum to it, and nothing is published.
    let (code, message) = fails(&["--acs", text(&parts[0]), "--acs", text(&wrong_states)]);
    assert_eq!(code, 6);
    assert_said!(message);
}

#[test]
fn names_in_latin_1_are_read_and_never_mangled() {
    let dir = tempfile::tempdir().unwrap();
    let made = Vintage::whole(2023);
    let bytes: Vec<u8> = made.api_csv().chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    let path = dir.path().join("acs5-2023-latin1.csv");
    std::fs::write(&path, bytes).unwrap();
    assert!(std::fs::read_to_string(&path).is_err(), "not UTF-8");
    let (files, code) = inspect(&["--geo", "35013,72003", text(&path)]);
    assert_eq!(code, 0);
    assert_eq!(figure(&files[0], "0500000US35013", "population")["geo_name"], "Doña Ana County, New Mexico");
    assert_eq!(
        figure(&files[0], "0500000US72003", "population")["geo_name"],
        "Aguada Municipio, Puerto Rico"
    );
}

#[test]
fn tables_with_a_twin_for_puerto_rico_may_come_without_it() {
    let dir = tempfile::tempdir().unwrap();
    let made = Vintage::whole(2024);
    let table_of = |name: &str, is_in: &dyn Fn(&str) -> bool| {
        let mut text =
            format!("GEO_ID|{name}_E001|{name}_M001|{name}_E002|{name}_M002|{name}_E003|{name}_M003\n");
        for (id, area) in made.areas.iter().filter(|(id, _)| is_in(id)) {
            let [people, native, born, ..] = area.figures;
            let margin = |made: (i64, Option<i64>)| made.1.unwrap_or(-555_555_555);
            text.push_str(&format!(
                "{id}|{}|{}|{}|{}|{}|{}\n",
                people.0,
                margin(people),
                native.0,
                margin(native),
                born.0,
                margin(born)
            ));
        }
        text
    };
    let is_pr = |id: &str| id.get(9..11) == Some("72");
    let us = write(dir.path(), "acsdt5y2024-b05012.dat", &table_of("B05012", &|id| !is_pr(id)));
    let pr = write(dir.path(), "acsdt5y2024-b05012pr.dat", &table_of("B05012PR", &is_pr));
    let done = run_with(&[], std::slice::from_ref(&us), |_| {});
    let counties = table(&done, "counties");
    let adjuntas = counties.texts("county_fips").unwrap().into_iter().position(|f| f == Some("72001"));
    let adjuntas = adjuntas.unwrap();
    assert!(cell(&counties, "missing_reason", adjuntas).starts_with("population: not_in_input"));
    let both = run_with(&[], &[us, pr], |_| {});
    let counties = table(&both, "counties");
    assert_eq!(
        cell(&counties, "foreign_born", adjuntas),
        made.areas["0500000US72001"].figures[2].0.to_string()
    );
}

#[test]
fn the_line_of_noncitizens_moved_in_2015() {
    let dir = tempfile::tempdir().unwrap();
    let made = Vintage::whole(2014);
    let mut old = String::from("GEO_ID,B05002_001E,B05002_013E,B05002_013M,B05002_015E,B05002_015M\n");
    for (id, area) in &made.areas {
        let [people, _, born, _, noncitizens] = area.figures;
        let (b, n) = (born.1.unwrap(), noncitizens.1.unwrap());
        old.push_str(&format!("{id},{},{},{b},{},{n}\n", people.0, born.0, noncitizens.0));
    }
    let path = write(dir.path(), "acs5-2014.csv", &old);
    let done = run_with(&[], &[path], |_| {});
    let counties = table(&done, "counties");
    assert_eq!(cell(&counties, "acs_vintage", 0), "2010-2014");
    let expected = made.areas["0500000US01001"].figures[4];
    assert_eq!(cell(&counties, "noncitizen", 0), expected.0.to_string());
    // From 2015 on line 15 counts naturalised citizens of Europe: no noncitizens are read from it.
    let made = Vintage::whole(2019);
    let mut new = String::from("GEO_ID,B05002_001E,B05002_013E,B05002_015E\n");
    for (id, area) in &made.areas {
        new.push_str(&format!("{id},{},{},1\n", area.figures[0].0, area.figures[2].0));
    }
    let path = write(dir.path(), "acs5-2019.csv", &new);
    let done = run_with(&[], &[path], |_| {});
    let counties = table(&done, "counties");
    assert_eq!(cell(&counties, "noncitizen", 0), "");
    assert!(cell(&counties, "missing_reason", 0).ends_with("noncitizen: not_in_input"));
}

#[test]
fn two_tables_in_one_file_must_agree() {
    let dir = tempfile::tempdir().unwrap();
    let header =
        "GEO_ID,B05002_001E,B05002_013E,B05002_013M,B05001_005E,B05001_005M,B05001_006E,B05001_006M\n";
    let read = |row: &str| {
        let path = write(dir.path(), "acs5-2023.csv", &format!("{header}{row}\n"));
        inspect(&["--geo", "01001", text(&path)])
    };
    let (files, code) = read("0500000US01001,1000,100,44,60,30,40,40");
    assert_eq!(code, 0);
    let born = figure(&files[0], "0500000US01001", "foreign_born");
    // The line is taken, not the sum of lines, whose margin would be 50.
    assert_eq!((&born["estimate"], &born["estimate_moe"]), (&100.into(), &44.0.into()));
    let (files, code) = read("0500000US01001,1000,700,44,60,30,40,40");
    assert_eq!(code, 5);
    assert_said!(files[0]["reason"].as_str().unwrap());
    // Two files give two margins of one line.
    let one = "GEO_ID,B05002_001E,B05002_013E,B05002_013M\n";
    let paths = [44, 99].map(|moe| {
        let name = format!("acs5-2023-{moe}.csv");
        write(dir.path(), &name, &format!("{one}0500000US01001,1000,100,{moe}\n"))
    });
    let (code, message) = fails(&["--acs-sample", "--acs", text(&paths[0]), "--acs", text(&paths[1])]);
    assert_eq!(code, 5);
    assert_said!(message);
}

#[test]
fn the_census_command_tells_people_what_a_file_lacks() {
    let dir = tempfile::tempdir().unwrap();
    let made = Vintage::whole(2023);
    let few = write(dir.path(), "acs5-2023-states.csv", &made.only("0400000US").api_csv());
    let bare = "GEO_ID,B05002_001E\n".to_owned()
        + &made
            .only("0500000US")
            .areas
            .iter()
            .map(|(id, area)| format!("{id},{}\n", area.figures[0].0))
            .collect::<String>();
    let bare = write(dir.path(), "acs5-2023-people.csv", &bare);
    let page = write(dir.path(), "acs5-2023-page.json", "<html>Missing Key</html>");
    let output =
        program().args(["census", text(&few), text(&bare), text(&page), "--geo", "12"]).output().unwrap();
    assert_eq!(output.status.code(), Some(5));
    let said = String::from_utf8(output.stdout).unwrap();
    for part in [
        "holds no counties of vintage 2019-2023",
        "no file has foreign_born of county 01001",
        "refused: acs5-2023-page.json: is the page by which the Census API says",
        "0400000US12  Florida",
    ] {
        assert!(said.contains(part), "{part} is not in {said}");
    }
    assert_eq!(program().args(["census", "--geo", "1"]).output().unwrap().status.code(), Some(2));
    assert_eq!(program().args(["census", "nowhere.dat"]).output().unwrap().status.code(), Some(2));
    let shipped = program().args(["census"]).output().unwrap();
    assert!(
        String::from_utf8(shipped.stdout).unwrap().contains("counties: 3,222 of 3,222 of the vintage; whole")
    );
}

#[test]
fn forms_that_programs_have_changed_are_read() {
    let dir = tempfile::tempdir().unwrap();
    let figures = |name: &str, content: &str| {
        let path = write(dir.path(), name, content);
        let (files, code) = inspect(&["--geo", "01001,0919018500,01", text(&path)]);
        assert_eq!(code, 0, "{name}: {files}");
        let mut lines = files[0]["figures"].as_array().unwrap().clone();
        lines.retain(|line| !line["estimate"].is_null());
        let of =
            |concept: &str| lines.iter().find(|line| line["concept"] == concept).unwrap()["estimate"].clone();
        (
            lines[0]["geo_id"].as_str().unwrap().to_owned(),
            of("population").as_i64(),
            of("foreign_born").as_i64(),
        )
    };
    let county = |people, born| ("0500000US01001".to_owned(), Some(people), Some(born));
    for (name, content) in [
        // get=NAME,group(B05002): NAME twice.
        (
            "acs5-2023-group.json",
            r#"[["NAME","B05002_001E","B05002_013E","GEO_ID","NAME","state","county"],
            ["Autauga County, Alabama","59285","1529","0500000US01001","Autauga County, Alabama","01","001"]]"#,
        ),
        (
            "acs5-2023-ucgid.json",
            r#"[["NAME","B05002_001E","B05002_013E","ucgid"],["Autauga County, Alabama",59285,1529,"0500000US01001"]]"#,
        ),
        // descriptive=true: titles below the names.
        (
            "acs5-2023-descriptive.json",
            r#"[["GEO_ID","B05002_001E","B05002_013E"],["Geography","Estimate!!Total:","Estimate!!Total:!!Foreign-born:"],
            ["0500000US01001","59285","1529"]]"#,
        ),
        // Sorted: the titles are last.
        (
            "acs5-2023-sorted.csv",
            "GEO_ID,B05002_001E,B05002_013E\n0500000US01001,59285,1529\nGeography,Estimate!!Total:,Estimate!!Total:!!Foreign-born:\n",
        ),
        // pandas: an index, and codes without their zeros.
        (
            "acs5-2023-pandas.csv",
            ",NAME,B05002_001E,B05002_013E,state,county\n0,\"Autauga County, Alabama\",59285.0,1529.0,1,1\n",
        ),
        (
            "acs5-2023-r.csv",
            "\"state\",\"county\",\"B05002_001E\",\"B05002_001M\",\"B05002_013E\"\n\"01\",\"001\",59285,NA,1529\n",
        ),
    ] {
        assert_eq!(figures(name, content), county(59_285, 1_529), "{name}");
    }
    let town = figures(
        "acs5-2023-towns.csv",
        "state,county,county_subdivision,B05002_001E,B05002_013E\n09,190,18500,86518,28000\n",
    );
    assert_eq!(town.0, "0600000US0919018500");
}

/// Nothing of a long file name is lost: the vintage may stand at its end.
#[test]
fn a_long_name_says_its_vintage_too() {
    let dir = tempfile::tempdir().unwrap();
    let name = format!("{}-acs5-2022.csv", "counties-of-the-united-states-".repeat(5));
    let path = write(dir.path(), &name, &Vintage::whole(2022).api_csv());
    let (files, code) = inspect(&[text(&path)]);
    assert_eq!((code, files[0]["acs_vintage"].as_str()), (0, Some("2018-2022")));
    assert_eq!(files[0]["file_name"].as_str(), Some(name.as_str()));
}

#[test]
fn the_same_file_twice_is_one_and_of_two_years_none() {
    let dir = tempfile::tempdir().unwrap();
    let csv = Vintage::whole(2022).api_csv();
    let one = write(dir.path(), "acs5-2022.csv", &csv);
    let copy = write(dir.path(), "acs5-2022-copy.csv", &csv);
    let other_year = write(dir.path(), "acs5-2023.csv", &csv);
    let alone = run_with(&[], std::slice::from_ref(&one), |_| {});
    let twice = run_with(&[], &[copy.clone(), one.clone()], |_| {});
    assert_eq!(alone.results.figures[0].inputs.len(), twice.results.figures[0].inputs.len());
    assert!(table(&alone, "coverage") == table(&twice, "coverage"));
    let (code, message) = fails(&["--acs", text(&one), "--acs", text(&other_year)]);
    assert_eq!(code, 5);
    assert_said!(message);
}
