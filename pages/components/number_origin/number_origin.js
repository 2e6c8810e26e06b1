// One number taken apart. Every number that it was made of is a button that leads to where that one came from.
const NEGATIVE = [118, 42, 131]
const POSITIVE = [27, 120, 55]

export default function (component) {
  const { parentElement, data, setStateValue } = component
  const [channels, grids, table] = [".channels", ".grids", ".rows"].map((name) => parentElement.querySelector(name))
  parentElement.querySelector(".origin").dataset.of = data.of
  const text = (value) => (value === null ? "–" : String(value).replace("-", "−"))
  const make = (tag, attributes = {}, ...children) => {
    const element = document.createElement(tag)
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value)
    element.append(...children)
    return element
  }
  const step = (index) => setStateValue("step", { of: data.of, index })
  const paint = (element, share) => {
    const end = share < 0 ? NEGATIVE : POSITIVE
    const tone = end.map((value) => Math.round(255 + (value - 255) * Math.min(1, Math.abs(share))))
    element.style.background = `rgb(${tone.join(" ")})`
    element.style.color = 0.299 * tone[0] + 0.587 * tone[1] + 0.114 * tone[2] > 140 ? "#0d1523" : "#ffffff"
  }
  const grid = (title, numbers, most, pressed) => {
    const { size, depth } = data
    const cell = Math.max(34, Math.min(54, Math.floor(320 / size)))
    const box = make("div", { class: "cells", style: `--size:${size};--cell:${cell}px;--letters:${Math.max(10, cell / 4.4)}px` })
    for (let k = 0; k < size * size; k++) {
      const index = k * depth + pressed
      const value = numbers[index]
      const leads = title === "numbers" && data.inside[index]
      const made = make(leads ? "button" : "span", leads ? { type: "button", "aria-label": `${text(value)}, row ${Math.floor(k / size) + 1}, column ${(k % size) + 1}: where does it come from?` } : {}, text(value))
      paint(made, value === null ? 0 : value / (most || 1))
      if (leads) made.onclick = () => step(index)
      box.append(made)
    }
    return make("div", { class: "grid" }, make("p", {}, title), box)
  }
  const most = (numbers) => numbers.reduce((a, b) => Math.max(a, Math.abs(b ?? 0)), 0)
  const show = (pressed) => {
    for (const button of channels.children) button.setAttribute("aria-pressed", String(Number(button.dataset.index) === pressed))
    const made = [grid("numbers", data.values, most(data.values), pressed)]
    if (data.weights) {
      made.push(grid("× weights", data.weights, most(data.weights), pressed))
      made.push(grid("= products", data.products, most(data.products), pressed))
    }
    grids.replaceChildren(...made)
  }
  if (data.channels) {
    table.replaceChildren()
    channels.replaceChildren(
      ...data.channels.map(({ index, name, sum }) => {
        const button = make("button", { type: "button", "data-index": index }, `${name}: ${text(sum)}`)
        button.onclick = () => show(index)
        return button
      }),
    )
    show(data.channels[0].index)
    return
  }
  channels.replaceChildren()
  grids.replaceChildren()
  const weighed = data.rows.some((row) => row.weight !== null)
  const head = weighed ? ["", "number", "× weight", "= product"] : ["", "number"]
  const rows = data.rows.map((row) => {
    const name = data.inside[row.index] ? make("button", { type: "button" }, row.name) : make("span", {}, row.name)
    if (data.inside[row.index]) name.onclick = () => step(row.index)
    const cells = [row.value, ...(weighed ? [row.weight, row.product] : [])].map((value) => make("td", {}, text(value)))
    return make("tr", {}, make("td", {}, name), ...cells)
  })
  if (data.rest) rows.push(make("tr", {}, make("td", {}, `${data.rest[0]} more`), ...(weighed ? [make("td"), make("td")] : []), make("td", {}, text(data.rest[1]))))
  table.replaceChildren(make("tr", {}, ...head.map((word) => make("th", {}, word))), ...rows)
}
