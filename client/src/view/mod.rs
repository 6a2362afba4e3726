//! Draws the model, and nothing else: it must change nothing and look at no clock.

mod alerts;
mod arranged;
mod audit;
mod bars;
mod blotter;
mod canvas;
mod chart;
mod colours;
mod columns;
mod denied;
mod detail;
mod fills;
mod frame;
mod help;
mod holdings;
mod ladder;
mod limits;
pub mod linear;
mod lock;
mod painter;
mod password;
mod pen;
mod person;
mod quotes;
mod sheet;
mod signin;
mod table;
mod theme;
mod ticket;
mod typed;
mod users;
mod windows;

pub use canvas::Canvas;
pub use detail::page_beyond;
pub use frame::{draw, redraw};
pub use painter::Painter;
