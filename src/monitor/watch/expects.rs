//! Which HTTP answers say that a target was reached.

use crate::net::HttpUrl;

/// Which answers to an HTTP request say that it works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expects {
    /// Any status below 400: whoever has answered does what it is asked.
    Success,
    /// Exactly 204 (RFC 9110 section 15.3.5). A captive portal, a filter or a proxy on the way answers otherwise.
    NoContent,
    /// A 2xx, or a 3xx that leads nowhere else than to the same host: what the target itself says. A redirection to another
    /// host is what captive portals answer, and an error what proxies and filters do.
    Target,
}

impl Expects {
    /// What to expect of a URL in the internet through an exit node: 204 where its path is one of those that answer nothing
    /// else (`/generate_204`, `/gen_204`), otherwise what the target itself may say.
    pub fn of_egress(url: &HttpUrl) -> Self {
        let path = url.path().split(['?', '#']).next().unwrap_or_default();
        match path.rsplit('/').next() {
            Some("generate_204" | "gen_204") => Self::NoContent,
            _ => Self::Target,
        }
    }

    /// Whether the answer with this status, and this `Location` where it has one, is one of the target's; otherwise what is
    /// wrong with it, in a sentence.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn judge(self, url: &HttpUrl, status: u16, location: Option<&str>) -> Result<(), String> {
        let is_good = match self {
            Self::Success => status < 400,
            Self::NoContent => status == 204,
            Self::Target => match status {
                200..300 => true,
                300..400 => location.is_none_or(|location| leads_to_same_host(url, location)),
                _ => false,
            },
        };
        if is_good {
            return Ok(());
        }
        Err(match self {
            Self::Success => format!("it answers with status {status}"),
            Self::NoContent => format!("status {status} instead of 204: somebody on the way answers"),
            Self::Target if (300..400).contains(&status) => {
                format!("status {status}, which leads to another host: somebody on the way answers")
            }
            Self::Target => format!("status {status}: somebody on the way answers"),
        })
    }
}

/// Whether a `Location` (RFC 9110 section 10.2.2) leads to the host of the URL, by whatever scheme and port.
fn leads_to_same_host(url: &HttpUrl, location: &str) -> bool {
    let location = location.split('#').next().unwrap_or_default();
    let absolute = match location.strip_prefix("//") {
        Some(rest) => format!("http://{rest}"),
        None if has_scheme(location) => location.to_owned(),
        // A path, on the same host.
        None => return true,
    };
    absolute
        .parse::<HttpUrl>()
        .is_ok_and(|to| to.host().to_string().eq_ignore_ascii_case(&url.host().to_string()))
}

/// Whether a reference begins with a scheme (RFC 3986 section 3.1).
fn has_scheme(reference: &str) -> bool {
    let Some((scheme, _)) = reference.split_once(':') else {
        return false;
    };
    let mut letters = scheme.chars();
    letters.next().is_some_and(|first| first.is_ascii_alphabetic())
        && letters.all(|letter| letter.is_ascii_alphanumeric() || "+-.".contains(letter))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn url(url: &str) -> HttpUrl {
        url.parse().unwrap()
    }

    #[test]
    fn a_url_that_answers_without_content_answers_nothing_else() {
        for (asked, expected) in [
            ("http://connectivitycheck.gstatic.com/generate_204", Expects::NoContent),
            ("http://www.google.com/gen_204?x=/a", Expects::NoContent),
            ("http://www.example.org/", Expects::Target),
            ("http://www.example.org/generate_204/more", Expects::Target),
            ("http://www.example.org/x?y=/generate_204", Expects::Target),
        ] {
            assert_eq!(Expects::of_egress(&url(asked)), expected, "{asked}");
        }
    }

    #[test]
    fn what_a_captive_portal_says_is_no_answer_of_the_target() {
        let asked = url("http://www.example.org/");
        let judge = |expects: Expects, status, location| expects.judge(&asked, status, location).is_ok();
        for (status, location, target, success) in [
            (200, None, true, true),
            (204, None, true, true),
            (304, None, true, true),
            (301, Some("https://www.example.org/"), true, true),
            (302, Some("HTTPS://WWW.example.org:8443/login#x"), true, true),
            (302, Some("/start?to=http://x/"), true, true),
            (302, Some("start"), true, true),
            (302, Some("//www.example.org/start"), true, true),
            (
                302,
                Some("http://portal.hotel.example/?to=www.example.org"),
                false,
                true,
            ),
            (302, Some("//portal.hotel.example/"), false, true),
            (302, Some("https://www.example.org.portal.example/"), false, true),
            (302, Some("http://www.example.org@portal.example/"), false, true),
            (302, Some("intent:portal"), false, true),
            (407, None, false, false),
            (451, None, false, false),
            (511, None, false, false),
            (503, None, false, false),
        ] {
            assert_eq!(
                judge(Expects::Target, status, location),
                target,
                "{status} {location:?}"
            );
            assert_eq!(
                judge(Expects::Success, status, location),
                success,
                "{status} {location:?}"
            );
            assert_eq!(judge(Expects::NoContent, status, location), status == 204, "{status}");
        }
        let said = Expects::NoContent.judge(&asked, 302, None).unwrap_err();
        assert_eq!(said, "status 302 instead of 204: somebody on the way answers");
    }

    proptest! {
        #[test]
        fn any_answer_is_survived(status in any::<u16>(), location in ".{0,60}") {
            let asked = url("http://www.example.org/");
            for expects in [Expects::Success, Expects::NoContent, Expects::Target] {
                let _ = expects.judge(&asked, status, Some(&location));
            }
        }
    }
}
