// The kernel as a grid of numbers to type, step with the arrow keys or paint with a brush.
function kernelEditor(root, onChange) {
  const cells = root.querySelector(".cells")
  const brushes = [...root.querySelectorAll(".brush button")]
  const channelSelect = root.querySelector(".which")
  let scene = null
  let values = []
  let brush = null
  let channel = null // null: edit all channels alike

  const indexOf = (cell) => cell * scene.image.channels + (channel ?? 0)
  const set = (cell, value) => {
    const channels = channel === null ? [...Array(scene.image.channels).keys()] : [channel]
    if (channels.every((d) => values[cell * scene.image.channels + d] === value)) return
    values = [...values]
    for (const d of channels) values[cell * scene.image.channels + d] = value
    updateFields()
    onChange(values)
  }
  const updateFields = () => {
    const largest = Math.max(1e-9, ...values.map(Math.abs))
    for (const [cell, field] of [...cells.children].entries()) {
      const background = signed(values[indexOf(cell)] / largest)
      field.style.background = css(background)
      field.style.color = textColour(background)
      if (field !== root.getRootNode().activeElement) field.value = Number(values[indexOf(cell)].toFixed(3))
    }
  }
  const createFields = () => {
    const { size } = scene.window
    cells.style.setProperty("--size", size)
    const kernelName = scene.image.channels === 1 || channel === null ? "kernel" : `kernel for ${scene.image.names[channel]}`
    const fields = Array.from({ length: size * size }, (_, cell) => {
      const label = `${kernelName}, row ${Math.floor(cell / size) + 1}, column ${(cell % size) + 1}`
      const field = make("input", { type: "number", step: "any", inputmode: "decimal", "aria-label": label })
      field.oninput = () => field.value !== "" && Number.isFinite(field.valueAsNumber) && set(cell, Math.max(-1000, Math.min(1000, field.valueAsNumber)))
      field.onblur = () => (field.value = Number(values[indexOf(cell)].toFixed(3)))
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
    updateFields()
  }
  for (const button of brushes)
    button.onclick = () => {
      brush = button.dataset.value === undefined ? null : Number(button.dataset.value)
      brushes.forEach((other) => other.setAttribute("aria-pressed", String(other === button)))
      cells.classList.toggle("painting", brush !== null)
    }
  channelSelect.onchange = () => {
    channel = channelSelect.value === "" ? null : Number(channelSelect.value)
    createFields()
  }
  return {
    /** Show the kernel of a new scene. */
    show(newScene) {
      scene = newScene
      values = scene.kernel
      root.hidden = scene.operation !== "convolution"
      if (root.hidden) return
      const { channels, names } = scene.image
      const alike = values.every((value, index) => value === values[index - (index % channels)])
      channel = channels === 1 || alike ? null : 0
      channelSelect.replaceChildren(...[["", "all channels alike"], ...names.map((name, d) => [d, name])].map(([value, label]) => make("option", { value }, [label])))
      channelSelect.value = channel ?? ""
      channelSelect.hidden = channels === 1
      createFields()
    },
  }
}
