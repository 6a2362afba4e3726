//! Taking the terminal and giving it back, whatever happens in between; it must leave no mode behind.

use std::io::{self, IsTerminal as _, Write as _};
use std::sync::atomic::{AtomicBool, Ordering};

use base64::Engine as _;
use crossterm::cursor::Show;
use crossterm::event::{
    DisableBracketedPaste, DisableFocusChange, DisableMouseCapture, EnableBracketedPaste, EnableFocusChange,
    EnableMouseCapture,
};
use crossterm::execute;
use crossterm::terminal::{
    EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen, SetTitle, disable_raw_mode, enable_raw_mode,
};
use tokio::sync::Notify;

use crate::app::Model;
use crate::app::touched::Touched;
use crate::view::{self, Canvas, Painter};

/// Size taken for a terminal that does not say.
const SIZE: (u16, u16) = (80, 24);
/// Longest text put on the clipboard, in bytes: terminals drop longer ones.
const CLIPBOARD_BYTES_MAX: usize = 64 * 1024;

/// Some thread panicked: the terminal is given back for good, and what is said of it there is drawn over by nobody.
static PANICKED: AtomicBool = AtomicBool::new(false);
/// Tells the loop of it.
static PANIC: Notify = Notify::const_new();

/// Returns once a thread has panicked, whichever it was.
pub(super) async fn panicked() {
    PANIC.notified().await;
}

/// The terminal while it is ours; dropping gives it back.
pub(super) struct Screen {
    canvas: Canvas,
    painter: Painter,
    /// A frame put together before any of it leaves: written at once, it costs one call and is never seen in part.
    frame: Vec<u8>,
}

impl Screen {
    /// Takes it.
    ///
    /// # Errors
    /// Whatever the terminal says; it is given back then.
    pub(super) fn take() -> io::Result<Self> {
        if !(io::stdin().is_terminal() && io::stdout().is_terminal()) {
            return Err(io::Error::other(
                "the workstation needs a terminal to read from and draw on; `turret run` does not",
            ));
        }
        give_back_on_panic();
        enter()?;
        Ok(Self { canvas: Canvas::default(), painter: Painter::default(), frame: Vec::new() })
    }

    /// Gives it back while this process is replaced.
    pub(super) fn give_back(&mut self) {
        leave();
    }

    /// Takes it again, for it was not.
    pub(super) fn take_again(&mut self) -> io::Result<()> {
        self.painter.forget();
        enter()
    }

    /// Draws one frame in one piece; what was not touched since the last one is not looked at.
    pub(super) fn draw(&mut self, model: &Model, touched: Touched) -> io::Result<()> {
        if PANICKED.load(Ordering::Acquire) {
            return Ok(());
        }
        let areas = view::redraw(model, touched, &mut self.canvas);
        self.frame.clear();
        self.painter.paint(&self.canvas, areas.as_deref(), &mut self.frame);
        if self.frame.is_empty() {
            return Ok(());
        }
        let mut out = io::stdout().lock();
        out.write_all(&self.frame)?;
        out.flush()
    }

    /// Gives it back, has the shell stop the whole job, and takes it again when that goes on.
    pub(super) fn suspend(&mut self) -> io::Result<()> {
        leave();
        stop_job()?;
        self.take_again()
    }

    /// Takes the mouse or leaves it to the terminal.
    pub(super) fn mouse(on: bool) -> io::Result<()> {
        if on { execute!(io::stdout(), EnableMouseCapture) } else { execute!(io::stdout(), DisableMouseCapture) }
    }

    /// Puts text on the clipboard of the person's own terminal, over any number of hops (OSC 52).
    pub(super) fn copy(text: &str) -> io::Result<()> {
        let text = text.get(..text.len().min(CLIPBOARD_BYTES_MAX)).unwrap_or("");
        let mut out = io::stdout();
        write!(out, "\x1b]52;c;{}\x07", base64::engine::general_purpose::STANDARD.encode(text))?;
        out.flush()
    }

    /// Asks what the ground is; whoever reads the keys hears the answer, if one comes.
    pub(super) fn ask_ground() -> io::Result<()> {
        let mut out = io::stdout();
        out.write_all(super::ground::QUESTION.as_bytes())?;
        out.flush()
    }

    /// Columns and lines.
    pub(super) fn size() -> (u16, u16) {
        crossterm::terminal::size().unwrap_or(SIZE)
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        leave();
    }
}

fn enter() -> io::Result<()> {
    enable_raw_mode()?;
    let entered = execute!(
        io::stdout(),
        EnterAlternateScreen,
        SetTitle("turret"),
        EnableMouseCapture,
        EnableBracketedPaste,
        EnableFocusChange
    );
    entered.inspect_err(|_| leave())
}

fn leave() {
    // Each on its own: one that fails must not keep the others from being undone.
    let _ = execute!(io::stdout(), EndSynchronizedUpdate);
    let _ = execute!(io::stdout(), DisableFocusChange, DisableBracketedPaste, DisableMouseCapture);
    let _ = execute!(io::stdout(), LeaveAlternateScreen, Show);
    let _ = disable_raw_mode();
}

fn give_back_on_panic() {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        PANICKED.store(true, Ordering::Release);
        leave();
        before(info);
        PANIC.notify_one();
    }));
}

/// What Ctrl-Z does where the terminal is not raw: the whole foreground job stops, as its shell expects.
#[cfg(unix)]
pub(super) fn stop_job() -> io::Result<()> {
    std::process::Command::new("sh").args(["-c", "kill -TSTP 0"]).status().map(|_| ())
}

#[cfg(not(unix))]
pub(super) fn stop_job() -> io::Result<()> {
    // There are no jobs to stop there: being locked is all.
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use std::process::Command;

    use super::*;

    /// What the other test starts on a terminal of its own.
    #[test]
    #[ignore = "takes the terminal it runs on; the other test starts it on one of its own"]
    fn panics_while_it_has_the_terminal() {
        let screen = Screen::take().expect("a terminal");
        let panicked = std::thread::spawn(|| panic!("as it was wanted")).join();
        assert!(panicked.is_err());
        // The screen is still held: what gave the terminal back was not its end.
        std::mem::forget(screen);
        println!("\nMODES");
        let _ = Command::new("stty").arg("-a").status();
    }

    #[test]
    fn a_panic_gives_the_terminal_back_and_is_read_there() {
        let this = std::env::current_exe().expect("this program");
        let name = "runtime::terminal::tests::panics_while_it_has_the_terminal";
        let line = format!("{} --ignored --exact {name} --nocapture", this.display());
        // `script` (util-linux, bsdutils) is a terminal for one program.
        let told = Command::new("script").args(["-qec", &line, "/dev/null"]).output().expect("script");
        let said = String::from_utf8_lossy(&told.stdout).into_owned();
        let (taken, left) = (said.find("\x1b[?1049h"), said.find("\x1b[?1049l"));
        assert!(taken.is_some() && taken < left, "{said:?}");
        let words = said.find("as it was wanted").expect("what went wrong is said");
        assert!(left < Some(words), "it is said where it can be read: {said:?}");
        let modes = said.split("MODES").nth(1).expect("its modes");
        assert!(modes.contains(" icanon") && modes.contains(" echo "), "{modes}");
    }
}
