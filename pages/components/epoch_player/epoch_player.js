// A run epoch by epoch: a slider and a play button move its filters, its maps, its answer, its heatmap and its mistakes.
const MILLISECONDS_AN_EPOCH = 900
const SIDE = 160

const make = (tag, attributes = {}, ...children) => {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value)
  element.append(...children)
  return element
}
const percent = (share) => (share > 0.995 && share < 1 ? "over 99\u00a0%" : `${Math.round(100 * share)}\u00a0%`)

// One run's panel; gives the function that shows one of its moments.
const panel = (run, parent) => {
  const picture = (name) => {
    const image = make("img", { alt: "" })
    const caption = make("figcaption", {}, name)
    return { image, figure: make("figure", {}, image, caption), caption }
  }
  const given = picture("what it gets")
  given.image.src = run.image
  given.image.alt = "The picture, as the network gets it"
  const heat = picture(`evidence for ${run.evidence}`)
  const answers = make("ul", { class: "answers", "aria-label": "Its answer" })
  const bars = run.moments[0].answer.map(([name]) => {
    const bar = make("i")
    const share = make("span", { class: "share" })
    const line = make("li", {}, make("span", { class: "name", title: name }, name), make("span", { class: "bar" }, bar), share)
    answers.append(line)
    return { line, bar, share }
  })
  const filters = picture("its first filters")
  const maps = run.layers.map((name) => picture(name))
  const canvas = make("canvas", { role: "img" })
  const exam = make("figure", {}, canvas, make("figcaption", {}))
  const part = (kind, title, ...children) => [make("p", {}, make("strong", {}, title)), make("div", { class: `part ${kind}` }, ...children)]
  parent.append(
    make("h3", {}, run.title),
    make("div", { class: "part look" }, given.figure, heat.figure, answers),
    ...part("filters", "What its first layer looks for · filters", filters.figure),
    ...(maps.length ? part("maps", "What its layers make of the picture · feature maps", ...maps.map((map) => map.figure)) : []),
    ...(run.moments[0].table ? part("exam", "What it takes for what, on held-out images · confusion matrix", exam) : []),
  )
  const largest = Math.max(1, ...run.moments.flatMap((moment) => (moment.table ? moment.table.flat() : [])))
  const drawTable = (table, epoch) => {
    const count = table.length
    const cell = Math.max(2, Math.floor(SIDE / count))
    canvas.width = canvas.height = count * cell
    const pen = canvas.getContext("2d")
    table.forEach((row, r) =>
      row.forEach((number, c) => {
        const end = r === c ? [15, 107, 102] : [155, 44, 75]
        const share = Math.sqrt(number / largest)
        pen.fillStyle = `rgb(${end.map((value) => Math.round(255 + (value - 255) * share)).join(" ")})`
        pen.fillRect(c * cell, r * cell, cell - (cell > 4 ? 1 : 0), cell - (cell > 4 ? 1 : 0))
      }),
    )
    const all = table.flat().reduce((sum, number) => sum + number, 0)
    const right = table.reduce((sum, row, r) => sum + row[r], 0)
    const said = `${right.toLocaleString("en")} of ${all.toLocaleString("en")} right. Rows: what they are; columns: what it says.`
    canvas.setAttribute("aria-label", `Confusion matrix, epoch ${epoch}: ${said}`)
    exam.lastChild.textContent = said
  }
  return (number) => {
    const moment = run.moments[number]
    const when = `epoch ${moment.epoch}`
    heat.image.src = moment.heat
    heat.image.alt = `Heatmap, ${when}: evidence for ${run.evidence}`
    filters.image.src = moment.filters
    filters.image.alt = `The filters of its first layer, ${when}`
    maps.forEach((map, layer) => {
      map.image.src = moment.maps[layer]
      map.image.alt = `Maps of ${run.layers[layer]}, ${when}`
    })
    const best = Math.max(...moment.answer.map(([, share]) => share))
    moment.answer.forEach(([, share], line) => {
      bars[line].bar.style.width = `${100 * share}%`
      bars[line].share.textContent = percent(share)
      bars[line].line.className = share === best ? "best" : ""
    })
    if (moment.table) drawTable(moment.table, moment.epoch)
  }
}

export default function (component) {
  const { parentElement, data, setStateValue } = component
  const root = parentElement.querySelector(".film")
  if (root.dataset.of === data.of) return
  root.dataset.of = data.of
  clearInterval(root.timer)
  const [play, slider, when, runs] = [".play", "input", ".when", ".runs"].map((name) => root.querySelector(name))
  const last = data.epochs.length - 1
  runs.replaceChildren()
  runs.style.setProperty("--runs", data.runs.length)
  const shows = data.runs.map((run) => {
    const section = make("section")
    runs.append(section)
    return panel(run, section)
  })
  slider.min = 0
  slider.max = last
  let place = 0
  const show = (number) => {
    place = number
    slider.value = number
    const epoch = data.epochs[number]
    when.textContent = epoch === 0 ? "Before any training · epoch 0" : `After epoch ${epoch} of ${data.epochs[last]}`
    slider.setAttribute("aria-valuetext", when.textContent)
    shows.forEach((one, run) => one(data.runs[run].at[number]))
  }
  const say = () => setStateValue("epoch", data.epochs[place])
  const stop = () => {
    clearInterval(root.timer)
    root.timer = null
    play.textContent = "▶ Play"
  }
  const start = () => {
    if (place === last) show(0)
    play.textContent = "❚❚ Pause"
    root.timer = setInterval(() => {
      if (!root.isConnected) return clearInterval(root.timer)
      if (place < last) show(place + 1)
      if (place === last) {
        stop()
        say()
      }
    }, MILLISECONDS_AN_EPOCH)
  }
  play.onclick = () => {
    if (!root.timer) return start()
    stop()
    say()
  }
  slider.oninput = () => {
    stop()
    show(Number(slider.value))
  }
  slider.onchange = say
  stop()
  if (data.play && !matchMedia("(prefers-reduced-motion: reduce)").matches) {
    show(0)
    start()
  } else {
    show(data.chosen)
  }
}
