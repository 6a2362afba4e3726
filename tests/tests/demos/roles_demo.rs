//! A role of the house's own against a whole demo: composed by two, given by two, felt at once by whoever has it.

use crate::demo_run::Talk;

scenarios! {
    a_broker_given_a_part_of_the_role_looks_and_enters_nothing,
}

/// Asks as the admin, approves as the supervisor, and is the admin again.
fn by_two(talk: &mut Talk, line: &str) {
    assert!(talk.done(line)["step_up"]["pending"].is_u64(), "{line}");
    let asked = talk.done("proof key=auto");
    let id = asked["approval"]["id"].as_u64().unwrap_or_else(|| panic!("it takes two: {asked}"));
    talk.done("as role=supervisor");
    talk.done(&format!("approve id={id} reason=checked"));
    talk.done("proof key=auto");
    talk.done("as role=admin");
}

fn a_broker_given_a_part_of_the_role_looks_and_enters_nothing() {
    let temp = tempfile::tempdir().unwrap();
    let mut talk = Talk::start(temp.path(), &["--seed", "3", "--role", "admin"]);
    // A key proves as often as it is asked; a code does so once in half a minute.
    for role in ["supervisor", "admin"] {
        talk.done(&format!("as role={role}"));
    }
    for role in ["supervisor", "admin"] {
        talk.done(&format!("as role={role}"));
        talk.done("key register");
    }
    for bad in [
        "role compose code=LOOKS base=broker without=user_manage",
        "role compose code=LOOKS base=broker without=own_manage",
        "role compose code=broker base=broker without=order_enter",
        "role compose code=LOOKS base=clerk without=order_enter",
    ] {
        talk.refused(bad);
    }
    by_two(&mut talk, "role compose code=LOOKS base=broker without=order_enter,order_amend,order_cancel");
    let house = talk.done("house");
    assert_eq!((&house["roles"][0]["role"], &house["roles"][0]["people"]), (&"LOOKS".into(), &0.into()), "{house}");
    by_two(&mut talk, "user role user=ann.lee to=LOOKS");
    let users = talk.done("users");
    let ann = users["users"].as_array().unwrap().iter().find(|row| row["user"] == "ann.lee").cloned().unwrap();
    assert_eq!((&ann["role"], &ann["composed"]), (&"broker".into(), &"LOOKS".into()));

    assert_eq!(talk.done("as user=ann.lee")["role"], "LOOKS");
    talk.done("positions account=A1001");
    talk.done("order list");
    let line = "order new account=A1001 side=buy qty=1 symbol=AAPL type=market";
    assert_eq!(talk.refused(line)["denial"]["code"], "not_permitted");

    talk.done("as role=admin");
    assert_eq!(talk.refused("role retire code=LOOKS")["denial"]["code"], "role_held");
    assert_eq!(talk.end(), Some(1), "some lines were to be refused");
}
