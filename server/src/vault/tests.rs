//! The vault on a real encrypted file; it must leave nothing behind.

use std::path::PathBuf;

use tempfile::TempDir;
use turret_shared::digest::Digest;
use turret_shared::ids::{AccountId, CredentialId, DeviceId, UserId};
use turret_shared::secret::{SecretKey, SecretText};

use super::{
    Password, PasswordId, PasswordMemory, PersonalKind, Rows, Subject, Vault, VaultError, VaultKeys, commitment,
};
use crate::encrypted::{Access, open};
use crate::random::system;
use crate::versions::Versions;

const KEY: [u8; 32] = [3; 32];

fn vault() -> (TempDir, Vault) {
    let dir = tempfile::tempdir().unwrap();
    let vault = open_vault(&dir);
    (dir, vault)
}

fn path(dir: &TempDir) -> PathBuf {
    dir.path().join("vault.db")
}

fn open_vault(dir: &TempDir) -> Vault {
    Vault::open(&path(dir), &SecretKey::new(KEY), &SecretKey::new([4; 32]), system).unwrap()
}

const fn first(credential: u32) -> PasswordId {
    PasswordId { credential: CredentialId(credential), version: 1 }
}

fn secret(text: &str) -> SecretText {
    SecretText::new(text.into())
}

#[test]
fn people_and_clients_are_found_by_what_they_are() {
    let (dir, vault) = vault();
    vault.add_user(UserId(1), "ann.lee", "Ann Lee").unwrap();
    assert!(matches!(vault.add_user(UserId(2), "ann.lee", "Other"), Err(VaultError::Taken)));
    assert!(matches!(vault.add_user(UserId(1), "bob", "Other"), Err(VaultError::Taken)));
    for bad in ["", "Ann", "a b", "a'--", "\u{1b}[2J"] {
        assert!(matches!(vault.add_user(UserId(3), bad, "Name"), Err(VaultError::Unfit(_))), "{bad:?}");
    }
    assert!(matches!(vault.add_user(UserId(3), "eve", "E\u{202e}ve"), Err(VaultError::Unfit(_))));
    vault.name_client(AccountId(1001), "Robert'); DROP TABLE users;--").unwrap();
    drop(vault);
    let vault = open_vault(&dir);
    assert_eq!(vault.user_by_login("ann.lee").unwrap(), Some(UserId(1)));
    assert_eq!(vault.user_by_login("ann.lee' OR 1=1").unwrap(), None);
    assert_eq!(vault.person(UserId(1)).unwrap().unwrap().name, "Ann Lee");
    assert_eq!(vault.people().unwrap().len(), 1);
    assert_eq!(vault.client(AccountId(1001)).unwrap().unwrap(), "Robert'); DROP TABLE users;--");
    assert_eq!(vault.clients().unwrap().len(), 1);
}

#[test]
fn a_password_matches_its_credential_alone_and_a_decoy_matches_nothing() {
    let (_dir, vault) = vault();
    let mut memory = PasswordMemory::new().unwrap();
    let right = secret("correct horse battery");
    vault.add_password(CredentialId(7), UserId(1), &Password::new(&right).unwrap(), &mut memory).unwrap();
    let check = |id: Option<u32>, text: &str, memory: &mut PasswordMemory| {
        vault.verifier(id.map(first)).unwrap().check(&secret(text), memory).unwrap()
    };
    assert!(check(Some(7), "correct horse battery", &mut memory));
    assert!(!check(Some(7), "correct horse batterz", &mut memory));
    for unknown in [None, Some(0), Some(8)] {
        assert!(!check(unknown, "correct horse battery", &mut memory));
        assert_eq!(vault.verifier(unknown.map(first)).unwrap().cost, vault.verifier(Some(first(7))).unwrap().cost);
    }
    assert!(Password::new(&secret("short")).is_err());
    assert!(Password::new(&secret(&"x".repeat(129))).is_err());
    assert!(matches!(
        vault.add_password(CredentialId(0), UserId(1), &Password::new(&right).unwrap(), &mut memory),
        Err(VaultError::Unfit(_))
    ));
}

