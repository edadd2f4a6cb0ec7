//! The colours: one for each optimizer, shared by charts, tabs and the report.

/// The palette of Okabe and Ito, which people with any kind of colour vision can tell apart; the
/// yellow, too light for lines on white, stands last.
///
/// Source: M. Okabe, K. Ito: Color Universal Design, 2008.
const OKABE_ITO: [u32; 8] =
    [0x0072B2, 0xE69F00, 0x009E73, 0xD55E00, 0xCC79A7, 0x56B4E9, 0x000000, 0xF0E442];

/// How many colours there are before they start again.
pub const COLOURS: usize = OKABE_ITO.len();

/// The colour of the run with the given index, as 0xRRGGBB; after eight they start again.
pub fn colour(run: usize) -> u32 {
    OKABE_ITO[run % OKABE_ITO.len()]
}

/// A colour mixed with white: `share` of the colour, the rest white.
pub fn tint(colour: u32, share: f64) -> u32 {
    (0..3).fold(0, |mixed, byte| {
        let part = f64::from((colour >> (8 * byte)) & 0xff);
        let light = 255.0 - (255.0 - part) * share;
        mixed | ((light.round() as u32) << (8 * byte))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tint_lies_between_the_colour_and_white() {
        assert_eq!(tint(0x0072B2, 1.0), 0x0072B2);
        assert_eq!(tint(0x0072B2, 0.0), 0xFFFFFF);
        assert_eq!(tint(0x000000, 0.5), 0x808080);
    }
}
