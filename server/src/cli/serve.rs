//! `turretd serve`: opens what `init` made, starts the parts, and takes them down again in order; it must decide nothing.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use tokio::sync::watch;
use turret_certs::tls::Credentials;
use turret_engine::Input;
use turret_shared::entry::{Actor, Origin};
use turret_shared::event::Event;
use turret_shared::event::custody::{KeysBack, KeysLost};
use turret_shared::event::ops::Stopped;
use turret_shared::ids::CorrelationId;

use super::core::{self, Core, CoreEnd};
use super::custody::{self, Unlock};
use super::init::Failed;
use super::moving;
#[cfg(unix)]
use super::rotator::{self, Rotator};
use super::{logging, pki};
use crate::auth::Auth;
use crate::clock::SystemClock;
use crate::config::{Config, Layout};
use crate::keys::{Beat, KeyStore, Pulse, Purpose};
use crate::net::{Deployment, Edge, Enrolment};
use crate::sequencer::inbox::Inbox;
use crate::venue::LinkConfig;
use crate::{random, reset};

/// Most threads of the network runtime.
const NETWORK_THREADS_MAX: usize = 4;

/// Arguments of `turretd serve`.
#[derive(Debug, clap::Args)]
pub struct ServeArgs {
    /// Directory made by `turretd init`.
    #[arg(long)]
    data: PathBuf,
    /// Where clients connect, port 0 for any.
    #[arg(long, default_value = "127.0.0.1:7443")]
    listen: SocketAddr,
    /// Where devices enrol while a code is outstanding, port 0 for any.
    #[arg(long, default_value = "127.0.0.1:7444")]
    enrol_listen: SocketAddr,
    /// Where the venue listens.
    #[arg(long)]
    venue: SocketAddr,
    /// What opens the key store.
    #[command(flatten)]
    unlock: Unlock,
    /// End when standard input closes.
    #[arg(long)]
    until_stdin_closes: bool,
    /// What to log to standard error, as `info` or `turret_server=debug`.
    #[arg(long, default_value = "info")]
    log: String,
    /// Log as JSON, one object a line.
    #[arg(long)]
    log_json: bool,
}

/// Runs it.
#[must_use]
pub fn run(args: &ServeArgs) -> ExitCode {
    match serve(args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failed(text)) => super::fail(&text),
    }
}

/// Half of the cores: connections are many and small, the writer and its followers want the other half, and on a small
/// machine two threads would only wake each other.
fn network_threads() -> usize {
    std::thread::available_parallelism().map_or(1, |cores| cores.get() / 2).clamp(1, NETWORK_THREADS_MAX)
}

fn serve(args: &ServeArgs) -> Result<(), Failed> {
    logging::start(&args.log, args.log_json)?;
    let layout = Layout::new(args.data.clone());
    let config = moving::config(layout.data())?;
    let keys = custody::open(&layout, &config.keys, &args.unlock)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(network_threads())
        .thread_name("turret-net")
        .enable_all()
        .build()
        .map_err(|error| Failed(format!("no network runtime: {error}")))?;
    let (venue_authority, venue_pair) = pki::venue_client(&layout, keys.as_ref())?;
    let link = LinkConfig {
        address: args.venue,
        server_name: pki::VENUE_NAME.to_owned(),
        authority_pem: venue_authority,
        certificate_pem: venue_pair.certificate_pem,
        key_pem: venue_pair.key_pem,
    };
    let (mut core, stopped) = Core::start(&layout, &config, &keys, runtime.handle(), &link, Auth::new)?;
    let pulse = Pulse::start(Arc::clone(&keys), Arc::new(SystemClock::new()), telling(core.inbox().clone()))
        .map_err(|error| Failed(format!("no thread for the keys: {error}")))?;
    let served = runtime.block_on(network(args, &layout, &config, &keys, &mut core, stopped));
    // Connections close before the log does: nobody is left waiting for an answer that cannot come.
    drop(pulse);
    let ended = core.stop();
    runtime.shutdown_timeout(std::time::Duration::from_secs(1));
    served?;
    match ended {
        CoreEnd::Clean => Ok(()),
        CoreEnd::Failed(text) => Err(Failed(text)),
    }
}

