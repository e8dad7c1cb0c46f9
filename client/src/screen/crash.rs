//! The last words of a page that has panicked. Nothing of it runs any more, so they are plain
//! markup, and the way out is a link.

use crate::browser::document;
use crate::i18n::{Language, Text};

/// From now on, a panic says on the page that the page has stopped.
pub(crate) fn tell_of_panics() {
    std::panic::set_hook(Box::new(|panic| {
        web_sys::console::error_1(&panic.to_string().into());
        // What fails here fails while failing: there is nobody left to tell.
        let _ = show();
    }));
}

fn show() -> Option<()> {
    let page = document();
    let tag = page.document_element()?.get_attribute("lang").unwrap_or_default();
    let language = Language::of_tag(&tag).unwrap_or_default();
    let banner = page.create_element("div").ok()?;
    banner.set_class_name("banner crash");
    banner.set_attribute("role", "alert").ok()?;
    let words = page.create_element("p").ok()?;
    words.set_text_content(Some(Text::Crashed.say(language)));
    let link = page.create_element("a").ok()?;
    link.set_attribute("href", "").ok()?;
    link.set_class_name("action");
    link.set_text_content(Some(Text::Reload.say(language)));
    banner.append_child(&words).ok()?;
    banner.append_child(&link).ok()?;
    page.body()?.append_child(&banner).ok()?;
    Some(())
}
