//! The model and its loss as a circuit of gates, and the columns that come from it: from the
//! step's number to the gradient.
//!
//! For the line `y = a*x + b` with the loss `e = (y_pred - y)^2` these are the columns that a
//! person builds by hand, in the same order.

mod columns;
mod gates;
mod loss;
mod model;

pub use columns::{DIFFERENCE_WIDTH, gradient_id, largest_curvature, next_id};
pub use gates::{Circuit, Gate};
pub use loss::Loss;
pub use model::{Model, argument};
