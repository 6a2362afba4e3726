//! Threats 21, 25 and 26: bytes that no client of ours sends, and how much they cost; every byte back is looked at.

use turret_shared::command::{CancelAll, Verb};
use turret_shared::ids::{ClOrdId, InstrumentId, PendingId};
use turret_shared::limits::{FRAME_BYTES_MAX, FRAME_BYTES_MAX_UNAUTHENTICATED};
use turret_shared::secret::SecretText;
use turret_shared::wire::close::CloseCode;
use turret_shared::wire::control::{ClientFrame, Outcome, ServerFrame};
use turret_shared::wire::put_frame;
use turret_shared::wire::query::{Ask, Query};
use turret_tests::initials::resident_kib;

use crate::wire;
use crate::wire::client::{Control, INSIDE, close_code, command, connect, hello, says_inside};
use crate::wire::desk::Desk;

fn framed(body: &[u8]) -> Vec<u8> {
    let mut bytes = (body.len() as u32).to_be_bytes().to_vec();
    bytes.extend_from_slice(body);
    bytes
}

/// Bodies that are no frame of a client.
fn bad_bodies() -> Vec<(&'static str, Vec<u8>)> {
    let mut deep = vec![0x81; 40];
    deep.push(0);
    let mut trailing = minicbor::to_vec(ClientFrame::Activity).unwrap();
    trailing.push(0);
    vec![
        ("nothing at all", Vec::new()),
        ("garbage", vec![0xff; 32]),
        ("nested too deep", deep),
        ("a list that lies about its length", vec![0x9a, 0xff, 0xff, 0xff, 0xff]),
        ("a text that lies about its length", vec![0x82, 1, 0x82, 0x7a, 0xff, 0xff, 0xff, 0xff, b'a']),
        ("an endless list", vec![0x9f, 0x00, 0xff]),
        ("a tag", vec![0xc0, 0x60]),
        ("a float", vec![0xfb, 0, 0, 0, 0, 0, 0, 0, 0]),
        ("an unknown variant", vec![0x82, 0x18, 0x63, 0x80]),
        ("a wrong type", vec![0x82, 0x07, 0x81, 0x61, b'x']),
        ("something behind the frame's item", trailing),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn threat_26_lying_lengths_and_deep_nesting_close_the_connection_and_nothing_else() {
    let mut desk = Desk::start();
    let ann = desk.person("ann.lee");
    for (what, body) in bad_bodies() {
        // As the very first frame, and after the introduction.
        let mut first = Control::open(&ann, desk.address).await;
        first.say_bytes(&framed(&body)).await;
        assert_eq!(first.closed().await, CloseCode::BadFrame, "{what}");
        let (mut later, _) = Control::hello(&ann, desk.address).await;
        later.say_bytes(&framed(&body)).await;
        assert_eq!(later.closed().await, CloseCode::BadFrame, "{what}");
    }
    // Lengths: judged by the prefix alone, before a byte of the body is there.
    for length in [FRAME_BYTES_MAX_UNAUTHENTICATED as u32 + 1, FRAME_BYTES_MAX as u32 + 1, u32::MAX] {
        let (mut control, _) = Control::hello(&ann, desk.address).await;
        control.say_bytes(&length.to_be_bytes()).await;
        assert_eq!(control.closed().await, CloseCode::BadFrame, "{length}");
    }
    // Frames out of their turn.
    let secret = || SecretText::new("123456".into());
    let out_of_turn = [
        hello(),
        ClientFrame::Code { code: secret() },
        ClientFrame::Activity,
        ClientFrame::FeedStart { have: None, rights: None },
        ClientFrame::Watch { instruments: vec![InstrumentId(1)] },
        ClientFrame::Command { request: 1, bytes: vec![0] },
        ClientFrame::Proof { request: 1, pending: vec![PendingId(1)], code: secret() },
    ];
    for frame in out_of_turn {
        let (mut control, _) = Control::hello(&ann, desk.address).await;
        control.say(&frame).await;
        assert_eq!(control.closed().await, CloseCode::BadFrame, "{frame:?}");
    }
    assert!(desk.lives());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn threat_26_a_length_that_lies_is_refused_before_anything_is_allocated_for_it() {
    let desk = Desk::start();
    let ann = desk.person("ann.lee");
    let (_warm, _) = Control::hello(&ann, desk.address).await;
    let before = resident_kib(desk.id());
    for _ in 0..200 {
        // The prefix promises 4 GiB, the item within the frame as many parts; neither ever comes.
        for bytes in [u32::MAX.to_be_bytes().to_vec(), framed(&[0x9b, 0, 0, 0, 1, 0, 0, 0, 0])] {
            let mut control = Control::open(&ann, desk.address).await;
            control.say_bytes(&bytes).await;
            assert_eq!(control.closed().await, CloseCode::BadFrame);
        }
    }
    let grown = resident_kib(desk.id()).saturating_sub(before);
    assert!(grown < 32 * 1024, "{grown} KiB more than before");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn threat_25_silence_and_half_frames_end_at_their_deadline() {
    let desk = Desk::start();
    let ann = desk.person("ann.lee");
    // No stream, no hello, half a hello: each is over after its seconds, whichever come first.
    let silent = connect(&ann, desk.address).await.unwrap();
    let mut quiet = Control::open(&ann, desk.address).await;
    quiet.say_bytes(&[]).await;
    let mut half = Control::open(&ann, desk.address).await;
    half.say_bytes(&[0, 0]).await;
    let (mut later, _) = Control::hello(&ann, desk.address).await;
    later.say_bytes(&[0, 0, 0, 9, 0x82]).await;
    let reason = tokio::time::timeout(wire::PATIENCE, silent.closed()).await.expect("a close");
    assert_eq!(close_code(&reason), CloseCode::TooSlow);
    for control in [&mut quiet, &mut half, &mut later] {
        assert_eq!(control.closed().await, CloseCode::TooSlow);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn threat_25_a_frame_that_trickles_is_cut_and_so_is_a_question_that_never_ends() {
    let mut desk = Desk::start();
    let ann = desk.person("ann.lee");
    // Before a session, a byte a second: alive all the time, and over all the same.
    let (mut slow, _) = Control::hello(&ann, desk.address).await;
    slow.say_bytes(&[0, 0, 1]).await;
    let trickling = tokio::spawn(async move {
        while slow.connection.close_reason().is_none() {
            slow.say_bytes(&[0]).await;
            tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        }
        close_code(&slow.connection.close_reason().unwrap())
    });
    let code = tokio::time::timeout(wire::PATIENCE, trickling).await.expect("a close").unwrap();
    assert_eq!(code, CloseCode::TooSlow);
    // Within one, on the control stream and on a question's.
    let (mut control, signed_in) = Control::signed_in(&ann, desk.address).await;
    control.say_bytes(&[0, 0, 1, 0, 0x82]).await;
    assert_eq!(control.closed().await, CloseCode::TooSlow);
    let (mut again, answer) = Control::resume(&ann, desk.address, signed_in.token).await;
    assert!(matches!(answer, ServerFrame::SignedIn(_)), "{answer:?}");
    let (mut send, mut recv) = again.connection.open_bi().await.unwrap();
    send.write_all(&[0, 0, 0, 9, 0x82]).await.unwrap();
    let ended = tokio::time::timeout(wire::PATIENCE, recv.read_to_end(1 << 16)).await.expect("an end");
    drop(ended);
    // Whoever else is there noticed nothing.
    let all = Verb::CancelAll(CancelAll { cl_ord_id: ClOrdId::new("t1").unwrap(), account: None });
    if again.connection.close_reason().is_none() {
        let request = again.command_bytes(command(all).to_bytes()).await;
        assert!(matches!(again.outcome(request).await, Outcome::CancelAll { .. }));
    }
    assert!(desk.lives());
}

/// Repeatable numbers (SplitMix64).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    /// A frame that was right once, with a few bytes turned, cut off or put in.
    fn spoil(&mut self, frame: &[u8]) -> Vec<u8> {
        let mut body = frame[4..].to_vec();
        for _ in 0..=self.below(3) {
            let at = self.below(body.len().max(1));
            match self.below(3) {
                0 if !body.is_empty() => body[at] ^= 1 << self.below(8),
                1 => body.truncate(at),
                _ => body.insert(at.min(body.len()), self.next() as u8),
            }
        }
        framed(&body)
    }
}

/// Everything that comes back until the end, looked at for words of the inside.
async fn tells_nothing(control: &mut Control) {
    while let Some(body) = control.try_hear_bytes().await {
        assert_eq!(says_inside(&body), None);
    }
    let reason = tokio::time::timeout(wire::PATIENCE, control.connection.closed()).await.expect("a close");
    if let quinn::ConnectionError::ApplicationClosed(close) = reason {
        assert!(close.reason.is_empty(), "a close says no more than its code");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn threat_21_whatever_is_sent_nothing_of_the_inside_is_told() {
    assert!(INSIDE.iter().all(|word| says_inside(format!("at {word}1").as_bytes()).is_some()), "the search finds them");
    let mut desk = Desk::start();
    let ann = desk.person("ann.lee");
    let mut dice = Dice(20_261_122);
    let secret = |text: &str| SecretText::new(text.to_owned());
    let good: Vec<Vec<u8>> = [
        hello(),
        ClientFrame::Password { login: ann.login.clone(), password: secret("'; DROP TABLE users; --") },
        ClientFrame::Code { code: secret("000000") },
        ClientFrame::Resume { token: turret_shared::secret::SessionToken::new([7; 32]) },
        ClientFrame::Watch { instruments: vec![InstrumentId(1)] },
        ClientFrame::Proof { request: 1, pending: vec![PendingId(1)], code: secret("1") },
    ]
    .iter()
    .map(|frame| {
        let mut bytes = Vec::new();
        put_frame(frame, &mut bytes).unwrap();
        bytes
    })
    .collect();
    // At the door: as the first frame, and behind a good hello.
    for round in 0..120 {
        let mut control = Control::open(&ann, desk.address).await;
        if round % 2 == 0 {
            control.say(&hello()).await;
        }
        let at = dice.below(good.len());
        let spoilt = dice.spoil(&good[at]);
        control.say_bytes(&spoilt).await;
        let _ = control.send.finish();
        tells_nothing(&mut control).await;
    }
    // Within a session: commands, frames and questions.
    let (mut control, signed_in) = Control::signed_in(&ann, desk.address).await;
    let all = Verb::CancelAll(CancelAll { cl_ord_id: ClOrdId::new("f1").unwrap(), account: None });
    let command = framed(&command(all).to_bytes());
    let mut question = Vec::new();
    put_frame(&Query { after: None, ask: Ask::Accounts }, &mut question).unwrap();
    for _ in 0..60 {
        if control.connection.close_reason().is_some() {
            let (again, answer) = Control::resume(&ann, desk.address, signed_in.token.clone()).await;
            assert!(matches!(answer, ServerFrame::SignedIn(_)), "{answer:?}");
            control = again;
        }
        let spoilt = dice.spoil(&command);
        control.command_bytes(spoilt[4..].to_vec()).await;
        let (mut send, mut recv) = match control.connection.open_bi().await {
            Ok(streams) => streams,
            Err(_) => continue,
        };
        let _ = send.write_all(&dice.spoil(&question)).await;
        let _ = send.finish();
        if let Ok(Ok(bytes)) = tokio::time::timeout(wire::PATIENCE, recv.read_to_end(1 << 20)).await {
            assert_eq!(says_inside(&bytes), None);
        }
    }
    control.connection.close(0_u32.into(), b"");
    assert!(desk.lives());
    let (_again, answer) = Control::resume(&ann, desk.address, signed_in.token).await;
    assert!(matches!(answer, ServerFrame::SignedIn(_)), "{answer:?}");
    drop(connect(&ann, desk.address).await);
}
