//! How a person arranged a list: its columns in their order and its sort; as one line of text any later version reads.

use std::fmt::Debug;

use super::list::SortKey;

/// A column of a list that can be arranged.
pub trait Arranged: Copy + PartialEq + Debug + 'static {
    /// First word of the line a layout is kept as.
    const VERSION: &'static str;
    /// Every one, in the order they stand until somebody moves them; the first is what a list is sorted by at first.
    const ALL: &'static [Self];
    /// The lowest first, until somebody turns it round.
    const ASCENDING: bool;

    /// The word it is kept under; it stays.
    fn word(self) -> &'static str;

    /// Its head.
    fn head(self) -> &'static str;

    /// True when its rows can be sorted by it.
    fn sorts(self) -> bool;

    /// Cells it takes.
    fn width(self) -> u16;

    /// Figures end at the right.
    fn right(self) -> bool;
}

/// Words begin at the left of their column.
pub(super) const LEFT: bool = false;
/// Figures end at the right of theirs.
pub(super) const RIGHT: bool = true;

/// The columns shown, as many from the left as fit in a row behind its flags.
#[must_use]
pub fn fitting<C: Arranged>(layout: &Layout<C>, room: u16) -> &[C] {
    let mut taken = FLAGS;
    let fits = |col: &&C| {
        taken = taken.saturating_add(col.width()).saturating_add(1);
        taken <= room
    };
    let count = layout.columns.iter().take_while(fits).count();
    layout.columns.get(..count).unwrap_or_default()
}

/// Cells of a row's flags.
const FLAGS: u16 = 2;

/// The place of the column a cell lies in, `x` from the left of the row.
#[must_use]
pub fn place_at<C: Arranged>(layout: &Layout<C>, room: u16, x: u16) -> Option<usize> {
    let mut from = FLAGS.saturating_add(1);
    for (place, col) in fitting(layout, room).iter().enumerate() {
        let to = from.saturating_add(col.width());
        if (from..to).contains(&x) {
            return Some(place);
        }
        from = to.saturating_add(1);
    }
    None
}

macro_rules! columns {
    ($(#[$doc:meta])* $name:ident $version:literal $ascending:literal
        $($variant:ident = $word:literal $head:literal $sorts:literal $right:ident $width:literal;)*) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name { $(#[doc = $head] $variant,)* }

        impl Arranged for $name {
            const VERSION: &'static str = $version;
            const ALL: &'static [Self] = &[$(Self::$variant),*];
            const ASCENDING: bool = $ascending;

            fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            fn head(self) -> &'static str {
                match self { $(Self::$variant => $head,)* }
            }

            fn sorts(self) -> bool {
                match self { $(Self::$variant => $sorts,)* }
            }

            fn width(self) -> u16 {
                match self { $(Self::$variant => $width,)* }
            }

            fn right(self) -> bool {
                match self { $(Self::$variant => $right,)* }
            }
        }
    };
}
pub(super) use columns;

columns! {
    /// A column of the blotter.
    Col "blotter-1" false
    Time = "time" "Time" true LEFT 8;
    Status = "status" "Status" true LEFT 8;
    Side = "side" "Side" true LEFT 4;
    Qty = "qty" "Qty" true RIGHT 7;
    Symbol = "symbol" "Symbol" true LEFT 6;
    Typ = "type" "Typ" false LEFT 3;
    Tif = "tif" "TIF" false LEFT 3;
    Price = "price" "Price" true RIGHT 8;
    Filled = "filled" "Filled" true RIGHT 7;
    AvgPx = "avg_px" "AvgPx" false RIGHT 8;
    Acct = "account" "Acct" true LEFT 5;
    Leaves = "leaves" "Leaves" false RIGHT 7;
    Away = "away" "Away" false RIGHT 6;
    Trader = "trader" "Trader" true LEFT 8;
    Last = "last" "Last" false RIGHT 8;
    StopPx = "stop_px" "StopPx" false RIGHT 8;
    Changed = "changed" "Changed" true LEFT 8;
    Venue = "venue" "Venue" false LEFT 5;
    Text = "text" "Text" false LEFT 20;
    OrderId = "order_id" "OrderID" false LEFT 13;
    ClOrdId = "cl_ord_id" "ClOrdID" false LEFT 16;
}

impl Col {
    /// What its rows are sorted by; by first entry where they cannot be sorted by it.
    #[must_use]
    pub const fn sort(self) -> SortKey {
        match self {
            Self::Status => SortKey::Status,
            Self::Side => SortKey::Side,
            Self::Qty => SortKey::Qty,
            Self::Symbol => SortKey::Symbol,
            Self::Price => SortKey::Price,
            Self::Filled => SortKey::Filled,
            Self::Acct => SortKey::Account,
            Self::Trader => SortKey::Trader,
            Self::Changed => SortKey::Changed,
            _ => SortKey::Time,
        }
    }
}

/// The arrangement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout<C: 'static> {
    /// Every column once, in the order they stand.
    columns: Vec<C>,
    /// Sorted by this one.
    pub sort: C,
    /// The lowest first.
    pub ascending: bool,
}

