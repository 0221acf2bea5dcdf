//! `GET suggest-exit-node`.

use crate::localapi::client::LocalApi;
use crate::localapi::data::ExitNodeSuggestion;
use crate::localapi::error::{Error, Right};
use crate::localapi::request::Request;

impl LocalApi {
    /// The exit node that tailscaled would take; nothing where no peer is offered to it for that.
    pub async fn suggest_exit_node(&self) -> Result<Option<ExitNodeSuggestion>, Error> {
        let reply = self.ask(Request::get("suggest-exit-node")).await?;
        let suggestion: ExitNodeSuggestion = reply.accepted(Right::Read)?.json()?;
        Ok(Some(suggestion).filter(|suggestion| !suggestion.id.is_empty()))
    }
}