#[test]
fn the_version_that_counts_is_said_by_the_log_and_the_others_go() {
    let (_dir, vault) = vault();
    let mut memory = PasswordMemory::new().unwrap();
    let (old, new) = (secret("correct horse battery"), secret("gravel pudding ostrich"));
    vault.add_password(CredentialId(7), UserId(1), &Password::new(&old).unwrap(), &mut memory).unwrap();
    let second = PasswordId { credential: CredentialId(7), version: 2 };
    // One that no event ever named is written over.
    vault.renew_password(second, UserId(1), &Password::new(&old).unwrap(), &mut memory).unwrap();
    vault.renew_password(second, UserId(1), &Password::new(&new).unwrap(), &mut memory).unwrap();
    let mut fits = |id, text: &SecretText| vault.verifier(Some(id)).unwrap().check(text, &mut memory).unwrap();
    assert!(fits(first(7), &old) && fits(second, &new) && !fits(second, &old));
    vault.forget_passwords_but(second).unwrap();
    assert!(fits(second, &new) && !fits(first(7), &old), "nothing but a decoy is left of it");
    let again = vault.renew_password(first(7), UserId(1), &Password::new(&new).unwrap(), &mut memory);
    assert!(matches!(again, Err(VaultError::Unfit(_))));
}

#[test]
fn sealed_cells_open_only_in_their_own_row() {
    let (dir, vault) = vault();
    let mut memory = PasswordMemory::new().unwrap();
    for (id, text) in [(1, "first password of one"), (2, "first password of two")] {
        let text = secret(text);
        vault.add_password(CredentialId(id), UserId(id), &Password::new(&text).unwrap(), &mut memory).unwrap();
        vault.add_totp(CredentialId(10 + id), UserId(id), &[id as u8; 20]).unwrap();
    }
    let text = vault.keep(PersonalKind::OrderText, Subject::User(UserId(1)), "text of one").unwrap();
    assert_eq!(vault.totp_seed(Some(CredentialId(11))).unwrap().expose(), [1; 20]);
    assert!(vault.totp_seed(Some(CredentialId(11))).unwrap().is_real());
    assert!(!vault.totp_seed(None).unwrap().is_real());
    let db = open(&path(&dir), &SecretKey::new(KEY), Access::Write).unwrap();
    db.execute_batch(
        "UPDATE passwords SET (salt, sealed) = (SELECT salt, sealed FROM passwords WHERE credential_id = 2)
             WHERE credential_id = 1;
         UPDATE totp_seeds SET sealed = (SELECT sealed FROM totp_seeds WHERE credential_id = 12)
             WHERE credential_id = 11;
         UPDATE personal SET subject_id = 2;
         INSERT INTO subjects SELECT kind, 2, version, wrapped, sealer FROM subjects;",
    )
    .unwrap();
    assert!(matches!(vault.verifier(Some(first(1))), Err(VaultError::NotGenuine)));
    assert!(vault.verifier(Some(first(2))).is_ok());
    assert!(matches!(vault.totp_seed(Some(CredentialId(11))), Err(VaultError::NotGenuine)));
    assert!(matches!(vault.reveal(&text), Err(VaultError::NotGenuine)));
}

#[test]
fn a_personal_value_is_kept_behind_its_commitment_and_dies_with_its_subjects_key() {
    let (dir, vault) = vault();
    let one = vault.keep(PersonalKind::OrderText, Subject::User(UserId(1)), "sell slowly, Müller").unwrap();
    let two = vault.keep(PersonalKind::OrderText, Subject::User(UserId(1)), "sell slowly, Müller").unwrap();
    let address = vault.keep(PersonalKind::Address, Subject::Device(DeviceId(9)), "192.0.2.7:40001").unwrap();
    assert_ne!(one, two, "equal values must not show as equal");
    assert_eq!(vault.reveal(&one).unwrap().as_deref(), Some("sell slowly, Müller"));
    assert_eq!(vault.reveal(&address).unwrap().as_deref(), Some("192.0.2.7:40001"));
    assert_eq!(vault.reveal(&commitment(&[0; 32], "never kept")).unwrap(), None);
    let db = open(&path(&dir), &SecretKey::new(KEY), Access::Write).unwrap();
    db.execute_batch("DELETE FROM subjects WHERE kind = 1").unwrap();
    assert_eq!(vault.reveal(&one).unwrap(), None);
    assert!(vault.reveal(&address).unwrap().is_some());
}

