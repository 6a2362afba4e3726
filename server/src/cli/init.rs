//! `turretd init`: keys, certificates, stores and the first facts in an empty directory; it must never touch an old one.

use std::fmt::Display;
use std::path::PathBuf;
use std::process::ExitCode;

use turret_disk::private;
use turret_shared::command::Environment;
use turret_shared::digest::Digest;
use turret_shared::event::Event;
use turret_shared::event::setup::{Genesis, InstrumentListed, KeyActivated};
use turret_shared::time::NS_PER_S;

use super::bootstrap::First;
use super::custody::{self, Unlock};
use super::opened::open_vault;
use super::store_choice::StoreArgs;
use super::{bootstrap, demo_people, descriptor, files, pki};
use crate::clock::{Clock, SystemClock};
use crate::config::{CONFIG_FILE, Config, EnvironmentName, Guard, Layout, Limits};
use crate::keys::Purpose;
use crate::random;
use crate::sequencer::commit::Commits;
use crate::sequencer::disk::DiskReserve;
use crate::sequencer::setup;
use crate::siem::SiemPolicy;
use crate::store::Store;
use crate::store::sqlcipher::{SqlStore, Tuning};
use crate::watch::Thresholds;
use crate::witnessing::WitnessPolicy;

/// Arguments of `turretd init`.
#[derive(Debug, clap::Args)]
pub struct InitArgs {
    /// Directory to make everything in; it must be empty or absent.
    #[arg(long)]
    data: PathBuf,
    /// Name of the deployment and of its log.
    #[arg(long, default_value = "turret.example/desk")]
    origin: String,
    /// Make the demonstration's desk: people, accounts, limits, positions.
    #[arg(long)]
    demo: bool,
    /// One of two admins who come in first, as LOGIN:NAME.
    #[arg(long, value_name = "LOGIN:NAME", conflicts_with = "demo")]
    admin: Vec<First>,
    /// The supervisor who comes in first, as LOGIN:NAME.
    #[arg(long, value_name = "LOGIN:NAME", conflicts_with = "demo")]
    supervisor: Option<First>,
    /// Where to write the three codes those enrol by, a line each: role, login, code.
    #[arg(long, value_name = "N", default_value_t = 1, conflicts_with = "demo")]
    codes_fd: u32,
    /// Lift the demonstration's limits on orders a minute and equal orders, for load tests.
    #[arg(long, requires = "demo")]
    unthrottled: bool,
    /// Where to write the demonstration's credentials as JSON.
    #[arg(long, requires = "demo")]
    credentials_fd: Option<u32>,
    /// Where the keys are made and stay.
    #[command(flatten)]
    store: StoreArgs,
    /// What opens the key store.
    #[command(flatten)]
    unlock: Unlock,
}

/// Runs it.
#[must_use]
pub fn run(args: &InitArgs) -> ExitCode {
    match init(args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failed(text)) => super::fail(&text),
    }
}

/// What a person is told.
pub(super) struct Failed(pub(super) String);

impl<E: std::error::Error> From<E> for Failed {
    fn from(error: E) -> Self {
        Self(super::sentence(&error))
    }
}

/// Adds what was being done.
pub(super) fn failed(what: impl Display) -> impl FnOnce(std::io::Error) -> Failed {
    move |error| Failed(format!("{what}: {error}"))
}

fn init(args: &InitArgs) -> Result<(), Failed> {
    let layout = Layout::new(args.data.clone());
    let first = first(args)?;
    if !files::is_vacant(layout.data()).map_err(failed(layout.data().display()))? {
        return Err(Failed(format!("{} is not empty", layout.data().display())));
    }
    let config = Config {
        origin: args.origin.clone(),
        environment: EnvironmentName::Sim,
        demo: args.demo,
        limits: Limits::default(),
        watch: Thresholds::default(),
        guard: Guard::default(),
        keys: args.store.chosen()?,
        witness: WitnessPolicy::default(),
        siem: SiemPolicy::default(),
    };
    Config::parse(&config.text())?;
    let secret = custody::secret(&config.keys, &args.unlock)?;
    let clock = SystemClock::new();
    let now = clock.wall();
    let now_s = u64::try_from(now.0 / NS_PER_S).unwrap_or(0);
    private::make_dir(layout.data()).map_err(failed(layout.data().display()))?;
    let path = layout.data().join(CONFIG_FILE);
    files::write_new(&path, config.text().as_bytes()).map_err(failed(path.display()))?;

    let keys = custody::create(&layout, &config.keys, secret, now_s)?;
    let authority = pki::make(&layout, keys.as_ref(), &config.origin, now_s)?;
    let vault = open_vault(&layout, keys.as_ref())?;

    let mut facts = vec![
        Event::Genesis(Genesis {
            origin: config.origin,
            environment: Environment::Sim,
            seed: Digest(random::array(random::system)?),
            demo: args.demo,
        }),
        Event::KeyActivated(KeyActivated {
            purpose: "checkpoint".to_owned(),
            version: 1,
            public: keys.checkpoint_key()?.public.to_vec(),
        }),
    ];
    let mut credentials = Vec::new();
    let mut told = None;
    if let Some((admins, supervisor)) = first {
        let made = bootstrap::make(admins, supervisor, &authority, &vault, now)?;
        facts.extend(made.facts);
        // What the venue lists is listed; desks and accounts are for those who run the house to open.
        let listings = crate::listings::listings().into_iter();
        facts.extend(listings.map(|instrument| Event::InstrumentListed(InstrumentListed { instrument })));
        facts.extend(super::first_limits::all());
        told = Some(made.told);
    } else {
        facts.extend(super::demo_desk::events(&crate::listings::listings(), args.unthrottled));
        let made = demo_people::make(&layout, &authority, &vault, now_s)?;
        facts.extend(made.facts);
        credentials = made.credentials;
    }
    let store = SqlStore::open(&layout.log(), &keys.key(Purpose::Database)?, Tuning::default())?;
    let reader = store.reader()?;
    let mut commits = Commits::new(Box::new(store), reader);
    let mut reserve = DiskReserve::lay(layout.reserve(), 0);
    setup::record(&mut turret_engine::State::new(), &mut commits, &mut reserve, now, facts)?;
    if let Some(descriptor) = args.credentials_fd {
        descriptor::write_all(descriptor, &demo_people::json(&credentials)).map_err(failed("credentials"))?;
    }
    if let Some(told) = told {
        // Behind the commit: a code that is told counts.
        descriptor::write_all(args.codes_fd, &told).map_err(failed("codes"))?;
    }
    Ok(())
}

/// Who comes in first; `None` for a demonstration, where everybody is there.
fn first(args: &InitArgs) -> Result<Option<(&[First], &First)>, Failed> {
    match (args.demo, args.admin.as_slice(), &args.supervisor) {
        (true, ..) => Ok(None),
        (false, admins @ [_, _], Some(supervisor)) => Ok(Some((admins, supervisor))),
        _ => Err(Failed("two of --admin and one --supervisor, each LOGIN:NAME, or --demo".to_owned())),
    }
}
