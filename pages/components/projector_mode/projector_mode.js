// Turns projector mode on and off. The page's root carries the mode, and the tab's own memory keeps it over a reload.
const PHONE = "(max-width: 767px)"
const STORED = "convnet-lab-projector-mode"
const PAGE_WIDTH = 1208 // pixels: a page's content with its margins, which then fills the window
const LEAST_ZOOM = 1.4
// What is open over the page closes with Escape first, and the mode ends with the next.
const OVER_THE_PAGE = "[role=dialog], [role=listbox], [data-testid=stPopoverBody]"

export default function (component) {
  const root = document.documentElement
  const end = component.parentElement.querySelector(".end-projector-mode")

  const isOn = () => root.hasAttribute("data-projector")
  const show = () => {
    const on = sessionStorage.getItem(STORED) === "on" && !matchMedia(PHONE).matches
    root.toggleAttribute("data-projector", on)
    root.style.setProperty("--projector-zoom", Math.max(LEAST_ZOOM, innerWidth / PAGE_WIDTH).toFixed(3))
    end.hidden = !on
  }
  const turn = (on) => {
    sessionStorage.setItem(STORED, on ? "on" : "off")
    show()
    dispatchEvent(new Event("resize")) // charts and canvases measure their room anew
  }

  const onKey = (event) => {
    const isSwitch = event.altKey && !event.ctrlKey && !event.metaKey && (event.code === "KeyP" || event.key === "p")
    if (isSwitch && !matchMedia(PHONE).matches) {
      event.preventDefault()
      turn(!isOn())
    } else if (event.key === "Escape" && isOn() && !document.querySelector(OVER_THE_PAGE)) turn(false)
  }
  const onClick = (event) => {
    if (event.target.closest?.(".st-key-shell-projector button")) turn(!isOn())
  }
  const onEnd = () => turn(false)

  show()
  // In the capturing phase what is open is still there when Escape comes.
  document.addEventListener("keydown", onKey, true)
  document.addEventListener("click", onClick)
  addEventListener("resize", show)
  end.addEventListener("click", onEnd)
  return () => {
    document.removeEventListener("keydown", onKey, true)
    document.removeEventListener("click", onClick)
    removeEventListener("resize", show)
    end.removeEventListener("click", onEnd)
  }
}
