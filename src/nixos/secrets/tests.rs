use crate::nixos::tests::module_of;

const PATH: &str = "modules/secrets/tailscale.nix";

#[test]
fn a_file_of_the_flake_is_named_by_a_path() {
    let text = module_of(
        "{ host.name = \"a\"; secrets.tailscale = { sopsFile = ./secrets/tailscale.yaml; keys.authkey = {}; \
         keys.api_token = { owner = \"ann\"; group = \"wheel\"; mode = \"0440\"; }; age.keyFile = \"/var/lib/sops/key.txt\"; \
         age.sshKeyPaths = [ \"/etc/ssh/ssh_host_ed25519_key\" ]; }; }",
        PATH,
    );
    assert!(text.contains("sopsFile = ../../secrets/tailscale.yaml;"), "{text}");
    assert!(!text.contains("validateSopsFiles"), "{text}");
    assert!(text.contains("sops.age.keyFile = \"/var/lib/sops/key.txt\";"), "{text}");
    assert!(
        text.contains("sops.age.sshKeyPaths = [\"/etc/ssh/ssh_host_ed25519_key\"];"),
        "{text}"
    );
    assert!(
        text.contains("owner = \"ann\";\n    group = \"wheel\";\n    mode = \"0440\";"),
        "{text}"
    );
}

#[test]
fn a_file_on_the_host_cannot_be_checked_in_the_build() {
    let text = module_of(
        "{ host.name = \"a\"; secrets.tailscale = { sopsFile = \"/etc/nixos/secrets/tailscale.yaml\"; keys.authkey = {}; }; }",
        PATH,
    );
    assert!(text.contains("sops.validateSopsFiles = false;"), "{text}");
    assert!(
        text.contains("sopsFile = \"/etc/nixos/secrets/tailscale.yaml\";"),
        "{text}"
    );
}

#[test]
fn a_host_without_secrets_has_no_module() {
    assert_eq!(module_of("{ host.name = \"a\"; }", PATH), "");
}
