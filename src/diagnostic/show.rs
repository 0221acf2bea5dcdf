//! A report as text with the offending lines, and as data.

use std::borrow::Cow;
use std::io::{self, Write};
use std::ops::Range;

use annotate_snippets::{Annotation, AnnotationKind, Level, Renderer, Snippet};
use serde_json::{Value, json};

use super::finding::Severity;
use super::report::{Remark, Report, Shown};
use super::source::{Source, Sources};
use super::{Span, mask};

/// Labels further apart than this are drawn one by one.
const WIDEST_WINDOW: usize = 32 * 1024;
/// Of a longer line only the part around the label is drawn.
const LONGEST_LINE: usize = 400;

/// Writes each finding with the lines that it points at, then a line that counts them; nothing where there is none.
pub fn human(report: &Report, colour: bool, out: &mut dyn Write) -> io::Result<()> {
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    for finding in &report.findings {
        writeln!(out, "{}\n", draw(&renderer, finding, &report.sources))?;
    }
    if report.findings.is_empty() {
        return Ok(());
    }
    writeln!(out, "{}", summary(report))
}

/// The drawing. Where it begins inside a line, the library would count columns from there: the place is then part of the
/// name that it is given, and what it appends to that is taken off.
fn draw(renderer: &Renderer, finding: &Shown, sources: &Sources) -> String {
    let level = match finding.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let windows = windows(&finding.remarks, sources);
    let mut group = level
        .primary_title(finding.message.as_str())
        .id(finding.code.as_str())
        .elements(windows.iter().map(Window::snippet));
    if windows.is_empty()
        && let Some(field) = finding.remarks.first().and_then(|remark| remark.field.as_deref())
    {
        group = group.element(Level::NOTE.message(format!("at {field}")));
    }
    if let Some(help) = &finding.help {
        group = group.element(Level::HELP.message(help.as_str()));
    }
    let mut drawn = renderer.render(&[group]);
    for place in windows.iter().filter_map(|window| window.place.as_deref()) {
        drawn = without_appended(&drawn, place);
    }
    drawn
}

/// Takes `:LINE:COLUMN` off behind each `place`.
fn without_appended(drawn: &str, place: &str) -> String {
    let appended_to = format!("{place}:");
    let mut parts = drawn.split(&appended_to);
    let mut kept = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        kept.push_str(place);
        kept.push_str(part.trim_start_matches(|character: char| character == ':' || character.is_ascii_digit()));
    }
    kept
}

/// A stretch of one text with the labels in it.
struct Window<'a> {
    name: &'a str,
    /// `NAME:LINE:COLUMN` of the first label, where the stretch begins inside a line.
    place: Option<String>,
    first_line: usize,
    text: Cow<'a, str>,
    labels: Vec<(Range<usize>, bool, &'a str)>,
}

impl<'a> Window<'a> {
    fn snippet(&'a self) -> Snippet<'a, Annotation<'a>> {
        let labels = self.labels.iter().map(|(range, primary, text)| {
            let kind = if *primary {
                AnnotationKind::Primary
            } else {
                AnnotationKind::Context
            };
            let annotation = kind.span(range.clone());
            if text.is_empty() {
                annotation
            } else {
                annotation.label(*text)
            }
        });
        Snippet::source(self.text.as_ref())
            .line_start(self.first_line)
            .path(self.place.as_deref().unwrap_or(self.name))
            .annotations(labels)
    }
}

/// One window for all labels of a text that lie near each other, in the order of the labels.
fn windows<'a>(remarks: &'a [Remark], sources: &'a Sources) -> Vec<Window<'a>> {
    let mut windows: Vec<(Range<usize>, Span, Window<'a>)> = Vec::new();
    for (index, remark) in remarks.iter().enumerate() {
        let Some((span, source)) = remark.span.and_then(|span| Some((span, sources.get(span.source)?))) else {
            continue;
        };
        let label = first_line_of(&source.text, span.start as usize..span.end as usize);
        let line = around(&source.text, &label);
        let near = windows.iter_mut().find(|(range, of, _)| {
            let both = range.start.min(line.start)..range.end.max(line.end);
            of.source == span.source && both.len() <= WIDEST_WINDOW && whole_lines(&source.text, &both)
        });
        let labels = (label, index == 0, remark.text.as_str());
        match near {
            Some((range, _, window)) => {
                *range = range.start.min(line.start)..range.end.max(line.end);
                window.labels.push(labels);
            }
            None => windows.push((
                line,
                span,
                Window {
                    name: &source.name,
                    place: None,
                    first_line: 1,
                    text: Cow::Borrowed(""),
                    labels: vec![labels],
                },
            )),
        }
    }
    windows
        .into_iter()
        .filter_map(|(range, span, window)| Some(cut(range, sources.get(span.source)?, window)))
        .collect()
}

fn cut<'a>(range: Range<usize>, source: &'a Source, mut window: Window<'a>) -> Window<'a> {
    let before = source.text.get(..range.start).unwrap_or_default();
    window.first_line = before.matches('\n').count() + 1;
    let cut_off = before.rsplit('\n').next().unwrap_or_default();
    if let Some((label, _, _)) = window.labels.first().filter(|_| !cut_off.is_empty()) {
        let shown = source.text.get(range.start..label.start).unwrap_or_default();
        let column = cut_off.chars().count() + shown.chars().count() + 1;
        window.place = Some(format!("{}:{}:{column}", window.name, window.first_line));
    }
    window.text = mask(source.text.get(range.clone()).unwrap_or_default());
    for (label, _, _) in &mut window.labels {
        *label = label.start.saturating_sub(range.start)..label.end.saturating_sub(range.start);
    }
    window
}

/// A value of many lines is pointed at by its first.
fn first_line_of(text: &str, span: Range<usize>) -> Range<usize> {
    let end = span.end.min(text.len());
    let start = span.start.min(end);
    let written = text.get(start..end).unwrap_or_default();
    match written.find('\n') {
        Some(newline) => start..start + newline,
        None => start..end,
    }
}

/// The line that `label` stands in; of a very long one the part around the label.
fn around(text: &str, label: &Range<usize>) -> Range<usize> {
    let line_start = text
        .get(..label.start)
        .and_then(|before| before.rfind('\n'))
        .map_or(0, |newline| newline + 1);
    let line_end = text
        .get(label.end..)
        .and_then(|after| after.find('\n'))
        .map_or(text.len(), |newline| label.end + newline);
    if line_end - line_start <= LONGEST_LINE {
        return line_start..line_end;
    }
    let boundary = |mut offset: usize| {
        while !text.is_char_boundary(offset) {
            offset -= 1;
        }
        offset
    };
    let start = boundary(label.start.saturating_sub(LONGEST_LINE / 4).max(line_start));
    let end = boundary((label.end + LONGEST_LINE / 4).min(line_end)).max(label.end);
    start..end
}

/// Whether a range begins at a line's start, so that a window over it shows true line numbers and no huge line.
fn whole_lines(text: &str, range: &Range<usize>) -> bool {
    let starts = range.start == 0 || text.as_bytes().get(range.start - 1) == Some(&b'\n');
    starts
        && text
            .get(range.clone())
            .is_some_and(|part| part.lines().all(|line| line.len() <= LONGEST_LINE))
}

/// `2 errors, 1 warning`.
pub fn summary(report: &Report) -> String {
    let counts =
        [Severity::Error, Severity::Warning, Severity::Note].map(|severity| (report.count(severity), severity));
    let words: Vec<_> = counts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, severity)| format!("{count} {severity}{}", if *count == 1 { "" } else { "s" }))
        .collect();
    words.join(", ")
}

