// The computation of one output value: per channel, grids of pixels, kernel and products; below, the line that adds up.
const LABELS = { patch: "pixels", weights: "× kernel", products: "= products" }
const POOLING_WORDS = { max: "largest", min: "smallest", average: "average" }

function sumGrids(root) {
  const grids = root.querySelector(".grids")
  const line = root.querySelector(".line")
  const thumbnail = document.createElement("canvas")
  let rows = []

  const grid = (label) => {
    const canvas = make("canvas", { "aria-hidden": "true" })
    return { canvas, box: make("div", { class: "grid" }, [canvas, make("span", {}, [label])]) }
  }
  const drawGrid = (canvas, side, cell, values, colour, digits, scene) => {
    const scale = devicePixelRatio || 1
    // The kernel stays the same while the window moves, so a grid is redrawn only when it changes.
    const content = [side, cell, digits, scale, scene.font, scene.paper, ...values].join()
    if (canvas.drawn === content) return
    canvas.drawn = content
    const pen = canvas.getContext("2d")
    if (canvas.width !== Math.round(cell * side * scale)) {
      canvas.width = canvas.height = Math.round(cell * side * scale)
      canvas.style.width = canvas.style.height = `${cell * side}px`
      pen.setTransform(scale, 0, 0, scale, 0, 0)
      pen.textAlign = "center"
      pen.textBaseline = "middle"
      pen.imageSmoothingEnabled = false
      // Text shaping takes most of the time: numbers need no kerning, and whole sizes and positions hit the glyph cache.
      pen.fontKerning = "none"
      pen.textRendering = "optimizeSpeed"
    }
    const labels = values.map((value) => (value === null ? "–" : text(value, digits)))
    // One font size per grid: switching fonts takes longer than drawing a number.
    pen.font = `${Math.floor(Math.min(15, (1.7 * (cell - 4)) / Math.max(2, ...labels.map((label) => label.length))))}px ${scene.font}`
    const colours = values.map((value) => (value === null ? scene.paper : colour(value)))
    tile(pen, side, cell, colours)
    for (const labelColour of new Set(colours.map(textColour))) {
      pen.fillStyle = labelColour
      colours.forEach((colour, index) => {
        if (textColour(colour) === labelColour) pen.fillText(labels[index], Math.round(((index % side) + 0.5) * cell), Math.round((Math.floor(index / side) + 0.5) * cell))
      })
    }
  }
  /** Fill all cells at once, an enlarged picture and then the gaps: a fill per cell would take three times as long. */
  const tile = (pen, side, cell, colours) => {
    const pixels = new ImageData(side, side)
    colours.forEach((colour, index) => {
      for (let d = 0; d < 4; d++) pixels.data[4 * index + d] = d < 3 ? colour[d] : 255
    })
    if (thumbnail.width !== side) thumbnail.width = thumbnail.height = side
    thumbnail.getContext("2d").putImageData(pixels, 0, 0)
    pen.drawImage(thumbnail, 0, 0, cell * side, cell * side)
    for (let edge = 0; edge <= side; edge++) {
      pen.clearRect(0, edge * cell - 0.5, cell * side, 1)
      pen.clearRect(edge * cell - 0.5, 0, 1, cell * side)
    }
  }
  const showPooling = (scene, sums, digits) => {
    const { low, high, names } = scene.image
    rows.forEach((row, d) => {
      drawGrid(row.grids.patch.canvas, scene.window.size, row.cell, sums.parts[d].patch, (value) => GREYS[grey((value - low) / (high - low))], digits, scene)
      row.sum.textContent = `${POOLING_WORDS[scene.operation]}: ${text(sums.parts[d].result, digits)}`
    })
    const results = sums.parts.map((part, d) => `${text(part.result, digits)}${names.length > 1 ? ` ${names[d]}` : ""}`)
    line.textContent = `The ${POOLING_WORDS[scene.operation]} number under the window: ${results.join(", ")}`
  }
  const showConvolution = (scene, sums, digits) => {
    const { low, high, names } = scene.image
    const rounded = shown(sums, scene.bias, digits)
    const maxWeight = Math.max(1e-9, ...scene.kernel.map(Math.abs))
    const maxProduct = maxWeight * Math.max(Math.abs(low), Math.abs(high))
    const { size } = scene.window
    rows.forEach((row, d) => {
      drawGrid(row.grids.patch.canvas, size, row.cell, sums.parts[d].patch, (value) => GREYS[grey((value - low) / (high - low))], digits, scene)
      drawGrid(row.grids.weights.canvas, size, row.cell, sums.parts[d].weights, (value) => signed(value / maxWeight), digits, scene)
      drawGrid(row.grids.products.canvas, size, row.cell, rounded.products[d], (value) => signed(value / maxProduct), digits, scene)
      row.sum.textContent = `sum: ${text(rounded.channels[d], digits)}`
    })
    const terms = rounded.channels.map((value, d) => [value, names[d]])
    if (scene.bias) terms.push([rounded.bias, "bias"])
    const sum = terms.map(([value, name]) => `${value < 0 ? `(${text(value, digits)})` : text(value, digits)} ${name}`).join(" + ")
    const activated = scene.activation === "relu" ? ` → ReLU → ${text(rounded.result, digits)}` : ""
    line.textContent = `${terms.length > 1 ? `${sum} = ` : ""}${text(rounded.total, digits)}${activated}`
  }
  return {
    element: grids,
    /** Create the grids of every channel, side by side where there is room. */
    createGrids(scene) {
      const kinds = scene.operation === "convolution" ? ["patch", "weights", "products"] : ["patch"]
      const available = grids.clientWidth || 320
      const { size } = scene.window
      const perRow = available >= kinds.length * size * 30 + 130 ? kinds.length : 1
      const cell = Math.max(22, Math.min(46, Math.floor((available - (perRow > 1 ? 140 : 0)) / (perRow * size))))
      rows = scene.image.names.map((name) => {
        const channelGrids = Object.fromEntries(kinds.map((kind) => [kind, grid(kind === "patch" ? `${name}: ${LABELS[kind]}` : LABELS[kind])]))
        const sum = make("b", { class: "channel" })
        return { grids: channelGrids, cell, sum, box: make("div", { class: "channel-row" }, [...kinds.map((kind) => channelGrids[kind].box), sum]) }
      })
      grids.replaceChildren(...rows.map((row) => row.box))
    },
    show(scene, position, digits) {
      const sums = arithmetic(scene, position.row, position.column)
      ;(scene.operation === "convolution" ? showConvolution : showPooling)(scene, sums, digits)
    },
    /** The result in words, for screen readers. */
    description: () => [...rows.map((row, d) => row.sum.textContent), line.textContent].join(". "),
  }
}
