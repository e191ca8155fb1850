# SPDX-License-Identifier: MIT
"""Big-endian and 32-bit machines, emulated: the same alarms, the same sizes and the same snapshot bytes as here. On a Cortex-M the
atomic operations are instructions, no calls of a libatomic that is not there."""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

source = pathlib.Path(os.environ["KEDGE_SOURCE"])
machines = [("s390x (big-endian)", "s390x-linux-gnu-gcc", "qemu-s390x"), ("arm (32-bit)", "arm-linux-gnueabihf-gcc", "qemu-arm")]
there = [m for m in machines if shutil.which(m[1]) and shutil.which(m[2])]
if not there:
    print("skipped: no cross compiler and emulator")
    sys.exit(77)


def output_of(compiler, runner, directory):
    """Without optimisation: the order of bytes and the width of pointers are in the source, and compiling takes most of the
    time."""
    program = directory / compiler
    subprocess.run([compiler, "-std=c11", "-O0", "-static", "-I", directory, "-o", program, directory / "kedge.c",
                    source / "tests/embed/portable.c", "-lm"], check=True)
    return subprocess.run([*runner, program], check=True, capture_output=True, text=True, timeout=240).stdout


def check_cortex_m(compiler, directory):
    """The same with a compiler that says it has no atomics: the functions are there, and refuse (kedge_publish)."""
    for flags in ([], ["-D__STDC_NO_ATOMICS__=1"]):
        subprocess.run([compiler, "-std=c11", "-Os", "-mthumb", "-mcpu=cortex-m4", "-mfloat-abi=hard", "-mfpu=fpv4-sp-d16", *flags,
                        "-I", source / "include", "-I", source / "src", "-c", source / "src/pipeline/publish.c",
                        "-o", directory / "publish.o"], check=True)
        needed = subprocess.run(["nm", "-u", directory / "publish.o"], check=True, capture_output=True, text=True).stdout
        assert "kedge_i_object_bind" in needed and "atomic" not in needed and "__sync" not in needed, needed
        if not flags:
            assert "kedge_i_object_init" in needed, needed
        else:
            assert "kedge_i_object_init" not in needed, needed


with tempfile.TemporaryDirectory() as name:
    directory = pathlib.Path(name)
    subprocess.run([source / "tools/amalgamate", directory], check=True, stdout=subprocess.DEVNULL)
    here = output_of("gcc" if shutil.which("gcc") else "cc", [], directory)
    print(here)
    assert "adwin alarms 2" in here and "checksum" in here, "the program shows nothing"
    if shutil.which("arm-linux-gnueabihf-gcc"):
        check_cortex_m("arm-linux-gnueabihf-gcc", directory)
        print("Cortex-M: no libatomic")
    for label, compiler, emulator in there:
        other = output_of(compiler, [emulator], directory)
        assert other == here, f"{label} differs:\n{other}"
        print(f"{label}: the same")