impl<C: Arranged> Layout<C> {
    /// As it is until somebody arranges it; none for a list without columns.
    fn usual() -> Option<Self> {
        let sort = *C::ALL.first()?;
        Some(Self { columns: C::ALL.to_vec(), sort, ascending: C::ASCENDING })
    }

    /// The columns, in the order they stand.
    #[must_use]
    pub fn columns(&self) -> &[C] {
        &self.columns
    }

    /// Moves a column one place; false where it stands at the edge.
    pub fn shift(&mut self, col: C, right: bool) -> bool {
        let Some(at) = self.columns.iter().position(|known| *known == col) else { return false };
        let to = if right { at.saturating_add(1) } else { at.saturating_sub(1) };
        let moves = to != at && to < self.columns.len();
        if moves {
            self.columns.swap(at, to);
        }
        moves
    }

    /// The column beside another, staying at the edge.
    #[must_use]
    pub fn beside(&self, col: C, right: bool) -> C {
        let at = self.columns.iter().position(|known| *known == col).unwrap_or(0);
        let to = if right { at.saturating_add(1) } else { at.saturating_sub(1) };
        self.columns.get(to).copied().unwrap_or(col)
    }

    /// `blotter-1 columns=time,status,... sort=time desc`.
    #[must_use]
    pub fn encode(&self) -> String {
        let words: Vec<&str> = self.columns.iter().map(|col| col.word()).collect();
        let (sort, way) = (self.sort.word(), if self.ascending { "asc" } else { "desc" });
        format!("{} columns={} sort={sort} {way}", C::VERSION, words.join(","))
    }

    /// Reads such a line: columns it does not name stand behind those it does, words nobody knows are left out; `None`
    /// for what is no such line.
    #[must_use]
    pub fn decode(line: &str) -> Option<Self> {
        let mut layout = Self { columns: Vec::new(), ..Self::usual()? };
        let mut words = line.split_whitespace();
        if words.next() != Some(C::VERSION) {
            return None;
        }
        let known = |word: &str| C::ALL.iter().copied().find(|col| col.word() == word);
        for word in words {
            match word.split_once('=') {
                Some(("columns", list)) => {
                    for col in list.split(',').filter_map(known) {
                        if !layout.columns.contains(&col) {
                            layout.columns.push(col);
                        }
                    }
                }
                Some(("sort", word)) => layout.sort = known(word).filter(|col| col.sorts()).unwrap_or(layout.sort),
                None if matches!(word, "asc" | "desc") => layout.ascending = word == "asc",
                _ => {}
            }
        }
        let missing: Vec<C> = C::ALL.iter().copied().filter(|col| !layout.columns.contains(col)).collect();
        layout.columns.extend(missing);
        Some(layout)
    }
}

impl Default for Layout<Col> {
    fn default() -> Self {
        Self { columns: Col::ALL.to_vec(), sort: Col::Time, ascending: Col::ASCENDING }
    }
}

/// Changes that can be taken back.
const UNDO_MAX: usize = 20;

/// A layout, the column at hand, and the layouts before it.
#[derive(Debug)]
pub struct Arrangement<C: 'static> {
    /// As it is.
    pub layout: Layout<C>,
    /// The column at hand.
    pub column: C,
    before: Vec<Layout<C>>,
}

