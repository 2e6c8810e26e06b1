"""The views of *Teach your own*: photos come in, the classes with their photos, and the answer beside them."""

import numpy as np
import streamlit as st

from cnn.analysis.evaluation.intervals import wilson
from cnn.data.builtin.tabletop_photos import on_table
from cnn.data.images import MAX_BYTES, decode_all, fit_to
from cnn.errors import CnnError
from cnn.figures.heatmap import evidence
from cnn.model.pretrained_bases import Base
from cnn.training.few_shot_head import EVERY, Taught, hints
from pages.components.paste_image import paste
from pages.lessons.teach_your_own import session
from pages.shell.page_layout import notice, prose
from pages.widgets.base_features import look
from pages.widgets.gallery import Tile, gallery
from pages.widgets.image_input import TYPES, camera_allowed
from pages.widgets.probability_bars import bars, percent

WAYS = ("Upload", "Camera", "Paste")
DRAWN = "Drawn"


def incoming(base: Base) -> None:
    """Which class gets photos, and how they come in."""
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            titles = dict(enumerate(session.names()))
            if st.session_state.get("teach.to") not in titles:
                st.session_state["teach.to"] = 0
            number = st.segmented_control(
                "Photos for", list(titles), key="teach.to", format_func=titles.get, required=True
            )
            way = st.segmented_control("How", WAYS, default=WAYS[0], key="teach.way", required=True)
        arrived, refused = _arrived(way, "teach.in")
        if arrived or refused:
            st.session_state[session.PROBLEMS] = refused + session.add(base, int(number), arrived)
            st.session_state["teach.in.count"] = st.session_state.get("teach.in.count", 0) + 1
            st.rerun()
        for sentence in st.session_state.pop(session.PROBLEMS, None) or []:
            notice(sentence)


def _arrived(way: str, key: str) -> tuple[list[tuple[str, np.ndarray]], list[str]]:
    """Photos that have just come in, and a sentence on each that cannot be taken; the others go on."""
    count = st.session_state.get(f"{key}.count", 0)
    if way == "Paste":
        try:
            pasted = paste(key=f"{key}.paste")
        except CnnError as error:
            notice(str(error))  # not remembered: the field still holds it, and would bring it again
            return [], []
        if pasted is None or st.session_state.get(f"{key}.pasted") == pasted[0]:
            return [], []
        st.session_state[f"{key}.pasted"] = pasted[0]
        return [("pasted picture", pasted[1])], []
    sentences = []
    if way == "Camera" and camera_allowed():
        taken = st.camera_input("Take a photo", key=f"{key}.camera.{count}", width=400)
        files = [("camera photo", taken.getvalue())] if taken else []
    else:
        uploaded = st.file_uploader(
            "Photos, several at once",
            TYPES,
            accept_multiple_files=True,
            key=f"{key}.files.{count}",
            max_upload_size=MAX_BYTES // 2**20,
            help="On a phone this opens the camera too.",
        )
        files = [(file.name, file.getvalue()) for file in uploaded[: session.MOST_PHOTOS]]
        if len(uploaded) > session.MOST_PHOTOS:
            sentences.append(
                f"These were {len(uploaded)} photos; a class can have {session.MOST_PHOTOS}, so only the first "
                f"{session.MOST_PHOTOS} were looked at. A few dozen different ones teach as much."
            )
    taken: list[tuple[str, np.ndarray]] = []
    # One by one and made small at once: a hundred photos of a phone are 4 GB.
    for file in files:
        good, bad = decode_all([file])
        taken += [(name, session.smaller(picture)) for name, picture in good]
        sentences += [sentence for _, sentence in bad]
    return taken, sentences


def classes(head: Taught | None) -> None:
    """Every class: its name, its photos, marked where the others speak against them."""
    if problem := st.session_state.pop("teach.name_problem", None):
        notice(problem)
    at = 0
    for number, (name, group) in enumerate(zip(session.names(), session.photos(), strict=True)):
        with st.container(border=True):
            with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
                key = f"teach.name.{number}.{name}"
                st.text_input("Name", name, key=key, max_chars=40, width=220, on_change=_rename, args=(number, key))
                st.caption(f"{len(group)} photos" if len(group) != 1 else "1 photo")
                st.button(
                    "Take away",
                    key=f"teach.remove.{number}",
                    disabled=len(session.names()) <= 2,
                    on_click=session.remove_class,
                    args=(number,),
                )
            gallery([_tile(photo, head, at + place, number) for place, photo in enumerate(group)], side=72)
        at += len(group)
    with st.container(horizontal=True):
        full = len(session.names()) >= session.MOST_CLASSES
        st.button("One more class", key="teach.more", icon=":material/add:", on_click=session.add_class, disabled=full)
        doubted = np.array([], bool) if head is None else _doubted(head)
        if doubted.any():
            label = f"Take out the {doubted.sum()} marked ✗" if doubted.sum() > 1 else "Take out the one marked ✗"
            st.button(label, key="teach.doubted", on_click=session.keep, args=(~doubted,))


