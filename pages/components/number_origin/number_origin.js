// How one activation was computed. Each of its inputs is a button that leads to how that input was computed.
const NEGATIVE = [118, 42, 131]
const POSITIVE = [27, 120, 55]

export default function (component) {
  const { parentElement, data, setStateValue } = component
  const [channels, grids, table] = [".channels", ".grids", ".rows"].map((name) => parentElement.querySelector(name))
  parentElement.querySelector(".origin").dataset.fingerprint = data.fingerprint
  const text = (value) => (value === null ? "–" : String(value).replace("-", "−"))
  const make = (tag, attributes = {}, ...children) => {
    const element = document.createElement(tag)
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value)
    element.append(...children)
    return element
  }
  const follow = (index) => setStateValue("step", { fingerprint: data.fingerprint, index })
  const paint = (element, fraction) => {
    const end = fraction < 0 ? NEGATIVE : POSITIVE
    const colour = end.map((value) => Math.round(255 + (value - 255) * Math.min(1, Math.abs(fraction))))
    element.style.background = `rgb(${colour.join(" ")})`
    element.style.color = textColour(colour)
  }
  const grid = (title, numbers, maxMagnitude, channel) => {
    const { size, depth } = data
    const cell = Math.max(34, Math.min(54, Math.floor(320 / size)))
    const box = make("div", { class: "cells", style: `--size:${size};--cell:${cell}px;--letters:${Math.max(10, cell / 4.4)}px` })
    for (let k = 0; k < size * size; k++) {
      const index = k * depth + channel
      const value = numbers[index]
      const hasOrigin = title === "numbers" && data.inside[index]
      const element = make(hasOrigin ? "button" : "span", hasOrigin ? { type: "button", "aria-label": `${text(value)}, row ${Math.floor(k / size) + 1}, column ${(k % size) + 1}: where does it come from?` } : {}, text(value))
      paint(element, value === null ? 0 : value / (maxMagnitude || 1))
      if (hasOrigin) element.onclick = () => follow(index)
      box.append(element)
    }
    return make("div", { class: "grid" }, make("p", {}, title), box)
  }
  const largestMagnitude = (numbers) => numbers.reduce((a, b) => Math.max(a, Math.abs(b ?? 0)), 0)
  const show = (channel) => {
    for (const button of channels.children) button.setAttribute("aria-pressed", String(Number(button.dataset.index) === channel))
    const parts = [grid("numbers", data.values, largestMagnitude(data.values), channel)]
    if (data.weights) {
      parts.push(grid("× weights", data.weights, largestMagnitude(data.weights), channel))
      parts.push(grid("= products", data.products, largestMagnitude(data.products), channel))
    }
    grids.replaceChildren(...parts)
  }
  if (data.channels) {
    table.replaceChildren()
    channels.replaceChildren(
      ...data.channels.map(({ index, name, number }) => {
        const button = make("button", { type: "button", "data-index": index }, `${name}: ${text(number)}`)
        button.onclick = () => show(index)
        return button
      }),
    )
    show(data.channels[0].index)
    return
  }
  channels.replaceChildren()
  grids.replaceChildren()
  const weighted = data.rows.some((row) => row.weight !== null)
  const head = weighted ? ["", "number", "× weight", "= product"] : ["", "number"]
  const rows = data.rows.map((row) => {
    const name = data.inside[row.index] ? make("button", { type: "button" }, row.name) : make("span", {}, row.name)
    if (data.inside[row.index]) name.onclick = () => follow(row.index)
    const cells = [row.value, ...(weighted ? [row.weight, row.product] : [])].map((value) => make("td", {}, text(value)))
    return make("tr", {}, make("td", {}, name), ...cells)
  })
  if (data.rest) rows.push(make("tr", {}, make("td", {}, `${data.rest[0]} more`), ...(weighted ? [make("td"), make("td")] : []), make("td", {}, text(data.rest[1]))))
  table.replaceChildren(make("tr", {}, ...head.map((word) => make("th", {}, word))), ...rows)
}
