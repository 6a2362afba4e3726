//! The certificates of a deployment: made once by `init`, read by `serve`; keys lie sealed under the key store, or in it.

use std::io;
use std::path::{Path, PathBuf};

use turret_disk::private;

use turret_certs::{Authority, Issued, Profile};
use zeroize::Zeroizing;

use super::files;
use super::init::{Failed, failed};
use crate::config::Layout;
use crate::keys::{KeyStore, Purpose};
use crate::random;

/// The name in the server's certificate.
pub(super) const SERVER_NAME: &str = "localhost";
/// The name in the simulator's certificate.
pub(super) const VENUE_NAME: &str = "venue-sim";

/// The authority of clients and server.
const AUTHORITY: &str = "ca";
/// Most authorities of clients, with those that were lost.
const AUTHORITIES_MAX: usize = 16;
const SERVER: &str = "server";
/// The authority both ends of the venue link believe.
const VENUE_AUTHORITY: &str = "venue-ca";
const VENUE_CLIENT: &str = "venue-client";
/// The simulator's own directory: it is another process, with a key of its own in clear, as a venue's is not ours to hold.
const VENUE_DIR: &str = "venue";

/// Behind the name of a key's file.
const SEALED: &str = ".key.sealed";

/// What a witness shows over HTTPS.
const WEB: &str = "web";
/// The authority of that, to be handed to the logs that ask it.
const WEB_AUTHORITY: &str = "web-ca.pem";

/// A certificate and its key.
pub(super) struct Pair {
    pub(super) certificate_pem: String,
    pub(super) key_pem: Zeroizing<String>,
}

/// Makes every certificate of a new deployment; gives the authority that signs devices.
pub(super) fn make(layout: &Layout, keys: &dyn KeyStore, origin: &str, now_s: u64) -> Result<Authority, Failed> {
    let pki = layout.pki();
    let venue_dir = pki.join(VENUE_DIR);
    private::make_dir(&venue_dir).map_err(failed(venue_dir.display()))?;

    let name = format!("{origin} clients");
    let authority = match keys.certificates() {
        Some(key) => Authority::create_remote(&name, key, now_s)?,
        None => Authority::create(&name, now_s)?,
    };
    put_authority(&pki, keys, AUTHORITY, &authority)?;
    let server = authority.issue(&Profile::Server { dns_name: SERVER_NAME.to_owned() }, now_s)?;
    put_issued(&pki, keys, SERVER, &server)?;

    let venue = Authority::create(&format!("{origin} venue link"), now_s)?;
    put_authority(&pki, keys, VENUE_AUTHORITY, &venue)?;
    put_issued(&pki, keys, VENUE_CLIENT, &venue.issue(&Profile::VenueClient, now_s)?)?;
    let simulator = venue.issue(&Profile::VenueServer { dns_name: VENUE_NAME.to_owned() }, now_s)?;
    put(&venue_dir.join("ca.pem"), venue.certificate_pem())?;
    put(&venue_dir.join("venue.pem"), &simulator.certificate_pem)?;
    put(&venue_dir.join("venue.key"), &simulator.key_pem)?;
    Ok(authority)
}

/// The authorities of clients, first the one that issued the server's own certificate, and that certificate.
pub(super) fn server(layout: &Layout, keys: &dyn KeyStore) -> Result<(String, Pair), Failed> {
    let mut authorities = read(&certificate(layout, AUTHORITY))?;
    for name in later(layout) {
        authorities.push_str(&read(&certificate(layout, &name))?);
    }
    Ok((authorities, pair(layout, keys, SERVER)?))
}

/// The authority of clients with its key: it signs for devices that enrol.
pub(super) fn authority(layout: &Layout, keys: &dyn KeyStore) -> Result<Authority, Failed> {
    let newest = later(layout).last();
    let name = newest.as_deref().unwrap_or(AUTHORITY);
    let authority = match keys.certificates() {
        Some(key) => Authority::load_remote(&read(&certificate(layout, name))?, key)?,
        None => {
            let Pair { certificate_pem, key_pem } = pair(layout, keys, name)?;
            Authority::load(&certificate_pem, &key_pem)?
        }
    };
    match newest {
        Some(_) => Ok(authority.believed_by(&read(&certificate(layout, AUTHORITY))?)?),
        None => Ok(authority),
    }
}

/// Authorities that came after the first was lost with its token, oldest first.
fn later(layout: &Layout) -> impl Iterator<Item = String> {
    let pki = layout.pki();
    (2..=AUTHORITIES_MAX).map(|n| format!("{AUTHORITY}-{n}")).take_while(move |n| pki.join(format!("{n}.pem")).exists())
}

/// Makes an authority after one that was lost: it signs for devices from now on, and those before it are believed still.
pub(super) fn succeed(layout: &Layout, keys: &dyn KeyStore, origin: &str, now_s: u64) -> Result<(), Failed> {
    succeed_in(layout, layout, keys, origin, now_s)
}

