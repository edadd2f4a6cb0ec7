//! The model and its loss as a circuit of gates, and the columns that come from it: from the
//! step's number to the gradient.
//!
//! For the line `y = a*x + b` with the loss `e = (y_pred - y)^2` these are the columns that a
//! person builds by hand, in the same order.

mod columns;
mod derive;
mod gates;
mod kinks;
mod loss;
mod model;
mod outputs;
mod rotated;
mod steps;

pub(crate) use columns::{DIFFERENCE_WIDTH, gradient_id, largest_curvature, next_id};
pub use derive::{AtPoint, Derivatives, Entry, Order};
pub(crate) use derive::{Formulas, Numbers};
pub use gates::{Circuit, Gate};
pub use loss::Loss;
pub use model::Model;
pub(crate) use model::TAKEN;
pub(crate) use model::argument;
pub use outputs::{Output, Predictions};
pub(crate) use rotated::Rotated;
pub(crate) use steps::{Step, Steps, backward_name, local_name};
