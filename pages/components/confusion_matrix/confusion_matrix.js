// A confusion matrix of buttons: the more images in a cell, the darker. Correct and wrong answers differ in colour.
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
  const mostWrong = Math.max(1, ...data.table.flatMap((row, r) => row.filter((_, c) => c !== r)))
  const mostCorrect = Math.max(1, ...data.table.map((row, r) => row[r]))
  const tint = (colour, fraction) => colour.map((value) => Math.round(255 + (value - 255) * fraction))
  const buttons = []
  const head = make("tr", {})
  head.append(make("th", { class: "corner", scope: "col" }, "actual ↓ predicted →"))
  names.forEach((name) => head.append(make("th", { scope: "col", title: name }, name)))
  const rows = data.table.map((counts, r) => {
    const line = make("tr", {})
    line.append(make("th", { scope: "row" }, names[r]))
    counts.forEach((count, c) => {
      const correct = r === c
      const fraction = Math.sqrt(count / (correct ? mostCorrect : mostWrong))
      const button = make("button", { type: "button", "aria-pressed": String(r === data.chosen[0] && c === data.chosen[1]), "aria-label": `${names[r]}, ${correct ? "recognised" : `mistaken for ${names[c]}`}: ${count}` }, String(count))
      const colour = tint(correct ? [15, 107, 102] : [155, 44, 75], 0.85 * fraction)
      button.style.background = `rgb(${colour.join(" ")})`
      button.style.color = textColour(colour)
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
  const focusedLabel = table.getRootNode().activeElement?.getAttribute("aria-label")
  table.replaceChildren(head, ...rows)
  buttons.find((button) => button.getAttribute("aria-label") === focusedLabel)?.focus()
}
