//! Links that a formula makes: `=HYPERLINK("https://…","link")`.

/// A link that a formula makes of its cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FormulaLink {
    /// A link to a plain address, and the text it shows where that is plain too.
    Known { target: String, shown: Option<String> },
    /// A link whose address depends on other cells of the workbook, or on a calculation.
    Unknown,
}

/// Returns the link that a formula makes; `None` where it makes none.
pub fn link(formula: &str) -> Option<FormulaLink> {
    let formula = formula.trim().trim_start_matches('=').trim_start();
    const NAME: &str = "HYPERLINK";
    if !formula.to_ascii_uppercase().contains(NAME) {
        return None;
    }
    Some(plain_link(formula, NAME.len()).unwrap_or(FormulaLink::Unknown))
}

/// Returns the link of a formula that is one call with plain texts and nothing else.
fn plain_link(formula: &str, name: usize) -> Option<FormulaLink> {
    let is_call = formula.get(..name)?.eq_ignore_ascii_case("HYPERLINK");
    let arguments = is_call.then(|| formula[name..].trim_start().strip_prefix('('))??;
    let (target, rest) = plain_text(arguments)?;
    let rest = rest.trim();
    if rest == ")" {
        return Some(FormulaLink::Known { shown: Some(target.clone()), target });
    }
    let shown = rest.strip_prefix([',', ';'])?;
    // A text that is not plain does not change where the link leads.
    let shown = plain_text(shown).filter(|(_, rest)| rest.trim() == ")").map(|(shown, _)| shown);
    rest.ends_with(')').then_some(FormulaLink::Known { target, shown })
}

/// Reads a text in quotes, or several joined by `&`; also returns the rest.
fn plain_text(formula: &str) -> Option<(String, &str)> {
    let mut text = String::new();
    let mut rest = formula;
    loop {
        rest = rest.trim_start().strip_prefix('"')?;
        loop {
            let end = rest.find('"')?;
            text.push_str(&rest[..end]);
            rest = &rest[end + 1..];
            // A quote within a text is written twice.
            match rest.strip_prefix('"') {
                Some(more) => {
                    text.push('"');
                    rest = more;
                }
                None => break,
            }
        }
        match rest.trim_start().strip_prefix('&') {
            Some(more) => rest = more,
            None => return Some((text, rest)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_links_are_read_and_others_are_said() {
        let link_to = |target: &str, shown: Option<&str>| {
            Some(FormulaLink::Known { target: target.to_owned(), shown: shown.map(str::to_owned) })
        };
        for (formula, expected) in [
            ("HYPERLINK(\"https://a.gov/x.pdf\",\"link\")", link_to("https://a.gov/x.pdf", Some("link"))),
            (
                "=hyperlink( \"https://a.gov/\" & \"x.pdf\" )",
                link_to("https://a.gov/x.pdf", Some("https://a.gov/x.pdf")),
            ),
            ("HYPERLINK(\"https://a.gov/?q=\"\"x\"\"\";\"l\")", link_to("https://a.gov/?q=\"x\"", Some("l"))),
            ("HYPERLINK(\"https://a.gov/\",B2)", link_to("https://a.gov/", None)),
            ("HYPERLINK(A2,\"link\")", Some(FormulaLink::Unknown)),
            ("HYPERLINK(\"https://a.gov/\"&A2,\"link\")", Some(FormulaLink::Unknown)),
            ("IF(A1=1,HYPERLINK(\"https://a.gov/\"),\"\")", Some(FormulaLink::Unknown)),
            ("HYPERLINK(\"open", Some(FormulaLink::Unknown)),
            ("SUM(A1:A9)", None),
        ] {
            assert_eq!(link(formula), expected, "{formula}");
        }
    }
}
