//! A certificate and its key, as they lie in two files: read, and checked as far as that is possible
//! without knowing who will look at them.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, UnixTime};
use rustls::sign::CertifiedKey;
use sha2::{Digest, Sha256};
use thiserror::Error;
use tidemark_shared::clock::UnixMillis;

use crate::config;

/// Most bytes of a file. A chain has some ten KiB; this keeps out what is no chain at all.
const FILE_BYTES_MAX: u64 = 1024 * 1024;

/// A certificate that ends within this time is worth a warning: what renews it should have done so.
/// Authorities whose certificates last ninety days renew after sixty.
pub(super) const ENDS_SOON: Duration = Duration::from_secs(14 * 24 * 60 * 60);

/// Why a certificate cannot be used.
#[derive(Debug, Error)]
pub enum CertificateError {
    /// A file cannot be read.
    #[error("cannot read {}: {reason}", path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// A file is no PEM.
    #[error("{} is no whole PEM file: {reason}", path.display())]
    NotPem {
        /// Which.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// There is no certificate in the file.
    #[error("there is no certificate in {}", path.display())]
    NoCertificate {
        /// Which file.
        path: PathBuf,
    },
    /// The certificate or its key is of no kind that is known, or damaged.
    #[error("{} cannot be used: {reason}", path.display())]
    Unusable {
        /// Which file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// Certificate and key are not each other's.
    #[error("the key in {} is not that of the certificate in {}", key.display(), certificate.display())]
    Mismatch {
        /// The certificate's file.
        certificate: PathBuf,
        /// The key's.
        key: PathBuf,
    },
    /// It is over.
    #[error("the certificate in {} ended {days} days ago: renew it", path.display())]
    Expired {
        /// Which file.
        path: PathBuf,
        /// How long ago.
        days: u64,
    },
    /// It has not begun.
    #[error("the certificate in {} is not valid yet: is this machine's clock right?", path.display())]
    NotYetValid {
        /// Which file.
        path: PathBuf,
    },
}

/// What both files hold.
pub(super) struct Contents<'a> {
    files: &'a config::Tls,
    certificate: Vec<u8>,
    key: Vec<u8>,
}

/// A pair that was checked.
pub(super) struct Checked {
    pub(super) pair: CertifiedKey,
    /// It ends within [`ENDS_SOON`].
    pub(super) ends_soon: bool,
}

impl<'a> Contents<'a> {
    pub(super) fn read(files: &'a config::Tls) -> Result<Self, CertificateError> {
        let certificate = read(&files.certificate)?;
        Ok(Contents { files, certificate, key: read(&files.key)? })
    }

    /// Tells these contents from others, without being them.
    pub(super) fn fingerprint(&self) -> [u8; 32] {
        let certificate = Sha256::digest(&self.certificate);
        Sha256::new().chain_update(certificate).chain_update(&self.key).finalize().into()
    }

    /// Whether it is a certificate with its key, and whether it holds now.
    pub(super) fn check(&self, now: UnixMillis) -> Result<Checked, CertificateError> {
        let path = &self.files.certificate;
        let chain = CertificateDer::pem_slice_iter(&self.certificate)
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| not_pem(path, &error))?;
        let Some(first) = chain.first() else {
            return Err(CertificateError::NoCertificate { path: path.clone() });
        };
        let ends_soon = validity(first, path, now)?;
        let key = PrivateKeyDer::from_pem_slice(&self.key)
            .map_err(|error| not_pem(&self.files.key, &error))?;
        let provider = rustls::crypto::ring::default_provider();
        let pair = CertifiedKey::from_der(chain, key, &provider).map_err(|error| match error {
            rustls::Error::InconsistentKeys(_) => CertificateError::Mismatch {
                certificate: path.clone(),
                key: self.files.key.clone(),
            },
            other => unusable(&self.files.key, &other),
        })?;
        Ok(Checked { pair, ends_soon })
    }
}

fn read(path: &Path) -> Result<Vec<u8>, CertificateError> {
    let unreadable =
        |reason: String| CertificateError::Unreadable { path: path.to_owned(), reason };
    let file = File::open(path).map_err(|error| unreadable(error.to_string()))?;
    let mut content = Vec::new();
    let read = file.take(FILE_BYTES_MAX + 1).read_to_end(&mut content);
    read.map_err(|error| unreadable(error.to_string()))?;
    if content.len() as u64 > FILE_BYTES_MAX {
        return Err(unreadable(format!("it has more than {FILE_BYTES_MAX} bytes")));
    }
    Ok(content)
}

/// Refuses a certificate that does not hold now; says whether it ends soon.
fn validity(
    certificate: &CertificateDer<'_>,
    path: &Path,
    now: UnixMillis,
) -> Result<bool, CertificateError> {
    let parsed =
        webpki::EndEntityCert::try_from(certificate).map_err(|error| unusable(path, &error))?;
    let now = Duration::from_millis(u64::try_from(now.0).unwrap_or(0));
    // Dates are looked at first. That nobody here vouches for the certificate is no news: whom
    // browsers believe is their business.
    let at = |time: Duration| {
        let (time, usage) = (UnixTime::since_unix_epoch(time), webpki::KeyUsage::server_auth());
        parsed.verify_for_usage(&[], &[], &[], time, usage, None, None).err()
    };
    match at(now) {
        Some(webpki::Error::CertExpired { not_after, .. }) => {
            let days = now.as_secs().saturating_sub(not_after.as_secs()) / (24 * 60 * 60);
            Err(CertificateError::Expired { path: path.to_owned(), days })
        }
        Some(webpki::Error::CertNotValidYet { .. }) => {
            Err(CertificateError::NotYetValid { path: path.to_owned() })
        }
        Some(error @ (webpki::Error::BadDer | webpki::Error::InvalidCertValidity)) => {
            Err(unusable(path, &error))
        }
        _ => Ok(matches!(at(now + ENDS_SOON), Some(webpki::Error::CertExpired { .. }))),
    }
}

fn not_pem(path: &Path, error: &rustls::pki_types::pem::Error) -> CertificateError {
    CertificateError::NotPem { path: path.to_owned(), reason: error.to_string() }
}

fn unusable(path: &Path, error: &dyn std::fmt::Display) -> CertificateError {
    CertificateError::Unusable { path: path.to_owned(), reason: error.to_string() }
}
