// A confusion matrix: each cell is a button, darker the more images are in it; right answers and mistakes have colours of their own.
export default function (component) {
  const { parentElement, data, setStateValue } = component
  const table = parentElement.querySelector("table")
  const { names } = data
  const make = (tag, attributes, text = "") => {
    const element = document.createElement(tag)
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value)
    element.textContent = text
    return element
  }
  const wrong = Math.max(1, ...data.table.flatMap((row, r) => row.filter((_, c) => c !== r)))
  const right = Math.max(1, ...data.table.map((row, r) => row[r]))
  const mix = (share, end) => end.map((value) => Math.round(255 + (value - 255) * share))
  // WCAG's relative luminance; black or white, whichever has more contrast, has at least 4.5 on any tone.
  const light = (tone) => {
    const [r, g, b] = tone.map((value) => (value <= 10 ? value / 3294.6 : ((value / 255 + 0.055) / 1.055) ** 2.4))
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  const buttons = []
  const head = make("tr", {})
  head.append(make("th", { class: "corner", scope: "col" }, "is ↓ said →"))
  names.forEach((name) => head.append(make("th", { scope: "col", title: name }, name)))
  const rows = data.table.map((counts, r) => {
    const line = make("tr", {})
    line.append(make("th", { scope: "row" }, names[r]))
    counts.forEach((count, c) => {
      const same = r === c
      const share = Math.sqrt(count / (same ? right : wrong))
      const button = make("button", { type: "button", "aria-pressed": String(r === data.chosen[0] && c === data.chosen[1]), "aria-label": `${names[r]}, ${same ? "rightly named" : `taken for ${names[c]}`}: ${count}` }, String(count))
      const tone = mix(0.85 * share, same ? [15, 107, 102] : [155, 44, 75])
      button.style.background = `rgb(${tone.join(" ")})`
      button.style.color = light(tone) < 0.179 ? "#ffffff" : "#000000"
      button.onclick = () => {
        for (const other of buttons) other.setAttribute("aria-pressed", String(other === button))
        setStateValue("cell", { row: r, column: c })
      }
      buttons.push(button)
      const cell = make("td", {})
      cell.append(button)
      line.append(cell)
    })
    return line
  })
  const focused = table.getRootNode().activeElement?.getAttribute("aria-label")
  table.replaceChildren(head, ...rows)
  buttons.find((button) => button.getAttribute("aria-label") === focused)?.focus()
}