/// The same, put where it is not in force yet.
pub(super) fn succeed_in(
    place: &Layout,
    layout: &Layout,
    keys: &dyn KeyStore,
    origin: &str,
    now_s: u64,
) -> Result<(), Failed> {
    let number = later(layout).count().saturating_add(2);
    if number > AUTHORITIES_MAX {
        return Err(Failed("this deployment lost as many authorities as it may have".to_owned()));
    }
    let name = format!("{origin} clients {number}");
    let authority = match keys.certificates() {
        Some(key) => Authority::create_remote(&name, key, now_s)?,
        None => Authority::create(&name, now_s)?,
    };
    put_authority(&place.pki(), keys, &format!("{AUTHORITY}-{number}"), &authority)
}

/// The authority of the venue link, and our certificate towards it.
pub(super) fn venue_client(layout: &Layout, keys: &dyn KeyStore) -> Result<(String, Pair), Failed> {
    Ok((read(&certificate(layout, VENUE_AUTHORITY))?, pair(layout, keys, VENUE_CLIENT)?))
}

/// Puts a witness's certificate, and the authority logs are to believe; that one's key is kept nowhere.
pub(super) fn put_web(pki: &Path, keys: &dyn KeyStore, authority_pem: &str, web: &Issued) -> Result<(), Failed> {
    put(&pki.join(WEB_AUTHORITY), authority_pem)?;
    put_issued(pki, keys, WEB, web)
}

/// A witness's certificate.
pub(super) fn web(pki: &Path, keys: &dyn KeyStore) -> Result<Pair, Failed> {
    pair_in(pki, keys, WEB)
}

fn pair(layout: &Layout, keys: &dyn KeyStore, name: &str) -> Result<Pair, Failed> {
    pair_in(&layout.pki(), keys, name)
}

fn pair_in(pki: &Path, keys: &dyn KeyStore, name: &str) -> Result<Pair, Failed> {
    let path = pki.join(format!("{name}{SEALED}"));
    let sealed = std::fs::read(&path).map_err(failed(path.display()))?;
    let plain = keys.unseal(Purpose::Authority, name.as_bytes(), &sealed)?;
    let text = std::str::from_utf8(&plain).map_err(|_| Failed(format!("{} holds no key", path.display())))?;
    let certificate_pem = read(&pki.join(format!("{name}.pem")))?;
    Ok(Pair { certificate_pem, key_pem: Zeroizing::new(text.to_owned()) })
}

fn certificate(layout: &Layout, name: &str) -> PathBuf {
    layout.pki().join(format!("{name}.pem"))
}

fn read(path: &Path) -> Result<String, Failed> {
    std::fs::read_to_string(path).map_err(failed(path.display()))
}

/// A key that lies in a token stays there.
fn put_authority(pki: &Path, keys: &dyn KeyStore, name: &str, authority: &Authority) -> Result<(), Failed> {
    match authority.key_pem() {
        Some(key) => put_sealed(pki, keys, name, authority.certificate_pem(), &key),
        None => put(&pki.join(format!("{name}.pem")), authority.certificate_pem()),
    }
}

fn put_issued(pki: &Path, keys: &dyn KeyStore, name: &str, issued: &Issued) -> Result<(), Failed> {
    put_sealed(pki, keys, name, &issued.certificate_pem, &issued.key_pem)
}

fn put_sealed(pki: &Path, keys: &dyn KeyStore, name: &str, certificate: &str, key: &str) -> Result<(), Failed> {
    put(&pki.join(format!("{name}.pem")), certificate)?;
    let sealed = keys.seal(Purpose::Authority, name.as_bytes(), key.as_bytes(), random::system)?;
    let path = pki.join(format!("{name}{SEALED}"));
    files::write_new(&path, &sealed).map_err(failed(path.display()))
}

/// Seals every key anew under the active key for them; each file is the old one or the new one whatever happens.
pub(super) fn reseal(layout: &Layout, keys: &dyn KeyStore) -> Result<(), Failed> {
    let pki = layout.pki();
    for item in std::fs::read_dir(&pki).map_err(failed(pki.display()))? {
        let path = item.map_err(failed(pki.display()))?.path();
        let file = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let Some(name) = file.strip_suffix(SEALED) else { continue };
        let sealed = std::fs::read(&path).map_err(failed(path.display()))?;
        let plain = keys.unseal(Purpose::Authority, name.as_bytes(), &sealed)?;
        let anew = keys.seal(Purpose::Authority, name.as_bytes(), &plain, random::system)?;
        private::replace(&path, &path.with_extension("draft"), &anew).map_err(failed(path.display()))?;
    }
    Ok(())
}

fn put(path: &Path, text: &str) -> Result<(), Failed> {
    files::write_new(path, text.as_bytes()).map_err(|error: io::Error| Failed(format!("{}: {error}", path.display())))
}
