// An object dragged across a picture: every place was drawn and answered before, so nothing waits for the server.
const LEFT = 44
const RIGHT = 472
const TOP = 10
const BOTTOM = 150
const SVG = "http://www.w3.org/2000/svg"

export default function (component) {
  const { parentElement, data } = component
  const root = parentElement.querySelector(".drag")
  root.update ??= dragging(root)
  root.update(data)
}

function dragging(root) {
  const canvas = root.querySelector("canvas")
  const context = canvas.getContext("2d")
  const rows = root.querySelector(".rows")
  const chart = root.querySelector(".answers > svg")
  const film = new Image()
  let data = null
  let place = 0
  let here = null

  const across = (column) => LEFT + (column / data.side) * (RIGHT - LEFT)
  const down = (share) => BOTTOM - share * (BOTTOM - TOP)
  const percent = (share) => (share > 0.995 && share < 1 ? "over 99\u00a0%" : `${Math.round(100 * share)}\u00a0%`)

  const draw = () => {
    if (!film.complete) return
    context.imageSmoothingEnabled = false
    context.drawImage(film, 0, place * data.side, data.side, data.side, 0, 0, canvas.width, canvas.height)
  }
  const show = () => {
    draw()
    const said = data.networks.map(({ name, probabilities }, number) => {
      const answer = probabilities[place]
      const best = answer.indexOf(Math.max(...answer))
      const right = best === data.truth
      const row = rows.children[number]
      row.querySelector(".said").innerHTML =
        `<b></b> says <b></b> (${percent(answer[best])}) ${right ? "✓" : `✗, and ${percent(answer[data.truth])} for `}`
      const [who, what] = row.querySelectorAll(".said b")
      who.textContent = name
      what.textContent = data.classes[best]
      if (!right) row.querySelector(".said").append(data.classes[data.truth])
      row.querySelector(".bar i").style.width = `${100 * answer[data.truth]}%`
      return `${name} says ${data.classes[best]}, ${percent(answer[best])}`
    })
    const column = data.centres[place]
    here.setAttribute("x1", across(column))
    here.setAttribute("x2", across(column))
    canvas.setAttribute("aria-valuenow", place)
    canvas.setAttribute("aria-valuetext", `Column ${Math.round(column)} of ${data.side}. ${said.join(". ")}.`)
  }
  const nearest = (column) => {
    const distances = data.centres.map((centre) => Math.abs(centre - column))
    return distances.indexOf(Math.min(...distances))
  }
  const go = (wanted) => {
    const next = Math.min(data.centres.length - 1, Math.max(0, wanted))
    if (next === place) return
    place = next
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
    go(place + steps[event.key])
  }
  film.onload = draw

  function make(name, attributes, text) {
    const element = document.createElementNS(SVG, name)
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value)
    if (text) element.textContent = text
    return element
  }
  function frame() {
    const middle = across(data.side / 2)
    const parts = [make("rect", { x: LEFT, y: TOP, width: middle - LEFT, height: BOTTOM - TOP, class: "half" })]
    for (const share of [0, 0.5, 1]) {
      parts.push(make("line", { x1: LEFT, x2: RIGHT, y1: down(share), y2: down(share), class: "axis" }))
      parts.push(make("text", { x: LEFT - 6, y: down(share) + 4, "text-anchor": "end" }, percent(share)))
    }
    parts.push(make("text", { x: (LEFT + middle) / 2, y: BOTTOM + 18, "text-anchor": "middle" }, "practised here"))
    parts.push(make("text", { x: (middle + RIGHT) / 2, y: BOTTOM + 18, "text-anchor": "middle" }, "never seen here"))
    parts.push(make("text", { x: LEFT, y: BOTTOM + 36 }, `how sure of “${data.classes[data.truth]}”, by place`))
    data.networks.forEach(({ probabilities }, number) => {
      const points = probabilities.map((answer, i) => `${across(data.centres[i])},${down(answer[data.truth])}`)
      parts.push(make("polyline", { points: points.join(" "), class: `line${number}` }))
    })
    here = make("line", { y1: TOP - 4, y2: BOTTOM + 4, class: "here" })
    chart.replaceChildren(...parts, here)
    chart.setAttribute("aria-label", `How sure each network is of ${data.classes[data.truth]}, from the left edge to the right one`)
  }
  return (given) => {
    if (given.of === data?.of && given.networks.length === data.networks.length) return
    data = given
    place = nearest(data.side / 4)
    canvas.width = canvas.height = data.side
    canvas.setAttribute("aria-valuemax", data.centres.length - 1)
    rows.replaceChildren(
      ...data.networks.map((_, number) => {
        const row = document.createElement("div")
        row.className = "row"
        const sample = make("svg", { viewBox: "0 0 40 12", "aria-hidden": "true" })
        sample.append(make("polyline", { points: "0,6 40,6", class: `line${number}` }))
        const text = document.createElement("div")
        text.innerHTML = '<div class="said"></div><div class="bar" aria-hidden="true"><i></i></div>'
        row.append(sample, text)
        return row
      }),
    )
    frame()
    film.src = data.strip
    show()
  }
}