def _doubted(head: Taught) -> np.ndarray:
    return head.said.argmax(axis=1) != session.rows()[1]


def _tile(photo: session.Photo, head: Taught | None, place: int, number: int) -> Tile:
    if head is None:
        return Tile(photo.seen, "", f"{photo.name}, of {session.names()[number]}")
    said = int(head.said[place].argmax())
    kept = "kept back, " if head.unseen[place] else ""
    right = said == number
    caption = (
        f"{kept}{percent(float(head.said[place, said]))}" if right else f"{kept}looks like {session.names()[said]}"
    )
    alt = f"{photo.name}, of {session.names()[number]}; the others say {session.names()[said]}"
    return Tile(photo.seen, caption, alt, "right" if right else "wrong")


def _rename(number: int, key: str) -> None:
    st.session_state["teach.name_problem"] = session.rename(number, str(st.session_state[key]))


def trust(head: Taught) -> None:
    """How far to believe it, in a sentence, and what would help next."""
    labels = session.rows()[1]
    if head.unseen.any():
        right, count = int((head.said.argmax(axis=1) == labels)[head.unseen].sum()), int(head.unseen.sum())
        low, high = (round(100 * end) for end in wilson(right, count))
        prose(
            f"**{right} of {count} photos that it had never seen are right.** Every {EVERY}th was kept back to test "
            f"it. From so few, anything between {low} and {high} of 100 is possible."
        )
    else:
        prose("With six photos or more in every class, some are kept back to test it. Until then nobody knows.")
    pictures = [photo.picture.tobytes() for group in session.photos() for photo in group]
    for sentence in hints(labels, session.names(), pictures):
        prose(f"→ {sentence}")


def try_it(base: Base, head: Taught) -> None:
    """A new picture, the answer to it, and where the evidence was."""
    st.markdown("**Try it**")
    example = st.session_state.get(session.EXAMPLE)
    ways = [*([DRAWN] if example else []), *WAYS]
    if st.session_state.get("teach.try") not in ways:
        st.session_state["teach.try"] = ways[0]
        st.session_state.pop("teach.tried", None)
    way = st.segmented_control("Picture", ways, key="teach.try", required=True, label_visibility="collapsed")
    if way != DRAWN:
        arrived, refused = _arrived(way, "teach.out")
        if arrived or refused:
            st.session_state["teach.out.refused"] = refused
            st.session_state["teach.tried"] = arrived[-1][1] if arrived else st.session_state.get("teach.tried")
            st.session_state["teach.out.count"] = st.session_state.get("teach.out.count", 0) + 1
            st.rerun()
        for sentence in st.session_state.pop("teach.out.refused", None) or []:
            notice(sentence)
    else:
        seed = st.session_state.setdefault("teach.drawn", 100)
        tables, border = session.EXAMPLES[example]
        st.session_state["teach.tried"] = on_table(list(tables)[seed % 2], 1, seed=seed, border=border)[0]
        st.button("Another one", key="teach.another", on_click=_another)
    picture = st.session_state.get("teach.tried")
    if picture is not None:
        answer(base, head, picture)


def answer(base: Base, head: Taught, picture: np.ndarray) -> None:
    """What a head says to a picture, and the heatmap of its answer."""
    seen = fit_to(picture, base.input_shape)
    volumes, features = look(base.name, seen[None])
    shares = head.answer(features)[0]
    best = int(shares.argmax())
    name = session.names()[best]
    st.markdown(f"**It says: {name}, {percent(float(shares[best]))}**")
    bars(session.names(), shares)
    heat = evidence(seen, head.evidence(volumes[0], best))
    gallery(
        [
            Tile(seen, "what it gets", "The picture, as the base gets it"),
            Tile(heat, f"evidence for {name}", f"Where the evidence for {name} is"),
        ],
        side=144,
    )


def _another() -> None:
    st.session_state["teach.drawn"] += 1


def broken(base: Base, head: Taught) -> None:
    """The lesson of the tables: guess first, then see what it really learned."""
    st.header("Break it on purpose", anchor=False)
    prose(
        "All moons lay on light tables, all circles on dark ones. Here is a moon on a dark table, which it has never "
        "seen. What will it say?"
    )
    picture = on_table("moon", 1, light=False, seed=1)[0]
    gallery([Tile(picture, "a moon on a dark table", "A moon on a dark table")], side=144)
    guessed = st.segmented_control("Your guess", session.names(), key="teach.guess")
    if guessed is None:
        return
    answer(base, head, picture)
    prose(
        "**Look at the evidence**: it lies on the table as well as on the thing. Nobody told the network what to "
        "look at, and the tables told the two apart as well as the shapes. Photos that differ only in what matters "
        "help: moons on dark tables, circles on light ones."
    )
