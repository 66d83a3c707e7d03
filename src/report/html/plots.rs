//! Figures over time, as SVG: the growth of the list by model, and coverage under every rule.

use jiff::civil::{Date, date};
use plotters::coord::Shift;
use plotters::prelude::*;

use super::map::us;
use crate::census::Measure;
use crate::tables::Results;
use crate::text::thousands;
use crate::words::{ListKind, ListStatus, Model, ModelGroup, epoch_days, from_epoch_days};

/// Okabe and Ito's colours, which people who see few colours can distinguish.
const ORANGE: RGBColor = RGBColor(213, 94, 0);
const BLUE: RGBColor = RGBColor(0, 114, 178);
const SKY: RGBColor = RGBColor(51, 140, 190);
const GREY: RGBColor = RGBColor(90, 90, 90);
const DARK: RGBColor = RGBColor(27, 27, 75);
const FAINT: RGBColor = RGBColor(225, 225, 225);

/// Returns the colour of a line's name: dark enough to be read on white.
fn ink(colour: RGBColor) -> RGBColor {
    match colour {
        ORANGE => RGBColor(168, 71, 0),
        SKY => RGBColor(31, 111, 159),
        other => other,
    }
}

/// A line: its name, and its value from each day on.
struct PlotLine {
    name: String,
    colour: RGBColor,
    points: Vec<(Date, f64)>,
}

/// A drawing that could not be made: an error of the program.
#[derive(Debug, thiserror::Error)]
#[error("a plot cannot be drawn: {0}")]
pub struct PlotError(String);

fn failed<E: std::fmt::Display>(error: E) -> PlotError {
    PlotError(error.to_string())
}

/// Draws the agreements by model on each list, and the rows of the pending lists.
pub fn growth(results: &Results, title: &str) -> Result<String, PlotError> {
    let names = [("TFM", ORANGE, Model::Tfm), ("WSO", SKY, Model::Wso), ("JEM", DARK, Model::Jem)];
    let mut lines: Vec<PlotLine> = Vec::new();
    for (name, colour, model) in names {
        let count = |list: &crate::panel::List| {
            list.rows.iter().filter(|(_, row)| results.panel.listing(*row).model == Some(model)).count()
        };
        let as_of = results.panel.as_of_lists().into_iter();
        let points = as_of.map(|(_, list)| (list.day(), count(list) as f64)).collect();
        lines.push(PlotLine { name: name.to_owned(), colour, points });
    }
    let pending = results
        .panel
        .lists
        .iter()
        .filter(|list| list.kind == Some(ListKind::Pending) && list.status == ListStatus::Accepted);
    let points: Vec<(Date, f64)> = pending.map(|list| (list.day(), list.rows.len() as f64)).collect();
    if !points.is_empty() {
        lines.push(PlotLine { name: "pending".into(), colour: GREY, points });
    }
    draw((560, 400), title, |area| panel(area, None, &lines, &|value| thousands(value.round() as i64), None))
}

/// Draws the share of the foreign-born residents of the US covered under each rule, by model group.
pub fn rules(results: &Results, title: &str) -> Result<String, PlotError> {
    let cube = &results.cube;
    let us = us(results).unwrap_or_default();
    let days: Vec<Date> = cube.lists.iter().map(|at| results.panel.lists[*at].day()).collect();
    let shown =
        [(ModelGroup::All, "all", DARK), (ModelGroup::Jail, "jail", BLUE), (ModelGroup::Tfm, "TFM", ORANGE)];
    let mut panels: Vec<(String, Vec<PlotLine>)> = Vec::new();
    let mut top: f64 = 0.05;
    for (rule, spec) in results.specs.rules.rules.iter().enumerate() {
        let mut lines = Vec::new();
        for (group, name, colour) in shown {
            let Some(at) = cube.groups.iter().position(|known| *known == group) else { continue };
            if !cube.is_about(rule, at) {
                continue;
            }
            let share = |list: usize| {
                let covered = &cube.covered[cube.cell(list, rule, at, us).covered];
                let total = &cube.totals[covered.vintage][us].people[Measure::ForeignBorn];
                let part = covered.people[Measure::ForeignBorn].value()?;
                Some(crate::census::share(part, total.value()?))
            };
            let points: Vec<(Date, f64)> =
                days.iter().enumerate().filter_map(|(list, day)| Some((*day, share(list)?))).collect();
            top = points.iter().fold(top, |top, (_, share)| top.max(*share));
            lines.push(PlotLine { name: name.to_owned(), colour, points });
        }
        let mark = if spec.upper_bound { " (upper bound)" } else { "" };
        panels.push((format!("{}{mark}", spec.name), lines));
    }
    let rows = panels.len().div_ceil(2).max(1);
    draw((560, 40 + 190 * rows as u32), title, |area| {
        let cells = area.split_evenly((rows, 2));
        for (cell, (name, lines)) in cells.iter().zip(&panels) {
            panel(cell, Some(name), lines, &|value| format!("{:.0} %", value * 100.0), Some(top))?;
        }
        Ok(())
    })
}

