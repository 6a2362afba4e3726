//! What somebody does with an alert: recorded, with who did it; it must change nothing of what the alert is about, a clock aside.

use turret_shared::alert::HandleAlert;
use turret_shared::denial::DenialCode;
use turret_shared::event::Event;
use turret_shared::event::alert::{AlertDenied, AlertHandled};
use turret_shared::event::ops::AccessDenied;
use turret_shared::role::Permission;

use super::client::access_denied;
use super::judge_new::envelope;
use super::{Draft, clock, words};
use crate::Verdict;
use crate::alerts::may_handle;
use crate::input::ClientInput;

/// It gives nobody anything, so it asks for no fresh proof: the session and the log say who it was.
pub(super) fn handle(draft: &mut Draft<'_>, input: &ClientInput, handle: HandleAlert) {
    let (state, by) = (draft.state, input.principal.user);
    let judged = may_handle(state, by, handle);
    let judged = judged.and_then(|()| envelope(state, &input.command, draft.stamp.time).map_or(Ok(()), Err));
    let verdict = match judged {
        Ok(()) => {
            draft.emit(Event::AlertHandled(AlertHandled { handle, by }));
            clock::resolved(draft, handle);
            Verdict::Managed
        }
        Err(code) => {
            draft.emit(Event::AlertDenied(AlertDenied { alert: handle.alert, code }));
            if code == DenialCode::NotPermitted {
                let permission = Permission::AlertHandle;
                let denied = AccessDenied { permission, object: None, foreign: None, code };
                access_denied(draft, &input.principal, denied);
            }
            Verdict::Denied(words::denial(code).into())
        }
    };
    draft.answer(verdict);
}
