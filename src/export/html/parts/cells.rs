//! Places on the page that hold a number of the chosen step: filled here for the first one, by the
//! script for any other.

use super::program::Values;
use crate::export::html::numbers::seven_digits;
use crate::formula::escape;
use crate::value::{Value, significant};

/// The widest class of what stands behind a point, see the style sheet.
const WIDEST: usize = 14;

/// The values of the step that is shown first; none for a run that is not shown first.
pub type Shown<'a> = Option<&'a Values>;

/// A number in running text.
pub fn cell(shown: Shown, name: &str) -> String {
    element(shown, "b", name, "")
}

/// A number with its sign.
pub fn signed(shown: Shown, name: &str) -> String {
    element(shown, "b", name, "s")
}

/// A number in a cell of a table, its point below those of other rows.
pub fn aligned(shown: Shown, name: &str, way: &str) -> String {
    let way_attribute = if way.is_empty() { String::new() } else { format!(" data-f=\"{way}\"") };
    let text = shown.map_or(String::new(), |values| write(values.get(name), way));
    format!("<td data-v=\"{}\"{way_attribute} data-point>{}</td>", escape(name), at_point(&text))
}

/// A written number in two parts, whose second one begins at the point.
fn at_point(text: &str) -> String {
    let (whole, fraction) = parted(text);
    format!("<span>{}</span><span class=\"fraction\">{}</span>", escape(whole), escape(fraction))
}

fn parted(text: &str) -> (&str, &str) {
    text.split_at(text.find(['.', '·']).unwrap_or(text.len()))
}

/// The cells of a table's column of numbers, whose points stand below each other; none for `–`.
pub fn column(values: &[Option<Value>]) -> Vec<String> {
    let texts: Vec<Option<String>> = values.iter().map(|value| value.map(seven_digits)).collect();
    let fractions = texts.iter().flatten().map(|text| parted(text).1.chars().count());
    let width = fractions.max().unwrap_or(0).min(WIDEST);
    let cell = |(value, text): (&Option<Value>, &Option<String>)| match (value, text) {
        (Some(value), Some(text)) => {
            let (whole, fraction) = parted(text);
            let fraction = match (value.get(), width) {
                (Err(_), _) | (_, 0) => String::new(),
                _ => format!("<span class=\"f{width}\">{}</span>", escape(fraction)),
            };
            format!("<td title=\"{value}\">{}{fraction}</td>", escape(whole))
        }
        _ => "<td>–</td>".to_owned(),
    };
    values.iter().zip(&texts).map(cell).collect()
}

/// A number in an element of a kind, written in a way: `s` with its sign, `p` with parentheses
/// round a negative one, `t` short, as at a tick of an axis, `v` as a verdict.
pub fn element(shown: Shown, kind: &str, name: &str, way: &str) -> String {
    let way_attribute = if way.is_empty() { String::new() } else { format!(" data-f=\"{way}\"") };
    let text = shown.map_or(String::new(), |values| write(values.get(name), way));
    format!("<{kind} data-v=\"{}\"{way_attribute}>{}</{kind}>", escape(name), escape(&text))
}

/// A value as it is written in a way.
pub fn write(value: Value, way: &str) -> String {
    let text = seven_digits(value);
    let number = value.get().unwrap_or(0.0);
    match way {
        "s" if number > 0.0 => format!("+{text}"),
        "p" if number < 0.0 => format!("({text})"),
        "t" => seven_digits(Value::number(significant(number, 3))),
        "v" => String::from(if number == 1.0 { "agrees" } else { "differs: look closer" }),
        _ => text,
    }
}

/// A bar from the middle to the left or right, as wide as the number is among those of its group.
pub fn bar(shown: Shown, name: &str, group: &[String]) -> String {
    let size = |name: &String| shown.map_or(0.0, |values| values.get(name).get().unwrap_or(0.0));
    let largest = group.iter().map(|name| size(name).abs()).fold(0.0, f64::max);
    let value = if largest > 0.0 { size(&name.to_owned()) / largest * 100.0 } else { 0.0 };
    let (x, width) = if value < 0.0 { (100.0 + value, -value) } else { (100.0, value) };
    let sign = if value < 0.0 { "minus" } else { "plus" };
    format!(
        "<svg class=\"bar\" viewBox=\"0 0 200 10\" preserveAspectRatio=\"none\" aria-hidden=\"true\">\
         <rect class=\"{sign}\" data-bar=\"{}\" data-of=\"{}\" x=\"{x:.2}\" y=\"1\" \
         width=\"{width:.2}\" height=\"8\"/><path d=\"M100 0V10\" vector-effect=\"non-scaling-stroke\"/></svg>",
        escape(name),
        escape(&group.join(" "))
    )
}
