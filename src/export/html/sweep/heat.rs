//! The heat map over two varied values: a cell for each combination, coloured by its final RMSE.

use serde::Serialize;

use crate::export::digits::magnitude;
use crate::export::html::markup::Markup;
use crate::export::html::numbers::{brief, scientific};
use crate::export::html::svg::{Anchor, Svg};
use crate::trace::sweep::{Grid, Sweep};
use crate::value::{Value, number_text};

/// A heat map with what stands around it.
#[derive(Debug, Serialize)]
pub struct Map {
    anchor: String,
    title: String,
    wide: Markup,
    narrow: Markup,
    steps: Vec<Step>,
    has_diverged: bool,
    caption: String,
}

/// A colour of the legend.
#[derive(Debug, Serialize)]
struct Step {
    class: String,
    /// The RMSEs that it stands for.
    text: String,
}

/// How many colours there are; the style sheet has them.
const COLOURS: usize = 8;

/// A wider span than this gets colours by equal factors.
const WIDE_SPAN: f64 = 30.0;

/// The colours of a sweep, the same for all of its maps.
struct Colours {
    lowest: f64,
    highest: f64,
    logarithmic: bool,
}

impl Colours {
    fn of(sweep: &Sweep) -> Self {
        let (lowest, highest) = sweep.extremes().unwrap_or((0.0, 1.0));
        let logarithmic = lowest > 0.0 && highest / lowest > WIDE_SPAN;
        Colours { lowest, highest, logarithmic }
    }

    /// The colour of an RMSE; what is beyond the scale has the last one.
    fn index(&self, rmse: f64) -> usize {
        let edges = (1..COLOURS).map(|step| self.edge(step));
        edges.take_while(|edge| rmse > *edge).count()
    }

    /// Where a colour begins.
    fn edge(&self, step: usize) -> f64 {
        let share = step as f64 / COLOURS as f64;
        if self.logarithmic {
            let (low, high) = (pxfm::f_log(self.lowest), pxfm::f_log(self.highest));
            return pxfm::f_exp(low + (high - low) * share);
        }
        self.lowest + (self.highest - self.lowest) * share
    }

    fn steps(&self, has_more: bool) -> Vec<Step> {
        let above = if has_more { " and above" } else { "" };
        let text = |step: usize| match step {
            0 => format!("{} to {}", short(self.lowest), short(self.edge(1))),
            step if step == COLOURS - 1 => format!("to {}{above}", short(self.highest)),
            step => format!("to {}", short(self.edge(step + 1))),
        };
        let all = 0..if self.highest > self.lowest { COLOURS } else { 1 };
        all.map(|step| Step { class: format!("heat-{step}"), text: text(step) }).collect()
    }
}

/// A number with three digits.
fn short(number: f64) -> String {
    let exponent = magnitude(number);
    if number != 0.0 && !(-3..5).contains(&exponent) {
        return scientific(number, 0);
    }
    format!("{number:.*}", (2 - exponent).max(0) as usize)
}

/// The map of a grid.
pub fn map(sweep: &Sweep, grid: &Grid) -> Map {
    let colours = Colours::of(sweep);
    let (name, axes) = (&sweep.setting.blocks[grid.block].name, &sweep.setting.axes);
    let (columns, rows) = (&axes[grid.columns].name, &axes[grid.rows].name);
    let runs = || grid.cells.iter().flatten().map(|index| &sweep.runs[*index]);
    let drawing = |grid| Drawing { sweep, grid, colours: &colours };
    // On a phone many values have room below each other only.
    let turned = grid.turned();
    let is_wide = grid.cells[0].len() > MOST_ON_PHONE && grid.cells.len() < grid.cells[0].len();
    let upright = if is_wide { &turned } else { grid };
    let others = grid.others.iter().map(|(axis, place)| {
        let value = sweep.setting.blocks[grid.block].values[*axis][*place];
        format!("{} {}", axes[*axis].name, number_text(value))
    });
    let others: Vec<String> = others.collect();
    let best = sweep.best_of(grid.block).map(|best| &sweep.runs[best]);
    let mut caption = match best {
        Some(best) => format!(
            "The final RMSE of each run; the frame marks the best of {name}: {} with {}.",
            brief(best.rmse),
            sweep.values_of(best)
        ),
        None => format!("Every run of {name} diverged."),
    };
    if !others.is_empty() {
        caption += &format!(" All runs here have the best {}.", others.join(" and "));
    }
    if colours.logarithmic {
        caption += " The colours change by equal factors.";
    }
    Map {
        anchor: format!("map-{}", grid.block),
        title: format!("{name}: {columns} against {rows}"),
        wide: drawing(grid).draw("wide", 760.0, 46.0),
        narrow: drawing(upright).draw("narrow", 360.0, 44.0),
        steps: colours.steps(runs().any(|run| sweep.moved_away(run))),
        has_diverged: runs().any(|run| run.diverged_at.is_some()),
        caption,
    }
}

