//! What every part asks of the model: rights, names, the row at hand, messages; it must not read keys.

use std::collections::{BTreeMap, VecDeque};

use turret_shared::account::Rights;
use turret_shared::command::Environment;
use turret_shared::ids::{ClOrdId, CorrelationId, InstrumentId, OrderId};
use turret_shared::order::OrdStatus;
use turret_shared::role::Permission;
use turret_shared::secret::SecretText;
use turret_shared::time::Timestamp;
use turret_shared::wire::query::Ask;

use super::alerts::{About, Kind};
use super::effect::{Effect, Request};
use super::filter::Filter;
use super::flight::{Flight, Question};
use super::modal::Modal;
use super::session::{Link, Notice, Server, Weight};
use super::ticket::Ticket;
use super::touched::Touched;
use super::{
    DemoPerson, Dirty, Look, Model, Screen, Stage, alerts, approvals, audit, blotter, chart, desk, detail, key, limits,
    market, orders, picker, quotes, rest, session, signin, users, venues,
};
use crate::actions::{Action, Condition, Place, Situation};
use crate::authenticator::Authenticator;
use crate::format::Zone;
use crate::keymap::Keymap;

/// What the model is begun with.
#[derive(Debug)]
pub struct Beginning {
    /// Servers that can be chosen, the one to begin with first.
    pub servers: Vec<signin::Offered>,
    /// People of a demo, the chosen one first.
    pub demo: Vec<DemoPerson>,
    /// What the terminal can show.
    pub look: Look,
    /// Columns and lines.
    pub size: (u16, u16),
    /// Keys of the person.
    pub keys: Keymap,
    /// The security key at hand is one that a demonstration simulates.
    pub simulated_key: bool,
    /// Random bits for the names of commands, so that two windows of one person never meet.
    pub name_bits: u32,
}

/// The form, filled in with the first person of a demonstration, or with the owner of the first server's device.
fn offered(begin: &Beginning) -> signin::SignIn {
    let first = begin.demo.first();
    let owner = begin.servers.first().map(|server| server.login.clone()).unwrap_or_default();
    let login = first.map_or(owner, |person| person.login.clone());
    signin::SignIn::new(&login, first.map(|person| person.password.clone()))
}

impl Model {
    /// At sign-in, not connected.
    #[must_use]
    pub fn new(begin: Beginning, now: key::Now) -> Self {
        let (signin, server) = (offered(&begin), begin.servers.first());
        Self {
            now,
            size: begin.size,
            look: begin.look,
            keys: begin.keys,
            dirty: Dirty::Now,
            touched: Touched::All,
            rest: rest::Rest::new(now),
            stage: Stage::SignIn,
            signin,
            demo: begin.demo,
            demo_at: 0,
            demo_step_used: None,
            server: server.map(Server::offered).unwrap_or_default(),
            servers: begin.servers,
            server_at: 0,
            link: Link::Connecting,
            lost: None,
            returned: false,
            recount: false,
            round_trip_us: None,
            session: None,
            desk: desk::Desk::default(),
            orders: orders::Orders::default(),
            market: market::Market::default(),
            venues: venues::Venues::default(),
            story: session::Story::default(),
            in_snapshot: false,
            kept_shown: false,
            screen: Screen::Blotter,
            blotter: blotter::Blotter::default(),
            detail: detail::Detail::default(),
            quotes: quotes::Quotes::default(),
            chart: chart::Chart::default(),
            lists: super::short::Lists::default(),
            fills: picker::Picker::default(),
            positions: picker::Picker::default(),
            accounts: picker::Picker::default(),
            audit: audit::Audit::default(),
            users: users::Users::default(),
            limits: limits::Limits::default(),
            house: super::house::Houses::default(),
            bans: super::bans::Bans::default(),
            attempts: super::attempts::Attempts::default(),
            policies: super::asked::Asked::default(),
            approvals: approvals::Approvals::default(),
            asked_ms: 0,
            alerts: alerts::Alerts::default(),
            modals: Vec::new(),
            keying: None,
            simulated_key: begin.simulated_key,
            held: VecDeque::new(),
            answer_shown_ms: None,
            notice: None,
            word: None,
            flights: BTreeMap::new(),
            probe_due_ms: None,
            questions: BTreeMap::new(),
            drafts: Vec::new(),
            drafts_kept: Vec::new(),
            habits_kept: String::new(),
            last_account: BTreeMap::new(),
            venue_zone: Zone::named("America/New_York"),
            utc: false,
            mouse: true,
            requests: 0,
            names: 0,
            name_bits: begin.name_bits,
        }
    }

