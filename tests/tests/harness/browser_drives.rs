//! What a scenario does to a page reaches the page.

use tidemark_tests::browser::{Browser, Key};

const PAGE: &str = "data:text/html,<input autofocus><script>
    window.seen = [];
    for (const name of ['online', 'offline']) addEventListener(name, () => seen.push(name));
    for (const name of ['freeze', 'resume']) document.addEventListener(name, () => seen.push(name));
</script>";

#[tokio::test(flavor = "multi_thread")]
async fn the_page_sees_its_network_go_and_come_back() {
    let browser = Browser::start().await.unwrap();
    let page = browser.open_tab().await.unwrap();
    page.navigate(PAGE).await.unwrap();
    page.go_offline().await.unwrap();
    page.until("offline", "!navigator.onLine && seen.includes('offline')").await.unwrap();
    page.go_online().await.unwrap();
    page.until("online", "navigator.onLine && seen.includes('online')").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_is_frozen_and_thawed() {
    let browser = Browser::start().await.unwrap();
    let page = browser.open_tab().await.unwrap();
    page.navigate(PAGE).await.unwrap();
    page.freeze().await.unwrap();
    page.thaw().await.unwrap();
    page.until("freeze and resume", "seen.join() === 'freeze,resume'").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_gets_keys_sizes_and_wishes() {
    let browser = Browser::start().await.unwrap();
    let page = browser.open_tab().await.unwrap();
    page.navigate(PAGE).await.unwrap();
    page.until("the focus", "document.activeElement.tagName === 'INPUT'").await.unwrap();
    page.write("abc").await.unwrap();
    page.press(Key::ArrowLeft).await.unwrap();
    page.press(Key::Character('x')).await.unwrap();
    page.until("the text", "document.activeElement.value === 'abxc'").await.unwrap();
    page.resize(320, 600).await.unwrap();
    page.until("the width", "innerWidth === 320").await.unwrap();
    page.prefer(&[("prefers-color-scheme", "dark")]).await.unwrap();
    page.until("dark", "matchMedia('(prefers-color-scheme: dark)').matches").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_screenshot_is_a_picture() {
    let browser = Browser::start().await.unwrap();
    let page = browser.open_tab().await.unwrap();
    page.navigate(PAGE).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("shots/page.png");
    page.screenshot(&file).await.unwrap();
    let picture = std::fs::read(file).unwrap();
    assert!(picture.starts_with(b"\x89PNG\r\n\x1a\n"));
    assert!(picture.ends_with(b"IEND\xaeB`\x82"), "the picture is cut off");
}
