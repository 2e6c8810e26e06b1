// An object dragged across a picture. All positions were drawn and classified beforehand: nothing waits for the server.
const LEFT = 44
const RIGHT = 472
const TOP = 10
const BOTTOM = 150
const SVG = "http://www.w3.org/2000/svg"

export default function (component) {
  const { parentElement, data } = component
  const root = parentElement.querySelector(".drag")
  root.update ??= createView(root)
  root.update(data)
}

function createView(root) {
  const canvas = root.querySelector("canvas")
  const context = canvas.getContext("2d")
  const rows = root.querySelector(".rows")
  const chart = root.querySelector(".answers > svg")
  const strip = new Image()
  let data = null
  let position = 0
  let marker = null

  const across = (column) => LEFT + (column / data.side) * (RIGHT - LEFT)
  const down = (fraction) => BOTTOM - fraction * (BOTTOM - TOP)

  const draw = () => {
    if (!strip.complete) return
    context.imageSmoothingEnabled = false
    context.drawImage(strip, 0, position * data.side, data.side, data.side, 0, 0, canvas.width, canvas.height)
  }
  const show = () => {
    draw()
    const answers = data.networks.map(({ name, probabilities }, index) => {
      const answer = probabilities[position]
      const best = answer.indexOf(Math.max(...answer))
      const correct = best === data.trueLabel
      const row = rows.children[index]
      row.querySelector(".said").innerHTML =
        `<b></b> says <b></b> (${percent(answer[best])}) ${correct ? "✓" : `✗, and ${percent(answer[data.trueLabel])} for `}`
      const [network, predicted] = row.querySelectorAll(".said b")
      network.textContent = name
      predicted.textContent = data.classes[best]
      if (!correct) row.querySelector(".said").append(data.classes[data.trueLabel])
      row.querySelector(".bar i").style.width = `${100 * answer[data.trueLabel]}%`
      return `${name} says ${data.classes[best]}, ${percent(answer[best])}`
    })
    const column = data.centres[position]
    marker.setAttribute("x1", across(column))
    marker.setAttribute("x2", across(column))
    canvas.setAttribute("aria-valuenow", position)
    canvas.setAttribute("aria-valuetext", `Column ${Math.round(column)} of ${data.side}. ${answers.join(". ")}.`)
  }
  const nearest = (column) => {
    const distances = data.centres.map((centre) => Math.abs(centre - column))
    return distances.indexOf(Math.min(...distances))
  }
  const go = (requested) => {
    const next = Math.min(data.centres.length - 1, Math.max(0, requested))
    if (next === position) return
    position = next
    show()
  }
  const follow = (event) => {
    const box = canvas.getBoundingClientRect()
    go(nearest(((event.clientX - box.left) / box.width) * data.side))
  }
  canvas.onpointerdown = (event) => {
    canvas.setPointerCapture(event.pointerId)
    follow(event)
  }
  canvas.onpointermove = (event) => {
    if (event.buttons || event.pointerType === "touch") follow(event)
  }
  canvas.onkeydown = (event) => {
    const steps = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -6, PageUp: 6, Home: -Infinity, End: Infinity }
    if (!(event.key in steps)) return
    event.preventDefault()
    go(position + steps[event.key])
  }
  strip.onload = draw

  function make(name, attributes, text) {
    const element = document.createElementNS(SVG, name)
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value)
    if (text) element.textContent = text
    return element
  }
  function drawChart() {
    const middle = across(data.side / 2)
    const parts = [make("rect", { x: LEFT, y: TOP, width: middle - LEFT, height: BOTTOM - TOP, class: "half" })]
    for (const fraction of [0, 0.5, 1]) {
      parts.push(make("line", { x1: LEFT, x2: RIGHT, y1: down(fraction), y2: down(fraction), class: "axis" }))
      parts.push(make("text", { x: LEFT - 6, y: down(fraction) + 4, "text-anchor": "end" }, percent(fraction)))
    }
    parts.push(make("text", { x: (LEFT + middle) / 2, y: BOTTOM + 18, "text-anchor": "middle" }, "trained here"))
    parts.push(make("text", { x: (middle + RIGHT) / 2, y: BOTTOM + 18, "text-anchor": "middle" }, "never seen here"))
    parts.push(make("text", { x: LEFT, y: BOTTOM + 36 }, `how sure of “${data.classes[data.trueLabel]}”, by place`))
    data.networks.forEach(({ probabilities }, index) => {
      const points = probabilities.map((answer, i) => `${across(data.centres[i])},${down(answer[data.trueLabel])}`)
      parts.push(make("polyline", { points: points.join(" "), class: `line${index}` }))
    })
    marker = make("line", { y1: TOP - 4, y2: BOTTOM + 4, class: "here" })
    chart.replaceChildren(...parts, marker)
    chart.setAttribute("aria-label", `How sure each network is of ${data.classes[data.trueLabel]}, from the left edge to the right one`)
  }
  return (newData) => {
    if (newData.fingerprint === data?.fingerprint && newData.networks.length === data.networks.length) return
    data = newData
    position = nearest(data.side / 4)
    canvas.width = canvas.height = data.side
    canvas.setAttribute("aria-valuemax", data.centres.length - 1)
    rows.replaceChildren(
      ...data.networks.map((_, index) => {
        const row = document.createElement("div")
        row.className = "row"
        const sample = make("svg", { viewBox: "0 0 40 12", "aria-hidden": "true" })
        sample.append(make("polyline", { points: "0,6 40,6", class: `line${index}` }))
        const text = document.createElement("div")
        text.innerHTML = '<div class="said"></div><div class="bar" aria-hidden="true"><i></i></div>'
        row.append(sample, text)
        return row
      }),
    )
    drawChart()
    strip.src = data.strip
    show()
  }
}
