//! What unit files need: the names of device units, and words that systemd leaves as they are.

use crate::net::InterfaceName;

/// The unit that is active while the interface exists: `sys-subsystem-net-devices-br\x2dlan.device` (systemd.device(5);
/// escaped as systemd-escape(1) does).
pub fn device_unit(interface: &InterfaceName) -> String {
    let escaped: String = interface
        .as_str()
        .chars()
        .map(|c| match c {
            '-' => "\\x2d".to_owned(),
            // An interface's name holds nothing else that needs escaping: letters, digits, `_` and inner `.`.
            other => other.to_string(),
        })
        .collect();
    format!("sys-subsystem-net-devices-{escaped}.device")
}

/// `text` as one word of a command line in a unit (systemd.service(5), "Command lines"): quoted where needed, with
/// specifiers and variables switched off.
pub fn exec_word(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:=,@+~".contains(&byte);
    if !text.is_empty() && text.bytes().all(plain) {
        return text.to_owned();
    }
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '%' => out.push_str("%%"),
            '$' => out.push_str("$$"),
            other => out.push(other),
        }
    }
    out.push('"');
    out
}

/// `text` as one argument of a variable that a unit splits into words (`$FLAGS`), where the variable is set by
/// `Environment="NAME=…"`: quoted for the splitting, and that again for the assignment.
pub fn flag_in_environment(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:=,@+~".contains(&byte);
    if !text.is_empty() && text.bytes().all(plain) {
        return text.to_owned();
    }
    // The splitting knows quotes and takes the character after a backslash as it is.
    let word = text.replace('\\', "\\\\").replace('\'', "\\'");
    // The assignment stands in double quotes, with C escapes and specifiers.
    let word = word.replace('\\', "\\\\").replace('"', "\\\"").replace('%', "%%");
    format!("'{word}'")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn device_units_are_escaped() {
        let unit = |name: &str| device_unit(&name.parse().unwrap());
        assert_eq!(unit("tailscale0"), "sys-subsystem-net-devices-tailscale0.device");
        assert_eq!(unit("br-lan"), "sys-subsystem-net-devices-br\\x2dlan.device");
        assert_eq!(unit("eth0.10"), "sys-subsystem-net-devices-eth0.10.device");
    }

    #[test]
    fn words_stay_words() {
        assert_eq!(exec_word("--rate=10mbit"), "--rate=10mbit");
        assert_eq!(exec_word(""), "\"\"");
        assert_eq!(exec_word("a b;%i\"$X\\\n"), "\"a b;%%i\\\"$$X\\\\\\n\"");
        assert_eq!(
            flag_in_environment("--socks5-server=localhost:1055"),
            "--socks5-server=localhost:1055"
        );
        assert_eq!(flag_in_environment("--x=a b"), "'--x=a b'");
        assert_eq!(flag_in_environment("--x='\"%"), "'--x=\\\\'\\\"%%'");
    }
}
