//! Whether a new password will do: its length, and that it is none of those people try first; it must never keep or show one.
//!
//! No rule of composition (NIST SP 800-63B-4, 3.1.1.2): length, and a look at what it is made of. A password is common when a
//! few common words, words of the person's own names or rows of the keyboard cover it, with short numbers and signs between.

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use minicbor::{Decode, Encode};

use crate::limits::{PASSWORD_CHARS_MAX, PASSWORD_CHARS_MIN};

/// Why a password will not do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum PasswordFault {
    /// Under 12 characters.
    #[n(0)]
    TooShort,
    /// Over 128.
    #[n(1)]
    TooLong,
    /// One of those people try first.
    #[n(2)]
    Common,
    /// The one they have.
    #[n(3)]
    SameAsBefore,
}

impl PasswordFault {
    /// A word scripts can match.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TooShort => "too_short",
            Self::TooLong => "too_long",
            Self::Common => "common",
            Self::SameAsBefore => "same_as_before",
        }
    }

    /// For the person, as a sentence.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::TooShort => "The new password is too short: 12 characters at least.",
            Self::TooLong => "The new password is too long: 128 characters at most.",
            Self::Common => {
                "The new password is one people try first: take some words that have nothing to do with each other."
            }
            Self::SameAsBefore => "The new password is the one you have: take another.",
        }
    }
}

/// Words of common passwords that may cover one together; with more of them it is a phrase.
const WORDS_FEW: u32 = 3;
/// Length from which a run of neighbours (`abcd`, `4321`, `qwer`) or of one character costs nothing.
const RUN_MIN: usize = 4;
/// Digits between words that cost nothing: a year, a day, a count.
const DIGITS_FEW: usize = 8;

/// What lies side by side on keyboards, or is counted up.
const ROWS: [&str; 8] = [
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
    "qwertyuiop",
    "1q2w3e4r5t6y7u8i9o0p",
    "asdfghjkl",
    "zxcvbnm",
    "qazwsxedcrfvtgbyhnujmikolp",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik",
];

/// Judges a new password; `names` are words of the person's own: login, name, the server's name.
///
/// # Errors
/// [`PasswordFault`], never `SameAsBefore`: that is for whoever knows the one before.
pub fn judge(password: &str, names: &[&str]) -> Result<(), PasswordFault> {
    match password.chars().count() {
        ..PASSWORD_CHARS_MIN => Err(PasswordFault::TooShort),
        PASSWORD_CHARS_MIN..=PASSWORD_CHARS_MAX if is_common(password, names) => Err(PasswordFault::Common),
        PASSWORD_CHARS_MIN..=PASSWORD_CHARS_MAX => Ok(()),
        _ => Err(PasswordFault::TooLong),
    }
}

fn is_common(password: &str, names: &[&str]) -> bool {
    let plain: Vec<char> = password.chars().flat_map(char::to_lowercase).collect();
    let own: Vec<String> = names
        .iter()
        .flat_map(|name| name.split(|c: char| !c.is_alphanumeric()))
        .filter(|word| word.chars().count() >= 2)
        .map(str::to_lowercase)
        .collect();
    words_needed(&plain, &own).is_some_and(|words| words <= WORDS_FEW)
}

/// `P@ssw0rd` reads `password`.
const fn unleet(c: char) -> char {
    match c {
        '0' => 'o',
        '1' | '!' => 'i',
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        other => other,
    }
}

/// How few words cover the text, runs, numbers and signs being free; `None` when none do.
fn words_needed(text: &[char], own: &[String]) -> Option<u32> {
    let mut best: Vec<Option<u32>> = vec![None; text.len().saturating_add(1)];
    if let Some(first) = best.first_mut() {
        *first = Some(0);
    }
    for at in 0..text.len() {
        let Some(so_far) = best.get(at).copied().flatten() else { continue };
        let rest = text.get(at..).unwrap_or_default();
        let mut reach = |length: usize, words: u32| {
            let total = so_far.saturating_add(words);
            if let Some(slot) = best.get_mut(at.saturating_add(length))
                && length > 0
                && slot.is_none_or(|known| total < known)
            {
                *slot = Some(total);
            }
        };
        free(rest, &mut reach);
        let own = own.iter().map(String::as_str);
        for word in WORDS.split_ascii_whitespace().chain(own).filter(|word| begins(rest, word)) {
            reach(word.chars().count(), 1);
        }
    }
    best.last().copied().flatten()
}

fn begins(text: &[char], word: &str) -> bool {
    let mut text = text.iter();
    word.chars().all(|c| text.next().is_some_and(|typed| *typed == c || unleet(*typed) == c))
}

/// Everything at the start of the text that costs nothing, by its length.
fn free(text: &[char], reach: &mut impl FnMut(usize, u32)) {
    let signs = text.iter().take_while(|c| !c.is_alphanumeric()).count();
    reach(signs, 0);
    let digits = text.iter().take_while(|c| c.is_ascii_digit()).count();
    for length in 1..=digits.min(DIGITS_FEW) {
        reach(length, 0);
    }
    let Some(first) = text.first() else { return };
    for length in RUN_MIN..=text.iter().take_while(|c| *c == first).count() {
        reach(length, 0);
    }
    for length in RUN_MIN..=neighbours(text) {
        reach(length, 0);
    }
}

