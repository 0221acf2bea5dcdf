//! Programs.

use super::*;

#[tokio::test]
async fn a_program_gets_the_message_and_no_shell_sees_it() {
    let (directory, program) = script("cat > input; env > environment; printf '%s|' \"$@\" > arguments");
    let outcome = run(&program, &["--to", "$HOME `id`; x"], &message(HOSTILE), 5_000).await;
    assert_eq!(outcome, Outcome::Delivered);
    let read = |file: &str| std::fs::read_to_string(directory.path().join(file)).unwrap();
    assert_eq!(read("arguments"), "--to|$HOME `id`; x|");
    let input: serde_json::Value = serde_json::from_str(&read("input")).unwrap();
    assert_eq!((&input["event"], &input["alarm"]), (&"began".into(), &"peer".into()));
    let environment = read("environment");
    // The same name in both, and harmless.
    let about = input["about"].as_str().unwrap();
    assert!(environment.contains(&format!("TSCTL_ABOUT={about}\n")), "{environment}");
    assert!(
        !environment.contains('\u{202e}') && !environment.contains('\u{200b}'),
        "{environment}"
    );
    for expected in [
        "TSCTL_HOST=kernelcore\n",
        "TSCTL_EVENT=began\n",
        "TSCTL_SEVERITY=warning\n",
        "TSCTL_ALARM=peer\n",
    ] {
        assert!(environment.contains(expected), "{environment}");
    }
    assert!(
        !environment
            .lines()
            .any(|line| line.starts_with("Bcc") || line.starts_with("QUIT")),
        "{environment}"
    );
}

#[tokio::test]
async fn how_a_program_ended_is_understood() {
    let told = async |text: &str| {
        let (_directory, program) = script(text);
        run(&program, &[], &message("nas"), 5_000).await
    };
    let failed = told("echo no network >&2; exit 1").await;
    assert!(
        matches!(&failed, Outcome::Later(reason, None) if reason.ends_with("no network")),
        "{failed:?}"
    );
    assert!(matches!(told("exit 75").await, Outcome::Later(..)));
    assert!(matches!(told("exit 64").await, Outcome::Refused(_)));
    assert!(matches!(told("kill -9 $$").await, Outcome::Later(..)));
    assert!(matches!(
        run(Path::new("/nowhere/at/all"), &[], &message("nas"), 5_000).await,
        Outcome::Later(..)
    ));
    // It reads nothing, says a lot, and leaves something running that holds its standard error.
    let begun = Stopwatch::now();
    assert_eq!(
        told("sleep 30 & head -c 300000 /dev/zero >&2; exit 0").await,
        Outcome::Delivered
    );
    assert!(begun.elapsed() < Duration::from_secs(4), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn a_program_that_does_not_end_is_killed_with_all_that_it_started() {
    let (directory, program) = script("sleep 60 & echo $! > child; echo $$ > own; wait");
    let begun = Stopwatch::now();
    let outcome = run(&program, &[], &message("nas"), 400).await;
    assert!(
        matches!(&outcome, Outcome::Unanswered(reason) if reason.contains("killed")),
        "{outcome:?}"
    );
    assert!(begun.elapsed() < Duration::from_secs(5));
    for file in ["child", "own"] {
        let id = std::fs::read_to_string(directory.path().join(file)).unwrap();
        let about = format!("/proc/{}/stat", id.trim());
        let is_gone = || match std::fs::read_to_string(&about) {
            Err(_) => true,
            // Nobody may have collected it yet.
            Ok(stat) => stat.contains(") Z "),
        };
        for _ in 0..100 {
            if is_gone() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert!(is_gone(), "{file}");
    }
}
