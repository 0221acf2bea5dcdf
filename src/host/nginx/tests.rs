use super::test::Tested;
use super::unit::Start;
use crate::host::show::{State, golden};

#[test]
fn what_the_unit_starts_is_read() {
    // As systemd prints it, on NixOS and on Debian.
    let nixos = "ExecStart={ path=/nix/store/abc-nginx-1.28/bin/nginx ; argv[]=/nix/store/abc-nginx-1.28/bin/nginx -c \
                 /nix/store/def-nginx.conf ; ignore_errors=no ; start_time=[n/a] ; stop_time=[n/a] ; pid=0 ; code=(null) ; \
                 status=0/0 }\n";
    let start = Start::read(nixos).unwrap();
    assert_eq!(start.program.to_str(), Some("/nix/store/abc-nginx-1.28/bin/nginx"));
    assert_eq!(
        start.configuration.as_deref().and_then(|path| path.to_str()),
        Some("/nix/store/def-nginx.conf")
    );
    let debian = "ExecStart={ path=/usr/sbin/nginx ; argv[]=/usr/sbin/nginx -g daemon on; master_process on; ; \
                  ignore_errors=no ; start_time=[n/a] }\n";
    let start = Start::read(debian).unwrap();
    assert_eq!(
        (start.program.to_str(), start.configuration),
        (Some("/usr/sbin/nginx"), None)
    );
    for nothing in [
        "",
        "ExecStart=\n",
        "ExecStart={ path=/bin/true ; argv[]=/bin/true ; ignore_errors=no ; }",
    ] {
        assert_eq!(Start::read(nothing), None, "{nothing}");
    }
}

#[test]
fn each_answer_of_nginx_has_its_state() {
    let good = "nginx: the configuration file /etc/nginx/nginx.conf syntax is ok\n\
                nginx: configuration file /etc/nginx/nginx.conf test is successful";
    let warned = format!("2026/11/20 04:05:00 [warn] 7#7: conflicting server name\n{good}");
    let refused = "2026/11/20 04:05:00 [emerg] 7#7: unknown directive \"x\" in /etc/nginx/nginx.conf:3";
    let denied = "nginx: [emerg] open() \"/etc/nginx/key\" failed (13: Permission denied)";
    for (is_taken, said, is_root, state) in [
        (true, good, false, State::Good),
        (true, warned.as_str(), true, State::Degraded),
        (false, refused, false, State::Down),
        (false, denied, false, State::CannotTell),
        (false, denied, true, State::Down),
    ] {
        assert_eq!(Tested::judge(is_taken, said, is_root).state, state, "{said}");
    }
}

#[test]
fn each_state_is_drawn_within_its_columns() {
    let judged = |is_taken, said: &str, is_root| Tested {
        program: Some("/run/current-system/sw/bin/nginx".to_owned()),
        configuration: Some("/etc/nginx/nginx.conf".to_owned()),
        ..Tested::judge(is_taken, said, is_root)
    };
    let good = "nginx: the configuration file /etc/nginx/nginx.conf syntax is ok\n\
                nginx: configuration file /etc/nginx/nginx.conf test is successful\n";
    let warned = format!("2026/11/20 04:05:00 [warn] 7#7: conflicting server name \"a\" on [::]:443, ignored\n{good}");
    let denied = "nginx: [emerg] open() \"/etc/nginx/key\" failed (13: Permission denied)\n";
    for (name, tested) in [
        ("good", judged(true, good, true)),
        ("warns", judged(true, &warned, true)),
        (
            "refused",
            judged(false, "[emerg] unknown directive \"x\" in nginx.conf:3\n", true),
        ),
        ("forbidden", judged(false, denied, false)),
        (
            "none",
            Tested::cannot("there is no nginx on this machine", "systemctl status nginx"),
        ),
    ] {
        golden("nginx", name, &tested);
    }
}

#[test]
fn the_schema_that_is_published_is_that_of_these_types() {
    crate::host::show::published::<Tested>("nginx-test.json");
}
