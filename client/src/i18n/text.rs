//! Every sentence of the page, in every language.

use super::Language;

macro_rules! texts {
    ($($key:ident: $english:literal, $korean:literal;)*) => {
        /// A sentence. In braces: what [`fill`] puts in.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub(crate) enum Text {
            $(#[doc = $english] $key,)*
        }

        impl Text {
            /// The sentence in a language.
            pub(crate) const fn say(self, language: Language) -> &'static str {
                match language {
                    Language::English => match self { $(Text::$key => $english,)* },
                    Language::Korean => match self { $(Text::$key => $korean,)* },
                }
            }

            #[cfg(test)]
            const ALL: &'static [Text] = &[$(Text::$key),*];
        }
    };
}

/// Puts values in: `fill("{n} s", &[("n", "3")])` is `3 s`.
pub(crate) fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut out = String::with_capacity(template.len() + 16);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let Some((name, after)) = after.split_once('}') else {
            rest = after;
            break;
        };
        if let Some((_, value)) = values.iter().find(|(known, _)| *known == name) {
            out.push_str(value);
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

texts! {
    // Ages and durations.
    AgeSeconds: "{n} s", "{n}초";
    AgeMinutes: "{n} min", "{n}분";
    AgeHours: "{n} h", "{n}시간";
    AgeDays: "{n} d", "{n}일";

    // The frame of the page.
    SkipToWatchlist: "Skip to the watchlist", "관심 종목으로 건너뛰기";
    Market: "Market", "시장";
    Watchlist: "Watchlist", "관심 종목";
    Chart: "Chart", "차트";
    Status: "Status", "상태";
    Connection: "Connection", "연결";
    Feeds: "Feeds", "피드";
    Log: "Log", "기록";
    Help: "Keyboard shortcuts", "키보드 단축키";
    Close: "Close", "닫기";
    LanguageName: "Language", "언어";
    Theme: "Theme", "테마";
    ThemeSystem: "As the system", "시스템 설정";
    ThemeLight: "Light", "밝게";
    ThemeDark: "Dark", "어둡게";

    // The market overview.
    Rising: "{n} up", "상승 {n}";
    Falling: "{n} down", "하락 {n}";
    TopMovers: "Top movers", "주요 등락";
    OverviewWaiting: "Waiting for the market overview", "시장 현황을 기다리는 중";

    // The watchlist.
    SearchLabel: "Add an instrument", "종목 추가";
    SearchPlaceholder: "Add symbol or name", "종목 코드 또는 이름 추가";
    SearchNothing: "Nothing is called “{text}” here", "“{text}”에 해당하는 종목이 없습니다";
    SearchOffline: "Searching needs the relay", "검색하려면 릴레이 연결이 필요합니다";
    SearchListed: "listed", "추가됨";
    Searching: "Searching …", "검색 중 …";
    ListEmpty: "No instruments yet", "아직 종목이 없습니다";
    ListEmptyHint: "Search for a symbol or a name above to watch its price.",
        "위에서 종목 코드나 이름을 검색해 추가하세요.";
    ListFull: "The watchlist is full ({n} instruments)", "관심 종목이 가득 찼습니다 ({n}개)";
    Symbol: "Symbol", "종목";
    Trend: "1 h", "1시간";
    Last: "Last", "현재가";
    ChangePercent: "Chg %", "등락률";
    BidAsk: "Bid / Ask", "매수 / 매도";
    Volume: "Volume", "거래량";
    DayRange: "Day range", "당일 범위";
    Age: "Age", "경과";
    Remove: "Remove {symbol}", "{symbol} 삭제";
    Removed: "{symbol} removed", "{symbol}을(를) 삭제했습니다";
    AddToList: "Add to watchlist", "관심 종목에 추가";
    Undo: "Undo", "되돌리기";
    Moved: "{symbol} is now number {n}", "{symbol}: {n}번째로 이동";
    DragHandle: "Drag to reorder, or Alt and the arrow keys", "끌거나 Alt+화살표 키로 순서 변경";

    // Freshness of a value.
    FreshLive: "Live", "실시간";
    FreshWaiting: "Waiting", "대기";
    FreshRelayLost: "Relay lost", "릴레이 끊김";
    FreshFeedDown: "Feed down", "피드 중단";
    FreshClosed: "Closed", "장 마감";
    FreshHalted: "Halted", "거래 정지";
    FreshSaved: "Saved", "저장된 값";
    FreshOld: "Silent", "무응답";
    FreshDelayed: "{time} late", "{time} 지연";
    WhyDelayed: "Prices are shown {time} late: this account may not see newer ones.",
        "이 계정에는 {time} 지연된 시세가 표시됩니다.";
    FreshRefused: "No data", "제공 안 됨";
    WhyLive: "The price is known to be true now.", "현재 유효한 가격입니다.";
    WhyWaiting: "No price has arrived yet.", "아직 가격이 도착하지 않았습니다.";
    WhyRelayLost: "The connection to the relay is lost. This was the price when it broke off.",
        "릴레이와의 연결이 끊겼습니다. 끊기기 직전의 가격입니다.";
    WhyFeedDown: "The relay is reached, but the feed “{feed}” that brings this price is down.",
        "릴레이에는 연결되어 있지만, 이 가격을 보내는 피드 “{feed}”가 중단되었습니다.";
    WhyClosed: "The market is closed. This is its last price.", "장이 마감되었습니다. 마지막 가격입니다.";
    WhyHalted: "Trading in this instrument is halted.", "이 종목의 거래가 정지되었습니다.";
    WhySaved: "From your last visit; not confirmed by the relay yet.",
        "지난 방문에 저장된 값이며, 아직 릴레이에서 확인되지 않았습니다.";
    WhyOld: "Everything is connected, but nobody has confirmed this price for a while.",
        "모두 연결되어 있지만 한동안 이 가격이 확인되지 않았습니다.";
    WhyRefused: "The relay has no source for this instrument.", "릴레이에 이 종목의 데이터 소스가 없습니다.";

    // Trading phases.
    PhaseOpen: "Open", "정규장";
    PhasePre: "Pre-market", "장전";
    PhasePost: "After hours", "시간외";
    PhaseHalted: "Halted", "거래 정지";
    PhaseClosed: "Closed", "장 마감";

    // The quote of the selected instrument.
    NoSelection: "Select an instrument", "종목을 선택하세요";
    NoSelectionHint: "Its price and chart appear here.", "가격과 차트가 여기에 표시됩니다.";
    Bid: "Bid", "매수";
    Ask: "Ask", "매도";
    High: "High", "고가";
    Low: "Low", "저가";
    Open: "Open", "시가";
    CloseOfBar: "Close", "종가";
    Reference: "Reference", "기준가";
    Spread: "Spread", "스프레드";
    Phase: "Phase", "장 구분";
    VenueTime: "Venue time", "거래소 시각";
    Source: "Source", "출처";
    LastSize: "Last size", "체결량";

    // The chart.
    Interval: "Interval", "봉 간격";
    ChartLabel: "Candlestick chart of {symbol}, {interval}. Arrow keys move along the bars, plus and minus zoom.",
        "{symbol} {interval} 캔들 차트. 화살표 키로 봉 이동, +와 −로 확대·축소.";
    ChartLoading: "Loading history …", "과거 데이터 불러오는 중 …";
    ChartEmpty: "No bars yet", "아직 봉이 없습니다";
    ChartNoHistory: "History needs the relay", "과거 데이터는 릴레이 연결이 필요합니다";
    ChartLatest: "Back to the newest bar", "최신 봉으로";
    ZoomIn: "Zoom in", "확대";
    ZoomOut: "Zoom out", "축소";
    BarSummary: "{time}: open {open}, high {high}, low {low}, close {close}, volume {volume}",
        "{time}: 시가 {open}, 고가 {high}, 저가 {low}, 종가 {close}, 거래량 {volume}";

    // States of the connection.
    StateIdle: "Switched off", "꺼짐";
    StateConnecting: "Connecting", "연결 중";
    StateGreeting: "Greeting the relay", "릴레이 응답 대기";
    StateCatchingUp: "Catching up", "놓친 데이터 받는 중";
    StateLive: "Live", "실시간";
    StateSuspect: "No sign of life", "응답 확인 중";
    StateBackoff: "Disconnected", "연결 끊김";
    StateOffline: "No network", "네트워크 없음";
    StateSuspended: "Asleep", "일시 중지";
    StateNeedsAuth: "Sign-in needed", "로그인 필요";
    StateNeedsUpgrade: "New version needed", "업데이트 필요";
    StateGaveUp: "Gave up", "연결 포기";

    // The connection panel.
    Relay: "Relay", "릴레이";
    Transport: "Transport", "전송 방식";
    TransportWebSocket: "WebSocket", "WebSocket";
    TransportSse: "Event stream", "이벤트 스트림";
    TransportPoll: "Long polling", "롱 폴링";
    RoundTrip: "Round trip", "왕복 시간";
    ClockOffset: "Clock offset", "시계 차이";
    Attempts: "Attempts", "시도 횟수";
    NextAttempt: "Next attempt", "다음 시도";
    InTime: "in {time}", "{time} 후";
    LastError: "Last error", "마지막 오류";
    ReconnectNow: "Reconnect now", "지금 다시 연결";
    Delivered: "Delivered", "수신";
    CaughtUpCount: "Caught up", "따라잡음";
    SkippedCount: "Replaced", "대체됨";
    Duplicates: "Duplicates", "중복";
    Holes: "Holes", "누락";
    Received: "Received", "받은 데이터";
    Storage: "Storage", "저장소";
    StorageOpening: "Opening", "여는 중";
    StorageDurable: "On this device", "이 기기에 저장";
    StorageMemory: "Memory only", "메모리에만";

    // What happened to the connection.
    NoteConnecting: "Connecting by {transport}, attempt {n}", "{transport}(으)로 연결 시도 {n}회째";
    NoteConnected: "Connected by {transport} in {time}", "{transport}(으)로 연결됨 ({time})";
    NoteCaughtUp: "Caught up {n} messages, {lost} lost", "메시지 {n}건 따라잡음, 손실 {lost}건";
    NoteCaughtUpSkipped: "Caught up {n} messages, {skipped} replaced by newer ones, {lost} lost",
        "메시지 {n}건 따라잡음, {skipped}건은 최신 값으로 대체, 손실 {lost}건";
    NoteTopicsLost: "Caught up {n} messages; {topics} topics start anew from a snapshot",
        "메시지 {n}건 따라잡음; 토픽 {topics}개는 스냅샷에서 다시 시작";
    NoteDropped: "Connection lost: {error}", "연결 끊김: {error}";
    NoteFellBack: "{from} seems blocked; trying {to}", "{from} 차단됨으로 보임; {to} 시도";
    NoteUpgraded: "Back from {from} to {to}", "{from}에서 {to}(으)로 복귀";
    NoteHole: "The relay’s numbering of {topic} had a hole; read again", "{topic} 번호가 끊겨 다시 읽음";
    NoteRelayClosing: "The relay is going away: {reason}", "릴레이 종료 안내: {reason}";
    NoteSignInEnds: "The sign-in ends soon", "로그인이 곧 만료됨";
    NoteSignInRenewed: "Signed in anew, on the same connection", "연결을 유지한 채 다시 로그인됨";
    NoteSignInRefused: "The newer sign-in does not count: {reason}", "새 로그인이 인정되지 않음: {reason}";
    NoteOffline: "The network is gone", "네트워크가 끊김";
    NoteOnline: "The network is back", "네트워크 복구";
    NoteWoke: "The page slept for {time} and is awake", "페이지가 {time} 동안 멈췄다가 깨어남";
    LogFeed: "Feed {feed}: {state}", "피드 {feed}: {state}";
    LogRefused: "{topic} was refused: {reason}", "{topic} 거부됨: {reason}";
    LogEmpty: "Nothing has happened yet", "아직 기록이 없습니다";

    // Errors of the connection.
    ErrorFailed: "could not connect", "연결할 수 없음";
    ErrorOpenTimeout: "no connection within {n} s", "{n}초 안에 연결되지 않음";
    ErrorGreetTimeout: "the relay did not answer within {n} s", "{n}초 안에 릴레이가 응답하지 않음";
    ErrorClosed: "closed by the other end ({code})", "상대가 연결을 닫음 ({code})";
    ErrorSilent: "nothing heard for {n} s", "{n}초 동안 응답 없음";
    ErrorOffline: "the network is gone", "네트워크 끊김";
    ErrorMisbehaved: "the relay sent something unreadable", "릴레이가 읽을 수 없는 데이터를 보냄";
    ErrorRefused: "the relay refused: {reason}", "릴레이가 거부함: {reason}";

    // Feeds.
    FeedIdle: "Idle", "대기";
    FeedConnecting: "Connecting", "연결 중";
    FeedLive: "Live", "정상";
    FeedStalled: "Silent", "무응답";
    FeedBackoff: "Reconnecting", "재연결 중";
    FeedBroken: "Down", "중단";
    FeedStopped: "Stopped", "정지";
    FeedName: "Feed", "피드";
    FeedState: "State", "상태";
    FeedSymbols: "Symbols", "종목 수";
    FeedMessages: "Messages", "메시지";
    LastHeard: "Heard", "마지막 수신";
    DeadLetters: "Unreadable", "읽기 실패";
    Gaps: "Gaps", "누락";
    FeedsWaiting: "No feed has reported yet", "아직 보고된 피드가 없습니다";

    // Banners.
    RelayUnreachable: "The relay can’t be reached", "릴레이에 연결할 수 없습니다";
    RelayUnreachableHint: "Nobody answers at {relay}. Check that the relay is running and that its address is right; Tidemark goes on trying by itself.",
        "{relay}에서 응답이 없습니다. 릴레이가 실행 중인지, 주소가 맞는지 확인하세요. Tidemark는 계속 연결을 시도합니다.";
    MemoryOnlyTitle: "This browser refuses to store anything", "이 브라우저가 저장을 허용하지 않습니다";
    MemoryOnlyHint: "Prices and your watchlist are kept until you close this tab.",
        "시세와 관심 종목은 이 탭을 닫을 때까지만 유지됩니다.";
    NeedsUpgradeHint: "The relay and this page do not understand each other. Reload to get the newer page.",
        "릴레이와 페이지의 버전이 맞지 않습니다. 새로고침하세요.";
    NeedsAuthHint: "The relay asks for a sign-in that this page doesn’t have.",
        "릴레이가 로그인을 요구합니다.";
    Reload: "Reload", "새로고침";
    Crashed: "Tidemark has stopped because of an error in the page. What is shown is no longer true.",
        "페이지 오류로 Tidemark가 멈췄습니다. 표시된 값은 더 이상 유효하지 않습니다.";

    // The page as an installed app.
    UpdateReady: "A new version of Tidemark is ready.", "Tidemark의 새 버전이 준비되었습니다.";
    UpdateTaken: "This page is an older version.", "이 페이지는 이전 버전입니다.";
    UpdateHint: "Reload to use it: what you wrote is kept.", "새로고침하면 적용됩니다. 작성한 내용은 그대로 남습니다.";
    Later: "Later", "나중에";
    Install: "Install", "설치";
    OfflineUse: "Offline", "오프라인";
    OfflinePreparing: "Getting ready", "준비 중";
    InstallByHand: "To install: Share, Add to Home Screen", "설치: 공유 → 홈 화면에 추가";
    OfflineReady: "Ready", "준비됨";
    OfflineUnavailable: "Not possible here", "사용 불가";

    // Accounts.
    Account: "Account", "계정";
    AccountOf: "Account: {name}", "계정: {name}";
    AccountDemo: "This relay runs in demo mode: an account is only a name. There is no password, and anyone who knows the name sees what is kept under it.",
        "이 릴레이는 데모 모드입니다. 계정은 이름일 뿐이며 비밀번호가 없고, 이름을 아는 사람은 누구나 그 내용을 볼 수 있습니다.";
    AccountNow: "You are", "현재 계정";
    AccountRecent: "Recent accounts", "최근 계정";
    AccountName: "Name of another account", "다른 계정 이름";
    AccountUse: "Use this account", "이 계정 사용";
    AccountBadName: "1 to 40 letters, digits, - or _", "영문자, 숫자, -, _ 1~40자";
    AccountUnsent: "Not everywhere yet: {n} changes of {name}.",
        "{name}의 변경 {n}건이 아직 모두 전송되지 않았습니다.";
    AccountKeep: "Switch and keep them on this device", "이 기기에 보관하고 전환";
    AccountDiscard: "Switch and throw them away", "버리고 전환";
    AccountStay: "Stay", "그대로 있기";

    // Signing in.
    Demo: "Demo", "데모";
    SignIn: "Sign in", "로그인";
    SignInTo: "Sign in to {relay}", "{relay} 로그인";
    SignInAgain: "Sign in again", "다시 로그인";
    SignUp: "Make an account", "계정 만들기";
    SignUpAsk: "No account yet?", "계정이 없나요?";
    SignInAsk: "You have an account?", "이미 계정이 있나요?";
    LinkPassword: "Set the password", "비밀번호 설정";
    LinkHint: "This link sets a password, once: of the relay’s first account, which looks after the relay and whose name you choose, or of the user that it was made for.",
        "이 링크로 비밀번호를 한 번 설정할 수 있습니다. 릴레이를 관리할 첫 계정(이름은 직접 선택) 또는 링크를 발급받은 사용자의 비밀번호입니다.";
    UserName: "User", "사용자";
    Password: "Password", "비밀번호";
    PasswordShow: "Show", "표시";
    PasswordHide: "Hide", "숨기기";
    SignInWorking: "One moment …", "잠시만요 …";
    SignInWrong: "This user and this password do not belong together. Check both and try again.",
        "사용자 또는 비밀번호가 맞지 않습니다. 확인 후 다시 시도하세요.";
    SignInSlowly: "There were too many tries. Nothing is lost; try again in {time}.",
        "시도 횟수가 너무 많습니다. 잃은 것은 없으며 {time} 후에 다시 시도하세요.";
    DoorRefused: "The relay did not do it: {reason}", "릴레이가 거부했습니다: {reason}";
    DoorUnreachable: "The relay does not answer. Nothing was changed; check the network and try again.",
        "릴레이가 응답하지 않습니다. 변경된 것은 없습니다. 네트워크를 확인하고 다시 시도하세요.";
    DoorStrange: "Who answers there ({status}) is no relay that knows accounts. Ask who runs it.",
        "응답한 서버({status})는 계정을 지원하는 릴레이가 아닙니다. 운영자에게 문의하세요.";
    SignInNoCookie: "You are signed in, but this browser keeps no session for the relay. Allow cookies for this site, then try again.",
        "로그인되었지만 브라우저가 세션을 저장하지 않았습니다. 이 사이트의 쿠키를 허용하고 다시 시도하세요.";
    SignOutLater: "You are signed out here, and your data is gone from this device. The relay could not be told: your session there ends when this page reaches it.",
        "이 기기에서 로그아웃되었고 데이터가 삭제되었습니다. 릴레이에는 아직 알리지 못했으며, 이 페이지가 릴레이에 연결되면 세션이 종료됩니다.";
    SignInEnds: "Your sign-in ends soon.", "로그인이 곧 만료됩니다.";
    SignInEnded: "Your sign-in has ended.", "로그인이 만료되었습니다.";
    SignInEndsHint: "Sign in again to keep prices coming. What you write is safe on this device and is sent after that.",
        "시세를 계속 받으려면 다시 로그인하세요. 작성한 내용은 이 기기에 안전하며 로그인 후 전송됩니다.";
    SignInRefused: "The relay did not take it: {reason}", "릴레이가 받아들이지 않았습니다: {reason}";
    TokenNone: "This page was not told where its sign-in comes from.", "로그인 정보를 어디서 받을지 설정되지 않았습니다.";
    TokenNoneHint: "Whoever runs this site has to name a token_url in tidemark.json beside the page.",
        "사이트 운영자가 페이지 옆의 tidemark.json에 token_url을 지정해야 합니다.";
    TokenTrouble: "This site gives no sign-in for prices.", "사이트가 로그인 정보를 주지 않습니다.";
    TokenUnreachableHint: "It does not answer ({reason}). It is asked again by itself; what is on this device is safe.",
        "사이트가 응답하지 않습니다({reason}). 자동으로 다시 시도하며 이 기기의 데이터는 안전합니다.";
    TokenRefusedHint: "It answered with {status}: probably you are not signed in there any more. Sign in there, then try again here.",
        "사이트가 {status}(으)로 응답했습니다. 사이트에 다시 로그인한 뒤 여기서 다시 시도하세요.";
    TokenBadHint: "Its answer is no token. Whoever runs this site has to look at its token_url.",
        "응답이 토큰이 아닙니다. 사이트 운영자가 token_url을 확인해야 합니다.";
    AccountGuest: "You are looking around without an account.", "계정 없이 둘러보는 중입니다.";
    AccountByPassword: "Signed in with a password", "비밀번호로 로그인됨";
    AccountByToken: "Signed in by this site", "이 사이트를 통해 로그인됨";
    AccountUntil: "until {time}", "{time}까지";
    AccountRoles: "Roles: {roles}", "역할: {roles}";
    PasswordChange: "Change password", "비밀번호 변경";
    PasswordOld: "Password now", "현재 비밀번호";
    PasswordNew: "New password", "새 비밀번호";
    PasswordChanged: "The password is changed. You are signed out everywhere else.",
        "비밀번호가 변경되었습니다. 다른 모든 곳에서 로그아웃됩니다.";
    SignOut: "Sign out", "로그아웃";
    SignOutHint: "Your data is removed from this device. What was sent stays at the relay.",
        "이 기기에서 데이터가 삭제됩니다. 전송된 내용은 릴레이에 남습니다.";
    SignOutToken: "Remove my data from this device", "이 기기에서 내 데이터 삭제";
    SignOutTokenHint: "You stay signed in at this site: sign out there first.",
        "사이트 로그인은 유지됩니다. 먼저 사이트에서 로그아웃하세요.";
    SignOutKeep: "Sign out and keep them here until you come back", "다시 로그인할 때까지 보관하고 로그아웃";
    SignOutDiscard: "Sign out and throw them away", "버리고 로그아웃";

    // Looking after the relay.
    Admin: "Administration", "관리";
    AdminConnections: "Connections", "연결";
    AdminUsers: "Users", "사용자";
    AdminBans: "Bans", "차단";
    AdminTotals: "Totals", "현황";
    AdminSearch: "User or address", "사용자 또는 주소";
    AdminNothing: "Nothing here", "항목이 없습니다";
    AdminReload: "Read again", "다시 읽기";
    AdminDone: "Done", "완료";
    AdminCounts: "{age} old · {topics} topics · {lag} behind", "{age} 경과 · 토픽 {topics}개 · {lag}건 밀림";
    AdminBlocked: "reads nothing", "읽지 않음";
    AdminClose: "Close", "연결 닫기";
    AdminCloseAsk: "Close this connection of {name}? It may come back.",
        "{name}의 연결을 닫을까요? 다시 연결될 수 있습니다.";
    AdminBan: "Ban", "차단";
    AdminBanAsk: "Ban this sign-in of {name} and close its connections?",
        "{name}의 이 로그인을 차단하고 연결을 닫을까요?";
    AdminLift: "Lift", "차단 해제";
    AdminLiftAsk: "Let this sign-in in again?", "이 로그인을 다시 허용할까요?";
    AdminForever: "for good", "무기한";
    AdminCreate: "New user", "새 사용자";
    AdminRoles: "Roles, with spaces between", "역할(공백으로 구분)";
    AdminSeen: "last seen {time}", "마지막 접속 {time}";
    AdminNeverSeen: "never seen", "접속한 적 없음";
    AdminDisabled: "disabled", "사용 중지됨";
    AdminDisable: "Disable", "사용 중지";
    AdminDisableAsk: "Disable {name}? Every connection of theirs ends now.",
        "{name} 계정을 중지할까요? 모든 연결이 끊깁니다.";
    AdminEnable: "Enable", "사용";
    AdminEnableAsk: "Let {name} in again?", "{name} 계정을 다시 허용할까요?";

    // Watchlists.
    ListChoose: "Watchlist", "관심 목록";
    ListMain: "Main", "기본";
    ListNew: "New list", "새 목록";
    ListRename: "Rename list", "목록 이름 변경";
    ListDeleteAsk: "Delete “{name}” with {n} instruments, on all devices?",
        "“{name}” 목록(종목 {n}개)을 모든 기기에서 삭제할까요?";
    ListMenu: "Lists", "목록 관리";
    ListLast: "The last list stays.", "마지막 목록은 삭제할 수 없습니다.";
    ListUnreadable: "This list was written by a newer version and cannot be changed here.",
        "더 새로운 버전에서 작성된 목록이라 여기서 변경할 수 없습니다.";
    Create: "Create", "만들기";
    Save: "Save", "저장";
    Cancel: "Cancel", "취소";
    Delete: "Delete", "삭제";
    Edit: "Edit", "편집";
    Back: "Back", "뒤로";
    Yes: "Yes", "예";
    No: "No", "아니요";

    // Notes.
    Note: "Note", "메모";
    NotePlaceholder: "What you want to remember about {symbol}. Saved by itself.",
        "{symbol}에 대해 기억할 내용. 자동으로 저장됩니다.";
    History: "History", "변경 이력";

    // How far a change has come.
    SaveTyping: "Not saved yet", "아직 저장되지 않음";
    SaveFailed: "Could not be saved: {reason}", "저장하지 못했습니다: {reason}";
    SaveHere: "Saved on this device", "이 기기에 저장됨";
    SaveSending: "Sending", "전송 중";
    SaveAccepted: "Accepted by the relay", "릴레이가 접수함";
    SaveEverywhere: "Saved everywhere", "모든 기기에 저장됨";
    SaveConflict: "Conflict", "충돌";
    SaveRejected: "Rejected", "거부됨";
    SaveExpired: "Expired", "기한 지남";

    // What a change is about.
    AboutNote: "Note on {name}", "{name} 메모";
    AboutList: "Watchlist “{name}”", "관심 목록 “{name}”";
    AboutRule: "Alert rule on {name}", "{name} 알림 규칙";
    AboutLayout: "Chart layout “{name}”", "차트 레이아웃 “{name}”";
    AboutSettings: "Settings", "설정";
    AboutDeletion: "Deletion: {what}", "삭제: {what}";
    AboutDecision: "Decision: {what}", "충돌 결정: {what}";
    AboutReopening: "Decision taken back: {what}", "충돌 결정 취소: {what}";

    // The queue.
    Queue: "Changes on their way", "전송 대기 변경";
    QueueAll: "All changes are saved everywhere", "모든 변경이 저장됨";
    QueueWaiting: "Changes on their way: {n}", "변경 {n}건 전송 대기";
    QueueFailed: "Changes that need you: {n}", "변경 {n}건 확인 필요";
    QueueEmpty: "Nothing waits: everything is saved everywhere.", "대기 중인 변경이 없습니다. 모두 저장되었습니다.";
    QueueSafe: "What is listed here is safe on this device and survives a reload. It is sent by itself as soon as the relay is reached.",
        "여기 있는 변경은 이 기기에 안전하게 저장되어 새로고침해도 남으며, 릴레이에 연결되면 자동으로 전송됩니다.";
    QueueRecent: "Arrived everywhere", "최근 저장 완료";
    QueueRetryAll: "Send now", "지금 전송";
    QueueRetry: "Try again", "다시 시도";
    QueueExport: "Export as a file", "파일로 내보내기";
    QueueDiscard: "Discard", "버리기";
    QueueDiscardAsk: "Discard this for good?", "완전히 버릴까요?";
    QueueDecide: "Decide", "해결하기";
    QueueEdit: "Edit and send anew", "고쳐서 다시 보내기";
    QueueEditHint: "It is sent anew with what stands here.", "여기 적힌 내용으로 다시 보냅니다.";
    QueueShow: "Show", "보기";
    RolledBack: "{what} was not taken over: {reason}", "{what} 변경이 반영되지 않았습니다: {reason}";
    RolledBackConflict: "{what} was changed elsewhere, too. Please decide.",
        "{what}이(가) 다른 곳에서도 변경되었습니다. 결정해 주세요.";
    Damaged: "{what} came damaged from the relay; what you see is its state before.",
        "{what}이(가) 손상된 채로 도착했습니다. 이전 상태를 표시합니다.";
    Forked: "This profile is a copy of another one. Its unsent changes go on under a new name; nothing is lost.",
        "이 브라우저 프로필은 복사본입니다. 미전송 변경은 새 이름으로 이어지며 손실은 없습니다.";
    Reinstated: "The relay had lost {n} documents; this device gave them back.",
        "릴레이가 잃어버린 문서 {n}개를 이 기기가 복원했습니다.";

    // Conflicts.
    Conflicts: "Conflicts", "충돌";
    ConflictsOpen: "Conflicts to decide: {n}", "결정할 충돌 {n}건";
    ConflictsNone: "No conflict waits for you.", "결정할 충돌이 없습니다.";
    ConflictsWhy: "The same thing was changed in two places. Both versions are kept until you decide.",
        "같은 내용이 두 곳에서 변경되었습니다. 결정할 때까지 두 버전 모두 보관됩니다.";
    ConflictsDone: "Decided", "결정됨";
    ConflictBase: "Before", "변경 전";
    ConflictMine: "Mine", "내 변경";
    ConflictTheirs: "Theirs (now)", "상대 변경 (현재)";
    ConflictMineBy: "Mine: this device, {time}", "내 변경: 이 기기, {time}";
    ConflictMineOther: "Mine: another device, {time}", "내 변경: 다른 기기, {time}";
    ConflictTakeMine: "Take mine", "내 변경 선택";
    ConflictTakeTheirs: "Take theirs", "상대 변경 선택";
    ConflictThird: "Write another", "직접 작성";
    ConflictOnlyMine: "Changed by me only", "나만 변경함";
    ConflictSame: "The same on both sides", "양쪽 동일";
    ConflictGoneOn: "The document has gone on since the conflict was found. “Theirs” is what stands now.",
        "충돌이 발견된 뒤 문서가 더 변경되었습니다. “상대 변경”은 현재 내용입니다.";
    ConflictEditOfDeleted: "It was deleted elsewhere while you changed it.", "내가 변경하는 동안 다른 곳에서 삭제되었습니다.";
    ConflictDeletionOfEdited: "You deleted it while it was changed elsewhere.", "내가 삭제하는 동안 다른 곳에서 변경되었습니다.";
    ConflictBothDeleted: "It is deleted on both sides.", "양쪽 모두 삭제되었습니다.";
    ConflictKeepDeleted: "Keep deleted", "삭제 유지";
    ConflictBringBack: "Bring back mine", "내 변경으로 복원";
    ConflictDeleteAnyway: "Delete it", "삭제하기";
    ConflictKeepTheirs: "Keep theirs", "상대 변경 유지";
    ConflictPreview: "Result", "결과";
    ConflictUndecided: "Choose for every field that both have changed.", "양쪽이 변경한 항목을 모두 선택하세요.";
    ConflictApply: "Apply", "적용";
    ConflictApplied: "Decided: {what}", "결정됨: {what}";
    ConflictReopen: "Open again", "다시 열기";
    ConflictUnreadable: "A newer version wrote this conflict. Reload to get it.", "더 새로운 버전의 충돌입니다. 새로고침하세요.";
    WillBeDeleted: "It will be deleted.", "삭제됩니다.";
    Absent: "not there", "없음";

    // History.
    HistoryOf: "History: {what}", "변경 이력: {what}";
    HistoryLoading: "Reading the history …", "이력을 읽는 중 …";
    HistoryOffline: "The history is kept by the relay, which can’t be reached now.",
        "이력은 릴레이에 보관되어 있으며 지금은 연결할 수 없습니다.";
    HistoryEmpty: "Nothing is known of it at the relay yet.", "아직 릴레이에 이력이 없습니다.";
    HistoryVersion: "Version {n}", "버전 {n}";
    HistoryThisDevice: "this device", "이 기기";
    HistoryOtherDevice: "another device", "다른 기기";
    HistoryDeleted: "Deleted", "삭제됨";
    HistoryLost: "Lost against this version, kept here:", "이 버전에 밀려 여기 보관된 내용:";
    HistoryRestore: "Restore this version", "이 버전으로 복원";
    HistoryRestored: "Version {n} is restored", "버전 {n}(으)로 복원했습니다";
    HistoryNow: "Now", "현재";
    HistoryOlder: "Older versions", "이전 버전 더 보기";
    Copy: "Copy", "복사";
    Copied: "Copied", "복사했습니다";

    // Names of fields.
    FieldName: "Name", "이름";
    FieldItems: "Instruments", "종목";
    FieldPosition: "Place", "순서";
    FieldContent: "Text", "내용";
    FieldSymbol: "Symbol", "종목";
    FieldMetric: "Metric", "지표";
    FieldOp: "Comparison", "비교";
    FieldThreshold: "Threshold", "기준값";
    FieldUnit: "Unit", "단위";
    FieldActive: "Active", "사용";
    FieldPriority: "Priority", "우선순위";
    FieldMessage: "Message", "메시지";
    FieldInterval: "Interval", "봉 간격";
    FieldStyle: "Style", "차트 종류";
    FieldScale: "Scale", "눈금";
    FieldTheme: "Theme", "테마";
    FieldLanguage: "Language", "언어";

    // Alert rules.
    Rules: "Alert rules", "알림 규칙";
    RulesHint: "Rules are kept and synced. They do not fire yet.", "규칙은 저장되고 동기화되지만, 아직 알림을 보내지는 않습니다.";
    RulesNone: "No rule for {symbol} yet.", "{symbol}에 대한 규칙이 아직 없습니다.";
    RuleNew: "New rule", "새 규칙";
    RuleEdit: "Edit rule", "규칙 편집";
    RuleDeleteAsk: "Delete this rule on all devices?", "모든 기기에서 이 규칙을 삭제할까요?";
    RulePeriod: "Bars", "봉 개수";
    RuleBadThreshold: "A number like 187.50", "187.50과 같은 숫자";
    RuleBadPeriod: "A whole number from 1 to 500", "1~500 사이의 정수";
    MetricPrice: "Price", "가격";
    MetricChange: "Day change", "당일 등락";
    MetricVolume: "Day volume", "당일 거래량";
    MetricSentiment: "Sentiment", "여론";
    OpAbove: "is above", "보다 높음";
    OpBelow: "is below", "보다 낮음";
    OpCrossesAbove: "crosses above", "상향 돌파";
    OpCrossesBelow: "crosses below", "하향 돌파";
    UnitCurrency: "in its currency", "통화";
    UnitPercent: "%", "%";
    UnitUnits: "units", "수량";
    UnitPoints: "points", "포인트";
    PriorityLow: "Low", "낮음";
    PriorityNormal: "Normal", "보통";
    PriorityHigh: "High", "높음";
    PriorityCritical: "Critical", "긴급";

    // Chart layouts.
    Layouts: "Layouts", "레이아웃";
    LayoutsNone: "No layout yet: save the present symbol and interval under a name.",
        "아직 레이아웃이 없습니다. 현재 종목과 봉 간격을 이름으로 저장하세요.";
    LayoutSave: "Save this chart as", "현재 차트를 저장할 이름";
    LayoutApply: "Apply", "적용";
    LayoutDeleteAsk: "Delete this layout on all devices?", "모든 기기에서 이 레이아웃을 삭제할까요?";
    LayoutApplied: "Layout “{name}”", "레이아웃 “{name}”";

    // How safe the user's own data is on this device.
    VaultMemory: "This browser stores nothing for this page", "이 브라우저가 저장을 허용하지 않습니다";
    VaultMemoryHint: "What you write is not saved on this device ({reason}). It is safe once it is sent: keep this tab open until then, or allow storage for this site.",
        "작성한 내용이 이 기기에 저장되지 않습니다 ({reason}). 전송되면 안전하니 그때까지 탭을 닫지 말거나 이 사이트의 저장을 허용하세요.";
    VaultReopening: "The browser’s database was lost for a moment", "브라우저 데이터베이스 연결이 끊겼습니다";
    VaultReopeningHint: "What was saved is safe; it is being opened again. What you write meanwhile waits.",
        "저장된 내용은 안전하며 다시 여는 중입니다. 그동안 작성한 내용은 대기합니다.";
    VaultWiped: "The browser had deleted what was saved here", "브라우저가 저장된 내용을 삭제했습니다";
    VaultWipedHint: "All that this tab still knew was saved again. Look at the queue to see that nothing is missing.",
        "이 탭이 알고 있던 내용은 다시 저장했습니다. 빠진 것이 없는지 대기 목록을 확인하세요.";
    VaultNewer: "A newer version of this page is open in another tab", "다른 탭에 이 페이지의 새 버전이 열려 있습니다";
    VaultNewerHint: "What was saved is safe. Reload this tab to go on writing.",
        "저장된 내용은 안전합니다. 계속 작성하려면 이 탭을 새로고침하세요.";
    VaultFull: "There is no room left on this device", "이 기기에 저장 공간이 없습니다";
    VaultFullHint: "The last change was not saved; everything before it is safe. Free some space, or export what waits as a file.",
        "마지막 변경은 저장되지 않았으며 그 이전 내용은 안전합니다. 공간을 확보하거나 대기 중인 변경을 파일로 내보내세요.";
    Dismiss: "All right", "확인";

    // Shortcuts.
    KeySearch: "Search for an instrument", "종목 검색";
    KeySelect: "Previous or next instrument", "이전 / 다음 종목";
    KeyReorder: "Move the instrument up or down", "종목 순서 위 / 아래로";
    KeyRemove: "Remove the instrument", "종목 삭제";
    KeyInterval: "Choose the interval", "봉 간격 선택";
    KeyBars: "Along the bars of the chart", "차트의 봉 이동";
    KeyZoom: "Zoom the chart", "차트 확대 / 축소";
    KeyNewest: "Newest bar", "최신 봉";
    KeyReconnect: "Reconnect now", "지금 다시 연결";
    KeyTheme: "Change the theme", "테마 변경";
    KeyLanguage: "Change the language", "언어 변경";
    KeyHelp: "This help", "이 도움말";
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(template: &str) -> Vec<&str> {
        let mut names: Vec<&str> =
            template.split('{').skip(1).filter_map(|rest| Some(rest.split_once('}')?.0)).collect();
        names.sort_unstable();
        names
    }

    #[test]
    fn a_translation_says_everything_that_the_original_says() {
        for text in Text::ALL {
            let english = text.say(Language::English);
            let korean = text.say(Language::Korean);
            assert!(!english.is_empty() && !korean.is_empty(), "{text:?} is empty");
            assert_eq!(names(english), names(korean), "{text:?}");
        }
    }

    #[test]
    fn values_are_put_in_and_broken_templates_do_no_harm() {
        assert_eq!(fill("{a} of {b}", &[("b", "2"), ("a", "1")]), "1 of 2");
        assert_eq!(fill("{unknown}!", &[]), "!");
        assert_eq!(fill("open {brace", &[]), "open brace");
    }
}
