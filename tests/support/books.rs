//! Workbooks put together part by part, so that each can be as odd as a program, or somebody, makes it.

use std::io::{Cursor, Read, Write};

use coverage287::read::RawList;
use coverage287::spec::Field;
use rust_xlsxwriter::ExcelDateTime;
use zip::CompressionMethod;
use zip::write::SimpleFileOptions;

/// Names and contents of the entries of an archive.
pub type Parts = Vec<(String, Vec<u8>)>;

pub const CONTENT_TYPES: &str = "[Content_Types].xml";
pub const ROOT_RELS: &str = "_rels/.rels";
pub const WORKBOOK: &str = "xl/workbook.xml";
pub const WORKBOOK_RELS: &str = "xl/_rels/workbook.xml.rels";
pub const SHEET: &str = "xl/worksheets/sheet1.xml";
pub const SHEET_RELS: &str = "xl/worksheets/_rels/sheet1.xml.rels";
pub const STRINGS: &str = "xl/sharedStrings.xml";
pub const STYLES: &str = "xl/styles.xml";

const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006";

/// A row of a list: its cells in the order of the headers, and the addresses behind MOA and ADDENDUM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedRow {
    pub number: u32,
    pub cells: Vec<Option<String>>,
    pub links: [Option<String>; 2],
}

/// A list as a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    pub headers: Vec<String>,
    pub rows: Vec<ListedRow>,
}

/// Returns a list that was read, as a table.
pub fn listed(list: &RawList) -> Listed {
    let row = |row: &coverage287::read::RawRow| ListedRow {
        number: row.row_number,
        cells: list.layout.fields.iter().map(|field| list.cell(row, *field).map(str::to_owned)).collect(),
        links: [Field::Moa, Field::Addendum].map(|field| list.link(row, field).map(str::to_owned)),
    };
    Listed { headers: list.layout.headers.clone(), rows: list.rows.iter().map(row).collect() }
}

/// Returns a short list with what makes lists hard: signs beyond ASCII, `&`, dates, links in two columns, blanks.
pub fn short_list() -> Listed {
    let headers = super::HEADERS.map(str::to_owned).to_vec();
    let link = |name: &str| Some(format!("https://www.ice.gov/doclib/287gMOA/{name}"));
    let row = |number, cells: [&str; 8], links| ListedRow {
        number,
        cells: cells.iter().map(|text| (!text.is_empty()).then(|| (*text).to_owned())).collect(),
        links,
    };
    let rows = vec![
        row(
            2,
            [
                "ALABAMA",
                "Etowah County Sheriff's Office",
                "County",
                "Etowah County",
                "Jail Enforcement Model",
                "2016-06-08",
                "link",
                "",
            ],
            [link("287gJEM_EtowahCoAl2016-06-18.pdf"), None],
        ),
        row(
            3,
            [
                "ARIZONA",
                "Cochise County Sheriff's Office",
                "County",
                "Cochise County",
                "Warrant Service Officer",
                "2020-02-28",
                "link",
                "link",
            ],
            [link("a b&c.pdf"), link("x.pdf")],
        ),
        row(
            4,
            [
                "FLORIDA",
                "Bay County Sheriff's Office",
                "County",
                "Bay County",
                "Task Force Model",
                "2025-02-26",
                "link pending",
                "",
            ],
            [None, None],
        ),
        row(
            5,
            [
                "FLORIDA",
                "Village of Pe\u{f1}asco & Co. Police Department",
                "Municipality",
                "Bay County",
                "Task Force Model",
                "2025-03-01",
                "link",
                "Addendum 5/1/2025",
            ],
            [link("n.pdf"), None],
        ),
        row(
            6,
            [
                "TEXAS",
                "Walker County Sheriff's Office",
                "County",
                "Walker County",
                "Warrant Service Officer",
                "2025-04-30",
                "link",
                "",
            ],
            [link("g.pdf?x=1&y=2"), None],
        ),
    ];
    Listed { headers, rows }
}

