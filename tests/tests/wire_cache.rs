//! What a device keeps, against a whole server: a second sign-in fetches only what is new, and lost rights show nothing old.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod wire;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::Receiver;
use turret_client::cache::{self, Anchor, Broken, CHECKPOINT, Opened, Owner, Place, Rebuilt};
use turret_client::link::{Had, Link, LinkEvent, SignInError};
use turret_client::profile::Profile;
use turret_shared::account::Rights;
use turret_shared::command::{NewOrder, Verb};
use turret_shared::event::Event;
use turret_shared::event::setup::{EntitlementScope, EntitlementSet};
use turret_shared::ids::{AccountId, ClOrdId, DeviceId, UserId};
use turret_shared::money::Qty;
use turret_shared::order::{OrdStatus, OrdType, Side, TimeInForce};
use turret_shared::secret::SecretText;
use turret_shared::tlog::Hash;
use turret_shared::venue::{ReportKind, VenueClOrdId};
use turret_shared::view::OrderView;
use turret_shared::wire::close::CloseCode;
use turret_shared::wire::control::{ClientFrame, LogHead, Outcome, ServerFrame, SignedIn};
use turret_shared::wire::feed::{FeedItem, FeedMessage};
use wire::PATIENCE;
use wire::client::{Control, command, now_s};
use wire::desk::{Desk, Person};
use wire::house::House;
use zeroize::Zeroizing;

fn secret(text: &str) -> SecretText {
    SecretText::new(text.to_owned())
}

/// A person at a workstation's link, with their device's cache open.
struct Seat {
    link: Link,
    events: Receiver<LinkEvent>,
    user: UserId,
    opened: Opened,
}

impl Seat {
    /// With the code of this step, which must be good.
    async fn take(person: &Person, address: SocketAddr, step: u64) -> Self {
        Self::try_take(person, address, step).await.expect("a session")
    }

    async fn try_take(person: &Person, address: SocketAddr, step: u64) -> Result<Self, SignInError> {
        let profile = Profile::load(&person.dir).unwrap().at(&address.to_string());
        let (link, events) = Link::connect(&profile, false).await.unwrap();
        let origin = link.welcome().unwrap().origin;
        let place = Place::of(&person.dir, &origin, &person.login);
        let prepared = cache::prepare(place, &secret(&person.password)).unwrap();
        let code = secret(&person.code_of(step));
        let SignedIn { user, cache: grant, .. } = link.sign_in(&person.login, secret(&person.password), code).await?;
        let grant = grant.expect("a share after both factors");
        let owner = Owner { origin, user: user.user, device: grant.device };
        let opened = cache::open(&prepared, &grant, &owner, Vec::new(), |fault| panic!("{fault:?}")).unwrap();
        link.cache_kept(opened.generation).await.unwrap();
        link.start_feed(opened.had).await.unwrap();
        Ok(Self { link, events, user: user.user, opened })
    }

    /// With the first code that is taken, of the wall clock.
    async fn take_soon(person: &Person, address: SocketAddr) -> Self {
        let mut step = now_s() / 30 - 1;
        loop {
            match Self::try_take(person, address, step).await {
                Ok(seat) => return seat,
                Err(SignInError::Failed { retry_after_s, .. }) => {
                    tokio::time::sleep(Duration::from_secs(u64::from(retry_after_s))).await;
                }
                Err(error) => panic!("{error:?}"),
            }
            step = (step + 1).max(now_s() / 30 - 1);
            while now_s() / 30 < step {
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
        }
    }

    /// Messages of the feed, kept as they come, until one that leaves nothing to send fulfils `done`.
    async fn until(&mut self, done: impl Fn(&[FeedMessage]) -> bool) -> Vec<FeedMessage> {
        let mut heard = Vec::new();
        loop {
            let event = tokio::time::timeout(PATIENCE, self.events.recv()).await.expect("in time").expect("a link");
            let LinkEvent::Feed(message) = event else { continue };
            self.opened.keeper.feed(&message);
            let whole = message.rights.is_some();
            heard.push(message);
            if whole && done(&heard) {
                return heard;
            }
        }
    }

    /// Leaves as the workstation does.
    async fn leave(self) {
        let generation = self.opened.keeper.finish().await.expect("closed in time");
        self.link.cache_kept(generation).await.unwrap();
        self.link.sign_out(false).await;
    }

    async fn buys(&self, name: &str) -> OrderView {
        let new = NewOrder {
            cl_ord_id: ClOrdId::new(name).unwrap(),
            account: "A1001".into(),
            symbol: "PFE".into(),
            side: Side::Buy,
            qty: Qty::whole(1).unwrap(),
            ord_type: OrdType::Limit,
            price: Some(turret_shared::money::Price::parse("28.00").unwrap()),
            stop_px: None,
            tif: TimeInForce::Day,
            confirmed: true,
            text: "for the estate".into(),
            saw: None,
        };
        match self.link.command(command(Verb::OrderNew(new)).to_bytes()).await.unwrap().outcome {
            Outcome::Order(accepted) => accepted.order,
            other => panic!("{other:?}"),
        }
    }
}

fn orders<'i>(items: impl IntoIterator<Item = &'i FeedItem>) -> Vec<&'i OrderView> {
    let order = |item: &'i FeedItem| if let FeedItem::Order(order) = item { Some(&**order) } else { None };
    items.into_iter().filter_map(order).collect()
}

