//! ICE's page in its five eras, its statements about its lists, and answers that lie. Files are made here; the real
//! page's own elements, and real lists, lie beside the checkout.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use coverage287::table::{Table, TableSource};
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Workbook};
use serde_json::Value;

use crate::support::publisher::Play;
use crate::support::world::{World, sha256};
use crate::support::{cell, dry_run, holds_text, program, promised, shared, table};

const TODAY: &str = "/file-download/download/public/";

/// Makes a participating list of these agencies, saved at a time.
fn saved(agencies: &[&str], at: &str) -> Vec<u8> {
    made(
        &["STATE", "LAW ENFORCEMENT AGENCY", "TYPE", "COUNTY", "SUPPORT TYPE", "SIGNED", "MOA"],
        agencies,
        at,
    )
}

/// Makes a pending list likewise.
fn pending_saved(agencies: &[&str], at: &str) -> Vec<u8> {
    made(&["STATE", "LAW ENFORCEMENT AGENCY", "TYPE", "COUNTY", "SUPPORT TYPE"], agencies, at)
}

fn made(headers: &[&str], agencies: &[&str], at: &str) -> Vec<u8> {
    let mut book = Workbook::new();
    let time = ExcelDateTime::parse_from_str(at).unwrap();
    book.set_properties(&DocProperties::new().set_creation_datetime(&time));
    let sheet = book.add_worksheet();
    for (header, column) in headers.iter().zip(0_u16..) {
        sheet.write_string(0, column, *header).unwrap();
    }
    for (agency, row) in agencies.iter().zip(1_u32..) {
        let county = agency.replace(" Sheriff's Office", "");
        let cells = ["FLORIDA", agency, "County", &county, "Task Force Model", "2025-03-01", "link"];
        for (text, column) in cells.iter().take(headers.len()).zip(0_u16..) {
            sheet.write_string(row, column, *text).unwrap();
        }
    }
    book.save_to_buffer().unwrap()
}

const BAY_GULF: [&str; 2] = ["Bay County Sheriff's Office", "Gulf County Sheriff's Office"];

/// Makes an answer with a name in its header and no validator such as `ETag`, as today's addresses give.
fn named(name: &str, bytes: Vec<u8>) -> Play {
    Play::Answer(200, vec![("Content-Disposition".into(), format!("attachment; filename=\"{name}\""))], bytes)
}

/// Makes a page of ICE's own elements with these links and statements.
fn page(participating: Option<&str>, pending: Option<&str>, says: &str) -> Play {
    let button = |address: &str, kind: &str| {
        format!(
            "<p><a class=\"usa-button usa-button--accent-cool\" href=\"{address}\" target=\"_blank\">View 287(g) {kind} \
             Agencies</a></p>"
        )
    };
    Play::page(format!(
        "<!DOCTYPE html><html><head><title>287(g) Program | ICE</title></head><body><main><p><a class=\"usa-button\" \
         href=\"/287g\">Partner With ICE</a></p><ul><li><a href=\"https://www.ice.gov/doclib/about/offices/ero/287g/\
         factsheetTFM.pdf\">287(g) Task Force Model Facts</a></li><li><a href=\"mailto:ERO287g@ice.dhs.gov\">Participating \
         agencies write here</a></li></ul><!--li><a href=\"/doclib/participating.xlsx\">old</a></li--><h2 id=\"MSA\">287(g) \
         Participating Agencies</h2><p>{says}</p>{}<h3>287(g) Pending Agencies</h3>{}<h3>Related Information</h3><ul><li><a \
         href=\"/newsroom?topic=161\">News Releases About Participating Agencies</a></li></ul></main></body></html>",
        participating.map_or_else(String::new, |address| button(address, "Participating")),
        pending.map_or_else(String::new, |address| button(address, "Pending")),
    ))
}

/// Returns the names in the store's lists, sorted.
fn names(world: &World) -> Vec<String> {
    let mut names: Vec<String> = world.stored("lists").into_iter().map(|(_, name)| name).collect();
    names.sort();
    names
}

/// Returns file, day, method and status of every list below a folder, by file.
fn lists_of(folder: &Path) -> Vec<(String, String, String, String)> {
    let output = program().args(["lists", "--format", "json", "--lists"]).arg(folder).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let lists: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    let text = |list: &Value, key: &str| list[key].as_str().unwrap_or_default().to_owned();
    let line = |list: &Value| {
        (
            text(list, "file_name"),
            text(list, "list_date"),
            text(list, "list_date_method"),
            text(list, "list_status"),
        )
    };
    let mut lines: Vec<_> = lists.iter().map(line).collect();
    lines.sort();
    lines
}

