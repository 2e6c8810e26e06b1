// A reader speaks of a region only if it was there before its words changed, so it is kept, and its words are set.
export default function ({ data, parentElement }) {
  const region = parentElement.querySelector("[role=status]")
  if (region.textContent !== data.sentence) region.textContent = data.sentence
}
