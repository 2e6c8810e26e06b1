// A feature map: shows the value under the pointer or keyboard cursor, and marks the chosen one.
const ARROWS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }

export default function (component) {
  const { parentElement, data, setStateValue } = component
  const [picture, image, mark, frame, line] = [".picture", "img", ".mark", ".frame", ".line"].map((name) => parentElement.querySelector(name))
  const { values } = data
  const [height, width] = [values.length, values[0].length]
  image.src = data.source
  picture.setAttribute("aria-label", `${data.label}. Arrow keys move from number to number, Enter chooses one.`)
  const moveTo = (box, [row, column]) => {
    box.style.cssText = `left:${(100 * column) / width}%;top:${(100 * row) / height}%;width:${100 / width}%;height:${100 / height}%`
  }
  const isInside = (position) => position && position[0] < height && position[1] < width
  let position = isInside(picture.position) ? picture.position : data.chosen
  const show = () => {
    picture.position = position
    moveTo(frame, position)
    line.textContent = `Row ${position[0] + 1}, column ${position[1] + 1}: ${String(values[position[0]][position[1]]).replace("-", "−")}`
  }
  const choose = () => {
    moveTo(mark, position)
    setStateValue("cell", { fingerprint: data.fingerprint, row: position[0], column: position[1] })
  }
  picture.onpointermove = picture.onpointerdown = (event) => {
    const box = picture.getBoundingClientRect()
    const cellAt = (fraction, count) => Math.max(0, Math.min(count - 1, Math.floor(fraction * count)))
    position = [cellAt((event.clientY - box.top) / box.height, height), cellAt((event.clientX - box.left) / box.width, width)]
    show()
  }
  picture.onclick = choose
  picture.onkeydown = (event) => {
    if (event.key === "Enter" || event.key === " ") choose()
    else if (ARROWS[event.key]) {
      const [down, right] = ARROWS[event.key]
      position = [Math.max(0, Math.min(height - 1, position[0] + down)), Math.max(0, Math.min(width - 1, position[1] + right))]
      show()
    } else return
    event.preventDefault()
  }
  moveTo(mark, data.chosen)
  show()
}
