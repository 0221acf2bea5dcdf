//! Findings: what is wrong with a profile, where, why, and the way out.
//!
//! A [`Finding`](finding::Finding) carries a [`Code`](code::Code), a severity and labels. A label points at a
//! [`FieldPath`](place::FieldPath); the reader of the profile knows which [`Span`](place::Span) of which source wrote
//! that field, so the model itself carries no spans.

pub mod place;
