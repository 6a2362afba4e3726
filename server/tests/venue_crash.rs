//! The simulator's process killed while orders flow: nothing told is lost, nothing executes twice, open orders come back.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tokio::sync::mpsc;
use turret_certs::{Authority, Issued, Profile};
use turret_server::clock::{Clock, SystemClock};
use turret_server::venue::{LinkConfig, SimLink, Venue, VenueEvent};
use turret_shared::ids::{InstrumentId, OrderId};
use turret_shared::money::{Price, Qty};
use turret_shared::order::{OrdType, Side, TimeInForce};
use turret_shared::venue::{Report, ReportKind, Route, RouteNew, VenueClOrdId};

const PATIENCE: Duration = Duration::from_secs(60);
const ROUNDS: u64 = 4;
const ORDERS_PER_ROUND: u64 = 400;

struct Pki {
    authority: String,
    client: Issued,
}

fn make_pki(folder: &Path) -> Pki {
    let now_s = u64::try_from(SystemClock::new().wall().0 / 1_000_000_000).unwrap();
    let authority = Authority::create("venue link", now_s).unwrap();
    let server = authority.issue(&Profile::VenueServer { dns_name: "venue-sim".to_owned() }, now_s).unwrap();
    let client = authority.issue(&Profile::VenueClient, now_s).unwrap();
    std::fs::write(folder.join("ca.pem"), authority.certificate_pem()).unwrap();
    std::fs::write(folder.join("venue.pem"), &server.certificate_pem).unwrap();
    std::fs::write(folder.join("venue.key"), server.key_pem.as_bytes()).unwrap();
    Pki { authority: authority.certificate_pem().to_owned(), client }
}

/// The real process; killed, never asked, when dropped.
struct Simulator {
    process: Child,
    address: SocketAddr,
}

