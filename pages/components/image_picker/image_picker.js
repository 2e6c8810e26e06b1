// A gallery whose images can be chosen: each is a button, the one in hand is pressed.
export default function (component) {
  const { parentElement, data, setStateValue } = component
  const root = parentElement.querySelector(".tiles")
  root.style.setProperty("--side", `${data.side}px`)
  root.setAttribute("aria-label", data.label)
  const made = data.tiles.map(({ id, source, caption, alt }) => {
    const image = document.createElement("img")
    image.src = source
    image.alt = ""
    const line = document.createElement("span")
    line.textContent = caption
    const button = document.createElement("button")
    button.type = "button"
    button.dataset.id = id
    button.setAttribute("aria-label", alt)
    button.setAttribute("aria-pressed", String(id === data.chosen))
    button.append(image, line)
    button.onclick = () => {
      for (const other of root.children) other.setAttribute("aria-pressed", String(other === button))
      setStateValue("chosen", id)
    }
    return button
  })
  // The hand stays where it was when the same page of the gallery comes again.
  const focused = root.getRootNode().activeElement?.dataset?.id
  root.replaceChildren(...made)
  made.find((button) => button.dataset.id === focused)?.focus()
}
