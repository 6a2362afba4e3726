//! Taking the terminal and giving it back, whatever happens in between; it must leave no mode behind.

use std::cell::RefCell;
use std::io::{self, IsTerminal as _, Write};
use std::rc::Rc;

use base64::Engine as _;
use crossterm::cursor::Show;
use crossterm::event::{
    DisableBracketedPaste, DisableFocusChange, DisableMouseCapture, EnableBracketedPaste, EnableFocusChange,
    EnableMouseCapture,
};
use crossterm::terminal::{
    BeginSynchronizedUpdate, Clear, ClearType, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen,
    SetTitle, disable_raw_mode, enable_raw_mode,
};
use crossterm::{execute, queue};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;

use crate::app::Model;
use crate::view;

/// Longest text put on the clipboard, in bytes: terminals drop longer ones.
const CLIPBOARD_BYTES_MAX: usize = 64 * 1024;

/// A frame put together before any of it leaves: written at once, it costs one call and is never seen in part.
#[derive(Clone, Default)]
struct Whole(Rc<RefCell<Vec<u8>>>);

impl Write for Whole {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    /// Not yet: see [`Self::leave`].
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Whole {
    /// Writes all of it.
    fn leave(&self) -> io::Result<()> {
        let mut bytes = self.0.borrow_mut();
        let mut out = io::stdout().lock();
        let written = out.write_all(&bytes).and_then(|()| out.flush());
        bytes.clear();
        written
    }
}

/// The terminal while it is ours; dropping gives it back.
pub(super) struct Screen {
    terminal: Terminal<CrosstermBackend<Whole>>,
    frame: Whole,
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
        let frame = Whole::default();
        let terminal = blank(frame.clone()).inspect_err(|_| leave())?;
        Ok(Self { terminal, frame })
    }

    /// Gives it back while this process is replaced.
    pub(super) fn give_back(&mut self) {
        leave();
    }

    /// Takes it again, for it was not.
    pub(super) fn take_again(&mut self) -> io::Result<()> {
        enter()?;
        self.terminal = blank(self.frame.clone())?;
        Ok(())
    }

    /// Draws one frame in one piece.
    pub(super) fn draw(&mut self, model: &Model) -> io::Result<()> {
        queue!(self.frame, BeginSynchronizedUpdate)?;
        self.terminal.draw(|frame| view::draw(model, frame))?;
        queue!(self.frame, EndSynchronizedUpdate)?;
        self.frame.leave()
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
    pub(super) fn size(&self) -> (u16, u16) {
        self.terminal.size().map_or((80, 24), |size| (size.width, size.height))
    }
}

/// A frame to draw on whose every cell is empty, here and there: nothing is asked of the terminal, which may never answer.
fn blank(frame: Whole) -> io::Result<Terminal<CrosstermBackend<Whole>>> {
    execute!(io::stdout(), Clear(ClearType::All))?;
    Terminal::new(CrosstermBackend::new(frame))
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
        leave();
        before(info);
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
