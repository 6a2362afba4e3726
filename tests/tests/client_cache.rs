//! What a device keeps: it comes back to its owner alone, whole or not at all, and shows nothing on the disk; no server is used.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use tempfile::TempDir;
use turret_client::cache::{self, CacheError, DRAFTS, Opened, Owner, Place, Rebuilt};
use turret_client::link::Had;
use turret_shared::ids::{AccountId, ClOrdId, DeviceId, EntitlementVersion, OrderId, Sequence, UserId};
use turret_shared::order::Side;
use turret_shared::secret::{SecretKey, SecretText};
use turret_shared::view::OrderView;
use turret_shared::wire::control::CacheGrant;
use turret_shared::wire::feed::{FeedItem, FeedMessage};
use turret_tests::station::{executed, fill, names, order};
use zeroize::Zeroizing;

const PASSWORD: &str = "canary password of ann";
const RIGHTS: EntitlementVersion = EntitlementVersion(77);

/// One person's device, and what the server would say to it.
struct Device {
    folder: TempDir,
    login: &'static str,
    owner: Owner,
    password: &'static str,
    grant: CacheGrant,
}

impl Device {
    fn new() -> Self {
        let owner = Owner { origin: "turret.test".into(), user: UserId(1), device: DeviceId(4) };
        let share = SecretKey::new([0x5a; 32]);
        let grant = CacheGrant { share, generation: 0, device: DeviceId(4), rights: RIGHTS };
        Self { folder: tempfile::tempdir().unwrap(), login: "ann.lee", owner, password: PASSWORD, grant }
    }

    fn place(&self) -> Place {
        Place::of(self.folder.path(), &self.owner.origin, self.login)
    }

    fn try_open(&self) -> (Result<Opened, CacheError>, Receiver<CacheError>) {
        let (faults, told) = channel();
        let prepared = cache::prepare(self.place(), &SecretText::new(self.password.to_owned())).unwrap();
        let fault = move |error| drop(faults.send(error));
        (cache::open(&prepared, &self.grant, &self.owner, Vec::new(), fault), told)
    }

    fn open(&self) -> Opened {
        self.try_open().0.unwrap()
    }

    /// Closes it, and the server hears of it.
    async fn close(&mut self, opened: Opened) {
        self.grant.generation = opened.keeper.finish().await.expect("closed in time");
    }

    /// Why it was made anew, if it was; nothing of what was kept may be shown then.
    async fn verdict(&mut self) -> Option<Rebuilt> {
        let opened = self.open();
        let rebuilt = opened.rebuilt;
        if rebuilt.is_some() {
            assert!(opened.rows.is_empty() && opened.had == Had::default(), "{rebuilt:?}");
        }
        if matches!(rebuilt, Some(Rebuilt::Damaged | Rebuilt::Foreign | Rebuilt::RolledBack)) {
            assert!(opened.drafts.is_none() && opened.outbox.is_empty(), "{rebuilt:?}");
        }
        self.close(opened).await;
        rebuilt
    }

    fn files(&self) -> Vec<PathBuf> {
        let all = std::fs::read_dir(self.folder.path().join("cache")).unwrap();
        all.map(|entry| entry.unwrap().path()).collect()
    }

    fn copy_to(&self, other: &Path) {
        std::fs::create_dir_all(other).unwrap();
        for file in self.files() {
            std::fs::copy(&file, other.join(file.file_name().unwrap())).unwrap();
        }
    }

    fn put_back(&self, from: &Path) {
        for file in self.files() {
            std::fs::remove_file(file).unwrap();
        }
        for entry in std::fs::read_dir(from).unwrap() {
            let path = entry.unwrap().path();
            std::fs::copy(&path, self.folder.path().join("cache").join(path.file_name().unwrap())).unwrap();
        }
    }
}

fn of_account(account: u32, mut view: OrderView) -> OrderView {
    view.account = AccountId(account);
    view.text = "canary text of an order".into();
    view
}

