//! One sample of every kind of event, for golden bytes and round trips; it must stay as it is once its bytes are golden.

use turret_shared::account::{Account, OrderCapacity, Rights};
use turret_shared::alert::{AlertEnd, AlertStep, HandleAlert};
use turret_shared::approval::{FirstProof, Ground, Judge, VoidCause};
use turret_shared::assertion::{Assertion, AssertionFault, Attested, Purpose, Registration};
use turret_shared::attempt::{Review, ReviewEnd};
use turret_shared::command::{Environment, Saw};
use turret_shared::composed::{ComposedRole, Permissions};
use turret_shared::denial::{Denial, DenialCode, Figure, Override, Refusal, RefusalCode, Rule, RuleUse};
use turret_shared::digest::Digest;
use turret_shared::entry::ObjectKind;
use turret_shared::event::Event;
use turret_shared::event::alert::{AlertAnswered, AlertDenied, AlertHandled, AlertRaised, AlertRule, AnswerDone};
use turret_shared::event::approval::{ApprovalAsked, ApprovalDenied, ApprovalJudged, ApprovalVoided};
use turret_shared::event::custody::{
    BackupMade, BackupRestored, KeyCeremony, KeyRetired, KeyRevoked, KeyRotated, KeySucceeded, KeysBack, KeysLost,
    KeysMoved, LogReopened,
};
use turret_shared::event::grant::GrantTimed;
use turret_shared::event::keys::{IntentSigned, KeyModelSet, KeyRegistered, KeySuspended};
use turret_shared::event::ops::{
    AccessDenied, AuditRead, BadInput, BadInputStage, BanLifted, BanSet, ClockStep, Connected, DenialReviewed,
    EnrolFault, EnrolmentFailed, ManageDenied, Managed, PackMade, ReviewDenied, SimControlled, Started, Stopped,
};
use turret_shared::event::order::{
    Amend, AmendTerms, Cancel, CancelAllAsked, DoubtCause, DoubtResolved, InDoubt, OrderDenied, OrderNew, OrderTerms,
    PriceBasis, PriceSource, RequestRefused,
};
use turret_shared::event::own::{Labelled, OwnDenied};
use turret_shared::event::session::{
    CommandBytes, DeviceLocked, PendingCommand, ProofAsked, ProofFailed, ProofFault, ProofGiven, SessionEnded,
    SignInFailed, SignInFault, SignedIn, StepUpReason, TotpSpent,
};
use turret_shared::event::setup::{
    AccountOpened, BootstrapClosed, BootstrapOpened, CashMoved, CodeMade, ComposedRoleSet, CredentialActivated,
    CredentialExpired, CredentialKind, CredentialRevoked, DeskOpened, DeskSet, DeviceClaimed, DeviceRegistered,
    DeviceRenewed, DeviceRevoked, DeviceTurned, EnrolmentJudged, EntitlementScope, EntitlementSet, Genesis,
    InstrumentListed, KeyActivated, LimitScope, LimitSet, Policy, PolicySet, PositionOpened, RestrictedSet,
    RoleComposed, RoleRetired, RoleSet, UserCreated, UserRecovered,
};
use turret_shared::ids::{
    AccountId, ApprovalId, BanId, ClOrdId, CodeId, ConnectionId, CredentialId, DeskId, DeviceId, InstrumentId, OrderId,
    PendingId, Sequence, SessionId, UserId,
};
use turret_shared::instrument::{Instrument, InstrumentKind};
use turret_shared::key_model::KeyModel;
use turret_shared::manage::{Act, Manage, Why};
use turret_shared::money::{Currency, Money, Price, Qty};
use turret_shared::order::{OrdType, Side, TimeInForce};
use turret_shared::own::{Deed, Letting, Thing};
use turret_shared::role::{Permission, Role};
use turret_shared::time::Timestamp;
use turret_shared::venue::SimRoute;
use turret_shared::wire::control::SessionEnd;

use super::samples_venue;
use super::seed::{px, qty, usd};

const TIME: Timestamp = Timestamp(1_771_999_999_000_000_001);
/// The order the samples are about.
pub(super) const ORDER: OrderId = OrderId(48_201 << 8);

/// Every kind, in order.
#[must_use]
pub fn all() -> Vec<Event> {
    let mut samples = setup();
    samples.extend(people());
    samples.extend(sessions());
    samples.extend(approvals());
    samples.extend(orders());
    samples.extend(samples_venue::all());
    samples.extend(ops());
    samples.extend(custody());
    samples
}

