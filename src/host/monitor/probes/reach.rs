//! The first of several.

use std::future::Future;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{Instant, timeout_at};

use super::trouble::Trouble;
use crate::host::tailnet::pong::micros;

/// The attempt that was answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Landed {
    /// So many were begun before it, and were not.
    pub(super) before: usize,
    /// Its round trip in microseconds, from its own beginning.
    pub(super) round_trip: u64,
}

/// Makes one attempt after the other until one is answered: the next begins where all before have failed, or a quarter of the
/// time has passed since the last began. What is still under way then is closed.
pub(super) async fn first<F>(attempts: impl IntoIterator<Item = F>, patience: Duration) -> Result<Landed, Trouble>
where
    F: Future<Output = Result<(), Trouble>> + Send + 'static,
{
    let end = Instant::now() + patience;
    let mut attempts = attempts.into_iter().enumerate();
    let mut flying = JoinSet::new();
    let mut trouble = None;
    loop {
        let next = attempts.next();
        let has_more = next.is_some();
        if let Some((before, attempt)) = next {
            flying.spawn(async move {
                let began = Instant::now();
                let answered = |()| Landed {
                    before,
                    round_trip: micros(began.elapsed()),
                };
                attempt.await.map(answered)
            });
        }
        let until = if has_more {
            (Instant::now() + patience / 4).min(end)
        } else {
            end
        };
        while let Ok(landed) = timeout_at(until, flying.join_next()).await {
            match landed {
                Some(Ok(Ok(landed))) => return Ok(landed),
                Some(Ok(Err(why))) => trouble = Some(worse(trouble, why)),
                Some(Err(_)) => {}
                None => break,
            }
        }
        if Instant::now() >= end || (!has_more && flying.is_empty()) {
            break;
        }
    }
    // Of those that are still under way nothing has come.
    let silent = !flying.is_empty();
    match trouble {
        Some(trouble @ Trouble::Says(_)) => Err(trouble),
        Some(trouble) if !silent => Err(trouble),
        _ => Err(Trouble::Silence),
    }
}

/// What says most: somebody answered, nobody did, it could not be asked.
fn worse(before: Option<Trouble>, why: Trouble) -> Trouble {
    match (before, why) {
        (Some(Trouble::Says(said)), _) => Trouble::Says(said),
        (Some(Trouble::Silence), Trouble::CannotTell(_)) => Trouble::Silence,
        (_, why) => why,
    }
}

#[cfg(test)]
mod tests {
    use std::pin::Pin;

    use tokio::time::sleep;

    use super::*;

    type Attempt = Pin<Box<dyn Future<Output = Result<(), Trouble>> + Send>>;

    /// After so many milliseconds, with what.
    fn attempt(after: u64, ends: Result<(), Trouble>) -> Attempt {
        Box::pin(async move {
            sleep(Duration::from_millis(after)).await;
            ends
        })
    }

    fn run(attempts: Vec<Attempt>) -> (Result<Landed, Trouble>, Duration) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .unwrap();
        let began = std::time::Instant::now();
        let ended = runtime.block_on(first(attempts, Duration::from_millis(400)));
        (ended, began.elapsed())
    }

    fn says() -> Trouble {
        Trouble::Says("refused".to_owned())
    }

    #[test]
    fn the_next_one_begins_where_the_first_is_slow_or_has_failed() {
        let (ended, took) = run(vec![attempt(5, Ok(())), attempt(0, Ok(()))]);
        assert!(
            ended.is_ok_and(|landed| landed.before == 0 && landed.round_trip >= 5_000)
                && took < Duration::from_millis(90)
        );
        let (ended, took) = run(vec![attempt(0, Err(says())), attempt(1, Ok(()))]);
        assert!(ended.is_ok_and(|landed| landed.before == 1) && took < Duration::from_millis(90));
        let (ended, took) = run(vec![attempt(9_000, Ok(())), attempt(1, Ok(()))]);
        let after_a_quarter = took >= Duration::from_millis(100) && took < Duration::from_millis(390);
        assert!(
            ended.is_ok_and(|landed| landed.before == 1 && landed.round_trip < 90_000) && after_a_quarter,
            "{took:?}"
        );
    }

    #[test]
    fn what_says_most_is_told() {
        let cannot = || Trouble::CannotTell("not here".to_owned());
        let never = || attempt(9_000, Ok(()));
        for (attempts, said) in [
            (vec![never()], Trouble::Silence),
            (vec![attempt(0, Err(says())), never()], says()),
            (vec![attempt(0, Err(cannot())), never()], Trouble::Silence),
            (vec![attempt(0, Err(cannot()))], cannot()),
            (vec![attempt(0, Err(cannot())), attempt(0, Err(says()))], says()),
            (vec![attempt(0, Err(says())), attempt(0, Err(cannot()))], says()),
            (
                vec![attempt(0, Err(Trouble::Silence)), attempt(0, Err(cannot()))],
                Trouble::Silence,
            ),
            (vec![], Trouble::Silence),
        ] {
            let (ended, took) = run(attempts);
            assert_eq!(ended, Err(said));
            assert!(took < Duration::from_millis(800), "{took:?}");
        }
    }
}