fn orders() -> Vec<OrderView> {
    let partly = executed(order(3_400_000, 1, Side::Buy, 500, "189.46"), 350, "189.494285714");
    vec![of_account(1001, order(900_000, 1, Side::Sell, 300, "189.55")), of_account(1002, partly)]
}

/// A small snapshot in two messages, as a server sends it.
fn snapshot() -> Vec<FeedMessage> {
    let mut first = vec![FeedItem::SnapshotBegin];
    first.extend(names());
    let mut second: Vec<_> = orders().into_iter().map(|view| FeedItem::Order(Box::new(view))).collect();
    let of = of_account(1002, orders().remove(1));
    second.push(FeedItem::Fill(Box::new(fill(&of, 3_400_001, 350, "189.49"))));
    second.extend([FeedItem::VenueLink(true), FeedItem::SnapshotEnd]);
    let message = |through, items, rights| FeedMessage { through: Sequence(through), items, rights };
    vec![message(0, first, None), message(500, second, Some(RIGHTS))]
}

fn kept_orders(opened: &Opened) -> Vec<OrderView> {
    opened
        .rows
        .iter()
        .filter_map(|item| if let FeedItem::Order(order) = item { Some((**order).clone()) } else { None })
        .collect()
}

fn name(text: &str) -> ClOrdId {
    ClOrdId::new(text).unwrap()
}

/// A device that has been used once: rows, a draft, an order without an answer.
async fn used() -> Device {
    let mut device = Device::new();
    let opened = device.open();
    assert_eq!((opened.rebuilt, opened.had, opened.generation), (None, Had::default(), 1));
    assert!(opened.rows.is_empty() && opened.drafts.is_none() && opened.outbox.is_empty());
    for message in snapshot() {
        opened.keeper.feed(&message);
    }
    opened.keeper.keep(DRAFTS, Zeroizing::new(b"canary draft".to_vec()));
    opened.keeper.sent(name("c-1"), b"canary command".to_vec()).await;
    opened.keeper.sent(name("c-2"), b"answered".to_vec()).await;
    opened.keeper.answered(name("c-2"));
    device.close(opened).await;
    device
}

#[tokio::test]
async fn what_was_kept_comes_back_whole_and_the_feed_goes_on_from_there() {
    let mut device = used().await;
    assert_eq!(device.grant.generation, 2);
    let opened = device.open();
    assert_eq!(opened.rebuilt, None);
    assert_eq!(opened.had, Had { have: Some(Sequence(500)), rights: Some(RIGHTS) });
    assert_eq!(kept_orders(&opened), orders());
    // A snapshot has a beginning and an end besides.
    let told = snapshot().iter().map(|message| message.items.len()).sum::<usize>();
    assert_eq!(opened.rows.len(), told - 2);
    assert_eq!(opened.drafts.as_deref().map(Vec::as_slice), Some(&b"canary draft"[..]));
    assert_eq!(opened.outbox.len(), 1);
    assert_eq!(
        (opened.outbox[0].name.clone(), opened.outbox[0].command.as_slice()),
        (name("c-1"), &b"canary command"[..])
    );
    // A part of something longer moves nothing on; its last message does. An account's loss takes its rows along, and a
    // row under the name of what was sent is its answer.
    let mut third = of_account(1001, order(950_000, 2, Side::Buy, 10, "170"));
    third.cl_ord_id = name("c-1");
    let part = FeedMessage { through: Sequence(500), items: vec![FeedItem::Purge(AccountId(1002))], rights: None };
    opened.keeper.feed(&part);
    let items = vec![FeedItem::Order(Box::new(third.clone()))];
    opened.keeper.feed(&FeedMessage { through: Sequence(620), items, rights: Some(RIGHTS) });
    device.close(opened).await;
    let opened = device.open();
    assert_eq!(opened.had.have, Some(Sequence(620)));
    assert_eq!(kept_orders(&opened), [orders().remove(0), third]);
    assert!(opened.outbox.is_empty());
    let fills = opened.rows.iter().filter(|item| matches!(item, FeedItem::Fill(_)));
    assert_eq!(fills.count(), 0);
    device.close(opened).await;
}

