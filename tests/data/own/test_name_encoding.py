"""Which encoding names in a zip are in: names that Python's own codecs have encoded, and Info-ZIP's Unicode path."""

import io
import struct
import unicodedata
import zipfile
import zlib

import pytest

from cnn.data import catalog
from cnn.data.own import name_encoding, zip_reader
from cnn.data.own.name_encoding import decode_name, possible_encodings
from cnn.errors import DatasetError
from tests.data.own.uploads import encode_random_image, import_files

# The classes of zips as pupils make them, in the encoding that their system writes.
NAMES = {
    "gbk": [
        "猫 狗 鸟",
        "苹果 香蕉 橙子",
        "汽车 自行车",
        "男 女",
        "可回收 有害垃圾 厨余 其他",
        "长颈鹿 大象",
        "塑料瓶 易拉罐",
    ],
    "shift_jis": [
        "猫 犬 鳥",
        "りんご バナナ みかん",
        "ネコ イヌ",
        "自転車 電車",
        "グー チョキ パー",
        "コップ 皿",
        "表 裏",
    ],
    "big5": ["貓 狗 鳥", "蘋果 香蕉 柳丁", "汽車 腳踏車", "男 女", "可回收 廚餘 一般垃圾", "長頸鹿 大象", "功能 許可"],
    "euc_kr": ["고양이 강아지", "사과 바나나", "자동차 자전거", "컵 접시", "가위 바위 보"],
    "cp866": ["кошка собака птица", "яблоко груша", "Кошки Собаки", "да нет", "ЛЕВО ПРАВО", "ёж уж", "Роза Тюльпан"],
    "cp1251": ["кошка собака птица", "Кошки Собаки", "чашка тарелка", "да нет"],
    "cp1252": [
        "Hündin Rüde",
        "café thé",
        "Äpfel Birnen",
        "niño niña",
        "pêche poire",
        "Löwe Bär",
        "maçã limão",
        "öl gås",
    ],
    "mac_roman": ["Hündin Rüde", "café thé", "Äpfel Birnen", "niño niña", "pêche poire", "Löwe Bär", "maçã limão"],
    "utf-8": ["猫 狗", "кошка", "café", "고양이", "🐱 🐶"],
}


@pytest.mark.parametrize(("encoding", "names"), [(key, names) for key, group in NAMES.items() for names in group])
def test_the_encoding_of_a_few_short_names_is_guessed(encoding, names):
    classes = names.split()
    raw = [f"{name}/{number}.jpg".encode(encoding) for name in classes for number in range(6)]
    guessed = possible_encodings(raw)[0]
    assert list(dict.fromkeys(decode_name(name, guessed).split("/")[0] for name in raw)) == classes


def test_names_in_ascii_leave_nothing_to_choose():
    assert possible_encodings([b"cat/1.jpg", b"dog/1.jpg"]) == []


def undeclared_zip(names: list[str], encoding: str, more: dict[str, bytes] | None = None) -> io.BytesIO:
    """A zip with six images for each class, whose names are in ``encoding`` without the UTF-8 flag, and more files."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for number in range(6 * len(names)):
            raw = f"{names[number % len(names)]}/{number}.png".encode(encoding)
            entry = zipfile.ZipInfo()
            entry.filename = entry.orig_filename = raw.decode("cp437")
            archive.writestr(_RawName(entry, raw), encode_random_image(number))
        for name, data in (more or {}).items():
            archive.writestr(name, data)
    return file


class _RawName(zipfile.ZipInfo):
    """An entry that is written with the bytes of its name as they are, as old programs do."""

    def __init__(self, entry: zipfile.ZipInfo, raw: bytes) -> None:
        super().__init__(entry.filename)
        self._raw = raw

    def _encodeFilenameFlags(self):
        return self._raw, self.flag_bits & ~0x800


def test_chinese_names_from_windows_are_three_classes(tmp_path):
    name, refused = import_files(tmp_path, [("things.zip", undeclared_zip(["猫", "狗", "鸟"], "gbk"))])
    assert (set(catalog.info(name).class_names), refused) == ({"猫", "狗", "鸟"}, [])


def test_the_visitor_may_choose_another_encoding(tmp_path):
    file = undeclared_zip(["猫", "狗"], "gbk")
    assert zip_reader.list_zip(file).encoding == "gbk"
    listing = zip_reader.list_zip(file, "cp866")
    assert listing.encoding == "cp866"
    assert {path[0] for path in listing.paths} == {
        "猫".encode("gbk").decode("cp866"),
        "狗".encode("gbk").decode("cp866"),
    }
    with pytest.raises(DatasetError, match="no encoding called “klingon”"):
        zip_reader.list_zip(file, "klingon")


def test_info_zips_unicode_path_comes_first(tmp_path):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for number in range(4):
            raw, said = f"?{number}/a.png".encode("cp437"), f"猫{number}/a.png".encode()
            for offset, checksum in ((0, zlib.crc32(raw)), (10, zlib.crc32(raw) ^ 1)):
                entry = zipfile.ZipInfo(f"?{number + offset}/a.png" if offset else raw.decode())
                field = struct.pack("<BL", 1, checksum) + said
                entry.extra = struct.pack("<HH", 0x5455, 1) + b"\0" + struct.pack("<HH", 0x7075, len(field)) + field
                archive.writestr(entry, b"")
    names = [path[0] for path in zip_reader.list_zip(file).paths]
    # A field whose checksum is that of another name belongs to a name that was changed since.
    assert names == [name for number in range(4) for name in (f"猫{number}", f"?{number + 10}")]


@pytest.mark.parametrize("field", [b"\x75\x70", b"\x75\x70\xff\xff\x01", b"\x75\x70\x05\0\x01abcd", b"\x75\x70\0\0"])
def test_a_damaged_unicode_path_is_no_name(field):
    assert name_encoding.unicode_path(b"cat", field) is None


def test_the_lists_of_common_characters_hold_nothing_else():
    assert {unicodedata.name(letter).split(" ")[0] for letter in name_encoding.HAN} == {"CJK"}
    assert {unicodedata.name(letter).split(" ")[0] for letter in name_encoding.HANGUL} == {"HANGUL"}
