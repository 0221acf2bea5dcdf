//! Findings: what is wrong with a profile, where, why, and the way out.
//!
//! A [`Finding`] carries a [`Code`], a severity and labels. A label points at a [`FieldPath`]; the reader of the
//! profile knows which [`Span`] of which source wrote that field, so the model itself carries no spans.

mod code;
mod finding;
pub mod nearest;
pub mod place;

pub use code::{Code, Kind};
pub use finding::{Finding, Findings, Label, Place, Severity};
pub use place::{FieldPath, SourceId, Span, Step};
