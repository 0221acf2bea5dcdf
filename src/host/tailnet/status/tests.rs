//! How a node is judged and drawn, out of what was captured.

mod drawing;
mod exit_node;
mod judgement;
mod states;
mod world;
