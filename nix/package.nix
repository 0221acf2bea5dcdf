# Both programs from one build: `tailwright` in the default output, `tsctl` in an output of its own, so that a host does
# not carry the workstation's program.
{
  lib,
  stdenv,
  rustPlatform,
  installShellFiles,
}: let
  manifest = lib.importTOML ../Cargo.toml;
in
  rustPlatform.buildRustPackage {
    pname = manifest.package.name;
    inherit (manifest.package) version;

    # Only what the build reads: a change to a document or a Nix file builds nothing anew.
    src = lib.fileset.toSource {
      root = ../.;
      fileset = lib.fileset.unions (
        [../Cargo.toml ../Cargo.lock ../benches ../clippy.toml ../docs/metrics ../docs/schema ../examples ../src ../tests]
        ++ map lib.fileset.maybeMissing [../askama.toml ../templates]
      );
    };
    cargoLock.lockFile = ../Cargo.lock;

    outputs = ["out" "tsctl"];

    nativeBuildInputs = [installShellFiles];

    # The unit tests; what the real programs make of the output is tried by ./test, outside the sandbox.
    cargoTestFlags = ["--lib" "--bins"];

    postInstall =
      ''
        moveToOutput bin/tsctl "$tsctl"
        for name in fw-status nginx-{logs,test} ts-{auth,benchmark,cert,monitor,monitor-logs,quality,status}; do
          ln -s tsctl "$tsctl/bin/$name"
        done
        install -Dm644 docs/metrics/tailwright-* -t "$tsctl/share/tailwright"
      ''
      + lib.optionalString (stdenv.buildPlatform.canExecute stdenv.hostPlatform) ''
        $out/bin/tailwright man --out man
        installManPage man/*
        installShellCompletion --cmd tailwright \
          --bash <($out/bin/tailwright completions bash) \
          --fish <($out/bin/tailwright completions fish) \
          --zsh <($out/bin/tailwright completions zsh)
      '';

    meta = {
      inherit (manifest.package) description;
      license = with lib.licenses; [mit asl20];
      mainProgram = "tailwright";
      platforms = lib.platforms.linux;
    };
  }