/// Records that the keys went or came back; false where there is no room for it now.
fn telling(inbox: Inbox) -> impl Fn(Beat) -> bool {
    move |beat| {
        let event = match beat {
            Beat::Lost(fault) => Event::KeysLost(KeysLost { fault: fault.to_owned() }),
            Beat::Back(after_s) => Event::KeysBack(KeysBack { after_s }),
        };
        // Without randomness the id is still one to quote.
        let bits = random::array(random::system).map_or(0, u64::from_le_bytes);
        let origin = Origin::of(Actor::Engine, CorrelationId::from_bits(bits));
        inbox.note(Input::Note(origin, Box::new(event))).is_ok()
    }
}

/// Listens until told to stop, or until the core has failed.
async fn network(
    args: &ServeArgs,
    layout: &Layout,
    config: &Config,
    keys: &Arc<dyn KeyStore>,
    core: &mut Core,
    core_stopped: core::Stopped,
) -> Result<(), Failed> {
    let (authority_pem, pair) = pki::server(layout, keys.as_ref())?;
    let credentials =
        Credentials { authority_pem: &authority_pem, certificate_pem: &pair.certificate_pem, key_pem: &pair.key_pem };
    let deployment = Deployment {
        origin: config.origin.clone(),
        environment: config.environment.into(),
        demo: config.demo,
        connections_max: usize::try_from(config.limits.connections_max).unwrap_or(usize::MAX),
        nftables_set: config.guard.nftables_set.clone(),
        enrolment: Some(Enrolment {
            listen: args.enrol_listen,
            authority: Arc::new(pki::authority(layout, keys.as_ref())?),
        }),
    };
    let handles = core.handles().ok_or_else(|| Failed("the core was handed out before".to_owned()))?;
    let endpoint = reset::endpoint_config(&keys.key(Purpose::StatelessReset)?, random::system)?;
    let edge = Edge::bind(args.listen, &credentials, endpoint, deployment, handles)?;
    let (stop, stopping) = watch::channel(false);
    #[cfg(unix)]
    match super::control::Control::bind(layout, keys.as_ref(), rotator(layout, keys, core)) {
        Ok(control) => drop(tokio::spawn(control.run(stopping.clone()))),
        // People trade without it; what an operator would ask waits.
        Err(error) => tracing::error!(%error, "operators cannot ask this server anything"),
    }
    println!("listening {}", edge.local_addr()?);
    let running = tokio::spawn(edge.run(stopping));
    stop_wanted(args.until_stdin_closes, core_stopped).await;
    stop.send_replace(true);
    // A panic in the edge itself ends the server all the same.
    let _ = running.await;
    let origin = Origin::of(Actor::Operator, CorrelationId(0));
    let stopped = Event::Stopped(Stopped {});
    let _ = core.inbox().decided(Input::Note(origin, Box::new(stopped))).await;
    Ok(())
}

/// What changes keys while this server runs.
#[cfg(unix)]
fn rotator(layout: &Layout, keys: &Arc<dyn KeyStore>, core: &Core) -> Arc<Rotator> {
    Rotator::new(rotator::Parts {
        layout: layout.clone(),
        keys: Arc::clone(keys),
        sealed: core.sealed(),
        turner: core.turner(),
        inbox: core.inbox().clone(),
    })
}

/// Returns on a signal, when standard input closes if that was asked for, or when the core has stopped.
async fn stop_wanted(until_stdin_closes: bool, core_stopped: core::Stopped) {
    let stdin = async {
        if until_stdin_closes {
            super::stdin::closed().await;
        } else {
            std::future::pending::<()>().await;
        }
    };
    tokio::select! {
        () = super::stdin::terminated() => {}
        () = stdin => {}
        () = core_stopped.either() => {}
    }
}
