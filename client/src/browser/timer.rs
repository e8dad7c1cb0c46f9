//! One call later, unless dropped before.

use std::time::Duration;

use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;

use super::window;

/// A call that is due later. Dropping it cancels the call.
pub(crate) struct Timeout {
    id: i32,
    _callback: Closure<dyn FnMut()>,
}

impl Timeout {
    /// Calls `action` once, after `wait`.
    pub(crate) fn after(wait: Duration, action: impl FnOnce() + 'static) -> Self {
        let callback = Closure::once(action);
        // The platform counts in 31 bits: what is due later than in 24 days is due then.
        let wait_ms = i32::try_from(wait.as_millis()).unwrap_or(i32::MAX);
        let id = window()
            .set_timeout_with_callback_and_timeout_and_arguments_0(
                callback.as_ref().unchecked_ref(),
                wait_ms,
            )
            .expect("a function is a valid timer callback");
        Timeout { id, _callback: callback }
    }
}

impl Drop for Timeout {
    fn drop(&mut self) {
        window().clear_timeout_with_handle(self.id);
    }
}

/// Ends after `wait`.
pub(crate) async fn sleep(wait: Duration) {
    let (sender, receiver) = futures_channel::oneshot::channel();
    let _timer = Timeout::after(wait, move || {
        // Who waits may have gone.
        let _ = sender.send(());
    });
    // An error would mean that the timer was dropped, and it is held until here.
    let _ = receiver.await;
}

/// A call that comes again and again. Dropping it ends that.
pub(crate) struct Interval {
    id: i32,
    _callback: Closure<dyn FnMut()>,
}

impl Interval {
    /// Calls `action` after every `period`.
    pub(crate) fn every(period: Duration, action: impl FnMut() + 'static) -> Self {
        let callback = Closure::<dyn FnMut()>::new(action);
        let period_ms = i32::try_from(period.as_millis()).unwrap_or(i32::MAX);
        let id = window()
            .set_interval_with_callback_and_timeout_and_arguments_0(
                callback.as_ref().unchecked_ref(),
                period_ms,
            )
            .expect("a function is a valid timer callback");
        Interval { id, _callback: callback }
    }
}

impl Drop for Interval {
    fn drop(&mut self) {
        window().clear_interval_with_handle(self.id);
    }
}