fn line(file: &str, day: &str, method: &str, status: &str) -> (String, String, String, String) {
    (file.to_owned(), day.to_owned(), method.to_owned(), status.to_owned())
}

/// Runs the program over lists and returns the release's folder.
fn run(lists: &Path, out: &Path) -> PathBuf {
    program().arg("run").arg("--lists").arg(lists).arg("--out").arg(out).assert().success();
    out.join("current")
}

/// Reads a table of a release on disk.
fn read(release: &Path, name: &str) -> Table {
    let specs = coverage287::spec::Specs::load(&coverage287::spec::SpecFiles::default()).unwrap();
    let release = coverage287::publish::Release::open(release).unwrap();
    release.tables(&specs.tables).table(name).unwrap()
}

/// Makes the page of 2021 with the rows of a list.
fn table_page(rows: &[[String; 5]], says: &str) -> String {
    let row = |[state, agency, model, signed, link]: &[String; 5]| {
        let escaped = |text: &str| text.replace('&', "&amp;").replace('\'', "&#039;");
        format!(
            "<tr>\n\t<td scope=\"row\">{}</td>\n\t<td>{}</td>\n\t<td>{}</td>\n\t<td align=\"center\">{signed}</td>\n\t<td><a \
             href=\"{link}\" target=\"_blank\" title=\"x\">link</a></td>\n</tr>",
            escaped(state),
            escaped(agency),
            escaped(model)
        )
    };
    let rows: String = rows.iter().map(row).collect();
    format!(
        "<!DOCTYPE html><html><head><title>287(g)</title></head><body><table><tr><td>menu</td></tr></table>\
         <h3>Participating Entities</h3><p>{says}</p><div class=\"table-responsive\"><table summary=\"287(g) Participating \
         Entities\" width=\"98%\"><caption>Mutually Signed Agreements</caption><thead><tr><th scope=\"col\">STATE</th>\
         <th>LAW ENFORCEMENT AGENCY</th><th>SUPPORT TYPE</th><th>SIGNED</th><th>MOA</th></tr></thead><tbody>{rows}</tbody>\
         </table></div></body></html>"
    )
}

fn etowah(agency: &str) -> [String; 5] {
    ["ALABAMA", agency, "Jail Enforcement Model", "2020-06-08", "https://www.ice.gov/doclib/287gMOA/a.pdf"]
        .map(str::to_owned)
}

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
    assert_eq!((code, text.contains("nothing new: 1 files are as they were")), (0, true), "{text}");
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
    assert_eq!((code, text.contains("nothing new: 2 files are as they were")), (0, true), "{text}");
}

fn files_in(folder: &Path) -> usize {
    std::fs::read_dir(folder).into_iter().flatten().flatten().filter(|entry| entry.path().is_file()).count()
}

/// A list named by a header, got over HTTP, is stored under a safe name, with the day that the name says.
#[test]
fn names_come_from_the_header() {
    for (header, stored) in [
        (
            "attachment; filename=\"participatingAgencies05182026am.xlsx\"",
            "participatingAgencies05182026am.xlsx",
        ),
        (
            "ATTACHMENT; FILENAME = participatingAgencies05182026am.xlsx",
            "participatingAgencies05182026am.xlsx",
        ),
        (
            "attachment; filename=x.xlsx; filename*=UTF-8''participatingAgencies05182026am.xlsx",
            "participatingAgencies05182026am.xlsx",
        ),
        (
            "attachment; filename=\"=?UTF-8?Q?participatingAgencies05182026am=2Exlsx?=\"",
            "participatingAgencies05182026am.xlsx",
        ),
        (
            "attachment; filename=\"../../../tmp/participatingAgencies05182026am.xlsx\"",
            "participatingAgencies05182026am.xlsx",
        ),
        (
            "attachment; filename=\"a; b participatingAgencies05182026am.xlsx\"",
            "a_ b participatingAgencies05182026am.xlsx",
        ),
        ("attachment; filename=\"participatingAgencies05182026am\"", "participatingAgencies05182026am.xlsx"),
        (
            "attachment; filename=participatingAgencies05182026am.xlsx\"",
            "participatingAgencies05182026am.xlsx",
        ),
        ("attachment; filename=\"jane.doe@agency.gov participatingAgencies05182026am.xlsx\"", "(mailbox"),
        ("attachment", "participatingAgencies.xlsx"),
    ] {
        let world = World::new();
        let address = format!("{TODAY}4711");
        world.publisher.play("/287g", page(Some(&address), None, ""));
        let disposition = vec![
            ("Content-Disposition".into(), header.to_owned()),
            ("Content-Type".into(), "application/octet-stream".into()),
        ];
        let bytes = saved(&BAY_GULF, "2026-05-18T11:00:00");
        world.publisher.play(&address, Play::Answer(200, disposition, bytes));
        let (code, text) = world.lists(&[]);
        assert_eq!(code, 0, "{header}: {text}");
        let found = names(&world);
        assert_eq!(found.len(), 1);
        match stored.starts_with('(') {
            true => assert!(found[0].ends_with("participatingAgencies05182026am.xlsx"), "{found:?}"),
            false => assert_eq!(found, [stored], "{header}"),
        }
        assert!(!found[0].contains("jane") && !found[0].contains(['/', '\\']), "{found:?}");
        assert_eq!(lists_of(&world.store())[0].1, "2026-05-18", "{header}");
    }
}

