//! `dictionary.md`: the meaning of every table and column, from the tables' TOML.

use super::package::WrittenTable;
use crate::spec::{ColumnType, Rules, TableSpec, Tables, Warnings};
use crate::text::{say, thousands};

/// The data dictionary as Markdown. That of a release, whose tables are `written`, begins with the columns that have no
/// value in it.
pub fn dictionary(tables: &Tables, rules: &Rules, warnings: &Warnings, written: &[WrittenTable]) -> String {
    let mut out = String::from(
        "# Data dictionary\n\nOne Parquet file a table. Types: text is UTF-8, integer and number are 64-bit, \
         date counts days. Rows are sorted by key. Any date D of a table with stretches: \
         `from_date <= D and coalesce(until_date, D) >= D`.\n\n",
    );
    without_value(&mut out, tables, written);
    out.push_str("## Coverage rules\n\n");
    for rule in &rules.rules {
        let mark = if rule.upper_bound { " **Upper bound.**" } else { "" };
        say(&mut out, format_args!("- `{}`: {}.{mark}", rule.name, rule.text));
    }
    out.push_str("\n## Tables\n");
    for table in tables.iter() {
        section(&mut out, table, warnings);
    }
    out
}

/// Lists the tables without rows and the columns that are null in every row.
fn without_value(out: &mut String, tables: &Tables, written: &[WrittenTable]) {
    if written.is_empty() {
        return;
    }
    out.push_str("## Without a value in this release\n\n");
    let before = out.len();
    for table in written {
        if table.rows == 0 {
            say(out, format_args!("- table `{}`: has no rows", table.table));
        }
        for name in &table.empty_columns {
            let columns = tables.find(&table.table).into_iter().flat_map(|spec| &spec.columns);
            let text = columns.filter(|column| column.name == *name).map(|column| &*column.text).next();
            let (table, rows, text) = (&table.table, thousands(table.rows as i64), text.unwrap_or_default());
            say(out, format_args!("- `{table}.{name}`: null in all {rows} rows. The column is: {text}"));
        }
    }
    if out.len() == before {
        out.push_str("Every table has rows, and every column a value in at least one of them.\n");
    }
    out.push('\n');
}

fn section(out: &mut String, table: &TableSpec, warnings: &Warnings) {
    say(
        out,
        format_args!("\n### {}\n\n{}\n\nKey: `{}`", table.name, table.description, table.key.join("`, `")),
    );
    for fk in &table.foreign_keys {
        let (columns, references) = (fk.columns.join("`, `"), fk.references.join("`, `"));
        say(out, format_args!("\n`{columns}` refers to `{}.{references}`", fk.table));
    }
    say(out, format_args!("\n| column | type | null | what it says |\n|---|---|---|---|"));
    for column in &table.columns {
        let null = if column.null { "yes" } else { "no" };
        let values = match &column.values {
            Some(values) => format!(". One of: `{}`", values.join("`, `")),
            None => String::new(),
        };
        let (name, kind, text) = (&column.name, type_name(column.kind), &column.text);
        say(out, format_args!("| {name} | {kind} | {null} | {text}{values} |"));
    }
    if !table.warnings.is_empty() {
        say(out, format_args!("\nBefore using it:\n"));
        for name in &table.warnings {
            let text = warnings.warnings.get(name).map_or("", String::as_str);
            say(out, format_args!("- *{name}*: {text}"));
        }
    }
}

/// A column type as documents spell it.
pub fn type_name(kind: ColumnType) -> &'static str {
    match kind {
        ColumnType::Text => "text",
        ColumnType::Integer => "integer",
        ColumnType::Number => "number",
        ColumnType::Boolean => "boolean",
        ColumnType::Date => "date",
    }
}
