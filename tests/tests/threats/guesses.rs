//! Threats 4 and 5: guessing who there is, and what they chose; work is counted in processor time, never by a clock.

use turret_shared::ids::CorrelationId;
use turret_shared::secret::SecretText;
use turret_shared::wire::control::{ClientFrame, ServerFrame};
use turret_shared::wire::query::AuditFilter;

use crate::wire::client::{Control, now_s};
use crate::wire::desk::{Desk, Person};
use crate::wire::house::House;

/// What one failed sign-in looks like on the wire, the id to quote aside.
async fn failure(person: &Person, desk: &Desk, login: &str, password: &str, code: &str) -> Vec<Vec<u8>> {
    let (mut control, _) = Control::hello(person, desk.address).await;
    let secret = |text: &str| SecretText::new(text.to_owned());
    control.say(&ClientFrame::Password { login: login.into(), password: secret(password) }).await;
    let first = control.try_hear_bytes().await.unwrap();
    control.say(&ClientFrame::Code { code: secret(code) }).await;
    let second = match control.hear().await {
        ServerFrame::SignInFailed { retry_after_s, .. } => {
            minicbor::to_vec(ServerFrame::SignInFailed { correlation: CorrelationId(0), retry_after_s }).unwrap()
        }
        other => panic!("{other:?}"),
    };
    vec![first, second]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn threat_04_whatever_is_wrong_the_answer_is_the_same_to_the_byte() {
    let desk = Desk::start();
    let people: Vec<Person> =
        ["ann.lee", "bob.ray", "kim.ito", "sam.wood", "mia.ortiz"].map(|login| desk.person(login)).into();
    let [ann, bob, kim, sam, mia] = people.as_slice() else { panic!("five people") };
    let (wrong, step) = ("not the password at all", now_s() / 30);
    // Each on a device of its own, for the delay grows with each failure of one.
    let seen = [
        failure(ann, &desk, "nobody.here", wrong, "000000").await,
        failure(bob, &desk, "bob.ray", wrong, &bob.code_of(step)).await,
        failure(kim, &desk, "ann.lee", &ann.password, &ann.code_of(step)).await,
        failure(sam, &desk, "sam.wood", &sam.password, "not a code").await,
        failure(mia, &desk, "", "", "").await,
    ];
    for one in &seen {
        assert_eq!(one, &seen[0]);
    }
    // Someone else's device cost its owner nothing.
    let (_, signed_in) = Control::signed_in(ann, desk.address).await;
    assert_eq!(signed_in.user.login, "ann.lee");
}

/// Nanoseconds a process has been on a processor, those of its threads that have ended too (proc_pid_stat(5), utime and
/// stime, in hundredths of a second).
#[cfg(target_os = "linux")]
fn worked_ns(id: u32) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap();
    let fields = stat.rsplit_once(") ").unwrap().1.split(' ');
    fields.skip(11).take(2).map(|ticks| ticks.parse::<u64>().unwrap() * 10_000_000).sum()
}

/// One password given and no code after it, which counts as no failure; the work that was.
#[cfg(target_os = "linux")]
async fn password_work(desk: &Desk, person: &Person, login: &str, password: &str) -> u64 {
    let (mut control, _) = Control::hello(person, desk.address).await;
    let before = worked_ns(desk.id());
    control.say(&ClientFrame::Password { login: login.into(), password: SecretText::new(password.into()) }).await;
    assert!(matches!(control.hear().await, ServerFrame::CodeWanted));
    worked_ns(desk.id()).saturating_sub(before)
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn threat_04_nobody_a_wrong_password_and_a_locked_user_cost_the_server_the_same_work() {
    let desk = Desk::start();
    let (ann, bob, kim) = (desk.person("ann.lee"), desk.person("bob.ray"), desk.person("kim.ito"));
    // A token of somebody else's session locks the device that shows it.
    let (_bobs, signed_in) = Control::signed_in(&bob, desk.address).await;
    let (_kims, answer) = Control::resume(&kim, desk.address, signed_in.token).await;
    assert!(matches!(answer, ServerFrame::SignInFailed { .. }), "{answer:?}");
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    let wrong = "not the password at all";
    let kinds = [
        (&ann, "nobody.here", wrong),
        (&ann, "ann.lee", wrong),
        (&kim, "kim.ito", &kim.password),
        (&ann, "ann.lee", &ann.password),
    ];
    // In turn, so that whatever else this machine does falls on all of them alike.
    let mut work = [0_u64; 4];
    for _ in 0..5 {
        for (sum, (person, login, password)) in work.iter_mut().zip(kinds) {
            *sum += password_work(&desk, person, login, password).await;
        }
    }
    let (least, most) = (work.iter().min().unwrap(), work.iter().max().unwrap());
    // Whoever is not looked at costs a hundredth.
    assert!(*least > 50_000_000 && *most < 2 * *least, "nobody, wrong, locked, right: {work:?} ns");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn threat_05_many_guessing_devices_are_slowed_and_locked_and_the_owner_still_gets_in() {
    let house = House::open().await;
    let ann = house.person("ann.lee");
    let others = ["bob.ray", "kim.ito", "mia.ortiz", "eva.koch"].map(|login| house.person(login));
    let mut waits = Vec::new();
    for round in 0..10_u32 {
        let mut longest = 0;
        for (at, thief) in others.iter().enumerate() {
            let (mut control, _) = Control::hello(thief, house.address).await;
            // Even the right one is worth nothing there.
            let guess = if round == 5 { ann.password.clone() } else { format!("guess {round} of {at}") };
            let answer = control.factors("ann.lee", &guess, &ann.code_of(house.clock.step())).await;
            let ServerFrame::SignInFailed { retry_after_s, .. } = answer else { panic!("{answer:?}") };
            longest = longest.max(retry_after_s);
            if at == 0 {
                waits.push(retry_after_s);
                // At once again: not even looked at.
                let again = control.factors("ann.lee", "at once again", "000000").await;
                assert!(
                    matches!(again, ServerFrame::SignInFailed { retry_after_s: still, .. } if still >= 1),
                    "{again:?}"
                );
            }
        }
        house.clock.advance_s(longest);
    }
    assert_eq!(waits, [1, 3, 5, 10, 10, 10, 10, 10, 10, 10]);
    // She is asked for nothing more and waits for nothing; the guessers are out for good.
    house.clock.advance_s(30);
    let (control, signed_in) = Control::entered(&ann, house.address, house.clock.step()).await;
    assert_eq!(signed_in.user.login, "ann.lee");
    for thief in &others {
        let (mut own, _) = Control::hello(thief, house.address).await;
        let answer = own.factors(&thief.login, &thief.password, &thief.code_of(house.clock.step())).await;
        assert!(matches!(answer, ServerFrame::SignInFailed { .. }), "{answer:?}");
    }
    drop(control);
    // The log has the attack in few words: a fact a minute and device, with how often.
    let (support, _) = Control::entered(&house.person("sam.wood"), house.address, house.clock.step()).await;
    let filter = AuditFilter { action: Some("sign_in_failed".into()), ..AuditFilter::default() };
    let rows = support.found(filter).await;
    assert!(!rows.is_empty() && rows.len() < 40, "{}", rows.len());
}
