//! What the server's surveillance found, as an alert of this screen; it must tell each once.

use turret_shared::alert::AlertView;
use turret_shared::text::escaped;

use super::{About, Alert, Kind};
use crate::app::Model;

/// Says an alert, where it stands and on the message line.
pub(in crate::app) fn raised(model: &mut Model, alert: &AlertView) {
    let who = match (alert.login.as_str(), alert.device) {
        ("", None) => String::new(),
        ("", Some(device)) => format!(" device {device}:"),
        (login, None) => format!(" {}:", escaped(login)),
        (login, Some(device)) => format!(" {} on device {device}:", escaped(login)),
    };
    let rule = alert.rule.as_str().replace('_', " ").to_uppercase();
    let figures = format!("{} of {}", alert.figure, alert.threshold);
    let text = format!("{rule}:{who} {} ({figures}, entry {})", alert.rule.says(), alert.alert);
    let spoken = !model.in_snapshot;
    model.alert(Kind::Watch, &text, About::reference(Some(alert.correlation)), spoken);
    // One of before the sign-in is of when it was.
    let same = |told: &&mut Alert| told.kind == Kind::Watch && told.reference == Some(alert.correlation);
    if let Some(told) = model.alerts.list.iter_mut().find(same) {
        told.time = alert.time;
    }
}
