//! Reads the list as a table of the page, as ICE published it until February 2025, and writes it in the tidy form of a
//! list, row by row as printed.

use html5gum::StartTag;
use url::Url;

use super::listener::{Listener, add_words, attribute};
use crate::read::as_headers;
use crate::spec::{Layout, Layouts};

/// Most rows of a table, columns of a row and bytes of a cell that are kept; a list's own bounds apply when it is read.
const ROWS: usize = 50_000;
const COLUMNS: usize = 64;
const CELL: usize = 20_000;

/// A list that is a table of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageTable {
    layout: Layout,
    /// Headers as printed.
    headers: Vec<String>,
    rows: Vec<Vec<PageCell>>,
}

/// A cell: its text, and the target of the link in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct PageCell {
    text: String,
    link: String,
}

impl PageTable {
    /// Rows of the list.
    pub fn row_count(&self) -> usize {
        self.rows.len()
    }

    /// Writes the list in the tidy form: a ROW column (the header is row 1), the page's own columns, and the targets of
    /// the links in each linked column.
    pub fn tidy(&self) -> Vec<u8> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        let linked: Vec<usize> = (0..self.headers.len())
            .filter(|at| self.layout.fields.get(*at).is_some_and(|f| f.is_linked()))
            .collect();
        let link_headers = linked.iter().map(|at| format!("{} LINK", self.layout.headers[*at]));
        let header =
            std::iter::once("ROW".to_owned()).chain(self.headers.iter().cloned()).chain(link_headers);
        let mut write =
            |record: Vec<String>| writer.write_record(record).expect("records of one length are CSV");
        write(header.collect());
        for (row, number) in self.rows.iter().zip(2_usize..) {
            let cell = |at: usize| row.get(at).cloned().unwrap_or_default();
            let texts = (0..self.headers.len()).map(|at| cell(at).text);
            let links = linked.iter().map(|at| cell(*at).link);
            write(std::iter::once(number.to_string()).chain(texts).chain(links).collect());
        }
        writer.into_inner().unwrap_or_default()
    }
}

/// Looks for the table whose header is that of a list.
pub struct TableReader<'a> {
    layouts: &'a Layouts,
    base: Url,
    /// The current table: its header, once that is known to be a list's, and its rows.
    layout: Option<(Layout, Vec<String>)>,
    rows: Vec<Vec<PageCell>>,
    row: Option<Vec<PageCell>>,
    in_cell: bool,
    found: Option<PageTable>,
}

impl<'a> TableReader<'a> {
    pub fn new(layouts: &'a Layouts, address: &Url) -> Self {
        Self {
            layouts,
            base: address.clone(),
            layout: None,
            rows: Vec::new(),
            row: None,
            in_cell: false,
            found: None,
        }
    }

    fn end_row(&mut self) {
        self.in_cell = false;
        let Some(mut row) = self.row.take() else { return };
        row.iter_mut().for_each(|cell| cell.text.truncate(cell.text.trim_end().len()));
        match &self.layout {
            None => {
                let printed: Vec<String> = row.into_iter().map(|cell| cell.text).collect();
                self.layout =
                    self.layouts.find(&as_headers(&printed)).cloned().map(|layout| (layout, printed));
            }
            Some(_) if self.rows.len() < ROWS => {
                if row.iter().any(|cell| !cell.text.is_empty() || !cell.link.is_empty()) {
                    self.rows.push(row);
                }
            }
            Some(_) => {}
        }
    }

    fn end_table(&mut self) {
        self.end_row();
        let rows = std::mem::take(&mut self.rows);
        if let Some((layout, headers)) = self.layout.take().filter(|_| !rows.is_empty())
            // The longer of two tables is the list.
            && self.found.as_ref().is_none_or(|found| found.rows.len() < rows.len())
        {
            self.found = Some(PageTable { layout, headers, rows });
        }
    }

    /// Returns the list's table, if there was one.
    pub fn finish(mut self) -> Option<PageTable> {
        self.end_table();
        self.found
    }