fn name(text: &str) -> ClOrdId {
    ClOrdId::new(text).expect("plain")
}

fn composed_role() -> ComposedRole {
    let permissions = Permissions::of(Role::Broker).without(Permission::OrderEnter);
    ComposedRole { code: "JUNIOR".parse().expect("a code"), base: Role::Broker, permissions }
}

fn setup() -> Vec<Event> {
    let instrument = Instrument {
        id: InstrumentId(3),
        symbol: "ESZ6".into(),
        name: "E-mini S&P 500 Dec 2026".into(),
        mic: "XCME".into(),
        isin: String::new(),
        currency: Currency::USD,
        kind: InstrumentKind::Future,
        tick: Price(250_000_000),
        lot: qty(1),
        multiplier: 50,
        reference: px(480_025),
        zone: "America/Chicago".into(),
    };
    let account = Account {
        id: AccountId(1),
        code: "A1001".into(),
        desk: DeskId(2),
        currency: Currency::USD,
        capacity: OrderCapacity::RisklessPrincipal,
    };
    let scope = LimitScope::Account(AccountId(1));
    vec![
        Event::Genesis(Genesis {
            origin: "turret.example".into(),
            environment: Environment::Live,
            seed: Digest([3; 32]),
            demo: true,
        }),
        Event::DeskOpened(DeskOpened { desk: DeskId(2), code: "EQ1".into() }),
        Event::InstrumentListed(InstrumentListed { instrument }),
        Event::AccountOpened(AccountOpened { account }),
        Event::LimitSet(LimitSet { scope, rule: Rule::PriceCollar, value: Some(500) }),
        Event::LimitSet(LimitSet { scope: LimitScope::Role(Role::Broker), rule: Rule::OrderRate, value: None }),
        Event::PolicySet(PolicySet { policy: Policy::StepUpShortNotional, role: Role::Customer, value: Some(1) }),
        Event::RestrictedSet(RestrictedSet { instrument: InstrumentId(3), restricted: true }),
        Event::KeyModelSet(KeyModelSet { model: KeyModel([7; 16]), allowed: true }),
        Event::RoleComposed(RoleComposed { role: composed_role() }),
        Event::RoleRetired(RoleRetired { code: composed_role().code }),
        Event::ComposedRoleSet(ComposedRoleSet { user: UserId(7), code: composed_role().code }),
        Event::CashMoved(CashMoved { account: AccountId(1), amount: usd(-250) }),
        Event::PositionOpened(PositionOpened {
            account: AccountId(1),
            instrument: InstrumentId(3),
            qty: qty(-12),
            avg_cost: px(1),
        }),
        Event::KeyActivated(KeyActivated { purpose: "checkpoint".into(), version: 1, public: vec![1, 2, 3] }),
    ]
}

fn people() -> Vec<Event> {
    let (user, device, credential) = (UserId(7), DeviceId(70), CredentialId(700));
    let scope = EntitlementScope::Desk(DeskId(2));
    vec![
        Event::UserCreated(UserCreated { user, desk: Some(DeskId(2)) }),
        Event::RoleSet(RoleSet { user, role: Some(Role::Supervisor) }),
        Event::DeskSet(DeskSet { user, desk: Some(DeskId(2)) }),
        Event::EntitlementSet(EntitlementSet { user, scope, allow: Rights::VIEW, deny: Rights::TRADE }),
        Event::GrantTimed(GrantTimed {
            user,
            account: AccountId(1),
            until: Timestamp(1_772_086_400_000_000_000),
            allow: Rights::VIEW,
            deny: Rights::default(),
        }),
        Event::CodeMade(CodeMade {
            code: CodeId(9),
            user,
            by: UserId(4),
            expires: Timestamp(1_772_000_900_000_000_000),
        }),
        Event::DeviceClaimed(DeviceClaimed {
            code: CodeId(9),
            device,
            key: Digest([5; 32]),
            letters: "ABCD-1234".into(),
            expires: Timestamp(1_772_000_900_000_000_000),
            factors: Some((CredentialId(700), CredentialId(701), 59_066_666)),
        }),
        Event::EnrolmentJudged(EnrolmentJudged { code: CodeId(9), device, confirmed: true }),
        Event::DeviceRegistered(DeviceRegistered { device, user, key: Digest([5; 32]) }),
        Event::DeviceRevoked(DeviceRevoked { device }),
        Event::BootstrapOpened(BootstrapOpened {
            codes: vec![(CodeId(0), UserId(1)), (CodeId(1), UserId(2)), (CodeId(2), UserId(3))],
            expires: Timestamp(1_772_000_900_000_000_000),
        }),
        Event::BootstrapClosed(BootstrapClosed {}),
        Event::UserRecovered(UserRecovered { user, until: Timestamp(1_772_086_400_000_000_000) }),
        Event::DeviceRenewed(DeviceRenewed { device, key: Digest([6; 32]), generation: 2 }),
        Event::DeviceTurned(DeviceTurned { device, key: Digest([6; 32]), generation: 2 }),
        Event::CredentialActivated(CredentialActivated { credential, user, kind: CredentialKind::Totp, version: 2 }),
        Event::CredentialRevoked(CredentialRevoked { credential }),
        Event::CredentialExpired(CredentialExpired { credential }),
        Event::Labelled(Labelled { thing: Thing::Key(credential), name: Some(Digest([0x44; 32])) }),
        Event::OwnDenied(OwnDenied { deed: Deed::Let(Letting::Key(credential)), code: DenialCode::LastFactor }),
        Event::KeyRegistered(KeyRegistered {
            credential,
            user,
            id: vec![0x11; 16],
            public: vec![0xA5; 77],
            aaguid: [0xAA; 16],
            counter: 3,
            registration: Registration {
                auth_data: vec![0x45; 148],
                format: "packed".into(),
                statement: vec![0xA2; 80],
            },
            attested: Attested::Itself,
            nonce: Digest([0x22; 32]),
            channel: Digest([0x33; 32]),
        }),
    ]
}