fn items(messages: &[FeedMessage]) -> impl Iterator<Item = &FeedItem> {
    messages.iter().flat_map(|message| &message.items)
}

fn begins(messages: &[FeedMessage]) -> bool {
    let mut items = messages.iter().flat_map(|message| &message.items);
    items.any(|item| matches!(item, FeedItem::SnapshotBegin))
}

fn account(messages: &[FeedMessage], code: &str) -> AccountId {
    let mut items = messages.iter().flat_map(|message| &message.items);
    items
        .find_map(|item| if let FeedItem::Account(a) = item { (a.code == code).then_some(a.account) } else { None })
        .unwrap()
}

fn no_more(user: UserId, account: AccountId) -> Event {
    let scope = EntitlementScope::Account(account);
    Event::EntitlementSet(EntitlementSet { user, scope, allow: Rights::default(), deny: Rights(u8::MAX) })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_sign_in_shows_what_was_kept_and_fetches_only_what_is_new() {
    let house = House::open().await;
    let (ann, kim) = (house.person("ann.lee"), house.person("kim.ito"));
    let mut seat = Seat::take(&ann, house.address, house.clock.step()).await;
    assert!(seat.opened.rows.is_empty() && seat.opened.rebuilt.is_none());
    let first = seat.until(|heard| !heard.is_empty()).await;
    assert!(begins(&first));
    let order = seat.buys("kept").await;
    seat.until(|heard| !orders(items(heard)).is_empty()).await;
    seat.leave().await;

    // Away: the venue answers, and somebody else's rights change, which is no matter of hers.
    let id = VenueClOrdId { order: order.order_id, revision: 0 };
    house.venue(ReportKind::New { id, working: true }).await;
    let other = Seat::take(&kim, house.address, house.clock.step()).await;
    let accounts = account(&first, "A1002");
    house.fact(no_more(other.user, accounts)).await;

    house.clock.advance_s(30);
    let mut seat = Seat::take(&ann, house.address, house.clock.step()).await;
    assert_eq!(seat.opened.rebuilt, None);
    let kept = orders(&seat.opened.rows);
    assert_eq!((kept.len(), kept[0].ord_status, kept[0].text.as_str()), (1, OrdStatus::PendingNew, "for the estate"));
    let news = seat.until(|heard| !heard.is_empty()).await;
    assert!(!begins(&news), "only what is new");
    assert_eq!(orders(items(&news)).iter().map(|order| order.ord_status).collect::<Vec<_>>(), [OrdStatus::New]);
    let told: usize = news.iter().map(|message| message.items.len()).sum();
    assert!(told < 10, "{news:?}");
    seat.leave().await;

    house.clock.advance_s(30);
    let seat = Seat::take(&ann, house.address, house.clock.step()).await;
    assert_eq!(orders(&seat.opened.rows)[0].ord_status, OrdStatus::New);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rights_lost_while_away_show_nothing_old_and_rights_lost_while_there_are_purged() {
    let house = House::open().await;
    let ann = house.person("ann.lee");
    let mut seat = Seat::take(&ann, house.address, house.clock.step()).await;
    let first = seat.until(|heard| !heard.is_empty()).await;
    let (lost, later) = (account(&first, "A1001"), account(&first, "A1002"));
    seat.buys("mine").await;
    seat.until(|heard| !orders(items(heard)).is_empty()).await;
    let user = seat.user;
    seat.leave().await;
    house.fact(no_more(user, lost)).await;

    house.clock.advance_s(30);
    let mut seat = Seat::take(&ann, house.address, house.clock.step()).await;
    assert_eq!((seat.opened.rebuilt, seat.opened.had), (Some(Rebuilt::RightsChanged), Had::default()));
    assert!(seat.opened.rows.is_empty());
    let again = seat.until(|heard| !heard.is_empty()).await;
    assert!(begins(&again) && orders(items(&again)).is_empty());
    // While she is there: purged at once, what she may see has another name, and the next sign-in goes on under it.
    house.fact(no_more(user, later)).await;
    let purged = |item: &FeedItem| matches!(item, FeedItem::Purge(account) if *account == later);
    seat.until(|heard| heard.iter().flat_map(|message| &message.items).any(purged)).await;
    seat.leave().await;
    house.clock.advance_s(30);
    let mut seat = Seat::take(&ann, house.address, house.clock.step()).await;
    assert_eq!(seat.opened.rebuilt, None);
    let accounts = seat.opened.rows.iter().filter_map(|item| match item {
        FeedItem::Account(account) => Some(account.account),
        _ => None,
    });
    let accounts: Vec<_> = accounts.collect();
    assert!(!accounts.is_empty() && !accounts.contains(&lost) && !accounts.contains(&later), "{accounts:?}");
    assert!(!begins(&seat.until(|heard| !heard.is_empty()).await));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_share_is_given_after_both_factors_to_a_person_and_to_nobody_else() {
    let house = House::open().await;
    let (ann, kim) = (house.person("ann.lee"), house.person("kim.ito"));
    let step = house.clock.step();
    let script = Control::entered_as(&kim, house.address, step, true).await.1;
    assert!(script.cache.is_none(), "a script keeps nothing");
    let (mut control, _) = Control::hello(&ann, house.address).await;
    let wrong = control.factors(&ann.login, "not her password at all", &ann.code_of(step)).await;
    assert!(matches!(wrong, ServerFrame::SignInFailed { .. }));
    house.clock.advance_s(30);
    let step = house.clock.step();
    let enter = |person| Control::entered_as(person, house.address, step, false);
    let (first, second) = (enter(&ann).await.1, enter(&kim).await.1);
    let (ours, theirs) = (first.cache.unwrap(), second.cache.unwrap());
    assert_ne!(ours.share.expose(), theirs.share.expose());
    assert_ne!((ours.device, ours.rights), (theirs.device, theirs.rights));
    let (_, answer) = Control::resume(&ann, house.address, first.token).await;
    assert!(matches!(answer, ServerFrame::SignedIn(resumed) if resumed.cache.is_none()), "a token is no factor");
    house.clock.advance_s(30);
    let again = Control::entered_as(&ann, house.address, house.clock.step(), false).await.1.cache.unwrap();
    assert_eq!(again.share.expose(), ours.share.expose());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_life_before_did_not_come_to_drop_is_dropped_at_the_start() {
    let (user, gone) = (UserId(1), DeviceId(60_000));
    let mut kept = None;
    let _house = House::open_after(|vault| {
        let share = vault.cache_share(user, gone).unwrap().share;
        kept = Some((Arc::clone(vault), share));
    })
    .await;
    let (vault, share) = kept.unwrap();
    let dropped = async {
        while vault.cache_share(user, gone).unwrap().share.expose() == share.expose() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(PATIENCE, dropped).await.expect("no right was changed, and yet it is gone");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_feed_that_cannot_begin_or_go_on_closes_the_connection() {
    let house = House::open().await;
    let step = house.clock.step();
    let mut follows = Control::entered_as(&house.person("ann.lee"), house.address, step, false).await.0;
    follows.say(&ClientFrame::FeedStart { have: None, rights: None }).await;
    let feed = tokio::time::timeout(PATIENCE, follows.connection.accept_uni()).await.expect("a feed").unwrap();
    let mut late = Control::entered_as(&house.person("kim.ito"), house.address, step, false).await.0;
    house.end_replica();
    assert_eq!(follows.closed().await, CloseCode::TooMuch);
    late.say(&ClientFrame::FeedStart { have: None, rights: None }).await;
    assert_eq!(late.closed().await, CloseCode::TooMuch);
    drop(feed);
}

/// The head of the log, as an answer to what was seen.
async fn head(seat: &mut Seat, have: Option<u64>) -> LogHead {
    seat.link.ask_head(have).await.unwrap();
    loop {
        let event = tokio::time::timeout(PATIENCE, seat.events.recv()).await.expect("in time").expect("a link");
        if let LinkEvent::Head(head) = event {
            return *head;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_newest_checkpoint_is_kept_and_the_next_one_must_continue_it() {
    let desk = Desk::start();
    let ann = desk.person("ann.lee");
    let mut seat = Seat::take_soon(&ann, desk.address).await;
    assert_eq!(seat.opened.anchor, None);
    let origin = seat.link.welcome().unwrap().origin;
    let first = Anchor::next(None, &head(&mut seat, None).await, &origin).unwrap();
    let size = first.size(&origin).unwrap();
    seat.opened.keeper.keep(CHECKPOINT, Zeroizing::new(first.to_bytes()));
    seat.buys("covered").await;
    // The signer follows within a second.
    let (second, newer) = loop {
        let newer = head(&mut seat, Some(size)).await;
        let second = Anchor::next(Some(&first), &newer, &origin).unwrap();
        if second.size(&origin) > Some(size) {
            break (second, newer);
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    assert!(!newer.proof.is_empty());
    // The same again is continued by itself, without a proof.
    let same = head(&mut seat, second.size(&origin)).await;
    assert!(Anchor::next(Some(&second), &same, &origin).is_ok());

    let broken = |seen: Option<&Anchor>, head: &LogHead, origin: &str| Anchor::next(seen, head, origin).err();
    assert_eq!(
        broken(Some(&first), &LogHead { proof: Vec::new(), ..newer.clone() }, &origin),
        Some(Broken::OtherHistory)
    );
    let mut other = newer.clone();
    other.proof[0] = Hash([7; 32]);
    assert_eq!(broken(Some(&first), &other, &origin), Some(Broken::OtherHistory));
    let older = LogHead { note: head_note(&first), key: newer.key, proof: Vec::new(), successions: None };
    assert_eq!(broken(Some(&second), &older, &origin), Some(Broken::Shorter));
    assert_eq!(broken(None, &LogHead { key: [1; 32], ..newer.clone() }, &origin), Some(Broken::NotSigned));
    assert_eq!(broken(None, &newer, "another.origin"), Some(Broken::NotSigned));
    let altered = newer.note.replacen('1', "2", 1).replacen('3', "4", 1);
    assert_eq!(broken(None, &LogHead { note: altered, ..newer.clone() }, &origin), Some(Broken::NotSigned));
    // Another server of the same name signs with another key.
    let elsewhere = Desk::start();
    let mut there = Seat::take_soon(&elsewhere.person("ann.lee"), elsewhere.address).await;
    let foreign = head(&mut there, None).await;
    assert_eq!(broken(Some(&first), &foreign, &origin), Some(Broken::OtherKey));

    seat.leave().await;
    let seat = Seat::take_soon(&ann, desk.address).await;
    assert_eq!(seat.opened.anchor, Some(first));
}

/// The note within what is kept.
fn head_note(anchor: &Anchor) -> String {
    let bytes = anchor.to_bytes();
    let mut decoder = minicbor::Decoder::new(&bytes);
    decoder.array().unwrap();
    decoder.skip().unwrap();
    decoder.str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_was_killed_opens_the_cache_as_before_and_answers_with_a_snapshot() {
    let mut desk = Desk::start();
    let ann = desk.person("ann.lee");
    let mut seat = Seat::take_soon(&ann, desk.address).await;
    seat.until(|heard| !heard.is_empty()).await;
    seat.buys("before").await;
    seat.until(|heard| !orders(items(heard)).is_empty()).await;
    // No goodbye: whoever was killed left what was durable.
    let generation = seat.opened.keeper.finish().await;
    seat.buys("unseen").await;
    drop(seat);
    desk.kill_and_restart();
    let mut seat = Seat::take_soon(&ann, desk.address).await;
    assert_eq!(seat.opened.rebuilt, None);
    assert!(Some(seat.opened.generation) > generation);
    assert_eq!(orders(&seat.opened.rows).len(), 1);
    let heard = seat.until(|heard| !heard.is_empty()).await;
    assert!(begins(&heard), "it does not know what changed before it was started");
    assert_eq!(orders(items(&heard)).len(), 2);
    seat.leave().await;
}
