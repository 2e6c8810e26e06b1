/** Black or white, whichever is legible on a background of [red, green, blue], 0..255 each. */
const textColour = (colour) => {
  // WCAG's relative luminance. Whichever of black and white contrasts more reaches at least 4.5 : 1 on any colour.
  const [red, green, blue] = colour.map((value) => (value <= 10 ? value / 3294.6 : ((value / 255 + 0.055) / 1.055) ** 2.4))
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue < 0.179 ? "#ffffff" : "#000000"
}