/// Returns a text as XML holds it.
pub fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Returns the letter of a column, counted from 0.
pub fn letter(column: usize) -> char {
    char::from(b'A' + column as u8)
}

/// Returns a day as its serial number, where the column holds days.
pub fn serial(header: &str, text: &str) -> Option<String> {
    let day = ExcelDateTime::parse_from_str(text).ok().filter(|_| header == "SIGNED")?;
    Some(day.to_excel().to_string())
}

/// The manner of writing a workbook, in which programs differ.
#[derive(Debug, Clone, Copy)]
pub struct Manner {
    /// The prefix of elements, with its colon.
    pub prefix: &'static str,
    /// Whether texts stand in their cells.
    pub is_inline: bool,
    /// The code of the format of days.
    pub day_format: &'static str,
    /// Blank cells with a format after the last row.
    pub blank_rows_after: u32,
    /// Whether blank cells within rows are written.
    pub has_blank_cells: bool,
    /// Name of the sheet.
    pub sheet: &'static str,
    /// A sheet before that of the list.
    pub sheet_before: Option<&'static str>,
}

/// The manner of the most common kind of spreadsheet program.
pub const PLAIN: Manner = Manner {
    prefix: "",
    is_inline: false,
    day_format: "mm/dd/yyyy",
    blank_rows_after: 0,
    has_blank_cells: false,
    sheet: "Sheet1",
    sheet_before: None,
};

