//! A checked fleet becomes a tree of files.
