//! Where a drawing has its parts: one layout for wide screens, one for narrow ones.

/// Where a drawing has its parts, in its own units.
#[derive(Debug)]
pub struct Layout {
    pub suffix: &'static str,
    pub size: (f64, f64),
    pub left: f64,
    pub right: f64,
    pub top: f64,
    pub bottom: f64,
    /// Whether names stand at the ends of their lines.
    pub labels: bool,
}

/// For wide screens.
pub const WIDE: Layout = Layout {
    suffix: "wide",
    size: (760.0, 400.0),
    left: 56.0,
    right: 104.0,
    top: 40.0,
    bottom: 52.0,
    labels: true,
};

/// For narrow screens.
pub const NARROW: Layout = Layout {
    suffix: "narrow",
    size: (360.0, 310.0),
    left: 46.0,
    right: 12.0,
    top: 36.0,
    bottom: 48.0,
    labels: false,
};

impl Layout {
    /// The corner and the size of the area that the lines are in.
    pub fn plot(&self) -> ((f64, f64), (f64, f64)) {
        let (width, height) = self.size;
        ((self.left, self.top), (width - self.left - self.right, height - self.top - self.bottom))
    }

    pub fn x(&self, share: f64) -> f64 {
        let ((left, _), (width, _)) = self.plot();
        left + width * share
    }

    pub fn y(&self, share: f64) -> f64 {
        let ((_, top), (_, height)) = self.plot();
        top + height * (1.0 - share)
    }
}