    /// True when the role holds the permission.
    #[must_use]
    pub fn may(&self, permission: Permission) -> bool {
        self.session.as_ref().is_some_and(|session| session.may(permission))
    }

    /// The zone times are shown in.
    #[must_use]
    pub fn zone(&self) -> Zone {
        if self.utc { Zone::utc() } else { self.venue_zone.clone() }
    }

    /// Today by the server's clock, in the zone times are shown in.
    #[must_use]
    pub fn today(&self) -> crate::format::Day {
        self.zone().day_bounds(self.server_time(self.now.wall))
    }

    /// What the server's clock shows when this machine's shows `at`: the times of orders are the server's.
    #[must_use]
    pub const fn server_time(&self, at: Timestamp) -> Timestamp {
        at.after_ns(self.server.clock_offset_ns)
    }

    /// True when prices are a recording's: their times are those of the recording.
    #[must_use]
    pub fn is_replay(&self) -> bool {
        self.server.data_source.starts_with("REPLAY")
    }

    /// Whether anything can be sent.
    ///
    /// # Errors
    /// Why not, in one line.
    pub fn can_send(&self) -> Result<(), String> {
        match (&self.link, &self.session) {
            (Link::Up, Some(_)) => Ok(()),
            (Link::Up, None) => Err("nobody is signed in".into()),
            (Link::Connecting, _) => Err("not connected yet".into()),
            (Link::Lost { since, .. }, _) => {
                let at = crate::format::clock(*since, &self.zone());
                Err(format!("link lost {at}: nothing can be sent, orders keep working"))
            }
        }
    }

    /// A number for the next question or command.
    pub fn next_request(&mut self) -> Request {
        self.requests = self.requests.saturating_add(1);
        Request(self.requests)
    }

    /// A name for the next command.
    pub fn next_cl_ord_id(&mut self) -> Option<ClOrdId> {
        self.names = self.names.saturating_add(1);
        ClOrdId::new(&format!("T{:08x}-{}", self.name_bits, self.names)).ok()
    }

    /// Sends a command and remembers what it was.
    pub fn send(&mut self, flight: Flight, bytes: Vec<u8>, out: &mut Vec<Effect>) {
        let request = self.next_request();
        self.flights.insert(request, flight);
        out.push(Effect::Send { request, bytes });
    }

    /// Asks and remembers what it was.
    pub fn ask(&mut self, question: Question, ask: Ask, out: &mut Vec<Effect>) {
        let request = self.next_request();
        self.questions.insert(request, question);
        out.push(Effect::Ask { request, ask });
    }

    /// Says something that goes with the next key.
    pub fn tell(&mut self, text: &str) {
        if self.notice.as_ref().is_none_or(|notice| notice.weight == Weight::Passing) {
            self.notice = Some(Notice { text: text.to_owned(), weight: Weight::Passing, reference: None, alert: None });
        } else {
            self.word = Some(text.to_owned()).filter(|text| !text.is_empty());
        }
    }

    /// The same with the keys of actions in it, each written as `{its-word}`.
    pub fn tell_keys(&mut self, text: &str) {
        let text = self.keys.say(text);
        self.tell(&text);
    }

    /// Says something that stays until it is put away.
    pub fn insist(&mut self, text: &str, reference: Option<CorrelationId>) {
        self.alert(Kind::Message, text, About::reference(reference), true);
    }

    /// Orders of the person that can still execute.
    #[must_use]
    pub const fn my_working(&self) -> usize {
        self.orders.tally().mine_working
    }

    /// Orders that need a person.
    #[must_use]
    pub const fn needing(&self) -> usize {
        self.orders.tally().needing
    }

    /// The account a ticket for a listing begins with: the last one used for it, or the only one.
    #[must_use]
    pub fn usual_account(&self, instrument: InstrumentId) -> Option<String> {
        let last = self.last_account.get(&instrument).map(|id| self.desk.account_code(*id).to_owned());
        last.or_else(|| {
            let mut tradable = self.desk.accounts.values().filter(|a| a.rights.has(Rights::TRADE));
            match (tradable.next(), tradable.next()) {
                (Some(only), None) => Some(only.code.clone()),
                _ => None,
            }
        })
    }

