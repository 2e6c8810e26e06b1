// A grey square over an image, at the pointer or moved with the arrow keys, and the answer for the part still visible.
const ARROWS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }

export default function (component) {
  const { parentElement, data } = component
  const [canvas, line] = ["canvas", ".line"].map((name) => parentElement.querySelector(name))
  const { height, width, tops, lefts, size, classes, whole, answers } = data
  const best = whole.indexOf(Math.max(...whole))
  canvas.width = width
  canvas.height = height
  canvas.setAttribute("aria-label", "The picture; arrow keys move a grey square over it")
  const pen = canvas.getContext("2d")
  const picture = new Image()
  let position = null
  const show = () => {
    pen.drawImage(picture, 0, 0)
    if (!position) {
      line.textContent = `Nothing hidden: ${classes[best]}, ${percent(whole[best])}. Drag over the picture.`
      return
    }
    const [row, column] = position
    pen.fillStyle = "rgb(128 128 128)"
    pen.fillRect(lefts[column], tops[row], size, size)
    const answer = answers[row][column]
    const predicted = answer.indexOf(Math.max(...answer))
    const originalClass = predicted === best ? "" : `, and ${percent(answer[best])} for ${classes[best]}`
    line.textContent = `Hidden: it says ${classes[predicted]}, ${percent(answer[predicted])}${originalClass} (with the whole picture ${percent(whole[best])}).`
  }
  const closest = (starts, centre) => {
    const distances = starts.map((start) => Math.abs(start + (size - 1) / 2 - centre))
    return distances.indexOf(Math.min(...distances))
  }
  canvas.onpointermove = canvas.onpointerdown = (event) => {
    const box = canvas.getBoundingClientRect()
    const across = ((event.clientX - box.left) / box.width) * width - 0.5
    position = [closest(tops, ((event.clientY - box.top) / box.height) * height - 0.5), closest(lefts, across)]
    show()
  }
  canvas.onkeydown = (event) => {
    if (!ARROWS[event.key]) return
    const [down, right] = ARROWS[event.key]
    const clamp = (index, count) => Math.max(0, Math.min(count - 1, index))
    position = position ? [clamp(position[0] + down, tops.length), clamp(position[1] + right, lefts.length)] : [tops.length >> 1, lefts.length >> 1]
    show()
    event.preventDefault()
  }
  picture.onload = show
  picture.src = data.image
}
