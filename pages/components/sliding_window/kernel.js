// The kernel as a grid of numbers to type into, step with the arrow keys, or paint with a brush.
function kernelEditor(root, changed) {
  const cells = root.querySelector(".cells")
  const brushes = [...root.querySelectorAll(".brush button")]
  const which = root.querySelector(".which")
  let scene = null
  let values = []
  let brush = null
  let channel = null // null: the same number in every channel

  const at = (cell) => cell * scene.image.channels + (channel ?? 0)
  const set = (cell, value) => {
    const channels = channel === null ? [...Array(scene.image.channels).keys()] : [channel]
    if (channels.every((d) => values[cell * scene.image.channels + d] === value)) return
    values = [...values]
    for (const d of channels) values[cell * scene.image.channels + d] = value
    tint()
    changed(values)
  }
  const tint = () => {
    const strongest = Math.max(1e-9, ...values.map(Math.abs))
    for (const [cell, field] of [...cells.children].entries()) {
      const tone = signed(values[at(cell)] / strongest)
      field.style.background = css(tone)
      field.style.color = ink(tone)
      if (field !== root.getRootNode().activeElement) field.value = Number(values[at(cell)].toFixed(3))
    }
  }
  const lay = () => {
    const { size } = scene.window
    cells.style.setProperty("--size", size)
    const named = scene.image.channels === 1 || channel === null ? "kernel" : `kernel for ${scene.image.names[channel]}`
    const fields = Array.from({ length: size * size }, (_, cell) => {
      const label = `${named}, row ${Math.floor(cell / size) + 1}, column ${(cell % size) + 1}`
      const field = make("input", { type: "number", step: "any", inputmode: "decimal", "aria-label": label })
      field.oninput = () => field.value !== "" && Number.isFinite(field.valueAsNumber) && set(cell, Math.max(-1000, Math.min(1000, field.valueAsNumber)))
      field.onblur = () => (field.value = Number(values[at(cell)].toFixed(3)))
      field.onpointerdown = (event) => {
        if (brush === null) return
        event.preventDefault()
        field.releasePointerCapture?.(event.pointerId)
        set(cell, brush)
      }
      field.onpointerenter = (event) => brush !== null && event.buttons === 1 && set(cell, brush)
      return field
    })
    cells.replaceChildren(...fields)
    tint()
  }
  for (const button of brushes)
    button.onclick = () => {
      brush = button.dataset.value === undefined ? null : Number(button.dataset.value)
      brushes.forEach((one) => one.setAttribute("aria-pressed", String(one === button)))
      cells.classList.toggle("painting", brush !== null)
    }
  which.onchange = () => {
    channel = which.value === "" ? null : Number(which.value)
    lay()
  }
  return {
    /** Show another kernel. */
    show(given) {
      scene = given
      values = given.kernel
      root.hidden = given.operation !== "convolution"
      if (root.hidden) return
      const { channels, names } = given.image
      const same = values.every((value, index) => value === values[index - (index % channels)])
      channel = channels === 1 || same ? null : 0
      which.replaceChildren(...[["", "all channels alike"], ...names.map((name, d) => [d, name])].map(([value, label]) => make("option", { value }, [label])))
      which.value = channel ?? ""
      which.hidden = channels === 1
      lay()
    },
  }
}
