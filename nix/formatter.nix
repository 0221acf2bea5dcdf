# `nix fmt`: the Rust sources with rustfmt, the Nix files with alejandra (the formatter that our Nix output is stable under).
{pkgs}:
pkgs.writeShellApplication {
  name = "tailwright-format";
  runtimeInputs = [pkgs.alejandra pkgs.cargo pkgs.rustfmt];
  text = ''
    cargo fmt
    alejandra --quiet "''${@:-.}"
  '';
}