/// Returns the parts of a workbook of one list.
pub fn parts(list: &Listed, manner: &Manner) -> Parts {
    let p = manner.prefix;
    let ns = if p.is_empty() { "xmlns".to_owned() } else { format!("xmlns:{}", p.trim_end_matches(':')) };
    let mut strings: Vec<String> = Vec::new();
    let mut links: Vec<(String, &str)> = Vec::new();
    let mut sheet = format!("{DECLARATION}<{p}worksheet {ns}=\"{MAIN}\" xmlns:r=\"{OFFICE}\"><{p}sheetData>");
    let mut text_cell = |at: &str, text: &str| {
        if manner.is_inline {
            return format!(
                "<{p}c r=\"{at}\" t=\"inlineStr\"><{p}is><{p}t xml:space=\"preserve\">{}</{p}t></{p}is></{p}c>",
                escaped(text)
            );
        }
        let known = strings.iter().position(|known| known == text);
        let number = known.unwrap_or_else(|| {
            strings.push(text.to_owned());
            strings.len() - 1
        });
        format!("<{p}c r=\"{at}\" t=\"s\"><{p}v>{number}</{p}v></{p}c>")
    };
    sheet.push_str(&format!("<{p}row r=\"1\">"));
    for (column, header) in list.headers.iter().enumerate() {
        sheet.push_str(&text_cell(&format!("{}1", letter(column)), header));
    }
    sheet.push_str(&format!("</{p}row>"));
    for row in &list.rows {
        sheet.push_str(&format!("<{p}row r=\"{}\">", row.number));
        for (column, (header, cell)) in list.headers.iter().zip(&row.cells).enumerate() {
            let at = format!("{}{}", letter(column), row.number);
            match cell {
                None if manner.has_blank_cells => sheet.push_str(&format!("<{p}c r=\"{at}\" s=\"0\"/>")),
                None => {}
                Some(text) => match serial(header, text) {
                    Some(serial) => {
                        sheet.push_str(&format!("<{p}c r=\"{at}\" s=\"1\"><{p}v>{serial}</{p}v></{p}c>"))
                    }
                    None => sheet.push_str(&text_cell(&at, text)),
                },
            }
            let link = match header.as_str() {
                "MOA" => row.links[0].as_deref(),
                "ADDENDUM" => row.links[1].as_deref(),
                _ => None,
            };
            links.extend(link.map(|link| (at, link)));
        }
        sheet.push_str(&format!("</{p}row>"));
    }
    let last = list.rows.last().map_or(1, |row| row.number);
    for row in last + 1..=last + manner.blank_rows_after {
        sheet.push_str(&format!(
            "<{p}row r=\"{row}\"><{p}c r=\"A{row}\" s=\"0\"/><{p}c r=\"B{row}\" s=\"0\"/></{p}row>"
        ));
    }
    sheet.push_str(&format!("</{p}sheetData><{p}hyperlinks>"));
    let mut rels = format!("{DECLARATION}<Relationships xmlns=\"{PACKAGE}/relationships\">");
    for (number, (at, target)) in links.iter().enumerate() {
        sheet.push_str(&format!("<{p}hyperlink ref=\"{at}\" r:id=\"rId{}\"/>", number + 1));
        let target = escaped(target);
        rels.push_str(&format!(
            "<Relationship Id=\"rId{}\" Type=\"{OFFICE}/hyperlink\" Target=\"{target}\" TargetMode=\"External\"/>",
            number + 1
        ));
    }
    sheet.push_str(&format!("</{p}hyperlinks></{p}worksheet>"));
    rels.push_str("</Relationships>");
    let texts: String = strings
        .iter()
        .map(|text| format!("<{p}si><{p}t xml:space=\"preserve\">{}</{p}t></{p}si>", escaped(text)))
        .collect();
    let count = strings.len();
    let before = manner
        .sheet_before
        .map_or_else(String::new, |name| format!("<{p}sheet name=\"{name}\" sheetId=\"2\" r:id=\"rId9\"/>"));
    let mut parts = vec![
        (
            CONTENT_TYPES,
            format!(
                "{DECLARATION}<Types xmlns=\"{PACKAGE}/content-types\"><Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/><Default Extension=\"xml\" ContentType=\"application/xml\"/>\
                 <Override PartName=\"/xl/workbook.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml\"/>\
                 <Override PartName=\"/xl/worksheets/sheet1.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml\"/>\
                 <Override PartName=\"/xl/sharedStrings.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml\"/>\
                 <Override PartName=\"/xl/styles.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml\"/></Types>"
            ),
        ),
        (
            ROOT_RELS,
            format!(
                "{DECLARATION}<Relationships xmlns=\"{PACKAGE}/relationships\"><Relationship Id=\"rId1\" Type=\"{OFFICE}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
            ),
        ),
        (
            WORKBOOK,
            format!(
                "{DECLARATION}<{p}workbook {ns}=\"{MAIN}\" xmlns:r=\"{OFFICE}\"><{p}sheets>{before}<{p}sheet name=\"{}\" sheetId=\"1\" r:id=\"rId1\"/></{p}sheets></{p}workbook>",
                manner.sheet
            ),
        ),
        (
            WORKBOOK_RELS,
            format!(
                "{DECLARATION}<Relationships xmlns=\"{PACKAGE}/relationships\">\
                 <Relationship Id=\"rId1\" Type=\"{OFFICE}/worksheet\" Target=\"worksheets/sheet1.xml\"/>\
                 <Relationship Id=\"rId2\" Type=\"{OFFICE}/sharedStrings\" Target=\"sharedStrings.xml\"/>\
                 <Relationship Id=\"rId3\" Type=\"{OFFICE}/styles\" Target=\"styles.xml\"/>{}</Relationships>",
                manner.sheet_before.map_or_else(String::new, |_| format!(
                    "<Relationship Id=\"rId9\" Type=\"{OFFICE}/worksheet\" Target=\"worksheets/sheet2.xml\"/>"
                ))
            ),
        ),
        (SHEET, sheet),
        (SHEET_RELS, rels),
        (
            STRINGS,
            format!(
                "{DECLARATION}<{p}sst {ns}=\"{MAIN}\" count=\"{count}\" uniqueCount=\"{count}\">{texts}</{p}sst>"
            ),
        ),
        (
            STYLES,
            format!(
                "{DECLARATION}<{p}styleSheet {ns}=\"{MAIN}\"><{p}numFmts count=\"1\"><{p}numFmt numFmtId=\"164\" formatCode=\"{}\"/></{p}numFmts>\
                 <{p}fonts count=\"1\"><{p}font/></{p}fonts><{p}fills count=\"1\"><{p}fill><{p}patternFill patternType=\"none\"/></{p}fill></{p}fills><{p}borders count=\"1\"><{p}border/></{p}borders>\
                 <{p}cellStyleXfs count=\"1\"><{p}xf numFmtId=\"0\"/></{p}cellStyleXfs>\
                 <{p}cellXfs count=\"2\"><{p}xf numFmtId=\"0\" fontId=\"0\" fillId=\"0\" borderId=\"0\" xfId=\"0\"/><{p}xf numFmtId=\"164\" fontId=\"0\" fillId=\"0\" borderId=\"0\" xfId=\"0\" applyNumberFormat=\"1\"/></{p}cellXfs>\
                 <{p}cellStyles count=\"1\"><{p}cellStyle name=\"Normal\" xfId=\"0\" builtinId=\"0\"/></{p}cellStyles></{p}styleSheet>",
                escaped(manner.day_format)
            ),
        ),
    ];
    if let Some(name) = manner.sheet_before {
        let summary = format!(
            "{DECLARATION}<{p}worksheet {ns}=\"{MAIN}\"><{p}sheetData><{p}row r=\"2\"><{p}c r=\"B2\" t=\"inlineStr\"><{p}is><{p}t>{name}: this document was exported. Each table was converted to a worksheet.</{p}t></{p}is></{p}c></{p}row>\
             <{p}row r=\"4\"><{p}c r=\"B4\" t=\"inlineStr\"><{p}is><{p}t>Sheet Name</{p}t></{p}is></{p}c><{p}c r=\"C4\" t=\"inlineStr\"><{p}is><{p}t>Table Name</{p}t></{p}is></{p}c></{p}row></{p}sheetData></{p}worksheet>"
        );
        parts.push(("xl/worksheets/sheet2.xml", summary));
    }
    parts.into_iter().map(|(name, content)| (name.to_owned(), content.into_bytes())).collect()
}

