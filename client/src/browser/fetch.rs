//! HTTP requests that can be aborted.

use std::time::Duration;

use thiserror::Error;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, AbortSignal, Headers, RequestInit, Response};

use super::timer::Timeout;
use super::{window, words_of};

/// No answer: no network, no server, forbidden by CORS, or aborted. Browsers do not say which.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("no answer: {reason}")]
pub(crate) struct NoAnswer {
    /// What the platform said.
    pub(crate) reason: String,
}

/// Sends `body` by POST.
pub(crate) async fn post(
    url: &str,
    body: &[u8],
    headers: &[(&str, &str)],
    abort: &AbortSignal,
) -> Result<Response, NoAnswer> {
    let request = RequestInit::new();
    request.set_method("POST");
    request.set_signal(Some(abort));
    if !body.is_empty() {
        request.set_body(&js_sys::Uint8Array::from(body));
    }
    let all = Headers::new().map_err(no_answer)?;
    for (name, value) in headers {
        all.set(name, value).map_err(no_answer)?;
    }
    request.set_headers(&all);
    answer(window().fetch_with_str_and_init(url, &request)).await
}

/// Gets `url`.
pub(crate) async fn get(url: &str) -> Result<Response, NoAnswer> {
    answer(window().fetch_with_str(url)).await
}

/// Asks `url` for JSON, by POST when there is something to say, with the cookies of its host.
/// Given up after `within`.
pub(crate) async fn ask(
    url: &str,
    body: Option<&str>,
    headers: &[(&str, &str)],
    within: Duration,
) -> Result<Response, NoAnswer> {
    let request = RequestInit::new();
    set(&request, "cache", "no-store");
    let all = Headers::new().map_err(no_answer)?;
    if let Some(body) = body {
        request.set_method("POST");
        request.set_body(&body.into());
        all.set("Content-Type", "application/json").map_err(no_answer)?;
    }
    for (name, value) in headers {
        all.set(name, value).map_err(no_answer)?;
    }
    request.set_headers(&all);
    within_time(url, request, within).await
}

/// Gets `url`, with the cookies of its host also where that is another one.
pub(crate) async fn get_with_credentials(
    url: &str,
    within: Duration,
) -> Result<Response, NoAnswer> {
    let request = RequestInit::new();
    set(&request, "cache", "no-store");
    set(&request, "credentials", "include");
    within_time(url, request, within).await
}

/// The platform's names for these are not worth their bindings.
fn set(request: &RequestInit, name: &str, value: &str) {
    // Refused only by frozen objects, and this one is new.
    let _ = js_sys::Reflect::set(request, &name.into(), &value.into());
}

async fn within_time(
    url: &str,
    request: RequestInit,
    within: Duration,
) -> Result<Response, NoAnswer> {
    let abort = AbortController::new().map_err(no_answer)?;
    request.set_signal(Some(&abort.signal()));
    let _timer = Timeout::after(within, move || abort.abort());
    answer(window().fetch_with_str_and_init(url, &request)).await
}

/// The whole body as text.
pub(crate) async fn text(response: &Response) -> Result<String, NoAnswer> {
    let text = JsFuture::from(response.text().map_err(no_answer)?).await.map_err(no_answer)?;
    Ok(text.as_string().unwrap_or_default())
}

/// The whole body as bytes.
pub(crate) async fn bytes(response: &Response) -> Result<Vec<u8>, NoAnswer> {
    let buffer =
        JsFuture::from(response.array_buffer().map_err(no_answer)?).await.map_err(no_answer)?;
    Ok(js_sys::Uint8Array::new(&buffer).to_vec())
}

/// A refusal of the platform as an error.
pub(crate) fn no_answer(error: JsValue) -> NoAnswer {
    NoAnswer { reason: words_of(&error) }
}

async fn answer(promise: js_sys::Promise) -> Result<Response, NoAnswer> {
    let response = JsFuture::from(promise).await.map_err(no_answer)?;
    response.dyn_into().map_err(no_answer)
}
