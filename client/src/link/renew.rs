//! The device's next key is made, certified over the session just begun, and put in place; it must hold up nobody, and leave the
//! key there is where anything fails.

use std::path::PathBuf;

use tokio::sync::{mpsc, oneshot};
use turret_shared::time::Timestamp;
use turret_shared::wire::control::Outcome;

use super::control::Outgoing;
use crate::renewal::Renewal;

/// Does it if it is due. Whatever fails is tried again at the next sign-in.
pub(super) async fn renew(out: mpsc::Sender<Outgoing>, profile: PathBuf, now: Timestamp) {
    let begun = tokio::task::spawn_blocking(move || Renewal::begin(&profile, now)).await;
    let Ok(Ok(Some((renewal, key)))) = begun else { return };
    let (reply, answer) = oneshot::channel();
    if out.send(Outgoing::RenewDevice { key, reply }).await.is_err() {
        return;
    }
    drop(out);
    if let Ok(Ok(answer)) = answer.await
        && let Outcome::DeviceRenewed(certificate) = answer.outcome
    {
        // The key there is serves until the next is whole on disk.
        let _ = tokio::task::spawn_blocking(move || renewal.keep(&certificate)).await;
    }
}