struct Drawing<'a> {
    sweep: &'a Sweep,
    grid: &'a Grid,
    colours: &'a Colours,
}

/// Where the cells are.
struct Place {
    left: f64,
    top: f64,
    width: f64,
    height: f64,
}

/// How wide a letter is, about.
const LETTER: f64 = 7.2;
/// A cell that is not as wide has no text.
const LEAST_WIDTH: f64 = 36.0;
const WIDEST: f64 = 96.0;
/// How many columns a phone has room for.
const MOST_ON_PHONE: usize = 6;

impl Drawing<'_> {
    fn heads(&self, axis: usize) -> Vec<String> {
        let values = &self.sweep.setting.blocks[self.grid.block].values[axis];
        values.iter().map(|value| super::axis_text(*value)).collect()
    }

    fn draw(&self, suffix: &str, width: f64, top: f64) -> Markup {
        let (columns, rows) = (self.heads(self.grid.columns), self.heads(self.grid.rows));
        let axes = &self.sweep.setting.axes;
        let (x_title, y_title) = (&axes[self.grid.columns].name, &axes[self.grid.rows].name);
        let longest = |texts: &[String]| {
            texts.iter().map(|text| text.chars().count()).max().unwrap_or(0) as f64 * LETTER
        };
        let left = longest(&rows).max((y_title.chars().count() + 2) as f64 * LETTER) + 16.0;
        let cell = ((width - left - 4.0) / columns.len() as f64).min(WIDEST);
        let height = if cell < LEAST_WIDTH { cell.max(10.0) } else { 30.0 };
        let place = Place { left, top, width: cell, height };
        let id = format!("map-{}-{suffix}", self.grid.block);
        let size = (width, top + height * rows.len() as f64 + 4.0);
        let name = &self.sweep.setting.blocks[self.grid.block].name;
        let title = format!("Final RMSE of {name} over {x_title} and {y_title}");
        let mut svg = Svg::picture(&id, size, &title, &self.sweep.finding());
        let hatch = format!("{id}-hatch");
        svg.hatch(&hatch);
        svg.text("title", (left, 14.0), Anchor::Start, &format!("{x_title} →"));
        svg.text("title", (left - 10.0, top - 8.0), Anchor::End, &format!("{y_title} ↓"));
        let every = ((longest(&columns) + 8.0) / cell).ceil().max(1.0) as usize;
        for (at, head) in columns.iter().enumerate().step_by(every) {
            let x = place.left + (at as f64 + 0.5) * cell;
            svg.text("tick", (x, top - 8.0), Anchor::Middle, head);
        }
        let every = (14.0 / height).ceil().max(1.0) as usize;
        for (at, head) in rows.iter().enumerate().step_by(every) {
            let y = place.top + (at as f64 + 0.5) * height + 4.5;
            svg.text("tick", (left - 10.0, y), Anchor::End, head);
        }
        self.draw_cells(&mut svg, &place, &hatch);
        svg.finish()
    }

    fn draw_cells(&self, svg: &mut Svg, place: &Place, hatch: &str) {
        let best = self.sweep.best_of(self.grid.block);
        let mut frame = None;
        for (row, runs) in self.grid.cells.iter().enumerate() {
            for (column, &index) in runs.iter().enumerate() {
                let x = place.left + column as f64 * place.width;
                let corner = (x, place.top + row as f64 * place.height);
                self.draw_cell(svg, index, corner, place, hatch);
                if best == Some(index) {
                    frame = Some(corner);
                }
            }
        }
        let Some(corner) = frame else { return };
        for class in ["frame outer", "frame"] {
            svg.frame(class, corner, (place.width, place.height));
        }
    }

    fn draw_cell(
        &self,
        svg: &mut Svg,
        index: usize,
        corner: (f64, f64),
        place: &Place,
        hatch: &str,
    ) {
        let run = &self.sweep.runs[index];
        let size = (place.width, place.height);
        let has_room = place.width >= LEAST_WIDTH;
        let with = self.sweep.values_of(run);
        let mark = self.sweep.mark(index);
        let Some(rmse) = run.error() else {
            svg.cell("cell lost", corner, size, ("", &format!("{with}: {mark}")));
            svg.area(hatch, corner, size);
            if has_room {
                let at = (corner.0 + size.0 / 2.0, corner.1 + size.1 / 2.0 + 4.5);
                let text = if place.width > 66.0 { "diverged" } else { "div." };
                svg.text("lost soft", at, Anchor::Middle, text);
            }
            return;
        };
        let mark = if mark.is_empty() { mark } else { format!(", {mark}") };
        let told = format!("{with}: RMSE {}{mark}", brief(Value::number(rmse)));
        let text = if has_room { short(rmse) } else { String::new() };
        let class = format!("cell heat-{}", self.colours.index(rmse));
        svg.cell(&class, corner, size, (&text, &told));
    }
}
