//! `turret enrol`: a code from a prompt or a descriptor, a key made here, a profile written once the issuer has confirmed.
//!
//! It must take no secret from an argument, and overwrite no profile.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use turret_certs::identity::key_digest;
use turret_certs::tls::one_certificate;
use turret_certs::{AuthorityError, DeviceKey};
use turret_disk::private;
use turret_shared::enrol_code::{CodeError, EnrolCode, device_letters};
use turret_shared::ids::CorrelationId;
use turret_shared::limits::{PASSWORD_CHARS_MAX, PASSWORD_CHARS_MIN};
use turret_shared::people::is_login;
use turret_shared::secret::SecretText;
use turret_shared::text::escaped;
use turret_shared::wire::enrol::{EnrolReply, EnrolRequest, Enrolled, FactorFault};

use super::{DONE, descriptor, way_in};
use crate::link::{ConnectError, EnrolLink};
use crate::profile::{AUTHORITY_FILE, DEVICE_FILE, KEY_FILE, SETTINGS_FILE};

/// An answer comes within this, in seconds; the wait for the issuer has its own bound.
const ANSWER_S_MAX: u64 = 60;
/// Beyond the wait the server announced, in seconds.
const WAIT_SLACK_S: u64 = 15;

/// Arguments of `turret enrol`.
#[derive(Debug, clap::Args)]
pub(super) struct EnrolArgs {
    /// Where devices enrol, as the administrator says.
    #[arg(long, value_name = "HOST:PORT")]
    server: String,
    /// The name in the server's certificate.
    #[arg(long, value_name = "NAME", default_value = "localhost")]
    server_name: String,
    /// Profile directory to make; ~/.config/turret unless given.
    #[arg(long, value_name = "DIR")]
    profile: Option<PathBuf>,
    /// Read the enrolment code (one line) from this file descriptor instead of asking.
    #[arg(long, value_name = "N")]
    code_fd: Option<u32>,
}

/// Why this device is not enrolled.
#[derive(Debug)]
enum EnrolError {
    /// There is no home directory to put a profile into.
    NoHome,
    /// A profile is there already.
    There(PathBuf),
    /// Neither prompt nor descriptor gave anything.
    Ask(std::io::Error),
    /// What was typed is no code.
    Code(CodeError),
    /// No key can be made or read.
    Key(AuthorityError),
    /// A file cannot be written or read.
    File(PathBuf, std::io::Error),
    /// The server's name or address is none that a profile can hold.
    Server,
    /// No connection.
    Connect(ConnectError),
    /// The server takes the code from nobody.
    Refused(CorrelationId, u32),
    /// The issuer refused, or nobody confirmed in time.
    Ended,
    /// No room just now.
    Busy(u32),
    /// What the server sent cannot be used.
    Answer,
    /// There is no runtime.
    Runtime(std::io::Error),
}

impl std::fmt::Display for EnrolError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NoHome => f.write_str("no home directory: give --profile DIR"),
            Self::There(dir) => write!(f, "{} holds a profile already: give another --profile", dir.display()),
            Self::Ask(cause) => write!(f, "cannot ask at the terminal: {cause}"),
            Self::Code(cause) => write!(f, "{cause}; type it again"),
            Self::Key(cause) => cause.fmt(f),
            Self::File(path, cause) => write!(f, "{}: {cause}", path.display()),
            Self::Server => f.write_str("--server is HOST:PORT, and both it and --server-name plain letters"),
            Self::Connect(ConnectError::Transport(_) | ConnectError::TimedOut) => f.write_str(
                "nobody answers there as the server the code names: check the address, and that the code is not over",
            ),
            Self::Connect(cause) => cause.fmt(f),
            Self::Refused(correlation, wait) => write!(
                f,
                "the server does not take this code: ask for a new one (reference {correlation}; next try in {wait} s)"
            ),
            Self::Ended => f.write_str("not confirmed: it was refused, or the time ran out. Ask for a new code"),
            Self::Busy(wait) => write!(f, "the server has no room just now: try again in {wait} s"),
            Self::Answer => f.write_str("the server's answer cannot be used"),
            Self::Runtime(cause) => write!(f, "no network: {cause}"),
        }
    }
}

impl std::error::Error for EnrolError {}

impl From<ConnectError> for EnrolError {
    fn from(cause: ConnectError) -> Self {
        Self::Connect(cause)
    }
}

