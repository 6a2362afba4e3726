//! The loop of a script: a line in, a line out, until the lines end or one is refused; it must keep no line.

use std::io::{self, Write};

use tokio::sync::mpsc;
use turret_shared::text;

use super::fulfil::{Script, bad};
use super::people::People;
use super::request;

/// Lines as they come; an error ends them.
pub type Lines = mpsc::Receiver<io::Result<String>>;

/// How a script came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// Every line was answered with `"ok":true`, and every one behind `!` with `"ok":false`.
    Fine,
    /// At least one was answered otherwise.
    Refused,
    /// It did not come so far, or its answers could not be written.
    Broken,
}

/// Signs in the first of `people`, then answers line by line on `out`. Trouble that is no answer goes to `trouble`.
pub async fn run(
    people: People,
    mut lines: Lines,
    keep_going: bool,
    out: &mut (impl Write + Send),
    trouble: &mut (impl Write + Send),
) -> Ending {
    let Some(first) = people.first() else {
        let _ = writeln!(trouble, "turret: no credentials were given");
        return Ending::Broken;
    };
    let mut script = Script::new(people, first.clone());
    if let Err(error) = script.people().enter(&first).await {
        let _ = writeln!(trouble, "turret: {}", text::escaped(&error.to_string()));
        return Ending::Broken;
    }
    let ending = answer_all(&mut script, &mut lines, keep_going, out, trouble).await;
    script.people().leave().await;
    ending
}

/// A line behind `!` must be refused: a script can show a denial and still end well.
fn expectation(line: &str) -> (bool, &str) {
    let line = line.trim_start();
    line.strip_prefix('!').map_or((false, line), |rest| (true, rest))
}

async fn answer_all(
    script: &mut Script,
    lines: &mut Lines,
    keep_going: bool,
    out: &mut (impl Write + Send),
    trouble: &mut (impl Write + Send),
) -> Ending {
    let mut ending = Ending::Fine;
    while let Some(line) = lines.recv().await {
        let line = match line {
            Ok(line) => line,
            Err(error) => {
                let _ = writeln!(trouble, "turret: the script cannot be read: {}", error.kind());
                return Ending::Broken;
            }
        };
        let (refusal_wanted, line) = expectation(&line);
        let answer = match request::read(line) {
            Ok(None) => continue,
            Ok(Some(request)) => script.fulfil(request).await,
            Err(line) => bad(&line),
        };
        if writeln!(out, "{}", answer.line()).and_then(|()| out.flush()).is_err() {
            return Ending::Broken;
        }
        if answer.is_ok() == refusal_wanted {
            ending = Ending::Refused;
            if !keep_going {
                break;
            }
        }
    }
    ending
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exclamation_mark_asks_for_a_refusal() {
        assert_eq!(expectation(" ! order new"), (true, " order new"));
        assert_eq!(expectation("order new"), (false, "order new"));
    }
}
