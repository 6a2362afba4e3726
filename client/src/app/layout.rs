//! How a person arranged the blotter: its columns in their order and its sort; as one line of text any later version reads.

use super::list::SortKey;

macro_rules! columns {
    ($($variant:ident = $word:literal $head:literal, $sort:expr;)*) => {
        /// A column of the blotter.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Col { $(#[doc = $head] $variant,)* }

        impl Col {
            /// Every one, in the order they stand until somebody moves them.
            pub const ALL: [Self; [$($word),*].len()] = [$(Self::$variant),*];

            /// The word it is kept under; it stays.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            /// Its head.
            #[must_use]
            pub const fn head(self) -> &'static str {
                match self { $(Self::$variant => $head,)* }
            }

            /// What its rows are sorted by, if they can be.
            #[must_use]
            pub const fn sort(self) -> Option<SortKey> {
                match self { $(Self::$variant => $sort,)* }
            }
        }
    };
}

columns! {
    Time = "time" "Time", Some(SortKey::Time);
    Status = "status" "Status", Some(SortKey::Status);
    Side = "side" "Side", Some(SortKey::Side);
    Qty = "qty" "Qty", Some(SortKey::Qty);
    Symbol = "symbol" "Symbol", Some(SortKey::Symbol);
    Typ = "type" "Typ", None;
    Tif = "tif" "TIF", None;
    Price = "price" "Price", Some(SortKey::Price);
    Filled = "filled" "Filled", Some(SortKey::Filled);
    AvgPx = "avg_px" "AvgPx", None;
    Acct = "account" "Acct", Some(SortKey::Account);
    Leaves = "leaves" "Leaves", None;
    Away = "away" "Away", None;
    Trader = "trader" "Trader", Some(SortKey::Trader);
    Last = "last" "Last", None;
    StopPx = "stop_px" "StopPx", None;
    Changed = "changed" "Changed", Some(SortKey::Changed);
    Venue = "venue" "Venue", None;
    Text = "text" "Text", None;
    OrderId = "order_id" "OrderID", None;
    ClOrdId = "cl_ord_id" "ClOrdID", None;
}

impl Col {
    fn of_sort(sort: SortKey) -> Self {
        Self::ALL.into_iter().find(|col| col.sort() == Some(sort)).unwrap_or(Self::Time)
    }
}

/// The arrangement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    /// Every column once, in the order they stand.
    columns: Vec<Col>,
    /// Sorted by this.
    pub sort: SortKey,
    /// The lowest first.
    pub ascending: bool,
}

impl Default for Layout {
    fn default() -> Self {
        Self { columns: Col::ALL.to_vec(), sort: SortKey::default(), ascending: false }
    }
}

/// First word of the line.
const VERSION: &str = "blotter-1";

impl Layout {
    /// The columns, in the order they stand.
    #[must_use]
    pub fn columns(&self) -> &[Col] {
        &self.columns
    }

    /// Moves a column one place; false where it stands at the edge.
    pub fn shift(&mut self, col: Col, right: bool) -> bool {
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
    pub fn beside(&self, col: Col, right: bool) -> Col {
        let at = self.columns.iter().position(|known| *known == col).unwrap_or(0);
        let to = if right { at.saturating_add(1) } else { at.saturating_sub(1) };
        self.columns.get(to).copied().unwrap_or(col)
    }

    /// `blotter-1 columns=time,status,... sort=time desc`.
    #[must_use]
    pub fn encode(&self) -> String {
        let words: Vec<&str> = self.columns.iter().map(|col| col.word()).collect();
        let (sort, way) = (Col::of_sort(self.sort).word(), if self.ascending { "asc" } else { "desc" });
        format!("{VERSION} columns={} sort={sort} {way}", words.join(","))
    }

    /// Reads such a line: columns it does not name stand behind those it does, words nobody knows are left out; `None`
    /// for what is no such line.
    #[must_use]
    pub fn decode(line: &str) -> Option<Self> {
        let mut layout = Self { columns: Vec::new(), ..Self::default() };
        let mut words = line.split_whitespace();
        if words.next() != Some(VERSION) {
            return None;
        }
        let known = |word: &str| Col::ALL.into_iter().find(|col| col.word() == word);
        for word in words {
            match word.split_once('=') {
                Some(("columns", list)) => {
                    for col in list.split(',').filter_map(known) {
                        if !layout.columns.contains(&col) {
                            layout.columns.push(col);
                        }
                    }
                }
                Some(("sort", word)) => layout.sort = known(word).and_then(Col::sort).unwrap_or_default(),
                _ if matches!(word, "asc" | "desc") => layout.ascending = word == "asc",
                _ => {}
            }
        }
        let missing: Vec<Col> = Col::ALL.into_iter().filter(|col| !layout.columns.contains(col)).collect();
        layout.columns.extend(missing);
        Some(layout)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_layout_reads_back_and_old_or_strange_words_do_no_harm() {
        let mut layout = Layout { sort: SortKey::Symbol, ascending: true, ..Layout::default() };
        assert!(layout.shift(Col::Qty, false) && layout.shift(Col::Qty, false));
        assert_eq!(Layout::decode(&layout.encode()), Some(layout));
        let strange = Layout::decode("blotter-1 columns=qty,moon,qty,time sort=moon desc more=1").unwrap();
        assert_eq!(strange.columns()[..2], [Col::Qty, Col::Time]);
        assert_eq!((strange.columns().len(), strange.sort), (Col::ALL.len(), SortKey::Time));
        assert_eq!(Layout::decode("something else"), None);
        assert_eq!(Layout::decode(""), None);
    }

    #[test]
    fn a_column_at_the_edge_stays_there() {
        let mut layout = Layout::default();
        assert!(!layout.shift(Col::Time, false));
        assert!(!layout.shift(Col::ClOrdId, true));
        assert_eq!((layout.beside(Col::Time, false), layout.beside(Col::Time, true)), (Col::Time, Col::Status));
    }

    #[test]
    fn every_sort_has_its_column() {
        for sort in SortKey::ALL {
            assert_eq!(Col::of_sort(sort).sort(), Some(sort), "{}", sort.word());
        }
    }
}
