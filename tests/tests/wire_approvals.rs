//! Four eyes over the raw wire: self-approval, a stale session, a changed object, two words at once, a word played again.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod wire;

use turret_shared::approval::{Ground, Judge, Request, Standing};
use turret_shared::command::{Command, NewOrder, NewUser, Verb};
use turret_shared::denial::DenialCode;
use turret_shared::digest::Digest;
use turret_shared::event::Event;
use turret_shared::event::setup::{Policy, PolicySet};
use turret_shared::ids::{ApprovalId, ClOrdId, DeskId, PendingId, UserId};
use turret_shared::manage::{Act, Manage, Why};
use turret_shared::money::{Money, Price, Qty};
use turret_shared::order::{OrdType, Side, TimeInForce};
use turret_shared::role::Role;
use turret_shared::secret::SecretText;
use turret_shared::view::UserView;
use turret_shared::wire::control::{ClientFrame, Outcome};
use turret_shared::wire::feed::FeedItem;
use turret_shared::wire::query::{AnswerBody, Ask};
use wire::admin::Seat;
use wire::client::{Control, command};
use wire::enrol::door;
use wire::feed;
use wire::house::House;

/// Looks at what follows a moment behind, and between them.
const LOOKS: u32 = 200;
const LOOK: std::time::Duration = std::time::Duration::from_millis(50);

fn manage(act: Act) -> Verb {
    Verb::Manage(Manage { act, why: Why::Duties })
}

fn denied(outcome: &Outcome) -> DenialCode {
    match outcome {
        Outcome::Denied(denial) => denial.code,
        other => panic!("denied, not {other:?}"),
    }
}

async fn people(control: &Control) -> Vec<UserView> {
    match control.ask(Ask::Users).await.remove(0).body {
        AnswerBody::Users(rows) => rows,
        other => panic!("people, not {other:?}"),
    }
}

async fn user_of(control: &Control, login: &str) -> UserId {
    people(control).await.iter().find(|row| row.login == login).expect("seeded").user
}

/// Asked for and proved; what then waits.
async fn waits(seat: &mut Seat<'_>, verb: Verb) -> ApprovalId {
    match seat.proved(verb).await {
        Outcome::ApprovalAsked(approval, _) => approval,
        other => panic!("it waits for a second person, not {other:?}"),
    }
}

async fn step_up(seat: &mut Seat<'_>, verb: Verb) -> PendingId {
    match seat.ask(verb).await {
        Outcome::StepUp { pending, .. } => pending,
        other => panic!("a proof is asked for, not {other:?}"),
    }
}

const fn waits_anew(item: &FeedItem) -> bool {
    matches!(item, FeedItem::Approvals)
}

