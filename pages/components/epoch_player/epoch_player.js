// A run epoch by epoch: a slider and a play button step through filters, maps, answer, heatmap and confusion matrix.
const MS_PER_EPOCH = 900
const SIDE = 160

const make = (tag, attributes = {}, ...children) => {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value)
  element.append(...children)
  return element
}
const percent = (fraction) => (fraction > 0.995 && fraction < 1 ? "over 99\u00a0%" : `${Math.round(100 * fraction)}\u00a0%`)

/** Build a run's panel; returns the function that shows one of its moments. */
const buildPanel = (run, parent) => {
  const picture = (name) => {
    const image = make("img", { alt: "" })
    const caption = make("figcaption", {}, name)
    return { image, figure: make("figure", {}, image, caption), caption }
  }
  const input = picture("what it gets")
  input.image.src = run.image
  input.image.alt = "The picture, as the network gets it"
  const heat = picture(`evidence for ${run.evidence}`)
  const answers = make("ul", { class: "answers", "aria-label": "Its answer" })
  const bars = run.moments[0].answer.map(([name]) => {
    const bar = make("i")
    const percentage = make("span", { class: "share" })
    const line = make("li", {}, make("span", { class: "name", title: name }, name), make("span", { class: "bar" }, bar), percentage)
    answers.append(line)
    return { line, bar, percentage }
  })
  const filters = picture("its first filters")
  const maps = run.layers.map((name) => picture(name))
  const canvas = make("canvas", { role: "img" })
  const exam = make("figure", {}, canvas, make("figcaption", {}))
  const part = (kind, title, ...children) => [make("p", {}, make("strong", {}, title)), make("div", { class: `part ${kind}` }, ...children)]
  parent.append(
    make("h3", {}, run.title),
    make("div", { class: "part look" }, input.figure, heat.figure, answers),
    ...part("filters", "What its first layer looks for · filters", filters.figure),
    ...(maps.length ? part("maps", "What its layers make of the picture · feature maps", ...maps.map((map) => map.figure)) : []),
    ...(run.moments[0].table ? part("exam", "Which classes it mixes up, on validation images (confusion matrix)", exam) : []),
  )
  const largest = Math.max(1, ...run.moments.flatMap((moment) => (moment.table ? moment.table.flat() : [])))
  const drawTable = (table, epoch) => {
    const count = table.length
    const cell = Math.max(2, Math.floor(SIDE / count))
    canvas.width = canvas.height = count * cell
    const pen = canvas.getContext("2d")
    table.forEach((row, r) =>
      row.forEach((imageCount, c) => {
        const colour = r === c ? [15, 107, 102] : [155, 44, 75]
        const fraction = Math.sqrt(imageCount / largest)
        pen.fillStyle = `rgb(${colour.map((value) => Math.round(255 + (value - 255) * fraction)).join(" ")})`
        pen.fillRect(c * cell, r * cell, cell - (cell > 4 ? 1 : 0), cell - (cell > 4 ? 1 : 0))
      }),
    )
    const total = table.flat().reduce((sum, imageCount) => sum + imageCount, 0)
    const correct = table.reduce((sum, row, r) => sum + row[r], 0)
    const summary = `${correct.toLocaleString("en")} of ${total.toLocaleString("en")} right. Rows: what they are; columns: what it says.`
    canvas.setAttribute("aria-label", `Confusion matrix, epoch ${epoch}: ${summary}`)
    exam.lastChild.textContent = summary
  }
  return (index) => {
    const moment = run.moments[index]
    const when = `epoch ${moment.epoch}`
    heat.image.src = moment.heat
    heat.image.alt = `Heatmap, ${when}: evidence for ${run.evidence}`
    filters.image.src = moment.filters
    filters.image.alt = `The filters of its first layer, ${when}`
    maps.forEach((map, layer) => {
      map.image.src = moment.maps[layer]
      map.image.alt = `Maps of ${run.layers[layer]}, ${when}`
    })
    const best = Math.max(...moment.answer.map(([, probability]) => probability))
    moment.answer.forEach(([, probability], line) => {
      bars[line].bar.style.width = `${100 * probability}%`
      bars[line].percentage.textContent = percent(probability)
      bars[line].line.className = probability === best ? "best" : ""
    })
    if (moment.table) drawTable(moment.table, moment.epoch)
  }
}

export default function (component) {
  const { parentElement, data, setStateValue } = component
  const root = parentElement.querySelector(".film")
  if (root.dataset.fingerprint === data.fingerprint) return
  root.dataset.fingerprint = data.fingerprint
  clearInterval(root.timer)
  const [play, slider, when, runs] = [".play", "input", ".when", ".runs"].map((name) => root.querySelector(name))
  const last = data.epochs.length - 1
  runs.replaceChildren()
  runs.style.setProperty("--runs", data.runs.length)
  const panels = data.runs.map((run) => {
    const section = make("section")
    runs.append(section)
    return buildPanel(run, section)
  })
  slider.min = 0
  slider.max = last
  let position = 0
  const show = (index) => {
    position = index
    slider.value = index
    const epoch = data.epochs[index]
    when.textContent = epoch === 0 ? "Before any training · epoch 0" : `After epoch ${epoch} of ${data.epochs[last]}`
    slider.setAttribute("aria-valuetext", when.textContent)
    panels.forEach((showMoment, run) => showMoment(data.runs[run].at[index]))
  }
  const reportEpoch = () => setStateValue("epoch", data.epochs[position])
  const stop = () => {
    clearInterval(root.timer)
    root.timer = null
    play.textContent = "▶ Play"
  }
  const start = () => {
    if (position === last) show(0)
    play.textContent = "❚❚ Pause"
    root.timer = setInterval(() => {
      if (!root.isConnected) return clearInterval(root.timer)
      if (position < last) show(position + 1)
      if (position === last) {
        stop()
        reportEpoch()
      }
    }, MS_PER_EPOCH)
  }
  play.onclick = () => {
    if (!root.timer) return start()
    stop()
    reportEpoch()
  }
  slider.oninput = () => {
    stop()
    show(Number(slider.value))
  }
  slider.onchange = reportEpoch
  stop()
  if (data.play && !matchMedia("(prefers-reduced-motion: reduce)").matches) {
    show(0)
    start()
  } else {
    show(data.chosen)
  }
}
