//! `turret run`: a script from a file or standard input, answers on standard output; it must print nothing else there.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use tokio::sync::mpsc;

use super::{BROKEN, DONE, REFUSED, Who, descriptor, fail, way_in};
use crate::script::{self, Ending, Lines, People};

/// Longest line read, in bytes; the script's own limit is shorter and says so.
const LINE_BYTES_MAX: u64 = 64 * 1024;

/// Arguments of `turret run`.
#[derive(Debug, Args)]
pub(super) struct RunArgs {
    /// The script, or `-` for standard input, answered line by line.
    #[arg(long, value_name = "FILE")]
    script: PathBuf,
    /// Go on after a refused line; the status is 1 all the same.
    #[arg(long)]
    keep_going: bool,
    #[command(flatten)]
    who: Who,
}

/// Runs a script: status 0 when every line was done, 1 when one was refused, 2 when it did not come so far.
pub(super) fn run(args: &RunArgs) -> ExitCode {
    let people = match people(&args.who) {
        Ok(people) => people.with_key(args.who.plugged()),
        Err(error) => return fail(&error),
    };
    let lines = match lines(&args.script) {
        Ok(lines) => lines,
        Err(error) => return fail(&format!("{}: {error}", args.script.display())),
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&error),
    };
    let parent = match args.who.until_fd_closes.map(descriptor::closing).transpose() {
        Ok(parent) => parent,
        Err(error) => return fail(&error),
    };
    let ending = runtime.block_on(async {
        let (mut out, mut trouble) = (io::stdout(), io::stderr());
        let script = script::run(people, lines, args.keep_going, &mut out, &mut trouble);
        let Some(parent) = parent else { return script.await };
        tokio::select! {
            ending = script => ending,
            _ = parent => Ending::Broken,
        }
    });
    // The thread that reads standard input may still wait for a line.
    runtime.shutdown_background();
    ExitCode::from(match ending {
        Ending::Fine => DONE,
        Ending::Refused => REFUSED,
        Ending::Broken => BROKEN,
    })
}

fn people(who: &Who) -> Result<People, way_in::WayInError> {
    if let Some(known) = way_in::given(who)? {
        return Ok(People::new(known, who.server.clone()));
    }
    let profile = way_in::profile(who)?;
    let (credentials, code) = way_in::asked(&profile)?;
    Ok(People::new(vec![credentials], who.server.clone()).with_code(code))
}

fn lines(script: &Path) -> io::Result<Lines> {
    let (sender, receiver) = mpsc::channel(1);
    let builder = std::thread::Builder::new().name("script".to_owned());
    if script == Path::new("-") {
        builder.spawn(move || pump(&mut io::stdin().lock(), &sender))?;
    } else {
        let mut file = BufReader::new(File::open(script)?);
        builder.spawn(move || pump(&mut file, &sender))?;
    }
    Ok(receiver)
}

fn pump(from: &mut impl BufRead, to: &mpsc::Sender<io::Result<String>>) {
    loop {
        let mut line = String::new();
        let read = from.by_ref().take(LINE_BYTES_MAX).read_line(&mut line);
        let item = match read {
            Ok(0) => return,
            // Cut in two it would be two other lines.
            Ok(n) if u64::try_from(n).is_ok_and(|n| n >= LINE_BYTES_MAX) && !line.ends_with('\n') => {
                Err(io::ErrorKind::FileTooLarge.into())
            }
            Ok(_) => Ok(line),
            Err(error) => Err(error),
        };
        let last = item.is_err();
        if to.blocking_send(item).is_err() || last {
            return;
        }
    }
}
