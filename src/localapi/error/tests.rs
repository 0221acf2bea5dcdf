use super::*;

/// One of each.
fn all() -> Vec<Error> {
    let socket = || PathBuf::from(crate::localapi::SOCKET);
    let endpoint = || "status".to_owned();
    let said = || "so they say".to_owned();
    let rights = [Right::Read, Right::Write, Right::Certificate];
    let denied = rights.map(|right| Error::Denied { said: said(), right });
    let mut all = vec![
        Error::NoSocket(socket()),
        Error::NobodyListens(socket()),
        Error::SocketClosed(socket()),
        Error::Socket(socket(), io::ErrorKind::WouldBlock),
        Error::Socket(socket(), io::ErrorKind::NotADirectory),
        Error::TimedOut {
            endpoint: endpoint(),
            patience: Duration::from_millis(900),
        },
        Error::BrokenOff(said()),
        Error::NoSuchEndpoint {
            endpoint: endpoint(),
            daemon: None,
        },
        Error::NotFound { said: said() },
        Error::Changed,
        Error::Refused {
            status: 500,
            said: said(),
        },
        Error::Refused {
            status: 500,
            said: String::new(),
        },
        Error::TooLong {
            endpoint: endpoint(),
            limit: 64 << 20,
        },
        Error::Unreadable {
            endpoint: endpoint(),
            reason: said(),
        },
    ];
    all.extend(denied);
    all
}

#[test]
fn each_says_what_to_type_next() {
    for error in all() {
        let (said, what, command) = (error.to_string(), error.what(), error.command());
        assert!(
            said.starts_with(&what) && said.ends_with(&format!(": {command}")),
            "{said}"
        );
        let program = command.split(' ').find(|word| *word != "sudo").unwrap_or_default();
        let known = ["systemctl", "journalctl", "ls", "tailscale", "tsctl"];
        assert!(known.contains(&program), "{command}");
        assert!(!what.ends_with('.') && !command.contains("they"), "{said}");
    }
}

#[test]
fn a_socket_that_lets_nobody_in_is_told_in_words() {
    let said = Error::connecting(Path::new("/run/x.sock"), &io::ErrorKind::WouldBlock.into()).to_string();
    assert!(
        said.starts_with("tailscaled lets nobody in any more at /run/x.sock. "),
        "{said}"
    );
}
