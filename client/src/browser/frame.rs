//! At most one call per animation frame, however often it is asked for; by a timer while nobody
//! looks, because hidden pages have no frames.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;

use super::timer::Timeout;
use super::{is_hidden, window};

/// While hidden: often enough that the title and the record are right, seldom enough to cost nothing.
const HIDDEN_WAIT: Duration = Duration::from_millis(250);

/// Calls one action once per frame in which it was asked for.
#[derive(Clone)]
pub(crate) struct FrameLoop(Rc<Inner>);

struct Inner {
    action: RefCell<Box<dyn FnMut()>>,
    asked: Cell<bool>,
    on_frame: RefCell<Option<Closure<dyn FnMut()>>>,
    hidden_timer: RefCell<Option<Timeout>>,
}

impl FrameLoop {
    /// A loop that rests until it is asked.
    pub(crate) fn new(action: impl FnMut() + 'static) -> Self {
        let inner = Rc::new(Inner {
            action: RefCell::new(Box::new(action)),
            asked: Cell::new(false),
            on_frame: RefCell::new(None),
            hidden_timer: RefCell::new(None),
        });
        let weak = Rc::downgrade(&inner);
        let on_frame = Closure::<dyn FnMut()>::new(move || {
            if let Some(inner) = weak.upgrade() {
                inner.run();
            }
        });
        *inner.on_frame.borrow_mut() = Some(on_frame);
        FrameLoop(inner)
    }

    /// Asks for a call in the next frame.
    pub(crate) fn ask(&self) {
        if self.0.asked.replace(true) {
            return;
        }
        if is_hidden() {
            self.ask_timer();
        } else if let Some(on_frame) = &*self.0.on_frame.borrow() {
            // Refused only for a callback that is no function.
            let _ = window().request_animation_frame(on_frame.as_ref().unchecked_ref());
        }
    }

    /// To be called when the page becomes hidden: a frame that was asked for will not come.
    pub(crate) fn page_hidden(&self) {
        if self.0.asked.get() {
            self.ask_timer();
        }
    }

    fn ask_timer(&self) {
        let weak = Rc::downgrade(&self.0);
        let timer = Timeout::after(HIDDEN_WAIT, move || {
            if let Some(inner) = weak.upgrade() {
                inner.run();
            }
        });
        *self.0.hidden_timer.borrow_mut() = Some(timer);
    }
}

impl Inner {
    fn run(&self) {
        // A frame that comes after the timer has done its work finds nothing to do.
        if self.asked.replace(false) {
            (self.action.borrow_mut())();
        }
    }
}
