//! The identity of each agency, where it polices, and what became of each agreement: on made lists, each rule alone,
//! and against the answer keys.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use coverage287::publishing::RunOutput;

use crate::support::{
    BAY, HEADERS, Row, assert_said, dry_run, hold_only_their_words, rows, table, workbook, workbook_with,
};

/// A made list: file name and rows.
type MadeList<'a> = (&'a str, Vec<Row<'a>>);

/// Headers of the pending lists.
const PENDING: [&str; 5] = ["STATE", "LAW ENFORCEMENT AGENCY", "TYPE", "COUNTY", "SUPPORT TYPE"];

fn write(dir: &Path, (name, rows): &MadeList) -> PathBuf {
    let path = dir.join(format!("{name}.xlsx"));
    let headers: &[&str] = if name.starts_with("pending") { &PENDING } else { &HEADERS };
    workbook_with(&path, headers, rows, |_| {});
    path
}

fn run(lists: &[MadeList]) -> RunOutput {
    let dir = tempfile::tempdir().unwrap();
    let paths: Vec<PathBuf> = lists.iter().map(|list| write(dir.path(), list)).collect();
    dry_run(&paths)
}

fn municipal<'a>(agency: &'a str) -> Row<'a> {
    Row { agency, agency_type: "Municipality", county: "#N/A", link: "", ..BAY }
}

/// Returns the agreements by agency name and model: (status, end_kind, name of the successor's agency).
fn standing(done: &RunOutput) -> BTreeMap<(String, String), (String, String, String)> {
    let names: BTreeMap<String, String> = rows(&table(done, "agencies"))
        .into_iter()
        .map(|row| (row["agency_id"].clone(), row["agency_name"].clone()))
        .collect();
    let agreements = rows(&table(done, "agreements"));
    let of: BTreeMap<&str, &str> =
        agreements.iter().map(|row| (row["agreement_id"].as_str(), row["agency_id"].as_str())).collect();
    let line = |row: &BTreeMap<String, String>| {
        let successor = of.get(row["successor_agreement_id"].as_str()).map(|id| names[*id].clone());
        let key = (names[&row["agency_id"]].clone(), row["model"].clone());
        (key, (row["agreement_status"].clone(), row["end_kind"].clone(), successor.unwrap_or_default()))
    };
    agreements.iter().map(line).collect()
}

fn key(agency: &str, model: &str) -> (String, String) {
    (agency.to_owned(), model.to_owned())
}

fn events(done: &RunOutput) -> Vec<(String, String, String)> {
    let mut events: Vec<_> = rows(&table(done, "agreement_events"))
        .into_iter()
        .map(|row| (row["list_date"].clone(), row["event"].clone(), row["new_value"].clone()))
        .collect();
    events.sort();
    events
}

#[derive(serde::Deserialize)]
struct Pair {
    state: String,
    names: [String; 2],
    rule: Option<String>,
}

#[test]
fn pairs_of_names_are_one_body_or_two() {
    #[derive(serde::Deserialize)]
    struct Cases {
        pair: Vec<Pair>,
    }
    let cases: Cases = toml::from_str(include_str!("cases/same.toml")).unwrap();
    assert!(cases.pair.len() > 25);
    for Pair { state, names, rule } in &cases.pair {
        let row = |agency| Row { state, agency, county: "", agency_type: "", link: "", ..BAY };
        let done = run(&[("participatingAgencies06062025am", vec![row(&names[0]), row(&names[1])])]);
        let agencies = table(&done, "agencies").row_count();
        match rule {
            None => assert_eq!(agencies, 2, "{names:?} are two"),
            Some(rule) => {
                assert_eq!(agencies, 1, "{names:?} are one");
                for row in rows(&table(&done, "agency_names")) {
                    assert_eq!(row["name_method"], *rule, "{names:?}");
                    assert!(!row["name_evidence"].is_empty());
                }
            }
        }
    }
}

/// A name that may be a misspelling of two others joins neither, in whatever order lists print them.
#[test]
fn a_name_between_two_others_joins_neither() {
    let names = ["Marlow TWP State Constable", "Harlow TWP State Constable", "Harlon TWP State Constable"];
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let row = |at: usize| Row { state: "PENNSYLVANIA", agency: names[at], county: "", link: "", ..BAY };
        let done = run(&[("participatingAgencies06062025am", order.map(row).to_vec())]);
        assert_eq!(table(&done, "agencies").row_count(), 3, "{order:?}");
    }
    // Two of them alone are one.
    let row = |agency| Row { state: "PENNSYLVANIA", agency, county: "", link: "", ..BAY };
    let done = run(&[("participatingAgencies06062025am", vec![row(names[0]), row(names[1])])]);
    assert_eq!(table(&done, "agencies").row_count(), 1);
}

#[derive(serde::Deserialize)]
struct Body {
    row: [String; 4],
    level: String,
    kind: String,
    counties: Vec<String>,
    extent: Option<String>,
    method: Option<String>,
    place: Option<String>,
    cousub: Option<String>,
    ori: Option<String>,
    name: Option<String>,
}