/// Makes a drawing with a title, as SVG.
fn draw(
    size: (u32, u32),
    title: &str,
    paint: impl Fn(&DrawingArea<SVGBackend, Shift>) -> Result<(), PlotError>,
) -> Result<String, PlotError> {
    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, size).into_drawing_area();
        area.fill(&WHITE).map_err(failed)?;
        let area = area.titled(title, ("sans-serif", 17)).map_err(failed)?;
        paint(&area)?;
        area.present().map_err(failed)?;
    }
    let name = askama::filters::escape(title, askama::filters::Html).map_err(failed)?.to_string();
    Ok(svg.replacen("<svg ", &format!("<svg role=\"img\" aria-label=\"{name}\" "), 1))
}

/// Returns days since 1970 as years: 2025.5 is the middle of 2025.
fn years(days: i32) -> f64 {
    let day = from_epoch_days(days).unwrap_or_default();
    f64::from(day.year()) + f64::from(day.day_of_year() - 1) / f64::from(day.days_in_year())
}

/// Draws one chart: steps from list to list, each line named at its end.
fn panel(
    area: &DrawingArea<SVGBackend, Shift>,
    name: Option<&str>,
    lines: &[PlotLine],
    shown: &dyn Fn(f64) -> String,
    top: Option<f64>,
) -> Result<(), PlotError> {
    let margin = 86;
    let days = || lines.iter().flat_map(|line| line.points.iter().map(|(day, _)| epoch_days(*day)));
    let (Some(first), Some(last)) = (days().min(), days().max()) else { return Ok(()) };
    let (first, last) = (years(first), years(last.max(first + 1)));
    let values = lines.iter().flat_map(|line| line.points.iter().map(|(_, value)| *value));
    let top = top.unwrap_or_else(|| values.fold(1.0, f64::max)) * 1.05;
    let mut builder = ChartBuilder::on(area);
    builder.margin(6).margin_right(margin).x_label_area_size(26).y_label_area_size(48);
    if let Some(name) = name {
        builder.caption(name, ("sans-serif", 15));
    }
    let mut chart = builder.build_cartesian_2d(first..last, 0.0..top).map_err(failed)?;
    chart
        .configure_mesh()
        .disable_x_mesh()
        .light_line_style(WHITE)
        .bold_line_style(FAINT)
        .axis_style(GREY)
        .x_labels(if name.is_some() { 3 } else { 6 })
        .y_labels(5)
        .x_label_formatter(&|year| format!("{year:.0}"))
        .y_label_formatter(&|value| shown(*value))
        .label_style(("sans-serif", 14))
        .draw()
        .map_err(failed)?;
    let mut ends: Vec<(f64, f64, &PlotLine)> = Vec::new();
    for line in lines {
        let mut steps: Vec<(f64, f64)> = Vec::new();
        for (day, value) in &line.points {
            let day = years(epoch_days(*day));
            match steps.last().copied() {
                Some((_, before)) if before == *value => continue,
                Some((_, before)) => steps.extend([(day, before), (day, *value)]),
                None => steps.push((day, *value)),
            }
        }
        if let Some((_, value)) = steps.last().copied() {
            // A line ends with its last list: later values are not known.
            let end = line.points.last().map_or(last, |(day, _)| years(epoch_days(*day)));
            steps.push((end, value));
            ends.push((end, value, line));
        }
        if steps.len() <= 2 {
            let points = steps.iter().take(1).map(|at| Circle::new(*at, 3, line.colour.filled()));
            chart.draw_series(points).map_err(failed)?;
        }
        chart.draw_series(LineSeries::new(steps, line.colour.stroke_width(2))).map_err(failed)?;
    }
    // The names at the ends of the lines must not overlap.
    ends.sort_by(|a, b| b.1.total_cmp(&a.1));
    let mut lowest = i32::MIN;
    for (end, value, line) in ends {
        let (x, y) = chart.backend_coord(&(end, value));
        let y = y.max(lowest + 15);
        lowest = y;
        let (left, above) = area.get_base_pixel();
        let style = ("sans-serif", 14).into_font().color(&ink(line.colour));
        let text = format!("{} {}", line.name, shown(value));
        area.draw(&Text::new(text, (x + 5 - left, y - 7 - above), style)).map_err(failed)?;
    }
    Ok(())
}

/// Returns the day of the first list.
pub fn first_day(results: &Results) -> Date {
    results.panel.as_of_lists().first().map_or(date(2021, 1, 1), |(_, list)| list.day())
}