/// Reads on until an item as wanted comes; whether it was said on the way that something else waits.
async fn nudged(feed: &mut quinn::RecvStream, wanted: impl Fn(&FeedItem) -> bool) -> bool {
    let mut nudged = false;
    loop {
        for item in feed::next(feed).await.items {
            nudged |= waits_anew(&item);
            if wanted(&item) {
                return nudged;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_gives_the_word_is_told_at_once_that_one_waits_and_nobody_else() {
    let house = House::open().await;
    let (mut sam, mut kim) = (Seat::sign_in(&house, "sam.wood").await, Seat::sign_in(&house, "kim.ito").await);
    let mut ann = Seat::sign_in(&house, "ann.lee").await;
    let mut of_sam = feed::start(&mut sam.control, None).await;
    let mut of_kim = feed::start(&mut kim.control, None).await;
    let mut of_ann = feed::start(&mut ann.control, None).await;
    let whole = |item: &FeedItem| matches!(item, FeedItem::SnapshotEnd);
    for feed in [&mut of_sam, &mut of_kim, &mut of_ann] {
        assert!(!nudged(feed, whole).await, "a snapshot is no news");
    }
    let user = user_of(&sam.control, "bob.ray").await;
    let approval = waits(&mut sam, manage(Act::SetRole { user, role: Some(Role::Support) })).await;
    assert!(nudged(&mut of_kim, waits_anew).await);
    assert!(nudged(&mut of_sam, waits_anew).await);
    let yes = kim.word(approval, true).await;
    kim.proved(yes).await;
    let supports = |item: &FeedItem| matches!(item, FeedItem::User(view) if view.user == user);
    assert!(nudged(&mut of_sam, waits_anew).await, "what came of it");
    assert!(!nudged(&mut of_ann, supports).await, "a broker hears of colleagues, not of requests");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_s_story_says_who_gave_the_word_on_it() {
    let house = House::open().await;
    let value = Some(Money(1_000_000).0);
    house.fact(Event::PolicySet(PolicySet { policy: Policy::ApprovalNotional, role: Role::Broker, value })).await;
    let (mut ann, mut kim) = (Seat::sign_in(&house, "ann.lee").await, Seat::sign_in(&house, "kim.ito").await);
    let order = |name: &str| {
        Verb::OrderNew(NewOrder {
            cl_ord_id: ClOrdId::new(name).unwrap(),
            account: "A1001".into(),
            symbol: "PFE".into(),
            side: Side::Buy,
            qty: Qty::whole(100).unwrap(),
            ord_type: OrdType::Limit,
            price: Some(Price::parse("27.00").unwrap()),
            stop_px: None,
            tif: TimeInForce::Day,
            confirmed: true,
            text: String::new(),
            saw: None,
        })
    };
    for (name, approve, word) in [("yes", true, "approved"), ("no", false, "refused")] {
        let pending = step_up(&mut ann, order(name)).await;
        let Outcome::Order(taken) = ann.prove(pending).await else { panic!("taken") };
        let word_on_it = kim.word(ApprovalId(pending.0), approve).await;
        kim.proved(word_on_it).await;
        let mut judged = None;
        for _ in 0..LOOKS {
            let AnswerBody::Audit(story) = ann.control.ask(Ask::Story(taken.order.order_id)).await.remove(0).body
            else {
                panic!("a story")
            };
            judged = story.into_iter().find(|row| row.action == "approval_judged");
            if judged.is_some() {
                break;
            }
            tokio::time::sleep(LOOK).await;
        }
        let judged = judged.expect("it is told");
        assert!(judged.who == "kim.ito" && judged.detail.contains(word), "{judged:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_gives_the_word_on_what_they_asked_for_nor_on_another_command_than_was_proved() {
    let house = House::open().await;
    let (mut sam, mut kim) = (Seat::sign_in(&house, "sam.wood").await, Seat::sign_in(&house, "kim.ito").await);
    let user = user_of(&sam.control, "bob.ray").await;
    let approval = waits(&mut sam, manage(Act::SetRole { user, role: Some(Role::Support) })).await;
    let row = kim.request(approval).await;
    assert_eq!((row.by_login.as_str(), row.login.as_str(), row.judge), ("sam.wood", "bob.ray", true));
    assert_eq!((row.what.as_str(), row.before.as_str(), row.after.as_str()), ("role", "broker", "support"));
    assert!(!sam.request(approval).await.judge);

    let yes = sam.word(approval, true).await;
    assert_eq!(denied(&sam.ask(yes.clone()).await), DenialCode::OwnRequest, "self-approval");
    let first = row.first.map(|first| first.digest);
    let forged = Judge { approval, command: Digest([1; 32]), approve: true, ground: Ground::Agreed, first };
    assert_eq!(denied(&kim.ask(Verb::Judge(forged)).await), DenialCode::Invalid, "another command's digest");
    let forged = Judge { command: row.command, first: Some(Digest([1; 32])), ..forged };
    assert_eq!(denied(&kim.ask(Verb::Judge(forged)).await), DenialCode::Invalid, "another proof's digest");
    // A broker sees none of it, and no word of theirs counts.
    let (mut ann, _) = Control::entered(&house.person("ann.lee"), house.address, house.clock.step()).await;
    let answer = ann.ask(Ask::Approvals).await.remove(0).body;
    assert!(matches!(answer, AnswerBody::Denied { code: DenialCode::NotPermitted, .. }), "{answer:?}");
    let request = ann.command_bytes(command(yes.clone()).to_bytes()).await;
    assert_eq!(denied(&ann.outcome(request).await), DenialCode::NotPermitted);
    // The first person's proof is none for the second's word: it waits in another session, for another's code.
    let pending = step_up(&mut kim, yes.clone()).await;
    let stolen = sam.prove(pending).await;
    assert_eq!(denied(&stolen), DenialCode::ProofFailed);
    assert_eq!(kim.request(approval).await.standing, Standing::Waiting);
    // Proved by her own code it is done, and the one word does not count again.
    let done = kim.prove(pending).await;
    assert!(matches!(done, Outcome::Managed), "{done:?}");
    assert_eq!(denied(&kim.prove(pending).await), DenialCode::ProofFailed, "a proof played again");
    assert_eq!(denied(&kim.ask(yes).await), DenialCode::ApprovalVoid, "a word played again");
    let row = sam.settled(approval).await;
    assert_eq!(
        (row.standing, row.judge_login.as_str(), row.ground),
        (Standing::Done, "kim.ito", Some(Ground::Checked))
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stale_session_gives_no_word_and_bytes_sent_again_elsewhere_prove_nothing() {
    let house = House::open().await;
    let (mut sam, mut kim) = (Seat::sign_in(&house, "sam.wood").await, Seat::sign_in(&house, "kim.ito").await);
    let user = user_of(&sam.control, "bob.ray").await;
    let approval = waits(&mut sam, manage(Act::SetRole { user, role: Some(Role::Support) })).await;
    let word = kim.word(approval, true).await;
    let pending = step_up(&mut kim, word.clone()).await;
    // She sits down again: what waited in the session before is gone with it.
    house.clock.advance_s(30);
    let mut again = Seat::sign_in(&house, "kim.ito").await;
    assert_eq!(denied(&again.prove(pending).await), DenialCode::ProofFailed);
    // Nobody else finishes her word: not who asked, with the id in hand and a code of their own.
    let pending = step_up(&mut again, word.clone()).await;
    assert_eq!(denied(&sam.prove(pending).await), DenialCode::ProofFailed);
    // The admin's own command sent again by a colleague is a colleague's own, and for their role.
    let mut late = command(manage(Act::SetRole { user, role: Some(Role::Admin) }));
    late.expires = late.expires.after_ns(3_600_000_000_000);
    let request = again.control.command_bytes(late.to_bytes()).await;
    assert_eq!(denied(&again.control.outcome(request).await), DenialCode::NotPermitted);
    assert_eq!(sam.request(approval).await.standing, Standing::Waiting);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_changed_meanwhile_is_not_approved_and_two_words_race_to_one() {
    let house = House::open().await;
    let (mut sam, mut kim) = (Seat::sign_in(&house, "sam.wood").await, Seat::sign_in(&house, "kim.ito").await);
    let user = user_of(&sam.control, "bob.ray").await;
    let approval = waits(&mut sam, manage(Act::SetRole { user, role: Some(Role::Support) })).await;
    let word = kim.word(approval, true).await;
    let pending = step_up(&mut kim, word).await;
    // Locked between her word and her code: that is one person's to do, and it is another Bob now.
    let locked = sam.proved(manage(Act::LockUser { user, locked: true })).await;
    assert!(matches!(locked, Outcome::Managed), "{locked:?}");
    assert_eq!(denied(&kim.prove(pending).await), DenialCode::ApprovalVoid);
    let row = sam.settled(approval).await;
    assert!(matches!(row.standing, Standing::Void(_)), "{row:?}");

    // Two words on one request, both waiting for codes, yes and no: one proof for both carries one of them.
    let user = user_of(&sam.control, "mia.ortiz").await;
    let approval = waits(&mut sam, manage(Act::SetRole { user, role: Some(Role::Broker) })).await;
    let (yes, no) = (kim.word(approval, true).await, kim.word(approval, false).await);
    let (yes, no) = (step_up(&mut kim, yes).await, step_up(&mut kim, no).await);
    house.clock.advance_s(30);
    let code = SecretText::new(house.person("kim.ito").code_of(house.clock.step()));
    kim.control.say(&ClientFrame::Proof { request: 77, pending: vec![no, yes], code }).await;
    let Outcome::Proof(outcomes) = kim.control.outcome(77).await else { panic!("judged") };
    assert!(matches!(outcomes[0], Outcome::Managed), "{outcomes:?}");
    assert_eq!(denied(&outcomes[1]), DenialCode::OneActPerCode);
    assert_eq!(denied(&kim.prove(yes).await), DenialCode::ApprovalVoid, "refused is refused");
    let role = people(&sam.control).await.into_iter().find(|row| row.user == user).map(|row| row.role);
    assert_eq!(role, Some(Role::Support));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_is_told_to_its_issuer_alone_once_and_a_name_waits_as_long_as_its_request() {
    let house = House::open().await;
    let (mut sam, mut kim) = (Seat::sign_in(&house, "sam.wood").await, Seat::sign_in(&house, "kim.ito").await);
    let new = |login: &str| NewUser {
        login: login.into(),
        name: "Gus Fox".into(),
        role: Role::Broker,
        why: Why::Duties,
        desk: Some(DeskId(1)),
    };
    let approval = waits(&mut sam, Verb::CreateUser(new("gus.fox"))).await;
    let row = kim.request(approval).await;
    assert_eq!((row.login.as_str(), row.name.as_str(), row.before.as_str()), ("gus.fox", "Gus Fox", "nobody"));
    let named = Digest(Command::digest(&command(Verb::CreateUser(new("gus.fox"))).to_bytes()));
    assert_ne!(row.command, named, "no digest of a name to guess at");
    // Longer than a code is waited for, and the login is still theirs.
    for _ in 0..6 {
        house.clock.advance_s(120);
        sam.request(approval).await;
        kim.request(approval).await;
    }
    assert_eq!(denied(&sam.ask(Verb::CreateUser(new("gus.fox"))).await), DenialCode::LoginTaken);
    assert!(matches!(sam.ask(Verb::CreateUser(new("ida.moe"))).await, Outcome::StepUp { .. }));
    let word = kim.word(approval, true).await;
    let done = kim.proved(word).await;
    assert!(matches!(done, Outcome::Managed), "{done:?}");
    let user = loop {
        // The replica follows a moment behind.
        if let Some(row) = people(&sam.control).await.into_iter().find(|row| row.login == "gus.fox") {
            break row.user;
        }
    };

    let approval = waits(&mut sam, manage(Act::NewCode { user })).await;
    let collect = Verb::Request(Request::Collect { approval });
    assert_eq!(denied(&sam.ask(collect.clone()).await), DenialCode::NotApproved);
    let word = kim.word(approval, true).await;
    let judged = kim.proved(word).await;
    assert!(matches!(judged, Outcome::Managed), "nothing of the code goes to who approves: {judged:?}");
    assert_eq!(*house.enrolment.borrow(), None, "and nothing listens yet");
    assert_eq!(denied(&kim.ask(collect.clone()).await), DenialCode::ApprovalVoid);
    let Outcome::CodeMade(made) = sam.ask(collect.clone()).await else { panic!("the code") };
    assert!(made.text.is_some() && made.user == user);
    assert_eq!(denied(&sam.ask(collect).await), DenialCode::ApprovalVoid, "told once");
    door(&house).await;
}
