// A window that slides over an image: the input, the kernel, the output, and the arithmetic of the number in hand.
// Everything is computed here (the files sliding_*.js stand above this one); Python hears only where the hand came to rest.
const REST = 300
const ARROWS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }

export default function (component) {
  const { parentElement, data, setStateValue } = component
  const root = parentElement.querySelector(".sliding")
  root.tell = (value) => setStateValue("seen", value)
  root.app ??= sliding(root)
  root.app.update(data)
  return () => root.app.rest()
}

function sliding(root) {
  const find = (name) => root.querySelector(name)
  const [playButton, stepButton, speed, note] = [".play", ".step", ".speed", ".input .note"].map(find)
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches
  const draw = pictures(root)
  const sums = sumGrids(root)
  let scene = null // what Python gave, with the kernel as it stands now
  let map = null
  let place = { row: 0, column: 0 }
  let pixel = null // of the input, when the hand is there
  let reached = Infinity // places drawn so far while playing
  let digits = 0
  let playing = false
  let frame = 0
  let waiting = 0

  const number = () => place.row * map.width + place.column
  const tell = () => {
    clearTimeout(waiting)
    waiting = setTimeout(() => {
      find(".said").textContent = `Row ${place.row + 1}, column ${place.column + 1} of the output. ${sums.said()}`
      root.tell({ row: place.row, column: place.column, of: scene.of, kernel: scene.edited ? scene.kernel : null })
    }, REST)
  }
  const compare = () => {
    const { check, kernel } = scene
    const same = check.row === place.row && check.column === place.column && check.kernel.join() === kernel.join()
    find(".checked").textContent = same ? `NumPy on the server says: ${check.values.map((value) => text(value, digits)).join(", ")}` : ""
  }
  const show = () => {
    draw.mark(scene, map, place, pixel)
    sums.show(scene, place, digits)
    compare()
  }
  const go = (index) => {
    place = { row: Math.floor(index / map.width), column: index % map.width }
    show()
  }
  const recompute = () => {
    map = slide(scene)
    map.least = map.values.reduce((a, b) => Math.min(a, b), Infinity)
    map.most = map.values.reduce((a, b) => Math.max(a, b), -Infinity)
    map.greatest = Math.max(Math.abs(map.least), Math.abs(map.most)) || 1
    const whole = [scene.kernel, [scene.bias], scene.image.values].every((numbers) => numbers.every(Number.isInteger))
    digits = whole && scene.operation !== "average" ? 0 : 2
    const signs = scene.operation === "convolution" && map.least < 0
    const legend = find(".legend")
    legend.textContent = (signs ? [-map.greatest, 0, map.greatest] : [map.least, map.most]).map((value) => text(value, digits)).join(" ")
    legend.className = `legend ${scene.operation !== "convolution" ? "greys" : signs ? "signed" : "viridis"}`
    find(".output .size").textContent = `Output · ${map.height} × ${map.width} × ${map.depth}`
    draw.drawOutput(scene, map, reached)
    show()
  }

  // --- playing -------------------------------------------------------------------------------------------------------
  const play = () => {
    const last = map.height * map.width - 1
    if (number() === last) go(0)
    playing = true
    pixel = null
    reached = number()
    playButton.textContent = "Pause"
    draw.drawOutput(scene, map, reached)
    let due = 0
    let before = performance.now()
    const tick = (now) => {
      due += (Math.min(100, Math.max(0, now - before)) / 1000) * Number(speed.value)
      before = now
      const end = Math.min(last, reached + Math.floor(due))
      due %= 1
      if (end > reached) {
        for (let index = reached + 1; index <= end; index++) draw.drawPlace(scene, map, index)
        reached = end
        go(end)
      }
      if (end === last) pause()
      else frame = requestAnimationFrame(tick)
    }
    frame = requestAnimationFrame(tick)
  }
  const halt = () => {
    playing = false
    cancelAnimationFrame(frame)
    playButton.textContent = "Play"
  }
  const pause = () => {
    halt()
    tell()
  }
  /** The hand takes over: the whole output is there again. */
  const take = () => {
    if (playing) halt()
    if (reached === Infinity) return
    reached = Infinity
    draw.drawOutput(scene, map, reached)
  }
  playButton.onclick = () => (playing ? pause() : play())
  stepButton.onclick = () => at(Math.floor((number() + 1) / map.width) % map.height, (number() + 1) % map.width)

  // --- pointing ------------------------------------------------------------------------------------------------------
  const at = (row, column) => {
    take()
    pixel = null
    go(row * map.width + column)
    tell()
  }
  const atPixel = ([y, x]) => {
    take()
    pixel = [y, x]
    const { image, window } = scene
    const [rows, columns] = [fedBy(y, image.height, window), fedBy(x, image.width, window)]
    const count = rows.length * columns.length
    const value = Array.from({ length: image.channels }, (_, d) => text(image.values[(y * image.width + x) * image.channels + d], 2))
    note.textContent = `Pixel in row ${y + 1}, column ${x + 1}: ${value.join(", ")}. It feeds ${count} output${count === 1 ? "" : "s"}.`
    if (count) place = { row: rows[rows.length >> 1], column: columns[columns.length >> 1] }
    show()
    tell()
  }
  const moved = ([row, column], key, height, width) => {
    const [down, right] = ARROWS[key]
    return [Math.max(0, Math.min(height - 1, row + down)), Math.max(0, Math.min(width - 1, column + right))]
  }
  draw.output.onpointermove = draw.output.onpointerdown = (event) => {
    const [row, column] = draw.under(event, draw.output)
    if (pixel || row !== place.row || column !== place.column) at(row, column)
  }
  draw.input.onpointermove = draw.input.onpointerdown = (event) => {
    const under = draw.under(event, draw.input)
    if (pixel?.join() !== under.join()) atPixel(under)
  }
  draw.output.onkeydown = (event) => {
    if (event.key === " ") playButton.click()
    else if (ARROWS[event.key]) at(...moved([place.row, place.column], event.key, map.height, map.width))
    else return
    event.preventDefault()
  }
  draw.input.onkeydown = (event) => {
    if (!ARROWS[event.key]) return
    atPixel(moved(pixel ?? [0, 0], event.key, scene.image.height, scene.image.width))
    event.preventDefault()
  }
  const editor = kernelEditor(find(".kernel"), (values) => {
    scene.kernel = values
    scene.edited = true
    take()
    recompute()
    tell()
  })
  new ResizeObserver(() => {
    if (!map) return
    sums.lay(scene)
    show()
  }).observe(sums.element)

  const begin = (given) => {
    clearTimeout(waiting)
    halt()
    pixel = null
    reached = Infinity
    place = { row: given.place[0], column: given.place[1] }
    find(".input .size").textContent = `Input · ${scene.image.height} × ${scene.image.width} × ${scene.image.channels}`
    note.textContent = "Point at a pixel to see which outputs it feeds."
    draw.drawInput(scene)
    editor.show(scene)
    sums.lay(scene)
    recompute()
    if (given.play && !still) play()
  }
  return {
    update(given) {
      const fresh = !scene || scene.of !== given.of
      const style = getComputedStyle(root)
      const own = fresh ? given : scene
      const paper = style.getPropertyValue("--st-background-color").trim()
      scene = { ...given, kernel: own.kernel, edited: own.edited, font: style.fontFamily, paper: /^#[\da-f]{6}/i.test(paper) ? hex(paper) : WHITE }
      if (fresh) begin(given)
      else compare()
    },
    rest() {
      clearTimeout(waiting)
      halt()
    },
  }
}
