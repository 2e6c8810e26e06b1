// Tells the server what only the browser knows, once, and again when the visitor changes it.
export default function ({ setStateValue }) {
  const query = matchMedia("(prefers-reduced-motion: reduce)")
  const say = () => setStateValue("reduced", query.matches)
  say()
  query.addEventListener("change", say)
  return () => query.removeEventListener("change", say)
}
