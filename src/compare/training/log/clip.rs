//! Gradients that were not allowed to be large, behind what the log has of them.

/// How a gradient is held small.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    /// All gradients together, by their norm, as PyTorch does: the norm is taken 1e-6 larger.
    NormAndSmall,
    /// All gradients together, by their norm.
    Norm,
    /// Each gradient by itself.
    Value,
}

/// The largest gradient.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Clip {
    pub by: By,
    pub limit: f64,
}

/// Largest sizes as people type them.
pub(super) const LIMITS: &[f64] = &[1.0, 0.5, 0.1, 5.0, 10.0, 0.25, 2.0, 0.01, 0.2, 3.0, 100.0];

impl Clip {
    /// Every way to hold gradients to `limit`.
    pub fn all(limit: f64) -> [Clip; 3] {
        [By::NormAndSmall, By::Norm, By::Value].map(|by| Clip { by, limit })
    }

    /// Every way with every limit that people type.
    pub fn typed() -> impl Iterator<Item = Clip> {
        LIMITS.iter().flat_map(|limit| Clip::all(*limit))
    }

    /// Whether it makes these gradients smaller.
    pub fn is_felt(&self, gradients: &[f64], norm: f64) -> bool {
        self.size(gradients, norm) > self.limit
    }

    /// What it is called.
    pub fn name(&self) -> &'static str {
        if self.by == By::Value { "clip_value" } else { "clip_norm" }
    }

    /// What it holds small: the norm, or the largest of the gradients.
    pub fn size(&self, gradients: &[f64], norm: f64) -> f64 {
        match self.by {
            By::Value => gradients.iter().fold(0.0, |most: f64, one| most.max(one.abs())),
            By::Norm | By::NormAndSmall => norm,
        }
    }

    /// The gradients as they are used, behind `used`.
    pub fn apply(&self, gradients: &[f64], norm: f64, used: &mut Vec<f64>) {
        let by = match self.by {
            By::Value => {
                let limit = self.limit.abs();
                return used.extend(gradients.iter().map(|one| one.clamp(-limit, limit)));
            }
            By::NormAndSmall => norm + 1e-6,
            By::Norm => norm,
        };
        let factor = (self.limit / by).min(1.0);
        used.extend(gradients.iter().map(|one| one * factor));
    }
}
