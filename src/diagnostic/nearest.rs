//! The known name that a wrong one was probably meant to be.

/// Longest wrong name for which a near one is looked for, in characters; longer ones are no misspelling of a known name.
const LONGEST: usize = 64;

/// The candidate nearest to `wrong`, if one is near: the same letters but for case, hyphens and underscores, or a distance
/// (insertions, deletions, substitutions, transpositions) of at most a third of the longer name's length.
///
/// Of several equally near ones, one with the same first letter is preferred (people rarely get that wrong), then the first.
pub fn nearest<'a>(candidates: impl IntoIterator<Item = &'a str>, wrong: &str) -> Option<&'a str> {
    if wrong.is_empty() || wrong.chars().nth(LONGEST).is_some() {
        return None;
    }
    let plain_wrong = plain(wrong);
    candidates
        .into_iter()
        .filter_map(|candidate| {
            let plain_candidate = plain(candidate);
            let distance = strsim::damerau_levenshtein(&plain_candidate, &plain_wrong);
            let limit = plain_candidate.chars().count().max(plain_wrong.chars().count()) / 3;
            let other_start = plain_candidate.chars().next() != plain_wrong.chars().next();
            (distance <= limit).then_some(((distance, other_start), candidate))
        })
        .min_by_key(|(remoteness, _)| *remoteness)
        .map(|(_, candidate)| candidate)
}

fn plain(name: &str) -> String {
    name.chars()
        .filter(|character| !matches!(character, '-' | '_'))
        .flat_map(char::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 5] = ["ssh", "postgresql", "ollama", "advertiseRoutes", "enableHTTP3"];

    #[test]
    fn a_misspelt_name_finds_its_neighbour() {
        for (wrong, right) in [
            ("postgreslq", "postgresql"),
            ("olama", "ollama"),
            ("shh", "ssh"),
            ("advertise_routes", "advertiseRoutes"),
            ("advertise-Route", "advertiseRoutes"),
            ("enableHttp3", "enableHTTP3"),
        ] {
            assert_eq!(nearest(NAMES, wrong), Some(right), "{wrong}");
        }
    }

    #[test]
    fn a_stranger_finds_nothing() {
        for stranger in ["", "-", "zebra", "x", "kubernetes", &"ollama".repeat(1_000_000)] {
            assert_eq!(nearest(NAMES, stranger), None);
        }
    }

    #[test]
    fn of_equally_near_names_the_first_is_taken() {
        assert_eq!(nearest(["abcd", "abce"], "abcf"), Some("abcd"));
        assert_eq!(nearest(["abce", "abcd"], "abcf"), Some("abce"));
        assert_eq!(nearest(["llama", "ollama"], "olama"), Some("ollama"));
    }
}