/// Answers that lie: the exit code, the message, the files kept, and the pending list, which is got all the same.
#[test]
fn answers_that_lie() {
    let header = |kind: &str| vec![("Content-Type".to_owned(), kind.to_owned())];
    let html = |title: &str| {
        format!("<!DOCTYPE html><html><head><title>{title}</title></head><body></body></html>").into_bytes()
    };
    let sheet = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    let list = saved(&BAY_GULF, "2026-05-18T11:00:00");
    let cases: Vec<(&str, Play, i32, &str, usize)> = vec![
        (
            "denied",
            Play::Answer(403, header("text/html"), html("Access Denied")),
            4,
            "keeps programs out (a bot wall, a challenge or a consent page), titled \"Access Denied\", with status 403",
            0,
        ),
        (
            "denied with 200",
            Play::Answer(200, header("text/html"), html("Access Denied")),
            4,
            "titled \"Access Denied\", and not what was asked for",
            0,
        ),
        (
            "challenge",
            Play::Answer(200, header("text/html"), html("Just a moment...")),
            4,
            "keeps programs out",
            0,
        ),
        (
            "consent",
            Play::Answer(200, header("text/html"), html("Before you continue")),
            4,
            "keeps programs out",
            0,
        ),
        (
            "html as a workbook",
            Play::Answer(200, header(sheet), html("Sorry")),
            5,
            "is a web page, not a workbook",
            0,
        ),
        (
            "a page",
            Play::Answer(200, header("text/html"), html("Page not found")),
            5,
            "gave a web page, titled \"Page not found\"",
            0,
        ),
        ("octets", Play::Answer(200, header("application/octet-stream"), list.clone()), 0, "fetched", 1),
        ("as a page", Play::Answer(200, header("text/html"), list.clone()), 0, "fetched", 1),
        ("chunked", Play::Chunked(list.clone()), 0, "fetched", 1),
        (
            "other kind",
            Play::Plain(pending_saved(&["Leon County Sheriff's Office"], "2026-05-18T10:00:00")),
            5,
            "is a pending list, though its link",
            1,
        ),
    ];
    for (what, play, expected, said, kept) in cases {
        let world = World::new();
        let (participating, pending) = (format!("{TODAY}1"), format!("{TODAY}2"));
        world.publisher.play("/287g", page(Some(&participating), Some(&pending), ""));
        world.publisher.play(
            &pending,
            named("pendingAgencies02272026am.xlsx", pending_saved(&BAY_GULF, "2026-02-27T11:00:00")),
        );
        world.publisher.play(&participating, play);
        let (code, text) = world.lists(&[]);
        assert_eq!(code, expected, "{what}: {text}");
        assert!(text.contains(said), "{what}: {text}");
        assert_eq!(world.stored("lists").len(), 1 + kept, "{what}");
        assert!(names(&world).contains(&"pendingAgencies02272026am.xlsx".to_owned()), "{what}");
        // Nothing was taken for the list by mistake: once the answer is right the list is got.
        world.publisher.play(&participating, named("participatingAgencies05182026am.xlsx", list.clone()));
        let (code, text) = world.lists(&[]);
        assert_eq!(code, 0, "{what}: {text}");
        assert!(names(&world).iter().any(|name| name == "participatingAgencies05182026am.xlsx"), "{what}");
    }
    // Other files behind links worded as a list are passed over, as long as the list is there.
    for (what, play) in [
        ("pdf", Play::Answer(200, header("application/pdf"), b"%PDF-1.7".to_vec())),
        ("picture", Play::Answer(200, header("image/jpeg"), b"\xFF\xD8\xFF".to_vec())),
        ("nothing", Play::status(404, ("X", "y"))),
        ("broken", Play::status(500, ("X", "y"))),
        ("denied", Play::Answer(403, header("text/html"), html("Access Denied"))),
    ] {
        let world = World::new();
        let (list_address, other) = (format!("{TODAY}1"), format!("{TODAY}103"));
        let links = format!(
            "<p><a href='{other}'>Participating Agencies fact sheet</a></p><p><a href='{list_address}'>View 287(g) \
             Participating Agencies</a></p>"
        );
        world.publisher.play("/287g", Play::page(links));
        world.publisher.play(&other, play);
        world.publisher.play(&list_address, named("participatingAgencies05182026am.xlsx", list.clone()));
        let (code, text) = world.lists(&[]);
        assert_eq!(
            (code, names(&world)),
            (0, vec!["participatingAgencies05182026am.xlsx".to_owned()]),
            "{what}: {text}"
        );
        assert!(world.stored("refused").is_empty(), "{what}");
    }
    // But the list's own link that does not answer is a failure, whatever an older link gives; so is a link that gave a
    // list before.
    for play in [
        Play::status(404, ("X", "y")),
        Play::status(500, ("X", "y")),
        Play::Answer(403, header("text/html"), html("Access Denied")),
    ] {
        let world = World::new();
        let (newest, older) = (format!("{TODAY}1"), "/doclib/participatingAgencies05142026am.xlsx");
        let old = format!("<p><a href='{older}'>previous edition</a></p>");
        let view = format!("<p><a href='{newest}'>View 287(g) Participating Agencies</a></p>");
        world.publisher.play("/287g", Play::page(format!("{view}{old}")));
        world.publisher.play(older, Play::File(saved(&BAY_GULF, "2026-05-14T11:00:00")));
        world.publisher.play(&newest, play.clone());
        let (code, text) = world.lists(&[]);
        assert_eq!(code, 4, "{text}");
        world.publisher.play(&newest, named("participatingAgencies05182026am.xlsx", list.clone()));
        assert_eq!(world.lists(&[]).0, 0);
        let stray = format!("<p><a href='{newest}'>Participating agencies</a></p>");
        world.publisher.play("/287g", Play::page(format!("{stray}{old}")));
        world.publisher.play(&newest, play);
        assert_eq!(world.lists(&[]).0, 4, "it gave a list before");
    }
    // A mailbox in an address is printed nowhere.
    let world = World::new();
    let address = format!("{TODAY}1?u=jane.doe@agency.gov");
    world.publisher.play("/287g", page(Some(&address), None, ""));
    world.publisher.play(&address, Play::status(500, ("X", "y")));
    let (code, text) = world.lists(&[]);
    assert_eq!((code, text.contains("jane")), (4, false), "{text}");
    // A number in an address is an id, not a day.
    let world = World::new();
    let address = format!("{TODAY}060126");
    world.publisher.play("/287g", page(Some(&address), None, ""));
    world.publisher.play(&address, named("participatingAgencies05182026am.xlsx", list.clone()));
    assert_eq!(
        (world.lists(&[]).0, names(&world)),
        (0, vec!["participatingAgencies05182026am.xlsx".to_owned()])
    );
    // Many links on a page that are no lists do not keep the list from being asked for.
    let world = World::new();
    let many: String = (0..40)
        .map(|n| format!("<p><a href='/state/{n}'>Participating agencies, state {n}</a></p>"))
        .collect();
    let address = format!("{TODAY}1");
    let link = format!("<p><a href='{address}'>View 287(g) Participating Agencies</a></p>");
    world.publisher.play("/287g", Play::page(format!("{many}{link}")));
    world.publisher.play(&address, named("participatingAgencies05182026am.xlsx", list.clone()));
    let (code, text) = world.lists(&[]);
    assert_eq!(code, 0, "{text}");
    // A page that denies access is not reported as a page without a pending list.
    world.publisher.play("/287g", Play::Answer(200, header("text/html"), html("Access Denied")));
    let (code, text) = world.lists(&[]);
    assert_eq!((code, text.contains("no link to a pending list")), (4, false), "{text}");
    // A page that denies access is distinguished from a page whose links have changed.
    for (what, play, expected, said) in [
        ("denied", Play::Answer(403, header("text/html"), html("Access Denied")), 4, "with status 403"),
        (
            "denied with 200",
            Play::Answer(200, header("text/html"), html("Access Denied")),
            4,
            "keeps programs out",
        ),
        (
            "challenge",
            Play::Answer(200, header("text/html"), html("Just a moment...")),
            4,
            "keeps programs out",
        ),
        (
            "changed",
            Play::page("<title>287(g) Program</title><p><a href='/about'>About ICE</a></p>"),
            5,
            "titled \"287(g) Program\": has no link to a participating list; found 1 link, none to a list: ",
        ),
    ] {
        let world = World::new();
        world.publisher.play("/287g", play);
        let (code, text) = world.lists(&[]);
        assert_eq!((code, text.contains(said)), (expected, true), "{what}: {text}");
        assert!(world.stored("lists").is_empty(), "{what}");
    }
}

