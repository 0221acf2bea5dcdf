//! The test binary, once more, inside a namespace: sockets belong to the namespace of the process that makes them.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tailwright::host::monitor::probes::{Places, Prober, tailnet};
use tailwright::localapi::{Event as Told, Follower, LocalApi, Patience};
use tailwright::model::MonitorSettings;
use tailwright::monitor::Moment;
use tailwright::monitor::diagnosis::DaemonFault;
use tailwright::monitor::watch::{Exchange, Expects, Probe, Question, Sample, Watch, Way};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use super::servers::{TIMEOUT, prober, runtime};
use crate::support::netns::Netns;

/// The variable by which a started copy is told what to do.
const TASK: &str = "TAILWRIGHT_TEST_PROBER";

#[derive(Debug, Serialize, Deserialize)]
enum Task {
    Ask(Vec<Ask>),
    Watch {
        settings: Box<MonitorSettings>,
        socket: PathBuf,
    },
}

/// A question, and the interface that it goes by.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Ask {
    pub what: What,
    pub by: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum What {
    Tcp(String),
    Echo(String),
    Dns(String),
    Http(String),
    Links,
}

/// What came of each, as text, from inside a namespace.
pub fn ask(namespace: &Netns, asked: &[Ask]) -> Vec<String> {
    let mut copy = start(namespace, &Task::Ask(asked.to_vec()));
    let mut said = String::new();
    let mut output = copy.stdout.take().expect("a pipe");
    output.read_to_string(&mut said).expect("text");
    assert!(copy.wait().expect("it ended").success(), "the copy inside failed");
    let answers = said.lines().find_map(|line| line.split_once("answers "));
    let (_, answers) = answers.unwrap_or_else(|| panic!("no answers: {said}"));
    serde_json::from_str(answers).expect("as it was written")
}

/// A watch inside a namespace, until the value is dropped. It says a line for each event.
pub struct Watching {
    child: Child,
    lines: BufReader<std::process::ChildStdout>,
    /// Everything that was said, for a test that fails.
    said: Vec<String>,
}

impl Watching {
    pub fn new(namespace: &Netns, settings: &MonitorSettings, socket: PathBuf) -> Self {
        let settings = Box::new(settings.clone());
        let mut child = start(namespace, &Task::Watch { settings, socket });
        let lines = BufReader::new(child.stdout.take().expect("a pipe"));
        Self {
            child,
            lines,
            said: Vec::new(),
        }
    }

    /// The next event with this text in it, and how many others were told before.
    pub fn until(&mut self, text: &str) -> (String, Vec<String>) {
        let mut before = Vec::new();
        loop {
            let mut line = String::new();
            let length = self.lines.read_line(&mut line).expect("text");
            assert!(length > 0, "never {text:?}, only {before:#?}");
            let Some((_, event)) = line.trim_end().split_once("event ") else {
                continue;
            };
            self.said.push(event.to_owned());
            if event.contains(text) {
                return (event.to_owned(), before);
            }
            before.push(event.to_owned());
        }
    }
}