fn sessions() -> Vec<Event> {
    let (user, device, credential) = (UserId(7), DeviceId(70), CredentialId(700));
    vec![
        Event::SignedIn(SignedIn { user, device, credential, token: Digest([6; 32]), script: true }),
        Event::SignInFailed(SignInFailed {
            user: None,
            device: Some(device),
            fault: SignInFault::UnknownUser,
            count: 12,
            first: Timestamp(TIME.0 - 9),
            last: TIME,
        }),
        Event::SessionEnded(SessionEnded { session: SessionId(700), user, reason: SessionEnd::Idle }),
        Event::ProofAsked(ProofAsked {
            command: PendingCommand::New(terms()),
            reason: Some(StepUpReason {
                short: false,
                notional: usd(114_000),
                threshold: usd(100_000),
                currency: Currency::USD,
            }),
            expires: TIME,
            bytes: None,
        }),
        Event::ProofAsked(ProofAsked {
            command: PendingCommand::New(terms()),
            reason: None,
            expires: TIME,
            bytes: Some(CommandBytes { bytes: vec![0x84; 60], text: Some(Digest([8; 32])) }),
        }),
        Event::ProofGiven(ProofGiven { pending: PendingId(4_000), credential, step: 59_066_666 }),
        Event::ProofFailed(ProofFailed { pending: vec![PendingId(4_000)], fault: ProofFault::Spent, assertion: None }),
        Event::ProofFailed(ProofFailed {
            pending: vec![PendingId(4_000)],
            fault: ProofFault::Assertion,
            assertion: Some(AssertionFault::NotVerified),
        }),
        Event::IntentSigned(IntentSigned {
            credential,
            user,
            purpose: Purpose::Command,
            pending: Some(PendingId(4_000)),
            nonce: Digest([0x22; 32]),
            channel: Digest([0x33; 32]),
            assertion: Assertion { auth_data: vec![0x05; 37], signature: vec![0x30; 71] },
            counter: 42,
        }),
        Event::KeySuspended(KeySuspended { credential, kept: 42, shown: 41 }),
        Event::TotpSpent(TotpSpent { credential, step: 59_066_666 }),
        Event::DeviceLocked(DeviceLocked { device, locked: true, fault: Some(SignInFault::Token) }),
    ]
}

/// What takes two, from its asking to its end.
fn approvals() -> Vec<Event> {
    let act = Act::SetRole { user: UserId(7), role: Some(Role::Support) };
    let (manage, command) = (Manage { act, why: Why::Duties }, Digest([16; 32]));
    let approval = ApprovalId(4_002);
    let first = FirstProof { digest: Digest([18; 32]), signed: true };
    let judge = Judge { approval, command, approve: true, ground: Ground::Checked, first: Some(first.digest) };
    vec![
        Event::ApprovalAsked(ApprovalAsked {
            approval,
            by: UserId(4),
            manage,
            command,
            basis: Digest([17; 32]),
            expires: TIME,
            first: Some(first),
            table: None,
        }),
        Event::ApprovalJudged(ApprovalJudged {
            judge,
            by: UserId(3),
            proof: PendingId(4_003),
            until: Some(TIME),
            order: None,
        }),
        Event::ApprovalVoided(ApprovalVoided { approval, cause: VoidCause::RightLost, order: None }),
        Event::ApprovalDenied(ApprovalDenied { approval, code: DenialCode::OwnRequest }),
    ]
}

