//! Keys and references of the public tables, by their TOML.

use polars::prelude::*;

use crate::frames::{FrameError, Frames};
use crate::spec::{ForeignKey, TableSpec, Tables};
use crate::watch::Seen;

/// Rows whose key is null or not unique, as text; of every table.
pub fn all_duplicate_keys(
    tables: &Tables,
    frames: &Frames,
    seen: &[(String, Seen)],
) -> Result<Vec<String>, FrameError> {
    let mut found = Vec::new();
    for table in tables.iter() {
        match seen.iter().find(|(name, _)| *name == table.name) {
            Some((name, seen)) if seen.out_of_order > 0 => {
                found.push(format!("{name}: {} rows", seen.out_of_order));
            }
            Some(_) => {}
            None => found.extend(duplicate_keys(table, frames.get(&table.name)?)?),
        }
    }
    Ok(found)
}

/// "table: n rows", if `n` rows share or lack a key.
pub fn duplicate_keys(table: &TableSpec, frame: &DataFrame) -> Result<Option<String>, FrameError> {
    let keys: Vec<Expr> = table.key.iter().map(|name| col(name.as_str())).collect();
    let distinct =
        frame.clone().lazy().group_by(keys).agg([len().alias("rows")]).select([len()]).collect()?;
    let distinct = distinct.columns()[0].u32()?.get(0).unwrap_or(0) as usize;
    let mut wrong = frame.height() - distinct;
    for name in &table.key {
        wrong += frame.column(name)?.null_count();
    }
    Ok((wrong > 0).then(|| format!("{}: {wrong} rows", table.name)))
}

/// Foreign keys without their row, as text; of every table.
pub fn all_unresolved(
    tables: &Tables,
    frames: &Frames,
    seen: &[(String, Seen)],
) -> Result<Vec<String>, FrameError> {
    let mut found = Vec::new();
    for table in tables.iter() {
        if let Some((_, seen)) = seen.iter().find(|(name, _)| *name == table.name) {
            found.extend(seen.unresolved.iter().cloned());
            continue;
        }
        for fk in &table.foreign_keys {
            found.extend(unresolved(table, fk, frames.get(&table.name)?, frames.get(&fk.table)?)?);
        }
    }
    Ok(found)
}

/// "table.columns: n rows, first …", if `n` rows point to a row of `target` that is not there.
pub fn unresolved(
    table: &TableSpec,
    fk: &ForeignKey,
    frame: &DataFrame,
    target: &DataFrame,
) -> Result<Option<String>, FrameError> {
    let columns: Vec<Expr> = fk.columns.iter().map(|name| col(name.as_str())).collect();
    let references: Vec<Expr> = fk.references.iter().map(|name| col(name.as_str())).collect();
    let mut pointing = frame.clone().lazy().select(columns.clone());
    for column in &columns {
        pointing = pointing.filter(column.clone().is_not_null());
    }
    let lost = pointing
        .join(
            target.clone().lazy().select(references.clone()),
            columns,
            references,
            JoinArgs::new(JoinType::Anti),
        )
        .collect()?;
    if lost.height() == 0 {
        return Ok(None);
    }
    let first: Vec<_> =
        lost.columns().iter().map(|c| c.get(0).map_or_else(|_| String::new(), |v| v.to_string())).collect();
    let (name, columns) = (&table.name, fk.columns.join("+"));
    Ok(Some(format!("{name}.{columns}: {} rows, first {}", lost.height(), first.join(" "))))
}
