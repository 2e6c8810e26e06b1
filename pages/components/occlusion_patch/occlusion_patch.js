// A grey square over an image: where the pointer is, or moved with the arrow keys; the answer to what is left.
const ARROWS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }

export default function (component) {
  const { parentElement, data } = component
  const [canvas, line] = ["canvas", ".line"].map((name) => parentElement.querySelector(name))
  const { height, width, tops, lefts, size, classes, whole, answers } = data
  const percent = (share) => (share > 0.995 && share < 1 ? "over 99\u00a0%" : `${Math.round(100 * share)}\u00a0%`)
  const best = whole.indexOf(Math.max(...whole))
  canvas.width = width
  canvas.height = height
  canvas.setAttribute("aria-label", "The picture; arrow keys move a grey square over it")
  const pen = canvas.getContext("2d")
  const picture = new Image()
  let place = null
  const show = () => {
    pen.drawImage(picture, 0, 0)
    if (!place) {
      line.textContent = `Nothing hidden: ${classes[best]}, ${percent(whole[best])}. Drag over the picture.`
      return
    }
    const [row, column] = place
    pen.fillStyle = "rgb(128 128 128)"
    pen.fillRect(lefts[column], tops[row], size, size)
    const answer = answers[row][column]
    const now = answer.indexOf(Math.max(...answer))
    const before = now === best ? "" : `, and ${percent(answer[best])} for ${classes[best]}`
    line.textContent = `Hidden: it says ${classes[now]}, ${percent(answer[now])}${before} (with the whole picture ${percent(whole[best])}).`
  }
  const closest = (values, wanted) => {
    const distances = values.map((value) => Math.abs(value + (size - 1) / 2 - wanted))
    return distances.indexOf(Math.min(...distances))
  }
  canvas.onpointermove = canvas.onpointerdown = (event) => {
    const box = canvas.getBoundingClientRect()
    const across = ((event.clientX - box.left) / box.width) * width - 0.5
    place = [closest(tops, ((event.clientY - box.top) / box.height) * height - 0.5), closest(lefts, across)]
    show()
  }
  canvas.onkeydown = (event) => {
    if (!ARROWS[event.key]) return
    const [down, right] = ARROWS[event.key]
    const inside = (number, count) => Math.max(0, Math.min(count - 1, number))
    place = place ? [inside(place[0] + down, tops.length), inside(place[1] + right, lefts.length)] : [tops.length >> 1, lefts.length >> 1]
    show()
    event.preventDefault()
  }
  picture.onload = show
  picture.src = data.image
}
