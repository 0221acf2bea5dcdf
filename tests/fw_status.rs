//! `tsctl firewall status` (`fw-status`) on a real kernel: the table of a profile, real packets, other programs' tables.

mod figures;
mod surroundings;
mod world;