/// Length of the longest run of neighbours at the start, either way along a row.
fn neighbours(text: &[char]) -> usize {
    let forward = ROWS.iter().map(|row| along(text, row.chars()));
    let backward = ROWS.iter().map(|row| along(text, row.chars().rev()));
    forward.chain(backward).max().unwrap_or(0)
}

fn along(text: &[char], row: impl Iterator<Item = char> + Clone) -> usize {
    let Some(first) = text.first() else { return 0 };
    // A row may hold a character twice: from each of them.
    let mut longest = 0;
    let mut row = row;
    while let Some(next) = row.next() {
        if next == *first {
            let run = text.iter().skip(1).zip(row.clone()).take_while(|(c, beside)| **c == *beside).count();
            longest = longest.max(run.saturating_add(1));
        }
    }
    longest
}

/// What leaked passwords are made of most, in lower case.
const WORDS: &str = "
password passwort passwd pass word secret geheim admin administrator root user guest login master access system manager
default server client welcome willkommen hello hallo letmein changeme change trustno1 test testing temp temporary qwerty
qwertz azerty asdf zxcvbn qazwsx abc xyz iloveyou love you lover lovely forever baby babygirl babyboy angel princess prince
queen king sweet sweetheart honey sugar candy cookie chocolate cherry apple orange banana lemon peach pepper ginger
sunshine moon star stars rainbow flower rose lily butterfly monkey dragon tiger lion eagle falcon wolf bear puppy kitty cat
dog horse dolphin fish snake spider turtle shadow ghost hunter killer ninja pirate wizard magic merlin matrix phantom
superman batman spiderman ironman joker robin hulk thor avengers marvel starwars pokemon pikachu naruto minecraft fortnite
football soccer fussball baseball basketball hockey golf tennis racing soccer liverpool arsenal chelsea barcelona realmadrid
juventus bayern manchester united city yankees cowboys lakers steelers eagles patriots
jesus christ god heaven faith hope grace peace freedom america american london paris berlin newyork york texas chicago
canada mexico brasil brazil england scotland ireland france germany italia spain russia china india japan korea
michael jordan daniel david john james robert william thomas george charles andrew anthony matthew joshua jessica jennifer
michelle amanda ashley nicole sarah stephanie melissa elizabeth samantha charlie maggie buster bailey jack jackson harley
summer winter spring autumn sommer herbst monday tuesday wednesday thursday friday saturday sunday january february march
april may june july august september october november december today tomorrow happy birthday christmas family mother father
sister brother friend friends money dollar bank account business company office computer internet google facebook youtube
twitter instagram linkedin microsoft windows apple android samsung nokia iphone mobile phone email hotmail gmail yahoo
linux ubuntu oracle cisco mercedes ferrari porsche honda toyota yamaha harley corvette mustang camaro ford chevy
whatever nothing something someone blink pretty beautiful crazy cool awesome amazing perfect super power strong
black white red blue green yellow purple pink silver gold golden diamond crystal fire water earth wind storm thunder
music guitar metal rock dance player game gamer gaming play lucky seven eleven hundred thousand million number one two
three four five six the and for not this that is it my me your our new old big little hot sexy fuck fuckyou shit bitch ass
trade trader trading broker desk order orders market stock stocks shares turret terminal
";

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(password: &str) -> Option<PasswordFault> {
        judge(password, &["ann.lee", "Ann Lee", "demo.turret"]).err()
    }

    #[test]
    fn what_people_try_first_is_common_however_it_is_dressed() {
        for password in [
            "password1234",
            "Password1234!",
            "P@ssw0rd2024",
            "passwordpassword",
            "qwertyuiop12",
            "1q2w3e4r5t6y7u8i9o",
            "123456789012",
            "abcdefghijkl",
            "aaaaaaaaaaaaaa",
            "letmein12345!",
            "iloveyou2023",
            "Welcome-2026-!",
            "changeme!!!!",
            "1qaz2wsx3edc",
            "zxcvbnm,./12",
            "qwerty123456",
            "AnnLee-2026!!",
            "ann.lee.1987",
            "turret-demo-1",
            "TradingDesk#1",
            "sunshine12345",
            "987654321098",
            "MonkeyDragon1",
            "trustno1trustno1",
            "            ",
        ] {
            assert_eq!(fault(password), Some(PasswordFault::Common), "{password}");
        }
    }

    #[test]
    fn phrases_and_noise_will_do_and_length_is_counted_in_characters() {
        for password in [
            "correct horse battery staple",
            "gravel pudding ostrich",
            "kX9!vT2#pQ7m",
            "schlittschuhlaufen im juli",
            "a-rather-damp-towel",
            "mouette rieuse 41",
            "ünïcödé wörds hélp",
        ] {
            assert_eq!(fault(password), None, "{password}");
        }
        assert_eq!(fault("kX9!vT2#pQ7"), Some(PasswordFault::TooShort));
        assert_eq!(fault("üüüüüü"), Some(PasswordFault::TooShort), "characters, not bytes");
        let long: String = "kX9!vT2#".chars().cycle().take(PASSWORD_CHARS_MAX + 1).collect();
        assert_eq!(fault(&long), Some(PasswordFault::TooLong));
        assert_eq!(fault(&long[1..]), None);
    }
}
