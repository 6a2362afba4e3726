//! The listings of the demo desk and of the exchange simulator; it must not know prices of the moment.

use turret_shared::ids::InstrumentId;
use turret_shared::instrument::{Instrument, InstrumentKind};
use turret_shared::money::{Currency, Price, Qty};

const CENT: Price = Price(10_000_000);
const HALF_MIL: Price = Price(500_000);
const QUARTER: Price = Price(250_000_000);
const NEW_YORK: &str = "America/New_York";
const CHICAGO: &str = "America/Chicago";

/// Symbol, name, MIC, ISIN, reference price in cents.
type Share = (&'static str, &'static str, &'static str, &'static str, i64);

const SHARES: &[Share] = &[
    ("AAPL", "Apple Inc", "XNAS", "US0378331005", 18_950),
    ("ABBV", "AbbVie Inc", "XNYS", "US00287Y1091", 15_480),
    ("ADBE", "Adobe Inc", "XNAS", "US00724F1012", 59_560),
    ("AMD", "Advanced Micro Devices Inc", "XNAS", "US0079031078", 17_238),
    ("AMZN", "Amazon.com Inc", "XNAS", "US0231351067", 17_812),
    ("AVGO", "Broadcom Inc", "XNAS", "US11135F1012", 16_740),
    ("BA", "Boeing Co", "XNYS", "US0970231058", 18_220),
    ("BAC", "Bank of America Corp", "XNYS", "US0605051046", 3_512),
    ("BMY", "Bristol-Myers Squibb Co", "XNYS", "US1101221083", 5_164),
    ("BRK.B", "Berkshire Hathaway Inc B", "XNYS", "US0846707026", 41_205),
    ("C", "Citigroup Inc", "XNYS", "US1729674242", 5_290),
    ("CAT", "Caterpillar Inc", "XNYS", "US1491231015", 28_870),
    ("CMCSA", "Comcast Corp A", "XNAS", "US20030N1019", 4_385),
    ("COP", "ConocoPhillips", "XNYS", "US20825C1045", 11_640),
    ("COST", "Costco Wholesale Corp", "XNAS", "US22160K1051", 66_010),
    ("CRM", "Salesforce Inc", "XNYS", "US79466L3024", 26_120),
    ("CSCO", "Cisco Systems Inc", "XNAS", "US17275R1023", 4_930),
    ("CVX", "Chevron Corp", "XNYS", "US1667641005", 15_060),
    ("DE", "Deere & Co", "XNYS", "US2441991054", 38_245),
    ("DIS", "Walt Disney Co", "XNYS", "US2546871060", 9_030),
    ("F", "Ford Motor Co", "XNYS", "US3453708600", 1_221),
    ("GE", "General Electric Co", "XNYS", "US3696043013", 12_690),
    ("GM", "General Motors Co", "XNYS", "US37045V1008", 3_590),
    ("GOOG", "Alphabet Inc C", "XNAS", "US02079K1079", 14_085),
    ("GOOGL", "Alphabet Inc A", "XNAS", "US02079K3059", 13_960),
    ("GS", "Goldman Sachs Group Inc", "XNYS", "US38141G1040", 38_575),
    ("HD", "Home Depot Inc", "XNYS", "US4370761029", 34_655),
    ("HON", "Honeywell International Inc", "XNAS", "US4385161066", 20_970),
    ("IBM", "International Business Machines Corp", "XNYS", "US4592001014", 16_355),
    ("INTC", "Intel Corp", "XNAS", "US4581401001", 3_115),
    ("JNJ", "Johnson & Johnson", "XNYS", "US4781601046", 15_670),
    ("JPM", "JPMorgan Chase & Co", "XNYS", "US46625H1005", 17_010),
    ("KO", "Coca-Cola Co", "XNYS", "US1912161007", 5_890),
    ("LLY", "Eli Lilly and Co", "XNYS", "US5324571083", 58_290),
    ("MA", "Mastercard Inc A", "XNYS", "US57636Q1040", 42_650),
    ("MCD", "McDonald's Corp", "XNYS", "US5801351017", 29_650),
    ("META", "Meta Platforms Inc A", "XNAS", "US30303M1027", 35_395),
    ("MMM", "3M Co", "XNYS", "US88579Y1010", 10_930),
    ("MRK", "Merck & Co Inc", "XNYS", "US58933Y1055", 10_905),
    ("MS", "Morgan Stanley", "XNYS", "US6174464486", 9_325),
    ("MSFT", "Microsoft Corp", "XNAS", "US5949181045", 41_815),
    ("MU", "Micron Technology Inc", "XNAS", "US5951121038", 8_535),
    ("NFLX", "Netflix Inc", "XNAS", "US64110L1061", 48_690),
    ("NKE", "Nike Inc B", "XNYS", "US6541061031", 10_860),
    ("NVDA", "NVIDIA Corp", "XNAS", "US67066G1040", 12_894),
    ("ORCL", "Oracle Corp", "XNYS", "US68389X1054", 12_690),
    ("PEP", "PepsiCo Inc", "XNAS", "US7134481081", 16_985),
    ("PFE", "Pfizer Inc", "XNYS", "US7170811035", 2_739),
    ("PG", "Procter & Gamble Co", "XNYS", "US7427181091", 14_655),
    ("PYPL", "PayPal Holdings Inc", "XNAS", "US70450Y1038", 6_140),
    ("QCOM", "Qualcomm Inc", "XNAS", "US7475251036", 14_460),
    ("QQQ", "Invesco QQQ Trust", "XNAS", "US46090E1038", 40_950),
    ("SBUX", "Starbucks Corp", "XNAS", "US8552441094", 9_600),
    ("SIRI", "Sirius XM Holdings Inc", "XNAS", "US82968B1035", 321),
    ("SPY", "SPDR S&P 500 ETF Trust", "ARCX", "US78462F1030", 47_530),
    ("T", "AT&T Inc", "XNYS", "US00206R1023", 1_678),
    ("TSLA", "Tesla Inc", "XNAS", "US88160R1014", 17_605),
    ("TXN", "Texas Instruments Inc", "XNAS", "US8825081040", 17_045),
    ("UBER", "Uber Technologies Inc", "XNYS", "US90353T1007", 6_155),
    ("UNH", "UnitedHealth Group Inc", "XNYS", "US91324P1021", 52_640),
    ("UPS", "United Parcel Service Inc B", "XNYS", "US9113121068", 15_720),
    ("V", "Visa Inc A", "XNYS", "US92826C8394", 26_035),
    ("VZ", "Verizon Communications Inc", "XNYS", "US92343V1044", 3_770),
    ("WFC", "Wells Fargo & Co", "XNYS", "US9497461015", 4_920),
    ("WMT", "Walmart Inc", "XNYS", "US9311421039", 5_255),
    ("XOM", "Exxon Mobil Corp", "XNYS", "US30231G1022", 10_000),
];

