//! The page as ICE has built it over the years.

use super::{
    BAY_GULF, TODAY, etowah, files_in, line, lists_of, named, names, page, pending_saved, saved, table_page,
};
use crate::support::publisher::Play;
use crate::support::shared;
use crate::support::world::World;

#[test]
fn the_page_in_its_five_eras() {
    let world = World::new();
    let publisher = &world.publisher;
    // The table of the page is the list.
    let says = "As of January 2021, ICE has 287(g) JEM agreements with 1 law enforcement agency in 1 state.";
    publisher.play("/287g", Play::page(table_page(&[etowah("Etowah County Sheriff's Office")], says)));
    let (code, text) = world.lists(&[]);
    assert_eq!(code, 0, "{text}");
    let stored = names(&world);
    assert!(stored.len() == 1 && stored[0].starts_with("ParticipatingEntities-20"), "{stored:?}");
    assert_eq!(files_in(&world.store().join("statements")), 1);
    let (code, text) = world.lists(&[]);
    assert_eq!((code, world.new_and_unchanged()), (0, (0, 1)), "{text}");
    let listed = lists_of(&world.store().join("lists"));
    assert_eq!((listed[0].2.as_str(), listed[0].3.as_str()), ("capture", "accepted"), "{listed:?}");

    // The day of update that the page states is used before the clock's.
    let world = World::new();
    let updated = "<time datetime=\"2021-02-08T02:00:18-05:00\">02/08/2021</time>";
    let html = table_page(&[etowah("Etowah County Sheriff's Office")], says);
    world.publisher.play("/287g", Play::page(format!("{html}{updated}")));
    assert_eq!(
        (world.lists(&[]).0, names(&world)),
        (0, vec!["ParticipatingEntities-20210208070018.csv".to_owned()])
    );

    // One name without a day, overwritten: the workbook says when it was saved.
    let world = World::new();
    let publisher = &world.publisher;
    let (a, b) = (
        "/doclib/about/offices/ero/287g/participatingAgencies.xlsx",
        "/doclib/about/offices/ero/287g/pendingAgencies.xlsx",
    );
    publisher.play("/287g", page(Some(a), Some(b), ""));
    publisher.play(b, Play::File(pending_saved(&["Leon County Sheriff's Office"], "2025-03-06T10:00:00")));
    for (agencies, day) in [(&BAY_GULF[..1], "2025-03-06T13:00:00"), (&BAY_GULF[..], "2025-03-07T13:00:00")] {
        publisher.play(a, Play::File(saved(agencies, day)));
        let (code, text) = world.lists(&[]);
        assert_eq!(code, 0, "{text}");
    }
    assert_eq!(
        lists_of(&world.store().join("lists")),
        [
            line("participatingAgencies.xlsx", "2025-03-06", "workbook", "accepted"),
            line("participatingAgencies.xlsx", "2025-03-07", "workbook", "accepted"),
            line("pendingAgencies.xlsx", "2025-03-06", "workbook", "accepted"),
        ]
    );

    // Dated names, then addresses that name nothing, alternately; the same address gives new bytes.
    let world = World::new();
    let publisher = &world.publisher;
    let dated = |name: &str| format!("/doclib/about/offices/ero/287g/{name}");
    let id = |n: u32| format!("{TODAY}{n}");
    let days: [(&str, String, &[&str]); 5] = [
        (
            "participatingAgencies05152026am.xlsx",
            dated("participatingAgencies05152026am.xlsx"),
            &BAY_GULF[..1],
        ),
        ("participatingAgencies05182026am.xlsx", id(4711), &BAY_GULF[..]),
        (
            "participatingAgencies05192026am.xlsx",
            dated("participatingAgencies05192026am.xlsx"),
            &BAY_GULF[..1],
        ),
        ("participatingAgencies05202026pm.xlsx", id(4711), &["Leon County Sheriff's Office"]),
        ("participatingAgencies05212026am.xlsx", id(4800), &BAY_GULF[1..]),
    ];
    for (name, address, agencies) in &days {
        let digits: String = name.chars().filter(char::is_ascii_digit).collect();
        let at = format!("2026-{}-{}T11:00:00", &digits[..2], &digits[2..4]);
        publisher.play("/287g", page(Some(address), Some("/pending/9"), ""));
        publisher.play(
            "/pending/9",
            named(
                "pendingAgencies02272026am.xlsx",
                pending_saved(&["Leon County Sheriff's Office"], "2026-02-27T11:00:00"),
            ),
        );
        publisher.play(address, named(name, saved(agencies, &at)));
        let (code, text) = world.lists(&[]);
        assert_eq!(code, 0, "{name}: {text}");
        assert!(names(&world).contains(&(*name).to_owned()), "{name}");
    }
    let expected: Vec<_> = days
        .iter()
        .map(|(name, _, _)| {
            let digits: String = name.chars().filter(char::is_ascii_digit).collect();
            line(name, &format!("2026-{}-{}", &digits[..2], &digits[2..4]), "file_name", "accepted")
        })
        .chain([line("pendingAgencies02272026am.xlsx", "2026-02-27", "file_name", "accepted")])
        .collect();
    let mut found = lists_of(&world.store());
    // The third list repeats the rows of the first, with another in between.
    assert_eq!(found[2].3, "stale");
    found[2].3 = "accepted".into();
    assert_eq!(found, expected);
    // The folder of a store is read as its lists.
    assert_eq!(lists_of(&world.store()), lists_of(&world.store().join("lists")));
    let (code, text) = world.lists(&[]);
    assert_eq!((code, world.new_and_unchanged()), (0, (0, 2)), "{text}");
}

/// The elements of ICE's page at five moments: every statement, and every link that is a list.
#[test]
#[ignore = "needs the real inputs of ../shared"]
fn the_real_elements_of_the_page() {
    let shared = shared();
    let world = World::new();
    let (code, text) = world.fetch(&["--import", shared.join("pages").to_str().unwrap()]);
    assert_eq!(code, 0, "{text}");
    // All of them are among the facts the program ships.
    assert_eq!(files_in(&world.store().join("statements")), 0);
    let specs = coverage287::spec::Specs::load(&coverage287::spec::SpecFiles::default()).unwrap();
    let files = coverage287::spec::SpecFiles::default();
    let spec = coverage287::spec::FetchSpec::load(&files).unwrap().page;
    let mut statements = 0;
    for (name, links) in [
        ("20210113002027", &[][..]),
        ("20250301180751", &["participatingAgencies.xlsx", "pendingAgencies.xlsx"]),
        ("20250303215457", &["participatingAgencies.xlsx", "pendingAgencies.xlsx"]),
        ("20250317231040", &["participatingAgencies03172025pm.xlsx", "pendingAgencies03172025pm.xlsx"]),
        ("20250606123832", &["participatingAgencies06052025pm.xlsx", "pendingAgencies06052025pm.xlsx"]),
    ] {
        let html = std::fs::read_to_string(shared.join(format!("pages/{name}.fragment.html"))).unwrap();
        let page = coverage287::page::read_page(&html, &spec.url, &spec, &specs.layouts);
        let found: Vec<&str> =
            page.links.links.iter().filter_map(|link| link.address.path().rsplit('/').next()).collect();
        assert_eq!(found, links, "{name}");
        statements += page.statements.len();
        let rows = page.table.map_or(0, |table| table.row_count());
        assert_eq!(rows, if name == "20210113002027" { 9 } else { 0 }, "{name}");
    }
    let shipped = coverage287::page::PageStatements::load(&[], &[], &files).unwrap();
    assert_eq!((statements, shipped.statements.len()), (9, 9));
}