/// Runs it: 0 when the profile stands.
#[must_use]
pub(super) fn run(args: &EnrolArgs) -> ExitCode {
    // Its own thread keeps the connection alive while somebody types.
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
    let enrolled = match runtime {
        Ok(runtime) => runtime.block_on(enrol(args)),
        Err(cause) => Err(EnrolError::Runtime(cause)),
    };
    match enrolled {
        Ok(()) => ExitCode::from(DONE),
        Err(error) => super::fail(&error),
    }
}

/// What this device is made of.
struct Device<'a> {
    args: &'a EnrolArgs,
    dir: PathBuf,
    key: DeviceKey,
    code: EnrolCode,
}

async fn enrol(args: &EnrolArgs) -> Result<(), EnrolError> {
    let dir = args.profile.clone().or_else(way_in::home_profile).ok_or(EnrolError::NoHome)?;
    if dir.join(SETTINGS_FILE).exists() {
        return Err(EnrolError::There(dir));
    }
    if !is_plain(&args.server) || !is_plain(&args.server_name) || host(&args.server).is_none() {
        return Err(EnrolError::Server);
    }
    let typed = match args.code_fd {
        Some(descriptor) => SecretText::new(descriptor::first_line(descriptor).map_err(EnrolError::Ask)?.to_string()),
        None => ask("Enrolment code (not shown as you type): ")?,
    };
    let code = EnrolCode::parse(typed.expose()).map_err(EnrolError::Code)?;
    drop(typed);
    let key = key(&dir)?;
    let device = Device { args, dir, key, code };
    let mut link = EnrolLink::open(&args.server, &args.server_name, &device.code, &device.key).await?;
    let enrolled = converse(&device, &mut link).await;
    match enrolled {
        Ok(enrolled) => {
            device.keep(&enrolled)?;
            // The server is told only once everything stands on disk.
            link.say(&EnrolRequest::Kept).await?;
            link.finish().await;
            device.tell_done(&enrolled)
        }
        Err(EnrolError::Ended) => {
            let path = device.dir.join(KEY_FILE);
            std::fs::remove_file(&path).map_err(|cause| EnrolError::File(path, cause))?;
            Err(EnrolError::Ended)
        }
        Err(error) => Err(error),
    }
}

/// From the code shown to the certificate.
async fn converse(device: &Device<'_>, link: &mut EnrolLink) -> Result<Enrolled, EnrolError> {
    let mut wait_s = ANSWER_S_MAX;
    loop {
        match link.hear(wait_s).await? {
            EnrolReply::Known { login, origin, authenticator } => {
                device.keep_key()?;
                say(&format!("This is a device of {} at {}.", escaped(&login), escaped(&origin)))?;
                match authenticator {
                    Some(seed) => {
                        show_authenticator(&login, &origin, &seed)?;
                        link.say(&factors()?).await?;
                    }
                    None => say("You sign in here with the password and the authenticator you have.")?,
                }
            }
            EnrolReply::FactorsRefused(FactorFault::Password) => {
                say(&format!("A password has {PASSWORD_CHARS_MIN} to {PASSWORD_CHARS_MAX} characters."))?;
                link.say(&factors()?).await?;
            }
            EnrolReply::FactorsRefused(FactorFault::Common) => {
                say("That password is one of those people try first, or made of your own names: choose another.")?;
                link.say(&factors()?).await?;
            }
            EnrolReply::FactorsRefused(FactorFault::Code) => {
                say("That is not the authenticator's code of now: check its clock, and type the next one.")?;
                link.say(&factors()?).await?;
            }
            EnrolReply::Pending { left_s } => {
                device.keep_key()?;
                let letters = device_letters(&device.key.digest(), &device.code.authority);
                say(&format!("Read these letters to whoever gave you the code:\n\n    {letters}\n"))?;
                say(&format!(
                    "Waiting up to {} minutes for their word. Stopped, this goes on where it was.",
                    left_s / 60
                ))?;
                wait_s = u64::from(left_s).saturating_add(WAIT_SLACK_S);
            }
            EnrolReply::Enrolled(enrolled) => return Ok(*enrolled),
            EnrolReply::Refused { correlation, retry_after_s } => {
                return Err(EnrolError::Refused(correlation, retry_after_s));
            }
            EnrolReply::Ended => return Err(EnrolError::Ended),
            EnrolReply::Busy { retry_after_s } => return Err(EnrolError::Busy(retry_after_s)),
        }
    }
}