#[test]
fn a_share_is_its_persons_on_its_device_until_that_is_gone() {
    let (dir, vault) = vault();
    let of = |vault: &Vault, user, device| vault.cache_share(UserId(user), DeviceId(device)).unwrap();
    let first = of(&vault, 1, 1);
    assert_eq!(first.generation, 0);
    for other in [of(&vault, 1, 2), of(&vault, 2, 1)] {
        assert_ne!(other.share.expose(), first.share.expose());
    }
    // Only forward, and only for one that is known.
    for (said, known) in [(3, 3), (2, 3), (u64::MAX, u64::MAX), (4, u64::MAX)] {
        vault.cache_kept(UserId(1), DeviceId(1), said).unwrap();
        assert_eq!(of(&vault, 1, 1).generation, known);
    }
    vault.cache_kept(UserId(9), DeviceId(9), 7).unwrap();
    assert_eq!(of(&vault, 9, 9).generation, 0);
    drop(vault);
    let vault = open_vault(&dir);
    assert_eq!(of(&vault, 1, 1).share.expose(), first.share.expose());
    vault.drop_cache_shares(|device| device == DeviceId(1)).unwrap();
    let fresh = of(&vault, 1, 1);
    assert_ne!(fresh.share.expose(), first.share.expose());
    assert_eq!(fresh.generation, 0);
    // A share moved to another row opens there as little as any other cell.
    let db = open(&path(&dir), &SecretKey::new(KEY), Access::Write).unwrap();
    db.execute_batch(
        "UPDATE cache_shares SET sealed = (SELECT sealed FROM cache_shares WHERE device_id = 2) WHERE device_id = 1",
    )
    .unwrap();
    assert!(matches!(vault.cache_share(UserId(1), DeviceId(1)), Err(VaultError::NotGenuine)));
    assert_eq!(format!("{fresh:?}"), "CacheShare { share: <secret key>, generation: 0 }");
}

#[test]
fn no_file_of_the_vault_shows_what_is_in_it() {
    let (dir, vault) = vault();
    vault.add_user(UserId(1), "canary-login", "Canary Name").unwrap();
    vault.keep(PersonalKind::OrderText, Subject::User(UserId(1)), "canary-text").unwrap();
    vault.add_totp(CredentialId(1), UserId(1), b"canary-seed-20-bytes").unwrap();
    for item in std::fs::read_dir(dir.path()).unwrap() {
        let bytes = std::fs::read(item.unwrap().path()).unwrap();
        for canary in ["canary", "Canary", "SQLite format 3", "CREATE TABLE"] {
            assert!(!bytes.windows(canary.len()).any(|window| window == canary.as_bytes()), "{canary}");
        }
    }
}