#[tokio::test]
async fn half_a_snapshot_is_nothing_to_go_on_from() {
    let mut device = used().await;
    let opened = device.open();
    opened.keeper.feed(&snapshot().remove(0));
    device.close(opened).await;
    let opened = device.open();
    assert_eq!((opened.rebuilt, opened.had), (None, Had::default()));
    assert!(opened.rows.is_empty() && opened.drafts.is_some());
    device.close(opened).await;
}

#[tokio::test]
async fn another_password_share_person_device_or_server_opens_nothing() {
    let changes: [fn(&mut Device); 5] = [
        |device| device.password = "another password of ann",
        |device| device.grant.share = SecretKey::new([0x5b; 32]),
        |device| device.owner.user = UserId(2),
        |device| device.owner.device = DeviceId(5),
        |device| {
            // The files of one server under the name of another's.
            let theirs = Place::of(device.folder.path(), "other.test", device.login);
            std::fs::rename(device.place().database(), theirs.database()).unwrap();
            std::fs::rename(device.place().slots(), theirs.slots()).unwrap();
            device.owner.origin = "other.test".into();
        },
    ];
    for (at, change) in changes.into_iter().enumerate() {
        let mut device = used().await;
        change(&mut device);
        assert_eq!(device.verdict().await, Some(Rebuilt::Foreign), "change {at}");
        // What was made anew is theirs from then on.
        assert_eq!(device.verdict().await, None, "change {at}");
    }
}

#[tokio::test]
async fn a_new_password_locks_the_same_cache_and_one_not_locked_with_it_in_time_is_made_anew() {
    const NEW: &str = "another password of ann";
    let rewrap = |device: &Device, old: &str| {
        let prepared = cache::prepare(device.place(), &SecretText::new(old.to_owned())).unwrap();
        cache::rewrap(&prepared, &SecretText::new(NEW.to_owned()), &device.grant, &device.owner)
    };
    let mut device = used().await;
    // While it is open, as it is when a person changes their password.
    let opened = device.open();
    assert!(rewrap(&device, "not the password").is_err(), "what does not open is left alone");
    rewrap(&device, PASSWORD).unwrap();
    device.close(opened).await;
    device.password = NEW;
    let opened = device.open();
    assert_eq!((opened.rebuilt, kept_orders(&opened)), (None, orders()));
    device.close(opened).await;
    device.password = PASSWORD;
    assert_eq!(device.verdict().await, Some(Rebuilt::Foreign), "the old one opens nothing any more");

    // The server took the new one and this process died before it could lock with it: nobody is kept out.
    let mut device = used().await;
    device.password = NEW;
    assert_eq!(device.verdict().await, Some(Rebuilt::Foreign));
    assert_eq!(device.verdict().await, None);
    // Half-way through the writing of the new slots the old ones stand.
    let mut device = used().await;
    let half = device.place().slots().with_extension("slots.new");
    std::fs::write(half, b"half").unwrap();
    assert_eq!(device.verdict().await, None);
}

#[tokio::test]
async fn an_older_copy_put_back_is_not_believed() {
    let mut device = used().await;
    let older = device.folder.path().join("older");
    device.copy_to(&older);
    assert_eq!(device.verdict().await, None);
    device.put_back(&older);
    assert_eq!(device.verdict().await, Some(Rebuilt::RolledBack));
    // One that was killed before the server heard of its generation is no older copy.
    let killed = device.open();
    drop(killed);
    let opened = loop {
        match device.try_open().0 {
            Ok(opened) => break opened,
            Err(CacheError::Held) => tokio::time::sleep(Duration::from_millis(5)).await,
            Err(other) => panic!("{other:?}"),
        }
    };
    assert_eq!(opened.rebuilt, None);
}

