// The arithmetic of one number: for each channel its pixels, the kernel and their products as grids; then the line that adds up.
const LABELS = { patch: "pixels", weights: "× kernel", products: "= products" }
const WORDS = { max: "largest", min: "smallest", average: "average" }

function sumGrids(root) {
  const grids = root.querySelector(".grids")
  const line = root.querySelector(".line")
  const small = document.createElement("canvas")
  let rows = []

  const grid = (label) => {
    const canvas = make("canvas", { "aria-hidden": "true" })
    return { canvas, box: make("div", { class: "grid" }, [canvas, make("span", {}, [label])]) }
  }
  const fill = (canvas, side, cell, values, colour, digits, scene) => {
    const scale = devicePixelRatio || 1
    // The kernel stays while the window moves: what stands there already is not drawn again.
    const wanted = [side, cell, digits, scale, scene.font, scene.paper, ...values].join()
    if (canvas.drawn === wanted) return
    canvas.drawn = wanted
    const pen = canvas.getContext("2d")
    if (canvas.width !== Math.round(cell * side * scale)) {
      canvas.width = canvas.height = Math.round(cell * side * scale)
      canvas.style.width = canvas.style.height = `${cell * side}px`
      pen.setTransform(scale, 0, 0, scale, 0, 0)
      pen.textAlign = "center"
      pen.textBaseline = "middle"
      pen.imageSmoothingEnabled = false
      // Shaping text takes most of a move: numbers need no kerning, and whole sizes and places find drawn digits again.
      pen.fontKerning = "none"
      pen.textRendering = "optimizeSpeed"
    }
    const written = values.map((value) => (value === null ? "–" : text(value, digits)))
    // One size for all: a new font takes longer than a number written in it.
    pen.font = `${Math.floor(Math.min(15, (1.7 * (cell - 4)) / Math.max(2, ...written.map((each) => each.length))))}px ${scene.font}`
    const tones = values.map((value) => (value === null ? scene.paper : colour(value)))
    tile(pen, side, cell, tones)
    for (const shade of new Set(tones.map(ink))) {
      pen.fillStyle = shade
      tones.forEach((tone, index) => {
        if (ink(tone) === shade) pen.fillText(written[index], Math.round(((index % side) + 0.5) * cell), Math.round((Math.floor(index / side) + 0.5) * cell))
      })
    }
  }
  /** All cells as one small picture, enlarged, and the gaps between them: a fill for each would take three times as long. */
  const tile = (pen, side, cell, tones) => {
    const pixels = new ImageData(side, side)
    tones.forEach((tone, index) => {
      for (let d = 0; d < 4; d++) pixels.data[4 * index + d] = d < 3 ? tone[d] : 255
    })
    if (small.width !== side) small.width = small.height = side
    small.getContext("2d").putImageData(pixels, 0, 0)
    pen.drawImage(small, 0, 0, cell * side, cell * side)
    for (let edge = 0; edge <= side; edge++) {
      pen.clearRect(0, edge * cell - 0.5, cell * side, 1)
      pen.clearRect(edge * cell - 0.5, 0, 1, cell * side)
    }
  }
  const pooling = (scene, sums, digits) => {
    const { low, high, names } = scene.image
    rows.forEach((row, d) => {
      fill(row.grids.patch.canvas, scene.window.size, row.cell, sums.parts[d].patch, (value) => GREYS[grey((value - low) / (high - low))], digits, scene)
      row.sum.textContent = `${WORDS[scene.operation]}: ${text(sums.parts[d].result, digits)}`
    })
    const results = sums.parts.map((part, d) => `${text(part.result, digits)}${names.length > 1 ? ` ${names[d]}` : ""}`)
    line.textContent = `The ${WORDS[scene.operation]} number under the window: ${results.join(", ")}`
  }
  const convolution = (scene, sums, digits) => {
    const { low, high, names } = scene.image
    const numbers = shown(sums, scene.bias, digits)
    const strongest = Math.max(1e-9, ...scene.kernel.map(Math.abs))
    const most = strongest * Math.max(Math.abs(low), Math.abs(high))
    const { size } = scene.window
    rows.forEach((row, d) => {
      fill(row.grids.patch.canvas, size, row.cell, sums.parts[d].patch, (value) => GREYS[grey((value - low) / (high - low))], digits, scene)
      fill(row.grids.weights.canvas, size, row.cell, sums.parts[d].weights, (value) => signed(value / strongest), digits, scene)
      fill(row.grids.products.canvas, size, row.cell, numbers.products[d], (value) => signed(value / most), digits, scene)
      row.sum.textContent = `sum: ${text(numbers.channels[d], digits)}`
    })
    const terms = numbers.channels.map((value, d) => [value, names[d]])
    if (scene.bias) terms.push([numbers.bias, "bias"])
    const added = terms.map(([value, name]) => `${value < 0 ? `(${text(value, digits)})` : text(value, digits)} ${name}`).join(" + ")
    const after = scene.activation === "relu" ? ` → ReLU → ${text(numbers.result, digits)}` : ""
    line.textContent = `${terms.length > 1 ? `${added} = ` : ""}${text(numbers.total, digits)}${after}`
  }
  return {
    element: grids,
    /** Grids for every channel, side by side where there is room. */
    lay(scene) {
      const kinds = scene.operation === "convolution" ? ["patch", "weights", "products"] : ["patch"]
      const wide = grids.clientWidth || 320
      const { size } = scene.window
      const abreast = wide >= kinds.length * size * 30 + 130 ? kinds.length : 1
      const cell = Math.max(22, Math.min(46, Math.floor((wide - (abreast > 1 ? 140 : 0)) / (abreast * size))))
      rows = scene.image.names.map((name) => {
        const made = Object.fromEntries(kinds.map((kind) => [kind, grid(kind === "patch" ? `${name}: ${LABELS[kind]}` : LABELS[kind])]))
        const sum = make("b", { class: "channel" })
        return { grids: made, cell, sum, box: make("div", { class: "channel-row" }, [...kinds.map((kind) => made[kind].box), sum]) }
      })
      grids.replaceChildren(...rows.map((row) => row.box))
    },
    show(scene, place, digits) {
      const sums = arithmetic(scene, place.row, place.column)
      ;(scene.operation === "convolution" ? convolution : pooling)(scene, sums, digits)
    },
    /** The same in words, for a screen reader. */
    said: () => [...rows.map((row, d) => row.sum.textContent), line.textContent].join(". "),
  }
}
