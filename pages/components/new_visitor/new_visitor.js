// Asks the server for a new workspace as soon as it is shown, and goes to the start page.
export default function (component) {
  const line = component.parentElement.querySelector(".line")
  if (line.dataset.asked) return
  line.dataset.asked = "yes"
  const app = new URL(component.data, document.baseURI)
  fetch(new URL("somebody-new", app), { method: "POST" })
    .then((answer) => {
      if (!answer.ok) throw new Error(`${answer.status}`)
      location.replace(app)
    })
    .catch(() => { line.textContent = "The server did not answer, so you are still who you were. Reload the page." })
}
