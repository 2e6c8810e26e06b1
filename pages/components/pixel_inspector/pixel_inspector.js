// An image enlarged without smoothing, and the values of the pixel under the pointer or keyboard cursor.
const ARROWS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }

export default function (component) {
  const { parentElement, data } = component
  const [canvas, frame, line] = ["canvas", ".frame", ".line"].map((name) => parentElement.querySelector(name))
  const { height, width, channels, values, names } = data
  const pixels = Uint8Array.from(atob(values), (character) => character.charCodeAt(0))
  canvas.width = width
  canvas.height = height
  canvas.setAttribute("aria-label", `${data.label}. Arrow keys move from pixel to pixel.`)
  const pen = canvas.getContext("2d")
  const picture = pen.createImageData(width, height)
  for (let index = 0; index < width * height; index++)
    for (let d = 0; d < 4; d++) picture.data[4 * index + d] = d === 3 ? 255 : pixels[index * channels + (channels === 3 ? d : 0)]
  pen.putImageData(picture, 0, 0)

  let position = [height >> 1, width >> 1]
  const show = () => {
    const [row, column] = position
    frame.style.cssText = `left:${(100 * column) / width}%;top:${(100 * row) / height}%;width:${100 / width}%;height:${100 / height}%`
    const offset = (row * width + column) * channels
    const numbers = names.map((name, d) => `${name} ${pixels[offset + d]}`).join(", ")
    line.textContent = `Row ${row + 1}, column ${column + 1}: ${numbers}`
  }
  canvas.onpointermove = canvas.onpointerdown = (event) => {
    const box = canvas.getBoundingClientRect()
    const pixelAt = (fraction, count) => Math.max(0, Math.min(count - 1, Math.floor(fraction * count)))
    position = [pixelAt((event.clientY - box.top) / box.height, height), pixelAt((event.clientX - box.left) / box.width, width)]
    show()
  }
  canvas.onkeydown = (event) => {
    if (!ARROWS[event.key]) return
    const [down, right] = ARROWS[event.key]
    position = [Math.max(0, Math.min(height - 1, position[0] + down)), Math.max(0, Math.min(width - 1, position[1] + right))]
    show()
    event.preventDefault()
  }
  show()
}