#[test]
fn bodies_are_placed() {
    #[derive(serde::Deserialize)]
    struct Cases {
        body: Vec<Body>,
    }
    let cases: Cases = toml::from_str(include_str!("cases/places.toml")).unwrap();
    let made: Vec<Row> = cases
        .body
        .iter()
        .map(|body| {
            let [state, agency, agency_type, county] = &body.row;
            Row { state, agency, agency_type, county, link: "", ..BAY }
        })
        .collect();
    let done = run(&[("participatingAgencies06062025am", made)]);
    let agencies = rows(&table(&done, "agencies"));
    let places = rows(&table(&done, "agency_counties"));
    assert_eq!(agencies.len(), cases.body.len());
    let of_name: BTreeMap<(String, String), String> = rows(&table(&done, "agency_names"))
        .into_iter()
        .map(|row| ((row["state_printed"].clone(), row["agency_printed"].clone()), row["agency_id"].clone()))
        .collect();
    let mut wrong = Vec::new();
    for body in &cases.body {
        let name = &body.row[1];
        let id = &of_name[&(body.row[0].clone(), name.clone())];
        let agency = agencies.iter().find(|agency| agency["agency_id"] == *id).unwrap();
        let here: Vec<_> = places.iter().filter(|row| row["agency_id"] == *id).collect();
        let found: BTreeSet<&str> = here.iter().map(|row| row["county_fips"].as_str()).collect();
        let wanted: BTreeSet<&str> = body.counties.iter().map(String::as_str).collect();
        if found != wanted {
            wrong.push(format!("{name}: in {found:?}, not {wanted:?}: {}", agency["county_evidence"]));
        }
        let main = body.counties.first().cloned().unwrap_or_default();
        for (column, expected) in [
            ("agency_level", Some(&body.level)),
            ("agency_kind", Some(&body.kind)),
            ("main_county_fips", Some(&main)),
            ("county_method", body.method.as_ref()),
            ("place_geoid", body.place.as_ref()),
            ("cousub_geoid", body.cousub.as_ref()),
            ("ori", body.ori.as_ref()),
            ("agency_name", body.name.as_ref()),
        ] {
            if let Some(expected) = expected.filter(|expected| agency[column] != **expected) {
                wrong.push(format!("{name}: {column} {:?}, not {expected:?}", agency[column]));
            }
        }
        if let Some(extent) =
            body.extent.as_ref().filter(|extent| here.iter().any(|row| row["extent"] != **extent))
        {
            wrong.push(format!("{name}: not {extent}"));
        }
        if agency["county_evidence"].is_empty() {
            wrong.push(format!("{name}: no evidence"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_body_that_leaves_and_returns_is_two_spells_of_one_agreement() {
    let southside =
        Row { state: "TEXAS", signed: "2025-06-13", ..municipal("Southside Place Police Department") };
    let done = run(&[
        ("participatingAgencies06272025am", vec![BAY, southside]),
        ("participatingAgencies07162025am", vec![BAY, southside]),
        ("participatingAgencies07182025am", vec![BAY]),
        ("participatingAgencies07232025am", vec![BAY]),
        ("participatingAgencies08012025am", vec![BAY, southside, municipal("Tampa Police Department")]),
    ]);
    let standing = standing(&done);
    let line = &standing[&key("Southside Place Police Department", "TFM")];
    assert_eq!((line.0.as_str(), line.1.as_str()), ("active", ""));
    let id = rows(&table(&done, "agreements")).into_iter().find(|row| row["state_code"] == "TX").unwrap();
    assert_eq!(id["spell_count"], "2");
    let spells: Vec<_> = rows(&table(&done, "agreement_spells"))
        .into_iter()
        .filter(|row| row["agreement_id"] == id["agreement_id"])
        .map(|row| {
            (row["began_by_date"].clone(), row["ended_after_date"].clone(), row["ended_by_date"].clone())
        })
        .collect();
    let spell = |a: &str, b: &str, c: &str| (a.to_owned(), b.to_owned(), c.to_owned());
    assert_eq!(spells, [spell("2025-06-27", "2025-07-16", "2025-07-18"), spell("2025-08-01", "", "")]);
    let of_it: Vec<_> = events(&done).into_iter().filter(|(_, event, _)| event != "listed").collect();
    assert_eq!(of_it, [spell("2025-07-18", "unlisted", ""), spell("2025-08-01", "relisted", "")]);
}

#[test]
fn an_agreement_ends_with_the_second_list_without_it() {
    let tampa = municipal("Tampa Police Department");
    let with = ("participatingAgencies06062025am", vec![BAY, tampa]);
    let lists = [
        with,
        ("participatingAgencies06092025am", vec![BAY]),
        // Another edition of the same day does not confirm the end.
        ("participatingAgencies06092025pm", vec![BAY, municipal("Doral Police Department")]),
        ("participatingAgencies06102025am", vec![BAY, municipal("Miami Springs Police Department")]),
    ];
    for (count, expected) in [(1, "active"), (2, "unconfirmed"), (3, "unconfirmed"), (4, "ended")] {
        let done = run(&lists[..count]);
        assert_eq!(standing(&done)[&key("Tampa Police Department", "TFM")].0, expected, "{count} lists");
    }
}

#[test]
fn a_rename_is_one_agreement() {
    let old = Row {
        state: "LOUISIANA",
        agency: "Louisiana State Patrol",
        agency_type: "State Agency",
        county: "#N/A",
        ..BAY
    };
    let new = Row { agency: "Louisiana State Police Department", ..old };
    let freedom = Row {
        state: "MINNESOTA",
        agency: "Freedom County Sheriff's Office",
        county: "Freedom County",
        link: "",
        ..BAY
    };
    let freeborn = Row { agency: "Freeborn County Sheriff's Office", county: "Freeborn County", ..freedom };
    let done = run(&[
        ("participatingAgencies07142025am", vec![BAY, old, freedom]),
        ("participatingAgencies07152025am", vec![BAY, new, freeborn]),
        ("participatingAgencies07162025am", vec![BAY, new, freeborn]),
    ]);
    let standing = standing(&done);
    assert_eq!(standing.len(), 3, "{standing:?}");
    assert!(standing.values().all(|(status, ..)| status == "active"));
    assert!(standing.contains_key(&key("Freeborn County Sheriff's Office", "TFM")));
    let renamed: Vec<_> = events(&done).into_iter().filter(|(_, event, _)| event == "renamed").collect();
    assert_eq!(renamed.len(), 2, "{renamed:?}");
    let redirects = rows(&table(&done, "agency_redirects"));
    assert!(redirects.iter().all(|row| row["reason"] == "renamed" && row["evidence"].contains("07152025am")));
    // An agreement id of the retired name resolves too.
    let old_ids = rows(&table(&done, "agreement_redirects"));
    assert_eq!(old_ids.len(), 2);
    assert!(old_ids.iter().all(|row| row["old_agreement_id"].ends_with("-TFM")));
}

#[test]
fn what_left_when_another_came_is_no_rename_without_the_same_paper() {
    let doral = Row { signed: "2025-04-01", ..municipal("Doral Police Department") };
    let tampa = Row { signed: "2025-05-01", ..municipal("Tampa Police Department") };
    let done = run(&[
        ("participatingAgencies07142025am", vec![BAY, doral]),
        ("participatingAgencies07152025am", vec![BAY, tampa]),
        ("participatingAgencies07162025am", vec![BAY, tampa]),
    ]);
    let standing = standing(&done);
    assert_eq!(
        standing[&key("Doral Police Department", "TFM")],
        ("ended".into(), "removed".into(), String::new())
    );
    assert_eq!(standing[&key("Tampa Police Department", "TFM")].0, "active");
    // Two towns do not become one either because they signed on one day.
    let melbourne = municipal("Melbourne Police Department");
    let beach = municipal("Melbourne Beach Police Department");
    let done = run(&[
        ("participatingAgencies07142025am", vec![BAY, melbourne]),
        ("participatingAgencies07152025am", vec![BAY, beach]),
        ("participatingAgencies07162025am", vec![BAY, beach]),
    ]);
    assert_eq!(table(&done, "agencies").row_count(), 3);
}

#[test]
fn an_agreement_relabelled_to_another_body_of_the_county_has_a_successor() {
    let sheriff = Row {
        agency: "Okaloosa County Sheriff's Office",
        county: "Okaloosa County",
        model: "Warrant Service Officer",
        ..BAY
    };
    let jail = Row { agency: "Okaloosa County Department of Corrections", ..sheriff };
    let done = run(&[
        ("participatingAgencies07012025pm", vec![BAY, sheriff]),
        ("participatingAgencies07032025am", vec![BAY, jail]),
        ("participatingAgencies07072025am", vec![BAY, jail]),
    ]);
    let standing = standing(&done);
    assert_eq!(
        standing[&key("Okaloosa County Sheriff's Office", "WSO")],
        ("succeeded".into(), "relabelled".into(), "Okaloosa County Department of Corrections".into())
    );
    assert!(events(&done).iter().any(|(date, event, _)| date == "2025-07-03" && event == "relabelled"));
    assert!(!events(&done).iter().any(|(_, event, _)| event == "ended"));
}

#[test]
fn a_row_of_the_wrong_model_is_a_listing_error_and_a_switch_is_not() {
    let wrong = Row { model: "Warrant Service Officer", ..municipal("Nixon Police Department") };
    let nixon = Row { state: "TEXAS", ..wrong };
    let right = Row { model: "Task Force Model", ..nixon };
    let done = run(&[
        ("participatingAgencies07012025pm", vec![BAY, nixon]),
        ("participatingAgencies07032025am", vec![BAY, right]),
        ("participatingAgencies07072025am", vec![BAY, right]),
    ]);
    assert_eq!(standing(&done)[&key("Nixon Police Department", "WSO")].1, "listing_error");
    let switched = Row { signed: "2025-07-02", ..right };
    let done = run(&[
        ("participatingAgencies07012025pm", vec![BAY, nixon]),
        ("participatingAgencies07032025am", vec![BAY, switched]),
        ("participatingAgencies07072025am", vec![BAY, switched]),
    ]);
    assert_eq!(standing(&done)[&key("Nixon Police Department", "WSO")].1, "removed");
    let ended = rows(&table(&done, "agreements")).into_iter().find(|row| row["model"] == "WSO").unwrap();
    assert_said!(ended["end_evidence"]);
}

#[test]
fn wrong_states_are_mended_from_the_county_and_from_the_next_list() {
    let crow_wing = Row {
        state: "MASSACHUSETTS",
        agency: "Crow Wing County Sheriff's Office",
        county: "Crow Wing County",
        ..BAY
    };
    let ellis = Row {
        state: "TEXAS",
        agency: "Ellis County Sheriff's Office",
        county: "Ellis County",
        signed: "2025-07-07",
        model: "Warrant Service Officer",
        link: "",
        ..BAY
    };
    let jail = Row { model: "Jail Enforcement Model", signed: "2025-04-16", ..ellis };
    let done = run(&[
        ("participatingAgencies07082025am", vec![BAY, crow_wing, ellis, jail]),
        ("participatingAgencies07142025am", vec![BAY, crow_wing, Row { state: "KANSAS", ..ellis }, jail]),
        ("participatingAgencies07152025am", vec![BAY, crow_wing, Row { state: "KANSAS", ..ellis }, jail]),
    ]);
    let states: Vec<String> =
        rows(&table(&done, "agreements")).iter().map(|row| row["agreement_id"].clone()).collect();
    assert_eq!(states.iter().map(|id| &id[..2]).collect::<Vec<_>>(), ["FL", "KS", "MN", "TX"]);
    let repairs: Vec<_> =
        rows(&table(&done, "repairs")).into_iter().filter(|row| row["step"] == "identify").collect();
    assert_eq!(repairs.len(), 4, "three rows of Crow Wing and one of Ellis");
    assert!(repairs.iter().all(|row| row["column"] == "STATE" && !row["evidence"].is_empty()));
    assert!(
        events(&done)
            .iter()
            .any(|(date, event, new)| date == "2025-07-14" && event == "state_corrected" && new == "KS")
    );
    hold_only_their_words(&done);
    // The id that was made with the wrong state resolves.
    let redirects = rows(&table(&done, "agency_redirects"));
    assert!(
        redirects
            .iter()
            .any(|row| row["old_agency_id"].starts_with("MA-") && row["agency_id"].starts_with("MN-"))
    );
    let old = rows(&table(&done, "agreement_redirects"));
    assert!(
        old.iter()
            .any(|row| row["old_agreement_id"].starts_with("TX-") && row["agreement_id"].starts_with("KS-"))
    );
    // A state is no error where a list prints both counties of the same name, and a later list only one.
    let both = run(&[
        ("participatingAgencies07082025am", vec![BAY, ellis, Row { state: "KANSAS", ..ellis }]),
        ("participatingAgencies07142025am", vec![BAY, Row { state: "KANSAS", ..ellis }]),
    ]);
    assert_eq!(table(&both, "agencies").row_count(), 3);
}

#[test]
fn dates_and_files_have_a_history() {
    let (first, second) = (
        "https://www.ice.gov/doclib/287gMOA/BayCoFL_TFM_MOA_030125.pdf",
        "https://www.ice.gov/doclib/287gMOA/BayCoSheriffsOfficeFL_TFM_MOA_08042025.pdf",
    );
    let lists = [
        ("participatingAgencies06062025am", Row { link: first, ..BAY }),
        ("participatingAgencies07012025am", Row { link: first, signed: "2025-02-28", ..BAY }),
        ("participatingAgencies08052025am", Row { link: first, signed: "2025-08-04", ..BAY }),
        ("participatingAgencies08062025am", Row { link: second, signed: "2025-08-04", ..BAY }),
    ];
    let lists: Vec<MadeList> = lists.into_iter().map(|(name, row)| (name, vec![row])).collect();
    let done = run(&lists);
    let found: Vec<_> = events(&done).into_iter().map(|(_, event, new)| (event, new)).collect();
    let event = |a: &str, b: &str| (a.to_owned(), b.to_owned());
    assert_eq!(
        found,
        [
            event("listed", ""),
            event("re_dated", "2025-02-28"),
            event("re_signed", "2025-08-04"),
            event("relinked", second)
        ]
    );
    let dates: Vec<_> = rows(&table(&done, "agreement_dates"))
        .into_iter()
        .map(|row| {
            (
                row["signed_date"].clone(),
                row["date_first_listed_date"].clone(),
                row["date_last_listed_date"].clone(),
            )
        })
        .collect();
    let line = |a: &str, b: &str, c: &str| (a.to_owned(), b.to_owned(), c.to_owned());
    assert_eq!(
        dates,
        [
            line("2025-02-28", "2025-07-01", "2025-07-01"),
            line("2025-03-01", "2025-06-06", "2025-06-06"),
            line("2025-08-04", "2025-08-05", "2025-08-06")
        ]
    );
}

#[test]
fn links_to_the_file_of_another_agency_are_flagged() {
    let address = |file: &str| format!("https://www.ice.gov/doclib/287gMOA/{file}");
    let (whitfield, bay, texas, jail, odd) = (
        address("287gJEM_WhitfieldCoGa2020-06-09.pdf"),
        address("bayCounty_TFM_MOA_030125.pdf"),
        address("BayCoSheriffsOfficeTX_TFM_MOA_030125.pdf"),
        address("BayCoSheriffsOfficeFL_JEM_MOA_030125.pdf"),
        address("scan0001.pdf"),
    );
    for (link, verdict) in [
        (&whitfield, "other_agency"),
        (&bay, "agrees"),
        (&texas, "other_state"),
        (&jail, "other_model"),
        (&odd, "unclear"),
    ] {
        let other = Row {
            state: "GEORGIA",
            agency: "Whitfield County Sheriff's Office",
            county: "Whitfield County",
            link: "",
            ..BAY
        };
        let wayne = Row { link, ..BAY };
        let wayne = if verdict == "other_agency" {
            Row { state: "GEORGIA", agency: "Wayne County Sheriff's Office", county: "Wayne County", ..wayne }
        } else {
            wayne
        };
        let done = run(&[("participatingAgencies06062025am", vec![other, wayne])]);
        let links = rows(&table(&done, "agreement_links"));
        assert_eq!(links.len(), 1, "{link}");
        assert_eq!(links[0]["link_verdict"], verdict, "{}", links[0]["link_evidence"]);
        assert_eq!(links[0]["named_agency_id"].is_empty(), verdict != "other_agency");
    }
}

#[test]
fn waits_are_brackets_and_leaving_is_no_refusal() {
    let tampa = municipal("Tampa Police Department");
    let doral = municipal("City of Doral Police Department");
    let done = run(&[
        ("pendingAgencies06022025am", vec![doral]),
        ("pendingAgencies06042025am", vec![tampa, doral]),
        ("participatingAgencies06062025am", vec![BAY]),
        ("pendingAgencies06062025am", vec![tampa]),
        ("participatingAgencies06102025am", vec![BAY, tampa]),
        ("pendingAgencies06102025am", vec![municipal("Miami Springs Police Department")]),
    ]);
    let names: BTreeMap<String, String> = rows(&table(&done, "agencies"))
        .into_iter()
        .map(|row| (row["agency_id"].clone(), row["agency_name"].clone()))
        .collect();
    let pending: BTreeMap<String, BTreeMap<String, String>> = rows(&table(&done, "pending"))
        .into_iter()
        .map(|row| (names[&row["agency_id"]].clone(), row))
        .collect();
    let of = |name: &str, column: &str| pending[name][column].clone();
    assert_eq!(of("Tampa Police Department", "outcome"), "participating");
    // The agency is pending after 06-02 and by 06-04; it participates after 06-06 and by 06-10.
    assert_eq!(of("Tampa Police Department", "wait_min_days"), "2");
    assert_eq!(of("Tampa Police Department", "wait_max_days"), "8");
    assert_eq!(of("City of Doral Police Department", "outcome"), "left_pending");
    assert_eq!(of("City of Doral Police Department", "wait_max_days"), "");
    assert_eq!(of("Miami Springs Police Department", "outcome"), "still_pending");
}

/// Every workbook that `workbook` makes has the newest headers; a bare one serves as well.
#[test]
fn a_reviewed_decision_goes_before_the_rules() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("root");
    std::fs::create_dir_all(root.join("data/crosswalks")).unwrap();
    let list = dir.path().join("participatingAgencies06062025am.xlsx");
    workbook(
        &list,
        &[municipal("City of Doral Police Department"), municipal("Doral PD"), municipal("Brickell Force")],
    );
    for (decision, other, agencies) in [("not_same", "Doral PD", 3), ("same", "Brickell Force", 1)] {
        std::fs::write(
            root.join("data/crosswalks/agency_names.csv"),
            format!(
                "state_code,agency_name,other_name,decision,evidence\nFL,City of Doral Police Department,{other},{decision},a test\n"
            ),
        )
        .unwrap();
        let out = dir.path().join(decision);
        let run = crate::support::program()
            .args(["--root", root.to_str().unwrap(), "--out", out.to_str().unwrap(), "--format", "json"])
            .args(["--lists", list.to_str().unwrap()])
            .assert()
            .success();
        let _ = run;
        let json: serde_json::Value =
            serde_json::from_slice(&std::fs::read(out.join("current/run.json")).unwrap()).unwrap();
        assert_eq!(json["counts"]["agencies"].as_u64(), Some(agencies), "{decision}: {json}");
    }
}

#[test]
fn explain_gives_list_and_row_of_each_piece_of_evidence() {
    let dir = tempfile::tempdir().unwrap();
    let sheriff = Row {
        agency: "Okaloosa County Sheriff's Office",
        county: "Okaloosa County",
        model: "Warrant Service Officer",
        link: "",
        ..BAY
    };
    let jail = Row { agency: "Okaloosa County Department of Corrections", ..sheriff };
    let lists: Vec<PathBuf> = [
        ("participatingAgencies07012025pm", vec![BAY, sheriff]),
        ("participatingAgencies07032025am", vec![BAY, jail]),
        ("participatingAgencies07072025am", vec![BAY, jail]),
    ]
    .iter()
    .map(|list| write(dir.path(), list))
    .collect();
    let out = dir.path().join("out");
    let mut run = crate::support::program();
    run.args(["--out", out.to_str().unwrap()]);
    for list in &lists {
        run.arg("--lists").arg(list);
    }
    run.assert().success();
    let ask = |arguments: &[&str]| -> (i32, String) {
        let output = crate::support::program().args(arguments).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
        (output.status.code().unwrap(), text)
    };
    let release = out.to_str().unwrap();
    let (code, text) = ask(&["explain", "Okaloosa County Sheriff", "--release", release]);
    assert_eq!(code, 0);
    for part in [
        "first in participatingAgencies07012025pm.xlsx row 3",
        "succeeded, signed 2025-03-01",
        "why: relabelled, followed by FL-",
        "both are signed 2025-03-01",
        "2025-07-03 unlisted; participatingAgencies07032025am.xlsx",
        "the name says Okaloosa County; the county cell says Okaloosa County",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    let (code, json) = ask(&["explain", "Okaloosa County Sheriff", "--release", release, "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!((code, json[0]["agency"]["agency_kind"].as_str()), (0, Some("sheriff")));
    assert_eq!(ask(&["explain", "Nobody County", "--release", release]).0, 2);

    // Between two lists, by date, by file name, and with a name that is no list.
    let (code, text) =
        ask(&["diff", "2025-07-01", "participatingAgencies07072025am.xlsx", "--release", release]);
    assert_eq!(code, 0);
    assert_said!(text);
    let (code, text) = ask(&["diff", "2025-07-01", "no such list", "--release", release]);
    assert_eq!(code, 2, "{text}");
    assert_said!(text);
    assert_eq!(ask(&["diff", "2025-07-01", release, "--release", release]).0, 2);
    let (code, text) = ask(&["diff", "2025-07-07", "2025-07-01", "--release", release]);
    assert_eq!(code, 2, "{text}");
    assert_said!(text);
    let (code, text) = ask(&["diff", release, "no/such/folder"]);
    assert_eq!(code, 2, "{text}");
    assert_said!(text);
    // Between two releases: the first list alone, and all of them.
    let first = dir.path().join("first");
    let mut run = crate::support::program();
    run.args(["--out", first.to_str().unwrap(), "--lists", lists[0].to_str().unwrap()]).assert().success();
    let (code, json) = ask(&["diff", first.to_str().unwrap(), release, "--format", "json"]);
    let changes: Vec<BTreeMap<String, String>> = serde_json::from_str(&json).unwrap();
    assert_eq!(code, 0);
    let kinds: Vec<&str> = changes.iter().map(|change| change["change"].as_str()).collect();
    assert_eq!(kinds, ["added", "ended"], "{changes:?}");
    let (_, text) = ask(&["diff", release, release]);
    assert_eq!(text, "no agreement changed\n");

    let (code, text) = ask(&["suggest", "--release", release]);
    assert_eq!((code, text.as_str()), (0, "nothing to look at\n"));
    assert_eq!(ask(&["suggest", "--release", release, "--kind", "other"]).0, 2);
}

#[test]
fn suggestions_have_scores_and_the_row_to_add() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("out");
    let pembroke = municipal("Pembroke Police Department");
    let list = write(dir.path(), &("participatingAgencies06062025am", vec![BAY, pembroke]));
    let mut run = crate::support::program();
    run.args(["--out", out.to_str().unwrap(), "--lists", list.to_str().unwrap()]).assert().success();
    let output =
        crate::support::program().args(["suggest", "--release", out.to_str().unwrap()]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    for part in [
        "0.00 FL Pembroke Police Department",
        "Pembroke Pines city in 12011",
        "data/crosswalks/agency_counties.csv: FL,Pembroke Police Department,",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
}

/// Sequences that reviews of the archive once found wrong.
#[test]
fn hard_sequences() {
    let tampa = |signed: &'static str| Row { signed, ..municipal("Tampa Police Department") };
    // An agency that comes back under a later date has signed again.
    let done = run(&[
        ("participatingAgencies06062025am", vec![BAY, tampa("2025-03-01")]),
        ("participatingAgencies06092025am", vec![BAY]),
        ("participatingAgencies08052025am", vec![BAY, tampa("2025-08-04")]),
    ]);
    assert!(events(&done).iter().any(|(_, event, new)| event == "re_signed" && new == "2025-08-04"));

    // A chain of names on successive lists is one agency, whichever list comes last.
    let named =
        |agency| Row { state: "LOUISIANA", agency, agency_type: "State Agency", county: "#N/A", ..BAY };
    let (a, b, c) = (
        named("Louisiana State Patrol"),
        named("Louisiana State Police Department"),
        named("Louisiana State Police Patrol"),
    );
    let done = run(&[
        ("participatingAgencies06062025am", vec![BAY, c]),
        ("participatingAgencies06092025am", vec![BAY, a]),
        ("participatingAgencies06102025am", vec![BAY, b]),
    ]);
    assert_eq!(table(&done, "agencies").row_count(), 2, "{:?}", standing(&done));

    // Unlike agencies that leave and come on one day under one signature stay two.
    for (state, agency_type, one, other) in [
        (
            "FLORIDA",
            "State Agency",
            "Florida Department of Lottery Services",
            "Florida Gaming Control Commission",
        ),
        (
            "VIRGINIA",
            "State Agency",
            "Virginia Marine Resources Commission",
            "Virginia Department of Wildlife Resources",
        ),
        (
            "PENNSYLVANIA",
            "Municipality",
            "Robinson Township Police Department",
            "Stowe Township Police Department",
        ),
        ("TEXAS", "County", "Galveston County Constable Precinct 1", "Galveston County Constable Precinct 4"),
        (
            "FLORIDA",
            "Municipality",
            "Santa Fe College Police Department",
            "University of Florida Police Department",
        ),
        ("FLORIDA", "Municipality", "Largo Police Department", "Gulfport Police Department"),
        (
            "PENNSYLVANIA",
            "Municipality",
            "East Hempfield Township Police Department",
            "West Hempfield Township Police Department",
        ),
        (
            "PENNSYLVANIA",
            "Municipality",
            "Leacock Township Police Department",
            "Upper Leacock Township Police Department",
        ),
        (
            "PENNSYLVANIA",
            "Municipality",
            "Manheim Township Police Department",
            "Manheim Borough Police Department",
        ),
        ("TENNESSEE", "State Agency", "Tennessee Highway Patrol", "Tennessee Bureau of Investigation"),
        ("OKLAHOMA", "State Agency", "Oklahoma Highway Patrol", "Oklahoma State Bureau of Investigation"),
        (
            "FLORIDA",
            "State Agency",
            "Florida Department of Agriculture",
            "Florida Department of Financial Services",
        ),
        (
            "PENNSYLVANIA",
            "Municipality",
            "Constable Monroeville First Ward",
            "Constable Monroeville Second Ward",
        ),
        (
            "ARKANSAS",
            "County",
            "Tenth Judicial District Drug Task Force",
            "Twelfth Judicial District Drug Task Force",
        ),
    ] {
        let row = |agency| Row { state, agency, agency_type, county: "#N/A", link: "", ..BAY };
        let done = run(&[
            ("participatingAgencies06062025am", vec![BAY, row(one)]),
            ("participatingAgencies06092025am", vec![BAY, row(other)]),
            ("participatingAgencies06102025am", vec![BAY, row(other)]),
        ]);
        let standing = standing(&done);
        assert_eq!(standing[&key(one, "TFM")], ("ended".into(), "removed".into(), String::new()), "{one}");
        assert_eq!(standing[&key(other, "TFM")].0, "active", "{other}");
    }

    // A name that is one edit from two others is a misspelling of neither.
    let done = run(&[(
        "participatingAgencies06062025am",
        ["Quuxburga Township Constable", "Quuxburgb Township Constable", "Quuxburgc Township Constable"]
            .into_iter()
            .map(|agency| Row { state: "PENNSYLVANIA", agency, agency_type: "", county: "", link: "", ..BAY })
            .collect(),
    )]);
    assert_eq!(table(&done, "agencies").row_count(), 3);

    // The nearest of two agreements that came one after the other is the successor.
    let jackson = |agency| Row { agency, county: "Jackson County", link: "", ..BAY };
    let done = run(&[
        ("participatingAgencies06062025am", vec![BAY, jackson("Jackson County Jail")]),
        ("participatingAgencies06092025am", vec![BAY, jackson("Jackson County Prosecutor's Office")]),
        ("participatingAgencies06102025am", vec![BAY, jackson("Jackson County Sheriff's Office")]),
        (
            "participatingAgencies06112025am",
            vec![BAY, jackson("Jackson County Sheriff's Office"), tampa("2025-03-01")],
        ),
    ]);
    assert_eq!(standing(&done)[&key("Jackson County Jail", "TFM")].2, "Jackson County Prosecutor's Office");

    // A county cell confirms its state.
    let greenville = |state, county| Row { state, county, ..municipal("Greenville Police Department") };
    let done = run(&[
        ("participatingAgencies06062025am", vec![BAY, greenville("TEXAS", "Hunt County")]),
        ("participatingAgencies06092025am", vec![BAY, greenville("MISSISSIPPI", "Washington County")]),
        (
            "participatingAgencies06102025am",
            vec![BAY, greenville("MISSISSIPPI", "Washington County"), tampa("2025-03-01")],
        ),
    ]);
    let states: Vec<_> =
        rows(&table(&done, "agencies")).iter().map(|row| row["state_code"].clone()).collect();
    assert!(states.contains(&"TX".to_owned()) && states.contains(&"MS".to_owned()), "{states:?}");

    // A state that is wrong only on the newest list changes nothing yet.
    let ellis = |state| Row {
        state,
        agency: "Ellis County Sheriff's Office",
        county: "Ellis County",
        link: "",
        ..BAY
    };
    let done = run(&[
        ("participatingAgencies06062025am", vec![BAY, ellis("KANSAS")]),
        ("participatingAgencies06092025am", vec![BAY, ellis("KANSAS"), tampa("2025-03-01")]),
        ("participatingAgencies06102025am", vec![BAY, ellis("TEXAS")]),
    ]);
    assert!(rows(&table(&done, "agreements")).iter().any(|row| row["state_code"] == "KS"));

    // A model that is wrong on one list in the middle was an error.
    let nixon = |model| Row { state: "TEXAS", model, ..municipal("Nixon Police Department") };
    let done = run(&[
        ("participatingAgencies06062025am", vec![BAY, nixon("Warrant Service Officer")]),
        ("participatingAgencies06092025am", vec![BAY, nixon("Task Force Model")]),
        ("participatingAgencies06102025am", vec![BAY, nixon("Warrant Service Officer"), tampa("2025-03-01")]),
        ("participatingAgencies06112025am", vec![nixon("Warrant Service Officer"), tampa("2025-03-01")]),
    ]);
    assert_eq!(standing(&done)[&key("Nixon Police Department", "TFM")].1, "listing_error");
    assert_eq!(standing(&done)[&key("Nixon Police Department", "WSO")].0, "active");

    // A name that changes only in its signs is the same name.
    let kbi = |agency| Row { state: "KANSAS", agency, agency_type: "State Agency", county: "", ..BAY };
    let done = run(&[
        ("participatingAgencies06062025am", vec![BAY, kbi("Kansas Bureau Of Investigation")]),
        ("participatingAgencies06092025am", vec![BAY, kbi("Kansas Bureau of Investigation")]),
    ]);
    assert!(events(&done).iter().all(|(_, event, _)| event == "listed"), "{:?}", events(&done));
}

/// A wait whose end was not seen has its shortest length; an agency that participates already waits for nothing.
#[test]
fn a_wait_without_an_end_is_censored_and_not_missing() {
    let bay = Row { signed: "2025-02-01", ..BAY };
    let clay = Row { agency: "Clay County Sheriff's Office", county: "Clay County", ..BAY };
    let lee = Row { agency: "Lee County Sheriff's Office", county: "Lee County", ..BAY };
    let polk =
        Row { agency: "Polk County Sheriff's Office", county: "Polk County", signed: "2025-04-20", ..BAY };
    let done = run(&[
        ("participatingAgencies02202025am", vec![bay]),
        ("pendingAgencies03012025am", vec![bay, clay]),
        ("pendingAgencies04012025am", vec![clay, lee, polk]),
        ("pendingAgencies04152025am", vec![lee]),
        ("participatingAgencies04182025am", vec![bay]),
        ("participatingAgencies05012025am", vec![bay, polk]),
    ]);
    let names: BTreeMap<String, String> = rows(&table(&done, "agencies"))
        .into_iter()
        .map(|row| (row["agency_id"].clone(), row["agency_name"].replace(" County Sheriff's Office", "")))
        .collect();
    let columns = ["outcome", "is_event", "pending_after_date", "wait_min_days", "wait_max_days"];
    let mut found: Vec<String> = rows(&table(&done, "pending"))
        .iter()
        .map(|row| {
            let values: Vec<&str> = columns.iter().map(|column| row[*column].as_str()).collect();
            format!("{}: {}", names[&row["agency_id"]], values.join(" "))
        })
        .collect();
    found.sort();
    assert_eq!(
        found,
        [
            "Bay: renewal false   ",
            "Clay: left_pending false  31 ",
            "Lee: unobserved false 2025-03-01 14 ",
            "Polk: participating true 2025-03-01 17 61",
        ]
    );
    let columns = ["entry_days", "lower_days", "upper_days", "is_event", "censor_reason", "was_pending"];
    let mut found: Vec<String> = rows(&table(&done, "agreements"))
        .iter()
        .map(|row| {
            let values: Vec<&str> = columns.iter().map(|column| row[*column].as_str()).collect();
            format!("{}: {}", names[&row["agency_id"]], values.join(" "))
        })
        .collect();
    found.sort();
    // Bay was there on the first list, 19 days after it signed. No pending list is as late as Polk's begin.
    assert_eq!(found, ["Bay: 19 89  false still_listed ", "Polk: 0 0  false still_listed "]);
}

#[test]
fn pending_names_are_followed_to_the_participating_ones() {
    let row =
        |agency, county| Row { state: "PENNSYLVANIA", agency, agency_type: "Municipality", county, ..BAY };
    let creek = |state| Row { state, ..municipal("Heritage Creek Police Department") };
    let done = run(&[
        ("participatingAgencies04282025am", vec![BAY]),
        (
            "pendingAgencies04292025pm",
            vec![row("Damascus County Constable", "Damascus County"), creek("FLORIDA")],
        ),
        (
            "participatingAgencies04302025pm",
            vec![BAY, row("Damascus Township Constable", ""), creek("KENTUCKY")],
        ),
        ("pendingAgencies04302025pm", vec![municipal("Tampa Police Department")]),
    ]);
    let pending = rows(&table(&done, "pending"));
    let outcomes: BTreeMap<&str, &str> =
        pending.iter().map(|row| (&row["agency_id"][..2], row["outcome"].as_str())).collect();
    assert_eq!(
        outcomes,
        BTreeMap::from([("PA", "participating"), ("KY", "participating"), ("FL", "still_pending")])
    );
    assert_eq!(table(&done, "agencies").row_count(), 4);
    // Two agencies that wait on one list are two agencies, however alike their names.
    let done = run(&[
        ("participatingAgencies06052025am", vec![BAY]),
        (
            "pendingAgencies06062025am",
            vec![
                municipal("Sunset Springs Police Department"),
                municipal("Sunset Springs Gardens Police Department"),
            ],
        ),
    ]);
    assert_eq!(table(&done, "agencies").row_count(), 3);
}

/// Names with the same letters and other words, under a wrong state, give the same bytes each time.
#[test]
fn evidence_does_not_depend_on_chance() {
    let crow = |agency| Row { state: "MASSACHUSETTS", agency, county: "", link: "", ..BAY };
    let lists = [(
        "participatingAgencies06062025am",
        vec![
            BAY,
            crow("Crow Wing County Sheriff's Office"),
            crow("Crowwing County Sheriff's Office"),
            crow("Crow-Wing County Sheriff's Office"),
        ],
    )];
    let dir = tempfile::tempdir().unwrap();
    let path = write(dir.path(), &lists[0]);
    let repairs = || rows(&table(&dry_run(std::slice::from_ref(&path)), "repairs"));
    let first = repairs();
    assert!(first.iter().any(|row| row["repair_rule"] == "county_of_another_state"));
    for _ in 0..5 {
        assert_eq!(repairs(), first);
    }
}

/// Two names that stand side by side on one list under two signatures are two agencies.
#[test]
fn names_side_by_side_are_two_bodies() {
    let kleinburgh = Row { signed: "2025-03-01", link: "", ..municipal("Kleinburgh Police Department") };
    let kleinbirgh = Row { signed: "2025-05-05", link: "", ..municipal("Kleinbirgh Police Department") };
    let done = run(&[("participatingAgencies06062025am", vec![kleinburgh, kleinbirgh])]);
    assert_eq!(table(&done, "agencies").row_count(), 2);
}

/// An agreement that was first listed under another agency's name, or under a wrong model, counts for the agency and the
/// model that were meant, on every list.
#[test]
fn mislabelled_agreements_count_for_what_was_meant() {
    let sheriff = Row {
        state: "ARIZONA",
        agency: "Pinal County Sheriff's Office",
        county: "Pinal County",
        link: "",
        ..BAY
    };
    let attorney = Row { agency: "Pinal County Attorney's Office", ..sheriff };
    let wrong =
        Row { state: "TEXAS", model: "Warrant Service Officer", ..municipal("Nixon Police Department") };
    let right = Row { model: "Task Force Model", ..wrong };
    let done = run(&[
        ("participatingAgencies07012025pm", vec![BAY, sheriff, wrong]),
        ("participatingAgencies07032025am", vec![BAY, attorney, right]),
        ("participatingAgencies07072025am", vec![BAY, attorney, right]),
    ]);
    let standing = standing(&done);
    assert_eq!(standing[&key("Pinal County Sheriff's Office", "TFM")].1, "relabelled");
    assert_eq!(standing[&key("Nixon Police Department", "WSO")].1, "listing_error");
    let names: BTreeMap<String, String> = rows(&table(&done, "agencies"))
        .into_iter()
        .map(|row| (row["agency_id"].clone(), row["agency_name"].clone()))
        .collect();
    let counted: BTreeSet<(String, String, String)> = rows(&table(&done, "agreements"))
        .iter()
        .map(|row| {
            let name = |column: &str| names[&row[column]].clone();
            (
                name("agency_id"),
                name("counts_for_agency_id"),
                format!("{} {}", row["model"], row["counts_for_model"]),
            )
        })
        .filter(|(listed, ..)| !listed.starts_with("Bay"))
        .collect();
    let expected = [
        ("Nixon Police Department", "Nixon Police Department", "TFM TFM"),
        ("Nixon Police Department", "Nixon Police Department", "WSO TFM"),
        ("Pinal County Attorney's Office", "Pinal County Attorney's Office", "TFM TFM"),
        ("Pinal County Sheriff's Office", "Pinal County Attorney's Office", "TFM TFM"),
    ];
    assert_eq!(counted, expected.map(|(a, b, c)| (a.to_owned(), b.to_owned(), c.to_owned())).into());
    // Pinal's sheriff covers nobody on any day, and nobody is covered by a warrant service officer.
    for name in ["county_coverage", "county_months", "reaches"] {
        let rows = rows(&table(&done, name));
        assert!(!rows.iter().any(|row| row["rule"] == "sheriff" && row["county_fips"] == "04021"), "{name}");
        let model = if name == "reaches" { "model" } else { "model_group" };
        assert!(!rows.iter().any(|row| row[model] == "WSO"), "{name}");
    }
    // The town is covered from the first list on, in one stretch.
    let nixon: Vec<_> = rows(&table(&done, "county_coverage"))
        .into_iter()
        .filter(|row| {
            row["rule"] == "any_local" && row["model_group"] == "TFM" && row["county_fips"].starts_with("48")
        })
        .collect();
    assert!(!nixon.is_empty());
    assert!(
        nixon.iter().all(|row| row["from_date"] == "2025-07-01" && row["until_date"].is_empty()),
        "{nixon:?}"
    );
}
