//! How much is too much, rule by rule: data of a deployment; it must decide nothing.

use serde::{Deserialize, Serialize};

use super::answers::Answers;
use super::places::Places;

/// `[watch]` of `turretd.toml`. A rule whose figure is 0 is off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Thresholds {
    /// Wrong passwords or codes of one device within five minutes.
    pub brute_force: u32,
    /// Devices with wrong passwords within five minutes.
    pub stuffing_devices: u32,
    /// Sign-ins from one device within ten minutes for names that are nobody's, or not its owner's.
    pub spraying: u32,
    /// Askings of one person within a minute after what is somebody else's, or is not.
    pub probing: u32,
    /// Hours for which an enrolled device is new.
    pub new_device_hours: u32,
    /// An order from a new device of at least this much, in whole units of currency.
    pub new_device_notional: u32,
    /// Orders of one person within a minute.
    pub order_velocity: u32,
    /// An order so many times as large as the middle one of the person's last.
    pub size_times_own: u32,
    /// Orders of one person at prices that meet their own on the other side.
    pub self_crossing: u32,
    /// Cancels of one person within a minute of orders younger than five seconds.
    pub quick_cancels: u32,
    /// The first hour, UTC, in which people work; with [`Self::hours_until`] 0 and 0 or 0 and 24 the rule is off.
    pub hours_from: u32,
    /// The hour, UTC, from which they do not any more.
    pub hours_until: u32,
    /// Rows of the audit log shown to one person within ten minutes.
    pub mass_export_rows: u32,
    /// Minutes from any place named to any other; the places are [`Self::places`], and without any the rule is off.
    pub place_minutes: u32,
    /// Minutes within which one person's orders in one listing and side are counted together, for what together would have
    /// asked for a code or a second person by the policies of their role, and each for itself did not.
    pub split_orders_minutes: u32,
    /// How long the answer `delay` makes somebody wait, in seconds, an hour at most.
    pub delay_s: u32,
    /// Networks and the places they are of.
    pub places: Places,
    /// What is done about an alert besides telling it, rule by rule.
    pub answers: Answers,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self {
            brute_force: 5,
            stuffing_devices: 4,
            spraying: 3,
            probing: 3,
            new_device_hours: 24,
            new_device_notional: 50_000,
            order_velocity: 300,
            size_times_own: 10,
            self_crossing: 1,
            quick_cancels: 10,
            hours_from: 0,
            hours_until: 24,
            mass_export_rows: 20_000,
            place_minutes: 120,
            split_orders_minutes: 10,
            delay_s: 60,
            places: Places::default(),
            answers: Answers::default(),
        }
    }
}

impl Thresholds {
    /// As the file of a new deployment spells them out, a line each.
    #[must_use]
    pub(crate) fn text(&self) -> String {
        let lines = [
            ("brute_force", self.brute_force),
            ("stuffing_devices", self.stuffing_devices),
            ("spraying", self.spraying),
            ("probing", self.probing),
            ("new_device_hours", self.new_device_hours),
            ("new_device_notional", self.new_device_notional),
            ("order_velocity", self.order_velocity),
            ("size_times_own", self.size_times_own),
            ("self_crossing", self.self_crossing),
            ("quick_cancels", self.quick_cancels),
            ("hours_from", self.hours_from),
            ("hours_until", self.hours_until),
            ("mass_export_rows", self.mass_export_rows),
            ("place_minutes", self.place_minutes),
            ("split_orders_minutes", self.split_orders_minutes),
            ("delay_s", self.delay_s),
        ];
        let figures: String = lines.iter().map(|(name, figure)| format!("{name} = {figure}\n")).collect();
        figures + &self.places.text() + &self.answers.text()
    }
}
