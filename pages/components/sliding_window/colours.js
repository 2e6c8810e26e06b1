// Colours of numbers, and numbers as text. Weights and signed sums: purple below zero, white at zero, green above.
const NEGATIVE = [118, 42, 131]
const POSITIVE = [27, 120, 55]
const WHITE = [255, 255, 255]
const VIRIDIS = ["440154", "482878", "3e4a89", "31688e", "26828e", "1f9e89", "35b779", "6dcd59", "b4de2c", "fde725"].map(hex)
const [WINDOW, PIXEL] = ["#B8500F", "#2457C5"]

/** [red, green, blue] of "#rrggbb". */
function hex(text) {
  return text.match(/[\da-f]{2}/gi).slice(0, 3).map((part) => parseInt(part, 16))
}
const mix = (a, b, share) => a.map((value, index) => Math.round(value + (b[index] - value) * share))
// Made once: hundreds of new arrays a move are what the collector then stops a move for.
const SIGNED = Array.from({ length: 511 }, (_, place) => mix(WHITE, place < 255 ? NEGATIVE : POSITIVE, Math.abs(place - 255) / 255))
const GREYS = Array.from({ length: 256 }, (_, value) => [value, value, value])
const signed = (share) => SIGNED[255 + Math.round(255 * Math.max(-1, Math.min(1, share)))]
const viridis = (share) => {
  const place = Math.max(0, Math.min(1, share)) * (VIRIDIS.length - 1)
  return mix(VIRIDIS[Math.floor(place)], VIRIDIS[Math.min(VIRIDIS.length - 1, Math.floor(place) + 1)], place % 1)
}
const grey = (share) => Math.round(255 * Math.max(0, Math.min(1, share)))
const css = (colour) => `rgb(${colour.join(" ")})`
/** What is legible on a colour. */
const ink = ([r, g, b]) => (0.299 * r + 0.587 * g + 0.114 * b > 140 ? "#0d1523" : "#ffffff")

const text = (value, decimals) => {
  const short = (Math.abs(value) < 0.5 * 10 ** -decimals ? 0 : value).toFixed(decimals)
  return (decimals ? short.replace(/\.?0+$/, "") : short).replace("-", "−")
}
const make = (tag, attributes = {}, children = []) => {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value)
  element.append(...children)
  return element
}
