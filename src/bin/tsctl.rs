//! `tsctl`.

fn main() {}
