//! tailscaled's own figures.

use std::collections::BTreeMap;

/// tailscaled's own figures (`usermetrics`; their names are documented by Tailscale).
#[derive(Debug, Clone, Default, PartialEq)]
pub struct UserMetrics {
    /// In the order in which they came.
    pub samples: Vec<Sample>,
}

/// One figure.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// `tailscaled_inbound_bytes_total`.
    pub name: String,
    /// `path="derp"`.
    pub labels: BTreeMap<String, String>,
    /// Its value.
    pub value: f64,
}

impl UserMetrics {
    /// Reads the text format of Prometheus (version 0.0.4). Lines that are no sample are passed over.
    pub fn read(text: &str) -> Self {
        Self {
            samples: text.lines().filter_map(sample).collect(),
        }
    }

    /// The values of that name added up.
    pub fn sum(&self, name: &str) -> Option<f64> {
        let values = self.samples.iter().filter(|sample| sample.name == name);
        values.map(|sample| sample.value).reduce(|a, b| a + b)
    }
}

fn sample(line: &str) -> Option<Sample> {
    let line = line.trim();
    if line.is_empty() || line.starts_with('#') {
        return None;
    }
    let end = line.find(['{', ' ', '\t'])?;
    let (name, rest) = line.split_at(end);
    let (labels, rest) = match rest.strip_prefix('{') {
        Some(rest) => labels(rest)?,
        None => (BTreeMap::new(), rest),
    };
    // A time may follow.
    let value = rest.split_whitespace().next()?.parse().ok()?;
    Some(Sample {
        name: name.to_owned(),
        labels,
        value,
    })
}

/// The labels behind `{`, and what follows `}`.
fn labels(mut rest: &str) -> Option<(BTreeMap<String, String>, &str)> {
    let mut labels = BTreeMap::new();
    loop {
        rest = rest.trim_start_matches([',', ' ']);
        if let Some(after) = rest.strip_prefix('}') {
            return Some((labels, after));
        }
        let (name, quoted) = rest.split_once("=\"")?;
        let mut value = String::new();
        let mut characters = quoted.char_indices();
        loop {
            match characters.next()? {
                (end, '"') => {
                    rest = quoted.get(end + 1..)?;
                    break;
                }
                (_, '\\') => value.push(match characters.next()?.1 {
                    'n' => '\n',
                    other => other,
                }),
                (_, other) => value.push(other),
            }
        }
        labels.insert(name.trim().to_owned(), value);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn samples_have_names_labels_and_values() {
        let metrics = UserMetrics::read(
            "# TYPE a counter\na{path=\"derp\"} 1132\na{path=\"x\\\"y\\\\\",b=\"2\",} 2.5 1700000000\nb 901\nbroken{\nc x\n",
        );
        assert_eq!(metrics.samples.len(), 3);
        assert_eq!(metrics.sum("a"), Some(1134.5));
        assert_eq!(metrics.samples[1].labels["path"], "x\"y\\");
        assert_eq!(metrics.sum("b"), Some(901.0));
        assert_eq!(metrics.sum("c"), None);
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_harm(text in ".{0,200}", labels in "[a-z{}\"=,\\\\ 0-9\n]{0,100}") {
            let _ = UserMetrics::read(&text);
            let _ = UserMetrics::read(&labels);
        }
    }
}
