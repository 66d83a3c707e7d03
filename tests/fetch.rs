//! Inputs from their publishers: whatever the answer, nothing seen is lost and the exit code says what it was.

use std::io::Write;

use std::time::{Duration, Instant};

use crate::support::publisher::{Play, Proxy, Publisher};
use crate::support::world::{PARTICIPATING, PENDING, World, list, pending, sha256};
use crate::support::{BAY, Row, assert_said, program, warnings, workbook};

#[test]
fn lists_are_found_by_the_page_and_asked_for_again_only_if_they_changed() {
    let world = World::new();
    let (code, text) = world.lists(&[]);
    assert_eq!(code, 0, "{text}");
    assert_eq!(world.new_and_unchanged(), (2, 0), "{text}");
    let stored = world.stored("lists");
    assert_eq!(stored.len(), 2);
    for (content, name) in &stored {
        let bytes = std::fs::read(world.store().join("lists").join(content).join(name)).unwrap();
        assert_eq!(sha256(&bytes), *content);
        // The file of its origin says from where, when, and with which headers it came.
        let origin = std::fs::read_to_string(world.store().join(format!("origins/{content}.json"))).unwrap();
        let origin: serde_json::Value = serde_json::from_str(&origin).unwrap();
        assert_eq!(origin["seen"][0]["address"], world.publisher.address(&format!("/doclib/{name}")));
        assert!(
            origin["seen"][0]["headers"]["etag"].is_string() && origin["seen"][0]["first_seen"].is_string()
        );
    }
    world.publisher.asked();

    let (code, text) = world.lists(&[]);
    assert_eq!((code, world.new_and_unchanged()), (0, (0, 2)), "{text}");
    let asked = world.publisher.asked();
    assert!(asked.iter().all(|asked| asked.status == 304), "{asked:?}");
    assert!(asked.iter().all(|asked| asked.headers["user-agent"].starts_with("coverage287 (+https://")));
    assert_eq!(asked.len(), 3, "page and lists, once each");
    let record = world.last_run();
    assert_eq!((&record["command"], &record["status"]), (&"fetch".into(), &"nothing_new".into()));
}

#[test]
fn a_workbook_replaced_under_its_name_is_another_list_and_the_first_stays() {
    let world = World::new();
    let first = list(&[BAY]);
    world.publisher.play(PARTICIPATING, Play::File(first.clone()));
    world.lists(&[]);
    let before = world.stored("lists");
    let gulf = Row { agency: "Gulf County Sheriff's Office", ..BAY };
    world.publisher.play(PARTICIPATING, Play::File(list(&[BAY, gulf])));
    assert_eq!(world.lists(&[]).0, 0);
    let after = world.stored("lists");
    assert_eq!(after.len(), 3);
    assert!(before.iter().all(|file| after.contains(file)));
    // Both lists are read, and the later one counts for the day.
    let out = world.dir.path().join("out");
    let lists = world.store().join("lists");
    program().args(["--out"]).arg(&out).arg("--lists").arg(&lists).assert().success();
    let run: serde_json::Value =
        serde_json::from_slice(&std::fs::read(out.join("current/run.json")).unwrap()).unwrap();
    assert_eq!((&run["counts"]["lists_superseded"], &run["counts"]["rows_read"]), (&1.into(), &4.into()));
    // A publisher that returns to an earlier file is reported once: nothing of it is new, and both files stay.
    world.publisher.play(PARTICIPATING, Play::File(first));
    let (code, text) = world.lists(&[]);
    assert_eq!((code, world.stored("lists")), (0, after));
    assert_said!(warnings(&text));
    assert_eq!(warnings(&world.lists(&[]).1), "");
    // A file that was imported before it was first published is not reported as a return.
    let world = World::new();
    let gulf = list(&[Row { agency: "Gulf County Sheriff's Office", ..BAY }]);
    let archive = world.dir.path().join("archive");
    std::fs::create_dir(&archive).unwrap();
    std::fs::write(archive.join("participatingAgencies06062025am.xlsx"), &gulf).unwrap();
    assert_eq!(world.lists(&[]).0, 0);
    assert_eq!(world.fetch(&["--import", archive.to_str().unwrap()]).0, 0);
    world.publisher.play(PARTICIPATING, Play::File(gulf));
    let (code, text) = world.lists(&[]);
    assert_eq!((code, warnings(&text)), (0, String::new()));
}