    /// The target of a link, without the address of the archive it was saved from.
    fn target(&self, href: &str) -> String {
        let Ok(target) = self.base.join(href.trim()) else { return href.trim().to_owned() };
        let path = target.path();
        let archived = path.strip_prefix("/web/").and_then(|rest| rest.split_once('/'));
        let is_time = |time: &str| time.len() >= 14 && time.as_bytes()[..14].iter().all(u8::is_ascii_digit);
        match archived {
            Some((time, original)) if is_time(time) && original.starts_with("http") => original.to_owned(),
            _ => target.to_string(),
        }
    }
}

impl Listener for TableReader<'_> {
    fn start(&mut self, tag: &StartTag<()>, _: bool) {
        match &**tag.name {
            b"table" => self.end_table(),
            b"tr" => {
                self.end_row();
                self.row = Some(Vec::new());
            }
            b"td" | b"th" => {
                let row = self.row.get_or_insert_default();
                if row.len() < COLUMNS {
                    row.push(PageCell::default());
                    self.in_cell = true;
                } else {
                    self.in_cell = false;
                }
            }
            b"a" if self.in_cell && tag.attributes.contains_key(b"href".as_slice()) => {
                let target = self.target(&attribute(tag, b"href"));
                if let Some(cell) =
                    self.row.as_mut().and_then(|row| row.last_mut()).filter(|c| c.link.is_empty())
                {
                    cell.link = target;
                }
            }
            b"br" => {
                if let Some(cell) = self.row.as_mut().and_then(|row| row.last_mut()).filter(|_| self.in_cell)
                {
                    super::listener::add_space(&mut cell.text);
                }
            }
            _ => {}
        }
    }

    fn end(&mut self, name: &[u8], _: bool) {
        match name {
            b"td" | b"th" => self.in_cell = false,
            b"tr" => self.end_row(),
            b"table" => self.end_table(),
            _ => {}
        }
    }

    fn text(&mut self, text: &str) {
        if let Some(cell) = self.row.as_mut().and_then(|row| row.last_mut()).filter(|_| self.in_cell) {
            add_words(&mut cell.text, text, CELL);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::read_page;
    use crate::spec::{FetchSpec, SpecFiles, Specs};

    fn tidy(html: &str) -> Option<String> {
        let files = SpecFiles::default();
        let (spec, layouts) = (FetchSpec::load(&files).unwrap().page, Specs::load(&files).unwrap().layouts);
        let page = read_page(html, &Url::parse("https://www.ice.gov/287g").unwrap(), &spec, &layouts);
        page.table.map(|table| String::from_utf8(table.tidy()).unwrap())
    }

    #[test]
    fn a_table_with_a_lists_header_is_a_list() {
        let header = "<tr><th scope=col>STATE</th><th>Law Enforcement<br>Agency</th><th>SUPPORT TYPE</th><th>SIGNED</th>\
                      <th>MOA</th></tr>";
        let row = "<tr><td>ALABAMA</td><td>Etowah County\n  Sheriff&#39;s Office</td><td>Jail Enforcement Model</td>\
                   <td>2016-06-08</td><td><a href=\"/web/20210113002027/https://www.ice.gov/doclib/a b.pdf\" title=\"x\">link</a></td></tr>";
        let html = format!(
            "<table><tr><td>menu</td></tr></table><table>{header}{row}<tr></tr><tr><td>TEXAS<td>X, \"Y\"<td>WSO</table>"
        );
        assert_eq!(
            tidy(&html).unwrap(),
            "ROW,STATE,Law Enforcement Agency,SUPPORT TYPE,SIGNED,MOA,MOA LINK\n\
             2,ALABAMA,Etowah County Sheriff's Office,Jail Enforcement Model,2016-06-08,link,https://www.ice.gov/doclib/a%20b.pdf\n\
             3,TEXAS,\"X, \"\"Y\"\"\",WSO,,,\n"
        );
        for html in [
            "<table><tr><th>STATE</th><th>COUNTY</th></tr><tr><td>x</td><td>y</td></tr></table>".to_owned(),
            format!("<table>{header}</table>"),
            format!("<!-- <table>{header}{row}</table> -->"),
            format!("<template><table>{header}{row}</table></template>"),
        ] {
            assert_eq!(tidy(&html), None, "{html}");
        }
    }
}
