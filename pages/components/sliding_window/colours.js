// Colours and text for numbers. Weights and signed sums are purple below zero, white at zero and green above.
const NEGATIVE = [118, 42, 131]
const POSITIVE = [27, 120, 55]
const WHITE = [255, 255, 255]
const VIRIDIS = ["440154", "482878", "3e4a89", "31688e", "26828e", "1f9e89", "35b779", "6dcd59", "b4de2c", "fde725"].map(hex)
const [WINDOW, PIXEL] = ["#B8500F", "#2457C5"]

/** [red, green, blue] of "#rrggbb". */
function hex(text) {
  return text.match(/[\da-f]{2}/gi).slice(0, 3).map((part) => parseInt(part, 16))
}
const mix = (a, b, fraction) => a.map((value, index) => Math.round(value + (b[index] - value) * fraction))
// Computed once: hundreds of new arrays per pointer move would make the garbage collector interrupt it.
const SIGNED = Array.from({ length: 511 }, (_, level) => mix(WHITE, level < 255 ? NEGATIVE : POSITIVE, Math.abs(level - 255) / 255))
const GREYS = Array.from({ length: 256 }, (_, value) => [value, value, value])
const signed = (fraction) => SIGNED[255 + Math.round(255 * Math.max(-1, Math.min(1, fraction)))]
const viridis = (fraction) => {
  const position = Math.max(0, Math.min(1, fraction)) * (VIRIDIS.length - 1)
  return mix(VIRIDIS[Math.floor(position)], VIRIDIS[Math.min(VIRIDIS.length - 1, Math.floor(position) + 1)], position % 1)
}
const grey = (fraction) => Math.round(255 * Math.max(0, Math.min(1, fraction)))
const css = (colour) => `rgb(${colour.join(" ")})`

const text = (value, decimals) => {
  const rounded = (Math.abs(value) < 0.5 * 10 ** -decimals ? 0 : value).toFixed(decimals)
  return (decimals ? rounded.replace(/\.?0+$/, "") : rounded).replace("-", "−")
}
const make = (tag, attributes = {}, children = []) => {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value)
  element.append(...children)
  return element
}
