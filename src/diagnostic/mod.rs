//! Findings: what is wrong with a profile, where, why, and the way out.
//!
//! A [`Finding`] carries a [`Code`], a severity and labels. A label points at a [`FieldPath`]; the reader of the
//! profile knows which [`Span`] of which source wrote that field, so the model itself carries no spans.

mod code;
mod consequence;
mod finding;
mod mask;
mod nearest;
pub mod place;
mod report;
mod show;
mod source;

pub use code::{Code, Kind};
pub use consequence::Refused;
pub use finding::{Finding, Findings, Label, Place, Severity};
pub use mask::mask;
pub use nearest::nearest;
pub use place::{FieldPath, SourceId, Span, Step};
pub use report::{Remark, Report, Shown};
pub use show::{human, json, summary};
pub use source::{Position, Source, Sources};
