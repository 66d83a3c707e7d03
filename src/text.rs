//! Numbers and tables as text for a terminal.

use std::fmt::Write;

/// `46108901` as `46,108,901`.
pub fn thousands(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut out = String::new();
    if number < 0 {
        out.push('-');
    }
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A count with its noun: `1 file`, `2 files`.
pub fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// Adds a line to a text.
pub fn say(out: &mut String, line: std::fmt::Arguments) {
    writeln!(out, "{line}").expect("writing to a string does not fail");
}

/// A margin of error after its estimate: ` ± 1,204`; nothing where it is not known.
pub fn plus_minus(moe: Option<f64>) -> String {
    moe.map_or_else(String::new, |moe| format!(" ± {}", thousands(moe.round() as i64)))
}

/// A share as a percentage with one decimal.
pub fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

/// Columns lined up; the first `left` of them to the left, the others to the right.
pub struct TextTable {
    left: usize,
    ends_in_words: bool,
    rows: Vec<Vec<String>>,
}

impl TextTable {
    pub fn new(left: usize, header: &[&str]) -> Self {
        Self { left, ends_in_words: false, rows: vec![header.iter().map(|h| (*h).to_owned()).collect()] }
    }

    /// Aligns the last column to the left as well, so that names line up where they begin.
    pub fn ending_in_words(self) -> Self {
        Self { ends_in_words: true, ..self }
    }

    pub fn row(&mut self, cells: Vec<String>) {
        self.rows.push(cells);
    }

    /// The lines, each after `indent` spaces, without spaces at the end.
    pub fn render(&self, indent: usize) -> String {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let width = |at: usize| self.rows.iter().filter_map(|r| r.get(at)).map(|c| c.chars().count()).max();
        let widths: Vec<usize> = (0..columns).map(|at| width(at).unwrap_or(0)).collect();
        let mut out = String::new();
        for row in &self.rows {
            let mut line = " ".repeat(indent);
            for (at, cell) in row.iter().enumerate() {
                let width = widths[at];
                let gap = if at == 0 { "" } else { "  " };
                let is_left = at < self.left || (self.ends_in_words && at + 1 == columns);
                let cell = if is_left { format!("{cell:<width$}") } else { format!("{cell:>width$}") };
                write!(line, "{gap}{cell}").expect("writing to a string does not fail");
            }
            out.push_str(line.trim_end());
            out.push('\n');
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped() {
        for (number, text) in
            [(0, "0"), (999, "999"), (1_000, "1,000"), (46_108_901, "46,108,901"), (-12_345, "-12,345")]
        {
            assert_eq!(thousands(number), text);
        }
    }

    #[test]
    fn columns_line_up() {
        let mut table = TextTable::new(1, &["rule", "people"]);
        table.row(vec!["sheriff".into(), "1,000".into()]);
        assert_eq!(table.render(1), " rule     people\n sheriff   1,000\n");
    }
}
