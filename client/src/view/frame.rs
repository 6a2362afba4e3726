//! One frame: which panes stand where and which windows above them; it must change nothing.

use super::canvas::{Canvas, Patch};
use super::pen::Pen;
use super::theme::Token;
use super::{
    alerts, approvals, attempts, audit, bans, bars, blotter, bulk, chart, compose, denied, detail, fills, help,
    holdings, house, keying, ladder, limits, own, password, person, policy, quotes, signin, ticket, users, windows,
};
use crate::actions::Id;
use crate::app::chart::Shape;
use crate::app::geometry::{self, Area, Geometry, fits, geometry};
use crate::app::keying::Keying;
use crate::app::modal::Modal;
use crate::app::touched::Touched;
use crate::app::{Model, Screen, Stage};

/// Draws one frame.
pub fn draw(model: &Model, canvas: &mut Canvas) {
    canvas.fit(model.size);
    let theme = canvas.theme(model.look);
    canvas.begin(Patch::of(theme.ground()));
    let mut pen = Pen::new(canvas, theme, model.look.ascii);
    if !fits(model.size) {
        too_small(&mut pen, model);
    } else if model.stage == Stage::SignIn {
        signin::draw(&mut pen, model);
    } else {
        desk(&mut pen, model);
    }
    canvas.caret = pen.caret;
}

/// Draws again what was touched since the last frame on this canvas, and gives the areas drawn on; `None` where that is all.
/// The cells are those of a frame drawn whole.
pub fn redraw(model: &Model, touched: Touched, canvas: &mut Canvas) -> Option<Vec<Area>> {
    let touched = if canvas.is_for(model.size, model.look) { touched } else { Touched::All };
    match touched {
        Touched::Nothing => Some(Vec::new()),
        Touched::Beside => Some(partly(model, None, canvas)),
        Touched::Cursor { from, to } => Some(partly(model, Some((from, to)), canvas)),
        Touched::All => {
            draw(model, canvas);
            None
        }
    }
}

fn partly(model: &Model, cursor: Option<(usize, usize)>, canvas: &mut Canvas) -> Vec<Area> {
    let places = geometry(model);
    let (w, h) = model.size;
    let line = |y: u16| Area { x: 0, y, w, h: 1 };
    let below = h.saturating_sub(1).saturating_sub(model.message_lines())..h;
    let mut areas: Vec<Area> = std::iter::once(0).chain(below).map(line).collect();
    areas.extend([places.lower, places.dock, places.market].into_iter().flatten());
    let lines = cursor.into_iter().flat_map(|(from, to)| [from, to]);
    let rows: Vec<_> = lines.filter_map(|at| blotter::line_at(model, places.list, at)).collect();
    areas.extend(rows.iter().map(|(area, _)| *area));
    let theme = canvas.theme(model.look);
    let mut pen = Pen::new(canvas, theme, model.look.ascii);
    for area in &areas {
        pen.clear(*area);
    }
    bars::top(&mut pen, model);
    for (area, row) in rows {
        blotter::one(&mut pen, model, area, row);
    }
    beside(&mut pen, model, places);
    bars::message(&mut pen, model);
    bars::hints(&mut pen, model);
    areas
}

fn too_small(pen: &mut Pen<'_>, model: &Model) {
    let (w, h) = model.size;
    let text = format!(
        "Turret needs {}x{}, this is {w}x{h}. Orders keep working. {} locks.",
        geometry::WIDTH_MIN,
        geometry::HEIGHT_MIN,
        model.keys.first(Id::Lock)
    );
    for (y, line) in (0..h).zip(denied::wrapped(&text, usize::from(w))) {
        pen.text(0, y, w, &line, Token::Warn);
    }
}

fn desk(pen: &mut Pen<'_>, model: &Model) {
    let places = geometry(model);
    bars::top(pen, model);
    bars::tabs(pen, model);
    screen(pen, model);
    for side in [places.dock, places.market].into_iter().flatten() {
        if side.x > 0 {
            pen.down(side.x.saturating_sub(1), side.y, side.h);
        }
    }
    let docked = right(pen, model, places);
    // The form a turn with the key belongs to waits behind it unseen: two frames one within the other are read as neither.
    let behind = |modal: &Modal| matches!(modal, Modal::StepUp(_) | Modal::NewKey(_)) && model.keying_shown().is_some();
    for modal in model.modals.iter().filter(|modal| !behind(modal)) {
        window(pen, model, modal, docked);
    }
    if let Some(open) = model.keying_shown() {
        keying_window(pen, model, open);
    }
    bars::message(pen, model);
    bars::hints(pen, model);
}

/// The window of a turn with a security key, above all others.
pub(super) fn keying_window(pen: &mut Pen<'_>, model: &Model, open: &Keying) {
    let (w, h) = model.size;
    let body = Area { x: 0, y: 2, w, h: h.saturating_sub(4) };
    let behind = pen.theme.behind();
    pen.over(body, behind);
    keying::sheet(model, open).float(pen, body, keying::WIDTH);
}

/// What stands right of the list; gives where a window docks, if one may.
fn right(pen: &mut Pen<'_>, model: &Model, places: Geometry) -> Option<Area> {
    if let Some(market) = places.market {
        if model.screen == Screen::Quotes && model.chart.shape != Shape::Ladder {
            chart::draw(pen, model, market);
        } else {
            ladder::draw(pen, model, market);
        }
    }
    let docked = places.dock.filter(|_| geometry::docks(model));
    if let Some(dock) = docked {
        dock_pane(pen, model, dock);
    }
    docked
}