fn terms() -> OrderTerms {
    OrderTerms {
        cl_ord_id: name("ann-1"),
        account: AccountId(1),
        instrument: InstrumentId(0),
        side: Side::SellShort,
        qty: qty(600),
        ord_type: OrdType::StopLimit,
        price: Some(px(19_000)),
        stop_px: Some(px(19_010)),
        tif: TimeInForce::Gtc,
        confirmed: true,
        text: Some(Digest([8; 32])),
        saw: Some(Box::new(Saw {
            bid: Some(px(18_998)),
            ask: None,
            age_ms: 400,
            warnings: vec![Rule::DuplicateOrder],
        })),
        command: Digest([9; 32]),
        expires: TIME,
    }
}

fn amend_terms() -> AmendTerms {
    AmendTerms {
        cl_ord_id: name("ann-2"),
        order: ORDER,
        qty: Some(qty(700)),
        price: None,
        confirmed: false,
        command: Digest([10; 32]),
        expires: TIME,
        stop_px: None,
    }
}

fn rule_use() -> RuleUse {
    RuleUse {
        rule: Rule::MaxNotional,
        tripped: true,
        limit: Figure::Money(usd(250_000), Currency::USD),
        used: Figure::Money(Money(6_447_500_000), Currency::USD),
        headroom: Figure::Band(px(1), px(2)),
        would_pass: Some(qty(1_938)),
        use_percent: Some(258),
        overridable: Override::Role(Role::Supervisor),
    }
}

fn orders() -> Vec<Event> {
    let basis = Some(PriceBasis { price: px(19_000), source: PriceSource::Mid, time: TIME });
    let refusal = Refusal { code: RefusalCode::Risk, rules: vec![rule_use()], text: "too much".into(), until: None };
    let refused = RequestRefused {
        cl_ord_id: name("ann-3"),
        order: Some(ORDER),
        refusal,
        command: Digest([11; 32]),
        basis: None,
    };
    let denial =
        Denial { code: DenialCode::Risk, rules: vec![rule_use()], text: "too much".into(), passed: 7, until: None };
    vec![
        Event::OrderNew(OrderNew {
            terms: terms(),
            basis,
            reserve_px: px(19_000),
            proof: Some(PendingId(4_000)),
            approval: None,
            first: None,
        }),
        Event::OrderDenied(OrderDenied { cl_ord_id: name("ann-1"), terms: Some(Box::new(terms())), denial, basis }),
        Event::Amend(Amend {
            terms: amend_terms(),
            revision: 1,
            qty: qty(700),
            price: Some(px(19_000)),
            basis,
            reserve_px: px(19_000),
            proof: None,
            stop_px: None,
        }),
        Event::AmendRefused(refused.clone()),
        Event::Cancel(Cancel { order: ORDER, revision: 2, cl_ord_id: None, command: Digest([12; 32]) }),
        Event::CancelRefused(RequestRefused { order: None, ..refused }),
        Event::InDoubt(InDoubt { order: ORDER, revision: 2, cause: DoubtCause::LinkLost }),
        Event::DoubtResolved(DoubtResolved { order: ORDER, revision: 2, arrived: false, as_of: 99 }),
        Event::CancelAll(CancelAllAsked {
            cl_ord_id: name("ann-4"),
            account: Some(AccountId(1)),
            requested: 12,
            already: 1,
            command: Digest([13; 32]),
        }),
    ]
}

