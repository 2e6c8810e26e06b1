"""A processor that cannot run TensorFlow gets a sentence before TensorFlow is imported."""

import json
import platform
import sys

import pytest

from cnn import __main__ as command_line
from cnn import processor
from cnn.errors import CnnError
from tools import serve

# From machines of 2008 and 2012.
CORE_2 = "flags\t\t: fpu vme de pse tsc msr mmx fxsr sse sse2 ss ht tm pbe syscall nx lm ssse3 cx16 sse4_1 lahf_lm\n"
IVY_BRIDGE = CORE_2.replace("lahf_lm", "sse4_2 popcnt aes xsave avx f16c lahf_lm")


@pytest.fixture
def intel(monkeypatch):
    monkeypatch.setattr(platform, "machine", lambda: "x86_64")


def test_a_processor_without_avx_is_named(intel, tmp_path):
    file = tmp_path / "cpuinfo"
    file.write_text(f"processor\t: 0\n{CORE_2}processor\t: 1\n{CORE_2}")
    with pytest.raises(CnnError, match="has no AVX, which TensorFlow needs"):
        processor.check_processor(file)
    file.write_text(IVY_BRIDGE)
    processor.check_processor(file)


def test_other_machines_and_unknown_ones_are_not_refused(intel, tmp_path, monkeypatch):
    processor.check_processor(tmp_path / "missing")
    file = tmp_path / "cpuinfo"
    file.write_text("no flags here")
    processor.check_processor(file)
    file.write_text(CORE_2)
    monkeypatch.setattr(platform, "machine", lambda: "arm64")
    processor.check_processor(file)


def test_command_line_and_server_end_with_the_sentence(monkeypatch, capsys):
    def refuse():
        raise CnnError("no AVX here")

    monkeypatch.setattr(command_line, "check_processor", refuse)
    assert command_line.main(["train", "--json"]) == 2
    assert json.loads(capsys.readouterr().err) == {"error": "no AVX here"}
    monkeypatch.setattr(serve, "check_processor", refuse)
    monkeypatch.setattr(sys, "argv", ["serve"])
    with pytest.raises(SystemExit, match="no AVX here"):
        serve.main()
