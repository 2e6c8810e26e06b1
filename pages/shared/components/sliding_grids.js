// The arithmetic of one number: for each channel its pixels, the kernel and their products as grids; then the line that adds up.
const LABELS = { patch: "pixels", weights: "× kernel", products: "= products" }
const WORDS = { max: "largest", min: "smallest", average: "average" }

function sumGrids(root) {
  const grids = root.querySelector(".grids")
  const line = root.querySelector(".line")
  let rows = []

  const grid = (label) => {
    const canvas = make("canvas", { "aria-hidden": "true" })
    return { canvas, box: make("div", { class: "grid" }, [canvas, make("span", {}, [label])]) }
  }
  const fill = (canvas, side, cell, values, colour, digits, scene) => {
    const scale = devicePixelRatio || 1
    if (canvas.width !== Math.round(cell * side * scale)) {
      canvas.width = canvas.height = Math.round(cell * side * scale)
      canvas.style.width = canvas.style.height = `${cell * side}px`
    }
    const pen = canvas.getContext("2d")
    pen.setTransform(scale, 0, 0, scale, 0, 0)
    pen.clearRect(0, 0, cell * side, cell * side)
    pen.textAlign = "center"
    pen.textBaseline = "middle"
    values.forEach((value, index) => {
      const [x, y] = [(index % side) * cell, Math.floor(index / side) * cell]
      const tone = value === null ? scene.paper : colour(value)
      const written = value === null ? "–" : text(value, digits)
      pen.fillStyle = css(tone)
      pen.fillRect(x + 0.5, y + 0.5, cell - 1, cell - 1)
      pen.fillStyle = ink(tone)
      pen.font = `${Math.min(15, (1.7 * (cell - 4)) / Math.max(2, written.length))}px ${scene.font}`
      pen.fillText(written, x + cell / 2, y + cell / 2)
    })
  }
  const pooling = (scene, sums, digits) => {
    const { low, high, names } = scene.image
    rows.forEach((row, d) => {
      fill(row.grids.patch.canvas, scene.window.size, row.cell, sums.parts[d].patch, (value) => Array(3).fill(grey((value - low) / (high - low))), digits, scene)
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
      fill(row.grids.patch.canvas, size, row.cell, sums.parts[d].patch, (value) => Array(3).fill(grey((value - low) / (high - low))), digits, scene)
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
