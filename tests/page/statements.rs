//! What the page says in words and figures.

use super::{BAY_GULF, TODAY, files_in, named, page, read, run, saved};
use crate::support::world::World;
use crate::support::{assert_said, cell, dry_run, holds_text, program, shared, table, warnings};
use serde_json::Value;
use std::collections::BTreeMap;

#[test]
fn what_the_page_says_is_kept_and_held_against_its_list() {
    let world = World::new();
    let address = format!("{TODAY}1");
    world.publisher.play(
        &address,
        named("participatingAgencies05182026am.xlsx", saved(&BAY_GULF, "2026-05-18T11:00:00")),
    );
    let says = "As of May 18, 2026, at 9 a.m., ICE has signed 2 Memorandums of Agreement covering one state. Write to \
                <a href='mailto:jane.doe@agency.gov'>jane.doe@agency.gov</a>.</p><p>As of May 18, 2026, ICE has signed more \
                than 1 agreement.</p><p>As of May 18, 2026, ICE has signed 3 agreements.";
    world.publisher.play("/287g", page(Some(&address), None, says));
    let (code, text) = world.lists(&[]);
    assert_eq!(code, 0, "{text}");
    assert_said!(warnings(&text));
    assert_eq!(files_in(&world.store().join("statements")), 1);
    // The page is kept as evidence; the same page again says nothing new.
    assert_eq!(world.stored("pages").len(), 1);
    assert_eq!(world.lists(&[]).0, 0);
    assert_eq!((files_in(&world.store().join("statements")), world.stored("pages").len()), (1, 1));
    let out = world.dir.path().join("out");
    let release = run(&world.store().join("lists"), &out);
    let said = read(&release, "page_statements");
    let of: Vec<usize> =
        (0..said.row_count()).filter(|at| cell(&said, "stated_from_date", *at) == "2026-05-18").collect();
    assert_eq!(of.len(), 3);
    let mut found: Vec<[String; 4]> = of
        .iter()
        .map(|at| {
            [
                "stated_agreement_count",
                "listed_agreement_count",
                "agreement_difference_count",
                "stated_state_count",
            ]
            .map(|column| cell(&said, column, *at))
        })
        .collect();
    found.sort();
    assert_eq!(
        found,
        [["", "", "", ""], ["2", "2", "0", "1"], ["3", "2", "-1", ""]].map(|row| row.map(str::to_owned))
    );
    assert!(holds_text(&said, "[withheld]") && !holds_text(&said, "jane"));
    let run_json: Value = serde_json::from_slice(&std::fs::read(release.join("run.json")).unwrap()).unwrap();
    let checks = run_json["checks"].as_array().unwrap();
    let check = checks.iter().find(|check| check["name"] == "list_agrees_with_page").unwrap();
    assert_said!(check["actual"].as_str().unwrap());
    // Another table of statements: a list far from its statement is not published. Then no table, and no file.
    let counties = [
        "Alachua",
        "Baker",
        "Bay",
        "Bradford",
        "Brevard",
        "Calhoun",
        "Charlotte",
        "Citrus",
        "Clay",
        "Collier",
        "Columbia",
        "DeSoto",
        "Dixie",
        "Escambia",
        "Flagler",
        "Franklin",
        "Gadsden",
        "Gilchrist",
        "Glades",
        "Gulf",
        "Hardee",
    ];
    let many = counties.map(|county| format!("{county} County Sheriff's Office"));
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let large = world.dir.path().join("large");
    std::fs::create_dir(&large).unwrap();
    std::fs::write(large.join("participatingAgencies05182026am.xlsx"), saved(&many, "2026-05-18T11:00:00"))
        .unwrap();
    let own = world.dir.path().join("own.csv");
    std::fs::write(&own, "statement,page_updated,source_name,source_url\n\"As of May 18, 2026, ICE has signed 900 agreements.\",,me,https://www.ice.gov/\n").unwrap();
    let mut command = program();
    command.arg("run").arg("--lists").arg(&large).arg("--out").arg(world.dir.path().join("blocked"));
    let blocked = command.arg("--statements").arg(&own).assert().code(6);
    let text = String::from_utf8_lossy(&blocked.get_output().stderr).into_owned();
    assert_said!(text);
    // A fifth of 21 rows is four: 26 stated agreements are near, 27 are not, and none stated is not near either.
    for (stated, code) in [(26, 0), (27, 6), (0, 6)] {
        let text = format!(
            "statement,page_updated,source_name,source_url\n\"As of May 18, 2026, ICE has signed {stated} agreements.\",,me,x\n"
        );
        std::fs::write(&own, text).unwrap();
        let mut command = program();
        command
            .args(["run", "--dry-run", "--lists"])
            .arg(&large)
            .arg("--statements")
            .arg(&own)
            .assert()
            .code(code);
    }
    // A kept table that somebody changed is not believed, and stops nothing.
    let kept = std::fs::read_dir(world.store().join("statements")).unwrap().next().unwrap().unwrap().path();
    let text = std::fs::read_to_string(&kept).unwrap();
    std::fs::write(&kept, text.replace("signed 3 agreements", "signed 4 agreements")).unwrap();
    let release = run(&world.store(), &world.dir.path().join("tampered"));
    let said = read(&release, "page_statements");
    assert!(
        !holds_text(&said, "signed 4") && !holds_text(&said, "signed 3"),
        "the whole table is passed over"
    );
    for (bytes, code) in [(Some("a,b\n1,2\n"), 5), (None, 2)] {
        let path = world.dir.path().join(if bytes.is_some() { "bad.csv" } else { "nowhere.csv" });
        bytes.iter().for_each(|bytes| std::fs::write(&path, bytes).unwrap());
        program().args(["run", "--dry-run", "--statements"]).arg(&path).assert().code(code);
    }
}

