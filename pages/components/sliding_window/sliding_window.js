// A window that slides over an image: the input, the kernel, the output, and how the selected output value is computed.
// Everything is computed in the browser, with the other scripts of this folder; Python learns only where the visitor
// stopped.
const PAUSE_MS = 300
const ARROWS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }

export default function (component) {
  const { parentElement, data, setStateValue } = component
  const root = parentElement.querySelector(".sliding")
  root.report = (value) => setStateValue("seen", value)
  root.app ??= createApp(root)
  root.app.update(data)
  return () => root.app.stop()
}

function createApp(root) {
  const find = (name) => root.querySelector(name)
  const [playButton, stepButton, speed, note] = [".play", ".step", ".speed", ".input .note"].map(find)
  const draw = pictures(root)
  const sums = sumGrids(root)
  let scene = null // from Python, with the kernel as edited here
  let map = null
  let position = { row: 0, column: 0 }
  let pixel = null // the selected input pixel, while the pointer is on the input
  let lastShown = Infinity // index of the last output value drawn while playing
  let digits = 0
  let playing = false
  let animationFrame = 0
  let reportTimer = 0

  const currentIndex = () => position.row * map.width + position.column
  const report = () => {
    clearTimeout(reportTimer)
    reportTimer = setTimeout(() => {
      find(".said").textContent = `Row ${position.row + 1}, column ${position.column + 1} of the output. ${sums.description()}`
      root.report({ row: position.row, column: position.column, fingerprint: scene.fingerprint, kernel: scene.edited ? scene.kernel : null })
    }, PAUSE_MS)
  }
  const showCheck = () => {
    const { check, kernel } = scene
    const isCurrent = check.row === position.row && check.column === position.column && check.kernel.join() === kernel.join()
    find(".checked").textContent = isCurrent ? `NumPy on the server says: ${check.values.map((value) => text(value, digits)).join(", ")}` : ""
  }
  const show = () => {
    draw.mark(scene, map, position, pixel)
    sums.show(scene, position, digits)
    showCheck()
  }
  const go = (index) => {
    position = { row: Math.floor(index / map.width), column: index % map.width }
    show()
  }
  const recompute = () => {
    map = slide(scene)
    map.min = map.values.reduce((a, b) => Math.min(a, b), Infinity)
    map.max = map.values.reduce((a, b) => Math.max(a, b), -Infinity)
    map.maxMagnitude = Math.max(Math.abs(map.min), Math.abs(map.max)) || 1
    const allIntegers = [scene.kernel, [scene.bias], scene.image.values].every((numbers) => numbers.every(Number.isInteger))
    digits = allIntegers && scene.operation !== "average" ? 0 : 2
    const hasNegative = scene.operation === "convolution" && map.min < 0
    const legend = find(".legend")
    legend.textContent = (hasNegative ? [-map.maxMagnitude, 0, map.maxMagnitude] : [map.min, map.max]).map((value) => text(value, digits)).join(" ")
    legend.className = `legend ${scene.operation !== "convolution" ? "greys" : hasNegative ? "signed" : "viridis"}`
    find(".output .size").textContent = `Output · ${map.height} × ${map.width} × ${map.depth}`
    draw.drawOutput(scene, map, lastShown)
    show()
  }

  // --- playing -------------------------------------------------------------------------------------------------------
  const play = () => {
    const last = map.height * map.width - 1
    if (currentIndex() === last) go(0)
    playing = true
    pixel = null
    lastShown = currentIndex()
    playButton.textContent = "Pause"
    draw.drawOutput(scene, map, lastShown)
    let steps = 0
    let previous = performance.now()
    const tick = (now) => {
      steps += (Math.min(100, Math.max(0, now - previous)) / 1000) * Number(speed.value)
      previous = now
      const end = Math.min(last, lastShown + Math.floor(steps))
      steps %= 1
      if (end > lastShown) {
        for (let index = lastShown + 1; index <= end; index++) draw.drawValue(scene, map, index)
        lastShown = end
        go(end)
      }
      if (end === last) pause()
      else animationFrame = requestAnimationFrame(tick)
    }
    animationFrame = requestAnimationFrame(tick)
  }
  const stopPlaying = () => {
    playing = false
    cancelAnimationFrame(animationFrame)
    playButton.textContent = "Play"
  }
  const pause = () => {
    stopPlaying()
    report()
  }
  /** The visitor takes over from the animation: show the whole output again. */
  const takeOver = () => {
    if (playing) stopPlaying()
    if (lastShown === Infinity) return
    lastShown = Infinity
    draw.drawOutput(scene, map, lastShown)
  }
  playButton.onclick = () => (playing ? pause() : play())
  stepButton.onclick = () => select(Math.floor((currentIndex() + 1) / map.width) % map.height, (currentIndex() + 1) % map.width)

  // --- pointing ------------------------------------------------------------------------------------------------------
  const select = (row, column) => {
    takeOver()
    pixel = null
    go(row * map.width + column)
    report()
  }
  const selectPixel = ([y, x]) => {
    takeOver()
    pixel = [y, x]
    const { image, window } = scene
    const [rows, columns] = [fedBy(y, image.height, window), fedBy(x, image.width, window)]
    const count = rows.length * columns.length
    const value = Array.from({ length: image.channels }, (_, d) => text(image.values[(y * image.width + x) * image.channels + d], 2))
    note.textContent = `Pixel in row ${y + 1}, column ${x + 1}: ${value.join(", ")}. It feeds ${count} output${count === 1 ? "" : "s"}.`
    if (count) position = { row: rows[rows.length >> 1], column: columns[columns.length >> 1] }
    show()
    report()
  }
  const moved = ([row, column], key, height, width) => {
    const [down, right] = ARROWS[key]
    return [Math.max(0, Math.min(height - 1, row + down)), Math.max(0, Math.min(width - 1, column + right))]
  }
  draw.output.onpointermove = draw.output.onpointerdown = (event) => {
    const [row, column] = draw.pixelUnder(event, draw.output)
    if (pixel || row !== position.row || column !== position.column) select(row, column)
  }
  draw.input.onpointermove = draw.input.onpointerdown = (event) => {
    const pixelUnder = draw.pixelUnder(event, draw.input)
    if (pixel?.join() !== pixelUnder.join()) selectPixel(pixelUnder)
  }
  draw.output.onkeydown = (event) => {
    if (event.key === " ") playButton.click()
    else if (ARROWS[event.key]) select(...moved([position.row, position.column], event.key, map.height, map.width))
    else return
    event.preventDefault()
  }
  draw.input.onkeydown = (event) => {
    if (!ARROWS[event.key]) return
    selectPixel(moved(pixel ?? [0, 0], event.key, scene.image.height, scene.image.width))
    event.preventDefault()
  }
  const editor = kernelEditor(find(".kernel"), (values) => {
    scene.kernel = values
    scene.edited = true
    takeOver()
    recompute()
    report()
  })
  new ResizeObserver(() => {
    if (!map) return
    sums.createGrids(scene)
    show()
  }).observe(sums.element)

  const begin = (newScene) => {
    clearTimeout(reportTimer)
    stopPlaying()
    pixel = null
    lastShown = Infinity
    position = { row: newScene.position[0], column: newScene.position[1] }
    find(".input .size").textContent = `Input · ${scene.image.height} × ${scene.image.width} × ${scene.image.channels}`
    note.textContent = "Point at a pixel to see which outputs it feeds."
    draw.drawInput(scene)
    editor.show(scene)
    sums.createGrids(scene)
    recompute()
  }
  return {
    update(newScene) {
      const changed = !scene || scene.fingerprint !== newScene.fingerprint
      const style = getComputedStyle(root)
      const { kernel, edited } = changed ? newScene : scene
      const paper = style.getPropertyValue("--st-background-color").trim()
      scene = { ...newScene, kernel, edited, font: style.fontFamily, paper: /^#[\da-f]{6}/i.test(paper) ? hex(paper) : WHITE }
      if (changed) begin(newScene)
      else showCheck()
    },
    stop() {
      clearTimeout(reportTimer)
      stopPlaying()
    },
  }
}
