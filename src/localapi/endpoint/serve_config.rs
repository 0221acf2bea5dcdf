//! `GET serve-config`, `POST serve-config`.

use crate::localapi::client::LocalApi;
use crate::localapi::data::{ServeConfig, TaggedServeConfig};
use crate::localapi::error::{Error, Right};
use crate::localapi::request::Request;

impl LocalApi {
    /// What is served, with its tag.
    pub async fn serve_config(&self) -> Result<TaggedServeConfig, Error> {
        let reply = self.ask(Request::get("serve-config")).await?.accepted(Right::Read)?;
        Ok(TaggedServeConfig {
            config: reply.json_or_null()?,
            tag: reply.etag.unwrap_or_default(),
        })
    }

    /// Serves this and nothing else, if what is served is still what it was read as; else [`Error::Changed`].
    pub async fn replace_serve_config(&self, config: &TaggedServeConfig) -> Result<(), Error> {
        let request = Request::post("serve-config")
            .body(&json(&config.config)?)
            .if_match(&config.tag);
        self.ask(request).await?.accepted(Right::Write).map(drop)
    }
}

fn json(config: &ServeConfig) -> Result<serde_json::Value, Error> {
    serde_json::to_value(config).map_err(|error| Error::Unreadable {
        endpoint: "serve-config".to_owned(),
        reason: error.to_string(),
    })
}
