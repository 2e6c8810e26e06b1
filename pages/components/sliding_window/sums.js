// The arithmetic of cnn/analysis/convolution/window.py again, for every frame of the animation, and numbers that add up.

/** Places along a side, and pixels added before it. */
function along(side, { size, stride, dilation, padding }) {
  const reach = (size - 1) * dilation + 1
  const places = padding === "same" ? Math.ceil(side / stride) : Math.floor((side - reach) / stride) + 1
  const missing = padding === "same" ? Math.max(0, (places - 1) * stride + reach - side) : 0
  return { places, before: Math.floor(missing / 2) }
}

/** Pixels (row, column) under the window's cells at a place, in reading order; null beyond the edge. */
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

/** Places along a side at which a cell of the window lies on `pixel`. */
function fedBy(pixel, side, window) {
  const { places, before } = along(side, window)
  const fed = []
  for (let place = 0; place < places; place++) {
    const cell = (pixel - (place * window.stride - before)) / window.dilation
    if (Number.isInteger(cell) && cell >= 0 && cell < window.size) fed.push(place)
  }
  return fed
}

/** The whole output as Float64Array (h * w * depth): one map of a convolution, one map a channel of a pooling. */
function slide(scene) {
  const { image, window, kernel, operation } = scene
  const { height, width, channels, values } = image
  const rows = along(height, window)
  const columns = along(width, window)
  const depth = operation === "convolution" ? 1 : channels
  const out = new Float64Array(rows.places * columns.places * depth)
  for (let r = 0; r < rows.places; r++)
    for (let c = 0; c < columns.places; c++) {
      const at = (r * columns.places + c) * depth
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
        out[at] = scene.activation === "relu" ? Math.max(0, sum) : sum
        continue
      }
      for (let d = 0; d < channels; d++) {
        const numbers = []
        for (let y = Math.max(0, top); y < Math.min(height, top + window.size); y++)
          for (let x = Math.max(0, left); x < Math.min(width, left + window.size); x++)
            numbers.push(values[(y * width + x) * channels + d])
        out[at + d] = pooled(numbers, operation)
      }
    }
  return { height: rows.places, width: columns.places, depth, values: out }
}

function pooled(numbers, operation) {
  if (operation === "max") return Math.max(...numbers)
  if (operation === "min") return Math.min(...numbers)
  return numbers.reduce((a, b) => a + b, 0) / numbers.length
}

/** How the number at a place comes about: for each channel its patch, kernel, products and their sum; then the total. */
function arithmetic(scene, row, column) {
  const { image, window, kernel, operation } = scene
  const cells = under(image, window, row, column)
  const parts = []
  for (let d = 0; d < image.channels; d++) {
    const patch = cells.map((cell) => (cell ? image.values[(cell[0] * image.width + cell[1]) * image.channels + d] : null))
    if (operation !== "convolution") {
      parts.push({ patch, result: pooled(patch.filter((value) => value !== null), operation) })
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

/** `values` rounded so that what is shown adds up to `target`, itself rounded: whoever is furthest off gives way. */
function addingUp(values, target, decimals) {
  const unit = 10 ** decimals
  const rounded = values.map((value) => Math.round(value * unit))
  let left = Math.round(target * unit) - rounded.reduce((a, b) => a + b, 0)
  const off = values.map((value, index) => [value * unit - rounded[index], index])
  off.sort((a, b) => (left > 0 ? b[0] - a[0] : a[0] - b[0]))
  for (const [, index] of off) {
    if (!left) break
    rounded[index] += Math.sign(left)
    left -= Math.sign(left)
  }
  return rounded.map((value) => value / unit)
}

/** `arithmetic` with numbers as they are shown: products add up to their channel's sum, sums and bias to the total. */
function shown(sums, bias, decimals) {
  const round = (value) => Math.round(value * 10 ** decimals) / 10 ** decimals
  const total = round(sums.total)
  const channels = addingUp(sums.parts.map((part) => part.sum), total - round(bias), decimals)
  const products = sums.parts.map((part, d) => addingUp(part.products, channels[d], decimals))
  return { products, channels, bias: round(bias), total, result: sums.result > 0 || sums.total === sums.result ? total : 0 }
}