fn ops() -> Vec<Event> {
    vec![
        Event::Started(Started { version: "0.1.0".into() }),
        Event::Stopped(Stopped {}),
        Event::PackMade(PackMade { order: OrderId(39_168), digest: Digest([15; 32]), entries: 12 }),
        Event::AuditRead(AuditRead { filter: Digest([14; 32]), rows: 500 }),
        Event::AccessDenied(AccessDenied {
            permission: Permission::OrderRead,
            object: Some(ObjectKind::Order),
            foreign: Some(ORDER.0),
            code: DenialCode::UnknownOrder,
        }),
        Event::AlertRaised(AlertRaised {
            rule: AlertRule::Spraying,
            user: Some(UserId(8)),
            device: Some(DeviceId(4)),
            figure: 5,
            threshold: 3,
            evidence: Sequence(4_700),
            answer: None,
            address: None,
            delay_s: None,
        }),
        Event::AlertAnswered(AlertAnswered {
            alert: Sequence(4_701),
            user: Some(UserId(8)),
            done: AnswerDone::UserLocked,
            until: None,
        }),
        Event::AlertHandled(AlertHandled {
            handle: HandleAlert { alert: Sequence(4_701), step: AlertStep::Resolve { end: AlertEnd::FalsePositive } },
            by: UserId(3),
        }),
        Event::AlertDenied(AlertDenied { alert: Sequence(4_701), code: DenialCode::AlertOver }),
        Event::BadInput(BadInput { stage: BadInputStage::Command, fault: "not_canonical".into(), count: 3 }),
        Event::SimControl(SimControlled { route: SimRoute::Halt { instrument: InstrumentId(0), halted: true } }),
        Event::Managed(Managed {
            manage: Manage {
                act: Act::CreateUser { user: UserId(8), role: Role::Broker, desk: Some(DeskId(1)) },
                why: Why::Duties,
            },
            proof: PendingId(4_001),
        }),
        Event::EnrolmentFailed(EnrolmentFailed { user: Some(UserId(7)), fault: EnrolFault::Expired, count: 2 }),
        ban(BanId(11), None),
        ban(BanId(4_002), Some(UserId(7))),
        Event::DenialReviewed(DenialReviewed { review: review(), by: UserId(9) }),
        Event::ReviewDenied(ReviewDenied { review: review(), code: DenialCode::UnknownAttempts }),
        Event::BanLifted(BanLifted { ban: BanId(11), by: UserId(7) }),
        Event::ClockStep(ClockStep { by_ns: -5, acknowledged: false }),
        Event::Connected(Connected { connection: ConnectionId(9), address: Digest([15; 32]), user: Some(UserId(7)) }),
        Event::Managed(Managed {
            manage: Manage { act: Act::LockUser { user: UserId(7), locked: true }, why: Why::LostDevice },
            proof: PendingId(4_000),
        }),
        Event::ManageDenied(ManageDenied {
            manage: Manage { act: Act::UnlockDevice { device: DeviceId(70) }, why: Why::Mistake },
            code: DenialCode::UnknownTarget,
        }),
    ]
}

fn custody() -> Vec<Event> {
    vec![
        Event::KeysLost(KeysLost { fault: "gone".into() }),
        Event::KeysBack(KeysBack { after_s: 42 }),
        Event::KeySucceeded(KeySucceeded { version: 2, note: "next\n\n\u{2014} a/log AAAAAA==\n".into() }),
        Event::KeyCeremony(KeyCeremony {
            set: 77,
            threshold: 2,
            shares: 3,
            seals: Digest([16; 32]),
            signs: Digest([17; 32]),
        }),
        Event::BackupMade(BackupMade {
            backup: [18; 16],
            bytes: 4_096,
            digest: Digest([19; 32]),
            entries: 700,
            set: Some(77),
        }),
        Event::BackupRestored(BackupRestored { backup: [18; 16], entries: 700, set: None }),
        Event::LogReopened(LogReopened {
            origin: "a/log/epoch-2".into(),
            kept: 700,
            lost: Some(12),
            note: "kept\n\n\u{2014} a/log AAAAAA==\n".into(),
        }),
        Event::KeyRotated(KeyRotated { name: "pepper".into(), version: 2 }),
        Event::KeyRetired(KeyRetired { name: "pepper".into(), version: 1 }),
        Event::KeyRevoked(KeyRevoked { name: "wrapping".into(), version: 1 }),
        Event::KeysMoved(KeysMoved { to: "pkcs11".into() }),
    ]
}

fn review() -> Review {
    Review { first: Sequence(40), last: Sequence(48), end: ReviewEnd::Followed }
}

/// A ban of the server's own as the first ones were recorded, or one set by hand.
fn ban(ban: BanId, by: Option<UserId>) -> Event {
    let (fault, offences, for_s) = if by.is_some() { ("suspicion", 0, 3_600) } else { ("refused", 64, 600) };
    let address = by.map(|_| Digest([16; 32]));
    Event::BanSet(BanSet { ban, fault: fault.into(), offences, for_s, before: 0, address, by })
}

/// A quantity of none, for samples.
pub(super) const NONE: Qty = Qty::ZERO;
