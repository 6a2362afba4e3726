//! One subcommand a file; it must hold no work of its own.

pub mod venue_sim;