impl Device<'_> {
    /// The key lies on disk before the server counts on it.
    fn keep_key(&self) -> Result<(), EnrolError> {
        if self.dir.join(KEY_FILE).exists() {
            return Ok(());
        }
        private::make_dir(&self.dir).map_err(|cause| EnrolError::File(self.dir.clone(), cause))?;
        self.write(KEY_FILE, self.key.pem().as_bytes())
    }

    /// Certificate and authority, and last the settings: with them it is a profile.
    fn keep(&self, enrolled: &Enrolled) -> Result<(), EnrolError> {
        let digest = |pem: &str| one_certificate(pem).ok().and_then(|der| key_digest(&der));
        let is_ours = digest(&enrolled.certificate) == Some(self.key.digest())
            && digest(&enrolled.authority) == Some(self.code.authority)
            && is_login(&enrolled.login);
        let host = host(&self.args.server).filter(|_| is_ours).ok_or(EnrolError::Answer)?;
        self.write(AUTHORITY_FILE, enrolled.authority.as_bytes())?;
        self.write(DEVICE_FILE, enrolled.certificate.as_bytes())?;
        let settings = format!(
            "server = \"{host}:{}\"\nserver_name = \"{}\"\nenvironment = \"{}\"\nlogin = \"{}\"\n",
            enrolled.port,
            self.args.server_name,
            enrolled.environment.word(),
            enrolled.login
        );
        self.write(SETTINGS_FILE, settings.as_bytes())
    }

    fn write(&self, name: &str, bytes: &[u8]) -> Result<(), EnrolError> {
        let (path, draft) = (self.dir.join(name), self.dir.join(format!("{name}.new")));
        private::replace(&path, &draft, bytes).map_err(|cause| EnrolError::File(path, cause))
    }

    fn tell_done(&self, enrolled: &Enrolled) -> Result<(), EnrolError> {
        let dir = escaped(&self.dir.display().to_string());
        say(&format!(
            "Enrolled: device {} of {}. Start with:\n\n    turret --profile {dir}",
            enrolled.device, enrolled.login
        ))
    }
}

/// The key made the last time, or a new one.
fn key(dir: &Path) -> Result<DeviceKey, EnrolError> {
    let path = dir.join(KEY_FILE);
    match std::fs::read_to_string(&path) {
        Ok(pem) => DeviceKey::load(SecretText::new(pem).expose()).map_err(EnrolError::Key),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => DeviceKey::generate().map_err(EnrolError::Key),
        Err(cause) => Err(EnrolError::File(path, cause)),
    }
}

/// A new password twice, and the authenticator's code.
fn factors() -> Result<EnrolRequest, EnrolError> {
    let password = loop {
        let (first, again) = (ask("New password: ")?, ask("The same again: ")?);
        if first.expose() == again.expose() {
            break first;
        }
        say("These were not the same.")?;
    };
    let code = SecretText::new(ask("Code of the new authenticator: ")?.expose().trim().to_owned());
    Ok(EnrolRequest::Factors { password, code })
}

fn show_authenticator(login: &str, origin: &str, seed: &SecretText) -> Result<(), EnrolError> {
    let (label, issuer) = (percent(&format!("{origin}:{login}")), percent(origin));
    say("Put this into your authenticator, as a link or by its key; it is not shown again:\n")?;
    say(&format!(
        "    otpauth://totp/{label}?secret={}&issuer={issuer}&algorithm=SHA1&digits=6&period=30",
        seed.expose()
    ))?;
    say(&format!("    key {}\n", seed.expose()))
}

/// RFC 3986: everything but the unreserved as `%XX`.
fn percent(text: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~');
    text.bytes().map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}

/// Letters a settings file holds without quoting.
fn is_plain(text: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b':' | b'[' | b']');
    !text.is_empty() && text.bytes().all(plain)
}

fn host(server: &str) -> Option<&str> {
    let (host, port) = server.rsplit_once(':')?;
    (!host.is_empty() && port.parse::<u16>().is_ok()).then_some(host)
}

fn ask(question: &str) -> Result<SecretText, EnrolError> {
    rpassword::prompt_password(question).map(SecretText::new).map_err(EnrolError::Ask)
}

fn say(text: &str) -> Result<(), EnrolError> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{text}").and_then(|()| out.flush()).map_err(EnrolError::Ask)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_into_a_link_or_a_profile_is_plain() {
        assert_eq!(percent("turret.example/desk:a b"), "turret.example%2Fdesk%3Aa%20b");
        assert_eq!((host("10.0.0.1:7444"), host("[::1]:7444")), (Some("10.0.0.1"), Some("[::1]")));
        assert_eq!((host("host"), host(":1"), host("a:b")), (None, None, None));
        assert!(is_plain("desk-1.example:7444") && !is_plain("a\"b") && !is_plain("a b") && !is_plain(""));
    }
}
