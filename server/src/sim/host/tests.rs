//! An exchange behind its door, met over the real link.

use std::collections::VecDeque;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use turret_certs::tls::Credentials;
use turret_certs::{Authority, Issued, Profile};
use turret_shared::ids::{InstrumentId, OrderId};
use turret_shared::money::{Price, Qty};
use turret_shared::order::{OrdType, Side, TimeInForce};
use turret_shared::secret::SecretKey;
use turret_shared::venue::{Report, ReportKind, Route, RouteNew, SimRoute, VenueClOrdId};
use turret_shared::view::TradingState;

use super::{HostConfig, serve};
use crate::clock::{Clock, SystemClock};
use crate::venue::{LinkConfig, SimLink, Venue, VenueEvent};

const PATIENCE: Duration = Duration::from_secs(30);

struct Pki {
    authority: String,
    server: Issued,
    client: Issued,
}

fn pki() -> Pki {
    let now_s = u64::try_from(SystemClock::new().wall().0 / 1_000_000_000).unwrap();
    let authority = Authority::create("venue link", now_s).unwrap();
    let server = authority.issue(&Profile::VenueServer { dns_name: "venue-sim".to_owned() }, now_s).unwrap();
    let client = authority.issue(&Profile::VenueClient, now_s).unwrap();
    Pki { authority: authority.certificate_pem().to_owned(), server, client }
}

/// A running exchange; dropping `stop` ends it.
struct Running {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    done: JoinHandle<()>,
}

async fn exchange(pki: &Pki, folder: &Path, address: SocketAddr) -> Running {
    let (stop, stopped) = oneshot::channel::<()>();
    let (ready, is_ready) = oneshot::channel();
    let (ca, cert, key) = (pki.authority.clone(), pki.server.certificate_pem.clone(), pki.server.key_pem.to_string());
    let journal = folder.join("venue.db");
    let done = tokio::spawn(async move {
        let config = HostConfig {
            journal,
            key: SecretKey::new([9; 32]),
            listen: address,
            credentials: Credentials { authority_pem: &ca, certificate_pem: &cert, key_pem: &key },
            endpoint: quinn::EndpointConfig::default(),
            seed: 1,
            replay: None,
        };
        let ready = |address| ready.send(address).unwrap();
        serve(config, Arc::new(SystemClock::new()), ready, async { drop(stopped.await) }).await.unwrap();
    });
    Running { address: is_ready.await.unwrap(), stop, done }
}

struct Member {
    link: SimLink,
    events: mpsc::Receiver<VenueEvent>,
    told: VecDeque<Report>,
}

fn member(pki: &Pki, address: SocketAddr, recorded: u64) -> Member {
    let (sender, events) = mpsc::channel(1_024);
    let config = LinkConfig {
        address,
        server_name: "venue-sim".to_owned(),
        authority_pem: pki.authority.clone(),
        certificate_pem: pki.client.certificate_pem.clone(),
        key_pem: pki.client.key_pem.clone(),
    };
    let link = SimLink::start(&tokio::runtime::Handle::current(), &config, recorded, sender).unwrap();
    Member { link, events, told: VecDeque::new() }
}

impl Member {
    async fn next(&mut self) -> VenueEvent {
        tokio::time::timeout(PATIENCE, self.events.recv()).await.expect("no event in time").expect("link ended")
    }

    async fn up(&mut self, outbox: Vec<Route>) {
        while self.next().await != VenueEvent::Link(true) {}
        self.link.recover(outbox);
    }

    async fn report(&mut self) -> Report {
        loop {
            if let Some(report) = self.told.pop_front() {
                return report;
            }
            if let VenueEvent::Reports(reports) = self.next().await {
                self.told.extend(reports);
            }
        }
    }

    async fn reports(&mut self, count: usize) -> Vec<Report> {
        let mut all = Vec::new();
        while all.len() < count {
            all.push(self.report().await);
        }
        all
    }
}

const fn id(order: u64) -> VenueClOrdId {
    VenueClOrdId { order: OrderId(order * 256), revision: 0 }
}

fn buy(order: u64, cents: Option<i64>) -> Route {
    Route::New(RouteNew {
        id: id(order),
        instrument: InstrumentId(1),
        side: Side::Buy,
        qty: Qty::whole(100).unwrap(),
        ord_type: if cents.is_some() { OrdType::Limit } else { OrdType::Market },
        price: cents.map(|cents| Price(cents * 10_000_000)),
        stop_px: None,
        tif: TimeInForce::Day,
    })
}

