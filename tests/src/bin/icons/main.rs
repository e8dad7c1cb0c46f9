//! Draws the PNG icons of the web manifest from `static/icon.svg`, in a real Chromium, so that the
//! drawing is kept in one place: `cargo run --package tidemark-tests --bin icons` after changing it.

#![allow(clippy::print_stdout, reason = "it says what it has drawn")]

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use tidemark_tests::browser::{Browser, Page};

/// What the drawing's ground looks like.
#[derive(Clone, Copy)]
enum Ground {
    /// With round corners, as it was drawn.
    Round,
    /// To the edge: the system cuts its own shape out of it. The drawing itself lies within the
    /// middle 80 %, which no system cuts.
    Full,
}

/// Those that the manifest and `index.html` name.
const ICONS: [(&str, u32, Ground); 5] = [
    ("icon-192.png", 192, Ground::Round),
    ("icon-512.png", 512, Ground::Round),
    ("icon-maskable-192.png", 192, Ground::Full),
    ("icon-maskable-512.png", 512, Ground::Full),
    ("icon-touch-180.png", 180, Ground::Full),
];

/// The corners, as `icon.svg` writes them.
const ROUND_CORNERS: &str = " rx=\"14\"";

#[tokio::main]
async fn main() -> Result<()> {
    let folder = statics();
    let svg = std::fs::read_to_string(folder.join("icon.svg")).context("no icon.svg")?;
    if !svg.contains(ROUND_CORNERS) {
        bail!("icon.svg has no{ROUND_CORNERS}, so its corners cannot be filled");
    }
    let browser = Browser::start().await?;
    let page = browser.open_tab().await?;
    for (name, pixels, ground) in ICONS {
        let svg = match ground {
            Ground::Round => svg.clone(),
            Ground::Full => svg.replace(ROUND_CORNERS, ""),
        };
        let png = draw(&page, &svg, pixels).await.with_context(|| format!("drawing {name}"))?;
        std::fs::write(folder.join(name), &png).with_context(|| format!("writing {name}"))?;
        println!("{name:<24} {:>6} bytes", png.len());
    }
    Ok(())
}

fn statics() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../static")
}

async fn draw(page: &Page, svg: &str, pixels: u32) -> Result<Vec<u8>> {
    let script = format!(
        "(async () => {{
            const picture = new Image({pixels}, {pixels});
            picture.src = 'data:image/svg+xml,' + encodeURIComponent({});
            await picture.decode();
            const canvas = new OffscreenCanvas({pixels}, {pixels});
            canvas.getContext('2d').drawImage(picture, 0, 0, {pixels}, {pixels});
            const png = await canvas.convertToBlob({{type: 'image/png'}});
            return [...new Uint8Array(await png.arrayBuffer())];
        }})()",
        json!(svg)
    );
    let bytes = page.evaluate(&script).await?;
    let bytes = bytes.as_array().context("no picture")?.iter();
    let byte = |value: &Value| value.as_u64().and_then(|byte| u8::try_from(byte).ok());
    bytes.map(byte).collect::<Option<_>>().context("a picture is made of bytes")
}
