//! Surveillance: rules that follow the durable log and raise alerts into it; it must never sit on the commit path, nor act: what is done about an alert the engine does.
//!
//! A rule a file in `rules/`; what each looks for and why is in docs/surveillance.md, its threshold in `turretd.toml`.

mod answers;
mod in_order;
mod judge;
mod places;
mod rules;
mod tally;
mod thresholds;
mod watcher;

pub use answers::Answers;
pub use judge::Judge;
pub use places::{Place, Places};
pub use thresholds::Thresholds;
pub use watcher::Watcher;
