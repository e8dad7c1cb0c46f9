//! The certificate that is shown, and how a new one takes its place while connections go on.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use tidemark_shared::clock::UnixMillis;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};

use super::certificate::Contents;
use super::{CertificateError, TlsDoor};
use crate::clock::unix_now;
use crate::config;

/// The files are looked at this often. They are small, and whoever renews a certificate does so days
/// before the old one ends.
const LOOK_EVERY: Duration = Duration::from_secs(30);

/// Looks whether there is another certificate.
#[derive(Debug)]
pub struct Renewal {
    files: config::Tls,
    shown: Arc<Shown>,
    /// What the shown one was read from.
    fingerprint: [u8; 32],
    ends_soon: bool,
}

/// What a look found.
#[derive(Debug)]
pub enum Look {
    /// The files are as they were.
    Unchanged,
    /// New connections are shown another certificate from now on.
    Renewed,
    /// What is there now cannot be used. The old certificate is still shown.
    Kept(CertificateError),
}

/// The certificate for the next handshake.
#[derive(Debug)]
struct Shown(RwLock<Arc<CertifiedKey>>);

impl ResolvesServerCert for Shown {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner)))
    }
}

impl Renewal {
    /// Reads the certificate for the first time, and opens the door with it.
    ///
    /// # Errors
    /// When it cannot be used.
    pub fn begin(
        files: config::Tls,
        now: UnixMillis,
    ) -> Result<(TlsDoor, Renewal), CertificateError> {
        let contents = Contents::read(&files)?;
        let checked = contents.check(now)?;
        let fingerprint = contents.fingerprint();
        let shown = Arc::new(Shown(RwLock::new(Arc::new(checked.pair))));
        let certificates: Arc<dyn ResolvesServerCert> = shown.clone();
        let door = TlsDoor::new(certificates).map_err(|error| CertificateError::Unusable {
            path: files.certificate.clone(),
            reason: error.to_string(),
        })?;
        Ok((door, Renewal { files, shown, fingerprint, ends_soon: checked.ends_soon }))
    }

    /// Looks at the files, and shows what is in them from now on if it is another certificate that
    /// can be used.
    pub fn look(&mut self, now: UnixMillis) -> Look {
        match self.try_look(now) {
            Ok(look) => look,
            Err(error) => Look::Kept(error),
        }
    }

    fn try_look(&mut self, now: UnixMillis) -> Result<Look, CertificateError> {
        let contents = Contents::read(&self.files)?;
        let fingerprint = contents.fingerprint();
        // The one that is shown, too, may end while nobody renews it.
        let checked = contents.check(now)?;
        self.ends_soon = checked.ends_soon;
        if fingerprint == self.fingerprint {
            return Ok(Look::Unchanged);
        }
        *self.shown.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(checked.pair);
        self.fingerprint = fingerprint;
        Ok(Look::Renewed)
    }

    /// Looks again and again, and at SIGHUP, until `stop` changes.
    pub async fn run(mut self, mut stop: watch::Receiver<()>) {
        let mut hangup = signal(SignalKind::hangup())
            .inspect_err(|error| tracing::warn!(%error, "SIGHUP will not be heard"))
            .ok();
        let mut next = interval(LOOK_EVERY);
        next.set_missed_tick_behavior(MissedTickBehavior::Delay);
        // What was said last: once is enough, until there is something else to say.
        let mut said = None;
        loop {
            let asked = tokio::select! {
                _ = next.tick() => false,
                () = heard(hangup.as_mut()) => true,
                _ = stop.changed() => return,
            };
            let looked = tokio::task::spawn_blocking(move || {
                let look = self.look(unix_now());
                (self, look)
            });
            let Ok((renewal, look)) = looked.await else { return };
            self = renewal;
            let says = said_of(&look, &self);
            if asked || says != said {
                tell(&look, says.as_deref());
            }
            said = says;
        }
    }
}

/// Waits for SIGHUP; for ever where it cannot be heard.
async fn heard(hangup: Option<&mut tokio::signal::unix::Signal>) {
    match hangup {
        Some(hangup) => {
            hangup.recv().await;
        }
        None => std::future::pending().await,
    }
}

/// What is wrong, in words.
fn said_of(look: &Look, renewal: &Renewal) -> Option<String> {
    match look {
        Look::Kept(error) => Some(error.to_string()),
        Look::Unchanged | Look::Renewed if renewal.ends_soon => {
            let path = renewal.files.certificate.display();
            Some(format!("the certificate in {path} ends within two weeks"))
        }
        Look::Unchanged | Look::Renewed => None,
    }
}

fn tell(look: &Look, wrong: Option<&str>) {
    match (look, wrong) {
        (Look::Kept(_), Some(reason)) => {
            tracing::warn!(
                reason,
                "the TLS certificate was not renewed; the old one is still shown"
            );
        }
        (Look::Renewed, _) => tracing::info!("new connections are shown the new TLS certificate"),
        (_, Some(reason)) => tracing::warn!(reason, "the TLS certificate should be renewed"),
        (_, None) => tracing::info!("the TLS certificate's files are as they were, and good"),
    }
}
