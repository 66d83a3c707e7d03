//! The program does what the README promises.

use std::path::Path;

use crate::support::{program, with_four_lists};

fn readme() -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap()
}

/// Every line of a shell block that calls the program runs, in order, in one folder.
#[test]
fn the_commands_of_the_readme_run() {
    let dir = tempfile::tempdir().unwrap();
    // The list that is added is the newest of the record, with a later day.
    let specs = coverage287::spec::Specs::load(&coverage287::spec::SpecFiles::default()).unwrap();
    let files = coverage287::spec::SpecFiles::default();
    let record = coverage287::record::Record::load(&files, &specs.agreements).unwrap();
    let is_newest = |list: &coverage287::record::Recorded| list.head.file_name.contains("05182026");
    let at = record.lists().iter().position(is_newest).unwrap();
    let list = record.list(at, &specs.layouts).unwrap();
    let path = dir.path().join("participatingAgencies05212026am.xlsx");
    coverage287::record::write_workbook(&list, &path).unwrap();
    let mut in_block = false;
    let mut ran = 0;
    for line in readme().lines() {
        if line.starts_with("```") {
            in_block = line == "```sh";
            continue;
        }
        let Some(arguments) = line.strip_prefix("coverage287").filter(|_| in_block) else { continue };
        let arguments = arguments.split(" #").next().unwrap_or_default();
        let split: Vec<String> = arguments
            .split('"')
            .enumerate()
            .flat_map(|(at, part)| match at % 2 {
                0 => part.split_whitespace().map(str::to_owned).collect(),
                _ => vec![part.to_owned()],
            })
            .collect();
        program().current_dir(dir.path()).args(&split).assert().success();
        ran += 1;
    }
    assert!(ran >= 5, "the README shows the commands");
}

#[test]
fn the_readme_has_the_two_commands() {
    let readme = readme();
    for command in ["\ncargo run --release\n", "\ncargo test --release\n"] {
        assert!(readme.contains(command), "{command}");
    }
}

/// Every table is in the README's list.
#[test]
fn the_readme_names_every_table() {
    let specs = coverage287::spec::Specs::load(&coverage287::spec::SpecFiles::default()).unwrap();
    let readme = readme();
    for table in specs.tables.iter() {
        assert!(readme.contains(&format!("`{}`", table.name)), "{}", table.name);
    }
}

/// The page that the README shows is the one the main command prints.
#[test]
fn the_readme_shows_the_page_as_it_is() {
    let readme = readme();
    let at = readme.find("287(g) agreements on ICE's list of").unwrap();
    let shown = readme[at..].split("```").next().unwrap();
    let dir = tempfile::tempdir().unwrap();
    let done = program().current_dir(dir.path()).assert().success();
    let page = String::from_utf8(done.get_output().stdout.clone()).unwrap();
    assert!(page.starts_with(shown), "{page}");
}

/// docs/census.md is right about missing figures, lines and thresholds.
#[test]
fn the_census_page_says_what_the_specs_say() {
    let page = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/census.md")).unwrap();
    for gap in coverage287::census::Gap::ALL {
        assert!(page.contains(&format!("| {} |", gap.as_str())), "{}", gap.as_str());
    }
    let specs = coverage287::spec::Specs::load(&coverage287::spec::SpecFiles::default()).unwrap();
    let tables = ["B05002", "B05012", "B05001", "B05003"];
    for concept in coverage287::words::Concept::ALL {
        let row = page.lines().find(|line| line.starts_with(&format!("| {concept} |"))).unwrap();
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        for (table, cell) in tables.iter().zip(&cells[2..]) {
            let (_, table) = specs.census.concepts.table(table).unwrap();
            let of_year = |year| {
                let layout = table.layout(coverage287::words::Vintage::five_years(year).unwrap()).unwrap();
                let lines = layout.concepts.iter().find(|lines| lines.name == *concept);
                lines.map(|lines| lines.lines().map(|(n, _)| n.to_string()).collect::<Vec<_>>().join("+"))
            };
            let now = of_year(2024).unwrap_or_else(|| "–".to_owned());
            let then = of_year(2014).unwrap_or_else(|| "–".to_owned());
            let expected = if now == then { now } else { format!("{now}; {then} up to the vintage of 2014") };
            assert_eq!(*cell, expected, "{concept} of {}", table.name);
        }
    }
    let reliability = specs.census.reliability;
    assert!(
        page.contains(&format!("high up to {:.2}, medium up to {:.2}", reliability.high, reliability.medium))
    );
}

