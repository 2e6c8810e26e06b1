// Where a part lies over the page, it is a dialog: it has the focus, what it hides is out of reach, and Escape closes it.
const PHONE = "(max-width: 640px)"
const MAIN = "[data-testid=stMainBlockContainer]"
const IN_FRONT = "[role=listbox], [data-testid=stPopoverBody]"
const PATIENCE_MS = 10000

/** Call `attempt` once a frame until it returns true. */
const retry = (attempt, until = performance.now() + PATIENCE_MS) => {
  if (!attempt() && performance.now() < until) requestAnimationFrame(() => retry(attempt, until))
}
/** The image's button: it lies in a component, whose markup is in a shadow tree, and is made anew with the layout. */
const findImage = (gallery, image) =>
  [...document.querySelectorAll(`${gallery} *`)]
    .map((element) => element.shadowRoot?.querySelector(`[data-id="${image}"]`))
    .find(Boolean)
const nothingHasFocus = () => document.activeElement === null || document.activeElement === document.body

/** What stands beside `part`, and beside whatever holds it, as far as the page's own content goes. */
const neighbours = (part) => {
  const found = []
  for (let inner = part; inner && !inner.matches(MAIN); inner = inner.parentElement)
    found.push(...[...(inner.parentElement?.children ?? [])].filter((element) => element !== inner))
  return found
}

export default function ({ data, parentElement }) {
  const phone = matchMedia(PHONE)
  const { part, close, gallery, image, label } = data
  let hidden = []

  /**
   * Focus the image that has opened the part, whenever nothing else has the focus: the gallery is made anew with the
   * layout, sometimes after the part, and sometimes twice. Ends when the visitor uses the pointer.
   */
  const holdFocus = (isWanted) => {
    let pointed = false
    addEventListener("pointerdown", () => { pointed = true }, { once: true })
    retry(() => {
      if (pointed || !isWanted()) return true
      if (nothingHasFocus()) findImage(gallery, image)?.focus({ preventScroll: true })
      return false
    })
  }
  const uncover = () => {
    hidden.forEach((element) => { element.inert = false })
    hidden = []
    for (const name of ["role", "aria-modal", "aria-label"]) document.querySelector(part)?.removeAttribute(name)
  }
  const cover = () => {
    uncover()
    const shown = document.querySelector(part)
    if (!phone.matches || !shown) return
    hidden = neighbours(shown).filter((element) => !element.inert)
    hidden.forEach((element) => { element.inert = true })
    for (const [name, value] of [["role", "dialog"], ["aria-modal", "true"], ["aria-label", label]])
      shown.setAttribute(name, value)
  }
  const onKey = (event) => {
    if (event.key !== "Escape" || !phone.matches || document.querySelector(IN_FRONT)) return
    const button = document.querySelector(close)
    button?.focus() // it goes, and so the focus is nowhere, and returns to the image
    button?.click()
  }

  // Another image in the part is a new beginning; a rerun of the page is none.
  const host = parentElement.host ?? parentElement
  const isNew = host.dataset.image !== image
  host.dataset.image = image
  retry(() => {
    if (!host.isConnected) return true
    const button = document.querySelector(close)
    if (!button) return false
    cover()
    if (isNew && phone.matches) button.focus()
    return true
  })
  if (isNew && !phone.matches) holdFocus(() => host.isConnected)
  document.addEventListener("keydown", onKey)
  phone.addEventListener("change", cover)
  return () => {
    document.removeEventListener("keydown", onKey)
    phone.removeEventListener("change", cover)
    uncover()
    // By the next frame the part has gone, if it goes.
    requestAnimationFrame(() => holdFocus(() => !host.isConnected && !document.querySelector(part)))
  }
}
