// cnn/analysis/convolution/window.py in JavaScript, fast enough for every frame, and rounding that keeps sums exact.

/** Number of window positions along a side, and the padding before its first pixel. */
function along(side, { size, stride, dilation, padding }) {
  const extent = (size - 1) * dilation + 1
  const positions = padding === "same" ? Math.ceil(side / stride) : Math.floor((side - extent) / stride) + 1
  const padded = padding === "same" ? Math.max(0, (positions - 1) * stride + extent - side) : 0
  return { positions, before: Math.floor(padded / 2) }
}

/** [row, column] of the pixel under each cell of the window at an output position, row by row; null in the padding. */
function under(image, window, row, column) {
  const top = row * window.stride - along(image.height, window).before
  const left = column * window.stride - along(image.width, window).before
  const cells = []
  for (let i = 0; i < window.size; i++)
    for (let j = 0; j < window.size; j++) {
      const [y, x] = [top + i * window.dilation, left + j * window.dilation]
      cells.push(y < 0 || x < 0 || y >= image.height || x >= image.width ? null : [y, x])
    }
  return cells
}

/** Indices of the window positions along a side at which one of the window's cells covers `pixel`. */
function fedBy(pixel, side, window) {
  const { positions, before } = along(side, window)
  const covering = []
  for (let index = 0; index < positions; index++) {
    const cell = (pixel - (index * window.stride - before)) / window.dilation
    if (Number.isInteger(cell) && cell >= 0 && cell < window.size) covering.push(index)
  }
  return covering
}

/** The whole output, a Float64Array of h * w * depth values: one map for a convolution, one per channel for pooling. */
function slide(scene) {
  const { image, window, kernel, operation } = scene
  const { height, width, channels, values } = image
  const rows = along(height, window)
  const columns = along(width, window)
  const depth = operation === "convolution" ? 1 : channels
  const out = new Float64Array(rows.positions * columns.positions * depth)
  for (let r = 0; r < rows.positions; r++)
    for (let c = 0; c < columns.positions; c++) {
      const offset = (r * columns.positions + c) * depth
      const top = r * window.stride - rows.before
      const left = c * window.stride - columns.before
      if (operation === "convolution") {
        let sum = scene.bias
        for (let i = 0, k = 0; i < window.size; i++) {
          const y = top + i * window.dilation
          for (let j = 0; j < window.size; j++) {
            const x = left + j * window.dilation
            if (y < 0 || x < 0 || y >= height || x >= width) k += channels
            else for (let d = 0, p = (y * width + x) * channels; d < channels; d++) sum += values[p++] * kernel[k++]
          }
        }
        out[offset] = scene.activation === "relu" ? Math.max(0, sum) : sum
        continue
      }
      for (let d = 0; d < channels; d++) {
        const numbers = []
        for (let y = Math.max(0, top); y < Math.min(height, top + window.size); y++)
          for (let x = Math.max(0, left); x < Math.min(width, left + window.size); x++)
            numbers.push(values[(y * width + x) * channels + d])
        out[offset + d] = pool(numbers, operation)
      }
    }
  return { height: rows.positions, width: columns.positions, depth, values: out }
}

function pool(numbers, operation) {
  if (operation === "max") return Math.max(...numbers)
  if (operation === "min") return Math.min(...numbers)
  return numbers.reduce((a, b) => a + b, 0) / numbers.length
}

/** The computation of one output value: per channel the patch, weights, products and their sum; then the total. */
function arithmetic(scene, row, column) {
  const { image, window, kernel, operation } = scene
  const cells = under(image, window, row, column)
  const parts = []
  for (let d = 0; d < image.channels; d++) {
    const patch = cells.map((cell) => (cell ? image.values[(cell[0] * image.width + cell[1]) * image.channels + d] : null))
    if (operation !== "convolution") {
      parts.push({ patch, result: pool(patch.filter((value) => value !== null), operation) })
      continue
    }
    const weights = cells.map((_, k) => kernel[k * image.channels + d])
    const products = patch.map((value, k) => (value ?? 0) * weights[k])
    parts.push({ patch, weights, products, sum: products.reduce((a, b) => a + b, 0) })
  }
  if (operation !== "convolution") return { parts }
  const total = parts.reduce((sum, part) => sum + part.sum, 0) + scene.bias
  return { parts, total, result: scene.activation === "relu" ? Math.max(0, total) : total }
}

/** Round `values` so that they add up to the rounded `target` (the largest remainder method). */
function roundToSum(values, target, decimals) {
  const unit = 10 ** decimals
  const rounded = values.map((value) => Math.round(value * unit))
  let difference = Math.round(target * unit) - rounded.reduce((a, b) => a + b, 0)
  const remainders = values.map((value, index) => [value * unit - rounded[index], index])
  remainders.sort((a, b) => (difference > 0 ? b[0] - a[0] : a[0] - b[0]))
  for (const [, index] of remainders) {
    if (!difference) break
    rounded[index] += Math.sign(difference)
    difference -= Math.sign(difference)
  }
  return rounded.map((value) => value / unit)
}

/** `arithmetic` rounded for display: products still add up to their channel's sum, sums and bias to the total. */
function shown(sums, bias, decimals) {
  const round = (value) => Math.round(value * 10 ** decimals) / 10 ** decimals
  const total = round(sums.total)
  const channels = roundToSum(sums.parts.map((part) => part.sum), total - round(bias), decimals)
  const products = sums.parts.map((part, d) => roundToSum(part.products, channels[d], decimals))
  return { products, channels, bias: round(bias), total, result: sums.result > 0 || sums.total === sums.result ? total : 0 }
}