/// Runs the lines of docs/operating.md that need nothing but the program, in order, in one folder.
#[test]
fn the_lines_of_the_operators_page_run() {
    let dir = tempfile::tempdir().unwrap();
    let archive = dir.path().join("archive");
    std::fs::create_dir(&archive).unwrap();
    for list in &crate::support::four_lists()[1..3] {
        std::fs::copy(list, archive.join(list.file_name().unwrap())).unwrap();
    }
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/operating.md");
    let page = std::fs::read_to_string(page).unwrap();
    let blocks: Vec<&str> =
        page.split("```sh\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert!(blocks.len() >= 6);
    let program = assert_cmd::cargo::cargo_bin!("coverage287");
    let path = format!("{}:{}", program.parent().unwrap().display(), std::env::var("PATH").unwrap());
    let script = format!("set -eu\n{}", blocks.concat());
    let run = std::process::Command::new("sh")
        .args(["-c", &script])
        .env("PATH", path)
        .current_dir(dir.path())
        .output()
        .unwrap();
    let (out, err) = (String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
    assert!(run.status.success(), "{out}\n{err}");
    assert!(out.contains("coverage287_success 1"), "{out}");
    assert!(dir.path().join("manual/man/man1/coverage287-run.1").exists());
}

/// The file that docs/lists.md shows is one of the record.
#[test]
fn the_lists_page_shows_a_file_of_the_record() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = std::fs::read_to_string(folder.join("docs/lists.md")).unwrap();
    let shown = page.split("```\ncoverage287 list, form 1\n").nth(1).unwrap().split("```").next().unwrap();
    let id = shown.lines().find_map(|line| line.strip_prefix("list: ")).unwrap();
    let files = std::fs::read_dir(folder.join("data/lists/participating")).unwrap();
    let path =
        files.map(|file| file.unwrap().path()).find(|path| path.to_str().unwrap().contains(id)).unwrap();
    let file = std::fs::read_to_string(path).unwrap();
    let lines: Vec<&str> = file.lines().collect();
    for line in shown.lines().filter(|line| !line.ends_with('\u{2026}')) {
        assert!(lines.contains(&line), "{line}");
    }
    assert!(shown.lines().count() > 12);
}

/// The operator's page has every exit code, check and deployed file.
#[test]
fn the_operators_page_is_whole() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = std::fs::read_to_string(folder.join("docs/operating.md")).unwrap();
    for code in [0, 1, 2, 3, 4, 5, 6, 7, 8, 143] {
        assert!(page.contains(&format!("\n| {code} | ")), "{code}");
    }
    for deployed in [
        "deploy/systemd",
        "deploy/cron/coverage287",
        "deploy/github/coverage287.yml",
        "deploy/record-commit",
        "deploy/prometheus-alerts.yml",
    ] {
        assert!(page.contains(deployed) && folder.join(deployed).exists(), "{deployed}");
    }
    let specs = coverage287::spec::Specs::load(&coverage287::spec::SpecFiles::default()).unwrap();
    for name in
        ["rows_do_not_drop", "headers_are_known", "days_have_come", "source_is_fresh", "new_lists_are_read"]
    {
        assert!(specs.checks.find(name).is_some() && page.contains(&format!("`{name}`")), "{name}");
    }
    // The options given on the page are the program's own.
    let help = |args: &[&str]| String::from_utf8(program().args(args).output().unwrap().stdout).unwrap();
    let help = ["run", "fetch", "prune", "rollback"].map(|command| help(&[command, "--help"])).concat();
    for text in [
        &page,
        &std::fs::read_to_string(folder.join("deploy/systemd/coverage287.service")).unwrap(),
        &std::fs::read_to_string(folder.join("deploy/cron/coverage287")).unwrap(),
    ] {
        for line in text.lines().filter(|line| {
            line.contains("coverage287 ") && !line.contains("cargo") && !line.contains("useradd")
        }) {
            for option in line
                .split(|c: char| !(c.is_ascii_lowercase() || c == '-'))
                .filter(|word| word.starts_with("--"))
            {
                let is_other = ["--version", "--now"].contains(&option);
                assert!(is_other || help.contains(option), "{option}: {line}");
            }
        }
    }
}

/// The program and the data have one licence and one version each, and all files that name them agree.
#[test]
fn licences_and_versions_agree() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |path: &Path| std::fs::read_to_string(path).unwrap();
    let (readme, citation) = (readme(), read(&root.join("CITATION.cff")));
    let licences: Vec<&str> = citation.lines().filter_map(|line| line.strip_prefix("  - ")).take(2).collect();
    assert_eq!(licences.join(" OR "), env!("CARGO_PKG_LICENSE"));
    assert!(
        citation.lines().any(|line| line == concat!("version: ", env!("CARGO_PKG_VERSION"))),
        "{citation}"
    );
    assert!(readme.contains(env!("CARGO_PKG_LICENSE")));
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("out");
    program().arg("--out").arg(&out).args(with_four_lists()).assert().success();
    let current = out.join("current");
    let package: serde_json::Value = serde_json::from_str(&read(&current.join("datapackage.json"))).unwrap();
    let run: serde_json::Value = serde_json::from_str(&read(&current.join("run.json"))).unwrap();
    let licence = package["licenses"][0]["name"].as_str().unwrap();
    assert!(readme.contains(licence), "{licence}");
    assert!(read(&current.join("CITATION.cff")).contains(&format!("license: {licence}\n")));
    assert!(package["version"].is_null(), "a version of nothing in particular");
    for version in ["program_version", "schema_version"] {
        assert_eq!(package[version], run[version], "{version}");
    }
    assert!(read(&current.join("citation.bib")).contains(run["release_id"].as_str().unwrap()));
}
