//! Prints README's picture, made from the program's own cells (`just picture`); it must open no terminal and no connection.
#![allow(clippy::print_stdout, reason = "the picture is its output")]

fn main() {
    print!("{}", turret_tests::svg::blotter());
}
