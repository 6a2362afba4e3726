//! Connections that are open, and what each device last showed of itself: address, certificate, version; it must send nothing.

use std::collections::BTreeMap;
use std::net::IpAddr;

use quinn::Connection;
use tokio::sync::mpsc;
use turret_shared::ids::{ConnectionId, DeviceId};
use turret_shared::people::{DeviceView, SessionView};
use turret_shared::time::{NS_PER_S, Timestamp};

use super::limits::{DEVICE_CONNECTIONS_MAX, SIGNALS_MAX};
use super::shared::Signal;

/// An open connection of a device.
#[derive(Debug)]
struct Carrier {
    device: DeviceId,
    connection: Connection,
    /// As its hello said; empty before.
    version: String,
    signals: mpsc::Sender<Signal>,
}

/// What a device showed when it connected last.
#[derive(Debug, Clone, Copy)]
struct Shown {
    address: IpAddr,
    certificate_ends: Option<Timestamp>,
}

/// All of them. What devices showed is known since the server started; devices are as many as the engine allows.
#[derive(Debug, Default)]
pub(super) struct Carriers {
    open: BTreeMap<ConnectionId, Carrier>,
    shown: BTreeMap<DeviceId, Shown>,
}

impl Carriers {
    /// A new connection of a device, and where its signals come out; `None` when it has as many as one device may.
    pub(super) fn enter(
        &mut self,
        id: ConnectionId,
        device: DeviceId,
        connection: &Connection,
        certificate_ends_s: Option<i64>,
    ) -> Option<mpsc::Receiver<Signal>> {
        if self.open.values().filter(|carrier| carrier.device == device).count() >= DEVICE_CONNECTIONS_MAX {
            return None;
        }
        let (signals, receiver) = mpsc::channel(SIGNALS_MAX);
        let certificate_ends = certificate_ends_s.map(|s| Timestamp(s.saturating_mul(NS_PER_S)));
        self.shown.insert(device, Shown { address: connection.remote_address().ip(), certificate_ends });
        let connection = connection.clone();
        self.open.insert(id, Carrier { device, connection, version: String::new(), signals });
        Some(receiver)
    }

    /// It said which program speaks there, in digits and dots.
    pub(super) fn introduced(&mut self, id: ConnectionId, version: &str) {
        if let Some(carrier) = self.open.get_mut(&id) {
            version.clone_into(&mut carrier.version);
        }
    }

    /// It is gone.
    pub(super) fn leave(&mut self, id: ConnectionId) {
        self.open.remove(&id);
    }

    /// Tells one connection. A full queue holds enough reasons to leave already.
    pub(super) fn signal(&self, id: ConnectionId, signal: Signal) {
        if let Some(carrier) = self.open.get(&id) {
            let _ = carrier.signals.try_send(signal);
        }
    }

    /// Tells every connection whose device fulfils `which`.
    pub(super) fn signal_devices(&self, signal: Signal, which: impl Fn(DeviceId) -> bool) {
        for carrier in self.open.values().filter(|carrier| which(carrier.device)) {
            let _ = carrier.signals.try_send(signal);
        }
    }

    /// Fills in where a session's connection comes from, how far away it is and which program speaks there.
    pub(super) fn whereabouts(&self, row: &mut SessionView, carrier: Option<ConnectionId>) {
        let Some(carrier) = carrier.and_then(|id| self.open.get(&id)) else { return };
        row.place = carrier.connection.remote_address().ip().to_string();
        row.round_trip_us = u32::try_from(carrier.connection.rtt().as_micros()).ok();
        row.version.clone_from(&carrier.version);
    }

    /// Fills in until when a device's certificate lasts and where it came from, as it last showed them.
    pub(super) fn certificate(&self, row: &mut DeviceView) {
        if let Some(shown) = self.shown.get(&row.device) {
            row.certificate_ends = shown.certificate_ends;
            row.place = shown.address.to_string();
        }
    }
}