/// Makes an OpenDocument spreadsheet of one list, as LibreOffice writes it: cells are repeated, rows go on to the end.
pub fn open_document(list: &Listed) -> Parts {
    let text = |text: &str| escaped(text).replace("  ", " <text:s/>");
    let cell = |header: &str, content: Option<&str>, link: Option<&str>| match content {
        None => "<table:table-cell/>".to_owned(),
        Some(content) if serial(header, content).is_some() => format!(
            "<table:table-cell table:style-name=\"ce1\" office:value-type=\"date\" office:date-value=\"{content}\" calcext:value-type=\"date\"><text:p>shown otherwise</text:p></table:table-cell>"
        ),
        Some(content) if content.starts_with('#') => format!(
            "<table:table-cell table:formula=\"of:={0}\" office:value-type=\"string\" office:string-value=\"\" calcext:value-type=\"error\"><text:p>{0}</text:p></table:table-cell>",
            escaped(content)
        ),
        Some(content) => {
            let lines: String = content
                .split('\n')
                .map(|line| match link {
                    None => format!("<text:p>{}</text:p>", text(line)),
                    Some(link) => format!(
                        "<text:p><text:a xlink:href=\"{}\" xlink:type=\"simple\">{}</text:a></text:p>",
                        escaped(link),
                        text(line)
                    ),
                })
                .collect();
            format!(
                "<table:table-cell office:value-type=\"string\" calcext:value-type=\"string\">{lines}</table:table-cell>"
            )
        }
    };
    let width = list.headers.len();
    let end =
        format!("<table:table-cell table:number-columns-repeated=\"{}\"/></table:table-row>", 16_384 - width);
    let mut rows = String::from("<table:table-header-rows><table:table-row table:style-name=\"ro1\">");
    list.headers.iter().for_each(|header| rows.push_str(&cell("", Some(header), None)));
    rows.push_str(&end);
    rows.push_str("</table:table-header-rows>");
    let mut last = 1;
    for row in &list.rows {
        if row.number > last + 1 {
            rows.push_str(&format!(
                "<table:table-row table:number-rows-repeated=\"{}\"><table:table-cell table:number-columns-repeated=\"16384\"/></table:table-row>",
                row.number - last - 1
            ));
        }
        last = row.number;
        rows.push_str("<table:table-row table:style-name=\"ro1\">");
        for (header, content) in list.headers.iter().zip(&row.cells) {
            let link = match header.as_str() {
                "MOA" => row.links[0].as_deref(),
                "ADDENDUM" => row.links[1].as_deref(),
                _ => None,
            };
            rows.push_str(&cell(header, content.as_deref(), link));
        }
        rows.push_str(&end);
    }
    rows.push_str(&format!(
        "<table:table-row table:number-rows-repeated=\"{}\"><table:table-cell table:number-columns-repeated=\"16384\"/></table:table-row>",
        1_048_576 - last
    ));
    let spaces: String = ["office", "table", "text", "style"]
        .map(|space| format!(" xmlns:{space}=\"urn:oasis:names:tc:opendocument:xmlns:{space}:1.0\""))
        .concat();
    let content = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><office:document-content{spaces} xmlns:xlink=\"http://www.w3.org/1999/xlink\" xmlns:calcext=\"urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0\" office:version=\"1.3\">\
         <office:automatic-styles><style:style style:name=\"ta1\" style:family=\"table\"><style:table-properties table:display=\"true\"/></style:style></office:automatic-styles>\
         <office:body><office:spreadsheet><table:table table:name=\"Sheet1\" table:style-name=\"ta1\"><table:table-column table:number-columns-repeated=\"16384\"/>{rows}</table:table></office:spreadsheet></office:body></office:document-content>"
    );
    vec![
        ("mimetype".to_owned(), b"application/vnd.oasis.opendocument.spreadsheet".to_vec()),
        ("content.xml".to_owned(), content.into_bytes()),
    ]
}

