//! `coverage287 releases`, `prune` and `rollback`: commands on releases that exist.

use serde_json::json;

use super::json as as_json;
use crate::check::{CheckError, Outcome, RELEASE_IS_WHOLE};
use crate::cli::{Format, PlaceArgs};
use crate::error::Error;
use crate::publish::{ListedRelease, PublishPermit, ReleasePlace, Waiting};
use crate::settings::Watched;
use crate::text::{TextTable, say};

/// Lists the releases, the one made last at the end.
pub fn releases(args: &PlaceArgs, format: Format) -> Result<String, Error> {
    let releases = ReleasePlace::new(&args.out)?.releases()?;
    if format == Format::Json {
        let line =
            |r: &ListedRelease| json!({ "release_id": r.id, "made": r.started, "is_current": r.is_current });
        return Ok(as_json(&releases.iter().map(line).collect::<Vec<_>>()));
    }
    let mut table = TextTable::new(2, &["release", "made", ""]).ending_in_words();
    for release in &releases {
        let mark = if release.is_current { "current" } else { "" };
        table.row(vec![release.id.clone(), release.started.clone(), mark.to_owned()]);
    }
    Ok(table.render(0))
}

/// Removes all but `keep` releases.
pub fn prune(args: &PlaceArgs, keep: usize, format: Format) -> Result<String, Error> {
    let place = ReleasePlace::new(&args.out)?;
    let _permit = hold(&place, args)?;
    let removed = place.prune(keep)?;
    if format == Format::Json {
        return Ok(as_json(&json!({ "removed": removed })));
    }
    let mut text = String::new();
    removed.iter().for_each(|id| say(&mut text, format_args!("removed {id}")));
    let kept = place.releases()?.len();
    say(&mut text, format_args!("{} removed, {kept} kept", removed.len()));
    Ok(text)
}

/// Makes an earlier release current again.
///
/// # Errors
/// [`CheckError::Blocked`] where the earlier release is not whole: then the current one stays.
pub fn rollback(args: &PlaceArgs, id: Option<&str>, format: Format) -> Result<String, Error> {
    let place = ReleasePlace::new(&args.out)?;
    let permit = hold(&place, args)?;
    let releases = place.releases()?;
    let position = |is: &dyn Fn(&ListedRelease) -> bool| releases.iter().position(is);
    let target = match id {
        Some(id) => position(&|release| release.id == id),
        None => position(&|release| release.is_current).and_then(|at| at.checked_sub(1)),
    };
    let Some(target) = target.map(|at| &releases[at]) else {
        let there: Vec<&str> = releases.iter().map(|release| release.id.as_str()).collect();
        let wanted = id
            .map_or_else(|| "no release before the current one".to_owned(), |id| format!("no release {id}"));
        return Err(Error::Usage(format!("{wanted}; there are {}", there.join(", "))));
    };
    let damage = place.open(&target.id)?.damage()?;
    if !damage.is_empty() {
        return Err(CheckError::Blocked(vec![Outcome {
            name: RELEASE_IS_WHOLE.into(),
            text: format!("release {} is as it was written", target.id),
            blocking: true,
            passed: false,
            expected: "as it was written".into(),
            actual: damage.join("; "),
            accepted: None,
            repeated: false,
        }])
        .into());
    }
    place.point_at(&permit, &target.id)?;
    Ok(match format {
        Format::Json => as_json(&json!({ "current": target.id })),
        _ => format!(
            "release {} is current; the next run publishes what its own input and program give\n",
            target.id
        ),
    })
}

fn hold(place: &ReleasePlace, args: &PlaceArgs) -> Result<PublishPermit, Error> {
    place.check()?;
    let watched = Watched::new(&crate::cli::WatchedArgs { wait: args.wait, ..Default::default() }, None)?;
    let waiting = Waiting { holder: &watched.holder(), wait: watched.wait, stop: &watched.stop };
    let permit = place.hold(&waiting);
    watched.stop.check("waiting for the lock")?;
    Ok(permit?)
}