    /// When today began at the venue, by the server's clock.
    #[must_use]
    pub fn day_start(&self) -> Timestamp {
        self.venue_zone.day_start(self.server_time(self.now.wall))
    }

    /// Midnight may have passed: what ended yesterday is no longer today's, and times of yesterday are told with their day.
    pub(super) fn turn_day(&mut self) {
        if self.blotter.list.filter.day_start != self.day_start() {
            self.refilter();
            self.touched = Touched::All;
        }
        let today = self.today().0;
        if std::mem::replace(&mut self.rest.day, today) != today {
            self.touched = Touched::All;
        }
    }

    /// The desk's zone is the one most of its listings trade in.
    pub(super) fn follow_zone(&mut self) {
        let mut listings: BTreeMap<&str, usize> = BTreeMap::new();
        for instrument in self.desk.instruments.values() {
            let count = listings.entry(&instrument.zone).or_default();
            *count = count.saturating_add(1);
        }
        if let Some((zone, _)) = listings.into_iter().max_by_key(|(name, count)| (*count, std::cmp::Reverse(*name))) {
            self.venue_zone = Zone::named(zone);
        }
    }

    /// Makes the order list anew: another tab, filter or sort, or names that changed.
    pub fn refilter(&mut self) {
        let day_start = self.day_start();
        let words = self.blotter.filter.text().to_owned();
        self.blotter.list.filter = Filter::new(self.blotter.tab(), day_start, &words, &self.desk);
        self.blotter.list.rebuild(&self.orders, &self.desk);
        if self.in_snapshot {
            // Rows are missing because they are on their way: what stands on them stays.
            return;
        }
        if self.blotter.cursor.is_none_or(|id| self.orders.get(id).is_none()) {
            self.blotter.cursor = None;
            self.blotter.put(0, &self.orders);
        }
        self.blotter.marks.retain(|id| self.orders.get(*id).is_some());
    }

    /// Screens the role's permissions allow.
    #[must_use]
    pub fn screens(&self) -> Vec<Screen> {
        [
            (Screen::Users, Permission::UserRead),
            (Screen::Sessions, Permission::UserRead),
            (Screen::Devices, Permission::UserRead),
            (Screen::House, Permission::UserRead),
            (Screen::Blotter, Permission::OrderRead),
            (Screen::Quotes, Permission::QuoteRead),
            (Screen::Positions, Permission::PositionRead),
            (Screen::Fills, Permission::FillRead),
            (Screen::Accounts, Permission::AccountRead),
            (Screen::Audit, Permission::AuditRead),
            (Screen::Limits, Permission::LimitRead),
        ]
        .into_iter()
        .filter(|(_, permission)| self.may(*permission))
        .map(|(screen, _)| screen)
        .chain([Screen::Alerts])
        .chain(self.may(Permission::Approve).then_some(Screen::Approvals))
        .collect()
    }

    /// True for a screen of the line, or one beside it, that the role's permissions allow.
    #[must_use]
    pub fn may_show(&self, screen: Screen) -> bool {
        match screen {
            Screen::Bans => self.may(Permission::AuditRead),
            Screen::Denied => self.may(Permission::DenialReview),
            other => self.screens().contains(&other),
        }
    }

    /// Makes a connection to the server chosen, as the person chosen.
    #[must_use]
    pub(super) const fn connect(&self) -> Effect {
        Effect::Connect { person: self.demo_at, server: self.server_at }
    }

    /// The demo authenticator's code, if it was not used yet.
    ///
    /// # Errors
    /// Why there is none, in one line.
    pub fn demo_code(&self) -> Result<SecretText, String> {
        let authenticator = self.demo_authenticator().ok_or("There is no demo authenticator here: type the code.")?;
        if self.demo_step_used == Some(Authenticator::step_of(self.now.wall)) {
            let left = Authenticator::seconds_left(self.now.wall);
            return Err(format!("This code was used, each works once: the next comes in {left} s."));
        }
        Ok(authenticator.code_at(self.now.wall))
    }

    /// Makes codes in a demo the server owns up to.
    #[must_use]
    pub fn demo_authenticator(&self) -> Option<&Authenticator> {
        let person = self.demo.get(self.demo_at).filter(|_| self.server.demo)?;
        person.authenticator.as_ref()
    }

    /// True when the code shown now was used.
    #[must_use]
    pub fn demo_code_is_used(&self) -> bool {
        self.demo_step_used == Some(Authenticator::step_of(self.now.wall))
    }

