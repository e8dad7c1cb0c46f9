//! The platform's locks between tabs. Its binding is not stable yet, so it is called by name.

use std::cell::RefCell;
use std::rc::Rc;

use futures_channel::oneshot;
use js_sys::{Function, Object, Promise, Reflect};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};

use crate::browser::window;

/// How a lock is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum How {
    /// At once or not at all.
    AtOnce,
    /// When those before us have let go of it.
    InTurn,
    /// By taking it from whoever has it.
    ByForce,
}

/// A lock that was asked for. It is held until the tab is gone, lets go of it, or it is taken by
/// force.
pub(super) struct Asked {
    /// Whether we have it; in turn, that takes its time.
    pub(super) granted: oneshot::Receiver<bool>,
    /// Comes when it was taken from us.
    pub(super) lost: oneshot::Receiver<()>,
    /// Lets go of it.
    pub(super) hold: Hold,
}

/// A lock that is held. Dropping it changes nothing.
#[derive(Clone, Default)]
pub(super) struct Hold(Rc<RefCell<Option<Function>>>);

impl Hold {
    /// Lets go of the lock.
    pub(super) fn release(&self) {
        if let Some(resolve) = self.0.borrow_mut().take() {
            // Refused by nothing: it resolves our own promise.
            let _ = resolve.call0(&JsValue::UNDEFINED);
        }
    }
}

/// Asks for a lock; nothing where the platform has none.
pub(super) fn ask(name: &str, how: How) -> Option<Asked> {
    let locks = Reflect::get(&window().navigator(), &"locks".into()).ok()?;
    let request: Function = Reflect::get(&locks, &"request".into()).ok()?.dyn_into().ok()?;
    let options = Object::new();
    let option = match how {
        How::AtOnce => Some("ifAvailable"),
        How::InTurn => None,
        How::ByForce => Some("steal"),
    };
    if let Some(option) = option {
        Reflect::set(&options, &option.into(), &JsValue::TRUE).ok()?;
    }
    let (grant, granted) = oneshot::channel();
    let (lose, lost) = oneshot::channel();
    let hold = Hold::default();
    let resolve_of = hold.0.clone();
    let on_grant = Closure::once_into_js(move |lock: JsValue| -> JsValue {
        // Who asked may have gone.
        let _ = grant.send(!lock.is_null());
        if lock.is_null() {
            return JsValue::UNDEFINED;
        }
        let keep = |resolve: Function, _| *resolve_of.borrow_mut() = Some(resolve);
        Promise::new(&mut { keep }).into()
    });
    let held = request.call3(&locks, &name.into(), &options, &on_grant).ok()?;
    let held: Promise = held.dyn_into().ok()?;
    spawn_local(async move {
        if JsFuture::from(held).await.is_err() {
            let _ = lose.send(());
        }
    });
    Some(Asked { granted, lost, hold })
}
