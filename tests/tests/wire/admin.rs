//! An administrator over the wire, and the supervisor whose word their acts take: each proves with code after code.

use turret_shared::approval::{ApprovalView, Ground, Judge, Request, Standing};
use turret_shared::command::Verb;
use turret_shared::house::House;
use turret_shared::ids::{ApprovalId, PendingId};
use turret_shared::manage::{Act, Manage, Why};
use turret_shared::secret::SecretText;
use turret_shared::wire::control::{ClientFrame, Outcome};
use turret_shared::wire::query::{AnswerBody, Ask};

use super::client::{Control, command};
use super::house::House as Server;

/// Between looks at what follows a moment behind.
const LOOK: std::time::Duration = std::time::Duration::from_millis(20);

/// Somebody signed in who asks for codes one after the other.
pub(crate) struct Seat<'a> {
    house: &'a Server,
    login: &'static str,
    pub(crate) control: Control,
    proofs: u64,
}

impl<'a> Seat<'a> {
    pub(crate) async fn sign_in(house: &'a Server, login: &'static str) -> Self {
        let (control, _) = Control::entered(&house.person(login), house.address, house.clock.step()).await;
        Self { house, login, control, proofs: 1_000_000 }
    }

    /// Sends a verb; the answer to it.
    pub(crate) async fn ask(&mut self, verb: Verb) -> Outcome {
        let mut command = command(verb);
        command.expires = command.expires.after_ns(3_600_000_000_000);
        let request = self.control.command_bytes(command.to_bytes()).await;
        self.control.outcome(request).await
    }

    /// The next code for what waits; what came of it.
    pub(crate) async fn prove(&mut self, pending: PendingId) -> Outcome {
        self.house.clock.advance_s(30);
        let code = SecretText::new(self.house.person(self.login).code_of(self.house.clock.step()));
        self.proofs += 1;
        self.control.say(&ClientFrame::Proof { request: self.proofs, pending: vec![pending], code }).await;
        match self.control.outcome(self.proofs).await {
            Outcome::Proof(mut outcomes) => outcomes.remove(0),
            other => panic!("judged, not {other:?}"),
        }
    }

    /// Asked for and proved; the answer to the proof.
    pub(crate) async fn proved(&mut self, verb: Verb) -> Outcome {
        match self.ask(verb).await {
            Outcome::StepUp { pending, .. } => self.prove(pending).await,
            other => panic!("a proof is asked for, not {other:?}"),
        }
    }

    /// The request under a number, as this person sees it.
    pub(crate) async fn request(&self, approval: ApprovalId) -> ApprovalView {
        loop {
            // The replica follows a moment behind.
            let AnswerBody::Approvals(rows) = self.control.ask(Ask::Approvals).await.remove(0).body else {
                panic!("approvals")
            };
            if let Some(row) = rows.into_iter().find(|row| row.approval == approval) {
                return row;
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// The same, once it waits for nobody any more.
    pub(crate) async fn settled(&self, approval: ApprovalId) -> ApprovalView {
        let there = async {
            loop {
                let row = self.request(approval).await;
                if row.standing != Standing::Waiting {
                    return row;
                }
                tokio::time::sleep(LOOK).await;
            }
        };
        tokio::time::timeout(super::PATIENCE, there).await.expect("judged or void")
    }

    /// A word on it, by what is shown.
    pub(crate) async fn word(&self, approval: ApprovalId, approve: bool) -> Verb {
        let row = self.request(approval).await;
        let ground = if approve { Ground::Checked } else { Ground::Unexpected };
        let first = row.first.map(|first| first.digest);
        Verb::Judge(Judge { approval, command: row.command, approve, ground, first })
    }
}

/// `sam.wood`, signed in, with `kim.ito` beside him.
pub(crate) struct Admin<'a> {
    own: Seat<'a>,
    pub(crate) second: Seat<'a>,
}

impl<'a> std::ops::Deref for Admin<'a> {
    type Target = Seat<'a>;

    fn deref(&self) -> &Seat<'a> {
        &self.own
    }
}

impl std::ops::DerefMut for Admin<'_> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.own
    }
}

impl<'a> Admin<'a> {
    pub(crate) async fn sign_in(house: &'a Server) -> Self {
        let own = Seat::sign_in(house, "sam.wood").await;
        Self { own, second: Seat::sign_in(house, "kim.ito").await }
    }

    /// Has it done, with the next codes, by both where it takes two; the last answer.
    pub(crate) async fn done(&mut self, verb: Verb) -> Outcome {
        let told_alone =
            matches!(&verb, Verb::Manage(manage) if matches!(manage.act, Act::NewCode { .. } | Act::Recover { .. }));
        let approval = match self.own.proved(verb).await {
            Outcome::ApprovalAsked(approval, _) => approval,
            other => return other,
        };
        let word = self.second.word(approval, true).await;
        let judged = self.second.proved(word).await;
        if told_alone { self.own.ask(Verb::Request(Request::Collect { approval })).await } else { judged }
    }

    /// One on what the house has.
    pub(crate) async fn house(&mut self, act: House) -> Outcome {
        self.act(Act::House(act)).await
    }

    pub(crate) async fn act(&mut self, act: Act) -> Outcome {
        self.done(Verb::Manage(Manage { act, why: Why::Duties })).await
    }
}
