//! What a profile says of receivers, and what is said of a profile.

use tailwright::diagnostic::{Report, human};
use tailwright::model::{MonitorSettings, Receiver, Severity, Way, WebhookAddress};
use tailwright::net::CredentialName;
use tailwright::profile::load;

/// The settings of a host with these options of its monitor, and the findings of reading them.
fn read(monitoring: &str) -> (Option<MonitorSettings>, String) {
    let text = format!(
        "{{\n  host.name = \"kernelcore\";\n  network.vpn.tailscale.enable = true;\n  network.monitoring.tailscale = {{\n    enable = true;\n    {monitoring}\n  }};\n}}\n"
    );
    let profile = load("host.nix", text.as_bytes(), None, &mut |_| Err("no file".to_owned()));
    let report = Report::new(&profile.findings, profile.sources.clone(), |place| {
        profile.locate(place)
    });
    let mut out = Vec::new();
    human(&report, false, &mut out).unwrap();
    let host = profile.fleet.and_then(|fleet| fleet.hosts.into_values().next());
    (
        host.and_then(|host| MonitorSettings::of(&host)),
        String::from_utf8(out).unwrap(),
    )
}

fn receiver(monitoring: &str, name: &str) -> Receiver<CredentialName> {
    let (settings, out) = read(monitoring);
    assert_eq!(out, "", "{monitoring}");
    let settings = settings.unwrap();
    // As the host reads them.
    let json = serde_json::to_string(&settings).unwrap();
    assert_eq!(serde_json::from_str::<MonitorSettings>(&json).unwrap(), settings);
    assert_eq!(settings.alerts.receivers.len(), 1, "{json}");
    settings.alerts.receivers[&name.parse().unwrap()].clone()
}

#[test]
fn an_address_alone_is_a_receiver() {
    let email = receiver("alertEmail = \"ops@example.org\";", "email");
    let Way::Mail { to, from, smtp: None } = &email.way else {
        panic!("{email:?}")
    };
    assert_eq!(
        (to.to_string(), from.to_string()),
        ("ops@example.org".to_owned(), "tailwright@kernelcore".to_owned())
    );
    assert_eq!(
        (email.severity, email.messages_per_hour, email.burst),
        (Severity::Info, 20, 5)
    );
    assert_eq!(
        (email.remind_after, email.timeout.to_string()),
        (None, "10s".to_owned())
    );
}

