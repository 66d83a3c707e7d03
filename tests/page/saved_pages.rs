//! Pages saved by archives.

use super::{etowah, line, lists_of, names, table_page};
use crate::support::world::World;
use crate::support::{cell, dry_run, shared, table};

/// Saved pages: the list in each, its statements, and pages with neither.
#[test]
fn saved_pages_are_imported() {
    let world = World::new();
    let saved = world.dir.path().join("saved");
    std::fs::create_dir(&saved).unwrap();
    let says =
        "As of January 2021, ICE has 287(g) JEM agreements with 2 law enforcement agencies in 1 state.";
    let two = [etowah("Etowah County Sheriff's Office"), etowah("Dale County Sheriff's Office")];
    std::fs::write(saved.join("20210113002027.html"), table_page(&two, says)).unwrap();
    let updated =
        format!("{}<time datetime=\"2021-02-08T02:00:18-05:00\">x</time>", table_page(&two[..1], ""));
    std::fs::write(saved.join("page.html"), updated).unwrap();
    let (code, text) = world.fetch(&["--import", saved.to_str().unwrap()]);
    assert_eq!(code, 0, "{text}");
    let expected = ["ParticipatingEntities-20210113002027.csv", "ParticipatingEntities-20210208070018.csv"];
    assert_eq!(names(&world), expected);
    let (code, text) = world.fetch(&["--import", saved.to_str().unwrap()]);
    assert_eq!((code, world.new_and_unchanged().0), (0, 0), "{text}");
    assert_eq!(
        lists_of(&world.store()),
        [
            line(expected[0], "2021-01-13", "capture", "accepted"),
            line(expected[1], "2021-02-08", "capture", "accepted"),
        ]
    );
    // The day of one page only a statement says; a month is no day; and a page has neither list nor statement.
    for (name, html, code, said) in [
        (
            "a.html",
            table_page(&two, "As of March 5, 2022, ICE has 2 agreements."),
            0,
            "ParticipatingEntities-20220305000000",
        ),
        ("b.html", table_page(&two, says), 5, "is a list, and says no day"),
        ("c.html", "<title>Menu</title><p>Hello</p>".to_owned(), 5, "holds neither a list nor a statement"),
    ] {
        let path = world.dir.path().join(name);
        std::fs::write(&path, html).unwrap();
        let (found, text) = world.fetch(&["--import", path.to_str().unwrap()]);
        assert_eq!((found, text.contains(said)), (code, true), "{name}: {text}");
    }
}

/// A whole page of 2021, made from the list that an archive rebuilt from the real page, imports with the very rows.
#[test]
#[ignore = "needs the real inputs of ../shared"]
fn a_page_of_2021_has_the_rows_of_its_rebuilt_workbook() {
    let shared = shared();
    let workbook = shared.join("archive/participating/ParticipatingEntities-20210113002027.xlsx");
    let columns =
        ["state_code", "agency_name", "model", "signed_date", "moa_url", "row_number", "agency_printed"];
    let rows = |done: &coverage287::publishing::RunOutput| -> Vec<Vec<String>> {
        let listings = table(done, "listings");
        (0..listings.row_count())
            .map(|at| columns.iter().map(|column| cell(&listings, column, at)).collect())
            .collect()
    };
    let done = dry_run(std::slice::from_ref(&workbook));
    let rebuilt = rows(&done);
    let listings = table(&done, "listings");
    let printed: Vec<[String; 5]> = (0..listings.row_count())
        .map(|at| {
            ["state_printed", "agency_printed", "model_printed", "signed_printed", "moa_printed"]
                .map(|column| cell(&listings, column, at))
        })
        .collect();
    assert_eq!(printed.len(), 150);
    let world = World::new();
    let path = world.dir.path().join("20210113002027.html");
    std::fs::write(&path, table_page(&printed, "As of January 2021, ICE has 287(g) JEM agreements with 74 law enforcement agencies in 21 states. ICE also has 287(g) WSO agreements with 76 law enforcement agencies in 11 states.")).unwrap();
    let (code, text) = world.fetch(&["--import", path.to_str().unwrap()]);
    assert_eq!(code, 0, "{text}");
    let imported = rows(&dry_run(&[world.store().join("lists")]));
    assert_eq!(imported.len(), 150);
    for (imported, rebuilt) in imported.iter().zip(&rebuilt) {
        assert_eq!(imported, rebuilt);
    }
}
