// A canvas to draw on with mouse, finger or keyboard. Sends the drawing as a PNG once the visitor pauses.
const SIDE = 280
const PEN = 22
const PAUSE_MS = 250

export default function (component) {
  const { parentElement, setStateValue, data } = component
  const canvas = parentElement.querySelector("canvas")
  const clearButton = parentElement.querySelector("button")
  const cursor = parentElement.querySelector(".cursor")
  canvas.setAttribute("aria-label", data.label)
  if (canvas.dataset.ready) return
  canvas.dataset.ready = "yes"

  const pen = canvas.getContext("2d", { willReadFrequently: true })
  pen.lineWidth = PEN
  pen.lineCap = pen.lineJoin = "round"
  pen.strokeStyle = "#ffffff"
  let lastPosition = null
  let sendTimer = null
  let penIsDown = false
  let cursorPosition = { x: SIDE / 2, y: SIDE / 2 }

  const fillBlack = () => {
    pen.fillStyle = "#000000"
    pen.fillRect(0, 0, SIDE, SIDE)
  }
  const drawLine = (from, to) => {
    pen.beginPath()
    pen.moveTo(from.x, from.y)
    pen.lineTo(to.x, to.y)
    pen.stroke()
  }
  const send = () => {
    clearTimeout(sendTimer)
    sendTimer = setTimeout(() => setStateValue("drawing", canvas.toDataURL("image/png")), PAUSE_MS)
  }
  const positionOf = (event) => {
    const box = canvas.getBoundingClientRect()
    return { x: ((event.clientX - box.left) * SIDE) / box.width, y: ((event.clientY - box.top) * SIDE) / box.height }
  }
  const showCursor = () => {
    cursor.style.left = `${(100 * cursorPosition.x) / SIDE}%`
    cursor.style.top = `${(100 * cursorPosition.y) / SIDE}%`
    cursor.classList.toggle("down", penIsDown)
  }

  canvas.onpointerdown = (event) => {
    canvas.setPointerCapture(event.pointerId)
    clearTimeout(sendTimer)
    lastPosition = positionOf(event)
    drawLine(lastPosition, lastPosition)
  }
  canvas.onpointermove = (event) => {
    if (!lastPosition) return
    for (const pointerEvent of event.getCoalescedEvents?.() ?? [event]) {
      const next = positionOf(pointerEvent)
      drawLine(lastPosition, next)
      lastPosition = next
    }
  }
  canvas.onpointerup = canvas.onpointercancel = () => {
    if (lastPosition) send()
    lastPosition = null
  }
  canvas.onkeydown = (event) => {
    const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }
    if (event.key === " ") {
      penIsDown = !penIsDown
      if (penIsDown) drawLine(cursorPosition, cursorPosition)
      else send()
    } else if (moves[event.key]) {
      const [dx, dy] = moves[event.key]
      const clamp = (value) => Math.min(SIDE - PEN / 2, Math.max(PEN / 2, value))
      const next = { x: clamp(cursorPosition.x + 8 * dx), y: clamp(cursorPosition.y + 8 * dy) }
      if (penIsDown) drawLine(cursorPosition, next)
      cursorPosition = next
    } else if (event.key === "Escape" || event.key === "Delete") {
      clearButton.click()
    } else return
    event.preventDefault()
    showCursor()
  }
  clearButton.onclick = () => {
    clearTimeout(sendTimer)
    fillBlack()
    setStateValue("drawing", null)
  }
  fillBlack()
  showCursor()
  return () => clearTimeout(sendTimer)
}