/// Two addresses with one file are one file; one address with new bytes is two.
#[test]
fn files_go_by_their_content() {
    let world = World::new();
    let (first, second) = (format!("{TODAY}1"), format!("{TODAY}2"));
    let bytes = saved(&BAY_GULF, "2026-05-18T11:00:00");
    let link = |address: &str| format!("<p><a href=\"{address}\">View 287(g) Participating Agencies</a></p>");
    world.publisher.play("/287g", Play::page(format!("{}{}{}", link(&first), link(&second), link(&first))));
    for address in [&first, &second] {
        world.publisher.play(address, named("participatingAgencies05182026am.xlsx", bytes.clone()));
    }
    world.publisher.asked();
    let (code, text) = world.lists(&[]);
    assert_eq!((code, names(&world)), (0, vec!["participatingAgencies05182026am.xlsx".to_owned()]), "{text}");
    assert_eq!(world.publisher.asked().len(), 3, "an address is asked for once");
    let new = saved(&BAY_GULF[..1], "2026-05-19T11:00:00");
    world.publisher.play(&first, named("participatingAgencies05192026am.xlsx", new.clone()));
    assert_eq!(world.lists(&[]).0, 0);
    assert_eq!(world.stored("lists").len(), 2);
    assert!(world.stored("lists").iter().any(|(content, _)| *content == sha256(&new)));
}

