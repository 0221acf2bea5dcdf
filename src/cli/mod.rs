//! The commands of `tailwright`.
