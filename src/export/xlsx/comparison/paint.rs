//! The colours of what is right and what is not.

use rust_xlsxwriter::{Color, Format, FormatAlign};

use crate::compare::marks::Mark;
use crate::compare::result::Status;

/// The formats that the sheets of a comparison share.
pub struct Paint {
    /// A formula of theirs that stands there as its value only.
    pub fixed: Format,
    /// What is taken over from the table.
    pub taken: Color,
    /// Text that runs over several lines.
    pub wrapped: Format,
    /// A link.
    pub link: Format,
    /// A difference that is too large.
    pub differs: Format,
}

impl Paint {
    pub fn new() -> Self {
        Paint {
            fixed: Format::new().set_italic().set_font_color(Color::RGB(0x595959)),
            taken: Color::RGB(0x595959),
            wrapped: Format::new().set_text_wrap().set_align(FormatAlign::Top),
            link: Format::new()
                .set_font_color(Color::RGB(0x0563C1))
                .set_underline(rust_xlsxwriter::FormatUnderline::Single)
                .set_text_wrap()
                .set_align(FormatAlign::Top),
            differs: Format::new()
                .set_background_color(Color::RGB(fill(Mark::Cause)))
                .set_font_color(Color::RGB(0x7A1200)),
        }
    }

    /// `format` with the fill of a mark.
    pub fn marked(&self, format: Format, mark: Option<Mark>) -> Format {
        match mark {
            Some(mark) => format.set_background_color(Color::RGB(fill(mark))),
            None => format,
        }
    }
}

/// The colour of the tabs of a sheet.
pub fn tab(status: Status) -> u32 {
    match status {
        Status::Agrees => 0x009E73,
        Status::Differs => 0xD55E00,
        Status::Skipped => 0xA6A6A6,
    }
}

/// Light enough for black digits, and told apart with any kind of colour vision.
fn fill(mark: Mark) -> u32 {
    match mark {
        Mark::Cause => 0xF7A58B,
        Mark::Consequence => 0xFFE699,
        Mark::Remark => 0xC9DFF2,
    }
}
