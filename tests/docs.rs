//! What the README promises is what the program does.

use std::path::Path;

use crate::support::program;

fn readme() -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap()
}

/// Every line of a shell block that calls the program runs, in order, in one folder.
#[test]
fn the_commands_of_the_readme_run() {
    let dir = tempfile::tempdir().unwrap();
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
    let at = readme.find("287(g) agreements as of").unwrap();
    let shown = readme[at..].split("```").next().unwrap();
    let dir = tempfile::tempdir().unwrap();
    let done = program().current_dir(dir.path()).assert().success();
    let page = String::from_utf8(done.get_output().stdout.clone()).unwrap();
    assert!(page.starts_with(shown), "{page}");
}

/// What docs/census.md says of figures that are missing, of lines and of thresholds is what the program goes by.
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
