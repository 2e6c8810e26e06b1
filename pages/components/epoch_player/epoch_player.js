// A run epoch by epoch: a slider and a play button step through filters, maps, answer, heatmap and confusion matrix.
const MS_PER_EPOCH = 900
const SIDE = 320 // of a confusion matrix without names, in pixels
const MOST_NAMED = 12 // classes of a confusion matrix with names and numbers

const make = (tag, attributes = {}, ...children) => {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value)
  element.append(...children)
  return element
}

/** The colour of a cell as [red, green, blue]: the more of the most images in one cell, the darker. */
const cellColour = (count, largest, isCorrect) => {
  const fraction = 0.85 * Math.sqrt(count / largest)
  return (isCorrect ? [15, 107, 102] : [155, 44, 75]).map((value) => Math.round(255 + (value - 255) * fraction))
}

/** A confusion matrix with the classes' names and a number in each cell that is not 0. */
const buildTable = (classes) => {
  const heads = classes.map((name) => make("th", { scope: "col", title: name }, make("span", {}, name)))
  const rows = classes.map((name) => {
    const cells = classes.map(() => make("td"))
    return { cells, line: make("tr", {}, make("th", { scope: "row" }, name), ...cells) }
  })
  const corner = make("th", { class: "corner" }, "actual ↓ predicted →")
  const element = make("table", { class: classes.some((name) => name.length > 3) ? "upright" : "" })
  element.append(make("tr", {}, corner, ...heads), ...rows.map(({ line }) => line))
  const show = (table, largest) =>
    table.forEach((counts, r) =>
      counts.forEach((count, c) => {
        const cell = rows[r].cells[c]
        const colour = cellColour(count, largest, r === c)
        cell.textContent = count || ""
        cell.style.background = `rgb(${colour.join(" ")})`
        cell.style.color = textColour(colour)
      }),
    )
  return { element, show }
}

/** A confusion matrix of more classes than can be named: colours alone. */
const buildCanvas = () => {
  const element = make("canvas", { role: "img" })
  const show = (table, largest) => {
    const cell = Math.max(2, Math.floor(SIDE / table.length))
    element.width = element.height = table.length * cell
    const pen = element.getContext("2d")
    const gap = cell > 4 ? 1 : 0
    table.forEach((counts, r) =>
      counts.forEach((count, c) => {
        pen.fillStyle = `rgb(${cellColour(count, largest, r === c).join(" ")})`
        pen.fillRect(c * cell, r * cell, cell - gap, cell - gap)
      }),
    )
  }
  return { element, show }
}

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
  const confusions = run.classes.length <= MOST_NAMED ? buildTable(run.classes) : buildCanvas()
  const exam = make("figure", {}, confusions.element, make("figcaption", {}))
  const part = (kind, title, ...children) => [make("h3", {}, title), make("div", { class: `part ${kind}` }, ...children)]
  parent.append(
    make("h2", {}, run.title),
    make("div", { class: "part look" }, input.figure, heat.figure, answers),
    ...part("filters", "What its first layer looks for · filters", filters.figure),
    ...(maps.length ? part("maps", "What its layers make of the picture · feature maps", ...maps.map((map) => map.figure)) : []),
    ...(run.moments[0].table ? part("exam", "Which classes it mixes up, on validation images (confusion matrix)", exam) : []),
  )
  const largest = Math.max(1, ...run.moments.flatMap((moment) => (moment.table ? moment.table.flat() : [])))
  const showTable = (table, epoch) => {
    confusions.show(table, largest)
    const total = table.flat().reduce((sum, imageCount) => sum + imageCount, 0)
    const correct = table.reduce((sum, row, r) => sum + row[r], 0)
    const summary = `${correct.toLocaleString("en")} of ${total.toLocaleString("en")} right. Rows: actual class; columns: predicted class.`
    confusions.element.setAttribute("aria-label", `Confusion matrix, epoch ${epoch}: ${summary}`)
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
    if (moment.table) showTable(moment.table, moment.epoch)
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
