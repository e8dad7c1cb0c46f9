//! The instruments of the made-up market.

use tidemark_shared::market::{AssetClass, Instrument};

use super::day::Exchange;

/// What the simulator knows of an instrument.
#[derive(Debug)]
pub(super) struct Listing {
    pub(super) symbol: &'static str,
    pub(super) name: &'static str,
    pub(super) aliases: &'static [&'static str],
    pub(super) class: AssetClass,
    pub(super) currency: &'static str,
    pub(super) exchange: Exchange,
    /// The price it wanders about, in ticks.
    pub(super) home_ticks: i64,
    /// Smallest step of the price: so many units of the last digit.
    pub(super) tick_units: i64,
    /// Digits after the point.
    pub(super) digits: u8,
    /// How far it typically moves in a day.
    pub(super) daily_volatility: f64,
    /// How closely it follows its market, from 0 to 1.
    pub(super) correlation: f64,
    /// How much of all trading is in it, relative to the others.
    pub(super) activity: u32,
    /// Typical size of a trade, in units of its last digit.
    pub(super) size_units: i64,
    /// Digits after the point of sizes.
    pub(super) size_digits: u8,
}

/// What all instruments of a kind have in common.
#[derive(Clone, Copy)]
struct Board {
    class: AssetClass,
    currency: &'static str,
    exchange: Exchange,
    digits: u8,
    daily_volatility: f64,
    correlation: f64,
    size: (i64, u8),
}

const KRX: Board = Board {
    class: AssetClass::Equity,
    currency: "KRW",
    exchange: Exchange::Korea,
    digits: 0,
    daily_volatility: 0.018,
    correlation: 0.6,
    size: (40, 0),
};
const KRX_ETF: Board =
    Board { class: AssetClass::Etf, daily_volatility: 0.01, correlation: 0.97, ..KRX };
const TSE: Board = Board { currency: "JPY", exchange: Exchange::Tokyo, size: (100, 0), ..KRX };
const US: Board =
    Board { currency: "USD", exchange: Exchange::NewYork, digits: 2, size: (60, 0), ..KRX };
const US_ETF: Board =
    Board { class: AssetClass::Etf, daily_volatility: 0.01, correlation: 0.97, ..US };
const KRX_INDEX: Board = Board { class: AssetClass::Index, digits: 2, size: (0, 0), ..KRX_ETF };
const US_INDEX: Board = Board { class: AssetClass::Index, size: (0, 0), ..US_ETF };
const CRYPTO: Board = Board {
    class: AssetClass::Crypto,
    currency: "USD",
    exchange: Exchange::Crypto,
    digits: 2,
    daily_volatility: 0.03,
    correlation: 0.8,
    size: (80_000, 6),
};
const FX: Board = Board {
    class: AssetClass::Currency,
    currency: "USD",
    exchange: Exchange::Currencies,
    digits: 5,
    daily_volatility: 0.005,
    correlation: 0.5,
    size: (0, 0),
};
const METALS: Board = Board {
    class: AssetClass::Commodity,
    currency: "USD",
    exchange: Exchange::Currencies,
    digits: 2,
    daily_volatility: 0.011,
    correlation: 0.3,
    size: (3, 0),
};

