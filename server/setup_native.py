"""The set-up's step for the native wire: Rust, where there is a cargo, else a wheel. Standard library only.

`python3 -m server.setup_native FOLDER` builds the wheel for machines like this one that have no cargo.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from server.setup_steps import CannotDo, Steps
from server.setup_wheel import fitting, module_of, write_wheel
from server.setup_words import digest, source_line, with_source

_BUILT = "libsabaq_wire.so"


class NativeSteps(Steps):
    """Builds `media/wire/native/_core.abi3.so`, good for every Python from 3.11 on.

    The list of crates (`crates.lock`) names no registry. cargo wants to read one in its lock file, so the word that
    this machine's cargo uses is written in at build time.
    """

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.crate = root / "media" / "wire" / "native"
        self.module = self.crate / "_core.abi3.so"
        self.wheels = root / "wheels"

    def native(self) -> None:
        """Never raises: without it the wire in Python serves."""
        if not self.has_crate() or self.native_fits():
            return
        lost = "the native wire of the last build serves" if self.module.exists() else "the wire in Python serves"
        wheel = self.wheel()
        try:
            if wheel is None:
                self.step("native", "native wire, in Rust", self.build_native, self.native_key())
            else:
                self.step("native", "native wire, from its wheel", lambda: self.take_wheel(wheel), self.native_key())
        except CannotDo as why:
            self.say(f"✗ {why}; {lost}")

    def has_crate(self) -> bool:
        return (self.crate / "Cargo.toml").exists()

    def native_fits(self) -> bool:
        """Whether it is built, or cannot be. The compiler's version is not asked for: that would be a program run."""
        if not self.has_crate() or self.fits("native", self.module, self.native_key()):
            return True
        return self.cargo() is None and self.wheel() is None

    def native_key(self) -> str:
        sources = sorted((self.crate / "src").glob("**/*.rs"))
        return f"{sys.platform} {digest(self.crate / 'Cargo.toml', self.crate / 'crates.lock', *sources)}"

    def cargo(self) -> str | None:
        """cargo on the PATH, or where rustup puts it."""
        return shutil.which("cargo") or shutil.which("cargo", path=str(Path.home() / ".cargo" / "bin"))

    def cargo_env(self) -> dict[str, str]:
        """What cargo and its rustc need to be found, and where they build."""
        folder = str(Path(self.cargo() or "").parent)
        path = os.pathsep.join((os.environ.get("PATH", os.defpath), folder))
        return {"CARGO_TARGET_DIR": str(self.state / "native"), "PATH": path}

    def build_native(self) -> None:
        self.lock_crates()
        how = ("--release", "--locked", "--quiet", "--features", "python")
        self.call(self.cargo(), "build", *how, cwd=self.crate, env=self.cargo_env())
        self.put_module((self.state / "native" / "release" / _BUILT).read_bytes())

    def wheel(self) -> Path | None:
        """One in `wheels/` that was built from this source for a machine like this one."""
        return fitting(self.wheels, self.native_key())

    def take_wheel(self, wheel: Path) -> None:
        self.put_module(module_of(wheel))

    def make_wheel(self, folder: Path) -> Path:
        """Build the module where it does not fit, and put it into a wheel. CannotDo without a cargo."""
        if self.cargo() is None:
            raise CannotDo("no cargo was found; it is needed once, to build the wheel")
        with self.alone():
            if not self.fits("native", self.module, self.native_key()):
                self.step("native", "native wire, in Rust", self.build_native, self.native_key())
        return write_wheel(folder, self.module.read_bytes(), self.native_key())

    def put_module(self, module: bytes) -> None:
        fresh = self.module.with_name("fresh.so")
        fresh.write_bytes(module)
        fresh.replace(self.module)  # whoever runs with the former one keeps it

    def lock_crates(self) -> None:
        """Write Cargo.lock: exactly what crates.lock says, with the source that this cargo has."""
        lock = self.crate / "Cargo.lock"
        source = source_line(lock.read_text("utf-8")) if lock.exists() else ""
        if not source:
            self.call(self.cargo(), "generate-lockfile", "--quiet", cwd=self.crate, env=self.cargo_env())
            source = source_line(lock.read_text("utf-8"))
        wanted = with_source((self.crate / "crates.lock").read_text("utf-8"), source)
        if lock.read_text("utf-8") != wanted:
            lock.write_text(wanted, "utf-8")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    try:
        print(NativeSteps(Path(__file__).resolve().parent.parent).make_wheel(Path(sys.argv[1])))
    except (CannotDo, OSError) as why:
        sys.exit(f"✗ {why}")
