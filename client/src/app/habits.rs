//! How a person left the desk arranged, as lines of text this device keeps for them; it must hold no order and no price.

use super::effect::Effect;
use super::filter::Tab;
use super::layout::{Arranged, Arrangement, Layout};
use super::look::Hues;
use super::{Model, Stage, arrange};

/// First word of the line about the blotter's view.
const VIEW: &str = "view-1";
/// First word of the line about the watchlist.
const QUOTES: &str = "quotes-1";
/// Behind it stand the words of the filter, as typed.
const FILTER: &str = " filter ";

/// Everything, a line each.
#[must_use]
pub fn encode(model: &Model) -> String {
    let (blotter, lists, quotes) = (&model.blotter, &model.lists, &model.quotes);
    let yes = |so: bool| if so { "yes" } else { "no" };
    let zone = if model.utc { "utc" } else { "venue" };
    let theme = model.look.choice().map(|hues| format!(" theme={}", hues.word())).unwrap_or_default();
    let view = format!(
        "{VIEW} tab={} zone={zone} zoomed={} quotes-zoomed={}{theme}{FILTER}{}",
        blotter.tab().key(),
        yes(blotter.zoomed),
        yes(quotes.zoomed),
        blotter.filter.text()
    );
    let own: Vec<&str> = quotes.own.iter().map(String::as_str).collect();
    let shown = if quotes.all { "all" } else { "own" };
    let lines = [
        blotter.arranged.layout.encode(),
        lists.fills.arranged.layout.encode(),
        lists.positions.arranged.layout.encode(),
        lists.accounts.arranged.layout.encode(),
        view,
        format!("{QUOTES} shown={shown} symbols={}", own.join(",")),
    ];
    lines.join("\n")
}

/// As it was left: lines and words nobody knows change nothing.
pub(super) fn restore(model: &mut Model, text: &str) {
    model.blotter.list.filter.tab = Tab::default();
    model.blotter.filter.clear();
    for line in text.lines() {
        arranged(&mut model.blotter.arranged, line);
        arranged(&mut model.lists.fills.arranged, line);
        arranged(&mut model.lists.positions.arranged, line);
        arranged(&mut model.lists.accounts.arranged, line);
        match line.split_once(' ') {
            Some((VIEW, words)) => view(model, words),
            Some((QUOTES, words)) => watchlist(model, words),
            _ => {}
        }
    }
    arrange::apply(model);
    model.refilter();
    model.habits_kept = encode(model);
}

fn arranged<C: Arranged>(arrangement: &mut Arrangement<C>, line: &str) {
    if let Some(layout) = Layout::decode(line) {
        arrangement.layout = layout;
    }
}

fn view(model: &mut Model, words: &str) {
    let (words, filter) = words.split_once(FILTER.trim_end()).unwrap_or((words, ""));
    model.blotter.filter.set(filter.trim());
    for word in words.split_whitespace() {
        match word.split_once('=') {
            Some(("tab", word)) => {
                let known = Tab::ALL.into_iter().find(|tab| tab.key() == word);
                model.blotter.list.filter.tab = known.unwrap_or_default();
            }
            Some(("theme", word)) => {
                if let Some(hues) = Hues::named(word) {
                    model.look.choose(hues);
                }
            }
            Some(("zone", word)) => model.utc = word == "utc",
            Some(("zoomed", word)) => model.blotter.zoomed = word == "yes",
            Some(("quotes-zoomed", word)) => model.quotes.zoomed = word == "yes",
            _ => {}
        }
    }
}

fn watchlist(model: &mut Model, words: &str) {
    for word in words.split_whitespace() {
        match word.split_once('=') {
            Some(("shown", word)) => model.quotes.all = word == "all",
            Some(("symbols", list)) => {
                model.quotes.own = list.split(',').filter(|symbol| !symbol.is_empty()).map(str::to_owned).collect();
            }
            _ => {}
        }
    }
}

/// Has it kept when a person changed it; words are kept once they are typed.
pub(super) fn keep(model: &mut Model, out: &mut Vec<Effect>) {
    if model.stage != Stage::Desk || model.blotter.typing {
        return;
    }
    let text = encode(model);
    if model.habits_kept != text {
        model.habits_kept.clone_from(&text);
        out.push(Effect::KeepLayout(text));
    }
}
