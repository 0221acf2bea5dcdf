//! What came back.

use hyper::StatusCode;
use hyper::body::Bytes;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::complaint::complaint;
use super::daemon::Daemon;
use super::error::{Error, Right};

/// A reply as it came, whatever it says.
#[derive(Debug, Clone)]
pub(super) struct Reply {
    pub(super) status: StatusCode,
    pub(super) daemon: Option<Daemon>,
    pub(super) etag: Option<String>,
    pub(super) body: Bytes,
    /// The endpoint that was asked, for messages.
    pub(super) endpoint: String,
}

impl Reply {
    /// The reply where it is a good one (2xx); else why tailscaled did not do it. `right` is what the endpoint asks for.
    pub(super) fn accepted(self, right: Right) -> Result<Self, Error> {
        if self.status.is_success() {
            return Ok(self);
        }
        let said = complaint(&self.body);
        Err(match self.status {
            // A reply to a request that looks forged has no version.
            StatusCode::FORBIDDEN | StatusCode::UNAUTHORIZED if self.daemon.is_some() => Error::Denied { said, right },
            StatusCode::NOT_FOUND if said == "404 page not found" => Error::NoSuchEndpoint {
                endpoint: self.endpoint,
                daemon: self.daemon,
            },
            StatusCode::NOT_FOUND => Error::NotFound { said },
            StatusCode::PRECONDITION_FAILED => Error::Changed,
            status => Error::Refused {
                status: status.as_u16(),
                said,
            },
        })
    }

    /// The body as a JSON object.
    pub(super) fn json<T: DeserializeOwned>(&self) -> Result<T, Error> {
        // serde would read a list as an object of which everything is missing.
        if self.body.trim_ascii_start().starts_with(b"[") {
            return Err(Error::Unreadable {
                endpoint: self.endpoint.clone(),
                reason: "a list instead of an object".to_owned(),
            });
        }
        serde_json::from_slice(&self.body).map_err(|error| self.unreadable(&error))
    }

    /// The body as a JSON object; nothing where it is `null`.
    pub(super) fn json_or_null<T: DeserializeOwned + Default>(&self) -> Result<T, Error> {
        Ok(self.json::<Option<T>>()?.unwrap_or_default())
    }

    /// What the body advises, `{"Warning": …}`; nothing where it has no advice.
    pub(super) fn advice(&self) -> Result<Option<String>, Error> {
        let advice: Advice = self.json()?;
        Ok(Some(advice.warning.trim().to_owned()).filter(|warning| !warning.is_empty()))
    }

    /// The body as text.
    pub(super) fn text(self) -> Result<String, Error> {
        String::from_utf8(self.body.into()).map_err(|error| Error::Unreadable {
            endpoint: self.endpoint,
            reason: error.utf8_error().to_string(),
        })
    }

    fn unreadable(&self, error: &serde_json::Error) -> Error {
        Error::Unreadable {
            endpoint: self.endpoint.clone(),
            reason: error.to_string(),
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Advice {
    #[serde(rename = "Warning")]
    warning: String,
}