/// All of them.
pub(super) static LISTINGS: [Listing; 32] = [
    of(KRX, "005930", "삼성전자", &["Samsung Electronics", "005930.KS"], (710, 100), 12),
    of(KRX, "000660", "SK하이닉스", &["SK hynix", "000660.KS"], (362, 500), 10),
    of(KRX, "035420", "NAVER", &["네이버", "035420.KS"], (388, 500), 5),
    of(KRX, "035720", "카카오", &["Kakao", "035720.KS"], (844, 50), 5),
    of(KRX, "005380", "현대차", &["Hyundai Motor", "005380.KS"], (482, 500), 4),
    of(KRX, "373220", "LG에너지솔루션", &["LG Energy Solution", "373220.KS"], (764, 500), 3),
    of(KRX, "068270", "셀트리온", &["Celltrion", "068270.KS"], (1_812, 100), 3),
    of(KRX_ETF, "069500", "KODEX 200", &["코덱스 200", "069500.KS"], (7_040, 5), 5),
    of(KRX_INDEX, "KOSPI", "코스피 지수", &["KOSPI Composite", "^KS11"], (264_150, 1), 3),
    of(TSE, "7203", "トヨタ自動車", &["Toyota Motor", "7203.T"], (2_851, 1), 6),
    of(TSE, "6758", "ソニーグループ", &["Sony Group", "6758.T"], (3_012, 1), 5),
    of(TSE, "9984", "ソフトバンクグループ", &["SoftBank Group", "9984.T"], (8_120, 1), 4),
    of(US, "AAPL", "Apple", &["애플", "Apple Inc."], (22_810, 1), 14),
    of(US, "MSFT", "Microsoft", &["마이크로소프트"], (42_655, 1), 11),
    of(US, "NVDA", "NVIDIA", &["엔비디아"], (13_542, 1), 16),
    of(US, "AMZN", "Amazon", &["아마존", "Amazon.com"], (20_118, 1), 9),
    of(US, "GOOGL", "Alphabet", &["알파벳", "Google", "구글"], (17_904, 1), 8),
    of(US, "META", "Meta Platforms", &["메타", "Facebook"], (57_433, 1), 7),
    of(US, "TSLA", "Tesla", &["테슬라"], (25_260, 1), 15),
    of(US, "JPM", "JPMorgan Chase", &["JP모건"], (23_977, 1), 4),
    of(US_ETF, "SPY", "SPDR S&P 500 ETF", &["S&P 500 ETF"], (58_926, 1), 12),
    of(US_ETF, "QQQ", "Invesco QQQ Trust", &["Nasdaq 100 ETF", "나스닥 100"], (50_311, 1), 9),
    of(US_INDEX, "SPX", "S&P 500 Index", &["^GSPC", "S&P 500 지수"], (590_244, 1), 3),
    of(CRYPTO, "BTC-USD", "Bitcoin", &["BTC", "비트코인"], (6_715_000, 1), 18),
    of(CRYPTO, "ETH-USD", "Ethereum", &["ETH", "이더리움"], (264_500, 1), 12),
    of(CRYPTO, "SOL-USD", "Solana", &["SOL", "솔라나"], (15_240, 1), 8),
    of(CRYPTO, "LTC-USD", "Litecoin", &["LTC", "라이트코인"], (7_180, 1), 4),
    of(FX, "EUR/USD", "Euro / US Dollar", &["EURUSD", "유로 달러"], (108_420, 1), 9),
    of(FX, "GBP/USD", "Pound Sterling / US Dollar", &["GBPUSD", "파운드"], (129_310, 1), 6),
    of(
        Board { currency: "KRW", digits: 2, ..FX },
        "USD/KRW",
        "US Dollar / Korean Won",
        &["USDKRW", "원달러 환율"],
        (137_850, 1),
        6,
    ),
    of(
        Board { currency: "JPY", digits: 3, ..FX },
        "USD/JPY",
        "US Dollar / Japanese Yen",
        &["USDJPY", "JPY=X"],
        (149_620, 1),
        8,
    ),
    of(METALS, "XAU-USD", "Gold", &["XAU", "금", "Gold spot"], (265_430, 1), 6),
];

/// They as the catalogue shows them.
pub(in crate::feeds) fn instruments(feed: &str) -> Vec<Instrument> {
    let instrument = |listing: &Listing| Instrument {
        symbol: listing.symbol.parse().expect("the table holds symbols"),
        name: listing.name.to_owned(),
        asset_class: listing.class,
        currency: listing.currency.to_owned(),
        price_digits: listing.digits,
        feed: feed.to_owned(),
        aliases: listing.aliases.iter().map(|&alias| alias.to_owned()).collect(),
    };
    LISTINGS.iter().map(instrument).collect()
}

const fn of(
    board: Board,
    symbol: &'static str,
    name: &'static str,
    aliases: &'static [&'static str],
    (home_ticks, tick_units): (i64, i64),
    activity: u32,
) -> Listing {
    Listing {
        symbol,
        name,
        aliases,
        class: board.class,
        currency: board.currency,
        exchange: board.exchange,
        home_ticks,
        tick_units,
        digits: board.digits,
        daily_volatility: board.daily_volatility,
        correlation: board.correlation,
        activity,
        size_units: board.size.0,
        size_digits: board.size.1,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_symbol_of_the_table_is_one_and_is_there_once() {
        let listed = instruments("simulator");
        let symbols: BTreeSet<_> = listed.iter().map(|i| i.symbol.clone()).collect();
        assert_eq!(symbols.len(), LISTINGS.len());
        for wanted in ["005930", "AAPL", "MSFT", "TSLA", "7203", "BTC-USD", "ETH-USD", "EUR/USD"] {
            assert!(symbols.contains(wanted), "{wanted} is missing");
        }
    }
}
