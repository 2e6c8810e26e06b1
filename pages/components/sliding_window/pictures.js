// The input and the output as pictures, one canvas pixel per number, and the frames drawn over them.
function pictures(root) {
  const [input, inputMark] = root.querySelectorAll(".input canvas")
  const [output, outputMark] = root.querySelectorAll(".output canvas")

  const paint = (canvas, height, width, colour) => {
    if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height]
    const pen = canvas.getContext("2d")
    const pixels = pen.createImageData(width, height)
    for (let index = 0; index < height * width; index++) pixels.data.set([...colour(index), 255], 4 * index)
    pen.putImageData(pixels, 0, 0)
  }
  /** A pixel's colour, grey or RGB, scaled between the image's limits. */
  const pixelColour = (values, depth, index, { low, high }) => [0, 1, 2].map((d) => grey((values[index * depth + (depth === 3 ? d : 0)] - low) / (high - low)))
  const outputColour = (scene, map, index) => {
    if (scene.operation !== "convolution") return pixelColour(map.values, map.depth, index, scene.image)
    if (map.min < 0) return signed(map.values[index] / map.maxMagnitude)
    return viridis((map.values[index] - map.min) / (map.max - map.min || 1))
  }
  const clearOverlay = (mark, height, width) => {
    const scale = devicePixelRatio || 1
    const [w, h] = [Math.round(mark.clientWidth * scale), Math.round(mark.clientHeight * scale)]
    if (mark.width !== w || mark.height !== h) [mark.width, mark.height] = [w, h]
    const pen = mark.getContext("2d")
    pen.clearRect(0, 0, w, h)
    return { pen, cellH: h / height, cellW: w / width, line: 2 * scale }
  }
  const frame = ({ pen, cellH, cellW, line }, cells, colour) => {
    // A white outline keeps the line visible on any picture.
    for (const [style, width] of [["#ffffff", 2 * line], [colour, line]]) {
      pen.strokeStyle = style
      pen.lineWidth = width
      for (const [y, x, side = 1] of cells) pen.strokeRect(x * cellW, y * cellH, side * cellW, side * cellH)
    }
  }
  return {
    input,
    output,
    drawInput({ image }) {
      paint(input, image.height, image.width, (index) => pixelColour(image.values, image.channels, index, image))
    },
    /** The whole output; values after index `lastShown` are faint. */
    drawOutput(scene, map, lastShown) {
      paint(output, map.height, map.width, (index) => {
        const colour = outputColour(scene, map, index)
        return index <= lastShown ? colour : mix(colour, scene.paper, 0.82)
      })
    },
    /** One more value while playing, without redrawing the others. */
    drawValue(scene, map, index) {
      const pen = output.getContext("2d")
      pen.fillStyle = css(outputColour(scene, map, index))
      pen.fillRect(index % map.width, Math.floor(index / map.width), 1, 1)
    },
    /** Frame the window and its output value, and the selected input pixel with all outputs that it feeds. */
    mark(scene, map, position, pixel) {
      const { window, image } = scene
      const onInput = clearOverlay(inputMark, image.height, image.width)
      const onOutput = clearOverlay(outputMark, map.height, map.width)
      const cells = under(image, window, position.row, position.column)
      if (window.dilation > 1) frame(onInput, cells.filter(Boolean), "#0d1523")
      const top = position.row * window.stride - along(image.height, window).before
      const left = position.column * window.stride - along(image.width, window).before
      frame(onInput, [[top, left, (window.size - 1) * window.dilation + 1]], WINDOW)
      if (pixel) {
        frame(onInput, [pixel], PIXEL)
        const columns = fedBy(pixel[1], image.width, window)
        frame(onOutput, fedBy(pixel[0], image.height, window).flatMap((row) => columns.map((column) => [row, column])), PIXEL)
      }
      frame(onOutput, [[position.row, position.column]], WINDOW)
    },
    /** [row, column] of the picture's pixel under the pointer. */
    pixelUnder(event, canvas) {
      const box = canvas.getBoundingClientRect()
      const indexAt = (fraction, count) => Math.max(0, Math.min(count - 1, Math.floor(fraction * count)))
      return [indexAt((event.clientY - box.top) / box.height, canvas.height), indexAt((event.clientX - box.left) / box.width, canvas.width)]
    },
  }
}
