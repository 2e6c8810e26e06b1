// One image passing through a network: each layer lights up in turn, then the bars grow. A layer is a link to its maps.
const STEP_MS = 350

export default function (component) {
  const { parentElement, data, setTriggerValue } = component
  const root = parentElement.querySelector(".flow")
  root.addresses = data.addresses // a later rerun may have others, when the images are there
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

  const buildLayer = (layer, index) => {
    const maps = make("div", { class: "maps" }, layer.maps.map((source) => picture(source, "")))
    const name = make("p", {}, [make("b", {}, [layer.name]), ` ${layer.title}`])
    const link = make("a", { class: "stage layer", href: root.addresses[index][layer.name], title: "Open on Feature maps" }, [maps, name])
    link.onclick = (event) => {
      // With a key held down it opens in a tab or window of its own, as any link does.
      if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return
      event.preventDefault()
      setTriggerValue("opened", { layer: layer.name, picture: index })
    }
    return link
  }

  const buildStages = (item, index) => {
    const best = item.probabilities.indexOf(Math.max(...item.probabilities))
    const rows = data.names.map((name, classIndex) => {
      const fill = make("i")
      fill.dataset.width = `${100 * item.probabilities[classIndex]}%`
      const percentage = make("span", { class: "share" }, [percent(item.probabilities[classIndex])])
      const bar = make("span", { class: "bar", "aria-hidden": "true" }, [fill])
      return make("li", classIndex === best ? { class: "best" } : {}, [make("span", {}, [name]), bar, percentage])
    })
    const layers = item.layers.map((layer) => buildLayer(layer, index))
    return [
      make("div", { class: "stage input" }, [picture(item.image, `Picture of a ${item.trueClass}`), make("p", {}, ["32 × 32 pixels, three numbers each"])]),
      ...layers,
      make("div", { class: "stage answer" }, [make("ul", { class: "answers" }, rows)]),
    ]
  }

  const show = (index) => {
    timers.forEach(clearTimeout)
    buttons.forEach((button, i) => button.setAttribute("aria-pressed", String(i === index)))
    const stages = buildStages(data.pictures[index], index)
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