impl Simulator {
    fn start(folder: &Path, listen: &str) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_turretd"))
            .arg("venue-sim")
            .arg("--data")
            .arg(folder.join("data"))
            .args(["--listen", listen, "--seed", "7", "--passphrase-fd", "0", "--until-stdin-closes"])
            .arg("--cert")
            .arg(folder.join("venue.pem"))
            .arg("--key")
            .arg(folder.join("venue.key"))
            .arg("--ca")
            .arg(folder.join("ca.pem"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        process.stdin.as_mut().unwrap().write_all(b"correct horse battery staple\n").unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address =
            line.trim().strip_prefix("listening ").unwrap_or_else(|| panic!("said {line:?}")).parse().unwrap();
        Self { process, address }
    }

    /// SIGKILL: no farewell, no flush.
    fn kill(mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        // It may be dead already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// What a member knows: every fact told, and what it still waits for.
#[derive(Default)]
struct Member {
    facts: Vec<Report>,
    waits: BTreeMap<VenueClOrdId, Route>,
}

impl Member {
    fn hear(&mut self, report: Report) {
        match &report.kind {
            ReportKind::New { id, .. }
            | ReportKind::Rejected { id, .. }
            | ReportKind::CancelRejected { id, .. }
            | ReportKind::Canceled { request: Some(id), .. } => {
                assert!(self.waits.remove(id).is_some(), "answered twice: {report:?}");
            }
            _ => {}
        }
        if report.sequence > 0 {
            let expected = self.facts.last().map_or(1, |last| last.sequence + 1);
            assert_eq!(report.sequence, expected, "a gap");
            self.facts.push(report);
        }
    }

    fn ask(&mut self, route: &Route) {
        let id = match route {
            Route::New(new) => new.id,
            Route::Cancel { id, .. } => *id,
            other => panic!("not asked here: {other:?}"),
        };
        self.waits.insert(id, route.clone());
    }

    fn outbox(&self) -> Vec<Route> {
        self.waits.values().cloned().collect()
    }
}

struct Line {
    link: SimLink,
    events: mpsc::Receiver<VenueEvent>,
}

fn connect(pki: &Pki, address: SocketAddr, recorded: u64) -> Line {
    let (sender, events) = mpsc::channel(4_096);
    let config = LinkConfig {
        address,
        server_name: "venue-sim".to_owned(),
        authority_pem: pki.authority.clone(),
        certificate_pem: pki.client.certificate_pem.clone(),
        key_pem: pki.client.key_pem.clone(),
    };
    let link = SimLink::start(&tokio::runtime::Handle::current(), &config, recorded, sender).unwrap();
    Line { link, events }
}

impl Line {
    async fn next(&mut self) -> VenueEvent {
        tokio::time::timeout(PATIENCE, self.events.recv()).await.expect("silence").expect("the link ended")
    }

    async fn hear_until(&mut self, member: &mut Member, is_enough: impl Fn(&Member) -> bool) {
        while !is_enough(member) {
            match self.next().await {
                VenueEvent::Reports(reports) => reports.into_iter().for_each(|report| member.hear(report)),
                VenueEvent::Link(true) => self.link.recover(member.outbox()),
                _ => {}
            }
        }
    }
}

const fn id(order: u64, revision: u32) -> VenueClOrdId {
    VenueClOrdId { order: OrderId(order * 256), revision }
}

/// Every third order takes, the others rest below the market; every fourth of those is canceled.
fn routes(order: u64) -> Vec<Route> {
    let takes = order.is_multiple_of(3);
    let new = Route::New(RouteNew {
        id: id(order, 0),
        instrument: InstrumentId(1 + u32::try_from(order % 40).unwrap()),
        side: Side::Buy,
        qty: Qty::whole(100).unwrap(),
        ord_type: if takes { OrdType::Market } else { OrdType::Limit },
        price: (!takes).then_some(Price(1_000_000_000)),
        stop_px: None,
        tif: TimeInForce::Day,
    });
    let cancel = (order % 4 == 1).then(|| Route::Cancel { id: id(order, 1), orig: id(order, 0) });
    std::iter::once(new).chain(cancel).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_or_doubled_by_kills_while_orders_flow() {
    let folder = tempfile::tempdir().unwrap();
    let pki = make_pki(folder.path());
    let mut simulator = Simulator::start(folder.path(), "127.0.0.1:0");
    let address = simulator.address;
    let mut member = Member::default();
    let mut line = connect(&pki, address, 0);
    let mut order = 0;
    for round in 0..ROUNDS {
        for route in (0..ORDERS_PER_ROUND).flat_map(|at| routes(order + at + 1)) {
            member.ask(&route);
            // Before the link is up this goes nowhere; the outbox brings it.
            line.link.route(vec![route]);
        }
        order += ORDERS_PER_ROUND;
        let enough = member.facts.len() + 40 + usize::try_from(round).unwrap() * 90;
        line.hear_until(&mut member, |member| member.facts.len() >= enough).await;
        simulator.kill();
        simulator = Simulator::start(folder.path(), &address.to_string());
        if round % 2 == 1 {
            // As a server that died too: it remembers what it recorded, and no more.
            let recorded = member.facts.last().map_or(0, |last| last.sequence);
            line = connect(&pki, address, recorded);
        }
    }
    line.hear_until(&mut member, |member| member.waits.is_empty()).await;
    check(&member, order);

    let open: Vec<u64> = (1..=order).filter(|order| order % 3 != 0 && order % 4 != 1).collect();
    for order in &open {
        let route = Route::Cancel { id: id(*order, 2), orig: id(*order, 0) };
        member.ask(&route);
        line.link.route(vec![route]);
    }
    line.hear_until(&mut member, |member| member.waits.is_empty()).await;
    let taken_out = member.facts.iter().filter(
        |fact| matches!(fact.kind, ReportKind::Canceled { request: Some(request), .. } if request.revision == 2),
    );
    assert_eq!(taken_out.count(), open.len(), "every open order was back in its book");

    // The venue has one member: a second link takes the place of the first.
    drop(line);
    let mut anew = connect(&pki, address, 0);
    let mut heard = Member {
        waits: (1..=order).flat_map(routes).map(|route| (id_of(&route), route)).collect(),
        ..Member::default()
    };
    heard.waits.extend(open.iter().map(|order| (id(*order, 2), Route::Status { id: id(*order, 2) })));
    let all = member.facts.len();
    while heard.facts.len() < all {
        if let VenueEvent::Reports(reports) = anew.next().await {
            reports.into_iter().for_each(|report| heard.hear(report));
        }
    }
    assert!(heard.facts == member.facts, "what was told is told again, word for word");
}

fn id_of(route: &Route) -> VenueClOrdId {
    match route {
        Route::New(new) => new.id,
        Route::Cancel { id, .. } | Route::Replace { id, .. } | Route::Status { id } => *id,
        Route::Sim(_) => panic!("has no id"),
    }
}

/// Execution ids are unique, quantities add up, and nothing executed beyond its order.
fn check(member: &Member, orders: u64) {
    let (mut execs, mut cums, mut news) = (BTreeSet::new(), BTreeMap::<OrderId, i64>::new(), BTreeSet::new());
    for fact in &member.facts {
        match &fact.kind {
            ReportKind::New { id, .. } => assert!(news.insert(id.order), "{} twice", id.order),
            ReportKind::Trade { id, exec, qty, cum_qty, .. } => {
                assert!(execs.insert(*exec), "{exec:?} twice");
                let cum = cums.entry(id.order).or_default();
                *cum += qty.0;
                assert_eq!(*cum, cum_qty.0, "{}", id.order);
                assert!(*cum <= Qty::whole(100).unwrap().0, "{} executed too much", id.order);
            }
            _ => {}
        }
    }
    assert_eq!(u64::try_from(news.len()).unwrap(), orders);
    let filled = cums.values().filter(|cum| **cum == Qty::whole(100).unwrap().0).count();
    assert!(filled > 0, "something was filled");
}