#[tokio::test]
async fn lost_rights_take_every_row_along_before_anything_is_shown() {
    let mut device = used().await;
    device.grant.rights = EntitlementVersion(78);
    let opened = device.open();
    assert_eq!((opened.rebuilt, opened.had), (Some(Rebuilt::RightsChanged), Had::default()));
    assert!(opened.rows.is_empty() && opened.drafts.is_some() && opened.outbox.len() == 1);
    device.close(opened).await;
    // For good: the old rights bring back nothing.
    device.grant.rights = RIGHTS;
    let opened = device.open();
    assert_eq!((opened.rebuilt, opened.had), (None, Had::default()));
    assert!(opened.rows.is_empty());
    device.close(opened).await;
}

#[tokio::test]
async fn whatever_is_cut_or_flipped_is_noticed_and_what_is_gone_is_made_anew() {
    let mut device = used().await;
    let whole = device.folder.path().join("whole");
    device.copy_to(&whole);
    let generation = device.grant.generation;
    let (slots, database) = (device.place().slots(), device.place().database());
    let length = std::fs::metadata(&database).unwrap().len();
    let altered: Vec<(String, Box<dyn Fn()>)> = vec![
        ("no slots".into(), Box::new(|| std::fs::remove_file(&slots).unwrap())),
        ("no database".into(), Box::new(|| std::fs::remove_file(&database).unwrap())),
        ("empty slots".into(), Box::new(|| std::fs::write(&slots, b"").unwrap())),
        ("empty database".into(), Box::new(|| std::fs::write(&database, b"").unwrap())),
        ("strange slots".into(), Box::new(|| std::fs::write(&slots, [0xff; 9_000]).unwrap())),
        ("strange database".into(), Box::new(|| std::fs::write(&database, [0x41; 9_000]).unwrap())),
    ];
    for (what, alter) in altered {
        device.put_back(&whole);
        device.grant.generation = generation;
        alter();
        let verdict = device.verdict().await;
        assert_eq!(verdict, Some(Rebuilt::Damaged), "{what}");
    }
    for at in (0..length).step_by(2_011) {
        device.put_back(&whole);
        device.grant.generation = generation;
        let mut bytes = std::fs::read(&database).unwrap();
        bytes[usize::try_from(at).unwrap()] ^= 0x10;
        std::fs::write(&database, bytes).unwrap();
        assert_eq!(device.verdict().await, Some(Rebuilt::Damaged), "byte {at} of {length}");
        device.put_back(&whole);
        device.grant.generation = generation;
        std::fs::File::options().write(true).open(&database).unwrap().set_len(at).unwrap();
        assert_eq!(device.verdict().await, Some(Rebuilt::Damaged), "cut at {at} of {length}");
    }
    device.put_back(&whole);
    device.grant.generation = generation;
    for file in device.files() {
        std::fs::remove_file(file).unwrap();
    }
    assert_eq!(device.verdict().await, None, "nothing there is nothing wrong");
}

#[tokio::test]
async fn one_process_has_it_and_another_window_runs_without() {
    let mut device = used().await;
    let first = device.open();
    assert!(matches!(device.try_open().0, Err(CacheError::Held)));
    device.close(first).await;
    assert_eq!(device.verdict().await, None);
}

#[tokio::test]
async fn threat_19_no_file_shows_what_is_in_it_and_only_its_owner_reads_it() {
    let device = used().await;
    let opened = device.open();
    for message in snapshot() {
        opened.keeper.feed(&message);
    }
    opened.keeper.sent(name("c-3"), b"canary command".to_vec()).await;
    let canaries = ["canary", "A1001", "A1002", "AAPL", "ann.lee", "Orchard", "c-1", "SQLite format 3", "CREATE TABLE"];
    for file in device.files() {
        let bytes = std::fs::read(&file).unwrap();
        for canary in canaries {
            assert!(
                !bytes.windows(canary.len()).any(|part| part == canary.as_bytes()),
                "{canary} in {}",
                file.display()
            );
            assert!(!file.to_string_lossy().contains(canary), "{}", file.display());
        }
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600, "{}", file.display());
        }
    }
    assert!(device.files().len() >= 3);
    let shown = format!("{opened:?} {:?}", device.grant);
    assert!(!shown.contains("90, 90") && shown.contains("<secret key>"), "{shown}");
}