#[test]
fn a_name_asked_for_and_never_created_is_forgotten_and_no_number_is_used_twice() {
    let (_dir, vault) = vault();
    vault.add_user(UserId(7), "ann.lee", "Ann Lee").unwrap();
    let nobody = |_| false;
    let first = vault.name_new_user("gus.fox", "Gus Fox", UserId(3), 1_000, nobody).unwrap();
    assert_eq!(first, UserId(8));
    let again = vault.name_new_user("gus.fox", "Gus Wu", UserId(3), 1_010, nobody);
    assert!(matches!(again, Err(VaultError::Taken)), "{again:?}");
    let later = vault.name_new_user("gus.fox", "Gus Wu", UserId(20), 2_000, nobody).unwrap();
    assert_eq!((later, vault.person(first).unwrap()), (UserId(20), None));
    // One who was created stays, and so does everyone of set-up.
    let kit = vault.name_new_user("kit.roe", "Kit Roe", UserId(0), 9_000, |user| user == later).unwrap();
    assert_eq!((kit, vault.user_by_login("gus.fox").unwrap()), (UserId(21), Some(later)));
    assert!(vault.person(UserId(7)).unwrap().is_some());
    let many = (0..100).map(|n| vault.name_new_user(&format!("n{n}"), "N", UserId(0), 9_001, nobody));
    assert!(matches!(many.last(), Some(Err(VaultError::Full))), "what waits is bounded");
    for (login, name) in [("", "N"), ("Gus", "N"), ("a b", "N"), ("ok", ""), ("ok", "  "), ("ok", "a\u{1b}b")] {
        let unfit = vault.name_new_user(login, name, UserId(0), 9_999, nobody);
        assert!(matches!(unfit, Err(VaultError::Unfit(_))), "{login:?} {name:?}: {unfit:?}");
    }
}

#[test]
fn rows_are_sealed_anew_a_few_at_a_time_and_every_one_is_read_meanwhile_and_afterwards() {
    let (dir, vault) = vault();
    let mut memory = PasswordMemory::new().unwrap();
    let secret = secret("a long enough password");
    vault.add_password(CredentialId(1), UserId(1), &Password::new(&secret).unwrap(), &mut memory).unwrap();
    vault.add_totp(CredentialId(11), UserId(1), &[1; 20]).unwrap();
    let share = *vault.cache_share(UserId(1), DeviceId(1)).unwrap().share.expose();
    let keep = |user: u32| vault.keep(PersonalKind::OrderText, Subject::User(UserId(user)), "a text").unwrap();
    let mut texts: Vec<_> = (1..=150).map(keep).collect();
    let good = |texts: &[Digest]| {
        texts.iter().all(|text| vault.reveal(text).unwrap().as_deref() == Some("a text"))
            && vault.verifier(Some(first(1))).is_ok()
            && vault.totp_seed(Some(CredentialId(11))).unwrap().expose() == [1; 20]
            && vault.cache_share(UserId(1), DeviceId(1)).unwrap().share.expose() == &share
    };

    let key = |byte| SecretKey::new([byte; 32]);
    let before = super::sealed::wrapping_key(&SecretKey::new(KEY)).unwrap();
    let both = |now: u8, old: SecretKey| Versions::new((2, key(now)), vec![(1, old)]);
    vault.take_up(VaultKeys { rows: both(21, before), peppers: both(22, key(4)) });
    // 150 people, a seed and its decoy, a share; a password and its decoy.
    assert_eq!((vault.left(Rows::Sealed).unwrap(), vault.left(Rows::Passwords).unwrap()), (153, 2));
    texts.push(keep(151));
    let mut turns = 0;
    for rows in [Rows::Sealed, Rows::Passwords] {
        while vault.reseal(rows).unwrap() > 0 {
            turns += 1;
            assert!(good(&texts), "after {turns}");
        }
        assert_eq!(vault.left(rows).unwrap(), 0);
    }
    assert!(turns > 4, "{turns}");
    vault
        .take_up(VaultKeys { rows: Versions::new((2, key(21)), vec![]), peppers: Versions::new((2, key(22)), vec![]) });
    assert!(good(&texts));
    let db = open(&path(&dir), &SecretKey::new(KEY), Access::Write).unwrap();
    db.execute_batch("UPDATE totp_seeds SET sealer = 1; UPDATE passwords SET sealer = 3;").unwrap();
    assert!(matches!(vault.totp_seed(Some(CredentialId(11))), Err(VaultError::NotGenuine)));
    assert!(matches!(vault.verifier(Some(first(1))), Err(VaultError::NotGenuine)));
}