#[test]
fn a_fetch_that_cannot_be_recorded_fails_and_keeps_what_it_got() {
    let world = World::new();
    std::fs::create_dir_all(world.store().join("last_run.json/in the way")).unwrap();
    let (code, text) = world.lists(&[]);
    assert_eq!(code, 8, "{text}");
    assert_said!(text);
    assert_eq!(world.stored("lists").len(), 2);
}

#[test]
fn a_proxy_is_asked_for_everything_and_may_be_private() {
    let publisher = Publisher::start();
    let proxy = Proxy::start(publisher.port);
    // Only the proxy can resolve this name.
    let name = format!("publisher.invalid:{}", publisher.port);
    let world = World::of(publisher, |spec| {
        spec.replace("127.0.0.1:", "publisher.invalid:").replace(
            "# proxy = \"http://proxy.example.org:3128\"",
            &format!("proxy = \"http://127.0.0.1:{}\"", proxy.port),
        )
    });
    let (code, text) = world.lists(&[]);
    assert_eq!((code, world.stored("lists").len()), (0, 2), "{text}");
    let asked = proxy.asked();
    assert!(!asked.is_empty() && asked.iter().all(|to| *to == name), "{asked:?}");
    // A proxy that does not answer is not bypassed.
    let gone = unused_port();
    let world = World::of(Publisher::start(), |spec| {
        spec.replace(
            "# proxy = \"http://proxy.example.org:3128\"",
            &format!("proxy = \"http://127.0.0.1:{}\"", gone),
        )
    });
    let (code, text) = world.lists(&[]);
    assert_eq!((code, world.publisher.asked().len()), (4, 0), "{text}");
}

/// Returns a port at which nobody listens.
fn unused_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

#[test]
fn renamed_links_are_found_by_their_meaning() {
    let world = World::new();
    world.publisher.play(
        "/287g",
        Play::page(
            "<p>Agencies <b>participating</b> in the programme: <a href='/New/Path/LIST_OF_2025.XLSX'>download</a></p>\
             <p><a href='/media/77' title='PENDING agencies (Excel)'>here</a> or <a href='/moa.pdf'>MOA</a></p>",
        ),
    );
    world.publisher.play("/New/Path/LIST_OF_2025.XLSX", Play::File(list(&[BAY])));
    let named = vec![(
        "Content-Disposition".into(),
        "attachment; filename=\"pendingAgencies06062025am.xlsx\"".into(),
    )];
    world.publisher.play("/media/77", Play::Answer(200, named, pending()));
    let (code, text) = world.lists(&[]);
    assert_eq!(code, 0, "{text}");
    let names: Vec<String> = world.stored("lists").into_iter().map(|(_, name)| name).collect();
    assert!(names.contains(&"pendingAgencies06062025am.xlsx".to_owned()), "{names:?}");
    // A file name without a day stays as it is: the workbook says when it was saved.
    assert!(names.contains(&"LIST_OF_2025.XLSX".to_owned()), "{names:?}");
    assert_eq!(world.lists(&[]).0, 0);
    assert_eq!(world.stored("lists").len(), 2);
    let shown = program().arg("lists").arg("--lists").arg(world.store().join("lists")).assert().success();
    let shown = String::from_utf8(shown.get_output().stdout.clone()).unwrap();
    assert!(shown.contains("workbook") && shown.contains("0 refused"), "{shown}");
}

#[test]
fn a_page_that_is_not_as_it_was_says_what_was_found() {
    let world = World::new();
    for links in [
        &["/about", "/moa.pdf"][..],
        &[PENDING],
        &[PARTICIPATING, PENDING, "/doclib/terminatedAgencies.xlsx"],
    ] {
        world.publisher.page_with(links);
        let (code, text) = world.lists(&[]);
        assert_eq!(code, 5, "{text}");
        assert_said!(text);
    }
    // All files that could be got were.
    assert_eq!(world.stored("lists").len(), 2);
    // A word that a person adds to the spec holds at once, whatever the page answers.
    let spec = world.root.join("pipelines/fetch.toml");
    let text = std::fs::read_to_string(&spec).unwrap();
    std::fs::write(&spec, text.replace("passed_over = []", "passed_over = [\"terminated\"]")).unwrap();
    let (code, text) = world.lists(&[]);
    assert_eq!(code, 0, "{text}");
    // A page links to more lists than a page may.
    let many: Vec<String> = (0..30).map(|n| format!("/doclib/participating{n}.xlsx")).collect();
    world.publisher.page_with(&many.iter().map(String::as_str).collect::<Vec<_>>());
    let (code, text) = world.lists(&[]);
    assert_eq!(code, 5, "{text}");
    assert_said!(text);
    assert_eq!(world.stored("lists").len(), 2);
    // A file that is known not to be wanted is no error.
    let quiet = World::with(|spec| spec.replace("passed_over = []", "passed_over = [\"terminated\"]"));
    quiet.publisher.page_with(&[PARTICIPATING, PENDING, "/doclib/terminatedAgencies.xlsx"]);
    assert_eq!(quiet.lists(&[]).0, 0);
}

