//! The two scripts of the guide.

use super::{Module, TSCTL};
use crate::nixos::value::{AttrPath, Binding, Call, NixSet, NixValue, Reference, Template};

/// Adds `/etc/tailscale/health-check.sh` and `/etc/tailscale/monitoring-check.sh`.
pub(super) fn bind(module: &mut Module) {
    let tsctl = || Call::get_exe(Reference::defined(TSCTL));
    let health = start().text("exec ").value(tsctl()).text(" doctor \"$@\"\n");
    let monitoring = start()
        .text(
            "# The exit status is the worst of the three. What is known to be bad hides behind nothing that cannot be told.\n\
             worst=0\n\
             rank() {\n  \
               case \"$1\" in\n    \
                 0) echo 0 ;;\n    \
                 1) echo 2 ;;\n    \
                 2) echo 3 ;;\n    \
                 *) echo 1 ;;\n  \
               esac\n\
             }\n\
             look() {\n  \
               printf '\\n== tsctl %s\\n' \"$*\"\n  ",
        )
        .value(tsctl())
        .text(
            " \"$@\"\n  \
               status=$?\n  \
               if [ \"$(rank \"$status\")\" -gt \"$(rank \"$worst\")\" ]; then\n    \
                 worst=$status\n  \
               fi\n\
             }\n\
             look status --peers=active\n\
             look failover status\n\
             look quality\n\
             exit \"$worst\"\n",
        );
    for (name, script, comment) in [
        (
            "health-check.sh",
            health,
            "Every check of the troubleshooting guide, each with the command that mends it.",
        ),
        (
            "monitoring-check.sh",
            monitoring,
            "How the tailnet is, and what the monitor does about it.",
        ),
    ] {
        let file = NixSet::new()
            .with("mode", "0755")
            .with("text", NixValue::TemplateLines(script));
        let path = AttrPath::of("environment.etc").name(format!("tailscale/{name}"));
        module.bind(Binding::new(path, file).comment(comment).spaced());
    }
}

fn start() -> Template {
    Template::new()
        .text("#!")
        .value(Reference::package("runtimeShell"))
        .text("\n")
}
