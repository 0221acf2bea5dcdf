//! Mail to a server (RFC 5321).

use lettre::message::Message as Mail;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials as Login, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use tokio::time::{Instant, timeout_at};

use super::credentials::Credentials;
use super::{later, told};
use crate::model::{Smtp, SmtpTls};
use crate::monitor::alert::Outcome;
use crate::net::CredentialName;

/// Hands the mail to the server; fails with what became of it instead.
pub(super) async fn send(
    server: &Smtp<CredentialName>,
    mail: &Mail,
    host: &str,
    credentials: &Credentials,
    deadline: Instant,
) -> Result<(), Outcome> {
    let login = match &server.login {
        Some(login) => {
            let password = credentials.read(&login.password).map_err(later)?;
            Some(Login::new(login.user.clone(), password.value().to_owned()))
        }
        None => None,
    };
    let mut connection = timeout_at(deadline, connect(server, host, login))
        .await
        .map_err(|_| later("the mail server is not ready in time"))??;
    match timeout_at(deadline, connection.send(mail.envelope(), &mail.formatted())).await {
        Ok(Ok(_)) => {
            // It has the mail, whatever it says to this.
            let _ = timeout_at(deadline, connection.quit()).await;
            Ok(())
        }
        Ok(Err(error)) if error.status().is_some() => Err(answered(&error)),
        Ok(Err(error)) => Err(Outcome::Unanswered(format!("no answer: {}", told(&error)))),
        Err(_) => Err(Outcome::Unanswered("no answer in time".to_owned())),
    }
}

/// A connection that mail can be sent by.
async fn connect(
    server: &Smtp<CredentialName>,
    host: &str,
    login: Option<Login>,
) -> Result<AsyncSmtpConnection, Outcome> {
    let name = server.host.to_string();
    let client = ClientId::Domain(host.to_owned());
    let (first, second) = match server.tls {
        SmtpTls::Implicit => (Some(parameters(name.clone()).await?), None),
        SmtpTls::Starttls => (None, Some(parameters(name.clone()).await?)),
        SmtpTls::None => (None, None),
    };
    let to = (name.as_str(), server.port.get());
    let mut connection = AsyncSmtpConnection::connect_tokio1(to, None, &client, first, None)
        .await
        .map_err(|error| answered(&error))?;
    if let Some(parameters) = second {
        if !connection.can_starttls() {
            return Err(later("the mail server offers no STARTTLS"));
        }
        let begun = connection.starttls(parameters, &client).await;
        begun.map_err(|error| answered(&error))?;
    }
    if let Some(login) = login {
        let known = connection.auth(&[Mechanism::Plain, Mechanism::Login], &login).await;
        known.map_err(|error| answered(&error))?;
    }
    Ok(connection)
}

/// Reading the certificates of the machine takes some milliseconds, which nobody is to wait for.
async fn parameters(name: String) -> Result<TlsParameters, Outcome> {
    let made = tokio::task::spawn_blocking(move || TlsParameters::new(name)).await;
    match made {
        Ok(Ok(parameters)) => Ok(parameters),
        Ok(Err(error)) => Err(later(told(&error))),
        Err(error) => Err(later(told(&error))),
    }
}

/// It surely does not have the mail: it said so, or was not asked yet.
fn answered(error: &Error) -> Outcome {
    if error.is_permanent() {
        Outcome::Refused(told(error))
    } else {
        later(told(error))
    }
}