/// The report as data: `{"findings": [...], "errors": N, "warnings": N, "notes": N}`. Offsets are bytes, lines and
/// columns count from 1, columns in characters.
pub fn json(report: &Report) -> Value {
    let findings: Vec<_> = report
        .findings
        .iter()
        .map(|finding| finding_json(finding, &report.sources))
        .collect();
    json!({
        "findings": findings,
        "errors": report.count(Severity::Error),
        "warnings": report.count(Severity::Warning),
        "notes": report.count(Severity::Note),
    })
}

fn finding_json(finding: &Shown, sources: &Sources) -> Value {
    let labels: Vec<_> = finding
        .remarks
        .iter()
        .map(|remark| {
            let place = remark.span.and_then(|span| {
                let (start, end) = sources.positions(span)?;
                Some(json!({
                    "file": sources.get(span.source)?.name,
                    "start": { "line": start.line, "column": start.column, "offset": span.start },
                    "end": { "line": end.line, "column": end.column, "offset": span.end },
                }))
            });
            json!({ "field": remark.field, "place": place, "text": remark.text })
        })
        .collect();
    json!({
        "code": finding.code.as_str(),
        "severity": finding.severity.to_string(),
        "message": finding.message,
        "labels": labels,
        "help": finding.help,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{Code, FieldPath, Finding, Findings, Place};

    fn shown(text: &str, spans: &[(usize, usize)]) -> String {
        let mut sources = Sources::default();
        let id = sources.add("host.nix", text);
        let mut finding = Finding::at(Code::UnknownField, Place::Field(FieldPath::of("0")), "wrong")
            .here("this")
            .help("mend it");
        for index in 1..spans.len() {
            finding = finding.with(FieldPath::of(&index.to_string()), "against this");
        }
        let mut findings = Findings::new();
        findings.add(finding);
        let report = Report::new(&findings, sources, |place| {
            let Place::Field(path) = place else { return None };
            let (start, end) = spans[path.to_string().trim_matches('"').parse::<usize>().unwrap()];
            Some(Span::new(id, start, end))
        });
        let mut out = Vec::new();
        human(&report, false, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn two_labels_of_one_text_share_a_window() {
        let text = "{\n  a = 1;\n  b = 2;\n  c = 3;\n}\n";
        let out = shown(text, &[(26, 27), (8, 9)]);
        assert!(out.contains("error[unknown-field]: wrong"), "{out}");
        assert!(out.contains("--> host.nix:4:7"), "{out}");
        assert!(out.contains("2 |   a = 1;") && out.contains("4 |   c = 3;"), "{out}");
        assert!(out.contains("help: mend it") && out.ends_with("1 error\n"), "{out}");
    }

    #[test]
    fn keys_and_endless_lines_are_not_repeated() {
        let text = format!(
            "a = \"{}tskey-auth-SECRET\"; x = {};",
            "y".repeat(3000),
            "z".repeat(100_000)
        );
        let out = shown(&text, &[(3005, 3022)]);
        assert!(!out.contains("SECRET") && out.len() < 3000, "{out}");
        assert!(out.contains("--> host.nix:1:3006\n"), "{out}");
    }

    #[test]
    fn a_place_in_an_endless_line_is_the_true_one() {
        let text = format!("{{ a = 1;\n {}x = 2; {} y = 3; }}", "ä ".repeat(400), "z".repeat(900));
        let place = |name: &str| text.find(name).map(|offset| (offset, offset + 5)).unwrap();
        let out = shown(&text, &[place("x = 2"), place("y = 3"), place("a = 1")]);
        for true_place in ["--> host.nix:2:802\n", "::: host.nix:2:1710\n", "::: host.nix:1:3\n"] {
            assert!(out.contains(true_place), "{true_place}: {out}");
        }
    }
}