    /// A code was sent: if it was the one of the demo authenticator, that works no more.
    pub fn code_sent(&mut self, code: &SecretText) {
        let own = self.demo_authenticator().map(|authenticator| authenticator.code_at(self.now.wall));
        if own.is_some_and(|own| own.expose() == code.expose()) {
            self.demo_step_used = Some(Authenticator::step_of(self.now.wall));
        }
    }

    /// Puts away what needed the person on an order.
    pub fn dismiss(&mut self, order: OrderId) {
        self.orders.dismiss(order);
        alerts::dealt_with(self, Some(order), None);
    }

    /// Where keys are listened to now, the nearest first.
    #[must_use]
    pub fn places(&self) -> Vec<Place> {
        if self.stage == Stage::SignIn {
            return vec![Place::SignIn];
        }
        match self.modals.last() {
            None => super::help::places_of(self.screen).to_vec(),
            Some(Modal::Ticket(ticket)) if ticket.review.is_none() => vec![Place::Ticket],
            Some(Modal::Denied(_) | Modal::Refused(_)) => vec![Place::Notice],
            Some(Modal::Help(_) | Modal::Palette(_)) => super::help::places_of(self.screen).to_vec(),
            Some(_) => vec![Place::Confirm],
        }
    }

    /// True when the list shown has somebody locked or waiting in it, or an entry with the mark.
    fn odd_shown(&self) -> bool {
        match self.screen {
            Screen::Users => self.users.people.rows.iter().any(users::needs),
            Screen::Audit => !self.audit.marked.is_empty(),
            Screen::Devices => self.users.devices.rows.iter().any(users::asks),
            _ => false,
        }
    }

    /// What is so, for the registry's conditions.
    #[must_use]
    pub fn situation(&self) -> Situation {
        let row = self.order_here().and_then(|id| self.orders.get(id));
        let open = row.is_some_and(orders::Row::is_open);
        let settled = row.is_some_and(|row| {
            !row.in_doubt && !row.is_pending() && row.status != OrdStatus::Suspended && row.ord_type.has_price()
        });
        let quote = self.ticket().and_then(|t| t.instrument(self).map(|i| i.id)).or_else(|| self.listing());
        let far = quote.and_then(|id| self.market.quote(id)).is_some_and(|q| q.bid().is_some() && q.ask().is_some());
        let staying = self.notice.as_ref().is_some_and(|notice| notice.weight == Weight::Staying);
        let answered = matches!(self.modals.last(), Some(Modal::Denied(_) | Modal::Refused(_)));
        Situation::default()
            .with(Condition::Connected, self.can_send().is_ok())
            .with(Condition::Row, self.row_here())
            .with(Condition::OpenOrder, open)
            .with(Condition::AmendableOrder, open && settled)
            .with(Condition::Marks, !self.blotter.marks.is_empty())
            .with(Condition::WorkingOrders, self.my_working() > 0)
            .with(Condition::NeedsYou, {
                self.needing() > 0 || self.alerts.open() > 0 || self.approvals.waiting() > 0 || self.odd_shown()
            })
            .with(
                Condition::Notice,
                staying
                    || answered
                    || row.is_some_and(orders::Row::needs_person)
                    || self.draft_here().is_some()
                    || (self.screen == Screen::Alerts && self.alerts.chosen().is_some()),
            )
            .with(Condition::Listing, quote.is_some())
            .with(Condition::FarTouch, far)
            .with(Condition::Undoable, self.undoable())
            .with(Condition::Simulator, self.server.environment == Environment::Sim)
    }

    /// Why an action cannot be done just now.
    #[must_use]
    pub fn disabled(&self, action: &Action) -> Option<String> {
        self.disabled_in(action, self.situation())
    }

    /// The same where the situation is known already.
    #[must_use]
    pub fn disabled_in(&self, action: &Action, situation: Situation) -> Option<String> {
        let role = self.session.as_ref().map(session::Session::held_role);
        let why = action.disabled(role, situation)?;
        // The link says more precisely what is wrong with it.
        Some(match (why, self.can_send()) {
            (crate::actions::Disabled::Condition(Condition::Connected), Err(why)) => why,
            (other, _) => other.to_string(),
        })
    }

    /// The open ticket.
    #[must_use]
    pub fn ticket(&self) -> Option<&Ticket> {
        self.modals.iter().rev().find_map(|modal| match modal {
            Modal::Ticket(ticket) => Some(&**ticket),
            _ => None,
        })
    }
}
