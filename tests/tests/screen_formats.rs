//! Every format of the screens as a table of what goes in and what a person reads.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use turret_client::format::{self, Zone};
use turret_shared::denial::Figure;
use turret_shared::money::{Currency, Money, Price, Qty};
use turret_shared::time::Timestamp;
use turret_tests::station::NOON;

fn qty(text: &str) -> Qty {
    Qty::parse(text).expect("a quantity")
}

fn price(text: &str) -> Price {
    Price::parse(text).expect("a price")
}

#[test]
fn quantities() {
    for (given, width, want) in
        [("1200", 7, "1,200"), ("1250000", 7, "1250000"), ("12500000", 7, "#######"), ("0", 7, "0"), ("0.5", 7, "0.5")]
    {
        assert_eq!(format::qty_fit(qty(given), width), want);
    }
    for (given, want) in [("1200", "+1,200"), ("-250", "-250"), ("0", "0")] {
        assert_eq!(format::position(qty(given)), want);
    }
    for (given, want) in [
        ("915", "915"),
        ("12412300", "12.4m"),
        ("911000", "0.91m"),
        ("9810000", "9.81m"),
        ("31000000", "31.0m"),
        ("45000", "45.0k"),
    ] {
        assert_eq!(format::volume(qty(given)), want);
    }
}

#[test]
fn prices_and_amounts() {
    for (given, decimals, want) in [("189.5", 2, "189.50"), ("3.2105", 4, "3.2105"), ("4512.25", 2, "4,512.25")] {
        assert_eq!(format::price(price(given), decimals), want);
    }
    for (given, decimals, want) in [
        ("189.494285714", 2, "189.4943"),
        ("189.441", 2, "189.4410"),
        ("3.209812", 4, "3.209812"),
        ("1.00005", 2, "1.0000"),
    ] {
        assert_eq!(format::avg_px(price(given), decimals), want);
    }
    for (given, want) in [(947_500_000, "94,750.00"), (-180_000, "-18.00"), (50, "0.00"), (150, "0.02")] {
        assert_eq!(format::money(Money(given)), want);
    }
    assert_eq!(format::profit(Money(3_235_200)), "+323.52");
    for (now, before, want) in
        [("189.49", "188.90", "+0.31"), ("100", "100", "0.00"), ("99", "100", "-1.00"), ("1", "0", "-")]
    {
        assert_eq!(format::change_percent(price(now), price(before)), want);
    }
}

#[test]
fn figures_and_by_how_much() {
    let usd = |units: i64| Figure::Money(Money(units * 10_000), Currency::USD);
    assert_eq!(format::figure(&usd(250_000), 2), "250,000.00 USD");
    assert_eq!(format::over_by(&usd(644_750), &usd(250_000), 2).as_deref(), Some("394,750.00 USD"));
    assert_eq!(format::over_by(&usd(1), &usd(2), 2), None);
    let band = Figure::Band(price("180.02"), price("198.96"));
    assert_eq!(format::figure(&band, 2), "180.02 to 198.96");
    assert_eq!(format::over_by(&Figure::Price(price("200")), &band, 2).as_deref(), Some("1.04"));
}

#[test]
fn times() {
    let ny = Zone::named("America/New_York");
    assert_eq!(ny.label, "NY");
    assert_eq!(Zone::named("Mars/Olympus").label, "UTC");
    assert_eq!(format::clock(NOON, &ny), "10:31:40");
    assert_eq!(format::clock_ms(NOON.after_ns(7_113_204), &Zone::utc()), "14:31:40.007");
    assert_eq!(format::full_time(NOON.after_ns(7_113_204), &Zone::utc()), "2026-03-12 14:31:40.007 113 204");
    assert_eq!(format::day(NOON, &ny), "Thu 12 Mar");
    assert_eq!(format::clock(ny.day_start(NOON), &ny), "00:00:00");
    for (ms, want) in [(200, "0.2 s"), (14_000, "14 s"), (236_000, "3 m 56 s"), (7_500_000, "2 h 05 m"), (-5, "0.0 s")]
    {
        assert_eq!(format::age(ms * 1_000_000), want);
    }
    assert_eq!(format::countdown(58), "0:58");
    // The end of the range of time is still a time.
    assert_ne!(format::clock(Timestamp(i64::MAX), &ny), "");
}

#[test]
fn identifiers() {
    assert_eq!(format::short_id("O48201"), "O48201");
    assert_eq!(format::short_id("01JPA7ZZZZZZ7Q2K"), "01JPA7...7Q2K");
    assert_eq!(format::short_hash(&[0x5d, 0xc9, 0, 0, 0x43, 0x28]), "5dc9..4328");
}
