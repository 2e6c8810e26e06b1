// A field that accepts a picture from the clipboard and shrinks it for sending.
const SIDE = 640

export default function (component) {
  const { parentElement, setStateValue } = component
  const [field, line] = [".field", ".line"].map((name) => parentElement.querySelector(name))
  let count = 0
  field.onpaste = async (event) => {
    event.preventDefault()
    const files = [...event.clipboardData.files].filter((file) => file.type.startsWith("image/"))
    if (!files.length) {
      line.textContent = "There is no picture in the clipboard. Copy one first: open its menu and choose Copy image."
      return
    }
    const picture = await createImageBitmap(files[0]).catch(() => null)
    if (!picture) {
      line.textContent = "This picture cannot be read. Copy another one."
      return
    }
    const scale = Math.min(1, SIDE / Math.max(picture.width, picture.height))
    const canvas = document.createElement("canvas")
    canvas.width = Math.max(1, Math.round(picture.width * scale))
    canvas.height = Math.max(1, Math.round(picture.height * scale))
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height)
    line.textContent = "Pasted."
    count += 1
    setStateValue("picture", `${Date.now()}-${count} ${canvas.toDataURL("image/png")}`)
  }
}
