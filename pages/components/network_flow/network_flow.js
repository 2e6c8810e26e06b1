// One image through a network: each layer lights up in turn, then the bars grow.
const STEP = 350

export default function (component) {
  const { parentElement, data } = component
  const root = parentElement.querySelector(".flow")
  if (root.dataset.ready) return
  root.dataset.ready = "yes"
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches
  let timers = []

  const make = (tag, attributes = {}, children = []) => {
    const element = document.createElement(tag)
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value)
    element.append(...children)
    return element
  }
  const picture = (source, alt) => make("img", { src: source, alt })
  const percent = (share) => (share >= 0.995 && share < 1 ? "> 99 %" : `${Math.round(100 * share)} %`)

  const stages = (item) => {
    const best = item.probabilities.indexOf(Math.max(...item.probabilities))
    const rows = data.names.map((name, number) => {
      const fill = make("i")
      fill.dataset.width = `${100 * item.probabilities[number]}%`
      const share = make("span", { class: "share" }, [percent(item.probabilities[number])])
      const bar = make("span", { class: "bar", "aria-hidden": "true" }, [fill])
      return make("li", number === best ? { class: "best" } : {}, [make("span", {}, [name]), bar, share])
    })
    const layers = item.layers.map((layer) => {
      const maps = layer.maps.map((source) => picture(source, ""))
      return make("div", { class: "stage layer" }, [make("div", { class: "maps" }, maps), make("p", {}, [layer.title])])
    })
    return [
      make("div", { class: "stage input" }, [picture(item.image, `Picture of a ${item.truth}`), make("p", {}, ["32 × 32 pixels, three numbers each"])]),
      ...layers,
      make("div", { class: "stage" }, [make("ul", { class: "answers" }, rows)]),
    ]
  }

  const show = (number) => {
    timers.forEach(clearTimeout)
    buttons.forEach((button, index) => button.setAttribute("aria-pressed", String(index === number)))
    const parts = stages(data.pictures[number])
    line.replaceChildren(...parts)
    const light = (part) => {
      part.classList.add("on")
      part.querySelectorAll("i").forEach((fill) => (fill.style.width = fill.dataset.width))
    }
    timers = parts.map((part, index) => setTimeout(() => light(part), still ? 0 : 40 + STEP * index))
  }

  const buttons = data.pictures.map((item, number) => {
    const button = make("button", { type: "button", "aria-label": `Send the ${item.truth} through` }, [picture(item.image, "")])
    button.onclick = () => show(number)
    return button
  })
  const line = make("div", { class: "line" })
  root.replaceChildren(make("div", { class: "pictures", role: "group", "aria-label": "Pictures" }, buttons), line)
  show(0)
  return () => timers.forEach(clearTimeout)
}
