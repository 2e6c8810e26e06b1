// A feature map: the number under the pointer or the keys, and the one that was chosen.
const ARROWS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }

export default function (component) {
  const { parentElement, data, setStateValue } = component
  const [picture, image, mark, frame, line] = [".picture", "img", ".mark", ".frame", ".line"].map((name) => parentElement.querySelector(name))
  const { values } = data
  const [height, width] = [values.length, values[0].length]
  image.src = data.source
  picture.setAttribute("aria-label", `${data.label}. Arrow keys move from number to number, Enter chooses one.`)
  const put = (box, [row, column]) => {
    box.style.cssText = `left:${(100 * column) / width}%;top:${(100 * row) / height}%;width:${100 / width}%;height:${100 / height}%`
  }
  const within = (place) => place && place[0] < height && place[1] < width
  let place = within(picture.place) ? picture.place : data.chosen
  const show = () => {
    picture.place = place
    put(frame, place)
    line.textContent = `Row ${place[0] + 1}, column ${place[1] + 1}: ${String(values[place[0]][place[1]]).replace("-", "−")}`
  }
  const choose = () => {
    put(mark, place)
    setStateValue("cell", { of: data.of, row: place[0], column: place[1] })
  }
  picture.onpointermove = picture.onpointerdown = (event) => {
    const box = picture.getBoundingClientRect()
    const inside = (share, count) => Math.max(0, Math.min(count - 1, Math.floor(share * count)))
    place = [inside((event.clientY - box.top) / box.height, height), inside((event.clientX - box.left) / box.width, width)]
    show()
  }
  picture.onclick = choose
  picture.onkeydown = (event) => {
    if (event.key === "Enter" || event.key === " ") choose()
    else if (ARROWS[event.key]) {
      const [down, right] = ARROWS[event.key]
      place = [Math.max(0, Math.min(height - 1, place[0] + down)), Math.max(0, Math.min(width - 1, place[1] + right))]
      show()
    } else return
    event.preventDefault()
  }
  put(mark, data.chosen)
  show()
}
