//! The line of screens: what stands where in it, for drawing and for the mouse; it must draw nothing.

use super::{Model, Screen};
use crate::actions::Id;

/// One screen in the line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tab {
    /// Which.
    pub screen: Screen,
    /// Its key and name, in capitals where it is shown.
    pub text: String,
    /// Cells from the left.
    pub x: u16,
}

/// Cells between two.
const GAP: u16 = 2;

/// The screens with their keys, briefly where the long names leave less than `beside` cells.
#[must_use]
pub fn line(model: &Model, beside: u16) -> Vec<Tab> {
    let long = laid_out(model, false);
    let end = long.last().map_or(0, |tab| tab.x.saturating_add(cells(&tab.text)).saturating_add(GAP));
    if end.saturating_add(beside) > model.size.0 { laid_out(model, true) } else { long }
}

fn laid_out(model: &Model, brief: bool) -> Vec<Tab> {
    let mut x = 0_u16;
    let mut tabs = Vec::new();
    for screen in model.screens() {
        let (id, long, short) = name(screen);
        let (key, name) = (model.keys.first(id), if brief { short } else { long });
        let shown = screen == model.screen.tab();
        let text = if shown { format!("{key} {}", name.to_uppercase()) } else { format!("{key} {name}") };
        let next = x.saturating_add(cells(&text)).saturating_add(GAP);
        tabs.push(Tab { screen, text, x });
        x = next;
    }
    tabs
}

/// Keys and names are plain letters.
fn cells(text: &str) -> u16 {
    u16::try_from(text.chars().count()).unwrap_or(u16::MAX)
}

/// The screen named at this cell.
#[must_use]
pub(super) fn at(model: &Model, x: u16) -> Option<Screen> {
    let tabs = line(model, cells(&model.waiting()));
    let here = |tab: &Tab| (tab.x..tab.x.saturating_add(cells(&tab.text))).contains(&x);
    tabs.into_iter().find(here).map(|tab| tab.screen)
}

impl Model {
    /// Orders that need the person, requests for their word, alerts besides them, and executions not seen yet.
    #[must_use]
    pub fn waiting(&self) -> String {
        let (needing, alerts, unseen) = (self.needing(), self.alerts_besides_orders(), self.desk.fills_unseen);
        let mut parts = Vec::new();
        if needing > 0 {
            let long = if self.size.0 >= 120 { " denied/rejected/in doubt" } else { "" };
            parts.push(format!("! {needing}{long}"));
        }
        if self.approvals.waiting() > 0 {
            parts.push(format!("appr {}", self.approvals.waiting()));
        }
        if alerts > 0 {
            parts.push(format!("alerts {alerts}"));
        }
        if unseen > 0 {
            parts.push(format!("fills +{unseen}"));
        }
        parts.join("  ")
    }
}

/// The action that shows it, its name, and a shorter one for narrow terminals.
const fn name(screen: Screen) -> (Id, &'static str, &'static str) {
    match screen {
        Screen::Blotter => (Id::ShowBlotter, "Blotter", "Blot"),
        Screen::Quotes => (Id::ShowQuotes, "Quotes", "Quot"),
        Screen::Positions => (Id::Positions, "Positions", "Pos"),
        Screen::Fills => (Id::ShowFills, "Fills", "Fills"),
        Screen::Accounts => (Id::Accounts, "Accounts", "Acct"),
        Screen::Audit => (Id::AuditSearch, "Audit", "Audit"),
        Screen::Users => (Id::Users, "Users", "Users"),
        Screen::Sessions => (Id::Sessions, "Sessions", "Sess"),
        Screen::Devices => (Id::Devices, "Devices", "Dev"),
        Screen::House => (Id::House, "House", "House"),
        Screen::Limits => (Id::Limits, "Limits", "Lim"),
        Screen::Approvals => (Id::Approvals, "Approvals", "Appr"),
        Screen::Alerts | Screen::Bans | Screen::Denied => (Id::Alerts, "Alerts", "Alerts"),
    }
}