/// Every wrong answer at the address of the participating list: the exit code, the message, and the pending list, which
/// is got all the same.
#[test]
fn wrong_answers() {
    let elsewhere = Publisher::start();
    let whole = list(&[BAY]);
    let gzip = |bytes: &[u8]| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    };
    let encoded = |bytes: Vec<u8>| Play::Answer(200, vec![("Content-Encoding".into(), "gzip".into())], bytes);
    let bomb = gzip(&vec![0; 40_000_000]);
    assert!(bomb.len() < 100_000);
    let local = format!("http://localhost:{}/x.xlsx", elsewhere.port);
    let cases: Vec<(&str, Play, i32, &str)> = vec![
        ("error page", Play::page("<!DOCTYPE html><title>Error</title>"), 5, "is a web page, not a workbook"),
        ("empty", Play::Plain(Vec::new()), 5, "is empty"),
        ("slow drip", Play::Drip(whole.clone(), Duration::from_millis(30)), 4, "broke off after"),
        (
            "too short",
            Play::WrongLength(whole[..whole.len() / 2].to_vec(), whole.len()),
            4,
            "broke off after",
        ),
        ("too long", Play::WrongLength(whole.clone(), whole.len() / 2), 5, "is damaged, cut short"),
        ("no answer", Play::Closes, 4, "tried 4 times"),
        ("silence", Play::Mute, 4, "tried "),
        ("silence in the middle", Play::Silent(whole[..100].to_vec()), 4, "broke off after 100 bytes"),
        ("not found", Play::status(404, ("X", "y")), 4, "answered 404"),
        ("forbidden", Play::status(403, ("X", "y")), 4, "answered 403"),
        ("busy", Play::status(429, ("Retry-After", "0")), 4, "answered 429"),
        ("busy for long", Play::status(429, ("Retry-After", "86400")), 4, "asks to wait 86400 s"),
        ("broken", Play::status(500, ("X", "y")), 4, "answered 500"),
        ("a 304 nobody asked for", Play::status(304, ("X", "y")), 4, "answered 304"),
        ("another host", Play::redirect("https://example.org/x.xlsx"), 4, "is not among the hosts"),
        ("a private address", Play::redirect("http://10.0.0.1/x.xlsx"), 4, "is not among the hosts"),
        ("a name that is private", Play::redirect(&local), 4, "is not a public address"),
        ("another scheme", Play::redirect("file:///etc/passwd"), 4, "names no host"),
        ("round and round", Play::redirect(PARTICIPATING), 4, "redirects more than 5 times"),
        ("nowhere", Play::Answer(302, Vec::new(), Vec::new()), 4, "redirects to nowhere"),
        ("no end", Play::Endless, 5, "is larger than 16000000 bytes"),
        ("gzip bomb", encoded(bomb), 5, "is larger than 16000000 bytes, inflated"),
        ("no gzip", encoded(whole.clone()), 4, "broke off after"),
    ];
    for (what, play, expected, said) in cases {
        // The host name is allowed, and leads to this machine.
        let host = format!("[[host]]\nname = \"localhost:{}\"\nhttp = true\n\n[page]", elsewhere.port);
        let world = World::with(|spec| spec.replace("[page]", &host));
        world.publisher.play(PARTICIPATING, play);
        let began = Instant::now();
        let (code, text) = world.lists(&[]);
        assert_eq!(code, expected, "{what}: {text}");
        assert!(text.contains(said), "{what}: {text}");
        assert!(began.elapsed() < Duration::from_secs(60), "{what}: {:?}", began.elapsed());
        let names: Vec<String> = world.stored("lists").into_iter().map(|(_, name)| name).collect();
        assert_eq!(names, ["pendingAgencies06062025am.xlsx"], "{what}");
        assert_eq!(world.last_run()["exit_code"], expected, "{what}");
        // The address was not marked as seen: once the file is right it is got.
        world.publisher.play(PARTICIPATING, Play::File(whole.clone()));
        assert_eq!(world.lists(&[]).0, 0, "{what}");
        assert_eq!(world.stored("lists").len(), 2, "{what}");
    }
    assert!(elsewhere.asked().is_empty(), "nobody was asked at an address that is not public");
}

