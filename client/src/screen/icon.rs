//! The page's icons: our own lines on a grid of 16 by 16.

use leptos::prelude::*;

/// What an icon shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Shape {
    Tide,
    Search,
    Cross,
    Sun,
    Moon,
    Half,
    Help,
    List,
    Candles,
    Pulse,
    Linked,
    BrokenLink,
    Waiting,
    Plug,
    Pause,
    Clock,
    Warning,
    Lock,
    Refresh,
    User,
    Outbox,
    Check,
    Split,
    Pen,
    Bell,
    Frame,
    Up,
    Down,
    Download,
}

impl Shape {
    const fn path(self) -> &'static str {
        match self {
            Shape::Tide => "M1 6.5c2.3-3 4.7-3 7 0s4.7 3 7 0M1 11.5c2.3-3 4.7-3 7 0s4.7 3 7 0",
            Shape::Search => "M7 2.5a4.5 4.5 0 1 0 0 9a4.5 4.5 0 1 0 0-9M10.3 10.3L14 14",
            Shape::Cross => "M4 4l8 8M12 4l-8 8",
            Shape::Sun => {
                "M8 5.2a2.8 2.8 0 1 0 0 5.6a2.8 2.8 0 1 0 0-5.6M8 1v1.5M8 13.5V15M1 8h1.5M13.5 8H15M3.05 3.05l1.06 1.06M11.89 11.89l1.06 1.06M3.05 12.95l1.06-1.06M11.89 4.11l1.06-1.06"
            }
            Shape::Moon => "M13.5 9.5A6 6 0 0 1 6.5 2.5a6 6 0 1 0 7 7",
            Shape::Half => "M8 2a6 6 0 1 0 0 12a6 6 0 1 0 0-12M8 2v12M8 5l4 0M8 8h5.5M8 11h4",
            Shape::Help => "M5.5 6a2.5 2.5 0 1 1 3.7 2.2c-.8.45-1.2.9-1.2 1.8M8 12.5v.5",
            Shape::List => "M2 4h12M2 8h12M2 12h12",
            Shape::Candles => "M4.5 2v3M4.5 10v3M3 5h3v5H3zM11.5 3v2.5M11.5 11v3M10 5.5h3V11h-3z",
            Shape::Pulse => "M1 8h3l2-5 4 10 2-5h3",
            Shape::Linked => {
                "M6.5 9.5l3-3M7 4.5l1.5-1.5a3.2 3.2 0 0 1 4.5 4.5L11.5 9M9 11.5L7.5 13A3.2 3.2 0 0 1 3 8.5L4.5 7"
            }
            Shape::BrokenLink => {
                "M9 3l-.5.5M13 7.5L11.5 9M7.5 13L9 11.5M3 8.5L4.5 7M8.5 3.5a3.2 3.2 0 0 1 4.5 4M7.5 13A3.2 3.2 0 0 1 3 8.5M5 2.5v2M2.5 5h2M11 13.5v-2M13.5 11h-2"
            }
            Shape::Waiting => "M8 2v3M8 11v3M2 8h3M11 8h3M3.8 3.8l2.1 2.1M10.1 10.1l2.1 2.1",
            Shape::Plug => "M5.5 2v3M10.5 2v3M4 5h8v2.5a4 4 0 0 1-8 0zM8 11.5V14",
            Shape::Pause => "M5.5 3v10M10.5 3v10",
            Shape::Clock => "M8 2a6 6 0 1 0 0 12a6 6 0 1 0 0-12M8 5v3.3l2.2 1.4",
            Shape::Warning => "M8 2.5l6.2 11H1.8zM8 6.5v3.2M8 11.5v.3",
            Shape::Lock => "M4 7.5h8v6H4zM5.5 7.5V5.3a2.5 2.5 0 0 1 5 0v2.2",
            Shape::Refresh => "M13.5 8a5.5 5.5 0 1 1-1.7-4M13.5 2v3h-3",
            Shape::User => {
                "M8 2.5a2.8 2.8 0 1 0 0 5.6a2.8 2.8 0 1 0 0-5.6M2.8 13.8c.6-2.7 2.6-4 5.2-4s4.6 1.3 5.2 4"
            }
            Shape::Outbox => "M2.5 9.5v3.5h11V9.5M8 10.5V3M5 5.8L8 3l3 2.8",
            Shape::Check => "M3 8.5l3.2 3.2L13 4.8",
            Shape::Split => {
                "M8 14V9.5L3.5 5V2M8 9.5L12.5 5V2M2 3.5L3.5 2L5 3.5M11 3.5L12.5 2L14 3.5"
            }
            Shape::Pen => "M3 13l.7-2.8L11 2.9l2.1 2.1l-7.3 7.3zM9.6 4.3l2.1 2.1",
            Shape::Bell => {
                "M3.5 11.5h9c-1-1-1.3-2-1.3-4a3.2 3.2 0 0 0-6.4 0c0 2-.3 3-1.3 4M6.8 13.5h2.4"
            }
            Shape::Frame => "M2.5 3h11v10h-11zM2.5 6.2h11M6.5 6.2V13",
            Shape::Up => "M3.5 10.5L8 5.5l4.5 5z",
            Shape::Download => "M8 2v8M4.5 7L8 10.5L11.5 7M2.5 13.5h11",
            Shape::Down => "M3.5 5.5L8 10.5l4.5-5z",
        }
    }

    const fn is_filled(self) -> bool {
        matches!(self, Shape::Up | Shape::Down)
    }
}

/// An icon; says nothing to a screen reader, because words stand beside it.
pub(crate) fn icon(shape: Shape) -> impl IntoView {
    let class = if shape.is_filled() { "icon filled" } else { "icon" };
    view! {
        <svg class=class viewBox="0 0 16 16" aria-hidden="true">
            <path d=shape.path() />
        </svg>
    }
}