impl<C: Arranged> Arrangement<C> {
    /// As it is until somebody arranges it, beginning with `first`.
    #[must_use]
    pub fn new(first: C) -> Self {
        let layout = Layout { columns: C::ALL.to_vec(), sort: first, ascending: C::ASCENDING };
        Self { layout, column: first, before: Vec::new() }
    }

    fn changed(&mut self, before: Layout<C>) {
        if self.before.len() >= UNDO_MAX {
            self.before.remove(0);
        }
        self.before.push(before);
    }
}

/// What the keys about columns do, whatever the list.
pub trait Arrange {
    /// The place of the column a cell lies in, `x` from the left of a row of `room` cells.
    fn place_at(&self, room: u16, x: u16) -> Option<usize>;

    /// Another column is at hand: its head, and whether the list is sorted by such.
    fn step(&mut self, right: bool) -> (&'static str, bool);

    /// Sorts by the column at hand, or the other way round when it does already.
    ///
    /// # Errors
    /// Its head, when nothing is sorted by it.
    fn sort(&mut self) -> Result<(), &'static str>;

    /// The same by the column that stands at this place.
    ///
    /// # Errors
    /// Its head, when nothing is sorted by it.
    fn sort_at(&mut self, place: usize) -> Result<(), &'static str>;

    /// Moves the column at hand.
    fn shift(&mut self, right: bool);

    /// As it was before the last change.
    fn undo(&mut self);

    /// Something can be taken back.
    fn undoable(&self) -> bool;
}

impl<C: Arranged> Arrange for Arrangement<C> {
    fn place_at(&self, room: u16, x: u16) -> Option<usize> {
        place_at(&self.layout, room, x)
    }

    fn step(&mut self, right: bool) -> (&'static str, bool) {
        self.column = self.layout.beside(self.column, right);
        (self.column.head(), self.column.sorts())
    }

    fn sort(&mut self) -> Result<(), &'static str> {
        if !self.column.sorts() {
            return Err(self.column.head());
        }
        let before = self.layout.clone();
        let again = self.layout.sort == self.column;
        self.layout.ascending = again && !self.layout.ascending;
        self.layout.sort = self.column;
        self.changed(before);
        Ok(())
    }

    fn sort_at(&mut self, place: usize) -> Result<(), &'static str> {
        if let Some(column) = self.layout.columns.get(place) {
            self.column = *column;
        }
        self.sort()
    }

    fn shift(&mut self, right: bool) {
        let before = self.layout.clone();
        if self.layout.shift(self.column, right) {
            self.changed(before);
        }
    }

    fn undo(&mut self) {
        if let Some(before) = self.before.pop() {
            self.layout = before;
        }
    }

    fn undoable(&self) -> bool {
        !self.before.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_layout_reads_back_and_old_or_strange_words_do_no_harm() {
        let mut layout = Layout::<Col> { sort: Col::Symbol, ascending: true, ..Layout::default() };
        assert!(layout.shift(Col::Qty, false) && layout.shift(Col::Qty, false));
        assert_eq!(Layout::decode(&layout.encode()), Some(layout));
        let strange = Layout::<Col>::decode("blotter-1 columns=qty,moon,qty,time sort=moon asc more=1").unwrap();
        assert_eq!(strange.columns()[..2], [Col::Qty, Col::Time]);
        assert_eq!((strange.columns().len(), strange.sort, strange.ascending), (Col::ALL.len(), Col::Time, true));
        assert_eq!(Layout::<Col>::decode("something else"), None);
        assert_eq!(Layout::<Col>::decode(""), None);
    }

    #[test]
    fn a_column_at_the_edge_stays_there() {
        let mut layout = Layout::<Col>::default();
        assert!(!layout.shift(Col::Time, false));
        assert!(!layout.shift(Col::ClOrdId, true));
        assert_eq!((layout.beside(Col::Time, false), layout.beside(Col::Time, true)), (Col::Time, Col::Status));
    }

    #[test]
    fn every_sort_has_its_column() {
        for sort in SortKey::ALL {
            assert!(Col::ALL.iter().any(|col| col.sorts() && col.sort() == sort), "{}", sort.word());
        }
    }
}
