// One image passing through a network: each layer lights up in turn, then the bars grow.
const STEP_MS = 350

export default function (component) {
  const { parentElement, data } = component
  const root = parentElement.querySelector(".flow")
  if (root.dataset.ready) return
  root.dataset.ready = "yes"
  const reducedMotion = matchMedia("(prefers-reduced-motion: reduce)").matches
  let timers = []

  const make = (tag, attributes = {}, children = []) => {
    const element = document.createElement(tag)
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value)
    element.append(...children)
    return element
  }
  const picture = (source, alt) => make("img", { src: source, alt })
  const percent = (fraction) => (fraction >= 0.995 && fraction < 1 ? "> 99 %" : `${Math.round(100 * fraction)} %`)

  const buildStages = (item) => {
    const best = item.probabilities.indexOf(Math.max(...item.probabilities))
    const rows = data.names.map((name, classIndex) => {
      const fill = make("i")
      fill.dataset.width = `${100 * item.probabilities[classIndex]}%`
      const percentage = make("span", { class: "share" }, [percent(item.probabilities[classIndex])])
      const bar = make("span", { class: "bar", "aria-hidden": "true" }, [fill])
      return make("li", classIndex === best ? { class: "best" } : {}, [make("span", {}, [name]), bar, percentage])
    })
    const layers = item.layers.map((layer) => {
      const maps = layer.maps.map((source) => picture(source, ""))
      return make("div", { class: "stage layer" }, [make("div", { class: "maps" }, maps), make("p", {}, [layer.title])])
    })
    return [
      make("div", { class: "stage input" }, [picture(item.image, `Picture of a ${item.trueClass}`), make("p", {}, ["32 × 32 pixels, three numbers each"])]),
      ...layers,
      make("div", { class: "stage" }, [make("ul", { class: "answers" }, rows)]),
    ]
  }

  const show = (index) => {
    timers.forEach(clearTimeout)
    buttons.forEach((button, i) => button.setAttribute("aria-pressed", String(i === index)))
    const stages = buildStages(data.pictures[index])
    line.replaceChildren(...stages)
    const light = (stage) => {
      stage.classList.add("on")
      stage.querySelectorAll("i").forEach((fill) => (fill.style.width = fill.dataset.width))
    }
    timers = stages.map((stage, i) => setTimeout(() => light(stage), reducedMotion ? 0 : 40 + STEP_MS * i))
  }

  const buttons = data.pictures.map((item, index) => {
    const button = make("button", { type: "button", "aria-label": `Send the ${item.trueClass} through` }, [picture(item.image, "")])
    button.onclick = () => show(index)
    return button
  })
  const line = make("div", { class: "line" })
  root.replaceChildren(make("div", { class: "pictures", role: "group", "aria-label": "Pictures" }, buttons), line)
  show(0)
  return () => timers.forEach(clearTimeout)
}
