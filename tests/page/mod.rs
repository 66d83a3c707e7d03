//! ICE's page in its five eras, its statements about its lists, and answers that lie. Files are made here; the real
//! page's own elements, and real lists, lie beside the checkout.

mod answers;
mod days;
mod eras;
mod saved_pages;
mod statements;

use crate::support::program;
use crate::support::publisher::Play;
use crate::support::world::World;
use coverage287::table::{Table, TableSource};
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Workbook};
use serde_json::Value;
use std::path::{Path, PathBuf};

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

fn files_in(folder: &Path) -> usize {
    std::fs::read_dir(folder).into_iter().flatten().flatten().filter(|entry| entry.path().is_file()).count()
}