/// Returns a list as CSV, with days as a spreadsheet program shows them.
pub fn csv(list: &Listed, delimiter: char) -> String {
    let quoted = |text: &str| {
        let needs = text.contains([delimiter, '"', '\n', '\r']);
        if needs { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
    };
    let line = |cells: Vec<String>| cells.join(&delimiter.to_string()) + "\r\n";
    let mut text = line(list.headers.iter().map(|header| quoted(header)).collect());
    let mut last = 1;
    for row in &list.rows {
        (last + 1..row.number).for_each(|_| text.push_str(&line(vec![String::new(); list.headers.len()])));
        last = row.number;
        text.push_str(&line(
            row.cells.iter().map(|cell| quoted(cell.as_deref().unwrap_or_default())).collect(),
        ));
    }
    text
}

/// Makes the archive of these parts, compressed as programs do.
pub fn archive(parts: &Parts) -> Vec<u8> {
    archive_with(parts, CompressionMethod::Deflated)
}

/// Makes the archive of these parts.
pub fn archive_with(parts: &Parts, method: CompressionMethod) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(method);
    for (name, content) in parts {
        archive.start_file(name.as_str(), options).unwrap();
        archive.write_all(content).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

/// Returns the entries of an archive.
pub fn entries(bytes: &[u8]) -> Parts {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    (0..archive.len())
        .map(|at| {
            let mut entry = archive.by_index(at).unwrap();
            let mut content = Vec::new();
            entry.read_to_end(&mut content).unwrap();
            (entry.name().unwrap().into_owned(), content)
        })
        .collect()
}

/// Returns the parts with one of them replaced.
pub fn with(parts: &Parts, name: &str, make: impl Fn(&str) -> String) -> Parts {
    let mut parts = parts.clone();
    let part = parts.iter_mut().find(|(part, _)| part == name).unwrap_or_else(|| panic!("no part {name}"));
    let before = std::str::from_utf8(&part.1).unwrap().to_owned();
    let after = make(&before);
    assert_ne!(before, after, "{name} is as it was");
    part.1 = after.into_bytes();
    parts
}
