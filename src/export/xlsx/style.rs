//! How cells look: fills by group, blue inputs, black formulas, digits as a column needs them.

use rust_xlsxwriter::{Color, Format, FormatAlign, FormatBorder};

use crate::sheet::Group;

/// The font colour of input cells: the blue that modellers use.
const INPUT_BLUE: u32 = 0x0000FF;
const GREY_TEXT: u32 = 0x595959;
const WARNING_RED: u32 = 0xB00000;
const LINE_GREY: u32 = 0xBFBFBF;

/// The formats that all sheets share.
pub struct Styles {
    /// A sheet's title; sheets colour it.
    pub title: Format,
    /// Explanatory text.
    pub prose: Format,
    /// A label before a value.
    pub label: Format,
    /// A cell that a person may change.
    pub input: Format,
    /// The head of a small table.
    pub head: Format,
    /// The head of a column of numbers.
    pub number_head: Format,
    /// A formula as text.
    pub code: Format,
    /// A heading between tables.
    pub heading: Format,
    /// What a reader must not miss.
    pub warning: Format,
}

impl Styles {
    /// Those of a workbook of numbers only, which has no cells that something follows.
    pub fn of_values() -> Self {
        let input = Format::new().set_align(FormatAlign::Right);
        Styles { input, ..Styles::new() }
    }

    pub fn new() -> Self {
        let head = Format::new()
            .set_bold()
            .set_background_color(Color::RGB(0xE7E6E6))
            .set_border_bottom(FormatBorder::Thin)
            .set_border_color(Color::RGB(LINE_GREY))
            .set_text_wrap()
            .set_align(FormatAlign::VerticalCenter);
        Styles {
            title: Format::new().set_bold().set_font_size(16),
            prose: Format::new().set_font_color(Color::RGB(GREY_TEXT)),
            label: Format::new().set_bold(),
            input: Format::new()
                .set_font_color(Color::RGB(INPUT_BLUE))
                .set_align(FormatAlign::Right),
            number_head: head.clone().set_align(FormatAlign::Right),
            head,
            code: Format::new().set_font_name("Consolas").set_font_color(Color::RGB(GREY_TEXT)),
            heading: Format::new().set_bold().set_font_size(12),
            warning: Format::new().set_font_color(Color::RGB(WARNING_RED)),
        }
    }

    /// The title in a run's colour.
    pub fn title_in(&self, colour: u32) -> Format {
        self.title.clone().set_font_color(Color::RGB(colour))
    }
}

/// The head of a trace column of `group`.
pub fn group_head(group: Group) -> Format {
    Format::new()
        .set_bold()
        .set_background_color(Color::RGB(group_fill(group)))
        .set_border_bottom(FormatBorder::Thin)
        .set_border_color(Color::RGB(LINE_GREY))
        .set_align(FormatAlign::Right)
        .set_align(FormatAlign::VerticalCenter)
}

/// The band above the heads, with the group's name over its first column.
pub fn group_band(group: Group) -> Format {
    Format::new()
        .set_font_size(9)
        .set_font_color(Color::RGB(GREY_TEXT))
        .set_background_color(Color::RGB(group_fill(group)))
}

fn group_fill(group: Group) -> u32 {
    match group {
        Group::Index => 0xEDEDED,
        Group::Data => 0xDCE6F1,
        Group::Weights => 0xFBE3D6,
        Group::Forward => 0xE4DFEC,
        Group::Check => 0xF2F2F2,
        Group::Gradient => 0xD6EEF2,
        Group::State => 0xFFF2CC,
        Group::Update => 0xDFF0D8,
        Group::Circuit => 0xF9E1EC,
    }
}

/// Numbers of a trace column: `format` with the line that ends an epoch.
pub fn at_epoch_end(format: &Format) -> Format {
    format
        .clone()
        .set_border_bottom(FormatBorder::Hair)
        .set_border_bottom_color(Color::RGB(0x7F7F7F))
}

/// A number that stands in the place of a formula, since what that is over is not written.
pub fn as_number_only(format: &Format) -> Format {
    format.clone().set_font_color(Color::RGB(GREY_TEXT)).set_italic()
}

/// A number as an input cell.
pub fn as_input(format: &Format) -> Format {
    format.clone().set_font_color(Color::RGB(INPUT_BLUE))
}