/// A page that links to no pending list, to the same old one, or to an empty one: a warning once, and no failure.
#[test]
fn the_pending_list_is_optional() {
    let world = World::new();
    let (participating, pending) = (format!("{TODAY}1"), format!("{TODAY}2"));
    world.publisher.play(
        &participating,
        named("participatingAgencies05182026am.xlsx", saved(&BAY_GULF, "2026-05-18T11:00:00")),
    );
    let old = pending_saved(&["Leon County Sheriff's Office"], "2026-02-27T11:00:00");
    world.publisher.play(&pending, named("pendingAgencies02272026am.xlsx", old));
    let record = || -> Value {
        serde_json::from_slice(&std::fs::read(world.store().join("last_run.json")).unwrap()).unwrap()
    };
    let both = || world.publisher.play("/287g", page(Some(&participating), Some(&pending), ""));
    both();
    assert_eq!(world.lists(&[]).0, 0);
    assert_eq!(record()["counts"]["pending_list_state"], "new");
    // The same file again: no warning.
    let (code, text) = world.lists(&[]);
    assert_eq!((code, text.contains("WARN")), (0, false), "{text}");
    assert_eq!(record()["counts"]["pending_list_state"], "same_file");
    assert_eq!(record()["counts"]["pending_file_age_days"], 0);
    // No link: a warning, once; the next fetch says it in its line.
    world.publisher.play("/287g", page(Some(&participating), None, ""));
    let (code, text) = world.lists(&[]);
    let said = "the page has had no link to a pending list since";
    assert_eq!((code, text.contains("WARN") && text.contains(said)), (0, true), "{text}");
    assert!(text.contains("the last one got is pendingAgencies02272026am.xlsx"), "{text}");
    let (code, text) = world.lists(&[]);
    assert_eq!((code, text.contains("WARN"), text.contains(said)), (0, false, true), "{text}");
    assert_eq!(record()["counts"]["pending_list_state"], "not_linked");
    assert_eq!(record()["counts"]["pending_list_is_given"], 0);
    // A list has a header and no rows; then a link gives no list.
    both();
    world
        .publisher
        .play(&pending, named("pendingAgencies05182026am.xlsx", pending_saved(&[], "2026-05-18T11:00:00")));
    let (code, text) = world.lists(&[]);
    assert_eq!((code, text.contains("has had a header and no rows")), (0, true), "{text}");
    assert_eq!(record()["counts"]["pending_list_state"], "header_only");
    let release = run(&world.store(), &world.dir.path().join("out"));
    let newest = read(&release, "newest_lists");
    assert_eq!(cell(&newest, "list_state", 1), "empty");
    world.publisher.play(&pending, Play::page("<title>Not here</title>"));
    let (code, text) = world.lists(&[]);
    assert_eq!((code, text.contains("links to a pending list have given none")), (0, true), "{text}");
    // A link that leads nowhere is a warning. A server error may pass: the link is asked again, and fails until then.
    world.publisher.play(&pending, Play::status(404, ("X", "y")));
    let (code, text) = world.lists(&[]);
    assert_eq!((code, text.contains("link to a pending list has not answered")), (0, true), "{text}");
    let (code, text) = world.lists(&[]);
    assert_eq!((code, text.contains("WARN")), (0, false), "{text}");
    world.publisher.play(&pending, Play::status(500, ("X", "y")));
    assert_eq!(world.lists(&[]).0, 4);
    // A participating list that is missing stays a failure.
    world.publisher.play("/287g", page(None, Some(&pending), ""));
    assert_eq!(world.lists(&[]).0, 5);
}

