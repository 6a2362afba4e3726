//! An administrator over the wire: asks for acts and proves them with code after code.

use turret_shared::command::Verb;
use turret_shared::ids::PendingId;
use turret_shared::manage::{Act, Manage, Why};
use turret_shared::secret::SecretText;
use turret_shared::wire::control::{ClientFrame, Outcome};

use super::client::{Control, command};
use super::house::House;

/// `sam.wood`, signed in.
pub(crate) struct Admin<'a> {
    house: &'a House,
    pub(crate) control: Control,
    proofs: u64,
}

impl<'a> Admin<'a> {
    pub(crate) async fn sign_in(house: &'a House) -> Self {
        let (control, _) = Control::entered(&house.person("sam.wood"), house.address, house.clock.step()).await;
        Self { house, control, proofs: 1_000_000 }
    }

    /// Sends a verb; the answer to it.
    pub(crate) async fn ask(&mut self, verb: Verb) -> Outcome {
        let mut command = command(verb);
        command.expires = command.expires.after_ns(3_600_000_000_000);
        let request = self.control.command_bytes(command.to_bytes()).await;
        self.control.outcome(request).await
    }

    /// Has it done, with the next code; the answer to the proof.
    pub(crate) async fn done(&mut self, verb: Verb) -> Outcome {
        let pending = match self.ask(verb).await {
            Outcome::StepUp { pending, .. } => pending,
            other => panic!("a proof is asked for, not {other:?}"),
        };
        self.prove(pending).await
    }

    pub(crate) async fn act(&mut self, act: Act) -> Outcome {
        self.done(Verb::Manage(Manage { act, why: Why::Duties })).await
    }

    async fn prove(&mut self, pending: PendingId) -> Outcome {
        self.house.clock.advance_s(30);
        let code = SecretText::new(self.house.person("sam.wood").code_of(self.house.clock.step()));
        self.proofs += 1;
        self.control.say(&ClientFrame::Proof { request: self.proofs, pending: vec![pending], code }).await;
        match self.control.outcome(self.proofs).await {
            Outcome::Proof(mut outcomes) => outcomes.remove(0),
            other => panic!("judged, not {other:?}"),
        }
    }
}
