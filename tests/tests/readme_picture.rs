//! README's picture is what the program draws today.
#![allow(clippy::expect_used, reason = "a test fails by panicking")]

#[test]
fn the_picture_is_what_the_program_draws() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/blotter.svg");
    let kept = std::fs::read_to_string(file).expect("docs/blotter.svg");
    let drawn = turret_tests::svg::blotter();
    assert!(kept == drawn, "docs/blotter.svg is stale: `just picture` draws it anew");
    let readme = include_str!("../../README.md");
    let picture = readme.find("](docs/blotter.svg)").expect("README shows it");
    assert!(readme.find("## ").is_some_and(|first| picture < first), "README opens with it");
}