/// Symbol, name, reference price in cents; E-mini S&P 500, 50 USD a point.
const FUTURES: &[(&str, &str, i64)] =
    &[("ESH4", "E-mini S&P 500 Mar 2024", 480_800), ("ESM4", "E-mini S&P 500 Jun 2024", 521_200)];

/// Every listing, numbered from 1 in this order: shares by symbol, then futures. The numbers are the simulator's too.
#[must_use]
pub fn listings() -> Vec<Instrument> {
    let shares = SHARES.iter().map(|(symbol, name, mic, isin, cents)| Instrument {
        id: InstrumentId(0),
        symbol: (*symbol).to_owned(),
        name: (*name).to_owned(),
        mic: (*mic).to_owned(),
        isin: (*isin).to_owned(),
        currency: Currency::USD,
        kind: InstrumentKind::Equity,
        // Cheap shares trade in finer steps.
        tick: if *cents < 1_000 { HALF_MIL } else { CENT },
        lot: Qty::ONE,
        multiplier: 1,
        reference: Price(cents.saturating_mul(CENT.0)),
        zone: NEW_YORK.to_owned(),
    });
    let futures = FUTURES.iter().map(|(symbol, name, cents)| Instrument {
        id: InstrumentId(0),
        symbol: (*symbol).to_owned(),
        name: (*name).to_owned(),
        mic: "XCME".to_owned(),
        isin: String::new(),
        currency: Currency::USD,
        kind: InstrumentKind::Future,
        tick: QUARTER,
        lot: Qty::ONE,
        multiplier: 50,
        reference: Price(cents.saturating_mul(CENT.0)),
        zone: CHICAGO.to_owned(),
    });
    (1_u32..).zip(shares.chain(futures)).map(|(id, row)| Instrument { id: InstrumentId(id), ..row }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// ISO 6166: letters become 10 to 35, then the digits weigh 2 and 1 from the right (Luhn).
    fn isin_is_valid(isin: &str) -> bool {
        let Some(digits) = isin.chars().map(|c| c.to_digit(36)).collect::<Option<Vec<_>>>() else { return false };
        let spelled: Vec<u32> =
            digits.iter().flat_map(|d| if *d > 9 { vec![d / 10, d % 10] } else { vec![*d] }).collect();
        let sum: u32 = spelled
            .iter()
            .rev()
            .enumerate()
            .map(|(at, d)| if at % 2 == 1 { (d * 2) / 10 + (d * 2) % 10 } else { *d })
            .sum();
        isin.len() == 12 && sum.is_multiple_of(10)
    }

    #[test]
    fn every_isin_has_its_check_digit_and_is_listed_once() {
        assert!(!isin_is_valid("US0378331006"));
        let mut seen = BTreeSet::new();
        for row in listings().iter().filter(|row| row.kind == InstrumentKind::Equity) {
            assert!(isin_is_valid(&row.isin), "{} {}", row.symbol, row.isin);
            assert!(seen.insert(row.isin.clone()), "{} shares an ISIN", row.symbol);
        }
    }

    #[test]
    fn symbols_are_unique_short_and_on_their_grid() {
        let all = listings();
        assert!(all.len() >= 60);
        let mut seen = BTreeSet::new();
        for (at, row) in (1_u32..).zip(&all) {
            assert_eq!(row.id, InstrumentId(at));
            assert!(seen.insert(row.symbol.clone()), "{} twice", row.symbol);
            let plain = |c: u8| c.is_ascii_uppercase() || c.is_ascii_digit() || c == b'.';
            assert!(row.symbol.len() <= 8 && row.symbol.bytes().all(plain), "{}", row.symbol);
            assert!(row.reference.is_positive() && row.reference.ticks(row.tick).is_some(), "{}", row.symbol);
        }
        for symbol in [
            "AAPL", "MSFT", "NVDA", "TSLA", "PFE", "AMD", "AMZN", "BRK.B", "CSCO", "F", "INTC", "ORCL", "SIRI", "ESH4",
            "ESM4",
        ] {
            assert!(seen.contains(symbol), "{symbol}");
        }
    }
}