/// All of the blotter's screen but its list.
fn beside(pen: &mut Pen<'_>, model: &Model, places: Geometry) {
    if let Some(lower) = places.lower {
        detail::lower(pen, model, lower);
    }
    right(pen, model, places);
}

pub(super) fn screen(pen: &mut Pen<'_>, model: &Model) {
    let places = geometry(model);
    match model.screen {
        Screen::Blotter if model.detail.open => detail::page(pen, model, geometry::page(model)),
        Screen::Blotter => {
            blotter::draw(pen, model, places.list);
            if let Some(lower) = places.lower {
                detail::lower(pen, model, lower);
            }
        }
        Screen::Fills => {
            fills::draw(pen, model, places.list);
            if let Some(lower) = places.lower {
                detail::lower(pen, model, lower);
            }
        }
        Screen::Quotes => {
            if places.list.w > 0 {
                quotes::draw(pen, model, places.list);
            }
            if let Some(lower) = places.lower {
                quotes::lower(pen, model, lower);
            }
        }
        Screen::Positions => holdings::positions(pen, model, places.list),
        Screen::Accounts => holdings::accounts(pen, model, places.list),
        Screen::Audit => audit::draw(pen, model, places),
        Screen::Users => {
            users::people(pen, model, places.list);
            person::draw(pen, model, places);
        }
        Screen::Sessions => users::sessions(pen, model, places.list),
        Screen::Devices => users::devices(pen, model, places.list),
        Screen::Denied => attempts::draw(pen, model, places.list),
        Screen::Bans => bans::draw(pen, model, places.list),
        Screen::House => house::draw(pen, model, places.list),
        Screen::Limits => limits::draw(pen, model, places),
        Screen::Approvals => approvals::draw(pen, model, places),
        Screen::Alerts => alerts::draw(pen, model, places),
    }
}

fn dock_pane(pen: &mut Pen<'_>, model: &Model, dock: Area) {
    let taken = model.modals.iter().any(|modal| matches!(modal, Modal::Ticket(_) | Modal::Denied(_)));
    if !taken && matches!(model.screen, Screen::Blotter | Screen::Fills) {
        detail::dock(pen, model, dock);
    }
}

pub(super) fn window(pen: &mut Pen<'_>, model: &Model, modal: &Modal, dock: Option<Area>) {
    let body = geometry::body(model);
    let behind = pen.theme.behind();
    let dims = dock.is_none() || !matches!(modal, Modal::Ticket(_) | Modal::Denied(_));
    if dims {
        pen.over(body, behind);
    }
    match (modal, dock) {
        (Modal::Ticket(open), Some(dock)) => ticket::narrow(model, open, dock).dock(pen, dock),
        (Modal::Ticket(open), None) => ticket::wide(model, open).float(pen, body, ticket::WIDE),
        (Modal::Denied(open), Some(dock)) => denied::narrow(model, open).dock(pen, dock),
        (Modal::Denied(open), None) => denied::wide(model, open).float(pen, body, 64),
        (Modal::Refused(open), _) => denied::refused(model, open).float(pen, body, 66),
        (Modal::Cancel(open), _) => windows::cancel(model, open).float(pen, body, 66),
        (Modal::CancelMarked(open), _) => windows::cancel_marked(model, open).float(pen, body, 66),
        (Modal::CancelAll(open), _) => windows::cancel_all(model, open).float(pen, body, 66),
        (Modal::StepUp(open), _) => windows::step_up(model, open).float(pen, body, 66),
        (Modal::NewKey(open), _) => keying::new_key(model, open).float(pen, body, 70),
        (Modal::Own(open), _) => own::sheet(model, open).float(pen, body, own::WIDTH),
        (Modal::Password(open), _) => password::within(model, open).float(pen, body, 76),
        (Modal::Manage(open), _) => windows::manage(model, open).float(pen, body, 66),
        (Modal::Review(open), _) => attempts::review(model, open).float(pen, body, 66),
        (Modal::Ban(open), _) => bans::form(open).float(pen, body, 70),
        (Modal::Table(open), _) => bulk::form(model, open).float(pen, body, 72),
        (Modal::House(open), _) => house::form(model, open).float(pen, body, 70),
        (Modal::Compose(open), _) => compose::form(model, open).float(pen, body, 60),
        (Modal::Policy(open), _) => policy::form(model, open).float(pen, body, 70),
        (Modal::Judge(open), _) => approvals::judge(model, open).float(pen, body, 66),
        (Modal::Handle(open), _) => alerts::handle(model, open).float(pen, body, 66),
        (Modal::Code(open), _) => windows::code(model, open).float(pen, body, 66),
        (Modal::Entrust(open), _) => windows::entrust(model, open).float(pen, body, 66),
        (Modal::NewPerson(open), _) => windows::new_person(model, open).float(pen, body, 66),
        (Modal::Quit(open), _) => windows::quit(model, open).float(pen, body, 60),
        (Modal::Help(open), _) => help::help(pen, model, open, body),
        (Modal::Palette(open), _) => help::palette(pen, model, open, body),
    }
}