/// The age of the pending list: to the newest participating list in the release, to today in record and metrics.
#[test]
fn the_age_of_the_pending_list() {
    let dir = tempfile::tempdir().unwrap();
    let lists = dir.path().join("lists");
    std::fs::create_dir(&lists).unwrap();
    std::fs::write(
        lists.join("participatingAgencies05182026am.xlsx"),
        saved(&BAY_GULF, "2026-05-18T11:00:00"),
    )
    .unwrap();
    let old = pending_saved(&["Leon County Sheriff's Office"], "2026-02-27T11:00:00");
    std::fs::write(lists.join("pendingAgencies02272026am.xlsx"), old).unwrap();
    let (out, metrics) = (dir.path().join("out"), dir.path().join("metrics.prom"));
    let go = || {
        let mut command = program();
        command
            .arg("run")
            .arg("--lists")
            .arg(&lists)
            .arg("--out")
            .arg(&out)
            .arg("--metrics-file")
            .arg(&metrics);
        let output = command.output().unwrap();
        assert!(output.status.success());
        let record = std::fs::read(out.join("last_run.json")).unwrap();
        let record: Value = serde_json::from_slice(&record).unwrap();
        (String::from_utf8([output.stdout, output.stderr].concat()).unwrap(), record)
    };
    let said =
        "the newest pending list is of February 27, 2026, 80 days before the newest participating list";
    let (text, record) = go();
    assert!(text.contains("WARN") && text.contains(said), "{text}");
    let newest = read(&out.join("current"), "newest_lists");
    assert_eq!(
        (cell(&newest, "days_behind_count", 1), cell(&newest, "list_state", 1)),
        ("80".to_owned(), "behind".to_owned())
    );
    assert_eq!(
        (cell(&newest, "days_behind_count", 0), cell(&newest, "list_state", 0)),
        ("0".into(), "current".into())
    );
    let report = std::fs::read_to_string(out.join("current/report.html")).unwrap();
    assert!(report.contains("newest pending list is of February 27, 2026"), "the report says it");
    // The age to today is more days than the age to the newest list.
    let age = record["counts"]["newest_pending_list_age_days"].as_i64().unwrap();
    assert!(age > 80, "{age}");
    let shown = std::fs::read_to_string(&metrics).unwrap();
    assert!(shown.contains(&format!("coverage287_newest_pending_list_age_days {age}\n")), "{shown}");
    assert!(
        shown.contains("check_passed{check=\"pending_list_is_recent\",blocking=\"false\"} 0\n"),
        "{shown}"
    );
    // The next run finds the same, and does not warn again.
    let (text, record) = go();
    assert!(!text.contains("check failed check=\"pending_list_is_recent\""), "{text}");
    assert_eq!(record["counts"]["newest_pending_list_age_days"].as_i64(), Some(age));
    assert!(!record["line"].as_str().unwrap().contains("pending_list_is_recent"), "{record}");
}

