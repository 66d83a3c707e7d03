//! What servers answer: names, kinds of files, and answers that are not what they say.

use super::{BAY_GULF, TODAY, lists_of, named, names, page, pending_saved, read, run, saved};
use crate::support::publisher::Play;
use crate::support::world::{World, sha256};
use crate::support::{assert_said, cell, warnings};

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
    assert_eq!(code, 4, "{text}");
    assert_said!(text);
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
    let record = || world.last_run();
    let both = || world.publisher.play("/287g", page(Some(&participating), Some(&pending), ""));
    both();
    assert_eq!(world.lists(&[]).0, 0);
    assert_eq!(record()["counts"]["pending_list_state"], "new");
    // The same file again: no warning.
    let (code, text) = world.lists(&[]);
    assert_eq!((code, warnings(&text)), (0, String::new()), "{text}");
    assert_eq!(record()["counts"]["pending_list_state"], "same_file");
    assert_eq!(record()["counts"]["pending_file_age_days"], 0);
    // No link: a warning, once; the next fetch says it in its line.
    world.publisher.play("/287g", page(Some(&participating), None, ""));
    let (code, text) = world.lists(&[]);
    assert_eq!(code, 0, "{text}");
    assert_said!(warnings(&text));
    let (code, text) = world.lists(&[]);
    assert_eq!((code, warnings(&text)), (0, String::new()), "{text}");
    assert_said!(record()["line"].as_str().unwrap());
    assert_eq!(record()["counts"]["pending_list_state"], "not_linked");
    assert_eq!(record()["counts"]["pending_list_is_given"], 0);
    // A list has a header and no rows; then a link gives no list.
    both();
    world
        .publisher
        .play(&pending, named("pendingAgencies05182026am.xlsx", pending_saved(&[], "2026-05-18T11:00:00")));
    let (code, text) = world.lists(&[]);
    assert_eq!(code, 0, "{text}");
    assert_said!(warnings(&text));
    assert_eq!(record()["counts"]["pending_list_state"], "header_only");
    let release = run(&world.store(), &world.dir.path().join("out"));
    let newest = read(&release, "newest_lists");
    assert_eq!(cell(&newest, "list_state", 1), "empty");
    world.publisher.play(&pending, Play::page("<title>Not here</title>"));
    let (code, text) = world.lists(&[]);
    assert_eq!(code, 0, "{text}");
    assert_said!(warnings(&text));
    assert_eq!(record()["counts"]["pending_list_state"], "no_list");
    // A link that leads nowhere is a warning. A server error may pass: the link is asked again, and fails until then.
    world.publisher.play(&pending, Play::status(404, ("X", "y")));
    let (code, text) = world.lists(&[]);
    assert_eq!(code, 0, "{text}");
    assert_said!(warnings(&text));
    assert_eq!(record()["counts"]["pending_list_state"], "not_answered");
    let (code, text) = world.lists(&[]);
    assert_eq!((code, warnings(&text)), (0, String::new()), "{text}");
    world.publisher.play(&pending, Play::status(500, ("X", "y")));
    assert_eq!(world.lists(&[]).0, 4);
    // A participating list that is missing stays a failure.
    world.publisher.play("/287g", page(None, Some(&pending), ""));
    assert_eq!(world.lists(&[]).0, 5);
}
