// A canvas to draw on with pointer, finger or keyboard. Sends the drawing as a PNG once the hand rests.
const SIDE = 280
const PEN = 22
const REST = 250

export default function (component) {
  const { parentElement, setStateValue, data } = component
  const canvas = parentElement.querySelector("canvas")
  const clear = parentElement.querySelector("button")
  const cursor = parentElement.querySelector(".cursor")
  canvas.setAttribute("aria-label", data.label)
  if (canvas.dataset.ready) return
  canvas.dataset.ready = "yes"

  const pen = canvas.getContext("2d", { willReadFrequently: true })
  pen.lineWidth = PEN
  pen.lineCap = pen.lineJoin = "round"
  pen.strokeStyle = "#ffffff"
  let last = null
  let waiting = null
  let down = false
  let at = { x: SIDE / 2, y: SIDE / 2 }

  const wipe = () => {
    pen.fillStyle = "#000000"
    pen.fillRect(0, 0, SIDE, SIDE)
  }
  const line = (from, to) => {
    pen.beginPath()
    pen.moveTo(from.x, from.y)
    pen.lineTo(to.x, to.y)
    pen.stroke()
  }
  const send = () => {
    clearTimeout(waiting)
    waiting = setTimeout(() => setStateValue("drawing", canvas.toDataURL("image/png")), REST)
  }
  const place = (event) => {
    const box = canvas.getBoundingClientRect()
    return { x: ((event.clientX - box.left) * SIDE) / box.width, y: ((event.clientY - box.top) * SIDE) / box.height }
  }
  const showCursor = () => {
    cursor.style.left = `${(100 * at.x) / SIDE}%`
    cursor.style.top = `${(100 * at.y) / SIDE}%`
    cursor.classList.toggle("down", down)
  }

  canvas.onpointerdown = (event) => {
    canvas.setPointerCapture(event.pointerId)
    clearTimeout(waiting)
    last = place(event)
    line(last, last)
  }
  canvas.onpointermove = (event) => {
    if (!last) return
    for (const step of event.getCoalescedEvents?.() ?? [event]) {
      const next = place(step)
      line(last, next)
      last = next
    }
  }
  canvas.onpointerup = canvas.onpointercancel = () => {
    if (last) send()
    last = null
  }
  canvas.onkeydown = (event) => {
    const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }
    if (event.key === " ") {
      down = !down
      if (down) line(at, at)
      else send()
    } else if (moves[event.key]) {
      const [dx, dy] = moves[event.key]
      const keep = (value) => Math.min(SIDE - PEN / 2, Math.max(PEN / 2, value))
      const next = { x: keep(at.x + 8 * dx), y: keep(at.y + 8 * dy) }
      if (down) line(at, next)
      at = next
    } else if (event.key === "Escape" || event.key === "Delete") {
      clear.click()
    } else return
    event.preventDefault()
    showCursor()
  }
  clear.onclick = () => {
    clearTimeout(waiting)
    wipe()
    setStateValue("drawing", null)
  }
  wipe()
  showCursor()
  return () => clearTimeout(waiting)
}