#[test]
fn what_comes_right_when_asked_again_is_got() {
    let world = World::new();
    let whole = list(&[BAY]);
    for (what, first) in [
        ("429", Play::status(429, ("Retry-After", "1"))),
        ("503", Play::status(503, ("X", "y"))),
        ("cut short", Play::WrongLength(whole[..100].to_vec(), whole.len())),
        ("no answer", Play::Closes),
    ] {
        let gzipped = {
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            encoder.write_all(&list(&[Row { agency: what, ..BAY }])).unwrap();
            Play::Answer(200, vec![("Content-Encoding".into(), "gzip".into())], encoder.finish().unwrap())
        };
        world.publisher.play(PARTICIPATING, Play::Then(vec![first, gzipped]));
        let before = world.stored("lists").len();
        let (code, text) = world.lists(&[]);
        assert_eq!(code, 0, "{what}: {text}");
        assert!(world.stored("lists").len() > before, "{what}");
    }
}

#[test]
fn a_spreadsheet_that_is_no_list_is_kept_apart() {
    let world = World::new();
    let old = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1 an old workbook".to_vec();
    world.publisher.play(PARTICIPATING, Play::Plain(old.clone()));
    let (code, text) = world.lists(&[]);
    assert_eq!(code, 5);
    assert_said!(text);
    assert_eq!(world.stored("refused"), [(sha256(&old), "participatingAgencies06062025am.xlsx".to_owned())]);
    assert_eq!(world.stored("lists").len(), 1);
}

#[test]
fn acs_tables_and_reference_files() {
    let world = World::with(|spec| spec.replace("years = [2023]", "years = [2022, 2023]"));
    let acs = |year: i32| {
        format!(
            "/programs-surveys/acs/summary_file/{year}/table-based-SF/data/5YRData/acsdt5y{year}-b05002.dat"
        )
    };
    let table =
        |population: u32| format!("GEO_ID|B05002_E001|B05002_M001\n0500000US01001|{population}|-555555555\n");
    world.publisher.play(&acs(2022), Play::File(table(1).into_bytes()));
    world.publisher.play(&acs(2023), Play::File(table(2).into_bytes()));
    let (code, text) = world.fetch(&["acs"]);
    assert_eq!(code, 0, "{text}");
    let current = |year: i32| world.store().join(format!("acs/current/acsdt5y{year}-b05002.dat"));
    assert_eq!(std::fs::read_to_string(current(2023)).unwrap(), table(2));
    // A table issued again: the newest counts, the first stays.
    world.publisher.play(&acs(2023), Play::File(table(3).into_bytes()));
    assert_eq!(world.fetch(&["acs", "--acs-year", "2023"]).0, 0);
    assert_eq!(std::fs::read_to_string(current(2023)).unwrap(), table(3));
    // If a table is taken back and issued once more, the one that the address gives counts.
    for version in [2, 3] {
        world.publisher.play(&acs(2023), Play::File(table(version).into_bytes()));
        let (code, text) = world.fetch(&["acs", "--acs-year", "2023"]);
        assert_eq!((code, warnings(&text)), (0, String::new()));
        assert_eq!(std::fs::read_to_string(current(2023)).unwrap(), table(version));
    }
    assert!(
        world.store().join(format!("acs/{}/acsdt5y2023-b05002.dat", sha256(table(2).as_bytes()))).exists()
    );
    // A table that ends within a line, and one that may not be whole, are asked for again.
    let cut = table(4);
    world.publisher.play(&acs(2023), Play::Unsized(cut.as_bytes()[..cut.len() - 4].to_vec()));
    let (code, text) = world.fetch(&["acs", "--acs-year", "2023"]);
    assert_eq!(code, 5, "{text}");
    assert_said!(text);
    let at_a_line = table(4).lines().next().unwrap().to_owned() + "\n";
    world.publisher.play(&acs(2023), Play::Unsized(at_a_line.into_bytes()));
    let (code, text) = world.fetch(&["acs", "--acs-year", "2023"]);
    assert_eq!(code, 5, "{text}");
    assert_said!(text);
    assert_eq!(std::fs::read_to_string(current(2023)).unwrap(), table(3));
    world.publisher.play(&acs(2023), Play::Unsized(table(3).into_bytes()));
    assert_eq!(world.fetch(&["acs", "--acs-year", "2023"]).0, 0);
    world.publisher.asked();
    assert_eq!(world.fetch(&["acs", "--acs-year", "2023"]).0, 0);
    assert!(world.publisher.asked().iter().all(|asked| !asked.headers.contains_key("if-none-match")));
    // A table is not there, and a web page stands in the place of one.
    let (code, text) = world.fetch(&["acs", "--acs-year", "2031"]);
    assert_eq!(code, 4, "{text}");
    assert_said!(text);
    world.publisher.play(&acs(2023), Play::page("<html>moved</html>"));
    let (code, text) = world.fetch(&["acs"]);
    assert_eq!(code, 5, "{text}");
    assert_said!(text);
    assert_eq!(std::fs::read_to_string(current(2023)).unwrap(), table(3));

    for file in ["county", "place", "cousub"] {
        let path = format!("/geo/docs/reference/codes2020/national_{file}2020.txt");
        world.publisher.play(&path, Play::File(b"STATE|STATEFP|COUNTYFP\n".to_vec()));
    }
    assert_eq!(world.fetch(&["reference"]).0, 0);
    assert!(world.store().join("reference/current/national_place2020.txt").exists());
}