/// A file that was got with no name, or under a wrong clock, beside the named copy of the same list.
#[test]
fn when_a_file_was_got_is_not_its_day() {
    let dir = tempfile::tempdir().unwrap();
    // Three signing dates are no typing errors: an agreement signed in 2025 was not listed in 2020.
    let three = [BAY_GULF[0], BAY_GULF[1], "Leon County Sheriff's Office"];
    let (may, april) = (saved(&three, "2026-05-18T11:00:00"), saved(&BAY_GULF, "2026-04-01T11:00:00"));
    let write = |folder: &str, name: &str, bytes: &[u8]| {
        std::fs::create_dir_all(dir.path().join(folder)).unwrap();
        std::fs::write(dir.path().join(folder).join(name), bytes).unwrap();
    };
    for folder in ["alone", "beside"] {
        write(folder, "participatingAgencies04012026am.xlsx", &april);
        for clock in
            ["20261115093000", "19700101000000", "21000101000000", "20991231000000", "20200101000000"]
        {
            write(folder, &format!("participatingAgencies-{clock}.xlsx"), &may);
        }
        write(folder, "287g.xlsx", &may);
    }
    write("beside", "participatingAgencies05182026am.xlsx", &may);
    // Alone, one of the files is the list of the day it was saved, and the others repeat it.
    let alone = lists_of(&dir.path().join("alone"));
    let days: Vec<&str> = alone
        .iter()
        .filter(|(file, ..)| !file.contains("04012026"))
        .map(|(_, day, ..)| day.as_str())
        .collect();
    assert_eq!(days, ["2026-05-18"; 6], "{alone:?}");
    let count = |lists: &[(String, String, String, String)], status: &str| {
        lists.iter().filter(|l| l.3 == status).count()
    };
    assert_eq!((count(&alone, "accepted"), count(&alone, "duplicate")), (2, 5), "{alone:?}");
    // Beside the list that is dated by its name, all of them repeat that list, which stays the list of the day.
    let beside = lists_of(&dir.path().join("beside"));
    assert!(
        beside.contains(&line("participatingAgencies05182026am.xlsx", "2026-05-18", "file_name", "accepted")),
        "{beside:?}"
    );
    assert_eq!((count(&beside, "accepted"), count(&beside, "duplicate")), (2, 6), "{beside:?}");
}

/// A list not dated by its name takes nothing from one that is, and a mailbox in a file name is printed nowhere.
#[test]
fn a_copy_of_ones_own_takes_nothing_from_a_named_list() {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, agencies: &[&str], at: &str| {
        std::fs::write(dir.path().join(name), saved(agencies, at)).unwrap();
    };
    let three = [BAY_GULF[0], BAY_GULF[1], "Leon County Sheriff's Office"];
    write("participatingAgencies05142026am.xlsx", &BAY_GULF, "2026-05-14T11:00:00");
    write("participatingAgencies05182026am.xlsx", &BAY_GULF, "2026-05-18T11:00:00");
    write("participatingAgencies05192026am.xlsx", &three, "2026-05-19T11:00:00");
    // Copies were edited on a day in between, and on a day that has a list; one was saved again half a year later.
    write("mine between.xlsx", &BAY_GULF[..1], "2026-05-16T15:00:00");
    write("mine of the day.xlsx", &three[1..], "2026-05-19T15:00:00");
    write("saved again jane.doe@agency.gov.xlsx", &three, "2026-11-20T10:00:00");
    write("participatingAgencies-20260519003000.xlsx", &three[2..], "2026-05-19T00:20:00");
    let found = lists_of(dir.path());
    let of = |name: &str| found.iter().find(|(file, ..)| file.starts_with(name)).unwrap();
    for (name, day, status) in [
        ("mine between", "2026-05-16", "accepted"),
        ("mine of the day", "2026-05-19", "superseded"),
        ("participatingAgencies-2026", "2026-05-19", "superseded"),
        ("participatingAgencies05142026am", "2026-05-14", "accepted"),
        ("participatingAgencies05182026am", "2026-05-18", "accepted"),
        ("participatingAgencies05192026am", "2026-05-19", "accepted"),
        ("saved again", "2026-05-19", "duplicate"),
    ] {
        assert_eq!((of(name).1.as_str(), of(name).3.as_str()), (day, status), "{name}");
    }
    let output = program().args(["lists", "--format", "json", "--lists"]).arg(dir.path()).output().unwrap();
    assert!(!String::from_utf8_lossy(&output.stdout).contains("jane"));
}

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
    assert!(text.contains("a statement of the page is kept as text"), "{text}");
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
    let actual = check["actual"].as_str().unwrap();
    assert!(
        actual.contains("the page says 3; participatingAgencies05182026am.xlsx of 2026-05-18 has 2: 1 apart"),
        "{actual}"
    );
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
    assert!(text.contains("list_is_near_page"), "{text}");
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
    assert_eq!((code, text.contains("nothing new")), (0, true), "{text}");
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

