// A gallery of buttons, one per image; the selected one is pressed.
export default function (component) {
  const { parentElement, data, setStateValue } = component
  const root = parentElement.querySelector(".tiles")
  root.style.setProperty("--side", `${data.side}px`)
  root.setAttribute("aria-label", data.label)
  root.classList.toggle("row", data.row)
  const buttons = data.tiles.map(({ id, source, caption, alt }) => {
    const image = document.createElement("img")
    image.src = source
    image.alt = ""
    const captionLine = document.createElement("span")
    captionLine.textContent = caption
    const button = document.createElement("button")
    button.type = "button"
    button.dataset.id = id
    button.setAttribute("aria-label", alt)
    button.setAttribute("aria-pressed", String(id === data.chosen))
    button.append(image, captionLine)
    button.onclick = () => {
      for (const other of root.children) other.setAttribute("aria-pressed", String(other === button))
      // With the time, so that a click counts that chooses what the last one did: after *Back* it is a change.
      setStateValue("chosen", { id, time: Date.now() })
    }
    return button
  })
  // Keep the keyboard focus when the same page of the gallery is rendered again.
  const focusedId = root.getRootNode().activeElement?.dataset?.id
  root.replaceChildren(...buttons)
  buttons.find((button) => button.dataset.id === focusedId)?.focus({ preventScroll: true })
  const pressed = buttons.find((button) => button.getAttribute("aria-pressed") === "true")
  if (data.row && pressed) bringIntoSight(root, pressed)
}

// Scroll a row sideways, no further than it takes to see one of its buttons; the page itself stays where it is.
function bringIntoSight(row, button) {
  const [seen, wanted] = [row, button].map((element) => element.getBoundingClientRect())
  row.scrollLeft += Math.min(0, wanted.left - seen.left) || Math.max(0, wanted.right - seen.right)
}
