//! What somebody says of denied attempts: recorded, with who did it; it must change nothing of what they were about.

use turret_shared::attempt::Review;
use turret_shared::denial::DenialCode;
use turret_shared::event::Event;
use turret_shared::event::ops::{AccessDenied, DenialReviewed, ReviewDenied};
use turret_shared::role::Permission;

use super::client::access_denied;
use super::judge_new::envelope;
use super::{Draft, words};
use crate::Verdict;
use crate::attempts::may_review;
use crate::input::ClientInput;

/// It gives nobody anything, so it asks for no fresh proof: the session and the log say who it was.
pub(super) fn decide(draft: &mut Draft<'_>, input: &ClientInput, review: Review) {
    let (state, by) = (draft.state, input.principal.user);
    let judged = may_review(state, by, review);
    let judged = judged.and_then(|()| envelope(state, &input.command, draft.stamp.time).map_or(Ok(()), Err));
    let verdict = match judged {
        Ok(()) => {
            draft.emit(Event::DenialReviewed(DenialReviewed { review, by }));
            Verdict::Managed
        }
        Err(code) => {
            draft.emit(Event::ReviewDenied(ReviewDenied { review, code }));
            if code == DenialCode::NotPermitted {
                let permission = Permission::DenialReview;
                let denied = AccessDenied { permission, object: None, foreign: None, code };
                access_denied(draft, &input.principal, denied);
            }
            Verdict::Denied(words::denial(code).into())
        }
    };
    draft.answer(verdict);
}