const ANYWHERE: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_market_order_is_acknowledged_and_filled_and_prices_arrive() {
    let (pki, folder) = (pki(), tempfile::tempdir().unwrap());
    let venue = exchange(&pki, folder.path(), ANYWHERE).await;
    let mut member = member(&pki, venue.address, 0);
    member.up(vec![buy(1, None)]).await;
    let (mut source, mut quote, mut reports) = (None, None, Vec::new());
    while source.is_none() || quote.is_none() || reports.len() < 2 {
        match member.next().await {
            VenueEvent::Reports(told) => reports.extend(told),
            VenueEvent::DataSource(name) => source = Some(name),
            VenueEvent::Quote(picture) if picture.instrument == InstrumentId(1) => quote = Some(picture),
            _ => {}
        }
    }
    assert!(matches!(reports[0], Report { sequence: 1, kind: ReportKind::New { working: true, .. }, .. }));
    assert!(matches!(reports[1], Report { sequence: 2, kind: ReportKind::Trade { removed: true, .. }, .. }));
    let quote = quote.unwrap();
    assert_eq!(source.as_deref(), Some("SIM"));
    assert!(quote.state == TradingState::Open && quote.bids[0].price < quote.asks[0].price);
    drop(venue.stop);
    venue.done.await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn orders_and_reports_survive_a_restart_and_repeats_are_harmless() {
    let (pki, folder) = (pki(), tempfile::tempdir().unwrap());
    let venue = exchange(&pki, folder.path(), ANYWHERE).await;
    let mut first = member(&pki, venue.address, 0);
    first.up(vec![buy(1, None), buy(2, Some(10_000))]).await;
    let told = first.reports(3).await;
    drop(first);
    drop(venue.stop);
    venue.done.await.unwrap();

    let venue = exchange(&pki, folder.path(), ANYWHERE).await;
    let mut again = member(&pki, venue.address, 1);
    let replayed = again.reports(2).await;
    assert_eq!(replayed, told[1..], "what was told is told again, unchanged");
    again
        .up(vec![
            buy(1, None),
            buy(2, Some(10_000)),
            Route::Cancel { id: VenueClOrdId { revision: 1, ..id(2) }, orig: id(2) },
        ])
        .await;
    let answers = again.reports(3).await;
    assert!(matches!(answers[0], Report { sequence: 0, kind: ReportKind::Status { as_of: 3, .. }, .. }));
    assert!(matches!(answers[1], Report { sequence: 0, kind: ReportKind::Status { .. }, .. }));
    assert!(matches!(answers[2], Report { sequence: 4, kind: ReportKind::Canceled { request: Some(_), .. }, .. }));
    again.link.route(vec![Route::Status { id: id(9) }]);
    again.link.route(vec![buy(9, None)]);
    let barred = again.reports(2).await;
    assert!(barred.iter().all(|report| matches!(report.kind, ReportKind::Unknown { .. })));
    drop(venue.stop);
    venue.done.await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dropped_link_comes_back_with_what_was_missed() {
    let (pki, folder) = (pki(), tempfile::tempdir().unwrap());
    let venue = exchange(&pki, folder.path(), ANYWHERE).await;
    let mut member = member(&pki, venue.address, 0);
    member.up(Vec::new()).await;
    member.link.route(vec![buy(1, None)]);
    member.link.route(vec![Route::Sim(SimRoute::DropLink { seconds: 1 })]);
    let mut facts = Vec::new();
    let mut ups = Vec::new();
    while ups != [false, true] {
        match member.next().await {
            VenueEvent::Link(up) => ups.push(up),
            VenueEvent::Reports(told) => facts.extend(told.iter().map(|report| report.sequence)),
            _ => {}
        }
    }
    assert_eq!(facts, [1, 2]);
    member.link.recover(vec![Route::Sim(SimRoute::Delay { ms: 200 }), buy(2, None)]);
    let late = member.reports(2).await;
    assert_eq!(late.iter().map(|report| report.sequence).collect::<Vec<_>>(), [3, 4]);
    drop(venue.stop);
    venue.done.await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn busts_and_halts_are_told() {
    let (pki, folder) = (pki(), tempfile::tempdir().unwrap());
    let venue = exchange(&pki, folder.path(), ANYWHERE).await;
    let mut member = member(&pki, venue.address, 0);
    member.up(vec![buy(1, None)]).await;
    let told = member.reports(2).await;
    let ReportKind::Trade { exec, .. } = told[1].kind else { panic!("not filled: {told:?}") };
    member.link.route(vec![Route::Sim(SimRoute::Bust { exec })]);
    member.link.route(vec![Route::Sim(SimRoute::Bust { exec })]);
    member.link.route(vec![Route::Sim(SimRoute::Halt { instrument: InstrumentId(1), halted: true })]);
    member.link.route(vec![buy(2, None)]);
    let told = member.reports(5).await;
    assert!(matches!(told[0].kind, ReportKind::Bust { refers, .. } if refers == exec));
    assert!(matches!(told[1].kind, ReportKind::Canceled { cum_qty: Qty(0), .. }));
    assert!(matches!(told[2].kind, ReportKind::SimRefused { .. }));
    assert!(matches!(told[3].kind, ReportKind::Halt { halted: true, .. }));
    assert!(matches!(told[4].kind, ReportKind::Rejected { .. }));
    drop(venue.stop);
    venue.done.await.unwrap();
}
