//! `tailwright`.

fn main() {}