#[tokio::test]
async fn a_disk_that_takes_no_more_is_told_once_and_stops_nobody() {
    let device = used().await;
    let opened = device.open();
    // More than is held in memory.
    let mut view = order(960_000, 2, Side::Buy, 10, "170");
    for first in (0..30_000_u64).step_by(1_000) {
        let each = (first..first + 1_000)
            .map(|n| FeedItem::Order(Box::new(OrderView { order_id: OrderId(n), ..view.clone() })));
        opened.keeper.feed(&FeedMessage { through: Sequence(600), items: each.collect(), rights: Some(RIGHTS) });
    }
    opened.keeper.sent(name("c-3"), b"command".to_vec()).await;
    drop(opened);
    let (opened, faults) = loop {
        match device.try_open() {
            (Err(CacheError::Held), _) => tokio::time::sleep(Duration::from_millis(50)).await,
            (opened, faults) => break (opened.unwrap(), faults),
        }
    };
    assert_eq!(opened.rebuilt, None);
    // As when the disk fails beneath it: the open file is no database any more.
    std::fs::write(device.place().database(), vec![0; 40_000]).unwrap();
    opened.keeper.feed(&FeedMessage {
        through: Sequence(601),
        items: vec![FeedItem::Purge(AccountId(1001))],
        rights: Some(RIGHTS),
    });
    let fault = faults.recv_timeout(Duration::from_secs(20)).expect("it is told");
    assert!(matches!(fault, CacheError::Database(_)), "{fault:?}");
    for n in 0..20_000_u64 {
        view.order_id = OrderId(n);
        let items = vec![FeedItem::Order(Box::new(view.clone()))];
        opened.keeper.feed(&FeedMessage { through: Sequence(600 + n), items, rights: Some(RIGHTS) });
        opened.keeper.answered(name("c-1"));
    }
    opened.keeper.sent(name("c-9"), Vec::new()).await;
    assert_eq!(opened.keeper.finish().await, None);
    assert!(faults.try_recv().is_err(), "once is enough");
}

#[tokio::test]
async fn what_cannot_be_got_at_now_is_left_as_it_is() {
    let mut device = used().await;
    // Nothing can be opened where the log ahead should be.
    let in_the_way = device.place().database().with_extension("db-wal");
    std::fs::create_dir(&in_the_way).unwrap();
    assert!(matches!(device.try_open().0, Err(CacheError::Database(_))));
    std::fs::remove_dir(&in_the_way).unwrap();
    let opened = device.open();
    assert_eq!((opened.rebuilt, opened.had.have), (None, Some(Sequence(500))));
    assert!(opened.drafts.is_some() && opened.outbox.len() == 1);
    device.close(opened).await;
}

#[tokio::test]
async fn a_cache_made_anew_by_another_window_meanwhile_opens_all_the_same() {
    let mut device = Device::new();
    let early = cache::prepare(device.place(), &SecretText::new(PASSWORD.to_owned())).unwrap();
    let opened = device.open();
    opened.keeper.keep(DRAFTS, Zeroizing::new(b"draft".to_vec()));
    device.close(opened).await;
    let opened = cache::open(&early, &device.grant, &device.owner, Vec::new(), |_| ()).unwrap();
    assert_eq!(opened.rebuilt, None);
    assert!(opened.drafts.is_some());
    device.close(opened).await;
}

#[tokio::test]
async fn half_a_loss_of_rights_is_nothing_to_go_on_from() {
    let mut device = used().await;
    let opened = device.open();
    let purge = vec![FeedItem::Purge(AccountId(1002))];
    opened.keeper.feed(&FeedMessage { through: Sequence(500), items: purge, rights: None });
    device.close(opened).await;
    let opened = device.open();
    assert_eq!((opened.rebuilt, opened.had), (None, Had::default()));
    assert!(opened.rows.is_empty() && opened.drafts.is_some());
    device.close(opened).await;
}