#[test]
fn an_archive_is_imported_as_if_it_had_been_fetched() {
    let world = World::new();
    let archive = world.dir.path().join("archive");
    std::fs::create_dir(&archive).unwrap();
    workbook(&archive.join("participatingAgencies06052025am.xlsx"), &[BAY]);
    workbook(&archive.join("participatingAgencies06062025am.xlsx"), &[BAY]);
    std::fs::write(archive.join("participatingAgencies06072025am.xlsx"), "<html>error</html>").unwrap();
    let path = archive.to_str().unwrap().to_owned();
    let (code, text) = world.fetch(&["--import", &path]);
    assert_eq!(code, 5, "{text}");
    assert_said!(text);
    assert_eq!(world.stored("lists").len(), 2);
    std::fs::remove_file(archive.join("participatingAgencies06072025am.xlsx")).unwrap();
    let (code, text) = world.fetch(&["--import", &path]);
    assert_eq!((code, world.new_and_unchanged()), (0, (0, 2)), "{text}");
    assert!(world.publisher.asked().is_empty());
    // Nothing about the machine is recorded.
    for (content, _) in world.stored("lists") {
        let origin = std::fs::read_to_string(world.store().join(format!("origins/{content}.json"))).unwrap();
        assert!(!origin.contains(&path) && origin.contains("\"address\": null"), "{origin}");
    }
    assert_eq!(world.fetch(&["--import", "nowhere"]).0, 2);
}

#[test]
fn a_damaged_original_is_got_again_and_no_run_believes_it() {
    let world = World::new();
    world.lists(&[]);
    let (content, name) =
        world.stored("lists").into_iter().find(|(_, name)| name.starts_with("part")).unwrap();
    let path = world.store().join("lists").join(&content).join(&name);
    let whole = std::fs::read(&path).unwrap();
    let other = list(&[BAY, BAY]);
    std::fs::write(&path, &other).unwrap();
    let out = world.dir.path().join("out");
    let refused =
        program().arg("--out").arg(&out).arg("--lists").arg(world.store().join("lists")).assert().code(5);
    let text = String::from_utf8_lossy(&refused.get_output().stderr).into_owned();
    assert_said!(text);
    assert!(!out.join("current").exists());
    // The publisher would say that nothing has changed, so the request does not ask it.
    let (code, text) = world.lists(&[]);
    assert_eq!(code, 0, "{text}");
    assert_eq!(std::fs::read(&path).unwrap(), whole);
    program().arg("--out").arg(&out).arg("--lists").arg(world.store().join("lists")).assert().success();
}

#[test]
fn two_fetches_and_wrong_words() {
    let world = World::new();
    std::fs::create_dir(world.store()).unwrap();
    let held = coverage287::fs::lock(&world.store().join(".lock"), "process 1").unwrap();
    let (code, text) = world.lists(&[]);
    assert_eq!(code, 7, "{text}");
    assert_said!(text);
    drop(held);
    assert_eq!(world.lists(&["--wait", "5"]).0, 0);
    let broken = World::with(|spec| spec.replace("tries = 4", "tires = 4"));
    let (code, text) = broken.lists(&[]);
    assert_eq!(code, 3, "{text}");
    assert_said!(text);
    assert_eq!(world.fetch(&["everything"]).0, 2);
}