/// Today's page, with ICE's own list behind an address that names nothing: stored under its name, and published.
#[test]
#[ignore = "needs the real inputs of ../shared"]
fn todays_page_is_fetched_and_published() {
    let shared = shared();
    let bytes =
        std::fs::read(shared.join("archive/participating/participatingAgencies05182026am.xlsx")).unwrap();
    let world = World::new();
    let address = format!("{TODAY}4711");
    world.publisher.play(&address, named("participatingAgencies05182026am.xlsx", bytes));
    world.publisher.play(
        "/287g",
        page(Some(&address), None, "As of May 18, 2026, ICE has signed 1,843 Memorandums of Agreement."),
    );
    let (code, text) = world.lists(&[]);
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("WARN") && text.contains("the page has had no link to a pending list"), "{text}");
    assert_eq!(names(&world), ["participatingAgencies05182026am.xlsx"]);
    let out = world.dir.path().join("out");
    let release = run(&world.store().join("lists"), &out);
    assert_eq!(read(&release, "agreements").row_count(), 1_843);
    let said = read(&release, "page_statements");
    let at = (0..said.row_count()).find(|at| cell(&said, "stated_agreement_count", *at) == "1843").unwrap();
    assert_eq!(cell(&said, "agreement_difference_count", at), "0");
}

/// A month of the real archive, over links of every form: fetched and run every day, it gives the very bytes of one run
/// over the same store. A run over the lists alone is equal except for the statements of the page.
#[test]
#[ignore = "needs the real inputs of ../shared"]
fn a_month_of_days_is_one_run() {
    let shared = shared();
    let mut days: BTreeMap<String, [Option<PathBuf>; 2]> = BTreeMap::new();
    for (at, kind) in ["participating", "pending"].iter().enumerate() {
        for entry in std::fs::read_dir(shared.join("archive").join(kind)).unwrap().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let digits: String = name.chars().filter(char::is_ascii_digit).collect();
            if digits.len() == 8 && &digits[..2] == "08" && &digits[4..] == "2025" {
                days.entry(digits[2..4].to_owned()).or_default()[at] = Some(entry.path());
            }
        }
    }
    assert!(days.len() >= 15, "{}", days.len());
    let world = World::new();
    let path = |name: &str| world.dir.path().join(name);
    let rows_of = |list: &Path| -> usize {
        let output = program().args(["lists", "--format", "json", "--lists"]).arg(list).output().unwrap();
        let lists: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
        lists[0]["row_count"].as_u64().unwrap() as usize
    };
    let mut now: [Option<PathBuf>; 2] = [None, None];
    for (style, (day, lists)) in days.iter().enumerate() {
        for (at, list) in lists.iter().enumerate().filter(|(_, list)| list.is_some()) {
            now[at].clone_from(list);
        }
        let [Some(participating), Some(pending)] = &now else { continue };
        let mut links = Vec::new();
        for (path, kind) in [(participating, "participating"), (pending, "pending")] {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let bytes = std::fs::read(path).unwrap();
            let (address, play) = match style % 4 {
                0 => (format!("/doclib/about/offices/ero/287g/{name}"), Play::File(bytes)),
                1 => (format!("{TODAY}{kind}"), named(&name, bytes)),
                2 => (format!("{TODAY}{kind}{day}"), named(&name, bytes)),
                // The name says no day, but the workbook does.
                _ => (format!("/doclib/{kind}Agencies.xlsx"), Play::File(bytes)),
            };
            world.publisher.play(&address, play);
            links.push(address);
        }
        let says = format!(
            "As of August {}, 2025, ICE has signed {} agreements.",
            day.trim_start_matches('0'),
            rows_of(participating) + style % 2
        );
        world.publisher.play("/287g", page(Some(&links[0]), Some(&links[1]), &says));
        let (code, text) = world.lists(&[]);
        assert_eq!(code, 0, "{text}");
        run(&world.store().join("lists"), &path("daily"));
    }
    assert!(files_in(&world.store().join("statements")) >= 15);
    let once = run(&world.store().join("lists"), &path("once"));
    let daily = path("daily").join("current");
    assert_eq!(promised(&daily), promised(&once));
    // The lists alone, without the store around them.
    let alone = path("alone");
    for (content, name) in world.stored("lists") {
        let folder = alone.join(&content);
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::copy(world.store().join("lists").join(&content).join(&name), folder.join(&name)).unwrap();
    }
    let lists_alone = run(&alone, &path("of lists"));
    let specs = coverage287::spec::Specs::load(&coverage287::spec::SpecFiles::default()).unwrap();
    for spec in specs.tables.iter() {
        let (a, b) = (read(&once, &spec.name), read(&lists_alone, &spec.name));
        if spec.name == "page_statements" {
            assert!(a.row_count() > b.row_count());
        } else {
            assert!(a == b, "{}", spec.name);
        }
    }
}
