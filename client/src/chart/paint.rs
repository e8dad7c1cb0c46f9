//! Puts a finished scene on a canvas.

use web_sys::CanvasRenderingContext2d;

use super::palette::Palette;
use super::scene::{CandleShape, Crosshair, LastPrice, Line, Scene};

/// Height of a label on an axis.
const LABEL_PX: f64 = 18.0;

/// Paints. `density`: device pixels per CSS pixel.
pub(super) fn paint(
    canvas: &CanvasRenderingContext2d,
    scene: &Scene,
    palette: &Palette,
    density: f64,
) {
    // Refused only for numbers that are no numbers.
    let _ = canvas.set_transform(density, 0.0, 0.0, density, 0.0, 0.0);
    canvas.clear_rect(0.0, 0.0, scene.width, scene.height);
    canvas.set_font(&palette.font);
    canvas.set_text_baseline("middle");
    canvas.set_line_width(1.0);
    grid(canvas, scene, palette);
    canvas.save();
    canvas.begin_path();
    canvas.rect(0.0, 0.0, scene.plot_width, scene.plot_height);
    canvas.clip();
    candles(canvas, scene, palette, true);
    candles(canvas, scene, palette, false);
    canvas.restore();
    if let Some(last) = &scene.last {
        last_price(canvas, scene, last, palette);
    }
    if let Some(lines) = &scene.crosshair {
        crosshair(canvas, scene, lines, palette);
    }
}

fn grid(canvas: &CanvasRenderingContext2d, scene: &Scene, palette: &Palette) {
    canvas.set_stroke_style_str(&palette.grid);
    canvas.begin_path();
    for line in &scene.prices {
        canvas.move_to(0.0, sharp(line.at));
        canvas.line_to(scene.plot_width, sharp(line.at));
    }
    for line in &scene.times {
        canvas.move_to(sharp(line.at), 0.0);
        canvas.line_to(sharp(line.at), scene.plot_height);
    }
    canvas.move_to(0.0, sharp(scene.plot_height));
    canvas.line_to(scene.width, sharp(scene.plot_height));
    canvas.stroke();
    canvas.set_fill_style_str(&palette.text);
    canvas.set_text_align("left");
    let is_covered = |line: &Line| {
        scene.last.as_ref().is_some_and(|last| (last.line.at - line.at).abs() < LABEL_PX * 0.8)
    };
    for line in scene.prices.iter().filter(|line| !is_covered(line)) {
        write(canvas, &line.label, scene.plot_width + 8.0, line.at);
    }
    canvas.set_text_align("center");
    for line in &scene.times {
        if line.at > 20.0 && line.at < scene.plot_width - 20.0 {
            write(canvas, &line.label, line.at, scene.plot_height + 13.0);
        }
    }
}

/// All bars of one direction in few calls: a path per bar would cost ten times as much.
fn candles(canvas: &CanvasRenderingContext2d, scene: &Scene, palette: &Palette, rising: bool) {
    let of_direction = || scene.candles.iter().filter(move |shape| shape.is_rising == rising);
    let (solid, volume) = match rising {
        true => (&palette.rising, &palette.rising_volume),
        false => (&palette.falling, &palette.falling_volume),
    };
    canvas.set_fill_style_str(volume);
    canvas.begin_path();
    for shape in of_direction() {
        let left = left_of(shape);
        canvas.rect(left, shape.volume_top, shape.width, scene.plot_height - shape.volume_top);
    }
    canvas.fill();
    canvas.set_fill_style_str(solid);
    canvas.begin_path();
    for shape in of_direction() {
        let height = (shape.bottom - shape.top).max(1.0);
        canvas.rect(left_of(shape), shape.top, shape.width, height);
        let wick = (shape.low - shape.high).max(1.0);
        canvas.rect(shape.center.floor(), shape.high, 1.0, wick);
    }
    canvas.fill();
}

fn last_price(
    canvas: &CanvasRenderingContext2d,
    scene: &Scene,
    last: &LastPrice,
    palette: &Palette,
) {
    let color = if last.is_rising { &palette.rising } else { &palette.falling };
    let y = last.line.at.clamp(LABEL_PX / 2.0, (scene.plot_height - LABEL_PX / 2.0).max(0.0));
    canvas.set_stroke_style_str(color);
    dashes(canvas, &[2.0, 3.0]);
    canvas.begin_path();
    canvas.move_to(0.0, sharp(y));
    canvas.line_to(scene.plot_width, sharp(y));
    canvas.stroke();
    dashes(canvas, &[]);
    price_label(
        canvas,
        scene,
        &Line { at: y, label: last.line.label.clone() },
        color,
        &palette.on_price,
    );
}

fn crosshair(
    canvas: &CanvasRenderingContext2d,
    scene: &Scene,
    lines: &Crosshair,
    palette: &Palette,
) {
    canvas.set_stroke_style_str(&palette.crosshair);
    dashes(canvas, &[4.0, 4.0]);
    canvas.begin_path();
    canvas.move_to(sharp(lines.vertical.at), 0.0);
    canvas.line_to(sharp(lines.vertical.at), scene.plot_height);
    if lines.horizontal.at < scene.plot_height {
        canvas.move_to(0.0, sharp(lines.horizontal.at));
        canvas.line_to(scene.plot_width, sharp(lines.horizontal.at));
    }
    canvas.stroke();
    dashes(canvas, &[]);
    if lines.horizontal.at < scene.plot_height {
        price_label(canvas, scene, &lines.horizontal, &palette.label, &palette.on_label);
    }
    time_label(canvas, scene, &lines.vertical, palette);
}

fn price_label(
    canvas: &CanvasRenderingContext2d,
    scene: &Scene,
    line: &Line,
    color: &str,
    text_color: &str,
) {
    canvas.set_fill_style_str(color);
    let width = scene.width - scene.plot_width;
    canvas.fill_rect(scene.plot_width, line.at - LABEL_PX / 2.0, width, LABEL_PX);
    canvas.set_fill_style_str(text_color);
    canvas.set_text_align("left");
    write(canvas, &line.label, scene.plot_width + 8.0, line.at);
}

fn time_label(canvas: &CanvasRenderingContext2d, scene: &Scene, line: &Line, palette: &Palette) {
    let text_width = canvas.measure_text(&line.label).map_or(80.0, |metrics| metrics.width());
    let width = text_width + 16.0;
    let left = (line.at - width / 2.0).clamp(0.0, (scene.plot_width - width).max(0.0));
    canvas.set_fill_style_str(&palette.label);
    canvas.fill_rect(left, scene.plot_height + 3.0, width, LABEL_PX);
    canvas.set_fill_style_str(&palette.on_label);
    canvas.set_text_align("center");
    write(canvas, &line.label, left + width / 2.0, scene.plot_height + 13.0);
}

fn left_of(shape: &CandleShape) -> f64 {
    (shape.center - shape.width / 2.0).round()
}

/// A line of one pixel is sharp when its middle is the middle of a pixel.
fn sharp(at: f64) -> f64 {
    at.round() + 0.5
}

fn write(canvas: &CanvasRenderingContext2d, text: &str, x: f64, y: f64) {
    // Refused only by a lost canvas, which shows nothing anyhow.
    let _ = canvas.fill_text(text, x, y);
}

fn dashes(canvas: &CanvasRenderingContext2d, lengths: &[f64]) {
    let lengths: js_sys::Array =
        lengths.iter().copied().map(wasm_bindgen::JsValue::from_f64).collect();
    // Refused only for what is no list.
    let _ = canvas.set_line_dash(&lengths);
}