impl Drop for Watching {
    #[allow(clippy::print_stdout, reason = "what was told explains why a test failed")]
    fn drop(&mut self) {
        if std::thread::panicking() {
            println!("{:#?}", self.said);
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn start(namespace: &Netns, task: &Task) -> Child {
    let binary = std::env::current_exe().expect("a test binary has a path");
    let mut command = namespace.command(binary);
    command
        .args(["--exact", "probes::copy::what_the_variable_says", "--nocapture"])
        .env(TASK, serde_json::to_string(task).expect("data"))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .expect("it starts")
}

/// Does what the variable says; without it, reads the links of this machine.
#[test]
fn what_the_variable_says() {
    let task = std::env::var(TASK).ok().map(|task| serde_json::from_str(&task));
    match task {
        None => assert!(
            answers(&[Ask {
                what: What::Links,
                by: None
            }])[0]
                .starts_with("Links(")
        ),
        Some(task) => match task.expect("as it was written") {
            Task::Ask(asked) => {
                let answers = serde_json::to_string(&answers(&asked)).expect("data");
                writeln!(std::io::stdout(), "answers {answers}").expect("a pipe");
            }
            Task::Watch { settings, socket } => watch(&settings, socket),
        },
    }
}

fn answers(asked: &[Ask]) -> Vec<String> {
    let prober = prober(Places::default());
    let runtime = runtime();
    let samples = asked.iter().map(|ask| {
        let way = ask
            .by
            .as_ref()
            .map_or(Way::Routed, |interface| Way::By(interface.parse().expect("a name")));
        let exchange = match &ask.what {
            What::Links => None,
            What::Echo(host) => Some(Exchange::Echo {
                host: host.parse().expect("a host"),
                at: None,
            }),
            What::Tcp(to) => {
                let to: tailwright::net::Endpoint = to.parse().expect("a host and a port");
                Some(Exchange::Tcp {
                    host: to.host().clone(),
                    at: None,
                    port: to.port(),
                })
            }
            What::Dns(server) => Some(Exchange::Dns {
                server: server.parse().expect("an address"),
                name: "a.root-servers.net".parse().expect("a name"),
            }),
            What::Http(url) => Some(Exchange::Http {
                url: url.parse().expect("a URL"),
                at: None,
                expects: Expects::Success,
            }),
        };
        let question = exchange.map_or(Question::Links, |exchange| Question::Reach {
            any_of: vec![exchange],
            way,
        });
        let probe = Probe {
            number: 1,
            question,
            timeout: TIMEOUT,
        };
        match runtime.block_on(prober.run(probe)) {
            Sample::Answered { .. } => "answered".to_owned(),
            other => format!("{other:?}"),
        }
    });
    samples.collect()
}

/// The loop of a monitor that only looks.
fn watch(settings: &MonitorSettings, socket: PathBuf) {
    let api = std::sync::Arc::new(LocalApi::new(socket, Patience::default()));
    let prober = Prober::new(api.clone(), Places::default());
    runtime().block_on(async {
        let begin = Instant::now();
        let at = |instant: Instant| {
            let millis = instant.duration_since(begin).as_millis();
            Moment::from_millis(1_795_147_438_000 + u64::try_from(millis).expect("not for ever"))
        };
        let now = || at(Instant::now());
        let mut watch = Watch::new(settings, now());
        let mut follower = Follower::new(&api, Duration::from_secs(30));
        let (hand, mut handed) = mpsc::channel(64);
        let (mut status, mut prefs) = (None, None);
        loop {
            for probe in watch.due(now()) {
                let (prober, hand) = (prober.clone(), hand.clone());
                tokio::spawn(async move {
                    let number = probe.number;
                    let sample = prober.run(probe).await;
                    let _ = hand.send((number, sample)).await;
                });
            }
            for event in watch.events(now()) {
                let mut out = std::io::stdout();
                // Nobody listens any more: the test is over.
                let said = writeln!(out, "event {} {event:?}", begin.elapsed().as_millis());
                if said.and_then(|()| out.flush()).is_err() {
                    return;
                }
            }
            let deadline = watch.deadline().expect("there is always something to look at");
            let deadline = deadline.since(at(begin));
            tokio::select! {
                handed = handed.recv() => {
                    let (number, sample) = handed.expect("this keeps one end");
                    watch.answered(number, sample, now());
                }
                told = follower.next() => {
                    match told {
                        Told::Status(new) => status = Some(new),
                        Told::Prefs(new) => prefs = Some(new),
                        Told::Lost(_) => {
                            watch.lost(DaemonFault::NotRunning, now());
                            continue;
                        }
                        _ => continue,
                    }
                    if let Some(status) = &status {
                        watch.tailnet(tailnet(status, prefs.as_deref(), now()), now());
                    }
                }
                () = sleep_until(begin + deadline) => {}
            }
        }
    });
}
