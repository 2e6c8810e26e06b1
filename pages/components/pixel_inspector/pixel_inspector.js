// One image, enlarged without smoothing; the numbers of the pixel under the pointer, or moved to with the arrow keys.
const ARROWS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }

export default function (component) {
  const { parentElement, data } = component
  const [canvas, frame, line] = ["canvas", ".frame", ".line"].map((name) => parentElement.querySelector(name))
  const { height, width, channels, values, names } = data
  const pixels = Uint8Array.from(atob(values), (letter) => letter.charCodeAt(0))
  canvas.width = width
  canvas.height = height
  canvas.setAttribute("aria-label", `${data.label}. Arrow keys move from pixel to pixel.`)
  const pen = canvas.getContext("2d")
  const picture = pen.createImageData(width, height)
  for (let index = 0; index < width * height; index++)
    for (let d = 0; d < 4; d++) picture.data[4 * index + d] = d === 3 ? 255 : pixels[index * channels + (channels === 3 ? d : 0)]
  pen.putImageData(picture, 0, 0)

  let place = [height >> 1, width >> 1]
  const show = () => {
    const [row, column] = place
    frame.style.cssText = `left:${(100 * column) / width}%;top:${(100 * row) / height}%;width:${100 / width}%;height:${100 / height}%`
    const at = (row * width + column) * channels
    const numbers = names.map((name, d) => `${name} ${pixels[at + d]}`).join(", ")
    line.textContent = `Row ${row + 1}, column ${column + 1}: ${numbers}`
  }
  canvas.onpointermove = canvas.onpointerdown = (event) => {
    const box = canvas.getBoundingClientRect()
    const inside = (share, count) => Math.max(0, Math.min(count - 1, Math.floor(share * count)))
    place = [inside((event.clientY - box.top) / box.height, height), inside((event.clientX - box.left) / box.width, width)]
    show()
  }
  canvas.onkeydown = (event) => {
    if (!ARROWS[event.key]) return
    const [down, right] = ARROWS[event.key]
    place = [Math.max(0, Math.min(height - 1, place[0] + down)), Math.max(0, Math.min(width - 1, place[1] + right))]
    show()
    event.preventDefault()
  }
  show()
}