#[test]
fn the_address_serves_receivers_that_name_none() {
    let pager = receiver(
        "alertEmail = \"ops@example.org\";
         alerts.receivers.pager = { type = \"mail\"; severity = \"critical\"; remindAfter = \"6h\"; };
         alerts.from = \"monitor@example.org\";
         alerts.smtp = { host = \"mail.example.org\"; tls = \"starttls\"; user = \"monitor\"; passwordFile = \"/run/keys/smtp\"; };",
        "pager",
    );
    assert_eq!(pager.severity, Severity::Critical);
    let Way::Mail {
        to,
        from,
        smtp: Some(smtp),
    } = pager.way
    else {
        panic!("{pager:?}")
    };
    assert_eq!(
        (to.to_string(), from.to_string()),
        ("ops@example.org".to_owned(), "monitor@example.org".to_owned())
    );
    assert_eq!(
        (smtp.host.to_string(), smtp.port.get()),
        ("mail.example.org".to_owned(), 587)
    );
    assert_eq!(smtp.login.unwrap().password.as_str(), "alert-pager-password");
}

#[test]
fn secrets_are_named_and_not_held() {
    let ops = receiver(
        "alerts.receivers.ops = { type = \"webhook\"; format = \"slack\"; urlFile = \"/run/keys/slack\"; };",
        "ops",
    );
    let Way::Webhook {
        url: WebhookAddress::File(name),
        ..
    } = &ops.way
    else {
        panic!("{ops:?}")
    };
    assert_eq!(name.as_str(), "alert-ops-url");
    let pager = receiver(
        "alerts.receivers.pager = { type = \"command\"; command = [ \"/run/current-system/sw/bin/page\" \"--to\" \"$HOME; x\" ]; };",
        "pager",
    );
    let Way::Command { arguments, .. } = pager.way else {
        panic!()
    };
    assert_eq!(arguments, ["--to", "$HOME; x"]);
}

#[test]
fn what_cannot_be_meant_is_refused_at_its_place() {
    let of = |options: &str| format!("alerts.receivers.a = {{ {options} }};");
    let webhook = |options: &str| of(&format!("type = \"webhook\"; {options}"));
    let command = |words: &str| of(&format!("type = \"command\"; command = {words};"));
    let smtp = |options: &str| format!("alertEmail = \"a@b\"; alerts.smtp = {{ {options} }};");
    for (monitoring, expected) in [
        (of(""), "`type` is missing"),
        (of("type = \"sms\";"), "sms"),
        (webhook(""), "`url` is missing"),
        (webhook("url = \"http://ntfy.sh/a\";"), "not https"),
        (webhook("url = \"ntfy.sh/a\";"), "write \"https://ntfy.sh/a\""),
        (
            webhook("url = \"https://me:pass@ntfy.sh/a\";"),
            "a user or a password does not belong here",
        ),
        (
            webhook("url = \"https://ntfy.sh/a\"; urlFile = \"/run/keys/a\";"),
            "the webhook has two addresses",
        ),
        (webhook("url = \"https://ntfy.sh/a\"; format = \"xml\";"), "xml"),
        (
            webhook("url = \"https://ntfy.sh/a\"; to = \"a@b\";"),
            "`to` is an option of a receiver of type `mail`",
        ),
        (webhook("urlFile = \"/run/my keys/a\";"), "systemd cannot be told"),
        (webhook("urlFile = \"/run/keys/a\\\\\";"), "systemd cannot be told"),
        (webhook("urlFile = \"keys/a\";"), "not absolute"),
        (webhook("url = \"https://ntfy.sh/a\"; burst = 0;"), "expected 1 to 100"),
        (
            webhook("url = \"https://ntfy.sh/a\"; messagesPerHour = 4000;"),
            "expected 1 to 3600",
        ),
        (
            webhook("url = \"https://ntfy.sh/a\"; timeout = \"3m\";"),
            "is waited for longer (3m) than 2m",
        ),
        (of("type = \"mail\";"), "`to` is missing"),
        (of("type = \"mail\"; to = \"ops\";"), "no @"),
        (
            of("type = \"mail\"; to = \"a@b\\r\\nBcc: c@d\";"),
            "invalid mail address",
        ),
        (of("type = \"command\";"), "`command` is missing"),
        (command("[ ]"), "`command` is missing"),
        (command("[ \"page\" ]"), "not absolute"),
        (command("[ \"/bin/page\" 7 ]"), "expected a string"),
        (
            "alerts.smtp.host = \"mail.example.org\";".to_owned(),
            "`alertEmail` is missing: nobody is told by mail",
        ),
        (smtp(""), "`host` is missing"),
        (smtp("host = \"m\"; user = \"a\";"), "`passwordFile` is missing"),
        (smtp("host = \"m\"; passwordFile = \"/run/a\";"), "`user` is missing"),
        (
            smtp("host = \"m\"; user = \"a\"; passwordFile = \"/run/a\"; tls = \"none\";"),
            "in the clear",
        ),
        (
            "alertEmail = \"a@b\"; alerts.receivers.email = { type = \"webhook\"; url = \"https://ntfy.sh/a\"; };"
                .to_owned(),
            "is the receiver that `alertEmail` makes",
        ),
    ] {
        let (_, out) = read(&monitoring);
        assert!(out.contains(expected), "{monitoring}\n{expected}\n{out}");
        assert!(out.contains("--> host.nix:"), "{monitoring}\n{out}");
    }
}

#[test]
fn an_address_that_is_a_secret_is_refused_and_not_repeated() {
    for url in [
        "https://hooks.slack.com/services/T000/B000/SeCrEtXyZ",
        "https://discord.com/api/webhooks/1/SeCrEtXyZ",
        "https://example.org/hook?access_token=SeCrEtXyZ",
        // Refused for another reason as well.
        "http://hooks.slack.com/services/T000/B000/SeCrEtXyZ",
    ] {
        let (_, out) = read(&format!(
            "alerts.receivers.a = {{ type = \"webhook\"; url = \"{url}\"; }};"
        ));
        assert!(out.contains("error["), "{out}");
        assert!(!out.contains("SeCrEt"), "{out}");
        if url.starts_with("https") {
            assert!(out.contains("urlFile = config.sops.secrets"), "{out}");
        }
    }
}

#[test]
fn the_page_has_an_example_that_is_read() {
    let page = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/alerts.md");
    let page = std::fs::read_to_string(page).expect("the page");
    let text = page
        .split("```nix\n")
        .nth(1)
        .and_then(|rest| rest.split("```").next())
        .expect("an example");
    let profile = load("host.nix", text.as_bytes(), None, &mut |_| Err("no file".to_owned()));
    assert!(profile.findings.is_empty(), "{:?}", profile.findings);
    let host = profile
        .fleet
        .and_then(|fleet| fleet.hosts.into_values().next())
        .expect("a host");
    let names: Vec<String> = MonitorSettings::of(&host)
        .expect("it is monitored")
        .alerts
        .receivers
        .into_keys()
        .map(|name| name.to_string())
        .collect();
    assert_eq!(names, ["channel", "email", "pager", "phone"]);
}
