//! Every read and write of the commands.
//!
//! # A tree is written whole or not at all
//!
//! [`write_tree`] makes a directory (OUT) hold the wanted files. Whenever it is killed, OUT holds the old files or the new
//! ones. Other people's files in OUT are not touched; files that we made and that are wanted no more go; where something
//! that we did not make stands in the way, nothing is changed. Where all files are as wanted already, nothing is touched.
//!
//! All new files are first written in full beside their places and forced to the disk: a full disk or an unwritable
//! directory shows before anything has changed, and what was begun is removed. Then there are two ways to make the step:
//!
//! - **Exchange** ([`exchange`]). A complete new OUT (other people's plain files in it by hard link, as are ours that do
//!   not change) changes places with the old one by a single `renameat2(RENAME_EXCHANGE)`; where there is no OUT yet, it
//!   is renamed into place. There is no moment between old and new, whatever is killed and even if the power fails.
//!   OUT is another directory afterwards: a shell that stands in it has to `cd` anew. So this way is not taken where OUT
//!   is the current directory or around it; nor where OUT holds other people's directories, more than a few of
//!   their files, or anything but plain files and links, has access control lists, is a mount point, or the file
//!   system cannot exchange.
//! - **Journal** ([`journal`]), everywhere else, such as in a repository's root. The new files lie in `OUT/.tailwright`; a
//!   journal there lists the renames that put them in place (a directory that does not exist yet comes as one
//!   rename). Once the journal is on the disk, a process of its own carries the renames out, out of reach of a signal
//!   to the run or to its terminal: killing the run leaves the old tree or, within the fraction of a millisecond that the
//!   renames take, the new one. A rename that fails is answered by taking the others back. Only where that process
//!   is killed as well, between its first rename and its last (the machine loses power, a container is taken
//!   down), are old and new files found side by side; then the journal is still there, and the next command that looks
//!   at OUT carries the rest of the renames out before anything else. A change of one single file needs no journal.
//!
//! A run that is killed may leave its staging directory (`.NAME.tailwright` beside OUT, or `OUT/.tailwright`); the next
//! run on the same OUT removes it. Runs on the same OUT wait for each other (`flock` on OUT, or on the directory that it
//! is to be made in).

mod dir;
mod error;
mod exchange;
mod journal;
mod new_file;
mod read;
mod stage;
mod survey;
mod target;
mod tree;
mod unsynced;
mod walk;

pub(crate) use error::{FileError, Obstacle, reason};
pub(crate) use new_file::write_new;
pub(crate) use read::{
    check_directory, is_directory, is_same, read_known, read_plain, read_profile, read_standard_input,
};
pub(crate) use tree::{
    Changes, Committer, FormerHosts, Leavings, Wanted, compare_tree, finish_commit, read_tree, write_tree,
};

#[cfg(test)]
mod tests;