/// The statements of five pages beside the lists of their time, on the whole archive.
#[test]
#[ignore = "needs the real inputs of ../shared"]
fn statements_beside_the_archive() {
    let shared = shared();
    let done = dry_run(&[shared.join("archive")]);
    let said = table(&done, "page_statements");
    let mut found: Vec<String> = (0..said.row_count())
        .map(|at| {
            let of = |column: &str| cell(&said, column, at);
            let columns = [
                "stated_from_date",
                "list_kind",
                "model_group",
                "stated_agreement_count",
                "stated_state_count",
                "figure_method",
                "listed_agreement_count",
                "listed_state_count",
                "agreement_difference_count",
            ];
            columns.map(of).join(" ")
        })
        .collect();
    found.sort();
    assert_eq!(
        found,
        [
            "2021-01-01 participating JEM 74 21 stated 74 21 0",
            "2021-01-01 participating WSO 76 11 stated 76 11 0",
            "2021-01-01 participating all 150  sum_of_models 150 26 0",
            "2025-02-28 participating JEM 69 18 stated 65 17 -4",
            "2025-02-28 participating TFM 85 9 stated 64 7 -21",
            "2025-02-28 participating WSO 118 15 stated 110 13 -8",
            "2025-02-28 participating all 272  sum_of_models 239 24 -33",
            "2025-02-28 pending all 43  stated   ",
            "2025-03-03 participating JEM 69 18 stated 65 17 -4",
            "2025-03-03 participating TFM 85 9 stated 64 7 -21",
            "2025-03-03 participating WSO 118 15 stated 110 13 -8",
            "2025-03-03 participating all 272  sum_of_models 239 24 -33",
            "2025-03-03 pending all 43  stated   ",
            "2025-03-17 participating JEM 76 23 stated 76 23 0",
            "2025-03-17 participating TFM 140 16 stated 140 16 0",
            "2025-03-17 participating WSO 143 22 stated 144 22 1",
            "2025-03-17 participating all 359  sum_of_models 360 32 1",
            "2025-03-17 pending all 34  stated 34 18 0",
            "2025-06-05 participating JEM 102 26 stated 102 26 0",
            "2025-06-05 participating TFM 307 30 stated 307 30 0",
            "2025-06-05 participating WSO 231 31 stated 231 31 0",
            "2025-06-05 participating all 640 40 stated 640 40 0",
            "2025-06-05 pending JEM 12  stated 12 8 0",
            "2025-06-05 pending TFM 51  stated 51 17 0",
            "2025-06-05 pending WSO 25  stated 25 16 0",
            "2025-06-05 pending all 88  stated 88 25 0",
        ]
    );
    // The independent key has three of the five.
    let mut key = csv::Reader::from_path(shared.join("oracles/page_statements.csv")).unwrap();
    let rows: Vec<BTreeMap<String, String>> = key.deserialize().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 3);
    for row in rows {
        for (column, kind, group) in [
            ("jem", "participating", "JEM"),
            ("wso", "participating", "WSO"),
            ("tfm", "participating", "TFM"),
            ("total", "participating", "all"),
            ("pending", "pending", "all"),
        ] {
            let start = format!("{} {kind} {group} {} ", &row["stated_at"][..10], row[column]);
            assert!(found.iter().any(|line| line.starts_with(&start)), "{start}");
        }
    }
    let check = done.checks.iter().find(|check| check.name == "list_agrees_with_page").unwrap();
    assert!(check.actual.starts_with("3: ") && !check.passed && !check.blocking, "{}", check.actual);
    for expected in [
        "as of February 28, 2025, at 3 p.m., the page says 272 (JEM 69, WSO 118, TFM 85); \
         participatingAgencies-20250226183301.xlsx of 2025-02-26 has 239 (JEM 65, WSO 110, TFM 64): 33 apart",
        "as of March 3, 2025, at 9 a.m., the page says 272 (JEM 69, WSO 118, TFM 85); \
         participatingAgencies-20250226183301.xlsx of 2025-02-26 has 239 (JEM 65, WSO 110, TFM 64): 33 apart",
        "as of March 17, 2025, at 3 p.m., the page says 359 (JEM 76, WSO 143, TFM 140); \
         participatingAgencies-20250317231040.xlsx of 2025-03-17 has 360 (JEM 76, WSO 144, TFM 140): 1 apart",
    ] {
        assert!(check.actual.contains(expected), "{}", check.actual);
    }
    // Lists that are dated only by a capture are no later than the evidence allows; all others keep their day.
    let lists = table(&done, "lists");
    let mut later: Vec<[String; 4]> = (0..lists.row_count())
        .map(|at| {
            ["file_name", "list_date", "list_date_method", "list_status"]
                .map(|column| cell(&lists, column, at))
        })
        .filter(|[file, day, _, _]| {
            let digits: String = file.chars().filter(char::is_ascii_digit).collect();
            digits.len() == 14 && digits[..8] != day.replace('-', "")
        })
        .collect();
    later.sort();
    assert_eq!(
        later,
        [
            ["participatingAgencies-20250301180751.xlsx", "2025-02-26", "neighbours", "superseded"],
            ["participatingAgencies-20250308103021.xlsx", "2025-03-07", "workbook", "accepted"],
            ["pendingAgencies-20250221214937.xlsx", "2025-02-20", "workbook", "accepted"],
            ["pendingAgencies-20250327140009.xlsx", "2025-03-26", "workbook", "accepted"],
        ]
        .map(|row| row.map(str::to_owned))
    );
}
